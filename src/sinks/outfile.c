// SPDX-License-Identifier: GPL-2.0-or-later
/* outfile: frames into a file. In: frames as text. Out: a file that is whole at any time. */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../util.h"

struct outfile {
	char *path, *directory;
	const char *name; /* behind the last slash of path */
	char *temporary;  /* beside it; NULL: the file is appended to */
	int fd;           /* of the directory, or of the file that is appended to; -1: not open */
	dev_t device;     /* what was put there last, if anything was */
	ino_t inode;
};

static int fail(const struct outfile *file, struct error *err)
{
	return error_set(err, errno, "cannot write %s: %s", file->path,
	                 errno == EINVAL ? "it is no file" : strerror(errno));
}

static int write_all(int fd, const char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = write(fd, text + done, size - done);

		if (written < 0 && errno != EINTR)
			return -1;
		done += written < 0 ? 0 : (size_t)written;
	}
	return 0;
}

/* ---- appended to ---- */

/* A pipe would stop us when nobody reads; without O_NONBLOCK already the open would. */
static bool is_writable_kind(int fd)
{
	struct stat found;

	if (fstat(fd, &found))
		return false;
	errno = EINVAL;
	return S_ISREG(found.st_mode) || S_ISCHR(found.st_mode);
}

static int open_log(struct outfile *file)
{
	const int flags =
		O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

	if (file->fd < 0)
		file->fd = open(file->path, flags, 0600);
	if (file->fd >= 0 && !is_writable_kind(file->fd)) {
		close(file->fd);
		file->fd = -1;
		errno = EINVAL;
	}
	return file->fd < 0 ? -1 : 0;
}

/* A frame cut off in the middle would make the lines behind it unreadable, too. */
static int append(struct outfile *file, const char *text, size_t size)
{
	off_t before;
	int error;

	if (open_log(file))
		return -1;
	before = lseek(file->fd, 0, SEEK_END);
	if (!write_all(file->fd, text, size))
		return 0;
	error = errno;
	if (before >= 0 && ftruncate(file->fd, before))
		outfile_reopen(file);
	errno = error;
	return -1;
}

/* ---- replaced ---- */

static int open_directory(struct outfile *file)
{
	if (file->fd < 0)
		file->fd = open(file->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return file->fd < 0 ? -1 : 0;
}

/* What has the name is left from a process that had our number and was killed. */
static int open_temporary(struct outfile *file)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd;

	if (open_directory(file))
		return -1;
	fd = openat(file->fd, file->temporary, flags, 0644);
	if (fd < 0 && errno == EEXIST && !unlinkat(file->fd, file->temporary, 0))
		fd = openat(file->fd, file->temporary, flags, 0644);
	return fd;
}

static void note_inode(struct outfile *file, int fd)
{
	struct stat found;

	if (!fstat(fd, &found)) {
		file->device = found.st_dev;
		file->inode = found.st_ino;
	}
}

static int fill_temporary(struct outfile *file, const char *text, size_t size)
{
	int fd = open_temporary(file), result;

	if (fd < 0)
		return -1;
	/* Whatever the umask is: node_exporter is another user. */
	result = fchmod(fd, 0644) || write_all(fd, text, size) ? -1 : 0;
	if (!result)
		note_inode(file, fd);
	/* Some file systems tell only now that there was no room. */
	return close(fd) || result ? -1 : 0;
}

static int replace(struct outfile *file, const char *text, size_t size)
{
	int error;

	if (!fill_temporary(file, text, size) &&
	    !renameat(file->fd, file->temporary, file->fd, file->name))
		return 0;
	error = errno;
	if (file->fd >= 0)
		unlinkat(file->fd, file->temporary, 0);
	errno = error;
	return -1;
}

/* That a temporary file can be made is tried; that a directory cannot be replaced is known. */
static int try_replacing(struct outfile *file)
{
	struct stat found;
	int fd;

	if (!stat(file->path, &found) && !S_ISREG(found.st_mode)) {
		errno = S_ISDIR(found.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	fd = open_temporary(file);
	if (fd < 0)
		return -1;
	close(fd);
	return unlinkat(file->fd, file->temporary, 0);
}

/* Only what we put there: another may have taken the place meanwhile. */
static void remove_ours(const struct outfile *file)
{
	struct stat found;

	if (file->fd >= 0 && file->inode &&
	    !fstatat(file->fd, file->name, &found, AT_SYMLINK_NOFOLLOW) &&
	    found.st_ino == file->inode && found.st_dev == file->device)
		unlinkat(file->fd, file->name, 0);
}

/* ---- both ---- */

/* Not NAME.prom.something: it must not look like what is to be read. */
static char *temporary_name(const char *name)
{
	size_t size = strlen(name) + 32;
	char *temporary = xmalloc(size);

	snprintf(temporary, size, ".%s.%ld.tmp", name, (long)getpid());
	return temporary;
}

static char *directory_of(const char *path, const char *name)
{
	char *directory = xstrdup(name == path ? "." : path);

	if (name != path)
		directory[name - path] = '\0';
	return directory;
}

struct outfile *outfile_open(const char *path, bool replaced, struct error *err)
{
	struct outfile *file = xcalloc(1, sizeof(*file));
	const char *slash;

	file->path = xstrdup(path);
	file->fd = -1;
	slash = strrchr(file->path, '/');
	file->name = slash ? slash + 1 : file->path;
	file->directory = directory_of(file->path, file->name);
	if (replaced)
		file->temporary = temporary_name(file->name);
	if (replaced ? try_replacing(file) : open_log(file)) {
		fail(file, err);
		outfile_close(file, false);
		return NULL;
	}
	return file;
}

bool outfile_is_empty(struct outfile *file)
{
	struct stat found;

	if (file->temporary)
		return true;
	return !open_log(file) && !fstat(file->fd, &found) && !found.st_size;
}

int outfile_write(struct outfile *file, const char *text, size_t size, struct error *err)
{
	int result = file->temporary ? replace(file, text, size) : append(file, text, size);

	return result ? fail(file, err) : 0;
}

void outfile_reopen(struct outfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

void outfile_close(struct outfile *file, bool outdated)
{
	if (!file)
		return;
	if (file->temporary && outdated)
		remove_ours(file);
	outfile_reopen(file);
	free(file->path);
	free(file->directory);
	free(file->temporary);
	free(file);
}
