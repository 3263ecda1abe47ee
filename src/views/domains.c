// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * domains: maps and unmaps, summed up by domain, named by what a person knows it by. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "../text.h"
#include "../util.h"
#include "cells.h"

#define TREND_WIDTH 20

static const struct snapshot_domain *domain_row(const struct view_context *context,
                                                const struct row *row)
{
	return &context->snap->domains[row->index];
}

/* ---- which rows, in which order ---- */

/* In the order in which people look for them: guests, who maps, who could, who did. */
enum rank { RANK_GUEST, RANK_BUSY, RANK_IDLE, RANK_FREED, RANK_UNATTRIBUTED, RANK_FORMER };

static bool has_traffic(const struct snapshot_domain *domain)
{
	return domain->traffic.maps.n || domain->traffic.unmaps.n;
}

/* Of totals, which only grow: a row moves once, when its domain is used for the first time. */
static enum rank rank_of(const struct snapshot_domain *domain)
{
	if (domain->id == DOMAIN_UNATTRIBUTED)
		return RANK_UNATTRIBUTED;
	if (domain->id == DOMAIN_FORMER)
		return RANK_FORMER;
	if (domain->freed_ns || domain->freed)
		return RANK_FREED;
	if (domain->vfio)
		return RANK_GUEST;
	return has_traffic(domain) ? RANK_BUSY : RANK_IDLE;
}

/* Where every event has its domain, an empty rest is no row. */
static bool is_shown(const struct view_context *context, const struct snapshot_domain *domain)
{
	const struct snapshot *snap = context->snap;

	if (context->group != NO_GROUP)
		return domain_has_group(snap, domain, context->group);
	return domain->id != DOMAIN_UNATTRIBUTED || has_traffic(domain) || snap->domain_count == 1;
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot *snap = context->snap;

	for (int rank = RANK_GUEST; rank <= RANK_FORMER; rank++)
		for (size_t i = 0; i < snap->domain_count; i++)
			if ((int)rank_of(&snap->domains[i]) == rank &&
			    is_shown(context, &snap->domains[i]))
				rows_add(rows, (struct row){.id = snap->domains[i].id,
				                            .index = (uint32_t)i,
				                            .parent = NO_PARENT});
}

/* Its devices, and what they are: its name has but one of them. */
static bool also_has(const struct view_context *context, const struct row *row, const char *needle)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_domain *domain = domain_row(context, row);

	for (uint32_t i = 0; i < domain->device_count; i++) {
		text_id name = snap->domain_devices[domain->first_device + i];
		const struct snapshot_device *device = snapshot_device_by_name(snap, name);

		if (text_has(snapshot_text(snap, name), needle) ||
		    (device && (text_has(snapshot_text(snap, device->class_name), needle) ||
		                text_has(snapshot_text(snap, device->model), needle) ||
		                text_has(snapshot_text(snap, device->driver), needle))))
			return true;
	}
	return false;
}

/* ---- columns ---- */

/* What is over steps back. */
static void step_back(struct cell_text *out, const struct snapshot_domain *domain)
{
	if (domain->freed)
		out->role = ROLE_DIM;
}

static void put_domain(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	char name[CELL_TEXT_MAX / 2];

	snapshot_domain_name(context->snap, domain, name, sizeof(name));
	cell_set(out, domain->id == DOMAIN_UNATTRIBUTED ? ROLE_NORMAL : ROLE_STRONG, "%s%s", name,
	         snapshot_domain_is_invisible(context->snap, domain)
	                 ? ": not visible on this kernel"
	                 : "");
	step_back(out, domain);
}

static void put_type(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	const char *words = snapshot_domain_type(domain);

	cell_set(out,
	         domain->vfio    ? ROLE_GOOD
	         : *words == '-' ? ROLE_DIM
	                         : ROLE_NORMAL,
	         "%s", words);
	step_back(out, domain);
}

/* Its maps and unmaps cannot be counted, because there are none or none are told. */
static bool has_no_figures(const struct view_context *context, const struct snapshot_domain *domain)
{
	return !has_traffic(domain) && (domain->type == DOMAIN_TYPE_IDENTITY ||
	                                snapshot_domain_is_invisible(context->snap, domain));
}

/* A word where a zero would mislead. */
static void put_maps_per_s(const struct view_context *context, const struct row *row,
                           struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);

	if (domain->type == DOMAIN_TYPE_IDENTITY && !has_traffic(domain))
		cell_set(out, ROLE_DIM, "identity");
	else if (has_no_figures(context, domain))
		cell_set(out, ROLE_DIM, "-");
	else if (domain->freed && domain->traffic.maps_per_s.per_s <= 0)
		cell_set(out, ROLE_DIM, "freed");
	else
		cell_rate(out, domain->traffic.maps_per_s);
}

static void put_unmaps_per_s(const struct view_context *context, const struct row *row,
                             struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	bool over = domain->freed && domain->traffic.unmaps_per_s.per_s <= 0;

	if (over || has_no_figures(context, domain))
		cell_set(out, ROLE_DIM, "-");
	else
		cell_rate(out, domain->traffic.unmaps_per_s);
}

static void put_bytes_per_s(const struct view_context *context, const struct row *row,
                            struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	bool over = domain->freed && domain->traffic.map_bytes_per_s.per_s <= 0;

	if (over || has_no_figures(context, domain))
		cell_set(out, ROLE_DIM, "-");
	else
		cell_byte_rate(out, domain->traffic.map_bytes_per_s);
}

static double mean_of(const struct snapshot_domain *domain)
{
	const struct traffic *traffic = &domain->traffic;

	return traffic->maps_per_s.per_s > 0
	               ? traffic->map_bytes_per_s.per_s / traffic->maps_per_s.per_s
	               : 0;
}

/* Of the interval: nothing mapped, no mean. */
static void put_mean(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	struct rate mean = {mean_of(domain), domain->traffic.maps_per_s.known};

	if (mean.known == KNOWN_AT_LEAST)
		mean.known = KNOWN_EXACT; /* a mean of what was seen, neither more nor less */
	if (mean.known == KNOWN_EXACT && mean.per_s <= 0)
		mean.known = KNOWN_NOT;
	cell_byte_rate(out, mean);
}

/* The domain as it stood when the user set the mark; NULL without a mark or before its time. */
static const struct traffic *marked_traffic(const struct view_context *context, uint32_t id)
{
	const struct snapshot_domain *domain =
		context->since ? snapshot_domain_by_id(context->since, id) : NULL;

	return domain ? &domain->traffic : NULL;
}

/* Since the start, or since the mark. */
static struct count from_mark(struct count now, const struct traffic *marked, size_t member)
{
	struct count then;

	if (!marked)
		return now;
	memcpy(&then, (const char *)marked + member, sizeof(then));
	now.n -= then.n;
	return now;
}

static struct count total(const struct view_context *context, const struct row *row, size_t member)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	struct count now;

	memcpy(&now, (const char *)&domain->traffic + member, sizeof(now));
	if (has_no_figures(context, domain))
		now.known = KNOWN_NOT;
	return from_mark(now, marked_traffic(context, domain->id), member);
}

static struct count failed(const struct view_context *context, const struct row *row)
{
	const struct snapshot_domain *domain = domain_row(context, row), *marked;
	struct count now = domain->failed_maps;

	marked = context->since ? snapshot_domain_by_id(context->since, domain->id) : NULL;
	now.n -= marked ? marked->failed_maps.n : 0;
	if (has_no_figures(context, domain))
		now.known = KNOWN_NOT;
	return now;
}

/* Some or none. */
static bool says_nothing(struct count count)
{
	return count.known == KNOWN_AT_LEAST && !count.n;
}

static void put_held(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	struct count held = domain->outstanding_bytes;

	if (has_no_figures(context, domain) || domain->freed || says_nothing(held))
		held.known = KNOWN_NOT;
	cell_bytes(out, held);
}

static void put_maps(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_count(out, total(context, row, offsetof(struct traffic, maps)));
}

static void put_unmaps(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	cell_count(out, total(context, row, offsetof(struct traffic, unmaps)));
}

static void put_bytes(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	cell_bytes(out, total(context, row, offsetof(struct traffic, map_bytes)));
}

static void put_failed(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	struct count count = failed(context, row);

	if (says_nothing(count))
		count.known = KNOWN_NOT;
	cell_count(out, count);
	if (count.n && count.known == KNOWN_EXACT)
		out->role = ROLE_BAD;
}

static void put_time(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	uint32_t ns = domain_row(context, row)->map_mean_ns;

	text_short_time(out->text, sizeof(out->text), ns);
	out->role = ns ? ROLE_NORMAL : ROLE_DIM;
}

static void put_by(const struct view_context *context, const struct row *row, struct cell_text *out)
{
	uint8_t named_by = domain_row(context, row)->named_by;

	cell_set(out, ROLE_DIM, "%s", named_by == NAMED_NOT ? "-" : named_by_words[named_by]);
}

/* One cell a tick, the newest to the right, as high as the highest on show. A dot is a tick without
 * events, a blank one that nobody watched. */
static void put_trend(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	const struct snapshot_domain *domain = domain_row(context, row);
	size_t room = out->room > 0 && out->room < TREND_WIDTH ? (size_t)out->room : TREND_WIDTH;
	size_t shown = domain->cells < room ? domain->cells : room;
	const float *cells = domain->trend + (domain->cells - shown);
	size_t length =
		(size_t)snprintf(out->text, sizeof(out->text), "%*s", (int)(room - shown), "");
	float highest = 0;

	out->role = ROLE_GOOD;
	for (size_t i = 0; i < shown; i++)
		highest = cells[i] > highest ? cells[i] : highest;
	for (size_t i = 0; i < shown; i++) {
		const char *cell = cells[i] < 0 ? " " : "·";

		if (cells[i] > 0)
			cell = levels[(size_t)(cells[i] / highest * 7.99f)];

		length += (size_t)snprintf(out->text + length, sizeof(out->text) - length, "%s",
		                           cell);
	}
}

static int cmp_domain(const struct view_context *context, const struct row *a, const struct row *b)
{
	char left[CELL_TEXT_MAX], right[CELL_TEXT_MAX];

	return strcmp(
		snapshot_domain_name(context->snap, domain_row(context, a), left, sizeof(left)),
		snapshot_domain_name(context->snap, domain_row(context, b), right, sizeof(right)));
}

static int cmp_type(const struct view_context *context, const struct row *a, const struct row *b)
{
	return strcmp(snapshot_domain_type(domain_row(context, a)),
	              snapshot_domain_type(domain_row(context, b)));
}

static int cmp_held(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(domain_row(context, a)->outstanding_bytes.n,
	                   domain_row(context, b)->outstanding_bytes.n);
}

static int cmp_failed(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(failed(context, a).n, failed(context, b).n);
}

static int cmp_time(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(domain_row(context, a)->map_mean_ns,
	                   domain_row(context, b)->map_mean_ns);
}

static int cmp_by(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(domain_row(context, a)->named_by, domain_row(context, b)->named_by);
}

static int cmp_maps_per_s(const struct view_context *context, const struct row *a,
                          const struct row *b)
{
	return compare_double(domain_row(context, a)->traffic.maps_per_s.per_s,
	                      domain_row(context, b)->traffic.maps_per_s.per_s);
}

static int cmp_unmaps_per_s(const struct view_context *context, const struct row *a,
                            const struct row *b)
{
	return compare_double(domain_row(context, a)->traffic.unmaps_per_s.per_s,
	                      domain_row(context, b)->traffic.unmaps_per_s.per_s);
}

static int cmp_bytes_per_s(const struct view_context *context, const struct row *a,
                           const struct row *b)
{
	return compare_double(domain_row(context, a)->traffic.map_bytes_per_s.per_s,
	                      domain_row(context, b)->traffic.map_bytes_per_s.per_s);
}

static int cmp_mean(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_double(mean_of(domain_row(context, a)), mean_of(domain_row(context, b)));
}

static int cmp_maps(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(total(context, a, offsetof(struct traffic, maps)).n,
	                   total(context, b, offsetof(struct traffic, maps)).n);
}

static int cmp_unmaps(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(total(context, a, offsetof(struct traffic, unmaps)).n,
	                   total(context, b, offsetof(struct traffic, unmaps)).n);
}

static int cmp_bytes(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(total(context, a, offsetof(struct traffic, map_bytes)).n,
	                   total(context, b, offsetof(struct traffic, map_bytes)).n);
}

/* ---- the pane ---- */

static bool any_invisible(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->domain_count; i++)
		if (snapshot_domain_is_invisible(snap, &snap->domains[i]))
			return true;
	return false;
}

/* What the figures of all rows are, where they are not what their titles say. */
static void note(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot *snap = context->snap;
	bool attempts = snap->collect == COLLECT_COUNTS && snap->collect_attempts;
	char over[32];

	if (snap->map_attempts_over.n)
		snprintf(out, size, "%s; %s too many",
		         attempts ? "attempts, requested bytes" : "totals have attempts",
		         text_count(over, sizeof(over), snap->map_attempts_over));
	else if (attempts)
		copy_text(out, size, "attempts, requested bytes");
	else if (any_invisible(snap))
		copy_text(out, size, "DMA of host drivers is not visible on this kernel");
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	copy_text(out, size,
	          context->group != NO_GROUP ? "which domain serves this group is not known"
	                                     : "no domains are known");
}

static uint32_t domain_of(const struct view_context *context, const struct row *row)
{
	uint32_t id = domain_row(context, row)->id;

	return id == DOMAIN_FORMER ? NO_DOMAIN : id;
}

static const struct column columns[] = {
	{"DOMAIN", 26, 60, .put = put_domain, .cmp = cmp_domain,
         .help = "whose page table: a virtual machine's, a process's, a device's; unattributed: "
                 "nobody could say"},
	{"TYPE", 10, 10, .put = put_type, .cmp = cmp_type, .drop = 1,
         .help = "DMA lazy and strict: of the host's drivers; VFIO: of a guest or a program"},
	{"MAP/s", 8, 8, .put = put_maps_per_s, .cmp = cmp_maps_per_s, .right = true,
         .descending = true, .help = "maps a second in the last interval; identity: never any"},
	{"UNMAP/s", 7, 7, .put = put_unmaps_per_s, .cmp = cmp_unmaps_per_s, .right = true,
         .descending = true, .help = "unmaps a second in the last interval"},
	{"BYTES/s", 8, 8, .put = put_bytes_per_s, .cmp = cmp_bytes_per_s, .right = true,
         .descending = true, .help = "bytes mapped a second in the last interval"},
	{"MEAN", 7, 7, .put = put_mean, .cmp = cmp_mean, .right = true, .descending = true,
         .drop = 3, .help = "mean size of a map in the last interval"},
	{"HELD", 8, 8, .put = put_held, .cmp = cmp_held, .right = true, .descending = true,
         .drop = 2,
         .help = "bytes mapped and not yet unmapped; ≥ more may have been mapped before"},
	{"MAPS", 7, 7, .put = put_maps, .cmp = cmp_maps, .right = true, .descending = true,
         .drop = 4, .help = "maps since the start, or since the mark (z)"},
	{"UNMAPS", 7, 7, .put = put_unmaps, .cmp = cmp_unmaps, .right = true, .descending = true,
         .drop = 6, .help = "unmaps since the start, or since the mark"},
	{"BYTES", 8, 8, .put = put_bytes, .cmp = cmp_bytes, .right = true, .descending = true,
         .drop = 5, .help = "bytes mapped since the start, or since the mark"},
	{"FAILED", 6, 6, .put = put_failed, .cmp = cmp_failed, .right = true, .descending = true,
         .drop = 8, .help = "maps that the IOMMU's driver refused; - none seen"},
	{"TIME", 6, 6, .put = put_time, .cmp = cmp_time, .right = true, .descending = true,
         .drop = 9, .help = "mean time that a map takes in the IOMMU's driver"},
	{"BY", 8, 8, .put = put_by, .cmp = cmp_by, .drop = 10,
         .help = "how it is known whose domain it is"},
	{"TREND", 8, TREND_WIDTH, .put = put_trend, .drop = 7,
         .help = "maps and unmaps a second, one cell an interval, the newest to the right"},
};

const struct view domains_view = {
	.title = "Domains",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.note = note,
	.empty = empty,
	.domain_of = domain_of,
	.also_has = also_has,
};
