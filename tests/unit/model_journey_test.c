// SPDX-License-Identifier: GPL-2.0-or-later
/* model_journey: from the host to a guest and back, and the bursts that cost time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

#define DEVICE "0000:00:02.0"
#define MIB    (1ull << 20)

/* A device at home in domain 1, of group 2. */
static void begin(struct bench *bench)
{
	say_device(bench->model, DEVICE, 2, "c", "m", "e1000e");
	say_watching(bench->model, SECOND);
	say_type(bench->model, SECOND, 1, DOMAIN_TYPE_DMA_FQ);
	say_group_domain(bench->model, 2, 1, 1);
	for (uint32_t id = 2; id < 6; id++)
		say_type(bench->model, 10 * SECOND, id, DOMAIN_TYPE_UNMANAGED);
	say_type(bench->model, SECOND, 9, DOMAIN_TYPE_BLOCKED);
	say_tick(bench->model, 9 * SECOND);
}

static const struct snapshot_transition *only(struct bench *bench)
{
	assert_int_equal(seen(bench)->transition_count, 1);
	return &bench->snap.transitions[0];
}

static const struct snapshot_transition *newest(struct bench *bench)
{
	assert_true(seen(bench)->transition_count > 0);
	return &bench->snap.transitions[bench->snap.transition_count - 1];
}

static size_t journey_lines(struct bench *bench)
{
	size_t count = 0;

	for (size_t i = 0; i < seen(bench)->log_count; i++)
		count += bench->snap.log[i].kind == EVENT_TICK;
	return count;
}

static void is_text(struct bench *bench, text_id text, const char *expected)
{
	assert_string_equal(snapshot_text(&bench->snap, text), expected);
}

/* ---- away and back ---- */

static void a_journey_folds_what_lies_on_the_way(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_transition *journey;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 2); /* scratch, of 6.1 */
	say_freed(bench->model, 10 * SECOND, 2);
	say_attach(bench->model, 10 * SECOND + 1, DEVICE, 3);
	say_map_at(bench->model, 11 * SECOND, 3, 4096, 0);
	say_tick(bench->model, 12 * SECOND);
	journey = only(bench);
	assert_int_equal(journey->kind, TRANSITION_AWAY);
	assert_int_equal(journey->group, 2);
	assert_int_equal(journey->from_domain, 1);
	assert_int_equal(journey->from_type, DOMAIN_TYPE_DMA_FQ);
	assert_int_equal(journey->to_domain, 3);
	assert_int_equal(journey->to_type, DOMAIN_TYPE_UNMANAGED);
	assert_int_equal(journey->begin_ns, 10 * SECOND);
	assert_int_equal(journey->end_ns, 0);
	assert_true(journey->changed);
	assert_false(journey->at_least);
	is_text(bench, journey->device, DEVICE);
	say_attach(bench->model, 20 * SECOND, DEVICE, 4); /* empty, of 6.1; */
	say_attach(bench->model, 20 * SECOND, DEVICE, 9); /* blocked, of others */
	say_tick(bench->model, 20 * SECOND);
	assert_false(only(bench)->changed);
	say_attach(bench->model, 21 * SECOND, DEVICE, 1);
	say_tick(bench->model, 22 * SECOND);
	assert_int_equal(only(bench)->to_domain, 3);
	assert_int_equal(only(bench)->end_ns, 21 * SECOND);
	assert_true(only(bench)->changed);
	assert_int_equal(journey_lines(bench), 2);
	say_tick(bench->model, 23 * SECOND);
	assert_false(only(bench)->changed);
}

static void a_journey_has_a_line_in_the_log_at_both_ends(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_log *log;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	say_attach(bench->model, 12 * SECOND, DEVICE, 1);
	log = seen(bench)->log;
	assert_int_equal(bench->snap.log_count, 4);
	assert_int_equal(log[0].kind, EVENT_ATTACH);
	assert_int_equal(log[0].group, 2);
	assert_int_equal(log[0].domain, 3);
	assert_int_equal(log[1].kind, EVENT_TICK);
	assert_int_equal(log[1].ts_ns, 10 * SECOND);
	assert_false(log[1].returned);
	assert_true(log[3].returned);
	assert_int_equal(log[3].ts_ns, 12 * SECOND);
	assert_int_equal(log[3].transition, log[1].transition);
	assert_ptr_equal(snapshot_transition_by_id(&bench->snap, log[1].transition), only(bench));
}

/* 6.12: VFIO first blocks the group. */
static void a_blocked_domain_is_left_for_the_guests(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 9);
	assert_int_equal(only(bench)->to_type, DOMAIN_TYPE_BLOCKED);
	say_attach(bench->model, 11 * SECOND, DEVICE, 3);
	assert_int_equal(only(bench)->to_domain, 3);
	assert_int_equal(only(bench)->begin_ns, 10 * SECOND);
}

/* Up to 6.2 a detach comes before the attach. */
static void a_detach_on_the_way_is_no_end(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_detach(bench->model, 10 * SECOND, DEVICE, 1);
	assert_int_equal(seen(bench)->transition_count, 0);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	assert_int_equal(only(bench)->from_domain, 1);
	say_detach(bench->model, 11 * SECOND, DEVICE, 3);
	assert_int_equal(only(bench)->end_ns, 0);
	say_attach(bench->model, 11 * SECOND, DEVICE, 1);
	assert_int_equal(only(bench)->end_ns, 11 * SECOND);
}

static void another_domain_with_maps_is_where_it_went(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 2);
	say_map_at(bench->model, 10 * SECOND, 2, 8192, 0);
	say_attach(bench->model, 11 * SECOND, DEVICE, 3);
	assert_int_equal(only(bench)->to_domain, 2);
	say_map_at(bench->model, 11 * SECOND, 3, 8192, 0);
	say_tick(bench->model, 12 * SECOND);
	assert_int_equal(only(bench)->to_domain, 3);
}

/* The type of the default domain was changed. */
static void from_one_home_to_another_is_no_journey(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_type(bench->model, 10 * SECOND, 5, DOMAIN_TYPE_IDENTITY);
	say_attach(bench->model, 10 * SECOND, DEVICE, 5);
	assert_int_equal(seen(bench)->transition_count, 0);
	say_attach(bench->model, 11 * SECOND, DEVICE, 3);
	assert_int_equal(only(bench)->from_type, DOMAIN_TYPE_IDENTITY);
}

static void where_it_came_from_must_be_known(void **state)
{
	struct bench *bench = *state;

	say_device(bench->model, DEVICE, 2, "c", "m", "e1000e");
	say_watching(bench->model, SECOND);
	say_type(bench->model, SECOND, 3, DOMAIN_TYPE_UNMANAGED);
	say_attach(bench->model, 2 * SECOND, DEVICE, 3);
	assert_int_equal(seen(bench)->transition_count, 0);
	say_type(bench->model, SECOND, 1, DOMAIN_TYPE_DMA);
	say_attach(bench->model, 3 * SECOND, DEVICE, 1);
	assert_int_equal(seen(bench)->transition_count, 0);
	/* By its type alone. */
	say_attach(bench->model, 4 * SECOND, DEVICE, 3);
	assert_int_equal(only(bench)->from_domain, 1);
}

static void a_journey_that_was_not_seen_to_begin_says_so(void **state)
{
	struct bench *bench = *state;
	struct event told = event_attr_number(15 * SECOND, ATTR_GROUP_DOMAIN, NULL, 2, 3);

	begin(bench);
	model_apply(bench->model, &told);
	assert_int_equal(only(bench)->begin_ns, 15 * SECOND);
	assert_true(only(bench)->at_least);
	is_text(bench, only(bench)->device, DEVICE);
}

/* Which types the domains have is told behind who is in them, the device still later. */
static void what_was_away_before_is_a_journey_without_a_beginning(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_group_domain(bench->model, 2, 3, 1);
	say_type(bench->model, SECOND, 3, DOMAIN_TYPE_UNMANAGED);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	say_tick(bench->model, 2 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 0);
	say_device(bench->model, DEVICE, 2, "c", "m", "vfio-pci");
	say_tick(bench->model, 3 * SECOND);
	assert_int_equal(only(bench)->kind, TRANSITION_AWAY);
	assert_int_equal(only(bench)->begin_ns, 0);
	assert_int_equal(only(bench)->from_domain, 1);
	assert_int_equal(only(bench)->to_domain, 3);
	assert_int_equal(only(bench)->group, 2);
	is_text(bench, only(bench)->device, DEVICE);
	is_text(bench, only(bench)->vm, "vm1");
	assert_int_equal(journey_lines(bench), 0);
	/* By way of an empty domain. */
	say_type(bench->model, 9 * SECOND, 4, DOMAIN_TYPE_UNMANAGED);
	say_attach(bench->model, 10 * SECOND, DEVICE, 4);
	say_tick(bench->model, 10 * SECOND);
	assert_int_equal(only(bench)->to_domain, 3);
	say_type(bench->model, 11 * SECOND, 1, DOMAIN_TYPE_DMA);
	say_attach(bench->model, 11 * SECOND, DEVICE, 1);
	say_tick(bench->model, 12 * SECOND);
	assert_int_equal(only(bench)->from_type, DOMAIN_TYPE_DMA);
	assert_int_equal(only(bench)->end_ns, 11 * SECOND);
	assert_int_equal(journey_lines(bench), 1);
}

static void what_is_at_home_or_blocked_at_first_is_not_away(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_device(bench->model, "0000:00:03.0", 3, "c", "m", "vfio-pci");
	say_group_domain(bench->model, 3, 9, 2);
	/* An unmanaged one can be its default. */
	say_group_domain(bench->model, 4, 5, 5);
	say_tick(bench->model, 10 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 0);
	/* Since when is known of this one, but not from where. */
	say_attach(bench->model, 11 * SECOND, "0000:00:03.0", 4);
	say_tick(bench->model, 12 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 0);
}

static void the_holder_is_filled_in_when_it_becomes_known(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	assert_int_equal(only(bench)->process, NO_PROCESS);
	say_holder(bench->model, 2, 1234, "qemu", NULL);
	say_tick(bench->model, 11 * SECOND);
	assert_int_equal(only(bench)->process, 1234);
	is_text(bench, only(bench)->process_name, "qemu");
	say_tick(bench->model, 12 * SECOND);
	assert_false(only(bench)->changed);
	say_text(bench->model, ATTR_PROCESS_VM, NULL, 1234, "vm1");
	say_attach(bench->model, 13 * SECOND, DEVICE, 1);
	is_text(bench, only(bench)->vm, "vm1");
	/* From here on it stays as it was. */
	say_number(bench->model, ATTR_GROUP_HOLDER, NULL, 2, VALUE_UNKNOWN);
	say_holder(bench->model, 2, 1234, "other", "vm2");
	say_tick(bench->model, 14 * SECOND);
	is_text(bench, only(bench)->process_name, "qemu");
	is_text(bench, only(bench)->vm, "vm1");
}

static void the_next_journey_is_not_the_former_holders(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	say_attach(bench->model, 11 * SECOND, DEVICE, 1);
	say_attach(bench->model, 12 * SECOND, DEVICE, 4);
	say_tick(bench->model, 13 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 2);
	assert_int_equal(bench->snap.transitions[0].process, 1234);
	assert_int_equal(bench->snap.transitions[1].process, NO_PROCESS);
}

static void a_group_is_known_by_what_is_no_bridge(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_device(bench->model, "0000:00:01.0", 2, "c", "m", "pcieport");
	say_number(bench->model, ATTR_DEVICE_CLASS, "0000:00:01.0", 0, 0x060400);
	say_attach(bench->model, 10 * SECOND, "0000:00:01.0", 3);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	is_text(bench, only(bench)->device, DEVICE);
}

static void the_ring_of_transitions_keeps_the_newest(void **state)
{
	struct bench *bench = *state;
	struct model_limits limits = model_default_limits;

	limits.transitions = 2;
	model_free(bench->model);
	bench->model = model_new(&limits);
	begin(bench);
	for (uint64_t i = 0; i < 5; i++) {
		say_attach(bench->model, (10 + i) * SECOND, DEVICE, 3);
		say_attach(bench->model, (10 + i) * SECOND + 1, DEVICE, 1);
	}
	assert_int_equal(seen(bench)->transition_count, 2);
	assert_int_equal(bench->snap.transitions[0].id, 4);
	assert_int_equal(bench->snap.transitions[1].id, 5);
	assert_null(snapshot_transition_by_id(&bench->snap, 3));
	assert_null(snapshot_transition_by_id(&bench->snap, 6));
	assert_int_equal(snapshot_transition_by_id(&bench->snap, 5)->begin_ns, 14 * SECOND);
}

/* ---- bursts ---- */

static void boot_guest(struct bench *bench)
{
	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	say_map_at(bench->model, 10 * SECOND, 3, 8192, 0); /* VFIO tries it out */
	for (uint64_t i = 0; i < 8; i++)
		say_map_at(bench->model, 15 * SECOND + i * SECOND, 3, i % 4 ? 2 * MIB : 4096, 1000);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
}

static void the_first_burst_is_a_guests_start(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_transition *start;

	boot_guest(bench);
	say_tick(bench->model, 26 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 1);
	say_tick(bench->model, 27 * SECOND);
	start = newest(bench);
	assert_int_equal(start->kind, TRANSITION_START);
	assert_int_equal(start->to_domain, 3);
	assert_int_equal(start->group, 2);
	assert_int_equal(start->begin_ns, 15 * SECOND);
	assert_int_equal(start->end_ns, 22 * SECOND);
	assert_int_equal(start->count, 8);
	assert_int_equal(start->bytes, 6 * 2 * MIB + 2 * 4096);
	assert_int_equal(start->inside_ns, 8000);
	assert_int_equal(start->common_log2, 21);
	assert_int_equal(start->common_count, 6);
	assert_int_equal(start->common_bytes, 2 * MIB);
	assert_false(start->attempts);
	assert_int_equal(start->process, 1234);
	assert_true(start->changed);
	assert_false(start->at_least);
	is_text(bench, start->vm, "vm1");
	is_text(bench, start->device, DEVICE);
	assert_int_equal(bench->snap.log[bench->snap.log_count - 1].transition, start->id);
	/* What comes later is no start. */
	say_map_at(bench->model, 40 * SECOND, 3, 64 * MIB, 0);
	say_tick(bench->model, 50 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 2);
	assert_false(newest(bench)->changed);
}

static void the_last_burst_is_a_guests_end(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_transition *end;

	boot_guest(bench);
	say_tick(bench->model, 30 * SECOND);
	say_unmap_at(bench->model, 40 * SECOND, 3, 8 * MIB, 7); /* a balloon */
	say_tick(bench->model, 50 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 2);
	say_unmap_at(bench->model, 60 * SECOND, 3, MIB, 10);
	say_unmap_at(bench->model, 61 * SECOND, 3, 3 * MIB, 20);
	say_attach(bench->model, 61 * SECOND, DEVICE, 1);
	say_unmap_at(bench->model, 62 * SECOND, 3, MIB, 30); /* VFIO detaches first */
	say_freed(bench->model, 62 * SECOND, 3);
	end = newest(bench);
	assert_int_equal(end->kind, TRANSITION_END);
	assert_int_equal(end->begin_ns, 60 * SECOND);
	assert_int_equal(end->end_ns, 62 * SECOND);
	assert_int_equal(end->count, 3);
	assert_int_equal(end->bytes, 5 * MIB);
	assert_int_equal(end->inside_ns, 60);
	assert_int_equal(end->common_log2, 20);
	assert_int_equal(end->common_bytes, MIB);
	is_text(bench, end->vm, "vm1");
	assert_int_equal(bench->snap.transition_count, 3);
}

static void a_domain_that_is_left_and_not_freed_ends_when_it_is_quiet(void **state)
{
	struct bench *bench = *state;

	boot_guest(bench);
	say_unmap_at(bench->model, 60 * SECOND, 3, MIB, 10);
	say_attach(bench->model, 61 * SECOND, DEVICE, 1);
	say_tick(bench->model, 61 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	say_tick(bench->model, 65 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_END);
	assert_int_equal(bench->snap.transition_count, 3);
	say_freed(bench->model, 66 * SECOND, 3);
	assert_int_equal(seen(bench)->transition_count, 3);
}

static void what_was_unmapped_long_before_is_no_end(void **state)
{
	struct bench *bench = *state;

	boot_guest(bench);
	say_unmap_at(bench->model, 40 * SECOND, 3, 8 * MIB, 7);
	say_attach(bench->model, 60 * SECOND, DEVICE, 1);
	say_freed(bench->model, 60 * SECOND, 3);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
}

/* With long intervals the free comes before a tick can see that it was quiet. */
static void an_end_between_ticks_is_told_by_the_free(void **state)
{
	struct bench *bench = *state;

	boot_guest(bench);
	say_unmap_at(bench->model, 40 * SECOND, 3, 8 * MIB, 7);
	say_attach(bench->model, 41 * SECOND, DEVICE, 1);
	say_freed(bench->model, 60 * SECOND, 3);
	assert_int_equal(newest(bench)->kind, TRANSITION_END);
}

static void the_first_burst_seen_of_an_older_domain_is_no_start(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_group_domain(bench->model, 2, 3, 1);
	say_map_at(bench->model, 20 * SECOND, 3, 64 * MIB, 0);
	say_tick(bench->model, 30 * SECOND);
	assert_int_equal(only(bench)->kind, TRANSITION_AWAY);
}

/* iommufd maps before it attaches. */
static void a_domain_that_is_mapped_first_starts_at_least(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map_at(bench->model, 10 * SECOND, 3, 64 * MIB, 0);
	say_attach(bench->model, 11 * SECOND, DEVICE, 3);
	say_tick(bench->model, 20 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	assert_true(newest(bench)->at_least);
}

static void a_loss_makes_a_burst_at_least(void **state)
{
	struct bench *bench = *state;

	boot_guest(bench);
	say_lost(bench->model, 1, true);
	say_tick(bench->model, 30 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	assert_true(newest(bench)->at_least);
	/* Told right before the tick that brings what was missed. */
	say_unmap_at(bench->model, 40 * SECOND, 3, 8 * MIB, 7);
	say_freed(bench->model, 40 * SECOND, 3);
	assert_false(newest(bench)->at_least);
	say_missed(bench->model, 41 * SECOND, 1);
	assert_true(newest(bench)->at_least);
}

static void sizes_of_one_bucket_need_not_be_one(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	say_map_at(bench->model, 10 * SECOND, 3, 2 * MIB, 1);
	say_map_at(bench->model, 10 * SECOND, 3, 3 * MIB, 1);
	say_attach(bench->model, 11 * SECOND, DEVICE, 1);
	assert_int_equal(newest(bench)->common_log2, 21);
	assert_int_equal(newest(bench)->common_count, 2);
	assert_int_equal(newest(bench)->common_bytes, 0);
	/* One that is no power of two is one, too. */
	say_attach(bench->model, 20 * SECOND, DEVICE, 4);
	say_map_at(bench->model, 20 * SECOND, 4, 3 * MIB, 1);
	say_map_at(bench->model, 20 * SECOND, 4, 3 * MIB, 1);
	say_attach(bench->model, 21 * SECOND, DEVICE, 1);
	assert_int_equal(newest(bench)->common_bytes, 3 * MIB);
}

static void time_inside_is_of_all_or_not_known(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	say_map_at(bench->model, 10 * SECOND, 3, 2 * MIB, 1000);
	say_map_at(bench->model, 10 * SECOND, 3, 2 * MIB, 0);
	say_attach(bench->model, 11 * SECOND, DEVICE, 1);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	assert_int_equal(newest(bench)->inside_ns, 0);
}

/* ---- bursts that the kernel counted ---- */

static void count_at(struct bench *bench, uint64_t ts_ns, enum counts_what what, uint64_t hits,
                     uint64_t bytes)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_COUNTS,
	                         .counts = {.hits = hits,
	                                    .bytes = bytes,
	                                    .domain = 3,
	                                    .what = (uint8_t)what,
	                                    .log2 = 12}};

	model_apply(bench->model, &ev);
	say_tick(bench->model, ts_ns);
}

/* The device goes to domain 3 while the kernel counts. */
static void begin_counting(struct bench *bench, bool attempts)
{
	begin(bench);
	say_collect(bench->model, COLLECT_COUNTS, attempts);
	say_attach(bench->model, 10 * SECOND + 5, DEVICE, 3);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	say_tick(bench->model, 11 * SECOND);
}

static void a_counted_start_is_a_start(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_transition *start;

	begin_counting(bench, false);
	count_at(bench, 12 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	count_at(bench, 13 * SECOND, COUNTS_MAP, 500, 500 * 4096);
	say_tick(bench->model, 17 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_AWAY);
	say_tick(bench->model, 18 * SECOND);
	start = newest(bench);
	assert_int_equal(start->kind, TRANSITION_START);
	assert_int_equal(start->begin_ns, 11 * SECOND);
	assert_int_equal(start->end_ns, 13 * SECOND);
	assert_int_equal(start->count, 1500);
	assert_int_equal(start->bytes, 1500 * 4096);
	assert_int_equal(start->inside_ns, 0);
	assert_int_equal(start->common_count, 1500);
	assert_int_equal(start->common_bytes, 4096);
	assert_false(start->at_least);
	assert_false(start->attempts);
	is_text(bench, start->vm, "vm1");
	/* What comes later is no start. */
	count_at(bench, 40 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	say_tick(bench->model, 50 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 2);
}

/* All of it came at some time in a long interval: that is no quiet time. */
static void counted_in_long_intervals_is_one_burst(void **state)
{
	struct bench *bench = *state;

	begin_counting(bench, false);
	count_at(bench, 21 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	count_at(bench, 31 * SECOND, COUNTS_MAP, 1000, 1000 * 4097);
	assert_int_equal(newest(bench)->kind, TRANSITION_AWAY);
	say_tick(bench->model, 41 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	assert_int_equal(newest(bench)->begin_ns, 11 * SECOND);
	assert_int_equal(newest(bench)->end_ns, 31 * SECOND);
	assert_int_equal(newest(bench)->count, 2000);
	assert_int_equal(newest(bench)->common_bytes, 0);
}

static void counted_attempts_are_called_so(void **state)
{
	struct bench *bench = *state;

	begin_counting(bench, true);
	count_at(bench, 12 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	say_tick(bench->model, 20 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	assert_true(newest(bench)->attempts);
}

/* That is when it happens: a guest's start makes the rate too high for events. */
static void a_burst_goes_on_when_the_mode_changes(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_transition *start;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	say_map_at(bench->model, 10 * SECOND + 7, 3, 8 * MIB, 100);
	say_tick(bench->model, 11 * SECOND);
	say_collect(bench->model, COLLECT_COUNTS, false);
	count_at(bench, 12 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	say_collect(bench->model, COLLECT_EVENTS, false);
	say_map_at(bench->model, 13 * SECOND, 3, 8 * MIB, 100);
	say_tick(bench->model, 18 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 2);
	start = newest(bench);
	assert_int_equal(start->kind, TRANSITION_START);
	assert_int_equal(start->begin_ns, 10 * SECOND + 7);
	assert_int_equal(start->end_ns, 13 * SECOND);
	assert_int_equal(start->count, 1002);
	assert_int_equal(start->bytes, 16 * MIB + 1000 * 4096);
	assert_int_equal(start->inside_ns, 0);
	assert_true(start->at_least);
}

static void a_burst_before_the_mode_changes_is_whole(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 10 * SECOND, DEVICE, 3);
	say_map_at(bench->model, 10 * SECOND + 7, 3, 8 * MIB, 100);
	say_tick(bench->model, 11 * SECOND);
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_tick(bench->model, 20 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	assert_int_equal(newest(bench)->inside_ns, 100);
	assert_false(newest(bench)->at_least);
}

static void a_counted_end_is_an_end(void **state)
{
	struct bench *bench = *state;

	begin_counting(bench, false);
	count_at(bench, 12 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	say_tick(bench->model, 30 * SECOND);
	count_at(bench, 31 * SECOND, COUNTS_UNMAP, 1000, 1000 * 4096);
	say_attach(bench->model, 31 * SECOND + 1, DEVICE, 1);
	say_tick(bench->model, 36 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_END);
	assert_int_equal(newest(bench)->begin_ns, 30 * SECOND);
	assert_int_equal(newest(bench)->end_ns, 31 * SECOND);
	assert_int_equal(newest(bench)->count, 1000);
	assert_int_equal(newest(bench)->common_bytes, 4096);
	assert_false(newest(bench)->at_least);
}

/* What came last may have been counted for nobody. */
static void what_was_counted_of_a_freed_domain_is_at_least(void **state)
{
	struct bench *bench = *state;

	begin_counting(bench, false);
	count_at(bench, 12 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	/* Left, with counts of it that are still to come. */
	say_attach(bench->model, 12 * SECOND + 1, DEVICE, 1);
	assert_int_equal(newest(bench)->kind, TRANSITION_AWAY);
	count_at(bench, 13 * SECOND, COUNTS_UNMAP, 1000, 1000 * 4096);
	say_freed(bench->model, 13 * SECOND + 1, 3);
	say_tick(bench->model, 14 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_AWAY);
	say_tick(bench->model, 15 * SECOND);
	assert_int_equal(seen(bench)->transition_count, 3);
	assert_int_equal(bench->snap.transitions[1].kind, TRANSITION_START);
	assert_true(bench->snap.transitions[1].at_least);
	assert_int_equal(bench->snap.transitions[2].kind, TRANSITION_END);
	assert_true(bench->snap.transitions[2].at_least);
}

/* The domain is gone when its counts come, one tick late. */
static void an_exit_within_one_interval_is_an_end(void **state)
{
	struct bench *bench = *state;

	begin_counting(bench, false);
	count_at(bench, 12 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	say_tick(bench->model, 20 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	say_attach(bench->model, 20 * SECOND + 500, DEVICE, 1);
	say_freed(bench->model, 20 * SECOND + 600, 3);
	say_tick(bench->model, 21 * SECOND);
	assert_int_equal(newest(bench)->kind, TRANSITION_START);
	count_at(bench, 22 * SECOND, COUNTS_UNMAP, 1000, 1000 * 4096);
	assert_int_equal(newest(bench)->kind, TRANSITION_END);
	assert_int_equal(newest(bench)->begin_ns, 20 * SECOND);
	assert_int_equal(newest(bench)->end_ns, 20 * SECOND + 600);
	assert_int_equal(newest(bench)->count, 1000);
	assert_int_equal(newest(bench)->bytes, 1000 * 4096);
	assert_false(newest(bench)->at_least);
	is_text(bench, newest(bench)->vm, "vm1");
	/* What comes even later is counted, but no burst any more; and it does not live again. */
	count_at(bench, 23 * SECOND, COUNTS_UNMAP, 1000, 1000 * 4096);
	say_tick(bench->model, 40 * SECOND);
	assert_int_equal(newest(bench)->count, 1000);
	assert_true(row(bench, 3)->freed);
	count_is(row(bench, 3)->traffic.unmaps, 2000, KNOWN_EXACT);
}

/* Intervals can be longer than what is quiet. */
static void an_end_is_told_after_long_intervals(void **state)
{
	struct bench *bench = *state;

	begin_counting(bench, false);
	count_at(bench, 21 * SECOND, COUNTS_MAP, 1000, 1000 * 4096);
	say_tick(bench->model, 31 * SECOND);
	say_freed(bench->model, 32 * SECOND, 3);
	say_tick(bench->model, 41 * SECOND);
	count_at(bench, 51 * SECOND, COUNTS_UNMAP, 1000, 1000 * 4096);
	assert_int_equal(newest(bench)->kind, TRANSITION_END);
	assert_int_equal(newest(bench)->begin_ns, 31 * SECOND);
	assert_int_equal(newest(bench)->end_ns, 32 * SECOND);
	assert_false(newest(bench)->at_least);
}

static void host_dma_has_no_bursts(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map_at(bench->model, 10 * SECOND, 1, 64 * MIB, 0);
	say_unmap_at(bench->model, 10 * SECOND, 1, 64 * MIB, 0);
	say_tick(bench->model, 20 * SECOND);
	say_freed(bench->model, 20 * SECOND, 1);
	assert_int_equal(seen(bench)->transition_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_journey_folds_what_lies_on_the_way),
		bench_test(a_journey_has_a_line_in_the_log_at_both_ends),
		bench_test(a_blocked_domain_is_left_for_the_guests),
		bench_test(a_detach_on_the_way_is_no_end),
		bench_test(another_domain_with_maps_is_where_it_went),
		bench_test(from_one_home_to_another_is_no_journey),
		bench_test(where_it_came_from_must_be_known),
		bench_test(a_journey_that_was_not_seen_to_begin_says_so),
		bench_test(what_was_away_before_is_a_journey_without_a_beginning),
		bench_test(what_is_at_home_or_blocked_at_first_is_not_away),
		bench_test(the_holder_is_filled_in_when_it_becomes_known),
		bench_test(the_next_journey_is_not_the_former_holders),
		bench_test(a_group_is_known_by_what_is_no_bridge),
		bench_test(the_ring_of_transitions_keeps_the_newest),
		bench_test(the_first_burst_is_a_guests_start),
		bench_test(the_last_burst_is_a_guests_end),
		bench_test(a_domain_that_is_left_and_not_freed_ends_when_it_is_quiet),
		bench_test(what_was_unmapped_long_before_is_no_end),
		bench_test(an_end_between_ticks_is_told_by_the_free),
		bench_test(the_first_burst_seen_of_an_older_domain_is_no_start),
		bench_test(a_domain_that_is_mapped_first_starts_at_least),
		bench_test(a_loss_makes_a_burst_at_least),
		bench_test(sizes_of_one_bucket_need_not_be_one),
		bench_test(time_inside_is_of_all_or_not_known),
		bench_test(a_counted_start_is_a_start),
		bench_test(counted_in_long_intervals_is_one_burst),
		bench_test(counted_attempts_are_called_so),
		bench_test(a_burst_goes_on_when_the_mode_changes),
		bench_test(a_burst_before_the_mode_changes_is_whole),
		bench_test(a_counted_end_is_an_end),
		bench_test(what_was_counted_of_a_freed_domain_is_at_least),
		bench_test(an_exit_within_one_interval_is_an_end),
		bench_test(an_end_is_told_after_long_intervals),
		bench_test(host_dma_has_no_bursts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
