// SPDX-License-Identifier: GPL-2.0-or-later
/* fault_cells: how faults are written, the same in every pane of them. Pure. */
#include "fault_cells.h"

#include <inttypes.h>
#include <stdio.h>

#include "../util.h"
#include "cells.h"

const struct snapshot_fault *fault_by_id(const struct snapshot *snap, uint64_t id)
{
	for (size_t i = 0; id != NO_FAULT && i < snap->fault_count; i++)
		if (snap->faults_seen[i].id == id)
			return &snap->faults_seen[i];
	return NULL;
}

uint32_t open_fault_group(const struct view_context *context, const struct row *row)
{
	const struct snapshot_fault *fault = fault_by_id(context->snap, context->fault);

	(void)row;
	return fault ? snapshot_group_of(context->snap, fault->device_index) : NO_GROUP;
}

/* In the words of its specification, and in the digits of its driver. */
static void put_stream(const struct snapshot_fault *fault, char *out, size_t size)
{
	if (fault->dialect == FAULT_VIRTIO)
		snprintf(out, size, "endpoint %" PRIu32, fault->stream);
	else if (fault->dialect == FAULT_RISCV)
		snprintf(out, size, "device id 0x%" PRIx32, fault->stream);
	else
		snprintf(out, size, "stream 0x%" PRIx32, fault->stream);
}

char *fault_device(const struct snapshot *snap, const struct snapshot_fault *fault, char *out,
                   size_t size)
{
	if (fault->device_index != NO_NUMBER)
		copy_text(out, size, snapshot_text(snap, snap->devices[fault->device_index].name));
	else if (fault->flags & FAULT_HAS_STREAM && !(fault->flags & FAULT_NAMED))
		put_stream(fault, out, size);
	else
		copy_text(out, size, snapshot_text(snap, fault->device));
	return out;
}

const char *fault_way(const struct snapshot_fault *fault)
{
	return fault->flags & FAULT_INTERRUPT ? "intr" : direction_names[fault->direction];
}

struct fault_reason fault_reason_of(const struct snapshot *snap, const struct snapshot_fault *fault)
{
	return (struct fault_reason){
		.dialect = fault->dialect,
		.direction = fault->direction,
		.flags = fault->flags,
		.code = fault->code,
		.reason = snapshot_text(snap, fault->reason),
	};
}

char *fault_mute_text(const struct snapshot *snap, const struct snapshot_fault *fault,
                      enum mute_kind kind, char *out, size_t size)
{
	if (kind == MUTE_DEVICE)
		return fault_device(snap, fault, out, size);
	copy_text(out, size, snapshot_text(snap, fault->reason));
	return out;
}

bool fault_is_muted(const struct view_context *context, const struct snapshot_fault *fault)
{
	char text[FAULT_NAME_MAX];

	if (!context->mutes || !context->mutes->count)
		return false;
	for (int kind = 0; kind < MUTE_KIND_COUNT; kind++) {
		fault_mute_text(context->snap, fault, (enum mute_kind)kind, text, sizeof(text));
		if (mutes_has(context->mutes, (enum mute_kind)kind, text))
			return true;
	}
	return false;
}

uint64_t fault_count(const struct view_context *context, const struct snapshot_fault *fault)
{
	const struct snapshot_fault *then =
		context->since ? fault_by_id(context->since, fault->id) : NULL;

	return then ? fault->count - then->count : fault->count;
}

enum fault_news fault_news(const struct view_context *context, const struct snapshot_fault *fault)
{
	if (fault->before_start)
		return NEWS_BEFORE;
	if (fault->id > context->acknowledged_id)
		return NEWS_ALL;
	return fault->last_ns > context->acknowledged_ns ? NEWS_MORE : NEWS_NONE;
}

bool fault_has_index(const struct snapshot_fault *fault)
{
	return fault->flags & FAULT_INTERRUPT && !(fault->flags & FAULT_HAS_IOVA);
}

void cell_fault_address(struct cell_text *out, const struct snapshot_fault *fault, uint64_t iova,
                        uint8_t flags)
{
	if (fault_has_index(fault))
		cell_set(out, ROLE_STRONG, "index 0x%" PRIx64, iova);
	else if (flags & FAULT_HAS_IOVA)
		cell_set(out, ROLE_STRONG, "0x%" PRIx64, iova);
	else
		cell_set(out, ROLE_DIM, "-");
}

void cell_verdict(struct cell_text *out, const struct snapshot_verdict *verdict, uint64_t fault_ns)
{
	struct verdict_about about = {.verdict = verdict, .fault_ns = fault_ns};

	out->role = verdict_role(verdict);
	verdict_short(&about, out->text, sizeof(out->text));
	about.brief = out->room && canvas_text_width(out->text) > out->room;
	if (about.brief)
		verdict_short(&about, out->text, sizeof(out->text));
}

char *text_verdict_sentence(const struct view_context *context,
                            const struct snapshot_verdict *verdict, uint64_t fault_ns,
                            uint64_t iova, char *out, size_t size)
{
	const struct snapshot_domain *domain =
		snapshot_domain_by_id(context->snap, verdict->domain);
	char since[32] = "", name[FAULT_NAME_MAX] = "";
	const struct verdict_about about = {
		.verdict = verdict,
		.fault_ns = fault_ns,
		.fault_iova = iova,
		.since = since,
		.domain = name,
	};

	if (verdict->since_ns)
		text_clock(since, sizeof(since), context, verdict->since_ns);
	if (domain && verdict->domain != NO_DOMAIN && verdict->domain != DOMAIN_UNATTRIBUTED)
		snapshot_domain_name(context->snap, domain, name, sizeof(name));
	return verdict_sentence(&about, out, size);
}

enum role verdict_role(const struct snapshot_verdict *verdict)
{
	if (verdict->kind == VERDICT_NOT_ASKED || verdict->kind == VERDICT_NOT_KNOWN)
		return ROLE_DIM;
	return verdict->uncertain ? ROLE_WARN : ROLE_NORMAL;
}

const char *fault_source(bool logged, bool traced)
{
	return logged && traced ? "both" : traced ? "trace" : "log";
}
