// SPDX-License-Identifier: GPL-2.0-or-later
/* behaviour: what is said of devices before a guest has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "behaviour.h"
#include "stage.h"

#define CARD  "0000:0a:00.0"
#define SOUND "0000:0a:00.1"
#define PORT  "0000:00:1c.0"

/* A card behind dmar0, whole, in group 5, of which nothing bad is known. */
static void say_card(struct model *model, const char *name)
{
	say_device(model, name, 5, "Ethernet controller", "82574L", "e1000e");
	say_text(model, ATTR_DEVICE_BUS, name, 0, "pci");
	say_text(model, ATTR_DEVICE_UNIT, name, 0, "dmar0");
	say_text(model, ATTR_DEVICE_RESET, name, 0, "flr bus");
	say_text(model, ATTR_DEVICE_CONFIG, name, 0, "whole");
	say_text(model, ATTR_DEVICE_BARS, name, 0, "0 32 0x20000,2 io 0x20");
	say_text(model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	say_number(model, ATTR_UNIT_ADDRESS_BITS, "dmar0", 0, 48);
	say_number(model, ATTR_MACHINE_PHYSICAL_BITS, NULL, 0, 46);
	say_text(model, ATTR_MACHINE_REMAPPING, NULL, 0, "on");
	say_text(model, ATTR_GROUP_RESERVED, NULL, 5, "msi 0xfee00000-0xfeefffff");
	say_text(model, ATTR_KERNEL, NULL, 0, "6.12.1");
}

static void say_fact(struct model *model, enum attribute attribute, const char *text)
{
	say_text(model, attribute, CARD, 0, text);
}

/* All lines about group 5: "good: ...\n" each. The last one stays valid. */
static const char *said(struct stage *stage)
{
	static char text[8192];
	struct lines lines = {0};

	look(stage->model, &stage->snap);
	behaviour_say(&stage->snap, snapshot_group_by_id(&stage->snap, 5), &lines);
	text[0] = '\0';
	for (size_t i = 0; i < lines.count; i++)
		append_text(text, sizeof(text), "%s: %s\n", tone_words[lines.lines[i].tone],
		            lines.lines[i].text);
	lines_release(&lines);
	return text;
}

#define assert_said(stage, line)                                                   \
	do {                                                                       \
		if (!strstr(said(stage), line))                                    \
			fail_msg("not said: \"%s\"; but:\n%s", line, said(stage)); \
	} while (0)

#define assert_not_said(stage, words) assert_null(strstr(said(stage), words))

static void a_good_card(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	assert_string_equal(said(stage),
	                    "good: " CARD ": can be reset alone, by a reset made for that (FLR)\n"
	                    "good: interrupt remapping is on: a guest cannot raise interrupts of "
	                    "others\n"
	                    "good: dmar0 gives a guest 256 TiB of addresses (48 bits), more "
	                    "than the processor has\n");
}

static void nothing_of_what_nobody_assigns(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, PORT);
	say_number(stage->model, ATTR_DEVICE_CLASS, PORT, 0, 0x060400);
	assert_string_equal(said(stage), "");
}

/* Nothing is known but that it is there. */
static void what_is_not_known_is_said_so(void **state)
{
	struct stage *stage = *state;

	say_text(stage->model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	say_number(stage->model, ATTR_DEVICE_GROUP, CARD, 0, 5);
	say_text(stage->model, ATTR_DEVICE_BUS, CARD, 0, "pci");
	say_text(stage->model, ATTR_DEVICE_UNIT, CARD, 0, "dmar0");
	assert_string_equal(
		said(stage),
		"unknown: " CARD ": whether it can be reset is not known: sysfs did not tell\n"
		"unknown: whether interrupts are remapped is not known: /sys/kernel/irq does not "
		"tell\n"
		"unknown: how much address space dmar0 can give to a guest is not known: it does "
		"not tell\n"
		"unknown: " CARD ": ATS, PASID, PRI and the link are not known: its configuration "
		"space was not read\n");
}

static void resets(void **state)
{
	static const struct {
		const char *reset, *line;
	} cases[] = {
		{"af_flr", "good: " CARD ": can be reset alone"},
		{"device_specific bus", "good: " CARD ": can be reset, in a way"},
		{"acpi", "good: " CARD ": can be reset, by the platform"},
		{"pm bus", "plain: " CARD ": can be reset by putting it to sleep"},
		{"bus", "plain: " CARD ": can be reset together with its bus"},
		{"cxl_bus", "plain: " CARD ": can be reset together with its CXL port"},
		{"some", "plain: " CARD ": can be reset; in which way"},
		{"none",
	         "warning: " CARD ": cannot be reset alone: a guest may find it as the last one "
	         "left it"},
		{"flra", "plain: " CARD ": can be reset by the method \"flra\"\n"},
	};
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		say_fact(stage->model, ATTR_DEVICE_RESET, cases[i].reset);
		assert_said(stage, cases[i].line);
	}
}

/* Nobody can reset what all the machine hangs on. */
static void the_root_bus(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_fact(stage->model, ATTR_DEVICE_RESET, "none");
	say_fact(stage->model, ATTR_DEVICE_PARENT, PORT);
	assert_said(stage, CARD ": cannot be reset alone: ");
	say_fact(stage->model, ATTR_DEVICE_PARENT, "pci0000:0a");
	assert_said(stage, "warning: " CARD ": cannot be reset: a guest finds it as the last one "
	                   "left it\n");
	say_fact(stage->model, ATTR_DEVICE_RESET, "pm");
	assert_said(stage, "plain: " CARD ": can be reset by putting it to sleep");
}

/* The kernel offers it to the first device of a bus, which it finds alone. */
static void a_bus_that_others_share(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_fact(stage->model, ATTR_DEVICE_RESET, "bus");
	say_number(stage->model, ATTR_DEVICE_GROUP, "0000:1a:00.1", 0, 6);
	assert_said(stage, "plain: " CARD ": can be reset together with its bus");
	say_number(stage->model, ATTR_DEVICE_GROUP, "0000:0a:01.0", 0, 6);
	assert_said(stage, "warning: " CARD ": cannot be reset alone, as others share its bus");
	say_fact(stage->model, ATTR_DEVICE_RESET, "none");
	assert_said(stage, "warning: " CARD ": cannot be reset alone, as others share its bus");
	say_fact(stage->model, ATTR_DEVICE_RESET, "flr bus");
	assert_said(stage, "good: " CARD ": can be reset alone");
}

static void members_with_one_answer_share_a_line(void **state)
{
	struct stage *stage = *state;
	char name[32];

	say_card(stage->model, CARD);
	say_card(stage->model, SOUND);
	assert_said(stage, "good: " CARD ", " SOUND ": can be reset alone");
	say_text(stage->model, ATTR_DEVICE_RESET, SOUND, 0, "flr");
	assert_said(stage, "good: " CARD ", " SOUND ": can be reset alone");
	say_text(stage->model, ATTR_DEVICE_RESET, SOUND, 0, "pm");
	assert_said(stage, "good: " CARD ": can be reset alone");
	assert_said(stage, "plain: " SOUND ": can be reset by putting");
	for (int i = 2; i < 8; i++) {
		snprintf(name, sizeof(name), "0000:0a:00.%d", i);
		say_card(stage->model, name);
	}
	assert_said(stage, "0000:0a:00.6 and 1 more: can be reset alone");
}

static void regions_by_kind(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_text(stage->model, ATTR_GROUP_RESERVED, NULL, 5,
	         "direct 0x1000-0x1fff,direct-relaxable 0x2000-0x2fff,msi 0x8000000-0x80fffff,"
	         "reserved 0xfd00000000-0xffffffffff,cheese");
	assert_said(stage, "bad: the firmware uses 0x1000-0x1fff through it");
	assert_said(stage, "the kernel does not let a guest have it\n");
	assert_said(stage, "plain: the firmware has used 0x2000-0x2fff through it");
	assert_said(stage, "plain: no guest memory can lie at 0x8000000-0x80fffff (msi)");
	assert_said(stage,
	            "plain: no guest memory can lie at 0xfd00000000-0xffffffffff (reserved)");
	assert_not_said(stage, "cheese");
}

/* What other drivers than Intel's did not refuse, up to 6.5. */
static void a_direct_region_that_was_not_refused(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_text(stage->model, ATTR_GROUP_RESERVED, NULL, 5, "direct 0x1000-0x1fff");
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "6.1.0");
	assert_said(stage, "bad: the firmware uses 0x1000-0x1fff");
	say_text(stage->model, ATTR_UNIT_VENDOR, "dmar0", 0, "AMD-Vi");
	assert_said(stage, "warning: the firmware uses 0x1000-0x1fff");
}

static void interrupts_are_remapped_or_not(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_text(stage->model, ATTR_MACHINE_REMAPPING, NULL, 0, "off");
	assert_said(stage, "bad: interrupt remapping is off: VFIO refuses unless");
	say_text(stage->model, ATTR_GROUP_NAME, NULL, 5, "vfio-noiommu");
	assert_not_said(stage, "remapping");
	say_text(stage->model, ATTR_GROUP_NAME, NULL, 5, NULL);
	say_text(stage->model, ATTR_MACHINE_REMAPPING, NULL, 0, NULL);
	assert_said(stage, "unknown: whether interrupts are remapped");
	say_text(stage->model, ATTR_UNIT_VENDOR, "dmar0", 0, "SMMUv3");
	assert_not_said(stage, "interrupts are remapped");
}

static void addresses_of_a_guest(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_number(stage->model, ATTR_UNIT_ADDRESS_BITS, "dmar0", 0, 39);
	assert_said(stage, "warning: dmar0 has 39 bits of address, the processor 46: memory and "
	                   "BARs of a guest have to stay below 512 GiB (QEMU: -cpu "
	                   "host,host-phys-bits-limit=39)\n");
	say_number(stage->model, ATTR_MACHINE_PHYSICAL_BITS, NULL, 0, 39);
	assert_said(stage, "good: dmar0 gives a guest 512 GiB of addresses (39 bits), as many as "
	                   "the processor has\n");
	say_number(stage->model, ATTR_MACHINE_PHYSICAL_BITS, NULL, 0, VALUE_UNKNOWN);
	assert_said(stage, "plain: dmar0 gives a guest 512 GiB of addresses (39 bits)\n");
	say_number(stage->model, ATTR_UNIT_ADDRESS_BITS, "dmar0", 0, 57);
	assert_said(stage, "128 PiB of addresses");
	say_number(stage->model, ATTR_UNIT_ADDRESS_BITS, "dmar0", 0, 64);
	assert_said(stage, "16 EiB of addresses");
	say_number(stage->model, ATTR_UNIT_ADDRESS_BITS, "dmar0", 0, 4000000000u);
	assert_said(stage, "4000000000 bits of addresses");
	say_number(stage->model, ATTR_UNIT_ADDRESS_BITS, "dmar0", 0, 9);
	assert_said(stage, "9 bits of addresses");
}

static void wide_bars(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_fact(stage->model, ATTR_DEVICE_BARS,
	         "0 32 0x1000000,1 64 prefetch 0xf0000000,3 64 0x10000000,5 io 0x80");
	assert_said(stage, "plain: " CARD ": 4.0G of BARs: the guest's firmware needs that room");
	say_fact(stage->model, ATTR_DEVICE_BARS, "1 64 prefetch 0x800000000,3 64 0x1000");
	assert_said(stage, "warning: " CARD ": 32.0G of BARs: the guest's firmware");
	say_fact(stage->model, ATTR_DEVICE_BARS, "0 32 0x100000000,1 64 prefetch 0xffffffff");
	assert_not_said(stage, "BARs");
	say_fact(stage->model, ATTR_DEVICE_BARS, "1 64 prefetch,0,,3 64 cheese, 64 ");
	assert_not_said(stage, "BARs");
}

static void features(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_fact(stage->model, ATTR_DEVICE_FEATURES, "ats+ pasid- pri-");
	assert_said(stage, "plain: " CARD
	                   ": ATS in use; PASID, PRI offered, not in use: with ATS it keeps");
	say_fact(stage->model, ATTR_DEVICE_FEATURES, "ats-");
	assert_said(stage, "plain: " CARD ": ATS offered, not in use\n");
	say_fact(stage->model, ATTR_DEVICE_FEATURES, "none");
	assert_not_said(stage, "offered");
}

static void links(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_fact(stage->model, ATTR_DEVICE_LINK, "8.0 GT/s x4, able to 16.0 GT/s x8");
	assert_said(stage, "warning: " CARD ": its link runs at 8.0 GT/s x4, able to 16.0");
	say_fact(stage->model, ATTR_DEVICE_LINK, "2.5 GT/s x16, able to 16.0 GT/s x16");
	assert_said(stage, "plain: " CARD ": its link runs at 2.5 GT/s x16, able to 16.0");
	say_fact(stage->model, ATTR_DEVICE_LINK, "8 GT/s x4, able to 8.0 GT/s x4");
	assert_not_said(stage, "link");
	say_fact(stage->model, ATTR_DEVICE_LINK, "8.0 GT/s x4");
	assert_not_said(stage, "link");
	say_fact(stage->model, ATTR_DEVICE_LINK, "x4, able to x8");
	assert_not_said(stage, "link");
}

static void how_much_was_read(void **state)
{
	static const struct {
		const char *config, *line;
	} cases[] = {
		{"64 bytes", "unknown: " CARD ": ATS, PASID, PRI and the link are not known: the "
	                     "rest of its configuration space needs root\n"},
		{"asleep", "unknown: " CARD ": asleep, not read"},
		{"gone", "bad: " CARD ": answers with all ones"},
		{"broken", "warning: " CARD ": lists of its capabilities are broken"},
		{"none", "there is no configuration space to read\n"},
	};
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		say_fact(stage->model, ATTR_DEVICE_CONFIG, cases[i].config);
		assert_said(stage, cases[i].line);
	}
}

/* Of one node only nobody has a choice. */
static void nodes_where_there_are_several(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, CARD);
	say_number(stage->model, ATTR_DEVICE_NUMA, CARD, 0, 0);
	assert_not_said(stage, "NUMA");
	say_number(stage->model, ATTR_DEVICE_GROUP, PORT, 0, 6);
	say_number(stage->model, ATTR_DEVICE_NUMA, PORT, 0, 1);
	assert_said(stage, "plain: on NUMA node 0: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_card),
		TEST(nothing_of_what_nobody_assigns),
		TEST(what_is_not_known_is_said_so),
		TEST(resets),
		TEST(the_root_bus),
		TEST(a_bus_that_others_share),
		TEST(members_with_one_answer_share_a_line),
		TEST(regions_by_kind),
		TEST(a_direct_region_that_was_not_refused),
		TEST(interrupts_are_remapped_or_not),
		TEST(addresses_of_a_guest),
		TEST(wide_bars),
		TEST(features),
		TEST(links),
		TEST(how_much_was_read),
		TEST(nodes_where_there_are_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
