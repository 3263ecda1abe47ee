// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_parse: what the kernel log says about faults.
 * In: records of /dev/kmsg. Out: FAULT and SUPPRESSED events, by one table of spellings.
 * Must never know: files, clocks, which machine this is.
 */
#include "kmsg_parse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../util.h"

/* "prio,seq,usec,flags" and, with CONFIG_PRINTK_CALLER, ",caller=T12345". */
#define HEADER_SIZE 128

/* What 5.4 to 5.13 print for a request without PASID (INVALID_IOASID). */
#define NO_PASID UINT32_MAX

struct field {
	const char *name;
	/* Takes its value off *text and moves *text behind it. False: no such thing there. */
	bool (*read)(const char **text, struct kmsg_draft *draft);
};

/*
 * Intel VT-d, dmar_fault_do_one() in drivers/iommu/dmar.c, since 5.9 drivers/iommu/intel/dmar.c.
 * Up to 5.13 the reason is decimal and nothing has a 0x; 5.14 made it hexadecimal (719a19335692).
 * Up to 4.8 a message has two lines, the second without the prefix that pr_fmt gives the first.
 * The same table serves a backport to any kernel: what counts is the spelling, not the version.
 */
const struct kmsg_pattern kmsg_patterns[] = {
	{
		.dialect = "VT-d, 2.6",
		.text = "DMAR:[DMA {direction}] Request device [{bdf}] fault addr {iova}\n"
			"DMAR:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d, 3.x to 4.1",
		.text = "dmar: DMAR:[DMA {direction}] Request device [{bdf}] fault addr {iova}\n"
			"DMAR:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d, 4.2 to 4.8",
		.text = "DMAR: DMAR:[DMA {direction}] Request device [{bdf}] fault addr {iova}\n"
			"DMAR:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d, 4.9 to 5.3",
		.text = "DMAR: [DMA {direction}] Request device [{bdf}] fault addr {iova} "
			"[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d, 5.4 to 5.13",
		.text = "DMAR: [DMA {direction}] Request device [{bdf}] PASID {pasid} fault addr "
			"{iova} "
			"[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d, 5.14",
		.text = "DMAR: [DMA {direction} NO_PASID] Request device [{0x bdf}] fault addr "
			"0x{iova} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d with PASID, 5.14",
		.text = "DMAR: [DMA {direction} PASID 0x{pasid}] Request device [{0x bdf}] "
			"fault addr 0x{iova} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d, 5.15 to 7.1",
		.text = "DMAR: [DMA {direction} NO_PASID] Request device [{bdf}] fault addr "
			"0x{iova} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d with PASID, 5.15 to 7.1",
		.text = "DMAR: [DMA {direction} PASID 0x{pasid}] Request device [{bdf}] "
			"fault addr 0x{iova} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d, 7.2 on",
		.text = "DMAR: [DMA {direction} NO_PASID] Request device [{segment bdf}] "
			"fault addr 0x{iova} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d with PASID, 7.2 on",
		.text = "DMAR: [DMA {direction} PASID 0x{pasid}] Request device [{segment bdf}] "
			"fault addr 0x{iova} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	/* The doubled bracket is the kernel's. */
	{
		.dialect = "VT-d interrupts, 2.6",
		.text = "INTR-REMAP: Request device [[{bdf}] fault index {index}\n"
			"INTR-REMAP:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d interrupts, 3.x to 4.1",
		.text = "dmar: INTR-REMAP: Request device [[{bdf}] fault index {index}\n"
			"INTR-REMAP:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d interrupts, 4.2 to 4.8",
		.text = "DMAR: INTR-REMAP: Request device [[{bdf}] fault index {index}\n"
			"INTR-REMAP:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d interrupts, 4.9 to 5.13",
		.text = "DMAR: [INTR-REMAP] Request device [{bdf}] fault index {index} "
			"[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d interrupts, 5.14",
		.text = "DMAR: [INTR-REMAP] Request device [{0x bdf}] fault index 0x{index} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d interrupts, 5.15 to 7.1",
		.text = "DMAR: [INTR-REMAP] Request device [{bdf}] fault index 0x{index} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "VT-d interrupts, 7.2 on",
		.text = "DMAR: [INTR-REMAP] Request device [{segment bdf}] fault index 0x{index} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
	},
	/* ___ratelimit() in lib/ratelimit.c, named after the function that holds the limit. */
	{
		.dialect = "VT-d rate limit",
		.text = "dmar_fault: {count} callbacks suppressed",
		.kind = EVENT_SUPPRESSED,
	},
};

const size_t kmsg_pattern_count = ARRAY_SIZE(kmsg_patterns);

/* A run of digits without 0x: where the kernel writes one, the pattern does. */
static bool read_hex(const char **text, uint64_t most, uint64_t *value)
{
	if ((*text)[0] == '0' && ((*text)[1] | 0x20) == 'x')
		return false;
	return parse_hex(*text, text, value) && *value <= most;
}

static bool read_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	return true;
}

static bool read_direction(const char **text, struct kmsg_draft *draft)
{
	if (read_word(text, "Read"))
		draft->ev.fault.direction = DIRECTION_READ;
	else if (read_word(text, "Write"))
		draft->ev.fault.direction = DIRECTION_WRITE;
	else
		return false;
	return true;
}

/* "bus:slot.function", each with the given prefix but the function; written anew as PCI does. */
static bool read_requester(const char **text, const char *prefix, char *out, size_t size)
{
	uint64_t bus, slot, function;

	if (!read_word(text, prefix) || !read_hex(text, 0xff, &bus) || !read_word(text, ":") ||
	    !read_word(text, prefix) || !read_hex(text, 0x1f, &slot) || !read_word(text, ".") ||
	    !read_hex(text, 7, &function))
		return false;
	snprintf(out, size, "%02" PRIx64 ":%02" PRIx64 ".%" PRIx64, bus, slot, function);
	return true;
}

static bool read_bdf(const char **text, struct kmsg_draft *draft)
{
	draft->ev.fault.flags |= FAULT_NO_SEGMENT;
	return read_requester(text, "", draft->device, sizeof(draft->device));
}

static bool read_0x_bdf(const char **text, struct kmsg_draft *draft)
{
	draft->ev.fault.flags |= FAULT_NO_SEGMENT;
	return read_requester(text, "0x", draft->device, sizeof(draft->device));
}

static bool read_segment_bdf(const char **text, struct kmsg_draft *draft)
{
	uint64_t segment;
	int length;

	if (!read_hex(text, UINT32_MAX, &segment) || !read_word(text, ":"))
		return false;
	length = snprintf(draft->device, sizeof(draft->device), "%04" PRIx64 ":", segment);
	return read_requester(text, "", draft->device + length,
	                      sizeof(draft->device) - (size_t)length);
}

static bool read_iova(const char **text, struct kmsg_draft *draft)
{
	draft->ev.fault.flags |= FAULT_HAS_IOVA;
	return read_hex(text, UINT64_MAX, &draft->ev.fault.iova);
}

static bool read_index(const char **text, struct kmsg_draft *draft)
{
	draft->ev.fault.flags |= FAULT_INTERRUPT;
	return read_hex(text, UINT64_MAX, &draft->ev.fault.iova);
}

static bool read_pasid(const char **text, struct kmsg_draft *draft)
{
	uint64_t pasid;

	if (!read_hex(text, UINT32_MAX, &pasid))
		return false;
	if (pasid != NO_PASID) {
		draft->ev.fault.pasid = (uint32_t)pasid;
		draft->ev.fault.flags |= FAULT_HAS_PASID;
	}
	return true;
}

static bool keep_code(struct kmsg_draft *draft, uint64_t code)
{
	if (code > UINT16_MAX)
		return false;
	draft->ev.fault.code = (uint16_t)code;
	draft->ev.fault.flags |= FAULT_HAS_CODE;
	return true;
}

static bool read_code(const char **text, struct kmsg_draft *draft)
{
	uint64_t code;

	return read_hex(text, UINT64_MAX, &code) && keep_code(draft, code);
}

static bool read_decimal_code(const char **text, struct kmsg_draft *draft)
{
	uint64_t code;

	return parse_decimal(*text, text, &code) && keep_code(draft, code);
}

/* The rest of the line, which has to be something. */
static bool read_reason(const char **text, struct kmsg_draft *draft)
{
	size_t length = strcspn(*text, "\n");
	const char *start = *text;

	*text += length;
	while (length && strchr(" \t\r", start[length - 1]))
		length--;
	snprintf(draft->reason, sizeof(draft->reason), "%.*s", (int)length, start);
	return length > 0;
}

static bool read_count(const char **text, struct kmsg_draft *draft)
{
	return parse_decimal(*text, text, &draft->ev.suppressed.count);
}

/* Flags follow from the fields that a pattern has: what a message does not tell is not claimed. */
static const struct field fields[] = {
	{"direction", read_direction},       /* Read or Write */
	{"bdf", read_bdf},                   /* 00:02.0 */
	{"0x bdf", read_0x_bdf},             /* 0x00:0x02.0 */
	{"segment bdf", read_segment_bdf},   /* 0000:00:02.0 */
	{"iova", read_iova},                 /* hexadecimal */
	{"index", read_index},               /* of an interrupt, hexadecimal */
	{"pasid", read_pasid},               /* hexadecimal */
	{"code", read_code},                 /* hexadecimal */
	{"decimal code", read_decimal_code}, /* decimal */
	{"reason", read_reason},             /* to the end of the line */
	{"count", read_count},               /* decimal */
};

static const struct field *field_named(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strlen(fields[i].name) == length && !memcmp(fields[i].name, name, length))
			return &fields[i];
	}
	return NULL;
}

/* *pattern stands on the brace. */
static bool match_field(const char **pattern, const char **line, struct kmsg_draft *draft)
{
	size_t length = strcspn(*pattern, "}");
	const struct field *field = field_named(*pattern + 1, length - 1);

	*pattern += length + 1;
	return field && field->read(line, draft);
}

/*
 * All of one line against one line of a pattern. *awaited: the pattern's next line, NULL at its
 * end. Blanks at the end of the line do not count: up to 4.8 there is one before the newline.
 */
static bool match_line(const char *pattern, const char *line, struct kmsg_draft *draft,
                       const char **awaited)
{
	while (*pattern && *pattern != '\n') {
		if (*pattern == '{') {
			if (!match_field(&pattern, &line, draft))
				return false;
		} else if (*pattern++ != *line++) {
			return false;
		}
	}
	line += strspn(line, " \t\r");
	*awaited = *pattern ? pattern + 1 : NULL;
	return !*line || *line == '\n';
}

static void draft_start(struct kmsg_draft *draft, const struct kmsg_pattern *pattern,
                        const struct kmsg_record *record)
{
	draft->ev = (struct event){.ts_ns = record->usec * 1000, .kind = pattern->kind};
	draft->device[0] = '\0';
	draft->reason[0] = '\0';
}

static bool match_first(struct kmsg_parser *parser, const struct kmsg_record *record,
                        const char *line)
{
	for (size_t i = 0; i < kmsg_pattern_count; i++) {
		const struct kmsg_pattern *pattern = &kmsg_patterns[i];

		draft_start(&parser->draft, pattern, record);
		if (!match_line(pattern->text, line, &parser->draft, &parser->awaited))
			continue;
		parser->pattern = pattern;
		return true;
	}
	parser->awaited = NULL;
	return false;
}

/* dmesg and journals indent what is not the first line of a record. */
static bool match_next(struct kmsg_parser *parser, const struct kmsg_record *record,
                       const char *line)
{
	return parser->awaited && record->seq - parser->seq <= 1 &&
	       match_line(parser->awaited, line + strspn(line, " \t"), &parser->draft,
	                  &parser->awaited);
}

static void take_line(struct kmsg_parser *parser, const struct kmsg_record *record,
                      const char *line, const struct event_sink *sink)
{
	struct event ev;

	if (!match_next(parser, record, line) && !match_first(parser, record, line))
		return;
	parser->seq = record->seq;
	if (parser->awaited)
		return;
	ev = parser->draft.ev;
	if (ev.kind == EVENT_FAULT) {
		ev.fault.device = parser->draft.device;
		ev.fault.reason = parser->draft.reason;
		ev.fault.source = SOURCE_LOG;
	}
	event_emit(sink, &ev);
}

void kmsg_parser_take(struct kmsg_parser *parser, const struct kmsg_record *record,
                      const struct event_sink *sink)
{
	const char *line = record->text;

	for (;;) {
		take_line(parser, record, line, sink);
		line = strchr(line, '\n');
		if (!line)
			return;
		line++;
	}
}

/* Moves *text behind a number and the comma that follows it. */
static bool read_header_number(const char **text, uint64_t *value)
{
	return parse_decimal(*text, text, value) && read_word(text, ",");
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
static void parse_device(const char *line, size_t length, char *out, size_t size)
{
	static const char key[] = " DEVICE=+";
	const char *name;

	if (length < sizeof(key) || memcmp(line, key, sizeof(key) - 1) != 0)
		return;
	name = memchr(line, ':', length);
	if (name)
		copy_unescaped(name + 1, length - (size_t)(name + 1 - line), out, size);
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

	bytes = semicolon + 1;
	length = line_length(bytes, (size_t)(end - bytes));
	copy_unescaped(bytes, length, record->text, sizeof(record->text));
	record->device[0] = '\0';
	for (bytes += length; bytes < end && !record->device[0]; bytes += length) {
		bytes++;
		length = line_length(bytes, (size_t)(end - bytes));
		parse_device(bytes, length, record->device, sizeof(record->device));
	}
	return true;
}
