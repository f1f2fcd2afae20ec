"""A report as a page: one file that needs nothing from elsewhere, for desks, phones and printers."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.xmlrpc.compare.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_infusionsoft.xmlrpc.compare.document import Document

_STYLE = """
:root { color-scheme: light; --ink: #1c2430; --soft: #5b6675; --line: #d9dee6; --back: #f6f7f9; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 0; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
p { margin: .25rem 0; }
.soft { color: var(--soft); }
.verdict { border-left: .4rem solid; padding: .75rem 1rem; margin: 1rem 0;
  background: #fff; font-weight: 600; }
.good { border-color: #1a7f4b; } .bad { border-color: #b3261e; } .open { border-color: #a86200; }
.chip { display: inline-block; padding: 0 .6rem; border-radius: .7rem; font-size: .85rem; font-weight: 600; }
.brief td:last-child { min-width: 12rem; }
.chip.good { background: #dff3e7; color: #11603a; }
.chip.bad { background: #fbe3e1; color: #8c1d17; }
.chip.open { background: #fdeed7; color: #7a4700; }
section { background: #fff; border: 1px solid var(--line); border-radius: .5rem;
  padding: 1rem; margin: 1rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .85em ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
details { margin-top: .75rem; } summary { cursor: pointer; color: var(--soft); }
a { color: inherit; }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; }
@media (max-width: 44rem) {
  main { padding: 1rem .5rem 3rem; }
  section { padding: .75rem; }
  thead { display: none; }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { display: flex; gap: 1rem; justify-content: space-between; padding: .1rem 0; border: 0; }
  td.number { text-align: left; white-space: normal; }
  td::before { content: attr(data-name); flex: 0 0 5.5rem; color: var(--soft); }
  td > span { text-align: right; overflow-wrap: anywhere; min-width: 0; }
  td:empty { display: none; }
  .brief tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
  .brief td { order: 2; gap: .25rem; color: var(--soft); }
  .brief td::before { flex: none; }
  .brief td:first-child { order: 0; flex: 1 1 auto; font-weight: 600; color: inherit; }
  .brief td:last-child { order: 1; min-width: 0; }
  .brief td:nth-child(2) { flex: 1 1 100%; justify-content: flex-start; }
  .brief td:first-child::before, .brief td:nth-child(2)::before { content: none; }
  .brief td:last-child::before { content: none; }
}
@media print { body { background: #fff; } section { break-inside: avoid; } details > * { display: block; } }
"""

_LOOKS = {
    Verdict.EQUAL.value: "good",
    Verdict.EQUAL_BUT.value: "good",
    Verdict.UNPROVED.value: "open",
}


def as_html(report: Document) -> str:
    """Return the report as a page.

    Args:
        report: The report.
    """
    account = f" of {_(report['account'])}" if report["account"] else ""
    values = "" if report["shows_values"] else " It shows keys, but no other values."
    times = f"{_time(report['began'])} to {_time(report['ended'])}"
    body = "\n".join(
        [
            f"<h1>XML-RPC and REST{account}</h1>",
            f"<p class=soft>Read from {times} by {_(report['program'])}.{values}</p>",
            f"<p class='verdict {_look(report['verdict'])}'>{_(_sentence(report['in_words']))}</p>",
            _summary(report["tables"]),
            *(_section(one) for one in report["tables"]),
        ]
    )
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f"<title>XML-RPC and REST{account}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _(value: Any) -> str:
    return escape(str(value))


def _marked(text: str) -> str:
    """A text with code between backquotes."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", _(text))


def _time(text: str) -> str:
    return f"{_(text[:10])} {_(text[11:16])} UTC"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _look(verdict: str) -> str:
    return _LOOKS.get(verdict, "bad")


def _chip(verdict: str) -> str:
    return f"<span class='chip {_look(verdict)}'>{_(verdict)}</span>"


def _summary(tables: Sequence[Document]) -> str:
    rows = []
    for one in tables:
        counts = one.get("rows") or {}
        only = [counts.get(side, {}).get("rows") or "" for side in ("only_in_table", "only_in_rest")]
        name = f"<a href='#{_(one['table'])}'>{_(one['table'])}</a>"
        fields = len({each["field"] for each in one.get("differences", ())}) or ""
        numbers = [counts.get("table", ""), counts.get("rest", ""), *only, fields]
        rows.append([name, _(", ".join(one["streams"])), *numbers, _chip(one["verdict"])])
    head = ("Table", "In REST", "#Rows", "#REST rows", "#Only table", "#Only REST", "#Fields", "Verdict")
    return f"<section>{_grid(head, rows, ' class=brief')}</section>"


def _section(one: Document) -> str:
    title = f"<h2>{_(one['table'])}</h2><span class=soft>{_(', '.join(one['streams']))}</span>"
    parts = [
        f"<div class=head>{title}{_chip(one['verdict'])}</div>",
        f"<p class=soft>{_marked(one['notes'])}</p>" if one["notes"] else "",
    ]
    if one["verdict"] != Verdict.DIFFERS.value:  # the rest of the section says in what it differs
        parts += [f"<p>{_(_sentence(reason.rstrip('.')))}</p>" for reason in one["reasons"]]
    if "rows" in one:
        parts += _details(one)
    return f"<section id='{_(one['table'])}'>\n{''.join(parts)}\n</section>"


def _details(one: Document) -> Iterator[str]:
    rows = one["rows"]
    changed = f", {rows['changed_meanwhile']:,} changed meanwhile" if rows["changed_meanwhile"] else ""
    yield f"<p class=soft>{rows['both']:,} rows on both sides compared{changed}.</p>"
    for side, where in (("only_in_table", "the table"), ("only_in_rest", "REST")):
        missing = rows[side]
        if missing["rows"]:
            because = f" Expected: {_(missing['expected_because'])}." if missing["expected_because"] else ""
            more = ", ..." if missing["keys"] and missing["rows"] > len(missing["keys"]) else ""
            keys = f" <code>{_(', '.join(missing['keys']))}{more}</code>" if missing["keys"] else ""
            yield f"<p>{missing['rows']:,} only in {where}.{because}{keys}</p>"
    yield _differences("Differences", one["differences"])
    yield _differences("Differences of guessed counterparts, which prove nothing", one["guessed"])
    if one["expected"]:
        yield "<h3>Expected differences</h3>"
        yield _grid(
            ("Field", "In REST", "#Rows", "Difference"),
            [
                [_code(each["field"]), _code(each["in_rest"]), f"{each['rows']:,}", _(each["difference"])]
                for each in one["expected"]
            ],
        )
    yield _folded(
        "Taken as the same",
        ("What", "Fields"),
        [[_(each["what"]), _code(", ".join(each["fields"]))] for each in one["always"]],
    )
    yield _folded(
        "Empty in the whole table, and not compared: some accounts do not have these fields",
        ("Field",),
        [[_code(each)] for each in one["not_in_table"]],
    )
    yield _folded(
        "In other streams, and not compared",
        ("Field", "In REST", "Joined by"),
        [[_code(each["field"]), _code(each["in_rest"]), _code(each["via"])] for each in one["elsewhere"]],
    )
    yield _folded(
        "Not in REST",
        ("Field", "Why"),
        [[_code(each["field"]), _(each["why"])] for each in one["without_counterpart"]],
    )


def _differences(title: str, found: Sequence[Document]) -> str:
    if not found:
        return ""
    rows = [
        [
            *(_code(each["field"]), _code(each["in_rest"]), f"{each['rows']:,}", _(each["difference"])),
            "<br>".join(_example(one) for one in each["examples"]),
        ]
        for each in found
    ]
    head = ("Field", "In REST", "#Rows", "Difference", "Examples")
    return f"<h3>{_(title)}</h3>{_grid(head, rows)}"


def _example(one: Document) -> str:
    if "table" not in one:
        return _code(one["key"])
    return f"{_code(one['key'])}: {_value(one['table'])} / {_value(one['rest'])}"


def _value(value: Any) -> str:
    return "<i>null</i>" if value is None else _(value)


def _code(text: str) -> str:
    return f"<code>{_(text)}</code>"


def _folded(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return ""
    return f"<details><summary>{_(title)} ({len(rows)})</summary>{_grid(head, rows)}</details>"


def _grid(head: Sequence[str], rows: Iterable[Sequence[Any]], look: str = "") -> str:
    """A table of HTML cells.

    Args:
        head: The names of the columns; one that begins with # has numbers.
        rows: The cells.
        look: An attribute of the table.
    """
    names = [name.lstrip("#") for name in head]
    kinds = [" class=number" if name.startswith("#") else "" for name in head]
    titles = "".join(f"<th{kind}>{_(name)}</th>" for name, kind in zip(names, kinds, strict=True))
    lines = []
    for row in rows:
        cells = [
            f"<td{kind} data-name='{_(name)}'>{_span(cell)}</td>"
            for name, kind, cell in zip(names, kinds, row, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f"<div class=scroll><table{look}><thead><tr>{titles}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _span(cell: Any) -> str:
    text = f"{cell:,}" if isinstance(cell, int) else str(cell)
    return f"<span>{text}</span>" if text else ""
