"""A mock of Keap made from its own document: prism, behind a small proxy that fixes what prism cannot know.

Prism serves the documented paths only. It does not know v1 or anything newer than the document, and every
page that it returns announces another one.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from aiohttp import ClientSession, web
from yarl import URL

from tests.sandbox import reference

START_SECONDS = 60

OWN_RESPONSES: dict[str, Any] = {
    "/v1/appointments": {
        "appointments": [
            {
                "contact_id": 8,
                "description": "About the offer",
                "end_date": "2026-01-15T10:00:00.000Z",
                "location": "At the office",
                "remind_time": 30,
                "start_date": "2026-01-15T09:00:00.000Z",
                "title": "Meeting",
                "user": 3,
            }
        ],
        "count": 1,
        "next": "",
        "previous": "",
    },
    r"/v1/affiliates/[^/]+/clawbacks": {
        "clawbacks": [
            {
                "amount": 12.5,
                "contact_id": 8,
                "date_earned": "2026-01-15T09:00:00.000+0000",
                "description": "Refund",
                "family_name": "Doe",
                "given_name": "Jo",
                "invoice_id": 15,
                "product_name": "Lamp",
                "sale_affiliate_id": 2,
            }
        ],
        "count": 1,
        "next": "",
        "previous": "",
    },
    "/v2/tags/-/contacts": {
        "contacts": [{"contact_id": "8", "tag_id": "91", "applied_at": "2026-01-15T09:00:00.000Z"}],
        "next_page_token": "",
    },
    r"/v2/tags/[^/]+/contacts/count": {"count": 7},
    "/v2/taskAppointments": {
        "taskAppointments": [
            {
                "id": "5",
                "title": "Meeting",
                "contact_id": "8",
                "start_time": "2026-01-15T09:00:00Z",
                "end_time": "2026-01-15T10:00:00Z",
            }
        ],
        "next_page_token": "",
    },
}
"""Pattern of a path -> response, for v1 and for endpoints newer than the document."""

TOKENS = {"next_page_token", "page_token"}


class Mock:
    """The proxy, on its own thread. It takes the place of the sandbox."""

    def __init__(self, upstream: str, *, bare: bool = False) -> None:
        """Set up the proxy.

        Args:
            upstream: URL of prism.
            bare: Replace every object and list inside a row by null.
        """
        self.url = ""
        self.violations: list[str] = []
        """What prism found wrong with the calls."""
        self._bare = bare
        self._upstream = upstream
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="prism-proxy", daemon=True)
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None

    def clear_requests(self) -> None:
        """Forget the calls before each run, as a sandbox does."""
        self.violations.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(30)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    async def _start(self) -> None:
        self._client = ClientSession(auto_decompress=True)
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._respond)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        port = _free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}"

    async def _stop(self) -> None:
        assert self._runner is not None
        assert self._client is not None
        await self._runner.cleanup()
        await self._client.close()

    async def _respond(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/crm/rest")
        for pattern, own in OWN_RESPONSES.items():
            if re.fullmatch(pattern, path):
                return web.json_response(own)
        assert self._client is not None
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        url = f"{self._upstream}/rest{request.rel_url.raw_path.removeprefix('/crm/rest')}{query}"
        headers = {"Authorization": request.headers["Authorization"], "Accept": request.headers["Accept"]}
        async with self._client.request(request.method, URL(url, encoded=True), headers=headers) as theirs:
            body = await theirs.read()
            for violation in json.loads(theirs.headers.get("sl-violations", "[]")):
                side, *place = violation["location"]
                if side == "request":
                    self.violations.append(f"{'.'.join(place)}: {violation['message']}")
            return web.Response(
                status=theirs.status,
                body=_fixed(body, by_id=request.query.get("order_by") == "id asc", bare=self._bare),
                content_type=theirs.content_type,
            )


def _fixed(body: bytes, *, by_id: bool, bare: bool) -> bytes:
    """Fix a response of prism.

    Args:
        body: The response. Its page tokens are removed, because they are the same on every page.
        by_id: Number the rows, as the request asks for order by id.
        bare: Replace every object and list inside a row by null.
    """
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if not isinstance(document, dict):
        return body
    for name in TOKENS & document.keys():
        document[name] = ""
    for rows in document.values():
        objects = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        for number, row in enumerate(objects, 1):
            if by_id:
                row["id"] = str(number)
            if bare:
                row.update({name: None for name, value in row.items() if isinstance(value, dict | list)})
    return json.dumps(document).encode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def prism(executable: str, *options: str, bare: bool = False) -> Iterator[Mock]:
    """Run prism with Keap's document, and the proxy before it.

    Args:
        executable: Path of prism.
        *options: More command-line options for prism.
        bare: Replace every object and list inside a row by null.
    """
    port = _free_port()
    document = reference.FOLDER / "openapi" / "keap-v2-2026-08-20.yml"
    with subprocess.Popen(
        [executable, "mock", "--port", str(port), *options, str(document)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        ready = threading.Event()
        reader = threading.Thread(target=_drain, args=(process, ready), daemon=True)
        reader.start()
        try:
            assert ready.wait(START_SECONDS), "prism did not start"
            assert process.poll() is None, "prism exited"
            with Mock(f"http://127.0.0.1:{port}", bare=bare) as mock:
                yield mock
        finally:
            process.terminate()
            process.wait(START_SECONDS)
            reader.join(START_SECONDS)


def _drain(process: subprocess.Popen[str], ready: threading.Event) -> None:
    """Read prism's output, so that it does not block on a full pipe."""
    assert process.stdout is not None
    for line in process.stdout:
        if "is listening" in line:
            ready.set()
    ready.set()
