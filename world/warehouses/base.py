"""What the runner needs of a warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

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

    def __exit__(self, *_: object) -> None:
        """Stop what it started."""

    def empty(self, name: str, folder: Path) -> Destination:
        """Return an empty destination.

        Args:
            name: A name that no other destination has: letters, digits and underscores.
            folder: An empty folder for its files.
        """


class Folder(msgspec.Struct, frozen=True):
    """A warehouse without a server: the files of each target are in a folder.

    Attributes:
        at: Returns the destination with a name in a folder.
    """

    at: Callable[[str, Path], Destination]

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def empty(self, name: str, folder: Path) -> Destination:
        """Return the destination in the folder.

        Args:
            name: A name that no other destination has: letters, digits and underscores.
            folder: The folder.
        """
        return self.at(name, folder)
