/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_COUNTS_H
#define IOMMUTOP_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "../event.h"
#include "domain_ids.h"
#include "probes.h"

/*
 * Histograms in the kernel: hits and bytes by domain and size, kept by triggers in our own trace
 * instance and read once a tick. No event crosses, and what it costs us does not grow with the
 * rate.
 *
 * By domain: on the return probes where the kernel has them (successes, bytes really unmapped),
 * else on the entry probes (attempts, bytes asked for). The tracepoints' own totals stand beside
 * them as DOMAIN_ALL. Triggers are removed by exactly the text they were set with.
 */
struct counts;

/* instance_fd: the directory of the trace instance, borrowed. NULL where the kernel has no
 * histograms (CONFIG_HIST_TRIGGERS) or no probes. Nothing is set yet. */
struct counts *counts_open(int instance_fd, const struct probes *probes);
/* Also stops. */
void counts_close(struct counts *counts);

/* Whether a domain's figures are attempts. */
bool counts_are_attempts(const struct counts *counts);

/* Sets the triggers of one of COUNTS_MAP, COUNTS_UNMAP. Returns -1 and errno; set or not, nothing
 * is left half done. */
int counts_start(struct counts *counts, enum counts_what what);
void counts_stop(struct counts *counts, enum counts_what what);

/*
 * Emits a COUNTS for each key that grew since the last read, and for DOMAIN_ALL. A table that is
 * three quarters full or has dropped hits is begun anew, and what it dropped is a LOST. An address
 * that was freed meanwhile (domain_ids_retire) counts for DOMAIN_UNATTRIBUTED: it may be two.
 * ids: an address seen for the first time gets its number here.
 */
void counts_read(struct counts *counts, struct domain_ids *ids, uint64_t ts_ns,
                 const struct event_sink *sink);

/* Hits since counts_open that a trigger had to take, for what watching costs. */
uint64_t counts_hits(const struct counts *counts);

/*
 * Invalidations by unit: intel_iommu:qi_submit (5.15+) counted by a trigger of its own, in both
 * ways to collect. Emits UNIT_INVALIDATIONS; nothing where the kernel has no such event.
 */
void counts_read_units(struct counts *counts, uint64_t ts_ns, const struct event_sink *sink);

/* ---- who calls ---- */

/* Starts to count the callers of one domain's maps and unmaps by their stacks. Returns -1 and
 * errno. */
int counts_watch_callers(struct counts *counts, uint64_t domain_address);
/* Ends it and emits DOMAIN_CALLERS (seconds) and a CALLER for each, most calls first. */
void counts_tell_callers(struct counts *counts, uint32_t domain, uint64_t seconds, uint64_t ts_ns,
                         const struct event_sink *sink);

#endif
