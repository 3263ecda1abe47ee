// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * naming: devices of kernel addresses, and what was told of domains and groups.
 * In: names, numbers. Out: names, whether something is news.
 * Must never know: records, events, contexts.
 */
#include "naming.h"

#include <stdlib.h>
#include <string.h>

#include "../event.h"
#include "../owned.h"
#include "../util.h"

/* Devices: sets of a few places each, in which the one learned longest ago gives way. */
#define WAYS 8u
#define SETS (NAMING_DEVICES / WAYS)

struct device {
	uint64_t address; /* 0: free */
	uint64_t learned; /* when, counted in calls */
	char *name;
};

/* A shared domain has several devices; more than these are told by the snapshot of groups alone. */
#define DMA_DEVICES 4

struct dma_device {
	uint64_t hash; /* of its name; 0: free */
	bool told;
};

struct domain {
	uint32_t id; /* 0: free */
	bool named, counted;
	uint8_t next; /* of the devices: which gives way */
	struct dma_device devices[DMA_DEVICES];
};

struct group {
	bool told[NAMING_GROUP_COUNT];
	uint32_t domains[NAMING_GROUP_COUNT];
};

struct naming {
	const struct domain_ids *ids;
	struct device *devices; /* NAMING_DEVICES, made when the first is learned */
	uint64_t learned;
	struct domain *domains; /* by number, a table of open addressing */
	size_t room, count;     /* room: a power of two */
	struct domain *last;
	uint32_t active; /* the domain that was active last; 0: none */
	struct group *groups;
	size_t group_room;
	uint64_t unnamed;
};

uint64_t naming_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
	return hash ? hash : 1;
}

/* ---- devices ---- */

static struct device *set_of(const struct naming *naming, uint64_t address)
{
	size_t set = (size_t)((address * 0x9e3779b97f4a7c15u) >> 40) % SETS;

	return &naming->devices[set * WAYS];
}

static struct device *find_device(const struct naming *naming, uint64_t address)
{
	struct device *set = naming->devices ? set_of(naming, address) : NULL;

	for (unsigned int i = 0; set && address && i < WAYS; i++)
		if (set[i].address == address)
			return &set[i];
	return NULL;
}

static void drop_device(struct device *device)
{
	free(device->name);
	*device = (struct device){0};
}

static struct device *oldest_of(struct device *set)
{
	struct device *oldest = set;

	for (unsigned int i = 1; i < WAYS; i++)
		if (set[i].learned < oldest->learned)
			oldest = &set[i];
	return oldest;
}

void naming_learn(struct naming *naming, uint64_t device, const char *name)
{
	struct device *place = find_device(naming, device);

	if (!device || !*name)
		return;
	if (!naming->devices)
		naming->devices = xcalloc(NAMING_DEVICES, sizeof(*naming->devices));
	if (!place) {
		place = oldest_of(set_of(naming, device));
		drop_device(place);
		place->address = device;
	}
	place->learned = ++naming->learned;
	if (place->name && strcmp(place->name, name) == 0)
		return;
	free(place->name);
	place->name = xstrdup(name);
}

const char *naming_device(const struct naming *naming, uint64_t device)
{
	const struct device *place = find_device(naming, device);

	return place ? place->name : NULL;
}

void naming_forget(struct naming *naming, const char *name)
{
	for (size_t i = 0; naming->devices && i < NAMING_DEVICES; i++)
		if (naming->devices[i].name && strcmp(naming->devices[i].name, name) == 0)
			drop_device(&naming->devices[i]);
}

void naming_drop(struct naming *naming, uint64_t device)
{
	struct device *place = find_device(naming, device);

	if (place)
		drop_device(place);
}

/* ---- domains ---- */

static struct domain *place_of(const struct naming *naming, uint32_t id)
{
	size_t place = id * 0x9e3779b1u & (naming->room - 1);

	while (naming->domains[place].id && naming->domains[place].id != id)
		place = (place + 1) & (naming->room - 1);
	return &naming->domains[place];
}

/* Twice the room of those that live still: there is work to do again only after as many more. */
static void make_room(struct naming *naming)
{
	struct domain *old = naming->domains;
	size_t old_room = naming->room, living = 0;

	for (size_t i = 0; i < old_room; i++)
		living += old[i].id && domain_ids_address(naming->ids, old[i].id);
	while (naming->room < living * 4)
		naming->room *= 2;
	naming->domains = xcalloc(naming->room, sizeof(*naming->domains));
	naming->count = living;
	for (size_t i = 0; i < old_room; i++)
		if (old[i].id && domain_ids_address(naming->ids, old[i].id))
			*place_of(naming, old[i].id) = old[i];
	naming->last = NULL;
	free(old);
}

static struct domain *find_domain(struct naming *naming, uint32_t id)
{
	struct domain *domain;

	domain = place_of(naming, id);
	if (!domain->id) {
		if (naming->count >= naming->room / 2) {
			make_room(naming);
			domain = place_of(naming, id);
		}
		domain->id = id;
		naming->count++;
	}
	naming->last = domain;
	return domain;
}

static inline struct domain *get_domain(struct naming *naming, uint32_t id)
{
	return naming->last && naming->last->id == id ? naming->last : find_domain(naming, id);
}

void naming_active(struct naming *naming, uint32_t domain)
{
	struct domain *place;

	if (domain == naming->active)
		return;
	naming->active = domain;
	place = get_domain(naming, domain);
	if (place->named || place->counted)
		return;
	place->counted = true;
	naming->unnamed++;
}

void naming_named(struct naming *naming, uint32_t domain)
{
	if (domain != DOMAIN_UNATTRIBUTED)
		get_domain(naming, domain)->named = true;
}

uint64_t naming_unnamed(const struct naming *naming)
{
	return naming->unnamed;
}

bool naming_dma_call(struct naming *naming, uint32_t domain, const char *device)
{
	struct domain *place = get_domain(naming, domain);
	uint64_t hash = naming_hash(device);
	bool told;

	for (unsigned int i = 0; i < DMA_DEVICES; i++) {
		if (place->devices[i].hash != hash)
			continue;
		told = place->devices[i].told;
		place->devices[i].told = true;
		return !told;
	}
	place->devices[place->next] = (struct dma_device){.hash = hash};
	place->next = (uint8_t)((place->next + 1u) % DMA_DEVICES);
	return false;
}

/* ---- groups ---- */

static void make_group_room(struct naming *naming, uint32_t group)
{
	size_t room = naming->group_room ? naming->group_room : 64;

	while (room <= group)
		room *= 2;
	naming->groups = xrealloc(naming->groups, room * sizeof(*naming->groups));
	memset(naming->groups + naming->group_room, 0,
	       (room - naming->group_room) * sizeof(*naming->groups));
	naming->group_room = room;
}

bool naming_group_news(struct naming *naming, uint32_t group, enum naming_group which,
                       uint32_t domain)
{
	struct group *place;

	/* Of no real machine; saying it again does no harm. */
	if (group >= NAMING_GROUPS)
		return true;
	if (group >= naming->group_room)
		make_group_room(naming, group);
	place = &naming->groups[group];
	if (place->told[which] && place->domains[which] == domain)
		return false;
	place->told[which] = true;
	place->domains[which] = domain;
	return true;
}

void naming_forget_groups(struct naming *naming)
{
	for (size_t i = 0; i < naming->group_room; i++)
		naming->groups[i] = (struct group){0};
}

/* ---- all of it ---- */

struct naming *naming_new(const struct domain_ids *ids)
{
	struct naming *naming = xcalloc(1, sizeof(*naming));

	naming->ids = ids;
	naming->room = 64;
	naming->domains = xcalloc(naming->room, sizeof(*naming->domains));
	return naming;
}

void naming_owned(struct naming **naming, const struct domain_ids *ids, struct owned *owned)
{
	OWNED_BEGIN(owned, *naming, 1, 1);
	(*naming)->ids = ids;
	(*naming)->last = NULL;
	OWNED_BEGIN(owned, (*naming)->devices, NAMING_DEVICES, NAMING_DEVICES);
	for (size_t i = 0; (*naming)->devices && i < NAMING_DEVICES; i++)
		owned_text(owned, &(*naming)->devices[i].name);
	owned_end(owned, &(*naming)->devices);
	OWNED_ARRAY(owned, (*naming)->domains, (*naming)->room, (*naming)->room);
	OWNED_ARRAY(owned, (*naming)->groups, (*naming)->group_room, (*naming)->group_room);
	owned_end(owned, naming);
}

void naming_free(struct naming *naming)
{
	struct owned all = {.task = OWNED_FREE};

	if (naming)
		naming_owned(&naming, naming->ids, &all);
}
