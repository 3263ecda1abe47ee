#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates an expression over the frames of `iommutop --json`.

frames.py FILE EXPRESSION: f is the list of whole frames, last the last of them. Prints the value;
exit status 1 when it is false.
"""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    lines = file.read().split("\n")[:-1]
f = [json.loads(line) for line in lines]


def device(frame, name):
    """The device of this name, or None."""
    for group in frame["groups"]:
        for each in group["devices"]:
            if each["bdf"] == name:
                return each
    return None


def faults(frame, **wanted):
    """The faults with these values."""
    return [x for x in frame["faults"] if all(x[key] == wanted[key] for key in wanted)]


value = eval("(" + sys.argv[2] + ")", {"f": f, "last": f[-1] if f else None, "device": device, "faults": faults})
print(value)
sys.exit(0 if value else 1)
