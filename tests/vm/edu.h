/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_EDU_H
#define IOMMUTOP_TESTS_EDU_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * QEMU's edu device (1234:11e8), as far as it does DMA: its registers are in QEMU's docs/specs/edu.
 * bar is BAR 0, mapped.
 */

enum {
	EDU_REGISTERS_SIZE = 4096, /* of a BAR of 1 MiB */
	EDU_ID = 0x00,
	EDU_DMA_SOURCE = 0x80,
	EDU_DMA_DESTINATION = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_COMMAND = 0x98,
	EDU_BUFFER = 0x40000,
	EDU_BUFFER_SIZE = 4096, /* beyond it QEMU aborts */
	EDU_START = 1,
	EDU_TO_MEMORY = 2,
};

#define EDU_DMA_LAST ((UINT64_C(1) << 28) - 1) /* the device drops the bits above */

/* In a device's configuration space: its command register, to decode BARs and master the bus. */
enum { CONFIG_COMMAND = 4, CONFIG_MEMORY = 2, CONFIG_MASTER = 4 };

static inline void edu_write(volatile uint32_t *bar, unsigned int offset, uint32_t value)
{
	bar[offset / sizeof(*bar)] = value;
}

static inline uint32_t edu_read(volatile uint32_t *bar, unsigned int offset)
{
	return bar[offset / sizeof(*bar)];
}

static inline bool edu_is_one(volatile uint32_t *bar)
{
	return (edu_read(bar, EDU_ID) & 0xffff) == 0x00ed;
}

/* The device takes 100 ms for any transfer. False: it does not end. */
static inline bool edu_wait_idle(volatile uint32_t *bar)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	for (int i = 0; i < 500; i++) {
		if (!(edu_read(bar, EDU_DMA_COMMAND) & EDU_START))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* One transfer of count bytes to or from the address iova, begun when the one before has ended.
 * False: one of them does not end. */
static inline bool edu_transfer(volatile uint32_t *bar, bool to_memory, uint32_t iova,
                                uint32_t count)
{
	if (!edu_wait_idle(bar))
		return false;
	edu_write(bar, EDU_DMA_SOURCE, to_memory ? EDU_BUFFER : iova);
	edu_write(bar, EDU_DMA_DESTINATION, to_memory ? iova : EDU_BUFFER);
	edu_write(bar, EDU_DMA_COUNT, count);
	edu_write(bar, EDU_DMA_COMMAND, EDU_START | (to_memory ? EDU_TO_MEMORY : 0));
	return edu_wait_idle(bar);
}

#endif
