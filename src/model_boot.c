// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_boot: what happened before the start, as lines at the head of the log. In: events with
 * CONTEXT_BEFORE. Out: lines; the same events again. Must never know: where they were found. Pure.
 *
 * They count in nothing: no total, no rate, no attachment. Nobody saw what came between them, and
 * the numbers of domains and the names of tasks are those of another time.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

/* A way through both rings, in the order in which their lines came. */
struct walk {
	const struct model *model;
	uint64_t traffic, others; /* the next of each */
};

static struct boot_ring *ring_of(struct boot *boot, uint8_t kind)
{
	return kind == EVENT_MAP || kind == EVENT_UNMAP ? &boot->traffic : &boot->others;
}

static uint64_t oldest(const struct model *model, const struct boot_ring *ring)
{
	return ring->count > model->limits.boot ? ring->count - model->limits.boot : 0;
}

static struct snapshot_log *next_place(const struct model *model, struct boot_ring *ring)
{
	if (ring->count < model->limits.boot)
		ring->lines = grow(ring->lines, &ring->capacity, ring->count, sizeof(*ring->lines));
	return &ring->lines[ring->count++ % model->limits.boot];
}

void model_boot_add(struct model *model, const struct event *ev)
{
	struct boot *boot = &model->boot;
	struct snapshot_log line;

	if (!event_can_be_before(ev->kind) || !model->limits.boot || boot->next == BOOT_IDS - 1)
		return;
	line = model_log_line(model, ev, boot->next++);
	if (line.pid == boot->pid)
		memcpy(line.comm, boot->comm, sizeof(line.comm));
	*next_place(model, ring_of(boot, ev->kind)) = line;
}

void model_boot_name(struct model *model, const struct event *ev)
{
	model->boot.pid = (int32_t)ev->attr.id;
	copy_text(model->boot.comm, sizeof(model->boot.comm), ev->attr.text ? ev->attr.text : "");
}

static struct walk begin(const struct model *model)
{
	return (struct walk){model, oldest(model, &model->boot.traffic),
	                     oldest(model, &model->boot.others)};
}

static const struct snapshot_log *line_at(const struct model *model, const struct boot_ring *ring,
                                          uint64_t at)
{
	return at < ring->count ? &ring->lines[at % model->limits.boot] : NULL;
}

/* NULL: that was all. */
static const struct snapshot_log *next(struct walk *walk)
{
	const struct boot *boot = &walk->model->boot;
	const struct snapshot_log *traffic = line_at(walk->model, &boot->traffic, walk->traffic);
	const struct snapshot_log *other = line_at(walk->model, &boot->others, walk->others);

	if (traffic && (!other || traffic->id < other->id)) {
		walk->traffic++;
		return traffic;
	}
	walk->others += other != NULL;
	return other;
}

/* And one that says where watching began. */
size_t model_boot_lines(const struct model *model)
{
	const struct boot *boot = &model->boot;

	return (size_t)(boot->traffic.count - oldest(model, &boot->traffic) + boot->others.count -
	                oldest(model, &boot->others) + 1);
}

void model_boot_snapshot(const struct model *model, struct snapshot *snap)
{
	struct walk walk = begin(model);
	const struct snapshot_log *line;

	while ((line = next(&walk)))
		snap->log[snap->log_count++] = *line;
	if (!snap->log_count && !model->topology.machine.boot_trace)
		return;
	snap->log[snap->log_count++] = (struct snapshot_log){
		.id = BOOT_IDS - 1,
		.ts_ns = model->start_ns,
		.text = model->topology.machine.boot_trace,
		.group = NO_GROUP,
		.kind = EVENT_START,
	};
}

/* ---- telling ---- */

static const char *text_of(const struct model *model, text_id id)
{
	return id ? model->texts.pool + id : NULL;
}

/* What the line of a fault does not show is not kept. */
static void put_fault(const struct model *model, const struct snapshot_log *line, struct event *ev)
{
	ev->fault.device = text_of(model, line->device);
	ev->fault.reason = text_of(model, line->text);
	ev->fault.iova = line->iova;
	ev->fault.direction = line->detail;
	ev->fault.source = SOURCE_TRACE;
	ev->fault.flags = line->exact ? FAULT_HAS_IOVA : 0;
}

static struct event event_of(const struct model *model, const struct snapshot_log *line)
{
	struct event ev = {.ts_ns = line->ts_ns,
	                   .kind = line->kind,
	                   .context = line->context,
	                   .cpu = line->cpu,
	                   .pid = line->pid};

	switch (line->kind) {
	case EVENT_MAP:
		ev.map.iova = line->iova;
		ev.map.size_bytes = line->size_bytes;
		break;
	case EVENT_UNMAP:
		ev.unmap.iova = line->iova;
		ev.unmap.size_bytes = line->size_bytes;
		ev.unmap.unmapped_bytes = line->unmapped_bytes;
		break;
	case EVENT_FAULT:
		put_fault(model, line, &ev);
		break;
	default:
		ev.member.device = text_of(model, line->device);
		ev.member.group = line->group;
		break;
	}
	return ev;
}

void model_boot_tell(const struct model *model, const struct event_sink *sink)
{
	struct walk walk = begin(model);
	const struct snapshot_log *line, *before = NULL;

	for (; (line = next(&walk)); before = line) {
		struct event ev = event_of(model, line);
		struct event name =
			event_attr_text(line->ts_ns, ATTR_TASK_COMM_BEFORE, NULL,
		                        (uint32_t)line->pid, line->comm[0] ? line->comm : NULL);

		if (!before || before->pid != line->pid || strcmp(before->comm, line->comm) != 0)
			event_emit(sink, &name);
		event_emit(sink, &ev);
	}
}
