// SPDX-License-Identifier: GPL-2.0-or-later
/* model: how far figures can be believed, rings that wrap, topology that changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "util.h"

struct bench {
	struct model *model;
	struct snapshot snap;
};

static const struct model_limits tiny = {.faults = 3,
                                         .log = 4,
                                         .tasks = 2,
                                         .domains = 1,
                                         .former = 1,
                                         .transitions = 2,
                                         .units = 1,
                                         .groups = 2,
                                         .devices = 2,
                                         .pool_bytes = 64};

static int make(void **state, const struct model_limits *limits)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->model = model_new(limits);
	*state = bench;
	return 0;
}

static int make_bench(void **state)
{
	return make(state, &model_default_limits);
}

static int make_tiny(void **state)
{
	return make(state, &tiny);
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

static void count_is(struct count count, uint64_t n, enum known known)
{
	assert_true(count.n == n);
	assert_int_equal(count.known, known);
}

static void rate_is(struct rate rate, double per_s, enum known known)
{
	assert_float_equal((float)rate.per_s, (float)per_s, 0.001f);
	assert_int_equal(rate.known, known);
}

static const char *text_of(const struct bench *bench, text_id text)
{
	return snapshot_text(&bench->snap, text);
}

/* ---- totals and rates, and what they are worth ---- */

static void without_a_source_nothing_is_known(void **state)
{
	struct bench *bench = *state;
	const struct snapshot *snap = seen(bench);

	count_is(snap->traffic.maps, 0, KNOWN_NOT);
	count_is(snap->faults, 0, KNOWN_NOT);
	count_is(snap->lost, 0, KNOWN_NOT);
	count_is(snap->suppressed, 0, KNOWN_NOT);
	count_is(snap->unattributed, 0, KNOWN_NOT);
	rate_is(snap->traffic.maps_per_s, 0, KNOWN_NOT);
	rate_is(snap->faults_per_s, 0, KNOWN_NOT);
	assert_false(snap->topology_known);
	assert_int_equal(snap->domain_count, 1);
	assert_int_equal(snap->domains[0].id, DOMAIN_UNATTRIBUTED);
}

static void counts_and_rates_are_exact_while_all_is_on(void **state)
{
	struct bench *bench = *state;
	const struct traffic *traffic = &bench->snap.traffic;

	say_all_classes(bench->model, true);
	say_tick(bench->model, 10 * SECOND);
	say_map(bench->model, 0, 4096);
	say_map(bench->model, 1, 8192);
	say_unmap(bench->model, 1, 8192, 4096);
	say_tick(bench->model, 12 * SECOND);
	seen(bench);
	count_is(traffic->maps, 2, KNOWN_EXACT);
	count_is(traffic->map_bytes, 12288, KNOWN_EXACT);
	count_is(traffic->unmaps, 1, KNOWN_EXACT);
	count_is(traffic->unmap_bytes, 4096, KNOWN_EXACT);
	rate_is(traffic->maps_per_s, 1, KNOWN_EXACT);
	rate_is(traffic->map_bytes_per_s, 6144, KNOWN_EXACT);
	rate_is(traffic->unmaps_per_s, 0.5, KNOWN_EXACT);
	rate_is(traffic->unmap_bytes_per_s, 2048, KNOWN_EXACT);
	count_is(bench->snap.unattributed, 1, KNOWN_EXACT);
	assert_int_equal(bench->snap.domain_count, 2);
	count_is(bench->snap.domains[1].traffic.maps, 1, KNOWN_EXACT);
}

static void rates_are_of_the_last_interval_alone(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, true);
	say_map(bench->model, 0, 4096);
	say_tick(bench->model, SECOND);
	rate_is(seen(bench)->traffic.maps_per_s, 0, KNOWN_NOT);
	say_map(bench->model, 0, 4096);
	say_tick(bench->model, 2 * SECOND);
	rate_is(seen(bench)->traffic.maps_per_s, 1, KNOWN_EXACT);
	say_tick(bench->model, 3 * SECOND);
	rate_is(seen(bench)->traffic.maps_per_s, 0, KNOWN_EXACT);
	count_is(bench->snap.traffic.maps, 2, KNOWN_EXACT);
}

static void a_class_that_was_never_on_is_off(void **state)
{
	struct bench *bench = *state;

	say_class(bench->model, CLASS_MAP, false);
	say_tick(bench->model, SECOND);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->traffic.maps, 0, KNOWN_OFF);
	rate_is(bench->snap.traffic.maps_per_s, 0, KNOWN_OFF);
	count_is(bench->snap.traffic.unmaps, 0, KNOWN_NOT);
}

static void a_total_with_a_gap_is_at_least(void **state)
{
	struct bench *bench = *state;

	say_class(bench->model, CLASS_MAP, true);
	say_tick(bench->model, SECOND);
	say_map(bench->model, 0, 4096);
	count_is(seen(bench)->traffic.maps, 1, KNOWN_EXACT);
	say_class(bench->model, CLASS_MAP, false);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->traffic.maps, 1, KNOWN_AT_LEAST);
	rate_is(bench->snap.traffic.maps_per_s, 0, KNOWN_OFF);
	say_class(bench->model, CLASS_MAP, true);
	say_map(bench->model, 0, 4096);
	say_tick(bench->model, 3 * SECOND);
	/* Part of this interval it was off. */
	rate_is(seen(bench)->traffic.maps_per_s, 1, KNOWN_AT_LEAST);
	say_tick(bench->model, 4 * SECOND);
	rate_is(seen(bench)->traffic.maps_per_s, 0, KNOWN_EXACT);
	count_is(bench->snap.traffic.maps, 2, KNOWN_AT_LEAST);
}

/* What happened before it was switched on is missing in a total since the start. */
static void a_class_switched_on_late_has_a_gap(void **state)
{
	struct bench *bench = *state;

	say_class(bench->model, CLASS_MAP, false);
	say_tick(bench->model, SECOND);
	say_class(bench->model, CLASS_MAP, true);
	say_map(bench->model, 0, 4096);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->traffic.maps, 1, KNOWN_AT_LEAST);
	say_tick(bench->model, 3 * SECOND);
	rate_is(seen(bench)->traffic.maps_per_s, 0, KNOWN_EXACT);
}

static void saying_again_what_is_on_changes_nothing(void **state)
{
	struct bench *bench = *state;

	say_class(bench->model, CLASS_MAP, true);
	say_tick(bench->model, SECOND);
	say_class(bench->model, CLASS_MAP, true);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->traffic.maps, 0, KNOWN_EXACT);
	rate_is(bench->snap.traffic.maps_per_s, 0, KNOWN_EXACT);
	assert_int_equal(bench->snap.log_count, 0);
}

static void events_of_an_unknown_class_are_at_least(void **state)
{
	struct bench *bench = *state;

	say_map(bench->model, 0, 4096);
	count_is(seen(bench)->traffic.maps, 1, KNOWN_AT_LEAST);
	count_is(bench->snap.traffic.unmaps, 0, KNOWN_NOT);
}

static void losses_make_totals_at_least_and_their_interval_too(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, true);
	say_health(bench->model, SOURCE_TRACE, HEALTH_OK, NULL);
	say_tick(bench->model, SECOND);
	say_lost(bench->model, 5, true);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->lost, 5, KNOWN_EXACT);
	count_is(bench->snap.lost_now, 5, KNOWN_EXACT);
	count_is(bench->snap.traffic.unmaps, 0, KNOWN_AT_LEAST);
	rate_is(bench->snap.traffic.unmaps_per_s, 0, KNOWN_AT_LEAST);
	say_tick(bench->model, 3 * SECOND);
	count_is(seen(bench)->lost_now, 0, KNOWN_EXACT);
	rate_is(bench->snap.traffic.unmaps_per_s, 0, KNOWN_EXACT);
	count_is(bench->snap.traffic.unmaps, 0, KNOWN_AT_LEAST);
}

static void a_loss_of_unknown_size_is_a_loss(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, true);
	say_tick(bench->model, SECOND);
	say_lost(bench->model, 0, false);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->lost, 1, KNOWN_AT_LEAST);
	count_is(bench->snap.traffic.maps, 0, KNOWN_AT_LEAST);
	rate_is(bench->snap.traffic.maps_per_s, 0, KNOWN_AT_LEAST);
	say_lost(bench->model, 2, true);
	count_is(seen(bench)->lost, 3, KNOWN_AT_LEAST);
}

static void a_sum_is_no_better_known_than_its_parts(void **state)
{
	struct bench *bench = *state;

	say_class(bench->model, CLASS_MAP, true);
	say_class(bench->model, CLASS_UNMAP, false);
	say_map(bench->model, 0, 4096);
	count_is(seen(bench)->unattributed, 1, KNOWN_AT_LEAST);
}

static void unattributed_is_off_when_both_classes_are(void **state)
{
	struct bench *bench = *state;

	say_class(bench->model, CLASS_MAP, false);
	count_is(seen(bench)->unattributed, 0, KNOWN_AT_LEAST);
	say_class(bench->model, CLASS_UNMAP, false);
	count_is(seen(bench)->unattributed, 0, KNOWN_OFF);
}

static void a_map_of_no_bytes_is_no_map(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, true);
	say_map(bench->model, 0, 0);
	count_is(seen(bench)->traffic.maps, 0, KNOWN_EXACT);
	count_is(bench->snap.traffic.map_bytes, 0, KNOWN_EXACT);
}

static void late_events_are_counted(void **state)
{
	struct bench *bench = *state;
	const struct event late = {.kind = EVENT_LATE, .late = {.count = 4}};

	model_apply(bench->model, &late);
	say_health(bench->model, SOURCE_TRACE, HEALTH_OK, NULL);
	say_tick(bench->model, SECOND);
	count_is(seen(bench)->late, 4, KNOWN_EXACT);
	count_is(bench->snap.late_now, 4, KNOWN_EXACT);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->late_now, 0, KNOWN_EXACT);
	count_is(bench->snap.late, 4, KNOWN_EXACT);
}

/* ---- ticks ---- */

static void a_tick_without_time_ends_no_interval(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, true);
	say_tick(bench->model, 5 * SECOND);
	say_map(bench->model, 0, 4096);
	say_tick(bench->model, 5 * SECOND);
	assert_int_equal(seen(bench)->interval_ns, 0);
	rate_is(bench->snap.traffic.maps_per_s, 0, KNOWN_NOT);
	assert_int_equal(bench->snap.domains[0].cells, 0);
	say_tick(bench->model, 4 * SECOND);
	assert_int_equal(seen(bench)->interval_ns, 0);
	rate_is(bench->snap.traffic.maps_per_s, 0, KNOWN_NOT);
	say_map(bench->model, 0, 4096);
	say_tick(bench->model, 6 * SECOND);
	assert_int_equal(seen(bench)->interval_ns, 2 * SECOND);
	rate_is(bench->snap.traffic.maps_per_s, 0.5, KNOWN_EXACT);
	count_is(bench->snap.traffic.maps, 2, KNOWN_EXACT);
}

static void the_trend_keeps_the_newest_cells_in_order(void **state)
{
	struct bench *bench = *state;
	const int ticks = TRAFFIC_CELLS * 2 + 7;

	say_all_classes(bench->model, true);
	say_tick(bench->model, SECOND);
	for (int i = 0; i < ticks; i++) {
		for (int n = 0; n < i; n++)
			say_map(bench->model, 0, 4096);
		say_tick(bench->model, (uint64_t)(2 + i) * SECOND);
		assert_int_equal(seen(bench)->domains[0].cells,
		                 i + 1 < TRAFFIC_CELLS ? i + 1 : TRAFFIC_CELLS);
	}
	for (int i = 0; i < TRAFFIC_CELLS; i++)
		assert_float_equal(bench->snap.domains[0].trend[i],
		                   (float)(ticks - TRAFFIC_CELLS + i), 0.01f);
}

/* ---- domains ---- */

static void domains_stand_in_order_whatever_order_they_come_in(void **state)
{
	static const uint32_t ids[] = {9, 3, DOMAIN_FORMER - 1, 1, 5, 9, 3};
	static const uint32_t sorted[] = {0, 1, 3, 5, 9, DOMAIN_FORMER - 1};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		say_map(bench->model, ids[i], ids[i]);
	assert_int_equal(seen(bench)->domain_count, ARRAY_SIZE(sorted));
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		assert_int_equal(bench->snap.domains[i].id, sorted[i]);
	assert_int_equal(bench->snap.domains[2].traffic.maps.n, 2);
	assert_int_equal(bench->snap.domains[4].traffic.map_bytes.n, 18);
}

static void domains_beyond_the_limit_count_as_unattributed(void **state)
{
	struct bench *bench = *state;

	say_map(bench->model, 5, 100);
	say_map(bench->model, 6, 10);
	say_unmap(bench->model, 4, 7, 7);
	say_map(bench->model, 5, 100);
	assert_int_equal(seen(bench)->domain_count, 2);
	assert_int_equal(bench->snap.domains[0].traffic.maps.n, 1);
	assert_int_equal(bench->snap.domains[0].traffic.unmaps.n, 1);
	assert_int_equal(bench->snap.domains[1].traffic.map_bytes.n, 200);
	assert_int_equal(bench->snap.traffic.map_bytes.n, 210);
	assert_int_equal(bench->snap.unattributed.n, 2);
}

/* ---- faults ---- */

static void faults_from_before_the_start_do_not_count(void **state)
{
	struct bench *bench = *state;
	const struct event suppressed = {
		.ts_ns = SECOND, .kind = EVENT_SUPPRESSED, .suppressed = {.count = 9}};

	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_start(bench->model, 10 * SECOND);
	say_fault(bench->model, 9 * SECOND, "0000:00:02.0", 0);
	say_fault(bench->model, 10 * SECOND, "0000:00:02.0", 0);
	model_apply(bench->model, &suppressed);
	say_tick(bench->model, 11 * SECOND);
	count_is(seen(bench)->faults, 1, KNOWN_EXACT);
	count_is(bench->snap.suppressed, 0, KNOWN_EXACT);
	assert_int_equal(bench->snap.fault_count, 1);
	assert_int_equal(bench->snap.faults_seen[0].count, 1);
	assert_int_equal(bench->snap.faults_seen[0].count_before, 1);
	assert_false(bench->snap.faults_seen[0].before_start);
}

static void fault_rates_leave_out_what_was_before_the_start(void **state)
{
	struct bench *bench = *state;

	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_start(bench->model, 10 * SECOND);
	say_tick(bench->model, 10 * SECOND);
	say_fault(bench->model, 9 * SECOND, "x", 0);
	say_fault(bench->model, 11 * SECOND, "x", 0);
	say_tick(bench->model, 12 * SECOND);
	rate_is(seen(bench)->faults_per_s, 0.5, KNOWN_EXACT);
}

static void faults_are_exact_only_while_the_log_tells_all(void **state)
{
	struct bench *bench = *state;
	const struct event suppressed = {.kind = EVENT_SUPPRESSED, .suppressed = {.count = 9}};

	say_health(bench->model, SOURCE_TRACE, HEALTH_OK, NULL);
	say_class(bench->model, CLASS_FAULT, true);
	count_is(seen(bench)->faults, 0, KNOWN_AT_LEAST);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	count_is(seen(bench)->faults, 0, KNOWN_EXACT);
	model_apply(bench->model, &suppressed);
	count_is(seen(bench)->faults, 0, KNOWN_AT_LEAST);
	count_is(bench->snap.suppressed, 9, KNOWN_EXACT);
}

static void faults_that_were_counted_stay_counted(void **state)
{
	struct bench *bench = *state;

	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_class(bench->model, CLASS_FAULT, true);
	say_tick(bench->model, SECOND);
	say_fault(bench->model, SECOND, "x", 0);
	say_class(bench->model, CLASS_FAULT, false);
	say_tick(bench->model, 2 * SECOND);
	count_is(seen(bench)->faults, 1, KNOWN_AT_LEAST);
	assert_int_equal(bench->snap.faults_per_s.known, KNOWN_OFF);
	say_class(bench->model, CLASS_FAULT, true);
	say_health(bench->model, SOURCE_LOG, HEALTH_OFF, "it broke");
	count_is(seen(bench)->faults, 1, KNOWN_AT_LEAST);
}

static void faults_that_nobody_looks_for_are_off(void **state)
{
	struct bench *bench = *state;

	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_class(bench->model, CLASS_FAULT, false);
	count_is(seen(bench)->faults, 0, KNOWN_OFF);
}

static uint32_t device_of_fault(struct bench *bench, size_t index)
{
	return seen(bench)->faults_seen[index].device_index;
}

static void a_fault_without_segment_finds_its_device_when_it_appears(void **state)
{
	struct bench *bench = *state;
	const struct snapshot *snap = &bench->snap;

	say_fault(bench->model, 1, "00:02.0", FAULT_NO_SEGMENT);
	assert_int_equal(device_of_fault(bench, 0), NO_NUMBER);
	assert_false(snap->faults_seen[0].ambiguous);
	say_device(bench->model, "0000:00:02.0", 5, NULL, NULL, NULL);
	say_device(bench->model, "0000:01:02.0", 1, NULL, NULL, NULL);
	assert_int_equal(snapshot_group_of(snap, device_of_fault(bench, 0)), 5);
}

static void a_fault_that_fits_two_segments_names_none(void **state)
{
	struct bench *bench = *state;
	const struct snapshot *snap = &bench->snap;

	say_device(bench->model, "0000:00:02.0", 5, NULL, NULL, NULL);
	say_fault(bench->model, 1, "00:02.0", FAULT_NO_SEGMENT);
	assert_int_equal(snapshot_group_of(snap, device_of_fault(bench, 0)), 5);
	say_device(bench->model, "10000:00:02.0", 6, NULL, NULL, NULL);
	assert_int_equal(device_of_fault(bench, 0), NO_NUMBER);
	assert_true(snap->faults_seen[0].ambiguous);
	say_gone(bench->model, SUBJECT_DEVICE, "0000:00:02.0", 0);
	assert_int_equal(snapshot_group_of(snap, device_of_fault(bench, 0)), 6);
	assert_false(snap->faults_seen[0].ambiguous);
}

static void a_fault_with_a_segment_fits_that_device_alone(void **state)
{
	struct bench *bench = *state;

	say_device(bench->model, "0001:00:02.0", 6, NULL, NULL, NULL);
	say_fault(bench->model, 1, "0000:00:02.0", 0);
	say_fault(bench->model, 1, "0:02.0", FAULT_NO_SEGMENT);
	say_fault(bench->model, 1, "", FAULT_NO_SEGMENT);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(device_of_fault(bench, i), NO_NUMBER);
}

/* The places of devices change when the topology does; faults point at them. */
static void faults_stay_with_their_devices(void **state)
{
	struct bench *bench = *state;

	say_device(bench->model, "m", 5, NULL, NULL, NULL);
	say_fault(bench->model, 1, "m", 0);
	for (char c = 'z'; c >= 'a'; c--) {
		const char name[] = {c, c, '\0'};
		uint32_t place;

		say_device(bench->model, name, (uint32_t)c % 9, NULL, NULL, NULL);
		place = device_of_fault(bench, 0);
		assert_in_range(place, 0, bench->snap.device_count - 1);
		assert_string_equal(text_of(bench, bench->snap.devices[place].name), "m");
	}
}

/* ---- topology ---- */

static void units_groups_and_devices_stand_in_order(void **state)
{
	struct bench *bench = *state;
	const struct snapshot *snap = &bench->snap;

	say_everything(bench->model);
	seen(bench);
	assert_int_equal(snap->unit_count, 2);
	assert_string_equal(text_of(bench, snap->units[0].name), "dmar0");
	assert_int_equal(snap->group_count, 4);
	for (size_t i = 1; i < snap->group_count; i++)
		assert_true(snap->groups[i - 1].id < snap->groups[i].id);
	for (size_t i = 1; i < snap->device_count; i++) {
		const struct snapshot_device *a = &snap->devices[i - 1], *b = &snap->devices[i];

		assert_true(a->group <= b->group);
		if (a->group == b->group)
			assert_true(strcmp(text_of(bench, a->name), text_of(bench, b->name)) < 0);
	}
}

static void each_group_has_its_slice_of_devices(void **state)
{
	struct bench *bench = *state;
	const struct snapshot *snap = &bench->snap;
	size_t in_groups = 0;

	say_everything(bench->model);
	seen(bench);
	for (size_t i = 0; i < snap->group_count; i++) {
		const struct snapshot_group *group = &snap->groups[i];

		for (uint32_t j = 0; j < group->device_count; j++)
			assert_int_equal(snap->devices[group->first_device + j].group, group->id);
		in_groups += group->device_count;
	}
	assert_int_equal(in_groups, 5);
	assert_int_equal(snap->device_count, 7);
}

/* A device must not vanish from the screen because its group was not announced. */
static void a_group_is_there_when_a_device_is_in_it(void **state)
{
	struct bench *bench = *state;

	say_number(bench->model, ATTR_DEVICE_GROUP, "0000:00:02.0", 0, 11);
	assert_int_equal(seen(bench)->group_count, 1);
	assert_int_equal(bench->snap.groups[0].id, 11);
	assert_int_equal(bench->snap.groups[0].device_count, 1);
	assert_int_equal(bench->snap.groups[0].default_type, 0);
}

static void unknown_numbers_stay_unknown(void **state)
{
	struct bench *bench = *state;

	say_number(bench->model, ATTR_DEVICE_VENDOR_ID, "d", 0, 0x8086);
	say_number(bench->model, ATTR_DEVICE_VENDOR_ID, "d", 0, VALUE_UNKNOWN);
	say_number(bench->model, ATTR_DEVICE_DEVICE_ID, "d", 0, 1ull << 40);
	say_number(bench->model, ATTR_DEVICE_SLOW_S, "d", 0, 7);
	say_number(bench->model, ATTR_DEVICE_SLOW_S, "d", 0, VALUE_UNKNOWN);
	say_number(bench->model, ATTR_DEVICE_GROUP, "d", 0, VALUE_UNKNOWN);
	assert_int_equal(seen(bench)->devices[0].vendor_id, NO_NUMBER);
	assert_int_equal(bench->snap.devices[0].device_id, NO_NUMBER);
	assert_int_equal(bench->snap.devices[0].revision, NO_NUMBER);
	assert_int_equal(bench->snap.devices[0].slow_s, 0);
	assert_int_equal(bench->snap.devices[0].group, NO_GROUP);
	assert_int_equal(bench->snap.group_count, 0);
}

static void what_is_gone_takes_nothing_else_along(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};
	struct bench *bench = *state;

	for (size_t gone = 0; gone < ARRAY_SIZE(names); gone++) {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			say_device(bench->model, names[i], 3, NULL, names[i], names[i]);
		say_gone(bench->model, SUBJECT_DEVICE, names[gone], 0);
		say_gone(bench->model, SUBJECT_DEVICE, names[gone], 0);
		/* The one that took the free place is still found by its name. */
		say_text(bench->model, ATTR_DEVICE_DRIVER, names[(gone + 1) % 5], 0, "new");
		assert_int_equal(seen(bench)->device_count, 4);
		for (size_t i = 0; i < 4; i++) {
			const struct snapshot_device *device = &bench->snap.devices[i];
			const char *name = text_of(bench, device->name);

			assert_string_not_equal(name, names[gone]);
			assert_string_equal(text_of(bench, device->model), name);
			assert_string_equal(text_of(bench, device->driver),
			                    strcmp(name, names[(gone + 1) % 5]) ? name : "new");
		}
	}
}

static void units_and_groups_go_by_their_keys(void **state)
{
	struct bench *bench = *state;

	say_everything(bench->model);
	say_gone(bench->model, SUBJECT_UNIT, "dmar0", 0);
	say_gone(bench->model, SUBJECT_UNIT, "never was", 0);
	say_gone(bench->model, SUBJECT_GROUP, NULL, 9);
	say_gone(bench->model, SUBJECT_GROUP, NULL, 1);
	say_gone(bench->model, SUBJECT_TASK, NULL, 42);
	say_gone(bench->model, SUBJECT_MACHINE, NULL, 0);
	assert_int_equal(seen(bench)->unit_count, 1);
	assert_string_equal(text_of(bench, bench->snap.units[0].name), "dmar1");
	assert_int_equal(bench->snap.group_count, 3);
	assert_null(snapshot_group_by_id(&bench->snap, 9));
	assert_int_equal(bench->snap.device_count, 7);
}

static void a_device_that_returns_starts_afresh(void **state)
{
	struct bench *bench = *state;

	say_device(bench->model, "d", 3, "c", "m", "driver");
	say_gone(bench->model, SUBJECT_DEVICE, "d", 0);
	assert_int_equal(seen(bench)->device_count, 0);
	say_text(bench->model, ATTR_DEVICE_BUS, "d", 0, "pci");
	assert_int_equal(seen(bench)->device_count, 1);
	assert_int_equal(bench->snap.devices[0].group, NO_GROUP);
	assert_int_equal(bench->snap.devices[0].driver, 0);
}

static void only_a_walk_that_ended_makes_the_topology_known(void **state)
{
	struct bench *bench = *state;

	say_health(bench->model, SOURCE_SYSFS, HEALTH_STARTING, "first walk");
	assert_false(seen(bench)->topology_known);
	say_health(bench->model, SOURCE_TRACE, HEALTH_OK, NULL);
	assert_false(seen(bench)->topology_known);
	say_health(bench->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	assert_true(seen(bench)->topology_known);
}

static void changes_of_drivers_are_logged_once_the_topology_is_known(void **state)
{
	struct bench *bench = *state;

	say_device(bench->model, "d", 3, "c", "m", "before");
	assert_int_equal(seen(bench)->log_count, 0);
	say_health(bench->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	say_text(bench->model, ATTR_DEVICE_DRIVER, "d", 0, "before");
	say_text(bench->model, ATTR_DEVICE_NAME, "d", 0, "other words");
	assert_int_equal(seen(bench)->log_count, 0);
	say_text(bench->model, ATTR_DEVICE_DRIVER, "d", 0, "after");
	say_text(bench->model, ATTR_DEVICE_DRIVER, "d", 0, NULL);
	assert_int_equal(seen(bench)->log_count, 2);
	assert_int_equal(bench->snap.log[0].kind, EVENT_ATTR);
	assert_string_equal(text_of(bench, bench->snap.log[0].device), "d");
	assert_string_equal(text_of(bench, bench->snap.log[0].text), "after");
	assert_string_equal(text_of(bench, bench->snap.log[1].text), "");
}

/* ---- log and tasks ---- */

static void the_log_keeps_the_newest(void **state)
{
	struct bench *bench = *state;

	for (uint64_t i = 0; i < 11; i++)
		say_map(bench->model, 0, 100 + i);
	assert_int_equal(seen(bench)->log_count, 4);
	for (uint64_t i = 0; i < 4; i++) {
		assert_int_equal(bench->snap.log[i].id - bench->snap.log[0].id, i);
		assert_int_equal(bench->snap.log[i].size_bytes, 107 + i);
	}
}

static void a_log_that_nobody_wants_is_not_copied(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_want want = {.log = false};

	say_map(bench->model, 0, 4096);
	assert_int_equal(seen(bench)->log_count, 1);
	model_snapshot(bench->model, &want, &bench->snap);
	assert_int_equal(bench->snap.log_count, 0);
}

static void map_by(struct bench *bench, int32_t pid)
{
	const struct event ev = {.kind = EVENT_MAP, .pid = pid, .map = {.size_bytes = 1}};

	model_apply(bench->model, &ev);
}

static void tasks_keep_the_name_of_their_time(void **state)
{
	struct bench *bench = *state;

	map_by(bench, 42);
	say_text(bench->model, ATTR_TASK_COMM, NULL, 42, "bash");
	map_by(bench, 42);
	say_text(bench->model, ATTR_TASK_COMM, NULL, 42, "a name of twenty chars");
	map_by(bench, 42);
	map_by(bench, 43);
	assert_int_equal(seen(bench)->log_count, 4);
	assert_string_equal(bench->snap.log[0].comm, "");
	assert_string_equal(bench->snap.log[1].comm, "bash");
	assert_string_equal(bench->snap.log[2].comm, "a name of twent");
	assert_string_equal(bench->snap.log[3].comm, "");
}

/* With room for two names, a third takes one's place; nobody gets another's name. */
static void no_task_gets_the_name_of_another(void **state)
{
	struct bench *bench = *state;

	for (int32_t pid = -3; pid < 100; pid++) {
		char comm[32], last[32];
		const struct snapshot_log *log;

		snprintf(comm, sizeof(comm), "task %d", pid);
		say_text(bench->model, ATTR_TASK_COMM, NULL, (uint32_t)pid, comm);
		map_by(bench, pid);
		map_by(bench, pid - 1);
		log = seen(bench)->log + bench->snap.log_count - 2;
		assert_string_equal(log[0].comm, comm);
		snprintf(last, sizeof(last), "task %d", pid - 1);
		assert_true(!log[1].comm[0] || !strcmp(log[1].comm, last));
	}
}

/* ---- limits and memory ---- */

static void a_full_pool_makes_texts_unknown(void **state)
{
	struct bench *bench = *state;

	say_everything(bench->model);
	for (int i = 0; i < 100; i++) {
		char name[32];

		snprintf(name, sizeof(name), "0000:%02x:00.0", i);
		say_device(bench->model, name, 1, name, name, name);
		say_fault(bench->model, 1, name, 0);
	}
	seen(bench);
	assert_true(bench->snap.pool_bytes <= tiny.pool_bytes);
	assert_string_equal(text_of(bench, bench->snap.host), "lab\033[31m");
	for (size_t i = 0; i < bench->snap.fault_count; i++)
		assert_string_equal(text_of(bench, bench->snap.faults_seen[i].device), "");
}

static void a_machine_beyond_the_limits_is_said_to_be_cut(void **state)
{
	struct bench *bench = *state;

	say_text(bench->model, ATTR_UNIT_VENDOR, "u", 0, "v");
	say_number(bench->model, ATTR_DEVICE_GROUP, "a", 0, 1);
	say_number(bench->model, ATTR_DEVICE_GROUP, "b", 0, 2);
	assert_false(seen(bench)->topology_cut);
	say_number(bench->model, ATTR_DEVICE_GROUP, "c", 0, 2);
	assert_true(seen(bench)->topology_cut);
	assert_int_equal(bench->snap.device_count, 2);
}

static void each_limit_of_a_machine_is_heeded(void **state)
{
	struct bench *bench = *state;

	for (uint32_t id = 9; id; id--) {
		say_number(bench->model, ATTR_GROUP_DOMAIN, NULL, id, 7);
		say_number(bench->model, ATTR_GROUP_DEFAULT_DOMAIN, NULL, id, 7);
		say_number(bench->model, ATTR_GROUP_HOLDER, NULL, id, 7);
	}
	assert_true(seen(bench)->topology_cut);
	assert_int_equal(bench->snap.group_count, 2);
	assert_int_equal(bench->snap.groups[0].id, 8);
	say_text(bench->model, ATTR_UNIT_VENDOR, "u", 0, "v");
	say_text(bench->model, ATTR_UNIT_VENDOR, "w", 0, "v");
	assert_int_equal(seen(bench)->unit_count, 1);
}

static void a_device_without_room_for_its_name_is_missed(void **state)
{
	struct bench *bench = *state;
	char name[80];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	say_number(bench->model, ATTR_DEVICE_GROUP, name, 0, 1);
	assert_int_equal(seen(bench)->device_count, 0);
	assert_true(bench->snap.topology_cut);
}

static void snapshots_of_different_ages_are_brought_up_to_date(void **state)
{
	struct bench *bench = *state;
	struct snapshot old = {0}, copy = {0};

	say_device(bench->model, "b", 3, "c", "m", "driver");
	look(bench->model, &old);
	for (int i = 0; i < 200; i++) {
		char name[32];

		snprintf(name, sizeof(name), "device %d", i);
		say_device(bench->model, name, (uint32_t)i, name, name, name);
		say_fault(bench->model, 1, name, 0);
		if (i % 50 == 0)
			look(bench->model, &old);
		seen(bench);
	}
	snapshot_copy(&copy, &old);
	look(bench->model, &copy);
	look(bench->model, &old);
	assert_int_equal(old.device_count, 201);
	assert_int_equal(copy.device_count, 201);
	for (size_t i = 0; i < 201; i++) {
		const char *name = snapshot_text(&bench->snap, bench->snap.devices[i].name);

		assert_string_equal(snapshot_text(&old, old.devices[i].name), name);
		assert_string_equal(snapshot_text(&copy, copy.devices[i].name), name);
	}
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(old.faults_seen[i].device_index,
		                 bench->snap.faults_seen[i].device_index);
	snapshot_release(&old);
	snapshot_release(&copy);
}

static void a_snapshot_that_shrinks_forgets(void **state)
{
	struct bench *bench = *state;

	say_topology(bench->model);
	assert_int_equal(seen(bench)->device_count, 7);
	say_gone(bench->model, SUBJECT_DEVICE, "serial8250", 0);
	say_gone(bench->model, SUBJECT_GROUP, NULL, 9);
	assert_int_equal(seen(bench)->device_count, 6);
	assert_int_equal(bench->snap.group_count, 3);
}

/* ---- the same as counting on one's fingers ---- */

struct reference {
	uint64_t maps, unmaps, map_bytes, unmap_bytes, faults, lost, log;
};

static void step(struct model *model, struct reference *reference, unsigned int *seed,
                 uint64_t now_ns)
{
	unsigned int dice = (unsigned int)rand_r(seed) % 8;
	uint64_t bytes = (unsigned int)rand_r(seed) % 3 * 4096ull;
	uint32_t domain = (unsigned int)rand_r(seed) % 6;

	switch (dice) {
	case 0:
	case 1:
		say_map(model, domain, bytes);
		reference->maps += bytes > 0;
		reference->map_bytes += bytes;
		break;
	case 2:
	case 3:
		say_unmap(model, domain, 4096, bytes);
		reference->unmaps++;
		reference->unmap_bytes += bytes;
		break;
	case 4:
		say_fault(model, now_ns, "0000:00:02.0", 0);
		reference->faults++;
		break;
	case 5:
		say_lost(model, dice, rand_r(seed) % 2);
		reference->lost += dice;
		break;
	case 6:
		say_class(model, rand_r(seed) % 2 ? CLASS_MAP : CLASS_UNMAP, rand_r(seed) % 2);
		break;
	default:
		say_tick(model, now_ns + (unsigned int)rand_r(seed) % 2000);
		break;
	}
}

static void totals_are_those_of_a_simple_count(const struct model_limits *limits)
{
	unsigned int seed = 11;

	for (int run = 0; run < 40; run++) {
		struct model *model = model_new(limits);
		struct reference reference = {0};
		struct snapshot snap = {0};
		uint64_t sum[4] = {0};

		for (uint64_t i = 1; i <= 500; i++)
			step(model, &reference, &seed, i * 1000);
		look(model, &snap);
		assert_true(snap.traffic.maps.n == reference.maps);
		assert_true(snap.traffic.unmaps.n == reference.unmaps);
		assert_true(snap.traffic.map_bytes.n == reference.map_bytes);
		assert_true(snap.traffic.unmap_bytes.n == reference.unmap_bytes);
		assert_true(snap.faults.n == reference.faults);
		assert_true(snap.lost.n == reference.lost);
		for (size_t i = 0; i < snap.domain_count; i++) {
			sum[0] += snap.domains[i].traffic.maps.n;
			sum[1] += snap.domains[i].traffic.unmaps.n;
			sum[2] += snap.domains[i].traffic.map_bytes.n;
			sum[3] += snap.domains[i].traffic.unmap_bytes.n;
		}
		assert_true(sum[0] == reference.maps && sum[1] == reference.unmaps);
		assert_true(sum[2] == reference.map_bytes && sum[3] == reference.unmap_bytes);
		model_free(model);
		snapshot_release(&snap);
	}
}

static void random_events_add_up(void **state)
{
	(void)state;
	totals_are_those_of_a_simple_count(&model_default_limits);
}

static void random_events_add_up_with_little_room(void **state)
{
	(void)state;
	totals_are_those_of_a_simple_count(&tiny);
}

static void events_of_no_kind_are_ignored(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {.kind = EVENT_KIND_COUNT};

	model_apply(bench->model, &ev);
	assert_int_equal(seen(bench)->log_count, 0);
	model_free(NULL);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)
#define tiny_test(name)  cmocka_unit_test_setup_teardown(name, make_tiny, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(without_a_source_nothing_is_known),
		bench_test(counts_and_rates_are_exact_while_all_is_on),
		bench_test(rates_are_of_the_last_interval_alone),
		bench_test(a_class_that_was_never_on_is_off),
		bench_test(a_total_with_a_gap_is_at_least),
		bench_test(a_class_switched_on_late_has_a_gap),
		bench_test(saying_again_what_is_on_changes_nothing),
		bench_test(events_of_an_unknown_class_are_at_least),
		bench_test(losses_make_totals_at_least_and_their_interval_too),
		bench_test(a_loss_of_unknown_size_is_a_loss),
		bench_test(a_sum_is_no_better_known_than_its_parts),
		bench_test(unattributed_is_off_when_both_classes_are),
		bench_test(a_map_of_no_bytes_is_no_map),
		bench_test(late_events_are_counted),
		bench_test(a_tick_without_time_ends_no_interval),
		bench_test(the_trend_keeps_the_newest_cells_in_order),
		bench_test(domains_stand_in_order_whatever_order_they_come_in),
		tiny_test(domains_beyond_the_limit_count_as_unattributed),
		bench_test(faults_from_before_the_start_do_not_count),
		bench_test(fault_rates_leave_out_what_was_before_the_start),
		bench_test(faults_are_exact_only_while_the_log_tells_all),
		bench_test(faults_that_were_counted_stay_counted),
		bench_test(faults_that_nobody_looks_for_are_off),
		bench_test(a_fault_without_segment_finds_its_device_when_it_appears),
		bench_test(a_fault_that_fits_two_segments_names_none),
		bench_test(a_fault_with_a_segment_fits_that_device_alone),
		bench_test(faults_stay_with_their_devices),
		bench_test(units_groups_and_devices_stand_in_order),
		bench_test(each_group_has_its_slice_of_devices),
		bench_test(a_group_is_there_when_a_device_is_in_it),
		bench_test(unknown_numbers_stay_unknown),
		bench_test(what_is_gone_takes_nothing_else_along),
		bench_test(units_and_groups_go_by_their_keys),
		bench_test(a_device_that_returns_starts_afresh),
		bench_test(only_a_walk_that_ended_makes_the_topology_known),
		bench_test(changes_of_drivers_are_logged_once_the_topology_is_known),
		tiny_test(the_log_keeps_the_newest),
		bench_test(a_log_that_nobody_wants_is_not_copied),
		bench_test(tasks_keep_the_name_of_their_time),
		tiny_test(no_task_gets_the_name_of_another),
		tiny_test(a_full_pool_makes_texts_unknown),
		tiny_test(a_machine_beyond_the_limits_is_said_to_be_cut),
		tiny_test(each_limit_of_a_machine_is_heeded),
		tiny_test(a_device_without_room_for_its_name_is_missed),
		bench_test(snapshots_of_different_ages_are_brought_up_to_date),
		bench_test(a_snapshot_that_shrinks_forgets),
		bench_test(random_events_add_up),
		tiny_test(random_events_add_up_with_little_room),
		bench_test(events_of_no_kind_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
