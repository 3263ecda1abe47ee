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
struct owned;

/* Takes its memory with the first map. Below 2 KiB it takes that much. */
struct history *history_new(size_t limit_bytes);
void history_free(struct history *history);
/* All memory of it, the struct itself too, see owned.h. address: of the pointer to it. */
void history_owned(struct history **address, struct owned *owned);

/* Whether all maps and unmaps will be told from here on. It is off at first. */
void history_watch(struct history *history, bool on, uint64_t ts_ns);

/* A MAP that moved bytes. One without a domain may be any domain's: then all begins anew. */
static inline void history_map(struct history *history, const struct event *ev);
/* An UNMAP, likewise; one that moved none changes nothing. */
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

/*
 * In how many stretches the pages that are mapped in this domain lie; those side by side that one
 * task mapped with one protection are one. SIZE_MAX where there was no room to tell. Goes through
 * the whole journal.
 */
size_t history_stretches(const struct history *history, uint32_t domain);

/* So much memory it may have taken, at most. */
size_t history_bytes(const struct history *history);

/*
 * What follows is nobody's business: it is here because most maps go on where the one before ended,
 * and then what is done of them is so little that a call would be a good part of it.
 */
#define HISTORY_PAGE_MASK  0xfffull
#define HISTORY_RUN_CLOSED 1ull /* no page begins here */

struct history_record {
	uint64_t key; /* the address of a page; in the lower bits: what it is */
	uint64_t ts_ns;
	uint64_t size; /* of whole pages; in the lower bits: enum map_protection */
	uint32_t domain;
	int32_t pid; /* 0: no task's, it was in an interrupt */
};

/* The newest end of the journal; it is the first of struct history. */
struct history_tip {
	struct history_record *at,
		*end;    /* the place of the next record, and the end of its block */
	uint64_t next;   /* where the run of the newest map goes on */
	uint32_t domain; /* of that run */
};

void history_start_run(struct history *history, const struct event *ev);

static inline void history_put_map(struct history_tip *tip, const struct event *ev)
{
	*tip->at++ = (struct history_record){
		.key = ev->map.iova,
		.ts_ns = ev->ts_ns,
		.size = ev->map.size_bytes | ev->map.protection,
		.domain = ev->map.domain,
		.pid = event_in_interrupt(ev) ? 0 : ev->pid,
	};
	tip->next = ev->map.iova + ev->map.size_bytes;
}

static inline void history_map(struct history *history, const struct event *ev)
{
	struct history_tip *tip = (struct history_tip *)history;

	if (ev->map.iova == tip->next && ev->map.domain == tip->domain && tip->at != tip->end &&
	    !(ev->map.size_bytes & HISTORY_PAGE_MASK))
		history_put_map(tip, ev);
	else
		history_start_run(history, ev);
}

#endif
