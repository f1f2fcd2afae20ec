"""In an order of the user's own no row is lost either, whatever goes away or cannot be sent meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks.walk import UnsentRow
from tap_infusionsoft.xmlrpc.calls import XmlRpcCall
from tap_infusionsoft.xmlrpc.tests.service import Service, id_at, plan_of, rows_of, table
from tap_infusionsoft.xmlrpc.walks import TableQuery, walk_table


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 60),
    st.lists(st.sampled_from("abc"), min_size=60, max_size=60),
    st.dictionaries(st.integers(0, 59), st.just({"F1"}), max_size=3),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 59)), max_size=5),
    st.integers(2, 25),
)
def test_no_row_is_lost_in_an_order_of_ones_own(
    count: int,
    values: Sequence[str],
    unsent: dict[int, set[str]],
    deletions: Sequence[tuple[int, int]],
    rows_of_a_page: int,
) -> None:
    found = table()
    rows = [row | {"F5": value} for row, value in zip(rows_of(found, count), values, strict=False)]
    service = Service([*rows], unsent={id_at(place): fields for place, fields in unsent.items()})
    gone: set[int] = set()

    def delete(_: XmlRpcCall) -> None:
        for when, place in deletions:
            if when == len(service.calls) and place < len(service.rows):
                gone.add(service.rows.pop(place)["Id"])

    service.before = delete
    plan = plan_of(found)
    walk = partial(walk_table, TableQuery(found, order="F5"))
    endpoint = replace(plan.collection.endpoint, walk=walk, page_size=rows_of_a_page)
    plan = ReadPlan(replace(plan.collection, endpoint=endpoint), fields=plan.fields)
    (piece,) = slices(plan)
    came = [row for page in StableRead(service, plan, piece) for row in page]
    ids = [row["Id"] for row in came]
    assert len({*ids}) == len(ids)
    assert {row["Id"] for row in rows} - gone <= {*ids}
    not_sent = {row["Id"] for row in came if isinstance(row, UnsentRow)}
    assert not_sent <= {id_at(place) for place in unsent}
    assert {id_at(place) for place in unsent if place < count} - gone <= not_sent
