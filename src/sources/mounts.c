// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mounts: a table of mounts. In: the text of mountinfo. Out: mounts, and which of them a path is
 * in. Must never know: files. Pure.
 */
#include "mounts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" */
enum { FIELD_DEVICE = 2, FIELD_POINT = 4, FIELDS_BEFORE = 6, FIELDS_BEHIND = 3 };

static bool is_octal(char digit)
{
	return digit >= '0' && digit <= '7';
}

void mounts_unescape(char *text)
{
	char *out = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && is_octal(text[2]) &&
		    is_octal(text[3])) {
			*out++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

/* The next word of a line, ended by a NUL; NULL behind the last one. A source may be empty. */
static char *next_word(char **line)
{
	char *word = *line;
	size_t length = strcspn(word, " ");

	if (!*word)
		return NULL;
	*line = word + length + (word[length] != '\0');
	word[length] = '\0';
	return word;
}

static bool read_words(char **line, char **words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		words[i] = next_word(line);
		if (!words[i])
			return false;
	}
	return true;
}

static bool read_device(const char *text, struct mount *mount)
{
	uint64_t major, minor;
	const char *end;

	if (!parse_decimal(text, &end, &major) || *end != ':' ||
	    !parse_decimal(end + 1, NULL, &minor) || major > UINT_MAX || minor > UINT_MAX)
		return false;
	mount->major = (unsigned int)major;
	mount->minor = (unsigned int)minor;
	return true;
}

static bool read_line(char *line, struct mount *mount)
{
	char *before[FIELDS_BEFORE], *behind[FIELDS_BEHIND], *word;

	if (!read_words(&line, before, FIELDS_BEFORE) || !read_device(before[FIELD_DEVICE], mount))
		return false;
	do
		word = next_word(&line);
	while (word && strcmp(word, "-") != 0);
	if (!word || !read_words(&line, behind, FIELDS_BEHIND))
		return false;
	mounts_unescape(before[FIELD_POINT]);
	mounts_unescape(behind[1]);
	mounts_unescape(behind[2]);
	mount->point = before[FIELD_POINT];
	mount->type = behind[0];
	mount->source = behind[1];
	mount->options = behind[2];
	return true;
}

void mounts_parse(struct mounts *mounts, char *text)
{
	mounts->text = text;
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *next = text + length + (text[length] != '\0');
		struct mount mount;

		text[length] = '\0';
		if (read_line(text, &mount)) {
			mounts->mounts = grow(mounts->mounts, &mounts->capacity, mounts->count,
			                      sizeof(*mounts->mounts));
			mounts->mounts[mounts->count++] = mount;
		}
		text = next;
	}
}

/* How much of the path is the mount point; 0: the path is not below it. */
static size_t covered(const char *point, const char *path)
{
	size_t length = strlen(point);

	if (strcmp(point, "/") == 0)
		return path[0] == '/';
	if (strncmp(point, path, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return 0;
	return length;
}

const struct mount *mounts_of_path(const struct mounts *mounts, const char *path)
{
	const struct mount *found = NULL;
	size_t most = 1;

	for (size_t i = 0; i < mounts->count; i++) {
		size_t length = covered(mounts->mounts[i].point, path);

		if (length < most)
			continue;
		most = length;
		found = &mounts->mounts[i];
	}
	return found;
}

void mounts_release(struct mounts *mounts)
{
	free(mounts->mounts);
	free(mounts->text);
	*mounts = (struct mounts){0};
}
