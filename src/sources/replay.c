// SPDX-License-Identifier: GPL-2.0-or-later
/* replay: a recording, line by line, into events. In: a file. Must never know: the model. */
#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../event_text.h"
#include "../util.h"
#include "zst_file.h"

struct replay {
	FILE *file;
	struct zst_progress progress;
	struct event_line at;
	struct replay_place here; /* but for last_ns, which is in at */
	struct replay_place before;
	bool waits;    /* for more of a line */
	bool odd;      /* what has come of it is not to be used */
	size_t length; /* of what has come of it */
	char reason[160];
	char text[EVENT_LINE_MAX + 2];
};

enum line_state { LINE_WHOLE, LINE_NONE, LINE_WAITS };

/* Reads a line into replay->text; an overlong one, or one with a NUL, is emptied: no line of ours
 * is. A last line without its newline was cut. Of a pipe that has not brought the whole line yet
 * what has come is kept. */
static enum line_state next_line(struct replay *replay)
{
	uint64_t bytes = 0;
	int c;

	errno = 0;
	for (; (c = getc_unlocked(replay->file)) != EOF && c != '\n'; bytes++) {
		if (replay->length == EVENT_LINE_MAX || !c)
			replay->odd = true;
		else
			replay->text[replay->length++] = (char)c;
	}
	replay->here.offset += bytes + (c == '\n');
	replay->waits = c == EOF && ferror(replay->file) && errno == EAGAIN;
	if (replay->waits) {
		clearerr(replay->file);
		return LINE_WAITS;
	}
	if (c == EOF && !replay->length && !replay->odd)
		return LINE_NONE;
	replay->text[!replay->odd && c == '\n' ? replay->length : 0] = '\0';
	replay->length = 0;
	replay->odd = false;
	replay->here.line++;
	return LINE_WHOLE;
}

/* No more is read than a header has: what is no recording may have lines without end. */
static bool has_header(struct replay *replay)
{
	static const char header[] = EVENT_TEXT_HEADER "\n";
	char found[sizeof(header) - 1];

	replay->here.line = 1;
	replay->here.offset = sizeof(found);
	return fread(found, sizeof(found), 1, replay->file) == 1 &&
	       !memcmp(found, header, sizeof(found));
}

static struct replay *begin(struct replay *replay, const char *path, struct error *err)
{
	if (!replay->file) {
		free(replay);
		return NULL;
	}
	if (!has_header(replay)) {
		if (ferror(replay->file))
			error_set(err, errno, "cannot replay %s: %s", path, strerror(errno));
		else
			error_set(err, EINVAL,
			          "cannot replay %s: its first line is not \"%s\", so it is "
			          "no recording that this version reads",
			          path, EVENT_TEXT_HEADER);
		replay_close(replay);
		return NULL;
	}
	replay->progress.never_waits = !replay->progress.size_bytes;
	return replay;
}

struct replay *replay_open(const char *path, struct error *err)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));

	replay->file = zst_file_open(path, &replay->progress, err);
	return begin(replay, path, err);
}

struct replay *replay_open_fd(int fd, const char *start, size_t size, const char *path,
                              struct error *err)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));

	replay->file = zst_file_open_fd(fd, start, size, path, &replay->progress, err);
	return begin(replay, path, err);
}

static bool tell_the_end(struct replay *replay, struct event *ev)
{
	bool broken = ferror(replay->file);

	if (replay->here.ended || !(replay->here.bad + replay->here.unknown + broken))
		return false;
	replay->here.ended = true;
	if (broken)
		snprintf(replay->reason, sizeof(replay->reason),
		         "line %" PRIu64 " and what follows cannot be read from the file",
		         replay->here.line + 1);
	else if (replay->here.bad)
		snprintf(replay->reason, sizeof(replay->reason),
		         "damaged lines were passed over: %" PRIu64 ", the first is line %" PRIu64,
		         replay->here.bad, replay->here.first_bad_line);
	else
		snprintf(replay->reason, sizeof(replay->reason),
		         "lines of a later version were passed over: %" PRIu64,
		         replay->here.unknown);
	*ev = event_health(replay->at.last_ns, SOURCE_REPLAY, HEALTH_PARTIAL, replay->reason);
	return true;
}

/* Whatever the line was, it is missing now: what counts from here is a lower bound. */
static struct event lost_line(struct replay *replay)
{
	if (!replay->here.bad++)
		replay->here.first_bad_line = replay->here.line;
	return (struct event){
		.ts_ns = replay->at.last_ns,
		.kind = EVENT_LOST,
		.lost = {.count = 1, .source = SOURCE_REPLAY, .exact = false},
	};
}

bool replay_next(struct replay *replay, struct event *ev)
{
	enum line_state state;

	replay->before = replay_here(replay, false);
	while ((state = next_line(replay)) == LINE_WHOLE) {
		switch (event_from_line(&replay->at, replay->text, ev)) {
		case EVENT_LINE_OK:
			return true;
		case EVENT_LINE_UNKNOWN:
			replay->here.unknown++;
			break;
		case EVENT_LINE_CORRUPT:
			*ev = lost_line(replay);
			return true;
		}
	}
	return state == LINE_NONE && tell_the_end(replay, ev);
}

struct replay_place replay_here(const struct replay *replay, bool before)
{
	struct replay_place place = before ? replay->before : replay->here;

	if (!before)
		place.last_ns = replay->at.last_ns;
	return place;
}

int replay_return(struct replay *replay, const struct replay_place *place)
{
	clearerr(replay->file);
	if (fseeko(replay->file, (off_t)place->offset, SEEK_SET)) {
		fseeko(replay->file, (off_t)replay->here.offset, SEEK_SET);
		return -1;
	}
	replay->here = *place;
	replay->at.last_ns = place->last_ns;
	replay->length = 0;
	replay->odd = replay->waits = false;
	return 0;
}

int replay_waits_for(const struct replay *replay)
{
	return replay->waits ? replay->progress.fd : -1;
}

int replay_position(const struct replay *replay)
{
	const struct zst_progress *progress = &replay->progress;

	return progress->size_bytes ? (int)(progress->read_bytes * 1000 / progress->size_bytes)
	                            : -1;
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	fclose(replay->file);
	free(replay);
}
