// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_log: the newest events one by one. Pure.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

static inline void name_task(struct model *model, struct snapshot_log *entry)
{
	const struct task *task = model->last_task;

	if (!task || task->pid != entry->pid)
		task = model->last_task = model_tasks_find(model, entry->pid);
	if (task)
		memcpy(entry->comm, task->comm, sizeof(entry->comm));
	else
		memset(entry->comm, 0, sizeof(entry->comm));
}

/* The place of the oldest, which goes. */
static struct snapshot_log *next_entry(struct model *model)
{
	struct snapshot_log *entry = &model->log[model->log_at];

	if (++model->log_at == model->limits.log)
		model->log_at = 0;
	return entry;
}

static void fill_member(struct model *model, const struct event *ev, struct snapshot_log *entry)
{
	const struct group *group;

	entry->device = model_texts_id(&model->texts, ev->member.device);
	if (ev->kind == EVENT_GROUP_ADD || ev->kind == EVENT_GROUP_LEAVE) {
		entry->group = ev->member.group;
		return;
	}
	group = model_topology_group_of(model, entry->device);
	entry->group = group ? group->shown.id : NO_GROUP;
	entry->domain = ev->member.domain;
	entry->pasid = ev->kind == EVENT_DETACH ? 0 : ev->member.pasid;
	entry->error = ev->kind == EVENT_ATTACH_FAILED ? ev->member.error : 0;
}

static void fill_collect(struct model *model, const struct event *ev, struct snapshot_log *entry)
{
	entry->text = model_texts_id(&model->texts, ev->collect.reason);
	entry->detail = ev->collect.mode;
	entry->exact = ev->collect.asked;
}

/* What the kinds have of their own; the rest is common. */
static void fill(struct model *model, const struct event *ev, struct snapshot_log *entry)
{
	switch (ev->kind) {
	case EVENT_FAULT:
		entry->iova = ev->fault.iova;
		entry->device = model_texts_id(&model->texts, ev->fault.device);
		entry->text = model_texts_id(&model->texts, ev->fault.reason);
		entry->detail = ev->fault.direction;
		entry->exact = ev->fault.flags & FAULT_HAS_IOVA;
		break;
	case EVENT_LOST:
		entry->size_bytes = ev->lost.count;
		entry->detail = ev->lost.source;
		entry->exact = ev->lost.exact;
		break;
	case EVENT_CLASS:
		entry->detail = ev->class.class;
		entry->exact = ev->class.on;
		break;
	case EVENT_ATTR:
		entry->device = model_texts_id(&model->texts, ev->attr.name);
		entry->text = model_texts_id(&model->texts, ev->attr.text);
		break;
	case EVENT_MAP_FAILED:
		entry->iova = ev->map_failed.iova;
		entry->size_bytes = ev->map_failed.size_bytes;
		entry->domain = ev->map_failed.domain;
		entry->error = ev->map_failed.error;
		break;
	case EVENT_COLLECT:
		fill_collect(model, ev, entry);
		break;
	case EVENT_MISSED:
		entry->size_bytes = ev->missed.count;
		break;
	default:
		fill_member(model, ev, entry);
		break;
	}
}

void model_log_add(struct model *model, const struct event *ev)
{
	struct snapshot_log *entry = next_entry(model);

	*entry = (struct snapshot_log){
		.id = model->log_next++,
		.ts_ns = ev->ts_ns,
		.group = NO_GROUP,
		.pid = ev->pid,
		.cpu = ev->cpu,
		.kind = ev->kind,
		.context = ev->context,
	};
	fill(model, ev, entry);
	name_task(model, entry);
}

/* All fields by name: what is left out would be cleared, and that takes longer than the rest. */
static inline void add_traffic(struct model *model, const struct event *ev, uint64_t iova,
                               uint64_t size_bytes, uint64_t unmapped_bytes, uint32_t domain,
                               uint32_t inside_ns)
{
	struct snapshot_log *entry = next_entry(model);

	entry->id = model->log_next++;
	entry->ts_ns = ev->ts_ns;
	entry->iova = iova;
	entry->size_bytes = size_bytes;
	entry->unmapped_bytes = unmapped_bytes;
	entry->device = entry->text = 0;
	entry->group = NO_GROUP;
	entry->domain = domain;
	entry->inside_ns = inside_ns;
	entry->pasid = 0;
	entry->pid = ev->pid;
	entry->cpu = ev->cpu;
	entry->kind = ev->kind;
	entry->error = 0;
	entry->transition = 0;
	entry->returned = false;
	entry->context = ev->context;
	entry->detail = 0;
	entry->exact = false;
	name_task(model, entry);
}

void model_log_map(struct model *model, const struct event *ev)
{
	add_traffic(model, ev, ev->map.iova, ev->map.size_bytes, 0, ev->map.domain,
	            ev->map.inside_ns);
}

void model_log_unmap(struct model *model, const struct event *ev)
{
	add_traffic(model, ev, ev->unmap.iova, ev->unmap.size_bytes, ev->unmap.unmapped_bytes,
	            ev->unmap.domain, ev->unmap.inside_ns);
}

void model_log_transition(struct model *model, const struct snapshot_transition *transition,
                          uint64_t ts_ns, bool returned)
{
	*next_entry(model) = (struct snapshot_log){
		.id = model->log_next,
		.ts_ns = ts_ns,
		.device = transition->device,
		.group = transition->group,
		.domain = transition->to_domain,
		.kind = EVENT_TICK,
		.transition = transition->id,
		.returned = returned,
	};
	model->log_next++;
}

void model_log_snapshot(const struct model *model, bool wanted, struct snapshot *snap)
{
	uint64_t kept = model->log_next < model->limits.log ? model->log_next : model->limits.log;

	snap->log_count = 0;
	if (!wanted)
		return;
	model_reserve(&snap->log, &snap->log_capacity, kept, sizeof(*snap->log));
	for (uint64_t id = model->log_next - kept; id < model->log_next; id++)
		snap->log[snap->log_count++] = model->log[id % model->limits.log];
}
