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
	return window->done || now_ns - window->opened_ns >= WINDOW_NS;
}

/* A first one that ended by the clock did not see all groups. */
static enum window_step close_window(struct trace_window *window, uint64_t now_ns)
{
	if (window->count == 1 && !window->done)
		window->asked = true;
	window->open = false;
	window->closed_ns = now_ns;
	return WINDOW_CLOSES;
}

static bool may_open(const struct trace_window *window, uint64_t now_ns)
{
	if (window->count && now_ns - window->closed_ns < WINDOW_REST_NS)
		return false;
	return window->count < 2 || now_ns - window->before_ns >= WINDOW_MINUTE_NS;
}

static enum window_step open_window(struct trace_window *window, uint64_t now_ns)
{
	window->before_ns = window->opened_ns;
	window->opened_ns = now_ns;
	window->count++;
	window->open = true;
	window->done = false;
	window->calls = window->asked_calls;
	window->asked = false;
	window->asked_calls = false;
	return WINDOW_OPENS;
}

bool trace_window_end(struct trace_window *window, uint64_t now_ns)
{
	if (!window->open)
		return false;
	window->asked = true;
	window->asked_calls = window->asked_calls || window->calls;
	close_window(window, now_ns);
	return true;
}

enum window_step trace_window_step(struct trace_window *window, uint64_t now_ns)
{
	if (window->open)
		return is_over(window, now_ns) ? close_window(window, now_ns) : WINDOW_STAYS;
	if (window->asked && may_open(window, now_ns))
		return open_window(window, now_ns);
	return WINDOW_STAYS;
}
