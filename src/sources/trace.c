// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace: a trace instance, from mkdir to rmdir, and what it records.
 * In: tracefs. Out: raws of each CPU and the events about the source itself, to the stream.
 * Must never know: what a record means, the model.
 *
 * Holds together what the rooms trace_*.c do. Only these know libtracefs; and of it only what reads
 * and writes files of one instance. Its other half would mount tracefs (tracefs_tracing_dir), take
 * over somebody else's instance without a word (tracefs_instance_create) or match names as patterns
 * (tracefs_event_enable).
 */
#include "trace.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tracefs.h>

#include "../util.h"
#include "instance.h"
#include "pages.h"
#include "probes.h"
#include "stream.h"
#include "tasks.h"
#include "trace_buffers.h"
#include "trace_collect.h"
#include "trace_cost.h"
#include "trace_cpus.h"
#include "trace_events.h"
#include "trace_notes.h"
#include "trace_switches.h"
#include "trace_verdict.h"

/* Sub-buffers read in one drain, of all CPUs and at least of each: the keyboard waits meanwhile. */
enum { DRAIN_PAGES = 4096, DRAIN_PAGES_LEAST = 8 };

/* What no record tells is asked so often: some losses, and what others did to the instance. */
#define LOOK_NS 1000000000ull

struct trace {
	struct source base;
	char tracefs[PATH_MAX];
	char *procfs, *sysfs;
	struct instance held;
	struct probes *probes; /* NULL: not wanted, or there is no instance */
	struct domain_ids *ids;
	struct trace_collect *collect; /* NULL: nothing can be collected */
	struct trace_cost *cost;       /* NULL: there are no probes */
	enum collect_choice choice;
	struct tracefs_instance *files;
	struct pages *pages;
	struct tasks *tasks;
	void *page; /* pages_size bytes */
	struct trace_cpus cpus;
	size_t buffer_bytes;      /* of one CPU */
	struct trace_notes notes; /* of an instance that is not named as ours */
	struct trace_events events;
	struct trace_switches switches;
	bool readable;  /* all that was to be seen at the last look */
	bool reachable; /* by its path */
	bool no_probes;
	bool announced;
	bool class_told[CLASS_COUNT];
	uint64_t floor_ns;          /* nothing that is still to come is older */
	uint64_t looked_ns;         /* at statistics and switches */
	uint64_t missed;            /* hits of probes, as far as they were told */
	struct trace_verdict found; /* when it was opened; the rest of our health can change */
	struct trace_verdict told, told_probes;
};

/* Where the records of a drain go, and what is seen on the way. */
struct drain {
	struct trace *trace;
	struct stream *stream;
	int32_t pid;      /* of the record before: its name is known for as long as a drain takes */
	uint64_t crossed; /* maps and unmaps */
	bool lost;
};

/* For a signal handler: its descriptors into the own instance are closed before the rmdir, one that
 * is not ours is left as it was found. */
static const struct trace *emergency_trace;
static volatile sig_atomic_t emergency_armed;

/* ---- why there is no trace ---- */

static void tell_off(struct trace *trace, int code, const char *sentence)
{
	trace_verdict_off(&trace->found, trace->sysfs, trace->tracefs, code, sentence);
}

static bool exists(const char *directory, const char *name)
{
	char path[PATH_MAX + NAME_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return stat(path, &st) == 0;
}

/* What can be known before anything is made. */
static int check_before(struct trace *trace, const char *instance)
{
	char name[NAME_MAX + 16] = "instances/";

	if (!exists(trace->tracefs, "instances")) {
		tell_off(trace, errno,
		         "needs a kernel with CONFIG_TRACING: its tracefs has no instances");
		return -1;
	}
	if (instance) {
		snprintf(name, sizeof(name), "instances/%s", instance);
		if (exists(trace->tracefs, name))
			return 0;
	}
	if (!exists(trace->tracefs, "events/iommu")) {
		tell_off(trace, errno, "needs a kernel with CONFIG_IOMMU_API: no iommu events");
		return -1;
	}
	return trace_buffers_check(trace->procfs, &trace->found);
}

/* ---- what is in the instance ---- */

static int find_events(struct trace *trace)
{
	struct error err;
	char *header;
	int size;

	header = tracefs_instance_file_read(trace->files, "events/header_page", &size);
	if (!header) {
		tell_off(trace, errno, "the trace instance has no events/header_page");
		return -1;
	}
	trace->pages = pages_new(header, (size_t)size, &err);
	free(header);
	if (!trace->pages) {
		tell_off(trace, 0, err.text);
		return -1;
	}
	trace_events_find(&trace->events, trace->files, trace->pages, &trace->found);
	return 0;
}

static int find_cpus(struct trace *trace)
{
	if (trace_cpus_find(&trace->cpus, trace->held.path) == 0)
		return 0;
	tell_off(trace, errno, "the trace instance has no per_cpu files");
	return -1;
}

/* All that stays open. A kernel does not remove an instance with an open file. */
static int open_files(struct trace *trace)
{
	emergency_trace = trace;
	atomic_signal_fence(memory_order_seq_cst);
	emergency_armed = 1;
	trace_events_open(&trace->events, trace->held.lock_fd);
	trace_switches_open(&trace->switches, trace->held.lock_fd);
	if (trace_cpus_open(&trace->cpus, trace->files) == 0)
		return 0;
	tell_off(trace, errno, strerror(errno));
	return -1;
}

static void close_files(struct trace *trace)
{
	trace_events_close(&trace->events);
	trace_switches_close(&trace->switches);
	trace_cpus_close(&trace->cpus);
	emergency_armed = 0;
}

/* ---- what we say of ourselves ---- */

/* What others can change and mend while we run. */
static void judge_instance(const struct trace *trace, struct trace_verdict *verdict)
{
	if (!trace->reachable)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "mount -t tracefs nodev %s: it was unmounted, names of ended "
		                   "tasks are missing",
		                   trace->tracefs);
	if (!trace->switches.recording)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "echo 1 >%s/tracing_on: somebody stopped recording",
		                   trace->held.path);
	if (!trace->readable)
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "switches of %s cannot be read: as last seen", trace->held.path);
	trace_events_judge(&trace->events, trace->tracefs, verdict);
	if (trace->switches.clock[0] && strcmp(trace->switches.clock, "perf") != 0)
		trace_verdict_tell(
			verdict, HEALTH_PARTIAL,
			"echo perf >%s/trace_clock: times of clock %s do not fit the log's",
			trace->held.path, trace->switches.clock);
}

static struct trace_verdict judge(const struct trace *trace)
{
	struct trace_verdict verdict = {.state = HEALTH_OK};

	if (trace->files)
		judge_instance(trace, &verdict);
	if (trace->found.reason[0])
		trace_verdict_tell(&verdict, trace->found.state, "%s", trace->found.reason);
	return verdict;
}

static struct trace_verdict judge_probes(const struct trace *trace)
{
	struct trace_verdict verdict = {.state = HEALTH_OK};

	if (trace->no_probes) {
		trace_verdict_tell(&verdict, HEALTH_OFF, "run it without --no-probes: %s",
		                   trace_events_name_devices(&trace->events)
		                           ? "not all maps and unmaps name their device"
		                           : "maps and unmaps name no domain");
	} else if (!trace->files) {
		trace_verdict_tell(&verdict, HEALTH_OFF, "probes need the trace");
	} else {
		trace_events_judge_probes(&trace->events, trace->tracefs, &verdict);
		if (probes_reason(trace->probes)[0])
			trace_verdict_tell(&verdict, probes_state(trace->probes), "%s",
			                   probes_reason(trace->probes));
	}
	return verdict;
}

static void push_health(struct stream *stream, uint64_t ts_ns, enum source_id source,
                        const struct trace_verdict *verdict)
{
	struct event ev = event_health(ts_ns, source, verdict->state,
	                               verdict->reason[0] ? verdict->reason : NULL);

	stream_push_event(stream, &ev);
}

static void push_health_news(struct trace *trace, struct stream *stream, uint64_t ts_ns, bool all)
{
	struct trace_verdict verdict = judge(trace);
	struct trace_verdict probes = judge_probes(trace);

	if (all || !trace_verdict_equal(&verdict, &trace->told))
		push_health(stream, ts_ns, SOURCE_TRACE, &verdict);
	if (all || !trace_verdict_equal(&probes, &trace->told_probes))
		push_health(stream, ts_ns, SOURCE_PROBES, &probes);
	trace->told = verdict;
	trace->told_probes = probes;
}

/* Faults are, whatever is recorded here: they come from the kernel's log, too. */
static bool class_is_on(const struct trace *trace, enum event_class class)
{
	return (class == CLASS_FAULT || trace->switches.recording) &&
	       trace_events_are_on(&trace->events, class);
}

/* Says nothing of a class that is not there. */
static void push_class(struct trace *trace, struct stream *stream, uint64_t ts_ns,
                       enum event_class class)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_CLASS};

	if (!trace_events_have(&trace->events, class))
		return;
	ev.class.class = (uint8_t) class;
	ev.class.on = class_is_on(trace, class);
	trace->class_told[class] = ev.class.on;
	stream_push_event(stream, &ev);
}

static void push_collect(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_COLLECT};

	if (trace->collect && !trace_collect_news(trace->collect, ts_ns, &ev))
		return;
	if (!trace->collect || trace_events_mode(&trace->events) == COLLECT_NONE)
		ev.collect.mode = COLLECT_NONE;
	stream_push_event(stream, &ev);
}

static void announce(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	push_health_news(trace, stream, ts_ns, true);
	push_collect(trace, stream, ts_ns);
	for (unsigned int i = 0; i < CLASS_COUNT; i++)
		push_class(trace, stream, ts_ns, (enum event_class)i);
	trace->announced = true;
}

/* ---- what others do ---- */

static void look_at_switches(struct trace *trace)
{
	trace->readable = trace_switches_look(&trace->switches);
	trace->readable = trace_events_look(&trace->events) && trace->readable;
	trace->reachable = instance_is_reachable(&trace->held);
}

static void push_news(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	push_health_news(trace, stream, ts_ns, false);
	for (unsigned int i = 0; i < CLASS_COUNT; i++)
		if (class_is_on(trace, (enum event_class)i) != trace->class_told[i])
			push_class(trace, stream, ts_ns, (enum event_class)i);
}

/* A kernel drops a hit while another probe's is handled on that CPU. */
static void push_missed(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_MISSED};
	uint64_t missed;

	if (!trace->probes)
		return;
	missed = probes_profile(trace->probes).missed;
	if (missed <= trace->missed)
		return;
	ev.missed.count = missed - trace->missed;
	trace->missed = missed;
	stream_push_event(stream, &ev);
}

static void push_gaps(struct trace *trace, struct stream *stream, uint64_t now_ns)
{
	push_missed(trace, stream, now_ns);
	trace_cpus_push_lost(&trace->cpus, stream, now_ns);
}

static void look_around(struct trace *trace, struct stream *stream, uint64_t now_ns)
{
	if (now_ns < trace->looked_ns + LOOK_NS)
		return;
	trace->looked_ns = now_ns;
	push_gaps(trace, stream, now_ns);
	look_at_switches(trace);
	push_news(trace, stream, now_ns);
}

/* ---- draining ---- */

/* These go ahead of all that this drain can bring: the task may have been on a CPU that is drained
 * later, with an older record. */
static void push_task(const struct drain *drain, int32_t pid, const struct task_news *news)
{
	uint64_t ts_ns = drain->trace->floor_ns;
	uint32_t id = (uint32_t)pid;
	struct event ev;

	if (news->name) {
		ev = event_attr_text(ts_ns, ATTR_TASK_COMM, NULL, id, news->name);
		stream_push_event(drain->stream, &ev);
	}
	if (news->process) {
		ev = event_attr_number(ts_ns, ATTR_TASK_PROCESS, NULL, id,
		                       news->process > 0 ? (uint64_t)news->process : VALUE_UNKNOWN);
		stream_push_event(drain->stream, &ev);
	}
}

static void name_task(struct drain *drain, const struct raw *raw)
{
	const struct task_news *news = tasks_news(drain->trace->tasks, raw->pid, raw->ts_ns);

	if (news)
		push_task(drain, raw->pid, news);
}

static void take(void *context, const struct raw *raws, size_t count)
{
	struct drain *drain = context;
	int32_t pid = drain->pid;
	uint64_t crossed = 0;

	for (const struct raw *raw = raws; raw < raws + count; raw++) {
		crossed += raw_is_one_of(raw->kind, RAW_TRAFFIC);
		if (raw->pid == pid || raw->kind == RAW_LOST)
			continue;
		name_task(drain, raw);
		pid = raw->pid;
	}
	drain->pid = pid;
	drain->crossed += crossed;
	stream_push_raws(drain->stream, raws[0].cpu, raws, count);
}

static int percent_full(const struct trace *trace, size_t bytes)
{
	return bytes >= trace->buffer_bytes ? 100 : (int)(bytes * 100 / trace->buffer_bytes);
}

/*
 * Until the CPU has nothing more, or is past the watermark: what it records meanwhile is for the
 * next drain. Where the bound comes first, the watermark goes back to what was read.
 */
static int drain_cpu(struct drain *drain, const struct trace_cpu *cpu, uint64_t *watermark_ns)
{
	const struct trace *trace = drain->trace;
	struct raw_sink sink = {take, drain};
	size_t pages = DRAIN_PAGES / trace->cpus.count;
	struct page_summary summary = {0};
	bool lost = false;
	size_t bytes = 0;
	ssize_t got;

	if (pages < DRAIN_PAGES_LEAST)
		pages = DRAIN_PAGES_LEAST;
	for (size_t i = 0; i < pages; i++) {
		got = read(cpu->raw_fd, trace->page, pages_size(trace->pages));
		if (got <= 0)
			return lost ? 100 : percent_full(trace, bytes);
		summary = pages_decode(trace->pages, trace->page, (size_t)got,
		                       (uint16_t)cpu->number, &sink);
		bytes += summary.data_bytes;
		lost = lost || summary.lost;
		drain->lost = drain->lost || summary.lost || summary.unread_bytes;
		if (summary.last_ns > *watermark_ns)
			return lost ? 100 : percent_full(trace, bytes);
	}
	*watermark_ns = summary.last_ns > trace->floor_ns ? summary.last_ns : trace->floor_ns;
	return 100;
}

static int trace_fd(const struct source *source)
{
	(void)source;
	return -1; /* asked by the clock: polling would wake per event, or not at all */
}

static int trace_drain(struct source *source, struct stream *stream, uint64_t *watermark_ns)
{
	struct trace *trace = (struct trace *)source;
	struct drain drain = {.trace = trace, .stream = stream, .pid = -1};
	uint64_t now_ns = *watermark_ns;
	int fullness = 0;

	if (!trace->announced)
		announce(trace, stream, trace->files ? trace->floor_ns : now_ns);
	if (!trace->files)
		return 0;
	tasks_forget_saved(trace->tasks);
	for (size_t i = 0; i < trace->cpus.count; i++) {
		int full = drain_cpu(&drain, &trace->cpus.all[i], watermark_ns);

		if (full > fullness)
			fullness = full;
	}
	trace_collect_seen(trace->collect, drain.crossed, drain.lost);
	look_around(trace, stream, *watermark_ns);
	if (*watermark_ns > trace->floor_ns)
		trace->floor_ns = *watermark_ns;
	return fullness;
}

/* ---- opening and closing ---- */

/* Only what we did ourselves: others may have had their reasons. */
static void restore(struct trace *trace)
{
	trace_events_restore(&trace->events);
	if (!trace->held.own)
		trace_switches_restore(&trace->switches);
}

/* Back to a source that only tells its health. */
static void let_go(struct trace *trace)
{
	trace_collect_close(trace->collect);
	trace_cost_close(trace->cost);
	trace->cost = NULL;
	trace->collect = NULL;
	if (trace->files)
		restore(trace);
	close_files(trace);
	trace_cpus_free(&trace->cpus);
	tracefs_instance_free(trace->files);
	trace->files = NULL;
	trace->events.probes = NULL;
	probes_close(trace->probes);
	trace->probes = NULL;
	instance_close(&trace->held);
	pages_free(trace->pages);
	trace->pages = NULL;
	tasks_free(trace->tasks);
	trace->tasks = NULL;
	free(trace->page);
	trace->page = NULL;
}

static void trace_close(struct source *source)
{
	struct trace *trace = (struct trace *)source;

	let_go(trace);
	free(trace->procfs);
	free(trace->sysfs);
	free(trace);
}

static const struct source_ops trace_ops = {
	.fd = trace_fd,
	.drain = trace_drain,
	.close = trace_close,
};

static void set_events(void *context, bool on)
{
	struct trace *trace = context;

	trace_events_set_crossing(&trace->events, on, &trace->found);
}

static bool collect_now(void *context, uint64_t *now_ns)
{
	const struct trace *trace = context;

	return trace_cpus_now(&trace->cpus, now_ns);
}

static void begin_collecting(struct trace *trace)
{
	struct trace_collect_options options = {
		.instance_fd = trace->held.lock_fd,
		.owner = trace->notes.owner,
		.probes = trace->probes,
		.ids = trace->ids,
		.choice = trace->choice,
		.now_ns = trace->floor_ns,
		.set_events = set_events,
		.now = collect_now,
		.context = trace,
	};

	memcpy(options.classes, trace->events.wanted, sizeof(options.classes));
	trace->collect = trace_collect_open(&options);
}

/* The instance is held: everything in it up to the first record. */
static int set_up(struct trace *trace)
{
	tracefs_set_tracing_dir(trace->tracefs); /* or some release of the library may mount it */
	trace->files = tracefs_instance_alloc(trace->tracefs, trace->held.name);
	if (!trace->files) {
		tell_off(trace, errno, "the trace instance is not there");
		return -1;
	}
	if (!trace->no_probes)
		trace->probes = probes_open(trace->tracefs, trace->held.name);
	if (trace->probes)
		trace->cost = trace_cost_open(trace->sysfs, NULL);
	trace->events.probes = trace->probes;
	if (find_events(trace) < 0 || find_cpus(trace) < 0)
		return -1;
	if (trace->held.own)
		trace_switches_set_clock(trace->held.lock_fd);
	trace->buffer_bytes =
		trace_buffers_size(trace->files, trace->held.own, trace->cpus.all[0].number);
	if (open_files(trace) < 0)
		return -1;
	trace->page = xmalloc(pages_size(trace->pages));
	trace->tasks = tasks_new(trace->procfs, trace->tracefs);
	trace_cpus_begin(&trace->cpus);
	trace->floor_ns = trace_cpus_begin_time(&trace->cpus);
	begin_collecting(trace);
	trace_events_start(&trace->events, &trace->found);
	trace_switches_start(&trace->switches);
	look_at_switches(trace);
	return 0;
}

/* One that we made goes as a whole, with all that is in it. */
static void begin_notes(struct trace *trace)
{
	trace_notes_open(&trace->notes, trace->held.lock_fd);
	if (!trace->held.own)
		return;
	trace_notes_add_made(&trace->notes);
	trace->notes.owner[0] = '\0';
}

/* Else what a dead one left would be taken for how it was found; and while we hold the instance,
 * the dead one's probes for those of the living. */
static void sweep_before(struct trace *trace, const char *name, struct error *err)
{
	trace_notes_sweep(trace->tracefs, NULL, err);
	if (name && !trace->no_probes)
		probes_sweep(trace->tracefs, NULL, err);
}

/* -1 only for an instance that was asked for by name and cannot be had. */
static int hold_instance(struct trace *trace, const char *name, struct error *err)
{
	if (check_before(trace, name) < 0)
		return 0;
	sweep_before(trace, name, err);
	if (instance_open(&trace->held, trace->tracefs, name, err) < 0) {
		if (name && (err->code == EBUSY || err->code == EINVAL))
			return -1;
		tell_off(trace, err->code, err->text);
		return 0;
	}
	if (name)
		begin_notes(trace);
	if (set_up(trace) < 0)
		let_go(trace);
	return 0;
}

static bool find_tracefs(struct trace *trace, const char *tracefs)
{
	if (tracefs)
		return copy_text(trace->tracefs, sizeof(trace->tracefs), tracefs);
	if (instance_find_tracefs(trace->procfs, trace->tracefs, sizeof(trace->tracefs)))
		return true;
	tell_off(trace, 0, "mount -t tracefs nodev /sys/kernel/tracing: tracefs is not mounted");
	return false;
}

static struct trace *new_trace(void)
{
	struct trace *trace = xcalloc(1, sizeof(*trace));

	trace->base.ops = &trace_ops;
	trace->held.lock_fd = -1;
	trace_switches_init(&trace->switches, &trace->notes);
	trace->found.state = HEALTH_OK;
	return trace;
}

struct source *trace_open(const struct trace_options *options, unsigned int *cpus,
                          struct error *err)
{
	struct trace *trace = new_trace();

	*cpus = 0;
	trace->procfs = xstrdup(options->procfs);
	trace->sysfs = xstrdup(options->sysfs);
	trace->ids = options->ids;
	trace->no_probes = options->no_probes;
	trace->choice = options->collect;
	trace_events_init(&trace->events, trace->sysfs, &trace->notes, options->classes);
	tracefs_set_loglevel(TEP_LOG_NONE); /* standard error belongs to the screen */
	if (find_tracefs(trace, options->tracefs) &&
	    hold_instance(trace, options->instance, err) < 0) {
		trace_close(&trace->base);
		return NULL;
	}
	if (trace->cpus.count)
		*cpus = trace->cpus.all[trace->cpus.count - 1].number + 1;
	return &trace->base;
}

bool trace_now(const struct source *source, uint64_t *now_ns)
{
	const struct trace *trace = (const struct trace *)source;

	return trace_cpus_now(&trace->cpus, now_ns);
}

void trace_set_class(struct source *source, struct stream *stream, uint64_t now_ns,
                     enum event_class class, bool on)
{
	struct trace *trace = (struct trace *)source;

	if (trace->collect)
		trace_collect_set_class(trace->collect, class, on);
	if (trace->files)
		trace_events_switch(&trace->events, class, on, &trace->found);
	else
		trace->events.wanted[class] = on;
	push_health_news(trace, stream, now_ns, false);
	push_class(trace, stream, now_ns, class);
}

static void push(void *context, const struct event *ev)
{
	stream_push_event(context, ev);
}

/* The probes of groups are the ones that we can fire ourselves. */
static void ask_what_a_hit_takes(struct trace *trace)
{
	unsigned int hits;

	if (!trace->cost)
		return;
	hits = probes_has(trace->probes, PROBE_GROUP) + probes_has(trace->probes, PROBE_MEMBER);
	trace_collect_set_hit_ns(trace->collect, trace_cost_hit_ns(trace->cost, hits));
}

void trace_tick(struct source *source, struct stream *stream, uint64_t now_ns)
{
	struct trace *trace = (struct trace *)source;
	const struct event_sink sink = {.emit = push, .context = stream};

	if (!trace->collect)
		return;
	push_gaps(trace, stream, now_ns);
	ask_what_a_hit_takes(trace);
	trace_collect_tick(trace->collect, now_ns, &sink);
	push_collect(trace, stream, now_ns);
}

void trace_set_collect(struct source *source, struct stream *stream, uint64_t now_ns,
                       enum collect_choice choice)
{
	struct trace *trace = (struct trace *)source;
	const struct event_sink sink = {.emit = push, .context = stream};

	if (!trace->collect)
		return;
	trace_collect_choose(trace->collect, choice, now_ns, &sink);
	push_collect(trace, stream, now_ns);
}

int trace_watch_callers(struct source *source, uint64_t now_ns, uint32_t domain, struct error *err)
{
	struct trace *trace = (struct trace *)source;

	if (!trace->collect)
		return error_set(err, ENOTSUP, "who calls is not known without a trace");
	return trace_collect_watch(trace->collect, domain, now_ns, err);
}

void trace_rest(struct source *source, struct stream *stream, uint64_t now_ns)
{
	struct trace *trace = (struct trace *)source;
	const struct event_sink sink = {.emit = push, .context = stream};

	if (trace->collect)
		trace_collect_rest(trace->collect, now_ns, &sink);
}

void trace_set_naming(struct source *source, bool groups, bool calls)
{
	struct trace *trace = (struct trace *)source;

	if (!trace->files)
		return;
	if (trace->cost)
		trace_cost_pause(trace->cost);
	trace_events_set_naming(&trace->events, groups, calls, &trace->found);
	if (trace->cost)
		trace_cost_resume(trace->cost, groups);
}

void trace_expect_failures(struct source *source)
{
	struct trace *trace = (struct trace *)source;

	if (trace->files)
		trace_events_expect_failures(&trace->events, &trace->found);
}

int trace_sweep(const char *tracefs, FILE *out, struct error *err)
{
	char found[PATH_MAX];
	int instances, noted, probes;

	if (!tracefs) {
		if (!instance_find_tracefs("/proc", found, sizeof(found)))
			return error_set(err, ENOENT,
			                 "tracefs is not mounted: there is nothing to clean up");
		tracefs = found;
	}
	instances = instance_sweep(tracefs, out, err);
	if (instances < 0)
		return -1;
	noted = trace_notes_sweep(tracefs, out, err);
	if (noted < 0)
		return -1;
	probes = probes_sweep(tracefs, out, err);
	return probes < 0 ? -1 : instances + noted + probes;
}

bool trace_left_behind(struct error *err)
{
	return instance_left_behind(err);
}

void trace_emergency_cleanup(void)
{
	const struct trace *trace = emergency_trace;

	if (emergency_armed) {
		trace_collect_emergency_stop(trace->collect);
		if (!trace->held.own) {
			trace_events_emergency_restore(&trace->events);
			trace_switches_restore(&trace->switches);
		}
		trace_switches_emergency_close(&trace->switches);
		trace_events_emergency_close(&trace->events);
		trace_cpus_emergency_close(&trace->cpus);
	}
	instance_emergency_remove();
	probes_emergency_remove();
}
