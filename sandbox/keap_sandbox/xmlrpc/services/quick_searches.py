"""Quick searches, a part of SearchService: what the search bar of the app finds.

Names, labels and order of the searches are those of the vendor's documentation of 2013. What a row holds is
in no source: these rows have some fields of the record's data table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from keap_sandbox.xmlrpc.faults import named
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.selection import ROWS_MAX
from keap_sandbox.xmlrpc.services.declaring import EMPTY, by_id
from keap_sandbox.xmlrpc.tables.registry import TABLES
from keap_sandbox.xmlrpc.writing import InOrder, Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World
    from keap_sandbox.xmlrpc.tables.view import LegacyRows

__all__ = ["METHODS"]


class _Quick(NamedTuple):
    """A quick search.

    Attributes:
        label: What people see.
        table: The data table with its records.
        searched: The fields in which the text can be.
        shown: The fields that its rows have, besides `Id`.
    """

    label: str
    table: str
    searched: tuple[str, ...]
    shown: tuple[str, ...]


_PERSON = ("FirstName", "LastName", "Email", "Company")
_SEARCHES: Mapping[str, _Quick] = {
    "FindPerson": _Quick("Person", "Contact", _PERSON, (*_PERSON, "Phone1", "State")),
    "FindCompany": _Quick(
        "Company", "Company", ("Company", "Email"), ("Company", "Email", "Phone1", "State")
    ),
    "FindTask": _Quick(
        "Task/Appt/Note",
        "ContactAction",
        ("ActionDescription", "CreationNotes"),
        ("ContactId", "ActionDescription", "CreationDate"),
    ),
    "FindOrder": _Quick("Order", "Job", ("JobTitle",), ("ContactId", "JobTitle", "DateCreated")),
    "FindSubscription": _Quick(
        "Subscription", "RecurringOrder", ("ContactId",), ("ContactId", "ProductId", "NextBillDate")
    ),
    "FindOpportunity": _Quick(
        "Opportunity", "Lead", ("OpportunityTitle",), ("ContactID", "OpportunityTitle", "StageID")
    ),
    "FindAffiliate": _Quick("Affiliate", "Affiliate", ("AffName", "AffCode"), ("AffName", "AffCode")),
}


def _available(world: World, params: list[Any]) -> dict[str, str]:
    by_id(world, "users", params[0])
    return InOrder({name: quick.label for name, quick in _SEARCHES.items()})


def _default(world: World, params: list[Any]) -> str:
    """Return the search that a user has chosen, as administrators have here; otherwise the text ``null``."""
    return "FindPerson" if by_id(world, "users", params[0])["admin"] else "null"


def _found(rows: LegacyRows, quick: _Quick, data: str) -> list[int]:
    """Return the keys of the records whose id is the text, or that have it in one of the fields."""
    wanted = data.strip().casefold()

    def matches(key: int) -> bool:
        values = (rows.value(key, field) for field in quick.searched)
        return str(key) == wanted or any(wanted in str(one or "").casefold() for one in values)

    return [key for key in rows.keys() if matches(key)]  # noqa: SIM118 - these are no dict


def _quick(world: World, params: list[Any]) -> Page:
    kind, user, data, page, limit = params
    by_id(world, "users", user)
    quick = _SEARCHES.get(kind)
    if quick is None:
        raise named(12, f"No quick search: {kind}")
    if limit > ROWS_MAX and world.switches.xmlrpc_limit_over == "fault":
        raise named(12, f"The limit must not exceed {ROWS_MAX}")
    if page < 0 or limit < 0:
        raise named(12, "Limit and page must not be negative")
    rows, size = TABLES[quick.table].rows(world.account), min(limit, ROWS_MAX)
    keys = _found(rows, quick, data)[page * size : (page + 1) * size]
    shown = ("Id", *quick.shown)
    found = [
        InOrder({name: EMPTY if row.get(name) in {None, ""} else row[name] for name in shown})
        for row in map(rows.row, keys)
    ]
    return Page(found, keys)


METHODS: Mapping[str, Method] = {
    "getAvailableQuickSearches": Method(_available, ((int,),)),
    "quickSearch": Method(_quick, ((str, int, str, int, int),)),
    "getDefaultQuickSearch": Method(_default, ((int,),)),
}
"""By their own names; `searches.py` adds them to the service."""
