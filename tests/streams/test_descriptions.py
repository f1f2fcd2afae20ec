"""The schema says what is in a column, so that nobody has to guess units, zones and what an id points to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import AREAS

UNDONE = {
    "account_settings",
    "activity",
    "affiliates",
    "campaigns",
    "commissions",
    "companies",
    "contacts",
    "custom_field_models",
    "discounts",
    "emails",
    "files",
    "lead_sources",
    "opportunities",
    "products",
    "sales",
    "saved_searches",
    "shipping",
    "tags",
    "users",
}
"""Modules of streams whose columns have no descriptions yet."""

DONE = [area for area in AREAS if area.__name__.rpartition(".")[2] not in UNDONE]
STREAMS = [one for area in DONE for one in area.COLLECTIONS]


def columns(properties: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the path and the schema of every column and of everything inside it."""
    for name, schema in properties.items():
        path = f"{above}{name}"
        yield path, schema
        yield from columns(schema.get("properties", {}), f"{path}.")
        yield from columns(schema.get("items", {}).get("properties", {}), f"{path}[].")


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.name)
def test_every_column_and_everything_in_it_has_a_description(stream: Collection) -> None:
    missing = [path for path, schema in columns(stream.schema["properties"]) if not schema.get("description")]
    assert missing == []


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.name)
def test_descriptions_are_sentences(stream: Collection) -> None:
    for path, schema in columns(stream.schema["properties"]):
        text = schema["description"]
        assert text == text.strip(), path
        assert text[0].isupper() or text[0].isdigit() or text[0] == "`", path
        assert text.endswith("."), path
        assert "  " not in text, path
