"""The file that `report_file` names: written as a whole or not at all, and never why a run fails."""

from __future__ import annotations

import logging
import os
import re
import stat
import tempfile
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.report.page import Kept, page

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.report.document import Report

logger = logging.getLogger("tap-infusionsoft")

_TIME = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ"
_HEAD = 4096
"""Bytes at the beginning of a page that have its summary."""
_SUMMARY = re.compile(r'<meta name="description" content="([^"]*)">')


class ReportFile:
    """A report, and those of earlier runs beside it."""

    def __init__(self, path: str, keep: int = 0) -> None:
        """A report that has not been written yet.

        Args:
            path: Where it goes: JSON if it ends with ``.json``, otherwise a page.
            keep: Of how many runs reports are kept beside it.
        """
        self._path = Path(path).absolute()  # wherever the process goes meanwhile
        self._keep = keep

    def check(self) -> None:
        """Warn if the report cannot be written. The run goes on all the same."""
        if (problem := self.problem) is not None:
            logger.warning("%s", problem)

    @property
    def problem(self) -> str | None:
        """Why the report cannot be written, sentences that name the setting; None if it can."""
        try:
            self._check_target()
            descriptor, draft = self._draft()
            os.close(descriptor)
            draft.unlink()
        except OSError as error:
            return (
                f"report_file {self._name} cannot be written: {_reason(error)}. The run goes on, but there "
                "will be no report unless that is mended before its end."
            )
        return None

    def write(self, report: Report) -> None:
        """Write the report, keep a copy if wanted, and remove the oldest copies. A failure is only a warning.

        Args:
            report: The report.
        """
        try:
            self._check_target()
            kept = self.kept()
            if self._keep:
                copy = self._name_of(report.started)
                self._put(self._path.with_name(copy), self._text(report, []))
                kept = sorted({*kept, copy}, reverse=True)
                for old in kept[self._keep :]:
                    with suppress(FileNotFoundError):  # another run has removed it
                        self._path.with_name(old).unlink()
                kept = kept[: self._keep]
            self._put(self._path, self._text(report, kept))
        except OSError as error:
            logger.warning("report_file %s could not be written: %s.", self._name, _reason(error))
        except Exception:
            # A defect of the report must not make the run fail, whose rows are all right.
            logger.warning("The report could not be made, here:", exc_info=True)
        else:
            logger.info("Report: %s", self._name)

    def kept(self) -> list[str]:
        """Names of the files with reports that were kept, latest first.

        Raises:
            OSError: The folder cannot be read.
        """
        stem, ending = re.escape(self._path.stem), re.escape(self._path.suffix)
        pattern = re.compile(rf"{stem}\.{_TIME}{ending}")
        with os.scandir(self._path.parent) as entries:
            found = [one.name for one in entries if pattern.fullmatch(one.name) and one.is_file()]
        return sorted(found, reverse=True)

    def _name_of(self, started: datetime) -> str:
        return f"{self._path.stem}.{started:%Y-%m-%dT%H-%M-%SZ}{self._path.suffix}"

    def _text(self, report: Report, kept: list[str]) -> bytes:
        if self._path.suffix.lower() == ".json":
            return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
        latest = None if kept or not self._keep else self._path.name
        text = page(report, [Kept(name, self._summary(name)) for name in kept], latest)
        return text.encode("utf-8", "replace")

    def _summary(self, name: str) -> str:
        """What a page says of itself at its beginning; empty if it cannot be read."""
        with suppress(OSError), self._path.with_name(name).open("rb") as file:
            found = _SUMMARY.search(file.read(_HEAD).decode("utf-8", "replace"))
            return "" if found is None else unescape(found[1])
        return ""

    def _put(self, path: Path, text: bytes) -> None:
        descriptor, draft = self._draft()
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            draft.replace(path)
        except BaseException:  # a signal, too
            with suppress(OSError):
                draft.unlink()
            raise

    def _draft(self) -> tuple[int, Path]:
        """A new, empty file beside the report, which only its owner can read."""
        descriptor, name = tempfile.mkstemp(".tmp", ".tap-infusionsoft-report-", self._path.parent)
        return descriptor, Path(name)

    def _check_target(self) -> None:
        """Refuse to replace what is not a file.

        Raises:
            OSError: It is something else, or cannot be looked at.
        """
        with suppress(FileNotFoundError):
            mode = self._path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
                raise OSError(0, "it is not a regular file")

    @property
    def _name(self) -> str:
        return printable(str(self._path))


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "its folder does not exist"
    return (error.strerror or type(error).__name__).lower()
