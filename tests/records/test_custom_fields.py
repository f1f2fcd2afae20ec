"""Custom fields become columns whose names and types stay."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from tap_infusionsoft.records.coerce import Drift
from tap_infusionsoft.records.custom_fields import Spread, read_model


def model(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"custom_fields": list(fields)}


def test_columns_are_named_after_the_database_name_or_else_the_label() -> None:
    fields = read_model(
        model(
            {"id": "9", "label": "Size", "field_name": None, "field_type": "Text"},
            {"id": 7, "label": "Any label", "field_name": "_ShirtSize", "field_type": "DROPDOWN"},
        )
    )
    assert [(field.id, field.column) for field in fields] == [("7", "cf_shirt_size"), ("9", "cf_size")]


def test_names_that_meet_keep_the_oldest_as_it_was() -> None:
    old = {"id": "7", "label": "Size", "field_type": "TEXT"}
    new = {"id": "91", "label": "size!", "field_type": "TEXT"}
    assert [field.column for field in read_model(model(old))] == ["cf_size"]
    assert [field.column for field in read_model(model(new, old))] == ["cf_size", "cf_size_91"]


def test_a_name_with_an_id_behind_it_may_be_taken_as_well() -> None:
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
def test_values(kind: str | None, content: Any, value: Any) -> None:
    drift = Drift()
    spread = Spread(read_model(model({"id": "7", "label": "f", "field_type": kind})), drift)
    row: dict[str, Any] = {"custom_fields": [{"id": 7, "content": content}]}
    spread(row)
    assert row["cf_f"] == value
    assert bool(drift.unfit) is (content == "many")


def test_a_value_of_a_field_that_the_model_does_not_have_is_told() -> None:
    drift = Drift()
    row = {"custom_fields": [{"id": "8", "content": "x"}, "odd", None]}
    Spread(read_model(model({"id": "7", "label": "f"})), drift)(row)
    assert drift.unknown["custom_fields[id=8]"] == 1


def test_names_that_mean_something_to_others_are_columns_like_any_other() -> None:
    names = [
        "type",
        "__proto__",
        "_sdc_deleted_at",
        "_row_key",
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


def test_thousands_of_fields_of_one_name_have_names_of_their_own() -> None:
    rows = [{"id": f"{'9' * 100}{n}", "field_name": "x" * 200} for n in range(5000)]
    columns = {field.column for field in read_model({"custom_fields": rows})}
    assert len(columns) == 5000
    assert max(map(len, columns)) <= 63


def test_odd_models_are_survived() -> None:
    assert read_model({}) == []
    assert read_model({"custom_fields": None}) == []
    assert read_model(model({"label": "no id"}, {"id": None})) == []
