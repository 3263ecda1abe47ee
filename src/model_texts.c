// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_texts: every name and reason once, in one pool that only grows, up to a limit. A snapshot
 * copies what was added since its last look. Pure.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static uint32_t hash_text(const char *text)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

static struct text_slot *find_slot(const struct texts *texts, const char *text)
{
	size_t at = hash_text(text) & (texts->slot_count - 1);

	while (texts->slots[at].text && strcmp(texts->pool + texts->slots[at].text, text) != 0)
		at = (at + 1) & (texts->slot_count - 1);
	return &texts->slots[at];
}

static void grow_slots(struct texts *texts)
{
	struct text_slot *old = texts->slots;
	size_t old_count = texts->slot_count;

	texts->slot_count = old_count * 2;
	texts->slots = xcalloc(texts->slot_count, sizeof(*texts->slots));
	for (size_t i = 0; i < old_count; i++)
		if (old[i].text)
			*find_slot(texts, texts->pool + old[i].text) = old[i];
	free(old);
}

void model_texts_init(struct texts *texts, size_t limit_bytes)
{
	*texts = (struct texts){.bytes = 1, .capacity = 256, .limit = limit_bytes};
	texts->pool = xcalloc(1, texts->capacity);
	texts->slot_count = 64;
	texts->slots = xcalloc(texts->slot_count, sizeof(*texts->slots));
}

static text_id append(struct texts *texts, const char *text)
{
	size_t size = strlen(text) + 1;
	text_id id = (text_id)texts->bytes;

	while (texts->bytes + size > texts->capacity) {
		texts->capacity *= 2;
		texts->pool = xrealloc(texts->pool, texts->capacity);
	}
	memcpy(texts->pool + id, text, size);
	texts->bytes += size;
	return id;
}

struct text_slot *model_texts_intern(struct texts *texts, const char *text)
{
	struct text_slot *slot;

	if (!text || !*text)
		return NULL;
	slot = find_slot(texts, text);
	if (slot->text)
		return slot;
	if (texts->bytes + strlen(text) + 1 > texts->limit)
		return NULL;
	if (texts->used * 2 >= texts->slot_count) {
		grow_slots(texts);
		slot = find_slot(texts, text);
	}
	texts->used++;
	*slot = (struct text_slot){.text = append(texts, text), .device = NO_NUMBER};
	return slot;
}

text_id model_texts_id(struct texts *texts, const char *text)
{
	const struct text_slot *slot = model_texts_intern(texts, text);

	return slot ? slot->text : 0;
}
