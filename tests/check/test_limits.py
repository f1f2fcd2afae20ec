"""The plan where settings limit what is read: to some time, or to what they name."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.check.table import as_text
from tests.check.test_check import DAY, check, failing, night
from tests.check.test_first_load import opened
from tests.fixtures import Run

START = "2026-10-01"


def assert_close(run: Run, **settings: Any) -> None:
    """Compare the plan with what the run takes."""
    report = check(run, **settings)
    calls, rows = night(run, **settings)
    assert report.calls == pytest.approx(calls, rel=0.1, abs=1), as_text(report)
    assert report.rows == pytest.approx(rows, rel=0.2, abs=15), as_text(report)
    assert report.least_calls <= calls, as_text(report)
    assert report.least_rows <= rows, as_text(report)


@pytest.mark.parametrize(
    "streams",
    [
        ["contacts", "contact_lead_scores", "contact_links"],
        ["orders", "order_items"],
        ["companies", "company_tags"],
        ["contacts", "contacts_by_tag"],
        ["contact_tags"],
        ["notes"],
        ["products", "product_inventory", "lead_sources", "lead_source_expenses"],
        ["email_contents"],
        ["file_data"],
    ],
    ids=", ".join,
)
def test_parents_are_those_of_all_times_and_rows_those_of_some(streams: list[str]) -> None:
    with opened(2, 150) as run:
        settings: dict[str, Any] = {"streams": streams, "start_date": START, "refresh": "full"}
        for _ in range(3):
            assert_close(run, **settings)
            run.clock.pass_time(DAY)


@pytest.mark.parametrize("refresh", ["rolling", "full"])
def test_nights_with_a_start_date_are_planned(refresh: str) -> None:
    with opened(3, 150) as run:
        settings: dict[str, Any] = {"saved_searches": None, "refresh": refresh, "start_date": "2026-10-21"}
        for _ in range(3):
            assert_close(run, **settings)
            run.clock.pass_time(DAY)


@pytest.mark.parametrize(
    ("streams", "limit"),
    [
        (["contacts", "contact_lead_scores"], {"contact_ids": 5}),
        (["email_contents"], {"start_date": START}),
        (["orders", "order_items"], {"start_date": "2026-11-01"}),
        (["contacts", "orders", "tags"], {"end_date": "2025-01-01"}),
        (["affiliates", "affiliate_payments"], {"affiliate_ids": 3}),
    ],
    ids=str,
)
def test_a_limit_that_is_new_is_planned_like_a_first_load(streams: list[str], limit: dict[str, Any]) -> None:
    with opened(2, 150) as run:
        night(run, streams=streams, refresh="full")
        run.clock.pass_time(DAY)
        ids = {name: name.removesuffix("_ids") + "s" for name, value in limit.items() if value in {3, 5}}
        named = {name: [row["id"] for row in run.box.records(ids[name])[: limit[name]]] for name in ids}
        assert_close(run, streams=streams, refresh="full", **{**limit, **named})


@pytest.mark.parametrize(
    ("streams", "setting"),
    [
        (["contacts", "contact_tags", "tags"], {"tag_ids": ["900001"]}),
        (["orders"], {"order_ids": ["999999"]}),
        (["affiliate_payments"], {"affiliate_ids": ["999999"]}),
    ],
    ids=str,
)
def test_a_new_limit_that_names_nothing_is_refused(streams: list[str], setting: dict[str, Any]) -> None:
    with opened(2, 60) as run:
        night(run, streams=streams, refresh="full")
        run.clock.pass_time(DAY)
        report = check(run, streams=streams, refresh="full", **setting)
        assert report.exit_code == failing(run, streams=streams, refresh="full", **setting)


@pytest.mark.parametrize("place", [0, -1])
def test_samples_are_of_the_parents_that_settings_name(place: int) -> None:
    with opened(2, 150) as run:
        settings = {
            "streams": ["affiliate_commissions"],
            "affiliate_ids": [run.box.records("affiliates")[place]["id"], "990001", "990002"],
        }
        report = check(run, **settings)
        assert (report.calls, report.rows) == night(run, **settings)


def test_links_of_contacts_that_settings_name_are_counted() -> None:
    with opened(2, 150) as run:
        ids = [row["id"] for row in run.box.records("contacts")[:100]]
        assert_close(run, streams=["contacts", "contact_links"], contact_ids=ids)


def test_contacts_without_a_link_are_all_asked_as_the_run_asks_them() -> None:
    with opened(6, 20) as run:
        report = check(run, streams=["contact_links"])
        assert (report.calls, report.rows) == night(run, streams=["contact_links"])
        assert report.calls == 21
