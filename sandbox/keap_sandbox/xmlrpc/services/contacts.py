"""ContactService. Sources: the vendor's documentation of 2013, recorded exchanges of 2015."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.selection import OpenTable
from keap_sandbox.xmlrpc.services.declaring import service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.request import World
    from keap_sandbox.xmlrpc.tables.view import LegacyRow

__all__ = ["METHODS"]

_EMAILS = {"EMAIL1", "EMAIL2", "EMAIL3"}
"""What REST calls the three."""
_OWNERS: WeakKeyDictionary[Account, tuple[object, dict[str, list[int]]]] = WeakKeyDictionary()


def _load(world: World, params: list[Any]) -> LegacyRow:
    key, fields = params
    return OpenTable(world, "Contact").load(key, fields)


def _find_by_email(world: World, params: list[Any]) -> list[LegacyRow]:
    """Return all contacts that have an email address as one of their three. Case does not matter."""
    email, fields = params
    table = OpenTable(world, "Contact")
    table.fields(fields, by_email=True)  # a wrong field is a fault even if nothing is found
    return [table.load(key, fields) for key in _owners(world.account).get(email.casefold(), ())]


def _is_one(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("field") in _EMAILS


def _owners(account: Account) -> Mapping[str, list[int]]:
    """Return the contacts by their email addresses. They are looked through once until one changes."""
    contacts = account.contacts
    stamp, owners = _OWNERS.get(account, (None, {}))
    if stamp == contacts.stamp():
        return owners
    owners = {}
    for key in contacts:
        entries = filter(_is_one, contacts.row(key).get("email_addresses") or ())
        for email in {str(one.get("email")).casefold() for one in entries}:
            owners.setdefault(email, []).append(key)
    _OWNERS[account] = contacts.stamp(), owners
    return owners


METHODS: Mapping[str, Method] = service(
    "ContactService",
    {
        "findByEmail": Method(_find_by_email, ((str, list),)),
        "load": Method(_load, ((int, list),)),
    },
)
