// SPDX-License-Identifier: GPL-2.0-or-later
/* binding: the commands for groups in each state, and names that must not get into one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "binding.h"
#include "stage.h"

#define ONE   "0000:02:00.0"
#define OTHER "0000:02:00.1"
#define PORT  "0000:00:1c.0"

#define OVERRIDE(name)       "command: echo vfio-pci > /sys/bus/pci/devices/" name "/driver_override\n"
#define CLEAR(name)          "command: echo > /sys/bus/pci/devices/" name "/driver_override\n"
#define UNBIND(name, driver) "command: echo " name " > /sys/bus/pci/drivers/" driver "/unbind\n"
#define PROBE(name)          "command: echo " name " > /sys/bus/pci/drivers_probe\n"
#define LOAD                 "command: modprobe vfio-pci\n"
#define TO_BIND              "plain: as root, until the next boot:\n"
#define TO_RETURN            "plain: as root:\n"
#define HOST_NEEDS(names) \
	"warning: not before the host can do without " names ": see what it loses\n"
#define AT_LAST "plain: if no driver takes it then: load the module that lspci -k names\n"

/* A member of group 5. */
static void say_pci(struct model *model, const char *name, uint32_t class_code, const char *driver)
{
	say_text(model, ATTR_KERNEL, NULL, 0, "6.12.1");
	say_health(model, SOURCE_OWNERS, HEALTH_OK, NULL);
	say_device(model, name, 5, "Ethernet controller", "82574L", driver);
	say_number(model, ATTR_DEVICE_CLASS, name, 0, class_code);
	say_text(model, ATTR_DEVICE_BUS, name, 0, "pci");
}

static void say_card(struct model *model, const char *name, const char *driver)
{
	say_pci(model, name, 0x020000, driver);
	if (driver && strstr(driver, "vfio"))
		say_text(model, ATTR_DEVICE_OVERRIDE, name, 0, driver);
}

static void say_port(struct model *model, const char *driver)
{
	say_pci(model, PORT, 0x060400, driver);
}

typedef void say_lines(const struct snapshot *snap, const struct snapshot_group *group,
                       struct lines *lines);

static const char *said(struct stage *stage, say_lines *say)
{
	static char text[8192];
	struct lines lines = {0};

	look(stage->model, &stage->snap);
	say(&stage->snap, snapshot_group_by_id(&stage->snap, 5), &lines);
	text[0] = '\0';
	for (size_t i = 0; i < lines.count; i++)
		append_text(text, sizeof(text), "%s: %s\n", tone_words[lines.lines[i].tone],
		            lines.lines[i].text);
	lines_release(&lines);
	return text;
}

#define assert_assign(stage, text) assert_string_equal(said(stage, binding_say_assign), text)
#define assert_return(stage, text) assert_string_equal(said(stage, binding_say_return), text)

static void a_card_of_the_hosts(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "e1000e");
	assert_assign(stage, TO_BIND LOAD OVERRIDE(ONE) UNBIND(ONE, "e1000e") PROBE(ONE));
	assert_return(stage, "");
}

static void a_card_without_a_driver(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, NULL);
	assert_assign(stage, TO_BIND LOAD OVERRIDE(ONE) PROBE(ONE));
	assert_return(stage, "");
}

static void a_card_that_is_bound(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "vfio-pci");
	assert_assign(stage, "");
	assert_return(stage, TO_RETURN CLEAR(ONE) UNBIND(ONE, "vfio-pci") PROBE(ONE) AT_LAST);
}

static void a_variant_driver_counts_as_bound(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "mlx5_vfio_pci");
	assert_assign(stage, "");
	assert_return(stage, TO_RETURN CLEAR(ONE) UNBIND(ONE, "mlx5_vfio_pci") PROBE(ONE) AT_LAST);
}

/* The port stays as it is. What is bound already is not bound again, and the module is there. */
static void what_is_left_to_do(void **state)
{
	struct stage *stage = *state;

	say_port(stage->model, "pcieport");
	say_card(stage->model, ONE, "vfio-pci");
	say_card(stage->model, OTHER, "e1000e");
	assert_assign(stage, TO_BIND OVERRIDE(OTHER) UNBIND(OTHER, "e1000e") PROBE(OTHER));
	assert_return(stage, TO_RETURN CLEAR(ONE) UNBIND(ONE, "vfio-pci") PROBE(ONE) AT_LAST);
}

static void all_members_of_a_group(void **state)
{
	struct stage *stage = *state;

	say_port(stage->model, "pcieport");
	say_card(stage->model, ONE, "e1000e");
	say_card(stage->model, OTHER, NULL);
	assert_assign(stage, TO_BIND LOAD OVERRIDE(ONE) UNBIND(ONE, "e1000e") PROBE(ONE)
	                             OVERRIDE(OTHER) PROBE(OTHER));
	say_card(stage->model, ONE, NULL);
	assert_assign(stage,
	              "plain: as root, until the next boot; one of them is enough:\n" LOAD OVERRIDE(
			      ONE) PROBE(ONE) OVERRIDE(OTHER) PROBE(OTHER));
	say_card(stage->model, ONE, "vfio-pci");
	assert_assign(stage, "plain: ready as it is; to assign the others of it, too, as root, "
	                     "until the next boot:\n" OVERRIDE(OTHER) PROBE(OTHER));
}

static void a_stub_is_kept_and_not_bound(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "pci-stub");
	assert_assign(stage, TO_BIND LOAD OVERRIDE(ONE) UNBIND(ONE, "pci-stub") PROBE(ONE));
	assert_return(stage, TO_RETURN CLEAR(ONE) UNBIND(ONE, "pci-stub") PROBE(ONE) AT_LAST);
}

static void by_driverctl_where_it_is(void **state)
{
	struct stage *stage = *state;

	say_number(stage->model, ATTR_MACHINE_DRIVERCTL, NULL, 0, 1);
	say_card(stage->model, ONE, "vfio-pci");
	say_card(stage->model, OTHER, "e1000e");
	assert_assign(stage, "plain: as root, until the next boot (without --nosave: for good):\n"
	                     "command: driverctl --nosave set-override " OTHER " vfio-pci\n");
	assert_return(stage, "plain: as root (a choice that was saved is removed, too):\n"
	                     "command: driverctl unset-override " ONE "\n" AT_LAST);
	say_number(stage->model, ATTR_MACHINE_DRIVERCTL, NULL, 0, 0);
	assert_assign(stage, TO_BIND OVERRIDE(OTHER) UNBIND(OTHER, "e1000e") PROBE(OTHER));
}

#define BY_ID                                                                                \
	"plain: bound without an override, so by its id (vfio-pci.ids, new_id), which goes " \
	"first; where remove_id says that there is no such device, it was bound by hand\n"
#define REMOVE_ID(id) "command: echo " id " > /sys/bus/pci/drivers/vfio-pci/remove_id\n"

#define RETURN_BOTH             \
	CLEAR(ONE)              \
	UNBIND(ONE, "vfio-pci") \
	PROBE(ONE) CLEAR(OTHER) UNBIND(OTHER, "vfio-pci") PROBE(OTHER) AT_LAST

/* An id is removed once, as another time is an error; and first, as all of that id would match. */
static void what_was_bound_by_its_id(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "vfio-pci");
	say_card(stage->model, OTHER, "vfio-pci");
	say_text(stage->model, ATTR_DEVICE_OVERRIDE, OTHER, 0, "none");
	assert_return(stage, BY_ID TO_RETURN REMOVE_ID("8086 10d3") RETURN_BOTH);
	say_text(stage->model, ATTR_DEVICE_OVERRIDE, ONE, 0, "none");
	assert_return(stage, BY_ID TO_RETURN REMOVE_ID("8086 10d3") RETURN_BOTH);
	say_number(stage->model, ATTR_DEVICE_DEVICE_ID, OTHER, 0, 0xd);
	assert_non_null(strstr(said(stage, binding_say_return),
	                       REMOVE_ID("8086 10d3") REMOVE_ID("8086 000d")));
	/* what its override is was not read */
	say_text(stage->model, ATTR_DEVICE_OVERRIDE, ONE, 0, NULL);
	say_text(stage->model, ATTR_DEVICE_OVERRIDE, OTHER, 0, NULL);
	assert_null(strstr(said(stage, binding_say_return), "remove_id"));
}

static void what_is_in_use_is_stopped_first(void **state)
{
	struct stage *stage = *state;
	const char *text;

	say_card(stage->model, ONE, "vfio-pci");
	say_card(stage->model, OTHER, NULL);
	say_holder(stage->model, 5, 1234, "qemu-system-x86", "vm1");
	assert_assign(stage, "");
	text = said(stage, binding_say_return);
	assert_non_null(strstr(text, "warning: stop vm1 (qemu-system-x86 1234) first: until then "
	                             "unbinding waits, and cannot be interrupted\n" TO_RETURN CLEAR(
					     ONE) UNBIND(ONE, "vfio-pci")));
	say_text(stage->model, ATTR_KERNEL, NULL, 0, "5.10.0");
	assert_non_null(
		strstr(said(stage, binding_say_return), "before 5.19 the kernel can crash"));
}

/* An ordinary user sees who has a group of nobody but himself. */
static void who_may_have_it_unseen(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "vfio-pci");
	say_health(stage->model, SOURCE_OWNERS, HEALTH_PARTIAL, "other people's processes");
	assert_return(stage,
	              "warning: first see, as root, that nobody has it: until "
	              "then unbinding waits, and cannot be interrupted\n" TO_RETURN CLEAR(ONE)
	                      UNBIND(ONE, "vfio-pci") PROBE(ONE) AT_LAST);
}

static void what_has_to_be_solved_first(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "e1000e");
	say_pci(stage->model, "0000:00:1f.0", 0x060100, "lpc_ich");
	say_port(stage->model, "shpchp");
	assert_assign(stage, "warning: first " PORT " (shpchp), 0000:00:1f.0 (lpc_ich) has to be "
	                     "without its driver, which the machine may need; another slot may "
	                     "have a group of its own\n");
	say_text(stage->model, ATTR_GROUP_RESERVED, NULL, 5, "direct 0x0-0xfff");
	assert_assign(stage, "warning: first the firmware has to give up the memory that it uses "
	                     "through it: a setting of the firmware, or a newer one\n");
}

static void without_an_iommu(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "vfio-pci");
	say_text(stage->model, ATTR_GROUP_NAME, NULL, 5, "vfio-noiommu");
	assert_assign(stage,
	              "warning: first an IOMMU has to be on: without one a guest with it can "
	              "reach all memory\n");
}

static void what_is_not_known(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "e1000e");
	say_number(stage->model, ATTR_DEVICE_SLOW_S, ONE, 0, 7);
	assert_assign(stage,
	              "unknown: no commands, as it is not known whether it can be assigned\n");
}

static void a_module_that_is_there_is_not_loaded(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "nvme");
	say_text(stage->model, ATTR_MACHINE_VFIO, NULL, 0, "vfio,vfio_iommu_type1,iommufd");
	assert_assign(stage, TO_BIND LOAD OVERRIDE(ONE) UNBIND(ONE, "nvme") PROBE(ONE));
	say_text(stage->model, ATTR_MACHINE_VFIO, NULL, 0, "vfio,vfio_pci,iommufd");
	assert_assign(stage, TO_BIND OVERRIDE(ONE) UNBIND(ONE, "nvme") PROBE(ONE));
}

static void what_the_host_loses_stands_before(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, ONE, "nvme");
	say_text(stage->model, ATTR_DEVICE_HOST_USE, ONE, 0, "file system /,swap");
	assert_assign(stage,
	              HOST_NEEDS(ONE) TO_BIND LOAD OVERRIDE(ONE) UNBIND(ONE, "nvme") PROBE(ONE));
	say_text(stage->model, ATTR_DEVICE_HOST_USE, ONE, 0, "none");
	assert_assign(stage, TO_BIND LOAD OVERRIDE(ONE) UNBIND(ONE, "nvme") PROBE(ONE));
	say_number(stage->model, ATTR_DEVICE_VFS, ONE, 0, 2);
	say_card(stage->model, OTHER, "");
	say_text(stage->model, ATTR_DEVICE_HOST_USE, OTHER, 0, "keyboard");
	assert_assign(stage, HOST_NEEDS(ONE ", " OTHER) TO_BIND LOAD OVERRIDE(ONE)
	                             UNBIND(ONE, "nvme") PROBE(ONE) OVERRIDE(OTHER) PROBE(OTHER));
}

static void other_buses(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, "fe200000.serial", "pl011");
	say_text(stage->model, ATTR_DEVICE_BUS, "fe200000.serial", 0, "amba");
	assert_assign(stage, "plain: not a PCI device: VFIO has another driver for its bus, of "
	                     "which no commands are shown\n");
	assert_return(stage, "");
	say_text(stage->model, ATTR_DEVICE_DRIVER, "fe200000.serial", 0, "vfio-amba");
	assert_assign(stage, "");
	assert_return(stage, "plain: fe200000.serial is not a PCI device: no commands are shown to "
	                     "give it back\n");
	say_text(stage->model, ATTR_DEVICE_BUS, "fe200000.serial", 0, "mdev");
	say_text(stage->model, ATTR_DEVICE_DRIVER, "fe200000.serial", 0, "vfio_mdev");
	assert_assign(stage, "");
	assert_return(stage, "plain: fe200000.serial is a mediated device: it goes back to its "
	                     "parent when it is removed\n");
}

static void a_bridge_alone_needs_nothing(void **state)
{
	struct stage *stage = *state;

	say_port(stage->model, "pcieport");
	assert_assign(stage, "");
	assert_return(stage, "");
}

/* ---- names out of a recording ---- */

static bool has_command(struct stage *stage, say_lines *say)
{
	return strstr(said(stage, say), "command: echo") || strstr(said(stage, say), "driverctl ");
}

static void no_command_of_an_odd_name(void **state)
{
	static const char *const names[] = {
		"0000:02:00.0;reboot", "0000:02:00.0 ", "$(reboot)",    "0000:02:00.8",
		"0000:02:00.00",       "../../x",       "000:02:00.0",  "0000:2:00.0",
		"0000:02:0.0",         "0000:02:00",    "0000:0A:00.0", "0000:02:00-0",
		"123456789:02:00.0",   "0000:02:00.",   "0000-02:00.0", "`id`",
		"0000:02:00.0\n",      "0000:02:00.a",  "-n:02:00.0",   ":02:00.0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct stage *stage;

		make_stage(state);
		stage = *state;
		say_card(stage->model, names[i], "e1000e");
		assert_false(has_command(stage, binding_say_assign));
		assert_non_null(
			strstr(said(stage, binding_say_assign), "unknown: no commands for"));
		say_card(stage->model, names[i], "vfio-pci");
		assert_false(has_command(stage, binding_say_return));
		say_number(stage->model, ATTR_MACHINE_DRIVERCTL, NULL, 0, 1);
		assert_false(has_command(stage, binding_say_return));
		free_stage(state);
	}
}

static void no_odd_driver_in_a_command(void **state)
{
	static const char *const drivers[] = {"a;reboot", "a b", "$(x)", "../x", "-n", "x\n", "'"};

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		struct stage *stage;
		char kept[32];

		make_stage(state);
		stage = *state;
		say_card(stage->model, ONE, drivers[i]);
		assert_assign(stage, TO_BIND LOAD OVERRIDE(ONE) "command: echo " ONE
		                                                " > /sys/bus/pci/devices/" ONE
		                                                "/driver/unbind\n" PROBE(ONE));
		snprintf(kept, sizeof(kept), "%s-vfio", drivers[i]);
		say_card(stage->model, ONE, kept);
		say_text(stage->model, ATTR_DEVICE_OVERRIDE, ONE, 0, "none");
		assert_return(stage, TO_RETURN CLEAR(ONE) "command: echo " ONE
		                                          " > /sys/bus/pci/devices/" ONE
		                                          "/driver/unbind\n" PROBE(ONE) AT_LAST);
		free_stage(state);
	}
}

static void domains_of_more_digits_are_pci(void **state)
{
	struct stage *stage = *state;

	say_card(stage->model, "10000:e1:00.0", "nvme");
	assert_assign(stage, TO_BIND LOAD OVERRIDE("10000:e1:00.0") UNBIND("10000:e1:00.0", "nvme")
	                             PROBE("10000:e1:00.0"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_stage, free_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_card_of_the_hosts),
		TEST(a_card_without_a_driver),
		TEST(a_card_that_is_bound),
		TEST(a_variant_driver_counts_as_bound),
		TEST(what_is_left_to_do),
		TEST(all_members_of_a_group),
		TEST(a_stub_is_kept_and_not_bound),
		TEST(by_driverctl_where_it_is),
		TEST(what_was_bound_by_its_id),
		TEST(what_is_in_use_is_stopped_first),
		TEST(who_may_have_it_unseen),
		TEST(what_has_to_be_solved_first),
		TEST(without_an_iommu),
		TEST(what_is_not_known),
		TEST(a_module_that_is_there_is_not_loaded),
		TEST(what_the_host_loses_stands_before),
		TEST(other_buses),
		TEST(a_bridge_alone_needs_nothing),
		TEST(domains_of_more_digits_are_pci),
		cmocka_unit_test(no_command_of_an_odd_name),
		cmocka_unit_test(no_odd_driver_in_a_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
