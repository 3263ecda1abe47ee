// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_patterns: what the lines of the kernel log look like, dialect by dialect.
 * In: nothing. Out: tables.
 * Must never know: how lines are matched.
 */
#include "kmsg_parse.h"

#include "../util.h"
#include "kmsg_words.h"

/* ___ratelimit() in lib/ratelimit.c, named after the function that holds the limit. */
#define SUPPRESSED(name, function, of)                                              \
	{                                                                           \
		.dialect = name, .text = function ": {count} callbacks suppressed", \
		.kind = EVENT_SUPPRESSED, .whose = of                               \
	}

/* The hardware's own queue was full. */
#define OVERFLOW(name, of, line)                                                      \
	{                                                                             \
		.dialect = name, .text = line, .kind = EVENT_SUPPRESSED, .whose = of, \
		.decode = kmsg_words_overflow                                         \
	}

#define NOTE(name, about, line)                                                   \
	{                                                                         \
		.dialect = name, .text = line, .kind = EVENT_NOTE, .topic = about \
	}

/* Of lines that begin with what is not known, such as the name of a device. */
#define NOTE_WITH(word, name, about, line)                                                        \
	{                                                                                         \
		.anchor = word, .dialect = name, .text = line, .kind = EVENT_NOTE, .topic = about \
	}

#define NOTHING(name, line)                                         \
	{                                                           \
		.dialect = name, .text = line, .kind = KMSG_NOTHING \
	}

/*
 * Intel VT-d, dmar_fault_do_one() in drivers/iommu/dmar.c, since 5.9 drivers/iommu/intel/dmar.c.
 * Up to 5.13 the reason is decimal and nothing has a 0x; 5.14 made it hexadecimal (719a19335692).
 * Up to 4.8 a message has two lines, the second without the prefix that pr_fmt gives the first.
 * The same table serves a backport to any kernel: what counts is the spelling, not the version.
 */
const struct kmsg_pattern kmsg_patterns[] = {
	{
		.dialect = "VT-d, 2.6",
		.text = "DMAR:[DMA {direction}] Request device [{bdf}] fault addr {page}\n"
			"DMAR:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d, 3.x to 4.1",
		.text = "dmar: DMAR:[DMA {direction}] Request device [{bdf}] fault addr {page}\n"
			"DMAR:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d, 4.2 to 4.8",
		.text = "DMAR: DMAR:[DMA {direction}] Request device [{bdf}] fault addr {page}\n"
			"DMAR:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d, 4.9 to 5.3",
		.text = "DMAR: [DMA {direction}] Request device [{bdf}] fault addr {page} "
			"[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d, 5.4 to 5.13",
		.text = "DMAR: [DMA {direction}] Request device [{bdf}] PASID {pasid} fault addr "
			"{page} "
			"[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d, 5.14",
		.text = "DMAR: [DMA {direction} NO_PASID] Request device [{0x bdf}] fault addr "
			"0x{page} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d with PASID, 5.14",
		.text = "DMAR: [DMA {direction} PASID 0x{pasid}] Request device [{0x bdf}] "
			"fault addr 0x{page} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d, 5.15 to 7.1",
		.text = "DMAR: [DMA {direction} NO_PASID] Request device [{bdf}] fault addr "
			"0x{page} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d with PASID, 5.15 to 7.1",
		.text = "DMAR: [DMA {direction} PASID 0x{pasid}] Request device [{bdf}] "
			"fault addr 0x{page} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d, 7.2 on",
		.text = "DMAR: [DMA {direction} NO_PASID] Request device [{segment bdf}] "
			"fault addr 0x{page} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d with PASID, 7.2 on",
		.text = "DMAR: [DMA {direction} PASID 0x{pasid}] Request device [{segment bdf}] "
			"fault addr 0x{page} [fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD,
	},
	/* The doubled bracket is the kernel's. */
	{
		.dialect = "VT-d interrupts, 2.6",
		.text = "INTR-REMAP: Request device [[{bdf}] fault index {index}\n"
			"INTR-REMAP:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD_INTERRUPT,
	},
	{
		.dialect = "VT-d interrupts, 3.x to 4.1",
		.text = "dmar: INTR-REMAP: Request device [[{bdf}] fault index {index}\n"
			"INTR-REMAP:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD_INTERRUPT,
	},
	{
		.dialect = "VT-d interrupts, 4.2 to 4.8",
		.text = "DMAR: INTR-REMAP: Request device [[{bdf}] fault index {index}\n"
			"INTR-REMAP:[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD_INTERRUPT,
	},
	{
		.dialect = "VT-d interrupts, 4.9 to 5.13",
		.text = "DMAR: [INTR-REMAP] Request device [{bdf}] fault index {index} "
			"[fault reason {decimal code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD_INTERRUPT,
	},
	{
		.dialect = "VT-d interrupts, 5.14",
		.text = "DMAR: [INTR-REMAP] Request device [{0x bdf}] fault index 0x{index} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD_INTERRUPT,
	},
	{
		.dialect = "VT-d interrupts, 5.15 to 7.1",
		.text = "DMAR: [INTR-REMAP] Request device [{bdf}] fault index 0x{index} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD_INTERRUPT,
	},
	{
		.dialect = "VT-d interrupts, 7.2 on",
		.text = "DMAR: [INTR-REMAP] Request device [{segment bdf}] fault index 0x{index} "
			"[fault reason 0x{code}] {reason}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VTD_INTERRUPT,
	},
	SUPPRESSED("VT-d rate limit", "dmar_fault", FAULT_VTD),
	/* The fault status register; up to 4.1 with another prefix, in 2.6 without one. */
	{
		.dialect = "VT-d status",
		.text = "DMAR: DRHD: handling fault status reg {status}",
		.decode = kmsg_words_vtd_status,
		.kind = EVENT_SUPPRESSED,
		.whose = FAULT_VTD,
	},
	{
		.dialect = "VT-d status, up to 4.1",
		.text = "dmar: DRHD: handling fault status reg {status}",
		.decode = kmsg_words_vtd_status,
		.kind = EVENT_SUPPRESSED,
		.whose = FAULT_VTD,
	},
	OVERFLOW("VT-d page requests lost", FAULT_VTD,
                 "DMAR: IOMMU: {unit}: PRQ overflow detected"),
	OVERFLOW("VT-d page requests lost, 5.15 to 6.x", FAULT_VTD,
                 "IOMMU: {unit}: PRQ overflow detected"),
	NOTE("VT-d invalidation queue", NOTE_INVALIDATION, "DMAR: VT-d detected Invalidation {*}"),
	NOTE("VT-d invalidation queue, up to 5.14", NOTE_INVALIDATION,
             "DMAR: VT-d detected invalid descriptor: {*}"),
	NOTE("VT-d table", NOTE_TABLE, "DMAR: ERROR: DMA PTE for vPFN {*}"),
	NOTHING("VT-d invalidation, at the head", "DMAR: QI HEAD: {*}"),
	NOTHING("VT-d invalidation, before it", "DMAR: QI PRIOR: {*}"),
	NOTHING("VT-d invalidation, cleared", "DMAR: Invalidation {*}) cleared"),
	NOTHING("VT-d page request, its words", "DMAR: {unit}: Invalid page request: {*}"),
	NOTHING("VT-d page request, its words, 5.15 to 6.x",
                "dmar{number}: Invalid page request: {*}"),
	/* Said at every start of a machine that lacks it. */
	NOTHING("VT-d scalable mode", "DMAR: VT-d Scalable Mode not enabled, {*}"),
	/* CONFIG_DMAR_DEBUG, 5.17 on. */
	NOTHING("VT-d dump", "DMAR: Dump {*} table entries for IOVA {*}"),
	NOTHING("VT-d dump, entries", "DMAR: {*} entry: {*}"),
	NOTHING("VT-d dump, PASID entry", "DMAR: pasid table entry[{*}"),
	NOTHING("VT-d dump, level", "DMAR: pte level: {*}"),
	NOTHING("VT-d dump, end", "DMAR: PTE not present at level {*}"),

	/*
         * AMD-Vi, iommu_print_event() and its helpers in drivers/iommu/amd_iommu.c, since 5.8
         * drivers/iommu/amd/iommu.c. {amd} is what comes before the name of the event.
         */
	{
		.dialect = "AMD-Vi, known device",
		.anchor = " domain=0x",
		.text = "{amd}{amd event} domain=0x{hex} address=0x{iova} flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi",
		.anchor = " domain=0x",
		.text = "{amd}{amd event} device={requester} domain=0x{hex} address=0x{iova} "
			"flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi with PASID",
		.anchor = " pasid=0x",
		.text = "{amd}{amd event} device={requester} pasid=0x{pasid or 0} "
			"address=0x{iova} flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi with PASID and tag",
		.anchor = " tag=0x",
		.text = "{amd}{amd event} device={requester} pasid=0x{pasid or 0} "
			"address=0x{iova} flags=0x{status} tag=0x{hex}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi without domain",
		.anchor = " device=",
		.text = "{amd}{amd event} device={requester} address=0x{iova} flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi RMP hardware, known device",
		.anchor = " spa=0x",
		.text = "{amd}{amd event} vmg_tag=0x{hex}, spa=0x{hex}, flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi RMP hardware",
		.anchor = " spa=0x",
		.text = "{amd}{amd event} device={requester}, vmg_tag=0x{hex}, spa=0x{hex}, "
			"flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi RMP, known device",
		.anchor = " gpa=0x",
		.text = "{amd}{amd event} vmg_tag=0x{hex}, gpa=0x{hex}, flags_rmp=0x{hex}, "
			"flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi RMP",
		.anchor = " gpa=0x",
		.text = "{amd}{amd event} device={requester}, vmg_tag=0x{hex}, gpa=0x{hex}, "
			"flags_rmp=0x{hex}, flags=0x{status}]",
		.decode = kmsg_words_amd,
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	{
		.dialect = "AMD-Vi, not attached",
		.text = "AMD-Vi:   device={requester} domain=0x{hex}",
		.reason = "IO_PAGE_FAULT (device not attached to a domain)",
		.kind = EVENT_FAULT,
		.whose = FAULT_AMD,
	},
	NOTHING("AMD-Vi, not attached, first line",
                "AMD-Vi: Event logged [Device not attached to domain properly]"),
	NOTHING("AMD-Vi, 4.9 to 4.15, first line", "AMD-Vi: Event logged ["),
	NOTE_WITH("IOTLB_INV_TIMEOUT", "AMD-Vi invalidation", NOTE_INVALIDATION,
                  "{amd}IOTLB_INV_TIMEOUT device={requester} address=0x{hex}]"),
	NOTE_WITH("ILLEGAL_COMMAND_ERROR", "AMD-Vi illegal command", NOTE_INVALIDATION,
                  "{amd}ILLEGAL_COMMAND_ERROR address=0x{hex}]"),
	NOTE_WITH("COMMAND_HARDWARE_ERROR", "AMD-Vi command not read", NOTE_INVALIDATION,
                  "{amd}COMMAND_HARDWARE_ERROR address=0x{hex} flags=0x{hex}]"),
	NOTE_WITH("UNKNOWN ", "AMD-Vi, a new event", NOTE_RAW, "{amd}UNKNOWN {*}"),
	NOTE("AMD-Vi completion wait", NOTE_INVALIDATION, "AMD-Vi: Completion-Wait loop timed out"),
	NOTE("AMD-Vi completion wait, 7.1 on", NOTE_INVALIDATION,
             "AMD-Vi: IOMMU {*}: Completion-Wait loop timed out"),
	NOTHING("AMD-Vi dump of a table entry", "AMD-Vi: DTE[{*}"),
	NOTHING("AMD-Vi dump of a command", "AMD-Vi: CMD[{*}"),
	NOTHING("AMD-Vi dump of a register", "iommu {unit}: AMD-Vi: Control Reg : {*}"),
	OVERFLOW("AMD-Vi log, up to 6.5", FAULT_AMD, "AMD-Vi: IOMMU event log overflow"),
	OVERFLOW("AMD-Vi log, 6.6 on", FAULT_AMD, "AMD-Vi: IOMMU Event log restarting"),
	OVERFLOW("AMD-Vi page requests lost", FAULT_AMD, "AMD-Vi: IOMMU PPR log restarting"),
	SUPPRESSED("AMD-Vi rate limit", "amd_iommu_report_page_fault", FAULT_AMD),
	SUPPRESSED("AMD-Vi RMP rate limit", "amd_iommu_report_rmp_fault", FAULT_AMD),
	SUPPRESSED("AMD-Vi RMP hardware rate limit", "amd_iommu_report_rmp_hw_error", FAULT_AMD),
	/* What it holds back are the lines on the log, not faults. */
	NOTHING("AMD-Vi log rate limit", "amd_iommu_int_thread: {number} callbacks suppressed"),

	/* drivers/iommu/arm-smmu.c, since 5.9 drivers/iommu/arm/arm-smmu/. */
	{
		.dialect = "SMMU, up to 4.1",
		.text = "arm-smmu {unit}: Unhandled context fault: iova=0x{iova}, "
			"fsynr=0x{syndrome}, cb={number}",
		.decode = kmsg_words_smmu_syndrome,
		.reason = "context fault",
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
	},
	{
		.dialect = "SMMU, up to 5.3",
		.text = "arm-smmu {unit}: Unhandled context fault: fsr=0x{status}, iova=0x{iova}, "
			"fsynr=0x{syndrome}, cb={number}",
		.decode = kmsg_words_smmu,
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
	},
	{
		.dialect = "SMMU, 5.4 on",
		.text = "arm-smmu {unit}: Unhandled context fault: fsr=0x{status}, iova=0x{iova}, "
			"fsynr=0x{syndrome}, cbfrsynra=0x{low stream}, cb={number}",
		.decode = kmsg_words_smmu,
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
		.flags = KMSG_OPENS | KMSG_TOLD,
	},
	{
		.dialect = "SMMU of qcom_iommu",
		.text = "qcom-iommu-ctx {unit}: Unhandled context fault: fsr=0x{status}, "
			"iova=0x{iova}, fsynr=0x{syndrome}, cb={number}",
		.decode = kmsg_words_smmu,
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
	},
	/* The same again, in words. */
	{
		.dialect = "SMMU, 6.11 on, FSR",
		.text = "arm-smmu {unit}: FSR    = {status} [{*}], SID=0x{low stream}",
		.decode = kmsg_words_smmu_status,
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
		.flags = KMSG_OPENS | KMSG_ADDS,
	},
	{
		.dialect = "SMMU, 6.11 on, FSYNR0",
		.text = "arm-smmu {unit}: FSYNR0 = {syndrome} [{*}",
		.decode = kmsg_words_smmu_syndrome,
		.kind = KMSG_NOTHING,
		.flags = KMSG_ADDS,
	},
	NOTHING("SMMU, a vendor's words", "arm-smmu {unit}: soft iova-to-phys={*}"),
	{
		.dialect = "SMMU global fault",
		.text = "arm-smmu {unit}: Unexpected global fault, this could be serious",
		.reason = "global fault",
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
		.flags = KMSG_OPENS,
	},
	{
		.dialect = "SMMU unknown stream",
		.text = "arm-smmu {unit}: Blocked unknown Stream ID 0x{stream}; boot with {*}",
		.reason = "global fault: unidentified stream",
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
		.flags = KMSG_OPENS,
	},
	{
		.dialect = "SMMU global fault, registers",
		.text = "arm-smmu {unit}: \tGFSR 0x{status}, GFSYNR0 0x{hex}, "
			"GFSYNR1 0x{low stream}, GFSYNR2 0x{hex}",
		.decode = kmsg_words_smmu_global,
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU,
		.flags = KMSG_ADDS,
	},
	NOTE("SMMU invalidation", NOTE_INVALIDATION,
             "arm-smmu {unit}: TLB sync timed out -- SMMU may be deadlocked"),
	SUPPRESSED("SMMU rate limit", "arm_smmu_context_fault", FAULT_SMMU),
	SUPPRESSED("SMMU global rate limit", "arm_smmu_global_fault", FAULT_SMMU),
	SUPPRESSED("SMMU of qcom_iommu rate limit", "qcom_iommu_fault", FAULT_SMMU),

	/*
         * drivers/iommu/arm-smmu-v3.c, since 5.9 drivers/iommu/arm/arm-smmu-v3/. Each line is a
         * record. The raw words have been there always; since 6.14 they are errors and what they
         * say follows.
         */
	{
		.dialect = "SMMUv3, raw event",
		.text = "arm-smmu-v3 {unit}: event 0x{code} received:\n"
			"arm-smmu-v3 {unit}: \t0x{word}\n"
			"arm-smmu-v3 {unit}: \t0x{word}\n"
			"arm-smmu-v3 {unit}: \t0x{word}\n"
			"arm-smmu-v3 {unit}: \t0x{word}",
		.decode = kmsg_words_smmu_v3_raw,
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU_V3,
		.flags = KMSG_APART | KMSG_OPENS,
	},
	{
		.dialect = "SMMUv3 with an address, 6.14 on",
		.text = "arm-smmu-v3 {unit}: event: {smmu v3 event} client: {stream client} "
			"sid: 0x{stream} ssid: 0x{pasid or 0} iova: 0x{iova} ipa: 0x{hex}",
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU_V3,
		.flags = KMSG_OPENS | KMSG_ADDS,
	},
	{
		.dialect = "SMMUv3 with an address, 6.14 on, access",
		.text = "arm-smmu-v3 {unit}: {token} {access} s{number} \"{*}",
		.kind = KMSG_NOTHING,
		.flags = KMSG_ADDS,
	},
	{
		.dialect = "SMMUv3 fetch, 6.14 on",
		.text = "arm-smmu-v3 {unit}: event: {smmu v3 event} client: {stream client} "
			"sid: 0x{stream} ssid: 0x{pasid or 0} fetch_addr: 0x{hex}",
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU_V3,
		.flags = KMSG_ADDS,
	},
	{
		.dialect = "SMMUv3 without an address, 6.14 on",
		.text = "arm-smmu-v3 {unit}: event: {smmu v3 event} client: {stream client} "
			"sid: 0x{stream} ssid: 0x{pasid or 0}",
		.kind = EVENT_FAULT,
		.whose = FAULT_SMMU_V3,
		.flags = KMSG_ADDS,
	},
	NOTE("SMMUv3 page request", NOTE_RAW,
             "arm-smmu-v3 {unit}: \tsid 0x{*}privileged {*} access at iova 0x{*}"),
	NOTHING("SMMUv3 page request, first line",
                "arm-smmu-v3 {unit}: unexpected PRI request received:"),
	OVERFLOW("SMMUv3 events lost", FAULT_SMMU_V3,
                 "arm-smmu-v3 {unit}: EVTQ overflow detected -- events lost"),
	OVERFLOW("SMMUv3 events not written", FAULT_SMMU_V3,
                 "arm-smmu-v3 {unit}: EVTQ write aborted -- events may have been lost"),
	OVERFLOW("SMMUv3 page requests lost", FAULT_SMMU_V3,
                 "arm-smmu-v3 {unit}: PRIQ overflow detected -- requests lost"),
	NOTE("SMMUv3 sync", NOTE_INVALIDATION, "arm-smmu-v3 {unit}: CMD_SYNC timeout{*}"),
	NOTE("SMMUv3 command queue", NOTE_INVALIDATION, "arm-smmu-v3 {unit}: CMDQ timeout"),
	NOTE("SMMUv3 command", NOTE_INVALIDATION, "arm-smmu-v3 {unit}: CMDQ error (cons {*}"),
	NOTHING("SMMUv3 command, skipped", "arm-smmu-v3 {unit}: skipping command in error state:"),
	/* Of a command, or of an event whose first line is lost. */
	NOTHING("SMMUv3 words", "arm-smmu-v3 {unit}: \t0x{word}"),
	SUPPRESSED("SMMUv3 rate limit, up to 6.13", "arm_smmu_evtq_thread", FAULT_SMMU_V3),
	SUPPRESSED("SMMUv3 rate limit, 6.14 on", "arm_smmu_dump_event", FAULT_SMMU_V3),

	/* drivers/iommu/virtio-iommu.c */
	{
		.dialect = "virtio-iommu",
		.text = "virtio_iommu {unit}: {reason} from EP {decimal stream} at 0x{iova} "
			"[{letters}]",
		.kind = EVENT_FAULT,
		.whose = FAULT_VIRTIO,
	},
	{
		.dialect = "virtio-iommu without an address",
		.text = "virtio_iommu {unit}: {reason} from EP {decimal stream}",
		.kind = EVENT_FAULT,
		.whose = FAULT_VIRTIO,
	},
	SUPPRESSED("virtio-iommu rate limit", "viommu_fault_handler", FAULT_VIRTIO),

	/* drivers/iommu/riscv/iommu.c; the driver's name depends on the bus. */
	{
		.dialect = "RISC-V",
		.anchor = ": Fault ",
		.text = "{token} {unit}: Fault {decimal code} devid: 0x{stream} iotval: {iova} "
			"iotval2: {hex}",
		.decode = kmsg_words_riscv,
		.kind = EVENT_FAULT,
		.whose = FAULT_RISCV,
	},
	{
		.dialect = "RISC-V queue",
		.anchor = ": Queue #",
		.text = "{token} {unit}: Queue #{number} error; memory fault:{number} overflow:1",
		.decode = kmsg_words_overflow,
		.kind = EVENT_SUPPRESSED,
		.whose = FAULT_RISCV,
	},
	SUPPRESSED("RISC-V rate limit", "riscv_iommu_fault", FAULT_RISCV),

	/* Systems on a chip. */
	{
		.dialect = "Apple DART",
		.text = "apple-dart {unit}: translation fault: status:0x{hex} "
			"stream:{decimal stream} code:0x{hex} ({reason}) at 0x{iova}",
		.decode = kmsg_words_dart,
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "Rockchip",
		.text = "rk_iommu {unit}: Page fault at 0x{iova} of type {direction}",
		.reason = "page fault",
		.kind = EVENT_FAULT,
	},
	NOTHING("Rockchip, tables", "rk_iommu {unit}: iova = {*}"),
	NOTHING("Rockchip, entries", "rk_iommu {unit}: mmu_dte_addr: {*}"),
	{
		.dialect = "Rockchip bus error",
		.text = "rk_iommu {unit}: BUS_ERROR occurred at 0x{iova}",
		.reason = "bus error",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "Allwinner",
		.text = "sun50i-iommu {unit}: Page fault for 0x{iova} (master {decimal stream}, "
			"dir {direction})",
		.reason = "page fault",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "Exynos",
		.text = "exynos-sysmmu {unit}: {token}: [{direction}] {reason} occurred at "
			"0x{iova}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "Exynos, up to 5.19",
		.text = "exynos-sysmmu {unit}: {token}: {reason} occurred at 0x{iova}",
		.kind = EVENT_FAULT,
	},
	NOTHING("Exynos, table", "exynos-sysmmu {unit}: Page table base: {*}"),
	{
		.dialect = "Renesas",
		.text = "ipmmu-vmsa {unit}: Unhandled fault: status 0x{hex} iova 0x{iova}",
		.reason = "unhandled fault",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "Tegra",
		.text = "tegra-mc {unit}: {token}: {secure access} @0x{iova}: {reason} "
			"(SMMU translation error{*}",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "MediaTek",
		.anchor = ": fault type=0x",
		.text = "{token} {unit}: fault type=0x{code} iova=0x{iova} pa=0x{hex} "
			"master=0x{stream}(larb={number} port={number}) layer={number} "
			"{direction}",
		.reason = "fault",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "MediaTek, up to 5.19",
		.anchor = ": fault type=0x",
		.text = "{token} {unit}: fault type=0x{code} iova=0x{iova} pa=0x{hex} "
			"larb={number} port={number} layer={number} {direction}",
		.reason = "fault",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "MediaTek v1",
		.text = "mtk-iommu-v1 {unit}: fault type=0x{code} iova=0x{iova} pa=0x{hex} "
			"larb={number} port={number}",
		.reason = "fault",
		.kind = EVENT_FAULT,
	},
	{
		.dialect = "OMAP",
		.text = "omap-iommu {unit}: {token}: errs:0x{hex} da:0x{iova} pgd:{*}",
		.reason = "fault",
		.kind = EVENT_FAULT,
	},

	SUPPRESSED("Apple DART rate limit, up to 6.1", "apple_dart_irq", FAULT_OTHER),
	SUPPRESSED("Apple DART rate limit", "apple_dart_t8020_irq", FAULT_OTHER),
	SUPPRESSED("Apple DART rate limit, later units", "apple_dart_t8110_irq", FAULT_OTHER),
	SUPPRESSED("Renesas rate limit", "ipmmu_domain_irq", FAULT_OTHER),
	SUPPRESSED("MediaTek rate limit", "mtk_iommu_isr", FAULT_OTHER),
	SUPPRESSED("MediaTek v1 rate limit", "mtk_iommu_v1_isr", FAULT_OTHER),

	/* Why a passthrough does not come about, and what else is said of a device. */
	NOTE_WITH("platform RMRR", "RMRR", NOTE_RMRR,
                  "{*}Device is ineligible for IOMMU domain attach due to platform RMRR {*}"),
	NOTE_WITH("1:1 IOMMU mapping", "1:1 mapping", NOTE_FIRMWARE,
                  "{*}Firmware has requested this device have a 1:1 IOMMU mapping{*}"),
	NOTE_WITH("interrupt remapping support", "no interrupt remapping", NOTE_NO_REMAPPING,
                  "{*}No interrupt remapping support{*}"),
	NOTE_WITH("RLIMIT_MEMLOCK", "locked memory", NOTE_MEMLOCK,
                  "{*}RLIMIT_MEMLOCK ({number}) exceeded{*}"),
	NOTE_WITH(": not ready ", "not ready", NOTE_RESET, "{*}: not ready {number}ms after {*}"),
	NOTE_WITH("pending transaction", "pending transaction", NOTE_RESET,
                  "{*}: timed out waiting for pending transaction; performing {*}"),
	NOTE_WITH("can't reserve", "BAR taken", NOTE_BAR, "{*}: BAR {*}: can't reserve [{*}"),
	NOTE_WITH("vfio_bar_restore", "BAR restored", NOTE_BAR,
                  "{*}vfio_bar_restore: reset recovery - restoring BARs{*}"),
	NOTE_WITH("Invalid PCI ROM", "ROM", NOTE_ROM, "{*}: Invalid PCI ROM {*}"),
	NOTE_WITH("change power state", "power state", NOTE_DEVICE,
                  "{*}: Refused to change power state{*}"),
	NOTE_WITH("change power state", "power state, 5.8 on", NOTE_DEVICE,
                  "{*}: Unable to change power state from {*}"),
	NOTE_WITH(": AER: ", "AER, from whom", NOTE_AER,
                  "{*}: AER: {*} message received from {segment bdf}{*}"),
	NOTE_WITH(": AER: ", "AER, from whom, up to 6.9", NOTE_AER,
                  "{*}: AER: {*} error received: {segment bdf}"),
	NOTE_WITH(": AER: ", "AER, from whom, up to 4.19", NOTE_AER,
                  "{*}: AER: {*} error received: id={hex}"),
	NOTE_WITH(": AER: ", "AER, header", NOTE_AER, "{*}: AER:   TLP Header:{*}"),
	NOTE_WITH("PCIe Bus Error", "AER", NOTE_AER, "{*}: PCIe Bus Error: severity={*}"),
	NOTE_WITH("error status/mask", "AER, status", NOTE_AER,
                  "{*}:   device [{*}] error status/mask={*}"),
	NOTE_WITH(":    [", "AER, bits", NOTE_AER, "{client}:    [\t{number}] {*}"),
	NOTE_WITH(": DPC: ", "DPC", NOTE_AER, "{*}: DPC: containment event{*}"),
};

const size_t kmsg_pattern_count = ARRAY_SIZE(kmsg_patterns);

const char *const kmsg_driver_prefixes[] = {
	"DMAR: ",
	"dmar: ",
	"DMAR-IR: ",
	"IOMMU: dmar",
	"Unexpected page request ",
	"AMD-Vi: ",
	"iommu ivhd",
	"iommu: ",
	"arm-smmu ",
	"arm-smmu-v3 ",
	"qcom-iommu ",
	"qcom-iommu-ctx ",
	"virtio_iommu ",
	"riscv,iommu ",
	"apple-dart ",
	"rk_iommu ",
	"sun50i-iommu ",
	"exynos-sysmmu ",
	"ipmmu-vmsa ",
	"tegra-smmu ",
	"mtk-iommu ",
	"mtk-iommu-v1 ",
	"omap-iommu ",
	"msm_iommu ",
	"sprd-iommu ",
	"vfio_iommu_type1",
	NULL,
};
