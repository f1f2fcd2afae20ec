"""The sandbox inside a Python program: a server on its own thread, controlled by method calls."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from keap_sandbox.accounts import parse_account
from keap_sandbox.engine import DEFAULT_API_KEY, Engine
from keap_sandbox.http_server import RunningServer, serve
from keap_sandbox.records import plant, records
from keap_sandbox.responses import encode
from keap_sandbox.switches import Switches
from keap_sandbox.timestamps import iso_millis, parse_moment

__all__ = ["Sandbox"]

_T = TypeVar("_T")


class Sandbox:
    """A Keap account on localhost that lives as long as a `with` block.

    Methods may be called from any thread. Each runs on the server's thread, between two requests.
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
        accounts: Sequence[str] = (),
    ) -> None:
        """Create the sandbox; the `with` block or `start` starts its server.

        Args:
            seed: Selects the sample account.
            contacts: The number of contacts it has.
            api_key: The API key it accepts.
            switches: The switches to change, by name.
            clock: Returns the seconds since the epoch; real time by default.
            faults: Fault rules.
            accounts: Further accounts, such as `key=two,tenant=yy456.infusionsoft.com,name=Second`.

        Raises:
            BadAccountError: If a further account is described wrongly.
            BadSwitchError: If a switch doesn't exist or doesn't accept its value.
            BadRuleError: If a fault rule is wrong.
        """
        self.api_key = api_key
        self.url = ""
        chosen = Switches()
        chosen.update(dict(switches or {}))
        self._engine = Engine(
            seed=seed,
            contacts=contacts,
            api_key=api_key,
            switches=chosen,
            clock=clock,
            accounts=[parse_account(one) for one in accounts],
        )
        for rule in faults:
            self._engine.faults.add(dict(rule))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: RunningServer | None = None

    # -- starting and stopping -----------------------------------------------------------------------------

    def start(self) -> Self:
        """Start the server on a free port."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="keap-sandbox", daemon=True)
        thread.start()
        self._loop, self._thread = loop, thread
        self._server = asyncio.run_coroutine_threadsafe(serve(self._engine), loop).result(30)
        self.url = self._server.url
        return self

    def stop(self) -> None:
        """Stop the server; requests in progress are cut off."""
        loop, thread, server = self._loop, self._thread, self._server
        if loop is None or thread is None:
            return
        self._loop = None
        if server is not None:
            asyncio.run_coroutine_threadsafe(server.close(), loop).result(30)
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _do(self, work: Callable[[], _T]) -> _T:
        """Run a function on the server's thread and return its result."""
        if self._loop is None:
            return work()

        async def call() -> _T:
            return work()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(120)

    # -- reading -------------------------------------------------------------------------------------------

    @property
    def engine(self) -> Engine:
        """The sandbox without its server. Use it only while no request is in progress."""
        return self._engine

    def requests(self, path: str | None = None) -> list[dict[str, Any]]:
        """Return the log of API requests, oldest first.

        Args:
            path: Return only requests whose path contains this text.
        """
        found = self._do(lambda: [dict(entry) for entry in self._engine.log])
        return found if path is None else [entry for entry in found if path in entry["path"]]

    def records(
        self, collection: str, *, report_id: str | int = "", ids_only: bool = False, account: str = ""
    ) -> list[Any]:
        """Return every row of a collection with all its fields, to compare a copy with.

        Args:
            collection: The name of the collection; `GET /sandbox/records` lists them.
            report_id: The saved search, for the collection `report_rows`.
            ids_only: Return the ids instead of the rows.
            account: Key, tenant id or name of the account; the first one by default.

        Raises:
            BadRecordsError: If there is no such collection or saved search.
        """

        def work() -> bytes:
            # Copy by way of JSON: rows share parts, so a test that changed one would change others
            return encode(
                records(self._engine.account(account), collection, str(report_id), ids_only=ids_only)
            )

        rows: list[Any] = json.loads(self._do(work))
        return rows

    def oauth(self) -> dict[str, Any]:
        """Return the `refresh_token` that works, and counts of `refreshes`, `replays` and `exchanges`."""

        def work() -> dict[str, Any]:
            return self._engine.oauth.status()  # `oauth` is looked up here because a reset replaces it

        return self._do(work)

    def now(self) -> float:
        """Return the sandbox's time in seconds since the epoch."""
        return self._do(self._engine.clock.now)

    # -- changing ------------------------------------------------------------------------------------------

    def plant(
        self,
        collection: str,
        *,
        upsert: Sequence[Mapping[str, Any]] = (),
        delete: Iterable[object] = (),
        touch: bool = False,
        account: str = "",
    ) -> int:
        """Put rows into a collection or take rows out, past the API and its checks.

        Args:
            collection: The name of the collection.
            upsert: Rows to add or change, with the fields to set. A row without an id gets a new one.
            delete: Ids of rows to remove.
            touch: Set `update_time` of the rows, and `create_time` of new ones, as a write call would.
            account: Key, tenant id or name of the account; the first one by default.

        Returns:
            The number of rows that changed.

        Raises:
            BadRecordsError: If the collection or a row can't be planted.
        """
        rows, keys = [dict(row) for row in upsert], list(delete)
        return self._do(lambda: plant(self._engine.account(account), collection, rows, keys, touch=touch))

    def fault(self, rule: Mapping[str, Any] | Sequence[Mapping[str, Any]] | str, **settings: Any) -> None:
        """Make calls go wrong.

        Args:
            rule: A rule, a list of rules, or the name of a fault in the catalog.
            **settings: Further settings of the rule; ignored with a list of rules.

        Raises:
            BadRuleError: If a rule is wrong.
        """
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
        """Clear the request log."""
        self._do(self._engine.log.clear)

    def expire_tokens(self) -> None:
        """Expire every OAuth access token."""

        def work() -> None:
            self._engine.oauth.expire()

        self._do(work)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by a number of seconds."""
        self._do(lambda: self._engine.clock.advance(seconds))

    def set_clock(self, moment: str) -> None:
        """Set the clock to a date-time such as 2026-11-01T00:00:00Z.

        Raises:
            ValueError: If the text is not such a date-time.
        """
        millis = parse_moment(moment, bare_date=True)
        if millis is None:
            raise ValueError(f"{moment!r} is not a date-time")
        self._do(lambda: self._engine.clock.set(millis / 1000))

    def clock_text(self) -> str:
        """Return the sandbox's time as a date-time with milliseconds."""
        return self._do(lambda: iso_millis(self._engine.clock.millis()))

    def switch(self, **values: object) -> None:
        """Change switches.

        Args:
            **values: The new values, by the name of the switch.

        Raises:
            BadSwitchError: If a switch doesn't exist or doesn't accept its value; then none is changed.
        """
        self._do(lambda: self._engine.set_switches(values))

    def reset(self, *, seed: int | None = None, contacts: int | None = None) -> None:
        """Start over with a fresh sample account.

        Clears the request log, fault rules, counted calls and OAuth tokens. Switches and clock stay.

        Args:
            seed: Selects the sample account; by default the same as before.
            contacts: The number of contacts; by default as many as before.
        """
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
