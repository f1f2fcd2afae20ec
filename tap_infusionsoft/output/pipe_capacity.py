"""How much of the output may be written at once.

A process can be killed in the middle of a write that waits for room, and what has been written then ends anywhere. A
signal in the middle of one leaves it unknown how much has gone out. So nothing is written before there is room for it.
"""

from __future__ import annotations

import mmap
import os
import select
import stat
import sys

if sys.platform == "linux":
    import fcntl
    import termios

LARGE = 1 << 20
"""Bytes that a pipe is made to hold. Linux allows as much without asking for a privilege, unless it is set otherwise."""
_PAGE = mmap.PAGESIZE
_USUAL = 16 * _PAGE
"""Bytes that a pipe holds on Linux when nobody has said how much."""
_STEP = 4096
"""Bytes; a pipe that is ready takes this many without waiting, everywhere."""
_PAUSES = (1, 4)
"""Milliseconds from one look at a pipe to the next, the first and the longest; Linux does not tell when half of it is free."""


def size(descriptor: int) -> int:
    """Bytes that a pipe holds, which is enlarged unless somebody has chosen its size; 0 where that cannot be known."""
    held = 0
    if sys.platform == "linux":
        try:
            held = fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)
            if held == _USUAL < LARGE:
                held = fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, LARGE)
        except OSError:
            pass  # it is no pipe, or this user may have no more
    return held


def free(descriptor: int, held: int) -> int:
    """Bytes that a pipe on Linux which holds ``held`` is sure to take without waiting.

    Linux tells the bytes in it, but it fills up by pages, and not all are full. Any two that follow one another hold more
    than one page together, as the second would else have been put into the first; only the first of all may have been
    read in part. So there are at most twice as many as full ones, and two.
    """
    unread = 0
    if sys.platform == "linux":
        unread = int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)
    return max(held - 2 * (unread // _PAGE + 1) * _PAGE, 0) if unread else held


def room(descriptor: int, least: int, worth: int, total: int) -> tuple[int, int]:
    """Wait until something can be written; a signal ends the waiting.

    Who reads is not kept waiting for a pipe to be empty: half of it is enough.

    Args:
        descriptor: Where to.
        least: Bytes of the smallest piece.
        worth: Bytes from which on a piece is worth its overhead.
        total: Bytes that there are to write.

    Returns:
        Bytes of the largest piece, and those of it that can be written without waiting.
    """
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and not os.isatty(descriptor)):
        return sys.maxsize, sys.maxsize
    if held := size(descriptor):
        most = _wait(descriptor, held, max(least, min(total, max(worth, held // 2), held - 2 * _PAGE)))
        return most, most
    if os.name == "posix":
        select.select((), (descriptor,), ())
    return sys.maxsize, _STEP


def _wait(descriptor: int, held: int, wanted: int) -> int:
    """Wait until a pipe on Linux takes what is wanted, or all that it can hold, or nobody reads it."""
    found = free(descriptor, held)
    if sys.platform == "linux":
        reader = select.poll()
        reader.register(descriptor, 0)  # for errors alone, such as that
        pause, longest = _PAUSES
        while found < min(wanted, held) and not reader.poll(pause):
            pause = min(2 * pause, longest)
            found = free(descriptor, held)
    return max(found, _STEP)
