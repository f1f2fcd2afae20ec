"""Settings choose the streams of the wing, and nothing is asked or declared unless they do."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft import wings
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc.archive import ArchiveTap
from tap_infusionsoft.xmlrpc.table_streams import stream_name
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.wing import streams
from tests.fixtures import Run
from tests.virtual import VirtualClock

NOW = VirtualClock().now()


def named(**config: Any) -> list[str]:
    return [one.collection.name for one in streams(config, None, NOW).streams]


def test_nothing_is_read_unless_a_setting_names_it() -> None:
    assert named() == []
    assert named(legacy_tables=[], legacy_archive=False, legacy_secrets=["Contact.Password"]) == []


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["Contact"], ["legacy_contact"]),
        (["legacy_contact_group_assign"], ["legacy_contact_group_assign"]),
        (["PayPlan*", "Job"], ["legacy_pay_plan", "legacy_pay_plan_item", "legacy_job"]),
        (["*"], [stream_name(name) for name in TABLES]),
    ],
)
def test_names_and_patterns_choose_tables(names: list[str], chosen: list[str]) -> None:
    assert named(legacy_tables=names) == chosen


def test_there_are_60_tables_with_a_stream_each() -> None:
    assert len(set(named(legacy_tables=["*"]))) == 60


def test_the_archive_is_the_ten_tables_without_a_counterpart() -> None:
    assert sorted(named(legacy_archive=True)) == [
        "legacy_action_sequence",
        "legacy_campaignee",
        "legacy_expense",
        "legacy_group_assign",
        "legacy_job_recurring_instance",
        "legacy_mtg_lead",
        "legacy_status",
        "legacy_ticket",
        "legacy_ticket_stage",
        "legacy_ticket_type",
    ]


def test_the_stream_of_a_catalog_is_found_whatever_the_settings_say() -> None:
    found = streams({}, {"legacy_job": True, "contacts": True}, NOW).streams
    assert [one.collection.name for one in found] == ["legacy_job"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"legacy_tables": ["contact"]}, "legacy_tables: there is no 'contact'. Did you mean 'Contact'?"),
        ({"legacy_tables": ["Zebra*"]}, "legacy_tables: there is no 'Zebra*'."),
        (
            {"legacy_tables": ["Contact"], "legacy_secrets": ["Contact.Pasword"]},
            "legacy_secrets: 'Contact.Pasword' is no field with a password. Did you mean 'Contact.Password'?",
        ),
    ],
)
def test_a_wrong_name_is_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        named(**settings)
    assert message in str(error.value)


@pytest.mark.parametrize("value", [5, {"Contact": True}, [["Contact"]]])
def test_a_value_of_another_type_is_told(run: Run, value: Any) -> None:
    with pytest.raises(ConfigError, match="Wrong settings: legacy_tables"):
        run.tap({}, legacy_tables=value)


def test_passwords_are_left_out_unless_they_are_named() -> None:
    (plain,) = streams({"legacy_tables": ["Contact"]}, None, NOW).streams
    (named,) = streams(
        {"legacy_tables": ["Contact"], "legacy_secrets": ["Contact.Password"]}, None, NOW
    ).streams
    assert named.collection.properties.keys() - plain.collection.properties.keys() == {"Password"}
    assert "Password" not in plain.collection.endpoint.fields.names


def test_every_table_says_what_rest_has_in_its_place() -> None:
    for one in streams({"legacy_tables": ["*"]}, None, NOW).streams:
        assert "REST has" in one.collection.about


def test_catalog_and_schema_messages_say_what_rest_has_in_its_place(run: Run) -> None:
    settings: dict[str, Any] = {"legacy_tables": ["User", "Status"], "legacy_reports": ["invoice_payments"]}
    tap = run.tap(discovers=[], **settings)
    said = {one["tap_stream_id"]: one["schema"]["description"] for one in tap.catalog_dict["streams"]}
    assert said["legacy_user"].endswith("REST has users.")
    assert said["legacy_status"].endswith("REST has nothing for it: take a last copy.")
    assert "a call for each row of legacy_invoice" in said["legacy_invoice_payments"]
    run(catalog=run.catalog("legacy_user", **settings), **settings)
    assert run.target.schemas["legacy_user"]["description"] == said["legacy_user"]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("Contact", "XML-RPC ended on 2026-12-31, so this stream cannot be read any more; REST has contacts"),
        ("Ticket", "REST has nothing in its place: keep the last copy"),
    ],
)
def test_after_the_end_a_stream_fails_before_any_call_and_names_its_successor(
    run: Run, table: str, says: str
) -> None:
    catalog = run.catalog("legacy_status", "users", legacy_tables=["Status"])
    (entry,) = [one for one in catalog["streams"] if one["tap_stream_id"] == "legacy_status"]
    entry["tap_stream_id"] = entry["stream"] = stream_name(table)
    run.clock.pass_time(60 * 86_400)
    run.box.clear_requests()
    run(catalog=catalog, fails=True)
    assert run.says(says)
    assert run.target.rows("users")
    assert not [one for one in run.box.requests() if "xmlrpc" in one["path"]]


def test_a_run_without_the_wing_does_not_import_it(run: Run) -> None:
    assert run.tap({}).further == wings.WingStreams()


def test_a_command_is_found_among_the_options_of_meltano() -> None:
    found = wings.command(["--config", "a.json", "legacy-archive", "--discover"])
    assert found is not None
    assert found[1] == ["--config", "a.json", "--discover"]
    assert wings.command(["--config", "a.json"]) is None


def test_the_archive_takes_no_notice_of_the_streams_that_a_run_reads(run: Run) -> None:
    tap = ArchiveTap(config=run.config(streams=["contacts"]), clock=run.clock)
    assert {one.name for one in tap.chosen()} == set(named(legacy_archive=True))
    assert run.caplog is not None
    assert "The setting streams is ignored here." in run.caplog.messages
