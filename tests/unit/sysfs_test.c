// SPDX-License-Identifier: GPL-2.0-or-later
/* sysfs, sysfs_walk: trees good and broken, and the worker that reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sources/stream.h"
#include "sources/sysfs.h"
#include "util.h"

#define PCI_IDS "tests/fixtures/pci.ids"

/* A tree under construction; all tests have one, named by state. */
static char root[64];

/* Growing text that events are written to. */
struct log {
	char *text;
	size_t size;
	FILE *file;
};

static const char *at(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void link_to(const char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A path in the tree; the last of four stays valid. */
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
	return path;
}

static void make_parents(const char *path)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

static void make_directory(const char *path)
{
	make_parents(path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_bytes(const char *path, const char *bytes, size_t size)
{
	FILE *file;

	make_parents(path);
	file = fopen(path, "wb");
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
	make_parents(path);
	assert_int_equal(symlink(target, path), 0);
}

static void link_to(const char *path, const char *format, ...)
{
	char target[512];
	va_list args;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	make_link(path, target);
}

static void make_fifo(const char *path)
{
	make_parents(path);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void make_group(unsigned int group, const char *type)
{
	make_file(at("kernel/iommu_groups/%u/type", group), type);
	make_directory(at("kernel/iommu_groups/%u/devices", group));
}

static void make_pci(const char *name, const char *class_code, const char *vendor,
                     const char *device)
{
	make_file(at("devices/pci/%s/class", name), class_code);
	make_file(at("devices/pci/%s/vendor", name), vendor);
	make_file(at("devices/pci/%s/device", name), device);
	make_file(at("devices/pci/%s/revision", name), "0x02\n");
	make_link(at("devices/pci/%s/subsystem", name), "../../../bus/pci");
	link_to(at("bus/pci/devices/%s", name), "../../../devices/pci/%s", name);
}

static void join_group(const char *name, unsigned int group)
{
	link_to(at("devices/pci/%s/iommu_group", name), "../../../kernel/iommu_groups/%u", group);
	link_to(at("kernel/iommu_groups/%u/devices/%s", group, name), "../../../../devices/pci/%s",
	        name);
}

static void make_driver(const char *name, const char *driver)
{
	link_to(at("devices/pci/%s/driver", name), "../../../bus/pci/drivers/%s", driver);
}

/* A network card in group 2, driven, behind dmar0. */
static void make_card(void)
{
	make_group(2, "DMA-FQ\n");
	make_pci("0000:00:02.0", "0x020000\n", "0x8086\n", "0x10d3\n");
	join_group("0000:00:02.0", 2);
	make_driver("0000:00:02.0", "e1000e");
	make_link(at("devices/pci/0000:00:02.0/iommu"), "../../virtual/iommu/dmar0");
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

static int set_up(void **state)
{
	(void)state;
	/* In memory, if possible: thousands of files take seconds elsewhere. */
	snprintf(root, sizeof(root), "%s/iommutop-sysfs-XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	remove_tree(root);
	return 0;
}

static void write_attribute(FILE *out, const struct event *ev)
{
	const struct attribute_info *info = &attribute_infos[ev->attr.attribute];

	if (info->type == VALUE_TEXT)
		fprintf(out, " %s=%s\n", info->word, ev->attr.text ? ev->attr.text : "-");
	else if (ev->attr.value == VALUE_UNKNOWN)
		fprintf(out, " %s=-\n", info->word);
	else
		fprintf(out, " %s=%ju\n", info->word, (uintmax_t)ev->attr.value);
}

static void write_event(void *context, const struct event *ev)
{
	struct log *log = context;

	if (ev->kind == EVENT_HEALTH) {
		assert_true(ev->health.source == SOURCE_SYSFS ||
		            ev->health.source == SOURCE_OWNERS);
		fprintf(log->file, "%s %s: %s\n",
		        ev->health.source == SOURCE_SYSFS ? "health" : "owners",
		        health_state_names[ev->health.state],
		        ev->health.reason ? ev->health.reason : "-");
		return;
	}
	fprintf(log->file, "%s%s ", ev->kind == EVENT_GONE ? "gone " : "",
	        subject_names[ev->attr.subject]);
	if (ev->attr.name)
		fputs(ev->attr.name, log->file);
	else
		fprintf(log->file, "%u", ev->attr.id);
	if (ev->kind == EVENT_ATTR)
		write_attribute(log->file, ev);
	else
		fputc('\n', log->file);
}

static void log_open(struct log *log)
{
	log->file = open_memstream(&log->text, &log->size);
	assert_non_null(log->file);
	fflush(log->file);
}

static void log_close(struct log *log)
{
	fclose(log->file);
	free(log->text);
}

/* Of a walk: the group somebody looks at. */
static const uint32_t *looked_at;

static int walk_once(struct log *log, const char *pci_ids, struct error *err)
{
	const struct sysfs_options options = {.root = root, .pci_ids = pci_ids, .look = looked_at};
	const struct event_sink sink = {.emit = write_event, .context = log};
	int result;

	log_open(log);
	result = sysfs_walk_once(&options, &sink, err);
	fflush(log->file);
	return result;
}

static void assert_walk(const char *expected)
{
	struct error err = {0};
	struct log log;

	assert_int_equal(walk_once(&log, PCI_IDS, &err), 0);
	assert_string_equal(log.text, expected);
	log_close(&log);
}

/* What is told of one subject; others do not matter. */
static void assert_told(const char *subject, const char *expected)
{
	struct error err = {0};
	struct log log, told;

	assert_int_equal(walk_once(&log, PCI_IDS, &err), 0);
	log_open(&told);
	for (char *line = strtok(log.text, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strncmp(line, subject, strlen(subject)))
			fprintf(told.file, "%s\n", line + strlen(subject));
	}
	fflush(told.file);
	assert_string_equal(told.text, expected);
	log_close(&told);
	log_close(&log);
}

/* ---- one walk ---- */

static void a_good_tree_is_told_whole(void **state)
{
	(void)state;
	make_card();
	make_group(10, "identity\n");
	make_file(at("kernel/iommu_groups/10/name"), "vfio-noiommu\n");
	make_pci("0000:00:1f.3", "0x0c0500\n", "0x8086\n", "0x2930\n");
	make_file(at("class/iommu/dmar0/intel-iommu/version"), "1:0\n");
	assert_walk("unit dmar0 vendor=VT-d\n"
	            "group 2 default_type=DMA-FQ\n"
	            "group 10 default_type=identity\n"
	            "group 10 name=vfio-noiommu\n"
	            "device 0000:00:02.0 group=2\n"
	            "device 0000:00:02.0 bus=pci\n"
	            "device 0000:00:02.0 unit=dmar0\n"
	            "device 0000:00:02.0 name=Intel Corporation 82574L Gigabit Network Connection\n"
	            "device 0000:00:02.0 class_name=Ethernet controller\n"
	            "device 0000:00:02.0 driver=e1000e\n"
	            "device 0000:00:02.0 class=131072\n"
	            "device 0000:00:02.0 vendor_id=32902\n"
	            "device 0000:00:02.0 device_id=4307\n"
	            "device 0000:00:02.0 revision=2\n"
	            "device 0000:00:1f.3 group=-\n"
	            "device 0000:00:1f.3 bus=pci\n"
	            "device 0000:00:1f.3 name=Intel Corporation 82801I (ICH9 Family) SMBus "
	            "Controller\n"
	            "device 0000:00:1f.3 class_name=SMBus\n"
	            "device 0000:00:1f.3 class=787712\n"
	            "device 0000:00:1f.3 vendor_id=32902\n"
	            "device 0000:00:1f.3 device_id=10544\n"
	            "device 0000:00:1f.3 revision=2\n"
	            "health ok: -\n");
}

static void reserved_regions_are_those_of_the_group(void **state)
{
	char many[4096] = "", expected[300] = "reserved=";
	size_t length = 0;

	(void)state;
	make_group(1, "DMA\n");
	make_file(at("kernel/iommu_groups/1/reserved_regions"),
	          "0x0000000000000000 0x0000000000ffffff direct\n"
	          "0x00000000fee00000 0x00000000feefffff msi\n"
	          "what is that\n0x10 0x0f direct\n0x1000\n"
	          "0x00000000ff000000 0xffffffffffffffff direct-relaxable");
	assert_told("group 1 ", "default_type=DMA\n"
	                        "reserved=direct 0x0-0xffffff,msi 0xfee00000-0xfeefffff,"
	                        "direct-relaxable 0xff000000-0xffffffffffffffff\n");
	/* More than an event can carry: as many as are whole. */
	for (int i = 0; i < 60; i++)
		length += (size_t)snprintf(many + length, sizeof(many) - length,
		                           "0x%x000000 0x%x000fff direct\n", 16 + i, 16 + i);
	for (int i = 0; i < 8; i++)
		snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
		         "%sdirect 0x%x000000-0x%x000fff", i ? "," : "", 16 + i, 16 + i);
	strcat(expected, "\n");
	make_group(2, "\n");
	make_file(at("kernel/iommu_groups/2/reserved_regions"), many);
	assert_told("group 2 reserved", strchr(expected, '='));
}

static void units_have_a_vendor(void **state)
{
	(void)state;
	make_card();
	make_directory(at("class/iommu/ivhd0"));
	make_directory(at("class/iommu/smmu3.0x0000000009050000"));
	make_directory(at("class/iommu/smmu.0x2b400000"));
	make_link(at("class/iommu/0000:00:01.0/device/subsystem"), "/sys/bus/virtio");
	make_link(at("class/iommu/fd800000.iommu/device/subsystem"), "/sys/bus/platform");
	assert_told("unit ", "0000:00:01.0 vendor=virtio-iommu\n"
	                     "fd800000.iommu vendor=IOMMU\n"
	                     "ivhd0 vendor=AMD-Vi\n"
	                     "smmu.0x2b400000 vendor=SMMU\n"
	                     "smmu3.0x0000000009050000 vendor=SMMUv3\n");
}

static void add_member(unsigned int group, const char *name, const char *bus)
{
	link_to(at("devices/%s/%s/subsystem", bus, name), "../../../bus/%s", bus);
	link_to(at("kernel/iommu_groups/%u/devices/%s", group, name), "../../../../devices/%s/%s",
	        bus, name);
}

static void other_buses_have_names_too(void **state)
{
	static const char compatible[] = "arm,pl330\0arm,primecell";

	(void)state;
	make_group(1, "DMA\n");
	add_member(1, "dma.0", "platform");
	make_bytes(at("devices/platform/dma.0/of_node/compatible"), compatible, sizeof(compatible));
	add_member(1, "ARMH0061:00", "platform");
	make_file(at("devices/platform/ARMH0061:00/firmware_node/path"), "\\_SB_.UART\n");
	add_member(1, "f7d2", "mdev");
	make_file(at("devices/mdev/f7d2/mdev_type/name"), "GVTg_V5_4\n");
	/* Not PCI: these numbers mean something else. */
	make_file(at("devices/mdev/f7d2/vendor"), "0x8086\n");
	add_member(1, "silent", "amba");
	assert_told("device ", "ARMH0061:00 group=1\nARMH0061:00 bus=platform\n"
	                       "ARMH0061:00 name=\\_SB_.UART\n"
	                       "dma.0 group=1\ndma.0 bus=platform\ndma.0 name=arm,pl330\n"
	                       "f7d2 group=1\nf7d2 bus=mdev\nf7d2 name=GVTg_V5_4\n"
	                       "silent group=1\nsilent bus=amba\n");
}

static void a_missing_root_is_an_error(void **state)
{
	struct error err = {0};
	struct log log;

	(void)state;
	strcat(root, "/none");
	assert_int_equal(walk_once(&log, PCI_IDS, &err), -1);
	assert_non_null(strstr(err.text, root));
	assert_string_equal(log.text, "");
	log_close(&log);
	*strrchr(root, '/') = '\0';
}

static void what_is_missing_is_said(void **state)
{
	struct error err = {0};
	struct log log;

	(void)state;
	assert_int_equal(walk_once(&log, PCI_IDS, &err), 0);
	assert_non_null(
		strstr(log.text, "health partial: needs a kernel with CONFIG_IOMMU_API: no /"));
	log_close(&log);

	make_directory(at("kernel/iommu_groups"));
	assert_int_equal(walk_once(&log, PCI_IDS, &err), 0);
	assert_non_null(
		strstr(log.text, "health partial: no IOMMU groups: boot with intel_iommu=on"));
	log_close(&log);

	make_card();
	assert_int_equal(walk_once(&log, "/none", &err), 0);
	assert_non_null(strstr(log.text, "name=Device 8086:10d3"));
	assert_non_null(strstr(log.text, "health partial: PCI names are numbers: "));
	log_close(&log);

	remove_tree(at("kernel/iommu_groups"));
	make_link(at("kernel/iommu_groups"), "iommu_groups");
	assert_int_equal(walk_once(&log, PCI_IDS, &err), 0);
	assert_non_null(strstr(log.text, "health partial: cannot read "));
	log_close(&log);
}

static void broken_files_are_unknown(void **state)
{
	char *huge = xmalloc(1 << 20);

	(void)state;
	make_group(3, "");
	make_fifo(at("kernel/iommu_groups/3/name"));
	make_fifo(at("devices/pci/0000:00:03.0/class"));
	make_bytes(at("devices/pci/0000:00:03.0/vendor"), "\0\x7f\xff\n", 4);
	memset(huge, '0', 1 << 20);
	make_bytes(at("devices/pci/0000:00:03.0/device"), huge, 1 << 20);
	make_directory(at("devices/pci/0000:00:03.0/revision"));
	make_link(at("devices/pci/0000:00:03.0/subsystem"), "/");
	make_fifo(at("devices/pci/0000:00:03.0/driver"));
	make_link(at("devices/pci/0000:00:03.0/iommu"), "dmar1/");
	make_link(at("bus/pci/devices/0000:00:03.0"), "../../../devices/pci/0000:00:03.0");
	join_group("0000:00:03.0", 3);
	assert_told("group ", "3 default_type=-\n");
	assert_told("device ", "0000:00:03.0 group=3\n0000:00:03.0 bus=pci\n"
	                       "0000:00:03.0 device_id=0\n");
	free(huge);
}

static void numbers_have_bounds(void **state)
{
	(void)state;
	make_group(3, "\n");
	make_pci("0000:00:03.0", "0x1000000\n", "0x18086\n", "-1\n");
	join_group("0000:00:03.0", 3);
	make_pci("0000:00:04.0", "ethernet\n", "0x8086 \n", "0xabcd");
	join_group("0000:00:04.0", 3);
	assert_told("device 0000:00:03.0 ", "group=3\nbus=pci\nrevision=2\n");
	assert_told("device 0000:00:04.0 ", "group=3\nbus=pci\ndevice_id=43981\nrevision=2\n");
}

static void what_is_no_group_is_ignored(void **state)
{
	static const char *const names[] = {"abc", "-1",  "1x",     "4294967296",
	                                    " 1",  "0x1", ".hidden"};

	(void)state;
	make_card();
	make_group(4294967295u, "DMA\n");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		make_file(at("kernel/iommu_groups/%s/type", names[i]), "DMA\n");
	make_file(at("kernel/iommu_groups/7"), "a file\n");
	make_link(at("kernel/iommu_groups/8"), "nowhere");
	make_link(at("kernel/iommu_groups/9"), "9");
	make_fifo(at("kernel/iommu_groups/11"));
	make_directory(at("kernel/iommu_groups/12"));
	make_file(at("kernel/iommu_groups/13/devices"), "a file\n");
	assert_told("group ", "2 default_type=DMA-FQ\n"
	                      "12 default_type=-\n"
	                      "13 default_type=-\n"
	                      "4294967295 default_type=DMA\n");
}

static void members_without_a_device_are_members(void **state)
{
	(void)state;
	make_group(3, "DMA\n");
	make_link(at("kernel/iommu_groups/3/devices/dangling"), "../../../../devices/none");
	make_link(at("kernel/iommu_groups/3/devices/loop"), "loop");
	make_fifo(at("kernel/iommu_groups/3/devices/fifo"));
	make_link(at("kernel/iommu_groups/3/devices/a\033[31mb\n"), "none");
	/* A copy with the bus but not the devices' own folders. */
	make_link(at("kernel/iommu_groups/3/devices/0000:00:05.0"), "none");
	make_file(at("bus/pci/devices/0000:00:05.0/class"), "0x060400\n");
	make_link(at("bus/pci/devices/0000:00:06.0"), "none");
	/* Joined after its group was listed. */
	make_pci("0000:00:07.0", "0x060400\n", "0x8086\n", "0x0000\n");
	make_link(at("devices/pci/0000:00:07.0/iommu_group"), "../../../kernel/iommu_groups/7");
	assert_told("device ", "0000:00:05.0 group=3\n0000:00:05.0 bus=pci\n"
	                       "0000:00:05.0 class_name=PCI bridge\n0000:00:05.0 class=394240\n"
	                       "0000:00:07.0 group=7\n0000:00:07.0 bus=pci\n"
	                       "0000:00:07.0 name=Intel Corporation Device 0000\n"
	                       "0000:00:07.0 class_name=PCI bridge\n0000:00:07.0 class=394240\n"
	                       "0000:00:07.0 vendor_id=32902\n0000:00:07.0 device_id=0\n"
	                       "0000:00:07.0 revision=2\n"
	                       "a\033[31mb\n" /* strtok parted the rest */
	                       "dangling group=3\nfifo group=3\nloop group=3\n");
}

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		count++;
	return count;
}

static void thousands_of_devices_are_walked(void **state)
{
	struct error err = {0};
	struct log log;
	char name[16];

	(void)state;
	make_group(1, "DMA\n");
	make_pci("one", "0x020000\n", "0x8086\n", "0x10d3\n");
	for (unsigned int i = 0; i < 2999; i++) {
		snprintf(name, sizeof(name), "%04x:%02x:00.0", i / 256, i % 256);
		symlink("../../../devices/pci/one", at("bus/pci/devices/%s", name));
		if (i < 2000)
			symlink("../../../../devices/pci/one",
			        at("kernel/iommu_groups/1/devices/%s", name));
	}
	assert_int_equal(walk_once(&log, PCI_IDS, &err), 0);
	assert_int_equal(count_of(log.text, " group="), 3000);
	assert_int_equal(count_of(log.text, " group=1\n"), 2000);
	log_close(&log);
}

/* ---- what is read only of the group that somebody looks at ---- */

/* Has a configuration space; below: what is above it in the tree, or NULL. */
static void make_spaced(const char *name, const char *below, unsigned int group)
{
	static const char header[64] = "\x36\x1b\x0c";
	const char *home =
		below ? at("devices/pci/%s/%s", below, name) : at("devices/pci/%s", name);
	char path[512];

	snprintf(path, sizeof(path), "%s/config", home);
	make_bytes(path, header, sizeof(header));
	snprintf(path, sizeof(path), "%s/subsystem", home);
	make_link(path, "/sys/bus/pci");
	link_to(at("bus/pci/devices/%s", name), "../../../devices/pci/%s%s%s", below ? below : "",
	        below ? "/" : "", name);
	link_to(at("kernel/iommu_groups/%u/devices/%s", group, name),
	        "../../../../devices/pci/%s%s%s", below ? below : "", below ? "/" : "", name);
}

/* A port of group 1, what is behind it in group 2, and neighbours of both in groups of their own.
 */
static void make_port_and_card(void)
{
	for (unsigned int group = 1; group < 7; group++)
		make_group(group, "DMA\n");
	make_spaced("0000:00:1c.0", NULL, 1);
	make_spaced("0000:02:00.0", "0000:00:1c.0", 2);
	make_spaced("0000:02:00.7", "0000:00:1c.0", 3);
	make_spaced("0000:00:1c.4", NULL, 4);
	make_spaced("0000:02:01.0", "0000:00:1c.0", 5);
	make_spaced("0000:00:1d.0", NULL, 6);
}

static void assert_looked(uint32_t group, const char *expected)
{
	struct error err = {0};
	struct log log, told;

	looked_at = &group;
	assert_int_equal(walk_once(&log, PCI_IDS, &err), 0);
	looked_at = NULL;
	log_open(&told);
	for (char *line = strtok(log.text, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, " config="))
			fprintf(told.file, "%s\n", line + strlen("device "));
	fflush(told.file);
	assert_string_equal(told.text, expected);
	log_close(&told);
	log_close(&log);
}

static void a_look_reads_what_decides(void **state)
{
	(void)state;
	make_port_and_card();
	assert_told("device 0000:02:00.0 config", "");
	assert_looked(2, "0000:00:1c.0 config=whole\n0000:00:1c.4 config=whole\n"
	                 "0000:02:00.0 config=whole\n0000:02:00.7 config=whole\n");
	assert_looked(6, "0000:00:1d.0 config=whole\n");
	assert_looked(7, "");
	add_member(6, "dma.0", "platform");
	make_bytes(at("devices/platform/dma.0/config"), "not PCI", 7);
	assert_looked(6, "0000:00:1d.0 config=whole\n");
}

/* ---- the worker ---- */

/* A source and all that it said so far. */
struct watch {
	struct source *source;
	struct stream *stream;
	struct log log;
	uint64_t now_ns;
};

static void watch_open_with(struct watch *watch, const struct sysfs_options *options)
{
	struct error err = {0};

	*watch = (struct watch){.stream = stream_new(0, NULL), .now_ns = 1000};
	log_open(&watch->log);
	watch->source = sysfs_open(options, &err);
	assert_non_null(watch->source);
}

static void watch_open(struct watch *watch, const struct sysfs_tuning *tuning, bool live)
{
	const struct sysfs_options options = {
		.root = root, .pci_ids = PCI_IDS, .live = live, .tuning = tuning};

	watch_open_with(watch, &options);
}

static void push_event(void *context, const struct event *ev)
{
	event_queue_push(context, ev);
}

static void watch_close(struct watch *watch)
{
	watch->source->ops->close(watch->source);
	stream_free(watch->stream);
	log_close(&watch->log);
}

static int drain(struct watch *watch)
{
	const struct event_sink sink = {.emit = write_event, .context = &watch->log};
	uint64_t watermark = ++watch->now_ns;
	int fullness = watch->source->ops->drain(watch->source, watch->stream, &watermark);

	assert_int_equal(watermark, watch->now_ns);
	stream_flush(watch->stream, watermark, &sink);
	fflush(watch->log.file);
	return fullness;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Drains until all of the text has been said; not by a clock, so that a slow machine is no bug. */
static void await(struct watch *watch, const char *text)
{
	for (int naps = 0; !strstr(watch->log.text, text); naps++) {
		if (naps == 30000)
			fail_msg("never said: %s\nbut:\n%s", text, watch->log.text);
		drain(watch);
		nap();
	}
}

static void assert_readable(const struct watch *watch, bool readable)
{
	struct pollfd fd = {.fd = watch->source->ops->fd(watch->source), .events = POLLIN};

	assert_int_equal(poll(&fd, 1, 0), readable);
}

static const struct sysfs_tuning eager = {
	.walk_every_ms = 1, .before_after_ms = 1, .close_wait_ms = 30000};

static void starting_comes_first(void **state)
{
	struct watch watch;

	(void)state;
	make_card();
	watch_open(&watch, NULL, false);
	assert_readable(&watch, true);
	await(&watch, "health ok: -\n");
	assert_int_equal(strncmp(watch.log.text, "health starting: ", 17), 0);
	assert_non_null(strstr(watch.log.text, "device 0000:00:02.0 driver=e1000e\n"));
	assert_int_equal(drain(&watch), 0);
	assert_readable(&watch, false);
	watch_close(&watch);
}

static void later_only_changes_are_told(void **state)
{
	struct watch watch;

	(void)state;
	make_card();
	make_directory(at("class/iommu/dmar0"));
	watch_open(&watch, &eager, false);
	await(&watch, "health ok: -\n");
	unlink(at("devices/pci/0000:00:02.0/driver"));
	await(&watch, "device 0000:00:02.0 driver=-\n");
	make_driver("0000:00:02.0", "vfio-pci");
	await(&watch, "device 0000:00:02.0 driver=vfio-pci\n");
	unlink(at("kernel/iommu_groups/2/type"));
	await(&watch, "group 2 default_type=-\n");
	rmdir(at("class/iommu/dmar0"));
	await(&watch, "gone unit dmar0\n");
	unlink(at("bus/pci/devices/0000:00:02.0"));
	unlink(at("kernel/iommu_groups/2/devices/0000:00:02.0"));
	await(&watch, "gone device 0000:00:02.0\n");
	assert_null(strstr(watch.log.text, "gone group 2\n"));
	remove_tree(at("kernel/iommu_groups/2"));
	await(&watch, "gone group 2\n");
	await(&watch, "health partial: no IOMMU groups");
	assert_int_equal(count_of(watch.log.text, "vendor_id="), 1);
	assert_int_equal(count_of(watch.log.text, "unit dmar0 vendor="), 1);
	watch_close(&watch);
}

/* They come with nothing else, once, with the times that they have. */
static void what_was_before_the_start_is_given_apart(void **state)
{
	struct event_queue given = {0};
	const struct event_sink sink = {.emit = push_event, .context = &given};
	struct sysfs_options options = {
		.root = root, .before_until = 5000000000u, .tuning = &eager};
	struct watch watch;

	(void)state;
	make_card();
	make_file(at("tracefs/per_cpu/cpu0/stats"), "entries: 1\nnow ts: 9.000000\n");
	make_file(at("tracefs/options/pause-on-trace"), "0\n");
	make_file(at("tracefs/trace_clock"), "local [global]\n");
	make_file(at("tracefs/trace"), "  swapper/0-1 [000] .....  0.901234: add_device_to_group: "
	                               "IOMMU: groupID=4 device=0000:00:04.0\n"
	                               "  swapper/0-1 [000] .....  5.000000: add_device_to_group: "
	                               "IOMMU: groupID=4 device=0000:00:04.0\n");
	options.tracefs = at("tracefs");
	watch_open_with(&watch, &options);
	for (int naps = 0; !given.count && naps < 30000; naps++) {
		drain(&watch);
		sysfs_take_before(watch.source, &sink);
		nap();
	}
	assert_int_equal(given.count, 3);
	assert_int_equal(given.events[1].kind, EVENT_GROUP_ADD);
	assert_int_equal(given.events[1].ts_ns, 901234000);
	sysfs_take_before(watch.source, &sink);
	assert_int_equal(given.count, 3);
	await(&watch, "health ok: -\n");
	assert_null(strstr(watch.log.text, "boot_trace"));
	event_queue_release(&given);
	watch_close(&watch);
}

/* Without being asked the second walk would come in an hour. */
static void who_hurries_sees_changes_soon(void **state)
{
	const struct sysfs_tuning tuning = {.walk_every_ms = 3600000, .close_wait_ms = 30000};
	struct watch watch;

	(void)state;
	make_card();
	watch_open(&watch, &tuning, false);
	await(&watch, "health ok: -\n");
	for (int i = 0; i < 1000; i++)
		sysfs_hurry(watch.source);
	unlink(at("devices/pci/0000:00:02.0/driver"));
	sysfs_hurry(watch.source);
	await(&watch, "device 0000:00:02.0 driver=-\n");
	make_driver("0000:00:02.0", "vfio-pci");
	sysfs_hurry(watch.source);
	await(&watch, "device 0000:00:02.0 driver=vfio-pci\n");
	watch_close(&watch);
}

/* Counts, and hangs on a FIFO as sysfs does on a mutex: until somebody opens its other end. */
static atomic_uint class_reads, type_reads;

static int open_any(int directory, const char *path)
{
	if (!strcmp(path, "class"))
		class_reads++;
	if (!strcmp(path, "type"))
		type_reads++;
	return openat(directory, path, O_RDONLY | O_CLOEXEC);
}

static void set_power(const char *name, const char *status)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/power/runtime_status", at("bus/pci/devices/%s", name));
	make_file(path, status);
}

/* Without a look nothing is read; with one, once: later walks keep it and say it no more. */
static void a_look_lasts(void **state)
{
	const struct sysfs_tuning tuning = {
		.walk_every_ms = 1, .close_wait_ms = 30000, .open_file = open_any};
	struct watch watch;
	unsigned int before;

	(void)state;
	make_port_and_card();
	watch_open(&watch, &tuning, false);
	await(&watch, "health ok: -\n");
	assert_null(strstr(watch.log.text, "config"));
	sysfs_look(watch.source, 6, false);
	await(&watch, "device 0000:00:1d.0 config=whole\n");
	await(&watch, "device 0000:00:1d.0 multifunction=0\n");
	make_bytes(at("devices/pci/0000:00:1d.0/config"), "cut", 3);
	sysfs_look(watch.source, 6, true);
	sysfs_look(watch.source, 1, false);
	await(&watch, "device 0000:00:1c.4 config=whole\n");
	for (before = type_reads; type_reads < before + 40;)
		nap();
	drain(&watch);
	assert_int_equal(count_of(watch.log.text, "device 0000:00:1d.0 config="), 1);
	assert_int_equal(count_of(watch.log.text, " config="), 3);

	/* Another device of that name is not known any more. */
	unlink(at("bus/pci/devices/0000:00:1d.0"));
	remove_tree(at("devices/pci/0000:00:1d.0"));
	unlink(at("kernel/iommu_groups/6/devices/0000:00:1d.0"));
	await(&watch, "gone device 0000:00:1d.0\n");
	make_spaced("0000:00:1d.0", NULL, 6);
	await(&watch, "gone device 0000:00:1d.0\ndevice 0000:00:1d.0 group=6\n");
	sysfs_look(watch.source, 6, false);
	for (int i = 0; i < 30000 && count_of(watch.log.text, "1d.0 config=whole") < 2; i++) {
		drain(&watch);
		nap();
	}
	assert_int_equal(count_of(watch.log.text, "1d.0 config=whole"), 2);
	watch_close(&watch);
}

static void a_look_wakes_only_when_told_to(void **state)
{
	const struct sysfs_tuning tuning = {.walk_every_ms = 3600000, .close_wait_ms = 30000};
	struct watch watch;

	(void)state;
	make_port_and_card();
	set_power("0000:00:1c.0", "suspended\n");
	set_power("0000:02:00.0", "suspended\n");
	watch_open(&watch, &tuning, false);
	/* Before the first walk nobody knows who belongs to it: the wish waits. */
	sysfs_look(watch.source, 2, false);
	await(&watch, "device 0000:02:00.7 config=whole\n");
	assert_int_equal(count_of(watch.log.text, " config=asleep\n"), 2);
	assert_int_equal(count_of(watch.log.text, " config=whole\n"), 2);
	/* It woke up by itself. */
	set_power("0000:02:00.0", "active\n");
	sysfs_look(watch.source, 2, false);
	await(&watch, "device 0000:02:00.0 config=whole\n");
	sysfs_look(watch.source, 2, true);
	await(&watch, "device 0000:00:1c.0 config=whole\n");
	assert_int_equal(count_of(watch.log.text, " config="), 6);
	watch_close(&watch);
}

static void a_close_amid_looks_is_fine(void **state)
{
	struct watch watch;

	(void)state;
	make_port_and_card();
	for (uint32_t i = 0; i < 50; i++) {
		watch_open(&watch, &eager, false);
		for (uint32_t group = 0; group < 2000; group++)
			sysfs_look(watch.source, group % 8, false);
		watch_close(&watch);
	}
}

static void make_irq(unsigned int number, const char *actions, const char *counts)
{
	make_file(at("kernel/irq/%u/actions", number), actions);
	make_file(at("kernel/irq/%u/per_cpu_count", number), counts);
}

static void fault_interrupts_are_told_when_they_change(void **state)
{
	const struct sysfs_tuning tuning = {
		.walk_every_ms = 1, .count_every_ms = 1, .close_wait_ms = 30000};
	struct watch watch;

	(void)state;
	make_card();
	make_irq(24, "dmar0\n", "5,0\n");
	make_irq(25, "nvme0q0\n", "7,7\n");
	watch_open(&watch, &tuning, false);
	await(&watch, "machine 0 fault_interrupts=5\n");
	for (int i = 0; i < 20; i++) {
		drain(&watch);
		nap();
	}
	assert_int_equal(count_of(watch.log.text, "fault_interrupts"), 1);
	make_irq(24, "dmar0\n", "5,3\n");
	await(&watch, "machine 0 fault_interrupts=8\n");
	make_irq(26, "dmar1\n", "0,100\n");
	await(&watch, "machine 0 fault_interrupts=108\n");
	remove_tree(at("kernel/irq"));
	await(&watch, "machine 0 fault_interrupts=-\n");
	watch_close(&watch);
}

static void one_walk_tells_fault_interrupts(void **state)
{
	(void)state;
	make_card();
	make_irq(24, "dmar0\n", "5,0\n");
	assert_told("machine ", "0 fault_interrupts=5\n");
}

/* Its procfs is in the tree; /dev/null stands for the node of group 2. */
static void holders_come_and_go(void **state)
{
	char *procfs = xstrdup(at("proc"));
	const struct sysfs_options options = {
		.root = root, .pci_ids = PCI_IDS, .procfs = procfs, .tuning = &eager};
	struct watch watch = {.stream = stream_new(0, NULL), .now_ns = 1000};
	struct error err = {0};

	(void)state;
	make_card();
	make_link(at("proc/self/ns/pid"), "pid:[4026531836]");
	make_directory(at("proc/1"));
	make_file(at("class/vfio/2/dev"), "1:3\n");
	make_file(at("proc/77/comm"), "qemu-system-x86\n");
	make_file(at("proc/77/cgroup"), "0::/machine-qemu\\x2d1\\x2dvm1.scope\n");
	make_link(at("proc/77/fd/9"), "/dev/null");
	log_open(&watch.log);
	watch.source = sysfs_open(&options, &err);
	assert_non_null(watch.source);
	await(&watch, "owners ok: -\nhealth ok: -\n");
	assert_null(strstr(watch.log.text, "holder"));
	unlink(at("devices/pci/0000:00:02.0/driver"));
	make_driver("0000:00:02.0", "vfio-pci");
	await(&watch, "process 77 vm=vm1\n");
	assert_int_equal(count_of(watch.log.text, "group 2 holder=77\n"), 1);
	assert_int_equal(count_of(watch.log.text, "process 77 name=qemu-system-x86\n"), 1);
	unlink(at("proc/77/fd/9"));
	await(&watch, "gone process 77\ngroup 2 holder=-\n");
	remove_tree(at("proc/1"));
	await(&watch, "owners partial: run it with sudo");
	assert_int_equal(count_of(watch.log.text, "health ok: -\n"), 1);
	watch_close(&watch);
	free(procfs);
}

static void one_walk_tells_holders_if_asked(void **state)
{
	char *procfs = xstrdup(at("proc"));
	const struct sysfs_options options = {.root = root, .pci_ids = PCI_IDS, .procfs = procfs};
	struct error err = {0};
	struct log log;
	const struct event_sink sink = {.emit = write_event, .context = &log};

	(void)state;
	make_card();
	unlink(at("devices/pci/0000:00:02.0/driver"));
	make_driver("0000:00:02.0", "vfio-pci");
	assert_told("owners", "");
	log_open(&log);
	assert_int_equal(sysfs_walk_once(&options, &sink, &err), 0);
	fflush(log.file);
	assert_non_null(strstr(log.text, "owners off: cannot read /"));
	assert_non_null(strstr(log.text, "health ok: -\n"));
	log_close(&log);
	free(procfs);
}

static void a_lost_root_takes_nothing_back(void **state)
{
	struct watch watch;
	char away[sizeof(root) + 8];

	(void)state;
	make_card();
	snprintf(away, sizeof(away), "%s.away", root);
	watch_open(&watch, &eager, false);
	await(&watch, "health ok: -\n");
	assert_int_equal(rename(root, away), 0);
	await(&watch, "health off: cannot read /");
	assert_null(strstr(watch.log.text, "gone"));
	assert_int_equal(rename(away, root), 0);
	for (int i = 0; i < 10000 && count_of(watch.log.text, "health ok: -\n") < 2; i++) {
		drain(&watch);
		nap();
	}
	assert_int_equal(count_of(watch.log.text, "health ok: -\n"), 2);
	assert_int_equal(count_of(watch.log.text, " driver="), 1);
	watch_close(&watch);
}

static void lasting_facts_are_read_once_an_appearance(void **state)
{
	const struct sysfs_tuning tuning = {
		.walk_every_ms = 1, .close_wait_ms = 30000, .open_file = open_any};
	struct watch watch;
	unsigned int before;

	(void)state;
	class_reads = type_reads = 0;
	make_card();
	watch_open(&watch, &tuning, false);
	for (int i = 0; i < 30000 && type_reads < 10; i++)
		nap();
	assert_in_range(type_reads, 10, UINT32_MAX);
	assert_int_equal(class_reads, 1);

	before = class_reads;
	remove_tree(at("devices/pci/0000:00:02.0"));
	unlink(at("bus/pci/devices/0000:00:02.0"));
	make_pci("0000:00:02.0", "0x010802\n", "0x1b36\n", "0x0010\n");
	await(&watch, "device 0000:00:02.0 vendor_id=6966\n");
	await(&watch, "device 0000:00:02.0 class_name=Non-Volatile memory controller\n");
	assert_in_range(class_reads, before + 1, UINT32_MAX);
	watch_close(&watch);
}

static void a_drain_is_bounded(void **state)
{
	const struct sysfs_tuning tuning = {.drain_limit = 3, .close_wait_ms = 30000};
	struct watch watch;
	int drains = 0;

	(void)state;
	make_card();
	watch_open(&watch, &tuning, false);
	/* 1 starting, 1 of the group, 10 of the device, 1 ok: none is lost on the way. */
	while (!strstr(watch.log.text, "health ok: -\n")) {
		size_t before = count_of(watch.log.text, "\n");
		int fullness = drain(&watch);

		assert_in_range(count_of(watch.log.text, "\n") - before, 0, 3);
		if (fullness == 100)
			assert_readable(&watch, true);
		drains++;
		nap();
	}
	assert_in_range(drains, 5, INT32_MAX);
	assert_int_equal(count_of(watch.log.text, "\n"), 13);
	assert_readable(&watch, false);
	watch_close(&watch);
}

/* Lets go whoever waits for the other end. */
static void open_other_end(const char *path)
{
	int fd = -1;

	for (int naps = 0; fd < 0 && naps < 30000; naps++) {
		fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		nap();
	}
	assert_true(fd >= 0);
	close(fd);
}

static const struct sysfs_tuning impatient = {
	.slow_after_ms = 1, .close_wait_ms = 30000, .open_file = open_any};

static void a_slow_device_is_told_of(void **state)
{
	struct watch watch;

	(void)state;
	make_card();
	unlink(at("devices/pci/0000:00:02.0/class"));
	make_fifo(at("devices/pci/0000:00:02.0/class"));
	watch_open(&watch, &impatient, false);
	await(&watch, "device 0000:00:02.0 slow_s=");
	for (int i = 0; i < 10; i++)
		drain(&watch);
	assert_in_range(count_of(watch.log.text, "device 0000:00:02.0 slow_s=0\n"), 0, 1);
	assert_null(strstr(watch.log.text, " group=2"));
	open_other_end(at("devices/pci/0000:00:02.0/class"));
	await(&watch, "device 0000:00:02.0 slow_s=-\n");
	await(&watch, "device 0000:00:02.0 vendor_id=32902\n");
	await(&watch, "health ok: -\n");
	assert_int_equal(count_of(watch.log.text, "device 0000:00:02.0 slow_s=-\n"), 1);
	watch_close(&watch);
}

static void a_slow_group_is_told_of(void **state)
{
	struct watch watch;

	(void)state;
	make_card();
	unlink(at("kernel/iommu_groups/2/type"));
	make_fifo(at("kernel/iommu_groups/2/type"));
	watch_open(&watch, &impatient, false);
	await(&watch, "group 2 slow_s=");
	open_other_end(at("kernel/iommu_groups/2/type"));
	await(&watch, "group 2 slow_s=-\n");
	await(&watch, "group 2 default_type=-\n");
	watch_close(&watch);
}

static unsigned int threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned int count = 0;

	assert_non_null(tasks);
	while (readdir(tasks))
		count++;
	closedir(tasks);
	return count - 2;
}

static void close_leaves_a_hanging_worker_behind(void **state)
{
	const struct sysfs_tuning tuning = {
		.slow_after_ms = 1, .close_wait_ms = 1, .open_file = open_any};
	unsigned int before = threads();
	struct watch watch;

	(void)state;
	make_card();
	unlink(at("devices/pci/0000:00:02.0/class"));
	make_fifo(at("devices/pci/0000:00:02.0/class"));
	watch_open(&watch, &tuning, false);
	await(&watch, "device 0000:00:02.0 slow_s=");
	watch_close(&watch);
	/* That it comes to an end shows that what it uses is still there. */
	open_other_end(at("devices/pci/0000:00:02.0/class"));
	for (int naps = 0; naps < 30000 && threads() > before; naps++)
		nap();
	assert_int_equal(threads(), before);
}

static void close_at_once_is_fine(void **state)
{
	struct watch watch;

	(void)state;
	make_card();
	for (int i = 0; i < 50; i++) {
		watch_open(&watch, &eager, i % 2);
		watch_close(&watch);
	}
}

static void on_signal(int number)
{
	(void)number;
}

/* A signal to the process while main has it blocked: the worker must not be the one to take it. */
static void signals_are_not_the_workers(void **state)
{
	const struct sigaction action = {.sa_handler = on_signal};
	struct sigaction old;
	struct watch watch;
	sigset_t mask, before, pending;

	(void)state;
	make_card();
	sigaction(SIGUSR1, &action, &old);
	watch_open(&watch, &eager, false);
	await(&watch, "health ok: -\n");
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &mask, &before);
	kill(getpid(), SIGUSR1);
	watch_close(&watch);
	sigpending(&pending);
	assert_true(sigismember(&pending, SIGUSR1));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGUSR1, &old, NULL);
}

#define TREE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(a_good_tree_is_told_whole),
		TREE_TEST(reserved_regions_are_those_of_the_group),
		TREE_TEST(units_have_a_vendor),
		TREE_TEST(other_buses_have_names_too),
		TREE_TEST(what_was_before_the_start_is_given_apart),
		TREE_TEST(a_missing_root_is_an_error),
		TREE_TEST(what_is_missing_is_said),
		TREE_TEST(broken_files_are_unknown),
		TREE_TEST(numbers_have_bounds),
		TREE_TEST(what_is_no_group_is_ignored),
		TREE_TEST(members_without_a_device_are_members),
		TREE_TEST(thousands_of_devices_are_walked),
		TREE_TEST(one_walk_tells_fault_interrupts),
		TREE_TEST(a_look_reads_what_decides),
		TREE_TEST(starting_comes_first),
		TREE_TEST(later_only_changes_are_told),
		TREE_TEST(who_hurries_sees_changes_soon),
		TREE_TEST(a_look_lasts),
		TREE_TEST(a_look_wakes_only_when_told_to),
		TREE_TEST(a_close_amid_looks_is_fine),
		TREE_TEST(fault_interrupts_are_told_when_they_change),
		TREE_TEST(holders_come_and_go),
		TREE_TEST(one_walk_tells_holders_if_asked),
		TREE_TEST(a_lost_root_takes_nothing_back),
		TREE_TEST(lasting_facts_are_read_once_an_appearance),
		TREE_TEST(a_drain_is_bounded),
		TREE_TEST(a_slow_device_is_told_of),
		TREE_TEST(a_slow_group_is_told_of),
		TREE_TEST(close_leaves_a_hanging_worker_behind),
		TREE_TEST(close_at_once_is_fine),
		TREE_TEST(signals_are_not_the_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
