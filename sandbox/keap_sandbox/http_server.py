"""The HTTP server: log, faults, credential, quota, routing, in this order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from keap_sandbox.control import control
from keap_sandbox.faults.effects import Effect, FaultContext
from keap_sandbox.request import Request
from keap_sandbox.routing import canonical
from keap_sandbox.sending import send
from keap_sandbox.tables import mix

if TYPE_CHECKING:
    from keap_sandbox.engine import Engine
    from keap_sandbox.responses import Response

__all__ = ["Running", "serve"]


class _Handler:
    """Handles every request of a server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._count = 0

    async def __call__(self, http_request: web.BaseRequest) -> web.StreamResponse:
        body = await http_request.read()
        query = dict(http_request.query)
        if http_request.path == "/sandbox" or http_request.path.startswith("/sandbox/"):
            answer = control(self._engine, http_request.method, http_request.path, query, body)
            return await send(http_request, answer, Effect(), gzip=False)
        return await self._api(http_request, query, body)

    async def _api(
        self, http_request: web.BaseRequest, query: dict[str, str], body: bytes
    ) -> web.StreamResponse:
        engine = self._engine
        raw_query = http_request.rel_url.raw_query_string
        path = canonical(http_request.path)
        entry = engine.note(
            http_request.method,
            http_request.path,
            raw_query,
            query,
            sorted({str(name) for name in http_request.headers}),
        )
        scheme, _, token = http_request.headers.get("Authorization", "").partition(" ")
        scene = FaultContext(
            engine.switches,
            {},
            query.get("page_token", ""),
            token if scheme else http_request.headers.get("X-Keap-API-Key", ""),
        )
        hit = engine.faults.strike(
            http_request.method, (http_request.path, path), raw_query, query, scene, engine.clock.now()
        )
        effect = hit[1] if hit else Effect()
        if hit:
            entry["fault"] = hit[0].what.get("name") or "custom"
        if effect.delay or engine.switches.latency:
            await asyncio.sleep(effect.delay + engine.switches.latency)
        if effect.answer is not None:
            answer = effect.answer
            kind = engine.credential(http_request.headers)[0]
        else:
            lists = {name: http_request.query.getall(name) for name in http_request.query}
            base = f"{http_request.scheme}://{http_request.host}"
            request = Request(http_request.method, path, query, lists, body, base)
            answer, kind = engine.answer(request, http_request.headers)
            if effect.change:
                answer = effect.change(answer)
        self._dress(answer, kind, effect.gone)
        entry["status"] = answer.status
        return await send(http_request, answer, effect, gzip=engine.switches.gzip)

    def _dress(self, answer: Response, kind: str | None, gone: str) -> None:
        """Add the headers that every answer has; a fault's own headers win."""
        self._count += 1
        number = f"{mix(self._count):016x}"
        headers = self._engine.quota_headers(kind, gone)
        headers["x-request-id"] = f"{number[:8]}-{number[8:12]}-{number[12:]}"
        answer.headers = {**headers, **answer.headers}


class Running:
    """A server that answers, until it is closed."""

    def __init__(self, runner: web.ServerRunner, host: str, port: int) -> None:
        self._runner = runner
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self.port = port

    async def close(self) -> None:
        """Stop answering; calls that are under way are cut off."""
        await self._runner.cleanup()


async def serve(engine: Engine, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Start answering on a port; 0 finds a free one."""
    server = web.Server(_Handler(engine), keepalive_timeout=75)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    key_range = runner.addresses[0][1]
    return Running(runner, host, int(key_range))
