"""One parent that Keap refuses costs its own rows, and nothing else.

`/v2/contacts/3/leadScore` answered 500 on every try. The first run brought the rows of contacts 1 and 2, and
no later run brought any more: those of contacts 4 to 6 never came, although nothing was wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.errors import Exit
from tap_infusionsoft.streams.collection import PerBatch, PerParent, PerValue
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.canary import KEY
from tests.fixtures import Run
from tests.target import Record
from tests.virtual import VirtualClock

DAY = 86_400
BROKEN: dict[str, Any] = {"always": True, "status": 500, "body": {"message": "An error has occurred"}}
REFUSED: dict[str, Any] = {"always": True, "status": 400, "body": {"message": "Cannot read this"}}
SCORES = "contact_lead_scores"

SLICED = sorted(
    name
    for name, one in COLLECTIONS.items()
    if one.slices is not None and (not isinstance(one.slices, PerValue) or len(one.slices.values) > 1)
)
"""All streams that are read for several parents, batches or values."""


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A small account."""
    switches = {"limits": "off", "quota_headers": "blank", "pipelines": "v2"}
    with Sandbox(seed=1, contacts=40, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


def held(run: Run, stream: str) -> list[Record]:
    return sorted(run.target.rows(stream), key=str)


def own_calls(run: Run, stream: str) -> list[dict[str, Any]]:
    """The calls since the last look that asked for rows of a stream, and not for their parents."""
    pattern = re.sub(r"\{\w+\}", "[^/:]+", COLLECTIONS[stream].endpoint.path)
    found = [call for call in run.box.requests() if re.fullmatch(f"(/crm/rest)?{pattern}", call["path"])]
    run.box.clear_requests()
    return found


def refuse_one(run: Run, stream: str, calls: list[dict[str, Any]], answer: dict[str, Any]) -> str:
    """Let Keap refuse one of the parents that these calls asked for; return what names it in a call."""
    slices = COLLECTIONS[stream].slices
    if not isinstance(slices, PerBatch):
        paths = list(dict.fromkeys(call["path"] for call in calls))
        path: str = paths[len(paths) // 2]
        run.box.fault({"path": path, **answer})
        return path
    ids = [one for call in calls for one in call["query"]["filter"].split("==")[1].split(",")]
    one: str = next(one for one in ids[1:] if not any(other.startswith(one) for other in ids if other != one))
    path = COLLECTIONS[stream].endpoint.path
    run.box.fault([{"path": path, "query": f"{mark}{one}", **answer} for mark in ("==", ",")])
    return one


def named_in(stream: str, name: str) -> str:
    """What the message calls the parent that was refused: the ids in its path."""
    pattern = re.sub(r"\{\w+\}", "([^/:]+)", COLLECTIONS[stream].endpoint.path)
    found = re.fullmatch(f"(?:/crm/rest)?{pattern}", name)
    return "/".join(found.groups()) if found else name


def test_every_kind_of_parent_is_tried() -> None:
    assert {"contact_lead_scores", "contact_links", "contacts_by_tag", "custom_fields"} < set(SLICED)
    assert len(SLICED) > 30


@pytest.mark.parametrize("stream", SLICED)
def test_a_refused_parent_costs_only_its_own_rows(run: Run, stream: str) -> None:
    """It is named, the others arrive, nothing is deleted; later runs try only the parent that is missing."""
    catalog = run.catalog(stream, saved_searches=None)
    run.box.clear_requests()
    run(catalog=catalog, saved_searches=None)
    whole, calls = held(run, stream), own_calls(run, stream)
    run.target = type(run.target)()
    name = refuse_one(run, stream, calls, BROKEN)
    target = run(catalog=catalog, fails=True, saved_searches=None)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert target.count("ACTIVATE_VERSION") == 0
    few = held(run, stream)
    if not isinstance(COLLECTIONS[stream].slices, PerBatch):
        assert {call["path"] for call in own_calls(run, stream)} == {call["path"] for call in calls}
    assert run.says(f"{stream}: Keap refuses to give the rows of ")
    assert run.says(f" {named_in(stream, name)}. All others were read")
    assert "replication_key_value" not in target.state["bookmarks"][stream]
    run.box.clear_requests()
    for _ in range(2):
        run.clock.pass_time(600)
        run(catalog=catalog, fails=True, saved_searches=None)
        assert held(run, stream) == few
        again = own_calls(run, stream)
        assert again
        if isinstance(COLLECTIONS[stream].slices, PerBatch):
            assert {call["query"]["filter"].split("==")[1] for call in again} == {name}
        else:
            assert {call["path"] for call in again} == {name}
    run.box.clear_faults()
    run.clock.pass_time(600)
    target = run(catalog=catalog, saved_searches=None)
    assert held(run, stream) == whole
    assert target.count("ACTIVATE_VERSION") == 1
    run.clock.pass_time(600)
    run(catalog=catalog, saved_searches=None)
    assert held(run, stream) == whole


# The ways in which a parent can be refused.


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 400, "body": {"message": "Cannot read this"}},
        {"status": 400, "body": "<html><body>Bad request</body></html>", "content_type": "text/html"},
        {"status": 403, "body": {"message": "No access"}},
        {"status": 404, "body": "<html><body>Page Not Found</body></html>", "content_type": "text/html"},
        {"status": 409, "body": {"message": "Conflict"}},
        {"status": 500, "body": ""},
        {"status": 503, "body": ""},
        {"status": 504, "body": ""},
        {"status": 302, "body": ""},
        {"status": 200, "body": ""},
        {"status": 200, "body": "{}"},
        {"status": 200, "body": '{"contact_id": "1", "sco'},
        {"status": 200, "body": "<html><body>Maintenance</body></html>", "content_type": "text/html"},
    ],
    ids=lambda answer: f"{answer['status']} {str(answer['body'])[:12]}",
)
def test_whatever_keap_says_the_others_arrive(run: Run, answer: dict[str, Any]) -> None:
    catalog = run.catalog(SCORES)
    contacts = [row["id"] for row in run.box.records("contacts")]
    run.box.fault({"path": f"/v2/contacts/{contacts[2]}/leadScore", "always": True, **answer})
    target = run(catalog=catalog, fails=True)
    assert len(target.rows(SCORES)) == len(contacts) - 1
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    run.box.clear_faults()
    assert len(run(catalog=catalog).rows(SCORES)) == len(contacts)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("settings", [{}, {"stream_maps": {SCORES: {"more": "str(score)"}}}], ids=str)
def test_it_does_not_matter_how_rows_are_read(run: Run, settings: dict[str, Any]) -> None:
    """By page and record by record, with one call at a time and with several."""
    catalog = run.catalog(SCORES)
    contacts = [row["id"] for row in run.box.records("contacts")]
    for place in (0, 7, 8, len(contacts) - 1):
        run.box.fault({"path": f"/v2/contacts/{contacts[place]}/leadScore", **BROKEN})
    target = run(catalog=catalog, fails=True, **settings)
    assert len(target.rows(SCORES)) == len(contacts) - 4
    run.box.clear_faults()
    run.box.clear_requests()
    assert len(run(catalog=catalog, **settings).rows(SCORES)) == len(contacts)
    assert len(own_calls(run, SCORES)) == 4


def test_streams_that_share_answers_skip_alike(run: Run) -> None:
    streams = ("affiliate_summaries", "affiliate_running_totals")
    catalog = run.catalog(*streams)
    run(catalog=catalog)
    whole = {stream: held(run, stream) for stream in streams}
    refuse_one(run, streams[0], own_calls(run, streams[0]), BROKEN)
    run.target = type(run.target)()
    run(catalog=catalog, fails=True)
    for stream in streams:
        assert len(held(run, stream)) < len(whole[stream])
    run.box.clear_faults()
    run(catalog=catalog)
    assert {stream: held(run, stream) for stream in streams} == whole


def test_a_bad_id_costs_few_calls(run: Run) -> None:
    """Its batch is halved until it is alone."""
    catalog = run.catalog("affiliate_summaries")
    run(catalog=catalog)
    whole = own_calls(run, "affiliate_summaries")
    ids = whole[0]["query"]["filter"].split("==")[1].split(",")
    refuse_one(run, "affiliate_summaries", whole, REFUSED)
    run.target = type(run.target)()
    target = run(catalog=catalog, fails=True)
    assert len(target.rows("affiliate_summaries")) == len(ids) - 1
    assert len(own_calls(run, "affiliate_summaries")) <= len(whole) + 2 * len(ids).bit_length()


@pytest.mark.parametrize("stream", ["affiliate_payments", "affiliate_commissions"])
def test_a_refused_later_page_brings_the_earlier_one_and_comes_again(run: Run, stream: str) -> None:
    run.box.switch(page_rows_max=2)
    catalog = run.catalog(stream)
    run(catalog=catalog)
    whole, calls = held(run, stream), own_calls(run, stream)
    path = next(call["path"] for call in calls if "page_token" in call["query"])
    run.target = type(run.target)()
    run.box.fault({"path": path, "query": "page_token", **BROKEN})
    run(catalog=catalog, fails=True)
    assert len(held(run, stream)) < len(whole)
    run.box.clear_faults()
    target = run(catalog=catalog)
    assert held(run, stream) == whole
    assert target.state["bookmarks"][stream]["rows"] == len(whole)


@pytest.mark.usefixtures("at_once")
def test_a_server_that_breaks_off_for_one_parent_is_still_there(run: Run) -> None:
    catalog = run.catalog(SCORES)
    contacts = [row["id"] for row in run.box.records("contacts")]
    for place in (0, 7):
        run.box.fault("reset", path=f"/v2/contacts/{contacts[place]}/leadScore", always=True)
    target = run(catalog=catalog, fails=True)
    assert len(target.rows(SCORES)) == len(contacts) - 2
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    run.box.clear_faults()
    assert len(run(catalog=catalog).rows(SCORES)) == len(contacts)


def test_a_server_that_is_gone_is_not_asked_for_every_parent(run: Run) -> None:
    catalog = run.catalog(SCORES)
    contacts = [row["id"] for row in run.box.records("contacts")]
    run.concurrency = 1
    for contact in contacts[3:]:
        run.box.fault("reset", path=f"/v2/contacts/{contact}/leadScore", always=True)
    run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.FAILED
    assert len({call["path"] for call in own_calls(run, SCORES)}) == 5
    run.box.clear_faults()
    assert len(run(catalog=catalog).rows(SCORES)) == len(contacts)


# What no run may say or do meanwhile.


def test_rows_of_a_refused_parent_stay(run: Run) -> None:
    """They were loaded before, and a pass that lacks them does not mark them as deleted."""
    catalog = run.catalog(SCORES)
    before = run(catalog=catalog).rows(SCORES)
    run.clock.pass_time(DAY)
    refuse_one(run, SCORES, own_calls(run, SCORES), BROKEN)
    assert run(catalog=catalog, fails=True).rows(SCORES) == before


def test_the_bookmark_waits_for_the_refused_parent(run: Run) -> None:
    """Rows of other parents are newer than those that wait, and more than the look-back away."""
    stream = "affiliate_payments"
    narrow: dict[str, Any] = {"stream_settings": {stream: {"lookback_hours": 1}}}
    catalog = run.catalog(stream)
    run(catalog=catalog, **narrow)
    bookmark = run.target.state["bookmarks"][stream]["replication_key_value"]
    early, late = (dict(row) for row in run.box.records(stream)[:2])
    early |= {"id": "9001", "affiliate_id": "2", "pay_date": "2026-11-21T10:00:00Z"}
    late |= {"id": "9002", "affiliate_id": "5", "pay_date": "2026-11-24T10:00:00Z"}
    run.box.plant(stream, upsert=[early, late])
    run.box.fault({"path": "/v2/affiliates/2/payments", **BROKEN})
    run.clock.pass_time(5 * DAY)
    run(catalog=catalog, fails=True, **narrow)
    assert "9002" in {row["id"] for row in run.target.rows(stream)}
    for _ in range(2):
        run.clock.pass_time(DAY / 4)
        run(catalog=catalog, fails=True, **narrow)
        assert run.target.state["bookmarks"][stream]["replication_key_value"] == bookmark
    run.box.clear_faults()
    run.clock.pass_time(DAY)
    target = run(catalog=catalog, **narrow)
    assert {"9001", "9002"} <= {row["id"] for row in target.rows(stream)}
    assert target.state["bookmarks"][stream]["replication_key_value"] > bookmark


def test_a_refused_parent_of_parents_is_not_forgotten(run: Run) -> None:
    """What lies below it cannot be listed, so it is neither read nor marked as deleted."""
    stream = "lead_source_recurring_expense_items"
    catalog = run.catalog(stream)
    before = run(catalog=catalog).rows(stream)
    run.clock.pass_time(8 * DAY)
    source = before[0]["lead_source_id"]
    run.box.fault({"path": f"/v2/leadSources/{source}/recurringExpenses", **BROKEN})
    target = run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert run.says(f"{stream}: Keap refuses to give the rows of lead_sources {source}.")
    assert target.rows(stream) == before
    run.box.clear_faults()
    run(catalog=catalog)
    assert run.target.rows(stream) == before


def test_parents_that_could_not_be_listed_are_read_by_a_run_that_takes_up_the_pass(run: Run) -> None:
    """The list was short when the run began, and whole when the next run took up what a kill had left."""
    stream = "lead_source_recurring_expense_items"
    catalog = run.catalog(stream)
    whole = sorted(run(catalog=catalog).rows(stream), key=str)
    sources = sorted({int(row["lead_source_id"]) for row in whole})
    calls = len(run.box.requests())
    for kill_at in range(2, calls // 2, 2):
        run.target = type(run.target)()
        run.box.fault({"path": f"/v2/leadSources/{sources[0]}/recurringExpenses", **BROKEN})
        run.cut_off(kill_at, catalog, flushes=True)
        run.box.clear_faults()
        run(catalog=catalog, fails=bool(run.target.state["bookmarks"].get(stream, {}).get("underway")))
        run(catalog=catalog)
        assert held(run, stream) == whole, kill_at


def test_a_kill_does_not_forget_what_was_skipped(run: Run) -> None:
    catalog = run.catalog(SCORES)
    contacts = [row["id"] for row in run.box.records("contacts")]
    for kill_at in range(3, len(contacts), 6):
        run.target = type(run.target)()
        run.box.fault({"path": f"/v2/contacts/{contacts[1]}/leadScore", **REFUSED})
        assert run.cut_off(kill_at, catalog, flushes=True)
        run.box.clear_faults()
        assert len(run(catalog=catalog).rows(SCORES)) == len(contacts), kill_at


def test_a_skipped_parent_that_is_deleted_is_no_longer_asked_for(run: Run) -> None:
    catalog = run.catalog(SCORES)
    contacts = [row["id"] for row in run.box.records("contacts")]
    run(catalog=catalog)
    run.box.fault({"path": f"/v2/contacts/{contacts[1]}/leadScore", **REFUSED})
    run.clock.pass_time(60)
    run(catalog=catalog, fails=True)
    run.box.plant("contacts", delete=[contacts[1]])
    run.clock.pass_time(60)
    target = run(catalog=catalog)
    assert {row["contact_id"] for row in target.rows(SCORES)} == {*contacts} - {contacts[1]}


@pytest.mark.parametrize("stream", [SCORES, "affiliate_payments"])
def test_a_parent_that_is_never_found_does_not_keep_deleted_rows_alive(run: Run, stream: str) -> None:
    """It is listed, but has nothing below it. Once may be a mistake; twice the same is believed."""
    path, slices = COLLECTIONS[stream].endpoint.path, COLLECTIONS[stream].slices
    assert isinstance(slices, PerParent)
    (column,) = slices.columns
    catalog = run.catalog(stream)
    run(catalog=catalog)
    first, *others = dict.fromkeys(row[column] for row in run.target.rows(stream))
    for missing, gone in zip(others[:2], others[2:4], strict=True):
        run.box.fault("not_found", path=path.format(**{column: missing}), always=True)
        run.box.plant(slices.stream, delete=[gone])
        run.clock.pass_time(8 * DAY)
        target = run(catalog=catalog)
        assert {missing, gone} <= {row[column] for row in target.rows(stream)}
        run.clock.pass_time(8 * DAY)
        target = run(catalog=catalog)
        assert {missing, gone}.isdisjoint(row[column] for row in target.rows(stream))
    assert first in {row[column] for row in target.rows(stream)}


# How long it goes on.


def test_the_other_rows_do_not_grow_old_because_of_a_parent_that_is_broken_for_ever(run: Run) -> None:
    """A pass that began 12 hours ago or more is followed by a new one in the run that takes it up."""
    catalog = run.catalog(SCORES)
    contacts = [str(row["id"]) for row in run.box.records("contacts")]
    run.box.fault({"path": f"/v2/contacts/{contacts[1]}/leadScore", **REFUSED})
    run(catalog=catalog, fails=True)
    own_calls(run, SCORES)
    for hours, is_read_again in ((6, False), (7, True), (6, False)):
        run.clock.pass_time(hours * 3_600)
        run(catalog=catalog, fails=True)
        asked = [call["path"].split("/")[-2] for call in own_calls(run, SCORES)]
        assert asked[0] == contacts[1]
        assert (set(asked) == set(contacts)) is is_read_again
    run.box.clear_faults()
    run.clock.pass_time(DAY)
    target = run(catalog=catalog)
    assert len(own_calls(run, SCORES)) == len(contacts) + 1
    assert target.count("ACTIVATE_VERSION") == 2
    assert len(target.rows(SCORES)) == len(contacts)


@pytest.mark.parametrize("status", [403, 500])
def test_an_address_that_serves_nobody_fails_its_stream(run: Run, status: int) -> None:
    catalog = run.catalog(SCORES)
    run.concurrency = 1  # none of the calls is sent ahead
    run.box.fault({"path_regex": "/leadScore$", "always": True, "status": status, "body": "{}"})
    run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.FAILED
    assert len({call["path"] for call in own_calls(run, SCORES)}) == 5
    run(catalog=catalog, fails=True)
    assert run.error.exit_code == Exit.FAILED
    run.box.clear_faults()
    assert len(run(catalog=catalog).rows(SCORES)) == len(run.box.records("contacts"))


def test_a_few_parents_that_are_all_refused_fail_their_stream(run: Run) -> None:
    contacts = [str(row["id"]) for row in run.box.records("contacts")[:3]]
    catalog = run.catalog(SCORES)
    run.box.fault({"path_regex": "/leadScore$", **REFUSED})
    run(catalog=catalog, fails=True, contact_ids=contacts)
    assert run.error is not None
    assert run.error.exit_code == Exit.FAILED


def test_many_refusals_in_a_row_end_the_run_and_the_next_one_gets_further(run: Run) -> None:
    catalog = run.catalog(SCORES)
    contacts = [str(row["id"]) for row in run.box.records("contacts")]
    run.concurrency = 1
    for contact in contacts[4:18]:
        run.box.fault({"path": f"/v2/contacts/{contact}/leadScore", **REFUSED})
    assert len(run(catalog=catalog, fails=True).rows(SCORES)) == 4
    assert len({call["path"] for call in own_calls(run, SCORES)}) == 14
    assert len(run(catalog=catalog, fails=True).rows(SCORES)) == len(contacts) - 14
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert run.says("and 4 others. All others were read")
    run.box.clear_faults()
    assert len(run(catalog=catalog).rows(SCORES)) == len(contacts)


def test_a_fallback_is_taken_up_too(run: Run) -> None:
    catalog = run.catalog("contact_tags")
    run(catalog=catalog)
    whole = held(run, "contact_tags")
    tag = whole[0]["tag_id"]
    run.target = type(run.target)()
    run.box.fault("not_found", path="/v2/tags/-/contacts", always=True)
    run.box.fault({"path": f"/v2/tags/{tag}/contacts", **REFUSED})
    run(catalog=catalog, fails=True)
    assert run.says(f"contact_tags: Keap refuses to give the rows of tags {tag}.")
    run.box.clear_requests()
    run(catalog=catalog, fails=True)
    assert {call["path"].removeprefix("/crm/rest") for call in run.box.requests("/contacts")} == {
        f"/v2/tags/{tag}/contacts"
    }
    run.box.clear_faults()
    run(catalog=catalog)
    assert held(run, "contact_tags") == whole


def test_many_parents_may_be_refused_if_others_are_served_between_them(run: Run) -> None:
    run.box.reset(contacts=230)
    catalog = run.catalog(SCORES)
    contacts = [str(row["id"]) for row in run.box.records("contacts")]
    for contact in contacts[1::2]:
        run.box.fault({"path": f"/v2/contacts/{contact}/leadScore", **REFUSED})
    run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert {row["contact_id"] for row in run.target.rows(SCORES)} == {*contacts[::2]}
    run.box.clear_faults()
    own_calls(run, SCORES)
    assert len(run(catalog=catalog).rows(SCORES)) == len(contacts)
    assert len(own_calls(run, SCORES)) == len(contacts[1::2])
