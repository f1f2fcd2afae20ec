"""The calls that slices turn into."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

from tap_infusionsoft.client.call import path_of
from tap_infusionsoft.reading.requests import Order, ReadPlan, base_call, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.state.mark import Mark
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Window

SINCE = datetime(2026, 4, 16, 20, 33, 2, 321999, tzinfo=UTC)
WINDOW = Window(SINCE, datetime(2026, 5, 1, tzinfo=UTC))


def test_a_full_load_of_contacts_walks_by_id() -> None:
    plan = ReadPlan(COLLECTIONS["contacts"], fields=("email_addresses", "id"))
    (piece,) = slices(plan)
    call = walk_of(plan, piece, Mark(91)).first_call()
    assert call.path == "/v2/contacts"
    assert dict(call.params) == {
        "fields": "email_addresses,id",
        "page_size": "1000",
        "order_by": "id asc",
        "filter": "contact_id>91",
    }


def test_query_strings_are_encoded_as_in_keaps_examples() -> None:
    plan = ReadPlan(COLLECTIONS["contacts"], Window(SINCE))
    (piece,) = slices(plan)
    query = walk_of(plan, piece).first_call().query
    assert query == (
        "page_size=1000&filter=start_update_time%3D%3D2026-04-16T20%3A33%3A02.321Z&order_by=id%20asc"
    )
    plan = ReadPlan(COLLECTIONS["contacts"])
    (piece,) = slices(plan)
    assert "order_by=id%20asc" in walk_of(plan, piece).first_call().query


def test_an_increment_of_contacts_filters_by_time_and_walks_by_id() -> None:
    (piece,) = slices(ReadPlan(COLLECTIONS["contacts"], WINDOW))
    assert piece.order is Order.BY_ID
    assert piece.filters == (
        "start_update_time==2026-04-16T20:33:02.321Z",
        "end_update_time==2026-05-01T00:00:00.000Z",
    )


def test_v1_requests_use_plain_parameters() -> None:
    plan = ReadPlan(COLLECTIONS["affiliate_clawbacks"], WINDOW)
    (piece,) = slices(plan, parents=[{"affiliate_id": "7"}])
    call = base_call(plan, piece)
    assert call.path == "/v1/affiliates/7/clawbacks"
    assert dict(call.params) == {
        "since": "2026-04-16T20:33:02.321Z",
        "until": "2026-05-01T00:00:00.000Z",
        "limit": "1000",
    }
    assert piece.values == {"affiliate_id": "7"}


def test_every_parent_is_a_slice() -> None:
    pieces = list(
        slices(
            ReadPlan(COLLECTIONS["affiliate_commissions"]),
            parents=[{"affiliate_id": one} for one in ("7", "14")],
        )
    )
    assert [piece.path for piece in pieces] == [
        "/v2/affiliates/7:commissions",
        "/v2/affiliates/14:commissions",
    ]


def test_ids_are_requested_in_batches_of_100() -> None:
    plan = ReadPlan(COLLECTIONS["contact_tags"], Window(SINCE))
    pieces = list(slices(plan, ids=[str(n) for n in range(250)]))
    assert [len(piece.filters[0].split(",")) for piece in pieces] == [100, 100, 50]
    assert all(piece.filters[1].startswith("since_applied_time==") for piece in pieces)


def test_fixed_filters_and_page_sizes_are_sent() -> None:
    users = ReadPlan(COLLECTIONS["users"])
    (piece,) = slices(users)
    call = base_call(users, piece)
    assert call.params["page_size"] == "100"
    assert "include_inactive==true;include_partners==true" in unquote(call.query)
    shipping = ReadPlan(COLLECTIONS["shipping_methods"])
    (piece,) = slices(shipping)
    assert base_call(shipping, piece).params == {}


def test_ids_in_paths_are_quoted_but_verbs_are_not() -> None:
    assert path_of("/v2/affiliates/{a}:commissions", a="../1:x") == "/v2/affiliates/..%2F1%3Ax:commissions"
