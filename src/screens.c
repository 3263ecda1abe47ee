// SPDX-License-Identifier: GPL-2.0-or-later
/* screens: which panes stand on which screen. Pure. */
#include "screens.h"

const struct screen_spec screens[SCREEN_COUNT] = {
	[SCREEN_OVERVIEW] = {.panes = {{&groups_view, NULL, 8, 3},
                                       {&domains_view, NULL, 8, 3},
                                       {&faults_view, NULL, 6, 2},
                                       {&notes_view, NULL, 4, 1, .rare = true}},
                             .pane_count = 4},
	[SCREEN_GROUP] = {.panes = {{&facts_view, NULL, 10, 0},
                                    {&answers_view, NULL, 4, 3, .opens = SCREEN_ANSWERS},
                                    {&groups_view, "Devices", 4, 2},
                                    {&domains_view, NULL, 4, 2},
                                    {&journey_view, NULL, 4, 2},
                                    {&faults_view, NULL, 4, 2},
                                    {&notes_view, NULL, 4, 1, .rare = true}},
                          .pane_count = 7},
	[SCREEN_ANSWERS] = {.panes = {{&answers_view, NULL, 4, 1}}, .pane_count = 1},
	[SCREEN_DOMAIN] = {.panes = {{&domain_facts_view, NULL, 8, 6},
                                     {&sizes_view, NULL, 5, 2},
                                     {&tasks_view, NULL, 4, 1},
                                     {&callers_view, NULL, 3, 2},
                                     {&journey_view, NULL, 3, 1}},
                           .pane_count = 5},
	[SCREEN_FAULT] = {.panes = {{&fault_facts_view, NULL, 14, 4},
                                    {&occurrences_view, NULL, 6, 3},
                                    {&notes_view, NULL, 4, 1, .rare = true}},
                          .pane_count = 3},
	[SCREEN_MUTED] = {.panes = {{&muted_view, NULL, 4, 1}}, .pane_count = 1},
	[SCREEN_LOG] = {.panes = {{&log_view, NULL, 4, 1}}, .pane_count = 1},
	[SCREEN_HELP] = {.panes = {{&help_view, NULL, 4, 1}}, .pane_count = 1},
};
