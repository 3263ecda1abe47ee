/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACEDAT_OPTIONS_H
#define IOMMUTOP_TRACEDAT_OPTIONS_H

#include "tracedat_contents.h"
#include "tracedat_reader.h"

/* Where the options of version 7 say that other sections are. 0: nowhere. */
struct tracedat_places {
	uint64_t header_info, event_formats, names;
	uint64_t next; /* more options */
};

/*
 * Reads a list of options up to its end. False: reader has failed, or an option is too short for
 * what it is to hold; *bad is its number then, else 0.
 */
bool tracedat_options_read(struct tracedat_reader *reader, struct tracedat_contents *contents,
                           struct tracedat_places *places, unsigned int *bad);

/* The word in brackets in the text of a trace_clock file. */
void tracedat_take_clock(char *clock, size_t size, const char *text);

#endif
