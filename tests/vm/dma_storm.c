// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Let an e1000e card (8086:10d3) without a driver fetch send descriptors from memory that nobody
 * mapped for it, one by one: each is a read that the IOMMU refuses. Unlike the edu device it takes
 * no time for one, so that thousands can be had. Registers: Intel 82574 datasheet, chapter 10.
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
	REGISTERS_SIZE = 128 * 1024,
	TCTL = 0x0400,
	TDBAL = 0x3800,
	TDBAH = 0x3804,
	TDLEN = 0x3808,
	TDH = 0x3810,
	TDT = 0x3818,
	TCTL_ENABLE = 2,
	RING_BYTES = 4096,
	DESCRIPTOR_BYTES = 16,
	DESCRIPTORS = RING_BYTES / DESCRIPTOR_BYTES,
	CONFIG_COMMAND = 4,
	CONFIG_MEMORY_AND_MASTER = 2 | 4,
};

static _Noreturn void die(const char *format, ...)
{
	va_list args;

	fputs("dma_storm: ", stderr);
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

static void enable_device(const char *bdf)
{
	int fd = open_attribute(bdf, "config");
	uint8_t command;

	if (pread(fd, &command, 1, CONFIG_COMMAND) != 1)
		die("%s: cannot read the configuration space", bdf);
	command |= CONFIG_MEMORY_AND_MASTER;
	if (pwrite(fd, &command, 1, CONFIG_COMMAND) != 1)
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

static unsigned long parse(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || *end)
		die("%s is no number", text);
	return value;
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000};
	volatile uint32_t *bar;
	unsigned long iova, count;

	if (argc != 4) {
		fputs("usage: dma_storm BDF IOVA COUNT\n", stderr);
		return 2;
	}
	iova = parse(argv[2]);
	count = parse(argv[3]);
	enable_device(argv[1]);
	bar = map_registers(argv[1]);
	bar[TCTL / 4] = 0;
	bar[TDBAL / 4] = (uint32_t)iova;
	bar[TDBAH / 4] = (uint32_t)(iova >> 32);
	bar[TDLEN / 4] = RING_BYTES;
	bar[TDH / 4] = 0;
	bar[TDT / 4] = 0;
	bar[TCTL / 4] = TCTL_ENABLE;
	for (unsigned long i = 1; i <= count; i++) {
		bar[TDT / 4] = (uint32_t)(i % DESCRIPTORS);
		/* What comes while one is not yet taken makes no interrupt of its own. */
		nanosleep(&pause, NULL);
	}
	bar[TCTL / 4] = 0;
	return 0;
}
