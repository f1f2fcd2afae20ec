"""Random changes of an account and random trouble for the tap: no row is lost, and planted bugs are found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from keap_sandbox import Sandbox
from tap_infusionsoft import stream
from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.reading.walks.by_id import WalkById
from tap_infusionsoft.reading.walks.walk import Page
from tap_infusionsoft.state import finish_pass, plan_pass
from tap_infusionsoft.state.checkpoint import Checkpoint
from tests.canary import KEY
from tests.machine import OTHER_ACCOUNT, OTHER_KEY, LivingAccount
from tests.virtual import VirtualClock

STEPS = 50
BUDGET = settings(
    stateful_step_count=STEPS, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def account(clock: VirtualClock, quiet: None, eager: None) -> Iterator[type[LivingAccount]]:  # noqa: ARG001
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": 3}
    other = f"key={OTHER_KEY},tenant={OTHER_ACCOUNT},name=Other,seed=2,contacts=3"
    with Sandbox(
        seed=1, contacts=4, api_key=KEY, clock=clock.epoch, switches=switches, accounts=[other]
    ) as sandbox:
        yield type("Account", (LivingAccount,), {"box": sandbox, "clock": clock})


@pytest.mark.timeout(0)
def test_no_row_is_lost_whatever_happens(
    account: type[LivingAccount],
    pytestconfig: pytest.Config,
    nightly: bool,  # noqa: FBT001
) -> None:
    """25 examples, 200 with ``--nightly``; with ``--long``, as many as fit into a night."""
    if pytestconfig.getoption("--long"):
        effort = settings(BUDGET, max_examples=20_000)
    else:
        effort = settings(BUDGET, max_examples=200 if nightly else 25, derandomize=True)
    run_state_machine_as_test(account, settings=effort)


def ahead_of_the_data() -> Any:
    """The state says that rows have been read which have not."""
    as_state = Checkpoint.as_state

    def lie(self: Checkpoint) -> dict[str, Any]:
        state = as_state(self)
        return state | {"at": self.at + 20} if self.at else state

    return mock.patch.object(Checkpoint, "as_state", lie)


def past_the_start() -> Any:
    """The bookmark lies two hours behind the start of the run."""
    conclude = finish_pass.conclude

    def lie(done: plan_pass.Pass, *args: Any, **kwargs: Any) -> finish_pass.Conclusion:
        conclusion = conclude(done, *args, **kwargs)
        late = (done.started + timedelta(hours=2)).isoformat()
        marked = plan_pass.BOOKMARK in conclusion.state
        return replace(
            conclusion, state={**conclusion.state, **({plan_pass.BOOKMARK: late} if marked else {})}
        )

    return mock.patch.object(stream, "conclude", lie)


def activated_early() -> Any:
    """A version is activated with its first row."""
    read = stream.KeapStream._read_on

    def lie(self: stream.KeapStream, *, by_page: bool) -> Iterator[Any]:
        for number, record in enumerate(read(self, by_page=by_page)):
            is_complete = self._pass is not None and self._pass.complete
            if number == 1 and is_complete and self.stream_state.get(plan_pass.VERSION):
                self._write_activate_version_message(self._stream_version or 0)
            yield record

    return mock.patch.object(stream.KeapStream, "_read_on", lie)


def skipped_page() -> Any:
    """A crawl leaves out what follows its third page."""
    advance = WalkById.advance

    def lie(self: WalkById, reply: Reply, page: Page) -> Call | None:
        call = advance(self, reply, page)
        return None if call is None or call.cursor is None else call.cursor.call_after(self.last_id + 3)

    return mock.patch.object(WalkById, "advance", lie)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("bug", [ahead_of_the_data, past_the_start, activated_early, skipped_page])
def test_the_state_machine_catches_planted_bugs(account: type[LivingAccount], bug: Any) -> None:
    effort = settings(BUDGET, max_examples=100, derandomize=True, phases=[Phase.generate])
    with bug(), pytest.raises(AssertionError):
        run_state_machine_as_test(account, settings=effort)
