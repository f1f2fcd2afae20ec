"""Lists the parents of streams that the next run reads in full or in part, to see which these are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.check.targets import is_first_load, parents_before
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.state.entry import FRESH
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream


class Part(Struct, frozen=True):
    """The parents that a run reads.

    Attributes:
        slices: How many there are.
        fresh: How many of them are read out of turn, as they are new or changed.
        parents: How many parents there are.
    """

    slices: int
    fresh: int
    parents: int


def look_at_parts(
    account: Account, streams: Sequence[KeapStream], failed: Callable[[KeapStream, KeapError], None]
) -> dict[str, Part]:
    """List the parents of streams that are read in full or in part, as long as there are calls left.

    Args:
        account: The account.
        streams: The streams that the run will read.
        failed: Takes a stream that cannot be read, and why.

    Returns:
        The streams whose parents were listed -> which of them the run reads.
    """
    found: dict[str, Part] = {}
    groups: dict[str, list[KeapStream]] = defaultdict(list)
    for stream in streams:
        if _is_read_again(stream) and (source := _source(stream)) and _is_short(stream, account):
            groups[source].append(stream)
    for source, group in sorted(groups.items(), key=lambda one: _worth(one[1]), reverse=True):
        if _calls(group, account) > account.client.calls_left:
            continue
        for stream in group:
            if (reader := stream.passes.reader) is None:
                continue
            try:
                slices = len([*reader.slices_of_this_run()])
            except KeapError as error:
                for one in streams:
                    if _source(one) == source or one.name == source:
                        failed(one, error)
                break
            found[stream.name] = Part(slices, reader.fresh, len(reader.parents))
    return found


def _worth(group: Sequence[KeapStream]) -> tuple[float, float]:
    """How much may come out of turn of streams with the same parents, for each call that lists these."""
    fresh = [last for one in group if isinstance(last := one.stream_state.get(FRESH), int)]
    calls = _most_calls(group)
    return sum(fresh) / calls, sum(parents_before(one) or 0 for one in group) / calls


def _calls(group: Sequence[KeapStream], account: Account) -> int:
    """How many calls list the parents of streams, at most."""
    parents, most = group[0].collection.parents, _most_calls(group)
    if parents is not None and parents.setting == saved_searches.SETTING:
        return 0 if account.saved_searches.is_read else most
    is_listed = parents is not None and account.is_listed(parents, Window(), 0)
    return 0 if is_listed and most == 1 else most


def _most_calls(group: Sequence[KeapStream]) -> int:
    """One call for the parents, and one for what is below them, if another list shows that."""
    return 1 + any((parents := one.collection.parents) and parents.sums for one in group)


def _source(stream: KeapStream) -> str | None:
    return None if stream.collection.parents is None else stream.collection.parents.stream


def _is_read_again(stream: KeapStream) -> bool:
    begun, parents = stream.next_pass, stream.collection.parents
    are_all = parents is not None and not parents.in_window
    return are_all and begun.complete and begun.share > 0 and not is_first_load(stream)


def _is_short(stream: KeapStream, account: Account) -> bool:
    """Whether one call lists the parents of a stream."""
    parents = stream.collection.parents
    before = parents_before(stream) or 0
    return parents is not None and 0 < before < account.collections[parents.stream].endpoint.page_size
