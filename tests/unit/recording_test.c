// SPDX-License-Identifier: GPL-2.0-or-later
/* recording: recordings of trace-cmd and printed traces, whole, cut, corrupt, lying. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "scratch.h"
#include "sources/recording.h"
#include "util.h"

#define DAT   "tests/fixtures/tracedat/"
#define TEXT  "tests/fixtures/tracetext/"
#define DELAY 1000000000u

/* What a recording came to. */
struct harvest {
	uint64_t maps, unmaps, map_bytes, unmap_bytes;
	uint64_t attributed, unknown_context, faults, ticks, lost, losses, failed, lost_ns;
	uint64_t pid_sum; /* of each map and unmap: pid times bytes */
	uint64_t start_ns, first_ns, last_ns, wall_ns;
	uint8_t mode;
	bool back; /* time went back */
	char host[64], comm[32], trouble[240], probes[240];
};

static void take_traffic(struct harvest *harvest, const struct event *ev)
{
	if (!harvest->first_ns)
		harvest->first_ns = ev->ts_ns;
	harvest->unknown_context += ev->context == CONTEXT_UNKNOWN;
	if (ev->kind == EVENT_MAP) {
		harvest->maps++;
		harvest->map_bytes += ev->map.size_bytes;
		harvest->attributed += ev->map.domain != DOMAIN_UNATTRIBUTED;
		harvest->pid_sum += (uint64_t)ev->pid * ev->map.size_bytes;
	} else {
		harvest->unmaps++;
		harvest->unmap_bytes += ev->unmap.unmapped_bytes;
		harvest->attributed += ev->unmap.domain != DOMAIN_UNATTRIBUTED;
		harvest->pid_sum += (uint64_t)ev->pid * ev->unmap.unmapped_bytes;
	}
}

static void take_attribute(struct harvest *harvest, const struct event *ev)
{
	if (ev->attr.attribute == ATTR_HOST)
		copy_text(harvest->host, sizeof(harvest->host), ev->attr.text);
	if (ev->attr.attribute == ATTR_TASK_COMM && ev->attr.id)
		copy_text(harvest->comm, sizeof(harvest->comm), ev->attr.text);
}

static void take(struct harvest *harvest, const struct event *ev)
{
	assert_true(ev->kind < EVENT_KIND_COUNT);
	harvest->back |= ev->ts_ns < harvest->last_ns;
	harvest->last_ns = ev->ts_ns;
	switch (ev->kind) {
	case EVENT_MAP:
	case EVENT_UNMAP:
		take_traffic(harvest, ev);
		break;
	case EVENT_START:
		harvest->start_ns = ev->ts_ns;
		break;
	case EVENT_TICK:
		harvest->ticks++;
		harvest->wall_ns = ev->tick.wall_ns;
		break;
	case EVENT_LOST:
		harvest->losses++;
		harvest->lost += ev->lost.count;
		harvest->lost_ns = ev->ts_ns;
		break;
	case EVENT_MAP_FAILED:
		harvest->failed++;
		break;
	case EVENT_FAULT:
		harvest->faults++;
		break;
	case EVENT_COLLECT:
		harvest->mode = ev->collect.mode;
		break;
	case EVENT_ATTR:
		take_attribute(harvest, ev);
		break;
	case EVENT_HEALTH:
		if (ev->health.source == SOURCE_REPLAY)
			copy_text(harvest->trouble, sizeof(harvest->trouble), ev->health.reason);
		if (ev->health.source == SOURCE_PROBES && ev->health.reason)
			copy_text(harvest->probes, sizeof(harvest->probes), ev->health.reason);
		break;
	default:
		break;
	}
}

/* False: it was refused, and error->text says why. */
static bool reap(const char *name, struct harvest *harvest, struct error *error)
{
	struct recording *recording = recording_open(name, DELAY, error);
	const struct event *ev;
	size_t count;

	*harvest = (struct harvest){0};
	if (!recording)
		return false;
	do {
		for (; ev = recording_peek(recording, &count), count; recording_pass(recording, 1))
			take(harvest, ev);
	} while (recording_waits_for(recording) >= 0);
	assert_true(!harvest->back || recording_is_own(recording));
	recording_close(recording);
	return true;
}

static struct harvest reap_well(const char *name)
{
	struct harvest harvest;
	struct error error;

	print_message("%s\n", name);
	assert_true(reap(name, &harvest, &error));
	return harvest;
}

static char *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "r");
	char *bytes = xmalloc(1 << 20);

	assert_non_null(file);
	*size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

static void put(const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static struct harvest reap_text(const char *text)
{
	put(text, strlen(text));
	return reap_well(path);
}

/* ---- whole ones ---- */

/* What trace-cmd report | awk says of each of them (tests/vm/tracedat.sh). */
static void recordings_of_each_version_tell_the_same(void **state)
{
	static const char *const names[] = {DAT "six.dat", DAT "seven_none.dat",
	                                    DAT "seven_zlib.dat"};
	struct harvest first;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct harvest harvest = reap_well(names[i]);

		assert_int_equal(harvest.maps, 80);
		assert_int_equal(harvest.unmaps, 5);
		assert_int_equal(harvest.map_bytes, 327680);
		assert_int_equal(harvest.unmap_bytes, 327680);
		assert_int_equal(harvest.attributed, 85);
		assert_int_equal(harvest.mode, COLLECT_EVENTS);
		assert_int_equal(harvest.losses, 0);
		assert_int_equal(harvest.start_ns, 23208381634);
		assert_string_equal(harvest.host, "iommutop-vm");
		assert_string_equal(harvest.comm, "dd");
		assert_string_equal(harvest.trouble, "");
		if (!i)
			first = harvest;
		assert_memory_equal(&harvest, &first, sizeof(first));
	}
}

static void zstd_is_unpacked(void **state)
{
#ifdef HAVE_LIBZSTD
	struct harvest harvest = reap_well(DAT "seven_zstd.dat");

	(void)state;
	assert_int_equal(harvest.maps, 80);
	assert_int_equal(harvest.unmaps, 5);
	assert_int_equal(harvest.attributed, 85);
	assert_string_equal(harvest.trouble, "");
#else
	struct harvest harvest;
	struct error error;

	(void)state;
	assert_false(reap(DAT "seven_zstd.dat", &harvest, &error));
	assert_non_null(strstr(error.text, "built without libzstd"));
#endif
}

/* Both instances have the same events: they count once. */
static void one_instance_is_shown(void **state)
{
	struct harvest harvest = reap_well(DAT "six_instance.dat");

	(void)state;
	assert_int_equal(harvest.maps, 70);
	assert_int_equal(harvest.unmaps, 5);
	assert_int_equal(harvest.attributed, 0);
	assert_int_equal(harvest.mode, COLLECT_TRACEPOINTS);
	assert_non_null(strstr(harvest.trouble, "of 2 instances"));
	assert_non_null(strstr(harvest.trouble, "only inst is shown"));
	assert_non_null(strstr(harvest.probes, "without probes"));
	/* 0x660e11a1e6318 microseconds, of its option */
	assert_int_equal(harvest.wall_ns, harvest.last_ns + 1795369782371096000u);
}

/* What is no time is not shown as one. */
static void a_clock_that_counts_has_no_times(void **state)
{
	struct harvest harvest = reap_well(DAT "six_counter.dat");

	(void)state;
	assert_int_equal(harvest.maps, 75);
	assert_int_equal(harvest.last_ns, 0);
	assert_non_null(strstr(harvest.trouble, "\"counter\" is no time"));
}

static void printed_traces_tell_the_same(void **state)
{
	static const struct {
		const char *name;
		uint8_t mode;
		uint64_t maps, unmaps;
	} rows[] = {
		{TEXT "6.1.trace", COLLECT_EVENTS, 53, 8},
		{TEXT "6.1.trace_pipe", COLLECT_EVENTS, 53, 8},
		{TEXT "6.1.report", COLLECT_TRACEPOINTS, 53, 8},
		{TEXT "6.1.report-l", COLLECT_EVENTS, 53, 8},
		{TEXT "6.1.report-R", COLLECT_TRACEPOINTS, 53, 8},
		{TEXT "6.1.report-ns", COLLECT_TRACEPOINTS, 53, 8},
		{TEXT "6.1.perf", COLLECT_TRACEPOINTS, 53, 8},
		{TEXT "6.1.perf2", COLLECT_TRACEPOINTS, 53, 8},
		{TEXT "6.1.tgid", COLLECT_EVENTS, 4, 1},
		{TEXT "6.1.latency", COLLECT_EVENTS, 4, 1},
		{TEXT "6.1.noirq", COLLECT_TRACEPOINTS, 4, 1},
		{TEXT "6.12.trace", COLLECT_EVENTS, 53, 8},
		{TEXT "6.12.perf", COLLECT_TRACEPOINTS, 53, 8},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct harvest harvest = reap_well(rows[i].name);
		bool attributed = rows[i].mode == COLLECT_EVENTS;

		assert_int_equal(harvest.mode, rows[i].mode);
		assert_int_equal(harvest.maps, rows[i].maps);
		assert_int_equal(harvest.unmaps, rows[i].unmaps);
		assert_int_equal(harvest.map_bytes, rows[i].maps == 53 ? 524288 : 65536);
		assert_int_equal(harvest.unmap_bytes, harvest.map_bytes);
		assert_int_equal(harvest.attributed,
		                 attributed ? harvest.maps + harvest.unmaps : 0);
		/* A call in an interrupt can be told from a task's where its line says so. */
		assert_int_equal(harvest.unknown_context,
		                 attributed ? 0 : harvest.maps + harvest.unmaps);
		assert_int_equal(harvest.losses, 0);
		assert_null(strstr(harvest.trouble, "cannot be read"));
		assert_string_equal(harvest.comm, "dd");
	}
}

static void what_is_pasted_around_a_trace_does_no_harm(void **state)
{
	static const char text[] =
		"Hi, this is what I see:\n\n"
		"[   69.100000] DMAR: DRHD: handling fault status reg 2\n"
		"[   69.100001] DMAR: [DMA Read NO_PASID] Request device [00:03.0] fault addr "
		"0x5678000 [fault reason 0x06] PTE Read access is not set\n"
		"  dd-1 [000] ..... 69.000000: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x1 "
		"size=4096\n"
		"  dd-1 [000] ..... 69.000001: sched_switch: a ==> b\n"
		"CPU:0 [LOST 5 EVENTS]\n"
		"  dd-1 [000] ..... 71.500000: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 "
		"unmapped_size=4096\n";
	struct harvest harvest;

	(void)state;
	harvest = reap_text(text);
	assert_int_equal(harvest.maps, 1);
	assert_int_equal(harvest.unmaps, 1);
	assert_int_equal(harvest.faults, 1);
	assert_int_equal(harvest.lost, 5);
	assert_int_equal(harvest.first_ns, 69000000000);
	assert_int_equal(harvest.last_ns, 71500000000);
	assert_int_equal(harvest.ticks, 4); /* at 69, 70, 71 and the end */
}

/* Calls that stand alone would seem to have failed. */
static void calls_without_tracepoints_tell_nothing(void **state)
{
	static const char text[] = "  dd-1 [000] ..... 69.000000: map: (a+0x0/0x1) domain=0xff "
				   "iova=0x1000 size=4096 prot=0\n"
				   "  dd-1 [000] ..... 69.000001: map: (a+0x0/0x1) domain=0xff "
				   "iova=0x1000 size=4096 prot=0\n";
	struct harvest harvest;

	(void)state;
	harvest = reap_text(text);
	assert_int_equal(harvest.mode, COLLECT_TRACEPOINTS);
	assert_non_null(strstr(harvest.probes, "without iommu:map"));
}

/* A line of every piece that is read is the last of it, so there are many. */
static void events_of_the_dma_api_name_devices(void **state)
{
	static const char both[] =
		"  dd-1 [000] %s 69.%06d: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x1 size=4096\n"
		"  dd-1 [000] %s 69.%06d: dma_map_phys: 0000:00:02.0 dir=TO_DEVICE dma_addr=1040 "
		"size=64 phys_addr=40 attrs=\n";
	const int lines = 4000;
	char *text = malloc(sizeof(both) * (size_t)lines);

	(void)state;
	for (int known = 0; known < 2; known++) {
		const char *flags = known ? "....." : "";
		struct harvest harvest;
		size_t size = 0;

		for (int i = 0; i < lines; i += 2)
			size += (size_t)sprintf(text + size, both, flags, i, flags, i + 1);
		put(text, size);
		harvest = reap_well(path);
		assert_int_equal(harvest.maps, lines / 2);
		assert_int_equal(harvest.attributed, known ? lines / 2 : 0);
		assert_non_null(strstr(harvest.probes, known ? "not all maps" : "irq-info"));
	}
	free(text);
}

static void other_files_are_refused(void **state)
{
	struct harvest harvest;
	struct error error;

	(void)state;
	assert_false(reap("Makefile", &harvest, &error));
	assert_non_null(strstr(error.text, "no recording"));
	assert_false(reap("/proc/self/exe", &harvest, &error));
	assert_non_null(strstr(error.text, "no recording"));
	assert_false(reap("/dev/null", &harvest, &error));
	assert_false(reap("/", &harvest, &error));
	assert_int_equal(error.code, EISDIR);
	assert_false(reap("/nowhere", &harvest, &error));
	assert_int_equal(error.code, ENOENT);
}

static void a_pipe_carries_text_but_no_file_of_trace_cmd(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {{TEXT "6.1.trace", true},
	            {"tests/fixtures/sessions/guest.rec", true},
	            {DAT "seven_none.dat", false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct harvest harvest;
		struct error error;
		char name[32];
		size_t size;
		char *bytes = read_file(rows[i].name, &size);
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		size = size < 30000 ? size : 30000; /* a pipe holds it */
		assert_int_equal(write(ends[1], bytes, size), size);
		close(ends[1]);
		snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
		assert_int_equal(reap(name, &harvest, &error), rows[i].good);
		if (!rows[i].good)
			assert_non_null(strstr(error.text, "not a pipe"));
		close(ends[0]);
		free(bytes);
	}
}

/* ---- damaged ones ---- */

static void a_cut_version_6_shows_what_is_whole(void **state)
{
	size_t size;
	char *bytes = read_file(DAT "six.dat", &size);
	uint64_t before = 0;

	(void)state;
	for (size_t cut = 0; cut < size; cut += 512) {
		struct harvest harvest;
		struct error error;
		bool good;

		put(bytes, cut);
		good = reap(path, &harvest, &error);
		if (cut < 24576) { /* where its records begin */
			assert_true(!good || !harvest.maps);
			assert_true(good || error.text[0]);
		} else {
			assert_true(good && harvest.maps >= before && harvest.maps <= 80);
			assert_int_equal(harvest.losses > 0, cut < 32768);
			assert_non_null(strstr(harvest.trouble, "it was cut: from byte"));
			before = harvest.maps;
		}
	}
	assert_true(before > 70);
	free(bytes);
}

static void a_cut_version_7_says_what_is_missing(void **state)
{
	size_t size;
	char *bytes = read_file(DAT "seven_zlib.dat", &size);

	(void)state;
	for (size_t cut = 11; cut < size; cut += 97) {
		struct harvest harvest;
		struct error error;

		put(bytes, cut);
		assert_false(reap(path, &harvest, &error));
		assert_non_null(strstr(error.text, "cannot replay"));
		assert_non_null(strstr(error.text, "it ends at byte"));
	}
	free(bytes);
}

static char *find(char *bytes, size_t size, const char *what, size_t length)
{
	char *at = memmem(bytes, size, what, length);

	assert_non_null(at);
	return at;
}

#define ALL (53 + 8) /* events of whole ones */

/* As a terminal does that is too narrow. */
static void events_without_their_end_are_lost(void **state)
{
	size_t size, put_size = 0, cut = 0;
	char *bytes = read_file(TEXT "6.1.report-l", &size), *out = malloc(size);
	struct harvest harvest;

	(void)state;
	for (char *at = bytes, *end; at < bytes + size; at = end + 1) {
		bool shorter;

		end = memchr(at, '\n', (size_t)(bytes + size - at));
		shorter = cut < 20 && memmem(at, (size_t)(end - at), "IOMMU: iova", 11);
		cut += shorter;
		memcpy(out + put_size, at, (size_t)(end - at) - 12 * shorter);
		put_size += (size_t)(end - at) - 12 * shorter;
		out[put_size++] = '\n';
	}
	put(out, put_size);
	harvest = reap_well(path);
	assert_int_equal(harvest.lost, 20);
	assert_true(harvest.losses < 20); /* some each time */
	assert_int_equal(harvest.maps + harvest.unmaps, ALL - 20);
	assert_int_equal(harvest.attributed, ALL - 20);
	assert_int_equal(harvest.failed, 0);
	assert_int_equal(harvest.mode, COLLECT_EVENTS);
	assert_string_equal(harvest.trouble, "lines of events that cannot be read were passed "
	                                     "over: 20, the first is line 3");
	free(out);
	free(bytes);
}

/* Nobody's map failed, and what is missing is lost. */
static void a_byte_of_an_event_that_is_not_what_it_was_loses_it(void **state)
{
	size_t size;
	char *bytes = read_file(TEXT "6.1.report-l", &size), *at = bytes;

	(void)state;
	for (int line = 0; line < 4; line++) {
		at = find(at, size - (size_t)(at - bytes), "IOMMU: iova", 11) + 7;
		for (; *at != '\n'; at++) {
			char kept = *at;
			struct harvest harvest;
			struct error error;

			*at = kept == '?' ? '!' : '?';
			put(bytes, size);
			*at = kept;
			assert_true(reap(path, &harvest, &error));
			assert_int_equal(harvest.maps + harvest.unmaps + harvest.lost, ALL);
			assert_int_equal(harvest.failed, 0);
			assert_int_equal(harvest.lost > 0, harvest.trouble[0] != '\0');
		}
	}
	free(bytes);
}

static void a_last_line_that_is_cut_is_lost(void **state)
{
	static const char *const names[] = {TEXT "6.1.report-l", TEXT "6.1.perf", TEXT "6.1.trace"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t size, last;
		char *bytes = read_file(names[i], &size);

		last = (size_t)((char *)memrchr(bytes, '\n', size - 1) - bytes) + 1;
		for (size_t cut = last + 1; cut < size; cut++) {
			bool whole = cut == size - 1;
			struct harvest harvest;
			struct error error;

			put(bytes, cut);
			assert_true(reap(path, &harvest, &error));
			assert_int_equal(harvest.maps + harvest.unmaps, whole ? ALL : ALL - 1);
			assert_int_equal(harvest.lost, !whole);
			assert_int_equal(harvest.failed, 0);
			assert_true(whole || strstr(harvest.trouble, "over: 1, the first is line"));
		}
		free(bytes);
	}
}

/* As mailers wrap them: at the last blank before a column. */
static size_t wrap(const char *bytes, size_t size, size_t most, char *out)
{
	size_t length = 0, column = 0, blank = 0;

	for (size_t i = 0; i < size; i++) {
		out[length++] = bytes[i];
		column = bytes[i] == '\n' ? 0 : column + 1;
		blank = bytes[i] == '\n' ? 0 : bytes[i] == ' ' ? length : blank;
		if (column < most || !blank)
			continue;
		memmove(out + blank + 1, out + blank, length - blank);
		out[blank] = '\n';
		column = length++ - blank;
		blank = 0;
	}
	return length;
}

static void wrapped_lines_are_no_trace_without_probes(void **state)
{
	static const char *const names[] = {TEXT "6.1.report-l", TEXT "6.1.trace",
	                                    TEXT "6.1.report-R"};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(names); i++) {
		size_t size;
		char *bytes = read_file(names[i / 2], &size), *out = malloc(2 * size);
		struct harvest harvest;

		put(out, wrap(bytes, size, i % 2 ? 50 : 76, out));
		harvest = reap_well(path);
		assert_int_equal(harvest.maps + harvest.unmaps, 0);
		assert_int_equal(harvest.lost, 2 * ALL);
		assert_true(i % 2 || harvest.losses < ALL);
		assert_string_equal(harvest.probes, "its lines of events cannot be read: perhaps "
		                                    "they are wrapped");
		assert_non_null(strstr(harvest.trouble, "over: 122, the first is line"));
		free(out);
		free(bytes);
	}
}

/* When it was is known, and what others do then is not touched. */
static void an_event_is_lost_when_it_was(void **state)
{
	static const char text[] =
		"  a-1 [000] ..... 69.000000: map: (x+0x0/0x1) domain=0xff iova=0x1000 size=4096 "
		"prot=1\n"
		"  b-2 [001] ..... 69.000000: map: (x+0x0/0x1) domain=0xff iova=0x8000 size=4096 "
		"prot=1\n"
		"  a-1 [000] ..... 69.000000: map: IOMMU: iova=0x1000 - 0x20 paddr=0x1 si\n"
		"  a-1 [000] ..... 69.000000: map: (x+0x0/0x1) domain=0xff iova=0x2000 size=4096 "
		"prot=1\n"
		"  a-1 [000] ..... 69.000000: map: IOMMU: iova=0x2000 - 0x3000 paddr=0x1 "
		"size=4096\n"
		"  b-2 [001] ..... 69.000005: map: IOMMU: iova=0x8000 - 0x9000 paddr=0x1 "
		"size=4096\n"
		"  a-1 [000] ..... 75.000000: map: IOMMU:\n"
		"  a-1 [000] ..... 79.000000: unmap: (x+0x0/0x1) domain=0xff iova=0x2000 "
		"size=4096 type=3\n"
		"  a-1 [000] ..... 79.000001: unmap: IOMMU: iova=0x2000 - 0x3000 size=4096 "
		"unmapped_size=4096\n";
	struct harvest harvest;

	(void)state;
	harvest = reap_text(text);
	assert_int_equal(harvest.maps, 2);
	assert_int_equal(harvest.attributed, 3);
	assert_int_equal(harvest.failed, 0);
	assert_int_equal(harvest.lost, 2);
	assert_int_equal(harvest.losses, 2);
	assert_int_equal(harvest.lost_ns, 75000000000);
	assert_string_equal(harvest.trouble, "lines of events that cannot be read were passed "
	                                     "over: 2, the first is line 3");
}

/* Whose it was is not known: it may have been of any call under way. */
static void an_event_without_a_time_is_lost(void **state)
{
	static const char text[] =
		"  a-1 [000] ..... 69.0O0000: map: IOMMU: iova=0x5000 - 0x6000 paddr=0x1 "
		"size=4096\n"
		"  a-1 [003] ..... 69.000000: map: (x+0x0/0x1) domain=0xff iova=0x1000 size=4096 "
		"prot=1\n"
		"  a-1 [O03] ..... 69.000001: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x1 "
		"size=4096\n"
		"  a-1 [003] ..... 69.000002: map: (x+0x0/0x1) domain=0xff iova=0x2000 size=4096 "
		"prot=1\n"
		"  a-1 [003] ..... 69.000003: map: IOMMU: iova=0x2000 - 0x3000 paddr=0x1 "
		"size=4096\n";
	struct harvest harvest;

	(void)state;
	harvest = reap_text(text);
	assert_int_equal(harvest.start_ns, 69000000000);
	assert_int_equal(harvest.maps, 1);
	assert_int_equal(harvest.lost, 2);
	assert_int_equal(harvest.failed, 0);
	assert_non_null(strstr(harvest.trouble, "over: 2, the first is line 1"));
}

/* Prose, other events, other people's probes. */
static void what_is_none_of_ours_is_not_lost(void **state)
{
	static const char text[] =
		"  a-1 [000] ..... 69.000000: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x1 "
		"size=4096\r\n"
		"  a-1 [000] ..... 69.000001: sched_switch: a ==>\n"
		"  a-1 [000] ..... 69.000002: free: (kfree+0x0/0x10) p=0x1\n"
		"  a-1 [000] ..... 69.000003: kmem_cache_free:\n"
		"and then map: IOMMU: it hangs at 12.5\n"
		"[   69.000004] DMAR: DRHD: handling fault status reg 2\n"
		"  a-1 [000] ..... 69.000005: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 "
		"unmapped_size=4096\n"
		"# end\n"
		"Thanks, Bob";
	struct harvest harvest;

	(void)state;
	harvest = reap_text(text);
	assert_int_equal(harvest.maps, 1);
	assert_int_equal(harvest.unmaps, 1);
	assert_int_equal(harvest.losses, 0);
	assert_string_equal(harvest.trouble, "");
}

static void any_byte_may_be_any_other(void **state)
{
	static const char *const names[] = {DAT "six.dat", DAT "seven_zlib.dat",
	                                    DAT "seven_none.dat", TEXT "6.1.trace"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t size;
		char *bytes = read_file(names[i], &size);

		for (size_t at = 10; at < size; at += 1 + size / 400) {
			struct harvest harvest;
			struct error error;
			char kept = bytes[at];

			bytes[at] = (char)(kept ^ 0xff);
			put(bytes, size);
			if (!reap(path, &harvest, &error))
				assert_true(strlen(error.text) > strlen("cannot replay"));
			bytes[at] = kept;
		}
		free(bytes);
	}
}

static void of_two_in_one_file_the_first_is_shown(void **state)
{
	static const char *const names[] = {DAT "six.dat", DAT "seven_zlib.dat"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t size;
		char *bytes = read_file(names[i], &size);
		char place[64];
		struct harvest harvest;

		memcpy(bytes + size, bytes, size); /* there is room */
		put(bytes, 2 * size);
		harvest = reap_well(path);
		assert_int_equal(harvest.maps, 80);
		snprintf(place, sizeof(place), "another recording follows at byte %zu", size);
		assert_non_null(strstr(harvest.trouble, place));
		free(bytes);
	}
}

/* The table of CPUs of version 6: offset and size of CPU 1, which has the records. */
static void lying_places_are_found_out(void **state)
{
	static const struct {
		uint64_t offset, size;
		const char *message;
	} rows[] = {
		{UINT64_MAX, 8192, "where others are"},  {UINT64_MAX - 8192, 4096, "it was cut"},
		{24576, UINT64_MAX, "where others are"}, {1ull << 40, 8192, "it was cut"},
		{24576, 1ull << 50, "it was cut"},
	};
	size_t size;
	char *bytes = read_file(DAT "six.dat", &size);
	char *table = find(bytes, size, "flyrecord", 10) + 10;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct harvest harvest;
		struct error error;
		bool good;

		memcpy(table + 16, &rows[i].offset, 8);
		memcpy(table + 24, &rows[i].size, 8);
		put(bytes, size);
		good = reap(path, &harvest, &error);
		assert_non_null(strstr(good ? harvest.trouble : error.text, rows[i].message));
	}
	memcpy(table, table + 16, 16); /* CPU 0 has the same records */
	put(bytes, size);
	free(bytes);
	{
		struct harvest harvest;
		struct error error;

		assert_false(reap(path, &harvest, &error));
		assert_non_null(strstr(error.text, "where others are"));
	}
}

/* Packed, a chunk may say that it becomes anything. */
static void a_chunk_is_no_larger_than_it_may_be(void **state)
{
	static const uint32_t sizes[] = {0, 1, 4095, 1u << 24, UINT32_MAX};
	size_t size;
	char *bytes = read_file(DAT "seven_zlib.dat", &size);
	char *chunk;

	(void)state;
	/* A page, and how zlib begins. */
	chunk = find(bytes, size, "\x00\x10\x00\x00\x78\x9c", 6);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct harvest harvest;
		struct error error;

		memcpy(chunk, &sizes[i], 4);
		put(bytes, size);
		assert_true(reap(path, &harvest, &error));
		assert_int_equal(harvest.maps, 0);
		assert_int_equal(harvest.losses, 1);
		assert_non_null(strstr(harvest.trouble, "cannot be unpacked"));
	}
	free(bytes);
}

#define file_test(test) cmocka_unit_test_setup_teardown(test, setup_scratch, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_of_each_version_tell_the_same),
		cmocka_unit_test(zstd_is_unpacked),
		cmocka_unit_test(one_instance_is_shown),
		cmocka_unit_test(a_clock_that_counts_has_no_times),
		cmocka_unit_test(printed_traces_tell_the_same),
		file_test(what_is_pasted_around_a_trace_does_no_harm),
		file_test(calls_without_tracepoints_tell_nothing),
		file_test(events_of_the_dma_api_name_devices),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(a_pipe_carries_text_but_no_file_of_trace_cmd),
		file_test(a_cut_version_6_shows_what_is_whole),
		file_test(a_cut_version_7_says_what_is_missing),
		file_test(events_without_their_end_are_lost),
		file_test(a_byte_of_an_event_that_is_not_what_it_was_loses_it),
		file_test(a_last_line_that_is_cut_is_lost),
		file_test(wrapped_lines_are_no_trace_without_probes),
		file_test(an_event_is_lost_when_it_was),
		file_test(an_event_without_a_time_is_lost),
		file_test(what_is_none_of_ours_is_not_lost),
		file_test(any_byte_may_be_any_other),
		file_test(of_two_in_one_file_the_first_is_shown),
		file_test(lying_places_are_found_out),
		file_test(a_chunk_is_no_larger_than_it_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
