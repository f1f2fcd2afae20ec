"""A login: the code that Keap gave the browser becomes the first tokens, in the token file.

A code works once, so the order is that of a refresh (see `token_file`): everything that can fail on this
machine is tried before Keap is asked, and then the answer is on disk before anything else happens. Runs that
are going on find the new tokens in the file when Keap refuses their old ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_infusionsoft.client.auth import token_endpoint
from tap_infusionsoft.client.auth.refreshing import issued
from tap_infusionsoft.client.auth.token_file import TokenFileError, TokenStore
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.client.signals import signals_held

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from requests import PreparedRequest

    from tap_infusionsoft.client.auth.refreshing import Grant
    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.client.redact import Redactor

_EXCHANGE = Call(token_endpoint.PATH, method="POST")


class CodeExchange:
    """Exchanges codes of one application, and saves what comes of it."""

    def __init__(
        self,
        grant: Grant,
        url: str,
        clock: Clock,
        agent: str,
        redactor: Redactor,
        advice: Mapping[Kind, str] | None = None,
    ) -> None:
        """Set it up. Nothing is read or sent yet.

        Args:
            grant: The application, and the token file. A login takes the place of the grant's tokens there.
            url: The API address.
            clock: Tells when tokens expire.
            agent: The User-Agent header.
            redactor: Learns every secret before it can show up anywhere.
            advice: What to do after a fault, where that is something else than after a failed refresh.
        """
        self._advice = advice or {}
        self._grant = grant
        self._transport = HttpTransport(url, _unsigned, clock, agent, token_endpoint.LIMITS)
        self._store = TokenStore(grant.token_file, grant.client_id, grant.refresh_token, clock)
        self._clock = clock
        self._redactor = redactor
        redactor.add(grant.client_secret, grant.refresh_token)

    def check(self) -> datetime | None:
        """Find out whether tokens could be saved, before anybody goes to get a code.

        Returns:
            When Keap issued the tokens that a login would replace; None if there are none.

        Raises:
            KeapError: The token file cannot be used.
        """
        try:
            with self._store.locked():
                found = self._store.read()
                self._store.release(self._store.reserve())
        except TokenFileError as error:
            raise self._error(Fault(error.kind, str(error))) from error
        return found.saved_at

    def run(self, code: str) -> None:
        """Exchange a code, once, and save the tokens.

        Args:
            code: The code. Keap spends it.

        Raises:
            KeapError: It failed. Tokens that were in the file are still there.
        """
        self._redactor.add(code)
        try:
            with self._store.locked():
                self._store.read()
                reserved = self._store.reserve()
                with signals_held():
                    self._exchange(code, reserved)
        except TokenFileError as error:
            raise self._error(Fault(error.kind, str(error))) from error

    def _exchange(self, code: str, reserved: int) -> None:
        """Ask Keap, and fill the reserved space with the answer."""
        now = self._clock.now()
        try:
            granted = token_endpoint.exchange(self._transport, self._grant, code, now)
        except token_endpoint.RefreshError as error:
            self._store.release(reserved)
            fault = replace(error.fault, text=self._redactor.quote(error.fault.text))
            raise self._error(fault) from None
        except BaseException:
            self._store.release(reserved)
            raise
        self._redactor.add(granted.access_token, granted.refresh_token)
        try:
            self._store.fill(reserved, issued(granted, now))
        except TokenFileError as error:
            raise self._error(Fault(Kind.TOKEN_UNSAVED, str(error))) from error

    def _error(self, fault: Fault) -> KeapError:
        """Put a fault, whose text holds no secret, into words."""
        status = f" (HTTP {fault.status})" if fault.status else ""
        return KeapError(
            replace(fault, advice=self._advice.get(fault.kind, "")),
            _EXCHANGE,
            f"The login failed{status}: {fault.text.removesuffix('.')}.",
        )


def _unsigned(request: PreparedRequest) -> PreparedRequest:
    """Leave a request without an Authorization header."""
    return request
