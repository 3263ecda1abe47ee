// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairing_places: the contexts in which something may be under way, a place for each.
 * In: struct raw. Out: its place. Must never know: what is under way there, events. Pure.
 */
#include "pairing_private.h"

#include <stdlib.h>
#include <string.h>

#include "../util.h"

static enum level level_of(const struct raw *raw)
{
	if (raw->context & CONTEXT_HARD_IRQ)
		return LEVEL_HARD_IRQ;
	return raw->context & CONTEXT_SOFT_IRQ ? LEVEL_SOFT_IRQ : LEVEL_IDLE;
}

static void clear_place(struct place *place, uint64_t generation)
{
	free(place->dma_device);
	*place = (struct place){.generation = generation};
}

/* It stays whose it is. */
static void renew_place(struct place *place, uint64_t generation)
{
	int32_t pid = place->pid;

	clear_place(place, generation);
	place->pid = pid;
}

bool pairing_begins(uint8_t kind)
{
	return kind == RAW_MAP_CALL || kind == RAW_UNMAP_CALL || kind == RAW_ATTACH_CALL ||
	       kind == RAW_PASID_CALL || kind == RAW_DMA_CALL;
}

static struct place *task_place(struct pairing *pairing, int32_t pid, bool make)
{
	size_t set = (uint32_t)pid * 0x9e3779b1u >> 16 & (TASK_SETS - 1);
	struct place *places, *oldest;

	if (!pairing->tasks[set] && !make)
		return NULL;
	if (!pairing->tasks[set])
		pairing->tasks[set] = xcalloc(TASK_WAYS, sizeof(*places));
	places = oldest = pairing->tasks[set];
	for (unsigned int i = 0; i < TASK_WAYS; i++) {
		if (places[i].pid == pid)
			return &places[i];
		if (places[i].used_ns < oldest->used_ns)
			oldest = &places[i];
	}
	if (!make)
		return NULL;
	clear_place(oldest, pairing->task_generation);
	oldest->pid = pid;
	return oldest;
}

static struct place *cpu_place(struct pairing *pairing, uint16_t cpu, enum level level)
{
	size_t room = pairing->cpu_room ? pairing->cpu_room : 8;

	while (room <= cpu)
		room *= 2;
	if (room > pairing->cpu_room) {
		pairing->cpus = xrealloc(pairing->cpus, room * sizeof(*pairing->cpus));
		memset(pairing->cpus + pairing->cpu_room, 0,
		       (room - pairing->cpu_room) * sizeof(*pairing->cpus));
		pairing->cpu_room = room;
	}
	return &pairing->cpus[cpu][level];
}

struct place *pairing_find_place(const struct turn *turn)
{
	struct pairing *pairing = turn->pairing;
	const struct raw *raw = turn->raw;
	bool task = pairing_is_task(raw);
	uint64_t generation = task ? pairing->task_generation : pairing->generation;
	struct place *place;

	if (task && raw->ts_ns < pairing->blind_until_ns)
		return NULL;
	place = task ? task_place(pairing, raw->pid, pairing_begins(raw->kind))
	             : cpu_place(pairing, raw->cpu, level_of(raw));
	if (!place)
		return NULL;
	if (place->generation != generation)
		renew_place(place, generation);
	place->used_ns = raw->ts_ns;
	if (task)
		pairing->last = place;
	/* A DMA call names the device of the map it makes at once, and of nothing later. */
	if (place->dma_device && raw->kind != RAW_MAP_CALL) {
		free(place->dma_device);
		place->dma_device = NULL;
	}
	return place;
}

void pairing_forget_place(const struct turn *turn)
{
	struct place *place = pairing_find_place(turn);

	if (place)
		renew_place(place, place->generation);
}

void pairing_forget_tasks(struct pairing *pairing)
{
	pairing->task_generation++;
}

void pairing_forget_cpu(struct pairing *pairing, uint16_t cpu)
{
	for (int level = 0; level < LEVEL_COUNT; level++)
		clear_place(cpu_place(pairing, cpu, (enum level)level), pairing->generation);
}
