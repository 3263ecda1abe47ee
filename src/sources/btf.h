/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BTF_H
#define IOMMUTOP_BTF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Offsets of members in the running kernel's structures, from its own type information
 * (/sys/kernel/btf/vmlinux). The only file that knows libbpf, and only its btf API; built without
 * that library, nothing is known.
 */
struct btf_types;

/* path NULL: the running kernel's. NULL where there is none or it is not understood. */
struct btf_types *btf_types_open(const char *path);
void btf_types_close(struct btf_types *types);

/* Bytes from the start of "struct name" to its member. False if there is no such thing. */
bool btf_types_offset(const struct btf_types *types, const char *name, const char *member,
                      size_t *bytes);

#endif
