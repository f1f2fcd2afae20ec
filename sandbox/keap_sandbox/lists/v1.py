"""List endpoints of REST v1: `limit`, `offset`, and a `next` that clients shouldn't rely on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from keap_sandbox.filtering.filters import KeyRange
from keap_sandbox.filtering.selection import Order
from keap_sandbox.responses import KeapError, Response, json_response
from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.request import Request, Route, World
    from keap_sandbox.tables import Row, Source

__all__ = ["V1Listing"]


@dataclass(frozen=True, kw_only=True)
class V1Listing:
    """A list endpoint of REST v1, as Keap documents it."""

    path: str
    items: str
    """The name of the list in the body."""
    source: Callable[[Account, Mapping[str, str]], Source]
    """Returns the rows for the ids in the path."""
    row: Callable[[Row], Row]
    """Converts a row to the form of v1."""
    time: str = ""
    """The path of the date-time that `since` and `until` filter by; empty if the list lacks them."""
    order_by: Mapping[str, str] = field(default_factory=dict)
    """The names that the list can be ordered by, with the path of each in the row."""
    equal: Mapping[str, str] = field(default_factory=dict)
    """The query parameters that filter by a field, with the path of each in the row."""

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        return [("GET", self.path, self.page)]

    def page(self, world: World, request: Request) -> Response:
        """Answer with a page of the list."""
        switches = world.switches
        source = self.source(world.account, request.params)
        limit = min(_number(request, "limit", switches.v1_default_limit), switches.v1_limit_max)
        offset = _number(request, "offset", 0)
        tests: list[Callable[[int], bool]] = []
        mark: list[object] = ["v1", self.path, *request.params.values(), switches.date_bounds]
        for name, sign in (("since", 1), ("until", -1)):
            text = request.query.get(name)
            if self.time and text:
                tests.append(self._window(source, text, sign, switches.date_bounds))
                mark += [name, text]
        for name, path in self.equal.items():
            value = request.query.get(name)
            if value:
                tests.append(_equals(source, path, value))
                mark += [name, value]
        keys = world.selector.select(source, self._order(request, world), KeyRange(), tests, tuple(mark))
        rows = [self.row(source.row(key)) for key in keys[offset : offset + limit]]
        body: dict[str, Any] = {self.items: rows, "count": len(keys)}
        following = offset + limit
        if switches.v1_next != "until_end" or following < len(keys):
            body["next"] = self._link(request, limit, following, foreign=switches.v1_next == "foreign")
        else:
            body["next"] = None
        body["previous"] = self._link(request, limit, max(0, offset - limit), foreign=False)
        return json_response(body)

    def _window(self, source: Source, text: str, sign: int, bounds: str) -> Callable[[int], bool]:
        limit = parse_moment(text)
        if limit is None:
            raise KeapError(400, f"Unable to parse date {text}")
        open_end = bounds in {"exclusive", "exclusive_start" if sign > 0 else "exclusive_end"}
        least = sign * limit + (1 if open_end else 0)

        def passes(key: int) -> bool:
            moment = source.moment(key, self.time)
            return moment is not None and sign * moment >= least

        return passes

    def _order(self, request: Request, world: World) -> Order:
        name = request.query.get("order")
        if not name:
            return Order("" if world.switches.list_order == "id" else None, salt=world.account.seed)
        direction = request.query.get("order_direction", "ASCENDING").upper()
        if name not in self.order_by or direction not in {"ASCENDING", "DESCENDING"}:
            raise KeapError(400, f"Unable to order by {name} {direction}")
        return Order(self.order_by[name], descending=direction == "DESCENDING", salt=world.account.seed)

    def _link(self, request: Request, limit: int, offset: int, *, foreign: bool) -> str:
        path = self.path
        for name, value in request.params.items():
            path = path.replace(f"{{{name}}}", value)
        query = {name: value for name, value in request.query.items() if name not in {"limit", "offset"}}
        base = "https://pages.invalid" if foreign else request.base
        return f"{base}/crm/rest{path}/?{urlencode({**query, 'limit': limit, 'offset': offset})}"


def _equals(source: Source, path: str, value: str) -> Callable[[int], bool]:
    return lambda key: str(source.row(key).get(path)) == value


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name)
    if text is None or text == "":
        return default
    if not text.isdigit():
        raise KeapError(400, f"{name} must be a whole number")
    return int(text)
