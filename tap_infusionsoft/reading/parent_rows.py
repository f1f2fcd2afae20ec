"""What rows say about what is below them, for collections that are read once for each row of another one."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.records.coerce import CoercionError, parse_time
from tap_infusionsoft.records.row_keys import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tap_infusionsoft.streams.collection import PerParent

Row = Mapping[str, Any]
_MARK = 2
"""Characters of a mark, 4,096 different ones: a state holds those of all parents."""


def compact(value: Any) -> Any:
    """What to keep of a value: a digest of a list or an object, unless it is empty."""
    return f"{_digest(value):016x}" if value and isinstance(value, list | dict) else value


def leading(source: PerParent, rows: Sequence[Row]) -> list[Row]:
    """The parents below which there may be anything.

    Lists that are empty in all parents say nothing: then Keap might just not fill them in.

    Args:
        source: What is read for the parents.
        rows: The parents.
    """
    is_filled = source.lists is None or any(row.get(source.lists) for row in rows)
    believed = source if is_filled else replace(source, lists=None)
    return [row for row in rows if believed.leads_on(row)]


def changed_since(source: PerParent, rows: Iterable[Row], since: datetime) -> frozenset[str]:
    """Ids of the parents whose own time says that they changed.

    Args:
        source: What is read for the parents.
        rows: The parents.
        since: The time.
    """
    if source.changed is None:
        return frozenset()
    return frozenset(
        str(row[source.ordered_by])
        for row in rows
        if (moment := _moment(row.get(source.changed))) is not None and moment >= since
    )


def mark(values: Any) -> str:
    """A short digest of what shows something of what is below a parent."""
    return base64.b64encode(_digest(values).to_bytes(8))[:_MARK].decode()


def _digest(value: Any) -> int:
    return digest([json.dumps(value, sort_keys=True, default=str)])


def _moment(value: Any) -> datetime | None:
    """A time of a row; None if it has none that can be understood."""
    try:
        return parse_time(value)
    except CoercionError:
        return None
