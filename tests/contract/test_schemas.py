"""The columns of every stream are the properties that Keap's documents give its rows: no fewer, no others, same types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.columns import MONEY_DECIMAL
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.conftest import Run

from . import documents, models
from .documents import Schema

pytestmark = documents.present

FILES = {
    "file_data": "the answer is the file itself",
    "product_legacy_images": "the answer is the image itself",
    "user_signatures": "the answer is the signature itself",
    "webform_html": "the answer is the page itself",
    "contact_option_types": "the list holds bare words",
}
"""Streams whose answers are no objects, and why; all their columns are the tap's."""

INSIDE = {
    "order_items": "order_items",
    "order_payment_plan_items": "payment_plan.payment_plan_items",
    "product_inventory": "inventory",
}
"""Streams whose rows stand inside those of the documents, and where."""

DERIVED = {
    ("order_items", "order_id"): "from the order around it",
    ("order_items", "modification_time"): "from the order around it, as the bookmark",
    ("order_payment_plan_items", "order_id"): "from the order around it",
    ("order_payment_plan_items", "item_number"): "the items have no id: their place in the list",
    ("order_payment_plan_items", "modification_time"): "from the order around it, as the bookmark",
    ("invoice_balances", "order_id"): "the order's own id, by its role",
    ("invoice_balances", "contact_id"): "out of the order's contact",
    ("invoice_balances", "amount_due"): "worked out from the order's amounts",
    ("company_tags", "tag_id"): "out of the tag, for the key",
    ("tag_companies", "company_id"): "out of the company, for the key",
    ("category_discount_assignments", "category_discount_id"): "the discount's own id, by its role",
    ("category_discount_assignments", "product_category_id"): "an element of product_categories",
    ("commission_program_affiliates", "commission_program_id"): "the program's own id, by its role",
    ("commission_program_affiliates", "commission_program_name"): "the program's own name, by its role",
    ("commission_program_affiliates", "affiliate_id"): "an element of affiliate_ids",
    ("countries", "country_code"): "out of the codes, as the key that provinces are asked for by",
    **{
        ("shipping_methods", column): "a known member of settings, which the documents give no shape"
        for column in COLLECTIONS["shipping_methods"].properties.keys()
        - {"id", "name", "description", "type", "status", "international", "settings"}
    },
    ("contacts", "notes"): "the list of fields that can be asked for has it, the model does not",
    ("contacts_by_tag", "notes"): "as in contacts",
}
"""Columns without a property in the documents, and where they come from."""

REFERENCES = {("appointments_v1", "user"): "v1 gives the user's id under this name"}
"""Ids whose names do not say that they are, and why."""

RENAMED = {
    ("contact_tags", "contact_id"): "the older address calls it id, as its rows are contacts",
    ("contact_tags", "applied_at"): "the older address calls it applied_time",
}
"""Columns with another name than in the documents, beyond the change to snake_case, and why."""

LEFT_OUT = {
    ("contact_tags", name): "of the older address only; the stream contacts has it"
    for name in ("email", "given_name", "family_name")
}
"""Properties in the documents without a column, and why."""

PARTS_OF = {
    "invoice_balances": "orders",
    "category_discount_assignments": "category_discounts",
    "commission_program_affiliates": "commission_programs",
}
"""Streams that show a part of the rows of another, which has all the other columns."""

BESIDE = {
    ("affiliate_commissions", "amount_earned"): "sums of the answer, not of a row",
    ("affiliate_commissions", "clawbacks"): "sums of the answer, not of a row",
    ("affiliate_commissions", "commission_total"): "sums of the answer, not of a row",
    ("automations", "automation_count"): "a sum of the answer",
    ("merchant_accounts", "default_merchant_account_id"): "one value of the answer, not of a row",
    ("campaign_goals", "campaign_id"): "the parent's id, which every row has",
    ("campaign_sequences", "campaign_id"): "the parent's id, which every row has",
    ("custom_fields", "optional_properties"): "names of fields that can be asked for",
}
"""What answers hold beside their rows, and why it is left out."""

PAGING = {"next_page_token", "count", "next", "previous", "sync_token"}

TIME = re.compile(r"(.*_)?(time|date|at|date_created|date_earned|time_earned|last_updated)")
REFERENCE = re.compile(r"(.*_)?(id|ids\[\]|by|user)")

ALL = [*COLLECTIONS.values(), *(one.fallback for one in COLLECTIONS.values() if one.fallback is not None)]


def _paths(collection: Collection) -> list[str]:
    """The addresses of a stream: one of each kind of record, where it has those."""
    if "{record}" not in collection.endpoint.path:
        return [collection.endpoint.path]
    return [collection.endpoint.path.replace("{record}", values["record"]) for values in collection.values]


@pytest.mark.parametrize("collection", ALL, ids=[f"{one.name} {one.endpoint.path}" for one in ALL])
def test_columns_are_the_documented_properties(collection: Collection) -> None:
    for path in _paths(collection):
        if collection.name in FILES:
            assert "properties" not in (models.row(collection, path) or {})
            continue
        model = models.row(collection, path, INSIDE.get(collection.name, ""))
        assert sorted(_differences(collection, model["properties"])) == []


@pytest.mark.parametrize("collection", ALL, ids=[f"{one.name} {one.endpoint.path}" for one in ALL])
def test_nothing_else_is_in_the_answers(collection: Collection) -> None:
    for path in _paths(collection):
        if collection.endpoint.items is None:
            continue
        beside = models.answer(path)["properties"].keys() - PAGING - {collection.endpoint.items}
        assert {name for name in beside if (collection.name, name) not in BESIDE} == set()


def _differences(collection: Collection, model: Mapping[str, Schema]) -> Iterator[str]:
    """What differs between the columns and the model, beyond the tables."""
    known = {column for stream, column in (DERIVED | RENAMED) if stream == collection.name}
    known |= {*collection.parents.columns} if collection.parents else set()
    known |= {name for values in collection.values for name in values}
    for name, difference in _compared(collection, collection.properties, model, ""):
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
    collection: Collection, mine: Mapping[str, Schema], theirs: Mapping[str, Schema], within: str
) -> Iterator[tuple[str, str]]:
    for name, schema in mine.items():
        path = f"{within}.{name}" if within else name
        wire = collection.wire.renamed.get(path, name)
        if wire not in theirs:
            if name != MONEY_DECIMAL or not {"amount", "currency_code"} <= theirs.keys():
                yield path, "is not documented"
            continue
        if _snake(wire) != name:
            yield path, f"is called {wire}"
        yield from _of_type(collection, schema, theirs[wire], path)
    if within:
        wires = {collection.wire.renamed.get(f"{within}.{name}", name) for name in mine}
        yield from ((f"{within}.{name}", "has no property") for name in theirs.keys() - wires)


def _of_type(collection: Collection, mine: Schema, theirs: Schema, path: str) -> Iterator[tuple[str, str]]:
    name = path.rpartition(".")[2]
    kinds, documented = _kinds(mine), _kinds(theirs)
    if len(kinds) > 1:
        if documented:
            yield path, f"may be anything, but is documented as {documented}"
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
    """Many times are documented without their format: the name tells them then."""
    is_time = TIME.fullmatch(name) is not None
    if theirs in {"date", "date-time"} and mine != theirs:
        yield path, f"has the format {mine}, but {theirs} in the documents"
    if theirs is None and (mine is not None) != is_time:
        yield path, f"has the format {mine}"


def _kinds(schema: Schema) -> set[str]:
    found = schema.get("type", [])
    return {*([found] if isinstance(found, str) else found)} - {"null"}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def test_the_tables_name_what_there_is() -> None:
    named: set[tuple[str, Any]] = {*DERIVED, *RENAMED, *REFERENCES}
    assert {
        (stream, column) for stream, column in named if column not in COLLECTIONS[stream].properties
    } == set()
    assert {*FILES, *INSIDE, *PARTS_OF} <= COLLECTIONS.keys()


def test_no_row_of_the_account_has_anything_else(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """What the tap says when rows have other properties, or values of other types, is not said of good rows."""
    run(*COLLECTIONS)
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == []
