/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FILES_H
#define IOMMUTOP_FILES_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Small files and links of procfs and sysfs, or of copies of them. Anything may vanish at any time
 * and is then as good as empty. directory and path as in openat().
 */

/* For reading, or -1: only a regular file. A FIFO in a copied tree would wait for its writer, a
 * device node do things when opened. */
int files_open(int directory, const char *path);

/* A directory to start paths from, or -1. */
int files_open_directory(int directory, const char *path);

/* A directory to be listed; NULL where it cannot be. */
DIR *files_open_stream(int directory, const char *path);

/* What fd has, at most size - 1 bytes and a NUL behind; closes it. Returns how many bytes; 0 for fd
 * -1. */
size_t files_take(int fd, char *text, size_t size);

/* The first line of what fd has, of which the start is enough; closes it. False for none or an
 * empty one. */
bool files_take_line(int fd, char *text, size_t size);

/* files_take of files_open. */
size_t files_read(int directory, const char *path, char *text, size_t size);

/* All of it, up to limit bytes, and a NUL behind; the caller's to free. NULL where it cannot be
 * read or has more. */
char *files_read_all(int directory, const char *path, size_t limit);

/* Where a link leads to; there need not be anything. False, with errno, for none or one that does
 * not fit. */
bool files_link(int directory, const char *path, char *target, size_t size);

/* What is behind the last slash. */
const char *files_last_part(const char *path);

#endif
