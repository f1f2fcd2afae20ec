"""The one HTTP session of a tap: where it may connect, and how much it reads.

No redirects, no cookies, no retries of the library's own, https only (http on this machine, for the sandbox), and
a cap on size, expansion and time of every answer.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from tap_infusionsoft.client.call import Answer
from tap_infusionsoft.client.deadlines import Deadline, TimedAdapter
from tap_infusionsoft.client.faults import Fault, Kind, classify_exception

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from requests import PreparedRequest

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.clock import Clock

HOSTS = ("infusionsoft.com", "keap.com")
"""Keap's domains; hosts below them are allowed too."""

_CHUNK = 1 << 20
_RATIO_MATTERS = 4 << 20
"""Bytes; below this a high compression ratio is harmless, and common for rows that are mostly null."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one exchange: seconds and bytes.

    Attributes:
        connect: Seconds until a connection stands.
        read: Seconds without a byte.
        total: Seconds until the last byte of the answer.
        body: Bytes of a body, expanded.
        file: Bytes of a file; larger ones are left out instead of being an error.
        ratio: How much a body may expand.
    """

    connect: float = 10.0
    read: float = 120.0
    total: float = 300.0
    body: int = 64 << 20
    file: int = 768 << 10
    ratio: int = 200


class Broken(Exception):  # noqa: N818
    """An exchange gave no answer; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


def checked_url(url: str) -> str:
    """Return an API address fit for use, without a trailing slash.

    Raises:
        ValueError: The address is not https on one of Keap's hosts, nor http on this machine.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"it is not a URL ({error})") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must begin with https:// (http:// only for 127.0.0.1, the sandbox)")
    host = parts.hostname.lower()
    if not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:]+", host) or not url.isprintable() or "\\" in url:
        raise ValueError("it holds characters that no address has")
    if parts.username or parts.password or "@" in parts.netloc:
        raise ValueError("it must not hold a user name or password")
    if parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("it must be scheme and host only, such as https://api.infusionsoft.com")
    if _is_loopback(host):
        return url.rstrip("/")
    if parts.scheme != "https":
        raise ValueError("it must begin with https:// (http:// only for 127.0.0.1, the sandbox)")
    if not any(host == domain or host.endswith(f".{domain}") for domain in HOSTS) or port not in {None, 443}:
        raise ValueError(f"its host must be one of Keap's ({', '.join(HOSTS)}) or 127.0.0.1")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Session:
    """Sends calls to one API address with one credential, from as many threads as like.

    Attributes:
        limits: The bounds of every exchange.
    """

    def __init__(
        self,
        url: str,
        auth: Callable[[PreparedRequest], PreparedRequest],
        clock: Clock,
        agent: str,
        limits: Limits | None = None,
        connections: int = 1,
    ) -> None:
        """A session; nothing is connected yet.

        Args:
            url: The API address.
            auth: Signs requests.
            clock: For the time that an exchange may take.
            agent: How the tap calls itself.
            limits: The bounds of every exchange.
            connections: How many are kept for further calls; as many as there are calls at once.
        """
        self._url = checked_url(url)
        self._deadline = Deadline(clock)
        self.limits = limits or Limits()
        self._auth = auth
        self._adapter = TimedAdapter(self._deadline, connections)
        # The library's own session is used for what it knows about this machine and about bodies, and sends nothing: for
        # each call it would look for redirects, cookies and hooks, which takes as long as the rest.
        self._http = requests.Session()
        self._http.auth = auth
        self._headers = {"User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._http.headers.update(self._headers)
        # Proxies and certificates of the environment. All calls go to one host.
        self._route: Any = self._http.merge_environment_settings(
            self._url, {}, stream=True, verify=None, cert=None
        )
        self._http.trust_env = False  # no ~/.netrc in place of the credential

    def send(self, call: Call) -> Answer:
        """Send one call and read its whole answer, whatever the status; of a redirect the headers only.

        Raises:
            Broken: There was no answer, or it exceeded the limits.
        """
        query = f"?{call.query}" if call.params else ""
        request = requests.PreparedRequest()
        request.method = call.method
        request.url = f"{self._url}/crm/rest{call.path}{query}"  # quoted already
        request.headers = CaseInsensitiveDict(self._headers)
        if call.is_raw:
            request.headers["Accept"] = "*/*"
        return self._exchange(self._auth(request), is_file=call.is_raw)

    def post_form(self, path: str, form: IO[bytes]) -> Answer:
        """Post a form on a connection of its own, which is not kept, and read the whole answer, whatever the status.

        Raises:
            Broken: There was no answer, or it exceeded the limits.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        request = requests.Request("POST", f"{self._url}{path}", data=form, headers=headers)
        return self._exchange(self._http.prepare_request(request))

    def _exchange(self, request: PreparedRequest, *, is_file: bool = False) -> Answer:
        self._deadline.set(self.limits.total)
        timeout = (self.limits.connect, self.limits.read)
        try:
            with self._adapter.send(request, timeout=timeout, **self._route) as response:
                received = {name.lower(): value for name, value in response.headers.items()}
                if 300 <= response.status_code < 400:  # noqa: PLR2004
                    return Answer(response.status_code, received, b"")
                is_file &= response.ok
                most = _as_text(self.limits.file) if is_file else self.limits.body
                body = self._body(response, most)
        except (requests.RequestException, HTTPError, OSError) as error:
            if self._deadline.left <= 0:
                text = f"still arriving after {self.limits.total:.0f} s"
                raise Broken(Fault(Kind.TIMEOUT, text)) from error
            raise Broken(classify_exception(error)) from error
        if body is None and not is_file:
            text = f"more than {most >> 20} MiB"
            raise Broken(Fault(Kind.TOO_LARGE, text, response.status_code))
        return Answer(response.status_code, received, body or b"", is_left_out=body is None)

    def _body(self, response: requests.Response, most: int) -> bytes | None:
        """Read a body within the limits, which the library's own reading has none of; None if it is larger.

        Raises:
            Broken: It expands too much.
        """
        parts: list[bytes] = []
        size = 0
        # What is not encoded need not go through the decoder's buffer.
        is_encoded = "content-encoding" in response.headers
        length = 0 if is_encoded else response.raw.length_remaining or 0
        # Of a length that is known, all in one piece; else what one receive brings, as `stream` would wait for a chunk.
        read = (
            partial(response.raw.read, min(length, most + 1))
            if length
            else partial(response.raw.read1, _CHUNK)
        )
        while part := read(decode_content=is_encoded):
            size += len(part)
            if size > _RATIO_MATTERS and size > self.limits.ratio * max(response.raw.tell(), 1):
                text = f"compressed more than {self.limits.ratio} to 1"
                raise Broken(Fault(Kind.TOO_LARGE, text, response.status_code))
            if size > most:
                return None
            parts.append(part)
        return b"".join(parts)


def _as_text(size: int) -> int:
    """Bytes that a file of so many bytes may take: it can come as a text of base64 in quotes."""
    return size * 4 // 3 + 64
