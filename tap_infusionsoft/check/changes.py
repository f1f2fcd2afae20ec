"""Looks at the first pages of lists of which the next run reads only the changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.check.plan import Counted
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.reading.pages import unpacked
from tap_infusionsoft.records.coerce import CoercionError, parse_time
from tap_infusionsoft.state.entry import rows_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.stream import KeapStream


def look_at_changes(
    client: KeapClient, streams: Sequence[KeapStream], failed: Callable[[KeapStream, KeapError], None]
) -> dict[str, Counted | None]:
    """Look at streams as long as there are calls left, those with the most rows first.

    Args:
        client: The client.
        streams: The streams of the run.
        failed: Takes a stream that cannot be read, and why.

    Returns:
        The streams that answered -> what that shows of the changed rows; None for nothing.
    """
    found: dict[str, Counted | None] = {}
    unknown = [one for one in streams if one.next_pass.share and not one.next_pass.complete]
    unknown.sort(key=lambda one: (one.collection.source is not None, -(rows_before(one.stream_state) or 0)))
    for stream in unknown:
        if client.calls_left < 1:
            break
        call = stream.opening_call
        if call is None or call.method != "GET" or stream.name in found:
            continue
        try:
            document = client.fetch(call).document
        except KeapError as error:
            failed(stream, error)
            continue
        rows = document.get(call.items) if call.items is not None else [document]
        for one in unknown:
            if one is stream or (one.responses is stream.responses and one.opening_call == call):
                found[one.name] = _count(one, rows, call.rows) if isinstance(rows, list) else None
    return found


def _count(stream: KeapStream, rows: Sequence[Any], size: int) -> Counted | None:
    """What the first page shows of the rows that a run will read; None for nothing.

    Args:
        stream: The stream.
        rows: The rows of the page.
        size: Most rows of a page; 0 for all.
    """
    collection, window = stream.collection, stream.next_pass.window
    key = collection.changes.key
    if collection.source is not None or stream.next_pass.moves is not None:
        return None
    is_all = not size or len(rows) < size
    if key is not None and window.since is not None and collection.changes.goes_newest_first(window):
        since, name = window.since, collection.wire.name(key)
        try:
            newer = [row for row in rows if row.get(name) is None or parse_time(row[name]) >= since]
        except CoercionError:
            return None
        is_all, rows = is_all or len(newer) < len(rows), newer
    made = len(unpacked(collection, [*rows]).rows) if collection.wire.unpack is not None else len(rows)
    return Counted(made, is_all, "its first page", len(rows))
