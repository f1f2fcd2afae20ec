"""`KeapClient`: takes a call, returns a good document. Transport, pace, faults and retries meet here."""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tap_infusionsoft.client.api import APIS, Document
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.client.http import ExchangeError
from tap_infusionsoft.client.moving_average import MovingAverage
from tap_infusionsoft.client.retry import Tries, Waits, send_with_retries
from tap_infusionsoft.client.tenant import HEADER, USER_INFO
from tap_infusionsoft.client.traffic import Exchange, Traffic, Wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tap_infusionsoft.client.auth.refreshing import Credential
    from tap_infusionsoft.client.call import Answer, Call
    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.daily_quota import Budget, Left
    from tap_infusionsoft.client.http import Transport
    from tap_infusionsoft.client.rate_limit import Held, Pacer
    from tap_infusionsoft.client.redact import Redactor
    from tap_infusionsoft.client.tenant import Tenant

logger = logging.getLogger("tap-infusionsoft")

_OUTAGES = frozenset({Kind.UNAVAILABLE, Kind.TIMEOUT})
"""How an API looks that is switched off: something says so, or nothing answers."""
_WORTH_TELLING = 60.0
"""Seconds of a wait for the hour that users should know about."""
REFUSED_TOKEN = frozenset({Kind.WRONG_KEY, Kind.TOKEN_EXPIRED})
"""Faults that another access token may cure."""
NO_ANSWER = frozenset({Kind.BLANK, Kind.DAMAGED, Kind.UNAVAILABLE})
"""Faults of a server that cannot put an answer together; a probe asks whether it can."""


class Reply(NamedTuple):
    """A good answer.

    Attributes:
        document: The answer. It is never changed after it was returned.
        call: The call that it answers: a retry may have asked for fewer rows than the first try.
        overlap: How many rows at its beginning an earlier page of the same walk had already; skip them.
    """

    document: Document
    call: Call
    overlap: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a call.

    Attributes:
        token: The token that signed it.
        sent_at: When it was sent, on the monotonic clock.
        answered_at: When its outcome was known, on the monotonic clock.
        outcome: The answer, or why there is none.
    """

    token: str = field(repr=False)
    sent_at: float
    answered_at: float
    outcome: Answer | ExchangeError

    @property
    def answer(self) -> Answer | None:
        """The answer; None if there is none."""
        return None if isinstance(self.outcome, ExchangeError) else self.outcome


class KeapClient:
    """Reads from one Keap account.

    One thread fetches; other threads may send first tries ahead of it.

    Attributes:
        clock: The time it goes by.
        sent: Calls sent so far, retries included.
        answered: Whether Keap has given a good answer.
        ends_at: When it stops sending calls, on the monotonic clock.
        latency: How long answers take to arrive.
        page_latency: How long the pages of walks by ids take to arrive.
        transport: Sends the calls.
        tenant: The account that answers, if it matters which.
        traffic: What it has sent, and what it waited for.
    """

    def __init__(
        self,
        transport: Transport,
        credential: Credential,
        pacer: Pacer,
        budget: Budget,
        waits: Waits,
        clock: Clock,
        redactor: Redactor,
        rng: random.Random | None = None,
        seconds: float = float("inf"),
        gate: AbstractContextManager[object] | None = None,
        tenant: Tenant | None = None,
    ) -> None:
        """Create a client. Nothing is sent yet.

        Args:
            transport: Sends the calls.
            credential: Signs the calls, and renews its token.
            pacer: Limits the calls per second and minute.
            budget: Limits the calls per day.
            waits: How long to wait before which retry.
            clock: The time to go by.
            redactor: Masks secrets in what is quoted.
            rng: The source of the random part of waits.
            seconds: How long calls may be sent.
            gate: Lets threads send one after another; by default, a lock.
            tenant: The account that is expected; by default, any.
        """
        self.clock = clock
        self.sent = 0
        self.answered = False
        self.latency = MovingAverage()
        self.page_latency = MovingAverage()
        self.ends_at = clock.monotonic() + seconds
        self.transport = transport
        self.tenant = tenant
        self.traffic = Traffic()
        self._credential = credential
        self._pacer = pacer
        self._budget = budget
        self._waits = waits
        self._redactor = redactor
        self._random = rng or random.Random()
        self._gate = gate or threading.Lock()
        self._down: set[str] = set()  # the APIs that were down for longer than the retries of a call take

    @property
    def quota(self) -> Left | None:
        """What Keap says is left of the day's calls; None if it has not said so."""
        return self._budget.left

    @property
    def held(self) -> Held | None:
        """The call that is held back to keep a limit at this moment, or was last."""
        return self._pacer.held

    @property
    def seconds_between_calls(self) -> float:
        """Seconds between two calls in the long run, at the current pace."""
        return self._pacer.seconds_between

    @property
    def calls_left(self) -> float:
        """Calls that this run may still make today; infinite without a limit."""
        return self._budget.calls_left

    @property
    def next_run(self) -> tuple[int, Kind]:
        """Calls that the next run may make today, and what stops it then; see `Budget.next_run`."""
        return self._budget.next_run

    @property
    def hour_left(self) -> float:
        """Calls that the hour still has; infinite without a limit."""
        return self._budget.hour.calls_left

    def fetch(self, call: Call, first: Attempt | None = None) -> Reply:
        """Read one document, retrying as the retry table says.

        Args:
            call: The call.
            first: The first try, if it was sent ahead.

        Raises:
            KeapError: It cannot be read.
        """

        def fetch_once(call: Call) -> Document:
            nonlocal first
            ahead, first = first, None
            return self._fetch_once(call, ahead)

        tries = self.tries(self._final(call))
        try:
            reply = Reply(*send_with_retries(fetch_once, call, tries, self.clock, self._on_wait))
        except KeapError as error:
            if error.fault.kind in _OUTAGES and APIS[call.api].has_one_address:
                self._down.add(call.api)
            raise
        self._down.discard(call.api)
        return reply

    def _final(self, call: Call) -> frozenset[Kind]:
        """Faults after which a call is not sent again, whatever the retry table says."""
        is_down = _OUTAGES if call.api in self._down else set()  # an earlier call has waited for it
        return frozenset(is_down | (NO_ANSWER if call.is_probe else frozenset()))

    def send_ahead(self, call: Call, is_wanted: Callable[[], bool]) -> Attempt | None:
        """Send a call once, before `fetch` needs its answer. May run in any thread.

        Only `fetch` renews tokens, waits after failures and raises errors.

        Args:
            call: The call.
            is_wanted: Asked when it is the call's turn: whether the answer is still wanted.

        Returns:
            The try, to be passed to `fetch`; None if the call was not sent, for whatever reason.
        """
        token = self._credential.token
        try:
            return self._send_once(call, token, is_wanted) if token else None
        except KeapError:
            return None  # blocked by our own limits; `fetch` raises it when the answer is needed

    def tries(self, final: frozenset[Kind] = frozenset()) -> Tries:
        """Return a fresh count of tries, for one call or for several that count together.

        Args:
            final: Faults that are not retried, whatever the table says.
        """
        return Tries(self._waits, self._pacer.window_left, self._random, final)

    def error(self, fault: Fault, call: Call, *, sent: bool = True) -> KeapError:
        """Put a fault into words: which call, and what happened in Keap's words.

        Args:
            fault: What went wrong.
            call: The call that failed.
            sent: False if the call was never sent.
        """
        quoted = self._redactor.quote(fault.text)
        status = f" with HTTP {fault.status}" if fault.status else ""
        failed = "failed" if sent else "was not sent"
        message = f"{call} {failed}{status}: {quoted or fault.kind.value}."
        if fault.resets_at is not None:
            message += f" The calls of the day come back at {fault.resets_at:%Y-%m-%d %H:%M} UTC."
        return KeapError(fault, call, message)

    def _fetch_once(self, call: Call, ahead: Attempt | None) -> Document:
        attempt = ahead or self._send_now(call)
        document, fault = self._read(attempt, call)
        if fault is not None and fault.kind in REFUSED_TOKEN and self._credential.renew(attempt.token):
            ahead, attempt = None, self._send_now(call)
            document, fault = self._read(attempt, call)
            if fault is not None and fault.kind in REFUSED_TOKEN:
                fault = replace(fault, kind=Kind.NOT_APPROVED)  # the new token is refused too
        fault = self._other_account(attempt, is_good=fault is None) or fault
        if fault is not None:
            if fault.kind is Kind.TOO_LARGE and call.rows == 1:
                where = "one row" if call.cursor is None else f"the first row after id {call.cursor.after}"
                fault = replace(fault, text=f"{fault.text}, for {where} alone")
            if fault.kind is Kind.SPIKE:
                self._pacer.slow_down(attempt.sent_at)
            error = self.error(fault, call)
            error.failed_at = attempt.answered_at if ahead else None
            raise error from (attempt.outcome if isinstance(attempt.outcome, ExchangeError) else None)
        self.answered = True
        return document

    def _other_account(self, attempt: Attempt, *, is_good: bool) -> Fault | None:
        """What is wrong with the account that an answer is from; None if it is the expected one, or unknown.

        Args:
            attempt: The try.
            is_good: Whether the answer is one that can be used.
        """
        if self.tenant is None or isinstance(attempt.outcome, ExchangeError):
            return None
        name = attempt.outcome.headers.get(HEADER, "")
        if not is_good or not self.tenant.is_new(attempt.token) or name.strip(" |"):
            return self.tenant.check(name)
        try:
            return self.tenant.check(self.fetch(USER_INFO).document.get("tenant_id"))
        except KeapError as error:
            if error.fault.kind is Kind.OTHER_ACCOUNT:
                return error.fault
            level = logging.WARNING if self.tenant.is_expected else logging.DEBUG
            logger.log(level, "Keap does not name the account, so it could not be checked. %s", error)
            return None

    def _read(self, attempt: Attempt, call: Call) -> tuple[Document, Fault | None]:
        """Return the document of a try, and what is wrong with it."""
        answer = attempt.outcome
        if isinstance(answer, ExchangeError):
            return {}, APIS[call.api].broken(answer.fault, call, self.clock.now())
        return APIS[call.api].read(answer, call, self.transport.limits.file, self.clock.now())

    def _send_now(self, call: Call) -> Attempt:
        attempt = self._send_once(call, self._credential.prepare(), lambda: True)
        assert attempt is not None  # noqa: S101  # it is wanted
        return attempt

    def _send_once(self, call: Call, token: str, is_wanted: Callable[[], bool]) -> Attempt | None:
        """Send a call once; return None if it is no longer wanted.

        Raises:
            KeapError: It may not be sent.
        """
        # Pace under the gate, so that calls are counted in the order in which they are sent.
        with self._gate:
            self._check_budget(call)
            if not is_wanted():
                return None
            self._tell_hour(call)
            wanted_at = self.clock.monotonic()
            sent_at = self._pacer.wait()
            self._check_time(call)
            self._check_budget(call)  # answers may have arrived during the wait
            if not is_wanted():
                return None
            self._budget.count()
            self.sent += 1
            held = sent_at - wanted_at
            self.traffic.note_call(call.reader, held)
        started = self.clock.monotonic()
        try:
            answer = self.transport.send(call)
        except ExchangeError as error:
            self._budget.note(None)
            return Attempt(token, sent_at, self.clock.monotonic(), error)
        answered_at = self.clock.monotonic()
        self.latency.add(answered_at - started)
        if call.cursor is not None:
            self.page_latency.add(answered_at - started)
        self._budget.note(self._pacer.note(answer.headers, sent_at))
        left = self._budget.left
        exchange = Exchange(
            started, answered_at - started, call.reader, held, None if left is None else left.left
        )
        self.traffic.note_answer(exchange)
        return Attempt(token, sent_at, answered_at, answer)

    def _check_budget(self, call: Call) -> None:
        refusal = self._budget.refusal()
        if refusal is not None:
            raise self.error(refusal, call, sent=False)

    def _tell_hour(self, call: Call) -> None:
        """Say it if a call has to wait long because the hour before it was busy.

        Raises:
            KeapError: The client stops sending before that.
        """
        wait = self._pacer.hour_wait
        self._check_time(call, wait)
        if wait > _WORTH_TELLING:
            until = self.clock.now() + timedelta(seconds=wait)
            logger.info(
                "The calls that one hour may have are used up; going on at %s UTC.", f"{until:%H:%M:%S}"
            )

    def _check_time(self, call: Call, wait: float = 0) -> None:
        """Refuse a call if its wait, in seconds, would end too late.

        Raises:
            KeapError: The client stops sending before that.
        """
        if self.clock.monotonic() + wait >= self.ends_at:
            raise self.error(Fault(Kind.RUN_OVER, "the time of this run is over"), call, sent=False)

    def _on_wait(self, error: KeapError, seconds: float) -> None:
        self._check_time(error.call, seconds)
        self.traffic.note_wait(Wait(self.clock.monotonic(), seconds, error.fault.kind, error.call.reader))
        logger.warning("%s Trying again in %.0f s.", error, seconds)
