// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * saved_names: thread ids to names, out of a text. In: the text. Out: each name, once.
 * Must never know: where the text comes from, who asks.
 */
#include "saved_names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"

struct saved_name {
	uint32_t pid;
	bool told;
	const char *name;
};

struct saved_names {
	char *text;
	struct saved_name *all; /* by pid */
	size_t count;
	bool idle_told;
};

static int by_pid(const void *a, const void *b)
{
	const struct saved_name *x = a;
	const struct saved_name *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name; /* as they stand in the text */
}

static void add_line(struct saved_names *names, size_t *capacity, const char *line)
{
	const char *end;
	uint64_t pid;

	if (!parse_decimal(line, &end, &pid) || !pid || pid > INT32_MAX || *end != ' ' || !end[1])
		return;
	names->all = grow(names->all, capacity, names->count, sizeof(*names->all));
	names->all[names->count++] = (struct saved_name){.pid = (uint32_t)pid, .name = end + 1};
}

struct saved_names *saved_names_new(char *text)
{
	struct saved_names *names = xcalloc(1, sizeof(*names));
	size_t capacity = 0;

	names->text = text;
	for (char *line = text, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		add_line(names, &capacity, line);
	}
	if (names->count)
		qsort(names->all, names->count, sizeof(*names->all), by_pid);
	return names;
}

void saved_names_free(struct saved_names *names)
{
	if (!names)
		return;
	free(names->all);
	free(names->text);
	free(names);
}

/* The idle task's stands behind the others. */
size_t saved_names_told_bytes(const struct saved_names *names)
{
	return names->count + 1;
}

void saved_names_told(const struct saved_names *names, unsigned char *told)
{
	for (size_t i = 0; i < names->count; i++)
		told[i] = names->all[i].told;
	told[names->count] = names->idle_told;
}

void saved_names_tell_anew(struct saved_names *names, const unsigned char *told)
{
	for (size_t i = 0; i < names->count; i++)
		names->all[i].told = told[i];
	names->idle_told = told[names->count];
}

static const char *news_of_idle(struct saved_names *names)
{
	const char *name = names->idle_told ? NULL : "<idle>";

	names->idle_told = true;
	return name;
}

const char *saved_names_news(struct saved_names *names, int32_t pid)
{
	struct saved_name *name;
	size_t place;

	if (!pid)
		return news_of_idle(names);
	place = place_of_id(names->all, names->count, sizeof(*names->all), (uint32_t)pid);
	if (place == names->count || names->all[place].pid != (uint32_t)pid)
		return NULL;
	name = &names->all[place];
	if (name->told)
		return NULL;
	name->told = true;
	return name->name;
}
