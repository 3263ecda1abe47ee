/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PAGE_BINDINGS_H
#define IOMMUTOP_PAGE_BINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tep_event;
struct tep_format_field;

#define PAGE_VALUES 4

/* When an event is wanted. */
enum page_set {
	SET_ALWAYS,   /* with its class, where the kernel has it */
	SET_PROBES,   /* our own, where they could be made */
	SET_FALLBACK, /* where there are no probes: it tells the device of a map before it */
	SET_COUNT
};

/* A trace event and what becomes of its fields. Fields are found by name: they move (see .c). */
struct page_binding {
	const char *system; /* NULL: the group of our probes, which has a name at run time only */
	const char *event;
	const char *values[PAGE_VALUES];      /* fields for raw.value, in its order; NULL: none */
	const char *substitutes[PAGE_VALUES]; /* where a value's own field does not exist */
	const char *text;                     /* field for raw.text; NULL: none */
	uint8_t kind;                         /* enum raw_kind */
	uint8_t class;                        /* enum event_class; CLASS_COUNT: none switches it */
	uint8_t set;                          /* enum page_set */
	bool lists;                           /* values are arrays: see take_lists() in pages.c */
	bool historic;                        /* other kernels do well without it */
};

#define PAGE_BINDINGS 39

extern const struct page_binding page_bindings[PAGE_BINDINGS];

/* Where a number lies in a record. size 0: there is no such field. */
struct page_field {
	uint16_t offset;
	uint8_t size; /* 1, 2, 4 or 8 */
	bool is_signed;
	uint8_t item_bytes; /* of an array, whose __data_loc word it is; else 0 */
};

/* A binding, resolved for the kernel at hand. */
struct page_layout {
	struct page_field values[PAGE_VALUES];
	struct page_field text; /* the __data_loc word */
	struct page_field flags;
	struct page_field pid;
	size_t least_bytes; /* a record that holds all of these */
	uint8_t kind;
	bool lists;
};

/* False: it lies where no record reaches, or is no number. */
bool page_field_resolve(struct tep_format_field *from, struct page_field *field);

/* Finds a binding's fields in an event of the kernel at hand. Returns the first required one that
 * is not there, or NULL. */
const char *page_binding_resolve(const struct page_binding *binding, struct tep_event *event,
                                 struct page_layout *layout);

#endif
