// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * histogram: what the kernel prints of a hist trigger.
 * In: text. Out: keys, hits and sums. Must never know: files, what is counted.
 */
#include "histogram.h"

#include <stdio.h>
#include <string.h>

/* A piece of the text. */
struct span {
	const char *at, *end;
};

/* ---- pieces ---- */

static size_t span_length(struct span span)
{
	return (size_t)(span.end - span.at);
}

static struct span span_of(const char *text)
{
	return (struct span){text, text + strlen(text)};
}

static bool starts_with(struct span span, const char *word)
{
	size_t length = strlen(word);

	return span_length(span) >= length && memcmp(span.at, word, length) == 0;
}

static bool skip_word(struct span *span, const char *word)
{
	if (!starts_with(*span, word))
		return false;
	span->at += strlen(word);
	return true;
}

static void skip_spaces(struct span *span)
{
	while (span->at < span->end && *span->at == ' ')
		span->at++;
}

static struct span without_spaces(struct span span)
{
	skip_spaces(&span);
	while (span.end > span.at && span.end[-1] == ' ')
		span.end--;
	return span;
}

static bool equal(struct span a, struct span b)
{
	return span_length(a) == span_length(b) && memcmp(a.at, b.at, span_length(a)) == 0;
}

/* The part before the first occurrence of mark, which is skipped, else all of it. */
static struct span take_until(struct span *rest, const char *mark)
{
	const char *found = rest->end > rest->at
	                            ? memmem(rest->at, span_length(*rest), mark, strlen(mark))
	                            : NULL;
	struct span part = {rest->at, found ? found : rest->end};

	rest->at = found ? found + strlen(mark) : rest->end;
	return part;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Digits, or 0x and digits; *rest is what follows. */
static bool take_number(struct span *rest, uint64_t *value)
{
	struct span span = *rest;
	unsigned int base = skip_word(&span, "0x") ? 16 : 10;
	const char *first = span.at;
	uint64_t sum = 0;

	for (; span.at < span.end; span.at++) {
		unsigned int digit = (unsigned int)digit_value(*span.at);

		if (digit >= base)
			break;
		if (sum > (UINT64_MAX - digit) / base)
			return false;
		sum = sum * base + digit;
	}
	if (span.at == first)
		return false;
	*value = sum;
	*rest = span;
	return true;
}

/* ---- which trigger ---- */

/* What tells triggers of one event apart (hist_trigger_match). */
struct trigger {
	struct span name, keys, values, sort, filter;
};

static void take_attribute(struct trigger *trigger, struct span attribute)
{
	if (skip_word(&attribute, "keys="))
		trigger->keys = attribute;
	else if (skip_word(&attribute, "vals="))
		trigger->values = attribute;
	else if (skip_word(&attribute, "name="))
		trigger->name = attribute;
	else if (skip_word(&attribute, "sort="))
		trigger->sort = attribute;
}

static bool parse_trigger(struct span text, struct trigger *trigger)
{
	struct span head = take_until(&text, " if ");

	*trigger = (struct trigger){.filter = without_spaces(text)};
	trigger->name = span_of("");
	trigger->sort = span_of("hitcount");
	trigger->values = span_of("hitcount");
	head = without_spaces(head);
	if (!skip_word(&head, "hist:"))
		return false;
	while (head.at < head.end)
		take_attribute(trigger, take_until(&head, ":"));
	skip_word(&trigger->keys, "common_");
	if (skip_word(&trigger->values, "hitcount"))
		skip_word(&trigger->values, ",");
	return trigger->keys.at < trigger->keys.end;
}

bool histogram_is(const char *info, size_t size, const char *text)
{
	struct span line = {info, info + size};
	struct trigger said, set;

	line = take_until(&line, " [");
	return parse_trigger(line, &said) && parse_trigger(span_of(text), &set) &&
	       equal(said.name, set.name) && equal(said.keys, set.keys) &&
	       equal(said.values, set.values) && equal(said.sort, set.sort) &&
	       equal(said.filter, set.filter);
}

/* Goes on behind the "trigger info" of the one that is meant. */
static bool find_trigger(struct span *text, const char *trigger)
{
	while (text->at < text->end) {
		struct span line = take_until(text, "\n");

		if (skip_word(&line, "# trigger info: ") &&
		    histogram_is(line.at, span_length(line), trigger))
			return true;
	}
	return false;
}

/* ---- an entry ---- */

/* A number, a power of two, or else a text. */
static void take_key(struct histogram_entry *entry, unsigned int index, struct span value)
{
	struct span rest = without_spaces(value);
	struct span text = rest;

	skip_word(&rest, "~ 2^");
	if (take_number(&rest, &entry->keys[index]) && rest.at == rest.end)
		return;
	entry->keys[index] = 0;
	snprintf(entry->text, sizeof(entry->text), "%.*s", (int)span_length(text), text.at);
}

/* "         nvme_map_data+0x1c/0x80 [nvme]", one a line, up to the line with the bracket. */
static bool take_stack(struct histogram_entry *entry, struct span *text)
{
	while (text->at < text->end && *text->at == ' ') {
		struct span line = without_spaces(take_until(text, "\n"));

		if (entry->stack_count == HISTOGRAM_STACK_MAX || span_length(line) > UINT8_MAX)
			continue;
		entry->stack[entry->stack_count] = line.at;
		entry->stack_lengths[entry->stack_count++] = (uint8_t)span_length(line);
	}
	return starts_with(*text, "}");
}

static bool take_keys(struct histogram_entry *entry, struct span *text)
{
	struct span keys;

	take_until(text, "{");
	if (starts_with(*text, " stacktrace:\n") || starts_with(*text, " common_stacktrace:\n")) {
		take_until(text, "\n");
		return take_stack(entry, text) && skip_word(text, "}");
	}
	keys = take_until(text, " }");
	for (unsigned int i = 0; keys.at < keys.end; i++) {
		struct span key = take_until(&keys, ", ");

		take_until(&key, ": ");
		if (i == HISTOGRAM_KEYS || key.at == key.end)
			return false;
		take_key(entry, i, key);
	}
	return true;
}

/* " hitcount:        274  size:    1122304" */
static bool take_values(struct histogram_entry *entry, struct span line)
{
	uint64_t value;

	for (unsigned int i = 0;; i++) {
		struct span name;

		skip_spaces(&line);
		if (line.at == line.end)
			return i > 0;
		name = take_until(&line, ":");
		skip_spaces(&line);
		if (!take_number(&line, &value) || i > HISTOGRAM_VALUES)
			return false;
		if (i == 0 && !starts_with(name, "hitcount"))
			return false;
		*(i == 0 ? &entry->hits : &entry->values[i - 1]) = value;
	}
}

static bool take_entry(struct histogram_entry *entry, struct span *text)
{
	*entry = (struct histogram_entry){0};
	return take_keys(entry, text) && take_values(entry, take_until(text, "\n"));
}

/* ---- all of it ---- */

static bool take_total(struct span *text, const char *name, uint64_t *value)
{
	struct span line = without_spaces(take_until(text, "\n"));

	if (!skip_word(&line, name))
		return false;
	skip_spaces(&line);
	return take_number(&line, value) && line.at == line.end;
}

static bool take_totals(struct span *text, struct histogram_totals *totals)
{
	return take_total(text, "Hits:", &totals->hits) &&
	       take_total(text, "Entries:", &totals->entries) &&
	       take_total(text, "Dropped:", &totals->dropped);
}

bool histogram_parse(const char *text, size_t size, const char *trigger,
                     void (*take)(void *context, const struct histogram_entry *entry),
                     void *context, struct histogram_totals *totals)
{
	struct span rest = {text, text + size};
	struct histogram_entry entry;

	*totals = (struct histogram_totals){0};
	if (!find_trigger(&rest, trigger))
		return false;
	while (rest.at < rest.end) {
		if (*rest.at == '{') {
			if (!take_entry(&entry, &rest))
				return false;
			take(context, &entry);
		} else if (starts_with(take_until(&rest, "\n"), "Totals:")) {
			return take_totals(&rest, totals);
		}
	}
	return false;
}
