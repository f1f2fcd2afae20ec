"""Runs with `max_calls_per_run` that may make fewer calls than it takes to find out what there is to read."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tap_infusionsoft.errors import RunFailedError
from tap_infusionsoft.state.entry import read_at
from tests.fixtures import Run, calls

MODELS = ("contacts", "companies", "notes", "tasks", "opportunities", "orders", "subscriptions", "affiliates")
"""Streams with custom fields of their own."""
STREAMS = ("contacts", "orders", "tags", "users", "countries", "custom_fields")
MINUTE = 60
DAY = 86_400


def left(run: Run) -> list[str]:
    """Warnings of the last run about streams that it left."""
    assert run.caplog is not None
    found = [one.getMessage() for one in run.caplog.records if one.levelno == logging.WARNING]
    run.caplog.clear()
    return [one for one in found if "max_calls_per_run" in one]


def runs_until_all_is_read(run: Run, gap: float, most: int, **settings: Any) -> int:
    """Run until no stream is left that no run has read, and return how many runs that took."""
    for number in range(1, most + 1):
        calls(run)
        run(**settings)
        assert len(run.box.requests()) <= settings["max_calls_per_run"]
        bookmarks = run.target.state["bookmarks"]
        if all(read_at(bookmarks.get(stream, {})) for stream in settings["streams"]):
            return number
        run.clock.pass_time(gap)
    never = [one for one in settings["streams"] if not read_at(bookmarks.get(one, {}))]
    pytest.fail(f"never read in {most} runs: {', '.join(never)}")


@pytest.mark.parametrize("refresh", ["rolling", "full"])
@pytest.mark.parametrize("most", [1, 3, 5])
def test_a_run_that_does_not_get_to_the_rows_leaves_all_streams(run: Run, most: int, refresh: str) -> None:
    run(saved_searches=None, refresh=refresh, max_calls_per_run=most)
    assert len(run.box.requests()) == most
    assert run.target.count("RECORD") == 0
    names, advice = left(run)
    assert f": {', '.join(MODELS[most:])}, saved searches, appointments, " in names
    assert "takes at least 9 calls to find out" in advice
    assert "raise max_calls_per_run to 19 or more" in advice
    assert run.caplog is not None
    assert not [one for one in run.caplog.records if one.levelno >= logging.ERROR]
    (models,) = run.target.state["models"]
    assert len(models["kept"]) == most


def test_what_is_said_to_be_enough_brings_rows(run: Run) -> None:
    run(saved_searches=None, refresh="rolling", max_calls_per_run=19)
    (names,) = left(run)
    assert "saved searches" not in names
    assert run.target.count("RECORD")


def test_the_number_stays_the_same_while_the_state_has_models(run: Run) -> None:
    """It is about a run that has to ask for all of them."""
    for _ in range(12):
        run(saved_searches=None, max_calls_per_run=1)
        _, advice = left(run)
        assert "takes at least 9 calls" in advice
        run.clock.pass_time(MINUTE)


@pytest.mark.parametrize("refresh", ["rolling", "full"])
@pytest.mark.parametrize("most", [2, 3, 5])
def test_a_series_of_such_runs_reads_everything(run: Run, most: int, refresh: str) -> None:
    settings: dict[str, Any] = {"streams": [*STREAMS], "refresh": refresh, "max_calls_per_run": most}
    runs_until_all_is_read(run, MINUTE, 40, **settings)
    for stream in ("contacts", "orders", "tags", "users"):
        found = {row["id"] for row in run.target.rows(stream)}
        assert found == {row["id"] for row in run.box.records(stream)}, stream
    assert run.target.rows("countries")
    assert {row["record"] for row in run.target.rows("custom_fields")} == {*MODELS}
    (models,) = run.target.state["models"]
    assert any(name.startswith("cf_") for name in run.target.schemas["contacts"]["properties"])
    assert models["kept"]


def test_streams_are_read_in_the_end_although_changes_alone_take_all_calls(run: Run) -> None:
    timed = ("appointments", "companies", "contacts", "notes", "opportunities", "orders", "products", "tasks")
    late = ("countries", "product_options", "tags", "users")
    settings: dict[str, Any] = {"streams": [*timed, *late], "refresh": "rolling", "max_calls_per_run": 10}
    runs_until_all_is_read(run, DAY, 60, **settings)
    before = run.box.records("contacts")[0]["id"]
    run.box.plant("contacts", upsert=[{"id": before, "given_name": "Changed"}], touch=True)
    for _ in range(6):
        run.clock.pass_time(DAY)
        run(**settings)
    assert {row["id"]: row for row in run.target.rows("contacts")}[before]["given_name"] == "Changed"


def test_a_stream_that_takes_more_calls_than_a_run_has_is_named(run: Run) -> None:
    """A call for the affiliates comes before the first for their rows; the others are read all the same."""
    streams = ("affiliate_payments", "countries", "users")
    found: set[str] = set()
    for _ in range(12):
        run(streams=[*streams], max_calls_per_run=1)
        found |= {one for one in left(run) if "at once" in one}
        run.clock.pass_time(MINUTE)
    (one,) = found
    assert one.startswith(
        "affiliate_payments takes more calls at once than the 1 that this run had for rows. "
    )
    assert run.target.rows("countries")
    assert run.target.rows("users")
    runs_until_all_is_read(run, MINUTE, 40, streams=[*streams], max_calls_per_run=2)
    assert len(run.target.rows("affiliate_payments")) == len(run.box.records("affiliate_payments"))


def test_a_run_without_a_limit_forgets_what_was_left(run: Run) -> None:
    for most in (3, None):
        run(streams=[*STREAMS], max_calls_per_run=most)
        ((kept,),) = [run.target.state["left"]]
        assert bool(kept["runs"]) is (most is not None)
        run.clock.pass_time(MINUTE)


def test_a_stream_of_a_saved_search_is_left_if_the_list_of_them_is_not_known(run: Run) -> None:
    stream = "saved_search_all_contacts"
    run(streams=["contacts", stream], saved_searches=["All contacts"], max_calls_per_run=1)
    assert left(run)
    for _ in range(5):
        run.clock.pass_time(MINUTE)
        run(streams=["contacts", stream], saved_searches=["All contacts"], max_calls_per_run=3)
    assert len(run.target.rows(stream)) == len(run.box.records("contacts"))


def test_with_a_catalog_a_saved_search_is_left_as_well(run: Run) -> None:
    stream = "saved_search_all_contacts"
    catalog = run.catalog(stream, "contacts", saved_searches=["All contacts"])
    calls(run)
    run(catalog=catalog, saved_searches=["All contacts"], max_calls_per_run=1)
    names, _ = left(run)
    assert stream in names
    assert len(run.box.requests()) == 1


def test_a_stream_that_maps_describe_is_left_if_its_columns_are_not_known(run: Run) -> None:
    maps = {"orders": {"title": "title"}, "contacts": {"id": "id"}}
    run(streams=["contacts", "orders"], stream_maps=maps, max_calls_per_run=1)
    names, _ = left(run)
    assert names.endswith(": orders, contacts.")


def test_what_failed_beside_it_is_named_alone(run: Run) -> None:
    run.box.fault([{"path": "/v2/contacts/model", "always": True, "status": 403}])
    run(streams=["contacts", "orders", "tags"], max_calls_per_run=1, fails=True)
    assert str(run.error) == (
        "1 of 3 streams failed: contacts. The reasons are above; 2 are left for the next run."
    )


@pytest.mark.parametrize("host", ["", "tap-infusionsoft"])
def test_discovery_fails_as_it_cannot_go_on_later(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    """Also under Meltano: the run after it would not miss the columns that the catalog lacks."""
    monkeypatch.setenv("MELTANO_EXTRACTOR_NAME", host)
    tap = run.tap({}, max_calls_per_run=3)
    with pytest.raises(RunFailedError, match="Discovery could not see everything: tasks, opportunities"):
        tap.run_discovery()
    assert capsys.readouterr().out
    assert run.says("Raise max_calls_per_run, or leave it out: discovery and --test do not go on")
