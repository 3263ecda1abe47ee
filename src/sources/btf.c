// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * btf: where members lie in the kernel's structures.
 * In: the type information of a kernel. Out: offsets. Must never know: what they are for.
 *
 * A kernel says how its own structures are laid out, in a file of types ("BTF"); it differs between
 * configurations, so no table of offsets could be right.
 */
#include "btf.h"

#ifdef HAVE_LIBBPF

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../util.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

/* Structures within structures that have no name of their own: deeper than the kernel goes. */
#define NESTING 8

struct btf_types {
	struct btf *btf;
};

struct btf_types *btf_types_open(const char *path)
{
	struct btf_types *types;
	struct btf *btf;

	libbpf_set_print(NULL); /* standard error belongs to the screen */
	btf = btf__parse(path ? path : KERNEL_TYPES, NULL);
	/* Up to libbpf 0.8 an error is a pointer that is none; later, NULL. */
	if (!btf || libbpf_get_error(btf))
		return NULL;
	types = xcalloc(1, sizeof(*types));
	types->btf = btf;
	return types;
}

void btf_types_close(struct btf_types *types)
{
	if (!types)
		return;
	btf__free(types->btf);
	free(types);
}

static const struct btf_type *without_modifiers(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* In bits. A member without a name lends its own members to the structure. */
static bool find_member(const struct btf *btf, const struct btf_type *type, const char *wanted,
                        unsigned int depth, uint64_t *bits)
{
	for (unsigned int i = 0; type && btf_is_composite(type) && i < btf_vlen(type); i++) {
		const struct btf_member *member = &btf_members(type)[i];
		const char *name = btf__name_by_offset(btf, member->name_off);

		*bits = btf_member_bit_offset(type, i);
		if (name && *name && strcmp(name, wanted) == 0)
			return btf_member_bitfield_size(type, i) == 0;
		if (name && !*name && depth < NESTING) {
			uint64_t inner;

			if (find_member(btf, without_modifiers(btf, member->type), wanted,
			                depth + 1, &inner)) {
				*bits += inner;
				return true;
			}
		}
	}
	return false;
}

bool btf_types_offset(const struct btf_types *types, const char *name, const char *member,
                      size_t *bytes)
{
	uint64_t bits;
	int32_t id;

	if (!types)
		return false;
	id = btf__find_by_name_kind(types->btf, name, BTF_KIND_STRUCT);
	if (id <= 0 ||
	    !find_member(types->btf, btf__type_by_id(types->btf, (uint32_t)id), member, 0, &bits))
		return false;
	*bytes = (size_t)(bits / 8);
	return true;
}

#else

struct btf_types *btf_types_open(const char *path)
{
	(void)path;
	return NULL;
}

void btf_types_close(struct btf_types *types)
{
	(void)types;
}

bool btf_types_offset(const struct btf_types *types, const char *name, const char *member,
                      size_t *bytes)
{
	(void)types;
	(void)name;
	(void)member;
	(void)bytes;
	return false;
}

#endif
