// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_journal: one object of journalctl -o json.
 * In: a line. Out: a record of the kernel's log. Must never know: files, clocks, other forms of
 * logs.
 */
#include "log_journal.h"

#include <jansson.h>
#include <string.h>

#include "../util.h"

/* A field that was given more than once comes as an array of strings: the first will do. */
static const char *text_of(const json_t *entry, const char *field)
{
	const json_t *value = json_object_get(entry, field);

	if (json_is_array(value))
		value = json_array_get(value, 0);
	return json_string_value(value);
}

static bool number_of(const json_t *entry, const char *field, uint64_t *number)
{
	const char *text = text_of(entry, field);

	return text && parse_decimal(text, NULL, number);
}

/* _TRANSPORT is the journal's own word, SYSLOG_IDENTIFIER the sender's. */
static bool is_of_kernel(const json_t *entry)
{
	const char *transport = text_of(entry, "_TRANSPORT");
	const char *sender = transport ? transport : text_of(entry, "SYSLOG_IDENTIFIER");
	uint64_t facility;

	return sender && !strcmp(sender, "kernel") &&
	       (!number_of(entry, "SYSLOG_FACILITY", &facility) || !facility);
}

static char byte_of(const json_t *value)
{
	json_int_t byte = json_integer_value(value);

	return byte > 0 && byte <= 255 ? (char)byte : '?';
}

/* A message that is no UTF-8, or has control characters, comes as an array of its bytes. */
static bool copy_message(const json_t *entry, char *out, size_t size)
{
	const char *text = text_of(entry, "MESSAGE");
	const json_t *message = json_object_get(entry, "MESSAGE");
	size_t count = json_array_size(message);

	if (text) {
		copy_text(out, size, text);
		return true;
	}
	if (!json_is_array(message))
		return false;
	if (count > size - 1)
		count = size - 1;
	for (size_t i = 0; i < count; i++)
		out[i] = byte_of(json_array_get(message, i));
	out[count] = '\0';
	return true;
}

/* "+pci:0000:03:00.0"; b8:0, c1:3 and n2 name a node or a network interface. */
static void copy_device(const json_t *entry, struct kmsg_record *record)
{
	const char *device = text_of(entry, "_KERNEL_DEVICE");
	const char *name = device && device[0] == '+' ? strchr(device, ':') : NULL;

	if (!name || (size_t)(name - device) > sizeof(record->bus))
		return;
	memcpy(record->bus, device + 1, (size_t)(name - device - 1));
	record->bus[name - device - 1] = '\0';
	copy_text(record->device, sizeof(record->device), name + 1);
}

static void read_stamp(const json_t *entry, struct log_stamp *stamp)
{
	uint64_t usec;

	*stamp = (struct log_stamp){.kind = STAMP_NONE};
	if (number_of(entry, "__REALTIME_TIMESTAMP", &usec))
		stamp->kind = STAMP_EPOCH;
	else if (number_of(entry, "_SOURCE_MONOTONIC_TIMESTAMP", &usec))
		stamp->kind = STAMP_MONOTONIC;
	if (stamp->kind == STAMP_NONE || usec > INT64_MAX / 1000)
		stamp->kind = STAMP_NONE;
	else
		stamp->ns = usec * 1000;
}

static enum log_line_kind read_entry(const json_t *entry, struct kmsg_record *record,
                                     struct log_stamp *stamp)
{
	uint64_t level;

	if (!is_of_kernel(entry))
		return LOG_LINE_FOREIGN;
	if (!copy_message(entry, record->text, sizeof(record->text)))
		return LOG_LINE_UNREADABLE;
	record->facility = 0;
	record->level = number_of(entry, "PRIORITY", &level) && level <= 7 ? (unsigned int)level
	                                                                   : KMSG_LEVEL_UNKNOWN;
	copy_device(entry, record);
	read_stamp(entry, stamp);
	return LOG_LINE_KERNEL;
}

enum log_line_kind log_journal_read(const char *line, struct kmsg_record *record,
                                    struct log_stamp *stamp)
{
	json_t *entry = json_loadb(line, strlen(line), JSON_ALLOW_NUL, NULL);
	enum log_line_kind kind = LOG_LINE_UNREADABLE;

	if (json_is_object(entry))
		kind = read_entry(entry, record, stamp);
	json_decref(entry);
	return kind;
}
