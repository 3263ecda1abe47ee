#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Maps and unmaps of recordings of iommutop.

	recorded.py sums FILE		counts and bytes, and bytes of each task, a line each
	recorded.py same FILE FILE	whether they are the same, times within a microsecond; prints how
				many
	recorded.py sums-of-report	the same as sums, of what trace-cmd report prints
"""
import collections
import re
import sys


def traffic(path):
    """(kind, pid, iova, bytes, time in ns) of each."""
    now = 0
    with open(path, encoding="utf-8") as file:
        next(file)
        for line in file:
            words = line.split()
            kind = line[0]
            # since the line before, but of a tick, which has its own
            now = int(words[0][1:], 16) + (0 if kind == "t" else now)
            if kind in "mu":
                size = words[5] if kind == "m" else words[6]
                yield kind, int(words[2], 16), int(words[4], 16), int(size, 16), now


def reported(lines):
    pattern = re.compile(
        r"-(\d+) +\[\d+\] +(?:\S+ +)?[\d.]+: (map|unmap): +IOMMU: iova=0x([0-9a-f]+) .*size=(\d+)"
    )
    for line in lines:
        match = pattern.search(line)
        if match:
            pid, event, iova, size = match.groups()
            yield event[0], int(pid), int(iova, 16), int(size), 0


def print_sums(events):
    counts, sizes, tasks = collections.Counter(), collections.Counter(), collections.Counter()
    for kind, pid, _, size, _ in events:
        counts[kind] += 1
        sizes[kind] += size
        tasks[kind, pid] += size
    for kind in "mu":
        print(kind, counts[kind], sizes[kind])
    for (kind, pid), size in sorted(tasks.items()):
        print(kind, pid, size)


def same(one, other):
    first, second = list(traffic(one)), list(traffic(other))
    if [event[:4] for event in first] != [event[:4] for event in second]:
        sys.exit(f"{len(first)} and {len(second)} events are not the same ones")
    apart = max((abs(a[4] - b[4]) for a, b in zip(first, second)), default=0)
    if apart > 1000:
        sys.exit(f"times are up to {apart} ns apart")
    print(len(first))


def main():
    if sys.argv[1] == "sums":
        print_sums(traffic(sys.argv[2]))
    elif sys.argv[1] == "sums-of-report":
        print_sums(reported(sys.stdin))
    else:
        same(sys.argv[2], sys.argv[3])


main()
