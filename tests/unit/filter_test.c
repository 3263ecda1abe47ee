// SPDX-License-Identifier: GPL-2.0-or-later
/* filter: what -g and -f leave of the lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "choice.h"
#include "scene.h"
#include "sinks/filter.h"
#include "util.h"

struct bench {
	struct model *model;
	struct snapshot snap;
};

static int make_bench(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->model = model_new(&model_default_limits);
	say_everything(bench->model);
	look(bench->model, &bench->snap);
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

/* To be released. */
static struct choice choose(const struct bench *bench, uint32_t group, const char *needle)
{
	struct choice choice = {0};

	if (needle)
		choice_make(&choice, &bench->snap, group, needle, 0);
	return choice;
}

static size_t devices(const struct bench *bench, uint32_t group, const char *needle)
{
	struct choice choice = choose(bench, group, needle);
	const struct output_filter filter = {group, needle, &choice.rows};
	size_t count = 0;

	for (size_t i = 0; i < bench->snap.device_count; i++)
		count += filter_device(&bench->snap, &filter, &bench->snap.devices[i]);
	choice_release(&choice);
	return count;
}

static size_t groups(const struct bench *bench, uint32_t group, const char *needle)
{
	struct choice choice = choose(bench, group, needle);
	const struct output_filter filter = {group, needle, &choice.rows};
	size_t count = 0;

	for (size_t i = 0; i < bench->snap.group_count; i++)
		count += filter_group(&bench->snap, &filter, &bench->snap.groups[i]);
	choice_release(&choice);
	return count;
}

static size_t faults(const struct bench *bench, uint32_t group, const char *needle)
{
	struct choice choice = choose(bench, group, needle);
	const struct output_filter filter = {group, needle, &choice.rows};
	size_t count = 0;

	for (size_t i = 0; i < bench->snap.fault_count; i++)
		count += filter_fault(&bench->snap, &filter, &bench->snap.faults_seen[i]);
	choice_release(&choice);
	return count;
}

/* A host's domain and a guest's, by events. */
static void say_domains(struct bench *bench)
{
	struct model *model = bench->model;

	say_number(model, ATTR_DOMAIN_TYPE, NULL, 3, DOMAIN_TYPE_DMA);
	say_number(model, ATTR_GROUP_DOMAIN, NULL, 0, 3);
	say_number(model, ATTR_DOMAIN_TYPE, NULL, 6, DOMAIN_TYPE_UNMANAGED);
	say_number(model, ATTR_GROUP_DOMAIN, NULL, 2, 6);
	say_text(model, ATTR_PROCESS_NAME, NULL, 1234, "qemu-system-x86");
	say_text(model, ATTR_PROCESS_VM, NULL, 1234, "vm1");
	say_number(model, ATTR_GROUP_HOLDER, NULL, 2, 1234);
	say_tick(model, 80 * SECOND);
	look(model, &bench->snap);
}

static size_t domains(const struct bench *bench, uint32_t group, const char *needle)
{
	struct choice choice = choose(bench, group, needle);
	const struct output_filter filter = {group, needle, &choice.rows};
	size_t count = 0;

	for (size_t i = 0; i < bench->snap.domain_count; i++)
		count += filter_domain(&bench->snap, &filter, &bench->snap.domains[i]);
	choice_release(&choice);
	return count;
}

static void domains_go_by_their_groups_and_names(void **state)
{
	struct bench *bench = *state;

	say_domains(bench);
	assert_int_equal(domains(bench, NO_GROUP, NULL), bench->snap.domain_count);
	assert_int_equal(domains(bench, 0, NULL), 1);
	assert_int_equal(domains(bench, 2, NULL), 1);
	assert_int_equal(domains(bench, 9, NULL), 0);
	assert_int_equal(domains(bench, NO_GROUP, "VM1"), 1);
	assert_int_equal(domains(bench, NO_GROUP, "0000:00:03.0"), 1); /* the guest's device */
	assert_int_equal(domains(bench, NO_GROUP, "82574"), 1);
	assert_int_equal(domains(bench, 0, "vm1"), 0);
}

static void a_domain_is_found_by_each_of_its_devices(void **state)
{
	struct bench *bench = *state;
	char name[32];

	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "0000:40:%02x.0", i);
		say_number(bench->model, ATTR_DEVICE_GROUP, name, 0, 0);
		say_text(bench->model, ATTR_DEVICE_NAME, name, 0, "Sky Lake-E PCU Registers");
	}
	say_text(bench->model, ATTR_DEVICE_DRIVER, name, 0, "last_one");
	say_domains(bench);
	assert_int_equal(domains(bench, NO_GROUP, "0000:40:0f.0"), 1);
	assert_int_equal(domains(bench, NO_GROUP, "last_one"), 1);
	assert_int_equal(domains(bench, NO_GROUP, "absent"), 0);
}

static void ways_go_by_group_device_and_guest(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_transition away = {.group = 2, .to_domain = 6};
	const struct snapshot_transition burst = {
		.kind = TRANSITION_START, .group = NO_GROUP, .to_domain = 6};
	const struct output_filter all = {.group = NO_GROUP}, two = {.group = 2},
				   nine = {.group = 9}, text = {.group = NO_GROUP, .needle = "vm1"};

	say_domains(bench);
	assert_true(filter_transition(&bench->snap, &all, &away));
	assert_true(filter_transition(&bench->snap, &two, &away));
	assert_true(filter_transition(&bench->snap, &two, &burst));
	assert_false(filter_transition(&bench->snap, &nine, &away));
	assert_false(filter_transition(&bench->snap, &nine, &burst));
	assert_false(filter_transition(&bench->snap, &text, &away));
}

static void without_a_filter_everything_passes(void **state)
{
	assert_int_equal(devices(*state, NO_GROUP, NULL), 7);
	assert_int_equal(faults(*state, NO_GROUP, NULL), 3);
}

static void a_group_keeps_its_own(void **state)
{
	assert_int_equal(devices(*state, 7, NULL), 3);
	assert_int_equal(devices(*state, 9, NULL), 0);
	assert_int_equal(devices(*state, 12345, NULL), 0);
	assert_int_equal(faults(*state, 7, NULL), 1);
	assert_int_equal(faults(*state, 2, NULL), 1);
	assert_int_equal(faults(*state, 0, NULL), 0);
}

static void text_is_searched_in_all_that_names_a_device(void **state)
{
	assert_int_equal(devices(*state, NO_GROUP, "0000:00:03"), 1);
	assert_int_equal(devices(*state, NO_GROUP, "ETHERNET"), 1);
	assert_int_equal(devices(*state, NO_GROUP, "82574l"), 1);
	assert_int_equal(devices(*state, NO_GROUP, "vfio"), 1);
	assert_int_equal(devices(*state, NO_GROUP, "0000:"), 6);
	assert_int_equal(devices(*state, NO_GROUP, "absent"), 0);
}

static void both_filters_must_let_pass(void **state)
{
	assert_int_equal(devices(*state, 7, "bochs"), 1);
	assert_int_equal(devices(*state, 2, "bochs"), 0);
	assert_int_equal(faults(*state, 7, "access is not set"), 1);
	assert_int_equal(faults(*state, 7, "absent"), 0);
}

/* The log said 00:03.0; what is shown is the device's whole name and its words. */
static void a_fault_is_found_by_what_is_shown_of_its_device(void **state)
{
	assert_int_equal(faults(*state, NO_GROUP, "0000:00:03.0"), 1);
	assert_int_equal(faults(*state, NO_GROUP, "Ethernet"), 1);
	assert_int_equal(faults(*state, NO_GROUP, "PTE"), 3);
	assert_int_equal(faults(*state, NO_GROUP, "nvme"), 0);
}

/* Numbers, ids and words that the tables have beside names. */
static void what_a_table_shows_is_found(void **state)
{
	struct bench *bench = *state;

	say_number(bench->model, ATTR_DEVICE_DEVICE_ID, "0000:00:03.0", 0, 0x1533);
	say_domains(bench);
	assert_int_equal(devices(bench, NO_GROUP, ":1533"), 1);
	assert_int_equal(devices(bench, NO_GROUP, "qemu-system-x86"), 1); /* who holds it */
	assert_int_equal(groups(bench, NO_GROUP, "qemu-system-x86"), 1);
	/* The group that was asked for stands there, whatever of it is left. */
	assert_int_equal(groups(bench, 7, "qemu-system-x86"), 1);
	assert_int_equal(devices(bench, 7, "qemu-system-x86"), 0);
	assert_int_equal(domains(bench, NO_GROUP, "VFIO"), 1);
	assert_int_equal(faults(bench, NO_GROUP, "intr"), 1);
	assert_int_equal(faults(bench, NO_GROUP, "vfio-pci"), 1); /* who drives the device */
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(without_a_filter_everything_passes),
		bench_test(domains_go_by_their_groups_and_names),
		bench_test(a_domain_is_found_by_each_of_its_devices),
		bench_test(ways_go_by_group_device_and_guest),
		bench_test(a_group_keeps_its_own),
		bench_test(text_is_searched_in_all_that_names_a_device),
		bench_test(what_a_table_shows_is_found),
		bench_test(both_filters_must_let_pass),
		bench_test(a_fault_is_found_by_what_is_shown_of_its_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
