// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: what the doctor found, in sentences that go on in the next row. Pure. */
#include "../doctor.h"

#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "cells.h"
#include "wrap.h"

#define TONE_WIDTH 8

static const enum role roles[TONE_COUNT] = {
	[TONE_PLAIN] = ROLE_NORMAL, [TONE_GOOD] = ROLE_GOOD,    [TONE_WARN] = ROLE_WARN,
	[TONE_BAD] = ROLE_BAD,      [TONE_UNKNOWN] = ROLE_WARN, [TONE_COMMAND] = ROLE_STRONG,
};

static uint64_t row_id(size_t line, uint32_t part)
{
	return (uint64_t)line << 8 | part;
}

static uint32_t part_of(const struct row *row)
{
	return (uint32_t)(row->id & 0xff);
}

static void list_line(struct rows *rows, size_t index, const struct line *line, int width)
{
	const char *rest = line->text;

	for (uint32_t part = 0; *rest; part++) {
		rows_add(rows, (struct row){.id = row_id(index, part),
		                            .index = (uint32_t)index,
		                            .parent = NO_PARENT,
		                            .text = rest,
		                            .tone = (uint8_t)line->tone});
		rest = wrap_skip(rest, 1, width);
	}
}

static void list(const struct view_context *context, struct rows *rows)
{
	doctor_say(context->snap, &rows->said);
	for (size_t i = 0; i < rows->said.count; i++)
		list_line(rows, i, &rows->said.lines[i], wrap_width(context, TONE_WIDTH));
}

static void put_tone(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	(void)context;
	if (!part_of(row) && row->tone != TONE_PLAIN)
		cell_set(out, roles[row->tone], "%s", tone_words[row->tone]);
}

static void put_text(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	size_t length = wrap_length(row->text, wrap_width(context, TONE_WIDTH));

	/* Its mark is enough of colour for what is no hindrance. */
	cell_set(out, row->tone == TONE_BAD ? ROLE_BAD : ROLE_NORMAL, "%.*s", (int)length,
	         row->text);
}

static void note(const struct view_context *context, char *out, size_t size)
{
	struct lines lines = {0};

	switch (doctor_say(context->snap, &lines)) {
	case DOCTOR_FINE:
		copy_text(out, size, "fine");
		break;
	case DOCTOR_WARNINGS:
		copy_text(out, size, "something to look at");
		break;
	default:
		copy_text(out, size, "not usable");
		break;
	}
	lines_release(&lines);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "nothing");
}

static const struct column columns[] = {
	{"SAYS", TONE_WIDTH, TONE_WIDTH, .put = put_tone, .help = "how grave it is"},
	{"FOUND", WRAP_LEAST, 0, .put = put_text, .help = "what is so, and what can be done"},
};

const struct view doctor_view = {
	.title = "Doctor",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.note = note,
	.empty = empty,
};
