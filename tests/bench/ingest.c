// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ingest: what an event costs on its way from a page of the ring buffer into the model, room by
 * room, without a kernel. In: a directory that tests/bench/capture.sh filled. Out: a table.
 *
 *	build/release/tests/bench/ingest DIR [ROUNDS [ROW]]
 *
 * Each round hands all pages, moved on in time, to the same decoder, stream and model. The last
 * figure is what a map or an unmap costs in all. For valgrind --tool=callgrind, which counts
 * instructions, it can be asked for by itself: ROW 3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "model.h"
#include "sources/domain_ids.h"
#include "sources/pages.h"
#include "sources/stream.h"
#include "util.h"

/* Of each CPU, between two flushes; as many as it fills between two drains when it is busy. */
#define PAGES_A_DRAIN 8

#define CPUS_MAX 64

struct capture {
	unsigned char *bytes;
	size_t size;
	unsigned int cpu;
};

struct bench {
	struct pages *pages;
	struct domain_ids *ids;
	struct stream *stream;
	struct model *model;
	struct capture captures[CPUS_MAX];
	unsigned int cpus;
	uint64_t last_ns; /* of the records handed on last */
	uint64_t records, maps, events;
};

/* What a round does: with the records of a page, with the events that come of them. */
struct work {
	const char *name;
	void (*take)(void *context, const struct raw *raws, size_t count);
	void (*emit)(void *context, const struct event *ev);
	void (*emit_traffic)(void *context, const struct event *events, size_t count);
};

/* ---- files ---- */

static void *read_file(const char *directory, const char *name, size_t *size)
{
	char path[4096];
	unsigned char *bytes = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	*size = 0;
	if (!file)
		return NULL;
	for (size_t got = 1; got; *size += got) {
		bytes = xrealloc(bytes, *size + 65536);
		got = fread(bytes + *size, 1, 65536, file);
	}
	fclose(file);
	return bytes;
}

static void bind_formats(struct pages *pages, const char *directory)
{
	struct error err;

	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const struct page_binding *binding = &page_bindings[i];
		char name[256];
		size_t size;
		char *format;

		snprintf(name, sizeof(name), "%s.%s.format",
		         binding->system ? binding->system : "iommutop", binding->event);
		format = read_file(directory, name, &size);
		if (format && pages_bind(pages, i, "iommutop", format, size, &err) < 0)
			fprintf(stderr, "%s\n", err.text);
		free(format);
	}
}

static void read_captures(struct bench *bench, const char *directory)
{
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++) {
		struct capture *capture = &bench->captures[bench->cpus];
		char name[64];

		snprintf(name, sizeof(name), "cpu%u.pages", cpu);
		capture->bytes = read_file(directory, name, &capture->size);
		capture->cpu = cpu;
		bench->cpus += capture->bytes != NULL;
	}
}

/* ---- work, each one room further ---- */

static void free_texts(const struct raw *raws, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(raws[i].text);
}

/* Names the tasks, too, as the trace does before the first record of a task. */
static void look_at(void *context, const struct raw *raws, size_t count)
{
	struct bench *bench = context;

	for (size_t i = 0; i < count; i++) {
		struct event ev =
			event_attr_text(0, ATTR_TASK_COMM, NULL, (uint32_t)raws[i].pid, "task");

		model_apply(bench->model, &ev);
		bench->maps += raw_is_one_of(raws[i].kind, RAW_TRAFFIC);
	}
	bench->records += count;
	free_texts(raws, count);
}

static void drop(void *context, const struct raw *raws, size_t count)
{
	(void)context;
	free_texts(raws, count);
}

static void push(void *context, const struct raw *raws, size_t count)
{
	struct bench *bench = context;

	bench->last_ns = raw_end_ns(&raws[count - 1]);
	stream_push_raws(bench->stream, raws[0].cpu, raws, count);
}

static void count_event(void *context, const struct event *ev)
{
	struct bench *bench = context;

	bench->events += ev->kind == EVENT_MAP;
}

static void count_traffic(void *context, const struct event *events, size_t count)
{
	struct bench *bench = context;

	(void)events;
	bench->events += count;
}

static void apply(void *context, const struct event *ev)
{
	struct bench *bench = context;

	model_apply(bench->model, ev);
}

static void apply_traffic(void *context, const struct event *events, size_t count)
{
	struct bench *bench = context;

	model_apply_traffic(bench->model, events, count);
}

/* As the program says it before the first event: all of what the model does is on. */
static void switch_on(struct model *model)
{
	for (uint8_t i = 0; i < CLASS_COUNT; i++) {
		const struct event ev = {
			.ts_ns = 1, .kind = EVENT_CLASS, .class = {.class = i, .on = true}};

		model_apply(model, &ev);
	}
	model_apply(model, &(struct event){.ts_ns = 1,
	                                   .kind = EVENT_COLLECT,
	                                   .collect = {.mode = COLLECT_EVENTS}});
}

/* ---- rounds ---- */

/* Some pages of each CPU; false when there are no more. */
static bool decode(struct bench *bench, size_t from, const struct work *work)
{
	const struct raw_sink sink = {work->take, bench};
	size_t size = pages_size(bench->pages);
	bool more = false;

	for (unsigned int i = 0; i < bench->cpus; i++) {
		const struct capture *capture = &bench->captures[i];

		for (size_t page = from; page < from + PAGES_A_DRAIN; page++) {
			if ((page + 1) * size > capture->size)
				break;
			pages_decode(bench->pages, capture->bytes + page * size, size,
			             (uint16_t)capture->cpu, &sink);
			more = true;
		}
	}
	return more;
}

/* By an hour: the time of a page is its first eight bytes. */
static void move_on(const struct bench *bench)
{
	size_t size = pages_size(bench->pages);
	uint64_t ts_ns;

	for (unsigned int i = 0; i < bench->cpus; i++)
		for (size_t at = 0; at + size <= bench->captures[i].size; at += size) {
			memcpy(&ts_ns, bench->captures[i].bytes + at, sizeof(ts_ns));
			ts_ns += 3600000000000u;
			memcpy(bench->captures[i].bytes + at, &ts_ns, sizeof(ts_ns));
		}
}

static void do_round(struct bench *bench, const struct work *work)
{
	const struct event_sink sink = {
		.emit = work->emit, .context = bench, .emit_traffic = work->emit_traffic};

	for (size_t from = 0; decode(bench, from, work); from += PAGES_A_DRAIN)
		if (work->emit)
			stream_flush(bench->stream, bench->last_ns, &sink);
	move_on(bench);
}

static double own_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* only: this row, from 1; 0: all. */
static void measure(struct bench *bench, unsigned int rounds, uint64_t only)
{
	static const struct work works[] = {
		{"decoded", drop, NULL, NULL},
		{"merged and paired", push, count_event, count_traffic},
		{"in the model", push, apply, apply_traffic},
	};

	do_round(bench, &(struct work){.take = look_at});
	printf("%llu records, %llu maps and unmaps; ns of each\n",
	       (unsigned long long)bench->records, (unsigned long long)bench->maps);
	for (size_t i = 0; bench->maps && i < ARRAY_SIZE(works); i++) {
		double before;

		if (only && only != i + 1)
			continue;
		do_round(bench, &works[i]);
		before = own_ns();
		for (unsigned int round = 0; round < rounds; round++)
			do_round(bench, &works[i]);
		printf("%-20s %8.1f\n", works[i].name,
		       (own_ns() - before) / (double)(rounds * bench->maps));
	}
}

static void release(struct bench *bench)
{
	for (unsigned int i = 0; i < bench->cpus; i++)
		free(bench->captures[i].bytes);
	stream_free(bench->stream);
	model_free(bench->model);
	domain_ids_free(bench->ids);
	pages_free(bench->pages);
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	uint64_t rounds = 1000, row = 0;
	struct error err;
	size_t size;
	char *header;

	if (argc < 2 || (argc > 2 && !parse_decimal(argv[2], NULL, &rounds)) ||
	    (argc > 3 && !parse_decimal(argv[3], NULL, &row))) {
		fprintf(stderr, "usage: ingest DIR [ROUNDS [ROW]]\n");
		return 2;
	}
	header = read_file(argv[1], "header_page", &size);
	if (!header) {
		fprintf(stderr, "%s has no header_page: fill it by tests/bench/capture.sh\n",
		        argv[1]);
		return 1;
	}
	bench.pages = pages_new(header, size, &err);
	free(header);
	if (!bench.pages) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	bind_formats(bench.pages, argv[1]);
	read_captures(&bench, argv[1]);
	bench.ids = domain_ids_new();
	bench.stream = stream_new(CPUS_MAX, bench.ids);
	bench.model = model_new(&model_default_limits);
	switch_on(bench.model);
	measure(&bench, (unsigned int)rounds, row);
	release(&bench);
	return 0;
}
