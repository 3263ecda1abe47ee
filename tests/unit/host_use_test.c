// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_use: what a host needs of its devices, in made-up trees of /proc and /sys: disks below
 * everything that can be between them and a file system, networks, displays, keyboards. places is
 * tested here as well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/host_use.h"
#include "tree.h"

#define NVME  "0000:01:00.0"
#define SATA  "0000:00:17.0"
#define NIC   "0000:02:00.0"
#define NIC_2 "0000:02:00.1"
#define GPU   "0000:03:00.0"
#define USB   "0000:00:14.0"
#define USB_2 "0000:04:00.0"
#define PORT  "0000:00:1c.0"

#define KEYS "10000 0 3802078f840d001 feffffdfffefffff fffffffffffffffe\n"

static struct topology topology;
static char mount_table[4096];

/* ---- the machine ---- */

static void add_device(const char *name, uint64_t class)
{
	struct topology_item *item = topology_add(&topology, SUBJECT_DEVICE, name, 0);

	topology_set_text(item, ATTR_DEVICE_BUS, "pci");
	topology_set_number(item, ATTR_DEVICE_CLASS, class);
	topology_sort(&topology);
}

/* The directory of a device, or of what is below it. */
static const char *const directories[][2] = {
	{NVME, "devices/pci0000:00/" PORT "/" NVME},
	{SATA, "devices/pci0000:00/" SATA},
	{NIC, "devices/pci0000:00/" PORT "/" NIC},
	{NIC_2, "devices/pci0000:00/" PORT "/" NIC_2},
	{GPU, "devices/pci0000:00/" PORT "/" GPU},
	{USB, "devices/pci0000:00/" USB},
	{USB_2, "devices/pci0000:00/" PORT "/" USB_2},
};

static const char *directory_of(const char *device)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (!strcmp(directories[i][0], device))
			return directories[i][1];
	fail_msg("no device %s", device);
	return "";
}

/* A link in a directory two below the root of sysfs. */
static void link_to(const char *link, const char *path)
{
	char target[512];

	snprintf(target, sizeof(target), "../../%s", path);
	make_link(at("sys/%s", link), target);
}

/* path is where sysfs has it; number "8:1". */
static void add_block(const char *path, const char *number)
{
	char link[256];

	at("sys/%s/", path);
	snprintf(link, sizeof(link), "dev/block/%s", number);
	link_to(link, path);
	snprintf(link, sizeof(link), "class/block/%s", strrchr(path, '/') + 1);
	link_to(link, path);
}

static void add_disk(const char *device, const char *name, const char *number)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/block/%s", directory_of(device), name);
	add_block(path, number);
}

static void add_partition(const char *device, const char *disk, const char *name,
                          const char *number)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/block/%s/%s", directory_of(device), disk, name);
	add_block(path, number);
	make_file(at("sys/%s/partition", path), "1\n");
}

static void add_virtual(const char *name, const char *number)
{
	char path[256];

	snprintf(path, sizeof(path), "devices/virtual/block/%s", name);
	add_block(path, number);
}

/* A virtual device stands on this one, which is anywhere. */
static void add_slave(const char *name, const char *slave)
{
	char target[512], path[256];
	ssize_t length = readlink(at("sys/class/block/%s", slave), path, sizeof(path) - 1);

	assert_true(length > 6);
	path[length] = '\0';
	snprintf(target, sizeof(target), "../../../../../%s", path + 6);
	make_link(at("sys/devices/virtual/block/%s/slaves/%s", name, slave), target);
}

static void add_interface(const char *path)
{
	char link[256];

	at("sys/%s/", path);
	snprintf(link, sizeof(link), "class/net/%s", strrchr(path, '/') + 1);
	link_to(link, path);
}

static void add_card(const char *device, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/net/%s", directory_of(device), name);
	add_interface(path);
}

static void set_lower(const char *name, const char *lower, const char *path)
{
	char target[512];

	snprintf(target, sizeof(target), "../../../../%s", path);
	make_link(at("sys/devices/virtual/net/%s/lower_%s", name, lower), target);
}

static void add_input(const char *path, const char *keys)
{
	char link[256];

	make_file(at("sys/%s/capabilities/key", path), keys);
	snprintf(link, sizeof(link), "class/input/%s", strrchr(path, '/') + 1);
	link_to(link, path);
}

static void add_mount(const char *number, const char *point, const char *rest)
{
	append_text(mount_table, sizeof(mount_table), "30 1 %s / %s rw shared:1 - %s\n", number,
	            point, rest);
}

static void read_use(void)
{
	struct host_use use = {.procfs = at("proc"), .sysfs = at("sys")};

	make_file(at("proc/1/mountinfo"), mount_table);
	use.procfs = at("proc");
	use.sysfs = at("sys");
	host_use_read(&use, &topology);
}

static const char *use_of(const char *device)
{
	const struct topology_item *item = topology_find(&topology, SUBJECT_DEVICE, device, 0);

	assert_non_null(item);
	return item->facts[ATTR_DEVICE_HOST_USE].text;
}

static void assert_use(const char *device, const char *expected)
{
	const char *use = use_of(device);

	if (!use)
		fail_msg("%s: nothing known in place of \"%s\"", device, expected);
	assert_string_equal(use, expected);
}

static int set_up(void **unused)
{
	(void)unused;
	if (make_tree())
		return -1;
	mount_table[0] = '\0';
	make_link(at("proc/self/ns/pid"), "pid:[4026531836]");
	make_file(at("proc/1/mountinfo"), "");
	at("sys/class/block/");
	at("sys/class/net/");
	add_device(NVME, 0x010802);
	add_device(SATA, 0x010601);
	add_device(NIC, 0x020000);
	add_device(NIC_2, 0x020000);
	add_device(GPU, 0x030000);
	add_device(USB, 0x0c0330);
	add_device(USB_2, 0x0c0330);
	add_device(PORT, 0x060400);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	topology_release(&topology);
	remove_tree(tree_root);
	return 0;
}

/* ---- file systems ---- */

static void a_disk_of_partitions(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_partition(NVME, "nvme0n1", "nvme0n1p1", "259:1");
	add_partition(NVME, "nvme0n1", "nvme0n1p2", "259:2");
	add_partition(NVME, "nvme0n1", "nvme0n1p3", "259:3");
	add_disk(SATA, "sda", "8:0");
	add_mount("0:21", "/proc", "proc proc rw");
	add_mount("259:2", "/", "ext4 /dev/nvme0n1p2 rw");
	add_mount("8:0", "/srv", "xfs /dev/sda rw");
	add_mount("259:1", "/boot/efi", "vfat /dev/nvme0n1p1 rw");
	make_file(at("proc/swaps"), "Filename\tType\tSize\tUsed\tPriority\n"
	                            "/dev/nvme0n1p3   partition\t1000\t0\t-2\n");
	read_use();
	assert_use(NVME, "file system /,file system /boot/efi,swap");
	assert_use(SATA, "file system /srv");
	assert_use(NIC, "none");
	assert_use(PORT, "none");
}

/* LVM on MD on partitions of two disks of two controllers; the other one stands on one alone. */
static void lvm_on_md(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_partition(NVME, "nvme0n1", "nvme0n1p1", "259:1");
	add_disk(SATA, "sda", "8:0");
	add_partition(SATA, "sda", "sda1", "8:1");
	add_disk(SATA, "sdb", "8:16");
	add_virtual("md0", "9:0");
	add_slave("md0", "nvme0n1p1");
	add_slave("md0", "sda1");
	add_virtual("dm-0", "253:0");
	add_slave("dm-0", "md0");
	make_file(at("sys/devices/virtual/block/dm-0/dm/name"), "vg-root\n");
	add_virtual("md1", "9:1");
	add_slave("md1", "sda1");
	add_slave("md1", "sdb");
	add_mount("253:0", "/", "ext4 /dev/mapper/vg-root rw");
	add_mount("9:1", "/home", "ext4 /dev/md1 rw");
	make_file(at("proc/swaps"), "/dev/dm-0 partition 1 0 -2\n");
	read_use();
	assert_use(NVME, "part of file system /,part of swap");
	assert_use(SATA, "part of file system /,file system /home,part of swap");
}

static void a_loop_and_a_swap_file_are_where_their_files_are(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_disk(SATA, "sda", "8:0");
	add_virtual("loop0", "7:0");
	make_file(at("sys/devices/virtual/block/loop0/loop/backing_file"), "/live/root.squashfs\n");
	add_virtual("loop1", "7:1");
	make_file(at("sys/devices/virtual/block/loop1/loop/backing_file"), "/live/other\n");
	add_mount("7:0", "/", "squashfs /dev/loop0 ro");
	add_mount("259:0", "/live", "ext4 /dev/nvme0n1 ro");
	add_mount("7:1", "/snap/x", "squashfs /dev/loop1 ro");
	add_mount("8:0", "/data", "ext4 /dev/sda rw");
	make_file(at("proc/swaps"), "/data/a\\040swap\\040file file 1 0 -2\n");
	read_use();
	assert_use(NVME, "file system /,file system /live");
	assert_use(SATA, "swap,file system /data");
}

static void an_overlay_is_where_its_layers_are(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_disk(SATA, "sda", "8:0");
	add_mount("0:30", "/",
	          "overlay overlay rw,lowerdir=/low/a:/low/b,upperdir=/up/c,workdir=/up/d");
	add_mount("8:0", "/low", "ext4 /dev/sda ro");
	add_mount("259:0", "/up", "ext4 /dev/nvme0n1 rw");
	add_mount("0:31", "/run/container", "overlay overlay rw,lowerdir=/low/x,upperdir=/low/y");
	read_use();
	assert_use(NVME, "part of file system /,file system /up");
	assert_use(SATA, "part of file system /,file system /low");
}

static void btrfs_has_no_number_of_a_device(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_disk(SATA, "sda", "8:0");
	add_disk(SATA, "sdb", "8:16");
	make_link(at("sys/fs/btrfs/1-2-3/devices/nvme0n1"),
	          "../../../../devices/pci0000:00/" PORT "/" NVME "/block/nvme0n1");
	make_link(at("sys/fs/btrfs/1-2-3/devices/sda"),
	          "../../../../devices/pci0000:00/" SATA "/block/sda");
	make_link(at("sys/fs/btrfs/4-5-6/devices/sdb"),
	          "../../../../devices/pci0000:00/" SATA "/block/sdb");
	at("sys/fs/btrfs/features/");
	add_mount("0:25", "/", "btrfs /dev/sda rw,subvol=/@");
	add_mount("0:25", "/home", "btrfs /dev/sda rw,subvol=/@home");
	add_mount("0:25", "/snapshots", "btrfs /dev/sda rw,subvol=/@s");
	add_mount("0:26", "/backup", "btrfs /dev/sdb rw");
	read_use();
	assert_use(SATA, "part of file system /,part of file system /home,file system /backup");
	assert_use(NVME, "part of file system /,part of file system /home");
}

static void names_of_volumes(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_disk(SATA, "sda", "8:0");
	add_disk(SATA, "cciss!c0d0", "104:0");
	add_virtual("dm-0", "253:0");
	add_slave("dm-0", "nvme0n1");
	make_file(at("sys/devices/virtual/block/dm-0/dm/name"), "a--vg-my--root\n");
	add_mount("0:25", "/", "btrfs /dev/a-vg/my-root rw");
	add_mount("0:26", "/srv", "btrfs /dev/cciss/c0d0 rw");
	add_mount("0:27", "/var", "bcachefs /dev/sda:/dev/mapper/a--vg-my--root rw");
	read_use();
	assert_use(NVME, "file system /,part of file system /var");
	assert_use(SATA, "part of file system /var,file system /srv");
}

static void a_multipath_disk_is_of_its_controllers(void **unused)
{
	(void)unused;
	add_block("devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "259:0");
	add_block("devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nvme0n1p1", "259:1");
	make_file(at("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nvme0n1p1/partition"),
	          "1\n");
	make_link(at("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0"),
	          "../../../pci0000:00/" PORT "/" NVME "/nvme/nvme0");
	at("sys/devices/pci0000:00/" PORT "/" NVME "/nvme/nvme0/");
	at("sys/devices/pci0000:00/" SATA "/nvme/nvme1/");
	add_mount("259:1", "/", "ext4 /dev/nvme0n1p1 rw");
	read_use();
	assert_use(NVME, "file system /");
	make_link(at("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme1"),
	          "../../../pci0000:00/" SATA "/nvme/nvme1");
	read_use();
	assert_use(NVME, "part of file system /");
	assert_use(SATA, "part of file system /");
}

/* A VMD has the ports of its disks below itself: it goes with all of them. */
static void a_disk_below_two_devices(void **unused)
{
	(void)unused;
	add_device("0000:00:0e.0", 0x010400);
	add_device("10000:e0:06.0", 0x060400);
	add_device("10000:e1:00.0", 0x010802);
	add_device("10000:e2:00.0", 0x010802);
	add_block("devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/"
	          "nvme0/nvme0n1",
	          "259:0");
	add_block("devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e2:00.0/nvme/"
	          "nvme1/nvme1n1",
	          "259:1");
	add_virtual("md0", "9:0");
	add_slave("md0", "nvme0n1");
	add_slave("md0", "nvme1n1");
	add_mount("9:0", "/", "ext4 /dev/md0 rw");
	read_use();
	assert_use("10000:e1:00.0", "part of file system /");
	assert_use("10000:e2:00.0", "part of file system /");
	assert_use("0000:00:0e.0", "file system /");
	assert_use("10000:e0:06.0", "none");
}

/* On arm64 the host bridge is a platform device, and may be in a group. */
static void a_host_bridge_is_no_device_to_give_away(void **unused)
{
	struct topology_item *item = topology_add(&topology, SUBJECT_DEVICE, "40000000.pcie", 0);

	(void)unused;
	topology_set_text(item, ATTR_DEVICE_BUS, "platform");
	item = topology_add(&topology, SUBJECT_DEVICE, "1d84000.ufs", 0);
	topology_set_text(item, ATTR_DEVICE_BUS, "platform");
	topology_sort(&topology);
	add_block("devices/platform/40000000.pcie/pci0000:00/" NVME "/nvme/nvme0/nvme0n1", "259:0");
	add_block("devices/platform/soc/1d84000.ufs/host0/block/sda", "8:0");
	add_mount("259:0", "/", "ext4 /dev/nvme0n1 rw");
	add_mount("8:0", "/home", "ext4 /dev/sda rw");
	read_use();
	assert_use(NVME, "file system /");
	assert_use("40000000.pcie", "none");
	assert_use("1d84000.ufs", "file system /home");
}

static void a_share_of_a_hypervisor_has_a_device(void **unused)
{
	(void)unused;
	make_file(at("sys/%s/virtio0/mount_tag", directory_of(NIC)), "host");
	make_file(at("sys/%s/virtio1/mount_tag", directory_of(SATA)), "other");
	make_link(at("sys/bus/virtio/drivers/9pnet_virtio/virtio0"),
	          "../../../../devices/pci0000:00/" PORT "/" NIC "/virtio0");
	make_link(at("sys/bus/virtio/drivers/9pnet_virtio/virtio1"),
	          "../../../../devices/pci0000:00/" SATA "/virtio1");
	add_mount("0:40", "/", "9p host rw,trans=virtio");
	add_mount("0:41", "/net", "9p 10.0.0.1 rw,trans=tcp");
	read_use();
	assert_use(NIC, "file system /");
	assert_use(SATA, "none");
}

static void hidden_mounts_and_more_mounts_of_one(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_disk(SATA, "sda", "8:0");
	add_mount("8:0", "/", "ext4 /dev/sda rw");
	add_mount("259:0", "/", "ext4 /dev/nvme0n1 rw");
	add_mount("259:0", "/mnt/again", "ext4 /dev/nvme0n1 rw");
	add_mount("8:0", "/old", "ext4 /dev/sda rw");
	read_use();
	assert_use(NVME, "file system /");
	/* What is hidden is in use all the same, and has another name. */
	assert_use(SATA, "file system /old");
}

static void names_are_kept_apart(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_disk(SATA, "sda", "8:0");
	add_mount("259:0", "/a,b\\040c", "ext4 /dev/nvme0n1 rw");
	for (int i = 0; i < 40; i++) {
		char number[16], name[16], point[64];

		snprintf(number, sizeof(number), "8:%d", 16 + i);
		snprintf(name, sizeof(name), "sda%d", i);
		snprintf(point, sizeof(point), "/mnt/%02d", i);
		add_partition(SATA, "sda", name, number);
		add_mount(number, point, "ext4 x rw");
	}
	read_use();
	assert_use(NVME, "file system /a\\054b c");
	assert_in_range(strlen(use_of(SATA)), 200, 255);
	assert_string_equal(use_of(SATA) + strlen(use_of(SATA)) - 4, ",...");
	assert_non_null(strstr(use_of(SATA), "file system /mnt/09,"));
}

/* ---- network ---- */

static void a_card_with_the_default_route(void **unused)
{
	(void)unused;
	add_card(NIC, "eth0");
	add_card(NIC_2, "eth1");
	make_file(at("proc/1/net/route"),
	          "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\t"
	          "IRTT\n"
	          "eth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0   \n"
	          "eth1\t000A000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   \n"
	          "eth1\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0   \n"
	          "eth1\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0   \n"
	          "eth1\t00000000\n");
	make_file(
		at("proc/1/net/ipv6_route"),
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n");
	read_use();
	assert_use(NIC, "default route by eth0");
	assert_use(NIC_2, "none");
}

static void a_route_of_ipv6_alone(void **unused)
{
	(void)unused;
	add_card(NIC_2, "eth1");
	make_file(
		at("proc/net/ipv6_route"),
		"20010db8000000000000000000000000 40 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000400 00000001 00000000 00000001     eth0\n"
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth1\n");
	read_use();
	assert_use(NIC_2, "default route by eth1");
	assert_use(NIC, "none");
}

/* A VLAN on a bridge, which has a tap of a guest, on a bond of two cards. */
static void a_vlan_on_a_bridge_on_a_bond(void **unused)
{
	(void)unused;
	add_card(NIC, "eth0");
	add_card(NIC_2, "eth1");
	add_interface("devices/virtual/net/bond0");
	add_interface("devices/virtual/net/br0");
	add_interface("devices/virtual/net/tap0");
	add_interface("devices/virtual/net/br0.5");
	set_lower("br0.5", "br0", "devices/virtual/net/br0");
	set_lower("br0", "bond0", "devices/virtual/net/bond0");
	set_lower("br0", "tap0", "devices/virtual/net/tap0");
	set_lower("bond0", "eth0", "devices/pci0000:00/" PORT "/" NIC "/net/eth0");
	make_file(at("proc/1/net/route"), "br0.5\t00000000\t0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
	read_use();
	assert_use(NIC, "default route by br0.5");
	assert_use(NIC_2, "none");
	set_lower("bond0", "eth1", "devices/pci0000:00/" PORT "/" NIC_2 "/net/eth1");
	read_use();
	assert_use(NIC, "part of default route by br0.5");
	assert_use(NIC_2, "part of default route by br0.5");
}

/* ---- display and keyboard ---- */

static void the_display_that_the_firmware_used(void **unused)
{
	(void)unused;
	add_device("0000:05:00.0", 0x030000);
	make_file(at("sys/bus/pci/devices/" GPU "/boot_vga"), "1\n");
	make_file(at("sys/bus/pci/devices/0000:05:00.0/boot_vga"), "0\n");
	at("sys/%s/graphics/fb0/", directory_of(GPU));
	make_link(at("sys/class/graphics/fb0"),
	          "../../devices/pci0000:00/" PORT "/" GPU "/graphics/fb0");
	read_use();
	assert_use(GPU, "boot display");
	assert_use("0000:05:00.0", "none");
	make_file(at("sys/bus/pci/devices/" GPU "/boot_vga"), "0\n");
	read_use();
	assert_use(GPU, "framebuffer fb0");
}

static void the_only_keyboard(void **unused)
{
	(void)unused;
	add_input("devices/pci0000:00/" USB "/usb1/1-1/1-1:1.0/0003:1/input/input3", KEYS);
	add_input("devices/pci0000:00/" USB "/usb1/1-2/1-2:1.0/0003:2/input/input4", KEYS);
	add_input("devices/pci0000:00/" PORT "/" USB_2 "/usb2/2-1/2-1:1.0/0003:3/input/input5",
	          "70000 0 0 0 0\n");
	add_input("devices/platform/x/input/input6", "10000000000000 0\n");
	add_input("devices/virtual/input/input7", KEYS);
	make_link(at("sys/class/input/event3"), "../../devices/virtual/input/input7/event3");
	read_use();
	assert_use(USB, "keyboard");
	assert_use(USB_2, "none");
	/* One in another place. */
	add_input("devices/platform/i8042/serio0/input/input0", KEYS);
	read_use();
	assert_use(USB, "none");
}

static void keyboards_of_two_controllers(void **unused)
{
	(void)unused;
	add_input("devices/pci0000:00/" USB "/usb1/1-1/1-1:1.0/0003:1/input/input3", KEYS);
	add_input("devices/pci0000:00/" PORT "/" USB_2 "/usb2/2-1/2-1:1.0/0003:3/input/input5",
	          KEYS);
	read_use();
	assert_use(USB, "none");
	assert_use(USB_2, "none");
}

/* ---- what cannot be known ---- */

static void what_is_not_followed_is_not_known(void **unused)
{
	static const char *const mounts[] = {"zfs rpool/root rw", "btrfs /dev/sdx rw",
	                                     "virtiofs tag rw"};

	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		mount_table[0] = '\0';
		add_mount("0:28", "/", mounts[i]);
		add_mount("259:0", "/boot", "ext4 /dev/nvme0n1 rw");
		topology_set_text(
			(struct topology_item *)topology_find(&topology, SUBJECT_DEVICE, SATA, 0),
			ATTR_DEVICE_HOST_USE, NULL);
		read_use();
		assert_use(NVME, "file system /boot");
		assert_null(use_of(SATA));
	}
}

static void another_namespace_does_not_tell(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_mount("259:0", "/", "ext4 /dev/nvme0n1 rw");
	make_link(at("proc/self/ns/pid"), "pid:[4026532836]");
	read_use();
	assert_use(NVME, "file system /");
	assert_null(use_of(SATA));
}

static void our_own_mounts_are_better_than_none(void **unused)
{
	struct host_use use = {.procfs = at("proc"), .sysfs = at("sys")};

	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_mount("259:0", "/", "ext4 /dev/nvme0n1 rw");
	unlink(at("proc/1/mountinfo"));
	make_file(at("proc/self/mountinfo"), mount_table);
	use.procfs = at("proc");
	use.sysfs = at("sys");
	host_use_read(&use, &topology);
	assert_use(NVME, "file system /");
	assert_null(use_of(SATA));
}

static void nothing_is_known_without_the_trees(void **unused)
{
	const struct host_use no_procfs = {.procfs = "/none", .sysfs = "/sys"};
	const struct host_use no_sysfs = {.procfs = "/proc", .sysfs = "/none"};

	(void)unused;
	host_use_read(&no_procfs, &topology);
	assert_null(use_of(SATA));
	host_use_read(&no_sysfs, &topology);
	assert_null(use_of(SATA));
}

/* A device that stands on itself, links that lead nowhere, out of the tree, or to themselves. */
static void loops_and_links_that_lead_nowhere(void **unused)
{
	(void)unused;
	add_disk(NVME, "nvme0n1", "259:0");
	add_virtual("dm-0", "253:0");
	add_virtual("dm-1", "253:1");
	add_slave("dm-0", "dm-1");
	add_slave("dm-1", "dm-0");
	add_slave("dm-1", "nvme0n1");
	make_link(at("sys/devices/virtual/block/dm-1/slaves/self"), "self");
	make_link(at("sys/devices/virtual/block/dm-1/slaves/gone"), "../../nothing");
	make_link(at("sys/devices/virtual/block/dm-1/slaves/out"),
	          "../../../../../../../../../../../../etc");
	make_link(at("sys/devices/virtual/block/dm-1/slaves/absolute"), "/etc");
	make_link(at("sys/dev/block/7:0"), "7:0");
	make_link(at("sys/dev/block/7:1"), "../../../../../../../..");
	make_link(at("sys/dev/block/7:2"), "/sys/devices");
	add_virtual("loop3", "7:3");
	make_file(at("sys/devices/virtual/block/loop3/loop/backing_file"),
	          "/efi/image (deleted)\n");
	add_mount("253:0", "/", "ext4 /dev/dm-0 rw");
	add_mount("7:0", "/boot", "ext4 /dev/loop0 rw");
	add_mount("7:1", "/usr", "ext4 /dev/loop1 rw");
	add_mount("7:2", "/var", "ext4 /dev/loop2 rw");
	add_mount("7:3", "/efi", "vfat /dev/loop3 rw");
	add_mount("0:30", "/home", "overlay overlay lowerdir=/home/a,upperdir=relative,lowerdir=");
	make_link(at("sys/class/graphics/fb0"), "fb0");
	make_link(at("sys/class/input/input1"), "../../devices/gone/input1");
	make_file(at("proc/swaps"), "not a path\n\n/dev/\n/dev/mapper/\n/dev/..\nswap");
	make_file(at("proc/1/net/route"), "gone\t00000000\t0\t0003\t0\t0\t0\t00000000\n\n\t\t\t");
	read_use();
	assert_use(NVME, "file system /");
	assert_null(use_of(SATA));
}

/* More devices than are looked at, all below one. */
static void very_many_disks(void **unused)
{
	(void)unused;
	add_virtual("dm-0", "253:0");
	for (int i = 0; i < 400; i++) {
		char name[16], number[16];

		snprintf(name, sizeof(name), "sd%d", i);
		snprintf(number, sizeof(number), "8:%d", i);
		add_disk(SATA, name, number);
		add_slave("dm-0", name);
	}
	add_mount("253:0", "/", "ext4 /dev/dm-0 rw");
	read_use();
	assert_use(SATA, "file system /");
	assert_null(use_of(NVME));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_disk_of_partitions),
		TEST(lvm_on_md),
		TEST(a_loop_and_a_swap_file_are_where_their_files_are),
		TEST(an_overlay_is_where_its_layers_are),
		TEST(btrfs_has_no_number_of_a_device),
		TEST(names_of_volumes),
		TEST(a_multipath_disk_is_of_its_controllers),
		TEST(a_disk_below_two_devices),
		TEST(a_host_bridge_is_no_device_to_give_away),
		TEST(a_share_of_a_hypervisor_has_a_device),
		TEST(hidden_mounts_and_more_mounts_of_one),
		TEST(names_are_kept_apart),
		TEST(a_card_with_the_default_route),
		TEST(a_route_of_ipv6_alone),
		TEST(a_vlan_on_a_bridge_on_a_bond),
		TEST(the_display_that_the_firmware_used),
		TEST(the_only_keyboard),
		TEST(keyboards_of_two_controllers),
		TEST(what_is_not_followed_is_not_known),
		TEST(another_namespace_does_not_tell),
		TEST(our_own_mounts_are_better_than_none),
		TEST(nothing_is_known_without_the_trees),
		TEST(loops_and_links_that_lead_nowhere),
		TEST(very_many_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
