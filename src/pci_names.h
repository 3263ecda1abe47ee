/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PCI_NAMES_H
#define IOMMUTOP_PCI_NAMES_H

#include <stddef.h>
#include <stdint.h>

/*
 * PCI numbers to the words lspci uses, out of pci.ids through libpci. Each pci_names has one user
 * at a time; two of them can live in two threads.
 */
struct pci_names;

/*
 * pci_ids: the file to read, and then nothing else; NULL for what lspci would look into. Reads it
 * at once (the system's takes some 10 ms). A list that cannot be read is no error: names are
 * numbers then, from its first bad line on.
 */
struct pci_names *pci_names_open(const char *pci_ids);
void pci_names_close(struct pci_names *names);

/* Why names are numbers, or NULL; lives as long as names. */
const char *pci_names_problem(const struct pci_names *names);

/* "Intel Corporation 82574L Gigabit Network Connection"; what pci.ids does not know is written as
 * lspci writes it ("Intel Corporation Device abcd", "Device 1234:abcd"). */
void pci_names_device(struct pci_names *names, uint16_t vendor_id, uint16_t device_id, char *out,
                      size_t size);
/* class_code: 24 bits as in sysfs. "Ethernet controller"; where only the base class is known
 * "Serial bus controller [0c80]"; else "Class 0c80". */
void pci_names_class(struct pci_names *names, uint32_t class_code, char *out, size_t size);

#endif
