// SPDX-License-Identifier: GPL-2.0-or-later
/* boot_text: what 6.1 and 6.12 print of their own buffer, in pieces, cut, and of others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_text.h"
#include "sources/boot_text.h"
#include "util.h"

#define SECOND 1000000000ull

/* As the file begins, of 6.1 and 6.12 alike; older ones have a column less. */
static const char header[] = "# tracer: nop\n"
			     "#\n"
			     "# entries-in-buffer/entries-written: 5/5   #P:2\n"
			     "#\n"
			     "#                                _-----=> irqs-off/BH-disabled\n"
			     "#                               / _----=> need-resched\n"
			     "#                              | / _---=> hardirq/softirq\n"
			     "#                              || / _--=> preempt-depth\n"
			     "#                              ||| / _-=> migrate-disable\n"
			     "#                              |||| /     delay\n"
			     "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
			     "#              | |         |   |||||     |         |\n";

static const char boot[] =
	"       swapper/0-1       [000] .....     0.901234: add_device_to_group: IOMMU: groupID=4 "
	"device=0000:00:04.0\n"
	"       swapper/0-1       [000] .....     0.912345: attach_device_to_domain: IOMMU: "
	"device=0000:00:04.0\n"
	"   systemd-udevd-231     [001] .....     2.100001: map: IOMMU: iova=0x00000000fffff000 - "
	"0x0000000100000000 paddr=0x0000000001234000 size=4096\n"
	"          <idle>-0       [001] d.h1.     2.100002: unmap: IOMMU: iova=0x00000000fffff000 "
	"- "
	"0x0000000100000000 size=4096 unmapped_size=4096\n"
	"           <...>-231     [001] .....     2.100003: io_page_fault: IOMMU:e1000e "
	"0000:00:02.0 iova=0x0000000005678000 flags=0x0001\n";

/* Events as lines of a recording, one a line. */
struct heard {
	struct event_line at;
	char lines[4096];
	size_t events;
};

static void hear(void *context, const struct event *ev)
{
	struct heard *heard = context;
	char line[EVENT_LINE_MAX];

	event_to_line(&heard->at, ev, line);
	append_text(heard->lines, sizeof(heard->lines), "%s\n", line);
	heard->events += ev->kind != EVENT_ATTR;
}

static void tell(const struct boot_text *text, struct heard *heard)
{
	const struct event_sink sink = {.emit = hear, .context = heard};

	*heard = (struct heard){0};
	boot_text_tell(text, &sink);
}

static struct boot_text *read_in_pieces(const char *what, size_t piece, uint64_t until, size_t keep)
{
	const struct boot_text_options options = {.until = until, .keep = keep};
	struct boot_text *text = boot_text_new(&options);
	size_t length = strlen(what);

	for (size_t at = 0; at < length; at += piece)
		if (!boot_text_take(text, what + at, length - at < piece ? length - at : piece))
			break;
	return text;
}

static struct boot_text *read_all(const char *what)
{
	return read_in_pieces(what, SIZE_MAX / 2, 0, 100);
}

static void what_it_prints_is_told(void **state)
{
	char whole[4096];
	struct heard heard;

	(void)state;
	snprintf(whole, sizeof(whole), "%s%s", header, boot);
	for (size_t piece = 1; piece < 300; piece += 7) {
		struct boot_text *text = read_in_pieces(whole, piece, 100 * SECOND, 100);

		tell(text, &heard);
		assert_string_equal(heard.lines,
		                    "A35b7bd50 task 1 comm_before swapper/0\n"
		                    "g0 0 1 8 0000:00:04.0 4\n"
		                    "aa98a58 0 1 8 0000:00:04.0 0 0\n"
		                    "A46ca3140 task e7 comm_before systemd-udevd\n"
		                    "m0 1 e7 8 fffff000 1000 0 0 0\n"
		                    "A3e8 task 0 comm_before <idle>\n"
		                    "u0 1 0 9 fffff000 1000 1000 0 0 0\n"
		                    "A3e8 task e7 comm_before -\n"
		                    "f0 trace 0000:00:02.0 write 1 5678000 0 0 - other 0 8\n");
		assert_int_equal(boot_text_found(text).events, 5);
		assert_int_equal(boot_text_found(text).left_out, 0);
		assert_false(boot_text_found(text).timeless);
		boot_text_free(text);
	}
}

/* Up to 5.16 there is a column less; and options take columns away or add some. */
static void other_columns_are_known(void **state)
{
	static const char *const lines[] = {
		"       swapper/0-1     [000] ....     0.901234: add_device_to_group: IOMMU: "
		"groupID=4 "
		"device=0000:00:04.0\n",
		"       swapper/0-1     [000]     0.901234: add_device_to_group: IOMMU: groupID=4 "
		"device=0000:00:04.0\n",
		"       swapper/0-1       (      1) [000] .....     0.901234: add_device_to_group: "
		"IOMMU: groupID=4 device=0000:00:04.0\n",
	};
	struct heard heard;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct boot_text *text = read_all(lines[i]);

		tell(text, &heard);
		assert_int_equal(heard.events, 1);
		assert_ptr_equal(
			strstr(heard.lines, "A35b7bd50 task 1 comm_before swapper/0\ng0 0 1 "),
			heard.lines);
		assert_non_null(strstr(heard.lines, " 0000:00:04.0 4\n"));
		boot_text_free(text);
	}
}

/* Each of the lines stands in the text of the traces with their names. */
static void what_others_trace_is_passed_over(void **state)
{
	struct boot_text *text = read_all(
		"              dd-289     [000] d..2.     1.000000: sched_switch: prev_comm=: "
		"IOMMU: "
		"map\n"
		"              dd-289     [000] .....     1.000001: tracing_mark_write: map: "
		"IOMMU:\n"
		"              dd-289     [000] .....     1.000002: bprint: IOMMU: iova=0x1\n"
		" => iommu_map\n"
		"CPU:1 is a remark\n"
		"no line: IOMMU: of a trace\n");
	struct heard heard;

	(void)state;
	tell(text, &heard);
	assert_int_equal(heard.events, 0);
	assert_int_equal(boot_text_found(text).events, 0);
	assert_int_equal(boot_text_found(text).lost, 0);
	boot_text_free(text);
}

static void losses_are_counted(void **state)
{
	struct boot_text *text = read_all("CPU:1 [LOST 23 EVENTS]\n"
	                                  "CPU:0 [LOST EVENTS]\n"
	                                  "CPU:0 [4 EVENTS DROPPED]\n");

	(void)state;
	assert_int_equal(boot_text_found(text).lost, 28);
	boot_text_free(text);
}

static void words_that_nobody_knows_are_counted(void **state)
{
	struct boot_text *text = read_all("  dd-289 [000] .....     1.000000: map: IOMMU: later\n");

	(void)state;
	assert_int_equal(boot_text_found(text).events, 0);
	assert_int_equal(boot_text_found(text).odd, 1);
	boot_text_free(text);
}

static void what_is_of_after_the_start_is_not_told(void **state)
{
	struct boot_text *text =
		boot_text_new(&(struct boot_text_options){.until = 2100002000, .keep = 100});
	struct heard heard;

	(void)state;
	assert_false(boot_text_take(text, boot, strlen(boot)));
	tell(text, &heard);
	assert_int_equal(heard.events, 3);
	boot_text_free(text);
}

/* Their lines are not read, but for the time of one in each piece. */
static void the_time_of_others_ends_it_too(void **state)
{
	static const char others[] =
		"  dd-289 [000] d..2.     2.999999: sched_switch: prev_comm=dd\n"
		"  dd-289 [000] d..2.     3.000000: sched_switch: prev_comm=dd\n";
	struct boot_text *text =
		boot_text_new(&(struct boot_text_options){.until = 3 * SECOND, .keep = 100});

	(void)state;
	assert_true(boot_text_take(text, others, strchr(others, '\n') + 1 - others));
	assert_false(boot_text_take(text, others, strlen(others)));
	boot_text_free(text);
}

/* A counter: what it says of the start holds, and of time nothing. */
static void a_clock_that_is_no_time_has_an_order(void **state)
{
	struct boot_text *text = read_in_pieces(
		"  dd-289 [000] .....       102: map: IOMMU: iova=0x0000000000001000 paddr=0x0 "
		"size=4096\n"
		"  dd-289 [000] .....       107: map: IOMMU: iova=0x0000000000002000 paddr=0x0 "
		"size=4096\n"
		"  dd-289 [000] .....       111: map: IOMMU: iova=0x0000000000003000 paddr=0x0 "
		"size=4096\n",
		7, 111, 100);
	struct heard heard;

	(void)state;
	tell(text, &heard);
	assert_string_equal(heard.lines, "A0 task 121 comm_before dd\n"
	                                 "m0 0 121 8 1000 1000 0 0 0\n"
	                                 "m0 0 121 8 2000 1000 0 0 0\n");
	assert_true(boot_text_found(text).timeless);
	boot_text_free(text);
}

/* What looks like a time may be of another clock: by it, the end is known all the same. */
static void times_that_are_of_no_use_are_not_told(void **state)
{
	struct boot_text *text = boot_text_new(
		&(struct boot_text_options){.until = 2100002000, .keep = 100, .timeless = true});
	struct heard heard;

	(void)state;
	assert_false(boot_text_take(text, boot, strlen(boot)));
	tell(text, &heard);
	assert_int_equal(heard.events, 3);
	assert_true(boot_text_found(text).timeless);
	assert_ptr_equal(strstr(heard.lines, "A0 task 1 comm_before swapper/0\ng0 0 1 8 "),
	                 heard.lines);
	boot_text_free(text);
}

/* With option latency-format stamps count from the first of them: none is of after the start. */
static void times_from_the_first_record_are_none(void **state)
{
	struct boot_text *text = read_in_pieces(
		"  dd-289       0.....    0us!: map: IOMMU: iova=0x0000000000001000 paddr=0x0 "
		"size=4096\n"
		"  dd-289       0..... 69692us : map: IOMMU: iova=0x0000000000002000 paddr=0x0 "
		"size=4096\n",
		7, 1000, 100);
	struct heard heard;

	(void)state;
	tell(text, &heard);
	assert_int_equal(heard.events, 2);
	assert_true(boot_text_found(text).timeless);
	boot_text_free(text);
}

static void a_storm_of_maps_pushes_nothing_else_out(void **state)
{
	struct boot_text *text = boot_text_new(&(struct boot_text_options){.keep = 2});
	char line[200];
	struct heard heard;

	(void)state;
	boot_text_take(text, boot, strlen(boot));
	for (int i = 0; i < 9; i++) {
		snprintf(line, sizeof(line),
		         "  systemd-udevd-231 [001] .....     3.00000%d: map: IOMMU: iova=0x%d000 "
		         "paddr=0x0 size=4096\n",
		         i, i);
		boot_text_take(text, line, strlen(line));
	}
	tell(text, &heard);
	assert_string_equal(heard.lines, "A366147a8 task 1 comm_before swapper/0\n"
	                                 "a0 0 1 8 0000:00:04.0 0 0\n"
	                                 "A46ca3910 task e7 comm_before -\n"
	                                 "f0 trace 0000:00:02.0 write 1 5678000 0 0 - other 0 8\n"
	                                 "A35a4f8a0 task e7 comm_before systemd-udevd\n"
	                                 "m0 1 e7 8 7000 1000 0 0 0\n"
	                                 "m3e8 1 e7 8 8000 1000 0 0 0\n");
	assert_int_equal(boot_text_found(text).events, 14);
	assert_int_equal(boot_text_found(text).left_out, 10);
	boot_text_free(text);
}

/* A line without an end, cut by a bound, is none. */
static void lines_may_be_cut_and_endless(void **state)
{
	struct boot_text *text = boot_text_new(&(struct boot_text_options){.keep = 100});
	char many[5000];

	(void)state;
	memset(many, 'x', sizeof(many));
	boot_text_take(text, many, sizeof(many));
	boot_text_take(text, many, sizeof(many));
	boot_text_take(text, "\n", 1);
	assert_int_equal(boot_text_found(text).events, 0);
	boot_text_take(text, boot, strchr(boot, '\n') - boot);
	assert_int_equal(boot_text_found(text).events, 0);
	boot_text_take(text, "\n", 1);
	assert_int_equal(boot_text_found(text).events, 1);
	boot_text_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_prints_is_told),
		cmocka_unit_test(other_columns_are_known),
		cmocka_unit_test(what_others_trace_is_passed_over),
		cmocka_unit_test(losses_are_counted),
		cmocka_unit_test(words_that_nobody_knows_are_counted),
		cmocka_unit_test(what_is_of_after_the_start_is_not_told),
		cmocka_unit_test(the_time_of_others_ends_it_too),
		cmocka_unit_test(a_clock_that_is_no_time_has_an_order),
		cmocka_unit_test(times_that_are_of_no_use_are_not_told),
		cmocka_unit_test(times_from_the_first_record_are_none),
		cmocka_unit_test(a_storm_of_maps_pushes_nothing_else_out),
		cmocka_unit_test(lines_may_be_cut_and_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
