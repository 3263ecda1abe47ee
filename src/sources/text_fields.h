/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TEXT_FIELDS_H
#define IOMMUTOP_TEXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "raw.h"

/*
 * What stands behind the name of an event, by name and system (of length bytes each; system_length
 * 0: the line does not tell it), into kind, values and text of *raw. False: it is no event that
 * concerns us, or lacks a field; *raw is as it was.
 */
bool text_fields_read(const char *system, size_t system_length, const char *event,
                      size_t event_length, const char *fields, struct raw *raw);

#endif
