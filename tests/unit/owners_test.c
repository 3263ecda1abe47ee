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
#include "util.h"

/* Their numbers: Documentation/admin-guide/devices.txt. */
#define GROUP_2_NODE "/dev/null"
#define GROUP_2_DEV  "1:3\n"
#define GROUP_4_NODE "/dev/zero"
#define GROUP_4_DEV  "1:5\n"

#define NOBODY UINT64_MAX

static char root[64];

/* What was read last. */
static struct topology topology;
static enum health_state state;
static char reason[240];

static const char *at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A path in the tree; the last of four stays valid. Makes the directories that lead there. */
static const char *at(const char *format, ...)
{
	static char paths[4][512];
	static unsigned int turn;
	char *path = paths[turn++ % ARRAY_SIZE(paths)];
	int length = snprintf(path, sizeof(paths[0]), "%s/", root);
	va_list args;

	va_start(args, format);
	vsnprintf(path + length, sizeof(paths[0]) - (size_t)length, format, args);
	va_end(args);
	for (char *slash = strchr(path + length, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	return path;
}

static void make_bytes(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void make_file(const char *path, const char *text)
{
	make_bytes(path, text, strlen(text));
}

static void make_link(const char *path, const char *target)
{
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
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
	snprintf(root, sizeof(root), "/tmp/iommutop-owners-XXXXXX");
	if (!mkdtemp(root) || chmod(root, 0755) != 0)
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
	remove_tree(root);
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

/* ---- names of machines ---- */

/* cmdline has '|' for the NUL behind each argument; vm NULL: none. */
static const struct {
	const char *cmdline, *cgroup, *vm;
} names[] = {
	{"qemu-system-x86_64|-name|vm1|", "", "vm1"},
	{"/usr/bin/qemu-system-x86_64|-m|256|-name|guest=vm1|", "", "vm1"},
	{"/usr/bin/kvm|-id|100|-name|web,debug-threads=on|-no-shutdown|", "", "web"},
	{"/usr/libexec/qemu-kvm|--name|guest=a b,debug-threads=on|", "", "a b"},
	{"qemu|-name|debug-threads=on,guest=vm1|", "", "vm1"},
	{"qemu|-name|vm,,1,debug-threads=on|", "", "vm,1"},
	{"qemu|-name|guest=,,a,,,,b,,|", "", ",a,,b,"},
	{"qemu|-name|guest=a=b,process=c|", "", "a=b"},
	{"qemu|-name|process=a,,guest=b|", "", NULL},
	{"qemu|-name|vm1,vm2|", "", "vm1"},
	{"qemu|-name|one|-name|guest=two|", "", "two"},
	{"qemu|-name|one|-name|debug-threads=on|", "", "one"},
	{"qemu|-name|,|", "", NULL},
	{"qemu|-name|,,|", "", ","},
	{"qemu|-name||", "", NULL},
	{"qemu|-name|debug-threads=on|", "", NULL},
	{"qemu|-name|guest|", "", "guest"},
	{"qemu|-name|guests=a|", "", NULL},
	{"qemu|-name|", "", NULL},
	{"qemu|-name|cut off", "", NULL},
	{"qemu|-name=vm1|", "", NULL},
	{"qemu|||-name|vm1|", "", "vm1"},
	{"qemu|-name|\033[31m\xff\n|", "", "\033[31m\xff\n"},
	/* Not called like a QEMU: -name may be anything. */
	{"/opt/dpdk-app|-name|vm1|", "", NULL},
	{"/opt/qemu/dpdk-app|-name|vm1|", "", NULL},
	{"qemu", "", NULL},
	{"", "", NULL},
	{"", "0::/machine.slice/machine-qemu\\x2d3\\x2dvm1.scope\n", "vm1"},
	{"", "0::/machine.slice/machine-qemu\\x2d3\\x2dvm1.scope/libvirt/emulator\n", "vm1"},
	{"", "12:cpu:/x\n1:name=systemd:/machine-qemu\\x2D12\\x2dmy\\x2dvm\\xc3\\xa4.scope\n",
         "my-vm\xc3\xa4"},
	{"qemu|-name|guest=x|", "0::/machine-qemu\\x2d3\\x2dvm1.scope", "x"},
	{"", "0::/machine-qemu-3-vm1.scope", "vm1"},
	{"", "0::/machine-qemu\\x2d3\\x2d.scope", NULL},
	{"", "0::/machine-qemu\\x2dx\\x2dvm1.scope", NULL},
	{"", "0::/machine-qemu\\x2d3\\x00vm1.scope", NULL},
	{"", "0::/machine-qemu\\x2d3\\x2dvm\\x0.scope", NULL},
	{"", "0::/machine-qemu\\x2d3\\x2dvm\\x4.scope", NULL},
	{"", "0::/machine-qemu\\x2d3\\x2dvm\\.scope", NULL},
	{"", "0::/machine-lxc\\x2d3\\x2dbox.scope", NULL},
	{"", "0::/machine-qemu\\x2d3\\x2dvm1.slice", NULL},
	{"", "0::/machine-.scope/machine-/.scope/user.slice\n", NULL},
	{"", "0::/machine-.scope\\", NULL},
};

/* The bytes are in memory of just their size: a read beyond is noticed by the sanitizer. */
static bool name_of(const char *cmdline, size_t size, const char *cgroup, char *name,
                    size_t name_size)
{
	char *bytes = xmalloc(size ? size : 1);
	bool found;

	memcpy(bytes, cmdline, size);
	found = owners_vm_name(bytes, size, cgroup, name, name_size);
	free(bytes);
	return found;
}

static void machines_have_names(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char bytes[256], name[32];
		size_t size = strlen(names[i].cmdline);

		for (size_t j = 0; j < size; j++)
			bytes[j] = names[i].cmdline[j] == '|' ? '\0' : names[i].cmdline[j];
		if (name_of(bytes, size, names[i].cgroup, name, sizeof(name)) != !!names[i].vm)
			fail_msg("row %zu: %s", i, names[i].vm ? "no name" : name);
		if (names[i].vm)
			assert_string_equal(name, names[i].vm);
	}
}

static void long_names_are_cut(void **unused)
{
	static const char cmdline[] = "qemu\0-name\0guest=0123456789,process=x";
	const char *cgroup = "0::/machine-qemu\\x2d3\\x2d0123456789.scope";
	char name[5];

	(void)unused;
	assert_true(name_of(cmdline, sizeof(cmdline), "", name, sizeof(name)));
	assert_string_equal(name, "0123");
	assert_true(name_of("", 0, cgroup, name, sizeof(name)));
	assert_string_equal(name, "0123");
}

/* Every piece of a command line and of a scope, and every byte of both turned into others. */
static void no_bytes_do_harm(void **unused)
{
	static const char cmdline[] = "qemu\0-name\0guest=v,,m,process=x\0";
	static const char others[] = {'\0', ',', '=', '\\', 'x', '-', '/', '\xff'};
	const char *cgroup = "0::/machine-qemu\\x2d3\\x2dvm.scope\n";
	char name[8], bytes[sizeof(cmdline)], text[64];

	(void)unused;
	for (size_t i = 0; i < sizeof(cmdline); i++) {
		name_of(cmdline, i, "", name, sizeof(name));
		for (size_t j = 0; j < sizeof(others); j++) {
			memcpy(bytes, cmdline, sizeof(cmdline));
			bytes[i] = others[j];
			if (name_of(bytes, sizeof(bytes), "", name, sizeof(name)))
				assert_in_range(strnlen(name, sizeof(name)), 1, 7);
		}
	}
	for (size_t i = 0; i < strlen(cgroup); i++) {
		for (size_t j = 0; j < sizeof(others); j++) {
			strcpy(text, cgroup);
			text[i] = others[j];
			if (name_of("", 0, text, name, sizeof(name)))
				assert_in_range(strnlen(name, sizeof(name)), 1, 7);
		}
	}
}

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
		cmocka_unit_test(machines_have_names),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(no_bytes_do_harm),
		TREE_TEST(a_huge_command_line_is_read_as_far_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
