// SPDX-License-Identifier: GPL-2.0-or-later
/* screens: which panes stand on which screen. Pure. */
#include "screens.h"

const struct screen_spec screens[SCREEN_COUNT] = {
	[SCREEN_OVERVIEW] = {.panes = {{&groups_view, 8, 4},
                                       {&domains_view, 5, 2},
                                       {&faults_view, 6, 3}},
                             .pane_count = 3},
	[SCREEN_GROUP] = {.panes = {{&facts_view, 8, 0},
                                    {&groups_view, 4, 2},
                                    {&domains_view, 4, 1},
                                    {&faults_view, 6, 3}},
                          .pane_count = 4},
	[SCREEN_LOG] = {.panes = {{&log_view, 4, 1}}, .pane_count = 1},
	[SCREEN_HELP] = {.panes = {{&help_view, 4, 1}}, .pane_count = 1},
};
