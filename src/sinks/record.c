// SPDX-License-Identifier: GPL-2.0-or-later
/* record: door 1 to a file. In: events. Out: lines. Must never know: the model. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../event_text.h"
#include "../util.h"

#define BUFFER_BYTES (64u << 10)

struct record {
	int fd;
	bool failed;
	char *path;
	struct event_line at;
	size_t used; /* whole lines, always */
	char buffer[BUFFER_BYTES];
};

static int flush(struct record *record, struct error *err)
{
	size_t done = 0;

	while (done < record->used) {
		ssize_t written = write(record->fd, record->buffer + done, record->used - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			record->failed = true;
			return error_set(err, errno, "recording %s stopped: %s", record->path,
			                 strerror(errno));
		}
		done += (size_t)written;
	}
	record->used = 0;
	return 0;
}

static void append(struct record *record, const char *line, size_t length)
{
	memcpy(record->buffer + record->used, line, length);
	record->buffer[record->used + length] = '\n';
	record->used += length + 1;
}

struct record *record_open(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct record *record;

	if (fd < 0) {
		error_set(err, errno, "cannot record to %s: %s%s", path, strerror(errno),
		          errno == EEXIST ? "; name a new file" : "");
		return NULL;
	}
	record = xcalloc(1, sizeof(*record));
	record->fd = fd;
	record->path = xstrdup(path);
	append(record, EVENT_TEXT_HEADER, strlen(EVENT_TEXT_HEADER));
	return record;
}

int record_event(struct record *record, const struct event *ev, struct error *err)
{
	char line[EVENT_LINE_MAX];
	size_t length;

	if (record->failed)
		return 0;
	length = event_to_line(&record->at, ev, line);
	if (record->used + length + 1 > sizeof(record->buffer) && flush(record, err))
		return -1;
	append(record, line, length);
	return ev->kind == EVENT_TICK ? flush(record, err) : 0;
}

int record_close(struct record *record, struct error *err)
{
	int result;

	if (!record)
		return 0;
	result = record->failed ? 0 : flush(record, err);
	if (close(record->fd) && !record->failed && !result)
		result = error_set(err, errno, "recording %s: %s", record->path, strerror(errno));
	free(record->path);
	free(record);
	return result;
}
