// SPDX-License-Identifier: GPL-2.0-or-later
/* events: what happened, one by one, each kind in its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"
#include "views/cells.h"

#include "sketch.h"

static const char *entry(struct stage *stage, size_t row, const char *title)
{
	return cell_of(stage, &log_view, row, title);
}

static void say(struct stage *stage, struct event ev)
{
	model_apply(stage->model, &ev);
}

static void ranges_go_from_the_first_to_the_last_byte(void **state)
{
	struct stage *stage = *state;

	say(stage,
	    (struct event){.kind = EVENT_MAP, .map = {.iova = 0x1000, .size_bytes = 0x2000}});
	say(stage,
	    (struct event){
		    .kind = EVENT_UNMAP,
		    .unmap = {.iova = 0x1000, .size_bytes = 0x1000, .unmapped_bytes = 0x200000}});
	say(stage, (struct event){.kind = EVENT_MAP, .map = {.iova = 0x5000}});
	say(stage, (struct event){.kind = EVENT_MAP,
	                          .map = {.iova = UINT64_MAX - 4095, .size_bytes = 4096}});
	assert_int_equal(rows_of(stage, &log_view), 4);
	assert_string_equal(entry(stage, 0, "WHAT"), "0x1000-0x2fff");
	assert_string_equal(entry(stage, 0, "SIZE"), "8.0K");
	assert_string_equal(entry(stage, 0, "DETAIL"), "");
	assert_string_equal(entry(stage, 1, "WHAT"), "0x1000-0x200fff");
	assert_string_equal(entry(stage, 1, "SIZE"), "4.0K");
	assert_string_equal(entry(stage, 1, "DETAIL"), "unmapped 2.0M");
	assert_string_equal(entry(stage, 2, "WHAT"), "0x5000");
	assert_string_equal(entry(stage, 3, "WHAT"), "0xfffffffffffff000-0xffffffffffffffff");
}

static void an_unmap_of_nothing_says_so(void **state)
{
	struct stage *stage = *state;

	say_unmap(stage->model, 0, 4096, 0);
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "DETAIL"), "unmapped 0");
}

static void tasks_are_named_but_not_in_interrupts(void **state)
{
	struct stage *stage = *state;

	say_text(stage->model, ATTR_TASK_COMM, NULL, 42, "dd");
	say(stage, (struct event){.kind = EVENT_MAP, .pid = 42, .cpu = 3});
	say(stage, (struct event){.kind = EVENT_MAP, .pid = 43});
	say(stage, (struct event){.kind = EVENT_MAP, .pid = 42, .context = CONTEXT_HARD_IRQ});
	say(stage, (struct event){.kind = EVENT_MAP, .pid = 42, .context = CONTEXT_SOFT_IRQ});
	say(stage, (struct event){.kind = EVENT_MAP, .pid = 42, .context = CONTEXT_NEED_RESCHED});
	say(stage, (struct event){.kind = EVENT_MAP, .pid = 42, .context = CONTEXT_UNKNOWN});
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "TASK"), "dd 42");
	assert_string_equal(entry(stage, 0, "CPU"), "3");
	assert_string_equal(entry(stage, 1, "TASK"), "- 43");
	assert_string_equal(entry(stage, 2, "TASK"), "(interrupt)");
	assert_string_equal(entry(stage, 3, "TASK"), "(softirq)");
	assert_string_equal(entry(stage, 4, "TASK"), "dd 42");
	assert_string_equal(entry(stage, 5, "TASK"), "dd 42?");
}

static void every_kind_in_the_log_has_its_words(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say(stage, (struct event){.kind = EVENT_ATTACH, .member = {.device = "dev"}});
	say(stage, (struct event){.kind = EVENT_DETACH, .member = {.device = "dev"}});
	say(stage,
	    (struct event){.kind = EVENT_GROUP_ADD, .member = {.device = "dev", .group = 4}});
	say(stage,
	    (struct event){.kind = EVENT_GROUP_LEAVE, .member = {.device = "dev", .group = 4}});
	say_fault(stage->model, 1, "dev", FAULT_HAS_IOVA);
	say_lost(stage->model, 9, false);
	say_class(stage->model, CLASS_MAP, true);
	say_class(stage->model, CLASS_MAP, false);
	say_text(stage->model, ATTR_DEVICE_DRIVER, "0000:00:03.0", 0, NULL);
	assert_int_equal(rows_of(stage, &log_view), 8);
	assert_string_equal(entry(stage, 0, "EVENT"), "attach");
	assert_string_equal(entry(stage, 1, "EVENT"), "detach");
	assert_string_equal(entry(stage, 2, "EVENT"), "join");
	assert_string_equal(entry(stage, 2, "WHAT"), "dev");
	assert_string_equal(entry(stage, 2, "DETAIL"), "group 4");
	assert_string_equal(entry(stage, 3, "EVENT"), "leave");
	assert_string_equal(entry(stage, 4, "EVENT"), "fault");
	assert_string_equal(entry(stage, 4, "WHAT"), "dev");
	assert_string_equal(entry(stage, 4, "TASK"), "");
	assert_string_equal(entry(stage, 4, "DETAIL"), "read 0xdead000 PTE Read access is not set");
	assert_string_equal(entry(stage, 5, "WHAT"), "at least 9 of the trace");
	assert_string_equal(entry(stage, 5, "SIZE"), "");
	assert_string_equal(entry(stage, 6, "WHAT"), "map off");
	assert_string_equal(entry(stage, 7, "EVENT"), "driver");
	assert_string_equal(entry(stage, 7, "WHAT"), "0000:00:03.0");
	assert_string_equal(entry(stage, 7, "DETAIL"), "unbound");
}

static void maps_tell_their_domain_and_their_time(void **state)
{
	struct stage *stage = *state;

	say_number(stage->model, ATTR_DOMAIN_TYPE, NULL, 3, DOMAIN_TYPE_DMA);
	say_text(stage->model, ATTR_DOMAIN_DEVICE, NULL, 3, "0000:01:00.0");
	say(stage, (struct event){.kind = EVENT_MAP,
	                          .map = {.size_bytes = 4096, .domain = 3, .inside_ns = 2140}});
	say(stage,
	    (struct event){.kind = EVENT_UNMAP,
	                   .unmap = {.size_bytes = 4096, .unmapped_bytes = 8192, .domain = 3}});
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "DETAIL"), "0000:01:00.0, 2.1us");
	assert_string_equal(entry(stage, 1, "DETAIL"), "unmapped 8.0K, 0000:01:00.0");
}

static void what_was_refused_says_why(void **state)
{
	struct stage *stage = *state;

	say_number(stage->model, ATTR_DOMAIN_TYPE, NULL, 3, DOMAIN_TYPE_IDENTITY);
	say(stage,
	    (struct event){
		    .kind = EVENT_MAP_FAILED,
		    .map_failed = {.iova = 0x1000, .size_bytes = 4096, .domain = 3, .error = 22}});
	say(stage,
	    (struct event){.kind = EVENT_ATTACH_FAILED,
	                   .member = {.device = "dev", .domain = 3, .pasid = 7, .error = 16}});
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "EVENT"), "map");
	assert_string_equal(entry(stage, 0, "WHAT"), "0x1000-0x1fff");
	assert_string_equal(entry(stage, 0, "DETAIL"), "failed: EINVAL, domain 3");
	assert_string_equal(entry(stage, 1, "WHAT"), "dev");
	assert_string_equal(entry(stage, 1, "DETAIL"),
	                    "refused: EBUSY, domain 3 (identity), PASID 7");
}

static void modes_and_misses_are_in_the_log(void **state)
{
	struct stage *stage = *state;

	say(stage, (struct event){.kind = EVENT_COLLECT, .collect = {.mode = COLLECT_EVENTS}});
	rows_of(stage, &log_view);
	assert_int_equal(stage->pane.shown.count, 0); /* that it began is no change */
	say(stage, (struct event){.kind = EVENT_COLLECT,
	                          .collect = {.mode = COLLECT_COUNTS, .reason = "120 k/s"}});
	say(stage, (struct event){.kind = EVENT_MISSED, .missed = {.count = 3}});
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "EVENT"), "mode");
	assert_string_equal(entry(stage, 0, "WHAT"), "counts");
	assert_string_equal(entry(stage, 0, "DETAIL"), "120 k/s");
	assert_string_equal(entry(stage, 0, "TASK"), "");
	assert_string_equal(entry(stage, 1, "EVENT"), "missed");
	assert_string_equal(entry(stage, 1, "WHAT"), "3 by the probes");
}

/* A device's way takes its row; one that is no longer kept is called so. */
static void a_journey_is_a_sentence_in_the_log(void **state)
{
	struct stage *stage = *state;
	struct snapshot_log drawn = {.kind = EVENT_TICK, .transition = 1};
	struct snapshot_transition *away = draw_transition(stage, TRANSITION_AWAY);
	struct cell_text cell = {.role = ROLE_NORMAL};

	away->device = draw_text(stage, "0000:01:00.0");
	away->from_type = DOMAIN_TYPE_DMA;
	away->group = 12;
	away->to_domain = 6;
	away->to_type = DOMAIN_TYPE_UNMANAGED;
	away->begin_ns = 22 * SECOND;
	draw_clock(stage);
	stage->snap.log = xmalloc(sizeof(drawn));
	*stage->snap.log = drawn;
	stage->snap.log_count = 1;
	assert_int_equal(rows_now(stage, &log_view), 1);
	assert_string_equal(log_view.columns[2].title, "TASK");
	log_view.columns[2].put(&stage->context, &stage->pane.shown.rows[0], &cell);
	assert_true(cell.spans);
	assert_string_equal(cell.text, "0000:01:00.0 left DMA domain of group 12 → unmanaged "
	                               "domain 6 at 14:03:22");
	stage->snap.log->transition = 9;
	assert_string_equal(entry(stage, 0, "TASK"), "a device's way, too long ago to be told");
}

static void times_are_of_the_day_and_other_days_have_their_date(void **state)
{
	struct stage *stage = *state;

	say(stage, (struct event){.ts_ns = 3 * SECOND, .kind = EVENT_MAP});
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "TIME"), "3.000000");
	say_tick(stage->model, 4 * SECOND);
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "TIME"), "22:13:23.000000");
	stage->context.utc_offset_s = 3600;
	assert_string_equal(entry(stage, 0, "TIME"), "23:13:23.000000");
	say_tick(stage->model, 86400 * SECOND);
	rows_of(stage, &log_view);
	stage->context.utc_offset_s = 0;
	assert_string_equal(entry(stage, 0, "TIME"), "11-14 22:13");
}

/* In seconds, as the kernel's log has them, of the same width. */
static void what_was_before_the_start_is_marked(void **state)
{
	static const struct {
		uint64_t ts_ns;
		const char *time;
	} times[] = {
		{901234567, "boot   0.901235"},
		{12 * SECOND, "boot  12.000000"},
		{86400 * SECOND, "boot 86400.0000"},
		{0, "boot"},
	};
	struct stage *stage = *state;

	say_start(stage->model, 90000 * SECOND);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		say(stage, (struct event){.ts_ns = times[i].ts_ns,
		                          .kind = EVENT_GROUP_ADD,
		                          .context = CONTEXT_BEFORE,
		                          .pid = 1,
		                          .member = {.device = "dev", .group = 4}});
	say_text(stage->model, ATTR_MACHINE_BOOT_TRACE, NULL, 0, "4 iommu events");
	say_tick(stage->model, 90001 * SECOND);
	assert_int_equal(rows_of(stage, &log_view), 5);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		assert_string_equal(entry(stage, i, "TIME"), times[i].time);
	assert_string_equal(entry(stage, 0, "TASK"), "- 1");
	assert_string_equal(entry(stage, 0, "EVENT"), "join");
	assert_string_equal(entry(stage, 0, "DETAIL"), "group 4");
	assert_string_equal(entry(stage, 4, "TIME"), "23:13:20.000000");
	assert_string_equal(entry(stage, 4, "TASK"), "watching begins; before it: 4 iommu events");
	assert_string_equal(entry(stage, 4, "WHAT"), "watching begins; before it: 4 iommu events");
	assert_string_equal(entry(stage, 4, "CPU"), "");
}

static void every_column_of_the_log_sorts(void **state)
{
	struct stage *stage = *state;
	size_t count;

	say_everything(stage->model);
	count = rows_of(stage, &log_view);
	for (int column = 0; column < (int)log_view.column_count; column++) {
		stage->pane.sort_column = column;
		assert_int_equal(rows_of(stage, &log_view), count);
	}
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(ranges_go_from_the_first_to_the_last_byte),
		stage_test(an_unmap_of_nothing_says_so),
		stage_test(tasks_are_named_but_not_in_interrupts),
		stage_test(every_kind_in_the_log_has_its_words),
		stage_test(maps_tell_their_domain_and_their_time),
		stage_test(what_was_refused_says_why),
		stage_test(modes_and_misses_are_in_the_log),
		stage_test(a_journey_is_a_sentence_in_the_log),
		stage_test(times_are_of_the_day_and_other_days_have_their_date),
		stage_test(what_was_before_the_start_is_marked),
		stage_test(every_column_of_the_log_sorts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
