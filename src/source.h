/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SOURCE_H
#define IOMMUTOP_SOURCE_H

#include <stdint.h>

/*
 * What every live source offers. All of it is called from the main thread. A source speaks through
 * the stream it is given (sources/stream.h), with times of the one timeline.
 *
 * A source that cannot work is no error: it says so with a HEALTH event whose reason names what is
 * missing and what would bring it, and stays quiet from then on.
 */
struct source;
struct stream;

struct source_ops {
	/* A descriptor that turns readable when there is something to drain, or -1. */
	int (*fd)(const struct source *source);
	/*
	 * Takes what has arrived, without ever blocking, at most a bounded amount, and pushes it to
	 * the stream. watermark_ns: the timeline's now, read before any source was drained; events
	 * without a time of their own get it. Returns how full the buffers were found, 0 to 100;
	 * 100 also when the bound cut the drain short. Lowers *watermark_ns when the bound left
	 * events behind, so that nothing later overtakes them.
	 */
	int (*drain)(struct source *source, struct stream *stream, uint64_t *watermark_ns);
	/* Undoes all that open did on the machine and frees the source. */
	void (*close)(struct source *source);
};

/* The first member of every source. */
struct source {
	const struct source_ops *ops;
};

#endif
