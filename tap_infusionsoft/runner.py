"""Runs streams: one after another, around those that wait, and past those that fail."""

from __future__ import annotations

import logging
from collections import deque
from datetime import timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.errors import (
    NO_CONTACT,
    Exit,
    OutputLostError,
    RunFailedError,
    TapError,
    ends_run,
    exit_for,
    explain,
)
from tap_infusionsoft.reading.reader import LetOthersCatchUp, WaitUntil
from tap_infusionsoft.report.log_fields import end_fields, failure_fields, pass_fields
from tap_infusionsoft.report.run_log import FailureRecord, RunLog
from tap_infusionsoft.report.summary import (
    closing_lines,
    is_worth_a_line,
    left_lines,
    opening_line,
    pass_line,
)
from tap_infusionsoft.report.watch import Aside, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.client.prefetch import Prefetcher
    from tap_infusionsoft.report.progress import Progress
    from tap_infusionsoft.report.run_log import PassRecord
    from tap_infusionsoft.state.finish_pass import Conclusion
    from tap_infusionsoft.stream import KeapStream

logger = logging.getLogger("tap-infusionsoft")

UPCOMING = 16
"""Streams whose first call may be sent while another stream is read."""


class Failure(Struct, frozen=True):
    """A stream that failed, and how.

    Attributes:
        stream: Its name.
        message: What happened, and what to do.
        exit_code: What the process ends with if no other stream fails.
        ends_run: Whether no other stream can be read either.
    """

    stream: str
    message: str
    exit_code: Exit
    ends_run: bool = False


class Runner:
    """Runs streams to their end.

    A stream that steps aside is resumed when its wait is over; until then the others run. A stream that fails
    is reported, and the others go on, unless they would all meet the same fault.
    """

    def __init__(
        self,
        client: KeapClient,
        prefetcher: Prefetcher,
        failures: Iterable[Failure] = (),
        log: RunLog | None = None,
        watch: Watch | None = None,
        progress: Progress | None = None,
    ) -> None:
        """A runner for the streams of one account.

        Args:
            client: Its client.
            prefetcher: Sends calls of its client ahead of time.
            failures: Streams that failed before they could run.
            log: Takes down what the run does.
            watch: Looks at what it does.
            progress: Shows that until the run is over.
        """
        self._client = client
        self._prefetcher = prefetcher
        self._sent_before = client.sent
        self.failures = [*failures]
        self.log = log or RunLog(client.clock.now())
        self.log.failures += [FailureRecord(one.stream, one.message) for one in self.failures]
        self._watch = watch or Watch(self.log, client)
        self._progress = progress

    def run(self, streams: Iterable[KeapStream], afterwards: Iterable[KeapStream] = ()) -> None:
        """Run all streams.

        Args:
            streams: The streams.
            afterwards: Those among them that are read in full when all the others are through.

        Raises:
            RunFailedError: Streams failed. The others are complete.
        """
        ready, in_full = deque(streams), deque(afterwards)
        self._sent_before = self._client.sent
        self.log.chosen = [*(stream.name for stream in ready), *self.log.left]
        logger.info("%s", opening_line(self.log))
        total = len(self.log.chosen) + len(self.failures)
        waiting: list[tuple[WaitUntil, KeapStream]] = []
        while ready or waiting or self._add_one(ready, in_full):
            stream = self._due(waiting) or (ready.popleft() if ready else self._wait(waiting))
            self._watch_over(stream, waiting)
            self._prefetcher.offer(opening_calls([*islice(ready, UPCOMING)]))
            failure = self._run_one(stream)
            self._prefetcher.release(stream.name)
            self._watch.current = None
            if failure is not None:
                self.failures.append(failure)
                self.log.failures.append(FailureRecord(failure.stream, failure.message))
                if failure.ends_run:
                    break
                fields = failure_fields(failure.stream, failure.message)
                logger.error("%s: %s", failure.stream, failure.message, extra=fields)
                continue
            match stream.step_aside:
                case WaitUntil() as wait:
                    self._announce(stream, wait)
                    waiting.append((wait, stream))
                case LetOthersCatchUp():
                    _take_turns(ready, stream)
                case None:
                    pass
        for stream in (*(stream for _, stream in waiting), *ready):
            stream.report_repairs()  # the run ended while they had stepped aside
        if self._progress is not None:
            self._progress.end()
        self._end(total)

    def _add_one(self, ready: deque[KeapStream], in_full: deque[KeapStream]) -> bool:
        """Move one of the streams that are read in full to those that are ready, if any is left."""
        # Without those whose pass broke off: they failed, or there are no calls to go on with.
        broken = {*self.log.left, *(failure.stream for failure in self.failures)}
        while in_full:
            stream = in_full.popleft()
            if stream.name not in broken:
                stream.passes.is_turn = True
                ready.append(stream)
                return True
        return False

    def _run_one(self, stream: KeapStream) -> Failure | None:
        try:
            return self._sync(stream)
        finally:
            if stream.step_aside is None:
                stream.report_repairs()
            if stream.is_underway:
                self.log.unfinished[stream.name] = self._record(stream)
            else:
                self.log.unfinished.pop(stream.name, None)

    def _sync(self, stream: KeapStream) -> Failure | None:
        sent, mark = self._client.sent, stream.progress_mark
        try:
            conclusion = self._read(stream)
        except KeapError as error:
            if error.fault.kind is Kind.CALLS_SPENT:
                self._leave(stream, sent, mark)
                return None
            return self._failed(stream, error)
        except OSError as error:
            # Of files that the SDK writes, as for batch_config; lost calls are KeapErrors.
            return Failure(
                stream.name, f"{error.filename or 'a file'} cannot be written: {error.strerror}.", Exit.FAILED
            )
        except TapError as error:
            return Failure(stream.name, str(error), error.exit_code, isinstance(error, OutputLostError))
        except ImportError as error:
            # The SDK looks for what batch_config needs only now.
            return Failure(
                stream.name,
                f"batch_config needs more than is installed: {error}. Install it beside the tap.",
                Exit.CONFIG,
            )
        except Exception as error:
            # A defect of the tap, or of a stream map: no reason to keep the other streams from running.
            logger.warning("%s: unexpected failure, here:", stream.name, exc_info=True)
            text = f"{type(error).__name__}, see the lines above. Please report it with them."
            return Failure(stream.name, text, Exit.FAILED)
        if conclusion is None or conclusion.refusal is None:
            return None
        # What else was to be read is there, even if no other stream was.
        return Failure(
            stream.name, conclusion.refusal, Exit.PARTIAL if conclusion.lacks_rows else Exit.FAILED
        )

    def _leave(self, stream: KeapStream, sent: int, mark: object) -> None:
        """Leave a stream to the next run, because the calls of this one are used up.

        Args:
            stream: The stream.
            sent: Calls that were sent before this run came to it.
            mark: Its mark of progress then.
        """
        log, has_call = self.log, self._client.sent > sent
        log.left.append(stream.name)
        if not has_call:
            log.without_call.append(stream.name)
        if stream.progress_mark == mark:
            log.without_progress.append(stream.name)
            if has_call and sent == self._sent_before:
                log.stuck[stream.name] = self._client.sent - sent

    def _read(self, stream: KeapStream) -> Conclusion | None:
        """Read a stream's passes to their end, or until it steps aside."""
        while True:
            stream.sync()
            if stream.step_aside is not None:
                return None
            conclusion = stream.close()
            self.log.passes.append(record := self._record(stream))
            level = logging.INFO if is_worth_a_line(record) else logging.DEBUG
            logger.log(level, "%s.", pass_line(record), extra=pass_fields(record))
            if not stream.passes.has_more:
                return conclusion

    def _record(self, stream: KeapStream) -> PassRecord:
        """What a stream's last pass did, with the calls since the pass before it."""
        earlier = sum(one.calls for one in self.log.passes if one.stream == stream.name)
        return replace(stream.record, calls=self._client.traffic.calls[stream.name] - earlier)

    def _failed(self, stream: KeapStream, error: KeapError) -> Failure:
        kind = error.fault.kind
        tries = f" Tried {error.tries} times." if error.tries > 1 else ""
        ends = ends_run(error, answered=self._client.answered)
        if kind in NO_CONTACT:
            self._client.answered = False  # unless it answers again, the next stream is the last
        # Where nothing at all is served, the address is wrong rather than the stream.
        host = " Check api_url." if kind is Kind.WITHDRAWN and not self._client.answered else ""
        what = explain(error, stream.collection.unserved)
        return Failure(stream.name, f"{what}{tries}{host}", exit_for(error.fault), ends)

    def _due(self, waiting: list[tuple[WaitUntil, KeapStream]]) -> KeapStream | None:
        """Take the stream whose wait was over first off the list; None if all still have to wait."""
        first = min(waiting, key=_moment, default=None)
        if first is None or _moment(first) > self._client.clock.monotonic():
            return None
        waiting.remove(first)
        return first[1]

    def _wait(self, waiting: list[tuple[WaitUntil, KeapStream]]) -> KeapStream:
        """Wait for the stream whose wait is over first, and take it off the list."""
        first = min(waiting, key=_moment)
        until = min(
            _moment(first), self._client.ends_at
        )  # later calls are refused, with a message that says so
        self._watch_over(None, waiting, until)
        self._client.clock.sleep(max(until - self._client.clock.monotonic(), 0))
        waiting.remove(first)
        return first[1]

    def _watch_over(
        self,
        stream: KeapStream | None,
        waiting: list[tuple[WaitUntil, KeapStream]],
        idle_until: float | None = None,
    ) -> None:
        """Say what the run does now, for those who watch it."""
        self._watch.aside = [
            Aside(one.name, wait.moment, wait.error.fault.kind.value) for wait, one in waiting
        ]
        self._watch.current, self._watch.idle_until = stream, idle_until

    def _announce(self, stream: KeapStream, wait: WaitUntil) -> None:
        seconds = max(wait.moment - self._client.clock.monotonic(), 0)
        at = self._client.clock.now() + timedelta(seconds=seconds)
        logger.warning(
            "%s steps aside until %s UTC; other streams go on. %s",
            stream.name,
            f"{at:%H:%M}",
            explain(wait.error),
        )

    def _end(self, total: int) -> None:
        client = self._client
        facts = (self.log, client.traffic, client.quota, client.clock.now())
        *lines, last_line = closing_lines(*facts)
        for line in lines:
            logger.info("%s", line)
        logger.info("%s", last_line, extra=end_fields(*facts))
        for line in left_lines(self.log):
            logger.warning("%s", line)
        if not self.failures:
            return
        last = self.failures[-1]
        if last.ends_run:
            raise RunFailedError(f"The run ended at the stream {last.stream}: {last.message}", last.exit_code)
        if len(self.failures) > 1:
            width = max(len(failure.stream) for failure in self.failures)
            for failure in self.failures:
                logger.error("failed: %s  %s", failure.stream.ljust(width), failure.message)
        names = ", ".join(failure.stream for failure in self.failures)
        codes = {failure.exit_code for failure in self.failures}
        code = codes.pop() if len(self.failures) == total and len(codes) == 1 else Exit.PARTIAL
        others = "the others are complete" if len(self.failures) < total else "none is complete"
        if self.log.left:
            others = f"{len({*self.log.left})} are left for the next run"
        raise RunFailedError(
            f"{len(self.failures)} of {total} streams failed: {names}. The reasons are above; {others}.", code
        )


def opening_calls(streams: Iterable[KeapStream]) -> Iterator[tuple[str, Call]]:
    """The calls that streams begin with, to be sent while another is read.

    On most nights a stream is one call, whose response takes longer to come than to write.

    Args:
        streams: The next streams, in order.

    Yields:
        The names of streams and their first calls, as far as they are known by then.
    """
    for stream in streams:
        call = stream.opening_call
        if call is not None and call.method == "GET":  # saved searches are hard work for Keap: one at a time
            yield stream.name, call


def _take_turns(ready: deque[KeapStream], stream: KeapStream) -> None:
    """Put a stream after the next ones that share its responses."""
    others = list(takewhile(lambda other: other.responses is stream.responses, ready))
    ready.insert(len(others), stream)


def _moment(waiting: tuple[WaitUntil, KeapStream]) -> float:
    return waiting[0].moment
