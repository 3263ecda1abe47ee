// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci_names: PCI numbers to lspci's words; the only file that knows libpci's names.
 * In: numbers, a pci.ids. Out: text, as untrusted as the file. Must never know: sysfs, events.
 */
#include "pci_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pci/pci.h>

#include "util.h"

enum { NAME_SIZE = 256, PROBLEM_SIZE = 200 };

struct pci_names {
	struct pci_access *access;
	char problem[PROBLEM_SIZE]; /* empty: none */
};

/*
 * libpci reports errors to a function that must not return and that is told nothing but the text.
 * So each call that can fail leaves word here of where to go on; of the thread, because a reader
 * that hangs in the kernel may be left behind while another one starts.
 */
static _Thread_local jmp_buf way_out;
static _Thread_local char complaint[PROBLEM_SIZE];

static void on_error(char *message, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void on_message(char *message, ...) __attribute__((format(printf, 1, 2)));

static void on_error(char *message, ...)
{
	va_list args;

	va_start(args, message);
	vsnprintf(complaint, sizeof(complaint), message, args);
	va_end(args);
	longjmp(way_out, 1);
}

/* Without it libpci would write to the terminal, or call a null pointer: only pci_init, which also
 * probes the hardware, sets its own. */
static void on_message(char *message, ...)
{
	(void)message;
}

static char *look_up(struct pci_names *names, int mode, int first, int second, char *out, int size)
{
	if (setjmp(way_out))
		return NULL;
	return pci_lookup_name(names->access, out, size, mode, first, second);
}

static void write_name(struct pci_names *names, int mode, int first, int second, char *out,
                       size_t size)
{
	char name[NAME_SIZE];
	const char *found = look_up(names, mode, first, second, name, sizeof(name));

	if (found)
		copy_text(out, size, found);
}

/* libpci keeps what it has read before an error, and does not try again. */
static bool load_list(struct pci_names *names)
{
	if (setjmp(way_out)) {
		complaint[strcspn(complaint, "\n")] = '\0';
		copy_text(names->problem, sizeof(names->problem), complaint);
		return false;
	}
	return pci_load_name_list(names->access);
}

/* Where there is no list, udev's database may have the names all the same: Intel is in any. */
static bool hwdb_has_names(struct pci_names *names)
{
	char name[NAME_SIZE];

	return look_up(names, PCI_LOOKUP_VENDOR | PCI_LOOKUP_NO_NUMBERS, 0x8086, 0, name,
	               sizeof(name));
}

/* Opening a FIFO would wait for a writer. */
static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* This file and nothing else: neither udev's database nor the cache of old DNS answers. */
static void use_list(struct pci_access *libpci, const char *path)
{
	pci_set_name_list_path(libpci, xstrdup(is_special(path) ? "" : path), 1);
	libpci->id_lookup_mode = PCI_LOOKUP_NO_HWDB;
}

/*
 * Where udev keeps no database, libpci (3.9) asks for it anew with each name that the list lacks,
 * and never frees what it asked with. Its cache of answers from DNS (lspci -q) goes with it.
 */
static bool has_hwdb(void)
{
	static const char *const places[] = {"/etc/udev/hwdb.bin", "/usr/lib/udev/hwdb.bin",
	                                     "/lib/udev/hwdb.bin"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (access(places[i], R_OK) == 0)
			return true;
	return false;
}

struct pci_names *pci_names_open(const char *pci_ids)
{
	struct pci_names *names = xcalloc(1, sizeof(*names));
	struct pci_access *libpci = pci_alloc();

	libpci->error = on_error;
	libpci->warning = on_message;
	libpci->debug = on_message;
	names->access = libpci;
	if (pci_ids)
		use_list(libpci, pci_ids);
	else if (!has_hwdb())
		libpci->id_lookup_mode = PCI_LOOKUP_NO_HWDB;
	if (load_list(names) || (!pci_ids && hwdb_has_names(names)))
		names->problem[0] = '\0';
	else if (!names->problem[0])
		snprintf(names->problem, sizeof(names->problem), "cannot read %s",
		         pci_ids ? pci_ids : libpci->id_file_name);
	return names;
}

void pci_names_close(struct pci_names *names)
{
	if (!names)
		return;
	pci_cleanup(names->access);
	free(names);
}

const char *pci_names_problem(const struct pci_names *names)
{
	return names->problem[0] ? names->problem : NULL;
}

void pci_names_device(struct pci_names *names, uint16_t vendor_id, uint16_t device_id, char *out,
                      size_t size)
{
	snprintf(out, size, "Device %04x:%04x", vendor_id, device_id);
	write_name(names, PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE, vendor_id, device_id, out, size);
}

void pci_names_class(struct pci_names *names, uint32_t class_code, char *out, size_t size)
{
	unsigned int class_and_subclass = class_code >> 8 & 0xffff;

	snprintf(out, size, "Class %04x", class_and_subclass);
	write_name(names, PCI_LOOKUP_CLASS, (int)class_and_subclass, 0, out, size);
}
