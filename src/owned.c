// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * owned: memory of structs, copied, counted or freed by one list of it. In: pointers, sizes. Out:
 * the same for each task. Must never know: whose memory it is. Pure.
 */
#include "owned.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* address is that of some T *, which is no void *. */
static void *pointer_at(const void *address)
{
	void *pointer;

	memcpy(&pointer, address, sizeof(pointer));
	return pointer;
}

static void set_pointer(void *address, const void *pointer)
{
	memcpy(address, &pointer, sizeof(pointer));
}

static void *copy_of(const void *memory, size_t used_bytes, size_t size_bytes)
{
	char *copy = xmalloc(size_bytes);

	memcpy(copy, memory, used_bytes);
	memset(copy + used_bytes, 0, size_bytes - used_bytes);
	return copy;
}

void owned_begin(struct owned *owned, void *address, size_t used_bytes, size_t size_bytes)
{
	void *memory = pointer_at(address);

	if (!memory)
		return;
	owned->bytes += size_bytes;
	if (owned->task == OWNED_COPY)
		set_pointer(address, copy_of(memory, used_bytes, size_bytes));
	else if (owned->see)
		owned->see(owned->context, memory, used_bytes);
}

void owned_end(struct owned *owned, void *address)
{
	if (owned->task != OWNED_FREE)
		return;
	free(pointer_at(address));
	set_pointer(address, NULL);
}

void owned_array(struct owned *owned, void *address, size_t used_bytes, size_t size_bytes)
{
	owned_begin(owned, address, used_bytes, size_bytes);
	owned_end(owned, address);
}

void owned_text(struct owned *owned, void *address)
{
	const char *text = pointer_at(address);
	size_t bytes = text ? strlen(text) + 1 : 0;

	owned_array(owned, address, bytes, bytes);
}

void owned_move(const struct owned *owned, void *address, const void *from, const void *to)
{
	const char *pointer = pointer_at(address);

	if (owned->task == OWNED_COPY && pointer)
		set_pointer(address, (const char *)to + (pointer - (const char *)from));
}
