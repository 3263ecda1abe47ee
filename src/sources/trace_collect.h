/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_COLLECT_H
#define IOMMUTOP_TRACE_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "../error.h"
#include "../event.h"
#include "domain_ids.h"
#include "probes.h"

/*
 * How maps and unmaps reach us: as events or as counts; once a tick it is looked which is right.
 *
 * They take turns at a moment at which nothing happened, found by reading the counts until two
 * reads in a row agree; for a while both are on, and what is on the other's side of that moment is
 * left out. So nothing counts twice and nothing is missing. Where traffic never rests, a LOST says
 * that something may be.
 */
struct trace_collect;

struct trace_collect_options {
	const char *owner;      /* copied: see counts_open */
	int instance_fd;        /* its directory, borrowed */
	struct probes *probes;  /* borrowed; NULL: none */
	struct domain_ids *ids; /* borrowed */
	enum collect_choice choice;
	bool classes[CLASS_COUNT];
	uint64_t now_ns;
	/* Switches the events of maps and unmaps in the kernel. Called for the first time when it
	 * is open, and only when that changes from then on. */
	void (*set_events)(void *context, bool on);
	/* The time that records get now; false: nobody knows. */
	bool (*now)(void *context, uint64_t *now_ns);
	void *context;
};

/* Collects from here on. */
struct trace_collect *trace_collect_open(const struct trace_collect_options *options);
/* Removes what counts. collect may be NULL. */
void trace_collect_close(struct trace_collect *collect);

/* What a hit of a probe or a trigger takes, for COST. Until it is told no kernel time is. */
void trace_collect_set_hit_ns(struct trace_collect *collect, uint64_t hit_ns);

/* So many maps and unmaps came with a drain, and whether records were lost. */
void trace_collect_seen(struct trace_collect *collect, uint64_t crossed, bool lost);

/* A class is on or off now; only maps and unmaps matter. */
void trace_collect_set_class(struct trace_collect *collect, enum event_class class, bool on);

/* Another choice. What was counted so far goes to the sink, and a LOST if need be. */
void trace_collect_choose(struct trace_collect *collect, enum collect_choice choice,
                          uint64_t now_ns, const struct event_sink *sink);

/*
 * An interval has ended; the stream is flushed up to now_ns, so that ids has all frees, and the
 * profile of the probes has just been read. Emits
 * COUNTS, UNIT_INVALIDATIONS, COST and callers, and decides how to go on; after that a LOST, if
 * need be.
 */
void trace_collect_tick(struct trace_collect *collect, uint64_t now_ns,
                        const struct event_sink *sink);

/*
 * Whether there is something new to say of the way to collect since the last call, or the first
 * time. ev gets COLLECT, at the time from which that holds if it is later than now_ns; its reason
 * is borrowed until the next tick or choice.
 */
bool trace_collect_news(struct trace_collect *collect, uint64_t now_ns, struct event *ev);

/* Counts callers of a domain for five seconds from now_ns. -1 and a sentence where that cannot be
 * had. */
int trace_collect_watch(struct trace_collect *collect, uint32_t domain, uint64_t now_ns,
                        struct error *err);

/* There will be no tick for a while: callers are told now, of the time that they were counted. */
void trace_collect_rest(struct trace_collect *collect, uint64_t now_ns,
                        const struct event_sink *sink);

/* Only system calls: for handlers of fatal signals, before the instance is removed. */
void trace_collect_emergency_stop(const struct trace_collect *collect);

#endif
