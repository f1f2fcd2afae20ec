"""Times as the XML-RPC API has them: US Eastern, without a zone, in whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from keap_sandbox.tables import moment_of

__all__ = ["EASTERN", "day", "eastern"]

EASTERN = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def day(value: object) -> datetime | None:
    """Convert a date without a time, such as a birthday, to midnight. It is the same day in every zone.

    Args:
        value: A date as rows of the account hold it, such as ``1980-05-17``; a time after it is ignored.

    Returns:
        Midnight of that day; None if the value is no date.
    """
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value[:10]).replace(tzinfo=None)
    except ValueError:
        return None
