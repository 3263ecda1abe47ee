/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_FILES_H
#define IOMMUTOP_TRACE_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* All of a file in a directory, to be freed; NULL and errno where it cannot be read. */
char *trace_files_read_all(int directory_fd, const char *name);

/* Opens a file in a directory, for reading. Returns -1 and errno where that does not work. */
int trace_files_open(int directory_fd, const char *name);

/* Writes text to a file in a directory. Returns 0, or -1 and errno. */
int trace_files_write(int directory_fd, const char *name, const char *text);

/* Appends a line to a file in a directory; never cuts the file off, which for some files of tracefs
 * means that everybody's entries go. Returns 0, or -1 and errno. */
int trace_files_append(int directory_fd, const char *name, const char *line);

/*
 * Removes the triggers that a "trigger" file lists, as far as they begin with prefix, each by its
 * own text. take (or NULL) gets each line before, and says whether it may go. Returns 0, or the
 * errno value of one that could not be removed.
 */
int trace_files_remove_triggers(int directory_fd, const char *name, const char *prefix,
                                bool (*take)(void *context, const char *line), void *context);

/* What an open switch says, 0 or 1. False where it cannot be read: *on is then as it was. */
bool trace_files_look(int fd, bool *on);

/* Closes what is open; *fd is -1 then. */
void trace_files_close(int *fd);

#endif
