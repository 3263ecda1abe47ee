/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TEXT_H
#define IOMMUTOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8 from anywhere: nothing here trusts it, nothing here knows a locale. */

#define RUNE_BROKEN 0xfffd

/* Takes one character off *text (not at its NUL). Control characters, of C0, DEL and C1, and
 * broken bytes come out as RUNE_BROKEN. */
uint32_t text_next_rune(const char **text);
/* One character as UTF-8, at most 4 bytes, no NUL. Returns how many. */
size_t text_encode(uint32_t rune, char *out);
/* Columns of a terminal: 0 for marks and for what would reorder a line, 2 for wide characters. */
int text_rune_width(uint32_t rune);
/* A copy of valid UTF-8 without control characters and characters of no width, cut at a character
 * if need be. Returns out. */
char *text_clean(char *out, size_t size, const char *text);
/* Whether hay has needle in it, letter case aside (ASCII). */
bool text_has(const char *hay, const char *needle);

#endif
