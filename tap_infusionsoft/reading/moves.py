"""What the walks over changed rows of a run have found together; each is its own slice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.records.coerce import to_moment
from tap_infusionsoft.records.row_keys import digest

if TYPE_CHECKING:
    from tap_infusionsoft.reading.requests import Slice
    from tap_infusionsoft.reading.walks.walk import Page
    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.streams.collection import Collection

logger = logging.getLogger("tap-infusionsoft")


class MovesRead:
    """Hands out each row once, as several walks bring it, and notes how far each of them has come."""

    def __init__(self, collection: Collection, checkpoint: Checkpoint) -> None:
        """Walks of which none has begun in this run.

        Args:
            collection: The declaration.
            checkpoint: How far the pass has come; it is kept up to date.
        """
        self._collection = collection
        self._checkpoint = checkpoint
        self._handed_out: set[int] = set()
        self._before = replace(checkpoint)

    def begin(self, piece: Slice) -> Slice:
        """The slice of the next walk, with what is left of the pages for all of them."""
        self._before = replace(self._checkpoint)
        return replace(piece, most=max(piece.most - self._checkpoint.pages, 1))

    def new(self, rows: Page) -> Page:
        """The rows that no walk has brought before, just as they are now."""
        found = []
        for row in rows:
            key = digest([row])
            if key not in self._handed_out:
                self._handed_out.add(key)
                found.append(row)
        return found

    def end(self, piece: Slice, newest: object, rows: int) -> None:
        """Note that a walk has come to its end.

        Args:
            piece: Its slice.
            newest: The latest time that it found; None if nothing moved.
            rows: How many rows of it were handed out.
        """
        checkpoint = self._checkpoint
        if checkpoint.empty_pages and not self._before.empty_pages:
            checkpoint.empty_pages = False
            self.give_up(piece, "an empty page announced more rows")
            return
        checkpoint.after, checkpoint.rows = piece.place, self._before.rows + rows
        self._note(piece, newest)

    def overrun(self, piece: Slice, newest: object) -> None:
        """Note that so much moved that everything has to be read.

        That finds what the walk did not come to, so the next one need not go further back than to what this
        one began with.

        Args:
            piece: Its slice.
            newest: The latest time that it found; None if it handed out nothing.
        """
        self._checkpoint.overrun = True
        self._note(piece, newest)

    def _note(self, piece: Slice, newest: object) -> None:
        assert piece.moved is not None  # noqa: S101  # these slices have one
        if newest is not None and piece.moved.within is None:
            checkpoint = self._checkpoint
            checkpoint.moved = {**checkpoint.moved, piece.moved.key: to_moment(newest)}

    def give_up(self, piece: Slice, why: object) -> None:
        """Go on without a walk: a complete read will find what it would have found.

        Args:
            piece: Its slice.
            why: What is wrong with it, a clause.
        """
        assert piece.moved is not None  # noqa: S101  # these slices have one
        logger.info(
            "%s: what changed cannot be read in the order %r: %s. The next complete read shows it.",
            self._collection.name,
            piece.moved.order,
            why,
        )
        self._checkpoint.after = piece.place
