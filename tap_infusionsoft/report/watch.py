"""What a run does at this moment, for those who show it while it runs."""

from __future__ import annotations

import math
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.client.daily_quota import Left
    from tap_infusionsoft.report.run_log import RunLog

_RECENT = 60.0
"""Seconds over which speeds are measured."""
_SHORTEST = 10.0
"""Seconds below which a speed is a guess."""
_WORTH_TELLING = 2.0
"""Seconds of a wait that people should know about."""
_SILENT = 20.0
"""Seconds without a call, an answer or a row after which people may wonder."""


class StreamProgress(Struct, frozen=True, kw_only=True):
    """How far a stream has come.

    Attributes:
        kind: ``snapshot``, ``increment`` or ``sweep``.
        rows: Rows of this pass so far, those of earlier runs included.
        earlier: Rows among them that earlier runs read.
        expected: Rows that the last complete pass found, if this one is complete; None if that is unknown.
        parents: Parents that have been read; 0 if it is not read by parent.
        planned: Parents to read; 0 if it is not read by parent.
    """

    kind: str
    rows: int
    earlier: int = 0
    expected: int | None = None
    parents: int = 0
    planned: int = 0


class Watched(Protocol):
    """A stream that a run reads."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def progress(self) -> StreamProgress | None:
        """How far it has come; None before its first call."""


class Output(Protocol):
    """What writes the records."""

    is_waiting: bool
    """Whether it waits until somebody reads them."""


class Aside(Struct, frozen=True):
    """A stream that has stepped aside.

    Attributes:
        stream: Its name.
        moment: When it goes on, on the monotonic clock.
        why: The fault in a few words.
    """

    stream: str
    moment: float
    why: str


class Waiting(Struct, frozen=True):
    """What a run waits for.

    Attributes:
        why: What for, in a few words.
        until: When that ends; None if nobody knows.
    """

    why: str
    until: datetime | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """A run at one moment.

    Attributes:
        stream: Name of the stream that is read; empty between two, and before the first.
        progress: How far it has come; None without one, or before its first call.
        streams_done: Streams that are complete, have failed, or are left to later runs.
        streams: Streams of the run; 0 before they are known.
        rows: Rows of all streams that this run has read.
        rows_per_second: Their recent speed; None if it is not known yet.
        seconds_left: How long the stream will take; None if nobody knows.
        calls: Calls that were sent.
        quota: What is left of the day's calls; None if Keap has not said so.
        waiting: What the run waits for; None if for nothing that takes long.
        aside: Streams that have stepped aside, and when they go on.
        seconds: How long the run has taken.
    """

    stream: str = ""
    progress: StreamProgress | None = None
    streams_done: int = 0
    streams: int = 0
    rows: int = 0
    rows_per_second: float | None = None
    seconds_left: float | None = None
    calls: int = 0
    quota: Left | None = None
    waiting: Waiting | None = None
    aside: tuple[tuple[str, datetime], ...] = ()
    seconds: float = 0.0

    @property
    def part_done(self) -> float | None:
        """Which part of the stream is done, from 0 to 1; None if nobody knows."""
        found = self.progress
        if found is None:
            return None
        if found.planned:
            return min(found.parents / found.planned, 1.0)
        # There may be more rows than last time, so this never says that all is done.
        return min(found.rows / found.expected, 0.99) if found.expected else None

    def as_fields(self) -> dict[str, Any]:
        """The numbers, for programs that read logs."""
        progress = self.progress or StreamProgress(kind="", rows=0)
        return {
            "event": "progress",
            "stream": self.stream,
            "kind": progress.kind,
            "stream_rows": progress.rows,
            "parents": progress.parents,
            "parents_planned": progress.planned,
            "streams_done": self.streams_done,
            "streams": self.streams,
            "rows": self.rows,
            "rows_per_second": _rounded(self.rows_per_second),
            "seconds_left": _rounded(self.seconds_left),
            "calls": self.calls,
            "quota_left": None if self.quota is None else self.quota.left,
            "waiting_for": None if self.waiting is None else self.waiting.why,
            "waiting_until": None
            if self.waiting is None or self.waiting.until is None
            else self.waiting.until.isoformat(timespec="seconds"),
            "aside": [name for name, _ in self.aside],
            "seconds": round(self.seconds, 1),
        }


class _Sample(Struct, frozen=True):
    moment: float
    stream: str
    rows: int
    calls: int
    part: float | None


class Watch:
    """Looks at a run from outside: the run tells it which stream is read, and it finds out the rest itself.

    It takes no locks and costs the run nothing, so what it says may be some milliseconds old.
    Only one thread may look.

    Attributes:
        current: The stream that is read; None while the run waits, and between two.
        aside: The streams that have stepped aside. The run replaces it as a whole.
        idle_until: When the run goes on that has nothing to read meanwhile, on the monotonic clock.
        output: What writes the records.
    """

    def __init__(self, log: RunLog, client: KeapClient, output: Output | None = None) -> None:
        """A watch over a run that has not begun.

        Args:
            log: What the run has done.
            client: What it sends.
            output: What it writes.
        """
        self.current: Watched | None = None
        self.aside: Sequence[Aside] = ()
        self.idle_until: float | None = None
        self.output = output
        self._log = log
        self._client = client
        self._samples: deque[_Sample] = deque()
        self._changed = client.clock.monotonic()
        self._was_output_slow = False

    def look(self) -> Snapshot:
        """Say what the run does at this moment."""
        log, client, current = self._log, self._client, self.current
        progress = None if current is None else current.progress
        passes, failures = [*log.passes], [*log.failures]
        done = {*(one.stream for one in passes), *(one.stream for one in failures), *log.left}
        name = "" if current is None else current.name
        rows = sum(one.rows - one.earlier for one in passes)
        if progress is not None:
            rows += progress.rows - progress.earlier
        now = client.clock.monotonic()
        seen = Snapshot(
            stream=name,
            progress=progress,
            streams_done=len(done - {name}),
            streams=len({*log.chosen, *(one.stream for one in failures)}),
            rows=rows,
            calls=client.sent,
            quota=client.quota,
            aside=tuple((one.stream, self._time(one.moment)) for one in [*self.aside]),
            seconds=(client.clock.now() - log.started).total_seconds(),
        )
        return self._with_speeds(seen, now)

    def _with_speeds(self, seen: Snapshot, now: float) -> Snapshot:
        samples, last = self._samples, self._samples[-1] if self._samples else None
        sample = _Sample(now, seen.stream, seen.rows, seen.calls, seen.part_done)
        if last is None or (last.rows, last.calls, last.stream) != (sample.rows, sample.calls, sample.stream):
            self._changed = now
        samples.append(sample)
        while samples[0].moment < now - _RECENT:
            samples.popleft()
        begun = samples[0]
        took = now - begun.moment
        speed = (seen.rows - begun.rows) / took if took >= _SHORTEST and seen.rows >= begun.rows else None
        own = next((one for one in samples if one.stream == seen.stream and one.part is not None), None)
        left = None
        if own is not None and sample.part is not None and now - own.moment >= _SHORTEST:
            gained = sample.part - (own.part or 0.0)
            if gained > 0:
                left = (1 - sample.part) / gained * (now - own.moment)
        return Snapshot(
            **{name: getattr(seen, name) for name in seen.__struct_fields__}
            | {
                "rows_per_second": speed,
                "seconds_left": left,
                "waiting": self._waiting(seen, now),
            }
        )

    def _waiting(self, seen: Snapshot, now: float) -> Waiting | None:
        client, held = self._client, self._client.held
        idle = self.idle_until
        if idle is not None:
            first = min(self.aside, key=lambda one: one.moment, default=None)
            why = "" if first is None else f"{first.stream} ({first.why})"
            return Waiting(why, self._time(idle))
        if held is not None and held.until > now and (held.is_for_hour or held.until > now + _WORTH_TELLING):
            which = "hour's calls" if held.is_for_hour else "calls of this minute"
            return Waiting(f"room among the {which}", self._time(held.until))
        wait = client.traffic.waits[-1] if client.traffic.waits else None
        if wait is not None and now < wait.began + wait.seconds and wait.seconds >= _WORTH_TELLING:
            return Waiting(f"another try ({wait.kind.value})", self._time(wait.began + wait.seconds))
        is_slow = self.output is not None and self.output.is_waiting
        self._was_output_slow, was_slow = is_slow, self._was_output_slow
        if is_slow and was_slow:
            return Waiting("the target to read more rows")
        if seen.stream and now - self._changed >= _SILENT:
            return Waiting(f"an answer ({now - self._changed:.0f} s without one)")
        return None

    def _time(self, moment: float) -> datetime:
        """The time at a moment of the monotonic clock."""
        clock = self._client.clock
        return clock.now() + timedelta(seconds=moment - clock.monotonic())


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 1)
