// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Map and unmap memory for a device of vfio-pci through a VFIO container (type 1), step by step:
 * what a virtual machine monitor does with its guest's memory, without the guest. All its maps are
 * of one buffer, so that much can be mapped with little memory.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "edu.h"

struct vfio {
	char group_path[64];
	int container, group, device;
	volatile uint32_t *bar; /* of an edu device, once it is needed */
	void *buffer;
	size_t buffer_bytes;
};

/* Of a step: so many pieces of so many bytes, one behind the other. */
struct pieces {
	uint64_t iova, size_bytes, count;
};

static const char usage[] =
	"usage: vfio_map BDF STEP...\n"
	"  map IOVA SIZE COUNT      map COUNT pieces of SIZE bytes, one behind the other\n"
	"  unmap IOVA SIZE COUNT    unmap as many; what was mapped in pieces may go as one\n"
	"  exists IOVA SIZE COUNT   the same maps, which the kernel has to refuse (EEXIST)\n"
	"  read_only IOVA SIZE COUNT  as map, but the device may only read there\n"
	"  dma_read IOVA SIZE COUNT   QEMU's edu device reads COUNT times SIZE bytes from there\n"
	"  dma_write IOVA SIZE COUNT  and writes\n"
	"  busy                     a second open of the group, which it has to refuse (EBUSY)\n"
	"  wait                     say \"waiting\" and go on after a line from stdin\n";

static _Noreturn void die(const char *format, ...)
{
	va_list args;

	fputs("vfio_map: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t parse_number(const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-')
		die("%s is no number", text);
	return value;
}

/* ---- the container ---- */

static int open_node(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void find_group(struct vfio *vfio, const char *bdf)
{
	char link[128], target[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/iommu_group", bdf);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		die("%s: %s", link, strerror(errno));
	target[length] = '\0';
	snprintf(vfio->group_path, sizeof(vfio->group_path), "/dev/vfio/%.32s",
	         strrchr(target, '/') + 1);
}

static void open_group(struct vfio *vfio)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};

	vfio->group = open_node(vfio->group_path);
	if (ioctl(vfio->group, VFIO_GROUP_GET_STATUS, &status))
		die("%s: status: %s", vfio->group_path, strerror(errno));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		die("%s: a device of the group is bound to another driver", vfio->group_path);
}

/* The attach to a domain happens in VFIO_SET_IOMMU. */
static void open_all(struct vfio *vfio, const char *bdf)
{
	find_group(vfio, bdf);
	vfio->container = open_node("/dev/vfio/vfio");
	open_group(vfio);
	if (ioctl(vfio->group, VFIO_GROUP_SET_CONTAINER, &vfio->container))
		die("%s: container: %s", vfio->group_path, strerror(errno));
	if (ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("%s: type 1: %s", vfio->group_path, strerror(errno));
	vfio->device = ioctl(vfio->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (vfio->device < 0)
		die("%s: %s", bdf, strerror(errno));
}

static void close_all(struct vfio *vfio)
{
	close(vfio->device);
	close(vfio->group);
	close(vfio->container);
}

/* ---- steps ---- */

/* A buffer of at least so many bytes; the pages of a former one stay mapped where they are. */
static void need_buffer(struct vfio *vfio, size_t bytes)
{
	if (vfio->buffer_bytes >= bytes)
		return;
	vfio->buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (vfio->buffer == MAP_FAILED)
		die("no memory for a buffer of %zu bytes", bytes);
	vfio->buffer_bytes = bytes;
}

static int map(struct vfio *vfio, uint64_t iova, uint64_t size_bytes, uint32_t flags)
{
	struct vfio_iommu_type1_dma_map request = {
		.argsz = sizeof(request),
		.flags = flags,
		.vaddr = (uintptr_t)vfio->buffer,
		.iova = iova,
		.size = size_bytes,
	};

	return ioctl(vfio->container, VFIO_IOMMU_MAP_DMA, &request);
}

#define READ_WRITE (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

static void map_as(struct vfio *vfio, const struct pieces *pieces, uint32_t flags)
{
	need_buffer(vfio, pieces->size_bytes);
	for (uint64_t i = 0; i < pieces->count; i++)
		if (map(vfio, pieces->iova + i * pieces->size_bytes, pieces->size_bytes, flags))
			die("map: %s", strerror(errno));
}

static void map_pieces(struct vfio *vfio, const struct pieces *pieces)
{
	map_as(vfio, pieces, READ_WRITE);
}

static void map_read_only(struct vfio *vfio, const struct pieces *pieces)
{
	map_as(vfio, pieces, VFIO_DMA_MAP_FLAG_READ);
}

static void unmap_pieces(struct vfio *vfio, const struct pieces *pieces)
{
	for (uint64_t i = 0; i < pieces->count; i++) {
		struct vfio_iommu_type1_dma_unmap request = {
			.argsz = sizeof(request),
			.iova = pieces->iova + i * pieces->size_bytes,
			.size = pieces->size_bytes,
		};

		if (ioctl(vfio->container, VFIO_IOMMU_UNMAP_DMA, &request))
			die("unmap: %s", strerror(errno));
		if (request.size != pieces->size_bytes)
			die("unmap of %#llx bytes unmapped %#llx",
			    (unsigned long long)pieces->size_bytes,
			    (unsigned long long)request.size);
	}
}

static void pieces_exist(struct vfio *vfio, const struct pieces *pieces)
{
	need_buffer(vfio, pieces->size_bytes);
	for (uint64_t i = 0; i < pieces->count; i++)
		if (!map(vfio, pieces->iova + i * pieces->size_bytes, pieces->size_bytes,
		         READ_WRITE) ||
		    errno != EEXIST)
			die("what is mapped could be mapped again");
}

static void group_is_busy(struct vfio *vfio)
{
	if (open(vfio->group_path, O_RDWR | O_CLOEXEC) >= 0 || errno != EBUSY)
		die("%s could be opened a second time", vfio->group_path);
}

static void wait_for_line(struct vfio *vfio)
{
	int c;

	(void)vfio;
	puts("waiting");
	fflush(stdout);
	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

/* ---- the device's own DMA ---- */

static struct vfio_region_info region(const struct vfio *vfio, uint32_t index)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = index};

	if (ioctl(vfio->device, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("region %u: %s", index, strerror(errno));
	return info;
}

static void enable_device(const struct vfio *vfio)
{
	struct vfio_region_info config = region(vfio, VFIO_PCI_CONFIG_REGION_INDEX);
	uint8_t command[2] = {CONFIG_MEMORY | CONFIG_MASTER};

	if (pwrite(vfio->device, command, sizeof(command),
	           (off_t)(config.offset + CONFIG_COMMAND)) != sizeof(command))
		die("cannot write the configuration space");
}

static void need_edu(struct vfio *vfio)
{
	struct vfio_region_info info = region(vfio, VFIO_PCI_BAR0_REGION_INDEX);

	if (vfio->bar)
		return;
	enable_device(vfio);
	vfio->bar = mmap(NULL, EDU_REGISTERS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vfio->device,
	                 (off_t)info.offset);
	if (vfio->bar == MAP_FAILED)
		die("cannot map BAR 0: %s", strerror(errno));
	if (!edu_is_one(vfio->bar))
		die("this is no edu device");
}

static void transfer(struct vfio *vfio, const struct pieces *pieces, bool to_memory)
{
	if (pieces->iova > EDU_DMA_LAST || pieces->size_bytes > EDU_BUFFER_SIZE)
		die("the device cannot do that");
	need_edu(vfio);
	for (uint64_t i = 0; i < pieces->count; i++)
		if (!edu_transfer(vfio->bar, to_memory, (uint32_t)pieces->iova,
		                  (uint32_t)pieces->size_bytes))
			die("the device does not finish");
}

static void dma_read(struct vfio *vfio, const struct pieces *pieces)
{
	transfer(vfio, pieces, false);
}

static void dma_write(struct vfio *vfio, const struct pieces *pieces)
{
	transfer(vfio, pieces, true);
}

static const struct step {
	const char *name;
	void (*with_pieces)(struct vfio *, const struct pieces *);
	void (*alone)(struct vfio *);
} steps[] = {
	{.name = "map", .with_pieces = map_pieces},
	{.name = "unmap", .with_pieces = unmap_pieces},
	{.name = "exists", .with_pieces = pieces_exist},
	{.name = "read_only", .with_pieces = map_read_only},
	{.name = "dma_read", .with_pieces = dma_read},
	{.name = "dma_write", .with_pieces = dma_write},
	{.name = "busy", .alone = group_is_busy},
	{.name = "wait", .alone = wait_for_line},
};

static const struct step *find_step(const char *name)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (!strcmp(steps[i].name, name))
			return &steps[i];
	die("there is no step %s", name);
}

/* Does the step that begins at words and returns the words behind it. */
static char **do_step(struct vfio *vfio, char **words)
{
	const struct step *step = find_step(*words++);
	uint64_t numbers[3];

	if (step->alone) {
		step->alone(vfio);
		return words;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!*words)
			die("%s takes IOVA SIZE COUNT", step->name);
		numbers[i] = parse_number(*words++);
	}
	step->with_pieces(vfio, &(struct pieces){numbers[0], numbers[1], numbers[2]});
	return words;
}

int main(int argc, char **argv)
{
	struct vfio vfio = {0};
	char **words = argv + 2;

	if (argc < 2) {
		fputs(usage, stderr);
		return 2;
	}
	open_all(&vfio, argv[1]);
	while (*words)
		words = do_step(&vfio, words);
	close_all(&vfio);
	return 0;
}
