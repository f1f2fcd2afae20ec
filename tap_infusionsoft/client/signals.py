"""Which signals end the process, and how to put them off."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


def stopping() -> list[int]:
    """Return the signals that stop the process: SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal closes).

    The last two only if they were not ignored when the process started: ``nohup`` ignores SIGHUP, and a shell
    script ignores SIGINT for what it starts in the background.
    """
    hang_up = getattr(signal, "SIGHUP", None)  # not on Windows
    can_be_ignored = [signal.SIGINT] if hang_up is None else [signal.SIGINT, hang_up]
    return [signal.SIGTERM, *(one for one in can_be_ignored if signal.getsignal(one) is not signal.SIG_IGN)]


@contextmanager
def signals_held() -> Iterator[None]:
    """Delay signals that end the process, so that no token is lost between Keap and the disk."""
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        held.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield  # signals only interrupt the main thread
        return
    handlers = {number: signal.getsignal(number) for number in stopping()}
    ours = {number: handler for number, handler in handlers.items() if handler is not None}
    for number in ours:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
        for number in held:
            signal.raise_signal(number)
