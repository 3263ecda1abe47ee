// SPDX-License-Identifier: GPL-2.0-or-later
/* filter: which devices and faults an output was asked for. Pure. */
#include "filter.h"

#include "../text.h"
#include "../util.h"

static bool has_needle(const struct snapshot *snap, const struct output_filter *filter,
                       const text_id *texts, size_t count)
{
	for (size_t i = 0; filter->needle && i < count; i++)
		if (text_has(snapshot_text(snap, texts[i]), filter->needle))
			return true;
	return !filter->needle;
}

static bool device_has(const struct snapshot *snap, const struct output_filter *filter,
                       const struct snapshot_device *device)
{
	const text_id texts[] = {device->name, device->model, device->class_name, device->driver};

	return has_needle(snap, filter, texts, ARRAY_SIZE(texts));
}

bool filter_device(const struct snapshot *snap, const struct output_filter *filter,
                   const struct snapshot_device *device)
{
	if (filter->group != NO_GROUP && device->group != filter->group)
		return false;
	return device_has(snap, filter, device);
}

bool filter_fault(const struct snapshot *snap, const struct output_filter *filter,
                  const struct snapshot_fault *fault)
{
	const text_id texts[] = {fault->device, fault->reason};
	bool of_device = fault->device_index < snap->device_count;

	if (filter->group != NO_GROUP &&
	    snapshot_group_of(snap, fault->device_index) != filter->group)
		return false;
	return has_needle(snap, filter, texts, ARRAY_SIZE(texts)) ||
	       (of_device && device_has(snap, filter, &snap->devices[fault->device_index]));
}
