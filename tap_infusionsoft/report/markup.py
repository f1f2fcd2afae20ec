"""Parts of a page: escaped texts, numbers, times, and tables that become lists of cards on a phone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tap_infusionsoft.client.redact import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

UNKNOWN = "–"  # noqa: RUF001  # a dash, as in a table of numbers


def _(value: object) -> str:
    """A text for HTML, in an attribute too: on one line, without control characters."""
    return escape(printable(str(value)))


def number(value: int | None) -> str:
    """A number with separators; a dash if it is not known."""
    return UNKNOWN if value is None else f"{value:,}"


def plural(count: int, what: str) -> str:
    """A number of things."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def clock_time(moment: datetime) -> str:
    """The time of a day, in UTC."""
    return f"{moment:%H:%M:%S}"


def minute(moment: datetime) -> str:
    """A day and time, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M}"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], look: str = "") -> str:
    """A table of HTML cells. Roles keep it one for screen readers where styles make cards of its rows.

    Args:
        caption: What it holds.
        head: Names of the columns; one that begins with # has numbers.
        rows: The cells. The first one names the row.
        look: Names of its styles.
    """
    names = [name.lstrip("#") for name in head]
    kinds = [' class="number"' if name.startswith("#") else "" for name in head]
    titles = "".join(
        f'<th role="columnheader" scope="col"{kind}>{_(name)}</th>'
        for name, kind in zip(names, kinds, strict=True)
    )
    lines = []
    for first, *others in rows:
        cells = [f'<th role="rowheader" scope="row">{first}</th>']
        cells += [
            f'<td role="cell" data-name="{_(name)}"{_look(kind, cell)}><span>{cell}</span></td>'
            for name, kind, cell in zip(names[1:], kinds[1:], others, strict=True)
        ]
        lines.append(f'<tr role="row">{"".join(cells)}</tr>')
    return (
        f'<div class="scroll"><table role="table" class="{look}">'
        f'<caption class="hidden">{_(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{titles}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(lines)}</tbody></table></div>'
    )


def _look(kind: str, cell: str) -> str:
    if cell not in {"", UNKNOWN}:
        return kind
    return ' class="number none"' if kind else ' class="none"'


def folded(title: str, inside: str, *, is_open: bool = False) -> str:
    """A part of the page that opens with a click, without a script.

    Args:
        title: What it is.
        inside: What it holds, as HTML.
        is_open: Whether it is open from the start.
    """
    return f"<details{' open' if is_open else ''}><summary>{_(title)}</summary>{inside}</details>"
