"""Connections on which every read ends at a deadline.

The timeouts of HTTP libraries apply to single reads. A server that sends a byte now and then, in the headers
of an answer or in interim answers before it, could keep us listening forever.
"""

from __future__ import annotations

import io
import threading
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket

    from typing_extensions import Buffer
    from urllib3 import PoolManager, ProxyManager
    from urllib3.connectionpool import ConnectionPool

    from tap_infusionsoft.client.clock import Clock


class Deadline:
    """When the current exchange must be over. Each thread has its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_thread = threading.local()

    def set(self, seconds: float) -> None:
        """Start an exchange that may take this many seconds."""
        self._of_thread.at = self._clock.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; 0 or less when the time is over."""
        at: float = getattr(self._of_thread, "at", float("inf"))
        return at - self._clock.monotonic()


class _Reader(io.RawIOBase):
    """Reads from a socket, for as long as its timeout and the deadline allow."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._raw = raw
        self._socket = sock
        self._timeout = sock.gettimeout()
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self._socket.settimeout(left if self._timeout is None else min(left, self._timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimedAdapter(HTTPAdapter):
    """Sends requests to one host over such connections. Never retries."""

    def __init__(self, deadline: Deadline, connections: int = 1) -> None:
        """Create an adapter.

        Args:
            deadline: The deadline of each thread's exchange.
            connections: Connections to keep open.
        """
        self._pools = _pools(deadline)
        self._pool: ConnectionPool | None = None
        super().__init__(max_retries=0, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pools of connections."""
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = self._pools

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:
        """Return the pool, which is always the same for one host.

        Looking it up for each call, as requests 2.34 does, would add a fifth to the CPU time of a call.
        """
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        """Return the pools of connections through a proxy."""
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    """Return the classes of pools whose connections keep to a deadline, by URL scheme."""

    class Response(HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            # `fp` is undocumented. In Python 3.11 to 3.13, it is the only way to the socket: status line,
            # headers and body are all read from it. tests/client/test_hostile.py fails if that changes.
            self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, deadline))

    class Plain(HTTPConnection):
        response_class = Response

    class Secure(HTTPSConnection):
        response_class = Response

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
