"""The plan of runs of a single stream, whose parents are no stream of the run."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.check.table import as_text
from tests.check.test_check import DAY, check, night
from tests.check.test_first_load import opened

STREAMS = (
    "affiliate_commissions",  # below a few parents
    "order_payments",  # below many
    "contact_tags",  # by batches of ids
    "email_contents",  # below the parents of some time
    "lead_source_recurring_expense_items",  # below rows that are below others
    "provinces",  # below rows that are made of others
    "custom_fields",  # one list for each kind of record, of which others need the model
    "custom_field_groups",
    "automations",  # by pages, which have to be read twice
    "email_address_statuses",
)


@pytest.mark.parametrize("refresh", ["rolling", "full"])
@pytest.mark.parametrize("stream", STREAMS)
def test_a_single_stream_takes_what_was_planned(stream: str, refresh: str) -> None:
    settings: dict[str, Any] = {"streams": [stream], "refresh": refresh}
    with opened(1, 150) as run:
        for _ in range(3):
            report = check(run, **settings)
            calls, rows = night(run, **settings)
            assert report.calls == pytest.approx(calls, rel=0.1, abs=3), as_text(report)
            assert report.rows == pytest.approx(rows, rel=0.2, abs=20), as_text(report)
            run.clock.pass_time(DAY)


@pytest.mark.parametrize("stream", ["provinces", "custom_fields", "custom_field_groups"])
def test_what_a_dozen_calls_can_count_is_counted(stream: str) -> None:
    settings: dict[str, Any] = {"streams": [stream]}
    with opened(1, 40) as run:
        report = check(run, **settings)
        assert (report.calls, report.rows) == night(run, **settings)


def test_a_list_that_is_the_same_is_not_read_twice_again() -> None:
    settings: dict[str, Any] = {"streams": ["automations"], "refresh": "full"}
    with opened(1, 40) as run:
        planned = []
        for _ in range(2):
            report = check(run, **settings)
            planned.append(report.calls)
            assert (report.calls, report.rows) == night(run, **settings)
            run.clock.pass_time(DAY)
        assert planned[0] == 2 * planned[1]


def test_changes_below_parents_are_looked_at() -> None:
    settings: dict[str, Any] = {"streams": ["email_contents"], "refresh": "full"}
    with opened(1, 40) as run:
        night(run, **settings)
        run.clock.pass_time(DAY)
        for row in run.box.records("emails")[-30:]:
            run.box.plant(
                "emails", upsert=[{"id": f"9{row['id']}", "sent_to_address": "a@example.com"}], touch=True
            )
        report = check(run, **settings)
        assert (report.calls, report.rows) == night(run, **settings)


@pytest.mark.parametrize("nights", [0, 1])
def test_a_parent_that_keap_refuses_does_not_refuse_the_stream(nights: int) -> None:
    settings: dict[str, Any] = {"streams": ["order_payments"], "refresh": "full"}
    with opened(1, 40) as run:
        for _ in range(nights):
            night(run, **settings)
            run.clock.pass_time(DAY)
        check(run, **settings)
        first = next(one["path"] for one in run.box.requests() if one["path"].endswith("/payments"))
        fault = {"path": first.removeprefix("/crm/rest"), "always": True, "status": 404}
        run.box.fault(fault)
        report = check(run, **settings)
        assert not report.refused
        assert report.exit_code == 0
        calls, rows = night(run, **settings)
        assert report.calls == calls
        assert report.rows == pytest.approx(rows, rel=0.2, abs=20)


@pytest.mark.parametrize("nights", [0, 1])
def test_parents_that_are_all_refused_refuse_it(nights: int) -> None:
    settings: dict[str, Any] = {"streams": ["affiliate_commissions", "affiliates"], "refresh": "full"}
    with opened(1, 40) as run:
        for _ in range(nights):
            night(run, **settings)
            run.clock.pass_time(DAY)
        run.box.fault({"path_regex": ":commissions", "always": True, "status": 403})
        report = check(run, **settings)
        assert report.refused.keys() == {"affiliate_commissions"}


def test_parents_of_some_time_are_no_measure_for_all_of_them() -> None:
    settings: dict[str, Any] = {"streams": ["emails", "email_contents"], "refresh": "rolling"}
    with opened(11, 40) as run:
        for days in (0, 1, 7, 1):  # the third run reads all of them again
            run.clock.pass_time(days * DAY)
            report = check(run, **settings)
            calls, rows = night(run, **settings)
            assert report.calls == pytest.approx(calls, abs=2), as_text(report)
            assert report.rows == pytest.approx(rows, abs=2), as_text(report)


def test_saved_searches_are_listed_once_for_their_fields_and_for_themselves() -> None:
    settings: dict[str, Any] = {"streams": ["report_fields", "reports"], "saved_searches": None}
    with opened(11, 40) as run:
        report = check(run, **settings)
        assert (report.calls, report.rows) == night(run, **settings)
