/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MACHINE_FACTS_H
#define IOMMUTOP_MACHINE_FACTS_H

#include "topology.h"

/*
 * Sets the facts of the machine that a file tells: OPTIONS (those of the kernel's command line that
 * are about IOMMUs, devices and interrupts), ACPI, LOCKDOWN, REMAPPING, PHYSICAL_BITS, DMA_ENTRIES,
 * DRIVERCTL; and UNIT_ADDRESS_BITS of the units in read. procfs may be NULL.
 */
void machine_facts_read(const char *procfs, const char *sysfs, struct topology *read);

#endif
