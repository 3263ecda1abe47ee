#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates an expression over a recording: what was collected of maps and unmaps, and how.

collected.py FILE EXPRESSION: events is the list of (letter, [fields]). counts_of(what, all=False)
is [hits, bytes] of "map" or "unmap" that came as counts, those of domains or the tracepoint's own.
Prints the value; exit status 1 when it is false.
"""
import sys

ALL = "ffffffff"

events = []
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file.read().split("\n")[1:-1]:
        words = line.split(" ")
        events.append((words[0][0], words[1:]))


def counts_of(what, all=False):
    """Hits and bytes from histograms."""
    found = [f for letter, f in events if letter == "c" and f[0] == what and (f[1] == ALL) == all]
    return [sum(int(f[i], 16) for f in found) for i in (3, 4)]


def sizes():
    """Hits and bytes of each size, of all that was counted."""
    found = {}
    for f in letters("c"):
        hits, total = found.get(int(f[2], 16), (0, 0))
        found[int(f[2], 16)] = (hits + int(f[3], 16), total + int(f[4], 16))
    return found


def modes():
    """Each way to collect, in turn: mode, asked for, attempts."""
    return [(f[0], f[2] != "0", f[3] != "0") for letter, f in events if letter == "M"]


def reasons():
    """Why, in turn."""
    return [f[1].replace("\\x20", " ") for letter, f in events if letter == "M"]


def letters(wanted):
    """The fields of all events of this kind."""
    return [f for letter, f in events if letter == wanted]


def units():
    """Invalidations of the first unit, as they grew."""
    return [int(f[3], 16) for f in letters("A") if f[2] == "invalidations" and f[1] == "dmar0"]


value = eval("(" + sys.argv[2] + ")", globals())
print(value)
sys.exit(0 if value else 1)
