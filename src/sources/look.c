// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * look: what is read only of the group that somebody looks at.
 * In: a topology, a sysfs tree. Out: more facts. Must never know: threads, time, what facts mean.
 */
#include "look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "config_space.h"

#define SLOT_FUNCTIONS 8

static const enum attribute looked_facts[] = {
	ATTR_DEVICE_CONFIG,    ATTR_DEVICE_PORT,     ATTR_DEVICE_ACS,
	ATTR_DEVICE_FUNCTIONS, ATTR_DEVICE_FEATURES, ATTR_DEVICE_LINK,
};

/* Which items are to be read, as many as there are in topology. */
struct choice {
	struct topology *topology;
	bool *chosen, *climbed;
};

static struct topology_item *find_device(const struct topology *topology, const char *name)
{
	const struct topology_item *found = topology_find(topology, SUBJECT_DEVICE, name, 0);

	return found ? &topology->items[found - topology->items] : NULL;
}

/* 0000:00:1f.2 and 0000:00:1f.3 are two of one slot. */
static void choose_slot(const struct choice *choice, const struct topology_item *item)
{
	size_t length = strlen(item->name);
	char *name = xstrdup(item->name);

	for (int i = 0; i < SLOT_FUNCTIONS && length > 2 && name[length - 2] == '.'; i++) {
		const struct topology_item *function;

		name[length - 1] = (char)('0' + i);
		function = find_device(choice->topology, name);
		if (function && topology_is_pci(function))
			choice->chosen[function - choice->topology->items] = true;
	}
	free(name);
}

/* Up to the root bus; a chain of parents that leads back into itself has been climbed before. */
static void choose_way_up(const struct choice *choice, const struct topology_item *item)
{
	while (item && topology_is_pci(item) && !choice->climbed[item - choice->topology->items]) {
		const char *parent = item->facts[ATTR_DEVICE_PARENT].text;

		choice->chosen[item - choice->topology->items] = true;
		choice->climbed[item - choice->topology->items] = true;
		choose_slot(choice, item);
		item = parent ? find_device(choice->topology, parent) : NULL;
	}
}

static bool is_read(const struct topology_item *item)
{
	const char *config = item->facts[ATTR_DEVICE_CONFIG].text;

	return config && strcmp(config, "asleep") != 0 && strcmp(config, "gone") != 0;
}

static void take_over(struct topology_item *item, const struct topology_item *read,
                      const struct event_sink *sink)
{
	for (size_t i = 0; i < ARRAY_SIZE(looked_facts); i++) {
		enum attribute attribute = looked_facts[i];

		if (topology_same_fact(item, read, attribute))
			continue;
		topology_copy_fact(item, read, attribute);
		topology_tell_fact(item, attribute, sink);
	}
}

static void read_device(const struct look *look, struct topology_item *item,
                        const struct event_sink *sink)
{
	struct topology scratch = {0};
	struct topology_item *read = topology_add(&scratch, SUBJECT_DEVICE, item->name, 0);

	config_space_read(look->root, item->name, look->wake, read);
	take_over(item, read, sink);
	topology_release(&scratch);
}

void look_at_group(const struct look *look, struct topology *topology,
                   const struct event_sink *sink)
{
	struct choice choice = {
		.topology = topology,
		.chosen = xcalloc(topology->sorted + 1, sizeof(*choice.chosen)),
		.climbed = xcalloc(topology->sorted + 1, sizeof(*choice.climbed)),
	};
	bool goes_on = true;

	for (size_t i = 0; i < topology->sorted; i++)
		if (topology->items[i].facts[ATTR_DEVICE_GROUP].number == look->group)
			choose_way_up(&choice, &topology->items[i]);
	for (size_t i = 0; i < topology->sorted && goes_on; i++) {
		struct topology_item *item = &topology->items[i];

		if (!choice.chosen[i] || is_read(item))
			continue;
		goes_on = !look->reading ||
		          look->reading(look->context, SUBJECT_DEVICE, item->name, 0);
		if (goes_on)
			read_device(look, item, sink);
	}
	free(choice.chosen);
	free(choice.climbed);
}
