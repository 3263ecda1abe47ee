// SPDX-License-Identifier: GPL-2.0-or-later
/* compare: means over the time watched, domains matched by what lasts over a boot, and changes only
 * where both sides are exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "scene.h"
#include "sinks/diff.h"
#include "util.h"

#define NVME "0000:01:00.0"

struct bench {
	struct model *models[2];
	struct snapshot snaps[2];
	struct compare_side sides[2];
	struct comparison comparison;
};

/* Two machines that watch from second 1 on, their devices known. */
static int make_bench(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	for (size_t i = 0; i < 2; i++) {
		bench->models[i] = model_new(&model_default_limits);
		say_watching(bench->models[i], SECOND);
		say_topology(bench->models[i]);
		say_health(bench->models[i], SOURCE_LOG, HEALTH_OK, NULL);
	}
	*state = bench;
	return 0;
}

static int free_bench(void **state)
{
	struct bench *bench = *state;

	compare_release(&bench->comparison);
	for (size_t i = 0; i < 2; i++) {
		model_free(bench->models[i]);
		snapshot_release(&bench->snaps[i]);
	}
	free(bench);
	return 0;
}

/* Both end: a after two seconds, b after four. */
static const struct comparison *end_both(struct bench *bench)
{
	for (size_t i = 0; i < 2; i++) {
		uint64_t watched_ns = (i ? 4 : 2) * SECOND;

		say_tick(bench->models[i], SECOND + watched_ns);
		look(bench->models[i], &bench->snaps[i]);
		bench->sides[i] = (struct compare_side){&bench->snaps[i], watched_ns};
	}
	compare(&bench->sides[0], &bench->sides[1], &bench->comparison);
	return &bench->comparison;
}

static const struct compare_part *find_part(const struct comparison *comparison,
                                            enum part_kind kind, const char *name)
{
	for (size_t i = 0; i < comparison->part_count; i++)
		if (comparison->parts[i].kind == kind && !strcmp(comparison->parts[i].name, name))
			return &comparison->parts[i];
	return NULL;
}

static const struct compare_part *part(const struct comparison *comparison, enum part_kind kind,
                                       const char *name)
{
	const struct compare_part *found = find_part(comparison, kind, name);

	if (!found)
		fail_msg("no part is called %s", name);
	return found;
}

static const struct compare_row *find_row(const struct compare_part *of, const char *name)
{
	for (size_t i = 0; i < of->row_count; i++)
		if (!strcmp(of->rows[i].name, name))
			return &of->rows[i];
	return NULL;
}

static const struct compare_row *row(const struct compare_part *of, const char *name)
{
	const struct compare_row *found = find_row(of, name);

	if (!found)
		fail_msg("%s has no row %s", of->name, name);
	return found;
}

static bool is_near(double a, double b)
{
	return a - b < 1e-6 && b - a < 1e-6;
}

static void is_figure(struct figure figure, double value, enum figure_known known)
{
	if (figure.known != known || (known != FIGURE_NOT && !is_near(figure.value, value)))
		fail_msg("%g (%d) is not %g (%d)", figure.value, figure.known, value, known);
}

static void is_change(struct change change, enum change_kind kind, double value)
{
	if (change.kind != kind || (kind != CHANGE_UNKNOWN && !is_near(change.value, value)))
		fail_msg("%g (%d) is not %g (%d)", change.value, change.kind, value, kind);
}

static void say_maps(struct model *model, uint32_t domain, size_t count, uint64_t size_bytes)
{
	for (size_t i = 0; i < count; i++)
		say_map_at(model, SECOND, domain, size_bytes, 1000);
}

static void say_unmaps(struct model *model, uint32_t domain, size_t count, uint64_t size_bytes)
{
	for (size_t i = 0; i < count; i++)
		say_unmap_at(model, SECOND, domain, size_bytes, 2000);
}

/* The number of a domain is another one after a boot; its device is not. */
static void say_nvme(struct bench *bench)
{
	say_attach(bench->models[0], SECOND, NVME, 5);
	say_type(bench->models[0], SECOND, 5, DOMAIN_TYPE_DMA);
	say_attach(bench->models[1], SECOND, NVME, 9);
	say_type(bench->models[1], SECOND, 9, DOMAIN_TYPE_DMA_FQ);
}

static void rates_are_means_over_the_time_watched(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_nvme(bench);
	say_maps(bench->models[0], 5, 10, 1 << 20);
	say_maps(bench->models[1], 9, 60, 1 << 20);
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	is_figure(row(nvme, "maps")->a, 5, FIGURE_EXACT);
	is_figure(row(nvme, "maps")->b, 15, FIGURE_EXACT);
	is_change(row(nvme, "maps")->change, CHANGE_FACTOR, 3);
	is_figure(row(nvme, "mapped")->b, 15 << 20, FIGURE_EXACT);
	is_figure(row(part(&bench->comparison, PART_MACHINE, "machine"), "maps")->a, 5,
	          FIGURE_EXACT);
	assert_string_equal(nvme->a.about, "DMA strict");
	assert_string_equal(nvme->b.about, "DMA lazy");
}

static void sizes_and_times_are_of_all(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_nvme(bench);
	say_maps(bench->models[0], 5, 4, 1 << 20);
	say_unmaps(bench->models[0], 5, 2, 4096);
	say_unmaps(bench->models[0], 5, 6, 16384);
	say_maps(bench->models[1], 9, 4, 1 << 20);
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	is_figure(row(nvme, "mean unmap size")->a, 13312, FIGURE_EXACT);
	is_figure(row(nvme, "unmaps per mapped MiB")->a, 2, FIGURE_EXACT);
	is_figure(row(nvme, "unmaps per mapped MiB")->b, 0, FIGURE_EXACT);
	is_change(row(nvme, "unmaps per mapped MiB")->change, CHANGE_FACTOR, 0);
	is_figure(row(nvme, "unmaps below 8 KiB")->a, 0.25, FIGURE_EXACT);
	is_figure(row(nvme, "time inside an unmap, mean")->a, 2000, FIGURE_EXACT);
	is_figure(row(nvme, "time inside unmaps")->a, 8000, FIGURE_EXACT);
	/* Without unmaps nothing has a mean. */
	is_figure(row(nvme, "mean unmap size")->b, 0, FIGURE_NOT);
	is_figure(row(nvme, "unmaps below 8 KiB")->b, 0, FIGURE_NOT);
	is_change(row(nvme, "mean unmap size")->change, CHANGE_UNKNOWN, 0);
}

static void a_part_of_the_times_is_no_mean_of_all(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_nvme(bench);
	say_maps(bench->models[0], 5, 3, 4096);
	say_map(bench->models[0], 5, 4096);
	say_maps(bench->models[1], 9, 3, 4096);
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	is_figure(row(nvme, "time inside a map, mean")->a, 1000, FIGURE_ABOUT);
	is_figure(row(nvme, "time inside maps")->a, 1500, FIGURE_AT_LEAST);
	is_change(row(nvme, "time inside a map, mean")->change, CHANGE_UNKNOWN, 0);
	is_figure(row(nvme, "time inside a map, p99")->b, 1000, FIGURE_ABOUT);
}

static void what_was_lost_leaves_bounds_and_no_change(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_nvme(bench);
	say_maps(bench->models[0], 5, 2, 4096);
	say_maps(bench->models[1], 9, 2, 4096);
	say_lost(bench->models[1], 7, true);
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	is_figure(row(nvme, "maps")->a, 1, FIGURE_EXACT);
	is_figure(row(nvme, "maps")->b, 0.5, FIGURE_AT_LEAST);
	is_change(row(nvme, "maps")->change, CHANGE_UNKNOWN, 0);
	/* Of two lower bounds the quotient is none. */
	is_figure(row(nvme, "mean map size")->b, 4096, FIGURE_ABOUT);
	is_change(row(nvme, "mean map size")->change, CHANGE_UNKNOWN, 0);
}

static void who_was_not_there_has_no_figures(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_attach(bench->models[0], SECOND, NVME, 5);
	say_maps(bench->models[0], 5, 2, 4096);
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	assert_true(nvme->a.there);
	assert_false(nvme->b.there);
	is_figure(row(nvme, "maps")->b, 0, FIGURE_NOT);
	is_figure(row(nvme, "failed maps")->b, 0, FIGURE_NOT);
	is_change(row(nvme, "maps")->change, CHANGE_UNKNOWN, 0);
}

/* There without traffic is another thing: that is 0. */
static void who_did_nothing_did_nothing(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_nvme(bench);
	say_maps(bench->models[1], 9, 2, 4096);
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	is_figure(row(nvme, "maps")->a, 0, FIGURE_EXACT);
	/* There is no factor from 0. */
	is_change(row(nvme, "maps")->change, CHANGE_UNKNOWN, 0);
	is_change(row(nvme, "failed maps")->change, CHANGE_BY, 0);
}

static void say_guest(struct model *model, uint32_t domain, uint32_t process)
{
	say_group_domain(model, 2, domain, 1);
	say_type(model, SECOND, domain, DOMAIN_TYPE_UNMANAGED);
	say_holder(model, 2, process, "qemu-system-x86", "vm1");
}

static void guests_are_matched_by_name_whatever_their_process(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *vm;

	say_guest(bench->models[0], 20, 1234);
	say_maps(bench->models[0], 20, 2, 4096);
	say_guest(bench->models[1], 30, 88);
	say_maps(bench->models[1], 30, 4, 4096);
	vm = part(end_both(bench), PART_DOMAIN, "vm1");
	assert_true(vm->a.there && vm->b.there);
	is_figure(row(vm, "maps")->a, 1, FIGURE_EXACT);
	is_figure(row(vm, "maps")->b, 1, FIGURE_EXACT);
	is_change(row(vm, "maps")->change, CHANGE_FACTOR, 1);
}

static void several_of_one_label_are_added_up(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_nvme(bench);
	say_maps(bench->models[0], 5, 4, 4096);
	say_detach(bench->models[0], SECOND, NVME, 5);
	say_freed(bench->models[0], SECOND, 5);
	say_attach(bench->models[0], SECOND, NVME, 6);
	say_type(bench->models[0], SECOND, 6, DOMAIN_TYPE_DMA);
	say_maps(bench->models[0], 6, 2, 4096);
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	is_figure(row(nvme, "maps")->a, 3, FIGURE_EXACT);
	is_figure(row(nvme, "time inside a map, mean")->a, 1000, FIGURE_EXACT);
	/* Two 99ths make none. */
	assert_null(find_row(nvme, "time inside a map, p99"));
	assert_string_equal(nvme->a.about, "DMA strict; 2 domains; 1 freed");
}

/* Domain 7 of one boot is not domain 7 of another. */
static void numbers_are_no_names(void **state)
{
	struct bench *bench = *state;

	say_maps(bench->models[0], 7, 1, 4096);
	say_maps(bench->models[1], 7, 1, 4096);
	end_both(bench);
	assert_null(find_part(&bench->comparison, PART_DOMAIN, "domain 7"));
	part(&bench->comparison, PART_DOMAIN, "domains without a name");
}

static void the_busiest_come_first_and_the_idle_not_at_all(void **state)
{
	struct bench *bench = *state;
	const struct comparison *comparison;

	say_nvme(bench);
	say_maps(bench->models[0], 5, 1, 4096);
	say_attach(bench->models[1], SECOND, "0000:00:03.0", 4);
	say_maps(bench->models[1], 4, 5, 4096);
	say_attach(bench->models[1], SECOND, "0000:00:02.0", 3);
	comparison = end_both(bench);
	assert_int_equal(comparison->part_count, 3);
	assert_string_equal(comparison->parts[0].name, "machine");
	assert_string_equal(comparison->parts[1].name, "0000:00:03.0 e1000e");
	assert_string_equal(comparison->parts[2].name, NVME " nvme");
}

/* Nobody knows which of the attempts failed. */
static void attempts_of_which_some_failed_are_not_exact(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *nvme;

	say_nvme(bench);
	for (size_t i = 0; i < 2; i++) {
		say_collect(bench->models[i], COLLECT_COUNTS, true);
		say_counts(bench->models[i], COUNTS_MAP, i ? 9 : 5, 8, 8 * 4096);
		say_counts(bench->models[i], COUNTS_MAP, DOMAIN_ALL, i ? 6 : 8, i ? 24576 : 32768);
	}
	nvme = part(end_both(bench), PART_DOMAIN, NVME " nvme");
	is_figure(row(nvme, "maps")->a, 4, FIGURE_EXACT);
	is_figure(row(nvme, "maps")->b, 2, FIGURE_ABOUT);
	is_change(row(nvme, "maps")->change, CHANGE_UNKNOWN, 0);
	assert_true(compare_collected_alike(&bench->snaps[0], &bench->snaps[1]));
}

static void faults_are_counted_by_device_and_reason(void **state)
{
	static const char name[] = "0000:00:02.1, PTE Read access is not set, read";
	struct bench *bench = *state;
	const struct compare_part *faults;

	say_fault(bench->models[0], SECOND + 1, "0000:00:02.1", FAULT_HAS_IOVA);
	say_fault(bench->models[0], SECOND + 2, "0000:00:02.1", FAULT_HAS_IOVA);
	/* Older than watching. */
	say_fault(bench->models[1], SECOND / 2, "0000:00:03.0", FAULT_HAS_IOVA);
	faults = part(end_both(bench), PART_FAULTS, "faults");
	assert_int_equal(faults->row_count, 1);
	is_figure(row(faults, name)->a, 2, FIGURE_EXACT);
	is_figure(row(faults, name)->b, 0, FIGURE_EXACT);
	is_change(row(faults, name)->change, CHANGE_BY, -2);
}

static void faults_that_nobody_looked_for_are_not_none(void **state)
{
	struct bench *bench = *state;
	const struct compare_part *faults;

	say_fault(bench->models[0], SECOND + 1, "0000:00:02.1", FAULT_HAS_IOVA);
	say_health(bench->models[1], SOURCE_LOG, HEALTH_OFF, "no log");
	say_lost(bench->models[1], 1, false);
	faults = part(end_both(bench), PART_FAULTS, "faults");
	assert_int_not_equal(faults->rows[0].b.known, FIGURE_EXACT);
	is_change(faults->rows[0].change, CHANGE_UNKNOWN, 0);
}

static void without_a_start_there_are_no_rates(void **state)
{
	struct bench *bench = *state;
	struct comparison comparison = {0};
	const struct compare_part *machine;

	say_maps(bench->models[0], 5, 2, 4096);
	end_both(bench);
	bench->sides[0].watched_ns = 0;
	compare(&bench->sides[0], &bench->sides[1], &comparison);
	machine = part(&comparison, PART_MACHINE, "machine");
	is_figure(row(machine, "maps")->a, 0, FIGURE_NOT);
	is_figure(row(machine, "mean map size")->a, 4096, FIGURE_EXACT);
	compare_release(&comparison);
}

/* ---- as text ---- */

static char *write_both(struct bench *bench, bool ascii)
{
	struct diff diff = {.names = {"a.rec", "b\033.rec"}};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	diff.comparison = end_both(bench);
	memcpy(diff.sides, bench->sides, sizeof(diff.sides));
	assert_int_equal(diff_write(out, &diff, ascii), 0);
	fclose(out);
	return text;
}

static void the_table_marks_bounds_and_is_clean(void **state)
{
	struct bench *bench = *state;
	char *text;

	say_nvme(bench);
	say_maps(bench->models[0], 5, 2, 4096);
	say_maps(bench->models[1], 9, 2, 4096);
	say_lost(bench->models[1], 7, true);
	text = write_both(bench, false);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "kernel 6.1.0-1-amd64, 2.00 s watched, events one by one\n"));
	assert_non_null(strstr(text, NVME " nvme (A: DMA strict, B: DMA lazy)\n"));
	assert_non_null(strstr(text, "        1.00/s       ≥0.50/s             -\n"));
	assert_null(strstr(text, "Not collected alike"));
	free(text);
}

static void the_table_can_do_without_utf_8(void **state)
{
	struct bench *bench = *state;
	char *text;

	say_collect(bench->models[0], COLLECT_COUNTS, false);
	say_maps(bench->models[1], 9, 2, 4096);
	say_lost(bench->models[1], 7, true);
	text = write_both(bench, true);
	assert_non_null(strstr(text, ">=0.50/s"));
	assert_null(strstr(text, "≥"));
	assert_non_null(strstr(text, "Not collected alike"));
	free(text);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(rates_are_means_over_the_time_watched),
		CASE(sizes_and_times_are_of_all),
		CASE(a_part_of_the_times_is_no_mean_of_all),
		CASE(what_was_lost_leaves_bounds_and_no_change),
		CASE(who_was_not_there_has_no_figures),
		CASE(who_did_nothing_did_nothing),
		CASE(guests_are_matched_by_name_whatever_their_process),
		CASE(several_of_one_label_are_added_up),
		CASE(numbers_are_no_names),
		CASE(the_busiest_come_first_and_the_idle_not_at_all),
		CASE(attempts_of_which_some_failed_are_not_exact),
		CASE(faults_are_counted_by_device_and_reason),
		CASE(faults_that_nobody_looked_for_are_not_none),
		CASE(without_a_start_there_are_no_rates),
		CASE(the_table_marks_bounds_and_is_clean),
		CASE(the_table_can_do_without_utf_8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
