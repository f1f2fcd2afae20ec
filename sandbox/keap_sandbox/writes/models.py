"""Create, change and delete custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.custom_fields import FIELD_TYPES, rows_changed
from keap_sandbox.endpoints.models import OPTIONAL_PROPERTIES, shown
from keap_sandbox.responses import Response, bad_request, json_response
from keap_sandbox.writes.shapes import TEXT, list_of, object_of, one_of, required, texts, validated
from keap_sandbox.writes.writable import apply_update_mask

if TYPE_CHECKING:
    from keap_sandbox.request import Handler, Request, Route, World
    from keap_sandbox.tables import Row

__all__ = ["routes"]

_CREATE_PROPERTIES = {
    "label": required(TEXT),
    "field_type": required(one_of(*FIELD_TYPES)),
    "options": list_of(object_of(texts("label"))),
    **texts("group_id", "user_group_id"),
}
_UPDATE_PROPERTIES = {
    "label": TEXT,
    "options": list_of(object_of(texts("id", "label"))),
    "group_id": required(TEXT),
}


def _check_group(world: World, record: str, body: Row) -> Row:
    group_ids = {group["id"] for group in world.account.custom_fields[record].groups}
    if body.get("group_id") is not None and body["group_id"] not in group_ids:
        raise bad_request(f"group_id must be the id of a group, not {body['group_id']}", "group_id")
    return body


def _create(record: str) -> Handler:
    def handle(world: World, request: Request) -> Response:
        body = _check_group(world, record, validated(request.json_object(), _CREATE_PROPERTIES))
        field = world.account.custom_fields[record].create(body)
        rows_changed(world.account.tables, record)
        return json_response(shown(world, field), 201)

    return handle


def _update(record: str) -> Handler:
    def handle(world: World, request: Request) -> Response:
        body = _check_group(world, record, validated(request.json_object(), _UPDATE_PROPERTIES))
        body = apply_update_mask(request, body, _UPDATE_PROPERTIES)
        field = world.account.custom_fields[record].update(request.params["custom_field_id"], body)
        return json_response(shown(world, field))

    return handle


def _delete(record: str) -> Handler:
    def handle(world: World, request: Request) -> Response:
        world.account.custom_fields[record].delete(request.params["custom_field_id"])
        rows_changed(world.account.tables, record)
        return Response(204, b"", None)

    return handle


def routes() -> list[Route]:
    """Return the write calls for custom fields, for every kind of record."""
    routes: list[Route] = []
    for record in OPTIONAL_PROPERTIES:
        base = f"/v2/{record}/model/customFields"
        routes += [
            ("POST", base, _create(record)),
            ("PATCH", f"{base}/{{custom_field_id}}", _update(record)),
            ("DELETE", f"{base}/{{custom_field_id}}", _delete(record)),
        ]
    return routes
