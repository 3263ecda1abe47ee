/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RECIPE_H
#define IOMMUTOP_RECIPE_H

#include <stdio.h>

/*
 * The group of a recipe's probes: its events are called as probe_names has them (iommutop:map,
 * iommutop:unmap, ...), with the fields of ours, so that who reads a trace.dat knows them. No group
 * of a running iommutop is called so: these have a '_' and more behind it, and what looks like one
 * of a dead iommutop would be swept.
 */
#define RECIPE_GROUP "iommutop"

struct recipe_options {
	const char *procfs, *sysfs; /* kallsyms; class/iommu and kernel/btf/vmlinux */
	const char *release;        /* of the kernel that both are of */
};

/*
 * Commands for a shell of root that record with trace-cmd, on this kernel, what iommutop can replay
 * with domains; the last ones undo the first. Needs no root. -1 when out could not be written
 * (errno says why).
 */
int recipe_write(FILE *out, const struct recipe_options *options);

#endif
