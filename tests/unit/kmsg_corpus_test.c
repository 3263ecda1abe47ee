// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_parse, kmsg_patterns, kmsg_words: the corpus of real lines and the table of patterns, held
 * against each other; and every line of the corpus cut at every byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/kmsg_parse.h"
#include "util.h"

#define USEC         1000
#define RECORDS_MOST 16
#define EVENTS_MOST  32
#define TEXT_SIZE    512
#define WORDS_MOST   24

static const char *const files[] = {
	"tests/fixtures/kmsg/corpus.txt", "tests/fixtures/kmsg/built.txt",
	"tests/fixtures/kmsg/vtd.txt", /* its events: kmsg_parse_test */
};

/* What one or several records tell together. */
struct block {
	const char *file;
	int line_number;
	struct {
		char text[TEXT_SIZE];
		char rest[TEXT_SIZE]; /* the lines of the dictionary */
	} records[RECORDS_MOST];
	size_t record_count;
	char expected[RECORDS_MOST][TEXT_SIZE];
	size_t expected_count;
};

/* One event that came out, with its texts. */
struct told {
	struct event ev;
	char device[TEXT_SIZE];
	char text[TEXT_SIZE]; /* reason or line */
};

struct outcome {
	struct told told[EVENTS_MOST];
	size_t count;
};

static struct block *blocks;
static size_t block_count;
static bool *matched; /* of each pattern: a line was understood by it */
static struct kmsg_record record;

static void fail_in(const struct block *block, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fail_in(const struct block *block, const char *format, ...)
{
	char why[4 * TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	fail_msg("%s, block that ends at line %d: %s", block->file, block->line_number, why);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static struct block *next_block(const char *file)
{
	blocks = xrealloc(blocks, (block_count + 1) * sizeof(*blocks));
	memset(&blocks[block_count], 0, sizeof(*blocks));
	blocks[block_count].file = file;
	return &blocks[block_count++];
}

/* A line of a block begins with the sign of what it is and a blank. */
static void take_block_line(struct block *block, const char *line)
{
	const char *text = line[0] && line[1] == ' ' ? line + 2 : "";
	size_t last = block->record_count - 1;

	if (line[0] == '>' || line[0] == '<') {
		assert_true(block->record_count < RECORDS_MOST);
		assert_true(copy_text(block->records[block->record_count++].text, TEXT_SIZE, text));
	} else if (line[0] == 'D') {
		assert_true(block->record_count > 0);
		snprintf(block->records[last].rest, TEXT_SIZE, " %.*s\n", TEXT_SIZE - 3, text);
	} else if (line[0] == '=' && strstr(text, "kind=")) {
		assert_true(copy_text(block->expected[block->expected_count++], TEXT_SIZE, text));
	} else if (line[0] != '#' && line[0] != '=') {
		fail_in(block, "what is this: %s", line);
	}
}

static void read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	struct block *block = NULL;
	char line[TEXT_SIZE];

	assert_non_null(file);
	for (int number = 1; fgets(line, sizeof(line), file); number++) {
		line[strcspn(line, "\n")] = '\0';
		if (!line[0])
			block = NULL;
		else if (!block && line[0] != '#')
			block = next_block(name);
		if (block) {
			block->line_number = number;
			take_block_line(block, line);
		}
	}
	fclose(file);
}

static int read_corpus(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		read_file(files[i]);
	matched = xcalloc(kmsg_pattern_count, sizeof(*matched));
	return 0;
}

static int free_corpus(void **state)
{
	(void)state;
	free(matched);
	free(blocks);
	return 0;
}

/* --- playing -----------------------------------------------------------------------------------
 */

static void keep(void *context, const struct event *ev)
{
	struct outcome *outcome = context;
	struct told *told = &outcome->told[outcome->count++];
	const char *device = NULL, *text = NULL;

	assert_true(outcome->count <= EVENTS_MOST);
	assert_int_equal(ev->ts_ns, (uint64_t)USEC * 1000);
	told->ev = *ev;
	if (ev->kind == EVENT_FAULT) {
		device = ev->fault.device;
		text = ev->fault.reason;
		assert_non_null(device);
		assert_true(text[0] != '\0');
		assert_int_equal(ev->fault.source, SOURCE_LOG);
	} else if (ev->kind == EVENT_NOTE) {
		device = ev->note.device;
		text = ev->note.text;
	}
	copy_text(told->device, TEXT_SIZE, device ? device : "");
	copy_text(told->text, TEXT_SIZE, text ? text : "");
}

static void count_match(const struct kmsg_parser *parser)
{
	if (parser->pattern)
		matched[parser->pattern - kmsg_patterns] = true;
}

/* What is left of a block: all of it, or one of its records cut and those behind it gone or not. */
struct damage {
	size_t record;
	size_t at; /* SIZE_MAX: whole */
	bool to_the_end;
};

static const struct damage none = {.at = SIZE_MAX};

static void play(const struct block *block, unsigned int level, const struct damage *damage,
                 struct outcome *outcome)
{
	static struct kmsg_parser parser;
	struct event_sink sink = {.emit = keep, .context = outcome};

	memset(&parser, 0, sizeof(parser));
	outcome->count = 0;
	for (size_t i = 0; i < block->record_count; i++) {
		char bytes[2 * TEXT_SIZE + 64];
		size_t length =
			(size_t)snprintf(bytes, sizeof(bytes), "%u,%zu,%d,-;%s\n%s",
		                         level == KMSG_LEVEL_UNKNOWN ? 3 : level, 100 + i, USEC,
		                         block->records[i].text, block->records[i].rest);

		if (damage->record == i && damage->at < length)
			length = damage->at;
		if (kmsg_record_parse(bytes, length, &record)) {
			record.level = level;
			kmsg_parser_take(&parser, &record, &sink);
			if (damage->at == SIZE_MAX)
				count_match(&parser);
		}
		if (damage->record == i && damage->at != SIZE_MAX && damage->to_the_end)
			break;
	}
	kmsg_parser_flush(&parser, &sink);
}

/* --- what is expected --------------------------------------------------------------------------
 */

/* key=value and key="a value". */
struct words {
	struct {
		char key[32];
		char value[128];
	} word[WORDS_MOST];
	size_t count;
};

static void split(const char *text, struct words *words)
{
	memset(words, 0, sizeof(*words));
	while (*text) {
		size_t key = strcspn(text, "=");
		bool quoted = text[key] && text[key + 1] == '"';
		const char *value = text + key + 1 + quoted;
		size_t length = strcspn(value, quoted ? "\"" : " ");

		assert_true(text[key] == '=' && words->count < WORDS_MOST);
		snprintf(words->word[words->count].key, 32, "%.*s", (int)key, text);
		snprintf(words->word[words->count++].value, 128, "%.*s", (int)length, value);
		text = value + length + quoted;
		text += strspn(text, " ");
	}
}

static const char *get(const struct words *words, const char *key)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!strcmp(words->word[i].key, key))
			return words->word[i].value;
	}
	return NULL;
}

static bool is(const struct words *words, const char *key, const char *value)
{
	const char *found = get(words, key);

	return found && !strcmp(found, value);
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

/* The corpus has its own words; what they are here: */
struct meaning {
	const char *word;
	int here;
};

static const struct meaning dialects[] = {
	{"vtd", FAULT_VTD},        {"vtd-ir", FAULT_VTD_INTERRUPT}, {"amd", FAULT_AMD},
	{"smmu", FAULT_SMMU},      {"smmu-global", FAULT_SMMU},     {"qcom-iommu", FAULT_SMMU},
	{"smmu3", FAULT_SMMU_V3},  {"virtio", FAULT_VIRTIO},        {"riscv", FAULT_RISCV},
	{"vtd-prq", FAULT_VTD},    {"smmu3-pri", FAULT_SMMU_V3},    {"dart", FAULT_OTHER},
	{"rockchip", FAULT_OTHER}, {"sun50i", FAULT_OTHER},         {"exynos", FAULT_OTHER},
	{"ipmmu", FAULT_OTHER},    {"tegra", FAULT_OTHER},          {"mtk", FAULT_OTHER},
	{"omap", FAULT_OTHER},
};

static const struct meaning topics[] = {
	{"raw", NOTE_RAW},
	{"rmrr", NOTE_RMRR},
	{"one-to-one", NOTE_FIRMWARE},
	{"no-interrupt-remapping", NOTE_NO_REMAPPING},
	{"memlock", NOTE_MEMLOCK},
	{"bar-reserve", NOTE_BAR},
	{"reset-recovery", NOTE_BAR},
	{"flr-pending", NOTE_RESET},
	{"flr-wait", NOTE_RESET},
	{"flr-gave-up", NOTE_RESET},
	{"aer", NOTE_AER},
	{"power-state", NOTE_DEVICE},
	{"device-request", NOTE_DEVICE},
	{"harmless", NOTE_DEVICE},
	{"rom", NOTE_ROM},
	{"invalidation", NOTE_INVALIDATION},
	{"completion-wait", NOTE_INVALIDATION},
	{"command-timeout", NOTE_INVALIDATION},
	{"command-error", NOTE_INVALIDATION},
	{"pte-already-set", NOTE_TABLE},
	{"page-request", NOTE_RAW},
	{"erratum", NOTE_RAW},
};

static const struct meaning directions[] = {
	{"unknown", DIRECTION_UNKNOWN},
	{"read", DIRECTION_READ},
	{"write", DIRECTION_WRITE},
	{"exec", DIRECTION_EXECUTE},
};

static int meaning_of(const struct meaning *table, size_t count, const char *word)
{
	for (size_t i = 0; word && i < count; i++) {
		if (!strcmp(table[i].word, word))
			return table[i].here;
	}
	return -1;
}

#define MEANING(table, word) meaning_of(table, ARRAY_SIZE(table), word)

static int topic_of(const struct words *words)
{
	if (is(words, "kind", "raw"))
		return NOTE_RAW;
	/* An error of the unit as a whole has no topic of its own; AMD's are about its commands. */
	if (is(words, "topic", "unit-error"))
		return is(words, "dialect", "amd") ? NOTE_INVALIDATION : NOTE_RAW;
	return MEANING(topics, get(words, "topic"));
}

/* Shown raw, says the corpus; the simple ones are faults here. */
static bool is_plain_fault(const struct words *words)
{
	if (is(words, "kind", "raw") && is(words, "dialect", "smmu"))
		return true;
	return is(words, "kind", "raw") &&
	       MEANING(dialects, get(words, "dialect")) == FAULT_OTHER &&
	       (get(words, "iova") || is(words, "dialect", "omap"));
}

/*
 * Lines that nobody needs, or that come at a level at which they are not told. What else a fault
 * status says, other lines say.
 */
static bool is_needless(const struct words *words)
{
	return is(words, "kind", "none") || is(words, "topic", "harmless") ||
	       is(words, "topic", "device-request") || is(words, "dialect", "amd-log") ||
	       (is(words, "topic", "unit-error") && get(words, "status")) ||
	       (is(words, "kind", "raw") && !get(words, "iova") &&
	        (is(words, "dialect", "rockchip") || is(words, "dialect", "exynos")));
}

/* --- comparing ---------------------------------------------------------------------------------
 */

#define SAME(block, what, got, wanted)                                                            \
	do {                                                                                      \
		if ((got) != (wanted))                                                            \
			fail_in(block, "%s is %#llx, not %#llx", what, (unsigned long long)(got), \
			        (unsigned long long)(wanted));                                    \
	} while (0)

static void same_text(const struct block *block, const char *what, const char *got,
                      const char *wanted)
{
	if (strcmp(got, wanted) != 0)
		fail_in(block, "%s is \"%s\", not \"%s\"", what, got, wanted);
}

static void check_who(const struct block *block, const struct words *words, const struct told *told)
{
	static const char *const streams[] = {"stream", "endpoint", "devid"};
	unsigned int flags = told->ev.fault.flags;
	const char *device = get(words, "device");
	const char *stream = NULL;

	if (!device)
		device = is(words, "dialect", "amd") ? "" : get(words, "unit");
	same_text(block, "device", told->device, device);
	SAME(block, "no segment", (bool)(flags & FAULT_NO_SEGMENT),
	     get(words, "device") && strlen(device) == strlen("00:00.0"));
	for (size_t i = 0; i < ARRAY_SIZE(streams) && !stream; i++)
		stream = get(words, streams[i]);
	if (get(words, "device"))
		stream = NULL;
	if (!strcmp(get(words, "kind"), "raw"))
		return;
	SAME(block, "has stream", (bool)(flags & FAULT_HAS_STREAM), (bool)stream);
	SAME(block, "stream", told->ev.fault.stream, stream ? number(stream) : 0);
	if (is(words, "dialect", "smmu3"))
		SAME(block, "named", (bool)(flags & FAULT_NAMED), (bool)get(words, "device"));
}

/* AMD: some events tell an address that the device asked for, though it is no place in a domain. */
static const char *expected_address(const struct words *words)
{
	if (get(words, "iova"))
		return get(words, "iova");
	if (get(words, "interrupt") || is(words, "event", "ILLEGAL_DEV_TABLE_ENTRY") ||
	    is(words, "event", "INVALID_DEVICE_REQUEST") ||
	    is(words, "event", "INVALID_PPR_REQUEST"))
		return get(words, "address");
	return is(words, "dialect", "omap") ? "0x60000000" : NULL;
}

static void check_what(const struct block *block, const struct words *words,
                       const struct told *told)
{
	unsigned int flags = told->ev.fault.flags;
	const char *address = expected_address(words);
	const char *index = get(words, "index");
	int direction = MEANING(directions, get(words, "dir"));

	if (is(words, "kind", "raw") && direction < 0)
		direction = told->ev.fault.direction;
	SAME(block, "direction", told->ev.fault.direction, direction < 0 ? 0 : direction);
	SAME(block, "interrupt", (bool)(flags & FAULT_INTERRUPT), (bool)get(words, "interrupt"));
	SAME(block, "page masked", (bool)(flags & FAULT_PAGE_MASKED), (bool)get(words, "page"));
	SAME(block, "has iova", (bool)(flags & FAULT_HAS_IOVA), (bool)address);
	if (address || index)
		SAME(block, "iova", told->ev.fault.iova, number(address ? address : index));
}

static void check_numbers(const struct block *block, const struct words *words,
                          const struct told *told)
{
	unsigned int flags = told->ev.fault.flags;
	const char *pasid = get(words, "pasid");
	const char *code = get(words, "code");
	uint64_t mask = UINT16_MAX;

	if (pasid && is(words, "dialect", "amd") && !number(pasid))
		pasid = NULL;
	SAME(block, "has pasid", (bool)(flags & FAULT_HAS_PASID), (bool)pasid);
	SAME(block, "pasid", told->ev.fault.pasid, pasid ? number(pasid) : 0);
	if (!code)
		return;
	if (told->ev.fault.dialect == FAULT_SMMU)
		mask = is(words, "dialect", "smmu-global") ? 0x1ff : 0x1fe;
	SAME(block, "has code", (bool)(flags & FAULT_HAS_CODE), true);
	SAME(block, "code", told->ev.fault.code, number(code) & mask);
}

/* The corpus says it in its own words where a driver says it in bits. */
static void expected_reason(const struct words *words, char *out, size_t size)
{
	static const char *const rules[][3] = {
		/* dialect, reason or bits, here */
		{"amd", "IO_PAGE_FAULT", "IO_PAGE_FAULT (page present)"},
		{"amd", "Device not attached to domain properly",
	         "IO_PAGE_FAULT (device not attached to a domain)"},
		{"smmu", "TF", "translation fault"},
		{"smmu", "PF", "permission fault"},
		{"smmu", "TF,EF", "translation fault, external fault"},
		{"qcom-iommu", "TF", "translation fault"},
		{"smmu-global", "unknown stream", "global fault: unidentified stream"},
		{"smmu-global", "invalid context fault", "global fault: invalid context"},
		{"smmu-global", "", "global fault"},
	};
	const char *reason = get(words, "reason");
	const char *bits = get(words, "bits");
	const char *event = get(words, "event");

	if (!reason)
		reason = "";
	if (is(words, "dialect", "virtio"))
		snprintf(out, size, "%s fault", reason);
	else if (event && reason[0])
		snprintf(out, size, "%s (%s)", event, reason);
	else
		copy_text(out, size, event ? event : reason);
	if (bits && !event)
		copy_text(out, size, bits);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (is(words, "dialect", rules[i][0]) && !strcmp(out, rules[i][1])) {
			copy_text(out, size, rules[i][2]);
			return;
		}
	}
}

static void check_fault(const struct block *block, const struct words *words,
                        const struct told *told)
{
	char reason[TEXT_SIZE];

	SAME(block, "kind", told->ev.kind, EVENT_FAULT);
	SAME(block, "dialect", told->ev.fault.dialect, MEANING(dialects, get(words, "dialect")));
	check_who(block, words, told);
	check_what(block, words, told);
	check_numbers(block, words, told);
	expected_reason(words, reason, sizeof(reason));
	if (!is(words, "kind", "raw"))
		same_text(block, "reason", told->text, reason);
}

static void check_note(const struct block *block, const struct words *words,
                       const struct told *told)
{
	const char *device = get(words, "device");
	int topic = topic_of(words);

	SAME(block, "kind", told->ev.kind, EVENT_NOTE);
	SAME(block, "topic", told->ev.note.topic, topic);
	SAME(block, "level", told->ev.note.level, 3);
	if (topic == NOTE_AER)
		assert_non_null(strstr(told->text, told->device));
	else if (device && topic != NOTE_RAW)
		same_text(block, "device", told->device, device);
}

static void check_event(const struct block *block, const struct words *words,
                        const struct told *told)
{
	if (is(words, "kind", "fault") || is_plain_fault(words)) {
		check_fault(block, words, told);
		return;
	}
	if (!is(words, "kind", "suppressed") && !is(words, "kind", "overflow")) {
		check_note(block, words, told);
		return;
	}
	SAME(block, "kind", told->ev.kind, EVENT_SUPPRESSED);
	SAME(block, "dialect", told->ev.suppressed.dialect,
	     MEANING(dialects, get(words, "dialect")));
	SAME(block, "overflow", told->ev.suppressed.overflow, is(words, "kind", "overflow"));
	SAME(block, "count", told->ev.suppressed.count,
	     get(words, "count") ? number(get(words, "count")) : 0);
}

/* A driver's error about its device is told, and is nothing that the corpus looks at. */
static bool is_unasked(const struct told *told)
{
	return told->ev.kind == EVENT_NOTE && told->ev.note.topic == NOTE_DEVICE;
}

static size_t pass_unasked(const struct outcome *outcome, size_t i)
{
	while (i < outcome->count && is_unasked(&outcome->told[i]))
		i++;
	return i;
}

/* Of an event in several lines more than one may have to be shown. */
static size_t pass_raw(const struct outcome *outcome, size_t i)
{
	while (i < outcome->count && outcome->told[i].ev.kind == EVENT_NOTE &&
	       outcome->told[i].ev.note.topic == NOTE_RAW)
		i++;
	return i;
}

static void check_block(const struct block *block, const struct outcome *outcome)
{
	struct words words;
	size_t got = 0;

	for (size_t i = 0; i < block->expected_count; i++) {
		split(block->expected[i], &words);
		if (is_needless(&words))
			continue;
		if (topic_of(&words) != NOTE_DEVICE)
			got = pass_unasked(outcome, got);
		if (got == outcome->count)
			fail_in(block, "nothing for %s", block->expected[i]);
		check_event(block, &words, &outcome->told[got++]);
		if (is(&words, "kind", "raw") && is(&words, "dialect", "smmu3"))
			got = pass_raw(outcome, got);
	}
	got = pass_unasked(outcome, got);
	if (got < outcome->count)
		fail_in(block, "too much: kind %u, %s, %s", outcome->told[got].ev.kind,
		        outcome->told[got].device, outcome->told[got].text);
}

static void test_corpus(void **state)
{
	static struct outcome outcome;
	size_t checked = 0;

	(void)state;
	for (size_t i = 0; i < block_count; i++) {
		/* A line that tells nothing was no error. */
		play(&blocks[i], strcmp(blocks[i].expected[0], "kind=none") ? 3 : 6, &none,
		     &outcome);
		if (!blocks[i].expected_count)
			continue;
		check_block(&blocks[i], &outcome);
		checked++;
	}
	assert_true(checked > 150);
}

/* As pasted, without levels: what was a fault is one, and nothing more is. */
static void test_without_levels(void **state)
{
	static struct outcome outcome, pasted;

	(void)state;
	for (size_t i = 0; i < block_count; i++) {
		size_t j = 0;

		play(&blocks[i], 3, &none, &outcome);
		play(&blocks[i], KMSG_LEVEL_UNKNOWN, &none, &pasted);
		for (size_t k = 0; k < pasted.count; k++) {
			while (j < outcome.count && outcome.told[j].ev.kind == EVENT_NOTE)
				j++;
			if (pasted.told[k].ev.kind == EVENT_NOTE)
				continue;
			if (j == outcome.count)
				fail_in(&blocks[i], "more without a level: %s",
				        pasted.told[k].text);
			SAME(&blocks[i], "kind", pasted.told[k].ev.kind, outcome.told[j].ev.kind);
			same_text(&blocks[i], "reason", pasted.told[k].text, outcome.told[j].text);
			j++;
		}
		while (j < outcome.count && outcome.told[j].ev.kind == EVENT_NOTE)
			j++;
		if (j != outcome.count)
			fail_in(&blocks[i], "less without a level");
	}
}

/* Needs what test_corpus has counted. */
static void test_every_pattern_has_a_sample(void **state)
{
	size_t missing = 0;

	(void)state;
	for (size_t i = 0; i < kmsg_pattern_count; i++) {
		if (!matched[i])
			print_error("no sample in tests/fixtures/kmsg for \"%s\"\n",
			            kmsg_patterns[i].dialect);
		missing += !matched[i];
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(kmsg_patterns[i].dialect, kmsg_patterns[j].dialect);
	}
	assert_int_equal(missing, 0);
}

/* --- damage ------------------------------------------------------------------------------------
 */

/* Everything that cut says, whole says too; cut may know less: no direction, no client, no code. */
static bool says_no_more(const struct told *cut, const struct told *whole)
{
	const struct event *a = &cut->ev, *b = &whole->ev;

	if (a->kind != b->kind)
		return false;
	if (a->kind == EVENT_SUPPRESSED)
		return a->suppressed.count == b->suppressed.count &&
		       a->suppressed.dialect == b->suppressed.dialect &&
		       a->suppressed.overflow == b->suppressed.overflow;
	if (a->fault.flags & FAULT_HAS_IOVA && a->fault.iova != b->fault.iova)
		return false;
	if (a->fault.flags & FAULT_INTERRUPT && a->fault.iova != b->fault.iova)
		return false;
	if (a->fault.flags & FAULT_HAS_CODE && a->fault.code != b->fault.code)
		return false;
	if (a->fault.flags & FAULT_HAS_PASID && a->fault.pasid != b->fault.pasid)
		return false;
	if (a->fault.flags & b->fault.flags & FAULT_HAS_STREAM &&
	    a->fault.stream != b->fault.stream)
		return false;
	if (a->fault.direction && a->fault.direction != b->fault.direction)
		return false;
	return !strcmp(cut->device, whole->device) || b->fault.flags & FAULT_NAMED;
}

static void check_damage(const struct block *block, const struct damage *damage,
                         const struct outcome *whole)
{
	static struct outcome cut;

	play(block, 3, damage, &cut);
	for (size_t i = 0; i < cut.count; i++) {
		bool said = cut.told[i].ev.kind == EVENT_NOTE;

		for (size_t j = 0; j < whole->count && !said; j++)
			said = says_no_more(&cut.told[i], &whole->told[j]);
		if (!said)
			fail_in(block, "record %zu cut at %zu: %s, %s, %#llx", damage->record,
			        damage->at, cut.told[i].device, cut.told[i].text,
			        (unsigned long long)cut.told[i].ev.fault.iova);
	}
}

/* Not within an escape, where the kernel never cuts either: unescaped it is other text. */
static bool splits_escape(const char *text, size_t at)
{
	for (size_t back = 1; back < 4 && back <= at; back++) {
		if (text[at - back] == '\\')
			return true;
	}
	return false;
}

static void test_every_cut(void **state)
{
	static struct outcome whole;

	(void)state;
	for (size_t i = 0; i < block_count; i++) {
		play(&blocks[i], 3, &none, &whole);
		for (size_t r = 0; r < blocks[i].record_count; r++) {
			const char *text = blocks[i].records[r].text;
			struct damage damage = {.record = r};

			for (size_t at = 0; at <= strlen(text); at++) {
				if (splits_escape(text, at))
					continue;
				damage.at = strlen("3,100,1000,-;") + at;
				damage.to_the_end = true;
				check_damage(&blocks[i], &damage, &whole);
				damage.to_the_end = false;
				check_damage(&blocks[i], &damage, &whole);
			}
		}
	}
}

/* One record of several is not there at all, and the numbers show it or (pasted) do not. */
static void test_every_record_missing(void **state)
{
	static struct outcome whole;

	(void)state;
	for (size_t i = 0; i < block_count; i++) {
		play(&blocks[i], 3, &none, &whole);
		for (size_t r = 0; r < blocks[i].record_count; r++) {
			struct damage damage = {.record = r, .at = 0};

			check_damage(&blocks[i], &damage, &whole);
		}
	}
}

static uint64_t random_state = 0x9e3779b97f4a7c15;

static size_t next_random(size_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (size_t)(random_state % below);
}

static void count_event(void *context, const struct event *ev)
{
	size_t *count = context;

	*count += ev->kind == EVENT_FAULT;
}

/* Bytes of a line are others, some of them what patterns look for. */
static size_t spoil(char *text, size_t length)
{
	static const char signs[] = "\0\n\t\x1b 0x:.[]{}=,%\xff";

	for (size_t i = next_random(4); i > 0 && length > 0; i--)
		text[next_random(length)] = signs[next_random(sizeof(signs))];
	return next_random(8) ? length : next_random(length + 1);
}

/* One parser, lines of all dialects in any order, spoilt or not: it goes on. */
static void test_random_lines(void **state)
{
	static struct kmsg_parser parser;
	size_t faults = 0;
	struct event_sink sink = {.emit = count_event, .context = &faults};

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		const struct block *block = &blocks[next_random(block_count)];
		char line[2 * TEXT_SIZE], *bytes;
		size_t length =
			(size_t)snprintf(line, sizeof(line), "3,%zu,%d,-;%s\n", i, USEC,
		                         block->records[next_random(block->record_count)].text);

		length = spoil(line, length);
		bytes = xmalloc(length ? length : 1);
		memcpy(bytes, line, length);
		if (kmsg_record_parse(bytes, length, &record)) {
			record.level = next_random(2) ? record.level : KMSG_LEVEL_UNKNOWN;
			kmsg_parser_take(&parser, &record, &sink);
		}
		free(bytes);
	}
	assert_true(faults > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_without_levels),
		cmocka_unit_test(test_every_pattern_has_a_sample),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_record_missing),
		cmocka_unit_test(test_random_lines),
	};

	return cmocka_run_group_tests(tests, read_corpus, free_corpus);
}
