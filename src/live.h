/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LIVE_H
#define IOMMUTOP_LIVE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "event.h"
#include "options.h"

/* All live sources behind one door: opened by the options, drained in the one order that keeps the
 * timeline whole. */
struct live;

/* options is borrowed until it is closed. */
struct live *live_open(const struct options *options, struct error *err);
/* Undoes what was done to the machine. live may be NULL. */
void live_close(struct live *live);

/* Kernel and host, as of this moment: of this machine, or of one of which there are copies of both
 * /sys and /proc. */
void live_tell_machine(const struct options *options, uint64_t ts_ns,
                       const struct event_sink *sink);

/* What happened before any source spoke: kernel, host and START. */
void live_start(struct live *live, const struct event_sink *sink);

/*
 * Takes what has arrived and emits it in order. *watermark_ns: up to where the timeline is complete
 * now. Returns how full the trace buffers were, 0 to 100; they have to be drained in time, for
 * their descriptors do not tell (with buffer_percent 50 they sleep on a quiet machine, with 0 they
 * wake for each event). -1: there are none, live_fds tell of all there is. tick: an interval ends;
 * what is asked for once in each (counts, cost) comes, too.
 */
int live_drain(struct live *live, const struct event_sink *sink, bool tick, uint64_t *watermark_ns);

#define LIVE_FDS_MAX 2

/* Descriptors that tell of something to drain; returns how many. */
size_t live_fds(const struct live *live, struct pollfd fds[LIVE_FDS_MAX]);

/* The process is about to be stopped: what may be on for a moment only goes off. */
void live_rest(struct live *live);

/* Another way to collect from now on; the COLLECT event comes with the next drain. */
void live_set_collect(struct live *live, enum collect_choice choice);

/* Counts the callers of a domain's maps and unmaps for five seconds; then DOMAIN_CALLERS and CALLER
 * events come with a drain. False and a sentence where that cannot be had. */
bool live_watch_callers(struct live *live, uint32_t domain, struct error *err);

/* Somebody looks at this group: what is read only then comes with a drain (sysfs_look). */
void live_look(struct live *live, uint32_t group, bool wake);

/* Switches a class; the CLASS event comes with the next drain. */
void live_set_class(struct live *live, enum event_class class, bool on);

#endif
