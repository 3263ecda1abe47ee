/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACEDAT_PARTS_H
#define IOMMUTOP_TRACEDAT_PARTS_H

#include "tracedat_contents.h"
#include "tracedat_options.h"
#include "tracedat_reader.h"

/* What the two versions have in common, for tracedat_contents.c and tracedat_sections.c. */

struct unpack;

/* A file on its way to what it says. */
struct reading {
	struct tracedat_contents *contents;
	int fd;
	uint64_t size;
	struct unpack *unpack; /* NULL: nothing is packed */
	struct error *err;
};

/* What was asked of reader last is not there: the file ends, or its own lengths do not fit. Makes
 * the sentence; returns -1. */
int tracedat_broken(const struct reading *reading, const struct tracedat_reader *reader,
                    const char *part);

/* Parts of a file. Where one is not as it has to be, reader has failed. */
void tracedat_read_header_info(struct tracedat_contents *contents, struct tracedat_reader *reader);
void tracedat_read_formats(struct tracedat_contents *contents, struct tracedat_reader *reader);
void tracedat_read_names(struct tracedat_contents *contents, struct tracedat_reader *reader);

/* A list of options. -1 and a sentence. */
int tracedat_read_options(struct reading *reading, struct tracedat_reader *reader,
                          struct tracedat_places *places);

/* All of version 7, behind its first lines. -1 and a sentence. (tracedat_sections.c) */
int tracedat_read_sections(struct reading *reading, struct tracedat_reader *reader);

#endif
