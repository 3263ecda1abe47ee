// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_events: the bound events in an instance, switched on and off one by one.
 * In: events of an instance, what is wanted. Out: their switches set, what is so.
 * Must never know: records, CPUs, the stream.
 */
#include "trace_events.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tracefs.h>

#include "trace_files.h"
#include "trace_notes.h"

void trace_events_init(struct trace_events *events, const char *sysfs,
                       const struct trace_notes *notes, const bool wanted[CLASS_COUNT])
{
	*events = (struct trace_events){
		.sysfs = sysfs, .notes = notes, .directory_fd = -1, .crossing = true};
	memcpy(events->wanted, wanted, sizeof(events->wanted));
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		events->all[i].fd = -1;
}

/* ---- which there are ---- */

static bool is_probe(unsigned int binding)
{
	return page_bindings[binding].set == SET_PROBES;
}

/* Ours are in a group that is named when they are made. */
static const char *system_of(const struct trace_events *events, unsigned int binding)
{
	return is_probe(binding) ? probes_group(events->probes) : page_bindings[binding].system;
}

static bool have_probe(const struct trace_events *events, const char *name)
{
	for (unsigned int i = 0; events->probes && i < PROBE_COUNT; i++)
		if (strcmp(probe_names[i], name) == 0)
			return probes_has(events->probes, (enum probe_id)i);
	return false;
}

/* Events that carry a device stand in for probes; they cost more, and tell less. */
static bool is_of_use(const struct trace_events *events, unsigned int binding)
{
	switch (page_bindings[binding].set) {
	case SET_PROBES:
		return have_probe(events, page_bindings[binding].event);
	case SET_FALLBACK:
		return !have_probe(events, probe_names[PROBE_MAP]) ||
		       !have_probe(events, probe_names[PROBE_UNMAP]);
	default:
		return true;
	}
}

static void find_event(struct trace_events *events, unsigned int binding,
                       struct tracefs_instance *files, struct pages *pages,
                       struct trace_verdict *verdict)
{
	const struct page_binding *event = &page_bindings[binding];
	const char *system = system_of(events, binding);
	struct error err;
	char *format;
	int size;

	format = tracefs_event_file_read(files, system, event->event, "format", &size);
	if (!format) {
		if (!event->historic)
			trace_verdict_tell(verdict, HEALTH_PARTIAL,
			                   "this kernel has no event %s:%s", system, event->event);
		return;
	}
	if (pages_bind(pages, binding, system, format, (size_t)size, &err) < 0)
		trace_verdict_tell(verdict, HEALTH_PARTIAL, "%s", err.text);
	else
		events->all[binding].present = true;
	free(format);
}

void trace_events_find(struct trace_events *events, struct tracefs_instance *files,
                       struct pages *pages, struct trace_verdict *verdict)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (is_of_use(events, i))
			find_event(events, i, files, pages, verdict);
}

bool trace_events_have(const struct trace_events *events, enum event_class class)
{
	if (class == CLASS_FAULT)
		return true;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && !is_probe(i) && events->all[i].present)
			return true;
	return false;
}

static bool have_kind(const struct trace_events *events, enum raw_kind kind)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (events->all[i].present && page_bindings[i].kind == kind)
			return true;
	return false;
}

enum collect_mode trace_events_mode(const struct trace_events *events)
{
	if (!have_kind(events, RAW_MAP) && !have_kind(events, RAW_UNMAP) &&
	    !have_kind(events, RAW_DEVICE_MAP))
		return COLLECT_NONE;
	return have_kind(events, RAW_MAP_CALL) || have_kind(events, RAW_UNMAP_CALL)
	               ? COLLECT_EVENTS
	               : COLLECT_TRACEPOINTS;
}

bool trace_events_name_devices(const struct trace_events *events)
{
	return have_kind(events, RAW_DMA_MAP);
}

/* ---- their files ---- */

static void event_path(const struct trace_events *events, unsigned int binding, const char *file,
                       char *path, size_t size)
{
	snprintf(path, size, "events/%s/%s/%s", system_of(events, binding),
	         page_bindings[binding].event, file);
}

void trace_events_open(struct trace_events *events, int directory_fd)
{
	char path[192];

	events->directory_fd = directory_fd;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		struct trace_event *state = &events->all[i];

		if (!state->present)
			continue;
		event_path(events, i, "enable", path, sizeof(path));
		state->fd = trace_files_open(events->directory_fd, path);
		trace_files_look(state->fd, &state->on);
		state->was_on = state->on;
	}
}

void trace_events_close(struct trace_events *events)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		trace_files_close(&events->all[i].fd);
}

void trace_events_emergency_close(const struct trace_events *events)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		close(events->all[i].fd);
}

/* ---- switching ---- */

static bool is_map_class(uint8_t class)
{
	return class == CLASS_MAP || class == CLASS_UNMAP;
}

/* Attaches and frees say which domain is whose, whatever of them is reported. */
static bool is_wanted(const struct trace_events *events, unsigned int binding)
{
	const struct page_binding *event = &page_bindings[binding];
	bool by_class = event->class < CLASS_COUNT && events->wanted[event->class] &&
	                (events->crossing || !is_map_class(event->class));

	switch (event->kind) {
	case RAW_ATTACH_CALL:
	case RAW_ATTACH_RETURN:
	case RAW_PASID_CALL:
	case RAW_PASID_RETURN:
	case RAW_DOMAIN_FREE:
		return true;
	case RAW_GROUP_DOMAINS:
	case RAW_GROUP_MEMBER:
		return events->groups;
	case RAW_DMA_CALL:
		return events->calls;
	case RAW_MAP_RETURN:
		return by_class && events->failures;
	default:
		return by_class;
	}
}

/* Nearly all maps succeed: those are not for the buffer. */
static int set_filter(const struct trace_events *events, unsigned int binding)
{
	char path[192];

	if (page_bindings[binding].kind != RAW_MAP_RETURN)
		return 0;
	event_path(events, binding, "filter", path, sizeof(path));
	return trace_files_write(events->directory_fd, path, "ret != 0");
}

/* Our probes go, whatever becomes of us: they need none. */
static void drop_note(const struct trace_events *events, unsigned int binding, const char *path)
{
	if (!is_probe(binding))
		trace_notes_drop(events->notes, path, events->all[binding].was_on);
}

/* Writes only what is not so yet: a reader without rights may follow what an administrator set. */
static void switch_event(struct trace_events *events, unsigned int binding, bool on)
{
	struct trace_event *state = &events->all[binding];
	char path[192];

	state->error = 0;
	if (trace_files_look(state->fd, &state->on) && state->on == on)
		return;
	event_path(events, binding, "enable", path, sizeof(path));
	if (!state->touched && !is_probe(binding))
		trace_notes_add(events->notes, path, state->was_on);
	if ((on && set_filter(events, binding) < 0) ||
	    trace_files_write(events->directory_fd, path, on ? "1" : "0") < 0) {
		state->error = errno;
		if (!state->touched)
			drop_note(events, binding, path);
		return;
	}
	state->touched = true;
	state->on = on;
	trace_files_look(state->fd, &state->on);
}

bool trace_events_faults_are_deadly(const char *sysfs)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool deadly = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/iommu", sysfs);
	dir = opendir(path);
	if (!dir)
		return errno != ENOENT;
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, "smmu.", strlen("smmu.")) == 0)
			deadly = true;
	closedir(dir);
	return deadly;
}

static bool may_switch_on(struct trace_events *events, unsigned int binding,
                          struct trace_verdict *verdict)
{
	bool on = false;

	if (page_bindings[binding].kind != RAW_FAULT ||
	    (trace_files_look(events->all[binding].fd, &on) && on) ||
	    !trace_events_faults_are_deadly(events->sysfs))
		return true;
	trace_verdict_tell(verdict, HEALTH_PARTIAL,
	                   "faults come from the kernel log alone: with arm-smmu v1/v2 the kernel "
	                   "would crash in io_page_fault");
	return false;
}

/* The rows that a change concerns: what others did to the rest is not ours to undo. */
typedef bool concerned(unsigned int binding, unsigned int what);

static void switch_some(struct trace_events *events, bool probes, bool on, concerned *concerns,
                        unsigned int what, struct trace_verdict *verdict)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (events->all[i].present && is_probe(i) == probes && concerns(i, what) &&
		    is_wanted(events, i) == on && (!on || may_switch_on(events, i, verdict)))
			switch_event(events, i, on);
}

static void apply(struct trace_events *events, concerned *concerns, unsigned int what,
                  struct trace_verdict *verdict)
{
	switch_some(events, true, false, concerns, what, verdict);
	switch_some(events, false, false, concerns, what, verdict);
	switch_some(events, false, true, concerns, what, verdict);
	switch_some(events, true, true, concerns, what, verdict);
}

static bool concerns_all(unsigned int binding, unsigned int what)
{
	(void)binding;
	(void)what;
	return true;
}

static bool concerns_class(unsigned int binding, unsigned int class)
{
	return page_bindings[binding].class == class;
}

static bool concerns_kind(unsigned int binding, unsigned int kind)
{
	return page_bindings[binding].kind == kind;
}

void trace_events_start(struct trace_events *events, struct trace_verdict *verdict)
{
	apply(events, concerns_all, 0, verdict);
}

void trace_events_switch(struct trace_events *events, enum event_class class, bool on,
                         struct trace_verdict *verdict)
{
	events->wanted[class] = on;
	apply(events, concerns_class, class, verdict);
}

void trace_events_set_crossing(struct trace_events *events, bool on, struct trace_verdict *verdict)
{
	events->crossing = on;
	apply(events, concerns_class, CLASS_MAP, verdict);
	apply(events, concerns_class, CLASS_UNMAP, verdict);
}

void trace_events_set_naming(struct trace_events *events, bool groups, bool calls,
                             struct trace_verdict *verdict)
{
	events->groups = groups;
	events->calls = calls;
	apply(events, concerns_kind, RAW_GROUP_MEMBER, verdict);
	apply(events, concerns_kind, RAW_GROUP_DOMAINS, verdict);
	apply(events, concerns_kind, RAW_DMA_CALL, verdict);
}

void trace_events_expect_failures(struct trace_events *events, struct trace_verdict *verdict)
{
	events->failures = true;
	apply(events, concerns_kind, RAW_MAP_RETURN, verdict);
}

void trace_events_restore(struct trace_events *events)
{
	char path[192];

	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		if (!events->all[i].touched)
			continue;
		switch_event(events, i, events->all[i].was_on);
		event_path(events, i, "enable", path, sizeof(path));
		if (!events->all[i].error)
			drop_note(events, i, path);
	}
}

void trace_events_emergency_restore(const struct trace_events *events)
{
	char path[192];

	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		if (!events->all[i].touched || is_probe(i))
			continue;
		stpcpy(stpcpy(stpcpy(stpcpy(stpcpy(path, "events/"), page_bindings[i].system), "/"),
		              page_bindings[i].event),
		       "/enable");
		trace_files_write(events->directory_fd, path, events->all[i].was_on ? "1" : "0");
		drop_note(events, i, path);
	}
}

/* ---- what is so ---- */

static bool look_at_event(struct trace_events *events, unsigned int binding)
{
	struct trace_event *state = &events->all[binding];

	if (!state->present)
		return true;
	if (!trace_files_look(state->fd, &state->on))
		return false;
	if (state->on == is_wanted(events, binding))
		state->error = 0;
	return true;
}

bool trace_events_look(struct trace_events *events)
{
	bool readable = true;

	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		readable = look_at_event(events, i) && readable;
	return readable;
}

bool trace_events_are_on(const struct trace_events *events, enum event_class class)
{
	if (class == CLASS_FAULT || (is_map_class(class) && !events->crossing))
		return events->wanted[class];
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && !is_probe(i) && events->all[i].on)
			return true;
	return false;
}

/* The first event that could not be switched tells for all: they share their reason. */
static void judge(const struct trace_events *events, bool probes, const char *tracefs,
                  struct trace_verdict *verdict)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const char *event = page_bindings[i].event;
		int code = events->all[i].error;

		if (!code || is_probe(i) != probes)
			continue;
		if (code == EACCES || code == EPERM)
			trace_verdict_tell(verdict, HEALTH_PARTIAL,
			                   "run it with sudo: cannot switch %s:%s",
			                   system_of(events, i), event);
		else if (code == EROFS)
			trace_verdict_tell(verdict, HEALTH_PARTIAL,
			                   "mount -o remount,rw %s: cannot switch %s:%s", tracefs,
			                   system_of(events, i), event);
		else
			trace_verdict_tell(verdict, HEALTH_PARTIAL, "cannot switch %s:%s: %s",
			                   system_of(events, i), event, strerror(code));
		return;
	}
}

void trace_events_judge(const struct trace_events *events, const char *tracefs,
                        struct trace_verdict *verdict)
{
	judge(events, false, tracefs, verdict);
}

void trace_events_judge_probes(const struct trace_events *events, const char *tracefs,
                               struct trace_verdict *verdict)
{
	judge(events, true, tracefs, verdict);
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const struct trace_event *state = &events->all[i];

		if (!state->present || !is_probe(i) || state->error || state->on ||
		    !is_wanted(events, i))
			continue;
		trace_verdict_tell(verdict, HEALTH_PARTIAL,
		                   "leave %s:%s on: somebody switched it off", system_of(events, i),
		                   page_bindings[i].event);
		return;
	}
}
