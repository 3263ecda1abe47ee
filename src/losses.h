/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LOSSES_H
#define IOMMUTOP_LOSSES_H

#include <stdbool.h>

#include "lines.h"
#include "snapshot.h"

/* What does the host lose when the group is assigned: file systems, network, display, keyboard;
 * virtual functions. Nothing to lose is said as well. Pure. */
void losses_say(const struct snapshot *snap, const struct snapshot_group *group,
                struct lines *lines);

/* Whether the host needs something that this device carries; as far as is known. */
bool losses_of(const struct snapshot *snap, const struct snapshot_device *device);

#endif
