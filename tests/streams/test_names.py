"""Every stream and column has a name that BigQuery, Snowflake and MySQL take, and one type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.records.custom_fields import custom_fields
from tap_infusionsoft.streams.column_names import unique_names
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.reserved_words import BIGQUERY, MYSQL, RESERVED, SNOWFLAKE
from tap_infusionsoft.streams.saved_searches import column_names, saved_search, stream_names
from tests.fixtures import Run

LONGEST = 63
"""PostgreSQL's limit, in bytes. MySQL takes 64 characters, Snowflake 255, BigQuery 300 for columns."""
NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Letters, digits and underscores, and no digit first: BigQuery's rule, and Snowflake's without quotes."""
BIGQUERY_PREFIXES = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")
INT64 = {"minimum": -9223372036854775808, "maximum": 9223372036854775807}
AWKWARD = [
    "Order", "GROUP", "select", "Key", "rank", "2nd phone", "100 %", "_PARTITIONDATE", "日本", "", " ", "__",
    "ROW_KEY", "a" * 300, "1" * 300, "é" * 80, "Ünïcode", "with space", "semi;colon", 'quote"d', "back`tick",
    "new\nline", "_1", "current_date", "order_1", "Column 2nd phone",
]  # fmt: skip


def refused(name: str) -> Iterator[str]:
    """Yield why a warehouse would not take a name without quotes."""
    if not NAME.fullmatch(name):
        yield f"{name!r} has characters that not all warehouses take"
    if len(name) > LONGEST:
        yield f"{name!r} is too long"
    if name in RESERVED:
        yield f"{name!r} is a reserved word"
    if name.startswith(BIGQUERY_PREFIXES):
        yield f"{name!r} is BigQuery's own"


def wide(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the parts of a schema that have no type, or several besides null."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if len({*kinds} - {"null"}) != 1 or {*schema} & {"anyOf", "oneOf", "allOf"}:
        yield f"{path}: {kinds}"
    for name, inner in schema.get("properties", {}).items():
        yield from wide(inner, f"{path}.{name}")
    if "items" in schema:
        yield from wide(schema["items"], f"{path}[]")


def integers(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the integers of a schema."""
    if "integer" in schema.get("type", ()):
        yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from integers(inner, f"{path}.{name}")
    if "items" in schema:
        yield from integers(schema["items"], f"{path}[]")


def test_every_schema_of_an_account_can_be_loaded(run: Run) -> None:
    """Custom fields and saved searches of the account are among the streams and columns."""
    run.box.reset(contacts=20)
    searches = {*stream_names(run.box.records("reports")).values()}
    target = run(*COLLECTIONS, *searches, saved_searches=None, custom_fields="both")
    assert any(name.startswith("cf_") for name in target.schemas["contacts"]["properties"])
    assert target.schemas.keys() == COLLECTIONS.keys() | searches
    for stream, schema in target.schemas.items():
        columns = [*schema["properties"]]
        assert [why for name in (stream, *columns) for why in refused(name)] == []
        assert len({name.lower() for name in columns}) == len(columns)
        assert [*wide(schema, stream)] == []
        loose = [path for path, one in integers(schema, stream) if not one.items() >= INT64.items()]
        assert loose == []
        keys = {name: schema["properties"][name]["type"] for name in target.keys(stream)}
        assert {name for name, kind in keys.items() if kind != "string"} <= {"item_number"}, "zeros must stay"


@pytest.mark.parametrize(
    "kind", ["Text", "TextArea", "WholeNumber", "Currency", "Date", "DateTime", "YesNo", "?"]
)
def test_awkward_names_of_custom_fields_become_good_columns(kind: str) -> None:
    rows = [(str(number), name, name, kind) for number, name in enumerate(AWKWARD)]
    columns = {one.column: one.schema for one in custom_fields(rows)}
    assert len(columns) == len(AWKWARD)
    assert [why for name in columns for why in refused(name)] == []
    assert [why for name, schema in columns.items() for why in wide(schema, name)] == []


def test_awkward_names_of_saved_searches_and_their_columns_become_good_ones() -> None:
    columns = column_names(AWKWARD)
    assert len({*columns.values()}) == len(AWKWARD)
    assert [why for name in columns.values() for why in refused(name)] == []
    streams = stream_names({"id": str(number), "name": name} for number, name in enumerate(AWKWARD))
    assert [why for name in streams.values() for why in refused(name)] == []
    found = saved_search("saved_search_x", {"id": "1"}, [(name, name) for name in AWKWARD])
    assert {*found.properties} == {*columns.values()}


@given(st.lists(st.text(max_size=90) | st.sampled_from(sorted(RESERVED)) | st.from_regex(r"\d+"), max_size=8))
def test_any_text_becomes_a_name_that_all_warehouses_take(texts: list[str]) -> None:
    names = unique_names(((str(number), text) for number, text in enumerate(texts)), "")
    assert [why for name in names.values() for why in refused(name)] == []
    assert len({*names.values()}) == len(texts)


def test_a_name_that_was_given_once_stays() -> None:
    assert unique_names([("1", "Order"), ("2", "2nd")], "", {"1": "order"}) == {
        "1": "order",
        "2": "column_2nd",
    }


@pytest.mark.parametrize(
    "name", ["order", "groups", "qualify", "lag", "a-b", "Größe", "2nd", "x" * 64, "_partitiondate", "", "A"]
)
def test_the_rules_refuse_bad_names(name: str) -> None:
    assert [*refused(name)]


def test_the_rules_refuse_wide_types() -> None:
    assert [*wide({"type": ["object"], "properties": {"a": {"type": ["string", "integer", "null"]}}}, "x")]
    assert [*wide({"type": "array", "items": {}}, "x")]
    assert [*wide({"type": "string", "anyOf": []}, "x")]


def test_the_lists_of_reserved_words_are_those_of_the_documentation() -> None:
    assert {"order", "group", "hash", "qualify"} <= BIGQUERY
    assert {"order", "ilike", "rlike", "try_cast"} <= SNOWFLAKE
    assert {"order", "key", "rank", "groups", "lag"} <= MYSQL
    assert "id" not in RESERVED
    assert "name" not in RESERVED
