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

static void list(const struct view_context *context, struct rows *rows)
{
	int width = wrap_width(context, TONE_WIDTH);
	struct lines lines = {0};

	doctor_say(context->snap, &lines);
	for (size_t i = 0; i < lines.count; i++)
		for (uint32_t part = 0; *wrap_skip(lines.lines[i].text, part, width); part++)
			rows_add(rows, (struct row){.id = row_id(i, part),
			                            .index = (uint32_t)i,
			                            .parent = NO_PARENT});
	lines_release(&lines);
}

/* The rows may be older than the snapshot. */
static void put(const struct view_context *context, const struct row *row,
                void (*put_line)(const struct view_context *context, const struct row *row,
                                 const struct line *line, struct cell_text *out),
                struct cell_text *out)
{
	struct lines lines = {0};

	doctor_say(context->snap, &lines);
	if (row->index < lines.count)
		put_line(context, row, &lines.lines[row->index], out);
	lines_release(&lines);
}

static void put_tone_of(const struct view_context *context, const struct row *row,
                        const struct line *line, struct cell_text *out)
{
	(void)context;
	if (!part_of(row) && line->tone != TONE_PLAIN)
		cell_set(out, roles[line->tone], "%s", tone_words[line->tone]);
}

static void put_text_of(const struct view_context *context, const struct row *row,
                        const struct line *line, struct cell_text *out)
{
	int width = wrap_width(context, TONE_WIDTH);
	const char *text = wrap_skip(line->text, part_of(row), width);

	/* Its mark is enough of colour for what is no hindrance. */
	cell_set(out, line->tone == TONE_BAD ? ROLE_BAD : ROLE_NORMAL, "%.*s",
	         (int)wrap_length(text, width), text);
}

static void put_tone(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	put(context, row, put_tone_of, out);
}

static void put_text(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	put(context, row, put_text_of, out);
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
