/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_KMSG_PARSE_H
#define IOMMUTOP_KMSG_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../event.h"

/*
 * What /dev/kmsg gives in one read: at most CONSOLE_EXT_LOG_MAX, later PRINTKRB_RECORD_MAX bytes
 * (kernel/printk/printk.c, internal.h), which have never been more than 8 KiB.
 */
#define KMSG_RECORD_BYTES 8192

#define KMSG_DEVICE_SIZE 128
#define KMSG_REASON_SIZE 128

/* Level of a record that came without one, out of a log in which nobody wrote it down. */
#define KMSG_LEVEL_UNKNOWN 255

struct kmsg_record {
	uint64_t seq;
	uint64_t usec;                 /* the clock of printk, which is the trace clock "perf" */
	unsigned int facility;         /* 0: the kernel */
	unsigned int level;            /* 0 (emergency) to 7 (debug) */
	char device[KMSG_DEVICE_SIZE]; /* from " DEVICE=+pci:0000:03:00.0"; "" where none is named
	                                */
	char text[KMSG_RECORD_BYTES];  /* escapes undone; one line or several */
};

/*
 * Takes one record apart: "priority,sequence,usec,flags[,more];text", then lines " KEY=value"
 * (Documentation/ABI/testing/dev-kmsg). bytes need not end with a NUL and may hold anything; too
 * long a text is cut. False: this is no record, and *record is not to be used.
 */
bool kmsg_record_parse(const char *bytes, size_t length, struct kmsg_record *record);

/*
 * One spelling of one message. text is the line as the kernel prints it, with {fields} (their
 * table is in kmsg_parse.c) where its facts stand. A newline in text: what follows has to stand in
 * the next line. A new dialect is one more row.
 */
struct kmsg_pattern {
	const char *dialect; /* whose message, and which kernels print it so */
	const char *text;
	uint8_t kind; /* EVENT_FAULT or EVENT_SUPPRESSED */
};

extern const struct kmsg_pattern kmsg_patterns[];
extern const size_t kmsg_pattern_count;

/* An event in the making; it owns its texts. */
struct kmsg_draft {
	struct event ev;
	char device[KMSG_DEVICE_SIZE];
	char reason[KMSG_REASON_SIZE];
};

/* Lines in, events out. All zero is a parser that has seen nothing. */
struct kmsg_parser {
	const struct kmsg_pattern *pattern; /* the last one that matched */
	const char *awaited;                /* what the next line has to look like, or NULL */
	uint64_t seq; /* of the record that brought the last line that matched */
	struct kmsg_draft draft;
};

/*
 * Emits what the record tells: mostly nothing, one event a message. Records come in the order of
 * their numbers; half a message is completed by the same record or the very next one, or dropped.
 */
void kmsg_parser_take(struct kmsg_parser *parser, const struct kmsg_record *record,
                      const struct event_sink *sink);

#endif
