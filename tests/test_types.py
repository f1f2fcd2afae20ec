"""Every value of every column has a type that analysts can use, in whatever form Keap sends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run

Schema = dict[str, Any]

NAME = re.compile(r"_?[a-z][a-z0-9]*(_[a-z0-9]+)*")
NESTED_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")  # Keap has 24_hours
ID = re.compile(r"(.*_)?id")
IDS = re.compile(r"(.*_)?ids")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LIKE_A_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
MOST_PLACES = 4
"""Decimal places in the sandbox. A value that went through a float may have seventeen."""
CUSTOM = "cf_"
FORMS: list[dict[str, Any]] = [
    {},
    {"ids": "integers", "score_value": "integer", "times": "offset"},
    {"times": "seconds", "nulls": "missing", "custom_fields_unset": "missing"},
    {"shipping_settings": "camel", "plain_amounts": "minor"},
]


def problems(name: str, schema: Schema, value: Any, path: str) -> Iterator[str]:
    """Yield what is wrong with a value, or with the schema of its column."""
    kinds = {*([schema["type"]] if isinstance(schema["type"], str) else schema["type"])} - {"null"}
    if not path.startswith(CUSTOM):
        if ID.fullmatch(name) and kinds != {"string"}:
            yield f"{path} is an id, and of the type {kinds}"
        if IDS.fullmatch(name) and (kinds != {"array"} or schema["items"]["type"] != ["string", "null"]):
            yield f"{path} holds ids, and is no list of strings"
    (kind,) = kinds
    if value is None or path.endswith("custom_fields[].content"):
        return  # text of any kind
    if not GOOD[kind, schema.get("format")](value):
        yield f"{path} is {value!r}"
    elif kind == "array":
        for item in value:
            yield from problems(name.removesuffix("s"), schema["items"], item, f"{path}[]")
    elif kind == "object":
        yield from _inside(schema.get("properties", {}), value, path)


GOOD: dict[tuple[str, str | None], Callable[[Any], bool]] = {
    ("string", "date-time"): lambda value: TIME.fullmatch(value) is not None,
    ("string", "date"): lambda value: DAY.fullmatch(value) is not None,
    ("string", None): lambda value: isinstance(value, str) and LIKE_A_TIME.fullmatch(value) is None,
    ("number", None): lambda value: type(value) in {int, Decimal} and _places(value) <= MOST_PLACES,
    ("integer", None): lambda value: type(value) is int,
    ("boolean", None): lambda value: type(value) is bool,
    ("array", None): lambda value: isinstance(value, list),
    ("object", None): lambda value: isinstance(value, dict),
}


def _inside(properties: dict[str, Schema], value: dict[str, Any], path: str) -> Iterator[str]:
    if {"amount", "currency_code"} <= properties.keys():
        yield from _money(properties, value, path)
    for name, inner in properties.items():
        if NESTED_NAME.fullmatch(name) is None:
            yield f"{path}.{name} is not in snake_case"
        yield from problems(name, inner, value.get(name), f"{path}.{name}")
    yield from (f"{path}.{name} is not declared" for name in value.keys() - properties.keys())


def _money(properties: dict[str, Schema], value: dict[str, Any], path: str) -> Iterator[str]:
    if "decimal" not in properties:
        yield f"{path} has no decimal"
    elif value.get("amount") is not None and value["decimal"] != Decimal(value["amount"]) / 100:
        yield f"{path} is {value}"  # all amounts in the sandbox are in dollars


def _places(value: int | Decimal) -> int:
    exponent = Decimal(value).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent


@pytest.mark.parametrize(
    "switches", FORMS, ids=lambda s: " ".join(f"{k}={v}" for k, v in s.items()) or "usual"
)
def test_every_value_has_the_type_of_its_column(run: Run, switches: dict[str, Any]) -> None:
    run.target.fraction = Decimal
    run.box.reset(contacts=60)
    run.box.switch(**switches)
    target = run(*COLLECTIONS, saved_searches=None, custom_fields="both")
    found: set[str] = set()
    for stream in COLLECTIONS:
        schema = target.schemas[stream]
        rows = target.sent(stream)
        assert rows, stream
        found |= {
            f"{stream}.{name} is not in snake_case"
            for name in schema["properties"]
            if not NAME.fullmatch(name)
        }
        validator = jsonschema.Draft202012Validator(schema)
        for row in rows:
            assert row.keys() == schema["properties"].keys(), stream
            if not switches:
                found |= {f"{stream}: {error.message[:200]}" for error in validator.iter_errors(row)}
            for name, value in row.items():
                found |= {
                    f"{stream}.{one}" for one in problems(name, schema["properties"][name], value, name)
                }
    assert sorted(found)[:40] == []


def test_the_type_checks_find_wrong_values() -> None:
    text, number = {"type": ["string", "null"]}, {"type": ["number", "null"]}
    wrong: list[tuple[str, Schema, Any]] = [
        ("id", number, 1),
        ("contact_ids", {"type": ["array", "null"], "items": number}, []),
        ("at", {**text, "format": "date-time"}, "2026-01-01T00:00:00Z"),
        ("at", {**text, "format": "date"}, "2026-01-01T00:00:00.000Z"),
        ("at", text, "2026-01-01T00:00:00.000Z"),
        ("price", number, Decimal("0.1000000000000000055")),
        ("price", number, "1"),
        ("flag", {"type": ["boolean", "null"]}, 1),
        ("inner", {"type": ["object", "null"], "properties": {"aName": text}}, {}),
        ("inner", {"type": ["object", "null"], "properties": {}}, {"more": 1}),
        (
            "total",
            {
                "type": ["object", "null"],
                "properties": {"amount": number, "currency_code": text, "decimal": number},
            },
            {"amount": 100, "currency_code": "USD", "decimal": Decimal("1.01")},
        ),
    ]
    for name, schema, value in wrong:
        assert list(problems(name, schema, value, name)), (name, value)
