// SPDX-License-Identifier: GPL-2.0-or-later
/* text_line: a line of a trace as kernels, trace-cmd and perf print it, and lines that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event.h"
#include "sources/text_line.h"
#include "util.h"

#define MAP   "IOMMU: iova=0x00000000fff90000 - 0x00000000fffa0000 paddr=0x83a1000 size=65536"
#define CALL  "domain=0xffff8880055f9650 iova=0xfff90000 size=65536 prot=0x6"
#define IRQ   CONTEXT_HARD_IRQ
#define NONE  CONTEXT_UNKNOWN
#define NANOS TEXT_HAS_NANOSECONDS

static const struct spelling {
	const char *line;
	const char *comm;
	uint64_t ns;
	int32_t pid;
	uint16_t cpu;
	uint8_t flags, context, kind;
	uint64_t values[4];
} spellings[] = {
	/* 3.13 to 4.9 */
	{"          <idle>-0     [000] d.h2   123.456789: map: IOMMU: iova=0x00000000ffffe000 "
         "paddr=0x0000000036d2c000 size=0x1000",
         "<idle>",
         123456789000,
         0,
         0,
         0,
         IRQ,
         RAW_MAP,
         {0xffffe000, 4096}},
	{"           <...>-12    [003] ..s1  1.000001: unmap: IOMMU: iova=0x1000 size=0x2000",
         "<...>",
         1000001000,
         12,
         3,
         0,
         CONTEXT_SOFT_IRQ,
         RAW_UNMAP,
         {4096, 8192, 8192}},
	/* 4.15 to 5.15 */
	{"            Xorg-1234  [001] dNh1 123.456789: unmap: IOMMU: iova=0x0000000000001000 "
         "size=8192 unmapped_size=4096",
         "Xorg",
         123456789000,
         1234,
         1,
         0,
         IRQ | CONTEXT_NEED_RESCHED,
         RAW_UNMAP,
         {4096, 8192, 4096}},
	/* 5.17 and later, and its options */
	{"              dd-289     [001] .....    69.670461: map: " MAP,
         "dd",
         69670461000,
         289,
         1,
         0,
         0,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"              dd-289     [001] d.H1.    69.670461: map: (__iommu_map+0x0/0x2a0) " CALL,
         "dd",
         69670461000,
         289,
         1,
         0,
         IRQ | CONTEXT_SOFT_IRQ,
         RAW_MAP_CALL,
         {0xffff8880055f9650, 0xfff90000, 65536, 6}},
	{"              dd-311     (    311) [000] .....   102.411200: map: " MAP,
         "dd",
         102411200000,
         311,
         0,
         0,
         0,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"              dd-311     (-------) [000] .....   102.411200: map: " MAP,
         "dd",
         102411200000,
         311,
         0,
         0,
         0,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"              dd-311     [000]    102.411200: map: " MAP,
         "dd",
         102411200000,
         311,
         0,
         0,
         NONE,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"  <idle>-0        12d.h1. 69692us+: map: " MAP,
         "<idle>",
         69692000,
         0,
         12,
         TEXT_IS_RELATIVE,
         IRQ,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"      dd-311       0..... 69225us : map: " MAP,
         "dd",
         69225000,
         311,
         0,
         TEXT_IS_RELATIVE,
         0,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"              dd-289     [001] .....  8123456: map: " MAP,
         "dd",
         8123456,
         289,
         1,
         TEXT_IS_NO_TIME,
         0,
         RAW_MAP,
         {0xfff90000, 65536}},
	/* trace-cmd report, and -l, -t, -R */
	{"              dd-289   [001]    69.670461: map:                  " MAP,
         "dd",
         69670461000,
         289,
         1,
         0,
         NONE,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"      dd-289     1d.h1.    69.670461: map:                  " MAP,
         "dd",
         69670461000,
         289,
         1,
         0,
         IRQ,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"              dd-289   [001]    69.670461123: map:                  " MAP,
         "dd",
         69670461123,
         289,
         1,
         NANOS,
         NONE,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"              dd-289   [001]    69.669386: map:                   "
         "__probe_ip=ffffffff816e39b0 " CALL,
         "dd",
         69669386000,
         289,
         1,
         0,
         NONE,
         RAW_MAP_CALL,
         {0xffff8880055f9650, 0xfff90000, 65536, 6}},
	{"              dd-289   [001]    69.669386: map: iova=0x1000 paddr=0x2000 size=4096",
         "dd",
         69669386000,
         289,
         1,
         0,
         NONE,
         RAW_MAP,
         {4096, 4096}},
	/* perf script, and -F +pid, --ns */
	{"              dd   289 [001]    69.670548:                       iommu:map: " MAP,
         "dd",
         69670548000,
         289,
         1,
         0,
         NONE,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"              dd   288/289   [001]    69.670548718:     iommutop_9:map:    "
         "(ffffffff816e39b0) " CALL,
         "dd",
         69670548718,
         289,
         1,
         NANOS,
         NONE,
         RAW_MAP_CALL,
         {0xffff8880055f9650, 0xfff90000, 65536, 6}},
	{"dd   289    69.670548:  iommu:map: " MAP,
         "dd",
         69670548000,
         289,
         0,
         0,
         NONE,
         RAW_MAP,
         {0xfff90000, 65536}},
	/* names of tasks are anything */
	{"   a b-1 2: x: y-77 [002] .....  1.000000: map: " MAP,
         "a b-1 2: x: y",
         1000000000,
         77,
         2,
         0,
         0,
         RAW_MAP,
         {0xfff90000, 65536}},
	{"  kworker/0:1-eve  1 [000]  1.000000: iommu:map: " MAP,
         "kworker/0:1-eve",
         1000000000,
         1,
         0,
         0,
         NONE,
         RAW_MAP,
         {0xfff90000, 65536}},
	/* the other events */
	{"  dd-1 [000] .....  1.000000: map_return: (a+0x0/0x1 <- b) ret=-12",
         "dd",
         1000000000,
         1,
         0,
         0,
         0,
         RAW_MAP_RETURN,
         {(uint64_t)-12}},
	{"  dd-1 [000] .....  1.000000: free: (iommu_domain_free+0x0/0x60) domain=0xff",
         "dd",
         1000000000,
         1,
         0,
         0,
         0,
         RAW_DOMAIN_FREE,
         {0xff}},
	{"  dd-1 [000] .....  1.000000: sched_switch: prev=x ==> next=y",
         "dd",
         1000000000,
         1,
         0,
         0,
         0,
         RAW_KIND_COUNT,
         {0}},
	/* one that lacks what it has to have, and one of somebody else's probe */
	{"  dd-1 [000] .....  1.000000: map: IOMMU: iova=0x1000",
         "dd",
         1000000000,
         1,
         0,
         0,
         0,
         RAW_UNREAD,
         {RAW_MAP}},
	{"  dd 1 [000]  1.000000: others:map: " MAP,
         "dd",
         1000000000,
         1,
         0,
         0,
         NONE,
         RAW_KIND_COUNT,
         {0}},
};

static void each_spelling_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		const struct spelling *want = &spellings[i];
		struct text_line line;

		print_message("%s\n", want->line);
		text_line_read(want->line, &line);
		assert_int_equal(line.kind, TEXT_LINE_EVENT);
		assert_int_equal(line.raw.kind, want->kind);
		assert_int_equal(line.raw.ts_ns, want->ns);
		assert_int_equal(line.raw.pid, want->pid);
		assert_int_equal(line.raw.cpu, want->cpu);
		assert_int_equal(line.flags, want->flags);
		assert_int_equal(line.raw.context, want->context);
		assert_int_equal(line.comm_length, strlen(want->comm));
		assert_memory_equal(line.comm, want->comm, line.comm_length);
		assert_memory_equal(line.raw.value, want->values, sizeof(want->values));
		assert_null(line.raw.text);
	}
}

static void devices_are_read(void **state)
{
	static const struct {
		const char *rest, *device;
		uint8_t kind;
		uint64_t values[3];
	} rows[] = {
		{"attach_device_to_domain: IOMMU: device=0000:00:02.0",
	         "0000:00:02.0",
	         RAW_ATTACH,
	         {0}},
		{"detach_device_from_domain: IOMMU: device=0000:00:02.0",
	         "0000:00:02.0",
	         RAW_DETACH,
	         {0}},
		{"add_device_to_group: IOMMU: groupID=7 device=0000:00:02.0",
	         "0000:00:02.0",
	         RAW_GROUP_ADD,
	         {7}},
		{"remove_device_from_group:  gid=7 device=0000:00:02.0",
	         "0000:00:02.0",
	         RAW_GROUP_LEAVE,
	         {7}},
		{"io_page_fault: IOMMU:e1000e 0000:00:02.0 iova=0x00000000deadb000 flags=0x0001",
	         "0000:00:02.0",
	         RAW_FAULT,
	         {0xdeadb000, 1}},
		{"map_single: dev=0000:00:02.0 dev_addr=0xfff0000 phys_addr=0x1000 size=4096",
	         "0000:00:02.0",
	         RAW_DEVICE_MAP,
	         {0xfff0000, 4096}},
		{"map_sg: dev=0000:00:02.0 [1/4] dev_addr=0xfff0000 phys_addr=0x1000 size=4096",
	         "0000:00:02.0",
	         RAW_DEVICE_MAP,
	         {0xfff0000, 4096, 4}},
		{"unmap_sg: dev=0000:00:02.0 dev_addr=0xfff0000 size=4096",
	         "0000:00:02.0",
	         RAW_DEVICE_UNMAP,
	         {0xfff0000, 4096}},
		/* include/trace/events/dma.h */
		{"dma_map_phys: 0000:00:02.0 dir=FROM_DEVICE dma_addr=fff90040 size=1522 "
	         "phys_addr=1000 attrs=SKIP_CPU_SYNC",
	         "0000:00:02.0",
	         RAW_DMA_MAP,
	         {0xfff90040, 1522}},
		{"dma_map_page:  device=0000:00:02.0 phys_addr=0x1000 dma_addr=0x00000000fff90000 "
	         "size=4096 dir=2 attrs=0x0",
	         "0000:00:02.0",
	         RAW_DMA_MAP,
	         {0xfff90000, 4096}},
		{"dma_alloc: 0000:00:02.0 dir=BIDIRECTIONAL dma_addr=12345000 size=4096 "
	         "virt_addr=000000004a1f flags=GFP_KERNEL attrs=",
	         "0000:00:02.0",
	         RAW_DMA_MAP,
	         {0x12345000, 4096}},
		{"dma_unmap_phys: 0000:00:02.0 dir=FROM_DEVICE dma_addr=fff90040 size=1522 attrs=",
	         "0000:00:02.0",
	         RAW_DMA_UNMAP,
	         {0xfff90040, 1522}},
		{"dma_unmap_page:  device=0000:00:02.0 addr=0xfff90040 size=1522 dir=2 attrs=0x0",
	         "0000:00:02.0",
	         RAW_DMA_UNMAP,
	         {0xfff90040, 1522}},
		{"dma_free: 0000:00:02.0 dir=NONE dma_addr=fff90000 size=8192 virt_addr=00 attrs=",
	         "0000:00:02.0",
	         RAW_DMA_FREE,
	         {0xfff90000, 8192}},
		{"dma_free_sgt: 0000:00:02.0 dir=NONE dma_addr=fff90000 size=8192 "
	         "phys_addrs={0x1000,0x3000}",
	         "0000:00:02.0",
	         RAW_DMA_FREE,
	         {0xfff90000, 8192}},
		{"dma_unmap_sg: 0000:00:02.0 dir=TO_DEVICE phys_addrs={0x8000,0x3000} attrs=",
	         "0000:00:02.0",
	         RAW_DMA_UNMAP_LIST,
	         {0x8000}},
		{"dma_map_sg: 0000:00:02.0 dir=TO_DEVICE nents=2/2 ents=2/2 "
	         "dma_addrs={0xff000,0x100000} sizes={0x1000,0x200} phys_addrs={0x8000,0x3000} "
	         "attrs=",
	         "0000:00:02.0",
	         RAW_DMA_MAP_LIST,
	         {0xff000, 0x1200, 0x8000}},
		{"dma_map_sg:           [FAILED TO PARSE] device=0000:00:04.0 full_nents=2 "
	         "full_ents=2 truncated=0 phys_addrs=ARRAY[00, 00, 57, 05, 01, 00, 00, 00, 00, 10, "
	         "98, 02, 01, 00, 00, 00] dma_addrs=ARRAY[00, 00, fa, ff, 00, 00, 00, 00, 00, 10, "
	         "fa, ff, 00, 00, 00, 00] lengths=ARRAY[00, 10, 00, 00, 00, 02, 00, 00] dir=2",
	         "0000:00:04.0",
	         RAW_DMA_MAP_LIST,
	         {0xfffa0000, 0x1200, 0x105570000}},
		{"dma_unmap_sg:         [FAILED TO PARSE] device=0000:00:04.0 "
	         "addrs=ARRAY[00, 00, 57, 05, 01, 00, 00, 00, 00, 10, 98, 02, 01, 00, 00, 00] "
	         "dir=2",
	         "0000:00:04.0",
	         RAW_DMA_UNMAP_LIST,
	         {0x105570000}},
		/* pieces that do not follow each other, and as many sizes as there are not */
		{"dma_map_sg: 0000:00:02.0 dir=TO_DEVICE nents=2/2 ents=2/2 "
	         "dma_addrs={0xff000,0x10000} sizes={0x1000,0x200} phys_addrs={0x8000} attrs=",
	         "0000:00:02.0",
	         RAW_DMA_MAP_LIST,
	         {0xff000, 0, 0x8000}},
		{"dma_map_sg: 0000:00:02.0 dir=TO_DEVICE nents=2/2 ents=2/2 "
	         "dma_addrs={0xff000,0x100000} sizes={0x1000} phys_addrs={0x8000} attrs=",
	         "0000:00:02.0",
	         RAW_DMA_MAP_LIST,
	         {0xff000, 0, 0x8000}},
		/* drivers/iommu/intel/trace.h, 5.15 and later */
		{"prq_report: dmar1/0000:00:0a.0 seq# 7: rid=0x50 addr=0x7f1234567 rw--l pasid=0x1 "
	         "index=0x3",
	         "0000:00:0a.0",
	         RAW_PAGE_REQUEST,
	         {1ull << 32 | 1 << 8, 0x7f1234567003}},
		{"prq_report: dmar1/0000:00:0a.0 seq# 7: rid=0x50 addr=0x1 r-xp- pasid=0x0 "
	         "index=0x0",
	         "0000:00:0a.0",
	         RAW_PAGE_REQUEST,
	         {1ull << 52, 0x1001}},
		{"prq_report: [FAILED TO PARSE] dw0=0x100000100 dw1=0x7f1234567003 dw2=0x0 dw3=0x0 "
	         "seq=7 iommu=dmar1 dev=0000:00:0a.0 buff=",
	         "0000:00:0a.0",
	         RAW_PAGE_REQUEST,
	         {1ull << 32 | 1 << 8, 0x7f1234567003}},
		{"dma_page: (iommu_dma_map_page+0x0/0x1) dev=\"0000:00:02.0\"",
	         "0000:00:02.0",
	         RAW_DMA_CALL,
	         {0}},
		{"member: (iommu_group_show_type+0x0/0x1) group=3 dev=0xff name=\"nvme 0\"",
	         "nvme 0",
	         RAW_GROUP_MEMBER,
	         {3, 0xff}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[600] = "  dd-1 [000] .....  1.000000: ";
		struct text_line line;

		strcat(text, rows[i].rest);
		text_line_read(text, &line);
		assert_int_equal(line.raw.kind, rows[i].kind);
		assert_string_equal(line.raw.text, rows[i].device);
		assert_memory_equal(line.raw.value, rows[i].values, sizeof(rows[i].values));
		free(line.raw.text);
	}
}

/* Those that do not tell what they were, and those that are nobody's or of others. */
static void lines_that_are_cut_are_told_apart(void **state)
{
	static const struct {
		const char *rest;
		uint8_t kind, was;
	} rows[] = {
		{"dma_map_phys: 0000:00:02.0", RAW_UNREAD, RAW_DMA_MAP},
		{"dma_map_phys: 0000:00:02.0 dir=FROM_DEVICE dma_addr=fff9004", RAW_UNREAD,
	         RAW_DMA_MAP},
		{"dma_map_sg: 0000:00:02.0 dir=TO_DEVICE dma_addrs={0xff000,0x1", RAW_UNREAD,
	         RAW_DMA_MAP_LIST},
		{"dma_map_sg: 0000:00:02.0 dir=TO_DEVICE dma_addrs={", RAW_UNREAD,
	         RAW_DMA_MAP_LIST},
		{"dma_map_sg: 0000:00:02.0 dir=TO_DEVICE dma_addrs={} sizes={} phys_addrs={} "
	         "attrs=",
	         RAW_KIND_COUNT, 0},
		{"dma_unmap_sg:  device=0000:00:02.0 addrs=ARRAY[00, 80, 00] dir=1", RAW_UNREAD,
	         RAW_DMA_UNMAP_LIST},
		{"dma_unmap_sg:  device=0000:00:02.0 addrs=ARRAY[00,", RAW_UNREAD,
	         RAW_DMA_UNMAP_LIST},
		{"prq_report: dmar1/0000:00:0a.0 seq# 7: rid=0x50 addr=0x1 r-xp", RAW_UNREAD,
	         RAW_PAGE_REQUEST},
		{"prq_report: dmar1", RAW_UNREAD, RAW_PAGE_REQUEST},
		{"add_device_to_group: IOMMU: groupID=7", RAW_UNREAD, RAW_GROUP_ADD},
		/* digits that are none, and sums that are not right */
		{"map: IOMMU: iova=0x1000 - 0x2000 paddr=0x1 size=4O96", RAW_UNREAD, RAW_MAP},
		{"map: IOMMU: iova=0x1000 - 0x2000 paddr=0x1 size=409", RAW_UNREAD, RAW_MAP},
		{"map: IOMMU: iova=0x1000 - 0x2OOO paddr=0x1 size=4096", RAW_UNREAD, RAW_MAP},
		{"unmap: IOMMU: iova=0x1000 - 0x2000 size=4096", RAW_UNREAD, RAW_UNMAP},
		{"unmap: IOMMU: iova=0x1000 size=4096 unmap", RAW_UNREAD, RAW_UNMAP},
		{"unmap: IOMMU: iova=0x1000 size=4096 unmapped_size=4O96", RAW_UNREAD, RAW_UNMAP},
		{"map:  iova=0x1000 paddr=0x1", RAW_UNREAD, RAW_MAP},
		/* without fields they may be one or the other, without a name any */
		{"", RAW_UNREAD, RAW_KIND_COUNT},
		{"map:", RAW_UNREAD, RAW_KIND_COUNT},
		{"unmap:    ", RAW_UNREAD, RAW_KIND_COUNT},
		{"map_return: ", RAW_UNREAD, RAW_MAP_RETURN},
		{"io_page_fault: ", RAW_UNREAD, RAW_FAULT},
		/* probes */
		{"map: (__iommu_map+0x0/0x2a0) domain=0xff iova=0x1000 siz", RAW_UNREAD,
	         RAW_MAP_CALL},
		{"map: (a+0x0/0x2a0) dom iova=0x1000", RAW_UNREAD, RAW_MAP_CALL},
		{"map: (__iommu_map+0x0/0x2a0) dom", RAW_UNREAD, RAW_MAP_CALL},
		{"map: (ffffffff816e39b0)", RAW_UNREAD, RAW_MAP_CALL},
		{"unmap: (fff", RAW_UNREAD, RAW_UNMAP_CALL},
		{"map:   __probe_ip=ffffffff816e39b0 do", RAW_UNREAD, RAW_MAP_CALL},
		{"free:   __pro", RAW_KIND_COUNT, 0},
		{"dma_page: (iommu_dma_map_page+0x0/0x1) dev=\"0000:00:0", RAW_UNREAD,
	         RAW_DMA_CALL},
		/* of the same name, by others */
		{"map: (do_it+0x0/0x2a0) x=0xff", RAW_KIND_COUNT, 0},
		{"map: (do_it+0x0/0x2a0)", RAW_KIND_COUNT, 0},
		{"free: (7f0012345678)", RAW_KIND_COUNT, 0},
		{"free: (7f0012345678) arg1=0xffff", RAW_KIND_COUNT, 0},
		{"others:map: (fffffff", RAW_KIND_COUNT, 0},
		{"others:unmap:", RAW_KIND_COUNT, 0},
		{"iommutop_7:map: (do_it+0x0/0x2a0)", RAW_UNREAD, RAW_MAP_CALL},
		{"sched_switch: prev=", RAW_KIND_COUNT, 0},
		{"group:x", RAW_KIND_COUNT, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[256] = "  dd-1 [000] .....  1.000000: ", *exact;
		struct text_line line;

		print_message("%s\n", rows[i].rest);
		append_text(text, sizeof(text), "%s", rows[i].rest);
		exact = xstrdup(text); /* what is behind its end is nobody's */
		text_line_read(exact, &line);
		free(exact);
		if (!strncmp(rows[i].rest, "group:x", 7)) {
			assert_int_equal(line.kind, TEXT_LINE_OTHER);
			continue;
		}
		assert_int_equal(line.kind, TEXT_LINE_EVENT);
		assert_int_equal(line.raw.kind, rows[i].kind);
		assert_null(line.raw.text);
		if (rows[i].kind == RAW_UNREAD)
			assert_int_equal(line.raw.value[0], rows[i].was);
	}
}

/* Without a newline a number may have had more digits; what does not matter, or has a sum that is
 * right, is whole. */
static void a_last_line_may_have_been_longer(void **state)
{
	static const struct {
		const char *line;
		uint8_t kind, raw_kind;
	} rows[] = {
		{" dd-1 [000] ..... 1.0: map: " MAP, TEXT_LINE_EVENT, RAW_MAP},
		{" dd-1 [000] ..... 1.0: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 "
	         "unmapped_size=4096",
	         TEXT_LINE_EVENT, RAW_UNMAP},
		{" dd-1 [000] ..... 1.0: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 "
	         "unmapped_size=409",
	         TEXT_LINE_EVENT, RAW_UNREAD},
		{" dd-1 [000] ..... 1.0: unmap: IOMMU: iova=0x1000 size=40", TEXT_LINE_EVENT,
	         RAW_UNREAD},
		{" dd-1 [000] ..... 1.0: map: (a+0x0/0x1) " CALL, TEXT_LINE_EVENT, RAW_UNREAD},
		{" dd-1 [000] ..... 1.0: attach_device_to_domain: IOMMU: device=0000:00:0",
	         TEXT_LINE_EVENT, RAW_UNREAD},
		{" dd-1 [000] ..... 1.0: dma_free: 0000:00:02.0 dir=NONE dma_addr=fff90000 "
	         "size=8192 virt_addr=00 att",
	         TEXT_LINE_EVENT, RAW_DMA_FREE},
		{" dd-1 [000] ..... 1.0: sched_switch: prev=x ==> ne", TEXT_LINE_EVENT,
	         RAW_KIND_COUNT},
		{" dd 1 [000] 1.0: iommu:", TEXT_LINE_CUT, 0},
		{" dd-1 [000] ..... 1.0: ma", TEXT_LINE_CUT, 0},
		{"dd-1 [0", TEXT_LINE_CUT, 0},
		{"      ", TEXT_LINE_CUT, 0},
		{"Thanks, Bob", TEXT_LINE_OTHER, 0},
		{"```", TEXT_LINE_OTHER, 0},
		{"", TEXT_LINE_OTHER, 0},
		{"CPU:1 [LOST EVENTS]", TEXT_LINE_LOST, 0},
		{"# end", TEXT_LINE_REMARK, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *exact = xstrdup(rows[i].line);
		struct text_line line;

		print_message("%s\n", rows[i].line);
		text_line_read_last(exact, &line);
		assert_string_equal(exact, rows[i].line);
		assert_int_equal(line.kind, rows[i].kind);
		if (line.kind == TEXT_LINE_EVENT)
			assert_int_equal(line.raw.kind, rows[i].raw_kind);
		free(line.raw.text);
		free(exact);
	}
}

static void losses_are_read(void **state)
{
	static const struct {
		const char *line;
		uint16_t cpu;
		uint64_t lost;
	} rows[] = {
		{"CPU:3 [LOST 1234 EVENTS]", 3, 1234},
		{"CPU:0 [LOST EVENTS]", 0, 0},
		{"CPU:12 [7 EVENTS DROPPED]", 12, 7},
		{"CPU:1 [EVENTS DROPPED]", 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text_line line;

		text_line_read(rows[i].line, &line);
		assert_int_equal(line.kind, TEXT_LINE_LOST);
		assert_int_equal(line.raw.cpu, rows[i].cpu);
		assert_int_equal(line.lost, rows[i].lost);
	}
}

static void other_lines_are_told_apart(void **state)
{
	static const struct {
		const char *line;
		uint8_t kind;
	} rows[] = {
		{"# tracer: nop", TEXT_LINE_REMARK},
		{"cpus=2", TEXT_LINE_REMARK},
		{"CPU 1 is empty", TEXT_LINE_REMARK},
		{"", TEXT_LINE_OTHER},
		{"[   69.123456] DMAR: DRHD: handling fault status reg 2", TEXT_LINE_OTHER},
		{"Nov 22 17:53:16 host kernel: DMAR: [DMA Read] x", TEXT_LINE_OTHER},
		{"the bug: it hangs at 12.5: see: below", TEXT_LINE_OTHER},
		{"dd-289 [001] .....    69.670461: map", TEXT_LINE_OTHER},
		{"dd-289 [001] ?????    69.670461: map: x", TEXT_LINE_OTHER},
		{"dd [001] .....    69.670461: map: x", TEXT_LINE_OTHER},
		{"dd-99999999999 [001] .....    69.670461: map: x", TEXT_LINE_OTHER},
		{"dd-1 [99999] .....    69.670461: map: x", TEXT_LINE_OTHER},
		{"dd-1 [001] .....  99999999999999999999.0: map: x", TEXT_LINE_OTHER},
		{"dd-1 [001] .....  1.0123456789: map: x", TEXT_LINE_OTHER},
		/* its event can be read, what is before it cannot */
		{"dd-1 [001] .....  1.O12345: map: " MAP, TEXT_LINE_BROKEN},
		{"dd-1 [0O1] .....  1.012345: map: " MAP, TEXT_LINE_BROKEN},
		{"dd-l [001] .....  1.012345: iommu:map: " MAP, TEXT_LINE_BROKEN},
		{"dd-1 [001] .?...  1.012345: map: (a+0x0/0x1) " CALL, TEXT_LINE_BROKEN},
		{"3.5: dma_page: (iommu_dma_map_page+0x0/0x1) dev=\"0000:00:02.0\"",
	         TEXT_LINE_BROKEN},
		{"69.669386: map: (__iommu_map+0x0/0x2a0) ", TEXT_LINE_BROKEN},
		{"at 69.669386: map: (__iommu_map+0x0/0x2a0) ", TEXT_LINE_OTHER},
		{"it says map: " MAP, TEXT_LINE_OTHER},
		{"3.5:  ", TEXT_LINE_OTHER},
		{"on version 6.1:", TEXT_LINE_OTHER},
		{"dd-1 [0O1] .....  1.012345: others:map: " MAP, TEXT_LINE_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text_line line;

		print_message("%s\n", rows[i].line);
		text_line_read(rows[i].line, &line);
		assert_int_equal(line.kind, rows[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_spelling_is_read),
		cmocka_unit_test(devices_are_read),
		cmocka_unit_test(lines_that_are_cut_are_told_apart),
		cmocka_unit_test(a_last_line_may_have_been_longer),
		cmocka_unit_test(losses_are_read),
		cmocka_unit_test(other_lines_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
