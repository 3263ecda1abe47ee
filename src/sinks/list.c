// SPDX-License-Identifier: GPL-2.0-or-later
/* list: units and groups as text, in the form that people know from shell loops around lspci. */
#include "list.h"

#include <string.h>

#include "../answers.h"
#include "../text.h"
#include "../util.h"

#define TEXT_MAX 512

static void print_text(FILE *out, const struct snapshot *snap, const char *before, text_id text,
                       const char *after)
{
	char clean[TEXT_MAX];

	if (text)
		fprintf(out, "%s%s%s", before,
		        text_clean(clean, sizeof(clean), snapshot_text(snap, text)), after);
}

/* What pci.ids does not know comes with its number from libpci. */
static void print_class(FILE *out, const struct snapshot *snap,
                        const struct snapshot_device *device)
{
	char number[16];

	print_text(out, snap, " ", device->class_name, "");
	if (device->class_code == NO_NUMBER)
		return;
	snprintf(number, sizeof(number), " [%04x]", device->class_code >> 8);
	if (!text_has(snapshot_text(snap, device->class_name), number))
		fputs(number, out);
}

/* 0000:00:02.0 Ethernet controller [0200]: Intel Corporation ... [8086:10d3] (rev 02), driver x */
static void print_device(FILE *out, const struct snapshot *snap,
                         const struct snapshot_device *device)
{
	print_text(out, snap, "\t", device->name, "");
	print_class(out, snap, device);
	print_text(out, snap, ": ", device->model, "");
	if (device->vendor_id != NO_NUMBER && device->device_id != NO_NUMBER)
		fprintf(out, " [%04x:%04x]", device->vendor_id, device->device_id);
	if (device->revision != NO_NUMBER && device->revision)
		fprintf(out, " (rev %02x)", device->revision);
	if (!device->class_name && !device->model)
		print_text(out, snap, " ", device->bus, " device");
	if (device->driver)
		print_text(out, snap, ", driver ", device->driver, "");
	else
		fputs(", no driver", out);
	putc('\n', out);
}

static void print_units(FILE *out, const struct snapshot *snap, const struct output_filter *filter)
{
	if (!snap->unit_count && !snap->group_count)
		fputs("IOMMU: off\n", out);
	if (snap->topology_cut)
		fputs("not all: there is no room for more units, groups or devices\n", out);
	for (size_t i = 0; i < snap->unit_count; i++) {
		if (!filter_unit(snap, filter, &snap->units[i]))
			continue;
		print_text(out, snap, "IOMMU unit ", snap->units[i].name, "");
		print_text(out, snap, ": ", snap->units[i].vendor, "");
		putc('\n', out);
	}
}

/* The title is printed with the first device that is wanted, so that a filter leaves no empty
 * titles but of what has no devices. */
static void print_devices(FILE *out, const struct snapshot *snap,
                          const struct output_filter *filter, const char *title,
                          const struct snapshot_device *devices, size_t count)
{
	bool titled = !filter->needle || !count;

	if (titled)
		fprintf(out, "%s:\n", title);
	for (size_t i = 0; i < count; i++) {
		if (!filter_device(snap, filter, &devices[i]))
			continue;
		if (!titled)
			fprintf(out, "%s:\n", title);
		titled = true;
		print_device(out, snap, &devices[i]);
	}
}

/* IOMMU Group 4 (DMA strict), held by vm1 (qemu-system-x86 1234) */
static void write_title(char *title, size_t size, const struct snapshot *snap,
                        const struct snapshot_group *group)
{
	const struct snapshot_process *holder = snapshot_process_by_id(snap, group->holder);
	char type[64], words[TEXT_MAX], clean[160];
	size_t length;

	length = (size_t)snprintf(
		title, size, "IOMMU Group %u (%s)", group->id,
		text_clean(type, sizeof(type), snapshot_type_words(snap, group->default_type)));
	if (!holder)
		return;
	snapshot_process_words(snap, holder->id, holder->name, holder->vm, words, sizeof(words));
	snprintf(title + length, size - length, ", held by %s",
	         text_clean(clean, sizeof(clean), words));
}

/* "why together   0000:00:1c.0 has no ACS": the topic stands before the first line of its own. */
static void print_answer(FILE *out, const struct snapshot *snap, const struct snapshot_group *group,
                         const struct answer *answer)
{
	struct lines lines = {0};
	char clean[LINE_TEXT_MAX];

	answer->say(snap, group, &lines);
	for (size_t i = 0; i < lines.count; i++)
		fprintf(out, "%-14s %s\n", i ? "" : answer->topic,
		        text_clean(clean, sizeof(clean), lines.lines[i].text));
	lines_release(&lines);
}

static void print_answers(FILE *out, const struct snapshot *snap,
                          const struct snapshot_group *group)
{
	for (size_t i = 0; i < answer_count; i++)
		print_answer(out, snap, group, &answers[i]);
}

int list_write(FILE *out, const struct snapshot *snap, const struct output_filter *filter)
{
	const struct snapshot_device *first;
	size_t ungrouped = snapshot_ungrouped(snap, &first);
	char title[256];

	print_units(out, snap, filter);
	for (size_t i = 0; i < snap->group_count; i++) {
		const struct snapshot_group *group = &snap->groups[i];

		if (!filter_group(snap, filter, group))
			continue;
		write_title(title, sizeof(title), snap, group);
		print_devices(out, snap, filter, title, snapshot_devices_of(snap, group),
		              group->device_count);
		if (filter->group == group->id && !filter->needle)
			print_answers(out, snap, group);
	}
	if (ungrouped && filter->group == NO_GROUP)
		print_devices(out, snap, filter, "Behind no IOMMU", first, ungrouped);
	return fflush(out) || ferror(out) ? -1 : 0;
}

int list_lines(FILE *out, const struct lines *lines)
{
	char clean[LINE_TEXT_MAX];

	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->lines[i];

		fprintf(out, "%-8s %s\n", line->tone == TONE_PLAIN ? "" : tone_words[line->tone],
		        text_clean(clean, sizeof(clean), line->text));
	}
	return fflush(out) || ferror(out) ? -1 : 0;
}
