/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MOUNTS_H
#define IOMMUTOP_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The mounts of a mountinfo file (Documentation/filesystems/proc.rst, 3.5), which are told without
 * asking any file system: nothing here waits for a server that is away. Pure. Starts as {0}.
 */
struct mount {
	unsigned int major, minor;                   /* major 0: of no block device of its own */
	const char *point, *type, *source, *options; /* unescaped; options: the file system's */
};

struct mounts {
	struct mount *mounts; /* in the order of the file; a later one hides what is below it */
	size_t count, capacity;
	char *text; /* owned; what the mounts point into */
};

/* Takes over text, which is changed and freed with the mounts. Odd lines are passed over. */
void mounts_parse(struct mounts *mounts, char *text);
/* The mount that an absolute path is in, by its text alone; NULL where there is none. */
const struct mount *mounts_of_path(const struct mounts *mounts, const char *path);
/* In place: \040 and its like, as the kernel writes blanks in tables, become what they stand for.
 */
void mounts_unescape(char *text);
/* Leaves {0}. */
void mounts_release(struct mounts *mounts);

#endif
