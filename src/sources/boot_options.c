// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * boot_options: which options of a kernel's command line are about IOMMUs.
 * In: command lines. Out: the options that matter. Must never know: files, what a value means.
 */
#include "boot_options.h"

#include <stdio.h>
#include <string.h>

#include "../util.h"

#define MORE " ..."

/* Parts of names. Names that are nobody's have them too: so people mistype. */
static const char *const of_iommus[] = {
	"iommu", "immou", "iomu", "smmu", "acs_", "intremap", "ivrs_",
};

/* How names begin of what is built on an IOMMU, or stands in the way of seeing it. */
static const char *const others[] = {
	"vfio",    "kvm",           "pci=",
	"efi=",    "trace_",        "lockdown",
	"swiotlb", "module_blackl", "modprobe.blackl",
	"initcal", "nox2apic",      "ftrace",
};

static bool has_part(const char *option, size_t length, const char *part)
{
	return memmem(option, length, part, strlen(part)) != NULL;
}

/* In its name alone: a path or an address may have anything in it. */
static bool is_of_iommus(const char *option, size_t length)
{
	const char *equals = memchr(option, '=', length);
	size_t name = equals ? (size_t)(equals - option) : length;

	for (size_t i = 0; i < ARRAY_SIZE(of_iommus); i++)
		if (has_part(option, name, of_iommus[i]))
			return true;
	return false;
}

static bool is_other(const char *option, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (length >= strlen(others[i]) && !memcmp(option, others[i], strlen(others[i])))
			return true;
	return false;
}

bool boot_options_next(const char **line, const char **option, size_t *length)
{
	const char *at = *line + strspn(*line, " \t\n");
	bool quoted = false;

	*option = at;
	for (; *at && (quoted || !strchr(" \t\n", *at)); at++)
		quoted ^= *at == '"';
	*length = (size_t)(at - *option);
	*line = at;
	return *length > 0;
}

static bool is_in(const char *list, const char *option, size_t length)
{
	const char *other;
	size_t other_length;

	while (boot_options_next(&list, &other, &other_length))
		if (other_length == length && !memcmp(other, option, length))
			return true;
	return false;
}

bool boot_options_add(char out[BOOT_OPTIONS_MAX], const char *option, size_t length)
{
	size_t used = strlen(out);
	bool full = used >= strlen(MORE) && !strcmp(out + used - strlen(MORE), MORE);

	if (full || !length || is_in(out, option, length))
		return false;
	if (used + 1 + length + sizeof(MORE) > BOOT_OPTIONS_MAX)
		append_text(out, BOOT_OPTIONS_MAX, MORE);
	else
		append_text(out, BOOT_OPTIONS_MAX, "%s%.*s", used ? " " : "", (int)length, option);
	return true;
}

static void pick(const char *line, bool (*matters)(const char *, size_t),
                 char out[BOOT_OPTIONS_MAX])
{
	const char *option;
	size_t length;

	while (boot_options_next(&line, &option, &length))
		if (matters(option, length))
			boot_options_add(out, option, length);
}

void boot_options_pick(const char *line, char out[BOOT_OPTIONS_MAX])
{
	out[0] = '\0';
	pick(line, is_of_iommus, out);
	pick(line, is_other, out);
}
