// SPDX-License-Identifier: GPL-2.0-or-later
/* fault_words: every reason that a kernel can print has words, and verdicts say no more than is so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canvas.h"
#include "fault_words.h"
#include "util.h"

#define MS 1000000ull
#define S  1000000000ull

static const char *short_of(struct fault_reason about)
{
	static char text[128];

	return fault_words_short(&about, text, sizeof(text)) ? text : NULL;
}

static const char *sentence_of(struct fault_reason about)
{
	static char text[256];

	return fault_words_sentence(&about, text, sizeof(text)) ? text : NULL;
}

static struct fault_reason by_code(uint8_t dialect, uint16_t code, uint8_t direction)
{
	return (struct fault_reason){.dialect = dialect,
	                             .code = code,
	                             .direction = direction,
	                             .flags = FAULT_HAS_CODE,
	                             .reason = "as the message has it"};
}

static struct fault_reason by_name(uint8_t dialect, const char *reason, uint8_t direction)
{
	return (struct fault_reason){.dialect = dialect, .reason = reason, .direction = direction};
}

static void has_words(struct fault_reason about)
{
	const char *text = short_of(about);

	if (!text)
		fail_msg("no words for %s 0x%x %s", fault_dialect_names[about.dialect], about.code,
		         about.reason);
	assert_in_range(canvas_text_width(text), 1, 20);
	assert_null(strchr(text, '$'));
	text = sentence_of(about);
	assert_non_null(text);
	assert_null(strchr(text, '$'));
	assert_in_range(strlen(text), 10, 110);
}

/* Linux drivers/iommu/intel/dmar.c: the codes of its three tables that are not "Unknown". */
static const struct {
	uint16_t first, last;
} vtd_codes[] = {{0x00, 0x0d}, {0x30, 0x32}, {0x38, 0x3a}, {0x40, 0x48}, {0x50, 0x52},
                 {0x58, 0x5d}, {0x70, 0x7c}, {0x80, 0x87}, {0x90, 0x90}};

static void every_code_of_vtd_has_words(void **state)
{
	size_t codes = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vtd_codes); i++)
		for (uint16_t code = vtd_codes[i].first; code <= vtd_codes[i].last; code++, codes++)
			for (uint8_t way = 0; way < DIRECTION_COUNT; way++)
				has_words(by_code(FAULT_VTD, code, way));
	assert_int_equal(codes, 60);
	for (uint16_t code = 0x20; code <= 0x26; code++)
		has_words(by_code(FAULT_VTD_INTERRUPT, code, 0));
	assert_null(short_of(by_code(FAULT_VTD, 0x0e, 0)));
	assert_null(short_of(by_code(FAULT_VTD, 0x20, 0)));
}

static void every_event_of_amd_has_words(void **state)
{
	static const char *const events[] = {
		"IO_PAGE_FAULT",
		"IO_PAGE_FAULT (page not present)",
		"IO_PAGE_FAULT (no permission)",
		"ILLEGAL_DEV_TABLE_ENTRY",
		"DEV_TAB_HARDWARE_ERROR",
		"PAGE_TAB_HARDWARE_ERROR",
		"ILLEGAL_COMMAND_ERROR",
		"COMMAND_HARDWARE_ERROR",
		"IOTLB_INV_TIMEOUT",
		"INVALID_DEVICE_REQUEST",
		"INVALID_PPR_REQUEST",
		"RMP_PAGE_FAULT",
		"RMP_HW_ERROR",
		"IO_PAGE_FAULT (device not attached to a domain)",
	};
	struct fault_reason interrupt = by_name(FAULT_AMD, "IO_PAGE_FAULT", 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		has_words(by_name(FAULT_AMD, events[i], DIRECTION_READ));
	assert_string_equal(short_of(by_name(FAULT_AMD, events[1], DIRECTION_READ)), "not mapped");
	assert_string_equal(short_of(by_name(FAULT_AMD, events[2], DIRECTION_WRITE)),
	                    "no write mapping");
	interrupt.flags = FAULT_INTERRUPT;
	assert_string_equal(short_of(interrupt), "interrupt not set up");
}

/* By their number where it is known, else by their name. */
static void arm_virtio_and_riscv_have_words(void **state)
{
	static const uint16_t v3[] = {1,  2,  3,    4,    5,    6,    7,    8,    9,   10,
	                              11, 16, 0x11, 0x12, 0x13, 0x20, 0x21, 0x24, 0x25};
	static const uint16_t riscv[] = {1,   4,   5,   6,   7,   12,  13,  15,  20,  21,
	                                 23,  256, 257, 258, 259, 260, 261, 262, 263, 264,
	                                 265, 266, 267, 268, 269, 270, 271, 272, 273, 274};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(v3); i++)
		has_words(by_code(FAULT_SMMU_V3, v3[i], 0));
	for (size_t i = 0; i < ARRAY_SIZE(riscv); i++)
		has_words(by_code(FAULT_RISCV, riscv[i], 0));
	for (uint16_t code = 0; code <= 2; code++)
		has_words(by_code(FAULT_VIRTIO, code, DIRECTION_EXECUTE));
	for (uint16_t bit = 2; bit <= 0x100; bit = (uint16_t)(bit << 1))
		has_words(by_code(FAULT_SMMU, bit, 0));
	has_words(by_name(FAULT_SMMU_V3, "F_TRANSLATION", DIRECTION_READ));
	has_words(by_name(FAULT_VIRTIO, "domain fault", DIRECTION_READ));
	has_words(by_name(FAULT_SMMU, "translation fault", DIRECTION_READ));
	has_words(by_name(FAULT_OTHER, "page fault", DIRECTION_WRITE));
	has_words(by_name(FAULT_VTD, "page request", DIRECTION_READ));
	assert_null(short_of(by_name(FAULT_SMMU_V3, "UNKNOWN", 0)));
}

/* The status registers of an SMMU and of its contexts give other meanings to the same bits. */
static void global_faults_of_an_smmu_are_told_from_those_of_contexts(void **state)
{
	struct fault_reason global = by_code(FAULT_SMMU, 2, 0);

	(void)state;
	assert_string_equal(short_of(global), "not mapped");
	global.reason = "global fault: unidentified stream";
	assert_string_equal(short_of(global), "stream not set up");
	global.reason = "global fault: invalid context";
	assert_string_equal(short_of(global), "fault of the unit");
}

static void the_direction_is_in_the_words(void **state)
{
	(void)state;
	assert_string_equal(sentence_of(by_code(FAULT_VTD, 6, DIRECTION_READ)),
	                    "the device read an address that nobody mapped for reading");
	assert_string_equal(sentence_of(by_code(FAULT_VTD, 2, DIRECTION_WRITE)),
	                    "the device wrote to an address without being set up for DMA: nothing "
	                    "is attached to this id");
	assert_string_equal(sentence_of(by_code(FAULT_VIRTIO, 2, DIRECTION_UNKNOWN)),
	                    "the device accessed an address that nobody mapped for it");
	assert_string_equal(short_of(by_code(FAULT_VIRTIO, 2, DIRECTION_EXECUTE)),
	                    "no exec mapping");
}

/* The tracepoint gives no reason; a reason that nobody knows is left alone. */
static void a_message_without_a_reason_has_words_of_its_own(void **state)
{
	struct fault_reason interrupt = by_name(FAULT_OTHER, "", 0);

	(void)state;
	assert_string_equal(short_of(by_name(FAULT_OTHER, "", DIRECTION_READ)), "not allowed");
	assert_null(short_of(by_name(FAULT_OTHER, "what is this", DIRECTION_READ)));
	interrupt.flags = FAULT_INTERRUPT;
	assert_null(short_of(interrupt));
}

static void hints_fit_a_line_or_two(void **state)
{
	const struct fault_reason unmapped = by_code(FAULT_VTD, 6, DIRECTION_READ);
	const struct fault_reason stray = by_code(FAULT_VTD, 2, DIRECTION_READ);
	const struct fault_reason forbidden =
		by_name(FAULT_AMD, "IO_PAGE_FAULT (no permission)", DIRECTION_READ);
	const struct fault_reason none = by_name(FAULT_OTHER, "what is this", 0);

	(void)state;
	assert_non_null(strstr(fault_words_hint(&unmapped), "RMRR"));
	assert_non_null(strstr(fault_words_hint(&stray), "bridge"));
	assert_non_null(strstr(fault_words_hint(&forbidden), "other direction"));
	assert_null(strstr(fault_words_hint(&forbidden), "given back"));
	assert_null(fault_words_hint(&none));
}

/* ---- verdicts ---- */

static struct verdict_about about_of(const struct snapshot_verdict *verdict)
{
	return (struct verdict_about){
		.verdict = verdict,
		.fault_ns = 100 * S,
		.fault_iova = 0x1800,
		.since = "14:03:00",
		.domain = "vm1",
	};
}

static void says(struct snapshot_verdict verdict, const char *shortly, const char *sentence)
{
	struct verdict_about about = about_of(&verdict);
	char text[512];

	assert_string_equal(verdict_short(&about, text, sizeof(text)), shortly);
	assert_string_equal(verdict_sentence(&about, text, sizeof(text)), sentence);
}

static void verdicts_say_what_is_so(void **state)
{
	struct snapshot_verdict unmapped = {.kind = VERDICT_UNMAPPED,
	                                    .pid = 12,
	                                    .comm = "kworker/1:2",
	                                    .at_ns = 100 * S - 3 * MS,
	                                    .since_ns = 60 * S,
	                                    .iova = 0x1000,
	                                    .size_bytes = 0x1000};

	(void)state;
	says((struct snapshot_verdict){.kind = VERDICT_NOT_ASKED}, "-", "-");
	says((struct snapshot_verdict){.kind = VERDICT_NOT_KNOWN}, "not known",
	     "not known: nobody saw the maps of its domain");
	says((struct snapshot_verdict){.kind = VERDICT_NOT_KNOWN, .since_ns = 60 * S}, "not known",
	     "not known: nothing that was seen since 14:03:00 mapped it; before that nobody "
	     "looked");
	says((struct snapshot_verdict){.kind = VERDICT_NOT_KNOWN, .unkept = true}, "not known",
	     "not known: maps and unmaps are not kept (--history=0)");
	says((struct snapshot_verdict){.kind = VERDICT_NEVER, .since_ns = 60 * S}, "never mapped",
	     "nothing was ever mapped there, in the domain of vm1, since it was new at 14:03:00");
	says(unmapped, "unmapped 3.0 ms before",
	     "it was unmapped 3.0 ms before by kworker/1:2 12: 0x1000-0x1fff (4.0K), in the domain "
	     "of "
	     "vm1; seen since 14:03:00");
	unmapped.kind = VERDICT_DIRECTION;
	unmapped.protection = MAP_READ | MAP_PROTECTION_KNOWN;
	says(unmapped, "mapped read-only",
	     "it is mapped read-only; made 3.0 ms before by kworker/1:2 12: 0x1000-0x1fff (4.0K), "
	     "in "
	     "the domain of vm1; seen since 14:03:00");
	says((struct snapshot_verdict){.kind = VERDICT_RESERVED,
	                               .iova = 0xfee00000,
	                               .size_bytes = 0x100000},
	     "reserved", "it lies in a reserved region of the group: 0xfee00000-0xfeefffff (1.0M)");
}

static void the_page_behind_a_mapping_is_told_from_its_last(void **state)
{
	struct snapshot_verdict verdict = {
		.kind = VERDICT_AFTER, .iova = 0x1000, .size_bytes = 0x800};
	struct verdict_about about = about_of(&verdict);
	char text[512];

	(void)state;
	verdict_sentence(&about, text, sizeof(text));
	assert_non_null(strstr(text, "in the page behind a mapping"));
	verdict.size_bytes = 0x1000;
	verdict_sentence(&about, text, sizeof(text));
	assert_non_null(strstr(text, "in the last page of a mapping"));
}

static void what_is_uncertain_says_so(void **state)
{
	struct snapshot_verdict verdict = {
		.kind = VERDICT_UNMAPPED, .uncertain = true, .at_ns = 100 * S + 20000};
	struct verdict_about about = about_of(&verdict);
	char text[512];

	(void)state;
	assert_string_equal(verdict_short(&about, text, sizeof(text)), "unmapped 20 us after?");
	verdict_sentence(&about, text, sizeof(text));
	assert_non_null(strstr(text, "uncertain"));
}

static void where_there_is_no_room_words_are_fewer(void **state)
{
	struct snapshot_verdict verdict = {.kind = VERDICT_UNMAPPED, .at_ns = 97 * S};
	struct verdict_about about = about_of(&verdict);
	char text[64];

	(void)state;
	about.brief = true;
	assert_string_equal(verdict_short(&about, text, sizeof(text)), "unmapped 3.0s");
	about.fault_ns += 3600 * S;
	assert_string_equal(verdict_short(&about, text, sizeof(text)), "unmapped 1.0h");
	about.fault_ns = 97 * S - 500;
	assert_string_equal(verdict_short(&about, text, sizeof(text)), "unmapped +0.5us");
	about.fault_ns = 100 * S;
	for (int kind = 0; kind < VERDICT_COUNT; kind++) {
		verdict = (struct snapshot_verdict){
			.kind = (uint8_t)kind, .protection = MAP_WRITE, .at_ns = 100 * S - 3 * MS};
		assert_in_range(strlen(verdict_short(&about, text, sizeof(text))), 1, 14);
	}
}

static void only_telling_verdicts_have_hints(void **state)
{
	const struct snapshot_verdict unmapped = {.kind = VERDICT_UNMAPPED};
	const struct snapshot_verdict not_known = {.kind = VERDICT_NOT_KNOWN};

	(void)state;
	assert_non_null(strstr(verdict_hint(&unmapped), "used after its unmap"));
	assert_null(verdict_hint(&not_known));
}

static void every_topic_has_a_line(void **state)
{
	(void)state;
	for (int topic = 0; topic < NOTE_TOPIC_COUNT; topic++)
		assert_in_range(strlen(note_meaning((enum note_topic)topic)), 10, 110);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_of_vtd_has_words),
		cmocka_unit_test(every_event_of_amd_has_words),
		cmocka_unit_test(arm_virtio_and_riscv_have_words),
		cmocka_unit_test(global_faults_of_an_smmu_are_told_from_those_of_contexts),
		cmocka_unit_test(the_direction_is_in_the_words),
		cmocka_unit_test(a_message_without_a_reason_has_words_of_its_own),
		cmocka_unit_test(hints_fit_a_line_or_two),
		cmocka_unit_test(verdicts_say_what_is_so),
		cmocka_unit_test(the_page_behind_a_mapping_is_told_from_its_last),
		cmocka_unit_test(what_is_uncertain_says_so),
		cmocka_unit_test(where_there_is_no_room_words_are_fewer),
		cmocka_unit_test(only_telling_verdicts_have_hints),
		cmocka_unit_test(every_topic_has_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
