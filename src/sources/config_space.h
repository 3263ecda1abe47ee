/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CONFIG_SPACE_H
#define IOMMUTOP_CONFIG_SPACE_H

#include "topology.h"

/*
 * Sets what a PCI device's configuration space and link tell, by libpci from the sysfs tree at
 * root:
 *
 * ATTR_DEVICE_CONFIG: how much could be read: "whole"; "64 bytes" (an ordinary user gets no more);
 *	"256 bytes" (of a PCI Express device: the kernel itself reaches no more); "asleep"
 *	(runtime-suspended: reading would wake it, so it was not read; with wake it is); "gone" (all
 *	ones); "broken" (lists of capabilities that run in circles or out of the space, or less than
 *	a header: what was found before that is told); "none" (there is no such file)
 * ATTR_DEVICE_PORT: "endpoint", "legacy endpoint", "root port", "upstream port", "downstream port",
 *	"bridge to PCI", "bridge from PCI", "integrated endpoint", "event collector"; "conventional"
 *	for what has no PCI Express capability; not set where that cannot be seen
 * ATTR_DEVICE_ACS: two hexadecimal numbers, what the capability offers and what is on: "5f/1d",
 *	read as the kernel reads them (some of Intel's ports have them elsewhere); "none" where
 *	there is no such capability, or none that the kernel reaches; not set where that cannot be
 *	seen
 * ATTR_DEVICE_FUNCTIONS: 1 where its header says that its slot has several functions, else 0
 * ATTR_DEVICE_FEATURES: "ats+ pasid- pri-": offered, and + for on, - for off; not set where none of
 *	them is offered ("whole" tells that from not known)
 * ATTR_DEVICE_LINK: "8.0 GT/s x4, able to 16.0 GT/s x8"; only of what is awake: sysfs asks the
 *	device for it
 *
 * Reads the header and then only what the lists of capabilities lead to: some devices mind more.
 * Never reads VPD or ROM. Without wake a device whose power/runtime_status is "suspended" is not
 * touched. Relied on: drivers/pci/pci-sysfs.c, drivers/pci/pci.c (pci_find_capability and
 * pci_find_ext_capability).
 */
void config_space_read(const char *root, const char *name, bool wake, struct topology_item *item);

#endif
