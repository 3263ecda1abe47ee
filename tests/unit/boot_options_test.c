// SPDX-License-Identifier: GPL-2.0-or-later
/* boot_options: which options matter, and how many of them fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sources/boot_options.h"

static const char *picked(const char *line)
{
	static char out[BOOT_OPTIONS_MAX];

	boot_options_pick(line, out);
	return out;
}

static void those_that_matter_are_picked(void **state)
{
	(void)state;
	assert_string_equal(picked(""), "");
	assert_string_equal(picked(" \n"), "");
	assert_string_equal(
		picked("BOOT_IMAGE=/boot/vmlinuz-iommu root=/dev/iommu-vg/root ro quiet"), "");
	assert_string_equal(picked("quiet intel_iommu=on  iommu=pt\n"), "intel_iommu=on iommu=pt");
	assert_string_equal(picked("arm-smmu.disable_bypass=0 intremap=off nointremap"),
	                    "arm-smmu.disable_bypass=0 intremap=off nointremap");
	assert_string_equal(picked("intel_immou=on"), "intel_immou=on");
}

static void those_of_iommus_come_first(void **state)
{
	(void)state;
	assert_string_equal(picked("vfio-pci.ids=10de:1e81 lockdown=integrity iommu=pt "
	                           "pcie_acs_override=downstream,multifunction"),
	                    "iommu=pt pcie_acs_override=downstream,multifunction "
	                    "vfio-pci.ids=10de:1e81 lockdown=integrity");
}

/* The kernel's own rule: next_arg() in lib/cmdline.c. */
static void blanks_in_quotes_separate_nothing(void **state)
{
	(void)state;
	assert_string_equal(picked("dyndbg=\"file iommu.c +p iommu=x\" iommu.strict=1"),
	                    "iommu.strict=1");
	assert_string_equal(picked("trace_event=\"a b\" quiet"), "trace_event=\"a b\"");
}

static void the_same_option_stands_there_once(void **state)
{
	(void)state;
	assert_string_equal(picked("iommu=pt iommu=pt iommu=p"), "iommu=pt iommu=p");
}

static void what_does_not_fit_is_told(void **state)
{
	char line[4096] = "", out[BOOT_OPTIONS_MAX] = "";

	(void)state;
	for (int i = 0; i < 100; i++)
		sprintf(line + strlen(line), "vfio.o%d=%d ", i, i);
	strcat(line, "iommu=pt");
	boot_options_pick(line, out);
	assert_true(strlen(out) < BOOT_OPTIONS_MAX);
	assert_ptr_equal(strstr(out, "iommu=pt vfio.o0=0 "), out);
	assert_string_equal(out + strlen(out) - 4, " ...");
	assert_false(boot_options_add(out, "x", 1));
}

static void one_that_is_too_long_is_left_out(void **state)
{
	char line[1024] = "iommu=pt iommu=";

	(void)state;
	memset(line + strlen(line), 'x', 600);
	assert_string_equal(picked(line), "iommu=pt ...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_matter_are_picked),
		cmocka_unit_test(those_of_iommus_come_first),
		cmocka_unit_test(blanks_in_quotes_separate_nothing),
		cmocka_unit_test(the_same_option_stands_there_once),
		cmocka_unit_test(what_does_not_fit_is_told),
		cmocka_unit_test(one_that_is_too_long_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
