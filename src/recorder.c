// SPDX-License-Identifier: GPL-2.0-or-later
/* recorder: a recording that can begin and end while the program runs. In: events, the model at its
 * beginning. Out: a file. Must never know: keys, options. */
#include "recorder.h"

#include <stdio.h>
#include <time.h>

#include "sinks/record.h"
#include "util.h"

int recorder_open(struct recorder *recorder, const char *path, struct error *err)
{
	recorder->events = 0;
	recorder->stopped = false;
	copy_text(recorder->path, sizeof(recorder->path), path);
	recorder->record = record_open(path, err);
	return recorder->record ? 0 : -1;
}

/* Of telling, which goes on; the first that goes wrong counts. */
struct telling {
	struct recorder *recorder;
	struct error *err;
	int result;
};

static void write_event(void *context, const struct event *ev)
{
	struct telling *telling = context;

	if (!telling->result)
		telling->result = recorder_event(telling->recorder, ev, telling->err);
}

int recorder_begin(struct recorder *recorder, const struct model *model, uint64_t ts_ns,
                   struct error *err)
{
	time_t now = time(NULL);
	struct telling telling = {.recorder = recorder, .err = err};
	const struct event_sink sink = {.emit = write_event, .context = &telling};
	char path[64];
	struct tm local;

	if (!localtime_r(&now, &local) ||
	    !strftime(path, sizeof(path), "iommutop-%Y%m%d-%H%M%S.rec", &local))
		copy_text(path, sizeof(path), "iommutop.rec");
	if (record_can_pack())
		append_text(path, sizeof(path), ".zst");
	if (recorder_open(recorder, path, err))
		return -1;
	model_tell(model, ts_ns, &sink);
	if (!telling.result)
		return 0;
	record_close(recorder->record, err);
	recorder->record = NULL;
	recorder->stopped = false; /* nothing is recorded, so nothing goes wrong with it any more */
	return -1;
}

int recorder_event(struct recorder *recorder, const struct event *ev, struct error *err)
{
	if (!recorder->record || recorder->stopped)
		return 0;
	recorder->events++;
	if (!record_event(recorder->record, ev, err))
		return 0;
	recorder->stopped = true;
	return -1;
}

int recorder_end(struct recorder *recorder, struct error *err)
{
	struct record *record = recorder->record;

	recorder->record = NULL;
	return record_close(record, err);
}
