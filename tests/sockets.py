"""Servers on real sockets that say what a test tells them to, byte by byte."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]
"""What a server does with a connection."""


class RawServer:
    """Answers every connection by a function of the test's.

    Attributes:
        url: Its address.
        heads: The request heads that it read.
        connections: How often it was connected to.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.heads: list[bytes] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError):
            self._talk(connection)
        self._open.discard(connection)

    def head(self, connection: socket.socket) -> bytes:
        """Read the head of a request; empty when the client has gone."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                return b""
            head += byte
        self.heads.append(head)
        return head

    def close(self) -> None:
        """Stop, and cut all connections."""
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)


@contextlib.contextmanager
def raw_server(talk: Callable[[RawServer, socket.socket], None]) -> Iterator[RawServer]:
    """A server for the length of a `with` block."""
    server = RawServer(lambda connection: talk(server, connection))
    try:
        yield server
    finally:
        server.close()


def saying(*parts: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answer every request by these bytes, and wait for the client to go."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        while server.head(connection):
            for part in parts:
                connection.sendall(part)

    return talk


def closing(*parts: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answer the first request by these bytes, and close the connection."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        server.head(connection)
        for part in parts:
            connection.sendall(part)

    return talk


def endless(start: bytes, again: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answer by ``start``, and by ``again`` until the client goes."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        server.head(connection)
        connection.sendall(start)
        while True:
            connection.sendall(again)

    return talk


def dripping(start: bytes, drops: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answer by ``start``, and then by single bytes, over and over, until the client goes."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        server.head(connection)
        connection.sendall(start)
        while True:
            for drop in drops:
                connection.sendall(bytes([drop]))
                if has_gone(connection, 0.005):
                    return

    return talk


def has_gone(connection: socket.socket, seconds: float | None) -> bool:
    """Whether the client goes, or says more, within some time."""
    return bool(select.select([connection], [], [], seconds)[0])


def reset(connection: socket.socket) -> None:
    """End a connection by a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
