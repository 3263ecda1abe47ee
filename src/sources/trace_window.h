/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_WINDOW_H
#define IOMMUTOP_TRACE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* From one opening to the next: at most twice a minute. */
#define WINDOW_APART_NS 30000000000ull

/* Less than a second with the gap between two drains (at most 100 ms), in which it is closed. */
#define WINDOW_FIRST_NS 850000000ull
#define WINDOW_NS       600000000ull

/* When probes that cost much may be on. All zero: none was open yet, none is wanted. */
struct trace_window {
	uint64_t opened_ns; /* the last one */
	uint64_t count;     /* that were opened so far */
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

/* What has to be done now. now_ns: of a clock that nobody sets. */
enum window_step trace_window_step(struct trace_window *window, uint64_t now_ns);

#endif
