"""The forms in which Keap writes moments."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

__all__ = ["iso", "iso_millis", "iso_offset", "parse_moment"]

_FULL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(maxsize=65_536)
def parse_moment(text: str, *, bare_date: bool = False) -> int | None:
    """Read a date-time with zone (or, if allowed, a bare date) as milliseconds; None if it is neither."""
    if _FULL.fullmatch(text) or (bare_date and _DATE.fullmatch(text)):
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


def _parts(millis: int) -> tuple[str, int]:
    """The form without a fraction, and the milliseconds; written by hand because every row has several."""
    seconds, rest = divmod(millis, 1000)
    day, second = divmod(seconds, 86_400)
    minute, second = divmod(second, 60)
    return f"{_day(day)}T{minute // 60:02d}:{minute % 60:02d}:{second:02d}", rest


def iso(millis: int) -> str:
    """The usual form: `2025-04-16T20:33:02.321Z`, without a fraction on whole seconds."""
    text, rest = _parts(millis)
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def iso_millis(millis: int) -> str:
    """Always with milliseconds, as records written through the API carry them."""
    text, rest = _parts(millis)
    return f"{text}.{rest:03d}Z"


def iso_offset(millis: int) -> str:
    """REST v1's form: `2024-11-20T18:34:12.000+0000`, no colon in the offset."""
    return iso_millis(millis)[:-1] + "+0000"
