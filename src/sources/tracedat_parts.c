// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_parts: what files of trace-cmd of both versions have.
 * In: readers at each part. Out: facts of struct tracedat_contents.
 * Must never know: where in the file a part stands.
 */
#include "tracedat_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "format_text.h"

/* What a format, a list of names may take, far above what they ever do. */
#define FORMAT_MOST (256u << 10)
#define NAMES_MOST  (16u << 20)
/* Formats that concern us; there are some fifty. */
#define FORMATS_MOST 512u

/* ---- what is wrong ---- */

int tracedat_broken(const struct reading *reading, const struct tracedat_reader *reader,
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

/* ---- parts ---- */

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

void tracedat_read_formats(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	uint32_t count = tracedat_get32(reader);

	for (uint32_t i = 0; i < count && !reader->failed; i++)
		read_system(contents, reader);
}

/* The text of events/header_page, behind its name, and that of header_event, which is passed. */
void tracedat_read_header_info(struct tracedat_contents *contents, struct tracedat_reader *reader)
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

void tracedat_read_names(struct tracedat_contents *contents, struct tracedat_reader *reader)
{
	uint64_t size = tracedat_get64(reader);

	free(contents->names);
	contents->names = reader->failed ? NULL : tracedat_get_bytes(reader, size, NAMES_MOST);
}

int tracedat_read_options(struct reading *reading, struct tracedat_reader *reader,
                          struct tracedat_places *places)
{
	unsigned int bad;

	if (tracedat_options_read(reader, reading->contents, places, &bad))
		return 0;
	if (!bad)
		return tracedat_broken(reading, reader, "options");
	return error_set(reading->err, EINVAL, "its option %u makes no sense", bad);
}
