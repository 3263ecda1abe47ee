// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_extents: what is mapped, as stretches of pages. In: maps and unmaps in their order. Out:
 * the stretch that a page is in. Must never know: events, the model. Pure.
 */
#include "model_extents.h"

#include <stdlib.h>
#include <string.h>

#include "owned.h"
#include "util.h"

/* ---- blocks ---- */

void *blocks_take(struct blocks *blocks)
{
	if (!blocks->left)
		return NULL;
	blocks->left--;
	return xmalloc(blocks->bytes);
}

void blocks_give(struct blocks *blocks, void *block)
{
	free(block);
	blocks->left++;
}

/* ---- places ---- */

/* Of an extent; at may be the count of its chunk, then it is behind the last one of all. */
struct place {
	size_t chunk, at;
};

void extents_init(struct extents *extents, struct blocks *blocks)
{
	*extents = (struct extents){.blocks = blocks};
}

void extents_owned(struct extents *extents, struct owned *owned)
{
	OWNED_BEGIN(owned, extents->chunks, extents->count, extents->capacity);
	for (size_t i = 0; i < extents->count; i++) {
		struct extent_chunk *chunk = &extents->chunks[i];

		owned_array(owned, &chunk->items, chunk->count * sizeof(*chunk->items),
		            extents->blocks->bytes);
	}
	owned_end(owned, &extents->chunks);
}

void extents_release(struct extents *extents)
{
	for (size_t i = 0; i < extents->count; i++)
		blocks_give(extents->blocks, extents->chunks[i].items);
	free(extents->chunks);
	*extents = (struct extents){.blocks = extents->blocks};
}

static size_t chunk_places(const struct extents *extents)
{
	return extents->blocks->bytes / sizeof(struct extent);
}

/* All of it is before this page of this domain. */
static bool is_before(const struct extent *extent, uint32_t domain, uint64_t page)
{
	return extent->domain != domain ? extent->domain < domain : extent->last < page;
}

/* The first chunk whose last extent is not before. */
static size_t find_chunk(const struct extents *extents, uint32_t domain, uint64_t page)
{
	size_t low = 0, high = extents->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct extent_chunk *chunk = &extents->chunks[middle];

		if (is_before(&chunk->items[chunk->count - 1], domain, page))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first extent that is not before. */
static struct place find_place(const struct extents *extents, uint32_t domain, uint64_t page)
{
	struct place place = {.chunk = find_chunk(extents, domain, page)};
	size_t high;

	if (place.chunk == extents->count) {
		if (!extents->count)
			return place;
		place.chunk--;
		place.at = extents->chunks[place.chunk].count;
		return place;
	}
	high = extents->chunks[place.chunk].count - 1;
	while (place.at < high) {
		size_t middle = place.at + (high - place.at) / 2;

		if (is_before(&extents->chunks[place.chunk].items[middle], domain, page))
			place.at = middle + 1;
		else
			high = middle;
	}
	return place;
}

static struct extent *extent_at(const struct extents *extents, struct place place)
{
	if (place.chunk == extents->count || place.at == extents->chunks[place.chunk].count)
		return NULL;
	return &extents->chunks[place.chunk].items[place.at];
}

static struct extent *extent_before(const struct extents *extents, struct place place)
{
	const struct extent_chunk *chunk;

	if (place.at)
		return &extents->chunks[place.chunk].items[place.at - 1];
	if (!place.chunk)
		return NULL;
	chunk = &extents->chunks[place.chunk - 1];
	return &chunk->items[chunk->count - 1];
}

/* ---- room ---- */

static struct extent_chunk *open_chunk(struct extents *extents, size_t at)
{
	struct extent *items = blocks_take(extents->blocks);

	if (!items)
		return NULL;
	extents->chunks =
		grow(extents->chunks, &extents->capacity, extents->count, sizeof(*extents->chunks));
	memmove(extents->chunks + at + 1, extents->chunks + at,
	        (extents->count++ - at) * sizeof(*extents->chunks));
	extents->chunks[at] = (struct extent_chunk){.items = items};
	return &extents->chunks[at];
}

static void close_chunk(struct extents *extents, size_t at)
{
	blocks_give(extents->blocks, extents->chunks[at].items);
	memmove(extents->chunks + at, extents->chunks + at + 1,
	        (--extents->count - at) * sizeof(*extents->chunks));
}

/* Half of it goes into a new one; where all that comes is behind, none of it. */
static bool split_chunk(struct extents *extents, struct place *place)
{
	size_t full = chunk_places(extents), keep = place->at == full ? full - 1 : full / 2;
	struct extent_chunk *upper = open_chunk(extents, place->chunk + 1);
	struct extent_chunk *lower = &extents->chunks[place->chunk];

	if (!upper)
		return false;
	upper->count = full - keep;
	memcpy(upper->items, lower->items + keep, upper->count * sizeof(*upper->items));
	lower->count = keep;
	if (place->at > keep)
		*place = (struct place){place->chunk + 1, place->at - keep};
	return true;
}

/* The first chunk is made here, too. */
static bool insert(struct extents *extents, struct place place, const struct extent *extent)
{
	struct extent_chunk *chunk;

	if (!extents->count && !open_chunk(extents, 0))
		return false;
	if (extents->chunks[place.chunk].count == chunk_places(extents) &&
	    !split_chunk(extents, &place))
		return false;
	chunk = &extents->chunks[place.chunk];
	memmove(chunk->items + place.at + 1, chunk->items + place.at,
	        (chunk->count++ - place.at) * sizeof(*chunk->items));
	chunk->items[place.at] = *extent;
	return true;
}

/* Two that are half empty become one. */
static void join_next(struct extents *extents, size_t at)
{
	struct extent_chunk *lower = &extents->chunks[at], *upper = lower + 1;

	if (at + 1 >= extents->count || lower->count + upper->count > chunk_places(extents) / 2)
		return;
	memcpy(lower->items + lower->count, upper->items, upper->count * sizeof(*upper->items));
	lower->count += upper->count;
	close_chunk(extents, at + 1);
}

static void remove_run(struct extents *extents, struct place place, size_t count)
{
	struct extent_chunk *chunk = &extents->chunks[place.chunk];

	chunk->count -= count;
	memmove(chunk->items + place.at, chunk->items + place.at + count,
	        (chunk->count - place.at) * sizeof(*chunk->items));
	if (!chunk->count)
		close_chunk(extents, place.chunk);
	else
		join_next(extents, place.chunk);
	if (place.chunk && place.chunk <= extents->count)
		join_next(extents, place.chunk - 1);
}

/* ---- unmaps ---- */

/* A hole in the middle: what is before it becomes an extent of its own. */
static bool punch(struct extents *extents, struct place place, uint64_t first, uint64_t last)
{
	struct extent *extent = extent_at(extents, place), front = *extent;

	front.last = first - 1;
	extent->first = last + 1;
	if (insert(extents, place, &front))
		return true;
	extent->first = front.first;
	return false;
}

/* How many from here on are within. */
static size_t run_within(const struct extents *extents, struct place place, uint32_t domain,
                         uint64_t last)
{
	const struct extent_chunk *chunk = &extents->chunks[place.chunk];
	size_t count = 0;

	while (place.at + count < chunk->count && chunk->items[place.at + count].domain == domain &&
	       chunk->items[place.at + count].last <= last)
		count++;
	return count;
}

bool extents_cut(struct extents *extents, uint32_t domain, uint64_t first, uint64_t last)
{
	struct place place = find_place(extents, domain, first);
	struct extent *extent = extent_at(extents, place);

	if (!extent || extent->domain != domain || extent->first > last)
		return true;
	if (extent->first < first && extent->last > last)
		return punch(extents, place, first, last);
	if (extent->first < first) {
		extent->last = first - 1;
		place = find_place(extents, domain, first);
		extent = extent_at(extents, place);
	}
	while (extent && extent->domain == domain && extent->last <= last) {
		remove_run(extents, place, run_within(extents, place, domain, last));
		place = find_place(extents, domain, first);
		extent = extent_at(extents, place);
	}
	if (extent && extent->domain == domain && extent->first <= last)
		extent->first = last + 1;
	return true;
}

/* ---- maps ---- */

static bool are_alike(const struct extent *a, const struct extent *b)
{
	return a->domain == b->domain && a->pid == b->pid && a->protection == b->protection;
}

static void extend(struct extent *extent, uint64_t first, uint64_t last, uint64_t ts_ns)
{
	extent->first = first;
	extent->last = last;
	if (ts_ns > extent->ts_ns)
		extent->ts_ns = ts_ns;
}

bool extents_add(struct extents *extents, const struct extent *added)
{
	struct extent *before, *after;
	struct place place;

	if (!extents_cut(extents, added->domain, added->first, added->last))
		return false;
	place = find_place(extents, added->domain, added->first);
	before = extent_before(extents, place);
	after = extent_at(extents, place);
	if (before && (!are_alike(before, added) || before->last + 1 != added->first))
		before = NULL;
	if (after && (!are_alike(after, added) || added->last + 1 != after->first))
		after = NULL;
	if (!before && !after)
		return insert(extents, place, added);
	if (!before) {
		extend(after, added->first, after->last, added->ts_ns);
		return true;
	}
	extend(before, before->first, after ? after->last : added->last, added->ts_ns);
	if (after) {
		if (after->ts_ns > before->ts_ns)
			before->ts_ns = after->ts_ns;
		remove_run(extents, place, 1);
	}
	return true;
}

/* ---- questions ---- */

const struct extent *extents_find(const struct extents *extents, uint32_t domain, uint64_t page)
{
	const struct extent *extent = extent_at(extents, find_place(extents, domain, page));

	return extent && extent->domain == domain && extent->first <= page ? extent : NULL;
}

/* The extent at this place or the first behind it, where it is of the domain; NULL. Goes on. */
static const struct extent *next_of(const struct extents *extents, uint32_t domain,
                                    struct place *place)
{
	const struct extent *extent;

	if (place->chunk < extents->count && place->at == extents->chunks[place->chunk].count)
		*place = (struct place){.chunk = place->chunk + 1};
	extent = extent_at(extents, *place);
	place->at++;
	return extent && extent->domain == domain ? extent : NULL;
}

uint64_t extents_pages(const struct extents *extents, uint32_t domain, uint64_t page)
{
	struct place place = find_place(extents, domain, page);
	const struct extent *extent;
	uint64_t pages = 0;

	while ((extent = next_of(extents, domain, &place)) && extent->first < page + 64) {
		uint64_t first = extent->first > page ? extent->first - page : 0;
		uint64_t last = extent->last - page < 63 ? extent->last - page : 63;

		pages |= ~0ull << first & ~0ull >> (63 - last);
	}
	return pages;
}

size_t extents_count(const struct extents *extents, uint32_t domain)
{
	struct place place = find_place(extents, domain, 0);
	size_t count = 0;

	while (next_of(extents, domain, &place))
		count++;
	return count;
}

bool extents_copy(struct extents *extents, const struct extents *from, uint32_t domain)
{
	struct place place = find_place(from, domain, 0);
	const struct extent *extent;

	while ((extent = next_of(from, domain, &place)))
		if (!extents_add(extents, extent))
			return false;
	return true;
}

uint32_t extents_largest(const struct extents *extents)
{
	uint32_t largest = 0, domain = 0;
	size_t most = 0, count = 0;

	for (size_t i = 0; i < extents->count; i++)
		for (size_t k = 0; k < extents->chunks[i].count; k++) {
			if (extents->chunks[i].items[k].domain != domain)
				count = 0;
			domain = extents->chunks[i].items[k].domain;
			if (++count <= most)
				continue;
			most = count;
			largest = domain;
		}
	return largest;
}
