"""A server of contacts that uses next to no CPU. Run it with `python -m tests.benchmarks.server`.

It serves `contacts` by page token or by id, and the last one alone, optionally after a delay, and as many
`orders` likewise. It can enforce
the limits of a personal access token, with Keap's headers, or a number of calls per second without headers.
It refuses requests that it does not know, and counts them in `/stats`, so that no figure comes from a run
with refused requests.
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

from tests.benchmarks import contacts, orders
from tests.benchmarks.figures import ROOT, NotMeasuredError

CONTACTS = "/crm/rest/v2/contacts"
ORDERS = "/crm/rest/v2/orders"
_ROWS = {CONTACTS: contacts.rendered, ORDERS: orders.rendered}
"""Path of a collection -> its rows, before and after their ids."""
KEY_SECOND, KEY_MINUTE, KEY_DAY = 10, 240, 30_000
"""Keap's limits for a personal access token."""
TENANT = "xx123.infusionsoft.com"
"""The account, which Keap names in every answer."""
_CRAWL = re.compile(r"(?:contact_)?id>(\d+)")
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


def page(path: str, last_id: int, size: int, count: int) -> bytes:
    """Return the page that follows a row.

    Args:
        path: Path of the collection.
        last_id: Id of the last row of the previous page; 0 for the first page.
        size: Most rows of the page.
        count: Number of rows in the account.
    """
    rendered = _ROWS[path]()
    last = min(last_id + size, count)
    rows = []
    for number in range(last_id + 1, last + 1):
        before, after = rendered[number % len(rendered)]
        rows.append(b"%b%d%b" % (before, number, after))
    token = str(last) if last < count else ""
    items = path.rpartition("/")[2]
    return b'{"%b":[%b],"next_page_token":"%b"}' % (items.encode(), b",".join(rows), token.encode())


class FakeKeap:
    """The contacts that the server has, and its count of requests."""

    def __init__(self, count: int, delay: float, per_second: int, *, is_key: bool) -> None:
        """Nothing has been requested yet.

        Args:
            count: Number of contacts.
            delay: Seconds until a page of contacts is answered.
            per_second: Calls per second that are answered; 0 for any number.
            is_key: Whether to enforce the limits of a personal access token instead, and send its headers.
        """
        self.count, self.delay, self.is_key = count, delay, is_key
        self.per_second = KEY_SECOND if is_key else per_second
        self.pages = self.refused = self.throttled = self.busiest = 0
        self.recent: deque[float] = deque()

    def answer(self, target: str) -> tuple[int, bytes, dict[str, str]]:
        """Return the status, body and headers of the response to a request."""
        parts = urlsplit(target)
        if parts.path == "/stats":
            stats = {name: getattr(self, name) for name in ("pages", "refused", "throttled", "busiest")}
            return 200, json.dumps(stats).encode(), {}
        if not self._admit(time.monotonic()):
            self.throttled += 1
            return 429, b'{"code":"429","message":"Quota Exceeded"}', self._headers()
        if parts.path == f"{CONTACTS}/model":
            return 200, json.dumps(contacts.model()).encode(), self._headers()
        if parts.path == f"{ORDERS}/model":
            return 200, json.dumps(orders.model()).encode(), self._headers()
        if parts.path.endswith("/model"):
            return 200, b'{"custom_fields":[],"optional_properties":[]}', self._headers()
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        last_id = self._last_id(query)
        if parts.path not in _ROWS or last_id is None:
            self.refused += 1
            return 404, b'{"message":"this is not served here"}', {}
        self.pages += 1
        return (
            200,
            page(parts.path, last_id, int(query.get("page_size", "1000")), self.count),
            self._headers(),
        )

    def _last_id(self, query: dict[str, str]) -> int | None:
        """Return the id that the page comes after; None for a query that this server does not know."""
        condition = query.get("filter", "")
        if query.get("order_by") == "id desc" and query.get("page_size") == "1" and not condition:
            return max(self.count - 1, 0)  # the page of the last contact alone
        if condition and (not _CRAWL.fullmatch(condition) or query.get("order_by") != "id asc"):
            return None
        found = _CRAWL.fullmatch(condition)
        return max(int(query.get("page_token") or 0), int(found[1]) if found else 0)

    def _admit(self, now: float) -> bool:
        """Return False if a call exceeds the limits; otherwise count it. `now` is in seconds."""
        while self.recent and self.recent[0] <= now - 60:
            self.recent.popleft()
        in_last_second = sum(1 for moment in self.recent if moment > now - 1)
        if (self.per_second and in_last_second >= self.per_second) or (
            self.is_key and len(self.recent) >= KEY_MINUTE
        ):
            return False
        self.recent.append(now)
        self.busiest = max(self.busiest, in_last_second + 1)
        return True

    def _headers(self) -> dict[str, str]:
        headers = {"x-keap-tenant-id": TENANT}
        if not self.is_key:
            return headers
        used = len(self.recent)
        headers["x-keap-product-spike-limit"] = f"{KEY_SECOND}ps"
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
    """A keep-alive connection."""

    def __init__(self, keap: FakeKeap) -> None:
        self._keap = keap
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            status, body, headers = self._keap.answer(target)
            delay = self._keap.delay if target.startswith(f"{CONTACTS}?") else 0.0
            asyncio.get_running_loop().call_later(delay, self._send, status, body, headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        assert self._transport is not None
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._transport.write(f"HTTP/1.1 {status} {_REASONS[status]}\r\n{lines}\r\n".encode() + body)


class Server:
    """A running server.

    Attributes:
        url: Its URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self) -> dict[str, int]:
        """Return its counts: `pages`, `refused`, `throttled`, and `busiest`, the most calls in one second."""
        with urlopen(f"{self.url}/stats", timeout=30) as answer:
            found: dict[str, int] = json.load(answer)
        return found

    def check(self) -> dict[str, int]:
        """Check that it served pages and refused nothing.

        Returns:
            Its counts, like `stats`.

        Raises:
            NotMeasuredError: It served no page, or refused a call.
        """
        stats = self.stats()
        if stats["refused"] or stats["throttled"] or not stats["pages"]:
            raise NotMeasuredError(f"the server refused calls: {stats}")
        return stats


@contextmanager
def serving(count: int, *options: str) -> Iterator[Server]:
    """Run a server in its own process for the duration of a `with` block.

    Args:
        count: Number of contacts.
        *options: Command line options of this module.
    """
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
            raise NotMeasuredError("the contacts server did not start")
        yield Server(url)
    finally:
        process.terminate()
        process.communicate(timeout=30)


async def _serve(keap: FakeKeap) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(keap), "127.0.0.1", 0, backlog=100)
    for path in _ROWS:
        page(path, 0, 1, 1)  # renders the rows before the first request
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contacts", type=int)
    parser.add_argument(
        "--delay", type=float, default=0.0, help="seconds until a page of contacts is answered"
    )
    parser.add_argument(
        "--per-second", type=int, default=0, help="calls per second that are answered; 0: all"
    )
    parser.add_argument(
        "--key",
        action="store_true",
        help="enforce the limits of a personal access token, and send its headers",
    )
    options: Any = parser.parse_args()
    asyncio.run(_serve(FakeKeap(options.contacts, options.delay, options.per_second, is_key=options.key)))


if __name__ == "__main__":
    main()
