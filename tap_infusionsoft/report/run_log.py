"""What a run did, as values: a record for each pass over a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class PassRecord(Struct, frozen=True, kw_only=True):
    """One pass over a stream, or the part of it that this run read.

    Attributes:
        stream: Name of the stream.
        kind: ``snapshot``, ``increment`` or ``sweep``; empty if the run left the stream to a later one.
        rows: Rows that the pass has read, those of earlier runs included.
        earlier: Rows among them that earlier runs read.
        new: Rows that were not there before; None if that is not known.
        gone: Rows that are marked as deleted now; None if that is not known.
        fewer: How many fewer rows there are than in the last complete pass.
        mended: Values that were changed so that a record can hold them.
        quarantined: Rows in the quarantine file.
        skipped: Parents or batches that Keap refused.
        calls: Calls that the run made for the stream, without those of its earlier passes.
        seconds: Seconds from the first row of the pass to its end.
        bookmark: Where the next increment begins; None without one.
        oldest: Days that a row of the copy may be old, and a deleted one still be there.
        note: What else to know, without a full stop.
        refusal: Why the pass does not count, or what it lacks; None if all is well.
    """

    stream: str
    kind: str = ""
    rows: int = 0
    earlier: int = 0
    new: int | None = None
    gone: int | None = None
    fewer: int = 0
    mended: int = 0
    quarantined: int = 0
    skipped: int = 0
    calls: int = 0
    seconds: float = 0.0
    bookmark: datetime | None = None
    oldest: float | None = None
    note: str = ""
    refusal: str | None = None


class FailureRecord(Struct, frozen=True):
    """A stream that failed, and why."""

    stream: str
    message: str


class RunLog(Struct):
    """What a run has done so far.

    Attributes:
        started: When it started.
        deselected: Names of the streams that are not selected.
        chosen: Names of the streams that it reads, in order.
        passes: What was read, in order.
        failures: What failed, in order.
        left: Streams that the run left to the next one because its calls were used up.
        without_call: Those among them that it made no call for.
        without_progress: Those among them that are where they were, whether it made calls for them or not.
        stuck: Streams that had all the calls of the run for rows, and are where they were -> those calls.
        calls_before_rows: Calls that it takes at least to find out which streams and columns there are, if
            this run had none for rows; 0 otherwise.
        unfinished: Name of a stream -> what was read of a pass that has not come to its end.
        ended: When it ended; None while it goes on.
        exit_code: What the program ends with; None while it goes on.
        message: The line that it ends with; None if all is well, and while it goes on.
    """

    started: datetime
    deselected: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    passes: list[PassRecord] = field(default_factory=list)
    failures: list[FailureRecord] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    without_call: list[str] = field(default_factory=list)
    without_progress: list[str] = field(default_factory=list)
    stuck: dict[str, int] = field(default_factory=dict)
    calls_before_rows: int = 0
    unfinished: dict[str, PassRecord] = field(default_factory=dict)
    ended: datetime | None = None
    exit_code: int | None = None
    message: str | None = None

    @property
    def by_stream(self) -> Mapping[str, PassRecord]:
        """Name of a stream -> its last pass."""
        return {one.stream: one for one in self.passes}
