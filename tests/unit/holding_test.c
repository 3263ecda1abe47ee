// SPDX-License-Identifier: GPL-2.0-or-later
/* holding: who has a group, and both limits from far away to beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "holding.h"
#include "stage.h"

#define WATCHED                                                                           \
	"unknown: how many mappings it has is not known: its maps and unmaps have to be " \
	"watched one by one"

/* Group 5 on vfio-pci, in domain 1. */
static int set_up(void **state)
{
	struct stage *stage;

	make_stage(state);
	stage = *state;
	say_watching(stage->model, SECOND);
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "6.1.0");
	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 5, "DMA");
	say_device(stage->model, "0000:02:00.0", 5, NULL, NULL, "vfio-pci");
	return 0;
}

static const char *said_now(struct stage *stage)
{
	static char text[2048];
	struct lines lines = {0};

	holding_say(&stage->snap, snapshot_group_by_id(&stage->snap, 5), &lines);
	text[0] = '\0';
	for (size_t i = 0; i < lines.count; i++)
		append_text(text, sizeof(text), "%s%s: %s", i ? "\n" : "",
		            tone_words[lines.lines[i].tone], lines.lines[i].text);
	lines_release(&lines);
	return text;
}

static const char *said(struct stage *stage)
{
	look(stage->model, &stage->snap);
	return said_now(stage);
}

static void hold(struct stage *stage, uint64_t locked_kib, uint64_t limit_kib)
{
	say_holder(stage->model, 5, 1234, "qemu-system-x86", "vm1");
	say_number(stage->model, ATTR_PROCESS_LOCKED, NULL, 1234, locked_kib);
	say_number(stage->model, ATTR_PROCESS_MEMLOCK, NULL, 1234, limit_kib);
}

static void what_nobody_has_is_not_spoken_of(void **state)
{
	assert_string_equal(said(*state), "");
}

static void who_has_it_is_named(void **state)
{
	struct stage *stage = *state;

	hold(stage, VALUE_UNKNOWN, VALUE_UNKNOWN);
	assert_string_equal(said(stage),
	                    "unknown: how much memory vm1 (qemu-system-x86 1234) has locked is not "
	                    "known: its status cannot be read\n" WATCHED);
}

static void somebody_has_it(void **state)
{
	struct stage *stage = *state;

	say_attach(stage->model, 2 * SECOND, "0000:02:00.0", 7);
	say_type(stage->model, 2 * SECOND, 7, DOMAIN_TYPE_UNMANAGED);
	assert_string_equal(said(stage),
	                    "unknown: who has it is not known: other people's processes "
	                    "are looked into by root alone\n" WATCHED);
}

#define VM1 "vm1 (qemu-system-x86 1234)"

/* The line on memory is the first. */
static void memory_is(struct stage *stage, uint64_t locked_kib, uint64_t limit_kib,
                      const char *expected)
{
	char text[512];
	const char *line;

	hold(stage, locked_kib, limit_kib);
	line = said(stage);
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	assert_string_equal(text, expected);
}

static void memory_near_its_limit_warns(void **state)
{
	struct stage *stage = *state;

	memory_is(stage, 89 << 10, 100 << 10,
	          "plain: " VM1 " has 89.0M of memory locked, 89 % of the 100.0M that it may "
	          "(RLIMIT_MEMLOCK)");
	memory_is(stage, 90 << 10, 100 << 10,
	          "warning: " VM1 " has 90.0M of memory locked, 90 % of the 100.0M that it may "
	          "(RLIMIT_MEMLOCK): beyond that maps fail with ENOMEM");
	memory_is(stage, 4000000000, 8192,
	          "warning: " VM1 " has 3.7T of memory locked, more than the 8.0M that it may "
	          "(RLIMIT_MEMLOCK): further maps fail with ENOMEM");
	memory_is(stage, 0, 0,
	          "warning: " VM1 " has 0 of memory locked, 100 % of the 0 that it may "
	          "(RLIMIT_MEMLOCK): beyond that maps fail with ENOMEM");
	memory_is(stage, 0, 8192, "plain: " VM1 " has no memory locked");
	memory_is(stage, 1 << 20, MEMLOCK_NONE,
	          "plain: " VM1 " has 1.0G of memory locked, and may lock all");
	memory_is(stage, 1 << 20, VALUE_UNKNOWN,
	          "unknown: " VM1 " has 1.0G of memory locked; how much it may is not known");
}

/* The line on mappings is the last. */
static void mappings_are(struct stage *stage, uint64_t n, enum known known, uint32_t limit,
                         const char *expected)
{
	struct snapshot_domain *domain;

	look(stage->model, &stage->snap);
	domain = (struct snapshot_domain *)snapshot_domain_by_id(&stage->snap, 7);
	assert_non_null(domain);
	domain->mappings = (struct count){n, known};
	stage->snap.machine.dma_entries = limit;
	assert_string_equal(strrchr(said_now(stage), '\n') + 1, expected);
}

static void mappings_near_their_limit_warn(void **state)
{
	struct stage *stage = *state;

	hold(stage, 1, 2);
	say_attach(stage->model, 2 * SECOND, "0000:02:00.0", 7);
	mappings_are(stage, 0, KNOWN_NOT, 65535, WATCHED);
	mappings_are(stage, 0, KNOWN_EXACT, 65535, "plain: it has no mappings");
	mappings_are(stage, 12, KNOWN_AT_LEAST, NO_NUMBER,
	             "plain: it has at least 12 mappings (those side by side count as one)");
	mappings_are(
		stage, 58981, KNOWN_AT_LEAST, 65535,
		"plain: it has at least 58981 mappings (those side by side count as one); type1 "
		"allows 65535");
	mappings_are(stage, 58982, KNOWN_AT_LEAST, 65535,
	             "warning: it has at least 58982 mappings of the 65535 that type1 allows "
	             "(dma_entry_limit): beyond that maps fail with ENOSPC");
}

/* From the events on: what the model counted reaches the sentence. */
static void mappings_are_those_of_the_groups_domain(void **state)
{
	struct stage *stage = *state;

	hold(stage, 1, 2);
	say_attach(stage->model, 2 * SECOND, "0000:02:00.0", 7);
	say_type(stage->model, 2 * SECOND, 7, DOMAIN_TYPE_UNMANAGED);
	say_map_at(stage->model, 3 * SECOND, 7, 4096, 0);
	say_map_at(stage->model, 3 * SECOND, 8, 4096, 0);
	say_tick(stage->model, 4 * SECOND);
	assert_string_equal(strrchr(said(stage), '\n') + 1,
	                    "plain: it has at least 1 mapping (those side by side count as one)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_nobody_has_is_not_spoken_of),
		TEST(who_has_it_is_named),
		TEST(somebody_has_it),
		TEST(memory_near_its_limit_warns),
		TEST(mappings_near_their_limit_warn),
		TEST(mappings_are_those_of_the_groups_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
