// SPDX-License-Identifier: GPL-2.0-or-later
/* trace_cost: what a hit takes, from two times; and that a tree without groups is no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources/trace_cost.h"

static void the_difference_is_shared_out(void **state)
{
	(void)state;
	assert_int_equal(trace_cost_of_hit(5000, 1000, 8), 500);
	assert_int_equal(trace_cost_of_hit(1003, 1000, 8), 1); /* something, rounded up to it */
}

static void what_drowns_in_noise_is_not_known(void **state)
{
	(void)state;
	assert_int_equal(trace_cost_of_hit(1000, 1000, 8), 0);
	assert_int_equal(trace_cost_of_hit(900, 1000, 8), 0);
	assert_int_equal(trace_cost_of_hit(0, 1000, 8), 0);
	assert_int_equal(trace_cost_of_hit(1000, 0, 8), 0);
	assert_int_equal(trace_cost_of_hit(5000, 1000, 0), 0);
}

static void without_groups_nothing_is_measured(void **state)
{
	struct trace_cost cost;

	(void)state;
	trace_cost_open(&cost, "/nonexistent");
	assert_int_equal(cost.type_fd, -1);
	trace_cost_measure_with(&cost);
	assert_int_equal(cost.with_ns, 0);
	assert_int_equal(trace_cost_measure_without(&cost, 2), 0);
	trace_cost_close(&cost);
}

/* A type in a tree of our own; returns the tree. */
static void make_group(char *tree, size_t size)
{
	char path[256];
	FILE *type;

	snprintf(tree, size, "/tmp/trace_cost.XXXXXX");
	assert_non_null(mkdtemp(tree));
	snprintf(path, sizeof(path), "%s/kernel", tree);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/kernel/iommu_groups", tree);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/kernel/iommu_groups/7", tree);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/kernel/iommu_groups/7/type", tree);
	type = fopen(path, "w");
	assert_non_null(type);
	fputs("DMA\n", type);
	fclose(type);
}

static void remove_group(const char *tree)
{
	static const char *const parts[] = {"kernel/iommu_groups/7/type", "kernel/iommu_groups/7",
	                                    "kernel/iommu_groups", "kernel", ""};
	char path[256];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", tree, parts[i]);
		assert_int_equal(remove(path), 0);
	}
}

static void it_is_measured_once(void **state)
{
	struct trace_cost cost;
	char tree[64];

	(void)state;
	make_group(tree, sizeof(tree));
	trace_cost_open(&cost, tree);
	assert_true(cost.type_fd >= 0);
	assert_int_equal(trace_cost_measure_without(&cost, 2), 0); /* not before with */
	assert_true(cost.type_fd >= 0);
	trace_cost_measure_with(&cost);
	assert_true(cost.with_ns > 0);
	cost.with_ns = UINT64_MAX; /* as if a hit took very long */
	trace_cost_measure_with(&cost);
	assert_true(cost.with_ns == UINT64_MAX);
	assert_true(trace_cost_measure_without(&cost, 2) > 0);
	assert_int_equal(cost.type_fd, -1);
	assert_int_equal(trace_cost_measure_without(&cost, 2), 0);
	remove_group(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_difference_is_shared_out),
		cmocka_unit_test(what_drowns_in_noise_is_not_known),
		cmocka_unit_test(without_groups_nothing_is_measured),
		cmocka_unit_test(it_is_measured_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
