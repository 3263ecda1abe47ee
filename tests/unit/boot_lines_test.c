// SPDX-License-Identifier: GPL-2.0-or-later
/* boot_lines: each line of a boot that is known, in the spellings of the kernels that print it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/boot_lines.h"

/* What was told last, by attribute. */
struct bench {
	struct boot_lines boot;
	char texts[ATTRIBUTE_COUNT][BOOT_OPTIONS_MAX];
	uint64_t since_boot;
	unsigned int events;
	uint64_t ts_ns;
};

static void take(void *context, const struct event *ev)
{
	struct bench *bench = context;

	assert_int_equal(ev->kind, EVENT_ATTR);
	assert_int_equal(ev->attr.subject, SUBJECT_MACHINE);
	bench->events++;
	bench->ts_ns = ev->ts_ns;
	if (ev->attr.attribute == ATTR_MACHINE_LOG_SINCE_BOOT)
		bench->since_boot = ev->attr.value;
	else
		snprintf(bench->texts[ev->attr.attribute], BOOT_OPTIONS_MAX, "%s",
		         ev->attr.text ? ev->attr.text : "");
}

static void say(struct bench *bench, unsigned int facility, const char *line)
{
	static struct kmsg_record record;
	const struct event_sink sink = {.emit = take, .context = bench};

	record = (struct kmsg_record){.usec = 17, .facility = facility, .level = 6};
	snprintf(record.text, sizeof(record.text), "%s", line);
	boot_lines_take(&bench->boot, &record, &sink);
}

#define SAID    ATTR_MACHINE_BOOT_SAID
#define UNKNOWN ATTR_MACHINE_OPTIONS_UNKNOWN
#define TYPE    ATTR_MACHINE_BOOT_TYPE
#define POLICY  ATTR_MACHINE_BOOT_POLICY
#define OPTIONS ATTR_MACHINE_OPTIONS

/* A sample of each row of boot_patterns, and of each of its spellings. */
static const struct sample {
	const char *line;
	enum attribute attribute;
	const char *text;
} samples[] = {
	{"Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro intel_iommu=on quiet", OPTIONS,
         "intel_iommu=on"},
	{"Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet", OPTIONS, "none"},
	{"Kernel command line: console=ttyAMA0 iommu.passthrough=0", OPTIONS,
         "iommu.passthrough=0"},
	{"Unknown kernel command line parameters \"splash BOOT_IMAGE=/boot/vmlinuz "
         "intel_immou=on pcie_acs_override=downstream\", will be passed to user space.",
         UNKNOWN, "intel_immou=on pcie_acs_override=downstream"},
	{"Unknown command line parameters: splash pcie_acs_override=downstream", UNKNOWN,
         "pcie_acs_override=downstream"},
	{"Unknown kernel command line parameters \"splash\", will be passed to user space.",
         UNKNOWN, ""},
	{"Malformed early option 'iommu.strict'", UNKNOWN, "iommu.strict"},
	{"Malformed early option 'mem'", UNKNOWN, ""},
	{"DMAR: Unknown option - 'yes,sm_on'", UNKNOWN, "intel_iommu=yes,sm_on"},
	{"AMD-Vi: Unknown option - 'on'", UNKNOWN, "amd_iommu=on"},
	{"PCI: Unknown option `noacs'", UNKNOWN, "pci=noacs"},
	{"iommu: Default domain type: Translated", TYPE, "Translated"},
	{"iommu: Default domain type: Translated ", TYPE, "Translated"}, /* up to 5.15 */
	{"iommu: Default domain type: Passthrough (set via kernel command line)", TYPE,
         "Passthrough asked"},
	{"iommu: DMA domain TLB invalidation policy: lazy mode", POLICY, "lazy"},
	{"iommu: DMA domain TLB invalidation policy: lazy mode ", POLICY, "lazy"}, /* 5.15 */
	{"iommu: DMA domain TLB invalidation policy: strict mode (set via kernel command line)",
         POLICY, "strict asked"},
	{"iommu: Memory encryption detected - Disabling default IOMMU Passthrough", SAID,
         "encrypted"},
	{"DMAR: IOMMU enabled", SAID, "vtd_asked"},
	{"DMAR: IOMMU disabled", SAID, "vtd_refused"},
	{"DMAR: Intel-IOMMU force enabled due to platform opt in", SAID, "vtd_opt_in"},
	{"DMAR: Forcing Intel-IOMMU to enabled", SAID, "vtd_forced"},
	{"DMAR: Intel(R) Virtualization Technology for Directed I/O", SAID, "vtd_on"},
	{"DMAR: No DMAR devices found", SAID, "vtd_none"},
	{"DMAR: Parse DMAR table failure.", SAID, "vtd_table"},
	{"DMAR: Initialization failed", SAID, "vtd_failed"},
	{"DMAR: IOMMU batching disallowed due to virtualization", SAID, "strict_for_guest"},
	{"DMAR-IR: Enabled IRQ remapping in x2apic mode", SAID, "remapping_on"},
	{"DMAR-IR: Not enabling interrupt remapping", SAID, "remapping_failed"},
	{"DMAR-IR: Failed to enable irq remapping. You are vulnerable to irq-injection attacks.",
         SAID, "remapping_failed"},
	{"DMAR-IR: This system BIOS has enabled interrupt remapping\non a chipset that contains",
         SAID, "remapping_erratum"},
	{"AMD-Vi: Interrupt remapping enabled", SAID, "remapping_on"},
	{"AMD-Vi: Disabling interrupt remapping", SAID, "remapping_failed"},
	{"AMD-Vi: Using strict mode due to virtualization", SAID, "strict_for_guest"},
	{"AMD-Vi: IVRS table error: AE_BAD_DATA", SAID, "amd_table"},
	{"AMD-Vi: Disable IOMMU on Stoney Ridge", SAID, "amd_refused"},
	{"AMD-Vi: IOMMU not currently supported when SME is active", SAID, "amd_encrypted"},
	{"AMD-Vi: Failed to initialize. The CMPXCHG16B feature is required.", SAID, "amd_failed"},
	{"Warning: PCIe ACS overrides enabled; This may allow non-IOMMU protected peer-to-peer DMA",
         SAID, "acs_override"},
};

static void each_sample_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct bench *bench = calloc(1, sizeof(*bench));

		say(bench, 0, samples[i].line);
		if (strcmp(bench->texts[samples[i].attribute], samples[i].text) != 0)
			fail_msg("\"%s\" gave \"%s\"", samples[i].line,
			         bench->texts[samples[i].attribute]);
		assert_int_equal(bench->events, *samples[i].text != '\0');
		free(bench);
	}
}

static bool has_sample(const struct boot_pattern *pattern)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (!strncmp(samples[i].line, pattern->text, strlen(pattern->text)))
			return true;
	return pattern->kind == BOOT_BEGINS; /* the tests below */
}

static void each_row_has_a_sample(void **state)
{
	(void)state;
	for (size_t i = 0; i < boot_pattern_count; i++)
		if (!has_sample(&boot_patterns[i]))
			fail_msg("no sample of \"%s\"", boot_patterns[i].text);
}

static void facts_add_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)state;
	say(bench, 0, "DMAR: IOMMU enabled");
	say(bench, 0, "DMAR: Unknown option - 'sm_of'");
	say(bench, 0, "Malformed early option 'iommu.passthrough'");
	say(bench, 0, "DMAR-IR: Enabled IRQ remapping in xapic mode");
	assert_string_equal(bench->texts[SAID], "vtd_asked remapping_on");
	assert_string_equal(bench->texts[UNKNOWN], "intel_iommu=sm_of iommu.passthrough");
	assert_int_equal(bench->ts_ns, 17000);
	say(bench, 0, "DMAR: IOMMU enabled");
	assert_int_equal(bench->events, 4);
	free(bench);
}

/* A log that begins later tells nothing of its beginning. */
static void only_the_first_line_shows_that_all_is_there(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)state;
	say(bench, 0, "usb 1-1: new device");
	assert_int_equal(bench->events, 0);
	say(bench, 0, "Linux version 6.1.0-56-amd64 (x@y) #1 SMP");
	assert_int_equal(bench->events, 1);
	assert_int_equal(bench->since_boot, 1);
	free(bench);
}

static void a_new_boot_begins_anew(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)state;
	say(bench, 0, "Linux version 6.1.0");
	say(bench, 0, "iommu: Default domain type: Passthrough (set via kernel command line)");
	say(bench, 0, "DMAR: Unknown option - 'yes'");
	say(bench, 0, "Linux version 6.1.0");
	assert_string_equal(bench->texts[TYPE], "");
	assert_string_equal(bench->texts[UNKNOWN], "");
	say(bench, 0, "DMAR: IOMMU enabled");
	assert_string_equal(bench->texts[SAID], "vtd_asked");
	free(bench);
}

/* What a program writes to /dev/kmsg has another facility. */
static void user_space_cannot_speak_for_the_kernel(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	(void)state;
	say(bench, 1, "Linux version 6.1.0");
	say(bench, 1, "DMAR: IOMMU enabled");
	say(bench, 0, "nvme 0000:00:04.0: DMAR: IOMMU enabled");
	assert_int_equal(bench->events, 0);
	free(bench);
}

static void endless_lists_are_cut(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	char line[4000] = "Unknown kernel command line parameters \"";

	(void)state;
	for (int i = 0; i < 100; i++)
		sprintf(line + strlen(line), "iommu_%d=\"a %d\" ", i, i);
	say(bench, 0, line);
	assert_non_null(strstr(bench->texts[UNKNOWN], "iommu_0=\"a 0\" iommu_1="));
	assert_non_null(strstr(bench->texts[UNKNOWN], " ..."));
	free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sample_is_understood),
		cmocka_unit_test(each_row_has_a_sample),
		cmocka_unit_test(facts_add_up),
		cmocka_unit_test(only_the_first_line_shows_that_all_is_there),
		cmocka_unit_test(a_new_boot_begins_anew),
		cmocka_unit_test(user_space_cannot_speak_for_the_kernel),
		cmocka_unit_test(endless_lists_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
