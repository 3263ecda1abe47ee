// SPDX-License-Identifier: GPL-2.0-or-later
/* losses: a sentence for each use, and what is said where there is none or nobody knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "losses.h"
#include "stage.h"

#define NVME "0000:01:00.0"
#define NIC  "0000:02:00.0"
#define VF   "0000:02:10.0"
#define VF_2 "0000:02:10.2"

/* Group 5: a disk and a card. */
static int set_up(void **state)
{
	struct stage *stage;

	make_stage(state);
	stage = *state;
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "6.1.0");
	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 5, "DMA");
	say_device(stage->model, NVME, 5, NULL, NULL, "nvme");
	say_device(stage->model, NIC, 5, NULL, NULL, "e1000e");
	return 0;
}

static void use(struct stage *stage, const char *device, const char *list)
{
	say_text(stage->model, ATTR_DEVICE_HOST_USE, device, 0, list);
}

static void add_function(struct stage *stage, const char *name, uint32_t group)
{
	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, group, "DMA");
	say_device(stage->model, name, group, NULL, NULL, NULL);
	say_text(stage->model, ATTR_DEVICE_PHYSFN, name, 0, NIC);
	use(stage, name, "none");
}

/* All that is said, a line each, its tone before it. */
static const char *said_of(struct stage *stage, uint32_t group)
{
	static char text[4096];
	struct lines lines = {0};

	look(stage->model, &stage->snap);
	losses_say(&stage->snap, snapshot_group_by_id(&stage->snap, group), &lines);
	text[0] = '\0';
	for (size_t i = 0; i < lines.count; i++)
		append_text(text, sizeof(text), "%s%s: %s", i ? "\n" : "",
		            tone_words[lines.lines[i].tone], lines.lines[i].text);
	lines_release(&lines);
	return text;
}

static void assert_said(struct stage *stage, const char *expected)
{
	assert_string_equal(said_of(stage, 5), expected);
}

static void every_use_has_its_sentence(void **state)
{
	struct stage *stage = *state;

	use(stage, NIC, "none");
	use(stage, NVME,
	    "file system /,file system /boot,swap,default route by eth0,boot display,framebuffer "
	    "fb0,keyboard");
	assert_said(
		stage,
		"bad: 0000:01:00.0 (nvme) carries the root file system of the host (/, /boot): the "
		"host stops without it\n"
		"bad: 0000:01:00.0 (nvme) carries swap of the host: swapoff comes first\n"
		"warning: 0000:01:00.0 (nvme) is the host's way to the network (default route by "
		"eth0): connections over it end\n"
		"warning: 0000:01:00.0 (nvme) is the display that the host booted with: it goes "
		"dark\n"
		"warning: 0000:01:00.0 (nvme) shows the host's console (fb0): it goes dark\n"
		"warning: 0000:01:00.0 (nvme) has the only keyboard of the host");
}

static void what_is_a_part_is_said_to_be_one(void **state)
{
	struct stage *stage = *state;

	use(stage, NIC, "none");
	use(stage, NVME,
	    "part of file system /,file system /home,file system /var,part of swap,"
	    "part of default route by br0");
	assert_said(
		stage,
		"bad: 0000:01:00.0 (nvme) carries file systems of the host (/home, /var): unmount "
		"them first\n"
		"warning: 0000:01:00.0 (nvme) carries a part of file systems of the host (/): "
		"whether they live on without it depends on how they are spread (RAID, LVM)\n"
		"bad: 0000:01:00.0 (nvme) carries a part of the host's swap: swapoff comes first\n"
		"warning: 0000:01:00.0 (nvme) is one of several ways of the host to the network "
		"(default route by br0): the others have to carry it");
}

static void each_member_is_named(void **state)
{
	struct stage *stage = *state;

	say_text(stage->model, ATTR_DEVICE_DRIVER, NIC, 0, NULL);
	use(stage, NIC, "default route by eth0");
	use(stage, NVME, "file system /rooted");
	assert_said(stage, "bad: 0000:01:00.0 (nvme) carries file systems of the host (/rooted): "
	                   "unmount them first\n"
	                   "warning: 0000:02:00.0 is the host's way to the network (default route "
	                   "by eth0): connections over it end");
}

static void nothing_to_lose_is_said_only_where_all_was_read(void **state)
{
	struct stage *stage = *state;
	const char *unknown = "unknown: it is not known whether anything of the host's own depends "
			      "on it: its mounts cannot be seen, or not all be followed to a "
			      "device";

	assert_said(stage, unknown);
	use(stage, NVME, "none");
	assert_said(stage, unknown);
	use(stage, NIC, "none");
	assert_said(stage, "good: nothing of the host's own is known to depend on it");
	use(stage, NIC, NULL);
	use(stage, NVME, "swap");
	assert_said(stage,
	            "bad: 0000:01:00.0 (nvme) carries swap of the host: swapoff comes first\n"
	            "unknown: beyond that it is not known whether anything else of the host's own "
	            "depends on it: its mounts cannot be seen, or not all be followed to a device");
}

static void lists_that_were_cut_say_so(void **state)
{
	struct stage *stage = *state;

	use(stage, NIC, "none");
	use(stage, NVME, "swap,...");
	assert_said(stage,
	            "bad: 0000:01:00.0 (nvme) carries swap of the host: swapoff comes first\n"
	            "warning: 0000:01:00.0 (nvme) carries more of the host's than is listed here");
	use(stage, NVME, "...");
	assert_said(stage, "warning: 0000:01:00.0 (nvme) carries more of the host's than is "
	                   "listed here");
}

/* From a recording or a damaged tree: no byte of it does harm, and %s is no more than that. */
static void odd_lists_do_no_harm(void **state)
{
	static const char *const lists[] = {",",           ",,swap,,",
	                                    "part of ",    "part of swap%s%n",
	                                    "file system", "file system ",
	                                    "swapped",     "..",
	                                    "...,",        "part of part of swap",
	                                    "\033[31m"};
	struct stage *stage = *state;

	use(stage, NIC, "none");
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		use(stage, NVME, lists[i]);
		assert_non_null(said_of(stage, 5));
	}
	use(stage, NVME, "file system /%s%n");
	assert_non_null(strstr(said_of(stage, 5), "(/%s%n)"));
	use(stage, NVME, "file system ");
	assert_non_null(strstr(said_of(stage, 5), "of the host (): unmount"));
}

static void virtual_functions_go_with_their_driver(void **state)
{
	struct stage *stage = *state;

	use(stage, NVME, "none");
	use(stage, NIC, "none");
	say_number(stage->model, ATTR_DEVICE_VFS, NIC, 0, 0);
	assert_said(stage, "good: nothing of the host's own is known to depend on it");
	say_number(stage->model, ATTR_DEVICE_VFS, NIC, 0, 1);
	add_function(stage, VF, 7);
	assert_said(stage, "warning: 0000:02:00.0 (e1000e) has 1 virtual function (0000:02:10.0), "
	                   "which goes when its driver goes");
	say_number(stage->model, ATTR_DEVICE_VFS, NIC, 0, 2);
	add_function(stage, VF_2, 8);
	say_holder(stage->model, 8, 70, "qemu-system-x86", "vm1");
	assert_said(stage, "bad: 0000:02:00.0 (e1000e) has 2 virtual functions (0000:02:10.0, "
	                   "0000:02:10.2 of vm1), which go when its driver goes");
	assert_string_equal(said_of(stage, 7),
	                    "plain: 0000:02:10.0 is a virtual function of 0000:02:00.0, which "
	                    "stays where it is (e1000e)\n"
	                    "good: nothing of the host's own is known to depend on it");
}

static void of_many_functions_only_some_are_named(void **state)
{
	struct stage *stage = *state;
	char name[32];

	use(stage, NVME, "none");
	use(stage, NIC, "none");
	say_number(stage->model, ATTR_DEVICE_VFS, NIC, 0, 7);
	for (uint32_t i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "0000:02:10.%u", i);
		add_function(stage, name, 10 + i);
	}
	say_holder(stage->model, 16, 70, "dpdk", NULL);
	assert_said(stage, "bad: 0000:02:00.0 (e1000e) has 7 virtual functions (0000:02:10.0, "
	                   "0000:02:10.1, 0000:02:10.2, 0000:02:10.3 and 3 more), which go when "
	                   "its driver goes");
}

static void a_function_whose_parent_is_not_seen(void **state)
{
	struct stage *stage = *state;

	add_function(stage, VF, 7);
	say_gone(stage->model, SUBJECT_DEVICE, NIC, 0);
	assert_string_equal(said_of(stage, 7),
	                    "plain: 0000:02:10.0 is a virtual function of 0000:02:00.0, which "
	                    "stays where it is\n"
	                    "good: nothing of the host's own is known to depend on it");
}

static void bridges_alone_and_empty_groups_have_nothing_to_lose(void **state)
{
	struct stage *stage = *state;

	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 9, "DMA");
	assert_string_equal(said_of(stage, 9), "");
	say_device(stage->model, "0000:00:1c.0", 9, NULL, NULL, "pcieport");
	say_number(stage->model, ATTR_DEVICE_CLASS, "0000:00:1c.0", 0, 0x060400);
	say_text(stage->model, ATTR_DEVICE_BUS, "0000:00:1c.0", 0, "pci");
	assert_string_equal(said_of(stage, 9), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_use_has_its_sentence),
		TEST(what_is_a_part_is_said_to_be_one),
		TEST(each_member_is_named),
		TEST(nothing_to_lose_is_said_only_where_all_was_read),
		TEST(lists_that_were_cut_say_so),
		TEST(odd_lists_do_no_harm),
		TEST(virtual_functions_go_with_their_driver),
		TEST(of_many_functions_only_some_are_named),
		TEST(a_function_whose_parent_is_not_seen),
		TEST(bridges_alone_and_empty_groups_have_nothing_to_lose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
