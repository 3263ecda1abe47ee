// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * format_text: format files of others, made harmless.
 * In: a text that may be anything. Out: a text of a known form.
 * Must never know: which fields matter, who parses it.
 *
 * libtraceevent is made for what a kernel writes: of texts that were tampered with it can lose
 * memory, or more.
 */
#include "format_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"

/* A declaration, a name; longer ones are none of ours. */
#define WORDS_MOST 128u
/* Offsets and sizes in a record, and the number of an event. */
#define NUMBER_MOST 65535u

struct writer {
	char *text;
	size_t size, capacity;
};

struct field {
	const char *words;
	size_t length;
	uint64_t offset, size, is_signed;
};

/* ---- writing ---- */

static void write_bytes(struct writer *out, const char *bytes, size_t size)
{
	while (out->capacity - out->size <= size) {
		out->capacity = out->capacity ? out->capacity * 2 : 1024;
		out->text = xrealloc(out->text, out->capacity);
	}
	memcpy(out->text + out->size, bytes, size);
	out->size += size;
	out->text[out->size] = '\0';
}

static void write_field(struct writer *out, const struct field *field)
{
	char line[WORDS_MOST + 128];
	int length =
		snprintf(line, sizeof(line), "\tfield:%.*s;\toffset:%u;\tsize:%u;\tsigned:%u;\n",
	                 (int)field->length, field->words, (unsigned int)field->offset,
	                 (unsigned int)field->size, (unsigned int)field->is_signed);

	write_bytes(out, line, (size_t)length);
}

/* ---- reading ---- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "int", "char[]", "comm[16]" */
static const char *skip_word(const char *at)
{
	const char *start = at;

	if (is_digit(*at))
		return NULL;
	while (is_word(*at))
		at++;
	if (at == start)
		return NULL;
	if (*at != '[')
		return at;
	at++;
	while (is_digit(*at))
		at++;
	return *at == ']' ? at + 1 : NULL;
}

/* "__data_loc char[] device": at least a type and a name, a blank between. */
static bool read_words(const char **at, struct field *field)
{
	const char *end = *at;
	unsigned int words = 0;

	for (;;) {
		end = skip_word(end);
		if (!end)
			return false;
		words++;
		if (*end != ' ')
			break;
		end++;
	}
	field->words = *at;
	field->length = (size_t)(end - *at);
	*at = end;
	return *end == ';' && words > 1 && field->length <= WORDS_MOST;
}

/* ";\toffset:8" */
static bool read_number(const char **at, const char *label, uint64_t *value)
{
	size_t length = strlen(label);

	if (strncmp(*at, label, length) != 0)
		return false;
	return parse_decimal(*at + length, at, value) && *value <= NUMBER_MOST;
}

static bool read_field(const char *line, struct field *field)
{
	static const char label[] = "\tfield:";
	const char *at = line + sizeof(label) - 1;

	if (strncmp(line, label, sizeof(label) - 1) != 0)
		return false;
	at += *at == ' ';
	field->is_signed = 0;
	if (!read_words(&at, field) || !read_number(&at, ";\toffset:", &field->offset) ||
	    !read_number(&at, ";\tsize:", &field->size) || *at != ';')
		return false;
	read_number(&at, ";\tsigned:", &field->is_signed);
	return field->is_signed <= 1;
}

static void write_name(struct writer *out, const char *line)
{
	static const char label[] = "name: ";
	size_t length = sizeof(label) - 1;

	if (strncmp(line, label, length) != 0)
		return;
	while (is_word(line[length]) && length < WORDS_MOST)
		length++;
	if (line[length] != '\n')
		return;
	write_bytes(out, line, length + 1);
}

static void write_number(struct writer *out, const char *line)
{
	const char *end = line;
	uint64_t number;

	if (!read_number(&end, "ID: ", &number) || *end != '\n')
		return;
	write_bytes(out, line, (size_t)(end - line) + 1);
	write_bytes(out, "format:\n", 8);
}

/* The name is the last word of a declaration. */
static bool is_common(const struct field *field)
{
	static const char prefix[] = "common_";
	const char *name = field->words + field->length;

	while (name > field->words && name[-1] != ' ')
		name--;
	return !strncmp(name, prefix, sizeof(prefix) - 1);
}

/* Fields that all events have come first, and an empty line ends them. */
static void take_field(struct writer *out, const struct field *field, bool *own)
{
	bool common = is_common(field);

	if (common && *own)
		return;
	if (!common && !*own)
		write_bytes(out, "\n", 1);
	*own = !common;
	write_field(out, field);
}

char *format_text_clean(const char *text, size_t *size)
{
	static const char tail[] = "\nprint fmt: \"\"\n";
	bool head = false, own = !strncmp(text, "\tfield:", 7);
	struct writer out = {0};

	write_bytes(&out, "", 0);
	for (const char *line = text; *line; line += *line == '\n') {
		struct field field;
		size_t before = out.size;

		write_name(&out, line);
		write_number(&out, line);
		head |= out.size > before;
		if (read_field(line, &field))
			take_field(&out, &field, &own);
		line += strcspn(line, "\n");
	}
	if (head)
		write_bytes(&out, tail, sizeof(tail) - 1);
	*size = out.size;
	return out.text;
}
