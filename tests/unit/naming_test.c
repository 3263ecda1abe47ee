// SPDX-License-Identifier: GPL-2.0-or-later
/* naming: what is remembered of devices, domains and groups, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/naming.h"
#include "util.h"

struct shelf {
	struct domain_ids *ids;
	struct naming *naming;
};

static int set_up(void **state)
{
	struct shelf *shelf = xcalloc(1, sizeof(*shelf));

	shelf->ids = domain_ids_new();
	shelf->naming = naming_new(shelf->ids);
	*state = shelf;
	return 0;
}

static int tear_down(void **state)
{
	struct shelf *shelf = *state;

	naming_free(shelf->naming);
	domain_ids_free(shelf->ids);
	free(shelf);
	return 0;
}

static void devices_are_learned_and_forgotten(void **state)
{
	struct naming *naming = ((struct shelf *)*state)->naming;

	assert_null(naming_device(naming, 0x1000));
	assert_null(naming_device(naming, 0));
	naming_learn(naming, 0x1000, "a");
	naming_learn(naming, 0x2000, "b");
	naming_learn(naming, 0x3000, "b");
	naming_learn(naming, 0, "c");
	naming_learn(naming, 0x4000, "");
	assert_string_equal(naming_device(naming, 0x1000), "a");
	assert_null(naming_device(naming, 0));
	assert_null(naming_device(naming, 0x4000));
	naming_learn(naming, 0x1000, "d");
	assert_string_equal(naming_device(naming, 0x1000), "d");
	naming_forget(naming, "b");
	assert_null(naming_device(naming, 0x2000));
	assert_null(naming_device(naming, 0x3000));
	naming_drop(naming, 0x1000);
	naming_drop(naming, 0x1000);
	assert_null(naming_device(naming, 0x1000));
}

/* There is an end to what is kept; the latest stay, and none is called by another's name. */
static void only_so_many_devices_are_kept(void **state)
{
	struct naming *naming = ((struct shelf *)*state)->naming;
	const uint64_t all = NAMING_DEVICES * 4;
	uint64_t kept = 0;
	char name[16];

	for (uint64_t i = 1; i <= all; i++) {
		snprintf(name, sizeof(name), "%u", (unsigned int)i);
		naming_learn(naming, i << 11, name);
		assert_string_equal(naming_device(naming, i << 11), name);
	}
	for (uint64_t i = 1; i <= all; i++) {
		const char *found = naming_device(naming, i << 11);

		snprintf(name, sizeof(name), "%u", (unsigned int)i);
		if (found)
			assert_string_equal(found, name);
		kept += found != NULL;
	}
	assert_in_range(kept, NAMING_DEVICES / 2, NAMING_DEVICES);
}

static void groups_tell_only_news(void **state)
{
	static const uint32_t groups[] = {0, 7, 63, 64, 5000, NAMING_GROUPS - 1};
	struct naming *naming = ((struct shelf *)*state)->naming;

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
			assert_int_equal(naming_group_news(naming, groups[i], NAMING_CURRENT, 3),
			                 round == 0);
			assert_int_equal(naming_group_news(naming, groups[i], NAMING_DEFAULT, 0),
			                 round == 0);
		}
	}
	assert_true(naming_group_news(naming, 7, NAMING_CURRENT, 4));
	assert_false(naming_group_news(naming, 7, NAMING_CURRENT, 4));
	assert_true(naming_group_news(naming, UINT32_MAX, NAMING_CURRENT, 4));
	assert_true(naming_group_news(naming, UINT32_MAX, NAMING_CURRENT, 4));
	naming_forget_groups(naming);
	assert_true(naming_group_news(naming, 7, NAMING_CURRENT, 4));
	assert_true(naming_group_news(naming, groups[0], NAMING_DEFAULT, 0));
	assert_false(naming_group_news(naming, 7, NAMING_CURRENT, 4));
}

/* What lives is remembered while others come and go. */
static void the_living_are_remembered(void **state)
{
	struct shelf *shelf = *state;
	uint32_t first[50];

	for (uint64_t i = 0; i < ARRAY_SIZE(first); i++) {
		first[i] = domain_ids_get(shelf->ids, (i + 1) << 12);
		naming_named(shelf->naming, first[i]);
		assert_false(naming_dma_call(shelf->naming, first[i], "a"));
	}
	for (uint64_t i = 0; i < 20000; i++) {
		naming_active(shelf->naming, domain_ids_get(shelf->ids, 1ull << 40));
		domain_ids_retire(shelf->ids, 1ull << 40);
	}
	assert_int_equal(naming_unnamed(shelf->naming), 20000);
	for (uint64_t i = 0; i < ARRAY_SIZE(first); i++) {
		naming_active(shelf->naming, first[i]);
		assert_true(naming_dma_call(shelf->naming, first[i], "a"));
		assert_false(naming_dma_call(shelf->naming, first[i], "a"));
	}
	assert_int_equal(naming_unnamed(shelf->naming), 20000);
}

#define shelf_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		shelf_test(devices_are_learned_and_forgotten),
		shelf_test(only_so_many_devices_are_kept),
		shelf_test(groups_tell_only_news),
		shelf_test(the_living_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
