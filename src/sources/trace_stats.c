// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_stats: how a CPU's ring buffer is doing (tracing_stats_read, kernel/trace/trace.c).
 * In: text. Out: numbers. Must never know: files.
 */
#include "trace_stats.h"

#include <string.h>

#include "../util.h"

/* Times are rounded to microseconds (ns2usecs), so up to half of one ahead of the clock. */
#define ROUNDING_NS 1000u

/* The number that follows a label. */
static bool find_number(const char *text, const char *label, const char **end, uint64_t *value)
{
	const char *at = strstr(text, label);

	return at && parse_decimal(at + strcspn(at, "0123456789\n"), end, value);
}

static uint64_t count_of(const char *text, const char *label)
{
	uint64_t value = 0;
	const char *end;

	find_number(text, label, &end, &value);
	return value;
}

/* Seconds with six decimals, or a bare number with clocks that do not count nanoseconds. */
static uint64_t time_of(const char *text, const char *label)
{
	uint64_t seconds, micros;
	const char *end;
	uint64_t ts_ns;

	if (!find_number(text, label, &end, &seconds))
		return 0;
	if (*end != '.' || !parse_decimal(end + 1, &end, &micros))
		return seconds;
	ts_ns = seconds * 1000000000u + micros * 1000u;
	return ts_ns > ROUNDING_NS ? ts_ns - ROUNDING_NS : 0;
}

struct trace_stats trace_stats_parse(const char *text)
{
	return (struct trace_stats){
		.entries = count_of(text, "entries:"),
		.now_ns = time_of(text, "now ts:"),
		.oldest_ns = count_of(text, "entries:") ? time_of(text, "oldest event ts:") : 0,
		.overwritten = count_of(text, "overrun:"), /* before "commit overrun:" */
		.lost = count_of(text, "commit overrun:") + count_of(text, "dropped events:"),
	};
}
