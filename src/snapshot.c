// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot: reading and copying door 2. Pure. */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

const char *snapshot_text(const struct snapshot *snap, text_id text)
{
	return text < snap->pool_bytes ? snap->pool + text : "";
}

const struct snapshot_group *snapshot_group_by_id(const struct snapshot *snap, uint32_t id)
{
	size_t low = 0, high = snap->group_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snap->groups[middle].id == id)
			return &snap->groups[middle];
		if (snap->groups[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct snapshot_domain *snapshot_domain_by_id(const struct snapshot *snap, uint32_t id)
{
	size_t low = 0, high = snap->domain_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snap->domains[middle].id == id)
			return &snap->domains[middle];
		if (snap->domains[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

uint32_t snapshot_group_of(const struct snapshot *snap, uint32_t device_index)
{
	return device_index < snap->device_count ? snap->devices[device_index].group : NO_GROUP;
}

const struct snapshot_device *snapshot_devices_of(const struct snapshot *snap,
                                                  const struct snapshot_group *group)
{
	return group->device_count ? &snap->devices[group->first_device] : NULL;
}

size_t snapshot_ungrouped(const struct snapshot *snap, const struct snapshot_device **first)
{
	size_t count = 0;

	while (count < snap->device_count &&
	       snap->devices[snap->device_count - 1 - count].group == NO_GROUP)
		count++;
	*first = count ? &snap->devices[snap->device_count - count] : NULL;
	return count;
}

bool snapshot_kernel_at_least(const struct snapshot *snap, unsigned int major, unsigned int minor)
{
	const char *end;
	uint64_t have_major, have_minor;

	if (!parse_decimal(snapshot_text(snap, snap->kernel), &end, &have_major) || *end != '.' ||
	    !parse_decimal(end + 1, &end, &have_minor))
		return true;
	return have_major > major || (have_major == major && have_minor >= minor);
}

const char *snapshot_type_words(const struct snapshot *snap, text_id type)
{
	const char *text = snapshot_text(snap, type);

	if (!strcmp(text, "DMA-FQ"))
		return "DMA lazy";
	/* Before 5.15 one word stood for both ways to flush. */
	if (!strcmp(text, "DMA"))
		return snapshot_kernel_at_least(snap, 5, 15) ? "DMA strict" : "DMA";
	return *text ? text : "-";
}

static void *copy_array(const void *from, size_t count, size_t element_size)
{
	return count ? memcpy(xmalloc(count * element_size), from, count * element_size) : NULL;
}

#define COPY(array, count, capacity)                                             \
	(to->array = copy_array(from->array, from->count, sizeof(*from->array)), \
	 to->capacity = from->count)

void snapshot_copy(struct snapshot *to, const struct snapshot *from)
{
	snapshot_release(to);
	*to = *from;
	COPY(units, unit_count, unit_capacity);
	COPY(groups, group_count, group_capacity);
	COPY(devices, device_count, device_capacity);
	COPY(domains, domain_count, domain_capacity);
	COPY(faults_seen, fault_count, fault_capacity);
	COPY(log, log_count, log_capacity);
	COPY(pool, pool_bytes, pool_capacity);
}

void snapshot_release(struct snapshot *snap)
{
	free(snap->units);
	free(snap->groups);
	free(snap->devices);
	free(snap->domains);
	free(snap->faults_seen);
	free(snap->log);
	free(snap->pool);
	*snap = (struct snapshot){0};
}
