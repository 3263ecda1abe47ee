/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FORMAT_H
#define IOMMUTOP_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Numbers as people read them, in a width that does not jump. All write at most size bytes with the
 * NUL and return out.
 */

/* 0 .. 9999 as they are, then 12.3k, 345k, 1.23M ...: at most 5 characters up to 999T. */
char *format_count(char *out, size_t size, double value);
/* 12, 4.0K, 64.0K, 1.5M, 20.0G: powers of 1024, at most 7 characters up to 1023.9P. */
char *format_bytes(char *out, size_t size, double bytes);
/* 14:03:22.123 of the day, with digits 3 or 6; wall_ns since 1970, utc_offset_s east of Greenwich.
 */
char *format_clock(char *out, size_t size, uint64_t wall_ns, int32_t utc_offset_s, int digits);
/* 2026-11-22 14:03:22 */
char *format_date(char *out, size_t size, uint64_t wall_ns, int32_t utc_offset_s);
/* 0.52 s, 47 s, 3 min 20 s, 2 h 5 min, 3 d 4 h */
char *format_duration(char *out, size_t size, uint64_t ns);

#endif
