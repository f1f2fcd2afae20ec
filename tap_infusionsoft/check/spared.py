"""Finds out whether streams will be read in full, as far as one page of another stream shows all their rows.

Contacts list their tags, so of an account with less than a page of contacts, one call tells whether as many
tag applications are there as the last complete read found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.reading.key_tally import digest_of_shown
from tap_infusionsoft.state.entry import SHOWN, rows_before
from tap_infusionsoft.state.shown_rows import MODULUS, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream


class Compared(Struct, frozen=True):
    """The rows that are shown now, beside those that were there.

    Attributes:
        more: How many more there are; negative if some are gone.
        is_same: Whether they are the same rows.
    """

    more: int
    is_same: bool


def may_be_spared(stream: KeapStream, streams: Mapping[str, KeapStream], settings: Settings) -> bool:
    """Whether what another stream shows may spare a stream its sweep in the next run.

    Args:
        stream: The stream.
        streams: The streams that the run will read, by name.
        settings: The settings.
    """
    other, is_wanted = streams.get(stream.passes.spared_by or ""), settings.sweeps_now(stream.name)
    if other is None or is_wanted or Shown.from_state(stream.stream_state.get(SHOWN)) is None:
        return False
    return stream.next_pass.complete and other.next_pass.complete and other.next_pass.share == 1


def compare(
    account: Account, streams: Sequence[KeapStream], failed: Callable[[KeapStream, KeapError], None]
) -> dict[str, Compared]:
    """Compare the rows of streams that may be spared with those that another stream shows.

    Args:
        account: The account.
        streams: The streams that the run will read.
        failed: Takes a stream that cannot be read, and why.

    Returns:
        The streams of which one page showed all rows -> what it showed.
    """
    by_name, found = {one.name: one for one in streams}, {}
    for stream in streams:
        shown_in, before = stream.collection.shown_in, Shown.from_state(stream.stream_state.get(SHOWN))
        rows_then, is_left = rows_before(stream.stream_state), account.client.calls_left >= 1
        if shown_in is None or before is None or rows_then is None or not is_left:
            continue
        batches = stream.collection.batches
        is_limited = batches is not None and batches.setting and account.settings.limit(batches.setting)
        if is_limited or not may_be_spared(stream, by_name, account.settings):
            continue
        other = by_name[shown_in.stream]
        call, size = other.opening_call, rows_before(other.stream_state)
        if call is None or call.items is None or size is None or size >= call.rows:
            continue
        try:
            rows = account.client.fetch(call).document.get(call.items)
        except KeapError as error:
            failed(other, error)
            continue
        name = other.collection.wire.name(shown_in.column)
        if not isinstance(rows, list) or len(rows) >= call.rows or any(name not in row for row in rows):
            continue
        total = digest_of_shown(rows, name)
        more = sum(len(row[name] or ()) for row in rows) - rows_then
        found[stream.name] = Compared(more, is_same=total == (before.total + before.since) % MODULUS)
    return found
