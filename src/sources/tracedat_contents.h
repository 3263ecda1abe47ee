/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACEDAT_CONTENTS_H
#define IOMMUTOP_TRACEDAT_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../error.h"

/* How each file of trace-cmd begins. */
#define TRACEDAT_MAGIC      "\x17\x08\x44tracing"
#define TRACEDAT_MAGIC_SIZE 10u

/* The records of a CPU: where they are in the file. Nothing of this has been looked at. */
struct tracedat_cpu {
	uint64_t offset, size;
	uint32_t number; /* below UINT16_MAX */
};

/* Those of one trace instance. */
struct tracedat_buffer {
	struct tracedat_cpu *cpus;
	size_t cpu_count;
	uint64_t at; /* where the file says more of it */
	uint32_t page_bytes;
	bool packed;
	char name[64]; /* "": the kernel's own, which is no instance */
	char clock[32];
};

/* Records that were lost and that no page tells of. */
struct tracedat_loss {
	char buffer[64];
	uint32_t cpu;
	uint64_t count;
};

/* The text of a format file that may concern us. */
struct tracedat_format {
	char system[64];
	char *text;
	size_t size;
};

struct tracedat_tsc {
	uint32_t multiplier; /* 0: the clock is not to be converted */
	uint32_t shift;
};

/*
 * What a file of trace-cmd, of version 6 or 7, says of the machine and of its records
 * (Documentation/trace-cmd/trace-cmd.dat.v6 and .v7). Texts are as they stand in it. All zero:
 * nothing is known, and nothing has to be released.
 */
struct tracedat_contents {
	uint32_t version;
	uint32_t page_bytes;
	char packing[32]; /* "", "none", "zlib", "zstd" */
	char *header_page;
	size_t header_page_size;
	struct tracedat_format *formats;
	size_t format_count, format_capacity;
	char *names; /* of tasks: lines of "PID NAME"; NULL: none were saved */
	char uname[256];
	char clock[32];
	struct tracedat_tsc tsc;
	int64_t offset_ns;      /* to be added to times */
	int64_t wall_offset_ns; /* then this makes them wall clock; 0: not known */
	uint32_t cpu_count;     /* version 6 */
	struct tracedat_buffer *buffers;
	size_t buffer_count, buffer_capacity;
	struct tracedat_loss *losses;
	size_t loss_count, loss_capacity;
	char told_of[64]; /* the instance that statistics are of, while they are read */
};

/*
 * Reads all but the records. Whatever the file says of itself, a bounded amount of memory is taken.
 * -1 and one sentence, which begins with "it", where it is not as it has to be.
 */
int tracedat_contents_read(struct tracedat_contents *contents, int fd, uint64_t size,
                           struct error *err);
void tracedat_contents_release(struct tracedat_contents *contents);

#endif
