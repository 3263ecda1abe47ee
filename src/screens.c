// SPDX-License-Identifier: GPL-2.0-or-later
/* screens: which panes stand on which screen. Pure. */
#include "screens.h"

const struct screen_spec screens[SCREEN_COUNT] = {
	[SCREEN_OVERVIEW] =
		{.panes = {{.view = &groups_view, .least = 8, .weight = 3},
                           {.view = &domains_view, .least = 8, .weight = 3},
                           {.view = &faults_view, .least = 6, .weight = 2},
                           {.view = &notes_view, .least = 4, .weight = 1, .rare = true}},
                 .pane_count = 4},
	[SCREEN_GROUP] =
		{.panes =
                         {{.view = &answers_view, .least = 8, .weight = 3, .opens = SCREEN_ANSWERS},
                          {.view = &facts_view, .least = 6, .weight = 2},
                          {.view = &groups_view, .title = "Devices", .least = 4, .weight = 2},
                          {.view = &domains_view, .least = 4, .weight = 2},
                          {.view = &journey_view, .least = 4, .weight = 2},
                          {.view = &faults_view, .least = 4, .weight = 2},
                          {.view = &notes_view, .least = 4, .weight = 1, .rare = true}},
                 .pane_count = 7},
	[SCREEN_ANSWERS] = {.panes = {{.view = &answers_view, .least = 4, .weight = 1}},
                            .pane_count = 1},
	[SCREEN_DOMAIN] = {.panes = {{.view = &domain_facts_view, .least = 8, .weight = 6},
                                     {.view = &sizes_view, .least = 5, .weight = 2},
                                     {.view = &tasks_view, .least = 4, .weight = 1},
                                     {.view = &callers_view, .least = 3, .weight = 2},
                                     {.view = &journey_view, .least = 3, .weight = 1}},
                           .pane_count = 5},
	[SCREEN_FAULT] = {.panes = {{.view = &fault_facts_view, .least = 14, .weight = 4},
                                    {.view = &occurrences_view, .least = 6, .weight = 3},
                                    {.view = &notes_view, .least = 4, .weight = 1, .rare = true}},
                          .pane_count = 3},
	[SCREEN_MUTED] = {.panes = {{.view = &muted_view, .least = 4, .weight = 1}},
                          .pane_count = 1},
	[SCREEN_LOG] = {.panes = {{.view = &log_view, .least = 4, .weight = 1}}, .pane_count = 1},
	[SCREEN_DOCTOR] = {.panes = {{.view = &doctor_view, .least = 4, .weight = 1}},
                           .pane_count = 1},
	[SCREEN_HELP] = {.panes = {{.view = &help_view, .least = 4, .weight = 1}}, .pane_count = 1},
};
