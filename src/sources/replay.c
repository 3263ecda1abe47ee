// SPDX-License-Identifier: GPL-2.0-or-later
/* replay: a recording, line by line, into events. In: a file. Must never know: the model. */
#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../event_text.h"
#include "../util.h"

struct replay {
	FILE *file;
	struct event_line at;
	uint64_t line, first_bad_line, bad, unknown;
	bool ended;
	char reason[160];
	char text[EVENT_LINE_MAX + 2];
};

/* Reads a line into replay->text; an overlong one, or one with a NUL, is emptied: no line of ours
 * is. A last line without its newline was cut. Returns false at the end. */
static bool next_line(struct replay *replay)
{
	size_t length = 0;
	int c;
	bool whole = true;

	while ((c = getc_unlocked(replay->file)) != EOF && c != '\n') {
		if (length == EVENT_LINE_MAX || !c)
			whole = false;
		else
			replay->text[length++] = (char)c;
	}
	if (c == EOF && !length && whole)
		return false;
	replay->text[whole && c == '\n' ? length : 0] = '\0';
	replay->line++;
	return true;
}

/* No more is read than a header has: what is no recording may have lines without end. */
static bool has_header(struct replay *replay)
{
	static const char header[] = EVENT_TEXT_HEADER "\n";
	char found[sizeof(header) - 1];

	replay->line = 1;
	return fread(found, sizeof(found), 1, replay->file) == 1 &&
	       !memcmp(found, header, sizeof(found));
}

struct replay *replay_open(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");

	if (file)
		return replay_open_file(file, path, err);
	error_set(err, errno, "cannot replay %s: %s", path, strerror(errno));
	return NULL;
}

struct replay *replay_open_file(FILE *file, const char *path, struct error *err)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));

	replay->file = file;
	if (!has_header(replay)) {
		if (ferror(file))
			error_set(err, errno, "cannot replay %s: %s", path, strerror(errno));
		else
			error_set(err, EINVAL,
			          "cannot replay %s: its first line is not \"%s\", so it is "
			          "no recording that this version reads",
			          path, EVENT_TEXT_HEADER);
		replay_close(replay);
		return NULL;
	}
	return replay;
}

static bool tell_the_end(struct replay *replay, struct event *ev)
{
	bool broken = ferror(replay->file);

	if (replay->ended || !(replay->bad + replay->unknown + broken))
		return false;
	replay->ended = true;
	if (broken)
		snprintf(replay->reason, sizeof(replay->reason),
		         "line %" PRIu64 " and what follows cannot be read from the file",
		         replay->line + 1);
	else if (replay->bad)
		snprintf(replay->reason, sizeof(replay->reason),
		         "damaged lines were passed over: %" PRIu64 ", the first is line %" PRIu64,
		         replay->bad, replay->first_bad_line);
	else
		snprintf(replay->reason, sizeof(replay->reason),
		         "lines of a later version were passed over: %" PRIu64, replay->unknown);
	*ev = event_health(replay->at.last_ns, SOURCE_REPLAY, HEALTH_PARTIAL, replay->reason);
	return true;
}

/* Whatever the line was, it is missing now: what counts from here is a lower bound. */
static struct event lost_line(struct replay *replay)
{
	if (!replay->bad++)
		replay->first_bad_line = replay->line;
	return (struct event){
		.ts_ns = replay->at.last_ns,
		.kind = EVENT_LOST,
		.lost = {.count = 1, .source = SOURCE_REPLAY, .exact = false},
	};
}

bool replay_next(struct replay *replay, struct event *ev)
{
	while (next_line(replay)) {
		switch (event_from_line(&replay->at, replay->text, ev)) {
		case EVENT_LINE_OK:
			return true;
		case EVENT_LINE_UNKNOWN:
			replay->unknown++;
			break;
		case EVENT_LINE_CORRUPT:
			*ev = lost_line(replay);
			return true;
		}
	}
	return tell_the_end(replay, ev);
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	fclose(replay->file);
	free(replay);
}
