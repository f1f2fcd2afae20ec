"""`KeapClient`: one call in, one good document out. Session, pace, faults and retries meet here."""

from __future__ import annotations

import logging
import math
import random
import threading
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_infusionsoft.client.faults import Fault, KeapError, Kind, classify
from tap_infusionsoft.client.http import Broken
from tap_infusionsoft.client.lenient_json import RepairedObject
from tap_infusionsoft.client.retry import Tries, Waits, send_with_retries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_infusionsoft.client.auth.refreshing import Credential
    from tap_infusionsoft.client.call import Answer, Call
    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.daily_quota import Budget
    from tap_infusionsoft.client.http import Session
    from tap_infusionsoft.client.rate_limit import Pacer
    from tap_infusionsoft.client.redact import Redactor

logger = logging.getLogger("tap-infusionsoft")

Document = dict[str, Any]

REFUSED_TOKEN = frozenset({Kind.WRONG_KEY, Kind.TOKEN_EXPIRED})
"""Faults that another access token may cure."""
_NEWEST = 0.25
"""What the newest page counts for in the mean time that pages of walks by ids take."""


class Reply(NamedTuple):
    """A good answer.

    Attributes:
        document: The answer.
        call: The call that brought it: later tries may have asked for fewer rows.
        known: How many rows were left out of it, as they were read before.
    """

    document: Document
    call: Call
    known: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """One try of a call.

    Attributes:
        token: What signed it.
        sent: When it was sent, as a reading of the monotonic clock.
        heard: When it was known what came of it.
        came: What that was.
    """

    token: str = field(repr=False)
    sent: float
    heard: float
    came: Answer | Broken


class KeapClient:
    """Reads from one Keap account.

    Calls are made from one thread; their first tries may be sent ahead from others.

    Attributes:
        clock: Its time.
        sent: Calls sent so far, retries included.
        answered: Whether Keap has ever given a good answer.
        ends_at: When no more calls are sent, as a reading of the monotonic clock.
        work: Seconds that the reader of a walk by ids spends on a page, as it tells; 0 where that is not known.
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
        self.work = 0.0
        self.ends_at = clock.monotonic() + seconds
        self._session = session
        self._credential = credential
        self._pacer = pacer
        self._budget = budget
        self._waits = waits
        self._redactor = redactor
        self._random = rng or random.Random()
        self._gate = threading.Lock()
        self._latency = 0.0

    def fetch(self, call: Call, begun: Begun | None = None) -> Reply:
        """Read one document, with all the patience of the retry table.

        Args:
            call: The call.
            begun: Its first try, if that was sent ahead.

        Raises:
            KeapError: It cannot be had.
        """

        def once(call: Call) -> Document:
            nonlocal begun
            first, begun = begun, None
            return self._once(call, first)

        return Reply(*send_with_retries(once, call, self.tries(), self.clock, self._on_wait))

    def begin(self, call: Call, is_wanted: Callable[[], bool]) -> Begun | None:
        """Send a call once, ahead of its time and from any thread; `fetch` goes on from there.

        Tokens are renewed and failures waited for by `fetch` alone.

        Args:
            call: The call.
            is_wanted: Whether the answer is still wanted when the call could be sent.

        Returns:
            What came of it; None where it was not sent, whatever the reason.
        """
        token = self._credential.token
        try:
            return self._ask(call, token, is_wanted) if token else None
        except KeapError:
            return None  # refused by the tap itself, which will be told where the answer is needed

    @property
    def room(self) -> int:
        """How many calls of a walk by ids must be under way at once to use the pace or to keep the reader busy, 1 or more."""
        room = max(math.ceil(self._latency / self._pacer.seconds_between), 1)
        return min(room, 1 + math.ceil(self._latency / self.work)) if self.work else room

    def tries(self) -> Tries:
        """A fresh count of tries, for one call or for a stream that steps aside."""
        return Tries(self._waits, self._pacer.window_left, self._random)

    def error(self, fault: Fault, call: Call, *, sent: bool = True) -> KeapError:
        """Put a fault into words: which call, and what happened in Keap's words.

        Args:
            fault: What went wrong.
            call: The call that failed.
            sent: False if the call was never sent.
        """
        said = self._redactor.quote(fault.text)
        status = f" with HTTP {fault.status}" if fault.status else ""
        failed = "failed" if sent else "was not sent"
        message = f"{call} {failed}{status}: {said or fault.kind.value}."
        if fault.resets_at is not None:
            message += f" The calls of the day come back at {fault.resets_at:%Y-%m-%d %H:%M} UTC."
        return KeapError(fault, call, message)

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

    def _once(self, call: Call, begun: Begun | None = None) -> Document:
        asked = begun or self._send(call)
        document, fault = self._read(asked, call)
        if fault is not None and fault.kind in REFUSED_TOKEN and self._credential.renew(asked.token):
            begun, asked = None, self._send(call)
            document, fault = self._read(asked, call)
            if fault is not None and fault.kind in REFUSED_TOKEN:
                fault = replace(fault, kind=Kind.NOT_APPROVED)  # a new token is refused as well
        if fault is not None:
            if fault.kind is Kind.SPIKE:
                self._pacer.slow_down(asked.sent)
            error = self.error(fault, call)
            error.at = asked.heard if begun else None
            raise error from (asked.came if isinstance(asked.came, Broken) else None)
        self.answered = True
        return document

    def _read(self, asked: Begun, call: Call) -> tuple[Document, Fault | None]:
        """The document that a try has brought, and what is wrong with it."""
        answer = asked.came
        if isinstance(answer, Broken):
            return {}, answer.fault
        if call.shape is not None and answer.status == HTTPStatus.OK:
            shaped = call.shape(answer.body)
            if shaped is not None:
                return shaped, None
        try:
            document = answer.file(self._session.limits.file) if call.is_raw else answer.json()
        except ValueError:
            document = None
        if isinstance(document, RepairedObject):
            logger.debug("%s: %d values of the answer were repaired.", call, len(document.repairs))
            document.mark_rows(call.items or "")
        return document, classify(answer, document, call, self.clock.now())

    def _send(self, call: Call) -> Begun:
        asked = self._ask(call, self._credential.prepare())
        assert asked is not None  # noqa: S101  # it is wanted
        return asked

    def _ask(self, call: Call, token: str, is_wanted: Callable[[], bool] = lambda: True) -> Begun | None:
        """Send a call once. None if it is not wanted any more.

        Raises:
            KeapError: It may not be sent.
        """
        # Whoever waits for the pace keeps the others waiting, so that each counts all before it.
        with self._gate:
            self._check_budget(call)
            if not is_wanted():
                return None
            sent = self._pacer.wait()
            self.check_time(call)
            self._check_budget(call)  # answers came meanwhile
            if not is_wanted():
                return None
            self._budget.count()
            self.sent += 1
        begun = self.clock.monotonic()
        try:
            answer = self._session.send(call)
        except Broken as broken:
            self._budget.note(None)
            return Begun(token, sent, self.clock.monotonic(), broken)
        heard = self.clock.monotonic()
        if call.behind is not None:
            self._latency += (heard - begun - self._latency) * (_NEWEST if self._latency else 1)
        self._budget.note(self._pacer.note(answer.headers, sent))
        return Begun(token, sent, heard, answer)

    def _check_budget(self, call: Call) -> None:
        refusal = self._budget.refusal()
        if refusal is not None:
            raise self.error(refusal, call, sent=False)

    def _on_wait(self, error: KeapError, seconds: float) -> None:
        self.check_time(error.call, seconds)
        logger.warning("%s Trying again in %.0f s.", error, seconds)
