"""What a first load leaves that was read once, and which births a later pass may go by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tap_infusionsoft.state.births import KnownBirths
from tap_infusionsoft.state.checkpoint import Checkpoint
from tap_infusionsoft.state.entry import BadStateError
from tap_infusionsoft.state.finish_pass import Believable, Conclusion, conclude
from tap_infusionsoft.state.plan_pass import Pass, PassOptions, Rolls, Spread, plan_pass
from tap_infusionsoft.state.scope import Scope
from tap_infusionsoft.streams.replication import Changes, NewestFirst, Snapshot

STARTED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
ROLLING = Rolls(Spread.AS_A_WHOLE, WEEK / 2, calls=30, is_turn=False)
TIMED = NewestFirst(key="update_time", order_by="update_time")
READ = Checkpoint(rows=3000, pages=3, keys="00000000000000ff", newest_birth="2026-11-19T08:00:00+00:00")
ONCE = replace(READ, unproved=True)
BIRTHS = [{"newest": "2026-11-19T08:00:00+00:00", "certain": "2026-11-18T08:00:00+00:00"}]

State = dict[str, Any]


def plan(
    state: State, changes: Changes = TIMED, *, rolls: Rolls | None = ROLLING, days: float = 0, **options: Any
) -> Pass:
    wanted = PassOptions(
        STARTED + timedelta(days=days), Scope(ids=options.pop("ids", {})), 7, rolls=rolls, **options
    )
    return plan_pass(changes, state, wanted)


def finish(begun: Pass, state: State, checkpoint: Checkpoint, changes: Changes = TIMED) -> Conclusion:
    done = replace(begun, checkpoint=replace(checkpoint))
    left = conclude(done, changes, state, now=begun.started, believable=Believable(0.3, 1000))
    state.update(left.state)
    return left


def loaded(changes: Changes = TIMED) -> State:
    """The state after a first load that was read once."""
    state: State = {}
    begun = plan(state, changes)
    assert begun.is_once
    assert finish(begun, state, ONCE, changes).activate is None
    return state


def test_what_was_read_once_is_no_measure_for_deletions() -> None:
    state = loaded()
    assert state["rows"] is None
    assert state["largest_id"] is None
    assert state["unproved"] == [{"rows": 3000}]
    assert state["births"] == BIRTHS
    assert state["keys"] == READ.keys


def test_the_next_complete_pass_is_proved_and_activates_its_version() -> None:
    state = loaded()
    sweep = plan(state, rolls=replace(ROLLING, is_turn=True), days=7)
    assert (sweep.kind, sweep.is_once) == ("sweep", False)
    assert sweep.births == KnownBirths(*map(datetime.fromisoformat, BIRTHS[0].values()))
    left = finish(sweep, state, replace(READ, rows=2900))
    assert left.activate == sweep.version
    assert left.fewer == 100
    assert (state["rows"], state["unproved"]) == (2900, [])


def test_increments_come_until_then_and_carry_the_version_of_the_load() -> None:
    state = loaded()
    state["replication_key_value"] = state["swept_at"]
    increment = plan(state, days=1)
    assert (increment.kind, increment.version) == ("increment", state["version"])
    assert not increment.is_once
    assert increment.births is None


@pytest.mark.parametrize("rows", [1000, 0])
def test_far_fewer_rows_than_were_read_once_are_not_believed(rows: int) -> None:
    state = loaded()
    sweep = plan(state, rolls=replace(ROLLING, is_turn=True), days=7)
    left = finish(sweep, state, replace(READ, rows=rows))
    assert left.activate is None
    assert left.refusal is not None
    assert "where the last one found 3000" in left.refusal
    assert state["unproved"] == [{"rows": 3000}]


def test_without_rolling_reads_the_proof_is_due_at_once() -> None:
    state = loaded()
    state["replication_key_value"] = state["swept_at"]
    sweep = plan(state, rolls=None, days=0.01)
    assert (sweep.kind, sweep.is_once) == ("sweep", False)
    finish(sweep, state, READ)
    assert plan(state, rolls=None, days=0.02).kind == "increment"


def test_rows_in_quarantine_leave_the_proof_open() -> None:
    state = loaded(Snapshot())
    again = plan(state, Snapshot(), rolls=None, days=1)
    assert finish(again, state, replace(READ, quarantined=1), Snapshot()).activate is None
    assert state["unproved"] == [{"rows": 3000}]


@pytest.mark.parametrize(
    "state",
    [{"read_at": "2026-11-01T00:00:00Z"}, {"rows": 5}, {"swept_at": "2026-11-01T00:00:00Z"}],
)
def test_only_a_first_load_is_read_once(state: State) -> None:
    assert not plan(state).is_once


def test_a_wanted_sweep_is_proved() -> None:
    assert not plan({}, sweeps_now=True).is_once
    assert not plan({}, rolls=None).is_once


@pytest.mark.parametrize("options", [{"rolls": None}, {"sweeps_now": True}])
def test_a_load_that_broke_off_is_not_taken_up_where_its_proof_cannot_wait(options: State) -> None:
    begun = replace(plan({}), checkpoint=replace(ONCE, after=("5",)))
    state = {"underway": [begun.as_state()]}
    assert plan(state, days=0.1).is_taken_up
    assert plan(state, days=0.1).is_once
    assert not plan(state, **{"days": 0.1, **options}).is_taken_up


def test_births_of_other_settings_prove_nothing() -> None:
    state = loaded()
    sweep = plan(state, ids={"contact_ids": ("1",)}, days=7)
    assert sweep.complete
    assert sweep.births is None


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (
            {"births": [{"newest": 5, "certain": "2026-11-01T00:00:00Z"}]},
            "newest is '5', which is not a time",
        ),
        ({"births": "2026"}, "births is not a list of one object"),
        ({"unproved": [{"rows": "x"}]}, "rows is 'x', which is not a whole number"),
        ({"unproved": 7}, "unproved is not a list of one object"),
        ({"rows_by_parent": [{"rows": [1], "parents": "x"}]}, "rows_by_parent is .*, which are no numbers"),
        (
            {"rows_by_parent": [{"rows": [1, None], "parents": 2}]},
            "rows_by_parent is .*, which are no numbers",
        ),
    ],
)
def test_a_state_that_cannot_be_used_is_refused(state: State, message: str) -> None:
    with pytest.raises(BadStateError, match=message):
        plan(state)
