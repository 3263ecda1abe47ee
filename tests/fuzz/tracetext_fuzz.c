// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracetext_fuzz: bytes as a trace that somebody pasted, line by line and as a whole.
 * In: libFuzzer's bytes. Out: nothing, or an abort where a line or an event breaks its promise.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sources/text_line.h"
#include "sources/tracetext.h"

static void expect(bool holds)
{
	if (!holds)
		abort();
}

static void expect_sound(const struct text_line *out, const char *line)
{
	expect(out->kind == TEXT_LINE_EVENT || !out->raw.text);
	expect(out->raw.kind != RAW_UNREAD || !out->raw.text);
	if (out->comm)
		expect(out->comm >= line && out->comm + out->comm_length <= line + strlen(line));
	free(out->raw.text);
}

static void take_line(const uint8_t *at, size_t length)
{
	char *line = malloc(length + 1);
	struct text_line out;

	expect(line);
	memcpy(line, at, length);
	line[length] = '\0';
	text_line_read(line, &out);
	expect(out.kind <= TEXT_LINE_BROKEN);
	expect_sound(&out, line);
	text_line_read_last(line, &out);
	expect(out.kind <= TEXT_LINE_CUT);
	expect_sound(&out, line);
	free(line);
}

static void judge(void *context, const struct event *ev)
{
	uint64_t *last_ns = context;

	expect(ev->kind < EVENT_KIND_COUNT && ev->ts_ns >= *last_ns);
	*last_ns = ev->ts_ns;
}

static void take_all(const uint8_t *data, size_t size)
{
	uint64_t last_ns = 0;
	struct own_ticks ticks = {.out = {.emit = judge, .context = &last_ns},
	                          .delay_ns = 1000000000u};
	struct error err = {.text = ""};
	int fd = memfd_create("fuzz", 0);
	struct tracetext *text;

	expect(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	expect(lseek(fd, 0, SEEK_SET) == 0);
	text = tracetext_open(fd, NULL, 0, &err);
	expect(text || err.text[0]);
	if (!text)
		return;
	while (tracetext_read(text, &ticks) != TRACETEXT_ENDED)
		;
	own_ticks_end(&ticks);
	tracetext_close(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = data + size;

	while (at < end) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);

		take_line(at, length);
		at += length + (newline != NULL);
	}
	take_all(data, size);
	return 0;
}
