"""Chooses the calls of a check that show most about the next run, and makes them.

Before a first load nothing is known, and there are more streams than calls. First come the collections that
others are read for, because each of their rows costs calls; then the lists that grow with the business, and
those with small pages. Whatever is left goes to lists of which only changes are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.check.tried import Size, Tried, look, newest_first
from tap_infusionsoft.client.faults import NOT_SERVED, KeapError
from tap_infusionsoft.client.page_tokens import next_token
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.state.entry import rows_before
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream
    from tap_infusionsoft.streams.collection import Collection, PerBatch, ShownIn

LONG = (
    *("contacts", "orders", "emails", "transactions", "notes", "tasks", "opportunity_stage_moves"),
    *("appointments", "payments", "opportunities", "subscriptions", "referrals", "payment_methods", "files"),
    *("companies", "tags"),
)
"""Lists that grow with the business: those first that tell about others, or are long as a rule."""
MORE_PAGES = 4
"""Further pages of such a collection that are worth a call, if it cannot be read newest first."""
_RANKS = {COLLECTIONS[name].endpoint.path: rank for rank, name in enumerate(LONG)}


class Target(Struct, frozen=True):
    """A call that a check may make.

    Attributes:
        name: Name of the collection.
        call: The call.
        opening: The call that a run makes instead, in another order.
        plan: What a run reads of the collection.
        streams: The streams that find out whether they can be read.
        makers: The streams whose rows are made of the answer.
        done: How many of its rows earlier runs have read.
        weight: Calls that a run makes for each row.
    """

    name: str
    call: Call
    opening: Call
    plan: ReadPlan
    streams: Sequence[KeapStream]
    makers: Sequence[KeapStream]
    done: int
    weight: float

    @property
    def order(self) -> tuple[float, ...]:
        """Sort key: what is worth a call most comes first."""
        endpoint = self.plan.collection.endpoint
        is_cause = self.weight >= 1
        return (
            not is_cause,
            -self.weight if is_cause else 0,
            _RANKS.get(endpoint.path, len(LONG)),
            endpoint.page_size,
        )


def is_first_load(stream: KeapStream) -> bool:
    """Whether the next run reads a stream for the first time, or goes on with that."""
    begun = stream.next_pass
    return (
        bool(begun.share)
        and begun.complete
        and not stream.read_at
        and rows_before(stream.stream_state) is None
    )


class Probe:
    """Makes the calls of a check that look at rows.

    Attributes:
        tried: What they showed, by the name of the collection.
        seen: The streams that were found to answer.
    """

    def __init__(
        self,
        account: Account,
        streams: Sequence[KeapStream],
        failed: Callable[[KeapStream, KeapError], None],
    ) -> None:
        """A probe that has made no call.

        Args:
            account: The account.
            streams: The streams that the run will read.
            failed: Takes a stream that cannot be read, and why.
        """
        self.tried: dict[str, Tried] = {}
        self.seen: list[str] = []
        self._account = account
        self._streams = streams
        self._failed = failed
        self._first = [one for one in streams if is_first_load(one)]

    def run(self) -> None:
        """Make the calls that are left."""
        for target in sorted(self._targets(), key=lambda one: one.order):
            if self._account.client.calls_left < 1:
                return
            self._try(target)

    def _try(self, target: Target) -> None:
        client, call = self._account.client, target.call
        try:
            try:
                document = client.fetch(call).document
            except KeapError as error:
                is_order = call != target.opening and error.fault.kind in NOT_SERVED
                if not is_order or client.calls_left < 1:
                    raise
                call = target.opening
                document = client.fetch(call).document
        except KeapError as error:
            for stream in target.streams:
                if stream.collection.fallback is None or error.fault.kind not in NOT_SERVED:
                    self._failed(stream, error)
            return
        self.seen += [stream.name for stream in target.streams]
        found = look(document, call, target.plan, target.done)
        if found is None:
            return
        if target.weight >= 1 and not found.size.is_known:
            found = self._further(found, document, call, target)
        self.tried[target.name] = found
        for stream in target.makers:
            self.tried[stream.name] = Tried(stream.collection, found.rows, found.size)

    def _further(self, found: Tried, document: Mapping[str, Any], call: Call, target: Target) -> Tried:
        """Read further pages of a long list whose rows cost calls of other streams."""
        collection, client = target.plan.collection, self._account.client
        for _ in range(MORE_PAGES):
            token = next_token(document, collection.endpoint.token)
            if token is None or client.calls_left < 1 or collection.endpoint.paging != "token":
                break
            call = call.with_params(page_token=token)
            try:
                document = client.fetch(call).document
            except KeapError:
                break  # the run tries longer
            page = look(document, call, target.plan)
            if page is None:
                break
            rows = [*found.rows, *page.rows]
            size = Size(len(rows), len(rows), "its first pages", is_known=page.size.is_known)
            found = Tried(collection, rows, size)
            if size.is_known:
                break
        return found

    def _targets(self) -> Iterator[Target]:
        """The lists that the run reads for the first time, and what streams are read for."""
        named: set[str] = set()
        for stream in self._first:
            if stream.name in named or stream.collection.source is not None:
                continue
            target = self._of_list(stream)
            if target is not None:
                named |= {target.name, *(one.name for one in target.makers)}
                yield target
        for source in self._sources().values():
            if source.stream not in named and (target := self._of_source(source)) is not None:
                named.add(target.name)
                yield target
        for stream in self._first:
            shown = stream.collection.shown_in
            if shown is not None and shown.stream not in named:
                named.add(shown.stream)
                yield self._of_shown(shown)

    def _of_list(self, stream: KeapStream) -> Target | None:
        call = stream.opening_call
        if call is None or call.method != "GET":
            return None
        begun = stream.next_pass
        plan = self._account.plan(stream.collection, begun.window)
        makers = [one for one in self._first if one.responses is stream.responses]
        return Target(
            stream.name,
            newest_first(call, plan),
            call,
            plan,
            makers,
            makers,
            begun.checkpoint.rows,
            max(self._weight(one.collection) for one in makers),
        )

    def _of_source(self, source: PerParent | PerBatch) -> Target | None:
        """The call for a collection that is no stream of the run itself."""
        collection, window = self._account.collections[source.stream], Window()
        if collection.source is not None:
            return None
        call = self._account.listing_call(source, window, 0)
        if call is None or call.method != "GET":
            return None
        plan = ReadPlan(collection, window)
        return Target(
            source.stream,
            newest_first(call, plan),
            call,
            plan,
            (),
            (),
            0,
            self._weight(collection),
        )

    def _of_shown(self, shown: ShownIn) -> Target:
        """The call for rows that show those of a stream, which earlier runs have read."""
        collection = self._account.collections[shown.stream]
        fields = collection.endpoint.fields.names & {collection.wire.name(shown.column)}
        plan = self._account.plan(collection, Window(), [*fields])
        call = walk_of(plan, next(slices(plan, [], []))).first_call()
        weight = self._weight(collection)
        return Target(collection.name, newest_first(call, plan), call, plan, (), (), 0, weight)

    def _weight(self, collection: Collection) -> float:
        """Calls that a row of a collection costs, for itself and for those that are read for it."""
        found = 1 / collection.endpoint.page_size
        for other in self._first:
            source = other.collection.source
            if source is None or source.stream != collection.name or self._is_limited(source):
                continue
            found += 1 if isinstance(source, PerParent) else 1 / source.size
        return found

    def _sources(self) -> dict[str, PerParent | PerBatch]:
        """What streams are read for that the run reads for the first time, by the name of the collection."""
        found: dict[str, PerParent | PerBatch] = {}
        for stream in self._first:
            source = stream.collection.source
            if source is not None and not self._is_limited(source):
                found.setdefault(source.stream, source)
        return found

    def _is_limited(self, source: PerParent | PerBatch) -> bool:
        """Whether settings say what a stream is read for, or the list of saved searches, which was read."""
        limit = self._account.settings.limit(source.setting) if source.setting else None
        return bool(limit) or source.setting == saved_searches.SETTING
