"""Times between the service and records: US Eastern there, UTC here.

No time on the wire names its zone, so the hour that comes twice in autumn cannot be told apart. It is read as
daylight saving time, the earlier of the two: a bookmark is then never later than the row's true time, and the
look-back of an hour or more reads rows of the second hour again. The hour that never comes in spring is read
as standard time, as a clock shows it that was not put forward.

Source: "Infusionsoft API Gotchas" (about 2013), the official PHP SDK and Novak's, which all use this zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pendulum

_EASTERN = pendulum.timezone("America/New_York")
_FORM = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?"
)
_MIDNIGHT_AFTER = "24"


def to_utc(text: str) -> str | None:
    """Convert a time of the service to UTC.

    Args:
        text: ``yyyyMMddTHH:mm:ss``; dashes, a fraction and a zone are read too.

    Returns:
        Such as ``2012-03-14T04:00:00Z``; None if it is no time, as is ``00000000T00:00:00``.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        start = _utc_hour(int(year), int(month), int(day), int(hour or 0) % 24, zone or "")
        moment = start + timedelta(
            days=hour == _MIDNIGHT_AFTER,
            minutes=_below_60(minute),
            seconds=_below_60(second),
            microseconds=int(f"{fraction or '0':0<6.6}"),
        )
    except (ValueError, OverflowError):
        return None
    if hour is not None and int(hour) > 23 and (hour != _MIDNIGHT_AFTER or moment.minute or moment.second):  # noqa: PLR2004
        return None
    timespec = "milliseconds" if fraction else "seconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def to_day(text: str) -> str | None:
    """Convert a day of the service, which comes as its midnight and belongs to no zone.

    Args:
        text: A time, as for `to_utc`.

    Returns:
        Such as ``2012-03-14``; None if it is no day.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return datetime(*(int(part) for part in found.groups()[:3]), tzinfo=UTC).date().isoformat()  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def condition_time(moment: datetime) -> str:
    """The earliest time that a row from a moment on can have, as a text that MySQL reads.

    That is the Eastern time, but within an hour of a change of the clocks the lower of the two: a row of the
    second hour of autumn has an earlier time than one of the first, and a clock that was not put forward in
    spring shows an earlier time than the others.
    """
    hour = timedelta(hours=1)
    around = (moment - hour, moment, moment + hour)
    offset = min(one.astimezone(_EASTERN).utcoffset() or timedelta() for one in around)
    return f"{moment.astimezone(UTC) + offset:%Y-%m-%d %H:%M:%S}"


def eastern(moment: datetime) -> datetime:
    """A moment as methods take it: Eastern, without a zone and in whole seconds."""
    # Of a class of pendulum, the result of `astimezone` would be one too, which cannot be sent.
    return datetime.fromtimestamp(moment.timestamp(), _EASTERN).replace(tzinfo=None, microsecond=0)


@lru_cache(maxsize=4096)
def _utc_hour(year: int, month: int, day: int, hour: int, zone: str) -> datetime:
    """The start of an hour, in UTC; of an hour in the given zone, such as ``-05:00``, or else Eastern.

    Raises:
        ValueError: There is no such hour.
    """
    if zone:
        return datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{hour:02}:00:00{zone}").astimezone(UTC)
    return datetime(year, month, day, hour, tzinfo=_EASTERN).astimezone(UTC)


def _below_60(digits: str | None) -> int:
    number = int(digits or 0)
    if number >= 60:  # noqa: PLR2004
        raise ValueError(digits)
    return number
