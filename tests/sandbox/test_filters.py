"""The filter grammar, against the truth about the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.lists.filters import Condition, parse
from keap_sandbox.timestamps import parse_moment

from .conftest import Client

Row = dict[str, Any]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("email==a@b", [Condition("email", "==", "a@b")]),
        ("id>5;id<=9", [Condition("id", ">", "5"), Condition("id", "<=", "9")]),
        ("id!=5;", [Condition("id", "!=", "5")]),
        ("_Custom==a==b", [Condition("_Custom", "==", "a==b")]),
        (" name == Bob ", [Condition("name", "==", "Bob")]),
    ],
)
def test_grammar(text: str, terms: list[Condition]) -> None:
    assert parse(text) == terms


def _primary(row: dict[str, Any], part: str) -> str:
    """A part of the address that invoices go to."""
    return next((str(one[part]) for one in row["addresses"] if one["field"] == "BILLING"), "")


def _emails(row: Row) -> list[str]:
    return [one["email"].lower() for one in row["email_addresses"]]


@pytest.mark.parametrize(
    ("words", "passes"),
    [
        ("contact_id>700", lambda row: int(row["id"]) > 700),
        ("contact_id>=701;contact_id<1001", lambda row: 701 <= int(row["id"]) < 1001),
        ("ids==1,8,9999", lambda row: row["id"] in {"1", "8"}),
        ("contact_ids==15", lambda row: row["id"] == "15"),
        ("email==PERSON1*", lambda row: any(one.startswith("person1") for one in _emails(row))),
        ("email==second*", lambda row: any(one.startswith("second") for one in _emails(row))),
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
def test_contacts(box: Sandbox, api: Client, words: str, passes: Callable[[Row], bool]) -> None:
    wanted = {row["id"] for row in box.records("contacts") if passes(row)}
    pages = api.pages("/v2/contacts", "contacts", filter=words, fields="id", page_size=17)
    assert {row["id"] for page in pages for row in page} == wanted
    assert sum(map(len, pages)) == len(wanted)
    assert wanted


@pytest.mark.parametrize(
    ("bounds", "counts"),
    [("inclusive", (1, 1)), ("exclusive", (0, 0)), ("exclusive_end", (1, 0)), ("exclusive_start", (0, 1))],
)
def test_inclusive_dates_are_a_switch(
    box: Sandbox, api: Client, bounds: str, counts: tuple[int, int]
) -> None:
    box.switch(date_bounds=bounds)
    box.plant("contacts", upsert=[{"id": "8", "update_time": "2027-01-01T10:00:00.500Z"}])
    for name, count in zip(("start", "end"), counts, strict=True):
        words = f"{name}_update_time==2027-01-01T10:00:00.500Z;contact_id==8"
        assert len(api("/v2/contacts", filter=words).body["contacts"]) == count


def test_dates_may_need_milliseconds_and_may_be_rounded(box: Sandbox, api: Client) -> None:
    box.plant("contacts", upsert=[{"id": "8", "update_time": "2027-01-01T10:00:00.500Z"}])
    late = "start_update_time==2027-01-01T10:00:00.900Z"
    assert api("/v2/contacts", filter=late).body["contacts"] == []
    box.switch(date_precision="seconds", date_values="milliseconds")
    assert len(api("/v2/contacts", filter=late).body["contacts"]) == 1
    assert api("/v2/contacts", filter="start_update_time==2027-01-01T10:00:00Z").status == 400


def test_sentinels(box: Sandbox, api: Client) -> None:
    rows = box.records("tags")
    cases: tuple[tuple[str, Callable[[Row], bool]], ...] = (
        ("category_id==NONE", lambda row: row["category"] is None),
        ("description==NONE", lambda row: not row["description"]),
        ("category_id==12", lambda row: (row["category"] or {}).get("id") == "12"),
    )
    for words, passes in cases:
        found = api("/v2/tags", filter=words).body["tags"]
        assert {row["id"] for row in found} == {row["id"] for row in rows if passes(row)} != set()


def test_custom_fields_by_column_name(box: Sandbox, api: Client) -> None:
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
        words = fields[kind]["field_name"] + bad.removeprefix(kind)
        assert api("/v2/contacts", filter=words).status == 400


def test_affiliates_know_all_operators(box: Sandbox, api: Client) -> None:
    ids = {int(one) for one in box.records("affiliates", ids_only=True)}
    cases: tuple[tuple[str, Callable[[int], bool]], ...] = (
        ("!=", lambda one: one != 5),
        (">", lambda one: one > 5),
        ("<=", lambda one: one <= 5),
    )
    for op, passes in cases:
        rows = api("/v2/affiliates", filter=f"id{op}5").body["affiliates"]
        assert {int(row["id"]) for row in rows} == {one for one in ids if passes(one)}


def test_unknown_filters_may_be_ignored(box: Sandbox, api: Client) -> None:
    box.switch(unknown_filter="ignore")
    assert len(api("/v2/contacts", filter="nonsense==1").body["contacts"]) == 200
