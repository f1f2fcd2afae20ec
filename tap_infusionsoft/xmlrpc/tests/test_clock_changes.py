"""No edit is lost while the clocks change, whatever the look-back is."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.xmlrpc.tests.truth import truth
from tests.fixtures import Run
from tests.virtual import VirtualClock

MINUTE = 60
STARTS = {
    "the hour that comes twice": "2026-11-01T04:20:00Z",
    "the hour that never comes": "2026-03-08T05:50:00Z",
}


@pytest.fixture(params=STARTS)
def clock(request: pytest.FixtureRequest) -> VirtualClock:
    return VirtualClock(STARTS[request.param])


@pytest.mark.parametrize("lookback", [0, 0.25, 1, 6])
def test_no_edit_is_lost_across_a_change_of_the_clocks(run: Run, lookback: float) -> None:
    settings: dict[str, Any] = {
        "legacy_tables": ["Contact"],
        "stream_settings": {"legacy_contact": {"lookback_hours": lookback}},
    }
    catalog = run.catalog("legacy_contact", **settings)
    run(catalog=catalog, **settings)
    ids = run.box.records("contacts", ids_only=True)
    for turn in range(9):
        for edit in range(3):
            name = f"{turn}-{edit}"
            run.box.plant("contacts", upsert=[{"id": ids[turn * 3 + edit], "given_name": name}], touch=True)
            run.clock.pass_time(5 * MINUTE)
        target = run(catalog=catalog, **settings)
        first_names = {row["Id"]: row.get("FirstName") for row in target.rows("legacy_contact")}
        expected = {key: row.get("FirstName") for (key,), row in truth(run.box, "Contact").items()}
        assert first_names == expected
        if lookback < 6:
            assert len(target.sent("legacy_contact")) < len(expected)
