"""Rows as Keap sends them become records that keep to their schema, and whatever is changed is reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_infusionsoft.records.repair_log import RepairLog
from tap_infusionsoft.records.row_coercer import MissingKeyError, RowCoercer
from tap_infusionsoft.streams import columns
from tap_infusionsoft.streams.registry import COLLECTIONS

SCHEMA = {
    "type": "object",
    "properties": {
        "id": columns.key(),
        "name": columns.text(),
        "count": columns.integer(),
        "amount": columns.number(),
        "on": columns.flag(),
        "at": columns.moment(),
        "day": columns.day(),
        "list": columns.array(columns.text()),
        "inner": columns.nested({"id": columns.text(), "at": columns.moment()}),
        "any": {"type": ["object", "array", "string", "number", "boolean", "null"]},
    },
}

BAD = object()


def coercer(
    schema: dict[str, Any] = SCHEMA, required: Sequence[str] = ("id",)
) -> tuple[RowCoercer, RepairLog]:
    log = RepairLog("things", schema["properties"].keys(), ["id"])
    return RowCoercer(schema, required, log), log


@pytest.mark.parametrize(
    ("column", "wire", "value"),
    [
        ("name", "x", "x"),
        ("name", "", ""),
        ("name", 7, "7"),
        ("name", True, "true"),
        ("name", b"hi", "aGk="),
        ("name", Decimal("1.50"), "1.50"),
        ("name", {"a": [1, Decimal("1.50")]}, '{"a":[1,1.50]}'),
        ("name", "a\0b", "ab"),
        ("count", 7, 7),
        ("count", "7", 7),
        ("count", Decimal("7.0"), 7),
        ("count", "1,234", 1234),
        ("count", "7.5", BAD),
        ("amount", "12,50", BAD),
        ("amount", "1.234,50", BAD),
        ("amount", "-1,234,567.5", Decimal("-1234567.5")),
        ("count", True, BAD),
        ("count", 2**70, BAD),
        ("count", "", None),
        ("amount", Decimal("10.10"), Decimal("10.10")),
        ("amount", "10.10", Decimal("10.10")),
        ("amount", "NaN", BAD),
        ("amount", "1e999", BAD),
        ("amount", [], BAD),
        ("on", True, True),
        ("on", "Yes", True),
        ("on", 0, False),
        ("on", "maybe", BAD),
        ("at", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        ("at", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"),
        ("at", "2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05.000Z"),
        ("at", "2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"),
        ("at", "2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"),
        ("at", "2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("at", "0999-01-02T03:04:05Z", "0999-01-02T03:04:05.000Z"),
        ("at", "2024-09-17T-15:50+00", BAD),
        ("at", "0000-00-00", BAD),
        ("at", "", None),
        ("at", 7, BAD),
        ("day", "2026-01-02", "2026-01-02"),
        ("day", "2026-01-02T23:00:00Z", "2026-01-02"),
        ("day", "02/01/2026", BAD),
        ("list", [1, None, "x"], ["1", None, "x"]),
        ("list", "x", BAD),
        (
            "inner",
            {"id": 5, "at": "2026-01-02", "new": 1},
            {"id": "5", "at": "2026-01-02T00:00:00.000Z", "new": 1},
        ),
        ("inner", {"id": 5, "at": "bad"}, {"id": "5", "at": None}),
        ("inner", [], BAD),
        ("any", {"x": [1]}, {"x": [1]}),
        ("any", "", ""),
    ],
)
def test_values_are_coerced_or_become_null(column: str, wire: Any, value: Any) -> None:
    coerce, log = coercer()
    record = coerce({"id": 1, column: wire})
    assert record[column] == (None if value is BAD else value)
    assert bool(log.pending) is (value is BAD or "bad" in str(wire) or "\0" in str(wire))


def test_every_record_has_every_column() -> None:
    coerce, _ = coercer()
    assert coerce({"id": "1"}) == dict.fromkeys(SCHEMA["properties"]) | {"id": "1"}


def test_unknown_properties_are_dropped_and_named_once() -> None:
    coerce, log = coercer()
    for ident in range(3):
        assert "extra" not in coerce({"id": ident, "extra": "personal"})
    assert log.messages() == [
        (
            "dropped properties that have no column: extra. "
            "If they are custom fields, run discovery again (in Meltano: --refresh-catalog) to load them"
        )
    ]


@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": ""}])
def test_a_row_without_its_key_becomes_no_record(row: dict[str, Any]) -> None:
    coerce, _ = coercer()
    with pytest.raises(MissingKeyError, match="a row has no id"):
        coerce(row)


json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False), st.text()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work may slow the machine down
@given(name=st.sampled_from(sorted(COLLECTIONS)), data=st.data())
def test_records_keep_to_their_schema_whatever_keap_sends(name: str, data: st.DataObject) -> None:
    collection = COLLECTIONS[name]
    row = data.draw(st.dictionaries(st.sampled_from(sorted(collection.properties)), json_values, max_size=6))
    coerce, _ = coercer(collection.schema, collection.required)
    record = coerce(row | dict.fromkeys(collection.required, "1") | {"row_key": "1"})
    line = msgspec.json.Encoder(decimal_format="number").encode(record)
    jsonschema.validate(json.loads(line), collection.schema)
