#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a long recording through a pipe takes more memory than a short one.

	pipe_memory.py [MEGABYTES...]

What goes through the pipe is made on the way and never on a disk: maps and unmaps of some tasks, a
tick now and then. So much of it (2, 200 and 2000 megabytes if not given; unpacked) is read by
iommutop --replay - and the most memory that it ever took is printed. More than a twentieth on top
of what the first amount took is too much. Two things fill up later, and then hold still; where they
are, the second amount is what the others are held against: the history of addresses (8 MiB,
--history), and the names that were ever heard (16 MiB, their index, and the picture's copy of
them), where each round brings tasks, devices, domains and faults of its own.

IOMMUTOP: the program, build/release/iommutop if not given.
"""
import os
import random
import subprocess
import sys
import time

MEGABYTE = 10**6
BLOCK_BYTES = MEGABYTE // 2
MORE_MOST = 0.05
PROGRAM = os.environ.get("IOMMUTOP", "build/release/iommutop")

OWN_HEAD = b"""iommutop-recording 1
S1000
A0 machine - host box
H0 trace ok -
M0 events - 0 0
C0 group 1
C0 device 1
C0 map 1
C0 unmap 1
C0 fault 1
"""


def own_traffic(dice, domain, most=BLOCK_BYTES):
    """Maps, unmaps of what was mapped, ticks: each line has its time from the line before."""
    lines, mapped, size = [], [], 0
    while size < most:
        if len(mapped) < 64 or dice.random() < 0.5:
            mapped.append(dice.randrange(1 << 20) << 12)
            line = "m%x %d %x 0 %x 1000 %s 7d0 3" % (
                dice.randrange(9000), dice.randrange(4), dice.randrange(200, 212), mapped[-1], domain)
        else:
            line = "u%x %d %x 1 %x 1000 1000 %s 3e8 0" % (
                dice.randrange(9000), dice.randrange(4), dice.randrange(200, 212),
                mapped.pop(dice.randrange(len(mapped))), domain)
        lines.append(line)
        if not len(lines) % 500:
            lines.append("t%x 18d0000000000000" % dice.randrange(10**9))
        size += len(line) + 1
    return lines


def own_same(dice):
    return OWN_HEAD, lambda block=("\n".join(own_traffic(dice, "2")) + "\n").encode(): block


def own_new(dice):
    """Each round: domains, devices, tasks, faults, notes that nobody has heard of, and then go."""
    news, gone = [], []
    for i in range(880):
        news += [
            "A0 task @@%03x comm worker-@@%03x" % (i, i),
            "A0 task @@%03x process @@%03x" % (i, i),
            "A0 process @@%03x name qemu-of-somebody-who-came-and-went-@@%03x" % (i, i),
            "A0 device dev@@%03x group @@" % i,
            "f10 log dev@@%03x read 1 %x@@ 0 6 because-of-what-nobody-ever-said-before-@@%03x vtd 0" % (i, i + 1, i),
            "k10 device 4 dev@@%03x a-line-of-the-log-that-nobody-has-read-@@%03x" % (i, i),
            "A0 domain @@%03x type 3" % i,
            "A0 group @@%03x domain @@%03x" % (i, i),
            "m10 0 @@%03x 0 %x 1000 @@%03x 7d0 3" % (i, 4096 * i, i),
        ]
        gone += ["X0 domain @@%03x" % i, "X0 device dev@@%03x" % i, "X0 group @@%03x" % i,
                 "X0 process @@%03x" % i]
    text = "\n".join(news + own_traffic(dice, "@@001", BLOCK_BYTES // 4) + gone) + "\n"
    block = text.encode()
    count = iter(range(1, 1 << 31))
    return OWN_HEAD, lambda: block.replace(b"@@", b"%x" % next(count))


def text_lines(dice, task):
    lines, size, ns = [], 0, 0
    while size < BLOCK_BYTES:
        iova = dice.randrange(1 << 20) << 12
        ns += dice.randrange(100)
        where = "    %s-%s     [%03d] ..... ######.%06d: " % (
            task, dice.randrange(200, 212), dice.randrange(4), ns)
        if len(lines) % 2:
            line = where + "unmap: IOMMU: iova=0x%016x - 0x%016x size=4096 unmapped_size=4096" % (
                iova, iova + 4096)
        else:
            line = where + "map: IOMMU: iova=0x%016x - 0x%016x paddr=0x%016x size=4096" % (
                iova, iova + 4096, iova)
        lines.append(line)
        size += len(line) + 1
    return lines


def text(dice, make):
    block = ("\n".join(make(dice)) + "\n").encode()
    second = iter(range(1, 1 << 31))

    def next_block():
        now = next(second)
        return block.replace(b"######", b"%d" % now).replace(b"@@", b"%x" % now)

    return b"# tracer: nop\n#\n", next_block


def text_same(dice):
    return text(dice, lambda dice: text_lines(dice, "dd"))


def text_new(dice):
    def make(dice):
        faults = [
            "[ ######.%06d] DMAR: [DMA Read NO_PASID] Request device [00:%02x.0] fault addr 0x%x@@000 "
            "[fault reason 0x06] PTE Read access is not set" % (i * 100, i % 32, i + 1)
            for i in range(100)
        ]
        lines = text_lines(dice, "w@@")
        step = len(lines) // len(faults)
        for i, fault in enumerate(faults):
            lines.insert(i * (step + 1), fault)
        return lines

    return text(dice, make)


def packed(dice):
    """Frames that stand by themselves, as we write them."""
    head, next_block = own_same(dice)
    def pack(data):
        return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    frame = pack(next_block())
    return pack(head), lambda: frame


def feed(pipe, head, next_block, size):
    """False: nobody reads it any more."""
    try:
        pipe.write(head)
        for _ in range(size // BLOCK_BYTES):
            pipe.write(next_block())
        pipe.flush()
    except BrokenPipeError:
        return False
    return True


def peak_of(pid):
    """In KiB; None: it has ended."""
    try:
        with open("/proc/%d/status" % pid) as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), None)
    except OSError:
        return None


def kilobytes_of(make, size, options):
    """The most that it took. The kernel counts what this process took before among rusage."""
    head, next_block = make(random.Random(1))
    child = subprocess.Popen(
        [PROGRAM, "--replay", "-", *options], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    fed = feed(child.stdin, head, next_block, size)
    most = peak_of(child.pid) or 0
    # What is left in the pipe, and the end.
    child.stdin.close()
    while (peak := peak_of(child.pid)) is not None:
        most = max(most, peak)
        time.sleep(0.001)
    return most if child.wait() == 0 and fed else 0


# What, who makes it, whether the first amount is too little to fill up what fills up, how it is read.
NO_HISTORY = ["--history", "0"]
KINDS = [
    ("our own", own_same, False, ["-1", "--json", *NO_HISTORY]),
    ("our own, each tick", own_same, False, ["--json", "--speed", "max", *NO_HISTORY]),
    ("our own, in rows", own_same, False, ["--csv", "--speed", "max", *NO_HISTORY]),
    ("our own, packed", packed, False, ["-1", "--json", *NO_HISTORY]),
    ("our own, with history", own_same, True, ["-1", "--json"]),
    ("our own, ever new", own_new, True, ["-1", "--json"]),
    ("text", text_same, False, ["-1", "--json"]),
    ("text, ever new", text_new, True, ["-1", "--json"]),
]


def main():
    sizes = [int(word) for word in sys.argv[1:]] or [2, 200, 2000]
    bad = 0
    print("%-22s" % "MiB at most, of MB" + "".join("%10d" % size for size in sizes) + "        s")
    for name, make, late, options in KINDS:
        begin = time.monotonic()
        peaks = [kilobytes_of(make, size * MEGABYTE, options) for size in sizes]
        print("%-22s" % name + "".join("%10.1f" % (peak / 1024) for peak in peaks)
              + "%9.1f" % (time.monotonic() - begin), flush=True)
        base = peaks[min(late, len(peaks) - 1)]
        if not all(peaks) or max(peaks) > base * (1 + MORE_MOST):
            print("%s: it grows, or could not be read" % name)
            bad = 1
    sys.exit(bad)


main()
