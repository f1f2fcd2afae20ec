"""A sandbox for each test, a small client for it, and a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from keap_sandbox import Sandbox

START = 1_795_000_000.0


class ManualClock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Reply:
    """A response."""

    status: int
    headers: Any
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class Client:
    """Calls a sandbox with its API key."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.session = requests.Session()

    def __call__(
        self,
        path: str,
        *,
        method: str = "GET",
        key: str | None = "",
        body: Any = None,
        headers: Any = None,
        **query: Any,
    ) -> Reply:
        """Send a request.

        Args:
            path: A path of the API without its base, or a control path.
            method: The HTTP method.
            key: The API key: empty for the sandbox's own, None to send none.
            body: The body, sent as JSON.
            headers: Further headers.
            **query: The query parameters.
        """
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("Authorization", f"Bearer {key or self.box.api_key}")
        prefix = "" if path.startswith(("/sandbox", "/crm", "/rest", "/token")) else "/crm/rest"
        answer = self.session.request(
            method,
            f"{self.box.url}{prefix}{path}",
            params=query,
            headers=sent,
            json=body,
            timeout=10,
            allow_redirects=False,
        )
        return Reply(answer.status_code, answer.headers, answer.content)

    def pages(self, path: str, items: str, **query: Any) -> list[list[Any]]:
        """Read all pages of a v2 list by their page tokens."""
        pages, token = [], ""
        for _ in range(200):
            reply = self(path, **query, **({"page_token": token} if token else {}))
            assert reply.status == 200, reply.raw
            pages.append(reply.body[items])
            token = reply.body.get("next_page_token") or ""
            if not token:
                return pages
        raise AssertionError(f"{path} has more than 200 pages")

    def close(self) -> None:
        self.session.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def box(clock: ManualClock) -> Iterator[Sandbox]:
    with Sandbox(contacts=200, switches={"limits": "off"}, clock=clock) as running:
        yield running


@pytest.fixture
def api(box: Sandbox) -> Iterator[Client]:
    client = Client(box)
    yield client
    client.close()
