// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_names: processes, and which of them a domain belongs to. In: what was told of processes,
 * who holds a group, which task maps. Out: the process of a row. Must never know: /proc. Pure.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static size_t place_of(const struct snapshot_process *processes, size_t count, uint32_t id)
{
	return place_of_id(processes, count, sizeof(*processes), id);
}

const struct snapshot_process *model_names_find(const struct model *model, uint32_t id)
{
	size_t at = place_of(model->processes, model->process_count, id);

	return at < model->process_count && model->processes[at].id == id ? &model->processes[at]
	                                                                  : NULL;
}

static bool is_in_use(const struct model *model, uint32_t id)
{
	for (size_t i = 0; i < model->topology.group_count; i++)
		if (model->topology.groups[i].shown.holder == id)
			return true;
	for (size_t i = 1; i < model->domains.slot_count; i++)
		if (model->domains.slots[i].state == DOMAIN_LIVING &&
		    model->domains.slots[i].process == id)
			return true;
	return false;
}

static void drop_process(struct model *model, size_t at)
{
	memmove(model->processes + at, model->processes + at + 1,
	        (--model->process_count - at) * sizeof(*model->processes));
}

/* Forgets one that nothing belongs to; nobody says of each process that it is gone. */
static void make_room(struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (!is_in_use(model, model->processes[i].id)) {
			drop_process(model, i);
			return;
		}
}

static struct snapshot_process *make_process(struct model *model, uint32_t id)
{
	size_t at = place_of(model->processes, model->process_count, id);

	if (at < model->process_count && model->processes[at].id == id)
		return &model->processes[at];
	/* As many as threads: each has one. */
	if (model->process_count >= model->limits.tasks) {
		make_room(model);
		at = place_of(model->processes, model->process_count, id);
	}
	if (model->process_count >= model->limits.tasks)
		return NULL;
	model->processes = grow(model->processes, &model->process_capacity, model->process_count,
	                        sizeof(*model->processes));
	memmove(model->processes + at + 1, model->processes + at,
	        (model->process_count++ - at) * sizeof(*model->processes));
	model->processes[at] = (struct snapshot_process){
		.id = id, .locked_kib = NO_NUMBER, .memlock_kib = NO_NUMBER};
	return &model->processes[at];
}

static void look_at_all(struct model *model)
{
	for (size_t i = 1; i < model->domains.slot_count; i++)
		model_names_look(model, &model->domains.slots[i]);
}

void model_names_process(struct model *model, const struct event *ev)
{
	text_id text = model_texts_id(&model->texts, ev->attr.text);
	struct snapshot_process *process =
		ev->attr.id == NO_PROCESS ? NULL : make_process(model, ev->attr.id);

	if (!process)
		return;
	if (ev->attr.attribute == ATTR_PROCESS_NAME)
		process->name = text;
	else
		process->vm = text;
	look_at_all(model);
}

void model_names_process_memory(struct model *model, const struct event *ev)
{
	uint32_t kib = ev->attr.value < NO_NUMBER ? (uint32_t)ev->attr.value : NO_NUMBER;
	struct snapshot_process *process =
		ev->attr.id == NO_PROCESS ? NULL : make_process(model, ev->attr.id);

	if (!process)
		return;
	if (ev->attr.attribute == ATTR_PROCESS_LOCKED)
		process->locked_kib = kib;
	else
		process->memlock_kib = kib;
}

void model_names_process_gone(struct model *model, uint32_t id)
{
	size_t at = place_of(model->processes, model->process_count, id);

	if (at == model->process_count || model->processes[at].id != id)
		return;
	drop_process(model, at);
}

/* ---- whose domain it is ---- */

static uint32_t holder_of(struct model *model, const struct domain *domain)
{
	for (size_t i = 0; i < domain->groups.count; i++) {
		const struct link *link = &domain->groups.items[i];
		const struct group *group =
			link->left ? NULL : model_topology_find_group(model, link->id);

		if (group && group->holder_fresh)
			return group->shown.holder;
	}
	return NO_PROCESS;
}

static bool has_vfio_member(struct model *model, const struct group *group)
{
	size_t count = model_topology_members(model, group);

	for (size_t i = 0; i < count; i++) {
		text_id driver = model_topology_member(model, group, i)->driver;

		if (strstr(model->texts.pool + driver, "vfio"))
			return true;
	}
	return false;
}

static bool has_vfio_driver(struct model *model, const struct domain *domain)
{
	for (size_t i = 0; i < domain->groups.count; i++) {
		const struct link *link = &domain->groups.items[i];
		const struct group *group =
			link->left ? NULL : model_topology_find_group(model, link->id);

		if (group && has_vfio_member(model, group))
			return true;
	}
	return false;
}

static uint32_t mapper_of(const struct model *model, const struct domain *domain)
{
	if (domain->task)
		return model_tasks_process(model, (int32_t)domain->task);
	return domain->figures ? model_tasks_top_mapper(model, domain->figures) : NO_PROCESS;
}

static void take_process(struct model *model, struct domain *domain, uint32_t id)
{
	const struct snapshot_process *process = model_names_find(model, id);

	if (domain->process != id)
		domain->process_name = domain->vm = 0;
	domain->process = id;
	if (process && process->name)
		domain->process_name = process->name;
	if (process && process->vm)
		domain->vm = process->vm;
}

/* Without probes the type is not known, only whose maps they are. */
static bool can_have_process(const struct domain *domain)
{
	return domain->type == DOMAIN_TYPE_UNMANAGED || domain->type == DOMAIN_TYPE_NESTED ||
	       (domain->type == DOMAIN_TYPE_UNKNOWN && domain->task);
}

/*
 * What was once known stays: of a guest that has ended one still wants to know which it was. A
 * domain of the DMA API is the host's, whoever holds its group next.
 */
void model_names_look(struct model *model, struct domain *domain)
{
	uint32_t holder, mapper;

	if (domain->state != DOMAIN_LIVING || !can_have_process(domain))
		return;
	holder = holder_of(model, domain);
	domain->vfio |= holder != NO_PROCESS || has_vfio_driver(model, domain);
	if (holder != NO_PROCESS) {
		domain->process_by_holder = true;
		take_process(model, domain, holder);
		return;
	}
	mapper = domain->process_by_holder ? NO_PROCESS : mapper_of(model, domain);
	if (mapper != NO_PROCESS)
		take_process(model, domain, mapper);
}

/* The tasks that were busy in it were perhaps so in another one. */
void model_names_forget(struct domain *domain)
{
	domain->by_snapshot = domain->by_attach = domain->vfio = false;
	domain->process_by_holder = false;
	domain->process = NO_PROCESS;
	domain->task = 0;
	domain->process_name = domain->vm = domain->dma_device = 0;
	if (!domain->figures)
		return;
	domain->figures->task_count = 0;
	domain->figures->task_evicted = true;
}

void model_names_tick(struct model *model)
{
	look_at_all(model);
}

static void add_process(struct snapshot *snap, const struct snapshot_domain *row)
{
	size_t at = place_of(snap->processes, snap->process_count, row->process);

	if (at < snap->process_count && snap->processes[at].id == row->process)
		return;
	snap->processes = grow(snap->processes, &snap->process_capacity, snap->process_count,
	                       sizeof(*snap->processes));
	memmove(snap->processes + at + 1, snap->processes + at,
	        (snap->process_count++ - at) * sizeof(*snap->processes));
	snap->processes[at] = (struct snapshot_process){
		.id = row->process,
		.name = row->process_name,
		.vm = row->vm,
		.locked_kib = NO_NUMBER,
		.memlock_kib = NO_NUMBER,
	};
}

void model_names_snapshot(const struct model *model, struct snapshot *snap)
{
	model_reserve(&snap->processes, &snap->process_capacity, model->process_count,
	              sizeof(*snap->processes));
	if (model->process_count)
		memcpy(snap->processes, model->processes,
		       model->process_count * sizeof(*snap->processes));
	snap->process_count = model->process_count;
	/* Those that are gone, of domains that are still told. */
	for (size_t i = 0; i < snap->domain_count; i++)
		if (snap->domains[i].process != NO_PROCESS)
			add_process(snap, &snap->domains[i]);
}
