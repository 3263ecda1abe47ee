// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_records: records that were printed, along the way that live ones take.
 * In: lines that were read. Out: events in order of time.
 * Must never know: files, how a line is made up.
 */
#include "text_records.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../owned.h"
#include "../util.h"
#include "domain_ids.h"
#include "stream.h"
#include "trace_verdict.h"

/* CPUs beyond share the lanes of others, in the order of their lines. */
#define LANES 1024u
/* So many records are looked at before the first is told: they show what was recorded. */
#define WINDOW 512u
/* So much of the log waits for the trace to come up to its time. */
#define LOG_EVENTS_MOST 4096u
/* Names of tasks are told again when others had the place of theirs. A power of two. */
#define NAMES 4096u
/* Lines that cannot be read are told as one loss within so long a time. */
#define RUN_NS    10000000u
#define COMM_SIZE 32u

struct comm {
	int32_t pid;
	bool used;
	char text[COMM_SIZE];
};

struct waiting {
	struct raw raw;
	char comm[COMM_SIZE];
};

/* What there is of a kind: tracepoints, and the calls that enclose them. */
struct seen {
	bool tracepoints, calls;
};

enum what { WHAT_MAP, WHAT_UNMAP, WHAT_ATTACH, WHAT_COUNT };

struct text_records {
	struct domain_ids *ids;
	struct stream *stream;
	bool decided;
	struct waiting window[WINDOW];
	size_t waiting;
	struct seen seen[WHAT_COUNT];
	bool class_told[CLASS_COUNT];
	uint8_t flags; /* enum text_line_flags, of any event */
	bool without_context;
	bool dma;          /* events that name the device of a map: those of the DMA API */
	bool read, unread; /* events of ours, and such that cannot be read */
	uint64_t run, run_ns, run_last_ns; /* lines that cannot be read and are to be told: how
	                                      many, from when to when */
	uint16_t last_cpu;
	uint64_t last_ns, floor_ns; /* of events; up to where all was told */
	uint64_t log_ns;            /* of the log */
	uint64_t events, back;
	size_t log_events; /* since the last flush */
	struct comm comms[NAMES];
};

/* ---- records ---- */

static bool what_of(uint8_t kind, enum what *what, bool *call)
{
	static const struct {
		uint8_t kind;
		uint8_t what;
		bool call;
	} kinds[] = {
		{RAW_MAP, WHAT_MAP, false},           {RAW_MAP_CALL, WHAT_MAP, true},
		{RAW_MAP_RETURN, WHAT_MAP, true},     {RAW_UNMAP, WHAT_UNMAP, false},
		{RAW_UNMAP_CALL, WHAT_UNMAP, true},   {RAW_ATTACH, WHAT_ATTACH, false},
		{RAW_ATTACH_CALL, WHAT_ATTACH, true}, {RAW_ATTACH_RETURN, WHAT_ATTACH, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].kind != kind)
			continue;
		*what = (enum what)kinds[i].what;
		*call = kinds[i].call;
		return true;
	}
	return false;
}

static enum event_class class_of(uint8_t kind)
{
	switch (kind) {
	case RAW_MAP:
	case RAW_DEVICE_MAP:
		return CLASS_MAP;
	case RAW_UNMAP:
	case RAW_DEVICE_UNMAP:
		return CLASS_UNMAP;
	case RAW_ATTACH:
	case RAW_DETACH:
		return CLASS_DEVICE;
	case RAW_GROUP_ADD:
	case RAW_GROUP_LEAVE:
		return CLASS_GROUP;
	case RAW_FAULT:
	case RAW_PAGE_REQUEST:
		return CLASS_FAULT;
	default:
		return CLASS_COUNT;
	}
}

/* Events of the DMA API, which only say whose the records around them are. */
#define DMA_KINDS                                                           \
	(1u << RAW_DMA_MAP | 1u << RAW_DMA_UNMAP | 1u << RAW_DMA_MAP_LIST | \
	 1u << RAW_DMA_UNMAP_LIST | 1u << RAW_DMA_FREE)

/*
 * A call without the tracepoint that it encloses would seem to have failed; and where a line does
 * not say whether it is of an interrupt, a call in one cannot be told from the task's own. Events
 * of the DMA API stand in for calls, as in a trace that is recorded now.
 */
static bool is_of_use(const struct text_records *records, uint8_t kind)
{
	enum what what;
	bool call;

	if (raw_is_one_of(kind, DMA_KINDS))
		return !records->without_context &&
		       !(records->seen[WHAT_MAP].calls && records->seen[WHAT_UNMAP].calls);
	if (!what_of(kind, &what, &call) || !call)
		return true;
	return !records->without_context &&
	       (records->seen[what].tracepoints || !records->seen[what].calls);
}

/* What it would be, could it be read. */
static uint8_t kind_of(const struct raw *raw)
{
	return raw->kind == RAW_UNREAD ? (uint8_t)raw->value[0] : raw->kind;
}

static void tell_class(struct text_records *records, const struct raw *raw)
{
	enum event_class class = class_of(kind_of(raw));
	struct event ev = {.ts_ns = records->floor_ns, .kind = EVENT_CLASS};

	if (class == CLASS_COUNT || records->class_told[class])
		return;
	records->class_told[class] = true;
	ev.class.class = (uint8_t) class;
	ev.class.on = true;
	stream_push_event(records->stream, &ev);
}

/* "<...>" is what the kernel prints where it has forgotten a name. */
static void tell_name(struct text_records *records, int32_t pid, const char *comm)
{
	struct comm *known = &records->comms[(uint32_t)pid & (NAMES - 1)];
	struct event ev;

	if (!comm[0] || !strcmp(comm, "<...>") ||
	    (known->used && known->pid == pid && !strcmp(known->text, comm)))
		return;
	known->used = true;
	known->pid = pid;
	copy_text(known->text, sizeof(known->text), comm);
	ev = event_attr_text(records->floor_ns, ATTR_TASK_COMM, NULL, (uint32_t)pid, comm);
	stream_push_event(records->stream, &ev);
}

static void end_run(struct text_records *records)
{
	const struct event ev = {
		.ts_ns = records->run_last_ns,
		.kind = EVENT_LOST,
		.lost = {.count = records->run, .source = SOURCE_REPLAY, .exact = true},
	};

	if (records->run)
		stream_push_event(records->stream, &ev);
	records->run = 0;
}

static void count_unread(struct text_records *records, uint64_t ts_ns)
{
	if (ts_ns < records->run_ns || ts_ns - records->run_ns > RUN_NS)
		end_run(records);
	if (!records->run++)
		records->run_ns = ts_ns;
	records->run_last_ns = ts_ns;
}

static void push(struct text_records *records, const struct raw *raw, const char *comm)
{
	if (!is_of_use(records, raw->kind)) {
		free(raw->text);
		return;
	}
	tell_class(records, raw);
	if (raw->kind == RAW_UNREAD)
		count_unread(records, raw->ts_ns);
	else if (raw->kind != RAW_LOST)
		tell_name(records, raw->pid, comm);
	stream_push_raw(records->stream, raw->cpu % LANES, raw);
}

/* ---- what is known from the beginning ---- */

static void push_health(struct text_records *records, enum source_id source,
                        enum health_state state, const char *reason)
{
	struct event ev = event_health(records->floor_ns, source, state, reason);

	stream_push_event(records->stream, &ev);
}

static bool has_calls(const struct text_records *records)
{
	for (int i = 0; i < WHAT_ATTACH; i++)
		if (records->seen[i].calls)
			return true;
	return false;
}

static enum collect_mode mode_of(const struct text_records *records)
{
	const struct seen *map = &records->seen[WHAT_MAP], *unmap = &records->seen[WHAT_UNMAP];

	if (!records->without_context && records->read &&
	    ((map->calls && map->tracepoints) || (unmap->calls && unmap->tracepoints)))
		return COLLECT_EVENTS;
	return COLLECT_TRACEPOINTS;
}

/* Why not all maps and unmaps have a domain. */
static const char *without_domains(const struct text_records *records)
{
	if (!records->read && records->unread)
		return "its lines of events cannot be read: perhaps they are wrapped";
	if (!records->read)
		return "none of its lines is of an event that maps and unmaps are known by";
	if ((has_calls(records) || records->dma) && records->without_context)
		return "its lines do not tell interrupts (option irq-info): calls of probes, and "
		       "dma events, belong to no event";
	if (has_calls(records))
		return "probes were recorded without iommu:map and unmap: nothing belongs to "
		       "their calls";
	if (records->unread)
		return "it was recorded without probes, or their lines cannot be read: not all "
		       "maps and unmaps name their domain";
	if (records->dma)
		return "it was recorded without probes: not all maps and unmaps name their device";
	return "it was recorded without probes: maps and unmaps name no domain";
}

static void announce(struct text_records *records)
{
	const struct event start = {.ts_ns = records->floor_ns, .kind = EVENT_START};
	const struct event collect = {.ts_ns = records->floor_ns,
	                              .kind = EVENT_COLLECT,
	                              .collect = {.mode = (uint8_t)mode_of(records)}};

	stream_push_event(records->stream, &start);
	push_health(records, SOURCE_TRACE, HEALTH_OK, NULL);
	if (collect.collect.mode == COLLECT_EVENTS)
		push_health(records, SOURCE_PROBES, HEALTH_OK, NULL);
	else
		push_health(records, SOURCE_PROBES, HEALTH_OFF, without_domains(records));
	stream_push_event(records->stream, &collect);
}

static void flush(struct text_records *records, struct own_ticks *ticks)
{
	const struct event_sink sink = {.emit = own_ticks_pass, .context = ticks};

	stream_flush(records->stream, records->floor_ns, &sink);
	if (records->log_ns <= records->floor_ns)
		records->log_events = 0;
}

/* Lost before any event there is. */
static bool is_timeless(const struct raw *raw)
{
	return raw->kind == RAW_LOST && !raw->ts_ns;
}

/* When the first record was. What was lost before it is as old as it. */
static uint64_t first_ns(struct text_records *records)
{
	struct waiting *end = records->window + records->waiting;
	uint64_t first_ns = UINT64_MAX;

	for (const struct waiting *at = records->window; at < end; at++)
		if (!is_timeless(&at->raw) && at->raw.ts_ns < first_ns)
			first_ns = at->raw.ts_ns;
	if (first_ns == UINT64_MAX)
		first_ns = records->waiting ? records->last_ns : records->log_ns;
	for (struct waiting *at = records->window; at < end; at++)
		if (is_timeless(&at->raw))
			at->raw.ts_ns = first_ns;
	return first_ns;
}

/* Enough was seen, or there is no more for now. */
static void decide(struct text_records *records, struct own_ticks *ticks)
{
	records->decided = true;
	ticks->timeless = records->flags & TEXT_IS_NO_TIME;
	ticks->coarse = !(records->flags & TEXT_HAS_NANOSECONDS);
	records->floor_ns = first_ns(records);
	announce(records);
	for (size_t i = 0; i < records->waiting; i++)
		tell_class(records, &records->window[i].raw);
	/* Before the first record, which may be of the same time. */
	flush(records, ticks);
	own_ticks_begin(ticks);
	for (size_t i = 0; i < records->waiting; i++)
		push(records, &records->window[i].raw, records->window[i].comm);
	records->waiting = 0;
}

static void copy_comm(char out[COMM_SIZE], const struct text_line *line)
{
	size_t length = line->comm_length < COMM_SIZE ? line->comm_length : COMM_SIZE - 1;

	if (length)
		memcpy(out, line->comm, length);
	out[length] = '\0';
}

static void take_raw(struct text_records *records, const struct text_line *line,
                     struct own_ticks *ticks)
{
	struct waiting waiting = {.raw = line->raw};

	copy_comm(waiting.comm, line);
	if (records->decided) {
		push(records, &waiting.raw, waiting.comm);
		return;
	}
	records->window[records->waiting++] = waiting;
	if (records->waiting == WINDOW)
		decide(records, ticks);
}

static void take_event(struct text_records *records, const struct text_line *line,
                       struct own_ticks *ticks)
{
	uint8_t kind = kind_of(&line->raw);
	enum what what;
	bool call;

	records->flags |= line->flags;
	records->events++;
	if (line->raw.ts_ns < records->last_ns)
		records->back++;
	else
		records->last_ns = line->raw.ts_ns;
	records->last_cpu = line->raw.cpu;
	if (line->raw.kind == RAW_KIND_COUNT)
		return;
	if (line->raw.kind == RAW_UNREAD)
		records->unread = true;
	else
		records->read = true;
	records->without_context |= line->raw.context == CONTEXT_UNKNOWN;
	records->dma |= raw_is_one_of(kind, DMA_KINDS);
	if (what_of(kind, &what, &call) && !records->decided) {
		records->seen[what].tracepoints |= !call;
		records->seen[what].calls |= call;
	}
	take_raw(records, line, ticks);
}

/* It has no time of its own, nor, if it cannot be read, a CPU. */
static void take_lost(struct text_records *records, const struct text_line *line,
                      struct own_ticks *ticks)
{
	struct text_line lost = *line;

	lost.raw.kind = RAW_LOST;
	lost.raw.ts_ns = records->last_ns;
	lost.raw.value[0] = line->kind == TEXT_LINE_BROKEN ? 1 : line->lost;
	if (line->kind != TEXT_LINE_LOST) {
		lost.raw.cpu = records->last_cpu;
		records->unread = true;
	}
	take_raw(records, &lost, ticks);
}

static void judge(const struct text_records *records, const char *problem,
                  struct trace_verdict *verdict)
{
	if (problem[0])
		trace_verdict_tell(verdict, HEALTH_PARTIAL, "%s", problem);
	if (records->flags & TEXT_IS_NO_TIME)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "its clock is no time: only the order is known");
	if (records->flags & TEXT_IS_RELATIVE)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "its times count from the beginning of the trace");
	if (records->back)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "lines older than the line before: %" PRIu64, records->back);
}

/* ---- what others call ---- */

struct text_records *text_records_new(void)
{
	struct text_records *records = xcalloc(1, sizeof(*records));

	records->ids = domain_ids_new();
	records->stream = stream_new(LANES, records->ids);
	return records;
}

void text_records_owned(struct text_records **address, struct owned *owned)
{
	struct text_records *records;

	OWNED_BEGIN(owned, *address, 1, 1);
	records = *address;
	for (size_t i = 0; i < records->waiting; i++)
		owned_text(owned, &records->window[i].raw.text);
	domain_ids_owned(&records->ids, owned);
	stream_owned(&records->stream, records->ids, owned);
	owned_end(owned, address);
}

void text_records_free(struct text_records *records)
{
	struct owned all = {.task = OWNED_FREE};

	if (records)
		text_records_owned(&records, &all);
}

bool text_records_take(struct text_records *records, const struct text_line *line,
                       struct own_ticks *ticks)
{
	if (line->kind == TEXT_LINE_EVENT)
		take_event(records, line, ticks);
	else
		take_lost(records, line, ticks);
	return line->kind == TEXT_LINE_EVENT ? line->raw.kind == RAW_UNREAD
	                                     : line->kind != TEXT_LINE_LOST;
}

uint64_t text_records_log_time(struct text_records *records, const struct log_stamp *stamp)
{
	if (stamp->kind == STAMP_MONOTONIC)
		records->log_ns = stamp->ns;
	else if (records->last_ns > records->log_ns)
		records->log_ns = records->last_ns;
	return records->log_ns;
}

void text_records_hear_log(struct text_records *records, const struct event *ev)
{
	records->log_events++;
	stream_push_event(records->stream, ev);
}

void text_records_decide(struct text_records *records, struct own_ticks *ticks)
{
	if (!records->decided && records->waiting)
		decide(records, ticks);
}

/* Lines come in their order, and what is older than the last of them comes no more; but an event of
 * the DMA API says whose the map right before it is, which may be the end of the piece before. */
void text_records_release(struct text_records *records, bool paused, struct own_ticks *ticks)
{
	uint64_t held_ns = records->dma && !paused ? STREAM_DMA_NS : 0;

	if (!records->decided)
		return;
	end_run(records);
	if (records->last_ns > records->floor_ns + held_ns)
		records->floor_ns = records->last_ns - held_ns;
	if (records->log_events > LOG_EVENTS_MOST && records->log_ns > records->floor_ns)
		records->floor_ns = records->log_ns;
	flush(records, ticks);
}

void text_records_end(struct text_records *records, struct own_ticks *ticks, const char *problem)
{
	struct trace_verdict verdict = {.state = HEALTH_OK};

	if (!records->decided)
		decide(records, ticks);
	if (records->last_ns > records->floor_ns)
		records->floor_ns = records->last_ns;
	if (records->log_events && records->log_ns > records->floor_ns)
		records->floor_ns = records->log_ns;
	if (!records->events && !records->log_events)
		push_health(records, SOURCE_TRACE, HEALTH_OFF, "none of its lines is of a trace");
	judge(records, problem, &verdict);
	if (verdict.reason[0])
		push_health(records, SOURCE_REPLAY, verdict.state, verdict.reason);
}
