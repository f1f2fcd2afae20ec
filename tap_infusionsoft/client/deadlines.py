"""Connections on which every read ends at a deadline.

The time-outs of HTTP libraries are for single reads: a server that sends a byte now and then, in the headers of an
answer or in interim answers before it, would be listened to for ever.
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
    """When the exchange that is under way must be over. Each thread has one at a time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_thread = threading.local()

    def set(self, seconds: float) -> None:
        """Begin an exchange that may take so long."""
        self._of_thread.at = self._clock.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; none or fewer when it is over."""
        at: float = getattr(self._of_thread, "at", float("inf"))
        return at - self._clock.monotonic()


class _Reader(io.RawIOBase):
    """Reads from a socket, no longer than its time-out and the deadline allow."""

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
    """Sends requests to one host over such connections, and keeps so many for the next ones. Retries nothing."""

    def __init__(self, deadline: Deadline, connections: int = 1) -> None:
        self._pools = _pools(deadline)
        self._pool: ConnectionPool | None = None
        super().__init__(max_retries=0, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = self._pools

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:
        """Return the connections, which the library would look for in each call: to one host they are the same."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        """Return the pools of connections through a proxy."""
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    class Response(HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
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
