// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_reader: numbers and texts out of a file that may say anything of itself.
 * In: an open file, or memory. Out: what was asked for, or that it is not there.
 * Must never know: what the numbers mean.
 *
 * pread, not mmap: a file that somebody cuts off while it is read must not end the program.
 */
#include "tracedat_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"

/* So far the end of a text is looked for. */
#define TEXT_MOST 4096u

struct tracedat_reader tracedat_reader_of_file(int fd, uint64_t at, uint64_t end)
{
	return (struct tracedat_reader){.fd = fd, .at = at, .end = end, .failed = at > end};
}

struct tracedat_reader tracedat_reader_of_memory(const void *bytes, size_t size)
{
	return (struct tracedat_reader){.fd = -1, .bytes = bytes, .end = size};
}

static bool has(struct tracedat_reader *reader, uint64_t size)
{
	if (!reader->failed && reader->end - reader->at < size)
		reader->failed = true;
	return !reader->failed;
}

/* The file may have become shorter meanwhile. */
static bool read_file(int fd, void *out, size_t size, uint64_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, (char *)out + done, size - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

bool tracedat_get(struct tracedat_reader *reader, void *out, size_t size)
{
	if (has(reader, size)) {
		if (reader->fd < 0)
			memcpy(out, reader->bytes + reader->at, size);
		else
			reader->failed = !read_file(reader->fd, out, size, reader->at);
	}
	if (reader->failed)
		memset(out, 0, size);
	else
		reader->at += size;
	return !reader->failed;
}

bool tracedat_skip(struct tracedat_reader *reader, uint64_t size)
{
	if (!has(reader, size))
		return false;
	reader->at += size;
	return true;
}

uint16_t tracedat_get16(struct tracedat_reader *reader)
{
	uint16_t value;

	tracedat_get(reader, &value, sizeof(value));
	return value;
}

uint32_t tracedat_get32(struct tracedat_reader *reader)
{
	uint32_t value;

	tracedat_get(reader, &value, sizeof(value));
	return value;
}

uint64_t tracedat_get64(struct tracedat_reader *reader)
{
	uint64_t value;

	tracedat_get(reader, &value, sizeof(value));
	return value;
}

bool tracedat_get_text(struct tracedat_reader *reader, char *out, size_t size)
{
	char text[TEXT_MOST + 1];
	uint64_t left = reader->end - reader->at;
	size_t room = left < TEXT_MOST ? (size_t)left : TEXT_MOST, length;

	*out = '\0';
	if (!tracedat_get(reader, text, room))
		return false;
	text[room] = '\0';
	length = strlen(text);
	reader->at -= room;
	reader->failed = length == room;
	if (reader->failed)
		return false;
	reader->at += length + 1;
	copy_text(out, size, text);
	return true;
}

char *tracedat_get_bytes(struct tracedat_reader *reader, uint64_t size, size_t most)
{
	char *bytes;

	if (size > most)
		reader->failed = true;
	if (!has(reader, size))
		return NULL;
	bytes = xmalloc((size_t)size + 1);
	bytes[size] = '\0';
	if (tracedat_get(reader, bytes, (size_t)size))
		return bytes;
	free(bytes);
	return NULL;
}
