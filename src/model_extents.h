/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MODEL_EXTENTS_H
#define IOMMUTOP_MODEL_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is mapped in which domain, as few stretches of pages as it takes: neighbours that the same
 * task mapped with the same protection are one. Sorted, in chunks of one block each, so that a
 * change moves no more than a block.
 */

/* Blocks of one size, so many and no more; their memory is taken as needed. */
struct blocks {
	size_t bytes; /* of each */
	size_t left;
};

/* NULL where none is left. */
void *blocks_take(struct blocks *blocks);
void blocks_give(struct blocks *blocks, void *block);

struct owned;

struct extent {
	uint64_t first;          /* page */
	uint64_t last : 56;      /* page, of the extent */
	uint64_t protection : 8; /* enum map_protection */
	uint64_t ts_ns;          /* of its newest map */
	uint32_t domain;
	int32_t pid;
};

struct extent_chunk {
	struct extent *items;
	size_t count; /* never 0 */
};

struct extents {
	struct blocks *blocks;
	struct extent_chunk *chunks;
	size_t count, capacity; /* of chunks */
};

#define EXTENT_LAST_PAGE ((1ull << 56) - 1)

/* Takes its blocks from these, which outlive it. A block has place for four extents at least. */
void extents_init(struct extents *extents, struct blocks *blocks);
void extents_release(struct extents *extents);
/* See owned.h. The blocks are whose they were: a copy's owner gives it its own. */
void extents_owned(struct extents *extents, struct owned *owned);

/* Maps the pages of *added, whatever was there. False where there is no room: then some of these
 * pages may be unmapped, and the rest is as it was. */
bool extents_add(struct extents *extents, const struct extent *added);
/* Unmaps these pages. False where there is no room: then nothing has changed. */
bool extents_cut(struct extents *extents, uint32_t domain, uint64_t first, uint64_t last);
/* The extent that has this page, NULL. It stays until the next change. */
const struct extent *extents_find(const struct extents *extents, uint32_t domain, uint64_t page);
/* Which of the 64 pages from this one on are mapped; the lowest bit is this one's. */
uint64_t extents_pages(const struct extents *extents, uint32_t domain, uint64_t page);
/* How many of them a domain has. */
size_t extents_count(const struct extents *extents, uint32_t domain);
/* Maps all that is mapped in a domain of other extents. False as in extents_add. */
bool extents_copy(struct extents *extents, const struct extents *from, uint32_t domain);
/* The domain that has the most of them; 0 where there are none. */
uint32_t extents_largest(const struct extents *extents);

#endif
