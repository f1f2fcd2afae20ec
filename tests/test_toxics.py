"""A network that fails at any response: the run recovers, or fails in bounded time, and loses nothing."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
from collections.abc import Iterator
from itertools import cycle

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.http import Limits
from tap_infusionsoft.client.signals import stopping
from tap_infusionsoft.errors import Exit
from tests.canary import KEY
from tests.fixtures import Run, Some
from tests.target import Target
from tests.toxics import TOXICS, ToxicProxy, Upstream, reset_at, toxic_proxy
from tests.truth import differences
from tests.virtual import HurriedClock

STREAMS = ("companies", "contact_tags", "emails", "tags")
LIMITS = Limits(connect=2, read=0.15, total=0.3, body=1 << 20)


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(
        seed=1,
        contacts=20,
        api_key=KEY,
        switches={"limits": "off", "quota_headers": "blank", "page_rows_max": 30},
    ) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def proxy(keap: Sandbox) -> Iterator[ToxicProxy]:
    with toxic_proxy(keap.url) as one:
        yield one


@pytest.fixture
def toxic(keap: Sandbox, proxy: ToxicProxy, caplog: pytest.LogCaptureFixture) -> Iterator[Run]:
    """Runs the tap through the proxy, on a clock that advances by waits and by the time that sockets take."""
    factory = logging.getLogRecordFactory()
    handlers = {number: signal.getsignal(number) for number in stopping()}
    clock = HurriedClock()
    keap.clear_faults()
    proxy.spoil(None)
    yield Run(keap, clock, caplog=caplog, limits=LIMITS, url=proxy.url)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    logging.setLogRecordFactory(factory)


def whole(run: Run) -> bool:
    """Tell whether the target has every row of the account with every value, and no others."""
    target = run.target
    return not any(
        differences(run.box, name, target.rows(name), target.schemas.get(name, {})) for name in STREAMS
    )


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("name", TOXICS)
def test_one_broken_response_loses_nothing(toxic: Run, proxy: ToxicProxy, name: str, some: Some) -> None:
    catalog = toxic.catalog(*STREAMS)
    proxy.spoil(None)
    toxic(catalog=catalog)
    assert whole(toxic)
    responses = proxy.responses
    assert responses >= 10
    first = [*TOXICS].index(name)  # so that the samples of all toxics together have every response
    for number in some([(first + one) % responses for one in range(responses)], 4):
        toxic.target = Target()
        proxy.spoil(TOXICS[name], number, number)
        toxic.concurrency = (1, 4, 16)[number % 3]
        if name == "gzip bomb":  # is retried for pages only: after others, the next run loads what is missing
            with contextlib.suppress(pytest.fail.Exception):
                toxic(catalog=catalog)
            proxy.spoil(None)
            toxic(catalog=catalog)
        else:
            toxic(catalog=catalog)
            assert proxy.responses > responses
        assert whole(toxic), number


def test_a_connection_reset_at_any_byte_loses_nothing(toxic: Run, proxy: ToxicProxy, some: Some) -> None:
    catalog = toxic.catalog(*STREAMS)
    size = head = 0

    def measure(connection: socket.socket, response: Upstream) -> None:
        nonlocal size, head
        size, head = len(response.sent()), len(response.head())
        connection.sendall(response.sent())

    proxy.spoil(measure, 3, 3)
    toxic(catalog=catalog)
    assert size > head + 1000
    places = {*some(range(0, size, size // 40), 10), head - 2, head - 1, head, head + 1, size - 1}
    for place in sorted(places):
        toxic.target = Target()
        proxy.spoil(reset_at(place), 3, 3)
        toxic(catalog=catalog)
        assert whole(toxic), place


def test_the_run_after_a_network_failure_loads_what_is_missing(
    toxic: Run, proxy: ToxicProxy, some: Some
) -> None:
    catalog = toxic.catalog(*STREAMS)
    proxy.spoil(None)
    toxic(catalog=catalog)
    for number, name in some([*zip(range(proxy.responses), cycle(TOXICS), strict=False)], 6):
        toxic.target = Target()
        proxy.spoil(TOXICS[name], number)
        toxic(catalog=catalog, fails=True, transient_waits=[2, 4])
        proxy.spoil(None)
        toxic(catalog=catalog)
        assert whole(toxic), (number, name)


@pytest.mark.parametrize("name", TOXICS)
@pytest.mark.parametrize("first", [0, pytest.param(5, marks=pytest.mark.nightly)])
def test_persistent_network_failures_end_the_run_and_the_next_one_is_complete(
    toxic: Run, proxy: ToxicProxy, name: str, first: int
) -> None:
    catalog = toxic.catalog(*STREAMS)
    proxy.spoil(TOXICS[name], first)
    toxic.concurrency = 1 if first else 16
    target = toxic(catalog=catalog, fails=True, transient_waits=[2, 4])
    assert toxic.error is not None
    assert toxic.error.exit_code in {Exit.FAILED, Exit.PARTIAL}
    assert proxy.responses < 60
    assert first == 0 or target.last["type"] == "STATE"
    assert all(count <= 1 for count in (target.count("ACTIVATE_VERSION", one) for one in STREAMS))
    proxy.spoil(None)
    toxic(catalog=catalog)
    assert whole(toxic)
