// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_faults: the newest faults and how many there were. Pure.
 */
#include "model_private.h"

#include "util.h"

void model_faults_add(struct model *model, const struct event *ev)
{
	bool before = model->start_ns && ev->ts_ns < model->start_ns;

	model->faults[model->fault_next % model->limits.faults] = (struct snapshot_fault){
		.id = model->fault_next + 1,
		.first_ns = ev->ts_ns,
		.last_ns = ev->ts_ns,
		.count = !before,
		.count_before = before,
		.iova = ev->fault.iova,
		.device = model_texts_id(&model->texts, ev->fault.device),
		.reason = model_texts_id(&model->texts, ev->fault.reason),
		.device_index = NO_NUMBER,
		.pasid = ev->fault.pasid,
		.code = ev->fault.code,
		.direction = ev->fault.direction,
		.logged = ev->fault.source == SOURCE_LOG,
		.traced = ev->fault.source == SOURCE_TRACE,
		.dialect = ev->fault.dialect,
		.flags = ev->fault.flags,
		.before_start = before,
	};
	model->fault_next++;
	if (!before)
		model->faults_since_start++;
}

static size_t faults_kept(const struct model *model)
{
	return model->fault_next < model->limits.faults ? (size_t)model->fault_next
	                                                : model->limits.faults;
}

/*
 * The log is always read as far as it goes, class or not; without it, only some drivers speak
 * through the tracepoint. So: exact while the log is readable and swallowed nothing.
 */
static enum known faults_known(const struct model *model)
{
	const struct class_state *state = &model->classes[CLASS_FAULT];
	bool log = model->health[SOURCE_LOG].state == HEALTH_OK;
	bool trace = model->health[SOURCE_TRACE].state >= HEALTH_PARTIAL;

	if (state->known && !state->on)
		return KNOWN_OFF;
	if (!log && !trace)
		return KNOWN_NOT;
	return log && !model->suppressed && !model_lost(model, true) && !state->gap
	               ? KNOWN_EXACT
	               : KNOWN_AT_LEAST;
}

/* What was counted stays counted when nobody watches any more. */
static enum known total_known(const struct model *model, enum known now)
{
	bool watched = now == KNOWN_EXACT || now == KNOWN_AT_LEAST;

	return model->faults_since_start && !watched ? KNOWN_AT_LEAST : now;
}

/*
 * Devices may become known after their faults, and their places change with the topology, so faults
 * are looked up again whenever it has changed. Without a segment, one fit is the device; with
 * several the fault names none.
 */
static void find_devices(struct model *model)
{
	uint64_t first = model->fault_next - faults_kept(model);

	if (model->faults_version == model->topology.version && first < model->faults_found)
		first = model->faults_found;
	for (uint64_t id = first; id < model->fault_next; id++) {
		struct snapshot_fault *fault = &model->faults[id % model->limits.faults];
		uint32_t found =
			model_topology_find(model, model->texts.pool + fault->device,
		                            fault->flags & FAULT_NO_SEGMENT, &fault->ambiguous);

		fault->device_index =
			found == NO_NUMBER ? NO_NUMBER : model->topology.places[found];
	}
	model->faults_version = model->topology.version;
	model->faults_found = model->fault_next;
}

void model_faults_tick(struct model *model)
{
	model->faults_in_tick = model->faults_since_start - model->faults_before_tick;
	model->faults_before_tick = model->faults_since_start;
}

/* After model_topology_snapshot: the places of devices are those of this snapshot. */
void model_faults_snapshot(struct model *model, struct snapshot *snap)
{
	size_t kept = faults_kept(model);
	enum known known = faults_known(model);

	find_devices(model);
	model_reserve(&snap->faults_seen, &snap->fault_capacity, kept, sizeof(*snap->faults_seen));
	snap->fault_count = kept;
	for (size_t i = 0; i < kept; i++)
		snap->faults_seen[i] =
			model->faults[(model->fault_next - kept + i) % model->limits.faults];
	snap->faults = (struct count){model->faults_since_start, total_known(model, known)};
	snap->faults_per_s =
		(struct rate){model->interval_ns ? (double)model->faults_in_tick * 1e9 /
	                                                   (double)model->interval_ns
	                                         : 0,
	                      model->interval_ns ? known : KNOWN_NOT};
	snap->suppressed = (struct count){model->suppressed,
	                                  model->health[SOURCE_LOG].state == HEALTH_OK ? KNOWN_EXACT
	                                                                               : KNOWN_NOT};
}
