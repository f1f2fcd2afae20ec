"""Two values are the same in spite of their looks, and a difference is told by its kind."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.xmlrpc.compare.outcomes import Outcome
from tap_infusionsoft.xmlrpc.compare.values import compare
from tap_infusionsoft.xmlrpc.counterparts.comparisons import COMPARISONS

SAME = Outcome.SAME
LONG = "x" * 10_000


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_nothing_is_the_same_as_nothing(comparison: str) -> None:
    assert compare(comparison, None, (None,)) is SAME
    assert compare(comparison, "", (None,)) is Outcome.EMPTY
    assert compare(comparison, None, ("",)) is Outcome.EMPTY
    assert compare(comparison, None, ([],)) is Outcome.EMPTY


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_a_value_on_one_side_only_is_a_difference(comparison: str) -> None:
    assert compare(comparison, "7", (None,)) is Outcome.NOT_IN_REST
    assert compare(comparison, None, ("7",)) is Outcome.NOT_IN_TABLE


@pytest.mark.parametrize(
    ("comparison", "legacy", "rest", "outcome"),
    [
        ("text", "Ann", "Ann", SAME),
        ("text", "Ann", "ann", Outcome.VALUE),
        ("text", "a\nb", "a\r\nb", Outcome.LINE_BREAKS),
        ("text", "a\ufffdb", "a\x0bb", Outcome.FORBIDDEN),
        ("text", "a\ufffdb", "ab", Outcome.FORBIDDEN),
        ("text", "Anna", "Anna Maria", Outcome.CUT),
        ("text", "Anna Maria", "Anna", Outcome.CUT),
        ("text", 2, "2", SAME),
        ("cut", LONG, LONG + "y", Outcome.CUT_BY_API),
        ("cut", LONG[1:], LONG, Outcome.CUT),
        ("cut", LONG + "y", LONG, Outcome.CUT),
        ("cut", LONG, LONG, SAME),
        ("id", 12, "12", SAME),
        ("id", 12, "13", Outcome.VALUE),
        ("id", 0, None, Outcome.ZERO),
        ("id", None, "0", Outcome.ZERO),
        ("id", 0, "0", SAME),
        ("id", 0, "12", Outcome.NOT_IN_TABLE),
        ("number", 3, "3", SAME),
        ("number", "06", "6", SAME),
        ("number", 3, 4, Outcome.VALUE),
        ("number", 3, 300, Outcome.UNIT),
        ("amount", 12.5, 12.5, SAME),
        ("amount", 0.5483, 0.55, Outcome.CENTS),
        ("amount", 1250, 12.5, Outcome.UNIT),
        ("amount", 12.5, 1250, Outcome.UNIT),
        ("amount", 12.5, 13.5, Outcome.VALUE),
        ("amount", 0, 0.0, SAME),
        ("amount", "many", 1, Outcome.VALUE),
        ("flag", 1, True, SAME),
        ("flag", 0, False, SAME),
        ("flag", True, True, SAME),
        ("flag", 0, True, Outcome.VALUE),
        ("list", "12,30", ["30", "12"], SAME),
        ("list", "12, 30", "30,12", SAME),
        ("list", "12", ["12", "30"], Outcome.VALUE),
        ("lines", "\nS\nM", ["S", "M"], SAME),
        ("lines", "M\nS", ["S", "M"], Outcome.VALUE),
        ("words", "UnengagedMarketable", "UNENGAGED_MARKETABLE", SAME),
        ("words", "Active", "INACTIVE", Outcome.VALUE),
        ("name", "Tier", "_Tier", SAME),
        ("name", "Tier", "Tier2", Outcome.CUT),
        ("brand", "American Express", "amex", SAME),
        ("brand", "Visa", "VISA", SAME),
        ("brand", "American Express", "visa", Outcome.VALUE),
        ("users", "1,3", ["3", "1"], SAME),
        ("users", "1,3", ["ALL_USERS"], SAME),
        ("users", "1,3", ["1"], Outcome.VALUE),
        ("region", "AZ", "US-AZ", SAME),
        ("region", "Arizona", "Arizona", SAME),
        ("region", "AZ", "US-CA", Outcome.VALUE),
        ("time", "2026-07-01T12:00:00.000Z", "2026-07-01T12:00:00.987Z", SAME),
        ("time", "2026-07-01T12:00:00.000Z", "2026-07-01T16:00:00.000Z", Outcome.HOURS),
        ("time", "2026-07-01T12:00:00.000Z", "2026-07-01T12:00:01.000Z", Outcome.VALUE),
        ("time", "2026-07-01T12:00:00.000Z", "2026-07-05T12:00:00.000Z", Outcome.VALUE),
        ("time", "2026-11-01T05:30:00.000Z", "2026-11-01T06:30:00.000Z", Outcome.HOUR_TWICE),
        ("time", "2026-11-01T06:30:00.000Z", "2026-11-01T07:30:00.000Z", Outcome.HOURS),
        ("time", "yesterday", "2026-11-01T06:30:00.000Z", Outcome.VALUE),
        ("day", "2026-07-01", "2026-07-01", SAME),
        ("day", "2026-07-01", "2026-07-01T00:00:00.000Z", SAME),
        ("day", "2026-07-01T04:00:00.000Z", "2026-07-01T00:00:00.000Z", SAME),
        ("day", "2026-07-01", "2026-07-02", Outcome.VALUE),
        ("day of time", "2026-07-01", "2026-07-02T02:00:00.000Z", SAME),
        ("day of time", "2026-07-01", "2026-07-01T12:00:00.000Z", SAME),
        ("day of time", "2026-07-01", "2026-07-02T05:00:00.000Z", Outcome.VALUE),
        ("active", 1, True, SAME),
        ("active", 1, False, Outcome.VALUE),
        ("active word", "Inactive", False, SAME),
        ("status", 0, "INACTIVE", SAME),
        ("cycle", "2", "MONTH", SAME),
        ("cycle", "2", "MONTHLY", SAME),
        ("cycle", "2", "YEAR", Outcome.VALUE),
        ("cycle", "9", "YEAR", Outcome.VALUE),
        ("paid", 0, "SENT", SAME),
        ("paid", 1, "SENT", Outcome.VALUE),
        ("form", -5, "tasks", SAME),
    ],
)
def test_values_are_compared_as_the_catalogue_says(
    comparison: str, legacy: Any, rest: Any, outcome: Outcome
) -> None:
    assert compare(comparison, legacy, (rest,)) is outcome


def test_the_better_of_two_places_counts() -> None:
    assert compare("region", "AZ", ("Arizona", "US-AZ")) is SAME
    assert compare("region", "AZ", (None, "US-AZ")) is SAME
    assert compare("region", "AZ", ("Ohio", None)) is Outcome.VALUE
    assert compare("region", None, ("Ohio", None)) is Outcome.NOT_IN_TABLE
    assert compare("region", None, (None, None)) is SAME


def test_every_outcome_is_the_same_expected_or_a_difference() -> None:
    for one in Outcome:
        assert (one is SAME) + one.is_expected + one.is_difference == 1
