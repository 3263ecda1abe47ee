/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_STATS_H
#define IOMMUTOP_TRACE_STATS_H

#include <stdbool.h>
#include <stdint.h>

/* per_cpu/cpuN/stats of an instance, as far as it is of use. What the text lacks is 0. */
struct trace_stats {
	uint64_t entries;     /* records that wait */
	uint64_t now_ns;      /* the trace clock, never ahead of it; 0: not told */
	uint64_t oldest_ns;   /* of the records that wait; 0: none do */
	uint64_t overwritten; /* records that gave way to newer ones before anybody read them */
	/*
	 * Losses that no page tells of: records that found the buffer full (an instance can be set
	 * not to overwrite) or that nested interrupts pushed out.
	 */
	uint64_t lost;
};

struct trace_stats trace_stats_parse(const char *text);

#endif
