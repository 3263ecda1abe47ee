/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_WINDOW_H
#define IOMMUTOP_TRACE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* At most two are opened within so long; and between two there is a rest. */
#define WINDOW_MINUTE_NS 60000000000ull
#define WINDOW_REST_NS   1000000000ull

/* Less than a second with the gap between two drains (at most 100 ms), in which it is closed, and
 * with what a busy machine adds to it. */
#define WINDOW_NS 600000000ull

/* When probes that cost much may be on. All zero: none was open yet, none is wanted. */
struct trace_window {
	uint64_t opened_ns, before_ns; /* the last one and the one before it */
	uint64_t closed_ns;
	uint64_t count; /* that were opened so far */
	bool open;
	bool done;        /* it has seen what it was opened for */
	bool calls;       /* with the probes of DMA-API calls */
	bool asked;       /* for one more */
	bool asked_calls; /* and with those probes */
};

enum window_step { WINDOW_STAYS, WINDOW_OPENS, WINDOW_CLOSES };

/* Somebody wants to know which domain a group has: as soon as one may be open again. calls: and the
 * groups alone did not tell the last time. */
void trace_window_ask(struct trace_window *window, bool calls);

/* All groups have been read once: closes the first; later ones are for a walk that is asked for. */
void trace_window_done(struct trace_window *window);

/* Whoever would close it will not run for a while: whether it was open and has to be closed now.
 * What it was opened for is asked for again. */
bool trace_window_end(struct trace_window *window, uint64_t now_ns);

/* What has to be done now. now_ns: of a clock that nobody sets. */
enum window_step trace_window_step(struct trace_window *window, uint64_t now_ns);

#endif
