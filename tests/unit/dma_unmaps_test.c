// SPDX-License-Identifier: GPL-2.0-or-later
/* dma_unmaps: many lists at once, CPUs and contexts apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event.h"
#include "sources/dma_unmaps.h"
#include "util.h"

#define DISK "0000:00:04.0"
#define CARD "0000:00:02.0"

static void announce(struct dma_unmaps *unmaps, unsigned int cpu, const char *device,
                     uint64_t physical, uint8_t context)
{
	const struct raw raw = {.kind = RAW_DMA_UNMAP_LIST,
	                        .pid = 7,
	                        .context = context,
	                        .value = {physical},
	                        .text = xstrdup(device)};

	dma_unmaps_announce(unmaps, cpu, &raw);
}

static bool is_named(struct dma_unmaps *unmaps, unsigned int cpu, uint64_t iova, uint8_t context,
                     const char *device)
{
	const struct raw raw = {
		.kind = RAW_UNMAP, .pid = 7, .context = context, .value = {iova, 4096}};
	char *name = dma_unmaps_name(unmaps, cpu, &raw);

	if (!name)
		return false;
	assert_string_equal(name, device);
	free(name);
	return true;
}

static bool unmap_is_named(struct dma_unmaps *unmaps, uint64_t i)
{
	announce(unmaps, 0, DISK, i << 12, 0);
	return is_named(unmaps, 0, 0xf0000000 + (i << 12), 0, DISK);
}

static void map_lists(struct dma_unmaps *unmaps, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		dma_unmaps_list_mapped(unmaps, DISK, i << 12, 0xf0000000 + (i << 12));
}

/* What a busy machine has under way is all known. */
static void a_thousand_lists_are_known(void **state)
{
	struct dma_unmaps *unmaps = dma_unmaps_new(1);

	(void)state;
	map_lists(unmaps, 1000);
	for (uint64_t i = 0; i < 1000; i++)
		assert_true(unmap_is_named(unmaps, i));
	for (uint64_t i = 0; i < 1000; i++)
		assert_false(unmap_is_named(unmaps, i));
	dma_unmaps_free(unmaps);
}

static void the_oldest_make_room(void **state)
{
	struct dma_unmaps *unmaps = dma_unmaps_new(1);
	const uint64_t count = 200000;
	uint64_t named = 0;

	(void)state;
	map_lists(unmaps, count);
	assert_true(unmap_is_named(unmaps, count - 1));
	for (uint64_t i = 0; i < count; i++)
		named += unmap_is_named(unmaps, i);
	assert_in_range(named, 10000, 20000);
	dma_unmaps_free(unmaps);
}

static void a_list_is_one_devices(void **state)
{
	struct dma_unmaps *unmaps = dma_unmaps_new(1);

	(void)state;
	dma_unmaps_list_mapped(unmaps, DISK, 0x777000, 0x1000);
	announce(unmaps, 0, CARD, 0x777000, 0);
	assert_false(is_named(unmaps, 0, 0x1000, 0, CARD));
	announce(unmaps, 0, DISK, 0x777000, 0);
	assert_true(is_named(unmaps, 0, 0x1000, 0, DISK));
	dma_unmaps_free(unmaps);
}

static void cpus_and_contexts_are_apart(void **state)
{
	struct dma_unmaps *unmaps = dma_unmaps_new(2);

	(void)state;
	dma_unmaps_list_mapped(unmaps, DISK, 0x777000, 0x1000);
	dma_unmaps_list_mapped(unmaps, CARD, 0x888000, 0x1000);
	assert_false(dma_unmaps_any(unmaps, 0));
	announce(unmaps, 0, DISK, 0x777000, 0);
	announce(unmaps, 0, CARD, 0x888000, CONTEXT_HARD_IRQ);
	assert_true(dma_unmaps_any(unmaps, 0));
	assert_false(dma_unmaps_any(unmaps, 1));
	assert_false(is_named(unmaps, 1, 0x1000, 0, DISK));
	assert_true(is_named(unmaps, 0, 0x1000, CONTEXT_HARD_IRQ, CARD));
	assert_true(is_named(unmaps, 0, 0x1000, 0, DISK));
	assert_false(dma_unmaps_any(unmaps, 0));
	announce(unmaps, 1, DISK, 0x777000, 0); /* freed with it */
	dma_unmaps_free(unmaps);
	dma_unmaps_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_lists_are_known),
		cmocka_unit_test(the_oldest_make_room),
		cmocka_unit_test(a_list_is_one_devices),
		cmocka_unit_test(cpus_and_contexts_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
