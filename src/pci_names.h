/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PCI_NAMES_H
#define IOMMUTOP_PCI_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/*
 * PCI numbers to the words lspci uses, out of pci.ids through libpci. Not thread-safe: one user at
 * a time.
 */
struct pci_names;

/* pci_ids: the file to read, NULL for the system's. A file that cannot be read is no error: names
 * are numbers then. NULL and *err only if libpci itself fails. */
struct pci_names *pci_names_open(const char *pci_ids, struct error *err);
void pci_names_close(struct pci_names *names);

/* "Intel Corporation 82574L Gigabit Network Connection"; what pci.ids does not know is written as
 * lspci writes it ("Intel Corporation Device abcd", "Device 1234:abcd"). */
void pci_names_device(struct pci_names *names, uint16_t vendor_id, uint16_t device_id, char *out,
                      size_t size);
/* class_code: 24 bits as in sysfs. "Ethernet controller", or "Class 0c80". */
void pci_names_class(struct pci_names *names, uint32_t class_code, char *out, size_t size);

#endif
