/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BEHAVIOUR_H
#define IOMMUTOP_BEHAVIOUR_H

#include "lines.h"
#include "snapshot.h"

/*
 * Will the group's devices behave when assigned: resets, reserved regions, interrupt remapping,
 * ATS, PASID and PRI, address widths, large BARs; NUMA node and link in passing. Pure.
 */
void behaviour_say(const struct snapshot *snap, const struct snapshot_group *group,
                   struct lines *lines);

#endif
