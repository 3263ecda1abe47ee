/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SCREEN_H
#define IOMMUTOP_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "canvas.h"
#include "error.h"

/*
 * The terminal: cells go out, keys come in. Keys are read from /dev/tty, so that stdin can carry
 * data. It installs no signal handlers.
 */
struct screen;

struct screen *screen_open(bool colour, struct error *err);
/* Gives the terminal back as it was. screen may be NULL. */
void screen_close(struct screen *screen);

void screen_size(const struct screen *screen, int *rows, int *columns);
/* Draws only what has changed. */
void screen_flush(struct screen *screen, const struct canvas *canvas);
/* The next key waiting (enum input or a character), INPUT_NONE if there is none. */
uint32_t screen_key(struct screen *screen);
/* Readable when there are keys. */
int screen_fd(const struct screen *screen);

/* After SIGWINCH: takes the new size over. */
void screen_resize(struct screen *screen);
/* Everything is drawn at the next flush. */
void screen_redraw(struct screen *screen);
/* Hands the terminal to the shell and takes it back. */
void screen_leave(struct screen *screen);
void screen_return(struct screen *screen);

/* For handlers of fatal signals: puts the terminal's modes back with nothing but system calls. */
void screen_emergency_restore(void);

#endif
