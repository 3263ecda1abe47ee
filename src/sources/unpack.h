/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_UNPACK_H
#define IOMMUTOP_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "../error.h"

/* Undoes the packing of pieces whose size is known, in memory of that size. */
struct unpack;

/* name: "zlib" or "zstd", as files name it. NULL: this program was built without it, or nobody
 * knows it. */
struct unpack *unpack_new(const char *name, struct error *err);
void unpack_free(struct unpack *unpack);

/* False: the bytes do not make sense, or are not just out_size when unpacked. */
bool unpack_run(struct unpack *unpack, const void *in, size_t in_size, void *out, size_t out_size);

#endif
