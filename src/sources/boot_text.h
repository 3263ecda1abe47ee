/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BOOT_TEXT_H
#define IOMMUTOP_BOOT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../event.h"

/*
 * The kernel's own trace buffer as the file trace prints it, of which the iommu events are kept:
 * the newest maps and unmaps, and the newest of all others, which the former do not push out. Lines
 * of others cost a look. Pure.
 */
struct boot_text;

struct boot_text_found {
	uint64_t events;   /* iommu events from before the start */
	uint64_t left_out; /* of those: older ones, for which there was no room */
	uint64_t lost;     /* of any system, at least */
	uint64_t odd;      /* iommu events in words that nobody knows here */
	bool timeless;     /* only the order is known: of some at least there is no time */
};

struct boot_text_options {
	uint64_t until; /* what is of then or later by its stamp is not of before; 0: all is */
	size_t keep;    /* so many of each of the two sorts */
	bool timeless;  /* the stamps are of no use as times, whatever they look like */
};

struct boot_text *boot_text_new(const struct boot_text_options *options);
void boot_text_free(struct boot_text *text);

/* Bytes as they come. False: what follows is not of before. */
bool boot_text_take(struct boot_text *text, const char *bytes, size_t length);

struct boot_text_found boot_text_found(const struct boot_text *text);

/* What is kept, in its order, with CONTEXT_BEFORE; names of tasks before what they are of. */
void boot_text_tell(const struct boot_text *text, const struct event_sink *sink);

#endif
