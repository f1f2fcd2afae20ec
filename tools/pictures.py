"""The pictures of docs/, drawn from data of runs, as SVG that is readable on a phone. `make docs` does it."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
NIGHTS = ROOT / "docs" / "pictures" / "nights.json"
"""What `tools.nights` wrote."""
BENCHMARKS = ROOT / "tests" / "benchmarks" / "latest.json"
WIDTH = 380
"""About the width of a phone, so that letters are there as large as they are written."""
_ALL, _PART, _CHANGES, _INK, _SOFT, _LINE = "#1b5e8c", "#6aaed6", "#d5e6f2", "#1c2733", "#5b6b7a", "#dde3e8"
_LOOK = {"all": (_ALL, "#ffffff"), "part": (_PART, _INK), "changes": (_CHANGES, _INK)}
"""How a stream was read -> fill of its cell, and color of the number in it."""


class Picture(Struct):
    """A picture.

    Attributes:
        title: What it shows, for those who do not see it.
        height: Its height.
        parts: Its elements.
    """

    title: str
    height: int
    parts: list[str]

    def text(self, x: float, y: float, text: str, look: str = "", *, size: int = 12) -> None:
        """Add a text.

        Args:
            x: Where it begins, or what `look` says.
            y: Its baseline.
            text: The text.
            look: Further attributes.
            size: Size of the letters.
        """
        self.parts.append(f'<text x="{x:g}" y="{y:g}" font-size="{size}" {look}>{escape(text)}</text>')

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """Add a filled box."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2" fill="{fill}"/>'
        )

    def line(self, x: float, y: float, to: tuple[float, float], color: str = _LINE, width: int = 1) -> None:
        """Add a line to another point."""
        self.parts.append(
            f'<line x1="{x:g}" y1="{y:g}" x2="{to[0]:g}" y2="{to[1]:g}" '
            f'stroke="{color}" stroke-width="{width}"/>'
        )

    def legend(self, y: float, entries: Sequence[tuple[str, str]]) -> None:
        """Add a legend, one entry a line.

        Args:
            y: Where it begins.
            entries: Color and meaning.
        """
        for number, (color, meaning) in enumerate(entries):
            self.box(10, y + number * 18, 12, 12, color)
            self.text(28, y + number * 18 + 10, meaning, f'fill="{_SOFT}"')

    def svg(self) -> str:
        """Return the picture as SVG."""
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" role="img" '
            'font-family="system-ui, sans-serif" '
            f'fill="{_INK}">\n<title>{escape(self.title)}</title>\n'
            f'<rect width="{WIDTH}" height="{self.height}" rx="6" fill="#ffffff"/>\n{body}\n</svg>'
        )


def turns() -> str:
    """Draw how each stream was read in a first load and in the nights after it."""
    reads: dict[str, list[dict[str, Any]]] = json.loads(NIGHTS.read_text(encoding="utf-8"))["reads"]
    count = len(next(iter(reads.values())))
    left, top, row = 140, 46, 20
    cell = (WIDTH - left - 8) / count
    picture = Picture(
        f"How {len(reads)} streams were read in a first load and {count - 1} nights",
        top + row * len(reads) + 3 * 18 + 18,
        [],
    )
    picture.text(10, 18, "Calls for each stream, night by night", 'font-weight="600"', size=13)
    for night in range(count):
        label = "first" if night == 0 else str(night)
        middle = f'text-anchor="middle" fill="{_SOFT}"'
        picture.text(
            left + cell * night + cell / 2 - (5 if night == 0 else 0), top - 6, label, middle, size=10
        )
    for number, (name, nights) in enumerate(reads.items()):
        y = top + number * row
        picture.text(10, y + 13, name, size=11)
        for night, one in enumerate(nights):
            fill, ink = _LOOK[one["how"]]
            x = left + cell * night
            picture.box(x + 0.5, y + 1, cell - 1, row - 2, fill)
            look = f'text-anchor="middle" fill="{ink}"'
            picture.text(x + cell / 2, y + 13.5, str(one["calls"]), look, size=9)
    y = top + row * len(reads)
    picture.legend(
        y + 12,
        [
            (_ALL, "everything: the first load, a sweep, or a short list"),
            (_PART, "a part of the parents, and those that changed"),
            (_CHANGES, "what changed since the bookmark"),
        ],
    )
    return picture.svg()


def arrivals() -> str:
    """Draw after how many nights the copy showed what happened in the account."""
    arrived: dict[str, int] = json.loads(NIGHTS.read_text(encoding="utf-8"))["arrived"]
    last = 7
    left, top, row = 24, 58, 42
    step = (WIDTH - left - 24) / last
    bottom = top + row * len(arrived)
    picture = Picture("When the copy showed what happened in the account", bottom + 12, [])
    picture.text(10, 18, "Nights until the copy shows what happened", 'font-weight="600"', size=13)
    for night in range(last + 1):
        x = left + step * night
        picture.line(x, top - 8, (x, bottom))
        picture.text(x, top - 14, str(night), f'text-anchor="middle" fill="{_SOFT}"', size=11)
    for number, (what, nights) in enumerate(sorted(arrived.items(), key=lambda one: one[1])):
        y = top + number * row + 24
        color = _PART if nights < last / 2 else _ALL
        picture.text(left + 6, y - 9, what, size=12)
        picture.line(left, y, (left + step * nights, y), color, 3)
        picture.parts.append(f'<circle cx="{left + step * nights:g}" cy="{y:g}" r="6" fill="{color}"/>')
    return picture.svg()


def week() -> str:
    """Draw the calls of each night of the benchmark c, beside those of the earlier build."""
    runs = json.loads(BENCHMARKS.read_text(encoding="utf-8"))["runs"]
    figures = [one for run in runs for one in run["figures"]]
    note = next(one["note"] for one in figures if one["bench"] == "c" and one["what"].startswith("week /"))
    now, earlier = _nights(note)
    top, height = 52, 150
    most = max(*now, *earlier)
    group = (WIDTH - 20) / len(now)
    picture = Picture("Calls of each night of a week", top + height + 22 + 2 * 18 + 14, [])
    picture.text(10, 18, "Calls of each night, account of 100,000 contacts", 'font-weight="600"', size=13)
    for night, pair in enumerate(zip(now, earlier, strict=True)):
        x = 10 + group * night
        for place, (calls, color) in enumerate(zip(pair, (_ALL, _CHANGES), strict=True)):
            high = height * calls / most
            width = group * 0.42
            at = x + group * 0.06 + place * width
            picture.box(at, top + height - high, width - 1, high, color)
            look = f'text-anchor="middle" fill="{_SOFT}"'
            picture.text(at + width / 2, top + height - high - 4, f"{calls:,}", look, size=9)
        middle = f'text-anchor="middle" fill="{_SOFT}"'
        picture.text(x + group / 2, top + height + 14, f"night {night + 1}", middle, size=10)
    picture.legend(
        top + height + 26,
        [(_ALL, "rolling reads"), (_CHANGES, "an earlier version, which reads everything again")],
    )
    return picture.svg()


def _nights(note: str) -> Iterator[list[int]]:
    """Yield the calls by night that the note of a figure lists, those of this build first."""
    for part in re.findall(r"(?:nights|at \w+): ([\d, ]+)(?:;|$)", note):
        yield [int(number.replace(",", "")) for number in re.split(r", ", part.strip())]


def files() -> dict[str, str]:
    """Return all pictures: path from the root of the checkout -> SVG."""
    return {f"docs/pictures/{draw.__name__}.svg": f"{draw()}\n" for draw in (turns, arrivals, week)}
