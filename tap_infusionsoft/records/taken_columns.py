"""Values of flat columns: taken out of what Keap sends for another column, before that is coerced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.records.coerce import CoercionError, coercion, guarded, to_whole_units
from tap_infusionsoft.streams.columns import MONEY_DECIMAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.records.coerce import Coerce
    from tap_infusionsoft.records.repair_log import RepairLog
    from tap_infusionsoft.streams.columns import Schema

_MISFIT = object()
"""What is taken if there is no object where one should be."""


class Taken(Struct, frozen=True):
    """Where the value of a flat column is.

    Attributes:
        source: The property of the row that it is in, by its name on the wire.
        steps: The names on the wire that lead to it from there. For a plain amount of money they lead to the
            amount as Keap has it.
        is_amount: Whether it is a plain amount of money.
    """

    source: str
    steps: tuple[str, ...]
    is_amount: bool

    def __call__(self, value: Any) -> Any:
        """Return what Keap sends for the flat column.

        Args:
            value: What Keap sends for its source.
        """
        for step in self.steps:
            if value is None or value == "":
                return None
            if not isinstance(value, dict):
                return _MISFIT
            value = value.get(step)
        return value

    def coercion(self, schema: Schema, column: str, log: RepairLog) -> Coerce:
        """Return the function that makes what was taken fit the flat column.

        Args:
            schema: Schema of the column.
            column: Its name.
            log: Where changed values are noted.
        """
        coerce, misfit = coercion(schema, column, log), guarded(_refuse, column, log)
        if self.is_amount:
            amount = guarded(to_whole_units, column, log)
            return lambda value: misfit(value) if value is _MISFIT else coerce(amount(value))
        return lambda value: misfit(value) if value is _MISFIT else coerce(value)

    def from_source(self, schema: Schema, column: str, log: RepairLog) -> Coerce:
        """Return the function that makes the value of the flat column of what Keap sends for its source.

        Args:
            schema: Schema of the flat column.
            column: Its name.
            log: Where changed values are noted.
        """
        coerce = self.coercion(schema, column, log)
        return lambda value: coerce(self(value))


def taken(path: str, renamed: Mapping[str, str]) -> Taken:
    """Return where the value of a flat column is.

    Args:
        path: Its path by the names of columns and properties, such as ``contact.id``.
        renamed: Path of a column -> its name on the wire, where they differ.
    """
    names = path.split(".")
    wires = [renamed.get(".".join(names[: place + 1]), name) for place, name in enumerate(names)]
    is_amount = names[-1] == MONEY_DECIMAL
    return Taken(wires[0], tuple(wires[1:-1] if is_amount else wires[1:]), is_amount)


def _refuse(_: Any) -> Any:
    raise CoercionError
