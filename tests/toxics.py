"""A proxy between the tap and the sandbox that spoils responses."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.sockets import RawServer, has_gone, raw_server, reset


@dataclass(frozen=True)
class Upstream:
    """A response as the sandbox sent it."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def head(self, **changed: str | None) -> bytes:
        """Return the status line and headers.

        Args:
            **changed: Headers to replace, or to leave out if the value is None.
        """
        headers = {name.lower(): value for name, value in self.headers} | {
            name.replace("_", "-"): value for name, value in changed.items()
        }
        lines = [self.status, *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def sent(self) -> bytes:
        """Return the complete response."""
        return self.head() + self.body


Toxic = Callable[[socket.socket, Upstream], None]
"""Sends a spoiled version of a response to the client."""


def reset_at(place: float) -> Toxic:
    """Reset the connection in the middle of a response.

    Args:
        place: An int is a number of bytes, a float a share of the response.
    """

    def spoil(connection: socket.socket, response: Upstream) -> None:
        sent = response.sent()
        connection.sendall(sent[: place if isinstance(place, int) else int(len(sent) * place)])
        reset(connection)

    return spoil


def stall_at(share: float) -> Toxic:
    """Send this share of the response, then nothing more."""

    def spoil(connection: socket.socket, response: Upstream) -> None:
        sent = response.sent()
        connection.sendall(sent[: int(len(sent) * share)])
        has_gone(connection, None)

    return spoil


def drip(connection: socket.socket, response: Upstream) -> None:
    """Send byte by byte, and never finish."""
    for byte in response.sent() * 100:
        connection.sendall(bytes([byte]))
        if has_gone(connection, 0.02):
            return


def truncate(connection: socket.socket, response: Upstream) -> None:
    """Close the connection in the middle of the body."""
    connection.sendall(response.head() + response.body[: len(response.body) // 2])


def slow_close(connection: socket.socket, response: Upstream) -> None:
    """Send everything without a content-length, so only closing could end the body, and do not close."""
    connection.sendall(response.head(content_length=None) + response.body)
    has_gone(connection, None)


_BOMB = gzip.compress(bytes(32 << 20))


def gzip_bomb(connection: socket.socket, response: Upstream) -> None:
    """Send a small body that unpacks to a huge one."""
    connection.sendall(response.head(content_length=str(len(_BOMB)), content_encoding="gzip") + _BOMB)


def garbage(connection: socket.socket, response: Upstream) -> None:
    """Send something that is not HTTP."""
    connection.sendall(random.Random(len(response.body)).randbytes(500))


def garble(connection: socket.socket, response: Upstream) -> None:
    """Corrupt a few bytes in the middle of the body."""
    middle = len(response.body) // 2
    connection.sendall(response.head() + response.body[:middle] + b'"\x00"' + response.body[middle + 3 :])


TOXICS: dict[str, Toxic] = {
    "reset at once": reset_at(0),
    "reset in the head": reset_at(0.05),
    "reset in the body": reset_at(0.9),
    "stall at once": stall_at(0),
    "stall in the body": stall_at(0.9),
    "drip": drip,
    "truncate": truncate,
    "slow close": slow_close,
    "gzip bomb": gzip_bomb,
    "garbage": garbage,
    "garble": garble,
}


class ToxicProxy:
    """Forwards requests to a server, and spoils the responses that a test chooses.

    Attributes:
        url: URL of the proxy.
        responses: Number of responses since the last call of `spoil`.
    """

    def __init__(self, upstream: str) -> None:
        self.url = ""
        self.responses = 0
        self._upstream = upstream.removeprefix("http://")
        self._toxic: Toxic | None = None
        self._first = self._last = 0
        self._lock = threading.Lock()

    def spoil(self, toxic: Toxic | None, first: int = 0, last: int = 1_000_000) -> None:
        """Spoil some of the responses from now on.

        Args:
            toxic: How to spoil them; None not to.
            first: Number of the first response to spoil, counting from 0 again.
            last: Number of the last one.
        """
        with self._lock:
            self.responses = 0
            self._toxic, self._first, self._last = toxic, first, last

    def talk(self, server: RawServer, connection: socket.socket) -> None:
        """Serve one connection."""
        while head := server.head(connection):
            response = self._forward(head)
            with self._lock:
                toxic = self._toxic if self._first <= self.responses <= self._last else None
                self.responses += 1
            if toxic is not None:
                toxic(connection, response)
                return
            connection.sendall(response.sent())

    def _forward(self, head: bytes) -> Upstream:
        line, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, path, _ = line.split(" ")
        headers = dict(header.split(": ", 1) for header in lines)
        with contextlib.closing(http.client.HTTPConnection(self._upstream, timeout=10)) as upstream:
            upstream.request(method, path, headers={"Authorization": headers["Authorization"]})
            response = upstream.getresponse()
            body = response.read()
        status = f"HTTP/1.1 {response.status} {response.reason}"
        return Upstream(status, (*response.getheaders(), ("content-length", str(len(body)))), body)


@contextlib.contextmanager
def toxic_proxy(upstream: str) -> Iterator[ToxicProxy]:
    """Run a proxy for the length of a `with` block."""
    proxy = ToxicProxy(upstream)
    with raw_server(proxy.talk) as server:
        proxy.url = server.url
        yield proxy
