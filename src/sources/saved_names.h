/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SAVED_NAMES_H
#define IOMMUTOP_SAVED_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* What tasks were called when they were recorded, each told once. Pure. */
struct saved_names;

/* text: lines of "PID NAME", as in saved_cmdlines; cut in pieces by this, and freed. May be NULL.
 */
struct saved_names *saved_names_new(char *text);
void saved_names_free(struct saved_names *names);

/* Which of them were told, for names of the same text: a byte each, and how many there are. */
size_t saved_names_told_bytes(const struct saved_names *names);
void saved_names_told(const struct saved_names *names, unsigned char *told);
void saved_names_tell_anew(struct saved_names *names, const unsigned char *told);

/* The name of a task that is asked for the first time; else NULL. */
const char *saved_names_news(struct saved_names *names, int32_t pid);

#endif
