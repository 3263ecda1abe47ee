/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_TREE_H
#define IOMMUTOP_TESTS_TREE_H

/* A small tree of files and links in a directory of its own. Behind cmocka.h. */

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static char tree_root[64];

static const char *at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A path in the tree; the last of four stays valid. Makes the directories that lead there. */
static const char *at(const char *format, ...)
{
	static char paths[4][512];
	static unsigned int turn;
	char *path = paths[turn++ % ARRAY_SIZE(paths)];
	int length = snprintf(path, sizeof(paths[0]), "%s/", tree_root);
	va_list args;

	va_start(args, format);
	vsnprintf(path + length, sizeof(paths[0]) - (size_t)length, format, args);
	va_end(args);
	for (char *slash = strchr(path + length, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	return path;
}

static inline void make_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	fclose(file);
}

static inline void make_link(const char *path, const char *target)
{
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static inline void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int make_tree(void)
{
	snprintf(tree_root, sizeof(tree_root), "/tmp/iommutop-tree-XXXXXX");
	return mkdtemp(tree_root) && chmod(tree_root, 0755) == 0 ? 0 : -1;
}

#endif
