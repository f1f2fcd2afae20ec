"""The settings that decide what a run tells about itself."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.config.setting_types import Flag, Integer, OneOf, Text
from tap_infusionsoft.report.progress import AUTO, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping


class FilePath(Text[None], frozen=True, kw_only=True):
    """The path of a file whose ending says what is in it.

    Attributes:
        endings: The endings, in lower case.
    """

    default: None = None
    endings: tuple[str, ...]

    def _check(self, value: Any, label: str) -> str:
        path = super()._check(value, label)
        if path and (PurePath(path).suffix.lower() not in self.endings or "\0" in path):
            *others, last = self.endings
            raise self._wrong(
                label, value, f"the path of a file that ends with {', '.join(others)} or {last}"
            )
        return path


PROGRESS = OneOf(
    "progress",
    words=WORDS,
    default=AUTO,
    title="Progress",
    text="What a run tells while it runs. With auto, it is a display if the log goes to a terminal and the "
    "records elsewhere (not with CI or TERM=dumb in the environment), and otherwise a line whenever the log "
    "was silent for a minute. terminal is a display on every terminal, lines is lines everywhere, and off "
    "leaves only warnings, errors and the summary at the end. The log level decides what of that is shown: "
    "WARNING hides all lines that are neither, and DEBUG shows everything, with off as well.",
)

LOG_METRICS = Flag(
    "log_metrics",
    default=False,
    title="Metric lines in the log",
    text="Write the Singer SDK's METRIC lines into the log, for programs that collect them. They are there "
    "with the log level DEBUG as well, and always with a log configuration of your own "
    "(SINGER_SDK_LOG_CONFIG).",
)
REPORT_FILE = FilePath(
    "report_file",
    endings=(".json", ".html", ".htm"),
    title="Report",
    text="File for a report about each run, also one that fails or is stopped by a signal: what every stream "
    "read, what it cost, what went wrong and what to do. JSON if it ends with .json, a page for a browser if "
    "with .html or .htm. It replaces the last one; only its owner can read it.",
)
REPORT_HISTORY = Integer(
    "report_history",
    default=0,
    least=0,
    most=10_000,
    unit="runs",
    title="Reports to keep",
    text="Keep the reports of this many runs beside report_file, named after the start of their run, "
    "as in report.2026-11-28T02-00-00Z.json. 0 keeps none besides report_file, and removes none.",
)

GROUP = (PROGRESS, LOG_METRICS, REPORT_FILE, REPORT_HISTORY)
"""All of them, in the order of docs/settings.md."""


def read_report(config: Mapping[str, Any]) -> tuple[str | None, int]:
    """The path of the report, None without one, and of how many runs reports are kept.

    Args:
        config: The configuration.

    Raises:
        ConfigError: One of both is wrong.
    """
    return REPORT_FILE.read(config), REPORT_HISTORY.read(config)
