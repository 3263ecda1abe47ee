/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_ISOLATION_H
#define IOMMUTOP_ISOLATION_H

#include "lines.h"
#include "snapshot.h"

/*
 * Why are the devices of a group together? As pci_device_group() of drivers/iommu/iommu.c decides
 * it (5.10 to 7.3): by DMA aliases behind conventional bridges, by ports on the way to the root
 * that lack ACS, by functions of one slot that do. Pure; from what sysfs and configuration space
 * said. What was not read is said to be not known, and what it needs. Of a group of one
 * device it is said what keeps it apart, if that is known; of one of none nothing.
 */
void isolation_say(const struct snapshot *snap, const struct snapshot_group *group,
                   struct lines *lines);

#endif
