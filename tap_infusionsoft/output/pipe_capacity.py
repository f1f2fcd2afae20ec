"""How many bytes can be written to stdout without blocking.

A write that blocks on a full pipe is dangerous: if the process is killed meanwhile, the output may end in the
middle of a line, and if a signal interrupts the write, nobody knows how many bytes have gone out. So the tap
waits first, and then writes no more than fits.
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

LARGE_PIPE = 1 << 20
"""Bytes to enlarge a pipe to: what Linux allows unprivileged processes, unless configured otherwise."""
_PAGE = mmap.PAGESIZE
_DEFAULT_PIPE = 16 * _PAGE
"""Capacity in bytes of a pipe on Linux whose size nobody has set."""
_SAFE_WRITE = 4096
"""Bytes that a pipe accepts without blocking once it is reported as writable, on every platform."""
POLL_INTERVALS = (1, 4)
"""First and longest pause between checks of a pipe, in ms. Linux does not report when half of it is free."""


def ensure_capacity(descriptor: int) -> int:
    """Return the capacity of a pipe in bytes, after enlarging it if it still has the default size.

    Returns:
        0 if the capacity is unknown: on other systems than Linux, or if the descriptor is not a pipe.
    """
    capacity = 0
    if sys.platform == "linux":
        try:
            capacity = fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)
            if capacity == _DEFAULT_PIPE < LARGE_PIPE:
                capacity = fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, LARGE_PIPE)
        except OSError:
            pass  # not a pipe, or this user may not enlarge it
    return capacity


def free_bytes(descriptor: int, capacity: int) -> int:
    """Return how many bytes a pipe on Linux is certain to accept without blocking.

    Linux reports the number of unread bytes, but a pipe fills up by pages, not all of which are full. Any two
    successive pages hold more than one page of data, because otherwise Linux would have put the data of the
    second into the first. Only the very first page may have been read in part. So the pages in use are at
    most twice as many as the data would fill, plus two.

    Args:
        descriptor: The writing end of the pipe.
        capacity: Its capacity in bytes.
    """
    unread = 0
    if sys.platform == "linux":
        unread = int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)
    return max(capacity - 2 * (unread // _PAGE + 1) * _PAGE, 0) if unread else capacity


def wait_until_writable(
    descriptor: int, *, smallest_chunk: int, efficient_chunk: int, pending: int
) -> tuple[int, int]:
    """Wait until something can be written. A signal handler that raises ends the wait.

    Don't wait for an empty pipe: write as soon as half of it is free, so that the reader never runs dry.

    Args:
        descriptor: Where to write.
        smallest_chunk: Bytes of the smallest chunk that can be written.
        efficient_chunk: Bytes from which a chunk is worth its overhead.
        pending: Bytes that are buffered altogether.

    Returns:
        The most bytes that the next chunk should have, and how many of them can be written without blocking.
    """
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and not os.isatty(descriptor)):
        return sys.maxsize, sys.maxsize
    if capacity := ensure_capacity(descriptor):
        enough = min(pending, max(efficient_chunk, capacity // 2), capacity - 2 * _PAGE)
        found = _wait_for_pipe(descriptor, capacity, max(smallest_chunk, enough))
        return found, found
    if os.name == "posix":
        select.select((), (descriptor,), ())
    return sys.maxsize, _SAFE_WRITE


def _wait_for_pipe(descriptor: int, capacity: int, wanted: int) -> int:
    """Wait until a pipe on Linux accepts `wanted` bytes, is empty, or has lost its reader.

    Returns:
        Bytes that can be written now.
    """
    found = free_bytes(descriptor, capacity)
    if sys.platform == "linux":
        poll = select.poll()
        poll.register(descriptor, 0)  # reports errors only, such as a reader that is gone
        interval, longest = POLL_INTERVALS
        while found < min(wanted, capacity) and not poll.poll(interval):
            interval = min(2 * interval, longest)
            found = free_bytes(descriptor, capacity)
    return max(found, _SAFE_WRITE)
