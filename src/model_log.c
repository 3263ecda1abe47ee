// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_log: the newest events one by one, and the names of the tasks that made them. Pure.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

#define TASK_PROBES 8u

/* The task's place: its own, else a free one, else the first of those where it could be. */
static struct task *task_place(const struct model *model, int32_t pid)
{
	size_t mask = model->limits.tasks - 1;
	size_t home = (uint32_t)pid * 2654435761u >> 7;
	struct task *free_one = NULL;

	for (size_t i = 0; i < TASK_PROBES; i++) {
		struct task *task = &model->tasks[(home + i) & mask];

		if (task->used && task->pid == pid)
			return task;
		if (!task->used && !free_one)
			free_one = task;
	}
	return free_one ? free_one : &model->tasks[home & mask];
}

void model_log_name_task(struct model *model, int32_t pid, const char *comm)
{
	struct task *task = task_place(model, pid);

	*task = (struct task){.pid = pid, .used = true};
	copy_text(task->comm, sizeof(task->comm), comm ? comm : "");
}

static void name_task(const struct model *model, struct snapshot_log *entry)
{
	const struct task *task = task_place(model, entry->pid);

	if (task->used && task->pid == entry->pid)
		memcpy(entry->comm, task->comm, sizeof(entry->comm));
}

/* What the kinds have of their own; the rest is common. */
static void fill(struct model *model, const struct event *ev, struct snapshot_log *entry)
{
	switch (ev->kind) {
	case EVENT_MAP:
		entry->iova = ev->map.iova;
		entry->size_bytes = ev->map.size_bytes;
		entry->domain = ev->map.domain;
		break;
	case EVENT_UNMAP:
		entry->iova = ev->unmap.iova;
		entry->size_bytes = ev->unmap.size_bytes;
		entry->unmapped_bytes = ev->unmap.unmapped_bytes;
		entry->domain = ev->unmap.domain;
		break;
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
	default:
		entry->device = model_texts_id(&model->texts, ev->member.device);
		entry->group = ev->member.group;
		break;
	}
}

void model_log_add(struct model *model, const struct event *ev)
{
	struct snapshot_log *entry = &model->log[model->log_next % model->limits.log];

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
