"""Every collection of Keap's REST API is a stream, or a stream reads its rows from another endpoint."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.contract import documents
from tests.truth import RENAMED
from tools.coverage import SERVED

REFERENCE = Path(os.environ.get("KEAP_REFERENCE", Path(__file__).parents[2] / "shared" / "keap"))

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="needs the reference documents")

SHIPPING = {
    "order_based", "price", "base_shipping_price", "price_per_item", "minimum_shipping_price", "ranges",
    "delivery_type", "pickup_type", "packaging_type", "destination_type",
}  # fmt: skip

CONTENT = (
    {"size", "is_too_large"},
    set[str](),
    "content that is too large is left out, and the row says so",
)
OTHER_COLUMNS = {
    "file_data": CONTENT,
    "product_legacy_images": CONTENT,
    "user_signatures": CONTENT,
    "webform_html": CONTENT,
    "application_settings": ({"record"}, set(), "one row needs a key"),
    "application_status": ({"record"}, set(), "one row needs a key"),
    "business_profile": ({"record"}, set(), "one row needs a key"),
    "contact_links": (set(), {"contact_id"}, "a link is listed under both of its contacts"),
    "invoice_balances": (
        {"total", "total_paid", "refund_total"},
        {"total_amount", "total_paid_amount", "refund_total_amount", "currency_code"},
        "amounts keep Keap's form, with a decimal next to it",
    ),
    "order_items": (
        {"contact_id", "order_time", "line_amount"},
        set(),
        "joins and sums need no other stream and no JSON",
    ),
    "order_payment_plan_items": ({"contact_id", "order_time"}, set(), "as in order_items"),
    "shipping_methods": (SHIPPING, set(), "the known members of settings, as typed columns"),
}
"""Stream -> columns that the reference lacks, columns that only the reference has, and the reason."""


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((REFERENCE / "streams.json").read_text())
    return document


bare = documents.bare


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def test_every_collection_of_the_reference_is_read(reference: dict[str, Any]) -> None:
    others = {name: facts["path"] for name, facts in reference.items() if name not in COLLECTIONS}
    served = {bare(path) for one in SERVED for path in one.paths}
    assert {name: path for name, path in others.items() if bare(path) not in served} == {}
    assert served <= {bare(facts["path"]) for facts in reference.values()}


def test_streams_that_serve_other_endpoints_exist() -> None:
    assert {one.stream for one in SERVED} - COLLECTIONS.keys() == {"saved_search_<name>"}


def test_every_v2_endpoint_is_read_or_served(reference: dict[str, Any]) -> None:
    """An endpoint that ends with an id returns one row of the list above it."""
    read = {bare(facts["path"]) for facts in reference.values()}
    read |= {bare(one.fallback.endpoint.path) for one in COLLECTIONS.values() if one.fallback is not None}
    read |= {bare(one.endpoint.path) for one in COLLECTIONS.values() if one.unserved}
    left = {
        path
        for method, path in documents.operations()
        if method == "GET" and path.startswith("/v2/") and path not in read
    }
    # Streams have these rows too: an email address's status, an order's item, a country's province.
    lists = read | {"/v2/emailAddresses", "/v2/orders/{}/items", "/v2/locales/countries/{}/provinces"}
    assert {path for path in left if path.removesuffix("/status").removesuffix("/{}") not in lists} == set()


def test_columns_are_those_of_the_reference(reference: dict[str, Any]) -> None:
    for name in reference.keys() & COLLECTIONS.keys():
        own = COLLECTIONS[name]
        mine = own.properties.keys() - own.flat.keys() - own.wire.beside.keys()
        theirs = {snake(one) for one in reference[name]["properties"]}
        theirs = {RENAMED[one] if RENAMED.get(one) in own.properties else one for one in theirs}
        more, less, _ = OTHER_COLUMNS.get(name, (set(), set(), ""))
        assert (mine - theirs, theirs - mine) == (more, less), name


def test_paths_row_keys_and_page_sizes_are_those_of_the_reference(reference: dict[str, Any]) -> None:
    for name in reference.keys() & COLLECTIONS.keys():
        mine, theirs = COLLECTIONS[name], reference[name]
        assert re.sub(r"\{\w+\}", "{}", mine.endpoint.path) == re.sub(r"\{\w+\}", "{}", theirs["path"]), name
        assert mine.endpoint.page_size <= (theirs["page_size_max"] or 1000), name
        if name != "product_inventory":  # one object inside another
            assert mine.endpoint.items == theirs["records_key"], name


def test_filters_and_orders_are_documented(reference: dict[str, Any]) -> None:
    for name in reference.keys() & COLLECTIONS.keys():
        mine, theirs = COLLECTIONS[name], reference[name]
        assert _filters(mine) <= theirs["filters"].keys(), name
        assert _orders(mine) <= set(theirs["order_by"]), name
        if mine.endpoint.fields.names and not mine.endpoint.fields.sure:
            assert mine.endpoint.fields.names <= set(theirs["sparse_fields"]), name


def _filters(collection: Collection) -> set[str]:
    changes = collection.changes
    names = [*collection.endpoint.filters, *(collection.endpoint.period or ())]
    if collection.parents is None or not collection.parents.in_window:
        names += [getattr(changes, bound) for bound in ("since", "until") if hasattr(changes, bound)]
    names += [collection.endpoint.by_id.filter] if collection.endpoint.by_id else []
    names += [collection.batches.filter] if collection.batches else []
    return {re.split(r"[=<>]", name)[0] for name in names}


def _orders(collection: Collection) -> set[str]:
    names = {collection.endpoint.by_id.order_by} if collection.endpoint.by_id else set()
    by_parents = collection.parents is not None and collection.parents.in_window
    own = getattr(collection.changes, "order_by", "")
    return names | ({own} if own and not by_parents else set())


def test_streams_with_a_call_per_contact_order_file_or_email_are_off_by_default() -> None:
    for collection in COLLECTIONS.values():
        if collection.parents is not None and collection.parents.stream in {
            "contacts",
            "orders",
            "files",
            "emails",
        }:
            assert not collection.selected_by_default, collection.name
