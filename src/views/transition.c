// SPDX-License-Identifier: GPL-2.0-or-later
/* transition: a device's way from host to guest and back, and what it cost, in words. Pure. */
#include "transition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../format.h"
#include "../util.h"
#include "cells.h"

#define WORDS_MAX 40
#define NAME_MAX  160
#define NS_PER_S  1000000000ull
#define LAST_LOG2 63

/* ---- figures in running text ---- */

/* 1700, 12.3 k, 4.1 M */
static const char *words_count(char *out, size_t size, uint64_t count)
{
	static const char units[] = " kMGTPE";
	double value = (double)count;
	size_t unit = 0;

	if (count < 10000) {
		snprintf(out, size, "%" PRIu64, count);
		return out;
	}
	for (; value >= 999.95 && unit + 2 < sizeof(units); unit++)
		value /= 1000;
	snprintf(out, size, "%.1f %c", value, units[unit]);
	return out;
}

/* 4 KiB, 16 GiB, 1.5 MiB */
static const char *words_bytes(char *out, size_t size, uint64_t bytes)
{
	static const char units[] = " KMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1023.95 && unit + 2 < sizeof(units); unit++)
		value /= 1024;
	if (!unit)
		snprintf(out, size, "%" PRIu64 " bytes", bytes);
	else
		snprintf(out, size, "%.*f %ciB", bytes == (bytes >> 10 * unit) << 10 * unit ? 0 : 1,
		         value, units[unit]);
	return out;
}

/* 3 ms, 20.1 s, 5 min 48 s */
static const char *words_time(char *out, size_t size, uint64_t ns)
{
	if (ns < NS_PER_S)
		snprintf(out, size, "%.*f ms", ns < 10000000 ? 1 : 0, (double)ns / 1e6);
	else if (ns < 100 * NS_PER_S)
		snprintf(out, size, "%.1f s", (double)ns / 1e9);
	else
		format_duration(out, size, ns);
	return out;
}

/* ---- names ---- */

static const char *type_words(uint8_t type)
{
	switch (type) {
	case DOMAIN_TYPE_DMA:
	case DOMAIN_TYPE_DMA_FQ:
		return "DMA domain";
	case DOMAIN_TYPE_IDENTITY:
		return "identity domain";
	case DOMAIN_TYPE_UNMANAGED:
		return "unmanaged domain";
	case DOMAIN_TYPE_BLOCKED:
		return "blocked domain";
	default:
		return "domain";
	}
}

/* Who has the device: a guest, a process, or what kind of domain. */
static const char *taker(char *out, size_t size, const struct snapshot *snap,
                         const struct snapshot_transition *transition)
{
	if (transition->process != NO_PROCESS)
		return text_process(out, size, snap, transition->process, transition->process_name,
		                    transition->vm);
	snprintf(out, size, "%s %" PRIu32, type_words(transition->to_type), transition->to_domain);
	return out;
}

/* Whose burst it was, in one word where there is one. */
static const char *burst_of(char *out, size_t size, const struct snapshot *snap,
                            const struct snapshot_transition *transition)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(snap, transition->to_domain);

	if (transition->vm) {
		copy_text(out, size, snapshot_text(snap, transition->vm));
		return out;
	}
	if (transition->process == NO_PROCESS && domain)
		return snapshot_domain_name(snap, domain, out, size);
	if (transition->process == NO_PROCESS) {
		snprintf(out, size, "domain %" PRIu32, transition->to_domain);
		return out;
	}
	return taker(out, size, snap, transition);
}

static const char *home(char *out, size_t size, const struct snapshot_transition *transition)
{
	if (transition->group == NO_GROUP)
		copy_text(out, size, type_words(transition->from_type));
	else
		snprintf(out, size, "%s of group %" PRIu32, type_words(transition->from_type),
		         transition->group);
	return out;
}

/* ---- sentences ---- */

/* "maps of 4 KiB" where all had that very size; else how many were about so large. */
static void put_sizes(char *out, size_t size, const struct snapshot_transition *transition)
{
	const char *noun = transition->kind == TRANSITION_START ? "maps" : "unmaps";
	uint64_t bytes = transition->common_log2 <= LAST_LOG2 ? 1ull << transition->common_log2 : 0;
	char common[WORDS_MAX], next[WORDS_MAX], share[WORDS_MAX];

	words_bytes(common, sizeof(common), bytes);
	if (!bytes || !transition->common_count)
		copy_text(out, size, noun);
	else if (transition->common_count == transition->count &&
	         transition->bytes / bytes == transition->count && !(transition->bytes % bytes))
		snprintf(out, size, "%s of %s", noun, common);
	else
		snprintf(out, size, "%s, %s of them of %s to %s", noun,
		         text_share(share, sizeof(share), transition->common_count,
		                    transition->count),
		         common, words_bytes(next, sizeof(next), bytes << 1));
}

char *transition_burst(char *out, size_t size, const struct view_context *context,
                       const struct snapshot_transition *transition)
{
	char name[NAME_MAX], bytes[WORDS_MAX], time[WORDS_MAX], count[WORDS_MAX], sizes[NAME_MAX];
	size_t length;

	put_sizes(sizes, sizeof(sizes), transition);
	snprintf(out, size, "%s %s: %s%s in %s, %s %s",
	         burst_of(name, sizeof(name), context->snap, transition),
	         transition->kind == TRANSITION_START ? "start" : "end",
	         transition->at_least ? "at least " : "",
	         words_bytes(bytes, sizeof(bytes), transition->bytes),
	         words_time(time, sizeof(time), transition->end_ns - transition->begin_ns),
	         words_count(count, sizeof(count), transition->count), sizes);
	length = strlen(out);
	if (transition->inside_ns)
		snprintf(out + length, size - length, ", %s inside the IOMMU",
		         words_time(time, sizeof(time), transition->inside_ns));
	return out;
}

char *transition_way(char *out, size_t size, const struct view_context *context,
                     const struct snapshot_transition *transition)
{
	char to[NAME_MAX], back[WORDS_MAX], time[WORDS_MAX];

	taker(to, sizeof(to), context->snap, transition);
	if (!transition->end_ns)
		snprintf(out, size, "→ %s", to);
	else
		snprintf(out, size, "→ %s, back %s after %s", to,
		         text_clock(back, sizeof(back), context, transition->end_ns),
		         words_time(time, sizeof(time), transition->end_ns - transition->begin_ns));
	return out;
}

static void put_return(char *out, size_t size, const struct view_context *context,
                       const struct snapshot_transition *transition)
{
	char name[NAME_MAX], place[NAME_MAX], at[WORDS_MAX], time[WORDS_MAX];

	snprintf(out, size, "%s is back in %s from %s at %s after %s",
	         snapshot_text(context->snap, transition->device),
	         home(place, sizeof(place), transition),
	         taker(name, sizeof(name), context->snap, transition),
	         text_clock(at, sizeof(at), context, transition->end_ns),
	         words_time(time, sizeof(time), transition->end_ns - transition->begin_ns));
}

static void put_leave(char *out, size_t size, const struct view_context *context,
                      const struct snapshot_transition *transition)
{
	char name[NAME_MAX], place[NAME_MAX], at[WORDS_MAX];
	size_t length;

	snprintf(out, size, "%s left %s → %s at %s",
	         snapshot_text(context->snap, transition->device),
	         home(place, sizeof(place), transition),
	         taker(name, sizeof(name), context->snap, transition),
	         text_clock(at, sizeof(at), context, transition->begin_ns));
	length = strlen(out);
	if (transition->end_ns)
		snprintf(out + length, size - length, "; back at %s",
		         text_clock(at, sizeof(at), context, transition->end_ns));
}

char *transition_sentence(char *out, size_t size, const struct view_context *context,
                          const struct snapshot_transition *transition, bool returned)
{
	if (transition->kind != TRANSITION_AWAY)
		return transition_burst(out, size, context, transition);
	if (returned && transition->end_ns)
		put_return(out, size, context, transition);
	else
		put_leave(out, size, context, transition);
	return out;
}
