// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel_log: a saved log, piece by piece, into events.
 * In: a file or a pipe. Out: what kmsg_parse makes of its lines, START, HEALTH, TICK.
 * Must never know: what a line looks like (log_line does), what it means, the model.
 */
#include "kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../util.h"
#include "boot_lines.h"
#include "log_time.h"
#include "stream.h"

#define PIECE_BYTES 65536
/* Pieces a call: a screen stays lively beside them, a long log does not wait for screens. */
#define PIECES 16
/* For so long a message may wait for the rest of its lines, by the clock of the log: some consoles
 * are slow. */
#define REST_NS 2000000000u
/* Longer lines are cut. JSON takes four bytes for one of a message that is no plain text. */
#define LINE_BYTES 16384

struct kernel_log {
	int fd;
	bool started, ended, origin_told;
	bool grew; /* since the last tick */
	uint64_t line_count, kernel_lines;
	uint64_t told;     /* events that lines made */
	char problem[160]; /* what went wrong while it was read; "" */
	struct log_lines lines;
	struct log_time time;

	uint64_t seq;     /* of the last record of the kernel; other lines have none */
	uint64_t raw_seq; /* what the last record of /dev/kmsg itself had */
	struct kmsg_parser parser;
	struct boot_lines boot;
	struct stream *stream; /* puts what is told late in its place */
	struct kmsg_record record, raw_record;

	size_t line_length, raw_length;
	bool in_line, line_cut;
	char line[LINE_BYTES];     /* what of a line has been read */
	char text[LINE_BYTES + 1]; /* the same, made clean */
	char raw[2 *
	         KMSG_RECORD_BYTES]; /* a record of /dev/kmsg, which the next line may go on with */
	char piece[PIECE_BYTES];
	char remark[200];
};

static void push(struct kernel_log *log, struct event ev)
{
	ev.ts_ns = log->time.last_ns;
	stream_push_event(log->stream, &ev);
}

/* What tells the wall clock is a tick; one at 0 ends no interval. */
static void tell_origin(struct kernel_log *log)
{
	const struct event tick = {.kind = EVENT_TICK,
	                           .tick = {.wall_ns = log->time.origin_wall_ns}};

	if (!log->time.has_origin || log->origin_told)
		return;
	log->origin_told = true;
	stream_push_event(log->stream, &tick);
}

static void tell(void *context, const struct event *ev)
{
	struct kernel_log *log = context;

	log->told++;
	stream_push_event(log->stream, ev);
}

/* A message that waits for more lines has all that come, or is half. */
static void end_message(struct kernel_log *log)
{
	const struct event_sink sink = {.emit = tell, .context = log};

	kmsg_parser_flush(&log->parser, &sink);
}

static void end_old_message(struct kernel_log *log, uint64_t now_ns)
{
	uint64_t since_ns;

	if (kmsg_parser_waits(&log->parser, &since_ns) && now_ns > since_ns + REST_NS)
		end_message(log);
}

static void take_record(struct kernel_log *log, struct kmsg_record *record, uint64_t ts_ns)
{
	const struct event_sink sink = {.emit = tell, .context = log};

	tell_origin(log);
	end_old_message(log, ts_ns);
	record->usec = ts_ns / 1000;
	record->seq = ++log->seq;
	record->cut |= log->line_cut;
	log->kernel_lines++;
	boot_lines_take(&log->boot, record, &sink);
	kmsg_parser_take(&log->parser, record, &sink);
}

/* A message that is told late, when all its lines are there, still comes before what is younger. */
static void release(struct kernel_log *log, const struct event_sink *sink)
{
	uint64_t until_ns = log->time.last_ns, since_ns;

	if (kmsg_parser_waits(&log->parser, &since_ns) && since_ns < until_ns)
		until_ns = since_ns;
	stream_flush(log->stream, until_ns, sink);
}

/* A gap in its own numbers is one in ours: what comes behind is no part of the same message. */
static void end_raw(struct kernel_log *log)
{
	struct kmsg_record *record = &log->raw_record;
	struct log_stamp stamp = {.kind = STAMP_MONOTONIC};
	size_t length = log->raw_length;

	log->raw_length = 0;
	if (!length || !kmsg_record_parse(log->raw, length, record))
		return;
	log->seq += record->seq != log->raw_seq + 1;
	log->raw_seq = record->seq;
	stamp.ns = record->usec * 1000;
	if (record->facility == 0)
		take_record(log, record, log_time_of(&log->time, &stamp));
}

static void add_raw(struct kernel_log *log)
{
	size_t length = strlen(log->text);

	if (length + 1 > sizeof(log->raw) - log->raw_length)
		return;
	memcpy(log->raw + log->raw_length, log->text, length);
	log->raw[log->raw_length + length] = '\n';
	log->raw_length += length + 1;
}

/* The second line of a record has no stamp of its own, and needs none. */
static uint64_t time_of(struct kernel_log *log, const struct log_stamp *stamp)
{
	bool goes_on = stamp->kind == STAMP_NONE && log->lines.prefixed &&
	               strchr(" \t", log->record.text[0]);

	return goes_on ? log->time.last_ns : log_time_of(&log->time, stamp);
}

static void lose_line(struct kernel_log *log)
{
	push(log, (struct event){.kind = EVENT_LOST, .lost = {.count = 1, .source = SOURCE_LOG}});
}

static void take_line(struct kernel_log *log)
{
	struct log_stamp stamp;
	enum log_line_kind kind;

	log_line_clean(log->line, log->line_length, log->text, sizeof(log->text));
	log->line_length = 0;
	log->in_line = false;
	log->line_count++;
	kind = log_line_read(&log->lines, log->text, &log->record, &stamp);
	if (kind != LOG_LINE_RAW_MORE)
		end_raw(log);
	if (kind == LOG_LINE_RAW || (kind == LOG_LINE_RAW_MORE && log->raw_length))
		add_raw(log);
	else if (kind == LOG_LINE_KERNEL)
		take_record(log, &log->record, time_of(log, &stamp));
	else if (kind == LOG_LINE_UNREADABLE)
		lose_line(log);
	log->line_cut = false;
}

static void add_to_line(struct kernel_log *log, const char *bytes, size_t length)
{
	size_t taken = append_bytes(log->line, log->line_length, sizeof(log->line), bytes, length);

	log->line_cut |= taken < length;
	log->line_length += taken;
	log->in_line = true;
}

static void take_piece(struct kernel_log *log, size_t length)
{
	const char *at = log->piece, *end = log->piece + length;

	log->grew = true;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		add_to_line(log, at, (size_t)((newline ? newline : end) - at));
		if (!newline)
			return;
		take_line(log);
		at = newline + 1;
	}
}

static void tell_health(struct kernel_log *log, enum source_id source, enum health_state state,
                        const char *reason)
{
	push(log, event_health(0, source, state, reason));
}

/* Bare lines may be anything: only what was understood shows that they are a kernel's. */
static bool is_of_kernel(const struct kernel_log *log)
{
	return log->kernel_lines && (log->lines.prefixed || log->told);
}

static void judge_lines(struct kernel_log *log)
{
	if (log->problem[0]) {
		tell_health(log, SOURCE_LOG, HEALTH_PARTIAL, log->problem);
	} else if (!is_of_kernel(log)) {
		snprintf(log->problem, sizeof(log->problem),
		         "of %" PRIu64 " lines none is known to be the kernel's: give what dmesg "
		         "or journalctl -k prints",
		         log->line_count);
		tell_health(log, SOURCE_LOG, HEALTH_OFF, log->problem);
	}
}

static void judge_times(struct kernel_log *log)
{
	const struct log_time *time = &log->time;
	size_t size = sizeof(log->remark);
	char *out = log->remark;

	if (!is_of_kernel(log))
		return;
	if (!time->last_ns)
		append_clause(out, size, "no line has a time: only their order is known");
	else if (time->undated)
		append_clause(out, size,
		              "lines without a time have that of the line before: %" PRIu64,
		              time->undated);
	if (time->year)
		append_clause(out, size, "dates have no year: %" PRId32 " is assumed", time->year);
	if (time->back)
		append_clause(out, size, "lines older than the line before have its time: %" PRIu64,
		              time->back);
	if (time->boots)
		append_clause(out, size, "times of a new boot go on from the one before: %" PRIu64,
		              time->boots);
	if (log->remark[0])
		tell_health(log, SOURCE_REPLAY, HEALTH_PARTIAL, log->remark);
}

static void start(struct kernel_log *log)
{
	log->started = true;
	push(log, (struct event){.kind = EVENT_START});
	tell_health(log, SOURCE_LOG, HEALTH_OK, NULL);
}

static void push_tick(struct kernel_log *log)
{
	struct event tick = {.kind = EVENT_TICK};

	log->grew = false;
	if (log->time.has_origin)
		tick.tick.wall_ns = log->time.origin_wall_ns + log->time.last_ns;
	push(log, tick);
}

static enum kernel_log_state finish(struct kernel_log *log)
{
	log->ended = true;
	if (log->in_line)
		take_line(log);
	end_raw(log);
	end_message(log);
	judge_lines(log);
	judge_times(log);
	push_tick(log);
	return KERNEL_LOG_ENDED;
}

static bool is_readable(const struct kernel_log *log)
{
	struct pollfd fd = {.fd = log->fd, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

/* False: that was all for now. *length 0: for ever. */
static bool read_piece(struct kernel_log *log, size_t *length)
{
	ssize_t got;

	if (!is_readable(log))
		return false;
	got = read(log->fd, log->piece, sizeof(log->piece));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got < 0)
		snprintf(log->problem, sizeof(log->problem),
		         "line %" PRIu64 " and what follows cannot be read: %s",
		         log->line_count + 1, strerror(errno));
	*length = got > 0 ? (size_t)got : 0;
	return true;
}

static enum kernel_log_state read_pieces(struct kernel_log *log)
{
	size_t length;

	for (int i = 0; i < PIECES; i++) {
		if (!read_piece(log, &length)) {
			if (!i) { /* nothing has come since the last call */
				end_raw(log);
				end_message(log);
			}
			return KERNEL_LOG_WAITS;
		}
		if (!length)
			return finish(log);
		take_piece(log, length);
	}
	return KERNEL_LOG_MORE;
}

enum kernel_log_state kernel_log_read(struct kernel_log *log, const struct event_sink *sink)
{
	enum kernel_log_state state;

	if (log->ended)
		return KERNEL_LOG_ENDED;
	if (!log->started)
		start(log);
	state = read_pieces(log);
	release(log, sink);
	return state;
}

void kernel_log_tick(struct kernel_log *log, const struct event_sink *sink)
{
	push_tick(log);
	release(log, sink);
}

bool kernel_log_grew(const struct kernel_log *log)
{
	return log->grew;
}

int kernel_log_fd(const struct kernel_log *log)
{
	return log->ended ? -1 : log->fd;
}

int32_t kernel_log_utc_offset_s(const struct kernel_log *log)
{
	return log->time.utc_offset_s;
}

/* A FIFO is not waited for here, where nobody could be told what for. */
static int open_file(const char *path)
{
	struct stat status;
	int fd;

	if (!strcmp(path, "-"))
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) || !S_ISDIR(status.st_mode))
		return fd;
	close(fd);
	errno = EISDIR;
	return -1;
}

struct kernel_log *kernel_log_open(const char *path, uint64_t now_wall_ns, int32_t utc_offset_s,
                                   struct error *err)
{
	int fd = open_file(path);
	struct kernel_log *log;

	if (fd < 0) {
		error_set(err, errno, "cannot read the kernel log %s: %s", path, strerror(errno));
		return NULL;
	}
	log = xcalloc(1, sizeof(*log));
	log->fd = fd;
	log->stream = stream_new(0, NULL);
	log->time.now_wall_ns = now_wall_ns;
	log->time.utc_offset_s = utc_offset_s;
	return log;
}

void kernel_log_close(struct kernel_log *log)
{
	if (!log)
		return;
	close(log->fd);
	stream_free(log->stream);
	free(log);
}
