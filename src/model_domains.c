// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_domains: maps and unmaps by domain, in total and by tick, and how far the figures can be
 * believed. Pure.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

void model_domains_init(struct model *model)
{
	model->domains = grow(NULL, &model->domain_capacity, 0, sizeof(*model->domains));
	model->domains[0] = (struct domain){.id = DOMAIN_UNATTRIBUTED};
	model->domain_count = 1;
}

/* Domains are numbered in order of appearance, so the array stays sorted by itself in most cases;
 * a recording may say otherwise. */
static struct domain *find_domain(struct model *model, uint32_t id)
{
	size_t low = 0, at = model->domain_count;

	while (low < at) {
		size_t middle = low + (at - low) / 2;

		if (model->domains[middle].id == id)
			return &model->domains[middle];
		if (model->domains[middle].id < id)
			low = middle + 1;
		else
			at = middle;
	}
	if (model->domain_count >= model->limits.domains)
		return &model->domains[0];
	model->domains = grow(model->domains, &model->domain_capacity, model->domain_count,
	                      sizeof(*model->domains));
	memmove(model->domains + at + 1, model->domains + at,
	        (model->domain_count++ - at) * sizeof(*model->domains));
	model->domains[at] = (struct domain){.id = id};
	return &model->domains[at];
}

void model_domains_map(struct model *model, const struct event *ev)
{
	struct domain *domain = find_domain(model, ev->map.domain);

	/* From 7.1 on the tracepoint fires for failed maps, too; those moved no byte. */
	if (!ev->map.size_bytes)
		return;
	domain->total.maps++;
	domain->total.map_bytes += ev->map.size_bytes;
	model->all.total.maps++;
	model->all.total.map_bytes += ev->map.size_bytes;
}

void model_domains_unmap(struct model *model, const struct event *ev)
{
	struct domain *domain = find_domain(model, ev->unmap.domain);

	domain->total.unmaps++;
	domain->total.unmap_bytes += ev->unmap.unmapped_bytes;
	model->all.total.unmaps++;
	model->all.total.unmap_bytes += ev->unmap.unmapped_bytes;
}

static void domain_tick(struct domain *domain, uint64_t interval_ns, bool watched)
{
	const struct traffic_counts *now = &domain->total, *old = &domain->before_tick;
	uint64_t events;

	domain->in_tick = (struct traffic_counts){
		.maps = now->maps - old->maps,
		.unmaps = now->unmaps - old->unmaps,
		.map_bytes = now->map_bytes - old->map_bytes,
		.unmap_bytes = now->unmap_bytes - old->unmap_bytes,
	};
	domain->before_tick = *now;
	if (!interval_ns)
		return;
	events = domain->in_tick.maps + domain->in_tick.unmaps;
	domain->trend[domain->trend_next] =
		watched ? (float)((double)events * 1e9 / (double)interval_ns) : TREND_UNKNOWN;
	domain->trend_next = (uint8_t)((domain->trend_next + 1) % TRAFFIC_CELLS);
	if (domain->trend_filled < TRAFFIC_CELLS)
		domain->trend_filled++;
}

void model_domains_tick(struct model *model)
{
	bool watched = model->classes[CLASS_MAP].on || model->classes[CLASS_UNMAP].on;

	for (size_t i = 0; i < model->domain_count; i++)
		domain_tick(&model->domains[i], model->interval_ns, watched);
	domain_tick(&model->all, model->interval_ns, watched);
}

static struct count total_of(const struct model *model, enum event_class class, uint64_t n)
{
	const struct class_state *state = &model->classes[class];

	if (!state->known)
		return (struct count){n, n ? KNOWN_AT_LEAST : KNOWN_NOT};
	if (!state->on && !state->ever_on)
		return (struct count){n, KNOWN_OFF};
	return (struct count){n, !state->on || state->gap || model_lost_events(model, true)
	                                 ? KNOWN_AT_LEAST
	                                 : KNOWN_EXACT};
}

static struct rate rate_of(const struct model *model, enum event_class class, uint64_t n)
{
	const struct class_state *state = &model->classes[class];

	if (!state->known || !model->interval_ns)
		return (struct rate){0, KNOWN_NOT};
	if (!state->on)
		return (struct rate){0, KNOWN_OFF};
	return (struct rate){(double)n * 1e9 / (double)model->interval_ns,
	                     state->changed_in_tick || model_lost_events(model, false)
	                             ? KNOWN_AT_LEAST
	                             : KNOWN_EXACT};
}

static struct traffic traffic_of(const struct model *model, const struct domain *domain)
{
	const struct traffic_counts *total = &domain->total, *in_tick = &domain->in_tick;

	return (struct traffic){
		.maps = total_of(model, CLASS_MAP, total->maps),
		.unmaps = total_of(model, CLASS_UNMAP, total->unmaps),
		.map_bytes = total_of(model, CLASS_MAP, total->map_bytes),
		.unmap_bytes = total_of(model, CLASS_UNMAP, total->unmap_bytes),
		.maps_per_s = rate_of(model, CLASS_MAP, in_tick->maps),
		.unmaps_per_s = rate_of(model, CLASS_UNMAP, in_tick->unmaps),
		.map_bytes_per_s = rate_of(model, CLASS_MAP, in_tick->map_bytes),
		.unmap_bytes_per_s = rate_of(model, CLASS_UNMAP, in_tick->unmap_bytes),
	};
}

static void copy_trend(const struct domain *domain, struct snapshot_domain *out)
{
	size_t oldest = (size_t)domain->trend_next + TRAFFIC_CELLS - domain->trend_filled;

	out->cells = domain->trend_filled;
	for (size_t i = 0; i < domain->trend_filled; i++)
		out->trend[i] = domain->trend[(oldest + i) % TRAFFIC_CELLS];
}

/* A sum is no better known than its parts. */
static struct count sum_of(struct count a, struct count b)
{
	return (struct count){a.n + b.n, a.known == b.known ? a.known : KNOWN_AT_LEAST};
}

void model_domains_snapshot(const struct model *model, struct snapshot *snap)
{
	model_reserve(&snap->domains, &snap->domain_capacity, model->domain_count,
	              sizeof(*snap->domains));
	snap->domain_count = model->domain_count;
	for (size_t i = 0; i < model->domain_count; i++) {
		const struct domain *domain = &model->domains[i];

		snap->domains[i] = (struct snapshot_domain){
			.id = domain->id,
			.traffic = traffic_of(model, domain),
		};
		copy_trend(domain, &snap->domains[i]);
	}
	snap->traffic = traffic_of(model, &model->all);
	snap->unattributed = sum_of(snap->domains[0].traffic.maps, snap->domains[0].traffic.unmaps);
}
