// SPDX-License-Identifier: GPL-2.0-or-later
/* zst_file: bytes of a file, unpacked where they are packed. In: a path. Out: a stream. Must never
 * know: what is in it. */
#include "zst_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_LIBZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

#include "../util.h"

/* Small, so that progress is told in small steps. */
#define BUFFER_BYTES (16u << 10)

/* So many buffers in a row may be read of which nothing comes. */
#define BARREN_MOST 64

/* Frames stand by themselves: so many bytes apart, unpacked, some are remembered to begin from. */
#define MARK_BYTES (256u << 10)

struct mark {
	uint64_t in, out; /* where it begins in the file, and in what is unpacked */
};

struct zst_file {
	int fd;
	bool seekable;
	uint64_t read_bytes;
	size_t at, filled;    /* of buffer: what was read and not yet taken */
	bool ended;           /* the file has no more */
	uint64_t given_bytes; /* to who reads */
	struct zst_progress *progress;
#ifdef HAVE_LIBZSTD
	ZSTD_DCtx *zst; /* NULL: plain */
	bool in_frame;
	struct mark *marks; /* the first is the file's start */
	size_t mark_count, mark_capacity;
#endif
	char buffer[BUFFER_BYTES];
};

static bool may_rest(const struct zst_file *file)
{
	return file->progress && file->progress->never_waits;
}

/* Somebody writes slowly, and a screen is waiting for more than him. */
static bool has_nothing_yet(const struct zst_file *file)
{
	struct pollfd in = {.fd = file->fd, .events = POLLIN};

	return may_rest(file) && poll(&in, 1, 0) == 0;
}

/* Fills the empty buffer. False at the end of the file; errno tells of an error, else 0. */
static bool fill(struct zst_file *file)
{
	ssize_t got;

	if (has_nothing_yet(file)) {
		errno = EAGAIN;
		return false;
	}
	do {
		got = read(file->fd, file->buffer, sizeof(file->buffer));
	} while (got < 0 && errno == EINTR);
	if (got >= 0)
		errno = 0;
	file->at = 0;
	file->filled = got > 0 ? (size_t)got : 0;
	file->ended = got <= 0;
	file->read_bytes += file->filled;
	return got > 0;
}

static ssize_t take_plain(struct zst_file *file, char *out, size_t size)
{
	size_t left;

	if (file->at == file->filled && !file->ended && !fill(file) && errno)
		return -1;
	left = file->filled - file->at < size ? file->filled - file->at : size;
	memcpy(out, file->buffer + file->at, left);
	file->at += left;
	return (ssize_t)left;
}

static bool is_packed(const struct zst_file *file)
{
	return file->filled >= ZST_MAGIC_SIZE && !memcmp(file->buffer, ZST_MAGIC, ZST_MAGIC_SIZE);
}

#ifdef HAVE_LIBZSTD

#define WINDOW_LOG_MAX 23

/* A frame may begin here. */
static void mark(struct zst_file *file, uint64_t in, uint64_t out)
{
	if (!file->seekable || file->marks[file->mark_count - 1].out + MARK_BYTES > out)
		return;
	file->marks =
		grow(file->marks, &file->mark_capacity, file->mark_count, sizeof(*file->marks));
	file->marks[file->mark_count++] = (struct mark){in, out};
}

static int fail(struct zst_file *file, ZSTD_ErrorCode code)
{
	errno = EBADMSG;
	if (!file->progress)
		return -1;
	if (code == ZSTD_error_frameParameter_windowTooLarge)
		snprintf(
			file->progress->problem, sizeof(file->progress->problem),
			"it is packed with a window above 8 MiB: unpack it with zstd -d --long=31");
	else
		snprintf(file->progress->problem, sizeof(file->progress->problem),
		         "what is packed is %s at byte %" PRIu64,
		         code == ZSTD_error_no_error ? "cut" : "damaged",
		         file->read_bytes - (file->filled - file->at));
	return -1;
}

/* One step of the decoder, which may take much and give nothing. -1: damaged. */
static int step(struct zst_file *file, ZSTD_outBuffer *out)
{
	ZSTD_inBuffer in = {file->buffer, file->filled, file->at};
	size_t hint = ZSTD_decompressStream(file->zst, out, &in);

	if (ZSTD_isError(hint))
		return fail(file, ZSTD_getErrorCode(hint));
	/* Without any input it speaks of the frame that it would like next. */
	if (in.pos != file->at || out->pos)
		file->in_frame = hint != 0;
	file->at = in.pos;
	if (!file->in_frame)
		mark(file, file->read_bytes - (file->filled - file->at),
		     file->given_bytes + out->pos);
	return 0;
}

static ssize_t take_packed(struct zst_file *file, char *bytes, size_t size)
{
	ZSTD_outBuffer out = {bytes, size, 0};
	size_t barren = 0;

	errno = 0;
	while (!out.pos) {
		size_t before = file->at;

		if (step(file, &out))
			return -1;
		if (out.pos || file->at != before)
			continue;
		if (may_rest(file) && barren++ == BARREN_MOST) {
			errno = EAGAIN;
			return -1;
		}
		if (!file->ended && fill(file))
			continue;
		/* Within a frame the file was cut; where it could not be read, errno says why. */
		if (file->in_frame && !errno)
			return fail(file, ZSTD_error_no_error);
		return errno ? -1 : 0;
	}
	return (ssize_t)out.pos;
}

static int begin(struct zst_file *file, const char *path, struct error *err)
{
	(void)path;
	(void)err;
	if (!is_packed(file))
		return 0;
	file->zst = ZSTD_createDCtx();
	if (!file->zst)
		abort();
	ZSTD_DCtx_setParameter(file->zst, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	file->marks = grow(NULL, &file->mark_capacity, 0, sizeof(*file->marks));
	file->marks[file->mark_count++] = (struct mark){0, 0};
	return 0;
}

/* The last place before it from which one can begin. */
static struct mark mark_before(struct zst_file *file, uint64_t out)
{
	size_t i = file->mark_count;

	if (!file->zst)
		return (struct mark){out, out};
	ZSTD_DCtx_reset(file->zst, ZSTD_reset_session_only);
	file->in_frame = false;
	while (file->marks[i - 1].out > out)
		i--;
	return file->marks[i - 1];
}

static ssize_t unpack(struct zst_file *file, char *bytes, size_t size)
{
	return file->zst ? take_packed(file, bytes, size) : take_plain(file, bytes, size);
}

static void end(struct zst_file *file)
{
	ZSTD_freeDCtx(file->zst);
	free(file->marks);
}

#else

static int begin(struct zst_file *file, const char *path, struct error *err)
{
	if (!is_packed(file))
		return 0;
	return error_set(err, ENOTSUP,
	                 "cannot read %s: it is compressed, and this iommutop was built without "
	                 "libzstd; unpack it with zstd -d",
	                 path);
}

static ssize_t unpack(struct zst_file *file, char *bytes, size_t size)
{
	return take_plain(file, bytes, size);
}

static struct mark mark_before(struct zst_file *file, uint64_t out)
{
	(void)file;
	return (struct mark){out, out};
}

static void end(struct zst_file *file)
{
	(void)file;
}

#endif

static void tell_progress(const struct zst_file *file)
{
	if (!file->progress)
		return;
	file->progress->read_bytes = file->read_bytes - (file->filled - file->at);
	file->progress->given_bytes = file->given_bytes;
}

static ssize_t take(void *cookie, char *bytes, size_t size)
{
	struct zst_file *file = cookie;
	ssize_t taken = unpack(file, bytes, size);

	if (taken > 0)
		file->given_bytes += (uint64_t)taken;
	tell_progress(file);
	return taken;
}

/* Up to a place that is further on. */
static int pass_over(struct zst_file *file, uint64_t place)
{
	char bytes[4096];

	while (file->given_bytes < place) {
		uint64_t left = place - file->given_bytes;
		ssize_t taken = take(file, bytes, left < sizeof(bytes) ? left : sizeof(bytes));

		if (taken <= 0)
			return -1;
	}
	return 0;
}

static int go_to(struct zst_file *file, uint64_t place)
{
	struct mark from = mark_before(file, place);

	if (lseek(file->fd, (off_t)from.in, SEEK_SET) < 0)
		return -1;
	file->read_bytes = from.in;
	file->given_bytes = from.out;
	file->at = file->filled = 0;
	file->ended = false;
	tell_progress(file);
	return pass_over(file, place);
}

/* From the start, or from where it is: the stream asks in both ways. */
static int seek(void *cookie, off64_t *offset, int whence)
{
	struct zst_file *file = cookie;
	off64_t from = whence == SEEK_CUR ? (off64_t)file->given_bytes : 0;

	if (whence == SEEK_END || *offset < -from)
		return -1;
	*offset += from;
	if ((uint64_t)*offset == file->given_bytes)
		return 0;
	return file->seekable ? go_to(file, (uint64_t)*offset) : -1;
}

static int close_file(void *cookie)
{
	struct zst_file *file = cookie;

	end(file);
	if (file->fd != STDIN_FILENO)
		close(file->fd);
	free(file);
	return 0;
}

/* A pipe may bring its first bytes one by one: enough of them to tell by. */
static bool fill_first(struct zst_file *file)
{
	while (file->filled < ZST_MAGIC_SIZE) {
		ssize_t got =
			read(file->fd, file->buffer + file->filled, ZST_MAGIC_SIZE - file->filled);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (!got) {
			file->ended = true;
			break;
		}
		file->filled += (size_t)got;
		file->read_bytes += (size_t)got;
	}
	return true;
}

static uint64_t size_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

FILE *zst_file_open_fd(int fd, const char *start, size_t size, const char *path,
                       struct zst_progress *progress, struct error *err)
{
	const cookie_io_functions_t functions = {.read = take, .seek = seek, .close = close_file};
	struct zst_file *file = xcalloc(1, sizeof(*file));
	FILE *stream;

	file->fd = fd;
	file->filled = size;
	file->read_bytes = size;
	if (size)
		memcpy(file->buffer, start, size);
	/* What is read from its middle on has no start to count from. */
	file->seekable = !size && lseek(fd, 0, SEEK_CUR) == 0 && size_of(fd);
	if (!fill_first(file)) {
		error_set(err, errno, "cannot read %s: %s", path, strerror(errno));
	} else if (!begin(file, path, err)) {
		file->progress = progress;
		if (progress)
			*progress = (struct zst_progress){.size_bytes = size_of(file->fd),
			                                  .fd = file->fd,
			                                  .packed = is_packed(file)};
		stream = fopencookie(file, "r", functions);
		if (!stream)
			abort();
		return stream;
	}
	close_file(file);
	return NULL;
}

FILE *zst_file_open(const char *path, struct zst_progress *progress, struct error *err)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

	if (fd >= 0)
		return zst_file_open_fd(fd, NULL, 0, path, progress, err);
	error_set(err, errno, "cannot read %s: %s", path, strerror(errno));
	return NULL;
}
