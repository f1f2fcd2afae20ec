"""Random changes of an account and random trouble for the tap: no row is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from keap_sandbox import Sandbox
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
    """20 examples, 200 with ``--nightly``; with ``--long``, as many as fit into a night."""
    if pytestconfig.getoption("--long"):
        effort = settings(BUDGET, max_examples=20_000)
    else:
        effort = settings(BUDGET, max_examples=200 if nightly else 20, derandomize=True)
    run_state_machine_as_test(account, settings=effort)
