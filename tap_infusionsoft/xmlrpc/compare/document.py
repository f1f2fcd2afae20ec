"""The report of a comparison as a document: it is written as JSON, or made into a table or a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.xmlrpc.compare.results import Verdict
from tap_infusionsoft.xmlrpc.counterparts.comparisons import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tap_infusionsoft.xmlrpc.compare.results import FieldResult, Missing, TableResult

Document = dict[str, Any]

_WORST_FIRST = (Verdict.DIFFERS, Verdict.FAILED, Verdict.UNPROVED, Verdict.EQUAL_BUT, Verdict.EQUAL)


@dataclass(frozen=True, slots=True)
class Header:
    """What a report is about.

    Attributes:
        program: Name and version of the tap.
        account: The account, as far as Keap says which one it is.
        began: When the first row was read.
        ended: When the last row was read.
        with_values: Whether examples show values.
    """

    program: str
    account: str
    began: datetime
    ended: datetime
    with_values: bool


def overall(results: Iterable[TableResult]) -> Verdict:
    """The verdict of the worst table."""
    found = {one.verdict for one in results}
    return next(one for one in _WORST_FIRST if one in found)


def document(results: Sequence[TableResult], header: Header) -> Document:
    """Return the report.

    Args:
        results: What came of each table.
        header: What it is about.
    """
    return {
        "program": header.program,
        "account": header.account or None,
        "began": _minute(header.began),
        "ended": _minute(header.ended),
        "verdict": overall(results).value,
        "in_words": _sentence(results),
        "shows_values": header.with_values,
        "tables": [_table(one, with_values=header.with_values) for one in results],
    }


def _sentence(results: Sequence[TableResult]) -> str:
    """The verdict in a few words, with the tables that are not equal."""
    found = {one.verdict for one in results}
    parts = [
        f"{verdict.value}: {', '.join(one.move.table for one in results if one.verdict is verdict)}"
        for verdict in (Verdict.DIFFERS, Verdict.FAILED, Verdict.UNPROVED)
        if verdict in found
    ]
    equal = [one.value for one in (Verdict.EQUAL_BUT, Verdict.EQUAL) if one in found][:1]
    if found & {Verdict.DIFFERS, Verdict.FAILED}:
        return "; ".join(parts)
    return "; ".join([*equal, *parts])


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _table(one: TableResult, *, with_values: bool) -> Document:
    found: Document = {
        "table": one.move.table,
        "streams": one.streams,
        "verdict": one.verdict.value,
        "reasons": one.reasons,
        "notes": one.move.notes,
    }
    if one.failure:
        return found
    parts = one.move.parts
    skipped = {*one.compared, *one.not_there}
    fields = [each for part in parts for each in part.fields.values() if each.field not in skipped]
    others = {each.field: each for each in fields if each.stream}
    lost = {each.field: each for each in fields if each.why and each.field not in others}
    return found | {
        "rows": {
            "table": one.legacy_rows,
            "rest": one.rest_rows,
            "both": one.both,
            "changed_meanwhile": one.changed,
            "only_in_table": _missing(one.only_legacy, one.move.only_legacy),
            "only_in_rest": _missing(one.only_rest, one.move.only_rest),
        },
        "differences": _differences(one.differing, with_values=with_values),
        "guessed": _differences(one.doubtful, with_values=with_values),
        "expected": [
            {**_field(each), "difference": outcome.value, "rows": count}
            for each, outcome, count in one.expected
        ],
        "always": _always(one),
        "elsewhere": [
            {"field": each.field, "in_rest": f"{each.stream}.{each.place}", "via": each.via}
            for each in others.values()
        ],
        "without_counterpart": [
            {"field": each.field, "why": f"{each.why} {each.note}".strip()} for each in lost.values()
        ],
        "not_in_table": one.not_there,
        "compared": sorted(one.compared),
    }


def _missing(one: Missing, reason: str) -> Document:
    return {"rows": one.count, "keys": one.keys, "expected_because": reason or None}


def _field(one: FieldResult) -> Document:
    return {"field": one.counterpart.field, "in_rest": f"{one.stream}.{one.counterpart.place}"}


def _differences(fields: Iterable[FieldResult], *, with_values: bool) -> list[Document]:
    """The differences of fields, those of most rows first."""
    found = [
        {
            **_field(one),
            "difference": outcome.value,
            "rows": count,
            "examples": [
                {"key": each.key, "table": each.legacy, "rest": each.rest}
                if with_values
                else {"key": each.key}
                for each in one.examples[outcome]
                if each.key
            ],
        }
        for one in fields
        for outcome, count in one.counts.items()
        if outcome.is_difference
    ]
    return sorted(found, key=lambda each: -int(each["rows"]))


def _always(one: TableResult) -> list[Document]:
    """What is different about the looks of all values, and was taken as the same."""
    fields: dict[str, list[str]] = {}
    for name, each in one.compared.items():
        if about := COMPARISONS[each.comparison].about:
            fields.setdefault(about, []).append(name)
    return [{"what": about, "fields": sorted(names)} for about, names in fields.items()]
