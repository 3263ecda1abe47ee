// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model: what all events amount to; its rooms are the files model_*.c. In: events. Out: snapshots.
 * Must never know: clocks, files, terminals, where an event came from.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "model_private.h"
#include "util.h"

const struct model_limits model_default_limits = {
	.faults = 1024,
	.occurrences = 256,
	.notes = 512,
	.history_bytes = 8u << 20,
	.log = 8192,
	.boot = 4096,
	.tasks = 4096,
	.domains = 4096,
	.former = 64,
	.transitions = 512,
	.units = 1024,
	.groups = 32768,
	.devices = 65536,
	.pool_bytes = 16u << 20,
};

struct model *model_new(const struct model_limits *limits)
{
	struct model *model = xcalloc(1, sizeof(*model));

	model->limits = *limits;
	model_texts_init(&model->texts, limits->pool_bytes);
	model->topology.version = 1;
	model_topology_init(&model->topology);
	model_domains_init(model);
	model_faults_init(model);
	model->history = history_new(limits->history_bytes);
	model->log = model->log_at = xcalloc(limits->log, sizeof(*model->log));
	model->log_end = model->log + limits->log;
	model->tasks = xcalloc(limits->tasks, sizeof(*model->tasks));
	model->transitions = xcalloc(limits->transitions, sizeof(*model->transitions));
	model->transition_next = 1;
	return model;
}

/* The two clocks drift against each other, and the wall clock can be set: then times move. */
#define WALL_STEP_NS 100000000u

static void keep_origin(struct model *model)
{
	uint64_t origin = model->wall_ns - model->tick_ns;
	uint64_t difference = origin - model->origin_wall_ns;

	if (difference > WALL_STEP_NS && difference < -(uint64_t)WALL_STEP_NS)
		model->origin_wall_ns = origin;
}

static void end_interval(struct losses *losses)
{
	losses->in_tick = losses->since_tick;
	losses->since_tick = 0;
}

static struct rate share(const struct model *model, uint64_t ns)
{
	if (!model->cost_told || !model->interval_ns)
		return (struct rate){0, KNOWN_NOT};
	return (struct rate){(double)ns / (double)model->interval_ns, KNOWN_EXACT};
}

static void cost_tick(struct model *model)
{
	model->cost_own = share(model, model->own_ns);
	model->cost_kernel = share(model, model->kernel_ns);
	model->own_ns = model->kernel_ns = 0;
	model->cost_told = false;
}

/* A tick that does not move time forward (the first, or after a damaged stretch of a recording)
 * ends no interval. */
static void apply_tick(struct model *model, const struct event *ev)
{
	bool forward = model->tick_ns && ev->ts_ns > model->tick_ns;

	model->interval_ns = forward ? ev->ts_ns - model->tick_ns : 0;
	model->tick_ns = ev->ts_ns;
	model->wall_ns = ev->tick.wall_ns;
	keep_origin(model);
	model->ticks++;
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		end_interval(&model->lost[i]);
	end_interval(&model->missed);
	model->late_in_tick = model->late - model->late_before_tick;
	model->late_before_tick = model->late;
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		model->classes[i].changed_in_tick = model->classes[i].changed;
		model->classes[i].changed = false;
	}
	cost_tick(model);
	model_topology_tick(model);
	model_domains_tick(model);
	model_names_tick(model);
	model_journey_tick(model);
	model_faults_tick(model);
}

static void apply_start(struct model *model, const struct event *ev)
{
	model->start_ns = ev->ts_ns;
}

static void apply_lost(struct model *model, const struct event *ev)
{
	/* A loss of which nothing is known was at least one. */
	uint64_t count = ev->lost.count || ev->lost.exact ? ev->lost.count : 1;

	model->lost[ev->lost.source].total += count;
	model->lost[ev->lost.source].since_tick += count;
	model->lost_inexact |= !ev->lost.exact;
	model_log_add(model, ev);
	if (ev->lost.source == SOURCE_LOG)
		return;
	model_traffic_gap(model, ev->ts_ns);
	model_journey_doubt(model);
	model_attach_doubt(model);
}

static void apply_late(struct model *model, const struct event *ev)
{
	model->late += ev->late.count;
}

/* One, or some that may be added at once. */
static void apply_maps(struct model *model, const struct event *events, size_t count)
{
	/* From 7.1 on the tracepoint fires for failed maps, too; those moved no byte. */
	if (events->map.size_bytes) {
		model_traffic_maps(model, events, count);
		for (size_t i = 0; i < count; i++)
			history_map(model->history, &events[i]);
	}
	model_log_traffic(model, events, count);
}

static void apply_unmaps(struct model *model, const struct event *events, size_t count)
{
	model_traffic_unmaps(model, events, count);
	/* The map that it takes back was never told. */
	for (size_t i = 0; !events->unmap.undoes && i < count; i++)
		history_unmap(model->history, &events[i]);
	model_log_traffic(model, events, count);
}

static void apply_map(struct model *model, const struct event *ev)
{
	apply_maps(model, ev, 1);
}

static void apply_unmap(struct model *model, const struct event *ev)
{
	apply_unmaps(model, ev, 1);
}

void model_apply_traffic(struct model *model, const struct event *events, size_t count)
{
	size_t run;

	for (; count; events += run, count -= run) {
		run = model_traffic_run(model, events, count);
		if (events->kind == EVENT_MAP)
			apply_maps(model, events, run);
		else
			apply_unmaps(model, events, run);
	}
}

static void apply_fault(struct model *model, const struct event *ev)
{
	model_faults_add(model, ev);
	model_log_add(model, ev);
}

static void apply_suppressed(struct model *model, const struct event *ev)
{
	if (ev->ts_ns < model->start_ns)
		return;
	model->suppressed += ev->suppressed.count;
	model->overflows += ev->suppressed.overflow;
}

static void apply_machine(struct model *model, const struct event *ev)
{
	text_id text = model_texts_id(&model->texts, ev->attr.text);

	if (ev->attr.attribute == ATTR_KERNEL)
		model->kernel = text;
	else
		model->host = text;
}

static void apply_device_group(struct model *model, const struct event *ev)
{
	model_topology_attr(model, ev);
	model_attach_grouped(model, ev);
}

/* What is none of these is kept with the unit, group or device it is of. */
static void (*const attr_handlers[ATTRIBUTE_COUNT])(struct model *, const struct event *) = {
	[ATTR_KERNEL] = apply_machine,
	[ATTR_HOST] = apply_machine,
	[ATTR_FAULT_INTERRUPTS] = model_faults_interrupts,
	[ATTR_UNIT_INVALIDATIONS] = model_topology_invalidations,
	[ATTR_GROUP_DOMAIN] = model_attach_told,
	[ATTR_GROUP_DEFAULT_DOMAIN] = model_attach_default,
	[ATTR_GROUP_HOLDER] = model_attach_holder,
	[ATTR_DEVICE_GROUP] = apply_device_group,
	[ATTR_TASK_COMM] = model_tasks_attr,
	[ATTR_TASK_COMM_BEFORE] = model_boot_name,
	[ATTR_TASK_PROCESS] = model_tasks_attr,
	[ATTR_DOMAIN_TYPE] = model_domain_attr,
	[ATTR_DOMAIN_DEVICE] = model_domain_attr,
	[ATTR_DOMAIN_TASK] = model_domain_attr,
	[ATTR_DOMAIN_CALLERS] = model_domain_attr,
	[ATTR_DOMAIN_ATTACHED] = model_attach_attached,
	[ATTR_PROCESS_NAME] = model_names_process,
	[ATTR_PROCESS_VM] = model_names_process,
	[ATTR_PROCESS_LOCKED] = model_names_process_memory,
	[ATTR_PROCESS_MEMLOCK] = model_names_process_memory,
};

static void apply_attr(struct model *model, const struct event *ev)
{
	if (attr_handlers[ev->attr.attribute])
		attr_handlers[ev->attr.attribute](model, ev);
	else
		model_topology_attr(model, ev);
}

static void apply_gone(struct model *model, const struct event *ev)
{
	switch (ev->attr.subject) {
	case SUBJECT_DOMAIN:
		model_domain_gone(model, ev);
		history_forget(model->history, ev->attr.id, ev->ts_ns);
		break;
	case SUBJECT_PROCESS:
		model_names_process_gone(model, ev->attr.id);
		break;
	case SUBJECT_DEVICE:
		model_attach_device_gone(model, ev);
		model_topology_gone(model, ev);
		break;
	case SUBJECT_GROUP:
		model_attach_group_gone(model, ev);
		model_topology_gone(model, ev);
		break;
	default:
		model_topology_gone(model, ev);
		break;
	}
}

static void apply_attach(struct model *model, const struct event *ev)
{
	model_log_add(model, ev);
	model_attach(model, ev);
}

static void apply_detach(struct model *model, const struct event *ev)
{
	model_log_add(model, ev);
	model_attach_detach(model, ev);
}

static void apply_map_failed(struct model *model, const struct event *ev)
{
	model_traffic_failed(model, ev);
	model_log_add(model, ev);
}

static void apply_missed(struct model *model, const struct event *ev)
{
	if (!ev->missed.count)
		return;
	model->missed.total += ev->missed.count;
	model->missed.since_tick += ev->missed.count;
	model->unknown_domains++;
	model_log_add(model, ev);
	model_traffic_gap(model, ev->ts_ns);
	model_journey_doubt(model);
	model_attach_doubt(model);
}

static void apply_cost(struct model *model, const struct event *ev)
{
	model->own_ns += ev->cost.own_ns;
	model->kernel_ns += ev->cost.kernel_ns;
	model->cost_told = true;
}

static void apply_health(struct model *model, const struct event *ev)
{
	struct snapshot_health *health = &model->health[ev->health.source];

	health->state = ev->health.state;
	copy_text(health->reason, sizeof(health->reason),
	          ev->health.reason ? ev->health.reason : "");
	if (ev->health.source == SOURCE_SYSFS && ev->health.state != HEALTH_STARTING)
		model->topology_known = true;
}

/* Only one by one can it be said where an address came from. */
static void look_at_history(struct model *model, uint64_t ts_ns)
{
	history_watch(model->history,
	              model->limits.history_bytes && model->collect == COLLECT_EVENTS &&
	                      model->classes[CLASS_MAP].on && model->classes[CLASS_UNMAP].on,
	              ts_ns);
}

static void apply_class(struct model *model, const struct event *ev)
{
	struct class_state *state = &model->classes[ev->class.class];

	if (state->known && state->on == ev->class.on)
		return;
	if (state->known) {
		state->changed = true;
		model_log_add(model, ev);
	}
	if (state->known && ev->class.on)
		state->gap = true;
	if (ev->class.class == CLASS_MAP || ev->class.class == CLASS_UNMAP)
		model_traffic_gap(model, ev->ts_ns);
	state->known = true;
	state->on = ev->class.on;
	state->ever_on |= ev->class.on;
	look_at_history(model, ev->ts_ns);
}

static bool are_attempts(const struct event *ev)
{
	return ev->collect.mode == COLLECT_COUNTS && ev->collect.attempts;
}

static bool has_domains(enum collect_mode mode)
{
	return mode == COLLECT_EVENTS || mode == COLLECT_COUNTS;
}

/* What is mapped is not known of a time in which attempts were counted, or no domain was told. */
static void change_collect(struct model *model, const struct event *ev)
{
	bool blind = !has_domains(model->collect), will_be_blind = !has_domains(ev->collect.mode);

	if (model->collect_attempts != are_attempts(ev) || blind || will_be_blind)
		model_traffic_gap(model, ev->ts_ns);
	model->unknown_domains += blind;
	model->seams += model->collect != ev->collect.mode;
	model_log_add(model, ev);
}

static void apply_collect(struct model *model, const struct event *ev)
{
	bool changed = model->collect != ev->collect.mode ||
	               model->collect_asked != ev->collect.asked ||
	               model->collect_attempts != are_attempts(ev);

	if (ev->collect.mode >= COLLECT_MODE_COUNT)
		return;
	if (changed && model->collect_known)
		change_collect(model, ev);
	model->collect_known = true;
	model->collect = ev->collect.mode;
	model->collect_reason = model_texts_id(&model->texts, ev->collect.reason);
	model->collect_asked = ev->collect.asked;
	model->collect_attempts = are_attempts(ev);
	model->events_ever |= model->collect == COLLECT_EVENTS;
	model->counted.attempts_ever |= model->collect_attempts;
	look_at_history(model, ev->ts_ns);
}

static void (*const handlers[EVENT_KIND_COUNT])(struct model *, const struct event *) = {
	[EVENT_TICK] = apply_tick,
	[EVENT_START] = apply_start,
	[EVENT_LOST] = apply_lost,
	[EVENT_LATE] = apply_late,
	[EVENT_MAP] = apply_map,
	[EVENT_UNMAP] = apply_unmap,
	[EVENT_ATTACH] = apply_attach,
	[EVENT_DETACH] = apply_detach,
	[EVENT_GROUP_ADD] = model_log_add,
	[EVENT_GROUP_LEAVE] = model_log_add,
	[EVENT_FAULT] = apply_fault,
	[EVENT_SUPPRESSED] = apply_suppressed,
	[EVENT_ATTR] = apply_attr,
	[EVENT_GONE] = apply_gone,
	[EVENT_HEALTH] = apply_health,
	[EVENT_CLASS] = apply_class,
	[EVENT_COLLECT] = apply_collect,
	[EVENT_MAP_FAILED] = apply_map_failed,
	[EVENT_ATTACH_FAILED] = model_log_add,
	[EVENT_COUNTS] = model_traffic_counts,
	[EVENT_MISSED] = apply_missed,
	[EVENT_COST] = apply_cost,
	[EVENT_CALLER] = model_domains_caller,
	[EVENT_NOTE] = model_notes_add,
};

void model_apply(struct model *model, const struct event *ev)
{
	if (ev->context & CONTEXT_BEFORE)
		model_boot_add(model, ev);
	else if (ev->kind < EVENT_KIND_COUNT && handlers[ev->kind])
		handlers[ev->kind](model, ev);
}

void model_reserve(void *array, size_t *capacity, size_t count, size_t element_size)
{
	void *memory;

	if (count <= *capacity)
		return;
	memcpy(&memory, array, sizeof(memory)); /* array is the address of some T * */
	memory = xrealloc(memory, count * element_size);
	memcpy(array, &memory, sizeof(memory));
	*capacity = count;
}

/* The names only grow: what the snapshot has is still true, the rest is added. */
static void pool_snapshot(const struct model *model, struct snapshot *snap)
{
	const struct texts *texts = &model->texts;

	model_reserve(&snap->pool, &snap->pool_capacity, texts->bytes, 1);
	memcpy(snap->pool + snap->pool_names_bytes, texts->pool + snap->pool_names_bytes,
	       texts->bytes - snap->pool_names_bytes);
	snap->pool_bytes = snap->pool_names_bytes = texts->bytes;
}

static void classes_snapshot(const struct model *model, struct snapshot *snap)
{
	for (size_t i = 0; i < CLASS_COUNT; i++)
		snap->classes[i] = (struct snapshot_class){
			.known = model->classes[i].known,
			.on = model->classes[i].on,
		};
}

static uint64_t lost_by(const struct model *model, enum source_id source, bool ever)
{
	return ever ? model->lost[source].total : model->lost[source].in_tick;
}

bool model_lost_events(const struct model *model, bool ever)
{
	return model_lost(model, ever) != lost_by(model, SOURCE_LOG, ever);
}

uint64_t model_events_lost(const struct model *model)
{
	return model_lost(model, true) - lost_by(model, SOURCE_LOG, true);
}

uint64_t model_lost(const struct model *model, bool ever)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SOURCE_COUNT; i++)
		sum += lost_by(model, (enum source_id)i, ever);
	return sum;
}

static struct count lost_count(const struct model *model)
{
	bool watched = model->health[SOURCE_TRACE].state >= HEALTH_PARTIAL ||
	               model->health[SOURCE_LOG].state >= HEALTH_PARTIAL;

	uint64_t lost = model_lost(model, true);

	if (!watched && !lost)
		return (struct count){0, KNOWN_NOT};
	return (struct count){lost, model->lost_inexact ? KNOWN_AT_LEAST : KNOWN_EXACT};
}

static void collect_snapshot(const struct model *model, struct snapshot *snap)
{
	enum known known =
		model->health[SOURCE_PROBES].state >= HEALTH_PARTIAL || model->missed.total
			? KNOWN_EXACT
			: KNOWN_NOT;

	snap->collect = model->collect;
	snap->collect_reason = model->collect_reason;
	snap->collect_asked = model->collect_asked;
	snap->collect_attempts = model->collect_attempts;
	snap->cost_own = model->cost_own;
	snap->cost_kernel = model->cost_kernel;
	snap->missed = (struct count){model->missed.total, known};
	snap->missed_now = (struct count){model->missed.in_tick, known};
}

void model_snapshot(struct model *model, const struct snapshot_want *want, struct snapshot *snap)
{
	snap->now_ns = model->tick_ns;
	snap->wall_ns = model->wall_ns;
	snap->origin_wall_ns = model->origin_wall_ns;
	snap->start_ns = model->start_ns;
	snap->interval_ns = model->interval_ns;
	snap->ticks = model->ticks;
	snap->kernel = model->kernel;
	snap->host = model->host;
	memcpy(snap->health, model->health, sizeof(snap->health));
	classes_snapshot(model, snap);
	collect_snapshot(model, snap);
	snap->lost = lost_count(model);
	snap->lost_of_log = model->lost[SOURCE_LOG].total;
	snap->lost_now = (struct count){model_lost(model, false), snap->lost.known};
	snap->late = (struct count){model->late, snap->lost.known};
	snap->late_now = (struct count){model->late_in_tick, snap->lost.known};
	pool_snapshot(model, snap);
	model_topology_snapshot(model, snap);
	model_domains_snapshot(model, want, snap);
	model_names_snapshot(model, snap);
	model_journey_snapshot(model, snap);
	model_faults_snapshot(model, want, snap);
	model_notes_snapshot(model, snap);
	model_log_snapshot(model, want->log, snap);
}
