"""Custom fields become columns that keep their names and types."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from tap_infusionsoft.discovery.schema_drift import field_id, matched
from tap_infusionsoft.records.custom_fields import CustomColumns, CustomField, custom_fields, model_rows
from tap_infusionsoft.records.repair_log import RepairLog


def model(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"custom_fields": list(fields)}


def read_model(document: dict[str, Any]) -> list[CustomField]:
    return custom_fields((ident, name, label, kind) for ident, name, label, kind in model_rows(document))


def test_columns_are_named_after_the_database_name_or_the_label_if_there_is_none() -> None:
    fields = read_model(
        model(
            {"id": "9", "label": "Size", "field_name": None, "field_type": "Text"},
            {"id": 7, "label": "Any label", "field_name": "_ShirtSize", "field_type": "DROPDOWN"},
        )
    )
    assert [(field.id, field.column) for field in fields] == [("7", "cf_shirt_size"), ("9", "cf_size")]


def test_of_equal_names_the_oldest_field_keeps_its_column() -> None:
    old = {"id": "7", "label": "Size", "field_type": "TEXT"}
    new = {"id": "91", "label": "size!", "field_type": "TEXT"}
    assert [field.column for field in read_model(model(old))] == ["cf_size"]
    assert [field.column for field in read_model(model(new, old))] == ["cf_size", "cf_size_91"]


def test_a_label_may_read_like_another_column_with_its_id() -> None:
    fields = [
        {"id": "1", "label": "Region"},
        {"id": "2", "label": "Region 3"},
        {"id": "3", "label": "Region"},
    ]
    columns = [field.column for field in read_model(model(*fields))]
    assert len(set(columns)) == 3
    assert columns[:2] == ["cf_region", "cf_region_3"]


@pytest.mark.parametrize(
    ("kind", "content", "value"),
    [
        ("TEXT", "x", "x"),
        ("Text", 5, "5"),
        ("WHOLE_NUMBER", "42", 42),
        ("CURRENCY", "1,234.50", Decimal("1234.50")),
        ("PERCENT", Decimal("12.5"), Decimal("12.5")),
        ("DATE", "2026-01-02T00:00:00.000Z", "2026-01-02"),
        ("DATE_TIME", "2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05.000Z"),
        ("YES_NO", "1", True),
        ("LIST_BOX", ["a", "b"], ["a", "b"]),
        ("LIST_BOX", "a,b", ["a", "b"]),
        ("LIST_BOX", "", None),
        ("USER_LIST_BOX", None, None),
        ("SOMETHING_NEW", "x", "x"),
        (None, "x", "x"),
        ("WHOLE_NUMBER", "many", None),
    ],
)
def test_values_are_coerced_to_the_type_of_their_field(kind: str | None, content: Any, value: Any) -> None:
    log = RepairLog("contacts", ["cf_f"], ["id"])
    row: dict[str, Any] = {"custom_fields": [{"id": 7, "content": content}]}
    CustomColumns(read_model(model({"id": "7", "label": "f", "field_type": kind})), log).add_to(row)
    assert row["cf_f"] == value
    assert log.pending == ([("wrong type", "cf_f")] if content == "many" else [])


def test_a_value_of_a_field_that_the_model_does_not_have_is_reported() -> None:
    log = RepairLog("contacts", ["cf_f"], ["id"])
    row: dict[str, Any] = {"custom_fields": [{"id": "8", "content": "x"}, "odd", None]}
    CustomColumns(read_model(model({"id": "7", "label": "f"})), log).add_to(row)
    (message,) = log.messages()
    assert "custom_fields[id=8]" in message


@pytest.mark.parametrize("values", ["x", 5, True, {"id": "7", "content": "x"}])
def test_values_that_are_no_list_are_reported_and_become_null(values: Any) -> None:
    log = RepairLog("contacts", ["cf_f"], ["id"])
    row = {"custom_fields": values}
    CustomColumns(read_model(model({"id": "7", "label": "f"})), log).add_to(row)
    assert row == {"custom_fields": None}
    assert log.pending == [("wrong type", "custom_fields")]


def test_reserved_words_and_odd_names_become_ordinary_columns() -> None:
    names = [
        "type",
        "__proto__",
        "_sdc_deleted_at",
        "row_key",
        "ID",
        "Id",
        "iD",
        "select",
        'a"; drop',
        "\u202e",
        "",
    ]
    fields = read_model({"custom_fields": [{"id": n, "field_name": name} for n, name in enumerate(names)]})
    assert len({field.column for field in fields}) == len(names)
    assert all(re.fullmatch(r"cf_[a-z0-9_]+", field.column) for field in fields)


def test_thousands_of_fields_with_the_same_name_get_different_columns() -> None:
    rows = [{"id": f"{'9' * 100}{n}", "field_name": "x" * 200} for n in range(5000)]
    columns = {field.column for field in read_model({"custom_fields": rows})}
    assert len(columns) == 5000
    assert max(map(len, columns)) <= 63


def test_odd_models_do_not_break_anything() -> None:
    assert read_model({}) == []
    assert read_model({"custom_fields": None}) == []
    assert read_model(model({"label": "no id"}, {"id": None})) == []


@pytest.mark.parametrize("zone", ["", " In UTC."], ids=["of an older catalog", "of today"])
def test_the_column_of_a_time_is_found_by_the_id_in_its_description(zone: str) -> None:
    (field,) = read_model(model({"id": 7, "label": "Renewed, id 5. In UTC.", "field_type": "DATE_TIME"}))
    about = f"Custom field 'Renewal (text), id 5.' (date_time), id 7.{zone}"
    columns = {"cf_renewal": field.schema | {"description": about}}
    found = matched([field], columns, {"cf_renewal"}, raw=False)
    assert [(one.id, one.column) for one in found.fields] == [("7", "cf_renewal")]
    (message,) = found.messages
    assert "'Renewal (text), id 5.' (id 7) is now called 'Renewed, id 5. In UTC.'" in message


def test_an_amount_of_money_says_its_unit_and_its_field_is_still_known() -> None:
    (field,) = read_model(model({"id": 7, "label": "Value", "field_type": "CURRENCY"}))
    assert "whole units" in field.schema["description"]
    assert field_id(field.schema) == "7"
