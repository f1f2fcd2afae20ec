"""Keap's token service: one POST that trades a refresh token, or the code of a login, for new tokens.

This is the only call that may not simply be repeated: even if no answer came, Keap may have spent what was
sent. So the fault of a failed refresh tells if it did. Only faults of refreshes that Keap certainly did not
carry out are in the retry table: the connection failed before anything was sent, or Keap itself said that it
is busy or broken.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from msgspec import Struct

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, Kind, classify
from tap_infusionsoft.client.http import ExchangeError, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_infusionsoft.client.call import Answer
    from tap_infusionsoft.client.http import HttpTransport

PATH = "/token"
LIMITS = Limits(connect=10, read=30, total=40, body=1 << 16)
"""Short limits, because signals are delayed during a refresh."""

_NOT_CARRIED_OUT = frozenset(
    {Kind.MINUTE_THROTTLE, Kind.SPIKE, Kind.DAY_QUOTA, Kind.NOT_APPROVED, Kind.REDIRECT}
)
_UNAVAILABLE = 503
_OK = range(200, 300)
_REFUSED = range(400, 500)
_LONGEST_LIFETIME = 365 * 86_400
"""Seconds. A longer lifetime is not believed."""
_WRONG_CLIENT = re.compile(r"invalid_client|unauthorized_client|user ?name and password", re.IGNORECASE)


class Granted(Struct, frozen=True):
    """What Keap returned.

    Attributes:
        access_token: The new access token.
        refresh_token: The new refresh token; empty if the answer has none.
        lifetime: Seconds for which the access token is valid; None if the answer does not say.
    """

    access_token: str
    refresh_token: str
    lifetime: float | None


class RefreshError(Exception):
    """A refresh, or the exchange of a code, failed.

    Attributes:
        fault: Why.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class Application(Protocol):
    """An application, as `exchange` needs it."""

    @property
    def client_id(self) -> str:
        """Its client id."""

    @property
    def client_secret(self) -> str:
        """Its secret."""

    @property
    def redirect_uri(self) -> str:
        """Where Keap sent the browser; one that is registered for the application."""


class Form(io.BytesIO):
    """A request body that knows if it was read. Until then, not a byte of it has been sent."""

    is_sent = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes, which are then sent."""
        self.is_sent = True
        return super().read(size)


def refresh(transport: HttpTransport, refresh_token: str, now: datetime) -> Granted:
    """Trade a refresh token for new tokens, in one try.

    Args:
        transport: Signs with client id and secret.
        refresh_token: The refresh token. Keap spends it.
        now: The current time.

    Raises:
        RefreshError: It failed; with `Kind.REFRESH_LOST` if Keap may have carried it out.
    """
    return _ask(transport, {"grant_type": "refresh_token", "refresh_token": refresh_token}, now)


def exchange(transport: HttpTransport, application: Application, code: str, now: datetime) -> Granted:
    """Trade the code of a login for the first tokens, in one try.

    Keap documents client id and secret in the form here, unlike for a refresh. Production clients found that
    it refuses an Authorization header.

    Args:
        transport: Signs nothing.
        application: The application that the user has authorized.
        code: The code that the browser brought back. Keap spends it.
        now: The current time.

    Raises:
        RefreshError: It failed; with `Kind.REFRESH_LOST` if Keap may have carried it out.
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "code": code,
        "redirect_uri": application.redirect_uri,
    }
    granted = _ask(transport, form, now)
    if not granted.refresh_token:
        # Keap has spent the code, and the access token alone would end within a day.
        raise RefreshError(Fault(Kind.REFRESH_LOST, "an answer without a refresh token"))
    return granted


def _ask(transport: HttpTransport, fields: Mapping[str, str], now: datetime) -> Granted:
    """Post a form to the token service, in one try.

    Args:
        transport: Signs the request, if anything does.
        fields: The form.
        now: The current time.

    Raises:
        RefreshError: It brought no tokens.
    """
    form = Form(urlencode(fields).encode())
    try:
        answer = transport.post_form(PATH, form)
    except ExchangeError as broken:
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
    return seconds if 0 < seconds <= _LONGEST_LIFETIME else None


def _fault(answer: Answer, document: Any, now: datetime) -> Fault:
    """Return what is wrong with an answer that brought no tokens."""
    if answer.status in _OK and not (isinstance(document, dict) and "error" in document):
        # Quote none of it: it may hold tokens.
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
