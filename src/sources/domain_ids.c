// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * domain_ids: kernel addresses of domains to the numbers that people see.
 * In: addresses. Out: numbers, types. Must never know: records, events, where addresses come from.
 */
#include "domain_ids.h"

#include <stdlib.h>
#include <string.h>

#include "../event.h"
#include "../owned.h"
#include "../util.h"

#define ROOM_AT_FIRST 32

struct entry {
	uint32_t id; /* first, for place_of_id */
	uint8_t type;
	uint64_t address; /* 0: retired */
};

/*
 * Entries stand in the order of their numbers, for numbers only grow and new ones come last. The
 * table finds them by address: an index + 1, 0 where nothing ever was. It has twice as many places
 * as there is room for entries, so a search always meets an empty one. Retired entries stay until
 * there is no room; then the living close ranks and the table is filled anew.
 */
struct domain_ids {
	struct entry *entries;
	uint32_t *table;
	size_t count, living;
	size_t room;           /* for entries; a power of two */
	size_t last;           /* the entry found last: most calls ask for the same one again */
	uint64_t last_address; /* its address and number; 0 and DOMAIN_UNATTRIBUTED: retired */
	uint32_t last_number;
	uint32_t last_id; /* the highest there is */
};

static size_t place_of(const struct domain_ids *ids, uint64_t address)
{
	/* Addresses of allocations share their low bits: the high ones of a product do not. */
	return (size_t)((address * 0x9e3779b97f4a7c15u) >> 32) & (ids->room * 2 - 1);
}

static void put_in_table(struct domain_ids *ids, size_t index)
{
	size_t place = place_of(ids, ids->entries[index].address);

	while (ids->table[place])
		place = (place + 1) & (ids->room * 2 - 1);
	ids->table[place] = (uint32_t)index + 1;
}

static struct entry *by_address(const struct domain_ids *ids, uint64_t address)
{
	size_t place;

	if (!address)
		return NULL;
	for (place = place_of(ids, address); ids->table[place];
	     place = (place + 1) & (ids->room * 2 - 1)) {
		struct entry *entry = &ids->entries[ids->table[place] - 1];

		if (entry->address == address)
			return entry;
	}
	return NULL;
}

static struct entry *by_id(const struct domain_ids *ids, uint32_t id)
{
	size_t at;

	if (ids->last < ids->count && ids->entries[ids->last].id == id)
		return ids->entries[ids->last].address ? &ids->entries[ids->last] : NULL;
	at = place_of_id(ids->entries, ids->count, sizeof(*ids->entries), id);
	if (at == ids->count || ids->entries[at].id != id || !ids->entries[at].address)
		return NULL;
	return &ids->entries[at];
}

static void close_ranks(struct domain_ids *ids)
{
	size_t kept = 0;

	for (size_t i = 0; i < ids->count; i++)
		if (ids->entries[i].address)
			ids->entries[kept++] = ids->entries[i];
	ids->count = kept;
}

/* Grows only where the living need it: at least half of the room is free afterwards. */
static void make_room(struct domain_ids *ids)
{
	close_ranks(ids);
	if (ids->living > ids->room / 2) {
		ids->room *= 2;
		ids->entries = xrealloc(ids->entries, ids->room * sizeof(*ids->entries));
		ids->table = xrealloc(ids->table, ids->room * 2 * sizeof(*ids->table));
	}
	memset(ids->table, 0, ids->room * 2 * sizeof(*ids->table));
	for (size_t i = 0; i < ids->count; i++)
		put_in_table(ids, i);
}

struct domain_ids *domain_ids_new(void)
{
	struct domain_ids *ids = xcalloc(1, sizeof(*ids));

	ids->room = ROOM_AT_FIRST;
	ids->entries = xcalloc(ids->room, sizeof(*ids->entries));
	ids->table = xcalloc(ids->room * 2, sizeof(*ids->table));
	return ids;
}

void domain_ids_owned(struct domain_ids **ids, struct owned *owned)
{
	OWNED_BEGIN(owned, *ids, 1, 1);
	OWNED_ARRAY(owned, (*ids)->entries, (*ids)->count, (*ids)->room);
	OWNED_ARRAY(owned, (*ids)->table, (*ids)->room * 2, (*ids)->room * 2);
	owned_end(owned, ids);
}

void domain_ids_free(struct domain_ids *ids)
{
	struct owned all = {.task = OWNED_FREE};

	if (ids)
		domain_ids_owned(&ids, &all);
}

/* Not inlined: what asks for the same domain again is to save no registers for it. */
__attribute__((noinline)) static uint32_t find_or_add(struct domain_ids *ids, uint64_t address)
{
	struct entry *entry = by_address(ids, address);

	if (!address)
		return DOMAIN_UNATTRIBUTED;
	if (!entry) {
		if (ids->count == ids->room)
			make_room(ids);
		entry = &ids->entries[ids->count];
		*entry = (struct entry){
			.address = address, .id = ++ids->last_id, .type = DOMAIN_TYPE_UNKNOWN};
		put_in_table(ids, ids->count++);
		ids->living++;
	}
	ids->last = (size_t)(entry - ids->entries);
	ids->last_address = address;
	ids->last_number = entry->id;
	return entry->id;
}

uint32_t domain_ids_get(struct domain_ids *ids, uint64_t address)
{
	return address == ids->last_address ? ids->last_number : find_or_add(ids, address);
}

uint32_t domain_ids_find(const struct domain_ids *ids, uint64_t address)
{
	const struct entry *entry = by_address(ids, address);

	return entry ? entry->id : DOMAIN_UNATTRIBUTED;
}

uint64_t domain_ids_address(const struct domain_ids *ids, uint32_t id)
{
	const struct entry *entry = by_id(ids, id);

	return entry ? entry->address : 0;
}

static uint32_t retire(struct domain_ids *ids, struct entry *entry)
{
	entry->address = 0;
	ids->living--;
	ids->last_address = 0;
	ids->last_number = DOMAIN_UNATTRIBUTED;
	return entry->id;
}

uint32_t domain_ids_retire(struct domain_ids *ids, uint64_t address)
{
	struct entry *entry = by_address(ids, address);

	return entry ? retire(ids, entry) : DOMAIN_UNATTRIBUTED;
}

bool domain_ids_set_type(struct domain_ids *ids, uint32_t id, uint8_t type)
{
	struct entry *entry = by_id(ids, id);

	if (!entry || entry->type == type)
		return false;
	entry->type = type;
	return true;
}

uint8_t domain_ids_type(const struct domain_ids *ids, uint32_t id)
{
	const struct entry *entry = by_id(ids, id);

	return entry ? entry->type : DOMAIN_TYPE_UNKNOWN;
}
