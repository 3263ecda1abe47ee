// SPDX-License-Identifier: GPL-2.0-or-later
/* text: what hostile bytes become, how wide characters are, finding text in text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"
#include "util.h"

static void takes_whole_characters(void **state)
{
	const char *text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", *start = text;

	(void)state;
	assert_int_equal(text_next_rune(&text), 'a');
	assert_int_equal(text_next_rune(&text), 0xe9);
	assert_int_equal(text_next_rune(&text), 0x20ac);
	assert_int_equal(text_next_rune(&text), 0x1f600);
	assert_ptr_equal(text, start + 10);
}

static void control_characters_are_broken(void **state)
{
	(void)state;
	for (unsigned int c = 1; c < 0xa0; c++) {
		char bytes[8] = {0};
		const char *text = bytes;
		size_t length = text_encode(c, bytes);

		if (c >= 0x20 && c < 0x7f)
			assert_int_equal(text_next_rune(&text), c);
		else
			assert_int_equal(text_next_rune(&text), RUNE_BROKEN);
		assert_ptr_equal(text, bytes + length);
	}
}

static void what_is_no_utf8_is_broken(void **state)
{
	static const char *const wrong[] = {
		"\x80", /* continuation without a start */
		"\xbf",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xe0\x80\xaf",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\xaf",
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xed\xa0\x80",
		"\xed\xbf\xbf", /* surrogates */
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", /* beyond the last character */
		"\xfe",
		"\xff",
		"\xe2\x82",
		"\xf0\x9f\x98",
		"\xc3", /* cut */
		"\xc3(",
		"\xe2\x28\xa1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *text = wrong[i];

		assert_int_equal(text_next_rune(&text), RUNE_BROKEN);
		assert_ptr_equal(text, wrong[i] + 1);
	}
}

static void every_character_survives_writing_and_reading(void **state)
{
	(void)state;
	for (uint32_t rune = 0xa0; rune < 0x110000; rune++) {
		char bytes[5] = {0};
		const char *text = bytes;
		size_t length = text_encode(rune, bytes);

		if (rune >= 0xd800 && rune <= 0xdfff)
			continue;
		assert_int_equal(text_next_rune(&text), rune);
		assert_ptr_equal(text, bytes + length);
	}
}

static void no_bytes_lead_beyond_the_end(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char bytes[6] = {0};
		size_t length = (size_t)(rand_r(&seed) % 5) + 1;
		char *exact, *cleaned;
		const char *text;

		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)(rand_r(&seed) % 255 + 1);
		exact = xstrdup(bytes); /* so that a sanitizer sees one byte too much */
		for (text = exact; *text;)
			text_next_rune(&text);
		assert_ptr_equal(text, exact + strlen(exact));
		cleaned = xmalloc(64);
		text_clean(cleaned, 64, exact);
		for (text = cleaned; *text;) {
			const char *at = text;

			if (text_next_rune(&text) == RUNE_BROKEN)
				assert_memory_equal(at, "\xef\xbf\xbd", 3);
		}
		free(exact);
		free(cleaned);
	}
}

static void marks_and_what_reorders_take_no_column(void **state)
{
	static const uint32_t unseen[] = {0xad,   0x300,  0x36f,  0x200b, 0x200e, 0x200f,
	                                  0x202a, 0x202e, 0x2066, 0x2069, 0x061c, 0xfeff,
	                                  0xfe0f, 0x2028, 0x2029, 0xe0001};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unseen); i++)
		assert_int_equal(text_rune_width(unseen[i]), 0);
}

static void wide_characters_take_two_columns(void **state)
{
	static const uint32_t wide[] = {0x1100, 0x3042, 0x4e00, 0xac00, 0xff21, 0x1f600, 0x20000};
	static const uint32_t narrow[] = {'a', 0xe9, 0x3b1, 0x2500, 0x2026, 0x2588, 0xfffd, 0xff61};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		assert_int_equal(text_rune_width(wide[i]), 2);
	for (size_t i = 0; i < ARRAY_SIZE(narrow); i++)
		assert_int_equal(text_rune_width(narrow[i]), 1);
}

static void cleaning_cuts_between_characters(void **state)
{
	char out[8];

	(void)state;
	assert_string_equal(text_clean(out, 8, "a\033b"), "a\xef\xbf\xbd"
	                                                  "b");
	assert_string_equal(text_clean(out, 3, "\xc3\xa9\xc3\xa9"), "\xc3\xa9");
	assert_string_equal(text_clean(out, 4, "\xc3\xa9\xc3\xa9"), "\xc3\xa9");
	assert_string_equal(text_clean(out, 5, "\xc3\xa9\xc3\xa9"), "\xc3\xa9\xc3\xa9");
	assert_string_equal(text_clean(out, 1, "abc"), "");
	assert_string_equal(text_clean(out, 2, "\xff"), "");
}

static void finds_text_whatever_the_letter_case(void **state)
{
	(void)state;
	assert_true(text_has("Ethernet controller", "ETHER"));
	assert_true(text_has("Ethernet controller", "roller"));
	assert_true(text_has("aaab", "AAB"));
	assert_true(text_has("anything", ""));
	assert_true(text_has("", ""));
	assert_false(text_has("", "a"));
	assert_false(text_has("controll", "controller"));
	assert_false(text_has("[", "{"));
	assert_false(text_has("@", "`"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_whole_characters),
		cmocka_unit_test(control_characters_are_broken),
		cmocka_unit_test(what_is_no_utf8_is_broken),
		cmocka_unit_test(every_character_survives_writing_and_reading),
		cmocka_unit_test(no_bytes_lead_beyond_the_end),
		cmocka_unit_test(marks_and_what_reorders_take_no_column),
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(cleaning_cuts_between_characters),
		cmocka_unit_test(finds_text_whatever_the_letter_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
