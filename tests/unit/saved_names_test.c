// SPDX-License-Identifier: GPL-2.0-or-later
/* saved_names: texts like saved_cmdlines, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/saved_names.h"
#include "util.h"

static void each_name_is_told_once(void **state)
{
	struct saved_names *names =
		saved_names_new(xstrdup("15 rcu_preempt\n1 swapper/0\n228 a b c\n"));

	(void)state;
	assert_string_equal(saved_names_news(names, 228), "a b c");
	assert_null(saved_names_news(names, 228));
	assert_string_equal(saved_names_news(names, 1), "swapper/0");
	assert_null(saved_names_news(names, 2));
	assert_null(saved_names_news(names, -1));
	assert_string_equal(saved_names_news(names, 0), "<idle>");
	assert_null(saved_names_news(names, 0));
	saved_names_free(names);
}

static void other_lines_are_passed_over(void **state)
{
	static const char text[] =
		"\n\nx\n7\n8 \n99999999999 big\n-3 minus\n0 zero\n9 nine\n9 again";
	struct saved_names *names = saved_names_new(xstrdup(text));

	(void)state;
	assert_null(saved_names_news(names, 7));
	assert_null(saved_names_news(names, 8));
	assert_null(saved_names_news(names, 3));
	assert_string_equal(saved_names_news(names, 0), "<idle>");
	assert_string_equal(saved_names_news(names, 9), "nine");
	saved_names_free(names);
}

static void there_may_be_none(void **state)
{
	struct saved_names *names = saved_names_new(NULL);

	(void)state;
	assert_null(saved_names_news(names, 1));
	saved_names_free(names);
	saved_names_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_is_told_once),
		cmocka_unit_test(other_lines_are_passed_over),
		cmocka_unit_test(there_may_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
