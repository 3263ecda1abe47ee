/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LOOK_H
#define IOMMUTOP_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "../event.h"
#include "topology.h"

/* At what and how; all borrowed. */
struct look {
	const char *root;
	uint32_t group;
	bool wake; /* devices that are asleep are read, too, which wakes them */
	/* As in sysfs_walk.h; NULL: it goes on. */
	bool (*reading)(void *context, enum subject subject, const char *name, uint32_t id);
	void *context;
};

/*
 * Reads the configuration space (config_space.h) of the PCI devices that decide who is in a group:
 * its members, the bridges above them, and the other functions of the slots of all of these. Those
 * that were read before are left alone, but for those that were asleep or did not answer. What is
 * new goes into topology, which is sorted, and to the sink, with time 0.
 */
void look_at_group(const struct look *look, struct topology *topology,
                   const struct event_sink *sink);

#endif
