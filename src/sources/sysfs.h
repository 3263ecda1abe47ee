/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SYSFS_H
#define IOMMUTOP_SYSFS_H

#include <stdbool.h>

#include "../error.h"
#include "../event.h"
#include "../source.h"

struct sysfs_options {
	const char *root;    /* "/sys", or a copy of it */
	const char *pci_ids; /* NULL: the system's */
	bool live;           /* listen for uevents: only for this machine's own sysfs */
};

/*
 * Groups, their members, devices behind no IOMMU and IOMMU units, as ATTR and GONE events: all of
 * them after the first walk, then only differences. One worker thread reads (a read can block for
 * seconds on a mutex of the kernel); drain only takes what it has found. A walk every 10 s, and
 * after kobject uevents.
 */
struct source *sysfs_open(const struct sysfs_options *options, struct error *err);

/* One walk in the calling thread, all of it to the sink with time 0: for output without a screen.
 */
int sysfs_walk_once(const struct sysfs_options *options, const struct event_sink *sink,
                    struct error *err);

#endif
