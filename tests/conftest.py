"""One fixture for the sandbox, one for running the tap, and a look for secrets after every test."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import random
import re
import signal
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar
from unittest import mock

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Attempt, Reply
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.http import Limits
from tap_infusionsoft.client.prefetch import THREAD, Prefetcher
from tap_infusionsoft.client.signals import stopping
from tap_infusionsoft.errors import RunFailedError, TapError, exit_for, explain
from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tests import canary
from tests.canary import KEY
from tests.target import Target
from tests.virtual import VirtualClock
from tools.messages import is_listed

_NOT_OURS = re.compile(r"(?i)(https?|all|no)_proxy|TAP_INFUSIONSOFT_.*|LOGLEVEL|SINGER_SDK_LOG_CONFIG")
"""Environment variables that change what a tap does, and that whoever starts the tests may have set."""


def pytest_configure(config: pytest.Config) -> None:
    """Make no difference of how the tests were started: from a terminal, by cron, by nohup or in CI."""
    config.addinivalue_line("markers", "nightly: takes long, and runs with --nightly only")
    for name in filter(_NOT_OURS.fullmatch, [*os.environ]):
        del os.environ[name]
    # nohup lets its command ignore SIGHUP, and processes inherit that. A handler they do not inherit.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test after which a secret stands in its output, logs, errors or files, or a person in its logs."""
    report = yield
    found = [f"{leak} in {name}" for name, text in report.sections for leak in canary.leaks(text)]
    found += [f"a person in {name}" for name, text in report.sections if canary.PERSON in text]
    found += canary.RECORDER.leaks()
    folder = getattr(item, "funcargs", {}).get("tmp_path") if call.when == "call" else None
    if folder is not None:
        found += [f"a secret in {path.name}" for path in canary.leaking_files(folder)]
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = f"This must never be seen: {'; '.join(sorted(set(found)))}."
    return report


@pytest.fixture(scope="session", autouse=True)
def _ears() -> Iterator[None]:
    with canary.RECORDER.open():
        yield


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(
        seed=1, contacts=300, api_key=KEY, switches={"limits": "off", "quota_headers": "blank"}
    ) as box:
        yield box


@pytest.fixture
def config(keap: Sandbox) -> dict[str, Any]:
    keap.clear_faults()
    return {
        "api_key": KEY,
        "api_url": keap.url,
        "requests_per_second": 1000,
        "requests_per_minute": 1_000_000,
        "saved_searches": [],
    }


class Killed(BaseException):
    """The run was killed."""


def settle() -> None:
    """Return when the calls that a run has sent ahead are answered, although nobody takes the answers any more."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--nightly", action="store_true", help="run everything: every case where a sample is usual"
    )
    parser.addoption("--long", action="store_true", help="look for lost rows for hours")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the nightly tests out, and begin with the longest, so that no process waits for it in the end."""
    if not config.getoption("--nightly"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("nightly")])
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]
    items.sort(key=lambda item: "test_no_row_is_lost_whatever_happens" not in item.name)


T = TypeVar("T")


class Some(Protocol):
    """Picks cases to try: all of them at night, otherwise a sample."""

    def __call__(self, cases: Sequence[T], count: int) -> Sequence[T]:
        """Pick ``count`` of the cases, evenly spread, the first and the last among them."""


@pytest.fixture
def nightly(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--nightly"))


@pytest.fixture
def some(nightly: bool) -> Some:  # noqa: FBT001
    def pick(cases: Sequence[T], count: int) -> Sequence[T]:
        if nightly or len(cases) <= count:
            return cases
        return [cases[round(number * (len(cases) - 1) / (count - 1))] for number in range(count)]

    return pick


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A Keap account of 150 contacts, on the tests' clock, that is not in a hurry about its limits."""
    with Sandbox(
        seed=1,
        contacts=150,
        api_key=KEY,
        clock=clock.epoch,
        switches={"limits": "off", "quota_headers": "blank"},
    ) as sandbox:
        yield sandbox


@dataclass
class Run:
    """Runs the tap in this process, against one sandbox and one target, and keeps the state between runs."""

    box: Sandbox
    clock: VirtualClock
    target: Target = field(default_factory=Target)
    error: TapError | None = None
    caplog: pytest.LogCaptureFixture | None = None
    limits: Limits | None = None
    url: str | None = None
    concurrency: int | None = None

    def config(self, **settings: Any) -> dict[str, Any]:
        given = {
            "api_key": KEY,
            "api_url": self.url or self.box.url,
            "requests_per_second": 1_000_000,
            "requests_per_minute": 1_000_000,
            "saved_searches": [],
        }
        if self.concurrency is not None:
            given["concurrency"] = self.concurrency
        return given | settings

    def tap(
        self,
        state: dict[str, Any] | None = None,
        catalog: Any = None,
        discovers: Sequence[str] | None = None,
        **settings: Any,
    ) -> TapInfusionsoft:
        """A tap on the tests' clock; without a catalog, one that discovers all streams, or only the given ones."""

        class Tap(TapInfusionsoft):
            collections: ClassVar[Mapping[str, Collection]] = {
                name: one for name, one in COLLECTIONS.items() if discovers is None or name in discovers
            }

        return Tap(
            config=self.config(**settings),
            catalog=catalog,
            state=self.target.state if state is None else state,
            clock=self.clock,
            rng=random.Random(1),
            limits=self.limits,
        )

    def catalog(
        self,
        *streams: str,
        without: dict[str, list[str]] | None = None,
        others: bool = False,
        **settings: Any,
    ) -> dict[str, Any]:
        """Discover streams, and select them.

        Args:
            streams: The streams; without any, the catalog has all of the account, and none is selected.
            without: Stream -> columns that are deselected.
            others: Keep all other streams of the account in the catalog, deselected. Each run takes longer then.
            settings: Settings.
        """
        found = self.tap({}, discovers=None if others or not streams else streams, **settings).catalog_dict
        catalog = {
            "streams": [
                entry
                for entry in found["streams"]
                if others or not streams or entry["tap_stream_id"] in streams
            ]
        }
        for entry in catalog["streams"]:
            for meta in entry["metadata"]:
                if not meta["breadcrumb"]:
                    meta["metadata"]["selected"] = entry["tap_stream_id"] in streams
                elif meta["breadcrumb"][1] in (without or {}).get(entry["tap_stream_id"], ()):
                    meta["metadata"]["selected"] = False
        canary.assert_clean(json.dumps(catalog))
        return catalog

    def __call__(self, *streams: str, catalog: Any = None, fails: bool = False, **settings: Any) -> Target:
        """Run the tap once; with streams, only those."""
        if catalog is None and streams:
            catalog = self.catalog(*streams, **settings)
            self.box.clear_requests()
        self.error = None
        self.clock.waits.clear()
        stdout = io.StringIO()
        tap = None
        try:
            with contextlib.redirect_stdout(stdout):
                tap = self.tap(catalog=catalog, **settings)
                tap.sync_all()
        except TapError as error:
            self.error = error
        except KeapError as error:
            self.error = RunFailedError(explain(error), exit_for(error.fault))
        settle()
        canary.assert_clean(str(self.error), json.dumps(tap and tap.state))
        assert self.error is None or is_listed(str(self.error)), "the README does not list it"
        self.target.take(stdout.getvalue())
        assert (self.error is not None) is fails, self.error
        return self.target

    def cut_off(self, calls: int, catalog: Any, *, flushes: bool = False, **settings: Any) -> bool:
        """Run the tap, and kill it before it takes more than ``calls`` answers; some calls may be ahead of that.

        Args:
            calls: How many answers it may take.
            catalog: What it reads.
            flushes: Whether it gets round to its last words, as with SIGTERM; else it falls silent at once.
            settings: Settings.

        Returns:
            Whether it was killed; it may have come to its end before.
        """
        stdout = io.StringIO()
        tap = self.tap(catalog=catalog, **settings)
        fetch, sent, said = tap.account.client.fetch, 0, 0

        def last_calls(call: Call, first: Attempt | None = None) -> Reply:
            nonlocal sent, said
            if sent == calls:
                said = len(stdout.getvalue())
                raise Killed
            sent += 1
            return fetch(call, first)

        killed = False
        with mock.patch.object(tap.account.client, "fetch", last_calls), contextlib.redirect_stdout(stdout):
            try:
                tap.sync_all()
            except Killed:
                killed = True
        settle()
        lines = stdout.getvalue()
        canary.assert_clean(lines, json.dumps(tap.state))
        self.target.take(lines if flushes or not killed else lines[:said])
        return killed

    def says(self, text: str) -> bool:
        """Whether a warning or error of the last runs has this text."""
        assert self.caplog is not None
        return any(text in one.getMessage() for one in self.caplog.records if one.levelno >= logging.WARNING)

    @property
    def waits(self) -> list[float]:
        """The waits of the last run that were more than pacing."""
        return [wait for wait in self.clock.waits if wait >= 0.01]


@pytest.fixture
def quiet() -> Iterator[None]:
    """What a tap in this process changes of the process is put back."""
    factory = logging.getLogRecordFactory()
    handlers = {number: signal.getsignal(number) for number in stopping()}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    logging.setLogRecordFactory(factory)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked for ahead as if Keap were slow."""
    monkeypatch.setattr(Prefetcher, "useful", 99)


@pytest.fixture(params=[1, 4, 16], ids="{} at once".format)
def at_once(request: pytest.FixtureRequest, run: Run, eager: None) -> int:  # noqa: ARG001
    """A test that uses it runs with so many calls at once, each of these numbers."""
    run.concurrency = request.param
    return run.concurrency


@pytest.fixture
def run(box: Sandbox, clock: VirtualClock, caplog: pytest.LogCaptureFixture, quiet: None) -> Run:  # noqa: ARG001
    caplog.set_level(logging.INFO, logger="tap-infusionsoft")
    return Run(box, clock, caplog=caplog)
