"""The plan of runs after the first load: what rows of others show, and what the last run found."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.check.plan import Planned
from tap_infusionsoft.check.report import Report
from tap_infusionsoft.errors import Exit
from tests.check.test_check import DAY, check, night
from tests.check.test_first_load import opened
from tests.fixtures import Run

ALL: dict[str, Any] = {"saved_searches": None, "refresh": "rolling"}


def planned(report: Report, stream: str) -> Planned:
    return next(one for one in report.plan if one.stream == stream)


def loaded(run: Run, *streams: str, **settings: Any) -> dict[str, Any]:
    """Load streams, let a day pass, and return the settings."""
    chosen = {"streams": [*streams], **settings} if streams else settings
    night(run, **chosen)
    run.clock.pass_time(DAY)
    return chosen


def test_tags_of_contacts_are_read_again_if_contacts_show_that_some_are_gone() -> None:
    with opened(1, 150) as run:
        settings = loaded(run, "contacts", "contact_tags", "tags", refresh="rolling")
        report = check(run, **settings)
        assert planned(report, "contact_tags").rows == 0
        assert planned(report, "contact_tags").basis == "as contacts shows"
        calls, rows = night(run, **settings)
        assert report.calls == calls
        assert report.rows == pytest.approx(rows, rel=0.15)  # the newest are loaded a second time
        run.clock.pass_time(DAY)
        tagged = next(row for row in run.box.records("contacts") if row["tag_ids"])
        run.box.plant("contacts", delete=[tagged["id"]])
        report = check(run, **settings)
        assert planned(report, "contact_tags").reads == "sweep"
        calls, rows = night(run, **settings)
        assert report.calls == pytest.approx(calls, abs=1)
        assert report.rows == pytest.approx(rows, rel=0.05)


def test_of_more_than_a_page_of_contacts_nothing_is_said() -> None:
    with opened(1, 1_100) as run:
        settings = loaded(run, "contacts", "contact_tags", "tags", refresh="rolling")
        run.clock.pass_time(7 * DAY)  # contacts are read in full now
        tags = planned(check(run, **settings), "contact_tags")
        assert tags.basis == "read in full only if contacts shows that rows are gone"
        assert tags.rows is None
        assert tags.is_least


def test_as_many_changes_come_as_in_the_last_run() -> None:
    with opened(3, 1_500) as run:
        settings = loaded(run, **ALL)
        for _ in range(2):
            for stream in ("contacts", "orders", "payments"):
                for row in run.box.records(stream)[:40]:
                    run.box.plant(stream, upsert=[{"id": row["id"]}], touch=True)
            report = check(run, **settings)
            calls, rows = night(run, **settings)
            run.clock.pass_time(DAY)
        likewise = [one for one in report.plan if one.basis.endswith("as many changes as in the last run")]
        assert {"payments", "transactions"} <= {one.stream for one in likewise}
        assert all(one.is_estimate for one in likewise if one.rows)
        assert sum(one.rows or 0 for one in likewise) == pytest.approx(
            sum(run.target.count("RECORD", one.stream) for one in likewise), rel=0.1
        )
        assert report.calls == pytest.approx(calls, rel=0.1)
        assert report.rows == pytest.approx(rows, rel=0.1)


def changed_products(run: Run, **settings: Any) -> tuple[Report, int]:
    """Change products before each of two runs; return the last check and the calls of the run after it."""
    for _ in range(2):
        for row in run.box.records("products")[-3:]:
            run.box.plant("products", upsert=[{"id": row["id"]}], touch=True)
        report = check(run, **settings)
        calls, _ = night(run, **settings)
        run.clock.pass_time(DAY)
    return report, calls


def test_parents_that_changed_are_counted_if_calls_are_left() -> None:
    with opened(3, 150) as run:
        settings = loaded(run, "products", "product_inventory", refresh="rolling")
        report, calls = changed_products(run, **settings)
        assert planned(report, "product_inventory").basis == "6 of 12 parents, 3 as they are new or changed"
        assert report.calls == calls


def test_otherwise_as_many_change_as_in_the_last_run() -> None:
    with opened(3, 150) as run:
        report, calls = changed_products(run, **loaded(run, **ALL))
        basis = planned(report, "product_inventory").basis
        assert basis.endswith("and 3 that are new or changed, as in the last run")
        assert report.calls == pytest.approx(calls, rel=0.05)


def test_what_is_read_for_a_list_that_is_refused_is_refused_as_well() -> None:
    below = {"affiliates", "affiliate_payments", "affiliate_clawbacks", "affiliate_commissions"}
    for nights in range(2):
        with opened(1, 40) as run:
            settings = {"streams": [*sorted(below), "tags"], "refresh": "rolling"}
            for _ in range(nights):
                settings = loaded(run, *settings["streams"], refresh="rolling")
            run.box.fault({"path": "/v2/affiliates", "always": True, "status": 403})
            report = check(run, **settings)
            assert report.refused.keys() == below
            assert report.exit_code == Exit.PARTIAL


def test_streams_of_one_answer_are_counted_by_one_call() -> None:
    streams = ("orders", "order_items", "invoice_balances", "order_payment_plan_items")
    with opened(1, 150) as run:
        settings = loaded(run, *streams, refresh="full")
        for row in run.box.records("orders")[:50]:
            run.box.plant("orders", upsert=[{"id": row["id"]}], touch=True)
        report = check(run, **settings)
        assert len([one for one in run.box.requests() if one["path"].endswith("/orders")]) == 1
        assert (report.calls, report.rows) == night(run, **settings)


@pytest.mark.parametrize(
    "before", [{"start_date": "2026-11-01"}, {"contact_ids": "first"}], ids=["date", "ids"]
)
def test_other_limits_than_last_time_are_planned_like_a_first_load(before: dict[str, Any]) -> None:
    with opened(1, 2_500) as run:
        ids = [row["id"] for row in run.box.records("contacts")[:5]]
        given = {name: ids if value == "first" else value for name, value in before.items()}
        settings: dict[str, Any] = {"streams": ["contacts", "tags"], "refresh": "rolling"}
        night(run, **settings, **given)
        run.clock.pass_time(DAY)
        report = check(run, **settings)
        calls, rows = night(run, **settings)
        assert report.calls == pytest.approx(calls, abs=1)
        assert report.rows == pytest.approx(rows, rel=0.05)
