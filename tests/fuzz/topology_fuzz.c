// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * topology_fuzz: bytes as what iommutop -1 --json saved.
 * In: libFuzzer's bytes. Out: nothing, or an abort where an event or an error breaks its promise.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "sources/saved_topology.h"
#include "text.h"

static void expect(bool holds)
{
	if (!holds)
		abort();
}

static void judge(void *context, const struct event *ev)
{
	expect(ev->kind == EVENT_ATTR || ev->kind == EVENT_HEALTH);
	expect(ev->ts_ns == 0);
	if (ev->kind == EVENT_ATTR)
		expect(attribute_infos[ev->attr.attribute].subject == ev->attr.subject);
	model_apply(context, ev);
}

static void tell(const struct saved_topology *saved, bool moment)
{
	const struct snapshot_want want = {.log = true, .domain = NO_DOMAIN};
	struct model *model = model_new(&model_default_limits);
	const struct event_sink sink = {.emit = judge, .context = model};
	struct snapshot snap = {0};

	saved_topology_tell(saved, moment, &sink);
	model_snapshot(model, &want, &snap);
	expect(moment || !snap.process_count);
	snapshot_release(&snap);
	model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {.text = ""};
	struct saved_topology *saved = saved_topology_read((const char *)data, size, "fuzz", &err);
	char clean[sizeof(err.text)];

	expect(!saved == !!err.text[0]);
	expect(!strcmp(text_clean(clean, sizeof(clean), err.text), err.text));
	if (!saved)
		return 0;
	tell(saved, true);
	tell(saved, false);
	saved_topology_free(saved);
	return 0;
}
