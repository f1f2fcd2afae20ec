"""A report as text for a terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_infusionsoft.xmlrpc.compare.document import Document

_GAP = "  "
_WIDTH = 110
"""Characters of a line, where there is a choice."""
_LONGEST = 40
"""Characters of a cell with a value."""


def as_text(report: Document) -> str:
    """Return the report as text.

    Args:
        report: The report.
    """
    account = f" of {report['account']}" if report["account"] else ""
    lines = [
        f"XML-RPC and REST{account}, read from {report['began']} to {report['ended']}",
        f"Verdict: {report['in_words']}",
        "",
        *_grid(
            ("Table", "In REST", "Rows", "Rows in REST", "Only table", "Only REST", "Verdict"),
            (_summary(one) for one in report["tables"]),
        ),
    ]
    for one in report["tables"]:
        lines += ["", *_table(one)]
    return "\n".join(lines) + "\n"


def _summary(one: Document) -> tuple[str, ...]:
    rows = one.get("rows")
    streams = ", ".join(one["streams"])
    if rows is None:
        return (one["table"], streams, "", "", "", "", one["verdict"])
    only = [str(rows[side]["rows"] or "") for side in ("only_in_table", "only_in_rest")]
    return (one["table"], streams, str(rows["table"]), str(rows["rest"]), *only, one["verdict"])


def _table(one: Document) -> Iterator[str]:
    reasons = f" ({'; '.join(one['reasons'])})" if one["reasons"] else ""
    yield f"{one['table']}: {one['verdict']}{reasons}"
    yield from wrap(one["notes"], _WIDTH, initial_indent="  ", subsequent_indent="  ")
    if "rows" not in one:
        return
    rows = one["rows"]
    changed = f", {rows['changed_meanwhile']} changed meanwhile" if rows["changed_meanwhile"] else ""
    yield f"  {rows['both']} rows on both sides compared{changed}"
    for side, where in (("only_in_table", "the table"), ("only_in_rest", "REST")):
        missing = rows[side]
        if missing["rows"]:
            keys = f": {', '.join(missing['keys'])}" if missing["keys"] else ""
            more = ", ..." if keys and missing["rows"] > len(missing["keys"]) else ""
            because = f" (expected: {missing['expected_because']})" if missing["expected_because"] else ""
            yield f"  {missing['rows']} only in {where}{because}{keys}{more}"
    yield from _differences("Differences", one["differences"])
    yield from _differences("Differences of guessed counterparts, which prove nothing", one["guessed"])
    if one["expected"]:
        yield "  Expected differences"
        cells = (
            (each["field"], each["in_rest"], str(each["rows"]), each["difference"])
            for each in one["expected"]
        )
        yield from _indented(_grid(("Field", "In REST", "Rows", "Difference"), cells))
    if one["always"]:
        yield "  Taken as the same"
        for each in one["always"]:
            yield from _listed(each["what"], each["fields"])
    if one["not_in_table"]:
        yield "  Empty in the whole table, and not compared: some accounts do not have these fields"
        yield from wrap(
            ", ".join(one["not_in_table"]), _WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 4
        )
    if one["elsewhere"]:
        yield "  In other streams, and not compared"
        streams = (
            (f"{each['in_rest'].partition('.')[0]}, by {each['via']}", each) for each in one["elsewhere"]
        )
        yield from _grouped(streams)
    if one["without_counterpart"]:
        yield "  Not in REST"
        yield from _grouped((each["why"], each) for each in one["without_counterpart"])


def _grouped(found: Iterable[tuple[str, Document]]) -> Iterator[str]:
    """Fields by what is to be said of them."""
    groups: dict[str, list[str]] = {}
    for what, one in found:
        groups.setdefault(what, []).append(one["field"])
    for what, fields in groups.items():
        yield from _listed(what, fields)


def _listed(what: str, fields: Iterable[str]) -> Iterator[str]:
    yield f"    {what}"
    yield from wrap(", ".join(fields), _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)


def _differences(title: str, found: Sequence[Document]) -> Iterator[str]:
    if not found:
        return
    yield f"  {title}"
    rows: list[tuple[str, ...]] = []
    for each in found:
        first, *others = _examples(each["examples"]) or [""]
        rows.append((each["field"], each["in_rest"], str(each["rows"]), each["difference"], first))
        rows += [("", "", "", "", one) for one in others]
    yield from _indented(_grid(("Field", "In REST", "Rows", "Difference", "Examples"), rows))


def _examples(found: Sequence[Document]) -> list[str]:
    """Examples, a line each if they show values."""
    if all("table" not in one for one in found):
        return [", ".join(one["key"] for one in found)]
    return [f"{one['key']}: {_value(one['table'])} / {_value(one['rest'])}" for one in found]


def _value(value: Any) -> str:
    text = " ".join(str(value).split()) if value is not None else "null"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows in columns."""
    cells = [head, *rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    lines = [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    yield lines[0].rstrip()
    yield _GAP.join("-" * width for width in widths)
    yield from (line.rstrip() for line in lines[1:])


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
