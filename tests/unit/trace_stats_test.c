// SPDX-License-Identifier: GPL-2.0-or-later
/* trace_stats: per_cpu/cpuN/stats as Linux 6.1 writes it, and texts that are not it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/trace_stats.h"

static void reads_what_the_kernel_writes(void **state)
{
	struct trace_stats stats = trace_stats_parse("entries: 129\n"
	                                             "overrun: 40\n"
	                                             "commit overrun: 2\n"
	                                             "bytes: 6644\n"
	                                             "oldest event ts:  5417.149129\n"
	                                             "now ts:  5417.168203\n"
	                                             "dropped events: 5\n"
	                                             "read events: 1000\n");

	(void)state;
	assert_int_equal(stats.entries, 129);
	assert_int_equal(stats.now_ns, 5417168202000);
	assert_int_equal(stats.oldest_ns, 5417149128000);
	assert_int_equal(stats.overwritten, 40);
	assert_int_equal(stats.lost, 7);
}

static void an_empty_buffer_has_no_oldest(void **state)
{
	struct trace_stats stats = trace_stats_parse("entries: 0\n"
	                                             "oldest event ts:  5417.149129\n"
	                                             "now ts:     0.000000\n");

	(void)state;
	assert_int_equal(stats.oldest_ns, 0);
	assert_int_equal(stats.now_ns, 0);
	assert_int_equal(stats.lost, 0);
}

static void some_clocks_only_count(void **state)
{
	(void)state;
	assert_int_equal(trace_stats_parse("now ts: 123456\n").now_ns, 123456);
}

static void nonsense_is_nothing(void **state)
{
	static const char *const texts[] = {"", "now ts:", "now ts:\n12", "now ts: x\n",
	                                    "now ts: 99999999999999999999999.1\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(trace_stats_parse(texts[i]).now_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_kernel_writes),
		cmocka_unit_test(an_empty_buffer_has_no_oldest),
		cmocka_unit_test(some_clocks_only_count),
		cmocka_unit_test(nonsense_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
