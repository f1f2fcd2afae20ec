"""What a run reads and what state it leaves, as functions of state and settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tap_infusionsoft.config.relative_dates import Moment
from tap_infusionsoft.state.checkpoint import Checkpoint
from tap_infusionsoft.state.entry import BadStateError
from tap_infusionsoft.state.finish_pass import Believable, Conclusion, conclude
from tap_infusionsoft.state.plan_pass import Pass, PassOptions, plan_pass
from tap_infusionsoft.state.scope import Scope
from tap_infusionsoft.streams.replication import Changes, Snapshot, Updated

STARTED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
UPDATED = Updated(key="update_time", since="since", until="until")
HOUR = timedelta(hours=1)
VERSION = int(STARTED.timestamp() * 1000)


def ago(**span: float) -> str:
    return (STARTED - timedelta(**span)).isoformat()


def start(
    state: dict[str, Any],
    changes: Changes = UPDATED,
    start: Moment | None = None,
    end: Moment | None = None,
    sweep_days: float = 7,
    whole: bool = False,  # noqa: FBT001, FBT002
    ids: dict[str, tuple[str, ...]] | None = None,
) -> Pass:
    scope = Scope(start, end, ids or {})
    options = PassOptions(STARTED, scope, sweep_days, whole=whole)
    return plan_pass(changes, state, options)


def finish(
    done: Pass,
    changes: Changes,
    state: dict[str, Any],
    *,
    rows: int,
    newest: datetime | None,
    max_drop: float,
    empty_pages: bool = False,
) -> Conclusion:
    checkpoint = Checkpoint(rows=rows, newest=newest.isoformat() if newest else "", empty_pages=empty_pages)
    return conclude(
        replace(done, checkpoint=checkpoint), changes, state, now=STARTED, believable=Believable(max_drop, 0)
    )


def test_the_first_load_is_a_snapshot() -> None:
    first = start({})
    assert first.complete
    assert first.activates
    assert first.window.is_open
    assert first.version == VERSION


def test_later_runs_are_increments_with_the_version_of_the_snapshot() -> None:
    state = {"replication_key_value": ago(days=1), "version": 5, "rows": 9, "swept_at": ago(days=1)}
    later = start(state)
    assert not later.complete
    assert not later.activates
    assert later.version == 5
    assert later.window.since == STARTED - timedelta(days=1) - HOUR


def test_a_sweep_follows_after_sweep_interval_days() -> None:
    state = {"replication_key_value": ago(days=1), "version": 5, "rows": 9, "swept_at": ago(days=7)}
    sweep = start(state)
    assert sweep.complete
    assert sweep.activates
    assert sweep.version == VERSION
    assert not start(state, sweep_days=0).complete
    assert not start(state, sweep_days=8).complete


def test_a_version_is_never_reused() -> None:
    assert start({"version": VERSION + 10}).version == VERSION + 11


def test_a_stream_without_a_time_filter_is_a_snapshot_in_every_run() -> None:
    state = {"version": 5, "rows": 9, "swept_at": ago(minutes=5)}
    assert start(state, Snapshot()).complete
    assert start(state, Snapshot()).activates


def test_the_catalog_can_request_the_full_table() -> None:
    assert start({"replication_key_value": ago(days=1)}, whole=True).complete


def days_ago(days: float, relative: str | None = None) -> Moment:
    return Moment(STARTED - timedelta(days=days), relative)


def test_relative_dates_and_end_dates_never_delete() -> None:
    fixed, moving = days_ago(10), days_ago(10, "10d")
    state = {"replication_key_value": ago(days=1), "swept_at": ago(days=30)}
    assert start(state | {"scope": [Scope(fixed).as_state()]}, start=fixed).activates
    assert not start(state | {"scope": [{"start_date": "10d"}]}, start=moving).complete
    assert not start({}, start=moving).activates
    assert not start(state | {"scope": [Scope(None, fixed).as_state()]}, end=fixed).complete
    assert not start({}, end=fixed).activates


def test_the_later_of_bookmark_and_start_date_applies() -> None:
    state = {"replication_key_value": ago(days=5), "swept_at": ago(days=1)}
    early, late = days_ago(9, "9d"), days_ago(2, "2d")
    assert (
        start(state | {"scope": [{"start_date": "9d"}]}, start=early).window.since
        == STARTED - timedelta(days=5) - HOUR
    )
    assert start(state | {"scope": [{"start_date": "2d"}]}, start=late).window.since == late.value
    assert start({}, start=early).window.since == early.value


DONE = {
    "replication_key": "update_time",
    "replication_key_value": ago(days=1),
    "swept_at": ago(days=1),
    "rows": 9,
    "version": 5,
}


@pytest.mark.parametrize(
    ("old", "new", "narrows"),
    [
        (Scope(), Scope(), None),
        (Scope(ids={"tag_ids": ("1",)}), Scope(ids={"tag_ids": ("1",)}), None),
        (Scope(ids={"tag_ids": ("1",)}), Scope(ids={"tag_ids": ("1", "2")}), []),
        (Scope(ids={"tag_ids": ("1",)}), Scope(), []),
        (Scope(), Scope(ids={"tag_ids": ("1",)}), ["tag_ids"]),
        (Scope(ids={"tag_ids": ("1", "2")}), Scope(ids={"tag_ids": ("1",)}), ["tag_ids"]),
        (Scope(days_ago(5)), Scope(days_ago(9)), []),
        (Scope(days_ago(5)), Scope(), []),
        (Scope(days_ago(9)), Scope(days_ago(5)), ["start_date"]),
        (Scope(), Scope(days_ago(5)), ["start_date"]),
        (Scope(None, days_ago(5)), Scope(None, days_ago(2)), []),
        (Scope(None, days_ago(2)), Scope(None, days_ago(5)), ["end_date"]),
        (Scope(days_ago(5, "5d")), Scope(days_ago(9, "9d")), ["start_date"]),
    ],
)
def test_a_changed_scope_reads_everything_again(old: Scope, new: Scope, narrows: list[str] | None) -> None:
    again = start(DONE | {"scope": [old.as_state()]}, start=new.start, end=new.end, ids=dict(new.ids))
    assert again.complete is (narrows is not None)
    assert again.narrowed is bool(narrows)
    assert all(name in again.warnings[0] for name in narrows or ())
    if narrows:
        assert not again.activates, "rows out of scope are not deleted"


def test_a_narrowed_scope_never_deletes() -> None:
    state = DONE | {"scope": [{"tag_ids": ["1", "2"]}]}
    narrowed = start(state, ids={"tag_ids": ("1",)})
    state |= finish(narrowed, UPDATED, state, rows=5, newest=None, max_drop=0.2).state
    assert state["narrowed"]
    sweep = start(state | {"swept_at": ago(days=30)}, ids={"tag_ids": ("1",)})
    assert sweep.complete
    assert not sweep.activates
    assert start({}, ids={"tag_ids": ("1",)}).activates, "a load without state starts over"


def test_passes_without_versions_delete_nothing() -> None:
    first = plan_pass(UPDATED, {}, PassOptions(STARTED, Scope(), 7, versioned=False, resumes=False))
    assert (first.complete, first.activates, first.version) == (True, False, None)
    assert "version" not in finish(first, UPDATED, {}, rows=3, newest=None, max_drop=0.2).state


def test_bookmarks_in_the_future_are_not_trusted() -> None:
    future = start(DONE | {"replication_key_value": "2999-01-01T00:00:00Z"})
    assert future.complete
    assert "future" in future.warnings[0]
    assert start(DONE | {"swept_at": "2999-01-01T00:00:00Z"}).kind == "sweep"


def test_a_bookmark_of_another_replication_key_is_ignored() -> None:
    assert start(DONE | {"replication_key": "create_time"}).complete


def test_a_first_pass_without_rows_activates_no_version() -> None:
    assert finish(start({}), UPDATED, {}, rows=0, newest=None, max_drop=0.2).activate is None


def test_a_pass_with_empty_pages_deletes_nothing() -> None:
    conclusion = finish(start({}), UPDATED, {}, rows=9, newest=None, max_drop=1, empty_pages=True)
    assert conclusion.activate is None
    assert "empty page" in str(conclusion.refusal)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", "abc"),
        ("rows", "40"),
        ("version", True),
        ("scope", "x"),
        ("scope", [1]),
        ("underway", [{}, {}]),
    ],
)
def test_invalid_values_in_the_state_are_rejected(key: str, value: Any) -> None:
    with pytest.raises(BadStateError, match=key):
        start(DONE | {key: value})


@pytest.mark.parametrize("value", [7, True, "soon", ["x"], {"a": 1}])
def test_a_bookmark_that_is_not_a_time_is_rejected(value: Any) -> None:
    with pytest.raises(BadStateError, match="replication_key_value"):
        start({"replication_key_value": value})


def test_the_bookmark_is_the_newest_time_but_never_past_the_start() -> None:
    done = start({})
    newest = STARTED - timedelta(minutes=3)
    state = finish(done, UPDATED, {}, rows=3, newest=newest, max_drop=0.2).state
    assert state["replication_key_value"] == "2026-11-20T11:57:00.000Z"
    assert state["replication_key"] == "update_time"
    state = finish(done, UPDATED, {}, rows=3, newest=STARTED + HOUR, max_drop=0.2).state
    assert state["replication_key_value"] == "2026-11-20T12:00:00.000Z"


def test_the_bookmark_never_moves_back() -> None:
    old = {"replication_key_value": "2026-11-20T11:00:00.000Z", "version": 5, "swept_at": ago(days=1)}
    for newest in (None, STARTED - timedelta(days=9)):
        state = finish(start(old), UPDATED, old, rows=0, newest=newest, max_drop=0.2).state
        assert state["replication_key_value"] == old["replication_key_value"]


@pytest.mark.parametrize(
    ("before", "rows", "max_drop", "refused"),
    [
        (100, 100, 0.2, False),
        (100, 80, 0.2, False),
        (100, 79, 0.2, True),
        (100, 0, 0.99, True),
        (100, 0, 1, False),
        (0, 0, 0.2, False),
        (1, 0, 0.2, True),
    ],
)
def test_implausible_deletions_are_not_marked(
    before: int,
    rows: int,
    max_drop: float,
    refused: bool,  # noqa: FBT001
) -> None:
    old = {"version": 5, "rows": before}
    done = start(old, Snapshot())
    conclusion = finish(done, Snapshot(), old, rows=rows, newest=None, max_drop=max_drop)
    assert (conclusion.refusal is not None) is refused
    if refused:
        assert conclusion.activate is None
        assert "version" not in conclusion.state
        assert "sweep_max_drop" in str(conclusion.refusal)
    else:
        assert conclusion.activate == done.version
        assert conclusion.state["rows"] == rows


def test_a_bookmark_of_another_tap_is_honored_and_swept_later() -> None:
    old = {"replication_key": "update_time", "replication_key_value": ago(days=1)}
    later = start(old)
    assert not later.complete
    state = finish(later, UPDATED, old, rows=3, newest=None, max_drop=0.2).state
    assert state["swept_at"] == "2026-11-20T12:00:00.000Z"


EARLIEST, LATEST = datetime(2020, 1, 1), datetime(2026, 11, 20)  # noqa: DTZ001  # hypothesis adds the zone


@given(
    st.datetimes(timezones=st.just(UTC), min_value=EARLIEST, max_value=LATEST),
    st.one_of(st.none(), st.datetimes(timezones=st.just(UTC), min_value=EARLIEST)),
)
def test_the_bookmark_is_never_later_than_the_start_of_the_run(
    old: datetime, newest: datetime | None
) -> None:
    state = {"replication_key_value": old.isoformat()}
    done = start(state)
    after = finish(done, UPDATED, state, rows=1, newest=newest, max_drop=0.2).state
    assert len(after["replication_key_value"]) == 24
    assert datetime.fromisoformat(after["replication_key_value"]) <= STARTED


def lay_over(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Merge the state of a full refresh as Meltano does: objects are merged, everything else is replaced."""
    merged = dict(old)
    for key, value in new.items():
        merged[key] = lay_over(merged.get(key, {}), value) if isinstance(value, dict) else value
    return merged


@pytest.mark.parametrize("ids", [{}, {"tag_ids": ("1",)}], ids=["all", "some"])
@pytest.mark.parametrize("is_over", [True, False])
def test_a_full_refresh_wins_over_the_state_it_is_merged_into(
    ids: dict[str, tuple[str, ...]],
    is_over: bool,  # noqa: FBT001
) -> None:
    broken = replace(
        start(DONE), checkpoint=Checkpoint("/v2/a", ("7",), at=500, rows=50, gone=1, unsteady=True, keys="k")
    )
    old = DONE | {"narrowed": True, "scope": [{"end_date": "2d"}], "underway": [broken.as_state()]}
    refresh = replace(start({}, ids=ids), checkpoint=Checkpoint("/v2/a", rows=3))
    new = {"underway": [refresh.as_state()]}
    if is_over:
        new = dict(finish(refresh, UPDATED, {}, rows=9, newest=STARTED - HOUR, max_drop=0.2).state)
    assert start(lay_over(old, new), ids=ids) == start(new, ids=ids)
