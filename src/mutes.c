// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mutes: a short list of texts that a person does not want to see. Pure.
 * In: what the desk decides. Out: whether a device or a reason is muted.
 * Must never know: snapshots, panes.
 */
#include "mutes.h"

#include <string.h>

#include "util.h"

const char *const mute_kind_words[MUTE_KIND_COUNT] = {
	[MUTE_DEVICE] = "device",
	[MUTE_REASON] = "reason",
};

/* Texts longer than the list holds are the same when what it holds is. */
static bool is_mute(const struct mute *mute, enum mute_kind kind, const char *text)
{
	return mute->kind == kind && !strncmp(mute->text, text, MUTE_TEXT_MAX - 1);
}

bool mutes_has(const struct mutes *mutes, enum mute_kind kind, const char *text)
{
	for (size_t i = 0; i < mutes->count; i++)
		if (is_mute(&mutes->list[i], kind, text))
			return true;
	return false;
}

bool mutes_add(struct mutes *mutes, enum mute_kind kind, const char *text)
{
	struct mute *mute = &mutes->list[mutes->count];

	if (mutes_has(mutes, kind, text))
		return true;
	if (mutes->count == MUTES_MAX)
		return false;
	mutes->count++;
	mute->id = ++mutes->made;
	mute->kind = (uint8_t)kind;
	copy_text(mute->text, sizeof(mute->text), text);
	return true;
}

const struct mute *mutes_by_id(const struct mutes *mutes, uint64_t id)
{
	for (size_t i = 0; i < mutes->count; i++)
		if (mutes->list[i].id == id)
			return &mutes->list[i];
	return NULL;
}

void mutes_remove(struct mutes *mutes, uint64_t id)
{
	size_t kept = 0;

	for (size_t i = 0; i < mutes->count; i++)
		if (mutes->list[i].id != id)
			mutes->list[kept++] = mutes->list[i];
	mutes->count = kept;
}
