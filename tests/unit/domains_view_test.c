// SPDX-License-Identifier: GPL-2.0-or-later
/* domains: named rows in the order people look for them, in figures that say how far they hold. */
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

static const char *domain(struct stage *stage, size_t row, const char *title)
{
	return cell_of(stage, &domains_view, row, title);
}

static size_t row_of(struct stage *stage, const char *name)
{
	for (size_t row = 0; row < stage->pane.shown.count; row++)
		if (!strcmp(domain(stage, row, "DOMAIN"), name))
			return row;
	fail_msg("no domain %s", name);
	return 0;
}

/* ---- figures ---- */

static void without_domains_there_is_an_unattributed_row(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(rows_of(stage, &domains_view), 1);
	assert_string_equal(domain(stage, 0, "DOMAIN"), "unattributed");
	assert_string_equal(domain(stage, 0, "MAP/s"), "-");
	assert_string_equal(domain(stage, 0, "MEAN"), "-");
	assert_string_equal(domain(stage, 0, "MAPS"), "-");
	assert_string_equal(domain(stage, 0, "TREND"), "                    ");
}

static void figures_are_those_of_the_interval(void **state)
{
	struct stage *stage = *state;

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	say_map(stage->model, 5, 4096);
	say_map(stage->model, 5, 12288);
	say_unmap(stage->model, 5, 4096, 4096);
	say_tick(stage->model, 2 * SECOND);
	/* Nothing was unattributed: that is no row. */
	assert_int_equal(rows_of(stage, &domains_view), 1);
	assert_string_equal(domain(stage, 0, "DOMAIN"), "domain 5");
	assert_string_equal(domain(stage, 0, "MAP/s"), "2");
	assert_string_equal(domain(stage, 0, "UNMAP/s"), "1");
	assert_string_equal(domain(stage, 0, "BYTES/s"), "16.0K");
	assert_string_equal(domain(stage, 0, "MEAN"), "8.0K");
	assert_string_equal(domain(stage, 0, "MAPS"), "2");
	assert_string_equal(domain(stage, 0, "UNMAPS"), "1");
	assert_string_equal(domain(stage, 0, "BYTES"), "16.0K");
	say_tick(stage->model, 3 * SECOND);
	rows_of(stage, &domains_view);
	assert_string_equal(domain(stage, 0, "MAP/s"), "0");
	assert_string_equal(domain(stage, 0, "MEAN"), "-");
}

static void off_and_at_least_are_written(void **state)
{
	struct stage *stage = *state;

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	say_map(stage->model, 0, 4096);
	say_class(stage->model, CLASS_MAP, false);
	say_tick(stage->model, 2 * SECOND);
	rows_of(stage, &domains_view);
	assert_string_equal(domain(stage, 0, "MAP/s"), "off");
	assert_string_equal(domain(stage, 0, "MEAN"), "off");
	assert_string_equal(domain(stage, 0, "MAPS"), "≥1");
	assert_string_equal(domain(stage, 0, "UNMAP/s"), "0");
}

static void totals_count_from_the_mark(void **state)
{
	struct stage *stage = *state;
	struct snapshot since = {0};
	size_t row;

	say_all_classes(stage->model, true);
	say_map(stage->model, 5, 4096);
	look(stage->model, &stage->snap);
	snapshot_copy(&since, &stage->snap);
	say_map(stage->model, 5, 8192);
	say_map(stage->model, 3, 4096); /* was not there at the mark */
	stage->context.since = &since;
	assert_int_equal(rows_of(stage, &domains_view), 2);
	row = row_of(stage, "domain 3");
	assert_string_equal(domain(stage, row, "MAPS"), "1");
	assert_string_equal(domain(stage, row, "BYTES"), "4.0K");
	row = row_of(stage, "domain 5");
	assert_string_equal(domain(stage, row, "MAPS"), "1");
	assert_string_equal(domain(stage, row, "BYTES"), "8.0K");
	stage->context.since = NULL;
	assert_string_equal(domain(stage, row, "MAPS"), "2");
	snapshot_release(&since);
}

static void the_trend_ends_with_the_newest_interval(void **state)
{
	struct stage *stage = *state;
	static const int maps[] = {8, 0, 1, 4};

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		for (int n = 0; n < maps[i]; n++)
			say_map(stage->model, 0, 1);
		say_tick(stage->model, (2 + i) * SECOND);
	}
	rows_of(stage, &domains_view);
	assert_string_equal(domain(stage, 0, "TREND"), "                █·▁▄");
}

/* Nobody watched: that is neither a quiet interval nor a low one. */
static void intervals_without_watch_are_no_zeros_in_the_trend(void **state)
{
	struct stage *stage = *state;

	say_tick(stage->model, SECOND);
	say_tick(stage->model, 2 * SECOND);
	say_all_classes(stage->model, true);
	say_tick(stage->model, 3 * SECOND);
	say_map(stage->model, 0, 1);
	say_tick(stage->model, 4 * SECOND);
	say_all_classes(stage->model, false);
	say_tick(stage->model, 5 * SECOND);
	rows_of(stage, &domains_view);
	assert_int_equal(stage->snap.domains[0].cells, 4);
	assert_string_equal(domain(stage, 0, "TREND"), "                 ·█ ");
}

static void every_column_sorts_the_busiest_first(void **state)
{
	struct stage *stage = *state;

	say_all_classes(stage->model, true);
	say_tick(stage->model, SECOND);
	for (uint32_t i = 1; i < 5; i++)
		for (uint32_t n = 0; n < i; n++)
			say_map(stage->model, i, 4096);
	say_map(stage->model, 0, 4096);
	say_tick(stage->model, 2 * SECOND);
	for (int column = 0; column < (int)domains_view.column_count; column++) {
		stage->pane.sort_column = column;
		assert_int_equal(rows_of(stage, &domains_view), 5);
		if (strcmp(domains_view.columns[column].title, "MAP/s") != 0)
			continue;
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(stage->pane.shown.rows[i].id, 4 - i);
	}
}

/* ---- who comes first, and what is said instead of figures ---- */

/* A host of everything, by number as the model has it. */
static void draw_host(struct stage *stage)
{
	struct snapshot_domain *drawn;

	drawn = draw_domain(stage, DOMAIN_UNATTRIBUTED, DOMAIN_TYPE_UNKNOWN);
	draw_traffic(drawn, 1, 1, 4096);
	drawn = draw_domain(stage, 1, DOMAIN_TYPE_DMA_FQ);
	draw_link(stage, drawn, 1, "0000:00:17.0"); /* idle */
	drawn = draw_domain(stage, 2, DOMAIN_TYPE_UNMANAGED);
	drawn->freed = true;
	drawn->freed_ns = 9 * SECOND;
	draw_link(stage, drawn, 4, "0000:03:00.0");
	draw_traffic(drawn, 0, 7, 28672);
	drawn = draw_domain(stage, 3, DOMAIN_TYPE_DMA);
	draw_link(stage, drawn, 2, "0000:01:00.0");
	draw_traffic(drawn, 500, 5000, 5000 * 4096);
	drawn = draw_domain(stage, 4, DOMAIN_TYPE_UNMANAGED);
	draw_link(stage, drawn, 5, "0000:04:00.0");
	draw_link(stage, drawn, 6, "0000:05:00.0");
	draw_guest(stage, drawn);
	drawn = draw_domain(stage, 5, DOMAIN_TYPE_IDENTITY);
	draw_link(stage, drawn, 0, "0000:00:02.0");
	drawn = draw_domain(stage, DOMAIN_FORMER, DOMAIN_TYPE_UNKNOWN);
	drawn->freed = true;
}

static void guests_come_first_and_what_is_over_last(void **state)
{
	static const uint64_t order[] = {4, 3, 1, 5, 2, DOMAIN_UNATTRIBUTED, DOMAIN_FORMER};
	struct stage *stage = *state;

	draw_host(stage);
	assert_int_equal(rows_now(stage, &domains_view), ARRAY_SIZE(order));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		assert_int_equal(stage->pane.shown.rows[i].id, order[i]);
	assert_string_equal(domain(stage, 0, "DOMAIN"), "vm1 (qemu-system-x86 1234)");
	assert_string_equal(domain(stage, 0, "TYPE"), "VFIO");
	assert_string_equal(domain(stage, 1, "DOMAIN"), "0000:01:00.0");
	assert_string_equal(domain(stage, 1, "TYPE"), "DMA strict");
	assert_string_equal(domain(stage, 2, "TYPE"), "DMA lazy");
}

static void a_group_has_the_domains_that_serve_it(void **state)
{
	struct stage *stage = *state;

	draw_host(stage);
	stage->context.group = 6;
	assert_int_equal(rows_now(stage, &domains_view), 1);
	assert_int_equal(stage->pane.shown.rows[0].id, 4);
	stage->context.group = 4; /* served it last */
	assert_int_equal(rows_now(stage, &domains_view), 1);
	assert_int_equal(stage->pane.shown.rows[0].id, 2);
	stage->context.group = 99;
	assert_int_equal(rows_now(stage, &domains_view), 0);
	assert_string_equal(empty_of(stage, &domains_view),
	                    "which domain serves this group is not known");
}

static void an_identity_domain_says_so_and_not_zero(void **state)
{
	struct stage *stage = *state;
	size_t row;

	draw_host(stage);
	rows_now(stage, &domains_view);
	row = row_of(stage, "0000:00:02.0");
	assert_string_equal(domain(stage, row, "TYPE"), "identity");
	assert_string_equal(domain(stage, row, "MAP/s"), "identity");
	assert_string_equal(domain(stage, row, "UNMAP/s"), "-");
	assert_string_equal(domain(stage, row, "BYTES/s"), "-");
	assert_string_equal(domain(stage, row, "MAPS"), "-");
	assert_string_equal(domain(stage, row, "HELD"), "-");
	assert_string_equal(domain(stage, row, "FAILED"), "-");
}

static void a_freed_domain_says_so_once_it_is_quiet(void **state)
{
	struct stage *stage = *state;
	size_t row;

	draw_host(stage);
	stage->snap.domains[2].outstanding_bytes = (struct count){4096, KNOWN_EXACT};
	rows_now(stage, &domains_view);
	row = row_of(stage, "0000:03:00.0");
	assert_string_equal(domain(stage, row, "MAP/s"), "freed");
	assert_string_equal(domain(stage, row, "UNMAP/s"), "-");
	assert_string_equal(domain(stage, row, "MAPS"), "7");
	assert_string_equal(domain(stage, row, "HELD"), "-");
	stage->snap.domains[2].traffic.maps_per_s.per_s = 3;
	assert_string_equal(domain(stage, row, "MAP/s"), "3");
}

/* Intel's driver had DMA functions of its own until 5.10. */
static void draw_old_intel(struct stage *stage)
{
	struct snapshot *snap = &stage->snap;

	snap->kernel = draw_text(stage, "5.10.0-28-amd64");
	draw_link(stage, draw_domain(stage, 3, DOMAIN_TYPE_DMA), 2, "0000:01:00.0");
	snap->units = xcalloc(1, sizeof(*snap->units));
	snap->unit_count = 1;
	snap->units->name = draw_text(stage, "dmar0");
	snap->units->vendor = draw_text(stage, "VT-d");
	snap->devices = xcalloc(1, sizeof(*snap->devices));
	snap->device_count = 1;
	snap->devices->name = snap->domain_devices[0];
	snap->devices->unit = snap->units->name;
}

static void what_a_kernel_hides_is_named_and_has_no_figures(void **state)
{
	struct stage *stage = *state;

	draw_old_intel(stage);
	assert_int_equal(rows_now(stage, &domains_view), 1);
	assert_string_equal(domain(stage, 0, "DOMAIN"), "0000:01:00.0: not visible on this kernel");
	assert_string_equal(domain(stage, 0, "MAP/s"), "-");
	assert_string_equal(domain(stage, 0, "MAPS"), "-");
	assert_string_equal(note_of(stage, &domains_view),
	                    "DMA of host drivers is not visible on this kernel");
}

static void what_is_held_says_how_far_it_is_known(void **state)
{
	struct stage *stage = *state;

	draw_host(stage);
	rows_now(stage, &domains_view);
	assert_string_equal(domain(stage, 0, "HELD"), "-");
	stage->snap.domains[4].outstanding_bytes = (struct count){16ull << 30, KNOWN_EXACT};
	assert_string_equal(domain(stage, 0, "HELD"), "16.0G");
	stage->snap.domains[4].outstanding_bytes.known = KNOWN_AT_LEAST;
	assert_string_equal(domain(stage, 0, "HELD"), "≥16.0G");
	/* Some or none: that is not to be called a figure. */
	stage->snap.domains[4].outstanding_bytes.n = 0;
	assert_string_equal(domain(stage, 0, "HELD"), "-");
	stage->snap.domains[4].outstanding_bytes.known = KNOWN_EXACT;
	assert_string_equal(domain(stage, 0, "HELD"), "0");
}

static void failures_times_and_origin_have_their_columns(void **state)
{
	struct stage *stage = *state;
	struct snapshot since = {0};

	draw_host(stage);
	rows_now(stage, &domains_view);
	assert_string_equal(domain(stage, 0, "FAILED"), "0");
	assert_string_equal(domain(stage, 0, "TIME"), "-");
	assert_string_equal(domain(stage, 0, "BY"), "-");
	stage->snap.domains[4].failed_maps.n = 3;
	stage->snap.domains[4].map_mean_ns = 2140;
	stage->snap.domains[4].named_by = NAMED_ATTACH;
	assert_string_equal(domain(stage, 0, "FAILED"), "3");
	assert_string_equal(domain(stage, 0, "TIME"), "2.1us");
	assert_string_equal(domain(stage, 0, "BY"), named_by_words[NAMED_ATTACH]);
	snapshot_copy(&since, &stage->snap);
	stage->context.since = &since;
	stage->snap.domains[4].failed_maps.n = 4;
	assert_string_equal(domain(stage, 0, "FAILED"), "1");
	stage->snap.domains[4].failed_maps.known = KNOWN_AT_LEAST;
	assert_string_equal(domain(stage, 0, "FAILED"), "≥1");
	stage->snap.domains[4].failed_maps.n = 3;
	assert_string_equal(domain(stage, 0, "FAILED"), "-");
	snapshot_release(&since);
}

static void attempts_are_called_attempts(void **state)
{
	struct stage *stage = *state;

	draw_host(stage);
	stage->snap.collect = COLLECT_COUNTS;
	assert_string_equal(note_of(stage, &domains_view), "");
	stage->snap.collect_attempts = true;
	assert_string_equal(note_of(stage, &domains_view), "attempts, requested bytes");
	stage->snap.attempts_ever = true;
	stage->snap.map_attempts_over = (struct count){12, KNOWN_EXACT};
	assert_string_equal(note_of(stage, &domains_view),
	                    "attempts, requested bytes; 12 too many");
	stage->snap.collect = COLLECT_EVENTS;
	stage->snap.collect_attempts = false;
	assert_string_equal(note_of(stage, &domains_view), "totals have attempts; 12 too many");
	/* As many as succeeded: the totals are what they say. */
	stage->snap.map_attempts_over.n = 0;
	assert_string_equal(note_of(stage, &domains_view), "");
}

static void enter_leads_to_the_domain(void **state)
{
	struct stage *stage = *state;

	draw_host(stage);
	rows_now(stage, &domains_view);
	for (size_t i = 0; i < stage->pane.shown.count; i++) {
		const struct row *row = &stage->pane.shown.rows[i];

		assert_int_equal(domains_view.domain_of(&stage->context, row),
		                 row->id == DOMAIN_FORMER ? NO_DOMAIN : row->id);
	}
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(without_domains_there_is_an_unattributed_row),
		stage_test(figures_are_those_of_the_interval),
		stage_test(off_and_at_least_are_written),
		stage_test(totals_count_from_the_mark),
		stage_test(the_trend_ends_with_the_newest_interval),
		stage_test(intervals_without_watch_are_no_zeros_in_the_trend),
		stage_test(every_column_sorts_the_busiest_first),
		stage_test(guests_come_first_and_what_is_over_last),
		stage_test(a_group_has_the_domains_that_serve_it),
		stage_test(an_identity_domain_says_so_and_not_zero),
		stage_test(a_freed_domain_says_so_once_it_is_quiet),
		stage_test(what_a_kernel_hides_is_named_and_has_no_figures),
		stage_test(what_is_held_says_how_far_it_is_known),
		stage_test(failures_times_and_origin_have_their_columns),
		stage_test(attempts_are_called_attempts),
		stage_test(enter_leads_to_the_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
