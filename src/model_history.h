/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MODEL_HISTORY_H
#define IOMMUTOP_MODEL_HISTORY_H

#include "event.h"

/*
 * Where an address came from: what is mapped in each domain and what was unmapped lately, in a
 * bounded memory. The newest maps and unmaps stand in a journal one by one; of those that have left
 * it, what is still mapped is kept as extents. Where these need room, the oldest of the journal go.
 *
 * It is told of every map and unmap while it watches; when it may have missed one, it begins anew.
 * Domains are the events' numbers. All addresses are whole pages of 4 KiB.
 */
struct history;

/* Takes its memory with the first map. Below 2 KiB it takes that much. */
struct history *history_new(size_t limit_bytes);
void history_free(struct history *history);

/* Whether all maps and unmaps will be told from here on. It is off at first. */
void history_watch(struct history *history, bool on, uint64_t ts_ns);
bool history_is_watching(const struct history *history);

/* MAP and UNMAP that moved bytes. One without a domain may be any domain's: then all begins anew.
 */
void history_map(struct history *history, const struct event *ev);
void history_unmap(struct history *history, const struct event *ev);
/* The domain was freed. */
void history_forget(struct history *history, uint32_t domain, uint64_t ts_ns);
/* Something was missed: all begins anew. */
void history_gap(struct history *history, uint64_t ts_ns);

enum history_state {
	HISTORY_NOTHING,  /* none of these */
	HISTORY_MAPPED,   /* it is mapped */
	HISTORY_UNMAPPED, /* the newest unmap of it is still known */
	HISTORY_BEHIND,   /* it is none of these two, but in the page behind a mapping */
};

struct history_answer {
	uint8_t state;             /* enum history_state */
	uint8_t protection;        /* MAPPED: enum map_protection */
	int32_t pid;               /* of that map or unmap; of maps side by side: the same of all */
	uint64_t ts_ns;            /* of maps side by side: of the newest */
	uint64_t iova, size_bytes; /* of that mapping, or of what was unmapped with it */
};

/* What is known of this address in this domain. */
struct history_answer history_ask(struct history *history, uint32_t domain, uint64_t iova);

/* From then on everything that was mapped in this domain is known. 0: nothing is, as nobody
 * watches. */
uint64_t history_since(const struct history *history, uint32_t domain);

/* So much memory it may have taken, at most. */
size_t history_bytes(const struct history *history);

#endif
