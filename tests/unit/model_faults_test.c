// SPDX-License-Identifier: GPL-2.0-or-later
/* model_faults, model_merge, model_requester: one row for what is the same, one count for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

#define MILLISECOND 1000000ull
#define MICROSECOND 1000ull

static const struct model_limits tiny = {.faults = 3,
                                         .occurrences = 4,
                                         .log = 4,
                                         .tasks = 2,
                                         .domains = 1,
                                         .former = 1,
                                         .transitions = 1,
                                         .pool_bytes = 1 << 16};

static int make_tiny(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->model = model_new(&tiny);
	*state = bench;
	return 0;
}

static void say(struct bench *bench, uint64_t ts_ns, const char *device, const char *reason,
                uint64_t iova)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_FAULT,
	                         .fault = {.device = device,
	                                   .reason = reason,
	                                   .iova = iova,
	                                   .direction = DIRECTION_READ,
	                                   .source = SOURCE_LOG,
	                                   .dialect = FAULT_AMD,
	                                   .flags = FAULT_HAS_IOVA}};

	model_apply(bench->model, &ev);
}

static void say_traced(struct bench *bench, uint64_t ts_ns, const char *device, uint64_t iova)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_FAULT,
	                         .fault = {.device = device,
	                                   .iova = iova,
	                                   .direction = DIRECTION_READ,
	                                   .source = SOURCE_TRACE,
	                                   .flags = FAULT_HAS_IOVA}};

	model_apply(bench->model, &ev);
}

static void say_stream(struct bench *bench, const char *unit, uint32_t stream, uint8_t dialect)
{
	const struct event ev = {.ts_ns = SECOND,
	                         .kind = EVENT_FAULT,
	                         .fault = {.device = unit,
	                                   .reason = "F_TRANSLATION",
	                                   .stream = stream,
	                                   .source = SOURCE_LOG,
	                                   .dialect = dialect,
	                                   .flags = FAULT_HAS_STREAM}};

	model_apply(bench->model, &ev);
}

static const struct snapshot_fault *fault(struct bench *bench, size_t at)
{
	assert_true(at < seen(bench)->fault_count);
	return &bench->snap.faults_seen[at];
}

static const struct snapshot *with_occurrences(struct bench *bench, uint64_t id)
{
	const struct snapshot_want want = {.domain = NO_DOMAIN, .fault = id};

	model_snapshot(bench->model, &want, &bench->snap);
	return &bench->snap;
}

static const char *reason_of(struct bench *bench, size_t at)
{
	return snapshot_text(&bench->snap, fault(bench, at)->reason);
}

static void say_page_request(struct bench *bench, uint64_t ts_ns, const char *device, uint64_t iova)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_FAULT,
	                         .fault = {.device = device,
	                                   .reason = "page request",
	                                   .iova = iova,
	                                   .direction = DIRECTION_READ,
	                                   .source = SOURCE_TRACE,
	                                   .dialect = FAULT_VTD,
	                                   .flags = FAULT_HAS_IOVA | FAULT_PAGE_MASKED}};

	model_apply(bench->model, &ev);
}

/* ---- rows ---- */

static void what_is_the_same_is_one_row(void **state)
{
	struct bench *bench = *state;

	say_start(bench->model, SECOND);
	say_tick(bench->model, SECOND);
	say(bench, SECOND / 2, "a", "r", 0x1000);
	say(bench, 2 * SECOND, "a", "r", 0x2000);
	say(bench, 3 * SECOND, "a", "s", 0x1000);
	say(bench, 4 * SECOND, "b", "r", 0x1000);
	say(bench, 5 * SECOND, "a", "r", 0x3000);
	say_tick(bench->model, 5 * SECOND);
	assert_int_equal(fault(bench, 0)->id, 1);
	assert_int_equal(fault(bench, 0)->count, 2);
	assert_int_equal(fault(bench, 0)->count_before, 1);
	assert_int_equal(fault(bench, 0)->first_ns, SECOND / 2);
	assert_int_equal(fault(bench, 0)->last_ns, 5 * SECOND);
	assert_int_equal(fault(bench, 0)->iova, 0x3000);
	assert_float_equal((float)fault(bench, 0)->per_s, 0.5f, 0.001f);
	assert_false(fault(bench, 0)->before_start);
	assert_int_equal(bench->snap.fault_count, 3);
	count_is(bench->snap.faults, 4, KNOWN_AT_LEAST);
	say_tick(bench->model, 6 * SECOND);
	assert_float_equal((float)fault(bench, 0)->per_s, 0, 0.001f);
}

static void each_part_of_the_key_makes_a_row(void **state)
{
	struct bench *bench = *state;
	struct event ev = {.kind = EVENT_FAULT,
	                   .fault = {.device = "a", .reason = "r", .source = SOURCE_LOG}};

	model_apply(bench->model, &ev);
	ev.fault.direction = DIRECTION_WRITE;
	model_apply(bench->model, &ev);
	ev.fault.flags = FAULT_INTERRUPT;
	model_apply(bench->model, &ev);
	ev.fault.flags = FAULT_HAS_STREAM;
	model_apply(bench->model, &ev);
	ev.fault.stream = 1;
	model_apply(bench->model, &ev);
	ev.fault.reason = NULL;
	model_apply(bench->model, &ev);
	ev.fault.device = NULL;
	model_apply(bench->model, &ev);
	assert_int_equal(seen(bench)->fault_count, 7);
	model_apply(bench->model, &ev);
	assert_int_equal(seen(bench)->fault_count, 7);
}

static void a_storm_of_one_row_hides_no_other(void **state)
{
	struct bench *bench = *state;

	say(bench, 1, "quiet", "r", 0);
	for (uint64_t i = 0; i < 10000; i++)
		say(bench, 2 + i, "storm", "r", i << 12);
	assert_int_equal(seen(bench)->fault_count, 2);
	assert_int_equal(fault(bench, 0)->count, 1);
	assert_int_equal(fault(bench, 1)->count, 10000);
	assert_int_equal(bench->snap.rows_dropped, 0);
}

static void the_row_seen_longest_ago_gives_way(void **state)
{
	struct bench *bench = *state;
	char name[16];

	for (uint64_t i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "%d", (int)i);
		say(bench, 10 * i, name, "r", 0);
		say(bench, 10 * i + 1, "0", "r", 0);
		assert_int_equal(seen(bench)->fault_count, i < 2 ? i + 1 : 3);
		assert_int_equal(fault(bench, 0)->count, i + 2);
	}
	assert_int_equal(bench->snap.rows_dropped, 7);
	assert_string_equal(snapshot_text(&bench->snap, fault(bench, 1)->device), "8");
	assert_string_equal(snapshot_text(&bench->snap, fault(bench, 2)->device), "9");
	say(bench, 100, "3", "r", 0);
	assert_int_equal(fault(bench, 2)->id, 11);
	assert_int_equal(fault(bench, 2)->count, 1);
}

static void rows_of_many_are_found_again(void **state)
{
	struct bench *bench = *state;
	char name[16];

	for (uint64_t i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "%d", (int)(i % 1000));
		say(bench, i, name, "r", 0);
	}
	assert_int_equal(seen(bench)->fault_count, 1000);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(bench->snap.faults_seen[i].count, 3);
		assert_int_equal(bench->snap.faults_seen[i].id, i + 1);
	}
}

static void address_kind(struct bench *bench, uint64_t iova, enum fault_addresses kind)
{
	say(bench, 1, "a", "r", iova);
	assert_int_equal(fault(bench, 0)->addresses, kind);
}

static void addresses_are_summed_up(void **state)
{
	struct bench *bench = *state;

	address_kind(bench, 0x100010, ADDRESSES_ONE_PAGE);
	address_kind(bench, 0x100fff, ADDRESSES_ONE_PAGE);
	address_kind(bench, 0x100000 + 64 * 4096, ADDRESSES_RANGE);
	address_kind(bench, 0x100000 + 128 * 4096, ADDRESSES_RANGE);
	address_kind(bench, 0x100000 - 64 * 4096, ADDRESSES_RANGE);
	assert_int_equal(fault(bench, 0)->lowest, 0x100000 - 64 * 4096);
	assert_int_equal(fault(bench, 0)->highest, 0x100000 + 128 * 4096);
	address_kind(bench, 0x100000 + 193 * 4096, ADDRESSES_SCATTERED);
	address_kind(bench, 0x100000 + 193 * 4096, ADDRESSES_SCATTERED);
	address_kind(bench, UINT64_MAX, ADDRESSES_SCATTERED);
	assert_true(fault(bench, 0)->highest == UINT64_MAX);
}

static void interrupts_have_indices(void **state)
{
	struct bench *bench = *state;
	struct event ev = {.kind = EVENT_FAULT,
	                   .fault = {.device = "a",
	                             .iova = 0xff00,
	                             .source = SOURCE_LOG,
	                             .flags = FAULT_INTERRUPT}};

	model_apply(bench->model, &ev);
	assert_int_equal(fault(bench, 0)->addresses, ADDRESSES_ONE_PAGE);
	ev.fault.iova++;
	model_apply(bench->model, &ev);
	assert_int_equal(fault(bench, 0)->addresses, ADDRESSES_RANGE);
	assert_int_equal(fault(bench, 0)->verdict.kind, VERDICT_NOT_ASKED);
	ev.fault.flags = 0;
	model_apply(bench->model, &ev);
	assert_int_equal(fault(bench, 1)->addresses, ADDRESSES_NONE);
}

/* ---- one by one ---- */

static void the_newest_of_a_row_are_kept(void **state)
{
	struct bench *bench = *state;
	const struct snapshot *snap = &bench->snap;

	say(bench, 1, "b", "r", 0);
	for (uint64_t i = 0; i < 10; i++) {
		say(bench, 100 + i, "a", "r", i << 12);
		with_occurrences(bench, 2);
		assert_int_equal(snap->fault_wanted, 2);
		assert_int_equal(snap->occurrence_count, i < 4 ? i + 1 : 4);
		assert_int_equal(snap->occurrences_gone, i < 4 ? 0 : i - 3);
		for (size_t k = 0; k < snap->occurrence_count; k++) {
			uint64_t id = snap->occurrences_gone + k;

			assert_int_equal(snap->occurrences[k].id, id);
			assert_int_equal(snap->occurrences[k].ts_ns, 100 + id);
			assert_int_equal(snap->occurrences[k].iova, id << 12);
			assert_true(snap->occurrences[k].logged);
		}
	}
	with_occurrences(bench, 1);
	assert_int_equal(snap->occurrence_count, 1);
	with_occurrences(bench, 77);
	assert_int_equal(snap->fault_wanted, NO_FAULT);
	assert_int_equal(snap->occurrence_count, 0);
	seen(bench);
	assert_int_equal(snap->fault_wanted, NO_FAULT);
}

static void a_copy_has_them_too(void **state)
{
	struct bench *bench = *state;
	struct snapshot copy = {0};
	const struct event note = {.kind = EVENT_NOTE, .note = {.text = "line"}};

	say(bench, 1, "a", "r", 0);
	model_apply(bench->model, &note);
	snapshot_copy(&copy, with_occurrences(bench, 1));
	snapshot_release(&bench->snap);
	assert_int_equal(copy.occurrence_count, 1);
	assert_int_equal(copy.occurrences[0].ts_ns, 1);
	assert_string_equal(snapshot_text(&copy, copy.notes[0].text), "line");
	snapshot_release(&copy);
}

/* ---- trace and log ---- */

static void a_fault_that_both_tell_is_one(void **state)
{
	struct bench *bench = *state;

	say_traced(bench, SECOND, "a", 0x5008);
	assert_false(fault(bench, 0)->logged);
	assert_string_equal(reason_of(bench, 0), "");
	say(bench, SECOND + 20 * MICROSECOND, "a", "r", 0x5000);
	assert_int_equal(seen(bench)->fault_count, 1);
	assert_int_equal(fault(bench, 0)->id, 1);
	assert_int_equal(fault(bench, 0)->count, 1);
	assert_true(fault(bench, 0)->logged && fault(bench, 0)->traced);
	assert_int_equal(fault(bench, 0)->dialect, FAULT_AMD);
	assert_string_equal(reason_of(bench, 0), "r");
	assert_int_equal(bench->snap.faults.n, 1);
	assert_int_equal(bench->snap.faults_logged.n, 1);
	with_occurrences(bench, 1);
	assert_int_equal(bench->snap.occurrence_count, 1);
	assert_true(bench->snap.occurrences[0].logged && bench->snap.occurrences[0].traced);
	/* and once that row is there, for its next ones, too */
	say_traced(bench, 2 * SECOND, "a", 0x6000);
	say(bench, 2 * SECOND, "a", "r", 0x6000);
	say_traced(bench, 3 * SECOND, "a", 0x6000);
	assert_int_equal(seen(bench)->fault_count, 1);
	assert_int_equal(fault(bench, 0)->count, 3);
	assert_int_equal(fault(bench, 0)->dialect, FAULT_AMD);
	assert_int_equal(bench->snap.faults_logged.n, 2);
}

static void a_line_may_seem_older_than_its_fault(void **state)
{
	struct bench *bench = *state;

	say(bench, SECOND, "a", "r", 0x5000);
	say_traced(bench, SECOND + 900, "a", 0x5000);
	assert_int_equal(fault(bench, 0)->count, 1);
	assert_true(fault(bench, 0)->traced);
	say_traced(bench, SECOND + 950, "a", 0x5000);
	assert_int_equal(fault(bench, 0)->count, 2);
	say(bench, 3 * SECOND, "a", "r", 0x5000);
	say_traced(bench, 3 * SECOND + 1001, "a", 0x5000);
	assert_int_equal(fault(bench, 0)->count, 4);
	assert_int_equal(bench->snap.faults.n, 4);
}

static void faults_that_differ_are_two(void **state)
{
	static const struct {
		const char *device;
		uint64_t ts_ns, iova;
	} lines[] = {
		{"b", SECOND, 0x5000},
		{"a", SECOND, 0x6000},
		{"a", 2 * SECOND + 1, 0x5000},
	};
	struct bench *bench = *state;
	struct event ev = {.ts_ns = SECOND,
	                   .kind = EVENT_FAULT,
	                   .fault = {.device = "a",
	                             .reason = "r",
	                             .iova = 0x5000,
	                             .direction = DIRECTION_WRITE,
	                             .source = SOURCE_LOG,
	                             .flags = FAULT_HAS_IOVA}};

	say_traced(bench, SECOND, "a", 0x5000);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		say(bench, lines[i].ts_ns, lines[i].device, "r", lines[i].iova);
	model_apply(bench->model, &ev);
	assert_int_equal(seen(bench)->faults.n, 5);
}

static void another_reason_takes_its_fault_along(void **state)
{
	struct bench *bench = *state;

	say(bench, SECOND, "a", "r", 0x1000);
	say_traced(bench, 2 * SECOND, "a", 0x5000);
	assert_int_equal(fault(bench, 0)->count, 2);
	say(bench, 2 * SECOND, "a", "s", 0x5000);
	assert_int_equal(seen(bench)->fault_count, 2);
	assert_int_equal(fault(bench, 0)->count, 1);
	assert_int_equal(fault(bench, 1)->count, 1);
	assert_true(fault(bench, 1)->traced && fault(bench, 1)->logged);
	with_occurrences(bench, 1);
	assert_int_equal(bench->snap.occurrence_count, 1);
	assert_int_equal(bench->snap.faults.n, 2);
}

static void a_row_that_lost_its_only_fault_is_gone(void **state)
{
	struct bench *bench = *state;

	say_traced(bench, SECOND, "a", 0x5000);
	say(bench, SECOND, "a", "r", 0x1000);
	assert_int_equal(seen(bench)->fault_count, 2);
	say(bench, SECOND, "a", "r", 0x5000);
	assert_int_equal(seen(bench)->fault_count, 1);
	assert_int_equal(fault(bench, 0)->count, 2);
	say(bench, SECOND, "b", "r", 0x5000);
	say(bench, SECOND, "c", "r", 0x5000);
	assert_int_equal(seen(bench)->fault_count, 3);
	assert_int_equal(bench->snap.rows_dropped, 0);
	say(bench, SECOND, "d", "r", 0x5000);
	assert_int_equal(seen(bench)->fault_count, 3);
	assert_int_equal(bench->snap.rows_dropped, 1);
}

static void a_line_without_a_segment_is_of_its_device(void **state)
{
	struct bench *bench = *state;
	struct event ev = {.ts_ns = SECOND,
	                   .kind = EVENT_FAULT,
	                   .fault = {.device = "00:02.0",
	                             .reason = "r",
	                             .iova = 0x5000,
	                             .direction = DIRECTION_READ,
	                             .source = SOURCE_LOG,
	                             .flags = FAULT_HAS_IOVA | FAULT_NO_SEGMENT}};

	say_device(bench->model, "0000:00:02.0", 1, NULL, NULL, NULL);
	say_traced(bench, SECOND, "0000:00:02.0", 0x5000);
	model_apply(bench->model, &ev);
	assert_int_equal(seen(bench)->faults.n, 1);
	assert_int_equal(fault(bench, 0)->count, 1);
}

/* More wait than there is room for: an old line may or may not be of one of them. */
static void what_cannot_be_told_is_at_least(void **state)
{
	struct bench *bench = *state;

	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say(bench, SECOND, "a", "r", 0);
	for (uint64_t i = 1; i <= 5000; i++)
		say_traced(bench, SECOND + i, "a", i << 12);
	count_is(seen(bench)->faults, 5001, KNOWN_EXACT);
	say(bench, SECOND + 5001, "a", "r", 5000 << 12);
	say(bench, SECOND + 5001, "b", "r", 1 << 12);
	count_is(seen(bench)->faults, 5002, KNOWN_EXACT);
	say(bench, SECOND + 5001, "a", "r", 1 << 12);
	count_is(seen(bench)->faults, 5002, KNOWN_AT_LEAST);
}

/* Real faults, of which the log tells some: each device's count is exact, whatever the reasons. */
static void random_faults_are_each_counted_once(void **state)
{
	static const char *const devices[] = {"a", "b", "c"};
	static const char *const reasons[] = {"r", "s"};
	struct bench *bench = *state;
	uint64_t counts[3] = {0}, now_ns = SECOND;
	unsigned int seed = 5;

	for (int i = 0; i < 20000; i++) {
		unsigned int device = (unsigned int)rand_r(&seed) % 3;
		uint64_t iova = (uint64_t)rand_r(&seed) % 20 << 12;
		bool traced = device < 2, logged = !traced || rand_r(&seed) % 3 == 0;

		now_ns += (uint64_t)rand_r(&seed) % (20 * MILLISECOND) + 2 * MICROSECOND;
		counts[device]++;
		if (traced)
			say_traced(bench, now_ns, devices[device], iova);
		if (logged)
			say(bench, now_ns + MICROSECOND, devices[device],
			    reasons[rand_r(&seed) % 2], iova);
	}
	seen(bench);
	assert_int_equal(bench->snap.faults.n, counts[0] + counts[1] + counts[2]);
	for (size_t i = 0; i < bench->snap.fault_count; i++) {
		const struct snapshot_fault *row = &bench->snap.faults_seen[i];

		counts[*snapshot_text(&bench->snap, row->device) - 'a'] -= row->count;
	}
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(counts[i], 0);
}

/* ---- sums ---- */

static void interrupts_count_from_the_first_that_is_told(void **state)
{
	struct bench *bench = *state;

	count_is(seen(bench)->fault_interrupts, 0, KNOWN_NOT);
	say_number(bench->model, ATTR_FAULT_INTERRUPTS, NULL, 0, 7);
	count_is(seen(bench)->fault_interrupts, 0, KNOWN_EXACT);
	say_number(bench->model, ATTR_FAULT_INTERRUPTS, NULL, 0, 10);
	count_is(seen(bench)->fault_interrupts, 3, KNOWN_EXACT);
	say_number(bench->model, ATTR_FAULT_INTERRUPTS, NULL, 0, 2);
	count_is(seen(bench)->fault_interrupts, 3, KNOWN_EXACT);
	say_number(bench->model, ATTR_FAULT_INTERRUPTS, NULL, 0, 4);
	count_is(seen(bench)->fault_interrupts, 5, KNOWN_EXACT);
	say_number(bench->model, ATTR_FAULT_INTERRUPTS, NULL, 0, VALUE_UNKNOWN);
	count_is(seen(bench)->fault_interrupts, 5, KNOWN_AT_LEAST);
}

static void the_log_counts_its_lines(void **state)
{
	struct bench *bench = *state;
	const struct event overflow = {
		.ts_ns = 3 * SECOND, .kind = EVENT_SUPPRESSED, .suppressed = {.overflow = true}};
	const struct event suppressed = {
		.ts_ns = 3 * SECOND, .kind = EVENT_SUPPRESSED, .suppressed = {.count = 4}};

	say_start(bench->model, 2 * SECOND);
	count_is(seen(bench)->faults_logged, 0, KNOWN_NOT);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say(bench, SECOND, "a", "r", 0);
	say(bench, 3 * SECOND, "a", "r", 0);
	count_is(seen(bench)->faults_logged, 1, KNOWN_EXACT);
	count_is(bench->snap.faults, 1, KNOWN_EXACT);
	model_apply(bench->model, &overflow);
	count_is(seen(bench)->faults, 1, KNOWN_AT_LEAST);
	assert_int_equal(bench->snap.overflows, 1);
	model_apply(bench->model, &suppressed);
	count_is(seen(bench)->faults_logged, 1, KNOWN_AT_LEAST);
	assert_int_equal(bench->snap.suppressed.n, 4);
}

/* ---- whose it is ---- */

static void say_unit(struct bench *bench, const char *unit, const char *vendor, const char *device)
{
	say_text(bench->model, ATTR_UNIT_VENDOR, unit, 0, vendor);
	say_device(bench->model, device, 1, NULL, NULL, NULL);
	say_text(bench->model, ATTR_DEVICE_UNIT, device, 0, unit);
}

/* The newest row. */
static void is_of(struct bench *bench, const char *device)
{
	const struct snapshot_fault *row = fault(bench, seen(bench)->fault_count - 1);

	if (!device) {
		assert_int_equal(row->device_index, NO_NUMBER);
		assert_false(row->guessed);
		return;
	}
	assert_in_range(row->device_index, 0, bench->snap.device_count - 1);
	assert_string_equal(
		snapshot_text(&bench->snap, bench->snap.devices[row->device_index].name), device);
}

static void a_stream_of_a_unit_is_guessed_by_its_requester_id(void **state)
{
	struct bench *bench = *state;

	say_unit(bench, "smmu3.0x0000000009050000", "SMMUv3", "0000:01:02.3");
	say_unit(bench, "smmu3.0x0000000009060000", "SMMUv3", "0001:01:02.3");
	say_stream(bench, "9050000.smmuv3", 0x113, FAULT_SMMU_V3);
	is_of(bench, "0000:01:02.3");
	assert_true(fault(bench, 0)->guessed);
	say_stream(bench, "9060000.smmuv3", 0x113, FAULT_SMMU_V3);
	is_of(bench, "0001:01:02.3");
	say_stream(bench, "9060000.smmuv3", 0x114, FAULT_SMMU_V3);
	is_of(bench, NULL);
	assert_false(fault(bench, 2)->ambiguous);
	/* by firmware tables it has another name: it may be either */
	say_stream(bench, "arm-smmu-v3.0.auto", 0x113, FAULT_SMMU_V3);
	is_of(bench, NULL);
	assert_true(fault(bench, 3)->ambiguous);
}

static void the_kind_of_unit_is_enough_where_it_is_the_only_one(void **state)
{
	struct bench *bench = *state;

	say_unit(bench, "dmar0", "VT-d", "0000:00:02.0");
	say_unit(bench, "0000:00:01.0", "virtio-iommu", "0001:00:02.0");
	say_stream(bench, "virtio0", 0x10, FAULT_VIRTIO);
	is_of(bench, "0001:00:02.0");
	say_unit(bench, "riscv-iommu@3010000.iommu", "IOMMU", "0002:00:03.0");
	say_stream(bench, "3010000.iommu", 0x18, FAULT_RISCV);
	is_of(bench, "0002:00:03.0");
	say_stream(bench, "", 0x18, FAULT_RISCV);
	is_of(bench, "0002:00:03.0");
}

static void whom_the_kernel_names_is_no_guess(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {.kind = EVENT_FAULT,
	                         .fault = {.device = "0000:00:1c.0",
	                                   .stream = 0x99,
	                                   .source = SOURCE_LOG,
	                                   .flags = FAULT_HAS_STREAM | FAULT_NAMED}};

	say_device(bench->model, "0000:00:1c.0", 1, NULL, NULL, NULL);
	say_number(bench->model, ATTR_DEVICE_CLASS, "0000:00:1c.0", 0, 0x060400);
	model_apply(bench->model, &ev);
	is_of(bench, "0000:00:1c.0");
	assert_false(fault(bench, 0)->guessed);
	assert_true(fault(bench, 0)->behind);
}

#define tiny_test(name) cmocka_unit_test_setup_teardown(name, make_tiny, free_bench)

/* Of the same device, page and direction, and within what a line may need. */
static void a_page_request_is_no_half_of_a_line(void **state)
{
	struct bench *bench = *state;

	say_start(bench->model, SECOND);
	say_tick(bench->model, SECOND);
	say_page_request(bench, 2 * SECOND, "0000:00:02.0", 0x1000);
	say(bench, 2 * SECOND + 1000, "0000:00:02.0", "r", 0x1000);
	say_page_request(bench, 2 * SECOND + 1000, "0000:00:02.0", 0x1000);
	say_page_request(bench, 3 * SECOND, "0000:00:02.0", 0x3000);
	assert_int_equal(seen(bench)->fault_count, 2);
	assert_string_equal(reason_of(bench, 0), "page request");
	assert_int_equal(fault(bench, 0)->count, 3);
	assert_false(fault(bench, 0)->logged);
	assert_string_equal(reason_of(bench, 1), "r");
	assert_int_equal(fault(bench, 1)->count, 1);
	assert_false(fault(bench, 1)->traced);
	assert_int_equal(bench->snap.faults.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(what_is_the_same_is_one_row),
		bench_test(each_part_of_the_key_makes_a_row),
		tiny_test(a_storm_of_one_row_hides_no_other),
		tiny_test(the_row_seen_longest_ago_gives_way),
		bench_test(rows_of_many_are_found_again),
		bench_test(addresses_are_summed_up),
		bench_test(interrupts_have_indices),
		tiny_test(the_newest_of_a_row_are_kept),
		bench_test(a_copy_has_them_too),
		bench_test(a_fault_that_both_tell_is_one),
		bench_test(a_page_request_is_no_half_of_a_line),
		bench_test(a_line_may_seem_older_than_its_fault),
		bench_test(faults_that_differ_are_two),
		bench_test(another_reason_takes_its_fault_along),
		tiny_test(a_row_that_lost_its_only_fault_is_gone),
		bench_test(a_line_without_a_segment_is_of_its_device),
		bench_test(what_cannot_be_told_is_at_least),
		bench_test(random_faults_are_each_counted_once),
		bench_test(interrupts_count_from_the_first_that_is_told),
		bench_test(the_log_counts_its_lines),
		bench_test(a_stream_of_a_unit_is_guessed_by_its_requester_id),
		bench_test(the_kind_of_unit_is_enough_where_it_is_the_only_one),
		bench_test(whom_the_kernel_names_is_no_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
