// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_history: where an address came from. In: maps and unmaps in their order, questions. Out:
 * answers. Must never know: the model, whose domain it is. Pure.
 *
 * Maps and unmaps come by hundreds of thousands a second, so what is done for each is little. A
 * list of pages is mapped piece by piece, one behind the other, and unmapped at once: such a run of
 * maps is one thing here. Each of its maps is a record in the journal; the run has a place in a
 * table, where its unmap finds it. Such a run never gets into the extents: as long as its unmap is
 * in the journal, that or something newer answers for all of its pages, and when the unmap leaves
 * the journal they are cut. So a run may be paired with any later unmap of all of its pages, with
 * whatever else happened to them in between.
 *
 * Runs that are not unmapped as they were mapped are broken up: then each of their maps has a place
 * in the table. That is done of all of them when an unmap finds nothing, not before.
 */
#include "model_history.h"

#include <stdlib.h>
#include <string.h>

#include "model_extents.h"
#include "owned.h"
#include "util.h"

#define PAGE_SHIFT 12
#define PAGE_MASK  HISTORY_PAGE_MASK

/* What stands in the lower bits of a record's address, which is that of a page. The first of a run
 * is paired for all of it. */
#define RECORD_UNMAP      1ull
#define RECORD_PAIRED     2ull /* a map: all of it is unmapped by a later record */
#define RECORD_MORE_SHIFT 4    /* records of the same run behind this one, its first */
#define RECORD_MORE_MAX   255u
#define RECORD_MORE       ((uint64_t)RECORD_MORE_MAX << RECORD_MORE_SHIFT)

_Static_assert(sizeof(struct history_record) == sizeof(struct extent), "blocks hold either");

/* Journal: at most so many records a block, and a run is in one block. */
#define BLOCK_SHIFT_MOST  8
#define BLOCK_SHIFT_LEAST 2
/* What belongs to a block beside it: its place in the ring, its summary, its chunk. */
#define BLOCK_EXTRA_BYTES (2 * (sizeof(void *) + sizeof(struct summary)))
#define BLOCKS_LEAST      4

_Static_assert(1u << BLOCK_SHIFT_MOST <= RECORD_MORE_MAX + 1, "a block may be one run");

/* Where the records of a full block are: a bit for the hash of each 2 MiB that they touch. */
#define SUMMARY_WORDS 8
#define SUMMARY_BITS  (64u * SUMMARY_WORDS)
#define REGION_SHIFT  9 /* of a page */

struct summary {
	uint64_t bits[SUMMARY_WORDS];
	bool made;
};

/* The newest runs of one hash, newest first: numbers of four bytes. One that is mapped for long
 * may be pushed out; its unmap is then one without a map. */
#define WAYS 4

struct bucket {
	uint64_t newer, older;
};

/* Those of 64 pages that the extents may have: most unmaps that leave the journal are of others. */
#define PATCH_SHIFT   6
#define PATCHES_SHARE 128 /* of the memory, one part of so many */

struct patch {
	uint64_t number;
	uint64_t pages;
	uint32_t domain; /* 0: free */
};

/* Domains of which something was forgotten. */
#define FORGOTTEN_MAX 8

struct forgotten {
	uint32_t domain;
	uint64_t since_ns;
};

/* Full blocks before this number have no record of this region: a storm of faults asks again. */
#define NOWHERE_PLACES 64

struct nowhere {
	uint64_t region;
	uint32_t domain; /* 0: free */
	uint32_t until;
};

struct history {
	struct history_tip tip; /* the first: see history_map() */
	struct history_record
		*run;          /* the first of the open run; in the block of the tip, or NULL */
	uint32_t block_number; /* of the first record of that block */
	uint32_t tail;         /* number of the oldest record */
	uint32_t broken;       /* runs before this number are broken up */
	struct bucket *table;  /* of runs; NULL before the first */
	unsigned int table_shift;
	unsigned int block_shift;
	bool watching;

	struct history_record **ring; /* blocks, by the upper bits of their numbers; or NULL */
	struct summary *summaries;
	uint32_t ring_mask;
	size_t journal_blocks, block_count;
	struct blocks blocks;
	struct extents extents;
	struct patch *patches; /* by hash */
	uint32_t patch_mask;

	struct nowhere nowhere[NOWHERE_PLACES];
	uint64_t since_ns;
	struct forgotten forgotten[FORGOTTEN_MAX];
	size_t forgotten_count;
};

/* ---- memory ---- */

static unsigned int log2_of(size_t value)
{
	return 63u - (unsigned int)__builtin_clzll(value | 1);
}

static size_t patch_bytes(const struct history *history)
{
	return (history->patch_mask + 1) * sizeof(struct patch);
}

/* An eighth of the memory is the table's, as there is a number of four bytes for each map. */
struct history *history_new(size_t limit_bytes)
{
	struct history *history = xcalloc(1, sizeof(*history));
	unsigned int table_log2 = log2_of(limit_bytes / 8 / sizeof(uint32_t));
	unsigned int block_shift = log2_of(limit_bytes / sizeof(struct history_record) / 64);
	size_t extra_bytes, block_bytes;

	if (table_log2 < log2_of(WAYS) + 1)
		table_log2 = log2_of(WAYS) + 1;
	if (block_shift < BLOCK_SHIFT_LEAST)
		block_shift = BLOCK_SHIFT_LEAST;
	if (block_shift > BLOCK_SHIFT_MOST)
		block_shift = BLOCK_SHIFT_MOST;
	history->tip.next = HISTORY_RUN_CLOSED;
	history->table_shift = 64 - (table_log2 - log2_of(WAYS));
	history->block_shift = block_shift;
	history->patch_mask =
		(1u << log2_of(limit_bytes / PATCHES_SHARE / sizeof(struct patch))) - 1;
	extra_bytes = (sizeof(uint32_t) << table_log2) + patch_bytes(history);
	block_bytes = sizeof(struct history_record) << block_shift;
	history->block_count = limit_bytes > extra_bytes ? (limit_bytes - extra_bytes) /
	                                                           (block_bytes + BLOCK_EXTRA_BYTES)
	                                                 : 0;
	if (history->block_count < BLOCKS_LEAST)
		history->block_count = BLOCKS_LEAST;
	history->ring_mask = (uint32_t)(2u << log2_of(history->block_count)) - 1;
	history->blocks = (struct blocks){.bytes = block_bytes, .left = history->block_count};
	extents_init(&history->extents, &history->blocks);
	return history;
}

static size_t table_buckets(const struct history *history)
{
	return (size_t)1 << (64 - history->table_shift);
}

size_t history_bytes(const struct history *history)
{
	return table_buckets(history) * sizeof(struct bucket) + patch_bytes(history) +
	       history->block_count * (history->blocks.bytes + BLOCK_EXTRA_BYTES);
}

/* 0 in the table is a number long gone, while the first ones are given. */
static void begin(struct history *history)
{
	history->tail = history->broken = 1u << history->block_shift;
	history->block_number = 0;
	history->table = xcalloc(table_buckets(history), sizeof(*history->table));
	history->patches = xcalloc(1, patch_bytes(history));
	history->ring = xcalloc(history->ring_mask + 1, sizeof(*history->ring));
	history->summaries = xcalloc(history->ring_mask + 1, sizeof(*history->summaries));
}

static uint32_t block_of(const struct history *history, uint32_t number)
{
	return (number >> history->block_shift) & history->ring_mask;
}

/* The number of the next record. */
static inline uint32_t head_of(const struct history *history)
{
	return history->block_number + (1u << history->block_shift) -
	       (uint32_t)(history->tip.end - history->tip.at);
}

static inline struct history_record *record_of(const struct history *history, uint32_t number)
{
	return &history->ring[block_of(history, number)]
	                     [number & ((1u << history->block_shift) - 1)];
}

/* ---- what leaves the journal ---- */

static void note_forgotten(struct history *history, uint32_t domain, uint64_t since_ns)
{
	size_t at = 0;

	while (at < history->forgotten_count && history->forgotten[at].domain != domain)
		at++;
	if (at == FORGOTTEN_MAX) {
		/* Too many to tell them apart: it is so of all. */
		history->since_ns = since_ns;
		history->forgotten_count = 0;
		return;
	}
	if (at == history->forgotten_count)
		history->forgotten_count++;
	history->forgotten[at] = (struct forgotten){domain, since_ns};
}

static uint64_t first_page(const struct history_record *record)
{
	return record->key >> PAGE_SHIFT;
}

static inline uint64_t bytes_of(const struct history_record *record)
{
	return record->size & ~PAGE_MASK;
}

static inline uint64_t end_of(const struct history_record *record)
{
	return (record->key & ~PAGE_MASK) + bytes_of(record);
}

static inline uint32_t more_of(const struct history_record *record)
{
	return (uint32_t)(record->key >> RECORD_MORE_SHIFT) & RECORD_MORE_MAX;
}

static uint64_t last_page(const struct history_record *record)
{
	return first_page(record) + (record->size >> PAGE_SHIFT) - 1;
}

static bool apply(struct extents *extents, const struct history_record *record)
{
	struct extent added = {
		.first = first_page(record),
		.last = last_page(record),
		.ts_ns = record->ts_ns,
		.domain = record->domain,
		.pid = record->pid,
	};

	if (record->key & RECORD_UNMAP)
		return extents_cut(extents, added.domain, added.first, added.last);
	added.protection = (uint8_t)record->size;
	return extents_add(extents, &added);
}

/* Where there is no room, the domain that takes most of it has none any more. */
static void settle(struct history *history, const struct history_record *record)
{
	while (!apply(&history->extents, record)) {
		uint32_t largest = extents_largest(&history->extents);

		if (!largest) {
			note_forgotten(history, record->domain, record->ts_ns);
			return;
		}
		extents_cut(&history->extents, largest, 0, EXTENT_LAST_PAGE);
		note_forgotten(history, largest, record->ts_ns);
	}
}

static void drop_patches(struct history *history)
{
	memset(history->patches, 0, patch_bytes(history));
}

static inline struct patch *patch_of(const struct history *history, uint32_t domain,
                                     uint64_t number)
{
	uint64_t hash = (number + ((uint64_t)domain << 40)) * 0x9e3779b97f4a7c15ull;

	return &history->patches[hash >> 48 & history->patch_mask];
}

static inline bool is_patch(const struct patch *patch, uint32_t domain, uint64_t number)
{
	return patch->number == number && patch->domain == domain;
}

static inline uint64_t pages_in_patch(const struct history_record *record, uint64_t number)
{
	uint64_t first = first_page(record), last = last_page(record), pages = ~0ull;

	if (first >> PATCH_SHIFT == number)
		pages <<= first % (1u << PATCH_SHIFT);
	if (last >> PATCH_SHIFT == number)
		pages &= ~0ull >> (~last % (1u << PATCH_SHIFT));
	return pages;
}

/* Of an unmap: it would find nothing to cut. */
static bool is_bare(struct history *history, const struct history_record *record)
{
	uint64_t number = first_page(record) >> PATCH_SHIFT;
	struct patch *patch = patch_of(history, record->domain, number);

	if (last_page(record) >> PATCH_SHIFT != number)
		return false;
	if (!is_patch(patch, record->domain, number))
		*patch = (struct patch){
			.number = number,
			.pages = extents_pages(&history->extents, record->domain,
		                               number << PATCH_SHIFT),
			.domain = record->domain,
		};
	return !(patch->pages & pages_in_patch(record, number));
}

static void note_in_patch(struct history *history, const struct history_record *record,
                          uint64_t number)
{
	struct patch *patch = patch_of(history, record->domain, number);

	if (!is_patch(patch, record->domain, number))
		return;
	if (record->key & RECORD_UNMAP)
		patch->pages &= ~pages_in_patch(record, number);
	else
		patch->pages |= pages_in_patch(record, number);
}

static void note_in_patches(struct history *history, const struct history_record *record)
{
	uint64_t first = first_page(record) >> PATCH_SHIFT;
	uint64_t last = last_page(record) >> PATCH_SHIFT;

	if (last - first > history->patch_mask) {
		drop_patches(history);
		return;
	}
	for (uint64_t number = first; number <= last; number++)
		note_in_patch(history, record, number);
}

static void retire(struct history *history, const struct history_record *record)
{
	if (record->key & RECORD_UNMAP && is_bare(history, record))
		return;
	settle(history, record);
	note_in_patches(history, record);
}

static void retire_block(struct history *history)
{
	uint32_t block = block_of(history, history->tail);
	uint32_t count = 1u << history->block_shift;
	struct history_record *records = history->ring[block];

	for (uint32_t i = 0; i < count; i++) {
		if (records[i].key & RECORD_PAIRED)
			i += more_of(&records[i]);
		else
			retire(history, &records[i]);
	}
	if (history->broken - history->tail < count)
		history->broken = history->tail + count;
	history->tail += count;
	history->journal_blocks--;
	blocks_give(&history->blocks, records);
	history->ring[block] = NULL;
}

/* A block in eight is kept for extents to grow into, and as many remain the journal's. */
static void next_block(struct history *history)
{
	size_t spare = history->block_count / 8 + 1;
	uint32_t block;

	if (!history->table)
		begin(history);
	while (history->journal_blocks > spare && history->blocks.left <= spare)
		retire_block(history);
	if (!history->blocks.left)
		retire_block(history);
	history->block_number = head_of(history);
	block = block_of(history, history->block_number);
	/* Numbers come again: what was noted of old ones is forgotten long before. */
	if (!block)
		memset(history->nowhere, 0, sizeof(history->nowhere));
	history->run = NULL;
	history->tip.at = history->ring[block] = blocks_take(&history->blocks);
	history->tip.end = history->tip.at + ((size_t)1 << history->block_shift);
	history->summaries[block].made = false;
	history->journal_blocks++;
}

/* ---- maps and unmaps ---- */

void history_gap(struct history *history, uint64_t ts_ns)
{
	history->since_ns = ts_ns + !ts_ns; /* 0 is never */
	history->forgotten_count = 0;
	extents_release(&history->extents);
	if (!history->journal_blocks)
		return;
	drop_patches(history);
	for (; history->journal_blocks; history->journal_blocks--) {
		struct history_record **block = &history->ring[block_of(history, history->tail)];

		blocks_give(&history->blocks, *block);
		*block = NULL;
		history->tail += 1u << history->block_shift;
	}
	/* The numbers go on behind this block: no old one is of a new record. */
	history->run = history->tip.at = history->tip.end = NULL;
	history->tip.next = HISTORY_RUN_CLOSED;
	history->tail = history->broken = head_of(history);
}

void history_watch(struct history *history, bool on, uint64_t ts_ns)
{
	if (history->watching == on)
		return;
	history->watching = on;
	history_gap(history, ts_ns);
}

static inline struct bucket *bucket_of(const struct history *history, uint32_t domain,
                                       uint64_t iova)
{
	uint64_t hash = (iova + domain) * 0x9e3779b97f4a7c15ull;

	return &history->table[hash >> history->table_shift];
}

/* What cannot be put down is a gap. */
static bool is_noted(struct history *history, uint32_t domain, uint64_t iova, uint64_t bytes,
                     uint64_t ts_ns)
{
	if (!history->watching || !bytes)
		return false;
	if (domain != DOMAIN_UNATTRIBUTED && !((iova | bytes) & PAGE_MASK))
		return true;
	history_gap(history, ts_ns);
	return false;
}

/* ---- runs ---- */

static inline void put_in_table(struct history *history, const struct history_record *record,
                                uint32_t number)
{
	struct bucket *bucket = bucket_of(history, record->domain, record->key & ~PAGE_MASK);

	bucket->older = bucket->older << 32 | bucket->newer >> 32;
	bucket->newer = bucket->newer << 32 | number;
}

/* Only now is it known how many they are. */
static inline void close_run(struct history *history)
{
	struct history_tip *tip = &history->tip;

	if (tip->next == HISTORY_RUN_CLOSED)
		return;
	history->run->key |= (uint64_t)(tip->at - history->run - 1) << RECORD_MORE_SHIFT;
	tip->next = HISTORY_RUN_CLOSED;
}

void history_start_run(struct history *history, const struct event *ev)
{
	struct history_tip *tip = &history->tip;

	if (!is_noted(history, ev->map.domain, ev->map.iova, ev->map.size_bytes, ev->ts_ns))
		return;
	close_run(history);
	if (tip->at == tip->end)
		next_block(history);
	history->run = tip->at;
	tip->domain = ev->map.domain;
	history_put_map(tip, ev);
	put_in_table(history, history->run, head_of(history) - 1);
}

/* Is this number one of a record that is there? */
static inline bool is_there(const struct history *history, uint32_t head, uint32_t number)
{
	return head - number - 1 < head - history->tail;
}

static inline bool is_map_at(const struct history_record *record, uint32_t domain, uint64_t iova)
{
	return (record->key & (~PAGE_MASK | RECORD_UNMAP | RECORD_PAIRED)) == iova &&
	       record->domain == domain;
}

/* The run that begins at this page and that nothing has taken back, and its number; or NULL. */
static inline struct history_record *find_run(const struct history *history, uint32_t head,
                                              uint32_t domain, uint64_t iova, uint32_t *number)
{
	struct bucket bucket = *bucket_of(history, domain, iova);

	for (unsigned int way = 0; way < WAYS; way++) {
		*number = (uint32_t)bucket.newer;
		if (is_there(history, head, *number)) {
			struct history_record *record = record_of(history, *number);

			if (is_map_at(record, domain, iova))
				return record;
		}
		bucket.newer = bucket.newer >> 32 | bucket.older << 32;
		bucket.older >>= 32;
	}
	return NULL;
}

/* The first is in the table already. */
static void break_run(struct history *history, struct history_record *first, uint32_t number)
{
	uint32_t more = more_of(first);

	first->key &= ~RECORD_MORE;
	for (uint32_t i = 1; i <= more; i++)
		put_in_table(history, first + i, number + i);
}

/* What is not broken up is unmapped as it was mapped, mostly: here it was not. */
static void break_runs(struct history *history, uint32_t head)
{
	while (history->broken != head) {
		uint32_t number = history->broken;
		struct history_record *record = record_of(history, number);

		history->broken += 1 + more_of(record);
		if (!(record->key & (RECORD_UNMAP | RECORD_PAIRED)))
			break_run(history, record, number);
	}
}

static struct history_record *find_map(struct history *history, uint32_t head, uint32_t domain,
                                       uint64_t iova, uint32_t *number)
{
	struct history_record *record = find_run(history, head, domain, iova, number);

	if (record || history->broken == head)
		return record;
	break_runs(history, head);
	return find_run(history, head, domain, iova, number);
}

/* The bytes of a run, where these are no more than so many; else those of its first map. */
static uint64_t fit(struct history *history, struct history_record *first, uint32_t number,
                    uint64_t most)
{
	const struct history_record *last = first + more_of(first);
	uint64_t bytes = end_of(last) - (first->key & ~PAGE_MASK);

	if (bytes <= most)
		return bytes;
	break_run(history, first, number);
	return bytes_of(first);
}

/* The runs that are unmapped here, one behind the other, as far as they are found. */
static void pair(struct history *history, const struct event *ev)
{
	uint32_t domain = ev->unmap.domain, head = head_of(history), number;
	uint64_t iova = ev->unmap.iova, left = ev->unmap.unmapped_bytes;

	while (left) {
		struct history_record *first = find_map(history, head, domain, iova, &number);
		uint64_t bytes = first ? fit(history, first, number, left) : 0;

		if (!first || bytes > left)
			return;
		first->key |= RECORD_PAIRED;
		iova += bytes;
		left -= bytes;
	}
}

/* The same, where it is of one run and that is the newest of its hash, as mostly. */
static inline bool pair_run(const struct history *history, const struct event *ev)
{
	uint32_t domain = ev->unmap.domain, head = head_of(history);
	uint64_t iova = ev->unmap.iova;
	uint32_t number = (uint32_t)bucket_of(history, domain, iova)->newer;
	struct history_record *first;

	if (!is_there(history, head, number))
		return false;
	first = record_of(history, number);
	if (!is_map_at(first, domain, iova) ||
	    end_of(first + more_of(first)) != iova + ev->unmap.unmapped_bytes)
		return false;
	first->key |= RECORD_PAIRED;
	return true;
}

static inline void put_unmap(struct history *history, const struct event *ev)
{
	*history->tip.at++ = (struct history_record){
		.key = ev->unmap.iova | RECORD_UNMAP,
		.ts_ns = ev->ts_ns,
		.size = ev->unmap.unmapped_bytes,
		.domain = ev->unmap.domain,
		.pid = event_in_interrupt(ev) ? 0 : ev->pid,
	};
}

static __attribute__((noinline)) void unmap_slowly(struct history *history, const struct event *ev)
{
	if (!is_noted(history, ev->unmap.domain, ev->unmap.iova, ev->unmap.unmapped_bytes,
	              ev->ts_ns))
		return;
	if (history->tip.at == history->tip.end)
		next_block(history);
	pair(history, ev);
	put_unmap(history, ev);
}

void history_unmap(struct history *history, const struct event *ev)
{
	close_run(history);
	if (history->tip.at != history->tip.end && pair_run(history, ev))
		put_unmap(history, ev);
	else
		unmap_slowly(history, ev);
}

static void drop_forgotten(struct history *history, uint32_t domain)
{
	for (size_t i = 0; i < history->forgotten_count; i++)
		if (history->forgotten[i].domain == domain)
			history->forgotten[i] = history->forgotten[--history->forgotten_count];
}

/* An unmap of all there is: its maps in the journal must not become extents. */
void history_forget(struct history *history, uint32_t domain, uint64_t ts_ns)
{
	if (!history->watching || !history->journal_blocks || domain == DOMAIN_UNATTRIBUTED)
		return;
	drop_forgotten(history, domain);
	extents_cut(&history->extents, domain, 0, EXTENT_LAST_PAGE);
	close_run(history);
	if (history->tip.at == history->tip.end)
		next_block(history);
	*history->tip.at++ = (struct history_record){
		.key = RECORD_UNMAP,
		.size = -(1ull << PAGE_SHIFT), /* but for the last page of all */
		.ts_ns = ts_ns,
		.domain = domain,
	};
}

/* ---- questions ---- */

static inline unsigned int region_bit(uint32_t domain, uint64_t region)
{
	return (unsigned int)((region + ((uint64_t)domain << 40)) * 0x9e3779b97f4a7c15ull >> 48) %
	       SUMMARY_BITS;
}

static void summarise_record(struct summary *summary, const struct history_record *record)
{
	uint64_t first = first_page(record) >> REGION_SHIFT;
	uint64_t last = last_page(record) >> REGION_SHIFT;

	if (last - first >= SUMMARY_BITS) {
		memset(summary->bits, 0xff, sizeof(summary->bits));
		return;
	}
	for (uint64_t region = first; region <= last; region++) {
		unsigned int bit = region_bit(record->domain, region);

		summary->bits[bit / 64] |= 1ull << bit % 64;
	}
}

/* Made when it is first asked for: most blocks are never asked. */
static void summarise(struct history *history, uint32_t block)
{
	struct summary *summary = &history->summaries[block];

	*summary = (struct summary){.made = true};
	for (uint32_t i = 0; i < 1u << history->block_shift; i++)
		summarise_record(summary, &history->ring[block][i]);
}

static inline bool may_have(struct history *history, uint32_t block, unsigned int bit)
{
	const struct summary *summary = &history->summaries[block];

	if (!summary->made)
		summarise(history, block);
	return summary->bits[bit / 64] >> bit % 64 & 1;
}

/* The newest records of a page and of the one before it; the second only where it is newer. */
struct found {
	const struct history_record *page, *before;
};

/* Among the first count of a block, after those of newer blocks. */
static void find_in_block(const struct history_record *records, uint32_t count, uint32_t domain,
                          uint64_t page, struct found *found)
{
	while (count-- && !found->page) {
		const struct history_record *record = &records[count];
		uint64_t at = page - first_page(record), pages = record->size >> PAGE_SHIFT;

		if (record->domain != domain)
			continue;
		if (at < pages)
			found->page = record;
		else if (at - 1 < pages && !found->before)
			found->before = record;
	}
}

static struct nowhere *nowhere_of(struct history *history, uint32_t domain, uint64_t region)
{
	struct nowhere *nowhere = &history->nowhere[region_bit(domain, region) % NOWHERE_PLACES];

	if (nowhere->domain != domain || nowhere->region != region)
		*nowhere = (struct nowhere){region, domain, history->tail};
	/* What has left the journal since is not looked through either way. */
	if (head_of(history) - nowhere->until > head_of(history) - history->tail)
		nowhere->until = history->tail;
	return nowhere;
}

/* How far a region has to be looked for, and whether it was nowhere. */
struct search {
	struct nowhere *nowhere;
	uint32_t age; /* of the oldest record that it may be in, as seen from the newest */
	unsigned int bit;
	bool nothing;
};

static struct search search_of(struct history *history, uint32_t domain, uint64_t page)
{
	struct nowhere *nowhere = nowhere_of(history, domain, page >> REGION_SHIFT);

	return (struct search){
		.nowhere = nowhere,
		.age = head_of(history) - nowhere->until,
		.bit = region_bit(domain, page >> REGION_SHIFT),
		.nothing = true,
	};
}

static inline bool may_be_in(struct history *history, uint32_t block, uint32_t age,
                             struct search *search)
{
	if (age > search->age || !may_have(history, block, search->bit))
		return false;
	search->nothing = false;
	return true;
}

/* In the full blocks before this number: where the page is, and where the one before it is, which
 * may be in another region. */
static void find_in_full(struct history *history, uint32_t number, uint32_t domain, uint64_t page,
                         struct found *found)
{
	uint32_t newest = number, block_records = 1u << history->block_shift;
	struct search before = search_of(history, domain, page - (page != 0));
	struct search here = search_of(history, domain, page);
	uint32_t most = here.age > before.age ? here.age : before.age;

	while (!found->page && head_of(history) - number < most) {
		uint32_t block = block_of(history, number -= block_records);
		uint32_t age = head_of(history) - number;
		bool may = may_be_in(history, block, age, &here);

		if (before.bit != here.bit)
			may |= may_be_in(history, block, age, &before);
		if (may)
			find_in_block(history->ring[block], block_records, domain, page, found);
	}
	if (found->page)
		return;
	if (here.nothing)
		here.nowhere->until = newest;
	/* The two may share a place, which is that of the page's own region then. */
	if (before.nothing && before.bit != here.bit && before.nowhere != here.nowhere)
		before.nowhere->until = newest;
}

static struct found find_records(struct history *history, uint32_t domain, uint64_t page)
{
	uint32_t number = head_of(history), open = number & ((1u << history->block_shift) - 1);
	struct found found = {0};

	if (!history->journal_blocks)
		return found;
	number -= open;
	if (open)
		find_in_block(history->ring[block_of(history, number)], open, domain, page, &found);
	if (!found.page)
		find_in_full(history, number, domain, page, &found);
	return found;
}

static struct history_answer answer_of_record(const struct history_record *record)
{
	bool unmap = record->key & RECORD_UNMAP;

	return (struct history_answer){
		.state = unmap ? HISTORY_UNMAPPED : HISTORY_MAPPED,
		.protection = unmap ? 0 : (uint8_t)record->size,
		.pid = record->pid,
		.ts_ns = record->ts_ns,
		.iova = first_page(record) << PAGE_SHIFT,
		.size_bytes = bytes_of(record),
	};
}

/* The newest record of a page tells of it, or else the extents, where all older ones went. */
static struct history_answer answer(const struct history *history,
                                    const struct history_record *record, uint32_t domain,
                                    uint64_t page)
{
	const struct extent *extent;

	if (record)
		return answer_of_record(record);
	extent = extents_find(&history->extents, domain, page);
	if (!extent)
		return (struct history_answer){.state = HISTORY_NOTHING};
	return (struct history_answer){
		.state = HISTORY_MAPPED,
		.protection = extent->protection,
		.pid = extent->pid,
		.ts_ns = extent->ts_ns,
		.iova = extent->first << PAGE_SHIFT,
		.size_bytes = (extent->last - extent->first + 1) << PAGE_SHIFT,
	};
}

static bool ends_before(const struct history_answer *mapping, uint64_t page)
{
	return mapping->state == HISTORY_MAPPED &&
	       mapping->iova + mapping->size_bytes == page << PAGE_SHIFT;
}

struct history_answer history_ask(struct history *history, uint32_t domain, uint64_t iova)
{
	uint64_t page = iova >> PAGE_SHIFT;
	struct found found = find_records(history, domain, page);
	struct history_answer here = answer(history, found.page, domain, page), before;

	if (here.state != HISTORY_NOTHING || !page)
		return here;
	before = answer(history, found.before, domain, page - 1);
	if (!ends_before(&before, page))
		return here;
	before.state = HISTORY_BEHIND;
	return before;
}

uint64_t history_since(const struct history *history, uint32_t domain)
{
	if (!history->watching)
		return 0;
	for (size_t i = 0; i < history->forgotten_count; i++)
		if (history->forgotten[i].domain == domain)
			return history->forgotten[i].since_ns;
	return history->since_ns;
}

/* What is paired is unmapped further on. */
static bool apply_journal(const struct history *history, uint32_t domain, struct extents *extents)
{
	uint32_t head = head_of(history);

	for (uint32_t number = history->tail; number != head; number++) {
		const struct history_record *record = record_of(history, number);

		if (record->key & RECORD_PAIRED)
			number += more_of(record);
		else if (record->domain == domain && !apply(extents, record))
			return false;
	}
	return true;
}

size_t history_stretches(const struct history *history, uint32_t domain)
{
	struct blocks blocks = {.bytes = history->blocks.bytes, .left = history->block_count};
	struct extents extents;
	size_t count = SIZE_MAX;

	extents_init(&extents, &blocks);
	if (extents_copy(&extents, &history->extents, domain) &&
	    (!history->journal_blocks || apply_journal(history, domain, &extents)))
		count = extents_count(&extents, domain);
	extents_release(&extents);
	return count;
}

/* ---- all of its memory ---- */

/* The block that is being filled; NULL where none is. */
static struct history_record *tip_block(const struct history *history)
{
	return history->tip.at ? history->ring[block_of(history, history->block_number)] : NULL;
}

static void journal_owned(struct history *history, struct owned *owned)
{
	struct history_tip *tip = &history->tip;
	const struct history_record *newest = tip_block(history);
	size_t full = (size_t)1 << history->block_shift, blocks = history->ring_mask + (size_t)1;

	OWNED_BEGIN(owned, history->ring, blocks, blocks);
	for (size_t i = 0; history->ring && i < blocks; i++) {
		bool is_newest = newest && history->ring[i] == newest;

		OWNED_ARRAY(owned, history->ring[i], is_newest ? (size_t)(tip->at - newest) : full,
		            full);
		if (!is_newest)
			continue;
		owned_move(owned, &tip->at, newest, history->ring[i]);
		owned_move(owned, &tip->end, newest, history->ring[i]);
		owned_move(owned, &history->run, newest, history->ring[i]);
	}
	owned_end(owned, &history->ring);
	OWNED_ARRAY(owned, history->summaries, blocks, blocks);
}

void history_owned(struct history **address, struct owned *owned)
{
	const struct history *from = *address;
	struct history *history;

	OWNED_BEGIN(owned, *address, 1, 1);
	history = *address;
	OWNED_ARRAY(owned, history->table, table_buckets(history), table_buckets(history));
	owned_array(owned, &history->patches, patch_bytes(history), patch_bytes(history));
	journal_owned(history, owned);
	extents_owned(&history->extents, owned);
	owned_move(owned, &history->extents.blocks, from, history);
	owned_end(owned, address);
}

void history_free(struct history *history)
{
	struct owned owned = {.task = OWNED_FREE};

	if (history)
		history_owned(&history, &owned);
}
