"""OAuth: codes and refresh tokens that work once, and access tokens that expire."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from keap_sandbox.responses import Response, html_page, json_response
from keap_sandbox.tables import mix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.switches import Switches

__all__ = ["AUTHORIZE", "OAuth"]

AUTHORIZE = "/app/oauth/authorize"
"""Path of the page on which a user authorizes an application; Keap serves it from another host."""

_FORM = "application/x-www-form-urlencoded"


class OAuth:
    """The tokens of the sandbox's only OAuth application."""

    def __init__(self, switches: Switches, now: float, seed: int) -> None:
        """Issue the first tokens.

        Args:
            switches: The first tokens, lifetimes, and how the endpoint behaves.
            now: The time in seconds since the epoch.
            seed: Later tokens depend on it.
        """
        self._switches = switches
        self._seed = seed
        self._count = 0
        self.refreshes = 0
        self.replays = 0
        self.exchanges = 0
        self._codes: dict[str, tuple[str, float]] = {}
        self._refresh: tuple[str, float] = (
            switches.oauth_refresh_token,
            now + switches.oauth_refresh_days * 86_400,
        )
        self._spent: set[str] = set()
        self._access: dict[str, float] = {}
        if switches.oauth_access_token:
            self._access[switches.oauth_access_token] = now + switches.oauth_expires_in

    def check(self, token: str, now: float) -> str:
        """Look up an access token.

        Args:
            token: The access token.
            now: The time in seconds since the epoch.

        Returns:
            `good`, `expired` or `unknown`.
        """
        end = self._access.get(token)
        if end is None:
            return "unknown"
        return "good" if now < end else "expired"

    @property
    def refresh_token(self) -> str:
        """The only refresh token that works at the moment; empty after a replay has revoked all tokens."""
        return self._refresh[0]

    def expire(self) -> None:
        """Expire every access token."""
        self._access = dict.fromkeys(self._access, 0.0)

    def status(self) -> dict[str, object]:
        """Return the refresh token that works, and how many refreshes, replays and exchanges there were."""
        return {
            "refresh_token": self.refresh_token,
            "refreshes": self.refreshes,
            "replays": self.replays,
            "exchanges": self.exchanges,
        }

    def _issue(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{mix(mix(self._seed) + self._count):016x}"

    def _is_known_client(self, header: str | None, form: dict[str, list[str]]) -> bool:
        expected = (self._switches.oauth_client_id, self._switches.oauth_client_secret)
        accepted = self._switches.oauth_credentials
        if accepted != "body" and header and header.lower().startswith("basic "):
            try:
                name, _, secret = base64.b64decode(header[6:].strip(), validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return False
            return (name, secret) == expected
        if accepted == "basic":
            return False
        return (form.get("client_id", [""])[0], form.get("client_secret", [""])[0]) == expected

    def authorize(self, query: Mapping[str, str], now: float) -> Response:
        """Answer `GET /app/oauth/authorize`, as if the user had signed in and decided at once.

        Args:
            query: The query.
            now: The time in seconds since the epoch.
        """
        address = query.get("redirect_uri", "")
        registered = self._switches.oauth_redirect_uri
        if query.get("client_id") != self._switches.oauth_client_id:
            return html_page(400, "Bad Request", "There is no application with this client id.")
        if urlsplit(address).scheme != "https" or (registered and address != registered):
            return html_page(400, "Bad Request", "The redirect URL is not the one of the application.")
        if query.get("response_type") != "code":
            answer = {"error": "unsupported_response_type"}
        elif query.get("scope", "full") != "full":
            answer = {"error": "invalid_scope"}
        elif self._switches.oauth_consent == "denied":
            text = "The user denied access to the application"
            answer = {"error": "access_denied", "error_description": text}
        else:
            code = self._issue("code")
            self._codes[code] = (address, now + self._switches.oauth_code_seconds)
            answer = {"code": code}
        if "state" in query:
            answer["state"] = query["state"]
        joint = "&" if urlsplit(address).query else "?"
        return Response(302, b"", None, {"Location": f"{address}{joint}{urlencode(answer)}"})

    def token(self, body: bytes, headers: Mapping[str, str], now: float) -> Response:
        """Answer `POST /token`.

        Args:
            body: The request's body, a form.
            headers: The request's headers.
            now: The time in seconds since the epoch.
        """
        if headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
            body = b""  # the endpoint reads nothing but a form
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        grant = form.get("grant_type", [""])[0]
        if grant == "authorization_code":
            return self._exchange(form, headers, now)
        if grant != "refresh_token":
            text = "The sandbox knows grant_type authorization_code and refresh_token only"
            return json_response({"error": "unsupported_grant_type", "error_description": text}, 400)
        if not self._is_known_client(headers.get("Authorization"), form):
            text = "Unable to authenticate username and password"
            return json_response({"error": "invalid_grant", "error_description": text}, 400)
        sent = form.get("refresh_token", [""])[0]
        good, end = self._refresh
        if sent != good or now >= end:
            if sent in self._spent:
                self.replays += 1
                if self._switches.oauth_reuse == "revokes":
                    self._refresh = ("", 0.0)
                    self._access.clear()
            return self.refused()
        self.refreshes += 1
        return json_response(self._grant(now, is_new=self._switches.oauth_new_refresh_token == "always"))  # noqa: S105

    def _exchange(self, form: dict[str, list[str]], headers: Mapping[str, str], now: float) -> Response:
        """Exchange a code, with client id and secret in the form, as Keap documents it.

        Production clients report that Keap refuses an `Authorization` header here. Its error texts for codes
        are not on record; these are like the one for refresh tokens.
        """
        if "Authorization" in headers:
            text = "No Authorization header is accepted with grant_type authorization_code"
            return json_response({"error": "invalid_request", "error_description": text}, 400)
        sent = {
            name: form.get(name, [""])[0] for name in ("client_id", "client_secret", "code", "redirect_uri")
        }
        expected = (self._switches.oauth_client_id, self._switches.oauth_client_secret)
        if (sent["client_id"], sent["client_secret"]) != expected:
            text = "Unable to authenticate username and password"
            return json_response({"error": "invalid_grant", "error_description": text}, 400)
        # A code is spent by a wrong attempt too, as OAuth wants it.
        address, end = self._codes.pop(sent["code"], ("", 0.0))
        if not address or now >= end or sent["redirect_uri"] != address:
            kind = self._switches.oauth_error
            text = "Invalid Authorization Code"
            return json_response({"error": kind, "error_description": text}, 400)
        self.exchanges += 1
        return json_response(self._grant(now, is_new=True))

    def _grant(self, now: float, *, is_new: bool) -> dict[str, object]:
        """Issue an access token.

        Args:
            now: The time in seconds since the epoch.
            is_new: Issue a refresh token too, which takes the place of the last one.

        Returns:
            The answer's document.
        """
        if self._switches.oauth_old_access_token == "dies":  # noqa: S105
            self._access.clear()
        access = self._issue("access")
        self._access[access] = now + self._switches.oauth_expires_in
        granted: dict[str, object] = {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": self._switches.oauth_expires_in,
            "scope": f"full|{self._switches.tenant}",
        }
        if is_new:
            self._spent.add(self._refresh[0])
            self._refresh = (self._issue("refresh"), now + self._switches.oauth_refresh_days * 86_400)
            granted["refresh_token"] = self._refresh[0]
        return granted

    def refused(self) -> Response:
        """Return the error for a refresh token that is spent, expired or unknown."""
        kind = self._switches.oauth_error
        text = "Invalid Refresh Token" if kind == "invalid_request" else "Invalid refresh token"
        return json_response({"error": kind, "error_description": text}, 400)
