"""Looks at the first pages of lists of which the next run reads only the changes."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.check.planned import Counted
from tap_infusionsoft.check.samples import MOST, spread
from tap_infusionsoft.check.targets import is_first_load, parents_before
from tap_infusionsoft.client.faults import NOT_SERVED, KeapError
from tap_infusionsoft.client.page_tokens import next_token
from tap_infusionsoft.reading.pages import unpacked
from tap_infusionsoft.reading.refused import OF_ONE_SLICE
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.records.coerce import CoercionError, parse_time
from tap_infusionsoft.state.entry import CHANGED, rows_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.stream import KeapStream


def look_at_changes(
    account: Account, streams: Sequence[KeapStream], failed: Callable[[KeapStream, KeapError], None]
) -> dict[str, Counted | None]:
    """Look at streams as long as there are calls left, those first whose calls tell of most.

    Args:
        account: The account.
        streams: The streams of the run.
        failed: Takes a stream that cannot be read, and why.

    Returns:
        The streams that answered -> what that shows of the changed rows; None for nothing.
    """
    found: dict[str, Counted | None] = {}
    unknown = [
        one
        for one in streams
        if one.next_pass.share and (not one.next_pass.complete or _is_of_some_time(one))
    ]
    told: dict[SharedResponses, float] = defaultdict(float)
    for one in unknown:
        told[one.responses] += _most_changes(one) / _calls(one)
    unknown.sort(key=lambda one: -told[one.responses])
    for stream in unknown:
        if account.client.calls_left < 1:
            break
        if stream.name in found:
            continue
        try:
            if stream.collection.source is None:
                found |= _of_list(account, stream, unknown)
            elif _is_short(account, stream):
                found[stream.name] = _of_slices(account, stream)
        except KeapError as error:
            if stream.collection.fallback is None or error.fault.kind not in NOT_SERVED:
                failed(stream, error)
    return found


def _is_of_some_time(stream: KeapStream) -> bool:
    """Whether a first load brings the rows of some time only, which no other list shows."""
    begun, collection = stream.next_pass, stream.collection
    is_of_time = collection.changes.is_timed and not begun.window.is_open
    return is_of_time and collection.batches is not None and is_first_load(stream)


def _of_list(
    account: Account, stream: KeapStream, unknown: Sequence[KeapStream]
) -> dict[str, Counted | None]:
    """What the first page of a list shows of its changes, and of those of other streams that are made of it.

    Raises:
        KeapError: It cannot be read.
    """
    call = stream.opening_call
    if call is None or call.method != "GET":
        return {}
    document = account.client.fetch(call).document
    return {
        one.name: _count(one, document, call)
        for one in unknown
        if one is stream or (one.responses is stream.responses and one.opening_call == call)
    }


def _of_slices(account: Account, stream: KeapStream) -> Counted | None:
    """What some slices show of the changes of all; None for nothing.

    Raises:
        KeapError: They cannot be read, or not be listed.
    """
    collection, reader, client = stream.collection, stream.passes.reader, account.client
    pieces = [] if reader is None else [*reader.slices_of_this_run()]
    if collection.endpoint.items is None:
        return Counted(len(pieces), True, "one of a kind", len(pieces), len(pieces))
    plan, seen = account.plan(collection, stream.next_pass.window, stream.trial_fields), []
    refused: KeapError | None = None
    for piece in spread(pieces):
        if client.calls_left < 1:
            break
        call = walk_of(plan, piece).first_call()
        try:
            document = client.fetch(call).document
        except KeapError as error:
            if error.fault.kind not in OF_ONE_SLICE:
                raise
            refused = error  # the run goes on without it
            continue
        counted = _count(stream, document, call)
        if counted is None:
            return None
        seen.append(counted)
    if not seen and refused is not None:
        raise refused
    if not seen:
        return None
    made, sent = (
        round(sum(numbers) / len(seen) * len(pieces))
        for numbers in ([one.rows for one in seen], [one.sent for one in seen])
    )
    if len(pieces) == 1:
        return Counted(made, seen[0].is_all, seen[0].basis, sent, 1)
    what = f"by {len(seen)} of {len(pieces)} " + ("batches" if collection.batches else "parents")
    least = sum(one.rows for one in seen) if len(seen) < len(pieces) else None
    return Counted(made, all(one.is_all for one in seen), what, sent, len(pieces), least)


def _is_short(account: Account, stream: KeapStream) -> bool:
    """Whether few calls list what a stream is read for, so that some are left."""
    parents, source, before = stream.collection.parents, stream.collection.source, parents_before(stream)
    if source is None or parents is None or parents.in_window:
        return True  # there are few of some days, and of tags
    size = account.collections[source.stream].endpoint.page_size
    return before is not None and math.ceil(before / size) <= account.client.calls_left // 2


def _calls(stream: KeapStream) -> int:
    """How many calls tell of the changes of a stream."""
    if stream.collection.source is None:
        return 1
    return 1 + min(parents_before(stream) or 1, MOST)


def _most_changes(stream: KeapStream) -> int:
    """How many rows may have changed, or be read again."""
    last = stream.stream_state.get(CHANGED)
    if isinstance(last, int) and not stream.collection.changes.shows_edits:
        return last  # what it reads again, and new rows
    return rows_before(stream.stream_state) or 0


def _count(stream: KeapStream, document: Mapping[str, Any], call: Call) -> Counted | None:
    """What the first page shows of the rows that a run will read; None for nothing.

    Args:
        stream: The stream.
        document: The answer with the page.
        call: The call for it.
    """
    collection, window = stream.collection, stream.next_pass.window
    key, rows = collection.changes.key, document.get(call.items) if call.items is not None else [document]
    if stream.next_pass.moves is not None or not isinstance(rows, list):
        return None
    has_more = next_token(document, collection.endpoint.token) is not None
    is_all = not call.rows or (len(rows) < call.rows and not has_more)
    if key is not None and window.since is not None and collection.changes.goes_newest_first(window):
        since, name = window.since, collection.wire.name(key)
        try:
            newer = [row for row in rows if row.get(name) is None or parse_time(row[name]) >= since]
        except CoercionError:
            return None
        is_all, rows = is_all or len(newer) < len(rows), newer
    made = len(unpacked(collection, [*rows]).rows) if collection.wire.unpack is not None else len(rows)
    return Counted(made, is_all, "its first page", len(rows))
