// SPDX-License-Identifier: GPL-2.0-or-later
/* The doctor's view: sentences in rows, their tone before the first of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "stage.h"
#include "view.h"

static void say_off(struct model *model)
{
	say_text(model, ATTR_MACHINE_ACPI, NULL, 0, "DMAR");
	say_text(model, ATTR_MACHINE_OPTIONS, NULL, 0, "intel_iommu=off");
	say_health(model, SOURCE_SYSFS, HEALTH_PARTIAL, "no IOMMU groups");
}

/* Of the whole line that begins in this row. */
static void join(struct stage *stage, size_t *row, char *out, size_t size)
{
	out[0] = '\0';
	do {
		append_text(out, size, "%s%s", *out ? " " : "",
		            cell_of(stage, &doctor_view, *row, "FOUND"));
		(*row)++;
	} while (*row < stage->pane.shown.count &&
	         stage->pane.shown.rows[*row].index == stage->pane.shown.rows[*row - 1].index);
}

static void sentences_go_on_in_the_next_row(void **state)
{
	struct stage *stage = *state;
	char sentence[600];
	size_t row = 0;

	say_off(stage->model);
	stage->context.columns = 60;
	assert_in_range(rows_of(stage, &doctor_view), 4, 20);
	assert_string_equal(cell_of(stage, &doctor_view, 0, "SAYS"), "bad");
	assert_string_equal(cell_of(stage, &doctor_view, 1, "SAYS"), "");
	join(stage, &row, sentence, sizeof(sentence));
	assert_in_range(row, 2, 6);
	assert_string_equal(
		sentence,
		"The IOMMU is off. The firmware describes one (Intel VT-d), but intel_iommu=off on "
		"the kernel's command line switches it off. Put intel_iommu=on there and reboot.");
	assert_string_equal(note_of(stage, &doctor_view), "not usable");
}

static void a_wide_screen_has_fewer_rows(void **state)
{
	struct stage *stage = *state;
	size_t narrow, wide, usual;

	say_off(stage->model);
	stage->context.columns = 40;
	narrow = rows_of(stage, &doctor_view);
	stage->context.columns = 0;
	usual = rows_of(stage, &doctor_view);
	stage->context.columns = 200;
	wide = rows_of(stage, &doctor_view);
	assert_true(wide < usual && usual < narrow);
	for (size_t i = 0; i < wide; i++)
		assert_true(strlen(cell_of(stage, &doctor_view, i, "FOUND")) <= 100);
}

static void plain_lines_have_no_mark(void **state)
{
	struct stage *stage = *state;
	bool plain = false;

	say_off(stage->model);
	stage->context.columns = 200;
	rows_of(stage, &doctor_view);
	for (size_t i = 0; i < stage->pane.shown.count; i++) {
		const char *text = cell_of(stage, &doctor_view, i, "FOUND");

		if (strncmp(text, "Whether tracing works was not", 29) != 0)
			continue;
		plain = true;
		assert_string_equal(cell_of(stage, &doctor_view, i, "SAYS"), "");
	}
	assert_true(plain);
}

/* A paused screen can have rows of lines that are no more. */
/* Cells read what was said when the rows were listed: it is said once, for all of them. */
static void what_is_said_is_said_once(void **state)
{
	struct stage *stage = *state;
	struct snapshot nothing = {0};
	size_t count;

	say_off(stage->model);
	count = rows_of(stage, &doctor_view);
	stage->context.snap = &nothing;
	assert_string_equal(cell_of(stage, &doctor_view, 0, "SAYS"), "bad");
	for (size_t row = 0; row < count; row++)
		assert_true(*cell_of(stage, &doctor_view, row, "FOUND"));
	stage->context.snap = &stage->snap;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sentences_go_on_in_the_next_row, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(a_wide_screen_has_fewer_rows, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(plain_lines_have_no_mark, make_stage, free_stage),
		cmocka_unit_test_setup_teardown(what_is_said_is_said_once, make_stage, free_stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
