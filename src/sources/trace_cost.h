/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_COST_H
#define IOMMUTOP_TRACE_COST_H

#include <stdint.h>

/*
 * What one hit of a probe takes on this machine, measured once: reading the type of a group fires
 * the probes of groups while they are on, so it is read some hundred times with them and without.
 */
struct trace_cost {
	int type_fd;      /* the type of some group; -1: there is none, or all is measured */
	uint64_t with_ns; /* the reads while probes were on; 0: not measured yet */
};

/* sysfs: "/sys". */
void trace_cost_open(struct trace_cost *cost, const char *sysfs);
void trace_cost_close(struct trace_cost *cost);

/* The probes have just been switched on. Takes some milliseconds, once. */
void trace_cost_measure_with(struct trace_cost *cost);

/*
 * They have just been switched off; hits: how many of them one read fired. Returns the time of a
 * hit, at least 1; 0 where it cannot be told (it was not measured with them, or the difference
 * drowns in noise). An estimate: the least of several rounds, on one processor, by its own time.
 */
uint64_t trace_cost_measure_without(struct trace_cost *cost, unsigned int hits);

/* The estimate from both times, hits in all. */
uint64_t trace_cost_of_hit(uint64_t with_ns, uint64_t without_ns, unsigned int hits);

#endif
