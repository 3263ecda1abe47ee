// SPDX-License-Identifier: GPL-2.0-or-later
/* cells: how figures, times and devices are written, the same in every view. Pure. */
#include "cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../format.h"
#include "../util.h"

#define NS_PER_S   1000000000u
#define FIGURE_MAX 32

void cell_set(struct cell_text *out, enum role role, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->text, sizeof(out->text), format, args);
	va_end(args);
	out->role = role;
}

typedef char *format_function(char *out, size_t size, double value);

static char *write_figure(char *out, size_t size, enum known known, double value,
                          format_function *format)
{
	char digits[FIGURE_MAX];

	if (known == KNOWN_NOT)
		copy_text(out, size, "-");
	else if (known == KNOWN_OFF)
		copy_text(out, size, "off");
	else
		snprintf(out, size, "%s%s", known == KNOWN_AT_LEAST ? GLYPH_AT_LEAST : "",
		         format(digits, sizeof(digits), value));
	return out;
}

/* Zero steps back, so that what moves stands out. */
static void set_figure(struct cell_text *out, enum known known, double value,
                       format_function *format)
{
	write_figure(out->text, sizeof(out->text), known, value, format);
	out->role = known == KNOWN_EXACT && value > 0 ? ROLE_STRONG
	            : known == KNOWN_AT_LEAST         ? ROLE_WARN
	                                              : ROLE_DIM;
}

void cell_count(struct cell_text *out, struct count count)
{
	set_figure(out, count.known, (double)count.n, format_count);
}

void cell_bytes(struct cell_text *out, struct count bytes)
{
	set_figure(out, bytes.known, (double)bytes.n, format_bytes);
}

void cell_rate(struct cell_text *out, struct rate rate)
{
	set_figure(out, rate.known, rate.per_s, format_count);
}

void cell_byte_rate(struct cell_text *out, struct rate rate)
{
	set_figure(out, rate.known, rate.per_s, format_bytes);
}

char *text_count(char *out, size_t size, struct count count)
{
	return write_figure(out, size, count.known, (double)count.n, format_count);
}

static char *with_unit(char *out, size_t size, enum known known, const char *unit)
{
	size_t length = strlen(out);

	if (known == KNOWN_EXACT || known == KNOWN_AT_LEAST)
		copy_text(out + length, size - length, unit);
	return out;
}

char *text_rate(char *out, size_t size, struct rate rate)
{
	write_figure(out, size, rate.known, rate.per_s, format_count);
	return with_unit(out, size, rate.known, "/s");
}

char *text_byte_rate(char *out, size_t size, struct rate rate)
{
	write_figure(out, size, rate.known, rate.per_s, format_bytes);
	return with_unit(out, size, rate.known, rate.per_s < 1023.95 ? "B/s" : "iB/s");
}

void cell_time(struct cell_text *out, const struct view_context *context, uint64_t ts_ns,
               int digits)
{
	const struct snapshot *snap = context->snap;
	uint64_t wall_ns = snap->origin_wall_ns + ts_ns;
	int64_t day_s = 86400, offset_s = context->utc_offset_s;
	char date[32];

	if (!snap->wall_ns) {
		cell_set(out, ROLE_DIM, "%.6f", (double)ts_ns / NS_PER_S);
		return;
	}
	out->role = ROLE_DIM;
	if (((int64_t)(wall_ns / NS_PER_S) + offset_s) / day_s ==
	    ((int64_t)(snap->wall_ns / NS_PER_S) + offset_s) / day_s) {
		format_clock(out->text, sizeof(out->text), wall_ns, context->utc_offset_s, digits);
		return;
	}
	format_date(date, sizeof(date), wall_ns, context->utc_offset_s);
	date[strlen(date) - strlen(":00")] = '\0';
	copy_text(out->text, sizeof(out->text), date + strlen("2026-"));
}

void cell_device_words(struct cell_text *out, const struct snapshot *snap,
                       const struct snapshot_device *device)
{
	const char *class_name = snapshot_text(snap, device->class_name);
	const char *model = snapshot_text(snap, device->model);
	const char *bus = snapshot_text(snap, device->bus);

	if (*class_name && *model)
		cell_set(out, ROLE_NORMAL, "%s: %s", class_name, model);
	else if (*class_name || *model)
		cell_set(out, ROLE_NORMAL, "%s", *model ? model : class_name);
	else if (*bus)
		cell_set(out, ROLE_DIM, "%s device", bus);
	else
		cell_set(out, ROLE_DIM, "-");
}

int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int compare_double(double a, double b)
{
	return a < b ? -1 : a > b;
}
