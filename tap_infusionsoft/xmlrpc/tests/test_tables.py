"""Every table agrees with the account, cell by cell: after a load, an increment and a sweep."""

from __future__ import annotations

from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.xmlrpc.table_streams import stream_name, table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.tests.truth import truth, without_nulls
from tests.fixtures import Run

HOUR, WEEK = 3_600, 7 * 86_400


def loaded(run: Run, name: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The records of a table in the warehouse, by key, without nulls."""
    keys = table_stream(TABLES[name]).key
    rows = run.target.rows(stream_name(name))
    return {tuple(row[key] for key in keys): without_nulls(row) for row in rows}


def change(box: Sandbox) -> None:
    """Delete, edit and create records of all kinds, behind the API and through it."""
    for collection, fields in EDITS.items():
        ids = box.records(collection, ids_only=True)
        box.plant(collection, delete=ids[3:5])
        box.plant(collection, upsert=[{"id": ids[1], **fields}], touch=True)
        box.plant(collection, upsert=[fields], touch=True)


EDITS: dict[str, dict[str, Any]] = {
    "contacts": {"given_name": "Zoë", "family_name": "O'Neill & <Søn>"},
    "companies": {"company_name": "Ünï & Co"},
    "opportunities": {"opportunity_title": "Big"},
    "orders": {"title": "An order"},
    "products": {"product_name": "Thing"},
    "tags": {"name": "Fresh"},
    "tasks": {"title": "Call"},
    "notes": {"title": "Note"},
    "tag_categories": {"name": "Kind"},
    "users": {"given_name": "Una"},
}


LEAST_CHANGES = {
    **dict.fromkeys(("Contact", "Company", "Lead", "Job", "Product"), 2),
    **dict.fromkeys(("ContactAction",), 4),
    **dict.fromkeys(("Invoice", "InvoiceItem", "InvoicePayment", "Ticket", "SocialAccount"), 0),
}
"""Table with a bookmark -> rows that `change` edits or creates there."""


@pytest.mark.parametrize("name", TABLES)
def test_a_table_agrees_with_the_account_after_a_load_an_increment_and_a_sweep(run: Run, name: str) -> None:
    stream, table = stream_name(name), TABLES[name]
    catalog = run.catalog(stream, legacy_tables=[name])
    run(catalog=catalog)
    expected = truth(run.box, name)
    assert expected, "the account has no row"
    assert loaded(run, name) == expected
    run.clock.pass_time(2 * HOUR)
    change(run.box)
    run(catalog=catalog)
    expected = truth(run.box, name)
    if table.updated:
        found = loaded(run, name)
        since = f"{run.clock.now():%Y-%m-%dT%H:%M}"
        changed = {key for key, row in expected.items() if row[table.updated] >= since}
        assert len(changed) >= LEAST_CHANGES[name]
        assert {key: found[key] for key in changed} == {key: expected[key] for key in changed}
        assert found.keys() >= expected.keys()
        assert len(run.target.sent(stream)) < len(expected)
    else:
        assert loaded(run, name) == expected
    run.clock.pass_time(WEEK)
    run(catalog=catalog)
    assert loaded(run, name) == truth(run.box, name)
