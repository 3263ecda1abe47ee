// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_time: what lines of a log say of time, made one timeline.
 * In: stamps, and what now is. Out: ns. Must never know: lines, files, a clock.
 */
#include "log_time.h"

#define NS_PER_S  1000000000ull
#define S_PER_DAY 86400

/* Lines of several processors may swap places; what goes back further is another matter. */
#define SWAP_NS NS_PER_S

/* Where the timeline ends, as clocks of 64 bits do: a line that is later says no time. */
#define END_NS ((uint64_t)INT64_MAX)

/* Days from 1970-01-01 to a date of the Gregorian calendar, years counted from March. */
static int64_t days_of(int64_t year, unsigned int month, unsigned int day)
{
	int64_t years = month > 2 ? year : year - 1;
	int64_t era = years / 400;
	int64_t year_of_era = years - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static int64_t seconds_of(const struct log_time *time, const struct log_stamp *stamp, int64_t year)
{
	return days_of(year, stamp->month, stamp->day) * S_PER_DAY +
	       (int64_t)(stamp->ns / NS_PER_S) - time->utc_offset_s;
}

/* A day ahead may be another zone's, or a clock's that goes wrong. */
static int64_t newest_past_year(const struct log_time *time, const struct log_stamp *stamp)
{
	int64_t now_s = (int64_t)(time->now_wall_ns / NS_PER_S);
	int64_t year = 1971 + now_s / (365 * S_PER_DAY); /* too late rather than too early */

	while (year > 1970 && seconds_of(time, stamp, year) > now_s + S_PER_DAY)
		year--;
	return year;
}

/* Lines are in order but for a few that swap places: where the months begin anew, so does the year.
 */
static int64_t assume_year(struct log_time *time, const struct log_stamp *stamp)
{
	if (!time->year)
		time->year = (int32_t)newest_past_year(time, stamp);
	else if (stamp->month + 1 < time->month)
		time->year++;
	time->month = stamp->month;
	return time->year;
}

/* False before 1970, and for what no clock of 64 bits can show. */
static bool wall_of(struct log_time *time, const struct log_stamp *stamp, uint64_t *wall_ns)
{
	int64_t seconds;

	if (stamp->kind == STAMP_EPOCH) {
		*wall_ns = stamp->ns;
		return stamp->ns > NS_PER_S;
	}
	if (stamp->has_zone)
		time->utc_offset_s = stamp->utc_offset_s;
	seconds = seconds_of(time, stamp, stamp->year ? stamp->year : assume_year(time, stamp));
	if (seconds <= 1 || seconds > INT64_MAX / (int64_t)NS_PER_S)
		return false;
	*wall_ns = (uint64_t)seconds * NS_PER_S + stamp->ns % NS_PER_S;
	return true;
}

/* No line is before the one that is before it. now_ns: what the line says, last_ns what that one
 * said, on the same clock. */
static uint64_t go_on(struct log_time *time, uint64_t now_ns, uint64_t last_ns)
{
	uint64_t left_ns = END_NS - time->origin_wall_ns - time->last_ns;

	if (now_ns >= last_ns && now_ns - last_ns > left_ns)
		time->undated++;
	else if (now_ns >= last_ns)
		time->last_ns += now_ns - last_ns;
	else if (last_ns - now_ns > SWAP_NS)
		time->back++;
	return time->last_ns;
}

static uint64_t undated(struct log_time *time)
{
	time->undated++;
	return time->last_ns;
}

static uint64_t of_wall(struct log_time *time, const struct log_stamp *stamp)
{
	uint64_t wall_ns;

	if ((time->last_ns && !time->has_origin) || !wall_of(time, stamp, &wall_ns))
		return undated(time);
	if (!time->has_origin)
		time->origin_wall_ns = wall_ns - NS_PER_S;
	time->has_origin = true;
	return go_on(time, wall_ns, time->origin_wall_ns + time->last_ns);
}

/* A clock that begins anew is that of another boot: its lines follow the last one of this. */
static uint64_t of_boot(struct log_time *time, uint64_t boot_ns)
{
	if (time->has_origin)
		return undated(time);
	if (boot_ns + SWAP_NS < time->last_boot_ns) {
		time->boots++;
		time->shift_ns = time->last_ns - boot_ns;
		time->last_boot_ns = boot_ns;
	} else if (boot_ns > time->last_boot_ns) {
		time->last_boot_ns = boot_ns;
	}
	return go_on(time, boot_ns + time->shift_ns, time->last_ns);
}

uint64_t log_time_of(struct log_time *time, const struct log_stamp *stamp)
{
	switch (stamp->kind) {
	case STAMP_MONOTONIC:
		return of_boot(time, stamp->ns);
	case STAMP_AFTER:
		return time->last_ns ? go_on(time, stamp->ns, 0) : undated(time);
	case STAMP_EPOCH:
	case STAMP_DATE:
		return of_wall(time, stamp);
	default:
		return undated(time);
	}
}
