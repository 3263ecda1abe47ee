// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Let QEMU's edu device (1234:11e8) do one DMA transfer to or from an address of our choice.
 * At an address nobody mapped for it, the IOMMU refuses and the kernel logs a fault. The device
 * must have no driver.
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
#include <unistd.h>

#include "edu.h"

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
	void *bar = mmap(NULL, EDU_REGISTERS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (bar == MAP_FAILED)
		die("%s: cannot map resource0: %s", bdf, strerror(errno));
	close(fd);
	return bar;
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
	iova = (uint32_t)parse_number(argv[3], EDU_DMA_LAST, "IOVA");
	if (argc == 5)
		count = (uint32_t)parse_number(argv[4], EDU_BUFFER_SIZE, "COUNT");

	enable_device(argv[1]);
	bar = map_registers(argv[1]);
	if (!edu_is_one(bar))
		die("%s is no edu device", argv[1]);
	if (!edu_transfer(bar, to_memory, iova, count))
		die("%s does not finish", argv[1]);
	return 0;
}
