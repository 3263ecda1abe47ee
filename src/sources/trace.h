/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_H
#define IOMMUTOP_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../error.h"
#include "../event.h"
#include "../source.h"
#include "domain_ids.h"

struct trace_options {
	const char *tracefs;  /* NULL: where tracefs is mounted (it is never mounted by us) */
	const char *instance; /* NULL: iommutop-PID; an existing one is used and left as found */
	const char *procfs;   /* "/proc": names of tasks */
	const char *sysfs;    /* "/sys": is there an arm-smmu v1/v2 unit? */
	bool classes[CLASS_COUNT];
	struct domain_ids *ids; /* borrowed until it is closed */
	bool no_probes;         /* the kernel's list of dynamic events is left alone */
	enum collect_choice collect;
};

/*
 * Our own trace instance: made, locked, sized, its clock set, events enabled one by one. The first
 * drain pushes HEALTH (of the trace and of the probes), COLLECT and a CLASS for each class that can
 * be had, then come what the kernel reports and, before the first event of a task, its TASK_COMM.
 * What others switch in the instance is noticed within a second and told by the same events. *cpus
 * gets the number of trace lanes the stream needs (0 without a trace). Never NULL for lack of
 * tracefs or rights: the source then only says so. NULL and *err for an instance asked for by name
 * that is in use, or whose name is none.
 */
struct source *trace_open(const struct trace_options *options, unsigned int *cpus,
                          struct error *err);

/* The trace clock's now (per_cpu/cpuN/stats, "now ts"); false when there is no trace. */
bool trace_now(const struct source *source, uint64_t *now_ns);

/*
 * Switches a class on or off in the kernel and pushes the CLASS event that tells what is so now.
 * For CLASS_FAULT that is what was asked for: its events also come from the kernel's log.
 */
void trace_set_class(struct source *source, struct stream *stream, uint64_t now_ns,
                     enum event_class class, bool on);

/*
 * An interval ends at now_ns, up to which the stream is flushed (the ids then have all frees).
 * Pushes what it missed or lost as far as no record tells, COUNTS, UNIT_INVALIDATIONS, COST, and
 * CALLERs when their time is over, all with that time; flush again. May go over from events to
 * counts or back; COLLECT then comes with a later drain.
 */
void trace_tick(struct source *source, struct stream *stream, uint64_t now_ns);

/* Another choice of how to collect; pushes the COLLECT that follows from it. */
void trace_set_collect(struct source *source, struct stream *stream, uint64_t now_ns,
                       enum collect_choice choice);

/* Counts the callers of a domain's maps and unmaps for five seconds. Returns -1 and a sentence. */
int trace_watch_callers(struct source *source, uint64_t now_ns, uint32_t domain, struct error *err);

/* The process is about to be stopped: who calls is no longer counted, and told of what was. */
void trace_rest(struct source *source, struct stream *stream, uint64_t now_ns);

/*
 * Switches the probes that tell which domain each group has whenever its type is read in sysfs and,
 * with calls, those that tell the device of each DMA-API call. They cost too much to stay on:
 * trace_window.h says for how long. What cannot be switched is in our HEALTH.
 */
void trace_set_naming(struct source *source, bool groups, bool calls);

/* A map has failed: from now on the kernel says why one does. */
void trace_expect_failures(struct source *source);

/*
 * Removes the instances that dead iommutops left (those whose lock can be had), sets back what they
 * changed in others, then removes their probes.
 * Living ones are not touched. Says what it removed on out (NULL: quietly). Returns how many, or
 * -1.
 */
int trace_sweep(const char *tracefs, FILE *out, struct error *err);

/*
 * Whether the instance could not be removed when the last trace source of this process was closed
 * (somebody has a file of it open: trace_pipe). *err then says so and what to do, as a sentence for
 * standard error once the screen is closed.
 */
bool trace_left_behind(struct error *err);

/* For handlers of fatal signals: removes the instance and the probes by system calls alone. */
void trace_emergency_cleanup(void);

#endif
