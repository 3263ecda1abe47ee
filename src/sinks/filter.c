// SPDX-License-Identifier: GPL-2.0-or-later
/* filter: which devices, domains and faults an output was asked for. Pure. */
#include "filter.h"

#include "../text.h"
#include "../util.h"

bool filter_device(const struct snapshot *snap, const struct output_filter *filter,
                   const struct snapshot_device *device)
{
	if (filter->group != NO_GROUP && device->group != filter->group)
		return false;
	return !filter->needle || filter->choice->devices[device - snap->devices];
}

bool filter_group(const struct snapshot *snap, const struct output_filter *filter,
                  const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	if (filter->group != NO_GROUP)
		return group->id == filter->group;
	if (!filter->needle || filter->choice->groups[group - snap->groups])
		return true;
	for (uint32_t i = 0; i < group->device_count; i++)
		if (filter_device(snap, filter, &devices[i]))
			return true;
	return false;
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

bool filter_domain(const struct snapshot *snap, const struct output_filter *filter,
                   const struct snapshot_domain *domain)
{
	if (filter->group != NO_GROUP && !domain_has_group(snap, domain, filter->group))
		return false;
	return !filter->needle || filter->choice->domains[domain - snap->domains];
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
	for (size_t i = 0; filter->needle && i < ARRAY_SIZE(texts); i++)
		if (text_has(snapshot_text(snap, texts[i]), filter->needle))
			return true;
	return !filter->needle;
}

static bool is_of_group(const struct snapshot *snap, const struct output_filter *filter,
                        uint32_t device_index)
{
	return filter->group == NO_GROUP || snapshot_group_of(snap, device_index) == filter->group;
}

bool filter_fault(const struct snapshot *snap, const struct output_filter *filter,
                  const struct snapshot_fault *fault)
{
	return is_of_group(snap, filter, fault->device_index) &&
	       (!filter->needle || filter->choice->faults[fault - snap->faults_seen]);
}

bool filter_note(const struct snapshot *snap, const struct output_filter *filter,
                 const struct snapshot_note *note)
{
	return is_of_group(snap, filter, note->device_index) &&
	       (!filter->needle || filter->choice->notes[note - snap->notes]);
}
