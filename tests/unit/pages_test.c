// SPDX-License-Identifier: GPL-2.0-or-later
/* pages: real pages against what their own kernel reads in them, made-up ones for every edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event-parse.h>

#include "event.h"
#include "sources/pages.h"
#include "util.h"

#define FIXTURES "tests/fixtures/"
#define PAGE_MAX 4096
#define RAWS_MAX 1024

enum { MAP, UNMAP, ATTACH, DETACH, GROUP_ADD, GROUP_LEAVE, FAULT }; /* rows of page_bindings */

/* The row of an event; system NULL: of our probes. */
static unsigned int row_of(const char *system, const char *event)
{
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const char *found = page_bindings[i].system;

		if (strcmp(page_bindings[i].event, event) == 0 &&
		    (found ? system && strcmp(system, found) == 0 : !system))
			return i;
	}
	fail_msg("no row for %s", event);
	return 0;
}

static char *read_file(const char *path, size_t *size)
{
	char *data = xcalloc(1, 65536);
	FILE *file = fopen(path, "r");

	if (!file) {
		free(data);
		return NULL;
	}
	*size = fread(data, 1, 65535, file);
	fclose(file);
	return data;
}

/* What was handed out. */
struct taken {
	struct raw raws[RAWS_MAX];
	size_t count;
};

static void take(void *context, const struct raw *raws, size_t count)
{
	struct taken *taken = context;

	assert_true(count > 0);
	assert_true(count <= RAWS_MAX - taken->count);
	for (size_t i = 0; i < count; i++) {
		assert_true(raws[i].kind < RAW_KIND_COUNT);
		taken->raws[taken->count++] = raws[i];
	}
}

static void taken_release(struct taken *taken)
{
	for (size_t i = 0; i < taken->count; i++)
		free(taken->raws[i].text);
	taken->count = 0;
}

static struct page_summary decode(const struct pages *pages, const void *page, size_t size,
                                  struct taken *taken)
{
	struct raw_sink sink = {take, taken};

	return pages_decode(pages, page, size, 5, &sink);
}

static struct pages *pages_of_kernel(const char *kernel)
{
	struct pages *pages;
	struct error err;
	char path[256];
	size_t size;
	char *text;

	snprintf(path, sizeof(path), FIXTURES "formats/%s/header_page", kernel);
	text = read_file(path, &size);
	assert_non_null(text);
	pages = pages_new(text, size, &err);
	assert_non_null(pages);
	free(text);
	for (unsigned int i = MAP; i <= FAULT; i++) {
		snprintf(path, sizeof(path), FIXTURES "formats/%s/%s", kernel,
		         page_bindings[i].event);
		text = read_file(path, &size);
		assert_true(text || page_bindings[i].historic);
		if (text)
			assert_int_equal(pages_bind(pages, i, NULL, text, size, &err), 0);
		free(text);
	}
	return pages;
}

/* Returns the event's number there. */
static uint16_t bind_fixture(struct pages *pages, const char *kernel, const char *system,
                             const char *event)
{
	struct error err;
	char path[256];
	size_t size;
	char *text;
	unsigned long id;

	snprintf(path, sizeof(path), FIXTURES "formats/%s/%s", kernel, event);
	text = read_file(path, &size);
	assert_non_null(text);
	assert_int_equal(pages_bind(pages, row_of(system, event), NULL, text, size, &err), 0);
	id = strtoul(strstr(text, "\nID: ") + 5, NULL, 10);
	free(text);
	return (uint16_t)id;
}

/* ---- a writer of pages, with layouts of its own choice ---- */

static const char header_page[] = "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				  "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
				  "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
				  "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";

#define COMMON                                                                         \
	"format:\n"                                                                    \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char map_format[] =
	"name: map\nID: 7\n" COMMON "\tfield:u64 iova;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 paddr;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:size_t size;\toffset:24;\tsize:8;\tsigned:0;\n\nprint fmt: \"x\"\n";

static const char attach_format[] =
	"name: attach_device_to_domain\nID: 8\n" COMMON
	"\tfield:__data_loc char[] device;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: \"x\"\n";

struct map_record {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint64_t iova, paddr, size;
};

struct text_record {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint32_t device; /* offset, and length << 16 */
	char text[20];
};

struct page_writer {
	_Alignas(8) uint8_t page[PAGE_MAX];
	size_t at;
};

static void page_begin(struct page_writer *writer, uint64_t ts_ns)
{
	memset(writer, 0, sizeof(*writer));
	memcpy(writer->page, &ts_ns, 8);
	writer->at = 16;
}

static void page_end(struct page_writer *writer, uint64_t bits)
{
	uint64_t commit = (writer->at - 16) | bits;

	memcpy(writer->page + 8, &commit, 8);
}

static void put_word(struct page_writer *writer, uint32_t word)
{
	memcpy(writer->page + writer->at, &word, 4);
	writer->at += 4;
}

static void put_head(struct page_writer *writer, unsigned int type, uint32_t delta)
{
	put_word(writer,
	         __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? type << 27 | delta : type | delta << 5);
}

static void put_record(struct page_writer *writer, uint32_t delta, const void *data, size_t size)
{
	put_head(writer, (unsigned int)size / 4, delta);
	memcpy(writer->page + writer->at, data, size);
	writer->at += size;
}

static void put_map(struct page_writer *writer, uint32_t delta, uint64_t iova)
{
	struct map_record record = {.type = 7, .pid = -3, .iova = iova, .paddr = 2, .size = 4096};

	put_record(writer, delta, &record, sizeof(record));
}

static struct pages *pages_of_texts(void)
{
	struct pages *pages;
	struct error err;

	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_non_null(pages);
	assert_int_equal(pages_bind(pages, MAP, NULL, map_format, sizeof(map_format) - 1, &err), 0);
	assert_int_equal(
		pages_bind(pages, ATTACH, NULL, attach_format, sizeof(attach_format) - 1, &err), 0);
	return pages;
}

/* ---- real pages ---- */

static int by_time(const void *a, const void *b)
{
	const struct raw *x = a;
	const struct raw *y = b;

	return x->ts_ns < y->ts_ns ? -1 : x->ts_ns > y->ts_ns;
}

static uint64_t number_after(const char *line, const char *word, int base)
{
	const char *at = strstr(line, word);

	assert_non_null(at);
	return strtoull(at + strlen(word), NULL, base);
}

static void check_device(const char *line, const struct raw *raw)
{
	const char *at = strstr(line, "device=");

	assert_non_null(at);
	assert_non_null(raw->text);
	at += strlen("device=");
	assert_int_equal(strcspn(at, "\n"), strlen(raw->text));
	assert_memory_equal(at, raw->text, strlen(raw->text));
}

static void check_fields(const char *line, const char *event, const struct raw *raw)
{
	if (strcmp(event, "map") == 0) {
		assert_int_equal(raw->kind, RAW_MAP);
		assert_int_equal(raw->value[0], number_after(line, "iova=", 16));
		assert_int_equal(raw->value[1], number_after(line, " size=", 10));
	} else if (strcmp(event, "unmap") == 0) {
		assert_int_equal(raw->kind, RAW_UNMAP);
		assert_int_equal(raw->value[0], number_after(line, "iova=", 16));
		assert_int_equal(raw->value[1], number_after(line, " size=", 10));
		assert_int_equal(raw->value[2], number_after(line, "unmapped_size=", 10));
	} else {
		check_device(line, raw);
		if (strstr(event, "group"))
			assert_int_equal(raw->value[0], number_after(line, "groupID=", 10));
	}
}

/* "  dd-178   [000] d.h1.    10.631082: map: IOMMU: ..." */
static void check_line(const char *line, const struct raw *raw)
{
	unsigned long long seconds, micros;
	char flags[16], event[64];
	unsigned int cpu;
	const char *at;
	int pid;

	at = strchr(line, '[');
	assert_non_null(at);
	assert_int_equal(
		sscanf(at, "[%u] %15s %llu.%llu: %63[^:]:", &cpu, flags, &seconds, &micros, event),
		5);
	while (*at != '-')
		at--;
	pid = atoi(at + 1);
	assert_int_equal(raw->cpu, cpu);
	assert_int_equal(raw->pid, pid);
	/* ns2usecs() of the kernel rounds */
	assert_int_equal((raw->ts_ns + 500) / 1000, seconds * 1000000 + micros);
	assert_int_equal((raw->context & CONTEXT_HARD_IRQ) != 0,
	                 flags[2] == 'h' || flags[2] == 'H');
	assert_int_equal((raw->context & CONTEXT_SOFT_IRQ) != 0,
	                 flags[2] == 's' || flags[2] == 'H');
	check_fields(line, event, raw);
}

static void decode_cpu(const struct pages *pages, const char *kernel, unsigned int cpu,
                       struct taken *taken)
{
	struct raw_sink sink = {take, taken};
	struct page_summary summary;
	char path[256];
	size_t size;
	char *page;

	for (unsigned int number = 0;; number++) {
		snprintf(path, sizeof(path), FIXTURES "pages/%s.cpu%u.%u", kernel, cpu, number);
		page = read_file(path, &size);
		if (!page)
			break;
		summary = pages_decode(pages, page, size, (uint16_t)cpu, &sink);
		assert_int_equal(summary.unread_bytes, 0);
		assert_int_equal(summary.data_bytes, size - 16);
		assert_int_equal(summary.last_ns, taken->raws[taken->count - 1].ts_ns);
		free(page);
	}
}

static void check_kernel(const char *kernel)
{
	struct pages *pages = pages_of_kernel(kernel);
	struct taken *taken = xcalloc(1, sizeof(*taken));
	char path[256], line[512];
	size_t count = 0;
	FILE *text;

	assert_int_equal(pages_size(pages), 4096);
	decode_cpu(pages, kernel, 0, taken);
	decode_cpu(pages, kernel, 1, taken);
	qsort(taken->raws, taken->count, sizeof(*taken->raws), by_time);
	snprintf(path, sizeof(path), FIXTURES "pages/%s.txt", kernel);
	text = fopen(path, "r");
	assert_non_null(text);
	while (fgets(line, sizeof(line), text)) {
		assert_true(count < taken->count);
		check_line(line, &taken->raws[count++]);
	}
	fclose(text);
	assert_int_equal(count, taken->count);
	assert_true(count > 40);
	taken_release(taken);
	free(taken);
	pages_free(pages);
}

static void reads_what_linux_6_1_reads(void **state)
{
	(void)state;
	check_kernel("6.1");
}

static void reads_what_linux_6_12_reads(void **state)
{
	(void)state;
	check_kernel("6.12");
}

/* ---- formats ---- */

static int bind_text(unsigned int binding, const char *text, struct error *err)
{
	struct pages *pages = pages_new(header_page, sizeof(header_page) - 1, err);
	int result = pages_bind(pages, binding, NULL, text, strlen(text), err);

	pages_free(pages);
	return result;
}

static void fields_move_and_company_is_fine(void **state)
{
	static const char format[] =
		"name: map\nID: 300\n" COMMON "\tfield:u32 size;\toffset:8;\tsize:4;\tsigned:0;\n"
		"\tfield:char pad[4];\toffset:12;\tsize:4;\tsigned:0;\n"
		"\tfield:u64 domain;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\tfield:u64 paddr;\toffset:24;\tsize:8;\tsigned:0;\n"
		"\tfield:int iova;\toffset:32;\tsize:4;\tsigned:1;\n\nprint fmt: \"x\"\n";
	struct {
		uint16_t type;
		uint8_t flags, preempt_count;
		int32_t pid;
		uint32_t size, pad;
		uint64_t domain, paddr;
		int32_t iova, end;
	} record = {300, 0x1c, 0, 9, 4096, 1, 2, 0x7000, -4096, 0};
	struct pages *pages;
	struct page_writer writer;
	struct taken taken = {0};
	struct error err;

	(void)state;
	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_int_equal(pages_bind(pages, MAP, NULL, format, sizeof(format) - 1, &err), 0);
	page_begin(&writer, 1000);
	put_record(&writer, 5, &record, sizeof(record));
	page_end(&writer, 0);
	decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.raws[0].value[0], (uint64_t)-4096);
	assert_int_equal(taken.raws[0].value[1], 4096);
	assert_int_equal(taken.raws[0].pid, 9);
	assert_int_equal(taken.raws[0].context,
	                 CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ | CONTEXT_NEED_RESCHED);
	pages_free(pages);
}

/* All that a record can have of numbers, with the common fields of any kernel so far, or not. */
#define MIXED(name, id, flags, pid)                                                    \
	"name: " name "\nID: " id "\nformat:\n"                                        \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:" flags ";\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:" pid ";\tsize:4;\tsigned:1;\n\n"             \
	"\tfield:u8 domain;\toffset:12;\tsize:1;\tsigned:0;\n"                         \
	"\tfield:u16 iova;\toffset:14;\tsize:2;\tsigned:0;\n"                          \
	"\tfield:s64 size;\toffset:16;\tsize:8;\tsigned:1;\n"                          \
	"\tfield:u32 prot;\toffset:24;\tsize:4;\tsigned:0;\n"                          \
	"\tfield:u32 type;\toffset:24;\tsize:4;\tsigned:0;\n\nprint fmt: \"x\"\n"

static unsigned int binding_of(uint8_t kind)
{
	unsigned int binding = 0;

	while (page_bindings[binding].kind != kind)
		binding++;
	return binding;
}

/* More of them than are handed on at once. */
static void records_are_read_wherever_their_fields_are(void **state)
{
	static const char usual[] = MIXED("map", "7", "2", "4");
	static const char moved[] = MIXED("unmap", "8", "3", "8");
	struct pages *pages;
	struct page_writer writer;
	struct taken taken = {0};
	struct error err;

	(void)state;
	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_int_equal(
		pages_bind(pages, binding_of(RAW_MAP_CALL), "ours", usual, sizeof(usual) - 1, &err),
		0);
	assert_int_equal(pages_bind(pages, binding_of(RAW_UNMAP_CALL), "ours", moved,
	                            sizeof(moved) - 1, &err),
	                 0);
	page_begin(&writer, 1000);
	for (unsigned int i = 0; i < 120; i++) {
		bool is_usual = i % 3;
		struct {
			uint16_t type;
			uint8_t flags[2];
			int32_t pids[2];
			uint8_t domain, pad;
			uint16_t iova;
			int64_t size;
			uint32_t prot, end;
		} record = {.type = is_usual ? 7 : 8,
		            .domain = 0xf0,
		            .pad = 0xff,
		            .iova = (uint16_t)(0xff00 + i),
		            .size = -2,
		            .prot = 0xffffffff,
		            .end = 0xaaaaaaaa};

		record.flags[is_usual ? 0 : 1] = 0x08;
		record.pids[is_usual ? 0 : 1] = -7;
		record.pids[is_usual ? 1 : 0] = 99;
		put_record(&writer, 1, &record, 28);
	}
	page_end(&writer, 0);
	decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(taken.count, 120);
	for (unsigned int i = 0; i < taken.count; i++) {
		const struct raw *raw = &taken.raws[i];

		assert_int_equal(raw->ts_ns, 1001 + i);
		assert_int_equal(raw->kind, i % 3 ? RAW_MAP_CALL : RAW_UNMAP_CALL);
		assert_int_equal(raw->pid, -7);
		assert_int_equal(raw->context, CONTEXT_HARD_IRQ);
		assert_int_equal(raw->cpu, 5);
		assert_int_equal(raw->value[0], 0xf0);
		assert_int_equal(raw->value[1], 0xff00 + i);
		assert_int_equal(raw->value[2], UINT64_MAX - 1);
		assert_int_equal(raw->value[3], 0xffffffff);
		assert_null(raw->text);
	}
	pages_free(pages);
}

static void a_missing_field_is_told(void **state)
{
	struct error err = {0};

	(void)state;
	assert_int_equal(bind_text(MAP,
	                           "name: map\nID: 7\n" COMMON
	                           "\tfield:u64 iova;\toffset:8;\tsize:8;\tsigned:0;\n"
	                           "\tfield:u64 paddr;\toffset:16;\tsize:8;\tsigned:0;\n\n"
	                           "print fmt: \"x\"\n",
	                           &err),
	                 -1);
	assert_non_null(strstr(err.text, "iommu:map"));
	assert_non_null(strstr(err.text, "size"));
	assert_int_equal(bind_text(ATTACH,
	                           "name: attach_device_to_domain\nID: 8\n" COMMON
	                           "\tfield:u32 device;\toffset:8;\tsize:4;\tsigned:0;\n\n"
	                           "print fmt: \"x\"\n",
	                           &err),
	                 -1);
	assert_non_null(strstr(err.text, "device"));
	assert_int_equal(bind_text(MAP, "", &err), -1);
	assert_int_equal(bind_text(MAP, "what is this?", &err), -1);
	assert_null(pages_new("nonsense", 8, &err));
	assert_null(pages_new("", 0, &err));
}

static void old_unmap_takes_its_size(void **state)
{
	static const char format[] =
		"name: unmap\nID: 7\n" COMMON "\tfield:u64 iova;\toffset:8;\tsize:8;\tsigned:0;\n"
		"\tfield:u64 paddr;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\tfield:int size;\toffset:24;\tsize:4;\tsigned:1;\n\nprint fmt: \"x\"\n";
	struct page_writer writer;
	struct taken taken = {0};
	struct pages *pages;
	struct error err;

	(void)state;
	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_int_equal(pages_bind(pages, UNMAP, NULL, format, sizeof(format) - 1, &err), 0);
	page_begin(&writer, 1000);
	put_map(&writer, 5, 0x1000);
	page_end(&writer, 0);
	decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.raws[0].kind, RAW_UNMAP);
	assert_int_equal(taken.raws[0].value[1], 4096);
	assert_int_equal(taken.raws[0].value[2], 4096);
	pages_free(pages);
}

/* ---- probes and devices ---- */

/* As the kernel writes them for a kprobe event (kernel/trace/trace_probe.c). */
#define PROBE COMMON "\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"

static const char call_format[] =
	"name: map\nID: 1700\n" PROBE "\tfield:u64 domain;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 iova;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 size;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:u32 prot;\toffset:40;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"(%lx) domain=0x%Lx iova=0x%Lx size=%Lu prot=0x%x\", REC->__probe_ip, "
	"REC->domain, REC->iova, REC->size, REC->prot\n";

static const char return_format[] =
	"name: map_return\nID: 1701\n" COMMON
	"\tfield:unsigned long __probe_func;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long __probe_ret_ip;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:s32 ret;\toffset:24;\tsize:4;\tsigned:1;\n\n"
	"print fmt: \"(%lx <- %lx) ret=%d\", REC->__probe_func, REC->__probe_ret_ip, REC->ret\n";

static const char member_format[] =
	"name: member\nID: 1702\n" PROBE "\tfield:u32 group;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:u64 dev;\toffset:20;\tsize:8;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:28;\tsize:4;\tsigned:1;\n\n"
	"print fmt: \"(%lx) group=%u dev=0x%Lx name=\\\"%s\\\"\", REC->__probe_ip, REC->group, "
	"REC->dev, __get_str(name)\n";

static void bind_own(struct pages *pages, const char *event, const char *format)
{
	struct error err;

	assert_int_equal(
		pages_bind(pages, row_of(NULL, event), "iommutop_1", format, strlen(format), &err),
		0);
}

struct call_record {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint64_t ip, domain, iova, size;
	uint32_t prot, end;
};

struct return_record {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint64_t function, ip;
	int32_t ret, end;
};

struct __attribute__((packed)) member_record {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint64_t ip;
	uint32_t group;
	uint64_t dev;
	uint32_t name;
	char text[16];
};

static void put_probes(struct page_writer *writer)
{
	static const struct call_record call = {.type = 1700,
	                                        .ip = 1,
	                                        .domain = 0xffff888012345678,
	                                        .iova = 0x1000,
	                                        .size = 8192,
	                                        .prot = 7};
	static const struct return_record back = {.type = 1701, .function = 2, .ip = 1, .ret = -12};
	static const struct member_record member = {.type = 1702,
	                                            .ip = 1,
	                                            .group = 12,
	                                            .dev = 0xffff888087654321,
	                                            .name = 32 | 13u << 16,
	                                            .text = "0000:00:02.0"};

	put_record(writer, 1, &call, sizeof(call));
	put_map(writer, 1, 0x5000);
	put_record(writer, 1, &back, sizeof(back));
	put_record(writer, 1, &member, sizeof(member));
}

static void our_probes_are_bound_by_the_name_of_their_group(void **state)
{
	struct pages *pages = pages_of_texts();
	struct page_writer writer;
	struct taken taken = {0};

	(void)state;
	bind_own(pages, "map", call_format);
	bind_own(pages, "map_return", return_format);
	bind_own(pages, "member", member_format);
	page_begin(&writer, 1000);
	put_probes(&writer);
	page_end(&writer, 0);
	assert_int_equal(decode(pages, writer.page, PAGE_MAX, &taken).unread_bytes, 0);
	assert_int_equal(taken.count, 4);
	assert_int_equal(taken.raws[0].kind, RAW_MAP_CALL);
	assert_int_equal(taken.raws[0].value[0], 0xffff888012345678);
	assert_int_equal(taken.raws[0].value[1], 0x1000);
	assert_int_equal(taken.raws[0].value[2], 8192);
	assert_int_equal(taken.raws[0].value[3], 7);
	assert_int_equal(taken.raws[1].kind, RAW_MAP);
	assert_int_equal(taken.raws[1].value[0], 0x5000);
	assert_int_equal(taken.raws[2].kind, RAW_MAP_RETURN);
	assert_int_equal(taken.raws[2].value[0], (uint64_t)-12);
	assert_int_equal(taken.raws[3].kind, RAW_GROUP_MEMBER);
	assert_int_equal(taken.raws[3].value[0], 12);
	assert_int_equal(taken.raws[3].value[1], 0xffff888087654321);
	assert_string_equal(taken.raws[3].text, "0000:00:02.0");
	taken_release(&taken);
	pages_free(pages);
}

static const char unmap_call_format[] =
	"name: unmap\nID: 1703\n" PROBE "\tfield:u64 domain;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 iova;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 size;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:u32 type;\toffset:40;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"x\"\n";

static const char unmap_format[] =
	"name: unmap\nID: 9\n" COMMON "\tfield:u64 iova;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:size_t size;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:size_t unmapped_size;\toffset:24;\tsize:8;\tsigned:0;\n\n"
	"print fmt: \"x\"\n";

static struct pages *pages_of_pairs(void)
{
	struct pages *pages = pages_of_texts();
	struct error err;

	bind_own(pages, "map", call_format);
	bind_own(pages, "unmap", unmap_call_format);
	assert_int_equal(
		pages_bind(pages, UNMAP, NULL, unmap_format, sizeof(unmap_format) - 1, &err), 0);
	return pages;
}

/* Of which one thing at a time is made another. */
struct two {
	struct call_record call;
	struct {
		uint16_t type;
		uint8_t flags, preempt_count;
		int32_t pid;
		uint64_t words[3];
	} tracepoint;
};

static struct two two_of(bool map)
{
	struct two two = {
		.call = {.type = map ? 1700 : 1703,
	                 .flags = TRACE_FLAG_SOFTIRQ | TRACE_FLAG_IRQS_OFF,
	                 .pid = 70,
	                 .ip = 1,
	                 .domain = 0xffff888012345678,
	                 .iova = 0xfffff000,
	                 .size = 8192,
	                 .prot = 0xfffffff3},
		.tracepoint = {.type = map ? 7 : 9, .flags = TRACE_FLAG_SOFTIRQ, .pid = 70},
	};

	two.tracepoint.words[0] = two.call.iova;
	two.tracepoint.words[1] = map ? 0x12345000 : two.call.size;
	two.tracepoint.words[2] = two.call.size;
	return two;
}

/* How many raws they make. */
static size_t decode_two(const struct two *two, struct taken *taken)
{
	struct pages *pages = pages_of_pairs();
	struct page_writer writer;

	page_begin(&writer, 1000);
	put_record(&writer, 5, &two->call, offsetof(struct call_record, end));
	put_record(&writer, 3, &two->tracepoint, sizeof(two->tracepoint));
	page_end(&writer, 0);
	taken->count = 0;
	assert_int_equal(decode(pages, writer.page, PAGE_MAX, taken).unread_bytes, 0);
	pages_free(pages);
	return taken->count;
}

static void a_call_and_its_tracepoint_are_a_pair(void **state)
{
	struct taken taken = {0};

	(void)state;
	for (int map = 0; map < 2; map++) {
		struct two two = two_of(map);
		const struct raw *pair = taken.raws;
		struct raw tracepoint;

		assert_int_equal(decode_two(&two, &taken), 1);
		assert_int_equal(pair->kind, map ? RAW_MAP_PAIR : RAW_UNMAP_PAIR);
		assert_int_equal(pair->ts_ns, 1005);
		assert_int_equal(pair->inside_ns, 3);
		assert_int_equal(pair->pid, 70);
		assert_int_equal(pair->cpu, 5);
		assert_int_equal(pair->context, CONTEXT_SOFT_IRQ);
		assert_int_equal(pair->value[0], 0xffff888012345678);
		assert_int_equal(pair->value[1], 0xfffff000);
		assert_int_equal(pair->value[2], 8192);
		assert_int_equal(pair->value[3], 0xfffffff3);
		assert_null(pair->text);
		assert_int_equal(raw_call_of(pair).kind, map ? RAW_MAP_CALL : RAW_UNMAP_CALL);
		assert_int_equal(raw_call_of(pair).ts_ns, 1005);
		tracepoint = raw_tracepoint_of(pair);
		assert_int_equal(tracepoint.kind, map ? RAW_MAP : RAW_UNMAP);
		assert_int_equal(tracepoint.ts_ns, 1008);
		assert_int_equal(tracepoint.value[0], 0xfffff000);
		assert_int_equal(tracepoint.value[1], 8192);
		assert_int_equal(tracepoint.value[2], map ? 0 : 8192);
	}
}

static void only_what_is_alike_is_a_pair(void **state)
{
	struct taken taken = {0};

	(void)state;
	for (int map = 0; map < 2; map++) {
		for (int what = 0; what < 7; what++) {
			struct two two = two_of(map);

			two.tracepoint.pid += what == 0;
			two.tracepoint.flags |= what == 1 ? TRACE_FLAG_HARDIRQ : 0;
			two.tracepoint.flags |= what == 2 ? TRACE_FLAG_NEED_RESCHED : 0;
			two.tracepoint.words[0] += what == 3 ? 1ull << 40 : 0;
			two.tracepoint.words[2] -= what == 4 ? 4096 : 0;
			two.call.size += what == 5 ? 4096 : 0;
			two.call.type = what == 6 ? (map ? 1703 : 1700) : two.call.type;
			assert_int_equal(decode_two(&two, &taken), 2);
			assert_int_equal(taken.raws[1].kind, map ? RAW_MAP : RAW_UNMAP);
			assert_int_equal(taken.raws[1].ts_ns, 1008);
		}
	}
}

/* More than are handed on at once, of both kinds, with others in between. */
static void pairs_are_found_among_others(void **state)
{
	struct pages *pages = pages_of_pairs();
	struct page_writer writer;
	struct taken taken = {0};
	size_t at = 0;

	(void)state;
	page_begin(&writer, 1000);
	for (unsigned int i = 0; i < 40; i++) {
		struct two two = two_of(i % 3);

		put_record(&writer, 1, &two.call, offsetof(struct call_record, end));
		if (i % 5 == 4)
			put_map(&writer, 1, 0x5000);
		put_record(&writer, 1, &two.tracepoint, sizeof(two.tracepoint));
	}
	page_end(&writer, 0);
	assert_int_equal(decode(pages, writer.page, PAGE_MAX, &taken).unread_bytes, 0);
	for (unsigned int i = 0; i < 40; i++) {
		if (i % 5 == 4) {
			assert_int_equal(taken.raws[at++].kind,
			                 i % 3 ? RAW_MAP_CALL : RAW_UNMAP_CALL);
			assert_int_equal(taken.raws[at++].value[0], 0x5000);
			assert_int_equal(taken.raws[at++].kind, i % 3 ? RAW_MAP : RAW_UNMAP);
		} else {
			assert_int_equal(taken.raws[at++].kind,
			                 i % 3 ? RAW_MAP_PAIR : RAW_UNMAP_PAIR);
		}
	}
	assert_int_equal(taken.count, at);
	assert_int_equal(raw_end_ns(&taken.raws[at - 1]), 1088);
	pages_free(pages);
}

/* What tells the device of the maps before it finds them as they are. */
static void there_are_no_pairs_where_devices_are_told(void **state)
{
	static const char format[] =
		"name: dma_map_phys\nID: 10\n" COMMON
		"\tfield:__data_loc char[] device;\toffset:8;\tsize:4;\tsigned:1;\n"
		"\tfield:u64 dma_addr;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\tfield:size_t size;\toffset:24;\tsize:8;\tsigned:0;\n\nprint fmt: \"x\"\n";
	struct pages *pages = pages_of_pairs();
	struct two two = two_of(true);
	struct page_writer writer;
	struct taken taken = {0};
	struct error err;

	(void)state;
	assert_int_equal(pages_bind(pages, row_of("dma", "dma_map_phys"), NULL, format,
	                            sizeof(format) - 1, &err),
	                 0);
	page_begin(&writer, 1000);
	put_record(&writer, 1, &two.call, offsetof(struct call_record, end));
	put_record(&writer, 1, &two.tracepoint, sizeof(two.tracepoint));
	page_end(&writer, 0);
	decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.raws[0].kind, RAW_MAP_CALL);
	assert_int_equal(taken.raws[1].kind, RAW_MAP);
	pages_free(pages);
}

static void a_probe_that_lacks_a_field_is_told_by_its_own_name(void **state)
{
	struct pages *pages;
	struct error err;

	(void)state;
	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_int_equal(pages_bind(pages, row_of(NULL, "map"), "iommutop_1", return_format,
	                            sizeof(return_format) - 1, &err),
	                 -1);
	assert_non_null(strstr(err.text, "iommutop_1:map"));
	pages_free(pages);
}

static void rows_say_when_they_are_wanted(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PAGE_BINDINGS; i++) {
		const struct page_binding *row = &page_bindings[i];

		assert_int_equal(row->system == NULL, row->set == SET_PROBES);
		assert_true(row->set < SET_COUNT);
		assert_true(row->class <= CLASS_COUNT);
		/* What no class switches is not switched by accident, as one of class 0. */
		if (row->set != SET_PROBES)
			assert_true(row->class < CLASS_COUNT);
		assert_int_equal(row_of(row->system, row->event), i);
	}
	assert_int_equal(page_bindings[row_of(NULL, "free")].class, CLASS_COUNT);
	assert_int_equal(page_bindings[row_of(NULL, "attach")].class, CLASS_DEVICE);
	assert_int_equal(page_bindings[row_of("dma", "dma_map_phys")].set, SET_FALLBACK);
	assert_int_equal(page_bindings[row_of("intel_iommu", "map_sg")].set, SET_ALWAYS);
}

/* drivers/iommu/intel/trace.h: what a unit that has page requests would write. */
static void a_page_request_has_its_words_and_its_device(void **state)
{
	struct {
		uint16_t type;
		uint8_t flags, preempt_count;
		int32_t pid;
		uint64_t words[4], sequence;
		uint32_t iommu, device, buffer, pad;
		char text[24];
	} record = {.pid = 4,
	            .words = {0x2a00180101, 0x5678003},
	            .iommu = 64 | 6u << 16,
	            .device = 70 | 13u << 16,
	            .buffer = 88,
	            .text = "dmar0\0"
	                    "0000:00:03.0"};
	static const char *const kernels[] = {"6.1", "6.12"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct pages *pages = pages_of_kernel(kernels[i]);
		struct page_writer writer;
		struct taken taken = {0};

		record.type = bind_fixture(pages, kernels[i], "intel_iommu", "prq_report");
		page_begin(&writer, 1000);
		put_record(&writer, 5, &record, sizeof(record));
		page_end(&writer, 0);
		decode(pages, writer.page, sizeof(writer.page), &taken);
		assert_int_equal(taken.count, 1);
		assert_int_equal(taken.raws[0].kind, RAW_PAGE_REQUEST);
		assert_int_equal(taken.raws[0].value[0], 0x2a00180101);
		assert_int_equal(taken.raws[0].value[1], 0x5678003);
		assert_string_equal(taken.raws[0].text, "0000:00:03.0");
		taken_release(&taken);
		pages_free(pages);
	}
}

/* include/trace/events/dma.h: with print formats full of what only the kernel knows. */
static void a_dma_record_has_its_device(void **state)
{
	static const char format[] =
		"name: dma_map_phys\nID: 60\n" COMMON
		"\tfield:__data_loc char[] device;\toffset:8;\tsize:4;\tsigned:0;\n"
		"\tfield:u64 phys_addr;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\tfield:u64 dma_addr;\toffset:24;\tsize:8;\tsigned:0;\n"
		"\tfield:size_t size;\toffset:32;\tsize:8;\tsigned:0;\n"
		"\tfield:enum dma_data_direction dir;\toffset:40;\tsize:4;\tsigned:0;\n"
		"\tfield:unsigned long attrs;\toffset:48;\tsize:8;\tsigned:0;\n\n"
		"print fmt: \"%s dir=%s\", __get_str(device), __print_symbolic(REC->dir, "
		"{ DMA_NONE, \"NONE\" })\n";
	struct {
		uint16_t type;
		uint8_t flags, preempt_count;
		int32_t pid;
		uint32_t device, pad;
		uint64_t phys, address, size;
		uint32_t dir, pad2;
		uint64_t attrs;
		char text[16];
	} record = {60, 0, 0, 4, 56 | 13u << 16, 0, 1, 0xfff01200, 0x600, 1, 0, 0, "0000:00:03.0"};
	struct pages *pages;
	struct page_writer writer;
	struct taken taken = {0};
	struct error err;

	(void)state;
	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_int_equal(pages_bind(pages, row_of("dma", "dma_map_phys"), NULL, format,
	                            sizeof(format) - 1, &err),
	                 0);
	page_begin(&writer, 1000);
	put_record(&writer, 5, &record, sizeof(record));
	page_end(&writer, 0);
	decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.raws[0].kind, RAW_DMA_MAP);
	assert_int_equal(taken.raws[0].value[0], 0xfff01200);
	assert_int_equal(taken.raws[0].value[1], 0x600);
	assert_string_equal(taken.raws[0].text, "0000:00:03.0");
	taken_release(&taken);
	pages_free(pages);
}

/* ---- lists ---- */

/* include/trace/events/dma.h of 6.12.117 and 7.2; the first ones lack the three fields between. */
static const char map_list_format[] =
	"name: dma_map_sg\nID: 61\n" COMMON
	"\tfield:__data_loc char[] device;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:int full_nents;\toffset:12;\tsize:4;\tsigned:1;\n"
	"\tfield:int full_ents;\toffset:16;\tsize:4;\tsigned:1;\n"
	"\tfield:bool truncated;\toffset:20;\tsize:1;\tsigned:0;\n"
	"\tfield:__data_loc u64[] phys_addrs;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc u64[] dma_addrs;\toffset:28;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc unsigned int[] lengths;\toffset:32;\tsize:4;\tsigned:0;\n"
	"\tfield:enum dma_data_direction dir;\toffset:36;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long attrs;\toffset:40;\tsize:8;\tsigned:0;\n\n"
	"print fmt: \"%s\", __get_str(device)\n";

static const char unmap_list_format[] =
	"name: dma_unmap_sg\nID: 62\n" COMMON
	"\tfield:__data_loc char[] device;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:__data_loc u64[] addrs;\toffset:12;\tsize:4;\tsigned:0;\n"
	"\tfield:enum dma_data_direction dir;\toffset:16;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long attrs;\toffset:24;\tsize:8;\tsigned:0;\n\n"
	"print fmt: \"%s\", __get_str(device)\n";

struct map_list_record {
	uint16_t type;
	uint8_t flags, preempt_count;
	int32_t pid;
	uint32_t device;
	int32_t full_nents, full_ents;
	uint32_t truncated;
	uint32_t phys_addrs, dma_addrs, lengths;
	uint32_t dir;
	uint64_t attrs;
	char text[16];
	uint64_t phys[3], dma[2];
	uint32_t length[2];
};

static uint32_t word_of(size_t offset, size_t bytes)
{
	return (uint32_t)(offset | bytes << 16);
}

static struct map_list_record map_list_record(void)
{
	return (struct map_list_record){
		.type = 61,
		.pid = 4,
		.device = word_of(offsetof(struct map_list_record, text), 13),
		.full_nents = 3,
		.full_ents = 2,
		.phys_addrs = word_of(offsetof(struct map_list_record, phys), 24),
		.dma_addrs = word_of(offsetof(struct map_list_record, dma), 16),
		.lengths = word_of(offsetof(struct map_list_record, length), 8),
		.text = "0000:00:04.0",
		.phys = {0x231a200, 0x2319000, 0x4000000},
		.dma = {0xfff03200, 0xfff05000},
		.length = {0x1e00, 0x800},
	};
}

static struct pages *pages_of_lists(void)
{
	struct pages *pages;
	struct error err;

	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_int_equal(pages_bind(pages, row_of("dma", "dma_map_sg"), NULL, map_list_format,
	                            sizeof(map_list_format) - 1, &err),
	                 0);
	assert_int_equal(pages_bind(pages, row_of("dma", "dma_unmap_sg"), NULL, unmap_list_format,
	                            sizeof(unmap_list_format) - 1, &err),
	                 0);
	return pages;
}

static struct page_summary decode_list(struct pages *pages, const struct map_list_record *record,
                                       struct taken *taken)
{
	struct page_writer writer;

	*taken = (struct taken){0};
	page_begin(&writer, 1000);
	put_record(&writer, 5, record, sizeof(*record));
	page_end(&writer, 0);
	return decode(pages, writer.page, PAGE_MAX, taken);
}

static void a_list_is_one_span(void **state)
{
	struct pages *pages = pages_of_lists();
	struct map_list_record record = map_list_record();
	struct taken taken;

	(void)state;
	assert_int_equal(decode_list(pages, &record, &taken).unread_bytes, 0);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.raws[0].kind, RAW_DMA_MAP_LIST);
	assert_int_equal(taken.raws[0].value[0], 0xfff03200);
	assert_int_equal(taken.raws[0].value[1], 0x2600);
	assert_int_equal(taken.raws[0].value[2], 0x231a200);
	assert_int_equal(taken.raws[0].pid, 4);
	assert_string_equal(taken.raws[0].text, "0000:00:04.0");
	taken_release(&taken);
	pages_free(pages);
}

static void no_span_of(struct pages *pages, const struct map_list_record *record)
{
	struct taken taken;

	decode_list(pages, record, &taken);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.raws[0].kind, RAW_DMA_MAP_LIST);
	assert_int_equal(taken.raws[0].value[1], 0);
	taken_release(&taken);
}

static void a_list_in_no_order_has_no_span(void **state)
{
	struct pages *pages = pages_of_lists();
	struct map_list_record record = map_list_record();

	(void)state;
	record.dma[1] = 0xffe00000;
	no_span_of(pages, &record);
	record.dma[1] = 0xfff04fff; /* within the first */
	no_span_of(pages, &record);
	record.dma[1] = UINT64_MAX; /* as of an error: beyond the end */
	no_span_of(pages, &record);
	record = map_list_record();
	record.lengths = word_of(offsetof(struct map_list_record, length), 4);
	no_span_of(pages, &record);
	pages_free(pages);
}

/* Left out, and nothing else with it. */
static void a_list_that_is_not_in_its_record_is_left_out(void **state)
{
	struct pages *pages = pages_of_lists();
	struct map_list_record good = map_list_record();
	const uint32_t bad_words[] = {
		word_of(sizeof(good), 8),                           /* behind it */
		word_of(sizeof(good) - 8, 16),                      /* runs past it */
		word_of(0xffff, 0xfff8),                            /* far past it */
		word_of(offsetof(struct map_list_record, phys), 0), /* empty */
		word_of(offsetof(struct map_list_record, phys), 7), /* part of an entry */
	};

	(void)state;
	for (size_t i = 0; i < 3 * ARRAY_SIZE(bad_words); i++) {
		struct map_list_record record = good;
		uint32_t word = bad_words[i / 3];
		struct taken taken;

		if (i % 3 == 0)
			record.phys_addrs = word;
		else if (i % 3 == 1)
			record.dma_addrs = word;
		else
			record.lengths = word;
		assert_int_equal(decode_list(pages, &record, &taken).unread_bytes, 0);
		assert_int_equal(taken.count, 0);
		taken_release(&taken);
	}
	pages_free(pages);
}

static void an_unmapped_list_has_its_memory(void **state)
{
	const struct {
		uint16_t type;
		uint8_t flags, preempt_count;
		int32_t pid;
		uint32_t device, addrs, dir, pad;
		uint64_t attrs;
		char text[16];
		uint64_t phys[2];
	} record = {62,
	            0,
	            0,
	            4,
	            word_of(32, 13),
	            word_of(48, 16),
	            1,
	            0,
	            0,
	            "0000:00:04.0",
	            {0x231a200, 0x2319000}};
	struct pages *pages = pages_of_lists();
	struct page_writer writer;
	struct taken taken = {0};

	(void)state;
	page_begin(&writer, 1000);
	put_record(&writer, 5, &record, sizeof(record));
	page_end(&writer, 0);
	decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.raws[0].kind, RAW_DMA_UNMAP_LIST);
	assert_int_equal(taken.raws[0].value[0], 0x231a200);
	assert_int_equal(taken.raws[0].value[1], 0);
	assert_string_equal(taken.raws[0].text, "0000:00:04.0");
	taken_release(&taken);
	pages_free(pages);
}

static void a_list_of_unknown_entries_is_not_bound(void **state)
{
	static const char format[] =
		"name: dma_unmap_sg\nID: 62\n" COMMON
		"\tfield:__data_loc char[] device;\toffset:8;\tsize:4;\tsigned:0;\n"
		"\tfield:__data_loc struct pair[] addrs;\toffset:12;\tsize:4;\tsigned:0;\n\n"
		"print fmt: \"%s\", __get_str(device)\n";
	struct pages *pages;
	struct error err;

	(void)state;
	pages = pages_new(header_page, sizeof(header_page) - 1, &err);
	assert_int_equal(pages_bind(pages, row_of("dma", "dma_unmap_sg"), NULL, format,
	                            sizeof(format) - 1, &err),
	                 -1);
	assert_non_null(strstr(err.text, "addrs"));
	pages_free(pages);
}

/* ---- time ---- */

static void time_adds_up(void **state)
{
	struct pages *pages = pages_of_texts();
	struct page_writer writer;
	struct taken taken = {0};

	(void)state;
	page_begin(&writer, 1000);
	put_map(&writer, 10, 1);
	put_head(&writer, 30, 5); /* extend: 5 + (2 << 27) */
	put_word(&writer, 2);
	put_map(&writer, 0, 2);
	put_head(&writer, 29, 7); /* discarded: 4 + 8 bytes */
	put_word(&writer, 8);
	put_word(&writer, 0);
	put_map(&writer, 1, 3);
	page_end(&writer, 0);
	assert_int_equal(decode(pages, writer.page, PAGE_MAX, &taken).unread_bytes, 0);
	assert_int_equal(taken.count, 3);
	assert_int_equal(taken.raws[0].ts_ns, 1010);
	assert_int_equal(taken.raws[1].ts_ns, 1015 + (2ull << 27));
	assert_int_equal(taken.raws[2].ts_ns, 1023 + (2ull << 27));
	pages_free(pages);
}

static uint64_t time_after_stamp(const struct pages *pages, uint64_t page_ns, uint64_t stamp)
{
	struct page_writer writer;
	struct taken taken = {0};

	page_begin(&writer, page_ns);
	put_head(&writer, 31, (uint32_t)(stamp & ((1u << 27) - 1)));
	put_word(&writer, (uint32_t)(stamp >> 27));
	put_map(&writer, 0, 1);
	page_end(&writer, 0);
	decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(taken.count, 1);
	return taken.raws[0].ts_ns;
}

static void absolute_time_keeps_its_high_bits(void **state)
{
	const uint64_t turn = 1ull << 59;
	struct pages *pages = pages_of_texts();

	(void)state;
	assert_int_equal(time_after_stamp(pages, 1000, 5000), 5000);
	assert_int_equal(time_after_stamp(pages, 3 * turn + 1000, 5000), 3 * turn + 5000);
	assert_int_equal(time_after_stamp(pages, 3 * turn + 9000, 5000), 4 * turn + 5000);
	pages_free(pages);
}

static void padding_without_time_ends_a_page(void **state)
{
	struct pages *pages = pages_of_texts();
	struct page_writer writer;
	struct taken taken = {0};

	(void)state;
	page_begin(&writer, 1000);
	put_map(&writer, 10, 1);
	put_head(&writer, 29, 0);
	put_map(&writer, 10, 2);
	page_end(&writer, 0);
	assert_int_equal(decode(pages, writer.page, PAGE_MAX, &taken).unread_bytes, 0);
	assert_int_equal(taken.count, 1);
	pages_free(pages);
}

/* ---- records ---- */

static void long_records_have_their_length_behind(void **state)
{
	struct map_record record = {.type = 7, .iova = 0x9000};
	struct pages *pages = pages_of_texts();
	struct page_writer writer;
	struct taken taken = {0};

	(void)state;
	page_begin(&writer, 1000);
	put_head(&writer, 0, 3);
	put_word(&writer, 4 + 200);
	memcpy(writer.page + writer.at, &record, sizeof(record));
	writer.at += 200;
	put_map(&writer, 1, 1);
	page_end(&writer, 0);
	assert_int_equal(decode(pages, writer.page, PAGE_MAX, &taken).unread_bytes, 0);
	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.raws[0].value[0], 0x9000);
	assert_int_equal(taken.raws[1].ts_ns, 1004);
	pages_free(pages);
}

static void others_events_are_passed_over(void **state)
{
	struct map_record record = {.type = 999};
	struct pages *pages = pages_of_texts();
	struct page_writer writer;
	struct taken taken = {0};
	uint32_t word = 0;

	(void)state;
	page_begin(&writer, 1000);
	put_record(&writer, 1, &record, sizeof(record));
	put_record(&writer, 1, &word, sizeof(word));
	put_map(&writer, 1, 1);
	page_end(&writer, 0);
	assert_int_equal(decode(pages, writer.page, PAGE_MAX, &taken).unread_bytes, 0);
	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.raws[0].ts_ns, 1003);
	assert_int_equal(taken.raws[0].pid, -3);
	pages_free(pages);
}

static void put_attach(struct page_writer *writer, uint32_t offset, uint32_t length,
                       const char *text)
{
	struct text_record record = {.type = 8, .device = offset | length << 16};

	memcpy(record.text, text, strnlen(text, sizeof(record.text)));
	put_record(writer, 1, &record, sizeof(record));
}

static void texts_are_not_trusted(void **state)
{
	static const struct {
		uint32_t offset, length;
		const char *text, *expected; /* NULL: the record makes no sense */
	} rows[] = {
		{12, 13, "0000:00:02.0", "0000:00:02.0"},
		{12, 20, "01234567890123456789", "01234567890123456789"}, /* no NUL */
		{12, 4, "0000:00:02.0", "0000"},
		{12, 0, "0000:00:02.0", ""},
		{32, 0, "", ""},
		{12, 21, "x", NULL},
		{33, 0, "x", NULL},
		{0xffff, 0xffff, "x", NULL},
	};
	struct pages *pages = pages_of_texts();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct page_writer writer;
		struct taken taken = {0};

		page_begin(&writer, 1000);
		put_attach(&writer, rows[i].offset, rows[i].length, rows[i].text);
		page_end(&writer, 0);
		decode(pages, writer.page, writer.at, &taken);
		assert_int_equal(taken.count, 1);
		assert_int_equal(taken.raws[0].kind, rows[i].expected ? RAW_ATTACH : RAW_LOST);
		if (rows[i].expected)
			assert_string_equal(taken.raws[0].text, rows[i].expected);
		taken_release(&taken);
	}
	pages_free(pages);
}

/* ---- losses ---- */

static struct raw first_with_bits(const struct pages *pages, uint64_t bits, uint64_t count,
                                  size_t size)
{
	struct page_writer writer;
	struct taken taken = {0};
	struct page_summary summary;

	page_begin(&writer, 1000);
	put_head(&writer, 30, 5); /* where kbuffer_missed_events() forgets */
	put_word(&writer, 0);
	put_map(&writer, 10, 1);
	page_end(&writer, bits);
	memcpy(writer.page + writer.at, &count, 8);
	summary = decode(pages, writer.page, size ? size : PAGE_MAX, &taken);
	assert_int_equal(summary.data_bytes, writer.at - 16);
	assert_int_equal(summary.lost, bits >> 31 & 1);
	assert_int_equal(summary.last_ns, 1015);
	assert_int_equal(taken.count, bits ? 2 : 1);
	return taken.raws[0];
}

static void lost_events_are_told_first(void **state)
{
	const uint64_t missed = 1ull << 31;
	const uint64_t stored = 1ull << 30;
	struct pages *pages = pages_of_texts();
	struct raw raw;

	(void)state;
	raw = first_with_bits(pages, missed | stored, 1234567, 0);
	assert_int_equal(raw.kind, RAW_LOST);
	assert_int_equal(raw.value[0], 1234567);
	assert_int_equal(raw.ts_ns, 1000);
	assert_int_equal(raw.cpu, 5);
	raw = first_with_bits(pages, missed, 1234567, 0);
	assert_int_equal(raw.kind, RAW_LOST);
	assert_int_equal(raw.value[0], 0);
	raw = first_with_bits(pages, missed | stored, 1234567, 16 + 8 + 36 + 7);
	assert_int_equal(raw.kind, RAW_LOST);
	assert_int_equal(raw.value[0], 0);
	raw = first_with_bits(pages, 0, 1234567, 0);
	assert_int_equal(raw.kind, RAW_MAP);
	pages_free(pages);
}

static void nonsense_ends_reading_and_is_told(void **state)
{
	struct pages *pages = pages_of_texts();
	struct page_writer writer;
	struct taken taken = {0};
	struct page_summary summary;

	(void)state;
	page_begin(&writer, 1000);
	put_map(&writer, 10, 1);
	put_head(&writer, 0, 1); /* a record of 3 bytes cannot hold its own length */
	put_word(&writer, 3);
	put_map(&writer, 10, 2);
	page_end(&writer, 0);
	summary = decode(pages, writer.page, PAGE_MAX, &taken);
	assert_int_equal(summary.unread_bytes, 8 + 36);
	assert_int_equal(summary.last_ns, 1010);
	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.raws[1].kind, RAW_LOST);
	assert_int_equal(taken.raws[1].value[0], 0);
	assert_int_equal(taken.raws[1].ts_ns, 1010);
	pages_free(pages);
}

/* ---- hostile pages ---- */

/* In memory of just that size, so that the sanitizer sees one byte too far. */
static struct page_summary decode_exactly(const struct pages *pages, const void *page, size_t size,
                                          struct taken *taken)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct page_summary summary;

	assert_non_null(copy);
	memcpy(copy, page, size);
	summary = decode(pages, copy, size, taken);
	free(copy);
	return summary;
}

static void check_cut(const struct pages *pages, const char *page, size_t size, size_t whole)
{
	struct taken *full = xcalloc(1, sizeof(*full));
	struct taken *cut = xcalloc(1, sizeof(*cut));
	struct page_summary summary;
	size_t count;

	decode_exactly(pages, page, whole, full);
	summary = decode_exactly(pages, page, size, cut);
	count = cut->count;
	if (size >= 16) {
		assert_true(summary.unread_bytes >= whole - size);
		assert_int_equal(cut->raws[--count].kind, RAW_LOST);
	} else {
		assert_int_equal(summary.unread_bytes, size);
	}
	assert_true(count < full->count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(cut->raws[i].ts_ns, full->raws[i].ts_ns);
		assert_int_equal(cut->raws[i].kind, full->raws[i].kind);
		assert_memory_equal(cut->raws[i].value, full->raws[i].value,
		                    sizeof(full->raws[i].value));
	}
	taken_release(full);
	taken_release(cut);
	free(full);
	free(cut);
}

static void every_cut_leaves_a_beginning(void **state)
{
	static const char *const kernels[] = {"6.1", "6.12"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct pages *pages = pages_of_kernel(kernels[i]);
		char path[256];
		size_t size;
		char *page;

		snprintf(path, sizeof(path), FIXTURES "pages/%s.cpu0.0", kernels[i]);
		page = read_file(path, &size);
		assert_non_null(page);
		for (size_t cut = 0; cut < size; cut++)
			check_cut(pages, page, cut, size);
		free(page);
		pages_free(pages);
	}
}

static void damage(uint8_t *page, size_t size)
{
	for (int hits = rand() % 8; hits >= 0; hits--) {
		size_t at = (size_t)rand() % size;

		if (rand() % 2)
			page[at] ^= (uint8_t)(1 << rand() % 8);
		else
			page[at] = (uint8_t)rand();
	}
}

static void damaged_pages_do_no_harm(void **state)
{
	struct pages *pages = pages_of_kernel("6.1");
	struct taken *taken = xcalloc(1, sizeof(*taken));
	size_t size;
	char *page = read_file(FIXTURES "pages/6.1.cpu0.0", &size);
	uint8_t *copy = xmalloc(size);

	(void)state;
	assert_non_null(page);
	srand(1);
	for (int i = 0; i < 50000; i++) {
		struct page_summary summary;

		memcpy(copy, page, size);
		damage(copy, size);
		summary = decode(pages, copy, size, taken);
		assert_true(summary.unread_bytes == 0 || taken->count > 0);
		taken_release(taken);
	}
	free(copy);
	free(page);
	free(taken);
	pages_free(pages);
}

static void noise_does_no_harm(void **state)
{
	struct pages *pages = pages_of_kernel("6.12");
	struct taken *taken = xcalloc(1, sizeof(*taken));
	uint8_t page[600];

	(void)state;
	srand(2);
	for (int i = 0; i < 50000; i++) {
		for (size_t at = 0; at < sizeof(page); at++)
			page[at] = (uint8_t)rand();
		page[10] = page[11] = 0; /* else nearly all would only be too long */
		decode(pages, page, (size_t)rand() % sizeof(page), taken);
		taken_release(taken);
	}
	free(taken);
	pages_free(pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_linux_6_1_reads),
		cmocka_unit_test(reads_what_linux_6_12_reads),
		cmocka_unit_test(fields_move_and_company_is_fine),
		cmocka_unit_test(records_are_read_wherever_their_fields_are),
		cmocka_unit_test(a_missing_field_is_told),
		cmocka_unit_test(old_unmap_takes_its_size),
		cmocka_unit_test(our_probes_are_bound_by_the_name_of_their_group),
		cmocka_unit_test(a_call_and_its_tracepoint_are_a_pair),
		cmocka_unit_test(only_what_is_alike_is_a_pair),
		cmocka_unit_test(pairs_are_found_among_others),
		cmocka_unit_test(there_are_no_pairs_where_devices_are_told),
		cmocka_unit_test(a_probe_that_lacks_a_field_is_told_by_its_own_name),
		cmocka_unit_test(rows_say_when_they_are_wanted),
		cmocka_unit_test(a_page_request_has_its_words_and_its_device),
		cmocka_unit_test(a_dma_record_has_its_device),
		cmocka_unit_test(a_list_is_one_span),
		cmocka_unit_test(a_list_in_no_order_has_no_span),
		cmocka_unit_test(a_list_that_is_not_in_its_record_is_left_out),
		cmocka_unit_test(an_unmapped_list_has_its_memory),
		cmocka_unit_test(a_list_of_unknown_entries_is_not_bound),
		cmocka_unit_test(time_adds_up),
		cmocka_unit_test(absolute_time_keeps_its_high_bits),
		cmocka_unit_test(padding_without_time_ends_a_page),
		cmocka_unit_test(long_records_have_their_length_behind),
		cmocka_unit_test(others_events_are_passed_over),
		cmocka_unit_test(texts_are_not_trusted),
		cmocka_unit_test(lost_events_are_told_first),
		cmocka_unit_test(nonsense_ends_reading_and_is_told),
		cmocka_unit_test(every_cut_leaves_a_beginning),
		cmocka_unit_test(damaged_pages_do_no_harm),
		cmocka_unit_test(noise_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
