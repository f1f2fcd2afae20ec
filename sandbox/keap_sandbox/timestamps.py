"""Reading and writing the forms of date-times that Keap uses. A moment is in milliseconds since the epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

__all__ = ["iso", "iso_millis", "iso_offset", "parse_moment"]

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(maxsize=65_536)
def parse_moment(text: str, *, bare_date: bool = False) -> int | None:
    """Parse a date-time with a time zone.

    Args:
        text: The text to parse.
        bare_date: Accept a date without a time too; it means midnight UTC.

    Returns:
        Milliseconds since the epoch, or None if the text is not such a date-time.
    """
    if _DATE_TIME.fullmatch(text) or (bare_date and _DATE.fullmatch(text)):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    return None


@lru_cache(maxsize=8192)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * 86_400, UTC).strftime("%Y-%m-%d")


def _seconds_and_rest(millis: int) -> tuple[str, int]:
    """Return the text up to the seconds, and the milliseconds that remain.

    Done by hand because every row has several date-times and `datetime.isoformat` takes longer.
    """
    seconds, rest = divmod(millis, 1000)
    day, second = divmod(seconds, 86_400)
    minute, second = divmod(second, 60)
    return f"{_day(day)}T{minute // 60:02d}:{minute % 60:02d}:{second:02d}", rest


def iso(millis: int) -> str:
    """Format as `2025-04-16T20:33:02.321Z`, without the fraction if it is zero: Keap's usual form."""
    text, rest = _seconds_and_rest(millis)
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def iso_millis(millis: int) -> str:
    """Format as `2025-04-16T20:33:02.000Z`, always with milliseconds, like records written by the API."""
    text, rest = _seconds_and_rest(millis)
    return f"{text}.{rest:03d}Z"


def iso_offset(millis: int) -> str:
    """Format as `2024-11-20T18:34:12.000+0000`, without a colon in the offset: REST v1's form."""
    return iso_millis(millis)[:-1] + "+0000"
