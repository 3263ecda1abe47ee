// SPDX-License-Identifier: GPL-2.0-or-later
/* model_boot: what happened before the start heads the log and counts in nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_text.h"
#include "scene.h"
#include "util.h"

struct bench {
	struct model *model;
	struct snapshot snap;
};

static int make_bench(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));
	struct model_limits limits = model_default_limits;

	limits.boot = 3;
	limits.log = 4;
	bench->model = model_new(&limits);
	*state = bench;
	return 0;
}

static int free_bench(void **state)
{
	struct bench *bench = *state;

	model_free(bench->model);
	snapshot_release(&bench->snap);
	free(bench);
	return 0;
}

static const struct snapshot *seen(struct bench *bench)
{
	look(bench->model, &bench->snap);
	return &bench->snap;
}

static void say(struct bench *bench, struct event ev)
{
	ev.context |= CONTEXT_BEFORE;
	model_apply(bench->model, &ev);
}

static void say_boot_map(struct bench *bench, uint64_t iova)
{
	say(bench, (struct event){.kind = EVENT_MAP, .map = {.iova = iova, .size_bytes = 4096}});
}

static void say_join(struct bench *bench, const char *device, uint32_t group)
{
	say(bench,
	    (struct event){.kind = EVENT_GROUP_ADD, .member = {.device = device, .group = group}});
}

static void say_all_kinds(struct bench *bench)
{
	say_join(bench, "0000:00:04.0", 4);
	say(bench, (struct event){.kind = EVENT_ATTACH, .member = {.device = "0000:00:04.0"}});
	say_boot_map(bench, 0x1000);
	say(bench,
	    (struct event){.kind = EVENT_UNMAP,
	                   .unmap = {.iova = 0x1000, .size_bytes = 4096, .unmapped_bytes = 8192}});
	say(bench, (struct event){.kind = EVENT_FAULT,
	                          .fault = {.device = "0000:00:02.0",
	                                    .iova = 0x5000,
	                                    .direction = DIRECTION_WRITE,
	                                    .source = SOURCE_TRACE,
	                                    .flags = FAULT_HAS_IOVA}});
}

static void kinds_are(struct bench *bench, const char *expected)
{
	static const char letters[EVENT_KIND_COUNT] = {
#define X(name, letter) [EVENT_##name] = letter,
		EVENT_KINDS(X)
#undef X
	};
	char out[64] = "";

	seen(bench);
	for (size_t i = 0; i < bench->snap.log_count; i++)
		append_text(out, sizeof(out), "%c", letters[bench->snap.log[i].kind]);
	assert_string_equal(out, expected);
}

static void they_count_in_nothing(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, true);
	say_all_kinds(bench);
	say_tick(bench->model, SECOND);
	seen(bench);
	assert_int_equal(bench->snap.traffic.maps.n, 0);
	assert_int_equal(bench->snap.traffic.unmap_bytes.n, 0);
	assert_int_equal(bench->snap.unattributed.n, 0);
	assert_int_equal(bench->snap.faults.n, 0);
	assert_int_equal(bench->snap.fault_count, 0);
	assert_int_equal(bench->snap.group_count, 0);
	assert_int_equal(bench->snap.device_count, 0);
	assert_int_equal(bench->snap.transition_count, 0);
	kinds_are(bench, "gamufS");
}

/* However much comes after them. */
static void they_stand_first(void **state)
{
	struct bench *bench = *state;

	say_start(bench->model, 7 * SECOND);
	for (int i = 0; i < 9; i++)
		say_map(bench->model, 0, 4096);
	say_join(bench, "d", 1);
	say_map(bench->model, 0, 4096);
	kinds_are(bench, "gSmmmm");
	for (size_t i = 1; i < bench->snap.log_count; i++)
		assert_true(bench->snap.log[i].id > bench->snap.log[i - 1].id);
	assert_int_equal(bench->snap.log[1].ts_ns, 7 * SECOND);
}

static void maps_push_out_maps_and_others_others(void **state)
{
	struct bench *bench = *state;

	for (uint64_t i = 0; i < 9; i++)
		say_boot_map(bench, i);
	for (uint32_t i = 0; i < 4; i++)
		say_join(bench, "d", i);
	say_boot_map(bench, 9);
	kinds_are(bench, "mmgggmS");
	assert_int_equal(bench->snap.log[0].iova, 7);
	assert_int_equal(bench->snap.log[2].group, 1);
	assert_int_equal(bench->snap.log[5].iova, 9);
}

/* Ids of tasks were others' then, and are now. */
static void tasks_have_the_names_of_then(void **state)
{
	struct bench *bench = *state;

	say_text(bench->model, ATTR_TASK_COMM, NULL, 42, "now");
	say_text(bench->model, ATTR_TASK_COMM_BEFORE, NULL, 42, "then");
	say(bench, (struct event){.kind = EVENT_MAP, .pid = 42});
	say(bench, (struct event){.kind = EVENT_MAP, .pid = 43});
	say_text(bench->model, ATTR_TASK_COMM_BEFORE, NULL, 42, NULL);
	say(bench, (struct event){.kind = EVENT_MAP, .pid = 42});
	model_apply(bench->model, &(struct event){.kind = EVENT_MAP, .pid = 42});
	seen(bench);
	assert_string_equal(bench->snap.log[0].comm, "then");
	assert_string_equal(bench->snap.log[1].comm, "");
	assert_string_equal(bench->snap.log[2].comm, "");
	assert_string_equal(bench->snap.log[4].comm, "now");
}

static void without_any_there_is_no_line_of_the_start(void **state)
{
	struct bench *bench = *state;

	say_start(bench->model, SECOND);
	say_map(bench->model, 0, 4096);
	kinds_are(bench, "m");
	say_text(bench->model, ATTR_MACHINE_BOOT_TRACE, NULL, 0, "not read");
	kinds_are(bench, "Sm");
	assert_string_equal(snapshot_text(&bench->snap, bench->snap.log[0].text), "not read");
}

/* A recording may say what it wants. */
static void what_cannot_be_of_before_is_no_line(void **state)
{
	static const uint8_t kinds[] = {EVENT_TICK, EVENT_START,      EVENT_LOST,
	                                EVENT_ATTR, EVENT_HEALTH,     EVENT_MISSED,
	                                EVENT_NOTE, EVENT_MAP_FAILED, EVENT_COLLECT};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		say(bench, (struct event){.kind = kinds[i]});
	kinds_are(bench, "");
}

/* ---- through a recording ---- */

struct listener {
	struct event_line writer, reader;
	struct model *to;
	char lines[4096];
};

static void hear(void *context, const struct event *ev)
{
	struct listener *listener = context;
	char line[EVENT_LINE_MAX];
	struct event read;

	event_to_line(&listener->writer, ev, line);
	append_text(listener->lines, sizeof(listener->lines), "%s\n", line);
	assert_int_equal(event_from_line(&listener->reader, line, &read), EVENT_LINE_OK);
	if (listener->to)
		model_apply(listener->to, &read);
}

static void tell(struct model *model, struct listener *listener)
{
	const struct event_sink sink = {.emit = hear, .context = listener};

	model_tell(model, 9 * SECOND, &sink);
}

static void said_again_they_are_the_same(void **state)
{
	struct bench *bench = *state;
	struct model *other = model_new(&model_default_limits);
	struct listener first = {.to = other}, second = {0};
	struct snapshot copy = {0};

	say_start(bench->model, SECOND);
	say_text(bench->model, ATTR_TASK_COMM_BEFORE, NULL, 0, "swapper/0");
	say_all_kinds(bench);
	say_text(bench->model, ATTR_MACHINE_BOOT_TRACE, NULL, 0, "5 iommu events");
	tell(bench->model, &first);
	tell(other, &second);
	assert_string_equal(first.lines, second.lines);
	assert_non_null(strstr(first.lines, " 8 0000:00:04.0 4\n"));
	seen(bench);
	look(other, &copy);
	assert_int_equal(copy.log_count, 6);
	for (size_t i = 0; i < copy.log_count; i++) {
		assert_int_equal(copy.log[i].kind, bench->snap.log[i].kind);
		assert_int_equal(copy.log[i].iova, bench->snap.log[i].iova);
		assert_int_equal(copy.log[i].unmapped_bytes, bench->snap.log[i].unmapped_bytes);
		assert_string_equal(copy.log[i].comm, bench->snap.log[i].comm);
		assert_string_equal(snapshot_text(&copy, copy.log[i].device),
		                    snapshot_text(&bench->snap, bench->snap.log[i].device));
	}
	assert_int_equal(copy.faults.n, 0);
	snapshot_release(&copy);
	model_free(other);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(they_count_in_nothing),
		bench_test(they_stand_first),
		bench_test(maps_push_out_maps_and_others_others),
		bench_test(tasks_have_the_names_of_then),
		bench_test(without_any_there_is_no_line_of_the_start),
		bench_test(what_cannot_be_of_before_is_no_line),
		bench_test(said_again_they_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
