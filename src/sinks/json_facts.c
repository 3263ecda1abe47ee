// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_facts: facts of a snapshot as an object of objects, by the table of attributes, so that none
 * is forgotten. In: snapshots. Out: JSON. Must never know: what a fact means.
 */
#include "json_facts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../fact_places.h"
#include "../text.h"
#include "../util.h"

/* As long as it is: a list of regions or of BARs would mean something else when cut. */
static char *clean_text(const struct snapshot *snap, text_id text)
{
	const char *raw = snapshot_text(snap, text);
	size_t size = strlen(raw) * 3 + 1; /* a broken byte becomes three */

	return text_clean(xmalloc(size), size, raw);
}

static void set_text(json_t *object, const char *word, const struct snapshot *snap, text_id text)
{
	char *clean = clean_text(snap, text);

	if (text)
		json_object_set_new(object, word, json_string(clean));
	free(clean);
}

/* of: the struct of that subject */
static json_t *facts_of(const struct snapshot *snap, enum subject subject, const void *of)
{
	json_t *object = json_object();

	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct attribute_info *info = &attribute_infos[i];
		uint32_t value;

		if (info->subject != subject || fact_places[i].where == FACT_ELSEWHERE)
			continue;
		value = fact_value((enum attribute)i, of);
		if (!fact_is_known((enum attribute)i, value))
			continue;
		if (info->type == VALUE_TEXT)
			set_text(object, info->word, snap, value);
		else
			json_object_set_new(object, info->word, json_integer(value));
	}
	return object;
}

static void add_by_name(json_t *object, const struct snapshot *snap, enum subject subject,
                        text_id name, const void *of)
{
	char *clean = clean_text(snap, name);

	json_object_set_new(object, clean, facts_of(snap, subject, of));
	free(clean);
}

static void add_by_id(json_t *object, const struct snapshot *snap, enum subject subject,
                      uint32_t id, const void *of)
{
	char key[16];

	snprintf(key, sizeof(key), "%" PRIu32, id);
	json_object_set_new(object, key, facts_of(snap, subject, of));
}

/* A snapshot has these two beside what it has of the machine. */
static json_t *machine_facts(const struct snapshot *snap)
{
	json_t *object = facts_of(snap, SUBJECT_MACHINE, &snap->machine);

	set_text(object, attribute_infos[ATTR_HOST].word, snap, snap->host);
	set_text(object, attribute_infos[ATTR_KERNEL].word, snap, snap->kernel);
	return object;
}

static json_t *unit_facts(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *object = json_object();

	for (size_t i = 0; i < snap->unit_count; i++)
		if (filter_unit(snap, filter, &snap->units[i]))
			add_by_name(object, snap, SUBJECT_UNIT, snap->units[i].name,
			            &snap->units[i]);
	return object;
}

static json_t *group_facts(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *object = json_object();

	for (size_t i = 0; i < snap->group_count; i++)
		if (filter_group(snap, filter, &snap->groups[i]))
			add_by_id(object, snap, SUBJECT_GROUP, snap->groups[i].id,
			          &snap->groups[i]);
	return object;
}

static json_t *device_facts(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *object = json_object();

	for (size_t i = 0; i < snap->device_count; i++)
		if (filter_device(snap, filter, &snap->devices[i]))
			add_by_name(object, snap, SUBJECT_DEVICE, snap->devices[i].name,
			            &snap->devices[i]);
	return object;
}

static json_t *process_facts(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *object = json_object();

	for (size_t i = 0; i < snap->process_count; i++)
		if (filter_process(snap, filter, &snap->processes[i]))
			add_by_id(object, snap, SUBJECT_PROCESS, snap->processes[i].id,
			          &snap->processes[i]);
	return object;
}

json_t *json_facts(const struct snapshot *snap, const struct output_filter *filter)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "machine", machine_facts(snap), "units",
	                 unit_facts(snap, filter), "groups", group_facts(snap, filter), "devices",
	                 device_facts(snap, filter), "processes", process_facts(snap, filter));
}
