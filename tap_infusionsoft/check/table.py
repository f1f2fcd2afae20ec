"""A check's report as a plain table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_infusionsoft.check.plan import Planned
    from tap_infusionsoft.check.report import Report


def as_text(report: Report) -> str:
    """The report as lines for a terminal."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    quota = report.quota
    yield f"Account     {report.account or 'not named by Keap'}"
    yield f"User        {report.user or 'not named by Keap'} (by {report.credential})"
    day = "Keap does not say" if quota["day"] is None else f"{quota['day']:,} of {quota['day_limit']:,}"
    reset = f", back at {quota['resets_at']}" if quota["resets_at"] else ""
    hour = "no limit" if quota["hour"] is None else f"{quota['hour']:,}"
    yield f"Calls left  today: {day}{reset}; for this tap: {quota['share']:,}; this hour: {hour}"
    yield ""
    heads = ("stream", "reads", "calls", "rows", "known by", "reachable")
    rows = [
        (
            one.stream,
            one.reads,
            _number(one.calls, one.least_calls, one),
            _number(one.rows, one.least_rows, one),
            one.basis,
            report.seen.get(one.stream, "" if one.stream.startswith("(") else "not tried"),
        )
        for one in report.plan
    ]
    yield from _table([heads, *rows])
    yield ""
    calls = f"{_total(report.calls, report.least_calls, report)} calls"
    takes = f"{calls}, {_total(report.rows, report.least_rows, report)} rows, {_time(report.seconds)}"
    yield f"The next run: {takes}."
    if report.is_estimate:
        least = f"{report.least_calls:,} calls and {report.least_rows:,} rows"
        yield f"It takes at least {least}. Numbers with ~ are estimates from a few pages of the account."
    for name, why in report.refused.items():
        yield f"Cannot be read: {name}: {why}"
    for name, changes in report.new_columns.items():
        yield from (f"Since the catalog: {name}: {one}." for one in changes)
    for name, columns in report.left_out.items():
        yield f"Not in the catalog, so not loaded: {name}: {', '.join(columns)}."
    yield from (f"Problem: {one}" for one in report.problems)
    yield from (f"Note: {one}" for one in report.notes)
    works = "A run would work." if not report.exit_code else f"A run would end with {report.exit_code}."
    yield f"{works} This check made {report.calls_made} calls."


def _number(number: int | None, least: int | None, one: Planned) -> str:
    if number is None:
        return "?"
    is_estimate = one.is_estimate and least is not None and least != number
    return f"{'~' if is_estimate else ''}{number:,}{'+' if one.is_least else ''}"


def _total(number: int, least: int, report: Report) -> str:
    if report.is_estimate and least != number:
        return f"about {number:,}"
    return f"at least {number:,}" if report.is_least else f"{number:,}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            one.rjust(width) if place in {2, 3} else one.ljust(width)
            for place, (one, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _time(seconds: float) -> str:
    if seconds < 90:  # noqa: PLR2004  # seconds
        return f"about {max(round(seconds), 1)} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"  # noqa: PLR2004
