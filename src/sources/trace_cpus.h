/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_CPUS_H
#define IOMMUTOP_TRACE_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream.h"

struct tracefs_instance;

struct trace_cpu {
	unsigned int number;
	int raw_fd;
	int stats_fd;  /* -1: a plain directory has none */
	uint64_t lost; /* that the statistics counted so far */
};

/* Those an instance has files for, by number. All zero: none. */
struct trace_cpus {
	struct trace_cpu *all;
	size_t count;
};

/* Lists those in the directory of an instance. Returns -1 and errno (or 0) if there are none. */
int trace_cpus_find(struct trace_cpus *cpus, const char *instance);

/* Opens their files. Returns -1 and errno at the first that cannot be read; some are open then. */
int trace_cpus_open(struct trace_cpus *cpus, struct tracefs_instance *files);

/* Closes the files; the CPUs stay listed until trace_cpus_free. */
void trace_cpus_close(struct trace_cpus *cpus);
void trace_cpus_free(struct trace_cpus *cpus);

/* Only system calls: for handlers of fatal signals. */
void trace_cpus_emergency_close(const struct trace_cpus *cpus);

/* Counts losses from here: what was lost before our time is not ours to tell. */
void trace_cpus_begin(struct trace_cpus *cpus);

/* The trace clock's now; false where no statistics tell it. */
bool trace_cpus_now(const struct trace_cpus *cpus, uint64_t *now_ns);

/* A time before all that can still come: now, or the oldest that an adopted instance holds. */
uint64_t trace_cpus_begin_time(const struct trace_cpus *cpus);

/* Pushes a LOST for each CPU that lost more since it was last asked. */
void trace_cpus_push_lost(struct trace_cpus *cpus, struct stream *stream, uint64_t now_ns);

#endif
