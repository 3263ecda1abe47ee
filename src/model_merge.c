// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_merge: one fault that both the tracepoint and the log tell, as AMD's does, is one fault.
 * In: faults of which only one half is there so far. Out: their other halves. Must never know:
 * rows. Pure.
 *
 * The driver fires the tracepoint and then, as far as the rate limit lets it, prints a line: of the
 * same device, page and direction, a moment later. The log's times are cut to microseconds, so a
 * line may seem to be that much older than its fault.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define LINE_BEFORE_NS 1000ull
#define PAGE_SHIFT     12

static uint32_t hash_of(text_id device, uint8_t direction, uint64_t page)
{
	uint64_t key = page * DIRECTION_COUNT + direction + ((uint64_t)device << 32);

	return (uint32_t)(key * 0x9e3779b97f4a7c15ull >> 54);
}

_Static_assert(FAULT_WAITING_BUCKETS == 1u << (64 - 54), "a hash is a bucket");

static void begin(struct fault_merge *merge)
{
	merge->waiting = xcalloc(FAULT_WAITING_MAX, sizeof(*merge->waiting));
	merge->buckets = xcalloc(FAULT_WAITING_BUCKETS, sizeof(*merge->buckets));
	merge->channels = xcalloc(FAULT_CHANNELS, sizeof(*merge->channels));
	/* 0 in a bucket is nobody. */
	merge->head = merge->tail = 1;
}

static struct fault_waiting *waiting_at(const struct fault_merge *merge, uint32_t number)
{
	return &merge->waiting[number % FAULT_WAITING_MAX];
}

static bool is_waiting(const struct fault_merge *merge, uint32_t number)
{
	return merge->head - number - 1 < merge->head - merge->tail;
}

/* ---- channels ---- */

static struct fault_channel *channel_place(const struct fault_merge *merge, text_id device,
                                           uint8_t direction)
{
	return &merge->channels[(device * 2654435761u + direction) % FAULT_CHANNELS];
}

static struct fault_channel *make_channel(struct model *model, text_id device, uint8_t direction)
{
	struct fault_channel *channel;

	if (!model->merge.waiting)
		begin(&model->merge);
	channel = channel_place(&model->merge, device, direction);
	if (channel->device != device || channel->direction != direction)
		*channel = (struct fault_channel){.device = device, .direction = direction};
	return channel;
}

const struct fault_channel *model_merge_channel(const struct model *model, text_id device,
                                                uint8_t direction)
{
	const struct fault_channel *channel;

	if (!model->merge.waiting)
		return NULL;
	channel = channel_place(&model->merge, device, direction);
	return channel->device == device && channel->direction == direction ? channel : NULL;
}

void model_merge_name(struct model *model, text_id device, uint8_t direction,
                      struct fault_place place)
{
	make_channel(model, device, direction)->place = place;
}

/* ---- those that wait ---- */

static bool is_over(const struct fault_waiting *waiting, uint64_t now_ns)
{
	return waiting->met || waiting->ts_ns + FAULT_LINE_AFTER_NS < now_ns;
}

static void drop_oldest(struct model *model)
{
	const struct fault_waiting *oldest = waiting_at(&model->merge, model->merge.tail);

	model->merge.tail++;
	if (!oldest->met && oldest->source == SOURCE_TRACE)
		make_channel(model, oldest->device, oldest->direction)->dropped_ns = oldest->ts_ns;
}

void model_merge_wait(struct model *model, const struct event *ev, text_id device,
                      struct fault_place place, uint64_t occurrence)
{
	struct fault_merge *merge = &model->merge;
	uint64_t page = ev->fault.iova >> PAGE_SHIFT;
	uint32_t *bucket;

	if (!merge->waiting)
		begin(merge);
	while (merge->tail != merge->head && is_over(waiting_at(merge, merge->tail), ev->ts_ns))
		merge->tail++;
	if (merge->head - merge->tail == FAULT_WAITING_MAX)
		drop_oldest(model);
	bucket = &merge->buckets[hash_of(device, ev->fault.direction, page)];
	*waiting_at(merge, merge->head) = (struct fault_waiting){
		.place = place,
		.ts_ns = ev->ts_ns,
		.page = page,
		.occurrence = occurrence,
		.next = *bucket,
		.device = device,
		.direction = ev->fault.direction,
		.source = ev->fault.source,
	};
	*bucket = merge->head++;
}

/* How far apart the two halves may be, with that of the line last or first. */
static bool is_in_time(const struct fault_waiting *waiting, const struct event *ev)
{
	uint64_t most = ev->fault.source == SOURCE_LOG ? FAULT_LINE_AFTER_NS : LINE_BEFORE_NS;

	return ev->ts_ns >= waiting->ts_ns ? ev->ts_ns - waiting->ts_ns <= most
	                                   : waiting->ts_ns - ev->ts_ns <= LINE_BEFORE_NS &&
	                                             ev->fault.source == SOURCE_LOG;
}

static bool is_other_half(const struct fault_waiting *waiting, const struct event *ev,
                          text_id device)
{
	return !waiting->met && waiting->source != ev->fault.source && waiting->device == device &&
	       waiting->direction == ev->fault.direction &&
	       waiting->page == ev->fault.iova >> PAGE_SHIFT && is_in_time(waiting, ev);
}

/* The newest first: a line is printed right after its fault. */
const struct fault_waiting *model_merge_take(struct model *model, const struct event *ev,
                                             text_id device)
{
	struct fault_merge *merge = &model->merge;
	uint32_t number;

	if (!merge->waiting)
		return NULL;
	number = merge->buckets[hash_of(device, ev->fault.direction, ev->fault.iova >> PAGE_SHIFT)];
	while (is_waiting(merge, number)) {
		struct fault_waiting *waiting = waiting_at(merge, number);

		if (is_other_half(waiting, ev, device)) {
			waiting->met = true;
			return waiting;
		}
		/* A storm of one page is a long chain; a fault looks no further than it has to. */
		if (ev->fault.source == SOURCE_TRACE && waiting->ts_ns + LINE_BEFORE_NS < ev->ts_ns)
			break;
		number = waiting->next;
	}
	return NULL;
}
