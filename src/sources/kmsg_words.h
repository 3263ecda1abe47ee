/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_KMSG_WORDS_H
#define IOMMUTOP_KMSG_WORDS_H

#include <stdbool.h>

#include "kmsg_parse.h"

/*
 * Names of events. They take the name off *text and move *text behind it; the draft gets code and
 * reason. False: there is no such event.
 */
bool kmsg_words_amd_event(const char **text, struct kmsg_draft *draft);
bool kmsg_words_smmu_v3_event(const char **text, struct kmsg_draft *draft);

/*
 * What decoders make of the fields that a line had: flags become reasons in words and directions,
 * and what is no address of the device is taken back. False: the line tells nothing.
 */
bool kmsg_words_amd(struct kmsg_draft *draft);
bool kmsg_words_vtd_status(struct kmsg_draft *draft);
bool kmsg_words_overflow(struct kmsg_draft *draft);
bool kmsg_words_smmu_syndrome(struct kmsg_draft *draft);
bool kmsg_words_smmu_status(struct kmsg_draft *draft);
bool kmsg_words_smmu(struct kmsg_draft *draft);
bool kmsg_words_smmu_global(struct kmsg_draft *draft);
bool kmsg_words_smmu_v3_raw(struct kmsg_draft *draft);
bool kmsg_words_dart(struct kmsg_draft *draft);
bool kmsg_words_riscv(struct kmsg_draft *draft);

#endif
