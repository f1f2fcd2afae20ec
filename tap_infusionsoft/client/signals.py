"""Which signals end the process."""

from __future__ import annotations

import signal


def stopping() -> list[int]:
    """Return SIGINT (Ctrl-C), SIGTERM, and SIGHUP (the terminal closes) unless ``nohup`` ignores that."""
    numbers: list[int] = [signal.SIGINT, signal.SIGTERM]
    hang_up = getattr(signal, "SIGHUP", None)  # not on Windows
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        numbers.append(hang_up)
    return numbers
