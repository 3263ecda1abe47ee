// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * boot_trace: the kernel's global trace buffer, read but not touched.
 * In: tracefs. Out: events. Must never know: who listens.
 *
 * Relied on: kernel/trace/trace.c, 5.10 to 7.x. Opening trace without O_TRUNC leaves records where
 * they are, and tracing_stop_tr() is called only with pause-on-trace; per_cpu/cpuN/stats tells by
 * the buffer's own clock what now is.
 */
#include "boot_trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../util.h"
#include "boot_text.h"
#include "files.h"
#include "trace_stats.h"

#define MOST_BYTES (64ull << 20)
#define MOST_NS    1000000000ull
#define KEEP       4096u
/* The kernel gives a page at a time. */
#define PIECE_BYTES 65536u

/* How reading went. */
struct reading {
	int directory;
	char clock[32];
	struct boot_text *text;
	uint64_t bytes, begin_ns;
	bool more;
	int error; /* errno value that ended it, 0 */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- what is asked before ---- */

static bool read_stats(int directory, const char *cpu, struct trace_stats *stats)
{
	char path[300], text[1024];

	snprintf(path, sizeof(path), "per_cpu/%s/stats", cpu);
	if (!files_read(directory, path, text, sizeof(text)))
		return false;
	*stats = trace_stats_parse(text);
	return true;
}

/* One CPU after the other, until one says yes. */
static bool ask_cpus(int directory, bool (*says)(const struct trace_stats *stats, uint64_t *out),
                     uint64_t *out)
{
	DIR *cpus = files_open_stream(directory, "per_cpu");
	struct trace_stats stats;
	struct dirent *entry;
	bool found = false;

	while (cpus && !found && (entry = readdir(cpus)))
		found = !strncmp(entry->d_name, "cpu", 3) &&
		        read_stats(directory, entry->d_name, &stats) && says(&stats, out);
	if (cpus)
		closedir(cpus);
	return found;
}

static bool knows_now(const struct trace_stats *stats, uint64_t *now_ns)
{
	*now_ns = stats->now_ns;
	return stats->now_ns;
}

static bool holds_some(const struct trace_stats *stats, uint64_t *entries)
{
	*entries = stats->entries;
	return stats->entries;
}

static bool add_overwritten(const struct trace_stats *stats, uint64_t *overwritten)
{
	*overwritten += stats->overwritten;
	return false;
}

static bool add_lost(const struct trace_stats *stats, uint64_t *lost)
{
	*lost += stats->lost;
	return false;
}

/* The word in brackets. */
static void read_clock(int directory, char *clock, size_t size)
{
	char text[256], *end, *begin;

	clock[0] = '\0';
	if (!files_read(directory, "trace_clock", text, sizeof(text)) ||
	    !(begin = strchr(text, '[')) || !(end = strchr(begin, ']')))
		return;
	*end = '\0';
	copy_text(clock, size, begin + 1);
}

/*
 * Clocks that count as that of the kernel's log does, from the boot on and but while the machine is
 * awake. Others are no time at all, or another (boot and tai), which would not fit the timeline.
 */
static bool is_time(const char *clock)
{
	static const char *const clocks[] = {"local", "global", "perf", "mono", "mono_raw"};

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++)
		if (!strcmp(clock, clocks[i]))
			return true;
	return false;
}

/* '0', '1', or '\0' where there is no such switch. */
static char read_switch(int directory, const char *name)
{
	char text[8];

	return files_read(directory, name, text, sizeof(text)) ? text[0] : '\0';
}

static bool stops_tracing(int directory, char *pause)
{
	*pause = read_switch(directory, "options/pause-on-trace");
	return *pause != '0' && read_switch(directory, "tracing_on") != '0';
}

/* ---- reading ---- */

static bool is_within_bounds(struct reading *reading, const struct boot_trace_options *options)
{
	uint64_t most_bytes = options->most_bytes ? options->most_bytes : MOST_BYTES;
	uint64_t most_ns = options->most_ns ? options->most_ns : MOST_NS;

	reading->more = reading->bytes >= most_bytes || now_ns() - reading->begin_ns >= most_ns;
	return !reading->more && (!options->go_on || options->go_on(options->context));
}

static void read_pieces(struct reading *reading, int fd, const struct boot_trace_options *options)
{
	char *piece = xmalloc(PIECE_BYTES);
	ssize_t got;

	while (is_within_bounds(reading, options)) {
		got = read(fd, piece, PIECE_BYTES);
		if (got < 0)
			reading->error = errno;
		if (got <= 0)
			break;
		reading->bytes += (uint64_t)got;
		if (!boot_text_take(reading->text, piece, (size_t)got))
			break;
	}
	free(piece);
}

/* ---- what there is to say ---- */

static void tell_sentence(const char *sentence, const struct event_sink *sink)
{
	const struct event ev = event_attr_text(0, ATTR_MACHINE_BOOT_TRACE, NULL, 0, sentence);

	event_emit(sink, &ev);
}

static void say_clock(const struct reading *reading, bool timeless, char *sentence, size_t size)
{
	const char *clock = reading->clock;

	if (timeless)
		append_clause(sentence, size,
		              "only their order is known (clock %s; trace_clock=global has times)",
		              clock[0] ? clock : "unknown");
	else if (strcmp(clock, "perf") != 0 && strcmp(clock, "global") != 0)
		append_clause(sentence, size, "times of clock %s", clock);
}

static void say_how_it_went(const struct reading *reading, const struct event_sink *sink)
{
	struct boot_text_found found = boot_text_found(reading->text);
	uint64_t overwritten = 0;
	char sentence[300];

	if (!found.events && !found.odd && !reading->more && !reading->error)
		return;
	snprintf(sentence, sizeof(sentence), "%" PRIu64 " iommu event%s in the kernel's buffer",
	         found.events, found.events == 1 ? "" : "s");
	ask_cpus(reading->directory, add_overwritten, &overwritten);
	ask_cpus(reading->directory, add_lost, &found.lost);
	if (found.left_out)
		append_clause(sentence, sizeof(sentence), "%" PRIu64 " older ones left out",
		              found.left_out);
	if (overwritten)
		append_clause(sentence, sizeof(sentence),
		              "%" PRIu64 " older ones of all overwritten", overwritten);
	if (reading->more)
		append_clause(sentence, sizeof(sentence), "more not read");
	if (reading->error)
		append_clause(sentence, sizeof(sentence), "reading it stopped: %s",
		              strerror(reading->error));
	if (found.lost)
		append_clause(sentence, sizeof(sentence), "%" PRIu64 " or more of all lost",
		              found.lost);
	if (found.odd)
		append_clause(sentence, sizeof(sentence), "%" PRIu64 " not understood", found.odd);
	if (found.events)
		say_clock(reading, found.timeless, sentence, sizeof(sentence));
	tell_sentence(sentence, sink);
}

static void say_pause(const char *tracefs, char pause, const struct event_sink *sink)
{
	char sentence[300];

	snprintf(sentence, sizeof(sentence),
	         "the kernel's buffer is not read, its tracing would stop meanwhile (echo 0 "
	         ">%s/%s)",
	         tracefs, pause ? "options/pause-on-trace" : "tracing_on, if nobody needs it");
	tell_sentence(sentence, sink);
}

static void read_trace(struct reading *reading, const struct boot_trace_options *options,
                       const struct event_sink *sink)
{
	int fd = openat(reading->directory, "trace", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	struct boot_text_options text = {.until = options->until,
	                                 .keep = options->keep ? options->keep : KEEP};

	reading->begin_ns = now_ns();
	read_clock(reading->directory, reading->clock, sizeof(reading->clock));
	text.timeless = !is_time(reading->clock);
	reading->text = boot_text_new(&text);
	if (fd < 0) {
		reading->error = errno;
	} else {
		read_pieces(reading, fd, options);
		close(fd);
	}
	boot_text_tell(reading->text, sink);
	say_how_it_went(reading, sink);
	boot_text_free(reading->text);
}

/* ---- what others call ---- */

uint64_t boot_trace_now(const char *tracefs)
{
	int directory = files_open_directory(AT_FDCWD, tracefs);
	uint64_t now = 0;

	if (directory < 0)
		return 0;
	ask_cpus(directory, knows_now, &now);
	close(directory);
	return now;
}

void boot_trace_read(const struct boot_trace_options *options, const struct event_sink *sink)
{
	struct reading reading = {.directory = files_open_directory(AT_FDCWD, options->tracefs)};
	uint64_t entries;
	char pause;

	if (reading.directory < 0)
		return;
	if (options->until && ask_cpus(reading.directory, holds_some, &entries)) {
		if (stops_tracing(reading.directory, &pause))
			say_pause(options->tracefs, pause, sink);
		else
			read_trace(&reading, options, sink);
	}
	close(reading.directory);
}
