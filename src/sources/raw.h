/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RAW_H
#define IOMMUTOP_RAW_H

#include <stdint.h>

/*
 * A trace record with its fields taken out, as it waits for its turn in the merge. Never leaves the
 * porch.
 */
enum raw_kind {
	/* tracepoints */
	RAW_MAP,          /* value: iova, size (from 7.1 on what was really mapped) */
	RAW_UNMAP,        /* value: iova, size, unmapped_size */
	RAW_ATTACH,       /* text: device */
	RAW_DETACH,       /* text: device */
	RAW_GROUP_ADD,    /* value: group; text: device */
	RAW_GROUP_LEAVE,  /* value: group; text: device */
	RAW_FAULT,        /* value: iova, flags; text: device */
	RAW_PAGE_REQUEST, /* value: both words of VT-d's page request descriptor; text: device */
	/* tracepoints that carry a device, where there are no probes */
	RAW_DMA_MAP,        /* value: address, size; text: device. Follows the RAW_MAPs it caused */
	RAW_DMA_UNMAP,      /* value: address, size; text: device */
	RAW_DMA_MAP_LIST,   /* value: first address, size (0: they are not in one piece), first
	                       physical   address; text: device. Follows the RAW_MAPs it caused */
	RAW_DMA_UNMAP_LIST, /* value: first physical address; text: device. Comes before its
	                       RAW_UNMAP */
	RAW_DMA_FREE,       /* value: address, size; text: device. Comes before its RAW_UNMAP */
	RAW_DEVICE_MAP,   /* value: address, size, segments (0: size is whole pages); text: device.
	                     Stands for a RAW_MAP (up to 5.10) */
	RAW_DEVICE_UNMAP, /* value: address, size; text: device. Stands for a RAW_UNMAP */
	/* our probes; domain and device are kernel addresses and end in domain_ids and pairing */
	RAW_MAP_CALL,      /* value: domain, iova, size, prot */
	RAW_MAP_RETURN,    /* value: int returned. Only failures matter */
	RAW_UNMAP_CALL,    /* value: domain, iova, size, type */
	RAW_ATTACH_CALL,   /* value: domain, device, type */
	RAW_ATTACH_RETURN, /* value: int returned */
	RAW_PASID_CALL,    /* value: domain, device, pasid, type */
	RAW_PASID_RETURN,  /* value: int returned */
	RAW_DOMAIN_FREE,   /* value: domain */
	/* our probes that are on for a moment only */
	RAW_GROUP_DOMAINS, /* value: group, default domain, current domain, type of the latter */
	RAW_GROUP_MEMBER,  /* value: group, device; text: device. The first of the group */
	RAW_DMA_CALL,      /* text: device. Encloses the RAW_MAP_CALLs that it causes */
	RAW_LOST,          /* value: count (0: the kernel did not say how many); what else the
	                      stream knows: time of the record behind */
	RAW_GAP,           /* made by the stream: lost records may begin here. value: time up to
	                      which */
	RAW_KIND_COUNT
};

struct raw {
	uint64_t ts_ns;
	uint64_t value[4];
	char *text; /* malloc, owned; NULL for kinds without. Of a RAW_MAP or RAW_UNMAP: its device,
	               where the stream could tell */
	int32_t pid;
	uint16_t cpu;
	uint8_t kind;
	uint8_t context; /* enum context_flags */
};

#endif
