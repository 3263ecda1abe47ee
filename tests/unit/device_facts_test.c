// SPDX-License-Identifier: GPL-2.0-or-later
/* device_facts: devices of made-up trees, whole and broken; and what a walk of many of them reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/device_facts.h"
#include "sources/files.h"
#include "sources/sysfs_walk.h"
#include "util.h"

#define DEVICE "0000:01:00.0"

/* The device's directory in a tree that each test has of its own. */
static char root[64];
static int device = -1;
static struct topology read_now;

static const char *at(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *at(const char *format, ...)
{
	static char paths[2][512];
	static unsigned int turn;
	char *path = paths[turn++ % ARRAY_SIZE(paths)];
	int length = snprintf(path, sizeof(paths[0]), "%s/", root);
	va_list args;

	va_start(args, format);
	vsnprintf(path + length, sizeof(paths[0]) - (size_t)length, format, args);
	va_end(args);
	return path;
}

static void make_directories(const char *path)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	mkdir(copy, 0700);
	free(copy);
}

static void make_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* A file of the device. */
static void has(const char *name, const char *text)
{
	make_file(at("device/%s", name), text);
}

static int make_tree(void **state)
{
	(void)state;
	/* In memory, if possible: thousands of files take seconds elsewhere. */
	snprintf(root, sizeof(root), "%s/iommutop-device-XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(root))
		return -1;
	make_directories(at("device/power"));
	device = files_open_directory(AT_FDCWD, at("device"));
	return device < 0;
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

static int remove_tree(void **state)
{
	(void)state;
	topology_release(&read_now);
	close(device);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static unsigned int opened;

static int open_counted(int directory, const char *path)
{
	opened++;
	return files_open(directory, path);
}

/* What is read of the device when it has this driver. */
static struct topology_item *read_with(const char *driver, const struct topology_item *old)
{
	struct topology_item *item = topology_add(&read_now, SUBJECT_DEVICE, DEVICE, 0);

	topology_set_text(item, ATTR_DEVICE_DRIVER, driver);
	device_facts_read(open_counted, device, old, item);
	return item;
}

static const char *text_of(const struct topology_item *item, enum attribute attribute)
{
	return item->facts[attribute].text ? item->facts[attribute].text : "-";
}

static uint64_t number_of(const struct topology_item *item, enum attribute attribute)
{
	return item->facts[attribute].number;
}

static void what_a_card_tells(void **state)
{
	struct topology_item *item;

	(void)state;
	has("resource", "0x00000000fe000000 0x00000000fe01ffff 0x0000000000040200\n"
	                "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	                "0x000000000000c000 0x000000000000c01f 0x0000000000040101\n"
	                "0x0000004000000000 0x00000043ffffffff 0x000000000014220c\n"
	                "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	                "0x00000000fe020000 0x00000000fe023fff 0x0000000000140204\n"
	                "0x00000000fe040000 0x00000000fe07ffff 0x0000000000046200\n");
	has("reset_method", "flr bus\n");
	has("reset", "");
	has("numa_node", "1\n");
	has("power/runtime_status", "suspended\n");
	item = read_with("e1000e", NULL);
	assert_string_equal(text_of(item, ATTR_DEVICE_BARS),
	                    "0 32 0x20000,2 io 0x20,3 64 prefetch 0x400000000,5 64 0x4000");
	assert_string_equal(text_of(item, ATTR_DEVICE_RESET), "flr bus");
	assert_int_equal(number_of(item, ATTR_DEVICE_NUMA), 1);
	assert_string_equal(text_of(item, ATTR_DEVICE_POWER), "suspended");
	assert_string_equal(text_of(item, ATTR_DEVICE_PHYSFN), "-");
	assert_true(number_of(item, ATTR_DEVICE_VFS) == VALUE_UNKNOWN);
}

static void an_empty_directory_tells_nothing(void **state)
{
	struct topology_item *item = read_with(NULL, NULL);

	(void)state;
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (attribute_infos[i].subject != SUBJECT_DEVICE)
			continue;
		if (attribute_infos[i].type == VALUE_TEXT)
			assert_null(item->facts[i].text);
		else
			assert_true(item->facts[i].number == VALUE_UNKNOWN);
	}
}

static void no_node_is_no_number(void **state)
{
	(void)state;
	has("numa_node", "-1\n");
	assert_true(number_of(read_with(NULL, NULL), ATTR_DEVICE_NUMA) == VALUE_UNKNOWN);
}

static const char no_bars[] = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

static void a_reset_is_as_the_files_are(void **state)
{
	(void)state;
	has("resource", no_bars);
	assert_string_equal(text_of(read_with(NULL, NULL), ATTR_DEVICE_RESET), "none");
	has("reset", "");
	assert_string_equal(text_of(read_with(NULL, NULL), ATTR_DEVICE_RESET), "some");
	has("reset_method", "");
	assert_string_equal(text_of(read_with(NULL, NULL), ATTR_DEVICE_RESET), "none");
	has("reset_method", "pm bus\n");
	assert_string_equal(text_of(read_with(NULL, NULL), ATTR_DEVICE_RESET), "pm bus");
}

static void broken_lines_are_no_bars(void **state)
{
	(void)state;
	has("resource", "0x10 0x1f\n"
	                "0x00000000fe000000 0x00000000fd000000 0x0000000000040200\n"
	                "cheese\n"
	                "\n"
	                "0x00000000fe000000 0x00000000fe000fff 0x0000000000040200 9\n"
	                "0x00000000fe000000 0x00000000fe000fff 0x0000000000040200");
	assert_string_equal(text_of(read_with(NULL, NULL), ATTR_DEVICE_BARS), "5 32 0x1000");
}

static void virtual_functions_are_counted_by_their_links(void **state)
{
	struct topology_item old;

	(void)state;
	has("sriov_numvfs", "");
	old = *read_with("igb", NULL);
	assert_int_equal(number_of(&old, ATTR_DEVICE_VFS), 0);
	for (int i = 0; i < 12; i++)
		assert_int_equal(symlink("../x", at("device/virtfn%d", i)), 0);
	assert_int_equal(number_of(read_with("igb", &old), ATTR_DEVICE_VFS), 12);
}

static void a_virtual_function_names_its_own(void **state)
{
	(void)state;
	assert_int_equal(symlink("../0000:03:00.0", at("device/physfn")), 0);
	assert_string_equal(text_of(read_with("igbvf", NULL), ATTR_DEVICE_PHYSFN), "0000:03:00.0");
}

/* The file can wait for a guest: it is opened of those devices alone that it matters of. */
static void the_override_is_read_where_it_matters(void **state)
{
	(void)state;
	has("driver_override", "vfio-pci\n");
	assert_string_equal(text_of(read_with("vfio-pci", NULL), ATTR_DEVICE_OVERRIDE), "vfio-pci");
	assert_string_equal(text_of(read_with("pci-stub", NULL), ATTR_DEVICE_OVERRIDE), "vfio-pci");
	assert_string_equal(text_of(read_with("e1000e", NULL), ATTR_DEVICE_OVERRIDE), "-");
	assert_string_equal(text_of(read_with(NULL, NULL), ATTR_DEVICE_OVERRIDE), "-");
	has("driver_override", "(null)\n");
	assert_string_equal(text_of(read_with("mlx5_vfio_pci", NULL), ATTR_DEVICE_OVERRIDE),
	                    "none");
}

static void what_lasts_is_read_once_a_driver(void **state)
{
	struct topology_item old, *item;
	unsigned int before;

	(void)state;
	has("resource", no_bars);
	has("reset_method", "flr\n");
	has("power/runtime_status", "active\n");
	old = *read_with("e1000e", NULL);
	has("reset_method", "pm\n");
	has("power/runtime_status", "suspended\n");
	before = opened;
	item = read_with("e1000e", &old);
	assert_int_equal(opened, before + 1);
	assert_string_equal(text_of(item, ATTR_DEVICE_RESET), "flr");
	assert_string_equal(text_of(item, ATTR_DEVICE_POWER), "suspended");
	assert_string_equal(text_of(read_with("nvme", &old), ATTR_DEVICE_RESET), "pm");
}

/* ---- where it is ---- */

static const struct {
	const char *target, *parent;
} places[] = {
	{"../../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0", "0000:00:1c.0"},
	{"../../../devices/pci0000:00/0000:00:02.0", "pci0000:00"},
	{"../../devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0", "pci10000:e0"},
	{"../../devices/platform/40000000.pcie/pci0000:00/0000:00:01.0", "pci0000:00"},
	{"../../devices/pci0000:00/0000:00:02.0/b3b2-uuid", "0000:00:02.0"},
	{"../../devices/platform/serial8250", "-"},
	{"../0000:00:02.0", "-"},
	{"0000:00:02.0", "-"},
	{"/0000:00:02.0", "-"},
	{"../pci0000:000/x", "-"},
	{"../pci0000:0/x", "-"},
	{"../0000:00:1c.8/x", "-"},
	{"../0000:00:1c.00/x", "-"},
	{"../0000:00:1C.0/x", "-"},
	{"../000:00:1c.0/x", "-"},
	{"../0000:00:1c/x", "-"},
};

static void the_parent_is_above_it_in_the_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct topology_item *item = topology_add(&read_now, SUBJECT_DEVICE, DEVICE, 0);

		assert_int_equal(symlink(places[i].target, at("device/link")), 0);
		device_facts_place(device, "link", item);
		assert_string_equal(text_of(item, ATTR_DEVICE_PARENT), places[i].parent);
		assert_int_equal(unlink(at("device/link")), 0);
	}
	device_facts_place(device, "link", &read_now.items[0]);
}

/* ---- a walk of many ---- */

enum { MANY = 2000, FIRST_FILES = 8, LATER_FILES = 1, GROUP_FILES = 3 };

/* A group for each; files are one inode under many names, for the time it takes. */
static void make_many(void)
{
	static const char *const files[] = {"class",     "vendor",   "device",
	                                    "revision",  "resource", "reset_method",
	                                    "numa_node", "reset",    "driver_override"};

	has("type", "DMA\n");
	make_directories(at("bus/pci/drivers/vfio-pci"));
	for (int i = 0; i < MANY; i++) {
		const char *name = at("devices/pci0000:00/0000:%02x:%02x.0", i / 32, i % 32);
		char directory[256], path[300];

		snprintf(directory, sizeof(directory), "%s/power", name);
		make_directories(directory);
		snprintf(path, sizeof(path), "%s/runtime_status", directory);
		assert_int_equal(link(at("device/type"), path), 0);
		directory[strlen(directory) - strlen("/power")] = '\0';
		for (size_t j = 0; j < ARRAY_SIZE(files); j++) {
			snprintf(path, sizeof(path), "%s/%s", directory, files[j]);
			assert_int_equal(link(at("device/type"), path), 0);
		}
		snprintf(path, sizeof(path), "%s/subsystem", directory);
		assert_int_equal(symlink("../../../bus/pci", path), 0);
		make_directories(at("kernel/iommu_groups/%d/devices", i));
		snprintf(path, sizeof(path), "../../../../devices/pci0000:00/0000:%02x:%02x.0",
		         i / 32, i % 32);
		assert_int_equal(symlink(path, at("kernel/iommu_groups/%d/devices/0000:%02x:%02x.0",
		                                  i, i / 32, i % 32)),
		                 0);
	}
}

static void a_walk_opens_few_files_a_device(void **state)
{
	struct sysfs_walk walk = {
		.root = root, .pci_ids = "tests/fixtures/pci.ids", .open_file = open_counted};
	struct topology told = {0}, again = {0};
	struct sysfs_verdict verdict;

	(void)state;
	make_many();
	opened = 0;
	assert_true(sysfs_walk_read(&walk, &again, &told, &verdict));
	assert_in_range(opened, MANY, MANY * (FIRST_FILES + GROUP_FILES));
	topology_sort(&told);
	opened = 0;
	assert_true(sysfs_walk_read(&walk, &told, &again, &verdict));
	assert_in_range(opened, MANY, MANY * (LATER_FILES + GROUP_FILES));
	assert_string_equal(text_of(topology_find(&again, SUBJECT_DEVICE, "0000:3e:0f.0", 0),
	                            ATTR_DEVICE_PARENT),
	                    "pci0000:00");
	sysfs_walk_release(&walk);
	topology_release(&told);
	topology_release(&again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_card_tells),
		TEST(an_empty_directory_tells_nothing),
		TEST(no_node_is_no_number),
		TEST(a_reset_is_as_the_files_are),
		TEST(broken_lines_are_no_bars),
		TEST(virtual_functions_are_counted_by_their_links),
		TEST(a_virtual_function_names_its_own),
		TEST(the_override_is_read_where_it_matters),
		TEST(what_lasts_is_read_once_a_driver),
		TEST(the_parent_is_above_it_in_the_path),
		TEST(a_walk_opens_few_files_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
