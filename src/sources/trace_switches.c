// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_switches: whether an instance records, and by which clock.
 * In: tracing_on and trace_clock. Out: both set, what others made of them.
 * Must never know: events, records, the stream.
 */
#include "trace_switches.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace_files.h"
#include "trace_notes.h"

void trace_switches_init(struct trace_switches *switches, const struct trace_notes *notes)
{
	*switches = (struct trace_switches){.notes = notes,
	                                    .directory_fd = -1,
	                                    .tracing_fd = -1,
	                                    .clock_fd = -1,
	                                    .recording = true};
}

void trace_switches_open(struct trace_switches *switches, int directory_fd)
{
	switches->directory_fd = directory_fd;
	switches->clock_fd = trace_files_open(directory_fd, "trace_clock");
	switches->tracing_fd = trace_files_open(directory_fd, "tracing_on");
}

void trace_switches_close(struct trace_switches *switches)
{
	trace_files_close(&switches->clock_fd);
	trace_files_close(&switches->tracing_fd);
}

void trace_switches_emergency_close(const struct trace_switches *switches)
{
	close(switches->tracing_fd);
	close(switches->clock_fd);
}

/* perf is local_clock(), the clock that stamps the kernel's log: one timeline for both. */
void trace_switches_set_clock(int directory_fd)
{
	trace_files_write(directory_fd, "trace_clock", "perf");
}

void trace_switches_start(struct trace_switches *switches)
{
	bool known = trace_files_look(switches->tracing_fd, &switches->recording);

	if (known && switches->recording)
		return;
	if (known)
		trace_notes_add(switches->notes, "tracing_on", false);
	if (trace_files_write(switches->directory_fd, "tracing_on", "1") < 0) {
		trace_notes_drop(switches->notes, "tracing_on", false);
		return;
	}
	switches->recording = true;
	switches->started_recording = known;
}

void trace_switches_restore(const struct trace_switches *switches)
{
	if (!switches->started_recording)
		return;
	if (trace_files_write(switches->directory_fd, "tracing_on", "0") == 0)
		trace_notes_drop(switches->notes, "tracing_on", false);
}

/* "local [perf] mono": the one that is used. */
static void look_at_clock(struct trace_switches *switches)
{
	char text[256];
	ssize_t length = pread(switches->clock_fd, text, sizeof(text) - 1, 0);
	const char *start;

	text[length > 0 ? length : 0] = '\0';
	start = strchr(text, '[');
	if (start)
		snprintf(switches->clock, sizeof(switches->clock), "%.*s",
		         (int)strcspn(start + 1, "]"), start + 1);
}

bool trace_switches_look(struct trace_switches *switches)
{
	look_at_clock(switches);
	return trace_files_look(switches->tracing_fd, &switches->recording);
}
