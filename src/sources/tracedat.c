// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat: a file of trace-cmd, along the way that live records take.
 * In: the file. Out: events in order of time.
 * Must never know: the model; how a section, a page or a format is made up.
 */
#include "tracedat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../owned.h"
#include "../util.h"
#include "domain_ids.h"
#include "pages.h"
#include "saved_names.h"
#include "stream.h"
#include "tracedat_contents.h"
#include "tracedat_formats.h"
#include "tracedat_pages.h"

/* Pages between two flushes. */
#define PAGES_A_TURN 16

struct tracedat {
	int fd;
	struct tracedat_contents contents;
	struct tracedat_buffer *buffer; /* the one that is shown */
	struct tracedat_formats formats;
	struct tracedat_pages *source;
	struct pages *pages;
	struct domain_ids *ids;
	struct stream *stream;
	struct saved_names *names;
	bool *told_missing; /* of each CPU */
	bool started, converts;
	uint64_t floor_ns; /* what was flushed up to */
	uint64_t last_ns;  /* of all records */
	uint64_t damaged, missing_bytes, missing_at;
	bool broken;
	struct trace_verdict end; /* what to think of it all */
};

/* Where the records of a page go. */
struct taking {
	struct tracedat *tracedat;
	unsigned int lane;
	int32_t pid; /* of the record before */
};

/* ---- clocks ---- */

/* Those that count neither nanoseconds nor anything that can be made into such. */
static bool is_time(const struct tracedat *tracedat)
{
	static const char *const counting[] = {"counter", "uptime", "x86-tsc", "ppc-tb"};

	if (tracedat->contents.tsc.multiplier)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(counting); i++)
		if (!strcmp(tracedat->buffer->clock, counting[i]))
			return false;
	return true;
}

static uint64_t convert(const struct tracedat *tracedat, uint64_t ts_ns)
{
	const struct tracedat_tsc *tsc = &tracedat->contents.tsc;

	/* As trace-cmd does it. */
	if (tsc->multiplier)
		ts_ns = ((ts_ns >> 32) * tsc->multiplier << (32 - tsc->shift)) +
		        ((ts_ns & UINT32_MAX) * tsc->multiplier >> tsc->shift);
	return ts_ns + (uint64_t)tracedat->contents.offset_ns;
}

/* ---- records ---- */

static void name_tasks(struct taking *taking, const struct raw *raws, size_t count)
{
	struct tracedat *tracedat = taking->tracedat;

	for (const struct raw *raw = raws; raw < raws + count; raw++) {
		const char *name;
		struct event ev;

		if (raw->pid == taking->pid || raw->kind == RAW_LOST)
			continue;
		taking->pid = raw->pid;
		name = saved_names_news(tracedat->names, raw->pid);
		if (!name)
			continue;
		ev = event_attr_text(tracedat->floor_ns, ATTR_TASK_COMM, NULL, (uint32_t)raw->pid,
		                     name);
		stream_push_event(tracedat->stream, &ev);
	}
}

static void take(void *context, const struct raw *raws, size_t count)
{
	struct taking *taking = context;
	const struct tracedat *tracedat = taking->tracedat;

	name_tasks(taking, raws, count);
	if (!tracedat->converts) {
		stream_push_raws(tracedat->stream, taking->lane, raws, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct raw raw = raws[i];

		raw.ts_ns = convert(tracedat, raw.ts_ns);
		stream_push_raw(tracedat->stream, taking->lane, &raw);
	}
}

static void take_page(struct tracedat *tracedat, const struct tracedat_page *page)
{
	const struct tracedat_cpu *cpu = &tracedat->buffer->cpus[page->cpu];
	struct taking taking = {tracedat, (unsigned int)page->cpu, -1};
	const struct raw_sink sink = {take, &taking};
	struct page_summary summary = pages_decode(tracedat->pages, page->bytes, page->size,
	                                           (uint16_t)cpu->number, &sink);
	uint64_t last_ns = convert(tracedat, summary.last_ns);

	if (last_ns > tracedat->last_ns && summary.data_bytes)
		tracedat->last_ns = last_ns;
	tracedat->damaged += summary.unread_bytes && page->size == tracedat->buffer->page_bytes;
}

/* ---- what is missing ---- */

static struct event lost_event(const struct tracedat *tracedat, uint32_t cpu, uint64_t count)
{
	return (struct event){
		.ts_ns = tracedat->floor_ns,
		.kind = EVENT_LOST,
		.cpu = (uint16_t)cpu,
		.lost = {.count = count, .source = SOURCE_TRACE, .exact = count > 0},
	};
}

static void tell_missing(struct tracedat *tracedat, size_t cpu)
{
	struct tracedat_missing missing = tracedat_pages_missing(tracedat->source, cpu);
	struct event ev = lost_event(tracedat, tracedat->buffer->cpus[cpu].number, 0);

	if (!missing.bytes || tracedat->told_missing[cpu])
		return;
	tracedat->told_missing[cpu] = true;
	if (!tracedat->missing_bytes || missing.at < tracedat->missing_at)
		tracedat->missing_at = missing.at;
	tracedat->missing_bytes += missing.bytes;
	tracedat->broken |= missing.broken;
	stream_push_event(tracedat->stream, &ev);
}

/* They have no time, but that they are missing has to be known before the end. */
static void tell_losses(struct tracedat *tracedat)
{
	const struct tracedat_contents *contents = &tracedat->contents;

	for (size_t i = 0; i < contents->loss_count; i++) {
		const struct tracedat_loss *loss = &contents->losses[i];
		struct event ev = lost_event(tracedat, loss->cpu, loss->count);

		if (!strcmp(loss->buffer, tracedat->buffer->name))
			stream_push_event(tracedat->stream, &ev);
	}
}

static void judge(struct tracedat *tracedat)
{
	struct trace_verdict *end = &tracedat->end;

	if (tracedat->missing_bytes && tracedat->broken)
		trace_verdict_tell(end, HEALTH_PARTIAL,
		                   "from byte %" PRIu64 " on %" PRIu64 " bytes of records cannot "
		                   "be unpacked",
		                   tracedat->missing_at, tracedat->missing_bytes);
	else if (tracedat->missing_bytes)
		trace_verdict_tell(end, HEALTH_PARTIAL,
		                   "it was cut: from byte %" PRIu64 " on %" PRIu64
		                   " bytes of records are missing",
		                   tracedat->missing_at, tracedat->missing_bytes);
	if (tracedat->damaged)
		trace_verdict_tell(end, HEALTH_PARTIAL, "damaged pages: %" PRIu64,
		                   tracedat->damaged);
}

/* ---- what is known from the beginning ---- */

static void push_health(struct tracedat *tracedat, enum source_id source, enum health_state state,
                        const char *reason)
{
	struct event ev =
		event_health(tracedat->floor_ns, source, state, reason && *reason ? reason : NULL);

	stream_push_event(tracedat->stream, &ev);
}

/* "Linux HOST RELEASE MACHINE" */
static void push_machine(struct tracedat *tracedat)
{
	char *rest = tracedat->contents.uname, *system = strsep(&rest, " ");
	const char *host = strsep(&rest, " "), *release = strsep(&rest, " ");
	struct event ev;

	(void)system;
	if (!release)
		return;
	ev = event_attr_text(tracedat->floor_ns, ATTR_HOST, NULL, 0, host);
	stream_push_event(tracedat->stream, &ev);
	ev = event_attr_text(tracedat->floor_ns, ATTR_KERNEL, NULL, 0, release);
	stream_push_event(tracedat->stream, &ev);
}

static void push_classes(struct tracedat *tracedat)
{
	for (uint8_t i = 0; i < CLASS_COUNT; i++) {
		const struct event ev = {.ts_ns = tracedat->floor_ns,
		                         .kind = EVENT_CLASS,
		                         .class = {.class = i, .on = true}};

		if (tracedat_formats_have(&tracedat->formats, (enum event_class)i))
			stream_push_event(tracedat->stream, &ev);
	}
}

static void judge_clock(struct tracedat *tracedat)
{
	if (!is_time(tracedat))
		trace_verdict_tell(&tracedat->end, HEALTH_PARTIAL,
		                   "its clock \"%.20s\" is no time: only the order is known",
		                   tracedat->buffer->clock);
}

/* Behind the last records there is little more than lists of places. */
#define BEHIND_BYTES 65536u

static void look_behind(struct tracedat *tracedat)
{
	char *bytes = xmalloc(BEHIND_BYTES);
	const char *found = NULL;
	uint64_t end = 0;
	ssize_t got;

	for (size_t i = 0; i < tracedat->contents.buffer_count; i++) {
		const struct tracedat_buffer *buffer = &tracedat->contents.buffers[i];

		for (size_t cpu = 0; cpu < buffer->cpu_count; cpu++)
			if (buffer->cpus[cpu].offset + buffer->cpus[cpu].size > end)
				end = buffer->cpus[cpu].offset + buffer->cpus[cpu].size;
	}
	got = end <= INT64_MAX ? pread(tracedat->fd, bytes, BEHIND_BYTES, (off_t)end) : 0;
	if (got > 0)
		found = memmem(bytes, (size_t)got, TRACEDAT_MAGIC, TRACEDAT_MAGIC_SIZE);
	if (found)
		trace_verdict_tell(&tracedat->end, HEALTH_PARTIAL,
		                   "another recording follows at byte %" PRIu64
		                   ", and is not shown",
		                   end + (uint64_t)(found - bytes));
	free(bytes);
}

static void start(struct tracedat *tracedat)
{
	enum collect_mode mode = tracedat_formats_mode(&tracedat->formats);
	const struct event first = {.ts_ns = tracedat->floor_ns, .kind = EVENT_START};
	const struct event collect = {.ts_ns = tracedat->floor_ns,
	                              .kind = EVENT_COLLECT,
	                              .collect = {.mode = (uint8_t)mode}};

	tracedat->started = true;
	stream_push_event(tracedat->stream, &first);
	push_machine(tracedat);
	push_health(tracedat, SOURCE_TRACE, tracedat->formats.verdict.state,
	            tracedat->formats.verdict.reason);
	if (mode == COLLECT_EVENTS)
		push_health(tracedat, SOURCE_PROBES, HEALTH_OK, NULL);
	else
		push_health(tracedat, SOURCE_PROBES, HEALTH_OFF,
		            "it was recorded without probes: maps and unmaps name no domain");
	stream_push_event(tracedat->stream, &collect);
	push_classes(tracedat);
	tell_losses(tracedat);
	judge_clock(tracedat);
	look_behind(tracedat);
}

/* ---- reading ---- */

static bool read_pages(struct tracedat *tracedat)
{
	struct tracedat_page page;

	for (int i = 0; i < PAGES_A_TURN; i++) {
		if (!tracedat_pages_next(tracedat->source, &page))
			return false;
		take_page(tracedat, &page);
	}
	return true;
}

static void finish(struct tracedat *tracedat)
{
	judge(tracedat);
	if (tracedat->end.reason[0])
		push_health(tracedat, SOURCE_REPLAY, tracedat->end.state, tracedat->end.reason);
}

static void begin(struct tracedat *tracedat, struct own_ticks *ticks)
{
	const struct event_sink sink = {
		.emit = own_ticks_pass, .context = ticks, .emit_traffic = own_ticks_pass_traffic};

	ticks->timeless = !is_time(tracedat);
	ticks->wall_offset_ns = (uint64_t)tracedat->contents.wall_offset_ns;
	start(tracedat);
	stream_flush(tracedat->stream, tracedat->floor_ns, &sink);
	own_ticks_begin(ticks);
}

bool tracedat_read(struct tracedat *tracedat, struct own_ticks *ticks)
{
	const struct event_sink sink = {
		.emit = own_ticks_pass, .context = ticks, .emit_traffic = own_ticks_pass_traffic};
	uint64_t until_ns = tracedat->last_ns;
	bool more;

	if (!tracedat->started) {
		begin(tracedat, ticks);
		return true;
	}
	more = read_pages(tracedat);
	if (more && tracedat_pages_time(tracedat->source, &until_ns))
		until_ns = convert(tracedat, until_ns);
	else
		until_ns = tracedat->last_ns;
	if (until_ns > tracedat->floor_ns)
		tracedat->floor_ns = until_ns;
	for (size_t i = 0; i < tracedat->buffer->cpu_count; i++)
		tell_missing(tracedat, i);
	if (!more)
		finish(tracedat);
	stream_flush(tracedat->stream, tracedat->floor_ns, &sink);
	return more;
}

/* ---- opening ---- */

static uint64_t bytes_of(const struct tracedat_buffer *buffer)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < buffer->cpu_count; i++)
		bytes += buffer->cpus[i].size;
	return bytes;
}

/* Two instances can have recorded the same events: to show both would count them twice. */
static void choose_buffer(struct tracedat *tracedat)
{
	struct tracedat_contents *contents = &tracedat->contents;
	size_t others = 0;

	tracedat->buffer = &contents->buffers[0];
	for (size_t i = 0; i < contents->buffer_count; i++) {
		others += bytes_of(&contents->buffers[i]) > 0;
		if (bytes_of(&contents->buffers[i]) > bytes_of(tracedat->buffer))
			tracedat->buffer = &contents->buffers[i];
	}
	if (others > 1)
		trace_verdict_tell(&tracedat->end, HEALTH_PARTIAL,
		                   "of %zu instances in it that have records only %s%.40s is shown",
		                   others,
		                   tracedat->buffer->name[0] ? "" : "the kernel's own buffer",
		                   tracedat->buffer->name);
}

static int open_pages(struct tracedat *tracedat, uint64_t size, struct error *err)
{
	const struct tracedat_contents *contents = &tracedat->contents;

	tracedat->pages = pages_new(contents->header_page, contents->header_page_size, err);
	if (!tracedat->pages)
		return error_set(err, EINVAL, "its page headers are not understood");
	tracedat_formats_bind(&tracedat->formats, tracedat->pages, contents);
	if (!tracedat_formats_any(&tracedat->formats))
		return error_set(err, EINVAL,
		                 "it has no events of IOMMUs: record them with "
		                 "trace-cmd record -e iommu");
	tracedat->source =
		tracedat_pages_new(tracedat->fd, size, tracedat->buffer, contents->packing, err);
	return tracedat->source ? 0 : -1;
}

static int open_file(struct tracedat *tracedat, struct error *err)
{
	struct stat status;
	uint64_t first_ns = 0;

	if (fstat(tracedat->fd, &status))
		return error_set(err, errno, "it cannot be read: %s", strerror(errno));
	if (tracedat_contents_read(&tracedat->contents, tracedat->fd, (uint64_t)status.st_size,
	                           err))
		return -1;
	choose_buffer(tracedat);
	if (open_pages(tracedat, (uint64_t)status.st_size, err))
		return -1;
	tracedat->converts = tracedat->contents.tsc.multiplier || tracedat->contents.offset_ns;
	if (tracedat_pages_time(tracedat->source, &first_ns))
		tracedat->floor_ns = tracedat->last_ns = convert(tracedat, first_ns);
	tracedat->names = saved_names_new(tracedat->contents.names);
	tracedat->contents.names = NULL;
	tracedat->told_missing = xcalloc(tracedat->buffer->cpu_count + 1, sizeof(bool));
	tracedat->ids = domain_ids_new();
	tracedat->stream = stream_new((unsigned int)tracedat->buffer->cpu_count, tracedat->ids);
	return 0;
}

struct tracedat *tracedat_open(int fd, struct error *err)
{
	struct tracedat *tracedat = xcalloc(1, sizeof(*tracedat));

	tracedat->fd = fd;
	tracedat->end.state = HEALTH_OK;
	if (open_file(tracedat, err) == 0)
		return tracedat;
	tracedat_close(tracedat);
	return NULL;
}

/* ---- coming back ---- */

/* A copy of all that changes while it is read; what was found out when it was opened is the
 * original's. */
struct tracedat_place {
	struct tracedat then;
	struct tracedat_pages *source;
	unsigned char *names_told;
	size_t bytes;
};

/* What is in memory alone: all but source and names. */
static void own_state(struct tracedat *tracedat, struct owned *owned)
{
	size_t cpus = tracedat->buffer->cpu_count + 1;

	domain_ids_owned(&tracedat->ids, owned);
	stream_owned(&tracedat->stream, tracedat->ids, owned);
	OWNED_ARRAY(owned, tracedat->told_missing, cpus, cpus);
}

struct tracedat_place *tracedat_here(const struct tracedat *tracedat)
{
	struct tracedat_place *place = xcalloc(1, sizeof(*place));
	struct owned copy = {.task = OWNED_COPY};

	place->then = *tracedat;
	own_state(&place->then, &copy);
	place->bytes = sizeof(*place) + copy.bytes + saved_names_told_bytes(tracedat->names);
	place->source = tracedat_pages_here(tracedat->source, &place->bytes);
	place->names_told = xmalloc(saved_names_told_bytes(tracedat->names));
	saved_names_told(tracedat->names, place->names_told);
	return place;
}

size_t tracedat_place_bytes(const struct tracedat_place *place)
{
	return place->bytes;
}

void tracedat_place_free(struct tracedat_place *place)
{
	struct owned all = {.task = OWNED_FREE};

	if (!place)
		return;
	own_state(&place->then, &all);
	tracedat_pages_free(place->source);
	free(place->names_told);
	free(place);
}

int tracedat_return(struct tracedat *tracedat, const struct tracedat_place *place)
{
	struct owned all = {.task = OWNED_FREE}, copy = {.task = OWNED_COPY};
	struct tracedat then = place->then;

	if (tracedat_pages_return(&tracedat->source, place->source))
		return -1;
	own_state(tracedat, &all);
	own_state(&then, &copy);
	then.source = tracedat->source;
	*tracedat = then;
	saved_names_tell_anew(tracedat->names, place->names_told);
	return 0;
}

int tracedat_position(const struct tracedat *tracedat)
{
	return tracedat_pages_position(tracedat->source);
}

void tracedat_close(struct tracedat *tracedat)
{
	if (!tracedat)
		return;
	stream_free(tracedat->stream);
	domain_ids_free(tracedat->ids);
	saved_names_free(tracedat->names);
	free(tracedat->told_missing);
	tracedat_pages_free(tracedat->source);
	pages_free(tracedat->pages);
	tracedat_contents_release(&tracedat->contents);
	close(tracedat->fd);
	free(tracedat);
}
