"""Create, update and delete for any collection, with timestamps from the sandbox's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keap_sandbox.registry import collection_of
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response, not_found
from keap_sandbox.writes.shapes import validated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.lists.v2 import Listing
    from keap_sandbox.tables import Row
    from keap_sandbox.writes.shapes import Shape

__all__ = ["Writable", "apply_update_mask", "check_ids"]

_MAX_CONTENT_LENGTH = 65_535
"""Characters that a custom field can hold."""


def apply_update_mask(request: Request, body: Row, allowed: Mapping[str, Shape]) -> Row:
    """Keep only the properties that `update_mask` names.

    Args:
        request: The request, with or without an `update_mask` parameter.
        body: The validated request body.
        allowed: The properties that can be updated.

    Returns:
        The whole body if there is no mask. A property in the mask but not in the body is None.

    Raises:
        KeapError: 400 if the mask names a property that cannot be updated.
    """
    mask = request.names("update_mask")
    if mask is None:
        return body
    for name in mask:
        if name not in allowed:
            raise bad_request(f"update_mask: {name!r} cannot be updated", "update_mask")
    return {name: body.get(name) for name in mask}


def check_ids(account: Account, body: Row, **collections: str) -> None:
    """Check that the ids in a body belong to existing records.

    Args:
        account: The account to look in.
        body: The request body. Properties that are missing or null are not checked.
        **collections: The collection that each property refers to, such as `contact_id="contacts"`.

    Raises:
        KeapError: 400 for the first id without a record.
    """
    for name, collection in collections.items():
        value = body.get(name)
        if value is not None and parse_id(str(value)) not in account.tables[collection]:
            raise bad_request(f"{name} must be the id of one of the {collection}, not {value}", name)


def _accept(_: Account, __: Row, ___: int | None) -> None:
    pass


def _unchanged(_: Account, __: Row, body: Row) -> Row:
    return body


@dataclass(frozen=True, kw_only=True)
class Writable:
    """A collection that can be written to.

    Attributes:
        collection: Name of the collection.
        listing: The endpoint that lists it. Its path and rendering are used here too.
        id_name: Path parameter with the id of one record.
        properties: What a request body may contain.
        required: Properties that a body needs on create.
        update_properties: What an update may contain, if it differs from `properties`.
        validate: Checks a body. Called as (account, body, key); the key is None on create.
        to_fields: Converts a body to fields of the row, in the form in which they are read. Called as
            (account, row, body).
        after_write: Called as (world, key, row before, row after) once the row is stored.
        show: Called as (world, request, key) to render the response instead of the listing.
        find_duplicate: Returns the key of a record to update instead of creating one. Called as
            (account, body, request).
        from_path: Fields whose values come from the path, each with its path parameter.
        methods: The HTTP methods that the API has for this collection.
    """

    collection: str
    listing: Listing
    id_name: str
    properties: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    update_properties: Mapping[str, Shape] | None = None
    validate: Callable[[Account, Row, int | None], None] = _accept
    to_fields: Callable[[Account, Row, Row], Row] = _unchanged
    after_write: Callable[[World, int, Row | None, Row], None] | None = None
    show: Callable[[World, Request, int], Row] | None = None
    find_duplicate: Callable[[Account, Row, Request], int | None] | None = None
    from_path: Mapping[str, str] | None = None
    methods: tuple[str, ...] = ("POST", "PATCH", "DELETE")

    def routes(self) -> list[Route]:
        """Return the routes for create, update and delete."""
        path = self.listing.path
        one = f"{path}/{{{self.id_name}}}"
        routes: list[Route] = [
            ("POST", path, self.create),
            ("PATCH", one, self.update),
            ("DELETE", one, self.delete),
        ]
        return [route for route in routes if route[0] in self.methods]

    def create(self, world: World, request: Request) -> Response:
        """Create a record, or update its duplicate if `find_duplicate` finds one."""
        account, body = world.account, validated(request.json_object(), self.properties)
        self._check_path(account, request)
        duplicate = self.find_duplicate(account, body, request) if self.find_duplicate else None
        if duplicate is not None:
            self._update_row(world, duplicate, body)
            return json_response(self._render(world, request, duplicate))
        for name in self.required:
            if body.get(name) is None or body[name] == "":
                raise bad_request(f"{name} is required", name)
        self.validate(account, body, None)
        table, kind = account.tables[self.collection], collection_of(self.collection)
        key = table.new_key()
        row = account.blank(self.collection) | {kind.key: str(key)}
        row |= {name: account.now() for name in (kind.created, kind.updated) if name}
        row |= {field: request.params[parameter] for field, parameter in (self.from_path or {}).items()}
        self._put(world, key, None, self._apply(account, row, body))
        account.created(self.collection, key)
        return json_response(self._render(world, request, key), 201)

    def update(self, world: World, request: Request) -> Response:
        """Update the properties in the body, or only those that `update_mask` names."""
        account, key = world.account, self._key(world, request)
        allowed = self.update_properties or self.properties
        body = apply_update_mask(request, validated(request.json_object(), allowed), allowed)
        self.validate(account, body, key)
        self._update_row(world, key, body)
        return json_response(self._render(world, request, key))

    def delete(self, world: World, request: Request) -> Response:
        """Delete a record and everything that belongs to it."""
        world.account.delete(self.collection, self._key(world, request))
        return Response(204, b"", None)

    def _check_path(self, account: Account, request: Request) -> None:
        if self.from_path:
            self.listing.source(account, request.params)  # raises 404 if the parent does not exist

    def _key(self, world: World, request: Request) -> int:
        self._check_path(world.account, request)
        key = parse_id(request.params[self.id_name])
        table = world.account.tables[self.collection]
        from_path = self.from_path or {}
        if key not in table or any(
            str(table.row(key).get(field)) != request.params[parameter]
            for field, parameter in from_path.items()
        ):
            raise not_found(self.listing.singular, request.params[self.id_name])
        return key

    def _render(self, world: World, request: Request, key: int) -> Row:
        if self.show:
            return self.show(world, request, key)
        listing = self.listing
        names = listing.sparse.names(request, world.switches) if listing.sparse else None
        return listing.show(world, key, world.account.full(self.collection, key), names)

    def _update_row(self, world: World, key: int, body: Row) -> None:
        account, updated = world.account, collection_of(self.collection).updated
        before = account.full(self.collection, key)
        row = self._apply(account, dict(before), body)
        if updated:
            row[updated] = account.now()
        self._put(world, key, before, row)

    def _apply(self, account: Account, row: Row, body: Row) -> Row:
        other = {name: value for name, value in body.items() if name != "custom_fields"}
        fields = dict(self.to_fields(account, row, other))
        if "custom_fields" in body:
            fields["custom_fields"] = _merge_custom_fields(
                account,
                collection_of(self.collection).record,
                row.get("custom_fields"),
                body["custom_fields"],
            )
        return row | fields

    def _put(self, world: World, key: int, before: Row | None, row: Row) -> None:
        world.account.tables[self.collection].put(key, row)
        world.account.changed(self.collection, row)
        if self.after_write:
            self.after_write(world, key, before, row)


def _merge_custom_fields(account: Account, record: str, old: Any, new: Iterable[Any] | None) -> list[Row]:
    fields = account.custom_fields[record]
    values = {entry["id"]: entry.get("content") for entry in old or []}
    for entry in new or []:
        if not isinstance(entry, dict) or str(entry.get("id")) not in fields.ids:
            raise bad_request(f"Custom field {entry!r} does not exist", "custom_fields")
        content = entry.get("content")
        if isinstance(content, str) and len(content) > _MAX_CONTENT_LENGTH:
            raise bad_request(
                f"Custom field {entry['id']} must not be longer than {_MAX_CONTENT_LENGTH} characters",
                "custom_fields",
            )
        values[str(entry["id"])] = content
    return fields.contents(values)
