// SPDX-License-Identifier: GPL-2.0-or-later
/* event_text: every kind there and back, and lines that nobody should believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_text.h"
#include "util.h"

static enum event_line_result read_at(uint64_t last_ns, const char *line, struct event *ev)
{
	static struct event_line at;

	at = (struct event_line){.last_ns = last_ns};
	return event_from_line(&at, line, ev);
}

static enum event_line_result result_of(const char *line)
{
	struct event ev;

	return read_at(0, line, &ev);
}

/* ---- an event of each kind, with every member set ---- */

static void fill_small(struct event *ev)
{
	switch (ev->kind) {
	case EVENT_TICK:
		ev->tick.wall_ns = UINT64_MAX;
		break;
	case EVENT_LOST:
		ev->lost.count = 0x123456789abcdef0;
		ev->lost.source = SOURCE_LOG;
		ev->lost.exact = true;
		ev->cpu = 65535;
		break;
	case EVENT_LATE:
		ev->late.count = 17;
		break;
	case EVENT_SUPPRESSED:
		ev->suppressed.count = 3;
		ev->suppressed.dialect = FAULT_SMMU_V3;
		ev->suppressed.overflow = true;
		break;
	case EVENT_NOTE:
		ev->note.device = "0000:03:00.0";
		ev->note.text = "not ready 1023ms after FLR; waiting";
		ev->note.topic = NOTE_RESET;
		ev->note.level = 4;
		break;
	case EVENT_HEALTH:
		*ev = event_health(ev->ts_ns, SOURCE_TRACE, HEALTH_PARTIAL,
		                   "mount it, say \\ - \t!");
		break;
	case EVENT_CLASS:
		ev->class.class = CLASS_UNMAP;
		ev->class.on = true;
		break;
	case EVENT_COLLECT:
		ev->collect.mode = COLLECT_COUNTS;
		ev->collect.reason = "71,000 a second";
		ev->collect.asked = true;
		ev->collect.attempts = true;
		break;
	case EVENT_COUNTS:
		ev->counts.what = COUNTS_UNMAP;
		ev->counts.domain = DOMAIN_ALL;
		ev->counts.log2 = 63;
		ev->counts.hits = UINT64_MAX;
		ev->counts.bytes = 0xabcdef;
		break;
	case EVENT_MISSED:
		ev->missed.count = 0x77;
		break;
	case EVENT_COST:
		ev->cost.own_ns = 0x1234567890;
		ev->cost.kernel_ns = 0x99;
		break;
	case EVENT_CALLER:
		ev->caller.name = "nvme_map_data [nvme] < nvme_queue_rq [nvme]";
		ev->caller.count = 0x1234;
		ev->caller.domain = 0xfe;
		break;
	default:
		break;
	}
}

static void fill(struct event *ev)
{
	bool hot = (ev->kind >= EVENT_MAP && ev->kind <= EVENT_GROUP_LEAVE) ||
	           ev->kind == EVENT_MAP_FAILED || ev->kind == EVENT_ATTACH_FAILED;

	if (hot) {
		ev->cpu = 513;
		ev->pid = -2;
		ev->context = CONTEXT_HARD_IRQ | CONTEXT_NEED_RESCHED;
	}
	switch (ev->kind) {
	case EVENT_MAP:
		ev->map.iova = UINT64_MAX - 4095;
		ev->map.size_bytes = 4096;
		ev->map.domain = UINT32_MAX;
		ev->map.inside_ns = 0x12345678;
		ev->map.protection = MAP_WRITE | MAP_PROTECTION_KNOWN;
		break;
	case EVENT_UNMAP:
		ev->unmap.iova = 0x1000;
		ev->unmap.size_bytes = 1ull << 63;
		ev->unmap.unmapped_bytes = 5;
		ev->unmap.domain = 1;
		ev->unmap.inside_ns = UINT32_MAX;
		ev->unmap.undoes = true;
		break;
	case EVENT_MAP_FAILED:
		ev->map_failed.iova = 0x7000;
		ev->map_failed.size_bytes = 1ull << 40;
		ev->map_failed.domain = 9;
		ev->map_failed.error = 12;
		break;
	case EVENT_ATTACH_FAILED:
		ev->member.device = NULL;
		ev->member.domain = 3;
		ev->member.pasid = 0xfffff;
		ev->member.error = 16;
		break;
	case EVENT_GROUP_ADD:
	case EVENT_GROUP_LEAVE:
		ev->member.group = 0xfffffffe;
		ev->member.device = "0000:00:02.0";
		break;
	case EVENT_ATTACH:
		ev->member.pasid = 0xfffff;
		/* fall through */
	case EVENT_DETACH:
		ev->member.device = "";
		ev->member.domain = 0x8765;
		break;
	case EVENT_FAULT:
		ev->fault.device = "00:1f.7";
		ev->fault.reason = "-";
		ev->fault.iova = 0xfee00000;
		ev->fault.pasid = 0xfffff;
		ev->fault.code = 0x85;
		ev->fault.direction = DIRECTION_WRITE;
		ev->fault.source = SOURCE_TRACE;
		ev->fault.flags = 0xff;
		ev->fault.dialect = FAULT_RISCV;
		ev->fault.stream = 0x80000001;
		break;
	default:
		fill_small(ev);
		break;
	}
}

/* Line, event, line again: what a line does not hold cannot come back in the second one, and what
 * an event holds must be in the first. */
static void same_after_a_round(const struct event *ev)
{
	struct event_line writer = {.last_ns = 5000}, again = {.last_ns = 5000};
	char first[EVENT_LINE_MAX], second[EVENT_LINE_MAX];
	struct event read;
	size_t length = event_to_line(&writer, ev, first);

	assert_int_equal(length, strlen(first));
	assert_int_equal(read_at(5000, first, &read), EVENT_LINE_OK);
	event_to_line(&again, &read, second);
	assert_string_equal(first, second);
	assert_int_equal(read.kind, ev->kind);
	assert_true(read.ts_ns == ev->ts_ns);
}

static void every_kind_survives_a_round(void **state)
{
	(void)state;
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct event ev = {.ts_ns = 123456, .kind = (uint8_t)kind};

		if (kind == EVENT_ATTR || kind == EVENT_GONE)
			continue;
		fill(&ev);
		same_after_a_round(&ev);
		/* A kind without a row in the table of formats would lose its members. */
		if (kind != EVENT_START) {
			struct event_line at = {0};
			char line[EVENT_LINE_MAX];

			event_to_line(&at, &ev, line);
			assert_non_null(strchr(line, ' '));
		}
	}
}

static void numbers_of_hot_events_come_back_as_they_were(void **state)
{
	struct event ev = {.ts_ns = 9000, .kind = EVENT_UNMAP}, read;
	struct event_line at = {.last_ns = 5000};
	char line[EVENT_LINE_MAX];

	(void)state;
	fill(&ev);
	event_to_line(&at, &ev, line);
	assert_int_equal(read_at(5000, line, &read), EVENT_LINE_OK);
	assert_int_equal(read.cpu, 513);
	assert_int_equal(read.pid, -2);
	assert_int_equal(read.context, ev.context);
	assert_true(read.unmap.iova == ev.unmap.iova);
	assert_true(read.unmap.size_bytes == ev.unmap.size_bytes);
	assert_true(read.unmap.unmapped_bytes == ev.unmap.unmapped_bytes);
	assert_int_equal(read.unmap.domain, 1);
	assert_true(read.unmap.inside_ns == UINT32_MAX);
	assert_true(read.unmap.undoes);
}

/* An event of this kind that was filled, written and read again. */
static struct event round_of(enum event_kind kind)
{
	static struct event_line reader;
	struct event ev = {.ts_ns = 9000, .kind = (uint8_t)kind}, read;
	struct event_line at = {0};
	char line[EVENT_LINE_MAX];

	reader = (struct event_line){0};
	fill(&ev);
	event_to_line(&at, &ev, line);
	assert_int_equal(event_from_line(&reader, line, &read), EVENT_LINE_OK);
	assert_int_equal(read.kind, kind);
	return read;
}

static void maps_and_failures_come_back_as_they_were(void **state)
{
	struct event ev = round_of(EVENT_MAP);

	(void)state;
	assert_int_equal(ev.map.inside_ns, 0x12345678);
	assert_int_equal(ev.map.protection, MAP_WRITE | MAP_PROTECTION_KNOWN);
	ev = round_of(EVENT_MAP_FAILED);
	assert_int_equal(ev.cpu, 513);
	assert_int_equal(ev.pid, -2);
	assert_int_equal(ev.map_failed.iova, 0x7000);
	assert_true(ev.map_failed.size_bytes == 1ull << 40);
	assert_int_equal(ev.map_failed.domain, 9);
	assert_int_equal(ev.map_failed.error, 12);
}

static void attaches_come_back_as_they_were(void **state)
{
	struct event ev = round_of(EVENT_ATTACH);

	(void)state;
	assert_string_equal(ev.member.device, "");
	assert_int_equal(ev.member.domain, 0x8765);
	assert_int_equal(ev.member.pasid, 0xfffff);
	assert_int_equal(round_of(EVENT_DETACH).member.domain, 0x8765);
	ev = round_of(EVENT_ATTACH_FAILED);
	assert_null(ev.member.device);
	assert_int_equal(ev.pid, -2);
	assert_int_equal(ev.member.domain, 3);
	assert_int_equal(ev.member.pasid, 0xfffff);
	assert_int_equal(ev.member.error, 16);
}

static void counts_and_what_they_cost_come_back_as_they_were(void **state)
{
	struct event ev = round_of(EVENT_COUNTS);

	(void)state;
	assert_int_equal(ev.counts.what, COUNTS_UNMAP);
	assert_true(ev.counts.domain == DOMAIN_ALL);
	assert_int_equal(ev.counts.log2, 63);
	assert_true(ev.counts.hits == UINT64_MAX);
	assert_int_equal(ev.counts.bytes, 0xabcdef);
	assert_int_equal(round_of(EVENT_MISSED).missed.count, 0x77);
	ev = round_of(EVENT_COST);
	assert_int_equal(ev.cost.own_ns, 0x1234567890);
	assert_int_equal(ev.cost.kernel_ns, 0x99);
	ev = round_of(EVENT_COLLECT);
	assert_int_equal(ev.collect.mode, COLLECT_COUNTS);
	assert_string_equal(ev.collect.reason, "71,000 a second");
	assert_true(ev.collect.asked && ev.collect.attempts);
	ev = round_of(EVENT_CALLER);
	assert_string_equal(ev.caller.name, "nvme_map_data [nvme] < nvme_queue_rq [nvme]");
	assert_int_equal(ev.caller.count, 0x1234);
	assert_int_equal(ev.caller.domain, 0xfe);
}

static void faults_come_back_as_they_were(void **state)
{
	struct event ev = {.ts_ns = 9000, .kind = EVENT_FAULT}, read;
	struct event_line at = {0}, reader = {0};
	char line[EVENT_LINE_MAX];

	(void)state;
	fill(&ev);
	event_to_line(&at, &ev, line);
	assert_int_equal(event_from_line(&reader, line, &read), EVENT_LINE_OK);
	assert_string_equal(read.fault.device, "00:1f.7");
	assert_string_equal(read.fault.reason, "-");
	assert_true(read.fault.iova == ev.fault.iova);
	assert_int_equal(read.fault.pasid, 0xfffff);
	assert_int_equal(read.fault.code, 0x85);
	assert_int_equal(read.fault.direction, DIRECTION_WRITE);
	assert_int_equal(read.fault.source, SOURCE_TRACE);
	assert_int_equal(read.fault.flags, 0xff);
}

static struct event attribute_event(enum attribute attribute, bool known)
{
	uint8_t subject = attribute_infos[attribute].subject;
	const char *name = subject_keys[subject] == KEY_BY_NAME ? "name \x80" : NULL;
	uint32_t id = subject_keys[subject] == KEY_BY_ID ? 77 : 0;

	if (attribute_infos[attribute].type == VALUE_TEXT)
		return event_attr_text(8, attribute, name, id, known ? "a text" : NULL);
	return event_attr_number(8, attribute, name, id, known ? 0xabc : VALUE_UNKNOWN);
}

static void every_attribute_survives_a_round(void **state)
{
	(void)state;
	for (int i = 0; i < ATTRIBUTE_COUNT * 2; i++) {
		struct event ev = attribute_event((enum attribute)(i / 2), i % 2), read;
		struct event_line at = {0}, reader = {0};
		char line[EVENT_LINE_MAX];

		event_to_line(&at, &ev, line);
		assert_int_equal(event_from_line(&reader, line, &read), EVENT_LINE_OK);
		assert_int_equal(read.attr.attribute, ev.attr.attribute);
		assert_int_equal(read.attr.subject, ev.attr.subject);
		assert_int_equal(read.attr.id, ev.attr.id);
		assert_true(read.attr.value == ev.attr.value);
		assert_int_equal(read.attr.text != NULL, ev.attr.text != NULL);
		assert_int_equal(read.attr.name != NULL, ev.attr.name != NULL);
		if (ev.attr.text)
			assert_string_equal(read.attr.text, ev.attr.text);
		if (ev.attr.name)
			assert_string_equal(read.attr.name, ev.attr.name);
	}
}

static void everything_can_be_gone(void **state)
{
	(void)state;
	for (int i = 0; i < SUBJECT_COUNT; i++) {
		struct event ev = event_gone(7, (enum subject)i,
		                             subject_keys[i] == KEY_BY_NAME ? "dmar0" : NULL, 5);

		if (subject_keys[i] != KEY_BY_ID)
			ev.attr.id = 0;
		same_after_a_round(&ev);
	}
}

/* ---- time ---- */

static void time_may_go_back(void **state)
{
	struct event ev = {.ts_ns = 100, .kind = EVENT_SUPPRESSED, .suppressed = {.count = 1}};
	struct event_line at = {.last_ns = 0x1000};
	char line[EVENT_LINE_MAX];
	struct event read;

	(void)state;
	event_to_line(&at, &ev, line);
	assert_string_equal(line, "s-f9c 1 other 0");
	assert_int_equal(at.last_ns, 100);
	assert_int_equal(read_at(0x1000, line, &read), EVENT_LINE_OK);
	assert_int_equal(read.ts_ns, 100);
}

static void the_whole_range_of_time_can_be_crossed(void **state)
{
	struct event ev = {.ts_ns = UINT64_MAX, .kind = EVENT_LATE}, read;
	struct event_line at = {0}, reader = {0};
	char line[EVENT_LINE_MAX];

	(void)state;
	for (int i = 0; i < 4; i++) {
		ev.ts_ns = i % 2 ? 0 : UINT64_MAX;
		event_to_line(&at, &ev, line);
		assert_int_equal(event_from_line(&reader, line, &read), EVENT_LINE_OK);
		assert_true(read.ts_ns == ev.ts_ns);
	}
}

static void distances_out_of_the_range_of_time_are_corrupt(void **state)
{
	struct event ev;

	(void)state;
	assert_int_equal(read_at(1, "sffffffffffffffff 1", &ev), EVENT_LINE_CORRUPT);
	assert_int_equal(read_at(4, "s-5 1", &ev), EVENT_LINE_CORRUPT);
	assert_int_equal(read_at(5, "s-5 1", &ev), EVENT_LINE_OK);
	assert_int_equal(read_at(0, "s10000000000000000 1", &ev), EVENT_LINE_CORRUPT);
}

static void a_tick_stands_by_itself(void **state)
{
	struct event ev;

	(void)state;
	assert_int_equal(read_at(UINT64_MAX, "t7 9", &ev), EVENT_LINE_OK);
	assert_int_equal(ev.ts_ns, 7);
	assert_int_equal(ev.tick.wall_ns, 9);
	assert_int_equal(read_at(UINT64_MAX, "t-7 9", &ev), EVENT_LINE_CORRUPT);
}

static void an_unknown_kind_takes_its_time(void **state)
{
	struct event_line at = {.last_ns = 10};
	struct event ev;

	(void)state;
	assert_int_equal(event_from_line(&at, "?5 whatever it is", &ev), EVENT_LINE_UNKNOWN);
	assert_int_equal(at.last_ns, 15);
	assert_int_equal(event_from_line(&at, "?-6", &ev), EVENT_LINE_UNKNOWN);
	assert_int_equal(at.last_ns, 9);
}

static void what_is_no_line_of_any_version_is_corrupt(void **state)
{
	static const char *const wrong[] = {"",       "?",   "garbage",  "m",    "m ",
	                                    " ",      "z",   "?xyz 1 2", "\x80", "t-",
	                                    "m1000x", "H1 ", "H1 log ",  "C1  1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(result_of(wrong[i]), EVENT_LINE_CORRUPT);
}

/* ---- texts ---- */

static void text_survives(const char *text)
{
	struct event ev = event_health(1, SOURCE_LOG, HEALTH_OFF, text), read;
	struct event_line at = {0}, reader = {0};
	char line[EVENT_LINE_MAX];

	event_to_line(&at, &ev, line);
	for (const char *p = line; *p; p++)
		assert_in_range((unsigned char)*p, 0x20, 0x7e);
	assert_int_equal(event_from_line(&reader, line, &read), EVENT_LINE_OK);
	if (text)
		assert_string_equal(read.health.reason, text);
	else
		assert_null(read.health.reason);
}

static void any_text_survives_as_printable_ascii(void **state)
{
	char every_byte[256];

	(void)state;
	for (int i = 0; i < 255; i++)
		every_byte[i] = (char)(i + 1);
	every_byte[255] = '\0';
	text_survives(every_byte);
	text_survives(NULL);
	text_survives("");
	text_survives("-");
	text_survives("--");
	text_survives("\\");
	text_survives("\\x41");
	text_survives(" ");
	text_survives("\n");
	text_survives("\x7f\x80\xff");
}

static void a_text_is_cut_at_its_limit(void **state)
{
	char text[EVENT_TEXT_MAX + 2];
	struct event ev, read;
	struct event_line at = {0}, reader = {0};
	char line[EVENT_LINE_MAX];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[EVENT_TEXT_MAX + 1] = '\0';
	ev = event_health(1, SOURCE_LOG, HEALTH_OFF, text);
	event_to_line(&at, &ev, line);
	assert_int_equal(event_from_line(&reader, line, &read), EVENT_LINE_OK);
	assert_int_equal(strlen(read.health.reason), EVENT_TEXT_MAX);
	text[EVENT_TEXT_MAX] = '\0';
	text_survives(text);
}

static void a_text_beyond_the_limit_is_corrupt(void **state)
{
	char line[EVENT_LINE_MAX] = "H1 log off ";
	size_t start = strlen(line);

	(void)state;
	memset(line + start, 'b', EVENT_TEXT_MAX);
	assert_int_equal(result_of(line), EVENT_LINE_OK);
	line[start + EVENT_TEXT_MAX] = 'b';
	assert_int_equal(result_of(line), EVENT_LINE_CORRUPT);
}

static void broken_escapes_are_corrupt(void **state)
{
	static const char *const wrong[] = {
		"H1 log off \\",     "H1 log off \\y41", "H1 log off a\\x",   "H1 log off \\x4",
		"H1 log off \\x4g",  "H1 log off \\x00", "H1 log off \\x0x",  "H1 log off ",
		"H1 log off a\\x 4", "H1 log off",       "H1 log off \\x4 1", "H1 log off  ",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(result_of(wrong[i]), EVENT_LINE_CORRUPT);
}

static void the_longest_line_fits(void **state)
{
	char text[EVENT_TEXT_MAX + 1], line[EVENT_LINE_MAX + 64];
	struct event fault = {.ts_ns = 0, .kind = EVENT_FAULT};

	(void)state;
	memset(text, '\n', EVENT_TEXT_MAX);
	text[EVENT_TEXT_MAX] = '\0';
	fill(&fault);
	fault.fault.device = fault.fault.reason = text;
	fault.fault.iova = UINT64_MAX;
	for (int kind = 0; kind < 2; kind++) {
		struct event_line at = {.last_ns = UINT64_MAX};
		struct event attr = event_attr_text(0, ATTR_DEVICE_CLASS_NAME, text, 0, text);

		assert_true(event_to_line(&at, kind ? &attr : &fault, line) < EVENT_LINE_MAX);
	}
}

/* ---- other versions ---- */

static void words_of_a_later_version_are_unknown(void **state)
{
	(void)state;
	assert_int_equal(result_of("A1 device 00:02.0 colour blue"), EVENT_LINE_UNKNOWN);
	assert_int_equal(result_of("A1 galaxy m31 name Andromeda"), EVENT_LINE_UNKNOWN);
	assert_int_equal(result_of("H1 radio ok -"), EVENT_LINE_UNKNOWN);
	assert_int_equal(result_of("H1 log splendid -"), EVENT_LINE_UNKNOWN);
	assert_int_equal(result_of("C1 fish 1"), EVENT_LINE_UNKNOWN);
	assert_int_equal(result_of("M1 guesses"), EVENT_LINE_UNKNOWN);
	/* A word of another subject is none of this one. */
	assert_int_equal(result_of("A1 group 5 driver x"), EVENT_LINE_UNKNOWN);
}

static void appended_fields_are_left_alone(void **state)
{
	struct event ev;

	(void)state;
	assert_int_equal(read_at(0, "m1 0 1 0 1000 2000 0 77 83 new -", &ev), EVENT_LINE_OK);
	assert_int_equal(ev.map.size_bytes, 0x2000);
	assert_int_equal(ev.map.inside_ns, 0x77);
	assert_int_equal(ev.map.protection, 0x83);
	assert_int_equal(read_at(0, "t1 2 3", &ev), EVENT_LINE_OK);
	assert_int_equal(read_at(0, "S1 2", &ev), EVENT_LINE_OK);
	assert_int_equal(read_at(0, "X1 unit dmar0 more", &ev), EVENT_LINE_OK);
	assert_int_equal(read_at(0, "A1 unit dmar0 vendor VT-d more", &ev), EVENT_LINE_OK);
	assert_string_equal(ev.attr.text, "VT-d");
}

/* Recordings of before domains were known. */
static void old_lines_lack_the_later_fields(void **state)
{
	struct event ev;

	(void)state;
	assert_int_equal(read_at(0, "m1 0 1 0 1000 2000 0", &ev), EVENT_LINE_OK);
	assert_int_equal(ev.map.size_bytes, 0x2000);
	assert_int_equal(ev.map.inside_ns, 0);
	assert_int_equal(ev.map.protection, 0);
	assert_int_equal(read_at(0, "u1 0 1 0 1000 2000 2000 0", &ev), EVENT_LINE_OK);
	assert_int_equal(ev.unmap.unmapped_bytes, 0x2000);
	assert_false(ev.unmap.undoes);
	assert_int_equal(read_at(0, "a1 0 1 0 0000:00:02.0", &ev), EVENT_LINE_OK);
	assert_string_equal(ev.member.device, "0000:00:02.0");
	assert_int_equal(ev.member.domain, DOMAIN_UNATTRIBUTED);
	assert_int_equal(ev.member.pasid, 0);
	assert_int_equal(read_at(0, "d1 0 1 0 0000:00:02.0", &ev), EVENT_LINE_OK);
	assert_int_equal(ev.member.domain, DOMAIN_UNATTRIBUTED);
	assert_int_equal(read_at(0, "M1 tracepoints", &ev), EVENT_LINE_OK);
	assert_int_equal(ev.collect.mode, COLLECT_TRACEPOINTS);
	assert_null(ev.collect.reason);
	assert_false(ev.collect.asked || ev.collect.attempts);
}

static void keys_are_demanded(void **state)
{
	static const char *const wrong[] = {
		"A1 device - driver x",
		"A1 machine x kernel 6",
		"A1 group - name x",
		"A1 group x name x",
		"X1 unit -",
		"X1 group 100000000",
		"a1 0 1 0 -",
		"g1 0 1 0 - 5",
		"X1 group",
		"A1 group 5",
		"A1 group 5 name",
		"A1 device",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(result_of(wrong[i]), EVENT_LINE_CORRUPT);
}

static void numbers_that_do_not_fit_are_corrupt(void **state)
{
	static const char *const wrong[] = {
		"m1 10000 1 0 1000 1000 0", /* processor */
		"m1 0 100000000 0 1 1 0",   /* task */
		"m1 0 1 100 1000 1000 0",   /* context */
		"m1 0 1 0 1000 1000 100000000",
		"C1 map 2",
		"L1 trace 1 2 0",
		"m1 0 1 0 1000 10000000000000000 0",
		"m1 0 1 0 1000 -1 0",
		"m1  0 1 0 1000 1000 0",
		"m1 0 1 0 1000 1000 0x",
		"m1 0 1 0 1000 1000 0 100000000",
		"m1 0 1 0 1000 1000 0 0 100",
		"u1 0 1 0 1000 1000 0 1 0 2",
		"n1 0 1 0 1000 1000 1",
		"r1 0 1 0 - 1 0",
		"c1 map 1 100 1 1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(result_of(wrong[i]), EVENT_LINE_CORRUPT);
}

/* ---- damage ---- */

/* Fields that lines of older recordings do not have. */
static unsigned int later_fields_of(uint8_t kind)
{
	switch (kind) {
	case EVENT_MAP:
	case EVENT_UNMAP:
	case EVENT_ATTACH:
	case EVENT_SUPPRESSED:
		return 2;
	case EVENT_DETACH:
		return 1;
	case EVENT_COLLECT:
	case EVENT_FAULT:
		return 3;
	default:
		return 0;
	}
}

/* A line that was cut between two fields, or in a word or before a number, is known to be cut;
 * unless it was just as older ones are. */
static void a_line_that_lacks_a_field_is_never_right(void **state)
{
	(void)state;
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct event ev = {.ts_ns = 123456, .kind = (uint8_t)kind};
		unsigned int later = later_fields_of(ev.kind);
		struct event_line at = {0};
		char line[EVENT_LINE_MAX];
		char *blank;

		if (kind == EVENT_ATTR)
			ev = attribute_event(ATTR_DEVICE_DRIVER, true);
		else if (kind == EVENT_GONE)
			ev = event_gone(1, SUBJECT_GROUP, NULL, 5);
		else
			fill(&ev);
		event_to_line(&at, &ev, line);
		while ((blank = strrchr(line, ' '))) {
			blank[1] = '\0';
			assert_int_not_equal(result_of(line), EVENT_LINE_OK);
			blank[0] = '\0';
			assert_int_equal(result_of(line) == EVENT_LINE_OK, later > 0);
			later -= later > 0;
		}
	}
}

static void texts_are_bounded(const struct event_line *at)
{
	assert_non_null(memchr(at->texts[0], 0, sizeof(at->texts[0])));
	assert_non_null(memchr(at->texts[1], 0, sizeof(at->texts[1])));
}

static void cut_or_corrupt_lines_do_no_harm(void **state)
{
	static const char printable[] = "0123456789abcdef -\\xtmufAXHagd\x80\x01";
	unsigned int seed = 7;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		struct event ev = {.ts_ns = 123456, .kind = (uint8_t)(round % EVENT_KIND_COUNT)};
		struct event_line at = {0};
		char line[EVENT_LINE_MAX];
		char *exact;
		size_t length;

		if (ev.kind == EVENT_ATTR || ev.kind == EVENT_GONE)
			ev = attribute_event((enum attribute)(round % ATTRIBUTE_COUNT), true);
		else
			fill(&ev);
		length = event_to_line(&at, &ev, line);
		for (int i = rand_r(&seed) % 3; i >= 0; i--)
			line[(size_t)rand_r(&seed) % length] =
				printable[(size_t)rand_r(&seed) % (sizeof(printable) - 1)];
		if (round % 2)
			line[(size_t)rand_r(&seed) % (length + 1)] = '\0';
		exact = xstrdup(line);
		if (event_from_line(&at, exact, &ev) == EVENT_LINE_OK) {
			/* What is right can be written again: every word is in its table. */
			char again[EVENT_LINE_MAX];
			struct event_line writer = {0};

			event_to_line(&writer, &ev, again);
		}
		texts_are_bounded(&at);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_survives_a_round),
		cmocka_unit_test(numbers_of_hot_events_come_back_as_they_were),
		cmocka_unit_test(faults_come_back_as_they_were),
		cmocka_unit_test(maps_and_failures_come_back_as_they_were),
		cmocka_unit_test(attaches_come_back_as_they_were),
		cmocka_unit_test(counts_and_what_they_cost_come_back_as_they_were),
		cmocka_unit_test(every_attribute_survives_a_round),
		cmocka_unit_test(everything_can_be_gone),
		cmocka_unit_test(time_may_go_back),
		cmocka_unit_test(the_whole_range_of_time_can_be_crossed),
		cmocka_unit_test(distances_out_of_the_range_of_time_are_corrupt),
		cmocka_unit_test(a_tick_stands_by_itself),
		cmocka_unit_test(an_unknown_kind_takes_its_time),
		cmocka_unit_test(what_is_no_line_of_any_version_is_corrupt),
		cmocka_unit_test(any_text_survives_as_printable_ascii),
		cmocka_unit_test(a_text_is_cut_at_its_limit),
		cmocka_unit_test(a_text_beyond_the_limit_is_corrupt),
		cmocka_unit_test(broken_escapes_are_corrupt),
		cmocka_unit_test(the_longest_line_fits),
		cmocka_unit_test(words_of_a_later_version_are_unknown),
		cmocka_unit_test(appended_fields_are_left_alone),
		cmocka_unit_test(old_lines_lack_the_later_fields),
		cmocka_unit_test(keys_are_demanded),
		cmocka_unit_test(numbers_that_do_not_fit_are_corrupt),
		cmocka_unit_test(a_line_that_lacks_a_field_is_never_right),
		cmocka_unit_test(cut_or_corrupt_lines_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
