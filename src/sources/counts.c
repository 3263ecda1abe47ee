// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counts: histograms that the kernel keeps for us.
 * In: a trace instance, the numbers of domains. Out: events of what was counted.
 * Must never know: when to count, the stream, records.
 */
#include "counts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "callers.h"
#include "counts_table.h"
#include "histogram.h"
#include "probes.h"
#include "trace_files.h"

/*
 * Entries of the tables, which the kernel makes at once, of some 200 to 500 bytes each. Domains: a
 * few hundred of them with ten sizes each; where there are more, up to the second number. Totals
 * and units: its least, more than there are powers of two, or units in a machine. Stacks: traffic
 * of one domain in five seconds.
 */
enum {
	ENTRIES_DOMAINS = 4096,
	ENTRIES_DOMAINS_MOST = 65536,
	ENTRIES_TOTALS = 128,
	ENTRIES_STACKS = 1024
};

enum trigger_id {
	MAP_BY_DOMAIN,
	UNMAP_BY_DOMAIN,
	MAP_TOTAL,
	UNMAP_TOTAL,
	UNITS,
	MAP_CALLERS,
	UNMAP_CALLERS,
	TRIGGER_COUNT
};

struct trigger {
	char event[96];    /* its directory in the instance */
	char removal[192]; /* '!' and its text */
	int hist_fd;       /* -1: it is not set */
	bool borrowed;     /* somebody else's, who has the very same in this instance */
	unsigned int entries;
	uint64_t hits, dropped;    /* at the last read */
	struct counts_table table; /* at the last read */
};

/* What was counted by the address of a domain that is freed, until it is sure that it is its. */
struct held {
	uint64_t address;
	uint64_t hits, bytes;
	uint64_t round; /* of the read that found it */
	uint32_t domain;
	uint8_t what, log2;
};

struct unit {
	char name[HISTOGRAM_TEXT_MAX];
	uint64_t hits; /* as last read */
	uint64_t sum;  /* since the start, whoever set or cleared it */
};

struct counts {
	int instance_fd;
	char group[64];
	char owner[40]; /* of triggers on events that are not ours; empty: they have no name */
	bool returns;
	struct trigger triggers[TRIGGER_COUNT];
	struct counts_table domains; /* addresses and what they stood for */
	uint64_t round;              /* of reads */
	uint64_t hits, grown;
	bool lost, moved; /* by the last read */
	bool skipping;    /* nothing is told by this one */
	struct held *held;
	size_t held_count, held_capacity;
	bool units_tried;
	struct unit *units;
	size_t unit_count, unit_capacity;
	char *text; /* of a histogram */
	size_t text_capacity;
};

/* One histogram while it is read. */
struct reading {
	struct counts *counts;
	struct trigger *trigger;
	struct domain_ids *ids; /* NULL: totals */
	uint64_t ts_ns;
	const struct event_sink *sink;
	enum counts_what what;
	bool cleared;  /* something went back: somebody cleared it */
	uint64_t live; /* entries of domains that are not freed */
};

/* ---- triggers ---- */

static const char *text_of(const struct trigger *trigger)
{
	return trigger->removal + 1;
}

static bool is_set(const struct trigger *trigger)
{
	return trigger->hist_fd >= 0;
}

static void define(struct trigger *trigger, const char *group, const char *event,
                   unsigned int entries, const char *text)
{
	snprintf(trigger->event, sizeof(trigger->event), "events/%s/%s", group, event);
	snprintf(trigger->removal, sizeof(trigger->removal), "!%s", text);
	trigger->entries = entries;
}

/* keys:vals, its size, a filter. */
static void define_counts(struct trigger *trigger, const char *group, const char *event,
                          unsigned int entries, const char *keys, const char *filter)
{
	char text[160];

	snprintf(text, sizeof(text), "hist:%s:size=%u%s", keys, entries, filter);
	define(trigger, group, event, entries, text);
}

/* Before it is set, or once it is removed. */
static void define_by_domain(struct counts *counts, enum trigger_id id, unsigned int entries)
{
	struct trigger *trigger = &counts->triggers[id];
	bool maps = id == MAP_BY_DOMAIN;

	if (!counts->returns)
		define_counts(trigger, counts->group, probe_names[maps ? PROBE_MAP : PROBE_UNMAP],
		              entries, "keys=domain,size.log2:vals=size", "");
	else if (maps)
		define_counts(trigger, counts->group, probe_names[PROBE_MAP_DONE], entries,
		              "keys=domain,size.log2:vals=size", " if ret == 0");
	else
		define_counts(trigger, counts->group, probe_names[PROBE_UNMAP_DONE], entries,
		              "keys=domain,ret.log2:vals=ret", "");
}

/* Only system calls. Appended: a plain write would remove everybody's. */
static int write_trigger(int instance_fd, const struct trigger *trigger, const char *text)
{
	char path[sizeof(trigger->event) + sizeof("/trigger")];

	memcpy(path, trigger->event, sizeof(trigger->event));
	memcpy(path + strlen(path), "/trigger", sizeof("/trigger"));
	return trace_files_append(instance_fd, path, text);
}

static int open_histogram(int instance_fd, const struct trigger *trigger)
{
	char path[sizeof(trigger->event) + sizeof("/hist")];

	snprintf(path, sizeof(path), "%s/hist", trigger->event);
	return trace_files_open(instance_fd, path);
}

static int set_trigger(struct counts *counts, struct trigger *trigger)
{
	int code;

	if (is_set(trigger))
		return 0;
	trigger->borrowed = false;
	if (write_trigger(counts->instance_fd, trigger, text_of(trigger)) < 0) {
		if (errno != EEXIST)
			return -1;
		trigger->borrowed = true;
	}
	trigger->hist_fd = open_histogram(counts->instance_fd, trigger);
	if (is_set(trigger))
		return 0;
	code = errno;
	if (!trigger->borrowed)
		write_trigger(counts->instance_fd, trigger, trigger->removal);
	errno = code;
	return -1;
}

static void forget(struct trigger *trigger)
{
	trigger->hits = trigger->dropped = 0;
	counts_table_release(&trigger->table);
}

static void remove_trigger(struct counts *counts, struct trigger *trigger)
{
	if (!is_set(trigger))
		return;
	trace_files_close(&trigger->hist_fd);
	if (!trigger->borrowed)
		write_trigger(counts->instance_fd, trigger, trigger->removal);
	forget(trigger);
}

/* ---- reading ---- */

/* Kept open, the kernel keeps its own buffer, too: a read is two system calls. */
static size_t read_text(struct counts *counts, int fd)
{
	size_t size = 0;
	ssize_t got;

	do {
		if (counts->text_capacity - size < counts->text_capacity / 4 + 1) {
			counts->text_capacity += counts->text_capacity + 16384;
			counts->text = xrealloc(counts->text, counts->text_capacity);
		}
		got = pread(fd, counts->text + size, counts->text_capacity - size, (off_t)size);
		if (got > 0)
			size += (size_t)got;
	} while (got > 0);
	return size;
}

/* Returns false if it is not there (any more). */
static bool read_histogram(struct counts *counts, struct trigger *trigger,
                           void (*take)(void *context, const struct histogram_entry *entry),
                           void *context, struct histogram_totals *totals)
{
	size_t size = read_text(counts, trigger->hist_fd);

	if (!histogram_parse(counts->text, size, text_of(trigger), take, context, totals))
		return false;
	if (totals->hits < trigger->hits || totals->dropped < trigger->dropped)
		trigger->hits = trigger->dropped = 0; /* somebody cleared it */
	counts->hits += totals->hits - trigger->hits + totals->dropped - trigger->dropped;
	trigger->hits = totals->hits;
	return true;
}

/*
 * Which domain's hits these are. Once a read and address: all of its sizes get the same answer.
 * What stood for a domain at the read before and stands for none now was that domain's all the
 * time, unless it stands for another one already of which nothing has been heard.
 */
static struct counts_row *attribute(struct counts *counts, const struct domain_ids *ids,
                                    uint64_t address)
{
	struct counts_row *row = counts_table_get(&counts->domains, address, 0);
	bool lately = row->round + 1 == counts->round;
	uint32_t now;

	if (row->round != counts->round) {
		now = domain_ids_find(ids, address);
		row->changed = row->domain && row->domain != now;
		row->former = row->changed && !now && lately ? row->domain : 0;
		row->domain = now;
		row->round = counts->round;
	}
	return row;
}

/*
 * The upper end of the kernel's bucket where all in it are of that size, as powers of two are; else
 * the lower one. The kernel reads an entry's hits a moment before its bytes, while it goes on: the
 * few hits by which they then differ make no other size of it.
 */
static uint8_t floor_log2(uint64_t exponent, uint64_t hits, uint64_t bytes)
{
	uint64_t torn = hits / 16 < 64 ? hits / 16 : 64;

	if (exponent == 0 || exponent > 63)
		return 0; /* 1 byte or none */
	return (uint8_t)(bytes >> exponent >= hits - torn ? exponent : exponent - 1);
}

static void emit_counts(const struct held *found, uint32_t domain, uint64_t ts_ns,
                        const struct event_sink *sink)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_COUNTS};

	ev.counts.hits = found->hits;
	ev.counts.bytes = found->bytes;
	ev.counts.domain = domain;
	ev.counts.what = found->what;
	ev.counts.log2 = found->log2;
	event_emit(sink, &ev);
}

static void hold(struct counts *counts, const struct held *found)
{
	counts->held = grow(counts->held, &counts->held_capacity, counts->held_count,
	                    sizeof(*counts->held));
	counts->held[counts->held_count++] = *found;
}

static void tell_domain(const struct reading *reading, struct held *found)
{
	struct counts *counts = reading->counts;
	struct counts_row *row = attribute(counts, reading->ids, found->address);

	found->domain = row->former;
	if (row->former && !counts->skipping) {
		hold(counts, found);
		return;
	}
	/* What is gone gets no number: only what is hit again. */
	if (!row->changed)
		row->domain = domain_ids_get(reading->ids, found->address);
	emit_counts(found, row->changed ? DOMAIN_UNATTRIBUTED : row->domain, reading->ts_ns,
	            reading->sink);
}

static void tell(const struct reading *reading, struct held *found)
{
	reading->counts->moved = true;
	if (reading->ids)
		tell_domain(reading, found);
	else
		emit_counts(found, DOMAIN_ALL, reading->ts_ns, reading->sink);
}

static void take_counts(void *context, const struct histogram_entry *entry)
{
	struct reading *reading = context;
	uint64_t address = reading->ids ? entry->keys[0] : 0;
	uint64_t exponent = entry->keys[reading->ids ? 1 : 0];
	struct counts_row *row =
		counts_table_get(&reading->trigger->table, address, (uint8_t)exponent);
	struct held found;

	if (entry->hits < row->hits || entry->values[0] < row->bytes) {
		reading->cleared = true;
		row->hits = row->bytes = 0;
	}
	found = (struct held){
		.address = address,
		.hits = entry->hits - row->hits,
		.bytes = entry->values[0] - row->bytes,
		.round = reading->counts->round,
		.what = (uint8_t)reading->what,
		.log2 = floor_log2(exponent, entry->hits, entry->values[0]),
	};
	row->hits = entry->hits;
	row->bytes = entry->values[0];
	if (!reading->ids)
		reading->counts->grown += found.hits;
	if (found.hits || found.bytes)
		tell(reading, &found);
	if (reading->ids && attribute(reading->counts, reading->ids, address)->domain)
		reading->live++;
}

static void emit_lost(const struct reading *reading, uint64_t count)
{
	struct event ev = {.ts_ns = reading->ts_ns, .kind = EVENT_LOST};

	ev.lost.count = count;
	ev.lost.source = SOURCE_TRACE;
	ev.lost.exact = false;
	event_emit(reading->sink, &ev);
	reading->counts->lost = true;
}

/* What a borrowed one has so far is not ours to tell. */
static void take_base(void *context, const struct histogram_entry *entry)
{
	struct trigger *trigger = context;
	struct counts_row *row = counts_table_get(&trigger->table, 0, (uint8_t)entry->keys[0]);

	row->hits = entry->hits;
	row->bytes = entry->values[0];
}

static int set_total(struct counts *counts, struct trigger *trigger)
{
	struct histogram_totals totals;

	if (is_set(trigger))
		return 0;
	if (set_trigger(counts, trigger) < 0)
		return -1;
	if (trigger->borrowed && read_histogram(counts, trigger, take_base, trigger, &totals)) {
		counts->hits -= totals.hits + totals.dropped;
		trigger->dropped = totals.dropped;
	}
	return 0;
}

/*
 * Domains that are still there come back into the table, and would soon fill it again: then it is
 * made twice as large, if the kernel has the memory.
 */
static int set_anew(const struct reading *reading)
{
	struct counts *counts = reading->counts;
	struct trigger *trigger = reading->trigger;
	enum trigger_id id = (enum trigger_id)(trigger - counts->triggers);
	unsigned int entries = trigger->entries;

	if (reading->live * 2 < entries || entries >= ENTRIES_DOMAINS_MOST)
		return set_trigger(counts, trigger);
	define_by_domain(counts, id, entries * 2);
	if (set_trigger(counts, trigger) == 0)
		return 0;
	define_by_domain(counts, id, entries);
	return set_trigger(counts, trigger);
}

static int begin_anew(const struct reading *reading)
{
	struct counts *counts = reading->counts;

	remove_trigger(counts, reading->trigger);
	if (!reading->ids)
		return set_total(counts, reading->trigger);
	counts_table_prune(&counts->domains, counts->round - 1);
	return set_anew(reading);
}

/* What it dropped, and hits that come before it is set again, have no domain. */
static bool read_counts(struct reading *reading)
{
	struct trigger *trigger = reading->trigger;
	struct histogram_totals totals;
	uint64_t dropped;
	bool there;

	there = read_histogram(reading->counts, trigger, take_counts, reading, &totals);
	dropped = totals.dropped > trigger->dropped ? totals.dropped - trigger->dropped : 0;
	if (there && !dropped && totals.entries * 4 < trigger->entries * 3u) {
		if (reading->cleared)
			emit_lost(reading, 0);
		return true;
	}
	emit_lost(reading, dropped);
	return begin_anew(reading) == 0 && there;
}

static bool read_one(struct counts *counts, enum trigger_id id, enum counts_what what,
                     struct domain_ids *ids, uint64_t ts_ns, const struct event_sink *sink)
{
	struct reading reading = {
		.counts = counts,
		.trigger = &counts->triggers[id],
		.ids = ids,
		.ts_ns = ts_ns,
		.sink = sink,
		.what = what,
	};

	return !is_set(reading.trigger) || read_counts(&reading);
}

/* ---- opening and closing ---- */

static bool have_histograms(int instance_fd)
{
	return faccessat(instance_fd, "events/iommu/map/hist", F_OK, 0) == 0;
}

/* On events that are not ours, where a trigger is to be known by its name. */
static void define_named(struct counts *counts, enum trigger_id id, const char *group,
                         const char *event, const char *keys, const char *filter)
{
	char named[128];

	snprintf(named, sizeof(named), "name=%s_%s:%s", counts->owner, event, keys);
	define_counts(&counts->triggers[id], group, event, ENTRIES_TOTALS,
	              counts->owner[0] ? named : keys, filter);
}

static void define_all(struct counts *counts)
{
	struct trigger *triggers = counts->triggers;

	for (unsigned int i = 0; i < TRIGGER_COUNT; i++)
		triggers[i].hist_fd = -1;
	define_by_domain(counts, MAP_BY_DOMAIN, ENTRIES_DOMAINS);
	define_by_domain(counts, UNMAP_BY_DOMAIN, ENTRIES_DOMAINS);
	/* From 7.1 on a map that failed is told, too, with what was done of it. */
	define_named(counts, MAP_TOTAL, "iommu", "map", "keys=size.log2:vals=size", " if size > 0");
	define_named(counts, UNMAP_TOTAL, "iommu", "unmap",
	             "keys=unmapped_size.log2:vals=unmapped_size", "");
	define_named(counts, UNITS, "intel_iommu", "qi_submit", "keys=iommu", "");
}

struct counts *counts_open(int instance_fd, const char *group, const char *owner, bool returns)
{
	struct counts *counts;

	if (!have_histograms(instance_fd))
		return NULL;
	counts = xcalloc(1, sizeof(*counts));
	counts->instance_fd = instance_fd;
	counts->returns = returns;
	copy_text(counts->group, sizeof(counts->group), group);
	copy_text(counts->owner, sizeof(counts->owner), owner);
	define_all(counts);
	return counts;
}

void counts_close(struct counts *counts)
{
	if (!counts)
		return;
	for (unsigned int i = 0; i < TRIGGER_COUNT; i++)
		remove_trigger(counts, &counts->triggers[i]);
	counts_table_release(&counts->domains);
	free(counts->held);
	free(counts->units);
	free(counts->text);
	free(counts);
}

bool counts_are_attempts(const struct counts *counts)
{
	return !counts->returns;
}

static const enum trigger_id by_domain[COUNTS_WHAT_COUNT] = {
	[COUNTS_MAP] = MAP_BY_DOMAIN,
	[COUNTS_UNMAP] = UNMAP_BY_DOMAIN,
};

static const enum trigger_id in_total[COUNTS_WHAT_COUNT] = {
	[COUNTS_MAP] = MAP_TOTAL,
	[COUNTS_UNMAP] = UNMAP_TOTAL,
};

int counts_start(struct counts *counts, enum counts_what what)
{
	struct trigger *total = &counts->triggers[in_total[what]];
	int code;

	if (set_total(counts, total) < 0)
		return -1;
	if (set_trigger(counts, &counts->triggers[by_domain[what]]) == 0)
		return 0;
	code = errno;
	remove_trigger(counts, total);
	errno = code;
	return -1;
}

void counts_stop(struct counts *counts, enum counts_what what)
{
	remove_trigger(counts, &counts->triggers[by_domain[what]]);
	remove_trigger(counts, &counts->triggers[in_total[what]]);
}

bool counts_started(const struct counts *counts, enum counts_what what)
{
	return is_set(&counts->triggers[in_total[what]]) &&
	       is_set(&counts->triggers[by_domain[what]]);
}

static void begin_round(struct counts *counts)
{
	counts->round++;
	counts->grown = 0;
	counts->lost = counts->moved = false;
}

bool counts_read(struct counts *counts, struct domain_ids *ids, uint64_t ts_ns,
                 const struct event_sink *sink)
{
	bool there = true;

	begin_round(counts);
	for (unsigned int i = 0; i < COUNTS_WHAT_COUNT; i++) {
		there = read_one(counts, by_domain[i], (enum counts_what)i, ids, ts_ns, sink) &&
		        there;
		there = read_one(counts, in_total[i], (enum counts_what)i, NULL, ts_ns, sink) &&
		        there;
	}
	return there;
}

void counts_skip(struct counts *counts, struct domain_ids *ids)
{
	begin_round(counts);
	counts->skipping = true;
	for (unsigned int i = 0; i < COUNTS_WHAT_COUNT; i++) {
		read_one(counts, in_total[i], (enum counts_what)i, NULL, 0, &event_nowhere);
		read_one(counts, by_domain[i], (enum counts_what)i, ids, 0, &event_nowhere);
	}
	counts->skipping = false;
}

bool counts_held(const struct counts *counts)
{
	return counts->held_count > 0;
}

uint64_t counts_round(const struct counts *counts)
{
	return counts->round;
}

void counts_settle(struct counts *counts, const struct domain_ids *ids, uint64_t round,
                   uint64_t ts_ns, const struct event_sink *sink)
{
	size_t kept = 0;

	for (size_t i = 0; i < counts->held_count; i++) {
		const struct held *held = &counts->held[i];
		bool again = domain_ids_find(ids, held->address) != DOMAIN_UNATTRIBUTED;

		if (held->round > round)
			counts->held[kept++] = *held;
		else
			emit_counts(held, again ? DOMAIN_UNATTRIBUTED : held->domain, ts_ns, sink);
	}
	counts->held_count = kept;
}

uint64_t counts_grown(const struct counts *counts)
{
	return counts->grown;
}

bool counts_lost(const struct counts *counts)
{
	return counts->lost;
}

bool counts_moved(const struct counts *counts)
{
	return counts->moved;
}

uint64_t counts_hits(const struct counts *counts)
{
	return counts->hits;
}

/* ---- units ---- */

static struct unit *find_unit(struct counts *counts, const char *name)
{
	struct unit *unit;

	for (size_t i = 0; i < counts->unit_count; i++)
		if (strcmp(counts->units[i].name, name) == 0)
			return &counts->units[i];
	counts->units = grow(counts->units, &counts->unit_capacity, counts->unit_count,
	                     sizeof(*counts->units));
	unit = &counts->units[counts->unit_count++];
	*unit = (struct unit){0};
	copy_text(unit->name, sizeof(unit->name), name);
	return unit;
}

static void take_unit(void *context, const struct histogram_entry *entry)
{
	const struct reading *reading = context;
	struct unit *unit = find_unit(reading->counts, entry->text);
	struct event ev;

	if (entry->hits == unit->hits)
		return;
	unit->sum += entry->hits - (entry->hits > unit->hits ? unit->hits : 0);
	unit->hits = entry->hits;
	ev = event_attr_number(reading->ts_ns, ATTR_UNIT_INVALIDATIONS, unit->name, 0, unit->sum);
	event_emit(reading->sink, &ev);
}

static void take_unit_base(void *context, const struct histogram_entry *entry)
{
	find_unit(context, entry->text)->hits = entry->hits;
}

void counts_read_units(struct counts *counts, uint64_t ts_ns, const struct event_sink *sink)
{
	struct trigger *trigger = &counts->triggers[UNITS];
	struct reading reading = {.counts = counts, .ts_ns = ts_ns, .sink = sink};
	struct histogram_totals totals;

	if (!counts->units_tried && set_trigger(counts, trigger) == 0 && trigger->borrowed)
		read_histogram(counts, trigger, take_unit_base, counts, &totals);
	counts->units_tried = true;
	if (is_set(trigger))
		read_histogram(counts, trigger, take_unit, &reading, &totals);
}

/* ---- who calls ---- */

static void define_callers(struct counts *counts, enum trigger_id id, enum probe_id probe,
                           uint64_t domain_address)
{
	char filter[48];

	snprintf(filter, sizeof(filter), " if domain == 0x%llx",
	         (unsigned long long)domain_address);
	define_counts(&counts->triggers[id], counts->group, probe_names[probe], ENTRIES_STACKS,
	              "keys=stacktrace:vals=size", filter);
}

int counts_watch_callers(struct counts *counts, uint64_t domain_address)
{
	struct trigger *maps = &counts->triggers[MAP_CALLERS];
	struct trigger *unmaps = &counts->triggers[UNMAP_CALLERS];
	int code;

	if (is_set(maps)) {
		errno = EBUSY;
		return -1;
	}
	define_callers(counts, MAP_CALLERS, PROBE_MAP, domain_address);
	define_callers(counts, UNMAP_CALLERS, PROBE_UNMAP, domain_address);
	if (set_trigger(counts, maps) < 0)
		return -1;
	if (set_trigger(counts, unmaps) == 0)
		return 0;
	code = errno;
	remove_trigger(counts, maps);
	errno = code;
	return -1;
}

static void take_caller(void *context, const struct histogram_entry *entry)
{
	callers_add(context, entry);
}

static void emit_callers(struct callers *callers, uint32_t domain, uint64_t ts_ns,
                         const struct event_sink *sink)
{
	callers_sort(callers);
	for (size_t i = 0; i < callers->count && i < COUNTS_CALLERS; i++) {
		struct event ev = {.ts_ns = ts_ns, .kind = EVENT_CALLER};

		ev.caller.name = callers->all[i].name;
		ev.caller.count = callers->all[i].count;
		ev.caller.domain = domain;
		event_emit(sink, &ev);
	}
}

void counts_tell_callers(struct counts *counts, uint32_t domain, uint64_t seconds, uint64_t ts_ns,
                         const struct event_sink *sink)
{
	struct event ev = event_attr_number(ts_ns, ATTR_DOMAIN_CALLERS, NULL, domain, seconds);
	struct callers callers = {0};
	struct histogram_totals totals;

	for (unsigned int i = MAP_CALLERS; i <= UNMAP_CALLERS; i++) {
		struct trigger *trigger = &counts->triggers[i];

		if (is_set(trigger))
			read_histogram(counts, trigger, take_caller, &callers, &totals);
		remove_trigger(counts, trigger);
	}
	event_emit(sink, &ev);
	emit_callers(&callers, domain, ts_ns, sink);
	callers_release(&callers);
}

void counts_emergency_stop(const struct counts *counts)
{
	for (unsigned int i = 0; i < TRIGGER_COUNT; i++) {
		const struct trigger *trigger = &counts->triggers[i];

		if (!is_set(trigger))
			continue;
		close(trigger->hist_fd);
		if (!trigger->borrowed)
			write_trigger(counts->instance_fd, trigger, trigger->removal);
	}
}
