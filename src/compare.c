// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compare: what differs between two recordings. In: a snapshot of the end of each. Out: rows. Must
 * never know: files, the form of output. Pure.
 *
 * Rates are means over the whole time watched. A change is only told between figures that are
 * exact: two lower bounds can differ by what was missed alone.
 */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define NAME_MAX_BYTES 256
#define MIB            1048576.0
#define LAST_LOG2      63

const char *const figure_unit_words[UNIT_COUNT_OF] = {
	[UNIT_COUNT] = "count",     [UNIT_PER_S] = "per_s",
	[UNIT_BYTES] = "bytes",     [UNIT_BYTES_PER_S] = "bytes_per_s",
	[UNIT_NS] = "ns",           [UNIT_NS_PER_S] = "ns_per_s",
	[UNIT_PER_MIB] = "per_mib", [UNIT_SHARE] = "share",
};

const char *const part_kind_words[PART_KIND_COUNT] = {
	[PART_MACHINE] = "machine",
	[PART_DOMAIN] = "domain",
	[PART_BURST] = "burst",
	[PART_FAULTS] = "faults",
};

static const struct figure unknown = {0, FIGURE_NOT};

/* ---- figures ---- */

/* loose: of attempts, some of which failed; nobody knows which. */
static struct figure of_count(struct count count, bool loose)
{
	if (count.known != KNOWN_EXACT && count.known != KNOWN_AT_LEAST)
		return unknown;
	return (struct figure){(double)count.n, loose                        ? FIGURE_ABOUT
	                                        : count.known == KNOWN_EXACT ? FIGURE_EXACT
	                                                                     : FIGURE_AT_LEAST};
}

static struct figure per_s(struct figure figure, uint64_t watched_ns)
{
	if (figure.known == FIGURE_NOT || !watched_ns)
		return unknown;
	figure.value = figure.value * 1e9 / (double)watched_ns;
	return figure;
}

/* Of two lower bounds it is none. */
static struct figure ratio(struct figure part, struct figure whole)
{
	bool exact = part.known == FIGURE_EXACT && whole.known == FIGURE_EXACT;

	if (part.known == FIGURE_NOT || whole.known == FIGURE_NOT || whole.value <= 0)
		return unknown;
	return (struct figure){part.value / whole.value, exact ? FIGURE_EXACT : FIGURE_ABOUT};
}

static struct change change_of(enum figure_unit unit, struct figure a, struct figure b)
{
	if (a.known != FIGURE_EXACT || b.known != FIGURE_EXACT)
		return (struct change){CHANGE_UNKNOWN, 0};
	if (unit == UNIT_COUNT)
		return (struct change){CHANGE_BY, b.value - a.value};
	if (a.value > 0)
		return (struct change){CHANGE_FACTOR, b.value / a.value};
	return (struct change){b.value > 0 ? CHANGE_UNKNOWN : CHANGE_FACTOR, 1};
}

/* ---- sums ---- */

/* Of a machine, or of the domains of one label. */
struct sum {
	struct count maps, unmaps, map_bytes, unmap_bytes, failed_maps;
	uint64_t timed[COUNTS_WHAT_COUNT], inside_ns[COUNTS_WHAT_COUNT];
	uint32_t p99_ns[COUNTS_WHAT_COUNT]; /* of the last of timed_domains */
	uint32_t timed_domains[COUNTS_WHAT_COUNT];
	uint64_t small_unmaps, sized_unmaps;
	uint64_t watched_ns;
	uint32_t domains;
	bool loose;
};

/* A sum is no better known than its parts. */
static void add_count(struct count *sum, struct count more, bool first)
{
	sum->n += more.n;
	if (first)
		sum->known = more.known;
	else if (sum->known != more.known)
		sum->known = KNOWN_AT_LEAST;
}

static void add_traffic(struct sum *sum, const struct traffic *traffic, struct count failed,
                        bool first)
{
	add_count(&sum->maps, traffic->maps, first);
	add_count(&sum->unmaps, traffic->unmaps, first);
	add_count(&sum->map_bytes, traffic->map_bytes, first);
	add_count(&sum->unmap_bytes, traffic->unmap_bytes, first);
	add_count(&sum->failed_maps, failed, first);
}

static void add_time(struct sum *sum, enum counts_what what, uint64_t timed, uint64_t inside_ns,
                     uint32_t p99_ns)
{
	if (!timed)
		return;
	sum->timed[what] += timed;
	sum->inside_ns[what] += inside_ns;
	sum->p99_ns[what] = p99_ns;
	sum->timed_domains[what]++;
}

static void add_shape(struct sum *sum, const struct snapshot *snap,
                      const struct snapshot_domain *domain)
{
	const struct snapshot_sizes *sizes =
		domain->sizes == NO_NUMBER ? NULL : &snap->domain_sizes[domain->sizes];

	add_time(sum, COUNTS_MAP, domain->maps_timed, domain->map_inside_ns, domain->map_p99_ns);
	add_time(sum, COUNTS_UNMAP, domain->unmaps_timed, domain->unmap_inside_ns,
	         domain->unmap_p99_ns);
	for (size_t i = 0; sizes && i < SIZE_BUCKETS; i++)
		sum->sized_unmaps += sizes->unmaps[i];
	if (sizes)
		sum->small_unmaps += sizes->unmaps[0];
}

/* Attempts of which none failed are as good as what was done. */
static bool is_loose(const struct snapshot *snap)
{
	return snap->attempts_ever &&
	       !(snap->map_attempts_over.known == KNOWN_EXACT && !snap->map_attempts_over.n);
}

static struct sum machine_sum(const struct compare_side *side)
{
	const struct snapshot *snap = side->snap;
	struct sum sum = {.watched_ns = side->watched_ns};

	add_traffic(&sum, &snap->traffic, snap->failed_maps, true);
	for (size_t i = 0; i < snap->domain_count; i++)
		add_shape(&sum, snap, &snap->domains[i]);
	return sum;
}

/* One side, and what its domains are called. */
struct labelled {
	const struct compare_side *side;
	const struct snapshot *snap;
	char **labels;
};

static struct labelled label_domains(const struct compare_side *side)
{
	const struct snapshot *snap = side->snap;
	struct labelled out = {side, snap, xcalloc(snap->domain_count + 1, sizeof(char *))};
	char label[NAME_MAX_BYTES];

	for (size_t i = 0; i < snap->domain_count; i++)
		out.labels[i] = xstrdup(
			snapshot_domain_label(snap, &snap->domains[i], label, sizeof(label)));
	return out;
}

static void release_labels(struct labelled *of)
{
	for (size_t i = 0; i < of->snap->domain_count; i++)
		free(of->labels[i]);
	free(of->labels);
}

static struct sum label_sum(const struct labelled *of, const char *label)
{
	const struct snapshot *snap = of->snap;
	struct sum sum = {.watched_ns = of->side->watched_ns, .loose = is_loose(snap)};

	for (size_t i = 0; i < snap->domain_count; i++) {
		const struct snapshot_domain *domain = &snap->domains[i];

		if (strcmp(of->labels[i], label) != 0)
			continue;
		add_traffic(&sum, &domain->traffic, domain->failed_maps, !sum.domains);
		add_shape(&sum, snap, domain);
		sum.domains++;
	}
	return sum;
}

/* ---- figures of a sum ---- */

static struct count count_of(const struct sum *sum, enum counts_what what)
{
	return what == COUNTS_MAP ? sum->maps : sum->unmaps;
}

static struct figure hits(const struct sum *sum, enum counts_what what)
{
	return of_count(count_of(sum, what), sum->loose);
}

static struct figure bytes(const struct sum *sum, enum counts_what what)
{
	return of_count(what == COUNTS_MAP ? sum->map_bytes : sum->unmap_bytes, sum->loose);
}

static struct figure hits_per_s(const struct sum *sum, enum counts_what what)
{
	return per_s(hits(sum, what), sum->watched_ns);
}

static struct figure bytes_per_s(const struct sum *sum, enum counts_what what)
{
	return per_s(bytes(sum, what), sum->watched_ns);
}

static struct figure mean_size(const struct sum *sum, enum counts_what what)
{
	return ratio(bytes(sum, what), hits(sum, what));
}

static struct figure unmaps_per_mib(const struct sum *sum, enum counts_what what)
{
	struct figure mapped = bytes(sum, COUNTS_MAP);

	mapped.value /= MIB;
	return ratio(hits(sum, what), mapped);
}

/* Sizes are not known of what the kernel counted for no domain. */
static struct figure small_share(const struct sum *sum, enum counts_what what)
{
	struct figure all = hits(sum, what);
	bool exact = all.known == FIGURE_EXACT && sum->sized_unmaps == sum->unmaps.n;

	if (!sum->sized_unmaps)
		return unknown;
	return (struct figure){(double)sum->small_unmaps / (double)sum->sized_unmaps,
	                       exact ? FIGURE_EXACT : FIGURE_ABOUT};
}

static bool all_are_timed(const struct sum *sum, enum counts_what what)
{
	struct figure all = hits(sum, what);

	return all.known == FIGURE_EXACT && sum->timed[what] == count_of(sum, what).n;
}

static struct figure mean_inside(const struct sum *sum, enum counts_what what)
{
	if (!sum->timed[what])
		return unknown;
	return (struct figure){(double)sum->inside_ns[what] / (double)sum->timed[what],
	                       all_are_timed(sum, what) ? FIGURE_EXACT : FIGURE_ABOUT};
}

/* It is the edge of a bucket, and that of several domains is not to be had from theirs. */
static struct figure p99_inside(const struct sum *sum, enum counts_what what)
{
	if (sum->timed_domains[what] != 1)
		return unknown;
	return (struct figure){(double)sum->p99_ns[what], FIGURE_ABOUT};
}

static struct figure inside_per_s(const struct sum *sum, enum counts_what what)
{
	struct figure inside = {(double)sum->inside_ns[what], FIGURE_AT_LEAST};

	if (all_are_timed(sum, what))
		inside.known = FIGURE_EXACT;
	else if (!sum->timed[what])
		return unknown;
	return per_s(inside, sum->watched_ns);
}

static struct figure failed(const struct sum *sum, enum counts_what what)
{
	(void)what;
	return of_count(sum->failed_maps, false);
}

static const struct {
	const char *name;
	enum figure_unit unit;
	struct figure (*figure)(const struct sum *sum, enum counts_what what);
	enum counts_what what;
} figures[] = {
	{"maps", UNIT_PER_S, hits_per_s, COUNTS_MAP},
	{"unmaps", UNIT_PER_S, hits_per_s, COUNTS_UNMAP},
	{"mapped", UNIT_BYTES_PER_S, bytes_per_s, COUNTS_MAP},
	{"unmapped", UNIT_BYTES_PER_S, bytes_per_s, COUNTS_UNMAP},
	{"mean map size", UNIT_BYTES, mean_size, COUNTS_MAP},
	{"mean unmap size", UNIT_BYTES, mean_size, COUNTS_UNMAP},
	{"unmaps per mapped MiB", UNIT_PER_MIB, unmaps_per_mib, COUNTS_UNMAP},
	{"unmaps below 8 KiB", UNIT_SHARE, small_share, COUNTS_UNMAP},
	{"time inside a map, mean", UNIT_NS, mean_inside, COUNTS_MAP},
	{"time inside a map, p99", UNIT_NS, p99_inside, COUNTS_MAP},
	{"time inside an unmap, mean", UNIT_NS, mean_inside, COUNTS_UNMAP},
	{"time inside an unmap, p99", UNIT_NS, p99_inside, COUNTS_UNMAP},
	{"time inside maps", UNIT_NS_PER_S, inside_per_s, COUNTS_MAP},
	{"time inside unmaps", UNIT_NS_PER_S, inside_per_s, COUNTS_UNMAP},
	{"failed maps", UNIT_COUNT, failed, COUNTS_MAP},
};

/* ---- rows ---- */

static struct compare_part *add_part(struct comparison *comparison, enum part_kind kind,
                                     const char *name)
{
	struct compare_part *part;

	comparison->parts = grow(comparison->parts, &comparison->part_capacity,
	                         comparison->part_count, sizeof(*comparison->parts));
	part = &comparison->parts[comparison->part_count++];
	*part = (struct compare_part){.kind = kind, .name = xstrdup(name)};
	part->a.there = part->b.there = true;
	return part;
}

static void add_row(struct compare_part *part, const char *name, enum figure_unit unit,
                    struct figure a, struct figure b)
{
	if (a.known == FIGURE_NOT && b.known == FIGURE_NOT)
		return;
	part->rows = grow(part->rows, &part->row_capacity, part->row_count, sizeof(*part->rows));
	part->rows[part->row_count++] =
		(struct compare_row){xstrdup(name), unit, a, b, change_of(unit, a, b)};
}

/* Who was not there has no figures, not even 0. */
static void add_figures(struct compare_part *part, const struct sum *a, const struct sum *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		add_row(part, figures[i].name, figures[i].unit,
		        part->a.there ? figures[i].figure(a, figures[i].what) : unknown,
		        part->b.there ? figures[i].figure(b, figures[i].what) : unknown);
}

static void add_machine(const struct compare_side *a, const struct compare_side *b,
                        struct comparison *comparison)
{
	struct compare_part *part = add_part(comparison, PART_MACHINE, "machine");
	struct sum sums[] = {machine_sum(a), machine_sum(b)};

	add_figures(part, &sums[0], &sums[1]);
	add_row(part, "faults", UNIT_COUNT, of_count(a->snap->faults, false),
	        of_count(b->snap->faults, false));
	add_row(part, "fault rate", UNIT_PER_S,
	        per_s(of_count(a->snap->faults, false), a->watched_ns),
	        per_s(of_count(b->snap->faults, false), b->watched_ns));
	add_row(part, "lost events", UNIT_COUNT, of_count(a->snap->lost, false),
	        of_count(b->snap->lost, false));
}

/* ---- domains ---- */

static void describe(struct part_side *side, const struct labelled *of, const char *label)
{
	const char *type = NULL;
	uint32_t domains = 0, freed = 0;

	for (size_t i = 0; i < of->snap->domain_count; i++) {
		const struct snapshot_domain *domain = &of->snap->domains[i];
		const char *other = snapshot_domain_type(domain);

		if (strcmp(of->labels[i], label) != 0)
			continue;
		type = !type || !strcmp(type, other) ? other : "of several types";
		domains++;
		freed += domain->freed;
	}
	if (type && strcmp(type, "-") != 0)
		append_clause(side->about, sizeof(side->about), "%s", type);
	if (domains > 1)
		append_clause(side->about, sizeof(side->about), "%u domains", domains);
	if (freed)
		append_clause(side->about, sizeof(side->about),
		              freed < domains ? "%u freed" : "freed", freed);
	side->there = domains;
}

static bool has_part(const struct comparison *comparison, enum part_kind kind, const char *name)
{
	for (size_t i = 0; i < comparison->part_count; i++)
		if (comparison->parts[i].kind == kind && !strcmp(comparison->parts[i].name, name))
			return true;
	return false;
}

static double weight_of(const struct sum *sum)
{
	return (double)sum->maps.n + (double)sum->unmaps.n + (double)sum->failed_maps.n;
}

static void add_label(const struct labelled *a, const struct labelled *b, const char *label,
                      struct comparison *comparison)
{
	struct sum sums[] = {label_sum(a, label), label_sum(b, label)};
	struct compare_part *part = add_part(comparison, PART_DOMAIN, label);

	part->weight = weight_of(&sums[0]) + weight_of(&sums[1]);
	describe(&part->a, a, label);
	describe(&part->b, b, label);
	add_figures(part, &sums[0], &sums[1]);
}

static bool had_traffic(const struct snapshot_domain *domain)
{
	return domain->traffic.maps.n || domain->traffic.unmaps.n || domain->failed_maps.n;
}

static void add_labels_of(const struct labelled *of, const struct labelled *a,
                          const struct labelled *b, struct comparison *comparison)
{
	for (size_t i = 0; i < of->snap->domain_count; i++)
		if (had_traffic(&of->snap->domains[i]) &&
		    !has_part(comparison, PART_DOMAIN, of->labels[i]))
			add_label(a, b, of->labels[i], comparison);
}

static int heaviest_first(const void *left, const void *right)
{
	const struct compare_part *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void add_domains(const struct compare_side *a, const struct compare_side *b,
                        struct comparison *comparison)
{
	struct labelled left = label_domains(a), right = label_domains(b);
	size_t first = comparison->part_count;

	add_labels_of(&left, &left, &right, comparison);
	add_labels_of(&right, &left, &right, comparison);
	release_labels(&left);
	release_labels(&right);
	if (comparison->part_count > first)
		qsort(&comparison->parts[first], comparison->part_count - first,
		      sizeof(*comparison->parts), heaviest_first);
}

/* ---- bursts ---- */

/* Whose it was, without what is another one after a boot. */
static void burst_name(const struct snapshot *snap, const struct snapshot_transition *burst,
                       char *out, size_t size)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(snap, burst->to_domain);

	if (burst->vm || burst->process_name)
		copy_text(out, size,
		          snapshot_text(snap, burst->vm ? burst->vm : burst->process_name));
	else if (domain)
		snapshot_domain_label(snap, domain, out, size);
	else
		copy_text(out, size, "domains without a name");
	append_text(out, size, " %s", transition_words[burst->kind]);
}

/* The nth burst of this name, from 0; NULL where there are not so many. */
static const struct snapshot_transition *nth_burst(const struct snapshot *snap, const char *name,
                                                   size_t nth)
{
	char other[NAME_MAX_BYTES];

	for (size_t i = 0; i < snap->transition_count; i++) {
		const struct snapshot_transition *burst = &snap->transitions[i];

		if (burst->kind == TRANSITION_AWAY)
			continue;
		burst_name(snap, burst, other, sizeof(other));
		if (!strcmp(name, other) && !nth--)
			return burst;
	}
	return NULL;
}

/* How long, how many, how much: with some of it missed, or of attempts. */
static struct figure of_burst(const struct snapshot_transition *burst, uint64_t value)
{
	if (!burst)
		return unknown;
	return (struct figure){(double)value, burst->attempts   ? FIGURE_ABOUT
	                                      : burst->at_least ? FIGURE_AT_LEAST
	                                                        : FIGURE_EXACT};
}

/* With some of them missed, another size may have been commoner. */
static struct figure common_size(const struct snapshot_transition *burst)
{
	bool exact;

	if (!burst || !burst->common_count || burst->common_log2 >= LAST_LOG2)
		return unknown;
	exact = burst->common_bytes && !burst->at_least && !burst->attempts;
	return (struct figure){burst->common_bytes ? (double)burst->common_bytes
	                                           : (double)(1ull << burst->common_log2),
	                       exact ? FIGURE_EXACT : FIGURE_ABOUT};
}

static void add_burst(const char *name, const struct snapshot_transition *a,
                      const struct snapshot_transition *b, struct comparison *comparison)
{
	struct compare_part *part = add_part(comparison, PART_BURST, name);
	const char *noun = (a ? a : b)->kind == TRANSITION_START ? "maps" : "unmaps";

	part->a.there = a;
	part->b.there = b;
	add_row(part, "duration", UNIT_NS, of_burst(a, a ? a->end_ns - a->begin_ns : 0),
	        of_burst(b, b ? b->end_ns - b->begin_ns : 0));
	add_row(part, noun, UNIT_COUNT, of_burst(a, a ? a->count : 0),
	        of_burst(b, b ? b->count : 0));
	add_row(part, "size of all", UNIT_BYTES, of_burst(a, a ? a->bytes : 0),
	        of_burst(b, b ? b->bytes : 0));
	add_row(part, "commonest size", UNIT_BYTES, common_size(a), common_size(b));
	add_row(part, "time inside the IOMMU", UNIT_NS,
	        a && a->inside_ns ? of_burst(a, a->inside_ns) : unknown,
	        b && b->inside_ns ? of_burst(b, b->inside_ns) : unknown);
}

/* The nth of one side beside the nth of the other: "vm1 start", "vm1 start 2". */
static void add_bursts_called(const char *name, const struct snapshot *a, const struct snapshot *b,
                              struct comparison *comparison)
{
	char title[NAME_MAX_BYTES];

	for (size_t nth = 0;; nth++) {
		const struct snapshot_transition *left = nth_burst(a, name, nth);
		const struct snapshot_transition *right = nth_burst(b, name, nth);

		if (!left && !right)
			return;
		copy_text(title, sizeof(title), name);
		if (nth)
			append_text(title, sizeof(title), " %zu", nth + 1);
		add_burst(title, left, right, comparison);
	}
}

static void add_bursts_of(const struct snapshot *snap, const struct snapshot *a,
                          const struct snapshot *b, struct comparison *comparison)
{
	char name[NAME_MAX_BYTES];

	for (size_t i = 0; i < snap->transition_count; i++) {
		if (snap->transitions[i].kind == TRANSITION_AWAY)
			continue;
		burst_name(snap, &snap->transitions[i], name, sizeof(name));
		if (!has_part(comparison, PART_BURST, name))
			add_bursts_called(name, a, b, comparison);
	}
}

/* ---- faults ---- */

static void fault_name(const struct snapshot *snap, const struct snapshot_fault *fault, char *out,
                       size_t size)
{
	text_id device = fault->device_index == NO_NUMBER ? fault->device
	                                                  : snap->devices[fault->device_index].name;

	snprintf(out, size, "%s, %s", device ? snapshot_text(snap, device) : "no device",
	         fault->reason ? snapshot_text(snap, fault->reason) : "no reason");
	if (fault->direction != DIRECTION_UNKNOWN)
		append_text(out, size, ", %s", direction_names[fault->direction]);
}

/* Rows that gave way to newer ones may have had it, and others more of it. */
static struct figure faults_called(const struct snapshot *snap, const char *name)
{
	struct count count = {0, snap->faults.known};
	char other[NAME_MAX_BYTES];

	for (size_t i = 0; i < snap->fault_count; i++) {
		fault_name(snap, &snap->faults_seen[i], other, sizeof(other));
		if (!strcmp(name, other))
			count.n += snap->faults_seen[i].count;
	}
	if (snap->rows_dropped && count.known == KNOWN_EXACT)
		count.known = KNOWN_AT_LEAST;
	if (count.n && count.known != KNOWN_EXACT)
		count.known = KNOWN_AT_LEAST;
	return of_count(count, false);
}

static bool has_row(const struct compare_part *part, const char *name)
{
	for (size_t i = 0; i < part->row_count; i++)
		if (!strcmp(part->rows[i].name, name))
			return true;
	return false;
}

static void add_faults_of(const struct snapshot *snap, const struct snapshot *a,
                          const struct snapshot *b, struct compare_part *part)
{
	char name[NAME_MAX_BYTES];

	for (size_t i = 0; i < snap->fault_count; i++) {
		fault_name(snap, &snap->faults_seen[i], name, sizeof(name));
		if (snap->faults_seen[i].count && !has_row(part, name))
			add_row(part, name, UNIT_COUNT, faults_called(a, name),
			        faults_called(b, name));
	}
}

static bool had_faults(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->fault_count; i++)
		if (snap->faults_seen[i].count)
			return true;
	return false;
}

static void add_faults(const struct snapshot *a, const struct snapshot *b,
                       struct comparison *comparison)
{
	struct compare_part *part;

	if (!had_faults(a) && !had_faults(b))
		return;
	part = add_part(comparison, PART_FAULTS, "faults");
	add_faults_of(a, a, b, part);
	add_faults_of(b, a, b, part);
}

/* ---- all of it ---- */

void compare(const struct compare_side *a, const struct compare_side *b,
             struct comparison *comparison)
{
	add_machine(a, b, comparison);
	add_domains(a, b, comparison);
	add_bursts_of(a->snap, a->snap, b->snap, comparison);
	add_bursts_of(b->snap, a->snap, b->snap, comparison);
	add_faults(a->snap, b->snap, comparison);
}

static void release_part(struct compare_part *part)
{
	for (size_t i = 0; i < part->row_count; i++)
		free(part->rows[i].name);
	free(part->rows);
	free(part->name);
}

void compare_release(struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->part_count; i++)
		release_part(&comparison->parts[i]);
	free(comparison->parts);
	*comparison = (struct comparison){0};
}

const char *compare_collect_words(const struct snapshot *snap)
{
	if (snap->collect == COLLECT_EVENTS)
		return snap->attempts_ever ? "events one by one, at times counts of attempts"
		                           : "events one by one";
	if (snap->collect == COLLECT_COUNTS)
		return snap->attempts_ever ? "counts, of attempts where they are a domain's"
		                           : "counts";
	return snap->collect == COLLECT_TRACEPOINTS ? "events, of domains unknown"
	                                            : "no maps and unmaps";
}

bool compare_collected_alike(const struct snapshot *a, const struct snapshot *b)
{
	return a->collect == b->collect && a->attempts_ever == b->attempts_ever;
}
