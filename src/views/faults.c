// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * faults: a row for all faults of one device, reason and direction; what was seen last is at the
 * end. Pure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../format.h"
#include "../text.h"
#include "../util.h"
#include "cells.h"
#include "fault_cells.h"

#define PAGE_MASK 0xfffu

static const struct snapshot_fault *fault_row(const struct view_context *context,
                                              const struct row *row)
{
	return &context->snap->faults_seen[row->index];
}

static uint32_t group_of(const struct view_context *context, const struct snapshot_fault *fault)
{
	return snapshot_group_of(context->snap, fault->device_index);
}

static uint64_t fault_of(const struct view_context *context, const struct row *row)
{
	return fault_row(context, row)->id;
}

/* What the message said, and who drives the device. */
static bool also_has(const struct view_context *context, const struct row *row, const char *needle)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_fault *fault = fault_row(context, row);

	return text_has(snapshot_text(snap, fault->reason), needle) ||
	       (fault->device_index < snap->device_count &&
	        text_has(snapshot_text(snap, snap->devices[fault->device_index].driver), needle));
}

/* ---- which, and in which order ---- */

static bool is_here(const struct view_context *context, const struct snapshot_fault *fault)
{
	return context->group == NO_GROUP || group_of(context, fault) == context->group;
}

static int by_last(const void *left, const void *right, void *context)
{
	const struct snapshot_fault *a = fault_row(context, left), *b = fault_row(context, right);
	int result = compare_u64(a->last_ns, b->last_ns);

	return result ? result : compare_u64(a->id, b->id);
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot *snap = context->snap;
	struct view_context copy = *context;

	for (size_t i = 0; i < snap->fault_count; i++)
		if (is_here(context, &snap->faults_seen[i]) &&
		    !fault_is_muted(context, &snap->faults_seen[i]))
			rows_add(rows, (struct row){.id = snap->faults_seen[i].id,
			                            .index = (uint32_t)i,
			                            .parent = NO_PARENT});
	if (rows->count)
		qsort_r(rows->rows, rows->count, sizeof(*rows->rows), by_last, &copy);
}

/* ---- columns ---- */

/* What is older than the start steps back, whatever column it is in. */
static void calm_down(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	if (fault_news(context, fault_row(context, row)) == NEWS_BEFORE)
		out->role = ROLE_DIM;
}

/* Seconds since the boot, where nobody tells the time of day, do with fewer places. */
static void fit_seconds(struct cell_text *out)
{
	size_t point = strcspn(out->text, ".");
	size_t room = (size_t)out->room;

	if (!room || !out->text[point] || strlen(out->text) <= room || point > room)
		return;
	out->text[point + 1 < room ? room : point] = '\0';
}

static void put_last(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);

	out->role = fault_news(context, fault) >= NEWS_MORE ? ROLE_STRONG : ROLE_DIM;
	text_clock(out->text, sizeof(out->text), context, fault->last_ns);
	fit_seconds(out);
}

static void put_count(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);
	bool more = context->snap->faults.known == KNOWN_AT_LEAST;
	struct count count = {fault_count(context, fault), more ? KNOWN_AT_LEAST : KNOWN_EXACT};

	if (fault->before_start)
		count = (struct count){fault->count_before, KNOWN_EXACT};
	cell_count(out, count);
	out->role = fault_news(context, fault) >= NEWS_MORE ? ROLE_STRONG : ROLE_DIM;
}

static void put_rate(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);

	if (fault->before_start)
		return;
	cell_rate(out, (struct rate){fault->per_s, context->snap->faults_per_s.known});
	if (!(fault->per_s > 0))
		out->role = ROLE_DIM;
}

/* Neither a number nor the mark of a guess may be cut: "id 0x4711", "00:01.0?" */
static void shorten_name(struct cell_text *out)
{
	const char *blank = strrchr(out->text, ' ');
	char whole[CELL_TEXT_MAX];

	if (!out->room || canvas_text_width(out->text) <= out->room)
		return;
	copy_text(whole, sizeof(whole), out->text);
	if (blank)
		snprintf(out->text, sizeof(out->text), "id%.*s", CELL_TEXT_MAX - 3,
		         whole + (blank - out->text));
	else if (!strncmp(whole, "0000:", 5))
		copy_text(out->text, sizeof(out->text), whole + 5);
}

static void put_device(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);
	char name[FAULT_NAME_MAX];

	fault_device(context->snap, fault, name, sizeof(name));
	cell_set(out, fault_news(context, fault) == NEWS_ALL ? ROLE_BAD : ROLE_NORMAL, "%s%s",
	         *name ? name : "-", fault->guessed ? "?" : "");
	shorten_name(out);
	calm_down(context, row, out);
}

static void put_name(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);
	const char *unit = snapshot_text(context->snap, fault->device);

	if (fault->ambiguous)
		cell_set(out, ROLE_WARN, "several PCI segments have such a device");
	else if (fault->behind)
		cell_set(out, ROLE_WARN, "a device behind this bridge");
	else if (fault->device_index != NO_NUMBER)
		cell_device_words(out, context->snap, &context->snap->devices[fault->device_index]);
	else if (fault->flags & FAULT_HAS_STREAM && *unit)
		cell_set(out, ROLE_DIM, "of %s", unit);
	else
		cell_set(out, ROLE_DIM, "-");
	calm_down(context, row, out);
}

static void put_way(const struct view_context *context, const struct row *row,
                    struct cell_text *out)
{
	cell_set(out, ROLE_NORMAL, "%s", fault_way(fault_row(context, row)));
	calm_down(context, row, out);
}

/* A range ends with the last byte of its last page; interrupts are numbers. */
static void put_range(const struct snapshot_fault *fault, struct cell_text *out)
{
	bool interrupt = fault_has_index(fault);

	cell_set(out, ROLE_STRONG, "%s0x%" PRIx64 "-0x%" PRIx64, interrupt ? "index " : "",
	         fault->lowest, interrupt ? fault->highest : fault->highest | PAGE_MASK);
}

/* The newest, whose story the last column tells. */
static void put_scattered(const struct snapshot_fault *fault, struct cell_text *out)
{
	size_t length;

	cell_fault_address(out, fault, fault->iova, fault->flags);
	length = strlen(out->text);
	copy_text(out->text + length, sizeof(out->text) - length, ", others");
}

/* A number that is cut is another number: where one does not fit there are words. */
static void put_address(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);

	if (fault->addresses == ADDRESSES_RANGE)
		put_range(fault, out);
	else if (fault->addresses == ADDRESSES_SCATTERED)
		put_scattered(fault, out);
	else
		cell_fault_address(out, fault, fault->iova, fault->flags);
	if (out->room && canvas_text_width(out->text) > out->room)
		cell_set(out, ROLE_STRONG, "%s",
		         fault->addresses == ADDRESSES_RANGE       ? "a range"
		         : fault->addresses == ADDRESSES_SCATTERED ? "scattered"
		                                                   : "(Enter)");
	calm_down(context, row, out);
}

static void put_reason(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct fault_reason reason = fault_reason_of(context->snap, fault_row(context, row));

	out->role = ROLE_NORMAL;
	if (!fault_words_short(&reason, out->text, sizeof(out->text)))
		cell_set(out, *reason.reason ? ROLE_NORMAL : ROLE_DIM, "%s",
		         *reason.reason ? reason.reason : "-");
	calm_down(context, row, out);
}

static void put_verdict(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);

	cell_verdict(out, &fault->verdict, fault->last_ns);
	calm_down(context, row, out);
}

/* ---- order by a column ---- */

static int cmp_last(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(fault_row(context, a)->last_ns, fault_row(context, b)->last_ns);
}

static int cmp_count(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(fault_count(context, fault_row(context, a)),
	                   fault_count(context, fault_row(context, b)));
}

static int cmp_rate(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_double(fault_row(context, a)->per_s, fault_row(context, b)->per_s);
}

static int cmp_cells(const struct view_context *context, const struct row *a, const struct row *b,
                     void (*put)(const struct view_context *context, const struct row *row,
                                 struct cell_text *out))
{
	struct cell_text left = {.role = ROLE_NORMAL}, right = {.role = ROLE_NORMAL};

	put(context, a, &left);
	put(context, b, &right);
	return strcmp(left.text, right.text);
}

static int cmp_device(const struct view_context *context, const struct row *a, const struct row *b)
{
	return cmp_cells(context, a, b, put_device);
}

static int cmp_reason(const struct view_context *context, const struct row *a, const struct row *b)
{
	return cmp_cells(context, a, b, put_reason);
}

static int cmp_way(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(fault_row(context, a)->direction, fault_row(context, b)->direction);
}

static int cmp_address(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(fault_row(context, a)->iova, fault_row(context, b)->iova);
}

/* ---- what holds for all of them ---- */

static size_t count_muted(const struct view_context *context)
{
	const struct snapshot *snap = context->snap;
	size_t muted = 0;

	for (size_t i = 0; i < snap->fault_count; i++)
		muted += is_here(context, &snap->faults_seen[i]) &&
		         fault_is_muted(context, &snap->faults_seen[i]);
	return muted;
}

static void add_interrupts(const struct snapshot *snap, char *out, size_t size)
{
	struct count interrupts = snap->fault_interrupts;
	char logged[16], counted[16];

	if (interrupts.known != KNOWN_EXACT && interrupts.known != KNOWN_AT_LEAST)
		return;
	if (interrupts.n > snap->faults_logged.n)
		append_clause(out, size,
		              "%s logged, %s interrupts (each at least one fault, or something "
		              "else of the "
		              "unit)",
		              format_count(logged, sizeof(logged), (double)snap->faults_logged.n),
		              text_count(counted, sizeof(counted), interrupts));
}

static void note(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot *snap = context->snap;
	size_t muted = count_muted(context);
	char text[16];

	if (muted)
		append_clause(out, size, "%zu muted (M)", muted);
	if (context->group != NO_GROUP)
		return;
	if (snap->rows_dropped)
		append_clause(out, size, "%" PRIu64 " oldest rows gone", snap->rows_dropped);
	if (snap->overflows)
		append_clause(out, size, "hardware overflows %" PRIu64, snap->overflows);
	/* First what tells a storm: the end is cut where there is no room. */
	add_interrupts(snap, out, size);
	/* The last burst's are only told with the next fault: there may be more. */
	if (snap->suppressed.n)
		append_clause(out, size, "log dropped " GLYPH_AT_LEAST "%s prints",
		              format_count(text, sizeof(text), (double)snap->suppressed.n));
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot *snap = context->snap;

	if (count_muted(context))
		copy_text(out, size, "nothing but what is muted (M shows it)");
	else if (snap->faults.known == KNOWN_NOT)
		copy_text(out, size,
		          "faults cannot be seen: neither kernel log nor trace is readable");
	else if (snap->faults.known == KNOWN_OFF)
		copy_text(out, size, "off (5 switches fault events on)");
	else
		copy_text(out, size, "no faults");
}

static const struct column columns[] = {
	{"LAST", 8, 12, .put = put_last, .cmp = cmp_last, .drop = 1,
         .help = "when it happened last; grey rows are older than iommutop's start"},
	{"COUNT", 5, 6, .put = put_count, .cmp = cmp_count, .right = true, .descending = true,
         .drop = 2, .help = "faults since the start (grey: before it) that one row stands for"},
	{"/s", 5, 5, .put = put_rate, .cmp = cmp_rate, .right = true, .descending = true, .drop = 4,
         .help = "faults a second in the last interval"},
	{"DEVICE", 12, 28, .put = put_device, .cmp = cmp_device,
         .help = "who asked; ? where that is a guess, by the stream id"},
	{"NAME", 10, 0, .put = put_name, .drop = 5, .help = "class and model of the device"},
	{"WAY", 5, 5, .put = put_way, .cmp = cmp_way,
         .help = "read, write, or intr for a refused interrupt"},
	{"ADDRESS", 14, 27, .put = put_address, .cmp = cmp_address, .right = true,
         .help = "I/O virtual address: of one page, of a range, or the lowest of scattered ones"},
	{"REASON", 16, 28, .put = put_reason, .cmp = cmp_reason,
         .help = "in plain words; Enter shows it as the hardware says it"},
	{"ADDRESS WAS", 14, 26, .put = put_verdict, .drop = 3,
         .help = "what the newest address was, by the maps and unmaps that were seen; ? uncertain"},
};

const struct view faults_view = {
	.title = "Faults",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.note = note,
	.empty = empty,
	.fault_of = fault_of,
	.also_has = also_has,
	.follows = true,
	.moves = true,
};
