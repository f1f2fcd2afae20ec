"""How far a reading has come: what a run that breaks off leaves in the state, for the next one to go on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.records.coerce import Unfit, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping


class BadCheckpointError(ValueError):
    """The progress in a state cannot be used; the message says what is wrong with it."""


@dataclass(slots=True)
class Checkpoint:
    """What has been read of a collection, and is out of the house.

    Attributes:
        path: Address of the collection, which may be that of the fallback.
        after: Place of the last slice that is complete; None before the first.
        at: Id of the last row that was read of the slice behind it, in a crawl.
        rows: Rows so far.
        slices: Slices so far.
        gone: Slices so far whose parents were not found.
        empty_pages: Whether Keap sent empty pages where it announced rows.
        unsteady: Whether a slice could not be read without rows going away.
        quarantined: Rows so far that could not be used.
        newest: The latest time among the rows, as the record has it; empty without one.
        keys: All keys of a slice that took more than a page.
    """

    path: str = ""
    after: tuple[str, ...] | None = None
    at: int = 0
    rows: int = 0
    slices: int = 0
    gone: int = 0
    empty_pages: bool = False
    unsteady: bool = False
    quarantined: int = 0
    newest: str = ""
    keys: str = ""

    def restart(self, path: str) -> None:
        """Forget everything: the collection is read from the beginning, at ``path``."""
        fresh = Checkpoint(path)
        for one in fields(self):
            setattr(self, one.name, getattr(fresh, one.name))

    def as_state(self) -> dict[str, Any]:
        """The progress as it is kept in the state; what is as at the beginning is left out."""
        fresh = Checkpoint()
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in kept.items()
            if value != getattr(fresh, name)
        }

    @classmethod
    def from_state(cls, kept: Mapping[str, Any]) -> Checkpoint:
        """The progress that a state holds.

        Raises:
            BadCheckpointError: It holds something else.
        """
        fresh = cls()
        for one in fields(cls):
            value = kept.get(one.name)
            if value is None:
                continue
            if one.name == "after":
                if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
                    raise BadCheckpointError("after is not a list of ids")
                fresh.after = tuple(value)
                continue
            kind = type(getattr(fresh, one.name))
            if type(value) is not kind or (kind is int and value < 0):
                raise BadCheckpointError(f"{one.name} is {str(value)[:40]!r}")
            setattr(fresh, one.name, value)
        if fresh.newest:
            try:
                parse_time(fresh.newest)
            except Unfit:
                raise BadCheckpointError(f"newest is {fresh.newest[:40]!r}") from None
        return fresh
