// SPDX-License-Identifier: GPL-2.0-or-later
/* domain_ids: numbers that are never used twice, however often addresses are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event.h"
#include "sources/domain_ids.h"
#include "util.h"

#define A 0xffff888000001000u
#define B 0xffff888000002000u

static int set_up(void **state)
{
	*state = domain_ids_new();
	return 0;
}

static int tear_down(void **state)
{
	domain_ids_free(*state);
	return 0;
}

static void numbers_begin_with_one(void **state)
{
	struct domain_ids *ids = *state;

	assert_int_equal(domain_ids_find(ids, A), DOMAIN_UNATTRIBUTED);
	assert_int_equal(domain_ids_get(ids, A), 1);
	assert_int_equal(domain_ids_get(ids, B), 2);
	assert_int_equal(domain_ids_get(ids, A), 1);
	assert_int_equal(domain_ids_find(ids, B), 2);
	assert_true(domain_ids_address(ids, 1) == A);
	assert_true(domain_ids_address(ids, 2) == B);
	assert_true(domain_ids_address(ids, 3) == 0);
}

static void nothing_is_no_domain(void **state)
{
	struct domain_ids *ids = *state;

	assert_int_equal(domain_ids_get(ids, 0), DOMAIN_UNATTRIBUTED);
	assert_int_equal(domain_ids_find(ids, 0), DOMAIN_UNATTRIBUTED);
	assert_int_equal(domain_ids_retire(ids, 0), DOMAIN_UNATTRIBUTED);
	assert_true(domain_ids_address(ids, DOMAIN_UNATTRIBUTED) == 0);
	assert_int_equal(domain_ids_get(ids, A), 1);
}

static void a_freed_address_gets_another_number(void **state)
{
	struct domain_ids *ids = *state;

	domain_ids_get(ids, A);
	domain_ids_get(ids, B);
	assert_int_equal(domain_ids_retire(ids, A), 1);
	assert_int_equal(domain_ids_retire(ids, A), DOMAIN_UNATTRIBUTED);
	assert_int_equal(domain_ids_find(ids, A), DOMAIN_UNATTRIBUTED);
	assert_true(domain_ids_address(ids, 1) == 0);
	assert_int_equal(domain_ids_get(ids, A), 3);
	assert_int_equal(domain_ids_get(ids, B), 2);
}

static void types_are_of_the_living(void **state)
{
	struct domain_ids *ids = *state;

	assert_int_equal(domain_ids_type(ids, 1), DOMAIN_TYPE_UNKNOWN);
	assert_false(domain_ids_set_type(ids, 1, DOMAIN_TYPE_DMA));
	domain_ids_get(ids, A);
	assert_int_equal(domain_ids_type(ids, 1), DOMAIN_TYPE_UNKNOWN);
	assert_true(domain_ids_set_type(ids, 1, DOMAIN_TYPE_DMA));
	assert_false(domain_ids_set_type(ids, 1, DOMAIN_TYPE_DMA));
	assert_int_equal(domain_ids_type(ids, 1), DOMAIN_TYPE_DMA);
	domain_ids_retire(ids, A);
	assert_int_equal(domain_ids_type(ids, 1), DOMAIN_TYPE_UNKNOWN);
	assert_false(domain_ids_set_type(ids, 1, DOMAIN_TYPE_DMA));
	assert_int_equal(domain_ids_type(ids, domain_ids_get(ids, A)), DOMAIN_TYPE_UNKNOWN);
}

#define ADDRESSES 3000
#define TURNS     300000

/* Against a table that is too simple to be wrong. */
static void random_lives_are_told_apart(void **state)
{
	struct domain_ids *ids = *state;
	uint32_t *truth = xcalloc(ADDRESSES, sizeof(*truth));
	unsigned int seed = 5;
	uint32_t last = 0;

	for (int turn = 0; turn < TURNS; turn++) {
		/* Rounds of many and of few that live. */
		size_t which = (size_t)rand_r(&seed) % (turn / 30000 % 2 ? 40 : ADDRESSES);
		uint64_t address = A + which * 0x80;

		assert_int_equal(domain_ids_find(ids, address), truth[which]);
		if (rand_r(&seed) % 2) {
			if (!truth[which])
				truth[which] = ++last;
			assert_int_equal(domain_ids_get(ids, address), truth[which]);
			assert_true(domain_ids_address(ids, truth[which]) == address);
		} else {
			assert_int_equal(domain_ids_retire(ids, address), truth[which]);
			assert_true(domain_ids_address(ids, truth[which]) == 0);
			truth[which] = 0;
		}
	}
	for (size_t which = 0; which < ADDRESSES; which++)
		assert_int_equal(domain_ids_find(ids, A + which * 0x80), truth[which]);
	free(truth);
}

#define ids_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ids_test(numbers_begin_with_one),
		ids_test(nothing_is_no_domain),
		ids_test(a_freed_address_gets_another_number),
		ids_test(types_are_of_the_living),
		ids_test(random_lives_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
