// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json: a snapshot as one JSON object a line, schema iommutop/1. In: snapshots. Out: text.
 * Must never know: the desk, the terminal.
 */
#include "json.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "../text.h"

#define SCHEMA   "iommutop/1"
#define TEXT_MAX 512

/* ---- values ---- */

static json_t *text_value(const struct snapshot *snap, text_id text)
{
	char clean[TEXT_MAX];

	return text ? json_string(text_clean(clean, sizeof(clean), snapshot_text(snap, text)))
	            : json_null();
}

/* Off is not zero, and neither is unknown. */
static bool has_figure(enum known known)
{
	return known == KNOWN_EXACT || known == KNOWN_AT_LEAST;
}

static json_t *count_value(struct count count)
{
	if (!has_figure(count.known))
		return json_null();
	/* JSON knows no limit, jansson's integers do. */
	return count.n > INT64_MAX ? json_real((double)count.n) : json_integer((json_int_t)count.n);
}

/* Three places: more would be noise of the division. */
static json_t *real_value(double value)
{
	return json_real(round(value * 1000) / 1000);
}

static json_t *rate_value(struct rate rate)
{
	return has_figure(rate.known) ? real_value(rate.per_s) : json_null();
}

static json_t *seconds_value(uint64_t ns)
{
	return ns ? json_real(round((double)ns / 1e3) / 1e6) : json_null();
}

static json_t *id_value(uint32_t number, const char *format)
{
	char text[16];

	if (number == NO_NUMBER)
		return json_null();
	snprintf(text, sizeof(text), format, number);
	return json_string(text);
}

/* ---- parts ---- */

static json_t *classes(const struct snapshot *snap)
{
	json_t *list = json_array();

	for (size_t i = 0; i < CLASS_COUNT; i++)
		if (snap->classes[i].on)
			json_array_append_new(list, json_string(event_class_names[i]));
	return list;
}

static json_t *health_object(const char *name, const struct snapshot_health *source)
{
	char clean[HEALTH_REASON_MAX * 3];
	json_t *reason = source->reason[0]
	                         ? json_string(text_clean(clean, sizeof(clean), source->reason))
	                         : json_null();

	return json_pack("{s:s, s:s, s:o}", "source", name, "state",
	                 health_state_names[source->state], "reason", reason);
}

/* A source that has said nothing, not even why it is off, is none of what is shown. */
static json_t *health(const struct snapshot *snap)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		const struct snapshot_health *source = &snap->health[i];

		if (source->state != HEALTH_OFF || source->reason[0])
			json_array_append_new(list, health_object(source_names[i], source));
	}
	return list;
}

static json_t *totals(const struct snapshot *snap)
{
	const struct traffic *traffic = &snap->traffic;

	return json_pack("{s:o, s:o, s:o, s:o, s:n, s:o, s:o, s:o, s:o}", "maps",
	                 count_value(traffic->maps), "unmaps", count_value(traffic->unmaps),
	                 "map_bytes", count_value(traffic->map_bytes), "unmap_bytes",
	                 count_value(traffic->unmap_bytes), "failed_maps", "faults",
	                 count_value(snap->faults), "suppressed", count_value(snap->suppressed),
	                 "lost", count_value(snap->lost), "unattributed",
	                 count_value(snap->unattributed));
}

static json_t *rates(const struct snapshot *snap)
{
	const struct traffic *traffic = &snap->traffic;

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "maps_per_s", rate_value(traffic->maps_per_s),
	                 "unmaps_per_s", rate_value(traffic->unmaps_per_s), "map_bytes_per_s",
	                 rate_value(traffic->map_bytes_per_s), "unmap_bytes_per_s",
	                 rate_value(traffic->unmap_bytes_per_s), "faults_per_s",
	                 rate_value(snap->faults_per_s));
}

static json_t *units(const struct snapshot *snap)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->unit_count; i++)
		json_array_append_new(
			list, json_pack("{s:o, s:o}", "name", text_value(snap, snap->units[i].name),
		                        "vendor", text_value(snap, snap->units[i].vendor)));
	return list;
}

static json_t *device_class(const struct snapshot_device *device)
{
	return id_value(device->class_code == NO_NUMBER ? NO_NUMBER : device->class_code >> 8,
	                "%04x");
}

static json_t *device_object(const struct snapshot *snap, const struct snapshot_device *device)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "bdf", text_value(snap, device->name),
	                 "name", text_value(snap, device->model), "class", device_class(device),
	                 "vendor_id", id_value(device->vendor_id, "%04x"), "device_id",
	                 id_value(device->device_id, "%04x"), "driver",
	                 text_value(snap, device->driver));
}

static json_t *group_devices(const struct snapshot *snap, const struct output_filter *filter,
                             const struct snapshot_group *group)
{
	json_t *list = json_array();

	for (size_t i = 0; i < group->device_count; i++) {
		const struct snapshot_device *device = &snap->devices[group->first_device + i];

		if (filter_device(snap, filter, device))
			json_array_append_new(list, device_object(snap, device));
	}
	return list;
}

static json_t *groups(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->group_count; i++) {
		const struct snapshot_group *group = &snap->groups[i];
		json_t *devices = group_devices(snap, filter, group);
		bool wanted = filter->group == NO_GROUP
		                      ? !filter->needle || json_array_size(devices)
		                      : filter->group == group->id;

		if (wanted)
			json_array_append_new(list, json_pack("{s:I, s:o, s:n, s:O}", "id",
			                                      (json_int_t)group->id, "default_type",
			                                      text_value(snap, group->default_type),
			                                      "current_type", "devices", devices));
		json_decref(devices);
	}
	return list;
}

static json_t *ungrouped(const struct snapshot *snap, const struct output_filter *filter)
{
	const struct snapshot_device *first;
	size_t count = snapshot_ungrouped(snap, &first);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (filter_device(snap, filter, &first[i]))
			json_array_append_new(list, text_value(snap, first[i].name));
	return list;
}

static json_t *domain_object(const struct snapshot_domain *domain)
{
	const struct traffic *traffic = &domain->traffic;
	char label[32] = "unattributed";

	if (domain->id != DOMAIN_UNATTRIBUTED)
		snprintf(label, sizeof(label), "domain %" PRIu32, domain->id);
	return json_pack("{s:I, s:s, s:s, s:n, s:[], s:[], s:n, s:o, s:o, s:o, s:o, s:n, s:n, "
	                 "s:o, s:o, s:o}",
	                 "id", (json_int_t)domain->id, "label", label, "named_by", "none", "type",
	                 "groups", "devices", "holder", "maps", count_value(traffic->maps),
	                 "unmaps", count_value(traffic->unmaps), "map_bytes",
	                 count_value(traffic->map_bytes), "unmap_bytes",
	                 count_value(traffic->unmap_bytes), "outstanding_bytes", "failed_maps",
	                 "maps_per_s", rate_value(traffic->maps_per_s), "unmaps_per_s",
	                 rate_value(traffic->unmaps_per_s), "map_bytes_per_s",
	                 rate_value(traffic->map_bytes_per_s));
}

static json_t *domains(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	/* Whose group a domain is, is not known yet: a group has none that could be told. */
	for (size_t i = 0; filter->group == NO_GROUP && i < snap->domain_count; i++)
		json_array_append_new(list, domain_object(&snap->domains[i]));
	return list;
}

static json_t *fault_iova(const struct snapshot_fault *fault)
{
	char text[32];

	if (!(fault->flags & FAULT_HAS_IOVA) || fault->flags & FAULT_INTERRUPT)
		return json_null();
	snprintf(text, sizeof(text), "0x%" PRIx64, fault->iova);
	return json_string(text);
}

static json_t *fault_object(const struct snapshot *snap, const struct snapshot_fault *fault)
{
	text_id device = fault->device_index == NO_NUMBER ? fault->device
	                                                  : snap->devices[fault->device_index].name;
	json_t *direction = fault->direction == DIRECTION_UNKNOWN
	                            ? json_null()
	                            : json_string(direction_names[fault->direction]);

	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:i, s:o, s:o, s:n}", "device",
	                 text_value(snap, device), "iova", fault_iova(fault), "direction",
	                 direction, "reason", text_value(snap, fault->reason), "source",
	                 source_names[fault->source], "count", 1, "first_s",
	                 seconds_value(fault->ts_ns), "last_s", seconds_value(fault->ts_ns),
	                 "verdict");
}

static json_t *faults(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->fault_count; i++)
		if (filter_fault(snap, filter, &snap->faults_seen[i]))
			json_array_append_new(list, fault_object(snap, &snap->faults_seen[i]));
	return list;
}

int json_write(FILE *out, const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *object = json_pack(
		"{s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:n, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o}",
		"schema", SCHEMA, "time_s", seconds_value(snap->wall_ns), "boot_s",
		seconds_value(snap->now_ns), "interval_s", seconds_value(snap->interval_ns),
		"collect", collect_mode_names[snap->collect], "classes", classes(snap), "health",
		health(snap), "lost", count_value(snap->lost_now), "missed", "late",
		count_value(snap->late_now), "totals", totals(snap), "rates", rates(snap), "units",
		units(snap), "groups", groups(snap, filter), "ungrouped", ungrouped(snap, filter),
		"domains", domains(snap, filter), "faults", faults(snap, filter));
	int result = json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(16));

	json_decref(object);
	if (result || putc('\n', out) == EOF)
		return -1;
	return fflush(out);
}
