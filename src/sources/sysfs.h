/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SYSFS_H
#define IOMMUTOP_SYSFS_H

#include <stdbool.h>

#include "../error.h"
#include "../event.h"
#include "../source.h"

/* What tests turn; 0 and NULL mean the usual. */
struct sysfs_tuning {
	unsigned int walk_every_ms;   /* 10 s */
	unsigned int count_every_ms;  /* 1 s: fault interrupts are counted */
	unsigned int slow_after_ms;   /* 2 s: a read that takes longer is told of */
	unsigned int before_after_ms; /* 3 s: then it is looked for what was before the start */
	unsigned int close_wait_ms;   /* 200 ms: for how long close waits for a hanging worker */
	unsigned int drain_limit;     /* events a drain */
	/* How the worker opens a file (sysfs_walk.h): here a test can make it hang. */
	int (*open_file)(int directory, const char *path);
};

/* Borrowed for the call. */
struct sysfs_options {
	const char *root;     /* "/sys", or a copy of it */
	const char *pci_ids;  /* NULL: the system's */
	const char *procfs;   /* where to look for who holds a group; NULL: nowhere */
	const uint32_t *look; /* sysfs_walk_once: the group somebody looks at; NULL: none */
	const char *tracefs;  /* what its global buffer holds from before the start is looked for */
	uint64_t before_until; /* by boot_trace_now() */
	bool live;             /* listen for uevents: only for this machine's own sysfs */
	const struct sysfs_tuning *tuning; /* NULL: the usual */
};

/*
 * Groups, their members, devices behind no IOMMU, IOMMU units and the processes that hold a group
 * (owners.h), as ATTR and GONE events: all of them after the first walk, then only differences. One
 * worker thread reads (a read can block for seconds on a mutex of the kernel); drain only takes
 * what it has found. A walk every 10 s, after kobject uevents, and when asked to hurry.
 *
 * HEALTH says STARTING at once, then after each walk what changed: OK; PARTIAL with what is missing
 * (no groups, names, uevents); OFF when root cannot be read - then what was told stays as it was.
 * HEALTH of SOURCE_OWNERS is said after walks in the same way, if there is a procfs.
 * FAULT_INTERRUPTS is told when it has changed (interrupts.h), looked at once a second; of a
 * machine without such interrupts nothing is told. A group or device whose files do not answer gets
 * its SLOW_S attribute at drain, and VALUE_UNKNOWN once they did.
 */
struct source *sysfs_open(const struct sysfs_options *options, struct error *err);

/* What was found of before the start (boot_trace.h), not more than once; it does not come with a
 * drain, whose events are of now. Main thread, any time, never blocks. */
void sysfs_take_before(struct source *sysfs, const struct event_sink *sink);

/*
 * Somebody saw something change that fires no uevent (an attach): the worker walks as soon as after
 * a uevent. Main thread, any time, never blocks; many calls in a row make one walk.
 */
void sysfs_hurry(struct source *sysfs);

/*
 * Somebody looks at this group: the configuration space of its members, of the bridges above them
 * and of the other functions of their slots is read by the worker, each device once as long as it
 * is there (look.h); what is new comes with a drain. wake: those that are asleep, too. Main thread,
 * any time, never blocks.
 */
void sysfs_look(struct source *sysfs, uint32_t group, bool wake);

/* One walk in the calling thread, all of it to the sink with time 0, HEALTH last: for output
 * without a screen. -1 and no events if root cannot be read. */
int sysfs_walk_once(const struct sysfs_options *options, const struct event_sink *sink,
                    struct error *err);

#endif
