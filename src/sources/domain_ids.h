/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DOMAIN_IDS_H
#define IOMMUTOP_DOMAIN_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Kernel addresses of domains to numbers that people see: 1, 2, 3 and so on, none used twice. The
 * kernel uses an address again once its domain is freed (iommu_domain_free); then it is another
 * domain and gets another number. Addresses end here. Pure.
 *
 * Memory is bounded by the domains that live at the same time: a freed one is forgotten.
 */
struct domain_ids;
struct owned;

struct domain_ids *domain_ids_new(void);
void domain_ids_free(struct domain_ids *ids);
/* All its memory, for a copy of it (owned.h). */
void domain_ids_owned(struct domain_ids **ids, struct owned *owned);

/* The number of a domain, a new one if it was not known. DOMAIN_UNATTRIBUTED for address 0. */
uint32_t domain_ids_get(struct domain_ids *ids, uint64_t address);

/* The number of a domain, or DOMAIN_UNATTRIBUTED if it has none. */
uint32_t domain_ids_find(const struct domain_ids *ids, uint64_t address);

/* The address of a living domain, 0 if there is none of this number. */
uint64_t domain_ids_address(const struct domain_ids *ids, uint32_t id);

/* It is freed: its address stands for no domain from here on. Returns its number, or
 * DOMAIN_UNATTRIBUTED. */
uint32_t domain_ids_retire(struct domain_ids *ids, uint64_t address);

/* The type last seen, DOMAIN_TYPE_UNKNOWN at first. True when set changed it. */
bool domain_ids_set_type(struct domain_ids *ids, uint32_t id, uint8_t type);
uint8_t domain_ids_type(const struct domain_ids *ids, uint32_t id);

#endif
