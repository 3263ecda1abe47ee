// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fact_places: where the facts of a machine, its units, groups, devices and processes lie in a
 * snapshot. In: attributes. Out: places, values. Must never know: who told them, who reads them.
 * Pure.
 */
#include "fact_places.h"

#include <stddef.h>
#include <string.h>

#define AS_TOLD(type, member)                               \
	{                                                   \
		offsetof(struct type, member), FACT_AS_TOLD \
	}
#define WORKED_OUT(type, member)                               \
	{                                                      \
		offsetof(struct type, member), FACT_WORKED_OUT \
	}

const struct fact_place fact_places[ATTRIBUTE_COUNT] = {
	[ATTR_MACHINE_OPTIONS] = AS_TOLD(snapshot_machine, options),
	[ATTR_MACHINE_OPTIONS_UNKNOWN] = AS_TOLD(snapshot_machine, options_unknown),
	[ATTR_MACHINE_ACPI] = AS_TOLD(snapshot_machine, acpi),
	[ATTR_MACHINE_LOCKDOWN] = AS_TOLD(snapshot_machine, lockdown),
	[ATTR_MACHINE_REMAPPING] = AS_TOLD(snapshot_machine, remapping),
	[ATTR_MACHINE_PHYSICAL_BITS] = AS_TOLD(snapshot_machine, physical_bits),
	[ATTR_MACHINE_DMA_ENTRIES] = AS_TOLD(snapshot_machine, dma_entries),
	[ATTR_MACHINE_DRIVERCTL] = AS_TOLD(snapshot_machine, driverctl),
	[ATTR_MACHINE_VFIO] = AS_TOLD(snapshot_machine, vfio),
	[ATTR_MACHINE_LOG_SINCE_BOOT] = AS_TOLD(snapshot_machine, log_since_boot),
	[ATTR_MACHINE_BOOT_TYPE] = AS_TOLD(snapshot_machine, boot_type),
	[ATTR_MACHINE_BOOT_POLICY] = AS_TOLD(snapshot_machine, boot_policy),
	[ATTR_MACHINE_BOOT_SAID] = AS_TOLD(snapshot_machine, boot_said),
	[ATTR_MACHINE_BOOT_TRACE] = AS_TOLD(snapshot_machine, boot_trace),
	[ATTR_UNIT_VENDOR] = AS_TOLD(snapshot_unit, vendor),
	[ATTR_UNIT_ADDRESS_BITS] = AS_TOLD(snapshot_unit, address_bits),
	[ATTR_GROUP_DEFAULT_TYPE] = AS_TOLD(snapshot_group, default_type),
	[ATTR_GROUP_NAME] = AS_TOLD(snapshot_group, name),
	[ATTR_GROUP_RESERVED] = AS_TOLD(snapshot_group, reserved),
	[ATTR_GROUP_SLOW_S] = AS_TOLD(snapshot_group, slow_s),
	[ATTR_DEVICE_GROUP] = AS_TOLD(snapshot_device, group),
	[ATTR_DEVICE_BUS] = AS_TOLD(snapshot_device, bus),
	[ATTR_DEVICE_UNIT] = AS_TOLD(snapshot_device, unit),
	[ATTR_DEVICE_NAME] = AS_TOLD(snapshot_device, model),
	[ATTR_DEVICE_CLASS_NAME] = AS_TOLD(snapshot_device, class_name),
	[ATTR_DEVICE_DRIVER] = AS_TOLD(snapshot_device, driver),
	[ATTR_DEVICE_CLASS] = AS_TOLD(snapshot_device, class_code),
	[ATTR_DEVICE_VENDOR_ID] = AS_TOLD(snapshot_device, vendor_id),
	[ATTR_DEVICE_DEVICE_ID] = AS_TOLD(snapshot_device, device_id),
	[ATTR_DEVICE_REVISION] = AS_TOLD(snapshot_device, revision),
	[ATTR_DEVICE_SLOW_S] = AS_TOLD(snapshot_device, slow_s),
	[ATTR_DEVICE_PARENT] = AS_TOLD(snapshot_device, parent),
	[ATTR_DEVICE_PHYSFN] = AS_TOLD(snapshot_device, physfn),
	[ATTR_DEVICE_VFS] = AS_TOLD(snapshot_device, vfs),
	[ATTR_DEVICE_HOST_USE] = AS_TOLD(snapshot_device, host_use),
	[ATTR_DEVICE_RESET] = AS_TOLD(snapshot_device, reset),
	[ATTR_DEVICE_NUMA] = AS_TOLD(snapshot_device, numa),
	[ATTR_DEVICE_POWER] = AS_TOLD(snapshot_device, power),
	[ATTR_DEVICE_OVERRIDE] = AS_TOLD(snapshot_device, override),
	[ATTR_DEVICE_BARS] = AS_TOLD(snapshot_device, bars),
	[ATTR_DEVICE_CONFIG] = AS_TOLD(snapshot_device, config),
	[ATTR_DEVICE_PORT] = AS_TOLD(snapshot_device, port),
	[ATTR_DEVICE_ACS] = AS_TOLD(snapshot_device, acs),
	[ATTR_DEVICE_FUNCTIONS] = AS_TOLD(snapshot_device, multifunction),
	[ATTR_DEVICE_FEATURES] = AS_TOLD(snapshot_device, features),
	[ATTR_DEVICE_LINK] = AS_TOLD(snapshot_device, link),
	[ATTR_GROUP_DOMAIN] = WORKED_OUT(snapshot_group, domain),
	[ATTR_GROUP_DEFAULT_DOMAIN] = WORKED_OUT(snapshot_group, default_domain),
	[ATTR_GROUP_HOLDER] = WORKED_OUT(snapshot_group, holder),
	[ATTR_PROCESS_NAME] = WORKED_OUT(snapshot_process, name),
	[ATTR_PROCESS_VM] = WORKED_OUT(snapshot_process, vm),
	[ATTR_PROCESS_LOCKED] = WORKED_OUT(snapshot_process, locked_kib),
	[ATTR_PROCESS_MEMLOCK] = WORKED_OUT(snapshot_process, memlock_kib),
};

uint32_t fact_value(enum attribute attribute, const void *of)
{
	uint32_t value;

	memcpy(&value, (const char *)of + fact_places[attribute].offset, sizeof(value));
	return value;
}

/* "not slow" is 0 */
static bool has_zero_for_none(enum attribute attribute)
{
	return attribute_infos[attribute].type == VALUE_TEXT || attribute == ATTR_DEVICE_SLOW_S ||
	       attribute == ATTR_GROUP_SLOW_S;
}

bool fact_is_known(enum attribute attribute, uint32_t value)
{
	return value != (has_zero_for_none(attribute) ? 0 : NO_NUMBER);
}
