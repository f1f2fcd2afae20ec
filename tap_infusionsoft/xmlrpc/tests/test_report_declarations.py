"""The 39 reports: which there are, how settings choose them, and what their answers become."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.reports.answers import flat, named, options, pairs, single
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS, WITH_OWN_SETTING
from tap_infusionsoft.xmlrpc.reports.report import Rows
from tap_infusionsoft.xmlrpc.reports.streams import report_stream
from tap_infusionsoft.xmlrpc.reports.walks import spans
from tap_infusionsoft.xmlrpc.table_streams import stream_name
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.times import eastern
from tap_infusionsoft.xmlrpc.wing import streams
from tests.virtual import VirtualClock

SHARED = Path(__file__).parents[4] / "shared" / "keap"
NOW = VirtualClock().now()
METHODS = {one.title: one.method for one in REPORTS.values()} | {
    one.title: one.method for one in WITH_OWN_SETTING.values()
}
NEEDY = {"legacy_contacts_by_email_address", "legacy_contacts_by_id"}


def chosen(**config: Any) -> set[str]:
    return {one.collection.name for one in streams(config, None, NOW).streams}


def test_there_are_39_reports_by_the_methods_that_the_classic_connector_called() -> None:
    assert len(METHODS) == 39
    assert {title: move.method for title, move in REPORT_MOVES.items()} == METHODS


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference is not at hand")
def test_parameters_are_those_of_the_classic_connector() -> None:
    text = (SHARED / "domo_coverage.json").read_text(encoding="utf-8")
    for title, report in json.loads(text)["reports"].items():
        named_there = {one for listed in report["parameters"].values() for one in listed.split(", ")}
        for own in (one for one in REPORTS.values() if one.title == title):
            assert named_there - {"catalog field selection"} <= {*own.settings}, title


def test_members_that_the_guide_to_moving_names_are_columns() -> None:
    for name, report in REPORTS.items():
        members = {one.replace(".", "_") for one in REPORT_MOVES[report.title].members} - {*report.secrets}
        columns = report_stream(report, NOW).properties
        if not (report.is_plain or report.is_file or members & {"value", "range"}):
            assert members <= columns.keys(), name


def test_every_report_has_a_stream_of_its_own() -> None:
    names = [one.stream for one in REPORTS.values()]
    assert len({*names}) == len(names) == 34
    assert not {*names} & {stream_name(name) for name in TABLES}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_says_when_it_ends_and_what_rest_has(name: str) -> None:
    about = report_stream(REPORTS[name], NOW).about
    assert "2026-12-31" in about
    assert "REST has" in about


@pytest.mark.parametrize("name", [name for name, one in REPORTS.items() if one.slices is not None])
def test_a_report_that_costs_calls_says_what_for(name: str) -> None:
    source = REPORTS[name].slices
    assert source is not None
    assert source.stream in report_stream(REPORTS[name], NOW).about


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["affiliate_commissions"], {"legacy_affiliate_commissions"}),
        (["legacy_affiliate_commissions"], {"legacy_affiliate_commissions"}),
        (["Affiliate Program - Affiliate's Programs"], {"legacy_affiliate_program_affiliates_programs"}),
        (["Shipping - Flate*"], {"legacy_shipping_flat_rate_shipping_options"}),
        (["legacy_webform*", "get_file"], {"legacy_webform_ids", "legacy_get_file"}),
        (["invoice_payments", "invoice_payments"], {"legacy_invoice_payments"}),
        (["*"], {one.stream for one in REPORTS.values()} - NEEDY),
    ],
)
def test_names_and_patterns_choose_reports(names: list[str], found: set[str]) -> None:
    assert chosen(legacy_reports=names) == found


def test_a_pattern_chooses_reports_with_parameters_if_they_are_given() -> None:
    found = chosen(legacy_reports=["contacts_*"], contact_ids=["7"])
    assert found == {"legacy_contacts_by_id", "legacy_contacts_by_tags"}


def test_the_stream_of_a_catalog_is_found_whatever_the_settings_say() -> None:
    found = streams({}, {"legacy_product_inventory": True}, NOW)
    assert [one.collection.name for one in found.streams] == ["legacy_product_inventory"]
    assert {*found.sources} == {"legacy_product"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("affiliate_comissions", "there is no 'affiliate_comissions'. Did you mean 'affiliate_commissions'?"),
        ("legacy_get_fil", "there is no 'legacy_get_fil'. Did you mean 'legacy_get_file'?"),
        ("Invoice - Paymnts", "there is no 'Invoice - Paymnts'. Did you mean 'Invoice - Payments'?"),
        ("Search - Saved Search", "search_saved_search needs the setting legacy_searches"),
        ("Zebra*", "there is no 'Zebra*'."),
        ("data_record_by_id", "data_record_by_id needs the setting legacy_queries"),
        ("legacy_search_saved_search", "search_saved_search needs the setting legacy_searches"),
        ("search_fields", "search_available_fields needs the setting legacy_searches"),
        ("legacy_search_fields", "search_available_fields needs the setting legacy_searches"),
    ],
)
def test_a_wrong_name_is_told(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        chosen(legacy_reports=[name])
    assert f"legacy_reports: {message}" in str(error.value)


def test_credentials_for_ups_are_left_out_unless_they_are_named() -> None:
    def columns(**config: Any) -> set[str]:
        (found,) = streams({"legacy_reports": ["*ups*"], **config}, None, NOW).streams
        return {*found.collection.properties}

    secret = {"accountNumber", "accessLicenseNumber", "accessUserId", "accessPassword"}
    assert not columns() & secret
    one = columns(legacy_secrets=["shipping_ups_shipping_options.accessPassword"])
    assert one & secret == {"accessPassword"}


def test_passwords_in_reports_of_contacts_are_those_of_the_tables() -> None:
    def has_password(name: str, **config: Any) -> bool:
        (found,) = streams({"legacy_reports": [name], **config}, None, NOW).streams
        return "Password" in found.collection.properties

    assert not has_password("contacts_by_id")
    assert has_password("contacts_by_id", legacy_secrets=["Contact.Password"])
    assert not has_password("affiliate_program_programs_affiliates")
    assert has_password("affiliate_program_programs_affiliates", legacy_secrets=["Affiliate.Password"])


# The months of commissions, clawbacks and payments.


def test_months_go_from_their_first_to_their_last_second() -> None:
    found = spans(datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert [(one.name, f"{one.first}", f"{one.last}") for one in found] == [
        ("2026-01", "2026-01-01 00:00:00", "2026-01-31 23:59:59"),
        ("2026-02", "2026-02-01 00:00:00", "2026-02-28 23:59:59"),
        ("2026-03", "2026-03-01 00:00:00", "2026-03-31 23:59:59"),
    ]


def test_months_are_those_of_eastern_time() -> None:
    midnight = datetime(2026, 3, 1, 4, 59, 59, tzinfo=UTC)  # still February there
    assert [one.name for one in spans(midnight, midnight)] == ["2026-02"]
    later = midnight + timedelta(seconds=1)
    assert [one.name for one in spans(later, later)] == ["2026-03"]


def test_without_a_first_day_all_years_come() -> None:
    found = [one.name for one in spans(None, datetime(2020, 2, 15, tzinfo=UTC))]
    assert found == [*map(str, range(2001, 2020)), "2020-01", "2020-02"]


def test_a_first_day_in_the_future_is_one_month() -> None:
    found = spans(datetime(2030, 5, 5, tzinfo=UTC), NOW)
    assert [one.name for one in found] == ["2030-05"]


MOMENTS = st.integers(1_009_900_000, 1_798_700_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 2002 to 2026."""


@given(one=MOMENTS, other=MOMENTS, is_open=st.booleans())
def test_every_second_is_in_one_of_the_months(one: datetime, other: datetime, *, is_open: bool) -> None:
    since, until = sorted((one, other))
    found = spans(None if is_open else since, until)
    assert found[0].first <= eastern(since)
    assert found[-1].last >= eastern(until)
    for before, after in pairwise(found):
        assert before.last + timedelta(seconds=1) == after.first


# What answers become.


@pytest.mark.parametrize(
    ("rows", "answer", "found"),
    [
        (pairs("Id", "Name"), {"3": "a", "9": "b"}, [{"Id": "3", "Name": "a"}, {"Id": "9", "Name": "b"}]),
        (pairs("Id", "Name"), {}, []),
        (single("Amount"), {"value": 41.14}, [{"Amount": 41.14}]),
        (options("id", "name", "is"), {"3": "a"}, [{"id": "3", "name": "a"}]),
        (options("id", "name", "is"), {"value": True}, [{"is": True}]),
        (options("id", "name", "is"), {"id": "3", "price": 2}, [{"id": "3", "price": 2}]),
        (flat("aff"), {"Id": 1, "AffName": "a"}, [{"Id": 1, "AffName": "a"}]),
        (
            flat("aff"),
            {"Contact": {"Id": 7, "City": "x"}, "Affiliate": {"Id": 1}, "Level": 2},
            [{"Level": 2, "Id": 1, "Contact.Id": 7, "City": "x"}],
        ),
    ],
)
def test_answers_become_rows(rows: Rows, answer: dict[str, Any], found: list[dict[str, Any]]) -> None:
    assert [*rows(answer)] == found


def test_members_are_named_as_their_columns_and_none_is_lost_but_credentials() -> None:
    rows = named({"id": "Id", "redirecturl": "RedirectUrl"}, frozenset({"password"}), None)
    answer = {"id": 1, "redirectUrl": "x", "clicks": 5, "Password": "secret", "Contact.Password": "secret"}
    assert [*rows(answer)] == [{"Id": 1, "RedirectUrl": "x", "Other": {"clicks": 5}}]
    assert [*rows({"Id": 2})] == [{"Id": 2, "Other": None}]


def test_members_that_sound_like_credentials_are_masked() -> None:
    rows = named({"id": "Id"}, frozenset(), None)
    (row,) = rows({"id": 1, "accessKey": "a", "UserPassword": "b", "Licence": "c", "clicks": 5})
    assert row["Other"] == {"accessKey": "***", "UserPassword": "***", "Licence": "***", "clicks": 5}
