// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_fuzz: bytes as a file of trace-cmd, through all that reads one.
 * In: libFuzzer's bytes. Out: nothing, or an abort where an event breaks what event.h promises.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sources/tracedat.h"

static void expect(bool holds)
{
	if (!holds)
		abort();
}

struct judge {
	uint64_t last_ns;
	bool started;
};

static void judge(void *context, const struct event *ev)
{
	struct judge *judge = context;

	expect(judge->started || ev->kind == EVENT_START);
	judge->started = true;
	expect(ev->ts_ns >= judge->last_ns);
	judge->last_ns = ev->ts_ns;
	expect(ev->kind < EVENT_KIND_COUNT);
	if (ev->kind == EVENT_HEALTH)
		expect(ev->health.state == HEALTH_OK || ev->health.reason);
	if (ev->kind == EVENT_ATTACH)
		expect(ev->member.device);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct judge state = {0};
	struct own_ticks ticks = {.out = {.emit = judge, .context = &state},
	                          .delay_ns = 1000000000u};
	int fd = memfd_create("fuzz", 0);
	struct tracedat *tracedat;
	struct error err = {.text = ""};

	expect(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	tracedat = tracedat_open(fd, &err);
	expect(tracedat || err.text[0]);
	if (!tracedat)
		return 0;
	while (tracedat_read(tracedat, &ticks))
		;
	own_ticks_end(&ticks);
	tracedat_close(tracedat);
	return 0;
}
