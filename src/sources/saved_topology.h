/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SAVED_TOPOLOGY_H
#define IOMMUTOP_SAVED_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "../error.h"
#include "../event.h"

/*
 * A machine as iommutop -1 --json saved it: the facts of that object (docs/schema.json), as the
 * ATTR events that they once were. Nothing of it is trusted.
 */
struct saved_topology;

/* More is no such object: machines with thousands of devices take a few of them. */
#define SAVED_TOPOLOGY_MIB 16

/* NULL: it cannot be read, or is no such object; err says what and where. */
struct saved_topology *saved_topology_open(const char *path, struct error *err);

/* The same of size bytes in memory; path is what to call it. */
struct saved_topology *saved_topology_read(const char *text, size_t size, const char *path,
                                           struct error *err);

/* saved may be NULL. */
void saved_topology_free(struct saved_topology *saved);

/*
 * Tells all of it with time 0, HEALTH last, as sysfs_walk_once does. moment: also what held at the
 * moment at which it was saved and may not hold at the time of a trace beside it: who holds a
 * group, what did not answer, what the kernel's log and buffer told of its boot.
 */
void saved_topology_tell(const struct saved_topology *saved, bool moment,
                         const struct event_sink *sink);

#endif
