#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates an expression over a recording: what was collected of maps and unmaps, and how.

collected.py FILE EXPRESSION: events is the list of (letter, [fields]). counts_of(what, all=False)
is [hits, bytes] of "map" or "unmap" that came as counts, those of domains or the tracepoint's own.
bursts(letter, domain) are the bursts of maps ("m") or unmaps ("u") of a domain.
Prints the value; exit status 1 when it is false.
"""
import sys

ALL = "ffffffff"

QUIET_NS = 5_000_000_000
LEAST_BYTES = 1 << 20

events = []
times_ns = []
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file.read().split("\n")[1:-1]:
        words = line.split(" ")
        events.append((words[0][0], words[1:]))
        # since the line before, but of a tick, which has its own
        before_ns = times_ns[-1] if times_ns and words[0][0] != "t" else 0
        times_ns.append(before_ns + int(words[0][1:], 16))


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


def bursts(letter, domain):
    """[count, bytes] of each: what is less than QUIET_NS apart, and more than LEAST_BYTES."""
    found = []
    last_ns = -QUIET_NS
    for (each, fields), ns in zip(events, times_ns):
        if each != letter or int(fields[6 if each == "u" else 5], 16) != domain:
            continue
        if ns - last_ns >= QUIET_NS:
            found.append([0, 0])
        last_ns = ns
        found[-1][0] += 1
        found[-1][1] += int(fields[5 if each == "u" else 4], 16)
    return [x for x in found if x[1] >= LEAST_BYTES]


def units():
    """Invalidations of the first unit, as they grew."""
    return [int(f[3], 16) for f in letters("A") if f[2] == "invalidations" and f[1] == "dmar0"]


value = eval("(" + sys.argv[2] + ")", globals())
print(value)
sys.exit(0 if value else 1)
