/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_ISOLATION_QUIRKS_H
#define IOMMUTOP_ISOLATION_QUIRKS_H

#include <stdint.h>

/* What the kernel knows of single devices beside what their configuration space says. */
enum quirk {
	QUIRK_NONE,
	QUIRK_ISOLATES,         /* as if it had ACS */
	QUIRK_ROOT_PORT,        /* the same, if it is a root port */
	QUIRK_SOUTHBRIDGE,      /* the same, if it is one of several functions on the root bus of a
	                           machine with AMD's IOMMU */
	QUIRK_INTEGRATED,       /* the same, if it is an integrated endpoint */
	QUIRK_ALIAS_FUNCTION_0, /* sends DMA as function 0 of its slot */
	QUIRK_ALIAS_FUNCTION_1, /* as function 1 */
	QUIRK_ALIAS_OTHERS      /* as several others of its bus */
};

/* What holds for this device, by numbers alone; the first that does. */
enum quirk isolation_quirk(uint32_t vendor_id, uint32_t device_id);

#endif
