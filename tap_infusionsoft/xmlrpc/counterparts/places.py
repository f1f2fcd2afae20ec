"""Places inside a row of REST, as the catalogue writes them: ``addresses[BILLING].region/region_code``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.streams.columns import Schema

_WHICH = "field"
"""Member of an object in a list that says which of them it is."""
_STEP = re.compile(r"(\w+)(?:\[(\w*)\])?")


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a path.

    Attributes:
        name: The member to take.
        item: Of a list there: the item whose `field` this is; empty for all items; None if it is no list.
    """

    name: str
    item: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is in a row; in one of several places, if the catalogue names more than one.

    Attributes:
        paths: The paths, each as its steps.
    """

    paths: tuple[tuple[_Step, ...], ...]

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it is in."""
        return frozenset(path[0].name for path in self.paths)

    def read(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in the places, None where there is nothing; a list for all items of a list.

        Args:
            row: The row.
        """
        return tuple(_follow(row, path) for path in self.paths)

    def is_in(self, properties: Mapping[str, Schema]) -> bool:
        """Whether rows can have it.

        Args:
            properties: JSON schema of each column of the rows.
        """
        return all(_is_in({"properties": properties}, path) for path in self.paths)


@lru_cache(maxsize=1024)
def place(text: str) -> Place:
    """Read a place.

    Args:
        text: Such as ``company.id``, ``options[].label``, or ``address.region/region_code`` for either.
    """
    first, *others = text.split("/")
    texts = (first, *(re.sub(r"\w+$", other, first) for other in others))
    return Place(tuple(tuple(_Step(*found.groups()) for found in _STEP.finditer(one)) for one in texts))


def _follow(value: Any, path: tuple[_Step, ...]) -> Any:
    for number, step in enumerate(path):
        if not isinstance(value, dict):
            return None
        value = value.get(step.name)
        if step.item is None:
            continue
        items = value if isinstance(value, list) else []
        if not step.item:
            rest = path[number + 1 :]
            return [_follow(item, rest) for item in items]
        value = next((one for one in items if isinstance(one, dict) and one.get(_WHICH) == step.item), None)
    return value


def _is_in(schema: Schema, path: tuple[_Step, ...]) -> bool:
    for step in path:
        inner = schema.get("items", schema).get("properties", {})
        if step.name not in inner:
            return False
        schema = inner[step.name]
        if step.item is not None:
            if "items" not in schema:
                return False
            schema = schema["items"]
            if step.item and _WHICH not in schema.get("properties", {}):
                return False
    return True
