/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_VIABILITY_H
#define IOMMUTOP_VIABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

/*
 * Can a group be assigned to a guest? By the kernel's own rule: as long as a member has a driver
 * that claims the group's DMA for the host, VFIO gets none of them. A member without a driver does
 * not stand in the way.
 */

enum viability_kind {
	VIABILITY_UNKNOWN,  /* sysfs does not answer, or the kernel's version decides and is not
	                       known */
	VIABILITY_NOTHING,  /* no member that could be assigned */
	VIABILITY_READY,    /* a member is bound to a vfio driver, and none blocks */
	VIABILITY_IN_USE,   /* somebody has it */
	VIABILITY_AFTER,    /* once members are bound to vfio-pci */
	VIABILITY_NOT,      /* a member that cannot be given away blocks, or firmware does */
	VIABILITY_NO_IOMMU, /* VFIO hands it out without an IOMMU */
	VIABILITY_KIND_COUNT
};

/* For machines: "ready", "in_use", ... */
extern const char *const viability_kind_words[VIABILITY_KIND_COUNT];

struct viability {
	enum viability_kind kind;
	bool certain;      /* false: probably */
	bool firmware;     /* NOT: it is a reserved region that forbids it */
	uint32_t blockers; /* members that block, fixed ones included */
	uint32_t fixed;    /* of them: those that cannot be bound to vfio-pci */
};

struct viability viability_of(const struct snapshot *snap, const struct snapshot_group *group);

/* The driver of this member keeps the group for the host; as far as is known. Says nothing
 * of the other members, so that it is cheap to ask of each. */
bool viability_blocks(const struct snapshot *snap, const struct snapshot_device *device);

/* A PCI device that is no bridge: its driver can be exchanged for vfio-pci, and somebody could want
 * that. */
bool viability_is_endpoint(const struct snapshot *snap, const struct snapshot_device *device);

/* In a few letters: "ready", "vm1", "bind 2", "no: shpchp", "-"; with a ? where it is not certain.
 * Returns out. */
#define VIABILITY_WORD_MAX 64
char *viability_word(const struct snapshot *snap, const struct snapshot_group *group, char *out,
                     size_t size);

/* As a sentence that names who blocks. Returns out. */
#define VIABILITY_SENTENCE_MAX 320
char *viability_sentence(const struct snapshot *snap, const struct snapshot_group *group, char *out,
                         size_t size);

#endif
