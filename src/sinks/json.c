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
#include "../util.h"
#include "../answers.h"
#include "../viability.h"
#include "json_facts.h"
#include "words.h"

#define LEVEL_DEBUG   7 /* the last one of the kernel's log */
#define SCHEMA        "iommutop/1"
#define DOCTOR_SCHEMA "iommutop-doctor/1"
#define DIFF_SCHEMA   "iommutop-diff/1"
#define TEXT_MAX      512

/* ---- values ---- */

static json_t *text_value(const struct snapshot *snap, text_id text)
{
	char clean[TEXT_MAX];

	return text ? json_string(text_clean(clean, sizeof(clean), snapshot_text(snap, text)))
	            : json_null();
}

/* JSON knows no limit, jansson's integers do. */
static json_t *large_value(uint64_t n)
{
	return n > INT64_MAX ? json_real((double)n) : json_integer((json_int_t)n);
}

static json_t *count_value(struct count count)
{
	if (!words_has_figure(count.known))
		return json_null();
	return large_value(count.n);
}

/* Three places: more would be noise of the division. */
static json_t *real_value(double value)
{
	return json_real(round(value * 1000) / 1000);
}

static json_t *rate_value(struct rate rate)
{
	return words_has_figure(rate.known) ? real_value(rate.per_s) : json_null();
}

static json_t *seconds_value(uint64_t ns)
{
	return ns ? json_real(round((double)ns / 1e3) / 1e6) : json_null();
}

/* A part of something, in more places than a rate. */
static json_t *fraction_value(struct rate rate)
{
	return words_has_figure(rate.known) ? json_real(round(rate.per_s * 1e6) / 1e6)
	                                    : json_null();
}

/* 0 stands for not known. */
static json_t *ns_value(uint64_t ns)
{
	return ns ? large_value(ns) : json_null();
}

static json_t *number_value(uint32_t number, uint32_t none)
{
	return number == none ? json_null() : json_integer((json_int_t)number);
}

static json_t *type_value(uint8_t type)
{
	const char *word = words_domain_type(type);

	return word ? json_string(word) : json_null();
}

static json_t *process_value(const struct snapshot *snap, uint32_t id, text_id name, text_id vm)
{
	if (id == NO_PROCESS)
		return json_null();
	return json_pack("{s:I, s:o, s:o}", "pid", (json_int_t)id, "name", text_value(snap, name),
	                 "vm", text_value(snap, vm));
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
	const struct {
		const char *name;
		struct count count;
	} counts[] = {
		{"maps", traffic->maps},
		{"unmaps", traffic->unmaps},
		{"map_bytes", traffic->map_bytes},
		{"unmap_bytes", traffic->unmap_bytes},
		{"failed_maps", snap->failed_maps},
		{"faults", snap->faults},
		{"faults_logged", snap->faults_logged},
		{"fault_interrupts", snap->fault_interrupts},
		{"suppressed", snap->suppressed},
		{"overflows", {snap->overflows, snap->suppressed.known}},
		{"fault_rows_dropped", {snap->rows_dropped, KNOWN_EXACT}},
		{"lost", snap->lost},
		{"missed", snap->missed},
		{"unattributed", snap->unattributed},
		{"map_attempts_over", snap->map_attempts_over},
	};
	json_t *object = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		json_object_set_new(object, counts[i].name, count_value(counts[i].count));
	return object;
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

static json_t *units(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->unit_count; i++) {
		const struct snapshot_unit *unit = &snap->units[i];

		if (!filter_unit(snap, filter, unit))
			continue;
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o}", "name", text_value(snap, unit->name),
		                  "vendor", text_value(snap, unit->vendor), "invalidations",
		                  count_value(unit->invalidations), "invalidations_per_s",
		                  rate_value(unit->invalidations_per_s)));
	}
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

static json_t *current_type(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(snap, group->domain);

	return domain && domain->id != DOMAIN_UNATTRIBUTED ? type_value(domain->type) : json_null();
}

/* Those of a group in use, or of which nothing can be said, are in nobody's way. */
static json_t *blockers(const struct snapshot *snap, const struct snapshot_group *group,
                        const struct viability *verdict)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);
	json_t *list = json_array();

	for (uint32_t i = 0; verdict->blockers && i < group->device_count; i++)
		if (viability_blocks(snap, &devices[i]))
			json_array_append_new(list,
			                      json_pack("{s:o, s:o}", "bdf",
			                                text_value(snap, devices[i].name), "driver",
			                                text_value(snap, devices[i].driver)));
	return list;
}

static json_t *viability(const struct snapshot *snap, const struct snapshot_group *group)
{
	struct viability verdict = viability_of(snap, group);
	char sentence[VIABILITY_SENTENCE_MAX], clean[VIABILITY_SENTENCE_MAX];

	viability_sentence(snap, group, sentence, sizeof(sentence));
	return json_pack("{s:s, s:b, s:s, s:o}", "verdict", viability_kind_words[verdict.kind],
	                 "certain", verdict.certain, "reason",
	                 text_clean(clean, sizeof(clean), sentence), "blockers",
	                 blockers(snap, group, &verdict));
}

static json_t *answer_lines(const struct snapshot *snap, const struct snapshot_group *group,
                            const struct answer *answer)
{
	json_t *list = json_array();
	struct lines lines = {0};
	char clean[LINE_TEXT_MAX];

	answer->say(snap, group, &lines);
	for (size_t i = 0; i < lines.count; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:s}", "tone", tone_words[lines.lines[i].tone], "text",
		                  text_clean(clean, sizeof(clean), lines.lines[i].text)));
	lines_release(&lines);
	return list;
}

/* Of the one group that was asked for: they are long, and some are only read of that one. */
static json_t *group_answers(const struct snapshot *snap, const struct snapshot_group *group)
{
	json_t *object = json_object();

	for (size_t i = 0; i < answer_count; i++)
		if (answers[i].word)
			json_object_set_new(object, answers[i].word,
			                    answer_lines(snap, group, &answers[i]));
	return object;
}

static json_t *group_object(const struct snapshot *snap, const struct output_filter *filter,
                            const struct snapshot_group *group)
{
	json_t *object = json_pack(
		"{s:I, s:o, s:o, s:o, s:o}", "id", (json_int_t)group->id, "default_type",
		text_value(snap, group->default_type), "current_type", current_type(snap, group),
		"viability", viability(snap, group), "devices", group_devices(snap, filter, group));

	if (filter->group == group->id)
		json_object_set_new(object, "answers", group_answers(snap, group));
	return object;
}

static json_t *groups(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->group_count; i++) {
		const struct snapshot_group *group = &snap->groups[i];

		if (filter_group(snap, filter, group))
			json_array_append_new(list, group_object(snap, filter, group));
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

static json_t *domain_groups(const struct snapshot *snap, const struct snapshot_domain *domain)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < domain->group_count; i++)
		json_array_append_new(
			list,
			json_integer((json_int_t)snap->domain_groups[domain->first_group + i]));
	return list;
}

static json_t *domain_devices(const struct snapshot *snap, const struct snapshot_domain *domain)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < domain->device_count; i++)
		json_array_append_new(
			list, text_value(snap, snap->domain_devices[domain->first_device + i]));
	return list;
}

static json_t *domain_times(const struct snapshot_domain *domain)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "map_mean_ns", ns_value(domain->map_mean_ns),
	                 "map_p99_ns", ns_value(domain->map_p99_ns), "unmap_mean_ns",
	                 ns_value(domain->unmap_mean_ns), "unmap_p99_ns",
	                 ns_value(domain->unmap_p99_ns));
}

static json_t *domain_label(const struct snapshot *snap, const struct snapshot_domain *domain)
{
	char name[TEXT_MAX], clean[TEXT_MAX];

	snapshot_domain_name(snap, domain, name, sizeof(name));
	return json_string(text_clean(clean, sizeof(clean), name));
}

/* Those that occurred. Where they are not those of all, as of what the kernel counted for no
 * domain, they would be a lie. */
static json_t *sizes_value(const uint64_t sizes[SIZE_BUCKETS], struct count all)
{
	json_t *list = json_array();
	uint64_t sum = 0;

	for (unsigned int i = 0; sizes && i < SIZE_BUCKETS; i++) {
		sum += sizes[i];
		if (sizes[i])
			json_array_append_new(
				list,
				json_pack("{s:o, s:o}", "from_bytes",
			                  large_value(i ? 1ull << (SIZE_LOG2_MIN + i) : 0), "count",
			                  count_value((struct count){sizes[i], KNOWN_EXACT})));
	}
	if (words_has_figure(all.known) && sum == all.n)
		return list;
	json_decref(list);
	return json_null();
}

static void add_sizes(json_t *object, const struct snapshot *snap,
                      const struct snapshot_domain *domain)
{
	const struct snapshot_sizes *sizes =
		domain->sizes == NO_NUMBER ? NULL : &snap->domain_sizes[domain->sizes];

	json_object_set_new(object, "map_sizes",
	                    sizes_value(sizes ? sizes->maps : NULL, domain->traffic.maps));
	json_object_set_new(object, "unmap_sizes",
	                    sizes_value(sizes ? sizes->unmaps : NULL, domain->traffic.unmaps));
}

static void name_count(json_t *list, const char *name, struct count count)
{
	if (count.known == KNOWN_AT_LEAST)
		json_array_append_new(list, json_string(name));
}

static void name_rate(json_t *list, const char *name, struct rate rate)
{
	if (rate.known == KNOWN_AT_LEAST)
		json_array_append_new(list, json_string(name));
}

/* The names of the figures that are lower bounds. */
static json_t *lower_bounds(const struct traffic *traffic)
{
	json_t *list = json_array();

	name_count(list, "maps", traffic->maps);
	name_count(list, "unmaps", traffic->unmaps);
	name_count(list, "map_bytes", traffic->map_bytes);
	name_count(list, "unmap_bytes", traffic->unmap_bytes);
	name_rate(list, "maps_per_s", traffic->maps_per_s);
	name_rate(list, "unmaps_per_s", traffic->unmaps_per_s);
	name_rate(list, "map_bytes_per_s", traffic->map_bytes_per_s);
	name_rate(list, "unmap_bytes_per_s", traffic->unmap_bytes_per_s);
	return list;
}

static json_t *domain_lower_bounds(const struct snapshot_domain *domain)
{
	json_t *list = lower_bounds(&domain->traffic);

	name_count(list, "outstanding_bytes", domain->outstanding_bytes);
	name_count(list, "mappings", domain->mappings);
	name_count(list, "failed_maps", domain->failed_maps);
	return list;
}

/* Of totals and rates. */
static json_t *machine_lower_bounds(const struct snapshot *snap)
{
	json_t *list = lower_bounds(&snap->traffic);

	name_count(list, "failed_maps", snap->failed_maps);
	name_count(list, "faults", snap->faults);
	name_count(list, "faults_logged", snap->faults_logged);
	name_count(list, "fault_interrupts", snap->fault_interrupts);
	name_count(list, "lost", snap->lost);
	name_count(list, "unattributed", snap->unattributed);
	name_count(list, "map_attempts_over", snap->map_attempts_over);
	name_rate(list, "faults_per_s", snap->faults_per_s);
	return list;
}

static void add_domain_figures(json_t *object, const struct snapshot_domain *domain)
{
	const struct traffic *traffic = &domain->traffic;

	json_object_set_new(object, "maps", count_value(traffic->maps));
	json_object_set_new(object, "unmaps", count_value(traffic->unmaps));
	json_object_set_new(object, "map_bytes", count_value(traffic->map_bytes));
	json_object_set_new(object, "unmap_bytes", count_value(traffic->unmap_bytes));
	json_object_set_new(object, "outstanding_bytes", count_value(domain->outstanding_bytes));
	json_object_set_new(object, "complete_since_s", seconds_value(domain->complete_since_ns));
	json_object_set_new(object, "mappings", count_value(domain->mappings));
	json_object_set_new(object, "failed_maps", count_value(domain->failed_maps));
	json_object_set_new(object, "maps_per_s", rate_value(traffic->maps_per_s));
	json_object_set_new(object, "unmaps_per_s", rate_value(traffic->unmaps_per_s));
	json_object_set_new(object, "map_bytes_per_s", rate_value(traffic->map_bytes_per_s));
	json_object_set_new(object, "unmap_bytes_per_s", rate_value(traffic->unmap_bytes_per_s));
	json_object_set_new(object, "at_least", domain_lower_bounds(domain));
	json_object_set_new(object, "times", domain_times(domain));
}

static json_t *domain_object(const struct snapshot *snap, const struct snapshot_domain *domain)
{
	json_t *object = json_pack(
		"{s:I, s:o, s:s, s:o, s:b, s:b, s:o, s:o, s:o}", "id", (json_int_t)domain->id,
		"label", domain_label(snap, domain), "named_by", words_named_by(domain->named_by),
		"type", type_value(domain->type), "vfio", domain->vfio, "freed", domain->freed,
		"groups", domain_groups(snap, domain), "devices", domain_devices(snap, domain),
		"holder", process_value(snap, domain->process, domain->process_name, domain->vm));

	add_domain_figures(object, domain);
	add_sizes(object, snap, domain);
	return object;
}

static json_t *domains(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->domain_count; i++)
		if (filter_domain(snap, filter, &snap->domains[i]))
			json_array_append_new(list, domain_object(snap, &snap->domains[i]));
	return list;
}

/* ---- transitions ---- */

static json_t *away_object(const struct snapshot *snap,
                           const struct snapshot_transition *transition)
{
	return json_pack(
		"{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
		(json_int_t)transition->id, "kind", transition_words[TRANSITION_AWAY], "device",
		text_value(snap, transition->device), "group",
		number_value(transition->group, NO_GROUP), "from_domain",
		number_value(transition->from_domain, NO_DOMAIN), "from_type",
		type_value(transition->from_type), "to_domain",
		number_value(transition->to_domain, NO_DOMAIN), "to_type",
		type_value(transition->to_type), "holder",
		process_value(snap, transition->process, transition->process_name, transition->vm),
		"left_s", seconds_value(transition->begin_ns), "back_s",
		seconds_value(transition->end_ns));
}

/* common_bytes: common_count of them had a size from this to below twice this. */
static json_t *burst_object(const struct snapshot *snap,
                            const struct snapshot_transition *transition)
{
	uint64_t common_bytes = transition->common_log2 < 63 ? 1ull << transition->common_log2 : 0;

	return json_pack(
		"{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "id",
		(json_int_t)transition->id, "kind", transition_words[transition->kind], "group",
		number_value(transition->group, NO_GROUP), "domain",
		number_value(transition->to_domain, NO_DOMAIN), "holder",
		process_value(snap, transition->process, transition->process_name, transition->vm),
		"begin_s", seconds_value(transition->begin_ns), "end_s",
		seconds_value(transition->end_ns), "count",
		count_value((struct count){transition->count, KNOWN_EXACT}), "bytes",
		count_value((struct count){transition->bytes, KNOWN_EXACT}), "inside_ns",
		ns_value(transition->inside_ns), "common_bytes", ns_value(common_bytes),
		"common_count", count_value((struct count){transition->common_count, KNOWN_EXACT}),
		"at_least", transition->at_least, "attempts", transition->attempts);
}

/* Those that began or ended in the interval. */
static json_t *transitions(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->transition_count; i++) {
		const struct snapshot_transition *transition = &snap->transitions[i];

		if (transition->changed && filter_transition(snap, filter, transition))
			json_array_append_new(list, transition->kind == TRANSITION_AWAY
			                                    ? away_object(snap, transition)
			                                    : burst_object(snap, transition));
	}
	return list;
}

/* ---- faults ---- */

static json_t *address_value(uint64_t address)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64, address);
	return json_string(text);
}

static bool is_interrupt(const struct snapshot_fault *fault)
{
	return fault->flags & FAULT_INTERRUPT;
}

/* Of the newest; an index is no address. */
static json_t *fault_iova(const struct snapshot_fault *fault)
{
	return fault->flags & FAULT_HAS_IOVA ? address_value(fault->iova) : json_null();
}

static json_t *fault_addresses(const struct snapshot_fault *fault)
{
	static const char *const kinds[] = {
		[ADDRESSES_NONE] = "none",
		[ADDRESSES_ONE_PAGE] = "one_page",
		[ADDRESSES_RANGE] = "range",
		[ADDRESSES_SCATTERED] = "scattered",
	};
	bool any = fault->addresses != ADDRESSES_NONE;

	return json_pack("{s:s, s:o, s:o, s:o}", "kind", kinds[fault->addresses], "last",
	                 any ? address_value(fault->iova) : json_null(), "lowest",
	                 any ? address_value(fault->lowest) : json_null(), "highest",
	                 any ? address_value(fault->highest) : json_null());
}

static json_t *task_value(int32_t pid, const char *comm)
{
	char clean[COMM_MAX * 3 + 1];

	if (!pid)
		return json_null();
	return json_pack("{s:i, s:s}", "tid", (int)pid, "comm",
	                 text_clean(clean, sizeof(clean), comm));
}

static json_t *protection_value(uint8_t protection)
{
	if (!(protection & MAP_PROTECTION_KNOWN))
		return json_null();
	return json_pack("{s:b, s:b}", "read", protection & MAP_READ, "write",
	                 protection & MAP_WRITE);
}

static json_t *fault_verdict(const struct snapshot_verdict *verdict)
{
	bool place = verdict->size_bytes;

	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind",
	                 verdict_words[verdict->kind], "uncertain", verdict->uncertain, "at_s",
	                 seconds_value(verdict->at_ns), "since_s", seconds_value(verdict->since_ns),
	                 "domain", number_value(verdict->domain, NO_DOMAIN), "task",
	                 task_value(verdict->pid, verdict->comm), "protection",
	                 protection_value(verdict->protection), "iova",
	                 place ? address_value(verdict->iova) : json_null(), "size_bytes",
	                 place ? count_value((struct count){verdict->size_bytes, KNOWN_EXACT})
	                       : json_null());
}

static json_t *fault_sources(const struct snapshot_fault *fault)
{
	json_t *list = json_array();

	if (fault->logged)
		json_array_append_new(list, json_string(source_names[SOURCE_LOG]));
	if (fault->traced)
		json_array_append_new(list, json_string(source_names[SOURCE_TRACE]));
	return list;
}

static const char *fault_source(const struct snapshot_fault *fault)
{
	if (fault->logged && fault->traced)
		return "both";
	return source_names[fault->traced ? SOURCE_TRACE : SOURCE_LOG];
}

/* A number that this kind of message may have. */
static json_t *optional_value(const struct snapshot_fault *fault, enum fault_flags flag,
                              uint32_t number)
{
	return fault->flags & flag ? json_integer((json_int_t)number) : json_null();
}

static json_t *fault_device(const struct snapshot *snap, const struct snapshot_fault *fault)
{
	return text_value(snap, fault->device_index == NO_NUMBER
	                                ? fault->device
	                                : snap->devices[fault->device_index].name);
}

static json_t *fault_direction(const struct snapshot_fault *fault)
{
	return fault->direction == DIRECTION_UNKNOWN
	               ? json_null()
	               : json_string(direction_names[fault->direction]);
}

static void add_fault_figures(json_t *object, const struct snapshot *snap,
                              const struct snapshot_fault *fault)
{
	json_object_set_new(object, "count",
	                    count_value((struct count){fault->count, KNOWN_EXACT}));
	json_object_set_new(object, "count_before",
	                    count_value((struct count){fault->count_before, KNOWN_EXACT}));
	json_object_set_new(object, "per_s",
	                    rate_value((struct rate){fault->per_s, snap->faults_per_s.known}));
	json_object_set_new(object, "first_s", seconds_value(fault->first_ns));
	json_object_set_new(object, "last_s", seconds_value(fault->last_ns));
}

static void add_fault_details(json_t *object, const struct snapshot_fault *fault)
{
	json_object_set_new(object, "id", json_integer((json_int_t)fault->id));
	json_object_set_new(object, "ambiguous", json_boolean(fault->ambiguous));
	json_object_set_new(object, "guessed", json_boolean(fault->guessed));
	json_object_set_new(object, "behind", json_boolean(fault->behind));
	json_object_set_new(object, "interrupt", json_boolean(is_interrupt(fault)));
	json_object_set_new(object, "dialect", json_string(fault_dialect_names[fault->dialect]));
	json_object_set_new(object, "code", optional_value(fault, FAULT_HAS_CODE, fault->code));
	json_object_set_new(object, "stream",
	                    optional_value(fault, FAULT_HAS_STREAM, fault->stream));
	json_object_set_new(object, "pasid", optional_value(fault, FAULT_HAS_PASID, fault->pasid));
	json_object_set_new(object, "sources", fault_sources(fault));
	json_object_set_new(object, "addresses", fault_addresses(fault));
	json_object_set_new(object, "verdict", fault_verdict(&fault->verdict));
}

static json_t *fault_object(const struct snapshot *snap, const struct snapshot_fault *fault)
{
	json_t *object =
		json_pack("{s:o, s:o, s:o, s:o, s:s}", "device", fault_device(snap, fault), "iova",
	                  fault_iova(fault), "direction", fault_direction(fault), "reason",
	                  text_value(snap, fault->reason), "source", fault_source(fault));

	add_fault_figures(object, snap, fault);
	add_fault_details(object, fault);
	return object;
}

static json_t *faults(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->fault_count; i++)
		if (filter_fault(snap, filter, &snap->faults_seen[i]))
			json_array_append_new(list, fault_object(snap, &snap->faults_seen[i]));
	return list;
}

/* Saved logs have lines whose level nobody wrote down. */
static json_t *level_value(uint8_t level)
{
	return level <= LEVEL_DEBUG ? json_integer(level) : json_null();
}

static json_t *note_object(const struct snapshot *snap, const struct snapshot_note *note)
{
	text_id device = note->device_index == NO_NUMBER ? note->device
	                                                 : snap->devices[note->device_index].name;

	return json_pack("{s:I, s:o, s:b, s:s, s:o, s:o, s:o}", "id", (json_int_t)note->id, "at_s",
	                 seconds_value(note->ts_ns), "before_start", note->before_start, "topic",
	                 note_topic_names[note->topic], "level", level_value(note->level), "device",
	                 text_value(snap, device), "text", text_value(snap, note->text));
}

static json_t *notes(const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < snap->note_count; i++)
		if (filter_note(snap, filter, &snap->notes[i]))
			json_array_append_new(list, note_object(snap, &snap->notes[i]));
	return list;
}

/* What holds for the whole machine and the interval. */
static json_t *head(const struct snapshot *snap)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:s, s:o, s:b, s:b, s:{s:o, s:o}, s:o, s:o, s:o, "
		"s:o, s:o}",
		"schema", SCHEMA, "time_s", seconds_value(snap->wall_ns), "boot_s",
		seconds_value(snap->now_ns), "interval_s", seconds_value(snap->interval_ns),
		"collect", collect_mode_names[snap->collect], "collect_reason",
		text_value(snap, snap->collect_reason), "collect_asked", snap->collect_asked,
		"attempts", snap->collect_attempts, "cost", "own", fraction_value(snap->cost_own),
		"kernel", fraction_value(snap->cost_kernel), "classes", classes(snap), "health",
		health(snap), "lost", count_value(snap->lost_now), "missed",
		count_value(snap->missed_now), "late", count_value(snap->late_now));
}

/* One line, flushed; takes the object. */
static int write_object(FILE *out, json_t *object)
{
	int result = json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(16));

	json_decref(object);
	if (result || putc('\n', out) == EOF)
		return -1;
	return fflush(out);
}

int json_write(FILE *out, const struct snapshot *snap, const struct output_filter *filter)
{
	json_t *object = head(snap);

	json_object_set_new(object, "totals", totals(snap));
	json_object_set_new(object, "rates", rates(snap));
	json_object_set_new(object, "at_least", machine_lower_bounds(snap));
	json_object_set_new(object, "units", units(snap, filter));
	json_object_set_new(object, "groups", groups(snap, filter));
	json_object_set_new(object, "ungrouped", ungrouped(snap, filter));
	json_object_set_new(object, "domains", domains(snap, filter));
	json_object_set_new(object, "transitions", transitions(snap, filter));
	json_object_set_new(object, "faults", faults(snap, filter));
	json_object_set_new(object, "notes", notes(snap, filter));
	json_object_set_new(object, "facts", json_facts(snap, filter));
	/* Who reads it must not take a part for the whole: a group would seem to have less members.
	 */
	if (snap->topology_cut)
		json_object_set_new(object, "topology_cut", json_true());
	if (filter->group != NO_GROUP || filter->needle)
		json_object_set_new(object, "filtered", json_true());
	return write_object(out, object);
}

int json_doctor(FILE *out, const char *verdict, const struct lines *lines)
{
	json_t *findings = json_array();
	char clean[TEXT_MAX];

	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->lines[i];

		json_array_append_new(
			findings, json_pack("{s:s, s:s}", "tone", tone_words[line->tone], "text",
		                            text_clean(clean, sizeof(clean), line->text)));
	}
	return write_object(out, json_pack("{s:s, s:s, s:o}", "schema", DOCTOR_SCHEMA, "verdict",
	                                   verdict, "findings", findings));
}

/* ---- two recordings ---- */

static json_t *figure_value(struct figure figure)
{
	static const char *const words[] = {
		[FIGURE_EXACT] = "exact", [FIGURE_AT_LEAST] = "at_least", [FIGURE_ABOUT] = "about"};

	if (figure.known == FIGURE_NOT)
		return json_null();
	return json_pack("{s:o, s:s}", "value", json_real(round(figure.value * 1e6) / 1e6), "known",
	                 words[figure.known]);
}

static json_t *change_value(struct change change)
{
	if (change.kind == CHANGE_UNKNOWN)
		return json_null();
	return json_pack("{s:o}", change.kind == CHANGE_BY ? "by" : "factor",
	                 json_real(round(change.value * 1e6) / 1e6));
}

static json_t *diff_rows(const struct compare_part *part)
{
	json_t *list = json_array();
	char clean[TEXT_MAX];

	for (size_t i = 0; i < part->row_count; i++) {
		const struct compare_row *row = &part->rows[i];

		json_array_append_new(list,
		                      json_pack("{s:s, s:s, s:o, s:o, s:o}", "name",
		                                text_clean(clean, sizeof(clean), row->name), "unit",
		                                figure_unit_words[row->unit], "a",
		                                figure_value(row->a), "b", figure_value(row->b),
		                                "change", change_value(row->change)));
	}
	return list;
}

/* null: it was not there. */
static json_t *part_side_value(const struct part_side *side)
{
	return side->there ? json_string(side->about) : json_null();
}

static json_t *diff_parts(const struct comparison *comparison)
{
	json_t *list = json_array();
	char clean[TEXT_MAX];

	for (size_t i = 0; i < comparison->part_count; i++) {
		const struct compare_part *part = &comparison->parts[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o}", "kind",
		                                      part_kind_words[part->kind], "name",
		                                      text_clean(clean, sizeof(clean), part->name),
		                                      "a", part_side_value(&part->a), "b",
		                                      part_side_value(&part->b), "rows",
		                                      diff_rows(part)));
	}
	return list;
}

static json_t *diff_side(const struct diff *diff, size_t side)
{
	const struct snapshot *snap = diff->sides[side].snap;
	char clean[TEXT_MAX];

	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:b}", "recording",
	                 text_clean(clean, sizeof(clean), diff->names[side]), "host",
	                 text_value(snap, snap->host), "kernel", text_value(snap, snap->kernel),
	                 "watched_s", seconds_value(diff->sides[side].watched_ns), "collect",
	                 collect_mode_names[snap->collect], "attempts", snap->attempts_ever);
}

int json_diff(FILE *out, const struct diff *diff)
{
	bool alike = compare_collected_alike(diff->sides[0].snap, diff->sides[1].snap);

	return write_object(out, json_pack("{s:s, s:o, s:o, s:b, s:o}", "schema", DIFF_SCHEMA, "a",
	                                   diff_side(diff, 0), "b", diff_side(diff, 1),
	                                   "collected_alike", alike, "parts",
	                                   diff_parts(diff->comparison)));
}
