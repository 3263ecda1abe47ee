// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * files: small files and links of procfs and sysfs.
 * In: paths. Out: their text. Must never know: what it means.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../util.h"

int files_open(int directory, const char *path)
{
	struct stat status;

	if (fstatat(directory, path, &status, 0) != 0 || !S_ISREG(status.st_mode))
		return -1;
	return openat(directory, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int files_open_directory(int directory, const char *path)
{
	return openat(directory, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

DIR *files_open_stream(int directory, const char *path)
{
	int fd = openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

	if (!stream && fd >= 0)
		close(fd);
	return stream;
}

size_t files_take(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got = 1;

	while (fd >= 0 && got > 0 && length < size - 1) {
		got = read(fd, text + length, size - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
	return length;
}

bool files_take_line(int fd, char *text, size_t size)
{
	files_take(fd, text, size);
	text[strcspn(text, "\n")] = '\0';
	return text[0];
}

size_t files_read(int directory, const char *path, char *text, size_t size)
{
	return files_take(files_open(directory, path), text, size);
}

/* In pieces that double: files of procfs do not say how long they are. */
char *files_read_all(int directory, const char *path, size_t limit)
{
	int fd = files_open(directory, path);
	size_t length = 0, size = 4096;
	char *text = fd >= 0 ? xmalloc(size) : NULL;
	ssize_t got = fd >= 0;

	while (got > 0 && length < limit) {
		if (length + 1 >= size)
			text = xrealloc(text, size *= 2);
		got = read(fd, text + length, size - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	if (!text || got != 0) {
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}

bool files_link(int directory, const char *path, char *target, size_t size)
{
	ssize_t length = readlinkat(directory, path, target, size);

	if (length < 0)
		return false;
	if ((size_t)length == size) {
		errno = ENAMETOOLONG;
		return false;
	}
	target[length] = '\0';
	return true;
}

const char *files_last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
