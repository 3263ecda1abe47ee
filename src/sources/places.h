/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PLACES_H
#define IOMMUTOP_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "mounts.h"

/*
 * From what the host uses down to the devices that it stands on: through partitions, LVM, MD,
 * device-mapper, loop files, btrfs and overlay, NVMe multipath; bonds, bridges, VLANs. Only links
 * and small files of sysfs are read, never a device and never a file of what is mounted: a server
 * that is away cannot hold anybody up here. Loops and links that lead nowhere end the way.
 */

enum place_kind { PLACE_BLOCK, PLACE_NET, PLACE_OTHER };

/* A directory of sysfs, from its root: "devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1". */
struct place {
	char *path;
	enum place_kind kind;
	bool end; /* there is nothing below it */
};

/* What one use of the host's stands on. Set sysfs and mounts, else {0}. */
struct places {
	int sysfs;                   /* a directory */
	const struct mounts *mounts; /* borrowed */
	struct place *places;
	size_t count, capacity;
	const struct mount *seen[16]; /* mounts that the way went through */
	size_t seen_count;
	bool missed; /* somewhere the way could not be followed */
};

/* Whether this is of devices, and not of memory or of a network. */
bool places_has(const struct mount *mount);

/* Where the way begins. */
void places_add_mount(struct places *places, const struct mount *mount);
void places_add_file(struct places *places, const char *path); /* or a node in /dev */
void places_add_interface(struct places *places, const char *name);
/* What a link of sysfs leads to. */
void places_add_link(struct places *places, enum place_kind kind, const char *path);

/* Goes the way from what was added to its ends. */
void places_follow(struct places *places);
/* Leaves no places; sysfs and mounts stay. */
void places_release(struct places *places);

#endif
