// SPDX-License-Identifier: GPL-2.0-or-later
/* events: domains in figures that say how far they hold, and the log one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"

static const char *domain(struct stage *stage, size_t row, const char *title)
{
	return cell_of(stage, &domains_view, row, title);
}

static const char *entry(struct stage *stage, size_t row, const char *title)
{
	return cell_of(stage, &log_view, row, title);
}

/* ---- domains ---- */

static void there_is_always_an_unattributed_row(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(rows_of(stage, &domains_view), 1);
	assert_string_equal(domain(stage, 0, "DOMAIN"), "unattributed");
	assert_string_equal(domain(stage, 0, "MAP/s"), "-");
	assert_string_equal(domain(stage, 0, "MEAN"), "-");
	assert_string_equal(domain(stage, 0, "MAPS"), "-");
	assert_string_equal(domain(stage, 0, "TREND"), "                    ");
}

static void figures_are_those_of_the_interval(void **state)
{
	struct stage *stage = *state;

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	say_map(stage->model, 5, 4096);
	say_map(stage->model, 5, 12288);
	say_unmap(stage->model, 5, 4096, 4096);
	say_tick(stage->model, 2 * SECOND);
	assert_int_equal(rows_of(stage, &domains_view), 2);
	assert_string_equal(domain(stage, 1, "DOMAIN"), "domain 5");
	assert_string_equal(domain(stage, 1, "MAP/s"), "2");
	assert_string_equal(domain(stage, 1, "UNMAP/s"), "1");
	assert_string_equal(domain(stage, 1, "BYTES/s"), "16.0K");
	assert_string_equal(domain(stage, 1, "MEAN"), "8.0K");
	assert_string_equal(domain(stage, 1, "MAPS"), "2");
	assert_string_equal(domain(stage, 1, "UNMAPS"), "1");
	assert_string_equal(domain(stage, 1, "BYTES"), "16.0K");
	assert_string_equal(domain(stage, 0, "MAP/s"), "0");
	assert_string_equal(domain(stage, 0, "MEAN"), "-");
}

static void off_and_at_least_are_written(void **state)
{
	struct stage *stage = *state;

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	say_map(stage->model, 0, 4096);
	say_class(stage->model, CLASS_MAP, false);
	say_tick(stage->model, 2 * SECOND);
	rows_of(stage, &domains_view);
	assert_string_equal(domain(stage, 0, "MAP/s"), "off");
	assert_string_equal(domain(stage, 0, "MEAN"), "off");
	assert_string_equal(domain(stage, 0, "MAPS"), "≥1");
	assert_string_equal(domain(stage, 0, "UNMAP/s"), "0");
}

static void totals_count_from_the_mark(void **state)
{
	struct stage *stage = *state;
	struct snapshot since = {0};

	say_all_classes(stage->model, true);
	say_map(stage->model, 5, 4096);
	look(stage->model, &stage->snap);
	snapshot_copy(&since, &stage->snap);
	say_map(stage->model, 5, 8192);
	say_map(stage->model, 3, 4096); /* was not there at the mark */
	stage->context.since = &since;
	assert_int_equal(rows_of(stage, &domains_view), 3);
	assert_string_equal(domain(stage, 1, "MAPS"), "1");
	assert_string_equal(domain(stage, 1, "BYTES"), "4.0K");
	assert_string_equal(domain(stage, 2, "MAPS"), "1");
	assert_string_equal(domain(stage, 2, "BYTES"), "8.0K");
	stage->context.since = NULL;
	assert_string_equal(domain(stage, 2, "MAPS"), "2");
	snapshot_release(&since);
}

static void the_trend_ends_with_the_newest_interval(void **state)
{
	struct stage *stage = *state;
	static const int maps[] = {8, 0, 1, 4};

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		for (int n = 0; n < maps[i]; n++)
			say_map(stage->model, 0, 1);
		say_tick(stage->model, (2 + i) * SECOND);
	}
	rows_of(stage, &domains_view);
	assert_string_equal(domain(stage, 0, "TREND"), "                █·▁▄");
}

/* Nobody watched: that is neither a quiet interval nor a low one. */
static void intervals_without_watch_are_no_zeros_in_the_trend(void **state)
{
	struct stage *stage = *state;

	say_tick(stage->model, SECOND);
	say_tick(stage->model, 2 * SECOND);
	say_all_classes(stage->model, true);
	say_tick(stage->model, 3 * SECOND);
	say_map(stage->model, 0, 1);
	say_tick(stage->model, 4 * SECOND);
	say_all_classes(stage->model, false);
	say_tick(stage->model, 5 * SECOND);
	rows_of(stage, &domains_view);
	assert_int_equal(stage->snap.domains[0].cells, 4);
	assert_string_equal(domain(stage, 0, "TREND"), "                 ·█ ");
}

static void a_group_has_no_domains_yet(void **state)
{
	struct stage *stage = *state;

	stage->context.group = 7;
	assert_int_equal(rows_of(stage, &domains_view), 0);
}

static void the_busiest_domain_comes_first(void **state)
{
	struct stage *stage = *state;

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	for (uint32_t i = 1; i < 5; i++)
		for (uint32_t n = 0; n < i; n++)
			say_map(stage->model, i, 4096);
	say_tick(stage->model, 2 * SECOND);
	stage->pane.sort_column = 1;
	rows_of(stage, &domains_view);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(stage->pane.shown.rows[i].id, 4 - i);
	for (int column = 0; column < (int)domains_view.column_count; column++) {
		stage->pane.sort_column = column;
		assert_int_equal(rows_of(stage, &domains_view), 5);
	}
}

/* ---- the log ---- */

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
	rows_of(stage, &log_view);
	assert_string_equal(entry(stage, 0, "TASK"), "dd 42");
	assert_string_equal(entry(stage, 0, "CPU"), "3");
	assert_string_equal(entry(stage, 1, "TASK"), "- 43");
	assert_string_equal(entry(stage, 2, "TASK"), "(interrupt)");
	assert_string_equal(entry(stage, 3, "TASK"), "(softirq)");
	assert_string_equal(entry(stage, 4, "TASK"), "dd 42");
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
		stage_test(there_is_always_an_unattributed_row),
		stage_test(figures_are_those_of_the_interval),
		stage_test(off_and_at_least_are_written),
		stage_test(totals_count_from_the_mark),
		stage_test(the_trend_ends_with_the_newest_interval),
		stage_test(intervals_without_watch_are_no_zeros_in_the_trend),
		stage_test(a_group_has_no_domains_yet),
		stage_test(the_busiest_domain_comes_first),
		stage_test(ranges_go_from_the_first_to_the_last_byte),
		stage_test(an_unmap_of_nothing_says_so),
		stage_test(tasks_are_named_but_not_in_interrupts),
		stage_test(every_kind_in_the_log_has_its_words),
		stage_test(times_are_of_the_day_and_other_days_have_their_date),
		stage_test(every_column_of_the_log_sorts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
