"""Slices that Keap refuses: when a read goes on without one, and when it ends.

A fault of one parent, which stays after all retries, costs the rows of that parent. The read goes on without
them, and the checkpoint keeps the place, so that a later run can ask again without reading the rest. Many
refusals in a row are no fault of single parents: then the address is wrong or Keap is down, and the read ends
with the last of them.
"""

from __future__ import annotations

import logging
from string import Formatter
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.state.shown_rows import MODULUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_infusionsoft.client.faults import KeapError
    from tap_infusionsoft.reading.requests import Slice
    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.streams.collection import Collection

logger = logging.getLogger("tap-infusionsoft")

OF_ONE_SLICE = frozenset(
    {
        Kind.BAD_REQUEST,
        Kind.REFUSED,
        Kind.FORBIDDEN,
        Kind.NOT_FOUND,
        Kind.WITHDRAWN,
        Kind.SERVER_ERROR,
        Kind.UNAVAILABLE,
        Kind.TIMEOUT,
        Kind.QUERY_TOO_LONG,
        Kind.BLANK,
        Kind.DAMAGED,
        Kind.NOT_JSON,
        Kind.PAGING,
        Kind.TOO_LARGE,
        Kind.REDIRECT,
        Kind.UNREACHABLE,
    }
)
"""Faults that may be those of one parent. The others say that nothing can be read now."""

MOST_AT_FIRST = 5
"""Refusals in a row that end the read, as long as nothing has been served in the pass."""
MOST_IN_A_ROW = 10
"""Refusals in a row that end the read after something was served."""
MOST_AGAIN = 20
"""Refusals in a row among the slices that were skipped before, after which the others of these wait for the
next run."""
MOST_OUT_OF_REACH = 2
"""Slices in a row without a connection that end the read. A server may break off whenever it is asked for one
of them, but if it does not answer for the next one either, nobody is there."""
MOST_SKIPPED = 1_000
"""Slices that a pass goes on without: the state holds their places."""

MOST_NAMED = 10
"""Slices that a message names."""


class Refusals:
    """Decides about refused slices, and keeps their places in a checkpoint."""

    def __init__(self, checkpoint: Checkpoint, *, are_alike: bool = True) -> None:
        """No refusals in a row yet; the checkpoint may know of earlier ones.

        Args:
            checkpoint: How far the read has come. It may be one that an earlier run left.
            are_alike: Whether the slices are parents or ids, so that a few show how all of them fare. The
                values of a declaration are few, and each may need its own permission.
        """
        self._checkpoint = checkpoint
        self._are_alike = are_alike
        self._again = frozenset(checkpoint.skipped)
        self._in_a_row = {True: 0, False: 0}  # among those that were skipped before, and the others
        self._out_of_reach = 0  # in a row
        self._last: KeapError | None = None
        self._vanished: KeapError | None = None

    def of_all(self, *, is_complete: bool) -> KeapError | None:
        """The last fault, if no slice of the pass was served.

        Args:
            is_complete: Whether the pass reads everything. All parents of an increment may be broken.
        """
        if self._is_served:
            return None
        return self._vanished or (self._last if is_complete else None)

    @property
    def _is_served(self) -> bool:
        return self._checkpoint.slices > self._checkpoint.gone

    def is_again(self, piece: Slice) -> bool:
        """Whether a slice was skipped before, by an earlier run."""
        return piece.place in self._again

    def waits(self, piece: Slice) -> bool:
        """Whether a slice that was skipped before is left for the next run."""
        return self.is_again(piece) and self._in_a_row[True] >= MOST_AGAIN

    def served(self, piece: Slice) -> None:
        """Note that a slice has been read, or is gone."""
        self._in_a_row[self.is_again(piece)] = 0
        self._out_of_reach = 0
        self._checkpoint.skipped = tuple(one for one in self._checkpoint.skipped if one != piece.place)

    def gone(self, piece: Slice, error: KeapError) -> None:
        """Note that a parent was not found."""
        self._vanished = error
        self._checkpoint.gone += 1
        self._checkpoint.gone_digest = (self._checkpoint.gone_digest + digest(piece.place)) % MODULUS

    def skip(self, piece: Slice, error: KeapError, name: str) -> None:
        """Go on without a slice.

        Args:
            piece: The slice: one parent, one id or one value.
            error: The fault that is left after all retries.
            name: What the warning calls it.

        Raises:
            KeapError: It is none to go on after.
        """
        checkpoint, is_again = self._checkpoint, self.is_again(piece)
        self._in_a_row[is_again] += 1
        others = tuple(one for one in checkpoint.skipped if one != piece.place)
        if not self._are_alike:
            is_over = False
        elif not self._is_served:
            is_over = sum(self._in_a_row.values()) >= MOST_AT_FIRST
        else:
            is_over = not is_again and self._in_a_row[False] >= MOST_IN_A_ROW
        self._out_of_reach = self._out_of_reach + 1 if error.fault.kind is Kind.UNREACHABLE else 0
        is_over |= self._out_of_reach >= MOST_OUT_OF_REACH
        if is_over or len(others) >= MOST_SKIPPED:
            raise error
        self._last = error
        checkpoint.skipped = (*others, piece.place)
        logger.warning("%s Continuing without %s; the next run will try again.", error, name)

    def keep(self, places: set[tuple[str, ...]]) -> None:
        """Forget the places that are no longer there.

        Args:
            places: Those of the slices that were skipped before and are still there.
        """
        self._checkpoint.skipped = tuple(one for one in self._checkpoint.skipped if one in places)


def names_of(collection: Collection, places: Sequence[Sequence[str]]) -> str:
    """What people call some slices: ``contacts 3, 7``. Only by ids, for the rest of a place may be personal.

    Args:
        collection: The declaration that they were read by.
        places: Their places; the first ten are named.
    """
    source = collection.source
    if not places:
        return ""
    if source is None and not collection.values[0]:
        return (
            f"{collection.name} {', '.join(place[-1] for place in places[:MOST_NAMED])}"  # named by a setting
        )
    if collection.batches is not None:
        ids = [place[-1] for place in places]
    else:
        columns = [*(collection.parents.columns if collection.parents is not None else collection.values[0])]
        in_path = {name for _, name, _, _ in Formatter().parse(collection.endpoint.path) if name}
        ids = [
            "/".join(one for column, one in zip(columns, place, strict=False) if column in in_path)
            for place in places
        ]
    noun = next(iter(collection.values[0]), "") if source is None else source.ordered_by
    if source is not None and noun.lower() == "id":
        noun = source.stream
    more = f" and {len(ids) - MOST_NAMED} others" if len(ids) > MOST_NAMED else ""
    return f"{noun} {', '.join(ids[:MOST_NAMED])}{more}"
