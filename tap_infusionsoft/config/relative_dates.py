"""Dates in settings: ISO dates and times, and relative ones such as ``10 days ago``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    import pendulum

FORMS = "2026-01-31, 2026-01-31T08:00:00Z, 10 days ago, -10d, today or yesterday"
"""Examples of what `parse_date` takes, for messages and the documents."""

_UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
_RELATIVE = re.compile(
    r"-?\s*(?P<count>\d{1,5})\s*"
    r"(?P<unit>h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?|m(?:onths?)?|y(?:ears?)?)(?:\s+ago)?",
    re.IGNORECASE,
)
_DAY_NAMES = {"now": None, "today": 0, "yesterday": 1}
"""Name -> how many days ago; None for the exact time of the run."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")


class Moment(Struct, frozen=True):
    """The value of a date setting.

    Attributes:
        value: The date and time, in UTC.
        relative: The text of a relative date, which moves with the time of the run; None for other dates.
    """

    value: datetime
    relative: str | None = None

    @property
    def is_relative(self) -> bool:
        """The value moves with the time of the run."""
        return self.relative is not None

    @property
    def name(self) -> str:
        """A name that stays the same from run to run: the text of a relative date, the value of another."""
        return self.relative if self.relative is not None else f"{self.value:%Y-%m-%dT%H:%M:%S.%f}Z"


def parse_date(text: str, now: datetime, *, end: bool = False) -> Moment:
    """Parse a date setting.

    A date without a time means the whole day in UTC: its first moment, or its last if ``end`` is set. A
    number of days, weeks, months or years ago means a whole day too; a number of hours is exact.

    Args:
        text: The date, in one of the `FORMS`.
        now: Time of the run.
        end: The date ends a period.

    Raises:
        ValueError: ``text`` is not a date; the message lists the forms.
    """
    import pendulum  # noqa: PLC0415  # slow to import, and most configurations have no date

    today = pendulum.instance(now).in_timezone("UTC")
    word = text.strip()
    if word.lower() in _DAY_NAMES:
        days = _DAY_NAMES[word.lower()]
        return Moment(today if days is None else _edge_of_day(today.subtract(days=days), end=end), word)
    relative = _RELATIVE.fullmatch(word)
    if relative:
        unit = _UNITS[relative["unit"][0].lower()]
        try:
            moment = today.subtract(**{unit: int(relative["count"])})
        except (OverflowError, ValueError):
            raise ValueError(f"{text!r} is too long ago") from None
        return Moment(moment if unit == "hours" else _edge_of_day(moment, end=end), word)
    if not _ISO.fullmatch(word):
        raise ValueError(f"{text!r} is not a date; use one of: {FORMS}")
    try:
        parsed = pendulum.parse(word, tz="UTC")
    except ValueError:
        raise ValueError(f"{text!r} is not a date; use one of: {FORMS}") from None
    if not isinstance(parsed, pendulum.DateTime):
        raise ValueError(f"{text!r} is not a date; use one of: {FORMS}")  # noqa: TRY004
    has_time = len(word) > len("2026-01-31")
    return Moment(parsed.in_timezone("UTC") if has_time else _edge_of_day(parsed, end=end))


def _edge_of_day(moment: pendulum.DateTime, *, end: bool) -> pendulum.DateTime:
    return moment.end_of("day") if end else moment.start_of("day")
