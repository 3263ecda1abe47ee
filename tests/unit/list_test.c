// SPDX-License-Identifier: GPL-2.0-or-later
/* list: what -1 prints, and that nothing in it moves a cursor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "choice.h"
#include "scene.h"
#include "sinks/list.h"
#include "util.h"

/* The listing of a model; the caller frees it. */
static char *list_of(struct model *model, uint32_t group, const char *needle)
{
	struct choice choice = {0};
	struct output_filter filter = {.group = group, .needle = needle};
	struct snapshot snap = {0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	look(model, &snap);
	if (needle)
		choice_make(&choice, &snap, group, needle, 0);
	filter.choice = &choice.rows;
	assert_int_equal(list_write(out, &snap, &filter), 0);
	choice_release(&choice);
	fclose(out);
	snapshot_release(&snap);
	return text;
}

static void list_is(struct model *model, uint32_t group, const char *needle, const char *expected)
{
	char *text = list_of(model, group, needle);

	assert_string_equal(text, expected);
	free(text);
}

static int make_model(void **state)
{
	*state = model_new(&model_default_limits);
	return 0;
}

static int free_model(void **state)
{
	model_free(*state);
	return 0;
}

static void a_machine_without_iommu_says_off(void **state)
{
	list_is(*state, NO_GROUP, NULL, "IOMMU: off\n");
}

static void units_groups_and_devices_are_listed(void **state)
{
	say_text(*state, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	say_text(*state, ATTR_GROUP_DEFAULT_TYPE, NULL, 3, "DMA-FQ");
	say_device(*state, "0000:00:03.0", 3, "Ethernet controller", "Intel 82574L", "e1000e");
	say_number(*state, ATTR_DEVICE_REVISION, "0000:00:03.0", 0, 2);
	say_number(*state, ATTR_DEVICE_GROUP, "platform-thing", 0, VALUE_UNKNOWN);
	say_text(*state, ATTR_DEVICE_BUS, "platform-thing", 0, "platform");
	list_is(*state, NO_GROUP, NULL,
	        "IOMMU unit dmar0: VT-d\n"
	        "IOMMU Group 3 (DMA lazy):\n"
	        "\t0000:00:03.0 Ethernet controller [0200]: Intel 82574L [8086:10d3] (rev 02), "
	        "driver e1000e\n"
	        "Behind no IOMMU:\n"
	        "\tplatform-thing platform device, no driver\n");
}

static void a_group_without_devices_is_a_title(void **state)
{
	say_text(*state, ATTR_GROUP_DEFAULT_TYPE, NULL, 3, "DMA");
	list_is(*state, NO_GROUP, NULL, "IOMMU Group 3 (DMA strict):\n");
	list_is(*state, NO_GROUP, "strict", "IOMMU Group 3 (DMA strict):\n");
	list_is(*state, NO_GROUP, "lazy", "");
}

static void a_group_or_a_text_leaves_the_rest_out(void **state)
{
	say_topology(*state);
	list_is(*state, 9, NULL,
	        "IOMMU Group 9 (-):\n"
	        "assignment     nothing to assign: no device is in it\n");
	list_is(*state, 2, "82574",
	        "IOMMU unit dmar0: VT-d\n"
	        "IOMMU Group 2 (DMA lazy):\n"
	        "\t0000:00:03.0 Ethernet controller [0200]: Intel 82574L [8086:10d3], "
	        "driver e1000e\n");
	list_is(*state, NO_GROUP, "BOCHS",
	        "IOMMU unit dmar0: VT-d\nIOMMU unit dmar1: VT-d\n"
	        "IOMMU Group 7 (identity):\n"
	        "\t0000:00:02.0 VGA compatible controller [0200]: QEMU [8086:10d3], "
	        "driver bochs\n");
	list_is(*state, 0, "bochs", "");
}

static void hostile_names_become_harmless(void **state)
{
	static const char hostile[] = "\033[2J\x9b\r\n\t\xff";
	char *text;

	say_text(*state, ATTR_UNIT_VENDOR, hostile, 0, hostile);
	say_text(*state, ATTR_GROUP_DEFAULT_TYPE, NULL, 3, hostile);
	say_device(*state, hostile, 3, hostile, hostile, hostile);
	say_text(*state, ATTR_DEVICE_BUS, "bare", 0, hostile);
	text = list_of(*state, NO_GROUP, NULL);
	for (const char *p = text; *p;) {
		const char *at = p;

		if (*at == '\n' || *at == '\t')
			p++;
		else if (text_next_rune(&p) == RUNE_BROKEN)
			assert_memory_equal(at, "\xef\xbf\xbd", 3);
	}
	assert_int_equal(strlen(text) > 40, 1);
	free(text);
}

static void a_full_disk_is_noticed(void **state)
{
	const struct output_filter filter = {.group = NO_GROUP};
	struct snapshot snap = {0};
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	look(*state, &snap);
	assert_int_equal(list_write(out, &snap, &filter), -1);
	fclose(out);
	snapshot_release(&snap);
}

#define model_test(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)

int main(void)
{
	const struct CMUnitTest tests[] = {
		model_test(a_machine_without_iommu_says_off),
		model_test(units_groups_and_devices_are_listed),
		model_test(a_group_without_devices_is_a_title),
		model_test(a_group_or_a_text_leaves_the_rest_out),
		model_test(hostile_names_become_harmless),
		model_test(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
