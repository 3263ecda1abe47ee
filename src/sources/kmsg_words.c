// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_words: what the bits and numbers of each kind of IOMMU say, in the words of its
 * specification.
 * In: the raw fields of a fault. Out: reason, direction, code.
 * Must never know: how a line of the log spells them.
 */
#include "kmsg_words.h"

#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "kmsg_match.h"

struct bit_word {
	uint32_t mask;
	const char *word;
};

static void set_reason(struct kmsg_draft *draft, const char *reason)
{
	copy_text(draft->reason, sizeof(draft->reason), reason);
}

/* The words of the status bits, or those for none. */
static void set_words(struct kmsg_draft *draft, const char *none, const struct bit_word *words,
                      size_t count)
{
	size_t used = 0;

	set_reason(draft, none);
	for (size_t i = 0; i < count && used < sizeof(draft->reason); i++) {
		if (draft->status & words[i].mask)
			used += (size_t)snprintf(draft->reason + used, sizeof(draft->reason) - used,
			                         "%s%s", used ? ", " : "", words[i].word);
	}
}

static void set_code(struct kmsg_draft *draft, uint16_t code)
{
	draft->ev.fault.code = code;
	draft->ev.fault.flags |= FAULT_HAS_CODE;
}

/*
 * AMD I/O Virtualization Technology (IOMMU) Specification, 2.5: the event log. Only some events
 * tell the address that the device asked for; in the others it is one that the IOMMU itself used.
 * The flags are those of IO_PAGE_FAULT: others use the same places for other things.
 */
enum amd_bits {
	AMD_GN = 0x001,
	AMD_I = 0x008,
	AMD_PR = 0x010,
	AMD_RW = 0x020,
	AMD_PE = 0x040,
	AMD_RZ = 0x080,
	AMD_TR = 0x100,
};

#define AMD_IO_PAGE_FAULT 2

struct amd_event {
	const char *name;
	uint16_t code;
	bool has_iova;
};

static const struct amd_event amd_events[] = {
	{"ILLEGAL_DEV_TABLE_ENTRY", 1, true}, {"IO_PAGE_FAULT", AMD_IO_PAGE_FAULT, true},
	{"DEV_TAB_HARDWARE_ERROR", 3, false}, {"PAGE_TAB_HARDWARE_ERROR", 4, false},
	{"INVALID_DEVICE_REQUEST", 8, true},  {"INVALID_PPR_REQUEST", 9, true},
	{"RMP_PAGE_FAULT", 13, false},        {"RMP_HW_ERROR", 14, false},
};

bool kmsg_words_amd_event(const char **text, struct kmsg_draft *draft)
{
	for (size_t i = 0; i < ARRAY_SIZE(amd_events); i++) {
		if (!kmsg_read_word(text, amd_events[i].name))
			continue;
		set_code(draft, amd_events[i].code);
		set_reason(draft, amd_events[i].name);
		return true;
	}
	return false;
}

static bool amd_has_iova(uint16_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(amd_events); i++) {
		if (amd_events[i].code == code)
			return amd_events[i].has_iova;
	}
	return false;
}

/* PE and RZ say something about an entry that is present. */
static const char *amd_page_fault_cause(uint32_t flags)
{
	if (!(flags & AMD_PR))
		return flags & AMD_I ? "interrupt not remapped" : "page not present";
	if (flags & AMD_RZ)
		return "reserved bits set";
	if (flags & AMD_PE)
		return flags & AMD_I ? "interrupt without permission" : "no permission";
	return flags & AMD_I ? "interrupt" : "page present";
}

/*
 * The direction as the kernel takes it (IS_WRITE_REQUEST): by the specification the bit counts
 * only with a present page, in practice it is right without one. Of an interrupt the address is
 * that of the request; the log does not tell its index.
 */
static void amd_page_fault(struct kmsg_draft *draft)
{
	uint32_t flags = draft->status;

	snprintf(draft->reason, sizeof(draft->reason), "IO_PAGE_FAULT (%s%s%s)",
	         amd_page_fault_cause(flags), flags & AMD_TR ? ", translation request" : "",
	         flags & AMD_GN ? ", guest address" : "");
	if (flags & AMD_I)
		draft->ev.fault.flags |= FAULT_INTERRUPT;
	else
		draft->ev.fault.direction = flags & AMD_RW ? DIRECTION_WRITE : DIRECTION_READ;
}

bool kmsg_words_amd(struct kmsg_draft *draft)
{
	if (!amd_has_iova(draft->ev.fault.code))
		draft->ev.fault.flags &= (uint8_t)~FAULT_HAS_IOVA;
	if (draft->ev.fault.code == AMD_IO_PAGE_FAULT)
		amd_page_fault(draft);
	return true;
}

/* VT-d, Fault Status Register: bit 0, Primary Fault Overflow. */
bool kmsg_words_vtd_status(struct kmsg_draft *draft)
{
	draft->ev.suppressed.overflow = draft->status & 1;
	return draft->ev.suppressed.overflow;
}

bool kmsg_words_overflow(struct kmsg_draft *draft)
{
	draft->ev.suppressed.overflow = true;
	return true;
}

/* Arm SMMU architecture version 2, SMMU_CBn_FSR and SMMU_CBn_FSYNR0. */
#define FSR_REASONS 0x1feu
#define FSYNR0_WNR  (1u << 4)

bool kmsg_words_smmu_syndrome(struct kmsg_draft *draft)
{
	draft->ev.fault.direction = draft->syndrome & FSYNR0_WNR ? DIRECTION_WRITE : DIRECTION_READ;
	return true;
}

bool kmsg_words_smmu_status(struct kmsg_draft *draft)
{
	static const struct bit_word words[] = {
		{1 << 1, "translation fault"},  {1 << 2, "access flag fault"},
		{1 << 3, "permission fault"},   {1 << 4, "external fault"},
		{1 << 5, "TLB match conflict"}, {1 << 6, "TLB lock fault"},
		{1 << 7, "address size fault"}, {1 << 8, "unsupported upstream transaction"},
	};

	set_code(draft, (uint16_t)(draft->status & FSR_REASONS));
	set_words(draft, "context fault", words, ARRAY_SIZE(words));
	return true;
}

bool kmsg_words_smmu(struct kmsg_draft *draft)
{
	return kmsg_words_smmu_status(draft) && kmsg_words_smmu_syndrome(draft);
}

/* The same, SMMU_sGFSR. */
#define GFSR_REASONS 0x1ffu

bool kmsg_words_smmu_global(struct kmsg_draft *draft)
{
	static const struct bit_word words[] = {
		{1 << 0, "global fault: invalid context"},
		{1 << 1, "global fault: unidentified stream"},
		{1 << 2, "global fault: stream match conflict"},
		{1 << 3, "global fault: unimplemented context bank"},
		{1 << 4, "global fault: unimplemented context interrupt"},
		{1 << 5, "global fault: configuration access"},
		{1 << 6, "global fault: external"},
		{1 << 7, "global fault: permission"},
		{1 << 8, "global fault: unsupported upstream transaction"},
	};

	set_code(draft, (uint16_t)(draft->status & GFSR_REASONS));
	set_words(draft, "global fault", words, ARRAY_SIZE(words));
	return true;
}

/* Arm SMMU architecture version 3, 7.3: event records. */
struct smmu_v3_event {
	const char *name;
	uint16_t code;
	bool has_access; /* address and direction of the transaction */
};

static const struct smmu_v3_event smmu_v3_events[] = {
	{"F_UUT", 0x01, true},
	{"C_BAD_STREAMID", 0x02, false},
	{"F_STE_FETCH", 0x03, false},
	{"C_BAD_STE", 0x04, false},
	{"F_BAD_ATS_TREQ", 0x05, false},
	{"F_STREAM_DISABLED", 0x06, false},
	{"F_TRANSL_FORBIDDEN", 0x07, true},
	{"C_BAD_SUBSTREAMID", 0x08, false},
	{"F_CD_FETCH", 0x09, false},
	{"C_BAD_CD", 0x0a, false},
	{"F_WALK_EABT", 0x0b, true},
	{"F_TRANSLATION", 0x10, true},
	{"F_ADDR_SIZE", 0x11, true},
	{"F_ACCESS", 0x12, true},
	{"F_PERMISSION", 0x13, true},
	{"F_TLB_CONFLICT", 0x20, false},
	{"F_CFG_CONFLICT", 0x21, false},
	{"E_PAGE_REQUEST", 0x24, false},
	{"F_VMS_FETCH", 0x25, false},
};

static const char smmu_v3_unknown[] = "UNKNOWN";

/* The kernel names fewer; of the others the raw event before it tells more. */
bool kmsg_words_smmu_v3_event(const char **text, struct kmsg_draft *draft)
{
	size_t length = strcspn(*text, " ");

	for (size_t i = 0; i < ARRAY_SIZE(smmu_v3_events); i++) {
		const char *name = smmu_v3_events[i].name;

		if (strlen(name) != length || memcmp(name, *text, length) != 0)
			continue;
		set_code(draft, smmu_v3_events[i].code);
		set_reason(draft, name);
		*text += length;
		return true;
	}
	set_reason(draft, smmu_v3_unknown);
	return kmsg_read_word(text, smmu_v3_unknown);
}

static const struct smmu_v3_event *smmu_v3_event_of(uint64_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(smmu_v3_events); i++) {
		if (smmu_v3_events[i].code == code)
			return &smmu_v3_events[i];
	}
	return NULL;
}

static void smmu_v3_access(struct kmsg_draft *draft)
{
	bool instruction = draft->words[1] >> 34 & 1;
	bool read = draft->words[1] >> 35 & 1;

	draft->ev.fault.iova = draft->words[2];
	draft->ev.fault.flags |= FAULT_HAS_IOVA;
	if (!read)
		draft->ev.fault.direction = DIRECTION_WRITE;
	else
		draft->ev.fault.direction = instruction ? DIRECTION_EXECUTE : DIRECTION_READ;
}

/* The number in the header line is that of the record: where they differ, words are missing. */
bool kmsg_words_smmu_v3_raw(struct kmsg_draft *draft)
{
	uint64_t first = draft->words[0];
	const struct smmu_v3_event *event = smmu_v3_event_of(first & 0xff);

	if (draft->ev.fault.code != (first & 0xff))
		return false;
	set_reason(draft, event ? event->name : smmu_v3_unknown);
	draft->ev.fault.stream = (uint32_t)(first >> 32);
	draft->ev.fault.flags |= FAULT_HAS_STREAM;
	if (first >> 11 & 1) {
		draft->ev.fault.pasid = (uint32_t)first >> 12;
		draft->ev.fault.flags |= FAULT_HAS_PASID;
	}
	if (event && event->has_access)
		smmu_v3_access(draft);
	return true;
}

/* The driver's words: "READ FAULT", "WRITE FAULT", "NO PTE FOR IOVA". */
bool kmsg_words_dart(struct kmsg_draft *draft)
{
	if (!strcmp(draft->reason, "READ FAULT"))
		draft->ev.fault.direction = DIRECTION_READ;
	else if (!strcmp(draft->reason, "WRITE FAULT"))
		draft->ev.fault.direction = DIRECTION_WRITE;
	return true;
}

/*
 * RISC-V IOMMU Architecture Specification, 4.2: causes. Up to 23 iotval is the address that the
 * device asked for; of the others it depends on what the log does not tell.
 */
struct riscv_cause {
	uint16_t code;
	uint8_t direction;
	const char *words;
};

#define RISCV_LAST_PAGE_FAULT 23

static const struct riscv_cause riscv_causes[] = {
	{1, DIRECTION_EXECUTE, "instruction access fault"},
	{4, DIRECTION_READ, "read address misaligned"},
	{5, DIRECTION_READ, "read access fault"},
	{6, DIRECTION_WRITE, "write or AMO address misaligned"},
	{7, DIRECTION_WRITE, "write or AMO access fault"},
	{12, DIRECTION_EXECUTE, "instruction page fault"},
	{13, DIRECTION_READ, "read page fault"},
	{15, DIRECTION_WRITE, "write or AMO page fault"},
	{20, DIRECTION_EXECUTE, "instruction guest page fault"},
	{21, DIRECTION_READ, "read guest page fault"},
	{23, DIRECTION_WRITE, "write or AMO guest page fault"},
	{256, DIRECTION_UNKNOWN, "all inbound transactions disallowed"},
	{257, DIRECTION_UNKNOWN, "DDT entry load access fault"},
	{258, DIRECTION_UNKNOWN, "DDT entry not valid"},
	{259, DIRECTION_UNKNOWN, "DDT entry misconfigured"},
	{260, DIRECTION_UNKNOWN, "transaction type disallowed"},
	{261, DIRECTION_UNKNOWN, "MSI PTE load access fault"},
	{262, DIRECTION_UNKNOWN, "MSI PTE not valid"},
	{263, DIRECTION_UNKNOWN, "MSI PTE misconfigured"},
	{264, DIRECTION_UNKNOWN, "MRIF access fault"},
	{265, DIRECTION_UNKNOWN, "PDT entry load access fault"},
	{266, DIRECTION_UNKNOWN, "PDT entry not valid"},
	{267, DIRECTION_UNKNOWN, "PDT entry misconfigured"},
	{268, DIRECTION_UNKNOWN, "DDT data corruption"},
	{269, DIRECTION_UNKNOWN, "PDT data corruption"},
	{270, DIRECTION_UNKNOWN, "MSI PT data corruption"},
	{271, DIRECTION_UNKNOWN, "MSI MRIF data corruption"},
	{272, DIRECTION_UNKNOWN, "internal data path error"},
	{273, DIRECTION_UNKNOWN, "IOMMU MSI write access fault"},
	{274, DIRECTION_UNKNOWN, "first/second-stage PT data corruption"},
};

bool kmsg_words_riscv(struct kmsg_draft *draft)
{
	uint16_t code = draft->ev.fault.code;

	set_reason(draft, "unknown cause");
	for (size_t i = 0; i < ARRAY_SIZE(riscv_causes); i++) {
		if (riscv_causes[i].code == code) {
			set_reason(draft, riscv_causes[i].words);
			draft->ev.fault.direction = riscv_causes[i].direction;
		}
	}
	if (code > RISCV_LAST_PAGE_FAULT)
		draft->ev.fault.flags &= (uint8_t)~FAULT_HAS_IOVA;
	return true;
}
