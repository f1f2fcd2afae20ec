"""ContactService. Sources: the vendor's documentation of 2013, recorded exchanges of 2015."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.selection import OpenTable
from keap_sandbox.xmlrpc.services.declaring import service
from keap_sandbox.xmlrpc.tables.registry import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World
    from keap_sandbox.xmlrpc.tables.view import LegacyRow

__all__ = ["METHODS"]

_EMAILS = ("Email", "EmailAddress2", "EmailAddress3")


def _load(world: World, params: list[Any]) -> LegacyRow:
    key, fields = params
    return OpenTable(world, "Contact").load(key, fields)


def _find_by_email(world: World, params: list[Any]) -> list[LegacyRow]:
    """Return all contacts that have an email address as one of their three. Case does not matter."""
    email, fields = params
    table, rows, wanted = OpenTable(world, "Contact"), TABLES["Contact"].rows(world.account), email.casefold()
    table.fields(fields)  # a wrong field is a fault even if nothing is found
    return [
        table.load(key, fields)
        for key in rows.keys()  # noqa: SIM118 - these are no dict
        if any(str(rows.value(key, name) or "").casefold() == wanted for name in _EMAILS)
    ]


METHODS: Mapping[str, Method] = service(
    "ContactService",
    {
        "findByEmail": Method(_find_by_email, ((str, list),)),
        "load": Method(_load, ((int, list),)),
    },
)
