/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BOOT_OPTIONS_H
#define IOMMUTOP_BOOT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Options of a kernel's command line, of which only those about IOMMUs and what stands on them are
 * of interest, misspelt ones too. */

/* What an attribute can hold. */
#define BOOT_OPTIONS_MAX 256

/* Takes the next option off *line, which separates them by blanks (not those within "quotes").
 * False: there is none. */
bool boot_options_next(const char **line, const char **option, size_t *length);

/*
 * Those of line that matter, separated by blanks, into out (BOOT_OPTIONS_MAX bytes), those of
 * IOMMUs first; where they do not fit the last ones are left out and "..." stands there. "" for
 * none.
 */
void boot_options_pick(const char *line, char out[BOOT_OPTIONS_MAX]);

/* Goes on with a list of that form by one that is not yet in it; true where out has changed. */
bool boot_options_add(char out[BOOT_OPTIONS_MAX], const char *option, size_t length);

#endif
