/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PAIRING_PRIVATE_H
#define IOMMUTOP_PAIRING_PRIVATE_H

/* The inside of pairing, for pairing*.c alone. */

#include "pairing.h"

#include <stddef.h>

#include "naming.h"

/* Tasks: sets of a few places each, in which the one used longest ago gives way. */
#define TASK_WAYS 8u
#define TASK_SETS 512u

/* What a CPU does when it runs no task of its own, by precedence. */
enum level { LEVEL_HARD_IRQ, LEVEL_SOFT_IRQ, LEVEL_IDLE, LEVEL_COUNT };

enum call_kind { CALL_NONE, CALL_MAP, CALL_UNMAP };

struct call {
	uint64_t ts_ns;
	uint64_t iova, size_bytes;
	uint32_t domain;
	int32_t pid;
	uint16_t cpu;
	uint8_t context;
	uint8_t kind;
	uint8_t protection;
	bool undoes;
};

/* A map that failed for certain. */
struct failure {
	struct call call; /* CALL_NONE: there is none */
	uint64_t mapped_bytes;
	uint64_t since_ns;
	bool told;     /* else it waits for its errno */
	bool undoable; /* what was mapped is still to be taken back (7.1+) */
};

enum attach_kind { ATTACH_NONE, ATTACH_DEVICE, ATTACH_PASID };

struct attach {
	uint64_t device;
	uint32_t domain, pasid;
	uint8_t kind;
};

/* One context: what is under way in it. An attach maps (direct mappings), so it stands beside. */
struct place {
	uint64_t used_ns;
	uint64_t generation; /* of the pairing's; another one: nothing is under way */
	int32_t pid;
	struct call call;
	struct call outer; /* put aside while the one above lasts */
	struct failure failure;
	struct attach attach;
	char *dma_device; /* whose DMA call has just begun; owned */
};

struct pairing {
	struct domain_ids *ids;
	struct naming *naming;
	struct place *tasks[TASK_SETS]; /* TASK_WAYS each, made when the first of it comes */
	struct place *last; /* of the tasks: a task makes many calls in a row. NULL: none yet */
	/* While nothing but pairs is taken: a task in which nothing is under way, NULL if none is
	 * known; and a domain that is active. */
	struct place *calm;
	int32_t lone; /* a task in which nothing is under way, and that stands for no domain; 0 */
	uint64_t calm_address; /* 0: none */
	uint32_t calm_domain;
	uint8_t calm_type;
	struct place (*cpus)[LEVEL_COUNT];
	size_t cpu_room;
	uint64_t generation; /* goes up when all is forgotten; places begin with 0 */
	uint64_t task_generation;
	uint64_t blind_until_ns; /* tasks may have been where records were lost */
	bool waiting;            /* perhaps a failure waits somewhere */
	uint8_t mode;            /* enum collect_mode */
	struct holders *holders;
	uint32_t *gone; /* domains of processes that hold nothing any more, to be told */
	size_t gone_count, gone_capacity;
};

/* What one record is taken with. */
struct turn {
	struct pairing *pairing;
	const struct raw *raw;
	const struct event_sink *sink;
	uint64_t ts_ns;
};

/* ---- pairing_places ---- */

/* 0: no; else in which. */
static inline unsigned int in_interrupt(const struct raw *raw)
{
	return raw->context & (CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ);
}

static inline bool pairing_is_task(const struct raw *raw)
{
	return raw->pid != 0 && !in_interrupt(raw);
}

/* Whether a record begins something; others find it or have come for nothing. */
bool pairing_begins(uint8_t kind);
/*
 * Where the record belongs. NULL: there is nothing for it to go with. Or nothing may be paired
 * there, for while some CPU's records are missing a task may have made calls on that CPU, between
 * two that we see.
 */
struct place *pairing_find_place(const struct turn *turn);

/* As find_place, for the task that was found last: it makes many calls in a row. */
static inline struct place *pairing_place(const struct turn *turn)
{
	const struct raw *raw = turn->raw;
	struct place *last = turn->pairing->last;

	if (!last || raw->pid != last->pid || !pairing_is_task(raw) || last->dma_device ||
	    last->generation != turn->pairing->task_generation ||
	    raw->ts_ns < turn->pairing->blind_until_ns)
		return pairing_find_place(turn);
	last->used_ns = raw->ts_ns;
	return last;
}

/* What was under way where the record belongs; in all tasks; on a CPU that ran none. */
void pairing_forget_place(const struct turn *turn);
void pairing_forget_tasks(struct pairing *pairing);
void pairing_forget_cpu(struct pairing *pairing, uint16_t cpu);

/* ---- telling ---- */

static inline void pairing_emit(const struct turn *turn, const struct event *ev)
{
	event_emit(turn->sink, ev);
}

static inline struct event pairing_event(const struct turn *turn, enum event_kind kind)
{
	return (struct event){
		.ts_ns = turn->ts_ns,
		.kind = (uint8_t)kind,
		.context = turn->raw->context,
		.cpu = turn->raw->cpu,
		.pid = turn->raw->pid,
	};
}

/* Positive errno of what a function of the kernel's returned; 0: it went well. */
static inline int32_t pairing_error_of(const struct raw *raw)
{
	int32_t value = (int32_t)(uint32_t)raw->value[0];

	return value < 0 && value > -4096 ? -value : 0;
}

/* ---- pairing_domains ---- */

/* Says of which type the domain is, where that is news. */
void pairing_tell_type(const struct turn *turn, uint32_t domain, uint64_t type);
/* The domain at this address is no more. */
void pairing_tell_gone(const struct turn *turn, uint64_t address);
/* Nor is the one that is known by the record's device alone. */
void pairing_tell_device_gone(const struct turn *turn);
/* The domain that the device, or else the task, of a map or an unmap stands for; tells of it where
 * it is new. */
uint32_t pairing_domain_of_device(const struct turn *turn);
uint32_t pairing_domain_of_task(const struct turn *turn);
/* Nor is the one that stands for this process; told when the pairing settles. */
void pairing_end_process(struct pairing *pairing, int32_t process);

/* ---- pairing_holders ---- */

struct holders *holders_new(void);
void holders_owned(struct holders **holders, struct owned *owned);
/* The process of this task, if it holds a group; else 0. */
int32_t holders_process(const struct holders *holders, int32_t pid);

/* ---- pairing_attach: what to do with these records ---- */

void pairing_take_attach_call(const struct turn *turn);
void pairing_take_pasid_call(const struct turn *turn);
void pairing_take_attach(const struct turn *turn);
void pairing_take_attach_return(const struct turn *turn);
void pairing_take_pasid_return(const struct turn *turn);
void pairing_take_detach(const struct turn *turn);
void pairing_take_group_add(const struct turn *turn);
void pairing_take_group_leave(const struct turn *turn);
void pairing_take_group_domains(const struct turn *turn);
void pairing_take_group_member(const struct turn *turn);

#endif
