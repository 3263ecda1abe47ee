// SPDX-License-Identifier: GPL-2.0-or-later
/* mutes: a short list, each thing once, none found by mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mutes.h"

static void a_thing_is_muted_once_and_by_its_kind(void **state)
{
	struct mutes mutes = {0};

	(void)state;
	assert_true(mutes_add(&mutes, MUTE_DEVICE, "0000:00:03.0"));
	assert_true(mutes_add(&mutes, MUTE_DEVICE, "0000:00:03.0"));
	assert_int_equal(mutes.count, 1);
	assert_true(mutes_has(&mutes, MUTE_DEVICE, "0000:00:03.0"));
	assert_false(mutes_has(&mutes, MUTE_REASON, "0000:00:03.0"));
	assert_false(mutes_has(&mutes, MUTE_DEVICE, "0000:00:03"));
	assert_false(mutes_has(&mutes, MUTE_DEVICE, "0000:00:03.00"));
}

static void what_is_removed_leaves_the_others(void **state)
{
	struct mutes mutes = {0};

	(void)state;
	mutes_add(&mutes, MUTE_DEVICE, "a");
	mutes_add(&mutes, MUTE_REASON, "b");
	mutes_add(&mutes, MUTE_DEVICE, "c");
	mutes_remove(&mutes, 2);
	mutes_remove(&mutes, 77);
	assert_int_equal(mutes.count, 2);
	assert_null(mutes_by_id(&mutes, 2));
	assert_string_equal(mutes_by_id(&mutes, 3)->text, "c");
	mutes_add(&mutes, MUTE_REASON, "b");
	assert_string_equal(mutes_by_id(&mutes, 4)->text, "b");
}

static void a_full_list_takes_no_more(void **state)
{
	struct mutes mutes = {0};
	char text[16];

	(void)state;
	for (int i = 0; i < MUTES_MAX; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_true(mutes_add(&mutes, MUTE_DEVICE, text));
	}
	assert_false(mutes_add(&mutes, MUTE_DEVICE, "more"));
	assert_true(mutes_add(&mutes, MUTE_DEVICE, "0"));
	mutes_remove(&mutes, 1);
	assert_true(mutes_add(&mutes, MUTE_DEVICE, "more"));
}

static void long_texts_are_cut_alike(void **state)
{
	struct mutes mutes = {0};
	char text[2 * MUTE_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	mutes_add(&mutes, MUTE_REASON, text);
	assert_int_equal(strlen(mutes.list[0].text), MUTE_TEXT_MAX - 1);
	assert_true(mutes_has(&mutes, MUTE_REASON, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thing_is_muted_once_and_by_its_kind),
		cmocka_unit_test(what_is_removed_leaves_the_others),
		cmocka_unit_test(a_full_list_takes_no_more),
		cmocka_unit_test(long_texts_are_cut_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
