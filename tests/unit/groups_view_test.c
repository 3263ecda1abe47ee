// SPDX-License-Identifier: GPL-2.0-or-later
/* groups: which rows there are, what they say, how they sort. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage.h"

static const char *cell(struct stage *stage, size_t row, const char *title)
{
	return cell_of(stage, &groups_view, row, title);
}

static void a_group_of_one_is_one_row(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	assert_int_equal(rows_of(stage, &groups_view), 4 + 3 + 1 + 2);
	assert_string_equal(cell(stage, 1, "GROUP"), "    2");
	assert_string_equal(cell(stage, 1, "DEFAULT"), "DMA lazy");
	assert_string_equal(cell(stage, 1, "DEVICE"), "0000:00:03.0");
	assert_string_equal(cell(stage, 1, "NAME"), "Ethernet controller: Intel 82574L");
	assert_string_equal(cell(stage, 1, "ID"), "8086:10d3");
	assert_string_equal(cell(stage, 1, "DRIVER"), "e1000e");
}

static void a_group_of_several_stands_over_its_devices(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 2, "GROUP"), "▾   7");
	assert_string_equal(cell(stage, 2, "DEFAULT"), "identity");
	assert_string_equal(cell(stage, 2, "DEVICE"), "3 devices");
	assert_string_equal(cell(stage, 2, "NAME"),
	                    "VGA compatible controller, Audio device, SMBus");
	assert_string_equal(cell(stage, 2, "DRIVER"), "");
	assert_string_equal(cell(stage, 3, "GROUP"), "    ├");
	assert_string_equal(cell(stage, 5, "GROUP"), "    └");
	assert_string_equal(cell(stage, 4, "DRIVER"), "-");
}

static void an_empty_group_is_a_row_of_dashes(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 6, "GROUP"), "    9");
	assert_string_equal(cell(stage, 6, "DEFAULT"), "-");
	assert_string_equal(cell(stage, 6, "DEVICE"), "0 devices");
	assert_string_equal(cell(stage, 6, "ID"), "");
}

static void devices_behind_no_iommu_are_the_last_group(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 7, "GROUP"), "▾none");
	assert_string_equal(cell(stage, 7, "DEFAULT"), "no IOMMU");
	assert_string_equal(cell(stage, 9, "DEVICE"), "serial8250");
	assert_string_equal(cell(stage, 9, "NAME"), "platform device");
}

static void a_device_that_sysfs_does_not_answer_for_says_so(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_number(stage->model, ATTR_GROUP_SLOW_S, NULL, 7, 11);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "NAME"), "the kernel has not answered for 4 s");
	assert_string_equal(cell(stage, 2, "NAME"), "the kernel has not answered for 11 s");
}

static void a_group_needs_no_device_on_the_whole_machine(void **state)
{
	struct stage *stage = *state;

	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 3, "DMA");
	assert_int_equal(rows_of(stage, &groups_view), 1);
	assert_string_equal(cell(stage, 0, "DEVICE"), "0 devices");
	assert_string_equal(cell(stage, 0, "NAME"), "");
	stage->pane.sort_column = 2;
	assert_int_equal(rows_of(stage, &groups_view), 1);
}

static void what_is_unknown_is_a_dash(void **state)
{
	struct stage *stage = *state;

	say_number(stage->model, ATTR_DEVICE_GROUP, "d", 0, 1);
	say_number(stage->model, ATTR_DEVICE_VENDOR_ID, "d", 0, 0x8086);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "DEFAULT"), "-");
	assert_string_equal(cell(stage, 0, "NAME"), "-");
	assert_string_equal(cell(stage, 0, "ID"), "");
	assert_string_equal(cell(stage, 0, "DRIVER"), "-");
}

static void before_5_15_strict_and_lazy_share_a_word(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "DEFAULT"), "DMA strict");
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "5.10.0");
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "DEFAULT"), "DMA");
}

static void a_groups_own_screen_has_its_devices(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	stage->context.group = 7;
	assert_int_equal(rows_of(stage, &groups_view), 3);
	assert_string_equal(cell(stage, 0, "GROUP"), "    7");
	assert_string_equal(cell(stage, 0, "DEFAULT"), "identity");
	stage->context.group = 9;
	assert_int_equal(rows_of(stage, &groups_view), 0);
	stage->context.group = 1;
	assert_int_equal(rows_of(stage, &groups_view), 0);
}

static void rows_keep_their_ids_when_others_come_and_go(void **state)
{
	struct stage *stage = *state;
	uint64_t id;

	say_topology(stage->model);
	rows_of(stage, &groups_view);
	table_select(&stage->pane, 4);
	id = stage->pane.selected_id;
	assert_string_equal(cell(stage, stage->pane.selected, "DEVICE"), "0000:00:02.1");
	say_gone(stage->model, SUBJECT_DEVICE, "0000:00:02.0", 0);
	say_device(stage->model, "0000:00:01.0", 1, "x", "y", "z");
	rows_of(stage, &groups_view);
	assert_true(stage->pane.selected_id == id);
	assert_string_equal(cell(stage, stage->pane.selected, "DEVICE"), "0000:00:02.1");
}

static void no_two_rows_share_an_id(void **state)
{
	struct stage *stage = *state;
	size_t count;

	say_topology(stage->model);
	count = rows_of(stage, &groups_view);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(stage->pane.shown.rows[i].id != stage->pane.shown.rows[j].id);
}

static void every_column_sorts_whatever_is_unknown(void **state)
{
	struct stage *stage = *state;
	size_t count;

	say_topology(stage->model);
	say_number(stage->model, ATTR_DEVICE_GROUP, "unknown", 0, 30);
	count = rows_of(stage, &groups_view);
	for (int column = 0; column < (int)groups_view.column_count; column++) {
		stage->pane.sort_column = column;
		stage->pane.invert = column % 2;
		assert_int_equal(rows_of(stage, &groups_view), count);
	}
}

/* Group 2 is with a guest, group 0 where it always was. */
static void say_guest(struct model *model)
{
	say_number(model, ATTR_DOMAIN_TYPE, NULL, 1, DOMAIN_TYPE_DMA);
	say_number(model, ATTR_GROUP_DEFAULT_DOMAIN, NULL, 0, 1);
	say_number(model, ATTR_GROUP_DOMAIN, NULL, 0, 1);
	say_text(model, ATTR_DEVICE_DRIVER, "0000:00:03.0", 0, "vfio-pci");
	say_number(model, ATTR_DOMAIN_TYPE, NULL, 6, DOMAIN_TYPE_UNMANAGED);
	say_number(model, ATTR_GROUP_DOMAIN, NULL, 2, 6);
	say_text(model, ATTR_PROCESS_NAME, NULL, 1234, "qemu-system-x86");
	say_text(model, ATTR_PROCESS_VM, NULL, 1234, "vm1");
	say_number(model, ATTR_GROUP_HOLDER, NULL, 2, 1234);
}

static enum role role_of_now(struct stage *stage, size_t row)
{
	struct cell_text cell = {.role = ROLE_NORMAL};

	groups_view.columns[2].put(&stage->context, &stage->pane.shown.rows[row], &cell);
	return cell.role;
}

static void a_group_with_a_guest_stands_out(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_guest(stage->model);
	rows_of(stage, &groups_view);
	assert_string_equal(groups_view.columns[2].title, "NOW");
	assert_string_equal(cell(stage, 0, "DEFAULT"), "DMA strict");
	assert_string_equal(cell(stage, 0, "NOW"), "DMA strict");
	assert_int_equal(role_of_now(stage, 0), ROLE_DIM);
	assert_string_equal(cell(stage, 0, "HELD BY"), "");
	assert_string_equal(cell(stage, 1, "DEFAULT"), "DMA lazy");
	assert_string_equal(cell(stage, 1, "NOW"), "VFIO");
	assert_int_equal(role_of_now(stage, 1), ROLE_GOOD);
	assert_string_equal(cell(stage, 1, "HELD BY"), "vm1 (qemu-system-x86 1234)");
	assert_string_equal(cell(stage, 2, "NOW"), "-"); /* nobody told */
}

static void whether_it_can_be_assigned_is_a_word(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_guest(stage->model);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "ASSIGN"), "?"); /* sysfs does not answer */
	assert_string_equal(cell(stage, 1, "ASSIGN"), "vm1");
	assert_string_equal(cell(stage, 2, "ASSIGN"), "bind 2");
	assert_string_equal(cell(stage, 3, "ASSIGN"), "blocks");
	assert_string_equal(cell(stage, 4, "ASSIGN"), "");
	assert_string_equal(cell(stage, 5, "ASSIGN"), "blocks");
	assert_string_equal(cell(stage, 6, "ASSIGN"), "-");
	assert_string_equal(cell(stage, 7, "ASSIGN"), ""); /* behind no IOMMU */
	assert_string_equal(cell(stage, 8, "ASSIGN"), "");
	stage->context.group = 7;
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "ASSIGN"), "blocks");
	assert_string_equal(cell(stage, 1, "ASSIGN"), "");
	stage->context.group = 2;
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "ASSIGN"), "vm1");
}

static void what_is_ready_sorts_first(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_text(stage->model, ATTR_DEVICE_DRIVER, "0000:00:03.0", 0, "vfio-pci");
	for (size_t i = 0; i < groups_view.column_count; i++)
		if (!strcmp(groups_view.columns[i].title, "ASSIGN"))
			stage->pane.sort_column = (int)i;
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "ASSIGN"), "ready?");
	assert_string_equal(cell(stage, 1, "ASSIGN"), "bind 2");
}

static void the_guest_s_name_is_the_last_to_be_cut(void **state)
{
	struct stage *stage = *state;
	const struct column *held = &groups_view.columns[groups_view.column_count - 1];
	struct cell_text cell = {.role = ROLE_NORMAL, .room = 10};

	say_topology(stage->model);
	say_guest(stage->model);
	rows_of(stage, &groups_view);
	held->put(&stage->context, &stage->pane.shown.rows[1], &cell);
	assert_string_equal(cell.text, "vm1");
	cell.room = 26;
	held->put(&stage->context, &stage->pane.shown.rows[1], &cell);
	assert_string_equal(cell.text, "vm1 (qemu-system-x86 1234)");
}

/* Before 5.15, DMA may be strict or lazy: that is no other domain. */
static void plain_dma_is_no_change(void **state)
{
	struct stage *stage = *state;

	say_topology(stage->model);
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "5.10.0-28-amd64");
	say_guest(stage->model);
	rows_of(stage, &groups_view);
	assert_string_equal(cell(stage, 0, "DEFAULT"), "DMA");
	assert_int_equal(role_of_now(stage, 0), ROLE_DIM);
}

static void rows_lead_to_their_group(void **state)
{
	struct stage *stage = *state;
	static const uint32_t expected[] = {0, 2, 7, 7, 7, 7, 9, NO_GROUP, NO_GROUP, NO_GROUP};

	say_topology(stage->model);
	assert_int_equal(rows_of(stage, &groups_view), ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(groups_view.group_of(&stage->context, &stage->pane.shown.rows[i]),
		                 expected[i]);
}

#define stage_test(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_group_of_one_is_one_row),
		stage_test(a_group_of_several_stands_over_its_devices),
		stage_test(an_empty_group_is_a_row_of_dashes),
		stage_test(devices_behind_no_iommu_are_the_last_group),
		stage_test(a_device_that_sysfs_does_not_answer_for_says_so),
		stage_test(a_group_needs_no_device_on_the_whole_machine),
		stage_test(what_is_unknown_is_a_dash),
		stage_test(before_5_15_strict_and_lazy_share_a_word),
		stage_test(a_groups_own_screen_has_its_devices),
		stage_test(rows_keep_their_ids_when_others_come_and_go),
		stage_test(no_two_rows_share_an_id),
		stage_test(every_column_sorts_whatever_is_unknown),
		stage_test(a_group_with_a_guest_stands_out),
		stage_test(whether_it_can_be_assigned_is_a_word),
		stage_test(what_is_ready_sorts_first),
		stage_test(the_guest_s_name_is_the_last_to_be_cut),
		stage_test(plain_dma_is_no_change),
		stage_test(rows_lead_to_their_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
