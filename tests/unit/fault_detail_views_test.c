// SPDX-License-Identifier: GPL-2.0-or-later
/* fault_facts, occurrences, notes, muted: what stands behind a row of faults, and beside it. */
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

/* A fact whole, its rows joined by blanks; "" where it has no row. */
static const char *fact(struct stage *stage, const char *name)
{
	static char text[1024];
	size_t rows = rows_now(stage, &fault_facts_view);
	bool ours = false;

	text[0] = '\0';
	for (size_t i = 0; i < rows; i++) {
		char label[64];

		copy_text(label, sizeof(label), cell_of(stage, &fault_facts_view, i, "FACT"));
		ours = *label ? !strcmp(label, name) : ours;
		if (ours)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			         *text ? " " : "", cell_of(stage, &fault_facts_view, i, "VALUE"));
	}
	return text;
}

static struct snapshot_fault *open_fault(struct stage *stage)
{
	struct snapshot_fault *fault = draw_fault(stage, "00:03.0", 5);

	stage->context.fault = fault->id;
	stage->snap.health[SOURCE_SYSFS].state = HEALTH_OK;
	draw_clock(stage);
	return fault;
}

static void a_fault_is_told_in_both_tongues(void **state)
{
	struct stage *stage = *state;

	open_fault(stage);
	assert_string_equal(fact(stage, "what"),
	                    "the device read an address that nobody mapped for reading");
	assert_string_equal(fact(stage, "reason"), "PTE Read access is not set (VT-d reason 0x06)");
	assert_string_equal(fact(stage, "direction"), "read");
	assert_string_equal(fact(stage, "address"),
	                    "0xdead000, as a page: the byte in it is not told");
	assert_string_equal(fact(stage, "device"), "00:03.0: there is no such device now");
	assert_string_equal(fact(stage, "count"), "1 since the start; 14:03:05");
	assert_string_equal(fact(stage, "told by"), "the kernel's log");
	assert_non_null(strstr(fact(stage, "hint"), "RMRR"));
	assert_string_equal(fact(stage, "requester"), "");
	assert_string_equal(fact(stage, "PASID"), "");
}

static void who_told_it_is_told(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);

	fault->logged = fault->traced = true;
	fault->dialect = FAULT_AMD;
	assert_string_equal(fact(stage, "told by"),
	                    "the kernel's log and the io_page_fault event, of the same faults");
	fault->logged = false;
	fault->dialect = FAULT_OTHER;
	assert_string_equal(fact(stage, "told by"), "the io_page_fault event");
	fault->dialect = FAULT_VTD;
	assert_string_equal(fact(stage, "told by"), "the intel_iommu:prq_report event");
}

static void who_it_is_is_told_with_driver_group_and_guest(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);

	fault->device_index = draw_device(stage, "0000:00:03.0", 4);
	draw_group(stage, 4, 1234);
	assert_string_equal(fact(stage, "device"),
	                    "0000:00:03.0  Ethernet controller: Intel 82574L");
	assert_string_equal(fact(stage, "driver"), "e1000e");
	assert_string_equal(fact(stage, "held by"), "process 1234");
	assert_string_equal(fact(stage, "group"), "4, domain now: - (Enter opens the group)");
	assert_int_equal(fault_facts_view.group_of(&stage->context, &stage->pane.shown.rows[0]), 4);
}

static void what_is_a_guess_says_so(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);

	fault->flags |= FAULT_HAS_STREAM;
	fault->dialect = FAULT_SMMU_V3;
	fault->stream = 8;
	assert_string_equal(fact(stage, "device"),
	                    "stream 0x8 of 00:03.0: no device is known for it");
	fault->device_index = draw_device(stage, "0000:00:01.0", 4);
	fault->guessed = true;
	assert_non_null(strstr(fact(stage, "requester"), "a guess: the unit told only stream 0x8"));
	fault->guessed = false;
	fault->behind = true;
	assert_non_null(strstr(fact(stage, "requester"), "a device behind this bridge"));
	fault->behind = false;
	fault->ambiguous = true;
	assert_non_null(strstr(fact(stage, "requester"), "no PCI segment"));
}

static void an_interrupt_is_said_to_be_one(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);

	fault->dialect = FAULT_VTD_INTERRUPT;
	fault->flags = FAULT_INTERRUPT | FAULT_HAS_CODE;
	fault->code = 0x22;
	fault->iova = 0x12;
	fault->direction = DIRECTION_UNKNOWN;
	assert_string_equal(fact(stage, "what"),
	                    "the device raised an interrupt that is not set up, or no longer (an "
	                    "interrupt, not data)");
	assert_string_equal(fact(stage, "address"), "interrupt index 0x12");
	assert_string_equal(fact(stage, "direction"), "");
	assert_string_equal(fact(stage, "address was"), "");
}

/* What its address was tells more than what its kind often is. */
static void the_verdict_is_a_sentence_and_brings_the_hint(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);

	fault->verdict = (struct snapshot_verdict){.kind = VERDICT_UNMAPPED,
	                                           .uncertain = true,
	                                           .pid = 700,
	                                           .comm = "dd",
	                                           .domain = 6,
	                                           .at_ns = 5 * SECOND - 3000000,
	                                           .since_ns = SECOND,
	                                           .iova = 0xdead000,
	                                           .size_bytes = 4096};
	draw_guest(stage, draw_domain(stage, 6, DOMAIN_TYPE_UNMANAGED));
	assert_string_equal(
		fact(stage, "address was"),
		"it was unmapped 3.0 ms before by dd 700: 0xdead000-0xdeadfff (4.0K), in "
		"the domain of vm1 (qemu-system-x86 1234); seen since 14:03:01; uncertain: "
		"that was so close to the fault that either may have been first");
	assert_non_null(strstr(fact(stage, "hint"), "used after its unmap"));
}

static void ranges_and_scattered_addresses_are_told_whole(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);

	fault->lowest = 0x1000;
	fault->addresses = ADDRESSES_RANGE;
	assert_non_null(strstr(fact(stage, "address"), "all of them from 0x1000 to 0xdead000"));
	fault->addresses = ADDRESSES_SCATTERED;
	assert_non_null(strstr(fact(stage, "address"), "scattered from 0x1000 to 0xdead000"));
}

static void no_row_of_a_fact_is_wider_than_a_small_terminal(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);
	size_t rows;

	fault->guessed = fault->behind = fault->ambiguous = true;
	rows = rows_now(stage, &fault_facts_view);
	for (size_t i = 0; i < rows; i++)
		assert_in_range(canvas_text_width(cell_of(stage, &fault_facts_view, i, "VALUE")), 1,
		                64);
}

static void a_row_of_a_fact_fits_a_narrower_screen(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);
	size_t rows, wide;

	fault->guessed = fault->behind = fault->ambiguous = true;
	wide = rows_now(stage, &fault_facts_view);
	stage->context.columns = 60;
	rows = rows_now(stage, &fault_facts_view);
	assert_true(rows > wide);
	for (size_t i = 0; i < rows; i++)
		assert_in_range(canvas_text_width(cell_of(stage, &fault_facts_view, i, "VALUE")), 1,
		                60 - 14 - 1);
}

/* A saved log tells no devices: none of them is said to be gone. */
static void without_a_list_of_devices_none_is_missed(void **state)
{
	struct stage *stage = *state;

	open_fault(stage);
	stage->snap.health[SOURCE_SYSFS].state = HEALTH_OFF;
	assert_string_equal(fact(stage, "device"), "00:03.0");
}

/* One word without a blank is longer than a row: it is cut there, and the list ends. */
static void a_word_without_end_does_not_hang_the_rows(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);
	char word[300];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	fault->reason = draw_text(stage, word);
	fault->dialect = FAULT_OTHER;
	assert_in_range(rows_now(stage, &fault_facts_view), 5, 20);
}

static void a_row_that_is_gone_says_so(void **state)
{
	struct stage *stage = *state;

	stage->context.fault = 77;
	assert_int_equal(rows_now(stage, &fault_facts_view), 0);
	assert_string_equal(empty_of(stage, &fault_facts_view), "this row gave way to newer ones");
}

/* ---- occurrences ---- */

static struct snapshot_occurrence *draw_occurrence(struct stage *stage, uint64_t iova)
{
	struct snapshot *snap = &stage->snap;

	snap->occurrences = grow(snap->occurrences, &snap->occurrence_capacity,
	                         snap->occurrence_count, sizeof(*snap->occurrences));
	snap->occurrences[snap->occurrence_count] = (struct snapshot_occurrence){
		.id = snap->occurrence_count + 1,
		.ts_ns = SECOND + snap->occurrence_count * 1500000,
		.iova = iova,
		.flags = FAULT_HAS_IOVA,
		.logged = true,
	};
	return &snap->occurrences[snap->occurrence_count++];
}

static int free_occurrences(void **state)
{
	struct stage *stage = *state;

	free(stage->snap.occurrences);
	free(stage->snap.notes);
	stage->snap.occurrences = NULL;
	stage->snap.notes = NULL;
	return free_stage(state);
}

static void occurrences_come_one_by_one(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault;
	struct snapshot_occurrence *second;

	fault = open_fault(stage);
	stage->snap.fault_wanted = stage->context.fault;
	draw_occurrence(stage, 0x1000)->before_start = true;
	second = draw_occurrence(stage, 0x2000);
	second->traced = true;
	second->verdict = (struct snapshot_verdict){.kind = VERDICT_NEVER, .pid = 0};
	stage->snap.occurrences_gone = 37;
	assert_int_equal(rows_now(stage, &occurrences_view), 2);
	assert_int_equal(occurrences_view.group_of(&stage->context, &stage->pane.shown.rows[1]),
	                 NO_GROUP);
	fault->device_index = draw_device(stage, "0000:00:01.0", 4);
	assert_int_equal(occurrences_view.group_of(&stage->context, &stage->pane.shown.rows[1]), 4);
	assert_string_equal(cell_of(stage, &occurrences_view, 0, "TIME"), "14:03:01.000");
	assert_string_equal(cell_of(stage, &occurrences_view, 0, "ADDRESS"), "0x1000");
	assert_string_equal(cell_of(stage, &occurrences_view, 0, "TOLD BY"),
	                    "log, before the start");
	assert_string_equal(cell_of(stage, &occurrences_view, 1, "TIME"), "14:03:01.001");
	assert_string_equal(cell_of(stage, &occurrences_view, 1, "ADDRESS WAS"), "never mapped");
	assert_string_equal(cell_of(stage, &occurrences_view, 1, "TOLD BY"), "both");
	assert_string_equal(note_of(stage, &occurrences_view), "37 older ones are no longer kept");
}

static void occurrences_of_another_fault_are_not_shown(void **state)
{
	struct stage *stage = *state;

	open_fault(stage);
	draw_occurrence(stage, 0x1000);
	stage->snap.fault_wanted = 99;
	assert_int_equal(rows_now(stage, &occurrences_view), 0);
	assert_string_equal(empty_of(stage, &occurrences_view),
	                    "not in what is held (Space goes on)");
}

/* ---- notes ---- */

static struct snapshot_note *draw_note(struct stage *stage, uint32_t device, uint8_t topic)
{
	struct snapshot *snap = &stage->snap;

	snap->notes =
		grow(snap->notes, &snap->note_capacity, snap->note_count, sizeof(*snap->notes));
	snap->notes[snap->note_count] = (struct snapshot_note){
		.id = snap->note_count + 1,
		.ts_ns = SECOND,
		.device_index = device,
		.text = draw_text(stage, "as the kernel wrote it"),
		.topic = topic,
		.level = 4,
	};
	return &snap->notes[snap->note_count++];
}

static void notes_are_of_the_group_or_the_fault_that_is_open(void **state)
{
	struct stage *stage = *state;
	struct snapshot_fault *fault = open_fault(stage);
	uint32_t first = draw_device(stage, "0000:00:03.0", 4);
	uint32_t second = draw_device(stage, "0000:00:04.0", 5);

	fault->device_index = first;
	draw_note(stage, first, NOTE_AER);
	draw_note(stage, second, NOTE_RMRR);
	draw_note(stage, NO_NUMBER, NOTE_RAW);
	assert_int_equal(rows_now(stage, &notes_view), 2);
	assert_string_equal(cell_of(stage, &notes_view, 0, "DEVICE"), "0000:00:03.0");
	assert_string_equal(cell_of(stage, &notes_view, 1, "DEVICE"), "  as the kernel wrote it");
	assert_string_equal(cell_of(stage, &notes_view, 1, "TIME"), "");
	assert_non_null(strstr(cell_of(stage, &notes_view, 0, "MEANING"), "PCIe error"));
	stage->context.fault = NO_FAULT;
	stage->context.group = 5;
	assert_int_equal(rows_now(stage, &notes_view), 2);
	assert_string_equal(cell_of(stage, &notes_view, 0, "DEVICE"), "0000:00:04.0");
	stage->context.group = NO_GROUP;
	assert_int_equal(rows_now(stage, &notes_view), 6);
	assert_string_equal(cell_of(stage, &notes_view, 4, "DEVICE"), "-");
}

/* A fault of nobody that is known has no notes, not those of everybody who is not known. */
static void a_fault_without_device_has_no_notes(void **state)
{
	struct stage *stage = *state;

	open_fault(stage)->device = 0;
	draw_note(stage, NO_NUMBER, NOTE_RAW);
	assert_int_equal(rows_now(stage, &notes_view), 0);
}

static void on_the_overview_old_gossip_is_left_out(void **state)
{
	struct stage *stage = *state;

	draw_note(stage, NO_NUMBER, NOTE_DEVICE)->before_start = true;
	draw_note(stage, NO_NUMBER, NOTE_RAW)->before_start = true;
	draw_note(stage, NO_NUMBER, NOTE_NO_REMAPPING)->before_start = true;
	assert_int_equal(rows_now(stage, &notes_view), 2);
	assert_non_null(strstr(cell_of(stage, &notes_view, 0, "MEANING"), "interrupt remapping"));
}

/* ---- muted ---- */

static void the_list_of_mutes_says_what_each_hides(void **state)
{
	struct stage *stage = *state;
	struct mutes mutes = {0};

	stage->context.mutes = &mutes;
	draw_clock(stage);
	assert_int_equal(rows_now(stage, &muted_view), 0);
	draw_fault(stage, "a", 5)->count = 7;
	draw_fault(stage, "a", 9)->reason = draw_text(stage, "other");
	draw_fault(stage, "b", 3);
	mutes_add(&mutes, MUTE_DEVICE, "a");
	mutes_add(&mutes, MUTE_REASON, "nothing has it");
	assert_int_equal(rows_now(stage, &muted_view), 2);
	assert_string_equal(cell_of(stage, &muted_view, 0, "KIND"), "device");
	assert_string_equal(cell_of(stage, &muted_view, 0, "MUTED"), "a");
	assert_string_equal(cell_of(stage, &muted_view, 0, "ROWS"), "2");
	assert_string_equal(cell_of(stage, &muted_view, 0, "COUNT"), "8");
	assert_string_equal(cell_of(stage, &muted_view, 0, "LAST"), "14:03:09");
	assert_string_equal(cell_of(stage, &muted_view, 1, "ROWS"), "0");
	assert_string_equal(cell_of(stage, &muted_view, 1, "LAST"), "");
	assert_string_equal(note_of(stage, &muted_view), "m or Enter unmutes");
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_occurrences)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_fault_is_told_in_both_tongues),
		stage_test(who_told_it_is_told),
		stage_test(who_it_is_is_told_with_driver_group_and_guest),
		stage_test(what_is_a_guess_says_so),
		stage_test(an_interrupt_is_said_to_be_one),
		stage_test(the_verdict_is_a_sentence_and_brings_the_hint),
		stage_test(ranges_and_scattered_addresses_are_told_whole),
		stage_test(no_row_of_a_fact_is_wider_than_a_small_terminal),
		stage_test(a_row_of_a_fact_fits_a_narrower_screen),
		stage_test(without_a_list_of_devices_none_is_missed),
		stage_test(a_word_without_end_does_not_hang_the_rows),
		stage_test(a_row_that_is_gone_says_so),
		stage_test(occurrences_come_one_by_one),
		stage_test(occurrences_of_another_fault_are_not_shown),
		stage_test(notes_are_of_the_group_or_the_fault_that_is_open),
		stage_test(a_fault_without_device_has_no_notes),
		stage_test(on_the_overview_old_gossip_is_left_out),
		stage_test(the_list_of_mutes_says_what_each_hides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
