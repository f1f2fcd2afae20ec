"""The sandbox without its network: what a call is answered, what is remembered, what can be controlled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.account import Account
from keap_sandbox.clock import Clock
from keap_sandbox.faults.rules import Faults
from keap_sandbox.lists.selection import Selector
from keap_sandbox.oauth import OAuth
from keap_sandbox.quota import Quota
from keap_sandbox.request import Request, World
from keap_sandbox.responses import KeapError, Response, gateway_fault, html_page, shaped_error
from keap_sandbox.routing import Router
from keap_sandbox.switches import Switches
from keap_sandbox.timestamps import iso_millis, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DEFAULT_API_KEY", "Engine"]

DEFAULT_API_KEY = "KeapAK-sandbox"
_LOG_SIZE = 200_000


class Engine:
    """One sandbox. Not thread-safe: it lives on its event loop's thread."""

    def __init__(
        self,
        *,
        seed: int = 1,
        contacts: int = 2000,
        api_key: str = DEFAULT_API_KEY,
        switches: Switches | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.api_key = api_key
        self.switches = switches or Switches()
        self.clock = Clock(clock)
        self._set_up_clock()
        self.router = Router()
        self.faults = Faults()
        self.log: list[dict[str, Any]] = []
        self.start(seed, contacts)

    def start(self, seed: int, contacts: int) -> None:
        """Begin anew with a made-up account: no log, no faults, no calls counted, first tokens."""
        self.seed, self.contacts = seed, contacts
        account = Account(seed, contacts, self.clock, self.switches)
        self.world = World(account, self.switches, Selector())
        self.quota = Quota()
        self.oauth = OAuth(self.switches, self.clock.now(), seed)
        self.faults.clear()
        self.log.clear()

    def _set_up_clock(self) -> None:
        if self.switches.clock:
            moment = parse_moment(self.switches.clock, bare_date=True)
            if moment is not None:
                self.clock.set(moment / 1000)
        if self.switches.clock_stands:
            self.clock.stand(still=True)

    def set_switches(self, values: Mapping[str, object]) -> None:
        """Set switches while running; those of the clock and of the first tokens take effect at once."""
        self.switches.update(dict(values))
        if "clock" in values:
            self._set_up_clock()
        if "clock_stands" in values:
            self.clock.stand(still=self.switches.clock_stands)
        if {"oauth_refresh_token", "oauth_access_token"} & set(values):
            self.oauth = OAuth(self.switches, self.clock.now(), self.seed)

    # -- the API -------------------------------------------------------------------------------------------

    def note(
        self, method: str, path: str, raw_query: str, query: dict[str, str], headers: list[str]
    ) -> dict[str, Any]:
        """Write a call into the log; its status comes later. Never a credential."""
        secret = self.api_key
        entry: dict[str, Any] = {
            "time": iso_millis(self.clock.millis()),
            "method": method,
            "path": path,
            "query": query
            if secret not in raw_query
            else {k: v.replace(secret, "***") for k, v in query.items()},
            "raw_query": raw_query.replace(secret, "***"),
            "headers": headers,
            "status": None,
            "fault": None,
        }
        if len(self.log) >= _LOG_SIZE:
            del self.log[: _LOG_SIZE // 2]
        self.log.append(entry)
        return entry

    def credential(self, headers: Mapping[str, str]) -> tuple[str | None, str]:
        """Who calls (`key`, `oauth` or nobody), and otherwise what is wrong: missing, wrong, expired."""
        scheme, _, token = headers.get("Authorization", "").strip().partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else headers.get("X-Keap-API-Key", "").strip()
        if not token:
            return None, "missing"
        if token == self.api_key:
            return "key", ""
        state = self.oauth.check(token, self.clock.now())
        if state == "good":
            return "oauth", ""
        return None, "expired" if state == "expired" else "wrong"

    def answer(self, request: Request, headers: Mapping[str, str]) -> tuple[Response, str | None]:
        """Answer a call as Keap does: front end, gateway (credential, quota), routing, application."""
        if request.path == "/token":
            if request.method != "POST":
                return html_page(405, "Method Not Allowed", ""), None
            return self.oauth.token(request.body, headers, self.clock.now()), None
        if request.method == "GET" and request.body:
            text = "Your client has issued a malformed or illegal request."
            return html_page(400, "Error 400 (Bad Request)!!1", text), None
        kind, trouble = self.credential(headers)
        if kind is None:
            return self._refused(trouble), None
        refused = self.quota.admit(kind, self.clock.now(), self.switches)
        if refused is not None:
            return refused, kind
        handler, params, known = self.router.find(request.method, request.path)
        if handler is None:
            if known:
                return self._error(
                    request, KeapError(405, f"Request method '{request.method}' is not supported")
                ), kind
            return html_page(404, "Page Not Found", "The page you are looking for could not be found."), kind
        request.params = params
        try:
            return handler(self.world, request), kind
        except KeapError as error:
            return self._error(request, error), kind

    def _refused(self, trouble: str) -> Response:
        if trouble == "missing":
            return gateway_fault(401, "Invalid access token", "oauth.v2.InvalidAccessToken")
        if trouble == "expired":
            status = self.switches.expired_status
            return gateway_fault(status, "Access Token expired", "keymanagement.service.access_token_expired")
        return gateway_fault(401, "Invalid Access Token", "keymanagement.service.invalid_access_token")

    def _error(self, request: Request, error: KeapError) -> Response:
        shape = "v1" if request.path.startswith("/v1/") else self.switches.app_error
        return shaped_error(shape, error.status, error.message, error.domain, error.resource)

    def quota_headers(self, kind: str | None, gone: str = "") -> dict[str, str]:
        """The limits' headers for an answer."""
        return self.quota.headers(kind, self.clock.now(), self.switches, gone)
