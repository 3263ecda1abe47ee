// SPDX-License-Identifier: GPL-2.0-or-later
/* model_traffic: what domains did, one by one or counted, and what that is worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "sinks/json.h"

static void begin(struct bench *bench)
{
	say_watching(bench->model, SECOND);
	say_type(bench->model, 2 * SECOND, 1, DOMAIN_TYPE_UNMANAGED);
	say_attach(bench->model, 2 * SECOND, "d", 1);
}

/* ---- shapes ---- */

static void sizes_are_counted_by_their_logarithm(void **state)
{
	struct bench *bench = *state;

	say_map(bench->model, 1, 1);
	say_map(bench->model, 1, 4096);
	say_map(bench->model, 1, 8191);
	say_map(bench->model, 1, 8192);
	say_map(bench->model, 1, UINT64_MAX);
	say_unmap(bench->model, 1, 2 << 20, 4096);
	assert_int_equal(detail(bench, 1)->map_sizes[0], 3);
	assert_int_equal(bench->snap.detail.map_sizes[1], 1);
	assert_int_equal(bench->snap.detail.map_sizes[SIZE_BUCKETS - 1], 1);
	assert_int_equal(bench->snap.detail.unmap_sizes[21 - SIZE_LOG2_MIN], 1);
}

static void map_page(struct bench *bench, uint64_t iova, uint64_t size_bytes)
{
	const struct event ev = {.kind = EVENT_MAP,
	                         .map = {.iova = iova, .size_bytes = size_bytes, .domain = 1}};

	model_apply(bench->model, &ev);
}

static void a_page_is_as_large_as_address_and_size_allow(void **state)
{
	struct bench *bench = *state;

	map_page(bench, 0, 1ull << 30);
	map_page(bench, 2ull << 30, 3ull << 30);
	map_page(bench, 2 << 20, 1ull << 30);
	map_page(bench, 1ull << 30, 2 << 20);
	map_page(bench, 4096, 1ull << 30);
	map_page(bench, 1ull << 30, (2 << 20) - 4096);
	assert_int_equal(detail(bench, 1)->pages_1g, 2);
	assert_int_equal(bench->snap.detail.pages_2m, 2);
	assert_int_equal(bench->snap.detail.pages_4k, 2);
}

static void unmaps_tell_what_was_asked_and_done(void **state)
{
	struct bench *bench = *state;

	say_unmap(bench->model, 1, 4096, 4096);
	say_unmap(bench->model, 1, 65536, 8192);
	assert_int_equal(detail(bench, 1)->unmap_asked_bytes, 69632);
	assert_int_equal(bench->snap.detail.unmap_done_bytes, 12288);
	assert_int_equal(bench->snap.detail.small_unmaps, 1);
	assert_int_equal(bench->snap.detail.unmaps_seen, 2);
}

/* A bucket of times is a fourth of its lower edge wide; less than this is no 99 of 100. */
static void near_above(uint32_t value, double expected)
{
	assert_true(value >= expected && value <= expected * 1.25);
}

static void time_inside_has_an_exact_mean_and_a_near_p99(void **state)
{
	struct bench *bench = *state;

	for (uint32_t i = 1; i <= 1000; i++)
		say_map_at(bench->model, SECOND, 1, 4096, i * 10);
	say_map_at(bench->model, SECOND, 1, 4096, 0); /* not known: counts for neither */
	say_unmap_at(bench->model, SECOND, 1, 4096, UINT32_MAX);
	say_unmap_at(bench->model, SECOND, 2, 4096, 0);
	assert_int_equal(row(bench, 1)->map_mean_ns, 5005);
	near_above(row(bench, 1)->map_p99_ns, 9900);
	assert_true(row(bench, 1)->map_p99_ns <= 10000);
	assert_int_equal(row(bench, 1)->unmap_p99_ns, UINT32_MAX);
	assert_int_equal(row(bench, 2)->unmap_mean_ns, 0);
	assert_int_equal(row(bench, 2)->unmap_p99_ns, 0);
}

static void p99_is_near_at_every_scale(void **state)
{
	struct bench *bench = *state;
	uint32_t id = 1;

	for (uint64_t ns = 1; ns < UINT32_MAX / 4; ns = ns * 5 / 4 + 1, id++) {
		for (int i = 0; i < 199; i++)
			say_map_at(bench->model, SECOND, id, 4096, (uint32_t)ns);
		say_map_at(bench->model, SECOND, id, 4096, (uint32_t)ns + (uint32_t)ns / 100);
		near_above(row(bench, id)->map_p99_ns, (double)ns);
		assert_true(bench->snap.domains[id].map_p99_ns >=
		            bench->snap.domains[id].map_mean_ns);
	}
}

static void p99_is_between_the_mean_and_the_most(void **state)
{
	struct bench *bench = *state;

	for (int i = 0; i < 2; i++)
		say_map_at(bench->model, SECOND, 1, 4096, 1030);
	assert_int_equal(row(bench, 1)->map_p99_ns, 1030);
	/* One that takes as long as many others. */
	for (int i = 0; i < 300; i++)
		say_map_at(bench->model, SECOND, 1, 4096, 10);
	say_map_at(bench->model, SECOND, 1, 4096, 10000000);
	assert_int_equal(row(bench, 1)->map_mean_ns, 33020);
	assert_int_equal(row(bench, 1)->map_p99_ns, 33020);
}

static void map_in_context(struct bench *bench, int32_t pid, uint8_t context)
{
	const struct event ev = {.kind = EVENT_MAP,
	                         .context = context,
	                         .pid = pid,
	                         .map = {.size_bytes = 4096, .domain = 1}};

	model_apply(bench->model, &ev);
}

static void contexts_are_shares_of_what_was_seen(void **state)
{
	struct bench *bench = *state;

	say_map_failed(bench->model, 1, 0);
	assert_int_equal(detail(bench, 1)->in_interrupt, UINT64_MAX);
	assert_int_equal(bench->snap.detail.context_total, UINT64_MAX);
	map_in_context(bench, 9, CONTEXT_HARD_IRQ);
	map_in_context(bench, 9, CONTEXT_SOFT_IRQ | CONTEXT_NEED_RESCHED);
	map_in_context(bench, 8, CONTEXT_NEED_RESCHED);
	map_in_context(bench, 8, 0);
	assert_int_equal(detail(bench, 1)->in_interrupt, 2);
	assert_int_equal(bench->snap.detail.need_resched, 2);
	assert_int_equal(bench->snap.detail.context_total, 4);
	/* Who was interrupted made nothing. */
	assert_int_equal(bench->snap.detail.task_count, 1);
	assert_int_equal(bench->snap.detail.tasks[0].pid, 8);
	assert_int_equal(bench->snap.detail.tasks[0].maps, 2);
}

/* Pasted traces have no column of flags: an interrupt cannot be told from a task then. */
static void unknown_contexts_are_no_share_of_anything(void **state)
{
	struct bench *bench = *state;

	map_in_context(bench, 9, CONTEXT_UNKNOWN);
	assert_int_equal(detail(bench, 1)->context_total, 0);
	assert_int_equal(bench->snap.detail.in_interrupt, 0);
	assert_int_equal(bench->snap.detail.context_unknown, 1);
	assert_int_equal(bench->snap.detail.tasks[0].maps, 1);
	map_in_context(bench, 9, CONTEXT_HARD_IRQ);
	map_in_context(bench, 9, 0);
	assert_int_equal(detail(bench, 1)->context_total, 2);
	assert_int_equal(bench->snap.detail.in_interrupt, 1);
	assert_int_equal(bench->snap.detail.context_unknown, 1);
}

static void the_busiest_tasks_come_first_with_their_names(void **state)
{
	struct bench *bench = *state;

	say_text(bench->model, ATTR_TASK_COMM, NULL, 3, "three");
	for (int32_t pid = 1; pid <= 10; pid++)
		for (int32_t i = 0; i < pid; i++)
			map_in_context(bench, pid, 0);
	say_text(bench->model, ATTR_TASK_COMM, NULL, 3, "another");
	say_text(bench->model, ATTR_TASK_COMM, NULL, 10, "ten");
	assert_int_equal(detail(bench, 1)->task_count, TOP_TASKS);
	assert_true(bench->snap.detail.tasks_exact);
	for (int32_t i = 0; i < TOP_TASKS; i++) {
		assert_int_equal(bench->snap.detail.tasks[i].pid, 10 - i);
		assert_int_equal(bench->snap.detail.tasks[i].maps, 10 - i);
	}
	assert_string_equal(bench->snap.detail.tasks[0].comm, "ten");
	assert_string_equal(bench->snap.detail.tasks[7].comm, "three");
}

/* No number of passers-by pushes out who does most, and none is shown with more than it did. */
static void many_tasks_leave_the_busy_one_in_place(void **state)
{
	struct bench *bench = *state;

	for (int32_t i = 0; i < 3000; i++) {
		map_in_context(bench, 7, 0);
		map_in_context(bench, 100 + i, 0);
	}
	assert_int_equal(detail(bench, 1)->tasks[0].pid, 7);
	assert_int_equal(bench->snap.detail.tasks[0].maps, 3000);
	assert_int_equal(bench->snap.detail.tasks[1].maps, 1);
	assert_false(bench->snap.detail.tasks_exact);
}

/* With all places taken by those of before, passers-by must not push it out each time. */
static void a_task_that_gets_busy_late_finds_a_place(void **state)
{
	struct bench *bench = *state;

	for (int32_t i = 0; i < 16 * 100; i++)
		map_in_context(bench, 1 + i % 16, 0);
	for (int32_t i = 0; i < 5000; i++) {
		map_in_context(bench, 99, 0);
		map_in_context(bench, 100 + i, 0);
	}
	assert_int_equal(detail(bench, 1)->tasks[0].pid, 99);
	assert_in_range(bench->snap.detail.tasks[0].maps, 4000, 5000);
}

static void errors_keep_the_frequent_ones(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	for (int32_t error = 1; error <= TOP_ERRORS; error++)
		for (int32_t i = 0; i <= error; i++)
			say_map_failed(bench->model, 1, error);
	say_map_failed(bench->model, 1, 99);
	assert_int_equal(detail(bench, 1)->error_count, TOP_ERRORS);
	assert_int_equal(bench->snap.detail.errors[0].error, 99);
	assert_int_equal(bench->snap.detail.errors[0].count, 1);
	assert_int_equal(bench->snap.detail.errors[3].count, 5);
	count_is(row(bench, 1)->failed_maps, 15, KNOWN_EXACT);
	count_is(bench->snap.failed_maps, 15, KNOWN_EXACT);
	count_is(row(bench, 0)->failed_maps, 0, KNOWN_EXACT);
}

static void failed_maps_are_known_by_probes_alone(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, true);
	say_collect(bench->model, COLLECT_TRACEPOINTS, false);
	count_is(seen(bench)->failed_maps, 0, KNOWN_NOT);
	say_collect(bench->model, COLLECT_EVENTS, false);
	count_is(seen(bench)->failed_maps, 0, KNOWN_AT_LEAST);
}

static void callers_stand_most_first(void **state)
{
	static const uint64_t counts[] = {5, 9, 1};
	struct bench *bench = *state;
	struct event ev = {.kind = EVENT_CALLER, .caller = {.name = "f < g", .domain = 1}};

	say_map(bench->model, 1, 4096);
	for (int i = 0; i < 2; i++) {
		say_number(bench->model, ATTR_DOMAIN_CALLERS, NULL, 1, 5);
		for (size_t j = 0; j < ARRAY_SIZE(counts); j++) {
			ev.caller.count = counts[j];
			model_apply(bench->model, &ev);
		}
	}
	assert_int_equal(detail(bench, 1)->caller_count, 3);
	assert_int_equal(bench->snap.detail.callers_s, 5);
	assert_int_equal(bench->snap.detail.callers[0].count, 9);
	assert_int_equal(bench->snap.detail.callers[2].count, 1);
	for (uint64_t n = 1; n < 40; n++) {
		ev.caller.count = 10 * n;
		model_apply(bench->model, &ev);
	}
	assert_int_equal(detail(bench, 1)->caller_count, TOP_CALLERS);
	assert_int_equal(bench->snap.detail.callers[TOP_CALLERS - 1].count, 240);
	assert_string_equal(snapshot_text(&bench->snap, bench->snap.detail.callers[0].name),
	                    "f < g");
	say_number(bench->model, ATTR_DOMAIN_CALLERS, NULL, 99, 5);
	assert_null(snapshot_domain_by_id(seen(bench), 99));
}

/* ---- outstanding ---- */

static void outstanding_is_exact_for_a_whole_life(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map_at(bench->model, 3 * SECOND, 1, 1 << 20, 0);
	say_unmap_at(bench->model, 3 * SECOND, 1, 4096, 0);
	say_tick(bench->model, 4 * SECOND);
	count_is(row(bench, 1)->outstanding_bytes, (1 << 20) - 4096, KNOWN_EXACT);
	assert_int_equal(row(bench, 1)->complete_since_ns, 2 * SECOND);
	count_is(row(bench, 0)->outstanding_bytes, 0, KNOWN_NOT);
}

static void what_takes_back_a_failed_map_was_not_outstanding(void **state)
{
	struct bench *bench = *state;
	struct event ev = {
		.kind = EVENT_UNMAP,
		.unmap = {.size_bytes = 8192, .unmapped_bytes = 4096, .domain = 1, .undoes = true}};

	begin(bench);
	say_map(bench->model, 1, 4096);
	model_apply(bench->model, &ev);
	count_is(row(bench, 1)->traffic.unmaps, 1, KNOWN_EXACT);
	count_is(row(bench, 1)->outstanding_bytes, 4096, KNOWN_EXACT);
}

static void an_older_domain_has_at_least_what_was_mapped_since(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_map_at(bench->model, 2 * SECOND, 1, 4096, 0);
	say_attach(bench->model, 2 * SECOND, "d", 1);
	say_unmap_at(bench->model, 3 * SECOND, 1, 65536, 0);
	count_is(row(bench, 1)->outstanding_bytes, 0, KNOWN_AT_LEAST);
	say_tick(bench->model, 4 * SECOND);
	say_map_at(bench->model, 5 * SECOND, 1, 8192, 0);
	count_is(row(bench, 1)->outstanding_bytes, 8192, KNOWN_AT_LEAST);
	assert_int_equal(row(bench, 1)->complete_since_ns, SECOND);
}

/* Then something of it was not seen, whatever was thought of its life. */
static void more_unmapped_than_mapped_is_at_least(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map_at(bench->model, 3 * SECOND, 1, 4096, 0);
	say_unmap_at(bench->model, 3 * SECOND, 1, 65536, 0);
	say_tick(bench->model, 4 * SECOND);
	say_map_at(bench->model, 5 * SECOND, 1, 8192, 0);
	count_is(row(bench, 1)->outstanding_bytes, 8192, KNOWN_AT_LEAST);
}

/* ---- mappings ---- */

static void map_at_page(struct bench *bench, uint64_t ts_ns, uint64_t page)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_MAP,
	                         .map = {.iova = page << 12, .size_bytes = 4096, .domain = 1}};

	model_apply(bench->model, &ev);
}

static void stretches_of_a_guest_are_counted_at_the_tick(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_type(bench->model, 3 * SECOND, 1, DOMAIN_TYPE_DMA);
	say_tick(bench->model, 3 * SECOND);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
	say_type(bench->model, 3 * SECOND, 1, DOMAIN_TYPE_UNMANAGED);
	say_tick(bench->model, 4 * SECOND);
	count_is(row(bench, 1)->mappings, 0, KNOWN_EXACT);
	map_at_page(bench, 5 * SECOND, 1);
	map_at_page(bench, 5 * SECOND, 2);
	map_at_page(bench, 5 * SECOND, 4);
	count_is(row(bench, 1)->mappings, 0, KNOWN_EXACT);
	say_tick(bench->model, 6 * SECOND);
	count_is(row(bench, 1)->mappings, 2, KNOWN_AT_LEAST);
	say_missed(bench->model, 7 * SECOND, 1);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
	say_tick(bench->model, 8 * SECOND);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
	map_at_page(bench, 9 * SECOND, 4);
	say_tick(bench->model, 10 * SECOND);
	count_is(row(bench, 1)->mappings, 1, KNOWN_AT_LEAST);
	say_collect(bench->model, COLLECT_COUNTS, false);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
}

/* What is held is known all the time, where it is only since then. */
static void a_time_of_counts_leaves_no_stretches(void **state)
{
	struct bench *bench = *state;
	const struct event events = {
		.ts_ns = 4 * SECOND, .kind = EVENT_COLLECT, .collect = {.mode = COLLECT_EVENTS}};

	begin(bench);
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_counts(bench->model, COUNTS_MAP, 1, 2, 8192);
	say_tick(bench->model, 4 * SECOND);
	model_apply(bench->model, &events);
	say_tick(bench->model, 5 * SECOND);
	count_is(row(bench, 1)->outstanding_bytes, 8192, KNOWN_EXACT);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
}

/* 20000 of them are gone through in the time of two ticks, so there is one without any first. */
static void of_many_the_count_waits_for_calm(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	for (uint64_t i = 0; i < 20000; i++)
		map_at_page(bench, 3 * SECOND, 2 * i);
	say_tick(bench->model, 4 * SECOND);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
	say_tick(bench->model, 5 * SECOND);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
	say_tick(bench->model, 6 * SECOND);
	count_is(row(bench, 1)->mappings, 20000, KNOWN_AT_LEAST);
	map_at_page(bench, 7 * SECOND, 1);
	say_tick(bench->model, 7 * SECOND);
	count_is(row(bench, 1)->mappings, 0, KNOWN_NOT);
}

static void a_domain_that_the_kernel_told_of_is_old(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_group_domain(bench->model, 3, 2, 1);
	say_attach(bench->model, SECOND, "d", 1);
	say_map(bench->model, 1, 4096);
	count_is(row(bench, 1)->outstanding_bytes, 4096, KNOWN_AT_LEAST);
}

static void a_domain_heard_of_long_before_its_attach_is_old(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_type(bench->model, 2 * SECOND, 1, DOMAIN_TYPE_UNMANAGED);
	say_attach(bench->model, 5 * SECOND, "d", 1);
	say_map(bench->model, 1, 4096);
	count_is(row(bench, 1)->outstanding_bytes, 4096, KNOWN_AT_LEAST);
}

static void outstanding_begins_anew_after(struct bench *bench, uint64_t gap_ns)
{
	count_is(row(bench, 1)->outstanding_bytes, 0, KNOWN_AT_LEAST);
	assert_int_equal(row(bench, 1)->complete_since_ns, gap_ns);
	say_map_at(bench->model, gap_ns + SECOND, 1, 4096, 0);
	count_is(row(bench, 1)->outstanding_bytes, 4096, KNOWN_AT_LEAST);
	assert_int_equal(row(bench, 1)->complete_since_ns, gap_ns);
}

static void a_missed_hit_is_a_gap_for_domains_alone(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map(bench->model, 1, 65536);
	say_missed(bench->model, 4 * SECOND, 3);
	outstanding_begins_anew_after(bench, 4 * SECOND);
	say_tick(bench->model, 6 * SECOND);
	count_is(row(bench, 1)->traffic.maps, 2, KNOWN_AT_LEAST);
	assert_int_equal(row(bench, 1)->traffic.maps_per_s.known, KNOWN_AT_LEAST);
	count_is(bench->snap.traffic.maps, 2, KNOWN_EXACT);
	assert_int_equal(bench->snap.traffic.maps_per_s.known, KNOWN_EXACT);
	count_is(bench->snap.missed, 3, KNOWN_EXACT);
	count_is(bench->snap.missed_now, 3, KNOWN_EXACT);
	say_tick(bench->model, 7 * SECOND);
	count_is(seen(bench)->missed_now, 0, KNOWN_EXACT);
	assert_int_equal(row(bench, 1)->traffic.maps_per_s.known, KNOWN_EXACT);
	/* One that was born after it has nothing missing. */
	say_attach(bench->model, 8 * SECOND, "e", 2);
	say_type(bench->model, 8 * SECOND, 3, DOMAIN_TYPE_UNMANAGED);
	say_attach(bench->model, 8 * SECOND, "f", 3);
	say_map(bench->model, 3, 4096);
	count_is(row(bench, 3)->traffic.maps, 1, KNOWN_EXACT);
	count_is(row(bench, 3)->outstanding_bytes, 4096, KNOWN_EXACT);
	/* Of the DMA API's it is not known whether it was born. */
	count_is(row(bench, 2)->traffic.maps, 0, KNOWN_AT_LEAST);
}

static void a_loss_is_a_gap(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map(bench->model, 1, 65536);
	say_lost(bench->model, 5, true); /* at time 0: the start is later */
	count_is(row(bench, 1)->outstanding_bytes, 0, KNOWN_AT_LEAST);
	assert_int_equal(row(bench, 1)->complete_since_ns, SECOND);
	count_is(row(bench, 1)->traffic.maps, 1, KNOWN_AT_LEAST);
}

static void a_class_that_is_off_hides_what_is_outstanding(void **state)
{
	struct bench *bench = *state;
	struct event ev = {.ts_ns = 5 * SECOND, .kind = EVENT_CLASS, .class = {CLASS_UNMAP, true}};

	begin(bench);
	say_map(bench->model, 1, 65536);
	say_class(bench->model, CLASS_UNMAP, false);
	count_is(row(bench, 1)->outstanding_bytes, 0, KNOWN_NOT);
	assert_int_equal(row(bench, 1)->complete_since_ns, 0);
	model_apply(bench->model, &ev);
	outstanding_begins_anew_after(bench, 5 * SECOND);
}

/* ---- counted in the kernel ---- */

static void counts_add_to_what_was_seen(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map(bench->model, 1, 4096);
	say_tick(bench->model, 2 * SECOND);
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_counts(bench->model, COUNTS_UNMAP, 1, 2, 8192);
	say_counts(bench->model, COUNTS_MAP, 1, 10, 40960);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 12, 49152);
	say_counts(bench->model, COUNTS_UNMAP, DOMAIN_ALL, 2, 8192);
	say_tick(bench->model, 3 * SECOND);
	count_is(seen(bench)->traffic.maps, 13, KNOWN_EXACT);
	count_is(row(bench, 1)->traffic.maps, 11, KNOWN_EXACT);
	count_is(row(bench, 0)->traffic.maps, 2, KNOWN_EXACT);
	count_is(row(bench, 0)->traffic.map_bytes, 8192, KNOWN_EXACT);
	count_is(bench->snap.unattributed, 2, KNOWN_EXACT);
	/* Unmaps were told before the maps they belong to. */
	count_is(row(bench, 1)->outstanding_bytes, 36864, KNOWN_EXACT);
	count_is(bench->snap.map_attempts_over, 0, KNOWN_NOT);
	assert_float_equal(row(bench, 1)->traffic.maps_per_s.per_s, 10, 0.01);
	assert_float_equal(bench->snap.traffic.maps_per_s.per_s, 12, 0.01);
	assert_int_equal(detail(bench, 1)->map_sizes[0], 11);
	assert_int_equal(bench->snap.detail.context_total, 1);
}

static void switching_back_and_forth_counts_nothing_twice(void **state)
{
	struct bench *bench = *state;
	uint64_t maps = 0, unattributed = 0;

	begin(bench);
	for (uint64_t i = 0; i < 20; i++) {
		bool counts = i % 3 == 1;

		say_collect(bench->model, counts ? COLLECT_COUNTS : COLLECT_EVENTS, false);
		if (counts) {
			say_counts(bench->model, COUNTS_MAP, 1, 7, 7 * 4096);
			say_counts(bench->model, COUNTS_MAP, DOMAIN_UNATTRIBUTED, 1, 4096);
			say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 9, 9 * 4096);
		} else {
			say_map(bench->model, 1, 4096);
			say_map(bench->model, 0, 4096);
		}
		maps += counts ? 9 : 2;
		unattributed += counts ? 2 : 1;
		say_tick(bench->model, (3 + i) * SECOND);
		count_is(seen(bench)->traffic.maps, maps, KNOWN_EXACT);
		count_is(bench->snap.unattributed, unattributed, KNOWN_EXACT);
		assert_int_equal(row(bench, 1)->traffic.map_bytes.n + unattributed * 4096,
		                 maps * 4096);
	}
}

static void attempts_are_more_than_what_really_was(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map(bench->model, 1, 4096);
	say_collect(bench->model, COLLECT_COUNTS, true);
	count_is(row(bench, 1)->outstanding_bytes, 0, KNOWN_NOT);
	say_counts(bench->model, COUNTS_MAP, 1, 10, 40960);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 7, 28672);
	say_tick(bench->model, 3 * SECOND);
	count_is(seen(bench)->map_attempts_over, 3, KNOWN_EXACT);
	count_is(bench->snap.traffic.maps, 8, KNOWN_EXACT);
	count_is(bench->snap.unattributed, 0, KNOWN_EXACT);
	assert_true(bench->snap.collect_attempts && bench->snap.attempts_ever);
	say_collect(bench->model, COLLECT_EVENTS, false);
	count_is(row(bench, 1)->outstanding_bytes, 0, KNOWN_AT_LEAST);
	assert_false(bench->snap.collect_attempts);
	assert_true(bench->snap.attempts_ever);
}

/* Attempts of domains may be as many as all that really was, and hide it. */
static void what_was_counted_for_no_domain_is_unattributed(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_collect(bench->model, COLLECT_COUNTS, true);
	say_counts(bench->model, COUNTS_UNMAP, 1, 10, 40960);
	say_counts(bench->model, COUNTS_UNMAP, DOMAIN_UNATTRIBUTED, 3, 12288);
	say_counts(bench->model, COUNTS_UNMAP, DOMAIN_ALL, 8, 32768);
	say_tick(bench->model, 3 * SECOND);
	count_is(row(bench, 0)->traffic.unmaps, 3, KNOWN_EXACT);
	count_is(bench->snap.traffic.unmaps, 8, KNOWN_EXACT);
}

/* A return that was counted says that its tracepoint fired, if before counting began. */
static void domains_are_never_more_than_all(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_counts(bench->model, COUNTS_MAP, 1, 3, 12288);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_UNATTRIBUTED, 1, 4096);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 3, 12288);
	say_tick(bench->model, 3 * SECOND);
	count_is(seen(bench)->traffic.maps, 4, KNOWN_EXACT);
	count_is(bench->snap.traffic.map_bytes, 16384, KNOWN_EXACT);
	count_is(bench->snap.unattributed, 1, KNOWN_EXACT);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 2, 8192);
	say_tick(bench->model, 4 * SECOND);
	count_is(seen(bench)->traffic.maps, 6, KNOWN_EXACT);
	count_is(bench->snap.unattributed, 3, KNOWN_EXACT);
}

/* The kernel's two histograms are read one after the other. */
static void rates_do_not_turn_negative(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 9, 9);
	say_tick(bench->model, 3 * SECOND);
	count_is(seen(bench)->unattributed, 9, KNOWN_EXACT);
	say_counts(bench->model, COUNTS_MAP, 1, 9, 9);
	say_tick(bench->model, 4 * SECOND);
	count_is(seen(bench)->unattributed, 0, KNOWN_EXACT);
	assert_float_equal(row(bench, 0)->traffic.maps_per_s.per_s, 0, 0.001);
}

/* Up to then maps and unmaps had no domain. */
static void totals_after_bare_tracepoints_are_at_least(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_collect(bench->model, COLLECT_TRACEPOINTS, false);
	say_map(bench->model, 0, 4096);
	say_collect(bench->model, COLLECT_EVENTS, false);
	say_map(bench->model, 1, 4096);
	count_is(row(bench, 1)->traffic.maps, 1, KNOWN_AT_LEAST);
	count_is(bench->snap.traffic.maps, 2, KNOWN_EXACT);
}

/* ---- the rest of the machine ---- */

static void what_watching_costs_is_a_share_of_the_interval(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {.kind = EVENT_COST,
	                         .cost = {.own_ns = SECOND / 10, .kernel_ns = SECOND}};

	say_tick(bench->model, SECOND);
	model_apply(bench->model, &ev);
	say_tick(bench->model, 3 * SECOND);
	assert_float_equal(seen(bench)->cost_own.per_s, 0.05, 0.0001);
	assert_float_equal(bench->snap.cost_kernel.per_s, 0.5, 0.0001);
	assert_int_equal(bench->snap.cost_own.known, KNOWN_EXACT);
	say_tick(bench->model, 4 * SECOND);
	assert_int_equal(seen(bench)->cost_own.known, KNOWN_NOT);
}

static void invalidations_have_a_rate_from_the_second_reading(void **state)
{
	static const uint64_t readings[] = {100, 150, 20};
	static const double rates[] = {0, 25, 0};
	static const enum known known[] = {KNOWN_NOT, KNOWN_EXACT, KNOWN_NOT};
	struct bench *bench = *state;

	say_tick(bench->model, SECOND);
	for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
		say_number(bench->model, ATTR_UNIT_INVALIDATIONS, "dmar0", 0, readings[i]);
		say_tick(bench->model, (3 + 2 * i) * SECOND);
		count_is(seen(bench)->units[0].invalidations, readings[i], KNOWN_EXACT);
		assert_float_equal(bench->snap.units[0].invalidations_per_s.per_s, rates[i], 0.01);
		assert_int_equal(bench->snap.units[0].invalidations_per_s.known, known[i]);
	}
	say_number(bench->model, ATTR_UNIT_INVALIDATIONS, "dmar0", 0, VALUE_UNKNOWN);
	count_is(seen(bench)->units[0].invalidations, 0, KNOWN_NOT);
}

static void changes_of_collecting_are_logged_after_the_first(void **state)
{
	struct bench *bench = *state;

	say_collect(bench->model, COLLECT_EVENTS, false);
	say_collect(bench->model, COLLECT_EVENTS, false);
	assert_int_equal(seen(bench)->log_count, 0);
	say_collect(bench->model, COLLECT_COUNTS, true);
	assert_int_equal(seen(bench)->log_count, 1);
	assert_int_equal(bench->snap.log[0].kind, EVENT_COLLECT);
	assert_int_equal(bench->snap.log[0].detail, COLLECT_COUNTS);
	assert_string_equal(snapshot_text(&bench->snap, bench->snap.log[0].text), "because");
	assert_string_equal(snapshot_text(&bench->snap, bench->snap.collect_reason), "because");
	assert_int_equal(bench->snap.collect, COLLECT_COUNTS);
}

static void failures_and_misses_are_logged(void **state)
{
	struct bench *bench = *state;
	const struct event refused = {
		.kind = EVENT_ATTACH_FAILED,
		.member = {.device = "0000:00:03.0", .domain = 5, .error = 16}};

	say_topology(bench->model);
	say_map_failed(bench->model, 4, 12);
	model_apply(bench->model, &refused);
	say_missed(bench->model, 0, 7);
	assert_int_equal(seen(bench)->log_count, 3);
	assert_int_equal(bench->snap.log[0].error, 12);
	assert_int_equal(bench->snap.log[0].domain, 4);
	assert_int_equal(bench->snap.log[1].error, 16);
	assert_int_equal(bench->snap.log[1].group, 2);
	assert_int_equal(bench->snap.log[2].size_bytes, 7);
	/* What was refused is attached to nothing. */
	assert_null(snapshot_domain_by_id(&bench->snap, 5));
}

/* ---- some at once ---- */

static uint32_t dice = 1;

static uint32_t pick(uint32_t below)
{
	dice = dice * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)dice * below) >> 32);
}

/* Mostly like the one before; of few domains, the second a guest's, and tasks. */
static struct event like(const struct event *before)
{
	static const uint8_t contexts[] = {0, 0, CONTEXT_SOFT_IRQ, CONTEXT_NEED_RESCHED,
	                                   CONTEXT_HARD_IRQ | CONTEXT_NEED_RESCHED};
	struct event ev = {
		.ts_ns = before->ts_ns + (pick(50) ? pick(1000) : 6 * SECOND),
		.kind = before->kind,
		.context = pick(9) ? before->context : contexts[pick(ARRAY_SIZE(contexts))],
		.cpu = (uint16_t)pick(2),
		.pid = pick(9) ? before->pid : (int32_t)pick(3),
	};
	uint32_t same = before->kind == EVENT_MAP ? before->map.domain : before->unmap.domain;
	uint32_t domain = pick(9) ? same : pick(3);
	uint64_t iova = pick(64) * 4096ull;
	uint64_t size_bytes = (uint64_t)pick(9) << (domain == 1 ? 24 : 12); /* a burst */

	if (!pick(5))
		ev.kind = pick(2) ? EVENT_MAP : EVENT_UNMAP;
	if (ev.kind == EVENT_MAP)
		ev.map = (__typeof__(ev.map)){.iova = iova,
		                              .size_bytes = size_bytes,
		                              .domain = domain,
		                              .inside_ns = pick(5000),
		                              .protection = MAP_READ};
	else
		ev.unmap = (__typeof__(ev.unmap)){.iova = iova,
		                                  .size_bytes = size_bytes,
		                                  .unmapped_bytes = pick(2) * 4096ull,
		                                  .domain = domain,
		                                  .inside_ns = pick(5000),
		                                  .undoes = !pick(9)};
	return ev;
}

static char *as_json(const struct snapshot *snap)
{
	const struct output_filter filter = {.group = NO_GROUP};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	json_write(out, snap, &filter);
	fclose(out);
	return text;
}

static void same_log(const struct snapshot *a, const struct snapshot *b)
{
	assert_int_equal(a->log_count, b->log_count);
	for (size_t i = 0; i < a->log_count; i++) {
		const struct snapshot_log *x = &a->log[i], *y = &b->log[i];

		assert_int_equal(x->id, y->id);
		assert_int_equal(x->ts_ns, y->ts_ns);
		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->iova, y->iova);
		assert_int_equal(x->size_bytes, y->size_bytes);
		assert_int_equal(x->domain, y->domain);
		assert_int_equal(x->pid, y->pid);
		assert_int_equal(x->transition, y->transition);
		assert_string_equal(x->comm, y->comm);
	}
}

static void same_transitions(const struct snapshot *a, const struct snapshot *b)
{
	assert_int_equal(a->transition_count, b->transition_count);
	for (size_t i = 0; i < a->transition_count; i++) {
		const struct snapshot_transition *x = &a->transitions[i], *y = &b->transitions[i];

		assert_int_equal(x->id, y->id);
		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->begin_ns, y->begin_ns);
		assert_int_equal(x->end_ns, y->end_ns);
		assert_int_equal(x->count, y->count);
		assert_int_equal(x->bytes, y->bytes);
		assert_int_equal(x->inside_ns, y->inside_ns);
		assert_int_equal(x->common_log2, y->common_log2);
		assert_int_equal(x->common_count, y->common_count);
		assert_int_equal(x->common_bytes, y->common_bytes);
	}
}

static void same_model(struct bench *a, struct bench *b)
{
	for (uint32_t domain = 0; domain < 3; domain++) {
		const struct snapshot_want want = {.domain = domain, .log = true};
		char *texts[2];

		model_snapshot(a->model, &want, &a->snap);
		model_snapshot(b->model, &want, &b->snap);
		assert_memory_equal(&a->snap.detail, &b->snap.detail,
		                    offsetof(struct snapshot_detail, tasks));
		for (size_t i = 0; i < TOP_TASKS; i++) {
			const struct snapshot_task *x = &a->snap.detail.tasks[i];
			const struct snapshot_task *y = &b->snap.detail.tasks[i];

			assert_int_equal(x->pid, y->pid);
			assert_int_equal(x->maps, y->maps);
			assert_int_equal(x->unmaps, y->unmaps);
		}
		texts[0] = as_json(&a->snap);
		texts[1] = as_json(&b->snap);
		assert_string_equal(texts[0], texts[1]);
		free(texts[0]);
		free(texts[1]);
	}
	same_log(&a->snap, &b->snap);
	same_transitions(&a->snap, &b->snap);
}

static void some_at_once_make_what_one_by_one_make(void **state)
{
	enum { RUNS = 200, EVENTS = 300 };
	static struct event events[EVENTS];
	struct bench *bench = *state;
	void *other;

	make_bench(&other);
	begin(bench);
	begin(other);
	events[EVENTS - 1] = (struct event){.ts_ns = 3 * SECOND, .kind = EVENT_MAP};
	for (int run = 0; run < RUNS; run++) {
		size_t count = 1 + pick(EVENTS - 1);

		events[0] = like(&events[EVENTS - 1]);
		for (size_t i = 1; i < EVENTS; i++)
			events[i] = like(&events[i - 1]);
		events[EVENTS - 1] = events[count - 1];
		for (size_t i = 0; i < count; i++)
			model_apply(bench->model, &events[i]);
		model_apply_traffic(((struct bench *)other)->model, events, count);
		say_tick(bench->model, events[count - 1].ts_ns);
		say_tick(((struct bench *)other)->model, events[count - 1].ts_ns);
	}
	same_model(bench, other);
	free_bench(&other);
}

enum { GUEST_EVENTS = 9, GUEST = 4, MIB = 1 << 20 };

/* Of one task and kind, of the sizes that a guest's memory has. */
static void draw_burst(struct event *events, uint64_t ts_ns, enum event_kind kind)
{
	for (uint64_t i = 0; i < GUEST_EVENTS; i++) {
		uint64_t size_bytes = i % 3 ? 2 * MIB : 4096;

		events[i] = (struct event){.ts_ns = ts_ns + i * 1000, .kind = kind, .pid = 77};
		if (kind == EVENT_MAP)
			events[i].map = (__typeof__(events[i].map)){.iova = i * 2 * MIB,
			                                            .size_bytes = size_bytes,
			                                            .domain = GUEST,
			                                            .inside_ns = 100 + i};
		else
			events[i].unmap =
				(__typeof__(events[i].unmap)){.iova = i * 2 * MIB,
			                                      .size_bytes = size_bytes,
			                                      .unmapped_bytes = size_bytes,
			                                      .domain = GUEST,
			                                      .inside_ns = 100 + i};
	}
}

static void apply_one_by_one(struct model *model, const struct event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		model_apply(model, &events[i]);
}

/* A guest starts and ends, each in one delivery. */
static void live_as_a_guest(struct bench *bench,
                            void (*apply)(struct model *, const struct event *, size_t))
{
	struct event events[GUEST_EVENTS];

	begin(bench);
	say_type(bench->model, 10 * SECOND, GUEST, DOMAIN_TYPE_UNMANAGED);
	say_attach(bench->model, 10 * SECOND, "d", GUEST);
	draw_burst(events, 11 * SECOND, EVENT_MAP);
	apply(bench->model, events, GUEST_EVENTS);
	say_tick(bench->model, 20 * SECOND);
	draw_burst(events, 21 * SECOND, EVENT_UNMAP);
	apply(bench->model, events, GUEST_EVENTS);
	say_attach(bench->model, 22 * SECOND, "d", 1);
	say_freed(bench->model, 22 * SECOND, GUEST);
	say_tick(bench->model, 30 * SECOND);
}

static const struct snapshot_transition *transition_of(const struct snapshot *snap,
                                                       enum transition_kind kind)
{
	for (size_t i = 0; i < snap->transition_count; i++)
		if (snap->transitions[i].kind == kind)
			return &snap->transitions[i];
	fail_msg("no transition of kind %d", (int)kind);
	return NULL;
}

/* All that came at once are of the burst, not only the first of them. */
static void a_burst_that_comes_at_once_is_told_whole(void **state)
{
	static const enum transition_kind kinds[] = {TRANSITION_START, TRANSITION_END};
	struct bench *bench = *state;
	void *other;

	make_bench(&other);
	live_as_a_guest(bench, apply_one_by_one);
	live_as_a_guest(other, model_apply_traffic);
	same_model(bench, other);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct snapshot_transition *told =
			transition_of(&((struct bench *)other)->snap, kinds[i]);

		assert_int_equal(told->count, GUEST_EVENTS);
		assert_int_equal(told->bytes, 6 * 2 * MIB + 3 * 4096);
		assert_int_equal(told->inside_ns, 9 * 100 + 36);
		assert_int_equal(told->common_count, 6);
	}
	free_bench(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(sizes_are_counted_by_their_logarithm),
		bench_test(a_page_is_as_large_as_address_and_size_allow),
		bench_test(unmaps_tell_what_was_asked_and_done),
		bench_test(time_inside_has_an_exact_mean_and_a_near_p99),
		bench_test(p99_is_near_at_every_scale),
		bench_test(p99_is_between_the_mean_and_the_most),
		bench_test(contexts_are_shares_of_what_was_seen),
		bench_test(unknown_contexts_are_no_share_of_anything),
		bench_test(the_busiest_tasks_come_first_with_their_names),
		bench_test(many_tasks_leave_the_busy_one_in_place),
		bench_test(a_task_that_gets_busy_late_finds_a_place),
		bench_test(errors_keep_the_frequent_ones),
		bench_test(failed_maps_are_known_by_probes_alone),
		bench_test(callers_stand_most_first),
		bench_test(outstanding_is_exact_for_a_whole_life),
		bench_test(what_takes_back_a_failed_map_was_not_outstanding),
		bench_test(an_older_domain_has_at_least_what_was_mapped_since),
		bench_test(more_unmapped_than_mapped_is_at_least),
		bench_test(stretches_of_a_guest_are_counted_at_the_tick),
		bench_test(a_time_of_counts_leaves_no_stretches),
		bench_test(of_many_the_count_waits_for_calm),
		bench_test(a_domain_that_the_kernel_told_of_is_old),
		bench_test(a_domain_heard_of_long_before_its_attach_is_old),
		bench_test(a_missed_hit_is_a_gap_for_domains_alone),
		bench_test(a_loss_is_a_gap),
		bench_test(a_class_that_is_off_hides_what_is_outstanding),
		bench_test(counts_add_to_what_was_seen),
		bench_test(switching_back_and_forth_counts_nothing_twice),
		bench_test(attempts_are_more_than_what_really_was),
		bench_test(what_was_counted_for_no_domain_is_unattributed),
		bench_test(domains_are_never_more_than_all),
		bench_test(rates_do_not_turn_negative),
		bench_test(totals_after_bare_tracepoints_are_at_least),
		bench_test(what_watching_costs_is_a_share_of_the_interval),
		bench_test(invalidations_have_a_rate_from_the_second_reading),
		bench_test(changes_of_collecting_are_logged_after_the_first),
		bench_test(failures_and_misses_are_logged),
		bench_test(some_at_once_make_what_one_by_one_make),
		bench_test(a_burst_that_comes_at_once_is_told_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
