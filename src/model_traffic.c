// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_traffic: what domains did: maps and unmaps one by one or counted in the kernel, their
 * rates, and how far the figures can be believed. In: events, a domain's place in the table. Out:
 * figures of a row. Must never know: whose domain it is. Pure.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

#define PAGE_2M (2ull << 20)
#define PAGE_1G (1ull << 30)

/* Of maps and unmaps in a history: as many as there are at most, and what may be gone through at
 * each tick. */
#define STRETCHES_MOST   262144u
#define STRETCHES_A_TICK 8192u

struct figures *model_traffic_figures(struct domain *domain)
{
	if (!domain->figures)
		domain->figures = xcalloc(1, sizeof(*domain->figures));
	return domain->figures;
}

/* Of what is not 0. */
static inline unsigned int log2_of(uint64_t value)
{
	return 63u ^ (unsigned int)__builtin_clzll(value);
}

static inline size_t bucket_of_log2(unsigned int log2)
{
	if (log2 < SIZE_LOG2_MIN)
		return 0;
	return log2 - SIZE_LOG2_MIN < SIZE_BUCKETS ? log2 - SIZE_LOG2_MIN : SIZE_BUCKETS - 1;
}

size_t model_traffic_bucket(uint64_t size_bytes)
{
	return bucket_of_log2(size_bytes ? log2_of(size_bytes) : 0);
}

void model_traffic_gap(struct model *model, uint64_t ts_ns)
{
	model->gaps++;
	model->gap_ns = ts_ns;
	history_gap(model->history, ts_ns);
}

static void add_counts(struct traffic_counts *sum, const struct traffic_counts *more)
{
	sum->maps += more->maps;
	sum->unmaps += more->unmaps;
	sum->map_bytes += more->map_bytes;
	sum->unmap_bytes += more->unmap_bytes;
}

/* What was mapped before a gap may be unmapped unseen: begin anew. */
static void balance(const struct model *model, struct domain *domain, int64_t bytes)
{
	if (domain->gaps != model->gaps) {
		domain->gaps = model->gaps;
		domain->balance_bytes = 0;
	}
	domain->balance_bytes += bytes;
}

/* ---- one by one ---- */

static size_t inside_bucket(uint32_t ns)
{
	unsigned int log2;

	if (ns < 4)
		return ns;
	log2 = log2_of(ns);
	return 4 * (log2 - 1) + (ns >> (log2 - 2) & 3);
}

/* The largest value that falls into it. */
static uint64_t inside_edge(size_t bucket)
{
	if (bucket < 4)
		return bucket;
	return ((5 + (uint64_t)bucket % 4) << (bucket / 4 - 1)) - 1;
}

static inline void add_inside(struct inside *inside, uint32_t ns)
{
	if (!ns)
		return;
	inside->count++;
	inside->sum_ns += ns;
	if (ns > inside->most_ns)
		inside->most_ns = ns;
	inside->buckets[inside_bucket(ns)]++;
}

static void add_page(struct figures *figures, uint64_t iova, uint64_t size_bytes)
{
	if (size_bytes < PAGE_2M || iova % PAGE_2M)
		figures->pages_4k++;
	else if (size_bytes < PAGE_1G || iova % PAGE_1G)
		figures->pages_2m++;
	else
		figures->pages_1g++;
}

/* The busiest task stands first, and mostly it is that one. */
static inline void add_task(const struct model *model, struct figures *figures,
                            const struct event *ev, size_t count)
{
	struct task_counter *counter = &figures->tasks[0];

	if (!figures->task_count || counter->pid != ev->pid)
		counter = model_tasks_counter(model, figures, ev->pid);
	if (ev->kind == EVENT_MAP)
		counter->maps += count;
	else
		counter->unmaps += count;
}

/* Where nobody says whether it was in an interrupt, the task may have made it: its figures are at
 * most. */
static inline void add_context(const struct model *model, struct figures *figures,
                               const struct event *ev, size_t count)
{
	bool in_interrupt = event_in_interrupt(ev);

	figures->seen += count;
	if (in_interrupt)
		figures->in_interrupt += count;
	if (ev->context & CONTEXT_NEED_RESCHED)
		figures->need_resched += count;
	if (ev->context & CONTEXT_UNKNOWN)
		figures->context_unknown += count;
	if (!in_interrupt)
		add_task(model, figures, ev, count);
}

static inline struct domain *acting(struct model *model, uint32_t id, uint64_t ts_ns)
{
	struct domain *domain = model_domain_again(model, id, ts_ns);

	domain->known_otherwise |= !domain->born;
	return domain;
}

static bool has_bursts(struct domain *domain)
{
	if (domain->state != DOMAIN_LIVING)
		return model_journey_waits(domain);
	if (domain->type != DOMAIN_TYPE_UNMANAGED)
		return false;
	if (!domain->bursts)
		domain->bursts = xcalloc(1, sizeof(*domain->bursts));
	return true;
}

/* What is looked at in each by itself. Returns their bytes. */
static uint64_t add_maps(struct figures *figures, const struct event *events, size_t count)
{
	struct inside *inside = &figures->inside[COUNTS_MAP];
	uint64_t bytes = 0;

	for (const struct event *ev = events; ev < events + count; ev++) {
		bytes += ev->map.size_bytes;
		figures->sizes[COUNTS_MAP][model_traffic_bucket(ev->map.size_bytes)]++;
		add_inside(inside, ev->map.inside_ns);
		add_page(figures, ev->map.iova, ev->map.size_bytes);
	}
	return bytes;
}

void model_traffic_maps(struct model *model, const struct event *events, size_t count)
{
	struct domain *domain = acting(model, events->map.domain, events->ts_ns);
	struct figures *figures = model_traffic_figures(domain);
	uint64_t bytes = add_maps(figures, events, count);

	domain->total.maps += count;
	domain->total.map_bytes += bytes;
	model->all.total.maps += count;
	model->all.total.map_bytes += bytes;
	balance(model, domain, (int64_t)bytes);
	add_context(model, figures, events, count);
	if (has_bursts(domain))
		model_journey_map(model, domain, events);
}

/* Likewise. Returns the bytes that were unmapped. */
static uint64_t add_unmaps(struct figures *figures, const struct event *events, size_t count)
{
	struct inside *inside = &figures->inside[COUNTS_UNMAP];
	uint64_t asked_bytes = 0, done_bytes = 0;

	for (const struct event *ev = events; ev < events + count; ev++) {
		figures->sizes[COUNTS_UNMAP][model_traffic_bucket(ev->unmap.size_bytes)]++;
		add_inside(inside, ev->unmap.inside_ns);
		asked_bytes += ev->unmap.size_bytes;
		done_bytes += ev->unmap.unmapped_bytes;
		figures->small_unmaps += ev->unmap.size_bytes == 4096;
	}
	figures->unmaps_seen += count;
	figures->asked_bytes += asked_bytes;
	figures->done_bytes += done_bytes;
	return done_bytes;
}

void model_traffic_unmaps(struct model *model, const struct event *events, size_t count)
{
	struct domain *domain = acting(model, events->unmap.domain, events->ts_ns);
	struct figures *figures = model_traffic_figures(domain);
	uint64_t bytes = add_unmaps(figures, events, count);

	domain->total.unmaps += count;
	domain->total.unmap_bytes += bytes;
	model->all.total.unmaps += count;
	model->all.total.unmap_bytes += bytes;
	add_context(model, figures, events, count);
	/* The map that it takes back was never counted. */
	if (events->unmap.undoes)
		return;
	balance(model, domain, -(int64_t)bytes);
	if (has_bursts(domain))
		model_journey_unmap(model, domain, events);
}

/* Of one kind, task, CPU and context. */
static inline bool is_alike(const struct event *a, const struct event *b)
{
	return a->kind == b->kind && a->pid == b->pid && a->context == b->context;
}

static size_t run_of_maps(const struct event *events, size_t count)
{
	size_t run = 1;

	while (run < count && is_alike(&events[run], events) &&
	       events[run].map.domain == events->map.domain && events[run].map.size_bytes)
		run++;
	return events->map.size_bytes ? run : 1;
}

static size_t run_of_unmaps(const struct event *events, size_t count)
{
	size_t run = 1;

	while (run < count && is_alike(&events[run], events) &&
	       events[run].unmap.domain == events->unmap.domain && !events[run].unmap.undoes)
		run++;
	return events->unmap.undoes ? 1 : run;
}

/* Bursts are told in the log, each at its end. */
size_t model_traffic_run(struct model *model, const struct event *events, size_t count)
{
	bool map = events->kind == EVENT_MAP;
	uint32_t id = map ? events->map.domain : events->unmap.domain;

	if (has_bursts(model_domain_again(model, id, events->ts_ns)))
		return 1;
	return map ? run_of_maps(events, count) : run_of_unmaps(events, count);
}

/* The least frequent makes place for one that is new. */
static struct snapshot_error *error_place(struct figures *figures, int32_t error)
{
	struct snapshot_error *least = &figures->errors[0];

	for (size_t i = 0; i < figures->error_count; i++) {
		if (figures->errors[i].error == error)
			return &figures->errors[i];
		if (figures->errors[i].count < least->count)
			least = &figures->errors[i];
	}
	if (figures->error_count < TOP_ERRORS)
		least = &figures->errors[figures->error_count++];
	*least = (struct snapshot_error){.error = error};
	return least;
}

void model_traffic_failed(struct model *model, const struct event *ev)
{
	struct domain *domain = acting(model, ev->map_failed.domain, ev->ts_ns);

	domain->failed_maps++;
	model->all.failed_maps++;
	error_place(model_traffic_figures(domain), ev->map_failed.error)->count++;
}

/* ---- counted in the kernel ---- */

static void add_counted(struct traffic_counts *counts, const struct event *ev)
{
	if (ev->counts.what == COUNTS_MAP) {
		counts->maps += ev->counts.hits;
		counts->map_bytes += ev->counts.bytes;
	} else {
		counts->unmaps += ev->counts.hits;
		counts->unmap_bytes += ev->counts.bytes;
	}
}

static void add_counted_to(struct model *model, struct domain *domain, const struct event *ev)
{
	int64_t bytes = (int64_t)ev->counts.bytes;
	struct figures *figures = model_traffic_figures(domain);

	add_counted(&domain->total, ev);
	add_counted(&model->counted.domains, ev);
	figures->sizes[ev->counts.what][bucket_of_log2(ev->counts.log2)] += ev->counts.hits;
	balance(model, domain, ev->counts.what == COUNTS_MAP ? bytes : -bytes);
	if (has_bursts(domain))
		model_journey_counted(model, domain, ev);
}

/* What was counted of a freed domain is told a tick later: it may have been dropped by then. */
void model_traffic_counts(struct model *model, const struct event *ev)
{
	uint32_t id = model_domain_dropped(model, ev->counts.domain) ? DOMAIN_UNATTRIBUTED
	                                                             : ev->counts.domain;
	struct domain *domain;

	if (ev->counts.what >= COUNTS_WHAT_COUNT)
		return;
	model->counted.ever = true;
	if (ev->counts.domain == DOMAIN_ALL) {
		add_counted(&model->counted.all, ev);
		add_counted(&model->all.total, ev);
		return;
	}
	domain = acting(model, id, ev->ts_ns);
	if (domain->id == DOMAIN_UNATTRIBUTED)
		add_counted(&model->counted.unknown, ev);
	else
		add_counted_to(model, domain, ev);
}

static uint64_t rest(uint64_t all, uint64_t domains, uint64_t unknown)
{
	uint64_t left = all > domains ? all - domains : 0;

	return left > unknown ? left : unknown;
}

/* What has happened in a domain has happened. */
static uint64_t shortfall(uint64_t all, uint64_t domains, uint64_t unknown)
{
	return domains + unknown > all ? domains + unknown - all : 0;
}

/*
 * The tracepoint fires before a domain's probe has the return: a call that was under way when
 * counting began is counted by the domain alone.
 */
static void add_shortfall(struct model *model)
{
	const struct counted *c = &model->counted;
	struct traffic_counts more = {
		.maps = shortfall(c->all.maps, c->domains.maps, c->unknown.maps),
		.unmaps = shortfall(c->all.unmaps, c->domains.unmaps, c->unknown.unmaps),
		.map_bytes =
			shortfall(c->all.map_bytes, c->domains.map_bytes, c->unknown.map_bytes),
		.unmap_bytes = shortfall(c->all.unmap_bytes, c->domains.unmap_bytes,
	                                 c->unknown.unmap_bytes),
	};

	add_counts(&model->counted.all, &more);
	add_counts(&model->all.total, &more);
}

static void add_rest(struct model *model)
{
	const struct counted *c = &model->counted;
	struct traffic_counts *total = &model->domains.slots[0].total;
	struct traffic_counts now = {
		.maps = rest(c->all.maps, c->domains.maps, c->unknown.maps),
		.unmaps = rest(c->all.unmaps, c->domains.unmaps, c->unknown.unmaps),
		.map_bytes = rest(c->all.map_bytes, c->domains.map_bytes, c->unknown.map_bytes),
		.unmap_bytes =
			rest(c->all.unmap_bytes, c->domains.unmap_bytes, c->unknown.unmap_bytes),
	};

	total->maps += now.maps - c->residual.maps;
	total->unmaps += now.unmaps - c->residual.unmaps;
	total->map_bytes += now.map_bytes - c->residual.map_bytes;
	total->unmap_bytes += now.unmap_bytes - c->residual.unmap_bytes;
	model->counted.residual = now;
}

void model_traffic_settle(struct model *model)
{
	if (!model->counted.attempts_ever)
		add_shortfall(model);
	add_rest(model);
}

/* ---- ticks ---- */

/* The kernel's two histograms are not read in one moment: what is left over can shrink a little. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void add_cell(const struct model *model, struct domain *domain)
{
	bool watched = model->classes[CLASS_MAP].on || model->classes[CLASS_UNMAP].on;
	double events = (double)(domain->in_tick.maps + domain->in_tick.unmaps);

	domain->trend[domain->trend_next] =
		watched ? (float)(events * 1e9 / (double)model->interval_ns) : TREND_UNKNOWN;
	domain->trend_next = (uint8_t)((domain->trend_next + 1) % TRAFFIC_CELLS);
	if (domain->trend_filled < TRAFFIC_CELLS)
		domain->trend_filled++;
}

static bool has_stretches(const struct model *model, const struct domain *domain)
{
	return domain->state == DOMAIN_LIVING && domain->id != DOMAIN_UNATTRIBUTED &&
	       (domain->type == DOMAIN_TYPE_UNMANAGED || domain->type == DOMAIN_TYPE_NESTED) &&
	       history_since(model->history, domain->id);
}

/* Other after each map and unmap up to the last tick, and after a gap. */
static uint64_t stretches_stamp(const struct model *model, const struct domain *domain)
{
	return domain->before_tick.maps + domain->before_tick.unmaps +
	       history_since(model->history, domain->id);
}

/* So many ticks without a change, for so many maps and unmaps there may be to go through. */
static uint64_t ticks_of_calm(const struct domain *domain)
{
	uint64_t most = domain->before_tick.maps + domain->before_tick.unmaps;

	return (most < STRETCHES_MOST ? most : STRETCHES_MOST) / STRETCHES_A_TICK;
}

/* What it takes is some microseconds for each hundred of them; who has many has to be calm. */
static void count_stretches(struct model *model, struct domain *domain)
{
	uint64_t stamp = stretches_stamp(model, domain);

	if (!has_stretches(model, domain))
		return;
	domain->calm_ticks = domain->seen_stamp == stamp ? domain->calm_ticks + 1 : 0;
	domain->seen_stamp = stamp;
	if (domain->stretches_stamp == stamp || domain->calm_ticks < ticks_of_calm(domain))
		return;
	domain->stretches = history_stretches(model->history, domain->id);
	domain->stretches_stamp = stamp;
}

void model_traffic_tick(struct model *model, struct domain *domain)
{
	const struct traffic_counts *now = &domain->total, *old = &domain->before_tick;

	domain->in_tick = (struct traffic_counts){
		.maps = grown(now->maps, old->maps),
		.unmaps = grown(now->unmaps, old->unmaps),
		.map_bytes = grown(now->map_bytes, old->map_bytes),
		.unmap_bytes = grown(now->unmap_bytes, old->unmap_bytes),
	};
	domain->before_tick = *now;
	count_stretches(model, domain);
	/* Here and not with each event: counts tell of unmaps without the order they came in. */
	if (domain->balance_bytes < 0) {
		domain->balance_bytes = 0;
		domain->clamped = true;
	}
	if (model->interval_ns)
		add_cell(model, domain);
}

static void fold_inside(struct inside *sum, const struct inside *more)
{
	sum->count += more->count;
	sum->sum_ns += more->sum_ns;
	if (more->most_ns > sum->most_ns)
		sum->most_ns = more->most_ns;
	for (size_t i = 0; i < INSIDE_BUCKETS; i++)
		sum->buckets[i] += more->buckets[i];
}

static void fold_figures(struct figures *sum, const struct figures *more)
{
	for (size_t what = 0; what < COUNTS_WHAT_COUNT; what++) {
		for (size_t i = 0; i < SIZE_BUCKETS; i++)
			sum->sizes[what][i] += more->sizes[what][i];
		fold_inside(&sum->inside[what], &more->inside[what]);
	}
	sum->pages_4k += more->pages_4k;
	sum->pages_2m += more->pages_2m;
	sum->pages_1g += more->pages_1g;
	sum->asked_bytes += more->asked_bytes;
	sum->done_bytes += more->done_bytes;
	sum->small_unmaps += more->small_unmaps;
	sum->seen += more->seen;
	sum->unmaps_seen += more->unmaps_seen;
	sum->in_interrupt += more->in_interrupt;
	sum->need_resched += more->need_resched;
	sum->context_unknown += more->context_unknown;
	sum->task_evicted = true; /* their tasks are not told */
	for (size_t i = 0; i < more->error_count; i++)
		error_place(sum, more->errors[i].error)->count += more->errors[i].count;
}

void model_traffic_fold(struct domain *sum, const struct domain *domain)
{
	add_counts(&sum->total, &domain->total);
	add_counts(&sum->before_tick, &domain->before_tick);
	add_counts(&sum->in_tick, &domain->in_tick);
	sum->failed_maps += domain->failed_maps;
	sum->partial |= domain->partial;
	if (domain->figures)
		fold_figures(model_traffic_figures(sum), domain->figures);
}

/* ---- how far it can be believed ---- */

/* The machine and what has no domain are counted by the tracepoint itself, which misses nothing. */
static bool is_a_domain(const struct model *model, const struct domain *domain)
{
	return domain != &model->all && domain->id != DOMAIN_UNATTRIBUTED;
}

/* Something may be missing since it was born, or since the start where that was not seen. */
static bool is_incomplete(const struct model *model, const struct domain *domain)
{
	if (model_events_lost(model) > (domain->born ? domain->lost_before : 0))
		return true;
	return is_a_domain(model, domain) &&
	       (domain->partial ||
	        model->unknown_domains > (domain->born ? domain->unknown_before : 0));
}

static struct count total_of(const struct model *model, const struct domain *domain,
                             enum event_class class, uint64_t n)
{
	const struct class_state *state = &model->classes[class];

	if (!state->known)
		return (struct count){n, n ? KNOWN_AT_LEAST : KNOWN_NOT};
	if (!state->on && !state->ever_on)
		return (struct count){n, KNOWN_OFF};
	return (struct count){n, !state->on || state->gap || is_incomplete(model, domain)
	                                 ? KNOWN_AT_LEAST
	                                 : KNOWN_EXACT};
}

static struct rate rate_of(const struct model *model, const struct domain *domain,
                           enum event_class class, uint64_t n)
{
	const struct class_state *state = &model->classes[class];
	bool missed = is_a_domain(model, domain) && model->missed.in_tick;

	if (!state->known || !model->interval_ns)
		return (struct rate){0, KNOWN_NOT};
	if (!state->on)
		return (struct rate){0, KNOWN_OFF};
	return (struct rate){(double)n * 1e9 / (double)model->interval_ns,
	                     state->changed_in_tick || missed || model_lost_events(model, false)
	                             ? KNOWN_AT_LEAST
	                             : KNOWN_EXACT};
}

static struct traffic traffic_of(const struct model *model, const struct domain *domain)
{
	const struct traffic_counts *total = &domain->total, *in_tick = &domain->in_tick;

	return (struct traffic){
		.maps = total_of(model, domain, CLASS_MAP, total->maps),
		.unmaps = total_of(model, domain, CLASS_UNMAP, total->unmaps),
		.map_bytes = total_of(model, domain, CLASS_MAP, total->map_bytes),
		.unmap_bytes = total_of(model, domain, CLASS_UNMAP, total->unmap_bytes),
		.maps_per_s = rate_of(model, domain, CLASS_MAP, in_tick->maps),
		.unmaps_per_s = rate_of(model, domain, CLASS_UNMAP, in_tick->unmaps),
		.map_bytes_per_s = rate_of(model, domain, CLASS_MAP, in_tick->map_bytes),
		.unmap_bytes_per_s = rate_of(model, domain, CLASS_UNMAP, in_tick->unmap_bytes),
	};
}

/* Without probes, and in what the kernel counts, a failed map leaves no trace. */
static struct count failed_of(const struct model *model, const struct domain *domain)
{
	struct count count = total_of(model, domain, CLASS_MAP, domain->failed_maps);

	if (!model->events_ever)
		return (struct count){count.n, count.n ? KNOWN_AT_LEAST : KNOWN_NOT};
	if (count.known == KNOWN_EXACT && (model->counted.ever || model->unknown_domains))
		count.known = KNOWN_AT_LEAST;
	return count;
}

/* Attempts say nothing of what is mapped, and a class that is off hides half of it. */
static bool can_balance(const struct model *model, const struct domain *domain)
{
	bool attributed = model->collect == COLLECT_EVENTS ||
	                  (model->collect == COLLECT_COUNTS && !model->collect_attempts);

	return attributed && domain->id != DOMAIN_UNATTRIBUTED && domain->state == DOMAIN_LIVING &&
	       model->start_ns && model->classes[CLASS_MAP].on && model->classes[CLASS_UNMAP].on;
}

uint64_t model_traffic_complete_since(const struct model *model, const struct domain *domain)
{
	uint64_t since = model->start_ns;

	if (domain->born && domain->born_gaps == model->gaps)
		return domain->born_ns;
	if (domain->partial && domain->first_seen_ns > since)
		since = domain->first_seen_ns;
	return model->gap_ns > since ? model->gap_ns : since;
}

bool model_traffic_is_whole(const struct model *model, const struct domain *domain)
{
	return domain->born && domain->born_gaps == model->gaps && !domain->clamped &&
	       !domain->partial;
}

static void put_outstanding(const struct model *model, const struct domain *domain,
                            struct snapshot_domain *out)
{
	bool whole_life = model_traffic_is_whole(model, domain);
	int64_t bytes = domain->gaps == model->gaps ? domain->balance_bytes : 0;

	if (!can_balance(model, domain))
		return;
	out->complete_since_ns = model_traffic_complete_since(model, domain);
	out->outstanding_bytes =
		(struct count){bytes > 0 ? (uint64_t)bytes : 0,
	                       whole_life && bytes >= 0 ? KNOWN_EXACT : KNOWN_AT_LEAST};
}

/* None at all is only known where the history has all of the domain's life: after a time of counts
 * it begins anew. */
static struct count stretches_of(const struct model *model, const struct domain *domain)
{
	bool none = !domain->stretches;
	bool whole_life = model_traffic_is_whole(model, domain) &&
	                  history_since(model->history, domain->id) <= domain->born_ns;

	if (!has_stretches(model, domain) || domain->stretches == SIZE_MAX ||
	    domain->stretches_stamp != stretches_stamp(model, domain) || (none && !whole_life))
		return (struct count){0, KNOWN_NOT};
	return (struct count){domain->stretches, none ? KNOWN_EXACT : KNOWN_AT_LEAST};
}

static uint32_t mean_of(const struct inside *inside)
{
	return inside->count ? (uint32_t)(inside->sum_ns / inside->count) : 0;
}

/* 99 of 100 took this or less. The few that took longest can lift the mean above the bucket. */
static uint32_t p99_of(const struct inside *inside)
{
	uint64_t rank = inside->count - inside->count / 100, seen = 0, edge_ns = mean_of(inside);
	size_t bucket = 0;

	if (!inside->count)
		return 0;
	while ((seen += inside->buckets[bucket]) < rank)
		bucket++;
	if (inside_edge(bucket) > edge_ns)
		edge_ns = inside_edge(bucket);
	return (uint32_t)(edge_ns < inside->most_ns ? edge_ns : inside->most_ns);
}

void model_traffic_row(const struct model *model, const struct domain *domain,
                       struct snapshot_domain *out)
{
	const struct figures *figures = domain->figures;

	out->traffic = traffic_of(model, domain);
	out->failed_maps = failed_of(model, domain);
	put_outstanding(model, domain, out);
	out->mappings = stretches_of(model, domain);
	if (!figures)
		return;
	out->map_mean_ns = mean_of(&figures->inside[COUNTS_MAP]);
	out->map_p99_ns = p99_of(&figures->inside[COUNTS_MAP]);
	out->unmap_mean_ns = mean_of(&figures->inside[COUNTS_UNMAP]);
	out->unmap_p99_ns = p99_of(&figures->inside[COUNTS_UNMAP]);
	out->maps_timed = figures->inside[COUNTS_MAP].count;
	out->unmaps_timed = figures->inside[COUNTS_UNMAP].count;
	out->map_inside_ns = figures->inside[COUNTS_MAP].sum_ns;
	out->unmap_inside_ns = figures->inside[COUNTS_UNMAP].sum_ns;
}

void model_traffic_sizes(const struct domain *domain, struct snapshot *snap,
                         struct snapshot_domain *out)
{
	struct snapshot_sizes *sizes = &snap->domain_sizes[snap->domain_size_count];

	if (!domain->figures)
		return;
	out->sizes = (uint32_t)snap->domain_size_count++;
	memcpy(sizes->maps, domain->figures->sizes[COUNTS_MAP], sizeof(sizes->maps));
	memcpy(sizes->unmaps, domain->figures->sizes[COUNTS_UNMAP], sizeof(sizes->unmaps));
}

/* A sum is no better known than its parts. */
static struct count sum_of(struct count a, struct count b)
{
	return (struct count){a.n + b.n, a.known == b.known ? a.known : KNOWN_AT_LEAST};
}

void model_traffic_machine(struct model *model, struct snapshot *snap)
{
	const struct counted *c = &model->counted;
	const struct traffic *unknown = &snap->domains[0].traffic;

	snap->traffic = traffic_of(model, &model->all);
	snap->failed_maps = failed_of(model, &model->all);
	snap->unattributed = sum_of(unknown->maps, unknown->unmaps);
	snap->attempts_ever = c->attempts_ever;
	snap->map_attempts_over = (struct count){0, KNOWN_NOT};
	if (c->attempts_ever)
		snap->map_attempts_over = (struct count){
			grown(c->domains.maps + c->unknown.maps, c->all.maps),
			model_lost_events(model, true) ? KNOWN_AT_LEAST : KNOWN_EXACT};
}

static void put_figures(const struct model *model, const struct figures *figures,
                        struct snapshot_detail *out)
{
	memcpy(out->map_sizes, figures->sizes[COUNTS_MAP], sizeof(out->map_sizes));
	memcpy(out->unmap_sizes, figures->sizes[COUNTS_UNMAP], sizeof(out->unmap_sizes));
	out->pages_4k = figures->pages_4k;
	out->pages_2m = figures->pages_2m;
	out->pages_1g = figures->pages_1g;
	out->unmap_asked_bytes = figures->asked_bytes;
	out->unmap_done_bytes = figures->done_bytes;
	out->small_unmaps = figures->small_unmaps;
	out->unmaps_seen = figures->unmaps_seen;
	memcpy(out->errors, figures->errors, sizeof(out->errors));
	out->error_count = figures->error_count;
	memcpy(out->callers, figures->callers, sizeof(out->callers));
	out->caller_count = figures->caller_count;
	out->callers_s = figures->callers_s;
	model_tasks_top_put(model, figures, out);
}

void model_traffic_detail(const struct model *model, const struct domain *domain,
                          struct snapshot_detail *out)
{
	const struct figures *figures = domain->figures;
	bool seen = figures && figures->seen;

	out->domain = domain->id;
	out->in_interrupt = seen ? figures->in_interrupt : UINT64_MAX;
	out->need_resched = seen ? figures->need_resched : UINT64_MAX;
	out->context_total = seen ? figures->seen - figures->context_unknown : UINT64_MAX;
	out->context_unknown = seen ? figures->context_unknown : 0;
	out->tasks_exact = true;
	if (figures)
		put_figures(model, figures, out);
}
