/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_COUNTS_H
#define IOMMUTOP_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "../event.h"
#include "domain_ids.h"

/*
 * Histograms in the kernel: hits and bytes by domain and size, kept by triggers in our own trace
 * instance and read once a tick. No event crosses, and what it costs us does not grow with the
 * rate.
 *
 * By domain: on the return probes where the kernel has them (successes, bytes really unmapped),
 * else on the entry probes (attempts, bytes asked for). The tracepoints' own totals stand beside
 * them as DOMAIN_ALL: successes and bytes really unmapped in any case. Totals are set first and
 * read last, so what they have and no domain has is unattributed, never the other way round, but
 * for attempts that failed.
 *
 * Sizes: the kernel rounds up ("~ 2^13" is what is above 4 KiB up to 8 KiB), our events round down
 * (12 is 4 KiB up to below 8 KiB). For powers of two both agree. Of others the histogram does not
 * tell more; then the mean of all in the bucket so far decides between the two. In one COUNTS hits
 * and bytes can be a few hits apart, which the next one makes up for: sums are exact.
 */
struct counts;

/*
 * instance_fd: the directory of the trace instance, borrowed; group: of the probe events in it;
 * owner: what the names of triggers on other events begin with, so that they can be told from
 * everybody's after a kill; empty: they need none. returns: whether there are return probes
 * (PROBE_MAP_DONE and PROBE_UNMAP_DONE; fields domain, size, ret). NULL where the kernel has no
 * histograms (CONFIG_HIST_TRIGGERS). Nothing is set yet.
 */
struct counts *counts_open(int instance_fd, const char *group, const char *owner, bool returns);
/* Also removes all triggers of ours. counts may be NULL. */
void counts_close(struct counts *counts);

/* Whether a domain's figures are attempts. */
bool counts_are_attempts(const struct counts *counts);

/*
 * Sets the triggers of one of COUNTS_MAP, COUNTS_UNMAP; nothing if they are set. Returns -1 and
 * errno; set or not, nothing is left half done. The very same total that somebody else keeps in
 * this instance already is read along and left where it is; one with a name of ours never is the
 * same.
 */
int counts_start(struct counts *counts, enum counts_what what);
/* Removes them by exactly the text they were set with. Hits since the last read are gone. */
void counts_stop(struct counts *counts, enum counts_what what);
bool counts_started(const struct counts *counts, enum counts_what what);

/*
 * Emits a COUNTS for each key that grew since the last read, and for DOMAIN_ALL. A table that is
 * three quarters full or has dropped hits is begun anew, twice as large if domains that are still
 * there fill half of it; what it dropped is a LOST, and that is not
 * exact: the hits before it is set again are in DOMAIN_ALL only. So is a LOST of 0 when somebody
 * cleared it. An address that was freed meanwhile (domain_ids_retire) and stands for a domain again
 * counts for DOMAIN_UNATTRIBUTED: it may be two. If it stands for none, what it has is held until
 * counts_settle. For that, ids has to know of all frees up to now: read after the stream was
 * flushed.
 * ids: an address seen for the first time gets its number here.
 * Returns false if a trigger of ours is no longer there; it is set again.
 */
bool counts_read(struct counts *counts, struct domain_ids *ids, uint64_t ts_ns,
                 const struct event_sink *sink);

/* What there is by now is not ours to tell. Read the other way round: what comes after it is in the
 * totals even if a domain's was read a moment later. */
void counts_skip(struct counts *counts, struct domain_ids *ids);

/* Whether something is held. */
bool counts_held(const struct counts *counts);

/* How many reads and skips there were. */
uint64_t counts_round(const struct counts *counts);

/*
 * Emits what reads up to that round hold: of the domain that its address stood for, if that stands
 * for none even now, else of DOMAIN_UNATTRIBUTED. ids has to know by now of all that happened until
 * the last of these reads. Not seen is only a domain at the same address that was mapped into then,
 * was not attached to anything by now, and was not mapped into again by a later read.
 */
void counts_settle(struct counts *counts, const struct domain_ids *ids, uint64_t round,
                   uint64_t ts_ns, const struct event_sink *sink);

/* Maps and unmaps that the last counts_read found, by DOMAIN_ALL. */
uint64_t counts_grown(const struct counts *counts);

/* Whether the last counts_read emitted a LOST. */
bool counts_lost(const struct counts *counts);

/* Whether anything had grown by the last counts_read or counts_skip. */
bool counts_moved(const struct counts *counts);

/* Hits since counts_open that a trigger had to take, for what watching costs. */
uint64_t counts_hits(const struct counts *counts);

/*
 * Invalidations by unit: intel_iommu:qi_submit (5.15+), one for each descriptor but those that
 * wait, counted by a trigger of its own from the first call on, in both ways to collect. Emits
 * UNIT_INVALIDATIONS for those that grew; nothing where the kernel has no such event.
 */
void counts_read_units(struct counts *counts, uint64_t ts_ns, const struct event_sink *sink);

/* ---- who calls ---- */

/* Callers told at most. */
#define COUNTS_CALLERS 16

/* Starts to count the callers of one domain's maps and unmaps by their stacks. Returns -1 and
 * errno (EBUSY: it is at it already). */
int counts_watch_callers(struct counts *counts, uint64_t domain_address);
/* Ends it and emits DOMAIN_CALLERS (seconds) and a CALLER for each, most calls first. */
void counts_tell_callers(struct counts *counts, uint32_t domain, uint64_t seconds, uint64_t ts_ns,
                         const struct event_sink *sink);

/* Only system calls: for handlers of fatal signals. Removes the triggers. */
void counts_emergency_stop(const struct counts *counts);

#endif
