"""The HTTP server.

A request passes the log, the fault rules, the check of credential and limits, and the routing, in this order.
Requests to the control paths pass none of them.
"""

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
from keap_sandbox.xmlrpc.calls import LEGACY_PATHS, PATHS, read_call

if TYPE_CHECKING:
    from keap_sandbox.engine import Caller, Engine
    from keap_sandbox.responses import Response

__all__ = ["RunningServer", "serve"]


class _Handler:
    """Handles all requests of a server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._count = 0

    async def __call__(self, http_request: web.BaseRequest) -> web.StreamResponse:
        body = await http_request.read()
        query = dict(http_request.query)
        if http_request.path == "/sandbox" or http_request.path.startswith("/sandbox/"):
            response = control(self._engine, http_request.method, http_request.path, query, body)
            return await send(http_request, response, Effect(), gzip=False)
        return await self._api(http_request, query, body)

    async def _api(
        self, http_request: web.BaseRequest, query: dict[str, str], body: bytes
    ) -> web.StreamResponse:
        engine = self._engine
        method, raw_query = http_request.method, http_request.rel_url.raw_query_string
        path = canonical(http_request.path)
        header_names = sorted({str(name) for name in http_request.headers})
        entry = engine.log_request(method, http_request.path, raw_query, query, header_names)
        scheme, _, token = http_request.headers.get("Authorization", "").partition(" ")
        access_token = query.get("access_token", "")
        credential = token if scheme else http_request.headers.get("X-Keap-API-Key", "") or access_token
        call = read_call(body) if method == "POST" and path in (*PATHS, *LEGACY_PATHS) else None
        if call is not None:
            entry["rpc"] = call.logged({*engine.keys, credential})
        context = FaultContext(engine.switches, {}, query.get("page_token", ""), credential, call)
        paths = (http_request.path, path)
        hit = engine.faults.fault_of(method, paths, raw_query, query, context, engine.clock.now())
        effect = hit[1] if hit else Effect()
        if hit:
            entry["fault"] = hit[0].what.get("name") or "custom"
        if effect.delay or engine.switches.latency:
            await asyncio.sleep(effect.delay + engine.switches.latency)
        if effect.response is not None:
            response = effect.response
            caller = engine.authenticate(http_request.headers, access_token)[0]
        else:
            lists = {name: http_request.query.getall(name) for name in http_request.query}
            base = f"{http_request.scheme}://{http_request.host}"
            request = Request(method, path, query, lists, body, base)
            response, caller = engine.answer(request, http_request.headers, call)
            if effect.change:
                response = effect.change(response)
        self._add_headers(response, caller, effect.exhausted)
        entry["status"] = response.status
        return await send(http_request, response, effect, gzip=engine.switches.gzip)

    def _add_headers(self, response: Response, caller: Caller | None, exhausted: str) -> None:
        """Add the headers that every response has; those that a fault sets win."""
        self._count += 1
        number = f"{mix(self._count):016x}"
        headers = self._engine.account_headers(caller, exhausted)
        headers["x-request-id"] = f"{number[:8]}-{number[8:12]}-{number[12:]}"
        response.headers = {**headers, **response.headers}


class RunningServer:
    """A server that answers until it is closed."""

    def __init__(self, runner: web.ServerRunner, host: str, port: int) -> None:
        """Describe a server that has been started.

        Args:
            runner: The aiohttp server.
            host: The address that it listens on.
            port: The port that it listens on.
        """
        self._runner = runner
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self.port = port

    async def close(self) -> None:
        """Stop answering; requests in progress are cut off."""
        await self._runner.cleanup()


async def serve(engine: Engine, host: str = "127.0.0.1", port: int = 0) -> RunningServer:
    """Start a server.

    Args:
        engine: What answers the requests.
        host: The address to listen on.
        port: The port to listen on; 0 picks a free one.

    Raises:
        OSError: If the address or the port can't be used.
    """
    server = web.Server(_Handler(engine), keepalive_timeout=75)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound_port = runner.addresses[0][1]
    return RunningServer(runner, host, int(bound_port))
