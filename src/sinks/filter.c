// SPDX-License-Identifier: GPL-2.0-or-later
/* filter: which devices, domains and faults an output was asked for. Pure. */
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

bool filter_group(const struct snapshot *snap, const struct output_filter *filter,
                  const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	if (filter->group != NO_GROUP)
		return group->id == filter->group;
	for (uint32_t i = 0; filter->needle && i < group->device_count; i++)
		if (device_has(snap, filter, &devices[i]))
			return true;
	return !filter->needle;
}

bool filter_unit(const struct snapshot *snap, const struct output_filter *filter,
                 const struct snapshot_unit *unit)
{
	const struct snapshot_group *group =
		filter->group == NO_GROUP ? NULL : snapshot_group_by_id(snap, filter->group);
	const struct snapshot_device *devices = group ? snapshot_devices_of(snap, group) : NULL;

	for (uint32_t i = 0; devices && i < group->device_count; i++)
		if (devices[i].unit == unit->name)
			return true;
	return filter->group == NO_GROUP;
}

bool filter_process(const struct snapshot *snap, const struct output_filter *filter,
                    const struct snapshot_process *process)
{
	for (size_t i = 0; i < snap->group_count; i++)
		if (snap->groups[i].holder == process->id &&
		    filter_group(snap, filter, &snap->groups[i]))
			return true;
	return filter->group == NO_GROUP && !filter->needle;
}

static bool domain_has_group(const struct snapshot *snap, const struct snapshot_domain *domain,
                             uint32_t group)
{
	for (uint32_t i = 0; i < domain->group_count; i++)
		if (snap->domain_groups[domain->first_group + i] == group)
			return true;
	return false;
}

/* Whether one of its devices has the text, in its name or in what it is. */
static bool domain_devices_have(const struct snapshot *snap, const struct output_filter *filter,
                                const struct snapshot_domain *domain)
{
	for (uint32_t i = 0; i < domain->device_count; i++) {
		const text_id *name = &snap->domain_devices[domain->first_device + i];
		const struct snapshot_device *device = snapshot_device_by_name(snap, *name);

		if (device ? device_has(snap, filter, device) : has_needle(snap, filter, name, 1))
			return true;
	}
	return false;
}

bool filter_domain(const struct snapshot *snap, const struct output_filter *filter,
                   const struct snapshot_domain *domain)
{
	char name[256];

	if (filter->group != NO_GROUP && !domain_has_group(snap, domain, filter->group))
		return false;
	return !filter->needle ||
	       text_has(snapshot_domain_name(snap, domain, name, sizeof(name)), filter->needle) ||
	       domain_devices_have(snap, filter, domain);
}

/* A burst is known by its domain; that leads to the group. */
static bool transition_has_group(const struct snapshot *snap,
                                 const struct snapshot_transition *transition, uint32_t group)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(snap, transition->to_domain);

	return transition->group == group ||
	       (transition->group == NO_GROUP && domain && domain_has_group(snap, domain, group));
}

bool filter_transition(const struct snapshot *snap, const struct output_filter *filter,
                       const struct snapshot_transition *transition)
{
	const text_id texts[] = {transition->device, transition->process_name, transition->vm};

	if (filter->group != NO_GROUP && !transition_has_group(snap, transition, filter->group))
		return false;
	return has_needle(snap, filter, texts, ARRAY_SIZE(texts));
}

/* Of something that a message said of a device, by its own words or by what the device is. */
static bool message_has(const struct snapshot *snap, const struct output_filter *filter,
                        uint32_t device_index, text_id device, text_id text)
{
	const text_id texts[] = {device, text};

	if (filter->group != NO_GROUP && snapshot_group_of(snap, device_index) != filter->group)
		return false;
	return has_needle(snap, filter, texts, ARRAY_SIZE(texts)) ||
	       (device_index < snap->device_count &&
	        device_has(snap, filter, &snap->devices[device_index]));
}

bool filter_fault(const struct snapshot *snap, const struct output_filter *filter,
                  const struct snapshot_fault *fault)
{
	return message_has(snap, filter, fault->device_index, fault->device, fault->reason);
}

bool filter_note(const struct snapshot *snap, const struct output_filter *filter,
                 const struct snapshot_note *note)
{
	return message_has(snap, filter, note->device_index, note->device, note->text);
}
