"""Saved searches, which REST calls reports: the list of them, and one stream for each."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tap_infusionsoft.streams.collection import (
    ROW_KEY,
    Collection,
    Endpoint,
    Fields,
    PerParent,
    Row,
    Search,
    Wire,
)
from tap_infusionsoft.streams.column_names import unique_names
from tap_infusionsoft.streams.columns import key, midnight, moment, text
from tap_infusionsoft.streams.relations import ids_of, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PREFIX = "saved_search_"
SETTING = "saved_searches"
"""The setting that names saved searches by id or pattern. Unlike lists of ids, an empty list means none."""
_PAIR = frozenset({"field_name", "value"})
"""What Keap sends for a column of a row."""

REPORTS = Collection(
    name="reports",
    about="The saved searches of the account.",
    endpoint=Endpoint("/v2/reporting/reports", items="reports"),
    properties={
        "id": key("Id of the saved search."),
        "name": text("Name of the saved search. It can change; the id does not."),
        "user_ids": ids_of(
            "users", "Ids of the users who can run the search, or ALL_USERS.", none="ALL_USERS"
        ),
        "created_time": midnight("When the search was created."),
        "updated_time": moment("When the search was last changed."),
    },
)

REPORT_FIELDS = Collection(
    name="report_fields",
    about="The columns that each saved search can show. If saved_searches is set, only those searches.",
    endpoint=Endpoint("/v2/reporting/reports/{report_id}/model", items="fields", paging="none"),
    key=("report_id", "name"),
    slices=PerParent(stream="reports", columns={"report_id": "id"}, setting=SETTING),
    properties={
        "report_id": key_of("reports", "Id of the saved search."),
        "name": key("Name of the column."),
        "label": text("Title of the column in Keap."),
    },
)

COLLECTIONS = (REPORTS, REPORT_FIELDS)


def stream_names(
    reports: Iterable[Mapping[str, Any]], given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the stream name of each saved search: id -> ``saved_search_<name>``.

    If several searches have the same name, all but the oldest get their id appended.

    Args:
        reports: Rows of the list of saved searches.
        given: Streams that saved searches were given before, by id.
    """
    oldest_first = sorted(reports, key=lambda report: (len(str(report["id"])), str(report["id"])))
    return unique_names(
        ((str(report["id"]), str(report.get("name") or "")) for report in oldest_first), PREFIX, given
    )


def matches(report: Mapping[str, Any], wanted: str) -> bool:
    """Return whether a saved search has this id, or a name that matches this pattern.

    Patterns can contain ``*`` and ``?`` and ignore case.
    """
    name = str(report.get("name") or "")
    pattern = wanted.strip().casefold().replace("[", "[[]")
    return str(report["id"]) == wanted.strip() or fnmatchcase(name.casefold(), pattern)


def is_pattern(wanted: str) -> bool:
    """Return whether an entry of the setting is a pattern, not an id or a name."""
    return "*" in wanted or "?" in wanted


def saved_search(
    name: str,
    report: Mapping[str, Any],
    fields: Sequence[tuple[str, str]],
    given: Mapping[str, str] | None = None,
) -> Collection:
    """Build the stream of a saved search.

    Args:
        name: Name of the stream.
        report: Its row in the list of saved searches.
        fields: Name and label of each column, from the model of the search; empty if it is unknown.
        given: Columns that were named before, by Keap's name for them.
    """
    names, labels = [name for name, _ in fields], dict(fields)
    columns = column_names(names, given)
    return Collection(
        name=name,
        about=f"Rows of the saved search {report.get('name')!r}, with the texts that Keap shows.",
        endpoint=Endpoint(
            f"/v2/reporting/reports/{quote(str(report['id']), safe='')}:run",
            items="results",
            method="POST",
            token="page_token",  # noqa: S106
            fields=Fields(names=frozenset(names), all_by_default=True, vary=True),
        ),
        key=(),
        row_key=tuple(columns[wire] for wire in names),
        wire=Wire(unpack=_columns, renamed={columns[wire]: wire for wire in names}),
        properties={columns[wire]: text(_about(wire, labels[wire])) for wire in names},
        search=Search(str(report["id"]), str(report.get("name") or "")),
    )


def _about(name: str, label: str) -> str:
    """Say what a column of a saved search is: Keap tells no more than its name and title."""
    titled = f", titled {label!r}" if label and label != name else ""
    return f"Column {name!r} of the saved search{titled}: the text that Keap shows."


def _columns(row: Row) -> list[Row]:
    """Turn a row into an object. Keap sends a list of names and values, in no fixed order.

    Anything else that it sends stays in the object, so that the log names it.
    """
    pairs = [pair for pair in row.get("columns") or () if isinstance(pair, dict)]
    found = {name: value for name, value in row.items() if name != "columns" and value is not None}
    for pair in pairs:
        if not pair.keys() <= _PAIR:
            found |= {f"columns[].{name}": value for name, value in pair.items() if name not in _PAIR}
    return [found | {str(pair.get("field_name")): pair.get("value") for pair in pairs}]


def column_names(names: Sequence[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the column names of a saved search: Keap's name -> name in snake_case.

    If several columns get the same name, all but the first get a number appended.

    Args:
        names: Keap's names.
        given: Columns that were named before, by Keap's name for them.
    """
    places = {name: str(place) for place, name in enumerate(names, 1)}
    known = {places.get(name, f"gone {name}"): column for name, column in (given or {}).items()}
    known = {place: column for place, column in known.items() if column != ROW_KEY} | {"the tap's": ROW_KEY}
    columns = unique_names(((place, name) for name, place in places.items()), "", known)
    return {name: columns[place] for name, place in places.items()}
