"""A table that loses rows does not stay broken.

Of 8 product options, 6 went with their product. That is more than a fifth, so every later run ended with an
error, and the rows of the product that was gone stayed live for ever.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keap_sandbox import Sandbox
from tap_infusionsoft.errors import Exit
from tap_infusionsoft.reading.key_tally import KeyTally
from tap_infusionsoft.reading.requests import Order, Slice
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.canary import KEY
from tests.fixtures import Run
from tests.virtual import VirtualClock

WEEK = 7 * 86_400


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """An account of 150 contacts."""
    switches = {"limits": "off", "quota_headers": "blank"}
    with Sandbox(seed=1, contacts=150, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


def ids(run: Run, stream: str) -> list[str]:
    return [str(row["id"]) for row in run.box.records(stream)]


def held(run: Run, stream: str) -> set[str]:
    return {str(row["id"]) for row in run.target.rows(stream)}


def test_a_small_table_may_lose_most_of_its_rows(run: Run) -> None:
    catalog = run.catalog("users")
    run(catalog=catalog)
    users = ids(run, "users")
    assert 3 < len(users) <= 50
    run.box.plant("users", delete=users[1:])
    run.clock.pass_time(60)
    run(catalog=catalog)
    assert held(run, "users") == {users[0]}


def test_rows_that_go_with_their_parent_are_gone(run: Run) -> None:
    catalog = run.catalog("product_options")
    options = run(catalog=catalog).rows("product_options")
    by_product: dict[str, int] = {}
    for row in options:
        by_product[row["product_id"]] = by_product.get(row["product_id"], 0) + 1
    fewest = min(by_product, key=lambda one: by_product[one])
    run.box.plant("products", delete=[one for one in by_product if one != fewest])
    run.clock.pass_time(60)
    target = run(catalog=catalog)
    assert {row["product_id"] for row in target.rows("product_options")} == {fewest}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("stream", "settings"),
    [("contacts", {}), ("tags", {"sweep_max_rows": 5}), ("contact_tags", {"sweep_max_rows": 5})],
    ids=["by id", "by page", "per batch"],
)
def test_a_second_pass_that_finds_the_same_is_believed(
    run: Run, stream: str, settings: dict[str, Any]
) -> None:
    run.box.switch(page_rows_max=30)
    catalog = run.catalog(stream)
    before = len(run(catalog=catalog, **settings).rows(stream))
    rows = run.box.records(stream)
    key = COLLECTIONS[stream].key if stream == "contact_tags" else ("id",)
    gone = [{name: row[name] for name in key} if len(key) > 1 else row["id"] for row in rows[::2]]
    run.box.plant(stream, delete=gone)
    run.clock.pass_time(WEEK)
    target = run(catalog=catalog, fails=True, **settings)
    assert len(target.rows(stream)) == before
    assert run.says("If the next run finds the same, it believes that the other rows are gone")
    run.clock.pass_time(60)
    target = run(catalog=catalog, **settings)
    assert len(target.rows(stream)) == len(run.box.records(stream)) < before
    assert run.target.state["bookmarks"][stream]["refused"] == []


def test_a_second_pass_that_finds_other_rows_is_not_believed(run: Run) -> None:
    """As many, but not the same: what is missing changes from pass to pass, so nothing is sure to be gone."""
    catalog = run.catalog("contacts")
    before = run(catalog=catalog).rows("contacts")
    contacts = ids(run, "contacts")
    rows = {str(row["id"]): dict(row) for row in run.box.records("contacts")}
    run.box.plant("contacts", delete=contacts[:60])
    run.clock.pass_time(WEEK)
    run(catalog=catalog, fails=True)
    run.box.plant("contacts", delete=[contacts[100]], upsert=[rows[contacts[0]]])
    run.clock.pass_time(60)
    assert run(catalog=catalog, fails=True).rows("contacts") == before
    run.clock.pass_time(60)
    run(catalog=catalog)
    assert held(run, "contacts") == {*ids(run, "contacts")}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("stream", "settings"), [("contacts", {}), ("tags", {"sweep_max_rows": 5})], ids=["by id", "by page"]
)
def test_a_second_pass_is_believed_whatever_was_created_since(
    run: Run, stream: str, settings: dict[str, Any]
) -> None:
    """An account gets new rows every night, so two passes never find the same rows."""
    run.box.switch(page_rows_max=30)
    catalog = run.catalog(stream)
    before = {str(row["id"]) for row in run(catalog=catalog, **settings).rows(stream)}
    rows = run.box.records(stream)
    like = {name: value for name, value in rows[0].items() if name != "id"}
    run.box.plant(stream, delete=[row["id"] for row in rows[::2]], upsert=[like])
    run.clock.pass_time(WEEK)
    run(catalog=catalog, fails=True, **settings)
    assert before <= held(run, stream)
    run.box.plant(stream, upsert=[like, like])
    run.clock.pass_time(60)
    run(catalog=catalog, **settings)
    assert held(run, stream) == {*ids(run, stream)}
    assert len(held(run, stream) - before) == 3


def test_new_rows_do_not_hide_that_other_rows_are_missing(run: Run) -> None:
    """A pass after a refused one lacks another row, and has a new one: as many, but not the same."""
    catalog = run.catalog("contacts")
    before = {str(row["id"]) for row in run(catalog=catalog).rows("contacts")}
    contacts = ids(run, "contacts")
    rows = {str(row["id"]): dict(row) for row in run.box.records("contacts")}
    run.box.plant("contacts", delete=contacts[:60])
    run.clock.pass_time(WEEK)
    run(catalog=catalog, fails=True)
    new = {name: value for name, value in rows[contacts[0]].items() if name != "id"}
    run.box.plant("contacts", delete=[contacts[100]], upsert=[new])
    run.clock.pass_time(60)
    run(catalog=catalog, fails=True)
    assert before <= held(run, "contacts")


def test_if_only_new_rows_are_left_all_of_them_have_to_be_the_same(run: Run) -> None:
    catalog = run.catalog("contacts")
    rows = run.box.records("contacts")
    before = {str(row["id"]) for row in run(catalog=catalog).rows("contacts")}
    like = {name: value for name, value in rows[0].items() if name != "id"}
    run.box.plant("contacts", delete=ids(run, "contacts"), upsert=[like])
    for _ in range(2):
        run.clock.pass_time(WEEK)
        run(catalog=catalog, fails=True)
        assert before <= held(run, "contacts")
        run.box.plant("contacts", upsert=[like])
    run(catalog=catalog, fails=True)
    run.clock.pass_time(60)
    run(catalog=catalog)
    assert held(run, "contacts") == {*ids(run, "contacts")}


def test_if_no_row_is_left_of_many_the_user_decides(run: Run) -> None:
    catalog = run.catalog("contacts", "tags")
    before = run(catalog=catalog).rows("contacts")
    run.box.plant("contacts", delete=ids(run, "contacts"))
    for _ in range(3):
        run.clock.pass_time(WEEK)
        assert run(catalog=catalog, fails=True).rows("contacts") == before
        assert run.error is not None
        assert run.error.exit_code == Exit.PARTIAL
    assert run.says("a complete pass found no rows where the last one found 150.")
    run.clock.pass_time(60)
    assert run(catalog=catalog, sweep_max_drop=1).rows("contacts") == []


def test_if_no_row_is_left_of_a_few_the_second_pass_is_believed(run: Run) -> None:
    catalog = run.catalog("users")
    before = run(catalog=catalog).rows("users")
    assert len(before) > 5
    run.box.plant("users", delete=ids(run, "users"))
    run.clock.pass_time(60)
    assert run(catalog=catalog, fails=True).rows("users") == before
    run.clock.pass_time(60)
    assert run(catalog=catalog).rows("users") == []


# The numbers that tell two passes apart.


def tallied(stream: str, order: Order, pages: list[list[dict[str, Any]]], known: int = 0) -> KeyTally:
    tally = KeyTally(COLLECTIONS[stream], Slice("/", order=order), known=known, digest_before=0)
    for page in pages:
        tally.add_page(page)
    return tally


@given(
    numbers=st.sets(st.integers(1, 10**9), min_size=1, max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    known=st.integers(0, 10**9),
    seed=st.integers(),
)
def test_it_does_not_matter_how_rows_are_cut_into_pages(
    numbers: set[int], cuts: list[int], known: int, seed: int
) -> None:
    rows = [{"id": str(one)} for one in sorted(numbers)]
    ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    pages = [rows[start:end] for start, end in pairwise(ends)]
    whole = tallied("contacts", Order.BY_ID, [rows], known)
    cut = tallied("contacts", Order.BY_ID, pages, known)
    assert (whole.digest, whole.largest, whole.up_to_known) == (cut.digest, cut.largest, cut.up_to_known)
    old = [row for row in rows if int(row["id"]) <= known]
    assert whole.known_digest == cut.known_digest == tallied("contacts", Order.BY_ID, [old], known).digest
    assert whole.largest == max(numbers)
    assert whole.up_to_known == sum(one <= known for one in numbers)
    shuffled = random.Random(seed).sample(rows, len(rows))
    by_page = tallied("tags", Order.AS_PAGED, [rows], known)
    assert by_page.digest == tallied("tags", Order.AS_PAGED, [shuffled], known).digest
    assert by_page.up_to_known == whole.up_to_known
    assert by_page.known_digest == tallied("tags", Order.AS_PAGED, [old], known).digest
    assert by_page.digest != tallied("tags", Order.AS_PAGED, [rows[1:]]).digest
    assert whole.digest != tallied("contacts", Order.BY_ID, [rows[1:]]).digest
