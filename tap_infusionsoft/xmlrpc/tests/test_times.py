"""Times of the service are Eastern and say no zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.xmlrpc.times import condition_time, to_day, to_utc


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("20120314T00:00:00", "2012-03-14T04:00:00Z"),  # daylight saving time
        ("20120114T10:20:30", "2012-01-14T15:20:30Z"),  # standard time
        ("20261101T01:30:00", "2026-11-01T05:30:00Z"),  # comes twice: the first
        ("20261101T00:59:59", "2026-11-01T04:59:59Z"),
        ("20261101T02:00:00", "2026-11-01T07:00:00Z"),
        ("20260308T02:30:00", "2026-03-08T07:30:00Z"),  # never comes: as standard time
        ("20260308T01:59:59", "2026-03-08T06:59:59Z"),
        ("20260308T03:00:00", "2026-03-08T07:00:00Z"),
        ("2012-03-14T00:00:00", "2012-03-14T04:00:00Z"),
        ("20120314", "2012-03-14T04:00:00Z"),
        ("20120314T12:00:00Z", "2012-03-14T12:00:00Z"),
        ("2026-11-27T12:29:11.990-05:00", "2026-11-27T17:29:11.990Z"),
        ("20261127T12:29:11.990+0530", "2026-11-27T06:59:11.990Z"),
        ("20120314T24:00:00", "2012-03-15T04:00:00Z"),
        (" 20120314T00:00:00 ", "2012-03-14T04:00:00Z"),
        ("00000000T00:00:00", None),
        ("0000-00-00T00:00:00", None),
        ("", None),
        ("20120230T00:00:00", None),
        ("20120314T25:00:00", None),
        ("20120314T24:00:01", None),
        ("20120314T10:61:00", None),
        ("yesterday", None),
        ("99991231T23:00:00", None),  # beyond the last moment that can be told
    ],
)
def test_a_time_becomes_utc_or_nothing(text: str, utc: str | None) -> None:
    assert to_utc(text) == utc


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("19800229T00:00:00", "1980-02-29"),
        ("1980-02-29T00:00:00", "1980-02-29"),
        ("00000000T00:00:00", None),
        ("19800230T00:00:00", None),
        ("", None),
    ],
)
def test_a_day_is_never_shifted(text: str, day: str | None) -> None:
    assert to_day(text) == day


moments = st.datetimes(datetime(2000, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_what_is_asked_for_since_a_time_is_never_later_than_that_time(moment: datetime) -> None:
    """Of the hour that comes twice, the condition and the rows both say only what the clock showed."""
    moment = moment.replace(microsecond=0)
    wire = condition_time(moment).replace("-", "").replace(" ", "T")
    back = to_utc(wire)
    assert back is not None
    assert datetime.fromisoformat(back) in {moment, moment - timedelta(hours=1)}


def _all_times_around(day: str) -> list[datetime]:
    start = datetime.fromisoformat(f"{day}T03:00:00+00:00")
    return [start + timedelta(minutes=10 * step) for step in range(40)]


@pytest.mark.parametrize("day", ["2026-11-01", "2026-03-08"])
def test_no_row_from_a_moment_on_has_a_time_before_the_condition_for_it(day: str) -> None:
    """Whatever a look-back is, across both changes of the clocks."""
    zone = ZoneInfo("America/New_York")
    for since in _all_times_around(day):
        for moment in _all_times_around(day):
            if moment >= since:
                assert condition_time(since) <= f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def test_a_clock_that_was_not_put_forward_is_covered() -> None:
    """Its row of 02:30, which never comes, is read as 07:30 UTC; a condition from then on finds it."""
    assert to_utc("20260308T02:30:00") == "2026-03-08T07:30:00Z"
    assert condition_time(datetime(2026, 3, 8, 7, 30, tzinfo=UTC)) <= "2026-03-08 02:30:00"
