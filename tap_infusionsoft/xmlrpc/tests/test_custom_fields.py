"""Custom fields of every type, as the account has them now."""

from __future__ import annotations

from typing import Any

import pytest

from keap_sandbox.xmlrpc.tables.customs import DATA_TYPES, FORMS
from tap_infusionsoft.xmlrpc.table_streams import stream_name
from tap_infusionsoft.xmlrpc.tables import TABLES
from tests.fixtures import Run

VALUES: dict[str, tuple[Any, str, Any]] = {
    "CURRENCY": (19.99, "number", 19.99),
    "PERCENT": (12.5, "number", 12.5),
    "DECIMAL_NUMBER": (0.5483, "number", 0.5483),
    "YES_NO": ("1", "integer", 1),
    "YEAR": ("1999", "integer", 1999),
    "WHOLE_NUMBER": (-7, "integer", -7),
    "USER": (5, "integer", 5),
    "DATE": ("2020-02-29", "date", "2020-02-29"),
    "DATE_TIME": ("2026-07-04T16:30:00.000Z", "date-time", "2026-07-04T16:30:00.000Z"),
}
"""Type -> a value at REST, the type of its column, and the value in a record. The others are texts."""


def custom_type(schema: dict[str, Any]) -> str:
    """The type of a column: its format, if it has one."""
    (kind,) = {*schema["type"]} - {"null"}
    return str(schema.get("format", kind))


@pytest.mark.parametrize("kind", DATA_TYPES)
def test_a_custom_field_of_each_type_has_a_column_of_its_type(run: Run, kind: str) -> None:
    value, column_type, expected = VALUES.get(kind, ("Some text", "string", "Some text"))
    run.box.plant("contact_custom_fields", upsert=[{"label": "Mine", "field_type": kind}])
    field = run.box.records("contact_custom_fields")[-1]
    assert field["field_type"] == kind
    ident = run.box.records("contacts", ids_only=True)[0]
    contents = [{"id": field["id"], "content": value}]
    run.box.plant("contacts", upsert=[{"id": ident, "custom_fields": contents}])
    run("legacy_contact", legacy_tables=["Contact"])
    column = field["field_name"]
    assert custom_type(run.target.schemas["legacy_contact"]["properties"][column]) == column_type
    (row,) = [row for row in run.target.rows("legacy_contact") if row["Id"] == int(ident)]
    assert row[column] == expected
    others = [row for row in run.target.rows("legacy_contact") if row["Id"] != int(ident)]
    assert {row[column] for row in others} == {None}


FORM_TABLES = {table.form: name for name, table in TABLES.items() if table.form is not None}


@pytest.mark.parametrize("record", FORMS)
def test_each_kind_of_record_has_its_own_custom_fields(run: Run, record: str) -> None:
    table = FORM_TABLES[FORMS[record]]
    singular = {"companies": "company", "opportunities": "opportunity"}.get(record, record[:-1])
    run.box.plant(f"{singular}_custom_fields", upsert=[{"label": "Only here", "field_type": "TEXT"}])
    column = run.box.records(f"{singular}_custom_fields")[-1]["field_name"]
    for name in FORM_TABLES.values():
        catalog = run.catalog(stream_name(name), legacy_tables=[name])
        assert (column in catalog["streams"][0]["schema"]["properties"]) is (name == table)


def test_a_field_that_is_new_since_the_catalog_is_told(run: Run) -> None:
    catalog = run.catalog("legacy_contact", legacy_tables=["Contact"])
    run.box.plant("contact_custom_fields", upsert=[{"label": "Brand new", "field_type": "TEXT"}])
    column = run.box.records("contact_custom_fields")[-1]["field_name"]
    run(catalog=catalog)
    assert run.says(f"legacy_contact: columns that the catalog does not have are not loaded: {column}.")
    assert column not in run.target.rows("legacy_contact")[0]


def test_a_field_that_is_gone_since_the_catalog_costs_no_other(run: Run) -> None:
    run.box.plant("contact_custom_fields", upsert=[{"label": "Doomed", "field_type": "TEXT"}])
    field = run.box.records("contact_custom_fields")[-1]
    catalog = run.catalog("legacy_contact", legacy_tables=["Contact"])
    run.box.plant("contact_custom_fields", delete=[field["id"]])
    rows = run(catalog=catalog).rows("legacy_contact")
    assert len(rows) == 150
    assert {row[field["field_name"]] for row in rows} == {None}
    assert any(row["FirstName"] for row in rows)
    assert run.says(f"columns that no longer exist are null from now on: {field['field_name']}.")
