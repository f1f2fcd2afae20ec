"""Which ids lead nowhere: the relations between streams, checked against the rows of a sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import stream_names
from tests.sandbox.reference import FOLDER
from tests.truth import rows_of

Row = dict[str, Any]

SENTINELS = {
    "affiliates.parent_affiliate_id": ({"0"}, "0 means that there is no parent"),
    "contacts.leadsource_id": ({"0"}, "0 means that there is no lead source"),
    "contacts_by_tag.leadsource_id": ({"0"}, "0 means that there is no lead source"),
    "opportunity_stage_moves.move_from_stage_id": ({"0"}, "0 means that there was no stage before"),
    "reports.user_ids[]": ({"ALL_USERS"}, "is beside the ids of users"),
}
"""Column -> values in it that name no row in Keap either, and what they mean."""
UNUSED = {"saved_search_nobody_yet.id": "a saved search that finds nothing"}
"""Columns without any value, and why."""


_EARLIER = {
    "pipeline_stages.pipeline_id": "pipelines",
    "pipeline_outcomes.pipeline_id": "pipelines",
    "deals.contact_ids[]": "contacts",
    "deals.stage_id": "pipeline_stages",
    "deals.owner_ids[]": "users",
    "deals.task_ids[]": "tasks",
    "deals.order_id": "orders",
    "deal_notes.deal_id": "deals",
    "deal_notes.created_by": "users",
}
"""Columns with ids, and their targets, of the streams that are in an earlier document of Keap only."""


@cache
def relations() -> list[dict[str, Any]]:
    """Return every column with ids, its target, and what is known about it."""
    found: list[dict[str, Any]] = json.loads((FOLDER / "relations.json").read_text())
    earlier = [{"column": name, "target_stream": one, "target_key": "id"} for name, one in _EARLIER.items()]
    return [*(one for one in found if one["target_stream"]), *earlier]


class Streams:
    """The rows of every stream of a sandbox, read once."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._rows: dict[str, Sequence[Row]] = {}

    def __getitem__(self, stream: str) -> Sequence[Row]:
        if stream not in self._rows:
            self._rows[stream] = self._read(stream)
        return self._rows[stream]

    def _read(self, stream: str) -> Sequence[Row]:
        if stream == "contacts_by_tag":
            return [row for row in self["contacts"] if row["tag_ids"]]
        if not stream.startswith("saved_search_"):
            return rows_of(self._box, stream)
        reports = {name: key for key, name in stream_names(self._box.records("reports")).items()}
        found = self._box.records("report_rows", report_id=reports[stream])
        return [{"id": row["Id"], **row} for row in found]

    def values(self, stream: str, path: str) -> Iterator[str]:
        """Return the values of a column, or of a path into it such as ``items[].id``."""
        for row in self[stream]:
            yield from ids(row, path)


def ids(value: Any, path: str) -> Iterator[str]:
    """Return what is not empty at the end of a path such as ``items[].id``."""
    if not path:
        if value not in (None, ""):
            yield str(value)
        return
    step, _, rest = path.partition(".")
    inner = value.get(step.removesuffix("[]")) if isinstance(value, dict) else None
    for one in (inner or []) if step.endswith("[]") else [inner]:
        yield from ids(one, rest)


def broken(streams: Streams, *, unused: bool = False) -> dict[str, list[str]]:
    """Return the relations that do not hold: column -> the values that lead nowhere.

    Args:
        streams: The rows.
        unused: Add the columns that have no values at all.
    """
    found = {}
    for one in relations():
        column = one["column"]
        stream, _, path = column.partition(".")
        targets = {
            value
            for key in one["target_key"].split(" or ")
            for value in streams.values(one["target_stream"], key)
        }
        values = set(streams.values(stream, path))
        nowhere = values - targets - SENTINELS.get(column, (set(), ""))[0]
        if nowhere or (unused and not values and column not in UNUSED):
            found[column] = sorted(nowhere)
    return found


DECLARED = {
    f"{name}.{path}": relation
    for name, one in COLLECTIONS.items()
    for path, relation in one.relations.items()
    if relation.stream
}
"""Column with ids -> what it points to, as the streams declare it."""


def dangling(rows: Callable[[str], Sequence[Row]], *, unused: bool = False) -> dict[str, list[str]]:
    """Return the declared relations that do not hold: column -> the values that lead nowhere.

    Args:
        rows: Returns the rows of a stream.
        unused: Add the columns that have no values at all.
    """
    found = {}
    for column, relation in DECLARED.items():
        stream, _, path = column.partition(".")
        values = {value for row in rows(stream) for value in ids(row, path)}
        targets = {value for row in rows(relation.stream) for value in ids(row, relation.column)}
        nowhere = values - targets - {relation.none}
        if nowhere or (unused and not values):
            found[column] = sorted(nowhere)
    return found
