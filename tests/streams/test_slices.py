"""Slices and the calls they become."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

from tap_infusionsoft.client.call import path_of
from tap_infusionsoft.reading.requests import Window, after_id, first_call, plan
from tap_infusionsoft.streams.registry import COLLECTIONS

SINCE = datetime(2026, 4, 16, 20, 33, 2, 321999, tzinfo=UTC)
WINDOW = Window(SINCE, datetime(2026, 5, 1, tzinfo=UTC))


def test_a_full_load_of_contacts_walks_by_id() -> None:
    contacts = COLLECTIONS["contacts"]
    (piece,) = plan(contacts, Window(), fields=["email_addresses", "id"])
    call = after_id(contacts, piece, first_call(contacts, piece), 91)
    assert call.path == "/v2/contacts"
    assert dict(call.params) == {
        "fields": "email_addresses,id",
        "page_size": "1000",
        "order_by": "id asc",
        "filter": "contact_id>91",
    }


def test_the_query_is_encoded_as_keap_shows_it() -> None:
    contacts = COLLECTIONS["contacts"]
    (piece,) = plan(contacts, Window(SINCE))
    query = first_call(contacts, piece).query
    assert query == (
        "page_size=1000&filter=contact_id%3E0%3Bstart_update_time%3D%3D2026-04-16T20%3A33%3A02.321Z"
        "&order_by=id%20asc"
    )
    (piece,) = plan(contacts, Window())
    assert "order_by=id%20asc" in first_call(contacts, piece).query


def test_an_increment_goes_by_time_and_pages_by_token() -> None:
    (piece,) = plan(COLLECTIONS["contacts"], WINDOW)
    assert piece.crawl, "the ids and the times are filtered together"
    assert piece.filters == (
        "start_update_time==2026-04-16T20:33:02.321Z",
        "end_update_time==2026-05-01T00:00:00.000Z",
    )


def test_v1_takes_plain_parameters() -> None:
    clawbacks = COLLECTIONS["affiliate_clawbacks"]
    (piece,) = plan(clawbacks, WINDOW, over=[{"affiliate_id": "7"}])
    call = first_call(clawbacks, piece)
    assert call.path == "/v1/affiliates/7/clawbacks"
    assert dict(call.params) == {
        "since": "2026-04-16T20:33:02.321Z",
        "until": "2026-05-01T00:00:00.000Z",
        "limit": "1000",
    }
    assert piece.values == {"affiliate_id": "7"}


def test_one_slice_for_each_parent() -> None:
    pieces = list(
        plan(
            COLLECTIONS["affiliate_commissions"],
            Window(),
            over=[{"affiliate_id": one} for one in ("7", "14")],
        )
    )
    assert [piece.path for piece in pieces] == [
        "/v2/affiliates/7:commissions",
        "/v2/affiliates/14:commissions",
    ]


def test_ids_go_in_batches_of_100() -> None:
    pieces = list(plan(COLLECTIONS["contact_tags"], Window(SINCE), ids=[str(n) for n in range(250)]))
    assert [len(piece.filters[0].split(",")) for piece in pieces] == [100, 100, 50]
    assert all(piece.filters[1].startswith("since_applied_time==") for piece in pieces)


def test_fixed_filters_and_page_sizes() -> None:
    users = COLLECTIONS["users"]
    (piece,) = plan(users, Window())
    call = first_call(users, piece)
    assert call.params["page_size"] == "100"
    assert "include_inactive==true;include_partners==true" in unquote(call.query)
    shipping = COLLECTIONS["shipping_methods"]
    (piece,) = plan(shipping, Window())
    assert first_call(shipping, piece).params == {}


def test_ids_in_paths_are_quoted_and_the_verb_is_not() -> None:
    assert path_of("/v2/affiliates/{a}:commissions", a="../1:x") == "/v2/affiliates/..%2F1%3Ax:commissions"
