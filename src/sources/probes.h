/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PROBES_H
#define IOMMUTOP_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../error.h"
#include "../event.h"

/*
 * Our dynamic probe events: which function of which kernel gives which record. They live in the one
 * list of the kernel (dynamic_events) with everybody else's; ours are in a group named after our
 * trace instance, are appended, and are removed one by one by their exact name. A living iommutop
 * is known by the lock on its instance, so a dead one's probes are those of a group without one.
 */

enum probe_id {
	PROBE_MAP,           /* RAW_MAP_CALL */
	PROBE_UNMAP,         /* RAW_UNMAP_CALL */
	PROBE_ATTACH,        /* RAW_ATTACH_CALL */
	PROBE_ATTACH_RETURN, /* RAW_ATTACH_RETURN */
	PROBE_PASID,         /* RAW_PASID_CALL */
	PROBE_PASID_RETURN,  /* RAW_PASID_RETURN */
	PROBE_FREE,          /* RAW_DOMAIN_FREE */
	PROBE_MAP_RETURN,    /* RAW_MAP_RETURN; on from the first map that failed */
	PROBE_GROUP,         /* RAW_GROUP_DOMAINS, on for a moment */
	PROBE_MEMBER,        /* RAW_GROUP_MEMBER, on for a moment */
	PROBE_DMA_PAGE,      /* RAW_DMA_CALL, on for a moment */
	PROBE_DMA_SG,        /* the same */
	PROBE_DMA_ALLOC,     /* the same */
	PROBE_MAP_DONE,      /* for histograms: return with arguments (fprobe, 6.12+) */
	PROBE_UNMAP_DONE,    /* the same */
	PROBE_COUNT
};

/* What an event of ours is called in its group: "map", "unmap", ... */
extern const char *const probe_names[PROBE_COUNT];

struct probes;
struct btf_types;

#define PROBE_LINE_MAX 512

/* One function that may be there, and the line that makes an event of it. */
struct probe_definition {
	uint8_t probe; /* enum probe_id */
	char type;     /* p, r, f */
	const char *function;
	char line[PROBE_LINE_MAX]; /* "": types do not tell where a member lies that it reads */
};

/* The candidates, in the order in which they are tried, those of one probe together. False: there
 * are no more. */
bool probes_define(size_t place, const char *group, struct btf_types *types,
                   struct probe_definition *out);

/*
 * Makes those that this kernel takes, none of them enabled. instance: the name of the trace
 * instance. Never NULL: what cannot be had is in probes_reason.
 */
struct probes *probes_open(const char *tracefs, const char *instance);

/* Removes all that were made, switched off wherever they are on; their triggers go with them. */
void probes_close(struct probes *probes);

bool probes_has(const struct probes *probes, enum probe_id probe);
/* The group of all of them, as in events/GROUP/map. */
const char *probes_group(const struct probes *probes);
/* Why maps cannot be attributed, what would bring it; empty when they can. */
const char *probes_reason(const struct probes *probes);
/* OFF: maps and unmaps cannot be attributed; PARTIAL: something else is missing. */
enum health_state probes_state(const struct probes *probes);

/* Hits and misses (kprobe_profile; a fprobe has none) since probes_open, over all that are ours; as
 * last read where the kernel's lists are just being changed. */
struct probes_profile {
	uint64_t hits, missed;
};
struct probes_profile probes_profile(struct probes *probes);
/* As it was read last; reads nothing. */
struct probes_profile probes_last_profile(const struct probes *probes);

/* Removes the probes of dead iommutops, after their instances. Says which on out (NULL: quietly).
 * Returns how many, or -1. */
int probes_sweep(const char *tracefs, FILE *out, struct error *err);

/* Only system calls: for handlers of fatal signals, after the instance is gone. */
void probes_emergency_remove(void);

#endif
