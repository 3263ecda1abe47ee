// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_line: what stands before the kernel's words in a log that somebody saved or pasted.
 * In: lines. Out: the kernel's words, and when they were said.
 * Must never know: files, clocks, what the words mean.
 */
#include "log_line.h"

#include <string.h>

#include "../util.h"
#include "log_journal.h"

#define NS_PER_S 1000000000u

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/* dmesg -T and journalctl name months and days as the locale does; these are German. */
static const struct {
	const char *name;
	uint8_t month;
} other_months[] = {{"Mär", 3}, {"Mrz", 3}, {"Mai", 5}, {"Okt", 10}, {"Dez", 12}};

/* As dmesg -x and syslog daemons write them; the number is the place. */
static const char *const levels[] = {"emerg", "alert",  "crit", "err",
                                     "warn",  "notice", "info", "debug"};
static const char *const facilities[] = {"kern",     "user",   "mail",   "daemon", "auth",
                                         "syslog",   "lpr",    "news",   "uucp",   "cron",
                                         "authpriv", "ftp",    "local0", "local1", "local2",
                                         "local3",   "local4", "local5", "local6", "local7"};

/* ---- pieces: each moves *text behind what it has read, or leaves it and returns false ---- */

static bool take(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool take_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	return true;
}

static bool take_blanks(const char **text)
{
	size_t length = strspn(*text, " ");

	*text += length;
	return length;
}

/* A whole word: "auth" is not in "authpriv". */
static bool take_one_of(const char **text, const char *const *words, size_t count, size_t *which)
{
	for (size_t i = 0; i < count; i++) {
		const char *at = *text;

		if (!take_word(&at, words[i]) || (*at >= 'a' && *at <= 'z'))
			continue;
		if (which)
			*which = i;
		*text = at;
		return true;
	}
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number of so many digits, in a range. */
static bool take_number(const char **text, int digits, unsigned int least, unsigned int most,
                        unsigned int *number)
{
	unsigned int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!is_digit((*text)[i]))
			return false;
		value = value * 10 + (unsigned int)((*text)[i] - '0');
	}
	if (is_digit((*text)[digits]) || value < least || value > most)
		return false;
	*text += digits;
	*number = value;
	return true;
}

/* Digits behind a point or comma, as ns; what is finer is dropped. */
static uint64_t take_fraction(const char **text)
{
	uint64_t ns = 0, scale = NS_PER_S / 10;

	for (; is_digit(**text); (*text)++) {
		ns += (uint64_t)(**text - '0') * scale;
		scale /= 10;
	}
	return ns;
}

/* "123.456789" */
static bool take_seconds(const char **text, uint64_t *ns)
{
	const char *at = *text;
	uint64_t seconds;

	if (!parse_decimal(at, &at, &seconds) || seconds > INT64_MAX / NS_PER_S || *at != '.' ||
	    !is_digit(at[1]))
		return false;
	at++;
	*ns = seconds * NS_PER_S + take_fraction(&at);
	*text = at;
	return true;
}

/* "10:11", of the day */
static bool take_minute(const char **text, uint64_t *ns)
{
	const char *at = *text;
	unsigned int hour, minute;

	if (!take_number(&at, 2, 0, 23, &hour) || !take(&at, ':') ||
	    !take_number(&at, 2, 0, 59, &minute))
		return false;
	*ns = (hour * 60ull + minute) * 60 * NS_PER_S;
	*text = at;
	return true;
}

/* "10:11:12", and perhaps a fraction behind a point or, as dmesg has it, a comma */
static bool take_clock(const char **text, uint64_t *ns, char *separator)
{
	const char *at = *text;
	unsigned int second;

	if (!take_minute(&at, ns) || !take(&at, ':') || !take_number(&at, 2, 0, 60, &second))
		return false;
	*ns += (uint64_t)second * NS_PER_S;
	*separator = '\0';
	if ((*at == '.' || *at == ',') && is_digit(at[1])) {
		*separator = *at++;
		*ns += take_fraction(&at);
	}
	*text = at;
	return true;
}

/* "Z", "+01", "+0100", "+01:00" */
static bool take_zone(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;
	bool west = *at == '-';
	unsigned int hours = 0, minutes = 0;
	char both[5] = "";

	stamp->has_zone = take(text, 'Z');
	if (stamp->has_zone)
		return true;
	if (!take(&at, '+') && !take(&at, '-'))
		return false;
	memcpy(both, at, strnlen(at, 4));
	if (strspn(both, "0123456789") == 4) {
		hours = (unsigned int)(both[0] - '0') * 10 + (unsigned int)(both[1] - '0');
		minutes = (unsigned int)(both[2] - '0') * 10 + (unsigned int)(both[3] - '0');
		at += 4;
	} else if (!take_number(&at, 2, 0, 14, &hours) ||
	           (take(&at, ':') && !take_number(&at, 2, 0, 59, &minutes))) {
		return false;
	}
	if (hours > 14 || minutes > 59 || is_digit(*at))
		return false;
	stamp->has_zone = true;
	stamp->utc_offset_s = (int32_t)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
	*text = at;
	return true;
}

/* A name of a day or a month, in any language. */
static bool take_name(const char **text)
{
	size_t length = strcspn(*text, " 0123456789:[]<>()=,");

	if (length < 2 || length > 12)
		return false;
	*text += length;
	return true;
}

/* 0: in a language that is not spoken here. */
static uint8_t month_of(const char *name)
{
	size_t month;

	if (take_one_of(&name, months, ARRAY_SIZE(months), &month))
		return (uint8_t)(month + 1);
	for (size_t i = 0; i < ARRAY_SIZE(other_months); i++)
		if (take_word(&name, other_months[i].name))
			return other_months[i].month;
	return 0;
}

/* "Nov  2", "Nov 02", "Nov 2", "Nov22"; month 0 where its name says nothing */
static bool take_month_day(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;
	unsigned int day;

	if (!take_name(&at))
		return false;
	take_blanks(&at);
	if (!take_number(&at, 2, 1, 31, &day) && !take_number(&at, 1, 1, 9, &day))
		return false;
	stamp->month = month_of(*text);
	stamp->day = (uint8_t)day;
	*text = at;
	return true;
}

/* What is a date, but of no known month, tells no time. */
static uint8_t date_kind(const struct log_stamp *stamp)
{
	return stamp->month ? STAMP_DATE : STAMP_NONE;
}

/* "2026-11-02" */
static bool take_iso_day(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;
	unsigned int year, month, day;

	if (!take_number(&at, 4, 1970, 9999, &year) || !take(&at, '-') ||
	    !take_number(&at, 2, 1, 12, &month) || !take(&at, '-') ||
	    !take_number(&at, 2, 1, 31, &day))
		return false;
	stamp->year = (uint16_t)year;
	stamp->month = (uint8_t)month;
	stamp->day = (uint8_t)day;
	*text = at;
	return true;
}

/* ---- stamps in brackets: dmesg ---- */

/* "   123.456789" */
static bool read_monotonic(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;

	take_blanks(&at);
	if (!take_seconds(&at, &stamp->ns))
		return false;
	stamp->kind = STAMP_MONOTONIC;
	*text = at;
	return true;
}

/* "  +0.000123" */
static bool read_after(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;

	take_blanks(&at);
	if (!take(&at, '+') || !take_seconds(&at, &stamp->ns))
		return false;
	stamp->kind = STAMP_AFTER;
	*text = at;
	return true;
}

/* "Mon Nov  2 10:11:12 2026" */
static bool read_ctime(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;
	unsigned int year;
	char separator;

	if (!take_name(&at) || !take(&at, ' ') || !take_month_day(&at, stamp) || !take(&at, ' ') ||
	    !take_clock(&at, &stamp->ns, &separator) || !take(&at, ' ') ||
	    !take_number(&at, 4, 1970, 9999, &year))
		return false;
	stamp->kind = date_kind(stamp);
	stamp->year = (uint16_t)year;
	*text = at;
	return true;
}

/* "Nov 2 10:11", which dmesg -H writes once a minute */
static bool read_human(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;

	if (!take_month_day(&at, stamp) || !take(&at, ' ') || !take_minute(&at, &stamp->ns))
		return false;
	stamp->kind = date_kind(stamp);
	*text = at;
	return true;
}

/* " <    0.000123>" of dmesg -d, behind another stamp */
static void skip_distance(const char **text)
{
	const char *at = *text;
	uint64_t ignored;

	take_blanks(&at);
	if (!take(&at, '<'))
		return;
	take_blanks(&at);
	if (take_seconds(&at, &ignored) && take(&at, '>'))
		*text = at;
}

/* "[  T123]" or "[   C0]", with CONFIG_PRINTK_CALLER */
static void skip_caller(const char **text)
{
	const char *at = *text;
	uint64_t ignored;

	if (!take(&at, '['))
		return;
	take_blanks(&at);
	if ((!take(&at, 'T') && !take(&at, 'C')) || !parse_decimal(at, &at, &ignored) ||
	    !take(&at, ']'))
		return;
	take(&at, ' ');
	*text = at;
}

static bool read_bracket(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;

	if (!take(&at, '[') || (!read_monotonic(&at, stamp) && !read_after(&at, stamp) &&
	                        !read_ctime(&at, stamp) && !read_human(&at, stamp)))
		return false;
	skip_distance(&at);
	if (!take(&at, ']'))
		return false;
	/* Before the caller, so that the blank between the two is not the text's. */
	take(&at, ' ');
	skip_caller(&at);
	*text = at;
	return true;
}

/* ---- stamps at the start of a line ---- */

/* "Nov 02 10:11:12 ": syslog, journalctl short and short-precise */
static bool read_short(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;
	char separator;

	if (!take_month_day(&at, stamp) || !take(&at, ' ') ||
	    !take_clock(&at, &stamp->ns, &separator) || !take(&at, ' '))
		return false;
	stamp->kind = date_kind(stamp);
	*text = at;
	return true;
}

/* "2026-11-02T10:11:12+01:00 "; *bare: of dmesg, which tells no sender */
static bool read_iso(const char **text, struct log_stamp *stamp, bool *bare)
{
	const char *at = *text;
	char separator;

	if (!take_iso_day(&at, stamp) || (!take(&at, 'T') && !take(&at, ' ')) ||
	    !take_clock(&at, &stamp->ns, &separator))
		return false;
	take_zone(&at, stamp);
	if (!take(&at, ' '))
		return false;
	stamp->kind = STAMP_DATE;
	*bare = separator == ',';
	*text = at;
	return true;
}

/* "Mon 2026-11-02 10:11:12 CET ": journalctl short-full; of zones by name only UTC is known */
static bool read_full(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;
	char separator;

	if (!take_name(&at) || !take(&at, ' ') || !take_iso_day(&at, stamp) || !take(&at, ' ') ||
	    !take_clock(&at, &stamp->ns, &separator) || !take(&at, ' '))
		return false;
	stamp->kind = STAMP_DATE;
	stamp->has_zone = take_word(&at, "UTC ");
	if (!stamp->has_zone) {
		at += strcspn(at, " ");
		take(&at, ' ');
	}
	*text = at;
	return true;
}

/* "1667380272.123456 ": journalctl short-unix */
static bool read_unix(const char **text, struct log_stamp *stamp)
{
	const char *at = *text;

	if (strspn(at, "0123456789") < 9 || !take_seconds(&at, &stamp->ns) || !take(&at, ' '))
		return false;
	stamp->kind = STAMP_EPOCH;
	*text = at;
	return true;
}

static bool read_date(const char **text, struct log_stamp *stamp, bool *bare)
{
	const char *at = *text;

	*bare = false;
	/* OpenWrt's logread has a date like dmesg -T, without its brackets. */
	if (read_ctime(&at, stamp) && take(&at, ' ')) {
		*text = at;
		return true;
	}
	return read_short(text, stamp) || read_iso(text, stamp, bare) || read_full(text, stamp) ||
	       read_unix(text, stamp);
}

/* ---- who speaks ---- */

enum sender { SENDER_NONE, SENDER_KERNEL, SENDER_OTHER };

/* One word and the blank behind it. */
static bool take_token(const char **text, const char **token, size_t *length)
{
	*token = *text;
	*length = strcspn(*text, " ");
	if (!*length || (*text)[*length] != ' ')
		return false;
	*text += *length + 1;
	return true;
}

/* "kern.warn" of busybox */
static bool read_priority_words(const char *token, size_t *facility, size_t *level)
{
	return take_one_of(&token, facilities, ARRAY_SIZE(facilities), facility) &&
	       take(&token, '.') && take_one_of(&token, levels, ARRAY_SIZE(levels), level);
}

/* "kernel: "; in RFC 5424 "kernel - - - " */
static bool take_kernel(const char **text)
{
	return take_word(text, "kernel: ") || take_word(text, "kernel - - - ");
}

/*
 * "host kernel: ", "kernel: ", "host kern.warn kernel: ". The journal writes the number of the
 * process behind the name of anybody else who calls himself kernel.
 */
static enum sender read_sender(const char **text, struct kmsg_record *record)
{
	const char *at = *text, *token;
	size_t length, facility, level;
	bool host = false;

	take_blanks(&at); /* a host that somebody took away */
	while (!take_kernel(&at)) {
		if (!take_token(&at, &token, &length))
			return SENDER_NONE;
		if (token[length - 1] == ':')
			return SENDER_OTHER;
		if (read_priority_words(token, &facility, &level)) {
			if (facility)
				return SENDER_OTHER;
			record->level = (unsigned int)level;
		} else if (host) {
			return SENDER_NONE;
		} else {
			host = true;
		}
	}
	*text = at;
	return SENDER_KERNEL;
}

/* "host name[123]: " or "name[123]: " at the start: a program's, whatever it says. */
static bool names_process(const char *text)
{
	for (int i = 0; i < 2; i++) {
		size_t length = strcspn(text, " ");

		if (length > 3 && text[length - 1] == ':' && text[length - 2] == ']' &&
		    is_digit(text[length - 3]))
			return true;
		if (text[length] != ' ' || memchr(text, ':', length))
			return false;
		text += length + 1;
	}
	return false;
}

/* "<4>" of dmesg -r and syslog's wire: facility * 8 + level */
static bool read_number_priority(const char **text, struct kmsg_record *record)
{
	const char *at = *text;
	uint64_t priority;

	if (!take(&at, '<') || !parse_decimal(at, &at, &priority) || priority > 191 ||
	    !take(&at, '>'))
		return false;
	take_word(&at, "1 "); /* the version, in RFC 5424 */
	record->facility = (unsigned int)priority >> 3;
	record->level = (unsigned int)priority & 7;
	*text = at;
	return true;
}

/* "kern  :warn  : " of dmesg -x */
static bool read_decoded_priority(const char **text, struct kmsg_record *record)
{
	const char *at = *text;
	size_t facility, level;

	if (!take_one_of(&at, facilities, ARRAY_SIZE(facilities), &facility))
		return false;
	take_blanks(&at);
	if (!take(&at, ':') || !take_one_of(&at, levels, ARRAY_SIZE(levels), &level))
		return false;
	take_blanks(&at);
	if (!take(&at, ':'))
		return false;
	take_blanks(&at);
	record->facility = (unsigned int)facility;
	record->level = (unsigned int)level;
	*text = at;
	return true;
}

/* ---- a line ---- */

/* rsyslog writes a tab as "#011". */
static void copy_message(const char *text, char *out, size_t size)
{
	size_t used = 0;

	while (*text && used < size - 1)
		out[used++] = take_word(&text, "#011") ? '\t' : *text++;
	out[used] = '\0';
}

/* What is behind a date: a sender, who has to be the kernel, and what it may have put before. */
static bool read_dated(const char **text, bool bare, struct kmsg_record *record)
{
	struct log_stamp ignored;

	if (bare)
		return !names_process(*text);
	if (read_sender(text, record) != SENDER_KERNEL)
		return false;
	read_bracket(text, &ignored);
	return true;
}

/* dmesg has the kernel's words behind the bracket, journalctl short-monotonic a host and a sender.
 */
static bool read_bracketed(const char **text, struct kmsg_record *record)
{
	return read_sender(text, record) == SENDER_KERNEL || !names_process(*text);
}

/* False: there is no prefix at all. */
static bool read_prefix(const char **text, struct kmsg_record *record, struct log_stamp *stamp,
                        bool *kernels)
{
	bool priority = read_number_priority(text, record) || read_decoded_priority(text, record);
	bool bare;

	*stamp = (struct log_stamp){.kind = STAMP_NONE};
	if (read_bracket(text, stamp)) {
		*kernels = read_bracketed(text, record);
	} else if (read_date(text, stamp, &bare)) {
		*kernels = read_dated(text, bare, record);
	} else {
		*stamp = (struct log_stamp){.kind = STAMP_NONE};
		*kernels = read_sender(text, record) == SENDER_KERNEL;
		if (*kernels)
			read_bracket(text, stamp);
		else if (!priority)
			return false;
		else
			*kernels = !names_process(*text);
	}
	*kernels = *kernels && record->facility == 0;
	return true;
}

/* "4,123,456,-;text" */
static bool is_raw(const char *text)
{
	uint64_t ignored;

	for (int i = 0; i < 3; i++) {
		if (!parse_decimal(text, &text, &ignored) || !take(&text, ','))
			return false;
	}
	text += strcspn(text, "; ");
	return *text == ';';
}

/* Of a log without any prefix, or what goes on with the message before. */
static enum log_line_kind read_unprefixed(struct log_lines *lines, const char *line,
                                          struct kmsg_record *record)
{
	if (lines->raw && line[0] == ' ')
		return LOG_LINE_RAW_MORE;
	if (!strncmp(line, "-- ", 3))
		return LOG_LINE_REMARK;
	if (lines->foreign)
		return LOG_LINE_FOREIGN;
	lines->raw = false;
	copy_message(line, record->text, sizeof(record->text));
	return LOG_LINE_KERNEL;
}

/* An indented line with a prefix is one where others are: else it is text, which anybody can make
 * look like that. */
static bool may_have_prefix(const struct log_lines *lines, size_t indent)
{
	return !lines->prefixed || lines->indent == indent;
}

static enum log_line_kind read_json(struct log_lines *lines, const char *line,
                                    struct kmsg_record *record, struct log_stamp *stamp)
{
	enum log_line_kind kind = log_journal_read(line, record, stamp);

	lines->foreign = kind != LOG_LINE_KERNEL;
	return kind;
}

enum log_line_kind log_line_read(struct log_lines *lines, const char *line,
                                 struct kmsg_record *record, struct log_stamp *stamp)
{
	size_t indent = strspn(line, " \t>");
	const char *text = line + indent;
	bool kernels;

	*stamp = (struct log_stamp){.kind = STAMP_NONE};
	record->facility = 0;
	record->level = KMSG_LEVEL_UNKNOWN;
	record->cut = false;
	record->bus[0] = record->device[0] = '\0';
	if (!*text)
		return LOG_LINE_REMARK;
	if (*line == '{')
		return read_json(lines, line, record, stamp);
	if (is_raw(line)) {
		*lines = (struct log_lines){.prefixed = true, .raw = true};
		return LOG_LINE_RAW;
	}
	if (!may_have_prefix(lines, indent) || !read_prefix(&text, record, stamp, &kernels))
		return read_unprefixed(lines, line, record);
	*lines = (struct log_lines){.indent = indent, .prefixed = true, .foreign = !kernels};
	if (!kernels)
		return LOG_LINE_FOREIGN;
	copy_message(text, record->text, sizeof(record->text));
	return LOG_LINE_KERNEL;
}

/* ESC [ parameters letter; how many bytes, 0 for none */
static size_t escape_length(const char *bytes, size_t length)
{
	size_t at = 2;

	if (length < 3 || bytes[0] != '\033' || bytes[1] != '[')
		return 0;
	while (at < length && bytes[at] >= ' ' && bytes[at] <= '?')
		at++;
	return at < length ? at + 1 : 0;
}

void log_line_clean(const char *bytes, size_t length, char *out, size_t size)
{
	size_t used = 0, at = 0;

	if (length >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		at = 3;
	while (at < length && used < size - 1) {
		size_t escape = escape_length(bytes + at, length - at);

		if (!escape)
			out[used++] = bytes[at] ? bytes[at] : '?';
		at += escape ? escape : 1;
	}
	while (used && (out[used - 1] == '\r' || out[used - 1] == '\n'))
		used--;
	out[used] = '\0';
}
