"""`KeapClient`: one call in, one good document out. Session, pace, faults and retries meet here."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_infusionsoft.client.documents import Mended
from tap_infusionsoft.client.faults import Fault, KeapError, Kind, classify
from tap_infusionsoft.client.retry import Tries, Waits, send_with_retries
from tap_infusionsoft.client.session import Broken

if TYPE_CHECKING:
    from tap_infusionsoft.client.auth import Credential
    from tap_infusionsoft.client.budget import Budget
    from tap_infusionsoft.client.calls import Call
    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.pacing import Pacer
    from tap_infusionsoft.client.redact import Redactor
    from tap_infusionsoft.client.session import Session

logger = logging.getLogger("tap-infusionsoft")

Document = dict[str, Any]

REFUSED_TOKEN = frozenset({Kind.WRONG_KEY, Kind.TOKEN_EXPIRED})
"""Faults that another access token may cure."""


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
        credential: Credential,
        pacer: Pacer,
        budget: Budget,
        waits: Waits,
        clock: Clock,
        redactor: Redactor,
        rng: random.Random | None = None,
        seconds: float = float("inf"),
    ) -> None:
        """A client.

        Args:
            session: What sends.
            credential: What it signs with, and what renews that.
            pacer: How fast.
            budget: How many a day.
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
        self._credential = credential
        self._pacer = pacer
        self._budget = budget
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

    def error(self, fault: Fault, call: Call, *, sent: bool = True) -> KeapError:
        """Put a fault into words: where, what in Keap's words, what to do."""
        said = self._redactor.quote(fault.text)
        status = f" with HTTP {fault.status}" if fault.status else ""
        failed = "failed" if sent else "was not sent"
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
            raise self.error(Fault(Kind.RUN_OVER, "the time of this run is over"), call, sent=False)

    def _once(self, call: Call) -> Document:
        token = self._credential.prepare()
        document, fault = self._ask(call)
        if fault is not None and fault.kind in REFUSED_TOKEN and self._credential.renew(token):
            document, fault = self._ask(call)
            if fault is not None and fault.kind in REFUSED_TOKEN:
                fault = replace(fault, kind=Kind.NOT_APPROVED)  # a new token is refused as well
        if fault is not None:
            if fault.kind is Kind.SPIKE:
                self._pacer.slow_down()
            raise self.error(fault, call)
        self.answered = True
        if call.is_raw and document.get("is_too_large"):
            logger.warning("%s: the content is larger than max_record_bytes allows, and was left out.", call)
        return document

    def _ask(self, call: Call) -> tuple[Document, Fault | None]:
        """Send a call: its document, and what is wrong with it."""
        refusal = self._budget.refusal()
        if refusal is not None:
            raise self.error(refusal, call, sent=False)
        self._pacer.wait()
        self.check_time(call)
        self._budget.count()
        self.sent += 1
        try:
            answer = self._session.send(call)
        except Broken as broken:
            raise self.error(broken.fault, call) from broken
        self._budget.note(self._pacer.note(answer.headers))
        if call.shape is not None and answer.status == HTTPStatus.OK:
            shaped = call.shape(answer.body, self.mended)
            if shaped is not None:
                return shaped, None
        try:
            document = answer.file(self._session.limits.file) if call.is_raw else answer.json(self.mended)
        except ValueError:
            document = None
        return document, classify(answer, document, call, self.clock.now())

    def _on_wait(self, error: KeapError, seconds: float) -> None:
        self.check_time(error.call, seconds)
        logger.warning("%s Trying again in %.0f s.", self._short(error), seconds)

    def _short(self, error: KeapError) -> str:
        """The message of an error without the advice, which is for the end."""
        return str(error).removesuffix(error.fault.kind.advice).rstrip()
