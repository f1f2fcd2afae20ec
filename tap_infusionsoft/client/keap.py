"""`KeapClient`: one call in, one good document out. Session, pace, faults and retries meet here."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

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
    """Reads from one Keap account."""

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
    ) -> None:
        self.clock = clock
        self.sent = 0
        """Calls sent so far, retries included."""
        self.answered = False
        """Whether Keap has ever given a good answer."""
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
        return document

    def _ask(self, call: Call) -> tuple[Document, Fault | None]:
        """Send a call: its document, and what is wrong with it."""
        refusal = self._budget.refusal()
        if refusal is not None:
            raise self.error(refusal, call, sent=False)
        self._pacer.wait()
        self._budget.count()
        self.sent += 1
        try:
            answer = self._session.send(call)
        except Broken as broken:
            raise self.error(broken.fault, call) from broken
        self._budget.note(self._pacer.note(answer.headers))
        try:
            document = answer.file() if call.is_raw else answer.json()
        except ValueError:
            document = None
        fault = classify(answer, document, call.items, self.clock.now(), search=call.method == "POST")
        return document, fault

    def _on_wait(self, error: KeapError, seconds: float) -> None:
        logger.warning("%s Trying again in %.0f s.", self._short(error), seconds)

    def _short(self, error: KeapError) -> str:
        """The message of an error without the advice, which is for the end."""
        return str(error).removesuffix(error.fault.kind.advice).rstrip()
