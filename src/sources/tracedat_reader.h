/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACEDAT_READER_H
#define IOMMUTOP_TRACEDAT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A part of a file, or of memory, that is read from its start on; nothing outside of it ever is. A
 * reader that was asked for more than there is has failed, gives zeros and stays where it was: what
 * is read can be judged once, behind several reads.
 */
struct tracedat_reader {
	int fd;               /* -1: memory */
	const uint8_t *bytes; /* of memory; borrowed */
	uint64_t at, end;
	bool failed;
};

/* Of a file from at to end; reads without moving its offset. */
struct tracedat_reader tracedat_reader_of_file(int fd, uint64_t at, uint64_t end);
struct tracedat_reader tracedat_reader_of_memory(const void *bytes, size_t size);

/* False: failed, and the bytes at out are zero. */
bool tracedat_get(struct tracedat_reader *reader, void *out, size_t size);
bool tracedat_skip(struct tracedat_reader *reader, uint64_t size);

uint16_t tracedat_get16(struct tracedat_reader *reader);
uint32_t tracedat_get32(struct tracedat_reader *reader);
uint64_t tracedat_get64(struct tracedat_reader *reader);

/* A text with its NUL, cut to size - 1 bytes. More than that and a page are no text: failed. */
bool tracedat_get_text(struct tracedat_reader *reader, char *out, size_t size);

/* So many bytes and a NUL behind them, to be freed. NULL: failed, or more than most. */
char *tracedat_get_bytes(struct tracedat_reader *reader, uint64_t size, size_t most);

#endif
