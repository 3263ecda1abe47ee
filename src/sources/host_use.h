/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_HOST_USE_H
#define IOMMUTOP_HOST_USE_H

#include "topology.h"

/*
 * What the host does with its devices: sets ATTR_DEVICE_HOST_USE of those devices in read that are
 * (or are above) what the host needs, as a list: "file system /,file system /boot,swap,default
 * route by eth0,boot display,keyboard". Through LVM, MD, device-mapper, loop files and bonds,
 * bridges and VLANs in between. read is sorted. Relied on: /proc/1/mountinfo (else self),
 * /proc/swaps, /proc/net/route and ipv6_route, sysfs block, net, input, and boot_vga.
 */
struct host_use {
	const char *procfs, *sysfs; /* borrowed */
};

void host_use_read(const struct host_use *use, struct topology *read);

#endif
