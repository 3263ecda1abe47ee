/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PAGES_H
#define IOMMUTOP_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../error.h"
#include "page_bindings.h"
#include "raw.h"

/* Gets the records of a page, in order, some at a time. Owns their texts from then on. */
struct raw_sink {
	void (*take)(void *context, const struct raw *raws, size_t count);
	void *context;
};

struct page_summary {
	uint64_t last_ns;    /* time of the last record; of the page where there is none */
	size_t data_bytes;   /* what the page says it holds */
	size_t unread_bytes; /* of these, what is cut off or makes no sense */
	bool lost;           /* the kernel overwrote records before this page */
};

/*
 * A decoder of ring-buffer sub-buffers ("pages"), as read(2) on trace_pipe_raw gives them, for a
 * kernel of this machine's byte order. Does no I/O: format texts and pages are handed in.
 */
struct pages;

/* header_page: the text of events/header_page, size bytes. NULL and *err if it is not understood.
 */
struct pages *pages_new(const char *header_page, size_t size, struct error *err);
void pages_free(struct pages *pages);

/*
 * Resolves the fields of page_bindings[binding] from the text of its format file. system: what the
 * group of our probes is called; only looked at where the binding names no system. Returns -1, with
 * a sentence in *err, if the text or a field is not as needed: records of this event are then
 * skipped. Must not be called after the first pages_decode.
 */
int pages_bind(struct pages *pages, unsigned int binding, const char *system, const char *format,
               size_t size, struct error *err);

/* Bytes of a whole sub-buffer: what to read at once. */
size_t pages_size(const struct pages *pages);

/*
 * Hands out the records of bound events in the page's order, a call and its tracepoint as one pair
 * where they follow each other, the events lost before the page as a RAW_LOST ahead of them.
 * Reading stops at the first thing that makes no sense; that too becomes a RAW_LOST (of unknown
 * count, behind what could be read). page needs no alignment, size may be anything: nothing is read
 * outside, whatever the bytes are.
 */
struct page_summary pages_decode(const struct pages *pages, const void *page, size_t size,
                                 uint16_t cpu, const struct raw_sink *sink);

#endif
