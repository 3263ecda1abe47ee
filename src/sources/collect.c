// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * collect: which way to collect maps and unmaps.
 * In: what was asked for, what can be had, how the last interval went. Out: a mode and why.
 * Must never know: how a mode is brought about.
 */
#include "collect.h"

#include <stdio.h>
#include <string.h>

/* Returns whether the mode is another one now. */
static bool decide(struct collect *collect, enum collect_mode mode, const char *reason)
{
	bool news = mode != collect->mode;

	collect->mode = mode;
	snprintf(collect->reason, sizeof(collect->reason), "%s", reason);
	return news;
}

/* Says nothing of the rate itself, which is another one with each tick and stands beside it. */
static bool decide_by_rate(struct collect *collect, enum collect_mode mode, double per_s)
{
	char reason[sizeof(collect->reason)];

	if (mode == COLLECT_COUNTS && per_s <= COLLECT_LIMIT_PER_S)
		snprintf(reason, sizeof(reason), "events after %u s of calm",
		         (unsigned int)(COLLECT_CALM_NS / 1000000000u));
	else
		snprintf(reason, sizeof(reason), "%s %u k/s",
		         per_s > COLLECT_LIMIT_PER_S ? "above" : "below",
		         COLLECT_LIMIT_PER_S / 1000);
	return decide(collect, mode, reason);
}

/* What does not depend on the rate. Returns false if all is open. */
static bool decide_by_means(struct collect *collect, bool *news)
{
	if (!collect->can_events)
		*news = decide(collect, COLLECT_TRACEPOINTS, "no probes");
	else if (!collect->can_count)
		*news = decide(collect, COLLECT_EVENTS,
		               collect->choice == CHOICE_EVENTS ? "asked for"
		                                                : "this kernel has no histograms");
	else
		return false;
	return true;
}

/* Where it is open, auto goes on as it is; at first it learns the rate in the cheaper way. */
static void begin(struct collect *collect)
{
	bool news;

	if (decide_by_means(collect, &news))
		return;
	if (collect->choice == CHOICE_EVENTS)
		decide(collect, COLLECT_EVENTS, "asked for");
	else if (collect->choice == CHOICE_COUNTS)
		decide(collect, COLLECT_COUNTS, "asked for");
	else if (collect->mode == COLLECT_EVENTS)
		decide(collect, COLLECT_EVENTS, "until the rate is known");
	else
		decide(collect, COLLECT_COUNTS, "until the rate is known");
}

void collect_init(struct collect *collect, enum collect_choice choice, bool can_events,
                  bool can_count)
{
	*collect = (struct collect){
		.choice = choice,
		.mode = COLLECT_NONE,
		.can_events = can_events,
		.can_count = can_count,
	};
	begin(collect);
}

void collect_choose(struct collect *collect, enum collect_choice choice, uint64_t now_ns)
{
	collect->choice = choice;
	collect->counted = true;
	collect->calm_since_ns = now_ns;
	begin(collect);
}

/* After the first interval at once; later only when it has been calm for long enough. */
static bool step_from_counts(struct collect *collect, uint64_t now_ns, double per_s, bool lost)
{
	bool first = !collect->counted;

	collect->counted = true;
	if (lost || per_s > COLLECT_LIMIT_PER_S) {
		collect->calm_since_ns = 0;
		return lost ? decide(collect, COLLECT_COUNTS, "records were lost")
		            : decide_by_rate(collect, COLLECT_COUNTS, per_s);
	}
	if (collect->calm_since_ns == 0)
		collect->calm_since_ns = now_ns;
	if (first || now_ns - collect->calm_since_ns >= COLLECT_CALM_NS)
		return decide_by_rate(collect, COLLECT_EVENTS, per_s);
	return decide_by_rate(collect, COLLECT_COUNTS, per_s);
}

static bool step_from_events(struct collect *collect, double per_s, bool lost)
{
	collect->counted = true;
	collect->calm_since_ns = 0;
	if (lost)
		return decide(collect, COLLECT_COUNTS, "records were lost");
	return decide_by_rate(collect,
	                      per_s > COLLECT_LIMIT_PER_S ? COLLECT_COUNTS : COLLECT_EVENTS, per_s);
}

bool collect_tick(struct collect *collect, uint64_t now_ns, double per_s, bool lost)
{
	bool news = false;

	if (decide_by_means(collect, &news))
		return news;
	if (collect->choice == CHOICE_COUNTS)
		return decide(collect, COLLECT_COUNTS, "asked for");
	if (collect->choice == CHOICE_EVENTS)
		return decide(collect, COLLECT_EVENTS,
		              lost ? "asked for, records are being lost" : "asked for");
	if (collect->mode == COLLECT_COUNTS)
		return step_from_counts(collect, now_ns, per_s, lost);
	return step_from_events(collect, per_s, lost);
}
