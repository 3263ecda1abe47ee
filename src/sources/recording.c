// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recording: what a file is, and who reads it. In: a path. Out: events.
 * Must never know: what is in the file but its first bytes, the model.
 */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../event_text.h"
#include "../text.h"
#include "../util.h"
#include "own_ticks.h"
#include "replay.h"
#include "tracedat.h"
#include "tracedat_contents.h"
#include "tracetext.h"
#include "zst_file.h"

/* What is looked at to tell what it is; no more, for a pipe may bring the rest much later. */
#define START_BYTES (sizeof(EVENT_TEXT_START) - 1)

/* What one reading of a foreign recording gave; handed out from the start on. */
struct batch {
	struct event *events;
	size_t count, capacity, next;
	bool texts; /* some have any, which are ours */
};

struct recording {
	int fd;                /* theirs */
	struct replay *replay; /* one of these three */
	struct tracedat *tracedat;
	struct tracetext *tracetext;
	struct own_ticks ticks; /* of what comes without */
	struct batch batch;
	struct event line; /* of replay, which owns its texts */
	bool has_line;
	bool ended, waits;
};

/* A file that was opened, and what was read of it ahead of all others. */
struct opened {
	int fd;
	bool seekable;
	char start[ZST_FILE_START];
	size_t start_size;
};

/* ---- what was read and waits ---- */

static struct event *make_room(struct batch *batch, size_t count)
{
	size_t capacity = batch->capacity ? batch->capacity : 64;

	while (capacity - batch->count < count)
		capacity *= 2;
	if (capacity > batch->capacity)
		batch->events = xrealloc(batch->events, capacity * sizeof(*batch->events));
	batch->capacity = capacity;
	return batch->events + batch->count;
}

static void add_event(void *context, const struct event *ev)
{
	struct batch *batch = context;
	struct event *slot = make_room(batch, 1);

	*slot = *ev;
	batch->count++;
	if (event_is_traffic(ev))
		return;
	batch->texts = true;
	event_own_texts(slot);
}

/* These have no texts. */
static void add_traffic(void *context, const struct event *events, size_t count)
{
	struct batch *batch = context;

	memcpy(make_room(batch, count), events, count * sizeof(*events));
	batch->count += count;
}

static void empty(struct batch *batch)
{
	for (size_t i = 0; batch->texts && i < batch->count; i++)
		event_free_texts(&batch->events[i]);
	batch->count = batch->next = 0;
	batch->texts = false;
}

/* ---- what it is ---- */

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

/* Standard input stays open; who closes what he reads gets another way to it. */
static int of_its_own(int fd)
{
	return fd == STDIN_FILENO ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : fd;
}

static void shut(int fd)
{
	if (fd != STDIN_FILENO)
		close(fd);
}

static int open_path(const char *path)
{
	struct stat status;
	int fd;

	if (!strcmp(path, "-")) {
		lseek(STDIN_FILENO, 0, SEEK_SET); /* a file there can be gone back in */
		return STDIN_FILENO;
	}
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) || !S_ISDIR(status.st_mode))
		return fd;
	close(fd);
	errno = EISDIR;
	return -1;
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
		shut(opened->fd);
		return error_set(err, ESPIPE,
		                 "a file of trace-cmd is read here and there: give the file, not a "
		                 "pipe");
	}
	recording->tracedat = tracedat_open(of_its_own(opened->fd), err);
	if (!recording->tracedat)
		return -1;
	return 0;
}

static int open_what_it_is(struct recording *recording, const struct opened *opened,
                           const char *path, struct error *err)
{
	if (begins_with(opened, EVENT_TEXT_START, START_BYTES) ||
	    begins_with(opened, ZST_MAGIC, ZST_MAGIC_SIZE)) {
		recording->replay =
			replay_open_fd(opened->fd, opened->start,
		                       opened->seekable ? 0 : opened->start_size, path, err);
		return recording->replay ? 0 : -1;
	}
	if (begins_with(opened, TRACEDAT_MAGIC, TRACEDAT_MAGIC_SIZE))
		return open_tracedat(recording, opened, err);
	if (is_text(opened)) {
		recording->tracetext = tracetext_open(
			opened->fd, opened->start, opened->seekable ? 0 : opened->start_size, err);
		return recording->tracetext ? 0 : -1;
	}
	shut(opened->fd);
	if (!opened->start_size)
		return error_set(err, EINVAL, "it is empty: whoever wrote it had nothing to tell");
	return error_set(err, EINVAL,
	                 "it is no recording, of iommutop or of trace-cmd, and no text");
}

struct recording *recording_open(const char *path, uint64_t delay_ns, struct error *err)
{
	struct recording *recording = xcalloc(1, sizeof(*recording));
	struct opened opened = {.fd = open_path(path)};
	int result;

	recording->fd = opened.fd;
	recording->ticks.delay_ns = delay_ns;
	recording->ticks.out = (struct event_sink){
		.emit = add_event, .context = &recording->batch, .emit_traffic = add_traffic};
	if (opened.fd < 0) {
		result = error_set(err, errno, "%s", strerror(errno));
	} else if (read_start(&opened)) {
		result = error_set(err, errno, "%s", strerror(errno));
		shut(opened.fd);
	} else {
		result = open_what_it_is(recording, &opened, path, err);
	}
	if (!result)
		return recording;
	if (strncmp(err->text, "cannot re", 9) != 0)
		name_problem(err, path);
	recording_close(recording);
	return NULL;
}

/* ---- reading ---- */

/* False: a pipe has nothing yet. */
static bool read_more(struct recording *recording)
{
	enum tracetext_state state = TRACETEXT_MORE;

	if (recording->tracetext)
		state = tracetext_read(recording->tracetext, &recording->ticks);
	else if (!tracedat_read(recording->tracedat, &recording->ticks))
		state = TRACETEXT_ENDED;
	recording->ended = state == TRACETEXT_ENDED;
	if (recording->ended)
		own_ticks_end(&recording->ticks);
	return state != TRACETEXT_WAITS;
}

static const struct event *peek_own(struct recording *recording, size_t *count)
{
	if (!recording->has_line)
		recording->has_line = replay_next(recording->replay, &recording->line);
	*count = recording->has_line;
	return &recording->line;
}

static const struct event *peek_foreign(struct recording *recording, size_t *count)
{
	struct batch *batch = &recording->batch;

	recording->waits = false;
	while (batch->next == batch->count && !recording->waits) {
		empty(batch);
		if (recording->ended)
			break;
		recording->waits = !read_more(recording) && !batch->count;
	}
	*count = batch->count - batch->next;
	return batch->events + batch->next;
}

const struct event *recording_peek(struct recording *recording, size_t *count)
{
	return recording->replay ? peek_own(recording, count) : peek_foreign(recording, count);
}

void recording_pass(struct recording *recording, size_t count)
{
	if (recording->replay)
		recording->has_line = false;
	else
		recording->batch.next += count;
}

bool recording_rests(const struct recording *recording)
{
	return recording->replay && replay_rests(recording->replay);
}

int recording_waits_for(const struct recording *recording)
{
	if (recording->replay)
		return replay_waits_for(recording->replay);
	return recording->waits ? tracetext_fd(recording->tracetext) : -1;
}

int recording_position(const struct recording *recording)
{
	if (recording->replay)
		return replay_position(recording->replay);
	return recording->tracetext ? tracetext_position(recording->tracetext)
	                            : tracedat_position(recording->tracedat);
}

bool recording_is_own(const struct recording *recording)
{
	return recording->replay;
}

/* ---- coming back ---- */

struct recording_place {
	uint64_t file_bytes; /* that it had then, at least */
	struct replay_place replay;
	struct tracedat_place *tracedat; /* they stand behind the batch */
	struct tracetext_place *tracetext;
	struct own_ticks ticks;
	struct batch rest; /* of the batch; its texts are ours */
	bool ended;
};

static void add_rest(struct batch *to, const struct batch *from)
{
	for (size_t i = from->next; i < from->count; i++)
		add_event(to, &from->events[i]);
}

struct recording_place *recording_here(const struct recording *recording)
{
	struct recording_place *place;
	struct stat status;

	if (recording_position(recording) < 0 || fstat(recording->fd, &status))
		return NULL;
	place = xcalloc(1, sizeof(*place));
	place->file_bytes = (uint64_t)status.st_size;
	place->ticks = recording->ticks;
	place->ended = recording->ended;
	add_rest(&place->rest, &recording->batch);
	if (recording->replay)
		place->replay = replay_here(recording->replay, recording->has_line);
	else if (recording->tracedat)
		place->tracedat = tracedat_here(recording->tracedat);
	else
		place->tracetext = tracetext_here(recording->tracetext);
	return place;
}

void recording_place_free(struct recording_place *place)
{
	if (!place)
		return;
	tracedat_place_free(place->tracedat);
	tracetext_place_free(place->tracetext);
	empty(&place->rest);
	free(place->rest.events);
	free(place);
}

size_t recording_place_bytes(const struct recording_place *place)
{
	size_t bytes = sizeof(*place) + place->rest.capacity * sizeof(*place->rest.events);

	if (place->tracedat)
		bytes += tracedat_place_bytes(place->tracedat);
	if (place->tracetext)
		bytes += tracetext_place_bytes(place->tracetext);
	return bytes;
}

/* Its reader's part. */
static int return_within(struct recording *recording, const struct recording_place *place)
{
	if (recording->replay)
		return replay_return(recording->replay, &place->replay);
	if (recording->tracedat)
		return tracedat_return(recording->tracedat, place->tracedat);
	return tracetext_return(recording->tracetext, place->tracetext);
}

int recording_return(struct recording *recording, const struct recording_place *place,
                     struct error *err)
{
	struct stat status;

	if (fstat(recording->fd, &status))
		return error_set(err, errno, "cannot go back: %s", strerror(errno));
	if ((uint64_t)status.st_size < place->file_bytes)
		return error_set(err, EINVAL,
		                 "cannot go back: the file was cut meanwhile, from %" PRIu64
		                 " bytes to %" PRIu64,
		                 place->file_bytes, (uint64_t)status.st_size);
	if (return_within(recording, place))
		return error_set(err, EINVAL,
		                 "cannot go back: the file was changed meanwhile, and what was "
		                 "read is not there any more");
	empty(&recording->batch);
	add_rest(&recording->batch, &place->rest);
	recording->ticks = place->ticks;
	recording->ended = place->ended;
	recording->has_line = recording->waits = false;
	return 0;
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
