// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vm_name: what a virtual machine is called. In: a command line, a control group. Out: a name. Must
 * never know: processes, files. Pure.
 */
#include "vm_name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../util.h"

static bool is_one_of(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

/* One value of QEMU's option syntax: up to a single comma; two stand for one. Returns its end. */
static const char *option_value(const char *text, char *value, size_t size)
{
	size_t length = 0;

	for (; *text && (*text != ',' || text[1] == ','); text++) {
		if (*text == ',')
			text++;
		if (length < size - 1)
			value[length++] = *text;
	}
	value[length] = '\0';
	return text;
}

/* guest=NAME among KEY=VALUE,...; the first may be the NAME alone. */
static void guest_of_option(const char *option, char *name, size_t size)
{
	const char *at = option;

	while (*at) {
		size_t key = strcspn(at, "=,");
		char ignored[1];

		if (at[key] == '=' && (key != 5 || strncmp(at, "guest", key) != 0))
			at = option_value(at + key + 1, ignored, sizeof(ignored));
		else if (at[key] == '=' || at == option)
			at = option_value(at[key] == '=' ? at + key + 1 : at, name, size);
		else
			at = option_value(at, ignored, sizeof(ignored));
		at += *at == ',';
	}
}

/* The argument behind, or NULL where there is none or a cut one. */
static const char *next_argument(const char *argument, const char *end)
{
	const char *next = argument + strnlen(argument, (size_t)(end - argument));

	if (next == end || ++next == end || !memchr(next, '\0', (size_t)(end - next)))
		return NULL;
	return next;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void cut_suffix(char *name)
{
	static const char *const suffixes[] = {".sock", ".socket"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t length = strlen(name), cut = strlen(suffixes[i]);

		if (length > cut && !strcmp(name + length - cut, suffixes[i]))
			name[length - cut] = '\0';
	}
}

/* "/run/vm1.sock", "path=/run/vm1.sock": vm1. A socket that is called like its program has the
 * name of the machine above it: "/run/vc/vm/4711/clh-api.sock". */
static void name_of_socket(const char *value, char *name, size_t size)
{
	static const char *const common[] = {"api", "clh-api", "cloud-hypervisor", "crosvm", "vmm"};
	char path[1024];
	char *slash;

	name[0] = '\0';
	if (!strncmp(value, "fd=", 3) ||
	    !copy_text(path, sizeof(path), strncmp(value, "path=", 5) ? value : value + 5))
		return;
	path[strcspn(path, ",")] = '\0';
	cut_suffix(path);
	slash = strrchr(path, '/');
	if (slash && is_one_of(common, ARRAY_SIZE(common), slash + 1))
		*slash = '\0';
	copy_text(name, size, last_part(path));
}

static void name_as_it_is(const char *value, char *name, size_t size)
{
	copy_text(name, size, value);
}

/* How a program is told the name of its machine; a later row counts where those before it say
 * nothing. DPDK and SPDK have no machine. */
static const struct program {
	const char *name;
	bool part;   /* of the program's name, which has the processor's in it */
	bool equals; /* --option=value is as good */
	const char *options[2];
	void (*read)(const char *value, char *name, size_t size);
} programs[] = {
	{"qemu", true, false, {"-name", "--name"}, guest_of_option},
	{"kvm", true, false, {"-name", "--name"}, guest_of_option},
	{"cloud-hypervisor", false, true, {"--api-socket", NULL}, name_of_socket},
	{"crosvm", false, true, {"--name", NULL}, name_as_it_is},
	{"crosvm", false, true, {"--socket", "-s"}, name_of_socket},
	{"firecracker", false, true, {"--id", NULL}, name_as_it_is},
};

static bool is_program(const struct program *program, const char *path)
{
	const char *name = last_part(path);

	return program->part ? strstr(name, program->name) != NULL : !strcmp(name, program->name);
}

/* The value of one of the options, if this is it: in the argument itself or in the one behind,
 * which *argument is then. NULL: none. */
static const char *value_of(const struct program *program, const char **argument, const char *end)
{
	for (size_t i = 0; i < ARRAY_SIZE(program->options); i++) {
		const char *option = program->options[i];
		size_t length = option ? strlen(option) : 0;

		if (!option || strncmp(*argument, option, length) != 0)
			continue;
		if (program->equals && (*argument)[length] == '=')
			return *argument + length + 1;
		if ((*argument)[length] == '\0') {
			const char *next = next_argument(*argument, end);

			*argument = next ? next : *argument;
			return next;
		}
	}
	return NULL;
}

static bool read_arguments(const struct program *program, const char *cmdline, const char *end,
                           char *name, size_t size)
{
	const char *argument = cmdline, *value;

	name[0] = '\0';
	while ((argument = next_argument(argument, end))) {
		value = value_of(program, &argument, end);
		if (value)
			program->read(value, name, size);
	}
	return name[0] != '\0';
}

static bool name_from_cmdline(const char *cmdline, size_t size, char *name, size_t name_size)
{
	if (!memchr(cmdline, '\0', size))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (is_program(&programs[i], cmdline) &&
		    read_arguments(&programs[i], cmdline, cmdline + size, name, name_size))
			return true;
	return false;
}

static int hex_digit(char digit)
{
	uint64_t value;

	return parse_hex((char[]){digit, '\0'}, NULL, &value) ? (int)value : -1;
}

/* What systemd escaped as \xHH, up to end; false where it cannot be a name. */
static bool unescape(const char *text, const char *end, char *out, size_t size)
{
	size_t length = 0;

	while (text < end && length < size - 1) {
		char byte = *text++;

		if (byte == '\\') {
			int high = end - text >= 3 && *text == 'x' ? hex_digit(text[1]) : -1;
			int low = high >= 0 ? hex_digit(text[2]) : -1;

			if (low < 0 || (high == 0 && low == 0))
				return false;
			byte = (char)(high * 16 + low);
			text += 3;
		}
		out[length++] = byte;
	}
	out[length] = '\0';
	return true;
}

/* "qemu-3-" and its like; NULL for what is no virtual machine (lxc). */
static const char *skip_driver(const char *text)
{
	static const char *const drivers[] = {"qemu-", "ch-"};
	const char *behind;
	uint64_t id;

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		size_t length = strlen(drivers[i]);

		if (!strncmp(text, drivers[i], length) &&
		    parse_decimal(text + length, &behind, &id) && *behind == '-')
			return behind + 1;
	}
	return NULL;
}

/* "machine-qemu\x2d3\x2dNAME.scope", by libvirt and systemd-machined. */
static bool name_from_scope(const char *scope, size_t length, char *name, size_t size)
{
	static const char prefix[] = "machine-", suffix[] = ".scope";
	const size_t around = sizeof(prefix) - 1 + sizeof(suffix) - 1;
	const char *end = scope + length - (sizeof(suffix) - 1), *found;
	char text[VM_NAME_MAX + 32];

	if (length <= around || strncmp(scope, prefix, sizeof(prefix) - 1) != 0 ||
	    strncmp(end, suffix, sizeof(suffix) - 1) != 0)
		return false;
	if (!unescape(scope + sizeof(prefix) - 1, end, text, sizeof(text)))
		return false;
	found = skip_driver(text);
	if (!found || !*found)
		return false;
	copy_text(name, size, found);
	return true;
}

static bool name_from_cgroup(const char *cgroup, char *name, size_t size)
{
	while (*cgroup) {
		size_t length = strcspn(cgroup, "/\n");

		if (name_from_scope(cgroup, length, name, size))
			return true;
		cgroup += length;
		cgroup += *cgroup != '\0';
	}
	return false;
}

bool vm_name_read(const char *cmdline, size_t size, const char *cgroup, char *name,
                  size_t name_size)
{
	return name_from_cmdline(cmdline, size, name, name_size) ||
	       name_from_cgroup(cgroup, name, name_size);
}
