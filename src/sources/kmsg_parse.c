// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_parse: what the kernel log says about faults.
 * In: records of /dev/kmsg. Out: FAULT, SUPPRESSED and NOTE events, by the tables of
 * kmsg_patterns.c. Must never know: files, clocks, which machine this is.
 */
#include "kmsg_parse.h"

#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "kmsg_match.h"

/*
 * devkmsg_write() in kernel/printk/printk.c gives what user space writes another one, whatever it
 * asked for, so nobody can forge a fault.
 */
#define FACILITY_KERNEL 0

/* "prio,seq,usec,flags" and, with CONFIG_PRINTK_CALLER, ",caller=T12345". */
#define HEADER_SIZE 128

/* Of the lines that nobody knows those are told that are worse than a notice. */
#define LEVEL_WARNING 4

/*
 * So many lines of others may come before the rest of a message. On a machine that is starting
 * all processors speak at once.
 */
#define STRANGERS_MOST 32

static bool is_error(unsigned int level)
{
	return level <= LEVEL_WARNING;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool begins_with(const char *text, const char *word)
{
	while (*word && lower(*text) == *word) {
		text++;
		word++;
	}
	return !*word;
}

/* In place of a level: do the words complain? */
static bool complains(const char *line)
{
	static const char *const words[] = {"fault",      "error",     "fail",
	                                    "unexpected", "unhandled", "timed out",
	                                    "overflow",   "refus",     "ineligible"};

	for (; *line; line++) {
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			if (begins_with(line, words[i]))
				return true;
		}
	}
	return false;
}

static bool is_told(unsigned int level, const char *line)
{
	return level == KMSG_LEVEL_UNKNOWN ? complains(line) : is_error(level);
}

/* Devices that an IOMMU may serve: those of the buses below, and whatever has a PCI address. */
static const char *speaking_device(const struct kmsg_record *record, const char *line, char *out,
                                   size_t size)
{
	static const char *const buses[] = {"pci", "platform", "amba", "fsl-mc"};

	for (size_t i = 0; i < ARRAY_SIZE(buses); i++) {
		if (record->device[0] && !strcmp(record->bus, buses[i]))
			return record->device;
	}
	return kmsg_read_client(&line, out, size) ? out : NULL;
}

static bool has_driver_prefix(const char *line)
{
	for (size_t i = 0; kmsg_driver_prefixes[i]; i++) {
		const char *prefix = kmsg_driver_prefixes[i];

		if (!strncmp(line, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

/* "DMAR: ..." or "nvme 0000:01:00.0: DMAR: ..." */
static bool is_of_iommu_driver(const char *line)
{
	char device[KMSG_DEVICE_SIZE];

	if (has_driver_prefix(line))
		return true;
	return kmsg_read_client(&line, device, sizeof(device)) && has_driver_prefix(line + 2);
}

static void emit_note(const struct kmsg_draft *draft, enum note_topic topic,
                      const struct event_sink *sink)
{
	struct event ev = {.ts_ns = draft->ev.ts_ns, .kind = EVENT_NOTE};

	ev.note.topic = (uint8_t)topic;
	ev.note.level = draft->level;
	ev.note.device = draft->device[0] ? draft->device : NULL;
	ev.note.text = draft->line;
	event_emit(sink, &ev);
}

/* A fault has one culprit: the device, if it is named, or else a stream of the unit. */
static void emit_fault(const struct kmsg_draft *draft, const struct event_sink *sink)
{
	struct event ev = draft->ev;

	if (ev.fault.flags & FAULT_NAMED) {
		ev.fault.flags &= (uint8_t)~FAULT_HAS_STREAM;
		ev.fault.stream = 0;
	}
	ev.fault.device = draft->device[0] ? draft->device : draft->unit;
	ev.fault.reason = draft->reason;
	ev.fault.source = SOURCE_LOG;
	event_emit(sink, &ev);
}

static void emit_draft(const struct kmsg_draft *draft, const struct event_sink *sink)
{
	if (draft->ev.kind == EVENT_FAULT)
		emit_fault(draft, sink);
	else if (draft->ev.kind == EVENT_NOTE)
		emit_note(draft, draft->pattern->topic, sink);
	else
		event_emit(sink, &draft->ev);
}

/* Half a message is no fault, but it is not passed over in silence. */
static void end_waiting(struct kmsg_waiting *waiting, const struct event_sink *sink)
{
	const struct kmsg_draft *draft = &waiting->draft;

	waiting->used = false;
	if (!waiting->awaited && !waiting->told)
		emit_draft(draft, sink);
	if (waiting->awaited && is_told(draft->level, draft->line))
		emit_note(draft, NOTE_RAW, sink);
}

/* NULL: nothing waits. */
static struct kmsg_waiting *oldest_waiting(struct kmsg_parser *parser)
{
	struct kmsg_waiting *oldest = NULL;

	for (size_t i = 0; i < KMSG_WAITING_MOST; i++) {
		struct kmsg_waiting *waiting = &parser->waiting[i];

		if (waiting->used && (!oldest || waiting->lines > oldest->lines))
			oldest = waiting;
	}
	return oldest;
}

/* Where the unit's next message goes: what it has said before is over. */
static struct kmsg_waiting *place_for(struct kmsg_parser *parser, const char *unit,
                                      const struct event_sink *sink)
{
	struct kmsg_waiting *place = NULL;

	for (size_t i = 0; i < KMSG_WAITING_MOST; i++) {
		struct kmsg_waiting *waiting = &parser->waiting[i];

		if (waiting->used && !strcmp(waiting->draft.unit, unit)) {
			end_waiting(waiting, sink);
			return waiting;
		}
		if (!waiting->used)
			place = waiting;
	}
	if (!place) {
		place = oldest_waiting(parser);
		end_waiting(place, sink);
	}
	return place;
}

/* awaited as in struct kmsg_waiting. */
static struct kmsg_waiting *wait_for_more(struct kmsg_parser *parser, const char *awaited,
                                          const struct event_sink *sink)
{
	struct kmsg_waiting *waiting = place_for(parser, parser->draft.unit, sink);

	waiting->used = true;
	waiting->told = false;
	waiting->awaited = awaited;
	waiting->lines = 0;
	waiting->draft = parser->draft;
	return waiting;
}

/* One unit speaks of one stream, address and event, as far as both lines tell them. */
static bool same_message(const struct kmsg_draft *a, const struct kmsg_draft *b)
{
	unsigned int both = a->ev.fault.flags & b->ev.fault.flags;

	if (strcmp(a->unit, b->unit) != 0)
		return false;
	if (both & FAULT_HAS_STREAM && a->ev.fault.stream != b->ev.fault.stream)
		return false;
	if (both & FAULT_HAS_IOVA && a->ev.fault.iova != b->ev.fault.iova)
		return false;
	return !(both & FAULT_HAS_CODE) || a->ev.fault.code == b->ev.fault.code;
}

/* What the second line knows and the first does not. */
static void add_facts(struct kmsg_draft *to, const struct kmsg_draft *from)
{
	unsigned int fresh = from->ev.fault.flags & (uint8_t)~to->ev.fault.flags;

	if (fresh & FAULT_NAMED)
		copy_text(to->device, sizeof(to->device), from->device);
	if (fresh & FAULT_HAS_STREAM)
		to->ev.fault.stream = from->ev.fault.stream;
	if (fresh & FAULT_HAS_CODE) {
		to->ev.fault.code = from->ev.fault.code;
		copy_text(to->reason, sizeof(to->reason), from->reason);
	}
	if (!to->ev.fault.direction)
		to->ev.fault.direction = from->ev.fault.direction;
	to->ev.fault.flags |= fresh & (FAULT_NAMED | FAULT_HAS_STREAM | FAULT_HAS_CODE);
}

/* Up to 6.13 the SMMUv3 says no more, and its lines are no errors yet. */
static bool is_complete(const struct kmsg_draft *draft)
{
	return draft->pattern->flags & KMSG_TOLD ||
	       (!is_error(draft->level) && draft->level != KMSG_LEVEL_UNKNOWN);
}

/* False: there is nothing that the line could add to. */
static bool add_to_waiting(struct kmsg_parser *parser, const struct event_sink *sink)
{
	for (size_t i = 0; i < KMSG_WAITING_MOST; i++) {
		struct kmsg_waiting *waiting = &parser->waiting[i];

		if (!waiting->used || waiting->awaited ||
		    !same_message(&waiting->draft, &parser->draft))
			continue;
		add_facts(&waiting->draft, &parser->draft);
		end_waiting(waiting, sink);
		return true;
	}
	return false;
}

/* All lines of a pattern are there. */
static void take_message(struct kmsg_parser *parser, const struct event_sink *sink)
{
	struct kmsg_draft *draft = &parser->draft;
	const struct kmsg_pattern *pattern = draft->pattern;
	struct kmsg_waiting *waiting = NULL;

	parser->pattern = pattern;
	if (pattern->decode && !pattern->decode(draft))
		return;
	if (pattern->flags & KMSG_ADDS && add_to_waiting(parser, sink))
		return;
	if (pattern->flags & KMSG_OPENS) {
		waiting = wait_for_more(parser, NULL, sink);
		waiting->told = is_complete(draft);
	}
	if (pattern->kind != KMSG_NOTHING && (!waiting || waiting->told))
		emit_draft(draft, sink);
}

static void draft_start(struct kmsg_draft *draft, const struct kmsg_pattern *pattern,
                        const struct kmsg_record *record)
{
	draft->pattern = pattern;
	draft->ev = (struct event){.ts_ns = record->usec * 1000, .kind = pattern->kind};
	if (pattern->kind == EVENT_SUPPRESSED)
		draft->ev.suppressed.dialect = pattern->whose;
	else
		draft->ev.fault.dialect = pattern->whose;
	draft->device[0] = '\0';
	draft->unit[0] = '\0';
	draft->reason[0] = '\0';
	draft->word_count = 0;
	if (pattern->reason)
		copy_text(draft->reason, sizeof(draft->reason), pattern->reason);
}

/* What /dev/kmsg says beside the line is better than what the line says. */
static void draft_finish(struct kmsg_draft *draft, const struct kmsg_record *record,
                         const char *line)
{
	char head[KMSG_DEVICE_SIZE];
	const char *speaker = speaking_device(record, line, head, sizeof(head));

	draft->level = (uint8_t)record->level;
	copy_text(draft->line, sizeof(draft->line), line);
	if (draft->ev.kind == EVENT_NOTE && !draft->device[0])
		copy_text(draft->device, sizeof(draft->device), speaker ? speaker : draft->unit);
	if (draft->ev.kind == EVENT_FAULT && !draft->device[0] && !draft->unit[0] && speaker) {
		copy_text(draft->device, sizeof(draft->device), speaker);
		draft->ev.fault.flags |= FAULT_NAMED;
	}
}

/* Most lines are nobody's, and most patterns can be seen not to match without trying. */
static bool may_match(const struct kmsg_pattern *pattern, const char *line)
{
	return pattern->anchor ? strstr(line, pattern->anchor) != NULL
	                       : pattern->text[0] == line[0];
}

static bool match_first(struct kmsg_parser *parser, const struct kmsg_record *record, bool cut,
                        const char **awaited)
{
	const char *line = parser->line;

	for (size_t i = 0; i < kmsg_pattern_count; i++) {
		const struct kmsg_pattern *pattern = &kmsg_patterns[i];

		if (!may_match(pattern, line))
			continue;
		draft_start(&parser->draft, pattern, record);
		if (!kmsg_match_line(pattern->text, line, cut, &parser->draft, awaited))
			continue;
		draft_finish(&parser->draft, record, line);
		return true;
	}
	return false;
}

/*
 * Does the line go on with what has begun? dmesg and journals indent what is not the first line
 * of a record.
 */
static bool match_waiting(struct kmsg_parser *parser, struct kmsg_waiting *waiting, bool cut)
{
	const char *line = parser->line + strspn(parser->line, " \t");
	const char *awaited;

	parser->draft = waiting->draft;
	if (!kmsg_match_line(waiting->awaited, line, cut, &parser->draft, &awaited))
		return false;
	waiting->draft = parser->draft;
	waiting->awaited = awaited;
	waiting->lines = 0;
	waiting->used = awaited != NULL;
	return true;
}

/* True: the line is taken; with it a message may be whole. */
static bool match_next(struct kmsg_parser *parser, bool cut, const struct event_sink *sink)
{
	for (size_t i = 0; i < KMSG_WAITING_MOST; i++) {
		struct kmsg_waiting *waiting = &parser->waiting[i];

		if (!waiting->used || !waiting->awaited)
			continue;
		if (match_waiting(parser, waiting, cut)) {
			if (!waiting->used)
				take_message(parser, sink);
			return true;
		}
		if (!(waiting->draft.pattern->flags & KMSG_APART))
			end_waiting(waiting, sink);
	}
	return false;
}

static void age_waiting(struct kmsg_parser *parser, const struct event_sink *sink)
{
	for (size_t i = 0; i < KMSG_WAITING_MOST; i++) {
		struct kmsg_waiting *waiting = &parser->waiting[i];

		if (waiting->used && ++waiting->lines > STRANGERS_MOST)
			end_waiting(waiting, sink);
	}
}

/* A line that no pattern knows. */
static void take_unknown(struct kmsg_parser *parser, const struct kmsg_record *record,
                         bool is_first, const struct event_sink *sink)
{
	struct kmsg_draft *draft = &parser->draft;
	char head[KMSG_DEVICE_SIZE];
	const char *device;
	bool raw;

	if (!is_told(record->level, parser->line))
		return;
	raw = is_of_iommu_driver(parser->line);
	device = speaking_device(record, parser->line, head, sizeof(head));
	if (!raw && !(device && is_first))
		return;
	draft->ev.ts_ns = record->usec * 1000;
	draft->level = (uint8_t)record->level;
	copy_text(draft->device, sizeof(draft->device), device ? device : "");
	copy_text(draft->line, sizeof(draft->line), parser->line);
	emit_note(draft, raw ? NOTE_RAW : NOTE_DEVICE, sink);
}

/* parser->line is the line. */
static void take_line(struct kmsg_parser *parser, const struct kmsg_record *record, bool is_first,
                      bool cut, const struct event_sink *sink)
{
	const char *awaited;

	age_waiting(parser, sink);
	if (match_next(parser, cut, sink))
		return;
	if (!match_first(parser, record, cut, &awaited))
		take_unknown(parser, record, is_first, sink);
	else if (awaited)
		wait_for_more(parser, awaited, sink);
	else
		take_message(parser, sink);
}

void kmsg_parser_flush(struct kmsg_parser *parser, const struct event_sink *sink)
{
	struct kmsg_waiting *waiting;

	while ((waiting = oldest_waiting(parser)))
		end_waiting(waiting, sink);
}

bool kmsg_parser_waits(const struct kmsg_parser *parser, uint64_t *since_ns)
{
	bool waits = false;

	for (size_t i = 0; i < KMSG_WAITING_MOST; i++) {
		const struct kmsg_waiting *waiting = &parser->waiting[i];
		uint64_t time_ns = waiting->draft.ev.ts_ns;

		if (!waiting->used || waiting->told)
			continue;
		if (!waits || time_ns < *since_ns)
			*since_ns = time_ns;
		waits = true;
	}
	return waits;
}

/* Numbers that stand still are of a log that has none. */
static bool follows(const struct kmsg_parser *parser, uint64_t seq)
{
	return seq == parser->last_seq || seq == parser->last_seq + 1;
}

void kmsg_parser_take(struct kmsg_parser *parser, const struct kmsg_record *record,
                      const struct event_sink *sink)
{
	const char *line = record->text;

	if (!follows(parser, record->seq))
		kmsg_parser_flush(parser, sink);
	parser->last_seq = record->seq;
	if (record->facility != FACILITY_KERNEL)
		return;
	for (const char *end; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		snprintf(parser->line, sizeof(parser->line), "%.*s",
		         (int)(end ? (size_t)(end - line) : strlen(line)), line);
		take_line(parser, record, line == record->text, record->cut && !end, sink);
	}
}

/* Moves *text behind a number and the comma that follows it. */
static bool read_header_number(const char **text, uint64_t *value)
{
	return parse_decimal(*text, text, value) && kmsg_read_word(text, ",");
}

/* info_print_ext_header() in kernel/printk/printk.c; what comes after the time may grow. */
static bool parse_header(const char *text, struct kmsg_record *record)
{
	uint64_t priority;

	if (!read_header_number(&text, &priority) || !read_header_number(&text, &record->seq) ||
	    !read_header_number(&text, &record->usec))
		return false;
	if (priority > UINT16_MAX || record->usec > UINT64_MAX / 1000)
		return false;
	record->facility = (unsigned int)priority >> 3;
	record->level = (unsigned int)priority & 7;
	return true;
}

/*
 * One byte as it was before msg_add_ext_text() escaped it, and how many it takes now. A NUL would
 * end the text in the middle and is shown as what it is not: a question mark.
 */
static size_t unescape(const char *bytes, size_t length, char *out)
{
	char digits[3] = "";
	uint64_t value;

	*out = bytes[0];
	if (length >= 4 && bytes[0] == '\\' && bytes[1] == 'x') {
		memcpy(digits, bytes + 2, 2);
		if (parse_hex(digits, NULL, &value) && digits[1]) {
			*out = value ? (char)value : '?';
			return 4;
		}
	}
	if (!*out)
		*out = '?';
	return 1;
}

static void copy_unescaped(const char *bytes, size_t length, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used < size - 1; used++)
		i += unescape(bytes + i, length - i, &out[used]);
	out[used] = '\0';
}

/*
 * " DEVICE=+subsystem:name" (dev_vprintk_emit() and its set_dev_info() in drivers/base/core.c).
 * The other forms, b8:0 c1:3 n2, name a node or a network interface: no device of an IOMMU.
 */
static void parse_device(const char *line, size_t length, struct kmsg_record *record)
{
	static const char key[] = " DEVICE=+";
	const char *end = line + length;
	const char *name;

	if (length < sizeof(key) || memcmp(line, key, sizeof(key) - 1) != 0)
		return;
	line += sizeof(key) - 1;
	name = memchr(line, ':', (size_t)(end - line));
	if (!name)
		return;
	copy_unescaped(line, (size_t)(name - line), record->bus, sizeof(record->bus));
	copy_unescaped(name + 1, (size_t)(end - name - 1), record->device, sizeof(record->device));
}

static size_t line_length(const char *bytes, size_t length)
{
	const char *newline = memchr(bytes, '\n', length);

	return newline ? (size_t)(newline - bytes) : length;
}

bool kmsg_record_parse(const char *bytes, size_t length, struct kmsg_record *record)
{
	const char *end = bytes + length;
	const char *semicolon = memchr(bytes, ';', length < HEADER_SIZE ? length : HEADER_SIZE - 1);
	char header[HEADER_SIZE] = "";

	if (!semicolon)
		return false;
	memcpy(header, bytes, (size_t)(semicolon - bytes));
	if (!parse_header(header, record))
		return false;

	/* Each line ends with a newline; one that does not is cut. */
	bytes = semicolon + 1;
	length = line_length(bytes, (size_t)(end - bytes));
	copy_unescaped(bytes, length, record->text, sizeof(record->text));
	record->cut = bytes + length == end;
	record->bus[0] = '\0';
	record->device[0] = '\0';
	for (bytes += length; bytes < end && !record->device[0]; bytes += length) {
		bytes++;
		length = line_length(bytes, (size_t)(end - bytes));
		if (bytes + length < end)
			parse_device(bytes, length, record);
	}
	return true;
}
