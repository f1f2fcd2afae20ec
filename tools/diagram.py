"""Entity-relationship pictures as SVG: a column of boxes, and beside it a line to each that others point to.

Layout engines draw such pictures as wide as they come, so a phone shows them too small to read. These are as
wide as the text of a page on a phone, and as long as it takes: each box lists its columns with ids, and lines
run down the right margin, as on a subway map.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH = 360
"""Pixels of a page's text on a phone, whose screen has 390."""
FONT_SIZE = 11
"""Pixels."""
_FONTS = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
CHARACTER = 0.602 * FONT_SIZE
"""Pixels that a character takes in the widest of the usual monospaced fonts."""

_MARGIN = 6
_PADDING = 6
_LANE = 9
"""Pixels from one line to the next."""
_HEADER, _ROW, _GAP = 21, 15, 11
"""Heights in pixels: of the name of a box, of a line of text, and between two boxes."""
_BEND = 4
"""Radius of the corners of a line."""
_COLORS = (
    "#1d4ed8", "#b45309", "#15803d", "#7c3aed", "#be123c", "#0e7490", "#a21caf", "#4d7c0f", "#9a3412",
    "#334155", "#0f766e", "#86198f", "#b91c1c", "#6d4c41",
)  # fmt: skip
"""Of lines and of the boxes that they lead to; all are legible on white."""
_PLAIN = "#e2e8f0"
"""Color of the name of a box that no line leads to."""


@dataclass(frozen=True)
class Pointer:
    """Columns of a box that point to the same other box.

    Attributes:
        columns: Names of the columns.
        target: Name of the other box, or of something that is not in the picture.
        is_one: Whether at most one row points to each row of the target.
    """

    columns: tuple[str, ...]
    target: str
    is_one: bool = False


@dataclass(frozen=True)
class Box:
    """A table.

    Attributes:
        name: Its name.
        key: Its key columns.
        pointers: What its columns point to.
    """

    name: str
    key: tuple[str, ...]
    pointers: tuple[Pointer, ...] = ()


@dataclass(frozen=True)
class _Placed:
    """Where a box is.

    Attributes:
        box: The box.
        top: Of the box, in pixels.
        key: Lines of text that name its key.
        rows: Lines of text of each pointer.
    """

    box: Box
    top: int
    key: list[str]
    rows: list[list[str]]

    @property
    def port(self) -> float:
        """Height at which lines lead to the box."""
        return self.top + _HEADER / 2

    def row(self, number: int) -> int:
        """The top of the text of a pointer."""
        before = len(self.key) + sum(len(lines) for lines in self.rows[:number])
        return self.top + _HEADER + before * _ROW

    @property
    def bottom(self) -> int:
        return self.row(len(self.rows)) + 3


def picture(title: str, boxes: Sequence[Box]) -> str:
    """Draw boxes below each other, and lines from their columns to the boxes that these point to.

    Args:
        title: What it shows, for those who cannot see it.
        boxes: The boxes. What points to none of them is named in their text.

    Returns:
        An SVG document.
    """
    names = {box.name for box in boxes}
    lanes, width = _lanes(boxes, names)
    placed = _place(boxes, names, width)
    targets = [box.name for box in boxes if box.name in lanes]
    colors = {name: _COLORS[number % len(_COLORS)] for number, name in enumerate(targets)}
    height = next(reversed(placed.values())).bottom + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"',
        f'height="{height}" role="img" font-family="{_FONTS}" font-size="{FONT_SIZE}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#fff"/>',
    ]
    for name in sorted(targets, key=lambda name: -lanes[name]):
        parts += _line(placed, name, lanes[name], width, colors[name])
    for one in placed.values():
        parts += _box(one, names, width, colors)
    return "\n".join([*parts, "</svg>\n"])


def _lanes(boxes: Sequence[Box], names: set[str]) -> tuple[dict[str, int], int]:
    """Return the lane of the line to each box, the innermost first, and the width of boxes in pixels.

    How wide boxes are decides how long they are, and so which lines can share a lane.
    """
    lanes: dict[str, int] = {}
    for _ in range(2):
        width = _width(lanes)
        placed = _place(boxes, names, width)
        lanes = _assigned(_spans(placed))
    return lanes, _width(lanes)


def _width(lanes: Mapping[str, int]) -> int:
    """The width of boxes beside these lanes, in pixels."""
    return WIDTH - 2 * _MARGIN - (max(lanes.values(), default=-1) + 2) * _LANE


def _spans(placed: Mapping[str, _Placed]) -> dict[str, tuple[float, float]]:
    """Return from where to where the line to each box runs."""
    found: dict[str, tuple[float, float]] = {}
    for one in placed.values():
        for number, pointer in enumerate(one.box.pointers):
            if pointer.target in placed:
                port, row = placed[pointer.target].port, one.row(number) + _ROW / 2
                first, last = found.get(pointer.target, (port, port))
                found[pointer.target] = min(first, row), max(last, row)
    return found


def _assigned(spans: Mapping[str, tuple[float, float]]) -> dict[str, int]:
    """Give each line a lane, the shortest first, so that short lines are crossed less."""
    lanes: dict[str, int] = {}
    for name, (first, last) in sorted(spans.items(), key=lambda item: item[1][1] - item[1][0]):
        taken = {
            lane
            for other, lane in lanes.items()
            if first - _ROW < spans[other][1] and spans[other][0] - _ROW < last
        }
        lanes[name] = min({*range(len(taken) + 1)} - taken)
    return lanes


def _place(boxes: Sequence[Box], names: set[str], width: int) -> dict[str, _Placed]:
    found: dict[str, _Placed] = {}
    top, longest = _MARGIN, int((width - 2 * _PADDING) / CHARACTER)
    for box in boxes:
        key = _wrapped(["key:", *_listed(box.key)], longest)
        rows = [_wrapped(_text(pointer, names), longest) for pointer in box.pointers]
        found[box.name] = _Placed(box, top, key, rows)
        top = found[box.name].bottom + _GAP
    return found


def _text(pointer: Pointer, names: set[str]) -> list[str]:
    """The words of a pointer: its columns, and the target if no line leads there."""
    elsewhere = [] if pointer.target in names else [f"→ {pointer.target}"]
    return [*_listed(pointer.columns), *elsewhere]


def _listed(names: Sequence[str]) -> Iterator[str]:
    """Yield names with commas between them."""
    for number, name in enumerate(names, 1):
        yield f"{name}," if number < len(names) else name


def _wrapped(words: Sequence[str], longest: int) -> list[str]:
    """Break words into lines."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _box(one: _Placed, names: set[str], width: int, colors: Mapping[str, str]) -> Iterator[str]:
    box, left = one.box, _MARGIN + _PADDING
    color = colors.get(box.name)
    yield (
        f'<rect x="{_MARGIN}" y="{one.top}" width="{width}" height="{one.bottom - one.top}" rx="4" '
        'fill="#fff" stroke="#94a3b8"/>'
    )
    yield (
        f'<path d="M{_MARGIN} {one.top + _HEADER}v{4 - _HEADER}q0 -4 4 -4h{width - 8}q4 0 4 4'
        f'v{_HEADER - 4}z" fill="{color or _PLAIN}"/>'
    )
    yield _words(left, one.top + 15, box.name, "#fff" if color else "#0f172a", "bold")
    for number, line in enumerate(one.key):
        yield _words(left, one.top + _HEADER + number * _ROW + 11, line, "#64748b")
    for number, (pointer, lines) in enumerate(zip(box.pointers, one.rows, strict=True)):
        for line_number, line in enumerate(lines):
            ink = colors[pointer.target] if pointer.target in names else "#0f172a"
            yield _words(left, one.row(number) + line_number * _ROW + 11, line, ink)


def _words(left: float, base: float, text: str, color: str, weight: str = "") -> str:
    more = f' font-weight="{weight}"' if weight else ""
    return f'<text x="{left:g}" y="{base:g}" fill="{color}"{more}>{escape(text)}</text>'


def _line(placed: Mapping[str, _Placed], name: str, lane: int, width: int, color: str) -> Iterator[str]:
    """Draw the line to a box: from each column that points to it, along its lane, to an arrow at its name."""
    side = _MARGIN + width
    across, port = side + (lane + 2) * _LANE - 3, placed[name].port
    paths, feet = [], []
    for one in placed.values():
        for number, pointer in enumerate(one.box.pointers):
            if pointer.target == name:
                row = one.row(number) + _ROW / 2
                bend = _BEND if row > port else -_BEND
                paths.append(
                    f"M{side} {row:g}H{across - _BEND}q{_BEND} 0 {_BEND} {-bend}V{port + bend:g}"
                    f"q0 {-bend} {-_BEND} {-bend}H{side + 6}"
                )
                feet.append(
                    f"M{side + 4} {row - 3.5:g}v7"
                    if pointer.is_one
                    else f"M{side} {row - 3.5:g}L{side + 7} {row:g}L{side} {row + 3.5:g}"
                )
    yield f'<path d="{"".join(paths)}" fill="none" stroke="#fff" stroke-width="4"/>'
    yield f'<path d="{"".join([*paths, *feet])}" fill="none" stroke="{color}" stroke-width="1.5"/>'
    yield f'<path d="M{side} {port:g}l7 -4v8z" fill="{color}"/>'
