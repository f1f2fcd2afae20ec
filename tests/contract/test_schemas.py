"""Every stream has exactly the columns that Keap's documents describe, with the same types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.columns import MONEY_DECIMAL
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run

from . import documents, models
from .documents import Schema

pytestmark = documents.present

FILES = {
    "file_data": "the response is the file itself",
    "product_legacy_images": "the response is the image itself",
    "user_signatures": "the response is the signature itself",
    "webform_html": "the response is the page itself",
    "contact_option_types": "the list contains plain strings",
}
"""Streams whose responses are not objects, and why. All their columns are the tap's own."""

INSIDE = {
    "order_items": "order_items",
    "order_payment_plan_items": "payment_plan.payment_plan_items",
    "product_inventory": "inventory",
}
"""Streams whose rows are inside documented rows, and where."""

DERIVED = {
    ("order_items", "order_id"): "id of the order that contains it",
    (
        "order_items",
        "modification_time",
    ): "modification time of the order that contains it, used as the bookmark",
    ("order_items", "line_amount"): "quantity times price",
    **{
        (stream, column): "of the order that contains it"
        for stream in ("order_items", "order_payment_plan_items")
        for column in ("contact_id", "order_time")
    },
    ("order_payment_plan_items", "order_id"): "id of the order that contains it",
    ("order_payment_plan_items", "item_number"): "position in the list, because the items have no id",
    (
        "order_payment_plan_items",
        "modification_time",
    ): "modification time of the order that contains it, used as the bookmark",
    ("invoice_balances", "order_id"): "the order's id",
    ("invoice_balances", "contact_id"): "from the order's contact",
    ("invoice_balances", "amount_due"): "computed from the order's amounts",
    ("company_tags", "tag_id"): "from the tag, for the key",
    ("tag_companies", "company_id"): "from the company, for the key",
    ("category_discount_assignments", "category_discount_id"): "the discount's id",
    ("category_discount_assignments", "product_category_id"): "an element of product_categories",
    ("commission_program_affiliates", "commission_program_id"): "the program's id",
    ("commission_program_affiliates", "commission_program_name"): "the program's name",
    ("commission_program_affiliates", "affiliate_id"): "an element of affiliate_ids",
    ("countries", "country_code"): "from the codes, because provinces are requested with it",
    **{
        ("shipping_methods", column): "a known member of settings, whose members are not documented"
        for column in COLLECTIONS["shipping_methods"].properties.keys()
        - {"id", "name", "description", "type", "status", "international", "settings"}
    },
    ("contacts", "notes"): "in the documented list of fields, but not in the model",
    ("contacts_by_tag", "notes"): "as in contacts",
}
"""Columns that are not documented, and where they come from."""

REFERENCES = {("appointments_v1", "user"): "v1 gives the user's id under this name"}
"""Ids whose names do not look like ids, and why."""

RENAMED = {
    ("deals", "custom_field_values"): "custom_fields is a list in all other streams, with models",
    ("contact_tags", "contact_id"): "the older path calls it id, because its rows are contacts",
    ("contact_tags", "applied_at"): "the older path calls it applied_time",
    ("tag_companies", "company.group_list"): "groups is a reserved word in BigQuery and MySQL",
    ("wordpress_opt_in_options", "option_key"): "key is a reserved word in MySQL",
    **{
        (stream, "group_list"): "groups is a reserved word in BigQuery and MySQL"
        for stream in ("companies", "contacts", "contacts_by_tag")
    },
    **{
        (stream, "position"): "order is a reserved word everywhere"
        for stream in (
            "commission_program_resources",
            "custom_field_groups",
            "custom_field_tabs",
            "opportunity_stages",
        )
    },
}
"""Columns whose names differ from the documents by more than snake_case, and why."""

LEFT_OUT = {
    ("contact_tags", name): "on the older path only, and the stream contacts has it"
    for name in ("email", "given_name", "family_name")
} | {("pipelines", "stages"): "the stream pipeline_stages has them"}
"""Documented properties without a column, and why."""

PARTS_OF = {
    "invoice_balances": "orders",
    "category_discount_assignments": "category_discounts",
    "commission_program_affiliates": "commission_programs",
}
"""Streams that contain a part of the rows of another stream, which has the remaining columns."""

TIME = re.compile(r"(.*_)?(time|date|at|date_created|date_earned|time_earned|last_updated)")
REFERENCE = re.compile(r"(.*_)?(id|ids\[\]|by|user)")

ALL = [
    *COLLECTIONS.values(),
    *(collection.fallback for collection in COLLECTIONS.values() if collection.fallback is not None),
]

IDS = [f"{collection.name} {collection.endpoint.path}" for collection in ALL]


def _paths(collection: Collection) -> list[str]:
    """Return the paths of a stream: one, or one for each kind of record."""
    if "{record}" not in collection.endpoint.path:
        return [collection.endpoint.path]
    return [collection.endpoint.path.replace("{record}", values["record"]) for values in collection.values]


@pytest.mark.parametrize("collection", ALL, ids=IDS)
def test_columns_match_the_documented_properties(collection: Collection) -> None:
    for path in _paths(collection):
        if collection.name in FILES:
            assert "properties" not in (models.row(collection, path) or {})
            continue
        model = models.row(collection, path, INSIDE.get(collection.name, ""))
        assert sorted(_differences(collection, model["properties"])) == []


@pytest.mark.parametrize("collection", ALL, ids=IDS)
def test_whatever_is_beside_the_rows_has_a_column_or_a_reason_to_be_left_out(collection: Collection) -> None:
    wire = collection.wire
    declared = {*wire.beside.values(), *wire.left_out, *filter(None, [wire.total])}
    for path in _paths(collection):
        if collection.endpoint.items is None:
            assert declared == set()
            continue
        documented = models.response(path)["properties"].keys()
        assert documented - collection.known_beside == set()
        assert declared <= documented


def _differences(collection: Collection, model: Mapping[str, Schema]) -> Iterator[str]:
    """Yield the differences between columns and model that are not in the tables above."""
    known = {column for stream, column in (DERIVED | RENAMED) if stream == collection.name}
    known |= {*collection.parents.columns} if collection.parents else set()
    known |= {name for values in collection.values for name in values}
    known |= {*collection.wire.beside}
    documented = {name: one for name, one in collection.properties.items() if name not in collection.flat}
    for name, difference in _compared(collection, documented, model, ""):
        if name not in known:
            yield f"{name} {difference}"
    wire = {collection.wire.name(name) for name in collection.properties}
    for name in model.keys() - wire:
        if (whole := PARTS_OF.get(collection.name)) is not None:
            missing = name not in COLLECTIONS[whole].properties
        else:
            missing = (collection.name, name) not in LEFT_OUT or name not in collection.wire.ignored
        if missing:
            yield f"{name} has no column"


def _compared(
    collection: Collection, mine: Mapping[str, Schema], theirs: Mapping[str, Schema], prefix: str
) -> Iterator[tuple[str, str]]:
    for name, schema in mine.items():
        path = f"{prefix}.{name}" if prefix else name
        wire = collection.wire.renamed.get(path, name)
        if wire not in theirs:
            if name != MONEY_DECIMAL or not {"amount", "currency_code"} <= theirs.keys():
                yield path, "is not documented"
            continue
        if _snake(wire) != name:
            yield path, f"is called {wire}"
        yield from _of_type(collection, schema, theirs[wire], path)
    if prefix:
        wires = {collection.wire.renamed.get(f"{prefix}.{name}", name) for name in mine}
        yield from ((f"{prefix}.{name}", "has no property") for name in theirs.keys() - wires)


def _of_type(collection: Collection, mine: Schema, theirs: Schema, path: str) -> Iterator[tuple[str, str]]:
    name = path.rpartition(".")[2]
    kinds, documented = _kinds(mine), _kinds(theirs)
    if not documented:
        if kinds != {"string"}:
            yield path, "may be anything in the documents, so it is text here"
        return
    is_reference = REFERENCE.fullmatch(name) is not None or (collection.name, path) in REFERENCES
    if is_reference and kinds & {"integer", "number"}:
        yield path, "is an id, and those are strings"
    if kinds != documented and not (is_reference and kinds == {"string"} and documented == {"integer"}):
        yield path, f"is {kinds}, but {documented} in the documents"
    if kinds == {"string"}:
        yield from _of_format(mine.get("format"), theirs.get("format"), path, name)
    if "items" in mine:
        yield from _of_type(collection, mine["items"], theirs["items"], f"{path}[]")
    elif "properties" in mine:
        yield from _compared(collection, mine["properties"], theirs.get("properties", {}), path)


def _of_format(mine: str | None, theirs: str | None, path: str, name: str) -> Iterator[tuple[str, str]]:
    """Many times are documented without a format, but can be told by their name."""
    is_time = TIME.fullmatch(name) is not None
    if theirs in {"date", "date-time"} and mine != theirs:
        yield path, f"has the format {mine}, but {theirs} in the documents"
    if theirs is None and (mine is not None) != is_time:
        yield path, f"has the format {mine}"


def _kinds(schema: Schema) -> set[str]:
    kinds = schema.get("type", [])
    return {*([kinds] if isinstance(kinds, str) else kinds)} - {"null"}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("collection", [one for one in ALL if one.flat], ids=lambda one: one.name)
def test_flat_columns_have_names_that_keap_does_not_use(collection: Collection) -> None:
    """Else a column of Keap would hold something else."""
    for path in _paths(collection):
        model = models.row(collection, path, INSIDE.get(collection.name, ""))
        assert collection.flat.keys() & {_snake(name) for name in model["properties"]} == set()


def test_the_tables_name_existing_streams_and_columns() -> None:
    named: set[tuple[str, Any]] = {*DERIVED, *RENAMED, *REFERENCES}
    assert {
        (stream, column)
        for stream, column in named
        if column.split(".")[0] not in COLLECTIONS[stream].properties
    } == set()
    assert {*FILES, *INSIDE, *PARTS_OF} <= COLLECTIONS.keys()


def test_the_tap_finds_nothing_undocumented_in_the_sandbox(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """It would warn about undocumented properties and about values of other types."""
    run(*COLLECTIONS)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == []
