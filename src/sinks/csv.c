// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * csv: a snapshot as rows of domains. In: snapshots. Out: text. Must never know: the desk, the
 * terminal.
 */
#include "csv.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "../text.h"
#include "../util.h"
#include "words.h"

#define TEXT_MAX 512

struct row {
	FILE *out;
	const struct snapshot *snap;
	const struct snapshot_domain *domain;
};

/* ---- cells ---- */

static void put_inside_quotes(FILE *out, const char *text)
{
	char clean[TEXT_MAX];

	for (const char *p = text_clean(clean, sizeof(clean), text); *p; p++) {
		if (*p == '"')
			putc('"', out);
		putc(*p, out);
	}
}

static void put_text(FILE *out, const char *text)
{
	if (!text || !*text)
		return;
	putc('"', out);
	put_inside_quotes(out, text);
	putc('"', out);
}

static void put_flag(FILE *out, bool flag)
{
	putc(flag ? '1' : '0', out);
}

static void put_seconds(FILE *out, uint64_t ns)
{
	if (ns)
		fprintf(out, "%" PRIu64 ".%06" PRIu64, ns / 1000000000u, ns / 1000 % 1000000);
}

static void put_count(FILE *out, struct count count)
{
	if (words_has_figure(count.known))
		fprintf(out, "%" PRIu64, count.n);
}

/* Three places, rounded as in JSON. */
static void put_rate(FILE *out, struct rate rate)
{
	if (words_has_figure(rate.known))
		fprintf(out, "%.3f", round(rate.per_s * 1000) / 1000);
}

/* ---- columns ---- */

/* Of the clock on the wall, in UTC: it sorts, and no zone has to be guessed. */
static void put_time(const struct row *row)
{
	time_t seconds = (time_t)(row->snap->wall_ns / 1000000000u);
	struct tm utc;

	if (row->snap->wall_ns && gmtime_r(&seconds, &utc))
		fprintf(row->out, "%04d-%02d-%02dT%02d:%02d:%02d.%06" PRIu64 "Z",
		        utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
		        utc.tm_sec, row->snap->wall_ns / 1000 % 1000000);
}

static void put_boot(const struct row *row)
{
	put_seconds(row->out, row->snap->now_ns);
}

static void put_interval(const struct row *row)
{
	put_seconds(row->out, row->snap->interval_ns);
}

static void put_collect(const struct row *row)
{
	put_text(row->out, collect_mode_names[row->snap->collect]);
}

static void put_attempts(const struct row *row)
{
	put_flag(row->out, row->snap->attempts_ever);
}

static void put_id(const struct row *row)
{
	fprintf(row->out, "%" PRIu32, row->domain->id);
}

static void put_label(const struct row *row)
{
	char name[TEXT_MAX];

	put_text(row->out, snapshot_domain_name(row->snap, row->domain, name, sizeof(name)));
}

static void put_named_by(const struct row *row)
{
	put_text(row->out, words_named_by(row->domain->named_by));
}

static void put_type(const struct row *row)
{
	put_text(row->out, words_domain_type(row->domain->type));
}

static void put_vfio(const struct row *row)
{
	put_flag(row->out, row->domain->vfio);
}

static void put_freed(const struct row *row)
{
	put_flag(row->out, row->domain->freed);
}

/* As text even where it is one: a spreadsheet is not to add them up. */
static void put_groups(const struct row *row)
{
	for (uint32_t i = 0; i < row->domain->group_count; i++)
		fprintf(row->out, "%c%" PRIu32, i ? ' ' : '"',
		        row->snap->domain_groups[row->domain->first_group + i]);
	if (row->domain->group_count)
		putc('"', row->out);
}

static void put_devices(const struct row *row)
{
	const struct snapshot *snap = row->snap;

	for (uint32_t i = 0; i < row->domain->device_count; i++) {
		text_id device = snap->domain_devices[row->domain->first_device + i];

		putc(i ? ' ' : '"', row->out);
		put_inside_quotes(row->out, snapshot_text(snap, device));
	}
	if (row->domain->device_count)
		putc('"', row->out);
}

static void put_pid(const struct row *row)
{
	if (row->domain->process != NO_PROCESS)
		fprintf(row->out, "%" PRIu32, row->domain->process);
}

static void put_process(const struct row *row)
{
	put_text(row->out, snapshot_text(row->snap, row->domain->process_name));
}

static void put_vm(const struct row *row)
{
	put_text(row->out, snapshot_text(row->snap, row->domain->vm));
}

static void put_complete_since(const struct row *row)
{
	put_seconds(row->out, row->domain->complete_since_ns);
}

static void put_at_least(const struct row *row);

enum column_kind { COLUMN_PUT, COLUMN_COUNT, COLUMN_RATE, COLUMN_NS };

#define PUT(function)       .kind = COLUMN_PUT, .put = function
#define COUNT(member)       .kind = COLUMN_COUNT, .offset = offsetof(struct snapshot_domain, member)
#define RATE(member)        .kind = COLUMN_RATE, .offset = offsetof(struct snapshot_domain, member)
#define NANOSECONDS(member) .kind = COLUMN_NS, .offset = offsetof(struct snapshot_domain, member)

/* New ones at the end but one: readers go by the titles, but some count. */
static const struct column {
	const char *title;
	enum column_kind kind;
	size_t offset; /* of a count, a rate or nanoseconds (0: unknown) in struct snapshot_domain
	                */
	void (*put)(const struct row *row);
} columns[] = {
	{"time", PUT(put_time)},
	{"boot_s", PUT(put_boot)},
	{"interval_s", PUT(put_interval)},
	{"collect", PUT(put_collect)},
	{"attempts", PUT(put_attempts)},
	{"domain", PUT(put_id)},
	{"label", PUT(put_label)},
	{"named_by", PUT(put_named_by)},
	{"type", PUT(put_type)},
	{"vfio", PUT(put_vfio)},
	{"freed", PUT(put_freed)},
	{"groups", PUT(put_groups)},
	{"devices", PUT(put_devices)},
	{"pid", PUT(put_pid)},
	{"process", PUT(put_process)},
	{"vm", PUT(put_vm)},
	{"maps", COUNT(traffic.maps)},
	{"unmaps", COUNT(traffic.unmaps)},
	{"map_bytes", COUNT(traffic.map_bytes)},
	{"unmap_bytes", COUNT(traffic.unmap_bytes)},
	{"failed_maps", COUNT(failed_maps)},
	{"outstanding_bytes", COUNT(outstanding_bytes)},
	{"complete_since_s", PUT(put_complete_since)},
	{"maps_per_s", RATE(traffic.maps_per_s)},
	{"unmaps_per_s", RATE(traffic.unmaps_per_s)},
	{"map_bytes_per_s", RATE(traffic.map_bytes_per_s)},
	{"unmap_bytes_per_s", RATE(traffic.unmap_bytes_per_s)},
	{"map_mean_ns", NANOSECONDS(map_mean_ns)},
	{"map_p99_ns", NANOSECONDS(map_p99_ns)},
	{"unmap_mean_ns", NANOSECONDS(unmap_mean_ns)},
	{"unmap_p99_ns", NANOSECONDS(unmap_p99_ns)},
	{"mappings", COUNT(mappings)},
	{"at_least", PUT(put_at_least)},
};

static const void *member_of(const struct row *row, const struct column *column)
{
	return (const char *)row->domain + column->offset;
}

static bool is_lower_bound(const struct row *row, const struct column *column)
{
	if (column->kind == COLUMN_COUNT)
		return ((const struct count *)member_of(row, column))->known == KNOWN_AT_LEAST;
	return column->kind == COLUMN_RATE &&
	       ((const struct rate *)member_of(row, column))->known == KNOWN_AT_LEAST;
}

static void put_at_least(const struct row *row)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!is_lower_bound(row, &columns[i]))
			continue;
		fprintf(row->out, "%c%s", any ? ' ' : '"', columns[i].title);
		any = true;
	}
	if (any)
		putc('"', row->out);
}

static void put_ns(FILE *out, uint32_t ns)
{
	if (ns)
		fprintf(out, "%" PRIu32, ns);
}

static void put_cell(const struct row *row, const struct column *column)
{
	switch (column->kind) {
	case COLUMN_PUT:
		column->put(row);
		break;
	case COLUMN_COUNT:
		put_count(row->out, *(const struct count *)member_of(row, column));
		break;
	case COLUMN_RATE:
		put_rate(row->out, *(const struct rate *)member_of(row, column));
		break;
	case COLUMN_NS:
		put_ns(row->out, *(const uint32_t *)member_of(row, column));
		break;
	}
}

static void put_titles(FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		fprintf(out, "%s%s", i ? "," : "", columns[i].title);
	putc('\n', out);
}

static void put_row(const struct row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (i)
			putc(',', row->out);
		put_cell(row, &columns[i]);
	}
	putc('\n', row->out);
}

int csv_write(FILE *out, const struct snapshot *snap, const struct output_filter *filter,
              bool header)
{
	if (header)
		put_titles(out);
	for (size_t i = 0; i < snap->domain_count; i++)
		if (filter_domain(snap, filter, &snap->domains[i]))
			put_row(&(struct row){out, snap, &snap->domains[i]});
	return fflush(out) || ferror(out) ? -1 : 0;
}
