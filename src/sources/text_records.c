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
#define NAMES     4096u
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
		return CLASS_FAULT;
	default:
		return CLASS_COUNT;
	}
}

/*
 * A call without the tracepoint that it encloses would seem to have failed; and where a line does
 * not say whether it is of an interrupt, a call in one cannot be told from the task's own.
 */
static bool is_of_use(const struct text_records *records, uint8_t kind)
{
	enum what what;
	bool call;

	if (!what_of(kind, &what, &call) || !call)
		return true;
	return !records->without_context &&
	       (records->seen[what].tracepoints || !records->seen[what].calls);
}

static void tell_class(struct text_records *records, uint8_t kind)
{
	enum event_class class = class_of(kind);
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

static void push(struct text_records *records, const struct raw *raw, const char *comm)
{
	if (!is_of_use(records, raw->kind)) {
		free(raw->text);
		return;
	}
	tell_class(records, raw->kind);
	if (raw->kind != RAW_LOST)
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

	if (!records->without_context &&
	    ((map->calls && map->tracepoints) || (unmap->calls && unmap->tracepoints)))
		return COLLECT_EVENTS;
	return COLLECT_TRACEPOINTS;
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
	else if (has_calls(records) && records->without_context)
		push_health(records, SOURCE_PROBES, HEALTH_OFF,
		            "its lines do not tell interrupts (option irq-info): calls of probes "
		            "belong to no event");
	else if (has_calls(records))
		push_health(records, SOURCE_PROBES, HEALTH_OFF,
		            "probes were recorded without iommu:map and unmap: nothing belongs to "
		            "their calls");
	else
		push_health(records, SOURCE_PROBES, HEALTH_OFF,
		            "it was recorded without probes: maps and unmaps name no domain");
	stream_push_event(records->stream, &collect);
}

static void flush(struct text_records *records, struct own_ticks *ticks)
{
	const struct event_sink sink = {.emit = own_ticks_pass, .context = ticks};

	stream_flush(records->stream, records->floor_ns, &sink);
	if (records->log_ns <= records->floor_ns)
		records->log_events = 0;
}

/* Enough was seen, or there is no more for now. */
static void decide(struct text_records *records, struct own_ticks *ticks)
{
	records->decided = true;
	ticks->timeless = records->flags & TEXT_IS_NO_TIME;
	ticks->coarse = !(records->flags & TEXT_HAS_NANOSECONDS);
	records->floor_ns = records->waiting ? records->window[0].raw.ts_ns : records->log_ns;
	for (size_t i = 0; i < records->waiting; i++)
		if (records->window[i].raw.ts_ns < records->floor_ns)
			records->floor_ns = records->window[i].raw.ts_ns;
	announce(records);
	for (size_t i = 0; i < records->waiting; i++)
		tell_class(records, records->window[i].raw.kind);
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
	enum what what;
	bool call;

	records->flags |= line->flags;
	records->events++;
	if (line->raw.ts_ns < records->last_ns)
		records->back++;
	else
		records->last_ns = line->raw.ts_ns;
	if (line->raw.kind == RAW_KIND_COUNT)
		return;
	records->without_context |= !(line->flags & TEXT_HAS_CONTEXT);
	if (what_of(line->raw.kind, &what, &call) && !records->decided) {
		records->seen[what].tracepoints |= !call;
		records->seen[what].calls |= call;
	}
	take_raw(records, line, ticks);
}

/* It has no time of its own. */
static void take_lost(struct text_records *records, const struct text_line *line,
                      struct own_ticks *ticks)
{
	struct text_line lost = *line;

	lost.raw.kind = RAW_LOST;
	lost.raw.ts_ns = records->last_ns;
	lost.raw.value[0] = line->lost;
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

void text_records_take(struct text_records *records, const struct text_line *line,
                       struct own_ticks *ticks)
{
	if (line->kind == TEXT_LINE_LOST)
		take_lost(records, line, ticks);
	else
		take_event(records, line, ticks);
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

/* Lines come in their order, and what is older than the last of them comes no more. */
void text_records_release(struct text_records *records, struct own_ticks *ticks)
{
	if (!records->decided)
		return;
	if (records->last_ns > records->floor_ns)
		records->floor_ns = records->last_ns;
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
