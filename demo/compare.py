"""Compare the warehouse with Keap and with its state before the run, and print the result."""

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
"""Columns to compare if both sides have them. Keys and row counts are always compared."""

MOST_EXAMPLES = 3
"""Most keys listed in a message."""


@dataclass(frozen=True)
class Line:
    """One row of the printed table.

    Attributes:
        stream: Name of the stream.
        keap: Rows in Keap; None if the sandbox can't tell.
        warehouse: Rows in the warehouse.
        new: Rows that the run added.
        changed: Rows that the run changed.
        deleted: Rows that the run deleted or marked as deleted.
    """

    stream: str
    keap: int | None
    warehouse: int
    new: int
    changed: int
    deleted: int

    @property
    def moved(self) -> int:
        """How many rows the run added, changed or deleted."""
        return self.new + self.changed + self.deleted


def line(stream: str, keap: int | None, before: Rows, after: Rows) -> Line:
    """Count what a run did to a table.

    Args:
        stream: Name of the stream.
        keap: Rows in Keap; None if the sandbox can't tell.
        before: The table's rows before the run.
        after: The table's rows after the run.
    """
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
    """Describe how a table differs from Keap.

    Args:
        truth: The records in Keap.
        key: The table's primary key columns.
        rows: The table's rows.

    Returns:
        One sentence per difference; empty if there are none.
    """
    if not key or any(column not in record for record in truth for column in key):
        found = f"{len(rows):,} rows instead of {len(truth):,}"
        return [] if len(rows) == len(truth) else [found]
    wanted = {tuple(str(record[column]) for column in key): record for record in truth}
    found_differences = []
    if missing := wanted.keys() - rows.keys():
        found_differences.append(f"missing rows: {len(missing):,} ({_examples(missing)})")
    if extra := rows.keys() - wanted.keys():
        found_differences.append(f"rows that Keap does not have: {len(extra):,} ({_examples(extra)})")
    for fact in FACTS:
        wrong = {
            row_key
            for row_key in wanted.keys() & rows.keys()
            if fact in wanted[row_key]
            and fact in rows[row_key]
            and plain(wanted[row_key][fact]) != plain(rows[row_key][fact])
        }
        if wrong:
            found_differences.append(f"rows with a different {fact}: {len(wrong):,} ({_examples(wrong)})")
    return found_differences


def plain(value: object) -> object:
    """Return a value in a form that is comparable on both sides: emails by address, times in UTC."""
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
    """Format the lines as a table, with the most changed streams first.

    Args:
        lines: One line per stream.
        most: Most streams to list. The rest, and streams without changes, are summed up in one line.
    """
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
    changes = "".join(f"{count:>9,}" if count else f"{'-':>9}" for count in (it.new, it.changed, it.deleted))
    return f"  {it.stream:<38}{keap:>10}{it.warehouse:>12,}{changes}"


def _examples(keys: set[Key]) -> str:
    examples = ", ".join("/".join(key) for key in sorted(keys)[:MOST_EXAMPLES])
    return examples + (", ..." if len(keys) > MOST_EXAMPLES else "")
