// SPDX-License-Identifier: GPL-2.0-or-later
/* interrupts: which names count, and what trees of /sys and /proc add up to. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "sources/interrupts.h"
#include "util.h"

static char root[64], procfs[80];

static void make_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void make_irq(const char *number, const char *actions, const char *counts)
{
	char name[64];

	snprintf(name, sizeof(name), "kernel/irq/%s/actions", number);
	make_file(name, actions);
	snprintf(name, sizeof(name), "kernel/irq/%s/per_cpu_count", number);
	make_file(name, counts);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/iommutop-irq-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(procfs, sizeof(procfs), "%s/proc", root);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* -1: not known */
static int64_t sum(const char *proc)
{
	struct interrupts interrupts = {.sysfs = root, .procfs = proc};
	uint64_t faults;
	bool known;

	interrupts_find(&interrupts);
	known = interrupts_sum(&interrupts, &faults);
	interrupts_release(&interrupts);
	return known ? (int64_t)faults : -1;
}

static void names_are_exact(void **state)
{
	static const char *const yes[] = {
		"dmar0",
		"dmar12",
		"AMD-Vi",
		"AMD-Vi0-Evt",
		"AMD-Vi11-Evt",
		"arm-smmu-v3-evtq",
		"arm-smmu-v3-gerror",
		"arm-smmu-v3-combined-irq",
		"arm-smmu-context-fault",
		"arm-smmu global fault",
		"qcom-iommu-fault",
		"apple-dart fault handler",
	};
	static const char *const no[] = {
		"",          "dmar",        "dmar0-prq",        "dmar0-perf",
		"xdmar0",    "dmar0 ",      "AMD-Vi0-PPR",      "AMD-Vi0-GA",
		"AMD-Vi0",   "AMD-Vi-Evt",  "arm-smmu-v3-priq", "arm-smmu-v3-evtq2",
		"arm-smmu ", "nvme0q0",     "virtio0-event",    "arm-smmu-v3-cmdq-sync",
		"dmarx",     "AMD-Vix-Evt",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (!interrupts_is_fault(yes[i], strlen(yes[i])))
			fail_msg("%s is one", yes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (interrupts_is_fault(no[i], strlen(no[i])))
			fail_msg("%s is none", no[i]);
}

static void those_of_all_units_and_processors_are_added(void **state)
{
	(void)state;
	make_irq("24", "dmar0\n", "1,20,300\n");
	make_irq("25", "dmar1\n", "4000,0,0\n");
	make_irq("26", "dmar1-prq\n", "7,7,7\n");
	make_irq("27", "nvme0q0\n", "7,7,7\n");
	make_irq("28", "", "7,7,7\n");
	make_irq("x", "dmar2\n", "7,7,7\n");
	assert_int_equal(sum(NULL), 4321);
}

/* Shared with its like an interrupt counts once; with anything else it tells nothing. */
static void shared_ones(void **state)
{
	(void)state;
	make_irq("30", "arm-smmu-context-fault,arm-smmu-context-fault,arm-smmu global fault\n",
	         "5\n");
	make_irq("31", "arm-smmu-context-fault,ehci_hcd:usb1\n", "7\n");
	assert_int_equal(sum(NULL), 5);
}

static void what_is_not_there_is_not_known(void **state)
{
	struct interrupts interrupts = {.sysfs = root};

	(void)state;
	assert_int_equal(sum(NULL), -1);
	make_irq("24", "nvme0q0\n", "5\n");
	assert_int_equal(sum(NULL), -1);
	interrupts_find(&interrupts);
	assert_false(interrupts_any(&interrupts));
	interrupts_release(&interrupts);
}

static void what_is_cut_or_broken_is_not_known(void **state)
{
	static const char *const counts[] = {"5,6",   "",    "\n",    "5,\n",
	                                     "5,x\n", "x\n", "5 6\n", "5,99999999999999999999\n"};

	(void)state;
	make_irq("24", "dmar0\n", "1\n");
	assert_int_equal(sum(NULL), 1);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		make_irq("25", "dmar1\n", counts[i]);
		assert_int_equal(sum(NULL), -1);
	}
}

#define PROC                                                                                \
	"            CPU0       CPU1       \n"                                              \
	"   0:         25          0   IO-APIC    2-edge      timer\n"                      \
	"  24:          5         60  DMAR-MSI    0-edge      dmar0\n"                      \
	"  25:        700          0  DMAR-MSI    1-edge      dmar1-prq\n"                  \
	"  26:          1          2     GICv3  74 Edge      arm-smmu global fault, "       \
	"arm-smmu-context-fault\n"                                                          \
	"  27:          9          9     GICv3  75 Level     arm-smmu-context-fault, usb\n" \
	" NMI:          0          0   Non-maskable interrupts\n"                           \
	" ERR:          0\n"

static void proc_is_read_where_sysfs_has_none(void **state)
{
	(void)state;
	make_file("proc/interrupts", PROC);
	assert_int_equal(sum(procfs), 68);
	assert_int_equal(sum(NULL), -1);
	make_file("proc/interrupts", "            CPU0\n   0:  25  IO-APIC    2-edge      timer\n");
	assert_int_equal(sum(procfs), -1);
	make_file("proc/interrupts", "            CPU0  CPU1\n  24:  5  DMAR-MSI  0-edge  dmar0\n");
	assert_int_equal(sum(procfs), -1);
}

/* More processors than a page of sysfs has room for. */
static void proc_is_read_where_sysfs_is_cut(void **state)
{
	char *counts = malloc(5000);

	(void)state;
	memset(counts, '1', 4999);
	for (size_t i = 1; i < 4999; i += 2)
		counts[i] = ',';
	counts[4999] = '\0';
	make_irq("24", "dmar0\n", counts);
	free(counts);
	assert_int_equal(sum(NULL), -1);
	make_file("proc/interrupts", PROC);
	assert_int_equal(sum(procfs), 68);
}

static void sysfs_comes_first(void **state)
{
	(void)state;
	make_file("proc/interrupts", PROC);
	make_irq("24", "dmar0\n", "5,61\n");
	assert_int_equal(sum(procfs), 66);
	make_irq("24", "nvme0q0\n", "5,61\n");
	{
		struct interrupts interrupts = {.sysfs = root, .procfs = procfs};

		interrupts_find(&interrupts);
		assert_false(interrupts_any(&interrupts));
		interrupts_release(&interrupts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(names_are_exact),
		TEST(those_of_all_units_and_processors_are_added),
		TEST(shared_ones),
		TEST(what_is_not_there_is_not_known),
		TEST(what_is_cut_or_broken_is_not_known),
		TEST(proc_is_read_where_sysfs_has_none),
		TEST(proc_is_read_where_sysfs_is_cut),
		TEST(sysfs_comes_first),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
