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
	snapshot_copy(&to, &from);
	snapshot_copy(&to, &from); /* over an older one */
	snapshot_release(&from);
	assert_null(from.groups);
	assert_int_equal(to.ticks, 9);
	assert_int_equal(to.groups[0].id, 7);
	assert_int_equal(to.group_capacity, 1);
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
		cmocka_unit_test(a_copy_lives_on_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
