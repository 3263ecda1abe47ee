// SPDX-License-Identifier: GPL-2.0-or-later
/* text: UTF-8 that nobody vouches for. Pure. */
#include "text.h"

#include "util.h"

struct rune_range {
	uint32_t first, last;
};

/* Characters of no width, or that would change the direction of what follows: dropped. */
static const struct rune_range unseen[] = {
	{0x00ad, 0x00ad}, {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x0610, 0x061c},
	{0x064b, 0x065f}, {0x180b, 0x180f}, {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff}, {0x200b, 0x200f},
	{0x2028, 0x202e}, {0x2060, 0x206f}, {0x20d0, 0x20ff},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
	{0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
};

/* Characters two columns wide in every terminal (East Asian Wide and Fullwidth, emoji). */
static const struct rune_range wide[] = {
	{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff}, {0x3400, 0x4dbf},
	{0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3}, {0xf900, 0xfaff},
	{0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
	{0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

static bool in_ranges(uint32_t rune, const struct rune_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rune >= ranges[i].first && rune <= ranges[i].last)
			return true;
	return false;
}

int text_rune_width(uint32_t rune)
{
	if (rune < 0x300)
		return rune != 0xad;
	if (in_ranges(rune, unseen, ARRAY_SIZE(unseen)))
		return 0;
	return in_ranges(rune, wide, ARRAY_SIZE(wide)) ? 2 : 1;
}

/* Length of the UTF-8 sequence that starts with this byte, and the bits it brings; 0: none can. */
static int sequence_length(unsigned char lead, uint32_t *bits)
{
	if (lead >= 0xc2 && lead <= 0xdf)
		return *bits = lead & 0x1f, 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return *bits = lead & 0x0f, 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return *bits = lead & 0x07, 4;
	return 0;
}

uint32_t text_next_rune(const char **text)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)*text;
	uint32_t rune = *p;
	int length;

	*text += 1;
	if (rune < 0x80)
		return rune < 0x20 || rune == 0x7f ? RUNE_BROKEN : rune;
	length = sequence_length(*p, &rune);
	for (int i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return RUNE_BROKEN;
		rune = rune << 6 | (p[i] & 0x3f);
	}
	if (!length || rune < least[length] || rune > 0x10ffff ||
	    (rune >= 0xd800 && rune <= 0xdfff))
		return RUNE_BROKEN;
	*text += length - 1;
	return rune < 0xa0 ? RUNE_BROKEN : rune;
}

size_t text_encode(uint32_t rune, char *out)
{
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xc0 | rune >> 6);
		out[1] = (char)(0x80 | (rune & 0x3f));
		return 2;
	}
	if (rune < 0x10000) {
		out[0] = (char)(0xe0 | rune >> 12);
		out[1] = (char)(0x80 | (rune >> 6 & 0x3f));
		out[2] = (char)(0x80 | (rune & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | rune >> 18);
	out[1] = (char)(0x80 | (rune >> 12 & 0x3f));
	out[2] = (char)(0x80 | (rune >> 6 & 0x3f));
	out[3] = (char)(0x80 | (rune & 0x3f));
	return 4;
}

char *text_clean(char *out, size_t size, const char *text)
{
	size_t length = 0;

	while (*text) {
		char bytes[4];
		uint32_t rune = text_next_rune(&text);
		size_t more = text_rune_width(rune) ? text_encode(rune, bytes) : 0;

		if (length + more >= size)
			break;
		for (size_t i = 0; i < more; i++)
			out[length++] = bytes[i];
	}
	out[length] = '\0';
	return out;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_with(const char *text, const char *start)
{
	while (*start && lower(*text) == lower(*start)) {
		text++;
		start++;
	}
	return !*start;
}

bool text_has(const char *hay, const char *needle)
{
	do {
		if (starts_with(hay, needle))
			return true;
	} while (*hay++);
	return false;
}
