"""Credentials. All of Keap's kinds travel as ``Authorization: Bearer``.

Keap also takes its keys in ``X-Keap-API-Key``, but HTTP libraries drop only ``Authorization`` when they are
sent elsewhere, so that header is never used.
"""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from requests.auth import HTTPBasicAuth

from tap_infusionsoft.client.auth import token_endpoint
from tap_infusionsoft.client.auth.token_file import FAULTS, TokenFileError, Tokens, TokenStore
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.client.http import Session
from tap_infusionsoft.client.signals import stopping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

    from requests import PreparedRequest

    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.redact import Redactor

logger = logging.getLogger("tap-infusionsoft")

EARLY = timedelta(minutes=5)
"""How long before its end an access token is renewed; a quarter of its life, if that is shorter."""

_REFRESH = Call(token_endpoint.PATH, method="POST")


class Credential(Protocol):
    """What signs calls. Set as the session's auth, not as a header, which requests would replace by ~/.netrc."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""

    @property
    def token(self) -> str:
        """The token that will sign the next call; empty where `prepare` has to see to it first."""

    def prepare(self) -> str:
        """See to it that the next call can be signed, and return the token that will sign it.

        Raises:
            KeapError: It cannot.
        """

    def renew(self, refused: str) -> bool:
        """Replace a token that Keap refuses. False where there is no other.

        Raises:
            KeapError: The new one cannot be had.
        """


class Bearer:
    """A personal access token, a service account key, or an OAuth access token: what it is, it stays."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def prepare(self) -> str:
        """Return the token."""
        return self.token

    def renew(self, refused: str) -> bool:  # noqa: ARG002
        """Say that there is no other."""
        return False


@dataclass(frozen=True, slots=True)
class Grant:
    """What OAuth needs: the application, the refresh token to begin with, and the file that keeps the later ones."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_file: Path


class Refreshing:
    """An OAuth access token, renewed before it ends and when Keap refuses it.

    Processes with the same token file share one access token: what one of them renewed, the others find there.
    """

    def __init__(self, grant: Grant, url: str, clock: Clock, agent: str, redactor: Redactor) -> None:
        """A credential; nothing is read or asked yet.

        Args:
            grant: Application, first refresh token, and file.
            url: Keap's address.
            clock: Tells when a token ends.
            agent: How the tap calls itself.
            redactor: Learns every token, before it can be seen anywhere.
        """
        basic = HTTPBasicAuth(grant.client_id, grant.client_secret)
        self._session = Session(url, basic, clock, agent, token_endpoint.LIMITS)
        self._store = TokenStore(grant.token_file, grant.client_id, grant.refresh_token, clock)
        self._seed = grant.refresh_token
        self._clock = clock
        self._redactor = redactor
        self._tokens = Tokens(grant.refresh_token)
        self._guard = threading.Lock()
        redactor.add(grant.client_secret, f"{grant.client_id}:{grant.client_secret}", grant.refresh_token)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.headers["Authorization"] = f"Bearer {self._tokens.access_token}"
        return request

    @property
    def token(self) -> str:
        """The access token; empty where it must be renewed."""
        tokens = self._tokens
        return tokens.access_token if self._is_good(tokens) else ""

    def prepare(self) -> str:
        """Renew the access token if it is about to end, and return it.

        Raises:
            KeapError: It cannot be renewed.
        """
        with self._guard:
            if not self._is_good(self._tokens):
                self._take("")
            return self._tokens.access_token

    def renew(self, refused: str) -> bool:
        """Replace an access token that Keap refuses, although its time is not over.

        Raises:
            KeapError: It cannot be renewed.
        """
        with self._guard:
            if self._tokens.access_token == refused:
                self._take(refused)
            return True

    def _is_good(self, tokens: Tokens) -> bool:
        return bool(tokens.access_token) and (tokens.renew_at is None or self._clock.now() < tokens.renew_at)

    def _take(self, refused: str) -> None:
        """Take the access token of the store, or a new one if that is the refused one or has ended."""
        try:
            with self._store.locked():
                tokens = self._read()
                if tokens.access_token == refused or not self._is_good(tokens):
                    tokens = self._refresh(tokens)
                self._tokens = tokens
        except TokenFileError as error:
            raise self._error(Fault(error.kind, str(error))) from error

    def _read(self) -> Tokens:
        tokens = self._store.read()
        self._redactor.add(tokens.access_token, tokens.refresh_token)
        return tokens

    def _refresh(self, tokens: Tokens) -> Tokens:
        """Trade the refresh token for new tokens, and save them before anybody uses them."""
        now = self._clock.now()
        begun = Tokens(
            tokens.refresh_token,
            tokens.access_token,
            tokens.renew_at,
            tokens.saved_at,
            tokens.asked_at or now,
        )
        self._store.save(begun)
        room = self._store.reserve()
        with _signals_held():
            try:
                granted = token_endpoint.refresh(self._session, tokens.refresh_token, now)
            except token_endpoint.RefreshError as error:
                self._store.release(room)
                return self._failed(error.fault, tokens)
            except BaseException:
                self._store.release(room)
                raise
            self._redactor.add(granted.access_token, granted.refresh_token)
            life = timedelta(seconds=granted.lives) if granted.lives else None
            new = Tokens(
                granted.refresh_token or tokens.refresh_token,
                granted.access_token,
                now + life - min(EARLY, life / 4) if life else None,
                now,
            )
            try:
                self._store.fill(room, new)
            except TokenFileError as error:
                raise self._error(Fault(Kind.TOKEN_UNSAVED, str(error))) from error
        logger.info("The access token was renewed.")
        return new

    def _failed(self, fault: Fault, tokens: Tokens) -> Tokens:
        """End a refresh that brought nothing: the tokens that somebody else has saved meanwhile, if there are any.

        Raises:
            KeapError: There are none.
        """
        if fault.kind is Kind.REFRESH_REFUSED:
            now = self._read()
            if now.access_token not in {"", tokens.access_token}:
                return now  # by a process that does not see the lock, as on some network drives
        text = fault.text
        if fault.kind is not Kind.REFRESH_LOST:
            with suppress(TokenFileError):  # what Keap said is more to the point
                self._store.save(tokens)
        if fault.kind is Kind.REFRESH_REFUSED:
            text += f" ({self._history(tokens)})"
        raise self._error(Fault(fault.kind, text, fault.status, fault.retry_after, fault.resets_at))

    def _history(self, tokens: Tokens) -> str:
        """Why a refresh token may have become useless."""
        if tokens.asked_at is not None:
            return f"the refresh of {tokens.asked_at:%Y-%m-%d %H:%M} UTC got no answer, and has most likely spent it"
        if tokens.saved_at is not None:
            return (
                f"it is of {tokens.saved_at:%Y-%m-%d %H:%M} UTC; something else has used it since then, or it was "
                "not used for 45 days"
            )
        return "it is the first one, which was used before, and no later one was saved"

    def _error(self, fault: Fault) -> KeapError:
        status = f" (HTTP {fault.status})" if fault.status else ""
        text = fault.text if fault.kind in {*FAULTS, Kind.TOKEN_UNSAVED} else self._redactor.quote(fault.text)
        return KeapError(
            fault, _REFRESH, f"The access token could not be renewed{status}: {text.removesuffix('.')}."
        )


@contextmanager
def _signals_held() -> Iterator[None]:
    """Keep signals that end the tap waiting, so that no token is lost between Keap and the disk."""
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        held.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield  # signals are handled in the main thread, and do not interrupt this one
        return
    handlers = {number: signal.getsignal(number) for number in stopping()}
    ours = {number: handler for number, handler in handlers.items() if handler is not None}
    for number in ours:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
        for number in held:
            signal.raise_signal(number)
