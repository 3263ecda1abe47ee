// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * events: maps and unmaps, summed up by domain (domains_view) and one by one (log_view). Pure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../format.h"
#include "../util.h"
#include "cells.h"

/* ---- domains ---- */

#define TREND_WIDTH 20

static const struct snapshot_domain *domain_row(const struct view_context *context,
                                                const struct row *row)
{
	return &context->snap->domains[row->index];
}

/* Which groups a domain serves is not known to the tracepoints; a group's own screen has no row
 * until it is. */
static void list_domains(const struct view_context *context, struct rows *rows)
{
	if (context->group != NO_GROUP)
		return;
	for (size_t i = 0; i < context->snap->domain_count; i++)
		rows_add(rows, (struct row){.id = context->snap->domains[i].id,
		                            .index = (uint32_t)i,
		                            .parent = NO_PARENT});
}

static void put_domain(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_domain *domain = domain_row(context, row);

	if (domain->id == DOMAIN_UNATTRIBUTED)
		cell_set(out, ROLE_NORMAL, "unattributed");
	else
		cell_set(out, ROLE_NORMAL, "domain %u", domain->id);
}

static void put_maps_per_s(const struct view_context *context, const struct row *row,
                           struct cell_text *out)
{
	cell_rate(out, domain_row(context, row)->traffic.maps_per_s);
}

static void put_unmaps_per_s(const struct view_context *context, const struct row *row,
                             struct cell_text *out)
{
	cell_rate(out, domain_row(context, row)->traffic.unmaps_per_s);
}

static void put_bytes_per_s(const struct view_context *context, const struct row *row,
                            struct cell_text *out)
{
	cell_byte_rate(out, domain_row(context, row)->traffic.map_bytes_per_s);
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

static struct count total(const struct view_context *context, const struct row *row, size_t member)
{
	const struct snapshot_domain *domain = domain_row(context, row);
	const struct traffic *marked = marked_traffic(context, domain->id);
	struct count now, then;

	memcpy(&now, (const char *)&domain->traffic + member, sizeof(now));
	if (!marked)
		return now;
	memcpy(&then, (const char *)marked + member, sizeof(then));
	now.n -= then.n;
	return now;
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
	return compare_u64(domain_row(context, a)->id, domain_row(context, b)->id);
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

static void empty_domains(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "which domain serves this group is not known");
}

static const struct column domain_columns[] = {
	{"DOMAIN", 12, 0, .put = put_domain, .cmp = cmp_domain,
         .help = "whose page table; unattributed: the tracepoints do not say"},
	{"MAP/s", 7, 7, .put = put_maps_per_s, .cmp = cmp_maps_per_s, .right = true,
         .descending = true, .help = "maps a second in the last interval"},
	{"UNMAP/s", 7, 7, .put = put_unmaps_per_s, .cmp = cmp_unmaps_per_s, .right = true,
         .descending = true, .help = "unmaps a second in the last interval"},
	{"BYTES/s", 8, 8, .put = put_bytes_per_s, .cmp = cmp_bytes_per_s, .right = true,
         .descending = true, .help = "bytes mapped a second in the last interval"},
	{"MEAN", 7, 7, .put = put_mean, .cmp = cmp_mean, .right = true, .descending = true,
         .drop = 1, .help = "mean size of a map in the last interval"},
	{"MAPS", 7, 7, .put = put_maps, .cmp = cmp_maps, .right = true, .descending = true,
         .drop = 2, .help = "maps since the start, or since the mark (z)"},
	{"UNMAPS", 7, 7, .put = put_unmaps, .cmp = cmp_unmaps, .right = true, .descending = true,
         .drop = 4, .help = "unmaps since the start, or since the mark"},
	{"BYTES", 8, 8, .put = put_bytes, .cmp = cmp_bytes, .right = true, .descending = true,
         .drop = 3, .help = "bytes mapped since the start, or since the mark"},
	{"TREND", 8, TREND_WIDTH, .put = put_trend, .drop = 5,
         .help = "maps and unmaps a second, one cell an interval, the newest to the right"},
};

const struct view domains_view = {
	.title = "Domains",
	.columns = domain_columns,
	.column_count = ARRAY_SIZE(domain_columns),
	.list = list_domains,
	.empty = empty_domains,
};

/* ---- the log ---- */

static const struct snapshot_log *log_row(const struct view_context *context, const struct row *row)
{
	return &context->snap->log[row->index];
}

static void list_log(const struct view_context *context, struct rows *rows)
{
	const struct snapshot *snap = context->snap;

	for (size_t i = 0; i < snap->log_count; i++)
		rows_add(rows, (struct row){.id = snap->log[i].id,
		                            .index = (uint32_t)i,
		                            .parent = NO_PARENT});
}

static bool from_a_task(const struct snapshot_log *entry)
{
	return entry->kind != EVENT_LOST && entry->kind != EVENT_CLASS &&
	       entry->kind != EVENT_ATTR &&
	       !(entry->kind == EVENT_FAULT && !entry->pid && !entry->comm[0]);
}

static void put_log_time(const struct view_context *context, const struct row *row,
                         struct cell_text *out)
{
	cell_time(out, context, log_row(context, row)->ts_ns, 6);
}

static void put_cpu(const struct view_context *context, const struct row *row,
                    struct cell_text *out)
{
	const struct snapshot_log *entry = log_row(context, row);

	/* Buffers are lost by CPU. */
	if (from_a_task(entry) || (entry->kind == EVENT_LOST && entry->detail == SOURCE_TRACE))
		cell_set(out, ROLE_DIM, "%u", entry->cpu);
}

/* In an interrupt the task is only who happened to run. */
static void put_task(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_log *entry = log_row(context, row);

	if (!from_a_task(entry))
		return;
	if (entry->context & (CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ))
		cell_set(out, ROLE_DIM, "%s",
		         entry->context & CONTEXT_HARD_IRQ ? "(interrupt)" : "(softirq)");
	else
		cell_set(out, ROLE_NORMAL, "%s %d", entry->comm[0] ? entry->comm : "-", entry->pid);
}

static const struct {
	const char *word;
	enum role role;
} log_kinds[EVENT_KIND_COUNT] = {
	[EVENT_MAP] = {"map", ROLE_NORMAL},      [EVENT_UNMAP] = {"unmap", ROLE_NORMAL},
	[EVENT_ATTACH] = {"attach", ROLE_GOOD},  [EVENT_DETACH] = {"detach", ROLE_GOOD},
	[EVENT_GROUP_ADD] = {"join", ROLE_GOOD}, [EVENT_GROUP_LEAVE] = {"leave", ROLE_GOOD},
	[EVENT_FAULT] = {"fault", ROLE_BAD},     [EVENT_LOST] = {"lost", ROLE_WARN},
	[EVENT_CLASS] = {"class", ROLE_WARN},    [EVENT_ATTR] = {"driver", ROLE_GOOD},
};

static void put_event(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	uint8_t kind = log_row(context, row)->kind;

	cell_set(out, log_kinds[kind].role, "%s",
	         log_kinds[kind].word ? log_kinds[kind].word : "-");
}

static uint64_t range_bytes(const struct snapshot_log *entry)
{
	return entry->kind == EVENT_UNMAP && entry->unmapped_bytes > entry->size_bytes
	               ? entry->unmapped_bytes
	               : entry->size_bytes;
}

static bool has_range(const struct snapshot_log *entry)
{
	return entry->kind == EVENT_MAP || entry->kind == EVENT_UNMAP;
}

static void put_addresses(const struct snapshot_log *entry, struct cell_text *out)
{
	uint64_t bytes = range_bytes(entry);

	if (bytes)
		cell_set(out, ROLE_NORMAL, "0x%" PRIx64 "-0x%" PRIx64, entry->iova,
		         entry->iova + (bytes - 1));
	else
		cell_set(out, ROLE_NORMAL, "0x%" PRIx64, entry->iova);
}

/* What it happened to. */
static void put_what(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_log *entry = log_row(context, row);

	switch (entry->kind) {
	case EVENT_MAP:
	case EVENT_UNMAP:
		put_addresses(entry, out);
		break;
	case EVENT_LOST:
		cell_set(out, ROLE_WARN, "%s%" PRIu64 " of the %s", entry->exact ? "" : "at least ",
		         entry->size_bytes, source_names[entry->detail]);
		break;
	case EVENT_CLASS:
		cell_set(out, ROLE_WARN, "%s %s", event_class_names[entry->detail],
		         entry->exact ? "on" : "off");
		break;
	default:
		cell_set(out, ROLE_NORMAL, "%s", snapshot_text(context->snap, entry->device));
		break;
	}
}

static void put_size(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_log *entry = log_row(context, row);

	if (has_range(entry))
		format_bytes(out->text, sizeof(out->text), (double)entry->size_bytes);
}

static void put_unmap_detail(const struct snapshot_log *entry, struct cell_text *out)
{
	char bytes[16];

	if (entry->unmapped_bytes != entry->size_bytes)
		cell_set(out, ROLE_WARN, "unmapped %s",
		         format_bytes(bytes, sizeof(bytes), (double)entry->unmapped_bytes));
}

static void put_fault_detail(const struct view_context *context, const struct snapshot_log *entry,
                             struct cell_text *out)
{
	const char *reason = snapshot_text(context->snap, entry->text);

	if (entry->exact)
		cell_set(out, ROLE_NORMAL, "%s 0x%" PRIx64 " %s", direction_names[entry->detail],
		         entry->iova, reason);
	else
		cell_set(out, ROLE_NORMAL, "%s %s", direction_names[entry->detail], reason);
}

static void put_detail(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_log *entry = log_row(context, row);
	const char *text = snapshot_text(context->snap, entry->text);

	switch (entry->kind) {
	case EVENT_UNMAP:
		put_unmap_detail(entry, out);
		break;
	case EVENT_GROUP_ADD:
	case EVENT_GROUP_LEAVE:
		cell_set(out, ROLE_NORMAL, "group %u", entry->group);
		break;
	case EVENT_FAULT:
		put_fault_detail(context, entry, out);
		break;
	case EVENT_ATTR:
		cell_set(out, ROLE_NORMAL, "%s", *text ? text : "unbound");
		break;
	default:
		break;
	}
}

static int cmp_log_time(const struct view_context *context, const struct row *a,
                        const struct row *b)
{
	return compare_u64(log_row(context, a)->id, log_row(context, b)->id);
}

static int cmp_size(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(log_row(context, a)->size_bytes, log_row(context, b)->size_bytes);
}

static int cmp_what(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(log_row(context, a)->iova, log_row(context, b)->iova);
}

static void empty_log(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "no events yet");
}

static const struct column log_columns[] = {
	{"TIME", 15, 15, .put = put_log_time, .cmp = cmp_log_time, .help = "when it happened"},
	{"CPU", 3, 3, .put = put_cpu, .right = true, .drop = 2, .help = "on which processor"},
	{"TASK", 14, 22, .put = put_task, .drop = 1,
         .help = "thread and its id; in an interrupt no thread is meant"},
	{"EVENT", 6, 6, .put = put_event,
         .help = "map unmap attach detach join leave fault lost class driver"},
	{"WHAT", 21, 37, .put = put_what, .cmp = cmp_what,
         .help = "I/O virtual addresses, first to last byte; or the device"},
	{"SIZE", 7, 7, .put = put_size, .cmp = cmp_size, .right = true, .descending = true,
         .help = "bytes asked for"},
	{"DETAIL", 8, 0, .put = put_detail, .help = "device, group, reason; what differs"},
};

const struct view log_view = {
	.title = "Events",
	.columns = log_columns,
	.column_count = ARRAY_SIZE(log_columns),
	.list = list_log,
	.empty = empty_log,
	.follows = true,
};
