"""The plan of all default streams of a larger account, against what the runs then take: calls and rows."""

from __future__ import annotations

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.check.table import as_text
from tests.canary import KEY
from tests.check.test_check import DAY, check, night
from tests.fixtures import Run
from tests.virtual import VirtualClock

CONTACTS = 3_000
CHANGED = 30

pytestmark = pytest.mark.nightly


@pytest.mark.parametrize("refresh", ["rolling", "full"])
def test_a_first_load_increments_and_sweeps_take_what_was_planned(refresh: str) -> None:
    clock = VirtualClock()
    switches = {"limits": "off", "quota_headers": "blank"}
    with Sandbox(seed=1, contacts=CONTACTS, api_key=KEY, clock=clock.epoch, switches=switches) as box:
        run = Run(box, clock)
        report = check(run, refresh=refresh)
        calls, rows = night(run, refresh=refresh)
        assert report.calls == pytest.approx(calls, rel=0.1), as_text(report)
        assert report.rows == pytest.approx(rows, rel=0.2), as_text(report)
        for sweep in ("auto", "auto", "now", "auto"):
            clock.pass_time(DAY)
            for row in box.records("contacts")[:CHANGED]:
                box.plant("contacts", upsert=[{"id": row["id"]}], touch=True)
            report = check(run, refresh=refresh, sweep=sweep)
            calls, rows = night(run, refresh=refresh, sweep=sweep)
            assert report.calls == pytest.approx(calls, rel=0.1), as_text(report)
            assert report.rows == pytest.approx(rows, rel=0.2), as_text(report)
