/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_KERNEL_LOG_H
#define IOMMUTOP_KERNEL_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "../error.h"
#include "../event.h"

/*
 * A kernel log that somebody saved or pasted, in any of the forms of log_line.h, as a source of its
 * own. Not a struct source: no other is beside it, so nothing has to be merged.
 */
struct kernel_log;

enum kernel_log_state {
	KERNEL_LOG_MORE,  /* there is more to read */
	KERNEL_LOG_WAITS, /* not now: a pipe whose writer is still there */
	KERNEL_LOG_ENDED, /* all has been told; say so once */
};

/*
 * path "-": standard input. now_wall_ns and utc_offset_s: what is assumed for dates without a year
 * and without a zone (log_time.h). NULL: no such file.
 */
struct kernel_log *kernel_log_open(const char *path, uint64_t now_wall_ns, int32_t utc_offset_s,
                                   struct error *err);

/*
 * Emits what the next piece of it, at most a bounded one, has of the kernel; never blocks. A
 * message of several lines is told when it is whole, or when a call finds nothing new. START comes
 * first, at 0: nothing in a saved log is older than the watching. Times are those of log_time.h; 0
 * is a time that nobody knows. At the end HEALTH tells what to think of it all: of the log, and as
 * that of a replay what had to be assumed of its times; then comes the one TICK.
 */
enum kernel_log_state kernel_log_read(struct kernel_log *log, const struct event_sink *sink);

/* Whether something was read since the last TICK. */
bool kernel_log_grew(const struct kernel_log *log);

/* A TICK now, for those who watch a log that grows; at the end it comes by itself. */
void kernel_log_tick(struct kernel_log *log, const struct event_sink *sink);

/* Readable when there is more. */
int kernel_log_fd(const struct kernel_log *log);

/* Of the zone in which its times are to be shown, so that they read as they do in the log. */
int32_t kernel_log_utc_offset_s(const struct kernel_log *log);

void kernel_log_close(struct kernel_log *log);

#endif
