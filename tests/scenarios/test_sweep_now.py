"""Deleted rows can be marked now, and the log says how many.

Rows that were deleted in Keap showed up to seven days later, nothing could hasten it, and the log said
"298 rows, sweep", never "2 gone".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.errors import ConfigError
from tests.canary import KEY
from tests.fixtures import Run
from tests.virtual import VirtualClock

DAY = 86_400


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A small account with small pages."""
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": 7}
    with Sandbox(seed=1, contacts=40, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


def says(run: Run, text: str) -> bool:
    assert run.caplog is not None
    return any(text in one.getMessage() for one in run.caplog.records)


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows}


def change(run: Run, *streams: str) -> None:
    """Delete two rows of each stream, and create one."""
    for stream in streams:
        run.box.plant(stream, delete=[row["id"] for row in run.box.records(stream)[1:3]])
        run.box.plant(stream, upsert=[{}], touch=True)
    run.clock.pass_time(DAY)


def test_a_sweep_can_be_asked_for(run: Run) -> None:
    catalog = run.catalog("contacts", "notes")
    run(catalog=catalog)
    change(run, "contacts", "notes")
    run(catalog=catalog)
    before = {stream: ids(run.target.rows(stream)) for stream in ("contacts", "notes")}
    assert len(before["contacts"]) == 41
    target = run(catalog=catalog, sweep="now")
    for stream, known in before.items():
        assert ids(target.rows(stream)) == ids(run.box.records(stream))
        assert target.state["bookmarks"][stream]["gone"] == len(known - ids(target.rows(stream)))
    assert says(run, "contacts: 39 rows, sweep, 2 gone; ")


def test_a_sweep_can_be_asked_for_in_single_streams(run: Run) -> None:
    catalog = run.catalog("contacts", "notes")
    run(catalog=catalog)
    change(run, "contacts", "notes")
    target = run(catalog=catalog, stream_settings={"contacts": {"sweep": "now"}})
    assert ids(target.rows("contacts")) == ids(run.box.records("contacts"))
    assert ids(target.rows("notes")) > ids(run.box.records("notes"))
    target = run(catalog=catalog, sweep="now", stream_settings={"contacts": {"sweep": "auto"}})
    assert target.count("ACTIVATE_VERSION", "contacts") == 0
    assert target.count("ACTIVATE_VERSION", "notes") == 1


def test_the_setting_works_where_sweeps_are_off_and_before_the_first_load(run: Run) -> None:
    catalog = run.catalog("contacts")
    off: dict[str, Any] = {"sweep": "now", "sweep_interval_days": 0}
    target = run(catalog=catalog, **off)
    assert says(run, "contacts: 40 rows, snapshot; ")
    assert target.count("ACTIVATE_VERSION") == 1
    change(run, "contacts")
    assert ids(run(catalog=catalog, **off).rows("contacts")) == ids(run.box.records("contacts"))


@pytest.mark.usefixtures("at_once")
def test_a_sweep_that_is_killed_again_and_again_comes_to_its_end(run: Run) -> None:
    """Each run takes up what the one before has left; none starts over because of the setting."""
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    change(run, "contacts")
    runs = 0
    while run.target.count("ACTIVATE_VERSION") == 0 or runs == 0:
        run.cut_off(3, catalog, flushes=True, sweep="now")
        runs += 1
        assert runs < 6
    assert runs > 1
    assert ids(run.target.rows("contacts")) == ids(run.box.records("contacts"))


def test_an_increment_that_was_killed_is_followed_by_the_sweep(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    run.box.plant("contacts", upsert=[{"id": row["id"]} for row in run.box.records("contacts")], touch=True)
    change(run, "contacts")
    assert run.cut_off(3, catalog, flushes=True)
    target = run(catalog=catalog, sweep="now")
    assert ids(target.rows("contacts")) == ids(run.box.records("contacts"))


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ("tags", "sweep, 2 gone"),
        ("notes", "sweep, 0 gone"),
        ("affiliate_commissions", "sweep;"),
        ("contact_tags", "sweep, 3 fewer than in the last one"),
    ],
)
def test_the_count_is_only_called_gone_where_it_is_known(run: Run, stream: str, words: str) -> None:
    """Ids tell new rows from old ones. Where rows have none, there can only be fewer than before."""
    catalog = run.catalog(stream)
    run(catalog=catalog)
    if stream == "tags":
        change(run, stream)
    elif stream == "contact_tags":
        pairs = [{k: row[k] for k in ("contact_id", "tag_id")} for row in run.box.records(stream)[:3]]
        run.box.plant(stream, delete=pairs)
    run.clock.pass_time(60)
    run(catalog=catalog, sweep="now")
    assert says(run, words)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"end_date": "2026-12-01"}, "rows leave a relative start_date or an end_date without being deleted"),
        ({"start_date": "900 days ago"}, "rows leave a relative start_date or an end_date"),
    ],
    ids=["end_date", "relative start_date"],
)
def test_a_sweep_that_can_mark_nothing_says_why(run: Run, settings: dict[str, Any], why: str) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog, **settings)
    run(catalog=catalog, sweep="now", **settings)
    assert run.says(f"sweep is now, but nothing can be marked as deleted, because {why}")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sweep": "later"}, "sweep is 'later'; it must be auto or now"),
        ({"stream_settings": {"contacts": {"sweep": True}}}, "it must be auto or now"),
        ({"stream_settings": {"users": {"sweep": "now"}}}, "users is always read in full, so sweep"),
    ],
    ids=["word", "flag", "useless"],
)
def test_what_the_setting_does_not_take_is_refused(run: Run, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run.catalog("contacts", **settings)
    assert said in str(caught.value)


def test_the_documents_say_how_to_ask_for_a_sweep_and_to_leave_deleted_rows_out() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "copy.md").read_text(encoding="utf-8")
    assert "`sweep: now`" in lines
    assert "`WHERE _sdc_deleted_at IS NULL`" in lines
    assert "sweep, 2 gone" in lines
