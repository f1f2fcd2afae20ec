"""What happens to rows that no record can be built from, by the setting `on_bad_record`.

A row without its key can't be told apart from others. By default its stream fails. With ``quarantine`` the row goes
into a file as Keap sent it, and the stream goes on. There is a limit, as many bad rows are no accident.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.client.clock import Clock

MOST_ROWS = 100
"""Rows of one stream that go into quarantine ..."""
MOST_SHARE = 0.001
"""... and their share of all rows. One row is always allowed."""

_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


class Quarantine:
    """The file that bad rows go into."""

    def __init__(self, path: str, clock: Clock) -> None:
        """Nothing is opened yet.

        Args:
            path: The file. It is created if there is none.
            clock: Says when a row was added.
        """
        self.path = path
        self._clock = clock

    def add(self, stream: str, reason: str, row: Mapping[str, Any]) -> None:
        """Add a row.

        Args:
            stream: Name of its stream.
            reason: Why no record can be built from it.
            row: The row, as Keap sent it.

        Raises:
            OSError: The file can't be written.
        """
        entry = {"time": self._clock.now().isoformat(), "stream": stream, "reason": reason, "row": row}
        line = _encoder.encode(entry) + b"\n"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.path, flags, 0o600)
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, 0o600)
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def check_few(bad: int, rows: int | None = None) -> None:
    """Refuse more bad rows than can be an accident.

    Args:
        bad: Rows in quarantine.
        rows: All rows of the pass; None as long as they are not known.

    Raises:
        TapError: There are too many.
    """
    if bad > MOST_ROWS or (rows is not None and bad > max(1, rows * MOST_SHARE)):
        of_all = "" if rows is None else f" of {rows}"
        raise TapError(
            f"{bad} rows{of_all} cannot be used, more than quarantine takes "
            f"({MOST_ROWS} rows, {MOST_SHARE:.1%}). "
            "Nothing was lost: the next run reads the stream again. Report it if it happens again."
        )
