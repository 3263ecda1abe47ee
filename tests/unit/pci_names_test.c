// SPDX-License-Identifier: GPL-2.0-or-later
/* pci_names: lspci's words, and numbers whatever is wrong with the list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pci_names.h"
#include "util.h"

#define FIXTURE "tests/fixtures/pci.ids"

static void assert_device(struct pci_names *names, uint16_t vendor, uint16_t device,
                          const char *expected)
{
	char name[128];

	pci_names_device(names, vendor, device, name, sizeof(name));
	assert_string_equal(name, expected);
}

static void assert_class(struct pci_names *names, uint32_t class_code, const char *expected)
{
	char name[128];

	pci_names_class(names, class_code, name, sizeof(name));
	assert_string_equal(name, expected);
}

static void names_are_lspcis(void **state)
{
	/* What lspci 3.9.0 wrote for such devices, given the same list. */
	static const struct {
		uint16_t vendor, device;
		const char *name;
	} devices[] = {
		{0x8086, 0x10d3, "Intel Corporation 82574L Gigabit Network Connection"},
		{0x8086, 0x2922,
	         "Intel Corporation 82801IR/IO/IH (ICH9R/DO/DH) 6 port SATA Controller [AHCI "
	         "mode]"},
		{0x1b36, 0x0010, "Red Hat, Inc. QEMU NVM Express Controller"},
		{0x8086, 0xabcd, "Intel Corporation Device abcd"},
		{0x4321, 0x0007, "Device 4321:0007"},
		{0xffff, 0xffff, "Device ffff:ffff"},
	};
	static const struct {
		uint32_t code;
		const char *name;
	} classes[] = {
		{0x020000, "Ethernet controller"},
		{0x010802, "Non-Volatile memory controller"},
		{0x0106ff, "SATA controller"},
		{0x0c0900, "Serial bus controller [0c09]"},
		{0x00ff00, "Unclassified device [00ff]"},
		{0xffffff, "Unassigned class [ffff]"},
		{0x4a0000, "Class 4a00"},
	};
	struct pci_names *names = pci_names_open(FIXTURE);

	(void)state;
	assert_null(pci_names_problem(names));
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		assert_device(names, devices[i].vendor, devices[i].device, devices[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		assert_class(names, classes[i].code, classes[i].name);
	pci_names_close(names);
}

static void short_buffers_cut(void **state)
{
	struct pci_names *names = pci_names_open(FIXTURE);
	char name[6] = "xxxxx";

	(void)state;
	pci_names_device(names, 0x8086, 0x10d3, name, sizeof(name));
	assert_string_equal(name, "Intel");
	pci_names_class(names, 0x020000, name, 1);
	assert_string_equal(name, "");
	pci_names_close(names);
}

static void two_lists_live_side_by_side(void **state)
{
	struct pci_names *good = pci_names_open(FIXTURE);
	struct pci_names *bad = pci_names_open("/nonexistent");

	(void)state;
	assert_device(bad, 0x8086, 0x10d3, "Device 8086:10d3");
	assert_device(good, 0x8086, 0x10d3, "Intel Corporation 82574L Gigabit Network Connection");
	pci_names_close(good);
	assert_device(bad, 0x8086, 0x10d3, "Device 8086:10d3");
	pci_names_close(bad);
	pci_names_close(NULL);
}

static void write_list(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void assert_numbers(const char *path)
{
	struct pci_names *names = pci_names_open(path);

	assert_non_null(pci_names_problem(names));
	assert_null(strchr(pci_names_problem(names), '\n'));
	assert_device(names, 0x8086, 0x10d3, "Device 8086:10d3");
	assert_class(names, 0x020000, "Class 0200");
	pci_names_close(names);
}

static void broken_lists_give_numbers(void **state)
{
	static const char *const lists[] = {
		"\x7f\x02\x01\x01\xff\xfe",
		"not a list\n",
		"\t10d3  a device of nobody\n",
		"8086\n",
		"80",
		"C 0",
		"S 8086\n",
		"8086  \n",
		"\t\t\t\n8\n",
		"<!DOCTYPE html>\n",
	};
	char path[] = "/tmp/iommutop-pci-ids-XXXXXX";
	char *line = xmalloc(1 << 16);

	(void)state;
	close(mkstemp(path));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		write_list(path, lists[i], strlen(lists[i]));
		assert_numbers(path);
	}
	write_list(path, "8086\0 Intel\n", 12);
	assert_numbers(path);
	memset(line, '8', 1 << 16);
	write_list(path, line, 1 << 16);
	assert_numbers(path);
	free(line);
	unlink(path);
}

static void what_is_no_file_gives_numbers(void **state)
{
	char folder[] = "/tmp/iommutop-pci-ids-XXXXXX";
	char fifo[sizeof(folder) + 8], loop[sizeof(folder) + 8];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	snprintf(loop, sizeof(loop), "%s/loop", folder);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink(loop, loop), 0);
	assert_numbers(folder);
	assert_numbers(fifo);
	assert_numbers(loop);
	assert_numbers("/dev/zero");
	assert_numbers("");
	unlink(fifo);
	unlink(loop);
	rmdir(folder);
}

static void empty_list_is_no_problem(void **state)
{
	struct pci_names *names = pci_names_open("/dev/null");
	char path[] = "/tmp/iommutop-pci-ids-XXXXXX";

	(void)state;
	assert_non_null(pci_names_problem(names));
	pci_names_close(names);
	close(mkstemp(path));
	names = pci_names_open(path);
	assert_null(pci_names_problem(names));
	assert_device(names, 0x8086, 0x10d3, "Device 8086:10d3");
	pci_names_close(names);
	unlink(path);
}

static void names_before_the_bad_line_stay(void **state)
{
	static const char list[] = "8086  Intel\n\t10d3  82574L\nbad line\n1af4  Red Hat\n";
	char path[] = "/tmp/iommutop-pci-ids-XXXXXX";
	struct pci_names *names;

	(void)state;
	close(mkstemp(path));
	write_list(path, list, sizeof(list) - 1);
	names = pci_names_open(path);
	assert_non_null(strstr(pci_names_problem(names), "line 3"));
	assert_device(names, 0x8086, 0x10d3, "Intel 82574L");
	assert_device(names, 0x1af4, 0x1000, "Device 1af4:1000");
	pci_names_close(names);
	unlink(path);
}

static void the_systems_list_is_there_or_not(void **state)
{
	struct pci_names *names = pci_names_open(NULL);
	char name[128] = "";

	(void)state;
	pci_names_device(names, 0x8086, 0x10d3, name, sizeof(name));
	if (pci_names_problem(names))
		assert_string_equal(name, "Device 8086:10d3");
	else
		assert_non_null(strstr(name, "Intel"));
	pci_names_close(names);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_lspcis),
		cmocka_unit_test(short_buffers_cut),
		cmocka_unit_test(two_lists_live_side_by_side),
		cmocka_unit_test(broken_lists_give_numbers),
		cmocka_unit_test(what_is_no_file_gives_numbers),
		cmocka_unit_test(empty_list_is_no_problem),
		cmocka_unit_test(names_before_the_bad_line_stay),
		cmocka_unit_test(the_systems_list_is_there_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
