// SPDX-License-Identifier: GPL-2.0-or-later
/* histogram: what Linux 6.1, 6.12 and 7.2 printed, and texts that are cut off or odd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sources/histogram.h"

#define FIXTURES  "tests/fixtures/histograms/"
#define BY_DOMAIN "hist:keys=domain,size.log2:vals=size:size=4096"
#define BY_STACK  "hist:keys=stacktrace:vals=size if domain != 0"

static char text[65536];
static size_t text_size;
static struct histogram_entry entries[64];
static size_t entry_count;
static struct histogram_totals totals;

static void take(void *context, const struct histogram_entry *entry)
{
	(void)context;
	assert_true(entry_count < sizeof(entries) / sizeof(entries[0]));
	entries[entry_count++] = *entry;
}

static bool parse(const char *trigger)
{
	entry_count = 0;
	return histogram_parse(text, text_size, trigger, take, NULL, &totals);
}

static bool parse_text(const char *given, const char *trigger)
{
	text_size = strlen(given);
	memcpy(text, given, text_size);
	return parse(trigger);
}

static void load(const char *kernel, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), FIXTURES "%s/%s", kernel, name);
	file = fopen(path, "r");
	assert_non_null(file);
	text_size = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_in_range(text_size, 1, sizeof(text) - 1);
}

static uint64_t hits_of_entries(void)
{
	uint64_t hits = 0;

	for (size_t i = 0; i < entry_count; i++)
		hits += entries[i].hits;
	return hits;
}

static void domains_and_sizes(void **state)
{
	(void)state;
	load("6.1", "probe_map");
	assert_true(parse(BY_DOMAIN));
	assert_int_equal(entry_count, 2);
	assert_int_equal(totals.hits, 3475);
	assert_int_equal(totals.entries, 2);
	assert_int_equal(totals.dropped, 0);
	assert_true(entries[1].keys[0] == 18446612682161213072u);
	assert_int_equal(entries[1].keys[1], 12);
	assert_int_equal(entries[1].hits, 3201);
	assert_int_equal(entries[1].values[0], 13111296);
	assert_int_equal(entries[1].stack_count, 0);
}

static void several_values(void **state)
{
	(void)state;
	load("7.2", "probe_unmap_done");
	assert_true(parse("hist:keys=domain,size.log2:vals=ret,size"));
	assert_int_equal(entry_count, 2);
	assert_int_equal(entries[1].keys[1], 16);
	assert_int_equal(entries[1].values[0], 13107200);
	assert_int_equal(entries[1].values[1], 13107200);
	load("6.1", "unmap");
	assert_true(parse("hist:keys=size.log2:vals=size,unmapped_size"));
	assert_int_equal(entries[0].values[1], 65536);
}

static void a_filter_tells_triggers_apart(void **state)
{
	(void)state;
	load("6.12", "probe_map_done");
	assert_true(parse("hist:keys=domain,size.log2:vals=size:size=128 if ret == 0"));
	assert_int_equal(hits_of_entries(), totals.hits);
	assert_false(parse("hist:keys=domain,size.log2:vals=size:size=128"));
	assert_int_equal(entry_count, 0);
}

static void names_are_trimmed(void **state)
{
	(void)state;
	load("6.1", "qi_submit");
	assert_true(parse("hist:keys=iommu"));
	assert_int_equal(entry_count, 1);
	assert_string_equal(entries[0].text, "dmar0");
	assert_int_equal(entries[0].hits, 696);
}

static void stacks_of_all_kernels(void **state)
{
	static const char *const kernels[] = {"6.1", "6.12", "7.2"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		load(kernels[i], "probe_map");
		assert_true(parse(BY_STACK));
		assert_int_equal(entry_count, totals.entries);
		assert_int_equal(hits_of_entries(), totals.hits);
		for (size_t j = 0; j < entry_count; j++) {
			assert_in_range(entries[j].stack_count, 12, 31);
			assert_memory_equal(entries[j].stack[0], "kprobe_ftrace_handler+", 22);
		}
	}
}

static void lines_of_a_stack(void **state)
{
	static const char frame[] = "e1000_xmit_frame+0x3aa/0xeb0 [e1000e]";

	(void)state;
	load("6.1", "probe_map");
	assert_true(parse(BY_STACK));
	assert_int_equal(entries[0].stack_count, 16);
	assert_int_equal(entries[0].stack_lengths[6], strlen(frame));
	assert_memory_equal(entries[0].stack[6], frame, strlen(frame));
	assert_int_equal(entries[0].values[0], 4096);
}

static void an_empty_one(void **state)
{
	(void)state;
	assert_true(parse_text("# event histogram\n#\n# trigger info: "
	                       "hist:keys=iommu:vals=hitcount:sort=hitcount:size=128 [active]\n#\n"
	                       "\n\nTotals:\n    Hits: 0\n    Entries: 0\n    Dropped: 7\n",
	                       "hist:keys=iommu:size=128"));
	assert_int_equal(entry_count, 0);
	assert_int_equal(totals.dropped, 7);
}

/* Wherever it ends before its end, it is called cut off. */
static void a_cut_text_is_told(void **state)
{
	static const char *const files[] = {"qi_submit", "unmap"};
	static const char *const triggers[] = {"hist:keys=iommu",
	                                       "hist:keys=size.log2:vals=size,unmapped_size"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t whole;

		load("6.1", files[i]);
		/* The last digit ends it; what is behind is a line's end. */
		whole = text_size - 1;
		while (text[whole] != '0')
			whole--;
		assert_true(parse(triggers[i]));
		for (text_size = 0; text_size <= whole; text_size++)
			assert_false(parse(triggers[i]));
	}
}

#define INFO "# trigger info: hist:keys=a:vals=hitcount:sort=hitcount:size=128 [active]\n"

static void what_is_not_understood_is_told(void **state)
{
	static const char *const lines[] = {
		"{ a: 1 }\n",
		"{ a: 1 } hits: 3\n",
		"{ a: 1 } hitcount: -3\n",
		"{ a: 1 } hitcount: 99999999999999999999\n",
		"{ a: 1 } hitcount: 1  b: 1  c: 1  d: 1  e: 1\n",
		"{ a: 1, b: 1, c: 1, d: 1 } hitcount: 1\n",
		"{ a } hitcount: 1\n",
		"{ stacktrace:\n   f+0x1/0x2\n",
		"{ stacktrace:\n   f+0x1/0x2\n} \n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char odd[512];

		snprintf(odd, sizeof(odd), INFO "%sTotals:\n Hits: 1\n Entries: 1\n Dropped: 0\n",
		         lines[i]);
		assert_false(parse_text(odd, "hist:keys=a"));
		assert_int_equal(entry_count, 0);
	}
	assert_true(parse_text(INFO "{ a: 0xff } hitcount: 0x10\n"
	                            "Totals:\n Hits: 1\n Entries: 1\n Dropped: 0\n",
	                       "hist:keys=a"));
	assert_int_equal(entries[0].keys[0], 255);
	assert_int_equal(entries[0].hits, 16);
}

static bool is(const char *info, const char *trigger)
{
	return histogram_is(info, strlen(info), trigger);
}

static void which_trigger_is_ours(void **state)
{
	(void)state;
	assert_true(is("hist:keys=common_stacktrace:vals=hitcount,size:sort=hitcount:size=2048 "
	               "if domain == 0xff [active]",
	               "hist:keys=stacktrace:vals=size:size=64 if domain == 0xff"));
	assert_false(is("hist:keys=stacktrace:vals=hitcount,size:sort=hitcount:size=2048 "
	                "if domain == 0xfe [active]",
	                "hist:keys=stacktrace:vals=size:size=64 if domain == 0xff"));
	assert_true(is("hist:keys=a:vals=hitcount:sort=hitcount.descending:size=128 [paused]",
	               "hist:keys=a:sort=hitcount.descending:size=128"));
	assert_false(is("hist:keys=a:vals=hitcount:sort=hitcount:size=128 [active]",
	                "hist:keys=a:sort=hitcount.descending:size=128"));
	assert_false(
		is("hist:keys=a:vals=hitcount,b:sort=hitcount:size=128 [active]", "hist:keys=a"));
	assert_false(
		is("hist:keys=a,b:vals=hitcount:sort=hitcount:size=128 [active]", "hist:keys=a"));
	assert_false(is("enable_event:a:b", "hist:keys=a"));
	assert_false(is("", "hist:keys=a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_and_sizes),
		cmocka_unit_test(several_values),
		cmocka_unit_test(a_filter_tells_triggers_apart),
		cmocka_unit_test(names_are_trimmed),
		cmocka_unit_test(stacks_of_all_kernels),
		cmocka_unit_test(lines_of_a_stack),
		cmocka_unit_test(an_empty_one),
		cmocka_unit_test(a_cut_text_is_told),
		cmocka_unit_test(what_is_not_understood_is_told),
		cmocka_unit_test(which_trigger_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
