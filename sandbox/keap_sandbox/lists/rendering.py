"""Turns complete rows into what the API shows: selected fields, in the form that the switches choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.timestamps import iso_millis, iso_offset, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row

__all__ = ["apply_switches", "is_plain", "pick"]


def pick(row: Row, names: frozenset[str], order: Iterable[str]) -> Row:
    """Select fields of a row, null where it has none.

    Args:
        row: The complete row.
        names: The fields to select.
        order: The same fields in the order to show them.
    """
    if row.keys() == names:
        return row
    return {name: row.get(name) for name in order}


def _as_ids(name: str, value: Any) -> Any:
    if isinstance(value, str) and value.isdigit() and (name == "id" or name.endswith("_id")):
        return int(value)
    if isinstance(value, list) and name.endswith("_ids"):
        return [int(one) if isinstance(one, str) and one.isdigit() else one for one in value]
    return value


def _as_time(value: Any, form: str) -> Any:
    moment = parse_moment(value) if isinstance(value, str) and "T" in value else None
    if moment is None:
        return value
    if form == "seconds":
        return iso_millis(moment)[:19] + "Z"
    return iso_offset(moment) if form == "offset" else iso_millis(moment)


def _rewrite(value: Any, change: Callable[[str, Any], Any], *, drop: bool) -> Any:
    if isinstance(value, dict):
        return {
            name: _rewrite(change(name, one), change, drop=drop)
            for name, one in value.items()
            if one is not None or not drop
        }
    if isinstance(value, list):
        return [_rewrite(one, change, drop=drop) for one in value]
    return value


def is_plain(switches: Switches) -> bool:
    """Return True if the switches show rows as they are stored."""
    return switches.ids == "strings" and switches.times == "mixed" and switches.nulls == "present"


def apply_switches(rows: list[Row], switches: Switches) -> list[Row]:
    """Apply the switches for ids, nulls and times. By default they change nothing."""
    drop = switches.nulls == "missing"
    if is_plain(switches):
        return rows

    def change(name: str, value: Any) -> Any:
        if switches.times != "mixed":
            value = _as_time(value, switches.times)
        return _as_ids(name, value) if switches.ids == "integers" else value

    return [_rewrite(row, change, drop=drop) for row in rows]
