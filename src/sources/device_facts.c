// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_facts: what a PCI device's directory in sysfs tells without touching the device.
 * In: a directory, however broken. Out: facts. Must never know: groups, threads, time.
 *
 * Relied on: drivers/pci/pci-sysfs.c, drivers/pci/iov.c, drivers/base/power/sysfs.c, 4.15 to 7.3.
 * Up to 7.0 driver_override_show takes the device's lock, and since 5.5 sriov_numvfs_show does. The
 * lock is held for as long as a driver is bound or taken away, and vfio_unregister_group_dev
 * (drivers/vfio/vfio_main.c) waits there until a guest lets go. So virtual functions are counted by
 * their links, and the override is read only while a VFIO driver's link is there: the kernel takes
 * that away before it waits (__device_release_driver in drivers/base/dd.c).
 */
#include "device_facts.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "files.h"

enum { TEXT_SIZE = 256, BAR_COUNT = 6 };

/* Flags in a line of the file "resource" (include/linux/ioport.h). */
enum { FLAG_IO = 0x100, FLAG_MEMORY = 0x200, FLAG_PREFETCH = 0x2000, FLAG_64_BIT = 0x100000 };

/* One look at one device. */
struct look {
	int (*open_file)(int directory, const char *path);
	int directory;
	struct topology_item *item;
};

static const enum attribute lasting[] = {ATTR_DEVICE_PHYSFN, ATTR_DEVICE_RESET, ATTR_DEVICE_NUMA,
                                         ATTR_DEVICE_BARS};

/* The first line of a file; false for none or an empty one. */
static bool read_text(const struct look *look, const char *path, char text[TEXT_SIZE])
{
	return files_take_line(
		(look->open_file ? look->open_file : files_open)(look->directory, path), text,
		TEXT_SIZE);
}

static bool is_there(const struct look *look, const char *path)
{
	return faccessat(look->directory, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- what lasts ---- */

static void read_physical_function(const struct look *look)
{
	char target[PATH_MAX];

	/* A tree may be damaged: nothing is a function of itself. */
	if (files_link(look->directory, "physfn", target, sizeof(target)) &&
	    strcmp(files_last_part(target), look->item->name) != 0)
		topology_set_text(look->item, ATTR_DEVICE_PHYSFN, files_last_part(target));
}

/* Which methods there are is a file since 5.15; that there is one shows in the file that does it.
 * Neither is there for a device without - or in a copy of a tree that lacks more than that. */
static void read_reset(const struct look *look, bool whole)
{
	char text[TEXT_SIZE];

	if (read_text(look, "reset_method", text))
		topology_set_text(look->item, ATTR_DEVICE_RESET, text);
	else if (is_there(look, "reset_method")) /* someone switched all of them off */
		topology_set_text(look->item, ATTR_DEVICE_RESET, "none");
	else if (is_there(look, "reset"))
		topology_set_text(look->item, ATTR_DEVICE_RESET, "some");
	else if (whole)
		topology_set_text(look->item, ATTR_DEVICE_RESET, "none");
}

static void read_node(const struct look *look)
{
	char text[TEXT_SIZE];
	uint64_t node;

	/* -1 is none */
	if (read_text(look, "numa_node", text) && parse_decimal(text, NULL, &node))
		topology_set_number(look->item, ATTR_DEVICE_NUMA, node);
}

/* "0x00000000f0000000 0x00000000f7ffffff 0x000000000014220c": first, last, flags. */
static bool parse_resource(const char *line, uint64_t *size_bytes, uint64_t *flags)
{
	uint64_t first, last;
	const char *at;

	if (!parse_hex(line, &at, &first) || *at != ' ' || !parse_hex(at + 1, &at, &last) ||
	    *at != ' ' || !parse_hex(at + 1, NULL, flags))
		return false;
	*size_bytes = last - first + 1;
	return last > first && *flags & (FLAG_IO | FLAG_MEMORY);
}

static void add_bar(char text[TEXT_SIZE], int number, const char *line)
{
	uint64_t size_bytes, flags;
	const char *kind = "32";

	if (!parse_resource(line, &size_bytes, &flags))
		return;
	if (flags & FLAG_IO)
		kind = "io";
	else if (flags & FLAG_64_BIT)
		kind = "64";
	append_text(text, TEXT_SIZE, "%s%d %s%s 0x%" PRIx64, text[0] ? "," : "", number, kind,
	            flags & FLAG_MEMORY && flags & FLAG_PREFETCH ? " prefetch" : "", size_bytes);
}

/* Whether there is such a file at all. */
static bool read_bars(const struct look *look)
{
	char lines[2048], text[TEXT_SIZE] = "";
	char *line = lines;

	files_take((look->open_file ? look->open_file : files_open)(look->directory, "resource"),
	           lines, sizeof(lines));
	for (int i = 0; i < BAR_COUNT && *line; i++) {
		char *end = line + strcspn(line, "\n");
		bool more = *end;

		*end = '\0';
		add_bar(text, i, line);
		line = end + more;
	}
	if (text[0])
		topology_set_text(look->item, ATTR_DEVICE_BARS, text);
	return line != lines;
}

static void read_lasting(const struct look *look)
{
	bool whole = read_bars(look);

	read_physical_function(look);
	read_reset(look, whole);
	read_node(look);
}

/* ---- what changes ---- */

/* "virtfn0", "virtfn1", ...: a link each */
static uint64_t count_virtual_functions(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	uint64_t count = 0;

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return VALUE_UNKNOWN;
	}
	while ((entry = readdir(stream)))
		count += !strncmp(entry->d_name, "virtfn", 6);
	closedir(stream);
	return count;
}

static void read_virtual_functions(const struct look *look, const struct topology_item *old)
{
	bool physical = old ? old->facts[ATTR_DEVICE_VFS].number != VALUE_UNKNOWN
	                    : is_there(look, "sriov_numvfs");

	if (physical)
		topology_set_number(look->item, ATTR_DEVICE_VFS,
		                    count_virtual_functions(look->directory));
}

static void read_power(const struct look *look)
{
	char text[TEXT_SIZE];

	if (read_text(look, "power/runtime_status", text))
		topology_set_text(look->item, ATTR_DEVICE_POWER, text);
}

static void read_override(const struct look *look)
{
	const char *driver = look->item->facts[ATTR_DEVICE_DRIVER].text;
	char text[TEXT_SIZE];

	if (!driver || (!strstr(driver, "vfio") && strcmp(driver, "pci-stub") != 0))
		return;
	if (read_text(look, "driver_override", text))
		topology_set_text(look->item, ATTR_DEVICE_OVERRIDE,
		                  strcmp(text, "(null)") ? text : "none");
}

void device_facts_read(int (*open_file)(int directory, const char *path), int directory,
                       const struct topology_item *old, struct topology_item *item)
{
	const struct look look = {open_file, directory, item};

	/* A driver that comes or goes may resize BARs, or the person who changed it. */
	if (old && !topology_same_fact(old, item, ATTR_DEVICE_DRIVER))
		old = NULL;
	if (old) {
		for (size_t i = 0; i < ARRAY_SIZE(lasting); i++)
			topology_copy_fact(item, old, lasting[i]);
	} else {
		read_lasting(&look);
	}
	read_virtual_functions(&look, old);
	read_power(&look);
	read_override(&look);
}

/* ---- where it is ---- */

static size_t hex_digits(const char *text)
{
	return strspn(text, "0123456789abcdef");
}

/* "0000:00", with what is behind it in *end. */
static bool is_bus(const char *text, const char **end)
{
	size_t domain = hex_digits(text);

	if (domain < 4 || domain > 8 || text[domain] != ':' || hex_digits(text + domain + 1) != 2)
		return false;
	*end = text + domain + 3;
	return true;
}

static bool is_pci_place(const char *text)
{
	const char *end;

	if (!strncmp(text, "pci", 3))
		return is_bus(text + 3, &end) && !*end;
	return is_bus(text, &end) && end[0] == ':' && hex_digits(end + 1) == 2 && end[3] == '.' &&
	       end[4] >= '0' && end[4] <= '7' && !end[5];
}

void device_facts_place(int links, const char *name, struct topology_item *item)
{
	char target[PATH_MAX];
	char *slash;

	if (!files_link(links, name, target, sizeof(target)))
		return;
	slash = strrchr(target, '/');
	if (!slash)
		return;
	*slash = '\0';
	if (is_pci_place(files_last_part(target)))
		topology_set_text(item, ATTR_DEVICE_PARENT, files_last_part(target));
}
