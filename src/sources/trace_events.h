/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_EVENTS_H
#define IOMMUTOP_TRACE_EVENTS_H

#include <stdbool.h>

#include "../event.h"
#include "pages.h"
#include "probes.h"
#include "trace_verdict.h"

struct trace_notes;
struct tracefs_instance;

/* One of page_bindings in this instance. */
struct trace_event {
	bool present; /* the kernel has it and we understand it */
	bool was_on;  /* when we came */
	bool on;      /* as last seen */
	bool touched; /* by us */
	int fd;       /* its enable, to look at; -1: it cannot be read */
	int error;    /* why it could not be switched; 0: it is as it should be */
};

struct trace_events {
	struct trace_event all[PAGE_BINDINGS];
	bool wanted[CLASS_COUNT];
	bool crossing; /* maps and unmaps come as events; else somebody else counts them */
	bool groups, calls, failures;
	const struct probes *probes; /* NULL: none */
	const struct trace_notes *notes;
	const char *sysfs; /* is there an arm-smmu v1/v2 unit? */
	int directory_fd;  /* of the instance, whose files these are; not closed by us */
};

/* None present, nothing open. sysfs and notes (where it is noted what was on) must outlive events,
 * and so must what is set as probes. */
void trace_events_init(struct trace_events *events, const char *sysfs,
                       const struct trace_notes *notes, const bool wanted[CLASS_COUNT]);

/* Looks which the kernel has and binds them in pages. What is missing goes to the verdict. */
void trace_events_find(struct trace_events *events, struct tracefs_instance *files,
                       struct pages *pages, struct trace_verdict *verdict);

/* Whether the class can be had at all: "off" is something that "on" could follow. */
bool trace_events_have(const struct trace_events *events, enum event_class class);

/* How maps and unmaps can be had, as far as events tell of them. */
enum collect_mode trace_events_mode(const struct trace_events *events);

/* Without probes: whether events of the DMA API name the device of what is mapped singly. */
bool trace_events_name_devices(const struct trace_events *events);

/* Opens the enable files of those present and remembers how they are. */
void trace_events_open(struct trace_events *events, int directory_fd);
void trace_events_close(struct trace_events *events);

/* Only system calls: for handlers of fatal signals. */
void trace_events_emergency_close(const struct trace_events *events);

/*
 * Switches all events to what is wanted, once open: those that are not so yet. One that could crash
 * this machine is not switched on; the verdict says so. What else did not work trace_events_judge
 * tells.
 *
 * A tracepoint is on whenever its probe is: else a call would seem to have failed.
 */
void trace_events_start(struct trace_events *events, struct trace_verdict *verdict);

/* Switches the events of a class in the same way. Those that tell of attaches and of freed domains
 * stay on, whatever the class: without them a map would get the name of another domain. */
void trace_events_switch(struct trace_events *events, enum event_class class, bool on,
                         struct trace_verdict *verdict);

/* Whether maps and unmaps come as events; classes stay as they are. */
void trace_events_set_crossing(struct trace_events *events, bool on, struct trace_verdict *verdict);

/* The probes that tell of groups and, with calls, of DMA-API calls: only ever for a moment. */
void trace_events_set_naming(struct trace_events *events, bool groups, bool calls,
                             struct trace_verdict *verdict);

/* The probe that tells why a map failed. */
void trace_events_expect_failures(struct trace_events *events, struct trace_verdict *verdict);

/* Back to how they were found. Only what we did ourselves: others may have had their reasons. */
void trace_events_restore(struct trace_events *events);

/* The same by system calls alone, for handlers of fatal signals, while they are open; not of our
 * probes, which are removed. */
void trace_events_emergency_restore(const struct trace_events *events);

/* Looks what others switched meanwhile. False where one cannot be read: it is as last seen. */
bool trace_events_look(struct trace_events *events);

/*
 * Whether events of the class are on, as last seen. Faults come from the kernel's log, too: there,
 * what was asked for is so.
 */
bool trace_events_are_on(const struct trace_events *events, enum event_class class);

/*
 * Whether enabling io_page_fault could crash the machine of this sysfs. arm-smmu v1 and v2, since
 * 5.15, call report_iommu_fault() without a device, and the event's dev_name(dev) does not check.
 * Their units are called smmu.ADDRESS, those of v3, which does not use the event, smmu3.ADDRESS.
 */
bool trace_events_faults_are_deadly(const char *sysfs);

/* Says which event could not be switched, and what to do. tracefs: where it is mounted. */
void trace_events_judge(const struct trace_events *events, const char *tracefs,
                        struct trace_verdict *verdict);

/* The same of our probes, also of those that somebody else has switched off. */
void trace_events_judge_probes(const struct trace_events *events, const char *tracefs,
                               struct trace_verdict *verdict);

#endif
