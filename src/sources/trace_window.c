// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_window: when probes may be on that never stay on. Pure.
 * In: who wants them, the time. Out: on, off. Must never know: files, which probes these are.
 */
#include "trace_window.h"

void trace_window_ask(struct trace_window *window, bool calls)
{
	window->asked = true;
	window->asked_calls = window->asked_calls || calls;
}

void trace_window_done(struct trace_window *window)
{
	window->done = window->open && window->count == 1;
}

static bool is_over(const struct trace_window *window, uint64_t now_ns)
{
	uint64_t longest_ns = window->count == 1 ? WINDOW_FIRST_NS : WINDOW_NS;

	return window->done || now_ns - window->opened_ns >= longest_ns;
}

/* A first one that ended by the clock did not see all groups. */
static enum window_step close_window(struct trace_window *window)
{
	if (window->count == 1 && !window->done)
		window->asked = true;
	window->open = false;
	return WINDOW_CLOSES;
}

static enum window_step open_window(struct trace_window *window, uint64_t now_ns)
{
	window->opened_ns = now_ns;
	window->count++;
	window->open = true;
	window->done = false;
	window->calls = window->asked_calls;
	window->asked = false;
	window->asked_calls = false;
	return WINDOW_OPENS;
}

enum window_step trace_window_step(struct trace_window *window, uint64_t now_ns)
{
	if (window->open)
		return is_over(window, now_ns) ? close_window(window) : WINDOW_STAYS;
	if (window->asked && (!window->count || now_ns - window->opened_ns >= WINDOW_APART_NS))
		return open_window(window, now_ns);
	return WINDOW_STAYS;
}
