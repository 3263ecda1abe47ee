/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FACT_PLACES_H
#define IOMMUTOP_FACT_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "snapshot.h"

/*
 * Facts (ATTR) that lie as one member in the struct of their subject: snapshot_machine,
 * snapshot_unit, snapshot_group, snapshot_device, snapshot_process. Texts as text_id, numbers as
 * uint32_t.
 */
enum fact_where {
	FACT_ELSEWHERE,  /* in none of these structs, or as more than one member */
	FACT_AS_TOLD,    /* what the ATTR said, and nothing else comes of it */
	FACT_WORKED_OUT, /* the model made something of it */
};

struct fact_place {
	uint8_t offset;
	uint8_t where; /* enum fact_where */
};

extern const struct fact_place fact_places[ATTRIBUTE_COUNT];

/* The member of an attribute that has a place. */
uint32_t fact_value(enum attribute attribute, const void *of);
bool fact_is_known(enum attribute attribute, uint32_t value);

#endif
