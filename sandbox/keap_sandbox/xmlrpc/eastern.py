"""Times as the XML-RPC API has them: US Eastern, without a zone, in whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from keap_sandbox.tables import moment_of

__all__ = ["EASTERN", "eastern", "eastern_or_day"]

EASTERN = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000
"""Milliseconds."""


def eastern(value: object) -> datetime | None:
    """Convert a moment to Eastern time. A fraction of a second is dropped.

    Args:
        value: A date-time as rows of the account hold it, or milliseconds since the epoch.

    Returns:
        The time without its zone; None if the value is no moment, or one that Python cannot express.
    """
    millis = value if isinstance(value, int) else moment_of(value)
    if millis is None:
        return None
    try:
        moment = (_EPOCH + timedelta(seconds=millis // 1000)).astimezone(EASTERN)
    except OverflowError:
        return None
    return moment.replace(tzinfo=None, fold=0)


def eastern_or_day(value: object) -> datetime | None:
    """Convert a moment that may be a day, such as a pay date: midnight in UTC is midnight of that day here.

    Args:
        value: As for `eastern`.
    """
    millis = value if isinstance(value, int) else moment_of(value)
    if millis is None or millis % _DAY:
        return eastern(value)
    try:
        return (_EPOCH + timedelta(milliseconds=millis)).replace(tzinfo=None)
    except OverflowError:
        return None
