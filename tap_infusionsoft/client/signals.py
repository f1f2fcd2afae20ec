"""Which signals end the tap."""

from __future__ import annotations

import signal


def stopping() -> list[int]:
    """Ctrl-C, SIGTERM, and a terminal that closes, unless ``nohup`` says not to mind that."""
    numbers: list[int] = [signal.SIGINT, signal.SIGTERM]
    hang_up = getattr(signal, "SIGHUP", None)  # not on Windows
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        numbers.append(hang_up)
    return numbers
