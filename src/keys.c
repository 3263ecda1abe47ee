// SPDX-License-Identifier: GPL-2.0-or-later
/* keys: which key asks for what. The help is drawn from this table. Pure. */
#include "keys.h"

#include "util.h"

#define PANES(request_, input_, name_, help_)                        \
	{                                                            \
		MODE_PANES, REQUEST_##request_, input_, name_, help_ \
	}
#define HELP(request_, input_)                                  \
	{                                                       \
		MODE_HELP, REQUEST_##request_, input_, "", NULL \
	}

const struct key_binding key_bindings[] = {
	PANES(QUIT, 'q', "q", "quit"),
	PANES(QUIT, INPUT_F10, "F10", NULL),
	PANES(HELP, 'h', "h", "this help"),
	PANES(HELP, '?', "?", NULL),
	PANES(HELP, INPUT_F1, "F1", NULL),
	PANES(DOWN, 'j', "j", "down"),
	PANES(DOWN, INPUT_DOWN, "Down", NULL),
	PANES(UP, 'k', "k", "up"),
	PANES(UP, INPUT_UP, "Up", NULL),
	PANES(HALF_DOWN, INPUT_CONTROL('d'), "^D", "half a page down"),
	PANES(HALF_UP, INPUT_CONTROL('u'), "^U", "half a page up"),
	PANES(PAGE_DOWN, INPUT_PAGE_DOWN, "PgDn", "a page down"),
	PANES(PAGE_UP, INPUT_PAGE_UP, "PgUp", "a page up"),
	PANES(FIRST, 'g', "g", "first row"),
	PANES(FIRST, INPUT_HOME, "Home", NULL),
	PANES(LAST, 'G', "G", "last row"),
	PANES(LAST, INPUT_END, "End", NULL),
	PANES(FOLD, INPUT_LEFT, "Left", "fold the group"),
	PANES(UNFOLD, INPUT_RIGHT, "Right", "unfold the group"),
	PANES(NEXT_PANE, INPUT_TAB, "Tab", "next pane"),
	PANES(PREVIOUS_PANE, INPUT_BACK_TAB, "Shift-Tab", "previous pane"),
	PANES(OPEN, INPUT_ENTER, "Enter",
              "open the fault, the domain or the group of the selected row"),
	PANES(BACK, INPUT_ESCAPE, "Esc", "clear the filter, or go back"),
	PANES(BACK, INPUT_BACKSPACE, "Backspace", NULL),
	PANES(LOG, 'e', "e", "the events one by one"),
	PANES(DOCTOR, 'D', "D", "the doctor: is the IOMMU on, did its options take effect"),
	PANES(SEARCH, '/', "/", "search in the pane"),
	PANES(NEXT_MATCH, 'n', "n", "next match"),
	PANES(PREVIOUS_MATCH, 'N', "N", "previous match"),
	PANES(FILTER, 'f', "f", "show only rows with a text in them"),
	PANES(FILTER, INPUT_F4, "F4", NULL),
	PANES(SORT_RIGHT, '>', ">", "sort by the next column"),
	PANES(SORT_RIGHT, INPUT_F6, "F6", NULL),
	PANES(SORT_LEFT, '<', "<", "sort by the column before; left of the first: unsorted"),
	PANES(INVERT, 'I', "I", "sort the other way round"),
	PANES(FOLLOW, 'F', "F", "stay with the newest row, or stop that"),
	PANES(PAUSE, ' ', "Space", "hold the screen still; counting goes on. A recording: hold it"),
	PANES(PAUSE, 'p', "p", NULL),
	PANES(SINCE, 'z', "z", "totals from now on; again: totals from the start"),
	PANES(SLOWER, '+', "+", "longer interval"),
	PANES(FASTER, '-', "-", "shorter interval"),
	PANES(CLASS_GROUP, '1', "1", "group events (join, leave) on or off in the kernel"),
	PANES(CLASS_DEVICE, '2', "2", "device events (attach, detach)"),
	PANES(CLASS_MAP, '3', "3", "map events"),
	PANES(CLASS_UNMAP, '4', "4", "unmap events"),
	PANES(CLASS_FAULT, '5', "5", "fault events, and faults in the kernel log"),
	PANES(COLLECT, 'c', "c", "collect every event, counts only, or as the rate allows"),
	PANES(CALLERS, 'w', "w", "who calls: five seconds of the selected domain's callers"),
	PANES(WAKE, 'W', "W", "read the open group's sleeping devices, too: wakes them"),
	PANES(MUTE, 'm', "m", "mute the selected fault's device (then m or d) or reason (r)"),
	PANES(MUTED, 'M', "M", "what is muted; there m or Enter unmutes"),
	PANES(ACKNOWLEDGE, 'a', "a", "acknowledge the faults: what is new since then stands out"),
	PANES(RECORD, 'R', "R", "record to a new file from now on; again: end it"),
	PANES(LEAP_BACK, '[', "[", "in a recording: ten seconds back"),
	PANES(LEAP_FORWARD, ']', "]", "ten seconds on"),
	PANES(LEAP_BEGINNING, '{', "{", "to its beginning"),
	PANES(LEAP_END, '}', "}", "to its end"),
	PANES(STEP, '.', ".", "to the end of its next interval, and hold it there"),
	PANES(REDRAW, INPUT_CONTROL('l'), "^L", "draw the screen anew"),
	PANES(SUSPEND, INPUT_CONTROL('z'), "^Z", "back to the shell; fg returns"),
	HELP(DOWN, 'j'),
	HELP(DOWN, INPUT_DOWN),
	HELP(UP, 'k'),
	HELP(UP, INPUT_UP),
	HELP(HALF_DOWN, INPUT_CONTROL('d')),
	HELP(HALF_UP, INPUT_CONTROL('u')),
	HELP(PAGE_DOWN, INPUT_PAGE_DOWN),
	HELP(PAGE_UP, INPUT_PAGE_UP),
	HELP(FIRST, 'g'),
	HELP(FIRST, INPUT_HOME),
	HELP(LAST, 'G'),
	HELP(LAST, INPUT_END),
	HELP(REDRAW, INPUT_CONTROL('l')),
	HELP(SUSPEND, INPUT_CONTROL('z')),
};

const size_t key_binding_count = ARRAY_SIZE(key_bindings);

enum request keys_find(enum key_mode mode, uint32_t input)
{
	for (size_t i = 0; i < key_binding_count; i++)
		if (key_bindings[i].mode == mode && key_bindings[i].input == input)
			return key_bindings[i].request;
	return mode == MODE_HELP && input != INPUT_RESIZE ? REQUEST_BACK : REQUEST_NONE;
}
