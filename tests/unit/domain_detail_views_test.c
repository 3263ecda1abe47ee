// SPDX-License-Identifier: GPL-2.0-or-later
/* sizes, tasks, callers: what only the screen of one domain shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"
#include "views/cells.h"

#include "sketch.h"

static struct snapshot_detail *draw_detail(struct stage *stage)
{
	stage->context.domain = 6;
	stage->snap.detail = (struct snapshot_detail){
		.domain = 6, .tasks_exact = true, .context_total = UINT64_MAX};
	return &stage->snap.detail;
}

/* The cell as it is drawn in so many columns. */
static const char *bar(struct stage *stage, size_t row, size_t column, int room)
{
	static struct cell_text cell;

	cell = (struct cell_text){.role = ROLE_NORMAL, .room = room};
	sizes_view.columns[column].put(&stage->context, &stage->pane.shown.rows[row], &cell);
	return cell.text;
}

static void only_used_sizes_have_rows(void **state)
{
	struct stage *stage = *state;
	struct snapshot_detail *detail = draw_detail(stage);

	assert_int_equal(rows_now(stage, &sizes_view), 0);
	assert_string_equal(empty_of(stage, &sizes_view), "no maps and no unmaps yet");
	detail->map_sizes[0] = 8;
	detail->unmap_sizes[4] = 2;
	detail->map_sizes[9] = 1;
	detail->unmap_sizes[SIZE_BUCKETS - 1] = 1;
	assert_int_equal(rows_now(stage, &sizes_view), 4);
	assert_string_equal(cell_of(stage, &sizes_view, 0, "SIZE"), "4K-8K");
	assert_string_equal(cell_of(stage, &sizes_view, 0, "MAPS"), "8");
	assert_string_equal(cell_of(stage, &sizes_view, 0, "UNMAPS"), "0");
	assert_string_equal(cell_of(stage, &sizes_view, 1, "SIZE"), "64K-128K");
	assert_string_equal(cell_of(stage, &sizes_view, 2, "SIZE"), "2M-4M");
	assert_string_equal(cell_of(stage, &sizes_view, 3, "SIZE"), "8E-16E");
}

/* Both columns have one scale, and what is there shows. */
static void bars_are_as_long_as_the_highest_allows(void **state)
{
	struct stage *stage = *state;
	struct snapshot_detail *detail = draw_detail(stage);

	detail->map_sizes[0] = 8000;
	detail->unmap_sizes[0] = 3000;
	detail->map_sizes[1] = 1;
	rows_now(stage, &sizes_view);
	assert_string_equal(bar(stage, 0, 2, 4), "████");
	assert_string_equal(bar(stage, 0, 4, 4), "█▌");
	assert_string_equal(bar(stage, 1, 2, 4), "▏");
	assert_string_equal(bar(stage, 1, 4, 4), "");
}

static void the_sizes_of_another_domain_are_not_shown(void **state)
{
	struct stage *stage = *state;
	struct snapshot_detail *detail = draw_detail(stage);

	detail->map_sizes[0] = 8;
	detail->domain = 5;
	assert_int_equal(rows_now(stage, &sizes_view), 0);
	assert_string_equal(empty_of(stage, &sizes_view), "no longer told");
	assert_int_equal(rows_now(stage, &tasks_view), 0);
	assert_int_equal(rows_now(stage, &callers_view), 0);
	/* It is there, but was not asked for when the screen was held. */
	draw_domain(stage, 6, DOMAIN_TYPE_DMA);
	assert_string_equal(empty_of(stage, &sizes_view), "not in what is held (Space goes on)");
	assert_string_equal(empty_of(stage, &tasks_view), "not in what is held (Space goes on)");
	assert_string_equal(empty_of(stage, &callers_view), "not in what is held (Space goes on)");
}

static void tasks_have_their_share_of_all_events(void **state)
{
	struct stage *stage = *state;
	struct snapshot_detail *detail = draw_detail(stage);

	detail->tasks[0] = (struct snapshot_task){.pid = 700, .comm = "dd", .maps = 60};
	detail->tasks[1] = (struct snapshot_task){.pid = 0, .unmaps = 15};
	detail->task_count = 2;
	assert_int_equal(rows_now(stage, &tasks_view), 2);
	assert_string_equal(cell_of(stage, &tasks_view, 0, "TASK"), "dd");
	assert_string_equal(cell_of(stage, &tasks_view, 0, "PID"), "700");
	assert_string_equal(cell_of(stage, &tasks_view, 0, "SHARE"), "80.0 %");
	assert_string_equal(cell_of(stage, &tasks_view, 1, "TASK"), "-");
	assert_string_equal(cell_of(stage, &tasks_view, 1, "UNMAPS"), "15");
	detail->context_total = 120;
	assert_string_equal(cell_of(stage, &tasks_view, 0, "SHARE"), "50.0 %");
	assert_string_equal(note_of(stage, &tasks_view), "");
	detail->context_unknown = 120;
	assert_string_equal(cell_of(stage, &tasks_view, 0, "SHARE"), "25.0 %");
	assert_true(strstr(note_of(stage, &tasks_view), "interrupts") != NULL);
	detail->tasks_exact = false;
	assert_true(strstr(note_of(stage, &tasks_view), "estimates") != NULL);
}

static void counts_mode_has_no_tasks(void **state)
{
	struct stage *stage = *state;

	draw_detail(stage);
	assert_int_equal(rows_now(stage, &tasks_view), 0);
	assert_string_equal(empty_of(stage, &tasks_view), "no task has mapped or unmapped yet");
	stage->snap.collect = COLLECT_COUNTS;
	assert_true(strstr(empty_of(stage, &tasks_view), "not in counts mode") != NULL);
}

static void callers_come_when_they_were_watched(void **state)
{
	struct stage *stage = *state;
	struct snapshot_detail *detail = draw_detail(stage);

	assert_int_equal(rows_now(stage, &callers_view), 0);
	assert_string_equal(empty_of(stage, &callers_view), "w watches who calls for five seconds");
	detail->callers_s = 5;
	assert_string_equal(empty_of(stage, &callers_view),
	                    "nobody called in the 5 s watched; w watches anew");
	detail->callers[0] = (struct snapshot_caller){draw_text(stage, "nvme_map_data [nvme]"), 30};
	detail->callers[1] = (struct snapshot_caller){draw_text(stage, "igb_xmit [igb]"), 10};
	detail->caller_count = 2;
	assert_int_equal(rows_now(stage, &callers_view), 2);
	assert_string_equal(cell_of(stage, &callers_view, 0, "CALLS"), "30");
	assert_string_equal(cell_of(stage, &callers_view, 0, "SHARE"), "75.0 %");
	assert_string_equal(cell_of(stage, &callers_view, 0, "FUNCTIONS"), "nvme_map_data [nvme]");
	assert_string_equal(note_of(stage, &callers_view), "seen in 5 s");
}

static void every_column_sorts(void **state)
{
	static const struct view *const views[] = {&sizes_view, &tasks_view, &callers_view};
	struct stage *stage = *state;
	struct snapshot_detail *detail = draw_detail(stage);

	for (size_t i = 0; i < 3; i++) {
		detail->map_sizes[i] = i + 1;
		detail->tasks[i] = (struct snapshot_task){.pid = (int32_t)i, .maps = i};
		detail->callers[i] = (struct snapshot_caller){draw_text(stage, "f"), i};
	}
	detail->task_count = 3;
	detail->caller_count = 3;
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		for (int column = 0; column < (int)views[i]->column_count; column++) {
			stage->pane.sort_column = column;
			assert_int_equal(rows_now(stage, views[i]), 3);
			if (!strcmp(views[i]->columns[column].title, "MAPS") ||
			    !strcmp(views[i]->columns[column].title, "CALLS"))
				assert_int_equal(stage->pane.shown.rows[0].index, 2);
		}
	}
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(only_used_sizes_have_rows),
		stage_test(bars_are_as_long_as_the_highest_allows),
		stage_test(the_sizes_of_another_domain_are_not_shown),
		stage_test(tasks_have_their_share_of_all_events),
		stage_test(counts_mode_has_no_tasks),
		stage_test(callers_come_when_they_were_watched),
		stage_test(every_column_sorts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
