"""The plan of a first load, of which nothing is known but what a dozen calls show, against what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.check.samples import MOST
from tap_infusionsoft.check.table import as_text
from tap_infusionsoft.check.tried import Size, look, newest_first
from tap_infusionsoft.check.usual_sizes import EACH
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.benchmarks import accounts
from tests.canary import KEY
from tests.check.test_check import check, night
from tests.fixtures import Run
from tests.virtual import VirtualClock

SETTINGS: tuple[dict[str, Any], ...] = (
    {"saved_searches": None, "refresh": "rolling"},  # as by default
    {"saved_searches": [], "refresh": "full"},
)


@contextmanager
def opened(seed: int, contacts: int) -> Iterator[Run]:
    clock = VirtualClock()
    switches = {"limits": "off", "quota_headers": "blank"}
    with Sandbox(seed=seed, contacts=contacts, api_key=KEY, clock=clock.epoch, switches=switches) as box:
        yield Run(box, clock)


def assert_planned(run: Run, **settings: Any) -> None:
    report = check(run, **settings)
    calls, rows = night(run, **settings)
    assert report.least_calls <= calls, as_text(report)
    assert report.least_rows <= rows, as_text(report)
    assert report.calls == pytest.approx(calls, rel=0.1), as_text(report)
    assert report.rows == pytest.approx(rows, rel=0.2), as_text(report)


@pytest.mark.parametrize("settings", SETTINGS, ids=["rolling", "full"])
@pytest.mark.parametrize(
    ("seed", "contacts"),
    [
        (1, 0),
        (4, 5),
        (2, 20),
        (1, 40),
        (2, 150),
        (3, 500),
        pytest.param(5, 2_000, marks=pytest.mark.nightly),
        pytest.param(7, 10_000, marks=pytest.mark.nightly),
        pytest.param(9, 50_000, marks=pytest.mark.nightly),
    ],
)
def test_all_default_streams_take_what_was_planned(
    seed: int, contacts: int, settings: dict[str, Any]
) -> None:
    with opened(seed, contacts) as run:
        assert_planned(run, **settings)


@pytest.mark.parametrize("settings", SETTINGS, ids=["rolling", "full"])
@pytest.mark.parametrize(
    ("seed", "contacts", "start"),
    [
        (1, 300, "2026-11-13"),
        (2, 40, "2025-11-20"),
        pytest.param(1, 3_000, "2026-11-13", marks=pytest.mark.nightly),
        pytest.param(8, 2_000, "2025-11-20", marks=pytest.mark.nightly),
        pytest.param(7, 5_000, "2026-10-21", marks=pytest.mark.nightly),
    ],
)
def test_so_they_do_with_a_start_date(seed: int, contacts: int, start: str, settings: dict[str, Any]) -> None:
    with opened(seed, contacts) as run:
        assert_planned(run, **settings, start_date=start)


def test_contacts_of_all_times_are_looked_at_only_for_lists_without_times() -> None:
    with opened(1, 150) as run:
        for more, calls in (["orders"], 1), (["email_address_statuses"], 2):
            check(run, streams=["contacts", *more], start_date="2026-11-13")
            asked = [one for one in run.box.requests() if one["path"].endswith("/v2/contacts")]
            assert len(asked) == calls


def few_orders(box: Sandbox) -> None:
    for name, key in (
        ("orders", "id"),
        ("payments", "id"),
        ("transactions", "id"),
        ("subscriptions", "id"),
        ("payment_methods", "payment_method_id"),
    ):
        box.plant(name, delete=[str(row[key]) for row in box.records(name)[3:] if row is not None])


def no_affiliates(box: Sandbox) -> None:
    box.plant("affiliates", delete=[row["id"] for row in box.records("affiliates")])


def agency(box: Sandbox) -> None:
    accounts.agency(box, affiliates=60, products=1_200, campaigns=40)


def many_deleted(box: Sandbox) -> None:
    box.plant("contacts", delete=[row["id"] for row in box.records("contacts")[::3]])


@pytest.mark.parametrize("change", [few_orders, no_affiliates, agency, many_deleted])
def test_so_they_do_in_other_accounts(change: Callable[[Sandbox], None]) -> None:
    with opened(1, 200) as run:
        change(run.box)
        assert_planned(run, **SETTINGS[0])


@pytest.mark.parametrize("settings", SETTINGS, ids=["rolling", "full"])
@pytest.mark.parametrize("answers", [12, 60, 150])
def test_so_does_the_rest_of_a_load_that_was_stopped(answers: int, settings: dict[str, Any]) -> None:
    with opened(3, 500) as run:
        assert run.cut_off(answers, None, flushes=True, **settings)
        report = check(run, **settings)
        calls, rows = night(run, **settings)
        assert report.calls == pytest.approx(calls, rel=0.1), as_text(report)
        assert report.rows == pytest.approx(rows, rel=0.2), as_text(report)
        assert "(25 of 25 affiliates" in as_text(report) or "(10 of 10 lead sources" in as_text(report)


@pytest.mark.parametrize(
    "streams",
    [
        ["contacts", "contact_tags", "email_address_statuses"],
        ["order*", "payments", "transactions"],
        ["contact_lead_scores"],
        ["lead_source_expenses"],
        ["campaign*", "automations"],
        ["contact_tags"],
        ["contacts_by_tag"],
        ["contacts", "contact_tags", "contacts_by_tag"],
        ["custom_field_groups"],
        ["commission_program_affiliates", "commission_program_details"],
    ],
)
def test_of_few_streams_more_is_known(streams: list[str]) -> None:
    with opened(1, 1_500) as run:
        report = check(run, streams=streams, refresh="rolling")
        calls, rows = night(run, streams=streams, refresh="rolling")
        assert report.calls == pytest.approx(calls, rel=0.1), as_text(report)
        assert report.rows == pytest.approx(rows, rel=0.1), as_text(report)


def test_only_the_tags_of_the_settings_are_counted() -> None:
    with opened(1, 300) as run:
        tag = run.box.records("tags")[0]["id"]
        settings: dict[str, Any] = {"streams": ["contact_tags", "contacts_by_tag"], "tag_ids": [tag]}
        report = check(run, **settings)
        assert (report.calls, report.rows) == night(run, **settings)


def test_links_of_old_contacts_are_seen_if_there_are_calls_left() -> None:
    with opened(1, 2_500) as run:
        report = check(run, streams=["contact_links"])
        paths = [
            one["query"].get("order_by") for one in run.box.requests() if one["path"].endswith("/contacts")
        ]
        assert paths == ["id desc", "id asc", "id asc"]  # both ends, then what is between them
        assert (report.calls, report.rows) == night(run, streams=["contact_links"])


def test_contacts_tell_how_long_many_lists_are_even_if_they_are_not_read() -> None:
    streams = ["orders", "emails", "notes", "tasks", "payments", "transactions", "subscriptions", "products"]
    with opened(4, 300) as run:
        assert_planned(run, streams=[*streams, "campaign_goals", "product_options", "lead_source_expenses"])
        check(run, streams=streams[:3])
        assert not [one for one in run.box.requests() if one["path"].endswith("/contacts")]


@pytest.mark.parametrize(
    "settings",
    [
        {"streams": ["contacts", "saved_search_*"], "saved_searches": None},
        {"streams": ["*"], "saved_searches": None},
        {
            "streams": ["contacts"],
            "queries": [{"name": "ogden", "stream": "contacts", "filter": "email==a*"}],
        },
    ],
    ids=["saved searches", "all", "queries"],
)
def test_streams_of_the_account_are_planned_as_well(settings: dict[str, Any]) -> None:
    with opened(1, 20) as run:
        assert check(run, **settings).plan


@pytest.mark.parametrize("start", ["2026-06-01", "2024-01-01"])
def test_a_start_date_in_the_middle_of_a_long_list_is_planned_for(start: str) -> None:
    with opened(1, 1_500) as run:
        settings: dict[str, Any] = {"streams": ["contacts", "orders", "emails"], "start_date": start}
        report = check(run, **settings)
        calls, rows = night(run, **settings)
        assert report.calls == pytest.approx(calls, rel=0.1, abs=1)
        assert report.rows == pytest.approx(rows, rel=0.2)


def test_an_empty_page_that_says_that_there_are_more_is_an_empty_list() -> None:
    plan = ReadPlan(COLLECTIONS["contacts"])
    call = newest_first(walk_of(plan, next(slices(plan))).first_call(), plan)
    found = look({"contacts": [], "next_page_token": "b25l"}, call, plan)
    assert found is not None
    assert found.size == Size(0, 0, "its first page")


def test_an_id_far_above_the_others_does_not_count_as_many_rows() -> None:
    with opened(1, 1_500) as run:
        run.box.plant("contacts", upsert=[{"id": "99999999"}])
        assert_planned(run, streams=["contacts", "contact_tags", "email_address_statuses"])


def test_deleted_contacts_at_the_old_end_are_not_counted() -> None:
    with opened(1, 4_000) as run:
        run.box.plant("contacts", delete=[row["id"] for row in run.box.records("contacts")[:2_400]])
        assert_planned(run, streams=["contacts", "contact_tags", "email_address_statuses"])


def test_contacts_that_settings_name_do_not_measure_the_account() -> None:
    with opened(1, 1_500) as run:
        ids = [row["id"] for row in run.box.records("contacts")[:3]]
        report = check(run, **SETTINGS[0], contact_ids=ids)
        calls, rows = night(run, **SETTINGS[0], contact_ids=ids)
        assert report.calls == pytest.approx(calls, rel=0.1)
        assert report.rows == pytest.approx(rows, rel=0.2)


@pytest.mark.nightly
def test_early_ids_among_the_newest_rows_do_not_thin_out_the_others() -> None:
    with opened(9, 20_000) as run:
        report = check(run, streams=["transactions"])
        (planned,) = report.plan
        assert planned.rows == pytest.approx(len(run.box.records("transactions")), rel=0.05)


def test_the_smaller_an_account_the_more_is_asked_about_what_was_set_up() -> None:
    with opened(4, 5) as run:
        seen = check(run).seen
        assert {"contacts", "tags", "automations"} <= seen.keys()
        assert not {"orders", "notes", "transactions"} & seen.keys()
    with opened(4, 150) as run:
        seen = check(run).seen
        assert {"contacts", "orders", "notes"} <= seen.keys()
        assert not {"tags", "automations"} & seen.keys()


def test_parents_that_were_not_looked_at_are_taken_to_be_like_those_that_were_and_usual() -> None:
    with opened(1, 40) as run:
        report = check(run, streams=["lead_source_expenses"])
        (planned,) = (one for one in report.plan if one.stream == "lead_source_expenses")
        assert planned.rows is not None
        assert planned.least_rows is not None
        unseen = 10 - MOST
        assert planned.rows == round(planned.least_rows + unseen * (planned.least_rows + EACH) / (MOST + 1))


def test_estimates_are_marked_and_the_least_is_named(run: Run) -> None:
    report = check(run)
    text = as_text(report)
    assert report.is_estimate
    assert report.least_calls <= report.calls
    assert report.least_rows < report.rows
    assert f"about {report.rows:,} rows" in text
    assert f"at least {report.least_calls:,} calls and {report.least_rows:,} rows" in text
    planned = {one.stream: one for one in report.plan}
    assert not planned["affiliates"].is_estimate
    assert planned["referrals"].is_estimate
    assert planned["referrals"].least_rows == 0


def test_a_list_without_an_order_is_counted_by_its_pages_if_others_are_read_for_it() -> None:
    with opened(1, 40) as run:
        accounts.agency(run.box, affiliates=30, products=2_300, campaigns=8)
        report = check(run, streams=["products", "product_inventory"])
        planned = {one.stream: one for one in report.plan}
        assert planned["product_inventory"].calls == 2_300
        assert not planned["product_inventory"].is_estimate


def test_an_order_that_keap_refuses_is_done_without() -> None:
    with opened(1, 1_200) as run:
        run.box.fault({"path": "/v2/contacts", "query": "desc", "always": True, "status": 400})
        report = check(run, streams=["contacts"])
        (planned,) = (one for one in report.plan if one.stream == "contacts")
        assert planned.rows == 1_200
        assert planned.basis == "its first pages"


def test_custom_fields_are_asked_for_last_and_what_was_not_compared_is_named(run: Run) -> None:
    catalog = run.catalog("contacts", others=True)
    for entry in catalog["streams"]:
        for meta in entry["metadata"]:
            if not meta["breadcrumb"]:
                meta["metadata"]["selected"] = True
    report = check(run, catalog)
    note = next(one for one in report.notes if one.startswith("Custom fields not compared"))
    assert "contacts" in note
