/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_KMSG_MATCH_H
#define IOMMUTOP_KMSG_MATCH_H

#include <stdbool.h>

#include "kmsg_parse.h"

/*
 * All of one line against one line of a pattern; the fields go to the draft. *awaited: the
 * pattern's next line, NULL at its end. Blanks at the end of the line do not count. A line that
 * was cut never matches: who knows what is missing of it.
 */
bool kmsg_match_line(const char *pattern, const char *line, bool cut, struct kmsg_draft *draft,
                     const char **awaited);

/*
 * Fields that other rooms read too. Each takes its value off *text and moves *text behind it.
 * False: no such thing there.
 */
bool kmsg_read_word(const char **text, const char *word);
/* "driver 0000:00:02.0", as the lines of PCI devices begin; device has room for it. */
bool kmsg_read_client(const char **text, char *device, size_t size);

#endif
