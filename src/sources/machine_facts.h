/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MACHINE_FACTS_H
#define IOMMUTOP_MACHINE_FACTS_H

#include "topology.h"

/*
 * Sets the facts of the machine that a file tells, and ATTR_UNIT_ADDRESS_BITS of the units in read:
 *
 * ATTR_MACHINE_OPTIONS: those of the kernel's command line that matter (boot_options.h); "none"
 * ATTR_MACHINE_ACPI: the tables about IOMMUs that the firmware has: "DMAR,IVRS,IORT,VIOT"; "none"
 * ATTR_MACHINE_LOCKDOWN: "none", "integrity", "confidentiality"
 * ATTR_MACHINE_REMAPPING: interrupts of an x86 machine are remapped: "on", "off"
 * ATTR_MACHINE_PHYSICAL_BITS: of a physical address, as the first processor has them
 * ATTR_MACHINE_DMA_ENTRIES: mappings that a container of VFIO's type1 may have
 * ATTR_MACHINE_DRIVERCTL: 1 or 0; only where sysfs is this machine's own, "/sys"
 * ATTR_MACHINE_VFIO: modules that are loaded or built in: "vfio,vfio_pci,vfio_iommu_type1,iommufd"
 *	and, where they are on, "unsafe_interrupts" (type1 assigns devices although interrupts are
 *	not remapped) and "unsafe_noiommu" (vfio hands out devices that no IOMMU holds back); "none"
 *
 * What cannot change without a boot is taken from told, where it is known. procfs may be NULL.
 */
void machine_facts_read(const char *procfs, const char *sysfs, const struct topology *told,
                        struct topology *read);

#endif
