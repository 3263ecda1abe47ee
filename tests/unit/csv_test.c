// SPDX-License-Identifier: GPL-2.0-or-later
/* csv: titles once, a cell for each title, quotes that hold whatever a name is, and nothing where
 * nothing is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "choice.h"
#include "scene.h"
#include "sinks/csv.h"
#include "util.h"

#define CELLS_MAX 64
#define ROWS_MAX  96

/* Cells as a reader has them: quotes taken off; and whether there were any. */
struct cell {
	char *text;
	bool quoted;
};

struct bench {
	struct model *model;
	struct snapshot snap;
	char *text;
	struct cell cells[ROWS_MAX][CELLS_MAX];
	size_t widths[ROWS_MAX], rows;
};

static int make_bench(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->model = model_new(&model_default_limits);
	*state = bench;
	return 0;
}

static int free_bench(void **state)
{
	struct bench *bench = *state;

	free(bench->text);
	model_free(bench->model);
	snapshot_release(&bench->snap);
	free(bench);
	return 0;
}

/* Takes a quoted cell in place; returns where it ended. */
static char *take_quoted(struct cell *cell, char *at)
{
	char *to = at;

	cell->text = at;
	cell->quoted = true;
	while (*at != '"' || at[1] == '"') {
		assert_int_not_equal(*at, '\0');
		at += *at == '"';
		*to++ = *at++;
	}
	*to = '\0';
	return at + 1;
}

static char *take_cell(struct cell *cell, char *at)
{
	size_t length = strcspn(at, ",\n");

	*cell = (struct cell){.text = at};
	if (*at == '"')
		return take_quoted(cell, at + 1);
	assert_null(memchr(at, '"', length));
	return at + length;
}

/* By RFC 4180, and strictly. */
static void read_back(struct bench *bench)
{
	char *at = bench->text;

	bench->rows = 0;
	memset(bench->widths, 0, sizeof(bench->widths));
	while (*at) {
		struct cell *cell;
		char end;

		assert_true(bench->rows < ROWS_MAX && bench->widths[bench->rows] < CELLS_MAX);
		cell = &bench->cells[bench->rows][bench->widths[bench->rows]++];
		at = take_cell(cell, at);
		end = *at;
		*at++ = '\0';
		assert_true(end == ',' || end == '\n');
		bench->rows += end == '\n';
	}
}

static void write_with(struct bench *bench, const struct output_filter *filter, bool header)
{
	size_t size;
	FILE *out;

	free(bench->text);
	bench->text = NULL;
	out = open_memstream(&bench->text, &size);
	assert_int_equal(csv_write(out, &bench->snap, filter, header), 0);
	fclose(out);
	read_back(bench);
}

static void write_all(struct bench *bench)
{
	const struct output_filter all = {.group = NO_GROUP};

	look(bench->model, &bench->snap);
	write_with(bench, &all, true);
}

/* Row 1 is the first domain: in row 0 are the titles. */
static const struct cell *cell_of(const struct bench *bench, size_t row, const char *title)
{
	for (size_t i = 0; i < bench->widths[0]; i++)
		if (!strcmp(bench->cells[0][i].text, title))
			return &bench->cells[row][i];
	fail_msg("no column %s", title);
	return NULL;
}

static void is(const struct bench *bench, size_t row, const char *title, const char *expected)
{
	assert_true(row < bench->rows);
	if (strcmp(cell_of(bench, row, title)->text, expected))
		fail_msg("%s in row %zu is \"%s\", not \"%s\"", title, row,
		         cell_of(bench, row, title)->text, expected);
}

static void every_row_has_a_cell_for_each_title(void **state)
{
	struct bench *bench = *state;

	say_everything(bench->model);
	write_all(bench);
	assert_int_equal(bench->rows, 1 + bench->snap.domain_count);
	for (size_t i = 0; i < bench->rows; i++)
		assert_int_equal(bench->widths[i], bench->widths[0]);
	is(bench, 0, "time", "time");
	assert_string_equal(bench->cells[0][bench->widths[0] - 1].text, "at_least");
}

/* Some readers count: what was there first keeps its place. */
static void newer_columns_move_no_older_one(void **state)
{
	struct bench *bench = *state;

	say_everything(bench->model);
	write_all(bench);
	assert_string_equal(bench->cells[0][22].text, "complete_since_s");
	assert_string_equal(bench->cells[0][23].text, "maps_per_s");
	assert_string_equal(bench->cells[0][30].text, "unmap_p99_ns");
}

static void titles_come_when_they_are_asked_for(void **state)
{
	const struct output_filter all = {.group = NO_GROUP};
	struct bench *bench = *state;

	say_everything(bench->model);
	look(bench->model, &bench->snap);
	write_with(bench, &all, false);
	assert_int_equal(bench->rows, bench->snap.domain_count);
	assert_string_equal(bench->cells[0][5].text, "0");
}

static void what_is_not_known_is_empty(void **state)
{
	static const char *const titles[] = {
		"time",
		"boot_s",
		"interval_s",
		"type",
		"groups",
		"devices",
		"pid",
		"process",
		"vm",
		"maps",
		"unmaps",
		"map_bytes",
		"unmap_bytes",
		"maps_per_s",
		"outstanding_bytes",
		"complete_since_s",
		"map_bytes_per_s",
		"map_mean_ns",
		"unmap_p99_ns",
		"at_least",
	};
	struct bench *bench = *state;

	write_all(bench);
	assert_int_equal(bench->rows, 2);
	is(bench, 1, "domain", "0");
	is(bench, 1, "label", "unattributed");
	is(bench, 1, "collect", "none");
	for (size_t i = 0; i < ARRAY_SIZE(titles); i++) {
		is(bench, 1, titles[i], "");
		assert_false(cell_of(bench, 1, titles[i])->quoted);
	}
}

static void what_is_off_is_empty(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, false);
	say_tick(bench->model, SECOND);
	say_tick(bench->model, 2 * SECOND);
	write_all(bench);
	is(bench, 1, "maps", "");
	is(bench, 1, "maps_per_s", "");
}

static void figures_are_the_models(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_type(bench->model, SECOND, 4, DOMAIN_TYPE_DMA_FQ);
	say_map_at(bench->model, 2 * SECOND, 4, 8192, 700);
	say_map_at(bench->model, 2 * SECOND, 4, 4096, 900);
	say_unmap_at(bench->model, 3 * SECOND, 4, 4096, 0);
	say_tick(bench->model, 4 * SECOND);
	write_all(bench);
	is(bench, 2, "time", "2023-11-14T22:13:24.000000Z");
	is(bench, 2, "boot_s", "4.000000");
	is(bench, 2, "interval_s", "3.000000");
	is(bench, 2, "domain", "4");
	is(bench, 2, "type", "DMA-FQ");
	is(bench, 2, "collect", "events");
	is(bench, 2, "attempts", "0");
	is(bench, 2, "maps", "2");
	is(bench, 2, "unmaps", "1");
	is(bench, 2, "map_bytes", "12288");
	is(bench, 2, "unmap_bytes", "4096");
	is(bench, 2, "failed_maps", "0");
	is(bench, 2, "outstanding_bytes", "8192");
	is(bench, 2, "complete_since_s", "1.000000");
	is(bench, 2, "maps_per_s", "0.667");
	is(bench, 2, "unmaps_per_s", "0.333");
	is(bench, 2, "map_bytes_per_s", "4096.000");
	is(bench, 2, "unmap_bytes_per_s", "1365.333");
	is(bench, 2, "map_mean_ns", "800");
	is(bench, 2, "unmap_mean_ns", "");
	assert_false(cell_of(bench, 2, "maps")->quoted);
	assert_true(cell_of(bench, 2, "type")->quoted);
}

/* Each column that is a lower bound is named, and no other. */
static void lower_bounds_are_named(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_map(bench->model, 4, 8192);
	say_tick(bench->model, 2 * SECOND);
	write_all(bench);
	is(bench, 2, "at_least", "outstanding_bytes");
	is(bench, 1, "at_least", "");
	say_lost(bench->model, 3, true);
	say_tick(bench->model, 3 * SECOND);
	write_all(bench);
	is(bench, 2, "at_least",
	   "maps unmaps map_bytes unmap_bytes failed_maps outstanding_bytes maps_per_s "
	   "unmaps_per_s map_bytes_per_s unmap_bytes_per_s");
	is(bench, 2, "maps", "1");
}

static void holders_groups_and_devices_are_told(void **state)
{
	struct bench *bench = *state;

	say_topology(bench->model);
	say_watching(bench->model, SECOND);
	say_attach(bench->model, SECOND, "0000:00:02.0", 7);
	say_attach(bench->model, SECOND, "0000:00:03.0", 7);
	say_type(bench->model, SECOND, 7, DOMAIN_TYPE_UNMANAGED);
	say_holder(bench->model, 7, 1234, "qemu, the \"real\" one", "vm\n1");
	say_map(bench->model, 7, 4096);
	say_tick(bench->model, 2 * SECOND);
	write_all(bench);
	is(bench, 2, "pid", "1234");
	is(bench, 2, "process", "qemu, the \"real\" one");
	is(bench, 2, "vfio", "1");
	is(bench, 2, "freed", "0");
	is(bench, 2, "named_by", "attach");
	assert_true(is_clean(cell_of(bench, 2, "vm")->text));
	assert_null(strchr(cell_of(bench, 2, "vm")->text, '\n'));
	assert_non_null(strstr(cell_of(bench, 2, "devices")->text, "0000:00:02.0"));
	assert_non_null(strstr(cell_of(bench, 2, "devices")->text, "0000:00:03.0"));
	assert_non_null(strchr(cell_of(bench, 2, "groups")->text, '7'));
	assert_true(cell_of(bench, 2, "groups")->quoted);
}

static void hostile_names_stay_in_their_cells(void **state)
{
	static const char *const names[] = {"a,b",     "\"",       "\"\"", "x\",\"y", "\r\n",
	                                    "\033[2J", "\xff\xfe", ",\n,", "\"\n\""};
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
		say_attach(bench->model, SECOND, names[i], 1 + i);
		say_map(bench->model, 1 + i, 4096);
	}
	say_tick(bench->model, 2 * SECOND);
	write_all(bench);
	assert_int_equal(bench->rows, 2 + ARRAY_SIZE(names));
	for (size_t row = 0; row < bench->rows; row++) {
		assert_int_equal(bench->widths[row], bench->widths[0]);
		for (size_t i = 0; i < bench->widths[row]; i++)
			assert_true(is_clean(bench->cells[row][i].text));
	}
	is(bench, 2, "devices", "a,b");
	is(bench, 3, "devices", "\"");
	is(bench, 5, "devices", "x\",\"y");
}

static void a_filter_leaves_rows_out(void **state)
{
	const struct output_filter group = {.group = 7};
	struct output_filter needle = {.group = NO_GROUP, .needle = "nobody"};
	struct choice choice = {0};
	struct bench *bench = *state;

	say_topology(bench->model);
	say_watching(bench->model, SECOND);
	say_attach(bench->model, SECOND, "0000:00:02.0", 7);
	say_attach(bench->model, SECOND, "0000:00:03.0", 8);
	say_map(bench->model, 7, 4096);
	say_map(bench->model, 8, 4096);
	say_tick(bench->model, 2 * SECOND);
	look(bench->model, &bench->snap);
	write_with(bench, &group, true);
	assert_int_equal(bench->rows, 2);
	is(bench, 1, "domain", "7");
	choice_make(&choice, &bench->snap, NO_GROUP, needle.needle, 0);
	needle.choice = &choice.rows;
	write_with(bench, &needle, true);
	choice_release(&choice);
	assert_int_equal(bench->rows, 1);
}

static void a_full_disk_is_an_error(void **state)
{
	const struct output_filter all = {.group = NO_GROUP};
	struct bench *bench = *state;
	FILE *full = fopen("/dev/full", "w");

	assert_non_null(full);
	look(bench->model, &bench->snap);
	assert_int_equal(csv_write(full, &bench->snap, &all, true), -1);
	fclose(full);
}

#define csv_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		csv_test(every_row_has_a_cell_for_each_title),
		csv_test(newer_columns_move_no_older_one),
		csv_test(titles_come_when_they_are_asked_for),
		csv_test(what_is_not_known_is_empty),
		csv_test(what_is_off_is_empty),
		csv_test(figures_are_the_models),
		csv_test(lower_bounds_are_named),
		csv_test(holders_groups_and_devices_are_told),
		csv_test(hostile_names_stay_in_their_cells),
		csv_test(a_filter_leaves_rows_out),
		csv_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
