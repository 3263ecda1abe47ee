/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_ERROR_H
#define IOMMUTOP_ERROR_H

/*
 * One failure, told once. The sentence is made where the fact is known (what happened, to what,
 * what to do) and printed by main. Functions that can fail take it last and return -1 or NULL.
 */
struct error {
	int code; /* an errno value, or 0 where none fits */
	char text[240];
};

/* Fills *err; always returns -1, so that "return error_set(...)" reads as what it does. */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
