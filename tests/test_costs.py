"""Streams cost as many calls as the table of streams says."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tools.costs import cost

PAGE = 40
"""Most rows per page of the sandbox, so that collections take several pages."""


@pytest.mark.parametrize("stream", sorted(COLLECTIONS))
def test_a_first_load_takes_the_calls_that_the_table_says(run: Run, stream: str) -> None:
    collection, said = COLLECTIONS[stream], cost(COLLECTIONS[stream])
    catalog = run.catalog(stream)
    run.box.switch(page_rows_max=PAGE)
    run.box.clear_requests()
    run(catalog=catalog, saved_searches=None)
    pattern = re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(f"/crm/rest{collection.endpoint.path}"))
    calls = [call for call in run.box.requests() if re.fullmatch(pattern, call["path"])]
    models = [call for call in run.box.requests() if call["path"] == f"/crm/rest{collection.custom_fields}"]
    assert len(models) == said.model
    if collection.batches is not None:
        own = f"{collection.batches.filter}=="
        walks = {one for call in calls for one in call["query"]["filter"].split(";") if one.startswith(own)}
        ids = {one for walk in walks for one in re.sub(r"^\w+==", "", walk).split(",")}
        assert len(walks) == math.ceil(len(ids) / collection.batches.size)
        assert str(said).startswith(f"1 per {collection.batches.size} ")
    elif collection.parents is not None:
        walks = {call["path"] for call in calls}
        assert len(walks) == len(_parents(run, stream))
        assert said.per
        if not said.size:
            assert len(calls) == len(walks)
    elif said.size:
        rows = _distinct(run, stream, said.rows)
        pages = math.ceil(rows / min(PAGE, said.size))
        if pages > 1 and (collection.endpoint.by_id is not None or collection.changes.goes_by_time):
            pages += 1  # one call proves that rows come in the order of their ids or times
        elif pages > 1:
            pages *= 2  # rows can shift between pages, so a second read checks that none did
        if pages > 1 and collection.changes.goes_by_time:
            assert pages <= len(calls) <= 1.2 * pages  # pages overlap a little
            return
        # v1 doesn't mark the last page.
        assert pages <= len(calls) <= pages + 2 * (collection.endpoint.paging == "offset")
        assert collection.endpoint.page_size == said.size
    else:
        assert len(calls) == said.walks


def _parents(run: Run, stream: str) -> list[Any]:
    parents = COLLECTIONS[stream].parents
    assert parents is not None
    rows: list[Any] = run.box.records(parents.stream)
    return [row for row in rows if parents.leads_on(row)]


def _distinct(run: Run, stream: str, rows: str) -> int:
    """Return how many rows the responses contain.

    If the stream's rows are nested in another collection's records, those records count.
    """
    packed = rows.removeprefix("changed ").replace(" ", "_")
    return len(run.box.records(packed if packed in COLLECTIONS else stream))


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        ("contacts", "1 per 1,000 changed rows + 1"),
        ("contacts_by_tag", "1 per 100 contacts in contact_tags + 1"),
        ("contact_tags", "1 per 100 tags and 1,000 new rows"),
        ("countries", "1"),
        ("custom_fields", "8"),
        ("order_items", "1 per 1,000 changed orders"),
        ("product_legacy_images", "1 per product with a legacy image"),
        ("provinces", "1 per country"),
        ("tasks", "1 per 1,000 newer rows + 1"),
        ("webform_html", "1 per changed webform"),
    ],
)
def test_costs_in_words(stream: str, text: str) -> None:
    assert str(cost(COLLECTIONS[stream])) == text
