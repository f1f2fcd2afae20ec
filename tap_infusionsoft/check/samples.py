"""Looks at some of the parents that streams are read for: how many rows there are below each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.check.probe import is_first_load
from tap_infusionsoft.check.tried import look
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

MOST = 4
"""Parents of a stream that are looked at."""


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

    def take(self, streams: Sequence[KeapStream]) -> None:
        """Look at a parent of each stream, then at another one, as long as there are calls left.

        Args:
            streams: The streams of the run.
        """
        left = {stream.name: (stream, self._pieces(stream)) for stream in streams if is_first_load(stream)}
        for number in range(MOST):
            for name, (stream, (plan, pieces)) in [*left.items()]:
                if number >= len(pieces) or self._account.client.calls_left < 1:
                    continue
                try:
                    count = self._rows(plan, pieces[number])
                except KeapError as error:
                    self._failed(stream, error)
                    del left[name]
                else:
                    self.counts.setdefault(name, []).append(count)

    def _rows(self, plan: ReadPlan, piece: Slice) -> int:
        call = walk_of(plan, piece).first_call()
        found = look(self._account.client.fetch(call).document, call, plan)
        return 0 if found is None else round(found.made.rows)

    def _pieces(self, stream: KeapStream) -> tuple[ReadPlan, list[Slice]]:
        """What a stream would be read for: some of its parents, from all over the page that shows them."""
        collection = stream.collection
        plan = self._account.plan(collection, stream.next_pass.window, stream.trial_fields)
        source = collection.source
        page = self._tried.get(source.stream) if source is not None else None
        is_known = collection.endpoint.items is None or (isinstance(source, PerParent) and source.lists)
        if not isinstance(source, PerParent) or page is None or is_known or plan.asked_for:
            return plan, []
        name = page.collection.wire.name
        parents = [
            {column: str(row[name(theirs)]) for column, theirs in source.columns.items()}
            for row in page.leading(source)
            if all(row.get(name(theirs)) is not None for theirs in source.columns.values())
        ]
        step = max(len(parents) // MOST, 1)
        return plan, [*slices(plan, parents[::step])][:MOST]
