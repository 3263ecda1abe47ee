// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracetext: a trace that somebody printed, saved or pasted, along the way that live records take.
 * In: text. Out: events in order of time.
 * Must never know: the model; how a line is made up.
 */
#include "tracetext.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../owned.h"
#include "../util.h"
#include "log_line.h"
#include "text_line.h"
#include "text_records.h"

#define PIECE_BYTES 65536
/* So far a trace is looked for. */
#define AHEAD_BYTES (256u << 10)
/* Longer lines are cut. */
#define LINE_BYTES 16384

struct tracetext {
	int fd;
	bool ended;
	struct text_records *records;
	uint64_t lines;
	uint64_t unread, first_unread; /* lines of events; the number of the first */
	bool after_event;
	uint64_t read_bytes, size_bytes; /* size 0: nobody knows */

	struct log_lines log_lines;
	struct kmsg_parser parser;
	struct kmsg_record record;
	uint64_t seq;

	size_t line_length, piece_length;
	bool in_line;
	char line[LINE_BYTES];
	char text[LINE_BYTES + 1]; /* the same, made clean */
	char problem[240];
	char piece[PIECE_BYTES]; /* the last: a place does without */
};

/* ---- lines ---- */

static void tell_log(void *context, const struct event *ev)
{
	text_records_hear_log(context, ev);
}

/* The clock of the log is that of the trace, or near it; a date says nothing here. */
static void take_log_line(struct tracetext *text)
{
	const struct event_sink sink = {.emit = tell_log, .context = text->records};
	struct log_stamp stamp;

	if (log_line_read(&text->log_lines, text->text, &text->record, &stamp) != LOG_LINE_KERNEL)
		return;
	text->record.seq = ++text->seq;
	text->record.usec = text_records_log_time(text->records, &stamp) / 1000;
	kmsg_parser_take(&text->parser, &text->record, &sink);
}

static void count_unread(struct tracetext *text)
{
	if (!text->unread++)
		text->first_unread = text->lines;
}

/* whole: it ended with a newline. */
static void take_line(struct tracetext *text, bool whole, struct own_ticks *ticks)
{
	struct text_line line;

	log_line_clean(text->line, text->line_length, text->text, sizeof(text->text));
	text->line_length = 0;
	text->in_line = false;
	text->lines++;
	if (whole)
		text_line_read(text->text, &line);
	else
		text_line_read_last(text->text, &line);
	if (line.kind == TEXT_LINE_CUT && !text->after_event)
		line.kind = TEXT_LINE_OTHER;
	text->after_event = line.kind == TEXT_LINE_EVENT;
	if (line.kind == TEXT_LINE_OTHER)
		take_log_line(text);
	else if (line.kind != TEXT_LINE_REMARK && text_records_take(text->records, &line, ticks))
		count_unread(text);
}

static void add_to_line(struct tracetext *text, const char *bytes, size_t length)
{
	text->line_length +=
		append_bytes(text->line, text->line_length, sizeof(text->line), bytes, length);
	text->in_line = true;
}

static void take_piece(struct tracetext *text, struct own_ticks *ticks)
{
	const char *at = text->piece, *end = text->piece + text->piece_length;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		add_to_line(text, at, (size_t)((newline ? newline : end) - at));
		if (!newline)
			return;
		take_line(text, true, ticks);
		at = newline + 1;
	}
}

static void finish(struct tracetext *text, struct own_ticks *ticks)
{
	const struct event_sink sink = {.emit = tell_log, .context = text->records};

	text->ended = true;
	if (text->in_line)
		take_line(text, false, ticks);
	if (text->unread)
		append_text(text->problem, sizeof(text->problem),
		            "%slines of events that cannot be read were passed over: %" PRIu64
		            ", the first is line %" PRIu64,
		            text->problem[0] ? "; " : "", text->unread, text->first_unread);
	kmsg_parser_flush(&text->parser, &sink);
	text_records_end(text->records, ticks, text->problem);
}

/* ---- reading ---- */

static bool is_readable(const struct tracetext *text)
{
	struct pollfd fd = {.fd = text->fd, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

/* False: that was all for now. A piece of no length: for ever. */
static bool read_piece(struct tracetext *text)
{
	ssize_t got;

	if (text->piece_length) /* what was read ahead of us */
		return true;
	if (!is_readable(text))
		return false;
	got = read(text->fd, text->piece, sizeof(text->piece));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got < 0)
		snprintf(text->problem, sizeof(text->problem),
		         "line %" PRIu64 " and what follows cannot be read: %s", text->lines + 1,
		         strerror(errno));
	text->piece_length = got > 0 ? (size_t)got : 0;
	text->read_bytes += text->piece_length;
	return true;
}

enum tracetext_state tracetext_read(struct tracetext *text, struct own_ticks *ticks)
{
	enum tracetext_state state = TRACETEXT_MORE;

	if (text->ended)
		return TRACETEXT_ENDED;
	if (!read_piece(text)) {
		/* A slow writer: what there is is shown. */
		text_records_decide(text->records, ticks);
		state = TRACETEXT_WAITS;
	} else if (text->piece_length) {
		take_piece(text, ticks);
		text->piece_length = 0;
	} else {
		finish(text, ticks);
		state = TRACETEXT_ENDED;
	}
	text_records_release(text->records, state == TRACETEXT_WAITS, ticks);
	return state;
}

int tracetext_position(const struct tracetext *text)
{
	return text->size_bytes ? (int)(text->read_bytes * 1000 / text->size_bytes) : -1;
}

int tracetext_fd(const struct tracetext *text)
{
	return text->ended ? -1 : text->fd;
}

/* ---- opening ---- */

/* A record or a line of the kernel's log; headings alone may head anything. */
static bool shows_trace(struct tracetext *text, const char *bytes, size_t length)
{
	struct log_stamp stamp;
	struct text_line line;

	log_line_clean(bytes, length, text->text, sizeof(text->text));
	text_line_read(text->text, &line);
	free(line.raw.text);
	if (line.kind != TEXT_LINE_OTHER && line.kind != TEXT_LINE_BROKEN)
		return line.kind != TEXT_LINE_REMARK || !strncmp(text->text, "# tracer:", 9);
	return log_line_read(&text->log_lines, text->text, &text->record, &stamp) ==
	               LOG_LINE_KERNEL &&
	       text->log_lines.prefixed;
}

/* What somebody wrote above a pasted trace is not longer. */
static int look_ahead(struct tracetext *text, struct error *err)
{
	char *bytes = xmalloc(AHEAD_BYTES);
	ssize_t got = pread(text->fd, bytes, AHEAD_BYTES, 0);
	size_t lines = 0;
	bool found = got < 0; /* reading it will say why */

	for (char *at = bytes; !found && at < bytes + got; lines++) {
		char *newline = memchr(at, '\n', (size_t)(bytes + got - at));
		char *end = newline ? newline : bytes + got;

		found = shows_trace(text, at, (size_t)(end - at));
		at = end + 1;
	}
	free(bytes);
	text->log_lines = (struct log_lines){0};
	if (found)
		return 0;
	return error_set(err, EINVAL,
	                 "none of its first %zu lines is of a recording, a trace or a kernel log: "
	                 "it is no recording",
	                 lines);
}

struct tracetext *tracetext_open(int fd, const char *start, size_t size, struct error *err)
{
	struct tracetext *text = xcalloc(1, sizeof(*text));
	struct stat status;

	text->fd = fd;
	text->records = text_records_new();
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		text->size_bytes = (uint64_t)status.st_size;
	if (size)
		memcpy(text->piece, start, size);
	text->piece_length = size;
	if (size || look_ahead(text, err) == 0)
		return text;
	tracetext_close(text);
	return NULL;
}

/* ---- coming back ---- */

/* All that changes but the piece, which has been used up between two reads. */
#define STATE_BYTES offsetof(struct tracetext, piece)

struct tracetext_place {
	size_t bytes;
	struct tracetext *then; /* STATE_BYTES of it */
};

struct tracetext_place *tracetext_here(const struct tracetext *text)
{
	struct tracetext_place *place = xmalloc(sizeof(*place));
	struct owned copy = {.task = OWNED_COPY};

	place->then = xmalloc(STATE_BYTES);
	memcpy(place->then, text, STATE_BYTES);
	text_records_owned(&place->then->records, &copy);
	place->bytes = sizeof(*place) + STATE_BYTES + copy.bytes;
	return place;
}

size_t tracetext_place_bytes(const struct tracetext_place *place)
{
	return place->bytes;
}

void tracetext_place_free(struct tracetext_place *place)
{
	if (!place)
		return;
	text_records_free(place->then->records);
	free(place->then);
	free(place);
}

int tracetext_return(struct tracetext *text, const struct tracetext_place *place)
{
	struct owned copy = {.task = OWNED_COPY};

	if (lseek(text->fd, (off_t)place->then->read_bytes, SEEK_SET) < 0)
		return -1;
	text_records_free(text->records);
	memcpy(text, place->then, STATE_BYTES);
	text_records_owned(&text->records, &copy);
	return 0;
}

void tracetext_close(struct tracetext *text)
{
	if (!text)
		return;
	text_records_free(text->records);
	close(text->fd);
	free(text);
}
