/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_VERDICT_H
#define IOMMUTOP_TRACE_VERDICT_H

#include <stdbool.h>

#include "../event.h"

struct trace_verdict {
	enum health_state state;
	char reason[240]; /* sentences, the remedy first; empty: nothing to say */
};

/* Adds a sentence to the reason, once, and lowers the state to what it means. */
void trace_verdict_tell(struct trace_verdict *verdict, enum health_state state, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));

bool trace_verdict_equal(const struct trace_verdict *a, const struct trace_verdict *b);

/*
 * There is no trace, and nothing else to say than why: code is what the kernel said (an errno
 * value, or 0), sentence what did not work, for the cases without a known remedy. sysfs: is the
 * machine locked down? tracefs: where it is mounted.
 */
void trace_verdict_off(struct trace_verdict *verdict, const char *sysfs, const char *tracefs,
                       int code, const char *sentence);

#endif
