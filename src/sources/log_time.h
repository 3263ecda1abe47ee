/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LOG_TIME_H
#define IOMMUTOP_LOG_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "log_line.h"

/*
 * Stamps of lines, one after the other, to one timeline that never goes back. What a line says of
 * the wall clock counts: the first such line is at one second of the timeline, and origin_wall_ns
 * is the wall clock at its 0. A log that has only monotonic times has them as its timeline, and no
 * origin. Which of the two it is the first stamp decides.
 */
struct log_time {
	uint64_t now_wall_ns; /* given: for dates without a year, the newest that is past */
	int32_t utc_offset_s; /* given: for dates without a zone; then that of the log, if it has
	                       * one
	                       */

	uint64_t last_ns; /* 0: no line has said when */
	uint64_t origin_wall_ns;
	bool has_origin;

	int32_t year; /* of the last date without one, as assumed; 0: there was none */
	uint8_t month;
	uint64_t last_boot_ns, shift_ns; /* of monotonic times */

	uint64_t undated; /* lines that got the time of the line before, or none */
	uint64_t back;    /* lines over a second older than the line before: they got its time */
	uint64_t boots;   /* times at which the monotonic clock began anew */
};

/* When a line was, on the timeline; 0: not known. */
uint64_t log_time_of(struct log_time *time, const struct log_stamp *stamp);

#endif
