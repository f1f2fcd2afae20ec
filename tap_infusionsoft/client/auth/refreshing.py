"""Credentials. Keap accepts all kinds as ``Authorization: Bearer``.

Keap also accepts its keys in ``X-Keap-API-Key``, but that header is never used: HTTP libraries drop only
``Authorization`` when they are sent to another host.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from requests.auth import HTTPBasicAuth

from tap_infusionsoft.client.auth import token_endpoint
from tap_infusionsoft.client.auth.token_file import FAULTS, TokenFileError, Tokens, TokenStore
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.client.signals import signals_held

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from requests import PreparedRequest

    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.redact import Redactor

logger = logging.getLogger("tap-infusionsoft")

EARLY = timedelta(minutes=5)
"""How long before it expires an access token is renewed; a quarter of its life if that is shorter."""

_REFRESH = Call(token_endpoint.PATH, method="POST")


class Credential(Protocol):
    """Signs calls. It is the ``auth`` of requests, not a header, which requests would replace by ~/.netrc."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request, and return it."""

    @property
    def token(self) -> str:
        """The token that will sign the next call; empty if `prepare` must be called first."""

    def prepare(self) -> str:
        """Get ready to sign the next call, and return the token that will sign it.

        Raises:
            KeapError: No token can be had.
        """

    def renew(self, refused: str) -> bool:
        """Replace a token that Keap refuses.

        Args:
            refused: The token.

        Returns:
            False if there is no other.

        Raises:
            KeapError: A new one cannot be had.
        """


class Bearer:
    """A fixed token: a personal access token, a service account key, or an OAuth access token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request, and return it."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def prepare(self) -> str:
        """Return the token."""
        return self.token

    def renew(self, refused: str) -> bool:  # noqa: ARG002
        """Return False: there is no other token."""
        return False


@dataclass(frozen=True, slots=True)
class Grant:
    """What OAuth needs.

    Attributes:
        client_id: Client id of the application.
        client_secret: Its secret.
        refresh_token: The refresh token that the authorization began with; empty if it began with a login.
        token_file: The file that keeps the current tokens.
        redirect_uri: Where Keap sends the browser after a login; empty if the settings do not say.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_file: Path
    redirect_uri: str = ""


def issued(granted: token_endpoint.Granted, now: datetime, refresh_token: str = "") -> Tokens:
    """Return what to save of an answer of Keap's.

    Args:
        granted: The answer.
        now: When it was asked for.
        refresh_token: The refresh token that stays valid if the answer has none.
    """
    lifetime = timedelta(seconds=granted.lifetime) if granted.lifetime else None
    return Tokens(
        granted.refresh_token or refresh_token,
        granted.access_token,
        now + lifetime - min(EARLY, lifetime / 4) if lifetime else None,
        now,
    )


class OAuthCredential:
    """An OAuth access token that is renewed before it expires, and when Keap refuses it.

    Processes with the same token file share one access token: when one renews it, the others find it there.
    """

    def __init__(self, grant: Grant, url: str, clock: Clock, agent: str, redactor: Redactor) -> None:
        """Set up a credential. Nothing is read or sent yet.

        Args:
            grant: The application, its authorization, and the token file.
            url: The API address.
            clock: Tells when a token expires.
            agent: The User-Agent header.
            redactor: Learns every token before it can show up anywhere.
        """
        basic = HTTPBasicAuth(grant.client_id, grant.client_secret)
        self._transport = HttpTransport(url, basic, clock, agent, token_endpoint.LIMITS)
        self._store = TokenStore(grant.token_file, grant.client_id, grant.refresh_token, clock)
        self._seed = grant.refresh_token
        self._clock = clock
        self._redactor = redactor
        self._tokens = Tokens(grant.refresh_token)
        self._guard = threading.Lock()
        redactor.add(grant.client_secret, f"{grant.client_id}:{grant.client_secret}", grant.refresh_token)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request, and return it."""
        request.headers["Authorization"] = f"Bearer {self._tokens.access_token}"
        return request

    @property
    def token(self) -> str:
        """The access token; empty if it must be renewed."""
        tokens = self._tokens
        return tokens.access_token if self._is_valid(tokens) else ""

    def prepare(self) -> str:
        """Renew the access token if it is about to expire, and return it.

        Raises:
            KeapError: It cannot be renewed.
        """
        with self._guard:
            if not self._is_valid(self._tokens):
                self._obtain("")
            return self._tokens.access_token

    def renew(self, refused: str) -> bool:
        """Replace an access token that Keap refuses although it has not expired.

        Args:
            refused: The token.

        Returns:
            True: there is another token now.

        Raises:
            KeapError: It cannot be renewed.
        """
        with self._guard:
            if self._tokens.access_token == refused:
                self._obtain(refused)
            return True

    def _is_valid(self, tokens: Tokens) -> bool:
        return bool(tokens.access_token) and (tokens.renew_at is None or self._clock.now() < tokens.renew_at)

    def _obtain(self, refused: str) -> None:
        """Take the access token from the store, or get a new one if that was refused or has expired."""
        try:
            with self._store.locked():
                tokens = self._read()
                if tokens.access_token == refused or not self._is_valid(tokens):
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
        if not tokens.refresh_token:
            raise TokenFileError(f"the token file {self._store.name} has no login", Kind.NO_LOGIN)
        now = self._clock.now()
        refreshing = Tokens(
            tokens.refresh_token,
            tokens.access_token,
            tokens.renew_at,
            tokens.saved_at,
            tokens.asked_at or now,
        )
        self._store.save(refreshing)
        reserved = self._store.reserve()
        with signals_held():
            try:
                granted = token_endpoint.refresh(self._transport, tokens.refresh_token, now)
            except token_endpoint.RefreshError as error:
                self._store.release(reserved)
                return self._after_failure(error.fault, tokens)
            except BaseException:
                self._store.release(reserved)
                raise
            self._redactor.add(granted.access_token, granted.refresh_token)
            new = issued(granted, now, tokens.refresh_token)
            try:
                self._store.fill(reserved, new)
            except TokenFileError as error:
                raise self._error(Fault(Kind.TOKEN_UNSAVED, str(error))) from error
        logger.info("The access token was renewed.")
        return new

    def _after_failure(self, fault: Fault, tokens: Tokens) -> Tokens:
        """Return the tokens that another process saved while our refresh failed.

        Raises:
            KeapError: There are none.
        """
        if fault.kind is Kind.REFRESH_REFUSED:
            now = self._read()
            if now.access_token not in {"", tokens.access_token}:
                return now  # from a process that does not see the lock, as on some network drives
        text = fault.text
        if fault.kind is not Kind.REFRESH_LOST:
            with suppress(TokenFileError):  # what Keap said matters more
                self._store.save(tokens)
        if fault.kind is Kind.REFRESH_REFUSED:
            text += f" ({self._history(tokens)})"
        raise self._error(Fault(fault.kind, text, fault.status, fault.retry_after, fault.resets_at))

    def _history(self, tokens: Tokens) -> str:
        """Say why a refresh token may have become useless."""
        if tokens.asked_at is not None:
            at = f"{tokens.asked_at:%Y-%m-%d %H:%M} UTC"
            return f"the refresh of {at} got no answer, and has most likely spent it"
        if tokens.saved_at is not None:
            return (
                f"it is from {tokens.saved_at:%Y-%m-%d %H:%M} UTC; something else has used it since then, or "
                "it was not used for 45 days"
            )
        return "it is the first one, which was used before, and no later one was saved"

    def _error(self, fault: Fault) -> KeapError:
        """Put a fault into words. What the token file says is ours, and needs no redaction."""
        status = f" (HTTP {fault.status})" if fault.status else ""
        text = fault.text if fault.kind in {*FAULTS, Kind.TOKEN_UNSAVED} else self._redactor.quote(fault.text)
        return KeapError(
            fault, _REFRESH, f"The access token could not be renewed{status}: {text.removesuffix('.')}."
        )
