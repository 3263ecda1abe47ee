// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_sections: a file of trace-cmd of version 7.
 * In: a reader behind its first lines. Out: facts of struct tracedat_contents.
 * Must never know: what formats and names are for, version 6.
 *
 * Sections, perhaps packed, that options say the places of. The options are behind what they speak
 * of, so of a file that was cut nothing is known.
 */
#include "tracedat_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "unpack.h"

/* What a section may take, far above what one ever does. */
#define SECTION_MOST (64u << 20)
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

struct section {
	struct tracedat_reader reader;
	void *memory; /* NULL: it stands in the file as it is */
	bool packed;
};

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
		return tracedat_broken(reading, reader, part);
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
		result = tracedat_broken(reading, &section.reader, part);
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
		result = tracedat_read_options(reading, &section.reader, places);
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

int tracedat_read_sections(struct reading *reading, struct tracedat_reader *reader)
{
	struct tracedat_contents *contents = reading->contents;
	struct tracedat_places places = {0};
	char version[32];
	uint64_t at;

	tracedat_get_text(reader, contents->packing, sizeof(contents->packing));
	tracedat_get_text(reader, version, sizeof(version));
	at = tracedat_get64(reader);
	if (reader->failed)
		return tracedat_broken(reading, reader, "first lines");
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
	                 tracedat_read_header_info) ||
	    read_section(reading, places.event_formats, SECTION_EVENT_FORMATS, "event formats",
	                 tracedat_read_formats) ||
	    read_section(reading, places.names, SECTION_NAMES, "names of tasks",
	                 tracedat_read_names))
		return -1;
	return look_at_buffers(reading);
}
