"""List endpoints of REST v2. A collection is a declaration; this module does what all of them do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keap_sandbox.lists.custom_field_filters import Custom
from keap_sandbox.lists.filters import Condition, Filter, compile_conditions, parse
from keap_sandbox.lists.page_tokens import Token, TokenContext, read_token, token_body, write_token
from keap_sandbox.lists.rendering import dress, is_plain, pick
from keap_sandbox.lists.selection import Order, after
from keap_sandbox.registry import collection_of
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response, not_found
from keap_sandbox.tables import Subset

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row, Source

__all__ = ["Listing", "Sparse", "View", "children", "without"]

Params = Mapping[str, str]


@dataclass(frozen=True)
class View:
    """A source that shows another one's rows differently."""

    source: Source
    show: Callable[[int], Row]
    extra: tuple[object, ...] = ()

    def keys(self) -> Any:
        """All keys, ascending."""
        return self.source.keys()

    def row(self, key: int) -> Row:
        """The row as this view shows it."""
        return self.show(key)

    def moment(self, key: int, path: str) -> int | None:
        """A time of the row."""
        return self.source.moment(key, path)

    def stamp(self) -> tuple[object, ...]:
        """Changes whenever the rows do."""
        return (*self.source.stamp(), *self.extra)


@dataclass(frozen=True)
class Sparse:
    """The `fields` parameter: what may be asked for, and what comes without asking."""

    allowed: Callable[[Switches], tuple[str, ...]]
    default: tuple[str, ...]
    adds: Callable[[Switches], bool] = lambda _: False
    always: tuple[str, ...] = ()

    def names(self, request: Request, switches: Switches) -> tuple[str, ...]:
        """The fields of the answer's rows."""
        asked = request.names("fields")
        if not asked:
            return self.default
        allowed = self.allowed(switches)
        for name in asked:
            if name not in allowed:
                raise bad_request(f"{name!r} is not one of the fields: {', '.join(allowed)}", "fields")
        base = self.default if self.adds(switches) else self.always
        return tuple(dict.fromkeys((*base, *asked)))


def children(collection: str, path: str, parent: str, parameter: str) -> Callable[[Account, Params], Source]:
    """The rows of a collection whose field `path` is the id in the call's path; 404 if that does not exist."""

    def source(account: Account, params: Params) -> Source:
        text = params[parameter]
        if parse_id(text) not in account.tables[parent]:
            raise not_found(parent.removesuffix("s").replace("_", " ").capitalize(), text)
        table = account.tables[collection]
        return Subset(table, table.children(path, text), (path, text))

    return source


def without(row: Row, paths: Iterable[str]) -> Row:
    """A row without some of its fields; a dot leads into an object."""
    for path in paths:
        head, _, tail = path.partition(".")
        if tail and isinstance(row.get(head), dict):
            row = {**row, head: without(row[head], (tail,))}
        elif not tail and head in row:
            row = {name: value for name, value in row.items() if name != head}
    return row


def _table(account: Account, _: Params) -> Source:
    raise NotImplementedError(account)


def _row_as_it_is(row: Row, switches: Switches) -> Row:  # noqa: ARG001 - other collections use it
    return row


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A v2 collection, as its documentation describes it."""

    path: str
    items: str
    collection: str = ""
    """What it lists; `source` is needed only for what is not a whole table."""
    source: Callable[[Account, Params], Source] = _table
    filters: Mapping[str, Filter] = field(default_factory=dict)
    order_by: Mapping[str, str] = field(default_factory=dict)
    """Names to order by, with the path in the row ("" = the id, as a number)."""
    sparse: Sparse | None = None
    custom_fields: str | None = None
    """The kind of record whose custom fields can be filtered by."""
    page_size_max: int = 1000
    page_size_min: int = 0
    token_form: str = "opaque"  # noqa: S105 - not a password
    paged: bool = True
    hidden: tuple[str, ...] = ()
    """Fields of the stored row that the API does not show."""
    by_id: str | None = None
    """Parameter name of the path of a single record, if there is one."""
    singular: str = "Record"
    check: Callable[[list[Condition], Switches], None] | None = None
    base_test: Callable[[Account, list[Condition]], Callable[[int], bool] | None] | None = None
    shape: Callable[[Row, Switches], Row] = _row_as_it_is
    pack: Callable[[Account, Row], None] | None = None
    """Makes the rows of a page cheaper to encode; they are fresh, and nobody looks at them afterwards."""
    totals: Callable[[list[Row], Callable[[], list[Row]], Switches], Row] | None = None
    more: Callable[[Account, int], Row] | None = None
    """Fields that only the single record shows."""

    def __post_init__(self) -> None:
        """Fill in what follows from the collection."""
        name = self.collection
        if not name:
            return
        kind = collection_of(name)
        if self.source is _table:
            object.__setattr__(self, "source", lambda account, _: account.tables[name])
        object.__setattr__(self, "hidden", (*self.hidden, *kind.private))
        if kind.record and self.custom_fields is None:
            object.__setattr__(self, "custom_fields", kind.record)

    def routes(self) -> list[Route]:
        """The paths that this declaration serves."""
        made: list[Route] = [("GET", self.path, self.page)]
        if self.by_id:
            made.append(("GET", f"{self.path}/{{{self.by_id}}}", self.get))
        return made

    # -- one record ----------------------------------------------------------------------------------------

    def get(self, world: World, request: Request) -> Response:
        """A single record."""
        key = parse_id(request.params[self.by_id or ""])
        try:
            row = self.source(world.account, request.params).row(key)
        except KeyError:
            raise not_found(self.singular, request.params[self.by_id or ""]) from None
        names = None
        if self.sparse:
            names = self.sparse.names(request, world.switches)
        return json_response(self.show(world, key, row, names))

    def show(self, world: World, key: int, row: Row, names: tuple[str, ...] | None = None) -> Row:
        """A single record as the API shows it."""
        if self.more:
            row = {**row, **self.more(world.account, key)}
        return self.render(world, [row], names)[0]

    def render(self, world: World, rows: list[Row], names: tuple[str, ...] | None) -> list[Row]:
        """Rows as the API shows them."""
        switches = world.switches
        if names is not None:
            chosen = frozenset(names)
            rows = [pick(row, chosen, names) for row in rows]
        elif self.hidden:
            rows = [{name: value for name, value in row.items() if name not in self.hidden} for row in rows]
        if self.shape is not _row_as_it_is:
            rows = [self.shape(row, switches) for row in rows]
        if switches.custom_fields_unset == "missing" and self.custom_fields:
            rows = [_without_unset(row) for row in rows]
        return dress(rows, switches)

    # -- a page --------------------------------------------------------------------------------------------

    def page(self, world: World, request: Request) -> Response:
        """A page of the collection."""
        switches = world.switches
        source = self.source(world.account, request.params)
        names = self.sparse.names(request, switches) if self.sparse else None
        if not self.paged:
            rows = self._listed(map(source.row, source.keys()))
            return json_response({self.items: self.render(world, rows, names)})
        size = self.page_size(request, switches)
        order = self.order(request, world)
        conditions = parse(request.query.get("filter", ""))
        keys = self.select(world, source, order, conditions, request)
        context = TokenContext(self.path_of(request), request.query, request.base)
        start = self.position(world, keys, source, order, request.query.get("page_token"), context)
        chosen = keys[start : start + size]
        rows = (
            [{"id": str(key)} for key in chosen] if names == ("id",) else [source.row(key) for key in chosen]
        )
        if self.pack and is_plain(switches) and switches.custom_fields_unset == "present":
            for row in rows:
                self.pack(world.account, row)
        body: dict[str, Any] = {self.items: self.render(world, self._listed(rows), names)}
        if self.totals:
            body |= self.totals(rows, lambda: [source.row(key) for key in keys], switches)
        more = start + size < len(keys) or (
            switches.last_page == "trailing_empty" and len(chosen) == size and size > 0
        )
        token = None
        if more and len(chosen):
            last = chosen[-1]
            made = Token(
                lastRow=start + len(chosen), issued=world.now if switches.page_token_lifetime else 0.0
            )
            if switches.paging == "keyset" or switches.page_token_form == "last_id":  # noqa: S105
                made = Token(lastKey=last, value=order.value(source, last), issued=made.issued)
            token = write_token(made, self.token_form, context, switches)
        token_body(body, "next_page_token", token, switches.page_token_end)
        return json_response(body)

    def _listed(self, rows: Iterable[Row]) -> list[Row]:
        """Without the fields that only the single record shows."""
        single = collection_of(self.collection).single if self.collection else ()
        return [without(row, single) for row in rows] if single else list(rows)

    def path_of(self, request: Request) -> str:
        """The path as it was called, with its ids."""
        path = self.path
        for name, value in request.params.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def page_size(self, request: Request, switches: Switches) -> int:
        """How many rows the page may have."""
        text = request.query.get("page_size")
        if text is None or text == "":
            size = min(switches.default_page_size, self.page_size_max)
        elif not text.isdigit():
            raise bad_request("page_size must be a whole number", "page_size")
        else:
            size = int(text)
            over = size > self.page_size_max
            if (over and switches.page_size_over == "error") or size < self.page_size_min:
                raise bad_request(
                    f"page_size must be between {self.page_size_min} and {self.page_size_max}", "page_size"
                )
            size = self.page_size_max if over else size
        if size == 0:  # allowed, meaning unknown: taken as "not sent"
            size = min(switches.default_page_size, self.page_size_max)
        return min(size, switches.page_rows_max) if switches.page_rows_max else size

    def order(self, request: Request, world: World) -> Order:
        """How the list is sorted."""
        text = request.query.get("order_by", "").strip()
        salt = world.account.seed
        if world.switches.order_ties == "moving":
            salt += int(world.now * 1000) or 1
        if not text:
            return Order("" if world.switches.list_order == "id" else None, salt=world.account.seed)
        name, _, direction = text.partition(" ")
        if name not in self.order_by or direction.strip().lower() not in {"", "asc", "desc"}:
            names = ", ".join(self.order_by) or "nothing"
            raise bad_request(f"order_by takes one of {names} with asc or desc, not {text!r}", "order_by")
        return Order(self.order_by[name], descending=direction.strip().lower() == "desc", salt=salt)

    def select(
        self, world: World, source: Source, order: Order, conditions: list[Condition], request: Request
    ) -> Any:
        """The keys of all pages, in order."""
        if self.check:
            self.check(conditions, world.switches)
        fields = world.account.custom_fields[self.custom_fields] if self.custom_fields else None
        # Of all texts on custom fields, only that of the affiliates shows a date without a time
        custom = Custom(fields, bare_date=self.custom_fields == "affiliates").find if fields else None
        key_range, tests = compile_conditions(conditions, self.filters, custom, source, world.switches)
        if self.base_test:
            base = self.base_test(world.account, conditions)
            tests = [*tests, base] if base else tests
        switches = world.switches
        mark = (
            self.path_of(request) if tests else "",
            tuple(condition for condition in conditions) if tests else (),
            switches.date_bounds,
            switches.date_precision,
            switches.hidden_contacts,
            fields.version if fields else 0,
        )
        return world.selector.select(source, order, key_range, tests, mark)

    def position(
        self, world: World, keys: Any, source: Source, order: Order, text: str | None, context: TokenContext
    ) -> int:
        """Where the page begins."""
        if not text:
            return 0
        token = read_token(text, context, world.switches, world.now)
        if token.lastKey is None:
            return token.lastRow
        if token.form == "last_id":
            try:
                token.value = order.value(source, token.lastKey)
            except KeyError:
                raise bad_request("Invalid page token", "page_token") from None
        return after(keys, source, order, token.value, token.lastKey)


def _without_unset(row: Row) -> Row:
    fields = row.get("custom_fields")
    if not isinstance(fields, list):
        return row
    return {**row, "custom_fields": [one for one in fields if one.get("content") is not None]}
