// SPDX-License-Identifier: GPL-2.0-or-later
/* facts: what is known about one group, in two columns. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "cells.h"

static const struct snapshot_group *the_group(const struct view_context *context)
{
	return snapshot_group_by_id(context->snap, context->group);
}

static void put_group(const struct view_context *context, const struct snapshot_group *group,
                      struct cell_text *out)
{
	const char *name = snapshot_text(context->snap, group->name);

	cell_set(out, ROLE_STRONG, "%u%s%s", group->id, *name ? "  " : "", name);
}

static const struct {
	const char *word;
	uint8_t type;
} types[] = {
	{"DMA-FQ", DOMAIN_TYPE_DMA_FQ},     {"DMA", DOMAIN_TYPE_DMA},
	{"identity", DOMAIN_TYPE_IDENTITY}, {"unmanaged", DOMAIN_TYPE_UNMANAGED},
	{"blocked", DOMAIN_TYPE_BLOCKED},
};

static void put_type(const struct view_context *context, const struct snapshot_group *group,
                     struct cell_text *out)
{
	const char *type = snapshot_text(context->snap, group->default_type);
	const char *words = snapshot_type_words(context->snap, group->default_type);
	/* Before 5.15 DMA stood for lazy and strict alike. */
	bool told = strcmp(type, "DMA") != 0 || snapshot_kernel_at_least(context->snap, 5, 15);

	cell_set(out, ROLE_NORMAL, "%s", words);
	for (size_t i = 0; told && i < ARRAY_SIZE(types); i++)
		if (!strcmp(type, types[i].word))
			cell_set(out, ROLE_NORMAL, "%s (%s)", words,
			         domain_type_meaning(types[i].type));
}

static void put_now(const struct view_context *context, const struct snapshot_group *group,
                    struct cell_text *out)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_domain *domain = snapshot_domain_by_id(snap, group->domain);
	const char *now = snapshot_group_now(snap, group);
	char name[CELL_TEXT_MAX / 2];

	cell_set(out, *now == '-' ? ROLE_DIM : ROLE_NORMAL, "%s", now);
	if (group->domain == group->default_domain && group->domain != NO_DOMAIN)
		cell_set(out, ROLE_NORMAL, "%s, the default domain", now);
	else if (domain && domain->id != DOMAIN_UNATTRIBUTED)
		cell_set(out, ROLE_WARN, "%s, domain of %s", now,
		         snapshot_domain_name(snap, domain, name, sizeof(name)));
}

static void put_holder(const struct view_context *context, const struct snapshot_group *group,
                       struct cell_text *out)
{
	const struct snapshot_process *process =
		snapshot_process_by_id(context->snap, group->holder);

	if (group->holder == NO_PROCESS)
		cell_set(out, ROLE_DIM, "-");
	else
		snapshot_process_words(context->snap, group->holder, process ? process->name : 0,
		                       process ? process->vm : 0, out->text, sizeof(out->text));
}

/* Whether list, with ", " between its words, has this word. */
static bool is_listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = list; *p; p += strspn(p, ", ")) {
		size_t here = strcspn(p, ",");

		if (here == length && !memcmp(p, word, length))
			return true;
		p += here;
	}
	return false;
}

/* The different texts that a member of the group's devices has, one after the other. */
static void put_each(const struct view_context *context, const struct snapshot_group *group,
                     size_t member, const char *none, struct cell_text *out)
{
	const struct snapshot_device *devices = snapshot_devices_of(context->snap, group);

	if (!devices)
		cell_set(out, ROLE_DIM, "-");
	for (uint32_t i = 0; i < group->device_count; i++) {
		size_t length = strlen(out->text);
		text_id text;
		const char *word;

		memcpy(&text, (const char *)&devices[i] + member, sizeof(text));
		word = text ? snapshot_text(context->snap, text) : none;
		if (!is_listed(out->text, word))
			snprintf(out->text + length, sizeof(out->text) - length, "%s%s",
			         length ? ", " : "", word);
	}
}

static void put_units(const struct view_context *context, const struct snapshot_group *group,
                      struct cell_text *out)
{
	const struct snapshot *snap = context->snap;
	size_t length;

	put_each(context, group, offsetof(struct snapshot_device, unit), "unknown", out);
	for (size_t i = 0; i < snap->unit_count; i++) {
		if (strcmp(snapshot_text(snap, snap->units[i].name), out->text) != 0)
			continue;
		length = strlen(out->text);
		snprintf(out->text + length, sizeof(out->text) - length, " (%s)",
		         snapshot_text(snap, snap->units[i].vendor));
		break;
	}
}

static void put_drivers(const struct view_context *context, const struct snapshot_group *group,
                        struct cell_text *out)
{
	put_each(context, group, offsetof(struct snapshot_device, driver), "none", out);
}

static void put_devices(const struct view_context *context, const struct snapshot_group *group,
                        struct cell_text *out)
{
	if (!context->snap->topology_known)
		cell_set(out, ROLE_DIM, "%u so far: sysfs is still being read",
		         group->device_count);
	else if (!group->device_count)
		cell_set(out, ROLE_NORMAL, "none");
	else if (group->device_count == 1)
		cell_set(out, ROLE_NORMAL, "1, alone in its group");
	else
		cell_set(out, ROLE_NORMAL, "%u, which can only be assigned together",
		         group->device_count);
}

static void put_faults(const struct view_context *context, const struct snapshot_group *group,
                       struct cell_text *out)
{
	const struct snapshot *snap = context->snap;
	const char *mark = snap->faults.known == KNOWN_AT_LEAST ? GLYPH_AT_LEAST : "";
	uint64_t count = 0;
	size_t rows = 0;

	for (size_t i = 0; i < snap->fault_count; i++) {
		const struct snapshot_fault *fault = &snap->faults_seen[i];

		if (snapshot_group_of(snap, fault->device_index) != group->id)
			continue;
		count += fault->count + fault->count_before;
		rows++;
	}
	if (snap->faults.known == KNOWN_NOT && !rows)
		cell_set(out, ROLE_DIM, "-");
	else if (rows < count)
		cell_set(out, ROLE_BAD, "%s%" PRIu64 ", in %zu row%s below", mark, count, rows,
		         rows == 1 ? "" : "s");
	else
		cell_set(out, rows ? ROLE_BAD : ROLE_NORMAL, "%s%zu in the list below", mark, rows);
}

/* As sysfs has them: what no guest may map, for the sake of interrupts or of firmware. */
static void put_reserved(const struct view_context *context, const struct snapshot_group *group,
                         struct cell_text *out)
{
	const char *text = snapshot_text(context->snap, group->reserved);

	for (size_t length = 0; *text && length + 3 < sizeof(out->text); text++) {
		out->text[length++] = *text;
		if (*text == ',')
			out->text[length++] = ' ';
		out->text[length] = '\0';
	}
}

static void put_nodes(const struct view_context *context, const struct snapshot_group *group,
                      struct cell_text *out)
{
	const struct snapshot_device *devices = snapshot_devices_of(context->snap, group);

	for (uint32_t i = 0; devices && i < group->device_count; i++) {
		char node[16];

		snprintf(node, sizeof(node), "%u", devices[i].numa);
		if (devices[i].numa != NO_NUMBER && !is_listed(out->text, node))
			cell_add(out, "%s%s", *out->text ? ", " : "", node);
	}
}

/* As it runs now, and where it could do better. */
static void put_links(const struct view_context *context, const struct snapshot_group *group,
                      struct cell_text *out)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	for (uint32_t i = 0; devices && i < group->device_count; i++)
		if (devices[i].link)
			cell_add(out, "%s%s %s", *out->text ? "; " : "",
			         snapshot_text(snap, devices[i].name),
			         snapshot_text(snap, devices[i].link));
}

/* One row a fact. */
static const struct fact {
	const char *name;
	void (*put)(const struct view_context *context, const struct snapshot_group *group,
	            struct cell_text *out);
} facts[] = {
	{"group", put_group},      {"default domain", put_type}, {"domain now", put_now},
	{"held by", put_holder},   {"devices", put_devices},     {"drivers", put_drivers},
	{"IOMMU unit", put_units}, {"faults", put_faults},       {"reserved", put_reserved},
	{"NUMA node", put_nodes},  {"link", put_links},
};

/* These say nothing where nothing is known of them; the others a '-'. */
static bool may_be_absent(const struct fact *fact)
{
	return fact->put == put_reserved || fact->put == put_nodes || fact->put == put_links;
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot_group *group = the_group(context);

	for (size_t i = 0; group && i < ARRAY_SIZE(facts); i++) {
		struct cell_text text = {.role = ROLE_NORMAL};

		if (may_be_absent(&facts[i]))
			facts[i].put(context, group, &text);
		if (!may_be_absent(&facts[i]) || text.text[0])
			rows_add(rows,
			         (struct row){.id = i, .index = (uint32_t)i, .parent = NO_PARENT});
	}
}

static void put_fact(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	(void)context;
	cell_set(out, ROLE_DIM, "%s", facts[row->index].name);
}

static void put_value(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	const struct snapshot_group *group = the_group(context);

	/* The rows may be older than the snapshot. */
	if (group)
		facts[row->index].put(context, group, out);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	copy_text(out, size,
	          context->snap->topology_known ? "there is no such group" : "reading sysfs ...");
}

static const struct column columns[] = {
	{"FACT", 14, 14, .put = put_fact, .help = "what"},
	{"VALUE", 20, 0, .put = put_value, .help = "as sysfs has it"},
};

const struct view facts_view = {
	.title = "Facts",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
};
