// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe_groups: groups of probe events in the kernel's list, whose they are, and their removal.
 * In: dynamic_events, events and instances of tracefs, who lives. Out: the groups of the dead gone.
 * Must never know: which functions are probed, what a record holds.
 *
 * The list is everybody's. Only what is in a group named as ours is ever touched, each by its name.
 */
#include "probe_groups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "instance.h"
#include "trace_files.h"

#define GROUP_PREFIX    "iommutop_"
#define INSTANCE_PREFIX "iommutop-"

/* So much of an instance's name, that a number still fits behind the group's. */
#define STEM_MAX 40

/* ---- the list ---- */

static bool take_word(const char **at, const char *stop, char out[PROBE_GROUP_SIZE])
{
	size_t length = strcspn(*at, stop);

	if (!length || length >= PROBE_GROUP_SIZE)
		return false;
	memcpy(out, *at, length);
	out[length] = '\0';
	*at += length;
	return true;
}

/* "r10:GROUP/EVENT FUNCTION ARGUMENTS" */
static bool parse_line(const char *line, struct probe_entry *entry)
{
	const char *at = line + strcspn(line, ": \n");

	if (*at != ':')
		return false;
	at++;
	if (!take_word(&at, "/ \n", entry->group) || *at != '/')
		return false;
	at++;
	return take_word(&at, " \n", entry->event);
}

bool probe_groups_next(const char **text, struct probe_entry *entry)
{
	while (**text) {
		const char *line = *text;
		const char *end = strchr(line, '\n');

		*text = end ? end + 1 : line + strlen(line);
		if (parse_line(line, entry))
			return true;
	}
	return false;
}

void probe_groups_name(const char *instance, char group[PROBE_GROUP_SIZE])
{
	bool numbered = strncmp(instance, INSTANCE_PREFIX, strlen(INSTANCE_PREFIX)) == 0;

	if (numbered)
		instance += strlen(INSTANCE_PREFIX);
	snprintf(group, PROBE_GROUP_SIZE, GROUP_PREFIX "%s%.*s", numbered ? "" : "i_", STEM_MAX,
	         instance);
	for (char *at = group; *at; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *at))
			*at = '_';
}

/* ---- removal ---- */

static void remove_triggers(int directory_fd, const char *group, const char *event)
{
	char path[32 + 2 * PROBE_GROUP_SIZE];

	snprintf(path, sizeof(path), "events/%s/%s/trigger", group, event);
	trace_files_remove_triggers(directory_fd, path, "", NULL, NULL);
}

/* directory_fd: of an instance, or tracefs itself. */
static void switch_off(int directory_fd, const char *group, const char *list)
{
	char path[32 + PROBE_GROUP_SIZE];
	struct probe_entry entry;
	char *on;

	snprintf(path, sizeof(path), "events/%s/enable", group);
	on = trace_files_read_all(directory_fd, path);
	if (!on)
		return;
	if (on[0] != '0')
		trace_files_write(directory_fd, path, "0");
	free(on);
	while (probe_groups_next(&list, &entry))
		if (strcmp(entry.group, group) == 0)
			remove_triggers(directory_fd, group, entry.event);
}

static int open_directory(int at, const char *path)
{
	return openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void switch_off_in_instances(int tracefs_fd, const char *group, const char *list)
{
	int fd = open_directory(tracefs_fd, "instances");
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		int instance_fd = -1;

		if (entry->d_name[0] != '.')
			instance_fd = open_directory(dirfd(dir), entry->d_name);
		if (instance_fd < 0)
			continue;
		switch_off(instance_fd, group, list);
		close(instance_fd);
	}
	closedir(dir);
}

static int remove_entry(int tracefs_fd, const struct probe_entry *entry)
{
	char line[8 + 2 * PROBE_GROUP_SIZE];

	snprintf(line, sizeof(line), "-:%s/%s\n", entry->group, entry->event);
	return trace_files_append(tracefs_fd, "dynamic_events", line);
}

static int remove_listed(int tracefs_fd, const char *group, const char *list)
{
	struct probe_entry entry;
	int count = 0;
	int code = 0;

	while (probe_groups_next(&list, &entry)) {
		if (strcmp(entry.group, group) != 0)
			continue;
		count++;
		if (remove_entry(tracefs_fd, &entry) < 0)
			code = errno;
	}
	errno = code;
	return code ? -1 : count;
}

int probe_groups_remove(int tracefs_fd, const char *group)
{
	char *list = trace_files_read_all(tracefs_fd, "dynamic_events");
	int result;

	if (!list)
		return -1;
	switch_off(tracefs_fd, group, list);
	switch_off_in_instances(tracefs_fd, group, list);
	result = remove_listed(tracefs_fd, group, list);
	free(list);
	return result;
}

/* ---- sweeping ---- */

struct living {
	const char *group;
	bool found;
};

/*
 * Whether the group could be that of a living one: of several with the same name the later ones
 * have a number behind it. Better to spare a dead one's until the next sweep.
 */
static void compare_group(void *context, const char *instance)
{
	struct living *living = context;
	char group[PROBE_GROUP_SIZE];
	size_t length;

	probe_groups_name(instance, group);
	length = strlen(group);
	if (strncmp(living->group, group, length) == 0 &&
	    (!living->group[length] ||
	     (living->group[length] == '_' && strspn(living->group + length + 1, "0123456789") ==
	                                              strlen(living->group) - length - 1)))
		living->found = true;
}

static bool is_dead(int instances_fd, const char *group)
{
	struct living living = {.group = group};

	if (strncmp(group, GROUP_PREFIX, strlen(GROUP_PREFIX)) != 0)
		return false;
	instance_each_living(instances_fd, compare_group, &living);
	return !living.found;
}

static bool sweep_one(int tracefs_fd, const char *group, FILE *out)
{
	bool removed = probe_groups_remove(tracefs_fd, group) >= 0;

	if (out && removed)
		fprintf(out, "removed probe events %s\n", group);
	else if (out)
		fprintf(out, "cannot remove probe events %s: %s\n", group, strerror(errno));
	return removed;
}

int probe_groups_sweep(int tracefs_fd, int instances_fd, FILE *out)
{
	char *list = trace_files_read_all(tracefs_fd, "dynamic_events");
	char done[PROBE_GROUP_SIZE] = "";
	const char *at = list;
	struct probe_entry entry;
	int count = 0;

	/* Those of one group were made one after the other, and stand so. */
	while (at && probe_groups_next(&at, &entry)) {
		if (strcmp(entry.group, done) == 0)
			continue;
		memcpy(done, entry.group, sizeof(done));
		if (is_dead(instances_fd, entry.group) && sweep_one(tracefs_fd, entry.group, out))
			count++;
	}
	free(list);
	return count;
}
