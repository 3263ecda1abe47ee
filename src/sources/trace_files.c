// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_files: small files of the kernel, read and written at one go.
 * In: paths, a directory. Out: their text, what a switch says. Must never know: what they are for.
 *
 * Those of an instance go through its directory: it outlives its path.
 */
#include "trace_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"

char *trace_files_read_all(int directory_fd, const char *name)
{
	int fd = trace_files_open(directory_fd, name);
	size_t capacity = 4096;
	size_t length = 0;
	ssize_t got;
	char *text;

	if (fd < 0)
		return NULL;
	text = xmalloc(capacity);
	while ((got = read(fd, text + length, capacity - 1 - length)) > 0) {
		length += (size_t)got;
		if (capacity - length < 2048)
			text = xrealloc(text, capacity *= 2);
	}
	text[length] = '\0';
	if (got < 0) {
		int code = errno;

		free(text);
		text = NULL;
		errno = code;
	}
	close(fd);
	return text;
}

int trace_files_open(int directory_fd, const char *name)
{
	return openat(directory_fd, name, O_RDONLY | O_CLOEXEC);
}

static int write_once(int directory_fd, const char *name, int flags, const char *text)
{
	int fd = openat(directory_fd, name, O_WRONLY | O_CLOEXEC | flags);
	int code = 0;

	if (fd < 0)
		return -1;
	if (write(fd, text, strlen(text)) < 0)
		code = errno;
	close(fd);
	errno = code;
	return code ? -1 : 0;
}

int trace_files_write(int directory_fd, const char *name, const char *text)
{
	return write_once(directory_fd, name, 0, text);
}

int trace_files_append(int directory_fd, const char *name, const char *line)
{
	return write_once(directory_fd, name, O_APPEND, line);
}

/* A trigger is taken away by what set it, which is what it reads as but for its state. */
static int remove_trigger(int directory_fd, const char *name, const char *line, size_t length)
{
	char text[512];
	size_t end = length;

	if (length && line[length - 1] == ']')
		while (end && line[end] != '[')
			end--;
	while (end && line[end - 1] == ' ')
		end--;
	if (!end || end + 2 > sizeof(text))
		return 0;
	snprintf(text, sizeof(text), "!%.*s", (int)end, line);
	return trace_files_append(directory_fd, name, text) < 0 ? errno : 0;
}

int trace_files_remove_triggers(int directory_fd, const char *name, const char *prefix,
                                bool (*take)(void *context, const char *line), void *context)
{
	char *text = trace_files_read_all(directory_fd, name);
	int code = 0;

	for (const char *line = text; line && *line; line += *line == '\n') {
		size_t length = strcspn(line, "\n");

		if (*line != '#' && strncmp(line, prefix, strlen(prefix)) == 0 &&
		    (!take || take(context, line))) {
			int failed = remove_trigger(directory_fd, name, line, length);

			code = code ? code : failed;
		}
		line += length;
	}
	free(text);
	return code;
}

bool trace_files_look(int fd, bool *on)
{
	char digit;

	if (pread(fd, &digit, 1, 0) != 1 || (digit != '0' && digit != '1'))
		return false;
	*on = digit == '1';
	return true;
}

void trace_files_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
