// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_cost: how long a hit of a probe takes.
 * In: a file whose reading fires probes. Out: nanoseconds. Must never know: which probes, events.
 */
#include "trace_cost.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../clock.h"
#include "../util.h"

/* Interrupts only ever make a round longer, so the shortest is nearest to the truth. */
enum { ROUNDS = 5, READS = 100 };

/* Of the probes. */
enum phase { PHASE_OFF, PHASE_ON, PHASE_COUNT };

/* Between the two threads; the last one to leave frees it. */
struct trace_cost {
	char *sysfs;
	ssize_t (*read_type)(int fd);

	pthread_mutex_t lock; /* for what follows; held for moments only, never over a read */
	pthread_cond_t moved;
	uint64_t serial; /* counts pauses */
	enum phase phase;
	bool paused, stopped;
	uint64_t shortest_ns[PHASE_COUNT]; /* a round; 0: not measured yet */
	unsigned int users;
};

/* A phase that the thread works in, until the next pause. */
struct stay {
	enum phase phase;
	uint64_t serial;
};

static void leave(struct trace_cost *cost)
{
	bool last;

	pthread_mutex_lock(&cost->lock);
	last = --cost->users == 0;
	pthread_mutex_unlock(&cost->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&cost->lock);
	pthread_cond_destroy(&cost->moved);
	free(cost->sysfs);
	free(cost);
}

/* ---- the thread ---- */

static ssize_t read_type(int fd)
{
	char text[64];

	return pread(fd, text, sizeof(text), 0);
}

static int open_type(const char *groups, const char *name)
{
	char path[PATH_MAX + NAME_MAX + 8];

	snprintf(path, sizeof(path), "%s/%s/type", groups, name);
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* The type of some group; -1: there is none. */
static int open_some_type(const char *sysfs)
{
	char groups[PATH_MAX];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	snprintf(groups, sizeof(groups), "%s/kernel/iommu_groups", sysfs);
	dir = opendir(groups);
	if (!dir)
		return -1;
	while (fd < 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			fd = open_type(groups, entry->d_name);
	closedir(dir);
	return fd;
}

/* Waits for a phase that has not been measured. False: nothing is left to do. */
static bool next_stay(struct trace_cost *cost, struct stay *stay)
{
	bool work;

	pthread_mutex_lock(&cost->lock);
	while (!cost->stopped && (cost->paused || cost->shortest_ns[cost->phase]) &&
	       !(cost->shortest_ns[PHASE_OFF] && cost->shortest_ns[PHASE_ON]))
		pthread_cond_wait(&cost->moved, &cost->lock);
	*stay = (struct stay){.phase = cost->phase, .serial = cost->serial};
	work = !cost->stopped && !cost->shortest_ns[cost->phase];
	pthread_mutex_unlock(&cost->lock);
	return work;
}

static bool is_over(struct trace_cost *cost, const struct stay *stay)
{
	bool over;

	pthread_mutex_lock(&cost->lock);
	over = cost->stopped || cost->serial != stay->serial;
	pthread_mutex_unlock(&cost->lock);
	return over;
}

/* 0 if the file cannot be read any more. */
static uint64_t round_ns(const struct trace_cost *cost, int fd)
{
	uint64_t begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID), taken_ns;

	for (int i = 0; i < READS; i++)
		if (cost->read_type(fd) <= 0)
			return 0;
	taken_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	return taken_ns ? taken_ns : 1;
}

static void keep(struct trace_cost *cost, const struct stay *stay, uint64_t shortest_ns)
{
	pthread_mutex_lock(&cost->lock);
	cost->shortest_ns[stay->phase] = shortest_ns;
	pthread_mutex_unlock(&cost->lock);
}

/* All rounds in one phase, or none. False if the file cannot be read any more. */
static bool measure(struct trace_cost *cost, int fd, const struct stay *stay)
{
	uint64_t shortest_ns = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t taken_ns = round_ns(cost, fd);

		if (!taken_ns)
			return false;
		if (is_over(cost, stay))
			return true;
		shortest_ns = taken_ns < shortest_ns ? taken_ns : shortest_ns;
	}
	keep(cost, stay, shortest_ns);
	return true;
}

static void *work(void *argument)
{
	struct trace_cost *cost = argument;
	int fd = open_some_type(cost->sysfs);
	struct stay stay;

	while (fd >= 0 && next_stay(cost, &stay) && measure(cost, fd, &stay))
		;
	if (fd >= 0)
		close(fd);
	leave(cost);
	return NULL;
}

/* ---- those who ask ---- */

/* Signals belong to the main thread. */
static int start_thread(struct trace_cost *cost)
{
	sigset_t all, before;
	pthread_t thread;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	code = pthread_create(&thread, NULL, work, cost);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code == 0)
		pthread_detach(thread);
	return code;
}

struct trace_cost *trace_cost_open(const char *sysfs, ssize_t (*read_function)(int fd))
{
	struct trace_cost *cost = xcalloc(1, sizeof(*cost));

	cost->sysfs = xstrdup(sysfs);
	cost->read_type = read_function ? read_function : read_type;
	pthread_mutex_init(&cost->lock, NULL);
	pthread_cond_init(&cost->moved, NULL);
	cost->paused = true;
	cost->users = 2;
	if (start_thread(cost) == 0)
		return cost;
	cost->users = 1;
	leave(cost);
	return NULL;
}

void trace_cost_close(struct trace_cost *cost)
{
	if (!cost)
		return;
	pthread_mutex_lock(&cost->lock);
	cost->stopped = true;
	pthread_cond_signal(&cost->moved);
	pthread_mutex_unlock(&cost->lock);
	leave(cost);
}

void trace_cost_pause(struct trace_cost *cost)
{
	pthread_mutex_lock(&cost->lock);
	cost->serial++;
	cost->paused = true;
	pthread_mutex_unlock(&cost->lock);
}

void trace_cost_resume(struct trace_cost *cost, bool on)
{
	pthread_mutex_lock(&cost->lock);
	cost->phase = on ? PHASE_ON : PHASE_OFF;
	cost->paused = false;
	pthread_cond_signal(&cost->moved);
	pthread_mutex_unlock(&cost->lock);
}

uint64_t trace_cost_of_hit(uint64_t with_ns, uint64_t without_ns, unsigned int hits)
{
	uint64_t hit_ns;

	if (!with_ns || !without_ns || !hits || with_ns <= without_ns)
		return 0;
	hit_ns = (with_ns - without_ns) / hits;
	return hit_ns ? hit_ns : 1;
}

uint64_t trace_cost_hit_ns(struct trace_cost *cost, unsigned int hits)
{
	uint64_t hit_ns;

	pthread_mutex_lock(&cost->lock);
	hit_ns = trace_cost_of_hit(cost->shortest_ns[PHASE_ON], cost->shortest_ns[PHASE_OFF],
	                           hits * READS);
	pthread_mutex_unlock(&cost->lock);
	return hit_ns;
}
