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

#define KMSG_BUS_SIZE  16
#define KMSG_NOTE_SIZE 512

/* Level of a record that came without one, out of a log in which nobody wrote it down. */
#define KMSG_LEVEL_UNKNOWN 255

struct kmsg_record {
	uint64_t seq;
	uint64_t usec;                 /* the clock of printk, which is the trace clock "perf" */
	unsigned int facility;         /* 0: the kernel */
	unsigned int level;            /* 0 (emergency) to 7 (debug), or KMSG_LEVEL_UNKNOWN */
	bool cut;                      /* the end of the text is not there */
	char bus[KMSG_BUS_SIZE];       /* from " DEVICE=+pci:0000:03:00.0": pci */
	char device[KMSG_DEVICE_SIZE]; /* and 0000:03:00.0; "" where none is named */
	char text[KMSG_RECORD_BYTES];  /* escapes undone; one line or several */
};

/*
 * Takes one record apart: "priority,sequence,usec,flags[,more];text", then lines " KEY=value"
 * (Documentation/ABI/testing/dev-kmsg). bytes need not end with a NUL and may hold anything; too
 * long a text is cut. False: this is no record, and *record is not to be used.
 */
bool kmsg_record_parse(const char *bytes, size_t length, struct kmsg_record *record);

struct kmsg_draft;

/* Kind of a pattern: a line that is understood and tells nothing that its neighbours do not. */
#define KMSG_NOTHING EVENT_KIND_COUNT

enum kmsg_pattern_flags {
	KMSG_OPENS = 1 << 0, /* lines that tell more of the same may follow: wait for them */
	KMSG_ADDS = 1 << 1,  /* tells more of the same, if that is waiting */
	KMSG_TOLD = 1 << 2,  /* it opens, but has all there is: what follows is dropped */
	KMSG_APART = 1 << 3, /* other lines may stand between its lines: each names its unit */
};

/*
 * One spelling of one message. text is the line as the kernel prints it, with {fields} (their
 * table is in kmsg_parse.c) where its facts stand. A newline in text: what follows has to stand in
 * the next line. A tab in text: any blanks, or none. A new dialect is one more row.
 */
struct kmsg_pattern {
	const char *dialect; /* whose message, and which kernels print it so */
	const char *text;
	const char
		*anchor; /* words of text, where it begins with a field: a line without is passed */
	const char *reason; /* of a FAULT whose line has none */
	/* Makes facts of what the fields took. False: there are none. May be NULL. */
	bool (*decode)(struct kmsg_draft *draft);
	uint8_t kind;  /* EVENT_FAULT, EVENT_SUPPRESSED, EVENT_NOTE, KMSG_NOTHING */
	uint8_t whose; /* enum fault_dialect: of FAULT and SUPPRESSED */
	uint8_t topic; /* enum note_topic: of NOTE */
	uint8_t flags; /* enum kmsg_pattern_flags */
};

/* The first that matches is taken. (kmsg_patterns.c) */
extern const struct kmsg_pattern kmsg_patterns[];
extern const size_t kmsg_pattern_count;

/* How the lines of IOMMU drivers begin. The last one is NULL. (kmsg_patterns.c) */
extern const char *const kmsg_driver_prefixes[];

#define KMSG_EVENT_WORDS 4

/* An event in the making; it owns its texts. */
struct kmsg_draft {
	const struct kmsg_pattern *pattern;
	struct event ev;
	char device[KMSG_DEVICE_SIZE];
	char unit[KMSG_DEVICE_SIZE]; /* the IOMMU whose driver speaks */
	char reason[KMSG_REASON_SIZE];
	char line[KMSG_NOTE_SIZE]; /* the first one of the message */
	uint8_t level;
	uint32_t status;   /* the hardware's flags: AMD flags, FSR, GFSR, FSTS */
	uint32_t syndrome; /* FSYNR0, GFSYNR0 */
	size_t word_count;
	uint64_t words[KMSG_EVENT_WORDS]; /* of a raw event */
};

/* A message that more lines may belong to. A unit has one at a time. */
struct kmsg_waiting {
	bool used;
	bool told;           /* it has been emitted: what adds to it is dropped */
	const char *awaited; /* what its next line has to look like; NULL: it is whole */
	unsigned int lines;  /* of others, since its last one */
	struct kmsg_draft draft;
};

/* Of so many units that speak at a time. */
#define KMSG_WAITING_MOST 8

/* Lines in, events out. All zero is a parser that has seen nothing. */
struct kmsg_parser {
	const struct kmsg_pattern *pattern; /* of the last whole message; NULL: there was none */
	uint64_t last_seq;
	char line[KMSG_RECORD_BYTES]; /* the one at hand */
	struct kmsg_draft draft;      /* and what it gives */
	struct kmsg_waiting waiting[KMSG_WAITING_MOST];
};

/*
 * Emits what the record tells: mostly nothing, one event a message. All records are to be given,
 * in the order of their numbers, those of user space too (they give no event): a gap in the
 * numbers means that something was lost, and half a message before it is dropped.
 */
void kmsg_parser_take(struct kmsg_parser *parser, const struct kmsg_record *record,
                      const struct event_sink *sink);

/* Is there a message that waits for more lines? *since_ns: its time. */
bool kmsg_parser_waits(const struct kmsg_parser *parser, uint64_t *since_ns);

/* Nothing more comes, or not soon enough: emits what waits, drops what is half. */
void kmsg_parser_flush(struct kmsg_parser *parser, const struct event_sink *sink);

#endif
