// SPDX-License-Identifier: GPL-2.0-or-later
/* journey: the ways of a group's devices to guests and back, the newest at the end. Pure. */
#include "../util.h"
#include "cells.h"
#include "transition.h"

static const struct snapshot_transition *transition_row(const struct view_context *context,
                                                        const struct row *row)
{
	return &context->snap->transitions[row->index];
}

/* A burst is known by its domain; that leads to the group. */
static bool is_of_group(const struct snapshot *snap, const struct snapshot_transition *transition,
                        uint32_t group)
{
	const struct snapshot_domain *domain;

	if (transition->group != NO_GROUP)
		return transition->group == group;
	domain = snapshot_domain_by_id(snap, transition->to_domain);
	return domain && domain_has_group(snap, domain, group);
}

static bool is_shown(const struct view_context *context,
                     const struct snapshot_transition *transition)
{
	if (context->domain != NO_DOMAIN)
		return transition->to_domain == context->domain ||
		       (transition->kind == TRANSITION_AWAY &&
		        transition->from_domain == context->domain);
	return context->group == NO_GROUP || is_of_group(context->snap, transition, context->group);
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot *snap = context->snap;

	for (size_t i = 0; i < snap->transition_count; i++)
		if (is_shown(context, &snap->transitions[i]))
			rows_add(rows, (struct row){.id = snap->transitions[i].id,
			                            .index = (uint32_t)i,
			                            .parent = NO_PARENT});
}

static void put_time(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	uint64_t begin_ns = transition_row(context, row)->begin_ns;

	cell_set(out, ROLE_DIM, "before");
	if (begin_ns)
		text_clock(out->text, sizeof(out->text), context, begin_ns);
}

/* A burst is of no device: its sentence takes the whole row. */
static void put_device(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_transition *transition = transition_row(context, row);

	if (transition->kind == TRANSITION_AWAY) {
		cell_set(out, ROLE_STRONG, "%s", snapshot_text(context->snap, transition->device));
		return;
	}
	transition_burst(out->text, sizeof(out->text), context, transition);
	out->role = transition->at_least ? ROLE_WARN : ROLE_NORMAL;
	out->spans = true;
}

static void put_way(const struct view_context *context, const struct row *row,
                    struct cell_text *out)
{
	const struct snapshot_transition *transition = transition_row(context, row);

	if (transition->kind != TRANSITION_AWAY)
		return;
	transition_way(out->text, sizeof(out->text), context, transition);
	out->role = transition->end_ns ? ROLE_NORMAL : ROLE_GOOD;
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "no device has left for a guest or come back");
}

static const struct column columns[] = {
	{"WHEN", 11, 15, .put = put_time, .help = "when it began; before: not seen to begin"},
	{"DEVICE", 12, 36, .put = put_device, .help = "which device left its default domain"},
	{"JOURNEY", 30, 0, .put = put_way,
         .help = "who took it and when it came back; how long a guest's memory took"},
};

const struct view journey_view = {
	.title = "Journey",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
	.follows = true,
};
