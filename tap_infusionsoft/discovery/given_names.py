"""Streams and columns of a catalog get the names that they had in earlier runs.

Discovery does not see the state, so after a saved search or a custom field was renamed or deleted, a new
catalog can have other names, or give a name to something else. The state says by id what each name is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.discovery.catalog_marks import SEARCH_ID, is_selected, marks
from tap_infusionsoft.discovery.schema_drift import field_id
from tap_infusionsoft.records.custom_fields import PREFIX as COLUMN
from tap_infusionsoft.state.given_names import column_names, named_searches
from tap_infusionsoft.streams.column_names import unique_names
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry = dict[str, Any]


def with_given_names(
    catalog: Mapping[str, Any], bookmarks: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """Rename streams and columns of a catalog to what they were called before.

    Args:
        catalog: The catalog.
        bookmarks: The state of each stream.

    Returns:
        The catalog with the names of the state, and what to say about it, a sentence each.
    """
    entries = [one for one in catalog.get("streams", ()) if isinstance(one, dict)]
    streams = _streams(catalog, entries, bookmarks)
    messages: list[str] = []
    renamed = []
    for entry in entries:
        old = entry.get("tap_stream_id")
        name = streams.get(str(old), old)
        if name != old:
            entry = {**entry, "tap_stream_id": name, "stream": name}  # noqa: PLW2901  # the given one stays
            messages.append(
                f"{name}: the catalog calls this stream {old}; its rows stay in {name}."
                if is_selected(entry)
                else f"{name}: the catalog calls this stream {old}, and does not select it. Select {old}, if "
                f"{name} should be kept up to date."
            )
        columns = _columns(entry, column_names(bookmarks.get(str(name), {})))
        if columns:
            entry = _with_columns(entry, columns)  # noqa: PLW2901
            listed = ", ".join(f"{new} ({old})" for old, new in columns.items())
            messages.append(
                f"{name}: columns of custom fields keep their names, not the catalog's: {listed}."
            )
        renamed.append(entry)
    return {**catalog, "streams": renamed}, messages


def _streams(
    catalog: Mapping[str, Any], entries: list[Entry], bookmarks: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Stream of a saved search in the catalog -> the one that the state says."""
    given = {ident: one.stream for ident, one in named_searches(bookmarks).items()}
    own = {stream: one[SEARCH_ID] for stream, one in marks(catalog).items() if SEARCH_ID in one}
    names = unique_names(
        ((ident, stream.removeprefix(SAVED_SEARCH)) for stream, ident in own.items()), SAVED_SEARCH, given
    )
    others = {str(entry.get("tap_stream_id")) for entry in entries} - own.keys()
    return {stream: names[ident] for stream, ident in own.items() if names[ident] not in others}


def _columns(entry: Entry, given: Mapping[str, str]) -> dict[str, str]:
    """Column of a custom field in the catalog -> the one that the state says, where they differ."""
    schema = entry.get("schema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not given or not isinstance(properties, dict):
        return {}
    ids = {column: field_id(inner) for column, inner in properties.items() if column.startswith(COLUMN)}
    own = {column: ident for column, ident in ids.items() if ident}
    names = unique_names(
        ((ident, column.removeprefix(COLUMN)) for column, ident in own.items()), COLUMN, given
    )
    return {column: names[ident] for column, ident in own.items() if names[ident] != column}


def _with_columns(entry: Entry, columns: Mapping[str, str]) -> Entry:
    """An entry with other names for some columns, in its schema and its metadata."""
    schema = {
        **entry["schema"],
        "properties": {
            columns.get(name, name): inner for name, inner in entry["schema"]["properties"].items()
        },
    }
    metadata = [
        {**one, "breadcrumb": [one["breadcrumb"][0], columns.get(one["breadcrumb"][1], one["breadcrumb"][1])]}
        if len(one.get("breadcrumb", ())) == 2  # noqa: PLR2004  # columns of custom fields have nothing inside
        else one
        for one in entry.get("metadata", ())
    ]
    return {**entry, "schema": schema, "metadata": metadata}
