"""Adding, renaming and removing custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.custom_fields import FIELD_TYPES, rows_changed
from keap_sandbox.endpoints.models import OPTIONAL_PROPERTIES, shown
from keap_sandbox.responses import Response, bad_request, json_response
from keap_sandbox.writes.machine import masked
from keap_sandbox.writes.shapes import TEXT, list_of, needed, object_of, one_of, texts, typed

if TYPE_CHECKING:
    from keap_sandbox.request import Handler, Request, Route, World
    from keap_sandbox.tables import Row

__all__ = ["routes"]

_NEW = {
    "label": needed(TEXT),
    "field_type": needed(one_of(*FIELD_TYPES)),
    "options": list_of(object_of(texts("label"))),
    **texts("group_id", "user_group_id"),
}
_CHANGE = {
    "label": TEXT,
    "options": list_of(object_of(texts("id", "label"))),
    "group_id": needed(TEXT),
}


def _in_a_group(world: World, record: str, body: Row) -> Row:
    known = {group["id"] for group in world.account.custom_fields[record].groups}
    if body.get("group_id") is not None and body["group_id"] not in known:
        raise bad_request(f"group_id must be the id of a group, not {body['group_id']}", "group_id")
    return body


def _create(record: str) -> Handler:
    def answer(world: World, request: Request) -> Response:
        body = _in_a_group(world, record, typed(request.json_object(), _NEW))
        field = world.account.custom_fields[record].create(body)
        rows_changed(world.account.tables, record)
        return json_response(shown(world, field), 201)

    return answer


def _update(record: str) -> Handler:
    def answer(world: World, request: Request) -> Response:
        body = masked(request, _in_a_group(world, record, typed(request.json_object(), _CHANGE)), _CHANGE)
        field = world.account.custom_fields[record].update(request.params["custom_field_id"], body)
        return json_response(shown(world, field))

    return answer


def _delete(record: str) -> Handler:
    def answer(world: World, request: Request) -> Response:
        world.account.custom_fields[record].delete(request.params["custom_field_id"])
        rows_changed(world.account.tables, record)
        return Response(204, b"", None)

    return answer


def routes() -> list[Route]:
    """The write calls for the custom fields of all kinds of records."""
    made: list[Route] = []
    for record in OPTIONAL_PROPERTIES:
        base = f"/v2/{record}/model/customFields"
        made += [
            ("POST", base, _create(record)),
            ("PATCH", f"{base}/{{custom_field_id}}", _update(record)),
            ("DELETE", f"{base}/{{custom_field_id}}", _delete(record)),
        ]
    return made
