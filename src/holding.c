// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * holding: who has a group, and how near it is to its limits? In: a snapshot. Out: sentences. Must
 * never know: /proc, events, the terminal. Pure.
 */
#include "holding.h"

#include <inttypes.h>

#include "format.h"
#include "viability.h"

enum { WORDS_SIZE = 256, NUMBER_SIZE = 32, WARN_PERCENT = 90 };

static uint64_t percent_of(uint64_t part, uint64_t whole)
{
	return whole ? part * 100 / whole : 100;
}

/* ---- memory ---- */

static void say_limit(const struct snapshot_process *process, const char *who, const char *locked,
                      struct lines *lines)
{
	uint64_t percent = percent_of(process->locked_kib, process->memlock_kib);
	char limit[NUMBER_SIZE];

	format_bytes(limit, sizeof(limit), process->memlock_kib * 1024.0);
	if (process->locked_kib > process->memlock_kib)
		lines_add(lines, TONE_WARN,
		          "%s has %s of memory locked, more than the %s that it may "
		          "(RLIMIT_MEMLOCK): further maps fail with ENOMEM",
		          who, locked, limit);
	else
		lines_add(lines, percent < WARN_PERCENT ? TONE_PLAIN : TONE_WARN,
		          "%s has %s of memory locked, %" PRIu64 " %% of the %s that it may "
		          "(RLIMIT_MEMLOCK)%s",
		          who, locked, percent, limit,
		          percent < WARN_PERCENT ? "" : ": beyond that maps fail with ENOMEM");
}

/* Both limits: vfio_pin_pages_remote in drivers/vfio/vfio_iommu_type1.c, incr_user_locked_vm in
 * drivers/iommu/iommufd/pages.c. */
static void say_memory(const struct snapshot_process *process, const char *who, struct lines *lines)
{
	char locked[NUMBER_SIZE];

	if (process->locked_kib == NO_NUMBER) {
		lines_add(lines, TONE_UNKNOWN,
		          "how much memory %s has locked is not known: its status cannot be read",
		          who);
		return;
	}
	format_bytes(locked, sizeof(locked), process->locked_kib * 1024.0);
	if (!process->locked_kib && process->memlock_kib) {
		lines_add(lines, TONE_PLAIN, "%s has no memory locked", who);
		return;
	}
	if (process->memlock_kib == NO_NUMBER)
		lines_add(lines, TONE_UNKNOWN,
		          "%s has %s of memory locked; how much it may is not known", who, locked);
	else if (process->memlock_kib == MEMLOCK_NONE)
		lines_add(lines, TONE_PLAIN, "%s has %s of memory locked, and may lock all", who,
		          locked);
	else
		say_limit(process, who, locked, lines);
}

/* ---- mappings ---- */

/* What is counted is no more than what the kernel counts: a mapping of the caller's is one stretch,
 * though the IOMMU gets it in pieces (vfio_dma_do_map, dma_avail; 65535 where nobody changed it).
 */
static void say_entries(uint64_t mappings, uint32_t limit, struct lines *lines)
{
	uint64_t percent = percent_of(mappings, limit);
	const char *plural = mappings == 1 ? "" : "s";

	if (limit == NO_NUMBER)
		lines_add(lines, TONE_PLAIN,
		          "it has at least %" PRIu64 " mapping%s (those side by side count as one)",
		          mappings, plural);
	else if (percent < WARN_PERCENT)
		lines_add(lines, TONE_PLAIN,
		          "it has at least %" PRIu64 " mapping%s (those side by side count as "
		          "one); type1 allows %" PRIu32,
		          mappings, plural, limit);
	else
		lines_add(lines, TONE_WARN,
		          "it has at least %" PRIu64 " mapping%s of the %" PRIu32
		          " that type1 allows (dma_entry_limit): beyond that maps fail with "
		          "ENOSPC",
		          mappings, plural, limit);
}

static void say_mappings(const struct snapshot *snap, const struct snapshot_group *group,
                         struct lines *lines)
{
	const struct snapshot_domain *domain =
		group->domain == NO_DOMAIN ? NULL : snapshot_domain_by_id(snap, group->domain);

	if (!domain || domain->mappings.known == KNOWN_NOT || domain->mappings.known == KNOWN_OFF)
		lines_add(lines, TONE_UNKNOWN,
		          "how many mappings it has is not known: its maps and unmaps have to be "
		          "watched one by one");
	else if (!domain->mappings.n)
		lines_add(lines, TONE_PLAIN, "it has no mappings");
	else
		say_entries(domain->mappings.n, snap->machine.dma_entries, lines);
}

void holding_say(const struct snapshot *snap, const struct snapshot_group *group,
                 struct lines *lines)
{
	const struct snapshot_process *process = snapshot_process_by_id(snap, group->holder);
	char words[WORDS_SIZE];

	if (viability_of(snap, group).kind != VIABILITY_IN_USE && group->holder == NO_PROCESS)
		return;
	if (group->holder == NO_PROCESS || !process) {
		lines_add(lines, TONE_UNKNOWN,
		          "who has it is not known: other people's processes are looked into by "
		          "root alone");
	} else {
		say_memory(process,
		           snapshot_process_words(snap, process->id, process->name, process->vm,
		                                  words, sizeof(words)),
		           lines);
	}
	say_mappings(snap, group, lines);
}
