// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prometheus: a snapshot as metrics. In: snapshots, one after the other. Out: text. Must never
 * know: the desk, the terminal.
 *
 * A rate is the reader's to make: here are counters, and gauges of what is so now.
 */
#include "prometheus.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "../util.h"
#include "series.h"
#include "words.h"

#define LABEL_MAX  128 /* bytes of a value, before it is escaped */
#define LABELS_MAX 2048
#define LIST_MOST  8 /* groups or devices in one label */

/* In the place of how many series of a family are lower bounds. */
#define NO_SERIES UINT64_MAX

struct family {
	const char *name, *type, *help;
};

/* ---- samples ---- */

/* A name is told before its first sample, and not at all where there is none. */
static void begin(FILE *out, const struct family *family, bool *begun)
{
	if (!*begun)
		fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help,
		        family->name, family->type);
	*begun = true;
}

static void sample(FILE *out, const struct family *family, bool *begun, const char *labels,
                   uint64_t value)
{
	begin(out, family, begun);
	if (*labels)
		fprintf(out, "%s{%s} %" PRIu64 "\n", family->name, labels, value);
	else
		fprintf(out, "%s %" PRIu64 "\n", family->name, value);
}

/* Seconds on the wall clock. */
static void moment(FILE *out, const struct family *family, uint64_t ns)
{
	bool begun = false;

	if (!ns)
		return;
	begin(out, family, &begun);
	fprintf(out, "%s %" PRIu64 ".%06" PRIu64 "\n", family->name, ns / 1000000000u,
	        ns / 1000 % 1000000);
}

/* A label without a value is no label. */
static void add_label(char labels[LABELS_MAX], const char *name, const char *value)
{
	char clean[LABEL_MAX], escaped[2 * LABEL_MAX];
	size_t length = 0;

	text_clean(clean, sizeof(clean), value);
	if (!*clean)
		return;
	for (const char *p = clean; *p; p++) {
		if (*p == '"' || *p == '\\')
			escaped[length++] = '\\';
		escaped[length++] = *p;
	}
	escaped[length] = '\0';
	append_text(labels, LABELS_MAX, "%s%s=\"%s\"", *labels ? "," : "", name, escaped);
}

static void add_number(char labels[LABELS_MAX], const char *name, uint64_t number)
{
	append_text(labels, LABELS_MAX, "%s%s=\"%" PRIu64 "\"", *labels ? "," : "", name, number);
}

/* ---- of the machine ---- */

static const struct machine_family {
	struct family family;
	size_t offset; /* of a struct count in struct snapshot */
} machine_families[] = {
	{{"iommutop_machine_maps_total", "counter", "Maps that succeeded, of all domains."},
         offsetof(struct snapshot, traffic.maps)},
	{{"iommutop_machine_unmaps_total", "counter", "Unmaps, of all domains."},
         offsetof(struct snapshot, traffic.unmaps)},
	{{"iommutop_machine_map_bytes_total", "counter", "Bytes mapped, of all domains."},
         offsetof(struct snapshot, traffic.map_bytes)},
	{{"iommutop_machine_unmap_bytes_total", "counter", "Bytes unmapped, of all domains."},
         offsetof(struct snapshot, traffic.unmap_bytes)},
	{{"iommutop_machine_failed_maps_total", "counter", "Maps that the IOMMU's driver refused."},
         offsetof(struct snapshot, failed_maps)},
	{{"iommutop_machine_faults_total", "counter", "Faults since watching began."},
         offsetof(struct snapshot, faults)},
	{{"iommutop_fault_lines_total", "counter", "Faults that the kernel's log told."},
         offsetof(struct snapshot, faults_logged)},
	{{"iommutop_fault_interrupts_total", "counter",
          "Fault interrupts of the IOMMU units; each is one fault at least, or another event of a "
          "unit."},
         offsetof(struct snapshot, fault_interrupts)},
	{{"iommutop_suppressed_messages_total", "counter",
          "Messages about faults that the kernel's rate limit dropped."},
         offsetof(struct snapshot, suppressed)},
	{{"iommutop_lost_total", "counter",
          "Events and log lines that the kernel had no room for until they were read."},
         offsetof(struct snapshot, lost)},
	{{"iommutop_late_total", "counter", "Events that came after later ones had been counted."},
         offsetof(struct snapshot, late)},
	{{"iommutop_missed_total", "counter", "Hits that the probes could not take."},
         offsetof(struct snapshot, missed)},
};

static const struct domain_family {
	struct family family;
	size_t offset; /* of a struct count in struct snapshot_domain */
} domain_families[] = {
	{{"iommutop_maps_total", "counter",
          "Maps of a domain; attempts where iommutop_domain_attempts is 1."},
         offsetof(struct snapshot_domain, traffic.maps)},
	{{"iommutop_unmaps_total", "counter", "Unmaps of a domain."},
         offsetof(struct snapshot_domain, traffic.unmaps)},
	{{"iommutop_map_bytes_total", "counter",
          "Bytes mapped in a domain; bytes asked for where iommutop_domain_attempts is 1."},
         offsetof(struct snapshot_domain, traffic.map_bytes)},
	{{"iommutop_unmap_bytes_total", "counter",
          "Bytes unmapped in a domain; bytes asked for where iommutop_domain_attempts is 1."},
         offsetof(struct snapshot_domain, traffic.unmap_bytes)},
	{{"iommutop_failed_maps_total", "counter",
          "Maps of a domain that the IOMMU's driver refused."},
         offsetof(struct snapshot_domain, failed_maps)},
};

static const struct family outstanding = {
	"iommutop_outstanding_bytes", "gauge",
	"Bytes mapped in a domain and not unmapped, of what was seen mapped."};
static const struct family faults = {
	"iommutop_faults_total", "counter",
	"Faults since watching began, by device, direction and the kernel's reason."};
static const struct family incomplete = {
	"iommutop_incomplete", "gauge",
	"How many series of a metric are lower bounds, as events were lost or not watched."};

#define MACHINE_FAMILIES ARRAY_SIZE(machine_families)
#define DOMAIN_FAMILIES  ARRAY_SIZE(domain_families)

struct prometheus {
	const char *version;
	struct domain_series domains;
	struct faults_series faults;
	/* Where a sum was last: what the kernel's two histograms leave over can shrink a little. */
	uint64_t machine_floors[MACHINE_FAMILIES];
	uint64_t unattributed_floors[DOMAIN_FAMILIES], others_floors[DOMAIN_FAMILIES];
	uint64_t other_faults_floor;
	FILE *out; /* of the exposition that is being written */
};

static uint64_t not_below(uint64_t *floor, uint64_t value)
{
	if (value > *floor)
		*floor = value;
	return *floor;
}

static void put_incomplete(struct prometheus *prometheus, const struct family *family,
                           uint64_t count, bool *begun)
{
	char labels[LABELS_MAX] = "";

	if (count == NO_SERIES)
		return;
	add_label(labels, "metric", family->name);
	sample(prometheus->out, &incomplete, begun, labels, count);
}

static const struct count *machine_count(const struct snapshot *snap, size_t i)
{
	return (const struct count *)((const char *)snap + machine_families[i].offset);
}

static void put_machine(struct prometheus *prometheus, const struct snapshot *snap)
{
	for (size_t i = 0; i < MACHINE_FAMILIES; i++) {
		const struct count *count = machine_count(snap, i);
		bool begun = false;

		if (words_has_figure(count->known))
			sample(prometheus->out, &machine_families[i].family, &begun, "",
			       not_below(&prometheus->machine_floors[i], count->n));
	}
}

/* Those that are plain numbers in a snapshot, and always known. */
static void put_plain(FILE *out, const struct snapshot *snap)
{
	static const struct family overflows = {
		"iommutop_fault_queue_overflows_total", "counter",
		"Times that a unit said its own queue of faults was full."};
	static const struct family left = {
		"iommutop_devices_left_total", "counter",
		"Times that a device left its default domain, as for a guest."};
	static const struct family back = {"iommutop_devices_back_total", "counter",
	                                   "Times that a device came back to its default domain."};
	static const struct family attempts = {"iommutop_domain_attempts", "gauge",
	                                       "1 if counters of domains hold attempts and bytes "
	                                       "asked for, as this kernel counts."};
	bool begun[4] = {false};

	if (words_has_figure(snap->suppressed.known))
		sample(out, &overflows, &begun[0], "", snap->overflows);
	if (!snap->start_ns)
		return;
	sample(out, &left, &begun[1], "", snap->devices_left);
	sample(out, &back, &begun[2], "", snap->devices_back);
	sample(out, &attempts, &begun[3], "", snap->attempts_ever);
}

/* ---- of domains ---- */

static void add_groups(const struct snapshot *snap, const struct snapshot_domain *domain,
                       char labels[LABELS_MAX])
{
	char list[LABEL_MAX] = "";

	for (uint32_t i = 0; i < domain->group_count && i < LIST_MOST; i++)
		append_text(list, sizeof(list), "%s%" PRIu32, i ? "," : "",
		            snap->domain_groups[domain->first_group + i]);
	if (domain->group_count > LIST_MOST)
		append_text(list, sizeof(list), ",+%" PRIu32, domain->group_count - LIST_MOST);
	add_label(labels, "group", list);
}

/* Only whole names: part of one would be another device's. */
static void add_devices(const struct snapshot *snap, const struct snapshot_domain *domain,
                        char labels[LABELS_MAX])
{
	char list[LABEL_MAX] = "";
	uint32_t told = 0;

	for (; told < domain->device_count && told < LIST_MOST; told++) {
		const char *name =
			snapshot_text(snap, snap->domain_devices[domain->first_device + told]);

		if (strlen(list) + strlen(name) >= LABEL_MAX - 16)
			break;
		append_text(list, sizeof(list), "%s%s", told ? "," : "", name);
	}
	if (domain->device_count > told)
		append_text(list, sizeof(list), "%s+%" PRIu32, told ? "," : "",
		            domain->device_count - told);
	add_label(labels, "device", list);
}

static void domain_labels(const struct snapshot *snap, const struct snapshot_domain *domain,
                          char labels[LABELS_MAX])
{
	*labels = '\0';
	if (domain->id == DOMAIN_UNATTRIBUTED) {
		add_label(labels, "domain", "unattributed");
		return;
	}
	add_number(labels, "domain", domain->id);
	add_groups(snap, domain, labels);
	add_devices(snap, domain, labels);
	add_label(labels, "vm", snapshot_text(snap, domain->vm));
}

static const struct count *domain_count(const struct snapshot_domain *domain, size_t i)
{
	return (const struct count *)((const char *)domain + domain_families[i].offset);
}

/* What a pass over the domains leaves behind. */
struct pass {
	size_t family;
	bool begun, any_others, others_at_least;
	uint64_t others, at_least;
};

static void put_domain(struct prometheus *prometheus, const struct snapshot *snap,
                       const struct snapshot_domain *domain, struct pass *pass)
{
	const struct count *count = domain_count(domain, pass->family);
	uint64_t value = count->n;
	char labels[LABELS_MAX];

	if (!words_has_figure(count->known))
		return;
	if (domain->id == DOMAIN_UNATTRIBUTED)
		value = not_below(&prometheus->unattributed_floors[pass->family], value);
	else if (!domain_series_is_own(&prometheus->domains, domain->id)) {
		pass->any_others = true;
		pass->others_at_least |= count->known == KNOWN_AT_LEAST;
		pass->others += value;
		return;
	}
	domain_labels(snap, domain, labels);
	sample(prometheus->out, &domain_families[pass->family].family, &pass->begun, labels, value);
	pass->at_least += count->known == KNOWN_AT_LEAST;
}

/* Returns how many of its series are lower bounds, or NO_SERIES. */
static uint64_t put_domain_family(struct prometheus *prometheus, const struct snapshot *snap,
                                  size_t family)
{
	struct pass pass = {.family = family};
	uint64_t *floor = &prometheus->others_floors[family];
	char labels[LABELS_MAX] = "";

	for (size_t i = 0; i < snap->domain_count; i++)
		put_domain(prometheus, snap, &snap->domains[i], &pass);
	if (!pass.any_others)
		return pass.begun ? pass.at_least : NO_SERIES;
	add_label(labels, "domain", "others");
	sample(prometheus->out, &domain_families[family].family, &pass.begun, labels,
	       not_below(floor, pass.others));
	return pass.at_least + pass.others_at_least;
}

static uint64_t put_outstanding(struct prometheus *prometheus, const struct snapshot *snap)
{
	uint64_t at_least = 0;
	bool begun = false;

	for (size_t i = 0; i < snap->domain_count; i++) {
		const struct snapshot_domain *domain = &snap->domains[i];
		char labels[LABELS_MAX];

		if (!words_has_figure(domain->outstanding_bytes.known) ||
		    !domain_series_is_own(&prometheus->domains, domain->id))
			continue;
		domain_labels(snap, domain, labels);
		sample(prometheus->out, &outstanding, &begun, labels, domain->outstanding_bytes.n);
		at_least += domain->outstanding_bytes.known == KNOWN_AT_LEAST;
	}
	return begun ? at_least : NO_SERIES;
}

/* ---- of faults ---- */

/* The tracepoint gives no reason but for page requests, which are no faults of the machine's. */
static bool is_page_request(const struct snapshot_fault *fault)
{
	return fault->traced && !fault->logged && fault->reason;
}

static const char *fault_device(const struct snapshot *snap, const struct snapshot_fault *fault)
{
	return snapshot_text(snap, fault->device_index == NO_NUMBER
	                                   ? fault->device
	                                   : snap->devices[fault->device_index].name);
}

static void fault_labels(const struct snapshot *snap, const struct snapshot_fault *fault,
                         char labels[LABELS_MAX])
{
	uint32_t group = snapshot_group_of(snap, fault->device_index);

	*labels = '\0';
	add_label(labels, "device", fault_device(snap, fault));
	if (group != NO_GROUP)
		add_number(labels, "group", group);
	if (fault->flags & FAULT_INTERRUPT)
		add_label(labels, "direction", "interrupt");
	else if (fault->direction != DIRECTION_UNKNOWN)
		add_label(labels, "direction", direction_names[fault->direction]);
	add_label(labels, "reason", snapshot_text(snap, fault->reason));
}

static void sort_faults(struct prometheus *prometheus, const struct snapshot *snap)
{
	char labels[LABELS_MAX];

	faults_series_begin(&prometheus->faults);
	for (size_t i = 0; i < snap->fault_count; i++) {
		if (is_page_request(&snap->faults_seen[i]) || !snap->faults_seen[i].count)
			continue;
		fault_labels(snap, &snap->faults_seen[i], labels);
		faults_series_add(&prometheus->faults, &snap->faults_seen[i], labels);
	}
	faults_series_end(&prometheus->faults);
}

/* All of the machine's are in one of them. */
static void put_faults(struct prometheus *prometheus, const struct snapshot *snap)
{
	uint64_t own, all = snap->faults.n;
	bool begun = false;

	sort_faults(prometheus, snap);
	own = prometheus->faults.own;
	if (!words_has_figure(snap->faults.known))
		return;
	for (size_t i = 0; i < SERIES_MOST; i++)
		if (prometheus->faults.places[i].labels)
			sample(prometheus->out, &faults, &begun,
			       prometheus->faults.places[i].labels,
			       prometheus->faults.places[i].shown);
	sample(prometheus->out, &faults, &begun, "device=\"others\"",
	       not_below(&prometheus->other_faults_floor, all > own ? all - own : 0));
}

static void put_faults_before(FILE *out, const struct snapshot *snap)
{
	static const struct family before = {
		"iommutop_faults_before_start", "gauge",
		"Faults in the kernel's log that are older than the start of watching."};
	uint64_t sum = 0;
	bool begun = false;

	for (size_t i = 0; i < snap->fault_count; i++)
		sum += snap->faults_seen[i].count_before;
	if (snap->health[SOURCE_LOG].state >= HEALTH_PARTIAL)
		sample(out, &before, &begun, "", sum);
}

/* ---- who has what ---- */

static bool is_away(const struct snapshot *snap, const struct snapshot_transition *transition)
{
	const struct snapshot_group *group = snapshot_group_by_id(snap, transition->group);

	return transition->kind == TRANSITION_AWAY && !transition->end_ns && group &&
	       group->domain != group->default_domain;
}

/* Of a group that vanished while it was away, nobody saw the end. */
static bool has_newer(const struct snapshot *snap, size_t at)
{
	for (size_t i = at + 1; i < snap->transition_count; i++)
		if (snap->transitions[i].group == snap->transitions[at].group &&
		    is_away(snap, &snap->transitions[i]))
			return true;
	return false;
}

static void put_away(FILE *out, const struct snapshot *snap)
{
	static const struct family away = {"iommutop_device_away", "gauge",
	                                   "1 for a device that is not in its default domain now: "
	                                   "a guest or a process has it."};
	uint32_t told = 0;
	bool begun = false;

	for (size_t i = 0; i < snap->transition_count && told < SERIES_MOST; i++) {
		const struct snapshot_transition *transition = &snap->transitions[i];
		char labels[LABELS_MAX] = "";

		if (!is_away(snap, transition) || has_newer(snap, i))
			continue;
		add_label(labels, "device", snapshot_text(snap, transition->device));
		add_number(labels, "group", transition->group);
		add_label(labels, "vm", snapshot_text(snap, transition->vm));
		sample(out, &away, &begun, labels, 1);
		told++;
	}
}

static void put_units(FILE *out, const struct snapshot *snap)
{
	static const struct family invalidations = {
		"iommutop_invalidations_total", "counter",
		"Invalidations that the driver of an IOMMU unit submitted."};
	bool begun = false;

	for (size_t i = 0; i < snap->unit_count && i < SERIES_MOST; i++) {
		char labels[LABELS_MAX] = "";

		add_label(labels, "unit", snapshot_text(snap, snap->units[i].name));
		if (words_has_figure(snap->units[i].invalidations.known))
			sample(out, &invalidations, &begun, labels, snap->units[i].invalidations.n);
	}
}

/* ---- of the program ---- */

static void put_sizes(FILE *out, const struct snapshot *snap)
{
	static const struct family groups = {"iommutop_groups", "gauge", "IOMMU groups."};
	static const struct family units = {"iommutop_units", "gauge", "IOMMU units."};
	bool begun[2] = {false};

	if (snap->health[SOURCE_SYSFS].state < HEALTH_PARTIAL || snap->topology_cut)
		return;
	sample(out, &groups, &begun[0], "", snap->group_count);
	sample(out, &units, &begun[1], "", snap->unit_count);
}

/* A source that has said nothing, not even why it is off, is none of what is shown. */
static void put_health(FILE *out, const struct snapshot *snap)
{
	static const struct family health = {
		"iommutop_source_state", "gauge",
		"How a source is doing: 0 off, 1 starting, 2 in part, 3 well."};
	bool begun = false;

	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		char labels[LABELS_MAX] = "";

		if (snap->health[i].state == HEALTH_OFF && !snap->health[i].reason[0])
			continue;
		add_label(labels, "source", source_names[i]);
		sample(out, &health, &begun, labels, snap->health[i].state);
	}
}

static void put_classes(FILE *out, const struct snapshot *snap)
{
	static const struct family classes = {"iommutop_class_on", "gauge",
	                                      "1 if a class of events is switched on."};
	bool begun = false;

	for (size_t i = 0; i < CLASS_COUNT; i++) {
		char labels[LABELS_MAX] = "";

		add_label(labels, "class", event_class_names[i]);
		if (snap->classes[i].known)
			sample(out, &classes, &begun, labels, snap->classes[i].on);
	}
}

static void put_program(struct prometheus *prometheus, const struct snapshot *snap)
{
	static const struct family build = {"iommutop_build_info", "gauge", "The program."};
	static const struct family collect = {"iommutop_collect_info", "gauge",
	                                      "How maps and unmaps are collected now."};
	static const struct family start = {"iommutop_start_time_seconds", "gauge",
	                                    "When counting began, on the wall clock."};
	static const struct family now = {"iommutop_interval_end_time_seconds", "gauge",
	                                  "Up to when all of this is told, on the wall clock."};
	char version[LABELS_MAX] = "", mode[LABELS_MAX] = "";
	bool begun[2] = {false};

	add_label(version, "version", prometheus->version);
	sample(prometheus->out, &build, &begun[0], version, 1);
	add_label(mode, "mode", collect_mode_names[snap->collect]);
	sample(prometheus->out, &collect, &begun[1], mode, 1);
	moment(prometheus->out, &start,
	       snap->start_ns && snap->wall_ns ? snap->origin_wall_ns + snap->start_ns : 0);
	moment(prometheus->out, &now, snap->wall_ns);
	put_health(prometheus->out, snap);
	put_classes(prometheus->out, snap);
	put_sizes(prometheus->out, snap);
}

static void put_incompletes(struct prometheus *prometheus, const struct snapshot *snap,
                            const uint64_t domains[DOMAIN_FAMILIES], uint64_t outstanding_bytes)
{
	bool begun = false;

	for (size_t i = 0; i < MACHINE_FAMILIES; i++) {
		enum known known = machine_count(snap, i)->known;

		if (words_has_figure(known))
			put_incomplete(prometheus, &machine_families[i].family,
			               known == KNOWN_AT_LEAST, &begun);
	}
	for (size_t i = 0; i < DOMAIN_FAMILIES; i++)
		put_incomplete(prometheus, &domain_families[i].family, domains[i], &begun);
	put_incomplete(prometheus, &outstanding, outstanding_bytes, &begun);
}

struct prometheus *prometheus_new(const char *version)
{
	struct prometheus *prometheus = xcalloc(1, sizeof(*prometheus));

	prometheus->version = version;
	return prometheus;
}

void prometheus_free(struct prometheus *prometheus)
{
	if (!prometheus)
		return;
	domain_series_release(&prometheus->domains);
	faults_series_release(&prometheus->faults);
	free(prometheus);
}

int prometheus_write(struct prometheus *prometheus, FILE *out, const struct snapshot *snap)
{
	uint64_t at_least[DOMAIN_FAMILIES], outstanding_at_least;

	prometheus->out = out;
	domain_series_update(&prometheus->domains, snap);
	put_program(prometheus, snap);
	put_machine(prometheus, snap);
	put_plain(out, snap);
	for (size_t i = 0; i < DOMAIN_FAMILIES; i++)
		at_least[i] = put_domain_family(prometheus, snap, i);
	outstanding_at_least = put_outstanding(prometheus, snap);
	put_units(out, snap);
	put_faults(prometheus, snap);
	put_faults_before(out, snap);
	put_away(out, snap);
	put_incompletes(prometheus, snap, at_least, outstanding_at_least);
	return fflush(out) || ferror(out) ? -1 : 0;
}
