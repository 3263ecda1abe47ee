// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_match: one line of the kernel log against one pattern.
 * In: a line and a pattern. Out: whether they agree, and the values of the pattern's fields.
 * Must never know: which patterns there are, records, what a value means.
 */
#include "kmsg_match.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "kmsg_words.h"

/* What VT-d of 5.4 to 5.13 prints for a request without PASID (INVALID_IOASID). */
#define NO_PASID UINT32_MAX

#define WORD_DIGITS 16

struct field {
	const char *name;
	/*
	 * Takes its value off *text and moves *text behind it. until: what follows the field in
	 * the pattern, up to the next field. False: no such thing there.
	 */
	bool (*read)(const char **text, const char *until, struct kmsg_draft *draft);
};

/* A run of digits without 0x: where the kernel writes one, the pattern does. */
static bool read_hex(const char **text, uint64_t most, uint64_t *value)
{
	if ((*text)[0] == '0' && ((*text)[1] | 0x20) == 'x')
		return false;
	return parse_hex(*text, text, value) && *value <= most;
}

static bool read_number(const char **text, uint64_t most, uint64_t *value)
{
	return parse_decimal(*text, text, value) && *value <= most;
}

static bool read_hex32(const char **text, uint32_t *value)
{
	uint64_t read;

	if (!read_hex(text, UINT32_MAX, &read))
		return false;
	*value = (uint32_t)read;
	return true;
}

bool kmsg_read_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	return true;
}

/* Up to what follows the field, or to the end; blanks at the end are left out. */
static bool read_until(const char **text, const char *until, char *out, size_t size)
{
	const char *start = *text;
	const char *end = *until ? strstr(start, until) : start + strlen(start);
	size_t length;

	if (!end)
		return false;
	*text = end;
	length = (size_t)(end - start);
	while (length && strchr(" \t\r", start[length - 1]))
		length--;
	snprintf(out, size, "%.*s", (int)length, start);
	return length > 0;
}

static bool read_any(const char **text, const char *until, struct kmsg_draft *draft)
{
	const char *end = *until ? strstr(*text, until) : *text + strlen(*text);

	(void)draft;
	if (!end)
		return false;
	*text = end;
	return true;
}

static bool read_token(const char **text, const char *until, struct kmsg_draft *draft)
{
	size_t length = strcspn(*text, " \t:");

	(void)until;
	(void)draft;
	*text += length;
	return length > 0;
}

static bool read_any_hex(const char **text, const char *until, struct kmsg_draft *draft)
{
	uint64_t value;

	(void)until;
	(void)draft;
	return read_hex(text, UINT64_MAX, &value);
}

static bool read_any_number(const char **text, const char *until, struct kmsg_draft *draft)
{
	uint64_t value;

	(void)until;
	(void)draft;
	return read_number(text, UINT64_MAX, &value);
}

static bool read_direction(const char **text, const char *until, struct kmsg_draft *draft)
{
	static const char *const words[][2] = {
		{"Read", "Write"}, {"read", "write"}, {"READ", "WRITE"}, {"rd", "wr"}};

	(void)until;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (kmsg_read_word(text, words[i][0])) {
			draft->ev.fault.direction = DIRECTION_READ;
			return true;
		}
		if (kmsg_read_word(text, words[i][1])) {
			draft->ev.fault.direction = DIRECTION_WRITE;
			return true;
		}
	}
	return false;
}

/* Letters of what was asked for; of several none is told apart as the one that was refused. */
static bool read_letters(const char **text, const char *until, struct kmsg_draft *draft)
{
	size_t length = strspn(*text, "RWX");
	const char *letters = *text;

	(void)until;
	*text += length;
	if (length == 1)
		draft->ev.fault.direction = *letters == 'R'   ? DIRECTION_READ
		                            : *letters == 'W' ? DIRECTION_WRITE
		                                              : DIRECTION_EXECUTE;
	return true;
}

/* SMMUv3: "data read", "inst read". */
static bool read_access(const char **text, const char *until, struct kmsg_draft *draft)
{
	bool instruction = kmsg_read_word(text, "inst ");

	if (!instruction && !kmsg_read_word(text, "data "))
		return false;
	if (!read_direction(text, until, draft))
		return false;
	if (instruction && draft->ev.fault.direction == DIRECTION_READ)
		draft->ev.fault.direction = DIRECTION_EXECUTE;
	return true;
}

/* Tegra: "secure write", "non-secure read", "read". */
static bool read_secure_access(const char **text, const char *until, struct kmsg_draft *draft)
{
	kmsg_read_word(text, "non-");
	kmsg_read_word(text, "secure ");
	return read_direction(text, until, draft);
}

/* "bus:slot.function", each with the given prefix but the function; written anew as PCI does. */
static bool read_requester(const char **text, const char *prefix, char *out, size_t size)
{
	uint64_t bus, slot, function;

	if (!kmsg_read_word(text, prefix) || !read_hex(text, 0xff, &bus) ||
	    !kmsg_read_word(text, ":") || !kmsg_read_word(text, prefix) ||
	    !read_hex(text, 0x1f, &slot) || !kmsg_read_word(text, ".") ||
	    !read_hex(text, 7, &function))
		return false;
	snprintf(out, size, "%02" PRIx64 ":%02" PRIx64 ".%" PRIx64, bus, slot, function);
	return true;
}

static bool read_full_requester(const char **text, char *out, size_t size)
{
	uint64_t segment;
	int length;

	if (!read_hex(text, UINT32_MAX, &segment) || !kmsg_read_word(text, ":"))
		return false;
	length = snprintf(out, size, "%04" PRIx64 ":", segment);
	return read_requester(text, "", out + length, size - (size_t)length);
}

static bool read_bdf(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	draft->ev.fault.flags |= FAULT_NO_SEGMENT;
	return read_requester(text, "", draft->device, sizeof(draft->device));
}

static bool read_0x_bdf(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	draft->ev.fault.flags |= FAULT_NO_SEGMENT;
	return read_requester(text, "0x", draft->device, sizeof(draft->device));
}

static bool read_segment_bdf(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	return read_full_requester(text, draft->device, sizeof(draft->device));
}

/* AMD-Vi has named the segment since 6.1. */
static bool read_requester_id(const char **text, const char *until, struct kmsg_draft *draft)
{
	const char *start = *text;

	draft->ev.fault.flags &= (uint8_t)~FAULT_NAMED;
	if (read_segment_bdf(text, until, draft))
		return true;
	*text = start;
	return read_bdf(text, until, draft);
}

bool kmsg_read_client(const char **text, char *device, size_t size)
{
	size_t driver = strcspn(*text, " :");

	if (!driver || (*text)[driver] != ' ')
		return false;
	*text += driver + 1;
	return read_full_requester(text, device, size) && (*text)[0] == ':' && (*text)[1] == ' ';
}

static bool read_client(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	draft->ev.fault.flags |= FAULT_NAMED;
	return kmsg_read_client(text, draft->device, sizeof(draft->device));
}

/* Up to ": ". All lines of one message name the same one. */
static bool read_unit(const char **text, const char *until, struct kmsg_draft *draft)
{
	const char *end = strstr(*text, ": ");
	size_t length = end ? (size_t)(end - *text) : 0;

	(void)until;
	if (!length || length >= sizeof(draft->unit) || memchr(*text, ' ', length))
		return false;
	if (draft->unit[0] &&
	    (strlen(draft->unit) != length || memcmp(draft->unit, *text, length) != 0))
		return false;
	memcpy(draft->unit, *text, length);
	draft->unit[length] = '\0';
	*text = end;
	return true;
}

/* SMMUv3 names the device that the stream id belongs to, if it knows it. */
static bool read_stream_client(const char **text, const char *until, struct kmsg_draft *draft)
{
	if (kmsg_read_word(text, "(unassigned sid)"))
		return true;
	draft->ev.fault.flags |= FAULT_NAMED;
	return read_until(text, until, draft->device, sizeof(draft->device));
}

/*
 * What comes before the name of an AMD event. It may be nothing at all: from 4.9 to 4.15 the name
 * begins a record of its own. The device that a line begins with is the one that faulted, unless
 * it is the IOMMU's own (ivhd0).
 */
static bool read_amd_head(const char **text, const char *until, struct kmsg_draft *draft)
{
	const char *end = strstr(*text, ": ");
	const char *start = *text;

	(void)until;
	if (kmsg_read_client(text, draft->device, sizeof(draft->device)))
		draft->ev.fault.flags |= FAULT_NAMED;
	*text = start;
	if (end && strcspn(start, " ") < (size_t)(end - start))
		*text = end + 2;
	kmsg_read_word(text, "AMD-Vi: ");
	return kmsg_read_word(text, "Event logged [") || *text == start;
}

static bool read_amd_event(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	return kmsg_words_amd_event(text, draft);
}

static bool read_smmu_v3_event(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	return kmsg_words_smmu_v3_event(text, draft);
}

static bool read_iova(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	draft->ev.fault.flags |= FAULT_HAS_IOVA;
	return read_hex(text, UINT64_MAX, &draft->ev.fault.iova);
}

/* The address of a page: the log has masked what is below. */
static bool read_page(const char **text, const char *until, struct kmsg_draft *draft)
{
	draft->ev.fault.flags |= FAULT_PAGE_MASKED;
	return read_iova(text, until, draft);
}

static bool read_index(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	draft->ev.fault.flags |= FAULT_INTERRUPT;
	return read_hex(text, UINT64_MAX, &draft->ev.fault.iova);
}

static bool read_pasid(const char **text, const char *until, struct kmsg_draft *draft)
{
	uint32_t pasid;

	(void)until;
	if (!read_hex32(text, &pasid))
		return false;
	if (pasid != NO_PASID) {
		draft->ev.fault.pasid = pasid;
		draft->ev.fault.flags |= FAULT_HAS_PASID;
	}
	return true;
}

/* Where 0 stands for none as well. */
static bool read_pasid_or_0(const char **text, const char *until, struct kmsg_draft *draft)
{
	if (!read_pasid(text, until, draft))
		return false;
	if (!draft->ev.fault.pasid)
		draft->ev.fault.flags &= (uint8_t)~FAULT_HAS_PASID;
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

static bool read_code(const char **text, const char *until, struct kmsg_draft *draft)
{
	uint64_t code;

	(void)until;
	return read_hex(text, UINT64_MAX, &code) && keep_code(draft, code);
}

static bool read_decimal_code(const char **text, const char *until, struct kmsg_draft *draft)
{
	uint64_t code;

	(void)until;
	return read_number(text, UINT64_MAX, &code) && keep_code(draft, code);
}

static bool read_stream(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	draft->ev.fault.flags |= FAULT_HAS_STREAM;
	return read_hex32(text, &draft->ev.fault.stream);
}

/* SMMUv1 and v2 have more than the id in that register; streams have 15 bits, later 16. */
static bool read_low_stream(const char **text, const char *until, struct kmsg_draft *draft)
{
	bool read = read_stream(text, until, draft);

	draft->ev.fault.stream &= UINT16_MAX;
	return read;
}

static bool read_decimal_stream(const char **text, const char *until, struct kmsg_draft *draft)
{
	uint64_t stream;

	(void)until;
	if (!read_number(text, UINT32_MAX, &stream))
		return false;
	draft->ev.fault.stream = (uint32_t)stream;
	draft->ev.fault.flags |= FAULT_HAS_STREAM;
	return true;
}

static bool read_status(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	return read_hex32(text, &draft->status);
}

static bool read_syndrome(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	return read_hex32(text, &draft->syndrome);
}

/* Of a raw event: always so many digits. */
static bool read_event_word(const char **text, const char *until, struct kmsg_draft *draft)
{
	const char *start = *text;

	(void)until;
	return draft->word_count < KMSG_EVENT_WORDS &&
	       read_hex(text, UINT64_MAX, &draft->words[draft->word_count++]) &&
	       *text - start == WORD_DIGITS;
}

static bool read_reason(const char **text, const char *until, struct kmsg_draft *draft)
{
	return read_until(text, until, draft->reason, sizeof(draft->reason));
}

static bool read_count(const char **text, const char *until, struct kmsg_draft *draft)
{
	(void)until;
	return parse_decimal(*text, text, &draft->ev.suppressed.count);
}

/* Flags follow from the fields that a pattern has: what a message does not tell is not claimed. */
static const struct field fields[] = {
	{"*", read_any},       /* whatever comes before the next words of the pattern */
	{"token", read_token}, /* one word */
	{"hex", read_any_hex}, /* of no interest */
	{"number", read_any_number},
	/* who */
	{"unit", read_unit},                   /* name of the IOMMU, up to ": " */
	{"client", read_client},               /* nvme 0000:00:02.0 */
	{"stream client", read_stream_client}, /* 0000:00:02.0, (unassigned sid) */
	{"bdf", read_bdf},                     /* 00:02.0 */
	{"0x bdf", read_0x_bdf},               /* 0x00:0x02.0 */
	{"segment bdf", read_segment_bdf},     /* 0000:00:02.0 */
	{"requester", read_requester_id},      /* 00:02.0 or 0000:00:02.0 */
	{"stream", read_stream},               /* hexadecimal */
	{"low stream", read_low_stream},       /* hexadecimal, the low 16 bits of it */
	{"decimal stream", read_decimal_stream},
	{"pasid", read_pasid},           /* hexadecimal */
	{"pasid or 0", read_pasid_or_0}, /* hexadecimal */
	/* what */
	{"direction", read_direction}, /* Read or Write */
	{"letters", read_letters},     /* R, W, X */
	{"access", read_access},       /* data read */
	{"secure access", read_secure_access},
	{"iova", read_iova},   /* hexadecimal */
	{"page", read_page},   /* hexadecimal */
	{"index", read_index}, /* of an interrupt, hexadecimal */
	/* why */
	{"code", read_code}, /* hexadecimal */
	{"decimal code", read_decimal_code},
	{"reason", read_reason},               /* words, as {*} */
	{"status", read_status},               /* hexadecimal */
	{"syndrome", read_syndrome},           /* hexadecimal */
	{"word", read_event_word},             /* 16 hexadecimal digits */
	{"amd", read_amd_head},                /* AMD-Vi: Event logged [ */
	{"amd event", read_amd_event},         /* IO_PAGE_FAULT */
	{"smmu v3 event", read_smmu_v3_event}, /* F_TRANSLATION */
	{"count", read_count},                 /* decimal */
};

static const struct field *field_named(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strlen(fields[i].name) == length && !memcmp(fields[i].name, name, length))
			return &fields[i];
	}
	return NULL;
}

/* *pattern stands on the brace. What follows it is short: see the table. */
static bool match_field(const char **pattern, const char **line, struct kmsg_draft *draft)
{
	size_t length = strcspn(*pattern, "}");
	const struct field *field = field_named(*pattern + 1, length - 1);
	char until[KMSG_REASON_SIZE];

	*pattern += length + 1;
	snprintf(until, sizeof(until), "%.*s", (int)strcspn(*pattern, "{\n"), *pattern);
	return field && field->read(line, until, draft);
}

/* syslog writes a tab as #011. */
static void skip_blanks(const char **line)
{
	do {
		*line += strspn(*line, " \t");
	} while (kmsg_read_word(line, "#011"));
}

bool kmsg_match_line(const char *pattern, const char *line, bool cut, struct kmsg_draft *draft,
                     const char **awaited)
{
	while (*pattern && *pattern != '\n') {
		if (*pattern == '{') {
			if (!match_field(&pattern, &line, draft))
				return false;
		} else if (*pattern == '\t') {
			pattern++;
			skip_blanks(&line);
		} else if (*pattern++ != *line++) {
			return false;
		}
	}
	line += strspn(line, " \t\r");
	*awaited = *pattern ? pattern + 1 : NULL;
	return !*line && !cut;
}
