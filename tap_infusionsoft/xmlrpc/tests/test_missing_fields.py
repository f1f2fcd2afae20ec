"""Fields that an account does not have, or not any more, are left out of whole runs, and no row is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.xmlrpc.table_streams import stream_name
from tap_infusionsoft.xmlrpc.tables import TABLES
from tests.fixtures import Run

WITH_INFERRED = ["Contact", "Product", "Invoice", "InvoicePayment", "Campaignee"]
"""Tables with fields that some accounts do not have, their time or their key among them."""


def inferred(table: str) -> set[str]:
    return {*TABLES[table].inferred.split()}


@pytest.mark.parametrize("table", WITH_INFERRED)
def test_a_table_is_read_without_the_fields_that_the_account_does_not_have(run: Run, table: str) -> None:
    stream = stream_name(table)
    settings: dict[str, Any] = {"legacy_tables": [table]}
    catalog = run.catalog(stream, **settings)
    rows = len(run(catalog=catalog, **settings).rows(stream))
    run.target = type(run.target)()
    run.box.switch(legacy_fields="documented")
    run.box.clear_requests()
    target = run(catalog=catalog, **settings)
    assert len(target.rows(stream)) == rows > 0
    missing = inferred(table) - {*TABLES[table].keys}
    assert {row.get(name) for row in target.rows(stream) for name in missing} <= {None}
    assert not missing or run.says("the service does not take all fields; these stay empty: ")
    asked = [call["rpc"]["params"] for call in run.box.requests() if "rpc" in call]
    tries = [params for params in asked if params[0] == table]
    assert len(tries) <= 3 + len(missing), "one for each, as the faults name them"
    run(catalog=catalog, **settings)
    assert len(run.target.rows(stream)) == rows


def test_an_increment_by_a_time_that_went_away_reads_everything(run: Run) -> None:
    stream = "legacy_product"
    settings: dict[str, Any] = {"legacy_tables": ["Product"]}
    catalog = run.catalog(stream, **settings)
    rows = len(run(catalog=catalog, **settings).rows(stream))
    run.box.switch(legacy_fields="documented")
    run.clock.pass_time(3_600)
    target = run(catalog=catalog, **settings)
    assert len(target.sent(stream)) == len(target.rows(stream)) == rows


@pytest.mark.parametrize(
    "text", ["[NoFieldFound]No field found: Contact._ShoeSize", "", "[NoFieldFound]Oops"]
)
def test_a_custom_field_that_is_deleted_while_rows_are_read_costs_no_row(run: Run, text: str) -> None:
    run.box.reset(contacts=1_100)
    settings: dict[str, Any] = {"legacy_tables": ["Contact"]}
    catalog = run.catalog("legacy_contact", **settings)
    column = next(name for name in catalog["streams"][0]["schema"]["properties"] if name.startswith("_"))
    rule = {"name": "xmlrpc_fault", "code": 10, "text": text.replace("_ShoeSize", column), "table": "Contact"}
    run.box.fault({**rule, "params": f'"{column}"', "after": 1, "always": True})
    target = run(catalog=catalog, **settings)
    assert len(target.rows("legacy_contact")) == len(target.sent("legacy_contact")) == 1_100
    assert run.says(f"these stay empty: {column}.")


def test_a_bad_field_of_a_report_that_takes_fields_is_left_out(run: Run) -> None:
    (address,) = [one["email"] for one in run.box.records("contacts")[0]["email_addresses"]][:1]
    settings: dict[str, Any] = {"legacy_reports": ["contacts_by_email_address"], "contact_emails": [address]}
    stream = "legacy_contacts_by_email_address"
    catalog = run.catalog(stream, **settings)
    run.box.fault(
        "xmlrpc_fault",
        rpc="ContactService.findByEmail",
        params='"City"',
        code=0,
        text="Failed to invoke method findByEmail in class com.infusionsoft.api.xmlrpc.XmlRpcContactService: "
        "Unknown column 'Contact.City' in 'field list'",
        always=True,
    )
    (row,) = run(catalog=catalog, **settings).rows(stream)
    assert row["City"] is None
    assert row["Id"]
    assert run.says("these stay empty: City.")
