// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live: the sources of a running machine, in step. In: options. Out: events in order of time.
 * Must never know: the model, the screen.
 */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "clock.h"
#include "source.h"
#include "sources/boot_trace.h"
#include "sources/domain_ids.h"
#include "sources/files.h"
#include "sources/instance.h"
#include "sources/kmsg.h"
#include "sources/pairing.h"
#include "sources/stream.h"
#include "sources/sysfs.h"
#include "sources/trace.h"
#include "sources/trace_window.h"
#include "util.h"

/*
 * A record has its time before it can be read: an interrupt, or a host that lets another virtual
 * processor run, comes in between. So long is waited for such; what comes later still is late.
 */
#define SETTLE_NS 10000000u

struct live {
	const struct options *options;
	struct stream *stream;
	struct domain_ids *ids;
	struct source *trace, *kmsg, *sysfs; /* NULL: not part of what is shown */
	bool traced;                         /* there are trace buffers */
	uint64_t watermark_ns;
	bool own_machine;
	struct trace_window window; /* in which the probes are on that name domains */
	uint64_t unnamed;           /* domains, when somebody last asked for a window */
	bool failed;                /* a map has */
	bool by_process;            /* what VFIO maps is known by who holds a group */
};

/* What passes on its way out also tells what to look at. */
struct watch {
	struct live *live;
	const struct event_sink *sink;
};

/* --sysfs shows another machine: nothing of this one is put beside it, but what tests name. */
static bool shows_own_machine(const struct options *options)
{
	return !options->sysfs;
}

static int open_trace(struct live *live, const struct options *options, unsigned int *cpus,
                      struct error *err)
{
	struct trace_options trace = {
		.tracefs = options->tracefs,
		.instance = options->instance,
		.procfs = options->procfs ? options->procfs : "/proc",
		.sysfs = options->sysfs ? options->sysfs : "/sys",
		.no_probes = options->no_probes,
		.collect = options->collect,
		.ids = live->ids,
	};

	if (!live->own_machine && !options->tracefs)
		return 0;
	for (size_t i = 0; i < CLASS_COUNT; i++)
		trace.classes[i] = options->classes[i];
	live->trace = trace_open(&trace, cpus, err);
	return live->trace ? 0 : -1;
}

static int open_kmsg(struct live *live, const struct options *options, struct error *err)
{
	if (!live->own_machine && !options->kmsg)
		return 0;
	live->kmsg = kmsg_open(options->kmsg, err);
	if (!live->kmsg)
		return -1;
	kmsg_report_faults(live->kmsg, options->classes[CLASS_FAULT]);
	return 0;
}

/* Its clock is read once the events of our own instance are on: what is of later is seen there. */
static void look_for_before(const struct live *live, const struct options *options,
                            struct sysfs_options *sysfs, char *tracefs, size_t size)
{
	if (!live->trace)
		return;
	if (options->tracefs)
		copy_text(tracefs, size, options->tracefs);
	else if (!instance_find_tracefs(options->procfs ? options->procfs : "/proc", tracefs, size))
		return;
	sysfs->tracefs = tracefs;
	sysfs->before_until = boot_trace_now(tracefs);
}

static int open_sysfs(struct live *live, const struct options *options, struct error *err)
{
	char tracefs[PATH_MAX];
	struct sysfs_options sysfs = {
		.root = options->sysfs ? options->sysfs : "/sys",
		.pci_ids = options->pci_ids,
		.procfs = options->procfs,
		.live = live->own_machine,
	};

	if (live->own_machine && !sysfs.procfs)
		sysfs.procfs = "/proc";
	look_for_before(live, options, &sysfs, tracefs, sizeof(tracefs));
	live->sysfs = sysfs_open(&sysfs, err);
	return live->sysfs ? 0 : -1;
}

/* A group's probes speak when somebody reads its type: the worker, whose walk is asked for. */
static void keep_window(struct live *live)
{
	if (!live->trace)
		return;
	switch (trace_window_step(&live->window, clock_ns(CLOCK_MONOTONIC))) {
	case WINDOW_OPENS:
		trace_set_naming(live->trace, true, live->window.calls);
		if (live->sysfs)
			sysfs_hurry(live->sysfs);
		break;
	case WINDOW_CLOSES:
		trace_set_naming(live->trace, false, false);
		break;
	case WINDOW_STAYS:
		break;
	}
}

void live_rest(struct live *live)
{
	if (!live->trace)
		return;
	if (trace_window_end(&live->window, clock_ns(CLOCK_MONOTONIC)))
		trace_set_naming(live->trace, false, false);
	trace_rest(live->trace, live->stream, live->watermark_ns);
}

/* Groups first; if domains have no name in spite of that, the devices of DMA-API calls, too. */
static void ask_for_names(struct live *live)
{
	uint64_t unnamed = pairing_unnamed(stream_pairing(live->stream));

	if (unnamed == live->unnamed)
		return;
	live->unnamed = unnamed;
	trace_window_ask(&live->window, true);
}

struct live *live_open(const struct options *options, struct error *err)
{
	struct live *live = xcalloc(1, sizeof(*live));
	unsigned int cpus = 0;

	live->options = options;
	live->own_machine = shows_own_machine(options);
	live->ids = domain_ids_new();
	if (open_trace(live, options, &cpus, err) || open_kmsg(live, options, err)) {
		live_close(live);
		return NULL;
	}
	/* The worker's first walk reads each group's type: the probes of groups hear it. */
	trace_window_ask(&live->window, false);
	keep_window(live);
	if (open_sysfs(live, options, err)) {
		live_close(live);
		return NULL;
	}
	live->traced = cpus > 0;
	live->stream = stream_new(cpus, live->ids);
	return live;
}

static void close_source(struct source *source)
{
	if (source)
		source->ops->close(source);
}

void live_close(struct live *live)
{
	if (!live)
		return;
	close_source(live->trace);
	close_source(live->kmsg);
	close_source(live->sysfs);
	if (live->stream)
		stream_free(live->stream);
	domain_ids_free(live->ids);
	free(live);
}

/* The timeline is the trace clock; without a trace the clock nearest to printk's. */
static uint64_t now_ns(const struct live *live)
{
	uint64_t trace_ns;

	return live->trace && trace_now(live->trace, &trace_ns) ? trace_ns
	                                                        : clock_ns(CLOCK_MONOTONIC);
}

static int drain_source(struct live *live, struct source *source, uint64_t *watermark_ns)
{
	return source ? source->ops->drain(source, live->stream, watermark_ns) : 0;
}

/*
 * The log reaches back to the boot, in more records than one drain takes. All of them come before
 * anything else, or they would be late. Bounded: a log that never ends is a storm.
 */
static void read_old_log(struct live *live)
{
	uint64_t watermark_ns = live->watermark_ns;

	for (int i = 0; i < 1000 && drain_source(live, live->kmsg, &watermark_ns) == 100; i++)
		keep_window(live);
}

static void tell_text(enum attribute attribute, const char *text, uint64_t ts_ns,
                      const struct event_sink *sink)
{
	struct event fact = event_attr_text(ts_ns, attribute, NULL, 0, text);

	event_emit(sink, &fact);
}

static void tell_file(enum attribute attribute, const char *procfs, const char *file,
                      uint64_t ts_ns, const struct event_sink *sink)
{
	char path[PATH_MAX], text[128];

	snprintf(path, sizeof(path), "%s/sys/kernel/%s", procfs, file);
	if (!files_read(AT_FDCWD, path, text, sizeof(text)))
		return;
	text[strcspn(text, "\n")] = '\0';
	tell_text(attribute, text, ts_ns, sink);
}

void live_tell_machine(const struct options *options, uint64_t ts_ns, const struct event_sink *sink)
{
	struct utsname name;

	if (!shows_own_machine(options)) {
		if (options->procfs) {
			tell_file(ATTR_HOST, options->procfs, "hostname", ts_ns, sink);
			tell_file(ATTR_KERNEL, options->procfs, "osrelease", ts_ns, sink);
		}
	} else if (!uname(&name)) {
		tell_text(ATTR_HOST, name.nodename, ts_ns, sink);
		tell_text(ATTR_KERNEL, name.release, ts_ns, sink);
	}
}

void live_start(struct live *live, const struct event_sink *sink)
{
	struct event start = {.kind = EVENT_START};

	live->watermark_ns = now_ns(live);
	start.ts_ns = live->watermark_ns;
	event_emit(sink, &start);
	read_old_log(live);
	live_tell_machine(live->options, start.ts_ns, sink);
}

/* Not inlined: maps and unmaps, of which there are millions, are to save no registers for it. */
__attribute__((noinline)) static void heed(struct live *live, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_COLLECT:
		live->by_process = ev->collect.mode == COLLECT_TRACEPOINTS;
		break;
	case EVENT_ATTACH:
		/* That somebody opens a group is told by no uevent. */
		if (live->by_process && live->sysfs)
			sysfs_hurry(live->sysfs);
		trace_window_ask(&live->window, false);
		break;
	case EVENT_GROUP_ADD:
	case EVENT_MISSED: /* by the probe of attaches or of frees, perhaps */
		trace_window_ask(&live->window, false);
		break;
	case EVENT_HEALTH:
		if (ev->health.source == SOURCE_SYSFS && ev->health.state != HEALTH_STARTING)
			trace_window_done(&live->window);
		break;
	case EVENT_LOST:
		/* Attaches and frees may be among them: which domain a group has is asked anew. */
		if (ev->lost.source == SOURCE_TRACE)
			trace_window_ask(&live->window, false);
		break;
	case EVENT_MAP_FAILED:
		if (!live->failed)
			trace_expect_failures(live->trace);
		live->failed = true;
		break;
	default:
		break;
	}
}

static void watch_event(void *context, const struct event *ev)
{
	const struct watch *watch = context;

	if (ev->kind != EVENT_MAP && ev->kind != EVENT_UNMAP)
		heed(watch->live, ev);
	event_emit(watch->sink, ev);
}

/* Nothing in these is to be heeded. */
static void pass_traffic(void *context, const struct event *events, size_t count)
{
	const struct watch *watch = context;

	event_emit_traffic(watch->sink, events, count);
}

int live_drain(struct live *live, const struct event_sink *sink, bool tick, uint64_t *watermark_ns)
{
	/* Now is read before the sources: what comes after it waits for the next drain. */
	uint64_t watermark = now_ns(live) - (live->traced ? SETTLE_NS : 0);
	struct watch watch = {live, sink};
	const struct event_sink watched = {
		.emit = watch_event, .context = &watch, .emit_traffic = pass_traffic};
	int fullness;

	keep_window(live);
	sysfs_take_before(live->sysfs, sink);
	drain_source(live, live->sysfs, &watermark);
	fullness = drain_source(live, live->trace, &watermark);
	drain_source(live, live->kmsg, &watermark);
	/* A clock that steps back (the trace's own, if it is not perf) stops, it does not return.
	 */
	if (watermark > live->watermark_ns)
		live->watermark_ns = watermark;
	stream_flush(live->stream, live->watermark_ns, &watched);
	if (tick && live->trace) {
		trace_tick(live->trace, live->stream, live->watermark_ns);
		stream_flush(live->stream, live->watermark_ns, &watched);
	}
	ask_for_names(live);
	keep_window(live);
	*watermark_ns = live->watermark_ns;
	return live->traced ? fullness : -1;
}

size_t live_fds(const struct live *live, struct pollfd fds[LIVE_FDS_MAX])
{
	const struct source *sources[LIVE_FDS_MAX] = {live->kmsg, live->sysfs};
	size_t count = 0;

	for (size_t i = 0; i < LIVE_FDS_MAX; i++) {
		int fd = sources[i] ? sources[i]->ops->fd(sources[i]) : -1;

		if (fd >= 0)
			fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	return count;
}

void live_set_collect(struct live *live, enum collect_choice choice)
{
	if (live->trace)
		trace_set_collect(live->trace, live->stream, live->watermark_ns, choice);
}

bool live_watch_callers(struct live *live, uint32_t domain, struct error *err)
{
	if (!live->trace) {
		error_set(err, ENOTSUP, "who calls is not known without a trace");
		return false;
	}
	return trace_watch_callers(live->trace, live->watermark_ns, domain, err) == 0;
}

void live_look(struct live *live, uint32_t group, bool wake)
{
	sysfs_look(live->sysfs, group, wake);
}

void live_set_class(struct live *live, enum event_class class, bool on)
{
	if (class == CLASS_FAULT && live->kmsg)
		kmsg_report_faults(live->kmsg, on);
	if (live->trace)
		trace_set_class(live->trace, live->stream, live->watermark_ns, class, on);
}
