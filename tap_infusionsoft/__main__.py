"""The program. It answers to signals before it imports the rest, which takes most of a second."""

from __future__ import annotations

import gc
import os
import signal


def main() -> None:
    """Run the tap with the arguments of the process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    gc.disable()  # what is imported stays: to look for what of it can go takes a tenth of the start
    from tap_infusionsoft.tap import TapInfusionsoft  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    TapInfusionsoft.cli()


def _end(signum: int, frame: object) -> None:  # noqa: ARG001
    """End at once: nothing has been read or written yet. The tap puts its own handler in place of this one."""
    os._exit(128 + signum)


if __name__ == "__main__":
    main()
