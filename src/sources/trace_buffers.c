// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_buffers: how much memory the ring buffers of an instance take.
 * In: the memory and the CPUs there are. Out: whether it will do; the size of a buffer.
 * Must never know: events, records, the stream.
 */
#include "trace_buffers.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tracefs.h>

#include "../util.h"
#include "files.h"

/* mkdir allocates all of it at once: kernel/trace/trace.c, TRACE_BUF_SIZE_DEFAULT. */
#define NEW_BUFFER_KB 1408u

/* A new instance may not take more of the available memory than one part in so many. */
#define MEMORY_PARTS 20u

/* With many CPUs each gets less, so that the whole stays within this. */
#define ALL_BUFFERS_KB (128u * 1024)

/* MemAvailable; 0: not known. */
static uint64_t available_kb(const char *procfs)
{
	char path[PATH_MAX], text[4096];
	const char *at;
	const char *end;
	uint64_t kb = 0;

	snprintf(path, sizeof(path), "%s/meminfo", procfs);
	files_read(AT_FDCWD, path, text, sizeof(text));
	at = strstr(text, "MemAvailable:");
	if (at)
		parse_decimal(at + strcspn(at, "0123456789"), &end, &kb);
	return kb;
}

/* Only these have buffers; per_cpu lists all that could ever be. */
static unsigned int online_cpus(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count > 0 ? (unsigned int)count : 1;
}

int trace_buffers_check(const char *procfs, struct trace_verdict *verdict)
{
	unsigned int cpus = online_cpus();
	uint64_t needed = (uint64_t)cpus * NEW_BUFFER_KB;
	uint64_t available = available_kb(procfs);

	if (!available || needed <= available / MEMORY_PARTS)
		return 0;
	trace_verdict_tell(
		verdict, HEALTH_OFF,
		"name a smaller instance with --instance: buffers for %u CPUs take %llu of %llu MB "
		"available, over 5 %%",
		cpus, (unsigned long long)(needed / 1024), (unsigned long long)(available / 1024));
	return -1;
}

size_t trace_buffers_size(struct tracefs_instance *files, bool own, unsigned int cpu)
{
	size_t kb = ALL_BUFFERS_KB / online_cpus();
	ssize_t now_kb;

	if (own && kb < NEW_BUFFER_KB)
		tracefs_instance_set_buffer_size(files, kb, -1);
	now_kb = tracefs_instance_get_buffer_size(files, (int)cpu);
	return (now_kb > 0 ? (size_t)now_kb : NEW_BUFFER_KB) * 1024;
}
