// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * losses: what does the host lose when a group is assigned? In: a snapshot. Out: sentences. Must
 * never know: sysfs, mounts, the terminal. Pure.
 */
#include "losses.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util.h"
#include "viability.h"

#define NAMED_FUNCTIONS 4 /* so many by name, the others by number */

enum { DEVICE_SIZE = 160, NAMES_SIZE = 320 };

/* A device, the middle, names, the end. */
struct sentence {
	enum tone tone;
	const char *middle, *end;
};

/* What DEVICE_HOST_USE has (host_use.h): a word, in some a name behind it. */
struct use {
	const char *word;
	struct sentence whole, part;
};

#define DARK  "it goes dark"
#define FIRST ": swapoff comes first"

static const struct use uses[] = {
	{"file system ",
         {TONE_BAD, " carries file systems of the host (", "): unmount them first"},
         {TONE_WARN, " carries a part of file systems of the host (",
          "): whether they live on without it depends on how they are spread (RAID, LVM)"}},
	{"swap",
         {TONE_BAD, " carries swap of the host", FIRST},
         {TONE_BAD, " carries a part of the host's swap", FIRST}},
	{"default route by ",
         {TONE_WARN, " is the host's way to the network (default route by ",
          "): connections over it end"},
         {TONE_WARN, " is one of several ways of the host to the network (default route by ",
          "): the others have to carry it"}},
	{"boot display",
         {TONE_WARN, " is the display that the host booted with", ": " DARK},
         {TONE_WARN, " is a display that the host booted with", ": " DARK}},
	{"framebuffer ",
         {TONE_WARN, " shows the host's console (", "): " DARK},
         {TONE_WARN, " shows a part of the host's console (", "): " DARK}},
	{"keyboard",
         {TONE_WARN, " has the only keyboard of the host", ""},
         {TONE_WARN, " has keyboards of the host", ""}},
};

static const struct sentence root_whole = {TONE_BAD, " carries the root file system of the host (",
                                           "): the host stops without it"};

static char *device_words(const struct snapshot *snap, const struct snapshot_device *device,
                          char out[DEVICE_SIZE])
{
	snprintf(out, DEVICE_SIZE, device->driver ? "%s (%s)" : "%s",
	         snapshot_text(snap, device->name), snapshot_text(snap, device->driver));
	return out;
}

/* ---- what it is used for ---- */

/* Goes through the words of a list; *length is that of the word that is returned. */
static const char *next_word(const char **list, size_t *length)
{
	const char *word = *list;

	*length = strcspn(word, ",");
	*list += *length + (word[*length] != '\0');
	return *length ? word : NULL;
}

/* The names in this list of what is used so, in whole or in part; false where it is not. */
static bool find_names(const char *list, const struct use *use, bool part, char names[NAMES_SIZE])
{
	static const char part_of[] = "part of ";
	size_t length, head = strlen(use->word);
	const char *word;
	bool found = false;

	names[0] = '\0';
	while ((word = next_word(&list, &length))) {
		bool is_part = !strncmp(word, part_of, strlen(part_of));

		if (is_part) {
			word += strlen(part_of);
			length -= strlen(part_of);
		}
		if (is_part != part || length < head || strncmp(word, use->word, head) != 0)
			continue;
		append_text(names, NAMES_SIZE, "%s%.*s", found ? ", " : "", (int)(length - head),
		            word + head);
		found = true;
	}
	return found;
}

/* The lists begin with what matters most: "/" is the first of them, if it is there. */
static bool has_root(const char *names)
{
	return names[0] == '/' && (names[1] == ',' || names[1] == '\0');
}

static void say_use(const struct use *use, bool part, const char *device, const char *names,
                    struct lines *lines)
{
	const struct sentence *sentence = part ? &use->part : &use->whole;

	if (!part && use == &uses[0] && has_root(names))
		sentence = &root_whole;
	lines_add(lines, sentence->tone, "%s%s%s%s", device, sentence->middle, names,
	          sentence->end);
}

static bool is_cut(const char *list)
{
	size_t length = strlen(list);

	return length >= 3 && !strcmp(list + length - 3, "...");
}

/* Whether there was anything to say. */
static bool say_uses(const struct snapshot *snap, const struct snapshot_device *device,
                     struct lines *lines)
{
	const char *list = snapshot_text(snap, device->host_use);
	char words[DEVICE_SIZE], names[NAMES_SIZE];
	size_t before = lines->count;

	device_words(snap, device, words);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		for (int part = 0; part < 2; part++)
			if (find_names(list, &uses[i], part, names))
				say_use(&uses[i], part, words, names, lines);
	if (is_cut(list))
		lines_add(lines, TONE_WARN, "%s carries more of the host's than is listed here",
		          words);
	return lines->count > before;
}

bool losses_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	struct lines lines = {0};
	bool some = say_uses(snap, device, &lines);

	lines_release(&lines);
	return some;
}

/* ---- virtual functions ---- */

static bool is_function_of(const struct snapshot *snap, const struct snapshot_device *function,
                           const struct snapshot_device *device)
{
	return function->physfn &&
	       !strcmp(snapshot_text(snap, function->physfn), snapshot_text(snap, device->name));
}

/* Who has the group of a function, by its machine or program; NULL for nobody. */
static const char *holder_of(const struct snapshot *snap, const struct snapshot_device *function)
{
	const struct snapshot_group *group = snapshot_group_by_id(snap, function->group);
	const struct snapshot_process *process =
		group && group->holder != NO_PROCESS ? snapshot_process_by_id(snap, group->holder)
						     : NULL;

	if (!process)
		return NULL;
	return snapshot_text(snap, process->vm ? process->vm : process->name);
}

/* "0000:03:10.0, 0000:03:10.2 (vm1) and 5 more"; whether somebody has one of them. */
static bool name_functions(const struct snapshot *snap, const struct snapshot_device *device,
                           char names[NAMES_SIZE])
{
	uint32_t count = 0;
	bool held = false;

	names[0] = '\0';
	for (size_t i = 0; i < snap->device_count; i++) {
		const struct snapshot_device *function = &snap->devices[i];
		const char *holder;

		if (!is_function_of(snap, function, device))
			continue;
		holder = holder_of(snap, function);
		held = held || holder;
		if (count++ >= NAMED_FUNCTIONS)
			continue;
		append_text(names, NAMES_SIZE, "%s%s", count > 1 ? ", " : "",
		            snapshot_text(snap, function->name));
		if (holder)
			append_text(names, NAMES_SIZE, " of %.40s", holder);
	}
	if (count > NAMED_FUNCTIONS)
		append_text(names, NAMES_SIZE, " and %" PRIu32 " more", count - NAMED_FUNCTIONS);
	return held;
}

/* Drivers of physical functions take the virtual ones away when they go (pci_disable_sriov,
 * drivers/pci/iov.c); who has one of them loses it. */
static bool say_functions(const struct snapshot *snap, const struct snapshot_device *device,
                          struct lines *lines)
{
	char words[DEVICE_SIZE], names[NAMES_SIZE];
	bool held;

	if (device->vfs == NO_NUMBER || !device->vfs)
		return false;
	held = name_functions(snap, device, names);
	lines_add(lines, held ? TONE_BAD : TONE_WARN,
	          "%s has %" PRIu32 " virtual function%s%s%s%s, which go%s when its driver goes",
	          device_words(snap, device, words), device->vfs, device->vfs == 1 ? "" : "s",
	          *names ? " (" : "", names, *names ? ")" : "", device->vfs == 1 ? "es" : "");
	return true;
}

static void say_function(const struct snapshot *snap, const struct snapshot_device *device,
                         struct lines *lines)
{
	const struct snapshot_device *physical =
		device->physfn ? snapshot_device_by_name(snap, device->physfn) : NULL;

	if (!device->physfn)
		return;
	if (physical && physical->driver)
		lines_add(lines, TONE_PLAIN,
		          "%s is a virtual function of %s, which stays where it is (%s)",
		          snapshot_text(snap, device->name), snapshot_text(snap, device->physfn),
		          snapshot_text(snap, physical->driver));
	else
		lines_add(lines, TONE_PLAIN,
		          "%s is a virtual function of %s, which stays where it is",
		          snapshot_text(snap, device->name), snapshot_text(snap, device->physfn));
}

/* ---- all of it ---- */

static void say_rest(bool any, bool unknown, struct lines *lines)
{
	if (unknown)
		lines_add(lines, TONE_UNKNOWN,
		          "%sit is not known whether anything %sof the host's own depends on it: "
		          "its mounts cannot be seen, or not all be followed to a device",
		          any ? "beyond that " : "", any ? "else " : "");
	else if (!any)
		lines_add(lines, TONE_GOOD, "nothing of the host's own is known to depend on it");
}

void losses_say(const struct snapshot *snap, const struct snapshot_group *group,
                struct lines *lines)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);
	bool any = false, unknown = false;

	if (viability_of(snap, group).kind == VIABILITY_NOTHING)
		return;
	for (uint32_t i = 0; i < group->device_count; i++) {
		any = say_uses(snap, &devices[i], lines) || any;
		any = say_functions(snap, &devices[i], lines) || any;
		unknown = unknown || !devices[i].host_use;
	}
	for (uint32_t i = 0; i < group->device_count; i++)
		say_function(snap, &devices[i], lines);
	if (group->device_count)
		say_rest(any, unknown, lines);
}
