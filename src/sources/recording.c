// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recording: what a file is, and who reads it. In: a path. Out: events, one by one.
 * Must never know: what is in the file but its first bytes, the model.
 */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../text.h"
#include "../util.h"
#include "own_ticks.h"
#include "replay.h"
#include "tracedat.h"
#include "tracedat_contents.h"
#include "tracetext.h"

/* What is looked at to tell what it is. */
#define START_BYTES 64u

/* What one reading of a foreign recording gave; handed out from the start on. */
struct batch {
	struct event *events;
	size_t count, capacity, next;
	bool texts; /* some have any, which are ours */
};

struct recording {
	struct replay *replay; /* one of these three */
	struct tracedat *tracedat;
	struct tracetext *tracetext;
	struct own_ticks ticks; /* of what comes without */
	struct batch batch;
	bool ended;
};

/* A file that was opened, and what was read of it ahead of all others. */
struct opened {
	int fd;
	bool seekable;
	char start[START_BYTES];
	size_t start_size;
};

/* ---- what was read and waits ---- */

static void own_text(void *context, const char **text)
{
	(void)context;
	if (*text)
		*text = xstrdup(*text);
}

static void free_text(void *context, const char **text)
{
	(void)context;
	free((char *)*text);
}

/* Nearly all are maps and unmaps, which have no text. */
static void add_event(void *context, const struct event *ev)
{
	struct batch *batch = context;
	struct event *slot;

	batch->events = grow(batch->events, &batch->capacity, batch->count, sizeof(*batch->events));
	slot = &batch->events[batch->count++];
	*slot = *ev;
	if (ev->kind == EVENT_MAP || ev->kind == EVENT_UNMAP)
		return;
	batch->texts = true;
	event_each_text(slot, own_text, NULL);
}

static void empty(struct batch *batch)
{
	for (size_t i = 0; batch->texts && i < batch->count; i++)
		event_each_text(&batch->events[i], free_text, NULL);
	batch->count = batch->next = 0;
	batch->texts = false;
}

/* ---- what it is ---- */

static void *keep(void *context, size_t size)
{
	return memcpy(xmalloc(size), context, size);
}

static bool begins_with(const struct opened *opened, const char *what, size_t size)
{
	return opened->start_size >= size && !memcmp(opened->start, what, size);
}

/* The first ones of a pipe cannot be read again, and a writer may be slow with them. */
static int read_start(struct opened *opened)
{
	opened->seekable = lseek(opened->fd, 0, SEEK_CUR) >= 0;
	while (opened->start_size < START_BYTES) {
		char *at = opened->start + opened->start_size;
		size_t room = START_BYTES - opened->start_size;
		ssize_t got = opened->seekable
		                      ? pread(opened->fd, at, room, (off_t)opened->start_size)
		                      : read(opened->fd, at, room);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			return 0;
		opened->start_size += (size_t)got;
	}
	return 0;
}

static int open_path(const char *path)
{
	struct stat status;
	int fd;

	if (!strcmp(path, "-"))
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) || !S_ISDIR(status.st_mode))
		return fd;
	close(fd);
	errno = EISDIR;
	return -1;
}

/* ---- a stream of what was read and what follows ---- */

static ssize_t read_behind_start(void *context, char *out, size_t size)
{
	struct opened *opened = context;
	ssize_t got;

	if (opened->start_size) {
		size = size < opened->start_size ? size : opened->start_size;
		memcpy(out, opened->start, size);
		opened->start_size -= size;
		memmove(opened->start, opened->start + size, opened->start_size);
		return (ssize_t)size;
	}
	do {
		got = read(opened->fd, out, size);
	} while (got < 0 && errno == EINTR);
	return got;
}

static int close_opened(void *context)
{
	struct opened *opened = context;
	int result = close(opened->fd);

	free(opened);
	return result;
}

static FILE *stream_of(const struct opened *opened)
{
	const cookie_io_functions_t functions = {.read = read_behind_start, .close = close_opened};
	FILE *file = opened->seekable
	                     ? fdopen(opened->fd, "r")
	                     : fopencookie(keep((void *)opened, sizeof(*opened)), "r", functions);

	if (!file)
		abort();
	return file;
}

/* ---- opening ---- */

/* A binary file has a NUL soon; no text has one. */
static bool is_text(const struct opened *opened)
{
	return opened->start_size && !memchr(opened->start, '\0', opened->start_size);
}

static void name_problem(struct error *err, const char *path)
{
	char problem[sizeof(err->text)], clean[sizeof(err->text)];

	copy_text(problem, sizeof(problem), err->text);
	error_set(err, err->code, "cannot replay %.100s: %s", path,
	          text_clean(clean, sizeof(clean), problem));
}

static int open_tracedat(struct recording *recording, const struct opened *opened,
                         struct error *err)
{
	if (!opened->seekable) {
		close(opened->fd);
		return error_set(err, ESPIPE,
		                 "a file of trace-cmd is read here and there: give the file, not a "
		                 "pipe");
	}
	recording->tracedat = tracedat_open(opened->fd, err);
	if (!recording->tracedat)
		return -1;
	return 0;
}

static int open_what_it_is(struct recording *recording, const struct opened *opened,
                           const char *path, struct error *err)
{
	static const char own[] = "iommutop-recording ";

	if (begins_with(opened, own, sizeof(own) - 1)) {
		recording->replay = replay_open_file(stream_of(opened), path, err);
		return recording->replay ? 0 : -1;
	}
	if (begins_with(opened, TRACEDAT_MAGIC, TRACEDAT_MAGIC_SIZE))
		return open_tracedat(recording, opened, err);
	if (is_text(opened)) {
		recording->tracetext = tracetext_open(
			opened->fd, opened->start, opened->seekable ? 0 : opened->start_size, err);
		return recording->tracetext ? 0 : -1;
	}
	close(opened->fd);
	return error_set(err, EINVAL,
	                 "it is no recording, of iommutop or of trace-cmd, and no text");
}

struct recording *recording_open(const char *path, uint64_t delay_ns, struct error *err)
{
	struct recording *recording = xcalloc(1, sizeof(*recording));
	struct opened opened = {.fd = open_path(path)};
	int result;

	recording->ticks.delay_ns = delay_ns;
	recording->ticks.out = (struct event_sink){add_event, &recording->batch};
	if (opened.fd < 0) {
		result = error_set(err, errno, "%s", strerror(errno));
	} else if (read_start(&opened)) {
		result = error_set(err, errno, "%s", strerror(errno));
		close(opened.fd);
	} else {
		result = open_what_it_is(recording, &opened, path, err);
	}
	if (!result)
		return recording;
	if (strncmp(err->text, "cannot replay", 13) != 0)
		name_problem(err, path);
	recording_close(recording);
	return NULL;
}

/* ---- reading ---- */

static enum recording_state read_more(struct recording *recording)
{
	enum recording_state state;

	if (recording->tracetext)
		state = tracetext_read(recording->tracetext, &recording->ticks);
	else
		state = tracedat_read(recording->tracedat, &recording->ticks) ? RECORDING_EVENT
		                                                              : RECORDING_ENDED;
	if (state != RECORDING_ENDED)
		return state;
	recording->ended = true;
	own_ticks_end(&recording->ticks);
	return RECORDING_EVENT;
}

static enum recording_state next_foreign(struct recording *recording, struct event *ev)
{
	struct batch *batch = &recording->batch;
	enum recording_state state;

	while (batch->next == batch->count) {
		empty(batch);
		if (recording->ended)
			return RECORDING_ENDED;
		state = read_more(recording);
		if (state == RECORDING_WAITS && !batch->count)
			return state;
	}
	*ev = batch->events[batch->next++];
	return RECORDING_EVENT;
}

enum recording_state recording_next(struct recording *recording, struct event *ev)
{
	if (recording->replay)
		return replay_next(recording->replay, ev) ? RECORDING_EVENT : RECORDING_ENDED;
	return next_foreign(recording, ev);
}

int recording_fd(const struct recording *recording)
{
	return recording->tracetext ? tracetext_fd(recording->tracetext) : -1;
}

bool recording_is_own(const struct recording *recording)
{
	return recording->replay;
}

void recording_close(struct recording *recording)
{
	if (!recording)
		return;
	replay_close(recording->replay);
	tracedat_close(recording->tracedat);
	tracetext_close(recording->tracetext);
	empty(&recording->batch);
	free(recording->batch.events);
	free(recording);
}
