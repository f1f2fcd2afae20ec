"""Rows that were never read: those of a page above 64 MiB, and those with ids of 0 and below.

1,000 contacts of 70 kB failed their stream for ever, though fewer of them fit into an answer.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable

import pytest

from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.client.http import Limits
from tap_infusionsoft.errors import TapError
from tests.fixtures import Around, Run

LIMIT = 60_000
"""Bytes of a page, in place of 64 MiB."""
LISTS = {"contacts": ("notes", LIMIT), "products": ("description", 12_000), "contact_tags": ("", 3_000)}
"""Streams by id, newest first and by page token -> a column to fill, and bytes of a page."""


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize("gzip", [False, True])
def test_fewer_rows_are_requested_if_a_page_is_too_large(run: Run, stream: str, gzip: bool) -> None:  # noqa: FBT001
    column, limit = LISTS[stream]
    run.box.switch(gzip=gzip)
    if column:
        rows = [{"id": row["id"], column: "x" * 2000} for row in run.box.records(stream)]
        run.box.plant(stream, upsert=rows)
    catalog = run.catalog(stream)
    run.limits = Limits(body=limit)
    target = run(catalog=catalog)
    assert run.says(f"more than {limit} bytes")
    assert len(target.rows(stream)) == len(run.box.records(stream))
    assert run.waits == []
    assert target.count("ACTIVATE_VERSION", stream) == 1


def test_pages_shrink_down_to_one_row(run: Run) -> None:
    run.box.reset(contacts=30)
    large = [str(row["id"]) for row in run.box.records("contacts")][7:9]
    run.box.plant("contacts", upsert=[{"id": one, "notes": "x" * 40_000} for one in large])
    catalog = run.catalog("contacts")
    run.limits = Limits(body=LIMIT)
    target = run(catalog=catalog)
    assert len(target.rows("contacts")) == 30
    sizes = [int(call["query"]["page_size"]) for call in run.box.requests("/v2/contacts") if call["query"]]
    assert min(sizes) < 10


def test_a_single_row_that_is_too_large_is_told_in_a_clear_sentence(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run.box.reset(contacts=30)
    ids = [str(row["id"]) for row in run.box.records("contacts")]
    run.box.plant("contacts", upsert=[{"id": ids[7], "notes": "x" * LIMIT}])
    catalog = run.catalog("contacts", "users")
    run.limits = Limits(body=LIMIT)
    target = run(catalog=catalog, fails=True)
    assert {row["id"] for row in target.rows("contacts")} == {*ids[:7]}, "those before it are kept"
    assert len(target.rows("users")) == len(run.box.records("users"))
    assert f"more than {LIMIT} bytes, for the first row after id {ids[6]} alone" in caplog.text
    assert target.count("ACTIVATE_VERSION", "contacts") == 0
    run.box.plant("contacts", upsert=[{"id": ids[7], "notes": "short"}])
    assert {row["id"] for row in run(catalog=catalog).rows("contacts")} == {*ids}


@pytest.mark.parametrize("stream", ["contacts", "contact_links"])
def test_rows_with_ids_of_0_and_below_are_read(run: Run, stream: str) -> None:
    """So is what hangs on them."""
    run.box.reset(contacts=10)
    tap, stdout, asked = run.tap(catalog=run.catalog(stream)), io.StringIO(), set()

    def with_odd_rows(call: Call, send: Callable[[Call], Answer]) -> Answer:
        asked.add(call.path)
        answer = send(call)
        if call.path != "/v2/contacts" or "contact_id>" in str(call.params.get("filter")):
            return answer
        document = json.loads(answer.body)
        document["contacts"] = [{"id": "-7"}, {"id": "0"}, *document["contacts"]]
        return Answer(200, answer.headers, json.dumps(document).encode())

    client = tap.account.client
    client.transport = Around(client.transport, with_odd_rows)
    # The sandbox has no such contact, and thus no links of it.
    with contextlib.redirect_stdout(stdout), contextlib.suppress(TapError):
        tap.sync_all()
    run.target.take(stdout.getvalue())
    if stream == "contacts":
        assert {row["id"] for row in run.target.rows(stream)} > {"-7", "0"}
        assert len(run.target.rows(stream)) == 12
    else:
        assert asked > {"/v2/contacts/-7/links", "/v2/contacts/0/links"}
