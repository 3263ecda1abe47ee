// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Let QEMU's edu device (1234:11e8) do one DMA transfer to or from an address of our choice.
 * At an address nobody mapped for it, the IOMMU refuses and the kernel logs a fault. The device
 * must have no driver. Its registers are in QEMU's docs/specs/edu.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
	REGISTERS_SIZE = 4096, /* of a BAR of 1 MiB */
	REG_ID = 0x00,
	REG_DMA_SOURCE = 0x80,
	REG_DMA_DESTINATION = 0x88,
	REG_DMA_COUNT = 0x90,
	REG_DMA_COMMAND = 0x98,
	DEVICE_BUFFER = 0x40000,
	DEVICE_BUFFER_SIZE = 4096, /* beyond it QEMU aborts */
	COMMAND_START = 1,
	COMMAND_TO_MEMORY = 2,
	CONFIG_COMMAND = 4,
	CONFIG_MEMORY = 2,
	CONFIG_MASTER = 4,
};

#define DMA_LAST ((UINT64_C(1) << 28) - 1) /* the device drops the bits above */

static _Noreturn void die(const char *format, ...)
{
	va_list args;

	fputs("edu_dma: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static int open_attribute(const char *bdf, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, name);
	fd = open(path, O_RDWR | O_CLOEXEC | O_SYNC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

/* No driver is bound, so nobody has let the device decode its BAR or master the bus. */
static void enable_device(const char *bdf)
{
	int fd = open_attribute(bdf, "config");
	uint8_t command[2];

	if (pread(fd, command, sizeof(command), CONFIG_COMMAND) != sizeof(command))
		die("%s: cannot read the configuration space", bdf);
	command[0] |= CONFIG_MEMORY | CONFIG_MASTER;
	if (pwrite(fd, command, sizeof(command), CONFIG_COMMAND) != sizeof(command))
		die("%s: cannot write the configuration space", bdf);
	close(fd);
}

static volatile uint32_t *map_registers(const char *bdf)
{
	int fd = open_attribute(bdf, "resource0");
	void *bar = mmap(NULL, REGISTERS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (bar == MAP_FAILED)
		die("%s: cannot map resource0: %s", bdf, strerror(errno));
	close(fd);
	return bar;
}

static void write_register(volatile uint32_t *bar, unsigned int offset, uint32_t value)
{
	bar[offset / sizeof(*bar)] = value;
}

static uint32_t read_register(volatile uint32_t *bar, unsigned int offset)
{
	return bar[offset / sizeof(*bar)];
}

/* The device takes 100 ms for any transfer. */
static int wait_idle(volatile uint32_t *bar)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	for (int i = 0; i < 500; i++) {
		if (!(read_register(bar, REG_DMA_COMMAND) & COMMAND_START))
			return 0;
		nanosleep(&pause, NULL);
	}
	return -1;
}

static uint64_t parse_number(const char *text, uint64_t last, const char *what)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || value > last)
		die("bad %s %s (at most %#llx)", what, text, (unsigned long long)last);
	return value;
}

int main(int argc, char **argv)
{
	volatile uint32_t *bar;
	uint32_t iova, count = 4;
	int to_memory;

	if (argc < 4 || argc > 5 || (strcmp(argv[2], "read") && strcmp(argv[2], "write"))) {
		fputs("usage: edu_dma BDF read|write IOVA [COUNT]\n"
		      "The device reads from memory, or writes to it.\n",
		      stderr);
		return 2;
	}
	to_memory = !strcmp(argv[2], "write");
	iova = (uint32_t)parse_number(argv[3], DMA_LAST, "IOVA");
	if (argc == 5)
		count = (uint32_t)parse_number(argv[4], DEVICE_BUFFER_SIZE, "COUNT");

	enable_device(argv[1]);
	bar = map_registers(argv[1]);
	if ((read_register(bar, REG_ID) & 0xffff) != 0x00ed)
		die("%s is no edu device", argv[1]);
	if (wait_idle(bar))
		die("%s is busy", argv[1]);
	write_register(bar, REG_DMA_SOURCE, to_memory ? DEVICE_BUFFER : iova);
	write_register(bar, REG_DMA_DESTINATION, to_memory ? iova : DEVICE_BUFFER);
	write_register(bar, REG_DMA_COUNT, count);
	write_register(bar, REG_DMA_COMMAND, COMMAND_START | (to_memory ? COMMAND_TO_MEMORY : 0));
	if (wait_idle(bar))
		die("%s does not finish", argv[1]);
	return 0;
}
