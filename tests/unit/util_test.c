// SPDX-License-Identifier: GPL-2.0-or-later
/* util: numbers at the edge of 64 bits, text at the edge of its buffer, arrays that grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util.h"

static void reads_numbers_of_up_to_64_bits(void **state)
{
	uint64_t value = 1;

	(void)state;
	assert_true(parse_decimal("18446744073709551615", NULL, &value));
	assert_true(value == UINT64_MAX);
	assert_true(parse_hex("ffffffffffffffff", NULL, &value));
	assert_true(value == UINT64_MAX);
	assert_true(parse_hex("0xDeadBeef", NULL, &value));
	assert_int_equal(value, 0xdeadbeef);
	assert_true(parse_decimal("000000000000000000000000000007", NULL, &value));
	assert_int_equal(value, 7);
}

static void refuses_what_is_no_number_and_keeps_the_value(void **state)
{
	static const char *const wrong[] = {"",    " 1",  "+1",   "-1",
	                                    "1 ",  "1x",  "0x",   "0x1",
	                                    "1.0", "1\n", "\xb2", "18446744073709551616"};
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(parse_decimal(wrong[i], NULL, &value));
	assert_false(parse_hex("", NULL, &value));
	assert_false(parse_hex("0x", NULL, &value));
	assert_false(parse_hex("0xg", NULL, &value));
	assert_false(parse_hex("10000000000000000", NULL, &value));
	assert_int_equal(value, 77);
}

static void tells_where_a_number_ends(void **state)
{
	const char *text = "12ab;", *end = NULL;
	uint64_t value;

	(void)state;
	assert_true(parse_decimal(text, &end, &value));
	assert_ptr_equal(end, text + 2);
	assert_int_equal(value, 12);
	assert_true(parse_hex(text, &end, &value));
	assert_ptr_equal(end, text + 4);
	assert_int_equal(value, 0x12ab);
	assert_false(parse_decimal(text + 4, &end, &value));
}

static void copies_what_fits_and_ends_it(void **state)
{
	char out[4];

	(void)state;
	assert_true(copy_text(out, sizeof(out), "abc"));
	assert_string_equal(out, "abc");
	assert_false(copy_text(out, sizeof(out), "abcd"));
	assert_string_equal(out, "abc");
	assert_false(copy_text(out, 1, "a"));
	assert_string_equal(out, "");
	assert_true(copy_text(out, 1, ""));
}

static void arrays_grow_and_keep_their_elements(void **state)
{
	size_t capacity = 0;
	int *array = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		array = grow(array, &capacity, (size_t)i, sizeof(*array));
		assert_true(capacity > (size_t)i);
		array[i] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	free(array);
}

static void texts_go_on_and_are_cut(void **state)
{
	char out[12] = "";

	(void)state;
	append_clause(out, sizeof(out), "%d", 12);
	assert_string_equal(out, "12");
	append_text(out, sizeof(out), " %s", "ab");
	assert_string_equal(out, "12 ab");
	append_clause(out, sizeof(out), "%s", "cdef");
	assert_string_equal(out, "12 ab; cdef");
	append_clause(out, sizeof(out), "more");
	append_text(out, sizeof(out), "more");
	assert_string_equal(out, "12 ab; cdef");
}

static void memory_of_no_size_is_memory(void **state)
{
	char *copy = xstrdup("");
	void *some = xmalloc(0), *none = xcalloc(0, 8);

	(void)state;
	assert_non_null(some);
	assert_non_null(none);
	assert_string_equal(copy, "");
	free(copy);
	free(some);
	free(none);
}

static void places_of_ids(void **state)
{
	static const struct {
		uint32_t id;
		uint8_t more;
	} things[] = {{0, 1}, {3, 1}, {7, 1}, {UINT32_MAX, 1}};

	(void)state;
	assert_int_equal(place_of_id(NULL, 0, sizeof(things[0]), 5), 0);
	for (size_t i = 0; i < ARRAY_SIZE(things); i++)
		assert_int_equal(place_of_id(things, 4, sizeof(things[0]), things[i].id), i);
	assert_int_equal(place_of_id(things, 4, sizeof(things[0]), 1), 1);
	assert_int_equal(place_of_id(things, 4, sizeof(things[0]), 8), 3);
	assert_int_equal(place_of_id(things, 3, sizeof(things[0]), 8), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_ids),
		cmocka_unit_test(reads_numbers_of_up_to_64_bits),
		cmocka_unit_test(refuses_what_is_no_number_and_keeps_the_value),
		cmocka_unit_test(tells_where_a_number_ends),
		cmocka_unit_test(copies_what_fits_and_ends_it),
		cmocka_unit_test(arrays_grow_and_keep_their_elements),
		cmocka_unit_test(texts_go_on_and_are_cut),
		cmocka_unit_test(memory_of_no_size_is_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
