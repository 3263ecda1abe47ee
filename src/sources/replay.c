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

/* So much is passed over at most before others have their turn. */
#define PASSED_MOST (1u << 20)

struct replay {
	FILE *file;
	struct zst_progress progress;
	struct event_line at;
	struct replay_place here; /* but for last_ns, which is in at */
	struct replay_place before;
	bool waits;          /* for more of a line */
	size_t length;       /* of what has come of it and may be used */
	uint64_t odd_bytes;  /* of the rest: then none of it is used */
	size_t passed_bytes; /* since it rested */
	bool rests;
	char reason[200];
	char text[EVENT_LINE_MAX + 2];
};

enum line_state { LINE_WHOLE, LINE_NONE, LINE_WAITS };

/* Reads a line into replay->text; an overlong one, or one with a NUL, is emptied: no line of ours
 * is. A last line without its newline was cut. Of one that a pipe has not brought yet, or that is
 * too long to be passed over at once, what has come is kept. */
static enum line_state next_line(struct replay *replay)
{
	/* Not in *replay, which each character might be part of as far as a compiler can see. */
	size_t length = replay->length;
	uint64_t odd_bytes = replay->odd_bytes;
	bool rests = replay->passed_bytes >= PASSED_MOST;
	int c = '\n';

	errno = 0;
	while (!rests && (c = getc_unlocked(replay->file)) != EOF && c != '\n') {
		if (length < EVENT_LINE_MAX && c && !odd_bytes) {
			replay->text[length++] = (char)c;
			continue;
		}
		odd_bytes++;
		rests = ++replay->passed_bytes >= PASSED_MOST;
	}
	replay->length = length;
	replay->odd_bytes = odd_bytes;
	replay->rests = rests;
	replay->waits = c == EOF && ferror(replay->file) && errno == EAGAIN;
	if (replay->waits)
		clearerr(replay->file);
	if (replay->waits || replay->rests)
		return LINE_WAITS;
	if (c == EOF && !replay->length && !replay->odd_bytes)
		return LINE_NONE;
	replay->text[!replay->odd_bytes && c == '\n' ? replay->length : 0] = '\0';
	replay->here.offset += replay->length + replay->odd_bytes + (c == '\n');
	replay->here.line++;
	replay->length = 0;
	replay->odd_bytes = 0;
	return LINE_WHOLE;
}

/* Why the first line is not that of a recording which can be read. */
static int refuse(const char *path, const char *found, bool packed, struct error *err)
{
	size_t named = strlen(EVENT_TEXT_START);
	bool ours = !strncmp(found, EVENT_TEXT_START, named);
	size_t digits = ours ? strspn(found + named, "0123456789") : 0;

	if (ours && found[sizeof(EVENT_TEXT_HEADER) - 1] == '\r')
		return error_set(err, EINVAL,
		                 "cannot replay %s: its lines end in CR LF, as after a conversion; "
		                 "take the file as it was recorded",
		                 path);
	if (digits && strlen(found) > strlen(EVENT_TEXT_HEADER))
		return error_set(err, EINVAL,
		                 "cannot replay %s: it is of another version (%.*s), and this "
		                 "iommutop reads \"%s\"; take a newer iommutop",
		                 path, (int)(named + digits), found, EVENT_TEXT_HEADER);
	return error_set(err, EINVAL,
	                 "cannot replay %s: %s no recording of iommutop, as its first line is not "
	                 "\"%s\"%s",
	                 path, packed ? "what is packed in it is" : "it is", EVENT_TEXT_HEADER,
	                 packed ? "; unpack it with zstd -d" : "");
}

/* No more is read than a header has: what is no recording may have lines without end. */
static int take_header(struct replay *replay, const char *path, struct error *err)
{
	static const char header[] = EVENT_TEXT_HEADER "\n";
	char found[sizeof(header)] = "";

	replay->here.line = 1;
	replay->here.offset = sizeof(header) - 1;
	if (fread(found, sizeof(header) - 1, 1, replay->file) == 1 && !strcmp(found, header))
		return 0;
	if (!ferror(replay->file))
		return refuse(path, found, replay->progress.packed, err);
	return error_set(err, errno, "cannot replay %s: %s", path,
	                 replay->progress.problem[0] ? replay->progress.problem : strerror(errno));
}

static struct replay *begin(struct replay *replay, const char *path, struct error *err)
{
	if (!replay->file) {
		free(replay);
		return NULL;
	}
	if (take_header(replay, path, err)) {
		replay_close(replay);
		return NULL;
	}
	replay->progress.never_waits = true;
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

	if (replay->here.ended ||
	    !(replay->here.bad + replay->here.unknown + replay->here.another + broken))
		return false;
	replay->here.ended = true;
	if (replay->here.another)
		snprintf(replay->reason, sizeof(replay->reason),
		         "another recording begins in line %" PRIu64
		         ", and is not shown: put it into a file of its own",
		         replay->here.line + 1);
	else if (broken)
		snprintf(replay->reason, sizeof(replay->reason),
		         "line %" PRIu64 " and what follows cannot be read from the file%s%s",
		         replay->here.line + 1, replay->progress.problem[0] ? ": " : "",
		         replay->progress.problem);
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

/* Another one follows. What it tells is not of this one. */
static bool is_another(struct replay *replay)
{
	if (strncmp(replay->text, EVENT_TEXT_START, strlen(EVENT_TEXT_START)) != 0)
		return false;
	replay->here.offset -= strlen(replay->text) + 1;
	replay->here.line--;
	replay->here.another = true;
	return true;
}

bool replay_next(struct replay *replay, struct event *ev)
{
	enum line_state state = LINE_NONE;

	if (replay->rests)
		replay->passed_bytes = 0;
	replay->rests = false;
	replay->before = replay_here(replay, false);
	while (!replay->here.another && (state = next_line(replay)) == LINE_WHOLE) {
		enum event_line_result result = event_from_line(&replay->at, replay->text, ev);

		if (result == EVENT_LINE_OK)
			return true;
		if (is_another(replay))
			break;
		if (result == EVENT_LINE_CORRUPT) {
			*ev = lost_line(replay);
			return true;
		}
		replay->here.unknown++;
		replay->passed_bytes += strlen(replay->text) + 1;
	}
	return (state == LINE_NONE || replay->here.another) && tell_the_end(replay, ev);
}

bool replay_rests(const struct replay *replay)
{
	return replay->rests;
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
	replay->odd_bytes = 0;
	replay->waits = replay->rests = false;
	return 0;
}

int replay_waits_for(const struct replay *replay)
{
	return replay->waits ? replay->progress.fd : -1;
}

int replay_position(const struct replay *replay)
{
	const struct zst_progress *progress = &replay->progress;
	double share; /* of what was given, as most of it may have been read ahead */

	if (!progress->size_bytes)
		return -1;
	share = (double)replay->here.offset / (double)progress->given_bytes;
	return (int)(share * (double)progress->read_bytes * 1000 / (double)progress->size_bytes);
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	fclose(replay->file);
	free(replay);
}
