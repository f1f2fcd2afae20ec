"""How a collection changes, and so how it can be read again without reading all of it.

Updated       a server-side filter on the time of the last change: edits and new rows are seen
Happened      a filter on the time of an event: new rows are seen, later edits are not
NewestFirst   no filter, but an order by time: read from the newest on, and stop at the bookmark
Snapshot      neither: read whole, every run
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timed:
    """A collection whose rows have a time to go by.

    Attributes:
        key: Column that holds that time.
        lookback: How far behind the bookmark the next run starts, for rows that became visible late.
    """

    key: str
    lookback: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated(Timed):
    """Filterable by the time of the last change.

    Attributes:
        since: Name of the filter for the lower bound, inclusive; with the operator, if that is not ``==``.
        until: Name of the filter for the upper bound, inclusive; likewise.
        order_by: Name of the same time in ``order_by``, where rows show it, or a time near it; else empty.
            Increments walk by it then, and need no page token.
        is_shown: Whether rows show that time itself, and not only one near it.
    """

    since: str
    until: str
    order_by: str = ""
    is_shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Updated):
    """Filterable by the time of an event; later edits of rows cannot be filtered for, so that more is read again."""

    lookback: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestFirst(Timed):
    """Only to be ordered by time.

    Attributes:
        order_by: Name of the time in ``order_by``.
    """

    order_by: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Read whole in every run."""

    key: None = None


Changes = Timed | Snapshot
