"""Looks at some of the parents that streams are read for: how many rows there are below each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.check.targets import is_first_load
from tap_infusionsoft.check.tried import look
from tap_infusionsoft.check.usual_sizes import EACH
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.reading.requests import slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.streams.collection import PerParent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_infusionsoft.check.tried import Tried
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.stream import KeapStream

MOST = 10
"""Parents of a stream that are looked at."""
_GOLDEN = 0.618
"""Multiples of it, without the whole part, put places in an order in which the first few are far apart."""


class Samples:
    """The rows below some parents.

    Attributes:
        counts: Name of a stream -> how many rows it has below each of the parents that were looked at.
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
        """Look at a parent of each stream, then at another one, as long as there are calls left.

        Args:
            streams: The streams of the run.
            least: Rows that a stream may have which is worth a call now.
        """
        left = [(stream, *self._pieces(stream)) for stream in streams if is_first_load(stream)]
        left.sort(key=lambda one: -one[3])
        for number in range(1, MOST + 1):
            for stream, plan, pieces, parents in [*left]:
                done = len(self.counts.get(stream.name, ()))
                is_worth_it = EACH * parents / number >= least
                if done >= min(number, len(pieces)) or not is_worth_it or self._account.client.calls_left < 1:
                    continue
                try:
                    count = self._rows(plan, pieces[done])
                except KeapError as error:
                    self._failed(stream, error)
                    left = [one for one in left if one[0] is not stream]
                else:
                    self.counts.setdefault(stream.name, []).append(count)

    def _rows(self, plan: ReadPlan, piece: Slice) -> int:
        call = walk_of(plan, piece).first_call()
        found = look(self._account.client.fetch(call).document, call, plan)
        return 0 if found is None else round(found.made.rows)

    def _pieces(self, stream: KeapStream) -> tuple[ReadPlan, list[Slice], float]:
        """What a stream would be read for: some of its parents, from all over the page that shows them.

        Returns:
            What is read of the stream, what it may be read for, and about how many parents there are.
        """
        collection = stream.collection
        plan = self._account.plan(collection, stream.next_pass.window, stream.trial_fields)
        source = collection.source
        page = self._tried.get(source.stream) if source is not None else None
        is_known = collection.endpoint.items is None or (isinstance(source, PerParent) and source.lists)
        if not isinstance(source, PerParent) or page is None or is_known or plan.asked_for:
            return plan, [], 0
        name = page.collection.wire.name
        parents = [
            {column: str(row[name(theirs)]) for column, theirs in source.columns.items()}
            for row in page.leading(source)
            if all(row.get(name(theirs)) is not None for theirs in source.columns.values())
        ]
        places = sorted(range(len(parents)), key=lambda place: place * _GOLDEN % 1)[:MOST]
        pieces = [piece for place in places for piece in slices(plan, [parents[place]])]
        return plan, pieces, len(parents) * page.times
