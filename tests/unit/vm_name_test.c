// SPDX-License-Identifier: GPL-2.0-or-later
/* vm_name: names of machines from command lines and control groups, whole, cut and odd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/vm_name.h"
#include "util.h"

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
	{"cloud-hypervisor|--api-socket|/run/vm1.sock|--cpus|boot=4|", "", "vm1"},
	{"/usr/bin/cloud-hypervisor|--api-socket|path=/run/vms/vm.2.socket,x=y|", "", "vm.2"},
	{"cloud-hypervisor|--api-socket=path=vm3.sock|", "", "vm3"},
	{"cloud-hypervisor|--api-socket|/run/vc/vm/4711/clh-api.sock|", "", "4711"},
	{"cloud-hypervisor|--api-socket|api.sock|", "", "api"},
	{"cloud-hypervisor|--api-socket|fd=3|", "", NULL},
	{"cloud-hypervisor|--api-socket|fd=3|", "0::/machine-ch\\x2d1\\x2dvm4.scope", "vm4"},
	{"cloud-hypervisor|--api-socket|/|", "", NULL},
	{"cloud-hypervisor|--api-socket|.sock|", "", ".sock"},
	{"cloud-hypervisor|--api-socket|", "", NULL},
	{"cloud-hypervisor|--api-sockets|/a.sock|", "", NULL},
	{"cloud-hypervisor-x|--api-socket|/a.sock|", "", NULL},
	{"/opt/crosvm|run|--socket|/run/vm1.sock|-m|512|", "", "vm1"},
	{"crosvm|run|-s|/run/vm1/crosvm.sock|", "", "vm1"},
	{"crosvm|run|--socket=/run/x.sock|--name|web|", "", "web"},
	{"firecracker|--id|vm1|--api-sock|/run/fc.sock|", "", "vm1"},
	{"/firecracker|--id=551e7604|--start-time-us=1|", "", "551e7604"},
	{"firecracker|--api-sock|/run/fc.sock|", "", NULL},
	{"dpdk-testpmd|-a|0000:02:00.0|--id|1|", "", NULL},
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
	found = vm_name_read(bytes, size, cgroup, name, name_size);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_have_names),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(no_bytes_do_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
