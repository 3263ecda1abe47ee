// SPDX-License-Identifier: GPL-2.0-or-later
/* machine_facts: small trees of files, and what they tell. */
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

#include "sources/machine_facts.h"

struct bench {
	char root[64], sysfs[80], procfs[80];
	struct topology told, read;
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	strcpy(bench->root, "/tmp/iommutop-machine-XXXXXX");
	assert_non_null(mkdtemp(bench->root));
	snprintf(bench->sysfs, sizeof(bench->sysfs), "%s/sys", bench->root);
	snprintf(bench->procfs, sizeof(bench->procfs), "%s/proc", bench->root);
	*state = bench;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	topology_release(&bench->told);
	topology_release(&bench->read);
	nftw(bench->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(bench);
	return 0;
}

/* With all its directories. */
static void make(const struct bench *bench, const char *path, const char *text)
{
	char whole[256];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", bench->root, path);
	for (char *slash = whole + strlen(bench->root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const struct topology_item *read_facts(struct bench *bench)
{
	topology_release(&bench->read);
	machine_facts_read(bench->procfs, bench->sysfs, &bench->told, &bench->read);
	topology_sort(&bench->read);
	return topology_find(&bench->read, SUBJECT_MACHINE, NULL, 0);
}

static const char *text_of(struct bench *bench, enum attribute attribute)
{
	const char *text = read_facts(bench)->facts[attribute].text;

	return text ? text : "unknown";
}

static uint64_t number_of(struct bench *bench, enum attribute attribute)
{
	return read_facts(bench)->facts[attribute].number;
}

static void nothing_is_known_of_nothing(void **state)
{
	struct bench *bench = *state;
	const struct topology_item *machine = read_facts(bench);

	for (int i = 0; i < ATTRIBUTE_COUNT; i++)
		if (attribute_infos[i].subject == SUBJECT_MACHINE)
			assert_false(topology_is_known(machine, i));
}

static void options_are_those_that_matter(void **state)
{
	struct bench *bench = *state;

	make(bench, "proc/cmdline", "BOOT_IMAGE=/x quiet\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_OPTIONS), "none");
	make(bench, "proc/cmdline", "BOOT_IMAGE=/x intel_iommu=on quiet iommu=pt\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_OPTIONS), "intel_iommu=on iommu=pt");
}

static void without_procfs_there_are_none(void **state)
{
	struct bench *bench = *state;

	make(bench, "proc/cmdline", "intel_iommu=on\n");
	machine_facts_read(NULL, bench->sysfs, &bench->told, &bench->read);
	assert_null(bench->read.items[0].facts[ATTR_MACHINE_OPTIONS].text);
}

static void tables_of_the_firmware(void **state)
{
	struct bench *bench = *state;

	make(bench, "sys/firmware/acpi/tables/APIC", "");
	assert_string_equal(text_of(bench, ATTR_MACHINE_ACPI), "none");
	make(bench, "sys/firmware/acpi/tables/IORT", "");
	make(bench, "sys/firmware/acpi/tables/DMAR", "");
	assert_string_equal(text_of(bench, ATTR_MACHINE_ACPI), "DMAR,IORT");
}

static void lockdown_is_what_stands_in_brackets(void **state)
{
	struct bench *bench = *state;

	make(bench, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_LOCKDOWN), "integrity");
	make(bench, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_LOCKDOWN), "none");
	make(bench, "sys/kernel/security/lockdown", "none [integrity\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_LOCKDOWN), "unknown");
}

static void chips_tell_of_remapping(void **state)
{
	struct bench *bench = *state;

	make(bench, "sys/kernel/irq/3/chip_name", "GICv3\n");
	make(bench, "sys/kernel/irq/4/chip_name", "XT-PIC\n");
	make(bench, "sys/kernel/irq/5/actions", "timer\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_REMAPPING), "unknown");
	make(bench, "sys/kernel/irq/24/chip_name", "PCI-MSIX-0000:00:04.0\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_REMAPPING), "off");
	make(bench, "sys/kernel/irq/2/chip_name", "IR-IO-APIC\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_REMAPPING), "on");
}

static void physical_bits_of_the_first_processor(void **state)
{
	struct bench *bench = *state;

	make(bench, "proc/cpuinfo",
	     "processor\t: 0\naddress sizes\t: 46 bits physical, 48 bits virtual\n\n"
	     "processor\t: 1\naddress sizes\t: 39 bits physical, 48 bits virtual\n");
	assert_int_equal(number_of(bench, ATTR_MACHINE_PHYSICAL_BITS), 46);
	make(bench, "proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 48.00\n");
	assert_true(number_of(bench, ATTR_MACHINE_PHYSICAL_BITS) == VALUE_UNKNOWN);
}

static void vfio_modules_and_what_they_allow(void **state)
{
	struct bench *bench = *state;

	make(bench, "sys/module/kvm/parameters/x", "1\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_VFIO), "none");
	make(bench, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "N\n");
	make(bench, "sys/module/vfio_iommu_type1/parameters/dma_entry_limit", "65535\n");
	make(bench, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "N\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_VFIO), "vfio,vfio_iommu_type1");
	assert_int_equal(number_of(bench, ATTR_MACHINE_DMA_ENTRIES), 65535);
	make(bench, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
	make(bench, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_VFIO),
	                    "vfio,vfio_iommu_type1,unsafe_interrupts,unsafe_noiommu");
}

static void programs_are_looked_for_on_this_machine_alone(void **state)
{
	struct bench *bench = *state;
	bool there = !access("/usr/sbin/driverctl", X_OK) || !access("/usr/bin/driverctl", X_OK) ||
	             !access("/usr/local/sbin/driverctl", X_OK);

	assert_true(number_of(bench, ATTR_MACHINE_DRIVERCTL) == VALUE_UNKNOWN);
	strcpy(bench->sysfs, "/sys");
	assert_int_equal(number_of(bench, ATTR_MACHINE_DRIVERCTL), there);
}

/* A capability register, and how many bits of an address it tells. */
static const struct {
	const char *path, *text;
	uint64_t bits;
} registers[] = {
	/* both alike */
	{"intel-iommu/cap", "d2008c22260206\n", 39},
	{"intel-iommu/cap", "d2008c222f0686\n", 48},
	/* MGAW of 39 bits though tables could have 48; of 57 bits, with 4 levels alone */
	{"intel-iommu/cap", "1c0000c40260462\n", 39},
	{"intel-iommu/cap", "c40380462\n", 48},
	{"intel-iommu/cap", "19ed008c40780c66\n", 57},
	{"intel-iommu/cap", "c40380062\n", VALUE_UNKNOWN},
	{"intel-iommu/cap", "broken\n", VALUE_UNKNOWN},
	/* 6, 5, 4 and no levels */
	{"amd-iommu/features", "29d3\n", 64},
	{"amd-iommu/features", "29d3:0\n", 64},
	{"amd-iommu/features", "25d3:0\n", 57},
	{"amd-iommu/features", "21d3:0\n", 48},
	{"amd-iommu/features", "2dd3:0\n", VALUE_UNKNOWN},
};

static void units_tell_their_width(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/class/iommu/u%zu/%s", i, registers[i].path);
		make(bench, path, registers[i].text);
		snprintf(path, sizeof(path), "u%zu", i);
		topology_release(&bench->read);
		topology_add(&bench->read, SUBJECT_UNIT, path, 0);
		machine_facts_read(bench->procfs, bench->sysfs, &bench->told, &bench->read);
		if (bench->read.items[0].facts[ATTR_UNIT_ADDRESS_BITS].number != registers[i].bits)
			fail_msg("%s of %s", registers[i].text, registers[i].path);
	}
}

/* Reading them takes many files of a large machine. */
static void what_lasts_is_read_once(void **state)
{
	struct bench *bench = *state;

	make(bench, "sys/kernel/irq/2/chip_name", "IR-IO-APIC\n");
	make(bench, "sys/kernel/security/lockdown", "[none] integrity\n");
	read_facts(bench);
	bench->told = bench->read;
	bench->read = (struct topology){0};
	make(bench, "sys/kernel/irq/2/chip_name", "PCI-MSI\n");
	make(bench, "sys/kernel/security/lockdown", "none [integrity]\n");
	make(bench, "proc/cmdline", "iommu=pt\n");
	assert_string_equal(text_of(bench, ATTR_MACHINE_REMAPPING), "on");
	assert_string_equal(text_of(bench, ATTR_MACHINE_LOCKDOWN), "integrity");
	assert_string_equal(text_of(bench, ATTR_MACHINE_OPTIONS), "iommu=pt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_known_of_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(options_are_those_that_matter, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_procfs_there_are_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tables_of_the_firmware, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lockdown_is_what_stands_in_brackets, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(chips_tell_of_remapping, set_up, tear_down),
		cmocka_unit_test_setup_teardown(physical_bits_of_the_first_processor, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(vfio_modules_and_what_they_allow, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(programs_are_looked_for_on_this_machine_alone,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(units_tell_their_width, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_lasts_is_read_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
