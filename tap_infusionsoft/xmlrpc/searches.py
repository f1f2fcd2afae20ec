"""Saved searches as streams, and the columns that they have.

Each account has its own. Answers may have other columns than the list of them says, so nothing that comes is
left out for want of a column. Values are texts: no source says more of their types.
Sources: the vendor's documentation of 2013, Novak's SDK, issues of the official PHP SDK.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.errors import did_you_mean
from tap_infusionsoft.reading.walks.walk import Repeats, Walk
from tap_infusionsoft.records.coerce import to_text
from tap_infusionsoft.streams.collection import Collection, Endpoint, Fields, PerValue, Query, Wire
from tap_infusionsoft.streams.columns import text, whole_key
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.ending import check_end
from tap_infusionsoft.xmlrpc.refused_fields import RefusedFields
from tap_infusionsoft.xmlrpc.reports.answers import OTHER, pairs
from tap_infusionsoft.xmlrpc.table_streams import table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Asks, Page
    from tap_infusionsoft.xmlrpc.search_settings import LegacySearch

logger = logging.getLogger("tap-infusionsoft")

FIELDS_STREAM = "legacy_search_fields"
"""The stream with the columns of the searches that the setting names."""

_COLUMNS = "SearchService.getAllReportColumns"
_ALL = "SearchService.getSavedSearchResultsAllFields"
_CHOSEN = "SearchService.getSavedSearchResults"
_KEY = "Id"
_MOST_LISTED = 30
_REST = "saved_search_*"


@dataclass(frozen=True, slots=True)
class SearchStream:
    """Describes the stream of a saved search in an account.

    Attributes:
        search: The search.
        started: When the run started.
    """

    search: LegacySearch
    started: datetime

    def __call__(self, account: Account) -> Collection:
        """Return its declaration, with its columns.

        Raises:
            ConfigError: The API has ended, or the account has no such search or user.
            KeapError: The columns cannot be read.
        """
        check_end(self.started, _REST)
        listed = _listed(account)
        search, row = self.search, None
        if listed is not None:
            row = next((one for one in listed if str(one.get("Id")) == search.id), None)
            if row is None:
                raise search.error(f"there is no saved search with the id {search.id}. {_there_are(listed)}")
            _check_user(search, row)
        try:
            labels = _labels(search, account)
        except KeapError as error:
            if error.fault.kind is not Kind.NOT_FOUND:
                raise
            raise search.error(
                f"there is no saved search with the id {search.id} for the user {search.user}. "
                f"{_there_are(listed or ())}"
            ) from None
        unknown = [name for name in search.fields if name not in labels]
        if unknown:
            logger.warning(
                "%s: the list of columns of the search does not have %s.%s",
                search.setting,
                ", ".join(unknown),
                did_you_mean(unknown[0], labels),
            )
        return search_stream(search, labels, str((row or {}).get("FilterName") or ""))


def _listed(account: Account) -> list[Mapping[str, Any]] | None:
    """The saved searches of an account; None if they cannot be listed, which is not needed to run one."""
    columns = frozenset({"Id", "FilterName", "UserId"})
    try:
        return account.rows(table_stream(TABLES["SavedFilter"]), columns)
    except KeapError as error:
        if error.fault.kind not in {Kind.FORBIDDEN, Kind.WITHDRAWN, Kind.BAD_REQUEST}:
            raise
        return None


def _there_are(listed: Iterable[Mapping[str, Any]]) -> str:
    """A sentence with the saved searches that there are, without its full stop."""
    rows = [*listed]
    named = [
        f"{row.get('Id')} {str(row.get('FilterName') or '')!r} (users {row.get('UserId') or 'unknown'})"
        for row in rows[:_MOST_LISTED]
    ]
    others = len(rows) - _MOST_LISTED
    more = f" and {others} more in the table SavedFilter" if others > 0 else ""
    return f"There are: {', '.join(named) or 'none'}{more}"


def _check_user(search: LegacySearch, row: Mapping[str, Any]) -> None:
    """Say so if a search is listed for other users. It may be shared all the same."""
    users = [one.strip() for one in str(row.get("UserId") or "").split(",") if one.strip()]
    if users and all(map(str.isdigit, users)) and search.user not in users:
        logger.warning(
            "%s: the search is listed for the users %s, not for %s. If it finds nothing or fails, set "
            "user_id to one of them.",
            search.setting,
            ", ".join(users),
            search.user,
        )


def _labels(search: LegacySearch, account: Account) -> dict[str, str]:
    """The columns of a search, with their labels.

    Raises:
        KeapError: They cannot be read.
    """
    rows = account.client.fetch(_call(_COLUMNS, search)).document[ROWS]
    return {str(name): str(label or "") for row in rows for name, label in row.items()}


def _call(method: str, search: LegacySearch, *more: Any) -> XmlRpcCall:
    return XmlRpcCall(
        method,
        ROWS,
        arguments=(int(search.id), int(search.user), *more),
        fields=3 if method == _CHOSEN else None,
        has_days=True,
        what=f"of saved search {search.id}",
    )


def search_stream(search: LegacySearch, labels: Mapping[str, str], name: str = "") -> Collection:
    """Declare the stream of a saved search.

    Args:
        search: The search.
        labels: Its columns, with their labels; empty if they are unknown.
        name: Its name in Keap.
    """
    wanted = search.fields or [one for one in labels if one.lower() not in search.hidden]
    columns = column_names(wanted)
    properties = {
        columns[wire]: text(f"Column {wire!r} of the saved search, titled {labels.get(wire, '')!r}.")
        for wire in wanted
    }
    properties[OTHER] = text("Members of the row that the list of columns does not have, as JSON text.")
    titled = f"Rows of the saved search {name!r}" if name else "Rows of a saved search"
    return Collection(
        name=search.stream,
        about=f"{titled} (id {search.id}) for the user {search.user}, by XML-RPC, which ends on 2026-12-31.",
        endpoint=Endpoint(
            f"{_CHOSEN if search.fields else _ALL}({search.id})",
            ROWS,
            paging="none",
            fields=Fields(all_by_default=True, vary=True),
            walk=partial(WalkSearch, search, RefusedFields(), has_ids=_KEY in wanted),
        ),
        key=(),
        row_key=tuple(properties),
        wire=Wire(
            unpack=partial(_texts, columns, search.hidden),
            renamed={column: wire for wire, column in columns.items() if column != wire},
        ),
        query=Query(
            search.setting,
            {
                f"{search.setting}.id": (search.id,),
                f"{search.setting}.user_id": (search.user,),
            },
        ),
        properties=properties,
    )


def column_names(names: Iterable[str]) -> dict[str, str]:
    """Names of columns: those of the search, with ``_`` for what names of columns cannot have.

    Args:
        names: Names of the columns of a search. If two become equal, the later one gets a number.
    """
    found: dict[str, str] = {}
    taken = {OTHER.lower()}
    for name in names:
        plain = re.sub(r"[^0-9A-Za-z_]", "_", name) or "_"
        column, number = plain, 1
        while column.lower() in taken:
            number += 1
            column = f"{plain}_{number}"
        taken.add(column.lower())
        found[name] = column
    return found


def _texts(
    columns: Mapping[str, str], hidden: frozenset[str], row: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """A row with its values as texts, and what has no column together."""
    found: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for name, value in row.items():
        if name in columns:
            found[name] = None if value is None else to_text(value)
        elif name.lower() not in hidden:
            other[name] = value if value is None else to_text(value)
    found[OTHER] = json.dumps(other, ensure_ascii=False, sort_keys=True) if other else None
    yield found


class WalkSearch(Walk):
    """Page after page until an empty one: how many rows a page has is not documented."""

    has_gaps = True  # an empty page is no surprise; the read that confirms this one asks for it again

    def __init__(
        self,
        search: LegacySearch,
        refused: RefusedFields,
        plan: ReadPlan,
        piece: Slice,
        after: int,
        *,
        has_ids: bool,
    ) -> None:
        """A walk that has not begun.

        Args:
            search: The search.
            refused: The columns that the service refuses.
            plan: What to read.
            piece: Which part of it.
            after: Not used: rows have no order.
            has_ids: Whether rows have ids, so that no page is like the one before it.
        """
        del after
        super().__init__(plan, piece)
        self._search = search
        self._refused = refused
        self._has_ids = has_ids
        self._page = 0

    def first_call(self) -> Call:
        """The call for the first page."""
        if not self._search.fields:
            return _call(_ALL, self._search, self._page)
        return _call(_CHOSEN, self._search, self._page, [*self._search.fields])

    def ask(self, call: Call, whom: Asks) -> Reply:
        """Read a page, without the columns that the service refuses.

        Raises:
            KeapError: It cannot be read.
        """
        assert isinstance(call, XmlRpcCall)  # noqa: S101  # `_call` made it
        return self._refused.ask(call, whom)

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the next page; None after an empty one."""
        del reply
        if not page:
            return None
        self._page += 1
        return self.first_call()

    def has_more(self, reply: Reply) -> bool:
        """No: only an empty page says that there are none."""
        del reply
        return False

    @property
    def repeats(self) -> Repeats:
        """All rows, if they have ids. Without, two pages may well be equal."""
        return Repeats.ALL if self._has_ids else Repeats.NONE


# The columns of searches.


def fields_stream(searches: Sequence[LegacySearch]) -> Collection:
    """Declare the stream with the columns of the searches that the setting names.

    Args:
        searches: The searches.
    """
    values = {(one.id, one.user): {"SearchId": one.id, "UserId": one.user} for one in searches}
    return Collection(
        name=FIELDS_STREAM,
        about="Columns of the saved searches in legacy_searches, by XML-RPC, which ends on 2026-12-31. "
        "REST has report_fields.",
        endpoint=Endpoint(f"{_COLUMNS}({{SearchId}},{{UserId}})", ROWS, paging="none", walk=WalkColumns),
        key=("SearchId", "UserId", "Name"),
        slices=PerValue(tuple(values.values())),
        wire=Wire(unpack=pairs("Name", "Label")),
        properties={
            "SearchId": whole_key("Id of the saved search (SavedFilter.Id)."),
            "UserId": whole_key("Id of the user in whose name it is run (User.Id)."),
            "Name": {"type": "string", "description": "Name of the column."},
            "Label": text("What it is called in Keap."),
        },
    )


@dataclass(frozen=True, slots=True)
class FieldsStream:
    """Describes the stream with the columns of searches.

    Attributes:
        searches: The searches.
        started: When the run started.
    """

    searches: tuple[LegacySearch, ...]
    started: datetime

    def __call__(self, account: Account) -> Collection:
        """Return its declaration.

        Raises:
            ConfigError: The API has ended.
        """
        del account
        check_end(self.started, "report_fields")
        return fields_stream(self.searches)


class WalkColumns(Walk):
    """The columns of one search, in one answer."""

    def __init__(self, plan: ReadPlan, piece: Slice, after: int) -> None:
        del after
        super().__init__(plan, piece)

    def first_call(self) -> Call:
        """The only call."""
        search, user = self.piece.values["SearchId"], self.piece.values["UserId"]
        return XmlRpcCall(
            _COLUMNS, ROWS, arguments=(int(search), int(user)), what=f"of saved search {search}"
        )

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """None: there is one answer."""
        del reply, page
        return None

    def has_more(self, reply: Reply) -> bool:
        """No: there is one answer."""
        del reply
        return False
