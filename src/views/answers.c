// SPDX-License-Identifier: GPL-2.0-or-later
/* answers: what is to be said before a group is assigned, a topic after the other. Pure. */
#include "../answers.h"

#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "cells.h"
#include "wrap.h"

#define TOPIC_WIDTH 14

static const enum role tone_roles[TONE_COUNT] = {
	[TONE_PLAIN] = ROLE_NORMAL, [TONE_GOOD] = ROLE_GOOD,   [TONE_WARN] = ROLE_WARN,
	[TONE_BAD] = ROLE_BAD,      [TONE_UNKNOWN] = ROLE_DIM, [TONE_COMMAND] = ROLE_STRONG,
};

/* The lines of one topic. False where there is no such group; else the caller releases them. */
static bool say(const struct view_context *context, uint32_t topic, struct lines *lines)
{
	const struct snapshot_group *group = snapshot_group_by_id(context->snap, context->group);

	if (group)
		answers[topic].say(context->snap, group, lines);
	return group;
}

/* A row is a part of a line of a topic; index is the topic. */
static uint64_t row_id(uint32_t topic, size_t line, uint32_t part)
{
	return (uint64_t)topic << 32 | (uint64_t)line << 16 | part;
}

static size_t line_of(const struct row *row)
{
	return row->id >> 16 & 0xffff;
}

static uint32_t part_of(const struct row *row)
{
	return row->id & 0xffff;
}

/* A command is never broken: what is copied from the screen has to work. */
static const char *rest_of(const struct line *line, uint32_t part, int width)
{
	if (line->tone == TONE_COMMAND)
		return part ? "" : line->text;
	return wrap_skip(line->text, part, width);
}

static void list(const struct view_context *context, struct rows *rows)
{
	int width = wrap_width(context, TOPIC_WIDTH);

	for (uint32_t topic = 0; topic < answer_count; topic++) {
		struct lines lines = {0};

		say(context, topic, &lines);
		for (size_t i = 0; i < lines.count; i++)
			for (uint32_t part = 0; *rest_of(&lines.lines[i], part, width); part++)
				rows_add(rows, (struct row){.id = row_id(topic, i, part),
				                            .index = topic,
				                            .parent = NO_PARENT});
		lines_release(&lines);
	}
}

static void put_topic(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	(void)context;
	if (!line_of(row) && !part_of(row))
		cell_set(out, ROLE_DIM, "%s", answers[row->index].topic);
}

static void put_answer(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	int width = wrap_width(context, TOPIC_WIDTH);
	struct lines lines = {0};
	size_t at = line_of(row);

	/* The rows may be older than the snapshot. */
	if (say(context, row->index, &lines) && at < lines.count) {
		const struct line *line = &lines.lines[at];
		const char *rest = rest_of(line, part_of(row), width);
		size_t length =
			line->tone == TONE_COMMAND ? strlen(rest) : wrap_length(rest, width);

		cell_set(out, tone_roles[line->tone], "%.*s", (int)length, rest);
	}
	lines_release(&lines);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	copy_text(out, size,
	          context->snap->topology_known ? "there is no such group" : "reading sysfs ...");
}

static const struct column columns[] = {
	{"ABOUT", TOPIC_WIDTH, TOPIC_WIDTH, .put = put_topic, .help = "what people ask"},
	{"ANSWER", WRAP_LEAST, 0, .put = put_answer, .help = "and what this machine says"},
};

const struct view answers_view = {
	.title = "Assignment",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
};
