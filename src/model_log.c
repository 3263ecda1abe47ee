// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_log: the newest events one by one. Pure.
 *
 * Maps and unmaps come by hundreds of thousands a second, and of most of them nobody ever sees a
 * line: they are kept as they came, and made into lines for those who look.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

static __attribute__((noinline)) void name_other_task(struct model *model, int32_t pid,
                                                      char comm[COMM_MAX])
{
	const struct task *task = model->last_task = model_tasks_find(model, pid);

	if (task)
		memcpy(comm, task->comm, COMM_MAX);
	else
		memset(comm, 0, COMM_MAX);
}

static inline void name_task(struct model *model, int32_t pid, char comm[COMM_MAX])
{
	const struct task *task = model->last_task;

	if (task && task->pid == pid)
		memcpy(comm, task->comm, COMM_MAX);
	else
		name_other_task(model, pid, comm);
}

/* The place of the oldest, which goes. */
static inline struct log_place *next_place(struct model *model)
{
	struct log_place *place = model->log_at;

	if (++model->log_at == model->log_end)
		model->log_at = model->log;
	model->log_next++;
	return place;
}

static void put(struct model *model, const struct snapshot_log *entry)
{
	struct log_place *place = next_place(model);

	place->is_traffic = false;
	place->entry = *entry;
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

static void put_traffic(const struct event *ev, struct snapshot_log *out)
{
	bool map = ev->kind == EVENT_MAP;

	out->iova = map ? ev->map.iova : ev->unmap.iova;
	out->size_bytes = map ? ev->map.size_bytes : ev->unmap.size_bytes;
	out->unmapped_bytes = map ? 0 : ev->unmap.unmapped_bytes;
	out->domain = map ? ev->map.domain : ev->unmap.domain;
	out->inside_ns = map ? ev->map.inside_ns : ev->unmap.inside_ns;
}

static struct snapshot_log common_line(const struct event *ev, uint64_t id)
{
	return (struct snapshot_log){
		.id = id,
		.ts_ns = ev->ts_ns,
		.group = NO_GROUP,
		.pid = ev->pid,
		.cpu = ev->cpu,
		.kind = ev->kind,
		.context = ev->context,
	};
}

struct snapshot_log model_log_line(struct model *model, const struct event *ev, uint64_t id)
{
	struct snapshot_log entry = common_line(ev, id);

	if (ev->kind == EVENT_MAP || ev->kind == EVENT_UNMAP)
		put_traffic(ev, &entry);
	else
		fill(model, ev, &entry);
	return entry;
}

void model_log_add(struct model *model, const struct event *ev)
{
	struct snapshot_log entry = model_log_line(model, ev, model->log_next);

	name_task(model, entry.pid, entry.comm);
	put(model, &entry);
}

void model_log_traffic(struct model *model, const struct event *events, size_t count)
{
	char comm[COMM_MAX];

	name_task(model, events->pid, comm);
	for (const struct event *ev = events; ev < events + count; ev++) {
		struct log_place *place = next_place(model);

		place->is_traffic = true;
		place->traffic.ev = *ev;
		memcpy(place->traffic.comm, comm, COMM_MAX);
	}
}

void model_log_transition(struct model *model, const struct snapshot_transition *transition,
                          uint64_t ts_ns, bool returned)
{
	const struct snapshot_log entry = {
		.id = model->log_next,
		.ts_ns = ts_ns,
		.device = transition->device,
		.group = transition->group,
		.domain = transition->to_domain,
		.kind = EVENT_TICK,
		.transition = transition->id,
		.returned = returned,
	};

	put(model, &entry);
}

static void put_line(const struct log_place *place, uint64_t id, struct snapshot_log *out)
{
	if (!place->is_traffic) {
		*out = place->entry;
		return;
	}
	*out = common_line(&place->traffic.ev, id);
	put_traffic(&place->traffic.ev, out);
	memcpy(out->comm, place->traffic.comm, sizeof(out->comm));
}

/* What happened before the start stands first, and the ids say so. */
void model_log_snapshot(const struct model *model, bool wanted, struct snapshot *snap)
{
	uint64_t kept = model->log_next < model->limits.log ? model->log_next : model->limits.log;

	snap->log_count = 0;
	if (!wanted)
		return;
	model_reserve(&snap->log, &snap->log_capacity, kept + model_boot_lines(model),
	              sizeof(*snap->log));
	model_boot_snapshot(model, snap);
	for (uint64_t id = model->log_next - kept; id < model->log_next; id++) {
		struct snapshot_log *line = &snap->log[snap->log_count++];

		put_line(&model->log[id % model->limits.log], id, line);
		line->id += BOOT_IDS;
	}
}
