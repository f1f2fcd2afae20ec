"""States that the tap wrote at 063e309 are taken up: nothing is lost, and nothing is read again for it.

`tests/data/states_063e309.json` holds states that 063e309 wrote for the sandbox's account with 20 contacts:
after a first load, a night later, and of runs that were cut off during a first load and, eight days later,
during a sweep.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tests.canary import KEY
from tests.fixtures import Run, Some, calls
from tests.target import Target, tables
from tests.virtual import VirtualClock

STATES = json.loads((Path(__file__).parent / "data" / "states_063e309.json").read_text())
DAY = 86_400
SWITCHES = {"limits": "off", "quota_headers": "blank"}
STREAMS = (
    *("contacts", "notes", "orders", "order_items", "tasks", "companies", "opportunities", "transactions"),
    *("tags", "contact_tags", "emails", "email_address_statuses", "products", "product_options", "users"),
    *("affiliates", "affiliate_commissions", "affiliate_clawbacks", "campaigns", "campaign_goals"),
)
EDITED = ("contacts", "notes", "orders", "tasks", "companies", "opportunities")


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    with Sandbox(seed=1, contacts=20, api_key=KEY, clock=clock.epoch, switches=SWITCHES) as sandbox:
        yield sandbox


def filled(run: Run, state: dict[str, Any], catalog: Any) -> int:
    """Fill the target as the runs before the state did, and return what a first load costs.

    Rows of a pass that broke off carry its version, those of other streams the version that is active.
    """
    run(catalog=catalog, refresh="full")
    cost = calls(run)
    versions = run.target._versions
    for stream, own in state["bookmarks"].items():
        begun = own.get("underway") or [{}]
        version = begun[0].get("version") or own.get("version")
        versions[stream] = dict.fromkeys(versions.get(stream, {}), version)
    run.target.state = json.loads(json.dumps(state))
    return cost


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows}


@pytest.mark.parametrize("mode", ["rolling", "full"])
def test_states_of_an_earlier_version_are_taken_up(run: Run, mode: str, some: Some) -> None:
    catalog = run.catalog(*STREAMS)
    for name in some([*STATES], 2):
        run.target = Target()
        take_up(run, name, mode, catalog)


def take_up(run: Run, name: str, mode: str, catalog: Any) -> None:
    """Go on from a state for nine nights, in which rows change and one is deleted."""
    cost = filled(run, STATES[name], catalog)
    run.clock.pass_time(8.5 * DAY if name.startswith("sweep") else 1.5 * DAY)
    for night in range(9):
        for stream in EDITED:
            rows = run.box.records(stream)
            run.box.plant(stream, upsert=[{"id": rows[night % len(rows)]["id"]}], touch=True)
        if night == 2:
            run.box.plant("notes", delete=[run.box.records("notes")[0]["id"]])
        calls(run)
        # The sandbox's account is not quite what it was, so that some lists are much shorter.
        run(catalog=catalog, refresh=mode, sweep_max_drop=1)
        if not night and name in {"finished", "a night later"}:
            assert calls(run) < cost
        for stream in EDITED:
            assert ids(run.box.records(stream)) <= ids(run.target.rows(stream)), f"{stream}, night {night}"
        run.clock.pass_time(DAY)
    assert ids(run.target.rows("notes")) == ids(run.box.records("notes"))
    run(catalog=catalog, refresh=mode, sweep="now", sweep_max_drop=1)
    found, run.target = tables(run.target), Target()
    run(catalog=catalog, refresh="full")
    assert found == tables(run.target)
