"""``stream_settings``: look-back and sweeps of single streams."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tap_infusionsoft.errors import ConfigError
from tests.fixtures import Run

HOUR = 3_600


def ago(run: Run, hours: float) -> str:
    moment: datetime = run.clock.now() - timedelta(hours=hours)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("hours", "late", "arrives"), [(None, 0.9, True), (None, 5, False), (6, 5, True), (0, 0.9, False)]
)
def test_a_row_that_becomes_visible_late_arrives_if_the_lookback_covers_it(
    run: Run,
    hours: float | None,
    late: float,
    *,
    arrives: bool,
) -> None:
    catalog = run.catalog("contacts")
    run.box.plant("contacts", upsert=[{"id": "1", "given_name": "First"}], touch=True)
    settings: dict[str, Any] = (
        {} if hours is None else {"stream_settings": {"contacts": {"lookback_hours": hours}}}
    )
    run(catalog=catalog, **settings)
    run.box.plant("contacts", upsert=[{"id": "2", "given_name": "Late", "update_time": ago(run, late)}])
    run.clock.pass_time(60)
    run(catalog=catalog, **settings)
    assert ("Late" in {row["given_name"] for row in run.target.sent("contacts")}) is arrives


def test_events_of_the_last_week_are_read_again(run: Run) -> None:
    """Emails are opened days after they were sent, and Keap filters only by the time of sending."""
    catalog = run.catalog("emails")
    run(catalog=catalog)
    newest = max(run.box.records("emails"), key=lambda row: str(row["sent_time"]))
    run.clock.pass_time(6 * 24 * HOUR)
    run.box.plant("emails", upsert=[{"id": newest["id"], "opened_time": ago(run, 1)}])
    run(catalog=catalog, stream_settings={"emails": {"sweep_interval_days": 0}})
    (row,) = (row for row in run.target.sent("emails") if row["id"] == str(newest["id"]))
    assert row["opened_time"] == ago(run, 1)


def test_a_stream_can_have_its_own_sweep_interval(run: Run) -> None:
    catalog = run.catalog("contacts", "notes")
    run(catalog=catalog)
    for stream in ("contacts", "notes"):
        run.box.plant(stream, delete=["1"])
    run.clock.pass_time(26 * HOUR)
    target = run(catalog=catalog, stream_settings={"contacts": {"sweep_interval_days": 1}})
    held = {stream: {row["id"] for row in target.rows(stream)} for stream in ("contacts", "notes")}
    assert "1" not in held["contacts"]
    assert "1" in held["notes"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"contcats": {"lookback_hours": 1}}, "there is no stream 'contcats'. Did you mean 'contacts'?"),
        ({"zzz": {"lookback_hours": 1}}, "there is no stream 'zzz'. Correct the name"),
        ({"contacts": {"lookback_hours": -1}}, "lookback_hours of contacts is -1; it must be from 0 to"),
        ({"contacts": {"lookback_hours": 1e9}}, "it must be from 0 to 8,784 hours."),
        (
            {"contacts": {"sweep_interval_days": -1}},
            "sweep_interval_days of contacts is -1; it must be from 0 to",
        ),
        (
            {"users": {"lookback_hours": 1}},
            "users is always read in full, so lookback_hours makes no",
        ),
        ({"saved_search_x": {"sweep_interval_days": 1}}, "saved_search_x is always read in full"),
        ({"contacts": {"look_back": 1}}, "contacts cannot have 'look_back'. Did you mean 'lookback_hours'?"),
    ],
)
def test_settings_that_cannot_apply_are_refused(run: Run, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match="stream_settings") as caught:
        run.catalog("contacts", stream_settings=given)
    assert said in str(caught.value)


@pytest.mark.parametrize("named", [{}, {"refresh": "rolling"}])
def test_what_is_read_in_turns_can_have_an_interval_of_its_own(run: Run, named: dict[str, str]) -> None:
    catalog = run.catalog("campaign_goals")
    interval = {"campaign_goals": {"sweep_interval_days": 1, **named}}
    settings: dict[str, Any] = {} if named else {"refresh": "rolling"}
    run(catalog=catalog, **settings)
    gone = run.box.records("campaign_goals")[0]
    run.box.plant("campaign_goals", delete=[gone["id"]])
    run.clock.pass_time(26 * HOUR)
    target = run(catalog=catalog, stream_settings=interval, **settings)
    assert gone["id"] not in {row["id"] for row in target.rows("campaign_goals")}
    run.box.plant("campaign_goals", delete=[run.target.rows("campaign_goals")[0]["id"]])
    run.clock.pass_time(60)
    now = {"campaign_goals": {"sweep": "now", **named}}
    target = run(catalog=catalog, stream_settings=now, **settings)
    assert len(target.rows("campaign_goals")) == len(run.box.records("campaign_goals"))
    with pytest.raises(ConfigError, match="always read in full, so lookback_hours makes no difference"):
        run.catalog(stream_settings={"campaign_goals": {"lookback_hours": 1, **named}}, **settings)
