// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat: the least that reading a file of trace-cmd takes: every page of it is unpacked, and
 * each line of the processor's cache is touched. In: a file. Out: seconds.
 *
 *	build/release/tests/bench/tracedat FILE
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sources/tracedat_contents.h"
#include "sources/tracedat_pages.h"

#define CACHE_LINE 64

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What is added up is printed, or it would not be read. */
static unsigned int touch(struct tracedat_pages *pages, unsigned long long *count)
{
	struct tracedat_page page;
	unsigned int sum = 0;

	while (tracedat_pages_next(pages, &page)) {
		const unsigned char *bytes = page.bytes;

		for (size_t at = 0; at < page.size; at += CACHE_LINE)
			sum += bytes[at];
		(*count)++;
	}
	return sum;
}

static int touch_all(int fd, unsigned long long *count, unsigned int *sum, struct error *err)
{
	struct tracedat_contents contents;
	struct stat status;
	int result = -1;

	if (fstat(fd, &status))
		return error_set(err, 0, "it cannot be read");
	if (tracedat_contents_read(&contents, fd, (uint64_t)status.st_size, err) == 0) {
		struct tracedat_pages *pages =
			tracedat_pages_new(fd, (uint64_t)status.st_size, &contents.buffers[0],
		                           contents.packing, err);

		if (pages) {
			*sum = touch(pages, count);
			result = 0;
		}
		tracedat_pages_free(pages);
	}
	tracedat_contents_release(&contents);
	return result;
}

int main(int argc, char **argv)
{
	unsigned long long count = 0;
	unsigned int sum = 0;
	struct error err;
	double before;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0) {
		fprintf(stderr, "usage: tracedat FILE\n");
		return 2;
	}
	before = now_s();
	if (touch_all(fd, &count, &sum, &err)) {
		fprintf(stderr, "%s: %s\n", argv[1], err.text);
		return 1;
	}
	printf("%.3f %llu %u\n", now_s() - before, count, sum);
	close(fd);
	return 0;
}
