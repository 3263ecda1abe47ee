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

void cell_add(struct cell_text *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vappend_text(out->text, sizeof(out->text), format, args);
	va_end(args);
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

char *text_bytes(char *out, size_t size, struct count bytes)
{
	return write_figure(out, size, bytes.known, (double)bytes.n, format_bytes);
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

	if (!ts_ns) {
		cell_set(out, ROLE_DIM, "-"); /* nobody knows */
		return;
	}
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

char *text_clock(char *out, size_t size, const struct view_context *context, uint64_t ts_ns)
{
	struct cell_text time = {.role = ROLE_NORMAL};

	cell_time(&time, context, ts_ns, 3);
	/* A time of day to the second; seconds since boot keep their digits. */
	if (time.text[2] == ':')
		time.text[strcspn(time.text, ".")] = '\0';
	copy_text(out, size, time.text);
	return out;
}

char *text_short_time(char *out, size_t size, uint64_t ns)
{
	static const char *const units[] = {"us", "ms", "s"};
	double value = (double)ns / 1000;
	size_t unit = 0;

	if (!ns) {
		copy_text(out, size, "-");
	} else if (ns < 1000) {
		snprintf(out, size, "%uns", (unsigned int)ns);
	} else {
		for (; value >= 999.5 && unit + 1 < ARRAY_SIZE(units); unit++)
			value /= 1000;
		snprintf(out, size, "%.*f%s", value < 9.95 ? 1 : 0, value, units[unit]);
	}
	return out;
}

char *text_share(char *out, size_t size, uint64_t part, uint64_t whole)
{
	double percent = whole ? 100 * (double)part / (double)whole : 0;

	/* What is there is not nothing, and what is not all is not all of it. */
	if (!whole)
		copy_text(out, size, "-");
	else if (part && percent < 0.1)
		copy_text(out, size, "<0.1 %");
	else if (part < whole && percent >= 99.95)
		copy_text(out, size, ">99.9 %");
	else
		snprintf(out, size, "%.*f %%", part == 0 || part == whole ? 0 : 1, percent);
	return out;
}

/* ---- words ---- */

/* include/uapi/asm-generic/errno*.h: what drivers of IOMMUs return. */
static const struct {
	int error;
	const char *word;
} errno_words[] = {
	{1, "EPERM"},    {2, "ENOENT"},     {4, "EINTR"},       {5, "EIO"},         {11, "EAGAIN"},
	{12, "ENOMEM"},  {13, "EACCES"},    {14, "EFAULT"},     {16, "EBUSY"},      {17, "EEXIST"},
	{19, "ENODEV"},  {22, "EINVAL"},    {28, "ENOSPC"},     {34, "ERANGE"},     {38, "ENOSYS"},
	{61, "ENODATA"}, {75, "EOVERFLOW"}, {95, "EOPNOTSUPP"}, {110, "ETIMEDOUT"},
};

size_t text_line_length(const char *text, int width)
{
	size_t fits = 0;

	for (size_t end = 0; text[end];) {
		char line[TEXT_ROWS_MAX];

		end += strspn(text + end, " ");
		end += strcspn(text + end, " ");
		snprintf(line, sizeof(line), "%.*s", (int)end, text);
		if (fits && canvas_text_width(line) > width)
			break;
		fits = end;
	}
	return fits;
}

const char *text_skip_lines(const char *text, uint32_t lines, int width)
{
	for (uint32_t i = 0; i < lines && *text; i++) {
		text += text_line_length(text, width);
		text += strspn(text, " ");
	}
	return text;
}

char *text_errno(char *out, size_t size, int32_t error)
{
	if (!error) {
		copy_text(out, size, "reason unknown");
		return out;
	}
	snprintf(out, size, "errno %d", error);
	for (size_t i = 0; i < ARRAY_SIZE(errno_words); i++)
		if (errno_words[i].error == error)
			copy_text(out, size, errno_words[i].word);
	return out;
}

const char *domain_type_meaning(uint8_t type)
{
	switch (type) {
	case DOMAIN_TYPE_DMA_FQ:
		return "translated; unmaps are flushed from the IOTLB later, in batches";
	case DOMAIN_TYPE_DMA:
		return "translated; every unmap is flushed from the IOTLB at once";
	case DOMAIN_TYPE_IDENTITY:
		return "passthrough: addresses go through unchanged, nothing is mapped";
	case DOMAIN_TYPE_UNMANAGED:
		return "its owner does the mapping";
	case DOMAIN_TYPE_BLOCKED:
		return "no DMA at all";
	case DOMAIN_TYPE_SVA:
		return "shares the address space of a process";
	default:
		return NULL;
	}
}

bool domain_has_group(const struct snapshot *snap, const struct snapshot_domain *domain,
                      uint32_t group)
{
	for (uint32_t i = 0; i < domain->group_count; i++)
		if (snap->domain_groups[domain->first_group + i] == group)
			return true;
	return false;
}

char *text_no_detail(char *out, size_t size, const struct view_context *context)
{
	bool told = context->domain != NO_DOMAIN &&
	            snapshot_domain_by_id(context->snap, context->domain);

	copy_text(out, size, told ? "not in what is held (Space goes on)" : "no longer told");
	return out;
}

/* ---- bars ---- */

void cell_bar(struct cell_text *out, uint64_t value, uint64_t highest)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	int room = out->room > 0 && out->room < BAR_WIDTH ? out->room : BAR_WIDTH;
	int length = highest ? (int)((double)value / (double)highest * room * 8 + 0.5) : 0;
	size_t at = 0;

	/* The least there is still shows. */
	length = value && !length ? 1 : length;
	out->role = ROLE_GOOD;
	for (int i = 0; i < length / 8; i++)
		at += (size_t)snprintf(out->text + at, sizeof(out->text) - at, "█");
	snprintf(out->text + at, sizeof(out->text) - at, "%s", eighths[length % 8]);
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
