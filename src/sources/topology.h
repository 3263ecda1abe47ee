/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TOPOLOGY_H
#define IOMMUTOP_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../event.h"

/*
 * Units, groups, devices and the processes that hold groups, with their facts, as they stood at one
 * time: what one walk read, or what the model has been told. The difference of two is a run of
 * events. Starts as {0}.
 */

/* Which one it is says the type of the attribute. */
union topology_fact {
	char *text;      /* owned; NULL: unknown */
	uint64_t number; /* or VALUE_UNKNOWN */
};

struct topology_item {
	char *name;   /* key of units and devices, else NULL; owned */
	size_t order; /* of two with one key the lower one is the older */
	/* Of devices: other when the device of this name is another one. 0: not known. */
	uint64_t appearance;
	uint32_t id; /* key of groups and processes */
	uint8_t subject;
	union topology_fact facts[ATTRIBUTE_COUNT];
};

struct topology {
	struct topology_item *items;
	size_t count, capacity;
	size_t sorted; /* so many items are in order: what topology_find looks through */
};

/* A new item that knows nothing yet; stays where it is until the next add or sort. */
struct topology_item *topology_add(struct topology *topology, enum subject subject,
                                   const char *name, uint32_t id);
void topology_set_text(struct topology_item *item, enum attribute attribute, const char *text);
void topology_set_number(struct topology_item *item, enum attribute attribute, uint64_t value);
bool topology_same_fact(const struct topology_item *a, const struct topology_item *b,
                        enum attribute attribute);
/* Emits it as it is, known or not, with time 0. */
void topology_tell_fact(const struct topology_item *item, enum attribute attribute,
                        const struct event_sink *sink);
/* A device, and its bus is PCI. */
bool topology_is_pci(const struct topology_item *item);
bool topology_is_known(const struct topology_item *item, enum attribute attribute);
/* Takes over one fact of another item of the same subject. */
void topology_copy_fact(struct topology_item *item, const struct topology_item *from,
                        enum attribute attribute);

/* Units by name, groups by number, devices by name, processes by id; of two with one key the older
 * one stays. */
void topology_sort(struct topology *topology);

/* Among the items that the last topology_sort saw. */
const struct topology_item *topology_find(const struct topology *topology, enum subject subject,
                                          const char *name, uint32_t id);

/*
 * Emits what turns told into read, both sorted, with time 0: first GONE (processes, devices,
 * groups, units), then ATTR for facts that differ, in the order of topology_sort. Of an item that
 * is new at least one fact is told, known or not, so that it is heard of. Texts live as long as
 * read.
 */
void topology_diff(const struct topology *told, const struct topology *read,
                   const struct event_sink *sink);

/* Leaves {0}. */
void topology_release(struct topology *topology);

#endif
