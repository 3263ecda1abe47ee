// SPDX-License-Identifier: GPL-2.0-or-later
/* transition: a device's way from host to guest and back, and what it cost, in words. Pure. */
#include "transition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../format.h"
#include "../util.h"
#include "cells.h"

#define WORDS_MAX 48
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

/* How long it was away, where it was seen to leave. */
static const char *words_stay(char *out, size_t size, const struct snapshot_transition *transition)
{
	char time[WORDS_MAX];

	copy_text(out, size, "");
	if (transition->begin_ns)
		snprintf(out, size, " after %s",
		         words_time(time, sizeof(time), transition->end_ns - transition->begin_ns));
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
		return snapshot_process_words(snap, transition->process, transition->process_name,
		                              transition->vm, out, size);
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

/* "4 KiB" where that is their very size; else "4 KiB to 8 KiB". */
static const char *common_size(char *out, size_t size, const struct snapshot_transition *transition)
{
	uint64_t bytes = 1ull << transition->common_log2;
	char from[WORDS_MAX], to[WORDS_MAX];

	if (transition->common_bytes)
		return words_bytes(out, size, transition->common_bytes);
	snprintf(out, size, "%s to %s", words_bytes(from, sizeof(from), bytes),
	         words_bytes(to, sizeof(to), bytes << 1));
	return out;
}

/* A share where the number would read as if it were all of them. */
static const char *common_part(char *out, size_t size, const struct snapshot_transition *transition)
{
	char all[WORDS_MAX];

	words_count(out, size, transition->common_count);
	if (!strcmp(out, words_count(all, sizeof(all), transition->count)))
		text_share(out, size, transition->common_count, transition->count);
	return out;
}

/* "4.1 M maps of 4 KiB"; "231 maps, 65 of them of 4 KiB" where not all are. */
static void put_sizes(char *out, size_t size, const struct snapshot_transition *transition)
{
	const char *noun = transition->kind == TRANSITION_START ? "map" : "unmap";
	const char *ending = transition->attempts ? " attempts" : "s";
	char count[WORDS_MAX], common[2 * WORDS_MAX], part[WORDS_MAX];
	int length = snprintf(out, size, "%s %s%s",
	                      words_count(count, sizeof(count), transition->count), noun, ending);

	if (transition->common_log2 >= LAST_LOG2 || !transition->common_count)
		return;
	common_size(common, sizeof(common), transition);
	out += length;
	size -= (size_t)length;
	if (transition->common_count == transition->count)
		snprintf(out, size, " of %s", common);
	else
		snprintf(out, size, ", %s of them of %s",
		         common_part(part, sizeof(part), transition), common);
}

char *transition_burst(char *out, size_t size, const struct view_context *context,
                       const struct snapshot_transition *transition)
{
	char name[NAME_MAX], bytes[WORDS_MAX], time[WORDS_MAX], sizes[NAME_MAX];
	size_t length;

	put_sizes(sizes, sizeof(sizes), transition);
	snprintf(out, size, "%s %s: %s%s%s in %s, %s",
	         burst_of(name, sizeof(name), context->snap, transition),
	         transition_words[transition->kind], transition->at_least ? "at least " : "",
	         words_bytes(bytes, sizeof(bytes), transition->bytes),
	         transition->attempts ? " asked for" : "",
	         words_time(time, sizeof(time), transition->end_ns - transition->begin_ns), sizes);
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
	int length;

	taker(to, sizeof(to), context->snap, transition);
	length = transition->begin_ns ? snprintf(out, size, "→ %s", to)
	                              : snprintf(out, size, "was with %s when watching began", to);
	if (!transition->end_ns || (size_t)length >= size)
		return out;
	snprintf(out + length, size - (size_t)length, ", back %s%s",
	         text_clock(back, sizeof(back), context, transition->end_ns),
	         words_stay(time, sizeof(time), transition));
	return out;
}

static void put_return(char *out, size_t size, const struct view_context *context,
                       const struct snapshot_transition *transition)
{
	char name[NAME_MAX], place[NAME_MAX], at[WORDS_MAX], time[WORDS_MAX];

	snprintf(out, size, "%s is back in %s from %s at %s%s",
	         snapshot_text(context->snap, transition->device),
	         home(place, sizeof(place), transition),
	         taker(name, sizeof(name), context->snap, transition),
	         text_clock(at, sizeof(at), context, transition->end_ns),
	         words_stay(time, sizeof(time), transition));
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
