// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: each finding, its tone, and what they come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "doctor.h"
#include "doctor_options.h"
#include "stage.h"

/* A fact of the machine; the number where text is NULL. */
struct fact {
	enum attribute attribute;
	const char *text;
	uint64_t number;
};

#define OPTIONS(text)                         \
	{                                     \
		ATTR_MACHINE_OPTIONS, text, 0 \
	}
#define UNKNOWN(text)                                 \
	{                                             \
		ATTR_MACHINE_OPTIONS_UNKNOWN, text, 0 \
	}
#define ACPI(text)                         \
	{                                  \
		ATTR_MACHINE_ACPI, text, 0 \
	}
#define SAID(text)                              \
	{                                       \
		ATTR_MACHINE_BOOT_SAID, text, 0 \
	}
#define BOOT_TYPE(text)                         \
	{                                       \
		ATTR_MACHINE_BOOT_TYPE, text, 0 \
	}
#define REMAPPING(text)                         \
	{                                       \
		ATTR_MACHINE_REMAPPING, text, 0 \
	}
#define VFIO(text)                         \
	{                                  \
		ATTR_MACHINE_VFIO, text, 0 \
	}
#define LOCKDOWN(text)                         \
	{                                      \
		ATTR_MACHINE_LOCKDOWN, text, 0 \
	}
#define KERNEL_IS(text)              \
	{                            \
		ATTR_KERNEL, text, 0 \
	}
#define SINCE_BOOT                                   \
	{                                            \
		ATTR_MACHINE_LOG_SINCE_BOOT, NULL, 1 \
	}

#define FACTS_MAX 6

/* The sentence that is to be there, by its beginning, and its tone. */
struct finding {
	struct fact facts[FACTS_MAX];
	enum tone tone;
	const char *begins;
};

static void say_facts(struct model *model, const struct fact *facts)
{
	for (size_t i = 0; i < FACTS_MAX && (facts[i].text || facts[i].number); i++) {
		if (facts[i].text)
			say_text(model, facts[i].attribute, NULL, 0, facts[i].text);
		else
			say_number(model, facts[i].attribute, NULL, 0, facts[i].number);
	}
}

/* What a machine is like where all is well: two groups behind one unit of Intel's. */
static void say_well(struct model *model)
{
	static const struct fact facts[FACTS_MAX] = {
		KERNEL_IS("6.1.0-56-amd64"),
		OPTIONS("intel_iommu=on"),
		ACPI("DMAR"),
		REMAPPING("on"),
		VFIO("vfio,vfio_pci"),
		SINCE_BOOT,
	};

	say_facts(model, facts);
	say_text(model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	for (uint32_t group = 1; group <= 2; group++) {
		char name[] = "0000:0x:00.0";

		name[6] = (char)('0' + group);
		say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, group, "DMA-FQ");
		say_number(model, ATTR_DEVICE_GROUP, name, 0, group);
	}
	say_health(model, SOURCE_SYSFS, HEALTH_OK, NULL);
	say_health(model, SOURCE_TRACE, HEALTH_OK, NULL);
	say_health(model, SOURCE_PROBES, HEALTH_OK, NULL);
	say_health(model, SOURCE_LOG, HEALTH_OK, NULL);
}

/* A machine without groups, of which sysfs says all that there is. */
static void say_bare(struct model *model)
{
	say_health(model, SOURCE_SYSFS, HEALTH_PARTIAL, "no IOMMU groups");
	say_health(model, SOURCE_LOG, HEALTH_OK, NULL);
}

static enum doctor_verdict examine(struct stage *stage, struct lines *lines)
{
	look(stage->model, &stage->snap);
	lines_release(lines);
	return doctor_say(&stage->snap, lines);
}

static const struct line *find_line(const struct lines *lines, const char *begins)
{
	for (size_t i = 0; i < lines->count; i++)
		if (!strncmp(lines->lines[i].text, begins, strlen(begins)))
			return &lines->lines[i];
	return NULL;
}

static void print_lines(const struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		print_message("%s: %s\n", tone_words[lines->lines[i].tone], lines->lines[i].text);
}

static void has_line(const struct lines *lines, enum tone tone, const char *begins)
{
	const struct line *line = find_line(lines, begins);

	if (!line || line->tone != tone) {
		print_lines(lines);
		fail_msg("no line of tone %s begins with: %s", tone_words[tone], begins);
	}
}

/* Each case is a machine of its own. */
static void try_findings(const struct finding *findings, size_t count,
                         void (*say_first)(struct model *model), bool only_one)
{
	for (size_t i = 0; i < count; i++) {
		struct lines lines = {0};
		struct stage *stage;
		size_t of_tone = 0;

		make_stage((void **)&stage);
		say_first(stage->model);
		say_facts(stage->model, findings[i].facts);
		examine(stage, &lines);
		has_line(&lines, findings[i].tone, findings[i].begins);
		for (size_t j = 0; j < lines.count; j++)
			of_tone += lines.lines[j].tone == findings[i].tone;
		if (only_one && of_tone != 1) {
			print_lines(&lines);
			fail_msg("%zu lines of tone %s", of_tone, tone_words[findings[i].tone]);
		}
		lines_release(&lines);
		free_stage((void **)&stage);
	}
}

#define TRY(findings, say_first, only_one) \
	try_findings(findings, ARRAY_SIZE(findings), say_first, only_one)

/* ---- all is well ---- */

static void a_machine_in_order_is_fine(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	assert_int_equal(examine(stage, &lines), DOCTOR_FINE);
	has_line(&lines, TONE_GOOD,
	         "The IOMMU is on: 1 unit (Intel VT-d: dmar0), 2 groups of 2 devices.");
	has_line(&lines, TONE_PLAIN, "The firmware tells of it in ACPI: DMAR.");
	has_line(&lines, TONE_GOOD,
	         "Options on the kernel's command line, of which it refused none: intel_iommu=on");
	has_line(&lines, TONE_PLAIN, "Default domains of the groups: 2 lazy");
	has_line(&lines, TONE_GOOD, "Interrupts are remapped.");
	has_line(&lines, TONE_GOOD, "vfio-pci is there");
	has_line(&lines, TONE_GOOD, "Tracing works");
	has_line(&lines, TONE_GOOD, "Probes work");
	has_line(&lines, TONE_GOOD, "The kernel's log can be read");
	assert_int_equal(lines.count, 9);
	lines_release(&lines);
}

static void the_gravest_comes_first_and_decides(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	lines_add(&lines, TONE_PLAIN, "what somebody else said stays where it is");
	say_well(stage->model);
	say_health(stage->model, SOURCE_TRACE, HEALTH_OFF, "run it with sudo");
	say_text(stage->model, ATTR_MACHINE_REMAPPING, NULL, 0, NULL);
	look(stage->model, &stage->snap);
	assert_int_equal(doctor_say(&stage->snap, &lines), DOCTOR_WARNINGS);
	assert_int_equal(lines.lines[0].tone, TONE_PLAIN);
	assert_int_equal(lines.lines[1].tone, TONE_WARN);
	assert_int_equal(lines.lines[2].tone, TONE_UNKNOWN);
	assert_int_equal(lines.lines[3].tone, TONE_UNKNOWN);
	for (size_t i = 4; i < lines.count; i++)
		assert_true(lines.lines[i].tone == TONE_GOOD || lines.lines[i].tone == TONE_PLAIN);
	lines_release(&lines);
}

static void what_is_not_known_is_a_warning(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_text(stage->model, ATTR_MACHINE_REMAPPING, NULL, 0, NULL);
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	assert_int_equal(lines.lines[0].tone, TONE_UNKNOWN);
	lines_release(&lines);
}

static void verdicts_have_words(void **state)
{
	(void)state;
	assert_string_equal(doctor_verdict_word(DOCTOR_FINE), "fine");
	assert_string_equal(doctor_verdict_word(DOCTOR_WARNINGS), "warnings");
	assert_string_equal(doctor_verdict_word(DOCTOR_NOT_USABLE), "not_usable");
}

/* ---- no IOMMU ---- */

#define OFF "The IOMMU is off. The firmware describes one "

static const struct finding without_units[] = {
	{{ACPI("none")}, TONE_BAD, "There is no IOMMU: the firmware describes none"},
	{{OPTIONS("none")},
         TONE_BAD,
         "There is no IOMMU in use. What the firmware describes is not"},
	{{ACPI("DMAR"), OPTIONS("none")},
         TONE_BAD,
         OFF "(Intel VT-d), but no unit came up: most kernels leave it off"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=on intel_iommu=off")},
         TONE_BAD,
         OFF "(Intel VT-d), but intel_iommu=off"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=sm_on,off")},
         TONE_BAD,
         OFF "(Intel VT-d), but intel_iommu=off"},
	{{ACPI("DMAR"), OPTIONS("iommu=pt,off")}, TONE_BAD, OFF "(Intel VT-d), but iommu=off"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=on")},
         TONE_BAD,
         OFF "(Intel VT-d), but intel_iommu=on was given, and yet"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=on"), SAID("vtd_asked vtd_table")},
         TONE_BAD,
         OFF "(Intel VT-d), but the kernel could not read the firmware's table"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=on"), SAID("vtd_none")},
         TONE_BAD,
         OFF "(Intel VT-d), but the firmware's table DMAR describes no unit"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=on"), SAID("vtd_failed")},
         TONE_BAD,
         OFF "(Intel VT-d), but the kernel could not bring it up"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=on"), UNKNOWN("intel_iommu=on")},
         TONE_BAD,
         OFF "(Intel VT-d), but this kernel was built without support"},
	{{ACPI("DMAR"), OPTIONS("intel_iommu=on,sm_on"), UNKNOWN("intel_iommu=on,sm_on")},
         TONE_BAD,
         OFF "(Intel VT-d), but this kernel was built without support"},
	{{ACPI("IVRS"), OPTIONS("amd_iommu=off")}, TONE_BAD, OFF "(AMD-Vi), but amd_iommu=off"},
	{{ACPI("IVRS"), OPTIONS("iommu=off")}, TONE_BAD, OFF "(AMD-Vi), but iommu=off"},
	{{ACPI("IVRS"), SAID("amd_table")}, TONE_BAD, OFF "(AMD-Vi), but the kernel found"},
	{{ACPI("IVRS"), SAID("amd_refused")},
         TONE_BAD,
         OFF "(AMD-Vi), but the kernel does not use"},
	{{ACPI("IVRS"), SAID("amd_encrypted")}, TONE_BAD, OFF "(AMD-Vi), but this kernel cannot"},
	{{ACPI("IVRS"), SAID("amd_failed")}, TONE_BAD, OFF "(AMD-Vi), but the kernel could not"},
	{{ACPI("IVRS")}, TONE_BAD, OFF "(AMD-Vi), but the kernel brought up no unit"},
	{{ACPI("IORT")}, TONE_BAD, OFF "(IORT), but no unit is in use"},
};

static void why_there_is_none_is_said(void **state)
{
	(void)state;
	TRY(without_units, say_bare, true);
}

static void without_one_nothing_is_usable(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_bare(stage->model);
	say_health(stage->model, SOURCE_TRACE, HEALTH_OFF, "run it with sudo");
	assert_int_equal(examine(stage, &lines), DOCTOR_NOT_USABLE);
	assert_null(find_line(&lines, "Interrupts"));
	assert_null(find_line(&lines, "Default domains"));
	lines_release(&lines);
}

static void groups_of_noiommu_are_no_iommu(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_bare(stage->model);
	say_text(stage->model, ATTR_GROUP_NAME, NULL, 0, "vfio-noiommu");
	assert_int_equal(examine(stage, &lines), DOCTOR_NOT_USABLE);
	has_line(&lines, TONE_BAD, "There is no IOMMU in use");
	has_line(&lines, TONE_BAD, "1 group of VFIO without an IOMMU");
	say_well(stage->model);
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_WARN, "1 group of VFIO without an IOMMU");
	lines_release(&lines);
}

static void what_sysfs_hides_is_not_absent(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_health(stage->model, SOURCE_SYSFS, HEALTH_PARTIAL,
	           "run it with sudo: no permission to read /sys/kernel/iommu_groups");
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_UNKNOWN, "Which IOMMUs are on is not known: run it with sudo");
	say_health(stage->model, SOURCE_SYSFS, HEALTH_OFF, "a log tells no groups");
	say_text(stage->model, ATTR_MACHINE_BOOT_SAID, NULL, 0, "vtd_asked vtd_on");
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_UNKNOWN, "Which IOMMUs are on is not known: a log tells no groups");
	has_line(&lines, TONE_PLAIN, "When it booted, the kernel brought up Intel VT-d.");
	lines_release(&lines);
}

static void units_without_groups_hold_nothing(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_bare(stage->model);
	for (int i = 0; i < 5; i++) {
		char name[] = "dmarX";

		name[4] = (char)('0' + i);
		say_text(stage->model, ATTR_UNIT_VENDOR, name, 0, "VT-d");
	}
	assert_int_equal(examine(stage, &lines), DOCTOR_NOT_USABLE);
	has_line(&lines, TONE_BAD,
	         "There are IOMMU units (Intel VT-d: dmar0, dmar1, dmar2 and 2 more), but no");
	lines_release(&lines);
}

static void groups_without_a_named_unit_are_held(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_gone(stage->model, SUBJECT_UNIT, "dmar0", 0);
	assert_int_equal(examine(stage, &lines), DOCTOR_FINE);
	has_line(&lines, TONE_GOOD, "The IOMMU is on, though no unit has a name here: 2 groups");
	lines_release(&lines);
}

/* ---- options ---- */

static const struct finding wrong_options[] = {
	{{OPTIONS("pcie_acs_override=downstream,multifunction quiet"),
          UNKNOWN("pcie_acs_override=downstream,multifunction")},
         TONE_WARN,
         "pcie_acs_override=downstream,multifunction has no effect: this kernel lacks the patch"},
	{{OPTIONS("iommu=memaper=3,leak,bounce"), UNKNOWN("...")},
         TONE_WARN,
         "iommu=memaper=3,leak,bounce: there is no value \"bounce\""},
	{{OPTIONS("intel_iommu=on intel_immou=on"), UNKNOWN("intel_immou=on")},
         TONE_WARN,
         "intel_immou=on has no effect: this kernel does not know it"},
	{{OPTIONS("intel_iommu=on pcie_acs_override=downstream"),
          UNKNOWN("pcie_acs_override=downstream")},
         TONE_WARN,
         "pcie_acs_override=downstream has no effect: this kernel lacks the patch"},
	{{OPTIONS("intel_iommu=on pcie_acs_override=downstream"), SAID("acs_override")},
         TONE_WARN,
         "pcie_acs_override=downstream is in force: groups are smaller"},
	{{OPTIONS("pcie_acs_override=downstream")},
         TONE_UNKNOWN,
         "pcie_acs_override=downstream: whether this kernel has the patch"},
	{{OPTIONS("intel_iommu=yes"), UNKNOWN("intel_iommu=yes")},
         TONE_WARN,
         "intel_iommu=yes: the kernel does not know this value"},
	{{OPTIONS("intel_iommu=on amd_iommu=on"), UNKNOWN("amd_iommu=on")},
         TONE_WARN,
         "amd_iommu=on has no effect: it is for AMD's"},
	{{OPTIONS("amd_iommu=force_isolation")},
         TONE_WARN,
         "amd_iommu=force_isolation has no effect: it is for AMD's"},
	{{OPTIONS("iommu=on,pt"), BOOT_TYPE("Passthrough asked")},
         TONE_WARN,
         "iommu=on,pt: there is no value \"on\""},
	{{OPTIONS("iommu.passthru=1")}, TONE_WARN, "iommu.passthru=1 has no effect: there are"},
	{{OPTIONS("iommu.strict=maybe"), UNKNOWN("iommu.strict")},
         TONE_WARN,
         "iommu.strict=maybe has no effect: the kernel could not read its value"},
	{{OPTIONS("iommu.strict=1")},
         TONE_WARN,
         "iommu.strict=1 asks for strict unmaps, but 2 of 2 groups are lazy."},
	{{OPTIONS("intel_iommu=on,strict")},
         TONE_WARN,
         "intel_iommu=on,strict asks for strict unmaps, but 2 of 2"},
	{{OPTIONS("iommu=pt")},
         TONE_WARN,
         "iommu=pt asks for passthrough, but the default is trans"},
	{{OPTIONS("iommu=pt"), BOOT_TYPE("Translated"), SAID("encrypted")},
         TONE_WARN,
         "iommu=pt asks for passthrough, but the default is translated: memory encryption"},
	{{OPTIONS("iommu=pt iommu.passthrough=0"), BOOT_TYPE("Passthrough asked")},
         TONE_WARN,
         "iommu.passthrough=0 asks for translation, but the default is passthrough."},
	{{OPTIONS("module_blacklist=nouveau,vfio_pci")},
         TONE_WARN,
         "module_blacklist=nouveau,vfio_pci keeps modules of VFIO"},
};

static void options_without_effect_are_named(void **state)
{
	(void)state;
	TRY(wrong_options, say_well, true);
}

static const struct finding right_options[] = {
	{{OPTIONS("none")}, TONE_PLAIN, "The kernel's command line has no option about IOMMUs."},
	{{OPTIONS("intel_iommu=on,sm_on iommu=nopt,force iommu.forcedac=1")},
         TONE_GOOD,
         "Options on the kernel's command line, of which it refused none: intel_iommu=on,sm_on"},
	/* 5.14 to 5.17 list what they have obeyed. */
	{{OPTIONS("intel_iommu=on"), UNKNOWN("intel_iommu=on"), SAID("vtd_asked")},
         TONE_GOOD,
         "Options on the kernel's command line, of which it refused none"},
	/* Before 5.14 nobody said what is not known. */
	{{KERNEL_IS("5.10.0-46-amd64")}, TONE_PLAIN, "Options on the kernel's command line: intel"},
	{{OPTIONS("iommu=pt"), BOOT_TYPE("Passthrough asked")},
         TONE_PLAIN,
         "Passthrough is the default, as asked by iommu=pt: "},
	{{BOOT_TYPE("Passthrough")}, TONE_PLAIN, "Passthrough is the default: "},
	{{KERNEL_IS("5.10.0-46-amd64"), OPTIONS("iommu.strict=1")},
         TONE_PLAIN,
         "Default domains of the groups: 2 lazy"},
};

static void options_that_were_taken_are_no_warning(void **state)
{
	(void)state;
	TRY(right_options, say_well, false);
	for (size_t i = 0; i < ARRAY_SIZE(right_options); i++) {
		struct lines lines = {0};
		struct stage *stage;

		make_stage((void **)&stage);
		say_well(stage->model);
		say_facts(stage->model, right_options[i].facts);
		assert_int_equal(examine(stage, &lines), DOCTOR_FINE);
		lines_release(&lines);
		free_stage((void **)&stage);
	}
}

static void say_amd(struct model *model)
{
	say_well(model);
	say_gone(model, SUBJECT_UNIT, "dmar0", 0);
	say_text(model, ATTR_UNIT_VENDOR, "ivhd0", 0, "AMD-Vi");
	say_text(model, ATTR_MACHINE_ACPI, NULL, 0, "IVRS");
	say_text(model, ATTR_MACHINE_OPTIONS, NULL, 0, "none");
}

static const struct finding amd_options[] = {
	{{OPTIONS("intel_iommu=on"), SAID("vtd_asked")},
         TONE_WARN,
         "intel_iommu=on has no effect: it is for Intel's IOMMUs, and this machine has AMD's"},
	{{OPTIONS("amd_iommu=on"), UNKNOWN("amd_iommu=on")},
         TONE_WARN,
         "amd_iommu=on has no effect: amd_iommu has no such value"},
	{{OPTIONS("amd_iommu=on")}, TONE_WARN, "amd_iommu=on has no effect: amd_iommu has no such"},
	{{OPTIONS("amd_iommu=pgtbl_v2,fast")},
         TONE_WARN,
         "amd_iommu=pgtbl_v2,fast: there is no value \"fast\""},
	{{OPTIONS("amd_iommu=fast"), UNKNOWN("amd_iommu=fast")},
         TONE_WARN,
         "amd_iommu=fast: the kernel does not know this value"},
	{{OPTIONS("amd_iommu=fullflush")},
         TONE_WARN,
         "amd_iommu=fullflush asks for strict unmaps, but 2 of 2 groups are lazy."},
};

static void options_of_the_other_maker_are_named(void **state)
{
	(void)state;
	TRY(amd_options, say_amd, true);
}

/* Arm has no option of that name: its kernel lists it, and it has no values to be judged. */
static void x86_options_mean_nothing_elsewhere(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_gone(stage->model, SUBJECT_UNIT, "dmar0", 0);
	say_text(stage->model, ATTR_UNIT_VENDOR, "smmu3.0x9050000", 0, "SMMUv3");
	say_text(stage->model, ATTR_MACHINE_REMAPPING, NULL, 0, NULL);
	say_text(stage->model, ATTR_MACHINE_OPTIONS, NULL, 0, "iommu=pt");
	say_text(stage->model, ATTR_MACHINE_OPTIONS_UNKNOWN, NULL, 0, "iommu=pt");
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_WARN, "iommu=pt has no effect: this kernel does not know it");
	assert_int_not_equal(lines.lines[1].tone, TONE_WARN);
	assert_null(find_line(&lines, "Whether interrupts"));
	lines_release(&lines);
}

/* What is listed as unknown is not judged a second time. */
static void an_option_is_told_once(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};
	const char *options = "pcie_acs_override=downstream,multifunction";

	say_well(stage->model);
	say_text(stage->model, ATTR_MACHINE_OPTIONS, NULL, 0, options);
	say_text(stage->model, ATTR_MACHINE_OPTIONS_UNKNOWN, NULL, 0, options);
	examine(stage, &lines);
	assert_int_equal(lines.lines[0].tone, TONE_WARN);
	for (size_t i = 1; i < lines.count; i++)
		assert_null(strstr(lines.lines[i].text, "pcie_acs_override"));
	lines_release(&lines);
}

static void a_log_without_its_beginning_leaves_options_unknown(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_number(stage->model, ATTR_MACHINE_LOG_SINCE_BOOT, NULL, 0, VALUE_UNKNOWN);
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_UNKNOWN,
	         "Whether the kernel knew its options is not known: its log no longer reaches");
	has_line(&lines, TONE_PLAIN, "Options on the kernel's command line: intel_iommu=on");
	say_health(stage->model, SOURCE_LOG, HEALTH_OFF, "run it with sudo");
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_UNKNOWN,
	         "Whether the kernel knew its options is not known: its log cannot be read.");
	say_text(stage->model, ATTR_MACHINE_OPTIONS, NULL, 0, "none");
	say_health(stage->model, SOURCE_LOG, HEALTH_OK, NULL);
	assert_int_equal(examine(stage, &lines), DOCTOR_FINE);
	lines_release(&lines);
}

static void say_strict(struct model *model)
{
	say_well(model);
	for (uint32_t group = 1; group <= 2; group++)
		say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, group, "DMA");
}

static const struct finding strict_groups[] = {
	{{OPTIONS("iommu.strict=0")},
         TONE_WARN,
         "iommu.strict=0 asks for lazy unmaps, but all groups are strict."},
	{{OPTIONS("iommu.strict=1 iommu.strict=0"), SAID("strict_for_guest")},
         TONE_WARN,
         "iommu.strict=0 asks for lazy unmaps, but all groups are strict: the kernel saw"},
	{{OPTIONS("none")},
         TONE_PLAIN,
         "Default domains of the groups: 2 strict (an unmapped page is out of reach at once)."},
	{{KERNEL_IS("5.10.0"), OPTIONS("iommu.strict=0")},
         TONE_PLAIN,
         "Default domains of the groups: 2 translated (lazy or strict is not told before 5.15)."},
};

static void strict_groups_are_told_from_lazy_ones(void **state)
{
	(void)state;
	TRY(strict_groups, say_strict, false);
}

static void groups_of_all_types_are_counted(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 2, "DMA");
	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 3, "identity");
	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 4, "blocked");
	examine(stage, &lines);
	has_line(&lines, TONE_PLAIN,
	         "Default domains of the groups: 1 strict (an unmapped page is out of reach at "
	         "once), "
	         "1 lazy (it stays in reach for some milliseconds, which costs less), 1 "
	         "passthrough, "
	         "1 of another type.");
	lines_release(&lines);
}

/* Comparing beginnings, as the kernel does; the last of several counts. */
static void options_are_read_as_the_kernel_does(void **state)
{
	(void)state;
	assert_true(doctor_option_has("a=1 intel_iommu=sm_on,off b", "intel_iommu", "off"));
	assert_true(doctor_option_has("intel_iommu=offline", "intel_iommu", "off"));
	assert_false(doctor_option_has("intel_iommu=off intel_iommu=on", "intel_iommu", "off"));
	assert_false(doctor_option_has("xintel_iommu=off", "intel_iommu", "off"));
	assert_false(doctor_option_has("intel_iommu", "intel_iommu", "off"));
	assert_false(doctor_option_has("", "intel_iommu", "off"));
	assert_true(doctor_has_word("a,b c", "b"));
	assert_true(doctor_has_word("a,b c", "c"));
	assert_false(doctor_has_word("a,bc", "b"));
}

/* ---- the rest ---- */

static const struct finding others[] = {
	{{REMAPPING("off")}, TONE_WARN, "Interrupts are not remapped: a guest could"},
	{{REMAPPING("off"), OPTIONS("intremap=off")},
         TONE_WARN,
         "Interrupts are not remapped, as asked on the command line"},
	{{REMAPPING("off"), OPTIONS("nointremap")},
         TONE_WARN,
         "Interrupts are not remapped, as asked on the command line"},
	{{REMAPPING("off"), SAID("remapping_erratum")},
         TONE_WARN,
         "Interrupts are not remapped, as this chipset"},
	{{VFIO("vfio,vfio_pci,unsafe_noiommu")},
         TONE_WARN,
         "VFIO may hand out devices without an IOMMU"},
	{{VFIO("vfio,vfio_pci,unsafe_interrupts")},
         TONE_WARN,
         "VFIO assigns devices even where interrupts are not remapped"},
	{{LOCKDOWN("confidentiality")}, TONE_WARN, "The kernel is locked down (confidentiality)"},
};

static void what_else_is_a_warning(void **state)
{
	(void)state;
	TRY(others, say_well, true);
}

static const struct finding harmless[] = {
	{{VFIO("none")}, TONE_PLAIN, "vfio-pci is not loaded: modprobe vfio-pci"},
	{{LOCKDOWN("integrity")}, TONE_PLAIN, "The kernel is locked down (integrity)"},
	{{LOCKDOWN("none")}, TONE_PLAIN, "The kernel is not locked down."},
};

static void what_else_is_plain(void **state)
{
	(void)state;
	TRY(harmless, say_well, false);
}

static void devices_behind_none_are_counted_and_named(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_number(stage->model, ATTR_DEVICE_GROUP, "0000:00:00.2", 0, VALUE_UNKNOWN);
	say_number(stage->model, ATTR_DEVICE_CLASS, "0000:00:00.2", 0, 0x080600);
	say_number(stage->model, ATTR_DEVICE_GROUP, "0000:00:00.0", 0, VALUE_UNKNOWN);
	say_number(stage->model, ATTR_DEVICE_CLASS, "0000:00:00.0", 0, 0x060000);
	assert_int_equal(examine(stage, &lines), DOCTOR_FINE);
	say_number(stage->model, ATTR_DEVICE_GROUP, "0000:00:08.0", 0, VALUE_UNKNOWN);
	say_text(stage->model, ATTR_DEVICE_CLASS_NAME, "0000:00:08.0", 0, "Network");
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_WARN,
	         "1 device is behind no IOMMU: 0000:00:08.0 Network. All memory is in reach");
	for (int i = 0; i < 4; i++) {
		char name[] = "0000:09:00.x";

		name[11] = (char)('0' + i);
		say_number(stage->model, ATTR_DEVICE_GROUP, name, 0, VALUE_UNKNOWN);
	}
	examine(stage, &lines);
	has_line(&lines, TONE_WARN,
	         "5 devices are behind no IOMMU: 0000:00:08.0 Network, 0000:09:00.0, 0000:09:00.1 "
	         "and 2 more.");
	lines_release(&lines);
}

static void where_groups_come_with_drivers_nothing_is_missed(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_gone(stage->model, SUBJECT_UNIT, "dmar0", 0);
	say_text(stage->model, ATTR_UNIT_VENDOR, "smmu3.0x9050000", 0, "SMMUv3");
	say_text(stage->model, ATTR_MACHINE_OPTIONS, NULL, 0, "none");
	say_number(stage->model, ATTR_DEVICE_GROUP, "0000:00:08.0", 0, VALUE_UNKNOWN);
	assert_int_equal(examine(stage, &lines), DOCTOR_FINE);
	has_line(&lines, TONE_PLAIN, "1 device has no driver and no group: on this machine");
	say_text(stage->model, ATTR_DEVICE_DRIVER, "0000:00:08.0", 0, "nvme");
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_WARN, "1 device is behind no IOMMU: 0000:00:08.0.");
	assert_null(find_line(&lines, "1 device has no driver"));
	lines_release(&lines);
}

static void sources_say_why_they_do_not_work(void **state)
{
	struct stage *stage = *state;
	struct lines lines = {0};

	say_well(stage->model);
	say_health(stage->model, SOURCE_TRACE, HEALTH_OFF, "run it with sudo: no permission");
	say_health(stage->model, SOURCE_PROBES, HEALTH_PARTIAL, "no function to probe");
	say_health(stage->model, SOURCE_LOG, HEALTH_OFF, "there is no /dev/kmsg");
	assert_int_equal(examine(stage, &lines), DOCTOR_WARNINGS);
	has_line(&lines, TONE_WARN, "Tracing does not work: run it with sudo: no permission.");
	has_line(&lines, TONE_WARN, "Probes work in part: no function to probe.");
	has_line(&lines, TONE_WARN, "The kernel's log cannot be read: there is no /dev/kmsg.");
	has_line(&lines, TONE_UNKNOWN, "Whether the kernel is locked down is not known");
	lines_release(&lines);
}

/* A copy of another machine's sysfs has no trace to try. */
static void what_was_not_looked_at_is_no_warning(void **state)
{
	static const struct fact facts[FACTS_MAX] = {ACPI("DMAR"), REMAPPING("on")};
	struct stage *stage = *state;
	struct lines lines = {0};

	say_facts(stage->model, facts);
	say_text(stage->model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	say_text(stage->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 1, "DMA");
	say_health(stage->model, SOURCE_SYSFS, HEALTH_OK, NULL);
	assert_int_equal(examine(stage, &lines), DOCTOR_FINE);
	has_line(&lines, TONE_PLAIN, "Whether tracing works was not looked at");
	assert_null(find_line(&lines, "The kernel's log"));
	lines_release(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_machine_in_order_is_fine, make_stage, free_stage),
		cmocka_unit_test_setup_teardown(the_gravest_comes_first_and_decides, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_a_warning, make_stage,
	                                        free_stage),
		cmocka_unit_test(verdicts_have_words),
		cmocka_unit_test(why_there_is_none_is_said),
		cmocka_unit_test_setup_teardown(without_one_nothing_is_usable, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(groups_of_noiommu_are_no_iommu, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(what_sysfs_hides_is_not_absent, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(units_without_groups_hold_nothing, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(groups_without_a_named_unit_are_held, make_stage,
	                                        free_stage),
		cmocka_unit_test(options_without_effect_are_named),
		cmocka_unit_test(options_that_were_taken_are_no_warning),
		cmocka_unit_test(options_of_the_other_maker_are_named),
		cmocka_unit_test_setup_teardown(x86_options_mean_nothing_elsewhere, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(an_option_is_told_once, make_stage, free_stage),
		cmocka_unit_test_setup_teardown(a_log_without_its_beginning_leaves_options_unknown,
	                                        make_stage, free_stage),
		cmocka_unit_test(strict_groups_are_told_from_lazy_ones),
		cmocka_unit_test_setup_teardown(groups_of_all_types_are_counted, make_stage,
	                                        free_stage),
		cmocka_unit_test(options_are_read_as_the_kernel_does),
		cmocka_unit_test(what_else_is_a_warning),
		cmocka_unit_test(what_else_is_plain),
		cmocka_unit_test_setup_teardown(devices_behind_none_are_counted_and_named,
	                                        make_stage, free_stage),
		cmocka_unit_test_setup_teardown(where_groups_come_with_drivers_nothing_is_missed,
	                                        make_stage, free_stage),
		cmocka_unit_test_setup_teardown(sources_say_why_they_do_not_work, make_stage,
	                                        free_stage),
		cmocka_unit_test_setup_teardown(what_was_not_looked_at_is_no_warning, make_stage,
	                                        free_stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
