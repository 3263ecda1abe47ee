/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_HOLDING_H
#define IOMMUTOP_HOLDING_H

#include "lines.h"
#include "snapshot.h"

/* Who has the group, and how close it is to its limits: locked memory against RLIMIT_MEMLOCK,
 * mappings against type1's dma_entry_limit. Adds nothing where nobody has it. Pure. */
void holding_say(const struct snapshot *snap, const struct snapshot_group *group,
                 struct lines *lines);

#endif
