// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream: many lanes in, one timeline out.
 * In: struct raw of each CPU, struct event of the other sources. Out: struct event, oldest first.
 * Must never know: files, clocks, what a record means, the model.
 */
#include "stream.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../owned.h"
#include "../util.h"
#include "dma_unmaps.h"
#include "pairing.h"

/* First in, first out; a ring, so that what stays behind the watermark is never moved. */
struct lane {
	struct raw *raws;
	size_t head, count;
	size_t capacity;  /* a power of two, or 0 */
	uint64_t last_ns; /* of the record pushed last */
	bool after_lost;  /* the newest is, or was, a RAW_LOST */
};

/* A lane that has something, in the heap, by the time of its oldest. */
struct turn {
	uint64_t ts_ns;
	unsigned int lane;
};

/* So many maps and unmaps are emitted at once, at most. */
#define TRAFFIC 64u

struct stream {
	struct lane *lanes; /* one a CPU */
	struct event_queue events;
	struct turn *heap; /* room for all lanes; filled anew by each flush */
	unsigned int cpus;
	unsigned int turns;
	struct pairing *pairing;
	struct dma_unmaps *unmaps;
	uint64_t last_ns; /* of the last event emitted */
	uint64_t late;    /* since the last flush told */
	struct event traffic[TRAFFIC];
};

static void lane_grow(struct lane *lane)
{
	size_t capacity = lane->capacity ? lane->capacity * 2 : 64;
	size_t to_end = lane->capacity - lane->head;

	lane->raws = xrealloc(lane->raws, capacity * sizeof(*lane->raws));
	/* A full ring that wraps: its older part moves to the new end, the younger stays. */
	if (lane->head) {
		memmove(lane->raws + capacity - to_end, lane->raws + lane->head,
		        to_end * sizeof(*lane->raws));
		lane->head = capacity - to_end;
	}
	lane->capacity = capacity;
}

static void lane_push(struct lane *lane, const struct raw *raw)
{
	if (lane->count == lane->capacity)
		lane_grow(lane);
	lane->raws[(lane->head + lane->count++) & (lane->capacity - 1)] = *raw;
}

/* In two parts where the ring ends between them. */
static void lane_push_all(struct lane *lane, const struct raw *raws, size_t count)
{
	size_t at, to_end;

	while (lane->capacity - lane->count < count)
		lane_grow(lane);
	at = (lane->head + lane->count) & (lane->capacity - 1);
	to_end = lane->capacity - at < count ? lane->capacity - at : count;
	memcpy(lane->raws + at, raws, to_end * sizeof(*raws));
	memcpy(lane->raws, raws + to_end, (count - to_end) * sizeof(*raws));
	lane->count += count;
}

static void lane_pop(struct lane *lane, size_t count)
{
	lane->head = (lane->head + count) & (lane->capacity - 1);
	lane->count -= count;
}

static void lane_release(struct lane *lane)
{
	for (; lane->count; lane_pop(lane, 1))
		free(lane->raws[lane->head].text);
	free(lane->raws);
}

/* With no more room than what waits in it takes: most of it is free most of the time. */
static struct lane lane_copy(const struct lane *lane)
{
	struct lane copy = {.last_ns = lane->last_ns, .after_lost = lane->after_lost};

	for (size_t i = 0; i < lane->count; i++) {
		struct raw raw = lane->raws[(lane->head + i) & (lane->capacity - 1)];

		if (raw.text)
			raw.text = xstrdup(raw.text);
		lane_push(&copy, &raw);
	}
	return copy;
}

static void own_lane(struct lane *lane, struct owned *owned)
{
	if (owned->task == OWNED_COPY)
		*lane = lane_copy(lane);
	owned->bytes += lane->capacity * sizeof(*lane->raws);
	if (owned->task == OWNED_FREE)
		lane_release(lane);
}

static struct event_queue queue_copy(const struct event_queue *queue)
{
	struct event_queue copy = {0};

	for (size_t i = 0; i < queue->count; i++)
		event_queue_push(&copy, &queue->events[queue->first + i]);
	return copy;
}

static void own_queue(struct event_queue *queue, struct owned *owned)
{
	if (owned->task == OWNED_COPY)
		*queue = queue_copy(queue);
	owned->bytes += queue->capacity * sizeof(*queue->events);
	if (owned->task == OWNED_FREE)
		event_queue_release(queue);
}

/* The lane of pushed events comes after those of the CPUs. */
static bool lane_head_time(const struct stream *stream, unsigned int index, uint64_t *ts_ns)
{
	const struct event *ev;

	if (index < stream->cpus) {
		const struct lane *lane = &stream->lanes[index];

		if (lane->count)
			*ts_ns = lane->raws[lane->head].ts_ns;
		return lane->count > 0;
	}
	ev = event_queue_head(&stream->events);
	if (ev)
		*ts_ns = ev->ts_ns;
	return ev != NULL;
}

static bool turn_before(const struct turn *a, const struct turn *b)
{
	return a->ts_ns < b->ts_ns || (a->ts_ns == b->ts_ns && a->lane < b->lane);
}

static void heap_sift_down(struct turn *heap, unsigned int count, unsigned int at)
{
	struct turn moved = heap[at];

	for (;;) {
		unsigned int child = 2 * at + 1;

		if (child >= count)
			break;
		if (child + 1 < count && turn_before(&heap[child + 1], &heap[child]))
			child++;
		if (!turn_before(&heap[child], &moved))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moved;
}

static void heap_fill(struct stream *stream)
{
	unsigned int count = 0;

	for (unsigned int lane = 0; lane <= stream->cpus; lane++) {
		stream->heap[count].lane = lane;
		if (lane_head_time(stream, lane, &stream->heap[count].ts_ns))
			count++;
	}
	for (unsigned int at = count / 2; at-- > 0;)
		heap_sift_down(stream->heap, count, at);
	stream->turns = count;
}

/* The first of the heap has been emitted: its lane queues up again, or leaves. */
static void heap_next(struct stream *stream)
{
	struct turn *first = &stream->heap[0];

	if (!lane_head_time(stream, first->lane, &first->ts_ns))
		*first = stream->heap[--stream->turns];
	if (stream->turns)
		heap_sift_down(stream->heap, stream->turns, 0);
}

/* Time as the reader sees it never goes back: a late event gets the time of its predecessor. */
static uint64_t timeline(struct stream *stream, uint64_t ts_ns)
{
	if (ts_ns < stream->last_ns)
		stream->late++;
	else
		stream->last_ns = ts_ns;
	return stream->last_ns;
}

static void emit_raw(struct stream *stream, struct raw *raw, const struct event_sink *sink)
{
	uint64_t ts_ns = raw->kind == RAW_GAP ? raw->ts_ns : timeline(stream, raw->ts_ns);

	pairing_take(stream->pairing, raw, ts_ns, sink);
	if (raw->text)
		free(raw->text);
}

/* How many of the first ones are pairs, or lone tracepoints, that can be emitted together. */
static size_t emit_together(struct stream *stream, const struct raw *raws, size_t count,
                            uint64_t until_ns, const struct event_sink *sink)
{
	bool pairs = raw_is_one_of(raws->kind, RAW_PAIRS);
	size_t most = count < TRAFFIC ? count : TRAFFIC;
	size_t taken = pairs ? pairing_take_pairs(stream->pairing, raws, most, stream->last_ns,
	                                          until_ns, stream->traffic)
	                     : pairing_take_lone(stream->pairing, raws, most, stream->last_ns,
	                                         until_ns, stream->traffic);

	if (!taken)
		return 0;
	stream->last_ns = stream->traffic[taken - 1].ts_ns;
	event_emit_traffic(sink, stream->traffic, taken);
	return taken;
}

/* Leaves the tracepoint of a pair where the pair was. */
static void emit_call(struct stream *stream, struct raw *pair, const struct event_sink *sink)
{
	struct raw call = raw_call_of(pair);

	emit_raw(stream, &call, sink);
	*pair = raw_tracepoint_of(pair);
}

/*
 * A CPU works alone for thousands of records: they are emitted in one go up to the time at which
 * another lane has something. Times that go back within the lane are late and change nothing.
 */
static void emit_raws(struct stream *stream, struct lane *lane, uint64_t until_ns,
                      const struct event_sink *sink)
{
	size_t to_end = lane->capacity - lane->head;
	struct raw *raws = lane->raws + lane->head, *raw = raws;
	const struct raw *end = raws + (lane->count < to_end ? lane->count : to_end);

	do {
		size_t together = emit_together(stream, raw, (size_t)(end - raw), until_ns, sink);

		if (together)
			raw += together;
		else if (raw_is_one_of(raw->kind, RAW_PAIRS))
			emit_call(stream, raw, sink);
		else
			emit_raw(stream, raw++, sink);
	} while (raw < end && raw->ts_ns <= until_ns);
	lane_pop(lane, (size_t)(raw - raws));
}

/* Up to when the first lane of the heap comes before all others. */
static uint64_t first_alone_until(const struct stream *stream, uint64_t watermark_ns)
{
	const struct turn *heap = stream->heap;
	const struct turn *second = &heap[1];
	uint64_t until_ns;

	if (stream->turns < 2)
		return watermark_ns;
	if (stream->turns > 2 && turn_before(&heap[2], second))
		second = &heap[2];
	/* Of equal times the first lane's comes first; else it is older than the other's. */
	until_ns = second->ts_ns - (heap[0].lane > second->lane);
	return until_ns < watermark_ns ? until_ns : watermark_ns;
}

/* Records of half a pair may be missing from here on. */
static bool breaks_pairs(const struct event *ev)
{
	return ev->kind == EVENT_CLASS || ev->kind == EVENT_COLLECT || ev->kind == EVENT_MISSED ||
	       (ev->kind == EVENT_LOST && ev->lost.source == SOURCE_TRACE);
}

static void emit_event(struct stream *stream, const struct event_sink *sink)
{
	struct event ev = *event_queue_head(&stream->events);

	ev.ts_ns = timeline(stream, ev.ts_ns);
	if (breaks_pairs(&ev))
		pairing_forget(stream->pairing);
	if (ev.kind == EVENT_COLLECT)
		pairing_set_mode(stream->pairing, (enum collect_mode)ev.collect.mode);
	if (stream->cpus) /* else there are neither records nor numbers of domains */
		pairing_hear(stream->pairing, &ev);
	event_emit(sink, &ev);
	event_queue_pop(&stream->events);
}

static void tell_late(struct stream *stream, const struct event_sink *sink)
{
	struct event ev = {.ts_ns = stream->last_ns, .kind = EVENT_LATE};

	if (!stream->late)
		return;
	ev.late.count = stream->late;
	event_emit(sink, &ev);
	stream->late = 0;
}

/* Where an event of this time belongs among those that wait: behind its equals. */
static size_t place_of(const struct event_queue *queue, uint64_t ts_ns)
{
	const struct event *events = queue->events + queue->first;
	size_t low = 0;
	size_t high = queue->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (events[middle].ts_ns <= ts_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct stream *stream_new(unsigned int cpus, struct domain_ids *ids)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));

	stream->cpus = cpus;
	stream->pairing = pairing_new(ids);
	stream->unmaps = dma_unmaps_new(cpus);
	stream->lanes = xcalloc(cpus, sizeof(*stream->lanes));
	stream->heap = xcalloc(cpus + 1, sizeof(*stream->heap));
	return stream;
}

void stream_owned(struct stream **address, struct domain_ids *ids, struct owned *owned)
{
	struct stream *stream;

	OWNED_BEGIN(owned, *address, 1, 1);
	stream = *address;
	OWNED_BEGIN(owned, stream->lanes, stream->cpus, stream->cpus);
	for (unsigned int cpu = 0; cpu < stream->cpus; cpu++)
		own_lane(&stream->lanes[cpu], owned);
	owned_end(owned, &stream->lanes);
	own_queue(&stream->events, owned);
	OWNED_ARRAY(owned, stream->heap, 0, stream->cpus + 1);
	pairing_owned(&stream->pairing, ids, owned);
	dma_unmaps_owned(&stream->unmaps, owned);
	owned_end(owned, address);
}

void stream_free(struct stream *stream)
{
	struct owned all = {.task = OWNED_FREE};

	if (stream)
		stream_owned(&stream, NULL, &all);
}

struct pairing *stream_pairing(struct stream *stream)
{
	return stream->pairing;
}

/*
 * The kernel marks lost records where reading goes on, behind the gap. It began behind the last
 * record there is. If that one has been emitted and others since, they were complete: all that had
 * happened by then had been read, and the gap is younger.
 */
static void push_gap(struct lane *lane, const struct raw *lost)
{
	struct raw gap = {.ts_ns = lane->last_ns, .cpu = lost->cpu, .kind = RAW_GAP};

	gap.value[0] = lost->ts_ns;
	if (gap.ts_ns < lost->ts_ns)
		lane_push(lane, &gap);
}

static struct raw *lane_tail(const struct lane *lane, size_t back)
{
	return &lane->raws[(lane->head + lane->count - 1 - back) & (lane->capacity - 1)];
}

/* How many records of other contexts a DMA record looks past: interrupts are short. */
#define LOOK_PAST 64u

/* How far it has looked. */
struct look {
	size_t back;
	size_t past;
};

static bool same_context(const struct raw *a, const struct raw *b)
{
	return a->pid == b->pid &&
	       !((a->context ^ b->context) & (CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ));
}

/* The record before in the context of dma, or NULL. */
static struct raw *look_back(const struct lane *lane, const struct raw *dma, struct look *look)
{
	while (look->back < lane->count && look->past < LOOK_PAST) {
		struct raw *raw = lane_tail(lane, look->back++);

		if (same_context(raw, dma))
			return raw;
		look->past++;
	}
	return NULL;
}

/*
 * Only those right before it in its context count: a map further back is some other call's, and
 * its address may be the same by chance (of another domain; or here it is a physical one, of a
 * device without translation).
 */
static void name_device(const struct lane *lane, const struct raw *dma)
{
	const uint64_t first = dma->value[0] & ~(uint64_t)4095;
	const uint64_t last = dma->value[0] + dma->value[1] - 1;
	const uint8_t kind = dma->kind == RAW_DMA_MAP ? RAW_MAP : RAW_UNMAP;
	struct look look = {0};
	struct raw *raw;

	while ((raw = look_back(lane, dma, &look))) {
		if (raw->kind != kind || raw->text || raw->value[0] < first || raw->value[0] > last)
			break;
		raw->text = xstrdup(dma->text);
	}
}

/*
 * How many maps right before it a list made. The kernel puts a list into one range of addresses and
 * maps it piece by piece, from its start to its end. Where that is not what stands there, none:
 * lists can be long, and what lies somewhere between their ends by chance is not theirs. The end
 * may be further on than the record says, which tells 128 entries at most.
 */
static size_t maps_of_list(const struct lane *lane, const struct raw *dma)
{
	const uint64_t first = dma->value[0] & ~(uint64_t)4095;
	const uint64_t end = dma->value[0] + dma->value[1];
	uint64_t begin = 0;
	struct look look = {0};
	const struct raw *raw;

	for (size_t count = 1; (raw = look_back(lane, dma, &look)); count++) {
		uint64_t raw_end = raw->value[0] + raw->value[1];

		if (raw->kind != RAW_MAP || raw->text || raw->value[0] < first ||
		    (count == 1 ? raw_end < end : raw_end != begin))
			break;
		begin = raw->value[0];
		if (begin == first)
			return count;
	}
	return 0;
}

static void name_list(const struct stream *stream, const struct lane *lane, const struct raw *dma)
{
	size_t count = dma->value[1] ? maps_of_list(lane, dma) : 0;
	struct look look = {0};

	if (!count)
		return;
	dma_unmaps_list_mapped(stream->unmaps, dma->text, dma->value[2],
	                       dma->value[0] & ~(uint64_t)4095);
	while (count--)
		look_back(lane, dma, &look)->text = xstrdup(dma->text);
}

/* Takes over its text. */
static void take_dma(struct stream *stream, unsigned int cpu, const struct raw *dma)
{
	const struct lane *lane = &stream->lanes[cpu];

	if (dma->kind == RAW_DMA_UNMAP_LIST || dma->kind == RAW_DMA_FREE) {
		dma_unmaps_announce(stream->unmaps, cpu, dma);
		return;
	}
	if (dma->kind == RAW_DMA_MAP_LIST)
		name_list(stream, lane, dma);
	else
		name_device(lane, dma);
	free(dma->text);
}

/* Those that only say whose others are. */
#define DMA_KINDS                                                           \
	(1u << RAW_DMA_MAP | 1u << RAW_DMA_UNMAP | 1u << RAW_DMA_MAP_LIST | \
	 1u << RAW_DMA_UNMAP_LIST | 1u << RAW_DMA_FREE)

/* Those that change what is in the lane, or stay out of it. */
#define SPECIAL_KINDS (1u << RAW_LOST | DMA_KINDS)

/* Takes over device, NULL if it was not told before. */
static void push_record(struct lane *lane, const struct raw *raw, char *device)
{
	lane->after_lost = raw->kind == RAW_LOST;
	lane_push(lane, raw);
	if (device)
		lane_tail(lane, 0)->text = device;
}

void stream_push_raw(struct stream *stream, unsigned int cpu, const struct raw *raw)
{
	struct lane *lane = &stream->lanes[cpu];
	char *device = NULL;

	if (dma_unmaps_any(stream->unmaps, cpu))
		device = dma_unmaps_name(stream->unmaps, cpu, raw);
	if (raw->kind == RAW_LOST)
		push_gap(lane, raw);
	else if (lane->after_lost && lane->count)
		lane_tail(lane, 0)->value[1] = raw->ts_ns;
	lane->last_ns = raw_end_ns(raw);
	if (raw_is_one_of(raw->kind, DMA_KINDS))
		take_dma(stream, cpu, raw);
	else
		push_record(lane, raw, device);
}

static size_t count_plain(const struct raw *raws, size_t count)
{
	const struct raw *raw = raws, *end = raws + count;

	while (raw < end && !raw_is_one_of(raw->kind, SPECIAL_KINDS))
		raw++;
	return (size_t)(raw - raws);
}

void stream_push_raws(struct stream *stream, unsigned int cpu, const struct raw *raws, size_t count)
{
	struct lane *lane = &stream->lanes[cpu];
	size_t taken;

	for (; count; raws += taken, count -= taken) {
		bool slowly = lane->after_lost || dma_unmaps_any(stream->unmaps, cpu);

		taken = slowly ? 0 : count_plain(raws, count);
		if (taken) {
			lane_push_all(lane, raws, taken);
			lane->last_ns = raw_end_ns(&raws[taken - 1]);
		} else {
			stream_push_raw(stream, cpu, raws);
			taken = 1;
		}
	}
}

void stream_push_event(struct stream *stream, const struct event *ev)
{
	struct event_queue *queue = &stream->events;
	struct event *newest, *place;
	struct event moved;

	event_queue_push(queue, ev);
	newest = &queue->events[queue->first + queue->count - 1];
	queue->count--; /* not yet in order: look among the others */
	place = &queue->events[queue->first + place_of(queue, ev->ts_ns)];
	queue->count++;
	if (place == newest)
		return;
	moved = *newest;
	memmove(place + 1, place, (size_t)(newest - place) * sizeof(*place));
	*place = moved;
}

void stream_flush(struct stream *stream, uint64_t watermark_ns, const struct event_sink *sink)
{
	heap_fill(stream);
	while (stream->turns && stream->heap[0].ts_ns <= watermark_ns) {
		unsigned int lane = stream->heap[0].lane;

		if (lane < stream->cpus)
			emit_raws(stream, &stream->lanes[lane],
			          first_alone_until(stream, watermark_ns), sink);
		else
			emit_event(stream, sink);
		heap_next(stream);
	}
	pairing_settle(stream->pairing, watermark_ns, stream->last_ns, sink);
	tell_late(stream, sink);
}
