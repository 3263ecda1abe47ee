/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_COUNTS_TABLE_H
#define IOMMUTOP_COUNTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a histogram had at the last read, by key. Pure. */

struct counts_row {
	uint64_t address; /* of a domain, 0 in totals */
	uint64_t hits, bytes;
	uint64_t round;  /* of the read that saw it last */
	uint32_t domain; /* the number its address stood for then */
	uint32_t former; /* and at the read before, if it stood for none any more; else 0 */
	uint8_t log2;
	bool changed; /* its address stood for another one at the read before */
	bool used;
};

struct counts_table {
	struct counts_row *rows; /* open addressing, capacity is a power of two */
	size_t capacity, count;
};

/* The row of a key, a new one (all else 0) if there was none. Valid until the next call. */
struct counts_row *counts_table_get(struct counts_table *table, uint64_t address, uint8_t log2);

/* Forgets rows last seen before that round. */
void counts_table_prune(struct counts_table *table, uint64_t round);

/* Forgets all. */
void counts_table_release(struct counts_table *table);

#endif
