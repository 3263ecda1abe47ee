#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates expressions over the frames of `iommutop --json`.

frames.py FILE EXPRESSION...: f is the list of whole frames, last the last of them. Prints the
values; exit status 1 when one is false, and the others behind it are not looked at.

A moment is named by a tag, as quiet of witness.sh leaves it: /tmp/TAG.witness has the kernel's
histograms, /tmp/TAG.NAME the frame of a program.
"""
import collections
import itertools
import json
import re
import sys


class Frames:
    """A list of frames, of which only those looked at are parsed: a long run has many."""

    def __init__(self, lines):
        self.lines = lines
        self.parsed = {}

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        i = range(len(self))[i]
        if i not in self.parsed:
            self.parsed[i] = json.loads(self.lines[i])
        return self.parsed[i]


with open(sys.argv[1], encoding="utf-8") as file:
    f = Frames(file.read().split("\n")[:-1])


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


TRAFFIC = ("maps", "map_bytes", "unmaps", "unmap_bytes")


def histograms(tag):
    """{(event, key): (hits, bytes)}; of iommu/unmap a third, the bytes really unmapped."""
    found = {}
    with open(f"/tmp/{tag}.witness", encoding="utf-8") as file:
        for line in file:
            event, key, values = re.match(r"(\S+) {(.*)}(.*)", line).groups()
            found[event, key] = tuple(int(x) for x in re.findall(r": *(\d+)", values))
    return found


def growth(before, after):
    """Of counters by key; those that did not grow are left out."""
    grown = {k: tuple(x - y for x, y in zip(v, before.get(k, (0,) * len(v)))) for k, v in after.items()}
    return {k: v for k, v in grown.items() if any(v)}


def witnessed(before, after):
    """What each domain did, without its name: sorted (maps, bytes, unmaps, bytes asked for)."""
    domains = collections.defaultdict(lambda: [0, 0, 0, 0])
    for (event, key), values in growth(histograms(before), histograms(after)).items():
        if event == "witness/map":
            domains[key][:2] = values
        elif event == "witness/unmap":
            domains[key][2:] = values
    return sorted(tuple(x) for x in domains.values())


def outstanding_witnessed(tag):
    """What each domain has mapped and not unmapped since the witness came, without its name."""
    domains = collections.Counter()
    for (event, key), values in histograms(tag).items():
        if event.startswith("witness/"):
            domains[key] += values[1] if event == "witness/map" else -values[1]
    return sorted(domains.values())


def transitions(frames, **wanted):
    """All that were told with these values, each as it was told last."""
    latest = {}
    for i, line in enumerate(frames.lines):
        if '"transitions":[]' in line:
            continue
        for x in frames[i]["transitions"]:
            if all(x[key] == wanted[key] for key in wanted):
                latest[x["id"]] = x
    return list(latest.values())


def frame_of(tag, name):
    """A program's frame at a moment."""
    with open(f"/tmp/{tag}.{name}", encoding="utf-8") as file:
        return json.load(file)


def attributed(before, after, name):
    """The same as a program has it; unattributed stands among the domains."""
    of = [{x["id"]: tuple(x[k] or 0 for k in TRAFFIC) for x in frame_of(tag, name)["domains"]}
          for tag in (before, after)]
    return sorted(growth(*of).values())


def differing(before, after, name):
    """Maps and unmaps that one has of some domain and the other has not, without unattributed."""
    of = [{x["id"]: tuple(x[k] or 0 for k in TRAFFIC) for x in frame_of(tag, name)["domains"] if x["id"]}
          for tag in (before, after)]
    pairs = itertools.zip_longest(sorted(witnessed(before, after), reverse=True),
                                  sorted(growth(*of).values(), reverse=True), fillvalue=(0, 0, 0, 0))
    return sum(abs(a[0] - b[0]) + abs(a[2] - b[2]) for a, b in pairs)


def totals_witnessed(before, after):
    """What the tracepoints had: maps, bytes, unmaps, bytes really unmapped."""
    grown = growth(histograms(before), histograms(after))
    total = [0, 0, 0, 0]
    for (event, _), values in grown.items():
        if event == "iommu/map":
            total[:2] = values
        elif event == "iommu/unmap":
            total[2:] = values[0], values[2]
    return tuple(total)


def totals(before, after, name):
    """The same as a program has it."""
    first, second = (frame_of(tag, name)["totals"] for tag in (before, after))
    return tuple(second[k] - first[k] for k in TRAFFIC)


def domain(frame, **wanted):
    """The domain with these values, or None; a device stands for the list it is in."""
    for each in frame["domains"]:
        if all(wanted[k] in each["devices"] if k == "device" else each[k] == wanted[k] for k in wanted):
            return each
    return None


def group_of(frame, name):
    """The group of this device, or None."""
    for group in frame["groups"]:
        if any(x["bdf"] == name for x in group["devices"]):
            return group
    return None


def named_late(frames, ticks):
    """Domains that had traffic for so many ticks and no device by then; unattributed is none."""
    late = []
    for x in frames[-1]["domains"]:
        if x["id"] == 0:
            continue
        active = [i for i, y in enumerate(frames) if any(z["id"] == x["id"] and (z["maps"] or z["unmaps"])
                                                         for z in y["domains"])]
        if active and active[0] + ticks < len(frames):
            then = domain(frames[active[0] + ticks], id=x["id"])
            if then and not then["devices"]:
                late.append((then["id"], active[0]))
    return late


last = f[-1] if f else None
for expression in sys.argv[2:]:
    value = eval("(" + expression + ")", globals())
    print(value)
    if not value:
        sys.exit(1)
