"""Translate the classic connector's criteria into conditions of Keap that find exactly the same rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from tap_infusionsoft.queries.filter_rules import Condition
from tap_infusionsoft.reading.requests import wire_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pendulum

    from tap_infusionsoft.queries.classic.parser import Criterion
    from tap_infusionsoft.queries.filter_rules import Filter

ZONE = "America/New_York"
"""Time zone of all times in queries."""

_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?[- ]?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?")

_UNSUPPORTED = {
    "starts with": "Keap cannot search for the beginning of a value there",
    "contains": "Keap cannot search inside the text there",
    "pattern": "Keap can search for the beginning of a value only, not for its end or a % in the middle",
    "anything": "Keap cannot search for rows with any value there",
    "null": "Keap cannot search for rows without a value there",
    "range": "it takes no range in braces; write '~>=~2026-01-01', or a prefix such as '2026-01%'",
    "compare": "Keap does not support this comparison there",
    "since last run": "the stream's bookmark goes by another time",
}
"""Why a filter can't express a kind of criterion, unless the reason depends on the value."""


class InexactError(ValueError):
    """No condition finds exactly these rows. The message says why, as the end of a sentence."""


def translate(filters: Sequence[Filter], criterion: Criterion) -> list[Condition]:
    """The conditions that find exactly the rows that a criterion describes.

    Args:
        filters: The filters on the criterion's field.
        criterion: The criterion.

    Raises:
        InexactError: There are no such conditions.
    """
    if any(known.time for known in filters):
        return _on_times([known for known in filters if known.time], criterion)
    reason = "there is no filter for exactly this field"
    for known in filters:
        try:
            op, value = _on_filter(known, criterion)
            return [Condition(known.name, op, known.checked(op, value))]
        except InexactError as error:
            reason = str(error)
        except ValueError as error:
            reason = f"Keap would reject it: {error}"
    raise InexactError(reason)


def _on_filter(known: Filter, criterion: Criterion) -> tuple[str, str]:
    """The operator and value with which a filter finds exactly the rows of a criterion."""
    if criterion.listed and (known.integer or criterion.kind == "one of"):
        return "==", _list(known, criterion.listed)
    match criterion.kind:
        case "equals":
            return "==", _literal(known, criterion.value)
        case "compare" if criterion.op in known.ops:
            return criterion.op, _literal(known, criterion.value)
        case "null" if known.empty:
            return "==", known.empty
        case "starts with" if known.prefix and "*" not in criterion.value:
            return "==", f"{criterion.value}*"
        case "contains" if known.anywhere and "*" not in criterion.value:
            return "==", criterion.value
    raise InexactError(_UNSUPPORTED[criterion.kind])


def _list(known: Filter, values: tuple[str, ...]) -> str:
    if not known.several:
        raise InexactError("Keap takes a single value there")
    if any("," in value for value in values):
        raise InexactError("Keap separates values by commas, so none can contain one")
    return ",".join(values)


def _literal(known: Filter, value: str) -> str:
    """A value in Keap's spelling, which Keap takes literally."""
    if known.flag:
        value = {"1": "true", "0": "false"}.get(value, value.lower())
    if known.values:
        value = next((theirs for theirs in known.values if theirs.casefold() == value.casefold()), value)
    if not value:
        raise InexactError("Keap cannot search for empty text")
    if known.anywhere or known.member:
        raise InexactError("Keap searches for the value as a part of the field, not as the whole")
    if "*" in value or value == known.empty:
        raise InexactError("Keap does not take this value literally")
    return value


# Times


def _on_times(filters: list[Filter], criterion: Criterion) -> list[Condition]:
    if criterion.kind == "starts with":
        return _in_period(filters, criterion.value)
    dates = [known for known in filters if known.date_only]
    if criterion.kind == "equals" and dates:
        return [Condition(dates[0].name, "==", wire_time(_moment(criterion.value, dates[0])))]
    if criterion.kind == "compare" and criterion.op != "!=":
        return [_compared(filters, criterion.op, criterion.value)]
    raise InexactError(
        _UNSUPPORTED.get(
            criterion.kind,
            "Keap cannot search for an exact time. Write a day as '2026-01-31%', and bounds as "
            "'~>=~2026-01-31' or '~<=~2026-01-31 23:59:59'",
        )
    )


def _compared(filters: list[Filter], op: str, time: str) -> Condition:
    """A comparison with a time.

    The classic connector's times are whole seconds and Keap's have milliseconds: after 08:15:00 means from
    08:15:01.000 on, and until 08:15:00 includes 08:15:00.999.
    """
    milliseconds = {">=": 0, ">": 1_000, "<": -1, "<=": 999}[op]
    return _bounded(filters, op[0], lambda known: _moment(time, known).add(microseconds=milliseconds * 1_000))


def _in_period(filters: list[Filter], period: str) -> list[Condition]:
    """From the first moment of a year, month or day to its last."""
    parts = _DAY.fullmatch(period)
    if parts is None:
        raise InexactError("only a year, month or day can come before the %, as in '2026-01-31%'")
    unit: Literal["day", "month", "year"] = "day" if parts[3] else "month" if parts[2] else "year"
    first = f"{parts[1]}-{parts[2] or '01'}-{parts[3] or '01'}"
    return [
        _bounded(filters, ">", lambda known: _moment(first, known)),
        _bounded(filters, "<", lambda known: _moment(first, known).end_of(unit)),
    ]


def _bounded(filters: list[Filter], bound: str, moment: Callable[[Filter], pendulum.DateTime]) -> Condition:
    """At or after a moment (bound ``>``), or at or before it (``<``)."""
    for known in filters:
        if known.bound == bound:
            return Condition(known.name, "==", wire_time(moment(known)))
        if not known.bound and f"{bound}=" in known.ops:
            return Condition(known.name, f"{bound}=", wire_time(moment(known)))
    raise InexactError(_UNSUPPORTED["compare"])


def _moment(text: str, known: Filter) -> pendulum.DateTime:
    """Read a time of a query, which is US Eastern; a date without a time of day has no zone."""
    import pendulum  # noqa: PLC0415  # slow to import, and most runs have no query

    parsed = None
    if _TIME.fullmatch(text):
        try:
            parsed = pendulum.parse(text, tz="UTC" if known.date_only else ZONE)
        except ValueError:
            parsed = None
    if not isinstance(parsed, pendulum.DateTime):
        raise InexactError(
            f"{text[:40]!r} is not a time such as 2026-01-31 or 2026-01-31 08:00:00 (US Eastern)"
        )
    return parsed
