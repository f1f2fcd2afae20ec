"""Coerces whole rows to the schema of their records."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.records.coerce import coercion
from tap_infusionsoft.records.taken_columns import taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_infusionsoft.records.coerce import Coerce
    from tap_infusionsoft.records.repair_log import RepairLog
    from tap_infusionsoft.streams.columns import Schema


class MissingKeyError(ValueError):
    """A row has no value for a column that must have one. The message names the column."""


class RowCoercer:
    """Coerces whole rows. Every record has every column, null if Keap sent nothing for it."""

    def __init__(
        self,
        schema: Schema,
        required: Sequence[str],
        log: RepairLog,
        dropped: frozenset[str] = frozenset(),
        renamed: Mapping[str, str] = MappingProxyType({}),
        flat: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Prepare the coercion of each column.

        Args:
            schema: Schema of the records.
            required: The columns that must have a value.
            log: Where changed values and unknown properties are noted.
            dropped: Names on the wire that are dropped without a warning.
            renamed: Path of a column -> its name on the wire, where they differ.
            flat: Flat column -> path of its value.
        """
        self._log = log
        self._columns: list[tuple[str, str, Coerce]] = []
        for name, inner in schema["properties"].items():
            if name in flat:
                found = taken(flat[name], renamed)
                self._columns.append((name, found.source, found.from_source(inner, name, log)))
            else:
                self._columns.append((name, renamed.get(name, name), coercion(inner, name, log, renamed)))
        self._known = frozenset(wire for _, wire, _ in self._columns) | dropped
        self._required = tuple(required)

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record of a row.

        Raises:
            MissingKeyError: The row has no value for a required column.
        """
        record = {name: coerce(row.get(wire)) for name, wire, coerce in self._columns}
        if not self._known.issuperset(row):
            self._log.note_unknown(name for name in row if name not in self._known)
        for name in self._required:
            if record.get(name) in {None, ""}:
                raise MissingKeyError(f"a row has no {name}")
        return record
