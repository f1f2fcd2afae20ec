"""What a response holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from enum import Enum

Repairs = dict[tuple[str | int, ...], list["Enum"]]
"""Path to a value, indices of arrays and names of members -> what was repaired in it."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The value of a response.

    Attributes:
        value: Structs as dicts, arrays as lists, everything else as `scalar` makes it.
        repairs: What was repaired.
        times: Names of members of rows that are a `WireTime`, or hold one; "" for a value that is no member.
    """

    value: Any
    repairs: Repairs = field(default_factory=dict)
    times: AbstractSet[str] = field(default_factory=set)
