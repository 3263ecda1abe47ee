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
 * the highest of hard interrupt, soft interrupt, idle. Each has at most one call under way that is
 * replaced by the next; it pairs only with a tracepoint of the same iova and size. A pair that does
 * not come about costs one unattributed event (or, if nothing was lost, tells of a call that
 * failed) and never names the next one wrongly.
 *
 * Relied on: drivers/iommu/iommu.c, __iommu_map (to 6.14) or iommu_map_nosync (6.16+),
 * __iommu_unmap and __iommu_attach_device, 5.10 to 7.3.
 */
struct pairing;

/* ids is borrowed and shared with who reads histograms. */
struct pairing *pairing_new(struct domain_ids *ids);
void pairing_free(struct pairing *pairing);

/*
 * Takes one record in the order of time of all CPUs and emits what it amounts to, with ts_ns as its
 * time (not before that of the event before). raw->text stays the caller's.
 */
void pairing_take(struct pairing *pairing, const struct raw *raw, uint64_t ts_ns,
                  const struct event_sink *sink);

/*
 * Records may be missing from here on, of all CPUs: a class was switched, the collect mode changed,
 * a probe missed a hit. Calls under way are forgotten, not called failed.
 */
void pairing_forget(struct pairing *pairing);

/* Domains that maps or unmaps were seen of and whose device nobody has told; asks for a snapshot of
 * the groups or for the probes of DMA calls. Counts up whenever there is a new one. */
uint64_t pairing_unnamed(const struct pairing *pairing);

#endif
