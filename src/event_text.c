// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event_text: one event, one line, by one table in both directions.
 * In: events, lines. Out: lines, events. Must never know: files, the model.
 */
#include "event_text.h"

#include <stdbool.h>
#include <string.h>

#include "util.h"

enum field_type {
	FIELD_END,
	FIELD_U8, /* hexadecimal numbers, by their size in the struct */
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_BOOL,
	FIELD_WORD, /* u8 that stands for a word */
	FIELD_TEXT,
	FIELD_FACT /* subject, key, attribute and value of ATTR and GONE */
};

struct field {
	uint8_t type;
	uint8_t offset;
	uint8_t word_count;
	bool later; /* appended to the line after version 1 was out: may be missing, then 0 */
	const char *const *words;
};

#define FIELD(type_, member)                                                    \
	{                                                                       \
		.type = FIELD_##type_, .offset = offsetof(struct event, member) \
	}
/* A field that older recordings have not: only behind those that all have. */
#define LATER(type_, member)                                                                   \
	{                                                                                      \
		.type = FIELD_##type_, .offset = offsetof(struct event, member), .later = true \
	}
#define WORD(member, words_, count)                                                                \
	{                                                                                          \
		.type = FIELD_WORD, .offset = offsetof(struct event, member), .word_count = count, \
		.words = words_                                                                    \
	}
#define LATER_WORD(member, words_, count)                                                          \
	{                                                                                          \
		.type = FIELD_WORD, .offset = offsetof(struct event, member), .word_count = count, \
		.later = true, .words = words_                                                     \
	}
#define CONTEXT FIELD(U16, cpu), FIELD(U32, pid), FIELD(U8, context)

#define FIELDS_MAX 12

static const struct line_format {
	struct field fields[FIELDS_MAX];
} line_formats[EVENT_KIND_COUNT] = {
	[EVENT_TICK] = {.fields = {FIELD(U64, tick.wall_ns)}},
	[EVENT_START] = {.fields = {{0}}},
	[EVENT_LOST] = {.fields = {WORD(lost.source, source_names, SOURCE_COUNT),
                                   FIELD(U64, lost.count), FIELD(BOOL, lost.exact),
                                   FIELD(U16, cpu)}},
	[EVENT_LATE] = {.fields = {FIELD(U64, late.count)}},
	[EVENT_MAP] = {.fields = {CONTEXT, FIELD(U64, map.iova), FIELD(U64, map.size_bytes),
                                  FIELD(U32, map.domain), LATER(U32, map.inside_ns),
                                  LATER(U8, map.protection)}},
	[EVENT_UNMAP] = {.fields = {CONTEXT, FIELD(U64, unmap.iova), FIELD(U64, unmap.size_bytes),
                                    FIELD(U64, unmap.unmapped_bytes), FIELD(U32, unmap.domain),
                                    LATER(U32, unmap.inside_ns), LATER(BOOL, unmap.undoes)}},
	[EVENT_ATTACH] = {.fields = {CONTEXT, FIELD(TEXT, member.device), LATER(U32, member.domain),
                                     LATER(U32, member.pasid)}},
	[EVENT_DETACH] = {.fields = {CONTEXT, FIELD(TEXT, member.device),
                                     LATER(U32, member.domain)}},
	[EVENT_GROUP_ADD] = {.fields = {CONTEXT, FIELD(TEXT, member.device),
                                        FIELD(U32, member.group)}},
	[EVENT_GROUP_LEAVE] = {.fields = {CONTEXT, FIELD(TEXT, member.device),
                                          FIELD(U32, member.group)}},
	[EVENT_FAULT] = {.fields = {WORD(fault.source, source_names, SOURCE_COUNT),
                                    FIELD(TEXT, fault.device),
                                    WORD(fault.direction, direction_names, DIRECTION_COUNT),
                                    FIELD(U8, fault.flags), FIELD(U64, fault.iova),
                                    FIELD(U32, fault.pasid), FIELD(U16, fault.code),
                                    FIELD(TEXT, fault.reason),
                                    LATER_WORD(fault.dialect, fault_dialect_names,
                                               FAULT_DIALECT_COUNT),
                                    LATER(U32, fault.stream), LATER(U8, context)}},
	[EVENT_SUPPRESSED] = {.fields = {FIELD(U64, suppressed.count),
                                         LATER_WORD(suppressed.dialect, fault_dialect_names,
                                                    FAULT_DIALECT_COUNT),
                                         LATER(BOOL, suppressed.overflow)}},
	[EVENT_ATTR] = {.fields = {FIELD(FACT, attr)}},
	[EVENT_GONE] = {.fields = {FIELD(FACT, attr)}},
	[EVENT_HEALTH] = {.fields = {WORD(health.source, source_names, SOURCE_COUNT),
                                     WORD(health.state, health_state_names, HEALTH_STATE_COUNT),
                                     FIELD(TEXT, health.reason)}},
	[EVENT_CLASS] = {.fields = {WORD(class.class, event_class_names, CLASS_COUNT),
                                    FIELD(BOOL, class.on)}},
	[EVENT_COLLECT] = {.fields = {WORD(collect.mode, collect_mode_names, COLLECT_MODE_COUNT),
                                      LATER(TEXT, collect.reason), LATER(BOOL, collect.asked),
                                      LATER(BOOL, collect.attempts)}},
	[EVENT_MAP_FAILED] = {.fields = {CONTEXT, FIELD(U64, map_failed.iova),
                                         FIELD(U64, map_failed.size_bytes),
                                         FIELD(U32, map_failed.domain),
                                         FIELD(U32, map_failed.error)}},
	[EVENT_ATTACH_FAILED] = {.fields = {CONTEXT, FIELD(TEXT, member.device),
                                            FIELD(U32, member.domain), FIELD(U32, member.pasid),
                                            FIELD(U32, member.error)}},
	[EVENT_COUNTS] = {.fields = {WORD(counts.what, counts_what_names, COUNTS_WHAT_COUNT),
                                     FIELD(U32, counts.domain), FIELD(U8, counts.log2),
                                     FIELD(U64, counts.hits), FIELD(U64, counts.bytes)}},
	[EVENT_MISSED] = {.fields = {FIELD(U64, missed.count)}},
	[EVENT_COST] = {.fields = {FIELD(U64, cost.own_ns), FIELD(U64, cost.kernel_ns)}},
	[EVENT_CALLER] = {.fields = {FIELD(U32, caller.domain), FIELD(U64, caller.count),
                                     FIELD(TEXT, caller.name)}},
	[EVENT_NOTE] = {.fields = {WORD(note.topic, note_topic_names, NOTE_TOPIC_COUNT),
                                   FIELD(U8, note.level), FIELD(TEXT, note.device),
                                   FIELD(TEXT, note.text)}},
};

static const char letters[EVENT_KIND_COUNT] = {
#define X(name, letter) [EVENT_##name] = letter,
	EVENT_KINDS(X)
#undef X
};

/* ---- writing ---- */

static char *put_hex(char *out, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 60;

	while (shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*out++ = digits[value >> shift & 15];
	return out;
}

static char *put_word(char *out, const char *word)
{
	size_t length = strlen(word);

	memcpy(out, word, length);
	return out + length;
}

/* Blanks separate fields, a lone '-' is none, and nothing unprintable reaches a file. */
static bool must_escape(unsigned char c, bool alone)
{
	return c <= ' ' || c >= 0x7f || c == '\\' || (alone && c == '-');
}

static char *put_text(char *out, const char *text)
{
	size_t length;

	if (!text)
		return put_word(out, "-");
	length = strnlen(text, EVENT_TEXT_MAX);
	if (!length)
		return put_word(out, "\\x");
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!must_escape(c, length == 1)) {
			*out++ = (char)c;
			continue;
		}
		out = put_word(out, "\\x");
		if (c < 16)
			*out++ = '0';
		out = put_hex(out, c);
	}
	return out;
}

static char *put_value(char *out, const struct event *ev)
{
	if (attribute_infos[ev->attr.attribute].type == VALUE_TEXT)
		return put_text(out, ev->attr.text);
	if (ev->attr.value == VALUE_UNKNOWN)
		return put_word(out, "-");
	return put_hex(out, ev->attr.value);
}

static char *put_fact(char *out, const struct event *ev)
{
	uint8_t key = subject_keys[ev->attr.subject];

	out = put_word(out, subject_names[ev->attr.subject]);
	*out++ = ' ';
	if (key == KEY_BY_ID)
		out = put_hex(out, ev->attr.id);
	else
		out = put_text(out, key == KEY_BY_NAME ? ev->attr.name : NULL);
	if (ev->kind == EVENT_GONE)
		return out;
	*out++ = ' ';
	out = put_word(out, attribute_infos[ev->attr.attribute].word);
	*out++ = ' ';
	return put_value(out, ev);
}

static uint64_t load_number(const struct field *field, const void *place)
{
	uint64_t value = 0;

	switch (field->type) {
	case FIELD_U16:
		return *(const uint16_t *)place;
	case FIELD_U32:
		return *(const uint32_t *)place;
	case FIELD_U64:
		memcpy(&value, place, sizeof(value));
		return value;
	default:
		return *(const uint8_t *)place;
	}
}

static char *put_field(char *out, const struct event *ev, const struct field *field)
{
	const void *place = (const char *)ev + field->offset;
	const char *text;

	switch (field->type) {
	case FIELD_WORD:
		return put_word(out, field->words[*(const uint8_t *)place]);
	case FIELD_TEXT:
		memcpy(&text, place, sizeof(text));
		return put_text(out, text);
	case FIELD_FACT:
		return put_fact(out, ev);
	default:
		return put_hex(out, load_number(field, place));
	}
}

/* What the log held before the start is older than the line before it: a distance may go back. */
static char *put_time(char *out, struct event_line *at, const struct event *ev)
{
	bool back = ev->ts_ns < at->last_ns;
	uint64_t distance = back ? at->last_ns - ev->ts_ns : ev->ts_ns - at->last_ns;

	at->last_ns = ev->ts_ns;
	if (ev->kind == EVENT_TICK)
		return put_hex(out, ev->ts_ns);
	if (back)
		*out++ = '-';
	return put_hex(out, distance);
}

size_t event_to_line(struct event_line *at, const struct event *ev, char *out)
{
	const struct field *field = line_formats[ev->kind].fields;
	char *p = out;

	*p++ = letters[ev->kind];
	p = put_time(p, at, ev);
	for (; field->type != FIELD_END; field++) {
		*p++ = ' ';
		p = put_field(p, ev, field);
	}
	*p = '\0';
	return (size_t)(p - out);
}

/* ---- reading ---- */

/* Where the reader is in a line, and which of the two text places is free. */
struct cursor {
	const char *p;
	struct event_line *at;
	unsigned int texts_used;
};

static bool skip_blank(struct cursor *in)
{
	if (*in->p != ' ')
		return false;
	in->p++;
	return true;
}

static bool at_field_end(const char *p)
{
	return *p == ' ' || *p == '\0';
}

static bool get_hex(struct cursor *in, uint64_t limit, uint64_t *value)
{
	const char *end;

	if (!parse_hex(in->p, &end, value) || !at_field_end(end) || *value > limit)
		return false;
	in->p = end;
	return true;
}

/* The place of a word among words; count where it is none of them. */
static size_t get_word(struct cursor *in, const char *const *words, size_t count)
{
	size_t length = strcspn(in->p, " ");
	size_t i;

	for (i = 0; i < count; i++)
		if (strlen(words[i]) == length && !memcmp(words[i], in->p, length))
			break;
	in->p += length;
	return i;
}

static bool get_escape(struct cursor *in, char *out)
{
	char digits[3] = {0};
	uint64_t value;

	if (in->p[1] != 'x' || at_field_end(in->p + 2) || at_field_end(in->p + 3))
		return false;
	memcpy(digits, in->p + 2, 2);
	if (!parse_hex(digits, NULL, &value) || !value)
		return false;
	*out = (char)value;
	in->p += 4;
	return true;
}

static bool get_text(struct cursor *in, const char **text)
{
	char *out = in->at->texts[in->texts_used];
	size_t length = 0;

	*text = NULL;
	if (in->p[0] == '-' && at_field_end(in->p + 1))
		return in->p++, true;
	*text = out;
	in->texts_used++;
	if (in->p[0] == '\\' && in->p[1] == 'x' && at_field_end(in->p + 2)) {
		out[0] = '\0';
		return in->p += 2, true;
	}
	while (!at_field_end(in->p)) {
		if (length == EVENT_TEXT_MAX)
			return false;
		if (*in->p != '\\')
			out[length++] = *in->p++;
		else if (!get_escape(in, &out[length++]))
			return false;
	}
	out[length] = '\0';
	return length > 0;
}

static bool get_value(struct cursor *in, struct event *ev)
{
	ev->attr.value = VALUE_UNKNOWN;
	if (attribute_infos[ev->attr.attribute].type == VALUE_TEXT)
		return get_text(in, &ev->attr.text);
	if (in->p[0] == '-' && at_field_end(in->p + 1))
		return in->p++, true;
	return get_hex(in, UINT64_MAX, &ev->attr.value);
}

static size_t get_attribute(struct cursor *in, uint8_t subject)
{
	size_t length = strcspn(in->p, " ");
	size_t i;

	for (i = 0; i < ATTRIBUTE_COUNT; i++)
		if (attribute_infos[i].subject == subject &&
		    strlen(attribute_infos[i].word) == length &&
		    !memcmp(attribute_infos[i].word, in->p, length))
			break;
	in->p += length;
	return i;
}

static bool get_key(struct cursor *in, struct event *ev)
{
	uint64_t id;

	if (subject_keys[ev->attr.subject] != KEY_BY_ID)
		return get_text(in, &ev->attr.name) &&
		       (ev->attr.name != NULL) == (subject_keys[ev->attr.subject] == KEY_BY_NAME);
	if (!get_hex(in, UINT32_MAX, &id))
		return false;
	ev->attr.id = (uint32_t)id;
	return true;
}

static enum event_line_result get_fact(struct cursor *in, struct event *ev)
{
	size_t subject = get_word(in, subject_names, SUBJECT_COUNT);
	size_t attribute;

	if (subject == SUBJECT_COUNT)
		return EVENT_LINE_UNKNOWN;
	ev->attr.subject = (uint8_t)subject;
	if (!skip_blank(in) || !get_key(in, ev))
		return EVENT_LINE_CORRUPT;
	if (ev->kind == EVENT_GONE)
		return EVENT_LINE_OK;
	if (!skip_blank(in))
		return EVENT_LINE_CORRUPT;
	attribute = get_attribute(in, ev->attr.subject);
	if (attribute == ATTRIBUTE_COUNT)
		return EVENT_LINE_UNKNOWN;
	ev->attr.attribute = (uint8_t)attribute;
	return skip_blank(in) && get_value(in, ev) ? EVENT_LINE_OK : EVENT_LINE_CORRUPT;
}

static void store_number(const struct field *field, void *place, uint64_t value)
{
	switch (field->type) {
	case FIELD_U16:
		*(uint16_t *)place = (uint16_t)value;
		break;
	case FIELD_U32:
		*(uint32_t *)place = (uint32_t)value;
		break;
	case FIELD_U64:
		memcpy(place, &value, sizeof(value));
		break;
	default:
		*(uint8_t *)place = (uint8_t)value;
		break;
	}
}

static bool get_number(struct cursor *in, const struct field *field, void *place)
{
	static const uint64_t limits[] = {
		[FIELD_U8] = UINT8_MAX,   [FIELD_U16] = UINT16_MAX, [FIELD_U32] = UINT32_MAX,
		[FIELD_U64] = UINT64_MAX, [FIELD_BOOL] = 1,
	};
	uint64_t value;

	if (!get_hex(in, limits[field->type], &value))
		return false;
	store_number(field, place, value);
	return true;
}

static enum event_line_result get_field(struct cursor *in, const struct field *field,
                                        struct event *ev)
{
	void *place = (char *)ev + field->offset;
	const char *text;
	size_t word;

	switch (field->type) {
	case FIELD_WORD:
		if (at_field_end(in->p))
			return EVENT_LINE_CORRUPT;
		word = get_word(in, field->words, field->word_count);
		*(uint8_t *)place = (uint8_t)word;
		return word == field->word_count ? EVENT_LINE_UNKNOWN : EVENT_LINE_OK;
	case FIELD_TEXT:
		if (!get_text(in, &text))
			return EVENT_LINE_CORRUPT;
		memcpy(place, &text, sizeof(text));
		return EVENT_LINE_OK;
	case FIELD_FACT:
		return get_fact(in, ev);
	default:
		return get_number(in, field, place) ? EVENT_LINE_OK : EVENT_LINE_CORRUPT;
	}
}

static enum event_line_result get_time(struct cursor *in, struct event *ev)
{
	uint64_t last = in->at->last_ns, time;
	bool back = *in->p == '-';

	in->p += back;
	if (!get_hex(in, UINT64_MAX, &time) || (back && ev->kind == EVENT_TICK))
		return EVENT_LINE_CORRUPT;
	if (ev->kind != EVENT_TICK) {
		if (time > (back ? last : UINT64_MAX - last))
			return EVENT_LINE_CORRUPT;
		time = back ? last - time : last + time;
	}
	ev->ts_ns = time;
	in->at->last_ns = time;
	return EVENT_LINE_OK;
}

/* Texts that others rely on: a member event without its device says nothing. */
static bool is_whole(const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_ATTACH:
	case EVENT_DETACH:
	case EVENT_GROUP_ADD:
	case EVENT_GROUP_LEAVE:
		return ev->member.device != NULL;
	default:
		return true;
	}
}

enum event_line_result event_from_line(struct event_line *at, const char *line, struct event *ev)
{
	struct cursor in = {.p = line, .at = at};
	const char *letter = *line ? memchr(letters, *line, sizeof(letters)) : NULL;
	enum event_line_result result;

	if (!*line)
		return EVENT_LINE_CORRUPT;
	/* A kind of a later version is skipped, but the time it took has passed; what does not even
	 * have a time is no kind of any version. */
	*ev = (struct event){.kind = letter ? (uint8_t)(letter - letters) : EVENT_KIND_COUNT};
	in.p++;
	result = get_time(&in, ev);
	if (!letter && result == EVENT_LINE_OK)
		return EVENT_LINE_UNKNOWN;
	if (result != EVENT_LINE_OK)
		return result;
	for (const struct field *field = line_formats[ev->kind].fields;
	     result == EVENT_LINE_OK && field->type != FIELD_END && !(field->later && !*in.p);
	     field++)
		result = skip_blank(&in) ? get_field(&in, field, ev) : EVENT_LINE_CORRUPT;
	if (result == EVENT_LINE_OK && (!at_field_end(in.p) || !is_whole(ev)))
		return EVENT_LINE_CORRUPT;
	return result;
}
