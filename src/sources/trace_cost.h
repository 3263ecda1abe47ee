/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_COST_H
#define IOMMUTOP_TRACE_COST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What one hit of a probe takes on this machine, measured once: reading the type of a group fires
 * the probes of groups while they are on, so it is read some hundred times with them and without.
 * A thread of its own does so and ends with it, for such a read waits as long as an attach of that
 * group lasts, and none of the calls below ever does.
 */
struct trace_cost;

/* sysfs: "/sys". read_type: how a type is read (here a test can make it hang); NULL: the usual.
 * NULL where there can be no thread. */
struct trace_cost *trace_cost_open(const char *sysfs, ssize_t (*read_type)(int fd));
/* NULL is none. A thread that hangs is left behind, and tidies up once the kernel lets it go. */
void trace_cost_close(struct trace_cost *cost);

/* The probes are about to be switched, either way; and have been. */
void trace_cost_pause(struct trace_cost *cost);
void trace_cost_resume(struct trace_cost *cost, bool on);

/*
 * hits: how many probes one read fires. Returns the time of a hit, at least 1; 0 as long as, or
 * where, it cannot be told (no group, or the difference drowns in noise). An estimate: the least of
 * several rounds, on one processor, by the thread's own time.
 */
uint64_t trace_cost_hit_ns(struct trace_cost *cost, unsigned int hits);

/* The estimate from both times, hits in all. */
uint64_t trace_cost_of_hit(uint64_t with_ns, uint64_t without_ns, unsigned int hits);

#endif
