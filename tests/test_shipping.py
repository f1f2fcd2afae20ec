"""Shipping methods: their settings arrive completely, and known ones as typed columns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fixtures import Run

KNOWN: dict[str, dict[str, Any]] = {
    "Flat rate": {"price": 7.5, "order_based": True},
    "By number of items": {
        "base_shipping_price": 5,
        "price_per_item": 1.5,
        "minimum_shipping_price": 6.25,
        "order_based": True,
    },
    "By order total": {
        "order_based": True,
        "ranges": [
            {"lower": 0, "upper": 49.99, "price": 9.5},
            {"lower": 50, "upper": 99.99, "price": 4.75},
            {"lower": 100, "upper": None, "price": 0},
        ],
    },
    "As set on the product": {"order_based": False},
    "UPS Ground": {
        "order_based": True,
        "delivery_type": "01,03,07",
        "pickup_type": "01",
        "packaging_type": "02",
        "destination_type": "1",
    },
    "By weight": {"order_based": False, "ranges": [{"lower": 0, "upper": 5, "price": 6.0}]},
    "Pick-up ☕ (free)": {},
}
"""Shipping method -> its settings that have columns."""
COLUMNS = {column for known in KNOWN.values() for column in known}
WHOLE = {"lower": None, "upper": None, "price": None, "details": "1"}
SECRETS = ("A1B2C3", "0F1E2D3C4B5A6978", "sandbox-ups", "sandbox-ups-password")


@pytest.mark.parametrize("form", ["object", "camel", "string"])
def test_known_shipping_settings_are_typed_columns(run: Run, form: str) -> None:
    run.box.switch(shipping_settings=form)
    target = run("shipping_methods")
    rows = {row["name"]: row for row in target.rows("shipping_methods")}
    assert rows.keys() == KNOWN.keys()
    for name, known in KNOWN.items():
        shown = {column: rows[name][column] for column in COLUMNS if rows[name][column] is not None}
        assert all(one.pop("details") for one in shown.get("ranges", ()))
        assert shown == known, name
    schema = target.schemas["shipping_methods"]["properties"]
    assert schema["price"]["type"] == ["number", "null"]
    assert schema["order_based"]["type"] == ["boolean", "null"]


def test_the_complete_shipping_settings_arrive_too(run: Run) -> None:
    truth = {row["id"]: row["settings"] for row in run.box.records("shipping_methods")}
    for row in run("shipping_methods").rows("shipping_methods"):
        settings = json.loads(row["settings"])
        assert settings.keys() == truth[row["id"]].keys()
        for name, value in truth[row["id"]].items():
            assert settings[name] == ("***" if value in SECRETS else value)


@pytest.mark.parametrize("form", ["object", "camel", "string"])
def test_carrier_credentials_are_masked(run: Run, form: str) -> None:
    run.box.switch(shipping_settings=form)
    text = str(run("shipping_methods").messages)
    assert not any(secret in text for secret in SECRETS)
    assert text.count('"***"') == len(SECRETS)


@pytest.mark.parametrize(
    ("settings", "whole", "typed"),
    [
        (None, None, {}),
        ({}, {}, {}),
        ("Flat, 7.50", "Flat, 7.50", {}),
        ("{cut", "{cut", {}),
        ([{"accessPassword": "p", "price": 1}], [{"accessPassword": "***", "price": 1}], {}),
        ({"deliveryType": ["01", "03"]}, {"deliveryType": ["01", "03"]}, {"delivery_type": "01,03"}),
        ({"orderTotalShippingRanges": [1]}, {"orderTotalShippingRanges": [1]}, {"ranges": [WHOLE]}),
    ],
)
def test_unknown_shapes_of_shipping_settings_are_kept(
    run: Run, settings: Any, whole: Any, typed: dict[str, Any]
) -> None:
    run.box.plant("shipping_methods", upsert=[{"id": "1", "settings": settings}])
    (row,) = run("shipping_methods", shipping_method_ids=["1"]).rows("shipping_methods")
    assert (row["settings"] and json.loads(row["settings"])) == whole
    assert {column: row[column] for column in COLUMNS if row[column] is not None} == typed


def test_a_price_that_is_not_a_number_is_reported_and_stays_in_the_settings(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run.box.plant("shipping_methods", upsert=[{"id": "1", "settings": {"price": "on request"}}])
    (row,) = run("shipping_methods", shipping_method_ids=["1"]).rows("shipping_methods")
    assert (row["price"], row["settings"]) == (None, '{"price":"on request"}')
    assert "shipping_methods: set 1 value of the wrong type to null (price of id 1)." in caplog.text
