// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot: looking things up, versions of kernels, copies that live on their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snapshot.h"
#include "util.h"

static struct snapshot_group groups[] = {{.id = 0}, {.id = 3}, {.id = 4}, {.id = NO_GROUP - 1}};
static struct snapshot_device devices[] = {
	{.group = 0}, {.group = 3}, {.group = NO_GROUP}, {.group = NO_GROUP}};

static const struct snapshot snap = {
	.groups = groups,
	.group_count = ARRAY_SIZE(groups),
	.devices = devices,
	.device_count = ARRAY_SIZE(devices),
};

static void groups_are_found_by_number(void **state)
{
	const struct snapshot nothing = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		assert_ptr_equal(snapshot_group_by_id(&snap, groups[i].id), &groups[i]);
	assert_null(snapshot_group_by_id(&snap, 1));
	assert_null(snapshot_group_by_id(&snap, 5));
	assert_null(snapshot_group_by_id(&snap, NO_GROUP));
	assert_null(snapshot_group_by_id(&nothing, 0));
}

static void domains_are_found_by_number(void **state)
{
	struct snapshot_domain domains[] = {{.id = 0}, {.id = 2}, {.id = UINT32_MAX}};
	const struct snapshot of = {.domains = domains, .domain_count = ARRAY_SIZE(domains)};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(domains); i++)
		assert_ptr_equal(snapshot_domain_by_id(&of, domains[i].id), &domains[i]);
	assert_null(snapshot_domain_by_id(&of, 1));
	assert_null(snapshot_domain_by_id(&snap, 0));
}

static void a_device_that_is_not_there_is_in_no_group(void **state)
{
	(void)state;
	assert_int_equal(snapshot_group_of(&snap, 1), 3);
	assert_int_equal(snapshot_group_of(&snap, 2), NO_GROUP);
	assert_int_equal(snapshot_group_of(&snap, 4), NO_GROUP);
	assert_int_equal(snapshot_group_of(&snap, NO_NUMBER), NO_GROUP);
}

static void devices_behind_no_iommu_are_the_tail(void **state)
{
	const struct snapshot nothing = {0};
	const struct snapshot_device *first;

	(void)state;
	assert_int_equal(snapshot_ungrouped(&snap, &first), 2);
	assert_ptr_equal(first, &devices[2]);
	assert_int_equal(snapshot_ungrouped(&nothing, &first), 0);
}

static bool kernel_is_at_least(const char *version, unsigned int major, unsigned int minor)
{
	char pool[64] = "";
	const struct snapshot of = {
		.pool = pool, .pool_bytes = strlen(version) + 2, .kernel = version[0] ? 1 : 0};

	strcpy(pool + 1, version);
	return snapshot_kernel_at_least(&of, major, minor);
}

static void versions_are_numbers_not_letters(void **state)
{
	(void)state;
	assert_true(kernel_is_at_least("5.15.0-91-generic", 5, 15));
	assert_true(kernel_is_at_least("5.15", 5, 15));
	assert_true(kernel_is_at_least("6.1.0", 5, 15));
	assert_true(kernel_is_at_least("10.0-rc1", 5, 15));
	assert_false(kernel_is_at_least("5.9.1", 5, 15));
	assert_false(kernel_is_at_least("5.10.0-28-amd64", 5, 15));
	assert_false(kernel_is_at_least("4.19", 5, 15));
}

static void an_unreadable_version_counts_as_new(void **state)
{
	static const char *const unreadable[] = {
		"", "six.one", "6", "6.", ".1", "v6.1", "99999999999999999999.1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unreadable); i++)
		assert_true(kernel_is_at_least(unreadable[i], 5, 15));
}

static void texts_outside_the_pool_are_empty(void **state)
{
	char pool[] = "\0abc";
	const struct snapshot of = {.pool = pool, .pool_bytes = sizeof(pool)};
	const struct snapshot nothing = {0};

	(void)state;
	assert_string_equal(snapshot_text(&of, 1), "abc");
	assert_string_equal(snapshot_text(&of, 0), "");
	assert_string_equal(snapshot_text(&of, sizeof(pool)), "");
	assert_string_equal(snapshot_text(&of, UINT32_MAX), "");
	assert_string_equal(snapshot_text(&nothing, 0), "");
}

/* ---- domains ---- */

static char pool[] = "\0vm1\0qemu\0"
		     "0000:00:02.0\0"
		     "dmar0\0VT-d\0"
		     "5.10.0\0"
		     "AMD-Vi\0"
		     "5.4.0\0"
		     "6.1.0";

static text_id text(const char *of)
{
	for (text_id at = 1; at < sizeof(pool); at += (text_id)strlen(pool + at) + 1)
		if (!strcmp(pool + at, of))
			return at;
	fail_msg("%s is not in the pool", of);
	return 0;
}

static void name_is(const struct snapshot *of, struct snapshot_domain domain, const char *name)
{
	char out[64];

	assert_string_equal(snapshot_domain_name(of, &domain, out, sizeof(out)), name);
}

static void domains_have_names_that_people_know(void **state)
{
	struct snapshot_process processes[] = {{.id = 7, .name = text("qemu"), .vm = text("vm1")}};
	text_id names[] = {0, text("0000:00:02.0")};
	const struct snapshot of = {.pool = pool,
	                            .pool_bytes = sizeof(pool),
	                            .domain_devices = names,
	                            .domain_device_count = 2,
	                            .processes = processes,
	                            .process_count = 1};
	struct snapshot_domain domain = {.id = 3, .process = NO_PROCESS};

	(void)state;
	name_is(&of, domain, "domain 3");
	domain.first_device = 1;
	domain.device_count = 1;
	name_is(&of, domain, "0000:00:02.0");
	domain.device_count = 4;
	name_is(&of, domain, "0000:00:02.0 and 3 more");
	domain.process = 8;
	name_is(&of, domain, "0000:00:02.0 and 3 more");
	domain.vfio = true;
	name_is(&of, domain, "process 8");
	domain.process_name = text("qemu");
	name_is(&of, domain, "qemu 8");
	domain.vm = text("vm1");
	name_is(&of, domain, "vm1 (qemu 8)");
	domain = (struct snapshot_domain){.id = 3, .process = 7};
	name_is(&of, domain, "vm1 (qemu 7)");
	domain.id = DOMAIN_UNATTRIBUTED;
	name_is(&of, domain, "unattributed");
	domain.id = DOMAIN_FORMER;
	name_is(&of, domain, "former domains");
	assert_null(snapshot_process_by_id(&of, 8));
	assert_ptr_equal(snapshot_process_by_id(&of, 7), &processes[0]);
}

static void a_name_that_does_not_fit_is_cut(void **state)
{
	const struct snapshot of = {0};
	const struct snapshot_domain domain = {.id = 1234567, .process = NO_PROCESS};
	char out[8];

	(void)state;
	assert_string_equal(snapshot_domain_name(&of, &domain, out, sizeof(out)), "domain ");
}

static void types_are_told_in_words(void **state)
{
	static const struct {
		struct snapshot_domain domain;
		const char *words;
	} types[] = {
		{{.type = DOMAIN_TYPE_BLOCKED}, "blocked"},
		{{.type = DOMAIN_TYPE_UNMANAGED}, "unmanaged"},
		{{.type = DOMAIN_TYPE_UNMANAGED, .vfio = true}, "VFIO"},
		{{.type = DOMAIN_TYPE_DMA}, "DMA strict"},
		{{.type = DOMAIN_TYPE_DMA, .old_dma = true}, "DMA"},
		{{.type = DOMAIN_TYPE_IDENTITY}, "identity"},
		{{.type = DOMAIN_TYPE_DMA_FQ}, "DMA lazy"},
		{{.type = DOMAIN_TYPE_SVA}, "SVA"},
		{{.type = DOMAIN_TYPE_PLATFORM}, "platform"},
		{{.type = DOMAIN_TYPE_NESTED}, "nested"},
		{{.type = DOMAIN_TYPE_UNKNOWN}, "-"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		assert_string_equal(snapshot_domain_type(&types[i].domain), types[i].words);
}

static void every_word_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMED_BY_COUNT; i++)
		assert_non_null(named_by_words[i]);
	for (size_t i = 0; i < TRANSITION_KIND_COUNT; i++)
		assert_non_null(transition_words[i]);
}

static bool is_invisible(const char *vendor, const char *kernel, uint8_t type, uint64_t maps)
{
	struct snapshot_unit units[] = {{.name = text("dmar0"), .vendor = text(vendor)}};
	struct snapshot_device device[] = {
		{.name = text("0000:00:02.0"), .unit = text("dmar0"), .group = NO_GROUP}};
	text_id names[] = {text("0000:00:02.0")};
	const struct snapshot of = {.pool = pool,
	                            .pool_bytes = sizeof(pool),
	                            .kernel = text(kernel),
	                            .units = units,
	                            .unit_count = 1,
	                            .devices = device,
	                            .device_count = 1,
	                            .domain_devices = names,
	                            .domain_device_count = 1};
	const struct snapshot_domain domain = {
		.id = 1, .type = type, .device_count = 1, .traffic = {.maps = {.n = maps}}};

	return snapshot_domain_is_invisible(&of, &domain);
}

static void old_kernels_map_past_the_tracepoints(void **state)
{
	const struct snapshot_domain nameless = {.id = 1, .type = DOMAIN_TYPE_DMA};

	(void)state;
	assert_true(is_invisible("VT-d", "5.10.0", DOMAIN_TYPE_DMA, 0));
	assert_true(is_invisible("VT-d", "5.10.0", DOMAIN_TYPE_DMA_FQ, 0));
	assert_true(is_invisible("AMD-Vi", "5.4.0", DOMAIN_TYPE_DMA, 0));
	assert_false(is_invisible("AMD-Vi", "5.10.0", DOMAIN_TYPE_DMA, 0));
	assert_false(is_invisible("VT-d", "6.1.0", DOMAIN_TYPE_DMA, 0));
	assert_false(is_invisible("VT-d", "5.10.0", DOMAIN_TYPE_UNMANAGED, 0));
	/* Another event helped. */
	assert_false(is_invisible("VT-d", "5.10.0", DOMAIN_TYPE_DMA, 1));
	assert_false(snapshot_domain_is_invisible(&snap, &nameless));
}

static void a_group_is_where_its_domain_says(void **state)
{
	struct snapshot_domain domains[] = {{.id = 0}, {.id = 2, .type = DOMAIN_TYPE_IDENTITY}};
	const struct snapshot of = {.domains = domains, .domain_count = ARRAY_SIZE(domains)};
	const struct snapshot_group there = {.domain = 2}, elsewhere = {.domain = 3},
				    nowhere = {.domain = NO_DOMAIN};

	(void)state;
	assert_string_equal(snapshot_group_now(&of, &there), "identity");
	assert_string_equal(snapshot_group_now(&of, &elsewhere), "-");
	assert_string_equal(snapshot_group_now(&of, &nowhere), "-");
}

static void transitions_are_found_by_number(void **state)
{
	struct snapshot_transition transitions[] = {{.id = 5}, {.id = 6}};
	const struct snapshot of = {.transitions = transitions, .transition_count = 2};

	(void)state;
	assert_ptr_equal(snapshot_transition_by_id(&of, 5), &transitions[0]);
	assert_ptr_equal(snapshot_transition_by_id(&of, 6), &transitions[1]);
	assert_null(snapshot_transition_by_id(&of, 4));
	assert_null(snapshot_transition_by_id(&of, 7));
	assert_null(snapshot_transition_by_id(&snap, 0));
}

static void a_copy_lives_on_its_own(void **state)
{
	struct snapshot from = {0}, to = {0};

	(void)state;
	from.groups = xcalloc(1, sizeof(*from.groups));
	from.group_count = from.group_capacity = 1;
	from.groups[0].id = 7;
	from.pool = xstrdup("text");
	from.pool_bytes = from.pool_capacity = 5;
	from.ticks = 9;
	from.domain_groups = xcalloc(1, sizeof(*from.domain_groups));
	from.domain_devices = xcalloc(1, sizeof(*from.domain_devices));
	from.processes = xcalloc(1, sizeof(*from.processes));
	from.transitions = xcalloc(1, sizeof(*from.transitions));
	from.domain_group_count = from.domain_device_count = 1;
	from.process_count = from.transition_count = 1;
	from.transitions[0].id = 3;
	snapshot_copy(&to, &from);
	snapshot_copy(&to, &from); /* over an older one */
	snapshot_release(&from);
	assert_null(from.groups);
	assert_int_equal(to.ticks, 9);
	assert_int_equal(to.groups[0].id, 7);
	assert_int_equal(to.group_capacity, 1);
	assert_int_equal(to.domain_groups[0], 0);
	assert_int_equal(to.domain_devices[0], 0);
	assert_int_equal(to.processes[0].id, 0);
	assert_int_equal(to.transitions[0].id, 3);
	assert_string_equal(to.pool, "text");
	assert_null(to.devices);
	assert_int_equal(to.device_capacity, 0);
	snapshot_release(&to);
	snapshot_release(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_found_by_number),
		cmocka_unit_test(domains_are_found_by_number),
		cmocka_unit_test(a_device_that_is_not_there_is_in_no_group),
		cmocka_unit_test(devices_behind_no_iommu_are_the_tail),
		cmocka_unit_test(versions_are_numbers_not_letters),
		cmocka_unit_test(an_unreadable_version_counts_as_new),
		cmocka_unit_test(texts_outside_the_pool_are_empty),
		cmocka_unit_test(domains_have_names_that_people_know),
		cmocka_unit_test(a_name_that_does_not_fit_is_cut),
		cmocka_unit_test(types_are_told_in_words),
		cmocka_unit_test(every_word_is_there),
		cmocka_unit_test(old_kernels_map_past_the_tracepoints),
		cmocka_unit_test(a_group_is_where_its_domain_says),
		cmocka_unit_test(transitions_are_found_by_number),
		cmocka_unit_test(a_copy_lives_on_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
