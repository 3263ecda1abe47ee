#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A recording of trace-cmd, version 6, with its pages many times over, each time later.

	tracedat_repeat.py IN OUT EVENTS

As many times as it takes for about EVENTS records of map and unmap, going by bytes.
"""
import struct
import sys

PAGE = 4096
RECORD_BYTES = 36  # of a map or an unmap


def find_table(data):
    """Where the places of the CPUs stand: behind the last word of the header."""
    at = data.index(b"flyrecord\0") + 10
    cpus = 0
    while True:
        offset, size = struct.unpack_from("<QQ", data, at + 16 * cpus)
        if offset % PAGE or offset + size > len(data) or not offset:
            return at, cpus
        cpus += 1


def moved(pages, by_ns):
    out = bytearray(pages)
    for at in range(0, len(out), PAGE):
        (time_ns,) = struct.unpack_from("<Q", out, at)
        struct.pack_into("<Q", out, at, time_ns + by_ns)
    return out


def main():
    source, target, events = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(source, "rb") as file:
        data = bytearray(file.read())
    table, count = find_table(data)
    places = [struct.unpack_from("<QQ", data, table + 16 * i) for i in range(count)]
    start = min(offset for offset, _ in places)
    pages = [bytes(data[offset:offset + size]) for offset, size in places]
    used = sum(
        struct.unpack_from("<Q", piece, at + 8)[0] & 0xFFFFF
        for piece in pages
        for at in range(0, len(piece), PAGE)
    )
    times = [
        struct.unpack_from("<Q", piece, at)[0] for piece in pages for at in range(0, len(piece), PAGE)
    ]
    span = max(times) - min(times) + 10**9
    copies = max(1, -(-events * RECORD_BYTES // used))
    offset = start
    for cpu, piece in enumerate(pages):
        struct.pack_into("<QQ", data, table + 16 * cpu, offset, len(piece) * copies)
        offset += len(piece) * copies
    with open(target, "wb") as file:
        file.write(data[:start])
        for piece in pages:
            for copy in range(copies):
                file.write(moved(piece, copy * span))


main()
