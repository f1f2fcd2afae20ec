"""Names that streams and columns were given once, by the id of what they hold in Keap.

People rename, delete and create saved searches and custom fields. Tables and columns keep their names all the
same: the state of a stream says which saved search it is, and which column holds what. Names of what is gone
stay there too, so that nothing else gets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

SAVED_SEARCH = "saved_search"
"""Where the state of a stream keeps which saved search it is."""
COLUMN_NAMES = "column_names"
"""Where the state of a stream keeps the columns of custom fields, by id."""


class NamedSearch(Struct, frozen=True):
    """A saved search that was given a stream.

    Attributes:
        stream: The stream.
        label: The name in Keap that the stream was named after.
    """

    stream: str
    label: str


def check_names(stream_state: Mapping[str, Any]) -> None:
    """Refuse names that cannot be used.

    Raises:
        ValueError: They are not as this module writes them; the message says where.
    """
    search, columns = stream_state.get(SAVED_SEARCH, {}), stream_state.get(COLUMN_NAMES, {})
    for key, value in ((SAVED_SEARCH, search), (COLUMN_NAMES, columns)):
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise ValueError(f"{key} is not an object of texts")


def named_searches(bookmarks: Mapping[str, Mapping[str, Any]]) -> dict[str, NamedSearch]:
    """Return the saved searches that have a stream, by id.

    Args:
        bookmarks: The state of each stream.
    """
    found = {}
    for stream, stream_state in bookmarks.items():
        search = stream_state.get(SAVED_SEARCH, {})
        if search.get("id"):
            found[search["id"]] = NamedSearch(stream, search.get("name", ""))
    return found


def column_names(stream_state: Mapping[str, Any]) -> dict[str, str]:
    """Return the column of each custom field of a stream, by id."""
    return dict(stream_state.get(COLUMN_NAMES, {}))


def keep_names(
    stream_state: MutableMapping[str, Any], search: Mapping[str, str], columns: Mapping[str, str]
) -> None:
    """Put names into the state of a stream.

    Args:
        stream_state: The state of the stream.
        search: ``id`` and ``name`` of its saved search; empty if it is none.
        columns: Its columns that were named after something in Keap, by id.
    """
    if search:
        stream_state[SAVED_SEARCH] = {**search}
    if columns:
        stream_state[COLUMN_NAMES] = {**columns, **column_names(stream_state)}
