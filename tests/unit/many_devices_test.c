// SPDX-License-Identifier: GPL-2.0-or-later
/* sysfs, with thousands of devices: what a walk costs is counted in reads and bytes, not in time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sources/sysfs.h"
#include "sources/sysfs_walk.h"
#include "util.h"

#define PCI_IDS "tests/fixtures/pci.ids"

enum {
	FEW = 400,
	MANY = 2000,
	/* Of a device: far above what the facts of a list take, below one configuration space. */
	MOST_READS = 60,
	MOST_BYTES = 3000,
};

static char root[] = "/tmp/iommutop-many-XXXXXX";

/* What this process has read so far. */
struct reads {
	uint64_t calls, bytes;
};

static bool read_io(struct reads *reads)
{
	FILE *file = fopen("/proc/self/io", "re");
	int found = 0;

	if (!file)
		return false;
	found = fscanf(file, "rchar: %" SCNu64 " wchar: %*u syscr: %" SCNu64, &reads->bytes,
	               &reads->calls);
	fclose(file);
	return found == 2;
}

static struct reads reads_until(const struct reads *before)
{
	struct reads now = {0};

	assert_true(read_io(&now));
	return (struct reads){now.calls - before->calls, now.bytes - before->bytes};
}

static const char *tree(int devices)
{
	static char path[sizeof(root) + 32];

	snprintf(path, sizeof(path), "%s/%d/sys", root, devices);
	return path;
}

static void make_machine(int devices)
{
	char command[256];

	snprintf(command, sizeof(command), "tests/fixtures/make_machine --many %d %s/%d", devices,
	         root, devices);
	assert_int_equal(system(command), 0);
}

static int make_trees(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	make_machine(FEW);
	make_machine(MANY);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static int remove_trees(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Devices that are told of, by their class. */
static void count_device(void *context, const struct event *ev)
{
	if (ev->kind == EVENT_ATTR && ev->attr.attribute == ATTR_DEVICE_CLASS)
		(*(int *)context)++;
}

static struct reads walk_once(int devices)
{
	const struct sysfs_options options = {.root = tree(devices), .pci_ids = PCI_IDS};
	int told = 0;
	const struct event_sink sink = {.emit = count_device, .context = &told};
	struct reads before = {0};
	struct error err;

	read_io(&before);
	assert_int_equal(sysfs_walk_once(&options, &sink, &err), 0);
	assert_int_equal(told, devices);
	return reads_until(&before);
}

static void skip_without_counts(void)
{
	struct reads reads;

	if (!read_io(&reads))
		skip();
}

/* As a list wants it, nobody having asked for details. */
static void a_device_costs_few_reads_and_no_configuration_space(void **state)
{
	struct reads reads;

	(void)state;
	skip_without_counts();
	reads = walk_once(MANY);
	print_message("# %" PRIu64 " reads, %" PRIu64 " bytes a device\n", reads.calls / MANY,
	              reads.bytes / MANY);
	assert_in_range(reads.calls, MANY, MOST_READS * MANY);
	assert_in_range(reads.bytes, MANY, MOST_BYTES * MANY);
}

static void more_devices_do_not_cost_more_each(void **state)
{
	struct reads few, many;

	(void)state;
	skip_without_counts();
	few = walk_once(FEW);
	many = walk_once(MANY);
	assert_in_range(many.calls * FEW, 0, few.calls * MANY);
	assert_in_range(many.bytes * FEW, 0, few.bytes * MANY);
}

static void what_stays_with_a_device_is_not_read_again(void **state)
{
	struct sysfs_walk walk = {.root = tree(FEW), .pci_ids = PCI_IDS};
	const struct topology nothing = {0};
	struct topology first = {0}, second = {0};
	struct sysfs_verdict verdict;
	struct reads before = {0}, again = {0}, once;

	(void)state;
	skip_without_counts();
	read_io(&before);
	assert_true(sysfs_walk_read(&walk, &nothing, &first, &verdict));
	once = reads_until(&before);
	read_io(&again);
	assert_true(sysfs_walk_read(&walk, &first, &second, &verdict));
	/* Four numbers of each device at least. */
	assert_in_range(reads_until(&again).calls, 0, once.calls - (uint64_t)4 * FEW);
	topology_diff(&first, &second, &event_nowhere);
	assert_int_equal(first.count, second.count);
	topology_release(&first);
	topology_release(&second);
	sysfs_walk_release(&walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_costs_few_reads_and_no_configuration_space),
		cmocka_unit_test(more_devices_do_not_cost_more_each),
		cmocka_unit_test(what_stays_with_a_device_is_not_read_again),
	};

	return cmocka_run_group_tests(tests, make_trees, remove_trees);
}
