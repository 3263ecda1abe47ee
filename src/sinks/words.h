/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_WORDS_H
#define IOMMUTOP_WORDS_H

#include "../snapshot.h"

/* What programs read of domains, the same in every form of output. */

/* The kernel's word, as in iommu_groups/N/type; NULL where the type is not known. */
const char *words_domain_type(uint8_t type);
/* How it is known whose a domain is: "snapshot", "attach", ... */
const char *words_named_by(uint8_t named_by);
/* Off is not zero, and neither is unknown. */
bool words_has_figure(enum known known);

#endif
