"""What it takes to list what streams are read for, where no stream reads the same anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.check.planned import Planned
from tap_infusionsoft.check.tried import Size
from tap_infusionsoft.check.walk_costs import calls_for, walks_for
from tap_infusionsoft.reading.requests import ReadPlan
from tap_infusionsoft.reading.shared_responses import MOST_PAGES
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_infusionsoft.check.estimates import Estimates
    from tap_infusionsoft.check.planned import Counted
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.stream import KeapStream
    from tap_infusionsoft.streams.collection import PerBatch


class Listings:
    """The lists that a run reads for the ids in them."""

    def __init__(
        self,
        account: Account,
        streams: Mapping[str, KeapStream],
        estimates: Estimates,
        counted: Mapping[str, Counted],
    ) -> None:
        """The lists.

        Args:
            account: The account.
            streams: The streams that the run will read, by name.
            estimates: How many rows collections have.
            counted: What is known of the changes of streams, by name.
        """
        self._account = account
        self._streams = streams
        self._estimates = estimates
        self._counted = counted
        self._passes = {name: stream.next_pass for name, stream in streams.items()}

    def rows(self) -> Iterator[Planned]:
        """What the run does for each list."""
        in_full = [one for name, one in self._streams.items() if _is_in_full(self._passes[name])]
        for name, (source, child) in sorted(self._wanted().items()):
            is_in_window = isinstance(source, PerParent) and source.in_window
            if is_in_window and self._is_read(name) and self._window(name) == self._window(child):
                continue  # both read the same rows
            size, calls, least = self._size_and_calls(name, source, child)
            if self._is_shared(name, in_full):
                calls, least = (max(one - MOST_PAGES, 0) for one in (calls, least))
            if calls:
                yield _planned(name, size, calls, least)
        collections = self._account.collections
        for name in sorted(self._sums()):
            above = collections[name].source
            if above is not None and not self._is_read(name) and not self._is_shared(name, in_full):
                size = self._estimates.parents(above)
                calls, least = (max(walks_for(collections[name], one), 1) for one in (size.rows, size.least))
                yield _planned(name, size, calls, least)

    def _size_and_calls(self, name: str, source: PerParent | PerBatch, child: str) -> tuple[Size, int, int]:
        """How many rows a list has, how many calls it takes, and how many at least.

        Args:
            name: Name of the list.
            source: What it is listed for.
            child: A stream that it is listed for.
        """
        plan, counted = ReadPlan(self._account.collections[name]), self._counted.get(child)
        size = self._estimates.listed(source)
        if isinstance(source, PerParent) and source.in_window and counted and counted.slices is not None:
            size = Size(counted.slices, counted.slices, counted.basis)
        above = plan.collection.parents
        if above is None:
            calls, least = (calls_for(one, plan, is_once=False) for one in (size.rows, size.least))
            return size, calls, least
        parents = self._parents(above)
        calls, least = (max(walks_for(plan.collection, one), 1) for one in (parents.rows, parents.least))
        return size, calls, least

    def _parents(self, source: PerParent) -> Size:
        """How many parents there are of rows that are listed for others."""
        if self._account.is_listed(source, Window(), 0):
            count = len(self._account.parents(source, Window()))
            return Size(count, count, f"{count:,} {source.stream.replace('_', ' ')}")
        return self._estimates.parents(source)

    def _wanted(self) -> dict[str, tuple[PerParent | PerBatch, str]]:
        """The lists -> what they are listed for, and a stream that needs them, directly or through others.

        Saved searches are not among them: the run finds out which there are before.
        """
        found: dict[str, tuple[PerParent | PerBatch, str]] = {}
        for stream in self._streams.values():
            source = stream.collection.source if self._is_read(stream.name) else None
            while source is not None and source.setting != saved_searches.SETTING:
                found.setdefault(source.stream, (source, stream.name))
                source = self._account.collections[source.stream].source
        return found

    def _sums(self) -> set[str]:
        """The lists of sums that show what is new below parents."""
        rolling = [one for name, one in self._streams.items() if self._is_read(name) and one.passes.rolls]
        parents = [one.collection.parents for one in rolling]
        return {one.sums.stream for one in parents if one is not None and one.sums is not None}

    def _is_shared(self, name: str, streams: Sequence[KeapStream]) -> bool:
        """Whether one of some streams reads the same as is listed.

        Args:
            name: The list.
            streams: The streams.
        """
        responses = self._account.fetcher(f"ids of {name}").responses
        return any(one.responses is responses for one in streams)

    def _window(self, name: str) -> Window:
        return self._passes[name].window

    def _is_read(self, name: str) -> bool:
        return name in self._passes and self._passes[name].share > 0


def _is_in_full(begun: Pass) -> bool:
    return begun.share == 1 and begun.complete and begun.window.is_open


def _planned(name: str, size: Size, calls: int, least: int) -> Planned:
    """What it takes to list a collection for other streams.

    Args:
        name: The collection.
        size: How many rows that depends on.
        calls: Calls that it takes.
        least: Calls that it takes at least.
    """
    is_estimate = size.is_known and calls != least
    basis, is_least = size.basis, not size.is_known
    return Planned(f"({name}, for others)", "list", calls, 0, is_least, basis, is_estimate, least, 0)
