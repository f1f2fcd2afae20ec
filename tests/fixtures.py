"""Fixtures: a sandbox, and a tap to run against it. After every test its traces are searched for secrets."""

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
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar
from unittest import mock

import hypothesis
import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.client.client import Attempt, Reply
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.http import Limits, Transport
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
"""Environment variables of the developer that would change what a tap does."""


hypothesis.settings.register_profile("without shrinking", phases=[hypothesis.Phase.generate])


def pytest_configure(config: pytest.Config) -> None:
    """Run alike wherever the tests are started: in a terminal, behind nohup, by cron or in CI."""
    config.addinivalue_line("markers", "nightly: takes long, and runs with --nightly only")
    if config.getoption("--nightly"):
        hypothesis.settings.register_profile("nightly", max_examples=300)
        hypothesis.settings.load_profile("nightly")
    for name in filter(_NOT_OURS.fullmatch, [*os.environ]):
        del os.environ[name]
    os.environ["TERM"] = "dumb"  # no display of progress if the tests are not captured
    # A program started by nohup ignores SIGHUP, one that a script starts in the background SIGINT, and so do
    # their children. They do not inherit a handler.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that leaves a secret in its output, logs, errors or files, or personal data in its logs."""
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
def _recorder() -> Iterator[None]:
    with canary.RECORDER.open():
        yield


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(
        seed=1,
        contacts=300,
        api_key=KEY,
        switches={"limits": "off", "quota_headers": "blank", "pipelines": "v2"},
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
        "requests_per_hour": 1_000_000,
        "refresh": "full",
        "saved_searches": [],
    }


class Killed(BaseException):
    """The run was killed."""


@contextlib.contextmanager
def before_each_answer(tap: TapInfusionsoft, function: Callable[[int], None]) -> Iterator[None]:
    """Call a function whenever the tap is about to take an answer from its client.

    Args:
        tap: The tap.
        function: Gets the number of answers taken before. It may raise `Killed`.
    """
    client, taken = tap.account.client, 0
    fetch = client.fetch

    def fetch_after_function(call: Call, first: Attempt | None = None) -> Reply:
        nonlocal taken
        function(taken)
        taken += 1
        return fetch(call, first)

    with mock.patch.object(client, "fetch", fetch_after_function):
        yield


@dataclass(frozen=True)
class Around:
    """A transport that leaves each call to a function, which may send it.

    Attributes:
        transport: Sends calls.
        function: Takes a call and what sends it, and returns the answer.
    """

    transport: Transport
    function: Callable[[Call, Callable[[Call], Answer]], Answer]

    @property
    def limits(self) -> Limits:
        return self.transport.limits

    def send(self, call: Call) -> Answer:
        return self.function(call, self.transport.send)


def settle() -> None:
    """Wait until all prefetched calls of a run are answered, although nobody takes the answers anymore."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--nightly", action="store_true", help="run all tests, and try every case instead of a sample"
    )
    parser.addoption("--long", action="store_true", help="let the state machine look for lost rows for hours")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out nightly tests, and start with the longest, so that no process waits for it at the end."""
    if not config.getoption("--nightly"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("nightly")])
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]
    items.sort(key=lambda item: "test_no_row_is_lost_whatever_happens" not in item.name)


T = TypeVar("T")


class Some(Protocol):
    """Picks the cases to try: a sample, or all of them with --nightly."""

    def __call__(self, cases: Sequence[T], count: int) -> Sequence[T]:
        """Pick ``count`` cases, evenly spread, including the first and the last."""


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
    """A Keap account with 150 contacts and without rate limits, on the clock of the test."""
    with Sandbox(
        seed=1,
        contacts=150,
        api_key=KEY,
        clock=clock.epoch,
        switches={"limits": "off", "quota_headers": "blank", "pipelines": "v2"},
    ) as sandbox:
        yield sandbox


@dataclass
class Run:
    """Runs the tap in this process against one sandbox and one target, and keeps the state between runs."""

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
            "requests_per_hour": 1_000_000,
            "refresh": "full",  # most tests are about one run
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
        """Create a tap; without a catalog it discovers all streams, or only those in ``discovers``."""

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
            others: Keep all other streams of the account in the catalog, deselected. Each run takes longer
                then.
            settings: Settings.
        """
        found = self.tap({}, discovers=None if others or not streams else streams, **settings).catalog_dict
        canary.assert_clean(json.dumps(found))
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
        return catalog

    def __call__(self, *streams: str, catalog: Any = None, fails: bool = False, **settings: Any) -> Target:
        """Run the tap once, with the given catalog, the given streams, or everything."""
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
        assert self.error is None or is_listed(str(self.error)), "docs/troubleshooting.md does not list it"
        self.target.take(stdout.getvalue())
        if (self.error is not None) is not fails:
            records = self.caplog.records if self.caplog is not None else []
            errors = [one for one in records if one.levelno >= logging.ERROR]
            # The sandbox logs an exception of its own as such, and the tap sees a server error.
            reasons = [f"{one.exc_info[1]!r}" if one.exc_info else one.getMessage() for one in errors]
            said = "\n".join([*dict.fromkeys(reasons), str(self.error)])
            pytest.fail("the run should have failed" if fails else f"the run failed:\n{said}")
        return self.target

    def cut_off(self, answers: int, catalog: Any, *, flushes: bool = False, **settings: Any) -> bool:
        """Run the tap, and kill it before it takes more answers than given; more may be prefetched by then.

        Args:
            answers: How many answers the tap may take.
            catalog: The catalog.
            flushes: Let the tap write a last STATE, as after SIGTERM; otherwise nothing is written after the
                kill.
            settings: Settings.

        Returns:
            Whether the tap was killed; it may have finished before.
        """
        stdout = io.StringIO()
        tap = self.tap(catalog=catalog, **settings)
        written: int | None = None

        def kill(taken: int) -> None:
            nonlocal written
            if taken == answers:
                written = len(stdout.getvalue())
                raise Killed

        with before_each_answer(tap, kill), contextlib.redirect_stdout(stdout), contextlib.suppress(Killed):
            tap.sync_all()
        settle()
        canary.assert_clean(stdout.getvalue(), json.dumps(tap.state))
        self.target.take(stdout.getvalue()[: None if flushes else written])
        return written is not None

    def says(self, text: str) -> bool:
        """Tell whether any run so far logged a warning or error with this text."""
        assert self.caplog is not None
        return any(text in one.getMessage() for one in self.caplog.records if one.levelno >= logging.WARNING)

    @property
    def waits(self) -> list[float]:
        """The waits of the last run in seconds, except those of the rate limit."""
        return [wait for wait in self.clock.waits if wait >= 0.01]


def calls(run: Run) -> int:
    """The number of calls since the last look."""
    made = len(run.box.requests())
    run.box.clear_requests()
    return made


@pytest.fixture
def quiet() -> Iterator[None]:
    """Restore what a tap changes in this process."""
    factory = logging.getLogRecordFactory()
    handlers = {number: signal.getsignal(number) for number in stopping()}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    logging.setLogRecordFactory(factory)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefetch pages as if Keap were slow."""
    monkeypatch.setattr(Prefetcher, "useful", 99)


@pytest.fixture(params=[1, 4, 16], ids="{} at once".format)
def at_once(request: pytest.FixtureRequest, run: Run, eager: None) -> int:  # noqa: ARG001
    """Run the test once for each of these numbers of concurrent calls."""
    run.concurrency = request.param
    return run.concurrency


@pytest.fixture
def run(box: Sandbox, clock: VirtualClock, caplog: pytest.LogCaptureFixture, quiet: None) -> Run:  # noqa: ARG001
    caplog.set_level(logging.INFO, logger="tap-infusionsoft")
    return Run(box, clock, caplog=caplog)
