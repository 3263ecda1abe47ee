// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * saved_topology: a saved JSON object of iommutop -1 --json, heard as events.
 *
 * In: a file that anybody may have written. Out: ATTR and HEALTH events. Must never know: this
 * machine, who listens.
 */
#include "saved_topology.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "../util.h"
#include "topology.h"

#define SCHEMA_NAME "iommutop/"
#define SCHEMA      SCHEMA_NAME "1"
#define SAVE_ANEW   "save it anew: iommutop -1 --json"
#define SAVED_BYTES ((size_t)SAVED_TOPOLOGY_MIB << 20)
#define KEY_MAX     255
/* An id or a number of the model; the one above says that nothing is known. */
#define NUMBER_MOST (UINT32_MAX - 1)

struct saved_health {
	bool said;
	enum health_state state;
	char *reason; /* owned; NULL: none */
};

struct saved_topology {
	struct topology topology;
	struct saved_health health[SOURCE_COUNT];
};

/* One reading. Errors name the place: the keys that lead to it. */
struct reading {
	struct saved_topology *saved;
	const char *path;
	struct error *err;
};

/* Keys of the object "facts"; no machine has so many of them. */
static const struct part {
	const char *key;
	enum subject subject;
	size_t most;
} parts[] = {
	{"units", SUBJECT_UNIT, 1024},
	{"groups", SUBJECT_GROUP, 65536},
	{"devices", SUBJECT_DEVICE, 65536},
	{"processes", SUBJECT_PROCESS, 65536},
};

/* ---- what is wrong ---- */

/* Says so of the value under key (NULL: of the part itself) of one of the things in a part. */
static int refuse(const struct reading *reading, const char *part, const char *of, const char *key,
                  const char *problem)
{
	char clean_of[64], clean_key[64];

	return error_set(reading->err, EINVAL, "%.80s: facts.%s%s%s%s%s %s; " SAVE_ANEW,
	                 reading->path, part, of ? "." : "",
	                 of ? text_clean(clean_of, sizeof(clean_of), of) : "", key ? "." : "",
	                 key ? text_clean(clean_key, sizeof(clean_key), key) : "", problem);
}

static int refuse_json(const struct reading *reading, const json_error_t *problem)
{
	char clean[80];

	return error_set(reading->err, EINVAL,
	                 "%.80s is not JSON, or not all of it: line %d, column %d: %s; " SAVE_ANEW,
	                 reading->path, problem->line, problem->column,
	                 text_clean(clean, sizeof(clean), problem->text));
}

static int refuse_schema(const struct reading *reading, const char *schema)
{
	char clean[40];

	if (!schema || strncmp(schema, SCHEMA_NAME, strlen(SCHEMA_NAME)) != 0)
		return error_set(reading->err, EINVAL,
		                 "%.80s is JSON, but not what iommutop -1 --json prints: its "
		                 "\"schema\" is not " SCHEMA,
		                 reading->path);
	return error_set(reading->err, EINVAL,
	                 "%.80s is in the form %s of another version; this iommutop "
	                 "reads " SCHEMA,
	                 reading->path, text_clean(clean, sizeof(clean), schema));
}

/* ---- facts ---- */

static int find_attribute(enum subject subject, const char *word)
{
	for (int i = 0; i < ATTRIBUTE_COUNT; i++)
		if (attribute_infos[i].subject == subject && !strcmp(attribute_infos[i].word, word))
			return i;
	return ATTRIBUTE_COUNT;
}

static bool is_number(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0 &&
	       json_integer_value(value) <= (json_int_t)NUMBER_MOST;
}

/* A fact that this version has no word for is one more of a later version. */
static int take_fact(const struct reading *reading, const char *part, const char *of,
                     struct topology_item *item, const char *word, const json_t *value)
{
	int attribute = find_attribute(item->subject, word);

	if (attribute == ATTRIBUTE_COUNT)
		return 0;
	if (attribute_infos[attribute].type == VALUE_TEXT) {
		if (!json_is_string(value))
			return refuse(reading, part, of, word, "is no text");
		topology_set_text(item, (enum attribute)attribute, json_string_value(value));
	} else {
		if (!is_number(value))
			return refuse(reading, part, of, word, "is no number from 0 to 4294967294");
		topology_set_number(item, (enum attribute)attribute,
		                    (uint64_t)json_integer_value(value));
	}
	return 0;
}

static int take_facts(const struct reading *reading, const char *part, const char *of,
                      struct topology_item *item, const json_t *facts)
{
	const char *word;
	json_t *value;

	if (!json_is_object(facts))
		return refuse(reading, part, of, NULL, "is no object");
	json_object_foreach((json_t *)facts, word,
	                    value) if (take_fact(reading, part, of, item, word, value)) return -1;
	return 0;
}

/* NULL: that is no key of such a thing. */
static struct topology_item *add_item(struct topology *topology, enum subject subject,
                                      const char *key)
{
	uint64_t id;

	if (subject_keys[subject] == KEY_BY_NAME)
		return *key && strlen(key) <= KEY_MAX ? topology_add(topology, subject, key, 0)
		                                      : NULL;
	return parse_decimal(key, NULL, &id) && id <= NUMBER_MOST
	               ? topology_add(topology, subject, NULL, (uint32_t)id)
	               : NULL;
}

static int take_part(const struct reading *reading, const struct part *part, const json_t *facts)
{
	json_t *things = json_object_get(facts, part->key), *of;
	const char *key;

	if (!json_is_object(things))
		return refuse(reading, part->key, NULL, NULL, "is no object");
	if (json_object_size(things) > part->most)
		return refuse(reading, part->key, NULL, NULL, "has more than any machine");
	json_object_foreach(things, key, of)
	{
		struct topology_item *item =
			add_item(&reading->saved->topology, part->subject, key);

		if (!item)
			return refuse(reading, part->key, key, NULL,
			              "has no name or number that one can have");
		if (take_facts(reading, part->key, key, item, of))
			return -1;
	}
	return 0;
}

static int take_all_facts(const struct reading *reading, const json_t *facts)
{
	struct topology *topology = &reading->saved->topology;
	struct topology_item *machine = topology_add(topology, SUBJECT_MACHINE, NULL, 0);
	size_t count;

	if (!json_is_object(facts))
		return error_set(
			reading->err, EINVAL,
			"%.80s has no object \"facts\", by which a machine is known; " SAVE_ANEW,
			reading->path);
	if (take_facts(reading, "machine", NULL, machine, json_object_get(facts, "machine")))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (take_part(reading, &parts[i], facts))
			return -1;
	count = topology->count;
	topology_sort(topology);
	if (topology->count < count) /* "7" and "07" */
		return refuse(reading, "groups", NULL, NULL, "or processes have a number twice");
	return 0;
}

/* ---- how well it was known ---- */

static int find_word(const char *const *words, size_t count, const json_t *word)
{
	size_t i = 0;

	while (i < count &&
	       (!json_is_string(word) || strcmp(words[i], json_string_value(word)) != 0))
		i++;
	return (int)i;
}

/* Only what was known of the topology; traces and logs that are read beside it have their own. */
static void take_health(struct saved_topology *saved, const json_t *entry)
{
	int source = find_word(source_names, SOURCE_COUNT, json_object_get(entry, "source"));
	int state =
		find_word(health_state_names, HEALTH_STATE_COUNT, json_object_get(entry, "state"));
	const char *reason = json_string_value(json_object_get(entry, "reason"));

	if ((source != SOURCE_SYSFS && source != SOURCE_OWNERS) || state == HEALTH_STATE_COUNT ||
	    saved->health[source].said)
		return;
	saved->health[source] = (struct saved_health){true, (enum health_state)state,
	                                              reason ? xstrdup(reason) : NULL};
}

/* Its facts are there, whatever the file says or does not say of how they were had. */
static void take_all_health(struct saved_topology *saved, const json_t *list)
{
	struct saved_health *sysfs = &saved->health[SOURCE_SYSFS];
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry) take_health(saved, entry);
	if (!sysfs->said || sysfs->state == HEALTH_STARTING)
		sysfs->state = HEALTH_OK;
	sysfs->said = true;
}

/* ---- the file ---- */

static int take_object(const struct reading *reading, const json_t *object)
{
	const char *schema = json_string_value(json_object_get(object, "schema"));

	if (!schema || strcmp(schema, SCHEMA) != 0)
		return refuse_schema(reading, schema);
	if (json_is_true(json_object_get(object, "filtered")))
		return error_set(reading->err, EINVAL,
		                 "%.80s has only what -g or -f left of its machine: save it "
		                 "without them",
		                 reading->path);
	if (json_is_true(json_object_get(object, "topology_cut")))
		return error_set(reading->err, EINVAL,
		                 "%.80s has not all of its machine, which had more than there was "
		                 "room for",
		                 reading->path);
	take_all_health(reading->saved, json_object_get(object, "health"));
	return take_all_facts(reading, json_object_get(object, "facts"));
}

struct saved_topology *saved_topology_read(const char *text, size_t size, const char *path,
                                           struct error *err)
{
	struct reading reading = {
		.saved = xcalloc(1, sizeof(*reading.saved)), .path = path, .err = err};
	json_error_t problem;
	json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
	int result = object ? take_object(&reading, object) : refuse_json(&reading, &problem);

	json_decref(object);
	if (!result)
		return reading.saved;
	saved_topology_free(reading.saved);
	return NULL;
}

/* All of a file, the caller's; NULL: not to be read, or too long. A pipe tells no size before. */
static char *read_file(FILE *file, const char *path, size_t *size, struct error *err)
{
	char *text = NULL;
	size_t capacity = 0, length = 0, got;

	do {
		capacity = capacity ? capacity * 2 : 1 << 16;
		text = xrealloc(text, capacity);
		got = fread(text + length, 1, capacity - length, file);
		length += got;
	} while (length == capacity && length <= SAVED_BYTES);
	*size = length;
	if (!ferror(file) && length <= SAVED_BYTES)
		return text;
	if (ferror(file))
		error_set(err, errno, "cannot read %.100s: %s", path, strerror(errno));
	else
		error_set(err, EFBIG,
		          "%.100s has more than %d MiB: that is not what iommutop -1 --json prints",
		          path, SAVED_TOPOLOGY_MIB);
	free(text);
	return NULL;
}

struct saved_topology *saved_topology_open(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	struct saved_topology *saved;
	char *text;
	size_t size;

	if (!file) {
		error_set(err, errno, "cannot read %.100s: %s", path, strerror(errno));
		return NULL;
	}
	text = read_file(file, path, &size, err);
	fclose(file);
	saved = text ? saved_topology_read(text, size, path, err) : NULL;
	free(text);
	return saved;
}

void saved_topology_free(struct saved_topology *saved)
{
	if (!saved)
		return;
	topology_release(&saved->topology);
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		free(saved->health[i].reason);
	free(saved);
}

/* ---- telling ---- */

/* Domains have numbers of their own in each run: those of another one mean nothing. */
static bool is_of_its_run(const struct event *ev)
{
	return ev->attr.attribute == ATTR_GROUP_DOMAIN ||
	       ev->attr.attribute == ATTR_GROUP_DEFAULT_DOMAIN;
}

/* Who held what, and what the log and the kernel's buffer told then: a log that is read beside it
 * may be of another boot, and says only what is so there. */
static bool is_of_the_moment(const struct event *ev)
{
	switch (ev->attr.attribute) {
	case ATTR_GROUP_HOLDER:
	case ATTR_GROUP_SLOW_S:
	case ATTR_DEVICE_SLOW_S:
	case ATTR_MACHINE_LOG_SINCE_BOOT:
	case ATTR_MACHINE_OPTIONS_UNKNOWN:
	case ATTR_MACHINE_BOOT_TYPE:
	case ATTR_MACHINE_BOOT_POLICY:
	case ATTR_MACHINE_BOOT_SAID:
	case ATTR_MACHINE_BOOT_TRACE:
		return true;
	default:
		return ev->attr.subject == SUBJECT_PROCESS;
	}
}

static void tell_of_list(void *context, const struct event *ev)
{
	if (!is_of_its_run(ev))
		event_emit(context, ev);
}

static void tell_lasting(void *context, const struct event *ev)
{
	if (!is_of_its_run(ev) && !is_of_the_moment(ev))
		event_emit(context, ev);
}

void saved_topology_tell(const struct saved_topology *saved, bool moment,
                         const struct event_sink *sink)
{
	const struct event_sink chosen = {.emit = moment ? tell_of_list : tell_lasting,
	                                  .context = (void *)sink};
	const struct topology nothing = {0};

	topology_diff(&nothing, &saved->topology, &chosen);
	/* sysfs last: with it all has been said */
	for (size_t i = SOURCE_COUNT; i-- > 0;) {
		const struct saved_health *health = &saved->health[i];
		struct event ev = event_health(0, (enum source_id)i, health->state, health->reason);

		if (health->said && (moment || i == SOURCE_SYSFS))
			event_emit(sink, &ev);
	}
}
