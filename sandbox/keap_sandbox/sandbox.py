"""The sandbox inside a test: a server on a thread of its own, controlled by direct calls."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

from keap_sandbox.engine import DEFAULT_API_KEY, Engine
from keap_sandbox.http_server import Running, serve
from keap_sandbox.records import plant, records
from keap_sandbox.responses import encode
from keap_sandbox.switches import Switches
from keap_sandbox.timestamps import iso_millis, parse_moment

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Sandbox"]

_T = TypeVar("_T")


class Sandbox:
    """A Keap account on localhost, for the length of a `with` block.

    Every method may be called from any thread; each runs on the server's own thread, between two requests.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        contacts: int = 2000,
        api_key: str = DEFAULT_API_KEY,
        switches: Mapping[str, object] | None = None,
        clock: Callable[[], float] | None = None,
        faults: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Describe the sandbox; it starts with the `with` block, or with `start`.

        Args:
            seed: Chooses the made-up account.
            contacts: How many contacts it has.
            api_key: The key that it accepts.
            switches: Behaviour that differs from the defaults, by name.
            clock: What time it is, in seconds since the epoch; without it, real time.
            faults: Fault rules from the start.
        """
        self.api_key = api_key
        self.url = ""
        chosen = Switches()
        chosen.update(dict(switches or {}))
        self._engine = Engine(seed=seed, contacts=contacts, api_key=api_key, switches=chosen, clock=clock)
        for rule in faults:
            self._engine.faults.add(dict(rule))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._running: Running | None = None

    # -- life ----------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start answering."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="keap-sandbox", daemon=True)
        thread.start()
        self._loop, self._thread = loop, thread
        self._running = asyncio.run_coroutine_threadsafe(serve(self._engine), loop).result(30)
        self.url = self._running.url
        return self

    def stop(self) -> None:
        """Stop answering; calls under way are cut off."""
        loop, thread, running = self._loop, self._thread, self._running
        if loop is None or thread is None:
            return
        self._loop = None
        if running is not None:
            asyncio.run_coroutine_threadsafe(running.close(), loop).result(30)
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _do(self, work: Callable[[], _T]) -> _T:
        """Run something on the server's thread."""
        if self._loop is None:
            return work()

        async def call() -> _T:
            return work()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(120)

    # -- looking -------------------------------------------------------------------------------------------

    @property
    def engine(self) -> Engine:
        """The sandbox behind the server; use it only while no request is under way."""
        return self._engine

    def requests(self, path: str | None = None) -> list[dict[str, Any]]:
        """The API calls so far; with `path`, those whose path contains it."""
        found = self._do(lambda: [dict(entry) for entry in self._engine.log])
        return found if path is None else [entry for entry in found if path in entry["path"]]

    def records(self, collection: str, *, report_id: str | int = "", ids_only: bool = False) -> list[Any]:
        """All rows of a collection, in full: the truth that a copy is compared with."""

        def work() -> bytes:
            # A copy, by way of JSON: rows share parts with each other, which a test must not change
            return encode(records(self._engine.world.account, collection, str(report_id), ids_only=ids_only))

        rows: list[Any] = json.loads(self._do(work))
        return rows

    def oauth(self) -> dict[str, Any]:
        """The refresh token that works now, the `refreshes` so far, and the `replays` of spent ones."""

        def work() -> dict[str, Any]:
            return self._engine.oauth.status()  # looked up on the server's thread: a reset replaces it

        return self._do(work)

    def now(self) -> float:
        """The sandbox's time, in seconds since the epoch."""
        return self._do(self._engine.clock.now)

    # -- changing ------------------------------------------------------------------------------------------

    def plant(
        self,
        collection: str,
        *,
        upsert: Sequence[Mapping[str, Any]] = (),
        delete: Iterable[object] = (),
        touch: bool = False,
    ) -> int:
        """Put rows in as they are, or take rows out; `touch` sets update_time. Returns how many changed."""
        rows, keys = [dict(row) for row in upsert], list(delete)
        return self._do(lambda: plant(self._engine.world.account, collection, rows, keys, touch=touch))

    def fault(self, rule: Mapping[str, Any] | Sequence[Mapping[str, Any]] | str, **settings: Any) -> None:
        """Add a fault rule, a list of them, or a fault of the catalogue by name with settings."""
        if isinstance(rule, str):
            raw: object = {"name": rule, **settings}
        elif isinstance(rule, Mapping):
            raw = {**rule, **settings}
        else:
            raw = [dict(one) for one in rule]
        self._do(lambda: self._engine.faults.add(raw))

    def clear_faults(self) -> None:
        """Remove all fault rules."""
        self._do(self._engine.faults.clear)

    def clear_requests(self) -> None:
        """Empty the log."""
        self._do(self._engine.log.clear)

    def expire_tokens(self) -> None:
        """End every OAuth access token."""

        def work() -> None:
            self._engine.oauth.expire()

        self._do(work)

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._do(lambda: self._engine.clock.advance(seconds))

    def set_clock(self, moment: str) -> None:
        """Set the clock to a date-time like 2026-11-01T00:00:00Z."""
        millis = parse_moment(moment, bare_date=True)
        if millis is None:
            msg = f"{moment!r} is not a date-time"
            raise ValueError(msg)
        self._do(lambda: self._engine.clock.set(millis / 1000))

    def clock_text(self) -> str:
        """The sandbox's time as text."""
        return self._do(lambda: iso_millis(self._engine.clock.millis()))

    def switch(self, **values: object) -> None:
        """Set switches while running."""
        self._do(lambda: self._engine.set_switches(values))

    def reset(self, *, seed: int | None = None, contacts: int | None = None) -> None:
        """Begin anew with the seed account: log, faults, quota and tokens too; switches and clock stay."""
        engine = self._engine
        self._do(
            lambda: engine.start(
                engine.seed if seed is None else seed, engine.contacts if contacts is None else contacts
            )
        )


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
