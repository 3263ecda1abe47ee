/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RAW_H
#define IOMMUTOP_RAW_H

#include <stdbool.h>
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
	RAW_UNREAD, /* a printed one that cannot be read. value: its kind (RAW_KIND_COUNT: not
	               known). Ends what is under way in its context, and tells nothing */
	/* made by the decoder: a call and its tracepoint, where nothing of the CPU's comes between
	   and both tell the same range, as nearly all do. Each is the call, but for its kind */
	RAW_MAP_PAIR,   /* a RAW_MAP_CALL, and a RAW_MAP inside_ns later */
	RAW_UNMAP_PAIR, /* a RAW_UNMAP_CALL, and a RAW_UNMAP that took away all of it */
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
	uint8_t context;    /* enum context_flags */
	uint32_t inside_ns; /* of pairs: from the call to its tracepoint; else 0 */
};

static inline bool raw_is_one_of(uint8_t kind, uint32_t kinds)
{
	_Static_assert(RAW_KIND_COUNT < 32, "a kind is a bit, and so is none");
	return kinds >> kind & 1;
}

/* Maps and unmaps that were done, one by one or with their calls. */
#define RAW_TRAFFIC (1u << RAW_MAP | 1u << RAW_UNMAP | 1u << RAW_MAP_PAIR | 1u << RAW_UNMAP_PAIR)
#define RAW_PAIRS   (1u << RAW_MAP_PAIR | 1u << RAW_UNMAP_PAIR)

/* When the last of what it stands for happened. */
static inline uint64_t raw_end_ns(const struct raw *raw)
{
	return raw->ts_ns + raw->inside_ns;
}

/* The two that a pair stands for. */
static inline struct raw raw_call_of(const struct raw *pair)
{
	struct raw call = *pair;

	call.kind = pair->kind == RAW_MAP_PAIR ? RAW_MAP_CALL : RAW_UNMAP_CALL;
	call.inside_ns = 0;
	return call;
}

static inline struct raw raw_tracepoint_of(const struct raw *pair)
{
	bool map = pair->kind == RAW_MAP_PAIR;

	return (struct raw){
		.ts_ns = raw_end_ns(pair),
		.value = {pair->value[1], pair->value[2], map ? 0 : pair->value[2]},
		.pid = pair->pid,
		.cpu = pair->cpu,
		.kind = map ? RAW_MAP : RAW_UNMAP,
		.context = pair->context,
	};
}

#endif
