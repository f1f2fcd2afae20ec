"""Make column and stream names from the names that people give things in Keap."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from tap_infusionsoft.streams.reserved_words import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST_NAME = 60
"""Characters. PostgreSQL truncates names at 63 bytes."""
_LONGEST_SUFFIX = 20
"""Most characters of an id that is appended to a name.

Keap's ids have about five. A longer id is replaced by its digest.
"""
_NOT_A_DIGIT = "column_"
"""What a name begins with that would begin with a digit, which BigQuery and Snowflake do not allow."""


def snake_case(name: str) -> str:
    """Make a name of ASCII lower-case letters, digits and single underscores from any text.

    >>> snake_case("Favourite Colour (2nd)")
    'favourite_colour_2nd'
    >>> snake_case("_DateOfBirth")
    'date_of_birth'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def unique_names(
    sources: Iterable[tuple[str, str]], prefix: str, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Make a different name for each id.

    They need no quotes in BigQuery, Snowflake and MySQL: none is a reserved word or begins with a digit.
    An id that was given a name once keeps it, and nothing else gets that name. Otherwise, the first id to
    claim a name gets it; the others get their id appended. So existing names don't change when something new
    takes the same label.

    Args:
        sources: Pairs of an id and the text to make its name from, the oldest id first.
        prefix: Prefix of every name.
        given: Names that were given before, by id, also of ids that are gone.

    Returns:
        The name of each id, at most 60 characters long.
    """
    names: dict[str, str] = {}
    given = given or {}
    taken = {*given.values(), *RESERVED}
    for ident, source in sources:
        if ident in given:
            names[ident] = given[ident]
            continue
        short = snake_case(ident) or "x"
        if len(short) > _LONGEST_SUFFIX:
            short = hashlib.blake2b(short.encode(), digest_size=_LONGEST_SUFFIX // 2).hexdigest()
        name = prefix + (snake_case(source) or short)
        name = (f"{_NOT_A_DIGIT}{name}" if name[0].isdigit() else name)[:_LONGEST_NAME].strip("_")
        suffix = short
        while name in taken:
            name = f"{name[: _LONGEST_NAME - len(suffix) - 1]}_{suffix}"
            suffix += "x"  # another label may be identical to this name with its id
        names[ident] = name
        taken.add(name)
    return names
