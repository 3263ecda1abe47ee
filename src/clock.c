// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * clock: what time it is, in nanoseconds.
 *
 * In: the system's clocks and zone. Out: numbers. Must never know: what they are for.
 */
#include "clock.h"

uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int32_t clock_utc_offset_s(uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / 1000000000u);
	struct tm local;

	return localtime_r(&seconds, &local) ? (int32_t)local.tm_gmtoff : 0;
}
