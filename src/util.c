// SPDX-License-Identifier: GPL-2.0-or-later
/* util: memory that does not fail quietly, texts that fit, and numbers out of untrusted text. */
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *xmalloc(size_t size)
{
	void *memory = malloc(size ? size : 1);

	if (!memory)
		abort();
	return memory;
}

void *xcalloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		abort();
	return memory;
}

void *xrealloc(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);

	if (!memory)
		abort();
	return memory;
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

void *grow(void *array, size_t *capacity, size_t count, size_t element_size)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 16;
	return xrealloc(array, *capacity * element_size);
}

size_t place_of_id(const void *array, size_t count, size_t element_size, uint32_t id)
{
	size_t low = 0, high = count;
	uint32_t here;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		memcpy(&here, (const char *)array + middle * element_size, sizeof(here));
		if (here < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static bool parse_number(const char *text, const char **end, uint64_t *value, unsigned int base)
{
	uint64_t sum = 0;
	const char *p = text;

	for (; digit_of(*p) < (int)base; p++) {
		if (sum > (UINT64_MAX - (unsigned int)digit_of(*p)) / base)
			return false;
		sum = sum * base + (unsigned int)digit_of(*p);
	}
	if (p == text || (!end && *p))
		return false;
	if (end)
		*end = p;
	*value = sum;
	return true;
}

bool parse_hex(const char *text, const char **end, uint64_t *value)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_of(text[2]) < 16)
		text += 2;
	return parse_number(text, end, value, 16);
}

bool parse_decimal(const char *text, const char **end, uint64_t *value)
{
	return parse_number(text, end, value, 10);
}

size_t append_bytes(char *to, size_t used, size_t size, const char *bytes, size_t length)
{
	size_t taken = length < size - used ? length : size - used;

	memcpy(to + used, bytes, taken);
	return taken;
}

bool copy_text(char *out, size_t size, const char *text)
{
	size_t length = strnlen(text, size);
	bool whole = length < size;

	if (!whole)
		length = size - 1;
	memcpy(out, text, length);
	out[length] = '\0';
	return whole;
}

void vappend_text(char *out, size_t size, const char *format, va_list args)
{
	size_t length = strlen(out);

	vsnprintf(out + length, size - length, format, args);
}

void append_text(char *out, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vappend_text(out, size, format, args);
	va_end(args);
}

void append_clause(char *out, size_t size, const char *format, ...)
{
	va_list args;

	if (*out)
		append_text(out, size, "; ");
	va_start(args, format);
	vappend_text(out, size, format, args);
	va_end(args);
}
