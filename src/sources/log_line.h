/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LOG_LINE_H
#define IOMMUTOP_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmsg_parse.h"

/* When, as far as the line says. */
enum log_stamp_kind {
	STAMP_NONE,
	STAMP_MONOTONIC, /* ns since the boot */
	STAMP_AFTER,     /* ns since the line before (dmesg -H) */
	STAMP_EPOCH,     /* ns since 1970 */
	STAMP_DATE,      /* month, day and ns of that day; perhaps a year, perhaps a zone */
};

struct log_stamp {
	uint64_t ns;
	int32_t utc_offset_s; /* with has_zone: of ns and the date, east of Greenwich */
	uint16_t year;        /* 0: the line has none */
	uint8_t month, day;   /* from 1 */
	uint8_t kind;
	bool has_zone;
};

enum log_line_kind {
	LOG_LINE_REMARK,     /* says nothing: empty, or of journalctl ("-- Boot ... --") */
	LOG_LINE_FOREIGN,    /* of another program, or the rest of its message */
	LOG_LINE_KERNEL,     /* in *record and *stamp */
	LOG_LINE_RAW,        /* a record of /dev/kmsg begins: what kmsg_record_parse() reads */
	LOG_LINE_RAW_MORE,   /* " KEY=value", which belongs to that record */
	LOG_LINE_UNREADABLE, /* begins as JSON, and is none */
};

/* What the lines before say about the next one. All zero: there were none. */
struct log_lines {
	size_t indent; /* of the last line that had a prefix */
	bool prefixed; /* there was one */
	bool foreign;  /* the last message is another program's */
	bool raw;      /* the last line is of a record of /dev/kmsg */
};

/*
 * Bytes of a line as text: colours of a terminal, a byte order mark and what ends the line are
 * taken away, NULs become question marks. Cut to size - 1 bytes.
 */
void log_line_clean(const char *bytes, size_t length, char *out, size_t size);

/*
 * One line of a log as people paste it: dmesg in all its forms, journalctl short (and its kin) and
 * json, syslog, /dev/kmsg, or the bare text. For LOG_LINE_KERNEL fills *record (all but seq and
 * usec; level may be KMSG_LEVEL_UNKNOWN) and *stamp. Where a line names who speaks, only the kernel
 * is listened to: anybody can log a line that reads like a fault. A line without a prefix goes on
 * with the message before it, whoever's that was.
 */
enum log_line_kind log_line_read(struct log_lines *lines, const char *line,
                                 struct kmsg_record *record, struct log_stamp *stamp);

#endif
