"""The program. It answers to signals before it imports the rest, which takes most of a second.

Before that only Python itself starts, for some hundredths of a second in which Ctrl-C leaves Python's own
traceback; nothing has been read or written then.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import sys

from tap_infusionsoft.client.signals import stopping


def main() -> None:
    """Run the tap with the arguments of the process.

    Raises:
        SystemExit: A library is missing or too old, for example because a target beside the tap replaced it.
    """
    for number in stopping():
        signal.signal(number, _end)
    atexit.register(_let_go_of_stderr)
    gc.disable()  # what is imported stays: to look for what of it can go takes a tenth of the start
    try:
        from tap_infusionsoft import wings  # noqa: PLC0415
        from tap_infusionsoft.cli import check_log_level  # noqa: PLC0415
        from tap_infusionsoft.tap import ENVIRONMENT, TapInfusionsoft  # noqa: PLC0415

        other = wings.command(sys.argv[1:])
    except (ImportError, AttributeError) as error:
        raise SystemExit(
            f"A library that the tap needs is missing or too old: {error}. "
            "Install the tap in its own virtual environment."
        ) from error
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 100)  # a page is many objects, and none of them knows itself
    check_log_level(f"{ENVIRONMENT}LOGLEVEL", "LOGLEVEL")
    if other is not None:
        run, arguments = other
        sys.exit(run(arguments))
    TapInfusionsoft.cli()


def _let_go_of_stderr() -> None:
    """Keep the exit code if nobody reads the log any more: Python would end with 120 instead."""
    try:
        sys.stderr.flush()
    except OSError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _end(signum: int, frame: object) -> None:  # noqa: ARG001
    """End at once: nothing has been read or written yet. The tap replaces this handler."""
    os._exit(128 + signum)


if __name__ == "__main__":
    main()
