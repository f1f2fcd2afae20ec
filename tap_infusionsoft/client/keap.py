"""`KeapClient`: one call in, one good document out. Session, pace, faults and retries meet here."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_infusionsoft.client.documents import Mended
from tap_infusionsoft.client.faults import Fault, KeapError, Kind, classify
from tap_infusionsoft.client.retry import Tries, Waits, send_with_retries
from tap_infusionsoft.client.session import Broken

if TYPE_CHECKING:
    from tap_infusionsoft.client.calls import Call
    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.pacing import Pacer
    from tap_infusionsoft.client.redact import Redactor
    from tap_infusionsoft.client.session import Session

logger = logging.getLogger("tap-infusionsoft")

Document = dict[str, Any]


class Reply(NamedTuple):
    """A good answer, and the call that brought it: later tries may have asked for fewer rows."""

    document: Document
    call: Call


class KeapClient:
    """Reads from one Keap account.

    Attributes:
        clock: Its time.
        sent: Calls sent so far, retries included.
        answered: Whether Keap has ever given a good answer.
        mended: What had to be mended in answers so far.
        ends_at: When no more calls are sent, as a reading of the monotonic clock.
    """

    def __init__(
        self,
        session: Session,
        pacer: Pacer,
        waits: Waits,
        clock: Clock,
        redactor: Redactor,
        rng: random.Random | None = None,
        seconds: float = float("inf"),
    ) -> None:
        """A client.

        Args:
            session: What sends.
            pacer: How fast.
            waits: How patiently.
            clock: Its time.
            redactor: Masks the secrets in what is quoted.
            rng: For the random part of waits.
            seconds: How long calls are sent.
        """
        self.clock = clock
        self.sent = 0
        self.answered = False
        self.mended = Mended()
        self.ends_at = clock.monotonic() + seconds
        self._session = session
        self._pacer = pacer
        self._waits = waits
        self._redactor = redactor
        self._random = rng or random.Random()

    def fetch(self, call: Call) -> Reply:
        """Read one document, with all the patience of the retry table.

        Raises:
            KeapError: It cannot be had; the message says what, where and what to do.
        """
        return Reply(*send_with_retries(self._once, call, self.tries(), self.clock, self._on_wait))

    def tries(self) -> Tries:
        """A fresh count of tries, for one call or for a stream that steps aside."""
        return Tries(self._waits, self._pacer.window_left, self._random)

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words: where, what in Keap's words, what to do."""
        said = self._redactor.quote(fault.text)
        status = f" with HTTP {fault.status}" if fault.status else ""
        failed = "was not sent" if fault.kind is Kind.RUN_OVER else "failed"
        message = f"{call} {failed}{status}: {said or fault.kind.name.lower().replace('_', ' ')}."
        if fault.resets_at is not None:
            message += f" The calls of the day come back at {fault.resets_at:%Y-%m-%d %H:%M} UTC."
        return KeapError(fault, call, f"{message} {fault.kind.advice}")

    def check_time(self, call: Call, wait: float = 0) -> None:
        """Refuse a call for which the run has no time any more.

        Args:
            call: The call.
            wait: Seconds until it would be sent.

        Raises:
            KeapError: The run ends before.
        """
        if self.clock.monotonic() + wait >= self.ends_at:
            raise self.error(Fault(Kind.RUN_OVER, "the time of this run is over"), call)

    def _once(self, call: Call) -> Document:
        self._pacer.wait()
        self.check_time(call)
        self.sent += 1
        try:
            answer = self._session.send(call)
        except Broken as broken:
            raise self.error(broken.fault, call) from broken
        self._pacer.note(answer.headers)
        try:
            document = answer.file(self._session.limits.file) if call.is_raw else answer.json(self.mended)
        except ValueError:
            document = None
        fault = classify(answer, document, call, self.clock.now())
        if fault is not None:
            if fault.kind is Kind.SPIKE:
                self._pacer.slow_down()
            raise self.error(fault, call)
        self.answered = True
        if call.is_raw and document.get("is_too_large"):
            logger.warning("%s: the content is larger than max_record_bytes allows, and was left out.", call)
        good: Document = document
        return good

    def _on_wait(self, error: KeapError, seconds: float) -> None:
        self.check_time(error.call, seconds)
        logger.warning("%s Trying again in %.0f s.", self._short(error), seconds)

    def _short(self, error: KeapError) -> str:
        """The message of an error without the advice, which is for the end."""
        return str(error).removesuffix(error.fault.kind.advice).rstrip()
