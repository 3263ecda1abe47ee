/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DMA_UNMAPS_H
#define IOMMUTOP_DMA_UNMAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "raw.h"

/*
 * Whose an unmap is, where the kernel tells that right before it: when a driver frees memory, or
 * unmaps a list. Of a list it tells physical addresses only, and a device without translation
 * unmaps nothing; so the lists that were seen to be mapped are remembered, and an unmap is named
 * when it is of the address that this device's list of this memory was given. Pure.
 *
 * Memory is bounded. A list that had to make room for others is not known any more: its unmap is
 * named by nobody.
 */
struct dma_unmaps;
struct owned;

struct dma_unmaps *dma_unmaps_new(unsigned int cpus);
void dma_unmaps_free(struct dma_unmaps *unmaps);
/* All its memory, for a copy of it (owned.h). */
void dma_unmaps_owned(struct dma_unmaps **unmaps, struct owned *owned);

/* A list of this device that begins at this physical address was mapped at iova. */
void dma_unmaps_list_mapped(struct dma_unmaps *unmaps, const char *device, uint64_t physical,
                            uint64_t iova);

/* Takes over the text of a RAW_DMA_UNMAP_LIST or a RAW_DMA_FREE of that CPU. */
void dma_unmaps_announce(struct dma_unmaps *unmaps, unsigned int cpu, const struct raw *raw);

/* Whether something is announced on that CPU: each of its records is to be asked for then. */
bool dma_unmaps_any(const struct dma_unmaps *unmaps, unsigned int cpu);

/*
 * The device (malloc) that the unmap raw was announced for, or NULL. Only the next record of a
 * context can be it. A RAW_LOST ends all that is announced.
 */
char *dma_unmaps_name(struct dma_unmaps *unmaps, unsigned int cpu, const struct raw *raw);

#endif
