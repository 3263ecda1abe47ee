/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_HOST_USE_H
#define IOMMUTOP_HOST_USE_H

#include "topology.h"

/*
 * What the host does with its devices: sets ATTR_DEVICE_HOST_USE of those devices in read that what
 * the host needs stands on (places.h), as a list, what matters most first: "file system /,file
 * system /boot,swap,default route by eth0,boot display,framebuffer fb0,keyboard,file system /srv".
 * "part of swap": of several devices that carry it together, as a RAID, a bond or an LVM volume do.
 * Of a file system that is mounted at many places those that everybody knows are named, else the
 * first. keyboard: all the machine's are there. A comma in a name is \054.
 *
 * "none": all was looked at, and nothing stands on it. No fact: it is not known, as the table of
 * mounts is not that of the machine's first process, or something on the way could not be
 * followed.
 *
 * read is sorted; bridges are left out. Relied on: /proc/1/mountinfo (else self), /proc/swaps,
 * route and ipv6_route of /proc/1/net (else /proc/net), sysfs block, net, input, graphics, and
 * boot_vga. No file system is asked anything, and no device is touched.
 */
struct host_use {
	const char *procfs, *sysfs; /* borrowed */
};

void host_use_read(const struct host_use *use, struct topology *read);

#endif
