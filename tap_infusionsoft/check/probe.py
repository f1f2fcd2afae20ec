"""Makes the calls of a check that show most about the next run.

Before a first load nothing is known, and there are more streams than calls. First come the contacts, as much
else depends on them, then the collections that others are read for, because each of their rows costs calls,
then what may be longest. Whatever is left goes to lists of which only changes are read.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.check.targets import ALL_CONTACTS, Targets, all_of
from tap_infusionsoft.check.tried import Size, Tried, id_name, joined, look
from tap_infusionsoft.check.usual_sizes import growing_rank, usual_size
from tap_infusionsoft.client.faults import NOT_SERVED, KeapError
from tap_infusionsoft.client.page_tokens import id_number, next_token
from tap_infusionsoft.reading.requests import Order, order_of, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.state.mark import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_infusionsoft.check.targets import Target
    from tap_infusionsoft.check.tried import Row
    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream

MORE_PAGES = 4
"""Further pages that are worth a call, of a list that cannot be read newest first."""


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
        self._failed = failed
        self._targets = Targets(account, streams)
        self._left = [*self._targets.every()]
        self._longer: list[Target] = []
        self._unknown: list[tuple[Target, Mapping[str, Any], Call]] = []
        self._between: list[tuple[Target, Tried, list[Row]]] = []

    def run(self, least: float = 0) -> None:
        """Make the calls that are left.

        Args:
            least: Rows that a list may have which is worth a call now.
        """
        while self._left and self._account.client.calls_left >= 1:
            target = min(self._left, key=self._order)
            uneven = next((one for one in self._longer if self._targets.is_uneven(one)), None)
            if uneven is not None and self._worth(target) < math.inf:
                self._try_other_end(uneven)
                continue
            if self._worth(target) < least:
                return
            self._left.remove(target)
            shown = self.tried.get(target.plan.collection.name)
            if target.name != all_of(target.plan.collection.name) or shown is None or shown.is_part:
                self._try(target)
        while self._unknown and self._account.client.calls_left >= 1:
            target, document, call = self._unknown.pop(0)
            self._note(target, self._further(self.tried[target.name], document, call, target))
        while self._longer and self._account.client.calls_left >= 1:
            self._try_other_end(self._longer[0])

    def read_on(self) -> None:
        """Read what is between both ends of lists whose rows are unlike, as long as there are calls left."""
        while self._between and self._account.client.calls_left >= 1:
            target, newest, oldest = self._between.pop(0)
            call = self._next_call(target, oldest)
            try:
                page = call and look(self._account.client.fetch(call).document, call, target.plan)
            except KeapError:
                continue  # the run tries longer
            if page and page.rows:
                self._join(target, newest, [*oldest, *page.rows])

    @staticmethod
    def _next_call(target: Target, oldest: Sequence[Row]) -> Call | None:
        """The call for the rows that come after the oldest ones; None if they are not walked by id."""
        last = id_number(oldest[-1].get(id_name(target.plan.collection)))
        if order_of(target.plan) is not Order.BY_ID or not last or last <= 0:
            return None
        piece = next(slices(target.plan))
        call, fields = walk_of(target.plan, piece, Mark(last)).first_call(), target.call.params.get("fields")
        return call.with_params(fields=str(fields)) if fields else call

    def _order(self, target: Target) -> tuple[float, ...]:
        """Sort key: the contacts, then what is worth a call most."""
        collection = target.plan.collection
        calls = target.weight * self._usual_size(target) if target.weight >= 1 else 0
        rank = growing_rank(collection)
        return (rank != 0, -self._worth(target), -calls, rank or 0, collection.endpoint.page_size)

    def _worth(self, target: Target) -> float:
        """How many rows a call may tell of; infinite for those that each cost calls."""
        return math.inf if target.weight >= 1 else self._usual_size(target)

    def _usual_size(self, target: Target) -> float:
        collection, of_time, all_contacts = (
            target.plan.collection,
            *map(self.tried.get, ("contacts", ALL_CONTACTS)),
        )
        is_of_time = of_time is not None and of_time.is_part and collection.changes.is_timed
        contacts = of_time if is_of_time or all_contacts is None else all_contacts
        is_known = contacts is not None and (all_contacts is not None or not contacts.is_part)
        return usual_size(collection, contacts.size.rows if contacts and is_known else None)

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
            for stream in (*target.streams, *target.children):
                if stream.collection.fallback is None or error.fault.kind not in NOT_SERVED:
                    self._failed(stream, error)
            return
        self.seen += [stream.name for stream in target.streams]
        found = look(document, call, target.plan, target.done)
        if found is None:
            return
        if target.weight >= 1 and not found.size.is_known:
            found = self._further(found, document, call, target)
        elif not found.size.is_known:
            self._unknown.append((target, document, call))
        if call != target.opening and not target.done and len(found.rows) < found.size.rows:
            self._longer.append(target)
        self._note(target, found)

    def _note(self, target: Target, found: Tried) -> None:
        window, changes = target.plan.window, target.plan.collection.changes
        is_all = not changes.bounds(window) and found.size.rows == len(found.rows)  # whatever their times
        is_part = bool(target.plan.asked_for) or not (window.is_open or is_all)
        self.tried[target.name] = replace(found, is_part=is_part)
        for stream in target.makers:
            self.tried[stream.name] = replace(self.tried[target.name], collection=stream.collection)

    def _try_other_end(self, target: Target) -> None:
        """Read the first page of a list whose last page was tried: older rows may have more below them."""
        self._longer.remove(target)
        found, call = self.tried[target.name], target.opening
        try:
            document = self._account.client.fetch(call).document
        except KeapError:
            return  # the run tries longer
        page = look(document, call, target.plan)
        if page is None:
            return
        self._join(target, found, page.rows)

    def _join(self, target: Target, newest: Tried, oldest: Sequence[Row]) -> None:
        """Put both ends of a list together, of which the oldest rows may be of several pages."""
        found = joined(newest, oldest)
        self._note(target, found)
        if not found.size.is_exact and found.size.is_known and self._targets.is_uneven(target):
            self._between.append((target, newest, [*oldest]))

    def _further(self, found: Tried, document: Mapping[str, Any], call: Call, target: Target) -> Tried:
        """Read further pages of a list of which nothing tells how long it is."""
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
            found = replace(found, rows=rows, size=size)
            if size.is_known:
                break
        return found
