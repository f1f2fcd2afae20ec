"""What changed in the warehouse, whether it matches Keap, and how that reads on a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
Key: TypeAlias = tuple[str, ...]
Rows: TypeAlias = Mapping[Key, Row]

FACTS = (
    "email_addresses",
    "email_address",
    "email",
    "tag_ids",
    "update_time",
    "modification_time",
    "given_name",
    "name",
    "status",
)
"""Columns that are compared where both sides have them; keys and row counts always are."""

NAMED = 3
"""So many examples are named in a message."""


@dataclass(frozen=True)
class Line:
    """One stream in the table."""

    stream: str
    keap: int | None
    warehouse: int
    new: int
    changed: int
    deleted: int

    @property
    def moved(self) -> int:
        """How many rows are not as they were."""
        return self.new + self.changed + self.deleted


def line(stream: str, keap: int | None, before: Rows, after: Rows) -> Line:
    """Count what the last run did to a table."""
    changed = sum(1 for key, row in after.items() if key in before and before[key] != row)
    return Line(
        stream,
        keap,
        len(after),
        len(after.keys() - before.keys()),
        changed,
        len(before.keys() - after.keys()),
    )


def differences(truth: Sequence[Row], key: Sequence[str], rows: Rows) -> list[str]:
    """Say how a table is not what Keap holds; nothing if it is."""
    if not key or any(column not in record for record in truth for column in key):
        found = f"{len(rows):,} rows instead of {len(truth):,}"
        return [] if len(rows) == len(truth) else [found]
    wanted = {tuple(str(record[column]) for column in key): record for record in truth}
    told = []
    if missing := wanted.keys() - rows.keys():
        told.append(f"missing rows: {len(missing):,} ({_named(missing)})")
    if extra := rows.keys() - wanted.keys():
        told.append(f"rows that Keap does not have: {len(extra):,} ({_named(extra)})")
    for fact in FACTS:
        wrong = {
            row_key
            for row_key in wanted.keys() & rows.keys()
            if fact in wanted[row_key]
            and fact in rows[row_key]
            and plain(wanted[row_key][fact]) != plain(rows[row_key][fact])
        }
        if wrong:
            told.append(f"rows with another {fact}: {len(wrong):,} ({_named(wrong)})")
    return told


def plain(value: object) -> object:
    """A value in the one form both sides can be compared in: e-mail addresses by address, times in UTC."""
    if isinstance(value, list):
        return sorted(str(plain(item)) for item in value)
    if isinstance(value, dict):
        return str(value.get("email", sorted(value.items(), key=str)))
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def table(lines: Sequence[Line], most: int) -> str:
    """The lines as a table, those with the most news first; those without, and what does not fit, are summed up."""
    ranked = sorted(lines, key=lambda it: (-it.moved, -it.warehouse, it.stream))
    shown = [it for it in ranked[:most] if it.moved]
    text = [f"  {'stream':<38}{'in Keap':>10}{'warehouse':>12}{'new':>9}{'changed':>9}{'deleted':>9}"]
    text += [_written(it) for it in shown]
    if rest := ranked[len(shown) :]:
        text.append(_written(_sum(f"{len(rest)} more streams", rest)))
    text.append(_written(_sum("all", lines)))
    return "\n".join(text)


def _sum(name: str, lines: Sequence[Line]) -> Line:
    return Line(
        name,
        sum(it.warehouse if it.keap is None else it.keap for it in lines),
        sum(it.warehouse for it in lines),
        sum(it.new for it in lines),
        sum(it.changed for it in lines),
        sum(it.deleted for it in lines),
    )


def _written(it: Line) -> str:
    keap = "" if it.keap is None else f"{it.keap:,}"
    news = "".join(f"{count:>9,}" if count else f"{'-':>9}" for count in (it.new, it.changed, it.deleted))
    return f"  {it.stream:<38}{keap:>10}{it.warehouse:>12,}{news}"


def _named(keys: set[Key]) -> str:
    examples = ", ".join("/".join(key) for key in sorted(keys)[:NAMED])
    return examples + (", ..." if len(keys) > NAMED else "")
