"""Models of records: their custom fields, which can be added, renamed and removed, and optional properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.sandbox.answers import Answer, bad_request, json_answer
from tap_infusionsoft.sandbox.custom_fields import RECORD_TYPES
from tap_infusionsoft.sandbox.endpoints.contacts import OPTIONAL

if TYPE_CHECKING:
    from tap_infusionsoft.sandbox.calls import Call, Handler, Route, World
    from tap_infusionsoft.sandbox.tables import Row

__all__ = ["routes"]

_OPTIONAL = {
    "contacts": OPTIONAL,
    "companies": ("notes", "fax_number", "address", "email_address", "phone_number", "custom_fields"),
    "affiliates": ("custom_fields",),
}


def _shown(world: World, field: Row) -> Row:
    return {**field, "field_name": None} if world.switches.custom_field_name == "null" else field


def _model(record: str) -> Handler:
    def answer(world: World, _: Call) -> Answer:
        fields = [_shown(world, field) for field in world.account.custom_fields[record]]
        return json_answer({"custom_fields": fields, "optional_properties": list(_OPTIONAL[record])})

    return answer


def _create(record: str) -> Handler:
    def answer(world: World, call: Call) -> Answer:
        field = world.account.custom_fields[record].create(call.json_object())
        _touch(world, record)
        return json_answer(_shown(world, field), 201)

    return answer


def _update(record: str) -> Handler:
    def answer(world: World, call: Call) -> Answer:
        body = call.json_object()
        mask = call.names("update_mask")
        if mask is not None:
            unknown = set(mask) - {"label", "options", "group_id"}
            if unknown:
                raise bad_request(f"update_mask: unknown {', '.join(sorted(unknown))}", "update_mask")
            body = {name: value for name, value in body.items() if name in mask}
        field = world.account.custom_fields[record].update(call.params["custom_field_id"], body)
        return json_answer(_shown(world, field))

    return answer


def _delete(record: str) -> Handler:
    def answer(world: World, call: Call) -> Answer:
        world.account.custom_fields[record].delete(call.params["custom_field_id"])
        _touch(world, record)
        return Answer(204, b"", None)

    return answer


def _groups(record: str) -> Handler:
    def answer(_: World, call: Call) -> Answer:
        kind = RECORD_TYPES[record]
        group = {"id": "3", "name": "Custom fields", "order": 1, "tab_id": "1", "record_type": kind}
        wanted = call.query.get("tab_id") or "1"
        return json_answer({"groups": [group] if wanted == "1" else []})

    return answer


def _tabs(record: str) -> Handler:
    def answer(_: World, __: Call) -> Answer:
        return json_answer(
            {"tabs": [{"id": "1", "name": "General", "order": 1, "record_type": RECORD_TYPES[record]}]}
        )

    return answer


def _touch(world: World, record: str) -> None:
    """Rows look different now, though none was written: results kept for the next page are out of date."""
    world.account.tables[record].version += 1


def routes() -> list[Route]:
    """The models of all kinds of records that the sandbox has."""
    made: list[Route] = []
    for record in _OPTIONAL:
        base = f"/v2/{record}/model"
        made += [
            ("GET", base, _model(record)),
            ("GET", f"{base}/customFields/groups", _groups(record)),
            ("GET", f"{base}/customFields/tabs", _tabs(record)),
            ("POST", f"{base}/customFields", _create(record)),
            ("PATCH", f"{base}/customFields/{{custom_field_id}}", _update(record)),
            ("DELETE", f"{base}/customFields/{{custom_field_id}}", _delete(record)),
        ]
    return made
