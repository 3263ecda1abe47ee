// SPDX-License-Identifier: GPL-2.0-or-later
/* boot_trace: when the kernel's own buffer is read, how far, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/boot_trace.h"

#include "tree.h"

#define SECOND 1000000000ull

static const char join[] = "     swapper/0-1       [000] .....     0.901234: "
			   "add_device_to_group: IOMMU: groupID=4 device=0000:00:04.0\n";

/* What was told. */
struct heard {
	size_t events, names, sentences;
	char sentence[400];
};

static void hear(void *context, const struct event *ev)
{
	struct heard *heard = context;

	if (ev->kind != EVENT_ATTR) {
		heard->events++;
		assert_true(ev->context & CONTEXT_BEFORE);
		assert_int_equal(heard->sentences, 0);
	} else if (ev->attr.attribute == ATTR_MACHINE_BOOT_TRACE) {
		heard->sentences++;
		copy_text(heard->sentence, sizeof(heard->sentence), ev->attr.text);
	} else {
		heard->names++;
	}
}

static struct heard read_with(struct boot_trace_options options)
{
	struct heard heard = {0};
	const struct event_sink sink = {.emit = hear, .context = &heard};

	options.tracefs = tree_root;
	options.until = boot_trace_now(tree_root);
	boot_trace_read(&options, &sink);
	return heard;
}

static struct heard read_it(void)
{
	return read_with((struct boot_trace_options){0});
}

/* A buffer of two CPUs, the second of which has something. */
static int make_tracefs(void **state)
{
	(void)state;
	if (make_tree())
		return -1;
	make_file(at("per_cpu/cpu0/stats"), "entries: 0\nnow ts:   100.000000\n");
	make_file(at("per_cpu/cpu1/stats"), "entries: 1\nnow ts:   100.000000\n");
	make_file(at("options/pause-on-trace"), "0\n");
	make_file(at("tracing_on"), "1\n");
	make_file(at("trace_clock"), "local [global] counter uptime perf mono x86-tsc\n");
	make_file(at("trace"), join);
	return 0;
}

static int remove_tracefs(void **state)
{
	(void)state;
	remove_tree(tree_root);
	return 0;
}

static void it_is_read_and_said(void **state)
{
	struct heard heard = read_it();

	(void)state;
	assert_int_equal(heard.events, 1);
	assert_int_equal(heard.names, 1);
	assert_string_equal(heard.sentence, "1 iommu event in the kernel's buffer");
}

static void now_is_of_its_own_clock(void **state)
{
	(void)state;
	assert_int_equal(boot_trace_now(tree_root), 100 * SECOND - 1000);
	make_file(at("per_cpu/cpu0/stats"), "entries: 0\nnow ts: 4711\n");
	make_file(at("per_cpu/cpu1/stats"), "entries: 1\nnow ts: 4711\n");
	assert_int_equal(boot_trace_now(tree_root), 4711);
	assert_int_equal(boot_trace_now("/nowhere"), 0);
}

/* Nobody could say what of it is of before. */
static void without_a_now_nothing_is_read(void **state)
{
	(void)state;
	make_file(at("per_cpu/cpu0/stats"), "entries: 0\n");
	make_file(at("per_cpu/cpu1/stats"), "entries: 1\n");
	assert_int_equal(boot_trace_now(tree_root), 0);
	assert_int_equal(read_it().events, 0);
}

static void an_empty_buffer_is_not_looked_at(void **state)
{
	(void)state;
	make_file(at("per_cpu/cpu1/stats"), "entries: 0\nnow ts:   100.000000\n");
	assert_int_equal(read_it().events, 0);
	assert_int_equal(read_it().sentences, 0);
}

static void what_only_others_trace_is_not_spoken_of(void **state)
{
	(void)state;
	make_file(at("trace"), "  dd-289 [000] d..2.     2.999999: sched_switch: prev_comm=dd\n");
	assert_int_equal(read_it().sentences, 0);
}

static void nobody_is_kept_from_tracing(void **state)
{
	struct heard heard;

	(void)state;
	make_file(at("options/pause-on-trace"), "1\n");
	heard = read_it();
	assert_int_equal(heard.events, 0);
	assert_non_null(strstr(heard.sentence, "the kernel's buffer is not read, its tracing would "
	                                       "stop meanwhile (echo 0 >/tmp/"));
	assert_non_null(strstr(heard.sentence, "/options/pause-on-trace)"));
	make_file(at("tracing_on"), "0\n");
	assert_int_equal(read_it().events, 1);
}

/* Such a kernel always stops tracing meanwhile. */
static void nor_by_a_kernel_without_that_option(void **state)
{
	struct heard heard;

	(void)state;
	unlink(at("options/pause-on-trace"));
	heard = read_it();
	assert_int_equal(heard.events, 0);
	assert_non_null(strstr(heard.sentence, "/tracing_on, if nobody needs it)"));
	make_file(at("tracing_on"), "0\n");
	assert_int_equal(read_it().events, 1);
}

static void make_long_trace(void)
{
	FILE *file = fopen(at("trace"), "wb");

	assert_non_null(file);
	for (int i = 0; i < 3000; i++)
		assert_true(fputs(join, file) >= 0);
	fclose(file);
}

static void it_is_bounded(void **state)
{
	struct heard heard;

	(void)state;
	make_long_trace();
	heard = read_with((struct boot_trace_options){.most_bytes = 65536});
	assert_true(heard.events > 0 && heard.events < 3000);
	assert_non_null(strstr(heard.sentence, " iommu events in the kernel's buffer; more not "
	                                       "read"));
	heard = read_with((struct boot_trace_options){.most_ns = 1});
	assert_int_equal(heard.events, 0);
	assert_string_equal(heard.sentence, "0 iommu events in the kernel's buffer; more not read");
	heard = read_with((struct boot_trace_options){.keep = 7});
	assert_int_equal(heard.events, 7);
	assert_string_equal(heard.sentence,
	                    "3000 iommu events in the kernel's buffer; 2993 older ones left out");
}

static bool stop(void *context)
{
	(void)context;
	return false;
}

static void it_stops_when_it_is_told_to(void **state)
{
	(void)state;
	assert_int_equal(read_with((struct boot_trace_options){.go_on = stop}).events, 0);
}

static void what_its_times_are_is_said(void **state)
{
	(void)state;
	make_file(at("trace_clock"), "[local] global\n");
	assert_string_equal(read_it().sentence,
	                    "1 iommu event in the kernel's buffer; times of clock local");
	make_file(at("trace_clock"), "local global [boot]\n");
	assert_string_equal(read_it().sentence,
	                    "1 iommu event in the kernel's buffer; only their order is known "
	                    "(clock boot; trace_clock=global has times)");
	make_file(at("trace_clock"), "local global [x86-tsc]\n");
	make_file(at("trace"), "  dd-289 [000] .....  71: map: IOMMU: iova=0x1000 paddr=0x0 "
	                       "size=4096\n");
	assert_string_equal(read_it().sentence,
	                    "1 iommu event in the kernel's buffer; only their order is known "
	                    "(clock x86-tsc; trace_clock=global has times)");
}

static void what_is_missing_is_said(void **state)
{
	(void)state;
	make_file(at("trace"), "CPU:1 [LOST 23 EVENTS]\n"
	                       "  dd-289 [000] .....     1.000000: map: IOMMU: later\n");
	assert_string_equal(read_it().sentence, "0 iommu events in the kernel's buffer; 23 or more "
	                                        "of all lost; 1 not understood");
	unlink(at("trace"));
	assert_string_equal(read_it().sentence, "0 iommu events in the kernel's buffer; reading it "
	                                        "stopped: No such file or directory");
}

/* Of that no line tells: the newest records take the place of the oldest, or find none. */
static void what_the_buffer_had_no_room_for_is_said(void **state)
{
	(void)state;
	make_file(at("per_cpu/cpu0/stats"),
	          "entries: 0\noverrun: 40\ncommit overrun: 0\nnow ts:   100.000000\n");
	make_file(at("per_cpu/cpu1/stats"), "entries: 1\noverrun: 2\ncommit overrun: 1\n"
	                                    "now ts:   100.000000\ndropped events: 4\n");
	assert_string_equal(read_it().sentence,
	                    "1 iommu event in the kernel's buffer; 42 older ones of all "
	                    "overwritten; 5 or more of all lost");
}

#define IN_TRACEFS(test) cmocka_unit_test_setup_teardown(test, make_tracefs, remove_tracefs)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TRACEFS(it_is_read_and_said),
		IN_TRACEFS(now_is_of_its_own_clock),
		IN_TRACEFS(without_a_now_nothing_is_read),
		IN_TRACEFS(an_empty_buffer_is_not_looked_at),
		IN_TRACEFS(what_only_others_trace_is_not_spoken_of),
		IN_TRACEFS(nobody_is_kept_from_tracing),
		IN_TRACEFS(nor_by_a_kernel_without_that_option),
		IN_TRACEFS(it_is_bounded),
		IN_TRACEFS(it_stops_when_it_is_told_to),
		IN_TRACEFS(what_its_times_are_is_said),
		IN_TRACEFS(what_is_missing_is_said),
		IN_TRACEFS(what_the_buffer_had_no_room_for_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
