/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SYSFS_WALK_H
#define IOMMUTOP_SYSFS_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "../event.h"
#include "topology.h"

struct pci_names;

/* One reader of one tree; release it after the last walk. */
struct sysfs_walk {
	const char *root; /* these two are borrowed */
	const char *pci_ids;
	/* How a file is opened: -1 for one that cannot be read. NULL: regular files, nothing that
	 * could wait for someone. */
	int (*open_file)(int directory, const char *path);
	/*
	 * Called before a group or a device is read, which may take seconds, and with
	 * SUBJECT_MACHINE before what belongs to neither; returns whether the walk goes on. NULL:
	 * it does.
	 */
	bool (*reading)(void *context, enum subject subject, const char *name, uint32_t id);
	void *context;
	struct pci_names *names; /* opened for the first PCI device */
};

struct sysfs_verdict {
	enum health_state state; /* HEALTH_OK; PARTIAL; OFF: the root itself cannot be read */
	char reason[240];        /* what is missing and what brings it; empty when ok */
};

/*
 * Reads the tree once. told, sorted, is where facts come from that stay with a device as long as
 * it is there. False where reading() ended the walk: *read, sorted or not, is of no use then.
 * Relied on: drivers/iommu/iommu.c (kernel/iommu_groups), drivers/iommu/iommu-sysfs.c
 * (class/iommu), drivers/pci/pci-sysfs.c; none of the files read wakes a suspended device.
 */
bool sysfs_walk_read(struct sysfs_walk *walk, const struct topology *told, struct topology *read,
                     struct sysfs_verdict *verdict);
void sysfs_walk_release(struct sysfs_walk *walk);

#endif
