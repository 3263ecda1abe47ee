/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PROBE_GROUPS_H
#define IOMMUTOP_PROBE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* With its NUL: include/linux/trace_events.h, MAX_EVENT_NAME_LEN. */
#define PROBE_GROUP_SIZE 64

/* An event in the text of dynamic_events or kprobe_events. */
struct probe_entry {
	char group[PROBE_GROUP_SIZE];
	char event[PROBE_GROUP_SIZE];
};

/* The next one that *text lists; false where there is no more. *text then is behind its line. */
bool probe_groups_next(const char **text, struct probe_entry *entry);

/* The group of an iommutop that holds the instance of this name. Others can come to the same. */
void probe_groups_name(const char *instance, char group[PROBE_GROUP_SIZE]);

/*
 * Removes all events of a group, one by one, by their names, whoever has switched them on and in
 * whatever instance: they are ours. Returns how many there were, or -1 and errno where one stays (a
 * perf session has it).
 */
int probe_groups_remove(int tracefs_fd, const char *group);

/*
 * Removes the groups of dead iommutops. instances_fd: from instance_lock_all, so that none comes to
 * life meanwhile. Says which on out (NULL: quietly). Returns how many.
 */
int probe_groups_sweep(int tracefs_fd, int instances_fd, FILE *out);

#endif
