// SPDX-License-Identifier: GPL-2.0-or-later
/* journey: ways of devices and bursts of guests, in sentences. */
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
#include "views/transition.h"

#include "sketch.h"

static struct snapshot_transition *draw_away(struct stage *stage)
{
	struct snapshot_transition *away = draw_transition(stage, TRANSITION_AWAY);

	draw_clock(stage);
	away->device = draw_text(stage, "0000:01:00.0");
	away->group = 12;
	away->from_type = DOMAIN_TYPE_DMA_FQ;
	away->from_domain = 5;
	away->to_type = DOMAIN_TYPE_UNMANAGED;
	away->to_domain = 6;
	away->process = 1234;
	away->process_name = draw_text(stage, "qemu-system-x86");
	away->vm = draw_text(stage, "vm1");
	away->begin_ns = 22 * SECOND;
	return away;
}

static struct snapshot_transition *draw_burst(struct stage *stage, uint8_t kind)
{
	struct snapshot_transition *burst = draw_transition(stage, kind);

	draw_clock(stage);
	burst->to_domain = 6;
	burst->process = 1234;
	burst->process_name = draw_text(stage, "qemu-system-x86");
	burst->vm = draw_text(stage, "vm1");
	burst->begin_ns = 22 * SECOND;
	burst->end_ns = burst->begin_ns + 20100 * (SECOND / 1000);
	burst->count = 4194304;
	burst->bytes = 16ull << 30;
	burst->common_log2 = 12;
	burst->common_count = burst->count;
	burst->common_bytes = 4096;
	burst->inside_ns = 1300 * (SECOND / 1000);
	return burst;
}

static const char *sentence(struct stage *stage, const struct snapshot_transition *transition,
                            bool returned)
{
	static char text[CELL_TEXT_MAX];

	return transition_sentence(text, sizeof(text), &stage->context, transition, returned);
}

static void a_way_to_a_guest_and_back_is_one_line(void **state)
{
	struct stage *stage = *state;
	struct snapshot_transition *away = draw_away(stage);

	assert_string_equal(sentence(stage, away, false),
	                    "0000:01:00.0 left DMA domain of group 12 → vm1 (qemu-system-x86 1234) "
	                    "at 14:03:22");
	away->end_ns = away->begin_ns + 348 * SECOND;
	assert_string_equal(sentence(stage, away, false),
	                    "0000:01:00.0 left DMA domain of group 12 → vm1 (qemu-system-x86 1234) "
	                    "at 14:03:22; back at 14:09:10");
	assert_string_equal(sentence(stage, away, true),
	                    "0000:01:00.0 is back in DMA domain of group 12 from vm1 "
	                    "(qemu-system-x86 1234) at 14:09:10 after 5 min 48 s");
}

static void a_taker_that_nobody_knows_is_a_domain(void **state)
{
	struct stage *stage = *state;
	struct snapshot_transition *away = draw_away(stage);

	away->process = NO_PROCESS;
	away->from_type = DOMAIN_TYPE_IDENTITY;
	assert_string_equal(sentence(stage, away, false),
	                    "0000:01:00.0 left identity domain of group 12 → unmanaged domain 6 at "
	                    "14:03:22");
}

static void a_burst_tells_how_long_it_took_and_where(void **state)
{
	struct stage *stage = *state;
	struct snapshot_transition *burst = draw_burst(stage, TRANSITION_START);

	assert_string_equal(sentence(stage, burst, false),
	                    "vm1 start: 16 GiB in 20.1 s, 4.2 M maps of 4 KiB, 1.3 s inside the "
	                    "IOMMU");
	burst->kind = TRANSITION_END;
	burst->at_least = true;
	burst->inside_ns = 0;
	assert_string_equal(sentence(stage, burst, false),
	                    "vm1 end: at least 16 GiB in 20.1 s, 4.2 M unmaps of 4 KiB");
}

static void what_may_have_failed_was_asked_for(void **state)
{
	struct stage *stage = *state;
	struct snapshot_transition *burst = draw_burst(stage, TRANSITION_START);

	burst->attempts = true;
	burst->inside_ns = 0;
	assert_string_equal(sentence(stage, burst, false),
	                    "vm1 start: 16 GiB asked for in 20.1 s, 4.2 M map attempts of 4 KiB");
	burst->kind = TRANSITION_END;
	burst->at_least = true;
	burst->common_count = 65;
	assert_string_equal(sentence(stage, burst, false),
	                    "vm1 end: at least 16 GiB asked for in 20.1 s, 4.2 M unmap attempts, "
	                    "65 of them of 4 KiB");
}

static void most_is_not_called_all(void **state)
{
	struct stage *stage = *state;
	struct snapshot_transition *burst = draw_burst(stage, TRANSITION_START);

	burst->common_count = burst->count - 1;
	assert_string_equal(sentence(stage, burst, false),
	                    "vm1 start: 16 GiB in 20.1 s, 4.2 M maps, >99.9 % of them of 4 KiB, "
	                    "1.3 s inside the IOMMU");
	burst->count = 231;
	burst->common_count = 65;
	assert_string_equal(sentence(stage, burst, false),
	                    "vm1 start: 16 GiB in 20.1 s, 231 maps, 65 of them of 4 KiB, 1.3 s "
	                    "inside the IOMMU");
}

/* A row of sizes is as wide as a power of two: only where all agree is it one size. */
static void a_mixture_of_sizes_is_called_one(void **state)
{
	struct stage *stage = *state;
	struct snapshot_transition *burst = draw_burst(stage, TRANSITION_START);

	burst->count = 100;
	burst->bytes = 100 * 6144;
	burst->common_count = 75;
	burst->common_bytes = 0;
	burst->vm = 0;
	burst->end_ns = burst->begin_ns + 3 * (SECOND / 1000);
	burst->inside_ns = 0;
	assert_string_equal(sentence(stage, burst, false),
	                    "qemu-system-x86 1234 start: 600 KiB in 3.0 ms, 100 maps, 75 of them "
	                    "of 4 KiB to 8 KiB");
	burst->common_count = 100;
	assert_string_equal(sentence(stage, burst, false),
	                    "qemu-system-x86 1234 start: 600 KiB in 3.0 ms, 100 maps of 4 KiB to "
	                    "8 KiB");
	burst->common_bytes = 6144;
	assert_string_equal(sentence(stage, burst, false),
	                    "qemu-system-x86 1234 start: 600 KiB in 3.0 ms, 100 maps of 6 KiB");
}

static void a_group_has_its_devices_ways_and_its_guests_bursts(void **state)
{
	struct stage *stage = *state;

	draw_link(stage, draw_domain(stage, 6, DOMAIN_TYPE_UNMANAGED), 12, "0000:01:00.0");
	draw_away(stage);
	draw_burst(stage, TRANSITION_START);
	assert_int_equal(rows_now(stage, &journey_view), 2);
	stage->context.group = 12;
	assert_int_equal(rows_now(stage, &journey_view), 2);
	assert_string_equal(cell_of(stage, &journey_view, 0, "WHEN"), "14:03:22");
	assert_string_equal(cell_of(stage, &journey_view, 0, "DEVICE"), "0000:01:00.0");
	assert_string_equal(cell_of(stage, &journey_view, 0, "JOURNEY"),
	                    "→ vm1 (qemu-system-x86 1234)");
	assert_true(!strncmp(cell_of(stage, &journey_view, 1, "DEVICE"), "vm1 start: 16 GiB", 17));
	assert_string_equal(cell_of(stage, &journey_view, 1, "JOURNEY"), "");
	stage->snap.transitions[0].end_ns = 370 * SECOND;
	assert_string_equal(cell_of(stage, &journey_view, 0, "JOURNEY"),
	                    "→ vm1 (qemu-system-x86 1234), back 14:09:10 after 5 min 48 s");
	stage->context.group = 11;
	assert_int_equal(rows_now(stage, &journey_view), 0);
}

static void a_device_that_was_away_before_says_so(void **state)
{
	struct stage *stage = *state;
	struct snapshot_transition *away = draw_away(stage);

	away->begin_ns = 0;
	assert_int_equal(rows_now(stage, &journey_view), 1);
	assert_string_equal(cell_of(stage, &journey_view, 0, "WHEN"), "before");
	assert_string_equal(cell_of(stage, &journey_view, 0, "DEVICE"), "0000:01:00.0");
	assert_string_equal(cell_of(stage, &journey_view, 0, "JOURNEY"),
	                    "was with vm1 (qemu-system-x86 1234) when watching began");
	away->end_ns = 370 * SECOND;
	assert_string_equal(
		cell_of(stage, &journey_view, 0, "JOURNEY"),
		"was with vm1 (qemu-system-x86 1234) when watching began, back 14:09:10");
	assert_string_equal(sentence(stage, away, true),
	                    "0000:01:00.0 is back in DMA domain of group 12 from vm1 "
	                    "(qemu-system-x86 1234) at 14:09:10");
}

static void a_domain_has_what_led_to_it_and_from_it(void **state)
{
	struct stage *stage = *state;

	draw_away(stage);
	draw_burst(stage, TRANSITION_END);
	stage->context.domain = 6;
	assert_int_equal(rows_now(stage, &journey_view), 2);
	stage->context.domain = 5;
	assert_int_equal(rows_now(stage, &journey_view), 1);
	stage->context.domain = 4;
	assert_int_equal(rows_now(stage, &journey_view), 0);
	assert_string_equal(empty_of(stage, &journey_view),
	                    "no device has left for a guest or come back");
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_way_to_a_guest_and_back_is_one_line),
		stage_test(a_taker_that_nobody_knows_is_a_domain),
		stage_test(a_burst_tells_how_long_it_took_and_where),
		stage_test(what_may_have_failed_was_asked_for),
		stage_test(most_is_not_called_all),
		stage_test(a_mixture_of_sizes_is_called_one),
		stage_test(a_group_has_its_devices_ways_and_its_guests_bursts),
		stage_test(a_device_that_was_away_before_says_so),
		stage_test(a_domain_has_what_led_to_it_and_from_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
