"""Filter syntax, and filters compared with the account's records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.filtering.filters import Condition, parse
from keap_sandbox.timestamps import parse_moment

from .conftest import Client

Row = dict[str, Any]


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("", []),
        ("email==a@b", [Condition("email", "==", "a@b")]),
        ("id>5;id<=9", [Condition("id", ">", "5"), Condition("id", "<=", "9")]),
        ("id!=5;", [Condition("id", "!=", "5")]),
        ("_Custom==a==b", [Condition("_Custom", "==", "a==b")]),
        (" name == Bob ", [Condition("name", "==", "Bob")]),
    ],
)
def test_filter_syntax(text: str, conditions: list[Condition]) -> None:
    assert parse(text) == conditions


def _primary(row: Row, part: str) -> str:
    """Return a part of the billing address, which Keap calls the primary one."""
    return next((str(address[part]) for address in row["addresses"] if address["field"] == "BILLING"), "")


def _emails(row: Row) -> list[str]:
    return [email["email"].lower() for email in row["email_addresses"]]


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("contact_id>700", lambda row: int(row["id"]) > 700),
        ("contact_id>=701;contact_id<1001", lambda row: 701 <= int(row["id"]) < 1001),
        ("ids==1,8,9999", lambda row: row["id"] in {"1", "8"}),
        ("contact_ids==15", lambda row: row["id"] == "15"),
        ("email==PERSON1*", lambda row: any(email.startswith("person1") for email in _emails(row))),
        ("email==second*", lambda row: any(email.startswith("second") for email in _emails(row))),
        ("given_name==a*", lambda row: str(row["given_name"] or "").lower().startswith("a")),
        ("given_name==анна", lambda row: str(row["given_name"] or "").lower() == "анна"),
        ("city==Chan*", lambda row: _primary(row, "locality").startswith("Chan")),
        ("city==chandler;state==Ariz*", lambda row: _primary(row, "locality") == "Chandler"),
        (
            "shipping_address_country_code==USA",
            lambda row: any(
                a["field"] == "SHIPPING" and a["country_code"] == "USA" for a in row["addresses"]
            ),
        ),
        ("company_id==1", lambda row: (row["company"] or {}).get("id") == "1"),
        (
            "given_name==A*;contact_id<=700",
            lambda row: (row["given_name"] or "").startswith("A") and int(row["id"]) <= 700,
        ),
        (
            "start_update_time==2025-06-01T00:00:00.000Z;end_update_time==2026-06-01T00:00:00Z",
            lambda row: "2025-06-01T00:00:00" <= row["update_time"].rstrip("Z") <= "2026-06-01T00:00:00",
        ),
    ],
)
def test_contact_filters(box: Sandbox, api: Client, text: str, passes: Callable[[Row], bool]) -> None:
    wanted = {row["id"] for row in box.records("contacts") if passes(row)}
    pages = api.pages("/v2/contacts", "contacts", filter=text, fields="id", page_size=17)
    assert {row["id"] for page in pages for row in page} == wanted
    assert sum(map(len, pages)) == len(wanted)
    assert wanted


@pytest.mark.parametrize(
    ("bounds", "counts"),
    [("inclusive", (1, 1)), ("exclusive", (0, 0)), ("exclusive_end", (1, 0)), ("exclusive_start", (0, 1))],
)
def test_date_bounds_switch(box: Sandbox, api: Client, bounds: str, counts: tuple[int, int]) -> None:
    box.switch(date_bounds=bounds)
    box.plant("contacts", upsert=[{"id": "8", "update_time": "2027-01-01T10:00:00.500Z"}])
    for name, count in zip(("start", "end"), counts, strict=True):
        text = f"{name}_update_time==2027-01-01T10:00:00.500Z;contact_id==8"
        assert len(api("/v2/contacts", filter=text).body["contacts"]) == count


def test_date_precision_and_date_values_switches(box: Sandbox, api: Client) -> None:
    box.plant("contacts", upsert=[{"id": "8", "update_time": "2027-01-01T10:00:00.500Z"}])
    late = "start_update_time==2027-01-01T10:00:00.900Z"
    assert api("/v2/contacts", filter=late).body["contacts"] == []
    box.switch(date_precision="seconds", date_values="milliseconds")
    assert len(api("/v2/contacts", filter=late).body["contacts"]) == 1
    assert api("/v2/contacts", filter="start_update_time==2027-01-01T10:00:00Z").status == 400


def test_none_matches_empty_values(box: Sandbox, api: Client) -> None:
    rows = box.records("tags")
    cases: tuple[tuple[str, Callable[[Row], bool]], ...] = (
        ("category_id==NONE", lambda row: row["category"] is None),
        ("description==NONE", lambda row: not row["description"]),
        ("category_id==12", lambda row: (row["category"] or {}).get("id") == "12"),
    )
    for text, passes in cases:
        found = api("/v2/tags", filter=text).body["tags"]
        assert {row["id"] for row in found} == {row["id"] for row in rows if passes(row)} != set()


def test_filter_by_custom_field(box: Sandbox, api: Client) -> None:
    fields = {one["field_type"]: one for one in api("/v2/contacts/model").body["custom_fields"]}

    def values(kind: str) -> dict[str, Any]:
        key = fields[kind]["id"]
        return {
            row["id"]: one["content"]
            for row in box.records("contacts")
            for one in row["custom_fields"]
            if one["id"] == key and one["content"] is not None
        }

    def found(kind: str, condition: str) -> set[str]:
        reply = api("/v2/contacts", filter=fields[kind]["field_name"].upper() + condition, fields="id")
        assert reply.status == 200, reply.raw
        return {row["id"] for row in reply.body["contacts"]}

    assert found("DROPDOWN", "==P*") == {
        key for key, one in values("DROPDOWN").items() if one.startswith("P")
    }
    assert found("WHOLE_NUMBER", ">=500") == {
        key for key, one in values("WHOLE_NUMBER").items() if one >= 500
    }
    assert found("LIST_BOX", "==Music") == {key for key, one in values("LIST_BOX").items() if "Music" in one}
    assert found("YES_NO", "==1") == {key for key, one in values("YES_NO").items() if one}
    limit = parse_moment("2023-01-01T00:00:00.000Z") or 0
    assert found("DATE", ">2023-01-01T00:00:00.000Z") == {
        key for key, one in values("DATE").items() if (parse_moment(one, bare_date=True) or 0) > limit
    }
    for bad in ("DROPDOWN>x", "DATE==2023-01-01", "WHOLE_NUMBER==x", "YES_NO==yes", "TEXT==*x"):
        kind = next(one for one in sorted(fields, key=len, reverse=True) if bad.startswith(one))
        text = fields[kind]["field_name"] + bad.removeprefix(kind)
        assert api("/v2/contacts", filter=text).status == 400


def test_affiliate_ids_take_every_operator(box: Sandbox, api: Client) -> None:
    ids = {int(key) for key in box.records("affiliates", ids_only=True)}
    cases: tuple[tuple[str, Callable[[int], bool]], ...] = (
        ("!=", lambda key: key != 5),
        (">", lambda key: key > 5),
        ("<=", lambda key: key <= 5),
    )
    for op, passes in cases:
        rows = api("/v2/affiliates", filter=f"id{op}5").body["affiliates"]
        assert {int(row["id"]) for row in rows} == {key for key in ids if passes(key)}


def test_unknown_filter_switch(box: Sandbox, api: Client) -> None:
    box.switch(unknown_filter="ignore")
    assert len(api("/v2/contacts", filter="nonsense==1").body["contacts"]) == 200
