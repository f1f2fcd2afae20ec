"""The HTTP transport: where it may connect, and how much it reads.

No redirects, no cookies, no retries of the library's own; https only (http on this machine, for test
servers); and bounds on the size, expansion and time of every answer.
"""

from __future__ import annotations

import http.cookiejar
import ipaddress
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests
from msgspec import Struct
from urllib3.exceptions import HTTPError

from tap_infusionsoft.client import gzip_body
from tap_infusionsoft.client.api import APIS
from tap_infusionsoft.client.call import Answer
from tap_infusionsoft.client.deadlines import Deadline, TimedAdapter
from tap_infusionsoft.client.faults import Fault, Kind, classify_exception

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from requests import PreparedRequest, Response

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.clock import Clock

HOSTS = ("infusionsoft.com", "keap.com")
"""Keap's domains; the hosts below them are allowed too."""

_CHUNK = 1 << 20
"""Bytes that are received at once."""
_RATIO_MATTERS = 4 << 20
"""Bytes. A smaller body may expand as it likes: rows that are mostly null compress well, and do no harm."""
_REDIRECTS = range(300, 400)


class Limits(Struct, frozen=True):
    """Bounds on one exchange.

    Attributes:
        connect: Seconds to connect.
        read: Seconds without a byte.
        total: Seconds until the last byte of the answer.
        body: Bytes of a body, decompressed.
        file: Bytes of a file; a larger one is left out instead of raising an error.
        ratio: How many times larger a body may become when it is decompressed.
    """

    connect: float = 10.0
    read: float = 120.0
    total: float = 300.0
    body: int = 64 << 20
    file: int = 768 << 10
    ratio: int = 200


class ExchangeError(Exception):
    """A request got no usable answer.

    Attributes:
        fault: Why.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class Transport(Protocol):
    """Sends calls. Tests pass one that answers as they wish."""

    @property
    def limits(self) -> Limits:
        """The bounds on every exchange."""

    def send(self, call: Call) -> Answer:
        """Send one call and read its whole answer, whatever the status.

        Raises:
            ExchangeError: There was no answer, or it exceeded the limits.
        """


def checked_url(url: str) -> str:
    """Return an API address fit for use, without a trailing slash.

    Raises:
        ValueError: The address is neither https on one of Keap's hosts nor http on this machine.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"it is not a URL ({error})") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must begin with https:// (http:// only for 127.0.0.1)")
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
        raise ValueError("it must begin with https:// (http:// only for 127.0.0.1)")
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


class _Session(requests.Session):
    """A session that looks at no redirect.

    With ``allow_redirects=False``, requests 2.34 does not follow a redirect, but still reads its whole body,
    without any limit, to work out the next request.
    """

    def get_redirect_target(self, resp: Response) -> None:
        """Return None: there is no redirect to look at."""


class HttpTransport:
    """Sends calls to one API address with one credential. Thread-safe.

    Attributes:
        limits: The bounds on every exchange.
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
        """Set up a transport. Nothing is connected yet.

        Args:
            url: The API address.
            auth: Signs requests.
            clock: Measures the time of an exchange.
            agent: The User-Agent header.
            limits: The bounds on every exchange.
            connections: Connections to keep open; as many as there are calls in flight.
        """
        self.limits = limits or Limits()
        self._url = checked_url(url)
        self._auth = auth
        self._deadline = Deadline(clock)
        self._session = _Session()
        self._session.auth = auth
        self._session.headers.clear()
        self._session.headers.update(
            {"User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        )
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        adapter = TimedAdapter(self._deadline, connections)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        # Look up proxies and certificates in the environment only once: all calls go to one host.
        self._route: Any = self._session.merge_environment_settings(
            self._url, {}, stream=True, verify=None, cert=None
        )
        self._session.trust_env = False  # no ~/.netrc in place of the credential

    def send(self, call: Call) -> Answer:
        """Send one call and read its whole answer, whatever the status; of a redirect only the headers.

        Raises:
            ExchangeError: There was no answer, or it exceeded the limits.
        """
        # Not `prepare_request`, which looks for cookies, hooks and characters to quote where there are none.
        # With requests 2.34, it would make a call take 1.6 times the CPU time, and a nightly run that brings
        # nothing 4 % more.
        request = requests.PreparedRequest()
        request.method = call.method
        asked = APIS[call.api].request(call)
        request.url = f"{self._url}{asked.path}"
        request.prepare_headers({**self._session.headers, "Accept": asked.accept})
        if asked.body is not None:
            request.headers["Content-Type"] = asked.content_type
            request.prepare_body(asked.body, None)
        return self._exchange(self._auth(request), is_file=call.is_raw)

    def post_form(self, path: str, form: IO[bytes]) -> Answer:
        """Post a form on a separate connection, and read the whole answer, whatever the status.

        Args:
            path: Path below the API address.
            form: The encoded form.

        Raises:
            ExchangeError: There was no answer, or it exceeded the limits.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        request = requests.Request("POST", f"{self._url}{path}", data=form, headers=headers)
        return self._exchange(self._session.prepare_request(request))

    def _exchange(self, request: PreparedRequest, *, is_file: bool = False) -> Answer:
        self._deadline.set(self.limits.total)
        timeout = (self.limits.connect, self.limits.read)
        try:
            with self._session.send(
                request, timeout=timeout, allow_redirects=False, **self._route
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code in _REDIRECTS:
                    return Answer(response.status_code, headers, b"")
                is_file &= response.ok
                most = _as_text(self.limits.file) if is_file else self.limits.body
                body = self._read_body(response, most)
        except (requests.RequestException, HTTPError, OSError) as error:
            if self._deadline.left <= 0:
                text = f"still arriving after {self.limits.total:.0f} s"
                raise ExchangeError(Fault(Kind.TIMEOUT, text)) from error
            raise ExchangeError(classify_exception(error)) from error
        if body is None and not is_file:
            text = f"more than {f'{most >> 20} MiB' if most >> 20 else f'{most} bytes'}"
            raise ExchangeError(Fault(Kind.TOO_LARGE, text, response.status_code))
        return Answer(response.status_code, headers, body or b"", is_left_out=body is None)

    def _read_body(self, response: Response, most: int) -> bytes | None:
        """Read a body within the limits. The library's own reading has none.

        Args:
            response: The response.
            most: Bytes of the body.

        Returns:
            The body; None if it is larger.

        Raises:
            ExchangeError: It expands too much.
        """
        parts: list[bytes] = []
        size = 0
        for part in self._parts(response, most):
            size += len(part)
            if size > _RATIO_MATTERS and size > self.limits.ratio * max(response.raw.tell(), 1):
                text = f"compressed more than {self.limits.ratio} to 1"
                raise ExchangeError(Fault(Kind.TOO_LARGE, text, response.status_code))
            if size > most:
                return None
            parts.append(part)
        return b"".join(parts)

    @staticmethod
    def _parts(response: Response, most: int) -> Iterator[bytes]:
        """Yield a body as it arrives, expanded. A body of known length comes in one piece."""
        raw = response.raw
        encoding = response.headers.get("content-encoding", "").strip().lower()
        # `stream` would wait for a whole chunk; `read1` takes what each receive brings.
        read = partial(raw.read1, _CHUNK, decode_content=bool(encoding))
        if encoding in gzip_body.NAMES:
            yield from gzip_body.expanded(partial(raw.read1, _CHUNK, decode_content=False))
            return
        if not encoding and (length := raw.length_remaining or 0):
            # Not through the decoder's buffer.
            read = partial(raw.read, min(length, most + 1), decode_content=False)
        while part := read():
            yield part


def _as_text(size: int) -> int:
    """Return how many bytes a file of ``size`` bytes may take: it may be base64 with something around it."""
    return size * 4 // 3 + 1024
