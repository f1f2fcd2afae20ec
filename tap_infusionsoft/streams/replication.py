"""How a collection changes, which decides how it can be read again without reading all of it.

Updated       a server-side filter on the time of the last change: finds new and edited rows
Happened      a filter on the time of an event: finds new rows, but not later edits
NewestFirst   no filter, but an order by time: read from the newest row back to the bookmark
Snapshot      neither: read in full. Orders by time may show some of its changes between two complete reads
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping


class Window(Struct, frozen=True):
    """The times to read. Both ends are inclusive; None leaves an end open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether both ends are open, so that it holds all times."""
        return self.since is None and self.until is None


class Changes(Struct, frozen=True):
    """How a collection changes. By itself: in no way that Keap lets us ask about.

    Attributes:
        key: Column that holds the time to go by, which becomes the bookmark; None without one.
        lookback: How far before the bookmark an increment starts, for rows that become visible late.
    """

    is_timed: ClassVar[bool] = False
    """Whether there can be increments."""
    shows_edits: ClassVar[bool] = True
    """Whether increments find rows that were there before and changed."""

    key: str | None = None
    lookback: timedelta = timedelta()

    @property
    def filter_names(self) -> tuple[str, ...]:
        """Names of the filters that take the bounds of a window: the lower one, then the upper one."""
        return ()

    def bounds(self, window: Window) -> list[tuple[str, datetime]]:
        """The filters that limit a call to a window, as (name, bound); empty if the server has none."""
        return [
            (name, bound)
            for name, bound in zip(self.filter_names, (window.since, window.until), strict=False)
            if bound is not None
        ]

    @property
    def goes_by_time(self) -> bool:
        """Whether rows are read in the order of their times, oldest first, not by page token."""
        return False

    def goes_newest_first(self, window: Window) -> bool:
        """Whether a window is read from the newest row back to its start."""
        del window
        return False

    @property
    def order(self) -> str:
        """Value of the ``order_by`` parameter for a walk by time; empty if there can be none."""
        return ""

    def without_order(self) -> Self:
        """The same changes, read by page token only."""
        return self


class Timed(Changes, frozen=True):
    """A collection whose rows have a time to go by."""

    is_timed: ClassVar[bool] = True

    key: str
    lookback: timedelta = timedelta(hours=1)


class Updated(Timed, frozen=True, kw_only=True):
    """Can be filtered by the time of the last change.

    Attributes:
        since: Name of the filter for the inclusive lower bound; with the operator if that is not ``==``.
        until: Name of the filter for the inclusive upper bound; likewise.
        order_by: Name of the same time in ``order_by``, if rows show it or a time near it; otherwise empty.
            Walks then go by time and need no page token.
        is_shown: Whether rows show exactly the time that is filtered and ordered by, not just one near it.
    """

    since: str
    until: str
    order_by: str = ""
    is_shown: bool = True

    @property
    def filter_names(self) -> tuple[str, ...]:
        """Names of the filters for the lower and the upper bound."""
        return self.since, self.until

    @property
    def goes_by_time(self) -> bool:
        """Whether rows are read in the order of their times, oldest first, not by page token."""
        return bool(self.order_by)

    @property
    def order(self) -> str:
        """Value of the ``order_by`` parameter for a walk by time."""
        return f"{self.order_by} asc" if self.order_by else ""

    def without_order(self) -> Self:
        """The same changes, read by page token only."""
        return replace(self, order_by="")


class Happened(Updated, frozen=True, kw_only=True):
    """Can be filtered by the time of an event. Later edits of a row are not found, so more is read again."""

    shows_edits: ClassVar[bool] = False

    lookback: timedelta = timedelta(days=7)


class NewestFirst(Timed, frozen=True, kw_only=True):
    """Can only be ordered by time.

    Attributes:
        order_by: Name of the time in ``order_by``.
    """

    order_by: str

    def goes_newest_first(self, window: Window) -> bool:
        """Whether a window is read from the newest row back to its start."""
        return not window.is_open

    @property
    def order(self) -> str:
        """Value of the ``order_by`` parameter for a walk from the newest row on."""
        return f"{self.order_by} desc"


class Moved(Struct, frozen=True):
    """An order by a time that moves when something happens to a row, so that changed rows come first.

    Attributes:
        key: Column with the time. It is null for rows that it never happened to.
        order_by: Name of the time in ``order_by``; empty if it is that of the column.
        filters: Filters that limit it to some rows.
        within: How far back it is read; None for all that moved since it was last read.
        pages: Pages that are read at most, those with the newest times; None for all.
        lookback: How far before that a walk reaches, for rows that become visible late.
    """

    key: str
    order_by: str = ""
    filters: tuple[str, ...] = ()
    within: timedelta | None = None
    pages: int | None = None
    lookback: timedelta = timedelta(hours=1)

    @property
    def order(self) -> str:
        """Value of the ``order_by`` parameter: newest first."""
        return f"{self.order_by or self.key} desc"


class Moves(Struct, frozen=True):
    """What a run reads of a collection between two complete reads.

    Attributes:
        walks: Orders in which its rows show changes -> the time that each is read back to.
        most: Pages that all of them may take. If there are more, reading everything is better.
    """

    walks: Mapping[Moved, datetime]
    most: int


class Snapshot(Changes, frozen=True):
    """Read in full.

    Attributes:
        moved: Orders by time that show what happened since the last complete read. They need not show
            everything: with ``refresh: rolling`` they are read on the nights between, and never instead of a
            complete read.
    """

    moved: tuple[Moved, ...] = ()
