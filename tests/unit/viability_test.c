// SPDX-License-Identifier: GPL-2.0-or-later
/* viability: both rules of the kernel over a table of groups, and the words for a person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"
#include "viability.h"

struct member {
	const char *bus;
	uint32_t class_code;
	const char *driver; /* NULL: none */
};

#define NIC      "pci", 0x020000
#define SOUND    "pci", 0x040300
#define PORT     "pci", 0x060400
#define HOST     "pci", 0x060000
#define ISA      "pci", 0x060100
#define CARDBUS  "pci", 0x060700
#define PLATFORM "platform", NO_NUMBER

/* A group 5 of members a, b, c: 0000:0a:00.0 and so on. */
struct group_case {
	struct member members[3];
	const char *before, *since; /* the word by the rule up to 5.18, and from 5.19 on */
};

static void say_group(struct model *model, const char *release, const struct member *members)
{
	static const char *const names[] = {"0000:0a:00.0", "0000:0b:00.0", "0000:0c:00.0"};

	say_text(model, ATTR_KERNEL, NULL, 0, release);
	say_health(model, SOURCE_OWNERS, HEALTH_OK, NULL);
	say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, 5, "DMA");
	for (size_t i = 0; i < 3 && members[i].bus; i++) {
		say_number(model, ATTR_DEVICE_GROUP, names[i], 0, 5);
		say_text(model, ATTR_DEVICE_BUS, names[i], 0, members[i].bus);
		say_text(model, ATTR_DEVICE_DRIVER, names[i], 0, members[i].driver);
		if (members[i].class_code != NO_NUMBER)
			say_number(model, ATTR_DEVICE_CLASS, names[i], 0, members[i].class_code);
	}
}

static const struct snapshot_group *group_5(struct stage *stage)
{
	look(stage->model, &stage->snap);
	return snapshot_group_by_id(&stage->snap, 5);
}

static const char *word_of(struct stage *stage)
{
	static char word[VIABILITY_WORD_MAX];

	return viability_word(&stage->snap, group_5(stage), word, sizeof(word));
}

static const char *sentence_of(struct stage *stage)
{
	static char sentence[VIABILITY_SENTENCE_MAX];

	return viability_sentence(&stage->snap, group_5(stage), sentence, sizeof(sentence));
}

static struct viability verdict_of(struct stage *stage)
{
	const struct snapshot_group *group = group_5(stage);

	return viability_of(&stage->snap, group);
}

static const struct group_case cases[] = {
	/* what stands alone */
	{{{NIC, "vfio-pci"}}, "ready", "ready"},
	{{{NIC, "mlx5_vfio_pci"}}, "ready", "ready"},
	{{{NIC, "new-vfio-thing"}}, "ready?", "ready?"},
	{{{NIC, "e1000e"}}, "bind 1", "bind 1"},
	{{{NIC, NULL}}, "bind 1", "bind 1"},
	{{{NIC, "pci-stub"}}, "bind 1", "bind 1"},
	{{{HOST, NULL}}, "-", "-"},
	{{{PORT, "pcieport"}}, "-", "-"},
	{{{PORT, "shpchp"}}, "-", "-"},
	{{{PLATFORM, "serial8250"}}, "-", "-"},
	{{{PLATFORM, "vfio-platform"}}, "ready", "ready"},
	/* beside what is bound */
	{{{NIC, "vfio-pci"}, {SOUND, NULL}}, "ready", "ready"},
	{{{NIC, "vfio-pci"}, {SOUND, "pci-stub"}}, "ready", "ready"},
	{{{NIC, "vfio-pci"}, {SOUND, "vfio-pci"}}, "ready", "ready"},
	{{{NIC, "vfio-pci"}, {SOUND, "vfio-new"}}, "ready?", "ready?"},
	{{{NIC, "vfio-pci"}, {SOUND, "snd_hda_intel"}}, "bind 1", "bind 1"},
	{{{NIC, "e1000e"}, {SOUND, "snd_hda_intel"}}, "bind 2", "bind 2"},
	{{{NIC, "vfio-pci"}, {PORT, NULL}}, "ready", "ready"},
	{{{NIC, "vfio-pci"}, {PORT, "pcieport"}}, "ready", "ready"},
	{{{NIC, "vfio-pci"}, {HOST, NULL}}, "ready", "ready"},
	/* where the two rules part: every driver of a bridge, buses that do not claim */
	{{{NIC, "vfio-pci"}, {PORT, "shpchp"}}, "ready", "no: shpchp"},
	{{{NIC, "vfio-pci"}, {CARDBUS, "yenta_cardbus"}}, "ready", "no: yenta_cardbus"},
	{{{NIC, NULL}, {PORT, "shpchp"}}, "bind 1", "no: shpchp"},
	{{{NIC, "vfio-pci"}, {"host1x", NO_NUMBER, "host1x"}}, "no: host1x", "ready"},
	{{{NIC, "vfio-pci"}, {PLATFORM, "fsl-pci"}}, "no: fsl-pci", "ready"},
	/* a bridge with a normal header is a device like others */
	{{{NIC, "vfio-pci"}, {ISA, "lpc_ich"}}, "no: lpc_ich", "no: lpc_ich"},
	{{{NIC, "vfio-pci"}, {HOST, "skx_uncore"}}, "no: skx_uncore", "no: skx_uncore"},
	{{{NIC, "vfio-pci"}, {PLATFORM, "dw-apb-uart"}}, "no: dw-apb-uart", "no: dw-apb-uart"},
	{{{NIC, "e1000e"}, {ISA, "lpc_ich"}}, "no: lpc_ich", "no: lpc_ich"},
};

static void words_of_cases(const char *release, bool since)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *state = NULL;
		struct stage *stage;
		const char *expected = since ? cases[i].since : cases[i].before;

		make_stage(&state);
		stage = state;
		say_group(stage->model, release, cases[i].members);
		if (strcmp(word_of(stage), expected) != 0)
			fail_msg("case %zu on %s: \"%s\" in place of \"%s\"", i, release,
			         word_of(stage), expected);
		free_stage(&state);
	}
}

static void the_rule_before_5_19(void **state)
{
	(void)state;
	words_of_cases("5.10.0-28-amd64", false);
	words_of_cases("5.18.19", false);
}

static void the_rule_since_5_19(void **state)
{
	(void)state;
	words_of_cases("5.19.0", true);
	words_of_cases("6.12.1", true);
}

/* Its number says the old rule, its code may be newer. */
static void kernels_with_backports_are_not_certain_where_it_matters(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "5.14.0-503.el9.x86_64",
	          (struct member[3]){{NIC, "vfio-pci"}, {PORT, "shpchp"}});
	assert_string_equal(word_of(stage), "ready?");
	say_text(stage->model, ATTR_DEVICE_DRIVER, "0000:0b:00.0", 0, "pcieport");
	assert_string_equal(word_of(stage), "ready");
}

static void what_has_to_be_bound_is_named(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0",
	          (struct member[3]){{NIC, "e1000e"}, {SOUND, "snd_hda_intel"}, {SOUND, NULL}});
	assert_string_equal(sentence_of(stage),
	                    "viable after binding 0000:0a:00.0 (e1000e), 0000:0b:00.0 "
	                    "(snd_hda_intel) to vfio-pci");
	assert_int_equal(verdict_of(stage).blockers, 2);
	say_text(stage->model, ATTR_DEVICE_DRIVER, "0000:0a:00.0", 0, "vfio-pci");
	assert_string_equal(sentence_of(stage),
	                    "viable after binding 0000:0b:00.0 (snd_hda_intel) to vfio-pci");
}

static void where_none_blocks_any_of_them_does(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0", (struct member[3]){{NIC, NULL}, {PORT, "pcieport"}});
	assert_string_equal(sentence_of(stage),
	                    "viable after binding 0000:0a:00.0 (no driver) to vfio-pci");
	say_number(stage->model, ATTR_DEVICE_CLASS, "0000:0b:00.0", 0, 0x040300);
	assert_string_equal(sentence_of(stage),
	                    "viable after binding one of 0000:0a:00.0 (no driver), 0000:0b:00.0 "
	                    "(pcieport) to vfio-pci");
}

static void of_many_only_some_are_named(void **state)
{
	struct stage *stage = *state;
	char name[32];

	say_group(stage->model, "6.1.0", (struct member[3]){{NIC, "e1000e"}});
	for (int i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "0000:1%d:00.0", i);
		say_device(stage->model, name, 5, NULL, NULL, "ixgbe");
	}
	assert_string_equal(word_of(stage), "bind 10");
	assert_non_null(strstr(sentence_of(stage), "0000:14:00.0 (ixgbe) and 4 more to vfio-pci"));
}

static void a_member_that_stays_is_named_with_its_driver(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0",
	          (struct member[3]){{NIC, "e1000e"}, {PORT, "shpchp"}, {ISA, "lpc_ich"}});
	assert_string_equal(sentence_of(stage),
	                    "not viable because 0000:0b:00.0 (shpchp), a bridge, claims the DMA of "
	                    "the group for the host; and 1 more of that kind");
	assert_int_equal(verdict_of(stage).blockers, 3);
	assert_int_equal(verdict_of(stage).fixed, 2);
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "5.15.0");
	assert_string_equal(sentence_of(stage),
	                    "not viable because 0000:0c:00.0 (lpc_ich), a bridge, has a driver "
	                    "that VFIO does not allow beside it");
}

static void a_platform_device_stays_too(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0",
	          (struct member[3]){{NIC, "vfio-pci"}, {PLATFORM, "dw-apb-uart"}});
	assert_string_equal(sentence_of(stage),
	                    "not viable because 0000:0b:00.0 (dw-apb-uart), a device of bus "
	                    "platform, claims the DMA of the group for the host");
}

static void who_has_it_comes_first(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "", (struct member[3]){{NIC, "vfio-pci"}});
	say_holder(stage->model, 5, 1234, "qemu-system-x86", "vm1");
	assert_string_equal(word_of(stage), "vm1");
	assert_string_equal(sentence_of(stage), "in use by vm1 (qemu-system-x86 1234)");
	say_text(stage->model, ATTR_PROCESS_VM, NULL, 1234, NULL);
	assert_string_equal(word_of(stage), "qemu-system-x86");
}

/* The kernel told the domain, but nobody could look into the processes. */
static void a_vfio_domain_without_a_holder_is_in_use(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0", (struct member[3]){{NIC, "vfio-pci"}});
	say_number(stage->model, ATTR_DOMAIN_TYPE, NULL, 6, DOMAIN_TYPE_UNMANAGED);
	say_group_domain(stage->model, 5, 6, 1);
	assert_string_equal(word_of(stage), "in use");
	assert_string_equal(sentence_of(stage), "in use through VFIO, by whom is not known");
}

static void ready_is_certain_only_where_processes_are_seen(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0", (struct member[3]){{NIC, "vfio-pci"}});
	assert_string_equal(sentence_of(stage),
	                    "ready: 0000:0a:00.0 is bound to vfio-pci, and no member blocks");
	say_health(stage->model, SOURCE_OWNERS, HEALTH_PARTIAL, "no permission");
	assert_string_equal(word_of(stage), "ready?");
	assert_string_equal(
		sentence_of(stage),
		"probably ready: 0000:0a:00.0 is bound to vfio-pci, and no member blocks; it "
		"may be in use");
}

struct firmware_case {
	const char *release, *vendor, *reserved, *word;
};

static void reserved_regions_forbid_where_the_kernel_says_so(void **state)
{
	static const char direct[] = "direct 0x1000-0x1fff,msi 0xfee00000-0xfeefffff";
	static const char relaxable[] = "direct-relaxable 0x1000-0x1fff,msi 0xfee00000-0xfeefffff";
	static const struct firmware_case firmware[] = {
		{"6.12.0", "VT-d", direct, "no: firmware"},
		{"6.12.0", "AMD-Vi", direct, "no: firmware"},
		{"6.12.0", "VT-d", relaxable, "ready"},
		{"6.12.0", "VT-d", "msi 0xfee00000-0xfeefffff,direct 0x0-0xfff", "no: firmware"},
		{"6.12.0", "VT-d", "msi 0xfee00000-0xfeefffff", "ready"},
		{"6.1.0", "VT-d", direct, "no: firmware"},
		{"6.1.0", "AMD-Vi", direct, "ready?"},
		{"5.10.0", "VT-d", direct, "no: firmware"},
		{"5.2.0", "VT-d", direct, "ready?"},
	};
	struct stage *stage = *state;

	for (size_t i = 0; i < ARRAY_SIZE(firmware); i++) {
		say_group(stage->model, firmware[i].release, (struct member[3]){{NIC, "vfio-pci"}});
		say_text(stage->model, ATTR_DEVICE_UNIT, "0000:0a:00.0", 0, "unit0");
		say_text(stage->model, ATTR_UNIT_VENDOR, "unit0", 0, firmware[i].vendor);
		say_text(stage->model, ATTR_GROUP_RESERVED, NULL, 5, firmware[i].reserved);
		if (strcmp(word_of(stage), firmware[i].word) != 0)
			fail_msg("case %zu: %s", i, word_of(stage));
	}
	assert_string_equal(
		sentence_of(stage),
		"probably ready: 0000:0a:00.0 is bound to vfio-pci, and no member blocks; "
		"memory that the firmware has reserved (direct) may forbid it");
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "6.6.0");
	assert_string_equal(sentence_of(stage),
	                    "not viable because the firmware wants memory to stay mapped for it "
	                    "(reserved direct 0x1000-0x1fff)");
}

static void without_an_iommu_it_says_so(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0", (struct member[3]){{NIC, "vfio-pci"}});
	say_text(stage->model, ATTR_GROUP_NAME, NULL, 5, "vfio-noiommu");
	assert_string_equal(word_of(stage), "no IOMMU");
	say_holder(stage->model, 5, 7, "dpdk", NULL);
	assert_string_equal(sentence_of(stage),
	                    "no IOMMU protects memory from it: VFIO hands it out in its noiommu "
	                    "mode; in use by dpdk 7");
}

/* VFIO gives their groups the same name. */
static void a_mediated_device_is_not_without_iommu(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0", (struct member[3]){{"mdev", NO_NUMBER, "vfio_mdev"}});
	say_text(stage->model, ATTR_GROUP_NAME, NULL, 5, "vfio-noiommu");
	assert_int_equal(verdict_of(stage).kind, VIABILITY_READY);
	assert_false(verdict_of(stage).certain);
}

static void what_is_not_known_is_not_judged(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "", (struct member[3]){{NIC, "vfio-pci"}, {PORT, "shpchp"}});
	assert_string_equal(word_of(stage), "?");
	assert_string_equal(sentence_of(stage),
	                    "unknown: the kernel's version decides, and is not known");
	assert_false(viability_blocks(&stage->snap, &stage->snap.devices[1]));
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "6.1.0");
	say_number(stage->model, ATTR_DEVICE_SLOW_S, "0000:0a:00.0", 0, 4);
	assert_string_equal(sentence_of(stage), "unknown: the kernel has not answered for 4 s");
	say_gone(stage->model, SUBJECT_DEVICE, "0000:0a:00.0", 0);
	say_gone(stage->model, SUBJECT_DEVICE, "0000:0b:00.0", 0);
	assert_string_equal(word_of(stage), "-");
	say_number(stage->model, ATTR_GROUP_SLOW_S, NULL, 5, 2);
	assert_string_equal(word_of(stage), "?");
}

/* A copy of /sys does not tell its kernel; both rules often say the same. */
static void the_kernel_s_version_need_not_matter(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "", (struct member[3]){{NIC, "e1000e"}, {PORT, "pcieport"}});
	assert_string_equal(word_of(stage), "bind 1");
	say_text(stage->model, ATTR_GROUP_RESERVED, NULL, 5, "direct 0x0-0xfff");
	assert_string_equal(word_of(stage), "bind 1?");
}

/* It may be a bridge, which could not be exchanged. */
static void a_member_of_unknown_class_is_not_certain(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0",
	          (struct member[3]){{NIC, "vfio-pci"}, {"pci", NO_NUMBER, "thing"}});
	assert_string_equal(word_of(stage), "bind 1?");
	say_text(stage->model, ATTR_DEVICE_DRIVER, "0000:0b:00.0", 0, "vfio-pci");
	assert_string_equal(word_of(stage), "ready");
}

static void a_group_without_devices_has_nothing_to_assign(void **state)
{
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0", (struct member[3]){{NULL, 0, NULL}});
	assert_string_equal(word_of(stage), "-");
	assert_string_equal(sentence_of(stage), "nothing to assign: no device is in it");
}

static void what_is_there_instead_of_something_to_assign(void **state)
{
	static const char other[] = "CIXH4000:00", port[] = "0000:00:1c.0";
	struct stage *stage = *state;

	say_group(stage->model, "6.1.0", (struct member[3]){{NULL, 0, NULL}});
	say_number(stage->model, ATTR_DEVICE_GROUP, other, 0, 5);
	say_text(stage->model, ATTR_DEVICE_BUS, other, 0, "platform");
	look(stage->model, &stage->snap);
	assert_string_equal(sentence_of(stage), "nothing for vfio-pci: no PCI device is in it");
	say_number(stage->model, ATTR_DEVICE_GROUP, port, 0, 5);
	say_text(stage->model, ATTR_DEVICE_BUS, port, 0, "pci");
	say_number(stage->model, ATTR_DEVICE_CLASS, port, 0, 0x060400);
	look(stage->model, &stage->snap);
	assert_string_equal(sentence_of(stage),
	                    "nothing to assign: no PCI device but bridges is in it");
	say_number(stage->model, ATTR_DEVICE_GROUP, other, 0, 6);
	look(stage->model, &stage->snap);
	assert_string_equal(sentence_of(stage), "nothing to assign: only a bridge is in it");
}

static void long_names_are_cut_not_spilled(void **state)
{
	struct stage *stage = *state;
	char small[24];

	say_group(stage->model, "6.1.0", (struct member[3]){{NIC, "a-driver-of-a-long-name"}});
	viability_sentence(&stage->snap, group_5(stage), small, sizeof(small));
	assert_string_equal(small, "viable after binding 00");
	viability_word(&stage->snap, group_5(stage), small, 4);
	assert_string_equal(small, "bin");
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_before_5_19),
		cmocka_unit_test(the_rule_since_5_19),
		stage_test(kernels_with_backports_are_not_certain_where_it_matters),
		stage_test(what_has_to_be_bound_is_named),
		stage_test(where_none_blocks_any_of_them_does),
		stage_test(of_many_only_some_are_named),
		stage_test(a_member_that_stays_is_named_with_its_driver),
		stage_test(a_platform_device_stays_too),
		stage_test(who_has_it_comes_first),
		stage_test(a_vfio_domain_without_a_holder_is_in_use),
		stage_test(ready_is_certain_only_where_processes_are_seen),
		stage_test(reserved_regions_forbid_where_the_kernel_says_so),
		stage_test(without_an_iommu_it_says_so),
		stage_test(a_mediated_device_is_not_without_iommu),
		stage_test(what_is_not_known_is_not_judged),
		stage_test(the_kernel_s_version_need_not_matter),
		stage_test(a_member_of_unknown_class_is_not_certain),
		stage_test(a_group_without_devices_has_nothing_to_assign),
		stage_test(what_is_there_instead_of_something_to_assign),
		stage_test(long_names_are_cut_not_spilled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
