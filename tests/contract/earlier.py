"""What an earlier document of Keap says: pipelines and deals, from its SDK keap-core-v2-sdk 1.0.20.

The documents of today lack them. Each is at one of two addresses: below ``/crm/rest`` as documented, or below
``/services``.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _page(name: str, row: Schema) -> Schema:
    return _object(**{"next_page_token": _TEXT, name: {"type": "array", "items": row}})


_STAGE = _object(id=_TEXT, name=_TEXT, pipeline_id=_TEXT)
_PIPELINE = _object(id=_TEXT, name=_TEXT, stages={"type": "array", "items": _STAGE})
_LABEL = _object(value=_TEXT, label=_TEXT)
_DEAL = _object(
    id=_TEXT,
    name=_TEXT,
    value=_object(amount={"type": "number"}, currency=_TEXT),
    contact_ids=_TEXTS,
    stage_id=_TEXT,
    stage_assignment_time=_TIME,
    owner_ids=_TEXTS,
    task_ids=_TEXTS,
    order_id=_TEXT,
    status=_TEXT,
    estimated_close_time=_TIME,
    closed_time=_TIME,
    custom_fields={},
)
_NOTE = _object(
    id=_TEXT, deal_id=_TEXT, body=_TEXT, created_by=_TEXT, created_time=_TIME, modified_time=_TIME
)

_RESPONSES = {
    "/v2/pipelines": _page("pipelines", _PIPELINE),
    "/v2/pipelines/{}/stages": _page("stages", _STAGE),
    "/v2/pipelines/{}/outcomes": _page("outcome_labels", _LABEL),
    "/v2/stages/{}/deals": _page("deals", _DEAL),
    "/v2/deals/{}/notes": _page("notes", _NOTE),
}
RESPONSES = {f"{base}{path}": schema for path, schema in _RESPONSES.items() for base in ("", "/services")}
"""Path, with ``{}`` for every id -> the schema of the response. All of them are lists in pages."""

PARAMETERS: dict[str, list[Schema]] = {
    "filter": [{"description": ""}],
    "order_by": [{"description": ""}],
    "page_token": [{"description": ""}],
    "page_size": [{"minimum": 1, "maximum": 1000, "description": ""}],
}
"""The query parameters of each. Which filters and orders there are is not documented."""
