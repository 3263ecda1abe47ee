/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FORMAT_TEXT_H
#define IOMMUTOP_FORMAT_TEXT_H

#include <stddef.h>

/*
 * The text of a format file (or of header_page, which has no head), out of a file that somebody
 * gave us, as a text that a parser of such can be trusted with: its name, its number and those of
 * its fields that are declared in the plain way that ours are. How it is printed is left out. To be
 * freed; *size: without its NUL.
 */
char *format_text_clean(const char *text, size_t *size);

#endif
