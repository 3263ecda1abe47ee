// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_copy: all memory that a model has, in one list, by which it is copied, counted and freed.
 * In: a model. Out: another that lives on its own. Must never know: what any of it means. Pure.
 *
 * Who gives the model an array puts it in here: else it leaks, and a copy has the same one.
 */
#include "model_private.h"

#include <stdlib.h>

#include "owned.h"
#include "util.h"

static size_t lesser(uint64_t a, uint64_t b)
{
	return (size_t)(a < b ? a : b);
}

static void texts_owned(struct texts *texts, struct owned *owned)
{
	OWNED_ARRAY(owned, texts->pool, texts->bytes, texts->capacity);
	OWNED_ARRAY(owned, texts->slots, texts->slot_count, texts->slot_count);
}

static void topology_owned(struct topology *t, struct owned *owned)
{
	OWNED_ARRAY(owned, t->units, t->unit_count, t->unit_capacity);
	OWNED_ARRAY(owned, t->groups, t->group_count, t->group_capacity);
	OWNED_ARRAY(owned, t->devices, t->device_count, t->device_capacity);
	OWNED_ARRAY(owned, t->members, t->member_count, t->member_count);
	OWNED_ARRAY(owned, t->places, t->member_count, t->member_count);
}

static void links_owned(struct links *links, struct owned *owned)
{
	OWNED_ARRAY(owned, links->items, links->count, links->capacity);
}

void model_owned_domain(struct domain *domain, struct owned *owned)
{
	links_owned(&domain->groups, owned);
	links_owned(&domain->devices, owned);
	OWNED_ARRAY(owned, domain->figures, 1, 1);
	OWNED_ARRAY(owned, domain->bursts, 1, 1);
}

static void domains_owned(struct model *model, struct owned *owned)
{
	struct domain_table *t = &model->domains;
	size_t former = model->limits.former;

	OWNED_BEGIN(owned, t->slots, t->slot_count, t->slot_capacity);
	for (size_t i = 0; i < t->slot_count; i++)
		model_owned_domain(&t->slots[i], owned);
	owned_end(owned, &t->slots);
	OWNED_ARRAY(owned, t->buckets, t->bucket_count, t->bucket_count);
	OWNED_ARRAY(owned, t->former, lesser(t->former_next, former), former);
	model_owned_domain(&t->sum, owned);
	model_owned_domain(&model->all, owned);
}

static void faults_owned(struct model *model, struct owned *owned)
{
	struct fault_table *t = &model->faults;

	OWNED_BEGIN(owned, t->rows, t->used, model->limits.faults);
	for (size_t i = 0; i < t->used; i++) {
		struct fault_row *row = &t->rows[i];

		OWNED_ARRAY(owned, row->occurrences,
		            lesser(row->occurrence_next, row->occurrence_capacity),
		            row->occurrence_capacity);
	}
	owned_end(owned, &t->rows);
	OWNED_ARRAY(owned, t->buckets, t->bucket_count, t->bucket_count);
}

static void merge_owned(struct fault_merge *merge, struct owned *owned)
{
	OWNED_ARRAY(owned, merge->waiting, FAULT_WAITING_MAX, FAULT_WAITING_MAX);
	OWNED_ARRAY(owned, merge->buckets, FAULT_WAITING_BUCKETS, FAULT_WAITING_BUCKETS);
	OWNED_ARRAY(owned, merge->channels, FAULT_CHANNELS, FAULT_CHANNELS);
}

static void notes_owned(struct model *model, struct note_ring *ring, struct owned *owned)
{
	size_t kept = lesser(ring->count, model->limits.notes);

	OWNED_BEGIN(owned, ring->notes, kept, model->limits.notes);
	for (size_t i = 0; i < kept; i++)
		owned_text(owned, &ring->notes[i].text);
	owned_end(owned, &ring->notes);
}

static void log_owned(struct model *model, struct owned *owned)
{
	const struct log_place *from = model->log;
	size_t places = model->limits.log;

	OWNED_ARRAY(owned, model->log, lesser(model->log_next, places), places);
	owned_move(owned, &model->log_at, from, model->log);
	owned_move(owned, &model->log_end, from, model->log);
}

static void boot_owned(const struct model *model, struct boot_ring *ring, struct owned *owned)
{
	OWNED_ARRAY(owned, ring->lines, lesser(ring->count, model->limits.boot), ring->capacity);
}

static void tasks_owned(struct model *model, struct owned *owned)
{
	const struct task *from = model->tasks;

	OWNED_ARRAY(owned, model->tasks, model->limits.tasks, model->limits.tasks);
	owned_move(owned, &model->last_task, from, model->tasks);
}

void model_owned(struct model *model, struct owned *owned)
{
	texts_owned(&model->texts, owned);
	topology_owned(&model->topology, owned);
	domains_owned(model, owned);
	OWNED_ARRAY(owned, model->attachments, model->attachment_count, model->attachment_capacity);
	OWNED_ARRAY(owned, model->processes, model->process_count, model->process_capacity);
	OWNED_ARRAY(owned, model->transitions, model->limits.transitions,
	            model->limits.transitions);
	faults_owned(model, owned);
	merge_owned(&model->merge, owned);
	history_owned(&model->history, owned);
	for (size_t i = 0; i < ARRAY_SIZE(model->notes); i++)
		notes_owned(model, &model->notes[i], owned);
	log_owned(model, owned);
	boot_owned(model, &model->boot.traffic, owned);
	boot_owned(model, &model->boot.others, owned);
	tasks_owned(model, owned);
}

struct model *model_copy(const struct model *model)
{
	struct owned owned = {.task = OWNED_COPY};
	struct model *copy = xmalloc(sizeof(*copy));

	*copy = *model;
	model_owned(copy, &owned);
	return copy;
}

size_t model_bytes(const struct model *model)
{
	struct owned owned = {.task = OWNED_COUNT};

	/* Only counted, it is not changed. */
	model_owned((struct model *)model, &owned);
	return sizeof(*model) + owned.bytes;
}

void model_free(struct model *model)
{
	struct owned owned = {.task = OWNED_FREE};

	if (!model)
		return;
	model_owned(model, &owned);
	free(model);
}
