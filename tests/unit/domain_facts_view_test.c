// SPDX-License-Identifier: GPL-2.0-or-later
/* domain_facts: what is known about one domain, and which mode does not tell it. */
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

static const char *fact_at(struct stage *stage, const char *name, size_t further)
{
	size_t count = rows_now(stage, &domain_facts_view);

	for (size_t row = 0; row < count; row++)
		if (!strcmp(cell_of(stage, &domain_facts_view, row, "FACT"), name))
			return cell_of(stage, &domain_facts_view, row + further, "VALUE");
	fail_msg("no fact %s", name);
	return "";
}

static const char *fact(struct stage *stage, const char *name)
{
	return fact_at(stage, name, 0);
}

static struct snapshot_domain *draw_guest_domain(struct stage *stage)
{
	struct snapshot_domain *domain = draw_domain(stage, 6, DOMAIN_TYPE_UNMANAGED);

	draw_clock(stage);
	draw_link(stage, domain, 4, "0000:03:00.0");
	draw_link(stage, domain, 7, "0000:04:00.0");
	draw_guest(stage, domain);
	stage->context.domain = 6;
	stage->snap.detail = (struct snapshot_detail){.domain = 6, .tasks_exact = true};
	stage->snap.collect = COLLECT_EVENTS;
	return domain;
}

static void a_guest_is_named_in_full(void **state)
{
	struct stage *stage = *state;
	struct snapshot_domain *domain = draw_guest_domain(stage);
	struct snapshot_device device = {.name = stage->snap.domain_devices[1],
	                                 .class_name = draw_text(stage, "Ethernet controller"),
	                                 .model = draw_text(stage, "82574L")};

	stage->snap.devices = xmalloc(sizeof(device));
	*stage->snap.devices = device;
	stage->snap.device_count = 1;
	domain->named_by = NAMED_ATTACH;
	assert_string_equal(fact(stage, "domain"), "vm1 (qemu-system-x86 1234)  (domain 6)");
	assert_string_equal(fact(stage, "type"), "VFIO (its owner does the mapping)");
	assert_string_equal(fact(stage, "held by"), "vm1 (qemu-system-x86 1234)");
	assert_string_equal(fact(stage, "groups"), "4, 7");
	assert_string_equal(fact(stage, "devices"), "0000:03:00.0");
	assert_string_equal(fact_at(stage, "devices", 1),
	                    "0000:04:00.0  Ethernet controller: 82574L");
	assert_string_equal(fact(stage, "known because"), "its attach was seen");
}

static void a_life_has_its_moments(void **state)
{
	struct stage *stage = *state;
	struct snapshot_domain *domain = draw_guest_domain(stage);

	assert_string_equal(fact(stage, "life"), "-");
	domain->first_seen_ns = 22 * SECOND;
	domain->attached_ns = 23 * SECOND;
	domain->replaced_ns = 100 * SECOND;
	domain->freed_ns = 101 * SECOND;
	assert_string_equal(fact(stage, "life"), "first seen 14:03:22, attached 14:03:23, "
	                                         "replaced 14:04:40, freed 14:04:41");
}

static void what_is_held_says_since_when_it_is_complete(void **state)
{
	struct stage *stage = *state;
	struct snapshot_domain *domain = draw_guest_domain(stage);

	assert_string_equal(fact(stage, "held now"), "-");
	domain->outstanding_bytes = (struct count){256ull << 20, KNOWN_AT_LEAST};
	domain->complete_since_ns = 30 * SECOND;
	assert_string_equal(fact(stage, "held now"), "≥256.0M, complete since 14:03:30");
	domain->outstanding_bytes.n = 0;
	assert_string_equal(fact(stage, "held now"), "-");
	domain->outstanding_bytes.known = KNOWN_EXACT;
	assert_string_equal(fact(stage, "held now"), "0, complete since 14:03:30");
}

static void mappings_are_told_where_they_were_counted(void **state)
{
	struct stage *stage = *state;
	struct snapshot_domain *domain = draw_guest_domain(stage);

	rows_now(stage, &domain_facts_view);
	for (size_t row = 0; row < stage->pane.shown.count; row++)
		assert_string_not_equal(cell_of(stage, &domain_facts_view, row, "FACT"),
		                        "mappings");
	domain->mappings = (struct count){12, KNOWN_AT_LEAST};
	assert_string_equal(fact(stage, "mappings"), "≥12 (those side by side count as one)");
	domain->mappings = (struct count){0, KNOWN_EXACT};
	assert_string_equal(fact(stage, "mappings"), "none");
}

static void failures_have_their_reasons(void **state)
{
	struct stage *stage = *state;
	struct snapshot_domain *domain = draw_guest_domain(stage);
	struct snapshot_detail *detail = &stage->snap.detail;

	assert_string_equal(fact(stage, "failed maps"), "0");
	domain->failed_maps.known = KNOWN_AT_LEAST;
	assert_string_equal(fact(stage, "failed maps"), "none seen");
	domain->failed_maps = (struct count){7, KNOWN_EXACT};
	detail->errors[0] = (struct snapshot_error){22, 4};
	detail->errors[1] = (struct snapshot_error){71, 2};
	detail->errors[2] = (struct snapshot_error){0, 1};
	detail->error_count = 3;
	assert_string_equal(fact(stage, "failed maps"),
	                    "7: 4 EINVAL, 2 errno 71, 1 reason unknown");
}

static void attempts_are_called_attempts_where_they_differ(void **state)
{
	struct stage *stage = *state;

	draw_traffic(draw_guest_domain(stage), 5, 100, 409600);
	stage->snap.attempts_ever = true;
	assert_string_equal(fact(stage, "maps"), "100, 400.0K bytes");
	stage->snap.map_attempts_over = (struct count){1, KNOWN_EXACT};
	assert_string_equal(fact(stage, "maps"),
	                    "100, 400.0K bytes (with attempts and requested bytes)");
	stage->snap.collect = COLLECT_COUNTS;
	stage->snap.collect_attempts = true;
	assert_string_equal(fact(stage, "maps"),
	                    "100, 400.0K bytes (attempts and requested bytes)");
}

static void traffic_has_its_shape(void **state)
{
	struct stage *stage = *state;
	struct snapshot_domain *domain = draw_guest_domain(stage);
	struct snapshot_detail *detail = &stage->snap.detail;

	draw_traffic(domain, 5, 100, 409600);
	domain->map_mean_ns = 2140;
	domain->map_p99_ns = 18000;
	domain->unmap_mean_ns = 900;
	detail->pages_4k = 75;
	detail->pages_2m = 25;
	detail->unmap_asked_bytes = 4096;
	detail->unmap_done_bytes = 8192;
	detail->unmaps_seen = 8;
	detail->small_unmaps = 2;
	detail->context_total = 1000;
	detail->in_interrupt = 500;
	detail->need_resched = 1;
	assert_string_equal(fact(stage, "maps"), "100, 400.0K bytes");
	assert_string_equal(fact(stage, "time of a map"),
	                    "2.1us mean, 99 of 100 within about 18us");
	assert_string_equal(fact(stage, "time of an unmap"), "900ns mean");
	assert_string_equal(fact(stage, "page sizes"),
	                    "4K 75.0 %, 2M 25.0 %, 1G 0 % (the largest that alignment allows)");
	assert_string_equal(fact(stage, "unmapped"), "200.0 % of what was asked for: 8.0K of 4.0K");
	assert_string_equal(fact(stage, "unmaps of 4 KiB"), "25.0 % of all unmaps");
	assert_string_equal(fact(stage, "in interrupts"),
	                    "50.0 %; 0.1 % with another task waiting to run (need-resched)");
}

/* A trace that was pasted without its flags. */
static void unknown_contexts_are_not_told_as_none(void **state)
{
	struct stage *stage = *state;
	struct snapshot_detail *detail = &stage->snap.detail;

	draw_guest_domain(stage);
	detail->context_total = 0;
	detail->context_unknown = 75;
	assert_string_equal(fact(stage, "in interrupts"), "-");
	detail->context_total = 25;
	detail->in_interrupt = 5;
	assert_string_equal(
		fact(stage, "in interrupts"),
		"20.0 %; 0 % with another task waiting to run (need-resched); of 25.0 % "
		"it is known");
}

static void counts_mode_says_what_it_does_not_tell(void **state)
{
	static const char *const untold[] = {"time of a map", "time of an unmap", "page sizes",
	                                     "unmapped",      "unmaps of 4 KiB",  "in interrupts"};
	struct stage *stage = *state;

	draw_guest_domain(stage);
	stage->snap.detail.context_total = UINT64_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(untold); i++)
		assert_string_equal(fact(stage, untold[i]), "-");
	stage->snap.collect = COLLECT_COUNTS;
	for (size_t i = 0; i < ARRAY_SIZE(untold); i++)
		assert_string_equal(fact(stage, untold[i]), "not in counts mode");
}

/* The row may be of a domain that the snapshot has no detail of, or no longer has at all. */
static void what_is_not_there_is_not_invented(void **state)
{
	struct stage *stage = *state;

	draw_guest_domain(stage);
	stage->snap.detail.domain = 5;
	stage->snap.detail.pages_4k = 4;
	assert_string_equal(fact(stage, "page sizes"), "-");
	stage->context.domain = 5;
	assert_int_equal(rows_now(stage, &domain_facts_view), 0);
	assert_true(strstr(empty_of(stage, &domain_facts_view), "no longer told") != NULL);
	stage->context.domain = NO_DOMAIN;
	assert_int_equal(rows_now(stage, &domain_facts_view), 0);
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_guest_is_named_in_full),
		stage_test(a_life_has_its_moments),
		stage_test(what_is_held_says_since_when_it_is_complete),
		stage_test(mappings_are_told_where_they_were_counted),
		stage_test(failures_have_their_reasons),
		stage_test(attempts_are_called_attempts_where_they_differ),
		stage_test(traffic_has_its_shape),
		stage_test(unknown_contexts_are_not_told_as_none),
		stage_test(counts_mode_says_what_it_does_not_tell),
		stage_test(what_is_not_there_is_not_invented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
