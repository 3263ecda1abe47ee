// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_cpus: the per-CPU files of an instance and what the statistics among them tell.
 * In: per_cpu of an instance. Out: open files, the trace clock, losses that no page tells of.
 * Must never know: what a page holds, which events are on.
 */
#include "trace_cpus.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <tracefs.h>

#include "../util.h"
#include "trace_files.h"
#include "trace_stats.h"

/* ---- the files ---- */

static int open_cpu_file(struct tracefs_instance *files, unsigned int number, const char *name)
{
	char file[64];

	snprintf(file, sizeof(file), "per_cpu/cpu%u/%s", number, name);
	return tracefs_instance_file_open(files, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int open_cpu(struct tracefs_instance *files, struct trace_cpu *cpu)
{
	cpu->raw_fd = open_cpu_file(files, cpu->number, "trace_pipe_raw");
	if (cpu->raw_fd < 0)
		return -1;
	cpu->stats_fd = open_cpu_file(files, cpu->number, "stats");
	return 0;
}

static bool cpu_number(const char *name, unsigned int *number)
{
	uint64_t value;

	if (strncmp(name, "cpu", 3) != 0 || !parse_decimal(name + 3, NULL, &value) ||
	    value >= UINT16_MAX)
		return false;
	*number = (unsigned int)value;
	return true;
}

static int by_number(const void *a, const void *b)
{
	const struct trace_cpu *x = a;
	const struct trace_cpu *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void list_cpus(struct trace_cpus *cpus, const char *instance)
{
	char path[PATH_MAX + 16];
	struct dirent *entry;
	size_t capacity = 0;
	unsigned int number;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/per_cpu", instance);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!cpu_number(entry->d_name, &number))
			continue;
		cpus->all = grow(cpus->all, &capacity, cpus->count, sizeof(*cpus->all));
		cpus->all[cpus->count++] =
			(struct trace_cpu){.number = number, .raw_fd = -1, .stats_fd = -1};
	}
	closedir(dir);
	qsort(cpus->all, cpus->count, sizeof(*cpus->all), by_number);
}

int trace_cpus_find(struct trace_cpus *cpus, const char *instance)
{
	errno = 0;
	list_cpus(cpus, instance);
	return cpus->count ? 0 : -1;
}

/* Two descriptors a CPU: on large machines more than the customary 1024. */
static void raise_descriptor_limit(size_t more)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= more + 256)
		return;
	limit.rlim_cur = limit.rlim_max < more + 256 ? limit.rlim_max : more + 256;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int trace_cpus_open(struct trace_cpus *cpus, struct tracefs_instance *files)
{
	raise_descriptor_limit(2 * cpus->count);
	for (size_t i = 0; i < cpus->count; i++)
		if (open_cpu(files, &cpus->all[i]) < 0)
			return -1;
	return 0;
}

void trace_cpus_close(struct trace_cpus *cpus)
{
	for (size_t i = 0; i < cpus->count; i++) {
		trace_files_close(&cpus->all[i].raw_fd);
		trace_files_close(&cpus->all[i].stats_fd);
	}
}

void trace_cpus_emergency_close(const struct trace_cpus *cpus)
{
	for (size_t i = 0; i < cpus->count; i++) {
		close(cpus->all[i].raw_fd);
		close(cpus->all[i].stats_fd);
	}
}

void trace_cpus_free(struct trace_cpus *cpus)
{
	free(cpus->all);
	cpus->all = NULL;
	cpus->count = 0;
}

/* ---- statistics ---- */

static bool read_stats(const struct trace_cpu *cpu, struct trace_stats *stats)
{
	char text[1024];
	ssize_t length;

	if (cpu->stats_fd < 0)
		return false;
	length = pread(cpu->stats_fd, text, sizeof(text) - 1, 0);
	if (length <= 0)
		return false;
	text[length] = '\0';
	*stats = trace_stats_parse(text);
	return true;
}

void trace_cpus_begin(struct trace_cpus *cpus)
{
	struct trace_stats stats;

	for (size_t i = 0; i < cpus->count; i++)
		if (read_stats(&cpus->all[i], &stats))
			cpus->all[i].lost = stats.lost;
}

bool trace_cpus_now(const struct trace_cpus *cpus, uint64_t *now_ns)
{
	struct trace_stats stats;

	if (!cpus->count || !read_stats(&cpus->all[0], &stats) || !stats.now_ns)
		return false;
	*now_ns = stats.now_ns;
	return true;
}

uint64_t trace_cpus_begin_time(const struct trace_cpus *cpus)
{
	struct trace_stats stats;
	uint64_t first_ns = 0;

	trace_cpus_now(cpus, &first_ns);
	for (size_t i = 0; i < cpus->count; i++)
		if (read_stats(&cpus->all[i], &stats) && stats.oldest_ns &&
		    stats.oldest_ns < first_ns)
			first_ns = stats.oldest_ns;
	return first_ns;
}

static void push_lost(struct stream *stream, const struct trace_cpu *cpu, uint64_t ts_ns,
                      uint64_t count)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_LOST, .cpu = (uint16_t)cpu->number};

	ev.lost.count = count;
	ev.lost.source = SOURCE_TRACE;
	ev.lost.exact = true;
	stream_push_event(stream, &ev);
}

void trace_cpus_push_lost(struct trace_cpus *cpus, struct stream *stream, uint64_t now_ns)
{
	struct trace_stats stats;

	for (size_t i = 0; i < cpus->count; i++) {
		struct trace_cpu *cpu = &cpus->all[i];

		if (!read_stats(cpu, &stats))
			continue;
		if (stats.lost > cpu->lost)
			push_lost(stream, cpu, now_ns, stats.lost - cpu->lost);
		cpu->lost = stats.lost;
	}
}
