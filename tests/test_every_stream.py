"""Every stream loads every row of the account with every value, and then only what is new."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from keap_sandbox.routing import Router
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tests.streams.test_descriptions import STREAMS
from tests.truth import differences, rows_of, unsaid

NOT_LISTED = {"contacts_by_tag": "compared with contacts in test_loads.py"}
TIMES = {
    "contact_links": 2,  # Keap lists a link under both of its contacts
    "deals": 2,  # read twice, because a deal can move to a stage that was already read
}
CONTENT = {"size", "is_too_large"}
MADE_BY_THE_TAP = {
    "file_data": CONTENT,
    "invoice_balances": {"total", "total_paid", "refund_total", "amount_due"},
    "order_items": {"contact_id", "order_time", "line_amount"},
    "order_payment_plan_items": {"contact_id", "order_time"},
    "product_legacy_images": CONTENT,
    "shipping_methods": {
        "base_shipping_price", "delivery_type", "destination_type", "minimum_shipping_price", "order_based",
        "packaging_type", "pickup_type", "price", "price_per_item", "ranges",
    },
    "user_signatures": CONTENT,
    "webform_html": CONTENT,
}  # fmt: skip
"""Stream -> columns that the tap derives from others."""
ALL = sorted(COLLECTIONS.keys() - NOT_LISTED.keys())
ROUTER = Router()


@pytest.mark.parametrize("stream", ALL)
def test_the_sandbox_serves_the_stream(stream: str) -> None:
    endpoint, values = COLLECTIONS[stream].endpoint, COLLECTIONS[stream].values[0]
    path = re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], "1"), endpoint.path)
    handler, _, _ = ROUTER.find(endpoint.method, path)
    if handler is None:
        pytest.fail(
            f"{stream} reads {endpoint.path}, which the sandbox does not serve. Add a Listing to a file in "
            "sandbox/keap_sandbox/endpoints/, and to what its function routes returns; see "
            "'Adding a collection' in "
            "CONTRIBUTING.md."
        )


@pytest.mark.parametrize("stream", ALL)
def test_every_row_and_value_of_the_stream_arrives(run: Run, stream: str) -> None:
    target = run(stream, saved_searches=None)
    assert target.rows(stream), (
        f"The sandbox has no rows of {stream}. Add some in sandbox/keap_sandbox/sample_data/."
    )
    assert len(target.sent(stream)) == TIMES.get(stream, 1) * len(target.rows(stream)), "no key arrives twice"
    assert differences(run.box, stream, target.rows(stream), target.schemas[stream]) == []
    if COLLECTIONS[stream] in STREAMS:
        assert [*unsaid(target.rows(stream), target.schemas[stream])] == []
    collection = COLLECTIONS[stream]
    served = {column for row in rows_of(run.box, stream) for column in row}
    made = collection.flat.keys() | MADE_BY_THE_TAP.get(stream, set())
    absent = collection.properties.keys() - served - collection.given - made
    assert not absent, (
        f"No row of {stream} in the sandbox has {', '.join(sorted(absent))}. "
        "Compare the properties of the stream "
        "with the rows that sandbox/keap_sandbox/sample_data/ makes."
    )


@pytest.mark.parametrize("lookback_hours", [None, 0])
@pytest.mark.parametrize("stream", [name for name in ALL if COLLECTIONS[name].changes.key is not None])
def test_the_second_run_reads_from_the_bookmark_only(
    run: Run, stream: str, lookback_hours: float | None
) -> None:
    """Rows since the bookmark, less the look-back, arrive again, and no older ones."""
    changes = COLLECTIONS[stream].changes
    assert changes.key is not None
    given = {} if lookback_hours is None else {stream: {"lookback_hours": lookback_hours}}
    lookback = changes.lookback if lookback_hours is None else timedelta(hours=lookback_hours)
    catalog = run.catalog(stream)
    before = list(run(catalog=catalog).rows(stream))
    bookmark = datetime.fromisoformat(run.target.state["bookmarks"][stream]["replication_key_value"])
    recent = [row for row in before if datetime.fromisoformat(row[changes.key]) >= bookmark - lookback]
    assert len(recent) < len(before), "the sandbox has older rows"
    assert recent or lookback_hours == 0, "the sandbox has rows since then"
    run.clock.pass_time(3_600)
    again = run(catalog=catalog, stream_settings=given)
    assert sorted(again.sent(stream), key=str) == sorted(recent, key=str)
    assert again.rows(stream) == before
    assert again.count("ACTIVATE_VERSION") == 0


def test_the_amount_due_is_computed_from_the_order(run: Run) -> None:
    due = {str(row["order_id"]): row["amount_due"] for row in run.box.records("invoice_balances")}
    for row in run("invoice_balances").rows("invoice_balances"):
        amount = row["amount_due"]
        assert (amount and amount["amount"]) == due[row["order_id"]]
        if amount is not None:
            assert round(amount["decimal"] * 100) == amount["amount"]
