// SPDX-License-Identifier: GPL-2.0-or-later
/* faults: who, where, why, and what cannot be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"

static const char *cell(struct stage *stage, size_t row, const char *title)
{
	return cell_of(stage, &faults_view, row, title);
}

static void a_fault_names_its_device(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_fault(stage->model, SECOND, "00:03.0", FAULT_HAS_IOVA | FAULT_NO_SEGMENT);
	assert_int_equal(rows_of(stage, &faults_view), 1);
	assert_string_equal(cell(stage, 0, "DEVICE"), "0000:00:03.0");
	assert_string_equal(cell(stage, 0, "NAME"), "Ethernet controller: Intel 82574L");
	assert_string_equal(cell(stage, 0, "WAY"), "read");
	assert_string_equal(cell(stage, 0, "ADDRESS"), "0xdead000");
	assert_string_equal(cell(stage, 0, "REASON"), "PTE Read access is not set");
	assert_string_equal(cell(stage, 0, "FROM"), "log");
}

static void what_is_unknown_is_a_dash(void **state)
{
	struct stage *stage = *state;
	const struct event ev = {.kind = EVENT_FAULT, .fault = {.iova = 5}};

	model_apply(stage->model, &ev);
	rows_of(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "-");
	assert_string_equal(cell(stage, 0, "NAME"), "-");
	assert_string_equal(cell(stage, 0, "WAY"), "-");
	assert_string_equal(cell(stage, 0, "ADDRESS"), "-");
	assert_string_equal(cell(stage, 0, "REASON"), "-");
}

static void interrupts_have_an_index_not_an_address(void **state)
{
	struct stage *stage = *state;

	say_fault(stage->model, SECOND, "d", FAULT_INTERRUPT | FAULT_HAS_IOVA);
	rows_of(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "ADDRESS"), "index 0xdead000");
	assert_string_equal(cell(stage, 0, "WAY"), "intr");
}

static void two_segments_make_a_device_ambiguous(void **state)
{
	struct stage *stage = *state;

	say_device(stage->model, "0000:00:02.0", 1, "a", "b", NULL);
	say_device(stage->model, "0001:00:02.0", 2, "a", "b", NULL);
	say_fault(stage->model, SECOND, "00:02.0", FAULT_NO_SEGMENT);
	rows_of(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "00:02.0");
	assert_string_equal(cell(stage, 0, "NAME"), "several PCI segments have such a device");
	assert_int_equal(faults_view.group_of(&stage->context, &stage->pane.shown.rows[0]),
	                 NO_GROUP);
	stage->context.group = 1;
	assert_int_equal(rows_of(stage, &faults_view), 0);
}

static void a_groups_screen_has_its_faults_alone(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_fault(stage->model, SECOND, "0000:00:03.0", 0);
	say_fault(stage->model, SECOND, "0000:00:02.0", 0);
	say_fault(stage->model, SECOND, "nobody", 0);
	stage->context.group = 7;
	assert_int_equal(rows_of(stage, &faults_view), 1);
	assert_string_equal(cell(stage, 0, "DEVICE"), "0000:00:02.0");
	stage->context.group = NO_GROUP;
	assert_int_equal(rows_of(stage, &faults_view), 3);
}

static void faults_say(struct stage *stage, const char *words)
{
	char text[128] = "";

	rows_of(stage, &faults_view);
	faults_view.empty(&stage->context, text, sizeof(text));
	assert_string_equal(text, words);
}

static void an_empty_list_says_whether_anyone_looked(void **state)
{
	struct stage *stage = *state;

	faults_say(stage, "faults cannot be seen: neither kernel log nor trace is readable");
	say_health(stage->model, SOURCE_LOG, HEALTH_OK, NULL);
	faults_say(stage, "no faults");
	say_class(stage->model, CLASS_FAULT, false);
	faults_say(stage, "off (5 switches fault events on)");
}

static void every_column_sorts(void **state)
{
	struct stage *stage = *state;

	say_everything(stage->model);
	for (int column = 0; column < (int)faults_view.column_count; column++) {
		stage->pane.sort_column = column;
		assert_int_equal(rows_of(stage, &faults_view), 3);
	}
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_fault_names_its_device),
		stage_test(what_is_unknown_is_a_dash),
		stage_test(interrupts_have_an_index_not_an_address),
		stage_test(two_segments_make_a_device_ambiguous),
		stage_test(a_groups_screen_has_its_faults_alone),
		stage_test(an_empty_list_says_whether_anyone_looked),
		stage_test(every_column_sorts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
