"""How a collection changes, and so how it can be read again without reading all of it.

Updated     a server-side filter on the time of the last change: edits and new rows are seen
Happened    a filter on the time of an event: new rows are seen, later edits are not
Snapshot    no usable filter: read whole, every run
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Updated:
    """Filterable by the time of the last change.

    Attributes:
        key: Property that holds that time.
        since: Name of the filter for its lower bound, inclusive.
        until: Name of the filter for its upper bound, inclusive.
        lookback: How far behind the bookmark the next run starts, for rows that became visible late.
    """

    key: str
    since: str
    until: str
    lookback: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Happened(Updated):
    """Filterable by the time of an event; rows do not change afterwards as far as Keap tells."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Read whole in every run."""

    key: None = None


Changes = Updated | Snapshot
