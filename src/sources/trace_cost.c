// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_cost: how long a hit of a probe takes.
 * In: a file whose reading fires probes. Out: nanoseconds. Must never know: which probes, events.
 */
#include "trace_cost.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "trace_files.h"

/* Interrupts only ever make a round longer, so the shortest is nearest to the truth. */
enum { ROUNDS = 5, READS = 100 };

static uint64_t thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The shortest round, of READS reads; 0 if the file cannot be read any more. */
static uint64_t shortest_round_ns(int fd)
{
	uint64_t shortest = UINT64_MAX;
	char text[64];

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t begin_ns = thread_ns(), taken_ns;

		for (int i = 0; i < READS; i++)
			if (pread(fd, text, sizeof(text), 0) <= 0)
				return 0;
		taken_ns = thread_ns() - begin_ns;
		shortest = taken_ns < shortest ? taken_ns : shortest;
	}
	return shortest;
}

uint64_t trace_cost_of_hit(uint64_t with_ns, uint64_t without_ns, unsigned int hits)
{
	uint64_t hit_ns;

	if (!with_ns || !without_ns || !hits || with_ns <= without_ns)
		return 0;
	hit_ns = (with_ns - without_ns) / hits;
	return hit_ns ? hit_ns : 1;
}

static int open_type(const char *groups, const char *name)
{
	char path[PATH_MAX + NAME_MAX + 8];

	snprintf(path, sizeof(path), "%s/%s/type", groups, name);
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

void trace_cost_open(struct trace_cost *cost, const char *sysfs)
{
	char groups[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	*cost = (struct trace_cost){.type_fd = -1};
	snprintf(groups, sizeof(groups), "%s/kernel/iommu_groups", sysfs);
	dir = opendir(groups);
	if (!dir)
		return;
	while (cost->type_fd < 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			cost->type_fd = open_type(groups, entry->d_name);
	closedir(dir);
}

void trace_cost_close(struct trace_cost *cost)
{
	trace_files_close(&cost->type_fd);
}

void trace_cost_measure_with(struct trace_cost *cost)
{
	if (cost->type_fd >= 0 && !cost->with_ns)
		cost->with_ns = shortest_round_ns(cost->type_fd);
}

uint64_t trace_cost_measure_without(struct trace_cost *cost, unsigned int hits)
{
	uint64_t hit_ns;

	if (cost->type_fd < 0 || !cost->with_ns)
		return 0;
	hit_ns = trace_cost_of_hit(cost->with_ns, shortest_round_ns(cost->type_fd), hits * READS);
	trace_cost_close(cost);
	return hit_ns;
}
