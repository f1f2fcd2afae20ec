"""The entry of a stream in the state: its keys, and how their values are read.

Meltano merges the state of a full refresh into the old one, key by key and object by object, but replaces
lists. So what belongs together is in a list of one, and what no longer holds is written as such, not left
out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.records.coerce import CoercionError, parse_time
from tap_infusionsoft.state.given_names import COLUMN_NAMES, SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

KEY = "replication_key"
"""Column of the bookmark; Singer's name for it."""
BOOKMARK = "replication_key_value"
"""Time up to which changes were read; Singer's name for it."""
VERSION = "version"
"""Version that the rows carry."""
READ = "read_at"
"""When the last pass began that came to its end."""
SWEPT = "swept_at"
"""When the last complete pass began."""
SEEN = "seen_at"
"""When a run last looked at the stream, with rolling reads."""
SCOPE = "scope"
"""Which rows the settings let through."""
NARROWED = "narrowed"
"""Whether the target may hold rows that are out of scope now."""

ROWS = "rows"
"""How many rows the last complete pass found."""
LARGEST = "largest_id"
"""The largest id that it found."""
NEWEST_ID = "newest_id"
"""The largest id that any pass has found."""
KEYS = "keys"
"""Digest of the keys that it found, if they took several pages."""
CALLS = "calls"
"""Pages that it took."""
BIRTHS = "births"
"""Births of its rows; see `births`."""
SHOWN = "shown"
"""Its rows, as another stream may show them; see `shown_rows`."""
CHANGED = "changed"
"""How many rows the last pass found that was not a complete one."""
GONE = "gone"
"""How many rows it has marked as deleted."""

UNPROVED = "unproved"
"""What a first load found that was read once and waits for its proof."""
REFUSED = "refused"
"""What a complete pass found that was not believed."""
NOT_FOUND = "not_found"
"""Parents that were listed and not found."""
KNOWN = "known"
"""Ids of the parents that there were, with rolling reads."""
MARKS = "marks"
"""What these parents showed of what is below them."""
FRESH = "fresh"
"""How many of them the last run read out of turn, as they were new or changed."""
ROWS_BY_PARENT = "rows_by_parent"
"""How many parents the last complete pass read, and how many rows were below them; see `row_counts`."""
MOVED = "moved"
"""How far the walks over what moved have come."""
OVERRUN = "overrun"
"""In `MOVED`: whether so much moved that everything has to be read."""

UNDERWAY = "underway"
"""The pass that has not come to its end."""
SPREAD = "spread"
"""In `UNDERWAY`: whether it is spread over several runs."""
ENDED = "ended"
"""In `UNDERWAY`: when it came to its end but for what Keap refused."""
OVER = "over"
"""In `UNDERWAY`: whether it is not to be taken up."""

OWN = frozenset(
    {
        *(KEY, BOOKMARK, VERSION, READ, SWEPT, SEEN, SCOPE, NARROWED),
        *(ROWS, LARGEST, NEWEST_ID, KEYS, CALLS, BIRTHS, SHOWN, CHANGED, GONE),
        *(UNPROVED, REFUSED, NOT_FOUND, KNOWN, MARKS, FRESH, ROWS_BY_PARENT),
        *(MOVED, UNDERWAY, SAVED_SEARCH, COLUMN_NAMES, "progress_markers"),
    }
)
"""What the tap keeps of a stream, and the SDK for it."""


class BadStateError(ValueError):
    """The state of a stream cannot be used; the message says what is wrong with it."""


def time_of(state: Mapping[str, Any], key: str) -> datetime | None:
    """A time in the state; None if there is none.

    Args:
        state: The state, or a part of it.
        key: Where the time is.

    Raises:
        BadStateError: Something other than a time is there.
    """
    value = state.get(key)
    if value is None:
        return None
    try:
        return parse_time(value)
    except CoercionError:
        raise BadStateError(f"{key} is {str(value)[:40]!r}, which is not a time") from None


def boxed(state: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """The object in a list of one; None if there is none.

    Raises:
        BadStateError: Something other than such a list is there.
    """
    value = state.get(key) or []
    if not isinstance(value, list) or len(value) > 1 or not all(isinstance(one, dict) for one in value):
        raise BadStateError(f"{key} is not a list of one object")
    return value[0] if value else None


def number(state: Mapping[str, Any], key: str) -> int | None:
    """A whole number in the state; None if there is none.

    Raises:
        BadStateError: Something other than a whole number is there.
    """
    value = state.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadStateError(f"{key} is {str(value)[:40]!r}, which is not a whole number")
    return value


def rows_by_parent(state: Mapping[str, Any]) -> tuple[list[int], int]:
    """How many rows were below the parents that the last complete pass read, and how many parents that were.

    Raises:
        BadStateError: The state holds something else.
    """
    match boxed(state, ROWS_BY_PARENT):
        case None:
            return [], 0
        case {"rows": list(rows), "parents": int(parents)} if all(type(one) is int for one in rows):
            return rows, parents
        case other:
            raise BadStateError(f"{ROWS_BY_PARENT} is {str(other)[:40]!r}, which are no numbers of rows")


def rows_before(state: Mapping[str, Any]) -> int | None:
    """How many rows the last complete pass found, proved or not; None if there was none."""
    unproved = boxed(state, UNPROVED)
    return number(state, ROWS) if unproved is None else number(unproved, ROWS)


def has_overrun(state: Mapping[str, Any]) -> bool:
    """Whether so much moved of a list that all of it has to be read."""
    return bool((boxed(state, MOVED) or {}).get(OVERRUN))


def crawled_to(state: Mapping[str, Any]) -> int:
    """Id of the last row of a walk by id that broke off; 0 if there is none."""
    match state.get(UNDERWAY):
        case [{"progress": {"at": int(last)}}]:
            return last
    return 0


def read_at(state: Mapping[str, Any]) -> str:
    """When a run last came to the end of the stream, as text that can be sorted; empty if none did."""
    match state.get(UNDERWAY):
        case [{"ended": str(ended)}]:
            return max(ended, str(state.get(READ, "")))
    return str(state.get(READ, ""))
