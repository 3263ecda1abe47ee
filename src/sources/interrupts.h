/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_INTERRUPTS_H
#define IOMMUTOP_INTERRUPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How often the IOMMU units have raised their fault interrupts since boot, all of them together:
 * each time for one fault at least, or for an error of the unit itself. The log tells fewer, for it
 * is rate-limited; this is not.
 */
struct interrupts {
	const char *sysfs;  /* borrowed: "/sys", or a copy of it */
	const char *procfs; /* borrowed: where sysfs has no kernel/irq, or not all of it; or NULL */

	unsigned int *numbers; /* of interrupts that only units of the table have */
	size_t count, capacity;
	bool in_procfs;
};

/* Looks for them anew: some come with a domain. Reads a small file of each interrupt there is. */
void interrupts_find(struct interrupts *interrupts);

/* Whether interrupts_find found any, or has to leave the looking to interrupts_sum. */
bool interrupts_any(const struct interrupts *interrupts);

/* False: there are none, or one of them could not be read whole. */
bool interrupts_sum(const struct interrupts *interrupts, uint64_t *sum);

/* Whether an interrupt of this action's name is raised for faults. */
bool interrupts_is_fault(const char *name, size_t length);

void interrupts_release(struct interrupts *interrupts);

#endif
