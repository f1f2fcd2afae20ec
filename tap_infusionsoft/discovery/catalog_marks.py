"""What the catalog keeps of Keap's own identities, in the metadata of each stream.

The SDK's catalog classes drop metadata that they do not know (read in 0.54.9), so the marks are added to, and
read from, the JSON document. Meltano 4.4 keeps them: it changes ``selected`` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MARK = "tap-infusionsoft."
"""How the names of marks begin."""
ACCOUNT = f"{MARK}account"
"""The account of a stream with columns or rows that no other account has: saved searches, custom fields."""
SEARCH_ID = "tap-infusionsoft.saved-search-id"
"""The saved search of a stream."""
SEARCH_NAME = "tap-infusionsoft.saved-search-name"
"""What it was called in Keap when the catalog was made."""
_KEYS = (ACCOUNT, SEARCH_ID, SEARCH_NAME)

Marks = dict[str, str]


def add_marks(catalog: Mapping[str, Any], marks_of: Callable[[str], Marks]) -> None:
    """Add marks to a catalog.

    Args:
        catalog: The catalog.
        marks_of: Returns the marks of a stream, by its name.
    """
    for entry in _entries(catalog):
        marks = marks_of(entry["tap_stream_id"])
        if marks:
            _root(entry).update(marks)


def marks(catalog: Mapping[str, Any]) -> dict[str, Marks]:
    """Return the marks of each stream of a catalog that has some."""
    found = {}
    for entry in _entries(catalog):
        known = _root(entry)
        own = {name: str(known[name]) for name in _KEYS if known.get(name)}
        if own:
            found[str(entry["tap_stream_id"])] = own
    return found


def is_selected(entry: dict[str, Any]) -> bool:
    """Whether a stream is selected, by its own metadata alone."""
    root = _root(entry)
    return bool(root.get("selected", root.get("selected-by-default")))


def _entries(catalog: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (one for one in catalog.get("streams", ()) if isinstance(one, dict))


def _root(entry: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a stream itself; an empty one that is not kept if it has none."""
    for one in entry.get("metadata") or ():
        match one:
            case {"breadcrumb": [], "metadata": dict() as found}:
                return found
    return {}
