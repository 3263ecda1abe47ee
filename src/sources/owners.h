/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_OWNERS_H
#define IOMMUTOP_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology.h"

/*
 * Which process holds which group, and the virtual machine it is: from the descriptors in
 * /proc/PID/fd. Used by the worker thread alone.
 *
 * A group is held by who has /dev/vfio/N open (told by the device number of /sys/class/vfio/N/dev,
 * for names differ between mount namespaces), /dev/vfio/devices/vfioX, or a device whose fdinfo has
 * a vfio-device-syspath (6.18+). Of several processes the one that also has a KVM machine open
 * counts, else the lowest id. The machine's name: vm_name.h. Its locked memory is what VFIO and
 * iommufd count (VmLck or VmPin of its status, whichever is more); its limit RLIMIT_MEMLOCK, which
 * is none for who has CAP_IPC_LOCK.
 */
struct owners {
	const char *procfs; /* "/proc"; these two are borrowed */
	const char *sysfs;  /* "/sys" */
};

/*
 * Adds to read, which has to be sorted again then, what was found: GROUP_HOLDER of the groups that
 * are there, and a SUBJECT_PROCESS item for each holder. Looks through /proc only where a member of
 * a group is bound to a vfio driver; else all is well. With a sentence in reason (size bytes):
 * HEALTH_PARTIAL where a group's holder may be a process that we must not look into; HEALTH_OFF
 * where nothing can be known, in a pid namespace of our own, in which the kernel's ids mean
 * nothing.
 */
enum health_state owners_read(const struct owners *owners, struct topology *read, char *reason,
                              size_t size);

/*
 * Whether process ids as the kernel's traces have them mean something in this procfs: it is that of
 * the first pid namespace (PROC_PID_INIT_INO, include/linux/proc_ns.h). Only that namespace's
 * procfs shows a process that lives in it, so it is enough to find one: ourselves or the first.
 */
bool owners_see_all(const char *procfs);

#endif
