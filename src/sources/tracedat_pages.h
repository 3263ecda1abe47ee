/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACEDAT_PAGES_H
#define IOMMUTOP_TRACEDAT_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../error.h"
#include "tracedat_contents.h"

/*
 * The pages of all CPUs of a buffer, the oldest first, unpacked where need be. Memory is bounded:
 * of each CPU a piece is held.
 */
struct tracedat_pages;

struct tracedat_page {
	const void *bytes; /* until the next call */
	size_t size;       /* of a file that was cut: perhaps not all of it */
	size_t cpu;        /* index into buffer->cpus */
	uint64_t first_ns; /* the time that it begins with */
};

/* What the file says it has, and has not. */
struct tracedat_missing {
	uint64_t bytes; /* in the file; of packed ones packed */
	uint64_t at;    /* place in the file of the first, with bytes */
	bool broken;    /* they are there, but cannot be unpacked */
};

/* buffer is borrowed. NULL and a sentence that begins with "it" if its places make no sense. */
struct tracedat_pages *tracedat_pages_new(int fd, uint64_t file_size,
                                          const struct tracedat_buffer *buffer, const char *packing,
                                          struct error *err);
void tracedat_pages_free(struct tracedat_pages *pages);

/* When the next page begins: nothing that is still to come is older, as far as each CPU's pages are
 * in order. False: there are no more. */
bool tracedat_pages_time(struct tracedat_pages *pages, uint64_t *ts_ns);

bool tracedat_pages_next(struct tracedat_pages *pages, struct tracedat_page *page);

/* How much of them has been read, in thousandths of the bytes in the file. */
int tracedat_pages_position(const struct tracedat_pages *pages);

/*
 * The same place once more, to come back to: without the pages, so it can be used for that alone.
 * *bytes grows by what it takes.
 */
struct tracedat_pages *tracedat_pages_here(const struct tracedat_pages *pages, size_t *bytes);
/* -1: what was read there cannot be read any more; then nothing has changed. */
int tracedat_pages_return(struct tracedat_pages **pages, const struct tracedat_pages *place);

/* Of a CPU; known when its pages are through. */
struct tracedat_missing tracedat_pages_missing(const struct tracedat_pages *pages, size_t cpu);

#endif
