// SPDX-License-Identifier: GPL-2.0-or-later
/* trace: a tree of plain files stands for tracefs. Real ones are tests/vm/trace.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources/instance.h"
#include "sources/pages.h"
#include "sources/stream.h"
#include "sources/trace.h"
#include "util.h"

#define FIXTURES "tests/fixtures/"
#define KERNEL   "6.1"

/* A world of its own for each test: tracefs with an instance "ready", proc, sys. */
struct world {
	char root[64];
	char tracefs[96], proc[96], sys[96];
	struct trace_options options;
	struct source *source;
	struct domain_ids *ids;
	struct stream *stream;
	unsigned int cpus;
	struct event_queue heard;
	struct error err;
};

/* ---- files ---- */

__attribute__((format(printf, 3, 4))) static void put(const struct world *world, const char *text,
                                                      const char *format, ...)
{
	char name[256], path[512];
	va_list args;
	FILE *file;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	if (!text)
		return;
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect_file(const struct world *world, const char *name, const char *start)
{
	char path[512], text[256] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_memory_equal(text, start, strlen(start));
}

static bool is_there(const struct world *world, const char *name)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	return stat(path, &st) == 0;
}

static void drop(const struct world *world, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	assert_int_equal(unlink(path), 0);
}

static bool has_line(const struct world *world, const char *name, const char *line)
{
	char path[512], text[8192];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	file = fopen(path, "r");
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	return strstr(text, line);
}

static void copy(const struct world *world, const char *from, const char *name)
{
	char path[512], data[8192];
	size_t size;
	FILE *file;

	file = fopen(from, "r");
	assert_non_null(file);
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	put(world, "", "%s", name);
	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite(data, 1, size, file);
	fclose(file);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* ---- the world ---- */

#define READY "tracefs/instances/ready/"

static void put_event(const struct world *world, const char *event)
{
	char from[256], name[256];

	snprintf(from, sizeof(from), FIXTURES "formats/" KERNEL "/%s", event);
	snprintf(name, sizeof(name), READY "events/iommu/%s/format", event);
	copy(world, from, name);
	put(world, "0\n", READY "events/iommu/%s/enable", event);
}

static bool is_of_core(unsigned int binding)
{
	const char *system = page_bindings[binding].system;

	return system && strcmp(system, "iommu") == 0;
}

static void put_instance(const struct world *world)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (is_of_core(i))
			put_event(world, page_bindings[i].event);
	copy(world, FIXTURES "formats/" KERNEL "/header_page", READY "events/header_page");
	put(world, "local global [perf] mono\n", READY "trace_clock");
	put(world, "1\n", READY "tracing_on");
	put(world, "1408\n", READY "per_cpu/cpu0/buffer_size_kb");
	copy(world, FIXTURES "pages/" KERNEL ".cpu0.0", READY "per_cpu/cpu0/trace_pipe_raw");
	copy(world, FIXTURES "pages/" KERNEL ".cpu1.0", READY "per_cpu/cpu1/trace_pipe_raw");
}

static int make_world(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	strcpy(world->root, "/tmp/iommutop-trace-XXXXXX");
	assert_non_null(mkdtemp(world->root));
	snprintf(world->tracefs, sizeof(world->tracefs), "%s/tracefs", world->root);
	snprintf(world->proc, sizeof(world->proc), "%s/proc", world->root);
	snprintf(world->sys, sizeof(world->sys), "%s/sys", world->root);
	put_instance(world);
	put(world, NULL, "tracefs/events/iommu/");
	put(world, "MemTotal: 8000000 kB\nMemAvailable:    4000000 kB\n", "proc/meminfo");
	put(world, "", "proc/self/mounts");
	put(world, NULL, "sys/class/iommu/");
	world->options = (struct trace_options){
		.tracefs = world->tracefs,
		.instance = "ready",
		.procfs = world->proc,
		.sysfs = world->sys,
		.classes = {true, true, true, true, true},
	};
	*state = world;
	return 0;
}

static void hear(void *context, const struct event *ev)
{
	struct world *world = context;

	event_queue_push(&world->heard, ev);
}

static int drain(struct world *world, uint64_t *watermark_ns)
{
	struct event_sink sink = {.emit = hear, .context = world};
	int fullness = world->source->ops->drain(world->source, world->stream, watermark_ns);

	stream_flush(world->stream, *watermark_ns, &sink);
	return fullness;
}

static int drain_all(struct world *world)
{
	uint64_t watermark_ns = UINT64_MAX - 1;

	return drain(world, &watermark_ns);
}

static void open_world(struct world *world)
{
	world->ids = domain_ids_new();
	world->options.ids = world->ids;
	world->source = trace_open(&world->options, &world->cpus, &world->err);
	assert_non_null(world->source);
	assert_int_equal(world->source->ops->fd(world->source), -1);
	world->stream = stream_new(world->cpus, world->ids);
}

static void close_world(struct world *world)
{
	if (world->source)
		world->source->ops->close(world->source);
	stream_free(world->stream);
	domain_ids_free(world->ids);
	event_queue_release(&world->heard);
	world->source = NULL;
	world->stream = NULL;
	world->ids = NULL;
}

static int remove_world(void **state)
{
	struct world *world = *state;

	close_world(world);
	nftw(world->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(world);
	return 0;
}

/* ---- what was heard ---- */

static const struct event *find(const struct world *world, uint8_t kind, size_t nth)
{
	for (size_t i = 0; i < world->heard.count; i++) {
		const struct event *ev = &world->heard.events[world->heard.first + i];

		if (ev->kind == kind && nth-- == 0)
			return ev;
	}
	return NULL;
}

static size_t count(const struct world *world, uint8_t kind)
{
	size_t n = 0;

	while (find(world, kind, n))
		n++;
	return n;
}

static void expect_health(const struct world *world, enum health_state health, const char *part)
{
	const struct event *ev = find(world, EVENT_HEALTH, 0);

	assert_non_null(ev);
	assert_int_equal(ev->health.source, SOURCE_TRACE);
	if (part && (!ev->health.reason || !strstr(ev->health.reason, part)))
		fail_msg("reason is \"%s\"", ev->health.reason ? ev->health.reason : "");
	if (!part)
		assert_null(ev->health.reason);
	assert_int_equal(ev->health.state, health);
}

/* told: letters of the classes told of, in their order, capitals for those that are on: GDMUF */
static void expect_classes(const struct world *world, const char *told)
{
	char heard[CLASS_COUNT + 1] = "";
	const struct event *ev;

	for (size_t i = 0; i < CLASS_COUNT && (ev = find(world, EVENT_CLASS, i)); i++) {
		char letter = event_class_names[ev->class.class][0];

		heard[i] = ev->class.on ? (char)toupper(letter) : letter;
	}
	assert_string_equal(heard, told);
}

static void expect_off(struct world *world, const char *part)
{
	uint64_t now_ns;

	open_world(world);
	assert_int_equal(world->cpus, 0);
	assert_false(trace_now(world->source, &now_ns));
	assert_int_equal(drain_all(world), 0);
	expect_health(world, HEALTH_OFF, part);
	expect_classes(world, "F");
	assert_int_equal(find(world, EVENT_COLLECT, 0)->collect.mode, COLLECT_NONE);
	trace_set_class(world->source, world->stream, 1, CLASS_MAP, true);
	drain_all(world);
	expect_classes(world, "F");
}

/* ---- no trace ---- */

static void no_tracefs(void **state)
{
	struct world *world = *state;

	world->options.tracefs = NULL;
	expect_off(world, "mount -t tracefs nodev /sys/kernel/tracing: ");
}

static void no_tracing_in_the_kernel(void **state)
{
	struct world *world = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/sys", world->root);
	world->options.tracefs = path;
	expect_off(world, "CONFIG_TRACING");
}

static void no_iommu_events(void **state)
{
	struct world *world = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/events/iommu", world->tracefs);
	assert_int_equal(rmdir(path), 0);
	world->options.instance = NULL;
	expect_off(world, "CONFIG_IOMMU_API");
}

static void lockdown_is_named(void **state)
{
	struct world *world = *state;

	put(world, "none integrity [confidentiality]\n", "sys/kernel/security/lockdown");
	drop(world, READY "events/header_page");
	expect_off(world, "lockdown=confidentiality");
}

static void too_little_memory(void **state)
{
	struct world *world = *state;

	put(world, "MemAvailable: 20000 kB\n", "proc/meminfo");
	world->options.instance = "fresh";
	expect_off(world, "over 5 %");
	assert_false(is_there(world, "tracefs/instances/fresh"));
}

/* mkdir on a plain directory makes no files: what was made is taken away again. */
static void what_cannot_be_used_is_removed(void **state)
{
	struct world *world = *state;
	char path[128];

	world->options.instance = NULL;
	expect_off(world, "header_page");
	snprintf(path, sizeof(path), "tracefs/instances/iommutop-%d", (int)getpid());
	assert_false(is_there(world, path));
}

/* ---- where tracefs is ---- */

static void mounts_are_read(void **state)
{
	static const struct {
		const char *before, *after, *dir;
	} rows[] = {
		{"nodev ", " tracefs rw 0 0\n", "tracefs"},
		{"debugfs /nowhere debugfs rw 0 0\nnodev ", " tracefs rw 0 0\n", "tracefs"},
		{"nodev ", " debugfs rw 0 0\n", "."},
		{"nodev ", "/with\\040space tracefs rw 0 0\n", "."},
	};
	struct world *world = *state;
	char text[512], to[128], link[128];

	snprintf(to, sizeof(to), "%s/tracefs", world->root);
	snprintf(link, sizeof(link), "%s/tracing", world->root);
	assert_int_equal(symlink(to, link), 0);
	snprintf(link, sizeof(link), "%s/with space", world->root);
	assert_int_equal(symlink(to, link), 0);
	world->options.tracefs = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text), "proc /proc proc rw 0 0\n%s%s%s%s%s", rows[i].before,
		         world->root, rows[i].dir[0] == '.' ? "" : "/",
		         rows[i].dir[0] == '.' ? "" : rows[i].dir, rows[i].after);
		put(world, text, "proc/self/mounts");
		open_world(world);
		assert_int_equal(world->cpus, 2);
		close_world(world);
	}
}

/* ---- an adopted instance ---- */

static void an_instance_is_used_and_left_as_found(void **state)
{
	struct world *world = *state;

	put(world, "1\n", READY "events/iommu/map/enable");
	put(world, "1\n", READY "events/iommu/unmap/enable");
	put(world, "0\n", READY "tracing_on");
	world->options.classes[CLASS_UNMAP] = false;
	world->options.classes[CLASS_DEVICE] = false;
	open_world(world);
	expect_file(world, READY "events/iommu/map/enable", "1");
	expect_file(world, READY "events/iommu/unmap/enable", "0");
	expect_file(world, READY "events/iommu/add_device_to_group/enable", "1");
	expect_file(world, READY "events/iommu/attach_device_to_domain/enable", "0");
	expect_file(world, READY "tracing_on", "1");
	drain_all(world);
	expect_classes(world, "GdMuF");
	close_world(world);
	expect_file(world, READY "events/iommu/map/enable", "1");
	expect_file(world, READY "events/iommu/unmap/enable", "1");
	expect_file(world, READY "events/iommu/add_device_to_group/enable", "0");
	expect_file(world, READY "tracing_on", "0");
}

static void a_crash_leaves_it_as_found_too(void **state)
{
	struct world *world = *state;
	int status;
	pid_t child;

	put(world, "1\n", READY "events/iommu/unmap/enable");
	put(world, "0\n", READY "tracing_on");
	open_world(world);
	expect_file(world, READY "events/iommu/map/enable", "1");
	expect_file(world, READY "tracing_on", "1");
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		trace_emergency_cleanup();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_file(world, READY "events/iommu/map/enable", "0");
	expect_file(world, READY "events/iommu/unmap/enable", "1");
	expect_file(world, READY "tracing_on", "0");
}

#define NOTES READY "events/iommu/add_device_to_group/trigger"

/* What our triggers in the instance are called. */
static const char *owner(const struct world *world)
{
	static char name[64];
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/" READY, world->root);
	assert_int_equal(stat(path, &st), 0);
	snprintf(name, sizeof(name), "hist:name=iommutop_%llu", (unsigned long long)st.st_ino);
	return name;
}

static bool is_noted(const struct world *world, const char *sign, const char *what)
{
	char line[256];

	snprintf(line, sizeof(line), "%s%s_%s:keys=common_pid:size=128", sign, owner(world), what);
	return has_line(world, NOTES, line);
}

/* For whoever comes after a kill. */
static void what_is_changed_is_noted(void **state)
{
	struct world *world = *state;

	put(world, "", NOTES);
	put(world, "1\n", READY "events/iommu/map/enable");
	put(world, "1\n", READY "events/iommu/unmap/enable");
	put(world, "0\n", READY "tracing_on");
	world->options.classes[CLASS_UNMAP] = false;
	open_world(world);
	assert_true(is_noted(world, "", "0/tracing_on"));
	assert_true(is_noted(world, "", "1/events/iommu/unmap/enable"));
	assert_true(is_noted(world, "", "0/events/iommu/attach_device_to_domain/enable"));
	assert_false(is_noted(world, "", "0/events/iommu/map/enable"));
	assert_false(is_noted(world, "", "1/events/iommu/map/enable"));
	assert_false(is_noted(world, "!", "0/tracing_on"));
	assert_false(is_noted(world, "!", "1/events/iommu/unmap/enable"));
	close_world(world);
	assert_true(is_noted(world, "!", "0/tracing_on"));
	assert_true(is_noted(world, "!", "1/events/iommu/unmap/enable"));
	assert_true(is_noted(world, "!", "0/events/iommu/attach_device_to_domain/enable"));
}

/* As a kernel shows what was noted by one that was killed, and what is no note of ours. */
static void put_notes(const struct world *world)
{
	const char *ours = owner(world);
	char text[2048];

	snprintf(text, sizeof(text),
	         "%s_0/tracing_on:keys=common_pid:vals=hitcount:sort=hitcount:size=128 [active]\n"
	         "%s_1/events/iommu/unmap/enable:keys=common_pid:vals=hitcount [active]\n"
	         "%s_0/events/iommu/../map/enable:keys=common_pid [active]\n"
	         "%s_0/trace_clock:keys=common_pid [active]\n"
	         "hist:name=theirs_0/events/iommu/map/enable:keys=common_pid [active]\n"
	         "hist:name=iommutop_1_0/events/iommu/map/enable:keys=common_pid [active]\n",
	         ours, ours, ours, ours);
	put(world, text, NOTES);
	snprintf(text, sizeof(text),
	         "%s_map:keys=size.log2:vals=size:size=128 if size > 0 [active]\n"
	         "hist:keys=size.log2:vals=size:size=128 if size > 0 [active]\n",
	         ours);
	put(world, text, READY "events/iommu/map/trigger");
	put(world, "1\n", READY "events/iommu/map/enable");
}

static void what_a_dead_one_changed_is_set_back(void **state)
{
	struct world *world = *state;
	char line[256];

	put_notes(world);
	assert_int_equal(trace_sweep(world->tracefs, NULL, &world->err), 1);
	expect_file(world, READY "tracing_on", "0");
	expect_file(world, READY "events/iommu/unmap/enable", "1");
	expect_file(world, READY "events/iommu/map/enable", "1");
	expect_file(world, READY "trace_clock", "local");
	snprintf(line, sizeof(line), "!%s_map:keys=size.log2:vals=size:size=128 if size > 0",
	         owner(world));
	assert_true(has_line(world, READY "events/iommu/map/trigger", line));
	assert_false(has_line(world, READY "events/iommu/map/trigger", "!hist:keys"));
	assert_false(has_line(world, NOTES, "!hist:name=theirs"));
	assert_false(has_line(world, NOTES, "!hist:name=iommutop_1_0"));
}

static bool is_removed(const struct world *world, const char *what)
{
	char line[256];

	snprintf(line, sizeof(line), "!%s_%s:", owner(world), what);
	return has_line(world, NOTES, line);
}

/* One that cannot be set yet is for the next sweep. */
static void a_note_stays_until_it_is_so(void **state)
{
	struct world *world = *state;

	put_notes(world);
	drop(world, READY "events/iommu/unmap/enable");
	put(world, NULL, READY "events/iommu/unmap/enable/");
	assert_int_equal(trace_sweep(world->tracefs, NULL, &world->err), 0);
	expect_file(world, READY "tracing_on", "0");
	assert_true(is_removed(world, "0/tracing_on"));
	assert_false(is_removed(world, "1/events/iommu/unmap/enable"));
}

static void what_a_living_one_changed_stays(void **state)
{
	struct world *world = *state;

	open_world(world);
	put_notes(world);
	assert_int_equal(trace_sweep(world->tracefs, NULL, &world->err), 0);
	expect_file(world, READY "tracing_on", "1");
}

/* Else it would leave the dead one's switches as if they had been found. */
static void the_next_one_sets_back_first(void **state)
{
	struct world *world = *state;

	put_notes(world);
	open_world(world);
	close_world(world);
	expect_file(world, READY "tracing_on", "0");
	expect_file(world, READY "events/iommu/unmap/enable", "1");
}

static void a_held_instance_is_refused(void **state)
{
	struct world *world = *state;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/instances/ready", world->tracefs);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_null(trace_open(&world->options, &world->cpus, &world->err));
	assert_int_equal(world->err.code, EBUSY);
	assert_non_null(strstr(world->err.text, "ready"));
	close(fd);
	open_world(world);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	close(fd);
}

static void names_that_are_none(void **state)
{
	static const char *const names[] = {"", ".", "..", "../ready", "a/b"};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		world->options.instance = names[i];
		assert_null(trace_open(&world->options, &world->cpus, &world->err));
		assert_int_equal(world->err.code, EINVAL);
	}
}

static void another_clock_is_told(void **state)
{
	struct world *world = *state;

	put(world, "[local] global perf\n", READY "trace_clock");
	open_world(world);
	drain_all(world);
	expect_health(world, HEALTH_PARTIAL, "clock local");
	expect_file(world, READY "trace_clock", "[local]");
}

/* ---- events ---- */

static void all_is_well(void **state)
{
	struct world *world = *state;

	drop(world, READY "events/iommu/detach_device_from_domain/format"); /* as from 6.3 */
	open_world(world);
	drain_all(world);
	expect_health(world, HEALTH_OK, NULL);
	expect_classes(world, "GDMUF");
	assert_int_equal(find(world, EVENT_COLLECT, 0)->collect.mode, COLLECT_TRACEPOINTS);
	expect_file(world, READY "events/iommu/io_page_fault/enable", "1");
}

static void what_the_kernel_lacks_is_told(void **state)
{
	struct world *world = *state;

	drop(world, READY "events/iommu/unmap/format");
	open_world(world);
	drain_all(world);
	expect_health(world, HEALTH_PARTIAL, "iommu:unmap");
	expect_classes(world, "GDMF");
	assert_int_equal(count(world, EVENT_UNMAP), 0);
	assert_true(count(world, EVENT_MAP) > 0);
}

static void fault_events_stay_off_with_old_arm_units(void **state)
{
	struct world *world = *state;

	put(world, NULL, "sys/class/iommu/smmu3.0x0000000009050000/");
	put(world, NULL, "sys/class/iommu/smmu.0x00000000fd800000/");
	open_world(world);
	drain_all(world);
	expect_file(world, READY "events/iommu/io_page_fault/enable", "0");
	expect_health(world, HEALTH_PARTIAL, "arm-smmu");
	trace_set_class(world->source, world->stream, 1, CLASS_FAULT, false);
	trace_set_class(world->source, world->stream, 1, CLASS_FAULT, true);
	expect_file(world, READY "events/iommu/io_page_fault/enable", "0");
	drain_all(world);
	assert_int_equal(count(world, EVENT_HEALTH), 2); /* of the trace and of the probes, once */
}

static void fault_events_are_fine_with_smmu3(void **state)
{
	struct world *world = *state;

	put(world, NULL, "sys/class/iommu/smmu3.0x0000000009050000/");
	open_world(world);
	drain_all(world);
	expect_file(world, READY "events/iommu/io_page_fault/enable", "1");
	expect_health(world, HEALTH_OK, NULL);
}

static void classes_are_switched_in_the_kernel(void **state)
{
	struct world *world = *state;

	open_world(world);
	drain_all(world);
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_MAP, false);
	expect_file(world, READY "events/iommu/map/enable", "0");
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_MAP, true);
	expect_file(world, READY "events/iommu/map/enable", "1");
	drain_all(world);
	assert_int_equal(count(world, EVENT_CLASS), CLASS_COUNT + 2);
	assert_false(find(world, EVENT_CLASS, CLASS_COUNT)->class.on);
	assert_true(find(world, EVENT_CLASS, CLASS_COUNT + 1)->class.on);
}

/* ---- probes ---- */

static void drain_news(struct world *world)
{
	event_queue_release(&world->heard);
	drain_all(world);
}

static void expect_no_news(struct world *world)
{
	drain_news(world);
	assert_int_equal(count(world, EVENT_HEALTH), 0);
	assert_int_equal(count(world, EVENT_CLASS), 0);
}

#define OURS "events/iommutop_i_ready/"

static const struct event *probes_health(const struct world *world)
{
	const struct event *ev;

	for (size_t i = 0; (ev = find(world, EVENT_HEALTH, i)); i++)
		if (ev->health.source == SOURCE_PROBES)
			return ev;
	return NULL;
}

static void expect_probes(const struct world *world, enum health_state health, const char *part)
{
	const struct event *ev = probes_health(world);

	assert_non_null(ev);
	assert_int_equal(ev->health.state, health);
	if (part && (!ev->health.reason || !strstr(ev->health.reason, part)))
		fail_msg("reason is \"%s\"", ev->health.reason ? ev->health.reason : "");
	if (!part)
		assert_null(ev->health.reason);
}

static void put_format(const struct world *world, const char *system,
                       const struct page_binding *binding, unsigned int id)
{
	char text[2048];
	size_t at;

	at = (size_t)snprintf(
		text, sizeof(text),
		"name: %s\nID: %u\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n",
		binding->event, id);
	for (unsigned int i = 0; i < PAGE_VALUES && binding->values[i]; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		                       "\tfield:%s %s;\toffset:%u;\tsize:%u;\tsigned:0;\n",
		                       binding->lists ? "__data_loc u64[]" : "u64",
		                       binding->values[i], 16 + 8 * i, binding->lists ? 4 : 8);
	if (binding->text)
		at += (size_t)snprintf(
			text + at, sizeof(text) - at,
			"\tfield:__data_loc char[] %s;\toffset:8;\tsize:4;\tsigned:1;\n",
			binding->text);
	snprintf(text + at, sizeof(text) - at, "\nprint fmt: \"\"\n");
	put(world, text, READY "events/%s/%s/format", system, binding->event);
	put(world, "0\n", READY "events/%s/%s/enable", system, binding->event);
	put(world, "none\n", READY "events/%s/%s/filter", system, binding->event);
}

/* A kernel with probes, and with the events that stand in for them. */
static void put_probes(const struct world *world)
{
	put(world, "p:theirs/open do_sys_open\n", "tracefs/dynamic_events");
	put(world, "", "tracefs/kprobe_events");
	put(world, "", "tracefs/kprobe_profile");
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		if (page_bindings[i].set == SET_PROBES)
			put_format(world, "iommutop_i_ready", &page_bindings[i], 2000 + i);
		if (page_bindings[i].set == SET_FALLBACK)
			put_format(world, page_bindings[i].system, &page_bindings[i], 2000 + i);
	}
}

static void expect_on(const struct world *world, const char *name, bool on)
{
	char path[128];

	snprintf(path, sizeof(path), READY "%s/enable", name);
	expect_file(world, path, on ? "1" : "0");
}

static void probes_are_on_as_they_are_needed(void **state)
{
	static const char *const on[] = {"map",           "unmap", "attach",
	                                 "attach_return", "pasid", "free"};
	static const char *const off[] = {"map_return", "group",  "member",
	                                  "dma_page",   "dma_sg", "dma_alloc"};
	struct world *world = *state;
	char path[128];

	put_probes(world);
	world->options.classes[CLASS_DEVICE] = false;
	open_world(world);
	drain_all(world);
	expect_probes(world, HEALTH_OK, NULL);
	assert_int_equal(find(world, EVENT_COLLECT, 0)->collect.mode, COLLECT_EVENTS);
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		snprintf(path, sizeof(path), OURS "%s", on[i]);
		expect_on(world, path, true);
	}
	for (size_t i = 0; i < ARRAY_SIZE(off); i++) {
		snprintf(path, sizeof(path), OURS "%s", off[i]);
		expect_on(world, path, false);
	}
	expect_on(world, "events/iommu/attach_device_to_domain", false);
	expect_on(world, "events/dma/dma_map_page", false);
	close_world(world);
	expect_on(world, OURS "map", false);
	expect_on(world, OURS "free", false);
	expect_file(world, "tracefs/dynamic_events", "p:theirs/open do_sys_open\n");
}

static void classes_switch_probes(void **state)
{
	struct world *world = *state;

	put_probes(world);
	open_world(world);
	trace_set_class(world->source, world->stream, 1, CLASS_MAP, false);
	trace_set_class(world->source, world->stream, 1, CLASS_DEVICE, false);
	expect_on(world, OURS "map", false);
	expect_on(world, "events/iommu/map", false);
	expect_on(world, OURS "unmap", true);
	expect_on(world, OURS "attach", true);
	trace_set_class(world->source, world->stream, 1, CLASS_MAP, true);
	expect_on(world, OURS "map", true);
	expect_on(world, "events/iommu/map", true);
}

/* What a kernel with histograms has; nothing has been counted. */
static void put_histograms(const struct world *world)
{
	static const char *const events[] = {"events/iommu/map", "events/iommu/unmap",
	                                     OURS "map_done", OURS "unmap_done"};

	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		put(world, "", READY "%s/trigger", events[i]);
		put(world, "", READY "%s/hist", events[i]);
	}
}

static void choose(struct world *world, enum collect_choice choice)
{
	trace_set_collect(world->source, world->stream, UINT64_MAX - 2, choice);
}

static void auto_begins_with_counts(void **state)
{
	struct world *world = *state;

	put_probes(world);
	put_histograms(world);
	open_world(world);
	drain_all(world);
	assert_int_equal(find(world, EVENT_COLLECT, 0)->collect.mode, COLLECT_COUNTS);
	assert_false(find(world, EVENT_COLLECT, 0)->collect.asked);
	assert_false(find(world, EVENT_COLLECT, 0)->collect.attempts);
	expect_on(world, "events/iommu/map", false);
	expect_on(world, OURS "map", false);
	expect_classes(world, "GDMUF");
}

static void events_make_room_for_counts(void **state)
{
	struct world *world = *state;

	put_probes(world);
	put_histograms(world);
	world->options.collect = CHOICE_EVENTS;
	open_world(world);
	drain_all(world);
	trace_expect_failures(world->source);
	expect_on(world, OURS "map_return", true);
	choose(world, CHOICE_COUNTS);
	expect_on(world, OURS "map", false);
	expect_on(world, OURS "map_return", false);
	expect_on(world, "events/iommu/map", false);
	expect_on(world, "events/iommu/unmap", false);
	expect_on(world, OURS "attach", true);
	expect_on(world, OURS "free", true);
	expect_on(world, "events/iommu/add_device_to_group", true);
	expect_no_news(world); /* maps are not off: they are counted */
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_UNMAP, false);
	drain_news(world);
	expect_classes(world, "u");
	choose(world, CHOICE_EVENTS);
	expect_on(world, OURS "map", true);
	expect_on(world, OURS "map_return", true);
	expect_on(world, OURS "unmap", false);
	expect_on(world, "events/iommu/unmap", false);
}

/* A table that cannot be made again must not read as a machine at rest. */
static void what_cannot_be_counted_any_more_comes_as_events(void **state)
{
	struct world *world = *state;
	struct event_sink sink = {.emit = hear, .context = world};

	put_probes(world);
	put_histograms(world);
	world->options.collect = CHOICE_COUNTS;
	open_world(world);
	drain_all(world);
	expect_on(world, OURS "map", false);
	drop(world, READY "events/iommu/map/trigger");
	put(world, NULL, READY "events/iommu/map/trigger/");
	event_queue_release(&world->heard);
	/* The histogram is not there: it is set again, in vain. */
	trace_tick(world->source, world->stream, UINT64_MAX - 1);
	stream_flush(world->stream, UINT64_MAX - 1, &sink);
	assert_true(count(world, EVENT_LOST) > 0);
	assert_int_equal(find(world, EVENT_COLLECT, 0)->collect.mode, COLLECT_EVENTS);
	expect_on(world, OURS "map", true);
	expect_on(world, "events/iommu/map", true);
}

static void put_callers(const struct world *world)
{
	static const char *const probes[] = {OURS "map", OURS "unmap"};

	put_probes(world);
	put_histograms(world);
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		put(world, "", READY "%s/trigger", probes[i]);
		put(world, "", READY "%s/hist", probes[i]);
	}
}

/* Stacks cost the machine on each map, and nobody would end them while we are stopped. */
static void nothing_counts_callers_while_we_rest(void **state)
{
	struct world *world = *state;
	struct event_sink sink = {.emit = hear, .context = world};

	put_callers(world);
	open_world(world);
	drain_all(world);
	assert_int_equal(domain_ids_get(world->ids, 0xffff888000001000), 1);
	assert_int_equal(trace_watch_callers(world->source, UINT64_MAX / 2, 1, &world->err), 0);
	assert_true(has_line(world, READY OURS "map/trigger", "hist:keys=stacktrace"));
	assert_false(has_line(world, READY OURS "map/trigger", "!hist:keys=stacktrace"));
	event_queue_release(&world->heard);
	trace_rest(world->source, world->stream, UINT64_MAX - 1);
	assert_true(has_line(world, READY OURS "map/trigger", "!hist:keys=stacktrace"));
	assert_true(has_line(world, READY OURS "unmap/trigger", "!hist:keys=stacktrace"));
	stream_flush(world->stream, UINT64_MAX - 1, &sink);
	assert_int_equal(find(world, EVENT_ATTR, 0)->attr.attribute, ATTR_DOMAIN_CALLERS);
	trace_rest(world->source, world->stream, UINT64_MAX - 1);
	assert_int_equal(trace_watch_callers(world->source, UINT64_MAX / 2, 1, &world->err), 0);
}

static void naming_is_switched(void **state)
{
	struct world *world = *state;

	put_probes(world);
	open_world(world);
	trace_set_naming(world->source, true, false);
	expect_on(world, OURS "group", true);
	expect_on(world, OURS "member", true);
	expect_on(world, OURS "dma_sg", false);
	trace_set_naming(world->source, false, true);
	expect_on(world, OURS "group", false);
	expect_on(world, OURS "member", false);
	expect_on(world, OURS "dma_page", true);
	expect_on(world, OURS "dma_sg", true);
	expect_on(world, OURS "dma_alloc", true);
	trace_set_naming(world->source, false, false);
	expect_on(world, OURS "dma_alloc", false);
}

static void only_failures_are_recorded(void **state)
{
	struct world *world = *state;

	put_probes(world);
	open_world(world);
	trace_set_class(world->source, world->stream, 1, CLASS_MAP, false);
	trace_expect_failures(world->source);
	expect_on(world, OURS "map_return", false);
	trace_set_class(world->source, world->stream, 1, CLASS_MAP, true);
	expect_on(world, OURS "map_return", true);
	expect_file(world, READY OURS "map_return/filter", "ret != 0");
	expect_file(world, READY OURS "map/filter", "none");
}

/* Without its filter it would record every map. */
static void no_filter_no_failures(void **state)
{
	struct world *world = *state;

	put_probes(world);
	drop(world, READY OURS "map_return/filter");
	open_world(world);
	trace_expect_failures(world->source);
	expect_on(world, OURS "map_return", false);
	drain_all(world);
	expect_probes(world, HEALTH_PARTIAL, "iommutop_i_ready:map_return");
}

static void others_stand_in_for_probes(void **state)
{
	struct world *world = *state;

	put_probes(world);
	drop(world, "tracefs/kprobe_events");
	open_world(world);
	drain_all(world);
	expect_probes(world, HEALTH_OFF, "CONFIG_KPROBE_EVENTS");
	assert_int_equal(find(world, EVENT_COLLECT, 0)->collect.mode, COLLECT_TRACEPOINTS);
	expect_on(world, "events/dma/dma_map_page", true);
	expect_on(world, "events/dma/dma_unmap_page", true);
	trace_set_class(world->source, world->stream, 1, CLASS_UNMAP, false);
	expect_on(world, "events/dma/dma_unmap_page", false);
	expect_on(world, OURS "map", false);
}

static void no_probes_by_option(void **state)
{
	struct world *world = *state;

	put_probes(world);
	world->options.no_probes = true;
	open_world(world);
	drain_all(world);
	expect_probes(world, HEALTH_OFF,
	              "run it without --no-probes: not all maps and unmaps name");
	expect_health(world, HEALTH_OK, NULL);
	expect_on(world, "events/dma/dma_map_page", true);
	trace_set_naming(world->source, true, true);
	expect_on(world, OURS "group", false);
	close_world(world);
	expect_file(world, "tracefs/dynamic_events", "p:theirs/open do_sys_open\n");
}

static void no_probes_and_nothing_instead(void **state)
{
	struct world *world = *state;

	world->options.no_probes = true;
	open_world(world);
	drain_all(world);
	expect_probes(world, HEALTH_OFF, "--no-probes: maps and unmaps name no domain");
}

static void misses_are_told(void **state)
{
	struct world *world = *state;

	put_probes(world);
	open_world(world);
	put(world, "p:iommutop_i_ready/map __iommu_map\n", "tracefs/kprobe_events");
	put(world, " map 1000 3\n", "tracefs/kprobe_profile");
	drain_all(world);
	assert_int_equal(count(world, EVENT_MISSED), 1);
	assert_int_equal(find(world, EVENT_MISSED, 0)->missed.count, 3);
	drain_news(world);
	assert_int_equal(count(world, EVENT_MISSED), 0);
	put(world, " map 2000 8\n", "tracefs/kprobe_profile");
	drain_news(world);
	assert_int_equal(find(world, EVENT_MISSED, 0)->missed.count, 5);
}

/* In the interval in which they happened, not in that of the next look. */
static void what_an_interval_missed_is_told_before_it_ends(void **state)
{
	static const char stats[] = "entries: 0\ncommit overrun: %d\nnow ts:   1.5\n"
				    "dropped events: 0\n";
	struct world *world = *state;
	struct event_sink sink = {.emit = hear, .context = world};
	char text[sizeof(stats) + 8];

	put_probes(world);
	snprintf(text, sizeof(text), stats, 0);
	put(world, text, READY "per_cpu/cpu0/stats");
	open_world(world);
	drain_all(world);
	snprintf(text, sizeof(text), stats, 2);
	put(world, text, READY "per_cpu/cpu0/stats");
	put(world, "p:iommutop_i_ready/map __iommu_map\n", "tracefs/kprobe_events");
	put(world, " map 1000 3\n", "tracefs/kprobe_profile");
	event_queue_release(&world->heard);
	trace_tick(world->source, world->stream, UINT64_MAX - 1);
	stream_flush(world->stream, UINT64_MAX - 1, &sink);
	assert_int_equal(count(world, EVENT_MISSED), 1);
	assert_int_equal(find(world, EVENT_MISSED, 0)->missed.count, 3);
	assert_int_equal(count(world, EVENT_LOST), 1);
	assert_int_equal(find(world, EVENT_LOST, 0)->lost.count, 2);
	drain_news(world);
	assert_int_equal(count(world, EVENT_MISSED) + count(world, EVENT_LOST), 0);
}

static void a_probe_that_was_switched_off_is_told(void **state)
{
	struct world *world = *state;

	put_probes(world);
	open_world(world);
	drain_all(world);
	put(world, "0\n", READY OURS "attach/enable");
	drain_news(world);
	expect_probes(world, HEALTH_PARTIAL, "iommutop_i_ready:attach");
	put(world, "1\n", READY OURS "attach/enable");
	drain_news(world);
	expect_probes(world, HEALTH_OK, NULL);
}

/* ---- what others do ---- */

static void stopped_recording_is_told(void **state)
{
	struct world *world = *state;
	char remedy[256];

	open_world(world);
	drain_all(world);
	expect_no_news(world);
	put(world, "0\n", READY "tracing_on");
	drain_news(world);
	snprintf(remedy, sizeof(remedy), "echo 1 >%s/instances/ready/tracing_on: ", world->tracefs);
	expect_health(world, HEALTH_PARTIAL, remedy);
	assert_memory_equal(find(world, EVENT_HEALTH, 0)->health.reason, remedy, strlen(remedy));
	expect_classes(world, "gdmu");
	expect_no_news(world);
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_MAP, true);
	drain_news(world);
	expect_classes(world, "m");
	expect_file(world, READY "tracing_on", "0");
	put(world, "1\n", READY "tracing_on");
	drain_news(world);
	expect_health(world, HEALTH_OK, NULL);
	expect_classes(world, "GDMU");
	expect_no_news(world);
}

static void put_enable(const struct world *world, const char *text)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (is_of_core(i))
			put(world, text, READY "events/iommu/%s/enable", page_bindings[i].event);
}

static void switched_events_are_told(void **state)
{
	struct world *world = *state;

	open_world(world);
	drain_all(world);
	put_enable(world, "0\n");
	drain_news(world);
	expect_classes(world, "gdmu");
	assert_int_equal(count(world, EVENT_HEALTH), 0);
	put_enable(world, "1\n");
	drain_news(world);
	expect_classes(world, "GDMU");
}

/* Nobody has told yet that it is off. */
static void what_is_switched_is_written(void **state)
{
	struct world *world = *state;

	open_world(world);
	put_enable(world, "0\n");
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_MAP, true);
	expect_file(world, READY "events/iommu/map/enable", "1");
	put(world, "1\n", READY "events/iommu/unmap/enable");
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_UNMAP, false);
	expect_file(world, READY "events/iommu/unmap/enable", "0");
}

/* It is dangerous with these units: what was on once is no permission. */
static void fault_events_are_not_switched_on_again(void **state)
{
	struct world *world = *state;

	put(world, NULL, "sys/class/iommu/smmu.0x00000000fd800000/");
	put(world, "1\n", READY "events/iommu/io_page_fault/enable");
	open_world(world);
	put(world, "0\n", READY "events/iommu/io_page_fault/enable");
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_FAULT, true);
	close_world(world);
	expect_file(world, READY "events/iommu/io_page_fault/enable", "0");
}

static void the_clock_is_watched(void **state)
{
	struct world *world = *state;

	open_world(world);
	drain_all(world);
	put(world, "[local] global perf\n", READY "trace_clock");
	drain_news(world);
	expect_health(world, HEALTH_PARTIAL, "/instances/ready/trace_clock: ");
	put(world, "local global [perf]\n", READY "trace_clock");
	drain_news(world);
	expect_health(world, HEALTH_OK, NULL);
}

static void unreadable_is_not_off(void **state)
{
	struct world *world = *state;

	open_world(world);
	drain_all(world);
	put(world, "", READY "tracing_on");
	put(world, "", READY "events/iommu/map/enable");
	drain_news(world);
	assert_int_equal(count(world, EVENT_CLASS), 0);
	expect_health(world, HEALTH_PARTIAL, "cannot be read");
	put(world, "1\n", READY "tracing_on");
	put(world, "1\n", READY "events/iommu/map/enable");
	drain_news(world);
	assert_int_equal(count(world, EVENT_CLASS), 0);
	expect_health(world, HEALTH_OK, NULL);
}

static void move(const struct world *world, const char *from, const char *to)
{
	char old[512], new[512];

	snprintf(old, sizeof(old), "%s/%s", world->root, from);
	snprintf(new, sizeof(new), "%s/%s", world->root, to);
	assert_int_equal(rename(old, new), 0);
}

static void an_unmounted_tracefs_goes_on(void **state)
{
	struct world *world = *state;

	open_world(world);
	drain_all(world);
	move(world, "tracefs", "away");
	drain_news(world);
	expect_health(world, HEALTH_PARTIAL, "mount -t tracefs nodev ");
	assert_int_equal(count(world, EVENT_CLASS), 0);
	trace_set_class(world->source, world->stream, UINT64_MAX - 1, CLASS_MAP, false);
	expect_file(world, "away/instances/ready/events/iommu/map/enable", "0");
	move(world, "away", "tracefs");
	drain_news(world);
	expect_classes(world, "m");
	expect_health(world, HEALTH_OK, NULL);
	move(world, "tracefs", "away");
	close_world(world);
	expect_file(world, "away/instances/ready/events/iommu/unmap/enable", "0");
}

/* ---- the end of an instance ---- */

static void open_fresh(struct world *world, struct instance *instance)
{
	assert_int_equal(instance_open(instance, world->tracefs, "fresh", &world->err), 0);
	assert_true(instance->own);
	assert_true(is_there(world, "tracefs/instances/fresh"));
}

static void removing_does_not_need_the_path(void **state)
{
	struct world *world = *state;
	struct instance instance;

	open_fresh(world, &instance);
	move(world, "tracefs", "away");
	assert_false(instance_is_reachable(&instance));
	instance_close(&instance);
	assert_false(is_there(world, "away/instances/fresh"));
	assert_false(trace_left_behind(&world->err));
	move(world, "away", "tracefs");
	open_fresh(world, &instance);
	move(world, "tracefs", "away");
	trace_emergency_cleanup();
	assert_false(is_there(world, "away/instances/fresh"));
	instance_close(&instance);
	assert_false(trace_left_behind(&world->err));
}

static void what_stays_is_told(void **state)
{
	struct world *world = *state;
	struct instance instance;

	open_fresh(world, &instance);
	put(world, "", "tracefs/instances/fresh/busy");
	instance_close(&instance);
	assert_true(is_there(world, "tracefs/instances/fresh"));
	assert_true(trace_left_behind(&world->err));
	assert_int_equal(world->err.code, ENOTEMPTY);
	assert_non_null(strstr(world->err.text, "/tracefs/instances/fresh stays"));
	assert_non_null(strstr(world->err.text, "--cleanup"));
	drop(world, "tracefs/instances/fresh/busy");
	assert_int_equal(instance_open(&instance, world->tracefs, NULL, &world->err), 0);
	instance_close(&instance);
	assert_false(trace_left_behind(&world->err));
}

/* ---- records ---- */

static void records_of_all_cpus_come_in_order(void **state)
{
	struct world *world = *state;
	uint64_t last_ns = 0;

	open_world(world);
	assert_int_equal(world->cpus, 2);
	assert_int_equal(drain_all(world), 0);
	/* As tests/fixtures/pages/6.1.txt has them. */
	assert_int_equal(count(world, EVENT_GROUP_LEAVE), 1);
	assert_int_equal(count(world, EVENT_GROUP_ADD), 1);
	assert_int_equal(count(world, EVENT_ATTACH), 1);
	assert_int_equal(count(world, EVENT_MAP), 37);
	assert_int_equal(count(world, EVENT_UNMAP), 6);
	assert_int_equal(count(world, EVENT_LATE), 0);
	assert_string_equal(find(world, EVENT_ATTACH, 0)->member.device, "0000:00:05.0");
	assert_int_equal(find(world, EVENT_GROUP_ADD, 0)->member.group, 4);
	for (size_t i = 0; i < world->heard.count; i++) {
		const struct event *ev = &world->heard.events[world->heard.first + i];

		assert_true(ev->ts_ns >= last_ns);
		last_ns = ev->ts_ns;
	}
	drain_all(world);
	assert_int_equal(count(world, EVENT_MAP), 37);
}

/* The first TASK_COMM of a task, and that it precedes all of its events. */
static const char *name_of(const struct world *world, uint32_t pid)
{
	const char *name = NULL;

	for (size_t i = 0; i < world->heard.count; i++) {
		const struct event *ev = &world->heard.events[world->heard.first + i];

		if (ev->kind == EVENT_ATTR && ev->attr.attribute == ATTR_TASK_COMM &&
		    ev->attr.id == pid) {
			assert_null(name);
			name = ev->attr.text;
		} else if (ev->kind == EVENT_MAP && ev->pid == (int32_t)pid) {
			assert_non_null(name);
		}
	}
	return name;
}

static uint64_t process_of(const struct world *world, uint32_t pid)
{
	uint64_t process = VALUE_UNKNOWN;

	for (size_t i = 0; i < world->heard.count; i++) {
		const struct event *ev = &world->heard.events[world->heard.first + i];

		if (ev->kind == EVENT_ATTR && ev->attr.attribute == ATTR_TASK_PROCESS &&
		    ev->attr.id == pid)
			process = ev->attr.value;
	}
	return process;
}

static void tasks_have_names(void **state)
{
	struct world *world = *state;

	put(world, NULL, "proc/self/ns/");
	put(world, "Name:\tbash\nTgid:\t150\n", "proc/159/status");
	put(world, "Name:\tdd\nTgid:\t178\n", "proc/178/status");
	put(world, "178 older\n12 x\n179 a long name\n", "tracefs/saved_cmdlines");
	open_world(world);
	drain_all(world);
	assert_string_equal(name_of(world, 159), "bash");
	assert_string_equal(name_of(world, 178), "dd");
	assert_string_equal(name_of(world, 179), "a long name");
	assert_string_equal(name_of(world, 0), "<idle>");
	assert_int_equal(process_of(world, 159), 150);
	assert_int_equal(process_of(world, 178), 178);
	assert_int_equal(process_of(world, 179), VALUE_UNKNOWN);
}

/* In a container, /proc's ids are not those of the trace. */
static void other_namespaces_names_are_not_taken(void **state)
{
	struct world *world = *state;
	char path[128];

	put(world, "Name:\twrong\nTgid:\t170\n", "proc/178/status");
	put(world, "179 a\n178 right\n", "tracefs/saved_cmdlines");
	put(world, NULL, "proc/self/ns/");
	snprintf(path, sizeof(path), "%s/self/ns/pid", world->proc);
	assert_int_equal(symlink("pid:[4026532200]", path), 0);
	open_world(world);
	drain_all(world);
	assert_string_equal(name_of(world, 178), "right");
	assert_int_equal(process_of(world, 178), VALUE_UNKNOWN);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("pid:[4026531836]", path), 0);
	close_world(world);
	open_world(world);
	drain_all(world);
	assert_string_equal(name_of(world, 178), "wrong");
	assert_int_equal(process_of(world, 178), 170);
}

/* ---- draining ---- */

static void statistics_give_time_and_losses(void **state)
{
	static const char *const text = "entries: 0\noverrun: 7\ncommit overrun: %d\nbytes: 52\n"
					"oldest event ts:     0.000000\nnow ts:   %d.500000\n"
					"dropped events: %d\nread events: 24\n";
	struct world *world = *state;
	uint64_t now_ns = 0;
	char stats[512];

	snprintf(stats, sizeof(stats), text, 3, 5, 4);
	put(world, stats, READY "per_cpu/cpu0/stats");
	open_world(world);
	assert_true(trace_now(world->source, &now_ns));
	assert_true(now_ns <= 5500000000 && now_ns >= 5499990000);
	drain(world, &now_ns);
	assert_int_equal(count(world, EVENT_LOST), 0);
	assert_int_equal(find(world, EVENT_HEALTH, 0)->ts_ns, now_ns);
	snprintf(stats, sizeof(stats), text, 5, 20, 5);
	put(world, stats, READY "per_cpu/cpu0/stats");
	assert_true(trace_now(world->source, &now_ns));
	drain(world, &now_ns);
	assert_int_equal(count(world, EVENT_LOST), 1);
	assert_int_equal(find(world, EVENT_LOST, 0)->lost.count, 3);
	assert_true(find(world, EVENT_LOST, 0)->lost.exact);
}

/* One map a page, a microsecond apart. */
static void put_pages(const struct world *world, unsigned int cpu, unsigned int pages)
{
	uint64_t page[4096 / 8] = {0};
	struct {
		uint32_t head;
		uint16_t type;
		uint8_t flags, preempt_count;
		int32_t pid;
		uint64_t value[3];
	} __attribute__((packed)) record = {.head = 8, .type = 1149};
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/" READY "per_cpu/cpu%u/trace_pipe_raw", world->root, cpu);
	file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned int i = 1; i <= pages; i++) {
		page[0] = i * 1000;
		page[1] = sizeof(record);
		memcpy(&page[2], &record, sizeof(record));
		assert_int_equal(fwrite(page, sizeof(page), 1, file), 1);
	}
	fclose(file);
}

static void a_flood_is_cut_and_nothing_overtakes(void **state)
{
	struct world *world = *state;
	uint64_t watermark_ns = 100000000;

	put_pages(world, 0, 5000);
	put_pages(world, 1, 100);
	open_world(world);
	assert_int_equal(drain(world, &watermark_ns), 100);
	assert_int_equal(watermark_ns, 2048 * 1000);
	assert_int_equal(count(world, EVENT_MAP), 2048 + 100);
	while (drain_all(world) == 100)
		;
	assert_int_equal(count(world, EVENT_MAP), 5000 + 100);
	assert_int_equal(count(world, EVENT_LATE), 0);
}

static void reading_ends_at_the_watermark(void **state)
{
	struct world *world = *state;
	uint64_t watermark_ns = 50500;

	put_pages(world, 0, 100);
	put_pages(world, 1, 10);
	open_world(world);
	assert_int_equal(drain(world, &watermark_ns), 0);
	assert_int_equal(watermark_ns, 50500);
	assert_int_equal(count(world, EVENT_MAP), 60);
	drain_all(world);
	assert_int_equal(count(world, EVENT_MAP), 110);
}

/* ---- sweeping ---- */

static void only_the_dead_are_swept(void **state)
{
	struct world *world = *state;
	char path[128], *said = NULL;
	size_t size;
	FILE *out;
	int fd;

	put(world, NULL, "tracefs/instances/iommutop-1/");
	put(world, NULL, "tracefs/instances/iommutop-22-3/");
	put(world, NULL, "tracefs/instances/iommutop-4/");
	put(world, NULL, "tracefs/instances/iommutop-mine/");
	put(world, NULL, "tracefs/instances/iommutop-5-x/");
	snprintf(path, sizeof(path), "%s/instances/iommutop-4", world->tracefs);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	out = open_memstream(&said, &size);
	assert_int_equal(trace_sweep(world->tracefs, out, &world->err), 2);
	fclose(out);
	assert_non_null(strstr(said, "iommutop-1\n"));
	assert_non_null(strstr(said, "iommutop-22-3\n"));
	free(said);
	assert_false(is_there(world, "tracefs/instances/iommutop-1"));
	assert_false(is_there(world, "tracefs/instances/iommutop-22-3"));
	assert_true(is_there(world, "tracefs/instances/iommutop-4"));
	assert_true(is_there(world, "tracefs/instances/iommutop-mine"));
	assert_true(is_there(world, "tracefs/instances/iommutop-5-x"));
	assert_true(is_there(world, "tracefs/instances/ready"));
	assert_int_equal(trace_sweep(world->tracefs, NULL, &world->err), 0);
	put(world, "p:iommutop_4/map x\np:iommutop_9/map x\n", "tracefs/dynamic_events");
	assert_int_equal(trace_sweep(world->tracefs, NULL, &world->err), 1);
	close(fd);
	assert_int_equal(trace_sweep(world->root, NULL, &world->err), -1);
}

#define world_test(function) cmocka_unit_test_setup_teardown(function, make_world, remove_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(no_tracefs),
		world_test(no_tracing_in_the_kernel),
		world_test(no_iommu_events),
		world_test(lockdown_is_named),
		world_test(too_little_memory),
		world_test(what_cannot_be_used_is_removed),
		world_test(mounts_are_read),
		world_test(an_instance_is_used_and_left_as_found),
		world_test(a_crash_leaves_it_as_found_too),
		world_test(what_is_changed_is_noted),
		world_test(what_a_dead_one_changed_is_set_back),
		world_test(a_note_stays_until_it_is_so),
		world_test(what_a_living_one_changed_stays),
		world_test(the_next_one_sets_back_first),
		world_test(a_held_instance_is_refused),
		world_test(names_that_are_none),
		world_test(another_clock_is_told),
		world_test(all_is_well),
		world_test(what_the_kernel_lacks_is_told),
		world_test(fault_events_stay_off_with_old_arm_units),
		world_test(fault_events_are_fine_with_smmu3),
		world_test(classes_are_switched_in_the_kernel),
		world_test(probes_are_on_as_they_are_needed),
		world_test(classes_switch_probes),
		world_test(auto_begins_with_counts),
		world_test(events_make_room_for_counts),
		world_test(what_cannot_be_counted_any_more_comes_as_events),
		world_test(nothing_counts_callers_while_we_rest),
		world_test(naming_is_switched),
		world_test(only_failures_are_recorded),
		world_test(no_filter_no_failures),
		world_test(others_stand_in_for_probes),
		world_test(no_probes_by_option),
		world_test(no_probes_and_nothing_instead),
		world_test(misses_are_told),
		world_test(what_an_interval_missed_is_told_before_it_ends),
		world_test(a_probe_that_was_switched_off_is_told),
		world_test(stopped_recording_is_told),
		world_test(switched_events_are_told),
		world_test(what_is_switched_is_written),
		world_test(fault_events_are_not_switched_on_again),
		world_test(the_clock_is_watched),
		world_test(unreadable_is_not_off),
		world_test(an_unmounted_tracefs_goes_on),
		world_test(removing_does_not_need_the_path),
		world_test(what_stays_is_told),
		world_test(records_of_all_cpus_come_in_order),
		world_test(tasks_have_names),
		world_test(other_namespaces_names_are_not_taken),
		world_test(statistics_give_time_and_losses),
		world_test(a_flood_is_cut_and_nothing_overtakes),
		world_test(reading_ends_at_the_watermark),
		world_test(only_the_dead_are_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
