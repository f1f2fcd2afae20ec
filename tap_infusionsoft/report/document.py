"""The report about a run as values: what the file of `report_file` holds, whatever its form.

Programs read it, so members are only ever added; `Report.format` changes if one has to go.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  # msgspec looks it up
from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from tap_infusionsoft.client.daily_quota import Left  # noqa: TC001  # msgspec looks it up
from tap_infusionsoft.errors import meaning
from tap_infusionsoft.report.timeline import Timeline, timeline

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tap_infusionsoft.client.traffic import Traffic
    from tap_infusionsoft.report.run_log import PassRecord, RunLog

FORMAT = 1


class Status(Enum):
    """How a stream ended. Those to look at come first."""

    FAILED = "failed"
    STOPPED = "stopped"
    NOT_READ = "not read"
    LEFT = "left"
    READ = "read"
    LATER = "later"


class Ending(Struct, frozen=True):
    """How the run ended.

    Attributes:
        code: The exit code.
        meaning: What the code means.
        message: The line that the run ended with; None if all is well.
    """

    code: int
    meaning: str
    message: str | None


class Limits(Struct, frozen=True):
    """What limits what the run reads.

    Attributes:
        summary: A sentence about what is left out; None if nothing is.
        settings: The settings that have another value than by default, by name. Of lists, only the number of
            entries; no secrets.
    """

    summary: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


class Totals(Struct, frozen=True, kw_only=True):
    """What the streams come to.

    Attributes:
        streams: Streams that were to be read.
        rows: Rows that this run read.
        deleted: Rows marked as deleted.
        mended: Values that were changed so that a record can hold them.
        quarantined: Rows in the quarantine file.
        skipped: Parents or batches that Keap refused.
        calls: API calls, retries included.
        waits: Waits after faults.
        paced_seconds: Time that calls were held back, so that the limits are kept.
        waited_seconds: Time of the waits after faults.
    """

    streams: int
    rows: int
    deleted: int
    mended: int
    quarantined: int
    skipped: int
    calls: int
    waits: int
    paced_seconds: float
    waited_seconds: float


class StreamReport(Struct, frozen=True, kw_only=True):
    """What the run did for a stream.

    Attributes:
        stream: Its name.
        status: How it ended.
        passes: Kinds of the passes that came to their end, in order.
        rows: Rows that this run read.
        new: Rows among them that were not there before; None if that is not known.
        changed: Rows among them that were there; None if that is not known.
        deleted: Rows marked as deleted; None if the run cannot know.
        mended: Values that were changed so that a record can hold them.
        quarantined: Rows in the quarantine file.
        skipped: Parents or batches that Keap refused.
        calls: API calls, retries included.
        waits: Waits after faults.
        waited_seconds: Time of these waits.
        seconds: Time from the first row of each pass to its end, waits included.
        next_bookmark: Where the next increment begins; None without one.
        oldest_days: Days that a row of the copy may be old, and a deleted one still be there; None if the
            stream was not read to its end, or if all of it is as of this run.
        note: What else to know.
        problem: What went wrong, and what to do; None if nothing did.
    """

    stream: str
    status: Status
    passes: list[str]
    rows: int
    new: int | None
    changed: int | None
    deleted: int | None
    mended: int
    quarantined: int
    skipped: int
    calls: int
    waits: int
    waited_seconds: float
    seconds: float
    next_bookmark: datetime | None
    oldest_days: float | None
    note: str
    problem: str | None


class Report(Struct, frozen=True, kw_only=True):
    """The report about a run.

    Attributes:
        format: `FORMAT`.
        program: Name and version of the program.
        account: The account, as Keap names it; None if no answer has told it.
        started: When the run started.
        ended: When it ended.
        seconds: How long it took.
        exit: How it ended.
        limits: What limits what it reads.
        totals: What the streams come to.
        quota: What is left of the day's calls; None if Keap has not said so.
        streams: The streams that were to be read, those to look at first.
        left: Streams left to the next run because the calls of this one were used up.
        deselected: Streams that are not selected.
        timeline: When what happened.
    """

    format: int = FORMAT
    program: str
    account: str | None
    started: datetime
    ended: datetime
    seconds: float
    exit: Ending
    limits: Limits
    totals: Totals
    quota: Left | None
    streams: list[StreamReport]
    left: list[str]
    deselected: list[str]
    timeline: Timeline


def report(
    log: RunLog,
    traffic: Traffic,
    quota: Left | None,
    now: tuple[datetime, float],
    *,
    program: str,
    account: str = "",
    limits: Limits | None = None,
    mask: Callable[[str], str] = str,
) -> Report:
    """Return the report about a run.

    Args:
        log: What it did. Without an exit code, it counts as one that ended well.
        traffic: What it sent.
        quota: What is left of the day's calls; None if that is not known.
        now: The time, and the same on the monotonic clock.
        program: Name and version of the program.
        account: The account; empty if it is not known.
        limits: What limits what it reads.
        mask: Masks secrets in a text.
    """
    ended = log.ended or now[0]
    streams = _streams(log, traffic, mask)
    code = log.exit_code or 0
    return Report(
        program=program,
        account=account or None,
        started=log.started,
        ended=ended,
        seconds=_rounded((ended - log.started).total_seconds()),
        exit=Ending(code, meaning(code), None if log.message is None else mask(log.message)),
        limits=limits or Limits(),
        totals=Totals(
            streams=len(streams),
            rows=sum(one.rows for one in streams),
            deleted=sum(one.deleted or 0 for one in streams),
            mended=sum(one.mended for one in streams),
            quarantined=sum(one.quarantined for one in streams),
            skipped=sum(one.skipped for one in streams),
            calls=traffic.calls.total(),
            waits=len(traffic.waits),
            paced_seconds=_rounded(traffic.paced),
            waited_seconds=_rounded(traffic.waited),
        ),
        quota=quota,
        streams=streams,
        left=[*dict.fromkeys(log.left)],
        deselected=log.deselected,
        timeline=timeline(traffic, log.started, now),
    )


def _streams(log: RunLog, traffic: Traffic, mask: Callable[[str], str]) -> list[StreamReport]:
    problems: dict[str, list[str]] = {}
    for failure in log.failures:
        problems.setdefault(failure.stream, []).append(mask(failure.message))
    passes: dict[str, list[PassRecord]] = {}
    for one in log.passes:
        passes.setdefault(one.stream, []).append(one)
    waits: dict[str, list[float]] = {}
    for wait in traffic.waits:
        waits.setdefault(wait.reader, []).append(wait.seconds)
    names = dict.fromkeys([*log.chosen, *passes, *problems])
    found = [
        _stream(
            name,
            _status(name, log, passes, problems),
            passes.get(name, ()),
            log.unfinished.get(name),
            traffic.calls,
            waits.get(name, ()),
            problems.get(name, ()),
        )
        for name in names
    ]
    order = [*Status]
    return sorted(found, key=lambda one: (order.index(one.status), not is_to_be_looked_at(one)))


def is_to_be_looked_at(one: StreamReport) -> bool:
    """Whether a stream has something that a person should see."""
    return bool(one.problem or one.quarantined or one.skipped or one.mended)


def _status(
    name: str, log: RunLog, passes: Mapping[str, Sequence[PassRecord]], problems: Iterable[str]
) -> Status:
    if name in problems:
        return Status.FAILED
    if name in log.left:
        return Status.LEFT
    if name in log.unfinished:
        return Status.STOPPED
    if name not in passes:
        return Status.NOT_READ
    return Status.READ if any(one.kind for one in passes[name]) else Status.LATER


def _stream(
    name: str,
    status: Status,
    passes: Sequence[PassRecord],
    unfinished: PassRecord | None,
    calls: Counter[str],
    waits: Sequence[float],
    problems: Sequence[str],
) -> StreamReport:
    """Add up what is known of a stream.

    Args:
        name: Its name.
        status: How it ended.
        passes: Its passes.
        unfinished: What was read of a pass that did not come to its end.
        calls: Name of a stream -> its calls.
        waits: Seconds of its waits after faults.
        problems: What went wrong.
    """
    parts = [*passes, *(() if unfinished is None else (unfinished,))]
    last = parts[-1] if parts else None
    rows = sum(one.rows - one.earlier for one in parts)
    news = [one.new for one in parts if one.rows > one.earlier]
    new = None if None in news else sum(one for one in news if one is not None)
    gone = [one.gone if one.gone is not None else one.fewer or None for one in passes]
    return StreamReport(
        stream=name,
        status=status,
        passes=[one.kind for one in passes if one.kind],
        rows=rows,
        new=new,
        changed=None if new is None else max(rows - new, 0),
        deleted=sum(one for one in gone if one is not None) if set(gone) - {None} else None,
        mended=sum(one.mended for one in parts),
        quarantined=sum(one.quarantined for one in parts),
        skipped=sum(one.skipped for one in parts),
        calls=calls[name],
        waits=len(waits),
        waited_seconds=_rounded(sum(waits)),
        seconds=_rounded(sum(one.seconds for one in parts)),
        next_bookmark=None if last is None else last.bookmark,
        oldest_days=passes[-1].oldest if passes and unfinished is None else None,
        note=passes[-1].note if passes and unfinished is None else "",
        problem=" ".join(dict.fromkeys(problems)) or None,
    )


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
