"""Times between the service and records: US Eastern there, UTC here.

No time on the wire names its zone, so the hour that comes twice in autumn cannot be told apart. It is read as
daylight saving time, the earlier of the two: a bookmark is then never later than the row's true time, and the
look-back of an hour or more reads rows of the second hour again. The hour that never comes in spring is read
as standard time, as a clock shows it that was not put forward.

Source: "Infusionsoft API Gotchas" (about 2013), the official PHP SDK and Novak's, which all use this zone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import pendulum

_EASTERN = pendulum.timezone("America/New_York")
_FORM = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[Tt ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?([Zz]|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_PLAIN = len("yyyyMMddTHH:mm:ss")
"""Length of the form that the service writes."""
_MIDNIGHT, _MIDNIGHT_AFTER = "T00:00:00", 24
_MINUTES = frozenset(f":{minute:02}:{second:02}" for minute in range(60) for second in range(60))
_HOURS = {
    offset: {f"T{hour:02}": ((hour + offset) // 24, f"{(hour + offset) % 24:02}") for hour in range(24)}
    for offset in (4, 5)
}
"""Hours that Eastern time is behind -> hour -> whether it is of the next day in UTC, and the hour there."""


def to_utc(text: str) -> str | None:
    """Convert a time of the service to UTC.

    Args:
        text: ``yyyyMMddTHH:mm:ss``; dashes, a blank in place of ``T``, a fraction and a zone are read too.

    Returns:
        Such as ``2012-03-14T04:00:00Z``; None if it is no time, as is ``00000000T00:00:00``.
    """
    if len(text) == _PLAIN and (minutes := text[11:]) in _MINUTES:
        days, hours = _day(text[:8])
        if (hour := hours.get(text[8:11])) is not None:
            return f"{days[hour[0]]}T{hour[1]}{minutes}Z"
    return _to_utc(text.strip())


def to_day(text: str) -> str | None:
    """Convert a day of the service, which comes as its midnight and belongs to no zone.

    Args:
        text: A time, as for `to_utc`.

    Returns:
        Such as ``2012-03-14``; None if it is no day.
    """
    digits = text[:8]
    if text[8:] != _MIDNIGHT:
        found = _FORM.fullmatch(text.strip())
        digits = "" if found is None else "".join(found.group(1, 2, 3))
    try:
        return date.fromisoformat(digits).isoformat() if digits.isdecimal() else None
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


def earliest_reading(since: datetime | None) -> datetime | None:
    """The earliest time that is read of a row from a moment on, for comparison with times that were read.

    Args:
        since: The moment; None for no limit.
    """
    if since is None:
        return None
    text = to_utc(condition_time(since).replace(" ", "T"))
    return since if text is None else min(since, datetime.fromisoformat(text))


def eastern(moment: datetime) -> datetime:
    """A moment as methods take it: Eastern, without a zone and in whole seconds."""
    # Of a class of pendulum, the result of `astimezone` would be one too, which cannot be sent.
    return datetime.fromtimestamp(moment.timestamp(), _EASTERN).replace(tzinfo=None, microsecond=0)


@lru_cache(maxsize=1 << 14)
def _day(digits: str) -> tuple[tuple[str, str], dict[str, tuple[int, str]]]:
    """Return what converts the times of a day that is as many whole hours behind from its start to its end.

    Args:
        digits: Year, month and day.

    Returns:
        The day and the one after it, and a dict of `_HOURS`; an empty one for other days, and for none.
    """
    try:
        today = datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:]), tzinfo=_EASTERN)
        tomorrow = datetime.combine(today.date() + timedelta(days=1), today.time(), _EASTERN)
    except (ValueError, OverflowError):
        return ("", ""), {}
    behind = {one.utcoffset() for one in (today, tomorrow)}
    for offset, hours in _HOURS.items():
        if behind == {timedelta(hours=-offset)} and digits.isdecimal():
            return (today.date().isoformat(), tomorrow.date().isoformat()), hours
    return ("", ""), {}


def _to_utc(text: str) -> str | None:
    """Convert a time in any of its forms."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups("0")
    past_midnight = int(hour) == _MIDNIGHT_AFTER and not int(minute + second + fraction)
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            0 if past_midnight else int(hour),
            int(minute),
            int(second),
            int(f"{fraction:0<6.6}"),
            tzinfo=_EASTERN,
        )
        if zone != "0":
            moment = datetime.fromisoformat(f"{moment.replace(tzinfo=None).isoformat()}{zone.upper()}")
        if past_midnight:
            moment += timedelta(days=1)  # the same time of the clock, whatever happens in between
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    timespec = "milliseconds" if found[7] else "seconds"
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")
