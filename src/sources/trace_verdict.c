// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_verdict: how well a trace does, as a state and the sentences that say why.
 * In: facts, the file of lockdown. Out: the verdict. Must never know: instances, the stream.
 */
#include "trace_verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "files.h"

void trace_verdict_tell(struct trace_verdict *verdict, enum health_state state, const char *format,
                        ...)
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

bool trace_verdict_equal(const struct trace_verdict *a, const struct trace_verdict *b)
{
	return a->state == b->state && strcmp(a->reason, b->reason) == 0;
}

/* Lockdown has two levels; only confidentiality forbids tracefs (LOCKDOWN_TRACEFS). */
static bool is_locked_down(const char *sysfs)
{
	char path[PATH_MAX], text[128];

	snprintf(path, sizeof(path), "%s/kernel/security/lockdown", sysfs);
	return files_read(AT_FDCWD, path, text, sizeof(text)) && strstr(text, "[confidentiality]");
}

/* Remedies come first: a narrow screen cuts off the end. */
void trace_verdict_off(struct trace_verdict *verdict, const char *sysfs, const char *tracefs,
                       int code, const char *sentence)
{
	verdict->reason[0] = '\0';
	if (is_locked_down(sysfs))
		trace_verdict_tell(verdict, HEALTH_OFF,
		                   "boot without lockdown=confidentiality: it forbids tracing");
	else if (code == EACCES || code == EPERM)
		trace_verdict_tell(verdict, HEALTH_OFF, "run it with sudo: no permission to trace");
	else if (code == EROFS)
		trace_verdict_tell(verdict, HEALTH_OFF, "mount -o remount,rw %s: it is read-only",
		                   tracefs);
	else
		trace_verdict_tell(verdict, HEALTH_OFF, "%s", sentence);
}
