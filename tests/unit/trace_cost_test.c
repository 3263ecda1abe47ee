// SPDX-License-Identifier: GPL-2.0-or-later
/* trace_cost: what a hit takes, from two times; that neither a tree without groups nor a read that
 * hangs is any harm. */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
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

/* ---- reads that the test makes long ---- */

static atomic_bool probes_on; /* as a read finds them */
static atomic_uint reads;
static sem_t hang;

/* Busy for 5 us, with probes for 20 us. */
static ssize_t busy_read(int fd)
{
	struct timespec begin, now;
	long busy_ns = atomic_load(&probes_on) ? 20000 : 5000;

	(void)fd;
	atomic_fetch_add(&reads, 1);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec < busy_ns);
	return 4;
}

static ssize_t hanging_read(int fd)
{
	(void)fd;
	atomic_fetch_add(&reads, 1);
	sem_wait(&hang);
	return 4;
}

static void set_probes(struct trace_cost *cost, bool on)
{
	trace_cost_pause(cost);
	atomic_store(&probes_on, on);
	trace_cost_resume(cost, on);
}

static void wait_for_reads(unsigned int count)
{
	while (atomic_load(&reads) < count)
		usleep(1000);
}

static void a_hit_is_the_difference_of_reads(void **state)
{
	struct trace_cost *cost;
	char tree[64];
	uint64_t hit_ns;

	(void)state;
	atomic_store(&reads, 0);
	make_group(tree, sizeof(tree));
	cost = trace_cost_open(tree, busy_read);
	assert_non_null(cost);
	set_probes(cost, true);
	wait_for_reads(500);
	assert_int_equal(trace_cost_hit_ns(cost, 2), 0); /* what is a read without them? */
	for (bool on = false; !(hit_ns = trace_cost_hit_ns(cost, 2)); on = !on) {
		set_probes(cost, on);
		usleep(100000);
	}
	/* Spread over two hits; a slow machine only makes a read longer. */
	assert_true(hit_ns > 1000);
	trace_cost_close(cost);
	remove_group(tree);
}

/* An attach of the group hangs: the kernel answers when it is over. */
static void a_read_that_hangs_holds_up_nobody(void **state)
{
	struct trace_cost *cost;
	char tree[64];

	(void)state;
	atomic_store(&reads, 0);
	assert_int_equal(sem_init(&hang, 0, 0), 0);
	make_group(tree, sizeof(tree));
	cost = trace_cost_open(tree, hanging_read);
	assert_non_null(cost);
	set_probes(cost, true);
	wait_for_reads(1);
	set_probes(cost, false);
	assert_int_equal(trace_cost_hit_ns(cost, 2), 0);
	trace_cost_close(cost);
	for (int i = 0; i < 100; i++)
		sem_post(&hang);
	remove_group(tree);
}

static void without_groups_nothing_is_measured(void **state)
{
	struct trace_cost *cost = trace_cost_open("/nonexistent", NULL);

	(void)state;
	assert_non_null(cost);
	set_probes(cost, true);
	set_probes(cost, false);
	assert_int_equal(trace_cost_hit_ns(cost, 2), 0);
	trace_cost_close(cost);
	trace_cost_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_difference_is_shared_out),
		cmocka_unit_test(what_drowns_in_noise_is_not_known),
		cmocka_unit_test(without_groups_nothing_is_measured),
		cmocka_unit_test(a_hit_is_the_difference_of_reads),
		cmocka_unit_test(a_read_that_hangs_holds_up_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
