// SPDX-License-Identifier: GPL-2.0-or-later
/* answers: what is said of a group before it is assigned, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "stage.h"
#include "views/cells.h"

#include "sketch.h"

/* All that stands in the rows from the topic's to the next, one after the other. */
static const char *answer(struct stage *stage, const char *topic)
{
	static char all[2048];
	size_t count = rows_of(stage, &answers_view);
	bool here = false;

	all[0] = '\0';
	for (size_t row = 0; row < count; row++) {
		const char *about = cell_of(stage, &answers_view, row, "ABOUT");

		if (*about)
			here = !strcmp(about, topic);
		if (here)
			append_text(all, sizeof(all), "%s%s", *all ? "|" : "",
			            cell_of(stage, &answers_view, row, "ANSWER"));
	}
	return all;
}

static void the_verdict_comes_first_and_goes_on_below(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	stage->context.group = 7;
	assert_string_equal(answer(stage, "assignment"),
	                    "viable after binding 0000:00:02.0 (bochs), 0000:00:02.2|(i801_smbus) "
	                    "to vfio-pci");
	assert_string_equal(cell_of(stage, &answers_view, 0, "ABOUT"), "assignment");
	stage->context.columns = 200;
	assert_string_equal(answer(stage, "assignment"),
	                    "viable after binding 0000:00:02.0 (bochs), 0000:00:02.2 (i801_smbus) "
	                    "to vfio-pci");
}

static void a_group_that_is_gone_has_none(void **state)
{
	struct stage *stage = *state;
	char words[80];

	say_topology(stage->model);
	stage->context.group = 99;
	assert_int_equal(rows_of(stage, &answers_view), 0);
	answers_view.empty(&stage->context, words, sizeof(words));
	assert_string_equal(words, "there is no such group");
}

/* Cells read what was said when the rows were listed, once for all of them: also where the group
 * has gone meanwhile, until the rows are listed anew. */
static void what_is_said_is_said_once(void **state)
{
	struct stage *stage = *state;
	struct event gone = event_gone(1, SUBJECT_GROUP, NULL, 7);
	size_t count;

	say_topology(stage->model);
	stage->context.group = 7;
	count = rows_of(stage, &answers_view);
	assert_true(count > 5);
	model_apply(stage->model, &gone);
	look(stage->model, &stage->snap);
	for (size_t row = 0; row < count; row++)
		assert_true(*cell_of(stage, &answers_view, row, "ANSWER"));
	assert_int_equal(rows_of(stage, &answers_view), 0);
}

/* Machines and the list walk the same table: a topic is there once. */
static void topics_differ(void **state)
{
	(void)state;
	for (size_t i = 0; i < answer_count; i++)
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(answers[i].topic, answers[k].topic);
			if (answers[i].word && answers[k].word)
				assert_string_not_equal(answers[i].word, answers[k].word);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_verdict_comes_first_and_goes_on_below,
	                                        make_stage, free_stage),
		cmocka_unit_test_setup_teardown(a_group_that_is_gone_has_none, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(what_is_said_is_said_once, make_stage, free_stage),
		cmocka_unit_test(topics_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
