"""Runs streams: one after another, around those that wait, and past those that fail."""

from __future__ import annotations

import logging
from collections import Counter, deque
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from singer_sdk.exceptions import MapExpressionError

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.redact import printable
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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.stream import KeapStream

logger = logging.getLogger("tap-infusionsoft")

FOLLOWING = 3
"""Streams whose first call is sent while another is read: their answers wait, and are large."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A stream that failed, and how."""

    stream: str
    message: str
    exit_code: Exit
    ends_run: bool = False


class Runner:
    """Runs streams to their end.

    A stream that steps aside is taken up again when its wait is over; until then the others run. A stream that
    fails is reported, and the others go on, unless they would all meet the same fault.
    """

    def __init__(self, client: KeapClient, failures: Iterable[Failure] = ()) -> None:
        """A runner for the streams of one account.

        Args:
            client: Its client.
            failures: Streams that failed before they could run.
        """
        self._client = client
        self.failures = [*failures]

    def run(self, streams: Iterable[KeapStream]) -> None:
        """Run all streams.

        Raises:
            RunFailedError: Streams failed. The others are complete.
        """
        ready = deque(streams)
        total = len(ready) + len(self.failures)
        aside: list[KeapStream] = []
        while ready or aside:
            stream = self._due(aside) or (ready.popleft() if ready else self._wait(aside))
            stream.following = [*islice(ready, FOLLOWING)]
            failure = self._run_one(stream)
            if stream.pause is not None and failure is None:
                if stream.pause.reason:
                    self._announce(stream)
                    aside.append(stream)
                else:
                    _take_turns(ready, stream)
            if failure is not None:
                self.failures.append(failure)
                if failure.ends_run:
                    break
                logger.error("%s: %s", failure.stream, failure.message)
        self._end(total)

    def _run_one(self, stream: KeapStream) -> Failure | None:
        before = Counter(self._client.mended)
        try:
            return self._sync(stream)
        finally:
            for name, count in sorted((self._client.mended - before).items()):
                logger.warning("%s: in Keap's answers, %d %s.", stream.name, count, name)

    def _sync(self, stream: KeapStream) -> Failure | None:
        try:
            refusal = self._read(stream)
        except KeapError as error:
            return self._failed(stream, error)
        except OSError as error:
            # Of files that the SDK writes, as for batch_config; lost calls are KeapErrors.
            return Failure(
                stream.name, f"{error.filename or 'a file'} cannot be written: {error.strerror}.", Exit.FAILED
            )
        except TapError as error:
            return Failure(stream.name, str(error), error.exit_code, isinstance(error, OutputLostError))
        except MapExpressionError as error:
            said = printable(str(error)).removesuffix(".")
            return Failure(stream.name, f"stream_maps: {said}. Correct the expression.", Exit.CONFIG)
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
        if refusal is not None:
            return Failure(stream.name, refusal, Exit.FAILED)
        return None

    def _read(self, stream: KeapStream) -> str | None:
        """Read a stream's passes to their end, or until it steps aside."""
        while True:
            stream.sync()
            if stream.pause is not None:
                return None
            refusal = stream.close()
            logger.info("%s: %s.", stream.name, stream.summary)
            if not stream.has_more:
                return refusal

    def _failed(self, stream: KeapStream, error: KeapError) -> Failure:
        kind = error.fault.kind
        tries = f" Tried {error.tries} times." if error.tries > 1 else ""
        ends = ends_run(error, answered=self._client.answered)
        if kind in NO_CONTACT:
            self._client.answered = False  # unless it answers again, the next stream is the last
        # Where nothing at all is served, the address is wrong rather than the stream.
        host = " Check api_url." if kind is Kind.WITHDRAWN and not self._client.answered else ""
        return Failure(stream.name, f"{explain(error)}{tries}{host}", exit_for(error.fault), ends)

    def _due(self, aside: list[KeapStream]) -> KeapStream | None:
        """The stream whose wait is over first, if any is; it leaves the list."""
        now = self._client.clock.monotonic()
        first = min(aside, key=_resumes, default=None)
        if first is None or _resumes(first) > now:
            return None
        aside.remove(first)
        return first

    def _wait(self, aside: list[KeapStream]) -> KeapStream:
        """Wait for the stream whose wait is over first."""
        first = min(aside, key=_resumes)
        until = min(_resumes(first), self._client.ends_at)  # a call after that is refused, and says so
        self._client.clock.sleep(max(until - self._client.clock.monotonic(), 0))
        aside.remove(first)
        return first

    def _announce(self, stream: KeapStream) -> None:
        assert stream.pause is not None  # noqa: S101  # the caller looked
        wait = max(stream.pause.until - self._client.clock.monotonic(), 0)
        at = self._client.clock.now() + timedelta(seconds=wait)
        logger.warning(
            "%s steps aside until %s UTC; other streams go on. %s",
            stream.name,
            f"{at:%H:%M}",
            stream.pause.reason,
        )

    def _end(self, total: int) -> None:
        logger.info("%d API calls.", self._client.sent)
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
        raise RunFailedError(
            f"{len(self.failures)} of {total} streams failed: {names}. The reasons are above; {others}.", code
        )


def _take_turns(ready: deque[KeapStream], stream: KeapStream) -> None:
    """Put a stream behind those next ones that read from the same shelf."""
    others = list(takewhile(lambda other: other.shelf is stream.shelf, ready))
    ready.insert(len(others), stream)


def _resumes(stream: KeapStream) -> float:
    return stream.pause.until if stream.pause is not None else 0.0
