"""The schema says what is in a column, so that nobody has to guess units, zones and what an id points to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tap_infusionsoft.records.custom_fields import CustomField
from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import saved_search
from tests.sandbox import reference

STREAMS = list(COLLECTIONS.values())
LONGEST = 250
"""Characters of a description: one or two short sentences, and its unit or zone."""

of_each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.name)


def columns(properties: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the path and the schema of every column and of everything inside it."""
    for name, schema in properties.items():
        path = f"{above}{name}"
        yield path, schema
        yield from columns(schema.get("properties", {}), f"{path}.")
        yield from columns(schema.get("items", {}).get("properties", {}), f"{path}[].")


def descriptions(stream: Collection) -> dict[str, str]:
    """Return the description of every column and of everything inside it, by its path."""
    return {path: schema.get("description", "") for path, schema in columns(stream.schema["properties"])}


@of_each_stream
def test_every_column_and_everything_in_it_has_a_description(stream: Collection) -> None:
    assert [path for path, text in descriptions(stream).items() if not text] == []


@of_each_stream
def test_the_schema_says_what_the_stream_holds(stream: Collection) -> None:
    assert stream.about.endswith(".")
    assert stream.schema["description"] == stream.about


@of_each_stream
def test_descriptions_are_short_sentences(stream: Collection) -> None:
    for path, text in descriptions(stream).items():
        assert text == text.strip(), path
        assert text[0].isupper() or text[0].isdigit() or text[0] == "`", path
        assert text.endswith("."), path
        assert "  " not in text, path
        assert len(text) <= LONGEST, path


@of_each_stream
def test_every_time_says_its_zone(stream: Collection) -> None:
    for path, schema in columns(stream.schema["properties"]):
        assert schema.get("format") != "date-time" or "UTC" in schema["description"], path


@of_each_stream
def test_the_bookmark_and_nothing_else_is_called_one(stream: Collection) -> None:
    called = {path for path, text in descriptions(stream).items() if "bookmark" in text}
    assert called == {stream.changes.key} - {None}


@of_each_stream
def test_columns_that_descriptions_point_to_exist(stream: Collection) -> None:
    for path, text in descriptions(stream).items():
        for other, column in re.findall(r"\b([a-z_]\w+)\.([a-z_]\w+)\b", text):
            if other in COLLECTIONS:
                assert column in COLLECTIONS[other].properties, f"{path} points to {other}.{column}"


@cache
def relations() -> list[dict[str, Any]]:
    """Return the relations that are known: which column points to which stream and key."""
    found: list[dict[str, Any]] = json.loads((reference.FOLDER / "relations.json").read_text())
    return found


@reference.present
@of_each_stream
def test_every_known_relation_is_in_the_description(stream: Collection) -> None:
    texts = descriptions(stream)
    for one in relations():
        name, _, path = one["column"].partition(".")
        path = path.removesuffix("[]")
        is_own = one["target_stream"] == name and path == one["target_key"]
        if name != stream.name or path not in texts or one["target_stream"] not in COLLECTIONS or is_own:
            continue
        keys = one["target_key"].split(" or ")  # of user_info.id it is not sure which
        assert any(f"{one['target_stream']}.{key}" in texts[path] for key in keys), path


def test_columns_of_custom_fields_and_saved_searches_are_described() -> None:
    custom = CustomField(id="7", column="cf_renewal", name="_Renewal", label="Renewal", kind="DATE_TIME")
    assert custom.schema["description"] == "Custom field 'Renewal' (date_time), id 7. In UTC."
    search = saved_search(
        "saved_search_x",
        {"id": "5", "name": "X"},
        [("Id", "Contact Id"), ("Total", "")],
    )
    assert {name: one["description"] for name, one in search.properties.items()} == {
        "id": "Column 'Id' of the saved search, titled 'Contact Id': the text that Keap shows.",
        "total": "Column 'Total' of the saved search: the text that Keap shows.",
    }


MONEY = re.compile(
    r"(.*_)?(amount|amt|price|cost|revenue|low|high|total|paid|due|earned|balance|clawbacks|payments"
    r"|discount_value|price_adjustment|price_per_item|line_amount|decimal|commission)"
)
COUNTS = {"total_cycles", "number_of_payments", "days_between_payments"}
"""Numbers with such names that are no money."""


@of_each_stream
def test_every_plain_amount_of_money_says_its_unit(stream: Collection) -> None:
    """Cents and dollars are both numbers; a reader who guesses is off by 100."""
    for path, schema in columns(stream.schema["properties"]):
        name = path.rpartition(".")[2]
        is_number = {"number", "integer"} & {*schema["type"]}
        if is_number and MONEY.fullmatch(name) and name not in COUNTS:
            text = schema["description"]
            assert "whole units" in text or "smallest unit" in text or "percent" in text.lower(), path
