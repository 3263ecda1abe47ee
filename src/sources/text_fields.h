/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TEXT_FIELDS_H
#define IOMMUTOP_TEXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "raw.h"

/*
 * What stands behind the name of an event, by name and system (of length bytes each; system_length
 * 0: the line does not tell it), into kind, values and text of *raw. One that concerns us, but
 * lacks a field or has one that cannot be read, becomes a RAW_UNREAD. False: it is no event that
 * concerns us; *raw is as it was.
 */
bool text_fields_read(const char *system, size_t system_length, const char *event,
                      size_t event_length, const char *fields, struct raw *raw);

/* Makes it a RAW_UNREAD that was of this kind. */
void text_fields_unread(uint8_t kind, struct raw *raw);

#endif
