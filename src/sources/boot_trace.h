/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BOOT_TRACE_H
#define IOMMUTOP_BOOT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../event.h"

/*
 * What happened before the start, where the kernel kept it: in its global trace buffer (not in an
 * instance), as a boot with trace_event=iommu makes it. That buffer is somebody else's. It is read
 * through trace, which consumes nothing, and not at all where that would stop its tracing meanwhile
 * (option pause-on-trace; kernels without that option, which always do so) - unless it is stopped
 * anyway. As long as trace is open, for a second at most, nobody can resize that buffer.
 */
struct boot_trace_options {
	const char *tracefs;
	uint64_t until;               /* boot_trace_now() of the start */
	uint64_t most_bytes;          /* 0: 64 MiB */
	uint64_t most_ns;             /* 0: 1 s */
	size_t keep;                  /* of maps and unmaps, and of others; 0: 4096 */
	bool (*go_on)(void *context); /* NULL: always */
	void *context;
};

/* Now by the clock of that buffer, in its own units; 0 where it cannot be had. */
uint64_t boot_trace_now(const char *tracefs);

/*
 * Events with CONTEXT_BEFORE and names of tasks before what they are of; last the ATTR
 * MACHINE_BOOT_TRACE, a sentence that says how much was read and what is missing. Nothing where the
 * buffer holds nothing, or nothing of IOMMUs. Blocks: for the worker's thread.
 */
void boot_trace_read(const struct boot_trace_options *options, const struct event_sink *sink);

#endif
