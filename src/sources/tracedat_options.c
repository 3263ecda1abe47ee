// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_options: what a file of trace-cmd says in its options.
 * In: a reader at the first one. Out: the facts of struct tracedat_contents, places of sections.
 * Must never know: the sections, records.
 */
#include "tracedat_options.h"

#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "trace_stats.h"

/* Longer ones that concern us there are not. */
#define OPTION_MOST (1u << 22)

/* Instances in a file; more are no recording of a person. */
#define BUFFERS_MOST 1024u

/* By the number that it has in files. */
enum option_id {
	OPTION_DONE = 0,
	OPTION_DATE = 1,
	OPTION_CPUSTAT = 2,
	OPTION_BUFFER = 3,
	OPTION_TRACECLOCK = 4,
	OPTION_UNAME = 5,
	OPTION_OFFSET = 7,
	OPTION_CPUCOUNT = 8,
	OPTION_TSC2NSEC = 14,
	OPTION_HEADER_INFO = 16,
	OPTION_EVENT_FORMATS = 18,
	OPTION_CMDLINES = 21,
};

struct option {
	struct tracedat_contents *contents;
	struct tracedat_places *places;
	const char *text; /* its data, and a NUL behind them */
	struct tracedat_reader data;
};

void tracedat_take_clock(char *clock, size_t size, const char *text)
{
	const char *open = strchr(text, '['), *shut = open ? strchr(open, ']') : NULL;

	if (!shut || (size_t)(shut - open) > size)
		return;
	memcpy(clock, open + 1, (size_t)(shut - open - 1));
	clock[shut - open - 1] = '\0';
}

/* Microseconds, and in files of old with a sign. */
static void take_date(struct option *option)
{
	option->contents->wall_offset_ns =
		(int64_t)((uint64_t)strtoll(option->text, NULL, 0) * 1000u);
}

static void take_offset(struct option *option)
{
	uint64_t offset_ns = (uint64_t)option->contents->offset_ns;

	option->contents->offset_ns =
		(int64_t)(offset_ns + (uint64_t)strtoll(option->text, NULL, 0));
}

/* Some are headings, and say whose the next ones are. */
static void take_statistics(struct option *option)
{
	static const char heading[] = "\nBuffer: ", label[] = "CPU: ";
	struct tracedat_contents *contents = option->contents;
	struct tracedat_loss loss = {.count = trace_stats_parse(option->text).lost};
	const char *end;
	uint64_t cpu;

	if (strncmp(option->text, heading, sizeof(heading) - 1) == 0) {
		copy_text(contents->told_of, sizeof(contents->told_of),
		          option->text + sizeof(heading) - 1);
		contents->told_of[strcspn(contents->told_of, "\n")] = '\0';
	}
	if (!loss.count || strncmp(option->text, label, sizeof(label) - 1) != 0 ||
	    !parse_decimal(option->text + sizeof(label) - 1, &end, &cpu) || cpu >= UINT16_MAX)
		return;
	loss.cpu = (uint32_t)cpu;
	copy_text(loss.buffer, sizeof(loss.buffer), contents->told_of);
	contents->losses = grow(contents->losses, &contents->loss_capacity, contents->loss_count,
	                        sizeof(*contents->losses));
	contents->losses[contents->loss_count++] = loss;
}

static void take_trace_clock(struct option *option)
{
	tracedat_take_clock(option->contents->clock, sizeof(option->contents->clock), option->text);
}

static void take_uname(struct option *option)
{
	copy_text(option->contents->uname, sizeof(option->contents->uname), option->text);
}

static void take_cpu_count(struct option *option)
{
	option->contents->cpu_count = tracedat_get32(&option->data);
}

static void take_tsc(struct option *option)
{
	struct tracedat_tsc *tsc = &option->contents->tsc;

	tsc->multiplier = tracedat_get32(&option->data);
	tsc->shift = tracedat_get32(&option->data);
	if (tsc->shift > 32)
		tsc->multiplier = 0;
}

static void take_header_info(struct option *option)
{
	option->places->header_info = tracedat_get64(&option->data);
}

static void take_event_formats(struct option *option)
{
	option->places->event_formats = tracedat_get64(&option->data);
}

static void take_names(struct option *option)
{
	option->places->names = tracedat_get64(&option->data);
}

/* The CPUs that have records, each by its number. */
static void take_buffer_cpus(struct tracedat_reader *data, struct tracedat_buffer *buffer)
{
	uint32_t count = tracedat_get32(data);

	if (count > (data->end - data->at) / 20 || count >= UINT16_MAX) {
		data->failed = true;
		return;
	}
	buffer->cpus = xcalloc(count, sizeof(*buffer->cpus));
	buffer->cpu_count = count;
	for (uint32_t i = 0; i < count; i++) {
		struct tracedat_cpu *cpu = &buffer->cpus[i];

		cpu->number = tracedat_get32(data);
		cpu->offset = tracedat_get64(data);
		cpu->size = tracedat_get64(data);
		data->failed |= cpu->number >= UINT16_MAX;
	}
}

static void take_buffer(struct option *option)
{
	struct tracedat_contents *contents = option->contents;
	struct tracedat_reader *data = &option->data;
	struct tracedat_buffer buffer = {.page_bytes = contents->page_bytes};

	buffer.at = tracedat_get64(data);
	tracedat_get_text(data, buffer.name, sizeof(buffer.name));
	if (contents->version > 6) {
		tracedat_get_text(data, buffer.clock, sizeof(buffer.clock));
		buffer.page_bytes = tracedat_get32(data);
		take_buffer_cpus(data, &buffer);
	}
	if (data->failed || contents->buffer_count == BUFFERS_MOST) {
		data->failed = true;
		free(buffer.cpus);
		return;
	}
	contents->buffers = grow(contents->buffers, &contents->buffer_capacity,
	                         contents->buffer_count, sizeof(*contents->buffers));
	contents->buffers[contents->buffer_count++] = buffer;
}

static const struct option_kind {
	uint16_t id; /* enum option_id */
	uint16_t least_bytes;
	void (*take)(struct option *option);
} kinds[] = {
	{OPTION_DATE, 1, take_date},
	{OPTION_CPUSTAT, 0, take_statistics},
	{OPTION_BUFFER, 9, take_buffer},
	{OPTION_TRACECLOCK, 0, take_trace_clock},
	{OPTION_UNAME, 0, take_uname},
	{OPTION_OFFSET, 1, take_offset},
	{OPTION_CPUCOUNT, 4, take_cpu_count},
	{OPTION_TSC2NSEC, 16, take_tsc},
	{OPTION_HEADER_INFO, 8, take_header_info},
	{OPTION_EVENT_FORMATS, 8, take_event_formats},
	{OPTION_CMDLINES, 8, take_names},
};

static const struct option_kind *find_kind(uint16_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].id == id)
			return &kinds[i];
	return NULL;
}

/* What nobody here knows is passed over. */
static bool take_option(struct tracedat_reader *reader, uint16_t id, uint32_t size,
                        struct tracedat_contents *contents, struct tracedat_places *places)
{
	struct option option = {.contents = contents, .places = places};
	const struct option_kind *kind = find_kind(id);
	char *data;

	if (!kind)
		return tracedat_skip(reader, size);
	data = tracedat_get_bytes(reader, size, OPTION_MOST);
	if (!data)
		return false;
	option.text = data;
	option.data = tracedat_reader_of_memory(data, size);
	if (size < kind->least_bytes)
		option.data.failed = true;
	else
		kind->take(&option);
	free(data);
	return !option.data.failed;
}

/* The last one: in version 7 it says where to go on. */
static bool end_options(struct tracedat_reader *reader, const struct tracedat_contents *contents,
                        struct tracedat_places *places)
{
	if (contents->version < 7)
		return true;
	if (tracedat_get32(reader) != 8)
		return false;
	places->next = tracedat_get64(reader);
	return !reader->failed;
}

bool tracedat_options_read(struct tracedat_reader *reader, struct tracedat_contents *contents,
                           struct tracedat_places *places, unsigned int *bad)
{
	places->next = 0;
	*bad = 0;
	for (;;) {
		uint16_t id = tracedat_get16(reader);
		uint32_t size;

		if (reader->failed)
			return false;
		if (id == OPTION_DONE)
			return end_options(reader, contents, places);
		size = tracedat_get32(reader);
		if (reader->failed)
			return false;
		if (!take_option(reader, id, size, contents, places)) {
			*bad = reader->failed ? 0 : id;
			return false;
		}
	}
}
