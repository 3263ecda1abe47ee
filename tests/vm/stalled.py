#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a program in a terminal that nobody reads, and ends it by TERM.

stalled.py PROGRAM ARGS...: prints the signal it ended by; fails if it has not after 10 s.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 300, 1000, 0, 0))
time.sleep(3)
# Keys that redraw everything, until the terminal takes no more frames.
os.set_blocking(terminal, False)
for _ in range(200):
    try:
        os.write(terminal, b"hxe\x0c")
    except BlockingIOError:
        break
    time.sleep(0.02)
os.kill(pid, signal.SIGTERM)
for _ in range(100):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status))
        sys.exit(0 if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM else 1)
    time.sleep(0.1)
os.kill(pid, signal.SIGKILL)
sys.exit("it did not end")
