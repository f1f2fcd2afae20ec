"""What the modules of services share: declaring methods, finding records, and the form of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.request import parse_id
from keap_sandbox.xmlrpc.faults import not_found
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.writing import Raw, java_double

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World
    from keap_sandbox.tables import Row

__all__ = ["EMPTY", "by_id", "id_of", "number", "owner", "present", "service", "text"]


EMPTY = Raw("<value/>", whole=True)
"""A value that is not there, as searches write it: they leave no column out."""


def service(name: str, methods: Mapping[str, Method]) -> dict[str, Method]:
    """Return the methods of a service by full name, and `echo`, which every service has.

    Args:
        name: The service, such as ``InvoiceService``.
        methods: Its methods by their own names.
    """
    echo = Method(lambda _, params: params[0], ((str,),), needs_key=False)
    return {f"{name}.{own}": method for own, method in {**methods, "echo": echo}.items()}


def by_id(world: World, collection: str, key: object) -> Row:
    """Return the record with an id.

    Args:
        world: Its account is searched.
        collection: The collection.
        key: The id: a number, or a text where a method takes that too.

    Raises:
        FaultError: There is none.
    """
    found = parse_id(str(key))
    if found not in world.account.tables[collection]:
        raise not_found()
    return world.account.full(collection, found)


def owner(world: World, collection: str, key: object) -> str | None:
    """Return the id of the record whose rows a call asks for; None if there is no such record.

    How the service answers a call for rows of a record that does not exist is unknown: the switch
    `legacy_unknown_ids` chooses between a fault and no rows. Arguments are those of `by_id`.

    Raises:
        FaultError: There is no such record, and the switch says so.
    """
    found = parse_id(str(key))
    if found in world.account.tables[collection]:
        return str(found)
    if world.switches.legacy_unknown_ids == "fault":
        raise not_found()
    return None


def id_of(value: object) -> int | None:
    """Return an id in a row of the account as a number; None if it is none."""
    found = parse_id(str(value))
    return None if found < 0 else found


def number(value: object) -> float | None:
    """Return an amount in a row of the account as a double; None if it is none."""
    return float(value) if isinstance(value, int | float) else None


def present(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return a struct: the members that are not null."""
    return {name: value for name, value in members.items() if value is not None}


def text(value: object, yes: str = "1", no: str = "0") -> str | None:
    """Return a value as services show it in which every value is a text; None is null.

    Args:
        value: The value.
        yes: The text for True.
        no: The text for False.
    """
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, float):
        return java_double(value)
    return None if value is None else str(value)
