/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PAIRING_H
#define IOMMUTOP_PAIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "../event.h"
#include "domain_ids.h"
#include "raw.h"

/*
 * Records to events. The map and unmap tracepoints name no domain; each fires inside one call of a
 * function whose first argument is the domain, and a probe of ours records that call. So a probe's
 * record and the tracepoint's that follows in the same context are one event. Pure.
 *
 * The context is the task, else (in interrupts, and for pid 0, which runs on every CPU) the CPU and
 * the highest of hard interrupt, soft interrupt, idle. A call pairs only with a tracepoint of the
 * same iova and size; one under way is put aside by a call for another domain (memory reclaim
 * inside of a map) and given up for failed by a call for its own. A pair that does not come about
 * costs one unattributed event and never names the next one wrongly. What cannot be told is a map
 * that was refused without a trace (for its arguments: no tracepoint, no undo) while its return is
 * not recorded. It stands until the next call for its domain, and until then an unmap of a part of
 * its range would be taken for its undo, and a tracepoint of the same range whose own probe was
 * missed for its own.
 *
 * Relied on: drivers/iommu/iommu.c, __iommu_map (to 6.14) or iommu_map_nosync (6.16+),
 * __iommu_unmap and __iommu_attach_device, 5.10 to 7.3.
 */
struct pairing;
struct owned;

/* ids is borrowed and shared with who reads histograms. */
struct pairing *pairing_new(struct domain_ids *ids);
void pairing_free(struct pairing *pairing);
/* All its memory, for a copy of it (owned.h), which numbers domains by these ids. */
void pairing_owned(struct pairing **pairing, struct domain_ids *ids, struct owned *owned);

/*
 * Takes one record in the order of time of all CPUs and emits what it amounts to, with ts_ns as its
 * time (not before that of the event before; if later than raw->ts_ns, the record came late and is
 * paired with nothing). raw->text stays the caller's.
 */
void pairing_take(struct pairing *pairing, const struct raw *raw, uint64_t ts_ns,
                  const struct event_sink *sink);

/*
 * The same for the pairs that come first among these records of one CPU, with nothing of another
 * CPU's up to until_ns: as many as are not late, not before from_ns or each other, nor reach
 * beyond, where nothing else is under way. Returns how many; of each, events has all that one by
 * one would be emitted. The one behind them has to be taken apart, if it is a pair.
 */
size_t pairing_take_pairs(struct pairing *pairing, const struct raw *raws, size_t count,
                          uint64_t from_ns, uint64_t until_ns, struct event *events);

/*
 * The same for the tracepoints that come first among them and belong to no call and no domain. The
 * one behind them is for pairing_take_pairs or pairing_take.
 */
size_t pairing_take_lone(struct pairing *pairing, const struct raw *raws, size_t count,
                         uint64_t from_ns, uint64_t until_ns, struct event *events);

/*
 * All records up to now_ns were taken. A map that failed waits for its errno, which comes with its
 * return if that is recorded; what has waited for PAIRING_PATIENCE_NS is told without, at ts_ns.
 */
#define PAIRING_PATIENCE_NS 10000000u
void pairing_settle(struct pairing *pairing, uint64_t now_ns, uint64_t ts_ns,
                    const struct event_sink *sink);

/*
 * Records may be missing from here on, of all CPUs: a class was switched, the collect mode changed,
 * a probe missed a hit. Calls under way are forgotten, not called failed.
 */
void pairing_forget(struct pairing *pairing);

/*
 * How maps and unmaps are collected from here on. In COLLECT_COUNTS their records belong to pairs
 * as ever, but tell no event, for they are in the kernel's counts.
 */
void pairing_set_mode(struct pairing *pairing, enum collect_mode mode);

/* Domains that maps or unmaps were seen of and whose device nobody has told; asks for a snapshot of
 * the groups or for the probes of DMA calls. Counts up whenever there is a new one. */
uint64_t pairing_unnamed(const struct pairing *pairing);

/*
 * What others tell of tasks and groups. In COLLECT_TRACEPOINTS a map or an unmap that names no
 * device is of a domain that stands for the process of its task, if that holds a group
 * (TASK_PROCESS, GROUP_HOLDER): all that such a process maps, in whichever of its domains. It ends
 * when the process holds none any more. At most PAIRING_HOLDERS groups, more are not heeded.
 */
#define PAIRING_HOLDERS 1024u
void pairing_hear(struct pairing *pairing, const struct event *ev);

#endif
