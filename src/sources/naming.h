/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_NAMING_H
#define IOMMUTOP_NAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "domain_ids.h"

/*
 * What pairing has to remember to name domains: which device a kernel address is, what was told of
 * a domain and of a group. Bounded: by the domains that live, by NAMING_DEVICES, by NAMING_GROUPS.
 * Pure.
 */
struct naming;

#define NAMING_DEVICES 4096u
#define NAMING_GROUPS  65536u

/* ids is borrowed: what it has no longer is forgotten here, too. */
struct naming *naming_new(const struct domain_ids *ids);
void naming_free(struct naming *naming);
/* All its memory, for a copy of it (owned.h), which asks these ids. */
void naming_owned(struct naming **naming, const struct domain_ids *ids, struct owned *owned);

/* The device at a kernel address is called so from now on. */
void naming_learn(struct naming *naming, uint64_t device, const char *name);
/* NULL: not known. Valid until the next call of learn, forget or drop. */
const char *naming_device(const struct naming *naming, uint64_t device);
/* The device has left: its address may be another's next. */
void naming_forget(struct naming *naming, const char *name);
/* What was known of this address is not so. */
void naming_drop(struct naming *naming, uint64_t device);

/* For those who know a device by its name alone. Never 0. */
uint64_t naming_hash(const char *name);

/* A map or an unmap of this domain was seen. */
void naming_active(struct naming *naming, uint32_t domain);
/* A group or a device of this domain was told. */
void naming_named(struct naming *naming, uint32_t domain);
/* How many domains were active before anything of them was told; only ever grows. */
uint64_t naming_unnamed(const struct naming *naming);

/*
 * A call of this device's driver mapped something in this domain. True when it is time to tell:
 * the second time, once for each device of the domain. Once is not enough, for that call and the
 * map that followed might by chance have nothing to do with one another.
 */
bool naming_dma_call(struct naming *naming, uint32_t domain, const char *device);

enum naming_group { NAMING_DEFAULT, NAMING_CURRENT, NAMING_GROUP_COUNT };

/* Whether a group's default or current domain is another than the one told last; then it counts as
 * told. */
bool naming_group_news(struct naming *naming, uint32_t group, enum naming_group which,
                       uint32_t domain);

/* Attaches may have gone unseen: all that is told of groups next is news. */
void naming_forget_groups(struct naming *naming);

#endif
