"""How much of the output can be written without waiting.

If a process is killed in the middle of a write that waits for room, what was written ends anywhere. If a signal comes
in the middle of one, nobody knows how much was written. So nothing is written before there is room for it.
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
"""Bytes that pipes are enlarged to. Linux allows this much to every user, unless it is configured otherwise."""
_PAGE = mmap.PAGESIZE
_DEFAULT = 16 * _PAGE
"""Bytes that a pipe holds on Linux if nobody has changed its size."""
_STEP = 4096
"""Bytes; a pipe that is ready takes this many without waiting on every system."""
_PAUSES = (1, 4)
"""Milliseconds between two looks at a pipe, the first and the longest: Linux can't signal that half of it is free."""


def size(descriptor: int) -> int:
    """Return how many bytes a pipe holds, after enlarging it unless somebody has chosen its size.

    Args:
        descriptor: The pipe.

    Returns:
        Bytes; 0 if that can't be known.
    """
    held = 0
    if sys.platform == "linux":
        try:
            held = fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)
            if held == _DEFAULT < LARGE:
                held = fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, LARGE)
        except OSError:
            pass  # it is no pipe, or this user may not enlarge it
    return held


def free(descriptor: int, held: int) -> int:
    """Return how many bytes a pipe on Linux is sure to take without waiting.

    Linux tells how many bytes are in it. But it fills up by pages, and not all of those are full. Any two pages in
    sequence hold more than one page of data together, or the second would have been put into the first; only the very
    first may have been read in part. So there are at most twice as many pages as full ones, and two more.

    Args:
        descriptor: The pipe.
        held: Bytes that it holds.
    """
    unread = 0
    if sys.platform == "linux":
        unread = int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)
    return max(held - 2 * (unread // _PAGE + 1) * _PAGE, 0) if unread else held


def wait_for_room(descriptor: int, smallest: int, worthwhile: int, total: int) -> tuple[int, int]:
    """Wait until something can be written. A signal ends the wait.

    Don't wait for an empty pipe: write as soon as half of it is free, so that the reader never runs dry.

    Args:
        descriptor: Where to write.
        smallest: Bytes of the smallest chunk.
        worthwhile: Bytes from which on a chunk is worth its overhead.
        total: Bytes that are to be written altogether.

    Returns:
        Bytes of the largest chunk, and how many of them can be written without waiting.
    """
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and not os.isatty(descriptor)):
        return sys.maxsize, sys.maxsize
    if held := size(descriptor):
        wanted = max(smallest, min(total, max(worthwhile, held // 2), held - 2 * _PAGE))
        room = _wait(descriptor, held, wanted)
        return room, room
    if os.name == "posix":
        select.select((), (descriptor,), ())
    return sys.maxsize, _STEP


def _wait(descriptor: int, held: int, wanted: int) -> int:
    """Wait until a pipe on Linux takes what is wanted or all that it can hold, or until nobody reads it any more."""
    found = free(descriptor, held)
    if sys.platform == "linux":
        reader = select.poll()
        reader.register(descriptor, 0)  # for errors alone, such as a reader that is gone
        pause, longest = _PAUSES
        while found < min(wanted, held) and not reader.poll(pause):
            pause = min(2 * pause, longest)
            found = free(descriptor, held)
    return max(found, _STEP)
