"""The order of the streams of a run, and which of them it reads in full."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tap_infusionsoft.state.turns import shared, whose_turn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.state.left_streams import LeftStreams
    from tap_infusionsoft.stream import KeapStream


def in_order(streams: Iterable[KeapStream], left: LeftStreams | None = None) -> list[KeapStream]:
    """Sort the streams of a run.

    The one that was read longest ago goes first, so that runs that are cut short every night read all streams
    in the end. Streams that share its responses go with it, the one with the most left to read before the
    others.

    Args:
        streams: The selected streams.
        left: What earlier runs have left, if the calls of this one are limited. Then those that are read
            incrementally go before the others, and those that were left too often before all of their kind.
    """
    timed_first = left is not None
    oldest_first = sorted(
        streams, key=lambda stream: (timed_first and not stream.is_increment, stream.read_at)
    )
    first: dict[SharedResponses, int] = {}
    for place, stream in enumerate(oldest_first):
        first.setdefault(stream.responses, place)
    found = sorted(oldest_first, key=lambda stream: (first[stream.responses], stream.crawled_to))
    # What another stream shows of a stream may spare it a sweep. That one is read incrementally, too.
    names = {stream.name for stream in found}
    spared = [one for one in found if one.passes.spared_by in names]
    others = [one for one in found if one not in spared]
    if left is None:
        return [*others, *spared]
    early = [*(one for one in others if one.is_increment), *spared]
    late = [one for one in others if one not in early]
    if left.come_first:
        return _longest_left_first([*early, *late], left)
    return [*_longest_left_first(early, left), *_longest_left_first(late, left)]


def _longest_left_first(streams: Iterable[KeapStream], left: LeftStreams) -> list[KeapStream]:
    """Put those first that most runs in a row have left; those that share responses stay together."""
    ordered = list(streams)
    runs: Counter[SharedResponses] = Counter()
    for stream in ordered:
        runs[stream.responses] = max(runs[stream.responses], left.runs(stream.name))
    return sorted(ordered, key=lambda stream: -runs[stream.responses])


def whose_turn_it_is(streams: Iterable[KeapStream], now: datetime) -> list[KeapStream]:
    """Return the streams that this run reads in full, among those that need not be read so by every run.

    Streams that share responses take their turns together.

    Args:
        streams: The selected streams.
        now: The time of the run.
    """
    groups: dict[SharedResponses, list[KeapStream]] = {}
    for stream in streams:
        groups.setdefault(stream.responses, []).append(stream)
    together = {group[0].name: group for group in groups.values()}
    loads = {
        name: shared(found)
        for name, group in together.items()
        if (found := [load for stream in group if (load := stream.passes.load) is not None])
    }
    wanted = whose_turn(loads, now)
    return [stream for name, group in together.items() if name in wanted for stream in group]
