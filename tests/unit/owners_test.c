// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * owners: who holds a group, in made-up trees of /proc and /sys. Nodes that every machine has stand
 * for those of VFIO, so that it is their numbers that are compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sources/owners.h"
#include "tree.h"
#include "util.h"

/* Their numbers: Documentation/admin-guide/devices.txt. */
#define GROUP_2_NODE "/dev/null"
#define GROUP_2_DEV  "1:3\n"
#define GROUP_4_NODE "/dev/zero"
#define GROUP_4_DEV  "1:5\n"

#define NOBODY UINT64_MAX

/* What was read last. */
static struct topology topology;
static enum health_state state;
static char reason[240];

static void make_bytes(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void make_process(unsigned int process, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s\n", name);
	make_file(at("proc/%u/comm", process), text);
	at("proc/%u/fd/", process);
	make_link(at("proc/%u/fd/0", process), "pipe:[123]");
}

static void open_file(unsigned int process, unsigned int fd, const char *target)
{
	make_link(at("proc/%u/fd/%u", process, fd), target);
}

static int set_up(void **unused)
{
	(void)unused;
	if (make_tree())
		return -1;
	make_link(at("proc/self/ns/pid"), "pid:[4026531836]");
	make_process(1, "init");
	make_file(at("sys/class/vfio/2/dev"), GROUP_2_DEV);
	make_file(at("sys/class/vfio/4/dev"), GROUP_4_DEV);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	topology_release(&topology);
	remove_tree(tree_root);
	return 0;
}

static void add_device(const char *name, uint64_t group, const char *driver)
{
	struct topology_item *item = topology_add(&topology, SUBJECT_DEVICE, name, 0);

	topology_set_number(item, ATTR_DEVICE_GROUP, group);
	topology_set_text(item, ATTR_DEVICE_DRIVER, driver);
}

/* Groups 2 and 4 on vfio drivers, 3 on another, and a device without a group. */
static void read_procfs(const char *procfs)
{
	const struct owners owners = {.procfs = procfs, .sysfs = at("sys")};

	topology_release(&topology);
	for (uint32_t group = 2; group <= 4; group++)
		topology_add(&topology, SUBJECT_GROUP, NULL, group);
	add_device("0000:00:02.0", 2, "vfio-pci");
	add_device("0000:00:02.1", 2, NULL);
	add_device("0000:00:03.0", 3, "e1000e");
	add_device("0000:00:04.0", 4, "mlx5_vfio_pci");
	add_device("0000:00:05.0", VALUE_UNKNOWN, "vfio-pci");
	topology_sort(&topology);
	strcpy(reason, "left over");
	state = owners_read(&owners, &topology, reason, sizeof(reason));
	topology_sort(&topology);
}

static void read_tree(void)
{
	read_procfs(at("proc"));
}

static uint64_t holder_of(uint32_t group)
{
	const struct topology_item *item = topology_find(&topology, SUBJECT_GROUP, NULL, group);

	assert_non_null(item);
	return item->facts[ATTR_GROUP_HOLDER].number;
}

/* name and vm: NULL for none. */
static void assert_process(uint32_t process, const char *name, const char *vm)
{
	const struct topology_item *item = topology_find(&topology, SUBJECT_PROCESS, NULL, process);

	assert_non_null(item);
	assert_string_equal(item->facts[ATTR_PROCESS_NAME].text, name);
	if (vm)
		assert_string_equal(item->facts[ATTR_PROCESS_VM].text, vm);
	else
		assert_null(item->facts[ATTR_PROCESS_VM].text);
}

static void assert_no_process(uint32_t process)
{
	assert_null(topology_find(&topology, SUBJECT_PROCESS, NULL, process));
}

static void assert_ok(void)
{
	assert_int_equal(state, HEALTH_OK);
	assert_string_equal(reason, "");
}

/* ---- who holds what ---- */

static void a_holder_is_found_by_the_nodes_number(void **unused)
{
	static const char cmdline[] = "/usr/bin/qemu-system-x86_64\0-name\0guest=vm1,process=x";

	(void)unused;
	make_process(70, "qemu-system-x86");
	make_bytes(at("proc/70/cmdline"), cmdline, sizeof(cmdline));
	open_file(70, 9, GROUP_2_NODE);
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(2), 70);
	assert_int_equal(holder_of(3), NOBODY);
	assert_int_equal(holder_of(4), NOBODY);
	assert_process(70, "qemu-system-x86", "vm1");
	assert_no_process(1);
}

/* It says group 4 where it is from, and may be anything here. */
static void a_nodes_name_means_nothing(void **unused)
{
	(void)unused;
	make_process(70, "dpdk");
	open_file(70, 9, "/dev/vfio/4");
	make_link(at("vfio/4"), GROUP_2_NODE);
	open_file(70, 10, at("vfio/4"));
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(2), 70);
	assert_int_equal(holder_of(4), NOBODY);
}

static void what_is_no_node_holds_nothing(void **unused)
{
	(void)unused;
	make_process(70, "backup");
	make_file(at("vfio/2"), GROUP_2_DEV);
	open_file(70, 3, at("vfio/2"));
	open_file(70, 4, at("vfio"));
	open_file(70, 5, "/dev/full");
	open_file(70, 6, "socket:[1]");
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(2), NOBODY);
	assert_no_process(70);
}

static void groups_without_an_iommu_have_another_name(void **unused)
{
	(void)unused;
	remove_tree(at("sys/class/vfio/2"));
	make_file(at("sys/class/vfio/noiommu-2/dev"), GROUP_2_DEV);
	make_process(70, "dpdk");
	open_file(70, 9, GROUP_2_NODE);
	read_tree();
	assert_int_equal(holder_of(2), 70);
}

static void a_devices_own_node_is_its_groups(void **unused)
{
	(void)unused;
	remove_tree(at("sys/class/vfio"));
	make_file(at("sys/class/vfio-dev/vfio0/dev"), "1:7\n");
	make_link(at("sys/class/vfio-dev/vfio0/device/iommu_group"), "../../kernel/iommu_groups/4");
	make_file(at("sys/class/vfio-dev/vfio1/dev"), GROUP_2_DEV);
	make_link(at("sys/class/vfio-dev/vfio1/device/iommu_group"), "../../kernel/iommu_groups/3");
	make_process(70, "vmm");
	open_file(70, 9, "/dev/full");
	open_file(70, 10, GROUP_2_NODE);
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(4), 70);
	assert_int_equal(holder_of(2), NOBODY);
	assert_int_equal(holder_of(3), NOBODY);
}

static void a_device_is_told_by_fdinfo(void **unused)
{
	(void)unused;
	make_process(70, "vmm");
	open_file(70, 9, "anon_inode:[vfio-device]");
	make_file(at("proc/70/fdinfo/9"),
	          "pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1\n"
	          "vfio-device-syspath: /sys/devices/pci0000:00/0000:00:02.1\n");
	make_process(71, "other");
	open_file(71, 9, "anon_inode:[vfio-device]");
	make_file(at("proc/71/fdinfo/9"),
	          "x vfio-device-syspath: /sys/devices/pci0000:00/0000:00:04.0\n");
	make_process(72, "another");
	open_file(72, 9, "anon_inode:[vfio-device]");
	make_file(at("proc/72/fdinfo/9"),
	          "vfio-device-syspath: /sys/devices/pci0000:00/0000:00:03.0");
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(2), 70);
	assert_int_equal(holder_of(3), NOBODY);
	assert_int_equal(holder_of(4), NOBODY);
}

static void the_one_with_a_machine_counts_else_the_lowest(void **unused)
{
	(void)unused;
	for (unsigned int process = 1000; process > 90; process -= 90) {
		make_process(process, "helper");
		open_file(process, 9, GROUP_2_NODE);
		open_file(process, 10, GROUP_4_NODE);
	}
	make_process(505, "vmm");
	open_file(505, 9, GROUP_2_NODE);
	open_file(505, 10, "anon_inode:kvm-vm");
	make_process(800, "vmm too");
	open_file(800, 9, GROUP_2_NODE);
	open_file(800, 10, "anon_inode:kvm-vm");
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(2), 505);
	assert_int_equal(holder_of(4), 100);
	assert_process(505, "vmm", NULL);
	assert_process(100, "helper", NULL);
	assert_no_process(800);
	assert_no_process(190);
}

static void one_process_can_hold_two_groups(void **unused)
{
	(void)unused;
	make_process(70, "vmm");
	open_file(70, 9, GROUP_4_NODE);
	open_file(70, 10, GROUP_2_NODE);
	read_tree();
	assert_int_equal(holder_of(2), 70);
	assert_int_equal(holder_of(4), 70);
	assert_process(70, "vmm", NULL);
}

static void processes_vanish_at_any_time(void **unused)
{
	(void)unused;
	at("proc/70/");
	at("proc/71/fd/");
	make_file(at("proc/72"), "no directory\n");
	make_link(at("proc/73"), "nowhere");
	/* Ended while its descriptors were looked at: nothing says who that was. */
	make_process(74, "");
	open_file(74, 9, GROUP_2_NODE);
	make_process(75, "gone");
	open_file(75, 9, GROUP_2_NODE);
	unlink(at("proc/75/comm"));
	make_file(at("proc/76/fd/9"), "not a link\n");
	make_process(77, "no fdinfo");
	open_file(77, 9, "anon_inode:[vfio-device]");
	make_process(99, "stays");
	open_file(99, 9, GROUP_2_NODE);
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(2), 99);
	assert_process(99, "stays", NULL);
}

static void odd_entries_are_passed_over(void **unused)
{
	static const char *const names[] = {"4294967297", "99999999999999999999", "7x", "-7",
	                                    "sys"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		make_file(at("proc/%s/comm", names[i]), "odd\n");
		make_link(at("proc/%s/fd/9", (at("proc/%s/fd/", names[i]), names[i])),
		          GROUP_2_NODE);
	}
	make_file(at("sys/class/vfio/4/dev"), "1:5:6\n");
	make_process(70, "vmm");
	open_file(70, 9, GROUP_4_NODE);
	read_tree();
	assert_ok();
	assert_int_equal(holder_of(2), NOBODY);
	assert_int_equal(holder_of(4), NOBODY);
	make_file(at("sys/class/vfio/4/dev"), "4294967297:5\n");
	read_tree();
	assert_int_equal(holder_of(4), NOBODY);
	make_file(at("sys/class/vfio/4/dev"), "1:5");
	read_tree();
	assert_int_equal(holder_of(4), 70);
}

/* A terminal of our own is a node that nobody else has open; processes come and go meanwhile. */
static void the_real_proc_is_read_too(void **unused)
{
	struct stat status;
	char text[64];
	int master, slave;

	(void)unused;
	if (!owners_see_all("/proc"))
		skip();
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0 && fstat(slave, &status) == 0);
	snprintf(text, sizeof(text), "%u:%u\n", major(status.st_rdev), minor(status.st_rdev));
	make_file(at("sys/class/vfio/4/dev"), text);
	for (int i = 0; i < 20; i++) {
		pid_t child = fork();

		if (child == 0) {
			close(slave);
			_exit(0);
		}
		read_procfs("/proc");
		waitpid(child, NULL, 0);
		assert_true(holder_of(4) == (uint64_t)getpid() || holder_of(4) == (uint64_t)child);
	}
	close(slave);
	read_procfs("/proc");
	assert_int_equal(holder_of(4), NOBODY);
	close(master);
}

/* ---- where it cannot be known ---- */

static void without_a_vfio_driver_nobody_looks(void **unused)
{
	const struct owners owners = {.procfs = "/none", .sysfs = "/none"};

	(void)unused;
	topology_add(&topology, SUBJECT_GROUP, NULL, 3);
	add_device("0000:00:03.0", 3, "e1000e");
	add_device("0000:00:05.0", VALUE_UNKNOWN, "vfio-pci");
	topology_sort(&topology);
	state = owners_read(&owners, &topology, reason, sizeof(reason));
	assert_ok();
	assert_int_equal(topology.count, 3);
}

static void without_a_procfs_nothing_is_known(void **unused)
{
	(void)unused;
	read_procfs(at("none"));
	assert_int_equal(state, HEALTH_OFF);
	assert_non_null(strstr(reason, "cannot read /"));
}

static void in_another_namespace_nothing_is_known(void **unused)
{
	(void)unused;
	make_process(70, "wrong");
	open_file(70, 9, GROUP_2_NODE);
	make_link(at("proc/self/ns/pid"), "pid:[4026532200]");
	read_tree();
	assert_int_equal(state, HEALTH_OFF);
	assert_non_null(strstr(reason, "run it in the host's pid namespace"));
	assert_int_equal(holder_of(2), NOBODY);
	assert_no_process(70);
}

static void a_namespace_is_told_by_any_process_of_it(void **unused)
{
	(void)unused;
	assert_true(owners_see_all(at("proc")));
	make_link(at("proc/self/ns/pid"), "pid:[4026532200]");
	assert_false(owners_see_all(at("proc")));
	/* The host's procfs, seen from a container. */
	make_link(at("proc/1/ns/pid"), "pid:[4026531836]");
	assert_true(owners_see_all(at("proc")));
	make_link(at("proc/1/ns/pid"), "pid:[4026532200]");
	assert_false(owners_see_all(at("proc")));
	make_link(at("proc/self/ns/pid"), "pid:[40265318360000000000000000000000000000000000000000"
	                                  "00000000000000000000000000000]");
	assert_false(owners_see_all(at("proc")));
	/* A kernel without namespaces; a procfs in which we are not. */
	unlink(at("proc/self/ns/pid"));
	assert_true(owners_see_all(at("proc")));
	remove_tree(at("proc/self"));
	assert_false(owners_see_all(at("proc")));
	assert_false(owners_see_all(at("none")));
}

static void hidden_processes_are_missed(void **unused)
{
	(void)unused;
	remove_tree(at("proc/1"));
	make_process(70, "vmm");
	open_file(70, 9, GROUP_2_NODE);
	read_tree();
	assert_int_equal(state, HEALTH_PARTIAL);
	assert_non_null(strstr(reason, "run it with sudo"));
	assert_int_equal(holder_of(2), 70);
	/* Nothing is missing once every group has a holder. */
	open_file(70, 10, GROUP_4_NODE);
	read_tree();
	assert_ok();
}

static void closed_processes_are_missed(void **unused)
{
	uid_t user = geteuid();

	(void)unused;
	make_process(70, "closed");
	make_process(71, "open");
	open_file(71, 9, GROUP_2_NODE);
	assert_int_equal(chmod(at("proc/70/fd"), 0), 0);
	if (user == 0 && seteuid(65534) != 0)
		skip();
	read_tree();
	assert_int_equal(seteuid(user), 0);
	assert_int_equal(chmod(at("proc/70/fd"), 0755), 0);
	assert_int_equal(state, HEALTH_PARTIAL);
	assert_non_null(strstr(reason, "run it with sudo"));
	assert_int_equal(holder_of(2), 71);
	assert_int_equal(holder_of(4), NOBODY);
}

/* ---- its memory ---- */

static void set_memory(const char *status, const char *limit)
{
	char limits[512];

	snprintf(limits, sizeof(limits),
	         "Limit                     Soft Limit           Hard Limit           Units     \n"
	         "Max core file size        0                    unlimited            bytes     \n"
	         "Max locked memory         %-20s unlimited            bytes     \n",
	         limit);
	make_file(at("proc/70/status"), status);
	make_file(at("proc/70/limits"), limits);
	read_tree();
}

static void assert_memory(uint64_t locked_kib, uint64_t limit_kib)
{
	const struct topology_item *item = topology_find(&topology, SUBJECT_PROCESS, NULL, 70);

	assert_non_null(item);
	assert_int_equal(item->facts[ATTR_PROCESS_LOCKED].number, locked_kib);
	assert_int_equal(item->facts[ATTR_PROCESS_MEMLOCK].number, limit_kib);
}

#define NO_LIMIT 0xfffffffe

static void locked_memory_is_read_with_its_limit(void **unused)
{
	(void)unused;
	make_process(70, "vmm");
	open_file(70, 9, GROUP_2_NODE);
	read_tree();
	assert_memory(VALUE_UNKNOWN, VALUE_UNKNOWN);
	set_memory("Name:\tvmm\nVmLck:\t  262144 kB\nVmPin:\t       0 kB\n", "8388608");
	assert_memory(262144, 8192);
	/* iommufd counts the other one. */
	set_memory("Name:\tvmm\nVmLck:\t    64 kB\nVmPin:\t  262144 kB\n", "unlimited");
	assert_memory(262144, NO_LIMIT);
	set_memory("Name:\tVmLck: 7 kB\nVmPin:\tx kB\n", "18446744073709551615");
	assert_memory(VALUE_UNKNOWN, NO_LIMIT);
	set_memory("Name:\tvmm\nVmLck:\t 1", "many");
	assert_memory(1, VALUE_UNKNOWN);
}

/* Bit 14, CAP_IPC_LOCK, but only where it is the machine's. */
static void who_may_lock_all_has_no_limit(void **unused)
{
	static const char may[] = "Name:\tvmm\nCapEff:\t0000000000004000\nVmLck:\t 4 kB\n";
	static const char may_not[] = "Name:\tvmm\nCapEff:\tffffffffffffbfff\nVmLck:\t 4 kB\n";

	(void)unused;
	make_process(70, "vmm");
	open_file(70, 9, GROUP_2_NODE);
	set_memory(may, "65536");
	assert_memory(4, 64);
	make_link(at("proc/70/ns/user"), "user:[4026532000]");
	set_memory(may, "65536");
	assert_memory(4, 64);
	make_link(at("proc/70/ns/user"), "user:[4026531837]");
	set_memory(may, "65536");
	assert_memory(4, NO_LIMIT);
	set_memory(may_not, "65536");
	assert_memory(4, 64);
}

/* ---- names of machines: vm_name ---- */

static void a_huge_command_line_is_read_as_far_as_it_goes(void **unused)
{
	size_t size = 3 << 20;
	char *bytes = xmalloc(size);

	(void)unused;
	memset(bytes, 'x', size);
	memcpy(bytes, "qemu\0-name\0vm1", 15);
	make_process(70, "qemu");
	make_bytes(at("proc/70/cmdline"), bytes, size);
	open_file(70, 9, GROUP_2_NODE);
	memcpy(bytes, "qemu\0-name\0vm1x", 15);
	make_process(71, "qemu");
	make_bytes(at("proc/71/cmdline"), bytes, size);
	open_file(71, 9, GROUP_4_NODE);
	free(bytes);
	read_tree();
	assert_process(70, "qemu", "vm1");
	assert_process(71, "qemu", NULL);
}

#define TREE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(a_holder_is_found_by_the_nodes_number),
		TREE_TEST(a_nodes_name_means_nothing),
		TREE_TEST(what_is_no_node_holds_nothing),
		TREE_TEST(groups_without_an_iommu_have_another_name),
		TREE_TEST(a_devices_own_node_is_its_groups),
		TREE_TEST(a_device_is_told_by_fdinfo),
		TREE_TEST(the_one_with_a_machine_counts_else_the_lowest),
		TREE_TEST(one_process_can_hold_two_groups),
		TREE_TEST(processes_vanish_at_any_time),
		TREE_TEST(odd_entries_are_passed_over),
		TREE_TEST(the_real_proc_is_read_too),
		TREE_TEST(without_a_vfio_driver_nobody_looks),
		TREE_TEST(without_a_procfs_nothing_is_known),
		TREE_TEST(in_another_namespace_nothing_is_known),
		TREE_TEST(a_namespace_is_told_by_any_process_of_it),
		TREE_TEST(hidden_processes_are_missed),
		TREE_TEST(closed_processes_are_missed),
		TREE_TEST(locked_memory_is_read_with_its_limit),
		TREE_TEST(who_may_lock_all_has_no_limit),
		TREE_TEST(a_huge_command_line_is_read_as_far_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
