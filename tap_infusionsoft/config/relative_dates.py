"""Dates in settings: ISO dates and times, and relative ones such as ``10 days ago``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import pendulum

FORMS = "2026-01-31, 2026-01-31T08:00:00Z, 10 days ago, -10d, today or yesterday"

_UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
_RELATIVE = re.compile(
    r"-?\s*(?P<count>\d{1,5})\s*(?P<unit>h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?|m(?:onths?)?|y(?:ears?)?)(?:\s+ago)?",
    re.IGNORECASE,
)
_DAY_NAMES = {"now": None, "today": 0, "yesterday": 1}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of the settings.

    Attributes:
        value: The moment, in UTC.
        relative: The text that it was worked out from, if that moves with the time of the run.
    """

    value: datetime
    relative: str | None = None

    @property
    def is_relative(self) -> bool:
        """Whether it moves with the time of the run."""
        return self.relative is not None

    @property
    def name(self) -> str:
        """What stays the same from run to run: the text of a relative date, the moment of another."""
        return self.relative if self.relative is not None else f"{self.value:%Y-%m-%dT%H:%M:%S.%f}Z"


def parse_date(text: str, now: datetime, *, end: bool = False) -> Moment:
    """Read a date of the settings.

    A date without a time is the whole day, in UTC: its first moment, or its last with ``end``. So is a number
    of days, weeks, months or years before now; a number of hours is exact.

    Args:
        text: One of `FORMS`.
        now: The time of the run.
        end: Whether the date ends a range.

    Raises:
        ValueError: ``text`` is none of these; the message says which forms there are.
    """
    import pendulum  # noqa: PLC0415  # takes a while, and most settings have no date

    today = pendulum.instance(now).in_timezone("UTC")
    word = text.strip()
    if word.lower() in _DAY_NAMES:
        back = _DAY_NAMES[word.lower()]
        return Moment(today if back is None else _edge(today.subtract(days=back), end=end), word)
    relative = _RELATIVE.fullmatch(word)
    if relative:
        unit = _UNITS[relative["unit"][0].lower()]
        try:
            moment = today.subtract(**{unit: int(relative["count"])})
        except (OverflowError, ValueError):
            raise ValueError(f"{text!r} is too long ago") from None
        return Moment(moment if unit == "hours" else _edge(moment, end=end), word)
    if not _ISO.fullmatch(word):
        raise ValueError(f"{text!r} is not a date; use one of: {FORMS}")
    try:
        parsed = pendulum.parse(word, tz="UTC")
    except ValueError:
        raise ValueError(f"{text!r} is not a date; use one of: {FORMS}") from None
    if not isinstance(parsed, pendulum.DateTime):
        raise ValueError(f"{text!r} is not a date; use one of: {FORMS}")  # noqa: TRY004
    has_time = len(word) > len("2026-01-31")
    return Moment(parsed.in_timezone("UTC") if has_time else _edge(parsed, end=end))


def _edge(moment: pendulum.DateTime, *, end: bool) -> pendulum.DateTime:
    return moment.end_of("day") if end else moment.start_of("day")
