"""What all write calls have in common: create, update, delete, each stamped by the sandbox's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keap_sandbox.registry import collection_of
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response, not_found
from keap_sandbox.writes.shapes import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.lists.v2 import Listing
    from keap_sandbox.tables import Row
    from keap_sandbox.writes.shapes import Shape

__all__ = ["Writable", "known", "masked"]

_LONGEST_CONTENT = 65_535
"""Characters of a custom field."""


def masked(request: Request, body: Row, allowed: Mapping[str, Shape]) -> Row:
    """The part of the body that `update_mask` names; all of it without one."""
    mask = request.names("update_mask")
    if mask is None:
        return body
    for name in mask:
        if name not in allowed:
            raise bad_request(f"update_mask: {name!r} cannot be updated", "update_mask")
    return {name: body.get(name) for name in mask}


def known(account: Account, body: Row, **names: str) -> None:
    """Check that ids which were sent belong to records: `contact_id="contacts"`."""
    for name, collection in names.items():
        value = body.get(name)
        if value is not None and parse_id(str(value)) not in account.tables[collection]:
            raise bad_request(f"{name} must be the id of one of the {collection}, not {value}", name)


def _nothing(_: Account, __: Row, ___: int | None) -> None:
    pass


def _as_sent(_: Account, __: Row, body: Row) -> Row:
    return body


@dataclass(frozen=True, kw_only=True)
class Writable:
    """What may be written of a collection."""

    collection: str
    listing: Listing
    id_name: str
    properties: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    """Properties that creating needs."""
    changes: Mapping[str, Shape] | None = None
    """What may be changed, where that differs from `properties`."""
    validate: Callable[[Account, Row, int | None], None] = _nothing
    form: Callable[[Account, Row, Row], Row] = _as_sent
    """(account, row, body): what the body means for the row, in the form in which it is read."""
    after: Callable[[World, int, Row | None, Row], None] | None = None
    """(world, key, row before, row after): what else happens."""
    show: Callable[[World, Request, int], Row] | None = None
    twin: Callable[[Account, Row, Request], int | None] | None = None
    """Finds the record that creating changes instead, if there is one."""
    path: str = ""
    given: Mapping[str, str] | None = None
    """Fields of the row that the path names, and the parameter of each."""
    methods: tuple[str, ...] = ("POST", "PATCH", "DELETE")

    def routes(self) -> list[Route]:
        """Create, update, delete."""
        path = self.path or self.listing.path
        one = f"{path}/{{{self.id_name}}}"
        routes: list[Route] = [
            ("POST", path, self.create),
            ("PATCH", one, self.update),
            ("DELETE", one, self.delete),
        ]
        return [route for route in routes if route[0] in self.methods]

    def create(self, world: World, request: Request) -> Response:
        """A new record."""
        account, body = world.account, typed(request.json_object(), self.properties)
        self._check_path(account, request)
        twin = self.twin(account, body, request) if self.twin else None
        if twin is not None:
            self._change(world, twin, body)
            return json_response(self._shown(world, request, twin))
        for name in self.required:
            if body.get(name) is None or body[name] == "":
                raise bad_request(f"{name} is required", name)
        self.validate(account, body, None)
        table, kind = account.tables[self.collection], collection_of(self.collection)
        key = table.new_key()
        row = account.blank(self.collection) | {kind.key: str(key)}
        row |= {name: account.now() for name in (kind.created, kind.updated) if name}
        row |= {field: request.params[parameter] for field, parameter in (self.given or {}).items()}
        self._put(world, key, None, self._formed(account, row, body))
        account.created(self.collection, key)
        return json_response(self._shown(world, request, key), 201)

    def update(self, world: World, request: Request) -> Response:
        """Change the properties that were sent; with `update_mask` only those that it names."""
        account, key = world.account, self._key(world, request)
        changes = self.changes or self.properties
        body = masked(request, typed(request.json_object(), changes), changes)
        self.validate(account, body, key)
        self._change(world, key, body)
        return json_response(self._shown(world, request, key))

    def delete(self, world: World, request: Request) -> Response:
        """Delete a record and what hangs on it."""
        world.account.delete(self.collection, self._key(world, request))
        return Response(204, b"", None)

    def _check_path(self, account: Account, request: Request) -> None:
        if self.given:
            self.listing.source(account, request.params)  # 404 if the path names nobody

    def _key(self, world: World, request: Request) -> int:
        self._check_path(world.account, request)
        key = parse_id(request.params[self.id_name])
        table = world.account.tables[self.collection]
        mine = self.given or {}
        if key not in table or any(
            str(table.row(key).get(field)) != request.params[parameter] for field, parameter in mine.items()
        ):
            raise not_found(self.listing.singular, request.params[self.id_name])
        return key

    def _shown(self, world: World, request: Request, key: int) -> Row:
        if self.show:
            return self.show(world, request, key)
        listing = self.listing
        names = listing.sparse.names(request, world.switches) if listing.sparse else None
        return listing.show(world, key, world.account.full(self.collection, key), names)

    def _change(self, world: World, key: int, body: Row) -> None:
        account, updated = world.account, collection_of(self.collection).updated
        before = account.full(self.collection, key)
        row = self._formed(account, dict(before), body)
        if updated:
            row[updated] = account.now()
        self._put(world, key, before, row)

    def _formed(self, account: Account, row: Row, body: Row) -> Row:
        formed = dict(self.form(account, row, {k: v for k, v in body.items() if k != "custom_fields"}))
        if "custom_fields" in body:
            formed["custom_fields"] = _merge_custom(
                account,
                collection_of(self.collection).record,
                row.get("custom_fields"),
                body["custom_fields"],
            )
        return row | formed

    def _put(self, world: World, key: int, before: Row | None, row: Row) -> None:
        world.account.tables[self.collection].put(key, row)
        world.account.changed(self.collection, row)
        if self.after:
            self.after(world, key, before, row)


def _merge_custom(account: Account, record: str, old: Any, new: Iterable[Any] | None) -> list[Row]:
    fields = account.custom_fields[record]
    values = {entry["id"]: entry.get("content") for entry in old or []}
    for entry in new or []:
        if not isinstance(entry, dict) or str(entry.get("id")) not in fields.ids:
            raise bad_request(f"Custom field {entry!r} does not exist", "custom_fields")
        content = entry.get("content")
        if isinstance(content, str) and len(content) > _LONGEST_CONTENT:
            raise bad_request(
                f"Custom field {entry['id']} must not be longer than {_LONGEST_CONTENT} characters",
                "custom_fields",
            )
        values[str(entry["id"])] = content
    return fields.contents(values)
