/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FRAME_H
#define IOMMUTOP_FRAME_H

#include "canvas.h"
#include "snapshot.h"
#include "ui.h"

/* Where a recording is being played; of {.position = -1, 0...} nothing is shown. */
struct frame_playback {
	int position; /* of the file, in thousandths; -1: not known */
	uint64_t elapsed_ns;
	uint32_t speed; /* in thousandths of its own pace; 0: as fast as can be */
	bool held;
};

/* What the sheet shows that neither snapshot nor desk knows. */
struct frame_input {
	const struct snapshot *snap;
	const struct snapshot *since; /* NULL: totals from the start */
	bool recording_ended;
	struct frame_playback playback;
	bool recording_is_log;    /* what is replayed is a saved log of the kernel */
	const char *problem;      /* one sentence that stays; NULL: none */
	const char *recording;    /* what is replayed; NULL: this machine, live */
	const char *recording_to; /* what is seen is recorded there; NULL: nowhere */
	int32_t utc_offset_s;
	bool whole; /* no screen to fit into: panes as long as their rows, no key hints */
};

/* The context of the panes at the current place. */
struct view_context frame_context(const struct frame_input *input, const struct ui *ui);

/* Lays the whole sheet out on a canvas whose size is set, and brings the panes of ui up to date. */
void frame_draw(struct canvas *canvas, struct ui *ui, const struct frame_input *input);

/* The rows that a whole sheet takes at this width. */
int frame_rows(struct ui *ui, const struct frame_input *input, int columns);

#endif
