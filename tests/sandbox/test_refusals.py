"""Bodies that Keap's documents forbid are refused with Keap's error, and nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keap_sandbox import Sandbox

from . import reference
from .conftest import Client

Schema = dict[str, Any]
Body = dict[str, Any]

ITEM = {"name": "Post", "quantity": 1, "item_type": "SHIPPING", "price_per_unit": 4.5}
DISCOUNT = {"name": "D", "discount_type": "AMOUNT", "discount_value": 5}
FIELD = {"label": "Shoe size", "field_type": "WHOLE_NUMBER"}
BODIES: dict[str, Body] = {
    "/v2/affiliates": {"code": "fresh1", "contact_id": "8"},
    "/v2/affiliates/redirects": {"name": "L", "code": "l9", "website_address": "https://x.example"},
    "/v2/companies": {"company_name": "Acme"},
    "/v2/contacts": {"email_addresses": [{"email": "sadie@example.com", "field": "EMAIL1"}]},
    "/v2/contacts/8/notes": {"user_id": "3", "title": "Call"},
    "/v2/discounts/freeTrials": {"name": "D", "subscription_plan_id": "5"},
    "/v2/discounts/orderTotals": DISCOUNT,
    "/v2/discounts/productCategories": {
        "name": "D",
        "discount_percent": 5,
        "apply_to_commissions": False,
        "product_category_ids": ["4"],
    },
    "/v2/discounts/products": DISCOUNT | {"product_id": "3"},
    "/v2/discounts/shipping": DISCOUNT,
    "/v2/leadSourceCategories": {"name": "Air"},
    "/v2/leadSources": {"name": "Poster"},
    "/v2/leadSources/2/expenses": {"amount": 1250},
    "/v2/leadSources/4/recurringExpenses": {"amount": 900},
    "/v2/opportunities": {"contact_id": "8", "opportunity_title": "Deal", "stage_id": "10"},
    "/v2/opportunities/stages": {"name": "Late", "order": 9, "target_number_days": 3, "probability": 5},
    "/v2/orders": {
        "contact_id": "8",
        "order_title": "Books",
        "order_time": "2026-11-18T09:00:00Z",
        "order_type": "OFFLINE",
        "order_items": [ITEM],
    },
    "/v2/productCategories": {"name": "Fresh"},
    "/v2/products": {"name": "New", "price": 1999, "short_description": "s"},
    "/v2/products/12/subscriptions": {"cycle_type": "MONTHLY", "plan_price": 1950},
    "/v2/referrals": {"contact_id": "8"},
    "/v2/subscriptions": {"contact_id": "8", "subscription_plan_id": "5"},
    "/v2/tags": {"name": "Brand new"},
    "/v2/tags/categories": {"name": "Fresh"},
    "/v2/tasks": {"assigned_to_user_id": "3", "title": "Do"},
    **{f"/v2/{record}/model/customFields": FIELD for record in ("contacts", "orders", "tasks", "affiliates")},
}
"""Path -> a body that is accepted."""
CREATE_ONLY = {"/v2/referrals", "/v2/contacts/model/customFields"}
"""Paths whose records have no documented update call."""
WRONG_TYPES: Body = {"string": 5, "integer": "x", "number": "x", "boolean": "x", "array": "x", "object": "x"}
BROKEN: dict[str, Callable[[Any], Any]] = {
    "maxLength": lambda maximum: "x" * (maximum + 1),
    "minimum": lambda minimum: minimum - 1,
    "maximum": lambda maximum: maximum + 1,
    # The documents list numeric choices as strings
    "enum": lambda choices: 7 if choices[0].isdigit() else "NONSENSE",
}
"""Rule of a JSON schema -> a value that breaks it."""


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = reference.document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _body(path: str, method: str) -> Schema:
    """Return the schema of a body. If two documented paths match, use the one with fewer ids."""
    matching = [
        documented
        for documented, methods in reference.document()["paths"].items()
        if method in methods
        and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(documented)), f"/rest{path}")
    ]
    documented = min(matching, key=lambda template: template.count("{"))
    content = reference.document()["paths"][documented][method]["requestBody"]["content"]
    return _resolved(content["application/json"]["schema"])


def _violations(schema: Schema, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield property names with values, each of which breaks one documented rule."""
    for name, prop in schema.get("properties", {}).items():
        for value in _invalid_values(prop, seen):
            yield name, value


def _invalid_values(schema: Schema, seen: tuple[str, ...]) -> Iterator[Any]:
    link, schema = schema.get("$ref", ""), _resolved(schema)
    kind = schema.get("type")
    if kind in WRONG_TYPES and link not in seen:
        yield WRONG_TYPES[kind]
        yield from (invalid(schema[rule]) for rule, invalid in BROKEN.items() if rule in schema)
    if schema.get("format") in {"date", "date-time"}:
        yield "soon"
    if kind == "array":
        yield from ([value] for value in _invalid_values(schema["items"], seen))
    elif kind == "object" and link not in seen:
        yield from _invalid_objects(schema, (*seen, link))


def _invalid_objects(schema: Schema, seen: tuple[str, ...]) -> Iterator[Body]:
    valid = {name: _sample(schema["properties"][name]) for name in schema.get("required", ())}
    for name, value in _violations(schema, seen):
        yield {**valid, name: value}
    for missing in schema.get("required", ()):
        yield {name: value for name, value in valid.items() if name != missing}


def _sample(schema: Schema) -> Any:
    schema = _resolved(schema)
    samples: Body = {"string": "x", "boolean": True, "integer": 1, "number": 1, "array": [], "object": {}}
    return schema["enum"][0] if "enum" in schema else samples[schema["type"]]


def _assert_refused(reply: Any, name: str, body: Body) -> None:
    assert reply.status == 400, (reply.raw, body)
    assert reply.body.keys() == {"code", "message", "status", "details"}
    assert (reply.body["code"], reply.body["status"]) == (400, "BAD_REQUEST")
    assert name.lower() in reply.body["message"].lower().replace(" ", "_"), (reply.raw, body)


@reference.present
@pytest.mark.parametrize("path", BODIES)
def test_bodies_that_break_the_documented_schema_are_refused(box: Sandbox, api: Client, path: str) -> None:
    schema, good = _body(path, "post"), BODIES[path]
    contacts = box.records("contacts", ids_only=True)
    count = 0
    for name, value in _violations(schema):
        body = {**good, name: value}
        _assert_refused(api(path, method="POST", body=body), name.removesuffix("s"), body)
        count += 1
    for missing in schema.get("required", ()):
        body = {name: value for name, value in good.items() if name != missing}
        _assert_refused(api(path, method="POST", body=body), missing, body)
    assert count
    assert box.records("contacts", ids_only=True) == contacts
    made = api(path, method="POST", body=good)
    assert made.status == 201, made.raw
    if path in CREATE_ONLY:
        return
    one = f"{path}/{made.body['id']}"
    change = _body(one, "patch")
    needed = {
        name: good.get(name, _sample(change["properties"][name])) for name in change.get("required", ())
    }
    needed |= {"group_id": made.body["group_id"]} if "group_id" in needed else {}
    for name, value in _violations(change):
        body = {**needed, name: value}
        _assert_refused(api(one, method="PATCH", body=body), name.removesuffix("s"), body)
    for missing in change.get("required", ()):
        body = {name: value for name, value in needed.items() if name != missing}
        _assert_refused(api(one, method="PATCH", body=body), missing, body)
    assert api(one, method="PATCH", body=needed).status == 200


LONG = "x" * 76


@pytest.mark.parametrize(
    ("path", "extra", "message"),
    [
        ("/v2/contacts", {"given_name": "x" * 41}, "given_name must not be longer than 40 characters"),
        (
            "/v2/contacts",
            {"addresses": [{"field": "BILLING", "line1": LONG}]},
            "line1 must not be longer than 75",
        ),
        (
            "/v2/contacts",
            {"phone_numbers": [{"field": "PHONE5", "number": "1" * 21}]},
            "not be longer than 20",
        ),
        ("/v2/contacts", {"email_addresses": [{"field": "EMAIL1", "email": f"{LONG}@x.example"}]}, "than 75"),
        ("/v2/contacts", {"custom_fields": [{"id": "4", "content": "x" * 65_536}]}, "longer than 65535"),
        ("/v2/contacts", {"company": {"id": "99999"}}, "Company 99999 does not exist"),
        ("/v2/contacts/model/customFields", {"group_id": "99"}, "group_id must be the id of a group, not 99"),
        ("/v2/contacts/model/customFields", {"label": " "}, "label must not be blank"),
        (
            "/v2/discounts/products",
            {"product_id": "99999"},
            "product_id must be the id of one of the products",
        ),
        ("/v2/orders", {"contact_id": "99999"}, "contact_id must be the id of one of the contacts"),
        ("/v2/orders", {"order_items": [ITEM | {"quantity": 0}]}, "quantity must be at least 1"),
        ("/v2/products", {"price": -1}, "price must be at least 0"),
        ("/v2/products", {"weight": -0.5}, "weight must be at least 0"),
        ("/v2/subscriptions", {"quantity": 0}, "quantity must be at least 1"),
        ("/v2/subscriptions", {"start_date": "2026-11-18T00:00:00Z"}, "start_date must be a date"),
        ("/v2/tasks", {"contact_id": "99999"}, "contact_id must be the id of one of the contacts"),
        ("/v2/tasks", {"remind_time_mins": 2**40}, "remind_time_mins must be one of 5, 10"),
        ("/v2/opportunities/stages", {"order": 2**31}, "order must be at most"),
    ],
)
def test_rules_from_the_documents_prose_are_enforced(
    api: Client, path: str, extra: Body, message: str
) -> None:
    reply = api(path, method="POST", body=BODIES[path] | extra)
    assert reply.status == 400
    assert message in reply.body["message"]


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("/v2/contacts", {"given_name": "x" * 40, "job_title": "x" * 255}),
        ("/v2/contacts", {"addresses": [{"field": "SHIPPING", "line1": LONG}]}),
        ("/v2/contacts", {"phone_numbers": [{"field": "PHONE1", "number": "1" * 40}]}),
        ("/v2/products", {"price": 2**40}),
        ("/v2/tasks", {"remind_time_mins": 2880, "priority": "NONESSENTIAL"}),
    ],
)
def test_values_at_their_limit_are_accepted(api: Client, path: str, extra: Body) -> None:
    assert api(path, method="POST", body=BODIES[path] | extra).status == 201


def test_a_payment_above_the_balance_assert_refused(api: Client) -> None:
    order = api("/v2/orders", method="POST", body=BODIES["/v2/orders"]).body
    path = f"/v2/orders/{order['id']}/payments"
    too_much = {"payment_amount": 4.51, "apply_to_commissions": True}
    assert "must not exceed the balance" in api(path, method="POST", body=too_much).body["message"]
    assert api(path, method="POST", body=too_much | {"payment_amount": 4.5}).status == 201
    assert api(path, method="POST", body=too_much | {"payment_amount": 0.01}).status == 400


def test_discount_criteria_are_updated_by_id(api: Client) -> None:
    path, condition = "/v2/discounts/products", {"type": "PROMO_CODE", "code": "A"}
    made = api(path, method="POST", body=BODIES[path] | {"criteria": [condition]}).body
    (first,) = made["criteria"]
    one = f"{path}/{made['id']}"
    changed = [{"criteria_id": first["criteria_id"], "code": "B"}]
    assert api(one, method="PATCH", body={"criteria": changed}).body["criteria"] == [{**first, "code": "B"}]
    unknown = [{"criteria_id": "99", "code": "B"}]
    assert (
        "criteria_id 99 does not exist"
        in api(one, method="PATCH", body={"criteria": unknown}).body["message"]
    )


def test_a_tag_keeps_the_first_255_characters_of_its_name(api: Client) -> None:
    made = api("/v2/tags", method="POST", body={"name": "y" * 300})
    assert (made.status, made.body["name"]) == (201, "y" * 255)
