// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_contents: a file of trace-cmd, all of it but the records.
 * In: a file that may be cut off, or lie. Out: struct tracedat_contents, or what is missing.
 * Must never know: what formats and names are for.
 *
 * Version 6 is one thing after the other; version 7 has sections, perhaps packed, that options say
 * the places of. The options are behind what they speak of, so of a file that was cut nothing is
 * known in version 7.
 */
#include "tracedat_contents.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "format_text.h"
#include "tracedat_options.h"
#include "tracedat_reader.h"
#include "unpack.h"

/* What a section, a format, a list of names may take, far above what they ever do. */
#define SECTION_MOST (64u << 20)
#define FORMAT_MOST  (256u << 10)
#define NAMES_MOST   (16u << 20)
/* Formats that concern us; there are some fifty. */
#define FORMATS_MOST 512u
/* Sections of options. */
#define OPTIONS_MOST 4096u

#define SECTION_HEAD   16u
#define SECTION_PACKED 1u

enum section_id {
	SECTION_OPTIONS = 0,
	SECTION_BUFFER = 3,
	SECTION_HEADER_INFO = 16,
	SECTION_EVENT_FORMATS = 18,
	SECTION_NAMES = 21,
};

struct reading {
	struct tracedat_contents *contents;
	int fd;
	uint64_t size;
	struct unpack *unpack;
	struct error *err;
};

struct section {
	struct tracedat_reader reader;
	void *memory; /* NULL: it stands in the file as it is */
	bool packed;
};

/* ---- what is wrong ---- */

/* What was asked for last is not there: the file ends, or its own lengths do not fit. */
static int broken(const struct reading *reading, const struct tracedat_reader *reader,
                  const char *part)
{
	if (reader->fd < 0)
		return error_set(reading->err, EINVAL, "its %s make no sense", part);
	if (reader->end == reading->size)
		return error_set(reading->err, EINVAL,
		                 "it ends at byte %" PRIu64 ", before the end of its %s",
		                 reading->size, part);
	return error_set(reading->err, EINVAL, "its %s make no sense at byte %" PRIu64, part,
	                 reader->at);
}

/* ---- parts that both versions have ---- */

static bool is_system_of_ours(const char *system)
{
	return !strcmp(system, "iommu") || !strcmp(system, "intel_iommu") ||
	       !strcmp(system, "dma") || !strncmp(system, "iommutop", 8);
}

static void keep_format(struct tracedat_contents *contents, const char *system, char *text)
{
	struct tracedat_format *format;

	if (contents->format_count == FORMATS_MOST) {
		free(text);
		return;
	}
	contents->formats = grow(contents->formats, &contents->format_capacity,
	                         contents->format_count, sizeof(*contents->formats));
	format = &contents->formats[contents->format_count++];
	format->text = format_text_clean(text, &format->size);
	free(text);
	copy_text(format->system, sizeof(format->system), system);
}

static void read_system(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	char system[64];
	uint32_t count;

	tracedat_get_text(reader, system, sizeof(system));
	count = tracedat_get32(reader);
	for (uint32_t i = 0; i < count && !reader->failed; i++) {
		uint64_t size = tracedat_get64(reader);
		char *text;

		if (!is_system_of_ours(system)) {
			tracedat_skip(reader, size);
			continue;
		}
		text = tracedat_get_bytes(reader, size, FORMAT_MOST);
		if (text)
			keep_format(contents, system, text);
	}
}

static void read_formats(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	uint32_t count = tracedat_get32(reader);

	for (uint32_t i = 0; i < count && !reader->failed; i++)
		read_system(contents, reader);
}

/* The text of events/header_page, behind its name, and that of header_event, which is passed. */
static void read_header_info(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	static const char page[] = "header_page", event[] = "header_event";
	char name[sizeof(event)];
	char *text = NULL;
	uint64_t size;

	free(contents->header_page);
	contents->header_page = NULL;
	tracedat_get(reader, name, sizeof(page));
	reader->failed |= memcmp(name, page, sizeof(page)) != 0;
	size = tracedat_get64(reader);
	if (!reader->failed)
		text = tracedat_get_bytes(reader, size, FORMAT_MOST);
	if (text)
		contents->header_page = format_text_clean(text, &contents->header_page_size);
	free(text);
	tracedat_get(reader, name, sizeof(event));
	reader->failed |= memcmp(name, event, sizeof(event)) != 0;
	tracedat_skip(reader, tracedat_get64(reader));
}

static void read_names(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	uint64_t size = tracedat_get64(reader);

	free(contents->names);
	contents->names = reader->failed ? NULL : tracedat_get_bytes(reader, size, NAMES_MOST);
}

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
	{"page headers", read_header_info}, {"formats of the tracer", skip_tracer_formats},
	{"event formats", read_formats},    {"names of functions", skip_text},
	{"formats of texts", skip_text},    {"names of tasks", read_names},
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
		return broken(reading, reader, "places of the CPUs");
	}
	buffer->cpus = xcalloc(count, sizeof(*buffer->cpus));
	buffer->cpu_count = count;
	for (uint32_t i = 0; i < count; i++) {
		buffer->cpus[i].number = i;
		buffer->cpus[i].offset = tracedat_get64(reader);
		buffer->cpus[i].size = tracedat_get64(reader);
	}
	if (reader->failed)
		return broken(reading, reader, "places of the CPUs");
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
		return broken(reading, reader, "options");
	if (!memcmp(word, "latency  ", sizeof(word)))
		return error_set(reading->err, ENOTSUP,
		                 "it holds the text of a latency tracer, and no events");
	if (memcmp(word, "flyrecord", sizeof(word)) != 0)
		return error_set(reading->err, EINVAL,
		                 "there are no events at byte %" PRIu64 ", where it says they are",
		                 reader->at - sizeof(word));
	return read_table(reading, buffer, reader);
}

static int read_options(struct reading *reading, struct tracedat_reader *reader,
                        struct tracedat_places *places)
{
	unsigned int bad;

	if (tracedat_options_read(reader, reading->contents, places, &bad))
		return 0;
	if (!bad)
		return broken(reading, reader, "options");
	return error_set(reading->err, EINVAL, "its option %u makes no sense", bad);
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
			return broken(reading, reader, parts[i].name);
	}
	ahead = *reader;
	if (tracedat_get(&ahead, word, sizeof(word)) && !memcmp(word, "options  ", sizeof(word))) {
		*reader = ahead;
		if (read_options(reading, reader, &places))
			return -1;
	}
	return read_buffers(reading, reader);
}

/* ---- version 7 ---- */

static int unpack_section(struct reading *reading, struct section *section, const char *part)
{
	struct tracedat_reader *reader = &section->reader;
	uint32_t packed_size = tracedat_get32(reader), size = tracedat_get32(reader);
	char *packed;
	bool good;

	if (!reading->unpack)
		return error_set(reading->err, EINVAL,
		                 "its %s are packed, and it does not say by what", part);
	packed = tracedat_get_bytes(reader, packed_size, SECTION_MOST);
	if (!packed || size > SECTION_MOST) {
		free(packed);
		return broken(reading, reader, part);
	}
	section->memory = xmalloc(size);
	good = unpack_run(reading->unpack, packed, packed_size, section->memory, size);
	free(packed);
	if (!good) {
		free(section->memory);
		section->memory = NULL;
		return error_set(reading->err, EINVAL, "its %s cannot be unpacked", part);
	}
	*reader = tracedat_reader_of_memory(section->memory, size);
	return 0;
}

/* Looks at its head. The reader is at what is behind it, and ends where the section does. */
static int find_section(struct reading *reading, uint64_t at, enum section_id id, const char *part,
                        struct section *section)
{
	struct tracedat_reader *reader = &section->reader;
	uint64_t size;
	uint16_t found, flags;

	*section = (struct section){0};
	if (at > reading->size || reading->size - at < SECTION_HEAD)
		return error_set(reading->err, EINVAL,
		                 "it ends at byte %" PRIu64 ", before its %s at byte %" PRIu64
		                 ": a copy that is whole is needed",
		                 reading->size, part, at);
	*reader = tracedat_reader_of_file(reading->fd, at, reading->size);
	found = tracedat_get16(reader);
	flags = tracedat_get16(reader);
	tracedat_get32(reader);
	size = tracedat_get64(reader);
	if (reader->failed || found != id)
		return error_set(reading->err, EINVAL,
		                 "there are no %s at byte %" PRIu64 ", where it says they are",
		                 part, at);
	section->packed = flags & SECTION_PACKED;
	if (size <= reader->end - reader->at)
		reader->end = reader->at + size;
	return 0;
}

static int open_section(struct reading *reading, uint64_t at, enum section_id id, const char *part,
                        struct section *section)
{
	if (find_section(reading, at, id, part, section))
		return -1;
	return section->packed ? unpack_section(reading, section, part) : 0;
}

static int read_section(struct reading *reading, uint64_t at, enum section_id id, const char *part,
                        void (*read)(struct tracedat_contents *contents,
                                     struct tracedat_reader *reader))
{
	struct section section;
	int result = 0;

	if (!at)
		return 0;
	if (open_section(reading, at, id, part, &section))
		result = -1;
	else
		read(reading->contents, &section.reader);
	if (!result && section.reader.failed)
		result = broken(reading, &section.reader, part);
	free(section.memory);
	return result;
}

static int read_all_options(struct reading *reading, uint64_t at, struct tracedat_places *places)
{
	struct section section;
	int result;

	for (unsigned int i = 0; at; i++) {
		if (i == OPTIONS_MOST)
			return error_set(reading->err, EINVAL, "its options have no end");
		if (open_section(reading, at, SECTION_OPTIONS, "options", &section))
			return -1;
		result = read_options(reading, &section.reader, places);
		free(section.memory);
		if (result)
			return -1;
		at = places->next;
	}
	return 0;
}

/* Whether the records are packed their section says. */
static int look_at_buffers(struct reading *reading)
{
	struct tracedat_contents *contents = reading->contents;
	struct section section;

	for (size_t i = 0; i < contents->buffer_count; i++) {
		struct tracedat_buffer *buffer = &contents->buffers[i];

		if (find_section(reading, buffer->at, SECTION_BUFFER, "events", &section))
			return -1;
		buffer->packed = section.packed;
	}
	return contents->buffer_count ? 0
	                              : error_set(reading->err, EINVAL,
	                                          "it does not say where its events are: "
	                                          "its recording was not ended");
}

static int read_version_7(struct reading *reading, struct tracedat_reader *reader)
{
	struct tracedat_contents *contents = reading->contents;
	struct tracedat_places places = {0};
	char version[32];
	uint64_t at;

	tracedat_get_text(reader, contents->packing, sizeof(contents->packing));
	tracedat_get_text(reader, version, sizeof(version));
	at = tracedat_get64(reader);
	if (reader->failed)
		return broken(reading, reader, "first lines");
	if (contents->packing[0] && strcmp(contents->packing, "none") != 0) {
		reading->unpack = unpack_new(contents->packing, reading->err);
		if (!reading->unpack)
			return -1;
	}
	if (!at)
		return error_set(reading->err, EINVAL,
		                 "it does not say where its options are: its recording was not "
		                 "ended");
	if (read_all_options(reading, at, &places) ||
	    read_section(reading, places.header_info, SECTION_HEADER_INFO, "page headers",
	                 read_header_info) ||
	    read_section(reading, places.event_formats, SECTION_EVENT_FORMATS, "event formats",
	                 read_formats) ||
	    read_section(reading, places.names, SECTION_NAMES, "names of tasks", read_names))
		return -1;
	return look_at_buffers(reading);
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
		return broken(reading, reader, "first lines");
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
		                                : read_version_7(&reading, &reader);
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
