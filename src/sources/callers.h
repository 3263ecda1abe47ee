/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CALLERS_H
#define IOMMUTOP_CALLERS_H

#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

/*
 * Who calls: stacks that a histogram counted, summed up by the functions that come before the
 * machinery of probes and of mapping. Pure.
 */

/* Of a caller and who called it, so many functions. */
#define CALLERS_DEPTH 3

struct caller {
	char name[160]; /* "nvme_map_data [nvme] < nvme_prep_rq < nvme_queue_rq [nvme]" */
	uint64_t count;
};

struct callers {
	struct caller *all;
	size_t count, capacity;
};

/* Adds the hits of a stack to its caller. */
void callers_add(struct callers *callers, const struct histogram_entry *entry);

/* Most calls first; equal ones by name. */
void callers_sort(struct callers *callers);

void callers_release(struct callers *callers);

#endif
