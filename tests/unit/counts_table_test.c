// SPDX-License-Identifier: GPL-2.0-or-later
/* counts_table: keys that are many, alike and forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/counts_table.h"

#define BASE 0xffff888000000000ull

static void each_key_has_its_row(void **state)
{
	struct counts_table table = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		for (uint8_t log2 = 12; log2 < 15; log2++)
			counts_table_get(&table, BASE + i * 256, log2)->hits = i * 10 + log2;
	assert_int_equal(table.count, 3000);
	for (uint64_t i = 0; i < 1000; i++)
		for (uint8_t log2 = 12; log2 < 15; log2++)
			assert_int_equal(counts_table_get(&table, BASE + i * 256, log2)->hits,
			                 i * 10 + log2);
	assert_int_equal(table.count, 3000);
	counts_table_release(&table);
	assert_int_equal(counts_table_get(&table, BASE, 12)->hits, 0);
	counts_table_release(&table);
}

static void what_was_not_seen_is_forgotten(void **state)
{
	struct counts_table table = {0};

	(void)state;
	counts_table_prune(&table, 1);
	for (uint64_t i = 0; i < 100; i++) {
		struct counts_row *row = counts_table_get(&table, BASE + i, 0);

		row->round = i;
		row->hits = 5;
	}
	counts_table_prune(&table, 90);
	assert_int_equal(table.count, 10);
	assert_int_equal(counts_table_get(&table, BASE + 90, 0)->hits, 5);
	assert_int_equal(counts_table_get(&table, BASE + 89, 0)->hits, 0);
	counts_table_release(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_has_its_row),
		cmocka_unit_test(what_was_not_seen_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
