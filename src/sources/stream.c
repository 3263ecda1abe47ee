// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream: many lanes in, one timeline out.
 * In: struct raw of each CPU, struct event of the other sources. Out: struct event, oldest first.
 * Must never know: files, clocks, the model.
 */
#include "stream.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"

/* First in, first out; a ring, so that what stays behind the watermark is never moved. */
struct lane {
	struct raw *raws;
	size_t head, count;
	size_t capacity; /* a power of two, or 0 */
};

/* A lane that has something, in the heap, by the time of its oldest. */
struct turn {
	uint64_t ts_ns;
	unsigned int lane;
};

struct stream {
	struct lane *lanes; /* one a CPU */
	struct event_queue events;
	struct turn *heap; /* room for all lanes; filled anew by each flush */
	unsigned int cpus;
	unsigned int turns;
	uint64_t last_ns; /* of the last event emitted */
	uint64_t late;    /* since the last flush told */
};

static void convert_map(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_MAP;
	ev->map.iova = raw->value[0];
	ev->map.size_bytes = raw->value[1];
	ev->map.domain = DOMAIN_UNATTRIBUTED;
}

static void convert_unmap(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_UNMAP;
	ev->unmap.iova = raw->value[0];
	ev->unmap.size_bytes = raw->value[1];
	ev->unmap.unmapped_bytes = raw->value[2];
	ev->unmap.domain = DOMAIN_UNATTRIBUTED;
}

static void convert_attach(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_ATTACH;
	ev->member.device = raw->text;
}

static void convert_detach(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_DETACH;
	ev->member.device = raw->text;
}

static void convert_group_add(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_GROUP_ADD;
	ev->member.device = raw->text;
	ev->member.group = (uint32_t)raw->value[0];
}

static void convert_group_leave(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_GROUP_LEAVE;
	ev->member.device = raw->text;
	ev->member.group = (uint32_t)raw->value[0];
}

/*
 * The kernel's IOMMU_FAULT_READ is 0 and IOMMU_FAULT_WRITE 1 (include/linux/iommu.h): a value, not
 * two bits. AMD and arm-smmu tell the two apart; a few drivers of small chips (ipmmu-vmsa, omap,
 * qcom_iommu) always pass 0, which cannot be told from a read here, so 0 is taken at its word.
 * Others pass a register through (vsi-iommu), so what is neither 0 nor 1 says nothing.
 */
static enum fault_direction fault_direction_of(uint64_t flags)
{
	switch (flags) {
	case 0:
		return DIRECTION_READ;
	case 1:
		return DIRECTION_WRITE;
	default:
		return DIRECTION_UNKNOWN;
	}
}

static void convert_fault(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_FAULT;
	ev->fault.device = raw->text;
	ev->fault.iova = raw->value[0];
	ev->fault.direction = (uint8_t)fault_direction_of(raw->value[1]);
	ev->fault.source = SOURCE_TRACE;
	ev->fault.flags = FAULT_HAS_IOVA;
}

static void convert_lost(const struct raw *raw, struct event *ev)
{
	ev->kind = EVENT_LOST;
	ev->lost.count = raw->value[0] ? raw->value[0] : 1;
	ev->lost.source = SOURCE_TRACE;
	ev->lost.exact = raw->value[0] > 0;
}

static void (*const converters[RAW_KIND_COUNT])(const struct raw *raw, struct event *ev) = {
	[RAW_MAP] = convert_map,
	[RAW_UNMAP] = convert_unmap,
	[RAW_ATTACH] = convert_attach,
	[RAW_DETACH] = convert_detach,
	[RAW_GROUP_ADD] = convert_group_add,
	[RAW_GROUP_LEAVE] = convert_group_leave,
	[RAW_FAULT] = convert_fault,
	[RAW_LOST] = convert_lost,
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

static void lane_pop(struct lane *lane)
{
	lane->head = (lane->head + 1) & (lane->capacity - 1);
	lane->count--;
}

static void lane_release(struct lane *lane)
{
	for (; lane->count; lane_pop(lane))
		free(lane->raws[lane->head].text);
	free(lane->raws);
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

static void emit_raw(struct stream *stream, struct lane *lane, const struct event_sink *sink)
{
	struct raw *raw = &lane->raws[lane->head];
	struct event ev = {
		.ts_ns = timeline(stream, raw->ts_ns),
		.context = raw->context,
		.cpu = raw->cpu,
		.pid = raw->pid,
	};

	converters[raw->kind](raw, &ev);
	event_emit(sink, &ev);
	free(raw->text);
	lane_pop(lane);
}

static void emit_event(struct stream *stream, const struct event_sink *sink)
{
	struct event ev = *event_queue_head(&stream->events);

	ev.ts_ns = timeline(stream, ev.ts_ns);
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

struct stream *stream_new(unsigned int cpus)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));

	stream->cpus = cpus;
	stream->lanes = xcalloc(cpus, sizeof(*stream->lanes));
	stream->heap = xcalloc(cpus + 1, sizeof(*stream->heap));
	return stream;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	for (unsigned int cpu = 0; cpu < stream->cpus; cpu++)
		lane_release(&stream->lanes[cpu]);
	event_queue_release(&stream->events);
	free(stream->lanes);
	free(stream->heap);
	free(stream);
}

void stream_push_raw(struct stream *stream, unsigned int cpu, const struct raw *raw)
{
	lane_push(&stream->lanes[cpu], raw);
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
			emit_raw(stream, &stream->lanes[lane], sink);
		else
			emit_event(stream, sink);
		heap_next(stream);
	}
	tell_late(stream, sink);
}
