/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DEVICE_FACTS_H
#define IOMMUTOP_DEVICE_FACTS_H

#include "topology.h"

/*
 * Sets the facts of a device that sysfs tells without touching it: PARENT, PHYSFN, VFS, RESET,
 * NUMA, POWER, OVERRIDE, and BARS: "0 64 prefetch 0x10000000,2 32 0x4000,3 io 0x80": number, width,
 * size. directory: the device's. Called at each walk: so few reads a device as can be.
 */
void device_facts_read(int directory, struct topology_item *item);

#endif
