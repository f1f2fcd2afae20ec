"""A wide target made a column of floats of `ranges`: the schema said that its elements may be of six types.

Every column has one type, or null; what has no type in Keap is JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from tests.fixtures import Run

ODD_SETTINGS = [
    {"ranges": [{"from": "0", "to": "9.99", "price": "free"}, 7, None, ["x"]]},
    {"orderTotalShippingRanges": [{"min": 1, "maximum": 2.50, "shippingPrice": 3.10, "zone": {"a": [1]}}]},
    {"ranges": {"from": 0}, "price": [7]},
    "Flat, 7.50",
    ["a", 1.10],
    7,
    True,
]


def unions(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Yield the places in a schema that allow values of more than one type, or whose type is not known."""
    given = schema.get("type", [])
    kinds = given if isinstance(given, list) else [given]
    if len([kind for kind in kinds if kind != "null"]) != 1:
        yield f"{path}: {kinds}"
    if "array" in kinds:
        yield from unions(schema.get("items", {}), f"{path}[]")
    if "object" in kinds:
        if not schema.get("properties"):
            yield f"{path}: no properties"
        for name, inner in schema.get("properties", {}).items():
            yield from unions(inner, f"{path}.{name}")


@pytest.mark.parametrize("custom_fields", ["columns", "raw", "both"])
def test_every_column_of_every_stream_has_one_type(run: Run, custom_fields: str) -> None:
    query = {"name": "mine", "stream": "orders", "fields": ["total", "order_items", "custom_fields"]}
    settings: dict[str, Any] = {"custom_fields": custom_fields, "saved_searches": None, "queries": [query]}
    if custom_fields == "columns":
        query["fields"] = ["total", "order_items"]
    entries = run.catalog(others=True, **settings)["streams"]
    assert {"mine", "shipping_methods"} < {entry["tap_stream_id"] for entry in entries}
    assert any(entry["tap_stream_id"].startswith("saved_search_") for entry in entries)
    wide = [place for entry in entries for place in unions(entry["schema"], entry["tap_stream_id"])]
    assert wide == []


@pytest.mark.parametrize("settings", ODD_SETTINGS, ids=str)
def test_settings_of_any_shape_arrive_whole_and_keep_to_the_schema(run: Run, settings: Any) -> None:
    run.target.fraction = Decimal
    run.box.plant("shipping_methods", upsert=[{"id": "1", "settings": settings}])
    target = run("shipping_methods", shipping_method_ids=["1"])
    (row,) = target.rows("shipping_methods")
    jsonschema.validate(row, target.schemas["shipping_methods"])
    assert json.loads(row["settings"]) == settings


def test_ranges_have_typed_ends_and_their_whole_text(run: Run) -> None:
    run.target.fraction = Decimal
    run.box.plant("shipping_methods", upsert=[{"id": "1", "settings": ODD_SETTINGS[1]}])
    (row,) = run("shipping_methods", shipping_method_ids=["1"]).rows("shipping_methods")
    details = row["ranges"][0].pop("details")
    assert row["ranges"] == [{"lower": 1, "upper": Decimal("2.5"), "price": Decimal("3.1")}]
    assert details == '{"min":1,"maximum":2.5,"shippingPrice":3.1,"zone":{"a":[1]}}'


@pytest.mark.parametrize("maps", [{}, {"stream_maps": {"contacts": {"note": "'x'"}}}], ids=["page", "row"])
def test_contents_of_custom_fields_are_text_whatever_they_hold(run: Run, maps: dict[str, Any]) -> None:
    contents = ["text", "", "7", 7, 7.25, True, None, ["a", "b"], {"a": 1.5}, []]
    texts = ["text", "", "7", "7", "7.25", "true", None, '["a","b"]', '{"a":1.5}', "[]"]
    (first, *_) = run.box.records("contacts")
    ident = first["custom_fields"][0]["id"]
    values = [{"id": ident, "content": content} for content in contents]
    run.box.plant("contacts", upsert=[{"id": first["id"], "custom_fields": values}])
    target = run("contacts", custom_fields="raw", **maps)
    sent = {row["id"]: row for row in target.rows("contacts")}[first["id"]]
    jsonschema.validate(sent, target.schemas["contacts"])
    assert [value["content"] for value in sent["custom_fields"]] == texts
