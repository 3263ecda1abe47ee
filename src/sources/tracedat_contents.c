// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_contents: a file of trace-cmd, all of it but the records.
 * In: a file that may be cut off, or lie. Out: struct tracedat_contents, or what is missing.
 * Must never know: what formats and names are for.
 *
 * Version 6 is one thing after the other, and stands here; version 7 has a room of its own.
 */
#include "tracedat_contents.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "tracedat_parts.h"
#include "unpack.h"

/* ---- version 6 ---- */

static void skip_tracer_formats(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	uint32_t count = tracedat_get32(reader);

	(void)contents;
	for (uint32_t i = 0; i < count && !reader->failed; i++)
		tracedat_skip(reader, tracedat_get64(reader));
}

static void skip_text(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	(void)contents;
	tracedat_skip(reader, tracedat_get32(reader));
}

static void read_cpu_count(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	contents->cpu_count = tracedat_get32(reader);
}

static const struct part {
	const char *name;
	void (*read)(struct tracedat_contents *contents, struct tracedat_reader *reader);
} parts[] = {
	{"page headers", tracedat_read_header_info},
	{"formats of the tracer", skip_tracer_formats},
	{"event formats", tracedat_read_formats},
	{"names of functions", skip_text},
	{"formats of texts", skip_text},
	{"names of tasks", tracedat_read_names},
	{"counts of CPUs", read_cpu_count},
};

#define WORD_SIZE 10u

/* The instance's own clock stands behind the table. */
static void read_clock(struct tracedat_buffer *buffer, struct tracedat_reader *reader)
{
	char *text = tracedat_get_bytes(reader, tracedat_get64(reader), 4096);

	if (text)
		tracedat_take_clock(buffer->clock, sizeof(buffer->clock), text);
	reader->failed = false; /* versions of old have something else there */
	free(text);
}

static int read_table(struct reading *reading, struct tracedat_buffer *buffer,
                      struct tracedat_reader *reader)
{
	uint32_t count = reading->contents->cpu_count;

	if (count >= UINT16_MAX || count > (reader->end - reader->at) / 16) {
		reader->failed = true;
		return tracedat_broken(reading, reader, "places of the CPUs");
	}
	buffer->cpus = xcalloc(count, sizeof(*buffer->cpus));
	buffer->cpu_count = count;
	for (uint32_t i = 0; i < count; i++) {
		buffer->cpus[i].number = i;
		buffer->cpus[i].offset = tracedat_get64(reader);
		buffer->cpus[i].size = tracedat_get64(reader);
	}
	if (reader->failed)
		return tracedat_broken(reading, reader, "places of the CPUs");
	copy_text(buffer->clock, sizeof(buffer->clock), reading->contents->clock);
	if (buffer->clock[0])
		read_clock(buffer, reader);
	return 0;
}

static int read_flyrecord(struct reading *reading, struct tracedat_buffer *buffer,
                          struct tracedat_reader *reader)
{
	char word[WORD_SIZE];

	tracedat_get(reader, word, sizeof(word));
	if (reader->failed)
		return tracedat_broken(reading, reader, "options");
	if (!memcmp(word, "latency  ", sizeof(word)))
		return error_set(reading->err, ENOTSUP,
		                 "it holds the text of a latency tracer, and no events");
	if (memcmp(word, "flyrecord", sizeof(word)) != 0)
		return error_set(reading->err, EINVAL,
		                 "there are no events at byte %" PRIu64 ", where it says they are",
		                 reader->at - sizeof(word));
	return read_table(reading, buffer, reader);
}

/* The kernel's own buffer is none of the options, and comes behind them. */
static int read_buffers(struct reading *reading, struct tracedat_reader *reader)
{
	struct tracedat_contents *contents = reading->contents;
	struct tracedat_buffer top = {.page_bytes = contents->page_bytes};
	size_t instances = contents->buffer_count;

	contents->buffers = grow(contents->buffers, &contents->buffer_capacity,
	                         contents->buffer_count, sizeof(*contents->buffers));
	contents->buffers[contents->buffer_count++] = top;
	if (read_flyrecord(reading, &contents->buffers[instances], reader))
		return -1;
	for (size_t i = 0; i < instances; i++) {
		struct tracedat_buffer *buffer = &contents->buffers[i];
		struct tracedat_reader at =
			tracedat_reader_of_file(reading->fd, buffer->at, reading->size);

		/* A file that was cut has others whole. */
		if (buffer->at < reading->size && read_flyrecord(reading, buffer, &at))
			return -1;
	}
	return 0;
}

static int read_version_6(struct reading *reading, struct tracedat_reader *reader)
{
	struct tracedat_places places = {0};
	struct tracedat_reader ahead;
	char word[WORD_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i].read(reading->contents, reader);
		if (reader->failed)
			return tracedat_broken(reading, reader, parts[i].name);
	}
	ahead = *reader;
	if (tracedat_get(&ahead, word, sizeof(word)) && !memcmp(word, "options  ", sizeof(word))) {
		*reader = ahead;
		if (tracedat_read_options(reading, reader, &places))
			return -1;
	}
	return read_buffers(reading, reader);
}

/* ---- all of it ---- */

static int read_start(struct reading *reading, struct tracedat_reader *reader)
{
	struct tracedat_contents *contents = reading->contents;
	const uint8_t own_order = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	uint8_t order, long_bytes;
	char version[16];
	uint64_t number = 0;

	tracedat_skip(reader, TRACEDAT_MAGIC_SIZE);
	tracedat_get_text(reader, version, sizeof(version));
	tracedat_get(reader, &order, sizeof(order));
	tracedat_get(reader, &long_bytes, sizeof(long_bytes));
	contents->page_bytes = tracedat_get32(reader);
	if (reader->failed)
		return tracedat_broken(reading, reader, "first lines");
	if (!parse_decimal(version, NULL, &number) || (number != 6 && number != 7))
		return error_set(reading->err, ENOTSUP,
		                 "it is of version \"%s\" of trace-cmd's files, and 6 and 7 are "
		                 "known here",
		                 version);
	if (order != own_order)
		return error_set(reading->err, ENOTSUP,
		                 "it comes from a machine of the other byte order: replay it on "
		                 "one of its kind");
	contents->version = (uint32_t)number;
	return 0;
}

int tracedat_contents_read(struct tracedat_contents *contents, int fd, uint64_t size,
                           struct error *err)
{
	struct reading reading = {.contents = contents, .fd = fd, .size = size, .err = err};
	struct tracedat_reader reader = tracedat_reader_of_file(fd, 0, size);
	int result;

	*contents = (struct tracedat_contents){0};
	result = read_start(&reading, &reader);
	if (!result)
		result = contents->version == 6 ? read_version_6(&reading, &reader)
		                                : tracedat_read_sections(&reading, &reader);
	unpack_free(reading.unpack);
	if (!result && !contents->header_page)
		result = error_set(err, EINVAL, "it has no page headers");
	return result;
}

void tracedat_contents_release(struct tracedat_contents *contents)
{
	for (size_t i = 0; i < contents->format_count; i++)
		free(contents->formats[i].text);
	for (size_t i = 0; i < contents->buffer_count; i++)
		free(contents->buffers[i].cpus);
	free(contents->formats);
	free(contents->buffers);
	free(contents->losses);
	free(contents->header_page);
	free(contents->names);
	*contents = (struct tracedat_contents){0};
}
