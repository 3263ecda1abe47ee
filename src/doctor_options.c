// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doctor_options: options of the kernel's command line about IOMMUs, and what came of them.
 * In: a snapshot. Out: lines. Must never know: files, the terminal. Pure.
 *
 * Which values there are is in drivers/iommu/intel/iommu.c (intel_iommu_setup), amd/init.c
 * (parse_amd_iommu_options), arch/x86/kernel/pci-dma.c (iommu_setup) and amd_gart_64.c, as of 5.10
 * to 7.1. All of them compare beginnings, and iommu= passes over what it does not know without a
 * word.
 */
#include "doctor_options.h"

#include <string.h>

#include "util.h"

#define OPTION_MAX 256

/* ---- words of lists ---- */

/* Blanks in quotes separate nothing. */
static bool next_word(const char **list, const char *between, const char **word, size_t *length)
{
	bool quoted = false;

	*list += strspn(*list, between);
	*word = *list;
	for (; **list && (quoted || !strchr(between, **list)); (*list)++)
		quoted ^= **list == '"';
	*length = (size_t)(*list - *word);
	return *length > 0;
}

bool doctor_has_word(const char *list, const char *word)
{
	const char *other;
	size_t length;

	while (next_word(&list, " ,", &other, &length))
		if (length == strlen(word) && !memcmp(other, word, length))
			return true;
	return false;
}

/* The whole of an option, with its commas. */
static bool has_option(const char *list, const char *option)
{
	const char *other;
	size_t length;

	while (next_word(&list, " ", &other, &length))
		if (length == strlen(option) && !memcmp(other, option, length))
			return true;
	return false;
}

/* The value of an option that is called so; NULL for another one. */
static const char *value_of(const char *option, size_t length, const char *name)
{
	size_t named = strlen(name);

	return length > named && !memcmp(option, name, named) && option[named] == '='
	               ? option + named + 1
	               : NULL;
}

/* Of the last one of this name. "" with *length 0: it is not given. */
static const char *last_value(const char *options, const char *name, size_t *length)
{
	const char *option, *value, *last = "";
	size_t option_length;

	*length = 0;
	while (next_word(&options, " ", &option, &option_length)) {
		value = value_of(option, option_length, name);
		if (!value)
			continue;
		last = value;
		*length = (size_t)(option + option_length - value);
	}
	return last;
}

static bool values_have(const char *values, size_t length, const char *value)
{
	const char *end = values + length;

	for (const char *at = values; at && at < end;
	     at = memchr(at, ',', (size_t)(end - at)), at = at ? at + 1 : NULL)
		if ((size_t)(end - at) >= strlen(value) && !strncmp(at, value, strlen(value)))
			return true;
	return false;
}

bool doctor_option_has(const char *options, const char *name, const char *value)
{
	size_t length;
	const char *values = last_value(options, name, &length);

	return values_have(values, length, value);
}

/* ---- the machine ---- */

enum doctor_maker doctor_maker(const struct snapshot *snap)
{
	const char *acpi = snapshot_text(snap, snap->machine.acpi);
	const char *vendor = snap->unit_count ? snapshot_text(snap, snap->units[0].vendor) : "";

	if (!strcmp(vendor, "VT-d"))
		return MAKER_INTEL;
	if (!strcmp(vendor, "AMD-Vi"))
		return MAKER_AMD;
	if (*vendor)
		return MAKER_OTHER;
	if (doctor_has_word(acpi, "DMAR"))
		return MAKER_INTEL;
	if (doctor_has_word(acpi, "IVRS"))
		return MAKER_AMD;
	return *acpi && strcmp(acpi, "none") != 0 ? MAKER_OTHER : MAKER_UNKNOWN;
}

static const char *options_of(const struct snapshot *snap)
{
	const char *options = snapshot_text(snap, snap->machine.options);

	return strcmp(options, "none") ? options : "";
}

static const char *unknown_of(const struct snapshot *snap)
{
	return snapshot_text(snap, snap->machine.options_unknown);
}

static bool has_said(const struct snapshot *snap, const char *word)
{
	return doctor_has_word(snapshot_text(snap, snap->machine.boot_said), word);
}

/* Before, the kernel said nothing of options that it did not know. */
static bool tells_unknown(const struct snapshot *snap)
{
	return snap->machine.log_since_boot == 1 && snapshot_kernel_at_least(snap, 5, 14);
}

/* ---- options without effect ---- */

struct option {
	const struct snapshot *snap;
	struct lines *lines;
	char text[OPTION_MAX];
};

static bool is_called(const struct option *option, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(option->text, name, length) &&
	       (!option->text[length] || option->text[length] == '=');
}

static bool say_override_unknown(const struct option *option)
{
	if (!is_called(option, "pcie_acs_override"))
		return false;
	lines_add(
		option->lines, TONE_WARN,
		"%s has no effect: this kernel lacks the patch that knows it, so groups are as the "
		"hardware makes them. Take it away, or boot a kernel with that patch.",
		option->text);
	return true;
}

/* 5.14 to 5.17 list options of __setup that they have obeyed all the same. */
static bool say_obeyed(const struct option *option)
{
	return is_called(option, "intel_iommu") && doctor_maker(option->snap) == MAKER_INTEL &&
	       (has_said(option->snap, "vtd_asked") || has_said(option->snap, "vtd_refused")) &&
	       has_option(options_of(option->snap), option->text) &&
	       (strstr(option->text, "=on") || strstr(option->text, "=off"));
}

static bool say_other_maker(const struct option *option)
{
	enum doctor_maker maker = doctor_maker(option->snap);

	if (is_called(option, "intel_iommu") && maker == MAKER_AMD)
		lines_add(option->lines, TONE_WARN,
		          "%s has no effect: it is for Intel's IOMMUs, and this machine has AMD's, "
		          "which need no option to be on. Take it away.",
		          option->text);
	else if (is_called(option, "amd_iommu") && maker == MAKER_INTEL)
		lines_add(option->lines, TONE_WARN,
		          "%s has no effect: it is for AMD's IOMMUs, and this machine has Intel's. "
		          "Theirs is intel_iommu=on.",
		          option->text);
	else
		return false;
	return true;
}

static bool say_amd_on(const struct option *option)
{
	if (strcmp(option->text, "amd_iommu=on") != 0)
		return false;
	lines_add(option->lines, TONE_WARN,
	          "amd_iommu=on has no effect: amd_iommu has no such value, as AMD's IOMMU is on "
	          "unless it is switched off. Take it away.");
	return true;
}

/* The kernel names it without the value that it could not read. */
static bool say_bad_value(const struct option *option)
{
	const char *options = options_of(option->snap), *value;
	size_t length;

	if (strchr(option->text, '='))
		return false;
	value = last_value(options, option->text, &length);
	if (!length)
		return false;
	lines_add(option->lines, TONE_WARN,
	          "%s=%.*s has no effect: the kernel could not read its value. Those of "
	          "iommu.strict and iommu.passthrough are 0 and 1.",
	          option->text, (int)length, value);
	return true;
}

static bool say_refused_value(const struct option *option)
{
	bool intel = is_called(option, "intel_iommu");

	if (!intel && !is_called(option, "amd_iommu"))
		return false;
	lines_add(option->lines, TONE_WARN,
	          "%s: the kernel does not know this value, and passed over it.%s", option->text,
	          intel ? " To switch the IOMMU on: intel_iommu=on." : "");
	return true;
}

static void say_unknown(const struct option *option)
{
	lines_add(option->lines, TONE_WARN,
	          "%s has no effect: this kernel does not know it. Is it misspelt, or for another "
	          "kernel?",
	          option->text);
}

/* The first that knows it says it. */
static bool (*const unknown_sayers[])(const struct option *option) = {
	say_obeyed, say_override_unknown, say_other_maker,
	say_amd_on, say_bad_value,        say_refused_value,
};

static void say_one_unknown(const struct option *option)
{
	for (size_t i = 0; i < ARRAY_SIZE(unknown_sayers); i++)
		if (unknown_sayers[i](option))
			return;
	say_unknown(option);
}

/* ---- options that the kernel passed over without a word ---- */

/* Those of iommu= on x86; also what it takes as the beginning of a value. */
static const char *const iommu_values[] = {
	"off",         "force",      "noforce",  "biomerge", "panic",     "nopanic",
	"merge",       "nomerge",    "forcesac", "allowdac", "nodac",     "usedac",
	"soft",        "pt",         "nopt",     "leak",     "fullflush", "noagp",
	"nofullflush", "noaperture", "memaper",  "allowed",
};

static const char *const amd_values[] = {
	"fullflush", "force_enable", "off",         "force_isolation", "pgtbl_v1",
	"pgtbl_v2",  "irtcachedis",  "nohugepages", "v2_pgsizes_only",
};

static const char *const dotted[] = {"iommu.passthrough", "iommu.strict", "iommu.forcedac"};

static bool begins_with_one(const char *word, const char *const *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strncmp(word, known[i], strlen(known[i])))
			return true;
	return false;
}

static bool is_x86(const struct snapshot *snap)
{
	enum doctor_maker maker = doctor_maker(snap);

	return maker == MAKER_INTEL || maker == MAKER_AMD || snap->machine.remapping;
}

static void say_unknown_values(const struct option *option, const char *const *known, size_t count)
{
	const char *values = option->text + strcspn(option->text, "="), *value;
	size_t length;

	values += *values == '=';
	while (next_word(&values, ",", &value, &length)) {
		char word[OPTION_MAX] = "";

		append_text(word, sizeof(word), "%.*s", (int)length, value);
		if (begins_with_one(word, known, count))
			continue;
		lines_add(
			option->lines, TONE_WARN,
			"%s: there is no value \"%s\", and the kernel passes over it without a "
			"word. What switches an IOMMU on is intel_iommu=on, or nothing (AMD, Arm).",
			option->text, word);
	}
}

static bool say_passed_over(const struct option *option)
{
	if (is_called(option, "iommu") && is_x86(option->snap)) {
		say_unknown_values(option, iommu_values, ARRAY_SIZE(iommu_values));
		return true;
	}
	if (is_called(option, "amd_iommu")) {
		say_unknown_values(option, amd_values, ARRAY_SIZE(amd_values));
		return true;
	}
	if (strncmp(option->text, "iommu.", 6) != 0 ||
	    begins_with_one(option->text, dotted, ARRAY_SIZE(dotted)))
		return false;
	lines_add(option->lines, TONE_WARN,
	          "%s has no effect: there are iommu.passthrough, iommu.strict and iommu.forcedac, "
	          "and of others with a dot the kernel does not say that it does not know them.",
	          option->text);
	return true;
}

/* ---- options that were taken ---- */

static bool say_override(const struct option *option)
{
	if (!is_called(option, "pcie_acs_override"))
		return false;
	if (has_said(option->snap, "acs_override"))
		lines_add(option->lines, TONE_WARN,
		          "%s is in force: groups are smaller than the hardware isolates, and a "
		          "guest's device may reach devices of other groups past the IOMMU.",
		          option->text);
	else
		lines_add(
			option->lines, TONE_UNKNOWN,
			"%s: whether this kernel has the patch that knows it is not known; if so, "
			"groups are smaller than the hardware isolates.",
			option->text);
	return true;
}

static bool say_blacklist(const struct option *option)
{
	if ((!is_called(option, "module_blacklist") && !is_called(option, "modprobe.blacklist")) ||
	    !strstr(option->text, "vfio"))
		return false;
	lines_add(option->lines, TONE_WARN,
	          "%s keeps modules of VFIO from loading: devices that need them cannot be "
	          "assigned.",
	          option->text);
	return true;
}

static bool (*const sayers[])(const struct option *option) = {
	say_other_maker, say_amd_on, say_passed_over, say_override, say_blacklist,
};

static void say_one(const struct option *option)
{
	for (size_t i = 0; i < ARRAY_SIZE(sayers); i++)
		if (sayers[i](option))
			return;
}

/* Where a list was too long, "..." stands at its end. */
static bool next_option(const char **list, struct option *option)
{
	const char *word;
	size_t length;

	if (!next_word(list, " ", &word, &length) || !strncmp(word, "...", length))
		return false;
	option->text[0] = '\0';
	append_text(option->text, sizeof(option->text), "%.*s", (int)length, word);
	return true;
}

static void say_none_refused(const struct snapshot *snap, const char *options, struct lines *lines)
{
	if (!*options)
		lines_add(lines, TONE_PLAIN,
		          "The kernel's command line has no option about IOMMUs.");
	else if (tells_unknown(snap))
		lines_add(lines, TONE_GOOD,
		          "Options on the kernel's command line, of which it refused none: %s",
		          options);
	else
		lines_add(lines, TONE_PLAIN, "Options on the kernel's command line: %s", options);
}

/* Where nobody looked at a log there is nothing to explain. */
static void say_untold(const struct snapshot *snap, struct lines *lines)
{
	const struct snapshot_health *log = &snap->health[SOURCE_LOG];

	if (snap->machine.log_since_boot == 1)
		return;
	if (log->state == HEALTH_OK || log->state == HEALTH_PARTIAL)
		lines_add(lines, TONE_UNKNOWN,
		          "Whether the kernel knew its options is not known: its log no longer "
		          "reaches back to the boot. journalctl -k -b | iommutop --kernel-log - "
		          "--doctor asks the journal.");
	else if (log->reason[0])
		lines_add(lines, TONE_UNKNOWN,
		          "Whether the kernel knew its options is not known: its log cannot be "
		          "read.");
}

void doctor_say_options(const struct snapshot *snap, struct lines *lines)
{
	const char *options = options_of(snap), *at = options, *unknown = unknown_of(snap);
	struct option option = {.snap = snap, .lines = lines};
	size_t before = lines->count;

	while (next_option(&unknown, &option))
		say_one_unknown(&option);
	while (next_option(&at, &option))
		if (!has_option(unknown_of(snap), option.text))
			say_one(&option);
	if (lines->count == before && snap->machine.options)
		say_none_refused(snap, options, lines);
	if (*options)
		say_untold(snap, lines);
}

/* ---- default domains ---- */

enum wish { WISH_NONE, WISH_NO, WISH_YES };

/* As kstrtobool has it, since 5.17 with t and f; NONE for what it cannot read. */
static enum wish truth(const char *value)
{
	char second = *value ? value[1] : '\0';

	if (*value == 'o' || *value == 'O')
		return second == 'n' || second == 'N'   ? WISH_YES
		       : second == 'f' || second == 'F' ? WISH_NO
		                                        : WISH_NONE;
	if (*value && strchr("1yYtT", *value))
		return WISH_YES;
	return *value && strchr("0nNfF", *value) ? WISH_NO : WISH_NONE;
}

/* In the order of the command line: the last one decides. */
static enum wish passthrough_wish(const struct snapshot *snap, struct option *asked)
{
	const char *list = options_of(snap);
	struct option option = {0};
	enum wish wish = WISH_NONE, this;

	while (next_option(&list, &option)) {
		const char *value = strchr(option.text, '=');

		this = WISH_NONE;
		if (value && is_called(&option, "iommu.passthrough"))
			this = truth(value + 1);
		else if (is_called(&option, "iommu") && is_x86(snap))
			this = doctor_option_has(option.text, "iommu", "pt")     ? WISH_YES
			       : doctor_option_has(option.text, "iommu", "nopt") ? WISH_NO
			                                                         : WISH_NONE;
		if (this == WISH_NONE)
			continue;
		wish = this;
		*asked = option;
	}
	return wish;
}

static enum wish strict_wish(const struct snapshot *snap, struct option *asked)
{
	const char *list = options_of(snap);
	struct option option = {0};
	enum wish wish = WISH_NONE, this;

	while (next_option(&list, &option)) {
		const char *value = strchr(option.text, '=');
		bool forced = doctor_option_has(option.text, "intel_iommu", "strict") ||
		              doctor_option_has(option.text, "amd_iommu", "fullflush");

		this = forced                                        ? WISH_YES
		       : value && is_called(&option, "iommu.strict") ? truth(value + 1)
		                                                     : WISH_NONE;
		if (this == WISH_NONE)
			continue;
		wish = this;
		*asked = option;
	}
	return wish;
}

/* Default domains of the groups, by type. */
struct census {
	size_t lazy, strict, identity, all;
};

static struct census take_census(const struct snapshot *snap)
{
	struct census census = {0};

	for (size_t i = 0; i < snap->group_count; i++) {
		const char *type = snapshot_text(snap, snap->groups[i].default_type);

		census.all++;
		census.lazy += !strcmp(type, "DMA-FQ");
		census.strict += !strcmp(type, "DMA");
		census.identity += !strcmp(type, "identity");
	}
	return census;
}

static bool got(text_id fact, const struct snapshot *snap, const char *word)
{
	const char *text = snapshot_text(snap, fact);

	return !strncmp(text, word, strlen(word));
}

static void say_type_against_wish(const struct snapshot *snap, const struct census *census,
                                  struct lines *lines)
{
	text_id type = snap->machine.boot_type;
	struct option asked = {0};
	enum wish wish = passthrough_wish(snap, &asked);
	bool translated = type ? got(type, snap, "Translated") : !census->identity;
	bool passthrough = type ? got(type, snap, "Passthrough") : census->identity == census->all;

	if (wish == WISH_YES && translated)
		lines_add(lines, TONE_WARN,
		          "%s asks for passthrough, but the default is translated%s.", asked.text,
		          has_said(snap, "encrypted") ? ": memory encryption forbids passthrough"
		                                      : "");
	else if (wish == WISH_NO && passthrough)
		lines_add(lines, TONE_WARN,
		          "%s asks for translation, but the default is passthrough.", asked.text);
	else if (passthrough)
		lines_add(
			lines, TONE_PLAIN,
			"Passthrough is the default%s%s: the host's own devices reach all of its "
			"memory, and no maps of them are to be seen. Guests' devices are held all "
			"the same.",
			wish == WISH_YES ? ", as asked by " : "",
			wish == WISH_YES ? asked.text : "");
}

static void say_policy_against_wish(const struct snapshot *snap, const struct census *census,
                                    struct lines *lines)
{
	struct option asked = {0};
	enum wish wish = strict_wish(snap, &asked);

	if (wish == WISH_YES && census->lazy)
		lines_add(lines, TONE_WARN,
		          "%s asks for strict unmaps, but %zu of %zu groups are lazy.", asked.text,
		          census->lazy, census->all);
	else if (wish == WISH_NO && census->strict && !census->lazy)
		lines_add(lines, TONE_WARN, "%s asks for lazy unmaps, but all groups are strict%s.",
		          asked.text,
		          has_said(snap, "strict_for_guest")
		                  ? ": the kernel saw that it runs in a virtual machine"
		                  : "");
}

static void add_kind(char *out, size_t size, size_t count, const char *kind)
{
	if (count)
		append_text(out, size, "%s%zu %s", *out ? ", " : "", count, kind);
}

/* Up to 5.14 the word DMA stands for both (iommu_group_show_type). */
static void say_census(const struct snapshot *snap, const struct census *census,
                       struct lines *lines)
{
	size_t rest = census->all - census->lazy - census->strict - census->identity;
	bool told = snapshot_kernel_at_least(snap, 5, 15);
	char kinds[200] = "";

	add_kind(kinds, sizeof(kinds), census->strict,
	         told ? "strict (an unmapped page is out of reach at once)"
	              : "translated (lazy or strict is not told before 5.15)");
	add_kind(kinds, sizeof(kinds), census->lazy,
	         "lazy (it stays in reach for some milliseconds, which costs less)");
	add_kind(kinds, sizeof(kinds), census->identity, "passthrough");
	add_kind(kinds, sizeof(kinds), rest, "of another type");
	lines_add(lines, TONE_PLAIN, "Default domains of the groups: %s.", kinds);
}

void doctor_say_defaults(const struct snapshot *snap, struct lines *lines)
{
	const struct census census = take_census(snap);

	say_type_against_wish(snap, &census, lines);
	if (snapshot_kernel_at_least(snap, 5, 15))
		say_policy_against_wish(snap, &census, lines);
	say_census(snap, &census, lines);
}
