"""Looks at the first pages of lists of which the next run reads only the changes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.check.plan import Counted
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.reading.pages import unpacked
from tap_infusionsoft.records.coerce import CoercionError, parse_time
from tap_infusionsoft.state.entry import CHANGED, rows_before
from tap_infusionsoft.streams.collection import PerBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.stream import KeapStream


def look_at_changes(
    client: KeapClient, streams: Sequence[KeapStream], failed: Callable[[KeapStream, KeapError], None]
) -> dict[str, Counted | None]:
    """Look at streams as long as there are calls left, those first whose calls tell of most.

    Args:
        client: The client.
        streams: The streams of the run.
        failed: Takes a stream that cannot be read, and why.

    Returns:
        The streams that answered -> what that shows of the changed rows; None for nothing.
    """
    found: dict[str, Counted | None] = {}
    unknown = [one for one in streams if one.next_pass.share and not one.next_pass.complete]
    told: dict[SharedResponses, float] = defaultdict(float)
    for one in unknown:
        told[one.responses] += _most_changes(one) / (1 if one.collection.source is None else 2)
    unknown.sort(key=lambda one: -told[one.responses])
    by_name = {one.name: one for one in streams}
    for stream in unknown:
        if client.calls_left < 1:
            break
        if stream.name in found or not _is_read_by_one_call(stream, by_name):
            continue
        try:
            call = _opening_call(stream)
            if call is None or call.method != "GET":
                continue
            document = client.fetch(call).document
        except KeapError as error:
            failed(stream, error)
            continue
        rows = document.get(call.items) if call.items is not None else [document]
        for one in unknown:
            if one is stream or (one.responses is stream.responses and one.opening_call == call):
                found[one.name] = _count(one, rows, call.rows) if isinstance(rows, list) else None
    return found


def _most_changes(stream: KeapStream) -> int:
    """How many rows may have changed, or be read again."""
    last = stream.stream_state.get(CHANGED)
    if isinstance(last, int) and not stream.collection.changes.shows_edits:
        return last  # what it reads again, and new rows
    return rows_before(stream.stream_state) or 0


def _opening_call(stream: KeapStream) -> Call | None:
    """The call that a stream begins with, after what it is read for was listed; None if it is unknown.

    Raises:
        KeapError: What it is read for cannot be listed.
    """
    reader = stream.passes.reader
    if stream.collection.source is None or reader is None:
        return stream.opening_call
    reader.slices_of_this_run()
    return reader.opening_call()


def _is_read_by_one_call(stream: KeapStream, streams: Mapping[str, KeapStream]) -> bool:
    """Whether one call can ask for all changes of a stream, and another one lists what it is read for.

    Args:
        stream: The stream.
        streams: The streams of the run, by name.
    """
    source = stream.collection.source
    if source is None:
        return True
    before = rows_before(streams[source.stream].stream_state) if source.stream in streams else None
    return isinstance(source, PerBatch) and before is not None and before < source.size


def _count(stream: KeapStream, rows: Sequence[Any], size: int) -> Counted | None:
    """What the first page shows of the rows that a run will read; None for nothing.

    Args:
        stream: The stream.
        rows: The rows of the page.
        size: Most rows of a page; 0 for all.
    """
    collection, window = stream.collection, stream.next_pass.window
    key = collection.changes.key
    if stream.next_pass.moves is not None:
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
