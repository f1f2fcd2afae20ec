"""Quarantines rows that cannot become records, if the setting `on_bad_record` says so.

A row without its key cannot be told apart from others, so it cannot become a record. By default its stream
fails. With `quarantine` the row is written to a file as Keap sent it, and the stream continues. The number of
such rows is limited: many bad rows are not an accident.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.errors import ConfigError, TapError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.client.clock import Clock

MAX_ROWS = 100
"""Most rows of one stream that are quarantined ..."""
MAX_SHARE = 0.001
"""... and the largest share of all its rows. A single row is always allowed."""

_APPEND = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


class Quarantine:
    """The file that bad rows are appended to, one JSON object per line."""

    def __init__(self, path: str, clock: Clock) -> None:
        self.path = path
        self._clock = clock

    def add(self, stream: str, reason: str, row: Mapping[str, Any]) -> None:
        """Append a row. The file is readable by its owner only.

        Args:
            stream: Name of the row's stream.
            reason: Why the row cannot become a record.
            row: The row as Keap sent it.

        Raises:
            ConfigError: The file cannot be written.
        """
        entry = {"time": self._clock.now().isoformat(), "stream": stream, "reason": reason, "row": row}
        line = _encoder.encode(entry) + b"\n"
        try:
            descriptor = os.open(self.path, _APPEND | os.O_CREAT, 0o600)
            try:
                if hasattr(os, "fchmod"):
                    os.fchmod(descriptor, 0o600)
                os.write(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unwritable(self.path, error) from None


def check_writable(path: str) -> None:
    """Refuse a path at which rows could not be quarantined. Makes no file.

    Raises:
        ConfigError: The file, or its folder, cannot be written.
    """
    try:
        try:
            os.close(os.open(path, _APPEND))
        except FileNotFoundError:
            folder = Path(path).absolute().parent
            folder.stat()
            if not os.access(folder, os.W_OK | os.X_OK):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES)) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: str, error: OSError) -> ConfigError:
    is_missing = isinstance(error, FileNotFoundError)
    reason = "its folder does not exist" if is_missing else (error.strerror or type(error).__name__).lower()
    return ConfigError(
        f"quarantine_file {printable(path)} cannot be written: {reason}. Correct the path, or set "
        "on_bad_record to fail."
    )


def check_few(bad: int, rows: int | None = None) -> None:
    """Raise if there are too many bad rows for an accident.

    Args:
        bad: Number of quarantined rows.
        rows: Number of all rows of the pass, once it is known.

    Raises:
        TapError: There are too many.
    """
    if bad > MAX_ROWS or (rows is not None and bad > max(1, rows * MAX_SHARE)):
        of_all = "" if rows is None else f" of {rows}"
        raise TapError(
            f"{bad} rows{of_all} cannot be used, more than quarantine takes "
            f"({MAX_ROWS} rows, {MAX_SHARE:.1%}). Nothing was lost: the next run reads the stream again. "
            "Report it if it happens again."
        )
