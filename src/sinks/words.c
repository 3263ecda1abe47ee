// SPDX-License-Identifier: GPL-2.0-or-later
/* words: what forms of output say alike. In: values of snapshots. Out: words. Pure. */
#include "words.h"

#include "../util.h"

const char *words_domain_type(uint8_t type)
{
	static const struct {
		uint8_t type;
		const char *word;
	} words[] = {
		{DOMAIN_TYPE_BLOCKED, "blocked"},   {DOMAIN_TYPE_UNMANAGED, "unmanaged"},
		{DOMAIN_TYPE_DMA, "DMA"},           {DOMAIN_TYPE_IDENTITY, "identity"},
		{DOMAIN_TYPE_DMA_FQ, "DMA-FQ"},     {DOMAIN_TYPE_SVA, "sva"},
		{DOMAIN_TYPE_PLATFORM, "platform"}, {DOMAIN_TYPE_NESTED, "nested"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].type == type)
			return words[i].word;
	return NULL;
}

const char *words_named_by(uint8_t named_by)
{
	static const char *const words[NAMED_BY_COUNT] = {
		[NAMED_NOT] = "none",      [NAMED_SNAPSHOT] = "snapshot",
		[NAMED_ATTACH] = "attach", [NAMED_DMA_CALL] = "dma-call",
		[NAMED_TASK] = "task",
	};

	return words[named_by];
}

bool words_has_figure(enum known known)
{
	return known == KNOWN_EXACT || known == KNOWN_AT_LEAST;
}
