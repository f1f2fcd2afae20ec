"""Servers on real sockets, with which a test controls every byte of a response."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]
"""Handles one connection of a server."""


class RawServer:
    """Handles every connection with a function that the test supplies.

    Attributes:
        url: URL of the server.
        heads: The request heads that it has read.
        connections: Number of connections so far.
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
        """Read the head of a request. Empty if the client has disconnected."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                return b""
            head += byte
        self.heads.append(head)
        return head

    def close(self) -> None:
        """Stop the server and close all connections."""
        for open_socket in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()
        for thread in self._threads:
            thread.join(10)


@contextlib.contextmanager
def raw_server(talk: Callable[[RawServer, socket.socket], None]) -> Iterator[RawServer]:
    """Run a server for the length of a `with` block."""
    server = RawServer(lambda connection: talk(server, connection))
    try:
        yield server
    finally:
        server.close()


def saying(*parts: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answer every request with these bytes until the client disconnects."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        while server.head(connection):
            for part in parts:
                connection.sendall(part)

    return talk


def closing(*parts: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answer one request with these bytes, then close the connection."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        server.head(connection)
        for part in parts:
            connection.sendall(part)

    return talk


def endless(start: bytes, again: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Send ``start``, then ``again`` over and over until the client disconnects."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        server.head(connection)
        connection.sendall(start)
        while True:
            connection.sendall(again)

    return talk


def dripping(start: bytes, drops: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Send ``start``, then the bytes of ``drops`` one by one, over and over, until the client disconnects."""

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
    """Wait until the client disconnects or sends something.

    Args:
        connection: The connection to the client.
        seconds: Longest wait; None to wait without a limit.

    Returns:
        False if the time is over and the client has done neither.
    """
    return bool(select.select([connection], [], [], seconds)[0])


def reset(connection: socket.socket) -> None:
    """Close a connection with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
