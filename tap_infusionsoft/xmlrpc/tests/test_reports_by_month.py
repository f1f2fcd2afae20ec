"""Commissions, clawbacks and payments: which months a run reads, and what it finds in them."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.tests.plain_client import EASTERN
from tests.fixtures import Run, before_each_answer
from tests.target import Record

DAY = 86_400
COMMISSIONS = "legacy_affiliate_commissions"
SOURCES = {
    "affiliate_clawbacks": ("affiliate_clawbacks", "date_earned", "amount", "Amount", "DateEarned"),
    "affiliate_commissions": (
        "affiliate_commissions",
        "time_earned",
        "amount_earned",
        "AmtEarned",
        "DateEarned",
    ),
    "affiliate_payments": ("affiliate_payments", "pay_date", "pay_amount", "PayAmt", "PayDate"),
}
"""Report -> collection, its time and amount, and the columns of amount and time."""
SOME: dict[str, Any] = {"affiliate_ids": ["5", "8"], "start_date": "2026-06-15T12:00:00Z"}


def spans(run: Run, method: str = "APIAffiliateService.affCommissions") -> dict[int, list[tuple[str, str]]]:
    """Affiliate -> the times that calls since the last look asked for, in order."""
    found: dict[int, list[tuple[str, str]]] = {}
    for one in run.box.requests():
        if one.get("rpc") and one["rpc"]["method"] == method:
            affiliate, first, last = one["rpc"]["params"]
            found.setdefault(affiliate, []).append((first, last))
    run.box.clear_requests()
    return {affiliate: sorted(one) for affiliate, one in found.items()}


def months(run: Run) -> list[str]:
    """The months that were asked for, for each affiliate alike."""
    found = {tuple(first[:6] for first, _ in one) for one in spans(run).values()}
    assert len(found) == 1
    return [*found.pop()]


def held(run: Run, amount: str, time: str, stream: str) -> Counter[tuple[int, float, str]]:
    return Counter((row["AffiliateId"], row[amount], row[time][:19]) for row in run.target.rows(stream))


def truth(box: Sandbox, name: str) -> Counter[tuple[int, float, str]]:
    """The rows of REST, whose times have fractions, and whose pay dates are midnight in UTC."""
    collection, time, amount, *_ = SOURCES[name]
    return Counter(
        (
            int(row["affiliate_id"]),
            row[amount],
            eastern_day(row[time]) if time == "pay_date" else row[time][:19],
        )
        for row in box.records(collection)
        if row["affiliate_id"] is not None
    )


def eastern_day(moment: str) -> str:
    """Midnight in US Eastern time of a day, in UTC."""
    midnight = datetime.fromisoformat(moment[:10]).replace(tzinfo=EASTERN)
    return midnight.astimezone(UTC).isoformat()[:19]


def sale(affiliate: str, moment: str, what: str) -> Record:
    return {
        "affiliate_id": affiliate,
        "time_earned": moment,
        "amount_earned": 7.5,
        "invoice_id": "1087",
        "contact_id": "8",
        "sales_affiliate_id": affiliate,
        "sales_affiliate_name": "Ann Lee",
        "product_name": what,
    }


def named(run: Run, what: str) -> list[Record]:
    return [row for row in run.target.rows(COMMISSIONS) if row["ProductName"] == what]


@pytest.mark.parametrize("name", SOURCES)
def test_everything_since_2001_is_read_by_years_and_then_by_months(run: Run, name: str) -> None:
    run.box.plant("affiliate_commissions", upsert=[sale("5", "2009-07-01T12:00:00Z", "old")])
    wanted = truth(run.box, name)
    some = {f"{number}" for number, _, _ in [("5", 0, 0), *wanted][:4]}
    run(REPORTS[name].stream, legacy_reports=[name], affiliate_ids=sorted(some))
    found = spans(run, REPORTS[name].method)
    assert {*map(str, found)} == some
    every = {tuple(one) for one in found.values()}
    assert len(every) == 1
    (asked,) = every
    assert asked[0] == ("20010101T00:00:00", "20011231T23:59:59")
    assert asked[18:20] == (
        ("20190101T00:00:00", "20191231T23:59:59"),
        ("20200101T00:00:00", "20200131T23:59:59"),
    )
    assert asked[-1] == ("20261101T00:00:00", "20261130T23:59:59")
    assert len(asked) == 19 + 83
    _, _, _, amount, time = SOURCES[name]
    assert held(run, amount, time, REPORTS[name].stream) == Counter(
        {row: count for row, count in wanted.items() if f"{row[0]}" in some}
    )
    assert {row["Period"] for row in named(run, "old")} == (
        {"2009"} if name.endswith("commissions") else set()
    )


def test_start_date_is_the_first_month_and_earlier_rows_are_left_out(run: Run) -> None:
    run.box.plant(
        "affiliate_commissions",
        upsert=[
            sale("5", "2026-06-15T11:59:59Z", "before"),
            sale("5", "2026-06-15T12:00:00Z", "first"),
            sale("8", "2026-06-30T23:59:59-04:00", "last second of the month"),
            sale("8", "2026-07-01T00:00:00-04:00", "first second of the month"),
        ],
    )
    run(COMMISSIONS, legacy_reports=["affiliate_commissions"], **SOME)
    assert months(run) == ["202606", "202607", "202608", "202609", "202610", "202611"]
    assert not named(run, "before")
    assert len(named(run, "first")) == 1
    assert [row["Period"] for row in named(run, "last second of the month")] == ["2026-06"]
    assert [row["Period"] for row in named(run, "first second of the month")] == ["2026-07"]


def test_rows_of_the_hour_that_comes_twice_are_not_taken_for_earlier_ones(run: Run) -> None:
    start = "2026-11-01T06:30:00.500Z"  # half past one in the night, for the second time
    run.box.plant("affiliate_commissions", upsert=[sale("5", "2026-11-01T06:45:00Z", "second hour")])
    run(COMMISSIONS, legacy_reports=["affiliate_commissions"], affiliate_ids=["5"], start_date=start)
    assert len(named(run, "second hour")) == 1


def test_a_fraction_of_a_second_that_is_not_shown_costs_no_row(run: Run) -> None:
    run.box.plant("affiliate_commissions", upsert=[sale("5", "2026-10-02T10:00:00.700Z", "late second")])
    settings: dict[str, Any] = {"legacy_reports": ["affiliate_commissions"], "affiliate_ids": ["5"]}
    run(COMMISSIONS, start_date="2026-10-02T10:00:00.500Z", **settings)
    assert len(named(run, "late second")) == 1


def test_end_date_is_the_last_month_and_later_rows_are_left_out(run: Run) -> None:
    run.box.plant(
        "affiliate_commissions",
        upsert=[
            sale("5", "2026-08-10T12:00:00Z", "last"),
            sale("5", "2026-08-10T12:00:01Z", "after"),
        ],
    )
    run(COMMISSIONS, legacy_reports=["affiliate_commissions"], **SOME, end_date="2026-08-10T12:00:00Z")
    assert months(run) == ["202606", "202607", "202608"]
    assert named(run, "last")
    assert not named(run, "after")


def test_later_runs_read_again_the_months_of_the_look_back(run: Run) -> None:
    settings = {"legacy_reports": ["affiliate_commissions"], **SOME}
    run.box.plant("affiliate_commissions", upsert=[sale("8", "2026-11-19T10:00:00Z", "newest")])
    catalog = run.catalog(COMMISSIONS, **settings)
    run(catalog=catalog, **settings)
    run.clock.pass_time(DAY)
    run.box.plant(
        "affiliate_commissions",
        upsert=[
            sale("5", "2026-09-01T10:00:00Z", "entered late"),
            sale("5", "2026-06-20T10:00:00Z", "entered very late"),
            sale("8", "2026-11-21T10:00:00Z", "new"),
        ],
    )
    run.box.clear_requests()
    run(catalog=catalog, **settings)
    assert months(run) == ["202608", "202609", "202610", "202611"]
    assert len(named(run, "entered late")) == len(named(run, "new")) == 1
    assert not named(run, "entered very late")
    run(catalog=catalog, sweep="now", **settings)
    assert len(named(run, "entered very late")) == 1


def test_what_was_deleted_goes_with_the_next_sweep_and_nothing_else_does(run: Run) -> None:
    paid = run.box.records("affiliate_payments")
    gone, whose = paid[3]["id"], {paid[3]["affiliate_id"], paid[-1]["affiliate_id"]}
    settings: dict[str, Any] = {"legacy_reports": ["affiliate_payments"], "start_date": "2024-01-01"}
    settings["affiliate_ids"] = sorted(whose)
    catalog = run.catalog("legacy_affiliate_payments", **settings)
    run(catalog=catalog, **settings)
    before = len(run.target.rows("legacy_affiliate_payments"))
    run.box.plant("affiliate_payments", delete=[gone])
    run.clock.pass_time(DAY)
    run(catalog=catalog, **settings)
    assert len(run.target.rows("legacy_affiliate_payments")) == before
    run.clock.pass_time(8 * DAY)
    run(catalog=catalog, **settings)
    left = {row["Id"] for row in run.target.rows("legacy_affiliate_payments")}
    assert left == {int(row["id"]) for row in paid if row["affiliate_id"] in whose and row["id"] != gone}
    assert len(left) == before - 1


def test_rows_that_are_alike_are_told_apart_on_every_run(run: Run) -> None:
    settings = {"legacy_reports": ["affiliate_commissions"], **SOME}
    twins = [sale("5", "2026-11-02T10:00:00Z", "twin")] * 3
    run.box.plant("affiliate_commissions", upsert=twins)
    catalog = run.catalog(COMMISSIONS, **settings)
    for _ in range(3):
        run(catalog=catalog, **settings)
        assert len(named(run, "twin")) == 3
        run.clock.pass_time(8 * DAY)


def test_a_run_that_is_killed_anywhere_loses_nothing(run: Run) -> None:
    settings: dict[str, Any] = {
        "legacy_reports": ["affiliate_commissions"],
        "affiliate_ids": ["5", "8", "11", "14"],
        "start_date": "2026-08-01",
    }
    catalog = run.catalog(COMMISSIONS, **settings)
    for answers in range(1, 40):
        if not run.cut_off(answers, catalog, **settings):
            break
    else:
        raise AssertionError("never came to its end")
    assert answers > 4
    found = Counter((row["AffiliateId"], row["DateEarned"][:19]) for row in run.target.rows(COMMISSIONS))
    assert found == Counter(
        (int(row["affiliate_id"]), row["time_earned"][:19])
        for row in run.box.records("affiliate_commissions")
        if row["affiliate_id"] in settings["affiliate_ids"] and row["time_earned"] >= "2026-08"
    )


def test_a_resumed_run_does_not_ask_again_for_affiliates_that_it_has(run: Run) -> None:
    settings = {"legacy_reports": ["affiliate_commissions"], **SOME}
    catalog = run.catalog(COMMISSIONS, **settings)
    assert run.cut_off(9, catalog, **settings)  # the list of affiliates, six months of one, two of the next
    run.box.clear_requests()
    run(catalog=catalog, **settings)
    asked = spans(run)
    # What an earlier run read may have changed, so an increment follows, for the months of the look-back.
    assert len(asked[8]) == 6 + len(asked[5])
    assert len(asked[5]) < 6


def test_an_affiliate_without_rows_costs_one_call_a_month(run: Run) -> None:
    busy = {row["affiliate_id"] for row in run.box.records("affiliate_commissions")}
    idle = next(row["id"] for row in run.box.records("affiliates") if row["id"] not in busy)
    settings: dict[str, Any] = {"legacy_reports": ["affiliate_commissions"], "start_date": "2022-01-02"}
    run(COMMISSIONS, affiliate_ids=[idle], **settings)
    assert len(spans(run)[int(idle)]) == 5 * 12 - 1


def test_payments_that_have_no_more_than_an_amount_are_read_completely_every_time(run: Run) -> None:
    run.box.switch(legacy_payouts="amount")
    settings: dict[str, Any] = {"legacy_reports": ["affiliate_payments"], "start_date": "2026-01-02"}
    catalog = run.catalog("legacy_affiliate_payments", **settings)
    wanted = Counter(
        (int(row["affiliate_id"]), row["pay_amount"], _month(row["pay_date"]))
        for row in run.box.records("affiliate_payments")
        if _month(row["pay_date"]) >= "2026-01"
    )
    assert wanted
    for _ in range(2):
        rows = run(catalog=catalog, **settings).rows("legacy_affiliate_payments")
        assert Counter((row["AffiliateId"], row["PayAmt"], row["Period"]) for row in rows) == wanted
        run.clock.pass_time(DAY)


def _month(moment: str) -> str:
    """The month of a day, which REST shows as midnight in UTC."""
    return moment[:7]


@pytest.mark.parametrize("at_once", [1, 4, 16])
def test_months_are_asked_for_at_once_and_come_once_in_order(run: Run, at_once: int) -> None:
    run.concurrency = at_once
    settings = {"legacy_reports": ["affiliate_commissions"], **SOME}
    run(COMMISSIONS, **settings)
    asked = spans(run)
    assert asked[5] == asked[8]
    assert len({*asked[5]}) == len(asked[5]) == 6
    sent = [row for row in run.target.sent(COMMISSIONS) if row["AffiliateId"] == 5]
    assert [row["Period"] for row in sent] == sorted(row["Period"] for row in sent)


def test_months_of_an_affiliate_that_is_gone_do_not_hold_up_the_next_one(run: Run) -> None:
    """Answers that nobody takes would fill the room for those that are wanted."""
    run.concurrency = 4
    settings: dict[str, Any] = {
        "legacy_reports": ["affiliate_commissions"],
        "affiliate_ids": ["5", "8"],
        "start_date": "2025-01-05",
    }
    catalog = run.catalog(COMMISSIONS, **settings)
    run.box.fault({"name": "xmlrpc_fault", "code": 5, "rpc": "APIAffiliateService.affCommissions", "nth": 3})
    tap = run.tap(catalog=catalog, **settings)
    left: list[int] = []

    def look(_: int) -> None:
        left.append(len([key for key in tap.account.prefetcher._prefetches if "(5, " in str(key)]))

    with before_each_answer(tap, look), contextlib.redirect_stdout(io.StringIO()):
        tap.sync_all()
    assert max(left) > 0, "nothing was sent ahead"
    assert left[-1] == 0
    assert run.says("affCommissions(5) was listed, but is not found")
