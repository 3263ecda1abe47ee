#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Watches switches in tracefs: how often each was on, and for how long at most.

on_times.py END NAME...: until the file END is there, looks at events/*/NAME/enable of our groups in
all instances. Prints for each NAME how often it was seen to go on, and the longest time it was seen
on, in ms; never more than it really was: what it did while nobody looked (BLIND) does not count.
"""
import os
import sys
import time

INSTANCES = "/sys/kernel/tracing/instances/"
end, names = sys.argv[1], sys.argv[2:]
BLIND = 0.3
since, seen = {}, {}
times, longest = dict.fromkeys(names, 0), dict.fromkeys(names, 0.0)


def look(name, path):
    """One switch, now."""
    try:
        with open(path, encoding="ascii") as file:
            on = file.read(1) == "1"
    except OSError:
        on = False
    if not on:
        since.pop(path, None)
        return
    now = time.monotonic()
    if path not in since:
        since[path] = now
        times[name] += 1
    elif now - seen[path] > BLIND:
        since[path] = now
    seen[path] = now
    longest[name] = max(longest[name], now - since[path])


def switches(name):
    """The files there can be. Listing the events to find them takes longer than some are on."""
    instances = os.listdir(INSTANCES)
    groups = [x.replace("-", "_") for x in instances if x.startswith("iommutop-")]
    return {INSTANCES + f"{x}/events/{group}/{name}/enable" for x in instances for group in groups}


while not os.path.exists(end):
    for each in names:
        for found in switches(each) | {p for p in since if f"/{each}/" in p}:
            look(each, found)
    time.sleep(0.001)
for each in names:
    print(each, times[each], round(longest[each] * 1000))
