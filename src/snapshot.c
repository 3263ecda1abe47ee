// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot: reading and copying door 2. Pure. */
#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

const char *const named_by_words[NAMED_BY_COUNT] = {
	[NAMED_NOT] = "-",         [NAMED_SNAPSHOT] = "start-up",
	[NAMED_ATTACH] = "attach", [NAMED_DMA_CALL] = "DMA call",
	[NAMED_TASK] = "task",
};

const char *const transition_words[TRANSITION_KIND_COUNT] = {
	[TRANSITION_AWAY] = "away",
	[TRANSITION_START] = "start",
	[TRANSITION_END] = "end",
};

const char *const verdict_words[VERDICT_COUNT] = {
	[VERDICT_NOT_ASKED] = "not_asked", [VERDICT_NOT_KNOWN] = "not_known",
	[VERDICT_NEVER] = "never",         [VERDICT_MAPPED] = "mapped",
	[VERDICT_DIRECTION] = "direction", [VERDICT_UNMAPPED] = "unmapped",
	[VERDICT_AFTER] = "after",         [VERDICT_RESERVED] = "reserved",
	[VERDICT_IDENTITY] = "identity",   [VERDICT_BLOCKED] = "blocked",
};

/* What place_of_id relies on. */
_Static_assert(offsetof(struct snapshot_group, id) == 0, "a group begins with its id");
_Static_assert(offsetof(struct snapshot_domain, id) == 0, "a domain begins with its id");
_Static_assert(offsetof(struct snapshot_process, id) == 0, "a process begins with its id");

const char *snapshot_text(const struct snapshot *snap, text_id text)
{
	return text < snap->pool_bytes ? snap->pool + text : "";
}

const struct snapshot_group *snapshot_group_by_id(const struct snapshot *snap, uint32_t id)
{
	size_t at = place_of_id(snap->groups, snap->group_count, sizeof(*snap->groups), id);

	return at < snap->group_count && snap->groups[at].id == id ? &snap->groups[at] : NULL;
}

const struct snapshot_domain *snapshot_domain_by_id(const struct snapshot *snap, uint32_t id)
{
	size_t at = place_of_id(snap->domains, snap->domain_count, sizeof(*snap->domains), id);

	return at < snap->domain_count && snap->domains[at].id == id ? &snap->domains[at] : NULL;
}

const struct snapshot_process *snapshot_process_by_id(const struct snapshot *snap, uint32_t id)
{
	size_t at = place_of_id(snap->processes, snap->process_count, sizeof(*snap->processes), id);

	return at < snap->process_count && snap->processes[at].id == id ? &snap->processes[at]
	                                                                : NULL;
}

/* They are kept without gaps in their numbers. */
const struct snapshot_transition *snapshot_transition_by_id(const struct snapshot *snap,
                                                            uint64_t id)
{
	uint64_t first = snap->transition_count ? snap->transitions[0].id : 0;

	if (!snap->transition_count || id < first || id - first >= snap->transition_count)
		return NULL;
	return &snap->transitions[id - first];
}

char *snapshot_process_words(const struct snapshot *snap, uint32_t id, text_id name, text_id vm,
                             char *out, size_t size)
{
	const char *words = name ? snapshot_text(snap, name) : "process";

	if (id == NO_PROCESS)
		copy_text(out, size, "");
	else if (vm)
		snprintf(out, size, "%s (%s %u)", snapshot_text(snap, vm), words, id);
	else
		snprintf(out, size, "%s %u", words, id);
	return out;
}

static char *name_of_process(const struct snapshot *snap, const struct snapshot_domain *domain,
                             char *out, size_t size)
{
	const struct snapshot_process *process = snapshot_process_by_id(snap, domain->process);
	text_id name = domain->process_name, vm = domain->vm;

	if (!name && process)
		name = process->name;
	if (!vm && process)
		vm = process->vm;
	return snapshot_process_words(snap, domain->process, name, vm, out, size);
}

bool snapshot_device_is_pci(const struct snapshot *snap, const struct snapshot_device *device)
{
	return device->bus ? !strcmp(snapshot_text(snap, device->bus), "pci")
	                   : device->class_code != NO_NUMBER;
}

const struct snapshot_device *snapshot_device_by_name(const struct snapshot *snap, text_id name)
{
	for (size_t i = 0; i < snap->device_count; i++)
		if (snap->devices[i].name == name)
			return &snap->devices[i];
	return NULL;
}

static char *name_of_devices(const struct snapshot *snap, const struct snapshot_domain *domain,
                             char *out, size_t size)
{
	text_id first = snap->domain_devices[domain->first_device];
	const struct snapshot_device *device = snapshot_device_by_name(snap, first);
	const char *words = snapshot_text(snap, first);

	if (domain->device_count > 1)
		snprintf(out, size, "%s and %u more", words, domain->device_count - 1);
	else if (device && device->driver)
		snprintf(out, size, "%s %s", words, snapshot_text(snap, device->driver));
	else
		copy_text(out, size, words);
	return out;
}

/* A driver of the host (a GPU's) maps for whichever process asks: it is known by its device. */
static bool is_known_by_process(const struct snapshot_domain *domain)
{
	return domain->process != NO_PROCESS && (domain->vfio || !domain->device_count);
}

char *snapshot_domain_name(const struct snapshot *snap, const struct snapshot_domain *domain,
                           char *out, size_t size)
{
	if (domain->id != DOMAIN_UNATTRIBUTED && domain->id != DOMAIN_FORMER) {
		if (is_known_by_process(domain))
			return name_of_process(snap, domain, out, size);
		if (domain->device_count)
			return name_of_devices(snap, domain, out, size);
	}
	if (domain->id == DOMAIN_UNATTRIBUTED)
		copy_text(out, size, "unattributed");
	else if (domain->id == DOMAIN_FORMER)
		copy_text(out, size, "former domains");
	else
		snprintf(out, size, "domain %u", domain->id);
	return out;
}

/* Of a virtual machine or process: as last known, else as it is called now. */
static const char *lasting_name(const struct snapshot *snap, const struct snapshot_domain *domain)
{
	const struct snapshot_process *process = snapshot_process_by_id(snap, domain->process);
	text_id name = domain->process_name, vm = domain->vm;

	if (!vm && process)
		vm = process->vm;
	if (!name && process)
		name = process->name;
	if (!vm && !name)
		return "processes without a name";
	return snapshot_text(snap, vm ? vm : name);
}

char *snapshot_domain_label(const struct snapshot *snap, const struct snapshot_domain *domain,
                            char *out, size_t size)
{
	bool numbered = domain->id != DOMAIN_UNATTRIBUTED && domain->id != DOMAIN_FORMER;

	if (numbered && is_known_by_process(domain))
		copy_text(out, size, lasting_name(snap, domain));
	else if (numbered && !domain->device_count)
		copy_text(out, size, "domains without a name");
	else
		snapshot_domain_name(snap, domain, out, size);
	return out;
}

const char *snapshot_domain_type(const struct snapshot_domain *domain)
{
	switch (domain->type) {
	case DOMAIN_TYPE_BLOCKED:
		return "blocked";
	case DOMAIN_TYPE_UNMANAGED:
		return domain->vfio ? "VFIO" : "unmanaged";
	case DOMAIN_TYPE_DMA:
		return domain->old_dma ? "DMA" : "DMA strict";
	case DOMAIN_TYPE_IDENTITY:
		return "identity";
	case DOMAIN_TYPE_DMA_FQ:
		return "DMA lazy";
	case DOMAIN_TYPE_SVA:
		return "SVA";
	case DOMAIN_TYPE_PLATFORM:
		return "platform";
	case DOMAIN_TYPE_NESTED:
		return "nested";
	default:
		return "-";
	}
}

const char *snapshot_group_now(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(snap, group->domain);

	return domain && group->domain != NO_DOMAIN ? snapshot_domain_type(domain) : "-";
}

static text_id unit_of_device(const struct snapshot *snap, text_id name)
{
	const struct snapshot_device *device = snapshot_device_by_name(snap, name);

	return device ? device->unit : 0;
}

static const char *vendor_of_unit(const struct snapshot *snap, text_id unit)
{
	for (size_t i = 0; unit && i < snap->unit_count; i++)
		if (snap->units[i].name == unit)
			return snapshot_text(snap, snap->units[i].vendor);
	return "";
}

/* Their drivers had DMA functions of their own: drivers/iommu/intel/iommu.c up to 5.10,
 * drivers/iommu/amd_iommu.c up to 5.4. */
bool release_hides_dma(const char *release, const char *vendor)
{
	return (!strcmp(vendor, "VT-d") && !release_is_at_least(release, 5, 11)) ||
	       (!strcmp(vendor, "AMD-Vi") && !release_is_at_least(release, 5, 5));
}

bool snapshot_domain_is_invisible(const struct snapshot *snap, const struct snapshot_domain *domain)
{
	const char *vendor;

	if ((domain->type != DOMAIN_TYPE_DMA && domain->type != DOMAIN_TYPE_DMA_FQ) ||
	    !domain->device_count || domain->traffic.maps.n || domain->traffic.unmaps.n)
		return false;
	vendor = vendor_of_unit(snap,
	                        unit_of_device(snap, snap->domain_devices[domain->first_device]));
	return release_hides_dma(snapshot_text(snap, snap->kernel), vendor);
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

bool release_is_at_least(const char *release, unsigned int major, unsigned int minor)
{
	const char *end;
	uint64_t have_major, have_minor;

	if (!parse_decimal(release, &end, &have_major) || *end != '.' ||
	    !parse_decimal(end + 1, &end, &have_minor))
		return true;
	return have_major > major || (have_major == major && have_minor >= minor);
}

bool snapshot_kernel_at_least(const struct snapshot *snap, unsigned int major, unsigned int minor)
{
	return release_is_at_least(snapshot_text(snap, snap->kernel), major, minor);
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
	COPY(domain_groups, domain_group_count, domain_group_capacity);
	COPY(domain_devices, domain_device_count, domain_device_capacity);
	COPY(domain_sizes, domain_size_count, domain_size_capacity);
	COPY(processes, process_count, process_capacity);
	COPY(transitions, transition_count, transition_capacity);
	COPY(faults_seen, fault_count, fault_capacity);
	COPY(occurrences, occurrence_count, occurrence_capacity);
	COPY(notes, note_count, note_capacity);
	COPY(log, log_count, log_capacity);
	COPY(pool, pool_bytes, pool_capacity);
}

void snapshot_release(struct snapshot *snap)
{
	free(snap->units);
	free(snap->groups);
	free(snap->devices);
	free(snap->domains);
	free(snap->domain_groups);
	free(snap->domain_devices);
	free(snap->domain_sizes);
	free(snap->processes);
	free(snap->transitions);
	free(snap->faults_seen);
	free(snap->occurrences);
	free(snap->notes);
	free(snap->log);
	free(snap->pool);
	*snap = (struct snapshot){0};
}
