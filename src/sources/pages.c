// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pages: the kernel's ring-buffer pages, taken apart.
 * In: format texts once, then the bytes of pages. Out: struct raw.
 * Must never know: where the bytes come from, other CPUs, the model.
 *
 * Only libtraceevent's parser of format texts is used, at set-up. The walk over a page is our own:
 * kbuffer_missed_events() forgets the mark of lost events where a page starts with a time extend.
 */
#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event-parse.h>

#include "../event.h"
#include "../util.h"

/* Longer than any device's name; the kernel's text is not trusted to end. */
#define TEXT_MAX 255

/* Event types are 16 bits wide (common_type, unsigned short). */
#define TYPE_COUNT 65536

_Static_assert(PAGE_BINDINGS < UINT8_MAX, "an index fits layout_of_type");

/* An array in a record. */
struct list {
	const uint8_t *items;
	size_t count;
	uint8_t item_bytes;
};

/*
 * The same without a branch, for the records that come by the million: of each value QUICK_BYTES
 * that begin where the field begins, what is not of it masked out. They may end behind the record,
 * but not behind its page. mask 0: there is no such field.
 */
#define QUICK_BYTES 8

struct quick {
	uint64_t masks[PAGE_VALUES];
	uint16_t offsets[PAGE_VALUES];
	uint32_t least_bytes; /* UINT32_MAX: has to be taken the other way */
	uint8_t kind;
};

/*
 * The same of a call and its tracepoint, one behind the other, as nearly all records are: where
 * they lie is known of both at once, and their fields are whole words. Offsets are from the head of
 * the call; twins are the fields of both that have to be alike.
 */
#define TWINS 3

struct pair {
	uint64_t call_head, head; /* HEAD_BITS of both; NO_HEAD: there is no such pair */
	uint16_t call[TWINS], tracepoint[TWINS];
	uint16_t domain, word; /* that of 4 bytes */
	uint16_t second;       /* the head of the tracepoint */
	uint16_t bytes;
	uint8_t kind;
};

enum { MAP_PAIR, UNMAP_PAIR, PAIR_COUNT };

/* Of the first eight bytes of an event: its length and, behind its time, the record's type; the
 * record's flags. */
#define HEAD_BITS 0x0000ffff0000001full
#define NO_HEAD   UINT64_MAX
#define FLAG_BITS \
	((uint64_t)(TRACE_FLAG_HARDIRQ | TRACE_FLAG_SOFTIRQ | TRACE_FLAG_NEED_RESCHED) << 48)

struct pages {
	struct tep_handle *tep;
	struct page_field timestamp;
	struct page_field commit;
	size_t data_offset;
	size_t size;
	struct page_field type;
	struct page_layout layouts[PAGE_BINDINGS];
	struct quick quicks[PAGE_BINDINGS + 1]; /* of the layouts; the first is of none */
	struct pair pairs[PAIR_COUNT];
	bool no_pairs;
	bool any_pairs; /* some record can begin one */
	uint16_t types[PAGE_BINDINGS];
	uint16_t record_bytes[PAGE_BINDINGS]; /* where all fields have one length; 0: unknown */
	uint8_t context_of_flags[UINT8_MAX + 1];
	uint8_t layout_of_type[TYPE_COUNT]; /* index + 1; 0: not ours */
};

/* kernel/trace/ring_buffer.c and include/linux/ring_buffer.h */
enum {
	TYPE_DATA_MAX = 28, /* lengths in words; 0: the length is in the word that follows */
	TYPE_PADDING = 29,
	TYPE_TIME_EXTEND = 30,
	TYPE_TIME_STAMP = 31,
	TIME_DELTA_BITS = 27,
};

#define MISSED_EVENTS   (1u << 31) /* events were overwritten before this page ... */
#define MISSED_STORED   (1u << 30) /* ... and their number stands behind the data */
#define TIME_STAMP_HIGH (0xf8ull << 56)
#define TIME_STAMP_TURN (1ull << 59)

/* The part of a page that is still to be read. */
struct cursor {
	const uint8_t *at, *end;
	const uint8_t *quick_end; /* up to here, QUICK_BYTES more may be read */
	uint64_t ts_ns;
};

struct record {
	const uint8_t *data;
	size_t size;
};

/* What was taken out of a page and is not handed on yet. */
#define BATCH 64u

struct batch {
	const struct raw_sink *sink;
	size_t count;
	uint16_t cpu;
	struct raw raws[BATCH];
};

enum step { STEP_RECORD, STEP_NO_RECORD, STEP_END, STEP_NONSENSE };

static uint32_t load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static uint16_t load16(const uint8_t *at)
{
	uint16_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static uint64_t load64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static uint64_t load_field(const uint8_t *record, struct page_field field)
{
	const uint8_t *at = record + field.offset;

	switch (field.size) {
	case 8:
		return load64(at);
	case 4:
		return field.is_signed ? (uint64_t)(int32_t)load32(at) : load32(at);
	case 2:
		return field.is_signed ? (uint64_t)(int16_t)load16(at) : load16(at);
	case 1:
		return field.is_signed ? (uint64_t)(int8_t)*at : *at;
	default:
		return 0;
	}
}

/* The two bit fields of a ring-buffer event's first word are laid out as the compiler does. */
static unsigned int type_of(uint32_t head)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? head >> TIME_DELTA_BITS : head & 31;
}

static uint32_t delta_of(uint32_t head)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? head & ((1u << TIME_DELTA_BITS) - 1)
	                                              : head >> 5;
}

static size_t left(const struct cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/* Leaves the head word and size bytes behind it; false when the page does not hold so many. */
static bool skip(struct cursor *cursor, size_t size)
{
	if (left(cursor) < 4 || left(cursor) - 4 < size)
		return false;
	cursor->at += 4 + size;
	return true;
}

/*
 * A data event whose length did not fit its type: the next word has it, and counts itself
 * (rb_event_data_length).
 */
static enum step step_long_data(struct cursor *cursor, uint32_t delta, struct record *record)
{
	size_t length;

	if (left(cursor) < 8)
		return STEP_NONSENSE;
	length = load32(cursor->at + 4);
	if (length < 4 || length > left(cursor))
		return STEP_NONSENSE;
	record->data = cursor->at + 8;
	record->size = length - 4;
	if (!skip(cursor, (length + 3) & ~(size_t)3))
		return STEP_NONSENSE;
	cursor->ts_ns += delta;
	return STEP_RECORD;
}

static enum step step_data(struct cursor *cursor, unsigned int type, uint32_t delta,
                           struct record *record)
{
	record->data = cursor->at + 4;
	record->size = type * 4;
	if (!skip(cursor, record->size))
		return STEP_NONSENSE;
	cursor->ts_ns += delta;
	return STEP_RECORD;
}

/* With a delta it is a discarded event, whose time counts; without, the rest of the page. */
static enum step step_padding(struct cursor *cursor, uint32_t delta)
{
	if (!delta)
		return STEP_END;
	if (left(cursor) < 8 || !skip(cursor, load32(cursor->at + 4)))
		return STEP_NONSENSE;
	cursor->ts_ns += delta;
	return STEP_NO_RECORD;
}

/* An absolute time stamp lacks the highest five bits; they are those of the time before, and one
 * more where it would go back (rb_fix_abs_ts). */
static uint64_t absolute_time(uint64_t stamp, uint64_t before)
{
	if (!(before & TIME_STAMP_HIGH))
		return stamp;
	stamp |= before & TIME_STAMP_HIGH;
	return stamp < before ? stamp + TIME_STAMP_TURN : stamp;
}

static enum step step_time(struct cursor *cursor, unsigned int type, uint32_t delta)
{
	uint64_t time;

	if (left(cursor) < 8)
		return STEP_NONSENSE;
	time = ((uint64_t)load32(cursor->at + 4) << TIME_DELTA_BITS) + delta;
	cursor->ts_ns =
		type == TYPE_TIME_STAMP ? absolute_time(time, cursor->ts_ns) : cursor->ts_ns + time;
	cursor->at += 8;
	return STEP_NO_RECORD;
}

/* Moves over one ring-buffer event. STEP_NONSENSE leaves the cursor before it. */
static enum step step(struct cursor *cursor, struct record *record)
{
	unsigned int type;
	uint32_t head;

	if (!left(cursor))
		return STEP_END;
	if (left(cursor) < 4)
		return STEP_NONSENSE;
	head = load32(cursor->at);
	type = type_of(head);
	if (!type)
		return step_long_data(cursor, delta_of(head), record);
	if (type <= TYPE_DATA_MAX)
		return step_data(cursor, type, delta_of(head), record);
	if (type == TYPE_PADDING)
		return step_padding(cursor, delta_of(head));
	return step_time(cursor, type, delta_of(head));
}

/* The word says where in the record the text lies: offset, and in the high half its length. */
static char *copy_dynamic(const struct record *record, uint32_t word)
{
	size_t offset = word & 0xffff;
	size_t length = word >> 16;
	char *text;

	if (offset > record->size || length > record->size - offset)
		return NULL;
	length =
		strnlen((const char *)record->data + offset, length < TEXT_MAX ? length : TEXT_MAX);
	text = xmalloc(length + 1);
	memcpy(text, record->data + offset, length);
	text[length] = '\0';
	return text;
}

/* False: it is empty, or not wholly within the record. */
static bool find_list(const struct record *record, struct page_field field, struct list *list)
{
	uint32_t word = (uint32_t)load_field(record->data, field);
	size_t offset = word & 0xffff;
	size_t length = word >> 16;

	if (length < field.item_bytes || length % field.item_bytes || offset > record->size ||
	    length > record->size - offset)
		return false;
	*list = (struct list){
		.items = record->data + offset,
		.count = length / field.item_bytes,
		.item_bytes = field.item_bytes,
	};
	return true;
}

static uint64_t load_item(const struct list *list, size_t i)
{
	const uint8_t *at = list->items + i * list->item_bytes;

	return list->item_bytes == 8 ? load64(at) : load32(at);
}

/*
 * From the first address to the end of the last entry. 0: they do not follow each other, as where
 * each entry has a bounce buffer of its own, or some are another device's memory.
 */
static uint64_t span_of(const struct list *addresses, const struct list *lengths)
{
	uint64_t first = load_item(addresses, 0);
	uint64_t end = first;

	if (addresses->count != lengths->count)
		return 0;
	for (size_t i = 0; i < addresses->count; i++) {
		uint64_t address = load_item(addresses, i);

		if (address < end || address > UINT64_MAX - load_item(lengths, i))
			return 0;
		end = address + load_item(lengths, i);
	}
	return end - first;
}

/* The first entry of each, but lengths become one. */
static bool take_lists(const struct page_layout *layout, const struct record *record,
                       struct raw *raw)
{
	struct list lists[PAGE_VALUES];

	for (unsigned int i = 0; i < PAGE_VALUES && layout->values[i].size; i++) {
		if (!find_list(record, layout->values[i], &lists[i]))
			return false;
		raw->value[i] = load_item(&lists[i], 0);
	}
	if (layout->kind == RAW_DMA_MAP_LIST)
		raw->value[1] = span_of(&lists[0], &lists[1]);
	return true;
}

_Static_assert((int)TRACE_FLAG_HARDIRQ >> 3 == (int)CONTEXT_HARD_IRQ &&
                       (int)TRACE_FLAG_SOFTIRQ >> 3 == (int)CONTEXT_SOFT_IRQ &&
                       (int)TRACE_FLAG_NEED_RESCHED == (int)CONTEXT_NEED_RESCHED,
               "context_of moves the kernel's bits to ours");

static inline uint8_t context_of(uint64_t flags)
{
	return (uint8_t)((flags >> 3 & (CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ)) |
	                 (flags & CONTEXT_NEED_RESCHED));
}

static void hand_on(struct batch *batch)
{
	if (batch->count)
		batch->sink->take(batch->sink->context, batch->raws, batch->count);
	batch->count = 0;
}

/* Where the next record goes; it counts from then on. */
static inline struct raw *next_raw(struct batch *batch)
{
	if (batch->count == BATCH)
		hand_on(batch);
	return &batch->raws[batch->count++];
}

/*
 * False: the record is shorter than its format says, or its text lies outside of it. One whose
 * lists do is left out: it is only asked whose the records around it are.
 */
static bool take_record(const struct page_layout *layout, const struct record *record,
                        uint64_t ts_ns, struct batch *batch)
{
	struct raw raw = {.ts_ns = ts_ns, .cpu = batch->cpu, .kind = layout->kind};

	if (record->size < layout->least_bytes)
		return false;
	for (unsigned int i = 0; i < PAGE_VALUES; i++)
		raw.value[i] = load_field(record->data, layout->values[i]);
	raw.pid = (int32_t)load_field(record->data, layout->pid);
	raw.context = context_of(load_field(record->data, layout->flags));
	if (layout->lists && !take_lists(layout, record, &raw))
		return true;
	if (layout->text.size) {
		raw.text = copy_dynamic(record, (uint32_t)load_field(record->data, layout->text));
		if (!raw.text)
			return false;
	}
	*next_raw(batch) = raw;
	return true;
}

static bool take_if_ours(const struct pages *pages, const struct record *record, uint64_t ts_ns,
                         struct batch *batch)
{
	uint8_t index;

	if (record->size < (size_t)pages->type.offset + pages->type.size)
		return true;
	index = pages->layout_of_type[load_field(record->data, pages->type) & (TYPE_COUNT - 1)];
	return !index || take_record(&pages->layouts[index - 1], record, ts_ns, batch);
}

static void take_lost(uint64_t count, uint64_t ts_ns, struct batch *batch)
{
	*next_raw(batch) =
		(struct raw){.ts_ns = ts_ns, .cpu = batch->cpu, .kind = RAW_LOST, .value = {count}};
}

static inline uint64_t load_quick(const uint8_t *record, const struct quick *quick, unsigned int i)
{
	return load64(record + quick->offsets[i]) & quick->masks[i];
}

static inline void take_quickly(const struct pages *pages, const uint8_t *record,
                                const struct quick *quick, struct raw *raw)
{
	raw->value[0] = load_quick(record, quick, 0);
	raw->value[1] = load_quick(record, quick, 1);
	raw->value[2] = load_quick(record, quick, 2);
	raw->value[3] = load_quick(record, quick, 3);
	raw->text = NULL;
	raw->pid = (int32_t)load32(record + 4);
	raw->kind = quick->kind;
	raw->context = pages->context_of_flags[record[2]];
	raw->inside_ns = 0;
}

static inline bool are_twins(const uint8_t *at, const struct pair *pair)
{
	const uint8_t *second = at + pair->second;

	return load64(at + pair->call[0]) == load64(at + pair->tracepoint[0]) &&
	       load64(at + pair->call[1]) == load64(at + pair->tracepoint[1]) &&
	       load64(at + pair->call[2]) == load64(at + pair->tracepoint[2]) &&
	       load32(at + 8) == load32(second + 8) && !((load64(at) ^ load64(second)) & FLAG_BITS);
}

static inline bool is_pair(const uint8_t *at, const uint8_t *end, const struct pair *pair)
{
	return end - at >= pair->bytes && (load64(at) & HEAD_BITS) == pair->call_head &&
	       (load64(at + pair->second) & HEAD_BITS) == pair->head && are_twins(at, pair);
}

static inline void take_pair(const struct pages *pages, const uint8_t *at, const struct pair *pair,
                             struct raw *raw)
{
	raw->value[0] = load64(at + pair->domain);
	raw->value[1] = load64(at + pair->call[0]);
	raw->value[2] = load64(at + pair->call[1]);
	raw->value[3] = load32(at + pair->word);
	raw->text = NULL;
	raw->pid = (int32_t)load32(at + 8);
	raw->kind = pair->kind;
	raw->context = pages->context_of_flags[at[6]];
	raw->inside_ns = delta_of(load32(at + pair->second));
}

/* As many of one kind as there are. */
static void walk_pairs(const struct pages *pages, const struct pair *pair, struct cursor *cursor,
                       struct batch *batch)
{
	struct raw *raw = batch->raws + batch->count;
	const struct raw *full = batch->raws + BATCH;
	const uint8_t *at = cursor->at, *end = cursor->quick_end;
	uint64_t ts_ns = cursor->ts_ns;
	uint16_t cpu = batch->cpu;

	for (; raw < full && is_pair(at, end, pair); raw++) {
		take_pair(pages, at, pair, raw);
		raw->ts_ns = ts_ns + delta_of(load32(at));
		raw->cpu = cpu;
		ts_ns = raw_end_ns(raw);
		at += pair->bytes;
	}
	batch->count = (size_t)(raw - batch->raws);
	cursor->at = at;
	cursor->ts_ns = ts_ns;
}

/*
 * Small records of events that can be taken quickly, one by one. Stops before anything else, which
 * step() and take_if_ours() look at closely. True: it stopped behind a tracepoint, where pairs may
 * follow.
 */
static bool walk_quickly(const struct pages *pages, struct cursor *cursor, struct batch *batch)
{
	struct raw *raw = batch->raws + batch->count;
	const struct raw *full = batch->raws + BATCH;
	const uint8_t *at = cursor->at, *end = cursor->quick_end;
	uint64_t ts_ns = cursor->ts_ns;
	uint16_t cpu = batch->cpu;
	uint32_t stop = pages->any_pairs ? RAW_TRAFFIC : 0;
	bool stops = false;

	while (at < end && raw < full && !stops) {
		uint32_t head = load32(at);
		uint32_t size = type_of(head) * 4;
		const struct quick *quick = &pages->quicks[pages->layout_of_type[load16(at + 4)]];
		const uint8_t *next = at + 4 + size;

		if (size > TYPE_DATA_MAX * 4 || size < quick->least_bytes || next > end)
			break;
		ts_ns += delta_of(head);
		take_quickly(pages, at + 4, quick, raw);
		raw->ts_ns = ts_ns;
		raw->cpu = cpu;
		stops = raw_is_one_of(raw->kind, stop);
		at = next;
		raw++;
	}
	batch->count = (size_t)(raw - batch->raws);
	cursor->at = at;
	cursor->ts_ns = ts_ns;
	return stops;
}

/* Most pages hold nothing else. */
static void walk_over_most(const struct pages *pages, struct cursor *cursor, struct batch *batch)
{
	const uint8_t *before;

	do {
		do {
			before = cursor->at;
			for (size_t i = 0; i < PAIR_COUNT; i++)
				walk_pairs(pages, &pages->pairs[i], cursor, batch);
		} while (cursor->at != before);
	} while (walk_quickly(pages, cursor, batch));
}

/* ring_buffer_read_page() stores the number only where the page has room for it. */
static uint64_t missed_count(const struct pages *pages, const uint8_t *page, size_t size,
                             uint64_t commit, size_t data_bytes)
{
	struct page_field count = {.size = pages->commit.size};
	size_t at = pages->data_offset + data_bytes;

	if (!(commit & MISSED_STORED) || at > size || size - at < count.size)
		return 0;
	return load_field(page + at, count);
}

/* Returns the bytes that could not be read. */
static size_t walk(const struct pages *pages, struct cursor *cursor, struct batch *batch)
{
	for (;;) {
		const uint8_t *before;
		struct record record;

		walk_over_most(pages, cursor, batch);
		before = cursor->at;
		switch (step(cursor, &record)) {
		case STEP_RECORD:
			if (take_if_ours(pages, &record, cursor->ts_ns, batch))
				continue;
			return (size_t)(cursor->end - before);
		case STEP_NO_RECORD:
			continue;
		case STEP_END:
			return 0;
		case STEP_NONSENSE:
			return (size_t)(cursor->end - before);
		}
	}
}

static bool is_at(struct page_field field, uint16_t offset, uint8_t size)
{
	return field.offset == offset && field.size == size;
}

/* No text, no sign to be kept, and a head as every kernel has had it since there are formats. */
static bool can_be_quick(const struct pages *pages, const struct page_layout *layout)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || layout->text.size ||
	    !is_at(pages->type, 0, 2) || !is_at(layout->flags, 2, 1) || !is_at(layout->pid, 4, 4))
		return false;
	for (unsigned int i = 0; i < PAGE_VALUES; i++)
		if (layout->values[i].is_signed && layout->values[i].size < 8)
			return false;
	return true;
}

static struct quick quick_of(const struct page_layout *layout)
{
	struct quick quick = {
		.least_bytes = (uint32_t)layout->least_bytes,
		.kind = layout->kind,
	};

	for (unsigned int i = 0; i < PAGE_VALUES; i++) {
		struct page_field field = layout->values[i];

		quick.offsets[i] = field.offset;
		quick.masks[i] = field.size ? UINT64_MAX >> (64 - 8 * field.size) : 0;
	}
	return quick;
}

/* Of an event without texts and lists; 0: more than the short form of a head can tell. */
static uint16_t record_bytes_of(const struct tep_event *event)
{
	int end = 0;

	for (const struct tep_format_field *field = event->format.fields; field;
	     field = field->next)
		if (field->offset + field->size > end)
			end = field->offset + field->size;
	end = (end + 3) & ~3;
	return end <= TYPE_DATA_MAX * 4 ? (uint16_t)end : 0;
}

/* The binding of this kind, if its records can be part of a pair; else PAGE_BINDINGS. */
static unsigned int half_of_pair(const struct pages *pages, uint8_t kind)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].kind == kind && pages->record_bytes[i] &&
		    pages->quicks[i + 1].least_bytes != UINT32_MAX)
			return i;
	return PAGE_BINDINGS;
}

static uint64_t head_bits(const struct pages *pages, unsigned int binding)
{
	return (uint64_t)pages->types[binding] << 32 | pages->record_bytes[binding] / 4;
}

/* Values of a call: domain, iova, size, a word; of its tracepoint: iova, size, perhaps one more
 * that is the same size. */
static struct pair pair_of(const struct pages *pages, uint8_t kind, unsigned int call,
                           unsigned int tracepoint)
{
	const struct page_field *a = pages->layouts[call].values;
	const struct page_field *b = pages->layouts[tracepoint].values;
	uint16_t first = 4, second = (uint16_t)(first + pages->record_bytes[call]);
	uint16_t behind = (uint16_t)(second + 4);

	return (struct pair){
		.call_head = head_bits(pages, call),
		.head = head_bits(pages, tracepoint),
		.call = {(uint16_t)(first + a[1].offset), (uint16_t)(first + a[2].offset),
	                 (uint16_t)(first + a[2].offset)},
		.tracepoint = {(uint16_t)(behind + b[0].offset), (uint16_t)(behind + b[1].offset),
	                       (uint16_t)(behind + (b[2].size ? b[2] : b[1]).offset)},
		.domain = (uint16_t)(first + a[0].offset),
		.word = (uint16_t)(first + a[3].offset),
		.second = second,
		.bytes = (uint16_t)(behind + pages->record_bytes[tracepoint]),
		.kind = kind,
	};
}

/* As they are on 64-bit machines. */
static bool fit_for_pairs(const struct page_field *call, const struct page_field *tracepoint)
{
	return call[0].size == 8 && call[1].size == 8 && call[2].size == 8 && call[3].size == 4 &&
	       tracepoint[0].size == 8 && tracepoint[1].size == 8 &&
	       (tracepoint[2].size == 8 || !tracepoint[2].size);
}

static void make_pair(struct pages *pages, struct pair *pair, uint8_t kind, uint8_t call_kind,
                      uint8_t tracepoint_kind)
{
	unsigned int call = half_of_pair(pages, call_kind);
	unsigned int tracepoint = half_of_pair(pages, tracepoint_kind);

	pair->call_head = NO_HEAD;
	if (call < PAGE_BINDINGS && tracepoint < PAGE_BINDINGS && !pages->no_pairs &&
	    fit_for_pairs(pages->layouts[call].values, pages->layouts[tracepoint].values))
		*pair = pair_of(pages, kind, call, tracepoint);
}

static void make_pairs(struct pages *pages)
{
	make_pair(pages, &pages->pairs[MAP_PAIR], RAW_MAP_PAIR, RAW_MAP_CALL, RAW_MAP);
	make_pair(pages, &pages->pairs[UNMAP_PAIR], RAW_UNMAP_PAIR, RAW_UNMAP_CALL, RAW_UNMAP);
	pages->any_pairs = false;
	for (size_t i = 0; i < PAIR_COUNT; i++)
		pages->any_pairs |= pages->pairs[i].call_head != NO_HEAD;
}

/*
 * header_page lists fields just as a format does, only without a head: given one, the parser of
 * formats reads it. tep_parse_header_page() would read it, too, but keeps most of it to itself.
 */
static struct tep_event *parse_header_page(struct tep_handle *tep, const char *text, size_t size)
{
	static const char head[] = "name: header_page\nID: 0\nformat:\n\n";
	static const char tail[] = "\nprint fmt: \"\"\n";
	size_t room = sizeof(head) + size + sizeof(tail);
	char *format = xmalloc(room);
	int length;

	length = snprintf(format, room, "%s%.*s%s", head, (int)size, text, tail);
	tep_parse_event(tep, format, (unsigned long)length, "ftrace");
	free(format);
	return tep_find_event_by_name(tep, "ftrace", "header_page");
}

static int resolve_page(struct pages *pages, struct tep_event *header)
{
	struct tep_format_field *data = header ? tep_find_field(header, "data") : NULL;

	if (!data || data->offset < QUICK_BYTES || data->size <= 0 ||
	    !page_field_resolve(tep_find_field(header, "timestamp"), &pages->timestamp) ||
	    !page_field_resolve(tep_find_field(header, "commit"), &pages->commit) ||
	    pages->timestamp.offset + pages->timestamp.size > data->offset ||
	    pages->commit.offset + pages->commit.size > data->offset)
		return -1;
	pages->data_offset = (size_t)data->offset;
	pages->size = (size_t)data->offset + (size_t)data->size;
	return 0;
}

struct pages *pages_new(const char *header_page, size_t size, struct error *err)
{
	struct pages *pages = xcalloc(1, sizeof(*pages));

	for (size_t i = 0; i < ARRAY_SIZE(pages->quicks); i++)
		pages->quicks[i].least_bytes = UINT32_MAX;
	for (size_t flags = 0; flags < ARRAY_SIZE(pages->context_of_flags); flags++)
		pages->context_of_flags[flags] = context_of(flags);
	make_pairs(pages);
	tep_set_loglevel(TEP_LOG_NONE); /* standard error belongs to the screen */
	pages->tep = tep_alloc();
	if (!pages->tep)
		abort();
	if (resolve_page(pages, parse_header_page(pages->tep, header_page, size)) < 0) {
		error_set(err, 0, "the kernel's events/header_page is not understood");
		pages_free(pages);
		return NULL;
	}
	return pages;
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	tep_free(pages->tep);
	free(pages);
}

int pages_bind(struct pages *pages, unsigned int binding, const char *system, const char *format,
               size_t size, struct error *err)
{
	const struct page_binding *wanted = &page_bindings[binding];
	struct page_layout layout = {.kind = wanted->kind, .lists = wanted->lists};
	struct tep_event *event;
	const char *missing;

	if (wanted->system)
		system = wanted->system;
	tep_parse_event(pages->tep, format, size, system);
	event = tep_find_event_by_name(pages->tep, system, wanted->event);
	if (!event || event->id < 0 || event->id >= TYPE_COUNT)
		return error_set(err, 0, "the format of %s:%s is not understood", system,
		                 wanted->event);
	missing = page_binding_resolve(wanted, event, &layout);
	if (!missing &&
	    !page_field_resolve(tep_find_common_field(event, "common_type"), &pages->type))
		missing = "common_type";
	if (missing)
		return error_set(err, 0, "%s:%s of this kernel has no usable field %s", system,
		                 wanted->event, missing);
	pages->layouts[binding] = layout;
	if (can_be_quick(pages, &layout))
		pages->quicks[binding + 1] = quick_of(&layout);
	pages->types[binding] = (uint16_t)event->id;
	pages->record_bytes[binding] = record_bytes_of(event);
	pages->layout_of_type[event->id] = (uint8_t)(binding + 1);
	/* Records that tell the device of maps look for these one by one. */
	pages->no_pairs = pages->no_pairs || wanted->set == SET_FALLBACK;
	make_pairs(pages);
	return 0;
}

size_t pages_size(const struct pages *pages)
{
	return pages->size;
}

struct page_summary pages_decode(const struct pages *pages, const void *page, size_t size,
                                 uint16_t cpu, const struct raw_sink *sink)
{
	struct page_summary summary = {0};
	struct batch batch;
	struct cursor cursor;
	uint64_t commit;
	size_t room;

	batch.sink = sink;
	batch.cpu = cpu;
	batch.count = 0;
	if (size < pages->data_offset) {
		summary.unread_bytes = size;
		return summary;
	}
	commit = load_field(page, pages->commit);
	room = size - pages->data_offset;
	summary.data_bytes = commit & (MISSED_STORED - 1);
	summary.lost = commit & MISSED_EVENTS;
	cursor.ts_ns = load_field(page, pages->timestamp);
	cursor.at = (const uint8_t *)page + pages->data_offset;
	cursor.end = cursor.at + (summary.data_bytes < room ? summary.data_bytes : room);
	cursor.quick_end = (const uint8_t *)page + size - QUICK_BYTES;
	if (cursor.end < cursor.quick_end)
		cursor.quick_end = cursor.end;
	if (summary.lost)
		take_lost(missed_count(pages, page, size, commit, summary.data_bytes), cursor.ts_ns,
		          &batch);
	summary.unread_bytes = walk(pages, &cursor, &batch);
	if (summary.data_bytes > room)
		summary.unread_bytes += summary.data_bytes - room;
	if (summary.unread_bytes)
		take_lost(0, cursor.ts_ns, &batch);
	hand_on(&batch);
	summary.last_ns = cursor.ts_ns;
	return summary;
}
