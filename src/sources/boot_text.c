// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * boot_text: the iommu events of a printed trace, from before the start.
 * In: text. Out: events. Must never know: files, what becomes of the events.
 */
#include "boot_text.h"

#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "domain_ids.h"
#include "log_line.h"
#include "pairing.h"
#include "text_line.h"

/* Longer ones are of others, and cut. */
#define LINE_BYTES 1024
/* TASK_COMM_LEN of include/linux/sched.h. */
#define COMM_BYTES 16

struct kept {
	struct event ev; /* its texts are ours */
	uint64_t number;
	char comm[COMM_BYTES];
};

/* A ring that grows to what may be kept. */
struct ring {
	struct kept *kept;
	size_t capacity;
	uint64_t count; /* so many so far */
};

struct boot_text {
	struct boot_text_options options;
	struct domain_ids *ids;
	struct pairing *pairing; /* knows what a record means */
	struct ring traffic, others;
	struct boot_text_found found;
	bool after; /* a line of after the start was seen */
	char comm[COMM_BYTES];
	char line[LINE_BYTES];
	size_t line_length;
	char clean[LINE_BYTES];
};

/* ---- what is kept ---- */

static struct kept *next_place(struct boot_text *text, struct ring *ring)
{
	if (ring->count < text->options.keep) {
		ring->kept = grow(ring->kept, &ring->capacity, ring->count, sizeof(*ring->kept));
	} else {
		event_free_texts(&ring->kept[ring->count % text->options.keep].ev);
		text->found.left_out++;
	}
	return &ring->kept[ring->count++ % text->options.keep];
}

static void keep_event(void *context, const struct event *ev)
{
	struct boot_text *text = context;
	bool traffic = ev->kind == EVENT_MAP || ev->kind == EVENT_UNMAP;
	struct kept *kept;

	if (!event_can_be_before(ev->kind))
		return;
	kept = next_place(text, traffic ? &text->traffic : &text->others);
	kept->ev = *ev;
	kept->ev.context |= CONTEXT_BEFORE;
	event_own_texts(&kept->ev);
	kept->number = text->found.events++;
	memcpy(kept->comm, text->comm, sizeof(kept->comm));
}

/* ---- lines ---- */

/* "<...>" is what the kernel prints where it has forgotten a name. */
static void take_comm(struct boot_text *text, const struct text_line *line)
{
	size_t length = line->comm_length < COMM_BYTES ? line->comm_length : COMM_BYTES - 1;

	memset(text->comm, 0, sizeof(text->comm));
	if (length && strncmp(line->comm, "<...>", line->comm_length) != 0)
		memcpy(text->comm, line->comm, length);
}

/* A stamp that counts from the first record says nothing about the start. */
static bool is_after(const struct boot_text *text, const struct text_line *line)
{
	return text->options.until && !(line->flags & TEXT_IS_RELATIVE) &&
	       line->raw.ts_ns >= text->options.until;
}

static void take_event(struct boot_text *text, struct text_line *line)
{
	const struct event_sink sink = {.emit = keep_event, .context = text};
	bool timeless =
		text->options.timeless || line->flags & (TEXT_IS_NO_TIME | TEXT_IS_RELATIVE);

	if (is_after(text, line)) {
		text->after = true;
	} else if (line->raw.kind > RAW_FAULT) {
		text->found.odd++;
	} else {
		text->found.timeless |= timeless;
		take_comm(text, line);
		if (timeless)
			line->raw.ts_ns = 0;
		pairing_take(text->pairing, &line->raw, line->raw.ts_ns, &sink);
	}
	free(line->raw.text);
}

/* include/trace/events/iommu.h: what is printed of each begins so, from 3.13 on. */
static bool is_of_iommu(const char *line, size_t length)
{
	static const char mark[] = ": IOMMU:";

	return memmem(line, length, mark, sizeof(mark) - 1);
}

static void read_line(struct boot_text *text, const char *bytes, size_t length,
                      struct text_line *line)
{
	log_line_clean(bytes, length, text->clean, sizeof(text->clean));
	text_line_read(text->clean, line);
}

static void take_line(struct boot_text *text, const char *bytes, size_t length)
{
	struct text_line line;

	if (length > 4 && !memcmp(bytes, "CPU:", 4)) {
		read_line(text, bytes, length, &line);
		if (line.kind == TEXT_LINE_LOST)
			text->found.lost += line.lost ? line.lost : 1;
		free(line.raw.text);
	} else if (is_of_iommu(bytes, length)) {
		read_line(text, bytes, length, &line);
		if (line.kind == TEXT_LINE_EVENT)
			take_event(text, &line);
		else
			free(line.raw.text);
	}
}

/* Of whatever system: where only others trace, this one ends the reading. */
static void look_at_time(struct boot_text *text, const char *bytes, size_t length)
{
	struct text_line line;

	read_line(text, bytes, length, &line);
	text->after |= line.kind == TEXT_LINE_EVENT && is_after(text, &line);
	free(line.raw.text);
}

static void add_to_line(struct boot_text *text, const char *bytes, size_t length)
{
	text->line_length +=
		append_bytes(text->line, text->line_length, sizeof(text->line), bytes, length);
}

bool boot_text_take(struct boot_text *text, const char *bytes, size_t length)
{
	const char *end = bytes + length, *last = NULL, *newline = NULL;

	for (const char *at = bytes; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline) {
			add_to_line(text, at, (size_t)(end - at));
			break;
		}
		if (text->line_length) {
			add_to_line(text, at, (size_t)(newline - at));
			take_line(text, text->line, text->line_length);
			text->line_length = 0;
		} else {
			take_line(text, at, (size_t)(newline - at));
			last = at;
		}
	}
	if (last)
		look_at_time(text, last, strcspn(last, "\n"));
	return !text->after;
}

/* ---- telling ---- */

static const struct kept *kept_at(const struct boot_text *text, const struct ring *ring,
                                  uint64_t at)
{
	return at < ring->count ? &ring->kept[at % text->options.keep] : NULL;
}

static uint64_t oldest(const struct boot_text *text, const struct ring *ring)
{
	return ring->count > text->options.keep ? ring->count - text->options.keep : 0;
}

static void tell(const struct kept *kept, const struct kept *before, const struct event_sink *sink)
{
	const struct event name =
		event_attr_text(kept->ev.ts_ns, ATTR_TASK_COMM_BEFORE, NULL, (uint32_t)kept->ev.pid,
	                        kept->comm[0] ? kept->comm : NULL);

	if (!before || before->ev.pid != kept->ev.pid || strcmp(before->comm, kept->comm) != 0)
		event_emit(sink, &name);
	event_emit(sink, &kept->ev);
}

void boot_text_tell(const struct boot_text *text, const struct event_sink *sink)
{
	uint64_t traffic = oldest(text, &text->traffic), others = oldest(text, &text->others);
	const struct kept *before = NULL;

	for (;;) {
		const struct kept *one = kept_at(text, &text->traffic, traffic);
		const struct kept *other = kept_at(text, &text->others, others);
		bool is_traffic = one && (!other || one->number < other->number);

		if (!one && !other)
			return;
		traffic += is_traffic;
		others += !is_traffic;
		if (!is_traffic)
			one = other;
		tell(one, before, sink);
		before = one;
	}
}

struct boot_text_found boot_text_found(const struct boot_text *text)
{
	return text->found;
}

/* ---- opening and closing ---- */

struct boot_text *boot_text_new(const struct boot_text_options *options)
{
	struct boot_text *text = xcalloc(1, sizeof(*text));

	text->options = *options;
	text->ids = domain_ids_new();
	text->pairing = pairing_new(text->ids);
	return text;
}

static void release(const struct boot_text *text, struct ring *ring)
{
	for (uint64_t at = oldest(text, ring); at < ring->count; at++)
		event_free_texts(&ring->kept[at % text->options.keep].ev);
	free(ring->kept);
}

void boot_text_free(struct boot_text *text)
{
	if (!text)
		return;
	release(text, &text->traffic);
	release(text, &text->others);
	pairing_free(text->pairing);
	domain_ids_free(text->ids);
	free(text);
}
