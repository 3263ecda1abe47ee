/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RAW_H
#define IOMMUTOP_RAW_H

#include <stdint.h>

/*
 * A trace record with its fields taken out, as it waits for its turn in the merge. Never leaves the
 * porch.
 */
enum raw_kind {
	RAW_MAP,         /* value: iova, paddr, size */
	RAW_UNMAP,       /* value: iova, size, unmapped_size */
	RAW_ATTACH,      /* text: device */
	RAW_DETACH,      /* text: device */
	RAW_GROUP_ADD,   /* value: group; text: device */
	RAW_GROUP_LEAVE, /* value: group; text: device */
	RAW_FAULT,       /* value: iova, flags; text: device */
	RAW_LOST,        /* value: count (0: the kernel did not say how many) */
	RAW_KIND_COUNT
};

struct raw {
	uint64_t ts_ns;
	uint64_t value[4];
	char *text; /* malloc, owned; NULL for kinds without */
	int32_t pid;
	uint16_t cpu;
	uint8_t kind;
	uint8_t context; /* enum context_flags */
};

#endif
