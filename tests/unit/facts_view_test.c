// SPDX-License-Identifier: GPL-2.0-or-later
/* facts: what is known about one group, also when it is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"
#include "views/cells.h"

#include "sketch.h"

#include "faults_sketch.h"

static const char *fact(struct stage *stage, const char *name)
{
	size_t count = rows_of(stage, &facts_view);

	for (size_t row = 0; row < count; row++)
		if (!strcmp(cell_of(stage, &facts_view, row, "FACT"), name))
			return cell_of(stage, &facts_view, row, "VALUE");
	fail_msg("no fact %s", name);
	return "";
}

static void a_group_of_several_is_summed_up(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_text(stage->model, ATTR_DEVICE_UNIT, "0000:00:02.0", 0, "dmar0");
	stage->context.group = 7;
	assert_string_equal(fact(stage, "group"), "7");
	assert_string_equal(fact(stage, "default domain"),
	                    "identity (passthrough: addresses go through unchanged, nothing is "
	                    "mapped)");
	assert_string_equal(fact(stage, "devices"), "3, which can only be assigned together");
	assert_string_equal(fact(stage, "drivers"), "bochs, none, i801_smbus");
	assert_string_equal(fact(stage, "IOMMU unit"), "dmar0, unknown");
}

static void one_unit_is_named_with_its_vendor(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_text(stage->model, ATTR_GROUP_NAME, NULL, 2, "a name");
	stage->context.group = 2;
	assert_string_equal(fact(stage, "IOMMU unit"), "dmar0 (VT-d)");
	assert_string_equal(fact(stage, "devices"), "1, alone in its group");
	assert_string_equal(fact(stage, "group"), "2  a name");
}

static void nodes_and_links_are_told_where_they_are_known(void **state)
{
	struct stage *stage = *state;
	size_t before;

	say_topology(stage->model);
	stage->context.group = 7;
	before = rows_of(stage, &facts_view);
	say_number(stage->model, ATTR_DEVICE_NUMA, "0000:00:02.0", 0, 1);
	say_number(stage->model, ATTR_DEVICE_NUMA, "0000:00:02.1", 0, 1);
	say_text(stage->model, ATTR_DEVICE_LINK, "0000:00:02.0", 0, "8.0 GT/s x4");
	assert_int_equal(rows_of(stage, &facts_view), before + 2);
	assert_string_equal(fact(stage, "NUMA node"), "1");
	assert_string_equal(fact(stage, "link"), "0000:00:02.0 8.0 GT/s x4");
}

/* A driver whose name is the beginning of another's is another driver. */
static void names_are_compared_whole(void **state)
{
	struct stage *stage = *state;

	say_device(stage->model, "a", 1, NULL, NULL, "vfio-pci");
	say_device(stage->model, "b", 1, NULL, NULL, "vfio");
	say_device(stage->model, "c", 1, NULL, NULL, "vfio-pci");
	stage->context.group = 1;
	assert_string_equal(fact(stage, "drivers"), "vfio-pci, vfio");
}

static void what_strict_means_is_told_only_where_it_is_known(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	stage->context.group = 0;
	assert_string_equal(
		fact(stage, "default domain"),
		"DMA strict (translated; every unmap is flushed from the IOTLB at once)");
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "5.10.0");
	assert_string_equal(fact(stage, "default domain"), "DMA");
	stage->context.group = 9;
	assert_string_equal(fact(stage, "default domain"), "-");
}

static void faults_of_the_group_are_counted(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	stage->context.group = 2;
	assert_string_equal(fact(stage, "faults"), "-");
	say_health(stage->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_fault(stage->model, SECOND, "0000:00:03.0", 0);
	say_fault(stage->model, SECOND, "0000:00:02.0", 0);
	assert_string_equal(fact(stage, "faults"), "1 in the list below");
}

static void faults_of_the_group_may_be_more(void **state)
{
	const struct event suppressed = {
		.ts_ns = 3 * SECOND, .kind = EVENT_SUPPRESSED, .suppressed = {.count = 9}};
	struct stage *stage = *state;

	say_topology(stage->model);
	say_health(stage->model, SOURCE_LOG, HEALTH_OK, NULL);
	stage->context.group = 2;
	say_fault(stage->model, SECOND, "0000:00:03.0", 0);
	model_apply(stage->model, &suppressed);
	assert_string_equal(fact(stage, "faults"), "≥1 in the list below");
	say_fault(stage->model, 4 * SECOND, "0000:00:03.0", 0);
	assert_string_equal(fact(stage, "faults"), "≥2, in 1 row below");
}

static void a_group_without_devices_has_facts(void **state)
{
	struct stage *stage = *state;

	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 3, "DMA");
	stage->context.group = 3;
	assert_string_equal(fact(stage, "devices"), "0 so far: sysfs is still being read");
	say_health(stage->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	assert_string_equal(fact(stage, "devices"), "none");
	assert_string_equal(fact(stage, "drivers"), "-");
	assert_string_equal(fact(stage, "IOMMU unit"), "-");
}

static void a_group_that_is_gone_has_no_facts(void **state)
{
	struct stage *stage = *state;
	char text[64];

	stage->context.group = 3;
	assert_int_equal(rows_of(stage, &facts_view), 0);
	facts_view.empty(&stage->context, text, sizeof(text));
	assert_string_equal(text, "reading sysfs ...");
	say_topology(stage->model);
	assert_int_equal(rows_of(stage, &facts_view), 0);
	facts_view.empty(&stage->context, text, sizeof(text));
	assert_string_equal(text, "there is no such group");
}

/* Rows are listed with one snapshot; a key may meet them with the next one. */
static void rows_of_a_group_that_has_just_gone_are_empty(void **state)
{
	struct stage *stage = *state;
	size_t count, place;

	say_topology(stage->model);
	stage->context.group = 2;
	count = rows_of(stage, &facts_view);
	assert_true(count > 0);
	say_gone(stage->model, SUBJECT_GROUP, NULL, 2);
	look(stage->model, &stage->snap);
	for (size_t row = 0; row < count; row++)
		assert_string_equal(cell_of(stage, &facts_view, row, "VALUE"), "");
	strcpy(stage->pane.search, "dmar0");
	assert_false(table_search(&stage->pane, &facts_view, &stage->context, false, &place));
}

static void the_domain_of_now_and_who_holds_it_are_facts(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	stage->context.group = 2;
	assert_string_equal(fact(stage, "domain now"), "-");
	assert_string_equal(fact(stage, "held by"), "-");
	say_number(stage->model, ATTR_DOMAIN_TYPE, NULL, 1, DOMAIN_TYPE_DMA_FQ);
	say_number(stage->model, ATTR_GROUP_DEFAULT_DOMAIN, NULL, 2, 1);
	say_number(stage->model, ATTR_GROUP_DOMAIN, NULL, 2, 1);
	assert_string_equal(fact(stage, "domain now"), "DMA lazy, the default domain");
	say_text(stage->model, ATTR_DEVICE_DRIVER, "0000:00:03.0", 0, "vfio-pci");
	say_number(stage->model, ATTR_DOMAIN_TYPE, NULL, 6, DOMAIN_TYPE_UNMANAGED);
	say_number(stage->model, ATTR_GROUP_DOMAIN, NULL, 2, 6);
	say_text(stage->model, ATTR_PROCESS_NAME, NULL, 1234, "qemu-system-x86");
	say_text(stage->model, ATTR_PROCESS_VM, NULL, 1234, "vm1");
	say_number(stage->model, ATTR_GROUP_HOLDER, NULL, 2, 1234);
	assert_string_equal(fact(stage, "domain now"),
	                    "VFIO, domain of vm1 (qemu-system-x86 1234)");
	assert_string_equal(fact(stage, "held by"), "vm1 (qemu-system-x86 1234)");
}

static void reserved_regions_are_a_fact_where_they_are_known(void **state)
{
	struct stage *stage = *state;
	size_t without;

	draw_group(stage, 4, NO_PROCESS);
	stage->context.group = 4;
	without = rows_now(stage, &facts_view);
	stage->snap.groups[0].reserved =
		draw_text(stage, "direct 0x0-0xfff,msi 0xfee00000-0xfeefffff");
	assert_int_equal(rows_now(stage, &facts_view), without + 1);
	assert_string_equal(cell_of(stage, &facts_view, without, "FACT"), "reserved");
	assert_string_equal(cell_of(stage, &facts_view, without, "VALUE"),
	                    "direct 0x0-0xfff, msi 0xfee00000-0xfeefffff");
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_group_of_several_is_summed_up),
		stage_test(one_unit_is_named_with_its_vendor),
		stage_test(names_are_compared_whole),
		stage_test(what_strict_means_is_told_only_where_it_is_known),
		stage_test(faults_of_the_group_are_counted),
		stage_test(faults_of_the_group_may_be_more),
		stage_test(a_group_without_devices_has_facts),
		stage_test(a_group_that_is_gone_has_no_facts),
		stage_test(rows_of_a_group_that_has_just_gone_are_empty),
		stage_test(the_domain_of_now_and_who_holds_it_are_facts),
		stage_test(nodes_and_links_are_told_where_they_are_known),
		stage_test(reserved_regions_are_a_fact_where_they_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
