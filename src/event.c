// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event: the vocabulary of door 1, and a queue for events that wait.
 * In: nothing. Out: tables. Must never know: sources, model, time.
 */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

const char *const event_class_names[CLASS_COUNT] = {
	[CLASS_GROUP] = "group", [CLASS_DEVICE] = "device", [CLASS_MAP] = "map",
	[CLASS_UNMAP] = "unmap", [CLASS_FAULT] = "fault",
};

const char *const source_names[SOURCE_COUNT] = {
	[SOURCE_SYSFS] = "sysfs",   [SOURCE_TRACE] = "trace",   [SOURCE_LOG] = "log",
	[SOURCE_REPLAY] = "replay", [SOURCE_PROBES] = "probes", [SOURCE_OWNERS] = "owners",
};

const char *const health_state_names[HEALTH_STATE_COUNT] = {
	[HEALTH_OFF] = "off",
	[HEALTH_STARTING] = "starting",
	[HEALTH_PARTIAL] = "partial",
	[HEALTH_OK] = "ok",
};

const char *const collect_mode_names[COLLECT_MODE_COUNT] = {
	[COLLECT_NONE] = "none",
	[COLLECT_TRACEPOINTS] = "tracepoints",
	[COLLECT_EVENTS] = "events",
	[COLLECT_COUNTS] = "counts",
};

const char *const collect_choice_names[CHOICE_COUNT] = {
	[CHOICE_AUTO] = "auto",
	[CHOICE_EVENTS] = "events",
	[CHOICE_COUNTS] = "counts",
};

const char *const counts_what_names[COUNTS_WHAT_COUNT] = {
	[COUNTS_MAP] = "map",
	[COUNTS_UNMAP] = "unmap",
};

const char *const direction_names[DIRECTION_COUNT] = {
	[DIRECTION_UNKNOWN] = "-",
	[DIRECTION_READ] = "read",
	[DIRECTION_WRITE] = "write",
	[DIRECTION_EXECUTE] = "exec",
};

const char *const fault_dialect_names[FAULT_DIALECT_COUNT] = {
	[FAULT_OTHER] = "other",   [FAULT_VTD] = "vtd",     [FAULT_VTD_INTERRUPT] = "vtd_interrupt",
	[FAULT_AMD] = "amd",       [FAULT_SMMU] = "smmu",   [FAULT_SMMU_V3] = "smmu_v3",
	[FAULT_VIRTIO] = "virtio", [FAULT_RISCV] = "riscv",
};

const char *const note_topic_names[NOTE_TOPIC_COUNT] = {
#define X(name, word) [NOTE_##name] = word,
	NOTE_TOPICS(X)
#undef X
};

const struct attribute_info attribute_infos[ATTRIBUTE_COUNT] = {
#define X(name, subject, type, word) [ATTR_##name] = {word, SUBJECT_##subject, VALUE_##type},
	ATTRIBUTES(X)
#undef X
};

const char *const subject_names[SUBJECT_COUNT] = {
	[SUBJECT_MACHINE] = "machine", [SUBJECT_UNIT] = "unit", [SUBJECT_GROUP] = "group",
	[SUBJECT_DEVICE] = "device",   [SUBJECT_TASK] = "task", [SUBJECT_DOMAIN] = "domain",
	[SUBJECT_PROCESS] = "process",
};

const uint8_t subject_keys[SUBJECT_COUNT] = {
	[SUBJECT_MACHINE] = KEY_NONE_NEEDED, [SUBJECT_UNIT] = KEY_BY_NAME,
	[SUBJECT_GROUP] = KEY_BY_ID,         [SUBJECT_DEVICE] = KEY_BY_NAME,
	[SUBJECT_TASK] = KEY_BY_ID,          [SUBJECT_DOMAIN] = KEY_BY_ID,
	[SUBJECT_PROCESS] = KEY_BY_ID,
};

static struct event attr_event(uint64_t ts_ns, enum attribute attribute, const char *name,
                               uint32_t id)
{
	return (struct event){
		.ts_ns = ts_ns,
		.kind = EVENT_ATTR,
		.attr = {.name = name,
	                 .value = VALUE_UNKNOWN,
	                 .id = id,
	                 .subject = attribute_infos[attribute].subject,
	                 .attribute = attribute},
	};
}

static void emit_nowhere(void *context, const struct event *ev)
{
	(void)context;
	(void)ev;
}

const struct event_sink event_nowhere = {.emit = emit_nowhere, .context = NULL};

struct event event_attr_text(uint64_t ts_ns, enum attribute attribute, const char *name,
                             uint32_t id, const char *text)
{
	struct event ev = attr_event(ts_ns, attribute, name, id);

	ev.attr.text = text;
	return ev;
}

struct event event_attr_number(uint64_t ts_ns, enum attribute attribute, const char *name,
                               uint32_t id, uint64_t value)
{
	struct event ev = attr_event(ts_ns, attribute, name, id);

	ev.attr.value = value;
	return ev;
}

struct event event_gone(uint64_t ts_ns, enum subject subject, const char *name, uint32_t id)
{
	return (struct event){
		.ts_ns = ts_ns,
		.kind = EVENT_GONE,
		.attr = {.name = name, .id = id, .subject = subject},
	};
}

struct event event_health(uint64_t ts_ns, enum source_id source, enum health_state state,
                          const char *reason)
{
	return (struct event){
		.ts_ns = ts_ns,
		.kind = EVENT_HEALTH,
		.health = {.reason = reason, .source = source, .state = state},
	};
}

bool event_can_be_before(uint8_t kind)
{
	switch (kind) {
	case EVENT_MAP:
	case EVENT_UNMAP:
	case EVENT_ATTACH:
	case EVENT_DETACH:
	case EVENT_GROUP_ADD:
	case EVENT_GROUP_LEAVE:
	case EVENT_FAULT:
		return true;
	default:
		return false;
	}
}

void event_each_text(struct event *ev, void (*visit)(void *context, const char **text),
                     void *context)
{
	switch (ev->kind) {
	case EVENT_ATTACH:
	case EVENT_ATTACH_FAILED:
	case EVENT_DETACH:
	case EVENT_GROUP_ADD:
	case EVENT_GROUP_LEAVE:
		visit(context, &ev->member.device);
		break;
	case EVENT_FAULT:
		visit(context, &ev->fault.device);
		visit(context, &ev->fault.reason);
		break;
	case EVENT_ATTR:
	case EVENT_GONE:
		visit(context, &ev->attr.name);
		visit(context, &ev->attr.text);
		break;
	case EVENT_HEALTH:
		visit(context, &ev->health.reason);
		break;
	case EVENT_COLLECT:
		visit(context, &ev->collect.reason);
		break;
	case EVENT_CALLER:
		visit(context, &ev->caller.name);
		break;
	case EVENT_NOTE:
		visit(context, &ev->note.device);
		visit(context, &ev->note.text);
		break;
	default:
		break;
	}
}

static void own_text(void *context, const char **text)
{
	(void)context;
	if (*text)
		*text = xstrdup(*text);
}

static void free_text(void *context, const char **text)
{
	(void)context;
	free((char *)*text);
}

void event_own_texts(struct event *ev)
{
	event_each_text(ev, own_text, NULL);
}

void event_free_texts(struct event *ev)
{
	event_each_text(ev, free_text, NULL);
}

/* Before the array grows, the places that popped events left at its start are used again. */
static void close_gap(struct event_queue *queue)
{
	if (!queue->first || queue->first + queue->count < queue->capacity)
		return;
	memmove(queue->events, queue->events + queue->first, queue->count * sizeof(*queue->events));
	queue->first = 0;
}

void event_queue_push(struct event_queue *queue, const struct event *ev)
{
	struct event *slot;

	close_gap(queue);
	queue->events = grow(queue->events, &queue->capacity, queue->first + queue->count,
	                     sizeof(*queue->events));
	slot = &queue->events[queue->first + queue->count++];
	*slot = *ev;
	event_own_texts(slot);
}

const struct event *event_queue_head(const struct event_queue *queue)
{
	return queue->count ? &queue->events[queue->first] : NULL;
}

void event_queue_pop(struct event_queue *queue)
{
	event_free_texts(&queue->events[queue->first]);
	queue->first++;
	if (!--queue->count)
		queue->first = 0;
}

void event_queue_release(struct event_queue *queue)
{
	while (queue->count)
		event_queue_pop(queue);
	free(queue->events);
	*queue = (struct event_queue){0};
}
