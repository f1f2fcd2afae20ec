"""SearchService: saved searches, which find the rows of the reports in REST.

Sources: the vendor's documentation of 2013, Novak's SDK, issues of the official PHP SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.faults import FaultError, named, not_found
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services import quick_searches
from keap_sandbox.xmlrpc.services.declaring import EMPTY, by_id, service
from keap_sandbox.xmlrpc.services.search_columns import SEARCHES, SearchColumn, columns_of, rows_of
from keap_sandbox.xmlrpc.writing import InOrder, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from keap_sandbox.request import World
    from keap_sandbox.sample_data.saved_searches import SavedSearch

__all__ = ["METHODS"]


def _search(world: World, key: int, user: int) -> SavedSearch:
    """Return the search that a call names.

    A valid user is needed even if the search is shared with everyone. Nobody knows what the fault for others
    says; this one was seen for a search that worked in the app.

    Raises:
        FaultError: There is no such search or user, or the search is not theirs.
    """
    account = world.account
    search = account.saved_searches.get(key)
    if search is None or key not in account.reports:
        raise not_found()
    by_id(world, "users", user)
    users = account.reports.row(key)["user_ids"]
    if users and not {str(user), "ALL_USERS"} & set(users):
        raise FaultError(3, "[Unexpected] Unable to get Saved Search Results")
    return search


def _columns(world: World, params: list[Any]) -> dict[str, str]:
    key, user = params
    search = _search(world, key, user)
    return InOrder({name: one.label for name, one in columns_of(world.account, key, search).items()})


def _results(world: World, params: list[Any]) -> Page:
    key, user, number, *fields = params
    search = _search(world, key, user)
    columns = columns_of(world.account, key, search)
    if fields:
        chosen: Iterable[SearchColumn] = _chosen(world, columns, fields[0])
    elif world.switches.legacy_search_columns == "display":
        chosen = [columns[name] for name in SEARCHES[key].display]
    else:
        chosen = columns.values()
    return _page(world, key, search, number, list(chosen))


def _chosen(world: World, columns: Mapping[str, SearchColumn], names: list[Any]) -> list[SearchColumn]:
    """Return the columns that a call asks for, in the order of the search, whatever order they come in.

    Raises:
        FaultError: There are none, or one does not exist and the switch `legacy_search_unknown` says so.
    """
    if not names:
        raise named(11, "No fields requested")
    for name in map(str, names):
        if name not in columns and world.switches.legacy_search_unknown == "fault":
            raise named(10, f"No field found: {name}")
    return [one for name, one in columns.items() if name in names]


def _page(world: World, key: int, search: SavedSearch, number: int, columns: list[SearchColumn]) -> Page:
    """Return a page of a search; pages after the last are empty."""
    size, found = world.switches.legacy_search_page_size, rows_of(world.account, key, search)
    keys = search.keys()[number * size : (number + 1) * size] if number >= 0 else ()
    rows = [
        InOrder({one.key: EMPTY if (value := one.read(row)) in {None, ""} else value for one in columns})
        for row in map(found, keys)
    ]
    return Page(rows, keys)


_SEARCH = (int, int)
METHODS: Mapping[str, Method] = service(
    "SearchService",
    {
        "getAllReportColumns": Method(_columns, (_SEARCH,)),
        "getSavedSearchResultsAllFields": Method(_results, ((*_SEARCH, int),)),
        "getSavedSearchResults": Method(_results, ((*_SEARCH, int, list),)),
        **quick_searches.METHODS,
    },
)
