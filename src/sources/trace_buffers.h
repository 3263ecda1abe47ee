/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_BUFFERS_H
#define IOMMUTOP_TRACE_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "trace_verdict.h"

struct tracefs_instance;

/* Whether a new instance leaves enough memory to others. Returns -1 and says so if it does not. */
int trace_buffers_check(const char *procfs, struct trace_verdict *verdict);

/*
 * Makes the buffers of an own instance smaller where there are many CPUs. Returns the bytes of one,
 * that of cpu.
 */
size_t trace_buffers_size(struct tracefs_instance *files, bool own, unsigned int cpu);

#endif
