// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * groups: the topology. A row a group; where it has several devices, a row a device under it.
 * Devices behind no IOMMU are a last group of their own. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "../viability.h"
#include "cells.h"

/* What a row stands for is the upper half of its id; the lower half is the group's number or the
 * text of the device's name, both of which stay. */
enum row_kind { ROW_GROUP = 1, ROW_NO_IOMMU = 2, ROW_DEVICE = 3 };

static uint64_t row_id(enum row_kind kind, uint32_t number)
{
	return (uint64_t)kind << 32 | number;
}

static enum row_kind kind_of(const struct row *row)
{
	return (enum row_kind)(row->id >> 32);
}

static void add_devices(const struct view_context *context, size_t first, size_t count,
                        size_t parent, struct rows *rows)
{
	for (size_t i = first; i < first + count; i++)
		rows_add(rows, (struct row){
				       .id = row_id(ROW_DEVICE, context->snap->devices[i].name),
				       .index = (uint32_t)i,
				       .parent = (uint32_t)parent,
			       });
}

static void add_group(const struct view_context *context, size_t index, struct rows *rows)
{
	const struct snapshot_group *group = &context->snap->groups[index];
	bool several = group->device_count > 1;
	size_t parent = rows_add(rows, (struct row){
					       .id = row_id(ROW_GROUP, group->id),
					       .index = (uint32_t)index,
					       .parent = NO_PARENT,
					       .foldable = several,
				       });

	if (several)
		add_devices(context, group->first_device, group->device_count, parent, rows);
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_group *group = snapshot_group_by_id(snap, context->group);
	const struct snapshot_device *first;
	size_t ungrouped, parent;

	if (context->group != NO_GROUP) {
		if (group)
			add_devices(context, group->first_device, group->device_count, NO_PARENT,
			            rows);
		return;
	}
	for (size_t i = 0; i < snap->group_count; i++)
		add_group(context, i, rows);
	ungrouped = snapshot_ungrouped(snap, &first);
	if (!ungrouped)
		return;
	parent = rows_add(
		rows,
		(struct row){.id = row_id(ROW_NO_IOMMU, 0), .parent = NO_PARENT, .foldable = true});
	add_devices(context, (size_t)(first - snap->devices), ungrouped, parent, rows);
}

static const struct snapshot_group *group_row(const struct view_context *context,
                                              const struct row *row)
{
	return kind_of(row) == ROW_GROUP ? &context->snap->groups[row->index] : NULL;
}

/* The one device a row is about; NULL for groups of none or several. */
static const struct snapshot_device *device_row(const struct view_context *context,
                                                const struct row *row)
{
	const struct snapshot_group *group = group_row(context, row);

	if (kind_of(row) == ROW_DEVICE)
		return &context->snap->devices[row->index];
	if (group && group->device_count == 1)
		return &context->snap->devices[group->first_device];
	return NULL;
}

/* The devices a group's row stands for. */
static size_t devices_of(const struct view_context *context, const struct row *row,
                         const struct snapshot_device **first)
{
	const struct snapshot_group *group = group_row(context, row);

	if (!group)
		return snapshot_ungrouped(context->snap, first);
	*first = snapshot_devices_of(context->snap, group);
	return group->device_count;
}

static void put_group(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	const char *mark = !row->foldable ? " " : row->folded ? GLYPH_FOLDED : GLYPH_UNFOLDED;

	if (kind_of(row) == ROW_GROUP)
		cell_set(out, ROLE_STRONG, "%s%4u", mark, group_row(context, row)->id);
	else if (kind_of(row) == ROW_NO_IOMMU)
		cell_set(out, ROLE_WARN, "%snone", mark);
	else if (row->parent != NO_PARENT)
		cell_set(out, ROLE_BRANCH, "    %s", row->last ? "└" : "├");
	else
		cell_set(out, ROLE_STRONG, " %4u", context->snap->devices[row->index].group);
}

/* The group a row stands for; NULL where it is only a device of one. */
static const struct snapshot_group *whole_group(const struct view_context *context,
                                                const struct row *row)
{
	if (kind_of(row) == ROW_DEVICE && row->parent == NO_PARENT)
		return snapshot_group_by_id(context->snap, context->group);
	return group_row(context, row);
}

static const char *type_words(const struct view_context *context, const struct row *row)
{
	const struct snapshot_group *group = whole_group(context, row);

	return snapshot_type_words(context->snap, group ? group->default_type : 0);
}

static void put_type(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	if (kind_of(row) == ROW_NO_IOMMU)
		cell_set(out, ROLE_WARN, "no IOMMU");
	else if (kind_of(row) == ROW_GROUP || row->parent == NO_PARENT)
		cell_set(out, ROLE_NORMAL, "%s", type_words(context, row));
}

/* Before 5.15 the default was plain DMA, and the domain's type says no more. */
static bool is_default(const char *now, const char *words)
{
	return !strcmp(now, words) || (!strcmp(words, "DMA") && !strncmp(now, "DMA", 3));
}

/* As the default, it is not worth a look; else it is what one looks for. */
static void put_now(const struct view_context *context, const struct row *row,
                    struct cell_text *out)
{
	const struct snapshot_group *group = whole_group(context, row);
	const char *now, *words;

	if (!group)
		return;
	now = snapshot_group_now(context->snap, group);
	words = snapshot_type_words(context->snap, group->default_type);
	cell_set(out, *now == '-' || is_default(now, words) ? ROLE_DIM : ROLE_GOOD, "%s", now);
}

/* The guest's name alone where there is no room for its process. */
static void put_holder(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_group *group = whole_group(context, row);
	const struct snapshot_process *process;

	if (!group || group->holder == NO_PROCESS)
		return;
	process = snapshot_process_by_id(snap, group->holder);
	snapshot_process_words(snap, group->holder, process ? process->name : 0,
	                       process ? process->vm : 0, out->text, sizeof(out->text));
	if (process && process->vm && out->room && canvas_text_width(out->text) > out->room)
		cell_set(out, ROLE_NORMAL, "%s", snapshot_text(snap, process->vm));
}

static void put_device(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_device *device = device_row(context, row), *first;
	size_t count;

	if (device) {
		cell_set(out, ROLE_STRONG, "%s", snapshot_text(context->snap, device->name));
		return;
	}
	count = devices_of(context, row, &first);
	cell_set(out, ROLE_DIM, "%zu device%s", count, count == 1 ? "" : "s");
}

/* The classes of a group's devices, each once, as far as there is room. */
static void put_summary(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	const struct snapshot_device *devices;
	size_t count = devices_of(context, row, &devices);

	out->role = ROLE_DIM;
	for (size_t i = 0; i < count; i++) {
		const char *name = snapshot_text(context->snap, devices[i].class_name);
		size_t length = strlen(out->text);
		bool again = !*name;

		for (size_t j = 0; j < i && !again; j++)
			again = devices[j].class_name == devices[i].class_name;
		if (again || length + strlen(name) + 3 > sizeof(out->text))
			continue;
		snprintf(out->text + length, sizeof(out->text) - length, "%s%s", length ? ", " : "",
		         name);
	}
}

static void put_slow(uint32_t slow_s, struct cell_text *out)
{
	cell_set(out, ROLE_WARN, "the kernel has not answered for %u s", slow_s);
}

static void put_name(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_device *device = device_row(context, row);
	const struct snapshot_group *group = group_row(context, row);

	if (device && device->slow_s)
		put_slow(device->slow_s, out);
	else if (group && group->slow_s)
		put_slow(group->slow_s, out);
	else if (device)
		cell_device_words(out, context->snap, device);
	else
		put_summary(context, row, out);
}

static void put_ids(const struct view_context *context, const struct row *row,
                    struct cell_text *out)
{
	const struct snapshot_device *device = device_row(context, row);

	if (device && device->vendor_id != NO_NUMBER && device->device_id != NO_NUMBER)
		cell_set(out, ROLE_DIM, "%04x:%04x", device->vendor_id, device->device_id);
}

static void put_driver(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_device *device = device_row(context, row);
	const char *driver;

	if (!device)
		return;
	driver = snapshot_text(context->snap, device->driver);
	if (!*driver)
		cell_set(out, ROLE_DIM, "-");
	else
		cell_set(out, strstr(driver, "vfio") ? ROLE_GOOD : ROLE_NORMAL, "%s", driver);
}

static enum role role_of(enum viability_kind kind)
{
	switch (kind) {
	case VIABILITY_READY:
		return ROLE_GOOD;
	case VIABILITY_NO_IOMMU:
		return ROLE_BAD;
	case VIABILITY_IN_USE:
	case VIABILITY_NOT:
		return ROLE_NORMAL;
	default:
		return ROLE_DIM;
	}
}

/* A device among others of its group: what is said of it is only whether it is in the way. */
static bool is_member(const struct view_context *context, const struct row *row)
{
	const struct snapshot_group *group;

	if (kind_of(row) != ROW_DEVICE)
		return false;
	group = snapshot_group_by_id(context->snap, context->snap->devices[row->index].group);
	return !group || group->device_count > 1;
}

static void put_assign(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_group *group = whole_group(context, row);
	char word[VIABILITY_WORD_MAX];

	if (!is_member(context, row) && group)
		cell_set(out, role_of(viability_of(snap, group).kind), "%s",
		         viability_word(snap, group, word, sizeof(word)));
	else if (is_member(context, row) && snap->devices[row->index].group != NO_GROUP &&
	         viability_blocks(snap, &snap->devices[row->index]))
		cell_set(out, ROLE_DIM, "blocks");
}

static uint32_t group_of(const struct view_context *context, const struct row *row)
{
	const struct snapshot_group *group = group_row(context, row);

	if (group)
		return group->id;
	return kind_of(row) == ROW_DEVICE ? context->snap->devices[row->index].group : NO_GROUP;
}

static int cmp_group(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(group_of(context, a), group_of(context, b));
}

static int cmp_type(const struct view_context *context, const struct row *a, const struct row *b)
{
	return strcmp(type_words(context, a), type_words(context, b));
}

static int cmp_now(const struct view_context *context, const struct row *a, const struct row *b)
{
	struct cell_text left = {.role = ROLE_NORMAL}, right = {.role = ROLE_NORMAL};

	put_now(context, a, &left);
	put_now(context, b, &right);
	return strcmp(left.text, right.text);
}

static int cmp_holder(const struct view_context *context, const struct row *a, const struct row *b)
{
	struct cell_text left = {.role = ROLE_NORMAL}, right = {.role = ROLE_NORMAL};

	put_holder(context, a, &left);
	put_holder(context, b, &right);
	return strcmp(left.text, right.text);
}

/* What is ready comes first. */
static uint64_t assign_order(const struct view_context *context, const struct row *row)
{
	static const uint8_t order[VIABILITY_KIND_COUNT] = {
		[VIABILITY_READY] = 0,   [VIABILITY_IN_USE] = 1,   [VIABILITY_AFTER] = 2,
		[VIABILITY_NOT] = 3,     [VIABILITY_NO_IOMMU] = 4, [VIABILITY_UNKNOWN] = 5,
		[VIABILITY_NOTHING] = 6,
	};
	const struct snapshot_group *group = whole_group(context, row);
	struct viability verdict;

	if (is_member(context, row))
		return !viability_blocks(context->snap, &context->snap->devices[row->index]);
	if (!group)
		return UINT64_MAX;
	verdict = viability_of(context->snap, group);
	return (uint64_t)order[verdict.kind] << 32 | verdict.blockers;
}

static int cmp_assign(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(assign_order(context, a), assign_order(context, b));
}

/* A group of several goes by its first device. */
static const struct snapshot_device *sort_device(const struct view_context *context,
                                                 const struct row *row)
{
	const struct snapshot_device *device = device_row(context, row);

	if (!device && !devices_of(context, row, &device))
		return NULL;
	return device;
}

static int cmp_text(const struct view_context *context, const struct row *a, const struct row *b,
                    size_t member)
{
	const struct snapshot_device *left = sort_device(context, a);
	const struct snapshot_device *right = sort_device(context, b);
	text_id left_text = 0, right_text = 0;

	if (left)
		memcpy(&left_text, (const char *)left + member, sizeof(left_text));
	if (right)
		memcpy(&right_text, (const char *)right + member, sizeof(right_text));
	return strcmp(snapshot_text(context->snap, left_text),
	              snapshot_text(context->snap, right_text));
}

static int cmp_device(const struct view_context *context, const struct row *a, const struct row *b)
{
	return cmp_text(context, a, b, offsetof(struct snapshot_device, name));
}

static int cmp_name(const struct view_context *context, const struct row *a, const struct row *b)
{
	int by_class = cmp_text(context, a, b, offsetof(struct snapshot_device, class_name));

	return by_class ? by_class
	                : cmp_text(context, a, b, offsetof(struct snapshot_device, model));
}

static int cmp_driver(const struct view_context *context, const struct row *a, const struct row *b)
{
	return cmp_text(context, a, b, offsetof(struct snapshot_device, driver));
}

static int cmp_ids(const struct view_context *context, const struct row *a, const struct row *b)
{
	const struct snapshot_device *left = sort_device(context, a);
	const struct snapshot_device *right = sort_device(context, b);
	uint64_t left_ids = left ? (uint64_t)left->vendor_id << 32 | left->device_id : 0;
	uint64_t right_ids = right ? (uint64_t)right->vendor_id << 32 | right->device_id : 0;

	return compare_u64(left_ids, right_ids);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	if (!context->snap->topology_known)
		copy_text(out, size, "reading sysfs ...");
	else if (context->group != NO_GROUP)
		copy_text(out, size, "there is no such group");
	else
		copy_text(out, size, "no IOMMU groups");
}

static const struct column columns[] = {
	{"GROUP", 5, 5, .put = put_group, .cmp = cmp_group,
         .help = "number of the IOMMU group: devices that can only be assigned together"},
	{"DEFAULT", 10, 10, .put = put_type, .cmp = cmp_type, .drop = 2,
         .help = "the group's default domain: DMA lazy, DMA strict, identity (passthrough)"},
	{"NOW", 10, 10, .put = put_now, .cmp = cmp_now, .drop = 1,
         .help = "the domain that its devices are attached to now; VFIO: they are with a guest"},
	{"DEVICE", 12, 36, .put = put_device, .cmp = cmp_device,
         .help = "PCI address, or the name that the device's bus gives it"},
	{"NAME", 28, 0, .put = put_name, .cmp = cmp_name, .help = "class and model, as lspci"},
	{"ID", 9, 9, .put = put_ids, .cmp = cmp_ids, .drop = 3,
         .help = "PCI vendor and device numbers"},
	{"DRIVER", 10, 16, .put = put_driver, .cmp = cmp_driver,
         .help = "the driver bound to the device, - for none"},
	{"ASSIGN", 10, 16, .put = put_assign, .cmp = cmp_assign,
         .help = "to a guest: ready, who has it, bind N (to vfio-pci, first), no: what blocks; ? "
                 "probably"},
	{"HELD BY", 12, 30, .put = put_holder, .cmp = cmp_holder, .drop = 4,
         .help = "the guest or process that has the group open"},
};

const struct view groups_view = {
	.title = "Groups",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
	.group_of = group_of,
};
