// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_domains: the table of domains, from the first that is heard of one until it is one of many
 * former ones. In: events about domains. Out: rows. Must never know: kernel addresses. Pure.
 *
 * Living domains are bounded by limits.domains, freed ones that are still told one by one by
 * limits.former; the oldest of these go into one sum, so that rows always add up to the totals.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "owned.h"
#include "util.h"

#define FIRST_BUCKETS 64

static struct domain empty_domain(uint32_t id)
{
	return (struct domain){
		.id = id,
		.next = NO_SLOT,
		.state = DOMAIN_LIVING,
		.type = DOMAIN_TYPE_UNKNOWN,
		.process = NO_PROCESS,
	};
}

void model_domains_init(struct model *model)
{
	struct domain_table *t = &model->domains;

	t->slots = grow(NULL, &t->slot_capacity, 0, sizeof(*t->slots));
	t->slots[0] = empty_domain(DOMAIN_UNATTRIBUTED);
	t->slot_count = 1;
	t->first_free = NO_SLOT;
	t->bucket_count = FIRST_BUCKETS;
	t->buckets = xmalloc(t->bucket_count * sizeof(*t->buckets));
	memset(t->buckets, 0xff, t->bucket_count * sizeof(*t->buckets));
	t->former = xcalloc(model->limits.former, sizeof(*t->former));
	t->sum = empty_domain(DOMAIN_FORMER);
	t->sum.state = DOMAIN_FREED;
}

static void release_domain(struct domain *domain)
{
	struct owned owned = {.task = OWNED_FREE};

	model_owned_domain(domain, &owned);
}

static uint32_t *bucket_of(const struct domain_table *t, uint32_t id)
{
	return &t->buckets[(id * 2654435761u >> 7) & (t->bucket_count - 1)];
}

struct domain *model_domain_find(struct model *model, uint32_t id)
{
	struct domain_table *t = &model->domains;

	if (id >= DOMAIN_FORMER)
		return NULL;
	if (id == DOMAIN_UNATTRIBUTED)
		return &t->slots[0];
	/* Mostly it is the one that it was the last time. */
	if (t->slots[t->last_found].id == id && t->slots[t->last_found].state != DOMAIN_SLOT_FREE)
		return &t->slots[t->last_found];
	for (uint32_t at = *bucket_of(t, id); at != NO_SLOT; at = t->slots[at].next) {
		if (t->slots[at].id != id)
			continue;
		t->last_found = at;
		return &t->slots[at];
	}
	return NULL;
}

static void link_slot(struct domain_table *t, uint32_t slot)
{
	uint32_t *bucket = bucket_of(t, t->slots[slot].id);

	t->slots[slot].next = *bucket;
	*bucket = slot;
}

static void unlink_slot(struct domain_table *t, uint32_t slot)
{
	uint32_t *at = bucket_of(t, t->slots[slot].id);

	while (*at != slot)
		at = &t->slots[*at].next;
	*at = t->slots[slot].next;
}

static void grow_buckets(struct domain_table *t)
{
	t->bucket_count *= 2;
	t->buckets = xrealloc(t->buckets, t->bucket_count * sizeof(*t->buckets));
	memset(t->buckets, 0xff, t->bucket_count * sizeof(*t->buckets));
	for (uint32_t i = 1; i < t->slot_count; i++)
		if (t->slots[i].state != DOMAIN_SLOT_FREE)
			link_slot(t, i);
}

static void drop_slot(struct domain_table *t, uint32_t slot)
{
	unlink_slot(t, slot);
	t->living -= t->slots[slot].state == DOMAIN_LIVING;
	release_domain(&t->slots[slot]);
	t->slots[slot] = (struct domain){.next = t->first_free};
	t->first_free = slot;
	t->full = false;
}

/* Nothing would be missed. Bursts and callers come with traffic. */
static bool is_idle(const struct domain *domain)
{
	return !domain->figures && !domain->attached;
}

static bool is_default_of_a_group(const struct model *model, uint32_t id)
{
	for (size_t i = 0; i < model->topology.group_count; i++)
		if (model->topology.groups[i].shown.default_domain == id)
			return true;
	return false;
}

/* Makes room by forgetting one that did nothing so far; looks for it once a tick at most. */
static bool make_room(struct model *model)
{
	struct domain_table *t = &model->domains;

	for (uint32_t i = 1; !t->full && i < t->slot_count; i++) {
		const struct domain *domain = &t->slots[i];

		if (domain->state != DOMAIN_LIVING || !is_idle(domain) ||
		    is_default_of_a_group(model, domain->id))
			continue;
		drop_slot(t, i);
		return true;
	}
	t->full = true;
	t->overflowed = true;
	return false;
}

static uint32_t take_slot(struct domain_table *t)
{
	uint32_t slot = t->first_free;

	if (slot != NO_SLOT) {
		t->first_free = t->slots[slot].next;
		return slot;
	}
	t->slots = grow(t->slots, &t->slot_capacity, t->slot_count, sizeof(*t->slots));
	return (uint32_t)t->slot_count++;
}

struct domain *model_domain(struct model *model, uint32_t id, uint64_t ts_ns)
{
	struct domain_table *t = &model->domains;
	struct domain *found = model_domain_find(model, id);
	uint32_t slot;

	if (found)
		return found;
	if (id >= DOMAIN_FORMER || (t->living >= model->limits.domains && !make_room(model)))
		return &t->slots[0];
	slot = take_slot(t);
	t->slots[slot] = empty_domain(id);
	t->slots[slot].first_seen_ns = ts_ns;
	t->slots[slot].partial = t->overflowed;
	t->slots[slot].gaps = model->gaps;
	t->slots[slot].sure = model->doubts;
	t->living++;
	if (t->slot_count > t->bucket_count)
		grow_buckets(t);
	else
		link_slot(t, slot);
	return &t->slots[slot];
}

static void set_type(struct model *model, struct domain *domain, uint64_t value)
{
	domain->type = value < DOMAIN_TYPE_UNKNOWN ? (uint8_t)value : DOMAIN_TYPE_UNKNOWN;
	model_names_look(model, domain);
}

static void set_callers(struct domain *domain, uint64_t seconds)
{
	struct figures *figures = model_traffic_figures(domain);

	figures->caller_count = 0;
	figures->callers_s = seconds == VALUE_UNKNOWN ? 0 : seconds;
}

void model_domain_attr(struct model *model, const struct event *ev)
{
	bool begins = ev->attr.attribute != ATTR_DOMAIN_CALLERS;
	struct domain *domain = begins ? model_domain(model, ev->attr.id, ev->ts_ns)
	                               : model_domain_find(model, ev->attr.id);

	if (!domain || domain->id == DOMAIN_UNATTRIBUTED)
		return;
	switch (ev->attr.attribute) {
	case ATTR_DOMAIN_TYPE:
		set_type(model, domain, ev->attr.value);
		break;
	case ATTR_DOMAIN_DEVICE:
		domain->known_otherwise = true;
		model_attach_dma_device(model, domain, model_texts_id(&model->texts, ev->attr.text),
		                        ev);
		break;
	case ATTR_DOMAIN_TASK:
		domain->task = ev->attr.value < NO_PROCESS ? (uint32_t)ev->attr.value : 0;
		model_names_look(model, domain);
		break;
	default:
		set_callers(domain, ev->attr.value);
		break;
	}
}

/* Most calls first, and of equal ones the older first. */
void model_domains_caller(struct model *model, const struct event *ev)
{
	struct domain *domain = model_domain_find(model, ev->caller.domain);
	struct figures *figures = domain ? domain->figures : NULL;
	size_t at;

	if (!figures)
		return;
	at = figures->caller_count;
	while (at && figures->callers[at - 1].count < ev->caller.count)
		at--;
	if (at == TOP_CALLERS)
		return;
	if (figures->caller_count < TOP_CALLERS)
		figures->caller_count++;
	memmove(figures->callers + at + 1, figures->callers + at,
	        (figures->caller_count - 1 - at) * sizeof(*figures->callers));
	figures->callers[at] = (struct snapshot_caller){
		.name = model_texts_id(&model->texts, ev->caller.name),
		.count = ev->caller.count,
	};
}

/* A living one that is dropped comes back with its number; a freed one must not. */
static void drop_freed(struct domain_table *t, uint32_t slot)
{
	t->dropped[t->dropped_next++ % DROPPED_KEPT] = t->slots[slot].id;
	drop_slot(t, slot);
}

bool model_domain_dropped(const struct model *model, uint32_t id)
{
	const struct domain_table *t = &model->domains;
	size_t kept = t->dropped_next < DROPPED_KEPT ? (size_t)t->dropped_next : DROPPED_KEPT;

	for (size_t i = 0; i < kept; i++)
		if (t->dropped[i] == id)
			return true;
	return false;
}

static void fold_oldest(struct model *model, size_t limit)
{
	struct domain_table *t = &model->domains;
	uint32_t slot = t->former[t->former_folded % limit];

	model_journey_over(model, &t->slots[slot]);
	model_traffic_fold(&t->sum, &t->slots[slot]);
	t->former_folded++;
	drop_freed(t, slot);
}

static void keep_former(struct model *model, struct domain *domain)
{
	struct domain_table *t = &model->domains;
	size_t limit = model->limits.former;

	if (t->former_next - t->former_folded == limit)
		fold_oldest(model, limit);
	t->former[t->former_next++ % limit] = (uint32_t)(domain - t->slots);
}

void model_domain_gone(struct model *model, const struct event *ev)
{
	struct domain_table *t = &model->domains;
	struct domain *domain = model_domain_find(model, ev->attr.id);

	if (!domain || domain->state != DOMAIN_LIVING || domain->id == DOMAIN_UNATTRIBUTED)
		return;
	model_attach_domain_gone(model, domain->id, ev);
	model_journey_freed(model, domain, ev->ts_ns);
	if (!domain->figures) {
		drop_freed(t, (uint32_t)(domain - t->slots));
		return;
	}
	domain->state = DOMAIN_FREED;
	domain->freed_ns = ev->ts_ns;
	t->living--;
	t->full = false;
	keep_former(model, domain);
}

void model_domains_tick(struct model *model)
{
	struct domain_table *t = &model->domains;

	t->full = false;
	model_traffic_settle(model);
	for (size_t i = 0; i < t->slot_count; i++)
		if (t->slots[i].state != DOMAIN_SLOT_FREE)
			model_traffic_tick(model, &t->slots[i]);
	model_traffic_tick(model, &t->sum);
	model_traffic_tick(model, &model->all);
}

static void copy_trend(const struct domain *domain, struct snapshot_domain *out)
{
	size_t oldest = (size_t)domain->trend_next + TRAFFIC_CELLS - domain->trend_filled;

	out->cells = domain->trend_filled;
	for (size_t i = 0; i < domain->trend_filled; i++)
		out->trend[i] = domain->trend[(oldest + i) % TRAFFIC_CELLS];
}

static uint8_t named_by(const struct domain *domain)
{
	if (domain->by_snapshot)
		return NAMED_SNAPSHOT;
	if (domain->by_attach)
		return NAMED_ATTACH;
	if (domain->dma_device)
		return NAMED_DMA_CALL;
	return domain->process != NO_PROCESS ? NAMED_TASK : NAMED_NOT;
}

static void put_row(struct model *model, const struct domain *domain, bool old_kernel, bool sizes,
                    struct snapshot *snap)
{
	struct snapshot_domain *row = &snap->domains[snap->domain_count++];

	*row = (struct snapshot_domain){
		.id = domain->id,
		.type = domain->type,
		.named_by = named_by(domain),
		.vfio = domain->vfio,
		.freed = domain->state == DOMAIN_FREED,
		.old_dma = old_kernel && domain->type == DOMAIN_TYPE_DMA,
		.process = domain->process,
		.process_name = domain->process_name,
		.vm = domain->vm,
		.first_seen_ns = domain->first_seen_ns,
		.attached_ns = domain->attached_ns,
		.replaced_ns = domain->replaced_ns,
		.freed_ns = domain->freed_ns,
		.sizes = NO_NUMBER,
	};
	model_traffic_row(model, domain, row);
	if (sizes)
		model_traffic_sizes(domain, snap, row);
	model_attach_row(model, domain, snap, row);
	copy_trend(domain, row);
}

static bool is_shown(const struct domain *domain)
{
	return domain->state != DOMAIN_SLOT_FREE &&
	       (domain->id == DOMAIN_UNATTRIBUTED || !is_idle(domain));
}

static int compare_rows(const void *left, const void *right)
{
	const struct snapshot_domain *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void detail_snapshot(struct model *model, uint32_t id, struct snapshot_detail *out)
{
	const struct domain *domain = model_domain_find(model, id);

	if (id == DOMAIN_FORMER && model->domains.former_folded)
		domain = &model->domains.sum;
	*out = (struct snapshot_detail){.domain = NO_DOMAIN};
	if (domain)
		model_traffic_detail(model, domain, out);
}

void model_domains_snapshot(struct model *model, const struct snapshot_want *want,
                            struct snapshot *snap)
{
	const struct domain_table *t = &model->domains;
	bool old_kernel = !snapshot_kernel_at_least(snap, 5, 15);

	snap->domain_count = snap->domain_group_count = snap->domain_device_count = 0;
	snap->domain_size_count = 0;
	if (want->sizes)
		model_reserve(&snap->domain_sizes, &snap->domain_size_capacity, t->slot_count + 1,
		              sizeof(*snap->domain_sizes));
	model_reserve(&snap->domains, &snap->domain_capacity, t->slot_count + 1,
	              sizeof(*snap->domains));
	for (size_t i = 0; i < t->slot_count; i++)
		if (is_shown(&t->slots[i]))
			put_row(model, &t->slots[i], old_kernel, want->sizes, snap);
	if (t->former_folded)
		put_row(model, &t->sum, old_kernel, want->sizes, snap);
	qsort(snap->domains, snap->domain_count, sizeof(*snap->domains), compare_rows);
	model_traffic_machine(model, snap);
	detail_snapshot(model, want->domain, &snap->detail);
}
