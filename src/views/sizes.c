// SPDX-License-Identifier: GPL-2.0-or-later
/* sizes: how large the maps and unmaps of a domain are; a row a power of two. Pure. */
#include <stdio.h>

#include "../util.h"
#include "cells.h"

#define LABEL_MAX 16

/* NULL: the snapshot has another domain's, or none. */
static const struct snapshot_detail *the_detail(const struct view_context *context)
{
	const struct snapshot_detail *detail = &context->snap->detail;

	return context->domain != NO_DOMAIN && detail->domain == context->domain ? detail : NULL;
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot_detail *detail = the_detail(context);

	for (size_t i = 0; detail && i < SIZE_BUCKETS; i++)
		if (detail->map_sizes[i] || detail->unmap_sizes[i])
			rows_add(rows,
			         (struct row){.id = i, .index = (uint32_t)i, .parent = NO_PARENT});
}

/* 4K, 128M: powers of two need no digits behind the point. */
static const char *words(char *out, unsigned int log2)
{
	static const char units[] = " KMGTPEZ";

	snprintf(out, LABEL_MAX, "%u%c", 1u << log2 % 10, units[log2 / 10]);
	return out;
}

static void put_size(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	char from[LABEL_MAX], to[LABEL_MAX];

	(void)context;
	cell_set(out, ROLE_NORMAL, "%s-%s", words(from, SIZE_LOG2_MIN + row->index),
	         words(to, SIZE_LOG2_MIN + row->index + 1));
}

static uint64_t maps_of(const struct view_context *context, const struct row *row)
{
	return context->snap->detail.map_sizes[row->index];
}

static uint64_t unmaps_of(const struct view_context *context, const struct row *row)
{
	return context->snap->detail.unmap_sizes[row->index];
}

/* Of both: maps and unmaps are compared with each other. */
static uint64_t highest(const struct snapshot_detail *detail)
{
	uint64_t most = 0;

	for (size_t i = 0; i < SIZE_BUCKETS; i++) {
		most = detail->map_sizes[i] > most ? detail->map_sizes[i] : most;
		most = detail->unmap_sizes[i] > most ? detail->unmap_sizes[i] : most;
	}
	return most;
}

static void put_maps(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_count(out, (struct count){maps_of(context, row), KNOWN_EXACT});
}

static void put_map_bar(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	cell_bar(out, maps_of(context, row), highest(&context->snap->detail));
}

static void put_unmaps(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	cell_count(out, (struct count){unmaps_of(context, row), KNOWN_EXACT});
}

static void put_unmap_bar(const struct view_context *context, const struct row *row,
                          struct cell_text *out)
{
	cell_bar(out, unmaps_of(context, row), highest(&context->snap->detail));
}

static int cmp_size(const struct view_context *context, const struct row *a, const struct row *b)
{
	(void)context;
	return compare_u64(a->index, b->index);
}

static int cmp_maps(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(maps_of(context, a), maps_of(context, b));
}

static int cmp_unmaps(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(unmaps_of(context, a), unmaps_of(context, b));
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	copy_text(out, size,
	          the_detail(context) ? "no maps and no unmaps yet"
	                              : "nothing more is known of it");
}

static const struct column columns[] = {
	{"SIZE", 9, 11, .put = put_size, .cmp = cmp_size,
         .help = "from the first to below the second; smaller ones are in the first row"},
	{"MAPS", 7, 7, .put = put_maps, .cmp = cmp_maps, .right = true, .descending = true,
         .help = "maps of such a size since the start"},
	/* Of one width, so that the bars can be compared. */
	{"", BAR_WIDTH, BAR_WIDTH, .put = put_map_bar, .drop = 2, .help = "the same as a bar"},
	{"UNMAPS", 7, 7, .put = put_unmaps, .cmp = cmp_unmaps, .right = true, .descending = true,
         .help = "unmaps of such a size since the start"},
	{"", BAR_WIDTH, BAR_WIDTH, .put = put_unmap_bar, .drop = 1,
         .help = "the same, in the scale of the maps"},
};

const struct view sizes_view = {
	.title = "Sizes",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
};
