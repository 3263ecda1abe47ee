// SPDX-License-Identifier: GPL-2.0-or-later
/* model_attach and model_names: what is attached to what, and whose domain it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

/* Group 1 with a bridge and two endpoints, group 2 with one, all at home in domains 1 and 2. */
static void begin(struct bench *bench)
{
	static const char *const devices[] = {"0000:00:1c.0", "0000:01:00.0", "0000:01:00.1"};

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		say_device(bench->model, devices[i], 1, "c", "m", "driver");
	say_number(bench->model, ATTR_DEVICE_CLASS, devices[0], 0, 0x060400);
	say_device(bench->model, "0000:00:02.0", 2, "c", "m", "e1000e");
	say_watching(bench->model, SECOND);
	say_type(bench->model, SECOND, 1, DOMAIN_TYPE_DMA_FQ);
	say_type(bench->model, SECOND, 2, DOMAIN_TYPE_DMA);
	say_group_domain(bench->model, 1, 1, 1);
	say_group_domain(bench->model, 2, 2, 2);
	say_type(bench->model, SECOND, 3, DOMAIN_TYPE_UNMANAGED);
}

static uint32_t domain_of(struct bench *bench, uint32_t group)
{
	const struct snapshot_group *found = snapshot_group_by_id(seen(bench), group);

	assert_non_null(found);
	return found->domain;
}

/* "group group | device device", of the newest snapshot. */
static void holds(struct bench *bench, uint32_t id, const char *expected)
{
	const struct snapshot_domain *domain = row(bench, id);
	char out[256] = "";
	size_t at = 0;

	for (uint32_t i = 0; i < domain->group_count; i++)
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%u ",
		                       bench->snap.domain_groups[domain->first_group + i]);
	at += (size_t)snprintf(out + at, sizeof(out) - at, "|");
	for (uint32_t i = 0; i < domain->device_count; i++) {
		text_id name = bench->snap.domain_devices[domain->first_device + i];

		at += (size_t)snprintf(out + at, sizeof(out) - at, " %s",
		                       snapshot_text(&bench->snap, name));
	}
	assert_string_equal(out, expected);
}

/* ---- attached to what ---- */

static void the_kernel_tells_where_groups_are(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	assert_int_equal(domain_of(bench, 1), 1);
	assert_int_equal(snapshot_group_by_id(&bench->snap, 1)->default_domain, 1);
	/* A bridge is not what one knows a group by. */
	holds(bench, 1, "1 | 0000:01:00.0 0000:01:00.1 0000:00:1c.0");
	name_is(bench, 1, "0000:01:00.0 and 2 more");
	name_is(bench, 2, "0000:00:02.0 e1000e");
	assert_int_equal(row(bench, 1)->named_by, NAMED_SNAPSHOT);
	assert_int_equal(row(bench, 1)->attached_ns, 0);
	assert_string_equal(snapshot_group_now(&bench->snap, snapshot_group_by_id(&bench->snap, 1)),
	                    "DMA lazy");
}

static void an_attach_elsewhere_ends_the_one_before(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	assert_int_equal(domain_of(bench, 2), 3);
	holds(bench, 3, "2 | 0000:00:02.0");
	assert_int_equal(row(bench, 3)->named_by, NAMED_ATTACH);
	assert_int_equal(row(bench, 3)->attached_ns, 3 * SECOND);
	assert_null(snapshot_domain_by_id(&bench->snap, 2));
	say_map(bench->model, 2, 4096);
	assert_int_equal(row(bench, 2)->replaced_ns, 3 * SECOND);
	holds(bench, 2, "2 | 0000:00:02.0"); /* as it was last */
	say_attach(bench->model, 4 * SECOND, "0000:00:02.0", 2);
	assert_int_equal(row(bench, 2)->replaced_ns, 0);
	assert_int_equal(row(bench, 2)->attached_ns, 4 * SECOND);
	assert_int_equal(domain_of(bench, 2), 2);
}

static void of_two_that_tell_the_newer_one_is_true(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_number(bench->model, ATTR_GROUP_DOMAIN, NULL, 2, 2);
	assert_int_equal(domain_of(bench, 2), 2);
	holds(bench, 2, "2 | 0000:00:02.0");
	assert_null(snapshot_domain_by_id(&bench->snap, 3));
	say_attach(bench->model, 4 * SECOND, "0000:00:02.0", 3);
	assert_int_equal(domain_of(bench, 2), 3);
}

static void a_detach_ends_an_attach(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_detach(bench->model, 4 * SECOND, "0000:00:02.0", 2); /* of another */
	assert_int_equal(domain_of(bench, 2), 3);
	say_detach(bench->model, 4 * SECOND, "0000:00:02.0", 3);
	assert_int_equal(domain_of(bench, 2), NO_DOMAIN);
	assert_int_equal(seen(bench)->domain_count, 2);
	say_attach(bench->model, 5 * SECOND, "0000:00:02.0", 3);
	say_detach(bench->model, 5 * SECOND, "0000:00:02.0", DOMAIN_UNATTRIBUTED);
	assert_int_equal(domain_of(bench, 2), NO_DOMAIN);
	say_detach(bench->model, 5 * SECOND, "0000:00:02.0", 3);
	say_detach(bench->model, 5 * SECOND, NULL, 3);
	assert_int_equal(seen(bench)->domain_count, 2);
}

/* It went where nobody could see, so it is no longer where it was. */
static void an_attach_to_an_unknown_domain_ends_the_one_before(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", DOMAIN_UNATTRIBUTED);
	assert_int_equal(domain_of(bench, 2), NO_DOMAIN);
	assert_null(snapshot_domain_by_id(&bench->snap, 2));
}

static void pasids_are_attached_beside_the_device(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_member(bench->model, EVENT_ATTACH, 3 * SECOND, "0000:00:02.0", 3, 5);
	say_member(bench->model, EVENT_ATTACH, 3 * SECOND, "0000:00:02.0", 4, 6);
	assert_int_equal(domain_of(bench, 2), 2);
	holds(bench, 2, "2 | 0000:00:02.0");
	holds(bench, 3, "| 0000:00:02.0");
	holds(bench, 4, "| 0000:00:02.0");
	say_member(bench->model, EVENT_ATTACH, 4 * SECOND, "0000:00:02.0", 3, 6);
	assert_null(snapshot_domain_by_id(seen(bench), 4));
	say_member(bench->model, EVENT_DETACH, 5 * SECOND, "0000:00:02.0", 3, 5);
	holds(bench, 3, "| 0000:00:02.0"); /* by the other one */
	say_member(bench->model, EVENT_DETACH, 6 * SECOND, "0000:00:02.0", 3, 6);
	assert_null(snapshot_domain_by_id(seen(bench), 3));
}

static void a_device_whose_group_becomes_known_later_counts(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_attach(bench->model, 2 * SECOND, "d", 3);
	say_attach(bench->model, 2 * SECOND, "e", 4);
	holds(bench, 3, "| d");
	say_number(bench->model, ATTR_DEVICE_GROUP, "d", 0, 8);
	assert_int_equal(domain_of(bench, 8), 3);
	holds(bench, 3, "8 | d");
	/* What the kernel told meanwhile is newer. */
	say_number(bench->model, ATTR_GROUP_DOMAIN, NULL, 9, 5);
	say_number(bench->model, ATTR_DEVICE_GROUP, "e", 0, 9);
	assert_int_equal(domain_of(bench, 9), 5);
}

static void a_shared_domain_has_all_its_groups_and_devices(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:01:00.1", 3);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	holds(bench, 3, "1 2 | 0000:00:02.0 0000:01:00.0 0000:01:00.1 0000:00:1c.0");
	name_is(bench, 3, "0000:00:02.0 and 3 more");
	say_map(bench->model, 3, 4096);
	say_attach(bench->model, 9 * SECOND, "0000:00:02.0", 2);
	holds(bench, 3, "1 | 0000:01:00.0 0000:01:00.1 0000:00:1c.0");
	say_attach(bench->model, 10 * SECOND, "0000:01:00.1", 1);
	holds(bench, 3, "1 2 | 0000:00:02.0 0000:01:00.0 0000:01:00.1 0000:00:1c.0");
	assert_int_equal(row(bench, 3)->replaced_ns, 10 * SECOND);
	/* What comes next to it is another set. */
	say_attach(bench->model, 20 * SECOND, "0000:00:02.0", 3);
	holds(bench, 3, "2 | 0000:00:02.0");
}

/* The number is given to another group when the next device comes. */
static void a_former_domain_keeps_its_devices_when_group_numbers_are_reused(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_map(bench->model, 2, 4096);
	say_gone(bench->model, SUBJECT_DEVICE, "0000:00:02.0", 0);
	say_gone(bench->model, SUBJECT_GROUP, NULL, 2);
	say_freed(bench->model, 3 * SECOND, 2);
	say_device(bench->model, "0000:00:09.0", 2, "c", "m", NULL);
	name_is(bench, 2, "0000:00:02.0");
	assert_int_equal(domain_of(bench, 2), NO_DOMAIN);
}

static void a_freed_domain_is_nobodys_any_more(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 2);
	say_freed(bench->model, 4 * SECOND, 2);
	assert_int_equal(domain_of(bench, 2), NO_DOMAIN);
	assert_int_equal(snapshot_group_by_id(&bench->snap, 2)->default_domain, NO_DOMAIN);
}

static void the_kernel_may_no_longer_know(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_number(bench->model, ATTR_GROUP_DOMAIN, NULL, 2, VALUE_UNKNOWN);
	say_number(bench->model, ATTR_GROUP_DEFAULT_DOMAIN, NULL, 2, VALUE_UNKNOWN);
	assert_int_equal(domain_of(bench, 2), NO_DOMAIN);
	assert_int_equal(snapshot_group_by_id(&bench->snap, 2)->default_domain, NO_DOMAIN);
	assert_string_equal(snapshot_group_now(&bench->snap, snapshot_group_by_id(&bench->snap, 2)),
	                    "-");
}

/* ---- whose it is ---- */

static void a_dma_call_names_a_domain(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_device(bench->model, "0000:00:04.0", 4, "c", "m", "nvme");
	say_map(bench->model, 6, 4096);
	name_is(bench, 6, "domain 6");
	assert_int_equal(row(bench, 6)->named_by, NAMED_NOT);
	say_text(bench->model, ATTR_DOMAIN_DEVICE, NULL, 6, "0000:00:04.0");
	name_is(bench, 6, "0000:00:04.0 nvme");
	assert_int_equal(row(bench, 6)->named_by, NAMED_DMA_CALL);
	assert_int_equal(domain_of(bench, 4), 6);
	say_attach(bench->model, 2 * SECOND, "0000:00:04.0", 6);
	assert_int_equal(row(bench, 6)->named_by, NAMED_ATTACH);
	say_number(bench->model, ATTR_GROUP_DOMAIN, NULL, 4, 6);
	assert_int_equal(row(bench, 6)->named_by, NAMED_SNAPSHOT);
}

static void a_holder_names_the_domain_of_its_group(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	assert_false(row(bench, 3)->vfio);
	assert_string_equal(snapshot_domain_type(row(bench, 3)), "unmanaged");
	say_holder(bench->model, 2, 1234, "qemu-system-x86", NULL);
	assert_true(row(bench, 3)->vfio);
	assert_string_equal(snapshot_domain_type(row(bench, 3)), "VFIO");
	name_is(bench, 3, "qemu-system-x86 1234");
	say_text(bench->model, ATTR_PROCESS_VM, NULL, 1234, "vm1");
	name_is(bench, 3, "vm1 (qemu-system-x86 1234)");
	assert_int_equal(snapshot_group_by_id(&bench->snap, 2)->holder, 1234);
}

static void what_a_guest_was_stays_known_when_it_is_gone(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_map(bench->model, 3, 4096);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	say_attach(bench->model, 4 * SECOND, "0000:00:02.0", 2);
	say_freed(bench->model, 4 * SECOND, 3);
	say_number(bench->model, ATTR_GROUP_HOLDER, NULL, 2, VALUE_UNKNOWN);
	say_gone(bench->model, SUBJECT_PROCESS, NULL, 1234);
	name_is(bench, 3, "vm1 (qemu 1234)");
	assert_true(row(bench, 3)->vfio);
	assert_non_null(snapshot_process_by_id(&bench->snap, 1234));
	/* The number of the process is another one's now. */
	say_text(bench->model, ATTR_PROCESS_NAME, NULL, 1234, "bash");
	name_is(bench, 3, "vm1 (qemu 1234)");
}

/* Holders are asked for now and then: the answer may be of the guest before. */
static void a_holder_from_before_names_no_new_domain(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	say_attach(bench->model, 4 * SECOND, "0000:00:02.0", 2);
	assert_int_equal(row(bench, 2)->process, NO_PROCESS); /* the host's */
	name_is(bench, 2, "0000:00:02.0 e1000e");
	say_type(bench->model, 5 * SECOND, 4, DOMAIN_TYPE_UNMANAGED);
	say_attach(bench->model, 5 * SECOND, "0000:00:02.0", 4);
	name_is(bench, 4, "0000:00:02.0 e1000e");
	say_holder(bench->model, 2, 1235, "qemu", "vm2");
	name_is(bench, 4, "vm2 (qemu 1235)");
}

static void a_holder_that_attaches_again_is_the_same(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {.ts_ns = 5 * SECOND,
	                         .kind = EVENT_ATTACH,
	                         .pid = 77,
	                         .member = {.device = "0000:00:02.0", .domain = 4}};

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	say_attach(bench->model, 4 * SECOND, "0000:00:02.0", 2);
	say_type(bench->model, 5 * SECOND, 4, DOMAIN_TYPE_UNMANAGED);
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 77, 1234);
	model_apply(bench->model, &ev);
	name_is(bench, 4, "vm1 (qemu 1234)");
}

static void a_vfio_driver_makes_it_vfio(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_text(bench->model, ATTR_DEVICE_DRIVER, "0000:00:02.0", 0, "mlx5_vfio_pci");
	say_tick(bench->model, 4 * SECOND);
	assert_true(row(bench, 3)->vfio);
	name_is(bench, 3, "0000:00:02.0 mlx5_vfio_pci");
	say_attach(bench->model, 5 * SECOND, "0000:00:02.0", 2);
	assert_false(row(bench, 2)->vfio);
}

/* ---- attaches and frees that nobody saw ---- */

static void say_gap(struct bench *bench, enum event_kind kind)
{
	struct event ev = {.ts_ns = 5 * SECOND, .kind = (uint8_t)kind};

	if (kind == EVENT_MISSED)
		ev.missed.count = 1;
	else
		ev.lost.source = SOURCE_TRACE;
	model_apply(bench->model, &ev);
}

/* A guest in domain 3, whose thread 50 maps. */
static void begin_guest(struct bench *bench)
{
	struct event map = {.kind = EVENT_MAP, .pid = 50, .map = {.size_bytes = 4096, .domain = 3}};

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 50, 1234);
	model_apply(bench->model, &map);
	name_is(bench, 3, "vm1 (qemu 1234)");
}

static void what_no_group_has_after_a_gap_has_no_name(void **state)
{
	static const uint8_t kinds[] = {EVENT_LOST, EVENT_MISSED};
	struct bench *bench = *state;

	begin_guest(bench);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		say_attach(bench->model, 4 * SECOND, "0000:00:02.0", 3);
		say_holder(bench->model, 2, 1234, "qemu", "vm1");
		say_gap(bench, kinds[i]);
		name_is(bench, 3, "vm1 (qemu 1234)");
		say_number(bench->model, ATTR_GROUP_HOLDER, NULL, 2, VALUE_UNKNOWN);
		say_group_domain(bench->model, 2, 2, 2);
		/* The other group may still be in it. */
		name_is(bench, 3, "vm1 (qemu 1234)");
		say_group_domain(bench->model, 1, 1, 1);
		say_tick(bench->model, 6 * SECOND);
		name_is(bench, 3, "domain 3");
		holds(bench, 3, "|");
		assert_int_equal(row(bench, 3)->named_by, NAMED_NOT);
		assert_false(row(bench, 3)->vfio);
		assert_int_equal(row(bench, 3)->traffic.maps.known, KNOWN_AT_LEAST);
		name_is(bench, 2, "0000:00:02.0 e1000e");
	}
}

static void what_is_seen_or_told_after_a_gap_keeps_its_name(void **state)
{
	struct bench *bench = *state;

	begin_guest(bench);
	say_gap(bench, EVENT_LOST);
	say_group_domain(bench->model, 1, 1, 1);
	say_group_domain(bench->model, 2, 3, 2);
	name_is(bench, 3, "vm1 (qemu 1234)");
	say_gap(bench, EVENT_LOST);
	say_group_domain(bench->model, 1, 1, 1);
	say_attach(bench->model, 6 * SECOND, "0000:00:02.0", 3);
	say_attach(bench->model, 7 * SECOND, "0000:00:02.0", 2);
	say_group_domain(bench->model, 2, 2, 2);
	name_is(bench, 3, "vm1 (qemu 1234)");
}

/* The guest has ended unseen, and the kernel has used the address of its domain again. */
static void a_domain_that_turns_up_elsewhere_loses_its_name(void **state)
{
	struct bench *bench = *state;

	begin_guest(bench);
	say_gap(bench, EVENT_LOST);
	say_number(bench->model, ATTR_GROUP_HOLDER, NULL, 2, VALUE_UNKNOWN);
	say_group_domain(bench->model, 1, 3, 1);
	say_group_domain(bench->model, 2, 2, 2);
	say_tick(bench->model, 6 * SECOND);
	name_is(bench, 3, "0000:01:00.0 and 2 more");
	holds(bench, 3, "1 | 0000:01:00.0 0000:01:00.1 0000:00:1c.0");
	assert_int_equal(row(bench, 3)->process, NO_PROCESS);
	say_holder(bench->model, 1, 99, "qemu", "vm2");
	name_is(bench, 3, "vm2 (qemu 99)");
}

/* ---- by whose maps ---- */

/* A GPU's maps are made by whichever process draws; a nested domain is a guest's. */
static void a_driver_of_the_host_is_known_by_its_device(void **state)
{
	struct event map = {.kind = EVENT_MAP, .pid = 50, .map = {.size_bytes = 4096, .domain = 3}};
	struct bench *bench = *state;

	begin(bench);
	say_attach(bench->model, 3 * SECOND, "0000:00:02.0", 3);
	say_text(bench->model, ATTR_DEVICE_DRIVER, "0000:00:02.0", 0, "i915");
	model_apply(bench->model, &map);
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 50, 233);
	say_tick(bench->model, 4 * SECOND);
	assert_int_equal(row(bench, 3)->process, 233);
	name_is(bench, 3, "0000:00:02.0 i915");
	say_type(bench->model, 4 * SECOND, 3, DOMAIN_TYPE_NESTED);
	say_holder(bench->model, 2, 1234, "qemu", "vm1");
	name_is(bench, 3, "vm1 (qemu 1234)");
}

static void the_task_that_maps_names_an_unmanaged_domain(void **state)
{
	struct bench *bench = *state;
	struct event map = {.kind = EVENT_MAP, .pid = 50, .map = {.size_bytes = 4096, .domain = 3}};

	begin(bench);
	for (int i = 0; i < 3; i++)
		model_apply(bench->model, &map);
	map.pid = 60;
	model_apply(bench->model, &map);
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 50, 49);
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 60, 59);
	say_text(bench->model, ATTR_PROCESS_NAME, NULL, 49, "dpdk");
	say_tick(bench->model, 4 * SECOND);
	name_is(bench, 3, "dpdk 49");
	assert_int_equal(row(bench, 3)->named_by, NAMED_TASK);
	assert_false(row(bench, 3)->vfio);
	say_number(bench->model, ATTR_DOMAIN_TASK, NULL, 3, 60);
	name_is(bench, 3, "process 59");
	/* Host DMA is made by whoever does input and output. */
	map.map.domain = 2;
	model_apply(bench->model, &map);
	say_tick(bench->model, 5 * SECOND);
	assert_int_equal(row(bench, 2)->process, NO_PROCESS);
}

/* Thread ids are used again; the domain of a driver outlives the task that it was mapped by. */
static void another_task_of_the_same_id_is_not_the_one_that_mapped(void **state)
{
	struct bench *bench = *state;
	const struct event map = {
		.kind = EVENT_MAP, .pid = 50, .map = {.size_bytes = 4096, .domain = 3}};

	begin(bench);
	say_text(bench->model, ATTR_TASK_COMM, NULL, 50, "dpdk");
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 50, 49);
	model_apply(bench->model, &map);
	say_tick(bench->model, 4 * SECOND);
	name_is(bench, 3, "process 49");
	say_text(bench->model, ATTR_TASK_COMM, NULL, 50, "stranger");
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 50, 7777);
	say_tick(bench->model, 5 * SECOND);
	name_is(bench, 3, "process 49");
}

static void without_probes_the_task_is_all_there_is(void **state)
{
	struct bench *bench = *state;

	say_collect(bench->model, COLLECT_TRACEPOINTS, false);
	say_map(bench->model, 1, 4096);
	say_number(bench->model, ATTR_TASK_PROCESS, NULL, 60, 59);
	say_text(bench->model, ATTR_PROCESS_NAME, NULL, 59, "qemu");
	say_number(bench->model, ATTR_DOMAIN_TASK, NULL, 1, 60);
	name_is(bench, 1, "qemu 59");
	assert_int_equal(row(bench, 1)->named_by, NAMED_TASK);
}

/* Many short ones come and go without a word. */
static void processes_that_nothing_belongs_to_make_room(void **state)
{
	struct bench *bench = *state;
	struct model_limits limits = model_default_limits;

	limits.tasks = 4;
	model_free(bench->model);
	bench->model = model_new(&limits);
	say_holder(bench->model, 2, 50, "qemu", "vm1");
	for (uint32_t id = 1; id < 100; id++)
		say_text(bench->model, ATTR_PROCESS_NAME, NULL, id, id == 50 ? "qemu" : "p");
	assert_int_equal(seen(bench)->process_count, 4);
	assert_non_null(snapshot_process_by_id(&bench->snap, 99));
	assert_non_null(snapshot_process_by_id(&bench->snap, 50));
	assert_null(snapshot_process_by_id(&bench->snap, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(the_kernel_tells_where_groups_are),
		bench_test(an_attach_elsewhere_ends_the_one_before),
		bench_test(of_two_that_tell_the_newer_one_is_true),
		bench_test(a_detach_ends_an_attach),
		bench_test(an_attach_to_an_unknown_domain_ends_the_one_before),
		bench_test(pasids_are_attached_beside_the_device),
		bench_test(a_device_whose_group_becomes_known_later_counts),
		bench_test(a_shared_domain_has_all_its_groups_and_devices),
		bench_test(a_former_domain_keeps_its_devices_when_group_numbers_are_reused),
		bench_test(a_freed_domain_is_nobodys_any_more),
		bench_test(the_kernel_may_no_longer_know),
		bench_test(a_dma_call_names_a_domain),
		bench_test(a_holder_names_the_domain_of_its_group),
		bench_test(what_a_guest_was_stays_known_when_it_is_gone),
		bench_test(a_holder_from_before_names_no_new_domain),
		bench_test(a_holder_that_attaches_again_is_the_same),
		bench_test(a_vfio_driver_makes_it_vfio),
		bench_test(what_no_group_has_after_a_gap_has_no_name),
		bench_test(what_is_seen_or_told_after_a_gap_keeps_its_name),
		bench_test(a_domain_that_turns_up_elsewhere_loses_its_name),
		bench_test(a_driver_of_the_host_is_known_by_its_device),
		bench_test(the_task_that_maps_names_an_unmanaged_domain),
		bench_test(another_task_of_the_same_id_is_not_the_one_that_mapped),
		bench_test(without_probes_the_task_is_all_there_is),
		bench_test(processes_that_nothing_belongs_to_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
