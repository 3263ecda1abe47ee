// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * topology: what is known of units, groups, devices and processes, and how two such states differ.
 * In: facts. Out: events. Must never know: files, threads, time.
 */
#include "topology.h"

#include <stdlib.h>
#include <string.h>

#include "../util.h"

/* The fact that tells of a new item even where it is not known. The machine is there without. */
static const uint8_t first_facts[SUBJECT_COUNT] = {
	[SUBJECT_MACHINE] = ATTRIBUTE_COUNT,       [SUBJECT_UNIT] = ATTR_UNIT_VENDOR,
	[SUBJECT_GROUP] = ATTR_GROUP_DEFAULT_TYPE, [SUBJECT_DEVICE] = ATTR_DEVICE_GROUP,
	[SUBJECT_PROCESS] = ATTR_PROCESS_NAME,
};

static bool is_text(enum attribute attribute)
{
	return attribute_infos[attribute].type == VALUE_TEXT;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int compare_keys(const struct topology_item *a, const struct topology_item *b)
{
	if (a->subject != b->subject)
		return a->subject < b->subject ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->name && b->name ? strcmp(a->name, b->name) : 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct topology_item *left = a, *right = b;
	int keys = compare_keys(left, right);

	return keys ? keys : left->order < right->order ? -1 : 1;
}

static int compare_to_key(const void *key, const void *item)
{
	return compare_keys(key, item);
}

static void release_item(struct topology_item *item)
{
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (is_text(i))
			free(item->facts[i].text);
	}
	free(item->name);
}

bool topology_is_known(const struct topology_item *item, enum attribute attribute)
{
	const union topology_fact *fact = &item->facts[attribute];

	return is_text(attribute) ? fact->text != NULL : fact->number != VALUE_UNKNOWN;
}

static bool worth_telling(const struct topology_item *told, const struct topology_item *item,
                          enum attribute attribute)
{
	if (told)
		return !topology_same_fact(told, item, attribute);
	return topology_is_known(item, attribute) || first_facts[item->subject] == attribute;
}

static void emit_changes(const struct topology *told, const struct topology_item *item,
                         const struct event_sink *sink)
{
	const struct topology_item *old = topology_find(told, item->subject, item->name, item->id);

	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (attribute_infos[i].subject == item->subject && worth_telling(old, item, i))
			topology_tell_fact(item, i, sink);
	}
}

struct topology_item *topology_add(struct topology *topology, enum subject subject,
                                   const char *name, uint32_t id)
{
	struct topology_item *item;

	topology->items = grow(topology->items, &topology->capacity, topology->count,
	                       sizeof(*topology->items));
	item = &topology->items[topology->count];
	*item = (struct topology_item){
		.name = name ? xstrdup(name) : NULL,
		.order = topology->count++,
		.id = id,
		.subject = subject,
	};
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (!is_text(i))
			item->facts[i].number = VALUE_UNKNOWN;
	}
	return item;
}

void topology_set_text(struct topology_item *item, enum attribute attribute, const char *text)
{
	free(item->facts[attribute].text);
	item->facts[attribute].text = text ? xstrdup(text) : NULL;
}

void topology_set_number(struct topology_item *item, enum attribute attribute, uint64_t value)
{
	item->facts[attribute].number = value;
}

bool topology_same_fact(const struct topology_item *a, const struct topology_item *b,
                        enum attribute attribute)
{
	const union topology_fact *left = &a->facts[attribute], *right = &b->facts[attribute];

	return is_text(attribute) ? same_text(left->text, right->text)
	                          : left->number == right->number;
}

void topology_tell_fact(const struct topology_item *item, enum attribute attribute,
                        const struct event_sink *sink)
{
	const union topology_fact *fact = &item->facts[attribute];
	struct event ev =
		is_text(attribute)
			? event_attr_text(0, attribute, item->name, item->id, fact->text)
			: event_attr_number(0, attribute, item->name, item->id, fact->number);

	event_emit(sink, &ev);
}

bool topology_is_pci(const struct topology_item *item)
{
	const char *bus = item->facts[ATTR_DEVICE_BUS].text;

	return item->subject == SUBJECT_DEVICE && bus && !strcmp(bus, "pci");
}

void topology_copy_fact(struct topology_item *item, const struct topology_item *from,
                        enum attribute attribute)
{
	if (is_text(attribute))
		topology_set_text(item, attribute, from->facts[attribute].text);
	else
		topology_set_number(item, attribute, from->facts[attribute].number);
}

void topology_sort(struct topology *topology)
{
	size_t kept = 0;

	if (topology->count)
		qsort(topology->items, topology->count, sizeof(*topology->items), compare_items);
	for (size_t i = 0; i < topology->count; i++) {
		struct topology_item *item = &topology->items[i];

		if (kept && compare_keys(&topology->items[kept - 1], item) == 0) {
			release_item(item);
			continue;
		}
		topology->items[kept] = *item;
		topology->items[kept].order = kept;
		kept++;
	}
	topology->count = topology->sorted = kept;
}

const struct topology_item *topology_find(const struct topology *topology, enum subject subject,
                                          const char *name, uint32_t id)
{
	const struct topology_item key = {.name = (char *)name, .id = id, .subject = subject};

	if (!topology->sorted)
		return NULL;
	return bsearch(&key, topology->items, topology->sorted, sizeof(key), compare_to_key);
}

void topology_diff(const struct topology *told, const struct topology *read,
                   const struct event_sink *sink)
{
	for (size_t i = told->sorted; i-- > 0;) {
		const struct topology_item *item = &told->items[i];

		if (!topology_find(read, item->subject, item->name, item->id)) {
			struct event ev = event_gone(0, item->subject, item->name, item->id);

			event_emit(sink, &ev);
		}
	}
	for (size_t i = 0; i < read->sorted; i++)
		emit_changes(told, &read->items[i], sink);
}

void topology_release(struct topology *topology)
{
	for (size_t i = 0; i < topology->count; i++)
		release_item(&topology->items[i]);
	free(topology->items);
	*topology = (struct topology){0};
}
