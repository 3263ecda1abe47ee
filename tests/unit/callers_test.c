// SPDX-License-Identifier: GPL-2.0-or-later
/* callers: names out of stacks that Linux 6.1, 6.12 and 7.2 printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sources/callers.h"

#define FIXTURES "tests/fixtures/histograms/"
#define BY_STACK "hist:keys=stacktrace:vals=size if domain != 0"

static struct callers callers;

static int tear_down(void **state)
{
	(void)state;
	callers_release(&callers);
	return 0;
}

static void take(void *context, const struct histogram_entry *entry)
{
	callers_add(context, entry);
}

static uint64_t load(const char *kernel, const char *name)
{
	struct histogram_totals totals;
	static char text[65536];
	char path[256];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), FIXTURES "%s/%s", kernel, name);
	file = fopen(path, "r");
	assert_non_null(file);
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_true(histogram_parse(text, size, BY_STACK, take, &callers, &totals));
	callers_sort(&callers);
	return totals.hits;
}

static uint64_t sum(void)
{
	uint64_t count = 0;

	for (size_t i = 0; i < callers.count; i++)
		count += callers.all[i].count;
	return count;
}

static uint64_t count_of(const char *name)
{
	for (size_t i = 0; i < callers.count; i++)
		if (strcmp(callers.all[i].name, name) == 0)
			return callers.all[i].count;
	return 0;
}

static void add(unsigned int count, const char *const *lines, uint64_t hits)
{
	struct histogram_entry entry = {.hits = hits, .stack_count = (uint8_t)count};

	for (unsigned int i = 0; i < count; i++) {
		entry.stack[i] = lines[i];
		entry.stack_lengths[i] = (uint8_t)strlen(lines[i]);
	}
	callers_add(&callers, &entry);
}

static void disk_and_card(void **state)
{
	static const char *const kernels[] = {"6.1", "6.12", "7.2"};
	static const char *const most[] = {
		"nvme_prep_rq [nvme] < nvme_queue_rq [nvme] < __blk_mq_try_issue_directly",
		"nvme_prep_rq [nvme] < nvme_queue_rqs [nvme] < blk_mq_flush_plug_list",
		"nvme_prep_rq [nvme] < nvme_queue_rq [nvme] < __blk_mq_issue_directly",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		uint64_t hits = load(kernels[i], "probe_map");

		assert_int_equal(sum(), hits);
		assert_string_equal(callers.all[0].name, most[i]);
		assert_in_range(callers.all[0].count, 3000, 3300);
		assert_int_equal(count_of("e1000e_setup_tx_resources [e1000e] < "
		                          "e1000e_open [e1000e] < __dev_open"),
		                 1);
		callers_release(&callers);
	}
}

static void unmaps_too(void **state)
{
	uint64_t hits = load("7.2", "probe_unmap");

	(void)state;
	assert_int_equal(sum(), hits);
	for (size_t i = 0; i < callers.count; i++) {
		assert_null(strstr(callers.all[i].name, "iommu"));
		assert_null(strstr(callers.all[i].name, "0x"));
	}
}

static void stacks_of_one_caller_are_one(void **state)
{
	static const char *const a[] = {"__iommu_map+0x5/0x2a0", "f+0x1/0x9 [m]", "g+0x1/0x9",
	                                "h+0x1/0x9", "i+0x1/0x9"};
	static const char *const b[] = {"iommu_map+0x5/0x2a0", "f+0x2/0x9 [m]", "g+0x1/0x9",
	                                "h+0x1/0x9", "j+0x1/0x9"};

	(void)state;
	add(5, a, 2);
	add(5, b, 3);
	assert_int_equal(callers.count, 1);
	assert_string_equal(callers.all[0].name, "f [m] < g < h");
	assert_int_equal(callers.all[0].count, 5);
}

static void only_leading_machinery_is_left_out(void **state)
{
	static const char *const lines[] = {"__iommu_map+0x5/0x2a0", "f", "dma_map_x+0x1/0x2"};

	(void)state;
	add(3, lines, 1);
	assert_string_equal(callers.all[0].name, "f < dma_map_x");
}

static void nobody_is_unknown(void **state)
{
	static const char *const lines[] = {"__iommu_map+0x5/0x2a0"};

	(void)state;
	add(1, lines, 1);
	add(0, lines, 1);
	assert_int_equal(count_of("(unknown)"), 2);
}

static void most_calls_come_first(void **state)
{
	static const char *const names[] = {"b+0x1/0x2", "c+0x1/0x2", "a+0x1/0x2"};

	(void)state;
	add(1, &names[0], 1);
	add(1, &names[1], 2);
	add(1, &names[2], 1);
	callers_sort(&callers);
	assert_string_equal(callers.all[0].name, "c");
	assert_string_equal(callers.all[1].name, "a");
	assert_string_equal(callers.all[2].name, "b");
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
	char line[120];
	const char *const lines[] = {"f+0x1/0x2", line, "g+0x1/0x2", line};

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	add(2, &lines[0], 1);
	add(2, &lines[1], 1);
	assert_int_equal(strlen(callers.all[0].name), 1 + 3 + 119);
	assert_int_equal(strlen(callers.all[1].name), 119 + 3 + 1);
	callers_release(&callers);
	add(1, &lines[1], 1);
	assert_int_equal(strlen(callers.all[0].name), 119);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(disk_and_card, tear_down),
		cmocka_unit_test_teardown(unmaps_too, tear_down),
		cmocka_unit_test_teardown(stacks_of_one_caller_are_one, tear_down),
		cmocka_unit_test_teardown(only_leading_machinery_is_left_out, tear_down),
		cmocka_unit_test_teardown(nobody_is_unknown, tear_down),
		cmocka_unit_test_teardown(most_calls_come_first, tear_down),
		cmocka_unit_test_teardown(what_does_not_fit_is_left_out_whole, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
