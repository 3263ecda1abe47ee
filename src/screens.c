// SPDX-License-Identifier: GPL-2.0-or-later
/* screens: which panes stand on which screen. Pure. */
#include "screens.h"

const struct screen_spec screens[SCREEN_COUNT] = {
	[SCREEN_OVERVIEW] = {.panes = {{&groups_view, NULL, 8, 3, false},
                                       {&domains_view, NULL, 8, 3, false},
                                       {&faults_view, NULL, 6, 2, false},
                                       {&notes_view, NULL, 4, 1, true}},
                             .pane_count = 4},
	[SCREEN_GROUP] = {.panes = {{&facts_view, NULL, 10, 2, false},
                                    {&groups_view, "Devices", 4, 2, false},
                                    {&domains_view, NULL, 4, 2, false},
                                    {&journey_view, NULL, 4, 2, false},
                                    {&faults_view, NULL, 4, 2, false},
                                    {&notes_view, NULL, 4, 1, true}},
                          .pane_count = 6},
	[SCREEN_DOMAIN] = {.panes = {{&domain_facts_view, NULL, 8, 6, false},
                                     {&sizes_view, NULL, 5, 2, false},
                                     {&tasks_view, NULL, 4, 1, false},
                                     {&callers_view, NULL, 3, 2, false},
                                     {&journey_view, NULL, 3, 1, false}},
                           .pane_count = 5},
	[SCREEN_FAULT] = {.panes = {{&fault_facts_view, NULL, 14, 4, false},
                                    {&occurrences_view, NULL, 6, 3, false},
                                    {&notes_view, NULL, 4, 1, true}},
                          .pane_count = 3},
	[SCREEN_MUTED] = {.panes = {{&muted_view, NULL, 4, 1, false}}, .pane_count = 1},
	[SCREEN_LOG] = {.panes = {{&log_view, NULL, 4, 1, false}}, .pane_count = 1},
	[SCREEN_HELP] = {.panes = {{&help_view, NULL, 4, 1, false}}, .pane_count = 1},
	[SCREEN_DOCTOR] = {.panes = {{&doctor_view, NULL, 4, 1, false}}, .pane_count = 1},
};
