// SPDX-License-Identifier: GPL-2.0-or-later
/* frame: what the header says, and that every size of terminal gets a sheet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "scene.h"
#include "ui.h"
#include "util.h"

#define ROWS    40
#define COLUMNS 160

struct sheet {
	struct model *model;
	struct snapshot snap;
	struct ui ui;
	struct canvas canvas;
	struct frame_input input;
	char text[ROWS][COLUMNS * 4 + 1];
};

static int make_sheet(void **state)
{
	struct sheet *sheet = xcalloc(1, sizeof(*sheet));

	sheet->model = model_new(&model_default_limits);
	sheet->input.snap = &sheet->snap;
	ui_init(&sheet->ui, NO_GROUP);
	*state = sheet;
	return 0;
}

static int free_sheet(void **state)
{
	struct sheet *sheet = *state;

	model_free(sheet->model);
	snapshot_release(&sheet->snap);
	ui_release(&sheet->ui);
	canvas_release(&sheet->canvas);
	free(sheet);
	return 0;
}

static void draw(struct sheet *sheet)
{
	look(sheet->model, &sheet->snap);
	canvas_resize(&sheet->canvas, ROWS, COLUMNS);
	frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
	for (int row = 0; row < ROWS; row++)
		canvas_row_text(&sheet->canvas, row, sheet->text[row]);
}

static void row_says(struct sheet *sheet, int row, const char *words)
{
	draw(sheet);
	if (!strstr(sheet->text[row], words))
		fail_msg("\"%s\" does not say \"%s\"", sheet->text[row], words);
}

static void row_does_not_say(struct sheet *sheet, int row, const char *words)
{
	draw(sheet);
	if (strstr(sheet->text[row], words))
		fail_msg("\"%s\" says \"%s\"", sheet->text[row], words);
}

static void go_to(struct ui *ui, enum screen_id screen, size_t focus, const char *filter)
{
	ui->places[0] = (struct place){screen, screen == SCREEN_GROUP ? 7 : NO_GROUP,
	                               screen == SCREEN_DOMAIN ? 1 : NO_DOMAIN,
	                               screen == SCREEN_FAULT ? 1 : NO_FAULT};
	ui->depth = 1;
	ui->focus[screen] = focus;
	copy_text(ui_pane(ui)->filter, FILTER_MAX, filter);
}

/* ---- header ---- */

static void before_the_first_walk_the_state_is_open(void **state)
{
	row_says(*state, 1, "IOMMU reading sysfs");
	row_does_not_say(*state, 1, "off");
}

/* Where one is in a recording tells more than whose it is. */
static void a_narrow_screen_keeps_the_place_in_a_recording(void **state)
{
	struct sheet *sheet = *state;
	char row[COLUMNS * 4 + 1];

	say_text(sheet->model, ATTR_HOST, NULL, 0, "iommutop-vm");
	say_text(sheet->model, ATTR_KERNEL, NULL, 0, "6.12.117+deb12-amd64");
	sheet->input.recording = "guest.rec";
	sheet->input.playback =
		(struct frame_playback){.position = 500, .elapsed_ns = 30 * SECOND, .speed = 1000};
	row_says(sheet, 0,
	         "iommutop  iommutop-vm  Linux 6.12.117+deb12-amd64  recording: guest.rec");
	canvas_resize(&sheet->canvas, ROWS, 80);
	frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
	canvas_row_text(&sheet->canvas, 0, row);
	assert_non_null(strstr(row, "iommutop  recording: guest.rec  0:00:30 [======"));
	sheet->input.playback.held = true;
	frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
	canvas_row_text(&sheet->canvas, 0, row);
	assert_non_null(strstr(row, "iommutop  PAUSED  recording: guest.rec  0:00:30 [======"));
}

static void no_units_and_no_groups_is_off(void **state)
{
	struct sheet *sheet = *state;

	say_health(sheet->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	row_says(sheet, 1, "IOMMU off");
}

static void groups_that_vfio_makes_for_itself_do_not_make_it_on(void **state)
{
	struct sheet *sheet = *state;

	say_health(sheet->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	say_text(sheet->model, ATTR_GROUP_NAME, NULL, 0, "vfio-noiommu");
	row_says(sheet, 1, "IOMMU off  1 group");
	say_text(sheet->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 1, "DMA");
	row_says(sheet, 1, "IOMMU on  2 groups");
}

/* Nothing was found because nothing could be read: that is not "off". */
static void a_sysfs_that_cannot_be_read_says_nothing_of_the_iommu(void **state)
{
	struct sheet *sheet = *state;

	say_health(sheet->model, SOURCE_SYSFS, HEALTH_OFF, "cannot read /sys");
	row_says(sheet, 1, "IOMMU unknown");
	row_says(sheet, 4, "IOMMU: cannot read /sys");
}

static void units_without_groups_are_present(void **state)
{
	struct sheet *sheet = *state;

	say_health(sheet->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	say_text(sheet->model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	row_says(sheet, 1, "IOMMU present, no groups VT-d dmar0");
}

static void groups_are_counted_by_their_mode(void **state)
{
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	row_says(sheet, 1,
	         "IOMMU on VT-d dmar0 dmar1  4 groups: 1 lazy, 1 strict, 1 passthrough, 1 unknown  "
	         "2 devices behind no IOMMU");
	say_text(sheet->model, ATTR_KERNEL, NULL, 0, "5.10.0-28-amd64");
	row_says(sheet, 1, "1 lazy, 1 translated, 1 passthrough");
}

static void many_units_are_summed_up(void **state)
{
	struct sheet *sheet = *state;

	say_health(sheet->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	for (int i = 0; i < 9; i++) {
		char name[16];

		snprintf(name, sizeof(name), "dmar%d", i);
		say_text(sheet->model, ATTR_UNIT_VENDOR, name, 0, "VT-d");
	}
	row_says(sheet, 1, "dmar3 and 5 more");
}

static void rates_are_not_shown_before_there_are_any(void **state)
{
	struct sheet *sheet = *state;

	row_says(sheet, 2, "maps -  unmaps -  mapped -  faults -  lost -");
	say_all_classes(sheet->model, true);
	say_tick(sheet->model, SECOND);
	row_says(sheet, 2, "maps -  unmaps -  mapped -");
	say_map(sheet->model, 0, 4096);
	say_tick(sheet->model, 3 * SECOND);
	row_says(sheet, 2, "maps 0/s  unmaps 0/s  mapped 2.0KiB/s");
	row_says(sheet, 2, "in 2.00 s");
}

static void what_is_off_is_not_zero(void **state)
{
	struct sheet *sheet = *state;

	say_all_classes(sheet->model, false);
	say_health(sheet->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_tick(sheet->model, SECOND);
	say_tick(sheet->model, 2 * SECOND);
	row_says(sheet, 2, "maps off  unmaps off  mapped off  faults off");
	row_says(sheet, 3, "1 group off  2 device off  3 map off  4 unmap off  5 fault off");
}

static void what_was_missed_shows(void **state)
{
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	row_says(sheet, 2, "maps ≥0/s");
	row_says(sheet, 2, "lost ≥3");
}

static void classes_that_nobody_delivers_are_dashes(void **state)
{
	struct sheet *sheet = *state;

	say_class(sheet->model, CLASS_MAP, true);
	row_says(sheet, 3, "1 group -  2 device -  3 map  4 unmap -  5 fault -");
}

static void totals_count_from_the_mark(void **state)
{
	struct sheet *sheet = *state;
	struct snapshot since = {0};

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	snapshot_copy(&since, &sheet->snap);
	sheet->input.since = &since;
	row_says(sheet, 2, "faults ≥0");
	say_fault(sheet->model, 90 * SECOND, "0000:00:03.0", FAULT_HAS_IOVA);
	row_says(sheet, 2, "faults ≥1");
	row_says(sheet, 2, "totals since");
	snapshot_release(&since);
}

static void troubles_have_a_line_each(void **state)
{
	struct sheet *sheet = *state;

	say_health(sheet->model, SOURCE_SYSFS, HEALTH_PARTIAL, "one");
	say_health(sheet->model, SOURCE_TRACE, HEALTH_OFF, "two\nlines\033[2J");
	say_health(sheet->model, SOURCE_LOG, HEALTH_OK, "not a trouble");
	row_says(sheet, 4, "IOMMU: one");
	row_says(sheet, 5, "events: two\ufffdlines\ufffd[2J");
	row_does_not_say(sheet, 6, "not a trouble");
}

static void say(struct sheet *sheet, struct event ev)
{
	model_apply(sheet->model, &ev);
}

static void say_way(struct sheet *sheet, enum collect_mode mode, const char *reason, bool asked)
{
	say(sheet,
	    (struct event){.kind = EVENT_COLLECT,
	                   .collect = {.mode = (uint8_t)mode, .reason = reason, .asked = asked}});
}

static void the_header_says_how_is_collected_and_why(void **state)
{
	struct sheet *sheet = *state;

	say_all_classes(sheet->model, true);
	row_does_not_say(sheet, 3, "collect");
	say_way(sheet, COLLECT_TRACEPOINTS, NULL, false);
	row_says(sheet, 3, "5 fault  collect tracepoints");
	say_way(sheet, COLLECT_EVENTS, NULL, false);
	row_says(sheet, 3, "5 fault  c collect events (auto)");
	say_way(sheet, COLLECT_COUNTS, "120 k/s", false);
	row_says(sheet, 3, "c collect counts (auto: 120 k/s)");
	say_way(sheet, COLLECT_EVENTS, NULL, true);
	row_says(sheet, 3, "c collect events (asked for)");
}

/* In a narrow terminal the words get fewer, and none is cut. */
static void the_way_of_collecting_is_never_cut(void **state)
{
	struct sheet *sheet = *state;
	char text[COLUMNS * 4 + 1];

	say_all_classes(sheet->model, true);
	say_way(sheet, COLLECT_COUNTS, "more than 50,000 a second", false);
	look(sheet->model, &sheet->snap);
	for (int columns = 64; columns < 120; columns++) {
		canvas_resize(&sheet->canvas, 24, columns);
		frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
		canvas_row_text(&sheet->canvas, 3, text);
		assert_true(strstr(text, "  c counts") || strstr(text, "  c collect counts"));
		assert_null(strstr(text, "…"));
	}
}

static void what_watching_costs_has_a_line_when_it_is_known(void **state)
{
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	row_does_not_say(sheet, 4, "watching");
	for (uint64_t s = 74; s < 77; s++) {
		say(sheet, (struct event){.ts_ns = s * SECOND,
		                          .kind = EVENT_COST,
		                          .cost = {.own_ns = SECOND / 250,
		                                   .kernel_ns = SECOND * 12 / 1000}});
		say_number(sheet->model, ATTR_UNIT_INVALIDATIONS, "dmar0", 0, 1000 + s * 7);
		say_tick(sheet->model, s * SECOND);
	}
	row_says(sheet, 4, "watching 0.4 % + ≈1.2 % kernel of a CPU  invalidations dmar0 7/s");
	row_says(sheet, 5, "events: one event is missing");
}

static void failures_and_misses_show_once_there_are_some(void **state)
{
	struct sheet *sheet = *state;

	say_all_classes(sheet->model, true);
	say_tick(sheet->model, SECOND);
	row_does_not_say(sheet, 4, "failed");
	row_does_not_say(sheet, 2, "missed");
	say(sheet,
	    (struct event){.kind = EVENT_MAP_FAILED, .map_failed = {.domain = 1, .error = 22}});
	say(sheet, (struct event){.kind = EVENT_MISSED, .missed = {.count = 3}});
	say_tick(sheet->model, 2 * SECOND);
	row_says(sheet, 4, "failed maps ");
	row_says(sheet, 2, "lost -  missed 3");
}

/* Draws the snapshot as it is, changed by hand. */
static const char *drawn_row(struct sheet *sheet, int row, int columns)
{
	canvas_resize(&sheet->canvas, ROWS, columns);
	frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
	canvas_row_text(&sheet->canvas, row, sheet->text[row]);
	return sheet->text[row];
}

static void the_header_holds_the_log_against_the_interrupts(void **state)
{
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	sheet->snap.faults_logged = (struct count){9, KNOWN_EXACT};
	sheet->snap.fault_interrupts = (struct count){9, KNOWN_EXACT};
	assert_null(strstr(drawn_row(sheet, 2, COLUMNS), "logged"));
	sheet->snap.fault_interrupts.n = 12;
	assert_non_null(strstr(drawn_row(sheet, 2, COLUMNS), "  logged 9 of 12 interrupts"));
	assert_null(strstr(drawn_row(sheet, 2, 70), "logged"));
	sheet->snap.fault_interrupts.known = KNOWN_NOT;
	sheet->snap.overflows = 1;
	assert_non_null(strstr(drawn_row(sheet, 2, COLUMNS), "  faults suppressed"));
}

static void the_header_counts_rows_where_they_are_fewer(void **state)
{
	struct sheet *sheet = *state;
	struct snapshot since = {0};

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	assert_null(strstr(drawn_row(sheet, 2, COLUMNS), " row"));
	sheet->snap.faults.n = 500;
	assert_non_null(strstr(drawn_row(sheet, 2, COLUMNS), "faults ≥500 in 2 rows (1 earlier)"));
	sheet->snap.rows_dropped = 3;
	assert_non_null(strstr(drawn_row(sheet, 2, COLUMNS), "faults ≥500 in ≥2 rows (1 earlier)"));
	sheet->snap.rows_dropped = 0;
	snapshot_copy(&since, &sheet->snap);
	sheet->input.since = &since;
	sheet->snap.faults.n += 7;
	sheet->snap.faults_seen[1].count += 7;
	assert_non_null(strstr(drawn_row(sheet, 2, COLUMNS), "faults ≥7 in 1 row "));
	snapshot_release(&since);
}

/* The role of what stands behind these words in the header's row of rates. */
static int role_behind(struct sheet *sheet, const char *words)
{
	const struct cell *cells;

	drawn_row(sheet, 2, COLUMNS);
	cells = &sheet->canvas.cells[2 * COLUMNS];
	for (size_t at = 0, met = 0; at < COLUMNS; at++) {
		met = cells[at].rune == (unsigned char)words[met] ? met + 1 : 0;
		if (!words[met])
			return cells[at + 1].role;
	}
	return -1;
}

/* Red as long as somebody has to look. */
static void faults_are_red_until_they_are_acknowledged_or_muted(void **state)
{
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	assert_int_equal(role_behind(sheet, "faults "), ROLE_BAD);
	sheet->ui.acknowledged_id = UINT64_MAX;
	sheet->ui.acknowledged_ns = UINT64_MAX;
	assert_int_equal(role_behind(sheet, "faults "), ROLE_STRONG);
	sheet->ui.acknowledged_id = sheet->ui.acknowledged_ns = 0;
	mutes_add(&sheet->ui.mutes, MUTE_REASON, "PTE Read access is not set");
	assert_int_equal(role_behind(sheet, "faults "), ROLE_STRONG);
}

static void the_kernels_words_have_a_pane_when_there_are_some(void **state)
{
	static struct snapshot_note note = {.id = 1, .device_index = NO_NUMBER, .level = 3};
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	for (int small = 0; small < 2; small++) {
		int columns = small ? 80 : COLUMNS;
		bool found = false;

		for (int count = 0; count < 2; count++) {
			sheet->snap.notes = count ? &note : NULL;
			sheet->snap.note_count = (size_t)count;
			found = false;
			for (int row = 0; row < ROWS; row++)
				found |= strstr(drawn_row(sheet, row, columns), "Kernel says") !=
				         NULL;
			assert_int_equal(found, count);
		}
	}
	sheet->snap.notes = NULL;
	sheet->snap.note_count = 0;
}

static void the_bottom_line_offers_what_can_be_muted(void **state)
{
	struct sheet *sheet = *state;

	sheet->ui.prompt = PROMPT_MUTE;
	strcpy(sheet->ui.offered[MUTE_REASON], "F_TRANSLATION");
	row_says(sheet, ROWS - 1, "mute  r reason F_TRANSLATION");
	strcpy(sheet->ui.offered[MUTE_DEVICE], "0000:00:03.0");
	row_says(sheet, ROWS - 1, "mute  d device 0000:00:03.0  r reason F_TRANSLATION");
}

static void panes_of_a_domain_are_named_after_it(void **state)
{
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	go_to(&sheet->ui, SCREEN_DOMAIN, 0, "");
	row_says(sheet, 5, "── Facts of domain 1 ──");
	sheet->ui.places[0].domain = 4711;
	row_says(sheet, 5, "── Facts of domain 4711 ──");
	row_says(sheet, 7, "no longer told");
}

static void the_bottom_line_shows_what_is_typed(void **state)
{
	struct sheet *sheet = *state;

	row_says(sheet, ROWS - 1, "q quit");
	sheet->ui.prompt = PROMPT_FILTER;
	strcpy(ui_pane(&sheet->ui)->filter, "abc");
	row_says(sheet, ROWS - 1, "filter: abc_");
	sheet->ui.prompt = PROMPT_NONE;
	ui_notice(&sheet->ui, "look here");
	row_says(sheet, ROWS - 1, "look here");
}

/* ---- any size, any screen ---- */

static void sheet_is_sound(const struct canvas *canvas)
{
	char *text = xmalloc((size_t)canvas->columns * 4 + 1);

	for (int row = 0; row < canvas->rows; row++) {
		canvas_row_text(canvas, row, text);
		assert_true(is_clean(text));
		assert_null(strstr(text, "nan"));
	}
	free(text);
}

static void every_screen_is_drawn_at_every_size(void **state)
{
	static const int rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 24, 30, 31, 60};
	static const int columns[] = {1, 2, 3, 10, 19, 40, 79, 80, 99, 100, 120, 200};
	struct sheet *sheet = *state;

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(columns); i++) {
		for (int screen = 0; screen < SCREEN_COUNT; screen++) {
			go_to(&sheet->ui, (enum screen_id)screen, i % screens[screen].pane_count,
			      i % 5 ? "" : "0000");
			sheet->canvas.ascii = i % 2;
			canvas_resize(&sheet->canvas, rows[i % ARRAY_SIZE(rows)],
			              columns[i / ARRAY_SIZE(rows)]);
			frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
			sheet_is_sound(&sheet->canvas);
		}
	}
}

/* Nothing of a remedy is cut off: it goes on in the next row. */
static void a_long_sentence_takes_more_rows(void **state)
{
	struct sheet *sheet = *state;
	char text[40 * 4 + 1];

	say_health(sheet->model, SOURCE_TRACE, HEALTH_OFF,
	           "one two three four five six seven eight nine ten eleven twelve");
	look(sheet->model, &sheet->snap);
	canvas_resize(&sheet->canvas, 24, 40);
	frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
	canvas_row_text(&sheet->canvas, 4, text);
	assert_string_equal(text, "events: one two three four five six");
	canvas_row_text(&sheet->canvas, 5, text);
	assert_string_equal(text, "  seven eight nine ten eleven twelve");
}

/* On a terminal the bottom line belongs to keys and prompts alone. */
static void panes_leave_the_bottom_line_alone(void **state)
{
	struct sheet *sheet = *state;
	char text[1024];

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	ui_notice(&sheet->ui, "here");
	for (int rows = 1; rows < 60; rows++) {
		canvas_resize(&sheet->canvas, rows, 120);
		frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
		canvas_row_text(&sheet->canvas, rows - 1, text);
		assert_string_equal(text, "here");
	}
}

static void a_whole_sheet_has_every_row_and_no_more(void **state)
{
	struct sheet *sheet = *state;
	char text[1024];
	size_t rows_seen = 0;

	say_everything(sheet->model);
	look(sheet->model, &sheet->snap);
	sheet->input.whole = true;
	canvas_resize(&sheet->canvas, frame_rows(&sheet->ui, &sheet->input, 120), 120);
	frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
	for (size_t i = 0; i < screens[SCREEN_OVERVIEW].pane_count; i++) {
		const struct pane *pane = &sheet->ui.panes[SCREEN_OVERVIEW][i];

		assert_int_equal(pane->top, 0);
		assert_int_equal(pane->body_rows, pane->shown.count);
		rows_seen += ui_is_absent(&sheet->ui, i) ? 0 : pane->shown.count + 2;
	}
	assert_int_equal(sheet->canvas.rows, rows_seen + 4 + 1); /* header, one trouble */
	assert_true(canvas_row_text(&sheet->canvas, sheet->canvas.rows - 1, text) > 0);
}

static void a_whole_sheet_of_nothing_is_drawn_too(void **state)
{
	struct sheet *sheet = *state;
	char text[1024];

	sheet->input.whole = true;
	canvas_resize(&sheet->canvas, frame_rows(&sheet->ui, &sheet->input, 80), 80);
	frame_draw(&sheet->canvas, &sheet->ui, &sheet->input);
	canvas_row_text(&sheet->canvas, sheet->canvas.rows - 1, text);
	assert_string_equal(text,
	                    "faults cannot be seen: neither kernel log nor trace is readable");
}

#define sheet_test(name) cmocka_unit_test_setup_teardown(name, make_sheet, free_sheet)

int main(void)
{
	const struct CMUnitTest tests[] = {
		sheet_test(before_the_first_walk_the_state_is_open),
		sheet_test(a_narrow_screen_keeps_the_place_in_a_recording),
		sheet_test(no_units_and_no_groups_is_off),
		sheet_test(groups_that_vfio_makes_for_itself_do_not_make_it_on),
		sheet_test(a_sysfs_that_cannot_be_read_says_nothing_of_the_iommu),
		sheet_test(units_without_groups_are_present),
		sheet_test(groups_are_counted_by_their_mode),
		sheet_test(many_units_are_summed_up),
		sheet_test(rates_are_not_shown_before_there_are_any),
		sheet_test(what_is_off_is_not_zero),
		sheet_test(what_was_missed_shows),
		sheet_test(classes_that_nobody_delivers_are_dashes),
		sheet_test(totals_count_from_the_mark),
		sheet_test(troubles_have_a_line_each),
		sheet_test(a_long_sentence_takes_more_rows),
		sheet_test(the_header_says_how_is_collected_and_why),
		sheet_test(the_way_of_collecting_is_never_cut),
		sheet_test(what_watching_costs_has_a_line_when_it_is_known),
		sheet_test(failures_and_misses_show_once_there_are_some),
		sheet_test(the_header_holds_the_log_against_the_interrupts),
		sheet_test(the_header_counts_rows_where_they_are_fewer),
		sheet_test(faults_are_red_until_they_are_acknowledged_or_muted),
		sheet_test(the_kernels_words_have_a_pane_when_there_are_some),
		sheet_test(the_bottom_line_offers_what_can_be_muted),
		sheet_test(panes_of_a_domain_are_named_after_it),
		sheet_test(the_bottom_line_shows_what_is_typed),
		sheet_test(every_screen_is_drawn_at_every_size),
		sheet_test(panes_leave_the_bottom_line_alone),
		sheet_test(a_whole_sheet_has_every_row_and_no_more),
		sheet_test(a_whole_sheet_of_nothing_is_drawn_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
