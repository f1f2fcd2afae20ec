"""Which values of a stream were changed on their way into its records, so that the log can say where.

Only columns and keys are named, never values: those may be personal data.
"""

from __future__ import annotations

import logging
import re
from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from tap_infusionsoft.client.lenient_json import RepairKind
from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.streams.collection import ROW_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tap_infusionsoft.streams.columns import Schema

logger = logging.getLogger("tap-infusionsoft")

WRONG_TYPE: Literal["wrong type"] = "wrong type"
Kind = Enum | Literal["wrong type"]
"""What was done to a value. The value of an enumeration other than `RepairKind` is its sentence."""

_SENTENCES: dict[Kind, str] = {
    RepairKind.NUL: "removed NUL characters from {values}",
    RepairKind.BROKEN_TEXT: "replaced broken characters with U+FFFD in {values}",
    RepairKind.NOT_A_NUMBER: "set {values} of NaN or Infinity to null",
    RepairKind.LARGE_NUMBER: "turned {values} beyond 64 bits into text",
    WRONG_TYPE: "set {values} of the wrong type to null",
}
_FEW = 5
"""Values that a warning names ..."""
_MOST_COLUMNS = 20
"""... and columns: the first value of a further column is named as well."""
_MOST_NAMES = 20
"""Unknown properties that a warning names."""
_LONGEST_NAME = 60
"""Characters of the name of an unknown property."""

_KEY_COLUMN = re.compile(rf"(.+_)?id|(.*[a-z])?Id|(.+_)?code|item_number|option_type|record|key|{ROW_KEY}")
"""Key columns that hold no personal data. An ``email`` is personal data, and a ``name`` may be."""
_KEY_VALUE = re.compile(r"[\w:.-]{1,64}", re.ASCII)
"""What ids look like. Anything else stays out of the log, such as an email address in place of an id."""


class _Tally(Struct):
    """The changes of one kind.

    Attributes:
        count: How many there are.
        named: How many of them a warning names.
        places: The columns and rows that it names, in order.
        columns: The columns among them.
    """

    count: int = 0
    named: int = 0
    places: dict[str, None] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)

    def add(self, column: str, row: str) -> None:
        self.count += 1
        place = f"{column} of {row}"
        is_new = column not in self.columns and len(self.columns) < _MOST_COLUMNS
        if is_new or place in self.places or len(self.places) < _FEW:
            self.named += 1
            self.places[place] = None
            self.columns.add(column)


class RepairLog:
    """Collects what was changed in the values of a stream, and in which column and row.

    Attributes:
        pending: Changes in the row that is being read: kind and column. `settle` says which row that is.
        rows: Records built so far.
        key: The key columns that may be named.
    """

    def __init__(self, stream: str, columns: Collection[str], key: Sequence[str]) -> None:
        """Start empty.

        Args:
            stream: Name of the stream.
            columns: The selected columns. Changes in others don't reach a record, so they are left out.
            key: The columns that identify a record.
        """
        self.pending: list[tuple[Kind, str]] = []
        self.rows = 0
        self.key = tuple(name for name in key if _KEY_COLUMN.fullmatch(name))
        self._has_hidden_key = len(self.key) < len(key)
        self._stream = stream
        self._columns = frozenset(columns)
        self._is_selected: dict[str, bool] = {}
        self._tallies: dict[Kind, _Tally] = {}
        self._unknown: set[str] = set()
        self._beside: set[str] = set()

    def note(self, kind: Kind, column: str) -> None:
        """Note a change in the row that is being read.

        Args:
            kind: What was done.
            column: Column of the value, with its path inside the column, as in ``addresses[].line1``.
        """
        if column not in self._is_selected:
            self._is_selected[column] = re.split(r"[.\[]", column, maxsplit=1)[0] in self._columns
        if self._is_selected[column]:
            self.pending.append((kind, column))

    def settle(self, key: Sequence[Any], number: int) -> None:
        """Attribute the pending changes to a row.

        Args:
            key: Its values of the columns in `key`.
            number: Its number among the records of the stream, from 1.
        """
        row = self._name(key, number)
        for kind, column in sorted(self.pending, key=itemgetter(1)):
            self._tallies.setdefault(kind, _Tally()).add(column, row)
            if logger.isEnabledFor(logging.DEBUG):
                logger.debug("%s: %s (%s of %s).", self._stream, _sentence(kind, 1), column, row)
        self.pending.clear()

    def discard(self) -> None:
        """Forget the pending changes: their row did not become a record."""
        self.pending.clear()

    def note_unknown(self, names: Iterable[str]) -> None:
        """Note properties that the stream has no column for.

        Args:
            names: Their names on the wire.
        """
        if len(self._unknown) <= _MOST_NAMES:
            self._unknown.update(names)

    def note_beside(self, names: Iterable[str]) -> None:
        """Note members of Keap's answers that stand beside the rows and that the stream has no column for.

        Args:
            names: Their names.
        """
        if len(self._beside) <= _MOST_NAMES:
            self._beside.update(names)

    @property
    def unknown(self) -> frozenset[str]:
        """Properties that the stream has no column for, as far as they are named."""
        return frozenset(self._unknown)

    def misfits(self, prefix: str) -> frozenset[str]:
        """Columns with values of the wrong type, as far as they are named.

        Args:
            prefix: How the names of the columns begin.
        """
        tally = self._tallies.get(WRONG_TYPE)
        return frozenset(one for one in (tally.columns if tally else ()) if one.startswith(prefix))

    def messages(self) -> list[str]:
        """What happened, in a sentence each, without full stops."""
        found = [
            _sentence(kind, tally.count)
            + f" ({'; '.join(tally.places)}"
            + (f"; and {tally.count - tally.named} more)" if tally.count > tally.named else ")")
            for kind, tally in self._tallies.items()
        ]
        if self._unknown:
            found.append(
                f"dropped properties that have no column: {_listed(self._unknown)}. "
                "If they are custom fields, run discovery again (in Meltano: --refresh-catalog) to load them"
            )
        if self._beside:
            found.append(f"dropped values that Keap sent beside the rows: {_listed(self._beside)}")
        return found

    @property
    def count(self) -> int:
        """How many values were changed, as far as `messages` has not been cleared."""
        return sum(tally.count for tally in self._tallies.values())

    def clear(self) -> None:
        """Forget everything that `messages` has said."""
        self._tallies.clear()
        self._unknown.clear()
        self._beside.clear()

    def _name(self, key: Sequence[Any], number: int) -> str:
        texts = ["" if value is None else str(value) for value in key]
        if not all(map(_KEY_VALUE.fullmatch, texts)):
            return f"row {number}"
        named = [f"{name} {value}" for name, value in zip(self.key, texts, strict=True)]
        return ", ".join([*named, f"row {number}"] if self._has_hidden_key else named)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(printable(name)[:_LONGEST_NAME] for name in sorted(names)[:_MOST_NAMES])


def _sentence(kind: Kind, count: int) -> str:
    sentence = _SENTENCES[kind] if kind in _SENTENCES else str(getattr(kind, "value", kind))
    return sentence.format(values="1 value" if count == 1 else f"{count} values")


def locate(
    path: Sequence[str | int], record: Mapping[str, Any], schema: Schema, renamed: Mapping[str, str]
) -> tuple[str, Any]:
    """Find the value of a record that a path in Keap's row leads to.

    Args:
        path: Names of properties, as Keap sends them, and indices of lists.
        record: The record of the row.
        schema: The schema of the record.
        renamed: Path of a column -> its name on the wire, where they differ.

    Returns:
        Its column, with the path inside the column as far as the schema knows it, and the value that the
        record has there. An empty column if the path leads to none.
    """
    column = ""
    value: Any = record
    inner: Schema | None = schema
    for step in path:
        place, inner = _child(step, column, inner or {}, renamed)
        if inner is None:  # a value without a schema is in the record as Keap sent it
            if not column:
                return "", None
            if isinstance(value, str):
                break  # the record has it as JSON text
        elif isinstance(place, int):
            column += "[]"
        else:
            column += f".{place}" if column else place
        value = _at(value, place)
    return column, value


def _child(
    step: str | int, column: str, schema: Schema, renamed: Mapping[str, str]
) -> tuple[str | int, Schema | None]:
    """Find a property or element: its name in the record or its index, and its schema if it has one."""
    if isinstance(step, int):
        return step, schema.get("items")
    prefix = f"{column}." if column else ""
    for name, inner in schema.get("properties", {}).items():
        if renamed.get(prefix + name, name) == step:
            return name, inner
    return step, None


def _at(value: Any, place: str | int) -> Any:
    if isinstance(value, list):
        return value[place] if isinstance(place, int) and place < len(value) else None
    return value.get(place) if isinstance(value, dict) else None
