/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACEDAT_FORMATS_H
#define IOMMUTOP_TRACEDAT_FORMATS_H

#include <stdbool.h>

#include "../event.h"
#include "pages.h"
#include "trace_verdict.h"
#include "tracedat_contents.h"

/* Which of page_bindings a file has. */
struct tracedat_formats {
	bool bound[PAGE_BINDINGS];
	struct trace_verdict verdict; /* what is not understood */
};

/* Hands the texts of formats to pages. Probes count with the tracepoints that they enclose. */
void tracedat_formats_bind(struct tracedat_formats *formats, struct pages *pages,
                           const struct tracedat_contents *contents);

/* Whether there are events of a class, or any at all. */
bool tracedat_formats_have(const struct tracedat_formats *formats, enum event_class class);
bool tracedat_formats_any(const struct tracedat_formats *formats);

/* How maps and unmaps were recorded. */
enum collect_mode tracedat_formats_mode(const struct tracedat_formats *formats);

#endif
