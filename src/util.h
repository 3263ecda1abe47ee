/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_UTIL_H
#define IOMMUTOP_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Memory or the end: a monitor that cannot get 4 KiB has nothing left to show. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

/*
 * Makes room for one more element: returns the array, moved if it had to grow. *capacity is in
 * elements. Typical use: a = grow(a, &capacity, count, sizeof(*a)); a[count++] = x;
 */
void *grow(void *array, size_t *capacity, size_t count, size_t element_size);

/*
 * Where the element with this id is among count that are sorted by it, or where it would have to
 * go. Each begins with its id, a uint32_t.
 */
size_t place_of_id(const void *array, size_t count, size_t element_size, uint32_t id);

/*
 * Numbers out of untrusted text: a number and nothing behind it, or *end set to what follows.
 * Return false (value untouched) for no digits or more than 64 bits. No sign, no white space.
 */
bool parse_hex(const char *text, const char **end, uint64_t *value); /* 0x is allowed */
bool parse_decimal(const char *text, const char **end, uint64_t *value);

/* Puts of length bytes what fits behind the used ones of size; returns how much that was. */
size_t append_bytes(char *to, size_t used, size_t size, const char *bytes, size_t length);

/* Copies at most size - 1 bytes and always ends with a NUL. Returns false where it had to cut. */
bool copy_text(char *out, size_t size, const char *text);

/* Goes on with the text in out, which has size bytes in all; what does not fit is cut. */
void append_text(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void vappend_text(char *out, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));
/* The same, behind "; " where there is something before it. */
void append_clause(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
