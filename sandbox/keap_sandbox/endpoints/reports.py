"""Saved searches, which REST calls reports: list them, show their columns, run them."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import msgspec

from keap_sandbox.filtering.filters import Since, Text, Until
from keap_sandbox.lists.page_tokens import report_token, token_body
from keap_sandbox.lists.v2 import Listing
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response, not_found
from keap_sandbox.tables import mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.sample_data.saved_searches import SavedSearch

__all__ = ["REPORTS", "routes"]

REPORTS = Listing(
    path="/v2/reporting/reports",
    items="reports",
    source=lambda account, _: account.reports,
    filters={
        "name": Text("name"),
        "since_created_time": Since("created_time", bare_date=True),
        "until_created_time": Until("created_time", bare_date=True),
    },
    order_by={"name": "name", "created_time": "created_time"},
    by_id="report_id",
    singular="Report",
)
_PAGE_SIZE_MAX = 1000


def _search(world: World, request: Request) -> SavedSearch:
    key = parse_id(request.params["report_id"])
    search = world.account.saved_searches.get(key)
    if search is None or key not in world.account.reports:
        raise not_found("Report", request.params["report_id"])
    return search


def model(world: World, request: Request) -> Response:
    """Return the columns of a report."""
    columns = _search(world, request).columns
    return json_response({"fields": [{"name": name, "label": label} for name, label in columns]})


def _parameters(world: World, request: Request) -> dict[str, str]:
    query = dict(request.query)
    if world.switches.report_json_parameter == "honoured" and "runReportRequest" in query:
        try:
            parameters = msgspec.json.decode(query["runReportRequest"])
        except msgspec.DecodeError:
            raise bad_request("runReportRequest is not readable JSON", "runReportRequest") from None
        query |= {name: str(value) for name, value in parameters.items() if value is not None}
    return query


def _position(text: str) -> int:
    try:
        last = msgspec.json.decode(base64.b64decode(text, validate=True))["lastRow"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise bad_request("Invalid page token", "page_token") from None
    if not isinstance(last, int) or last < 0:
        raise bad_request("Invalid page token", "page_token")
    return last


def _sorted(search: SavedSearch, order: str, names: list[str]) -> list[int]:
    name, _, direction = order.rpartition(" ")
    if not name or direction.lower() not in {"asc", "desc"}:
        name, direction = order, "asc"
    if name not in names:
        raise bad_request(f"order_by takes one of {', '.join(names)}, not {name!r}", "order_by")
    value: Callable[[int], Any] = lambda key: search.values(key)[name].casefold()  # noqa: E731
    return sorted(search.keys(), key=lambda key: (value(key), key), reverse=direction.lower() == "desc")


def run(world: World, request: Request) -> Response:
    """Run a report and return one page of its rows. All values are strings."""
    search = _search(world, request)
    query = _parameters(world, request)
    names = [name for name, _ in search.columns]
    requested = [name.strip() for name in query.get("fields", "").split(",") if name.strip()] or names
    for name in requested:
        if name not in names:
            raise bad_request(f"{name!r} is not a field of this report", "fields")
    size_text = query.get("page_size") or str(_PAGE_SIZE_MAX)
    if not size_text.isdigit() or not 1 <= int(size_text) <= _PAGE_SIZE_MAX:
        raise bad_request(f"page_size must be between 1 and {_PAGE_SIZE_MAX}", "page_size")
    size = int(size_text)
    if world.switches.page_rows_max:
        size = min(size, world.switches.page_rows_max)
    start = _position(query["page_token"]) if query.get("page_token") else 0
    order = query.get("order_by", "").strip()
    keys = _sorted(search, order, names) if order else search.keys()
    chosen = keys[start : start + size]
    rows = []
    for key in chosen:
        values = search.values(key)
        columns = [{"field_name": name, "value": values[name]} for name in requested]
        if world.switches.report_columns == "shuffled":
            columns.sort(key=lambda column: mix(hash_text(column["field_name"]) + key))
        rows.append({"columns": columns})
    body: dict[str, Any] = {"results": rows}
    more = start + size < len(keys) or (world.switches.last_page == "trailing_empty" and len(chosen) == size)
    token = report_token(start + len(chosen)) if more and len(chosen) else None
    token_body(body, "page_token", token, world.switches.report_token_end)
    return json_response(body)


def hash_text(text: str) -> int:
    """Return a number for a text that is the same in every process."""
    return int.from_bytes(text.encode()[:8], "big")


def routes() -> list[Route]:
    """Return the calls for reports."""
    return [
        *REPORTS.routes(),
        ("GET", "/v2/reporting/reports/{report_id}/model", model),
        ("POST", "/v2/reporting/reports/{report_id}:run", run),
    ]
