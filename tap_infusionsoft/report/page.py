"""The report as a page: one file that needs nothing from elsewhere, for desks, phones and printers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from tap_infusionsoft.report.chart import as_table, charts
from tap_infusionsoft.report.document import Status, is_to_be_looked_at
from tap_infusionsoft.report.markup import UNKNOWN, _, clock_time, folded, minute, number, plural, table
from tap_infusionsoft.report.page_style import STYLE
from tap_infusionsoft.report.summary import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_infusionsoft.report.document import Report, StreamReport

_CHIPS = {
    Status.FAILED: "bad",
    Status.STOPPED: "open",
    Status.NOT_READ: "open",
    Status.LEFT: "open",
}
"""Status of a stream that is not well -> its look."""
_WORDS = {
    Status.FAILED: "failed",
    Status.STOPPED: "stopped",
    Status.NOT_READ: "not read",
    Status.LEFT: "left for the next run",
}
_WITHOUT_ERROR = (0, 75, 129, 130, 143)
"""Exit codes of runs that ended as somebody wanted."""


class Kept(Struct, frozen=True):
    """A report that was kept.

    Attributes:
        name: Name of its file.
        summary: What it says in a sentence; empty if that is not known.
    """

    name: str
    summary: str = ""


def page(report: Report, kept: Sequence[Kept] = (), latest: str | None = None) -> str:
    """Return the report as a page.

    Args:
        report: The report.
        kept: The reports of earlier runs that are kept beside it, latest first.
        latest: Name of the file of the latest report, if this is one that is kept.
    """
    account = f" of {_(report.account)}" if report.account else ""
    title = f"Run{account}, {minute(report.started)} UTC"
    description = _(summary(report))
    body = "\n".join(
        filter(
            None,
            [
                f"<header><h1>{title}</h1>{_times(report)}</header>",
                _verdict(report),
                _tiles(report),
                _problems(report),
                _timeline(report),
                _streams(report),
                _limits(report),
                _others(report),
                _history(kept, latest),
            ],
        )
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="description" content="{description}">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def summary(report: Report) -> str:
    """Say in a sentence how a run ended and what it did.

    Args:
        report: The report.
    """
    totals = report.totals
    deleted = f", {number(totals.deleted)} marked as deleted" if totals.deleted else ""
    return (
        f"{_capital(report.exit.meaning)} (exit code {report.exit.code}): {plural(totals.rows, 'row')} of "
        f"{plural(totals.streams, 'stream')}{deleted}; {plural(totals.calls, 'API call')} in "
        f"{span(report.seconds)}."
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _times(report: Report) -> str:
    return (
        f'<p class="soft">{_(report.program)}, started {minute(report.started)}, ended '
        f"{minute(report.ended)} UTC</p>"
    )


def _verdict(report: Report) -> str:
    ending = report.exit
    look = "bad" if ending.code not in _WITHOUT_ERROR else "open" if ending.code or report.left else "good"
    failed = sum(one.status is Status.FAILED for one in report.streams)
    # The line of the log says that the reasons are above it.
    words = f"{failed} of {plural(len(report.streams), 'stream')} failed." if failed else ending.message
    message = f"<p>{_(words)}</p>" if words else ""
    return (
        f'<div class="verdict {look}" role="status"><p><b>{_(_capital(ending.meaning))}.</b> '
        f'<span class="soft">Exit code {ending.code}</span></p>{message}</div>'
    )


def _tiles(report: Report) -> str:
    totals, quota = report.totals, report.quota
    tiles = [
        (number(totals.rows), f"rows of {plural(totals.streams, 'stream')}"),
        (number(totals.deleted), "marked as deleted"),
        (number(totals.calls), "API calls"),
        (span(report.seconds), "in all"),
    ]
    if totals.paced_seconds:
        tiles.append((span(totals.paced_seconds), "held back to keep the limits"))
    if totals.waits:
        tiles.append((span(totals.waited_seconds), f"in {plural(totals.waits, 'wait')} after faults"))
    if quota is not None:
        tiles.append(
            (
                number(quota.left),
                f"of {number(quota.limit)} calls left, until {minute(quota.resets_at)} UTC",
            )
        )
    found = "".join(f"<li><b>{_(value)}</b> <span>{_(what)}</span></li>" for value, what in tiles)
    return f'<ul class="tiles">{found}</ul>'


def _problems(report: Report) -> str:
    """What failed and what to do, once for all streams with the same problem."""
    streams: dict[str, list[str]] = {}
    for one in report.streams:
        if one.problem:
            streams.setdefault(one.problem, []).append(one.stream)
    found = "".join(f"<li><b>{_(', '.join(names))}</b>: {_(what)}</li>" for what, names in streams.items())
    if not found:
        return ""
    return f'<section><h2 id="problems">What to do</h2><ul class="problems">{found}</ul></section>'


def _timeline(report: Report) -> str:
    timeline = report.timeline
    head = ("From", "#Calls", "Streams", "#Held back", "#Waiting", "#Left of the day")
    cells = as_table(timeline.steps)
    parts = [
        "<section><h2>When</h2>",
        charts(timeline, report.quota, report.ended),
        ""
        if timeline.is_whole
        else '<p class="soft">The run was long: only its first calls are in the pictures.</p>',
        folded("The same as a table", table("Calls and waits over time", head, cells, "cards")),
    ]
    if timeline.faults:
        rows = [
            [clock_time(one.at), _(one.stream or "no stream in particular"), _(one.kind), span(one.seconds)]
            for one in timeline.faults
        ]
        faults = table("Waits after faults", ("At", "Stream", "Fault", "#Waited"), rows, "cards")
        parts.append(folded(f"Waits after faults ({number(len(rows))})", faults))
    return "".join([*parts, "</section>"])


def _streams(report: Report) -> str:
    shown = [one for one in report.streams if _is_worth_a_row(one)]
    quiet = [one for one in report.streams if one.status is Status.READ and not _is_worth_a_row(one)]
    later = [one for one in report.streams if one.status is Status.LATER and not _is_worth_a_row(one)]
    parts = ["<section><h2>Streams</h2>"]
    parts.append(_stream_table("Streams", shown) if shown else "<p>No stream had anything new.</p>")
    if quiet:
        title = f"Nothing new in {plural(len(quiet), 'stream')}"
        parts.append(folded(title, _stream_table(title, quiet)))
    if later:
        title = f"Left for a later run, as they are recent enough: {plural(len(later), 'stream')}"
        names = "".join(f"<li>{_(one.stream)} <span class=soft>{_(one.note)}</span></li>" for one in later)
        parts.append(folded(title, f"<ul>{names}</ul>"))
    parts.append(
        f'<p class="soft">{UNKNOWN} means that the run cannot know it: only complete passes find deleted '
        "rows, and new rows can be told from changed ones only where ids show their age.</p></section>"
    )
    return "".join(parts)


def _is_worth_a_row(one: StreamReport) -> bool:
    return bool(one.status in _CHIPS or one.rows or one.deleted or one.waits or is_to_be_looked_at(one))


def _stream_table(title: str, streams: Iterable[StreamReport]) -> str:
    head = (
        *("Stream", "How", "#Rows", "#New", "#Changed", "#Deleted", "#Calls", "#Time"),
        *("#Next from (UTC)", "#May be old", "Notes"),
    )
    return table(title, head, [_stream(one) for one in streams], "cards streams")


def _stream(one: StreamReport) -> list[str]:
    kinds = ", ".join(dict.fromkeys(one.passes))
    chip = _CHIPS.get(one.status)
    how = f'<span class="chip {chip}">{_(_WORDS[one.status])}</span> {_(kinds)}' if chip else _(kinds)
    waits = f"{plural(one.waits, 'wait')} after faults, {span(one.waited_seconds)}" if one.waits else ""
    notes = [
        one.note,
        f"{plural(one.mended, 'value')} mended" if one.mended else "",
        f"{number(one.quarantined)} in quarantine" if one.quarantined else "",
        f"{number(one.skipped)} skipped" if one.skipped else "",
        waits,
    ]
    problem = '<a href="#problems">What to do</a>' if one.problem else ""
    return [
        _(one.stream),
        how.strip(),
        *(number(value) for value in (one.rows, one.new, one.changed, one.deleted, one.calls)),
        span(one.seconds),
        UNKNOWN if one.next_bookmark is None else minute(one.next_bookmark),
        UNKNOWN if one.oldest_days is None else f"{one.oldest_days:g} days",
        " ".join(filter(None, [_("; ".join(filter(None, notes))), problem])),
    ]


def _limits(report: Report) -> str:
    limits = report.limits
    if limits.summary is None and not limits.settings:
        return ""
    rows = [[f"<code>{_(name)}</code>", _(value)] for name, value in limits.settings.items()]
    words = f"<p>{_(limits.summary)}</p>" if limits.summary else ""
    inside = (
        table("Settings that differ from their defaults", ("Setting", "Value"), rows, "cards") if rows else ""
    )
    return f"<section><h2>Settings</h2>{words}{inside}</section>"


def _others(report: Report) -> str:
    parts = []
    if report.left:
        parts.append(
            f"<p>The calls of this run are used up (max_calls_per_run). Left for the next run: "
            f"{_(', '.join(report.left))}.</p>"
        )
    if report.deselected:
        names = f"<p>{_(', '.join(report.deselected))}</p>"
        parts.append(folded(f"Not selected: {plural(len(report.deselected), 'stream')}", names))
    return f"<section><h2>Not read</h2>{''.join(parts)}</section>" if parts else ""


def _history(kept: Sequence[Kept], latest: str | None) -> str:
    if latest is not None:
        return f'<p><a href="{_(quote(latest))}">The latest report, and all that are kept</a></p>'
    if not kept:
        return ""
    links = "".join(
        f'<li><a href="{_(quote(one.name))}">{_(_moment(one.name))}</a> {_(one.summary)}</li>' for one in kept
    )
    return f'<section><h2>Earlier reports</h2><ul class="history">{links}</ul></section>'


def _moment(name: str) -> str:
    """The time in the name of a report that is kept."""
    day, _t, rest = name.rsplit(".", 2)[1].partition("T")
    return f"{day} {rest[:5].replace('-', ':')} UTC"
