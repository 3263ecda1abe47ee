// SPDX-License-Identifier: GPL-2.0-or-later
/* isolation: machines of a few lines each, and the reason that is told for one of their groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "isolation.h"
#include "isolation_quirks.h"
#include "stage.h"

/* Group 7 is what is asked about. */
#define OURS   7
#define OTHERS 3

struct device_line {
	uint32_t group;
	const char *name, *parent, *port, *acs; /* NULL: not known */
	uint32_t several;                       /* its header says so; NO_NUMBER: not known */
	const char *config;                     /* NULL: "whole" */
	uint32_t vendor, device;                /* 0: QEMU's */
};

static void say_line(struct model *model, const struct device_line *line)
{
	say_number(model, ATTR_DEVICE_GROUP, line->name, 0, line->group);
	say_text(model, ATTR_DEVICE_BUS, line->name, 0, "pci");
	say_text(model, ATTR_DEVICE_PARENT, line->name, 0,
	         line->parent ? line->parent : "pci0000:00");
	say_number(model, ATTR_DEVICE_VENDOR_ID, line->name, 0,
	           line->vendor ? line->vendor : 0x1b36);
	say_number(model, ATTR_DEVICE_DEVICE_ID, line->name, 0, line->device);
	say_text(model, ATTR_DEVICE_PORT, line->name, 0, line->port);
	say_text(model, ATTR_DEVICE_ACS, line->name, 0, line->acs);
	if (line->several != NO_NUMBER)
		say_number(model, ATTR_DEVICE_FUNCTIONS, line->name, 0, line->several);
	say_text(model, ATTR_DEVICE_CONFIG, line->name, 0, line->config ? line->config : "whole");
}

static void say_all(struct model *model, const struct device_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		say_line(model, &lines[i]);
}

/* What is told of group 7, a line each, with the tone before it. */
static const char *told(struct stage *stage)
{
	static char text[4096];
	const struct snapshot_group *group;
	struct lines lines = {0};

	look(stage->model, &stage->snap);
	group = snapshot_group_by_id(&stage->snap, OURS);
	assert_non_null(group);
	isolation_say(&stage->snap, group, &lines);
	text[0] = '\0';
	for (size_t i = 0; i < lines.count; i++)
		append_text(text, sizeof(text), "%s: %s\n", tone_words[lines.lines[i].tone],
		            lines.lines[i].text);
	lines_release(&lines);
	return text;
}

#define assert_reason(stage, devices, expected)                        \
	do {                                                           \
		say_all((stage)->model, devices, ARRAY_SIZE(devices)); \
		assert_string_equal(told(stage), expected);            \
	} while (0)

#define NIC(name, parent)                                             \
	{                                                             \
		OURS, name, parent, "endpoint", "none", 0, NULL, 0, 0 \
	}

/* ---- ports ---- */

static void a_port_without_acs(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:11.0", NULL, "root port", "none", 0, NULL, 0, 0},
		NIC("0000:02:00.0", "0000:00:11.0"),
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:00:11.0 (root port) has no ACS: devices behind it can reach "
	              "each other past the IOMMU, so 0000:02:00.0 is with it\n");
}

static void what_a_port_has_switched_off_is_named(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:11.0", NULL, "root port", "5f/11", 0, NULL, 0, 0},
		NIC("0000:02:00.0", "0000:00:11.0"),
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:00:11.0 (root port) has ACS, but without RR (request redirect), "
	              "CR (completion redirect): devices behind it can reach each other past the "
	              "IOMMU, so 0000:02:00.0 is with it\n");
}

/* Bits that it does not have count as set: such a group has another reason. */
static void what_a_port_cannot_do_is_no_reason(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:11.0", NULL, "root port", "d/d", 0, NULL, 0, 0},
		NIC("0000:02:00.0", "0000:00:11.0"),
	};

	assert_reason(
		(struct stage *)*state, devices,
		"unknown: what ties 0000:00:11.0 and 0000:02:00.0 to each other is not known: "
		"no rule explains it, a kernel quirk may apply\n");
}

static void the_topmost_port_is_the_reason(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1c.0", NULL, "root port", "1f/0", 0, NULL, 0, 0},
		{OURS, "0000:01:00.0", "0000:00:1c.0", "upstream port", "none", 0, NULL, 0, 0},
		{OURS, "0000:02:00.0", "0000:01:00.0", "downstream port", "none", 0, NULL, 0, 0},
		{OURS, "0000:02:01.0", "0000:01:00.0", "downstream port", "1f/1f", 0, NULL, 0, 0},
		NIC("0000:03:00.0", "0000:02:00.0"),
		NIC("0000:04:00.0", "0000:02:01.0"),
	};

	assert_reason(
		(struct stage *)*state, devices,
		"plain: 0000:00:1c.0 (root port) has ACS, but without SV (source validation), "
		"RR (request redirect), CR (completion redirect), UF (upstream forwarding): "
		"devices behind it can reach each other past the IOMMU, so 0000:01:00.0, "
		"0000:02:00.0, 0000:02:01.0, 0000:03:00.0 and 0000:04:00.0 are together with "
		"it\n");
}

/* The upstream port and the root port above have their own groups. */
static void a_downstream_port_without_acs(void **state)
{
	static const struct device_line devices[] = {
		{OTHERS, "0000:00:1c.0", NULL, "root port", "1f/1d", 0, NULL, 0, 0},
		{OTHERS, "0000:01:00.0", "0000:00:1c.0", "upstream port", "none", 0, NULL, 0, 0},
		{OURS, "0000:02:00.0", "0000:01:00.0", "downstream port", "none", 0, NULL, 0, 0},
		NIC("0000:03:00.0", "0000:02:00.0"),
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:02:00.0 (downstream port) has no ACS: devices behind it can "
	              "reach each other past the IOMMU, so 0000:03:00.0 is with it\n");
}

static void a_port_whose_space_is_short(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:11.0", NULL, "root port", "none", 0, "256 bytes", 0, 0},
		NIC("0000:02:00.0", "0000:00:11.0"),
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:00:11.0 (root port) shows the kernel no ACS, for its space ends "
	              "at 256 bytes: devices behind it can reach each other past the IOMMU, so "
	              "0000:02:00.0 is with it\n");
}

/* ---- what could not be read ---- */

static void without_root_it_is_said_what_can_be(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:11.0", NULL, NULL, NULL, 0, "64 bytes", 0, 0},
		{OURS, "0000:02:00.0", "0000:00:11.0", NULL, NULL, 1, "64 bytes", 0, 0},
		{OURS, "0000:02:00.1", "0000:00:11.0", NULL, NULL, 1, "64 bytes", 0, 0},
	};

	assert_reason(
		(struct stage *)*state, devices,
		"unknown: 0000:02:00.0 and 0000:02:00.1 are with a bridge above: 0000:00:11.0 "
		"lacks ACS or leads to conventional PCI; which is not known: only root may "
		"read more of it, run it with sudo\n");
}

static void of_several_ports_the_nearest_is_named(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1c.0", NULL, "root port", NULL, 0, "broken", 0, 0},
		{OURS, "0000:01:00.0", "0000:00:1c.0", NULL, NULL, 0, "asleep", 0, 0},
		NIC("0000:02:00.0", "0000:01:00.0"),
	};

	assert_reason(
		(struct stage *)*state, devices,
		"unknown: 0000:01:00.0 is with a bridge above: 0000:00:1c.0 lacks ACS or "
		"leads to conventional PCI; which is not known: its list of capabilities is "
		"broken\n"
		"unknown: 0000:02:00.0 is with a bridge above: 0000:01:00.0, or a port above "
		"it, lacks ACS or leads to conventional PCI; which is not known: it is asleep "
		"and was not read: key W reads it, which wakes it\n");
}

/* One that is known to lack it is the reason, whatever others could tell. */
static void a_known_reason_goes_before_unknown_ones(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1c.0", NULL, "root port", "none", 0, NULL, 0, 0},
		{OURS, "0000:01:00.0", "0000:00:1c.0", NULL, NULL, 0, "gone", 0, 0},
		NIC("0000:02:00.0", "0000:01:00.0"),
	};

	assert_reason(
		(struct stage *)*state, devices,
		"plain: 0000:00:1c.0 (root port) has no ACS: devices behind it can reach each "
		"other past the IOMMU, so 0000:01:00.0 and 0000:02:00.0 are together with "
		"it\n");
}

static void functions_that_were_not_read(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1f.0", NULL, "endpoint", "none", 1, NULL, 0, 0},
		{OURS, "0000:00:1f.3", NULL, NULL, NULL, NO_NUMBER, "asleep", 0, 0},
	};

	assert_reason((struct stage *)*state, devices,
	              "unknown: 0000:00:1f.0 and 0000:00:1f.3 are functions of one device and seem "
	              "to lack ACS between them; that is not known of 0000:00:1f.3: it is asleep "
	              "and was not read: key W reads it, which wakes it\n");
}

static void what_nothing_ties_and_was_not_read(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:02.0", NULL, NULL, NULL, NO_NUMBER, "gone", 0, 0},
		{OURS, "0000:00:03.0", NULL, NULL, NULL, 0, "none", 0, 0},
	};

	assert_reason(
		(struct stage *)*state, devices,
		"unknown: what ties 0000:00:02.0 and 0000:00:03.0 to each other is not known; "
		"neither is what 0000:00:02.0 could tell: it does not answer\n");
}

/* ---- functions of one slot ---- */

static void functions_without_acs(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:02.0", NULL, "endpoint", "none", 1, NULL, 0, 0},
		{OURS, "0000:00:02.1", NULL, "endpoint", "none", 1, NULL, 0, 0},
		{OURS, "0000:00:02.2", NULL, "endpoint", "none", 0, NULL, 0, 0},
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:00:02.0, 0000:00:02.1 and 0000:00:02.2 are functions of one "
	              "device without ACS between them: one can reach another past the IOMMU\n");
}

static void functions_with_too_little_of_it(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1c.0", NULL, "root port", "1f/1b", 1, NULL, 0, 0},
		{OURS, "0000:00:1c.4", NULL, "root port", "1f/1f", 1, NULL, 0, 0},
		{OURS, "0000:00:1c.5", NULL, "root port", "1f/1b", 1, NULL, 0, 0},
	};

	assert_reason(
		(struct stage *)*state, devices,
		"plain: 0000:00:1c.0 and 0000:00:1c.5 are functions of one device whose ACS "
		"is without RR (request redirect): one can reach another past the IOMMU\n"
		"unknown: what ties 0000:00:1c.0 and 0000:00:1c.4 to each other is not known: "
		"no rule explains it, a kernel quirk may apply\n");
}

static void conventional_functions(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1f.0", NULL, "conventional", "none", 1, NULL, 0, 0},
		{OURS, "0000:00:1f.2", NULL, "conventional", "none", 1, NULL, 0, 0},
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:00:1f.0 and 0000:00:1f.2 are functions of one device of "
	              "conventional PCI, which has no ACS: one can reach another past the IOMMU\n");
}

/* Who moves the card to a better port shall know what is gained. */
static void functions_that_would_stay_together(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:11.0", NULL, "root port", "none", 0, NULL, 0, 0},
		{OURS, "0000:02:00.0", "0000:00:11.0", "endpoint", "none", 1, NULL, 0, 0},
		{OURS, "0000:02:00.1", "0000:00:11.0", "endpoint", "none", 1, NULL, 0, 0},
	};

	assert_reason(
		(struct stage *)*state, devices,
		"plain: 0000:00:11.0 (root port) has no ACS: devices behind it can reach each "
		"other past the IOMMU, so 0000:02:00.0 and 0000:02:00.1 are together with "
		"it\n"
		"plain: even if the way up kept them apart: 0000:02:00.0 and 0000:02:00.1 are "
		"functions of one device without ACS between them\n");
}

/* Slots of other buses look alike but for their address. */
static void functions_of_two_slots_are_two_reasons(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:02.0", NULL, "endpoint", "none", 1, NULL, 0, 0},
		{OURS, "0000:00:02.1", NULL, "endpoint", "none", 1, NULL, 0, 0},
		{OURS, "0000:00:03.0", NULL, "endpoint", "none", 1, NULL, 0, 0},
		{OURS, "0000:00:03.1", NULL, "endpoint", "none", 1, NULL, 0, 0},
	};

	assert_reason(
		(struct stage *)*state, devices,
		"plain: 0000:00:02.0 and 0000:00:02.1 are functions of one device without ACS "
		"between them: one can reach another past the IOMMU\n"
		"plain: 0000:00:03.0 and 0000:00:03.1 are functions of one device without ACS "
		"between them: one can reach another past the IOMMU\n"
		"unknown: what ties 0000:00:02.0 and 0000:00:03.0 to each other is not known: "
		"no rule explains it, a kernel quirk may apply\n");
}

static void many_slots_are_counted(void **state)
{
	struct stage *stage = *state;
	const char *text, *at;
	char name[16];
	int lines = 0;

	say_line(stage->model, &(struct device_line){OURS, "0000:00:1e.0", NULL, "bridge to PCI",
	                                             "none", 0, NULL, 0, 0});
	for (int i = 0; i < 20; i++) {
		struct device_line line = {
			OURS, name, "0000:00:1e.0", "conventional", "none", 1, NULL, 0, 0};

		snprintf(name, sizeof(name), "0000:05:%02x.%d", i / 2, i % 2);
		say_line(stage->model, &line);
	}
	text = told(stage);
	for (at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 1 + 6 + 1);
	assert_non_null(strstr(text, "0000:05:02.0, 0000:05:02.1 and 14 more apart\n"));
	assert_non_null(strstr(text, "plain: so are functions of 4 more devices\n"));
}

/* ---- one id for several ---- */

static void a_bridge_to_conventional_pci(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:12.0", NULL, "bridge to PCI", "none", 0, NULL, 0, 0},
		{OURS, "0000:03:01.0", "0000:00:12.0", "conventional", "none", 0, NULL, 0, 0},
		{OURS, "0000:03:02.0", "0000:00:12.0", "conventional", "none", 0, NULL, 0, 0},
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:00:12.0 is a bridge to conventional PCI: DMA from behind it "
	              "carries an id of the bridge, so the IOMMU cannot tell 0000:03:01.0 and "
	              "0000:03:02.0 apart\n");
}

static void bridges_behind_bridges(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1e.0", NULL, "conventional", "none", 0, NULL, 0, 0},
		{OURS, "0000:05:01.0", "0000:00:1e.0", "conventional", "none", 0, NULL, 0, 0},
		{OURS, "0000:06:00.0", "0000:05:01.0", "conventional", "none", 0, NULL, 0, 0},
	};

	assert_reason(
		(struct stage *)*state, devices,
		"plain: 0000:00:1e.0 is a conventional PCI bridge: DMA from behind it carries "
		"an id of the bridge, so the IOMMU cannot tell 0000:05:01.0 and 0000:06:00.0 "
		"apart\n");
}

/* The bridge itself is kept apart from the rest of the machine. */
static void a_port_with_acs_above_a_bridge(void **state)
{
	static const struct device_line devices[] = {
		{OTHERS, "0000:00:1c.0", NULL, "root port", "1f/1f", 0, NULL, 0, 0},
		{OURS, "0000:04:00.0", "0000:00:1c.0", "bridge to PCI", "none", 0, NULL, 0, 0},
		{OURS, "0000:05:00.0", "0000:04:00.0", "conventional", "none", 0, NULL, 0, 0},
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:04:00.0 is a bridge to conventional PCI: DMA from behind it "
	              "carries an id of the bridge, so the IOMMU cannot tell 0000:05:00.0 apart "
	              "from the bridge\n");
}

static void a_chip_that_sends_as_another_function(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:05:00.0", NULL, "endpoint", "1f/1f", 1, NULL, 0x1b4b, 0x9230},
		{OURS, "0000:05:00.1", NULL, "endpoint", "1f/1f", 1, NULL, 0x1b4b, 0x91a4},
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:05:00.0 sends DMA under the id of another function, as the "
	              "kernel knows of this chip: so 0000:05:00.1 is with it\n");
}

static void devices_behind_vmd(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:0e.0", NULL, "integrated endpoint", "none", 0, NULL, 0x8086,
	         0x467f},
		{OURS, "10000:e0:06.0", "pci10000:e0", "root port", "1f/1f", 0, NULL, 0x8086,
	         0x464d},
		{OURS, "10000:e1:00.0", "10000:e0:06.0", "endpoint", "none", 0, NULL, 0x144d,
	         0xa80a},
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:00:0e.0 is a VMD controller: DMA of what is behind it carries "
	              "its id, so the IOMMU cannot tell 10000:e0:06.0 and 10000:e1:00.0 apart\n");
}

/* ---- quirks ---- */

static void quirks_are_found_by_numbers(void **state)
{
	static const struct {
		uint32_t vendor, device;
		enum quirk quirk;
	} cases[] = {
		{0x8086, 0x1521, QUIRK_ISOLATES},         {0x8086, 0x1520, QUIRK_INTEGRATED},
		{0x8086, 0x8c10, QUIRK_ROOT_PORT},        {0x8086, 0x8c92, QUIRK_ROOT_PORT},
		{0x8086, 0x8c93, QUIRK_INTEGRATED},       {0x1022, 0x780f, QUIRK_SOUTHBRIDGE},
		{0x1b4b, 0x9230, QUIRK_ALIAS_FUNCTION_1}, {0x1180, 0xe476, QUIRK_ALIAS_FUNCTION_0},
		{0x9005, 0x0285, QUIRK_ALIAS_OTHERS},     {0x177d, 0xa026, QUIRK_ISOLATES},
		{0x177d, 0xa05a, QUIRK_ROOT_PORT},        {0x1b36, 0x000c, QUIRK_NONE},
		{NO_NUMBER, NO_NUMBER, QUIRK_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (isolation_quirk(cases[i].vendor, cases[i].device) != cases[i].quirk)
			fail_msg("%04x:%04x", cases[i].vendor, cases[i].device);
}

/* A PCH port without the capability is none to blame; the one below it is. */
static void a_port_that_the_kernel_trusts_is_not_blamed(void **state)
{
	static const struct device_line devices[] = {
		{OTHERS, "0000:00:1c.0", NULL, "root port", "none", 0, NULL, 0x8086, 0x8c10},
		{OTHERS, "0000:01:00.0", "0000:00:1c.0", "upstream port", "none", 0, NULL, 0, 0},
		{OURS, "0000:02:00.0", "0000:01:00.0", "downstream port", "none", 0, NULL, 0, 0},
		NIC("0000:03:00.0", "0000:02:00.0"),
	};

	assert_reason((struct stage *)*state, devices,
	              "plain: 0000:02:00.0 (downstream port) has no ACS: devices behind it can "
	              "reach each other past the IOMMU, so 0000:03:00.0 is with it\n");
}

/* Intel's integrated endpoints are kept apart without ACS; such a group is not explained by it. */
static void integrated_endpoints_of_intel(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:1f.0", NULL, "integrated endpoint", "none", 1, NULL, 0x8086,
	         0x7a04},
		{OURS, "0000:00:1f.3", NULL, "integrated endpoint", "none", 1, NULL, 0x8086,
	         0x7a50},
	};

	assert_reason(
		(struct stage *)*state, devices,
		"unknown: what ties 0000:00:1f.0 and 0000:00:1f.3 to each other is not known: "
		"no rule explains it, a kernel quirk may apply\n");
}

static void a_southbridge_of_amd(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:14.0", NULL, "conventional", "none", 1, NULL, 0x1002, 0x4385},
		{OURS, "0000:00:14.1", NULL, "conventional", "none", 1, NULL, 0x1002, 0x439c},
	};
	struct stage *stage = *state;

	assert_reason(stage, devices,
	              "plain: 0000:00:14.0 and 0000:00:14.1 are functions of one device of "
	              "conventional PCI, which has no ACS: one can reach another past the IOMMU\n");
	say_text(stage->model, ATTR_UNIT_VENDOR, "ivhd0", 0, "AMD-Vi");
	assert_string_equal(told(stage),
	                    "unknown: what ties 0000:00:14.0 and 0000:00:14.1 to each other is not "
	                    "known: no rule explains it, a kernel quirk may apply\n");
}

/* ---- the rest ---- */

static void say_platform(struct model *model, const char *name)
{
	say_number(model, ATTR_DEVICE_GROUP, name, 0, OURS);
	say_text(model, ATTR_DEVICE_BUS, name, 0, "platform");
}

static void what_is_not_pci(void **state)
{
	struct stage *stage = *state;

	say_platform(stage->model, "fd800000.dma");
	say_platform(stage->model, "fd900000.dma");
	assert_string_equal(told(stage),
	                    "plain: fd800000.dma and fd900000.dma: not PCI, so ACS plays no part; "
	                    "the driver of the IOMMU puts together what has one id, as the "
	                    "firmware describes it\n");
}

/* What it is a device of is not known then, nor that it is none of PCI. */
static void a_member_of_which_only_the_name_is_known(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:03.0", NULL, "endpoint", "none", 0, NULL, 0, 0},
	};
	struct stage *stage = *state;

	say_all(stage->model, devices, 1);
	say_number(stage->model, ATTR_DEVICE_GROUP, "0000:09:00.0", 0, OURS);
	assert_string_equal(
		told(stage),
		"unknown: what ties 0000:00:03.0 and 0000:09:00.0 to each other is not "
		"known; neither is what 0000:09:00.0 could tell: sysfs tells nothing of "
		"it\n");
}

static void an_override_weakens_what_is_told(void **state)
{
	static const struct device_line devices[] = {NIC("0000:02:00.0", NULL)};
	struct stage *stage = *state;

	say_all(stage->model, devices, 1);
	say_text(stage->model, ATTR_MACHINE_OPTIONS, NULL, 0,
	         "intel_iommu=on pcie_acs_override=downstream,multifunction");
	assert_string_equal(told(stage),
	                    "unknown: pcie_acs_override is on the command line; whether this "
	                    "kernel knows it is not known: if so, groups isolate less than they "
	                    "seem to, and a reason told here may not hold\n");
	say_text(stage->model, ATTR_MACHINE_OPTIONS_UNKNOWN, NULL, 0, "intel_iomu=on ...");
	assert_non_null(strstr(told(stage), "unknown: pcie_acs_override"));
	say_text(stage->model, ATTR_MACHINE_BOOT_SAID, NULL, 0, "remapping_on acs_override");
	assert_non_null(strstr(told(stage), "warning: pcie_acs_override is in force: ACS"));
	say_text(stage->model, ATTR_MACHINE_BOOT_SAID, NULL, 0, NULL);
	say_text(stage->model, ATTR_MACHINE_OPTIONS_UNKNOWN, NULL, 0, NULL);
	say_number(stage->model, ATTR_MACHINE_LOG_SINCE_BOOT, NULL, 0, 1);
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "5.13.0");
	assert_non_null(strstr(told(stage), "unknown: pcie_acs_override"));
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "5.14.0");
	assert_non_null(strstr(told(stage), "warning: pcie_acs_override is in force: ACS"));
	say_number(stage->model, ATTR_MACHINE_LOG_SINCE_BOOT, NULL, 0, VALUE_UNKNOWN);
	say_text(stage->model, ATTR_MACHINE_OPTIONS_UNKNOWN, NULL, 0, "intel_iomu=on");
	assert_non_null(strstr(told(stage), "warning: pcie_acs_override is in force: ACS"));
	say_text(stage->model, ATTR_MACHINE_OPTIONS_UNKNOWN, NULL, 0,
	         "intel_iomu=on pcie_acs_override=downstream,multifunction");
	assert_string_equal(told(stage),
	                    "plain: pcie_acs_override is on the command line, but this kernel does "
	                    "not know it: it changes nothing\n");
	say_text(stage->model, ATTR_MACHINE_OPTIONS, NULL, 0, "not_pcie_acs_override=1");
	assert_string_equal(told(stage), "");
}

static void redirection_that_was_switched_off_at_boot(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:11.0", NULL, "root port", "1f/13", 0, NULL, 0, 0},
		NIC("0000:02:00.0", "0000:00:11.0"),
	};
	struct stage *stage = *state;

	say_all(stage->model, devices, ARRAY_SIZE(devices));
	assert_null(strstr(told(stage), "boot option"));
	say_text(stage->model, ATTR_MACHINE_OPTIONS, NULL, 0,
	         "pci=nomsi,disable_acs_redir=pci:1b36:000c");
	assert_non_null(strstr(told(stage), "warning: the boot option pci=disable_acs_redir "
	                                    "switches parts of ACS off: it may be why\n"));
}

static void who_is_alone(void **state)
{
	static const struct device_line devices[] = {
		{OTHERS, "0000:00:10.0", NULL, "root port", "1f/1d", 0, NULL, 0, 0},
		NIC("0000:01:00.0", "0000:00:10.0"),
	};
	struct stage *stage = *state;

	assert_reason(stage, devices,
	              "good: 0000:01:00.0 is alone: each port above it keeps others out (ACS)\n");
	say_text(stage->model, ATTR_DEVICE_ACS, "0000:00:10.0", 0, NULL);
	assert_string_equal(told(stage), "");
}

static void an_empty_group_has_nothing_to_explain(void **state)
{
	struct stage *stage = *state;

	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, OURS, "DMA");
	assert_string_equal(told(stage), "");
}

/* No kernel makes them; what somebody writes into a recording must not stop the program. */
static void parents_in_a_circle(void **state)
{
	static const struct device_line devices[] = {
		{OURS, "0000:00:01.0", "0000:00:02.0", "root port", "none", 0, NULL, 0, 0},
		{OURS, "0000:00:02.0", "0000:00:01.0", "root port", "none", 0, NULL, 0, 0},
		{OURS, "0000:00:03.0", "0000:00:03.0", NULL, NULL, 0, "gone", 0, 0},
	};
	struct stage *stage = *state;

	say_all(stage->model, devices, ARRAY_SIZE(devices));
	assert_non_null(strstr(told(stage), "0000:00:01.0"));
}

#define STAGE_TEST(test) cmocka_unit_test_setup_teardown(test, make_stage, free_stage)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STAGE_TEST(a_port_without_acs),
		STAGE_TEST(what_a_port_has_switched_off_is_named),
		STAGE_TEST(what_a_port_cannot_do_is_no_reason),
		STAGE_TEST(the_topmost_port_is_the_reason),
		STAGE_TEST(a_downstream_port_without_acs),
		STAGE_TEST(a_port_whose_space_is_short),
		STAGE_TEST(without_root_it_is_said_what_can_be),
		STAGE_TEST(of_several_ports_the_nearest_is_named),
		STAGE_TEST(a_known_reason_goes_before_unknown_ones),
		STAGE_TEST(functions_that_were_not_read),
		STAGE_TEST(what_nothing_ties_and_was_not_read),
		STAGE_TEST(functions_without_acs),
		STAGE_TEST(functions_with_too_little_of_it),
		STAGE_TEST(conventional_functions),
		STAGE_TEST(functions_that_would_stay_together),
		STAGE_TEST(functions_of_two_slots_are_two_reasons),
		STAGE_TEST(many_slots_are_counted),
		STAGE_TEST(a_bridge_to_conventional_pci),
		STAGE_TEST(bridges_behind_bridges),
		STAGE_TEST(a_port_with_acs_above_a_bridge),
		STAGE_TEST(a_chip_that_sends_as_another_function),
		STAGE_TEST(devices_behind_vmd),
		STAGE_TEST(quirks_are_found_by_numbers),
		STAGE_TEST(a_port_that_the_kernel_trusts_is_not_blamed),
		STAGE_TEST(integrated_endpoints_of_intel),
		STAGE_TEST(a_southbridge_of_amd),
		STAGE_TEST(what_is_not_pci),
		STAGE_TEST(a_member_of_which_only_the_name_is_known),
		STAGE_TEST(an_override_weakens_what_is_told),
		STAGE_TEST(redirection_that_was_switched_off_at_boot),
		STAGE_TEST(who_is_alone),
		STAGE_TEST(an_empty_group_has_nothing_to_explain),
		STAGE_TEST(parents_in_a_circle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
