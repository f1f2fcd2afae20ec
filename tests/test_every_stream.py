"""Every stream brings every row of the account, with every value."""

from __future__ import annotations

import re

import pytest

from keap_sandbox.routing import Router
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.conftest import Run
from tests.truth import differences

NOT_LISTED = {"contacts_by_tag": "its truth is that of contacts, see test_loads"}
TIMES = {"contact_links": 2}  # Keap tells a link under both its contacts
ALL = sorted(COLLECTIONS.keys() - NOT_LISTED.keys())
ROUTER = Router()


@pytest.mark.parametrize("stream", ALL)
def test_the_sandbox_serves_the_stream(stream: str) -> None:
    endpoint, values = COLLECTIONS[stream].endpoint, COLLECTIONS[stream].values[0]
    path = re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], "1"), endpoint.path)
    handler, _, _ = ROUTER.find(endpoint.method, path)
    if handler is None:
        pytest.fail(
            f"{stream} reads {endpoint.path}, which the sandbox does not serve. Add it to a file in "
            "sandbox/keap_sandbox/endpoints/; see 'Adding a collection' in CONTRIBUTING.md."
        )


@pytest.mark.parametrize("stream", ALL)
def test_every_row_and_value_of_the_stream_arrives(run: Run, stream: str) -> None:
    target = run(stream, saved_searches=None)
    assert target.rows(stream), "the sandbox has rows for every stream"
    assert len(target.sent(stream)) == TIMES.get(stream, 1) * len(target.rows(stream)), (
        "a key that comes twice"
    )
    assert differences(run.box, stream, target.rows(stream), target.schemas[stream]) == []


@pytest.mark.parametrize("stream", [name for name in ALL if COLLECTIONS[name].changes.key is not None])
def test_the_second_run_reads_from_the_bookmark_only(run: Run, stream: str) -> None:
    catalog = run.catalog(stream)
    first = run(catalog=catalog)
    before = first.rows(stream)
    run.clock.pass_time(3_600)
    again = run(catalog=catalog)
    assert again.rows(stream) == before
    assert again.count("ACTIVATE_VERSION") == 0
    assert len(again.sent(stream)) <= len(before)


def test_the_amount_due_is_computed_from_the_order(run: Run) -> None:
    due = {str(row["order_id"]): row["amount_due"] for row in run.box.records("invoice_balances")}
    for row in run("invoice_balances").rows("invoice_balances"):
        amount = row["amount_due"]
        assert (amount and amount["amount"]) == due[row["order_id"]]
        if amount is not None:
            assert round(amount["decimal"] * 100) == amount["amount"]
