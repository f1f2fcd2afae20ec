"""The sandbox without its HTTP server: the account, credentials, limits, fault rules and the request log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keap_sandbox.account import Account
from keap_sandbox.accounts import check_accounts
from keap_sandbox.clock import Clock
from keap_sandbox.faults.rules import Faults
from keap_sandbox.filtering.selection import Selector
from keap_sandbox.oauth import AUTHORIZE, OAuth
from keap_sandbox.quota import CredentialKind, Quota
from keap_sandbox.request import Request, World
from keap_sandbox.responses import KeapError, Response, gateway_fault, html_page, shaped_error
from keap_sandbox.routing import Router
from keap_sandbox.switches import Switches
from keap_sandbox.timestamps import iso_millis, parse_moment
from keap_sandbox.xmlrpc.calls import LEGACY_PATHS, PATHS
from keap_sandbox.xmlrpc.endpoint import answer, switched_off

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from keap_sandbox.accounts import AccountOptions
    from keap_sandbox.xmlrpc.calls import Call

__all__ = ["DEFAULT_API_KEY", "Caller", "Engine"]

DEFAULT_API_KEY = "KeapAK-sandbox"
_LOG_ENTRIES_MAX = 200_000


@dataclass(frozen=True)
class Caller:
    """Who is calling.

    Attributes:
        kind: The kind of credential.
        world: The account that it opens.
        quota: The counted calls of that account.
    """

    kind: CredentialKind
    world: World
    quota: Quota


class Engine:
    """One sandbox.

    Not thread-safe: only the thread of the server's event loop may use it.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        contacts: int = 2000,
        api_key: str = DEFAULT_API_KEY,
        switches: Switches | None = None,
        clock: Callable[[], float] | None = None,
        accounts: Sequence[AccountOptions] = (),
    ) -> None:
        """Create the sample account.

        Args:
            seed: Selects the sample account.
            contacts: The number of contacts it has.
            api_key: The API key it accepts.
            switches: How it behaves; by default as documented.
            clock: Returns the seconds since the epoch; real time by default.
            accounts: Further accounts.

        Raises:
            BadAccountError: If two accounts have the same key or tenant id.
        """
        self.api_key = api_key
        self.switches = switches or Switches()
        check_accounts(accounts, api_key, self.switches.tenant)
        self._further = {one.key: one for one in accounts}
        self.clock = Clock(clock)
        self._set_up_clock()
        self.router = Router()
        self.faults = Faults()
        self.log: list[dict[str, Any]] = []
        self.start(seed, contacts)

    def start(self, seed: int, contacts: int) -> None:
        """Start over with a fresh sample account, and fresh further ones as they were.

        Clears the request log, fault rules, counted calls and OAuth tokens. Switches and clock stay.

        Args:
            seed: Selects the sample account.
            contacts: The number of contacts it has.
        """
        self.seed, self.contacts = seed, contacts
        account = Account(seed, contacts, self.clock, self.switches)
        self.world = World(account, self.switches, Selector())
        self.quota = Quota()
        self._others = {
            key: Caller(
                "key",
                World(
                    Account(one.seed, one.contacts, self.clock, self.switches, one.tenant, one.name),
                    self.switches,
                    Selector(),
                ),
                Quota(),
            )
            for key, one in self._further.items()
        }
        self.oauth = OAuth(self.switches, self.clock.now(), seed)
        self.faults.clear()
        self.log.clear()

    def _set_up_clock(self) -> None:
        if self.switches.clock:
            moment = parse_moment(self.switches.clock, bare_date=True)
            if moment is not None:
                self.clock.set(moment / 1000)
        if self.switches.clock_stands:
            self.clock.stop()

    def set_switches(self, values: Mapping[str, object]) -> None:
        """Change switches while the sandbox runs, all of them or none.

        Switches of the clock and of the first OAuth tokens take effect at once.

        Args:
            values: The new values, by the name of the switch.

        Raises:
            BadSwitchError: If a switch doesn't exist or doesn't accept its value.
        """
        self.switches.update(dict(values))
        if "clock" in values:
            self._set_up_clock()
        if "clock_stands" in values:
            if self.switches.clock_stands:
                self.clock.stop()
            else:
                self.clock.run()
        if {"oauth_refresh_token", "oauth_access_token"} & set(values):
            self.oauth = OAuth(self.switches, self.clock.now(), self.seed)

    # -- the API -------------------------------------------------------------------------------------------

    def log_request(
        self, method: str, path: str, raw_query: str, query: Mapping[str, str], header_names: Sequence[str]
    ) -> dict[str, Any]:
        """Add a request to the log, without credentials.

        The log holds header names only, and API keys and access tokens are masked in the query. At 200,000
        entries the older half is dropped.

        Args:
            method: The HTTP method.
            path: The path as it was requested.
            raw_query: The query string as it was sent.
            query: The decoded query parameters.
            header_names: The names of the request's headers.

        Returns:
            The entry; the caller adds the `status` and the `fault` once they are known.
        """
        if "access_token" in query:
            query = {**query, "access_token": "***"}
            raw_query = re.sub(r"(^|&)access_token=[^&]*", r"\1access_token=***", raw_query)
        for secret in self.keys:
            if secret in raw_query:
                query = {name: value.replace(secret, "***") for name, value in query.items()}
                raw_query = raw_query.replace(secret, "***")
        entry: dict[str, Any] = {
            "time": iso_millis(self.clock.millis()),
            "method": method,
            "path": path,
            "query": query,
            "raw_query": raw_query,
            "headers": header_names,
            "status": None,
            "fault": None,
        }
        if len(self.log) >= _LOG_ENTRIES_MAX:
            del self.log[: _LOG_ENTRIES_MAX // 2]
        self.log.append(entry)
        return entry

    def account(self, name: str = "") -> Account:
        """Return the account with this key, tenant id or name; the first one if the text is empty.

        Raises:
            KeyError: If there is none.
        """
        for one, key in (
            (self.world, self.api_key),
            *((other.world, key) for key, other in self._others.items()),
        ):
            if not name or name in {key, one.account.tenant, one.account.name}:
                return one.account
        raise KeyError(name)

    @property
    def keys(self) -> tuple[str, ...]:
        """The API keys of all accounts."""
        return (self.api_key, *self._further)

    def _holder(self, key: str | None) -> Caller | None:
        """Return who has an API key; None if nobody has it."""
        if key == self.api_key:
            return Caller("key", self.world, self.quota)
        return self._others.get(key or "")

    def authenticate(self, headers: Mapping[str, str], access_token: str = "") -> tuple[Caller | None, str]:
        """Find out who is calling.

        Args:
            headers: The request's headers.
            access_token: The credential in the query, which XML-RPC accepts.

        Returns:
            The caller, or None without a valid credential; and then `missing`, `wrong` or `expired`.
        """
        scheme, _, token = headers.get("Authorization", "").strip().partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else headers.get("X-Keap-API-Key", "").strip()
        token = token or access_token
        if not token:
            return None, "missing"
        holder = self._holder(token)
        if holder is not None:
            return holder, ""
        state = self.oauth.check(token, self.clock.now())
        if state == "good":
            return Caller("oauth", self.world, self.quota), ""
        return None, "expired" if state == "expired" else "wrong"

    def answer(
        self, request: Request, headers: Mapping[str, str], call: Call | None = None
    ) -> tuple[Response, Caller | None]:
        """Answer a request in the order in which Keap does.

        The front end refuses a GET with a body, the gateway checks credential and limits, and the application
        finds the handler.

        Args:
            request: The request.
            headers: Its headers.
            call: What it says, if it is a call of the XML-RPC API.

        Returns:
            The response, and the caller, if the request carried a valid credential.
        """
        if request.path == "/token":
            if request.method != "POST":
                return html_page(405, "Method Not Allowed", ""), None
            return self.oauth.token(request.body, headers, self.clock.now()), None
        if request.path == AUTHORIZE and request.method == "GET":
            return self.oauth.authorize(request.query, self.clock.now()), None
        if request.path in (*PATHS, *LEGACY_PATHS):
            return self._answer_call(request, headers, call)
        if request.method == "GET" and request.body:
            text = "Your client has issued a malformed or illegal request."
            return html_page(400, "Error 400 (Bad Request)!!1", text), None
        caller, problem = self.authenticate(headers)
        if caller is None:
            return self._unauthorized(problem), None
        throttled = caller.quota.admit(caller.kind, self.clock.now(), self.switches)
        if throttled is not None:
            return throttled, caller
        return self._dispatch(request, caller.world), caller

    def _answer_call(
        self, request: Request, headers: Mapping[str, str], call: Call | None
    ) -> tuple[Response, Caller | None]:
        """Answer a call of the XML-RPC API.

        The gateway checks credential and limits before it looks at the call; the former host looks for the
        key in it.
        """
        off = switched_off(self.switches, self.clock.now())
        if off is not None:
            return off, None
        if request.path in LEGACY_PATHS:
            caller = self._holder(call.key if call and call.has_key else self.api_key)
        else:
            caller, problem = self.authenticate(headers, request.query.get("access_token", ""))
            if caller is None:
                return self._unauthorized(problem), None
        throttled = caller.quota.admit(caller.kind, self.clock.now(), self.switches) if caller else None
        if throttled is not None:
            return throttled, caller
        if call is None:
            return Response(dropped=True), caller
        return answer(call, caller.world if caller else None, self.switches), caller

    def _dispatch(self, request: Request, world: World) -> Response:
        handler, params, known = self.router.find(request.method, request.path)
        if handler is None:
            if known:
                message = f"Request method '{request.method}' is not supported"
                return self._error(request, KeapError(405, message))
            return html_page(404, "Page Not Found", "The page you are looking for could not be found.")
        request.params = params
        try:
            return handler(world, request)
        except KeapError as error:
            return self._error(request, error)

    def _unauthorized(self, problem: str) -> Response:
        if problem == "missing":
            return gateway_fault(401, "Invalid access token", "oauth.v2.InvalidAccessToken")
        if problem == "expired":
            status = self.switches.expired_status
            return gateway_fault(status, "Access Token expired", "keymanagement.service.access_token_expired")
        return gateway_fault(401, "Invalid Access Token", "keymanagement.service.invalid_access_token")

    def _error(self, request: Request, error: KeapError) -> Response:
        shape = "v1" if request.path.startswith("/v1/") else self.switches.app_error
        return shaped_error(shape, error.status, error.message, error.domain, error.resource)

    def account_headers(self, caller: Caller | None, exhausted: str = "") -> dict[str, str]:
        """Return the headers that name the account and report its limits.

        Args:
            caller: Who sent the request, if it carried a valid credential.
            exhausted: A window to report as used up: `minute`, `day`, `tenant_minute` or `tenant_day`.
        """
        kind, quota = (caller.kind, caller.quota) if caller else (None, self.quota)
        headers = quota.headers(kind, self.clock.now(), self.switches, exhausted)
        if self.switches.tenant_header == "absent":
            return headers
        is_named = self.switches.tenant_header == "present"
        return {**headers, "x-keap-tenant-id": caller.world.account.tenant if caller and is_named else ""}
