"""A proxy between the tap and the sandbox that spoils chosen answers on their way."""

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
class Whole:
    """An answer as the sandbox gave it."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def head(self, **changed: str | None) -> bytes:
        """The status line and headers; those given as None are left out."""
        headers = {name.lower(): value for name, value in self.headers} | {
            name.replace("_", "-"): value for name, value in changed.items()
        }
        lines = [self.status, *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def sent(self) -> bytes:
        return self.head() + self.body


Toxic = Callable[[socket.socket, Whole], None]


def reset_at(place: float) -> Toxic:
    """Reset the connection after so many bytes of the answer, or after a share of it."""

    def spoil(connection: socket.socket, whole: Whole) -> None:
        sent = whole.sent()
        connection.sendall(sent[: place if isinstance(place, int) else int(len(sent) * place)])
        reset(connection)

    return spoil


def stall_at(share: float) -> Toxic:
    """Send no more than this share of the answer."""

    def spoil(connection: socket.socket, whole: Whole) -> None:
        sent = whole.sent()
        connection.sendall(sent[: int(len(sent) * share)])
        has_gone(connection, None)

    return spoil


def drip(connection: socket.socket, whole: Whole) -> None:
    """Send byte by byte, too slowly to come to an end."""
    for byte in whole.sent() * 100:
        connection.sendall(bytes([byte]))
        if has_gone(connection, 0.02):
            return


def truncate(connection: socket.socket, whole: Whole) -> None:
    """Close the connection in the middle of the body."""
    connection.sendall(whole.head() + whole.body[: len(whole.body) // 2])


def slow_close(connection: socket.socket, whole: Whole) -> None:
    """Send everything, but let only the end of the connection tell the end of the body, and do not end it."""
    connection.sendall(whole.head(content_length=None) + whole.body)
    has_gone(connection, None)


_BOMB = gzip.compress(bytes(32 << 20))


def gzip_bomb(connection: socket.socket, whole: Whole) -> None:
    """Send a small body that becomes a huge one."""
    connection.sendall(whole.head(content_length=str(len(_BOMB)), content_encoding="gzip") + _BOMB)


def garbage(connection: socket.socket, whole: Whole) -> None:
    """Send what is no HTTP."""
    connection.sendall(random.Random(len(whole.body)).randbytes(500))


def garble(connection: socket.socket, whole: Whole) -> None:
    """Put noise into the body."""
    middle = len(whole.body) // 2
    connection.sendall(whole.head() + whole.body[:middle] + b'"\x00"' + whole.body[middle + 3 :])


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
    """Passes requests on to a server, and spoils those answers that a test chooses.

    Attributes:
        url: Its address.
        answers: How many answers it has passed or spoiled.
    """

    def __init__(self, upstream: str) -> None:
        self.url = ""
        self.answers = 0
        self._upstream = upstream.removeprefix("http://")
        self._toxic: Toxic | None = None
        self._first = self._last = 0
        self._lock = threading.Lock()

    def spoil(self, toxic: Toxic | None, first: int = 0, last: int = 1_000_000) -> None:
        """From now on, spoil the answers from the first to the last, counted from 0."""
        with self._lock:
            self.answers = 0
            self._toxic, self._first, self._last = toxic, first, last

    def talk(self, server: RawServer, connection: socket.socket) -> None:
        """Serve one connection."""
        while head := server.head(connection):
            whole = self._ask(head)
            with self._lock:
                toxic = self._toxic if self._first <= self.answers <= self._last else None
                self.answers += 1
            if toxic is not None:
                toxic(connection, whole)
                return
            connection.sendall(whole.sent())

    def _ask(self, head: bytes) -> Whole:
        line, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, path, _ = line.split(" ")
        headers = dict(one.split(": ", 1) for one in lines)
        with contextlib.closing(http.client.HTTPConnection(self._upstream, timeout=10)) as upstream:
            upstream.request(method, path, headers={"Authorization": headers["Authorization"]})
            response = upstream.getresponse()
            body = response.read()
        status = f"HTTP/1.1 {response.status} {response.reason}"
        return Whole(status, (*response.getheaders(), ("content-length", str(len(body)))), body)


@contextlib.contextmanager
def toxic_proxy(upstream: str) -> Iterator[ToxicProxy]:
    """A proxy for the length of a `with` block."""
    proxy = ToxicProxy(upstream)
    with raw_server(proxy.talk) as server:
        proxy.url = server.url
        yield proxy
