"""A server of contacts that costs next to nothing, as a process of its own: ``python -m tests.benchmarks.server``.

It serves `contacts` by page token or by id, after a delay if one is wanted, and Keap's limits: those of a
personal access token with Keap's headers, or a number of calls a second without. What it does not know it
refuses, and tells at
``/stats``, so that nothing is measured that was not served.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from tests.benchmarks import contacts
from tests.benchmarks.figures import ROOT, NotMeasuredError

CONTACTS = "/crm/rest/v2/contacts"
KEY_SECOND, KEY_MINUTE, KEY_DAY = 10, 240, 30_000
"""Keap's limits of a personal access token."""
_CRAWL = re.compile(r"contact_id>(\d+)")
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


class Served:
    """What the server has and what it was asked."""

    def __init__(self, count: int, delay: float, per_second: int, *, is_key: bool) -> None:
        self.count, self.delay, self.is_key = count, delay, is_key
        self.per_second = KEY_SECOND if is_key else per_second
        self.pages = self.refused = self.throttled = self.busiest = 0
        self.recent: deque[float] = deque()

    def answer(self, target: str) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers for an address."""
        parts = urlsplit(target)
        if parts.path == "/stats":
            stats = {name: getattr(self, name) for name in ("pages", "refused", "throttled", "busiest")}
            return 200, json.dumps(stats).encode(), {}
        if not self._admit(time.monotonic()):
            self.throttled += 1
            return 429, b'{"code":"429","message":"Quota Exceeded"}', self._headers()
        if parts.path == f"{CONTACTS}/model":
            return 200, json.dumps(contacts.model()).encode(), self._headers()
        if parts.path.endswith("/model"):
            return 200, b'{"custom_fields":[],"optional_properties":[]}', self._headers()
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        after = self._after(query)
        if parts.path != CONTACTS or after is None:
            self.refused += 1
            return 404, b'{"message":"this is not served here"}', {}
        self.pages += 1
        return 200, contacts.page(after, int(query.get("page_size", "1000")), self.count), self._headers()

    def _after(self, query: dict[str, str]) -> int | None:
        """The id behind which the page begins; None for a question that this server does not know."""
        wanted = query.get("filter", "")
        if wanted and (not _CRAWL.fullmatch(wanted) or query.get("order_by") != "id asc"):
            return None
        found = _CRAWL.fullmatch(wanted)
        return max(int(query.get("page_token") or 0), int(found[1]) if found else 0)

    def _admit(self, now: float) -> bool:
        while self.recent and self.recent[0] <= now - 60:
            self.recent.popleft()
        last = sum(1 for moment in self.recent if moment > now - 1)
        if (self.per_second and last >= self.per_second) or (self.is_key and len(self.recent) >= KEY_MINUTE):
            return False
        self.recent.append(now)
        self.busiest = max(self.busiest, last + 1)
        return True

    def _headers(self) -> dict[str, str]:
        if not self.is_key:
            return {}
        used = len(self.recent)
        headers = {"x-keap-product-spike-limit": f"{KEY_SECOND}ps"}
        for family, unit, limit in (("throttle", "minute", KEY_MINUTE), ("quota", "day", KEY_DAY)):
            values = {
                "limit": limit,
                "time-unit": unit,
                "interval": 1,
                "available": limit - used,
                "used": used,
            }
            headers |= {f"x-keap-product-{family}-{name}": str(value) for name, value in values.items()}
        return headers


class Connection(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            status, body, headers = self._served.answer(target)
            delay = self._served.delay if target.startswith(f"{CONTACTS}?") else 0.0
            asyncio.get_running_loop().call_later(delay, self._send, status, body, headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        assert self._transport is not None
        named = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self._transport.write(f"HTTP/1.1 {status} {_REASONS[status]}\r\n{lines}\r\n".encode() + body)


class Server:
    """The running server.

    Attributes:
        url: Its address.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self) -> dict[str, int]:
        """What it was asked."""
        with urlopen(f"{self.url}/stats", timeout=30) as answer:
            found: dict[str, int] = json.load(answer)
        return found

    def check(self) -> dict[str, int]:
        """See to it that it served what it was asked.

        Raises:
            NotMeasuredError: It refused something.
        """
        stats = self.stats()
        if stats["refused"] or stats["throttled"] or not stats["pages"]:
            raise NotMeasuredError(f"the server refused calls: {stats}")
        return stats


@contextmanager
def serving(count: int, *options: str) -> Iterator[Server]:
    """A server of so many contacts, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", str(count), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise NotMeasuredError("the server of contacts did not start")
        yield Server(url)
    finally:
        process.terminate()
        process.communicate(timeout=30)


async def _serve(served: Served) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(served), "127.0.0.1", 0, backlog=100)
    contacts.page(0, 1, 1)  # renders the rows
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contacts", type=int)
    parser.add_argument(
        "--delay", type=float, default=0.0, help="seconds until a page of contacts is answered"
    )
    parser.add_argument("--per-second", type=int, default=0, help="calls a second that are answered; 0: all")
    parser.add_argument(
        "--key", action="store_true", help="the limits and headers of a personal access token"
    )
    given: Any = parser.parse_args()
    asyncio.run(_serve(Served(given.contacts, given.delay, given.per_second, is_key=given.key)))


if __name__ == "__main__":
    main()
