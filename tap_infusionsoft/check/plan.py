"""The plan of the next run: calls and rows of each stream, from declaration and state, without a call.

It asks each stream for the pass that it would begin, so the plan is what the run itself decides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.check.estimates import Estimates
from tap_infusionsoft.check.planned import Planned
from tap_infusionsoft.check.spared import may_be_spared
from tap_infusionsoft.check.targets import known_rows, parents_before
from tap_infusionsoft.check.tried import Size
from tap_infusionsoft.check.usual_sizes import growing_rank
from tap_infusionsoft.check.walk_costs import calls_for
from tap_infusionsoft.reading.models import model_of
from tap_infusionsoft.reading.requests import Order, ReadPlan, order_of
from tap_infusionsoft.reading.shared_responses import MOST_PAGES
from tap_infusionsoft.run_order import whose_turn_it_is
from tap_infusionsoft.state.entry import CALLS, CHANGED, FRESH, KNOWN, rows_before, rows_by_parent
from tap_infusionsoft.state.rounds import unpacked
from tap_infusionsoft.state.row_counts import rows_between
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.check.planned import Seen
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.stream import KeapStream
    from tap_infusionsoft.streams.collection import Collection, PerParent

MODELS = "(custom fields)"
"""What the plan calls the calls for models."""

SEARCHES = "(saved searches)"
"""What the plan calls the list of saved searches."""


class Plan:
    """The plan of the next run."""

    def __init__(
        self,
        account: Account,
        streams: Sequence[KeapStream],
        seen: Seen,
    ) -> None:
        """A plan.

        Args:
            account: The account.
            streams: The streams that the run will read.
            seen: What the calls of the check showed.
        """
        self._account = account
        self._streams = {one.name: one for one in streams}
        self._seen = seen
        before = {one.name: rows for one in streams if (rows := known_rows(one)) is not None}
        for one in streams:
            parents = one.collection.parents
            if parents is not None and not parents.only_if and (rows := parents_before(one)) is not None:
                before.setdefault(parents.stream, rows)
        self._estimates = Estimates(account, seen.tried, seen.samples, before)

    def rows(self) -> list[Planned]:
        """What the run will do: a row for each stream, then for parents and models that it has to list."""
        passes = {name: stream.next_pass for name, stream in self._streams.items()}
        found = [self._with_changes(stream, passes[stream.name]) for stream in self._streams.values()]
        shared = _shared(found, self._streams)
        return [*shared, *self._listings(passes), *self._searches(), *self._models()]

    def _with_changes(self, stream: KeapStream, begun: Pass) -> Planned:
        """What the run will do with a stream, the increment included that follows what earlier runs began."""
        found = self._of(stream, begun)
        if not begun.complete or not begun.is_taken_up or begun.is_spread:
            return found
        if not stream.passes.goes_on_with_changes(begun):
            return replace(found, basis=f"the rest ({found.basis})")
        parents, rolls = stream.collection.parents, stream.passes.rolls
        is_short = (parents is not None and parents.in_window) or rolls is not None
        calls = 1 if is_short else self._slices(stream, begun) or 1
        least = found.calls if found.least_calls is None else found.least_calls
        basis = f"the rest ({found.basis}), then an increment"
        return replace(found, calls=found.calls + calls, least_calls=least + calls, basis=basis)

    def _of(self, stream: KeapStream, begun: Pass) -> Planned:
        if begun.share == 0:
            return Planned(stream.name, "later", 0, 0, is_least=False, basis="not its turn")
        if not begun.complete:
            return self._increment(stream, begun)
        state = stream.stream_state
        if may_be_spared(stream, self._streams, self._account.settings):
            planned = self._spared(stream, begun)
            if planned is not None:
                return planned
        rows, calls = known_rows(stream), state.get(CALLS)
        done, part = begun.checkpoint, begun.share
        if part < 1 or begun.is_spread:
            return self._part(stream, begun)
        reads = begun.kind
        if isinstance(calls, int) and rows is not None:
            basis = "as many as the last complete read"
            left = max(self._calls_again(stream, begun, calls) - done.pages, 1)
            return Planned(stream.name, reads, left, max(rows - done.rows, 0), is_least=False, basis=basis)
        return self._first_load(stream, begun)

    def _calls_again(self, stream: KeapStream, begun: Pass, calls: int) -> int:
        """Calls of a complete read after one that took some.

        A list whose pages prove nothing is read twice if other rows are found than before.
        """
        collection, rows = stream.collection, known_rows(stream) or 0
        plan = self._account.plan(collection, begun.window)
        is_plain = (
            collection.source is None and len(collection.values) == 1 and collection.wire.unpack is None
        )
        is_by_birth = begun.births is not None and collection.endpoint.born is not None
        if not is_plain or order_of(plan) is not Order.AS_PAGED or is_by_birth:
            return calls
        return calls_for(rows, plan, is_once=begun.is_once or not self._may_have_others(collection))

    def _may_have_others(self, collection: Collection) -> bool:
        """Whether a list is likely to have other rows than when it was read before."""
        if growing_rank(collection) is None:
            return False
        counted = [one.rows for name, one in self._seen.counted.items() if _shows_edits(self._streams[name])]
        return not counted or any(rows > 1 for rows in counted)  # one is the newest, which is read again

    def _first_load(self, stream: KeapStream, begun: Pass) -> Planned:
        """What it takes to read a stream, or the rest of it, of which no complete read is known."""
        collection, estimates, done = stream.collection, self._estimates, begun.checkpoint.slices
        plan = self._account.plan(collection, begun.window)
        if plan.asked_for:
            calls = self._slices(stream, begun) or 1
            return Planned(stream.name, begun.kind, calls, None, True, "its rows are not known")
        if collection.source is None:
            walks = least_walks = len(collection.values)
            made, wire = estimates.made(collection), estimates.rows(collection)
        else:
            parents = estimates.parents(collection.source)
            walks, least_walks = self._walks(collection, parents.rows), self._walks(collection, parents.least)
            made = wire = estimates.below(collection)
        each = calls_for(wire.rows / max(walks, 1), plan, is_once=begun.is_once, most=estimates.most)
        least_each = calls_for(
            wire.least / max(least_walks, 1), plan, is_once=begun.is_once, most=estimates.most
        )
        left, least_left = max(walks - done, min(walks, 1)), max(least_walks - done, min(least_walks, 1))
        calls, least_calls = left * each, least_left * least_each
        rows, least_rows = round(made.rows * left / max(walks, 1)), made.least if left == walks else 0
        is_estimate = made.is_known and (calls, rows) != (least_calls, least_rows)
        return Planned(
            stream.name,
            begun.kind,
            calls,
            rows if made.is_known or rows else None,
            not made.is_known,
            made.basis,
            is_estimate=is_estimate,
            least_calls=min(least_calls, calls),
            least_rows=min(least_rows, rows),
        )

    @staticmethod
    def _walks(collection: Collection, parents: float) -> int:
        """How many times a stream is asked for something else."""
        if collection.batches is not None:
            return math.ceil(parents / collection.batches.size)
        rows_move = collection.parents is not None and collection.parents.rows_move
        return round(parents) * (2 if rows_move else 1)

    def _spared(self, stream: KeapStream, begun: Pass) -> Planned | None:
        """The increment of a stream that need not be swept; None if rows of it are gone, so that it is."""
        other, calls = stream.passes.spared_by, self._slices(stream, begun) or 1
        shown = self._seen.compared.get(stream.name)
        if shown is None:
            why = f"read in full only if {other} shows that rows are gone"
            return Planned(stream.name, "increment", calls, None, is_least=True, basis=why)
        last = stream.stream_state.get(CHANGED)
        rows = max(shown.more, last if isinstance(last, int) else 0)  # the newest are read again
        if shown.is_same:
            return Planned(stream.name, "increment", calls, rows, is_least=False, basis=f"as {other} shows")
        if shown.more < 0:
            return None
        why = f"as {other} shows, if no rows are gone"
        return Planned(stream.name, "increment", calls, rows, is_least=True, basis=why)

    def _part(self, stream: KeapStream, begun: Pass) -> Planned:
        """A part of a round over the parents. New and changed ones come on top, and are not known before."""
        parents, done = self._slices(stream, begun), begun.checkpoint
        rows, calls = rows_before(stream.stream_state) or 0, stream.stream_state.get(CALLS)
        if not parents:
            return Planned(stream.name, "part", 1, None, is_least=True, basis="its parents are not known")
        each = max(calls / parents, 1.0) if isinstance(calls, int) else 1.0
        turn, fresh = max(math.ceil(parents * begun.share) - done.slices, 0), stream.stream_state.get(FRESH)
        part, last = self._seen.parts.get(stream.name), fresh if isinstance(fresh, int) else 0
        slices = min(turn + last, parents) if part is None else part.slices
        if part is not None:
            basis = f"{slices} of {parents} parents, {part.fresh} as they are new or changed"
        elif last:
            basis = f"{turn} of {parents} parents, and {last} that are new or changed, as in the last run"
        else:
            basis = f"{turn} of {parents} parents; those that are new or changed come on top"
        own = turn if part is None else part.slices - part.fresh
        counts, counted = rows_by_parent(stream.stream_state)
        of_turn, average = rows_between(counts, counted, done.slices, done.slices + own), rows / parents
        rows = round((of_turn if counts else own * average) + (slices - own) * average)
        taken = math.ceil(slices * each)
        is_least, least = part is None and not last, math.ceil(turn * each)
        return Planned(stream.name, "part", taken, rows, is_least, basis, last > 0 and part is None, least, 0)

    def _increment(self, stream: KeapStream, begun: Pass) -> Planned:
        walks = len(begun.moves.walks) if begun.moves is not None else 1
        least, last = max(walks, self._slices(stream, begun) or 1), stream.stream_state.get(CHANGED)
        counted, size = self._seen.counted.get(stream.name), stream.collection.endpoint.page_size
        if counted is not None:
            least = max(walks, least if counted.slices is None else counted.slices)
            calls = max(least, math.ceil(counted.sent / size)) + (not counted.is_all)
            least_rows, is_sample = counted.least or 0, counted.least is not None
            return Planned(
                stream.name,
                "increment",
                calls,
                counted.rows,
                not counted.is_all,
                counted.basis,
                is_sample,
                least if is_sample else None,
                least_rows if is_sample else None,
            )
        before = known_rows(stream)
        if isinstance(last, int):
            rows, basis = last, "as many changes as in the last run"
        elif (share := self._share_of_changes(stream)) is not None and before is not None:
            rows, basis = round(before * share), "as many changes as of the lists that were tried"
            rows = max(rows, 1 if before else 0)  # the newest row is always read again
        else:
            return Planned(stream.name, "increment", least, None, True, "changed rows not known")
        calls = max(least, math.ceil(rows / size))
        return Planned(stream.name, "increment", calls, rows, False, basis, rows > 0, least, 0)

    def _share_of_changes(self, stream: KeapStream) -> float | None:
        """Changed rows for each row of the lists whose changes were counted; None if none were.

        Lists of which edits are not shown, so that more of them is read again, tell about each other only.
        """
        counted = {self._streams[name]: one.rows for name, one in self._seen.counted.items()}
        alike = {one: rows for one, rows in counted.items() if _shows_edits(one) == _shows_edits(stream)}
        counted = alike or counted
        before = sum(known_rows(one) or 0 for one in counted)
        return sum(counted.values()) / before if before else None

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
        if parents is None:
            return parents_before(stream)
        if collection.batches is None:
            return parents
        return math.ceil(parents / collection.batches.size)

    def _rows_of(self, name: str) -> int | None:
        """How many rows a stream has, as far as its state or an answer shows."""
        size = self._estimates.shown(self._account.collections[name])
        if size is not None:
            return round(size.rows)
        counted = self._seen.counted.get(name)
        return counted.rows if counted is not None and name in self._streams else None

    def _listings(self, passes: Mapping[str, Pass]) -> Iterable[Planned]:
        """What it takes to list the parents of streams, where no stream reads the same anyway."""
        collections = self._account.collections
        reading = [one.collection for one in self._streams.values() if passes[one.name].share]
        wanted = {name for collection in reading for name in self._sources(collection)}
        in_full = [one for one in self._streams.values() if _is_in_full(passes[one.name])]
        for name in sorted(wanted):
            ids = self._account.fetcher(f"ids of {name}").responses
            size, plan = self._estimates.rows(collections[name]), ReadPlan(collections[name])
            calls, least = (calls_for(one, plan, is_once=False) for one in (size.rows, size.least))
            if (above := plan.collection.parents) is not None:
                parents = self._above(above)
                calls, least = (
                    max(self._walks(plan.collection, one), 1) for one in (parents.rows, parents.least)
                )
            if any(one.responses is ids for one in in_full):
                calls, least = (max(one - MOST_PAGES, 0) for one in (calls, least))
            if calls:
                yield _listing(name, size, calls, least)
        sums = {
            stream.collection.parents.sums.stream
            for stream in self._streams.values()
            if passes[stream.name].share and stream.passes.rolls is not None
            if stream.collection.parents is not None and stream.collection.parents.sums is not None
        }
        for name in sorted(sums - {name for name, begun in passes.items() if begun.share}):
            if (source := collections[name].source) is not None:
                size = self._estimates.parents(source)
                calls, least = (self._walks(collections[name], one) for one in (size.rows, size.least))
                yield _listing(name, size, max(calls, 1), max(least, 1))

    def _above(self, source: PerParent) -> Size:
        """How many parents there are of rows that are listed for others."""
        if self._account.is_listed(source, Window(), 0):
            count = len(self._account.parents(source, Window()))
            return Size(count, count, f"{count:,} {source.stream.replace('_', ' ')}")
        return self._estimates.parents(source)

    def _sources(self, collection: Collection) -> set[str]:
        """The collections that a stream takes ids from, directly or through others.

        Saved searches are not among them: the run finds out which there are before.
        """
        source = collection.source
        if source is None or source.setting == saved_searches.SETTING:
            return set()
        return {source.stream, *self._sources(self._account.collections[source.stream])}

    def _searches(self) -> Iterable[Planned]:
        """The list of saved searches, which tells the run which of them there are."""
        if self._account.saved_searches.is_read:
            yield Planned(SEARCHES, "list", 1, 0, is_least=False, basis="as this check has read it")

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


def _shows_edits(stream: KeapStream) -> bool:
    return stream.collection.changes.shows_edits


def _is_in_full(begun: Pass) -> bool:
    return begun.share == 1 and begun.complete


def _listing(name: str, size: Size, calls: int, least: int) -> Planned:
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
            rows.append(replace(one, calls=0, least_calls=0, basis=basis) if is_extra else one)
    return rows
