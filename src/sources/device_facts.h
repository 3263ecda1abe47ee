/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DEVICE_FACTS_H
#define IOMMUTOP_DEVICE_FACTS_H

#include "topology.h"

/*
 * What sysfs tells of a PCI device without touching it. None of the files read wakes a device; and
 * none of those read at each walk waits for the device's lock, which whoever takes a device away
 * from a guest may hold for as long as the guest runs.
 *
 * Of as long as device and driver are the same, copied from old, which may be NULL:
 *
 * PHYSFN: name of the physical function, of a virtual one
 * RESET: "flr bus", as the kernel tries them; "none"; "some" (which, kernels tell since 5.15)
 * NUMA: the node; not set where there is none
 * BARS: "0 64 prefetch 0x10000000,2 32 0x4000,3 io 0x80": number, width, size
 *
 * At each walk:
 *
 * VFS: how many virtual functions there are, 0 and up; only of what can have some
 * POWER: "active", "suspended", ... (power/runtime_status)
 * OVERRIDE: driver_override, "none" where it is empty; only of a device that a VFIO driver or
 *	pci-stub has: elsewhere the file can wait for that lock, and nobody asks for it
 *
 * directory: the device's. open_file: as in sysfs_walk.h.
 */
void device_facts_read(int (*open_file)(int directory, const char *path), int directory,
                       const struct topology_item *old, struct topology_item *item);

/*
 * Sets PARENT from where the link of this name leads to, which need not be there: the device above
 * it, or the host bridge: "0000:00:1c.0", "pci0000:00". Nothing for what is on no PCI bus.
 */
void device_facts_place(int links, const char *name, struct topology_item *item);

#endif
