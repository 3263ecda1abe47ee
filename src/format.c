// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * format: numbers and times as people read them. Pure; no locale (a decimal comma would reach
 * files that programs read), no time zone of its own.
 */
#include "format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S 1000000000u

/* Rounding carries over: 999.95 thousand is 1.00 million, not 1000.0k. */
static int scale_down(double *value, double base, double limit, int last)
{
	int step = 0;

	while (*value >= limit && step < last) {
		*value /= base;
		step++;
	}
	return step;
}

char *format_count(char *out, size_t size, double value)
{
	static const char units[] = " kMGTPE";
	int step = 0;

	if (value < 9999.5) {
		snprintf(out, size, "%.0f", value);
		return out;
	}
	step = scale_down(&value, 1000, 999.5, (int)sizeof(units) - 2);
	snprintf(out, size, "%.*f%c",
	         value < 9.995   ? 2
	         : value < 99.95 ? 1
	                         : 0,
	         value, units[step]);
	return out;
}

char *format_bytes(char *out, size_t size, double bytes)
{
	static const char units[] = " KMGTPE";
	int step = scale_down(&bytes, 1024, 1023.95, (int)sizeof(units) - 2);

	if (step)
		snprintf(out, size, "%.1f%c", bytes, units[step]);
	else
		snprintf(out, size, "%.0f", bytes);
	return out;
}

char *format_clock(char *out, size_t size, uint64_t wall_ns, int32_t utc_offset_s, int digits)
{
	int64_t seconds = (int64_t)(wall_ns / NS_PER_S) + utc_offset_s;
	unsigned int fraction = (unsigned int)(wall_ns % NS_PER_S / 1000);
	unsigned int day_s = (unsigned int)(((seconds % 86400) + 86400) % 86400);

	snprintf(out, size, "%02u:%02u:%02u.%0*u", day_s / 3600, day_s / 60 % 60, day_s % 60,
	         digits, digits == 3 ? fraction / 1000 : fraction);
	return out;
}

/* Days since 1970 to a date of the proleptic Gregorian calendar, by eras of 400 years. */
static void civil_from_days(int64_t days, int64_t *year, unsigned int *month, unsigned int *day)
{
	int64_t shifted = days + 719468; /* from 0000-03-01 */
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	unsigned int day_of_era = (unsigned int)(shifted - era * 146097);
	unsigned int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned int day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned int march_month = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = (int64_t)year_of_era + era * 400 + (*month <= 2);
}

char *format_date(char *out, size_t size, uint64_t wall_ns, int32_t utc_offset_s)
{
	int64_t seconds = (int64_t)(wall_ns / NS_PER_S) + utc_offset_s;
	unsigned int month, day, day_s = (unsigned int)(((seconds % 86400) + 86400) % 86400);
	int64_t year;

	civil_from_days((seconds - day_s) / 86400, &year, &month, &day);
	snprintf(out, size, "%04" PRId64 "-%02u-%02u %02u:%02u:%02u", year, month, day,
	         day_s / 3600, day_s / 60 % 60, day_s % 60);
	return out;
}

char *format_duration(char *out, size_t size, uint64_t ns)
{
	uint64_t s = ns / NS_PER_S;

	if (s < 10)
		snprintf(out, size, "%.2f s", (double)ns / NS_PER_S);
	else if (s < 100)
		snprintf(out, size, "%" PRIu64 " s", s);
	else if (s < 2 * 3600)
		snprintf(out, size, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 2 * 86400)
		snprintf(out, size, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		snprintf(out, size, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
	return out;
}
