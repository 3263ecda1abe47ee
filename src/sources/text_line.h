/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TEXT_LINE_H
#define IOMMUTOP_TEXT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "raw.h"

enum text_line_kind {
	TEXT_LINE_OTHER,  /* not of a trace: a remark of a person, a line of the kernel's log */
	TEXT_LINE_REMARK, /* of a trace, and says nothing */
	TEXT_LINE_EVENT,  /* at ts_ns; in raw if it concerns us, else raw.kind is RAW_KIND_COUNT */
	TEXT_LINE_LOST,   /* so many records of cpu; 0: not known how many */
	TEXT_LINE_BROKEN, /* of an event that concerns us; whose and when it was cannot be read */
	TEXT_LINE_CUT, /* perhaps an event begins there; only of one that ends without a newline */
};

enum text_line_flags {
	TEXT_HAS_NANOSECONDS = 1 << 0, /* the time has more than six decimals */
	TEXT_IS_NO_TIME = 1 << 1,      /* it is a bare number, of a clock that counts something */
	TEXT_IS_RELATIVE = 1 << 2,     /* it counts from the beginning of the trace */
};

struct text_line {
	struct raw raw; /* text is owned by the caller */
	uint64_t lost;
	uint8_t kind;
	uint8_t flags;
	const char *comm; /* in the line that was read; not ended by a NUL */
	size_t comm_length;
};

/*
 * One line of a trace as the kernel (trace, trace_pipe, with its options for other columns),
 * trace-cmd report or perf script print it, kernels from 3.13 on. line ends with a NUL and has no
 * newline; it may be anything.
 */
void text_line_read(const char *line, struct text_line *out);

/*
 * The same for the last line of what ends without a newline: somebody did not save it, or it was
 * cut. What may have been more than there is cannot be read. line is as it was afterwards.
 */
void text_line_read_last(char *line, struct text_line *out);

#endif
