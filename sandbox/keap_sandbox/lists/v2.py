"""List endpoints of REST v2. Each is a declaration; what they have in common is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keap_sandbox.filtering.custom_field_filters import CustomFieldFilters
from keap_sandbox.filtering.filters import Condition, Filter, compile_conditions, parse
from keap_sandbox.filtering.selection import Order, position_after
from keap_sandbox.lists.page_tokens import Token, TokenContext, read_token, token_body, write_token
from keap_sandbox.lists.rendering import apply_switches, is_plain, pick
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
    """A source that shows the rows of another one differently."""

    source: Source
    show: Callable[[int], Row]
    """Returns the row of a key as the view shows it."""
    extra: tuple[object, ...] = ()
    """What else the rows depend on; part of the stamp."""

    def keys(self) -> Any:
        """Return all keys in ascending order."""
        return self.source.keys()

    def row(self, key: int) -> Row:
        """Return a row as the view shows it."""
        return self.show(key)

    def moment(self, key: int, path: str) -> int | None:
        """Return a date-time of the row in milliseconds since the epoch; None if it has none."""
        return self.source.moment(key, path)

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the rows do."""
        return (*self.source.stamp(), *self.extra)


@dataclass(frozen=True)
class Sparse:
    """The `fields` parameter of an endpoint."""

    allowed: Callable[[Switches], tuple[str, ...]]
    """Returns the fields that may be asked for."""
    default: tuple[str, ...]
    """The fields that a request without the parameter gets."""
    adds: Callable[[Switches], bool] = lambda _: False
    """Returns True if the fields asked for come in addition to the default ones."""
    always: tuple[str, ...] = ()
    """The fields that come in addition to those asked for."""

    def names(self, request: Request, switches: Switches) -> tuple[str, ...]:
        """Return the fields of the rows to show; a field that isn't allowed is a 400."""
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
    """Return a source for lists under another record; a record that doesn't exist is a 404.

    Args:
        collection: The collection of the rows.
        path: The field of the rows that holds the other record's id.
        parent: The collection of the other record.
        parameter: The placeholder of its id in the list's path.
    """

    def source(account: Account, params: Params) -> Source:
        text = params[parameter]
        if parse_id(text) not in account.tables[parent]:
            raise not_found(parent.removesuffix("s").replace("_", " ").capitalize(), text)
        table = account.tables[collection]
        return Subset(table, table.children(path, text), (path, text))

    return source


def without(row: Row, paths: Iterable[str]) -> Row:
    """Return a row without some of its fields; a dot in a path leads into an object."""
    for path in paths:
        head, _, tail = path.partition(".")
        if tail and isinstance(row.get(head), dict):
            row = {**row, head: without(row[head], (tail,))}
        elif not tail and head in row:
            row = {name: value for name, value in row.items() if name != head}
    return row


def _table(account: Account, _: Params) -> Source:
    raise NotImplementedError(account)


def _row_as_it_is(row: Row, switches: Switches) -> Row:  # noqa: ARG001 - other endpoints use it
    return row


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list endpoint of REST v2, as Keap documents it."""

    path: str
    items: str
    """The name of the list in the body."""
    collection: str = ""
    """The collection that it lists."""
    source: Callable[[Account, Params], Source] = _table
    """Returns the rows for the ids in the path; by default all rows of the collection."""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    order_by: Mapping[str, str] = field(default_factory=dict)
    """The names that the list can be ordered by, with the path of each in the row; empty for the id."""
    sparse: Sparse | None = None
    custom_fields: str | None = None
    """The kind of record whose custom fields the list can be filtered by."""
    page_size_max: int = 1000
    page_size_min: int = 0
    token_form: str = "opaque"  # noqa: S105 - not a password
    """The form of its page tokens: `opaque` or `url`."""
    paged: bool = True
    """False for a list that always shows all rows."""
    hidden: tuple[str, ...] = ()
    """Fields of the row that the API doesn't show."""
    by_id: str | None = None
    """The placeholder of the id in the path of a single record, if there is such an endpoint."""
    singular: str = "Record"
    """What a 404 calls the record."""
    check: Callable[[list[Condition], Switches], None] | None = None
    base_test: Callable[[Account, list[Condition]], Callable[[int], bool] | None] | None = None
    shape: Callable[[Row, Switches], Row] = _row_as_it_is
    pack: Callable[[Account, Row], None] | None = None
    """Replaces parts of a row by encoded JSON, to encode a page faster. The row is used for nothing else."""
    totals: Callable[[list[Row], Callable[[], list[Row]], Switches], Row] | None = None
    more: Callable[[Account, int], Row] | None = None
    """Returns fields that the single record has and the list lacks."""

    def __post_init__(self) -> None:
        """Set the defaults that follow from the collection."""
        name = self.collection
        if not name:
            return
        kind = collection_of(name)
        if self.source is _table:
            object.__setattr__(self, "source", lambda account, _: account.tables[name])
        object.__setattr__(self, "hidden", (*self.hidden, *kind.private))
        if kind.record and self.custom_fields is None:
            object.__setattr__(self, "custom_fields", kind.record)

    @property
    def changed(self) -> str | None:
        """The path of the field that holds when a row was last changed; None if it has none."""
        kind = collection_of(self.collection)
        return (kind.updated or kind.created or None) if self.collection else None

    def routes(self) -> list[Route]:
        """Return the routes of the list and of the single record."""
        made: list[Route] = [("GET", self.path, self.page)]
        if self.by_id:
            made.append(("GET", f"{self.path}/{{{self.by_id}}}", self.get))
        return made

    # -- one record ----------------------------------------------------------------------------------------

    def get(self, world: World, request: Request) -> Response:
        """Answer with a single record."""
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
        """Return a single record as the API shows it.

        Args:
            world: Account and switches.
            key: The key of the record.
            row: Its complete row.
            names: The fields to show; by default all.
        """
        if self.more:
            row = {**row, **self.more(world.account, key)}
        return self.render(world, [row], names)[0]

    def render(self, world: World, rows: list[Row], names: tuple[str, ...] | None) -> list[Row]:
        """Return rows as the API shows them, with the fields `names` or all."""
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
        return apply_switches(rows, switches)

    # -- a page --------------------------------------------------------------------------------------------

    def page(self, world: World, request: Request) -> Response:
        """Answer with a page of the list."""
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
        """Return rows without the fields that only the single record has."""
        single = collection_of(self.collection).single if self.collection else ()
        return [without(row, single) for row in rows] if single else list(rows)

    def path_of(self, request: Request) -> str:
        """Return the path of the list with the ids of the request."""
        path = self.path
        for name, value in request.params.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def page_size(self, request: Request, switches: Switches) -> int:
        """Return the number of rows that a page may have."""
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
        if size == 0:  # Keap allows 0 but doesn't document what it means: treat it as not sent
            size = min(switches.default_page_size, self.page_size_max)
        return min(size, switches.page_rows_max) if switches.page_rows_max else size

    def order(self, request: Request, world: World) -> Order:
        """Return the order of the list."""
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
        if world.switches.order_by == "ignored":
            return Order(None, salt=world.account.seed)
        if world.switches.order_by == "ids":
            return Order("", salt=salt)
        if world.switches.order_by == "oldest_change_first":
            return Order(self.changed, salt=salt)
        descending = direction.strip().lower() == "desc"
        return Order(self.order_by[name], descending=descending, salt=salt, nulls=world.switches.order_nulls)

    def select(
        self, world: World, source: Source, order: Order, conditions: list[Condition], request: Request
    ) -> Any:
        """Return the keys of all pages, in order.

        Args:
            world: Account and switches.
            source: The rows.
            order: The order.
            conditions: The conditions of the `filter` parameter.
            request: The request.
        """
        if self.check:
            self.check(conditions, world.switches)
        fields = world.account.custom_fields[self.custom_fields] if self.custom_fields else None
        # Of all of Keap's texts on custom fields, only the one for affiliates shows a date without a time
        custom = (
            CustomFieldFilters(fields, bare_date=self.custom_fields == "affiliates").find if fields else None
        )
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
        """Return the position of the first row of the page that a page token names; 0 without a token."""
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
        return position_after(keys, source, order, token.value, token.lastKey)


def _without_unset(row: Row) -> Row:
    fields = row.get("custom_fields")
    if not isinstance(fields, list):
        return row
    return {**row, "custom_fields": [one for one in fields if one.get("content") is not None]}
