// SPDX-License-Identifier: GPL-2.0-or-later
/* keys: one meaning a key, and a help line for every meaning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys.h"

static void no_key_means_two_things(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_binding_count; i++)
		for (size_t j = 0; j < i; j++)
			if (key_bindings[i].mode == key_bindings[j].mode)
				assert_int_not_equal(key_bindings[i].input, key_bindings[j].input);
}

static void every_binding_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_binding_count; i++) {
		const struct key_binding *binding = &key_bindings[i];

		assert_in_range(binding->request, REQUEST_NONE + 1, REQUEST_COUNT - 1);
		assert_int_equal(keys_find((enum key_mode)binding->mode, binding->input),
		                 binding->request);
	}
}

static void every_request_has_a_key_and_words_in_the_help(void **state)
{
	(void)state;
	for (int request = REQUEST_NONE + 1; request < REQUEST_COUNT; request++) {
		int helped = 0;

		for (size_t i = 0; i < key_binding_count; i++)
			helped += key_bindings[i].mode == MODE_PANES &&
			          key_bindings[i].request == request && key_bindings[i].help;
		assert_int_equal(helped, 1);
	}
}

/* The help puts a key without words into the row before it. */
static void keys_without_words_follow_their_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_binding_count; i++) {
		if (key_bindings[i].mode != MODE_PANES)
			continue;
		assert_true(key_bindings[i].name[0] != '\0');
		if (!key_bindings[i].help) {
			assert_true(i > 0);
			assert_int_equal(key_bindings[i].request, key_bindings[i - 1].request);
		}
	}
}

static void other_keys_leave_the_help_and_do_nothing_elsewhere(void **state)
{
	static const uint32_t others[] = {'x', 'q', INPUT_ESCAPE, INPUT_F10, 0x20ac, INPUT_TAB};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(keys_find(MODE_HELP, others[i]), REQUEST_BACK);
	assert_int_equal(keys_find(MODE_HELP, INPUT_RESIZE), REQUEST_NONE);
	assert_int_equal(keys_find(MODE_PANES, 'x'), REQUEST_NONE);
	assert_int_equal(keys_find(MODE_PANES, 0x20ac), REQUEST_NONE);
}

static void classes_have_their_requests_in_their_order(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(keys_find(MODE_PANES, '1' + i), REQUEST_CLASS_GROUP + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_means_two_things),
		cmocka_unit_test(every_binding_is_found),
		cmocka_unit_test(every_request_has_a_key_and_words_in_the_help),
		cmocka_unit_test(keys_without_words_follow_their_request),
		cmocka_unit_test(other_keys_leave_the_help_and_do_nothing_elsewhere),
		cmocka_unit_test(classes_have_their_requests_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
