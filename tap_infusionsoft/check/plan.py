"""The plan of the next run: calls and rows of each stream, from declaration and state, without a call.

It asks each stream for the pass that it would begin, so the plan is what the run itself decides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.client.hour_window import HOUR
from tap_infusionsoft.reading.account import sources
from tap_infusionsoft.reading.models import model_of
from tap_infusionsoft.runner import whose_turn_it_is
from tap_infusionsoft.state.entry import CALLS, KNOWN, SHOWN, rows_before
from tap_infusionsoft.state.rounds import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.stream import KeapStream

MODELS = "(custom fields)"
"""What the plan calls the calls for models."""


class Counted(Struct, frozen=True):
    """What Keap's answers showed of the rows of a stream.

    Attributes:
        rows: Rows.
        is_all: Whether there are no more.
        basis: What shows it.
    """

    rows: int
    is_all: bool
    basis: str


class Planned(Struct, frozen=True):
    """What the run will do with a stream, or with what streams share.

    Attributes:
        stream: Name of the stream.
        reads: ``snapshot``, ``sweep``, ``increment``, ``part``, or ``later`` if it is left to a later run.
        calls: Calls.
        rows: Rows; None if nothing tells.
        is_least: Whether it may take more: of rows and calls, only the least is known.
        basis: What the numbers rest on.
    """

    stream: str
    reads: str
    calls: int
    rows: int | None
    is_least: bool
    basis: str


class Plan:
    """The plan of the next run."""

    def __init__(
        self, account: Account, streams: Sequence[KeapStream], counted: Mapping[str, Counted]
    ) -> None:
        """A plan.

        Args:
            account: The account.
            streams: The streams that the run will read.
            counted: What answers showed of the rows of streams, by name.
        """
        self._account = account
        self._streams = {one.name: one for one in streams}
        self._counted = counted

    def rows(self) -> list[Planned]:
        """What the run will do: a row for each stream, then for parents and models that it has to list."""
        passes = {name: stream.next_pass for name, stream in self._streams.items()}
        found = [self._of(stream, passes[stream.name]) for stream in self._streams.values()]
        return [*_shared(found, self._streams), *self._listings(passes), *self._models()]

    def _of(self, stream: KeapStream, begun: Pass) -> Planned:
        if begun.share == 0:
            return Planned(stream.name, "later", 0, 0, is_least=False, basis="not its turn")
        if not begun.complete:
            return self._increment(stream, begun)
        state = stream.stream_state
        if self._may_be_spared(stream):
            why = f"read in full only if {stream.passes.spared_by} shows that rows are gone"
            least = self._slices(stream, begun) or 1
            return Planned(stream.name, "increment", least, None, is_least=True, basis=why)
        rows, calls = rows_before(state), state.get(CALLS)
        done, part = begun.checkpoint, begun.share
        if part < 1 or begun.is_spread:
            return self._part(stream, begun)
        reads = begun.kind
        if isinstance(calls, int) and rows is not None:
            basis = "as many as the last complete read"
            left = max(calls - done.pages, 1)
            return Planned(stream.name, reads, left, max(rows - done.rows, 0), is_least=False, basis=basis)
        size, slices = stream.collection.endpoint.page_size, self._slices(stream, begun)
        counted = self._counted.get(stream.name)
        if counted is None and rows is not None:
            counted = Counted(rows, is_all=True, basis="as many rows as the last complete read")
        if counted is None:
            return Planned(
                stream.name, reads, max(slices or 1, 1), None, True, "first load: rows are not known"
            )
        pages = math.ceil(counted.rows / size) + (0 if counted.is_all else 1)
        wanted = max(pages, slices or 1, 1)
        return Planned(
            stream.name, reads, wanted, counted.rows, is_least=not counted.is_all, basis=counted.basis
        )

    def _may_be_spared(self, stream: KeapStream) -> bool:
        """Whether what another stream shows may spare a stream its sweep."""
        other = self._streams.get(stream.passes.spared_by or "")
        is_wanted = self._account.settings.sweeps_now(stream.name)
        if other is None or is_wanted or not stream.stream_state.get(SHOWN):
            return False
        return other.next_pass.complete and other.next_pass.share == 1

    def _part(self, stream: KeapStream, begun: Pass) -> Planned:
        """A part of a round over the parents. New and changed ones come on top, and are not known before."""
        parents, done = self._slices(stream, begun), begun.checkpoint
        rows, calls = rows_before(stream.stream_state) or 0, stream.stream_state.get(CALLS)
        if not parents:
            return Planned(stream.name, "part", 1, None, is_least=True, basis="its parents are not known")
        slices = max(math.ceil(parents * begun.share) - done.slices, 0)
        each = max(calls / parents, 1.0) if isinstance(calls, int) else 1.0
        basis = f"{slices} of {parents} parents; those that are new or changed come on top"
        return Planned(
            stream.name, "part", math.ceil(slices * each), round(rows * slices / parents), False, basis
        )

    def _increment(self, stream: KeapStream, begun: Pass) -> Planned:
        walks = len(begun.moves.walks) if begun.moves is not None else 1
        least = max(walks, self._slices(stream, begun) or 1)
        counted = self._counted.get(stream.name)
        if counted is None:
            return Planned(
                stream.name, "increment", least, None, is_least=True, basis="changed rows not known"
            )
        calls = max(least, math.ceil(counted.rows / stream.collection.endpoint.page_size))
        calls += 0 if counted.is_all else 1
        return Planned(
            stream.name, "increment", calls, counted.rows, is_least=not counted.is_all, basis=counted.basis
        )

    def _slices(self, stream: KeapStream, begun: Pass) -> int | None:
        """How many times the stream is asked for something else; None if that is not known."""
        collection = stream.collection
        for choice in collection.chosen:
            named = self._account.settings.ids(choice.setting)
            if named and not choice.is_pick:
                return len(named) if choice.is_one_by_one else math.ceil(len(named) / choice.size)
        source = collection.source
        if source is None:
            return len(collection.values)
        if collection.parents is not None and collection.parents.in_window and not begun.complete:
            return None  # one for each parent that changed
        limit = self._account.settings.limit(source.setting) if source.setting else None
        if limit:
            parents: int | None = len(limit)
        else:
            known = unpacked(stream.stream_state.get(KNOWN) or "")
            parents = len(known) or self._rows_of(source.stream)
        if parents is None or collection.batches is None:
            return parents
        return math.ceil(parents / collection.batches.size)

    def _rows_of(self, name: str) -> int | None:
        """How many rows a stream has, as far as its state or an answer shows."""
        stream = self._streams.get(name)
        if stream is None:
            return None
        counted = self._counted.get(name)
        before = rows_before(stream.stream_state)
        return before if before is not None else counted.rows if counted is not None else None

    def _listings(self, passes: Mapping[str, Pass]) -> Iterable[Planned]:
        """What it takes to list the parents of streams, where no stream reads the same anyway."""
        collections = self._account.collections
        wanted = {
            name
            for stream in self._streams.values()
            if passes[stream.name].share
            for name in sources(stream.collection, collections)
        }
        for name in sorted(wanted):
            begun, ids = passes.get(name), self._account.fetcher(f"ids of {name}").responses
            is_read = begun is not None and begun.share == 1 and begun.complete
            if is_read and self._account.fetcher(name).responses is ids:
                continue
            rows = self._rows_of(name)
            calls = max(math.ceil((rows or 0) / collections[name].endpoint.page_size), 1)
            basis = "as long as before" if rows is not None else "its length is not known"
            yield Planned(f"({name}, for others)", "list", calls, 0, is_least=rows is None, basis=basis)

    def _models(self) -> Iterable[Planned]:
        """The models of custom fields that the run will ask for."""
        if "custom_fields" in self._streams:
            return  # it reads them all
        paths = {model_of(stream.collection) for stream in self._streams.values()} - {None}
        calls = len([path for path in paths if not self._account.models.is_from_state(path)])
        if calls:
            yield Planned(MODELS, "models", calls, 0, is_least=False, basis="1 for each kind of record")


def take_turns(streams: Sequence[KeapStream], now: datetime) -> None:
    """Give streams their turns to be read in full, as the run does."""
    for stream in whose_turn_it_is(streams, now):
        stream.passes.is_turn = True


def _shared(found: Iterable[Planned], streams: Mapping[str, KeapStream]) -> list[Planned]:
    """Count the calls of streams that share their responses once: for the one with the most."""
    groups: dict[SharedResponses, list[Planned]] = {}
    for one in found:
        groups.setdefault(streams[one.stream].responses, []).append(one)
    rows = []
    for group in groups.values():
        most = max(group, key=lambda one: one.calls)
        for one in group:
            is_extra = one is not most and one.reads != "later"
            basis = f"with {most.stream}; {one.basis}" if is_extra else one.basis
            rows.append(
                one if not is_extra else Planned(one.stream, one.reads, 0, one.rows, one.is_least, basis)
            )
    return rows


def seconds(calls: int, settings: Settings, hour_left: float, latency: float) -> float:
    """About how many seconds calls take at the pace of the settings.

    Args:
        calls: Calls.
        settings: The settings.
        hour_left: Calls that the hour still has now; infinite without a limit.
        latency: Seconds that an answer takes.
    """
    minute = settings.requests_per_minute or settings.documented_per_minute * 0.9
    space = max(1 / settings.requests_per_second, 60 / minute, latency / settings.concurrency)
    beyond = max(calls - hour_left, 0) if hour_left != math.inf else 0
    return (calls - beyond) * space + beyond * max(space, HOUR / settings.requests_per_hour)
