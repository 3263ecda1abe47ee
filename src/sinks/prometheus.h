/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PROMETHEUS_H
#define IOMMUTOP_PROMETHEUS_H

#include <stdio.h>

#include "../snapshot.h"

/*
 * Snapshots in Prometheus' text format 0.0.4. What is not known is left out, never 0. No counter
 * falls from one snapshot to the next, so a writer is for the snapshots of one model in their
 * order. At most 256 domains and 256 kinds of faults have series of their own, the rest is told
 * together.
 */
struct prometheus;

struct prometheus *prometheus_new(const char *version);
void prometheus_free(struct prometheus *prometheus); /* may be NULL */

/* One exposition, flushed. -1 when out could not be written (errno says why). */
int prometheus_write(struct prometheus *prometheus, FILE *out, const struct snapshot *snap);

#endif
