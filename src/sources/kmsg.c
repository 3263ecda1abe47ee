// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg: the kernel log, live.
 * In: /dev/kmsg, or a file like it. Out: FAULT, SUPPRESSED, NOTE, LOST and HEALTH events, and facts
 * of the boot, in the stream. Must never know: what a fault looks like (kmsg_parse does), the
 * model.
 */
#include "kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../util.h"
#include "boot_lines.h"
#include "kmsg_parse.h"
#include "stream.h"

/* Records a drain takes: a boot's log is read in a few drains, none of them long. */
#define DRAIN_RECORDS 512

/*
 * How long the rest of a message may take: its lines are records of their own, and each may wait
 * for a slow console.
 */
#define REST_NS 200000000u

struct kmsg {
	struct source source;
	int fd; /* -1: off */
	bool is_file;
	bool report_faults;
	bool health_told;
	char off_reason[160]; /* "" while it works */

	bool seen; /* a record; the next two are about the last one */
	uint64_t next_seq;
	uint64_t last_ns;

	/* Plain files: bytes [0, used) wait, [0, given) of them are the record last handed out. */
	size_t used, given;
	bool ended;
	bool in_long_record;

	struct kmsg_parser parser;
	struct boot_lines boot;
	struct kmsg_record record;
	char bytes[2 * KMSG_RECORD_BYTES];
};

/* What looking for one more record came to. */
enum found { FOUND_FAILURE, FOUND_NOTHING, FOUND_UNUSABLE, FOUND_RECORD };

/*
 * One read, one record (devkmsg_read() in kernel/printk/printk.c). EPIPE: records were overwritten
 * before we came, the next read goes on with the oldest that is left. EINVAL: the record is larger
 * than our buffer and has been passed over. Both show as a gap in the numbers.
 */
static enum found next_of_device(struct kmsg *kmsg, size_t *length)
{
	ssize_t got = read(kmsg->fd, kmsg->bytes, sizeof(kmsg->bytes));

	if (got > 0) {
		*length = (size_t)got;
		return FOUND_RECORD;
	}
	if (got == 0 || errno == EAGAIN)
		return FOUND_NOTHING;
	return errno == EPIPE || errno == EINVAL || errno == EINTR ? FOUND_UNUSABLE : FOUND_FAILURE;
}

static int fill_from_file(struct kmsg *kmsg)
{
	while (!kmsg->ended && kmsg->used < sizeof(kmsg->bytes)) {
		ssize_t got =
			read(kmsg->fd, kmsg->bytes + kmsg->used, sizeof(kmsg->bytes) - kmsg->used);

		if (got < 0 && errno != EINTR)
			return -1;
		if (got == 0)
			kmsg->ended = true;
		if (got > 0)
			kmsg->used += (size_t)got;
	}
	return 0;
}

/* A record ends with the newline that no continuation line (" KEY=value") follows. 0: not yet. */
static size_t record_length(const struct kmsg *kmsg)
{
	const char *end = kmsg->bytes + kmsg->used;
	const char *next = kmsg->bytes;

	while ((next = memchr(next, '\n', (size_t)(end - next)))) {
		next++;
		if (next < end ? *next != ' ' : kmsg->ended)
			return (size_t)(next - kmsg->bytes);
	}
	return kmsg->ended ? kmsg->used : 0;
}

/* As the device does it: a record that does not fit is passed over, all of it. */
static enum found next_of_file(struct kmsg *kmsg, size_t *length)
{
	bool in_long_record = kmsg->in_long_record;

	kmsg->used -= kmsg->given;
	memmove(kmsg->bytes, kmsg->bytes + kmsg->given, kmsg->used);
	kmsg->given = 0;
	if (fill_from_file(kmsg) < 0)
		return FOUND_FAILURE;
	if (!kmsg->used)
		return FOUND_NOTHING;
	*length = record_length(kmsg);
	kmsg->in_long_record = !*length;
	kmsg->given = *length ? *length : kmsg->used;
	return in_long_record || kmsg->in_long_record ? FOUND_UNUSABLE : FOUND_RECORD;
}

static enum found next_record(struct kmsg *kmsg, size_t *length)
{
	if (kmsg->fd < 0)
		return FOUND_NOTHING;
	return kmsg->is_file ? next_of_file(kmsg, length) : next_of_device(kmsg, length);
}

static void push(void *stream, const struct event *ev)
{
	stream_push_event(stream, ev);
}

/* What was overwritten before the first record we saw is not lost: it is before our time. */
static void note_gap(struct kmsg *kmsg, struct stream *stream, uint64_t ts_ns)
{
	uint64_t seq = kmsg->record.seq;
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_LOST};

	if (kmsg->seen && seq > kmsg->next_seq) {
		ev.lost.count = seq - kmsg->next_seq;
		ev.lost.source = SOURCE_LOG;
		ev.lost.exact = true;
		stream_push_event(stream, &ev);
	}
	kmsg->seen = true;
	kmsg->next_seq = seq + 1;
	kmsg->last_ns = ts_ns;
}

static void take_record(struct kmsg *kmsg, size_t length, struct stream *stream)
{
	struct event_sink sink = {.emit = push, .context = stream};

	if (!kmsg_record_parse(kmsg->bytes, length, &kmsg->record))
		return;
	note_gap(kmsg, stream, kmsg->record.usec * 1000);
	boot_lines_take(&kmsg->boot, &kmsg->record, &sink);
	if (kmsg->report_faults)
		kmsg_parser_take(&kmsg->parser, &kmsg->record, &sink);
}

static void tell_health(struct kmsg *kmsg, struct stream *stream, uint64_t now_ns)
{
	bool off = kmsg->off_reason[0];
	struct event ev = event_health(now_ns, SOURCE_LOG, off ? HEALTH_OFF : HEALTH_OK,
	                               off ? kmsg->off_reason : NULL);

	kmsg->health_told = true;
	stream_push_event(stream, &ev);
}

/* Closed at once: a descriptor in a bad state may stay readable and would keep the loop awake. */
static void give_up(struct kmsg *kmsg)
{
	snprintf(kmsg->off_reason, sizeof(kmsg->off_reason),
	         "start iommutop again: reading the kernel log failed: %s", strerror(errno));
	kmsg->health_told = false;
	close(kmsg->fd);
	kmsg->fd = -1;
}

/* A message of which lines are still to come holds the time back, but not for long. */
static void settle(struct kmsg *kmsg, struct stream *stream, uint64_t *watermark_ns)
{
	struct event_sink sink = {.emit = push, .context = stream};
	uint64_t since_ns;

	if (!kmsg_parser_waits(&kmsg->parser, &since_ns) || since_ns >= *watermark_ns)
		return;
	if (*watermark_ns - since_ns < REST_NS)
		*watermark_ns = since_ns;
	else
		kmsg_parser_flush(&kmsg->parser, &sink);
}

static int kmsg_drain(struct source *source, struct stream *stream, uint64_t *watermark_ns)
{
	struct kmsg *kmsg = (struct kmsg *)source;
	enum found found = FOUND_NOTHING;
	unsigned int taken;
	size_t length;

	for (taken = 0; taken < DRAIN_RECORDS; taken++) {
		found = next_record(kmsg, &length);
		if (found <= FOUND_NOTHING)
			break;
		if (found == FOUND_RECORD)
			take_record(kmsg, length, stream);
	}
	if (found == FOUND_FAILURE)
		give_up(kmsg);
	if (!kmsg->health_told)
		tell_health(kmsg, stream, *watermark_ns);
	if (taken < DRAIN_RECORDS)
		settle(kmsg, stream, watermark_ns);
	else if (kmsg->seen && kmsg->last_ns < *watermark_ns)
		*watermark_ns = kmsg->last_ns;
	return (int)(taken * 100 / DRAIN_RECORDS);
}

static int kmsg_fd(const struct source *source)
{
	const struct kmsg *kmsg = (const struct kmsg *)source;

	return kmsg->is_file ? -1 : kmsg->fd;
}

static void kmsg_close(struct source *source)
{
	struct kmsg *kmsg = (struct kmsg *)source;

	if (kmsg->fd >= 0)
		close(kmsg->fd);
	free(kmsg);
}

static const struct source_ops kmsg_ops = {
	.fd = kmsg_fd,
	.drain = kmsg_drain,
	.close = kmsg_close,
};

/* EPERM is check_syslog_permissions() in kernel/printk/printk.c, EACCES the mode of the node. */
static void explain_off(struct kmsg *kmsg, const char *path, int error)
{
	char *out = kmsg->off_reason;
	size_t size = sizeof(kmsg->off_reason);

	if (error == EPERM)
		snprintf(out, size,
		         "run it with sudo: kernel.dmesg_restrict keeps %s from this user", path);
	else if (error == EACCES)
		snprintf(out, size, "run it with sudo: %s is not for this user to read", path);
	else if (error == ENOENT)
		snprintf(out, size, "run it on the host: there is no %s (in a container?)", path);
	else
		snprintf(out, size, "cannot open %s: %s", path, strerror(error));
}

/* No seek: devkmsg_open() starts at the oldest record, a file at its beginning. */
struct source *kmsg_open(const char *path, struct error *err)
{
	const char *name = path ? path : "/dev/kmsg";
	struct kmsg *kmsg = xcalloc(1, sizeof(*kmsg));
	struct stat status;

	kmsg->source.ops = &kmsg_ops;
	kmsg->report_faults = true;
	kmsg->fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg->fd >= 0) {
		kmsg->is_file = fstat(kmsg->fd, &status) == 0 && !S_ISCHR(status.st_mode);
		return &kmsg->source;
	}
	if (path && errno != EPERM && errno != EACCES) {
		error_set(err, errno, "cannot open the kernel log %s: %s", path, strerror(errno));
		free(kmsg);
		return NULL;
	}
	explain_off(kmsg, name, errno);
	return &kmsg->source;
}

void kmsg_report_faults(struct source *source, bool on)
{
	((struct kmsg *)source)->report_faults = on;
}
