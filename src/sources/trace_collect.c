// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_collect: maps and unmaps as events or as counts, by turns.
 * In: what was asked for, records as they come, ticks. Out: triggers and events switched, what was
 * counted, what it cost.
 * Must never know: the stream, pages, classes other than maps and unmaps.
 */
#include "trace_collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../util.h"
#include "collect.h"
#include "counts.h"

#define SECOND_NS        1000000000ull
#define WATCH_CALLERS_NS (5 * SECOND_NS)

/* Reads at most until two agree: some milliseconds. */
enum { CUT_READS = 20 };

/* A rate over less says nothing; ticks are at least so far apart, but for the very first. */
#define INTERVAL_LEAST_NS (SECOND_NS / 20)

struct trace_collect {
	struct trace_collect_options options;
	struct counts *counts; /* NULL: this kernel has no histograms */
	struct collect policy;
	bool on[COUNTS_WHAT_COUNT];
	uint64_t decided_ns;
	uint64_t seen;                    /* maps and unmaps since then */
	uint64_t crossed;                 /* as events, since the last tick */
	bool lost;                        /* since it was decided */
	bool begun;                       /* one of the two is on */
	bool counts_on;                   /* it is counts */
	uint64_t cut_ns;                  /* when it became that */
	uint64_t read_ns;                 /* when counts were read the last time, or a bit later */
	uint64_t own_ns, counted, probed; /* at the last tick */
	uint64_t hit_ns;                  /* what a hit takes; 0: not known */
	uint64_t watch_from_ns;
	uint64_t watch_address; /* of the domain whose callers are counted; 0: none */
	uint32_t watch_domain;
	bool told; /* and what: */
	enum collect_mode told_mode;
	bool told_asked;
	char told_reason[sizeof(((struct collect *)NULL)->reason)];
};

static bool counting(const struct trace_collect *collect)
{
	return collect->policy.mode == COLLECT_COUNTS;
}

/* ---- switching ---- */

static int start_counts(struct trace_collect *collect)
{
	for (unsigned int i = 0; i < COUNTS_WHAT_COUNT; i++)
		if (collect->on[i] && counts_start(collect->counts, (enum counts_what)i) < 0)
			return -1;
	return 0;
}

static void stop_counts(struct trace_collect *collect)
{
	for (unsigned int i = 0; i < COUNTS_WHAT_COUNT; i++)
		counts_stop(collect->counts, (enum counts_what)i);
}

static uint64_t time_now(const struct trace_collect *collect)
{
	uint64_t now_ns = 0;

	collect->options.now(collect->options.context, &now_ns);
	return now_ns;
}

/* The last read of counts was made between two times. */
struct cut {
	uint64_t before_ns, after_ns;
	bool clean; /* nothing had grown since the read before it: what they have, they had between
	             * the two, so that the cut is before_ns */
};

/* Both counts and events are on: where can one end and the other begin? sink: for what the counts
 * have until then; NULL: the events tell it. */
static struct cut find_cut(struct trace_collect *collect, uint64_t ts_ns,
                           const struct event_sink *sink)
{
	struct cut cut = {0};

	for (unsigned int i = 0; i < CUT_READS && !cut.clean; i++) {
		cut.before_ns = time_now(collect);
		if (sink)
			counts_read(collect->counts, collect->options.ids, ts_ns, sink);
		else
			counts_skip(collect->counts, collect->options.ids);
		cut.after_ns = time_now(collect);
		cut.clean = i > 0 && !counts_moved(collect->counts);
	}
	return cut;
}

/* Where nobody knows the time what is held stays so. */
static void note_read(struct trace_collect *collect)
{
	if (!collect->options.now(collect->options.context, &collect->read_ns))
		collect->read_ns = UINT64_MAX;
}

static void emit_lost(uint64_t ts_ns, const struct event_sink *sink)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_LOST};

	ev.lost.source = SOURCE_TRACE;
	event_emit(sink, &ev);
}

/* From the cut on it is the other's turn. */
static void take_turns(struct trace_collect *collect, const struct cut *cut, uint64_t cut_ns,
                       const struct event_sink *sink)
{
	collect->cut_ns = cut_ns;
	if (!cut->clean)
		emit_lost(cut_ns, sink);
}

/* What the counts have by then comes as events. */
static int begin_counts(struct trace_collect *collect, const struct event_sink *sink)
{
	struct cut cut;

	if (start_counts(collect) < 0) {
		stop_counts(collect);
		return -1;
	}
	if (collect->begun) {
		cut = find_cut(collect, 0, NULL);
		take_turns(collect, &cut, cut.before_ns, sink);
	}
	collect->options.set_events(collect->options.context, false);
	collect->counts_on = true;
	return 0;
}

static void begin_events(struct trace_collect *collect, uint64_t now_ns,
                         const struct event_sink *sink)
{
	struct cut cut;

	collect->options.set_events(collect->options.context, true);
	if (!collect->counts_on)
		return;
	cut = find_cut(collect, now_ns, sink);
	note_read(collect);
	take_turns(collect, &cut, cut.clean ? cut.before_ns : cut.after_ns, sink);
	stop_counts(collect);
	collect->counts_on = false;
}

static void give_up_counting(struct trace_collect *collect, uint64_t now_ns)
{
	collect->policy.can_count = false;
	collect_choose(&collect->policy, collect->policy.choice, now_ns);
}

/* Brings about what was decided. What cannot be counted comes as events. */
static void obey(struct trace_collect *collect, uint64_t now_ns, const struct event_sink *sink)
{
	if (counting(collect) && begin_counts(collect, sink) < 0)
		give_up_counting(collect, now_ns);
	if (!counting(collect))
		begin_events(collect, now_ns, sink);
	collect->begun = true;
}

/* ---- what it costs ---- */

static uint64_t nanoseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_usec * 1000;
}

static uint64_t own_ns(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) < 0)
		return 0;
	return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
}

/*
 * What probes and triggers of ours had to do since the last tick. A trigger on a probe that both
 * count is one hit.
 */
static uint64_t new_hits(struct trace_collect *collect)
{
	uint64_t counted = collect->counts ? counts_hits(collect->counts) : 0;
	uint64_t probed =
		collect->options.probes ? probes_last_profile(collect->options.probes).hits : 0;
	uint64_t hits = counted - collect->counted + collect->crossed;

	if (!counting(collect) || !counts_are_attempts(collect->counts))
		hits += probed - collect->probed;
	collect->counted = counted;
	collect->probed = probed;
	collect->crossed = 0;
	return hits;
}

static void emit_cost(struct trace_collect *collect, uint64_t now_ns, const struct event_sink *sink)
{
	struct event ev = {.ts_ns = now_ns, .kind = EVENT_COST};
	uint64_t own = own_ns();

	ev.cost.own_ns = own - collect->own_ns;
	ev.cost.kernel_ns = new_hits(collect) * collect->hit_ns;
	collect->own_ns = own;
	event_emit(sink, &ev);
}

void trace_collect_set_hit_ns(struct trace_collect *collect, uint64_t hit_ns)
{
	collect->hit_ns = hit_ns;
}

/* ---- who calls ---- */

static void end_watch(struct trace_collect *collect, uint64_t now_ns, const struct event_sink *sink)
{
	uint64_t seconds;

	/* Freed meanwhile, its address may be another one's: nobody learns what was counted. */
	if (domain_ids_find(collect->options.ids, collect->watch_address) != collect->watch_domain)
		sink = &event_nowhere;
	seconds = (now_ns - collect->watch_from_ns + SECOND_NS / 2) / SECOND_NS;
	counts_tell_callers(collect->counts, collect->watch_domain, seconds ? seconds : 1, now_ns,
	                    sink);
	collect->watch_address = 0;
}

void trace_collect_rest(struct trace_collect *collect, uint64_t now_ns,
                        const struct event_sink *sink)
{
	if (collect->watch_address)
		end_watch(collect, now_ns, sink);
}

int trace_collect_watch(struct trace_collect *collect, uint32_t domain, uint64_t now_ns,
                        struct error *err)
{
	uint64_t address = domain_ids_address(collect->options.ids, domain);

	if (!collect->policy.can_events)
		return error_set(err, ENOTSUP, "who calls is not known without probes");
	if (!collect->counts)
		return error_set(err, ENOTSUP,
		                 "who calls needs a kernel with CONFIG_HIST_TRIGGERS");
	if (!address)
		return error_set(err, ESRCH, "domain %u is gone", domain);
	if (collect->watch_address)
		return error_set(err, EBUSY, "callers of domain %u are still being counted",
		                 collect->watch_domain);
	if (counts_watch_callers(collect->counts, address) < 0)
		return error_set(err, errno, "cannot count the callers of domain %u: %s", domain,
		                 strerror(errno));
	collect->watch_address = address;
	collect->watch_domain = domain;
	collect->watch_from_ns = now_ns;
	return 0;
}

/* ---- each tick ---- */

void trace_collect_seen(struct trace_collect *collect, uint64_t crossed, bool lost)
{
	collect->lost = collect->lost || lost;
	collect->crossed += crossed;
	if (!counting(collect)) /* else they are from before */
		collect->seen += crossed;
}

static void read_counts(struct trace_collect *collect, uint64_t now_ns,
                        const struct event_sink *sink)
{
	counts_read(collect->counts, collect->options.ids, now_ns, sink);
	note_read(collect);
	collect->seen += counts_grown(collect->counts);
	collect->lost = collect->lost || counts_lost(collect->counts);
}

/* Triggers that somebody removed are set again. Where that does not work, events come instead: what
 * nobody counts would read as a machine at rest. */
static void keep_counting(struct trace_collect *collect, uint64_t now_ns,
                          const struct event_sink *sink)
{
	if (start_counts(collect) == 0)
		return;
	emit_lost(now_ns, sink);
	give_up_counting(collect, now_ns);
	obey(collect, now_ns, sink);
}

static void decide(struct trace_collect *collect, uint64_t now_ns, const struct event_sink *sink)
{
	uint64_t interval_ns = now_ns - collect->decided_ns;
	double per_s;

	if (now_ns < collect->decided_ns + INTERVAL_LEAST_NS)
		return;
	per_s = (double)collect->seen * (double)SECOND_NS / (double)interval_ns;
	if (collect_tick(&collect->policy, now_ns, per_s, collect->lost))
		obey(collect, now_ns, sink);
	collect->decided_ns = now_ns;
	collect->seen = 0;
	collect->lost = false;
}

/*
 * What an earlier read holds can be told when all is known up to that read; and after this one,
 * which may show that the address is in use again.
 */
static void read_and_settle(struct trace_collect *collect, uint64_t now_ns,
                            const struct event_sink *sink)
{
	bool due = counts_held(collect->counts) && now_ns >= collect->read_ns;
	uint64_t round = counts_round(collect->counts);

	if (counting(collect))
		read_counts(collect, now_ns, sink);
	if (due)
		counts_settle(collect->counts, collect->options.ids, round, now_ns, sink);
}

void trace_collect_tick(struct trace_collect *collect, uint64_t now_ns,
                        const struct event_sink *sink)
{
	if (collect->counts) {
		read_and_settle(collect, now_ns, sink);
		counts_read_units(collect->counts, now_ns, sink);
		if (collect->watch_address && now_ns >= collect->watch_from_ns + WATCH_CALLERS_NS)
			end_watch(collect, now_ns, sink);
	}
	emit_cost(collect, now_ns, sink);
	decide(collect, now_ns, sink);
	if (counting(collect))
		keep_counting(collect, now_ns, sink);
}

void trace_collect_choose(struct trace_collect *collect, enum collect_choice choice,
                          uint64_t now_ns, const struct event_sink *sink)
{
	enum collect_mode before = collect->policy.mode;

	if (counting(collect))
		read_counts(collect, now_ns, sink);
	collect_choose(&collect->policy, choice, now_ns);
	if (collect->policy.mode != before)
		obey(collect, now_ns, sink);
}

void trace_collect_set_class(struct trace_collect *collect, enum event_class class, bool on)
{
	enum counts_what what = class == CLASS_MAP ? COUNTS_MAP : COUNTS_UNMAP;

	if (class != CLASS_MAP && class != CLASS_UNMAP)
		return;
	collect->on[what] = on;
	if (!counting(collect))
		return;
	if (on)
		counts_start(collect->counts, what);
	else
		counts_stop(collect->counts, what);
}

/* ---- what is said of it ---- */

bool trace_collect_news(struct trace_collect *collect, uint64_t now_ns, struct event *ev)
{
	const struct collect *policy = &collect->policy;
	bool asked = policy->choice != CHOICE_AUTO;

	if (collect->told && collect->told_mode == policy->mode && collect->told_asked == asked &&
	    strcmp(collect->told_reason, policy->reason) == 0)
		return false;
	collect->told = true;
	collect->told_mode = policy->mode;
	collect->told_asked = asked;
	copy_text(collect->told_reason, sizeof(collect->told_reason), policy->reason);
	*ev = (struct event){.ts_ns = now_ns > collect->cut_ns ? now_ns : collect->cut_ns,
	                     .kind = EVENT_COLLECT};
	ev->collect.mode = (uint8_t)policy->mode;
	ev->collect.reason = collect->told_reason;
	ev->collect.asked = asked;
	ev->collect.attempts = counting(collect) && counts_are_attempts(collect->counts);
	return true;
}

/* ---- opening and closing ---- */

static bool has(const struct trace_collect_options *options, enum probe_id probe)
{
	return options->probes && probes_has(options->probes, probe);
}

struct trace_collect *trace_collect_open(const struct trace_collect_options *options)
{
	struct trace_collect *collect = xcalloc(1, sizeof(*collect));
	bool attributes = has(options, PROBE_MAP) && has(options, PROBE_UNMAP);
	bool returns = has(options, PROBE_MAP_DONE) && has(options, PROBE_UNMAP_DONE);

	collect->options = *options;
	collect->counts = counts_open(options->instance_fd,
	                              options->probes ? probes_group(options->probes) : "",
	                              options->owner, returns);
	collect->on[COUNTS_MAP] = options->classes[CLASS_MAP];
	collect->on[COUNTS_UNMAP] = options->classes[CLASS_UNMAP];
	collect->decided_ns = options->now_ns;
	collect->own_ns = own_ns();
	collect_init(&collect->policy, options->choice, attributes, collect->counts != NULL);
	obey(collect, options->now_ns, &event_nowhere);
	return collect;
}

void trace_collect_close(struct trace_collect *collect)
{
	if (!collect)
		return;
	counts_close(collect->counts);
	free(collect);
}

void trace_collect_emergency_stop(const struct trace_collect *collect)
{
	if (collect && collect->counts)
		counts_emergency_stop(collect->counts);
}
