/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SIGNALS_H
#define IOMMUTOP_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/*
 * Signals arrive only while the loop waits: all of ours are blocked but for ppoll with
 * signals_mask(). Handlers set flags; those of fatal signals clean up and let the default act.
 */

/* Before the terminal and the trace are touched. emergency: called by fatal signals, may only make
 * system calls. */
void signals_install(void (*emergency)(void));
const sigset_t *signals_mask(void);

/* The signal that asked for the end, 0 for none. */
int signals_end(void);
/* Each tells once. */
bool signals_take_resize(void);
bool signals_take_suspend(void);

/* From now on HUP asks for files to be opened anew, and not for the end; unless it is ignored. */
void signals_reopen_on_hup(void);
bool signals_take_reopen(void);

/*
 * Around writes that a stalled terminal may block for ever: between them, a signal that asks for
 * the end is waited for only a second; then emergency is called and the process ends by it.
 */
void signals_begin_write(void);
void signals_end_write(void);

/* Stops the process (as the shell's ^Z does) until it is continued. */
void signals_stop(void);
/* Ends the process by this signal's default, so that its parent sees which one it was. */
void signals_raise(int number);

#endif
