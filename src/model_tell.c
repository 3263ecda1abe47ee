// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_tell: what the model knows of the machine, said again as the events that told it. In: the
 * model. Out: events. Must never know: who listens. Pure.
 *
 * What has happened so far (counts, bursts, faults, lines of the log) is not said: for whoever
 * listens, watching begins here.
 */
#include "model.h"
#include "model_private.h"

#include <inttypes.h>

#include "util.h"

/* A longer name is cut by whoever writes it. */
#define DEVICE_AND_PASID 272

struct telling {
	const struct model *model;
	uint64_t ts_ns;
	const struct event_sink *sink;
};

static const char *text_of(const struct telling *telling, text_id id)
{
	return id ? telling->model->texts.pool + id : NULL;
}

static void tell_text(const struct telling *telling, enum attribute attribute, const char *name,
                      uint32_t id, text_id text)
{
	struct event ev =
		event_attr_text(telling->ts_ns, attribute, name, id, text_of(telling, text));

	if (text)
		event_emit(telling->sink, &ev);
}

static void tell_number(const struct telling *telling, enum attribute attribute, const char *name,
                        uint32_t id, uint64_t value)
{
	struct event ev = event_attr_number(telling->ts_ns, attribute, name, id, value);

	if (value < NO_NUMBER)
		event_emit(telling->sink, &ev);
}

static void tell_start(const struct telling *telling)
{
	const struct event start = {.ts_ns = telling->ts_ns, .kind = EVENT_START};

	event_emit(telling->sink, &start);
	tell_text(telling, ATTR_HOST, NULL, 0, telling->model->host);
	tell_text(telling, ATTR_KERNEL, NULL, 0, telling->model->kernel);
	if (telling->model->interrupts_known) {
		struct event ev = event_attr_number(telling->ts_ns, ATTR_FAULT_INTERRUPTS, NULL, 0,
		                                    telling->model->interrupts);

		event_emit(telling->sink, &ev);
	}
}

/* Facts that are kept with what they are of. */
static void tell_facts(const struct telling *telling, enum subject subject, const void *of,
                       const char *name, uint32_t id)
{
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		uint32_t value;

		if (attribute_infos[i].subject != subject ||
		    !model_topology_fact((enum attribute)i, of, &value))
			continue;
		if (attribute_infos[i].type == VALUE_TEXT)
			tell_text(telling, (enum attribute)i, name, id, value);
		else
			tell_number(telling, (enum attribute)i, name, id, value);
	}
}

/* So many there were before. */
static void tell_invalidations(const struct telling *telling, const struct unit *unit)
{
	const struct count *count = &unit->shown.invalidations;
	struct event ev = event_attr_number(telling->ts_ns, ATTR_UNIT_INVALIDATIONS,
	                                    text_of(telling, unit->shown.name), 0,
	                                    count->n + unit->before_start);

	if (count->known == KNOWN_EXACT)
		event_emit(telling->sink, &ev);
}

static void tell_topology(const struct telling *telling)
{
	const struct topology *t = &telling->model->topology;

	tell_facts(telling, SUBJECT_MACHINE, &t->machine, NULL, 0);
	for (size_t i = 0; i < t->unit_count; i++) {
		tell_facts(telling, SUBJECT_UNIT, &t->units[i].shown,
		           text_of(telling, t->units[i].shown.name), 0);
		tell_invalidations(telling, &t->units[i]);
	}
	for (size_t i = 0; i < t->group_count; i++)
		tell_facts(telling, SUBJECT_GROUP, &t->groups[i].shown, NULL,
		           t->groups[i].shown.id);
	/* One of which nothing is known is there all the same. */
	for (size_t i = 0; i < t->device_count; i++) {
		const struct snapshot_device *device = &t->devices[i];
		const char *name = text_of(telling, device->name);
		struct event group = event_attr_number(telling->ts_ns, ATTR_DEVICE_GROUP, name, 0,
		                                       device->group == NO_GROUP ? VALUE_UNKNOWN
		                                                                 : device->group);

		event_emit(telling->sink, &group);
		tell_facts(telling, SUBJECT_DEVICE, device, name, 0);
	}
}

static void tell_processes(const struct telling *telling)
{
	const struct model *model = telling->model;

	for (size_t i = 0; i < model->process_count; i++) {
		const struct snapshot_process *process = &model->processes[i];

		tell_text(telling, ATTR_PROCESS_NAME, NULL, process->id, process->name);
		tell_text(telling, ATTR_PROCESS_VM, NULL, process->id, process->vm);
		tell_number(telling, ATTR_PROCESS_LOCKED, NULL, process->id, process->locked_kib);
		tell_number(telling, ATTR_PROCESS_MEMLOCK, NULL, process->id, process->memlock_kib);
	}
	for (size_t i = 0; i < model->limits.tasks; i++) {
		const struct task *task = &model->tasks[i];
		struct event comm = event_attr_text(telling->ts_ns, ATTR_TASK_COMM, NULL,
		                                    (uint32_t)task->pid, task->comm);

		if (!task->used)
			continue;
		event_emit(telling->sink, &comm);
		tell_number(telling, ATTR_TASK_PROCESS, NULL, (uint32_t)task->pid, task->process);
	}
}

/* Else its next attach would seem to be its birth. */
static void tell_idle(const struct telling *telling, const struct domain *domain)
{
	const struct event ev =
		event_attr_text(telling->ts_ns, ATTR_DOMAIN_ATTACHED, NULL, domain->id, NULL);

	event_emit(telling->sink, &ev);
}

static void tell_domains(const struct telling *telling)
{
	const struct domain_table *t = &telling->model->domains;

	for (size_t i = 1; i < t->slot_count; i++) {
		const struct domain *domain = &t->slots[i];

		if (domain->state != DOMAIN_LIVING)
			continue;
		tell_number(telling, ATTR_DOMAIN_TYPE, NULL, domain->id, domain->type);
		tell_text(telling, ATTR_DOMAIN_DEVICE, NULL, domain->id, domain->dma_device);
		if (domain->task)
			tell_number(telling, ATTR_DOMAIN_TASK, NULL, domain->id, domain->task);
		if (domain->known_otherwise && !domain->attached)
			tell_idle(telling, domain);
	}
}

/* What a group or a device is attached to was seen by somebody, or told by the kernel. */
static void tell_attachments(const struct telling *telling)
{
	const struct model *model = telling->model;

	for (size_t i = 0; i < model->attachment_count; i++) {
		const struct attachment *attachment = &model->attachments[i];
		char text[DEVICE_AND_PASID];
		struct event ev = event_attr_text(telling->ts_ns, ATTR_DOMAIN_ATTACHED, NULL,
		                                  attachment->domain, text);

		copy_text(text, sizeof(text), text_of(telling, attachment->device));
		if (attachment->pasid)
			append_text(text, sizeof(text), " %" PRIu32, attachment->pasid);
		event_emit(telling->sink, &ev);
	}
}

/*
 * After the domains: what tells of a domain by its group makes it known by that. Where the kernel
 * told of no group, who hears it must not believe it did: those that were replaced before are not
 * among these then.
 */
static void tell_attached(const struct telling *telling)
{
	const struct topology *t = &telling->model->topology;

	for (size_t i = 0; i < t->group_count; i++) {
		const struct snapshot_group *group = &t->groups[i].shown;

		tell_number(telling, ATTR_GROUP_DEFAULT_DOMAIN, NULL, group->id,
		            group->default_domain);
		if (telling->model->groups_told)
			tell_number(telling, ATTR_GROUP_DOMAIN, NULL, group->id, group->domain);
	}
	tell_attachments(telling);
	for (size_t i = 0; i < t->group_count; i++)
		tell_number(telling, ATTR_GROUP_HOLDER, NULL, t->groups[i].shown.id,
		            t->groups[i].shown.holder);
}

static void tell_classes(const struct telling *telling)
{
	for (int i = 0; i < CLASS_COUNT; i++) {
		const struct class_state *state = &telling->model->classes[i];
		const struct event ev = {.ts_ns = telling->ts_ns,
		                         .kind = EVENT_CLASS,
		                         .class = {.class = (uint8_t)i, .on = state->on}};

		if (state->known)
			event_emit(telling->sink, &ev);
	}
}

static void tell_collect(const struct telling *telling)
{
	const struct model *model = telling->model;
	const struct event ev = {.ts_ns = telling->ts_ns,
	                         .kind = EVENT_COLLECT,
	                         .collect = {.reason = text_of(telling, model->collect_reason),
	                                     .mode = (uint8_t)model->collect,
	                                     .asked = model->collect_asked,
	                                     .attempts = model->collect_attempts}};

	if (model->collect_known)
		event_emit(telling->sink, &ev);
}

static void tell_health(const struct telling *telling)
{
	for (int i = 0; i < SOURCE_COUNT; i++) {
		const struct snapshot_health *health = &telling->model->health[i];
		struct event ev = event_health(telling->ts_ns, (enum source_id)i, health->state,
		                               health->reason[0] ? health->reason : NULL);

		event_emit(telling->sink, &ev);
	}
}

void model_tell(const struct model *model, uint64_t ts_ns, const struct event_sink *sink)
{
	const struct telling telling = {.model = model, .ts_ns = ts_ns, .sink = sink};
	const struct event tick = {
		.ts_ns = ts_ns, .kind = EVENT_TICK, .tick = {.wall_ns = model->wall_ns}};

	tell_start(&telling);
	model_boot_tell(model, sink);
	tell_topology(&telling);
	tell_processes(&telling);
	tell_domains(&telling);
	tell_attached(&telling);
	tell_classes(&telling);
	tell_collect(&telling);
	tell_health(&telling);
	event_emit(sink, &tick);
}
