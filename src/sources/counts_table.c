// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counts_table: what was counted under which key.
 * In: keys. Out: rows. Must never know: histograms, domains' numbers.
 */
#include "counts_table.h"

#include <stdlib.h>

#include "../util.h"

enum { CAPACITY_LEAST = 64 };

/* Addresses differ in their middle bits: multiplied, these reach the top. */
static size_t hash(uint64_t address, uint8_t log2)
{
	uint64_t mixed = (address ^ ((uint64_t)log2 << 56)) * 0x9e3779b97f4a7c15u;

	return (size_t)(mixed >> 32);
}

/* The row of the key, or the free one where it belongs. */
static struct counts_row *find(const struct counts_table *table, uint64_t address, uint8_t log2)
{
	size_t mask = table->capacity - 1;
	size_t at = hash(address, log2) & mask;

	while (table->rows[at].used &&
	       (table->rows[at].address != address || table->rows[at].log2 != log2))
		at = (at + 1) & mask;
	return &table->rows[at];
}

/* All rows last seen in that round or later, in a table of this capacity. */
static void rebuild(struct counts_table *table, size_t capacity, uint64_t round)
{
	struct counts_table old = *table;

	table->rows = xcalloc(capacity, sizeof(*table->rows));
	table->capacity = capacity;
	table->count = 0;
	for (size_t i = 0; i < old.capacity; i++) {
		const struct counts_row *row = &old.rows[i];

		if (!row->used || row->round < round)
			continue;
		*find(table, row->address, row->log2) = *row;
		table->count++;
	}
	free(old.rows);
}

struct counts_row *counts_table_get(struct counts_table *table, uint64_t address, uint8_t log2)
{
	struct counts_row *row;

	if (table->count * 4 >= table->capacity * 3)
		rebuild(table, table->capacity ? table->capacity * 2 : CAPACITY_LEAST, 0);
	row = find(table, address, log2);
	if (!row->used) {
		*row = (struct counts_row){.address = address, .log2 = log2, .used = true};
		table->count++;
	}
	return row;
}

void counts_table_prune(struct counts_table *table, uint64_t round)
{
	if (table->capacity)
		rebuild(table, table->capacity, round);
}

void counts_table_release(struct counts_table *table)
{
	free(table->rows);
	*table = (struct counts_table){0};
}
