"""The plan of runs after the first load: what rows of others show, and what the last run found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tap_infusionsoft.check.planned import Planned
from tap_infusionsoft.check.report import Report
from tap_infusionsoft.errors import Exit, TapError
from tests.check.test_check import DAY, check, failing, night
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


def changed(run: Run, parents: Mapping[str, int], **settings: Any) -> tuple[Report, int]:
    """Change parents before each of two runs; return the last check and the calls of the run after it.

    Args:
        run: Runs the tap.
        parents: Name of a stream -> how many of its rows to change.
        settings: The settings.
    """
    for _ in range(2):
        for name, count in parents.items():
            for row in run.box.records(name)[-count:]:
                run.box.plant(name, upsert=[{"id": row["id"]}], touch=True)
        report = check(run, **settings)
        calls, _ = night(run, **settings)
        run.clock.pass_time(DAY)
    return report, calls


def test_parents_that_changed_are_counted_if_calls_are_left() -> None:
    with opened(3, 150) as run:
        settings = loaded(run, "products", "product_inventory", refresh="rolling")
        report, calls = changed(run, {"products": 3}, **settings)
        assert planned(report, "product_inventory").basis == "6 of 12 parents, 3 as they are new or changed"
        assert report.calls == calls


def test_otherwise_as_many_change_as_in_the_last_run() -> None:
    with opened(3, 150) as run:
        report, calls = changed(run, {"products": 3, "lead_sources": 2}, **loaded(run, **ALL))
        counted, other = (planned(report, one).basis for one in ("product_inventory", "lead_source_expenses"))
        assert counted.endswith("3 as they are new or changed")  # as there were more of them in the last run
        assert other.endswith("and 2 that are new or changed, as in the last run")
        assert report.calls == pytest.approx(calls, rel=0.05)


def test_a_part_of_the_parents_brings_what_was_below_them_in_the_last_complete_read() -> None:
    with opened(2, 300) as run:
        streams = ("affiliate_commissions", "affiliate_payments", "affiliate_clawbacks", "affiliates")
        settings = loaded(run, *streams, refresh="rolling")
        parts = set()
        for _ in range(8):  # a round and what follows it
            report = check(run, **settings)
            night(run, **settings)
            for name in streams[:3]:
                found = run.target.count("RECORD", name)
                assert planned(report, name).rows == found
                parts.add((name, found))
            run.clock.pass_time(DAY)
        assert len(parts) > len(streams)  # they are not all alike


def test_so_it_does_after_a_load_in_pieces() -> None:
    streams = {"streams": ["affiliate_commissions", "affiliates"], "refresh": "rolling"}
    with opened(2, 300) as run:
        pieces = 0
        while not run.target.state.get("bookmarks", {}).get("affiliate_commissions", {}).get("read_at"):
            night(run, **streams, max_calls_per_run=9)
            pieces += 1
        assert pieces > 2
        run.clock.pass_time(DAY)
        report = check(run, **streams)
        night(run, **streams)
        assert planned(report, "affiliate_commissions").rows == run.target.count(
            "RECORD", "affiliate_commissions"
        )


def test_a_run_soon_after_the_first_load_is_planned_by_what_it_reads_again() -> None:
    with opened(1, 300) as run:
        night(run, **ALL)
        run.clock.pass_time(60)
        report = check(run, **ALL)
        calls, rows = night(run, **ALL)
        assert planned(report, "contact_tags").basis == "its first page"
        assert report.calls == pytest.approx(calls, abs=1)
        assert report.rows == pytest.approx(rows, rel=0.05)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_nights_with_many_and_few_changes_are_planned(seed: int) -> None:
    with opened(seed, 300) as run:
        settings = loaded(run, saved_searches=None, refresh="full")
        for many in (3, 100, 0, 30):
            for name in ("contacts", "orders", "notes", "tasks", "opportunities", "payments"):
                for row in run.box.records(name)[:many]:
                    run.box.plant(name, upsert=[{"id": row["id"]}], touch=True)
            report = check(run, **settings)
            calls, rows = night(run, **settings)
            assert report.calls == pytest.approx(calls, rel=0.1)
            assert report.rows == pytest.approx(rows, rel=0.2)
            run.clock.pass_time(DAY)


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


AFFILIATES = ("affiliate_commissions", "affiliate_payments", "affiliate_clawbacks", "affiliates")


@pytest.mark.parametrize("limit", [49, 33, 10])
def test_an_increment_that_was_cut_off_is_followed_by_another_one(limit: int) -> None:
    with opened(2, 100) as run:
        settings = loaded(run, *AFFILIATES[1:], refresh="full")
        night(run, **settings, max_calls_per_run=limit)
        run.clock.pass_time(DAY)
        report = check(run, **settings)
        calls, _ = night(run, **settings)
        assert report.calls == pytest.approx(calls, abs=2)


def test_a_part_of_fewer_parents_than_before_takes_fewer_calls() -> None:
    with opened(2, 150) as run:
        settings = loaded(run, *AFFILIATES, refresh="rolling")
        run.box.plant("affiliates", delete=[row["id"] for row in run.box.records("affiliates")[:12]])
        for _ in range(3):
            report = check(run, **settings)
            calls, rows = night(run, **settings)
            assert report.calls == pytest.approx(calls, abs=1)
            assert report.least_calls <= calls
            assert report.least_rows <= rows
            run.clock.pass_time(DAY)


@pytest.mark.parametrize("refresh", ["rolling", "full"])
def test_a_sweep_of_more_parents_than_before_takes_more_calls(refresh: str) -> None:
    with opened(2, 100) as run:
        settings = loaded(run, *AFFILIATES, refresh=refresh)
        run.box.plant("affiliates", upsert=[{"id": str(5_000 + number)} for number in range(30)], touch=True)
        report = check(run, **settings, sweep="now")
        calls, rows = night(run, **settings, sweep="now")
        assert report.calls == pytest.approx(calls, abs=2)
        assert report.rows == pytest.approx(rows, rel=0.05)


def test_pages_smaller_than_asked_for_are_not_all() -> None:
    with opened(2, 100) as run:
        run.box.switch(page_rows_max=7)
        settings = loaded(run, "contacts", "tags", refresh="full")
        for row in run.box.records("contacts")[:30]:
            run.box.plant("contacts", upsert=[{"id": row["id"]}], touch=True)
        report = check(run, **settings)
        calls, rows = night(run, **settings)
        assert report.is_least
        assert report.calls <= calls
        assert report.rows <= rows


def test_a_list_that_is_refused_when_it_is_listed_for_others_is_refused_itself() -> None:
    with opened(2, 50) as run:
        settings = loaded(run, "emails", "email_contents", refresh="rolling")
        run.box.fault({"path": "/v2/emails", "always": True, "status": 403})
        report = check(run, **settings)
        assert report.refused.keys() == {"emails", "email_contents"}
        assert report.exit_code == failing(run, **settings)


def test_parents_without_an_id_are_refused_with_a_message() -> None:
    with opened(2, 50) as run:
        settings = loaded(run, *AFFILIATES, refresh="rolling")
        run.box.fault(
            {"path": "/v2/affiliates", "always": True, "status": 200, "body": '{"affiliates": [{}]}'}
        )
        report = check(run, **settings)
        assert report.refused.keys() == {*AFFILIATES}
        assert "a row of affiliates without id" in report.refused["affiliate_payments"]
        assert report.exit_code == failing(run, **settings)


@pytest.mark.parametrize("bad", [{"rows_by_parent": "x"}, {"rows": "x"}, {"known": 5}, {"swept_at": "soon"}])
def test_a_state_that_cannot_be_used_refuses_its_stream(bad: dict[str, Any]) -> None:
    with opened(2, 20) as run:
        settings = loaded(run, "contacts", "affiliate_payments", "tags", refresh="rolling")
        run.target.state["bookmarks"]["affiliate_payments"] |= bad
        report = check(run, **settings)
        assert report.refused.keys() == {"affiliate_payments"}
        assert next(iter(bad)) in report.refused["affiliate_payments"]
        assert report.exit_code == failing(run, **settings) == Exit.PARTIAL


def test_an_hour_without_calls_is_said() -> None:
    with opened(9, 60) as run:
        settings = {"streams": ["affiliate_payments"], "requests_per_hour": 20, "refresh": "full"}
        night(run, **settings, max_calls_per_run=15)
        run.clock.pass_time(60)
        assert check(run, **settings).calls_made == 5
        night(run, **settings, max_calls_per_run=5)
        run.clock.pass_time(60)
        with pytest.raises(TapError, match="requests_per_hour") as raised:
            check(run, **settings)
        assert raised.value.exit_code == Exit.QUOTA


def test_streams_that_are_read_for_saved_searches_cost_a_call_first() -> None:
    streams = ["custom_fields", "report_fields", "reports"]
    with opened(9, 20) as run:
        report = check(run, streams=streams)
        calls, _ = night(run, streams=streams)
        assert report.calls == pytest.approx(calls, abs=1)
