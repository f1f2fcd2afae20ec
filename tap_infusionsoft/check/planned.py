"""What a check has seen of the next run, and what the plan says of each stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_infusionsoft.check.parts import Part
    from tap_infusionsoft.check.spared import Compared
    from tap_infusionsoft.check.tried import Tried


class Counted(Struct, frozen=True):
    """What Keap's answers showed of the rows of a stream.

    Attributes:
        rows: Rows.
        is_all: Whether there are no more.
        basis: What shows it.
        sent: Rows as Keap sends them, of which several may be made of one.
        slices: How many times the stream is asked for something else; None if that was not looked at.
        least: Rows that were seen, if `rows` is estimated by them; otherwise None.
    """

    rows: int
    is_all: bool
    basis: str
    sent: int
    slices: int | None = None
    least: int | None = None


class Seen(Struct, frozen=True):
    """What the calls of a check showed, by the names of streams or collections.

    Attributes:
        tried: Pages of collections that were never read.
        samples: How many rows a stream has below each of some parents.
        counted: The changed rows of streams.
        compared: How the rows that another stream shows compare with those that a stream had.
        parts: The parents that the run reads of those of a stream.
        lists_searches: Whether the run lists the saved searches before it reads streams.
    """

    tried: Mapping[str, Tried] = {}
    samples: Mapping[str, Sequence[int]] = {}
    counted: Mapping[str, Counted] = {}
    compared: Mapping[str, Compared] = {}
    parts: Mapping[str, Part] = {}
    lists_searches: bool = False


class Planned(Struct, frozen=True):
    """What the run will do with a stream, or with what streams share.

    Attributes:
        stream: Name of the stream.
        reads: ``snapshot``, ``sweep``, ``increment``, ``part``, or ``later`` if it is left to a later run.
        calls: Calls.
        rows: Rows; None if nothing tells.
        is_least: Whether it may take more: of rows and calls, only the least is known.
        basis: What the numbers rest on.
        is_estimate: Whether `calls` or `rows` are estimates.
        least_calls: Calls that it takes at least.
        least_rows: Rows that it brings at least.
    """

    stream: str
    reads: str
    calls: int
    rows: int | None
    is_least: bool
    basis: str
    is_estimate: bool = False
    least_calls: int | None = None
    least_rows: int | None = None
