// SPDX-License-Identifier: GPL-2.0-or-later
/* faults: who, where, why, how often, and what cannot be told. */
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

#include "faults_sketch.h"

static const char *cell(struct stage *stage, size_t row, const char *title)
{
	return cell_of(stage, &faults_view, row, title);
}

/* As it is drawn in so many columns. */
static const char *narrow(struct stage *stage, const char *title, int room)
{
	static struct cell_text text;

	for (size_t i = 0; i < faults_view.column_count; i++) {
		if (strcmp(faults_view.columns[i].title, title) != 0)
			continue;
		text = (struct cell_text){.role = ROLE_NORMAL, .room = room};
		faults_view.columns[i].put(&stage->context, &stage->pane.shown.rows[0], &text);
	}
	return text.text;
}

static enum role role_of(struct stage *stage, size_t row, const char *title)
{
	struct cell_text text = {.role = ROLE_NORMAL};

	for (size_t i = 0; i < faults_view.column_count; i++)
		if (!strcmp(faults_view.columns[i].title, title))
			faults_view.columns[i].put(&stage->context, &stage->pane.shown.rows[row],
			                           &text);
	return text.role;
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
	assert_string_equal(cell(stage, 0, "ADDRESS WAS"), "-");
}

/* Whose words are not known: the message's own. */
static void the_reason_is_in_plain_words_where_there_are_any(void **state)
{
	struct stage *stage = *state;

	draw_fault(stage, "d", 1);
	draw_fault(stage, "d", 2)->dialect = FAULT_OTHER;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "REASON"), "no read mapping");
	assert_string_equal(cell(stage, 1, "REASON"), "PTE Read access is not set");
}

/* Who pastes a line of dmesg into the search finds the row. */
static void search_finds_the_reason_as_the_kernel_says_it(void **state)
{
	struct stage *stage = *state;

	draw_fault(stage, "d", 1);
	draw_fault(stage, "e", 2)->reason = draw_text(stage, "other");
	strcpy(stage->pane.filter, "pte read");
	assert_int_equal(rows_now(stage, &faults_view), 1);
	assert_string_equal(cell(stage, 0, "DEVICE"), "d");
}

static void what_is_unknown_is_a_dash(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "", 1);

	fault->device = fault->reason = 0;
	fault->flags = fault->direction = 0;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "-");
	assert_string_equal(cell(stage, 0, "NAME"), "-");
	assert_string_equal(cell(stage, 0, "WAY"), "-");
	assert_string_equal(cell(stage, 0, "ADDRESS"), "-");
	assert_string_equal(cell(stage, 0, "REASON"), "-");
}

static void addresses_are_a_page_a_range_or_scattered(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "d", 1);

	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "ADDRESS"), "0xdead000");
	fault->lowest = 0x1000;
	fault->highest = 0x8000;
	fault->addresses = ADDRESSES_RANGE;
	assert_string_equal(cell(stage, 0, "ADDRESS"), "0x1000-0x8fff");
	fault->addresses = ADDRESSES_SCATTERED;
	assert_string_equal(cell(stage, 0, "ADDRESS"), "0xdead000, others");
	fault->flags = FAULT_INTERRUPT;
	fault->addresses = ADDRESSES_RANGE;
	fault->lowest = 0x12;
	fault->highest = 0x15;
	assert_string_equal(cell(stage, 0, "ADDRESS"), "index 0x12-0x15");
}

/* A number that is cut would be another number. */
static void no_address_is_ever_cut(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "d", 1);

	rows_now(stage, &faults_view);
	fault->iova = fault->lowest = 0xffffffffffffe000;
	fault->highest = 0xfffffffffffff000;
	assert_string_equal(narrow(stage, "ADDRESS", 18), "0xffffffffffffe000");
	assert_string_equal(narrow(stage, "ADDRESS", 14), "(Enter)");
	fault->addresses = ADDRESSES_RANGE;
	assert_string_equal(narrow(stage, "ADDRESS", 14), "a range");
	fault->addresses = ADDRESSES_SCATTERED;
	assert_string_equal(narrow(stage, "ADDRESS", 14), "scattered");
}

static void a_verdict_fits_its_room(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "d", 1);

	fault->verdict.kind = VERDICT_UNMAPPED;
	fault->verdict.at_ns = SECOND - 3000000;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "ADDRESS WAS"), "unmapped 3.0 ms before");
	assert_string_equal(narrow(stage, "ADDRESS WAS", 14), "unmapped 3.0ms");
	fault->verdict.uncertain = true;
	assert_string_equal(cell(stage, 0, "ADDRESS WAS"), "unmapped 3.0 ms before?");
	assert_int_equal(role_of(stage, 0, "ADDRESS WAS"), ROLE_WARN);
}

static void interrupts_have_an_index_not_an_address(void **state)
{
	struct stage *stage = *state;

	say_fault(stage->model, SECOND, "d", FAULT_INTERRUPT);
	rows_of(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "ADDRESS"), "index 0xdead000");
	assert_string_equal(cell(stage, 0, "WAY"), "intr");
}

/* AMD tells where the interrupt was sent, not which entry of a table it named. */
static void interrupts_of_amd_have_an_address(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "d", 1);

	fault->dialect = FAULT_AMD;
	fault->flags = FAULT_INTERRUPT | FAULT_HAS_IOVA;
	fault->iova = 0xfffffffdf8000000;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "WAY"), "intr");
	assert_string_equal(cell(stage, 0, "ADDRESS"), "0xfffffffdf8000000");
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
	stage->context.group = 1;
	assert_int_equal(rows_of(stage, &faults_view), 0);
}

static void a_stream_is_no_device_until_one_is_found(void **state)
{
	struct stage *stage = *state;
	uint32_t device = draw_device(stage, "0000:00:01.0", 3);
	struct snapshot_fault *fault = draw_fault(stage, "9050000.smmuv3", 1);

	fault->flags |= FAULT_HAS_STREAM;
	fault->dialect = FAULT_SMMU_V3;
	fault->stream = 0x8;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "stream 0x8");
	assert_string_equal(cell(stage, 0, "NAME"), "of 9050000.smmuv3");
	fault->dialect = FAULT_VIRTIO;
	fault->stream = 32;
	assert_string_equal(cell(stage, 0, "DEVICE"), "endpoint 32");
	fault->device_index = device;
	fault->guessed = true;
	assert_string_equal(cell(stage, 0, "DEVICE"), "0000:00:01.0?");
}

static void behind_a_bridge_somebody_else_asked(void **state)
{
	struct stage *stage = *state;
	uint32_t device = draw_device(stage, "0000:00:1c.0", 3);
	struct snapshot_fault *fault = draw_fault(stage, "0000:00:1c.0", 1);

	fault->device_index = device;
	fault->behind = true;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "NAME"), "a device behind this bridge");
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

/* ---- order ---- */

static void what_was_seen_last_is_at_the_end(void **state)
{
	struct stage *stage = *state;

	draw_fault(stage, "a", 3);
	draw_fault(stage, "b", 1);
	draw_fault(stage, "c", 3);
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "b");
	assert_string_equal(cell(stage, 1, "DEVICE"), "a");
	assert_string_equal(cell(stage, 2, "DEVICE"), "c");
}

/* Nothing moves under the cursor of one who reads. */
static void the_order_is_still_while_a_row_is_selected(void **state)
{
	struct stage *stage = *state;

	draw_fault(stage, "a", 1);
	draw_fault(stage, "b", 2);
	draw_fault(stage, "c", 3);
	rows_now(stage, &faults_view);
	table_select(&stage->pane, 1);
	stage->snap.faults_seen[0].last_ns = 9 * SECOND;
	draw_fault(stage, "d", 5);
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "a");
	assert_string_equal(cell(stage, 1, "DEVICE"), "b");
	assert_string_equal(cell(stage, 3, "DEVICE"), "d");
	stage->pane.follow = true;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "b");
	assert_string_equal(cell(stage, 3, "DEVICE"), "a");
}

/* ---- muted, acknowledged, old ---- */

static void muted_rows_leave_and_are_counted(void **state)
{
	struct stage *stage = *state;
	struct mutes mutes = {0};

	stage->context.mutes = &mutes;
	draw_fault(stage, "a", 1);
	draw_fault(stage, "b", 2);
	assert_int_equal(rows_now(stage, &faults_view), 2);
	assert_string_equal(note_of(stage, &faults_view), "");
	mutes_add(&mutes, MUTE_DEVICE, "a");
	assert_int_equal(rows_now(stage, &faults_view), 1);
	assert_string_equal(note_of(stage, &faults_view), "1 muted (M)");
	mutes_add(&mutes, MUTE_REASON, "PTE Read access is not set");
	assert_int_equal(rows_now(stage, &faults_view), 0);
	assert_string_equal(empty_of(stage, &faults_view),
	                    "nothing but what is muted (M shows it)");
}

static void what_is_new_stands_out_and_what_is_known_does_not(void **state)
{
	struct stage *stage = *state;

	draw_fault(stage, "old", 1)->before_start = true;
	draw_fault(stage, "known", 2);
	draw_fault(stage, "again", 5);
	draw_fault(stage, "new", 6);
	rows_now(stage, &faults_view);
	assert_int_equal(role_of(stage, 1, "DEVICE"), ROLE_BAD);
	stage->context.acknowledged_id = 3;
	stage->context.acknowledged_ns = 4 * SECOND;
	assert_int_equal(role_of(stage, 0, "DEVICE"), ROLE_DIM);
	assert_int_equal(role_of(stage, 0, "ADDRESS"), ROLE_DIM);
	assert_int_equal(role_of(stage, 1, "DEVICE"), ROLE_NORMAL);
	assert_int_equal(role_of(stage, 1, "COUNT"), ROLE_DIM);
	assert_int_equal(role_of(stage, 2, "DEVICE"), ROLE_NORMAL);
	assert_int_equal(role_of(stage, 2, "COUNT"), ROLE_STRONG);
	assert_int_equal(role_of(stage, 3, "DEVICE"), ROLE_BAD);
}

/* ---- counts ---- */

static void a_narrow_column_cuts_places_of_a_second_not_seconds(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "d", 1);
	struct cell_text last = {.room = 8};

	fault->last_ns = 1530912345000;
	rows_now(stage, &faults_view);
	assert_string_equal(faults_view.columns[0].title, "LAST");
	faults_view.columns[0].put(&stage->context, &stage->pane.shown.rows[0], &last);
	assert_string_equal(last.text, "1530.912");
	fault->last_ns = 1234567912345000;
	faults_view.columns[0].put(&stage->context, &stage->pane.shown.rows[0], &last);
	assert_string_equal(last.text, "1234567");
}

/* "0000:00:01.…" would be a certain device, and "stream 0x47…" another stream. */
static void a_narrow_column_cuts_neither_guess_nor_number(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "smmu", 1);
	struct cell_text cut = {.room = 12};

	fault->flags |= FAULT_HAS_STREAM;
	fault->dialect = FAULT_SMMU_V3;
	fault->stream = 0x4711;
	rows_now(stage, &faults_view);
	assert_string_equal(faults_view.columns[3].title, "DEVICE");
	faults_view.columns[3].put(&stage->context, &stage->pane.shown.rows[0], &cut);
	assert_string_equal(cut.text, "id 0x4711");
	fault->device_index = draw_device(stage, "0000:00:01.0", 4);
	faults_view.columns[3].put(&stage->context, &stage->pane.shown.rows[0], &cut);
	assert_string_equal(cut.text, "0000:00:01.0");
	fault->guessed = true;
	faults_view.columns[3].put(&stage->context, &stage->pane.shown.rows[0], &cut);
	assert_string_equal(cut.text, "00:01.0?");
}

static void counts_say_when_there_may_be_more(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = draw_fault(stage, "d", 1);

	fault->count = 12;
	fault->per_s = 3;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "COUNT"), "12");
	assert_string_equal(cell(stage, 0, "/s"), "3");
	stage->snap.faults.known = KNOWN_AT_LEAST;
	assert_string_equal(cell(stage, 0, "COUNT"), "≥12");
	fault->before_start = true;
	fault->count = 0;
	fault->count_before = 4;
	assert_string_equal(cell(stage, 0, "COUNT"), "4");
	assert_string_equal(cell(stage, 0, "/s"), "");
}

static void counts_go_from_the_mark(void **state)
{
	struct stage *stage = *state;
	struct snapshot since = {0};
	struct snapshot_fault *fault = draw_fault(stage, "d", 1);

	fault->count = 12;
	snapshot_copy(&since, &stage->snap);
	fault->count = 15;
	stage->context.since = &since;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "COUNT"), "3");
	snapshot_release(&since);
}

static void the_title_says_what_did_not_come_through(void **state)
{
	struct stage *stage = *state;

	draw_fault(stage, "d", 1);
	stage->snap.faults_logged = (struct count){9, KNOWN_EXACT};
	stage->snap.fault_interrupts = (struct count){9, KNOWN_EXACT};
	assert_string_equal(note_of(stage, &faults_view), "");
	stage->snap.fault_interrupts.n = 12;
	assert_string_equal(
		note_of(stage, &faults_view),
		"9 logged, 12 interrupts (each at least one fault, or something else of the "
		"unit)");
	stage->snap.suppressed = (struct count){893, KNOWN_EXACT};
	assert_memory_equal(note_of(stage, &faults_view), "9 logged, 12 interrupts", 23);
	stage->snap.fault_interrupts.known = KNOWN_NOT;
	stage->snap.overflows = 2;
	stage->snap.rows_dropped = 7;
	assert_string_equal(note_of(stage, &faults_view),
	                    "7 oldest rows gone; hardware overflows 2; log dropped ≥893 prints");
	stage->context.group = 3;
	assert_string_equal(note_of(stage, &faults_view), "");
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

static void sorted_by_count_the_most_are_first(void **state)
{
	struct stage *stage = *state;

	draw_fault(stage, "a", 1)->count = 5;
	draw_fault(stage, "b", 2)->count = 7;
	stage->pane.sort_column = 1;
	rows_now(stage, &faults_view);
	assert_string_equal(cell(stage, 0, "DEVICE"), "b");
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_fault_names_its_device),
		stage_test(the_reason_is_in_plain_words_where_there_are_any),
		stage_test(search_finds_the_reason_as_the_kernel_says_it),
		stage_test(what_is_unknown_is_a_dash),
		stage_test(addresses_are_a_page_a_range_or_scattered),
		stage_test(no_address_is_ever_cut),
		stage_test(a_verdict_fits_its_room),
		stage_test(interrupts_have_an_index_not_an_address),
		stage_test(interrupts_of_amd_have_an_address),
		stage_test(two_segments_make_a_device_ambiguous),
		stage_test(a_stream_is_no_device_until_one_is_found),
		stage_test(behind_a_bridge_somebody_else_asked),
		stage_test(a_groups_screen_has_its_faults_alone),
		stage_test(what_was_seen_last_is_at_the_end),
		stage_test(the_order_is_still_while_a_row_is_selected),
		stage_test(muted_rows_leave_and_are_counted),
		stage_test(what_is_new_stands_out_and_what_is_known_does_not),
		stage_test(a_narrow_column_cuts_places_of_a_second_not_seconds),
		stage_test(a_narrow_column_cuts_neither_guess_nor_number),
		stage_test(counts_say_when_there_may_be_more),
		stage_test(counts_go_from_the_mark),
		stage_test(the_title_says_what_did_not_come_through),
		stage_test(an_empty_list_says_whether_anyone_looked),
		stage_test(every_column_sorts),
		stage_test(sorted_by_count_the_most_are_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
