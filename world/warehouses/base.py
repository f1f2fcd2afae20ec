"""What the runner needs of a warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

Rows: TypeAlias = "dict[str, list[dict[str, Any]]]"


class MissingError(Exception):
    """A program that a warehouse or host needs is not on this machine. The message says which."""


class Destination(Protocol):
    """An empty place of a warehouse, for one target."""

    def places(self) -> Mapping[str, str]:
        """Return what the placeholders in a target's settings stand for, such as ``{folder}``."""

    def read(self, streams: Mapping[str, Sequence[str]]) -> Rows:
        """Return the rows of every stream that has a table.

        Args:
            streams: The key columns of each stream by its name.
        """


class Warehouse(Protocol):
    """A kind of warehouse. Its servers run inside its ``with`` block."""

    def __enter__(self) -> Self:
        """Start what it needs."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop what it started."""

    def empty(self, name: str, folder: Path) -> Destination:
        """Return an empty destination.

        Args:
            name: A name that no other destination has: letters, digits and underscores.
            folder: An empty folder for its files.
        """
