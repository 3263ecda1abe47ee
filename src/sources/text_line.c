// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_line: lines of a trace into raws.
 * In: text. Out: struct raw. Must never know: files, other lines.
 *
 *	          <idle>-0       [001] d.h1.    70.855938: unmap: IOMMU: iova=...    trace,
 *trace_pipe dd-311     (    311) [000] .....   102.411159: map: ...        with record-tgid dd-311
 *[000]    102.411159: map: ...                       without irq-info <idle>-0         0d.h1.
 *69692us+: unmap: ...                               latency-format dd-289   [001]    69.669386:
 *map:          IOMMU: ...          trace-cmd report dd-289     1d.h1.    69.675916: unmap: IOMMU:
 *...             trace-cmd report -l dd   289/289 [001]    69.669937:         iommu:map: IOMMU: ...
 *perf script
 *
 * Names of tasks hold anything, blanks and colons too, so a line is read from its time on, to the
 * right and then to the left.
 */
#include "text_line.h"

#include <stdlib.h>
#include <string.h>

#include "../event.h"
#include "../util.h"
#include "text_fields.h"

/* A part of a line. */
struct span {
	const char *at, *end;
};

/* What can be told of a line before its event. */
struct stamp {
	uint64_t ns;
	uint8_t flags; /* enum text_line_flags */
	struct span text;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '-' || c == '.';
}

static size_t length_of(struct span span)
{
	return (size_t)(span.end - span.at);
}

static struct span trim(struct span span)
{
	while (span.at < span.end && span.at[0] == ' ')
		span.at++;
	while (span.at < span.end && span.end[-1] == ' ')
		span.end--;
	return span;
}

/* No word that is looked at is longer: else a line of nothing but colons would take for ever. */
#define WORD_MOST 40

/* Takes the last word off. */
static struct span take_last(struct span *rest)
{
	struct span word;

	*rest = trim(*rest);
	word = (struct span){rest->end, rest->end};
	while (word.at > rest->at && word.at[-1] != ' ' && rest->end - word.at < WORD_MOST)
		word.at--;
	rest->end = word.at;
	return word;
}

/* Nothing but a number. */
static bool read_all(struct span span, uint64_t most, uint64_t *value)
{
	const char *end;

	return span.at < span.end && parse_decimal(span.at, &end, value) && end == span.end &&
	       *value <= most;
}

/* ---- the time ---- */

/* The digits of a fraction as nanoseconds. */
static bool read_fraction(struct span digits, uint64_t *ns)
{
	uint64_t scale = 1000000000u;

	*ns = 0;
	if (digits.at == digits.end || length_of(digits) > 9)
		return false;
	for (; digits.at < digits.end; digits.at++) {
		if (!is_digit(*digits.at))
			return false;
		scale /= 10;
		*ns += (uint64_t)(*digits.at - '0') * scale;
	}
	return true;
}

/* "69.669386", "69.669386123", "12345678" of a clock that is no time, "69184us" and a mark. */
static bool read_stamp(struct span word, struct stamp *stamp)
{
	const char *end;
	uint64_t whole, part;

	if (word.at == word.end || !parse_decimal(word.at, &end, &whole) || end > word.end)
		return false;
	stamp->text = word;
	stamp->flags = 0;
	if (end == word.end) {
		stamp->flags = TEXT_IS_NO_TIME;
		stamp->ns = whole;
		return true;
	}
	if (end[0] == 'u' && end + 2 <= word.end && end[1] == 's' && word.end - end <= 3) {
		stamp->flags = TEXT_IS_RELATIVE;
		stamp->ns = whole * 1000u;
		return whole <= UINT64_MAX / 1000u;
	}
	if (end[0] != '.' || whole > INT64_MAX / 1000000000u ||
	    !read_fraction((struct span){end + 1, word.end}, &part))
		return false;
	if (word.end - end > 7)
		stamp->flags = TEXT_HAS_NANOSECONDS;
	stamp->ns = whole * 1000000000u + part;
	return true;
}

/* ---- what is left of it ---- */

/*
 * kernel/trace/trace_output.c, trace_print_lat_fmt(): interrupts off, need to be scheduled,
 * interrupt, depth of preemption, depth of migration where the kernel has it.
 */
static bool read_flags(struct span word, uint8_t *context)
{
	size_t length = length_of(word);

	*context = 0;
	if (length < 4 || length > 6 || !strchr("dDbX.", word.at[0]) ||
	    !strchr("NnpBLbl.", word.at[1]) || !strchr("ZzHhs.", word.at[2]))
		return false;
	if (strchr("NnBb", word.at[1]))
		*context |= CONTEXT_NEED_RESCHED;
	if (strchr("ZHh", word.at[2]))
		*context |= CONTEXT_HARD_IRQ;
	if (strchr("Hs", word.at[2]))
		*context |= CONTEXT_SOFT_IRQ;
	return true;
}

/* "[001]" */
static bool read_cpu(struct span word, uint16_t *cpu)
{
	uint64_t number;

	if (length_of(word) < 3 || word.at[0] != '[' || word.end[-1] != ']' ||
	    !read_all((struct span){word.at + 1, word.end - 1}, UINT16_MAX - 1, &number))
		return false;
	*cpu = (uint16_t)number;
	return true;
}

/* "1d.h1." */
static bool read_cpu_and_flags(struct span word, uint16_t *cpu, uint8_t *context)
{
	const char *end;
	uint64_t number;

	if (word.at == word.end || !parse_decimal(word.at, &end, &number) || number >= UINT16_MAX ||
	    end >= word.end || !read_flags((struct span){end, word.end}, context))
		return false;
	*cpu = (uint16_t)number;
	return true;
}

/* The columns between the task and the time. *bare: there are none, as perf script has it of one
 * task. */
static bool read_columns(struct span *rest, struct text_line *out, bool *bare)
{
	struct span before = *rest, word = take_last(rest);

	*bare = false;
	if (read_cpu_and_flags(word, &out->raw.cpu, &out->raw.context))
		return true;
	if (read_flags(word, &out->raw.context)) {
		word = take_last(rest);
		return read_cpu(word, &out->raw.cpu);
	}
	out->raw.context = CONTEXT_UNKNOWN;
	*bare = !read_cpu(word, &out->raw.cpu);
	if (*bare)
		*rest = before;
	return true;
}

/* "(    311)": the process, which is not needed. */
static void skip_process(struct span *rest)
{
	struct span span = trim(*rest);
	const char *at = span.end;

	if (at == span.at || at[-1] != ')')
		return;
	while (at > span.at && *at != '(')
		at--;
	if (*at == '(')
		rest->end = at;
}

/* "289", "288/289": of process and thread. */
static bool read_perf_pid(struct span word, uint64_t *pid)
{
	const char *slash = memchr(word.at, '/', length_of(word));
	uint64_t process;

	if (!slash)
		return read_all(word, INT32_MAX, pid);
	return read_all((struct span){word.at, slash}, INT32_MAX, &process) &&
	       read_all((struct span){slash + 1, word.end}, INT32_MAX, pid);
}

/* "dd-289", or, of perf script, "dd   289". */
static bool read_task(struct span rest, struct text_line *out)
{
	struct span word, all = rest;
	uint64_t pid;

	word = take_last(&rest);
	if (length_of(word) && read_perf_pid(word, &pid) && rest.at < rest.end) {
		rest = trim(rest);
	} else {
		rest = trim(all);
		while (rest.end > rest.at && rest.end[-1] != '-')
			rest.end--;
		if (rest.end == rest.at ||
		    !read_all((struct span){rest.end, trim(all).end}, INT32_MAX, &pid))
			return false;
		rest.end--;
		rest = trim(rest);
	}
	out->raw.pid = (int32_t)pid;
	out->comm = rest.at;
	out->comm_length = length_of(rest);
	return true;
}

/* ---- what is right of it ---- */

/* "map: ...", "iommu:map: ...", which is all that tells a line without columns from prose. Nothing
 * is there where the line was wrapped before it. */
static bool read_event(const char *at, bool bare, struct text_line *out)
{
	struct span system = {at, at}, event;

	while (*at == ' ')
		at++;
	if (!*at && !bare) {
		text_fields_unread(RAW_KIND_COUNT, &out->raw);
		return true;
	}
	event = (struct span){at, at};
	while (is_name(*event.end))
		event.end++;
	if (event.end[0] == ':' && is_name(event.end[1])) {
		system = event;
		event.at = event.end = system.end + 1;
		while (is_name(*event.end))
			event.end++;
	}
	if ((bare && !length_of(system)) || event.at == event.end || event.end[0] != ':' ||
	    (event.end[1] && event.end[1] != ' '))
		return false;
	at = event.end + 1;
	while (*at == ' ')
		at++;
	out->raw.kind = RAW_KIND_COUNT;
	text_fields_read(system.at, length_of(system), event.at, length_of(event), at, &out->raw);
	return true;
}

static bool read_around(const char *line, const char *colon, struct text_line *out)
{
	struct span before = {line, colon};
	struct stamp stamp;
	struct span word = take_last(&before);
	bool bare;

	*out = (struct text_line){.kind = TEXT_LINE_EVENT};
	if (!read_stamp(word, &stamp))
		return false;
	out->flags = stamp.flags;
	out->raw.ts_ns = stamp.ns;
	if (!read_columns(&before, out, &bare))
		return false;
	skip_process(&before);
	return read_task(before, out) && read_event(colon + 1, bare, out);
}

/* ---- other lines ---- */

/* "CPU:1 [LOST 23 EVENTS]", "CPU:1 [23 EVENTS DROPPED]", and either without the number. */
static bool read_lost(const char *line, struct text_line *out)
{
	const char *end;
	uint64_t cpu;

	if (strncmp(line, "CPU:", 4) != 0 || !parse_decimal(line + 4, &end, &cpu) ||
	    cpu >= UINT16_MAX || strncmp(end, " [", 2) != 0 || !strstr(end, "EVENTS"))
		return false;
	*out = (struct text_line){.kind = TEXT_LINE_LOST, .raw = {.cpu = (uint16_t)cpu}};
	end += 2;
	if (strncmp(end, "LOST ", 5) == 0)
		end += 5;
	if (!parse_decimal(end, &end, &out->lost))
		out->lost = 0;
	return true;
}

/* So many colons of a line are looked at. */
#define COLONS_MOST 16u

/*
 * What looks like a time stands before an event whose fields can be read, and nothing else there
 * can: prose that tells of events has none. Or the line begins with its time, for it was wrapped.
 */
static bool is_broken(const char *line)
{
	const char *colon = line;

	for (unsigned int i = 0; i < COLONS_MOST && (colon = strchr(colon, ':')); i++, colon++) {
		struct span before = {line, colon}, word = take_last(&before);
		struct text_line event = {0};

		if (word.at == word.end || !is_digit(*word.at) ||
		    !memchr(word.at, '.', length_of(word)) || !colon[1 + strspn(colon + 1, " ")] ||
		    !read_event(colon + 1, false, &event))
			continue;
		free(event.raw.text);
		if (event.raw.kind < RAW_KIND_COUNT &&
		    (event.raw.kind != RAW_UNREAD || word.at == line))
			return true;
	}
	return false;
}

/* "cpus=2" of trace-cmd, "CPU 1 is empty", headings. */
static bool is_remark(const char *line)
{
	return line[0] == '#' || !strncmp(line, "cpus=", 5) ||
	       (!strncmp(line, "CPU ", 4) && strstr(line, " is empty"));
}

void text_line_read(const char *line, struct text_line *out)
{
	if (read_lost(line, out))
		return;
	if (!is_remark(line)) {
		for (const char *colon = line; (colon = strchr(colon, ':')); colon++)
			if (read_around(line, colon, out))
				return;
		*out = (struct text_line){.kind = is_broken(line) ? TEXT_LINE_BROKEN
		                                                  : TEXT_LINE_OTHER};
		return;
	}
	*out = (struct text_line){.kind = TEXT_LINE_REMARK};
}

/* ---- the last line ---- */

/* What a line of an event begins with: blanks up to a task, its name and number. */
static bool begins_event(const char *line)
{
	const char *at = line;

	if (*line == ' ')
		return true;
	while ((at = strchr(at, '-')))
		if (is_digit(*++at))
			return true;
	return false;
}

/* The sum of what was printed was right (text_fields.c), so all of it was there. */
static bool is_proven(const char *line, const struct raw *raw)
{
	return (raw->kind == RAW_MAP ||
	        (raw->kind == RAW_UNMAP && raw->value[1] == raw->value[2])) &&
	       strstr(line, " - 0x");
}

static bool same_fields(const struct raw *a, const struct raw *b)
{
	return a->kind == b->kind && !memcmp(a->value, b->value, sizeof(a->value)) &&
	       !a->text == !b->text && (!a->text || !strcmp(a->text, b->text));
}

/* Whether its last character matters: then there may have been more of them. */
static bool ends_in_field(char *line, const struct raw *raw)
{
	char *last = line + strlen(line) - 1, kept = *last;
	struct text_line shorter;
	bool same;

	*last = '\0';
	text_line_read(line, &shorter);
	*last = kept;
	same = shorter.kind == TEXT_LINE_EVENT && same_fields(&shorter.raw, raw);
	free(shorter.raw.text);
	return !same;
}

void text_line_read_last(char *line, struct text_line *out)
{
	size_t length = strlen(line);

	text_line_read(line, out);
	if (out->kind == TEXT_LINE_OTHER && begins_event(line))
		out->kind = TEXT_LINE_CUT;
	if (out->kind != TEXT_LINE_EVENT || out->raw.kind == RAW_UNREAD)
		return;
	if (out->raw.kind == RAW_KIND_COUNT) {
		/* Not even all of its name is there. */
		if (line[length - 1] == ':')
			out->kind = TEXT_LINE_CUT;
	} else if (!is_proven(line, &out->raw) && ends_in_field(line, &out->raw)) {
		free(out->raw.text);
		out->raw.text = NULL;
		text_fields_unread(out->raw.kind, &out->raw);
	}
}
