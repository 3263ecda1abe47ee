/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_OWNED_H
#define IOMMUTOP_OWNED_H

#include <stddef.h>

/*
 * Memory that a struct owns, gone through for a copy of it, to count it or to free it. Who has such
 * a struct names its arrays in one function, which does all three: so they cannot differ, and an
 * array that is forgotten there is a leak, which tests find.
 *
 * For a copy the struct itself is copied first, by assignment; then each pointer in it that owns
 * memory gets memory of its own.
 */
enum owned_task { OWNED_COPY, OWNED_COUNT, OWNED_FREE };

struct owned {
	enum owned_task task;
	size_t bytes; /* of what was gone through */
	/* OWNED_COUNT: is shown each of them, as far as it is in use; or NULL */
	void (*see)(void *context, const void *memory, size_t used_bytes);
	void *context;
};

/*
 * An array in which there are pointers that own memory: begin, then those, then end. address: of
 * the pointer to it, which may be NULL. It has size_bytes; behind used_bytes there is nothing yet,
 * and a copy has zeroes there.
 */
void owned_begin(struct owned *owned, void *address, size_t used_bytes, size_t size_bytes);
void owned_end(struct owned *owned, void *address);

/* One without. */
void owned_array(struct owned *owned, void *address, size_t used_bytes, size_t size_bytes);

/* A text, a char * that may be NULL. */
void owned_text(struct owned *owned, void *address);

/* The same by elements. */
#define OWNED_BEGIN(owned, array, used, size) \
	owned_begin(owned, &(array), (used) * sizeof(*(array)), (size) * sizeof(*(array)))
#define OWNED_ARRAY(owned, array, used, size) \
	owned_array(owned, &(array), (used) * sizeof(*(array)), (size) * sizeof(*(array)))

/* A pointer into memory that was at from, and of which the copy is at to: it moves along. It may be
 * NULL. address: of the pointer. */
void owned_move(const struct owned *owned, void *address, const void *from, const void *to);

#endif
