// SPDX-License-Identifier: GPL-2.0-or-later
/* config_space: spaces made byte by byte, whole and damaged, in a tree like /sys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/config_space.h"
#include "util.h"

#define NAME       "0000:02:00.0"
#define SPACE_SIZE 4096

static char root[64], directory[128];
static uint8_t space[SPACE_SIZE];

static void put(const char *file, const void *bytes, size_t size)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	fclose(out);
}

static void put_text(const char *file, const char *text)
{
	put(file, text, strlen(text));
}

static void make_directory(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
}

static int set_up(void **state)
{
	char power[160];

	(void)state;
	snprintf(root, sizeof(root), "%s/iommutop-config-XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(root))
		return -1;
	snprintf(directory, sizeof(directory), "%s/bus/pci/devices/" NAME, root);
	snprintf(power, sizeof(power), "%s/power", directory);
	make_directory(power);
	memset(space, 0, sizeof(space));
	return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* ---- a space ---- */

static void set_word(size_t at, uint16_t value)
{
	space[at] = (uint8_t)value;
	space[at + 1] = (uint8_t)(value >> 8);
}

static void set_dword(size_t at, uint32_t value)
{
	set_word(at, (uint16_t)value);
	set_word(at + 2, (uint16_t)(value >> 16));
}

/* Power management at 0x40, PCI Express of this type at 0x50. */
static void make_express(unsigned int type)
{
	set_word(0x00, 0x8086);
	set_word(0x02, 0x10d3);
	set_word(0x06, 0x0010);
	space[0x34] = 0x40;
	set_word(0x40, 0x5001);
	set_word(0x50, 0x0010);
	set_word(0x52, (uint16_t)(2 | type << 4));
}

static void make_extended(size_t at, unsigned int id, unsigned int next)
{
	set_dword(at, id | 1 << 16 | next << 20);
}

/* Errors at 0x100, ACS at 0x150. */
static void make_acs(uint16_t able, uint16_t on)
{
	make_extended(0x100, 0x0001, 0x150);
	make_extended(0x150, 0x000d, 0);
	set_word(0x154, able);
	set_word(0x156, on);
}

/* "config=whole port=root port acs=5f/1d multifunction=0": of the first so many bytes. */
static const char *told_by(const char *name, bool wake)
{
	static char text[512];
	struct topology topology = {0};
	struct topology_item *item = topology_add(&topology, SUBJECT_DEVICE, name, 0);

	config_space_read(root, name, wake, item);
	text[0] = '\0';
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct attribute_info *info = &attribute_infos[i];

		if (info->type == VALUE_TEXT && item->facts[i].text)
			append_text(text, sizeof(text), "%s%s=%s", *text ? " " : "", info->word,
			            item->facts[i].text);
		else if (info->type == VALUE_NUMBER && item->facts[i].number != VALUE_UNKNOWN)
			append_text(text, sizeof(text), "%s%s=%u", *text ? " " : "", info->word,
			            (unsigned int)item->facts[i].number);
	}
	topology_release(&topology);
	return text;
}

static const char *told(size_t size)
{
	put("config", space, size);
	return told_by(NAME, false);
}

/* ---- good ones ---- */

static void the_acs_of_a_port(void **state)
{
	(void)state;
	make_express(4);
	make_acs(0x005f, 0x001d);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=5f/1d multifunction=0");
	/* An egress vector, and bits that are not given out. */
	make_acs(0xff7f, 0xff1d);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=7f/1d multifunction=0");
}

static void no_acs(void **state)
{
	(void)state;
	make_express(4);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=none multifunction=0");
	make_extended(0x100, 0x0001, 0);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=none multifunction=0");
}

static void each_kind_of_port(void **state)
{
	static const char *const kinds[16] = {
		"endpoint",
		"legacy endpoint",
		NULL,
		NULL,
		"root port",
		"upstream port",
		"downstream port",
		"bridge to PCI",
		"bridge from PCI",
		"integrated endpoint",
		"event collector",
	};
	char expected[128];

	(void)state;
	for (unsigned int i = 0; i < 16; i++) {
		make_express(i);
		snprintf(expected, sizeof(expected), "config=whole%s%s acs=none multifunction=0",
		         kinds[i] ? " port=" : "", kinds[i] ? kinds[i] : "");
		assert_string_equal(told(SPACE_SIZE), expected);
	}
}

static void conventional_devices(void **state)
{
	(void)state;
	set_word(0x00, 0x1234);
	space[0x0e] = 0x80;
	assert_string_equal(told(256), "config=whole port=conventional acs=none multifunction=1");
	/* Nothing leads out of its header: it is all that there is to know. */
	assert_string_equal(told(64), "config=whole port=conventional acs=none multifunction=1");
	set_word(0x06, 0x0010);
	space[0x34] = 0xdc;
	set_word(0xdc, 0x0001);
	assert_string_equal(told(256), "config=whole port=conventional acs=none multifunction=1");
}

/* The list of a CardBus bridge begins elsewhere. */
static void a_cardbus_bridge(void **state)
{
	(void)state;
	make_express(7);
	space[0x0e] = 0x02;
	space[0x14] = space[0x34];
	space[0x34] = 0xff;
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=bridge to PCI acs=none multifunction=0");
}

static void intels_ports_with_wide_registers(void **state)
{
	(void)state;
	make_express(4);
	set_word(0x02, 0xa110);
	make_acs(0x000f, 0);
	set_dword(0x158, 0x0d);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=f/d multifunction=0");
	set_word(0x02, 0xa120);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=f/0 multifunction=0");
	set_word(0x02, 0xa110);
	set_word(0x00, 0x1022);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=f/0 multifunction=0");
}

static void features_of_a_device(void **state)
{
	(void)state;
	make_express(0);
	make_extended(0x100, 0x000f, 0x200);
	set_word(0x106, 0x8000);
	make_extended(0x200, 0x001b, 0xff0);
	make_extended(0xff0, 0x0013, 0);
	assert_string_equal(told(SPACE_SIZE), "config=whole port=endpoint acs=none "
	                                      "multifunction=0 features=ats+ pasid- pri-");
	set_word(0x106, 0x7fff);
	set_word(0x206, 0x0001);
	set_word(0xff4, 0x0001);
	assert_string_equal(told(SPACE_SIZE), "config=whole port=endpoint acs=none "
	                                      "multifunction=0 features=ats- pasid+ pri+");
}

/* ---- what was cut ---- */

static void an_ordinary_user_sees_the_header(void **state)
{
	(void)state;
	make_express(4);
	make_acs(0x5f, 0x1d);
	space[0x0e] = 0x81;
	assert_string_equal(told(64), "config=64 bytes multifunction=1");
	/* Of a CardBus bridge the kernel shows twice as much; here, half of a list. */
	assert_string_equal(told(0x50), "config=64 bytes multifunction=1");
}

static void no_extended_space(void **state)
{
	(void)state;
	make_express(4);
	assert_string_equal(told(256), "config=256 bytes port=root port acs=none multifunction=0");
	set_dword(0x100, 0xffffffff);
	assert_string_equal(told(SPACE_SIZE),
	                    "config=whole port=root port acs=none multifunction=0");
}

static void less_than_a_header(void **state)
{
	(void)state;
	make_express(4);
	assert_string_equal(told(63), "config=broken");
	assert_string_equal(told(0), "config=broken");
}

/* Wherever it is cut, it is told of in one of these words, and never that there is no ACS. */
static void each_length_comes_to_an_end(void **state)
{
	(void)state;
	make_express(4);
	make_acs(0x5f, 0x1d);
	for (size_t size = 0; size <= 0x160; size++) {
		const char *text = told(size);

		assert_true(size >= 0x158 || !strstr(text, "acs=5f/1d"));
		assert_true(size < 0x158 || strstr(text, "config=whole"));
		assert_true(!strstr(text, "acs=none") || !strncmp(text, "config=256 bytes", 16));
	}
}

/* ---- damaged ones ---- */

static void an_unplugged_device(void **state)
{
	(void)state;
	memset(space, 0xff, sizeof(space));
	assert_string_equal(told(SPACE_SIZE), "config=gone");
	assert_string_equal(told(64), "config=gone");
}

/* What does not say its type any more: the header answers, the rest is all ones. */
static void half_of_it_is_ones(void **state)
{
	(void)state;
	make_express(4);
	memset(space + 64, 0xff, sizeof(space) - 64);
	assert_string_equal(told(SPACE_SIZE), "config=broken multifunction=0");
}

static void a_list_in_a_circle(void **state)
{
	(void)state;
	make_express(4);
	set_word(0x50, 0x4010);
	make_acs(0x5f, 0x1d);
	assert_string_equal(told(SPACE_SIZE), "config=broken port=root port acs=5f/1d "
	                                      "multifunction=0");
	set_word(0x40, 0x4001);
	assert_string_equal(told(SPACE_SIZE), "config=broken multifunction=0");
}

static void an_extended_list_in_a_circle(void **state)
{
	(void)state;
	make_express(4);
	make_acs(0x5f, 0x1d);
	make_extended(0x150, 0x000d, 0x100);
	assert_string_equal(told(SPACE_SIZE), "config=broken port=root port acs=5f/1d "
	                                      "multifunction=0");
	make_extended(0x100, 0x0001, 0x100);
	assert_string_equal(told(SPACE_SIZE), "config=broken port=root port multifunction=0");
}

static void lists_that_lead_out_of_the_space(void **state)
{
	(void)state;
	make_express(4);
	space[0x34] = 0x04;
	assert_string_equal(told(SPACE_SIZE), "config=broken multifunction=0");
	space[0x34] = 0x40;
	make_extended(0x100, 0x0001, 0x040);
	assert_string_equal(told(SPACE_SIZE), "config=broken port=root port multifunction=0");
	/* To the last dword, where ACS begins and has no room. */
	make_extended(0x100, 0x0001, 0xffc);
	make_extended(0xffc, 0x000d, 0);
	assert_string_equal(told(SPACE_SIZE), "config=broken port=root port multifunction=0");
	make_extended(0x100, 0x0001, 0x150);
	set_dword(0x150, 0xffffffff);
	assert_string_equal(told(SPACE_SIZE), "config=broken port=root port multifunction=0");
}

static void noise_comes_to_an_end(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(space); i++) {
			seed = seed * 1664525 + 1013904223;
			space[i] = (uint8_t)(seed >> 24);
		}
		space[0x06] |= 0x10;
		assert_int_equal(strncmp(told(SPACE_SIZE), "config=", 7), 0);
	}
}

static void what_is_no_file(void **state)
{
	char path[256];

	(void)state;
	assert_string_equal(told_by(NAME, true), "config=none");
	snprintf(path, sizeof(path), "%s/config", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_string_equal(told_by(NAME, true), "config=none");
	assert_string_equal(told_by("0000:02:00.1", true), "config=none");
	assert_string_equal(told_by("../devices/" NAME, true), "config=none");
	assert_string_equal(told_by("", true), "config=none");
}

/* libpci knows a device by four numbers; what is called otherwise is none of its devices. */
static void what_is_no_address(void **state)
{
	static const char *const names[] = {"0000:02:20.0", "0000:100:00.0", "0000:02:00.8",
	                                    "0000:02:00",   "0000:02:00.0x", "80000000:02:00.0"};
	char path[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/bus/pci/devices/%s", root, names[i]);
		assert_int_equal(mkdir(path, 0700), 0);
		strcat(path, "/config");
		fclose(fopen(path, "wb"));
		assert_string_equal(told_by(names[i], false), "config=none");
	}
}

/* ---- sleep and links ---- */

static void who_sleeps_is_not_touched(void **state)
{
	(void)state;
	make_express(4);
	put_text("power/runtime_status", "suspended\n");
	put_text("current_link_speed", "8.0 GT/s PCIe\n");
	put_text("current_link_width", "4\n");
	assert_string_equal(told(SPACE_SIZE), "config=asleep");
	/* In a tree of files nobody wakes up: the link is still left alone. */
	assert_string_equal(told_by(NAME, true),
	                    "config=whole port=root port acs=none multifunction=0");
	put_text("power/runtime_status", "suspending\n");
	assert_string_equal(told(SPACE_SIZE), "config=asleep");
	put_text("power/runtime_status", "active\n");
	assert_string_equal(told(SPACE_SIZE), "config=whole port=root port acs=none "
	                                      "multifunction=0 link=8.0 GT/s x4");
}

static void links(void **state)
{
	static const struct {
		const char *speed, *width, *most_speed, *most_width, *link;
	} cases[] = {
		{"8.0 GT/s PCIe\n", "4\n", "16.0 GT/s PCIe\n", "8\n",
	         " link=8.0 GT/s x4, able to 16.0 GT/s x8"},
		{"8 GT/s\n", "16\n", "8 GT/s\n", "16\n", " link=8 GT/s x16, able to 8 GT/s x16"},
		{"2.5 GT/s PCIe\n", "1\n", "Unknown\n", "255\n", " link=2.5 GT/s x1"},
		{"Unknown\n", "0\n", "Unknown\n", "255\n", ""},
		{"8.0 GT/s PCIe\n", "0\n", "8.0 GT/s PCIe\n", "4\n", ""},
		{"8.0 GT/s PCIe\n", "63\n", "8.0 GT/s PCIe\n", "4\n", ""},
		{"8.0 GT/s PCIe\n", "x\n", "", "", ""},
		{"", "", "", "", ""},
		{"123456789 GT/s\n", "1\n", "", "", " link=12345678 GT/s x1"},
	};
	char expected[128];

	(void)state;
	make_express(0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_text("current_link_speed", cases[i].speed);
		put_text("current_link_width", cases[i].width);
		put_text("max_link_speed", cases[i].most_speed);
		put_text("max_link_width", cases[i].most_width);
		snprintf(expected, sizeof(expected),
		         "config=whole port=endpoint acs=none multifunction=0%s", cases[i].link);
		assert_string_equal(told(SPACE_SIZE), expected);
	}
}

#define TREE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(the_acs_of_a_port),
		TREE_TEST(no_acs),
		TREE_TEST(each_kind_of_port),
		TREE_TEST(conventional_devices),
		TREE_TEST(a_cardbus_bridge),
		TREE_TEST(intels_ports_with_wide_registers),
		TREE_TEST(features_of_a_device),
		TREE_TEST(an_ordinary_user_sees_the_header),
		TREE_TEST(no_extended_space),
		TREE_TEST(less_than_a_header),
		TREE_TEST(each_length_comes_to_an_end),
		TREE_TEST(an_unplugged_device),
		TREE_TEST(half_of_it_is_ones),
		TREE_TEST(a_list_in_a_circle),
		TREE_TEST(an_extended_list_in_a_circle),
		TREE_TEST(lists_that_lead_out_of_the_space),
		TREE_TEST(noise_comes_to_an_end),
		TREE_TEST(what_is_no_file),
		TREE_TEST(what_is_no_address),
		TREE_TEST(who_sleeps_is_not_touched),
		TREE_TEST(links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
