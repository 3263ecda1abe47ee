/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_COLLECT_H
#define IOMMUTOP_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "../event.h"

/*
 * Which way to collect: every event, or counts made in the kernel. Pure: told once a tick how it
 * goes, it says how to go on.
 */

/* Maps and unmaps a second, above which auto counts (make bench has the figures). */
#define COLLECT_LIMIT_PER_S 50000u
/* How long the rate has to stay below it before auto goes back to events. */
#define COLLECT_CALM_NS 10000000000ull

struct collect {
	enum collect_choice choice;
	enum collect_mode mode; /* as decided last */
	bool can_events;        /* probes: a domain is known */
	bool can_count;         /* histograms */
	uint64_t calm_since_ns; /* 0: it is not calm */
	bool counted;           /* one tick of counting is over */
	char reason[96];        /* of the decision, for people */
};

/* With auto it begins by counting for one tick, where that can be had. */
void collect_init(struct collect *collect, enum collect_choice choice, bool can_events,
                  bool can_count);

/* Another choice from now on; mode and reason follow at once. */
void collect_choose(struct collect *collect, enum collect_choice choice, uint64_t now_ns);

/* An interval has ended. per_s: maps and unmaps a second in it; lost: records of it were lost.
 * Returns whether the mode is another one now. */
bool collect_tick(struct collect *collect, uint64_t now_ns, double per_s, bool lost);

#endif
