"""The plan of the next run: calls and rows of each stream, from declaration and state, without a call.

It asks each stream for the pass that it would begin, so the plan is what the run itself decides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.check.estimates import Estimates
from tap_infusionsoft.check.listings import Listings
from tap_infusionsoft.check.planned import Planned
from tap_infusionsoft.check.spared import may_be_spared
from tap_infusionsoft.check.targets import known_rows, parents_before
from tap_infusionsoft.check.usual_sizes import growing_rank
from tap_infusionsoft.check.walk_costs import calls_for, walks_for
from tap_infusionsoft.reading.models import model_of
from tap_infusionsoft.reading.requests import Order, order_of
from tap_infusionsoft.run_order import whose_turn_it_is
from tap_infusionsoft.state.entry import CALLS, CHANGED, FRESH, KNOWN, rows_before, rows_by_parent
from tap_infusionsoft.state.rounds import unpacked
from tap_infusionsoft.state.row_counts import rows_between
from tap_infusionsoft.streams import saved_searches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.check.planned import Counted, Seen
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.stream import KeapStream
    from tap_infusionsoft.streams.collection import Collection

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
        listed: dict[str, int] = {}
        for one in streams:
            parents = one.collection.parents
            if parents is not None and not parents.only_if and (rows := parents_before(one)) is not None:
                listed[parents.stream] = max(rows, listed.get(parents.stream, 0))
        self._listed_now: dict[str, int] = {}
        for name, part in seen.parts.items():
            parents = self._streams[name].collection.parents
            is_whole = parents is not None and not parents.only_if and not parents.lists
            limit = parents is not None and parents.setting and account.settings.limit(parents.setting)
            if parents is not None and is_whole and not limit:
                self._listed_now[parents.stream] = part.parents
        self._estimates = Estimates(account, seen.tried, seen.samples, before, listed)
        self._listings = Listings(account, self._streams, self._estimates, seen.counted)

    def rows(self) -> list[Planned]:
        """What the run will do: a row for each stream, then for parents and models that it has to list."""
        found = [self._with_changes(stream, stream.next_pass) for stream in self._streams.values()]
        shared = _shared(found, self._streams)
        return [*shared, *self._listings.rows(), *self._searches(), *self._models()]

    def _with_changes(self, stream: KeapStream, begun: Pass) -> Planned:
        """What the run will do with a stream, the increment included that follows what earlier runs began."""
        found = self._of(stream, begun)
        if not begun.is_taken_up or begun.is_spread:
            return found
        if not begun.complete:
            return self._two_increments(stream, begun, found)
        if not stream.passes.goes_on_with_changes(begun):
            return replace(found, basis=f"the rest ({found.basis})")
        parents, rolls = stream.collection.parents, stream.passes.rolls
        is_short = (parents is not None and parents.in_window) or rolls is not None
        calls = 1 if is_short else self._walked(stream, begun)
        least = found.calls if found.least_calls is None else found.least_calls
        basis = f"the rest ({found.basis}), then an increment"
        return replace(found, calls=found.calls + calls, least_calls=least + calls, basis=basis)

    def _two_increments(self, stream: KeapStream, begun: Pass, found: Planned) -> Planned:
        """The rest of an increment that was cut off, and the one that follows it.

        Args:
            stream: The stream.
            begun: The increment that was cut off.
            found: What all of it takes.
        """
        if not stream.passes.goes_on_with_changes(begun):
            return found
        done, rows, counted = begun.checkpoint, found.rows, self._seen.counted.get(stream.name)
        if counted is not None and counted.slices is not None:  # of the rest
            rest, whole = found.calls, found.calls + done.slices
            rows = None if rows is None else rows + done.rows
        else:
            rest, whole = max(found.calls - max(done.slices, done.pages), 1), found.calls
        if rows is not None:
            again = min(rows, 1) if _shows_edits(stream) else rows  # what the next one reads again
            rows = max(rows - done.rows, 0) + again
        calls = rest + whole
        basis = f"the rest ({found.basis}), then an increment"
        is_estimate = not found.is_least
        return Planned(
            stream.name, found.reads, calls, rows, found.is_least, basis, is_estimate, calls // 2, 0
        )

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
            basis, before, now = "as many as the last complete read", self._parents_read(stream), None
            if (listed := self._seen.parts.get(stream.name)) is not None and before:
                now = listed.slices + done.slices
            if now is not None and now != before:
                basis = f"as the last complete read, but for {now} parents"
                # What is new has little below it as a rule.
                calls, rows = round(calls * now / before), round(rows * min(now / before, 1))
            elif begun.window.is_open and (there := self._listed_now.get(stream.name)) is not None:
                rows, basis = there, "as this check has listed"
            left = max(self._calls_again(stream, begun, calls) - done.pages, 1 if calls else 0)
            left_rows, is_estimate = max(rows - done.rows, 0), now not in {None, before}
            may_be_none = rows == 0 and calls == 1 and stream.collection.source is not None
            least, least_rows = 0 if may_be_none else left, 0 if is_estimate else None
            return Planned(stream.name, reads, left, left_rows, False, basis, is_estimate, least, least_rows)
        return self._first_load(stream, begun)

    @staticmethod
    def _parents_read(stream: KeapStream) -> int:
        """How many parents the last complete read of a stream was for; 0 if that is not known."""
        _, counted = rows_by_parent(stream.stream_state)
        return counted or parents_before(stream) or 0

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
        if (counted := self._seen.counted.get(stream.name)) is not None:
            return self._as_counted(stream, begun, counted)
        if plan.asked_for:
            calls, tried = self._walked(stream, begun), self._seen.tried.get(stream.name)
            if tried is not None and tried.size.is_exact:
                return Planned(stream.name, begun.kind, calls, tried.made.least, False, tried.size.basis)
            return Planned(stream.name, begun.kind, calls, None, True, "its rows are not known")
        if collection.source is None:
            walks = least_walks = len(collection.values)
            made, wire = estimates.made(collection), estimates.rows(collection)
        else:
            parents = estimates.parents(collection.source)
            walks, least_walks = walks_for(collection, parents.rows), walks_for(collection, parents.least)
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

    def _spared(self, stream: KeapStream, begun: Pass) -> Planned | None:
        """The increment of a stream that need not be swept; None if rows of it are gone, so that it is."""
        other, calls = stream.passes.spared_by, self._walked(stream, begun)
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
        if parents is None:
            return Planned(stream.name, "part", 1, None, is_least=True, basis="its parents are not known")
        read = self._parents_read(stream) or parents
        each = max(calls / read, 1.0) if isinstance(calls, int) and read else 1.0
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
        of_turn, average = rows_between(counts, counted, done.slices, done.slices + own), rows / max(read, 1)
        rows = round((of_turn if counts else own * average) + (slices - own) * average)
        taken = math.ceil(slices * each)
        is_least, least = part is None and not last, min(math.ceil(turn * each), taken)
        are_others = part is None or slices > own or part.parents != counted
        is_estimate = not is_least and (are_others or not counts)
        return Planned(stream.name, "part", taken, rows, is_least, basis, is_estimate, least, 0)

    def _increment(self, stream: KeapStream, begun: Pass) -> Planned:
        if (counted := self._seen.counted.get(stream.name)) is not None:
            return self._as_counted(stream, begun, counted)
        least, last, before = (
            self._walked(stream, begun),
            stream.stream_state.get(CHANGED),
            known_rows(stream),
        )
        if isinstance(last, int):
            rows, basis = last, "as many changes as in the last run"
        elif (share := self._share_of_changes(stream)) is not None and before is not None:
            rows, basis = round(before * share), "as many changes as of the lists that were tried"
            rows = max(rows, 1 if before else 0)  # the newest row is always read again
        else:
            return Planned(stream.name, "increment", least, None, True, "changed rows not known")
        calls = max(least, math.ceil(rows / stream.collection.endpoint.page_size))
        return Planned(stream.name, "increment", calls, rows, False, basis, rows > 0, least, 0)

    def _as_counted(self, stream: KeapStream, begun: Pass, counted: Counted) -> Planned:
        """What the run does with a stream whose rows were counted, or some of them."""
        least = self._walked(stream, begun) if counted.slices is None else counted.slices
        pages = math.ceil(counted.sent / stream.collection.endpoint.page_size)
        calls, is_sample = max(least, pages) + (not counted.is_all), counted.least is not None
        return Planned(
            stream.name,
            begun.kind,
            calls,
            counted.rows,
            not counted.is_all,
            counted.basis,
            is_sample,
            least if is_sample else None,
            counted.least,
        )

    def _walked(self, stream: KeapStream, begun: Pass) -> int:
        """Calls that a pass makes at least: one for each time that something else is asked for."""
        if begun.moves is not None:
            return len(begun.moves.walks)
        slices = self._slices(stream, begun)
        return 1 if slices is None else slices

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
        known = unpacked(stream.stream_state.get(KNOWN) or "")
        if source.setting == saved_searches.SETTING and limit == ():
            return 0
        parents = len(known) or (len(limit) if limit else self._rows_of(source.stream))
        if parents is None:
            return parents_before(stream)
        if collection.batches is None:
            return parents
        return math.ceil(parents / collection.batches.size)

    def _rows_of(self, name: str) -> int | None:
        """How many rows of all times a list has, as far as its state or an answer shows."""
        collection = self._account.collections[name]
        if self._account.settings.limits_times and collection.changes.is_timed:
            return None
        size = self._estimates.shown(collection)
        if size is not None:
            return round(size.rows)
        counted = self._seen.counted.get(name)
        return counted.rows if counted is not None and name in self._streams else None

    def _searches(self) -> Iterable[Planned]:
        """The list of saved searches, which tells the run which of them there are."""
        if self._seen.lists_searches:
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
