#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates an expression over a recording: what was collected of maps and unmaps, and how.

collected.py FILE EXPRESSION: events is the list of (letter, [fields]). events_of(what) and
counts_of(what, all=False) are [hits, bytes] of "map" or "unmap" that came as events or as counts,
those of domains or the tracepoint's own. Prints the value; exit status 1 when it is false.
"""
import sys

NUMBERS = {"map": 3, "unmap": 4}  # fields of an event up to its bytes: context is 0
ALL = "ffffffff"

events = []
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file.read().split("\n")[1:-1]:
        words = line.split(" ")
        events.append((words[0], words[2:]))


def counts_of(what, all=False):
    """Hits and bytes from histograms."""
    found = [f for letter, f in events if letter == "c" and f[0] == what and (f[1] == ALL) == all]
    return [sum(int(f[i], 16) for f in found) for i in (3, 4)]


def modes():
    """Each way to collect, in turn: mode, asked for, attempts."""
    return [(f[0], f[2] != "0", f[3] != "0") for letter, f in events if letter == "M"]


def reasons():
    """Why, in turn."""
    return [f[1].replace("\\20", " ") for letter, f in events if letter == "M"]


def letters(wanted):
    """The fields of all events of this kind."""
    return [f for letter, f in events if letter == wanted]


value = eval("(" + sys.argv[2] + ")", globals())
print(value)
sys.exit(0 if value else 1)
