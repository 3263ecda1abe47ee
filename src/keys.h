/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_KEYS_H
#define IOMMUTOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the keyboard can say: a character, or one of these. */
enum input {
	INPUT_NONE = 0,
	INPUT_TAB = 9,
	INPUT_ENTER = 13,
	INPUT_ESCAPE = 27,
	INPUT_BACKSPACE = 127,
	INPUT_UP = 0x110000, /* beyond the last character */
	INPUT_DOWN,
	INPUT_LEFT,
	INPUT_RIGHT,
	INPUT_PAGE_UP,
	INPUT_PAGE_DOWN,
	INPUT_HOME,
	INPUT_END,
	INPUT_BACK_TAB,
	INPUT_F1,
	INPUT_F4,
	INPUT_F6,
	INPUT_F10,
	INPUT_RESIZE
};

#define INPUT_CONTROL(letter) ((letter)&0x1f)

/* What a person asks for. */
enum request {
	REQUEST_NONE,
	REQUEST_QUIT,
	REQUEST_HELP,
	REQUEST_UP,
	REQUEST_DOWN,
	REQUEST_HALF_UP,
	REQUEST_HALF_DOWN,
	REQUEST_PAGE_UP,
	REQUEST_PAGE_DOWN,
	REQUEST_FIRST,
	REQUEST_LAST,
	REQUEST_FOLD,
	REQUEST_UNFOLD,
	REQUEST_NEXT_PANE,
	REQUEST_PREVIOUS_PANE,
	REQUEST_OPEN,
	REQUEST_BACK,
	REQUEST_LOG,
	REQUEST_DOCTOR,
	REQUEST_SEARCH,
	REQUEST_NEXT_MATCH,
	REQUEST_PREVIOUS_MATCH,
	REQUEST_FILTER,
	REQUEST_SORT_LEFT,
	REQUEST_SORT_RIGHT,
	REQUEST_INVERT,
	REQUEST_FOLLOW,
	REQUEST_PAUSE,
	REQUEST_SINCE,
	REQUEST_SLOWER,
	REQUEST_FASTER,
	REQUEST_CLASS_GROUP, /* in the order of enum event_class */
	REQUEST_CLASS_DEVICE,
	REQUEST_CLASS_MAP,
	REQUEST_CLASS_UNMAP,
	REQUEST_CLASS_FAULT,
	REQUEST_COLLECT, /* the next choice of how to collect */
	REQUEST_CALLERS, /* who makes the maps of the selected or open domain */
	REQUEST_WAKE,    /* the open group's devices that are asleep are read, too */
	REQUEST_MUTE,    /* the selected or open fault's device or reason; what is muted: no more */
	REQUEST_MUTED,
	REQUEST_ACKNOWLEDGE,
	REQUEST_RECORD,       /* from now on, or no more */
	REQUEST_STEP,         /* one interval of a recording */
	REQUEST_LEAP_FORWARD, /* in the order of enum playback_place */
	REQUEST_LEAP_BACK,
	REQUEST_LEAP_BEGINNING,
	REQUEST_LEAP_END,
	REQUEST_REDRAW,
	REQUEST_SUSPEND,
	REQUEST_COUNT
};

/* Where a key is pressed. In help, every key that does not scroll leaves. */
enum key_mode { MODE_PANES, MODE_HELP, MODE_COUNT };

struct key_binding {
	uint8_t mode;
	uint8_t request;
	uint32_t input;
	const char *name; /* as help writes it */
	const char *help; /* NULL: another key for what an earlier row says */
};

extern const struct key_binding key_bindings[];
extern const size_t key_binding_count;

enum request keys_find(enum key_mode mode, uint32_t input);

#endif
