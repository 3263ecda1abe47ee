// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysfs_walk: one look at the groups, devices and IOMMU units of a sysfs tree.
 * In: a tree, however broken. Out: a topology. Must never know: threads, events, time.
 */
#include "sysfs_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../pci_names.h"
#include "../util.h"
#include "device_facts.h"
#include "files.h"

enum {
	TEXT_SIZE = 256,
	NO_DIRECTORY = -1,
};

/* One walk; the directories are open or NO_DIRECTORY. */
struct pass {
	struct sysfs_walk *walk;
	const struct topology *told;
	struct topology *read;
	int root, groups, pci_devices;
	int groups_errno;
	bool numbers_last; /* an inode number is of one directory for ever */
};

struct name_list {
	char **names;
	size_t count, capacity;
};

/* IOMMU units, by the start of their name, or by the bus of the device that is the unit: a
 * virtio-iommu's is called like the PCI or MMIO device below it. */
static const struct {
	const char *prefix, *bus, *vendor;
} unit_vendors[] = {
	{.prefix = "dmar", .vendor = "VT-d"},        {.prefix = "ivhd", .vendor = "AMD-Vi"},
	{.prefix = "smmu3.", .vendor = "SMMUv3"},    {.prefix = "smmu.", .vendor = "SMMU"},
	{.prefix = "apple-dart.", .vendor = "DART"}, {.prefix = "mtk-iommu.", .vendor = "MediaTek"},
	{.prefix = "s390-iommu.", .vendor = "s390"}, {.bus = "virtio", .vendor = "virtio-iommu"},
};

/* What a PCI device says of itself; it stays as long as the device does. */
static const struct {
	enum attribute attribute;
	const char *file;
	uint64_t max;
} pci_numbers[] = {
	{ATTR_DEVICE_CLASS, "class", 0xffffff},
	{ATTR_DEVICE_VENDOR_ID, "vendor", 0xffff},
	{ATTR_DEVICE_DEVICE_ID, "device", 0xffff},
	{ATTR_DEVICE_REVISION, "revision", 0xff},
};

/* What other devices have for a name: the first file that says something. */
static const struct {
	const char *bus, *file;
} name_files[] = {
	{"mdev", "mdev_type/name"},
	{"platform", "of_node/compatible"},
	{"platform", "firmware_node/path"},
	{"amba", "of_node/compatible"},
};

static const enum attribute lasting_facts[] = {
	ATTR_DEVICE_CLASS,
	ATTR_DEVICE_VENDOR_ID,
	ATTR_DEVICE_DEVICE_ID,
	ATTR_DEVICE_REVISION,
	ATTR_DEVICE_NAME,
	ATTR_DEVICE_CLASS_NAME,
	/* what look.h read since */
	ATTR_DEVICE_CONFIG,
	ATTR_DEVICE_PORT,
	ATTR_DEVICE_ACS,
	ATTR_DEVICE_FUNCTIONS,
	ATTR_DEVICE_FEATURES,
	ATTR_DEVICE_LINK,
};

static void close_directory(int directory)
{
	if (directory >= 0)
		close(directory);
}

/* The first line of a file, of which the start is enough; false for none or an empty one. */
static bool read_text(const struct sysfs_walk *walk, int directory, const char *path,
                      char text[TEXT_SIZE])
{
	return files_take_line((walk->open_file ? walk->open_file : files_open)(directory, path),
	                       text, TEXT_SIZE);
}

static uint64_t read_number(const struct sysfs_walk *walk, int directory, const char *path,
                            uint64_t max)
{
	char text[TEXT_SIZE];
	uint64_t value;

	if (!read_text(walk, directory, path, text) || !parse_hex(text, NULL, &value))
		return VALUE_UNKNOWN;
	return value <= max ? value : VALUE_UNKNOWN;
}

/* The last part of where a link leads to; there need not be anything. */
static bool read_link(int directory, const char *path, char text[TEXT_SIZE])
{
	char target[PATH_MAX];

	return files_link(directory, path, target, sizeof(target)) &&
	       copy_text(text, TEXT_SIZE, files_last_part(target)) && text[0];
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect_names(DIR *stream, struct name_list *list)
{
	const struct dirent *entry;

	while ((entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		list->names = grow(list->names, &list->capacity, list->count, sizeof(*list->names));
		list->names[list->count++] = xstrdup(entry->d_name);
	}
	if (list->count)
		qsort(list->names, list->count, sizeof(*list->names), compare_names);
}

/* What is in a directory, by name; nothing if it cannot be read. */
static struct name_list list_names(int directory, const char *path)
{
	struct name_list list = {0};
	int fd = openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

	if (stream) {
		collect_names(stream, &list);
		closedir(stream);
	} else if (fd >= 0) {
		close(fd);
	}
	return list;
}

static void free_names(struct name_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
}

static bool go_on(const struct sysfs_walk *walk, enum subject subject, const char *name,
                  uint32_t id)
{
	return !walk->reading || walk->reading(walk->context, subject, name, id);
}

static const char *unit_vendor(int units, const char *unit)
{
	char path[NAME_MAX + sizeof("/device/subsystem")], bus[TEXT_SIZE];

	snprintf(path, sizeof(path), "%s/device/subsystem", unit);
	if (!read_link(units, path, bus))
		bus[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(unit_vendors); i++) {
		const char *prefix = unit_vendors[i].prefix;

		if (prefix ? !strncmp(unit, prefix, strlen(prefix))
		           : !strcmp(bus, unit_vendors[i].bus))
			return unit_vendors[i].vendor;
	}
	return "IOMMU";
}

static void read_units(struct pass *pass)
{
	int units = files_open_directory(pass->root, "class/iommu");
	struct name_list list = list_names(pass->root, "class/iommu");

	for (size_t i = 0; i < list.count; i++) {
		struct topology_item *item =
			topology_add(pass->read, SUBJECT_UNIT, list.names[i], 0);

		topology_set_text(item, ATTR_UNIT_VENDOR, unit_vendor(units, list.names[i]));
	}
	free_names(&list);
	close_directory(units);
}

/* sysfs: no other directory had or will have the number (fs/kernfs/dir.c, __kernfs_new_node, 5.10
 * to 7.x; with 32 bits as good as none). */
static bool numbers_last(int root)
{
	struct statfs status;

	return fstatfs(root, &status) == 0 && status.f_type == SYSFS_MAGIC;
}

/*
 * Which device this is. Not by its time in sysfs, which is that of the inode in memory: the kernel
 * forgets it when memory gets tight, and makes it anew (fs/kernfs/inode.c, kernfs_init_inode).
 * Elsewhere a number may be used again, but not at the same time.
 */
static uint64_t appearance_of(const struct pass *pass, int directory)
{
	const uint64_t odd = 0x9e3779b97f4a7c15;
	struct stat status;

	if (fstat(directory, &status) != 0)
		return 0;
	if (pass->numbers_last)
		status.st_ctim = (struct timespec){0};
	return (((uint64_t)status.st_ino * odd ^ (uint64_t)status.st_ctim.tv_sec) * odd ^
	        (uint64_t)status.st_ctim.tv_nsec) *
	               odd ^
	       (uint64_t)status.st_dev;
}

static struct pci_names *names_of(struct sysfs_walk *walk)
{
	if (!walk->names)
		walk->names = pci_names_open(walk->pci_ids);
	return walk->names;
}

static void read_pci_facts(struct sysfs_walk *walk, int directory, struct topology_item *item)
{
	const union topology_fact *facts = item->facts;
	char text[TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(pci_numbers); i++)
		topology_set_number(
			item, pci_numbers[i].attribute,
			read_number(walk, directory, pci_numbers[i].file, pci_numbers[i].max));
	if (facts[ATTR_DEVICE_VENDOR_ID].number != VALUE_UNKNOWN &&
	    facts[ATTR_DEVICE_DEVICE_ID].number != VALUE_UNKNOWN) {
		pci_names_device(names_of(walk), (uint16_t)facts[ATTR_DEVICE_VENDOR_ID].number,
		                 (uint16_t)facts[ATTR_DEVICE_DEVICE_ID].number, text, sizeof(text));
		topology_set_text(item, ATTR_DEVICE_NAME, text);
	}
	if (facts[ATTR_DEVICE_CLASS].number != VALUE_UNKNOWN) {
		pci_names_class(names_of(walk), (uint32_t)facts[ATTR_DEVICE_CLASS].number, text,
		                sizeof(text));
		topology_set_text(item, ATTR_DEVICE_CLASS_NAME, text);
	}
}

static void read_other_name(const struct sysfs_walk *walk, int directory, const char *bus,
                            struct topology_item *item)
{
	char text[TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(name_files); i++) {
		if (strcmp(bus, name_files[i].bus) != 0)
			continue;
		if (read_text(walk, directory, name_files[i].file, text)) {
			topology_set_text(item, ATTR_DEVICE_NAME, text);
			return;
		}
	}
}

/* As it was told, if it is still the same device. */
static const struct topology_item *find_old(const struct pass *pass,
                                            const struct topology_item *item)
{
	const struct topology_item *old = topology_find(pass->told, SUBJECT_DEVICE, item->name, 0);

	if (!old || !old->appearance || old->appearance != item->appearance ||
	    !topology_same_fact(old, item, ATTR_DEVICE_BUS))
		return NULL;
	return old;
}

static void read_lasting_facts(struct pass *pass, int directory, const struct topology_item *old,
                               struct topology_item *item)
{
	const char *bus = item->facts[ATTR_DEVICE_BUS].text;

	if (old) {
		for (size_t i = 0; i < ARRAY_SIZE(lasting_facts); i++)
			topology_copy_fact(item, old, lasting_facts[i]);
	} else if (bus && !strcmp(bus, "pci")) {
		read_pci_facts(pass->walk, directory, item);
	} else if (bus) {
		read_other_name(pass->walk, directory, bus, item);
	}
}

static bool is_pci(const struct pass *pass, const char *name)
{
	return pass->pci_devices >= 0 &&
	       faccessat(pass->pci_devices, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void read_device(struct pass *pass, int directory, struct topology_item *item)
{
	const struct topology_item *old;
	const char *bus;
	char text[TEXT_SIZE];

	if (read_link(directory, "subsystem", text))
		topology_set_text(item, ATTR_DEVICE_BUS, text);
	else if (is_pci(pass, item->name))
		topology_set_text(item, ATTR_DEVICE_BUS, "pci");
	if (read_link(directory, "iommu", text))
		topology_set_text(item, ATTR_DEVICE_UNIT, text);
	if (read_link(directory, "driver", text))
		topology_set_text(item, ATTR_DEVICE_DRIVER, text);
	item->appearance = appearance_of(pass, directory);
	old = find_old(pass, item);
	read_lasting_facts(pass, directory, old, item);
	bus = item->facts[ATTR_DEVICE_BUS].text;
	if (bus && !strcmp(bus, "pci"))
		device_facts_read(pass->walk->open_file, directory, old, item);
}

/*
 * A member of a group, by the link in the group or, where that leads nowhere (in a partial copy),
 * by the PCI bus. Without either all that is known is where it belongs - unless it went away
 * since the group was listed.
 */
static bool read_member(struct pass *pass, int devices, const char *name, uint32_t group)
{
	struct topology_item *item;
	int directory;

	if (!go_on(pass->walk, SUBJECT_DEVICE, name, 0))
		return false;
	directory = files_open_directory(devices, name);
	if (directory < 0 && pass->pci_devices >= 0)
		directory = files_open_directory(pass->pci_devices, name);
	if (directory < 0 && faccessat(devices, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	item = topology_add(pass->read, SUBJECT_DEVICE, name, 0);
	topology_set_number(item, ATTR_DEVICE_GROUP, group);
	device_facts_place(devices, name, item);
	if (directory >= 0)
		read_device(pass, directory, item);
	close_directory(directory);
	return true;
}

static bool read_members(struct pass *pass, int group_directory, uint32_t group)
{
	int devices = files_open_directory(group_directory, "devices");
	struct name_list list = list_names(group_directory, "devices");
	bool whole = true;

	for (size_t i = 0; i < list.count && whole; i++)
		whole = read_member(pass, devices, list.names[i], group);
	free_names(&list);
	close_directory(devices);
	return whole;
}

/* "0x00000000fee00000 0x00000000feefffff msi" */
static bool read_region(const char *line, uint64_t *first, uint64_t *last, char type[32])
{
	const char *at;

	if (!parse_hex(line, &at, first) || *at != ' ' || !parse_hex(at + 1, &at, last) ||
	    *at != ' ' || *last < *first)
		return false;
	copy_text(type, 32, at + 1);
	type[strcspn(type, " ,\n")] = '\0';
	return type[0];
}

/* "msi 0xfee00000-0xfeefffff,...": as many as an event can carry, and each whole. */
static void add_region(char text[TEXT_SIZE], const char *line)
{
	char region[96], type[32];
	size_t length = strlen(text);
	uint64_t first, last;

	if (!read_region(line, &first, &last, type))
		return;
	snprintf(region, sizeof(region), "%s%s 0x%" PRIx64 "-0x%" PRIx64, length ? "," : "", type,
	         first, last);
	if (length + strlen(region) < TEXT_SIZE)
		strcpy(text + length, region);
}

static void read_reserved(const struct sysfs_walk *walk, int directory, struct topology_item *item)
{
	char lines[4096], text[TEXT_SIZE] = "";
	char *line = lines;

	files_take((walk->open_file ? walk->open_file : files_open)(directory, "reserved_regions"),
	           lines, sizeof(lines));
	while (*line) {
		size_t length = strcspn(line, "\n");
		bool whole = line[length];

		line[length] = '\0';
		add_region(text, line);
		line += length + whole;
	}
	if (text[0])
		topology_set_text(item, ATTR_GROUP_RESERVED, text);
}

static void read_group_facts(struct pass *pass, int directory, uint32_t group)
{
	struct topology_item *item = topology_add(pass->read, SUBJECT_GROUP, NULL, group);
	char text[TEXT_SIZE];

	if (read_text(pass->walk, directory, "type", text))
		topology_set_text(item, ATTR_GROUP_DEFAULT_TYPE, text);
	if (read_text(pass->walk, directory, "name", text))
		topology_set_text(item, ATTR_GROUP_NAME, text);
	read_reserved(pass->walk, directory, item);
}

static bool group_number(const char *name, uint32_t *group)
{
	uint64_t value;

	if (!parse_decimal(name, NULL, &value) || value > UINT32_MAX)
		return false;
	*group = (uint32_t)value;
	return true;
}

static bool read_group(struct pass *pass, const char *name)
{
	uint32_t group;
	int directory;

	if (!group_number(name, &group))
		return true;
	if (!go_on(pass->walk, SUBJECT_GROUP, NULL, group))
		return false;
	directory = files_open_directory(pass->groups, name);
	if (directory < 0)
		return true;
	read_group_facts(pass, directory, group);
	close(directory);
	return true;
}

static bool read_group_members(struct pass *pass, const char *name)
{
	uint32_t group;
	int directory;
	bool whole;

	if (!group_number(name, &group))
		return true;
	directory = files_open_directory(pass->groups, name);
	if (directory < 0)
		return true;
	whole = read_members(pass, directory, group);
	close(directory);
	return whole;
}

/*
 * Groups before all of their members: a probe that is on for a moment only sees which domain a
 * group has when its type is read, and the names of devices take their time.
 */
static bool read_groups(struct pass *pass)
{
	struct name_list list = {0};
	bool whole = true;

	if (pass->groups >= 0)
		list = list_names(pass->groups, ".");
	for (size_t i = 0; i < list.count && whole; i++)
		whole = read_group(pass, list.names[i]);
	for (size_t i = 0; i < list.count && whole; i++)
		whole = read_group_members(pass, list.names[i]);
	free_names(&list);
	return whole;
}

/* A PCI device that no group listed: without a link to a group it is behind no IOMMU, with one it
 * joined since then. */
static bool read_pci_device(struct pass *pass, const char *name)
{
	struct topology_item *item;
	char link[TEXT_SIZE];
	uint32_t group;
	int directory;

	if (!go_on(pass->walk, SUBJECT_DEVICE, name, 0))
		return false;
	directory = files_open_directory(pass->pci_devices, name);
	if (directory < 0)
		return true;
	item = topology_add(pass->read, SUBJECT_DEVICE, name, 0);
	if (read_link(directory, "iommu_group", link) && group_number(link, &group))
		topology_set_number(item, ATTR_DEVICE_GROUP, group);
	device_facts_place(pass->pci_devices, name, item);
	read_device(pass, directory, item);
	close(directory);
	return true;
}

static bool read_pci_devices(struct pass *pass)
{
	struct name_list list = {0};
	bool whole = true;

	if (!go_on(pass->walk, SUBJECT_MACHINE, NULL, 0))
		return false;
	topology_sort(pass->read);
	if (pass->pci_devices >= 0)
		list = list_names(pass->pci_devices, ".");
	for (size_t i = 0; i < list.count && whole; i++) {
		if (!topology_find(pass->read, SUBJECT_DEVICE, list.names[i], 0))
			whole = read_pci_device(pass, list.names[i]);
	}
	free_names(&list);
	topology_sort(pass->read);
	return whole;
}

static bool has_groups(const struct topology *topology)
{
	for (size_t i = 0; i < topology->count; i++) {
		if (topology->items[i].subject == SUBJECT_GROUP)
			return true;
	}
	return false;
}

static void judge(const struct pass *pass, struct sysfs_verdict *verdict)
{
	const struct sysfs_walk *walk = pass->walk;
	const char *problem = walk->names ? pci_names_problem(walk->names) : NULL;

	*verdict = (struct sysfs_verdict){.state = HEALTH_PARTIAL};
	if (pass->groups < 0 && pass->groups_errno == EACCES)
		snprintf(verdict->reason, sizeof(verdict->reason),
		         "run it with sudo: no permission to read %s/kernel/iommu_groups",
		         walk->root);
	else if (pass->groups < 0 && pass->groups_errno != ENOENT)
		snprintf(verdict->reason, sizeof(verdict->reason),
		         "cannot read %s/kernel/iommu_groups: %s", walk->root,
		         strerror(pass->groups_errno));
	else if (pass->groups < 0)
		snprintf(verdict->reason, sizeof(verdict->reason),
		         "needs a kernel with CONFIG_IOMMU_API: no %s/kernel/iommu_groups",
		         walk->root);
	else if (!has_groups(pass->read))
		snprintf(verdict->reason, sizeof(verdict->reason),
		         "no IOMMU groups: boot with intel_iommu=on (AMD: on by default) and "
		         "switch it on in the firmware");
	else if (problem)
		snprintf(verdict->reason, sizeof(verdict->reason), "PCI names are numbers: %.180s",
		         problem);
	else
		verdict->state = HEALTH_OK;
}

bool sysfs_walk_read(struct sysfs_walk *walk, const struct topology *told, struct topology *read,
                     struct sysfs_verdict *verdict)
{
	struct pass pass = {.walk = walk, .told = told, .read = read};
	bool whole;

	pass.root = files_open_directory(AT_FDCWD, walk->root);
	if (pass.root < 0) {
		*verdict = (struct sysfs_verdict){.state = HEALTH_OFF};
		snprintf(verdict->reason, sizeof(verdict->reason), "cannot read %s: %s", walk->root,
		         strerror(errno));
		return true;
	}
	/* Not O_PATH: what may not be listed shall not look like a machine without groups. */
	pass.groups = openat(pass.root, "kernel/iommu_groups", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pass.groups_errno = errno;
	pass.pci_devices = files_open_directory(pass.root, "bus/pci/devices");
	pass.numbers_last = numbers_last(pass.root);
	read_units(&pass);
	whole = read_groups(&pass) && read_pci_devices(&pass);
	judge(&pass, verdict);
	close_directory(pass.pci_devices);
	close_directory(pass.groups);
	close_directory(pass.root);
	return whole;
}

void sysfs_walk_release(struct sysfs_walk *walk)
{
	pci_names_close(walk->names);
	walk->names = NULL;
}
