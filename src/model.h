/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MODEL_H
#define IOMMUTOP_MODEL_H

#include "event.h"
#include "snapshot.h"

/*
 * What the events amount to. It changes through model_apply alone and knows no clock, file or
 * terminal: the same events make the same model, live or replayed.
 */
struct model;

/* How much is remembered; tests make these tiny. */
struct model_limits {
	size_t faults;        /* rows of them kept, those seen last */
	size_t occurrences;   /* newest kept of each row */
	size_t notes;         /* newest kept */
	size_t history_bytes; /* for maps and unmaps, to say where an address came from; 0: none */
	size_t log;           /* newest kept */
	size_t boot;          /* the same of before the start: maps and unmaps, and others */
	size_t tasks;         /* names of threads, a power of two */
	size_t domains;       /* living ones; beyond, a map or unmap counts as unattributed */
	size_t former;        /* freed ones that are still told one by one; older ones in a sum */
	size_t transitions;   /* newest kept */
	size_t units;         /* of the machine; beyond, what is told of more is not kept */
	size_t groups;        /* the same of groups */
	size_t devices;       /* the same of devices */
	size_t pool_bytes;    /* of all names and reasons; beyond, a text is unknown */
};

extern const struct model_limits model_default_limits;

struct model *model_new(const struct model_limits *limits);
void model_free(struct model *model);

/* Another one that knows the same and lives on its own: the same events make the same of it. */
struct model *model_copy(const struct model *model);
/* Memory that it takes, and that a copy of it takes. */
size_t model_bytes(const struct model *model);

/* Takes any event in any order; what makes no sense is ignored. Keeps no pointer of it. */
void model_apply(struct model *model, const struct event *ev);

/* The same for some maps and unmaps at once. */
void model_apply_traffic(struct model *model, const struct event *events, size_t count);
/*
 * Says all that is known of the machine again, from START to a TICK, with ts_ns for a time: of
 * groups and devices, who is attached to what, tasks and processes, classes, how it is collected,
 * how the sources do. A model that hears it knows the same, and watches from then on: so a
 * recording begun in the middle stands alone.
 */
void model_tell(const struct model *model, uint64_t ts_ns, const struct event_sink *sink);

/* What the reader needs beyond the overview. */
struct snapshot_want {
	bool log;
	bool sizes;      /* of the maps and unmaps of each domain */
	uint32_t domain; /* whose detail; NO_DOMAIN: none */
	uint64_t fault;  /* of which row the occurrences; NO_FAULT: none */
};

/*
 * Brings *snap (zeroed before its first use) up to date with the model. Memory of *snap is used
 * again; names and topology are only copied when they changed.
 */
void model_snapshot(struct model *model, const struct snapshot_want *want, struct snapshot *snap);

#endif
