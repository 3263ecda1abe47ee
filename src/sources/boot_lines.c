// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * boot_lines: what a kernel says of IOMMUs while it boots.
 * In: records of the log. Out: facts of the machine, as ATTR events. Must never know: files, what
 * follows from it.
 */
#include "boot_lines.h"

#include <string.h>

#include "../util.h"

#define FACILITY_KERNEL 0

/*
 * Spellings of 5.10, 5.15, 6.1, 6.12, 6.18 and 7.1: init/main.c, drivers/iommu/iommu.c,
 * drivers/iommu/intel/{dmar,iommu,irq_remapping}.c, drivers/iommu/amd/init.c, drivers/pci/pci.c;
 * the ACS override is a patch that distributions carry (drivers/pci/quirks.c).
 */
const struct boot_pattern boot_patterns[] = {
	{"Linux version ", NULL, BOOT_BEGINS},
	{"Command line: ", NULL, BOOT_COMMAND_LINE},
	{"Kernel command line: ", NULL, BOOT_COMMAND_LINE},
	{"Unknown kernel command line parameters \"", NULL, BOOT_UNKNOWN_OPTIONS},
	{"Unknown command line parameters: ", NULL, BOOT_UNKNOWN_OPTIONS}, /* 5.14 */
	{"Malformed early option '", NULL, BOOT_BAD_VALUE},
	{"DMAR: Unknown option - '", "intel_iommu=", BOOT_UNKNOWN_VALUE}, /* 5.12 on */
	{"AMD-Vi: Unknown option - '", "amd_iommu=", BOOT_UNKNOWN_VALUE}, /* 5.18 on */
	{"PCI: Unknown option `", "pci=", BOOT_UNKNOWN_VALUE},
	{"iommu: Default domain type: ", NULL, BOOT_TYPE},
	{"iommu: DMA domain TLB invalidation policy: ", NULL, BOOT_POLICY},
	{"iommu: Memory encryption detected - Disabling default IOMMU Passthrough", "encrypted",
         BOOT_SAID},
	{"DMAR: IOMMU enabled", "vtd_asked", BOOT_SAID},
	{"DMAR: IOMMU disabled", "vtd_refused", BOOT_SAID},
	{"DMAR: Intel-IOMMU force enabled due to platform opt in", "vtd_opt_in", BOOT_SAID},
	{"DMAR: Forcing Intel-IOMMU to enabled", "vtd_forced", BOOT_SAID},
	{"DMAR: Intel(R) Virtualization Technology for Directed I/O", "vtd_on", BOOT_SAID},
	{"DMAR: No DMAR devices found", "vtd_none", BOOT_SAID},
	{"DMAR: Parse DMAR table failure", "vtd_table", BOOT_SAID},
	{"DMAR: Initialization failed", "vtd_failed", BOOT_SAID},
	{"DMAR: IOMMU batching disallowed due to virtualization", "strict_for_guest", BOOT_SAID},
	{"DMAR-IR: Enabled IRQ remapping in ", "remapping_on", BOOT_SAID},
	{"DMAR-IR: Not enabling interrupt remapping", "remapping_failed", BOOT_SAID},
	{"DMAR-IR: Failed to enable irq remapping", "remapping_failed", BOOT_SAID},
	{"DMAR-IR: This system BIOS has enabled interrupt remapping", "remapping_erratum",
         BOOT_SAID},
	{"AMD-Vi: Interrupt remapping enabled", "remapping_on", BOOT_SAID},
	{"AMD-Vi: Disabling interrupt remapping", "remapping_failed", BOOT_SAID},
	{"AMD-Vi: Using strict mode due to virtualization", "strict_for_guest", BOOT_SAID},
	{"AMD-Vi: IVRS table error", "amd_table", BOOT_SAID},
	{"AMD-Vi: Disable IOMMU on Stoney Ridge", "amd_refused", BOOT_SAID},
	{"AMD-Vi: IOMMU not currently supported when SME is active", "amd_encrypted", BOOT_SAID},
	{"AMD-Vi: Failed to initialize. The CMPXCHG16B feature is required", "amd_failed",
         BOOT_SAID},
	{"Warning: PCIe ACS overrides enabled", "acs_override", BOOT_SAID},
};

const size_t boot_pattern_count = ARRAY_SIZE(boot_patterns);

/* A line of the log under way. */
struct reading {
	struct boot_lines *boot;
	uint64_t ts_ns;
	const struct event_sink *sink;
};

static void tell_text(const struct reading *reading, enum attribute attribute, const char *text)
{
	struct event ev = event_attr_text(reading->ts_ns, attribute, NULL, 0, *text ? text : NULL);

	event_emit(reading->sink, &ev);
}

static void tell_since_boot(const struct reading *reading)
{
	struct event ev =
		event_attr_number(reading->ts_ns, ATTR_MACHINE_LOG_SINCE_BOOT, NULL, 0, 1);

	event_emit(reading->sink, &ev);
}

static void tell_all(const struct reading *reading)
{
	tell_text(reading, ATTR_MACHINE_BOOT_TYPE, reading->boot->type);
	tell_text(reading, ATTR_MACHINE_BOOT_POLICY, reading->boot->policy);
	tell_text(reading, ATTR_MACHINE_OPTIONS_UNKNOWN, reading->boot->unknown);
	tell_text(reading, ATTR_MACHINE_BOOT_SAID, reading->boot->said);
}

/* A journal can have several boots: only the last one counts. */
static void begin(const struct reading *reading)
{
	bool again = reading->boot->type[0] || reading->boot->policy[0] ||
	             reading->boot->unknown[0] || reading->boot->said[0];

	*reading->boot = (struct boot_lines){0};
	tell_since_boot(reading);
	if (again)
		tell_all(reading);
}

/* "Translated", "Translated (set via kernel command line)"; up to 5.15 a blank is always there. */
static void take_choice(const struct reading *reading, enum attribute attribute, const char *rest,
                        char out[BOOT_OPTIONS_MAX])
{
	const char *asked = strstr(rest, "(set via kernel command line)") ? " asked" : "";

	out[0] = '\0';
	append_text(out, BOOT_OPTIONS_MAX, "%.*s%s", (int)strcspn(rest, " "), rest, asked);
	tell_text(reading, attribute, out);
}

static void take_unknown(const struct reading *reading, const char *options)
{
	const char *option;
	size_t length;
	bool more = false;

	while (boot_options_next(&options, &option, &length))
		more |= boot_options_add(reading->boot->unknown, option, length);
	if (more)
		tell_text(reading, ATTR_MACHINE_OPTIONS_UNKNOWN, reading->boot->unknown);
}

/* The list is in quotes from 5.15 on, and its options may have quotes, too. */
static void take_unknown_list(const struct reading *reading, const char *rest)
{
	static const char end[] = "\", will be passed to user space.";
	char line[KMSG_RECORD_BYTES], picked[BOOT_OPTIONS_MAX];
	char *tail;

	copy_text(line, sizeof(line), rest);
	tail = strstr(line, end);
	if (tail)
		*tail = '\0';
	boot_options_pick(line, picked);
	take_unknown(reading, picked);
}

/* The kernel's quotes are of both kinds: `...' and '...'. */
static void take_unknown_value(const struct reading *reading, const char *option, const char *rest)
{
	char whole[BOOT_OPTIONS_MAX] = "";

	append_text(whole, sizeof(whole), "%s%.*s", option, (int)strcspn(rest, "'"), rest);
	take_unknown(reading, whole);
}

static void take_said(const struct reading *reading, const char *word)
{
	if (boot_options_add(reading->boot->said, word, strlen(word)))
		tell_text(reading, ATTR_MACHINE_BOOT_SAID, reading->boot->said);
}

static void take_line(const struct reading *reading, const struct boot_pattern *pattern,
                      const char *rest)
{
	char name[BOOT_OPTIONS_MAX] = "", picked[BOOT_OPTIONS_MAX];

	switch (pattern->kind) {
	case BOOT_BEGINS:
		begin(reading);
		break;
	case BOOT_COMMAND_LINE:
		boot_options_pick(rest, picked);
		tell_text(reading, ATTR_MACHINE_OPTIONS, *picked ? picked : "none");
		break;
	case BOOT_SAID:
		take_said(reading, pattern->word);
		break;
	case BOOT_TYPE:
		take_choice(reading, ATTR_MACHINE_BOOT_TYPE, rest, reading->boot->type);
		break;
	case BOOT_POLICY:
		take_choice(reading, ATTR_MACHINE_BOOT_POLICY, rest, reading->boot->policy);
		break;
	case BOOT_UNKNOWN_OPTIONS:
		take_unknown_list(reading, rest);
		break;
	case BOOT_UNKNOWN_VALUE:
		take_unknown_value(reading, pattern->word, rest);
		break;
	default:
		append_text(name, sizeof(name), "%.*s", (int)strcspn(rest, "'"), rest);
		boot_options_pick(name, picked);
		take_unknown(reading, picked);
		break;
	}
}

/* "DMAR: ..." may stand behind a device: of such lines none is wanted. */
void boot_lines_take(struct boot_lines *boot, const struct kmsg_record *record,
                     const struct event_sink *sink)
{
	const struct reading reading = {boot, record->usec * 1000, sink};

	if (record->facility != FACILITY_KERNEL)
		return;
	for (size_t i = 0; i < boot_pattern_count; i++) {
		const struct boot_pattern *pattern = &boot_patterns[i];
		size_t length = strlen(pattern->text);

		if (pattern->text[0] == record->text[0] &&
		    !strncmp(record->text, pattern->text, length)) {
			take_line(&reading, pattern, record->text + length);
			return;
		}
	}
}
