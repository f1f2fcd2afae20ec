"""Contacts show whether tag applications are gone, so that a sweep of contacts can spare that of the tags."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.state.shown_rows import MARGIN, MODULUS, Proof, Shown
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests import fixtures
from tests.fixtures import Run

DAY = 86_400
BEGAN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)
STREAMS = ("contacts", "contact_tags", "tags")
Pairs = set[tuple[str, str]]


def total(pairs: Pairs) -> int:
    return sum(digest([*pair]) for pair in pairs) % MODULUS


BEFORE: Pairs = {("1", "7"), ("2", "7"), ("2", "9")}
NEW = ("3", "7")


@pytest.mark.parametrize(
    ("now", "new", "at", "holds"),
    [
        (BEFORE, None, WEEK, True),
        (BEFORE | {NEW}, NEW, WEEK / 2, True),
        (BEFORE | {NEW}, None, WEEK, False),  # shown, but not among those that came since
        (BEFORE - {("2", "9")}, None, WEEK, False),
        (BEFORE - {("2", "9")} | {NEW}, NEW, WEEK / 2, False),
        (BEFORE, ("2", "9"), WEEK / 2, False),  # renewed: whether it was there before is not known
        (BEFORE | {NEW}, NEW, MINUTE, False),  # during the last read: it may have seen it
        (BEFORE | {NEW}, NEW, WEEK - MINUTE, False),  # during this one
    ],
)
def test_a_proof_holds_only_if_nothing_is_gone(
    now: Pairs,
    new: tuple[str, str] | None,
    at: timedelta,
    holds: bool,  # noqa: FBT001
) -> None:
    before = Shown(total(BEFORE), BEGAN, BEGAN + 2 * MINUTE)
    proof = Proof(before, Shown(total(now), BEGAN + WEEK, BEGAN + WEEK + 3 * MINUTE))
    assert proof.since == BEGAN - MARGIN
    proof.add({digest(["1", "7"]): (BEGAN - WEEK).isoformat()})  # before, and read again
    if new is not None:
        proof.add({digest([*new]): (BEGAN + at).isoformat()})
    assert proof.holds is holds


def test_a_time_that_cannot_be_understood_proves_nothing() -> None:
    shown = Shown(5, BEGAN, BEGAN)
    proof = Proof(shown, replace(shown, began=BEGAN + WEEK, ended=BEGAN + WEEK))
    assert proof.holds
    proof.add({1: "yesterday"})
    assert not proof.holds


def test_what_came_and_was_loaded_has_to_be_there_still() -> None:
    before = Shown(total(BEFORE), BEGAN, BEGAN + 2 * MINUTE)
    key, at = digest([*NEW]), (BEGAN + WEEK / 2).isoformat()
    night = Proof(before, None)
    night.add({key: at, digest(["1", "7"]): (BEGAN - WEEK).isoformat()})
    assert not night.holds
    noted = night.noted
    assert noted == replace(before, since=key % MODULUS, newest=BEGAN + WEEK / 2)
    again = Proof(noted, None)
    again.add({key: at})  # within the lookback
    assert again.noted == noted
    for is_there in (True, False):
        pairs = BEFORE | {NEW} if is_there else BEFORE
        proof = Proof(noted, Shown(total(pairs), BEGAN + WEEK, BEGAN + WEEK + 3 * MINUTE))
        proof.add({key: at} if is_there else {})
        assert proof.holds is is_there


@pytest.mark.parametrize("all_again", [True, False])
@pytest.mark.parametrize("change", ["gone", "late", "none"])
def test_rows_that_come_again_are_those_that_were_noted(change: str, all_again: bool) -> None:  # noqa: FBT001
    before = Shown(total(BEFORE), BEGAN, BEGAN + 2 * MINUTE)
    night = Proof(before, None)
    night.add({digest([*NEW]): (BEGAN + WEEK / 2).isoformat()})
    noted = night.noted
    assert noted is not None
    again = Proof(noted, None)
    again.start = again.since if all_again else BEGAN + WEEK / 4
    rows = {} if change == "gone" else {digest([*NEW]): (BEGAN + WEEK / 2).isoformat()}
    if change == "late":
        rows[digest(["3", "9"])] = (BEGAN + WEEK / 3).isoformat()
    again.add(rows)
    assert again.noted == (None if all_again and change != "none" else noted)


def test_a_time_that_cannot_be_understood_is_not_noted() -> None:
    night = Proof(Shown(5, BEGAN, BEGAN), None)
    night.add({1: "yesterday"})
    assert night.noted is None


@pytest.mark.parametrize("kept", [None, [], {}, [{"total": 1}], [{"total": "1", "began": "x", "ended": "y"}]])
def test_a_state_without_sums_gives_no_proof(kept: Any) -> None:
    assert Shown.from_state(kept) is None
    shown = Shown(5, BEGAN, BEGAN + MINUTE)
    assert Shown.from_state([shown.as_state()]) == shown
    shown = Shown(5, BEGAN, BEGAN + MINUTE, 7, BEGAN + timedelta(microseconds=1))
    assert Shown.from_state([shown.as_state()]) == shown


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one call bring few rows, so that a small account has lists of many calls."""
    small = {
        name: replace(one, endpoint=replace(one.endpoint, page_size=min(one.endpoint.page_size, 15)))
        for name, one in COLLECTIONS.items()
    }
    monkeypatch.setattr(fixtures, "COLLECTIONS", small)


def pairs(rows: list[dict[str, Any]]) -> Pairs:
    return {(str(row["contact_id"]), str(row["tag_id"])) for row in rows}


def applications(run: Run) -> int:
    return sum(entry["path"].endswith("/tags/-/contacts") for entry in run.box.requests())


def nights(run: Run, catalog: Any, number: int) -> int:
    """Run for some nights, and return the most calls for tag applications of one of them."""
    most = 0
    for _ in range(number):
        run.clock.pass_time(DAY)
        run.box.clear_requests()
        run(catalog=catalog, refresh="rolling")
        most = max(most, applications(run))
    return most


def test_applications_are_not_swept_while_none_is_removed(run: Run) -> None:
    catalog = run.catalog(*STREAMS)
    run(catalog=catalog, refresh="rolling")
    whole = applications(run)
    nights(run, catalog, 8)  # a first load may have left open what it has missed
    run.clock.pass_time(7200)
    new = {"contact_id": "1009", "tag_id": run.box.records("tags")[-1]["id"]}
    run.box.plant("contact_tags", upsert=[new], touch=True)
    version = run.target.state["bookmarks"]["contact_tags"]["version"]
    assert nights(run, catalog, 15) < whole / 2
    state = run.target.state["bookmarks"]["contact_tags"]
    assert state["version"] == version
    assert state["swept_at"] > f"{run.clock.now() - timedelta(days=8):%Y-%m-%d}"
    assert pairs(run.target.rows("contact_tags")) == pairs(run.box.records("contact_tags"))


def test_removed_applications_are_found_within_the_interval(run: Run) -> None:
    rng = random.Random(2)
    catalog = run.catalog(*STREAMS)
    run(catalog=catalog, refresh="rolling")
    history = []
    for _ in range(25):
        rows = run.box.records("contact_tags")
        history.append(pairs(rows))
        if rng.random() < 0.4:
            gone = rng.choice(rows)
            run.box.plant("contact_tags", delete=[{key: gone[key] for key in ("contact_id", "tag_id")}])
        if rng.random() < 0.4:
            contact, tag = rng.choice(run.box.records("contacts"))["id"], rng.choice(rows)["tag_id"]
            run.box.plant("contact_tags", upsert=[{"contact_id": contact, "tag_id": tag}], touch=True)
        nights(run, catalog, 1)
        found, now = pairs(run.target.rows("contact_tags")), pairs(run.box.records("contact_tags"))
        assert now <= found
        assert found <= now.union(*history[-8:])


def test_a_tag_that_is_applied_and_removed_between_two_sweeps_does_not_stay(run: Run) -> None:
    catalog = run.catalog(*STREAMS)
    run(catalog=catalog, refresh="rolling")
    nights(run, catalog, 8)
    run.clock.pass_time(7200)
    there = pairs(run.box.records("contact_tags"))
    tags, people = run.box.records("tags"), run.box.records("contacts")
    contact, tag = next(
        pair for one in people for other in tags if (pair := (one["id"], other["id"])) not in there
    )
    new = {"contact_id": contact, "tag_id": tag}
    run.box.plant("contact_tags", upsert=[new], touch=True)
    nights(run, catalog, 1)
    assert (contact, tag) in pairs(run.target.rows("contact_tags"))
    run.box.plant("contact_tags", delete=[new])
    nights(run, catalog, 8)
    assert pairs(run.target.rows("contact_tags")) == there


@pytest.mark.parametrize("without", ["contacts", "tag_ids"])
def test_without_the_ids_of_tags_applications_are_swept(run: Run, without: str) -> None:
    streams = tuple(one for one in STREAMS if one != without)
    catalog = run.catalog(*streams, without={"contacts": [without]})
    run(catalog=catalog, refresh="rolling")
    version = run.target.state["bookmarks"]["contact_tags"]["version"]
    nights(run, catalog, 8)
    assert run.target.state["bookmarks"]["contact_tags"]["version"] > version
