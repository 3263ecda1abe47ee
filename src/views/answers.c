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

/* How much of it stands in one row. A command is never broken: what is copied from the screen has
 * to work. */
static size_t length_of(const char *rest, enum tone tone, int width)
{
	return tone == TONE_COMMAND ? strlen(rest) : wrap_length(rest, width);
}

/* The rows of one line; index is its number within the topic. */
static void list_line(struct rows *rows, uint32_t topic, size_t index, const struct line *line,
                      int width)
{
	const char *rest = line->text;

	for (uint32_t part = 0; *rest; part++) {
		rows_add(rows, (struct row){.id = row_id(topic, index, part),
		                            .index = topic,
		                            .parent = NO_PARENT,
		                            .text = rest,
		                            .tone = (uint8_t)line->tone});
		rest += length_of(rest, line->tone, width);
		rest += strspn(rest, " ");
	}
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot_group *group = snapshot_group_by_id(context->snap, context->group);
	int width = wrap_width(context, TOPIC_WIDTH);

	for (uint32_t topic = 0; group && topic < answer_count; topic++) {
		size_t first = rows->said.count;

		answers[topic].say(context->snap, group, &rows->said);
		for (size_t i = first; i < rows->said.count; i++)
			list_line(rows, topic, i - first, &rows->said.lines[i], width);
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
	size_t length =
		length_of(row->text, (enum tone)row->tone, wrap_width(context, TOPIC_WIDTH));

	cell_set(out, tone_roles[row->tone], "%.*s", (int)length, row->text);
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
