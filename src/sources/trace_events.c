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

void trace_events_init(struct trace_events *events, const char *sysfs,
                       const bool wanted[CLASS_COUNT])
{
	*events = (struct trace_events){.sysfs = sysfs, .directory_fd = -1};
	memcpy(events->wanted, wanted, sizeof(events->wanted));
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		events->all[i].fd = -1;
}

/* ---- which there are ---- */

static void find_event(struct trace_events *events, unsigned int binding,
                       struct tracefs_instance *files, struct pages *pages,
                       struct trace_verdict *verdict)
{
	const struct page_binding *event = &page_bindings[binding];
	struct error err;
	char *format;
	int size;

	if (event->set != SET_ALWAYS)
		return;
	format = tracefs_event_file_read(files, event->system, event->event, "format", &size);
	if (!format) {
		if (!event->historic)
			trace_verdict_tell(verdict, HEALTH_PARTIAL,
			                   "this kernel has no event %s:%s", event->system,
			                   event->event);
		return;
	}
	if (pages_bind(pages, binding, NULL, format, (size_t)size, &err) < 0)
		trace_verdict_tell(verdict, HEALTH_PARTIAL, "%s", err.text);
	else
		events->all[binding].present = true;
	free(format);
}

void trace_events_find(struct trace_events *events, struct tracefs_instance *files,
                       struct pages *pages, struct trace_verdict *verdict)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		find_event(events, i, files, pages, verdict);
}

bool trace_events_have(const struct trace_events *events, enum event_class class)
{
	if (class == CLASS_FAULT)
		return true;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && events->all[i].present)
			return true;
	return false;
}

bool trace_events_have_maps(const struct trace_events *events)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (events->all[i].present &&
		    (page_bindings[i].kind == RAW_MAP || page_bindings[i].kind == RAW_UNMAP))
			return true;
	return false;
}

/* ---- their files ---- */

static void enable_path(unsigned int binding, char *path, size_t size)
{
	const struct page_binding *event = &page_bindings[binding];

	snprintf(path, size, "events/%s/%s/enable", event->system, event->event);
}

void trace_events_open(struct trace_events *events, int directory_fd)
{
	char path[128];

	events->directory_fd = directory_fd;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		struct trace_event *state = &events->all[i];

		if (!state->present)
			continue;
		enable_path(i, path, sizeof(path));
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

/* Writes only what is not so yet: a reader without rights may follow what an administrator set. */
static void switch_event(struct trace_events *events, unsigned int binding, bool on)
{
	struct trace_event *state = &events->all[binding];
	char path[128];

	state->error = 0;
	if (trace_files_look(state->fd, &state->on) && state->on == on)
		return;
	enable_path(binding, path, sizeof(path));
	if (trace_files_write(events->directory_fd, path, on ? "1" : "0") < 0) {
		state->error = errno;
		return;
	}
	state->touched = true;
	state->on = on;
	trace_files_look(state->fd, &state->on);
}

/*
 * Whether enabling io_page_fault could crash this machine. arm-smmu v1 and v2, since 5.15, call
 * report_iommu_fault() without a device, and the event's dev_name(dev) does not check. Their units
 * are called smmu.ADDRESS, those of v3, which does not use the event, smmu3.ADDRESS.
 */
static bool faults_are_deadly(const struct trace_events *events)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool deadly = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/iommu", events->sysfs);
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
	    (trace_files_look(events->all[binding].fd, &on) && on) || !faults_are_deadly(events))
		return true;
	trace_verdict_tell(verdict, HEALTH_PARTIAL,
	                   "faults come from the kernel log alone: with arm-smmu v1/v2 the kernel "
	                   "would crash in io_page_fault");
	return false;
}

void trace_events_switch(struct trace_events *events, enum event_class class, bool on,
                         struct trace_verdict *verdict)
{
	events->wanted[class] = on;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && events->all[i].present &&
		    (!on || may_switch_on(events, i, verdict)))
			switch_event(events, i, on);
}

void trace_events_restore(struct trace_events *events)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (events->all[i].touched)
			switch_event(events, i, events->all[i].was_on);
}

/* ---- what is so ---- */

static bool look_at_event(struct trace_events *events, unsigned int binding)
{
	struct trace_event *state = &events->all[binding];

	if (!state->present)
		return true;
	if (!trace_files_look(state->fd, &state->on))
		return false;
	if (state->on == events->wanted[page_bindings[binding].class])
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
	if (class == CLASS_FAULT)
		return events->wanted[class];
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++)
		if (page_bindings[i].class == class && events->all[i].on)
			return true;
	return false;
}

/* The first event that could not be switched tells for all: they share their reason. */
void trace_events_judge(const struct trace_events *events, const char *tracefs,
                        struct trace_verdict *verdict)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const struct page_binding *event = &page_bindings[i];
		int code = events->all[i].error;

		if (!code)
			continue;
		if (code == EACCES || code == EPERM)
			trace_verdict_tell(verdict, HEALTH_PARTIAL,
			                   "run it with sudo: cannot switch %s:%s", event->system,
			                   event->event);
		else if (code == EROFS)
			trace_verdict_tell(verdict, HEALTH_PARTIAL,
			                   "mount -o remount,rw %s: cannot switch %s:%s", tracefs,
			                   event->system, event->event);
		else
			trace_verdict_tell(verdict, HEALTH_PARTIAL, "cannot switch %s:%s: %s",
			                   event->system, event->event, strerror(code));
		return;
	}
}
