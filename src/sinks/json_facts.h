/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_JSON_FACTS_H
#define IOMMUTOP_JSON_FACTS_H

#include <jansson.h>

#include "filter.h"

/*
 * All facts of the machine, its units, groups, devices and processes, by the words that recordings
 * have for them; what is not known is left out. sources/saved_topology.c reads it.
 */
json_t *json_facts(const struct snapshot *snap, const struct output_filter *filter);

#endif
