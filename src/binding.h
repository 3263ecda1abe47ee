/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BINDING_H
#define IOMMUTOP_BINDING_H

#include "lines.h"
#include "snapshot.h"

/*
 * The commands a person would type to give the group to vfio-pci, and to give it back to the
 * host's drivers: shown, never run. With driverctl where it is installed, else by sysfs. Adds
 * nothing where there is nothing to do. Pure.
 */
void binding_say_assign(const struct snapshot *snap, const struct snapshot_group *group,
                        struct lines *lines);
void binding_say_return(const struct snapshot *snap, const struct snapshot_group *group,
                        struct lines *lines);

#endif
