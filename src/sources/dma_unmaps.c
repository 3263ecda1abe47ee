// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dma_unmaps: whose an unmap is that was announced.
 * In: lists that were mapped, announcements, the records behind them. Out: names of devices.
 * Must never know: lanes, what becomes of a record, the model.
 */
#include "dma_unmaps.h"

#include <stdlib.h>
#include <string.h>

#include "../event.h"
#include "../owned.h"
#include "../util.h"
#include "naming.h"

#define PAGE_MASK (~(uint64_t)4095)

/* Lists that are mapped at the same time are as many as requests under way: some thousands. */
enum { SETS = 4096, WAYS = 4 };

/* A task, and the interrupts that can come on top of each other. */
enum { LEVELS = 4 };

struct announced {
	char *device; /* NULL: nothing is */
	uint64_t address, size_bytes;
	int32_t pid;
	bool list; /* address is a physical one */
};

struct cpu {
	struct announced *levels; /* LEVELS, made when the first comes */
	unsigned int count;
};

/* Hashes of what a list was known by, 0 where there is none; the newest of a set first. */
struct dma_unmaps {
	uint64_t (*lists)[WAYS]; /* made when the first comes */
	struct cpu *cpus;
	unsigned int cpu_count;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

static uint64_t list_key(const char *device, uint64_t physical, uint64_t iova)
{
	uint64_t key = mix(mix(naming_hash(device), physical), iova);

	return key ? key : 1;
}

static size_t find_way(const uint64_t *set, uint64_t key)
{
	size_t way = 0;

	while (way < WAYS && set[way] != key)
		way++;
	return way;
}

/* Where there is no room the oldest of its set has to go. */
static void remember(struct dma_unmaps *unmaps, uint64_t key)
{
	uint64_t *set;

	if (!unmaps->lists)
		unmaps->lists = xcalloc(SETS, sizeof(*unmaps->lists));
	set = unmaps->lists[key % SETS];
	memmove(set + 1, set, (WAYS - 1) * sizeof(*set));
	set[0] = key;
}

static bool recall(struct dma_unmaps *unmaps, uint64_t key)
{
	uint64_t *set = unmaps->lists ? unmaps->lists[key % SETS] : NULL;
	size_t way = set ? find_way(set, key) : WAYS;

	if (way == WAYS)
		return false;
	memmove(set + way, set + way + 1, (WAYS - 1 - way) * sizeof(*set));
	set[WAYS - 1] = 0;
	return true;
}

static struct announced *level_of(struct dma_unmaps *unmaps, unsigned int cpu,
                                  const struct raw *raw)
{
	_Static_assert((CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ) == LEVELS - 1, "bits are an index");
	if (!unmaps->cpus[cpu].levels)
		unmaps->cpus[cpu].levels = xcalloc(LEVELS, sizeof(struct announced));
	return &unmaps->cpus[cpu].levels[raw->context & (CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ)];
}

static void end(struct cpu *cpu, struct announced *announced)
{
	if (!announced->device)
		return;
	free(announced->device);
	announced->device = NULL;
	cpu->count--;
}

static void end_all(struct cpu *cpu)
{
	for (size_t i = 0; cpu->levels && i < LEVELS; i++)
		end(cpu, &cpu->levels[i]);
}

struct dma_unmaps *dma_unmaps_new(unsigned int cpus)
{
	struct dma_unmaps *unmaps = xcalloc(1, sizeof(*unmaps));

	unmaps->cpus = xcalloc(cpus, sizeof(*unmaps->cpus));
	unmaps->cpu_count = cpus;
	return unmaps;
}

static void own_cpu(struct cpu *cpu, struct owned *owned)
{
	OWNED_BEGIN(owned, cpu->levels, LEVELS, LEVELS);
	for (size_t i = 0; cpu->levels && i < LEVELS; i++)
		owned_text(owned, &cpu->levels[i].device);
	owned_end(owned, &cpu->levels);
}

void dma_unmaps_owned(struct dma_unmaps **unmaps, struct owned *owned)
{
	OWNED_BEGIN(owned, *unmaps, 1, 1);
	OWNED_ARRAY(owned, (*unmaps)->lists, SETS, SETS);
	OWNED_BEGIN(owned, (*unmaps)->cpus, (*unmaps)->cpu_count, (*unmaps)->cpu_count);
	for (unsigned int i = 0; i < (*unmaps)->cpu_count; i++)
		own_cpu(&(*unmaps)->cpus[i], owned);
	owned_end(owned, &(*unmaps)->cpus);
	owned_end(owned, unmaps);
}

void dma_unmaps_free(struct dma_unmaps *unmaps)
{
	struct owned all = {.task = OWNED_FREE};

	if (unmaps)
		dma_unmaps_owned(&unmaps, &all);
}

void dma_unmaps_list_mapped(struct dma_unmaps *unmaps, const char *device, uint64_t physical,
                            uint64_t iova)
{
	remember(unmaps, list_key(device, physical, iova));
}

void dma_unmaps_announce(struct dma_unmaps *unmaps, unsigned int cpu, const struct raw *raw)
{
	struct announced *announced = level_of(unmaps, cpu, raw);

	end(&unmaps->cpus[cpu], announced);
	*announced = (struct announced){
		.device = raw->text,
		.address = raw->value[0],
		.size_bytes = raw->value[1],
		.pid = raw->pid,
		.list = raw->kind == RAW_DMA_UNMAP_LIST,
	};
	unmaps->cpus[cpu].count++;
}

bool dma_unmaps_any(const struct dma_unmaps *unmaps, unsigned int cpu)
{
	return unmaps->cpus[cpu].count;
}

static bool is_announced(struct dma_unmaps *unmaps, const struct announced *announced,
                         const struct raw *raw)
{
	if (raw->kind != RAW_UNMAP || raw->text || raw->pid != announced->pid)
		return false;
	if (announced->list)
		return recall(unmaps,
		              list_key(announced->device, announced->address, raw->value[0]));
	return raw->value[0] == (announced->address & PAGE_MASK) &&
	       raw->value[1] >= announced->size_bytes;
}

char *dma_unmaps_name(struct dma_unmaps *unmaps, unsigned int cpu, const struct raw *raw)
{
	struct announced *announced = level_of(unmaps, cpu, raw);
	char *device = NULL;

	if (raw->kind == RAW_LOST) {
		end_all(&unmaps->cpus[cpu]);
		return NULL;
	}
	if (!announced->device)
		return NULL;
	if (is_announced(unmaps, announced, raw))
		device = xstrdup(announced->device);
	end(&unmaps->cpus[cpu], announced);
	return device;
}
