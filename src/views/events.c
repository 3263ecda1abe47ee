// SPDX-License-Identifier: GPL-2.0-or-later
/* events: what happened, one by one. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../format.h"
#include "../util.h"
#include "cells.h"
#include "transition.h"

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
	switch (entry->kind) {
	case EVENT_LOST:
	case EVENT_CLASS:
	case EVENT_ATTR:
	case EVENT_COLLECT:
	case EVENT_MISSED:
	case EVENT_TICK:
	case EVENT_START:
		return false;
	case EVENT_FAULT:
		return entry->pid || entry->comm[0];
	default:
		return true;
	}
}

/*
 * As the kernel's own buffer has it, which is as its log has it: a wall clock of so long ago may
 * not have been set yet, and of another day the seconds would be missing. Ten columns are left.
 */
static void put_boot_time(uint64_t ts_ns, struct cell_text *out)
{
	double seconds = (double)ts_ns / 1e9;
	int digits = 6;

	for (double limit = 1e3; digits > 0 && seconds >= limit; limit *= 10)
		digits--;
	cell_set(out, ROLE_DIM, "boot");
	if (ts_ns)
		cell_add(out, " %10.*f", digits, seconds);
}

static void put_log_time(const struct view_context *context, const struct row *row,
                         struct cell_text *out)
{
	if (log_row(context, row)->context & CONTEXT_BEFORE)
		put_boot_time(log_row(context, row)->ts_ns, out);
	else
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

/* A device's way is a sentence: it takes the row. */
static void put_transition(const struct view_context *context, const struct snapshot_log *entry,
                           struct cell_text *out)
{
	const struct snapshot_transition *transition =
		snapshot_transition_by_id(context->snap, entry->transition);

	out->spans = true;
	out->role = ROLE_GOOD;
	if (transition)
		transition_sentence(out->text, sizeof(out->text), context, transition,
		                    entry->returned);
	else
		cell_set(out, ROLE_DIM, "a device's way, too long ago to be told");
}

/* So does what lies between the lines of before the start and those of now. */
static void put_start(const struct view_context *context, const struct snapshot_log *entry,
                      struct cell_text *out)
{
	const char *before = snapshot_text(context->snap, entry->text);

	out->spans = true;
	cell_set(out, ROLE_DIM, "watching begins%s%s", *before ? "; before it: " : "", before);
}

/* In an interrupt the task is only who happened to run. */
static void put_task(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_log *entry = log_row(context, row);

	if (entry->kind == EVENT_TICK)
		put_transition(context, entry, out);
	if (entry->kind == EVENT_START)
		put_start(context, entry, out);
	if (!from_a_task(entry))
		return;
	if (entry->context & (CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ))
		cell_set(out, ROLE_DIM, "%s",
		         entry->context & CONTEXT_HARD_IRQ ? "(interrupt)" : "(softirq)");
	else
		cell_set(out, ROLE_NORMAL, "%s %d%s", entry->comm[0] ? entry->comm : "-",
		         entry->pid, entry->context & CONTEXT_UNKNOWN ? "?" : "");
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
	[EVENT_MAP_FAILED] = {"map", ROLE_BAD},  [EVENT_ATTACH_FAILED] = {"attach", ROLE_BAD},
	[EVENT_COLLECT] = {"mode", ROLE_WARN},   [EVENT_MISSED] = {"missed", ROLE_WARN},
	[EVENT_TICK] = {"moved", ROLE_GOOD},     [EVENT_START] = {"start", ROLE_DIM},
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
	return entry->kind == EVENT_MAP || entry->kind == EVENT_UNMAP ||
	       entry->kind == EVENT_MAP_FAILED;
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
	case EVENT_MAP_FAILED:
		put_addresses(entry, out);
		break;
	case EVENT_COLLECT:
		cell_set(out, ROLE_WARN, "%s", collect_mode_names[entry->detail]);
		break;
	case EVENT_TICK: /* where there was no room for the task's column */
		put_transition(context, entry, out);
		break;
	case EVENT_START:
		put_start(context, entry, out);
		break;
	case EVENT_MISSED:
		cell_set(out, ROLE_WARN, "%" PRIu64 " by the probes", entry->size_bytes);
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

/* Whose map it was; nothing where no probe could tell of any. */
static void add_domain(const struct view_context *context, const struct snapshot_log *entry,
                       struct cell_text *out)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(context->snap, entry->domain);
	size_t length = strlen(out->text);
	char name[CELL_TEXT_MAX / 2];

	if (entry->domain == DOMAIN_UNATTRIBUTED)
		return;
	if (domain)
		snapshot_domain_name(context->snap, domain, name, sizeof(name));
	else
		snprintf(name, sizeof(name), "domain %" PRIu32, entry->domain);
	snprintf(out->text + length, sizeof(out->text) - length, "%s%s", length ? ", " : "", name);
}

static void add_time(const struct snapshot_log *entry, struct cell_text *out)
{
	size_t length = strlen(out->text);
	char time[16];

	if (entry->inside_ns)
		snprintf(out->text + length, sizeof(out->text) - length, "%s%s", length ? ", " : "",
		         text_short_time(time, sizeof(time), entry->inside_ns));
}

static void put_map_detail(const struct view_context *context, const struct snapshot_log *entry,
                           struct cell_text *out)
{
	char bytes[16];

	if (entry->kind == EVENT_UNMAP && entry->unmapped_bytes != entry->size_bytes)
		cell_set(out, ROLE_WARN, "unmapped %s",
		         format_bytes(bytes, sizeof(bytes), (double)entry->unmapped_bytes));
	add_domain(context, entry, out);
	add_time(entry, out);
}

/* To which domain; or why not. */
static void put_attach_detail(const struct view_context *context, const struct snapshot_log *entry,
                              struct cell_text *out)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(context->snap, entry->domain);
	size_t length;
	char text[CELL_TEXT_MAX / 2];

	if (entry->kind == EVENT_ATTACH_FAILED)
		cell_set(out, ROLE_BAD, "refused: %s",
		         text_errno(text, sizeof(text), entry->error));
	add_domain(context, entry, out);
	length = strlen(out->text);
	if (domain && entry->domain != DOMAIN_UNATTRIBUTED)
		length += (size_t)snprintf(out->text + length, sizeof(out->text) - length, " (%s)",
		                           snapshot_domain_type(domain));
	if (entry->pasid && length < sizeof(out->text))
		snprintf(out->text + length, sizeof(out->text) - length, "%sPASID %" PRIu32,
		         length ? ", " : "", entry->pasid);
}

static void put_map_failed_detail(const struct view_context *context,
                                  const struct snapshot_log *entry, struct cell_text *out)
{
	char text[32];

	cell_set(out, ROLE_BAD, "failed: %s", text_errno(text, sizeof(text), entry->error));
	add_domain(context, entry, out);
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
	case EVENT_MAP:
	case EVENT_UNMAP:
		put_map_detail(context, entry, out);
		break;
	case EVENT_MAP_FAILED:
		put_map_failed_detail(context, entry, out);
		break;
	case EVENT_ATTACH:
	case EVENT_DETACH:
	case EVENT_ATTACH_FAILED:
		put_attach_detail(context, entry, out);
		break;
	case EVENT_COLLECT:
		cell_set(out, ROLE_NORMAL, "%s", text);
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
	{"TIME", 15, 15, .put = put_log_time, .cmp = cmp_log_time,
         .help = "when it happened; boot: before the start, in seconds as the kernel's log"},
	{"CPU", 3, 3, .put = put_cpu, .right = true, .drop = 2, .help = "on which processor"},
	{"TASK", 14, 22, .put = put_task, .drop = 1,
         .help = "thread and its id; in an interrupt no thread is meant; ?: one may have been"},
	{"EVENT", 6, 6, .put = put_event,
         .help = "map unmap attach detach join leave fault lost missed class mode driver"},
	{"WHAT", 21, 37, .put = put_what, .cmp = cmp_what,
         .help = "I/O virtual addresses, first to last byte; or the device"},
	{"SIZE", 7, 7, .put = put_size, .cmp = cmp_size, .right = true, .descending = true,
         .help = "bytes asked for"},
	{"DETAIL", 12, 0, .put = put_detail,
         .help = "domain and time in the IOMMU's driver, group, reason; what differs"},
};

const struct view log_view = {
	.title = "Events",
	.columns = log_columns,
	.column_count = ARRAY_SIZE(log_columns),
	.list = list_log,
	.empty = empty_log,
	.follows = true,
};
