"""Streams with a call for each row of another one: no call where that row says that nothing is below it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures import Run

DAY = 86_400
INSIDE = {"product_options": "options", "subscription_plans": "subscription_plans"}
"""Stream -> the column of products that lists its rows."""


def asked(run: Run, stream: str) -> set[str]:
    """Ids of the products that a stream asked for since the log was cleared."""
    end = "options" if stream == "product_options" else "subscriptions"
    paths = [call["path"].split("/") for call in run.box.requests("/v2/products/")]
    return {path[-2] for path in paths if path[-1] == end}


def having(run: Run, stream: str) -> set[str]:
    """Ids of the products that have rows of a stream."""
    return {row["product_id"] for row in run.box.records(stream)}


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows}


def next_night(run: Run, catalog: Any, **settings: Any) -> None:
    run.clock.pass_time(DAY)
    run.box.clear_requests()
    run(catalog=catalog, **settings)


@pytest.mark.parametrize("stream", INSIDE)
@pytest.mark.parametrize("refresh", ["full", "rolling"])
def test_an_empty_list_in_the_parent_saves_its_call(run: Run, stream: str, refresh: str) -> None:
    empty = {row["id"] for row in run.box.records("products")} - having(run, stream)
    unsure = min(empty)
    run.box.plant("products", upsert=[{"id": unsure, INSIDE[stream]: None}])
    catalog = run.catalog(stream)
    run.box.clear_requests()
    run(catalog=catalog, refresh=refresh)
    assert empty - {unsure}
    assert asked(run, stream) == having(run, stream) | {unsure}
    assert ids(run.target.rows(stream)) == ids(run.box.records(stream))


@pytest.mark.parametrize("stream", INSIDE)
@pytest.mark.parametrize("empty", [[], None])
def test_lists_that_are_empty_everywhere_are_not_believed(run: Run, stream: str, empty: object) -> None:
    run.box.plant(
        "products", upsert=[{"id": row["id"], INSIDE[stream]: empty} for row in run.box.records("products")]
    )
    run(catalog=run.catalog(stream))
    assert ids(run.target.rows(stream)) == ids(run.box.records(stream))


@pytest.mark.parametrize("refresh", ["full", "rolling"])
def test_what_a_parent_no_longer_lists_is_marked_as_deleted(run: Run, refresh: str) -> None:
    catalog = run.catalog("product_options")
    run(catalog=catalog, refresh=refresh)
    first = min(having(run, "product_options"), key=int)
    gone = {row["id"] for row in run.box.records("product_options") if row["product_id"] == first}
    run.box.plant("product_options", delete=gone)
    for _ in range(1 if refresh == "full" else 7):
        next_night(run, catalog, refresh=refresh)
    assert ids(run.target.rows("product_options")) == ids(run.box.records("product_options"))


def test_what_a_parent_lists_for_the_first_time_is_read_in_the_same_night(run: Run) -> None:
    catalog = run.catalog("product_options")
    run(catalog=catalog, refresh="rolling")
    parents = [row["id"] for row in run.box.records("products")]
    before = having(run, "product_options")
    for one in [one for one in parents if one not in before][:3]:
        run.box.plant("product_options", upsert=[{"product_id": one, "option_label": "New"}])
        next_night(run, catalog, refresh="rolling")
        assert one in {row["product_id"] for row in run.target.rows("product_options")}


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_change_that_a_parent_shows_is_read_in_the_same_night(run: Run, is_killed: bool) -> None:  # noqa: FBT001
    """No time of a product moves when its options or plans change."""
    streams = {"product_options": ("option_label", "Changed"), "subscription_plans": ("total_cycles", 77)}
    catalog = run.catalog(*streams)
    run(catalog=catalog, refresh="rolling")
    next_night(run, catalog, refresh="rolling")
    changed = {}
    for stream, (column, value) in streams.items():
        rows = run.box.records(stream)
        for place in (0, -1):
            run.box.plant(stream, upsert=[{"id": rows[place]["id"], column: value}])
        changed[stream] = {rows[0]["id"], rows[-1]["id"]}
    run.clock.pass_time(DAY)
    if is_killed:
        assert run.cut_off(3, catalog, refresh="rolling")
    run.box.clear_requests()
    run(catalog=catalog, refresh="rolling")
    for stream, (column, value) in streams.items():
        copy = {row["id"]: row[column] for row in run.target.rows(stream)}
        assert {copy[one] for one in changed[stream]} == {value}
        assert len(asked(run, stream)) < len(having(run, stream))
    next_night(run, catalog, refresh="rolling")
    assert len(asked(run, "product_options")) <= 2


def test_a_state_without_marks_of_parents_is_taken_up(run: Run) -> None:
    catalog = run.catalog("product_options")
    run(catalog=catalog, refresh="rolling")
    kept = run.target.state["bookmarks"]["product_options"]
    assert kept["known"]
    for marks in (None, "", "abc"):  # the last one belongs to other parents
        run.target.state["bookmarks"]["product_options"]["marks"] = marks
        next_night(run, catalog, refresh="rolling")
        assert len(asked(run, "product_options")) < len(having(run, "product_options"))
    run.target.state["bookmarks"]["product_options"]["marks"] = 7
    next_night(run, catalog, refresh="rolling", fails=True)
    assert run.says("marks is '7', which is not a text")


def test_only_contacts_that_show_links_are_asked_for_them(run: Run) -> None:
    run(catalog=run.catalog("contact_links"))
    linked = {str(row["id"]) for row in run.box.records("contacts") if row["links"]}
    found = {call["path"].split("/")[-2] for call in run.box.requests() if call["path"].endswith("/links")}
    assert found == linked
    both = {(row["contact1_id"], row["contact2_id"]) for row in run.target.rows("contact_links")}
    assert {one for pair in both for one in pair} == linked


EARNINGS = ("affiliate_commissions", "affiliate_clawbacks", "affiliate_payments")


def affiliates_asked(run: Run, end: str) -> set[str]:
    """Ids of the affiliates whose rows were asked for at an address that ends so."""
    paths = [call["path"] for call in run.box.requests("affiliates/")]
    return {path.removesuffix(end).rpartition("/")[2] for path in paths if path.endswith(end)}


def quiet_affiliates(run: Run, count: int) -> list[str]:
    """Ids of affiliates whose turn comes late in a round."""
    return [row["id"] for row in run.box.records("affiliates")][-count:]


def test_what_moves_the_sums_of_an_affiliate_is_read_in_the_same_night(run: Run) -> None:
    """Keap dates commissions by their sale, and shows them when it is paid."""
    catalog = run.catalog(*EARNINGS, "affiliate_summaries", "affiliate_running_totals")
    run(catalog=catalog, refresh="rolling")
    next_night(run, catalog, refresh="rolling")
    assert len(run.box.requests("summaries")) == 1
    earned, paid = quiet_affiliates(run, 2)
    late = {"affiliate_id": earned, "time_earned": "2026-11-01T12:00:00Z", "amount_earned": 7.5}
    run.box.plant("affiliate_commissions", upsert=[{**late, "invoice_id": "1", "contact_id": "1"}])
    run.box.plant(
        "affiliate_payments",
        upsert=[
            {"affiliate_id": paid, "pay_date": "2026-11-02T00:00:00Z", "pay_amount": 3, "pay_notes": "Hi"}
        ],
    )
    next_night(run, catalog, refresh="rolling")
    assert earned in affiliates_asked(run, ":commissions")
    assert paid not in affiliates_asked(run, ":commissions")
    assert paid in affiliates_asked(run, "/payments")
    assert {"Hi"} < {row["pay_notes"] for row in run.target.rows("affiliate_payments")}
    assert 7.5 in {row["amount_earned"] for row in run.target.rows("affiliate_commissions")}


def test_sums_that_keap_does_not_give_are_done_without(run: Run) -> None:
    catalog = run.catalog("affiliate_commissions")
    run.box.fault({"path_regex": "summaries", "always": True, "status": 403, "body": "{}"})
    for _ in range(3):
        next_night(run, catalog, refresh="rolling")
    assert affiliates_asked(run, ":commissions") < {row["id"] for row in run.box.records("affiliates")}
    assert run.says("What it would have shown is found later")


def test_reading_all_asks_for_no_sums(run: Run) -> None:
    run(catalog=run.catalog(*EARNINGS), refresh="full")
    assert not run.box.requests("summaries")


def test_a_first_load_that_was_killed_leaves_no_parents_to_be_read_again(run: Run) -> None:
    catalog = run.catalog("product_inventory")
    assert run.cut_off(8, catalog, refresh="rolling")
    run(catalog=catalog, refresh="rolling")
    next_night(run, catalog, refresh="rolling")
    single = {call["path"] for call in run.box.requests("/v2/products/")}
    assert 0 < len(single) < len(run.box.records("products"))
