// SPDX-License-Identifier: GPL-2.0-or-later
/* record: door 1 to a file. In: events. Out: lines. Must never know: the model. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LIBZSTD
#include <zstd.h>
#endif

#include "../event_text.h"
#include "../util.h"

#define BUFFER_BYTES (64u << 10)
/* Compressed recordings are made of frames that stand by themselves, each of about so much. */
#define FRAME_BYTES (1u << 20)

struct record {
	int fd;
	bool failed;
	char *path;
	struct event_line at;
	size_t used; /* whole lines, always */
#ifdef HAVE_LIBZSTD
	ZSTD_CCtx *zst; /* NULL: plain */
	size_t in_frame;
#endif
	char buffer[BUFFER_BYTES];
};

/* Lines go out for good at a TICK; what comes between two only where there is no more room. */
enum moment { AMID, AT_TICK, AT_END };

static int write_bytes(struct record *record, const char *bytes, size_t size, struct error *err)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = write(record->fd, bytes + done, size - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			record->failed = true;
			return error_set(err, errno, "recording %s stopped: %s", record->path,
			                 strerror(errno));
		}
		done += (size_t)written;
	}
	return 0;
}

#ifdef HAVE_LIBZSTD

static int write_packed(struct record *record, enum moment moment, struct error *err)
{
	bool full = record->in_frame + record->used >= FRAME_BYTES;
	ZSTD_EndDirective end = moment == AMID             ? ZSTD_e_continue
	                        : moment == AT_END || full ? ZSTD_e_end
	                                                   : ZSTD_e_flush;
	ZSTD_inBuffer in = {record->buffer, record->used, 0};
	char packed[BUFFER_BYTES];
	size_t left;

	do {
		ZSTD_outBuffer out = {packed, sizeof(packed), 0};

		left = ZSTD_compressStream2(record->zst, &out, &in, end);
		/* It fails only when it is used wrongly or there is no memory. */
		if (ZSTD_isError(left))
			abort();
		if (write_bytes(record, packed, out.pos, err))
			return -1;
	} while (in.pos < in.size || (end != ZSTD_e_continue && left));
	record->in_frame = end == ZSTD_e_end ? 0 : record->in_frame + record->used;
	return 0;
}

bool record_can_pack(void)
{
	return true;
}

static void begin_packing(struct record *record)
{
	record->zst = ZSTD_createCCtx();
	if (!record->zst)
		abort();
	ZSTD_CCtx_setParameter(record->zst, ZSTD_c_checksumFlag, 1);
}

static bool is_packed(const struct record *record)
{
	return record->zst;
}

static void end_packing(struct record *record)
{
	ZSTD_freeCCtx(record->zst);
}

#else

static int write_packed(struct record *record, enum moment moment, struct error *err)
{
	(void)moment;
	return write_bytes(record, record->buffer, record->used, err);
}

bool record_can_pack(void)
{
	return false;
}

static void begin_packing(struct record *record)
{
	(void)record;
}

static bool is_packed(const struct record *record)
{
	(void)record;
	return false;
}

static void end_packing(struct record *record)
{
	(void)record;
}

#endif

static int flush(struct record *record, enum moment moment, struct error *err)
{
	int result = is_packed(record) ? write_packed(record, moment, err)
	                               : write_bytes(record, record->buffer, record->used, err);

	record->used = 0;
	return result;
}

static void append(struct record *record, const char *line, size_t length)
{
	memcpy(record->buffer + record->used, line, length);
	record->buffer[record->used + length] = '\n';
	record->used += length + 1;
}

static int open_file(const char *path, struct error *err)
{
	int fd;

	if (!strcmp(path, "-"))
		return STDOUT_FILENO;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		error_set(err, errno, "cannot record to %s: %s%s", path, strerror(errno),
		          errno == EEXIST ? "; name a new file" : "");
	return fd;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

struct record *record_open(const char *path, struct error *err)
{
	bool packed = ends_with(path, ".zst");
	struct record *record;
	int fd;

	if (packed && !record_can_pack()) {
		error_set(err, ENOTSUP,
		          "cannot record to %s: this iommutop was built without libzstd; leave "
		          ".zst away",
		          path);
		return NULL;
	}
	fd = open_file(path, err);
	if (fd < 0)
		return NULL;
	record = xcalloc(1, sizeof(*record));
	record->fd = fd;
	record->path = xstrdup(strcmp(path, "-") ? path : "to standard output");
	if (packed)
		begin_packing(record);
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
	if (record->used + length + 1 > sizeof(record->buffer) && flush(record, AMID, err))
		return -1;
	append(record, line, length);
	return ev->kind == EVENT_TICK ? flush(record, AT_TICK, err) : 0;
}

int record_close(struct record *record, struct error *err)
{
	int result;

	if (!record)
		return 0;
	result = record->failed ? 0 : flush(record, AT_END, err);
	end_packing(record);
	if (record->fd != STDOUT_FILENO && close(record->fd) && !record->failed && !result)
		result = error_set(err, errno, "recording %s: %s", record->path, strerror(errno));
	free(record->path);
	free(record);
	return result;
}
