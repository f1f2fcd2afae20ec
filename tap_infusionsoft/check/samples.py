"""Looks at some slices of streams, such as those of a few parents: how many rows each of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from tap_infusionsoft.check.targets import is_first_load, page_for
from tap_infusionsoft.check.tried import look
from tap_infusionsoft.check.usual_sizes import EACH
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.reading.account import sources
from tap_infusionsoft.reading.refused import OF_ONE_SLICE
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_infusionsoft.check.tried import Tried
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.requests import Slice
    from tap_infusionsoft.stream import KeapStream

MOST = 10
"""Parents of a stream that are looked at."""
_T = TypeVar("_T")
_GOLDEN = 0.618
"""Multiples of it, without the whole part, put places in an order in which the first few are far apart."""


class _Sampled(Struct):
    """A collection of which some slices are looked at.

    Attributes:
        name: Its name.
        streams: The streams that cannot be read if it cannot.
        plan: What is read of it.
        pieces: The slices to look at.
        slices: About how many there are.
    """

    name: str
    streams: Sequence[KeapStream]
    plan: ReadPlan
    pieces: list[Slice]
    slices: float


class Samples:
    """The rows of some slices: below some parents, or of some of the lists that a stream is made of.

    Attributes:
        counts: Name of a collection -> how many rows each of the slices has that were looked at.
    """

    def __init__(
        self, account: Account, tried: Mapping[str, Tried], failed: Callable[[KeapStream, KeapError], None]
    ) -> None:
        """Samples of which none was taken.

        Args:
            account: The account.
            tried: Pages of the collections with the parents, by name.
            failed: Takes a stream that cannot be read, and why.
        """
        self.counts: dict[str, list[int]] = {}
        self._account = account
        self._tried = tried
        self._failed = failed

    def take(self, streams: Sequence[KeapStream], least: float = 0) -> None:
        """Look at a slice of each stream, then at another one, as long as there are calls left.

        Args:
            streams: The streams of the run.
            least: Rows that a stream may have which is worth a call now.
        """
        every, refused = [*self._every(streams)], dict[str, KeapError]()
        left = sorted(every, key=lambda one: -one.slices)
        for number in range(1, MOST + 1):
            for one in [*left]:
                done = len(self.counts.get(one.name, ()))
                is_worth_it = EACH * one.slices / number >= least
                is_done = done >= min(number, len(one.pieces)) or not is_worth_it
                if is_done or self._account.client.calls_left < 1:
                    continue
                try:
                    count = self._rows(one.plan, one.pieces[done])
                except KeapError as error:
                    refused[one.name] = error
                    if error.fault.kind in OF_ONE_SLICE and len(one.pieces) > 1:
                        del one.pieces[done]  # the run goes on without it
                    else:
                        left.remove(one)
                else:
                    self.counts.setdefault(one.name, []).append(count)
        for one in every:
            if one.name in refused and one.name not in self.counts:
                for stream in one.streams:
                    self._failed(stream, refused[one.name])

    def _rows(self, plan: ReadPlan, piece: Slice) -> int:
        call, fetcher = walk_of(plan, piece).first_call(), self._account.fetcher(plan.collection.name)
        asked = self._account.models if fetcher.keeps_models else self._account.client
        found = look(asked.fetch(call).document, call, plan)
        return 0 if found is None else round(found.made.rows)

    def _every(self, streams: Sequence[KeapStream]) -> Iterator[_Sampled]:
        """What is looked at: streams, and what they are read for that is no stream of the run."""
        collections, first = self._account.collections, [one for one in streams if is_first_load(one)]
        for stream in first:
            plan = self._account.plan(stream.collection, stream.next_pass.window, stream.trial_fields)
            if not plan.asked_for:
                yield _Sampled(stream.name, [stream], plan, *self._pieces(plan))
        for name in sorted(
            {one.collection.source.stream for one in first if one.collection.source is not None}
        ):
            if name not in {one.name for one in streams}:
                below = [one for one in first if name in sources(one.collection, collections)]
                plan = ReadPlan(collections[name])
                yield _Sampled(name, below, plan, *self._pieces(plan))

    def _pieces(self, plan: ReadPlan) -> tuple[list[Slice], float]:
        """Slices from all over a collection, and about how many there are; none if they tell nothing."""
        collection = plan.collection
        source = collection.source
        if source is None and len(collection.values) > 1:
            return spread([*slices(plan)]), len(collection.values)
        if isinstance(source, PerParent) and source.setting == saved_searches.SETTING:
            searches = self._searches(source)
            return spread([*slices(plan, searches)]) if searches else [], len(searches)
        page = None if source is None else page_for(source, self._tried)
        is_known = collection.endpoint.items is None or (isinstance(source, PerParent) and source.lists)
        if not isinstance(source, PerParent) or page is None or is_known:
            return [], 0
        name = page.collection.wire.name
        limit = self._account.settings.limit(source.setting) if source.setting else None
        parents = [
            {column: str(row[name(theirs)]) for column, theirs in source.columns.items()}
            for row in page.leading(source)
            if all(row.get(name(theirs)) is not None for theirs in source.columns.values())
            if not limit or str(row.get(name(source.id))) in limit
        ]
        pieces = [piece for one in spread(parents) for piece in slices(plan, [one])]
        return pieces, len(parents) * page.times

    def _searches(self, source: PerParent) -> Sequence[Mapping[str, str]]:
        """The saved searches that a stream is read for; none if they are not known, or not all there."""
        if not self._account.saved_searches.is_read:
            return []
        try:
            return self._account.parents(source, Window())
        except ConfigError:
            return []  # the stream is refused when settings are compared with the account


def spread(every: Sequence[_T]) -> list[_T]:
    """At most `MOST` of many, of which the first few are far apart."""
    places = sorted(range(len(every)), key=lambda place: place * _GOLDEN % 1)[:MOST]
    return [every[place] for place in places]
