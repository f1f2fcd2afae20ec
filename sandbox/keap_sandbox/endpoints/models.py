"""Models of records: their custom fields and optional properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.contacts import OPTIONAL
from keap_sandbox.responses import Response, json_response, not_found

if TYPE_CHECKING:
    from keap_sandbox.request import Handler, Request, Route, World
    from keap_sandbox.tables import Row

__all__ = ["OPTIONAL_PROPERTIES", "routes", "shown"]

OPTIONAL_PROPERTIES = {
    "contacts": OPTIONAL,
    "companies": ("notes", "fax_number", "address", "email_address", "phone_number", "custom_fields"),
    "opportunities": ("custom_fields", "created_by", "last_updated_by", "status_id"),
    **dict.fromkeys(("affiliates", "notes", "orders", "subscriptions", "tasks"), ("custom_fields",)),
}


def shown(world: World, field: Row) -> Row:
    """Return a custom field as a model shows it.

    Args:
        world: Has the switches; `custom_field_name` can hide the name.
        field: Definition of the custom field.
    """
    return {**field, "field_name": None} if world.switches.custom_field_name == "null" else field


def _model(record: str) -> Handler:
    def handle(world: World, _: Request) -> Response:
        fields = [shown(world, field) for field in world.account.custom_fields[record]]
        return json_response(
            {"custom_fields": fields, "optional_properties": list(OPTIONAL_PROPERTIES[record])}
        )

    return handle


def _groups(record: str) -> Handler:
    def handle(world: World, request: Request) -> Response:
        groups, tab = world.account.custom_fields[record].groups, request.query.get("tab_id")
        return json_response({"groups": [group for group in groups if not tab or group["tab_id"] == tab]})

    return handle


def _tabs(record: str) -> Handler:
    def handle(world: World, _: Request) -> Response:
        return json_response({"tabs": world.account.custom_fields[record].tabs})

    return handle


def _single(record: str, part: str, parameter: str) -> Handler:
    def handle(world: World, request: Request) -> Response:
        rows: list[Row] = getattr(world.account.custom_fields[record], part)
        for row in rows:
            if row["id"] == request.params[parameter]:
                return json_response(row)
        raise not_found(f"Custom field {part.removesuffix('s')}", request.params[parameter])

    return handle


def routes() -> list[Route]:
    """Return the calls for models, for every kind of record with custom fields."""
    routes: list[Route] = []
    for record in OPTIONAL_PROPERTIES:
        base = f"/v2/{record}/model"
        routes += [
            ("GET", base, _model(record)),
            ("GET", f"{base}/customFields/groups", _groups(record)),
            ("GET", f"{base}/customFields/tabs", _tabs(record)),
            ("GET", f"{base}/customFields/groups/{{group_id}}", _single(record, "groups", "group_id")),
            ("GET", f"{base}/customFields/tabs/{{tab_id}}", _single(record, "tabs", "tab_id")),
        ]
    return routes
