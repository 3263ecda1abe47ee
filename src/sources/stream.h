/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_STREAM_H
#define IOMMUTOP_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "../event.h"
#include "domain_ids.h"
#include "raw.h"

/*
 * Many lanes in, one timeline out. Each CPU of the trace is a lane, in time order by itself; events
 * that sources push with a time of their own (kernel log, sysfs) are one more lane. Nothing leaves
 * before the watermark says that no lane can still bring something older.
 */
struct stream;
struct pairing;
struct owned;

/* cpus: how many trace lanes, may be 0. ids is borrowed; without lanes it may be NULL. */
struct stream *stream_new(unsigned int cpus, struct domain_ids *ids);
void stream_free(struct stream *stream);
/* All its memory, for a copy of it (owned.h), which numbers domains by these ids. */
void stream_owned(struct stream **stream, struct domain_ids *ids, struct owned *owned);

/* What makes events of the records; belongs to the stream. */
struct pairing *stream_pairing(struct stream *stream);

/*
 * Takes over raw->text (malloc). cpu < cpus. Times of one lane must not go back; if one does, it is
 * treated as late. A RAW_DMA_MAP, RAW_DMA_MAP_LIST or RAW_DMA_UNMAP says whose the maps or unmaps
 * right before it in its context are, a RAW_DMA_UNMAP_LIST or RAW_DMA_FREE whose the unmap right
 * behind it is; those that have not been emitted yet learn it, and it goes no further.
 */
void stream_push_raw(struct stream *stream, unsigned int cpu, const struct raw *raw);

/* The same for some of one lane, in their order. */
void stream_push_raws(struct stream *stream, unsigned int cpu, const struct raw *raws,
                      size_t count);

/*
 * Copies the event and its texts. Any order will do among those that have not been emitted (several
 * sources share the lane); equal times keep the order they came in.
 */
void stream_push_event(struct stream *stream, const struct event *ev);

/*
 * Emits, oldest first, all that is not younger than watermark_ns. What comes with a time before the
 * last one emitted is emitted with that last time and counted: a LATE event tells how many, once a
 * flush. Equal times: the log lane after the trace, CPUs in their order. Where a class, the way to
 * collect or missed hits pass, pairing forgets what was under way. Between a COLLECT with COUNTS
 * and the next one records of maps and unmaps tell nothing: they are in the counts.
 */
void stream_flush(struct stream *stream, uint64_t watermark_ns, const struct event_sink *sink);

#endif
