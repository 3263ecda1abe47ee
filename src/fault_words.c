// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fault_words: reasons, verdicts and topics in the words of a person. Pure.
 * In: what a message said, what the model found. Out: short words, sentences, hints.
 * Must never know: how a message looked, which pane asks.
 */
#include "fault_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "util.h"

#define NS_PER_S 1000000000ull

/* ---- hints, from the documents of the kernel and of the vendors ---- */

/* Linux Documentation/core-api/dma-api.rst (what CONFIG_DMA_API_DEBUG looks for) and
 * Documentation/arch/x86/intel-iommu.rst ("What is RMRR?") */
#define HINT_NO_MAPPING                                                                      \
	"a buffer given back too early, or mapped too short or for the other direction; or " \
	"memory that firmware has it use without saying so (RMRR)"
/* Linux Documentation/core-api/dma-api-howto.rst, DMA Direction */
#define HINT_DIRECTION                                                                       \
	"mapped for the other direction: the driver's DMA_TO_DEVICE or DMA_FROM_DEVICE may " \
	"be the wrong one"
/* Linux drivers/pci/quirks.c (quirk_dma_func0_alias and on: requests with another's id), and
 * drivers/iommu/intel/iommu.c (copy_translation_tables: devices that an earlier kernel left on) */
#define HINT_STRAY                                                                          \
	"it runs without a driver (left on by firmware, a reset or the kernel before), or " \
	"its requests bear another id: a bridge's, another function's"
/* Intel VT-d specification, chapter Translation Faults: these conditions are software's errors */
#define HINT_TABLES \
	"the tables are the kernel's work: suspect the kernel or the memory, not the device"
/* Intel VT-d specification, Capability Register (MGAW); QEMU manual, intel-iommu,aw-bits= */
#define HINT_WIDTH                                                                           \
	"the unit translates fewer address bits than were used: compare its width with the " \
	"guest's (QEMU: aw-bits)"
/* Intel VT-d specification, chapter Translation Faults: an access of the unit itself failed */
#define HINT_UNIT "the unit could not read its own tables: suspect memory or platform firmware"
/* Linux Documentation/arch/x86/sva.rst, PASID life cycle */
#define HINT_PASID "a PASID that is not bound yet, or no longer: its process may have ended first"
/* Linux drivers/iommu/intel/irq_remapping.c (iommu_load_old_irte: tables of an earlier kernel) */
#define HINT_INTERRUPT_GONE                                                                   \
	"an interrupt that was freed while the device still raises it, or one of an earlier " \
	"kernel"
/* Intel VT-d specification, Interrupt Remapping: compatibility format interrupt requests */
#define HINT_INTERRUPT_OLD                                                                 \
	"its MSI was set up without interrupt remapping: by firmware, or by a guest that " \
	"wrote to the device itself"
/* Linux Documentation/admin-guide/kernel-parameters.txt, intremap=nosid */
#define HINT_INTERRUPT_ID                                                                    \
	"its interrupts bear another id, mostly a bridge's; intremap=nosid ends the check, " \
	"and the safety with it"
/* Linux Documentation/arch/x86/intel-iommu.rst, "Some exceptions to IOVA": 0xfee00000 and on */
#define HINT_INTERRUPT_RANGE \
	"a data access to the addresses of interrupts, which nobody can map: a wrong pointer"
/* Linux Documentation/admin-guide/kernel-parameters.txt, pci=noats */
#define HINT_ATS "a device that was removed, powered down or hangs does not answer; pci=noats tells"
/* Linux Documentation/devicetree/bindings/pci/pci-iommu.txt; Arm IORT (DEN0049), ID mappings */
#define HINT_STREAM                                                                         \
	"device tree (iommu-map) or ACPI IORT do not list this stream: firmware, or a new " \
	"function"
/* Linux Documentation/admin-guide/kernel-parameters.txt, arm-smmu.disable_bypass */
#define HINT_BYPASS                                                                      \
	"no driver attached it, or firmware left it on; arm-smmu.disable_bypass=0 lets " \
	"such streams through, at the cost of safety"
/* OASIS virtio 1.2, IOMMU device, Fault reporting */
#define HINT_ENDPOINT "the endpoint is attached to no domain: its driver is gone or not there yet"

/* ---- reasons ---- */

#define ANY_CODE UINT16_MAX

struct reason_words {
	uint8_t dialect;
	uint16_t code;      /* ANY_CODE: only by name */
	const char *name;   /* with what the reason begins; NULL: only by code */
	const char *detail; /* what is in it as well; NULL: nothing in particular */
	/* $did: read, wrote to, ...; $way: read, write, ... */
	const char *shortly, *sentence, *hint;
	bool interrupt; /* only of interrupts */
};

#define VTD(code_, shortly_, sentence_, hint_)                                                \
	{                                                                                     \
		FAULT_VTD, code_, NULL, NULL, shortly_, "the device " sentence_, hint_, false \
	}
#define VTD_UNIT(code_, shortly_, sentence_, hint_)                             \
	{                                                                       \
		FAULT_VTD, code_, NULL, NULL, shortly_, sentence_, hint_, false \
	}
#define INTERRUPT(code_, shortly_, sentence_, hint_)                                      \
	{                                                                                 \
		FAULT_VTD_INTERRUPT, code_, NULL, NULL, shortly_, sentence_, hint_, false \
	}
#define AMD(name_, detail_, shortly_, sentence_, hint_)                                \
	{                                                                              \
		FAULT_AMD, ANY_CODE, name_, detail_, shortly_, sentence_, hint_, false \
	}
#define SMMU(code_, name_, shortly_, sentence_, hint_)                            \
	{                                                                         \
		FAULT_SMMU, code_, name_, NULL, shortly_, sentence_, hint_, false \
	}
#define SMMU_V3(code_, name_, shortly_, sentence_, hint_)                            \
	{                                                                            \
		FAULT_SMMU_V3, code_, name_, NULL, shortly_, sentence_, hint_, false \
	}
#define VIRTIO(code_, name_, shortly_, sentence_, hint_)                            \
	{                                                                           \
		FAULT_VIRTIO, code_, name_, NULL, shortly_, sentence_, hint_, false \
	}
#define RISCV(code_, shortly_, sentence_, hint_)                                  \
	{                                                                         \
		FAULT_RISCV, code_, NULL, NULL, shortly_, sentence_, hint_, false \
	}

#define OTHER(name_, shortly_, sentence_)                                                       \
	{                                                                                       \
		FAULT_OTHER, ANY_CODE, name_, NULL, shortly_, sentence_, HINT_NO_MAPPING, false \
	}

/* The first that fits holds: what is more particular stands before. */
static const struct reason_words reasons[] = {
	/* Intel VT-d specification, Translation Faults; in the words of Linux
         * drivers/iommu/intel/dmar.c, dma_remap_fault_reasons[] */
	/* Software */
	VTD_UNIT(0x00, "no reason given", "the unit gave reason 0, which stands for nothing", NULL),
	/* Present bit in root entry is clear */
	VTD(0x01, "bus not set up", "$did an address, but no device of its bus is set up for DMA",
            HINT_STRAY),
	/* Present bit in context entry is clear */
	VTD(0x02, "device not set up",
            "$did an address without being set up for DMA: nothing is "
            "attached to this id",
            HINT_STRAY),
	/* Invalid context entry */
	VTD(0x03, "bad device entry", "$did an address, but its entry in the unit's table is wrong",
            HINT_TABLES),
	/* Access beyond MGAW */
	VTD(0x04, "address too wide", "$did an address with more bits than the unit translates",
            HINT_WIDTH),
	/* PTE Write access is not set */
	VTD(0x05, "no write mapping", "wrote to an address that nobody mapped for writing",
            HINT_NO_MAPPING),
	/* PTE Read access is not set */
	VTD(0x06, "no read mapping", "read an address that nobody mapped for reading",
            HINT_NO_MAPPING),
	/* Next page table ptr is invalid */
	VTD_UNIT(0x07, "broken page table", "the unit could not follow the page table", HINT_UNIT),
	/* Root table address invalid */
	VTD_UNIT(0x08, "broken root table", "the unit could not read its root table", HINT_UNIT),
	/* Context table ptr is invalid */
	VTD_UNIT(0x09, "broken device table", "the unit could not read its table of devices",
                 HINT_UNIT),
	/* non-zero reserved fields in RTP */
	VTD_UNIT(0x0a, "bad root entry", "reserved bits are set in the root table", HINT_TABLES),
	/* non-zero reserved fields in CTP */
	VTD_UNIT(0x0b, "bad device entry", "reserved bits are set in the device's entry",
                 HINT_TABLES),
	/* non-zero reserved fields in PTE */
	VTD_UNIT(0x0c, "bad page entry", "reserved bits are set in the page table", HINT_TABLES),
	/* PCE for translation request specifies blocking */
	VTD(0x0d, "ATS not allowed", "asked for a translation (ATS), which it is not allowed to",
            NULL),

	/* Intel VT-d specification, Translation Faults, scalable mode; in the words of Linux
         * drivers/iommu/intel/dmar.c, dma_remap_sm_fault_reasons[] */
	/* SM: Invalid Root Table Address */
	VTD_UNIT(0x30, "broken root table", "the address of the root table is wrong", HINT_TABLES),
	/* SM: TTM 0 for request with PASID */
	VTD(0x31, "no PASIDs here", "$did an address with a PASID, but the unit is in legacy mode",
            HINT_PASID),
	/* SM: TTM 0 for page group request */
	VTD(0x32, "no page requests", "asked for a page, but the unit is in legacy mode",
            HINT_PASID),
	/* SM: Error attempting to access Root Entry */
	VTD_UNIT(0x38, "broken root table", "the unit could not read its root table", HINT_UNIT),
	/* SM: Present bit in Root Entry is clear */
	VTD(0x39, "bus not set up", "$did an address, but no device of its bus is set up for DMA",
            HINT_STRAY),
	/* SM: Non-zero reserved field set in Root Entry */
	VTD_UNIT(0x3a, "bad root entry", "reserved bits are set in the root table", HINT_TABLES),
	/* SM: Error attempting to access Context Entry */
	VTD_UNIT(0x40, "broken device table", "the unit could not read its table of devices",
                 HINT_UNIT),
	/* SM: Present bit in Context Entry is clear */
	VTD(0x41, "device not set up",
            "$did an address without being set up for DMA: nothing is "
            "attached to this id",
            HINT_STRAY),
	/* SM: Non-zero reserved field set in the Context Entry */
	VTD_UNIT(0x42, "bad device entry", "reserved bits are set in the device's entry",
                 HINT_TABLES),
	/* SM: Invalid Context Entry */
	VTD(0x43, "bad device entry", "$did an address, but its entry in the unit's table is wrong",
            HINT_TABLES),
	/* SM: DTE field in Context Entry is clear */
	VTD(0x44, "ATS not allowed", "asked for a translation (ATS), which it is not allowed to",
            NULL),
	/* SM: PASID Enable field in Context Entry is clear */
	VTD(0x45, "no PASIDs here", "$did an address with a PASID, which it is not allowed to",
            HINT_PASID),
	/* SM: PASID is larger than the max in Context Entry */
	VTD(0x46, "PASID too high", "$did an address with a PASID beyond the table of PASIDs",
            HINT_PASID),
	/* SM: PRE field in Context-Entry is clear */
	VTD(0x47, "no page requests", "asked for a page, which it is not allowed to", HINT_PASID),
	/* SM: RID_PASID field error in Context-Entry */
	VTD_UNIT(0x48, "bad device entry", "the PASID for requests without one is set up wrong",
                 HINT_TABLES),
	/* SM: Error attempting to access the PASID Directory Entry */
	VTD_UNIT(0x50, "broken PASID table", "the unit could not read the table of PASIDs",
                 HINT_UNIT),
	/* SM: Present bit in Directory Entry is clear */
	VTD(0x51, "PASID not set up", "$did an address with a PASID that is not set up",
            HINT_PASID),
	/* SM: Non-zero reserved field set in PASID Directory Entry */
	VTD_UNIT(0x52, "bad PASID entry", "reserved bits are set in the table of PASIDs",
                 HINT_TABLES),
	/* SM: Error attempting to access PASID Table Entry */
	VTD_UNIT(0x58, "broken PASID table", "the unit could not read the table of PASIDs",
                 HINT_UNIT),
	/* SM: Present bit in PASID Table Entry is clear */
	VTD(0x59, "PASID not set up", "$did an address with a PASID that is not set up",
            HINT_PASID),
	/* SM: Non-zero reserved field set in PASID Table Entry */
	VTD_UNIT(0x5a, "bad PASID entry", "reserved bits are set in the table of PASIDs",
                 HINT_TABLES),
	/* SM: Invalid Scalable-Mode PASID Table Entry */
	VTD_UNIT(0x5b, "bad PASID entry", "the entry of this PASID is wrong", HINT_TABLES),
	/* SM: ERE field is clear in PASID Table Entry */
	VTD(0x5c, "no execution", "asked to execute, which this PASID is not allowed to", NULL),
	/* SM: SRE field is clear in PASID Table Entry */
	VTD(0x5d, "no supervisor", "asked as supervisor, which this PASID is not allowed to", NULL),
	/* SM: Error attempting to access first-level paging entry */
	VTD_UNIT(0x70, "broken page table", "the unit could not read the first-level page table",
                 HINT_UNIT),
	/* SM: Present bit in first-level paging entry is clear */
	VTD(0x71, "not mapped", "$did an address that nobody mapped for it", HINT_NO_MAPPING),
	/* SM: Non-zero reserved field set in first-level paging entry */
	VTD_UNIT(0x72, "bad page entry", "reserved bits are set in the first-level page table",
                 HINT_TABLES),
	/* SM: Error attempting to access FL-PML4 entry */
	VTD_UNIT(0x73, "broken page table", "the unit could not read the first-level page table",
                 HINT_UNIT),
	/* SM: First-level entry address beyond MGAW in Nested translation */
	VTD_UNIT(0x74, "address too wide",
                 "the guest's page table leads to an address with too many bits", HINT_WIDTH),
	/* SM: Read permission error in FL-PML4 entry in Nested translation */
	VTD_UNIT(0x75, "guest table unmapped",
                 "the guest's page table lies where the host mapped nothing to read", NULL),
	/* SM: Read permission error in first-level paging entry in Nested translation */
	VTD_UNIT(0x76, "guest table unmapped",
                 "the guest's page table lies where the host mapped nothing to read", NULL),
	/* SM: Write permission error in first-level paging entry in Nested translation */
	VTD_UNIT(0x77, "guest table r/o",
                 "the guest's page table lies where the host lets nothing be written", NULL),
	/* SM: Error attempting to access second-level paging entry */
	VTD_UNIT(0x78, "broken page table", "the unit could not read the second-level page table",
                 HINT_UNIT),
	/* SM: Read/Write permission error in second-level paging entry */
	VTD(0x79, "no $way mapping", "$did an address that nobody mapped for it", HINT_NO_MAPPING),
	/* SM: Non-zero reserved field set in second-level paging entry */
	VTD_UNIT(0x7a, "bad page entry", "reserved bits are set in the second-level page table",
                 HINT_TABLES),
	/* SM: Invalid second-level page table pointer */
	VTD_UNIT(0x7b, "broken page table", "the second-level page table is not where it should be",
                 HINT_TABLES),
	/* SM: A/D bit update needed in second-level entry when set up in no snoop */
	VTD_UNIT(0x7c, "no snoop, A/D bits",
                 "the unit had to note an access in a page table that it may not snoop",
                 HINT_TABLES),
	/* SM: Address in first-level translation is not canonical */
	VTD(0x80, "not canonical", "$did an address that is not canonical: a wrong pointer", NULL),
	/* SM: U/S set 0 for first-level translation with user privilege */
	VTD(0x81, "kernel's page", "$did a page of the kernel as a user", NULL),
	/* SM: No execute permission for request with PASID and ER=1 */
	VTD(0x82, "no exec mapping", "fetched an instruction from a page that is no code", NULL),
	/* SM: Address beyond the DMA hardware max */
	VTD(0x83, "address too wide", "$did an address with more bits than the unit translates",
            HINT_WIDTH),
	/* SM: Second-level entry address beyond the max */
	VTD_UNIT(0x84, "address too wide", "the page table leads to an address with too many bits",
                 HINT_WIDTH),
	/* SM: No write permission for Write/AtomicOp request */
	VTD(0x85, "no write mapping", "wrote to an address that is mapped, but not to be written",
            HINT_NO_MAPPING),
	/* SM: No read permission for Read/AtomicOp request */
	VTD(0x86, "no read mapping", "read an address that is mapped, but not to be read",
            HINT_NO_MAPPING),
	/* SM: Invalid address-interrupt address */
	VTD(0x87, "interrupt range", "$did an address of the range that is kept for interrupts",
            HINT_INTERRUPT_RANGE),
	/* SM: A/D bit update needed in first-level entry when set up in no snoop */
	VTD_UNIT(0x90, "no snoop, A/D bits",
                 "the unit had to note an access in a page table that it may not snoop",
                 HINT_TABLES),

	/* Intel VT-d specification, Interrupt Remapping, fault conditions; in the words of Linux
         * drivers/iommu/intel/dmar.c, irq_remap_fault_reasons[] */
	/* Detected reserved fields in the decoded interrupt-remapped request */
	INTERRUPT(0x20, "bad interrupt", "the device raised an interrupt that is no valid request",
                  HINT_INTERRUPT_OLD),
	/* Interrupt index exceeded the interrupt-remapping table size */
	INTERRUPT(0x21, "no such interrupt",
                  "the device raised an interrupt beyond the end of the table",
                  HINT_INTERRUPT_GONE),
	/* Present field in the IRTE entry is clear */
	INTERRUPT(0x22, "interrupt not set up",
                  "the device raised an interrupt that is not set up, or no longer",
                  HINT_INTERRUPT_GONE),
	/* Error accessing interrupt-remapping table pointed by IRTA_REG */
	INTERRUPT(0x23, "broken table", "the unit could not read its table of interrupts",
                  HINT_UNIT),
	/* Detected reserved fields in the IRTE entry */
	INTERRUPT(0x24, "bad table entry", "reserved bits are set in the table of interrupts",
                  HINT_TABLES),
	/* Blocked a compatibility format interrupt request */
	INTERRUPT(0x25, "old-style interrupt",
                  "the device raised an interrupt past the remapping, which is not allowed",
                  HINT_INTERRUPT_OLD),
	/* Blocked an interrupt request due to source-id verification failure */
	INTERRUPT(0x26, "another's interrupt",
                  "the device raised an interrupt that belongs to another one", HINT_INTERRUPT_ID),

	/* AMD I/O Virtualization Technology (IOMMU) Specification (48882), Event Log: the events,
         * and the flags of IO_PAGE_FAULT; Linux drivers/iommu/amd/iommu.c, iommu_print_event() */
	{FAULT_AMD, ANY_CODE, "IO_PAGE_FAULT", NULL, "interrupt not set up",
         "the device raised an interrupt that is not set up for it", HINT_INTERRUPT_GONE, true},
	AMD("IO_PAGE_FAULT", "not attached", "device not set up",
            "the device did DMA while no domain was attached to it", HINT_STRAY),
	AMD("IO_PAGE_FAULT", "not present", "not mapped",
            "the device $did an address that nobody mapped for it", HINT_NO_MAPPING),
	AMD("IO_PAGE_FAULT", "reserved", "bad page entry",
            "reserved bits are set in the page table", HINT_TABLES),
	AMD("IO_PAGE_FAULT", "permission", "no $way mapping",
            "the device $did an address that is mapped, but not for that", HINT_DIRECTION),
	AMD("IO_PAGE_FAULT", NULL, "no $way mapping",
            "the device $did an address that is not mapped, or not for that", HINT_NO_MAPPING),
	AMD("ILLEGAL_DEV_TABLE_ENTRY", NULL, "bad device entry",
            "the device's entry in the unit's table is wrong, or not set up", HINT_STRAY),
	AMD("DEV_TAB_HARDWARE_ERROR", NULL, "broken device table",
            "the unit could not read its table of devices", HINT_UNIT),
	AMD("PAGE_TAB_HARDWARE_ERROR", NULL, "broken page table",
            "the unit could not read a page table", HINT_UNIT),
	AMD("ILLEGAL_COMMAND_ERROR", NULL, "bad command",
            "the kernel gave the unit a command that is none", HINT_TABLES),
	AMD("COMMAND_HARDWARE_ERROR", NULL, "broken command queue",
            "the unit could not read its commands", HINT_UNIT),
	AMD("IOTLB_INV_TIMEOUT", NULL, "ATS time-out",
            "the device did not answer when it was told to forget translations", HINT_ATS),
	AMD("INVALID_DEVICE_REQUEST", NULL, "forbidden request",
            "the device sent a request of a kind, or to an address, that it may not",
            HINT_INTERRUPT_RANGE),
	AMD("INVALID_PPR_REQUEST", NULL, "bad page request",
            "the device asked for a page in a way that it may not", HINT_PASID),
	AMD("RMP_PAGE_FAULT", NULL, "page of an SNP guest",
            "the device $did a page that belongs to a confidential guest (SEV-SNP)", NULL),
	AMD("RMP_HW_ERROR", NULL, "broken SNP table",
            "the unit could not read the table of who owns a page (SEV-SNP)", HINT_UNIT),

	/* Arm SMMU architecture specification (IHI 0062), SMMU_sGFSR; its numbers are not those of
         * SMMU_CBn_FSR below. Linux drivers/iommu/arm/arm-smmu/arm-smmu.c, arm_smmu_global_fault()
         */
	SMMU(ANY_CODE, "global fault: unidentified stream", "stream not set up",
             "the device did DMA, but nothing is attached to its stream", HINT_BYPASS),
	SMMU(ANY_CODE, "global fault", "fault of the unit",
             "the unit reports a fault that belongs to no domain", NULL),
	/* Arm SMMU architecture specification (IHI 0062), SMMU_CBn_FSR; the bits as in Linux
         * drivers/iommu/arm/arm-smmu/arm-smmu.h */
	SMMU(0x02, "translation", "not mapped",
             "the device $did an address that nobody mapped for it", HINT_NO_MAPPING),
	SMMU(0x04, "access flag", "not accessible yet",
             "the device $did a page whose access flag is not set", NULL),
	SMMU(0x08, "permission", "no $way mapping",
             "the device $did an address that is mapped, but not for that", HINT_DIRECTION),
	SMMU(0x10, "external", "bus error", "the unit met an error on the bus", HINT_UNIT),
	SMMU(0x20, "TLB match conflict", "TLB conflict",
             "the unit found two translations of one address", HINT_TABLES),
	SMMU(0x40, "TLB lock", "TLB lock", "the unit could not lock a translation", NULL),
	SMMU(0x80, "address size", "address too wide",
             "an address has more bits than the unit translates", HINT_WIDTH),
	SMMU(0x100, "unsupported upstream", "forbidden request",
             "the device sent a request of a kind that the unit does not support", NULL),

	/* Arm SMMUv3 architecture specification (IHI 0070), Event queue: event records */
	SMMU_V3(0x01, "F_UUT", "forbidden request",
                "the device sent a request of a kind that the unit does not support", NULL),
	SMMU_V3(0x02, "C_BAD_STREAMID", "no such stream",
                "the device's stream id lies beyond the table of streams", HINT_STREAM),
	SMMU_V3(0x03, "F_STE_FETCH", "broken stream table",
                "the unit could not read the table of streams", HINT_UNIT),
	SMMU_V3(0x04, "C_BAD_STE", "bad stream entry",
                "the entry of this stream is wrong, or not set up", HINT_STRAY),
	SMMU_V3(0x05, "F_BAD_ATS_TREQ", "ATS not allowed",
                "the device asked for a translation (ATS), which it is not allowed to", NULL),
	SMMU_V3(0x06, "F_STREAM_DISABLED", "stream switched off",
                "the device did DMA without a PASID, which its stream does not allow", HINT_PASID),
	SMMU_V3(0x07, "F_TRANSL_FORBIDDEN", "forbidden request",
                "the device used a translation of its own, which it is not allowed to", NULL),
	SMMU_V3(0x08, "C_BAD_SUBSTREAMID", "PASID not set up",
                "the device used a PASID that is not set up", HINT_PASID),
	SMMU_V3(0x09, "F_CD_FETCH", "broken table",
                "the unit could not read the context of this stream", HINT_UNIT),
	SMMU_V3(0x0a, "C_BAD_CD", "bad context entry",
                "the context of this stream is wrong, or not set up", HINT_PASID),
	SMMU_V3(0x0b, "F_WALK_EABT", "broken page table", "the unit could not read a page table",
                HINT_UNIT),
	SMMU_V3(0x10, "F_TRANSLATION", "not mapped",
                "the device $did an address that nobody mapped for it", HINT_NO_MAPPING),
	SMMU_V3(0x11, "F_ADDR_SIZE", "address too wide",
                "an address has more bits than the unit translates", HINT_WIDTH),
	SMMU_V3(0x12, "F_ACCESS", "not accessible yet",
                "the device $did a page whose access flag is not set", NULL),
	SMMU_V3(0x13, "F_PERMISSION", "no $way mapping",
                "the device $did an address that is mapped, but not for that", HINT_DIRECTION),
	SMMU_V3(0x20, "F_TLB_CONFLICT", "TLB conflict",
                "the unit found two translations of one address", HINT_TABLES),
	SMMU_V3(0x21, "F_CFG_CONFLICT", "table conflict",
                "the unit found two entries for one stream", HINT_TABLES),
	SMMU_V3(0x24, "E_PAGE_REQUEST", "page request",
                "the device asked for a page and nobody was there to answer", NULL),
	SMMU_V3(0x25, "F_VMS_FETCH", "broken table",
                "the unit could not read the structure of the virtual machine", HINT_UNIT),

	/* OASIS virtio 1.2, IOMMU device, Fault reporting: VIRTIO_IOMMU_FAULT_R_DOMAIN and
         * _MAPPING; in the words of Linux drivers/iommu/virtio-iommu.c, viommu_fault_handler() */
	VIRTIO(1, "domain", "device not set up",
               "the device $did an address while attached to no domain", HINT_ENDPOINT),
	VIRTIO(2, "page", "no $way mapping", "the device $did an address that nobody mapped for it",
               HINT_NO_MAPPING),
	VIRTIO(0, "unknown", "no reason given", "the host gave no reason", NULL),

	/* RISC-V IOMMU architecture specification 1.0, Fault/Event-Queue, table of CAUSE */
	RISCV(1, "bus error", "the device fetched an instruction where it may not", NULL),
	RISCV(4, "misaligned", "the device read an address that is not aligned", NULL),
	RISCV(5, "bus error", "the device read where it may not", NULL),
	RISCV(6, "misaligned", "the device wrote to an address that is not aligned", NULL),
	RISCV(7, "bus error", "the device wrote where it may not", NULL),
	RISCV(12, "no exec mapping", "the device fetched an instruction that nobody mapped",
              HINT_NO_MAPPING),
	RISCV(13, "no read mapping", "the device read an address that nobody mapped for reading",
              HINT_NO_MAPPING),
	RISCV(15, "no write mapping",
              "the device wrote to an address that nobody mapped for writing", HINT_NO_MAPPING),
	RISCV(20, "no exec mapping", "the device fetched an instruction that the host did not map",
              HINT_NO_MAPPING),
	RISCV(21, "no read mapping", "the device read an address that the host did not map",
              HINT_NO_MAPPING),
	RISCV(23, "no write mapping", "the device wrote to an address that the host did not map",
              HINT_NO_MAPPING),
	RISCV(256, "unit lets nothing in", "the unit lets no request of any device through", NULL),
	RISCV(257, "broken device table", "the unit could not read its table of devices",
              HINT_UNIT),
	RISCV(258, "device not set up", "the device did DMA without being set up for it",
              HINT_STRAY),
	RISCV(259, "bad device entry", "the device's entry in the unit's table is wrong",
              HINT_TABLES),
	RISCV(260, "forbidden request", "the device sent a request of a kind that it may not",
              NULL),
	RISCV(261, "broken MSI table", "the unit could not read its table of interrupts",
              HINT_UNIT),
	RISCV(262, "interrupt not set up", "the device raised an interrupt that is not set up",
              HINT_INTERRUPT_GONE),
	RISCV(263, "bad MSI entry", "the entry of this interrupt is wrong", HINT_TABLES),
	RISCV(264, "broken MSI file", "the unit could not reach the file of interrupts", HINT_UNIT),
	RISCV(265, "broken PASID table", "the unit could not read the table of PASIDs", HINT_UNIT),
	RISCV(266, "PASID not set up", "the device used a PASID that is not set up", HINT_PASID),
	RISCV(267, "bad PASID entry", "the entry of this PASID is wrong", HINT_TABLES),
	RISCV(268, "damaged table", "the table of devices is damaged", HINT_UNIT),
	RISCV(269, "damaged table", "the table of PASIDs is damaged", HINT_UNIT),
	RISCV(270, "damaged table", "the table of interrupts is damaged", HINT_UNIT),
	RISCV(271, "damaged MSI file", "the file of interrupts is damaged", HINT_UNIT),
	RISCV(272, "fault of the unit", "the unit failed in itself", HINT_UNIT),
	RISCV(273, "lost message", "the unit could not send its own interrupt", HINT_UNIT),
	RISCV(274, "damaged page table", "a page table is damaged", HINT_UNIT),

	/* Intel VT-d specification, Recoverable Faults; Linux Documentation/arch/x86/sva.rst */
	{FAULT_VTD, ANY_CODE, "page request", NULL, "page request",
         "the device asked the kernel for a page and waits for it: usual with shared addresses "
         "(SVA)",
         NULL, false},

	/* Linux drivers/iommu/rockchip-iommu.c, sun50i-iommu.c, apple-dart.c: their own words */
	OTHER("page fault", "no $way mapping",
              "the device $did an address that nobody mapped for it"),
	OTHER("NO P", "not mapped", "the device $did an address that nobody mapped for it"),
	OTHER("READ FAULT", "no read mapping", "the device read an address that is not to be read"),
	OTHER("WRITE FAULT", "no write mapping",
              "the device wrote to an address that is not to be written"),

	/* Linux include/trace/events/iommu.h, io_page_fault: address and direction, no reason */
	{FAULT_OTHER, ANY_CODE, "", "", "not allowed",
         "the device $did an address that its domain does not allow", HINT_NO_MAPPING, false},
};

static bool begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* No name at all stands for a message without a reason. */
static bool fits(const struct reason_words *words, const struct fault_reason *about)
{
	if (words->dialect != about->dialect ||
	    (words->interrupt && !(about->flags & FAULT_INTERRUPT)))
		return false;
	if (about->flags & FAULT_HAS_CODE && words->code == about->code)
		return true;
	if (!words->name)
		return false;
	if (!*words->name)
		return !*about->reason && !(about->flags & FAULT_INTERRUPT);
	return begins_with(about->reason, words->name) &&
	       (!words->detail || strstr(about->reason, words->detail));
}

static const struct reason_words *find(const struct fault_reason *about)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (fits(&reasons[i], about))
			return &reasons[i];
	return NULL;
}

static const struct {
	const char *did, *way;
} directions[DIRECTION_COUNT] = {
	[DIRECTION_UNKNOWN] = {"accessed", "such"},
	[DIRECTION_READ] = {"read", "read"},
	[DIRECTION_WRITE] = {"wrote to", "write"},
	[DIRECTION_EXECUTE] = {"fetched an instruction from", "exec"},
};

/* $did and $way by the direction. */
static void expand(char *out, size_t size, const char *words, uint8_t direction)
{
	const char *dollar = strchr(words, '$');
	const char *verb;

	if (!dollar) {
		copy_text(out, size, words);
		return;
	}
	verb = dollar[1] == 'd' ? directions[direction].did : directions[direction].way;
	snprintf(out, size, "%.*s%s%s", (int)(dollar - words), words, verb,
	         dollar + strlen("$did"));
}

bool fault_words_short(const struct fault_reason *about, char *out, size_t size)
{
	const struct reason_words *words = find(about);

	expand(out, size, words ? words->shortly : "", about->direction);
	return words != NULL;
}

bool fault_words_sentence(const struct fault_reason *about, char *out, size_t size)
{
	const struct reason_words *words = find(about);

	expand(out, size, words ? words->sentence : "", about->direction);
	return words != NULL;
}

const char *fault_words_hint(const struct fault_reason *about)
{
	const struct reason_words *words = find(about);

	return words ? words->hint : NULL;
}

/* ---- verdicts ---- */

static char *brief_distance(char *out, size_t size, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *unit;
	} units[] = {{86400 * NS_PER_S, "d"}, {3600 * NS_PER_S, "h"}, {60 * NS_PER_S, "min"},
	             {NS_PER_S, "s"},         {1000000, "ms"},        {1000, "us"}};
	size_t unit = 0;
	double value;

	while (unit + 1 < ARRAY_SIZE(units) && ns < units[unit].ns)
		unit++;
	value = (double)ns / (double)units[unit].ns;
	snprintf(out, size, "%.*f%s", value < 9.95 ? 1 : 0, value, units[unit].unit);
	return out;
}

/* "3.2 ms", "47 s" */
static char *distance(char *out, size_t size, uint64_t ns)
{
	if (ns >= NS_PER_S)
		return format_duration(out, size, ns);
	if (ns >= 1000000u)
		snprintf(out, size, "%.*f ms", ns < 9950000u ? 1 : 0, (double)ns / 1e6);
	else
		snprintf(out, size, "%.*f us", ns < 9950u ? 1 : 0, (double)ns / 1e3);
	return out;
}

/* " 3.2 ms before"; a map or unmap may have come after what the log timed. */
static void add_when(const struct verdict_about *about, char *out, size_t size)
{
	uint64_t at_ns = about->verdict->at_ns;
	bool after = at_ns > about->fault_ns;
	uint64_t ns = after ? at_ns - about->fault_ns : about->fault_ns - at_ns;
	char text[32];

	if (!at_ns)
		return;
	if (about->brief)
		append_text(out, size, " %s%s", after ? "+" : "",
		            brief_distance(text, sizeof(text), ns));
	else
		append_text(out, size, " %s %s", distance(text, sizeof(text), ns),
		            after ? "after" : "before");
}

static const char *protection_words(uint8_t protection)
{
	switch (protection & (MAP_READ | MAP_WRITE)) {
	case MAP_READ:
		return "read-only";
	case MAP_WRITE:
		return "write-only";
	case 0:
		return "for nothing";
	default:
		return "read-write";
	}
}

static const char *const short_words[VERDICT_COUNT] = {
	[VERDICT_NOT_ASKED] = "-",          [VERDICT_NOT_KNOWN] = "not known",
	[VERDICT_NEVER] = "never mapped",   [VERDICT_MAPPED] = "mapped",
	[VERDICT_DIRECTION] = "mapped",     [VERDICT_UNMAPPED] = "unmapped",
	[VERDICT_AFTER] = "past a mapping", [VERDICT_RESERVED] = "reserved",
	[VERDICT_IDENTITY] = "as it is",    [VERDICT_BLOCKED] = "blocked",
};

char *verdict_short(const struct verdict_about *about, char *out, size_t size)
{
	const struct snapshot_verdict *verdict = about->verdict;

	copy_text(out, size, short_words[verdict->kind]);
	if (verdict->kind == VERDICT_DIRECTION && about->brief)
		copy_text(out, size, protection_words(verdict->protection));
	else if (verdict->kind == VERDICT_DIRECTION)
		append_text(out, size, " %s", protection_words(verdict->protection));
	if (verdict->kind == VERDICT_UNMAPPED)
		add_when(about, out, size);
	if (verdict->uncertain)
		append_text(out, size, "?");
	return out;
}

/* ": 0x1000-0x1fff (4.0K)" */
static void add_mapping(const struct verdict_about *about, char *out, size_t size)
{
	const struct snapshot_verdict *verdict = about->verdict;
	char bytes[16];

	if (verdict->size_bytes)
		append_text(out, size, ": 0x%" PRIx64 "-0x%" PRIx64 " (%s)", verdict->iova,
		            verdict->iova + (verdict->size_bytes - 1),
		            format_bytes(bytes, sizeof(bytes), (double)verdict->size_bytes));
}

static void add_task(const struct verdict_about *about, char *out, size_t size)
{
	const struct snapshot_verdict *verdict = about->verdict;

	if (verdict->comm[0] && verdict->pid)
		append_text(out, size, " by %s %" PRId32, verdict->comm, verdict->pid);
	else if (verdict->pid)
		append_text(out, size, " by task %" PRId32, verdict->pid);
}

static void add_domain(const struct verdict_about *about, char *out, size_t size)
{
	if (about->domain[0])
		append_text(out, size, ", in the domain of %s", about->domain);
}

/* How far back it can see. */
static void add_since(const struct verdict_about *about, char *out, size_t size)
{
	if (about->verdict->since_ns)
		append_text(out, size, "; seen since %s", about->since);
}

/* Bytes behind the mapping, or in the part of its last page that it does not use. */
static const char *after_words(const struct verdict_about *about)
{
	const struct snapshot_verdict *verdict = about->verdict;

	return about->fault_iova - verdict->iova < verdict->size_bytes
	               ? "it lies in the last page of a mapping"
	               : "it lies in the page behind a mapping";
}

static void tell_mapping(const struct verdict_about *about, char *out, size_t size)
{
	add_when(about, out, size);
	add_task(about, out, size);
	add_mapping(about, out, size);
	add_domain(about, out, size);
	add_since(about, out, size);
}

static void tell_never(const struct verdict_about *about, char *out, size_t size)
{
	copy_text(out, size, "nothing was ever mapped there");
	add_domain(about, out, size);
	if (about->verdict->since_ns)
		append_text(out, size, ", since it was new at %s", about->since);
}

static void tell_not_known(const struct verdict_about *about, char *out, size_t size)
{
	if (about->verdict->since_ns)
		append_text(
			out, size,
			"not known: nothing that was seen since %s mapped it; before that nobody "
			"looked",
			about->since);
	else if (about->verdict->unkept)
		copy_text(out, size, "not known: maps and unmaps are not kept (--history=0)");
	else
		copy_text(out, size, "not known: nobody saw the maps of its domain");
}

char *verdict_sentence(const struct verdict_about *about, char *out, size_t size)
{
	const struct snapshot_verdict *verdict = about->verdict;

	out[0] = '\0';
	switch (verdict->kind) {
	case VERDICT_NOT_KNOWN:
		tell_not_known(about, out, size);
		break;
	case VERDICT_NEVER:
		tell_never(about, out, size);
		break;
	case VERDICT_MAPPED:
		copy_text(out, size, "it is mapped, for what is not known; made");
		tell_mapping(about, out, size);
		break;
	case VERDICT_DIRECTION:
		append_text(out, size, "it is mapped %s; made",
		            protection_words(verdict->protection));
		tell_mapping(about, out, size);
		break;
	case VERDICT_UNMAPPED:
		copy_text(out, size, "it was unmapped");
		tell_mapping(about, out, size);
		break;
	case VERDICT_AFTER:
		append_text(out, size, "%s, made", after_words(about));
		tell_mapping(about, out, size);
		break;
	case VERDICT_RESERVED:
		append_text(out, size, "it lies in a reserved region of the group");
		add_mapping(about, out, size);
		break;
	case VERDICT_IDENTITY:
		append_text(out, size,
		            "the domain translates nothing (identity): nothing is mapped there");
		break;
	case VERDICT_BLOCKED:
		append_text(out, size, "the domain is blocked: no DMA of the device gets through");
		break;
	default:
		copy_text(out, size, "-");
		break;
	}
	if (verdict->uncertain)
		append_text(out, size,
		            "; uncertain: that was so close to the fault that either may have been "
		            "first");
	return out;
}

const char *verdict_hint(const struct snapshot_verdict *verdict)
{
	switch (verdict->kind) {
	case VERDICT_UNMAPPED:
		/* Linux Documentation/core-api/dma-api-howto.rst: a buffer is the device's until it
		 * is unmapped */
		return "used after its unmap: the driver gave the buffer back too early, or the "
		       "device did not stop";
	case VERDICT_AFTER:
		/* Linux Documentation/core-api/dma-api-howto.rst: map all that the device will use
		 */
		return "a buffer mapped too short, or a device that reads ahead past its end";
	case VERDICT_DIRECTION:
		return HINT_DIRECTION;
	case VERDICT_RESERVED:
		/* Linux Documentation/ABI/testing/sysfs-kernel-iommu_groups, reserved_regions */
		return "such regions are kept for interrupts or firmware, and a guest may not use "
		       "them (reserved_regions in sysfs)";
	default:
		return NULL;
	}
}

/* ---- what else the log says ---- */

static const char *const meanings[NOTE_TOPIC_COUNT] = {
	/* what sources/ takes for a line of an IOMMU driver */
	[NOTE_RAW] = "of an IOMMU driver; iommutop has no words for it",
	[NOTE_DEVICE] = "about this device",
	/* Linux drivers/iommu/intel/iommu.c, device_rmrr_is_relaxable() */
	[NOTE_RMRR] = "firmware keeps memory for it (RMRR): it cannot be given to a guest",
	/* Linux drivers/iommu/iommu.c, iommu_create_device_direct_mappings() */
	[NOTE_FIRMWARE] = "firmware wants it mapped 1:1: it cannot be given to a guest",
	/* Linux drivers/vfio/vfio_iommu_type1.c, allow_unsafe_interrupts */
	[NOTE_NO_REMAPPING] =
		"no interrupt remapping: nothing goes to a guest without allow_unsafe_interrupts",
	/* Linux drivers/vfio/vfio_iommu_type1.c, vfio_pin_pages_remote() */
	[NOTE_MEMLOCK] = "more memory to lock than allowed: raise the limit (ulimit -l)",
	/* Linux Documentation/PCI/pcieaer-howto.rst */
	[NOTE_AER] = "a PCIe error: of the link or the device, not of the IOMMU",
	/* Linux drivers/pci/pci.c, pci_dev_wait() */
	[NOTE_RESET] = "it does not come back from a reset",
	/* Linux drivers/vfio/pci: vfio_bar_restore(), vfio_pci_core_mmap() */
	[NOTE_BAR] = "VFIO cannot have its BAR, or had to restore it after a reset",
	/* Linux drivers/pci/rom.c, pci_get_rom_size() */
	[NOTE_ROM] = "its ROM cannot be read: a guest may need it from a file",
	/* Linux drivers/iommu/intel/dmar.c, qi_check_fault(); amd/iommu.c, wait_on_sem() */
	[NOTE_INVALIDATION] = "an invalidation did not end: old translations may still be in use",
	/* Linux drivers/iommu/amd/iommu.c, dump_dte_entry(); intel/iommu.c, __domain_mapping() */
	[NOTE_TABLE] = "the unit's own tables are wrong: a bug of the kernel, or bad memory",
};

const char *note_meaning(enum note_topic topic)
{
	return meanings[topic];
}
