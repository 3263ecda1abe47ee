/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MODEL_PRIVATE_H
#define IOMMUTOP_MODEL_PRIVATE_H

/* The model's inside, for model_*.c alone. Arrays and indices; no pointers into each other. */

#include "model.h"

/* ---- texts: every name and reason once ---- */

struct text_slot {
	text_id text;    /* 0: free */
	uint32_t device; /* the device of this name, NO_NUMBER */
};

struct texts {
	char *pool; /* NUL-ended texts one after the other; the first is "" */
	size_t bytes, capacity, limit;
	struct text_slot *slots; /* open addressing, a power of two */
	size_t slot_count, used;
};

void model_texts_init(struct texts *texts, size_t limit_bytes);
void model_texts_release(struct texts *texts);
/* The slot of this text, made if need be; NULL when the pool is full or text is NULL. The pointer
 * holds until the next call. */
struct text_slot *model_texts_intern(struct texts *texts, const char *text);
/* 0 for NULL, "" and a full pool. */
text_id model_texts_id(struct texts *texts, const char *text);

/* ---- topology ---- */

struct topology {
	struct snapshot_unit *units; /* by name */
	size_t unit_count, unit_capacity;
	struct snapshot_group *groups; /* by number; first_device and device_count unused */
	size_t group_count, group_capacity;
	struct snapshot_device *devices; /* in order of appearance */
	size_t device_count, device_capacity;
	uint32_t *places; /* of each device in the newest snapshot, which sorts them */
	uint64_t version; /* counts changes, from 1 */
};

/* ---- domains ---- */

struct traffic_counts {
	uint64_t maps, unmaps, map_bytes, unmap_bytes;
};

struct domain {
	uint32_t id;
	struct traffic_counts total, before_tick, in_tick;
	float trend[TRAFFIC_CELLS]; /* a ring; next is the oldest */
	uint8_t trend_next, trend_filled;
};

struct class_state {
	bool known, on;
	bool ever_on;
	bool gap;             /* was off for a time: totals miss what happened then */
	bool changed;         /* since the last tick */
	bool changed_in_tick; /* in the interval that the last tick ended */
};

struct losses {
	uint64_t total, since_tick, in_tick;
};

struct task {
	int32_t pid;
	bool used;
	char comm[COMM_MAX];
};

struct model {
	struct model_limits limits;
	struct texts texts;
	struct topology topology;
	bool topology_known;
	text_id kernel, host;

	uint64_t start_ns, tick_ns, wall_ns, origin_wall_ns, interval_ns, ticks;
	struct snapshot_health health[SOURCE_COUNT];
	struct class_state classes[CLASS_COUNT];
	enum collect_mode collect;

	struct domain *domains; /* the first is DOMAIN_UNATTRIBUTED */
	size_t domain_count, domain_capacity;
	struct domain all; /* id unused */

	struct losses lost[SOURCE_COUNT];
	uint64_t suppressed;
	uint64_t late, late_before_tick, late_in_tick;
	bool lost_inexact;

	struct snapshot_fault *faults; /* a ring of limits.faults */
	uint64_t fault_next;           /* id of the next */
	uint64_t faults_found;         /* up to here devices were looked up, */
	uint64_t faults_version;       /* in this version of the topology */
	uint64_t faults_since_start, faults_before_tick, faults_in_tick;

	struct snapshot_log *log; /* a ring of limits.log */
	uint64_t log_next;

	struct task *tasks;
};

void model_topology_attr(struct model *model, const struct event *ev);
void model_topology_gone(struct model *model, const struct event *ev);
void model_topology_snapshot(struct model *model, struct snapshot *snap);
void model_topology_release(struct topology *topology);
/* The device of this name, NO_NUMBER. Without a segment ("00:02.0") any segment fits; *ambiguous
 * tells of more than one. */
uint32_t model_topology_find(struct model *model, const char *name, bool no_segment,
                             bool *ambiguous);

void model_domains_init(struct model *model);
void model_domains_map(struct model *model, const struct event *ev);
void model_domains_unmap(struct model *model, const struct event *ev);
void model_domains_tick(struct model *model);
void model_domains_snapshot(const struct model *model, struct snapshot *snap);

void model_faults_add(struct model *model, const struct event *ev);
void model_faults_tick(struct model *model);
void model_faults_snapshot(struct model *model, struct snapshot *snap);

/* Keeps the event in the log; device and text are looked up as the kind demands. */
void model_log_add(struct model *model, const struct event *ev);
void model_log_snapshot(const struct model *model, bool wanted, struct snapshot *snap);
void model_log_name_task(struct model *model, int32_t pid, const char *comm);

/*
 * Whether maps and unmaps may be missing: a loss in the kernel's log is none of theirs. ever: since
 * the start; else in the interval that the last tick ended.
 */
bool model_lost_events(const struct model *model, bool ever);
/* The sum over all sources. */
uint64_t model_lost(const struct model *model, bool ever);

/* Makes *array hold at least count elements. */
void model_reserve(void *array, size_t *capacity, size_t count, size_t element_size);

#endif
