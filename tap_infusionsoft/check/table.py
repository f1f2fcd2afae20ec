"""A check's report as a plain table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.report.summary import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_infusionsoft.check.planned import Planned
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
    planned = [
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
    yield from _table([heads, *planned])
    yield ""
    calls, rows = (
        _total(report.calls, report.least_calls, report, "call"),
        _total(report.rows, report.least_rows, report, "row"),
    )
    if report.calls_at_once < report.calls:
        yield f"To read: {calls}, {rows}."
        yield f"The next run: {plural(report.calls_at_once, 'call')} of these, {_time(report.seconds)}."
    else:
        yield f"The next run: {calls}, {rows}, {_time(report.seconds)}."
    if report.is_estimate:
        least = f"{plural(report.least_calls, 'call')} and {plural(report.least_rows, 'row')}"
        what = "All of it" if report.calls_at_once < report.calls else "It"
        yield f"{what} takes at least {least}. Numbers with ~ are estimates from a few pages of the account."
    for name, why in report.refused.items():
        yield f"Cannot be read: {name}: {why}"
    for name, changes in report.new_columns.items():
        yield from (f"Since the catalog: {name}: {one}." for one in changes)
    for name, columns in report.left_out.items():
        yield (
            f"Not in the catalog, so not loaded: {name}: {', '.join(columns)}. Run discovery again (in "
            "Meltano: --refresh-catalog) to load them."
        )
    yield from (f"Problem: {one}" for one in report.problems)
    yield from (f"Note: {one}" for one in report.notes)
    works = "A run would work." if not report.exit_code else f"A run would end with {report.exit_code}."
    yield f"{works} This check made {plural(report.calls_made, 'call')}."


def _number(number: int | None, least: int | None, one: Planned) -> str:
    if number is None:
        return "?"
    is_estimate = one.is_estimate and least is not None and least != number
    return f"{'~' if is_estimate else ''}{number:,}{'+' if one.is_least else ''}"


def _total(number: int, least: int, report: Report, what: str) -> str:
    said = plural(number, what)
    if report.is_estimate and least != number:
        return f"about {said}"
    return f"at least {said}" if report.is_least else said


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
