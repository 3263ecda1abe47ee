/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FAULT_CELLS_H
#define IOMMUTOP_FAULT_CELLS_H

#include "../fault_words.h"
#include "../view.h"

/* What the panes of faults write in the same way. */

/* Room for the longest of a fault's names. */
#define FAULT_NAME_MAX 160

/* NULL where there is none, or no longer. */
const struct snapshot_fault *fault_by_id(const struct snapshot *snap, uint64_t id);

/* Where Enter leads from any row about the fault that is open: its group, or NO_GROUP. */
uint32_t open_fault_group(const struct view_context *context, const struct row *row);

/* Who asked: "0000:00:03.0"; "stream 0x8", "endpoint 32" where no device is known for it; "" where
 * nobody is named. Returns out. */
char *fault_device(const struct snapshot *snap, const struct snapshot_fault *fault, char *out,
                   size_t size);

/* "read", "write", "intr", "-" */
const char *fault_way(const struct snapshot_fault *fault);

/* What the reason's words hang on. The text lives as long as the snapshot. */
struct fault_reason fault_reason_of(const struct snapshot *snap,
                                    const struct snapshot_fault *fault);

/* What `m` would mute: the device as above, the reason as the message has it. Returns out; "" where
 * there is nothing to go by. */
char *fault_mute_text(const struct snapshot *snap, const struct snapshot_fault *fault,
                      enum mute_kind kind, char *out, size_t size);
bool fault_is_muted(const struct view_context *context, const struct snapshot_fault *fault);

/* Faults of the row since the start, or since the mark if there is one. */
uint64_t fault_count(const struct view_context *context, const struct snapshot_fault *fault);

/* What stands out of a row since the last acknowledge. */
enum fault_news { NEWS_BEFORE, NEWS_NONE, NEWS_MORE, NEWS_ALL };
enum fault_news fault_news(const struct view_context *context, const struct snapshot_fault *fault);

/* Of an interrupt, the place of its entry in a table is told, not an address. AMD tells the address
 * of the request. */
bool fault_has_index(const struct snapshot_fault *fault);
/* "0x1000", "index 0x12"; "-" where the message has none. flags: of that fault of the row. */
void cell_fault_address(struct cell_text *out, const struct snapshot_fault *fault, uint64_t iova,
                        uint8_t flags);

/* Where an address came from: as a cell, or in full. Returns out. */
void cell_verdict(struct cell_text *out, const struct snapshot_verdict *verdict, uint64_t fault_ns);
char *text_verdict_sentence(const struct view_context *context,
                            const struct snapshot_verdict *verdict, uint64_t fault_ns,
                            uint64_t iova, char *out, size_t size);
/* The role it is drawn in: known and telling, or not. */
enum role verdict_role(const struct snapshot_verdict *verdict);

/* "log", "trace", "both" */
const char *fault_source(bool logged, bool traced);

#endif
