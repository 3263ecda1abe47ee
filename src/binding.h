/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BINDING_H
#define IOMMUTOP_BINDING_H

#include "lines.h"
#include "snapshot.h"

/*
 * The commands a person would type, as root, to give the group to vfio-pci, and to give it back to
 * the host's drivers: shown, never run. With driverctl where it is installed, else by sysfs. Where
 * something has to be solved first, that is said in place of them; nothing where there is nothing
 * to do. The commands are the lines of TONE_COMMAND, in their order. Pure.
 */
void binding_say_assign(const struct snapshot *snap, const struct snapshot_group *group,
                        struct lines *lines);
void binding_say_return(const struct snapshot *snap, const struct snapshot_group *group,
                        struct lines *lines);

#endif
