// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace: a trace instance, from mkdir to rmdir, and what it records.
 * In: tracefs. Out: raws of each CPU and the events about the source itself, to the stream.
 * Must never know: what a record means, the model.
 *
 * The only room that knows libtracefs; and of it only what reads and writes files of one instance.
 * Its other half would mount tracefs (tracefs_tracing_dir), take over somebody else's instance
 * without a word (tracefs_instance_create) or match names as patterns (tracefs_event_enable).
 */
#include "trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tracefs.h>

#include "../util.h"
#include "instance.h"
#include "pages.h"
#include "stream.h"
#include "tasks.h"
#include "trace_stats.h"

/* mkdir allocates all of it at once: kernel/trace/trace.c, TRACE_BUF_SIZE_DEFAULT. */
#define NEW_BUFFER_KB 1408u

/* A new instance may not take more of the available memory than one part in so many. */
#define MEMORY_PARTS 20u

/* With many CPUs each gets less, so that the whole stays within this. */
#define ALL_BUFFERS_KB (128u * 1024)

/* Sub-buffers read in one drain, of all CPUs and at least of each: the keyboard waits meanwhile. */
enum { DRAIN_PAGES = 4096, DRAIN_PAGES_LEAST = 8 };

/* What no record tells is asked so often: some losses, and what others did to the instance. */
#define LOOK_NS 1000000000ull

struct cpu {
	unsigned int number;
	int raw_fd;
	int stats_fd;  /* -1: a plain directory has none */
	uint64_t lost; /* that the statistics counted so far */
};

/* One of page_bindings in this instance. */
struct event_state {
	bool present; /* the kernel has it and we understand it */
	bool was_on;  /* when we came */
	bool on;      /* as last seen */
	bool touched; /* by us */
	int fd;       /* its enable, to look at; -1: it cannot be read */
	int error;    /* why it could not be switched; 0: it is as it should be */
};

struct verdict {
	enum health_state state;
	char reason[240];
};

struct trace {
	struct source base;
	char tracefs[PATH_MAX];
	char *procfs, *sysfs;
	struct instance held;
	struct tracefs_instance *files;
	struct pages *pages;
	struct tasks *tasks;
	void *page; /* pages_size bytes */
	struct cpu *cpus;
	size_t cpu_count;
	size_t buffer_bytes; /* of one CPU */
	struct event_state events[PAGE_BINDINGS];
	bool wanted[CLASS_COUNT];
	int tracing_fd, clock_fd; /* tracing_on and trace_clock, to look at */
	bool recording;           /* tracing_on, as last seen */
	bool started_recording;   /* it was off when we came */
	bool readable;            /* all that was to be seen at the last look */
	bool reachable;           /* by its path */
	char clock[32];           /* empty: not known */
	bool announced;
	bool class_told[CLASS_COUNT];
	uint64_t floor_ns;    /* nothing that is still to come is older */
	uint64_t looked_ns;   /* at statistics and switches */
	struct verdict found; /* when it was opened; the rest of our health can change */
	struct verdict told;
};

/* Where the records of a drain go. */
struct drain {
	struct trace *trace;
	struct stream *stream;
};

/* For a signal handler: its descriptors into the own instance are closed before the rmdir. */
static const struct trace *emergency_trace;
static volatile sig_atomic_t emergency_armed;

/* Adds a sentence to the reason, once, and lowers the state to what it means. */
__attribute__((format(printf, 3, 4))) static void
tell(struct verdict *verdict, enum health_state state, const char *format, ...)
{
	size_t length = strlen(verdict->reason);
	char sentence[sizeof(verdict->reason)];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	if (state < verdict->state)
		verdict->state = state;
	if (!strstr(verdict->reason, sentence))
		snprintf(verdict->reason + length, sizeof(verdict->reason) - length, "%s%s",
		         length ? "; " : "", sentence);
}

static bool read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length;

	if (!file)
		return false;
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
	return true;
}

/* ---- why there is no trace ---- */

/* Lockdown has two levels; only confidentiality forbids tracefs (LOCKDOWN_TRACEFS). */
static bool is_locked_down(const struct trace *trace)
{
	char path[PATH_MAX], text[128];

	snprintf(path, sizeof(path), "%s/kernel/security/lockdown", trace->sysfs);
	return read_text(path, text, sizeof(text)) && strstr(text, "[confidentiality]");
}

/*
 * Remedies come first: a narrow screen cuts off the end. sentence: what did not work, for the cases
 * without a known remedy.
 */
static void tell_off(struct trace *trace, int code, const char *sentence)
{
	trace->found.reason[0] = '\0';
	if (is_locked_down(trace))
		tell(&trace->found, HEALTH_OFF,
		     "boot without lockdown=confidentiality: it forbids tracing");
	else if (code == EACCES || code == EPERM)
		tell(&trace->found, HEALTH_OFF, "run it with sudo: no permission to trace");
	else if (code == EROFS)
		tell(&trace->found, HEALTH_OFF, "mount -o remount,rw %s: it is read-only",
		     trace->tracefs);
	else
		tell(&trace->found, HEALTH_OFF, "%s", sentence);
}

/* MemAvailable; 0: not known. */
static uint64_t available_kb(const struct trace *trace)
{
	char path[PATH_MAX], text[4096];
	const char *at;
	const char *end;
	uint64_t kb = 0;

	snprintf(path, sizeof(path), "%s/meminfo", trace->procfs);
	if (!read_text(path, text, sizeof(text)))
		return 0;
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

static int check_memory(struct trace *trace)
{
	unsigned int cpus = online_cpus();
	uint64_t needed = (uint64_t)cpus * NEW_BUFFER_KB;
	uint64_t available = available_kb(trace);

	if (!available || needed <= available / MEMORY_PARTS)
		return 0;
	tell(&trace->found, HEALTH_OFF,
	     "name a smaller instance with --instance: buffers for %u CPUs take %llu of %llu MB "
	     "available, over 5 %%",
	     cpus, (unsigned long long)(needed / 1024), (unsigned long long)(available / 1024));
	return -1;
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
	return check_memory(trace);
}

/* ---- files of the instance, through its directory: they outlive its path ---- */

static int open_file(const struct trace *trace, const char *name)
{
	return openat(trace->held.lock_fd, name, O_RDONLY | O_CLOEXEC);
}

static int write_file(const struct trace *trace, const char *name, const char *text)
{
	int fd = openat(trace->held.lock_fd, name, O_WRONLY | O_CLOEXEC);
	int code = 0;

	if (fd < 0)
		return -1;
	if (write(fd, text, strlen(text)) < 0)
		code = errno;
	close(fd);
	errno = code;
	return code ? -1 : 0;
}

/* False where it cannot be read: *on is then as it was. */
static bool look_at_switch(int fd, bool *on)
{
	char digit;

	if (pread(fd, &digit, 1, 0) != 1 || (digit != '0' && digit != '1'))
		return false;
	*on = digit == '1';
	return true;
}

/* "local [perf] mono": the one that is used. */
static void look_at_clock(struct trace *trace)
{
	char text[256];
	ssize_t length = pread(trace->clock_fd, text, sizeof(text) - 1, 0);
	const char *start;

	text[length > 0 ? length : 0] = '\0';
	start = strchr(text, '[');
	if (start)
		snprintf(trace->clock, sizeof(trace->clock), "%.*s", (int)strcspn(start + 1, "]"),
		         start + 1);
}

/* ---- events ---- */

static void enable_path(unsigned int binding, char *path, size_t size)
{
	const struct page_binding *event = &page_bindings[binding];

	snprintf(path, size, "events/%s/%s/enable", event->system, event->event);
}

/* Writes only what is not so yet: a reader without rights may follow what an administrator set. */
static void switch_event(struct trace *trace, unsigned int binding, bool on)
{
	struct event_state *state = &trace->events[binding];
	char path[128];

	state->error = 0;
	if (look_at_switch(state->fd, &state->on) && state->on == on)
		return;
	enable_path(binding, path, sizeof(path));
	if (write_file(trace, path, on ? "1" : "0") < 0) {
		state->error = errno;
		return;
	}
	state->touched = true;
	state->on = on;
	look_at_switch(state->fd, &state->on);
}

/*
 * Whether enabling io_page_fault could crash this machine. arm-smmu v1 and v2, since 5.15, call
 * report_iommu_fault() without a device, and the event's dev_name(dev) does not check. Their units
 * are called smmu.ADDRESS, those of v3, which does not use the event, smmu3.ADDRESS.
 */
static bool faults_are_deadly(const struct trace *trace)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool deadly = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/iommu", trace->sysfs);
	dir = opendir(path);
	if (!dir)
		return errno != ENOENT;
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, "smmu.", strlen("smmu.")) == 0)
			deadly = true;
	closedir(dir);
	return deadly;
}

static bool may_switch_on(struct trace *trace, unsigned int binding)
{
	bool on = false;

	if (page_bindings[binding].kind != RAW_FAULT ||
	    (look_at_switch(trace->events[binding].fd, &on) && on) || !faults_are_deadly(trace))
		return true;
	tell(&trace->found, HEALTH_PARTIAL,
	     "faults come from the kernel log alone: with arm-smmu v1/v2 the kernel would crash in "
	     "io_page_fault");
	return false;
}

static void switch_class(struct trace *trace, enum event_class class, bool on)
{
	trace->wanted[class] = on;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && trace->events[i].present &&
		    (!on || may_switch_on(trace, i)))
			switch_event(trace, i, on);
}

/* Faults come from the kernel's log, too: there, what was asked for is so. */
static bool class_is_on(const struct trace *trace, enum event_class class)
{
	if (class == CLASS_FAULT)
		return trace->wanted[class];
	if (!trace->recording)
		return false;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && trace->events[i].on)
			return true;
	return false;
}

static void find_event(struct trace *trace, unsigned int binding)
{
	const struct page_binding *event = &page_bindings[binding];
	struct error err;
	char *format;
	int size;

	format =
		tracefs_event_file_read(trace->files, event->system, event->event, "format", &size);
	if (!format) {
		if (!event->historic)
			tell(&trace->found, HEALTH_PARTIAL, "this kernel has no event %s:%s",
			     event->system, event->event);
		return;
	}
	if (pages_bind(trace->pages, binding, format, (size_t)size, &err) < 0)
		tell(&trace->found, HEALTH_PARTIAL, "%s", err.text);
	else
		trace->events[binding].present = true;
	free(format);
}

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
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		find_event(trace, i);
	return 0;
}

/* ---- clock, buffers, switch ---- */

/* perf is local_clock(), the clock that stamps the kernel's log: one timeline for both. */
static void set_clock(struct trace *trace)
{
	if (trace->held.own)
		write_file(trace, "trace_clock", "perf");
}

static void size_buffers(struct trace *trace)
{
	size_t kb = ALL_BUFFERS_KB / online_cpus();
	ssize_t now_kb;

	if (trace->held.own && kb < NEW_BUFFER_KB)
		tracefs_instance_set_buffer_size(trace->files, kb, -1);
	now_kb = tracefs_instance_get_buffer_size(trace->files, (int)trace->cpus[0].number);
	trace->buffer_bytes = (now_kb > 0 ? (size_t)now_kb : NEW_BUFFER_KB) * 1024;
}

static void start_recording(struct trace *trace)
{
	bool known = look_at_switch(trace->tracing_fd, &trace->recording);

	if (known && trace->recording)
		return;
	if (write_file(trace, "tracing_on", "1") < 0)
		return;
	trace->recording = true;
	trace->started_recording = known;
}

/* ---- CPUs ---- */

static int open_cpu_file(const struct trace *trace, unsigned int number, const char *name)
{
	char file[64];

	snprintf(file, sizeof(file), "per_cpu/cpu%u/%s", number, name);
	return tracefs_instance_file_open(trace->files, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int open_cpu(struct trace *trace, struct cpu *cpu)
{
	cpu->raw_fd = open_cpu_file(trace, cpu->number, "trace_pipe_raw");
	if (cpu->raw_fd < 0)
		return -1;
	cpu->stats_fd = open_cpu_file(trace, cpu->number, "stats");
	return 0;
}

static bool cpu_number(const char *name, unsigned int *number)
{
	uint64_t value;

	if (strncmp(name, "cpu", 3) != 0 || !parse_decimal(name + 3, NULL, &value) ||
	    value >= UINT16_MAX)
		return false;
	*number = (unsigned int)value;
	return true;
}

static int by_number(const void *a, const void *b)
{
	const struct cpu *x = a;
	const struct cpu *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void list_cpus(struct trace *trace)
{
	char path[PATH_MAX + 16];
	struct dirent *entry;
	size_t capacity = 0;
	unsigned int number;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/per_cpu", trace->held.path);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!cpu_number(entry->d_name, &number))
			continue;
		trace->cpus = grow(trace->cpus, &capacity, trace->cpu_count, sizeof(*trace->cpus));
		trace->cpus[trace->cpu_count++] =
			(struct cpu){.number = number, .raw_fd = -1, .stats_fd = -1};
	}
	closedir(dir);
	qsort(trace->cpus, trace->cpu_count, sizeof(*trace->cpus), by_number);
}

/* Two descriptors a CPU: on large machines more than the customary 1024. */
static void raise_descriptor_limit(size_t more)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= more + 256)
		return;
	limit.rlim_cur = limit.rlim_max < more + 256 ? limit.rlim_max : more + 256;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int find_cpus(struct trace *trace)
{
	errno = 0;
	list_cpus(trace);
	if (trace->cpu_count)
		return 0;
	tell_off(trace, errno, "the trace instance has no per_cpu files");
	return -1;
}

static int open_cpus(struct trace *trace)
{
	raise_descriptor_limit(2 * trace->cpu_count);
	for (size_t i = 0; i < trace->cpu_count; i++) {
		if (open_cpu(trace, &trace->cpus[i]) < 0) {
			tell_off(trace, errno, strerror(errno));
			return -1;
		}
	}
	return 0;
}

static void open_switches(struct trace *trace)
{
	char path[128];

	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		struct event_state *state = &trace->events[i];

		if (!state->present)
			continue;
		enable_path(i, path, sizeof(path));
		state->fd = open_file(trace, path);
		look_at_switch(state->fd, &state->on);
		state->was_on = state->on;
	}
	trace->clock_fd = open_file(trace, "trace_clock");
	trace->tracing_fd = open_file(trace, "tracing_on");
}

/* All that stays open. A kernel does not remove an instance with an open file. */
static int open_files(struct trace *trace)
{
	if (trace->held.own) {
		emergency_trace = trace;
		atomic_signal_fence(memory_order_seq_cst);
		emergency_armed = 1;
	}
	open_switches(trace);
	return open_cpus(trace);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_files(struct trace *trace)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		close_fd(&trace->events[i].fd);
	close_fd(&trace->clock_fd);
	close_fd(&trace->tracing_fd);
	for (size_t i = 0; i < trace->cpu_count; i++) {
		close_fd(&trace->cpus[i].raw_fd);
		close_fd(&trace->cpus[i].stats_fd);
	}
	emergency_armed = 0;
}

/* ---- statistics ---- */

static bool read_stats(const struct cpu *cpu, struct trace_stats *stats)
{
	char text[1024];
	ssize_t length;

	if (cpu->stats_fd < 0)
		return false;
	length = pread(cpu->stats_fd, text, sizeof(text) - 1, 0);
	if (length <= 0)
		return false;
	text[length] = '\0';
	*stats = trace_stats_parse(text);
	return true;
}

/* What was lost before our time is not ours to tell. */
static void begin_statistics(struct trace *trace)
{
	struct trace_stats stats;

	for (size_t i = 0; i < trace->cpu_count; i++)
		if (read_stats(&trace->cpus[i], &stats))
			trace->cpus[i].lost = stats.lost;
}

/* A time before all that can still come: now, or the oldest that an adopted instance holds. */
static uint64_t begin_time(const struct trace *trace)
{
	struct trace_stats stats;
	uint64_t first_ns = 0;

	trace_now(&trace->base, &first_ns);
	for (size_t i = 0; i < trace->cpu_count; i++)
		if (read_stats(&trace->cpus[i], &stats) && stats.oldest_ns &&
		    stats.oldest_ns < first_ns)
			first_ns = stats.oldest_ns;
	return first_ns;
}

static void push_lost(struct stream *stream, const struct cpu *cpu, uint64_t ts_ns, uint64_t count)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_LOST, .cpu = (uint16_t)cpu->number};

	ev.lost.count = count;
	ev.lost.source = SOURCE_TRACE;
	ev.lost.exact = true;
	stream_push_event(stream, &ev);
}

static void look_at_statistics(struct trace *trace, struct stream *stream, uint64_t now_ns)
{
	struct trace_stats stats;

	for (size_t i = 0; i < trace->cpu_count; i++) {
		struct cpu *cpu = &trace->cpus[i];

		if (!read_stats(cpu, &stats))
			continue;
		if (stats.lost > cpu->lost)
			push_lost(stream, cpu, now_ns, stats.lost - cpu->lost);
		cpu->lost = stats.lost;
	}
}

/* ---- what we say of ourselves ---- */

/* The first event that could not be switched tells for all: they share their reason. */
static void judge_events(const struct trace *trace, struct verdict *verdict)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const struct page_binding *event = &page_bindings[i];
		int code = trace->events[i].error;

		if (!code)
			continue;
		if (code == EACCES || code == EPERM)
			tell(verdict, HEALTH_PARTIAL, "run it with sudo: cannot switch %s:%s",
			     event->system, event->event);
		else if (code == EROFS)
			tell(verdict, HEALTH_PARTIAL, "mount -o remount,rw %s: cannot switch %s:%s",
			     trace->tracefs, event->system, event->event);
		else
			tell(verdict, HEALTH_PARTIAL, "cannot switch %s:%s: %s", event->system,
			     event->event, strerror(code));
		return;
	}
}

/* What others can change and mend while we run. */
static void judge_instance(const struct trace *trace, struct verdict *verdict)
{
	if (!trace->reachable)
		tell(verdict, HEALTH_PARTIAL,
		     "mount -t tracefs nodev %s: it was unmounted, names of ended tasks are "
		     "missing",
		     trace->tracefs);
	if (!trace->recording)
		tell(verdict, HEALTH_PARTIAL, "echo 1 >%s/tracing_on: somebody stopped recording",
		     trace->held.path);
	if (!trace->readable)
		tell(verdict, HEALTH_PARTIAL, "switches of %s cannot be read: as last seen",
		     trace->held.path);
	judge_events(trace, verdict);
	if (trace->clock[0] && strcmp(trace->clock, "perf") != 0)
		tell(verdict, HEALTH_PARTIAL,
		     "echo perf >%s/trace_clock: times of clock %s do not fit the log's",
		     trace->held.path, trace->clock);
}

static struct verdict judge(const struct trace *trace)
{
	struct verdict verdict = {.state = HEALTH_OK};

	if (trace->files)
		judge_instance(trace, &verdict);
	if (trace->found.reason[0])
		tell(&verdict, trace->found.state, "%s", trace->found.reason);
	return verdict;
}

static void push_health(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	struct event ev;

	trace->told = judge(trace);
	ev = event_health(ts_ns, SOURCE_TRACE, trace->told.state,
	                  trace->told.reason[0] ? trace->told.reason : NULL);
	stream_push_event(stream, &ev);
}

static void push_health_news(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	struct verdict verdict = judge(trace);

	if (verdict.state != trace->told.state || strcmp(verdict.reason, trace->told.reason) != 0)
		push_health(trace, stream, ts_ns);
}

/* Whether the class can be had at all: "off" is something that "on" could follow. */
static bool class_is_there(const struct trace *trace, enum event_class class)
{
	if (class == CLASS_FAULT)
		return true;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && trace->events[i].present)
			return true;
	return false;
}

/* Says nothing of a class that is not there. */
static void push_class(struct trace *trace, struct stream *stream, uint64_t ts_ns,
                       enum event_class class)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_CLASS};

	if (!class_is_there(trace, class))
		return;
	ev.class.class = (uint8_t) class;
	ev.class.on = class_is_on(trace, class);
	trace->class_told[class] = ev.class.on;
	stream_push_event(stream, &ev);
}

static void push_collect(const struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_COLLECT};

	ev.collect.mode = COLLECT_NONE;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (trace->events[i].present &&
		    (page_bindings[i].kind == RAW_MAP || page_bindings[i].kind == RAW_UNMAP))
			ev.collect.mode = COLLECT_TRACEPOINTS;
	stream_push_event(stream, &ev);
}

static void announce(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	push_health(trace, stream, ts_ns);
	push_collect(trace, stream, ts_ns);
	for (unsigned int i = 0; i < CLASS_COUNT; i++)
		push_class(trace, stream, ts_ns, (enum event_class)i);
	trace->announced = true;
}

/* ---- what others do ---- */

static void look_at_event(struct trace *trace, unsigned int binding)
{
	struct event_state *state = &trace->events[binding];

	if (!state->present)
		return;
	if (!look_at_switch(state->fd, &state->on))
		trace->readable = false;
	else if (state->on == trace->wanted[page_bindings[binding].class])
		state->error = 0;
}

static void look_at_switches(struct trace *trace)
{
	trace->readable = look_at_switch(trace->tracing_fd, &trace->recording);
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		look_at_event(trace, i);
	look_at_clock(trace);
	trace->reachable = instance_is_reachable(&trace->held);
}

static void push_news(struct trace *trace, struct stream *stream, uint64_t ts_ns)
{
	push_health_news(trace, stream, ts_ns);
	for (unsigned int i = 0; i < CLASS_COUNT; i++)
		if (class_is_on(trace, (enum event_class)i) != trace->class_told[i])
			push_class(trace, stream, ts_ns, (enum event_class)i);
}

static void look_around(struct trace *trace, struct stream *stream, uint64_t now_ns)
{
	if (now_ns < trace->looked_ns + LOOK_NS)
		return;
	trace->looked_ns = now_ns;
	look_at_statistics(trace, stream, now_ns);
	look_at_switches(trace);
	push_news(trace, stream, now_ns);
}

/* ---- draining ---- */

/*
 * A name goes ahead of all that this drain can bring: the task may have been on a CPU that is
 * drained later, with an older record.
 */
static void take(void *context, const struct raw *raw)
{
	const struct drain *drain = context;
	struct trace *trace = drain->trace;
	const char *name;

	if (raw->kind != RAW_LOST) {
		name = tasks_news(trace->tasks, raw->pid, raw->ts_ns);
		if (name) {
			struct event ev = event_attr_text(trace->floor_ns, ATTR_TASK_COMM, NULL,
			                                  (uint32_t)raw->pid, name);

			stream_push_event(drain->stream, &ev);
		}
	}
	stream_push_raw(drain->stream, raw->cpu, raw);
}

static int percent_full(const struct trace *trace, size_t bytes)
{
	return bytes >= trace->buffer_bytes ? 100 : (int)(bytes * 100 / trace->buffer_bytes);
}

/*
 * Until the CPU has nothing more, or is past the watermark: what it records meanwhile is for the
 * next drain. Where the bound comes first, the watermark goes back to what was read.
 */
static int drain_cpu(struct drain *drain, const struct cpu *cpu, uint64_t *watermark_ns)
{
	const struct trace *trace = drain->trace;
	struct raw_sink sink = {take, drain};
	size_t pages = DRAIN_PAGES / trace->cpu_count;
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
	struct drain drain = {trace, stream};
	uint64_t now_ns = *watermark_ns;
	int fullness = 0;

	if (!trace->announced)
		announce(trace, stream, trace->files ? trace->floor_ns : now_ns);
	if (!trace->files)
		return 0;
	tasks_forget_saved(trace->tasks);
	for (size_t i = 0; i < trace->cpu_count; i++) {
		int full = drain_cpu(&drain, &trace->cpus[i], watermark_ns);

		if (full > fullness)
			fullness = full;
	}
	look_around(trace, stream, *watermark_ns);
	if (*watermark_ns > trace->floor_ns)
		trace->floor_ns = *watermark_ns;
	return fullness;
}

/* ---- opening and closing ---- */

/* Only what we did ourselves: others may have had their reasons. */
static void restore(struct trace *trace)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (trace->events[i].touched)
			switch_event(trace, i, trace->events[i].was_on);
	if (!trace->held.own && trace->started_recording)
		write_file(trace, "tracing_on", "0");
}

/* Back to a source that only tells its health. */
static void let_go(struct trace *trace)
{
	if (trace->files)
		restore(trace);
	close_files(trace);
	free(trace->cpus);
	trace->cpus = NULL;
	trace->cpu_count = 0;
	tracefs_instance_free(trace->files);
	trace->files = NULL;
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

/* The instance is held: everything in it up to the first record. */
static int set_up(struct trace *trace)
{
	tracefs_set_tracing_dir(trace->tracefs); /* or some release of the library may mount it */
	trace->files = tracefs_instance_alloc(trace->tracefs, trace->held.name);
	if (!trace->files) {
		tell_off(trace, errno, "the trace instance is not there");
		return -1;
	}
	if (find_events(trace) < 0 || find_cpus(trace) < 0)
		return -1;
	set_clock(trace);
	size_buffers(trace);
	if (open_files(trace) < 0)
		return -1;
	trace->page = xmalloc(pages_size(trace->pages));
	trace->tasks = tasks_new(trace->procfs, trace->tracefs);
	begin_statistics(trace);
	trace->floor_ns = begin_time(trace);
	for (unsigned int i = 0; i < CLASS_COUNT; i++)
		switch_class(trace, (enum event_class)i, trace->wanted[i]);
	start_recording(trace);
	look_at_switches(trace);
	return 0;
}

/* -1 only for an instance that was asked for by name and cannot be had. */
static int hold_instance(struct trace *trace, const char *name, struct error *err)
{
	if (check_before(trace, name) < 0)
		return 0;
	if (instance_open(&trace->held, trace->tracefs, name, err) < 0) {
		if (name && (err->code == EBUSY || err->code == EINVAL))
			return -1;
		tell_off(trace, err->code, err->text);
		return 0;
	}
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
	trace->clock_fd = trace->tracing_fd = -1;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		trace->events[i].fd = -1;
	trace->found.state = HEALTH_OK;
	trace->recording = true; /* until it is seen to be off */
	return trace;
}

struct source *trace_open(const struct trace_options *options, unsigned int *cpus,
                          struct error *err)
{
	struct trace *trace = new_trace();

	*cpus = 0;
	trace->procfs = xstrdup(options->procfs);
	trace->sysfs = xstrdup(options->sysfs);
	memcpy(trace->wanted, options->classes, sizeof(trace->wanted));
	tracefs_set_loglevel(TEP_LOG_NONE); /* standard error belongs to the screen */
	if (find_tracefs(trace, options->tracefs) &&
	    hold_instance(trace, options->instance, err) < 0) {
		trace_close(&trace->base);
		return NULL;
	}
	if (trace->cpu_count)
		*cpus = trace->cpus[trace->cpu_count - 1].number + 1;
	return &trace->base;
}

bool trace_now(const struct source *source, uint64_t *now_ns)
{
	const struct trace *trace = (const struct trace *)source;
	struct trace_stats stats;

	if (!trace->cpu_count || !read_stats(&trace->cpus[0], &stats) || !stats.now_ns)
		return false;
	*now_ns = stats.now_ns;
	return true;
}

void trace_set_class(struct source *source, struct stream *stream, uint64_t now_ns,
                     enum event_class class, bool on)
{
	struct trace *trace = (struct trace *)source;

	if (trace->files)
		switch_class(trace, class, on);
	else
		trace->wanted[class] = on;
	push_health_news(trace, stream, now_ns);
	push_class(trace, stream, now_ns, class);
}

int trace_sweep(const char *tracefs, FILE *out, struct error *err)
{
	char found[PATH_MAX];

	if (tracefs)
		return instance_sweep(tracefs, out, err);
	if (!instance_find_tracefs("/proc", found, sizeof(found)))
		return error_set(err, ENOENT,
		                 "tracefs is not mounted: there is nothing to clean up");
	return instance_sweep(found, out, err);
}

bool trace_left_behind(struct error *err)
{
	return instance_left_behind(err);
}

void trace_emergency_cleanup(void)
{
	const struct trace *trace = emergency_trace;

	if (emergency_armed) {
		close(trace->tracing_fd);
		close(trace->clock_fd);
		for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
			close(trace->events[i].fd);
		for (size_t i = 0; i < trace->cpu_count; i++) {
			close(trace->cpus[i].raw_fd);
			close(trace->cpus[i].stats_fd);
		}
	}
	instance_emergency_remove();
}
