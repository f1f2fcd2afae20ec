"""Writes docs/migration.md from the catalogue of counterparts. `make docs` calls it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tap_infusionsoft.xmlrpc.counterparts.comparisons import COMPARISONS
from tap_infusionsoft.xmlrpc.counterparts.declarations import Counterpart
from tap_infusionsoft.xmlrpc.counterparts.only_legacy import only_legacy_fields
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_AREAS
from tap_infusionsoft.xmlrpc.counterparts.tables import AREAS, TABLE_MOVES
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.table_streams import stream_name
from tap_infusionsoft.xmlrpc.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_infusionsoft.xmlrpc.counterparts.declarations import Part, ReportMove, TableMove

_START = """\
Infusionsoft's old API, XML-RPC, ends on **2026-12-31**. The classic connector and everything else that
calls `DataService.query` ends with it. This page says what to do until then, and where each table, field and
report is in REST. [First steps](index.md) says how to run the tap, and
[its own page](../tap_infusionsoft/xmlrpc/README.md) what it reads of the old API.

## What ends when

| Date | What happens |
|---|---|
| until 2026-09 | Brownouts, each longer than the one before: 4 hours in March, 48 in September. |
| 2026-10 to 2026-12 | More brownouts, announced late or not at all. A run waits as for an outage. |
| **2026-12-31** | The last day of XML-RPC. |
| from 2027-01-01 | Streams that begin with `legacy_` fail before any call, and name their successor. |

Source: reports of others about Keap's brownout programme, and Keap's announcement of the end. The hours are
known to nobody outside of Keap.

## What to do, in this order

1. **Take the last copy.** {archive} tables have no counterpart in REST. This reads them, and nothing else:
   `tap-infusionsoft legacy-archive --config config.json | target-jsonl`. What REST lacks of the other tables
   is [below](#what-only-the-old-api-has): name those that matter to you in the setting `legacy_tables`, such
   as `["CreditCard", "Affiliate"]`, and load them once more shortly before the end.
2. **Load REST beside it.** Leave the old tables as they are, and load the streams that replace them.
3. **Compare.** This reads each table and its stream, and says field by field whether they are equal:
   `tap-infusionsoft legacy-compare --config config.json Contact Job --format html --output proof.html`.
   It shows no personal data unless you ask for it. File the page.
4. **Switch** your reports, one after another, with the lists below. Names, types and units change; the ids do
   not.
5. **Switch off.** Remove the settings that begin with `legacy_`, and the credential of the old connector.

## What is different everywhere

| | XML-RPC | REST |
|---|---|---|
| Names | `FirstName`, with exceptions such as `CompanyID` | `given_name` |
| Ids | numbers, 0 for none | the same numbers as text, null for none; some streams keep `'0'` |
| Times | US Eastern, without a zone; `legacy_` streams have them in UTC | UTC |
| Days | days | days, or midnight UTC; do not convert those to another zone |
| Nothing | null is a field that is missing, which `legacy_` streams put back | null, or an empty text |
| Money | whole units, such as dollars | cents in an object; a column beside it, `_decimal`, has whole units |
| Yes and no | 1 and 0 | true and false |
| Choices | codes, such as 2 for monthly | words, such as MONTH |
| Lists | texts with commas | lists |
| Several of a kind | columns with numbers: `Phone2` | objects in a list: that with `field` PHONE2 |
| Joined rows | columns with dots: `Contact.FirstName` | a separate stream, joined by id |
| Custom fields | `_` and the name in the database: `_ShoeSize` | `cf_shoe_size`, or in `custom_fields` |
| Line breaks | always a line feed | as they were entered |
| Deleted rows | just missing | just missing; a sweep marks them |

## How the lists below say it

`addresses[BILLING].line1` is `line1` of the object in the list `addresses` whose `field` is BILLING,
`options[].label` is `label` of each object in `options`, and `region/region_code` is either of the two.

A field that is the same in both has nothing in the last column. The words there mean:

{legend}

*Guessed* means that neither Keap nor anybody else says so: it is what the names suggest. `legacy-compare`
shows whether it is so in your account.
"""
_OLD_STREAMS = {one.title: one.stream for one in REPORTS.values()}
_REPORTS = """\
The classic connector called these methods. A report takes its parameters from a setting of the same purpose;
without it, the stream has all rows.
"""


def migration() -> str:
    """Return the page, without its title."""
    archive = sum(not move.parts for move in TABLE_MOVES.values())
    parts = [
        _START.format(archive={10: "Ten"}.get(archive, archive), legend=_legend()),
        "## What only the old API has\n",
        _only_legacy(),
        "## Tables\n",
        *_index(),
        *(part for title, moves in AREAS.items() for part in _area(title, moves)),
        "## Reports\n",
        _REPORTS,
        *(part for title, reports in REPORT_AREAS.items() for part in _reports(title, reports)),
    ]
    return "\n".join(parts).rstrip()


def _legend() -> str:
    rows = []
    for name, comparison in COMPARISONS.items():
        codes = ", ".join(f"{code} is {' or '.join(words)}" for code, words in comparison.codes.items())
        about = f"{comparison.about} {codes}." if codes else comparison.about
        if about:
            rows.append((name, about))
    return _table(("Word", "How the two differ"), rows)


def _only_legacy() -> str:
    rows = [
        (
            f"`{name}`",
            f"`{stream_name(name)}`",
            f"everything: {TABLES[name].about}" + (f". Closest: {move.instead}" if move.instead else ""),
        )
        for name, move in TABLE_MOVES.items()
        if not move.parts
    ]
    rows += [
        (f"`{name}`", f"`{stream_name(name)}`", ", ".join(f"`{field}`" for field in fields))
        for name in TABLE_MOVES
        if (fields := only_legacy_fields(name))
    ]
    return _table(("Table", "Stream", "What REST does not have"), rows) + "\n"


def _area(title: str, moves: Iterable[TableMove]) -> Iterator[str]:
    yield f"### {title}\n"
    for move in moves:
        yield from _move(move)


def _heading(move: TableMove) -> str:
    streams = dict.fromkeys(one.stream for one in move.parts)
    return f"{move.table}: {', '.join(streams) or 'not in REST'}"


def _index() -> Iterator[str]:
    for title, moves in AREAS.items():
        links = ", ".join(
            f"[{move.table}](#{re.sub(r'[^a-z_ -]', '', _heading(move).lower()).replace(' ', '-')})"
            for move in moves
        )
        yield f"- {title}: {links}"
    yield ""


def _move(move: TableMove) -> Iterator[str]:
    table = TABLES[move.table]
    if not move.parts:
        yield f"#### {_heading(move)}\n"
        closest = f" What comes closest: {move.instead}." if move.instead else ""
        yield f"{table.about}. Take a last copy of `{stream_name(move.table)}`.{closest}\n"
        yield f"Fields: {', '.join(f'`{name}`' for name in table.all_fields)}.\n"
        return
    yield f"#### {_heading(move)}\n"
    yield f"{table.about}. {move.notes}".strip() + "\n"
    if move.only_legacy:
        yield f"Rows that are in the table only: {move.only_legacy}.\n"
    if move.only_rest:
        yield f"Rows that are in REST only: {move.only_rest}.\n"
    for one in move.parts:
        if len(move.parts) > 1:
            yield f"In `{one.stream}`" + (f", `{one.rows}`" if one.rows else "") + ":\n"
        yield _matched(one)
        yield _fields(one.fields.values())


def _matched(one: Part) -> str:
    if not one.match:
        return "There is no id in both.\n"
    pairs = " and ".join(f"`{field}` is `{place}`" for field, place in one.match.items())
    sure = " most likely (guessed)" if one.guessed else ""
    rows = f" A row is an item of `{one.rows}`." if one.rows else ""
    return f"The same row{sure}: {pairs}.{rows}\n"


def _fields(fields: Iterable[Counterpart]) -> str:
    return _table(("Field", "In REST", "Difference"), [_line(one) for one in fields]) + "\n"


def _line(one: Counterpart) -> tuple[str, str, str]:
    if one.why:
        return f"`{one.field}`", "nothing", f"{one.why} {one.note}".strip()
    if one.stream:
        return f"`{one.field}`", f"`{one.stream}.{one.place}`", f"by `{one.via}`. {one.note}".strip()
    how = one.comparison if COMPARISONS[one.comparison].about else ""
    guessed = "guessed" if one.guessed else ""
    words = ", ".join(filter(None, (how, guessed)))
    return f"`{one.field}`", f"`{one.place}`", ". ".join(filter(None, (words, one.note)))


def _reports(title: str, reports: Iterable[ReportMove]) -> Iterator[str]:
    yield f"### {title}\n"
    for report in reports:
        yield from _report(report)


def _report(report: ReportMove) -> Iterator[str]:
    yield f"#### {report.report}\n"
    streams = " and ".join(f"`{one}`" for one in report.streams)
    now = f"`{report.method}` is now {streams}." if streams else f"`{report.method}`."
    old = _OLD_STREAMS.get(report.report)
    until = f"Until the end of XML-RPC, `{old}` has the old columns." if old else ""
    yield " ".join(filter(None, (now, until, report.notes))) + "\n"
    if report.parameters:
        pairs = ", ".join(f"`{name}` is `{setting}`" for name, setting in report.parameters.items())
        yield f"Parameters: {pairs}.\n"
    if report.guessed:
        yield "What the old answer looked like is known in part only.\n"
    if report.kept:
        yield f"Columns: {report.kept[0].lower()}{report.kept[1:]}.\n"
    else:
        yield _fields(report.members.values())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(one)} |" for one in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])
