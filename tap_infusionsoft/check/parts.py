"""Lists the parents of streams that the next run reads in part, to see which of them are new or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.state.entry import KNOWN
from tap_infusionsoft.state.rounds import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream


class Part(Struct, frozen=True):
    """The parents that a run reads.

    Attributes:
        slices: How many there are.
        fresh: How many of them are read out of turn, as they are new or changed.
    """

    slices: int
    fresh: int


def look_at_parts(
    account: Account, streams: Sequence[KeapStream], failed: Callable[[KeapStream, KeapError], None]
) -> dict[str, Part]:
    """List the parents of streams that are read in part, as long as there are calls left.

    Args:
        account: The account.
        streams: The streams that the run will read.
        failed: Takes a stream that cannot be read, and why.

    Returns:
        The streams whose parents were listed -> which of them the run reads.
    """
    found: dict[str, Part] = {}
    refused: set[str | None] = set()
    for stream in streams:
        reader = stream.passes.reader if _is_part(stream) and _is_short(stream, account) else None
        if reader is None or _source(stream) in refused:
            continue
        try:
            slices = len([*reader.slices_of_this_run()])
        except KeapError as error:
            for one in streams:
                if one is stream or _source(one) == _source(stream) or one.name == _source(stream):
                    failed(one, error)
            refused.add(_source(stream))
        else:
            found[stream.name] = Part(slices, reader.fresh)
    return found


def _source(stream: KeapStream) -> str | None:
    return None if stream.collection.parents is None else stream.collection.parents.stream


def _is_part(stream: KeapStream) -> bool:
    begun = stream.next_pass
    return begun.complete and begun.share > 0 and (begun.share < 1 or begun.is_spread)


def _is_short(stream: KeapStream, account: Account) -> bool:
    """Whether one call lists the parents of a stream."""
    parents = stream.collection.parents
    if parents is None:
        return False
    known = len(unpacked(stream.stream_state.get(KNOWN) or ""))
    return 0 < known < account.collections[parents.stream].endpoint.page_size
