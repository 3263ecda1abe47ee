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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "domain_ids.h"
#include "log_line.h"
#include "stream.h"
#include "text_line.h"
#include "trace_verdict.h"

#define PIECE_BYTES 65536
/* So far a trace is looked for. */
#define AHEAD_BYTES (256u << 10)
/* Longer lines are cut. */
#define LINE_BYTES 16384
/* CPUs beyond share the lanes of others, in the order of their lines. */
#define LANES 1024u
/* So many records are looked at before the first is told: they show what was recorded. */
#define WINDOW 512u
/* So much of the log waits for the trace to come up to its time. */
#define LOG_EVENTS_MOST 4096u
/* Names of tasks are told again when others had the place of theirs. A power of two. */
#define NAMES     4096u
#define COMM_SIZE 32u

struct comm {
	int32_t pid;
	bool used;
	char text[COMM_SIZE];
};

struct waiting {
	struct raw raw;
	char comm[COMM_SIZE];
};

/* What there is of a kind: tracepoints, and the calls that enclose them. */
struct seen {
	bool tracepoints, calls;
};

enum what { WHAT_MAP, WHAT_UNMAP, WHAT_ATTACH, WHAT_COUNT };

struct tracetext {
	int fd;
	struct domain_ids *ids;
	struct stream *stream;

	bool decided, ended;
	struct waiting window[WINDOW];
	size_t waiting;
	struct seen seen[WHAT_COUNT];
	bool class_told[CLASS_COUNT];
	uint8_t flags; /* enum text_line_flags, of any event */
	bool without_context;

	uint64_t last_ns, floor_ns; /* of events; up to where all was told */
	uint64_t lines, events, back;
	struct comm comms[NAMES];

	struct log_lines log_lines;
	struct kmsg_parser parser;
	struct kmsg_record record;
	uint64_t seq, log_ns;
	size_t log_events; /* since the last flush */

	size_t line_length, piece_length;
	bool in_line;
	char line[LINE_BYTES];
	char text[LINE_BYTES + 1]; /* the same, made clean */
	char piece[PIECE_BYTES];
	char problem[160];
};

/* ---- records ---- */

static bool what_of(uint8_t kind, enum what *what, bool *call)
{
	static const struct {
		uint8_t kind;
		uint8_t what;
		bool call;
	} kinds[] = {
		{RAW_MAP, WHAT_MAP, false},           {RAW_MAP_CALL, WHAT_MAP, true},
		{RAW_MAP_RETURN, WHAT_MAP, true},     {RAW_UNMAP, WHAT_UNMAP, false},
		{RAW_UNMAP_CALL, WHAT_UNMAP, true},   {RAW_ATTACH, WHAT_ATTACH, false},
		{RAW_ATTACH_CALL, WHAT_ATTACH, true}, {RAW_ATTACH_RETURN, WHAT_ATTACH, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].kind != kind)
			continue;
		*what = (enum what)kinds[i].what;
		*call = kinds[i].call;
		return true;
	}
	return false;
}

static enum event_class class_of(uint8_t kind)
{
	switch (kind) {
	case RAW_MAP:
	case RAW_DEVICE_MAP:
		return CLASS_MAP;
	case RAW_UNMAP:
	case RAW_DEVICE_UNMAP:
		return CLASS_UNMAP;
	case RAW_ATTACH:
	case RAW_DETACH:
		return CLASS_DEVICE;
	case RAW_GROUP_ADD:
	case RAW_GROUP_LEAVE:
		return CLASS_GROUP;
	case RAW_FAULT:
		return CLASS_FAULT;
	default:
		return CLASS_COUNT;
	}
}

/*
 * A call without the tracepoint that it encloses would seem to have failed; and where a line does
 * not say whether it is of an interrupt, a call in one cannot be told from the task's own.
 */
static bool is_of_use(const struct tracetext *text, uint8_t kind)
{
	enum what what;
	bool call;

	if (!what_of(kind, &what, &call) || !call)
		return true;
	return !text->without_context && (text->seen[what].tracepoints || !text->seen[what].calls);
}

static void tell_class(struct tracetext *text, uint8_t kind)
{
	enum event_class class = class_of(kind);
	struct event ev = {.ts_ns = text->floor_ns, .kind = EVENT_CLASS};

	if (class == CLASS_COUNT || text->class_told[class])
		return;
	text->class_told[class] = true;
	ev.class.class = (uint8_t) class;
	ev.class.on = true;
	stream_push_event(text->stream, &ev);
}

/* "<...>" is what the kernel prints where it has forgotten a name. */
static void tell_name(struct tracetext *text, int32_t pid, const char *comm)
{
	struct comm *known = &text->comms[(uint32_t)pid & (NAMES - 1)];
	struct event ev;

	if (!comm[0] || !strcmp(comm, "<...>") ||
	    (known->used && known->pid == pid && !strcmp(known->text, comm)))
		return;
	known->used = true;
	known->pid = pid;
	copy_text(known->text, sizeof(known->text), comm);
	ev = event_attr_text(text->floor_ns, ATTR_TASK_COMM, NULL, (uint32_t)pid, comm);
	stream_push_event(text->stream, &ev);
}

static void push(struct tracetext *text, const struct raw *raw, const char *comm)
{
	if (!is_of_use(text, raw->kind)) {
		free(raw->text);
		return;
	}
	tell_class(text, raw->kind);
	if (raw->kind != RAW_LOST)
		tell_name(text, raw->pid, comm);
	stream_push_raw(text->stream, raw->cpu % LANES, raw);
}

/* ---- what is known from the beginning ---- */

static void push_health(struct tracetext *text, enum source_id source, enum health_state state,
                        const char *reason)
{
	struct event ev = event_health(text->floor_ns, source, state, reason);

	stream_push_event(text->stream, &ev);
}

static bool has_calls(const struct tracetext *text)
{
	for (int i = 0; i < WHAT_ATTACH; i++)
		if (text->seen[i].calls)
			return true;
	return false;
}

static enum collect_mode mode_of(const struct tracetext *text)
{
	const struct seen *map = &text->seen[WHAT_MAP], *unmap = &text->seen[WHAT_UNMAP];

	if (!text->without_context &&
	    ((map->calls && map->tracepoints) || (unmap->calls && unmap->tracepoints)))
		return COLLECT_EVENTS;
	return COLLECT_TRACEPOINTS;
}

static void announce(struct tracetext *text)
{
	const struct event start = {.ts_ns = text->floor_ns, .kind = EVENT_START};
	const struct event collect = {.ts_ns = text->floor_ns,
	                              .kind = EVENT_COLLECT,
	                              .collect = {.mode = (uint8_t)mode_of(text)}};

	stream_push_event(text->stream, &start);
	push_health(text, SOURCE_TRACE, HEALTH_OK, NULL);
	if (collect.collect.mode == COLLECT_EVENTS)
		push_health(text, SOURCE_PROBES, HEALTH_OK, NULL);
	else if (has_calls(text) && text->without_context)
		push_health(text, SOURCE_PROBES, HEALTH_OFF,
		            "its lines do not tell interrupts (option irq-info): calls of probes "
		            "belong to no event");
	else if (has_calls(text))
		push_health(text, SOURCE_PROBES, HEALTH_OFF,
		            "probes were recorded without iommu:map and unmap: nothing belongs to "
		            "their calls");
	else
		push_health(text, SOURCE_PROBES, HEALTH_OFF,
		            "it was recorded without probes: maps and unmaps name no domain");
	stream_push_event(text->stream, &collect);
}

static void flush(struct tracetext *text, struct own_ticks *ticks)
{
	const struct event_sink sink = {own_ticks_pass, ticks};

	stream_flush(text->stream, text->floor_ns, &sink);
	if (text->log_ns <= text->floor_ns)
		text->log_events = 0;
}

/* Enough was seen, or there is no more for now. */
static void decide(struct tracetext *text, struct own_ticks *ticks)
{
	text->decided = true;
	ticks->timeless = text->flags & TEXT_IS_NO_TIME;
	ticks->coarse = !(text->flags & TEXT_HAS_NANOSECONDS);
	text->floor_ns = text->waiting ? text->window[0].raw.ts_ns : text->log_ns;
	for (size_t i = 0; i < text->waiting; i++)
		if (text->window[i].raw.ts_ns < text->floor_ns)
			text->floor_ns = text->window[i].raw.ts_ns;
	announce(text);
	for (size_t i = 0; i < text->waiting; i++)
		tell_class(text, text->window[i].raw.kind);
	/* Before the first record, which may be of the same time. */
	flush(text, ticks);
	own_ticks_begin(ticks);
	for (size_t i = 0; i < text->waiting; i++)
		push(text, &text->window[i].raw, text->window[i].comm);
	text->waiting = 0;
}

/* ---- lines ---- */

static void copy_comm(char out[COMM_SIZE], const struct text_line *line)
{
	size_t length = line->comm_length < COMM_SIZE ? line->comm_length : COMM_SIZE - 1;

	if (length)
		memcpy(out, line->comm, length);
	out[length] = '\0';
}

static void take_raw(struct tracetext *text, const struct text_line *line, struct own_ticks *ticks)
{
	struct waiting waiting = {.raw = line->raw};

	copy_comm(waiting.comm, line);
	if (text->decided) {
		push(text, &waiting.raw, waiting.comm);
		return;
	}
	text->window[text->waiting++] = waiting;
	if (text->waiting == WINDOW)
		decide(text, ticks);
}

static void take_event(struct tracetext *text, struct text_line *line, struct own_ticks *ticks)
{
	enum what what;
	bool call;

	text->flags |= line->flags;
	text->events++;
	if (line->raw.ts_ns < text->last_ns)
		text->back++;
	else
		text->last_ns = line->raw.ts_ns;
	if (line->raw.kind == RAW_KIND_COUNT)
		return;
	text->without_context |= !(line->flags & TEXT_HAS_CONTEXT);
	if (what_of(line->raw.kind, &what, &call) && !text->decided) {
		text->seen[what].tracepoints |= !call;
		text->seen[what].calls |= call;
	}
	take_raw(text, line, ticks);
}

/* Those behind are the first that have a time. */
static void take_lost(struct tracetext *text, struct text_line *line, struct own_ticks *ticks)
{
	line->raw.kind = RAW_LOST;
	line->raw.ts_ns = text->last_ns;
	line->raw.value[0] = line->lost;
	take_raw(text, line, ticks);
}

static void tell_log(void *context, const struct event *ev)
{
	struct tracetext *text = context;

	text->log_events++;
	stream_push_event(text->stream, ev);
}

/* The clock of the log is that of the trace, or near it; a date says nothing here. */
static void take_log_line(struct tracetext *text)
{
	const struct event_sink sink = {tell_log, text};
	struct log_stamp stamp;

	if (log_line_read(&text->log_lines, text->text, &text->record, &stamp) != LOG_LINE_KERNEL)
		return;
	if (stamp.kind == STAMP_MONOTONIC)
		text->log_ns = stamp.ns;
	else if (text->last_ns > text->log_ns)
		text->log_ns = text->last_ns;
	text->record.seq = ++text->seq;
	text->record.usec = text->log_ns / 1000;
	kmsg_parser_take(&text->parser, &text->record, &sink);
}

static void take_line(struct tracetext *text, struct own_ticks *ticks)
{
	struct text_line line;

	log_line_clean(text->line, text->line_length, text->text, sizeof(text->text));
	text->line_length = 0;
	text->in_line = false;
	text->lines++;
	text_line_read(text->text, &line);
	switch (line.kind) {
	case TEXT_LINE_EVENT:
		take_event(text, &line, ticks);
		break;
	case TEXT_LINE_LOST:
		take_lost(text, &line, ticks);
		break;
	case TEXT_LINE_OTHER:
		take_log_line(text);
		break;
	default:
		break;
	}
}

static void add_to_line(struct tracetext *text, const char *bytes, size_t length)
{
	size_t room = sizeof(text->line) - text->line_length;

	if (length > room)
		length = room;
	memcpy(text->line + text->line_length, bytes, length);
	text->line_length += length;
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
		take_line(text, ticks);
		at = newline + 1;
	}
}

/* ---- the end ---- */

static void judge(const struct tracetext *text, struct trace_verdict *verdict)
{
	if (text->problem[0])
		trace_verdict_tell(verdict, HEALTH_PARTIAL, "%s", text->problem);
	if (text->flags & TEXT_IS_NO_TIME)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "its clock is no time: only the order is known");
	if (text->flags & TEXT_IS_RELATIVE)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "its times count from the beginning of the trace");
	if (text->back)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "lines older than the line before: %" PRIu64, text->back);
}

static void finish(struct tracetext *text, struct own_ticks *ticks)
{
	const struct event_sink sink = {tell_log, text};
	struct trace_verdict verdict = {.state = HEALTH_OK};

	text->ended = true;
	if (text->in_line)
		take_line(text, ticks);
	kmsg_parser_flush(&text->parser, &sink);
	if (!text->decided)
		decide(text, ticks);
	if (text->last_ns > text->floor_ns)
		text->floor_ns = text->last_ns;
	if (text->log_events && text->log_ns > text->floor_ns)
		text->floor_ns = text->log_ns;
	if (!text->events && !text->log_events)
		push_health(text, SOURCE_TRACE, HEALTH_OFF, "none of its lines is of a trace");
	judge(text, &verdict);
	if (verdict.reason[0])
		push_health(text, SOURCE_REPLAY, verdict.state, verdict.reason);
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
	return true;
}

/* Lines come in their order, and what is older than the last of them comes no more. */
static void release(struct tracetext *text, struct own_ticks *ticks)
{
	if (text->last_ns > text->floor_ns)
		text->floor_ns = text->last_ns;
	if (text->log_events > LOG_EVENTS_MOST && text->log_ns > text->floor_ns)
		text->floor_ns = text->log_ns;
	flush(text, ticks);
}

enum recording_state tracetext_read(struct tracetext *text, struct own_ticks *ticks)
{
	enum recording_state state = RECORDING_EVENT;

	if (text->ended)
		return RECORDING_ENDED;
	if (!read_piece(text)) {
		if (text->decided || !text->waiting)
			return RECORDING_WAITS;
		decide(text, ticks); /* a slow writer: what there is is shown */
		state = RECORDING_WAITS;
	} else if (text->piece_length) {
		take_piece(text, ticks);
		text->piece_length = 0;
	} else {
		finish(text, ticks);
		state = RECORDING_ENDED;
	}
	if (text->decided)
		release(text, ticks);
	return state;
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
	if (line.kind != TEXT_LINE_OTHER)
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

	text->fd = fd;
	text->ids = domain_ids_new();
	text->stream = stream_new(LANES, text->ids);
	if (size)
		memcpy(text->piece, start, size);
	text->piece_length = size;
	if (size || look_ahead(text, err) == 0)
		return text;
	tracetext_close(text);
	return NULL;
}

void tracetext_close(struct tracetext *text)
{
	if (!text)
		return;
	for (size_t i = 0; i < text->waiting; i++)
		free(text->window[i].raw.text);
	stream_free(text->stream);
	domain_ids_free(text->ids);
	close(text->fd);
	free(text);
}
