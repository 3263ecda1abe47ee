// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_fuzz: bytes as a pasted log, and as one record of /dev/kmsg, through all that reads them.
 * In: libFuzzer's bytes. Out: nothing, or an abort where an event breaks what event.h promises.
 */
#include <stdlib.h>
#include <string.h>

#include "sources/kmsg_parse.h"
#include "sources/log_line.h"
#include "sources/log_time.h"

#define LINE_BYTES 16384
#define NOW_NS     1800000000000000000u

static void expect(bool holds)
{
	if (!holds)
		abort();
}

static void judge(void *context, const struct event *ev)
{
	(void)context;
	switch (ev->kind) {
	case EVENT_FAULT:
		expect(ev->fault.device && strlen(ev->fault.device) < KMSG_DEVICE_SIZE);
		expect(ev->fault.reason && strlen(ev->fault.reason) < KMSG_REASON_SIZE);
		expect(ev->fault.source == SOURCE_LOG);
		break;
	case EVENT_SUPPRESSED:
		expect(ev->suppressed.count || ev->suppressed.overflow);
		break;
	case EVENT_NOTE:
		expect(ev->note.text && strlen(ev->note.text) < KMSG_NOTE_SIZE);
		break;
	default:
		abort();
	}
}

static const struct event_sink sink = {.emit = judge, .context = NULL};

static void take_line(struct kmsg_parser *parser, struct log_lines *lines, struct log_time *time,
                      const char *bytes, size_t length)
{
	static char text[LINE_BYTES + 1];
	static struct kmsg_record record;
	struct log_stamp stamp;
	uint64_t before_ns = time->last_ns;

	log_line_clean(bytes, length, text, sizeof(text));
	if (log_line_read(lines, text, &record, &stamp) != LOG_LINE_KERNEL)
		return;
	record.usec = log_time_of(time, &stamp) / 1000;
	expect(time->last_ns >= before_ns && time->last_ns <= INT64_MAX);
	record.seq = parser->last_seq + 1;
	kmsg_parser_take(parser, &record, &sink);
}

static void take_lines(struct kmsg_parser *parser, const char *at, size_t size)
{
	const char *end = at + size;
	struct log_lines lines = {0};
	struct log_time time = {.now_wall_ns = NOW_NS};

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);

		take_line(parser, &lines, &time, at, length);
		at += length + (newline != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kmsg_record record;
	struct kmsg_parser *parser = calloc(1, sizeof(*parser));

	expect(parser);
	if (kmsg_record_parse((const char *)data, size, &record))
		kmsg_parser_take(parser, &record, &sink);
	take_lines(parser, (const char *)data, size);
	kmsg_parser_flush(parser, &sink);
	free(parser);
	return 0;
}
