"""Keap's token service: one POST that trades a refresh token for new tokens.

The one call of the tap that may not simply be repeated: Keap may have spent the refresh token although no answer came.
So the fault of a failed refresh says which it was. Those in the retry table are for refreshes that Keap did not carry
out for certain: the connection failed before anything was sent, or Keap itself said that it is busy or broken.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, Kind, classify
from tap_infusionsoft.client.http import Broken, Limits

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.client.call import Answer
    from tap_infusionsoft.client.http import Session

PATH = "/token"
LIMITS = Limits(connect=10, read=30, total=40, body=1 << 16)
"""Signals wait as long as a refresh takes."""

_NOT_CARRIED_OUT = frozenset(
    {Kind.MINUTE_THROTTLE, Kind.SPIKE, Kind.DAY_QUOTA, Kind.NOT_APPROVED, Kind.REDIRECT}
)
_UNAVAILABLE = 503
_OK = range(200, 300)
_REFUSED = range(400, 500)
_LONGEST_LIFE = 365 * 86_400
_WRONG_CLIENT = re.compile(r"invalid_client|unauthorized_client|user ?name and password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a refresh gave.

    Attributes:
        access_token: The new access token.
        refresh_token: The new refresh token; empty where the old one stays good.
        lives: Seconds that the access token is good for; None where the answer does not say.
    """

    access_token: str
    refresh_token: str
    lives: float | None


class RefreshError(Exception):
    """A refresh failed; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class _Form(io.BytesIO):
    """A request body that knows whether it was asked for. Until then, not a byte of it has been sent."""

    is_sent = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Give out bytes, to be sent."""
        self.is_sent = True
        return super().read(size)


def refresh(session: Session, refresh_token: str, now: datetime) -> Granted:
    """Trade a refresh token for new tokens, in one try.

    Args:
        session: Signs with client id and secret.
        refresh_token: Is spent by this.
        now: The current moment.

    Raises:
        RefreshError: It failed; `Kind.REFRESH_LOST` where Keap may have carried it out.
    """
    form = _Form(urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token}).encode())
    try:
        answer = session.post_form(PATH, form)
    except Broken as broken:
        if form.is_sent:
            raise RefreshError(replace(broken.fault, kind=Kind.REFRESH_LOST)) from broken
        raise RefreshError(broken.fault) from broken
    try:
        document = answer.json()
    except ValueError:
        document = None
    granted = _granted(document) if answer.status in _OK else None
    if granted is None:
        raise RefreshError(_fault(answer, document, now))
    return granted


def _granted(document: Any) -> Granted | None:
    match document:
        case {"access_token": str(access)} if _is_token(access):
            new = document.get("refresh_token") or ""
            return Granted(access, new, _seconds(document.get("expires_in"))) if _is_token(new, "") else None
        case _:
            return None


def _is_token(value: Any, *others: str) -> bool:
    return value in others or (isinstance(value, str) and re.fullmatch(r"[!-~]+", value) is not None)


def _seconds(value: Any) -> float | None:
    if not re.fullmatch(r"\d{1,9}(\.0*)?", str(value)):
        return None
    seconds = float(value)
    return seconds if 0 < seconds <= _LONGEST_LIFE else None


def _fault(answer: Answer, document: Any, now: datetime) -> Fault:
    """What is wrong with an answer that brought no tokens."""
    if answer.status in _OK and not (isinstance(document, dict) and "error" in document):
        # Not a word of it is quoted: tokens may stand in it.
        return Fault(Kind.REFRESH_LOST, "an answer without an access token", answer.status)
    fault = classify(answer, document, Call(PATH, "a list that no token answer has"), now)
    assert fault is not None  # noqa: S101  # no answer has that list
    if isinstance(document, dict) and "error" in document:
        is_client = _WRONG_CLIENT.search(fault.text)
        return replace(fault, kind=Kind.WRONG_CLIENT if is_client else Kind.REFRESH_REFUSED)
    if fault.kind in _NOT_CARRIED_OUT:
        return fault
    if answer.body and (fault.kind is Kind.SERVER_ERROR or answer.status == _UNAVAILABLE):
        return fault
    if fault.kind in {Kind.WRONG_KEY, Kind.NO_CREDENTIAL}:
        return replace(fault, kind=Kind.WRONG_CLIENT)
    if answer.status in _REFUSED:
        return replace(fault, kind=Kind.NO_TOKEN_SERVICE)
    return replace(fault, kind=Kind.REFRESH_LOST)
