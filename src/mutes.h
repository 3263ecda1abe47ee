/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MUTES_H
#define IOMMUTOP_MUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a person no longer wants to see of the faults: the desk's, never the model's. */

#define MUTES_MAX     64
#define MUTE_TEXT_MAX 160

enum mute_kind { MUTE_DEVICE, MUTE_REASON, MUTE_KIND_COUNT };

/* "device", "reason" */
extern const char *const mute_kind_words[MUTE_KIND_COUNT];

struct mute {
	uint64_t id; /* from 1, never used again */
	uint8_t kind;
	char text[MUTE_TEXT_MAX]; /* as the pane of faults and the message have it, cut */
};

struct mutes {
	struct mute list[MUTES_MAX]; /* oldest first */
	size_t count;
	uint64_t made;
};

/* What is muted already is not muted twice. Returns false where there is no room for more. */
bool mutes_add(struct mutes *mutes, enum mute_kind kind, const char *text);
/* NULL where there is none. */
const struct mute *mutes_by_id(const struct mutes *mutes, uint64_t id);
void mutes_remove(struct mutes *mutes, uint64_t id);
bool mutes_has(const struct mutes *mutes, enum mute_kind kind, const char *text);

#endif
