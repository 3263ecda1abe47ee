// SPDX-License-Identifier: GPL-2.0-or-later
/* answers: what people ask of a group before they assign it, in the order they ask. Pure. */
#include "answers.h"

#include "behaviour.h"
#include "binding.h"
#include "holding.h"
#include "isolation.h"
#include "losses.h"
#include "util.h"
#include "viability.h"

static const enum tone verdict_tones[VIABILITY_KIND_COUNT] = {
	[VIABILITY_UNKNOWN] = TONE_UNKNOWN, [VIABILITY_NOTHING] = TONE_PLAIN,
	[VIABILITY_READY] = TONE_GOOD,      [VIABILITY_IN_USE] = TONE_PLAIN,
	[VIABILITY_AFTER] = TONE_PLAIN,     [VIABILITY_NOT] = TONE_WARN,
	[VIABILITY_NO_IOMMU] = TONE_BAD,
};

static void say_verdict(const struct snapshot *snap, const struct snapshot_group *group,
                        struct lines *lines)
{
	char sentence[VIABILITY_SENTENCE_MAX];

	lines_add(lines, verdict_tones[viability_of(snap, group).kind], "%s",
	          viability_sentence(snap, group, sentence, sizeof(sentence)));
}

const struct answer answers[] = {
	{"assignment", NULL, say_verdict},
	{"why together", "why_together", isolation_say},
	{"host loses", "host_loses", losses_say},
	{"held by", "held_by", holding_say},
	{"behaviour", "behaviour", behaviour_say},
	{"to assign", "to_assign", binding_say_assign},
	{"to give back", "to_give_back", binding_say_return},
};
const size_t answer_count = ARRAY_SIZE(answers);
